"""Out to Python and numpy, and from one type of numbers to another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..engine.answers import is_answer, remember
from ..engine.describing import describe
from ..engine.graph import Node
from ..engine.modes import goes_by_data
from ..engine.operators import Operator
from ..engine.primitive import T
from ..engine.refusing import spoken
from ..engine.scope import here
from ..numbers import devices, dtypes
from ..ops import shaping
from .methods import Methods


def _in_type(dtype: dtypes.DType) -> Any:
    """The method that gives a tensor in a type of numbers."""

    def method(self: Any, *, memory_format: Any = None) -> Any:
        return self.to(dtype, memory_format=memory_format)

    method.__doc__ = f"As {dtype}."
    return method


class Conversions(Methods[T]):
    """``x.item()``, ``x.numpy()``, ``float(x)``, ``x.double()``."""

    __slots__ = ()

    def item(self) -> Any:
        """The only number it holds, as a Python number."""
        if self.array.size != 1:
            raise RuntimeError(
                f"a tensor with {self.array.size} numbers cannot become one; shape {tuple(self.array.shape)}"
            )
        goes_by_data("item()", self)
        return self.array.item()

    def tolist(self) -> Any:
        """Nested Python lists of numbers."""
        goes_by_data("tolist()", self)
        return self.array.tolist()

    def numpy(self, *, force: bool = False) -> Any:
        """The numpy array itself (shared memory).

        Raises:
            RuntimeError: if a gradient would be lost, unless with ``force`` or inside ``no_grad``.
        """
        goes_by_data("numpy()", self)
        return self.array if force else self.__array__()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self.tracked and here.recording:
            raise RuntimeError(
                f"a tensor that requires a gradient would lose it in numpy ({describe(self)}); use the functions of "
                "tinygrad_rnn (tanh(x), stack([a, b])), or x.detach().numpy() to leave the graph on purpose"
            )
        goes_by_data("numpy()", self)
        return np.array(self.array, dtype, copy=copy)

    def __dlpack__(self, **options: Any) -> Any:
        """For ``from_dlpack`` of other libraries: they share the memory.

        Raises:
            BufferError: if a gradient would be lost.
        """
        if self.tracked:
            raise BufferError(f"a tensor that requires a gradient would lose it ({describe(self)}); use x.detach()")
        goes_by_data("dlpack", self)
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.array.__dlpack_device__()  # type: ignore[no-any-return]

    def __contains__(self, value: Any) -> bool:
        goes_by_data("in", self)
        return bool((self == value).array.any())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self.array.size != 1 or self.array.dtype.kind == "f":
            raise TypeError(f"only one integer can be an index or a size, and this is {describe(self)}")
        return int(self.item())

    def __bool__(self) -> bool:
        if self.array.size != 1:
            raise RuntimeError(
                f"the truth of a tensor with {self.array.size} numbers is ambiguous; use x.any() or x.all()"
            )
        return bool(self.item())

    def __len__(self) -> int:
        if not self.array.ndim:
            raise TypeError("len() of a single number: this tensor has no axes")
        return len(self.array)

    def __iter__(self) -> Iterator[T]:
        if not self.array.ndim:
            raise TypeError("a tensor without axes cannot be iterated over; use x.item()")
        return iter(self.unbind())

    def to(
        self, *target: Any, dtype: Any = None, device: Any = None, non_blocking: bool = False, copy: bool = False,
        memory_format: Any = None,
    ) -> T:  # fmt: skip
        """In another type of numbers; the same tensor if it has that type already and no ``copy`` is asked for.

        ``to(dtype)``, ``to(device)``, ``to(device, dtype)`` or ``to(other)``, then non_blocking and copy; the only
        device is "cpu", from which nothing has to be moved, blocking or not. A copy keeps the order of entries in
        memory, or with ``memory_format=contiguous_format`` has them in the order in which they are read.

        Raises:
            RuntimeError: for another device or memory format.
        """
        switches = 0
        for wanted in target:
            if isinstance(wanted, Node):
                dtype = wanted.array.dtype
            elif isinstance(wanted, (str, devices.device)) and not hasattr(dtypes, str(wanted)):
                device = wanted
            elif isinstance(wanted, bool):  # non_blocking, then copy
                copy, switches = copy or (wanted and switches > 0), switches + 1
            elif wanted is not None:
                dtype = wanted
        devices.refuse_other_devices(device)
        kind, order = self.array.dtype if dtype is None else dtypes.named(dtype), devices.ordered(memory_format)
        if not copy and kind == self.array.dtype:
            return self  # type: ignore[return-value]  # a tensor, as its results are
        made, options = shaping.cast(self, dtype=kind, **order), {"dtype": kind, **order}
        return remember(made, shaping.cast, (self,), options) if is_answer(self) else made

    def type(self, dtype: Any = None) -> Any:
        """In another type of numbers; without ``dtype`` PyTorch's name of the type, ``"torch.FloatTensor"``."""
        if dtype is None:
            return f"torch.{dtypes.TENSOR_NAMES[self.array.dtype]}"
        if isinstance(dtype, str):
            names = {name: each for each, name in dtypes.TENSOR_NAMES.items()}
            dtype = names.get(dtype.rpartition(".")[2], dtype)
        elif isinstance(dtype, type) and issubclass(dtype, Node):
            dtype = dtypes.default.dtype  # PyTorch's Tensor is its FloatTensor
        return self.to(dtype)

    @spoken
    def type_as(self, other: Any) -> T:
        """In the type of ``other``."""
        return self.to(other.dtype)

    def cpu(self, memory_format: Any = None) -> T:
        """The same tensor, which is in the processor's memory already."""
        return self.to("cpu", memory_format=memory_format)

    def cuda(self, device: Any = None) -> T:
        """Not possible: raises RuntimeError."""
        return self.to("cuda" if device is None else f"cuda:{device}")

    @property
    def device(self) -> devices.device:
        """Where it lives: on the processor."""
        return devices.CPU

    is_cuda = False

    def is_floating_point(self) -> Any:
        """Whether it holds real numbers."""
        return self.array.dtype.kind == "f"

    float: Operator[T] = _in_type(dtypes.float32)
    double: Operator[T] = _in_type(dtypes.float64)
    half: Operator[T] = _in_type(dtypes.float16)
    long: Operator[T] = _in_type(dtypes.int64)
    int: Operator[T] = _in_type(dtypes.int32)
    short: Operator[T] = _in_type(dtypes.int16)
    char: Operator[T] = _in_type(dtypes.int8)
    byte: Operator[T] = _in_type(dtypes.uint8)
    bool: Operator[T] = _in_type(dtypes.bool)

    def clone(self, *, memory_format: Any = None) -> T:
        """A copy in its own memory, in the same order there or in ``memory_format``; gradients flow through."""
        return shaping.cast(self, dtype=self.array.dtype, **devices.ordered(memory_format))

    def contiguous(self, memory_format: Any = devices.contiguous_format) -> T:
        """With its entries in memory in the order in which they are read: itself, or a copy; gradients flow through.

        Raises:
            RuntimeError: for another ``memory_format``.
        """
        if devices.ordered(memory_format) and self.array.flags.c_contiguous:
            return self  # type: ignore[return-value]  # a tensor, as its results are
        if memory_format is devices.preserve_format:
            raise RuntimeError(
                "contiguous() gives an order of entries, which preserve_format leaves as it is: use clone()"
            )
        return shaping.cast(self, dtype=self.array.dtype, order="C")

    def is_contiguous(self, memory_format: Any = devices.contiguous_format) -> Any:
        """Whether the entries lie in memory in the order in which they are read."""
        goes_by_data("is_contiguous()", self)
        return bool(devices.ordered(memory_format)) and self.array.flags.c_contiguous
