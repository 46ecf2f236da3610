"""Operations that move entries without changing them; each stands beside its transpose."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.primitive import Every, Jointly
from .operation import Operation
from .samples import INDICES, PAIRS, Sample, of


def _sum_to(x: Any, *, shape: tuple[int, ...]) -> Any:
    """Sum ``x`` over the axes along which ``shape`` was broadcast to it."""
    extra = x.ndim - len(shape)
    if extra < 0:  # only ones can have been dropped in front, as in x[0] = v with v of shape (1, n)
        return _sum_to(x, shape=shape[-extra:]).reshape(shape)
    if x.shape[extra:] == shape:
        return np.add.reduce(x, axis=tuple(range(extra)))
    axes = tuple(i for i in range(x.ndim) if i < extra or (shape[i - extra] == 1 and x.shape[i] != 1))
    return np.add.reduce(x, axis=axes).reshape(shape)


def _aligned(shape: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    """``shape`` with ones in front, or without those it has there, so that it names ``ndim`` axes."""
    return (1,) * (ndim - len(shape)) + shape[max(len(shape) - ndim, 0) :]


def _broadcast_to(x: Any, *, shape: tuple[int, ...]) -> Any:
    y = np.broadcast_to(x, shape)
    return x.reshape(shape) if y.size == x.size else y  # no entry stands for several: it can be written to


def _diagonal(x: Any, *, offset: int) -> Any:
    y = np.diagonal(x, offset)
    y.flags.writeable = x.flags.writeable
    return y


def _diagonal_rule(g: Any, y: Any, x: Any, *, offset: int) -> Any:
    places = np.arange(g.shape[-1])
    index = (places - min(offset, 0), places + max(offset, 0))
    return put(permute(g, dims=(g.ndim - 1, *range(g.ndim - 1))), index=index, shape=x.shape)


def _unfold(x: Any, *, dim: int, size: int, step: int, dilation: int) -> Any:
    reach = dilation * (size - 1) + 1
    windows = np.lib.stride_tricks.sliding_window_view(x, reach, dim, writeable=x.flags.writeable)
    return windows[(slice(None),) * dim + (slice(None, None, step), ..., slice(None, None, dilation))]


def _fold(g: Any, *, dim: int, length: int, step: int, dilation: int) -> Any:
    out = np.zeros((*g.shape[:dim], length, *g.shape[dim + 1 : -1]), g.dtype)
    for place in range(g.shape[-1]):  # each place of a window, of all windows at once
        first = place * dilation
        out[(slice(None),) * dim + (slice(first, first + step * g.shape[dim], step),)] += g[..., place]
    return out


def _section(axis: int, start: int, stop: int) -> tuple[slice, ...]:
    return (slice(None),) * axis + (slice(start, stop),)


def _cat_rule(g: Any, y: Any, *xs: Any, dim: int, position: int) -> Any:
    start = sum(x.shape[dim] for x in xs[:position])
    return getitem(g, index=_section(dim, start, start + xs[position].shape[dim]))


# fmt: off

cast = Operation("to", lambda x, *, dtype, order="K": x.astype(dtype, order),
    lambda g, y, x, *, dtype, order="K": g,  # the backward pass itself returns to the argument's type
    samples=[of((2, 3), dtype=np.dtype(np.float64)), of((), dtype=np.dtype(np.float64))], torch="torch.Tensor.to")

broadcast_to = Operation("broadcast_to", _broadcast_to,
    lambda g, y, x, *, shape: g, view=True,  # the backward pass itself undoes broadcasting
    samples=lambda: [of(s, shape=np.broadcast_shapes(s, t)) for s, t in PAIRS])

sum_to = Operation("sum_to", _sum_to,
    lambda g, y, x, *, shape: broadcast_to(reshape(g, shape=_aligned(shape, x.ndim)), shape=x.shape),
    samples=lambda: [*(of(np.broadcast_shapes(s, t), shape=s) for s, t in PAIRS), of((2, 3), shape=(1, 1, 3))],
    torch="torch.Tensor.sum_to_size")

reshape: Operation = Operation("reshape", lambda x, *, shape: np.reshape(x, shape),
    lambda g, y, x, *, shape: reshape(g, shape=x.shape), view=True,
    samples=lambda: [*(of((2, 6), shape=s) for s in [(12,), (3, 4), (1, 2, 6, 1)]),
        of((1,), shape=()), of((), shape=(1, 1)), of((0, 2), shape=(3, 0))])

unsqueeze = Operation("unsqueeze", lambda x, *, dim: x[(slice(None),) * (dim % (x.ndim + 1)) + (None,)],
    lambda g, y, x, *, dim: reshape(g, shape=x.shape), view=True,
    samples=[*(of((2, 3), dim=dim) for dim in (0, 1, 2)), of((), dim=0)])

squeeze = Operation("squeeze", lambda x, *, dim: np.squeeze(x, dim),
    lambda g, y, x, *, dim: reshape(g, shape=x.shape), view=True,
    samples=[*(of((2, 1, 3, 1), dim=dim) for dim in [1, 3, (1, 3)]), of((2, 1), dim=1), of((1,), dim=0)])

transpose: Operation = Operation("transpose", lambda x, *, dim0, dim1: x.swapaxes(dim0, dim1),
    lambda g, y, x, *, dim0, dim1: transpose(g, dim0=dim0, dim1=dim1), view=True,
    samples=[of((2, 3, 4), dim0=0, dim1=2), of((2, 0), dim0=0, dim1=1), of((2, 3), dim0=0, dim1=1),
        of((2, 3), dim0=1, dim1=1)])

permute: Operation = Operation("permute", lambda x, *, dims: x.transpose(dims),
    lambda g, y, x, *, dims: permute(g, dims=tuple(np.argsort(dims).tolist())), view=True,
    samples=[*(of((2, 3, 4), dims=dims) for dims in [(2, 0, 1), (1, 2, 0), (0, 1, 2)]), of((), dims=())])

flip: Operation = Operation("flip", lambda x, *, dims: np.flip(x, dims).copy(),
    lambda g, y, x, *, dims: flip(g, dims=dims),
    samples=[of((2, 3), dims=(1,)), of((2, 3), dims=(0,)), of((2, 3), dims=(0, 1)), of((0,), dims=(0,))])

diagonal = Operation("diagonal", _diagonal, _diagonal_rule, view=True,
    samples=[*(of((3, 4), offset=offset) for offset in (0, 1, -1, 7)), of((2, 3, 2), offset=1)])

# Windows that slide over an axis, and their transpose: where windows lie on each other, they are added up.
unfold: Operation = Operation("unfold", _unfold,
    lambda g, y, x, *, dim, size, step, dilation: fold(
        g, dim=dim, length=x.shape[dim], step=step, dilation=dilation), view=True,
    samples=[of((7,), dim=0, size=3, step=2, dilation=1), of((2, 5), dim=1, size=2, step=1, dilation=1),
        of((9, 2), dim=0, size=3, step=2, dilation=3)], torch="torch.Tensor.unfold")

fold: Operation = Operation("fold", _fold,
    lambda g, y, x, *, dim, length, step, dilation: unfold(
        getitem(g, index=_section(dim, 0, step * (x.shape[dim] - 1) + dilation * (x.shape[-1] - 1) + 1)),
        dim=dim, size=x.shape[-1], step=step, dilation=dilation),
    samples=[of((3, 3), dim=0, length=7, step=2, dilation=1), of((2, 4, 2), dim=1, length=6, step=1, dilation=1),
        of((2, 1, 3), dim=0, length=9, step=2, dilation=3)], torch="")

roll: Operation = Operation("roll", lambda x, *, shifts, dims: np.roll(x, shifts, dims),
    lambda g, y, x, *, shifts, dims: roll(g, shifts=tuple(-s for s in shifts), dims=dims),
    samples=[of((2, 3), shifts=(1,), dims=(1,)), of((2, 3), shifts=(1, -2), dims=(0, 1))])

pad = Operation("pad", lambda x, *, widths, value: np.pad(x, widths, constant_values=value),
    lambda g, y, x, *, widths, value: getitem(g, index=tuple(
        slice(before, before + size) for (before, _), size in zip(widths, x.shape, strict=True))),
    samples=[of((2, 3), widths=((1, 0), (0, 2)), value=3.0), of((0, 2), widths=((1, 1), (0, 0)), value=0.0)],
    torch="torch.nn.functional.pad")

cat = Operation("cat", lambda *xs, dim: np.concatenate(xs, axis=dim), Every(_cat_rule), promotes=True,
    samples=[of((2, 3), (2, 1), (2, 0), dim=1), of((2, 3), (1, 3), dim=0), of((3,), dim=0)])

stack = Operation("stack", lambda *xs, dim: np.stack(xs, axis=dim) if dim else np.array(xs), Jointly(
    lambda g, y, *xs, dim: [getitem(g, index=(slice(None),) * dim + (k,)) for k in range(len(xs))]), promotes=True,
    samples=[*(of((2, 3), (2, 3), dim=dim) for dim in (0, 1, 2)), of((), (), (), dim=0)])


# Indexing: reading entries, and its transpose, adding them into zeros at the same places

def _add_at(total: Any, g: Any, *, index: Any) -> None:
    if type(index) is int or is_basic(index):
        total[index] += g
    else:
        np.add.at(total, index, g)  # unlike total[index] += g, repeated places add up


def _getitem(x: Any, *, index: Any) -> Any:
    y = x[index]
    if type(y) is np.ndarray:  # what is read by an array lies in order, as in PyTorch
        return y if y.flags.c_contiguous or np.may_share_memory(x, y) else np.ascontiguousarray(y)
    # A single number: numpy copies it, unless an ellipsis asks for an array without axes, which shares the memory.
    return x[(*index, ...) if isinstance(index, tuple) else (index, ...)]


def _put(g: Any, *, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, g.dtype)
    _add_at(out, g, index=index)
    return out


def _setitem(x: Any, v: Any, *, index: Any) -> Any:
    out = np.array(x)
    assign(out, index, v)
    return out


def _last(g: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """``g`` at an index that was written to, 0 where it was written over at once: of several the last stays."""
    if type(index) is int or is_basic(index):
        return g
    writer, order = np.zeros(shape, np.int64), np.arange(math.prod(g.shape)).reshape(g.shape)
    writer[index] = order
    lost = writer[index] != order
    return setitem(g, 0.0, index=lost) if lost.any() else g


_X = (3, 4)


def _read(index: Any) -> tuple[int, ...]:
    """The shape of what is read from a matrix (3, 4)."""
    return np.shape(np.empty(_X)[index])


getitem: Operation = Operation("getitem", _getitem,
    lambda g, y, x, *, index: put(g, index=index, shape=x.shape), template="{}[{index}]", view=True, accumulate=_add_at,
    samples=lambda: [*(of(_X, index=index) for index in INDICES), *(of((), index=index) for index in ((), None, ...))],
    torch="torch.Tensor.__getitem__")

put: Operation = Operation("put", _put,
    lambda g, y, x, *, index, shape: getitem(g, index=index), template="{} at [{index}], 0 elsewhere",
    samples=lambda: [of(_read(index), index=index, shape=_X) for index in INDICES], torch="torch.Tensor.index_put")

def _assignments() -> list[Sample]:
    read = [of(_X, _read(index), index=index) for index in (*INDICES[:10], INDICES[18], INDICES[20])]
    repeated = [of(_X, (4,), index=slice(0, 2)), of(_X, (1, 4), index=0), of(_X, (2, 4), index=np.array([2, 0]))]
    twice = [of(_X, (3, 4), index=np.array([0, 0, 1])), of(_X, (2,), index=(np.array([1, 1]), np.array([2, 2])))]
    return [*read, *repeated, *twice, of(_X, 2.0, index=1), of(_X, (), index=...), of((), (), index=())]


setitem: Operation = Operation("setitem", _setitem,
    lambda g, y, x, v, *, index: setitem(g, 0.0, index=index),
    lambda g, y, x, v, *, index: _last(getitem(g, index=index), index, x.shape),
    samples=_assignments, torch="torch.Tensor.__setitem__")

# fmt: on


def assign(x: Any, index: Any, v: Any) -> None:
    """x[index] = v for arrays; one entry fits everywhere, whatever its shape."""
    x[index] = v.reshape(()) if isinstance(v, np.ndarray) and v.size == 1 else v


def is_basic(index: Any) -> bool:
    """Whether an index holds only integers, slices, ``None`` and ``...``, so that it names no entry twice."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(part is None or part is Ellipsis or isinstance(part, (int, np.integer, slice)) for part in parts)
