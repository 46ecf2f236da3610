"""Functions that make tensors from sizes, ranges, arrays and chance."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..engine.graph import Node
from ..engine.modes import goes_by_data
from ..engine.refusing import needed, spoken
from ..numbers import dtypes
from ..numbers.devices import refuse_other_devices
from ..numbers.random import Generator, default_generator, numpy_generator
from .arguments import sizes
from .arrays import as_array
from .forms import also
from .tensor import Tensor, tensor, wrap


def _made(array: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A leaf with this array, in the default type of numbers unless another is given."""
    refuse_other_devices(device)
    if type(array) is not np.ndarray or array.dtype is not dtype:
        with np.errstate(all="ignore"):
            array = np.asarray(array, dtypes.default.dtype if dtype is None else dtypes.named(dtype))
    made = wrap(array)
    return made.requires_grad_() if requires_grad else made


def _size(size: tuple[Any, ...], named: Mapping[str, Any] = {}) -> tuple[int, ...]:
    """The shape, given once in one of the spellings ``f(2, 3)``, ``f((2, 3))`` and ``f(size=(2, 3))``."""
    for name in needed(named).keys() - {"size"}:
        raise TypeError(f"{name}= is not supported; a tensor is made with size, dtype, device and requires_grad")
    if size and named.get("size") is not None:
        raise TypeError("the size was given twice, by position and as size=")
    shape = sizes(size if named.get("size") is None else (named["size"],))
    for each in shape:
        if each < 0:
            raise RuntimeError(f"a tensor cannot have a negative size, got {shape}")
    return shape


# Constants


def full(size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """One number everywhere; its type decides unless ``dtype`` is given."""
    value = tensor(fill_value, dtype=dtype).array
    return _made(np.full(_size((size,)), value), value.dtype, device, requires_grad)


def scalar_tensor(s: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A single number, in the default type unless another is given."""
    return _made(s, dtype, device, requires_grad)


@also("empty")  # numbers that do not matter; here nothing depends on what was in memory
def zeros(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **named: Any) -> Tensor:
    """Zeros: ``zeros(2, 3)``, ``zeros((2, 3))`` or ``zeros(size=(2, 3))``."""
    return _filled(np.zeros, size, named, dtype, device, requires_grad)


def ones(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **named: Any) -> Tensor:
    """Ones."""
    return _filled(np.ones, size, named, dtype, device, requires_grad)


def _filled(make: Any, size: tuple[Any, ...], named: dict[str, Any], dtype: Any, device: Any, wanted: bool) -> Tensor:
    kind = dtypes.default.dtype if dtype is None else dtypes.named(dtype)
    return _made(make(_size(size, named), kind), kind, device, wanted)


def full_like(
    input: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """One number in the shape and type of ``input``."""
    kind = input.dtype if dtype is None else dtype
    return full(tuple(input.shape), fill_value, dtype=kind, device=device, requires_grad=requires_grad)


@also("empty_like")
def zeros_like(input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros in the shape and type of ``input``."""
    return full_like(input, 0, dtype=dtype, device=device, requires_grad=requires_grad)


def ones_like(input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones in the shape and type of ``input``."""
    return full_like(input, 1, dtype=dtype, device=device, requires_grad=requires_grad)


# New tensors of the same type


def new(self: Tensor, *data: Any) -> Tensor:
    """PyTorch's older spelling: zeros of these sizes, or a copy of the data, in the type of this tensor."""
    if len(data) == 1 and not isinstance(data[0], int):
        return new_tensor(self, data[0])
    return new_zeros(self, data or (0,))


def new_tensor(
    self: Tensor, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A new leaf with a copy of ``data``, in the type of this tensor."""
    array = as_array(data, dtype or self.array.dtype)
    return _made(array, array.dtype, device, requires_grad)


def new_full(
    self: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A new leaf of this size with one number everywhere, in the type of this tensor."""
    return full(size, fill_value, dtype=dtype or self.array.dtype, device=device, requires_grad=requires_grad)


@also("new_empty")
def new_zeros(self: Tensor, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A new leaf of this size with zeros, in the type of this tensor."""
    return new_full(self, sizes(size), 0, dtype=dtype, device=device, requires_grad=requires_grad)


def new_ones(self: Tensor, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A new leaf of this size with ones, in the type of this tensor."""
    return new_full(self, sizes(size), 1, dtype=dtype, device=device, requires_grad=requires_grad)


# Ranges


def arange(
    start: Any, end: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """start, start + step, ... before ``end``; ``arange(end)`` starts at 0. Integers give int64.

    Raises:
        RuntimeError: if the step is 0 or leads away from the end.
    """
    start, end = (0, start) if end is None else (start, end)
    start, end, step = (
        value.item() if isinstance(value, (Tensor, np.generic)) else value for value in (start, end, step)
    )
    if dtype is not None and dtypes.named(dtype).kind != "f":
        start, end, step = int(start), int(end), int(step)
    if not (step and 0 <= (end - start) / step < 2**63):
        raise RuntimeError(f"arange from {start} to {end} never arrives with step {step}")
    if dtype is None and all(isinstance(value, int) for value in (start, end, step)):
        dtype = dtypes.int64
    return _made(start + step * np.arange(math.ceil((end - start) / step)), dtype, device, requires_grad)


@np.errstate(all="ignore")
def linspace(
    start: Any, end: Any, steps: int, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """``steps`` numbers from ``start`` to ``end``, both included."""
    (count,) = _size((steps,))
    number = float if dtype is None or dtypes.named(dtype).kind == "f" else int
    return _made(np.linspace(number(start), number(end), count), dtype, device, requires_grad)


@np.errstate(all="ignore")
def logspace(
    start: Any, end: Any, steps: int, base: float = 10.0, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """``steps`` numbers from base^start to base^end, each the same multiple of the one before."""
    number = float if dtype is None or dtypes.named(dtype).kind == "f" else int
    return _made(base ** np.linspace(number(start), number(end), steps), dtype, device, requires_grad)


def eye(n: int, m: int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones on the diagonal, (n, m) or (n, n)."""
    rows, columns = _size((n, n if m is None else m))
    return _made(np.eye(rows, columns), dtype, device, requires_grad)


# Chance


def rand(
    *size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None, requires_grad: bool = False,
    **named: Any,
) -> Tensor:  # fmt: skip
    """Uniform numbers in [0, 1)."""
    shape = _size(size, named)
    kind = dtypes.named(dtype if dtype is not None else dtypes.default.dtype)
    # Rounding a float64 just below 1 to float32 would give 1: draw in float32.
    array = numpy_generator(generator).random(shape, np.float32 if kind == np.float32 else np.float64)
    return _made(array, kind, device, requires_grad)


def randn(
    *size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None, requires_grad: bool = False,
    **named: Any,
) -> Tensor:  # fmt: skip
    """Normal numbers with mean 0 and standard deviation 1."""
    return _made(numpy_generator(generator).standard_normal(_size(size, named)), dtype, device, requires_grad)


def randint(
    low: Any = 0, high: Any = None, size: Any = None, *, generator: Generator | None = None, dtype: Any = None,
    device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Integers from ``low`` to below ``high``: ``randint(low, high, size)``, or ``randint(high, size)`` from 0 on.

    Raises:
        RuntimeError: if there is no integer between the two.
        TypeError: without a size.
    """
    if high is None or (size is None and not isinstance(high, _WHOLE)):
        low, high, size = 0, low, high if size is None else size
    if size is None:
        raise TypeError("randint needs a size: randint(low, high, (2, 3))")
    within = -(2**63) <= low < high <= 2**63
    if not within or (dtype is not None and dtypes.fitting(int(high) - 1, dtypes.named(dtype)) != int(high) - 1):
        raise RuntimeError(f"randint draws from low to below high, and there is nothing from {low} to below {high}")
    low, high = int(low), int(high)
    draw, count = (generator or default_generator).numpy, high - low
    array: Any
    if 1 < count <= 2**21:  # a third of numpy's own time, and of 64 random bits at least 43 more than it takes
        bits = draw.bit_generator.random_raw
        try:
            array = bits(size)
        except (TypeError, ValueError):  # a size in another spelling, or none
            array = bits(_size((size,)))
        array = (array // _share(count)).view(_INT64)
        if low:
            array += low
    else:
        array = draw.integers(low, high, _size((size,)))
    if dtype is device is None and not requires_grad:
        return Tensor.fresh(array)
    return _made(array, _INT64 if dtype is None else dtype, device, requires_grad)


_WHOLE: Any = (int, np.integer, Node)
_INT64 = dtypes.int64


@functools.lru_cache(64)
def _share(count: int) -> Any:
    """How many of all 64-bit numbers stand for one of ``count`` values."""
    return np.array(-(-(2**64) // count), np.uint64)


def randperm(n: int, *, generator: Generator | None = None, dtype: Any = None, device: Any = None) -> Tensor:
    """0 to n - 1 in random order."""
    order = numpy_generator(generator).permutation(*_size((n,)))
    return _made(order, dtype if dtype is not None else dtypes.int64, device)


def rand_like(input: Any, *, generator: Generator | None = None, dtype: Any = None, **options: Any) -> Tensor:
    """Uniform numbers in the shape and type of ``input``."""
    return rand(tuple(input.shape), generator=generator, dtype=input.dtype if dtype is None else dtype, **options)


def randn_like(input: Any, *, generator: Generator | None = None, dtype: Any = None, **options: Any) -> Tensor:
    """Normal numbers in the shape and type of ``input``."""
    return randn(tuple(input.shape), generator=generator, dtype=input.dtype if dtype is None else dtype, **options)


def randint_like(input: Any, low: Any, high: Any = None, *, dtype: Any = None, **options: Any) -> Tensor:
    """Integers from ``low`` (or 0) to below ``high`` in the shape and type of ``input``."""
    low, high = (0, low) if high is None else (low, high)
    return randint(low, high, tuple(input.shape), dtype=input.dtype if dtype is None else dtype, **options)


def normal(
    mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Generator | None = None, dtype: Any = None,
    device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Normal numbers with this mean and standard deviation: numbers and a ``size``, or tensors, one for each entry.

    Raises:
        RuntimeError: if a standard deviation is negative.
        TypeError: if neither tensors nor a size are given.
    """
    for read in (mean, std):
        goes_by_data("normal", read)
    tensors = [value.array for value in (mean, std) if isinstance(value, Node)]
    if (size is None) == (not tensors):
        raise TypeError("normal needs tensors, normal(mean, std), or two numbers and a size, normal(0.0, 1.0, (2, 3))")
    centre, width = (value.array if isinstance(value, Node) else value for value in (mean, std))
    if not np.all(np.asarray(width) >= 0):
        raise RuntimeError(f"normal needs a standard deviation of at least 0, got {std}")
    shape = np.broadcast_shapes(np.shape(centre), np.shape(width)) if size is None else _size((size,))
    kind = dtype if dtype is not None else tensors[0].dtype if tensors else None
    return _made(numpy_generator(generator).normal(centre, width, shape), kind, device, requires_grad)


# From other data


def from_numpy(array: Any) -> Tensor:
    """A tensor that shares the memory of a numpy array.

    Raises:
        TypeError: for anything else, and for arrays that do not hold numbers or truth values.
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy takes a numpy array, got {type(array).__name__}; use tensor(...)")
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8 or not array.dtype.isnative:
        raise TypeError(
            f"a tensor holds numbers or truth values, in the order of bytes of this machine, got an array of "
            f"{array.dtype.str}; tensor(...) copies numbers in another order"
        )
    return wrap(array)


def from_dlpack(ext_tensor: Any) -> Tensor:
    """A tensor that shares the memory of another library's (which has ``__dlpack__``)."""
    return from_numpy(np.from_dlpack(ext_tensor))


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """``data`` as a tensor, sharing its memory where possible."""
    refuse_other_devices(device)
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    if isinstance(data, np.ndarray) and data.dtype.isnative and (dtype is None or dtypes.named(dtype) == data.dtype):
        return from_numpy(data)
    return tensor(data, dtype=dtype)


def asarray(obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Tensor:
    """A tensor of these numbers, sharing memory where it can unless a copy is asked for."""
    return as_tensor(obj, dtype, device).clone() if copy else as_tensor(obj, dtype, device)


def result_type(tensor1: Any, tensor2: Any) -> Any:
    """The type that a sum of two tensors or numbers has."""
    return dtypes.result_type([getattr(each, "array", each) for each in (tensor1, tensor2)])


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Rows and columns of the entries of a matrix on and below a diagonal, of shape (2, count)."""
    return _made(np.stack(np.tril_indices(row, offset, col)), dtype or dtypes.int64, device)


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Rows and columns of the entries of a matrix on and above a diagonal, of shape (2, count)."""
    return _made(np.stack(np.triu_indices(row, offset, col)), dtype or dtypes.int64, device)


def is_tensor(obj: Any) -> bool:
    """Whether this is a tensor."""
    return isinstance(obj, Tensor)


class TensorOf:
    """PyTorch's older name for tensors of one type: ``LongTensor([1, 2])``, ``FloatTensor(2, 3)``."""

    def __init__(self, dtype: dtypes.DType) -> None:
        self.dtype = dtype  # numpy reads it where a dtype is expected: x.type(LongTensor)
        self.__name__ = dtypes.TENSOR_NAMES[dtype]

    @spoken
    def __call__(self, *data: Any) -> Tensor:
        """A leaf of these sizes with zeros, or with a copy of the data."""
        if len(data) == 1 and not isinstance(data[0], (int, np.integer)):
            return tensor(data[0], dtype=self.dtype)
        return zeros(data or (0,), dtype=self.dtype)

    def __instancecheck__(self, obj: Any) -> bool:
        return isinstance(obj, Tensor) and obj.dtype == self.dtype

    def __repr__(self) -> str:
        return f"<class {self.__name__!r}>"


TYPED = [TensorOf(dtype) for dtype in dtypes.TENSOR_NAMES]
