"""One window as it is shown: backpropagation through time as a table and as pictures, and the curves of a run."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import tinygrad_rnn as tg

from ...explain.report import prose, significant, table, title
from ...viz.chart import Chart, Curve
from ..demos.through_time import Step, percent, steps_of

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
