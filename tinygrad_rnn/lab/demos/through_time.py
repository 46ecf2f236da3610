"""What each time step adds to the gradient of a shared weight, in numbers."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

import tinygrad_rnn as tg

from ...engine.backward import backpropagate


class Step(NamedTuple):
    """One time step.

    time: its number; state: the size of dL/dh_t; added: the size of what the step adds to the gradient of a weight;
    share: that term's projection on the whole gradient, so that all shares sum to 1 (NaN if the gradient is 0).
    """

    time: int
    state: float
    added: float
    share: float


def steps_of(loss: tg.Tensor, hs: Sequence[tg.Tensor], weight: tg.Tensor) -> list[Step]:
    """What happened at every hidden state on the way back from the loss; sizes are Euclidean norms."""
    births = {h.birth: t for t, h in enumerate(hs, start=1)}
    states = {births[node.birth]: _size(g) for node, g, _ in backpropagate(loss) if node.birth in births}
    uses = tg.autograd.contributions(loss, weight)
    steps = []
    for t in births.values():
        mine = [use for use in uses if use.time == t]
        added = sum((use.gradient for use in mine), np.zeros(weight.array.shape))
        steps.append(Step(t, states.get(t, 0.0), _size(added), sum(uses.share(use) for use in mine)))
    return steps


def _size(array: object) -> float:
    return float(np.linalg.norm(np.asarray(array, dtype=np.float64)))


def percent(share: float) -> str:
    """A share in percent; "-" of a gradient that is 0."""
    return "-" if math.isnan(share) else f"{100 * share:.2f} %"
