"""Tensor: an array that remembers how it was made, and gives back the gradient of what was made from it."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from ..engine.backward import differentiate, seed_of
from ..engine.graph import NO_KWARGS, Memory, Node, arguments, clock, describe, history
from ..engine.hooks import RemovableHandle
from ..engine.primitive import Primitive
from ..engine.scope import here
from ..numbers import dtypes
from ..ops import shaping
from . import printing
from .arrays import Size, as_array, refuse_gradient_of
from .inplace import InPlace
from .overwriting import Overwriting, same


class Tensor(Overwriting, InPlace):
    """An n-dimensional array of numbers that takes part in automatic differentiation.

    ``tensor(data)`` makes one; ``Tensor(2, 3)`` and ``Tensor([1, 2])`` are PyTorch's older spellings and give the
    default floating point type.
    """

    __slots__ = ("_grad",)

    _grad: Tensor | None

    def __init__(self, *data: Any) -> None:
        sizes = all(isinstance(size, int) for size in data)
        array = np.zeros(data or (0,)) if sizes else as_array(*data)
        self._start(array.astype(dtypes.default.dtype, copy=False))

    def _start(self, array: Any, requires_grad: bool = False, owner: Node | None = None) -> Self:
        """Become a leaf with this value."""
        self.array = array
        self.tracked = requires_grad
        self.birth = clock.tick()
        self.place = here.place
        self.primitive = self.name = self.earlier = self.hooks = self.line = self._grad = None
        self.owner = owner
        self.args = ()
        self.kwargs = NO_KWARGS
        self.changed = 0
        self.used = self.retains_grad = False
        return self

    def record(self, primitive: Primitive, args: tuple[Any, ...], kwargs: Mapping[str, Any] = NO_KWARGS) -> Tensor:
        """Apply ``primitive`` to ``args`` and, if a gradient may be asked for, remember how the result was made."""
        values: list[Any] = []
        wanted = False
        for arg in args:
            if isinstance(arg, Node):
                values.append(arg.array)
                wanted = wanted or arg.tracked
            else:
                values.append(arg)
        if primitive.promotes:
            values = dtypes.promote(values)
        # An empty ** is not free, and this is the innermost line of every forward pass.
        try:
            array = primitive.forward(*values, **kwargs) if kwargs else primitive.forward(*values)
        except ValueError as error:
            shapes = " and ".join(str(np.shape(value)) for value in values)
            raise RuntimeError(f"{primitive.name} is not possible with shapes {shapes}: {error}") from error
        if type(array) is not np.ndarray:
            if primitive.formula is None:
                array = np.asarray(array)
            else:
                array, kept = array
                kwargs = {"kept": kept}
        if array.dtype is not dtypes.default.dtype and array.dtype.kind == "f" and primitive is not shaping.cast:
            array = dtypes.demote(array, values, lambda reals: primitive.forward(*reals, **kwargs))
        made: Tensor = Tensor.__new__(Tensor)
        made.array = array
        made.birth = clock.tick()
        made.place = here.place
        made.owner = self.memory if primitive.view and array.base is not None else None
        made.name = made.earlier = made.hooks = made.line = made._grad = None
        made.changed = 0
        made.used = made.retains_grad = False
        if wanted and (recording := here.recording) and primitive.differentiable:
            made.tracked = True
            made.primitive = primitive
            made.args = args
            made.kwargs = kwargs
            return made if recording is True else recording(made)
        made.tracked = False
        made.primitive = None
        made.args = ()
        made.kwargs = NO_KWARGS
        return made

    # Gradients

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Tensor | Sequence[Tensor] | None = None,
    ) -> None:
        """Add dL/d(leaf) to ``.grad`` of every leaf this tensor was made from that requires a gradient.

        Args:
            gradient: dL/d(self), in the shape of this tensor; may be left out if it holds a single number.
            retain_graph: allow another backward pass through the same graph; default: ``create_graph``.
            create_graph: record the backward pass itself, so that the gradients can be differentiated again.
            inputs: the tensors whose ``.grad`` is wanted, if not all leaves.

        Raises:
            RuntimeError: if nothing requires a gradient, if this is not a single number and no ``gradient`` is
                given, if the graph was used before, or if a value needed was changed in place since.
        """
        if inputs is not None:
            inputs = chosen(inputs, "backward")
        run_backward((self,), (gradient,), retain_graph=retain_graph, create_graph=create_graph, inputs=inputs)

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
        if value is not None and (not isinstance(value, Tensor) or value.shape != self.shape):
            raise RuntimeError(
                f"a gradient must be a Tensor of shape {tuple(self.shape)}, got "
                f"{tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__}"
            )
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
    def requires_grad(self) -> bool:
        """Whether a gradient is asked for; assigning is as ``requires_grad_()``."""
        return self.tracked

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        self.requires_grad_(requires_grad)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Start, or stop, asking for a gradient.

        Raises:
            RuntimeError: for integers and bools, and to switch it off on a value that is not a leaf.
        """
        if requires_grad:
            refuse_gradient_of(self.dtype)
        elif self.primitive is not None:
            raise RuntimeError("only a leaf can stop requiring a gradient; use x.detach() for a recorded value")
        self.tracked = requires_grad
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

        def apply(g: Any) -> Any:
            result = hook(g if isinstance(g, Tensor) else wrap(np.asarray(g)))
            if result is None:
                return g
            if not isinstance(result, Tensor) or result.shape != g.shape:
                raise RuntimeError(
                    f"a hook on {describe(self)} was given a gradient of shape {tuple(g.shape)} and returned "
                    f"{tuple(result.shape) if isinstance(result, Tensor) else type(result).__name__}; it returns a "
                    "Tensor of the same shape, or None to leave the gradient as it is"
                )
            return result if isinstance(g, Tensor) else result.array

        self.hooks = {} if self.hooks is None else self.hooks
        return RemovableHandle(self.hooks, apply)

    def detach(self) -> Tensor:
        """The same memory without the history: gradients stop here."""
        leaf, memory = wrap(self.array), self.memory
        if isinstance(memory.changed, int):
            memory.changed = Memory(memory.changed)
        leaf.changed = memory.changed
        return leaf

    @property
    def data(self) -> Tensor:
        """As ``detach()``; assigning replaces the value in place."""
        return self.detach()

    @data.setter
    def data(self, value: Tensor) -> None:
        self.array = value.array
        self.touch()

    # What it is

    @property
    def shape(self) -> Size:
        """The sizes of the axes."""
        return Size(self.array.shape)

    def size(self, dim: int | None = None) -> Any:
        """The shape, or one size of it."""
        return self.shape if dim is None else self.array.shape[dim]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return int(self.array.ndim)

    dim = ndimension = lambda self: self.ndim

    @property
    def dtype(self) -> dtypes.DType:
        """The type of the numbers."""
        dtype: dtypes.DType = self.array.dtype
        return dtype

    def numel(self) -> int:
        """How many numbers it holds."""
        return int(self.array.size)

    nelement = numel

    @property
    def T(self) -> Tensor:
        """All axes in reverse order."""
        return self.permute(*reversed(range(self.ndim)))

    def __repr__(self) -> str:
        return printing.text(self)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if self.array.ndim == 0 else object.__format__(self, spec)

    # Copies

    def __deepcopy__(self, memo: Any) -> Tensor:
        """A copy of the value and of everything it was made from."""
        for old in history(self, folded=True):
            if id(old) not in memo:
                memo[id(old)] = new = same(old)
                new.array = old.array.copy()
                new.args = tuple(memo.get(id(arg), arg) for arg in arguments(old))
                new.owner = new.earlier = new.hooks = None
                new.birth = clock.tick()
                new._grad = copy.deepcopy(old._grad, memo)  # type: ignore[attr-defined]
        copied: Tensor = memo[id(self)]
        return copied

    def __reduce__(self) -> Any:
        raise TypeError("tensors are not pickled, since a pickle can run code when it is read; save x.numpy() instead")

    def fresh(self, array: Any) -> Tensor:
        """A new leaf with this array."""
        return wrap(array)


# Making tensors


def wrap(array: Any, requires_grad: bool = False, owner: Node | None = None) -> Tensor:
    """A leaf that shares the memory of a numpy array."""
    made: Tensor = Tensor.__new__(Tensor)
    return made._start(array, requires_grad, owner)


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
    """
    made = wrap(as_array(data, dtype)).to(str(device or "cpu"))
    return made.requires_grad_() if requires_grad else made


def run_backward(
    roots: Sequence[Tensor],
    seeds: Sequence[Any],
    *,
    retain_graph: bool | None,
    create_graph: bool,
    inputs: Sequence[Tensor] | None = None,
) -> None:
    """Add to ``.grad`` of the leaves below ``roots``, or of ``inputs``; see ``Tensor.backward``."""
    starts = [start_of(root, seed, create_graph) for root, seed in zip(roots, seeds, strict=True)]
    targets = None if inputs is None else {tensor.birth for tensor in inputs}
    for leaf, g in differentiate(roots, starts, retain_graph=retain_graph, create_graph=create_graph, targets=targets):
        if leaf._grad is None:
            leaf._grad = g if isinstance(g, Tensor) else wrap(np.array(g))
        elif isinstance(g, Tensor):
            leaf._grad = leaf._grad + g
        else:
            leaf._grad.array += g
            leaf._grad.touch()


def chosen(inputs: Tensor | Sequence[Tensor], asker: str) -> tuple[Tensor, ...]:
    """The tensors whose gradients are asked for.

    Raises:
        RuntimeError: if there is none, or if one of them does not require a gradient.
    """
    tensors = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    if not tensors:
        raise RuntimeError(f"{asker}() was given no inputs to differentiate with respect to: inputs is empty")
    for position, each in enumerate(tensors):
        if not each.requires_grad:
            raise RuntimeError(
                f"input {position} does not require a gradient: {describe(each)}; create it with requires_grad=True, "
                "and before what is to be differentiated is computed from it"
            )
    return tensors


def start_of(root: Tensor, seed: Any, create_graph: bool) -> Any:
    """``seed_of`` as an array, or as a tensor if the backward pass is to be recorded."""
    seed = seed_of(root, seed)
    if create_graph:
        return seed if isinstance(seed, Tensor) else wrap(seed)
    return seed.array if isinstance(seed, Tensor) else seed
