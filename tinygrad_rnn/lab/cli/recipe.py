"""How a table is read, and a network made and trained: options, optimisers and schedules, and the threads."""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import tinygrad_rnn as tg

from ... import nn, optim
from ...optim import lr_scheduler
from ..data import Reading
from ..data.files import shown
from ..data.numerals import PLAIN, numbers
from ..data.table import SEPARATORS
from .console import Refusal
from .options import NETWORK, TRAINING, Option, Options, number, one_of, positive, positive_or_none, share, whole

OPTIMIZERS: dict[str, Callable[..., optim.Optimizer]] = {
    "adam": optim.Adam,
    "adamw": optim.AdamW,
    "sgd": optim.SGD,
    "momentum": lambda parameters, lr: optim.SGD(parameters, lr=lr, momentum=0.9),
    "rmsprop": optim.RMSprop,
    "adagrad": optim.Adagrad,
    "nadam": optim.NAdam,
}


def _one_cycle(optimizer: optim.Optimizer, lr: float, steps: int) -> Any:
    moves = bool({"momentum", "betas"} & optimizer.defaults.keys()) and optimizer.defaults.get("momentum", 1) > 0
    return lr_scheduler.OneCycleLR(optimizer, max_lr=lr, total_steps=max(steps, 2), cycle_momentum=moves)


# (optimiser, learning rate, steps of the whole run) -> schedule; all but plateau go on at every step
SCHEDULES: dict[str, Callable[[optim.Optimizer, float, int], Any]] = {
    "none": lambda optimizer, lr, steps: None,
    "cosine": lambda optimizer, lr, steps: lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps),
    "linear": lambda optimizer, lr, steps: lr_scheduler.LinearLR(optimizer, 1.0, 0.01, total_iters=steps),
    "step": lambda optimizer, lr, steps: lr_scheduler.StepLR(optimizer, step_size=max(-(-steps // 3), 1), gamma=0.1),
    "onecycle": _one_cycle,
    "plateau": lambda optimizer, lr, steps: lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=2),
}
# fmt: off
CELL = Option("--cell", "rnn, lstm or gru", "rnn", one_of("rnn", "lstm", "gru"), "CELL", NETWORK)
HIDDEN = Option("--hidden", "hidden units of each layer", 8, whole(1, 4096), "N", NETWORK, for_text=64)
LAYERS = Option("--layers", "layers, each reading the states of the one below", 1, whole(1, 16), "N", NETWORK)
BIDIRECTIONAL = Option("--bidirectional", "also read the window backwards (numbers only)", False, bool,
    group=NETWORK, of="series")
DROPOUT = Option("--dropout", "share of what goes up that is dropped", 0.0, share, "P", NETWORK)
FORGET_BIAS = Option("--forget-bias", "start of an lstm's forget bias; 1 to 3 remember longer",
    0.0, number, "X", NETWORK)
NONLINEARITY = Option("--nonlinearity", "of the states of an rnn: tanh or relu", "tanh", one_of("tanh", "relu"),
    "NAME", NETWORK)
# fmt: on
NETWORK_OPTIONS: tuple[Option[Any], ...] = (CELL, HIDDEN, LAYERS, BIDIRECTIONAL, DROPOUT, FORGET_BIAS, NONLINEARITY)

USUAL_EPOCHS = {"series": 30, "text": 8}

# fmt: off
WINDOW = Option("--window", "time steps a gradient goes back", 5, whole(1, 200), "N", TRAINING, for_text=16)
EPOCHS: Option[int | None] = Option("--epochs",
    "passes over the training part (default: 30 for numbers, 8 for text and fewer if it is long)",
    None, whole(1), "N", TRAINING)
BATCH = Option("--batch", "windows, or streams of text, side by side", 32, whole(1), "N", TRAINING, for_text=8)
OPTIMIZER = Option("--optimizer", ", ".join(OPTIMIZERS), "adam", one_of(*OPTIMIZERS), "NAME", TRAINING)
LR = Option("--lr", "learning rate", 0.01, positive, "X", TRAINING, for_text=0.003)
SCHEDULE = Option("--schedule", f"of the learning rate: {', '.join(SCHEDULES)}",
    "none", one_of(*SCHEDULES), "NAME", TRAINING)
CLIP = Option("--clip", "largest norm of the gradient, or none", 1.0, positive_or_none, "X", TRAINING)
PATIENCE: Option[int | None] = Option("--patience",
    "stop after N evaluations without a better one and take the best network; the training part gives up its last "
    "tenth to tell by (default: never stop)", None, whole(1), "N", TRAINING)
EVERY: Option[int | None] = Option("--every",
    "steps between evaluations, lines of the log and checkpoints (default: an epoch, at most 200)",
    None, whole(1), "N", TRAINING)
SEED = Option("--seed", "start of the random numbers", 0, whole(0, 2**32 - 1), "N", TRAINING)
# fmt: on
OPTIONS: tuple[Option[Any], ...] = (WINDOW, EPOCHS, BATCH, OPTIMIZER, LR, SCHEDULE, CLIP, PATIENCE, EVERY, SEED)


def chosen(options: Options) -> dict[str, Any]:
    """What a network is made with, as far as it was chosen; refuses what does not go together."""
    if options[FORGET_BIAS] and options[CELL] != "lstm":
        raise Refusal(f"--forget-bias is for the forget gate of an lstm, and --cell is {options[CELL]}; leave it out")
    if options[NONLINEARITY] != "tanh" and options[CELL] != "rnn":
        raise Refusal(
            f"--nonlinearity is for the states of an rnn, and --cell is {options[CELL]}, whose gates are made for "
            "tanh; leave it out"
        )
    return {each.key: options[each] for each in NETWORK_OPTIONS if each.fits(options.kind)}


def validates(options: Options) -> bool:
    """Whether something is chosen by a loss on data apart, which must then not be what the run is judged by."""
    return options[PATIENCE] is not None or options[SCHEDULE] == "plateau"


def recipe(options: Options, model: nn.Module, steps: int) -> tuple[optim.Optimizer, Any]:
    """The optimiser of the model's parameters, and the schedule of its learning rate over so many steps."""
    optimizer = OPTIMIZERS[options[OPTIMIZER]](list(model.parameters()), lr=options[LR])
    return optimizer, SCHEDULES[options[SCHEDULE]](optimizer, options[LR], steps)


# Of numpy's BLAS: at the sizes of small networks one thread is faster than several that wait for each other.
#: Whoever sets one of these knows better.
VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
LARGE = 256  # hidden units from which on several threads may pay


def asked() -> list[str]:
    """What the environment says."""
    return [f"{name}={os.environ[name]}" for name in VARIABLES if os.environ.get(name)]


def use_one_thread(hidden: int) -> None:
    """Make products run in one thread, where that is known to be faster and nothing else was asked for."""
    if hidden < LARGE and not asked():
        tg.set_num_threads(1)


READING = "for tables"


def _sign(text: str) -> str:
    """One sign, or the word for one that is hard to type."""
    sign = SEPARATORS.get(text, text)
    if len(sign) != 1 or sign.isalnum() or sign in '"\n\r':
        raise Refusal(f"{shown(text)!r} is no single sign; use one, or a word: {', '.join(SEPARATORS)}")
    return sign


def _encoding(text: str) -> str:
    try:
        "".encode(text)
    except (LookupError, ValueError):
        raise Refusal(f"{shown(text)!r} is no encoding that Python knows; use one such as cp1252 or gb18030") from None
    return text


def _na(text: str) -> str:
    if text != "none" and not math.isfinite(numbers([text], PLAIN)[0]):
        raise Refusal(f"{shown(text)!r} is no number such as -9999; give one, or none")
    return text


# fmt: off
READING_OPTIONS: tuple[Option[Any], ...] = tuple(
    Option(name, meaning, default, convert, metavar, READING, of=kind)
    for name, meaning, default, convert, metavar, kind in (
        ("--encoding", "of the file, if it is neither UTF-8 nor UTF-16", None, _encoding, "NAME", None),
        ("--separator", "of cells: comma, semicolon, tab, bar, blank or a sign", None, _sign, "SIGN", "series"),
        ("--header", "yes or no: does the first row name the columns", None, one_of("yes", "no"), "ANSWER", "series"),
        ("--skip-header", "lines to leave out at the start", None, whole(0), "N", "series"),
        ("--skip-footer", "lines to leave out at the end", None, whole(0, 1000), "N", "series"),
        ("--decimal", "sign before decimals", None, _sign, "SIGN", "series"),
        ("--thousands", "sign between thousands", None, _sign, "SIGN", "series"),
        ("--date-format", "of the column of dates, as %d/%m/%Y; none: there is none", None, str, "FORMAT", "series"),
        ("--sort", "put the rows in the order of time", False, bool, None, "series"),
        ("--missing", "drop rows without a value, or fill in the one before", None, one_of("drop", "fill"), "HOW",
            "series"),
        ("--na", "number that stands for a missing value, as -9999; none: no such", None, _na, "NUMBER", "series"),
        ("--where", "take the rows of one series in a file of several", None, str, "NAME=VALUE", "series"),
        ("--sheet", "of a workbook", None, str, "NAME", "series"),
    )
)
# fmt: on
_OF_ONE_FILE = {"skip_header", "skip_footer"}


def reading_of(options: Options, run: Mapping[str, Any] | None = None) -> Reading:
    """What was chosen of how to read; what was not is as the run has it that is used.

    How many lines its file had too much at its ends says nothing of another file.
    """
    kept = {name: value for name, value in (run or {}).items() if name not in _OF_ONE_FILE}
    chosen = {each.name: options.given.get(each.name, kept.get(each.name)) for each in fields(Reading)}
    chosen["header"] = {"yes": True, "no": False}.get(chosen["header"])
    chosen["sort"], chosen["bar"] = bool(chosen["sort"]), not options.given.get("quiet")
    return Reading(**chosen)
