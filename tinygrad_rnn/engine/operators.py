"""What ``+``, ``@``, ``<``, ``.mT`` and their like mean on traced values: each applies one primitive."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from ..ops import TABLE, algebra, comparison, elementwise, shaping
from .graph import NO_KWARGS
from .primitive import T, Traced

OF_NUMPY = {
    np.add: elementwise.add,
    np.subtract: elementwise.sub,
    np.multiply: elementwise.mul,
    np.true_divide: elementwise.div,
    np.floor_divide: elementwise.floor_divide,
    np.remainder: elementwise.remainder,
    np.power: elementwise.pow,
    np.matmul: algebra.matmul,
    np.equal: comparison.eq,
    np.not_equal: comparison.ne,
    np.less: comparison.lt,
    np.less_equal: comparison.le,
    np.greater: comparison.gt,
    np.greater_equal: comparison.ge,
    np.bitwise_and: comparison.bitwise_and,
    np.bitwise_or: comparison.bitwise_or,
    np.bitwise_xor: comparison.bitwise_xor,
}


class Operators(Traced[T]):
    """The operators of Python on a value that records the primitives applied to it."""

    __slots__ = ()

    ndim: Any

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """``array * tensor`` is a tensor with its graph: numpy's operators are ours.

        Its other functions work on tensors that need no gradient, and give tensors.

        Raises:
            TypeError: if a gradient would be lost, or a tensor is to be written into.
        """
        primitive = OF_NUMPY.get(ufunc)
        if primitive is not None and method == "__call__" and not options:
            return primitive(*inputs)
        traced = [value for value in inputs if isinstance(value, Operators)]
        if any(getattr(value, "requires_grad", True) for value in traced):
            name = primitive.name if primitive is not None else ufunc.__name__
            instead = f"{name} of tinygrad_rnn" if name in TABLE else "a function of tinygrad_rnn"
            raise TypeError(
                f"numpy.{ufunc.__name__} would lose the gradient of a tensor that requires one; use {instead}, or "
                "x.detach() to leave the graph on purpose"
            )
        if any(isinstance(value, Operators) for value in options.get("out", ())):
            raise TypeError(f"numpy.{ufunc.__name__} cannot write into a tensor; use x.copy_(...) or x[...] = ...")
        arrays = [value.array if isinstance(value, Operators) else value for value in inputs]  # type: ignore[attr-defined]
        result = getattr(ufunc, method)(*arrays, **options)
        return result if "out" in options or isinstance(result, tuple) else self.fresh(np.asarray(result))

    @classmethod
    def fresh(cls, array: Any) -> T:
        """A new leaf with this array."""
        raise NotImplementedError

    def __add__(self, other: Any) -> T:
        return self.record(elementwise.add, (self, other), NO_KWARGS)

    def __radd__(self, other: Any) -> T:
        return self.record(elementwise.add, (other, self), NO_KWARGS)

    def __sub__(self, other: Any) -> T:
        return self.record(elementwise.sub, (self, other), NO_KWARGS)

    def __rsub__(self, other: Any) -> T:
        return self.record(elementwise.sub, (other, self), NO_KWARGS)

    def __mul__(self, other: Any) -> T:
        return self.record(elementwise.mul, (self, other), NO_KWARGS)

    def __rmul__(self, other: Any) -> T:
        return self.record(elementwise.mul, (other, self), NO_KWARGS)

    def __truediv__(self, other: Any) -> T:
        return self.record(elementwise.div, (self, other), NO_KWARGS)

    def __rtruediv__(self, other: Any) -> T:
        return self.record(elementwise.div, (other, self), NO_KWARGS)

    def __floordiv__(self, other: Any) -> T:
        return self.record(elementwise.floor_divide, (self, other), NO_KWARGS)

    def __rfloordiv__(self, other: Any) -> T:
        return self.record(elementwise.floor_divide, (other, self), NO_KWARGS)

    def __mod__(self, other: Any) -> T:
        return self.record(elementwise.remainder, (self, other), NO_KWARGS)

    def __rmod__(self, other: Any) -> T:
        return self.record(elementwise.remainder, (other, self), NO_KWARGS)

    def __pow__(self, other: Any) -> T:
        return self.record(elementwise.pow, (self, other), NO_KWARGS)

    def __rpow__(self, other: Any) -> T:
        return self.record(elementwise.pow, (other, self), NO_KWARGS)

    def __matmul__(self, other: Any) -> T:
        return self.record(algebra.matmul, (self, other), NO_KWARGS)

    def __rmatmul__(self, other: Any) -> T:
        return self.record(algebra.matmul, (other, self), NO_KWARGS)

    def __neg__(self) -> T:
        return self.record(elementwise.neg, (self,), NO_KWARGS)

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> T:
        return self.record(elementwise.abs, (self,), NO_KWARGS)

    def __eq__(self, other: object) -> Any:
        words = other is None or isinstance(other, str)
        return False if words else self.record(comparison.eq, (self, other), NO_KWARGS)

    def __ne__(self, other: object) -> Any:
        words = other is None or isinstance(other, str)
        return True if words else self.record(comparison.ne, (self, other), NO_KWARGS)

    def __lt__(self, other: Any) -> T:
        return self.record(comparison.lt, (self, other), NO_KWARGS)

    def __le__(self, other: Any) -> T:
        return self.record(comparison.le, (self, other), NO_KWARGS)

    def __gt__(self, other: Any) -> T:
        return self.record(comparison.gt, (self, other), NO_KWARGS)

    def __ge__(self, other: Any) -> T:
        return self.record(comparison.ge, (self, other), NO_KWARGS)

    # ``==`` compares entries; as dictionary keys, values are themselves and nothing else.
    __hash__ = object.__hash__

    def __and__(self, other: Any) -> T:
        return self.record(comparison.bitwise_and, (self, other), NO_KWARGS)

    def __rand__(self, other: Any) -> T:
        return self.record(comparison.bitwise_and, (other, self), NO_KWARGS)

    def __or__(self, other: Any) -> T:
        return self.record(comparison.bitwise_or, (self, other), NO_KWARGS)

    def __ror__(self, other: Any) -> T:
        return self.record(comparison.bitwise_or, (other, self), NO_KWARGS)

    def __xor__(self, other: Any) -> T:
        return self.record(comparison.bitwise_xor, (self, other), NO_KWARGS)

    def __rxor__(self, other: Any) -> T:
        return self.record(comparison.bitwise_xor, (other, self), NO_KWARGS)

    def __lshift__(self, other: Any) -> T:
        return self.record(comparison.bitwise_left_shift, (self, other), NO_KWARGS)

    def __rlshift__(self, other: Any) -> T:
        return self.record(comparison.bitwise_left_shift, (other, self), NO_KWARGS)

    def __rshift__(self, other: Any) -> T:
        return self.record(comparison.bitwise_right_shift, (self, other), NO_KWARGS)

    def __rrshift__(self, other: Any) -> T:
        return self.record(comparison.bitwise_right_shift, (other, self), NO_KWARGS)

    def __invert__(self) -> T:
        return self.record(comparison.bitwise_not, (self,), NO_KWARGS)

    @property
    def mT(self) -> T:
        """The last two axes exchanged."""
        return self.record(shaping.transpose, (self,), {"dim0": self.ndim - 2, "dim1": self.ndim - 1})
