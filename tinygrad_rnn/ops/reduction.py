"""Operations that reduce axes, scan along them or normalise over them.

``dim`` is a tuple of axes counted from the front, or None for all axes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .comparison import eq, ne
from .elementwise import abs, exp, nothing, sign, where
from .operation import Operation
from .samples import Sample, along, of, scans
from .shaping import broadcast_to, flip, getitem, pad, reshape

Dims = tuple[int, ...] | None


def _kept(x: Any, like: Any, dim: Dims, keepdim: bool) -> Any:
    """A reduced value with its reduced axes put back with size 1, so that it broadcasts against ``like``."""
    if keepdim:
        return x
    axes = range(like.ndim) if dim is None else dim
    return reshape(x, shape=tuple(1 if i in axes else size for i, size in enumerate(like.shape)))


def _count(x: Any, dim: Dims) -> int:
    return math.prod(x.shape if dim is None else [x.shape[i] for i in dim])


def _extreme(g: Any, y: Any, x: Any, *, dim: Dims, keepdim: bool) -> Any:
    """Entries that attain the extreme, or are NaN, share the gradient evenly."""
    attained = eq(x, _kept(y, x, dim, keepdim)) | ne(x, x)
    return where(attained, _kept(g, x, dim, keepdim) / sum(attained, dim=dim, keepdim=True), nothing(x))


def _norm(x: Any, *, dim: Dims, keepdim: bool) -> Any:
    wide: Any = x.astype(np.float64)  # squares of float32 end at 1e38, and begin at 1e-45
    if dim is None and not keepdim:
        return np.sqrt(np.vdot(wide, wide)).astype(x.dtype)
    return np.sqrt((wide * wide).sum(axis=dim, keepdims=keepdim)).astype(x.dtype)


def _logsumexp(x: Any, *, dim: Dims, keepdim: bool) -> Any:
    top = np.max(x, axis=dim, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0.0).astype(x.dtype)  # all -inf, or an inf, must not become inf - inf
    total = np.log(np.add.reduce(np.exp(x - top), axis=dim, keepdims=True)) + top
    return total if keepdim else np.squeeze(total, axis=dim)


def _softmax(x: Any, *, dim: int) -> Any:
    z = np.exp(x - np.maximum.reduce(x, axis=dim, keepdims=True, initial=-np.inf))
    z /= np.add.reduce(z, axis=dim, keepdims=True)
    return z


def _log_softmax(x: Any, *, dim: int) -> Any:
    if not x.size:
        return x.copy()
    z = x - np.maximum.reduce(x, axis=dim, keepdims=True, initial=-np.inf)
    return z - np.log(np.add.reduce(np.exp(z), axis=dim, keepdims=True))


def _recurrence(a: Any, b: Any, *, dim: int) -> Any:
    a, b = np.moveaxis(a, dim, 0), np.moveaxis(b, dim, 0)
    y = b.copy()
    for t in range(1, len(y)):
        y[t] += a[t] * y[t - 1]
    return np.moveaxis(y, 0, dim)


def _delayed(x: Any, dim: int, first: float) -> Any:
    """x one place later along ``dim``, beginning with ``first``."""
    front = (slice(None),) * dim
    widths = tuple((1, 0) if i == dim else (0, 0) for i in range(x.ndim))
    return getitem(pad(x, widths=widths, value=first), index=(*front, slice(0, x.shape[dim])))


def _from_the_end(a: Any, g: Any, dim: int) -> Any:
    """G_t = g_t + a_(t+1) G_(t+1): backpropagation through y_t = a_t y_(t-1) + b_t."""
    return flip(recurrence(_delayed(flip(a, dims=(dim,)), dim, 0.0), flip(g, dims=(dim,)), dim=dim), dims=(dim,))


def _others(x: Any, dim: int) -> Any:
    """For each entry, the product of the others along ``dim``: of those before it and those after it."""
    before = _delayed(cumprod(x, dim=dim), dim, 1.0)
    return before * flip(_delayed(cumprod(flip(x, dims=(dim,)), dim=dim), dim, 1.0), dims=(dim,))


# fmt: off

# numpy would make int64 and uint64 of all integers, and counts truth values
sum: Operation = Operation("sum", lambda x, *, dim, keepdim: np.add.reduce(
        x, axis=dim, keepdims=keepdim, dtype=None if x.dtype.kind == "b" else x.dtype),
    lambda g, y, x, *, dim, keepdim: broadcast_to(_kept(g, x, dim, keepdim), shape=x.shape), samples=along, wide=True)

mean = Operation("mean", lambda x, *, dim, keepdim: np.add.reduce(x, axis=dim, keepdims=keepdim) / _count(x, dim),
    lambda g, y, x, *, dim, keepdim: broadcast_to(_kept(g, x, dim, keepdim) / _count(x, dim), shape=x.shape),
    samples=lambda: along(empty=False), wide=True)

amax = Operation("amax", lambda x, *, dim, keepdim: np.max(x, axis=dim, keepdims=keepdim), _extreme,
    samples=lambda: along(empty=False))
amin = Operation("amin", lambda x, *, dim, keepdim: np.min(x, axis=dim, keepdims=keepdim), _extreme,
    samples=lambda: along(empty=False))

# The derivative at 0 is 0; that of the derivative is NaN there, as in PyTorch.
norm = Operation("norm", _norm,
    lambda g, y, x, *, dim, keepdim: _kept(g, x, dim, keepdim) * where(
        eq(_kept(y, x, dim, keepdim), 0), 0.0, x / _kept(y, x, dim, keepdim)),
    samples=along, torch="torch.linalg.vector_norm")

# No infinite slope at 0 for p < 1: there it is 0 too.
power_norm = Operation("power_norm", lambda x, *, p, dim, keepdim: (
        np.add.reduce(np.abs(x) ** p, axis=dim, keepdims=keepdim) ** (1 / p)).astype(x.dtype),
    lambda g, y, x, *, p, dim, keepdim: where(eq(x, 0), 0.0, sign(x) * abs(x) ** (p - 1)) * where(
        eq(_kept(y, x, dim, keepdim), 0), 0.0, _kept(g, x, dim, keepdim) / _kept(y, x, dim, keepdim) ** (p - 1)),
    samples=lambda: along(p=3), wide=True, torch="torch.linalg.vector_norm")

logsumexp = Operation("logsumexp", _logsumexp,
    lambda g, y, x, *, dim, keepdim: _kept(g, x, dim, keepdim) * exp(x - _kept(y, x, dim, keepdim)),
    samples=along, wide=True)

softmax = Operation("softmax", _softmax,
    lambda g, y, x, *, dim: y * (g - sum(g * y, dim=(dim,), keepdim=True)), samples=scans, wide=True)

log_softmax = Operation("log_softmax", _log_softmax,
    lambda g, y, x, *, dim: g - exp(y) * sum(g, dim=(dim,), keepdim=True), samples=scans, wide=True)

cumsum: Operation = Operation("cumsum", lambda x, *, dim: np.cumsum(x, axis=dim, dtype=x.dtype),
    lambda g, y, x, *, dim: flip(cumsum(flip(g, dims=(dim,)), dim=dim), dims=(dim,)), samples=scans, wide=True)

# y_t = a_t y_(t-1) + b_t, with y_0 = b_0
recurrence: Operation = Operation("recurrence", _recurrence,
    lambda g, y, a, b, *, dim: _from_the_end(a, g, dim) * _delayed(y, dim, 0.0),
    lambda g, y, a, b, *, dim: _from_the_end(a, g, dim), torch="",
    samples=lambda: [of(s, s, dim=d) for s, d in [((4,), 0), ((3, 2), 0), ((2, 3), 1), ((0, 2), 0)]])


def _with_zeros(**kwargs: Any) -> list[Sample]:
    zeros = np.array([1.5, 0.0, -0.7, 0.0, 2.0]), np.zeros((3, 2))
    return [*scans(**kwargs), *(of(x, dim=0, **kwargs) for x in zeros)]


# y_t = x_t y_(t-1): its rule never divides by x, so that zeros do no harm
cumprod: Operation = Operation("cumprod", lambda x, *, dim: np.cumprod(x, axis=dim, dtype=x.dtype),
    lambda g, y, x, *, dim: _from_the_end(x, g, dim) * _delayed(y, dim, 1.0), samples=_with_zeros, wide=True)

prod = Operation("prod", lambda x, *, dim, keepdim: np.multiply.reduce(x, axis=dim, keepdims=keepdim, dtype=x.dtype),
    lambda g, y, x, *, dim, keepdim: _kept(g, x, (dim,), keepdim) * _others(x, dim),
    samples=lambda: [*_with_zeros(keepdim=False), *_with_zeros(keepdim=True)], wide=True)
