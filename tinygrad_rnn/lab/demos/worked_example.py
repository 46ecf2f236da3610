"""The worked example, five prices through a network of primitives, and the way back through time in numbers."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

import tinygrad_rnn as tg

from ...autograd.differences import differences
from ...engine.backward import backpropagate
from ...explain.report import size
from .shown import Shown, says, section

DOLLARS = (100.0, 102.0, 104.0, 106.0, 108.0)
TARGET = 110.0
NAMES = ("W_xh", "W_hh", "b_h", "W_hy", "b_y")
LABELS = tuple(f"${price:g}" for price in DOLLARS)


class Forward(NamedTuple):
    """One forward pass: the inputs, the hidden states, the prediction, the loss."""

    xs: list[tg.Tensor]
    hs: list[tg.Tensor]
    y: tg.Tensor
    loss: tg.Tensor


class WorkedExample:
    """h_t = tanh(W_xh x_t + W_hh h_(t-1) + b_h), y = W_hy h_5 + b_y, loss = (y - target)^2, in float64.

    Two hidden units, W_xh = 0.5, W_hh = 0.2 I, W_hy = 1, no biases to begin with; prices are divided by `unit` dollars.
    """

    def __init__(self, unit: float) -> None:
        def parameter(values: object) -> tg.Tensor:
            return tg.tensor(values, dtype=tg.float64, requires_grad=True)

        self.unit = unit
        self.W_xh = parameter([[0.5], [0.5]])
        self.W_hh = parameter([[0.2, 0.0], [0.0, 0.2]])
        self.b_h = parameter([0.0, 0.0])
        self.W_hy = parameter([[1.0, 1.0]])
        self.b_y = parameter([0.0])
        for name in NAMES:
            vars(self)[name].name = name

    @property
    def parameters(self) -> dict[str, tg.Tensor]:
        """By name."""
        return {name: vars(self)[name] for name in NAMES}

    def forward(self, dollars: Sequence[float] = DOLLARS, watched: bool = False) -> Forward:
        """The network, step by step; the inputs require a gradient if they are watched."""
        h = tg.zeros(2, dtype=tg.float64)
        h.name = "h0"
        xs, hs = [], []
        for t, price in enumerate(dollars, start=1):
            with tg.step(t):
                x = tg.tensor([price / self.unit], dtype=tg.float64, requires_grad=watched)
                x.name = "x"
                h = tg.tanh(self.W_xh @ x + self.W_hh @ h + self.b_h)
                h.name = "h"
            xs.append(x)
            hs.append(h)
        y = self.W_hy @ h + self.b_y
        y.name = "y"
        target = tg.tensor([TARGET / self.unit], dtype=tg.float64)
        target.name = "target"
        error = y - target
        error.name = "e"
        loss = error**2
        loss.name = "L"
        return Forward(xs, hs, y, loss)

    def answer(self, dollars: Sequence[float] = DOLLARS) -> float:
        """The prediction in dollars."""
        with tg.no_grad():
            return float(self.forward(dollars).y.item()) * self.unit

    def sensitivities(self, dollars: Sequence[float] = DOLLARS) -> list[float]:
        """|dy/dx_t|: how much the answer moves with every input."""
        forward = self.forward(dollars, watched=True)
        return [float(np.linalg.norm(gradient.array)) for gradient in tg.autograd.grad(forward.y, forward.xs)]

    def finite_differences(self, width: float = 1e-5) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
        """dL/d(parameter) by central differences: (L(p + width) - L(p - width)) / (2 width), entry by entry."""
        return {
            name: differences(lambda: self.forward().loss, (), parameter, width)[0].reshape(parameter.shape)
            for name, parameter in self.parameters.items()
        }


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
