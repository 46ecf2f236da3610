"""One window as it is shown: backpropagation through time as a table and as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import tinygrad_rnn as tg

from ...explain.report import prose, title
from .through_time import NOTE, Step, ledger, steps_of


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
        """The window whose states are `hs`, with the caller's columns in the table."""
        loss.name = "L"
        steps = steps_of(loss, hs, W_hh)
        named = W_hh.name or "W_hh"
        note = NOTE.replace("W_hh", named)
        text = [title(f"Back through time: {heading}"), ledger(steps, columns, named, left=1), "", prose(note)]
        return cls(loss, steps, drawn, labels, "\n".join(text))
