"""Numbers on their way into a tensor: arrays from whatever a user has, and the shape they take."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, SupportsIndex, overload

import numpy as np

from ..engine.graph import Node
from ..engine.modes import goes_by_data
from ..engine.primitive import T
from ..engine.refusing import is_foreign, shown
from ..numbers import dtypes


class Size(tuple[int, ...]):
    """The sizes of a tensor's axes."""

    __slots__ = ()

    @overload
    def __getitem__(self, index: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Size: ...
    def __getitem__(self, index: Any) -> Any:
        found = tuple.__getitem__(self, index)
        return Size(found) if isinstance(index, slice) else found

    def __add__(self, other: Any) -> Size:
        return Size(tuple.__add__(self, other))

    def __radd__(self, other: Any) -> Size:
        return Size(other + tuple(self)) if isinstance(other, tuple) else NotImplemented

    def __mul__(self, times: Any) -> Size:
        return Size(tuple.__mul__(self, times))

    __rmul__ = __mul__

    def numel(self) -> int:
        """How many entries a tensor of this shape has."""
        return int(np.prod(self, dtype=np.int64))

    def __repr__(self) -> str:
        return f"Size([{', '.join(map(str, self))}])"


class Extremes(NamedTuple, Generic[T]):
    """Values found along an axis, and where they stand."""

    values: T
    indices: T


def as_array(data: Any, dtype: Any = None) -> Any:
    """A numpy array, copied from lists, arrays, tensors of numbers in a regular shape that fit ``dtype``."""
    dtype = None if dtype is None else dtypes.named(dtype)
    try:
        with np.errstate(all="ignore"):
            values = _values(data)
            array = np.array(dtypes.fitting(values, dtype), dtype)
            if dtype is None and array.dtype == dtypes.float64 and not _has_own_type(values):
                array = array.astype(dtypes.default.dtype)
            array = array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    except OverflowError:
        raise RuntimeError(f"a number does not fit among those of {dtype or 'any type'}") from None
    except (TypeError, ValueError):
        raise TypeError(
            f"a tensor needs numbers in a regular shape (all rows equally long), and got {shown(data)}"
        ) from None
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise TypeError(f"a tensor holds numbers or truth values, got {array.dtype} from {type(data).__name__}")
    return array


def _values(data: Any) -> Any:
    if isinstance(data, Node):
        goes_by_data("a new tensor", data)
        return data.array
    if is_foreign(data):
        return data.detach().numpy()
    return [_values(item) for item in data] if isinstance(data, (list, tuple)) else data


def _has_own_type(data: Any) -> bool:
    """Whether there are arrays of float64 in the data, rather than Python's numbers."""
    if isinstance(data, (list, tuple)):
        return any(_has_own_type(item) for item in data)
    return isinstance(data, (np.ndarray, np.generic)) and data.dtype == dtypes.float64


def refuse_gradient_of(dtype: dtypes.DType) -> None:
    """Raise RuntimeError unless ``dtype`` is a floating point type."""
    if dtype.kind != "f":
        raise RuntimeError(
            f"only real numbers can require a gradient, and this tensor holds {dtype}; convert it first, x.float()"
        )
