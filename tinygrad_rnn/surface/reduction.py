"""Functions that reduce axes or work along them: sums, extremes, norms, softmax, running sums, order."""

from __future__ import annotations

import builtins
import math
import warnings
from typing import Any, overload

from ..engine.graph import Node
from ..engine.primitive import Primitive
from ..numbers import dtypes
from ..ops import comparison, elementwise, reduction
from .arguments import Dim, as_dtype, axes, axis, counted, flexible, real, settled
from .arrays import Extremes
from .forms import also
from .indexing import gather
from .shaping import narrow, reshape, squeeze
from .tensor import Tensor

# Sums and products


def sum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum over the axes ``dim``, or over all; integers and truth values are summed as int64."""
    return as_dtype(reduction.sum(counted(input, dtype), dim=axes(dim, input.ndim), keepdim=keepdim), dtype)


def nansum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum of the entries that are not NaN."""
    return sum(elementwise.where(comparison.isnan(input), 0, input), dim, keepdim, dtype=dtype)


def mean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean over the axes ``dim``, or over all.

    Raises:
        RuntimeError: for integers and truth values.
    """
    return reduction.mean(real(as_dtype(input, dtype), "mean"), dim=axes(dim, input.ndim), keepdim=keepdim)


def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The product over an axis, or of all entries."""
    input = counted(input, dtype)
    if dim is None:
        return reduction.prod(reshape(input, -1), dim=0, keepdim=False)
    along = axis(dim, input.ndim)
    return reduction.prod(flexible(input), dim=along, keepdim=keepdim and input.ndim > 0)


def var(
    input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> Tensor:
    """The variance, sum (x - mean)^2 / (n - correction), where ``correction`` is 1, or 0 with unbiased=False."""
    deviation, dims, free = _deviation(input, dim, unbiased, correction)
    return reduction.sum(deviation * deviation, dim=dims, keepdim=keepdim) / free


def std(
    input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None
) -> Tensor:
    """The standard deviation, the square root of ``var``; its derivative at 0 is 0."""
    deviation, dims, free = _deviation(input, dim, unbiased, correction)
    return reduction.norm(deviation, dim=dims, keepdim=keepdim) / math.sqrt(free)


def _deviation(input: Tensor, dim: Any, unbiased: bool, correction: float | None) -> tuple[Tensor, Any, float]:
    """x - mean, the axes, and n - correction."""
    if isinstance(dim, bool):  # var(x, False) is PyTorch's older spelling of var(x, unbiased=False)
        dim, unbiased = None, dim
    dims = axes(dim, input.ndim)
    count = math.prod(input.shape if dims is None else [input.shape[i] for i in dims])
    free = count - (int(unbiased) if correction is None else correction)
    if free <= 0:
        warnings.warn(
            f"the variance of {count} numbers with correction {count - free} is not defined (n - correction <= 0); the "
            "result is NaN or infinite; use correction=0",
            stacklevel=4,
        )
    return input - mean(input, dim, keepdim=True), dims, builtins.max(free, 0)


def norm(input: Tensor, p: Any = "fro", dim: Dim = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    """(sum |x|^p)^(1/p): the Euclidean norm for p = 2 ("fro"), the largest |x| for p = inf; its derivative at 0 is 0.

    Raises:
        RuntimeError: for integers, and for a p that is neither a number nor "fro".
    """
    input, dims = real(as_dtype(input, dtype), "norm"), axes(dim, input.ndim)
    kept: dict[str, Any] = {"dim": dims, "keepdim": keepdim}
    if p in ("fro", 2, None):
        return reduction.norm(input, **kept)
    if isinstance(p, str):
        raise RuntimeError(f"norm supports p='fro' and numbers, got {p!r}; math.inf gives the largest absolute value")
    size = elementwise.abs(input)
    if p == 0:
        return reduction.sum(elementwise.where(comparison.ne(input, 0), 1.0, elementwise.sign(size)), **kept)
    if p == 1:
        return reduction.sum(size, **kept)
    if math.isinf(p):
        return amax(size, dim, keepdim) if p > 0 else amin(size, dim, keepdim)
    return reduction.power_norm(input, p=p, **kept)


def logsumexp(input: Tensor, dim: Dim, keepdim: bool = False) -> Tensor:
    """log sum exp(x) over the axes ``dim``, without overflow."""
    input = input if input.dtype.kind == "f" else input * 1.0
    return reduction.logsumexp(input, dim=axes(dim, input.ndim), keepdim=keepdim)


def any(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether some entry is not 0."""
    return _as_mask(comparison.any(input, dim=axes(dim, input.ndim), keepdim=keepdim), input)


def all(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether no entry is 0."""
    return _as_mask(comparison.all(input, dim=axes(dim, input.ndim), keepdim=keepdim), input)


def _as_mask(truth: Tensor, of: Tensor) -> Tensor:
    return truth.type_as(of) if of.dtype == dtypes.uint8 else truth  # bytes were masks once


# Extremes and order


def _not_empty(input: Tensor, dims: tuple[int, ...] | None, name: str) -> None:
    if 0 in (input.shape if dims is None else [input.shape[i] for i in dims]):
        raise RuntimeError(f"{name} of nothing: the tensor of shape {tuple(input.shape)} has no entries to compare")


def amax(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """The largest entry over the axes ``dim``; ties share the gradient evenly."""
    return _over(reduction.amax, input, dim, keepdim)


def amin(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """The smallest entry over the axes ``dim``; ties share the gradient evenly."""
    return _over(reduction.amin, input, dim, keepdim)


def _over(extreme: Primitive, input: Tensor, dim: Dim, keepdim: bool) -> Tensor:
    dims = axes(dim, input.ndim)
    _not_empty(input, dims, extreme.name)
    return extreme(input, dim=dims, keepdim=keepdim)


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Where the largest entry stands, the first if there are several; without ``dim`` in the flattened tensor."""
    return _position(input, dim, keepdim, comparison.argmax)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Where the smallest entry stands, the first if there are several; without ``dim`` in the flattened tensor."""
    return _position(input, dim, keepdim, comparison.argmin)


def _position(input: Tensor, dim: int | None, keepdim: bool, locate: Primitive) -> Tensor:
    along = None if dim is None else axis(dim, input.ndim)
    _not_empty(flexible(input), None if along is None else (along,), locate.name)
    if not input.ndim:
        return locate(input, dim=None, keepdim=False)
    return locate(input, dim=along, keepdim=keepdim)


@overload
def max(input: Tensor, dim: None = None, keepdim: bool = False) -> Tensor: ...
@overload
def max(input: Tensor, dim: int, keepdim: bool = False) -> Extremes[Tensor]: ...
@overload
def max(input: Tensor, dim: Tensor) -> Tensor: ...
def max(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The largest entry; along an axis, (values, indices); with a second tensor, the elementwise maximum."""
    return _extreme(input, dim, keepdim, amax, elementwise.maximum, argmax)


@overload
def min(input: Tensor, dim: None = None, keepdim: bool = False) -> Tensor: ...
@overload
def min(input: Tensor, dim: int, keepdim: bool = False) -> Extremes[Tensor]: ...
@overload
def min(input: Tensor, dim: Tensor) -> Tensor: ...
def min(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest entry; along an axis, (values, indices); with a second tensor, the elementwise minimum."""
    return _extreme(input, dim, keepdim, amin, elementwise.minimum, argmin)


def _extreme(input: Tensor, dim: Any, keepdim: bool, reduce: Any, pairwise: Any, locate: Any) -> Any:
    if dim is None:
        return reduce(input)
    if isinstance(dim, Node):
        return pairwise(input, dim)
    indices = locate(input, dim, keepdim=True)
    values = input.gather(dim, indices)
    whole = keepdim or not input.ndim
    return Extremes(values, indices) if whole else Extremes(squeeze(values, dim), squeeze(indices, dim))


def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """The positions along ``dim`` in the order of their entries; equal entries always keep their order."""
    order = comparison.argsort(flexible(input), dim=axis(dim, input.ndim), descending=descending)
    return settled(order, input.shape)


def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Extremes[Tensor]:
    """(values, indices) along ``dim`` in order; equal entries always keep their order, NaN counts as the largest."""
    order = argsort(input, dim, descending)
    return Extremes(gather(input, dim, order), order)


def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Extremes[Tensor]:
    """The ``k`` largest (or smallest) entries along ``dim`` and where they stand, the most extreme first.

    Raises:
        RuntimeError: if there are fewer than ``k``.
    """
    wide = flexible(input)
    along = axis(dim, input.ndim)
    if not 0 <= k <= wide.shape[along]:
        raise RuntimeError(f"topk cannot take {k} of the {wide.shape[along]} entries along axis {along}")
    order = narrow(argsort(wide, along, descending=largest), along, 0, k).contiguous()
    order = order if input.ndim or k == 0 else settled(order, ())
    return Extremes(gather(input, along, order), order)


# Along an axis


def softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """exp(x) / sum exp(x) along ``dim``, without overflow."""
    return _along(reduction.softmax, real(as_dtype(input, dtype), "softmax"), dim)


def log_softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """log softmax(x) along ``dim``, without overflow."""
    return _along(reduction.log_softmax, real(as_dtype(input, dtype), "log_softmax"), dim)


@also(inplace=True)
def cumsum(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """Running sums along ``dim``."""
    return _along(reduction.cumsum, counted(input, dtype), dim)


@also(inplace=True)
def cumprod(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """Running products along ``dim``."""
    return _along(reduction.cumprod, counted(input, dtype), dim)


def _along(primitive: Primitive, input: Any, dim: int) -> Tensor:
    # of a single number a copy, which stays as it is when the result is written into the input
    wide = input if input.ndim else flexible(input.clone())
    return settled(primitive(wide, dim=axis(dim, input.ndim)), input.shape)
