"""What the two kinds of training have in common: data that is read and split, a task, and a report."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import tinygrad_rnn as tg

from ..training import Batches, Progress
from .network import Network
from .next_token import NextToken
from .next_value import NextValue
from .options import Options
from .window import Window

Task = NextValue | NextToken


@dataclass(frozen=True)
class Report:
    """What came out: as text for people, as figures for programs, and one window to be drawn."""

    text: str
    figures: dict[str, Any]
    window: Window


class Lesson(ABC):
    """A file read for training: `Lesson(options)` reads and checks it, and makes the network from the seed.

    epochs: how many will be done if nothing stops them.
    """

    options: Options
    task: Task
    batches: Batches
    epochs: int

    @abstractmethod
    def introduction(self) -> str:
        """What was read and how it is split, said before training."""

    @abstractmethod
    def evaluate(self) -> float:
        """The loss on the validation part, or where there is none on the part the network is judged by."""

    @abstractmethod
    def report(self, progress: Progress, interrupted: bool) -> Report:
        """What training did, how good the network is beside its baselines, and the way back through time."""

    def network(self) -> dict[str, Any]:
        """What the network is made with."""
        options = self.options
        return {
            "cell": options.cell,
            "hidden": options.hidden,
            "layers": options.layers,
            "dropout": options.dropout,
            "forget_bias": options.forget_bias,
        }

    def make(self, sizes: dict[str, Any]) -> Network:
        """The network with the first values that the seed gives it."""
        tg.manual_seed(self.options.seed)
        self.sizes = self.network() | sizes
        return Network(**self.sizes)


def course_of(progress: Progress, planned: int, interrupted: bool) -> str:
    """How training went, in a sentence."""
    losses = progress.course
    if not losses:
        return "no training: interrupted before the first step"
    mean = f"{losses[0]:.4f} -> {losses[-1]:.4f}" if len(losses) > 1 else f"{losses[0]:.4f}"
    extent = f"{progress.step} of {planned} steps (interrupted)" if interrupted else f"{progress.step} steps"
    epochs = "1 epoch" if len(losses) == 1 else f"{len(losses)} epochs"
    text = f"{extent} of gradient descent in {epochs}, {progress.seconds:.1f} s; mean loss {mean}"
    if progress.stopped:
        text += f"\nstopped early: nothing better since step {progress.best_step}, whose network this is"
    return text


def recipe_of(options: Options) -> str:
    """Optimiser, schedule and clipping in a line."""
    schedule = "" if options.schedule == "none" else f", schedule {options.schedule}"
    clip = "no clipping" if options.clip == float("inf") else f"gradients clipped to norm {options.clip:g}"
    return f"{options.optimizer} with learning rate {options.lr:g}{schedule}; {clip}"


def figures_of(progress: Progress, sizes: dict[str, Any], parameters: int, interrupted: bool) -> dict[str, Any]:
    """The part of the figures that is the same for all."""
    return {
        "network": sizes,
        "parameters": parameters,
        "steps": progress.step,
        "seconds": round(progress.seconds, 3),
        "loss_by_epoch": progress.course,
        "stopped_early": progress.stopped,
        "interrupted": interrupted,
    }
