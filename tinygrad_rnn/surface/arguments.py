"""Reading the arguments PyTorch's functions take: axes counted from either end, shapes in two spellings, types."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.scope import here
from ..numbers import dtypes
from ..ops import shaping
from .tensor import Tensor

Dim = int | Sequence[int] | None


def axis(dim: int, ndim: int) -> int:
    """``dim`` counted from the front; IndexError if there is no such axis."""
    size = max(ndim, 1)
    dim = dim if type(dim) is int else whole(dim, "an axis")
    if not -size <= dim < size:
        raise IndexError(f"dimension {dim} is out of range for a tensor with {ndim} axes (use {-size} to {size - 1})")
    return dim % size


def axes(dim: Dim, ndim: int) -> tuple[int, ...] | None:
    """``dim`` as a tuple of axes counted from the front, each named once; None and () mean all axes."""
    if dim is None:
        return None
    found = tuple(axis(d, ndim) for d in dim) if isinstance(dim, Sequence) else (axis(dim, ndim),)
    if len(set(found)) < len(found):
        raise RuntimeError(f"dim={dim} names an axis twice")
    return found if found and ndim else None


def sizes(shape: tuple[Any, ...]) -> tuple[int, ...]:
    """A shape given as ``f(2, 3)`` or ``f((2, 3))``."""
    only = shape[0] if len(shape) == 1 else 0
    if type(only) is tuple:
        shape = only
    elif type(only) is not int and (isinstance(only, Sequence) or (isinstance(only, np.ndarray) and only.ndim)):
        shape = tuple(only)
    return tuple([size if type(size) is int else whole(size, "a size") for size in shape])


def whole(number: Any, role: str) -> int:
    """An integer given as a Python or numpy integer, or as a tensor of one; TypeError if it is none."""
    try:
        if getattr(number, "dtype", None) == np.bool:
            raise TypeError
        return operator.index(number)
    except (AttributeError, TypeError):
        raise TypeError(f"{role} must be an integer, got {number!r} ({type(number).__name__})") from None


def real(input: Tensor, name: str) -> Tensor:
    """``input``, if it holds real numbers; RuntimeError if it holds integers or truth values."""
    if input.dtype.kind != "f":
        raise RuntimeError(f"{name} needs real numbers, and this tensor holds {input.dtype}; use x.float().{name}(...)")
    return input


def matrices(A: Tensor, name: str) -> Tensor:
    """``A``, if it holds square matrices (..., n, n) of real numbers that numpy's linear algebra knows."""
    if A.ndim < 2 or A.shape[-1] != A.shape[-2] or A.dtype not in (dtypes.float32, dtypes.float64):
        raise RuntimeError(
            f"{name} needs square matrices (..., n, n) of float32 or float64, got {tuple(A.shape)} of {A.dtype}; of "
            "other numbers use x.float()"
        )
    return A


def as_dtype(input: Tensor, dtype: Any) -> Tensor:
    """``input`` in this type of numbers, if one is given."""
    kind = input.dtype if dtype is None else dtypes.named(dtype)
    return input if input.dtype == kind else shaping.cast(input, dtype=kind)


def counted(input: Tensor, dtype: Any) -> Tensor:
    """What is summed or multiplied up: in ``dtype`` if given; truth values and small integers as int64.

    A gradient would be lost among integers: RuntimeError if one is required.
    """
    if dtype is None and input.dtype.kind in "bui":
        dtype = np.int64
    made = as_dtype(input, dtype)
    if made.array.dtype.kind != "f" and input.requires_grad and here.recording:
        raise RuntimeError(f"a gradient would be lost in {made.dtype} numbers; use x.detach() to leave the graph")
    return made


def flexible(input: Tensor) -> Tensor:
    """A single number as a vector of one, so that functions along an axis take it too."""
    return input if input.ndim else shaping.reshape(input, shape=(1,))


def settled(result: Tensor, shape: Sequence[int]) -> Tensor:
    """A result in its own memory and this shape, no view of the one that it was computed in, which nobody has."""
    if result.array.shape == tuple(shape):
        return result
    return shaping.cast(shaping.reshape(result, shape=tuple(shape)), dtype=result.dtype)


def typed(*values: Any) -> Sequence[Any]:
    """All but the last, the tensors among them in the type that a sum of all has."""
    kind = dtypes.result_type([value.array if isinstance(value, Tensor) else value for value in values])
    return [value.to(kind) if isinstance(value, Tensor) else value for value in values[:-1]]
