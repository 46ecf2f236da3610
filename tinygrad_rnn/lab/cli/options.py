"""What can be chosen for a training run, and what is taken if nothing is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

from ..data.text import Level
from .refusal import Refusal

OPTIMIZERS = ("adam", "adamw", "sgd", "momentum", "rmsprop", "adagrad", "nadam")
SCHEDULES = ("none", "cosine", "linear", "step", "onecycle", "plateau")
#: What says where a run is and what is shown of it, and not what it computes.
OUTSIDE = ("file", "picture", "quiet", "run")


@dataclass(frozen=True)
class Options:
    """Of both kinds of training."""

    file: str
    picture: Path | None = None
    cell: str = "rnn"
    hidden: int = 8
    layers: int = 1
    dropout: float = 0.0
    forget_bias: float = 0.0
    window: int = 5
    epochs: int | None = None
    batch: int = 32
    optimizer: str = "adam"
    lr: float = 0.01
    schedule: str = "none"
    clip: float = 1.0
    patience: int | None = None
    every: int | None = None
    flow: int | None = None
    seed: int = 0
    quiet: bool = False
    run: Path | None = None

    def __post_init__(self) -> None:
        if self.forget_bias and self.cell != "lstm":
            raise Refusal(f"--forget-bias is for the forget gate of an lstm, and --cell is {self.cell}; leave it out")
        if self.flow is not None and self.run is None:
            raise Refusal("--flow keeps its record in the folder of a run; give it one with --run FOLDER")
        if self.flow is not None and self.window == 1:
            raise Refusal("--flow shows the way back through time, and --window 1 has none; give a longer window")

    @property
    def validates(self) -> bool:
        """Whether something is chosen by a loss on data apart, which must then not be what the run is judged by."""
        return self.patience is not None or self.schedule == "plateau"

    def plain(self) -> dict[str, Any]:
        """For JSON, without what lies outside the run."""
        kept = {name: value for name, value in asdict(self).items() if name not in OUTSIDE}
        return kept | {"clip": None if math.isinf(self.clip) else self.clip}

    @classmethod
    def of(cls, plain: Mapping[str, Any], **outside: Any) -> Self:
        """From `plain()` and what lies outside.

        Raises:
            KeyError: one is missing, or not known.
        """
        known = {each.name for each in fields(cls)} - {*OUTSIDE}
        if known != plain.keys():
            raise KeyError(*(known ^ plain.keys()))
        return cls(**dict(plain) | {"clip": math.inf if plain["clip"] is None else plain["clip"]}, **outside)


@dataclass(frozen=True)
class SeriesOptions(Options):
    """Of training on a column of numbers."""

    epochs: int | None = 30
    column: str | None = None
    bidirectional: bool = False


@dataclass(frozen=True)
class TextOptions(Options):
    """Of training on a text."""

    hidden: int = 64
    window: int = 16
    lr: float = 0.003
    batch: int = 8
    level: Level = "word"
    prompt: str | None = None
    sample: int = 60
    temperature: float = 0.7
