"""Operations that move entries without changing them; each stands beside its transpose."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.primitive import Every, Jointly, Primitive


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


def _section(axis: int, start: int, stop: int) -> tuple[slice, ...]:
    return (slice(None),) * axis + (slice(start, stop),)


def _cat_rule(g: Any, y: Any, *xs: Any, dim: int, position: int) -> Any:
    start = sum(x.shape[dim] for x in xs[:position])
    return getitem(g, index=_section(dim, start, start + xs[position].shape[dim]))


# fmt: off

cast = Primitive("to", lambda x, *, dtype: x.astype(dtype),
    lambda g, y, x, *, dtype: g)  # the backward pass itself returns to the argument's type

broadcast_to = Primitive("broadcast_to", lambda x, *, shape: np.broadcast_to(x, shape),
    lambda g, y, x, *, shape: g, view=True)  # the backward pass itself undoes broadcasting

sum_to = Primitive("sum_to", _sum_to,
    lambda g, y, x, *, shape: broadcast_to(reshape(g, shape=_aligned(shape, x.ndim)), shape=x.shape))

reshape: Primitive = Primitive("reshape", lambda x, *, shape: np.reshape(x, shape),
    lambda g, y, x, *, shape: reshape(g, shape=x.shape), view=True)

unsqueeze = Primitive("unsqueeze", lambda x, *, dim: np.expand_dims(x, dim),
    lambda g, y, x, *, dim: reshape(g, shape=x.shape), view=True)

squeeze = Primitive("squeeze", lambda x, *, dim: np.squeeze(x, dim),
    lambda g, y, x, *, dim: reshape(g, shape=x.shape), view=True)

transpose: Primitive = Primitive("transpose", lambda x, *, dim0, dim1: x.swapaxes(dim0, dim1),
    lambda g, y, x, *, dim0, dim1: transpose(g, dim0=dim0, dim1=dim1), view=True)

permute: Primitive = Primitive("permute", lambda x, *, dims: x.transpose(dims),
    lambda g, y, x, *, dims: permute(g, dims=tuple(np.argsort(dims).tolist())), view=True)

flip: Primitive = Primitive("flip", lambda x, *, dims: np.flip(x, dims),
    lambda g, y, x, *, dims: flip(g, dims=dims))

roll: Primitive = Primitive("roll", lambda x, *, shifts, dims: np.roll(x, shifts, dims),
    lambda g, y, x, *, shifts, dims: roll(g, shifts=tuple(-s for s in shifts), dims=dims))

pad = Primitive("pad", lambda x, *, widths, value: np.pad(x, widths, constant_values=value),
    lambda g, y, x, *, widths, value: getitem(g, index=tuple(
        slice(before, before + size) for (before, _), size in zip(widths, x.shape, strict=True))))

cat = Primitive("cat", lambda *xs, dim: np.concatenate(xs, axis=dim), Every(_cat_rule), promotes=True)

stack = Primitive("stack", lambda *xs, dim: np.stack(xs, axis=dim), Jointly(
    lambda g, y, *xs, dim: [getitem(g, index=(slice(None),) * dim + (k,)) for k in range(len(xs))]), promotes=True)


# Indexing: reading entries, and its transpose, adding them into zeros at the same places

def _add_at(total: Any, g: Any, *, index: Any) -> None:
    if type(index) is int or is_basic(index):
        total[index] += g
    else:
        np.add.at(total, index, g)  # unlike total[index] += g, repeated places add up


def _getitem(x: Any, *, index: Any) -> Any:
    y = x[index]
    if type(y) is np.ndarray:
        return y
    # A single number: numpy copies it, unless an ellipsis asks for an array without axes, which shares the memory.
    return x[(*index, ...) if isinstance(index, tuple) else (index, ...)]


def _put(g: Any, *, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, g.dtype)
    _add_at(out, g, index=index)
    return out


def _setitem(x: Any, v: Any, *, index: Any) -> Any:
    out = np.array(x)
    out[index] = v
    return out


getitem: Primitive = Primitive("getitem", _getitem,
    lambda g, y, x, *, index: put(g, index=index, shape=x.shape), template="{}[{index}]", view=True, accumulate=_add_at)

put: Primitive = Primitive("put", _put,
    lambda g, y, x, *, index, shape: getitem(g, index=index), template="{} at [{index}], 0 elsewhere")

setitem: Primitive = Primitive("setitem", _setitem,
    lambda g, y, x, v, *, index: setitem(g, 0.0, index=index),
    lambda g, y, x, v, *, index: getitem(g, index=index))

# fmt: on


def is_basic(index: Any) -> bool:
    """Whether an index holds only integers, slices, ``None`` and ``...``, so that it names no entry twice."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(part is None or part is Ellipsis or isinstance(part, (int, np.integer, slice)) for part in parts)
