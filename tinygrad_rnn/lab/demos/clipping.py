"""Gradient clipping: by norm it keeps the direction, by value it does not."""

import math
from dataclasses import dataclass

import numpy as np

import tinygrad_rnn as tg

from ... import nn
from ...viz.chart import Chart, Curve
from .shown import Shown, says, section

GRADIENT = (100.0, 1.0)


@dataclass(frozen=True)
class Clipped:
    """gradient: after clipping; turned: by how many degrees."""

    gradient: tuple[float, float]
    turned: float


def clipped(by: str, limit: float = 1.0) -> Clipped:
    """The gradient (100, 1) clipped "by norm" or "by value"."""
    parameter = tg.zeros(2, dtype=tg.float64, requires_grad=True)
    parameter.grad = tg.tensor(GRADIENT, dtype=tg.float64)
    if by == "by norm":
        nn.utils.clip_grad_norm_([parameter], limit)
    else:
        nn.utils.clip_grad_value_([parameter], limit)
    x, y = parameter.grad.tolist()
    turned = math.degrees(math.atan2(y, x) - math.atan2(GRADIENT[1], GRADIENT[0]))
    return Clipped((x, y), abs(turned))


def show() -> Shown:
    """Claim 21."""
    found = {by: clipped(by) for by in ("by norm", "by value")}
    rows = [
        [by, *(f"{g:.4f}" for g in each.gradient), f"{np.hypot(*each.gradient):.4f}", f"{each.turned:.1f}"]
        for by, each in found.items()
    ]
    return Shown(
        "Claim 21: gradient clipping",
        section("g = (100, 1) clipped to 1", ["", "g1", "g2", "|g|", "turned by degrees"], rows),
        says("""Clip by the norm of all gradients together (clip_grad_norm_): the step gets shorter and keeps its
            direction. By value (clip_grad_value_) the step goes where no gradient points, here 44 degrees off.

            Clipping is against explosion only: it cannot make a vanished gradient larger."""),
        picture=Chart(
            "What is left of the gradient (100, 1)",
            "g1",
            "g2",
            [
                *(Curve(by, (0.0, each.gradient[0]), (0.0, each.gradient[1])) for by, each in found.items()),
                Curve("where it points", (0.0, 1.2), (0.0, 1.2 * GRADIENT[1] / GRADIENT[0])),
            ],
        ),
        drawn="both clipped gradients as lines from the origin",
    )
