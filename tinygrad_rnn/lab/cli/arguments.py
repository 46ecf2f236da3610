"""The arguments of the command line, as a table: those of `train`, and those that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from . import values
from .options import OPTIMIZERS, SCHEDULES, SeriesOptions, TextOptions
from .text import MOST_EPOCHS


@dataclass(frozen=True)
class Argument:
    """One argument. name: "--hidden", or "file" for one by its place; count: as in argparse; flag: takes no value."""

    name: str
    meaning: str
    convert: Callable[[str], Any] = str
    metavar: str | None = None
    group: str = "options"
    count: str | None = None
    flag: bool = False


SERIES, TEXT = ({field.name: field.default for field in fields(each)} for each in (SeriesOptions, TextOptions))


def _default(name: str) -> str:
    ours, theirs = SERIES[name], TEXT[name]
    return f"(default: {ours})" if ours == theirs else f"(default: {ours} for numbers, {theirs} for text)"


NETWORK, TRAINING, OUTPUT, NUMBERS, WORDS = "network", "training", "output", "for numbers", "for text"
whole, one_of = values.whole, values.one_of
EPOCHS = f"(default: {SERIES['epochs']} for numbers, {MOST_EPOCHS} for text and fewer if it is long)"

RUN = Argument("run", "a folder that train --run made", metavar="RUN")
JSON = Argument("--json", "the result as one JSON object on standard output, and no text", group=OUTPUT, flag=True)
QUIET = Argument("--quiet", "no progress bar", group=OUTPUT, flag=True)
SEED = f"start of the random numbers {_default('seed')}"
PROMPT = "what it goes on from (default: the last words of the training text)"

TRAIN = [
    Argument("file", "a CSV file with a header, or a text file (UTF-8)", count="?"),
    Argument("--cell", f"rnn, lstm or gru {_default('cell')}", one_of("rnn", "lstm", "gru"), "CELL", NETWORK),
    Argument("--hidden", f"hidden units of each layer {_default('hidden')}", whole(1, 4096), "N", NETWORK),
    Argument(
        "--layers", f"layers, each reading the states of the one below {_default('layers')}", whole(1, 16), "N", NETWORK
    ),
    Argument("--bidirectional", "also read the window backwards (numbers only)", group=NETWORK, flag=True),
    Argument("--dropout", f"share of what goes up that is dropped {_default('dropout')}", values.share, "P", NETWORK),
    Argument(
        "--forget-bias",
        f"start of an lstm's forget bias; 1 to 3 remember longer {_default('forget_bias')}",
        values.number,
        "X",
        NETWORK,
    ),
    Argument("--window", f"time steps a gradient goes back {_default('window')}", whole(1, 200), "N", TRAINING),
    Argument("--epochs", f"passes over the training part {EPOCHS}", whole(1, 1_000_000), "N", TRAINING),
    Argument(
        "--batch", f"windows, or streams of text, side by side {_default('batch')}", whole(1, 1_000_000), "N", TRAINING
    ),
    Argument("--optimizer", f"{', '.join(OPTIMIZERS)} {_default('optimizer')}", one_of(*OPTIMIZERS), "NAME", TRAINING),
    Argument("--lr", f"learning rate {_default('lr')}", values.positive, "X", TRAINING),
    Argument(
        "--schedule",
        f"of the learning rate: {', '.join(SCHEDULES)} {_default('schedule')}",
        one_of(*SCHEDULES),
        "NAME",
        TRAINING,
    ),
    Argument(
        "--clip", f"largest norm of the gradient, or none {_default('clip')}", values.positive_or_none, "X", TRAINING
    ),
    Argument(
        "--patience",
        "stop after N evaluations without a better one and take the best network; the training part gives up its "
        "last tenth to tell by (default: never stop)",
        whole(1, 1_000_000),
        "N",
        TRAINING,
    ),
    Argument(
        "--every",
        "steps between evaluations, lines of the log and checkpoints (default: an epoch, at most 200)",
        whole(1, 1_000_000),
        "N",
        TRAINING,
    ),
    Argument("--seed", SEED, whole(0, 2**32 - 1), "N", TRAINING),
    Argument(
        "--run", "keep configuration, log, checkpoint, figures and curves in this new folder", Path, "FOLDER", OUTPUT
    ),
    Argument(
        "--flow",
        "record |dL/dh_t| every N steps and show them in the folder of the run, in flow.html (default: do not)",
        whole(1, 1_000_000),
        "N",
        OUTPUT,
    ),
    Argument("--resume", "go on with a run where it was interrupted, bit for bit", Path, "FOLDER", OUTPUT),
    Argument(
        "--picture",
        "where to draw one window, or none (default: bptt.svg, of a run in its folder)",
        str,
        "FILE",
        OUTPUT,
    ),
    QUIET,
    JSON,
    Argument("--column", "the column (default: close, or the only one of numbers)", str, "NAME", NUMBERS),
    Argument("--level", f"word or char (default: {TEXT['level']})", one_of("word", "char"), "LEVEL", WORDS),
    Argument("--prompt", "what the sample goes on from (default: words of the text)", str, "TEXT", WORDS),
    Argument("--sample", f"words or characters to sample (default: {TEXT['sample']})", whole(0, 100_000), "N", WORDS),
    Argument(
        "--temperature", f"0: always the likeliest (default: {TEXT['temperature']})", values.zero_or_more, "X", WORDS
    ),
]
