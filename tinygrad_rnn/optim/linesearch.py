"""The line search of L-BFGS: how far to go along a direction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .optimizer import Array

ARMIJO, CURVATURE = 1e-4, 0.9


class Point(NamedTuple):
    """What is known at a distance ``t``: the loss, the gradient, and the slope of the loss along the line."""

    t: Any
    loss: float
    g: Array
    slope: Any


def strong_wolfe(
    evaluate: Callable[[Any], tuple[float, Array]], t: Any, d: Array, loss: float, g: Array, slope: Any,
    tolerance_change: float, max_evaluations: int,
) -> tuple[float, Array, Any, int]:  # fmt: skip
    """A distance t at which the loss has fallen enough and the slope is flat enough: the strong Wolfe conditions.

        loss(t) <= loss(0) + 1e-4 * t * slope(0)          |slope(t)| <= 0.9 * |slope(0)|

    Args:
        evaluate: gives loss and gradient at a distance.
        t: the distance to try first.
        d: the direction.
        loss, g, slope: loss, gradient and slope (g @ d) at distance 0.
        tolerance_change: a search whose bracket moves no parameter by more than this is over.
        max_evaluations: how often ``evaluate`` may be called, but for the first time.

    Returns (loss, gradient, t, calls). Source: Nocedal & Wright, Numerical Optimization, section 3.5, with the cubic
    interpolation and the safeguards of PyTorch's, which come from Schmidt's minFunc.
    """

    def at(t: Any) -> Point:
        loss, g = evaluate(t)
        return Point(t, loss, g, g @ d)

    def falls_enough(point: Point) -> bool:
        return bool(point.loss <= loss + ARMIJO * point.t * slope)

    def is_flat(point: Point) -> bool:
        return bool(abs(point.slope) <= -CURVATURE * slope)

    # Walk outwards until the wanted distance lies between two points.
    start = before = Point(0, loss, g, slope)
    now, count = at(t), 1
    while count <= max_evaluations:
        if not falls_enough(now) or (count > 2 and now.loss >= before.loss):
            break
        if is_flat(now):
            return now.loss, now.g, now.t, count
        if now.slope >= 0:
            break
        farther = interpolated(before, now, (now.t + 0.01 * (now.t - before.t), now.t * 10))
        before, now, count = now, at(farther), count + 1
    else:
        before = start

    # Draw the two together; ``low`` says which of them has the lower loss.
    ends = [before, now]
    low = 0 if before.loss <= now.loss else 1
    size = np.abs(d).max()
    stuck = False
    while count <= max_evaluations and abs(ends[1].t - ends[0].t) * size >= tolerance_change:
        left, right = sorted(end.t for end in ends)
        t = interpolated(ends[0], ends[1], (left, right))
        margin = 0.1 * (right - left)
        close = min(right - t, t - left) < margin
        if close and (stuck or t >= right or t <= left):
            t = right - margin if abs(t - right) < abs(t - left) else left + margin
            close = False
        stuck = close
        now, count = at(t), count + 1
        if not falls_enough(now) or now.loss >= ends[low].loss:
            ends[1 - low] = now
            low = 0 if ends[0].loss <= ends[1].loss else 1
            continue
        if not is_flat(now) and now.slope * (ends[1 - low].t - ends[low].t) >= 0:
            ends[1 - low] = ends[low]
        ends[low] = now
        if is_flat(now):
            break
    best = ends[low]
    return best.loss, best.g, best.t, count


def interpolated(a: Point, b: Point, bounds: tuple[Any, Any]) -> Any:
    """Where the cubic through both points, with their slopes, has its minimum: within ``bounds``, or their middle."""
    if a.t > b.t:
        a, b = b, a
    mean = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = mean**2 - a.slope * b.slope
    if not square >= 0:
        return (bounds[0] + bounds[1]) / 2
    root = np.sqrt(square)
    return min(
        max(b.t - (b.t - a.t) * ((b.slope + root - mean) / (b.slope - a.slope + 2 * root)), bounds[0]), bounds[1]
    )
