"""Functions that read and write entries by index or by mask."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.graph import Node
from ..numbers import dtypes
from ..ops import elementwise, reduction, shaping
from .arguments import axis, flexible
from .forms import also
from .tensor import Tensor


def _positions(index: Any, size: int, dim: int, name: str) -> Any:
    """The index as an array.

    Raises:
        RuntimeError: if it does not hold integers.
        IndexError: if one of them is not a place on the axis.
    """
    array = np.array(index.array if isinstance(index, Node) else index)
    if array.dtype.kind != "i":
        raise RuntimeError(f"{name} expects an index of integers, got {array.dtype}; use index.long()")
    if array.size and not (array.min() >= 0 and array.max() < size):
        wrong = array[(array < 0) | (array >= size)].flat[0]
        raise IndexError(f"{name}: index {wrong} is out of bounds for axis {dim} of size {size}")
    return array


def _along(input: Tensor, dim: int, index: Any, name: str) -> tuple[Any, ...]:
    """The index arrays that read ``x[i, j, index[i, j, k]]`` for dim = 2."""
    if index.ndim != input.ndim:
        raise RuntimeError(
            f"{name} expects an index with as many axes as the input, got shapes {tuple(index.shape)} and "
            f"{tuple(input.shape)}"
        )
    dim = axis(dim, input.ndim)
    for i, (wanted, size) in enumerate(zip(index.shape, input.shape, strict=True)):
        if i != dim and wanted > size and 0 not in index.shape:
            raise RuntimeError(
                f"{name}: the index of shape {tuple(index.shape)} is larger than the input of shape "
                f"{tuple(input.shape)} along axis {i}, which is not the one it selects from ({dim})"
            )
    places: list[Any] = list(np.ogrid[tuple(slice(size) for size in index.shape)])
    places[dim] = _positions(index, input.shape[dim], dim, name)
    return tuple(places)


def gather(input: Tensor, dim: int, index: Any) -> Tensor:
    """out[i, j] = input[index[i, j], j] for dim = 0: entries picked along one axis.

    Raises:
        RuntimeError: if the shapes do not fit.
        IndexError: if an index is out of bounds (negative ones are).
    """
    result: Tensor = shaping.getitem(flexible(input), index=_along(flexible(input), dim, flexible(index), "gather"))
    return result if index.ndim else shaping.reshape(result, shape=())


def take_along_dim(input: Tensor, indices: Any, dim: int | None = None) -> Tensor:
    """As ``gather`` with the other axes broadcast against each other; without ``dim`` from the flattened input."""
    if dim is None:
        return gather(shaping.reshape(input, shape=(-1,)), 0, shaping.reshape(indices, shape=(-1,)))
    along = axis(dim, input.ndim)
    if indices.ndim != input.ndim:
        raise RuntimeError(f"take_along_dim expects {input.ndim} axes in indices, got shape {tuple(indices.shape)}")
    common = np.broadcast_shapes(*((*x.shape[:along], 1, *x.shape[along + 1 :]) for x in (input, indices)))
    values, where = (
        shaping.broadcast_to(x, shape=(*common[:along], x.shape[along], *common[along + 1 :])) for x in (input, indices)
    )
    return gather(values, along, where + (where < 0) * input.shape[along])


@also(inplace=True)
def scatter_add(input: Tensor, dim: int, index: Any, src: Any) -> Tensor:
    """input[index[i, j], j] += src[i, j] for dim = 0: the transpose of ``gather``, added to ``input``."""
    if not input.ndim:
        return shaping.reshape(scatter_add(flexible(input), dim, flexible(index), flexible(src)), shape=())
    used, places = _scattered(input, dim, index, src, "scatter_add")
    added: Tensor = shaping.put(used, index=places, shape=tuple(input.shape))
    return input + added


@also(inplace=True)
def scatter(
    input: Tensor, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    """input[index[i, j], j] = src[i, j] for dim = 0; ``src`` may be one number, also given as ``value``.

    Raises:
        NotImplementedError: with ``reduce``.
        RuntimeError: if the shapes or types do not fit.
        IndexError: if an index is out of bounds.
    """
    src = value if src is None else src
    if reduce == "add":
        return scatter_add(input, dim, index, src if isinstance(src, Node) else np.full(index.shape, src, input.dtype))
    if reduce is not None:
        raise NotImplementedError(f"scatter replaces, or adds with reduce='add', got reduce={reduce!r}")
    if not input.ndim:
        src = flexible(src) if hasattr(src, "ndim") else src
        return shaping.reshape(scatter(flexible(input), dim, flexible(index), src), shape=())
    used, places = _scattered(input, dim, index, src, "scatter")
    return shaping.setitem(input, used, index=places)


def _scattered(input: Tensor, dim: int, index: Any, src: Any, name: str) -> tuple[Any, tuple[Any, ...]]:
    """The part of ``src`` that is used, and where it goes."""
    places = _along(input, dim, index, name)
    if not hasattr(src, "ndim"):
        return dtypes.fitting(src, input.dtype), places
    if src.dtype != input.dtype:
        raise RuntimeError(f"{name} expects src of the input's type {input.dtype}, got {src.dtype}")
    if src.ndim != index.ndim or any(i > s for i, s in zip(index.shape, src.shape, strict=True)):
        raise RuntimeError(f"{name}: the index of shape {tuple(index.shape)} does not fit src of {tuple(src.shape)}")
    return shaping.getitem(src, index=tuple(slice(size) for size in index.shape)), places


def index_select(input: Tensor, dim: int, index: Any) -> Tensor:
    """The slices of an axis at these positions.

    Raises:
        RuntimeError: if the index is not a vector of integers.
        IndexError: if a position is out of bounds (negative ones are).
    """
    result: Tensor = shaping.getitem(flexible(input), index=_slices(flexible(input), dim, index, "index_select"))
    return result if input.ndim else shaping.reshape(result, shape=())


@also(inplace=True)
def index_add(input: Tensor, dim: int, index: Any, source: Tensor, *, alpha: float = 1) -> Tensor:
    """input with alpha ``source[k]`` added to the slice ``index[k]`` of an axis; repeated positions add up.

    Raises:
        RuntimeError: if the index is not a vector of integers, or the source does not fit.
        IndexError: if a position is out of bounds.
    """
    if not input.ndim:
        return shaping.reshape(index_add(flexible(input), dim, index, flexible(source), alpha=alpha), shape=())
    places = _slices(input, dim, index, "index_add")
    along = len(places) - 1
    expected = (*input.shape[:along], len(places[along]), *input.shape[along + 1 :])
    if tuple(source.shape) != expected or source.dtype != input.dtype:
        raise RuntimeError(
            f"index_add needs a source of {input.dtype} and shape {expected}, got {source.dtype} and "
            f"{tuple(source.shape)}"
        )
    added = shaping.put(source if alpha == 1 else source * alpha, index=places, shape=tuple(input.shape))
    return input + added


def _slices(input: Tensor, dim: int, index: Any, name: str) -> tuple[Any, ...]:
    along = axis(dim, input.ndim)
    if index.ndim > 1:
        raise RuntimeError(f"{name} expects a vector of positions, got shape {tuple(index.shape)}")
    return (slice(None),) * along + (_positions(flexible(index), input.shape[along], along, name),)


@also(inplace=True)
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """``value``, a single number, where ``mask`` holds.

    Raises:
        RuntimeError: if the mask does not hold truth values, the value is not a single number, or a real number is
            to be put among integers.
    """
    array = value.array if isinstance(value, Node) else np.asarray(dtypes.fitting(value, input.dtype))
    if mask.dtype.kind != "b":
        raise RuntimeError(f"masked_fill expects a mask of truth values, got {mask.dtype}; use mask.bool()")
    if array.ndim:
        raise RuntimeError(f"masked_fill fills in a single number, got a tensor of shape {array.shape}; use where")
    if array.dtype.kind == "f" and input.dtype.kind != "f":
        raise RuntimeError(f"masked_fill cannot put the real number {array} into a tensor of {input.dtype}")
    typed = shaping.cast(value if isinstance(value, Node) else input.fresh(array), dtype=input.dtype)
    return elementwise.where(mask, typed, input)


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The entries where ``mask`` holds, as a vector.

    Raises:
        RuntimeError: if the mask does not hold truth values.
    """
    if mask.dtype.kind != "b":
        raise RuntimeError(f"masked_select expects a mask of truth values, got {mask.dtype}; use mask.bool()")
    shape = np.broadcast_shapes(tuple(input.shape), tuple(mask.shape))
    kept = np.array(np.broadcast_to(mask.array if isinstance(mask, Node) else mask, shape))
    return shaping.getitem(shaping.broadcast_to(input, shape=shape), index=kept)


@also(inplace=True)
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """The entries of ``source``, in order, where ``mask`` holds.

    Raises:
        RuntimeError: if there are not enough of them, or the mask does not hold truth values.
    """
    if mask.dtype.kind != "b" or source.dtype != input.dtype:
        raise RuntimeError(
            f"masked_scatter expects a mask of truth values and a source of {input.dtype}, got {mask.dtype} and "
            f"{source.dtype}"
        )
    shape = np.broadcast_shapes(tuple(input.shape), tuple(mask.shape))
    places = np.array(np.broadcast_to(mask.array, shape))
    count = int(places.sum())
    if count > source.array.size:
        raise RuntimeError(f"masked_scatter needs {count} entries in source, got {source.array.size}")
    used = shaping.getitem(shaping.reshape(source, shape=(-1,)), index=slice(0, count))
    return shaping.setitem(shaping.broadcast_to(input, shape=shape), used, index=places)


@also(inplace=True)
def index_copy(input: Tensor, dim: int, index: Any, source: Tensor) -> Tensor:
    """input with ``source[k]`` as the slice ``index[k]`` of an axis.

    Raises:
        RuntimeError: if the index is not a vector of integers, or the source does not fit.
        IndexError: if a position is out of bounds.
    """
    if not input.ndim:
        return shaping.reshape(index_copy(flexible(input), dim, index, flexible(source)), shape=())
    places = _slices(input, dim, index, "index_copy")
    expected = (*input.shape[: len(places) - 1], len(places[-1]), *input.shape[len(places) :])
    if tuple(source.shape) != expected or source.dtype != input.dtype:
        raise RuntimeError(
            f"index_copy needs a source of {input.dtype} and shape {expected}, got {source.dtype} and "
            f"{tuple(source.shape)}"
        )
    return shaping.setitem(input, source, index=places)


@also(inplace=True)
def index_fill(input: Tensor, dim: int, index: Any, value: Any) -> Tensor:
    """input with ``value``, a single number, in the slices ``index`` of an axis.

    Raises:
        RuntimeError: if the index is not a vector of integers, or the value not a single number.
        IndexError: if a position is out of bounds.
    """
    if getattr(value, "ndim", 0):
        raise RuntimeError(f"index_fill fills in a single number, got a tensor of shape {tuple(value.shape)}")
    if not input.ndim:
        return shaping.reshape(index_fill(flexible(input), dim, index, value), shape=())
    filled = value if isinstance(value, Node) else dtypes.fitting(value, input.dtype)
    return shaping.setitem(input, filled, index=_slices(input, dim, index, "index_fill"))


@also(inplace=True)
def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """input with ``input[indices] = values``, or with them added there, repeated places adding up.

    Raises:
        RuntimeError: if the values are of another type.
    """
    places = tuple(slice(None) if each is None else each.array for each in indices)
    if values.dtype != input.dtype:
        raise RuntimeError(f"index_put needs values of the input's type {input.dtype}, got {values.dtype}")
    if not accumulate:
        return shaping.setitem(input, values, index=places)
    wide = shaping.broadcast_to(values, shape=input.array[places].shape)
    added: Tensor = shaping.put(wide, index=places, shape=tuple(input.shape))
    return input + added


@also(inplace=True)
def put(input: Tensor, index: Any, source: Tensor, accumulate: bool = False) -> Tensor:
    """input with ``source`` at places of the flattened input, or with it added there."""
    flat = shaping.reshape(input, shape=(-1,))
    places = _wrapped(index, flat.array.size, "put")
    written = index_put(flat, (places,), shaping.reshape(source, shape=tuple(places.shape)), accumulate)
    return shaping.reshape(written, shape=tuple(input.shape))


def take(input: Tensor, index: Any) -> Tensor:
    """The entries at these places of the flattened input.

    Raises:
        RuntimeError: if the index does not hold integers.
        IndexError: if a place is out of bounds.
    """
    flat = shaping.reshape(input, shape=(-1,))
    return shaping.getitem(flat, index=_wrapped(index, flat.array.size, "take").array)


def _wrapped(index: Tensor, size: int, name: str) -> Tensor:
    """The places counted from the front."""
    places = np.where(index.array < 0, index.array + size, index.array)
    return index.fresh(_positions(places, size, 0, name))


@also(inplace=True)
def scatter_reduce(
    input: Tensor, dim: int, index: Any, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """As ``scatter_add``, with the "sum", "mean", "amax" or "amin" of what comes together at a place.

    Without ``include_self`` the entry of the input counts only where nothing comes.

    Raises:
        NotImplementedError: for another reduction.
        RuntimeError, IndexError: as ``scatter_add``.
    """
    if reduce not in ("sum", "mean", "amax", "amin"):
        raise NotImplementedError(f"scatter_reduce takes 'sum', 'mean', 'amax' and 'amin', got {reduce!r}")
    if not input.ndim:
        wide = scatter_reduce(flexible(input), dim, flexible(index), flexible(src), reduce, include_self=include_self)
        return shaping.reshape(wide, shape=())
    used, places = _scattered(input, dim, index, src, "scatter_reduce")
    counts = shaping.put(np.ones(used.shape, np.int64), index=places, shape=tuple(input.shape))
    if reduce in ("amax", "amin"):
        largest = reduce == "amax"
        if not include_self:
            input = elementwise.where(counts > 0, _beyond(input.dtype, not largest), input)
        extreme: Tensor = reduction.scatter_extreme(input, used, index=places, largest=largest)
        return extreme
    kept = input if include_self else elementwise.where(counts > 0, 0, input)
    total: Tensor = kept + shaping.put(used, index=places, shape=tuple(input.shape))
    if reduce == "sum":
        return shaping.cast(total, dtype=input.dtype) if input.dtype.kind == "b" else total
    numbers = np.maximum(counts + include_self, 1).astype(input.dtype)
    return total / numbers if input.dtype.kind == "f" else elementwise.floor_divide(total, numbers)


def _beyond(dtype: Any, largest: bool) -> Any:
    """What no number of this type is larger, or smaller, than."""
    if dtype.kind == "f":
        return math.inf if largest else -math.inf
    low, high = (False, True) if dtype.kind == "b" else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))
    return high if largest else low
