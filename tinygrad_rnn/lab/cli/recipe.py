"""How a network is trained: the options, optimisers and schedules by their names, and in how many threads."""

import os
from collections.abc import Callable
from typing import Any

import tinygrad_rnn as tg

from ... import nn, optim
from ...optim import lr_scheduler
from .options import TRAINING, Option, Options, one_of, positive, positive_or_none, whole

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
