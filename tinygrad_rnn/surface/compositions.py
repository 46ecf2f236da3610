"""Functions that are made of others: products that are added, tensors side by side, diagonals, repetitions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.graph import Node
from ..ops.shaping import put
from .arguments import axis, typed
from .elementwise import clamp
from .forms import also
from .indexing import index_select
from .joining import cat, pad
from .shaping import diagonal, movedim, reshape
from .tensor import Tensor


@also(inplace=True)
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """input + value * tensor1 * tensor2."""
    tensor1, tensor2 = typed(tensor1, tensor2, input)
    product = tensor1 * tensor2
    return input + (product if value == 1 else product * value)


@also(inplace=True)
def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """input + value * tensor1 / tensor2."""
    tensor1, tensor2 = typed(tensor1, tensor2, input)
    quotient = tensor1 / tensor2
    return input + (quotient if value == 1 else quotient * value)


@also(inplace=True)
def clamp_min(input: Tensor, min: Any) -> Tensor:
    """The larger of each number and ``min``."""
    return clamp(input, min=min)


@also(inplace=True)
def clamp_max(input: Tensor, max: Any) -> Tensor:
    """The smaller of each number and ``max``."""
    return clamp(input, max=max)


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Side by side: along the second axis, or along the first if there is no other."""
    parts = [each if each.ndim else reshape(each, (1,)) for each in tensors]
    return cat(parts, dim=0 if parts and parts[0].ndim == 1 else 1)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """One below the other: vectors are rows."""
    return cat([each if each.ndim > 1 else reshape(each, (1, -1)) for each in tensors], dim=0)


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """Grids of all combinations: of vectors of sizes (n), (m) two of shape (n, m), or (m, n) with ``indexing="xy"``.

    Raises:
        RuntimeError: for another ``indexing``, and for what has more than one axis.
    """
    given = tuple(tensors[0]) if len(tensors) == 1 and not isinstance(tensors[0], Node) else tensors
    if indexing not in ("ij", "xy") or any(each.ndim > 1 for each in given):
        raise RuntimeError(
            f'meshgrid takes vectors, and "ij" or "xy" as indexing; got {indexing!r} and '
            f"{[tuple(each.shape) for each in given]}"
        )
    count = len(given)
    shape = tuple(each.numel() for each in given)
    grids = [
        reshape(each, tuple(-1 if i == place else 1 for i in range(count))).expand(*shape)
        for place, each in enumerate(given)
    ]
    if indexing == "xy" and count > 1:
        grids = [each.transpose(0, 1) for each in grids]
    return tuple(grids)


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """The diagonal of a matrix, or the matrix with this vector on a diagonal.

    Raises:
        RuntimeError: for anything else than a vector or a matrix.
    """
    if input.ndim == 2:
        return _diagonal(input, diagonal).clone()
    if input.ndim != 1:
        raise RuntimeError(f"diag takes a vector or a matrix, got shape {tuple(input.shape)}")
    size = input.shape[0] + abs(diagonal)
    # Read row by row, the entries of a diagonal are size + 1 apart.
    spread = pad(reshape(input, (-1, 1)), (0, size))
    first = max(diagonal, 0) + max(-diagonal, 0) * size
    flat = pad(reshape(spread, (-1,)), (first, 0))
    missing = size * size - flat.shape[0]
    return reshape(pad(flat, (0, missing)), (size, size))


_diagonal = diagonal


def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """The last axis as a diagonal of matrices in two new axes."""
    size, places = input.shape[-1] + abs(offset), np.arange(input.shape[-1])
    index = (..., places - min(offset, 0), places + max(offset, 0))
    matrices: Tensor = put(input, index=index, shape=(*input.shape[:-1], size, size))
    return movedim(matrices, (-2, -1), (dim1, dim2))


def trace(input: Tensor) -> Tensor:
    """The sum of the diagonal of a matrix."""
    if input.ndim != 2:
        raise RuntimeError(f"trace takes a matrix, got shape {tuple(input.shape)}")
    return _diagonal(input).sum()


@also(inplace=True, method=False)
def fill_diagonal(input: Tensor, fill_value: float, wrap: bool = False) -> Tensor:
    """The matrix with ``fill_value`` on its diagonal.

    Raises:
        RuntimeError: for anything else than a matrix.
        NotImplementedError: with ``wrap``.
    """
    if wrap:
        raise NotImplementedError("fill_diagonal_ stops at the end of the square of a tall matrix: leave out wrap=True")
    if input.ndim != 2:
        raise RuntimeError(f"fill_diagonal_ takes a matrix, got shape {tuple(input.shape)}")
    return input.masked_fill(input.fresh(np.eye(*input.shape, dtype=np.bool_)), fill_value)


def repeat_interleave(input: Tensor, repeats: Any, dim: int | None = None) -> Tensor:
    """Each slice ``repeats`` times in a row, or as often as its entry in ``repeats``; flattened if ``dim`` is None."""
    if dim is None:
        input, dim = reshape(input, (-1,)), 0
    counts = repeats.array if isinstance(repeats, Node) else repeats
    positions = np.repeat(np.arange(input.shape[axis(dim, input.ndim)]), counts)
    return index_select(input, dim, input.fresh(positions))
