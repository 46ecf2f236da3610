"""The stock example: raw dollars, where nothing can be learnt, and dollars divided by 100."""

from collections.abc import Sequence

import numpy as np

import tinygrad_rnn as tg

from .descent import course
from .shown import Shown, says, section
from .worked_example import DOLLARS, LABELS, WorkedExample


def gradients(unit: float) -> dict[str, float]:
    """The first entry of dL/d(parameter), for each; all of them are equal for W_xh, b_h and W_hy."""
    example = WorkedExample(unit)
    found = tg.autograd.grad(example.forward().loss, list(example.parameters.values()))
    return {name: float(g.array.flat[0]) for name, g in zip(example.parameters, found, strict=True) if g is not None}


def trained(unit: float) -> WorkedExample:
    """The example after thirty steps of gradient descent with rate 0.1."""
    example = WorkedExample(unit)
    course(example, steps=30)
    return example


def sensitivity(example: WorkedExample, dollars: Sequence[float] = DOLLARS) -> float:
    """|dy/dx|: how much the answer moves with the prices, all five together."""
    h = tg.zeros(2, dtype=tg.float64)
    xs = tg.tensor([[price / example.unit] for price in dollars], dtype=tg.float64, requires_grad=True)
    for x in xs:
        h = tg.tanh(example.W_xh @ x + example.W_hh @ h + example.b_h)
    (gradient,) = tg.autograd.grad(example.W_hy @ h + example.b_y, xs)
    assert gradient is not None
    return float(np.linalg.norm(gradient.array))


def show() -> Shown:
    """Claim 9."""
    rows, learnt = [], []
    for name, unit in (("dollars", 1.0), ("dollars / 100", 100.0)):
        forward = WorkedExample(unit).forward()
        first = [f"{g:.7f}" for g in list(gradients(unit).values())[:3]]
        rows.append([name, f"{forward.y.item():.6f}", forward.loss.item(), *first])
        after = trained(unit)
        other = after.answer((50, 50, 50, 50, 50))
        learnt.append([name, f"${after.answer():.2f}", f"${other:.2f}", sensitivity(after)])
    first_head = ["x_t", "y", "loss", "dL/dW_xh[1,1]", "dL/dW_hh[1,1]", "dL/db_h[1]"]
    then_head = ["x_t", "answer", "answer to 50, 50, 50, 50, 50", "|dy/dx|"]
    loss = WorkedExample(unit=1.0).forward().loss
    return Shown(
        "Claim 9: the stock prices 100, 102, 104, 106, 108 and what comes next",
        section("The first forward and backward pass", first_head, rows, digits=5),
        section("After 30 steps of gradient descent with rate 0.1", then_head, learnt),
        says("""In raw dollars tanh(50) = 1 exactly, tanh' = 0 exactly, and so are the gradients of W_xh, W_hh and b_h.
            'Training' reaches a loss of 0 through W_hy and b_y alone: the answer is $110 whatever the prices are.
            Divided by 100 there are gradients, and the answer depends on the prices.

            tinygrad-rnn demo bptt and tinygrad-rnn demo stock show every number of both."""),
        picture=tg.draw(loss, title="Raw dollars: every gradient behind tanh is 0", labels=LABELS),
        drawn="the unrolled graph in raw dollars, with its values and gradients",
    )
