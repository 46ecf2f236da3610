"""What the two kinds of training have in common: data that is read and split, a task, and a report."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import tinygrad_rnn as tg

from ...explain.report import title
from ..training import Batches, Progress
from .console import Refusal, path_shown
from .network import CELL, HIDDEN, Network, chosen, size_of
from .next_token import NextToken
from .next_value import NextValue
from .options import Options
from .recipe import CLIP, LR, OPTIMIZER, SCHEDULE, SEED
from .window import Window, remedies

Task = NextValue | NextToken


@dataclass(frozen=True)
class Report:
    """What came out: as text for people, as figures for programs, and one window to be drawn."""

    text: str
    figures: dict[str, Any]
    window: Window


class Lesson(ABC):
    """A file read for training: `Lesson(file, options)` reads and checks it, and makes the network from the seed.

    epochs: how many will be done if nothing stops them.
    """

    file: str
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
    def data(self) -> dict[str, Any]:
        """What was read, for the figures."""

    @abstractmethod
    def method(self) -> str:
        """How the network reads the data."""

    @abstractmethod
    def judge(self) -> tuple[dict[str, Any], str]:
        """How good the network is beside its baselines, as figures and as text."""

    def sample(self) -> tuple[str, str] | None:
        """What the network writes, bare and under a heading, if it does."""
        return None

    def make(self, **sizes: Any) -> Network:
        """The network with the first values that the seed gives it."""
        tg.manual_seed(self.options[SEED])
        self.sizes = chosen(self.options) | sizes
        return Network(**self.sizes)

    def report(self, progress: Progress, interrupted: bool) -> Report:
        """What training did, how good the network is beside its baselines, and the way back through time."""
        model, window = self.task.model, self.task.through_time()
        held_out, judged = self.judge()
        figures = {
            "kind": self.task.kind,
            "file": self.file,
            **self.data(),
            "network": self.sizes,
            "parameters": size_of(model),
            "steps": progress.step,
            "seconds": round(progress.seconds, 3),
            "loss_by_epoch": progress.course,
            "stopped_early": progress.stopped,
            "interrupted": interrupted,
            "held_out": held_out,
            "through_time": [step._asdict() for step in window.steps],
        }
        texts = [
            title("Training"),
            f"{model.name} with {self.options[HIDDEN]} hidden units, {size_of(model)} parameters{self.method()}",
            _recipe(self.options),
            _course(progress, self.epochs * len(self.batches), interrupted),
            judged,
            window.text,
        ]
        texts += remedies(window, self.options[CELL], path_shown(self.file))
        sample = self.sample()
        if sample is not None:
            figures["sample"] = sample[0]
            texts.append(sample[1])
        return Report("\n".join(texts), figures, window)


def _course(progress: Progress, planned: int, interrupted: bool) -> str:
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


def _recipe(options: Options) -> str:
    """Optimiser, schedule and clipping in a line."""
    schedule = "" if options[SCHEDULE] == "none" else f", schedule {options[SCHEDULE]}"
    clip = "no clipping" if options[CLIP] == float("inf") else f"gradients clipped to norm {options[CLIP]:g}"
    return f"{options[OPTIMIZER]} with learning rate {options[LR]:g}{schedule}; {clip}"


@dataclass(frozen=True)
class Parts:
    """How a file is cut in the order of time: to learn from, perhaps to be validated by, and to be judged by.

    validates: whether there is a part to be validated by; judging, validating: how many of so many are kept apart.
    """

    validates: bool
    judging: Callable[[int], int]
    validating: Callable[[int], int]

    def ends(self, total: int) -> tuple[int, int]:
        """Where the part to learn from ends, and where that to be judged by begins."""
        start = total - self.judging(total)
        return start - (self.validating(start) if self.validates else 0), start

    def cut(self, total: int, least: int, too_few: str, cure: str) -> tuple[int, int]:
        """The ends; refuses a total that leaves fewer than `least` to learn from."""
        if self.ends(total)[0] >= least:
            return self.ends(total)
        parts = "parts to be validated and judged by" if self.validates else "a part to be judged by"
        enough = next(each for each in count(least) if self.ends(each)[0] >= least)
        raise Refusal(f"{too_few} and {parts}; give at least {enough}{cure}")
