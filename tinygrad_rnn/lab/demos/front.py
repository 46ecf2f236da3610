"""Errors are propagated back in time: the backward pass of the worked example, one operation at a time."""

import numpy as np

import tinygrad_rnn as tg

from .shown import Shown, says, section
from .worked_example import LABELS, WorkedExample


def shares() -> dict[int, float]:
    """What each step adds to dL/dW_xh, in percent of the sum of the sizes."""
    example = WorkedExample(unit=100.0)
    terms = tg.autograd.contributions(example.forward().loss, example.W_xh)
    total = sum(term.size for term in terms)
    return {term.time: 100 * term.size / total for term in terms if term.time is not None}


def show() -> Shown:
    """Claim 12."""
    example = WorkedExample(unit=100.0)
    loss = example.forward().loss
    rows = [
        [
            f"{step.number}/{step.count}",
            "" if step.time is None else str(step.time),
            f"{step.name} = {step.formula}",
            f"{np.linalg.norm(step.gradient):.7f}",
            ", ".join(each.name for each in step.received),
        ]
        for step in tg.backward_steps(loss)
    ]
    front = [[t, f"{share:.2f} %"] for t, share in sorted(shares().items(), reverse=True)]
    return Shown(
        "Claim 12: errors are propagated back in time",
        section(
            "The backward pass: whose turn it is, how large its gradient is, and who receives from it",
            ["turn", "t", "operation", "|dL/d.|", "receive"],
            rows,
            left=3,
        ),
        section("What each step adds to dL/dW_xh", ["t", "share"], front),
        says("""The front moves from the loss to t = 5, then 4, 3, 2, 1, and every step multiplies by W_hh and by tanh'.
            Here each share is about seven times smaller than the one after it: 87 % of what is learnt about W_xh comes
            from the last price alone."""),
        picture=tg.draw(loss, title="The errors on their way back", labels=LABELS),
    )
