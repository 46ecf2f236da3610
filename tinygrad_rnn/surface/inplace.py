"""Methods that write into a tensor's memory: what they do is recorded like any operation, and later use is checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..engine.graph import Node
from ..engine.primitive import T, Traced
from ..engine.scope import here
from ..numbers.random import Generator, numpy_generator
from ..ops.shaping import setitem
from . import activations, algebra, compositions, indexing, reduction, shaping
from . import elementwise as e
from .arguments import raw

if TYPE_CHECKING:
    from .tensor import Tensor


def _written(function: Any) -> Callable[..., Any]:
    """The method that computes ``function`` of a tensor and writes the result into it."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self.overwrite(function(self, *args, **kwargs))

    name = getattr(function, "__name__", None) or function.name
    method.__name__ = f"{name}_"
    method.__doc__ = f"``{name}``, written into this tensor."
    return method


def _rearranged(function: Any) -> Callable[..., Any]:
    """The method that gives a tensor the arrangement ``function`` gives its entries."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self.become(function(self, *args, **kwargs))

    method.__name__ = f"{function.__name__}_"
    method.__doc__ = f"``{function.__name__}``, of this tensor itself."
    return method


def positions(view: Any, base: Any) -> tuple[Any, ...]:
    """The index that reads from ``base`` what ``view``, an array on the same memory, shows.

    Raises:
        RuntimeError: if the view shows what the base does not.
    """
    known, wanted = _addresses(base).ravel(), _addresses(view)
    if base.flags.c_contiguous:
        found = (wanted - base.__array_interface__["data"][0]) // base.itemsize
    else:
        order = np.argsort(known)
        found = order[np.searchsorted(known, wanted, sorter=order) % max(len(known), 1)]
    if view.dtype != base.dtype or (wanted.size and not np.array_equal(known.take(found, mode="clip"), wanted)):
        raise RuntimeError("a view that shows other memory than its tensor's cannot be changed in place; use x.clone()")
    return np.unravel_index(found, base.shape)


def _addresses(array: Any) -> Any:
    """Where each entry lies in memory."""
    lines = np.ogrid[tuple(map(slice, array.shape))]
    start = array.__array_interface__["data"][0]
    return np.broadcast_to(sum((i * step for i, step in zip(lines, array.strides, strict=True)), start), array.shape)


class InPlace(Traced[T]):
    """``x.add_(y)``, ``x += y`` and ``x[i] = y``.

    A tensor that is written to keeps its older self in the graph (``Node.earlier``), so that what was computed from
    it before keeps its meaning; its own history goes on with the new value.
    """

    __slots__ = ()

    array: Any
    tracked: bool

    def touch(self) -> None:
        """Note that the memory was written to."""
        raise NotImplementedError

    def overwrite(self, value: Tensor) -> Self:
        """Take over ``value``, computed from this tensor, in this tensor's memory."""
        raise NotImplementedError

    def become(self, value: Tensor) -> Self:
        """Take over ``value``, which has the entries of this tensor in another arrangement."""
        raise NotImplementedError

    add_, sub_, mul_, div_, pow_ = map(_written, (e.add, e.sub, e.mul, e.div, e.pow))
    floor_divide_, remainder_, neg_, abs_ = map(_written, (e.floor_divide, e.remainder, e.neg, e.abs))
    exp_, log_, sqrt_, rsqrt_, square_ = map(_written, (e.exp, e.log, e.sqrt, e.rsqrt, e.square))
    expm1_, log1p_ = map(_written, (e.expm1, e.log1p))
    reciprocal_, sin_, cos_, tanh_, sigmoid_ = map(_written, (e.reciprocal, e.sin, e.cos, e.tanh, e.sigmoid))
    floor_, ceil_, round_, trunc_, sign_ = map(_written, (e.floor, e.ceil, e.round, e.trunc, e.sign))
    clamp_, lerp_, nan_to_num_ = map(_written, (e.clamp, e.lerp, e.nan_to_num))
    clip_ = clamp_
    relu_ = _written(activations.relu)
    cumsum_, cumprod_ = map(_written, (reduction.cumsum, reduction.cumprod))
    addmm_, baddbmm_ = map(_written, (algebra.addmm, algebra.baddbmm))
    tril_, triu_ = map(_written, (shaping.tril, shaping.triu))
    masked_fill_, scatter_, scatter_add_ = map(_written, (indexing.masked_fill, indexing.scatter, indexing.scatter_add))
    index_add_ = _written(indexing.index_add)
    addcmul_, addcdiv_ = map(_written, (compositions.addcmul, compositions.addcdiv))
    clamp_min_, clamp_max_ = map(_written, (compositions.clamp_min, compositions.clamp_max))
    fill_diagonal_ = _written(compositions.fill_diagonal)

    unsqueeze_, squeeze_, t_ = map(_rearranged, (shaping.unsqueeze, shaping.squeeze, shaping.t))
    transpose_ = _rearranged(shaping.transpose)

    __iadd__, __isub__, __imul__, __itruediv__, __ipow__ = add_, sub_, mul_, div_, pow_
    __ifloordiv__, __imod__ = floor_divide_, remainder_

    # Filling

    def zero_(self) -> Self:
        """All entries 0."""
        return self.fill_(0)

    def fill_(self, value: Any) -> Self:
        """All entries ``value``, a single number."""
        if isinstance(value, Node) and value.array.ndim:
            raise RuntimeError(f"fill_ takes a single number, got a tensor of shape {value.array.shape}; use copy_")
        self[...] = value
        return self

    def copy_(self, source: Any, non_blocking: bool = False) -> Self:
        """The entries of ``source``, broadcast to this shape; nothing blocks, with one device."""
        self[...] = source
        return self

    def uniform_(self, low: float = 0.0, high: float = 1.0, *, generator: Generator | None = None) -> Self:
        """Uniform numbers in [low, high)."""
        return self._drawn(numpy_generator(generator).uniform(low, high, self.array.shape))

    def normal_(self, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Self:
        """Normal numbers with this mean and standard deviation."""
        return self._drawn(numpy_generator(generator).normal(mean, std, self.array.shape))

    def bernoulli_(self, p: float = 0.5, *, generator: Generator | None = None) -> Self:
        """1 with probability ``p``, else 0."""
        return self._drawn(numpy_generator(generator).random(self.array.shape) < p)

    def _drawn(self, numbers: Any) -> Self:
        self[...] = numbers
        return self

    def __setitem__(self, index: Any, value: Any) -> None:
        place: Any = index if type(index) is int else raw(index, self.array.shape)
        if isinstance(value, (list, tuple)):
            value = np.asarray(value)
        try:
            if here.recording and (self.tracked or (isinstance(value, Node) and value.tracked)):
                self.overwrite(setitem(self, value, index=place))
            else:
                self.array[place] = value.array if isinstance(value, Node) else value
                self.touch()
        except ValueError as error:
            if not self.array.flags.writeable:
                raise RuntimeError(
                    "this memory cannot be written to: it is an expanded view, in which one number stands for many, or "
                    "a read-only array; use x.clone() first"
                ) from None
            raise RuntimeError(f"a value that does not fit the place it was to be written to: {error}") from None
