"""Functions that read and write entries by index or by mask."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.graph import Node
from ..engine.modes import goes_by_data
from ..numbers import dtypes
from ..ops import elementwise, reduction, shaping
from .arguments import axis, flexible, settled
from .forms import also
from .indices import raw
from .tensor import Tensor


def _positions(index: Any, size: int, dim: int, name: str) -> Any:
    """The index as an array of integers, each a place on the axis."""
    array = dtypes.copied(index.array if isinstance(index, Node) else index)
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
    places: list[Any] = list(np.indices(index.shape, sparse=True))
    places[dim] = _positions(index, input.shape[dim], dim, name)
    return tuple(places)


def gather(input: Tensor, dim: int, index: Any) -> Tensor:
    """out[i, j] = input[index[i, j], j] for dim = 0: entries picked along one axis.

    Raises:
        RuntimeError: if the shapes do not fit.
        IndexError: if an index is out of bounds (negative ones are).
    """
    if not index.numel():  # whatever its type and axes, it asks for nothing
        return shaping.getitem(shaping.reshape(input, shape=(-1,)), index=np.zeros(index.shape, np.int64))
    result: Tensor = shaping.getitem(flexible(input), index=_along(flexible(input), dim, flexible(index), "gather"))
    return settled(result, index.shape)


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
        return settled(scatter_add(flexible(input), dim, flexible(index), flexible(src)), ())
    used, places = _scattered(input, dim, index, src, "scatter_add")
    added: Tensor = shaping.put(used, index=places, shape=tuple(input.shape))
    return input + added


@also(inplace=True)
def scatter(
    input: Tensor, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    """input[index[i, j], j] = src[i, j] for dim = 0, or with ``reduce`` "add" or "multiply" += or *= it.

    ``src`` may be one number, also given as ``value``.

    Raises:
        RuntimeError: if the shapes or types do not fit.
        IndexError: if an index is out of bounds.
    """
    src = value if src is None else src
    if reduce is not None:
        src = src if isinstance(src, Node) else input.fresh(np.full(index.shape, src, input.dtype))
        return scatter_reduce(input, dim, index, src, {"add": "sum", "multiply": "prod"}.get(reduce, reduce))
    if not input.ndim:
        src = flexible(src) if hasattr(src, "ndim") else src
        return settled(scatter(flexible(input), dim, flexible(index), src), ())
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
    return result if input.ndim else settled(result, ())


@also(inplace=True)
def index_add(input: Tensor, dim: int, index: Any, source: Tensor, *, alpha: float = 1) -> Tensor:
    """input with alpha ``source[k]`` added to the slice ``index[k]`` of an axis; repeated positions add up.

    Raises:
        RuntimeError: if the index is not a vector of integers, or the source does not fit.
        IndexError: if a position is out of bounds.
    """
    wide = flexible(input)
    source, places = _slices_of(wide, dim, index, source, "index_add")
    added = shaping.put(source if alpha == 1 else source * alpha, index=places, shape=tuple(wide.shape))
    return settled(wide + added, input.shape)


@also(inplace=True)
def index_copy(input: Tensor, dim: int, index: Any, source: Tensor) -> Tensor:
    """input with ``source[k]`` as the slice ``index[k]`` of an axis; for what is refused see ``index_add``."""
    wide = flexible(input)
    source, places = _slices_of(wide, dim, index, source, "index_copy")
    return settled(shaping.setitem(wide, source, index=places), input.shape)


@also(inplace=True)
def index_fill(input: Tensor, dim: int, index: Any, value: Any) -> Tensor:
    """input with ``value``, a single number, in the slices ``index`` of an axis; see ``index_add``."""
    if getattr(value, "ndim", 0):
        raise RuntimeError(f"index_fill fills in a single number, got a tensor of shape {tuple(value.shape)}")
    places = _slices(flexible(input), dim, index, "index_fill")
    filled = value if isinstance(value, Node) else dtypes.fitting(value, input.dtype)
    return settled(shaping.setitem(flexible(input), filled, index=places), input.shape)


def _slices_of(input: Tensor, dim: int, index: Any, source: Any, name: str) -> tuple[Any, tuple[Any, ...]]:
    """What is to be written into slices of an axis, and where they are."""
    places, source = _slices(input, dim, index, name), flexible(source)
    expected = (*input.shape[: len(places) - 1], len(places[-1]), *input.shape[len(places) :])
    if tuple(source.shape) != expected or source.dtype != input.dtype:
        raise RuntimeError(
            f"{name} needs a source of {input.dtype} and shape {expected}, got {source.dtype} and {tuple(source.shape)}"
        )
    return source, places


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
        RuntimeError: if there are not enough of them or they are of another type, or the mask holds no truth values.
    """
    shape = np.broadcast_shapes(tuple(input.shape), tuple(mask.shape))
    places = np.array(np.broadcast_to(mask.array, shape))
    if places.dtype.kind != "b" or source.dtype != input.dtype or places.sum() > source.numel():
        raise RuntimeError(
            f"masked_scatter expects a mask of truth values and an entry of {input.dtype} for each place, got "
            f"{mask.dtype}, and {source.numel()} entries of {source.dtype}"
        )
    used = shaping.getitem(shaping.reshape(source, shape=(-1,)), index=slice(0, int(places.sum())))
    written: Tensor = shaping.setitem(shaping.broadcast_to(input, shape=shape), used, index=places)
    return written


@also(inplace=True)
def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """input with ``input[indices] = values``, or with them added there, repeated places adding up."""
    if values.dtype != input.dtype:
        raise RuntimeError(f"index_put needs values of the input's type {input.dtype}, got {values.dtype}")
    places = raw(tuple(indices), input.shape)
    if not accumulate:
        return shaping.setitem(input, values, index=places)
    wide = shaping.broadcast_to(values, shape=input.array[places].shape)
    added: Tensor = shaping.put(wide, index=places, shape=tuple(input.shape))
    return input + added


@also(inplace=True)
def put(input: Tensor, index: Any, source: Tensor, accumulate: bool = False) -> Tensor:
    """input with ``source`` at these places of the flattened input, or with it added there."""
    flat, places = shaping.reshape(input, shape=(-1,)), _flat_places(index, input, "put")
    written = index_put(flat, (places,), shaping.reshape(source, shape=places.shape), accumulate)
    return settled(written, input.shape)


def take(input: Tensor, index: Any) -> Tensor:
    """The entries at these places of the flattened input."""
    return shaping.getitem(shaping.reshape(input, shape=(-1,)), index=_flat_places(index, input, "take"))


def _flat_places(index: Tensor, input: Tensor, name: str) -> Any:
    return _positions(elementwise.where(index < 0, index + input.numel(), index), input.numel(), 0, name)


@also(inplace=True)
def scatter_reduce(
    input: Tensor, dim: int, index: Any, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """As ``scatter_add``, with the "sum", "mean", "prod", "amax" or "amin" of what comes together at a place.

    Without ``include_self`` the entry of the input counts only where nothing comes.

    Raises:
        RuntimeError, IndexError: as ``scatter_add``, and for another reduction.
    """
    goes_by_data("scatter_reduce", index)
    wide = flexible(input)
    used, places = _scattered(wide, dim, flexible(index), flexible(src), "scatter_reduce")
    counts = shaping.put(np.ones(used.shape, np.int64), index=places, shape=tuple(wide.shape))
    stays = np.asarray(include_self | (counts == 0))
    made: Tensor
    if reduce in ("sum", "mean"):
        made = elementwise.where(stays, wide, 0) + shaping.put(used, index=places, shape=tuple(wide.shape))
        numbers = (counts + stays).astype(input.dtype)
        if reduce == "mean":
            made = made / numbers if input.dtype.kind == "f" else elementwise.floor_divide(made, numbers)
    elif reduce in ("prod", "amax", "amin"):
        all_there_is = np.append(wide.array, used.array)
        real = all_there_is.dtype.kind == "f" or not all_there_is.size
        lowest, highest = (-np.inf, np.inf) if real else (all_there_is.min(), all_there_is.max())
        rows = _beside(wide, stays, used, places, {"prod": 1, "amax": lowest, "amin": highest}[reduce])
        options: Any = {"dim": 1} if reduce == "prod" else {"dim": (1,)}
        made = getattr(reduction, reduce)(rows, **options, keepdim=False)
    else:
        raise RuntimeError(f"scatter_reduce takes 'sum', 'mean', 'prod', 'amax' and 'amin', got {reduce!r}")
    return settled(shaping.cast(made, dtype=input.dtype), input.shape)


@also(inplace=True)
def index_reduce(
    input: Tensor, dim: int, index: Any, source: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """The slice ``source[k]`` put together with the slice ``index[k]`` of an axis, as ``scatter_reduce`` does."""
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise RuntimeError(f"index_reduce takes 'prod', 'mean', 'amax' and 'amin', got {reduce!r}")
    goes_by_data("index_reduce", index)
    wide = flexible(input)
    source, places = _slices_of(wide, dim, index, source, "index_reduce")
    at = places[-1].reshape([-1 if i == len(places) - 1 else 1 for i in range(wide.ndim)])
    spread = wide.fresh(np.array(np.broadcast_to(at, tuple(source.shape))))
    return settled(scatter_reduce(wide, dim, spread, source, reduce, include_self=include_self), input.shape)


def _beside(input: Tensor, stays: Any, src: Tensor, places: tuple[Any, ...], neutral: Any) -> Tensor:
    """A row for each entry: itself if it stays, beside it what is scattered there, and what changes nothing."""
    target = np.ravel_multi_index(np.broadcast_arrays(*places), tuple(input.shape)).ravel()
    order = np.argsort(target, kind="stable")
    column = np.empty_like(target)
    column[order] = 1 + np.arange(target.size) - np.searchsorted(target[order], target[order])
    rows = input.fresh(np.full((stays.size, 1 + column.max(initial=0)), neutral, input.dtype))
    own = shaping.reshape(elementwise.where(stays, input, rows.array[:1, 0]), shape=(-1,))
    rows = shaping.setitem(rows, own, index=(slice(None), 0))
    return shaping.setitem(rows, shaping.reshape(src, shape=(-1,)), index=(target, column))
