"""What the two kinds of training have in common: data that is read and split, a task, and a report."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from ...explain.report import title
from ..training import Batches, Progress
from ..training.network import Network
from ..training.run import Loss
from .console import Refusal
from .network import CELL, HIDDEN, size_of
from .options import Options
from .recipe import CLIP, LR, OPTIMIZER, SCHEDULE
from .window import Window, remedies

Judged = tuple[dict[str, Any], str]  # how good a network is beside its baselines, as figures and as text


class Task(Protocol):
    """A network and what it needs to be used; kind: of data, "series" or "text"."""

    kind: ClassVar[str]
    model: Network

    @property
    def loss(self) -> Loss:
        """Of a batch in training."""

    @property
    def loss_of(self) -> Callable[..., float]:
        """The same for judging by."""

    def through_time(self) -> Window:
        """Backpropagation through an example."""

    def plain(self) -> dict[str, Any]:
        """Everything but the network, for JSON."""


@dataclass(frozen=True)
class Lesson:
    """A file that was read for training, and a network with the first values that the seed gives it.

    sizes: what the network was made with; epochs: how many will be done if nothing stops them; introduction: what was
    read and how it is split; watched: what the loss is told of while it trains, the validation part or where there is
    none the part that the network is judged by; data: what was read, for the figures; method: how the network reads it;
    sample: what the network writes, bare and under a heading, if it does.
    """

    file: str
    options: Options
    task: Task
    sizes: dict[str, Any]
    batches: Batches
    epochs: int
    introduction: str
    watched: tuple[Any, ...]
    data: dict[str, Any]
    method: str
    judge: Callable[[], Judged]
    sample: Callable[[], tuple[str, str]] | None = None

    def evaluate(self) -> float:
        """The loss on what is watched."""
        return self.task.loss_of(*self.watched)

    def report(self, progress: Progress, interrupted: bool) -> tuple[dict[str, Any], str, Window]:
        """What training did, how good the network is, and the way back through time: figures, text, and the window."""
        model, window = self.task.model, self.task.through_time()
        held_out, judged = self.judge()
        figures = {
            "kind": self.task.kind,
            "file": self.file,
            **self.data,
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
            f"{model.name} with {self.options[HIDDEN]} hidden units, {size_of(model)} parameters{self.method}",
            _recipe(self.options),
            _course(progress, self.epochs * len(self.batches), interrupted),
            judged,
            window.text,
            *remedies(window, self.options[CELL]),
        ]
        if self.sample is not None:
            figures["sample"], sample = self.sample()
            texts.append(sample)
        return figures, "\n".join(texts), window


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


def split(
    total: int, least: int, judging: Callable[[int], int], validating: Callable[[int], int], too_few: str, cure: str
) -> tuple[int, int]:
    """Where the part to learn from ends and where that to be judged by begins; between them one is validated.

    judging, validating: how many of so many are kept apart. Fewer than `least` to learn from are refused.
    """

    def ends(count: int) -> tuple[int, int]:
        start = count - judging(count)
        return start - validating(start), start

    if ends(total)[0] >= least:
        return ends(total)
    parts = "parts to be validated and judged by" if validating(total) else "a part to be judged by"
    enough = next(each for each in itertools.count(least) if ends(each)[0] >= least)
    raise Refusal(f"{too_few} and {parts}; give at least {enough}{cure}")
