"""Weights are adjusted by gradient descent: five steps from the worked example's $114.76 to its target $110."""

from collections.abc import Iterable

import tinygrad_rnn as tg

from .shown import Shown, says, section
from .worked_example import LABELS, TARGET, WorkedExample


def course(example: WorkedExample | None = None, steps: int = 5, lr: float = 0.1) -> list[tuple[float, float]]:
    """Prediction in dollars and loss, before the first step and after each."""
    example = example or WorkedExample(unit=100.0)
    found = []
    for step in range(steps + 1):
        answer = example.answer()
        found.append((answer, example.descend(lr if step < steps else 0.0)))
    return found


def section_of(heading: str, found: Iterable[tuple[int, tuple[float, float]]]) -> str:
    """The table of some of the steps of a course, by their numbers."""
    rows = [[step, f"${answer:.4f}", loss] for step, (answer, loss) in found]
    return section(heading, ["step", "prediction", "loss"], rows, digits=3)


def show() -> Shown:
    """Claim 13."""
    loss = WorkedExample(unit=100.0).forward().loss
    return Shown(
        "Claim 13: weights are adjusted by gradient descent",
        section_of("w <- w - 0.1 dL/dw, for all weights at once", enumerate(course())),
        says(f"""The target is ${TARGET:g}. Five steps are enough for five prices and one target; nothing says that the
            network would do well on other prices. And both hidden units began with equal weights, so their gradients
            are equal and they stay twins for ever: initial values should be random."""),
        picture=tg.draw(loss, title="Before the first step", labels=LABELS),
    )
