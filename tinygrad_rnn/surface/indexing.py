"""Functions that read and write entries by index or by mask."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.graph import Node
from ..numbers import dtypes
from ..ops import elementwise, shaping
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
