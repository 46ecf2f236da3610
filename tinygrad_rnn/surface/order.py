"""Functions of order and spread: medians and quantiles, running extremes, distances, places in what is sorted."""

from __future__ import annotations

import builtins
import math
from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.modes import goes_by_data
from ..ops import comparison, elementwise, reduction
from .arguments import Dim, axes, axis, flexible, real, settled
from .arrays import Extremes
from .counting import nonzero
from .elementwise import where
from .forms import also
from .indexing import gather
from .joining import cat
from .reduction import amax, amin, cumsum, mean, nansum, norm, sort, std, sum, topk, var
from .shaping import movedim, reshape, roll, unsqueeze
from .tensor import Tensor

_Range = namedtuple("_Range", ["min", "max"])
_Histogram = namedtuple("_Histogram", ["hist", "bin_edges"])

# One entry of many, or one between two


def _chosen(input: Tensor, dim: int, keepdim: bool, places: Callable[[Any], Any]) -> Extremes[Tensor]:
    """What stands at one place of the order along an axis: ``places`` of the sorted entries, whose last axis it is."""
    goes_by_data("an order", input)
    along = axis(dim, input.ndim)
    ordered = sort(flexible(input), along)
    if not ordered.values.shape[along]:
        raise RuntimeError(
            f"shape {tuple(input.shape)} has no entries along axis {along}, of which one was to be chosen"
        )
    place = input.fresh(np.moveaxis(places(np.moveaxis(ordered.values.array, along, -1)), -1, along))
    return _without(Extremes(*(gather(each, along, place) for each in ordered)), input, along, keepdim)


def _without(found: Extremes[Tensor], input: Tensor, dim: int, keepdim: bool) -> Extremes[Tensor]:
    """What was found along an axis of ``input``, or of the vector that it is taken for, in the shape it is given."""
    shape = list(found.values.shape)
    if not (keepdim and input.ndim):
        del shape[dim]
    return Extremes(*(settled(each, shape) for each in found))


def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Extremes[Tensor]:
    """(values, indices) of the ``k``-th smallest entry along ``dim``, counted from 1; NaN counts as the largest."""
    along, smallest = axis(dim, input.ndim), topk(input, k, dim, largest=False)
    last = Extremes(*(flexible(each).narrow(along, k - 1, 1) for each in smallest))
    return _without(last, input, along, keepdim)


def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> Extremes[Tensor]:
    """(values, indices) of what is there most often along ``dim``: of several the smallest, where it stands last."""

    def longest(x: Any) -> Any:
        places = np.arange(x.shape[-1])
        begins = np.where(x == np.roll(x, 1, -1), 0, places)
        return np.argmax(places - np.maximum.accumulate(begins, -1), axis=-1, keepdims=True)

    return _chosen(input, dim, keepdim, longest)


def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The entry in the middle, of two the lower one, NaN if there is one; along an axis (values, indices)."""
    return _median(input, dim, keepdim, ignoring=False)


def nanmedian(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """As ``median``, of the entries that are not NaN."""
    return _median(input, dim, keepdim, ignoring=True)


def _median(input: Tensor, dim: int | None, keepdim: bool, ignoring: bool) -> Any:
    def middle(x: Any) -> Any:
        numbers = (x == x).sum(-1, keepdims=True)
        return np.where(ignoring | (numbers == x.shape[-1]), np.maximum(numbers - 1, 0) // 2, numbers)

    if dim is not None:
        return _chosen(input, dim, keepdim, middle)
    if not input.numel():
        return input.fresh(np.full_like(input.array, math.nan, shape=()))
    found = _chosen(reshape(input, -1), 0, False, middle).values
    same = (input == found) | ((input != input) & (found != found))  # equal entries share the gradient
    return amax(where(same, input, -math.inf)) if input.dtype.kind == "f" else found


_BETWEEN: dict[str, Callable[[Any], Any]] = {
    "linear": lambda rank: rank,
    "lower": elementwise.floor,
    "higher": elementwise.ceil,
    "nearest": lambda rank: elementwise.round(rank, decimals=0),
    "midpoint": lambda rank: (elementwise.floor(rank) + elementwise.ceil(rank)) / 2,
}


def quantile(
    input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """The number below which a part ``q`` of the entries lies, NaN if there is one.

    Args:
        q: a number from 0 to 1, or a vector of such, which is the first axis of the result then.
        interpolation: which number between two entries, "linear", "lower", "higher", "nearest" or "midpoint".

    Raises:
        RuntimeError: for anything else, and if there are no entries.
    """
    return _quantile(input, q, dim, keepdim, interpolation, ignoring=False)


def nanquantile(
    input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """As ``quantile``, of the entries that are not NaN."""
    return _quantile(input, q, dim, keepdim, interpolation, ignoring=True)


def _quantile(input: Tensor, q: Any, dim: int | None, keepdim: bool, interpolation: str, ignoring: bool) -> Tensor:
    """Each entry counts by how near its place in the order is to the wanted one, if it is less than 1 away."""
    parts: Tensor = q if isinstance(q, Tensor) else input.fresh(np.asarray(q, real(input, "quantile").dtype))
    if (
        interpolation not in _BETWEEN or not input.numel() or input.dtype.itemsize < 4 or parts.dtype != input.dtype
        or parts.ndim > 1 or not ((parts.array >= 0) & (parts.array <= 1)).all()
    ):  # fmt: skip
        raise RuntimeError(
            f"quantile takes float32 or float64, q from 0 to 1 of the same, and an interpolation of {[*_BETWEEN]}; "
            f"got {input.dtype} of shape {tuple(input.shape)}, {q=} and {interpolation!r}"
        )
    goes_by_data("a quantile", input)
    x = sort(reshape(input, -1) if dim is None else movedim(flexible(input), dim, -1)).values
    size, numbers = x.shape[-1], (x.array == x.array).sum(-1, keepdims=True)
    last = np.maximum((numbers if ignoring else size) - 1, 0).astype(x.dtype)
    rank = _BETWEEN[interpolation](reshape(parts, -1) * last)
    rank = where(input.fresh(ignoring | (numbers == size)), rank, size - 1)  # NaN stands at the end
    near = (1 - abs(unsqueeze(rank, -1) - np.arange(size, dtype=x.dtype))).clamp(min=0)
    found = movedim(where(near > 0, unsqueeze(x, -2) * near, 0).sum(-1), -1, 0)
    if keepdim:
        found = reshape(found, (-1, *[1] * input.ndim)) if dim is None else unsqueeze(found, axis(dim, input.ndim) + 1)
    return settled(found, (*parts.shape, *(found.shape[1:] if input.ndim else ())))


def msort(input: Tensor) -> Tensor:
    """In order along the first axis."""
    return sort(input, 0).values


# Along an axis


def cummax(input: Tensor, dim: int) -> Extremes[Tensor]:
    """(values, indices) of the largest entry so far along ``dim``, of equal ones the last."""
    return _so_far(input, dim, np.maximum)


def cummin(input: Tensor, dim: int) -> Extremes[Tensor]:
    """(values, indices) of the smallest entry so far along ``dim``, of equal ones the last."""
    return _so_far(input, dim, np.minimum)


def _so_far(input: Tensor, dim: int, extreme: Any) -> Extremes[Tensor]:
    goes_by_data("an order", input)
    x = np.moveaxis(flexible(input).array, axis(dim, input.ndim), -1)
    attained = (x == extreme.accumulate(x, axis=-1)) | (x != x)
    places = np.maximum.accumulate(np.where(attained, np.arange(x.shape[-1]), 0), axis=-1)
    indices = input.fresh(np.moveaxis(places, -1, axis(dim, input.ndim)).reshape(input.shape))
    return Extremes(gather(input, dim, indices), indices)


def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """Running log sum exp along ``dim``, without overflow: of exp(x - m), where m is the largest entry so far."""
    x, along = flexible(real(input, "logcumsumexp")), axis(dim, input.ndim)
    largest = cummax(x, along).values
    largest = where(comparison.isfinite(largest), largest, 0.0)
    shrunk = elementwise.exp((roll(largest, 1, along) - largest).clamp(max=0))  # of which the first is not used
    found: Tensor = elementwise.log(reduction.recurrence(shrunk, elementwise.exp(x - largest), dim=along)) + largest
    return settled(found, input.shape)


def diff(input: Tensor, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Tensor:
    """Each entry along ``dim`` minus the one before it, ``n`` times over; of truth values where they change."""
    if not input.ndim or n < 0:
        raise RuntimeError(f"diff needs an axis and n of at least 0, got shape {tuple(input.shape)} and n={n}")
    made = cat([each for each in (prepend, input, append) if each is not None], dim) if n else input.clone()
    front = (slice(None),) * axis(dim, input.ndim)
    for _ in range(min(n, made.shape[dim])):  # of which nothing is left then
        later, before = made[(*front, slice(1, None))], made[(*front, slice(None, -1))]
        made = later ^ before if made.dtype.kind == "b" else later - before
    return made


@also("trapz")
def trapezoid(y: Tensor, x: Any = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """The integral along ``dim`` by the trapezoidal rule, over the places ``x``, or at distances ``dx``."""
    return sum(_trapezoids(y, x, dx, dim), dim)


def cumulative_trapezoid(y: Tensor, x: Any = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """The integral up to each place but the first, see ``trapezoid``."""
    return cumsum(_trapezoids(y, x, dx, dim), dim)


def _trapezoids(y: Tensor, x: Any, dx: float, dim: int) -> Tensor:
    along, size = axis(dim, y.ndim), y.shape[dim] if y.ndim else 0
    if not y.ndim or (isinstance(x, Tensor) and x.shape[-1 if x.ndim == 1 else dim] != size):
        raise RuntimeError(f"trapezoid needs an axis and as many places, got shape {tuple(y.shape)} and x={x}")
    wide: Any = dx
    if x is not None:
        wide = diff(reshape(x, (-1, *[1] * (y.ndim - along - 1))) if x.ndim == 1 else x, dim=along - y.ndim)
    areas: Tensor = wide * (y.narrow(along, 1, size - 1) + y.narrow(along, 0, size - 1)) / 2
    return areas


@also(method=False)
def gradient(input: Tensor, *, spacing: Any = 1, dim: Dim = None, edge_order: int = 1) -> list[Tensor]:
    """Slopes along each axis of ``dim``, by default along all, from what is at both sides.

    Inside it is the slope of the parabola through an entry and both neighbours, (x[i + 1] - x[i - 1]) / (2 h) where all
    are h apart. At the ends it is that of the line to the neighbour, or of the parabola with ``edge_order=2``.

    Args:
        spacing: how far entries are apart: a number for all axes, or for each axis a number or a vector of places.

    Raises:
        RuntimeError: if an axis is shorter than ``edge_order + 1``, or ``spacing`` does not fit.
    """
    along = axes(dim, input.ndim) or tuple(range(input.ndim))
    apart = spacing if isinstance(spacing, Sequence) else [1 if spacing is None else spacing] * len(along)
    if len(apart) != len(along) or edge_order not in (1, 2) or not along:
        raise RuntimeError(f"gradient takes a spacing for each of {len(along)} axes, and edge_order 1 or 2")
    return [_slopes(input, each, h, edge_order) for each, h in zip(along, apart, strict=True)]


def _slopes(input: Tensor, dim: int, apart: Any, edge_order: int) -> Tensor:
    x = input.movedim(dim, -1)
    count = x.shape[-1]
    if count <= edge_order or getattr(apart, "shape", (count,)) != (count,):
        raise RuntimeError(
            f"gradient needs an axis longer than {edge_order} and as many places, got shape {input.shape}"
        )
    if isinstance(apart, Tensor):
        h = diff(apart)
        lines = diff(x) / h
        inside = (lines[..., :-1] * h[1:] + lines[..., 1:] * h[:-1]) / (h[1:] + h[:-1])
    else:
        lines, inside = diff(x) / apart, (x[..., 2:] - x[..., :-2]) / (2 * apart)
    first, last = lines[..., :1], lines[..., -1:]
    if edge_order == 2:
        first, last = 2 * first - inside[..., :1], 2 * last - inside[..., -1:]
    return cat([first, inside, last], -1).movedim(-1, dim)


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
    one: Any = elementwise.nothing(real(input, "nanmean")) + 1.0
    return nansum(input, dim, keepdim, dtype=dtype) / sum(where(input == input, one, 0.0), dim, keepdim)


def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """(min, max): ``amin`` and ``amax``."""
    return _Range(amin(input, dim, keepdim), amax(input, dim, keepdim))


def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The p-norm of the difference."""
    return norm(input - other, p)


def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str | None = None) -> Tensor:
    """The p-norm of the difference of every row of ``x1`` (..., n, d) and of ``x2`` (..., m, d): (..., n, m)."""
    return norm(unsqueeze(x1, -2) - unsqueeze(x2, -3), p, -1)


@also(method=False)
def pdist(input: Tensor, p: float = 2) -> Tensor:
    """The p-norms of the differences of every two rows of a matrix (n, d), the earlier first: n (n - 1) / 2."""
    if input.ndim != 2:
        raise RuntimeError(f"pdist takes the rows of a matrix, got shape {tuple(input.shape)}")
    first, second = np.triu_indices(len(input), 1)
    return norm(input[first] - input[second], p, -1)


@also(inplace=True)
def renorm(input: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    """Slices along ``dim`` whose p-norm is over ``maxnorm`` shortened to it."""
    if input.ndim < 2 or p <= 0 or maxnorm < 0:
        raise RuntimeError(
            f"renorm takes two axes or more, p above 0 and a norm of at least 0, got shape {tuple(input.shape)}, "
            f"{p=} and {maxnorm=}"
        )
    others = tuple(each for each in builtins.range(input.ndim) if each != axis(dim, input.ndim))
    sizes = norm(input, p, others, keepdim=True)
    return input * where(sizes > maxnorm, maxnorm / (sizes + 1e-7), 1.0)


# Places in what is sorted


def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """How many entries lie in each of ``bins`` equal parts from ``min`` to ``max``, by default of all there is."""
    goes_by_data("histc", input)
    x = real(input, "histc").array
    low, high = (min, max) if min != max or not x.size else (float(x.min()), float(x.max()))
    counts, _ = np.histogram(x, bins, (low, high) if low != high else (low - 1, high + 1))
    return input.fresh(counts.astype(x.dtype))


def histogram(
    input: Tensor, bins: Any, *, range: Sequence[float] | None = None, weight: Tensor | None = None,
    density: bool = False,
) -> Any:  # fmt: skip
    """(hist, bin_edges): how many entries, or what weight, lies in each of ``bins`` parts, or between these edges.

    With ``density`` the area of the parts sums to 1.
    """
    hist, edges = histogramdd(reshape(input, (-1, 1)), [bins], range, weight, density)
    return _Histogram(hist, edges[0])


@also(method=False)
def histogramdd(
    input: Tensor, bins: Any, range: Sequence[float] | None = None, weight: Tensor | None = None, density: bool = False
) -> Any:
    """(hist, bin_edges): the histogram of points, (..., axes), by parts of each axis; see ``histogram``."""
    goes_by_data("histogram", input)
    points = real(input, "histogram").array.reshape(-1, input.shape[-1])
    parts = [getattr(each, "array", each) for each in ([bins] * points.shape[1] if isinstance(bins, int) else bins)]
    if any(isinstance(each, np.ndarray) and (np.diff(each) <= 0).any() for each in parts):
        raise RuntimeError("histogram needs edges that rise from each to the next; give bins.sort().values")
    limits: Any = None if range is None else np.reshape(range, (-1, 2))
    heavy = None if weight is None else weight.array.reshape(-1)
    hist, edges = np.histogramdd(points, parts, limits, density, heavy)
    counts, *ends = (input.fresh(each.astype(input.dtype)) for each in (hist, *edges))
    return _Histogram(counts, tuple(ends))


def searchsorted(
    sorted_sequence: Any, input: Any, *, out_int32: bool = False, right: bool = False, side: str | None = None,
    sorter: Any = None,
) -> Tensor:  # fmt: skip
    """Where entries would stand in a rising sequence, the last axis: before equal ones, or after them with ``right``.

    Raises:
        RuntimeError: if the other axes differ, or ``side`` and ``right`` say different things.
    """
    for each in (sorted_sequence, input):
        goes_by_data("searchsorted", each)
    rising, wanted = sorted_sequence.array, np.asarray(getattr(input, "array", input))
    rising = rising if sorter is None else np.take_along_axis(rising, sorter.array, -1)
    apart = rising.ndim > 1 and rising.shape[:-1] != wanted.shape[:-1]
    if apart or side not in (None, "left", "right") or (side == "left" and right):
        raise RuntimeError(
            "searchsorted needs one sequence for all, or the axes of the input but the last, and a side that says what "
            f"right= says; got {rising.shape} for {wanted.shape}, {side=} and {right=}"
        )
    after: Any = "right" if right or side == "right" else "left"
    places = np.empty(wanted.shape, np.int32 if out_int32 else np.int64)
    for row in np.ndindex(rising.shape[:-1]):
        places[row] = np.searchsorted(rising[row], wanted[row], after)
    found: Tensor = sorted_sequence.fresh(places)
    return found


@also(method=False)
def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """Between which of the rising ``boundaries`` each entry lies, see ``searchsorted``."""
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Where an entry is one of ``test_elements``, or with ``invert`` none of them."""
    goes_by_data("isin", elements)
    wanted, known = (getattr(each, "array", each) for each in (elements, test_elements))
    found = np.asarray(np.isin(wanted, known, invert=invert))
    return (elements if isinstance(elements, Tensor) else test_elements).fresh(found)


def argwhere(input: Tensor) -> Tensor:
    """The indices of the entries that are not 0, (count, axes)."""
    return nonzero(input)
