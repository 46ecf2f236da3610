"""What both kinds of training share: data read and split, a task, a report, and one window as it is shown."""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import tinygrad_rnn as tg

from ... import nn
from ...explain.report import prose, significant, table, title
from ...viz.chart import Chart, Curve
from ...viz.drawing import MOST_STEPS
from ..demos.worked_example import Step, percent, steps_of
from ..training import Batches, Progress
from ..training.network import Network
from ..training.run import Loss
from .console import Refusal
from .options import Options
from .recipe import CELL, CLIP, HIDDEN, LR, OPTIMIZER, SCHEDULE

Columns = Mapping[str, list[str]]  # their headings, and a cell for each step
MOST_ROWS = 40
NOTE = (
    "Sizes are Euclidean norms. The terms sum to dL/dW_hh; the share of a term is its projection on the sum, negative "
    "if it points against it. Step 1 adds nothing: there W_hh meets h_0 = 0."
)


@dataclass(frozen=True)
class Window:
    """loss: of the window; steps: what happened at each of them; title, labels: for the picture; text: the table."""

    loss: tg.Tensor
    steps: list[Step]
    title: str
    labels: list[str]
    text: str

    @classmethod
    def of(
        cls, loss: tg.Tensor, hs: Sequence[tg.Tensor], W_hh: tg.Tensor, heading: str, columns: Columns, drawn: str
    ) -> Self:
        """The window whose states are `hs`; the table has the caller's columns, and the picture the first of them."""
        loss.name = "L"
        steps = steps_of(loss, hs, W_hh)
        named = W_hh.name or "W_hh"
        ledger = table(["t", *columns, "|dL/dh_t|", f"added to dL/d{named}", "share"], _rows(steps, columns), left=2)
        text = [title(f"Back through time: {heading}"), ledger, "", prose(NOTE.replace("W_hh", named))]
        return cls(loss, steps, drawn, next(iter(columns.values())), "\n".join(text))

    def picture(self, **how: Any) -> tg.viz.Picture:
        """The unrolled graph, also where it is too wide to be taken in at a glance: it is what was asked for."""
        how = {"view": "full" if len(self.steps) <= MOST_STEPS else "auto"} | how
        how |= {"title": self.title, "labels": self.labels}
        try:
            return tg.draw(self.loss, **how)
        except ValueError:
            how["force"] = True
            return tg.draw(self.loss, **how)


def _rows(steps: Sequence[Step], columns: Columns) -> list[list[str]]:
    """A row for every step; of many steps the first and the last ones."""
    rows = []
    for i, step in enumerate(steps):
        sizes = [significant(step.state), significant(step.added), percent(step.share)]
        rows.append([str(step.time), *(cells[i] for cells in columns.values()), *sizes])
    if len(rows) > MOST_ROWS:
        rows[10 : len(rows) - MOST_ROWS + 11] = [["..."] * len(rows[0])]
    return rows


# What it means, what the textbook does about it, and how to see that.
CURES = {
    "vanishes": "early steps are hardly learnt from. The textbook's remedies: gates that let the gradient pass (an "
    "LSTM or a GRU), a better start, a shorter --window. Try the same with {gates}, and see demo remembering",
    "explodes": "a single step can undo what was learnt. The textbook's remedies: clipping by norm, gates, a better "
    "start; a lower --lr alone does not help. Try the same with --clip 0.5, and see demo clipping",
}


def remedies(window: Window, cell: str) -> list[str]:
    """What was seen of vanishing or exploding gradients in the window, and what helps; nothing if they do neither."""
    flows = list(tg.gradient_flow(window.loss)) if len(window.steps) > 1 else []
    words = {"exactly": "vanishes", "broken:": "explodes"}
    kinds = [words.get(word, word) for word in (each.verdict.split()[0] for each in flows)]
    kind = "explodes" if "explodes" in kinds else "vanishes"
    if kind not in kinds or (kind == "vanishes" and set(kinds) != {kind}):  # one way that is open is enough
        return []
    gates = "--forget-bias 2" if cell == "lstm" else "--cell lstm --forget-bias 1"
    cure = CURES[kind].format(gates=gates)
    seen = re.sub("^exactly", "is exactly", flows[kinds.index(kind)].sentence)
    return ["", prose(f"On its way back through this window the gradient {seen}: {cure}.")]


def loss_chart(log: Sequence[Mapping[str, Any]], validated: bool) -> str:
    """The loss over the steps, in training and on the data that training does not see, as SVG."""
    curves = []
    for name, key in (("training", "loss"), ("validation" if validated else "held out", "held_out_loss")):
        rows = [row for row in log if row.get(key) is not None]
        curves.append(Curve(name, [float(row["step"]) for row in rows], [float(row[key]) for row in rows]))
    return Chart("Loss", "step", "loss", curves).svg


def flow_chart(window: Window) -> str:
    """The size of the gradient of every state over the time steps of a window, on a logarithmic axis, as SVG."""
    if len(window.steps) == 1:
        named, curves = "Gradient flow", [Curve("h", [window.steps[0].time], [window.steps[0].state])]
    else:
        flows = tg.gradient_flow(window.loss)
        named = f"Gradient flow: {flows.sentence}"
        curves = [Curve(" of ".join(reversed(each.name.split("/"))), each.times, each.sizes) for each in flows]
    return Chart(named, "time step", "size of dL/d(state)", curves, logarithmic=True).svg


Judged = tuple[dict[str, Any], str]  # how good a network is beside its baselines, as figures and as text


@dataclass(frozen=True)
class Exportable:
    """A module for other programs: an example of its inputs, the names of their axes and of its outputs, in words."""

    module: nn.Module
    example: tuple[tg.Tensor, ...]
    axes: dict[str, dict[int, str]]
    outputs: list[str]
    means: str


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

    def report(self, progress: Progress, interrupted: bool) -> tuple[dict[str, Any], str, Window]:
        """What training did, how good the network is, and the way back through time: figures, text, and the window."""
        model, window = self.task.model, self.task.through_time()
        held_out, judged = self.judge()
        figures = {
            "kind": self.task.kind,
            "file": self.file,
            **self.data,
            "network": self.sizes,
            "parameters": model.size,
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
            f"{model.name} with {self.options[HIDDEN]} hidden units, {model.size} parameters{self.method}",
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
    total: int, least: int, apart: Callable[[int, float], int], share: float, validated: bool, too_few: str, cure: str
) -> tuple[int, int]:
    """Where the part to learn from ends and where that to be judged by begins; between them a tenth may be validated.

    apart: how many of so many are a share; judged by is `share`. Fewer than `least` to learn from are refused.
    """

    def ends(count: int) -> tuple[int, int]:
        start = count - apart(count, share)
        return start - (apart(start, 0.1) if validated else 0), start

    if ends(total)[0] >= least:
        return ends(total)
    parts = "parts to be validated and judged by" if validated else "a part to be judged by"
    enough = next(each for each in itertools.count(least) if ends(each)[0] >= least)
    raise Refusal(f"{too_few} and {parts}; give at least {enough}{cure}")
