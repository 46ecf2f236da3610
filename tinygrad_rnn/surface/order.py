"""Functions of order and spread: medians and quantiles, running extremes, places in what is sorted, histograms."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..ops import comparison, elementwise, reduction, shaping
from .arguments import Dim, axis, flexible, real
from .arrays import Extremes, Histogram
from .forms import also
from .indexing import gather
from .joining import cat
from .reduction import amax, amin, mean, nansum, norm, std, sum, var
from .shaping import movedim, narrow, reshape, squeeze
from .tensor import Tensor

# One entry of many


def _picked(input: Tensor, dim: int, keepdim: bool, places: Any) -> Extremes[Tensor]:
    """The entries at these places of the order along an axis: one place for each slice, the axis kept with size 1."""
    x, along = flexible(input), axis(dim, input.ndim)
    order = np.argsort(x.array, axis=along, kind="stable")
    indices = input.fresh(np.take_along_axis(order, np.broadcast_to(places, _one(x, along)), along))
    values = gather(x, along, indices)
    kept = keepdim and input.ndim
    return Extremes(values, indices) if kept else Extremes(squeeze(values, along), squeeze(indices, along))


def _one(x: Tensor, along: int) -> tuple[int, ...]:
    return (*x.shape[:along], 1, *x.shape[along + 1 :])


def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Extremes[Tensor]:
    """(values, indices) of the ``k``-th smallest entry along ``dim``, counted from 1; NaN counts as the largest.

    Raises:
        RuntimeError: if there are fewer than ``k``.
    """
    size = flexible(input).shape[axis(dim, input.ndim)]
    if not 1 <= k <= size:
        raise RuntimeError(f"kthvalue counts from 1 to {size}, the entries along axis {dim}, got k={k}")
    return _picked(input, dim, keepdim, k - 1)


def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The entry in the middle, of two the lower one, NaN if there is one; along an axis (values, indices).

    Raises:
        RuntimeError: if there are no entries along the axis.
    """
    return _median(input, dim, keepdim, ignoring=False)


def nanmedian(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """As ``median``, of the entries that are not NaN."""
    return _median(input, dim, keepdim, ignoring=True)


def _median(input: Tensor, dim: int | None, keepdim: bool, ignoring: bool) -> Any:
    if dim is None:
        if not input.numel():
            return input.fresh(np.array(np.nan, input.dtype))
        flat = reshape(input, -1)
        middle = _median(flat.detach(), 0, False, ignoring).values
        if input.dtype.kind != "f":
            return middle
        same = comparison.eq(flat, middle) | (comparison.isnan(flat) & comparison.isnan(middle))
        return amax(elementwise.where(same, flat, -math.inf))  # equal entries share the gradient
    x, along = flexible(input), axis(dim, input.ndim)
    size = x.shape[along]
    if not size:
        raise RuntimeError(f"the median of nothing: shape {tuple(input.shape)} has no entries along axis {along}")
    numbers = size - np.isnan(x.array).sum(axis=along, keepdims=True)
    middle_of_all = np.maximum(numbers - 1, 0) // 2
    return _picked(
        input, dim, keepdim, middle_of_all if ignoring else np.where(numbers == size, middle_of_all, numbers)
    )


def quantile(
    input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """The number below which a part ``q`` of the entries lies, between two of them by ``interpolation``; NaN for NaN.

    Args:
        q: a number from 0 to 1, or a vector of such, which is the first axis of the result then.
        interpolation: "linear", "lower", "higher", "nearest" or "midpoint".

    Raises:
        RuntimeError: for anything else, and if there are no entries.
    """
    return _quantile(input, q, dim, keepdim, interpolation, ignoring=False)


def nanquantile(
    input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """As ``quantile``, of the entries that are not NaN."""
    return _quantile(input, q, dim, keepdim, interpolation, ignoring=True)


_BETWEEN: dict[str, Callable[[Any], Any]] = {
    "linear": lambda rank: rank,
    "lower": np.floor,
    "higher": np.ceil,
    "nearest": np.round,
    "midpoint": lambda rank: (np.floor(rank) + np.ceil(rank)) / 2,
}


def _quantile(input: Tensor, q: Any, dim: int | None, keepdim: bool, interpolation: str, ignoring: bool) -> Tensor:
    parts = np.asarray(q.array if isinstance(q, Tensor) else q, real(input, "quantile").dtype)
    if isinstance(q, Tensor) and q.dtype != input.dtype:
        raise RuntimeError(f"quantile needs q in the input's type {input.dtype}, got {q.dtype}")
    if parts.ndim > 1 or interpolation not in _BETWEEN or not ((parts >= 0) & (parts <= 1)).all() or not input.numel():
        raise RuntimeError(
            f"quantile needs entries, numbers q from 0 to 1 and an interpolation of {', '.join(_BETWEEN)}; got shape "
            f"{tuple(input.shape)}, q={q} and {interpolation!r}"
        )
    x = reshape(input, -1) if dim is None else movedim(flexible(input), dim, -1)
    order = np.argsort(x.array, axis=-1, kind="stable")
    numbers = (~np.isnan(x.array)).sum(axis=-1, keepdims=True)
    size = x.shape[-1]
    rank = _BETWEEN[interpolation](parts.reshape(-1) * np.maximum((numbers if ignoring else size) - 1, 0))
    whole = numbers if ignoring else np.where(numbers == size, size, 0)
    rank = np.where(whole == 0, size - 1, rank)  # NaN stands at the end
    lower = np.floor(rank).astype(np.int64)
    upper = np.ceil(rank).astype(np.int64)
    low, high = (gather(x, -1, input.fresh(np.take_along_axis(order, each, -1))) for each in (lower, upper))
    weight: Any = (rank - lower).astype(input.dtype)
    if isinstance(q, Tensor) and interpolation == "linear":
        weight = elementwise.where(weight == 0, weight, reshape(q, -1) * (numbers - 1).astype(input.dtype) - lower)
    between = elementwise.where(weight < 0.5, low + (high - low) * weight, high - (high - low) * (1 - weight))
    found = movedim(elementwise.where(comparison.eq(low, high) | comparison.isnan(low), low, between), -1, 0)
    rest = [1] * input.ndim if dim is None else [*flexible(input).shape]
    if dim is not None:
        rest[axis(dim, input.ndim)] = 1
    kept = [size for i, size in enumerate(rest) if keepdim or not (dim is None or i == axis(dim, input.ndim))]
    return reshape(found, (*parts.shape, *(kept if input.ndim else ())))


# Along an axis


def cummax(input: Tensor, dim: int) -> Extremes[Tensor]:
    """(values, indices) of the largest entry so far along ``dim``, of equal ones the last."""
    return _so_far(input, dim, np.maximum)


def cummin(input: Tensor, dim: int) -> Extremes[Tensor]:
    """(values, indices) of the smallest entry so far along ``dim``, of equal ones the last."""
    return _so_far(input, dim, np.minimum)


def _so_far(input: Tensor, dim: int, extreme: Any) -> Extremes[Tensor]:
    x, along = flexible(input), axis(dim, input.ndim)
    shape = [1] * x.ndim
    shape[along] = -1
    attained = (x.array == extreme.accumulate(x.array, axis=along)) | (x.array != x.array)
    places = np.where(attained, np.arange(x.shape[along]).reshape(shape), 0)
    indices = input.fresh(np.maximum.accumulate(places, axis=along).reshape(input.shape))
    return Extremes(gather(input, dim, indices), indices)


def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """Running log sum exp along ``dim``, without overflow."""
    result = reduction.logcumsumexp(flexible(real(input, "logcumsumexp")), dim=axis(dim, input.ndim))
    return result if input.ndim else reshape(result, ())


def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    """Each entry along ``dim`` minus the one before it, ``n`` times over; of truth values where they change.

    Raises:
        RuntimeError: for a single number, and a negative ``n``.
    """
    if not input.ndim or n < 0:
        raise RuntimeError(f"diff needs an axis and n of at least 0, got shape {tuple(input.shape)} and n={n}")
    along = axis(dim, input.ndim)
    ends = [each for each in (prepend, input, append) if each is not None]
    made = cat(ends, dim=along) if len(ends) > 1 and n else input
    for _ in range(min(n, made.shape[along])):  # of which nothing is left then
        rest = max(made.shape[along] - 1, 0)
        later, before = narrow(made, along, made.shape[along] - rest, rest), narrow(made, along, 0, rest)
        made = comparison.ne(later, before) if made.dtype.kind == "b" else later - before
    return made if n else input.clone()


# Spread


@also(method=False)
def std_mean(
    input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> tuple[Tensor, Tensor]:
    """``std`` and ``mean``."""
    dims = None if isinstance(dim, bool) else dim
    return std(input, dim, unbiased, keepdim, correction=correction), mean(input, dims, keepdim)


@also(method=False)
def var_mean(
    input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> tuple[Tensor, Tensor]:
    """``var`` and ``mean``."""
    dims = None if isinstance(dim, bool) else dim
    return var(input, dim, unbiased, keepdim, correction=correction), mean(input, dims, keepdim)


def nanmean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean of the entries that are not NaN."""
    numbers = sum(comparison.eq(input, input), dim, keepdim)
    return nansum(real(input, "nanmean"), dim, keepdim, dtype=dtype) / numbers


def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The p-norm of the difference."""
    return norm(input - other, p)


def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str | None = None) -> Tensor:
    """The p-norm of the difference of every row of ``x1`` (..., n, d) and of ``x2`` (..., m, d): (..., n, m)."""
    return norm(shaping.unsqueeze(x1, dim=x1.ndim - 1) - shaping.unsqueeze(x2, dim=x2.ndim - 2), p, -1)


def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """``amin`` and ``amax``."""
    return amin(input, dim, keepdim), amax(input, dim, keepdim)


def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """How many entries lie in each of ``bins`` equal parts from ``min`` to ``max``, by default of all there is.

    Raises:
        RuntimeError: for numbers that span no range, and fewer than one part.
    """
    low, high = (min, max) if min != max or not input.numel() else (float(input.array.min()), float(input.array.max()))
    if not low <= high or not math.isfinite(high - low) or bins < 1:
        raise RuntimeError(f"histc needs at least one bin and a finite range, got bins={bins} from {low} to {high}")
    counts, _ = np.histogram(real(input, "histc").array, bins, (low, high) if low < high else (low - 1, high + 1))
    return input.fresh(counts.astype(input.dtype))


def histogram(
    input: Tensor, bins: Any, *, range: tuple[float, float] | None = None, weight: Any = None, density: bool = False
) -> Histogram[Tensor]:
    """(hist, bin_edges): how many entries (or the sum of their weights) lie between each edge and the next.

    Args:
        bins: into how many equal parts the range is divided, or the edges themselves.
        range: from where to where; by default all there is.
        weight: how much each entry counts.
        density: whether the areas are to add up to 1.
    """
    given = bins.array if isinstance(bins, Tensor) else bins
    kept = None if weight is None else weight.array
    counts, edges = np.histogram(real(input, "histogram").array, given, range, density, kept)
    return Histogram(input.fresh(counts.astype(input.dtype)), input.fresh(edges.astype(input.dtype)))


# Places in what is sorted


def searchsorted(
    sorted_sequence: Any, input: Any, *, out_int32: bool = False, right: bool = False, side: str | None = None,
    sorter: Any = None,
) -> Tensor:  # fmt: skip
    """Where entries would stand in a rising sequence, the last axis: before equal ones, or after them with ``right``.

    Raises:
        RuntimeError: if the other axes differ, or ``side`` and ``right`` say different things.
    """
    if side not in (None, "left", "right") or (side == "left" and right):
        raise RuntimeError(f"side is 'left' or 'right' and says what right= says, got {side!r} and right={right}")
    rising = sorted_sequence.array
    if sorter is not None:
        rising = np.take_along_axis(rising, sorter.array, -1)
    wanted = np.asarray(input.array if isinstance(input, Tensor) else input)
    where_equal: Any = "right" if right or side == "right" else "left"
    if rising.ndim == 1:
        places = np.searchsorted(rising, wanted, where_equal)
    elif rising.shape[:-1] != wanted.shape[:-1]:
        raise RuntimeError(
            f"searchsorted needs one sequence for all, or the axes of the input but the last; got {rising.shape} for "
            f"{wanted.shape}"
        )
    else:
        rows = zip(*(x.reshape(math.prod(x.shape[:-1]), x.shape[-1]) for x in (rising, wanted)), strict=True)
        places = np.array([np.searchsorted(row, each, where_equal) for row, each in rows], np.int64).reshape(
            wanted.shape
        )
    found: Tensor = sorted_sequence.fresh(np.asarray(places, np.int32 if out_int32 else np.int64))
    return found


@also(method=False)
def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """Between which of the rising ``boundaries`` each entry lies, see ``searchsorted``."""
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Where an entry is one of ``test_elements``, or with ``invert`` none of them."""
    tensor = elements if isinstance(elements, Tensor) else test_elements
    wanted, known = (each.array if isinstance(each, Tensor) else each for each in (elements, test_elements))
    found: Tensor = tensor.fresh(np.asarray(np.isin(wanted, known, invert=invert)))
    return found
