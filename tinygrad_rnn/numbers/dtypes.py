"""Number types: their names, the default one, and what becomes of arguments of different types."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from typing import Any

import numpy as np
from numpy import finfo as finfo
from numpy import iinfo as iinfo
from numpy import ndarray

DType = np.dtype[Any]

number, whole_number = float, int  # Python's own, whose names become those of dtypes below

float16 = half = np.dtype(np.float16)
float32 = float = np.dtype(np.float32)
float64 = double = np.dtype(np.float64)
uint8 = np.dtype(np.uint8)
int8 = np.dtype(np.int8)
int16 = short = np.dtype(np.int16)
int32 = int = np.dtype(np.int32)
int64 = long = np.dtype(np.int64)
bool = np.dtype(np.bool_)


#: PyTorch's older names for tensors of each type.
TENSOR_NAMES: dict[DType, str] = {
    float16: "HalfTensor",
    float32: "FloatTensor",
    float64: "DoubleTensor",
    uint8: "ByteTensor",
    int8: "CharTensor",
    int16: "ShortTensor",
    int32: "IntTensor",
    int64: "LongTensor",
    bool: "BoolTensor",
}


class _Quiet(threading.local):
    """Calls a function where numpy gives inf and NaN without a warning; ``np.errstate`` takes ten times as long."""

    def __init__(self) -> None:
        self.call = copy_context().run
        self.call(np.seterr, all="ignore")


quiet = _Quiet()


def copied(array: Any) -> Any:
    """A copy; who follows what is computed knows of what."""
    return quiet.call(np.array, array)


def converted(array: Any, *, dtype: DType) -> Any:
    """A copy in another type."""
    return array.astype(dtype)


class _Default:
    """The dtype of tensors made from Python floats."""

    __slots__ = ("dtype",)

    def __init__(self) -> None:
        self.dtype: DType = float32


default = _Default()


def set_default_dtype(dtype: Any) -> None:
    """Make ``dtype`` (float32 or float64) the type of tensors made from Python floats and by creation functions.

    Raises:
        TypeError: if it is not a floating point type.
    """
    wanted = np.dtype(dtype)
    if wanted.kind != "f":
        raise TypeError(
            f"the default dtype must be a floating point type, and {wanted.name} is not; use float32 or float64"
        )
    default.dtype = wanted


def get_default_dtype() -> DType:
    """The dtype of tensors made from Python floats."""
    return default.dtype


def named(dtype: Any) -> DType:
    """The type of numbers that any of its names means; TypeError if it is none."""
    try:
        found: DType = np.dtype(dtype)
    except TypeError:
        found = np.dtype(object)
    if found.kind not in _KIND:
        raise TypeError(f"{dtype!r} is no type of numbers; use one of {', '.join(map(str, TENSOR_NAMES))}")
    return found


def fitting(value: Any, dtype: DType | None, wrap: Any = False) -> Any:
    """A Python number for a place among those of ``dtype``: what does not fit is refused, or cut off if it may wrap."""
    whole = type(value) is whole_number
    if type(value) is complex:
        raise RuntimeError(f"{value} is complex, and a tensor holds real numbers, integers or truth values; give .real")
    if dtype is None or dtype not in _LIMITS or not (whole or (type(value) is number and dtype.kind != "f")):
        return value
    low, high = _LIMITS[dtype]
    if low <= value <= high:
        return value
    # PyTorch reads -1 as the largest number without a sign, asked for or not.
    if whole and (-(2**63) <= value < 2**64 if wrap else dtype.kind == "u" and -high <= value < 0):
        return (value - low) % (high - low + 1) + low
    shown = value if not whole or abs(value) < 2**64 else "an integer of more than 64 bits"
    raise RuntimeError(f"{shown} does not fit: a tensor of {dtype} takes whole numbers from {low} to {high}")


_KIND = {"b": 0, "u": 1, "i": 1, "f": 2}
_NUMBERS = {number, whole_number}
_LIMITS: dict[DType, Any] = {k: (np.iinfo(k).min, np.iinfo(k).max) for k in (uint8, int8, int16, int32, int64)}
_LIMITS |= dict.fromkeys((float16, float32, float64), (-sys.float_info.max, sys.float_info.max))


def promote(values: list[Any], how: Any = True) -> list[Any]:
    """Bring the arguments of one operation to a common dtype, as PyTorch does.

    Arrays with axes decide; arrays without axes, and after them Python numbers and numpy scalars, only matter if they
    are of a higher kind (bool < integer < real) than anything before them. So a float32 tensor stays float32 against
    any single number, and an integer tensor against a real number takes the default dtype. Of a Python integer that
    does not fit the higher bits are cut off. ``how`` may be "real", where integers become real numbers, "power", where
    the second number is left as it is, or "rest", where the first is a condition.
    """
    if len(values) == 2:  # nearly always: two arrays of one type, or an array of real numbers and a number
        a, b = values
        if type(a) is ndarray:
            if a.dtype is b.dtype if type(b) is ndarray else type(b) in _NUMBERS and a.dtype.kind == "f":
                return values
            if type(b) is whole_number and -128 <= b < 128 and a.dtype.kind == "i" and how != "real":
                return values
        elif type(b) is ndarray and type(a) in _NUMBERS and b.dtype.kind == "f":
            return values
        first = type(a) is ndarray
        array, single = (a, b) if first else (b, a)
        if type(single) in _NUMBERS and type(array) is ndarray and array.dtype in _LIMITS:  # of integers
            if type(single) is number or how == "real":
                array = quiet.call(converted, array, dtype=default.dtype)
            elif how != "power" or not first:
                single = fitting(single, array.dtype, wrap=True)
            return [array, single] if first else [single, array]
    elif how == "rest":
        return [values[0], *promote(values[1:])]
    elif len(values) > 3 and len({value.dtype if type(value) is ndarray else None for value in values}) == 1:
        return values
    dtype = result_type(values)
    if how == "real" and dtype.kind != "f":
        dtype = default.dtype
    return [
        quiet.call(converted, value, dtype=dtype)
        if isinstance(value, (ndarray, np.generic)) and value.dtype != dtype
        else fitting(value, dtype, wrap=True)
        for value in values  # Python numbers stay: numpy lets them take the dtype of the arrays
    ]


def result_type(values: Sequence[Any]) -> DType:
    """The common dtype of ``values`` by the rule of ``promote``."""
    arrays = [value for value in values if isinstance(value, ndarray)]
    groups = (
        [array.dtype for array in arrays if array.ndim > 0],
        [array.dtype for array in arrays if array.ndim == 0],
        [_number_type(value) for value in values if not isinstance(value, ndarray)],
    )
    best: DType | None = None
    for group in groups:
        kind = max((_KIND[dtype.kind] for dtype in group), default=-1)
        if kind >= 0 and (best is None or kind > _KIND[best.kind]):
            best = np.result_type(*(dtype for dtype in group if _KIND[dtype.kind] == kind))
    return best if best is not None else default.dtype


def promote_types(type1: Any, type2: Any) -> DType:
    """The type of a sum of numbers of two types."""
    return result_type([np.empty(1, named(each)) for each in (type1, type2)])


def can_cast(from_: Any, to: Any) -> Any:
    """Whether numbers of one type become those of another without a loss of kind: truth values, integers, reals."""
    return _KIND[named(from_).kind] <= _KIND[named(to).kind]


def _number_type(number: Any) -> DType:
    kind = np.asarray(number).dtype.kind
    if kind not in _KIND or np.ndim(number):
        raise TypeError(f"a tensor cannot be combined with {number!r} ({type(number).__name__}), which is no number")
    return default.dtype if kind == "f" else int64 if kind == "i" else bool


def demote(array: Any, values: Sequence[Any], forward: Callable[..., Any], kwargs: Mapping[str, Any]) -> Any:
    """A result of real numbers in the type of the real arrays it came from; from integers, in the default dtype.

    numpy computes exp, division or a product with a real number of integers in float64, of truth values and of the
    smallest integers in float16: those are computed again, by ``forward``, from real numbers.
    """
    for value in values:
        if isinstance(value, ndarray) and value.dtype is array.dtype:
            return array
    arrays = [value for value in values if isinstance(value, ndarray)]
    reals = [value for value in arrays if value.dtype.kind == "f"]
    if array.dtype == float16 and not reals:
        array = quiet.call(forward, *[quiet.call(converted, each, dtype=default.dtype) for each in arrays], **kwargs)
    return quiet.call(converted, np.asarray(array), dtype=result_type(reals) if reals else default.dtype)
