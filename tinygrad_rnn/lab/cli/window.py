"""One window as it is shown: backpropagation through time as a table and as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import tinygrad_rnn as tg

from ...explain.report import prose, significant, table, title
from ..demos.through_time import Step, percent, steps_of

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
        cls,
        loss: tg.Tensor,
        hs: Sequence[tg.Tensor],
        W_hh: tg.Tensor,
        *,
        heading: str,
        columns: Mapping[str, Sequence[str]],
        drawn: str,
        labels: list[str],
    ) -> Window:
        """The window whose states are `hs`, with the caller's columns (one cell a step) in the table."""
        loss.name = "L"
        steps = steps_of(loss, hs, W_hh)
        named = W_hh.name or "W_hh"
        ledger = table(["t", *columns, "|dL/dh_t|", f"added to dL/d{named}", "share"], _rows(steps, columns), left=2)
        text = [title(f"Back through time: {heading}"), ledger, "", prose(NOTE.replace("W_hh", named))]
        return cls(loss, steps, drawn, labels, "\n".join(text))


def _rows(steps: Sequence[Step], columns: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """A row for every step; of many steps the first and the last ones."""
    rows = []
    for i, step in enumerate(steps):
        sizes = [significant(step.state), significant(step.added), percent(step.share)]
        rows.append([str(step.time), *(cells[i] for cells in columns.values()), *sizes])
    if len(rows) > MOST_ROWS:
        rows[10 : len(rows) - MOST_ROWS + 11] = [["..."] * len(rows[0])]
    return rows
