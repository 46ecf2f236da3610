"""Functions that draw by the chances in a tensor."""

from __future__ import annotations

import math

import numpy as np

from ..numbers.random import Generator, numpy_generator
from .tensor import Tensor


def bernoulli(input: Tensor, p: float | None = None, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability given by each entry of ``input`` (or by ``p``, in its shape), else 0.

    Raises:
        RuntimeError: if one of them is no probability.
    """
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
    weights = np.asarray(input.array, np.float64)
    if weights.ndim not in (1, 2) or num_samples < 1:
        raise RuntimeError(
            f"multinomial draws at least one number from weights of shape (n) or (rows, n), got {num_samples} and "
            f"{weights.shape}"
        )
    edges = np.add.accumulate(weights, -1)  # where each index ends on a line
    totals = edges[..., -1:]  # NaN or infinite if one weight is
    fine = all(0 < total < math.inf for total in totals.ravel().tolist())
    if not fine or np.minimum.reduce(weights, None, initial=0) < 0:
        raise RuntimeError("multinomial needs weights that are finite, not negative, and not all zero in any row")
    if not replacement and num_samples > 1 and (np.add.reduce(weights > 0, -1) < num_samples).any():
        raise RuntimeError(
            f"cannot draw {num_samples} different indices from a row with fewer weights above zero; "
            "use replacement=True"
        )
    draw = numpy_generator(generator)
    if replacement:
        points = draw.random((*weights.shape[:-1], num_samples)) * totals
        if weights.ndim == 1:
            return input.fresh(edges.searchsorted(points, "right"))
        return input.fresh(
            np.array([row.searchsorted(those, "right") for row, those in zip(edges, points, strict=True)])
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
