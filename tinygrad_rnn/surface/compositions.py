"""Functions that are made of others: products that are added, tensors side by side, diagonals, repetitions."""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.graph import Node
from ..engine.modes import goes_by_data
from ..ops.shaping import put, setitem
from .arguments import axis, settled, typed
from .elementwise import clamp
from .forms import also
from .indexing import index_select
from .joining import cat, pad, stack, tensor_split
from .shaping import broadcast_tensors, movedim, reshape, roll
from .shaping import diagonal as _diagonal
from .tensor import Tensor


@also(inplace=True)
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """input + value * tensor1 * tensor2."""
    tensor1, tensor2 = _factors(input, tensor1, tensor2)
    product = tensor1 * tensor2
    return input + (product if value == 1 else product * value)


@also(inplace=True)
def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """input + value * tensor1 / tensor2."""
    tensor1, tensor2 = _factors(input, tensor1, tensor2)
    quotient = tensor1 / tensor2
    return input + (quotient if value == 1 else quotient * value)


def _factors(input: Tensor, *factors: Tensor) -> Sequence[Any]:
    """In the type of the sum; as empty as it, so that on the way back no infinity meets the 0 that comes from there."""
    factors = tuple(typed(*factors, input))
    return factors if input.array.size else broadcast_tensors(*factors, input)[:2]


@also(inplace=True)
def clamp_min(input: Tensor, min: Any) -> Tensor:
    """The larger of each number and ``min``."""
    return clamp(input, min=min)


@also(inplace=True)
def clamp_max(input: Tensor, max: Any) -> Tensor:
    """The smaller of each number and ``max``."""
    return clamp(input, max=max)


def _with_axes(ndim: int, each: Any) -> Tensor:
    shape: tuple[int, ...] = tuple(each.shape)
    if ndim == 3 and each.ndim in (1, 2):
        shape = (*(1,) * (2 - each.ndim), *shape, 1)
    wanted = (1,) * (ndim - len(shape)) + shape
    return each if wanted == tuple(each.shape) else reshape(each, wanted)


def _at_least(ndim: int, tensors: Sequence[Any]) -> Any:
    """The tensors with so many axes, of size 1 where they had none; one given alone comes back alone."""
    first: Any = tensors[0] if len(tensors) == 1 else tensors
    return _with_axes(ndim, first) if isinstance(first, Node) else tuple(_with_axes(ndim, each) for each in first)


def atleast_1d(*tensors: Any) -> Any:
    """Tensors with at least one axis; single numbers are vectors of one."""
    return _at_least(1, tensors)


def atleast_2d(*tensors: Any) -> Any:
    """Tensors with at least two axes; vectors are rows."""
    return _at_least(2, tensors)


def atleast_3d(*tensors: Any) -> Any:
    """Tensors with at least three axes; a matrix has a last axis of size 1, a vector is a column of one such."""
    return _at_least(3, tensors)


def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """One behind the other, along the third axis."""
    return cat([_with_axes(3, each) for each in tensors], dim=2)


def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """Side by side: vectors are columns."""
    return cat([each if each.ndim > 1 else reshape(each, (-1, 1)) for each in tensors], dim=1)


def block_diag(*tensors: Tensor) -> Tensor:
    """Matrices along the diagonal of one, zeros elsewhere; vectors are rows."""
    if any(each.ndim > 2 for each in tensors):
        raise RuntimeError(f"block_diag takes matrices and vectors, got shapes {[tuple(x.shape) for x in tensors]}")
    blocks = [_with_axes(2, each) for each in tensors]
    ends = np.cumsum([each.shape[1] for each in blocks]).tolist()
    return cat([pad(x, (end - x.shape[1], ends[-1] - end)) for x, end in zip(blocks, ends, strict=True)])


def _divided(name: str, input: Tensor, parts: Any, dim: int) -> tuple[Tensor, ...]:
    if input.ndim <= dim or (isinstance(parts, int) and (parts < 1 or input.shape[dim] % parts)):
        raise RuntimeError(f"{name} divides axis {dim} into equal parts, got {parts} for shape {tuple(input.shape)}")
    return tensor_split(input, parts, dim)


def hsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Parts of the second axis (of a vector's only one): equal ones, or those between these places."""
    return _divided("hsplit", input, indices_or_sections, int(input.ndim > 1))


def vsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Parts of the first axis of a matrix, see ``hsplit``."""
    return _divided("vsplit", input if input.ndim > 1 else input.sum(), indices_or_sections, 0)


def dsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Parts of the third axis, see ``hsplit``."""
    return _divided("dsplit", input, indices_or_sections, 2)


def _placed(input: Tensor, src: Tensor, index: Any) -> Tensor:
    """input with ``src``, of that shape and type, at ``index``."""
    wanted = input.array[index]
    if wanted.shape != tuple(src.shape):
        raise RuntimeError(f"what is written there must have shape {wanted.shape}, got {tuple(src.shape)}")
    return setitem(input, src.to(input.dtype), index=index)


def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """input with ``src`` as one slice of an axis."""
    return _placed(input, src, (*[slice(None)] * axis(dim, input.ndim), index))


def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    """input with ``src`` as the slices start, start + step, ... before ``end`` of an axis."""
    return _placed(input, src, (*[slice(None)] * axis(dim, input.ndim), slice(start, end, step)))


def diagonal_scatter(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """input with ``src`` on the diagonal of two axes."""
    first = movedim(input, (dim1, dim2), (-2, -1))
    places = np.arange(_diagonal(first, offset, -2, -1).shape[-1])
    written = _placed(first, src, (..., places - min(offset, 0), places + max(offset, 0)))
    return movedim(written, (-2, -1), (dim1, dim2))


def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """The cross product of vectors along an axis of size 3, by default the first such.

    Raises:
        RuntimeError: if there is none.
    """
    a, b = broadcast_tensors(input, other)
    along = a.shape.index(3) if dim is None and 3 in a.shape else axis(-1 if dim is None else dim, a.ndim)
    if not a.ndim or input.ndim != other.ndim or (input.shape[along], other.shape[along]) != (3, 3):
        raise RuntimeError(f"cross needs an axis of size 3, got shapes {tuple(input.shape)} and {tuple(other.shape)}")
    return roll(a, -1, along) * roll(b, -2, along) - roll(a, -2, along) * roll(b, -1, along)


def cov(input: Tensor, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Tensor:
    """The covariances of rows: sum over columns w (x - mean) (x - mean)^T / (sum w - correction).

    ``fweights`` says how often a column counts, ``aweights`` how much; with the latter, ``correction`` is multiplied by
    sum w a / sum w.

    Raises:
        RuntimeError: for more than two axes, or weights that are not a vector of the columns.
    """
    x = _with_axes(2, input)
    given = [each for each in (fweights, aweights) if each is not None]
    whole = fweights is None or fweights.dtype.kind != "f"
    if (
        not whole
        or input.ndim > 2
        or any(each.ndim > 1 or each.numel() != x.shape[1] or bool((each < 0).any()) for each in given)
    ):
        raise RuntimeError(
            f"cov takes variables in rows and weights of at least 0 of its columns, fweights integers, got shape "
            f"{tuple(input.shape)} and weights of {[(tuple(each.shape), str(each.dtype)) for each in given]}"
        )
    x = x if x.dtype.kind == "f" else x * 1.0
    w = functools.reduce(operator.mul, given or [x.new_ones(x.shape[1])])
    total = w.sum()
    away = x - ((x * w).sum(1) / total).unsqueeze(1)
    free = total - (correction if aweights is None else correction * (w * aweights).sum() / total)
    return reshape((away * w) @ away.mT / clamp(free, min=0), (len(x), len(x)) if input.ndim > 1 and len(x) > 1 else ())


def corrcoef(input: Tensor) -> Tensor:
    """The correlations of rows: their covariances, divided by both standard deviations."""
    found = cov(input)
    if not found.ndim:
        return found / found
    spread = _diagonal(found).sqrt()
    return clamp(found / spread.unsqueeze(1) / spread, -1, 1)


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
    return settled(pad(flat, (0, missing)), (size, size))


def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """The matrix with all entries, in order, on a diagonal."""
    return diag(reshape(input, (-1,)), offset)


def cartesian_prod(*tensors: Tensor) -> Tensor:
    """All choices of an entry of each vector, a row each; of one vector itself."""
    grids = [reshape(each, (-1,)) for each in meshgrid(*tensors)]
    return grids[0] if len(grids) == 1 else stack(grids, -1)


@also(method=False)
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All choices of ``r`` entries of a vector in their order, a row each, or with an entry again and again."""
    if input.ndim != 1 or r < 0:
        raise RuntimeError(f"combinations chooses r >= 0 entries of a vector, got {r} of shape {tuple(input.shape)}")
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    places = np.array([*choose(range(len(input)), r)] if r else [], np.int64).reshape(-1, r) if r else np.empty(0, int)
    return index_select(input, 0, input.fresh(places.reshape(-1))).reshape(places.shape)


def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """The last axis as a diagonal of matrices in two new axes."""
    size, places = input.shape[-1] + abs(offset), np.arange(input.shape[-1])
    index = (..., places - min(offset, 0), places + max(offset, 0))
    matrices: Tensor = put(input, index=index, shape=(*input.shape[:-1], size, size))
    return movedim(matrices, (-2, -1), (dim1, dim2)).clone()


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
    goes_by_data("repeat_interleave", repeats)
    counts = repeats.array if isinstance(repeats, Node) else repeats
    positions = np.repeat(np.arange(input.shape[axis(dim, input.ndim)]), counts)
    return index_select(input, dim, input.fresh(positions))
