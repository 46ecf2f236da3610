"""Tensor: an array that remembers how it was made, and gives back the gradient of what was made from it."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any, Self

import numpy as np

from ..engine.describing import describe
from ..engine.folding import history
from ..engine.graph import Node, arguments, clock
from ..engine.hooks import RemovableHandle
from ..engine.lifetime import ask
from ..engine.modes import goes_by_data
from ..engine.refusing import described, shown, spoken
from ..engine.tensor import Recorder
from ..engine.versions import renewed, shared_memory
from ..numbers import devices, dtypes
from . import printing
from .arrays import Size, as_array, refuse_gradient_of
from .conversion import Conversions
from .overwriting import Overwriting, same


class Tensor(Overwriting["Tensor"], Conversions["Tensor"], results=True):
    """An n-dimensional array of numbers that takes part in automatic differentiation.

    ``tensor(data)`` makes one; ``Tensor(2, 3)`` and ``Tensor([1, 2])`` are PyTorch's older spellings and give the
    default floating point type.
    """

    __slots__ = ()

    _grad: Tensor | None

    def __init__(self, *data: Any, device: Any = None) -> None:
        devices.refuse_other_devices(device)
        sizes = all(isinstance(size, int) for size in data)
        array = np.zeros(data or (0,)) if sizes else as_array(*data)
        self._start(array.astype(dtypes.default.dtype, copy=False))

    @property
    def grad(self) -> Tensor | None:
        """What backward passes have added up so far; None before the first, and for values that are not leaves."""
        if self._grad is None and self.primitive is not None and not self.retains_grad:
            warnings.warn(
                f".grad of a tensor that is not a leaf is never filled ({describe(self)}); call retain_grad() on it "
                "before backward()",
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        fits = isinstance(value, Tensor) and (value.shape, value.dtype) == (self.shape, self.dtype)
        if value is not None and not fits:
            kind = RuntimeError if isinstance(value, Tensor) else TypeError
            raise kind(f"the gradient of {described(self.array)} is a tensor like it or None, got {shown(value)}")
        self._grad = value

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by the user rather than by a recorded operation."""
        return self.primitive is None

    @property
    def grad_fn(self) -> printing.GradFn | None:
        """What made it, as PyTorch shows it: prints as ``<TanhBackward0>``; None for a leaf."""
        return None if self.primitive is None else printing.GradFn(self)

    @property
    def line(self) -> Any:
        """The user's line that made it, if it was recorded while anomalies are looked for."""
        return self._code if isinstance(self._code, tuple) else None

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient is asked for; assigning is as ``requires_grad_()``."""
        renewed((self,))
        return bool(self.tracked)

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        self.requires_grad_(requires_grad)

    @spoken
    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Start, or stop, asking for a gradient.

        Raises:
            RuntimeError: for integers and bools, and to switch it off on a value that is not a leaf.
        """
        if requires_grad:
            refuse_gradient_of(self.dtype)
        elif self.primitive is not None:
            raise RuntimeError("only a leaf can stop requiring a gradient; use x.detach() for a recorded value")
        ask(self, requires_grad)
        return self

    def retain_grad(self) -> None:
        """Keep ``.grad`` of this value in backward passes although it is not a leaf."""
        self.retains_grad = self.primitive is not None

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """Call ``hook(gradient)`` when dL/d(self) is known; what it returns, if anything, takes its place.

        Returns a handle whose ``remove()`` takes the hook out again. Hooks run in the order they were registered.

        Raises:
            RuntimeError: if no gradient flows to this tensor; in the backward pass, if the hook changes the shape.
        """
        if not self.requires_grad:
            raise RuntimeError(f"a hook waits for a gradient, and {describe(self)} does not require one")

        waiting = describe(self)  # and not the tensor itself, which would then hold itself

        def apply(g: Any) -> Any:
            given = g if isinstance(g, Tensor) else wrap(np.array(g))  # nobody else's, since hooks may write into it
            result = hook(given)
            if result is None:
                result = given
            if not isinstance(result, Tensor) or result.shape != g.shape:
                raise RuntimeError(
                    f"a hook on {waiting} was given a gradient of shape {tuple(g.shape)} and returned "
                    f"{tuple(result.shape) if isinstance(result, Tensor) else type(result).__name__}; it returns a "
                    "Tensor of the same shape, or None to leave the gradient as it is"
                )
            return result if isinstance(g, Tensor) else result.array

        self.hooks = {} if self.hooks is None else self.hooks
        return RemovableHandle(self.hooks, apply)

    def detach(self) -> Tensor:
        """The same memory without the history: gradients stop here."""
        leaf = wrap(self.array)
        leaf.changed = shared_memory(self)
        return leaf

    @property
    def data(self) -> Tensor:
        """As ``detach()``; assigning replaces the value in place."""
        return self.detach()

    @data.setter
    def data(self, value: Tensor) -> None:
        if self.primitive is not None and value.shape != self.shape:
            raise RuntimeError(
                f"{describe(self)} was recorded in this shape, and data of shape {value.shape} has another"
            )
        other = value.shape != self.shape
        self.array, self.owner = value.array, None  # and if it was a view, it is none now
        self.touch()
        if other:  # of which those it shared memory with so far know nothing
            self.changed = clock.last_change
            shared_memory(self).reshaped = clock.last_change

    # What it is

    @property
    def shape(self) -> Size:
        """The sizes of the axes."""
        return Size(self.array.shape)

    @spoken
    def size(self, dim: int | None = None) -> Any:
        """The shape, or one size of it."""
        return self.shape if dim is None else self.array.shape[dim]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return int(self.array.ndim)

    def dim(self) -> int:
        """The number of axes."""
        return int(self.array.ndim)

    ndimension = dim

    @property
    def dtype(self) -> dtypes.DType:
        """The type of the numbers."""
        dtype: dtypes.DType = self.array.dtype
        return dtype

    def numel(self) -> int:
        """How many numbers it holds."""
        return int(self.array.size)

    nelement = numel

    # How it lies in memory

    def element_size(self) -> int:
        """The bytes of one number."""
        return int(self.array.itemsize)

    @property
    def itemsize(self) -> int:
        """The bytes of one number."""
        return int(self.array.itemsize)

    @property
    def nbytes(self) -> int:
        """The bytes of all numbers."""
        return int(self.array.nbytes)

    def data_ptr(self) -> int:
        """The address of the first number."""
        return int(self.array.__array_interface__["data"][0])

    @spoken
    def stride(self, dim: int | None = None) -> Any:
        """How many numbers lie between neighbours along each axis, or along one."""
        goes_by_data("stride()", self)
        strides = tuple([step // self.array.itemsize for step in self.array.strides])
        return strides if dim is None else strides[dim]

    def storage_offset(self) -> int:
        """How many numbers of the tensor it is a view of lie before it."""
        first: Any = self.memory
        return int(self.data_ptr() - first.data_ptr()) // self.element_size()

    def get_device(self) -> int:
        """The number of the graphics card: -1, for there is none."""
        return -1

    is_sparse = is_quantized = is_meta = False

    def is_complex(self) -> bool:
        """Whether it holds complex numbers: it does not."""
        return False

    def is_signed(self) -> bool:
        """Whether its numbers can be below zero."""
        return self.array.dtype.kind in "if"

    @property
    def T(self) -> Tensor:
        """All axes in reverse order."""
        return self.permute(*reversed(range(self.ndim)))

    @property
    def H(self) -> Tensor:
        """A matrix transposed, whose numbers are real; a single number as it is."""
        if self.ndim not in (0, 2):
            raise RuntimeError(f"H transposes a matrix, got shape {tuple(self.shape)}; use mT for a batch of them")
        return self.permute(*reversed(range(self.ndim)))

    @property
    def mH(self) -> Tensor:
        """Matrices transposed, whose numbers are real."""
        return self.mT

    @property
    def real(self) -> Tensor:
        """The tensor itself: all numbers are real."""
        return self

    def __dir__(self) -> list[str]:
        return sorted(set(object.__dir__(self)) - _OF_THE_ENGINE)

    def __repr__(self) -> str:
        return printing.text(self)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if self.array.ndim == 0 else object.__format__(self, spec)

    # Copies

    def __copy__(self) -> Self:
        """A leaf that shares the memory."""
        twin: Self = same(self)._start(self.array, self.requires_grad)
        twin.changed, twin.name = shared_memory(self), self.name
        return twin

    def __deepcopy__(self, memo: Any) -> Tensor:
        """A copy of the value and of everything it was made from."""
        for old in history(self, folded=True):
            if id(old) not in memo:
                memo[id(old)] = new = same(old)
                new.array = old.array.copy()
                new.args = tuple(memo.get(id(arg), arg) for arg in arguments(old))
                new.owner = new.earlier = new.hooks = None
                new.birth = clock.tick()
                new._grad = copy.deepcopy(old._grad, memo)
        copied: Tensor = memo[id(self)]
        return copied

    def __reduce__(self) -> Any:
        raise TypeError("tensors are not pickled, since a pickle can run code; use save(data, file), also for modules")


#: What readers of the graph make use of, or what there is not; ``dir(x)`` shows what users of tensors do.
_OF_THE_ENGINE = {
    *(name for kind in (Node, Recorder) for name in vars(kind) if name[:2] != "__"),
    *(name for name in vars(Overwriting) if name[0] == "_" and name[1] != "_"),
    *("become", "line", "overwrite", "touch", "renew", "_is_protocol", "register_post_accumulate_grad_hook"),
} - {"array", "backward", "name", "retains_grad"}


# Making tensors


def wrap(array: Any, requires_grad: bool = False, owner: Node | None = None) -> Tensor:
    """A leaf that shares the memory of a numpy array."""
    return Tensor.fresh(array, requires_grad, owner)


def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A leaf with a copy of ``data``: a number, nested lists of numbers, a numpy array, a tensor.

    Args:
        data: Python floats give the default dtype, Python ints int64, arrays and tensors keep theirs.
        dtype: another type of numbers.
        device: "cpu", or None.
        requires_grad: whether gradients are wanted.

    Raises:
        TypeError: if ``data`` is not numbers in a regular shape.
        RuntimeError: if a gradient is asked for of integers or truth values.

    >>> tg.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    tensor([[1., 2.],
            [3., 4.]], requires_grad=True)
    """
    made = wrap(as_array(data, dtype)).to(str(device or "cpu"))
    return made.requires_grad_() if requires_grad else made
