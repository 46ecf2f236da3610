"""Functions that draw by the chances in a tensor."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.modes import goes_by_data
from ..numbers import dtypes
from ..numbers.random import Generator, numpy_generator
from .tensor import Tensor


def bernoulli(input: Tensor, p: float | None = None, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability given by each entry of ``input`` (or by ``p``, in its shape), else 0.

    Raises:
        RuntimeError: if one of them is no probability.
    """
    goes_by_data("bernoulli", input)
    chance = input.array if p is None else np.full(input.shape, p)
    if not np.all((chance >= 0) & (chance <= 1)):
        raise RuntimeError("bernoulli needs probabilities, numbers from 0 to 1")
    drawn = numpy_generator(generator).random(tuple(input.shape)) < chance
    return input.fresh(drawn.astype(input.array.dtype))


def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Indices drawn with the given weights, a row of them for each row of ``input`` (rows, n) or (n).

    Raises:
        RuntimeError: if a row has a negative or non-finite weight, only zeros, or too few to draw without replacement.
    """
    goes_by_data("multinomial", input)
    weights = input.array.astype(dtypes.float64)
    if weights.ndim not in (1, 2) or num_samples < 1 or not weights.shape[-1]:
        raise RuntimeError(
            f"multinomial draws at least one number from weights of shape (n) or (rows, n), got {num_samples} and "
            f"{weights.shape}"
        )
    tops = sorted(weights.max(-1).tolist()) if weights.ndim > 1 else [weights.item(weights.argmax())]
    # NaN counts as the smallest entry, and as the largest.
    fine = not weights.size or weights.item(weights.argmin()) >= 0
    if not fine or (tops and not 0 < tops[0] <= tops[-1] < math.inf):
        raise RuntimeError("multinomial needs weights that are finite, not negative, and not all zero in any row")
    draw = numpy_generator(generator)
    if replacement and weights.ndim == 1 and weights.size < 2_000:
        # Where each index ends on a line of less than 2^53: whole numbers are added up in an eighth of the time.
        bits = 53 - math.frexp(tops[0])[1] - weights.size.bit_length()
        ends = np.add.accumulate(np.ldexp(weights, bits, weights).astype(dtypes.int64))
        points = draw.random(num_samples)
        points *= float(ends[-1])
        return input.fresh(ends.searchsorted(points.astype(dtypes.int64), "right"))
    if replacement:
        points = draw.random((*weights.shape[:-1], num_samples))
        if weights.ndim == 1 or weights.size * num_samples >= 20_000:
            return input.fresh(_drawn(weights, points))
        edges = np.add.accumulate(weights, -1)
        points *= edges[:, -1:]
        return input.fresh((edges[:, None] > points[..., None]).argmax(-1))
    if num_samples > 1 and (np.add.reduce(weights > 0, -1) < num_samples).any():
        raise RuntimeError(
            f"cannot draw {num_samples} different indices from a row with fewer weights above zero; "
            "use replacement=True"
        )
    # Of clocks that run at these rates, those that strike first: the next one is each with the chance of its weight.
    early = np.atleast_2d(weights / draw.standard_exponential(weights.shape))
    if num_samples == 1:
        drawn = early.argmax(-1)
    else:
        row = np.arange(len(early))[:, None]
        drawn = early.argpartition(-num_samples, -1)[:, -num_samples:]
        drawn = drawn[row, early[row, drawn].argsort(-1)[:, ::-1]]
    return input.fresh(drawn.reshape(*weights.shape[:-1], num_samples))


def _drawn(weights: Any, points: Any) -> Any:
    """What is drawn from many weights: numpy adds up whole numbers in an eighth of the time, and exactly.

    So a row becomes a stretch of 2^k on one line for all of them, and the weights whole numbers that share it.
    """
    parts = weights / np.add.reduce(weights, -1, keepdims=True)
    parts *= 2.0 ** min(52, 62 - len(weights).bit_length())
    ends = np.add.accumulate(parts.astype(np.int64).ravel())
    last = ends.reshape(weights.shape)[..., -1:]
    first = np.zeros_like(last)
    first[1:] = last[:-1]
    points = (points * (last - first)).astype(np.int64) + first
    # Halving all rows at once takes two thirds of the time of numpy's search, whose branches nobody can foresee.
    count = weights.shape[-1]
    start = np.arange(0, weights.size, count).reshape(last.shape)
    drawn = start + np.zeros(points.shape, np.int64)
    while count > 1:
        drawn += (ends[count // 2 - 1 :].take(drawn) <= points) * (count // 2)
        count -= count // 2
    return drawn - start
