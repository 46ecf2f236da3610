"""Functions that draw by the chances in a tensor."""

from __future__ import annotations

from typing import Any

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
    rows = weights if weights.ndim == 2 else weights[None]
    totals = np.add.reduce(rows, 1, keepdims=True)  # NaN or infinite if one of them is
    least, most = np.minimum.reduce(totals, None, initial=1), np.maximum.reduce(totals, None, initial=1)
    if not (least > 0 and most < np.inf and np.minimum.reduce(rows, None, initial=0) >= 0):
        raise RuntimeError("multinomial needs weights that are finite, not negative, and not all zero in any row")
    if not replacement and (np.count_nonzero(rows, axis=1) < num_samples).any():
        raise RuntimeError(
            f"cannot draw {num_samples} different indices from a row with fewer weights above zero; "
            "use replacement=True"
        )
    draw, chances = numpy_generator(generator), rows / totals
    if replacement or num_samples == 1:
        points = draw.random((len(rows), num_samples))
        drawn = [row.searchsorted(those, "right") for row, those in zip(_edges(chances), points, strict=True)]
    else:
        drawn = [_different(row, num_samples, draw) for row in chances]
    return input.fresh(np.concatenate(drawn).reshape(*weights.shape[:-1], num_samples))


def _edges(chances: Any) -> Any:
    """Where each index ends on the line from 0 to 1."""
    edges = np.add.accumulate(chances, -1)
    edges /= edges[..., -1:]
    return edges


def _different(chances: Any, count: int, draw: np.random.Generator) -> Any:
    """What ``draw.choice(..., replace=False)`` gives, without its checks: drawn again until there are enough."""
    found: dict[int, None] = {}
    while len(found) < count:
        points = draw.random(count - len(found))
        if found:
            chances[list(found)] = 0
        found.update(dict.fromkeys(_edges(chances).searchsorted(points, "right").tolist()))
    return np.fromiter(found, np.int64, count)
