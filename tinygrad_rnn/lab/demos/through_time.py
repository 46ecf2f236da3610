"""Back through time, in numbers: what each step adds to the gradient of a shared weight, and whose turn it is when."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

import tinygrad_rnn as tg

from ...engine.backward import backpropagate
from ...explain.report import size
from .shown import Shown, says, section
from .worked_example import LABELS, WorkedExample


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
    tg.history(loss)  # opens what ran as one operation
    states = {births[node.birth]: size(g) for node, g, _ in backpropagate(loss) if node.birth in births}
    uses = tg.autograd.contributions(loss, weight)
    steps = []
    for t in births.values():
        mine = [use for use in uses if use.time == t]
        added = sum((use.gradient for use in mine), np.zeros(weight.array.shape))
        steps.append(Step(t, states.get(t, 0.0), size(added), sum(uses.share(use) for use in mine)))
    return steps


def percent(share: float) -> str:
    """A share in percent; "-" of a gradient that is 0."""
    return "-" if math.isnan(share) else f"{100 * share:.2f} %"


def shares() -> dict[int, float]:
    """What each step adds to dL/dW_xh, in percent of the sum of the sizes."""
    example = WorkedExample(unit=100.0)
    terms = tg.autograd.contributions(example.forward().loss, example.W_xh)
    total = sum(term.size for term in terms)
    return {term.time: 100 * term.size / total for term in terms if term.time is not None}


def show_front() -> Shown:
    """Claim 12."""
    example = WorkedExample(unit=100.0)
    loss = example.forward().loss
    rows = []
    for step in tg.backward_steps(loss):
        turn, time = f"{step.number}/{step.count}", "" if step.time is None else str(step.time)
        length, receive = f"{np.linalg.norm(step.gradient):.7f}", ", ".join(each.name for each in step.received)
        rows.append([turn, time, f"{step.name} = {step.formula}", length, receive])
    heading = "The backward pass: whose turn it is, how large its gradient is, and who receives from it"
    front = [[t, f"{share:.2f} %"] for t, share in sorted(shares().items(), reverse=True)]
    return Shown(
        "Claim 12: errors are propagated back in time",
        section(heading, ["turn", "t", "operation", "|dL/d.|", "receive"], rows, left=3),
        section("What each step adds to dL/dW_xh", ["t", "share"], front),
        says("""The front moves from the loss to t = 5, then 4, 3, 2, 1, and every step multiplies by W_hh and by tanh'.
            Here each share is about seven times smaller than the one after it: 87 % of what is learnt about W_xh comes
            from the last price alone."""),
        picture=tg.draw(loss, title="The errors on their way back", labels=LABELS),
    )
