"""The same weights at every step: as many parameters for 500 steps as for 5, and gradients that are sums over time."""

from dataclasses import dataclass

import numpy as np

import tinygrad_rnn as tg

from ... import nn
from .shown import Shown, says, section
from .worked_example import LABELS, WorkedExample


@dataclass(frozen=True)
class Sharing:
    """parameters: how many numbers are trained; uses: of W_hh; difference: largest of |dL/dW_hh - sum over uses|."""

    parameters: int
    uses: int
    difference: float


def sharing(steps: int, seed: int = 0) -> Sharing:
    """An RNN over so many steps."""
    tg.manual_seed(seed)
    rnn = nn.RNN(3, 4, dtype=tg.float64)
    states, _ = rnn(tg.randn(steps, 3, dtype=tg.float64))
    loss = (states * states).sum()
    W_hh = dict(rnn.named_parameters())["weight_hh_l0"]
    terms = tg.autograd.contributions(loss, W_hh)
    loss.backward()
    assert W_hh.grad is not None
    total = sum((term.gradient for term in terms), np.zeros(W_hh.array.shape))
    count = sum(parameter.numel() for parameter in rnn.parameters())
    return Sharing(count, len(terms), float(np.abs(W_hh.grad.array - total).max()))


def show() -> Shown:
    """Claim 3."""
    found = {steps: sharing(steps) for steps in (5, 50, 500)}
    rows = [[steps, each.parameters, each.uses, f"{each.difference:.0e}"] for steps, each in found.items()]
    example = WorkedExample(unit=100.0)
    loss = example.forward().loss
    terms = tg.autograd.contributions(loss, example.W_hh)
    ledger = [[str(term.time), term.operation, term.size, f"{term.gradient[0, 0]:.7f}"] for term in terms]
    total = sum(term.gradient[0, 0] for term in terms)
    ledger.append(["sum", "", "", f"{total:.7f}"])
    return Shown(
        "Claim 3: the same weights are used at every step",
        section(
            "nn.RNN(3, 4) over short and long sequences",
            ["T", "parameters", "uses of W_hh", "|dL/dW_hh - sum over t|"],
            rows,
        ),
        section(
            "The worked example: what every use of W_hh adds to its gradient",
            ["t", "use", "size", "added to dL/dW_hh[1,1]"],
            ledger,
            left=2,
        ),
        says("""The number of parameters does not depend on the number of steps, and the gradient of a shared weight is
            the sum of what all its uses add. The textbook leaves that sentence out, and it is all that BPTT adds to
            backpropagation."""),
        picture=tg.draw(loss, title="The same weights at every step", labels=LABELS),
        drawn="the unrolled graph; what all steps share lies on the rail, and its gradient is the sum over the steps",
    )
