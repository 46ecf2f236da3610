"""What ``+``, ``@``, ``<``, ``.mT`` and their like mean on traced values: each applies one primitive."""

from __future__ import annotations

from typing import Any, Generic, Self

import numpy as np

from ..ops import TABLE, algebra, comparison, elementwise, shaping
from .graph import NO_KWARGS
from .primitive import Primitive, T, Traced

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


class Operator(Generic[T]):
    """What type checkers are told of an operator in the body of a class, which is a function."""

    def __call__(self, *other: Any, **options: Any) -> T:
        """The result."""
        raise NotImplementedError


def _ours(primitive: Primitive) -> Any:
    """The operator of a value on the left."""
    return lambda self, other: self.record(primitive, (self, other), NO_KWARGS)


def _theirs(primitive: Primitive) -> Any:
    """The operator of a value on the right of something that records nothing."""
    return lambda self, other: self.record(primitive, (other, self), NO_KWARGS)


def _alone(primitive: Primitive) -> Any:
    return lambda self: self.record(primitive, (self,), NO_KWARGS)


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
            return self.record(primitive, inputs, NO_KWARGS)
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

    __add__: Operator[T] = _ours(elementwise.add)
    __radd__: Operator[T] = _theirs(elementwise.add)
    __sub__: Operator[T] = _ours(elementwise.sub)
    __rsub__: Operator[T] = _theirs(elementwise.sub)
    __mul__: Operator[T] = _ours(elementwise.mul)
    __rmul__: Operator[T] = _theirs(elementwise.mul)
    __truediv__: Operator[T] = _ours(elementwise.div)
    __rtruediv__: Operator[T] = _theirs(elementwise.div)
    __rdiv__ = __rtruediv__
    __floordiv__: Operator[T] = _ours(elementwise.floor_divide)
    __rfloordiv__: Operator[T] = _theirs(elementwise.floor_divide)
    __mod__: Operator[T] = _ours(elementwise.remainder)
    __rmod__: Operator[T] = _theirs(elementwise.remainder)
    __pow__: Operator[T] = _ours(elementwise.pow)
    __rpow__: Operator[T] = _theirs(elementwise.pow)
    __matmul__: Operator[T] = _ours(algebra.matmul)
    __rmatmul__: Operator[T] = _theirs(algebra.matmul)
    __lt__: Operator[T] = _ours(comparison.lt)
    __le__: Operator[T] = _ours(comparison.le)
    __gt__: Operator[T] = _ours(comparison.gt)
    __ge__: Operator[T] = _ours(comparison.ge)
    __and__: Operator[T] = _ours(comparison.bitwise_and)
    __rand__: Operator[T] = _theirs(comparison.bitwise_and)
    __or__: Operator[T] = _ours(comparison.bitwise_or)
    __ror__: Operator[T] = _theirs(comparison.bitwise_or)
    __xor__: Operator[T] = _ours(comparison.bitwise_xor)
    __rxor__: Operator[T] = _theirs(comparison.bitwise_xor)
    __lshift__: Operator[T] = _ours(comparison.bitwise_left_shift)
    __rlshift__: Operator[T] = _theirs(comparison.bitwise_left_shift)
    __rshift__: Operator[T] = _ours(comparison.bitwise_right_shift)
    __rrshift__: Operator[T] = _theirs(comparison.bitwise_right_shift)
    __neg__: Operator[T] = _alone(elementwise.neg)
    __abs__: Operator[T] = _alone(elementwise.abs)
    __invert__: Operator[T] = _alone(comparison.bitwise_not)

    def __pos__(self) -> Self:
        return self

    def __eq__(self, other: object) -> Any:
        words = other is None or isinstance(other, str)
        return False if words else self.record(comparison.eq, (self, other), NO_KWARGS)

    def __ne__(self, other: object) -> Any:
        words = other is None or isinstance(other, str)
        return True if words else self.record(comparison.ne, (self, other), NO_KWARGS)

    # ``==`` compares entries; as dictionary keys, values are themselves and nothing else.
    __hash__ = object.__hash__

    @property
    def mT(self) -> T:
        """The last two axes exchanged."""
        if self.ndim < 2:
            raise RuntimeError(f"x.mT exchanges the axes of a matrix, and this has {self.ndim}; use x[None], or x.T")
        return self.record(shaping.transpose, (self,), {"dim0": self.ndim - 2, "dim1": self.ndim - 1})
