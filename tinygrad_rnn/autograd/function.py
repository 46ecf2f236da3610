"""Operations written by the user as a pair of functions, forward and backward: PyTorch's ``autograd.Function``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from ..engine.describing import describe
from ..engine.graph import clock
from ..engine.modes import no_grad
from ..engine.versions import was_changed
from ..surface.segment import recorded
from ..surface.tensor import Tensor, wrap


class FunctionCtx:
    """What ``forward`` leaves for ``backward``: saved tensors, and any attribute you set on it.

    Attributes:
        needs_input_grad: for each argument of ``apply``, whether a gradient is wanted.
        saved_tensors: what ``save_for_backward`` was given.
    """

    needs_input_grad: tuple[bool, ...]

    def __init__(self, needs_input_grad: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs_input_grad
        self._saved: tuple[tuple[Any, int], ...] = ()
        self._results: dict[int, Tensor] = {}  # during backward: what was recorded, by the id of what forward returned
        self._fixed: set[int] = set()
        self._materialize = True

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for ``backward``. What was changed in place by then is refused."""
        now = clock.tick()
        self._saved = tuple((tensor, now) for tensor in tensors)

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The tensors kept by ``save_for_backward``.

        Raises:
            RuntimeError: if one of them was changed in place since.
        """
        for tensor, born in self._saved:
            if tensor is not None and (was_changed(tensor, born) or tensor.birth > born):
                raise RuntimeError(
                    f"a tensor saved for the backward pass of an autograd.Function was changed in place since: "
                    f"{describe(tensor)}. Save a copy, tensor.clone(), or compute a new tensor instead of changing it"
                )
        return tuple(self._results.get(id(tensor), tensor) for tensor, _ in self._saved)

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """State that these outputs have no gradient."""
        self._fixed |= {id(tensor) for tensor in tensors}

    def set_materialize_grads(self, value: bool) -> None:
        """Whether ``backward`` receives zeros (True, the default) or None for outputs that no gradient came to."""
        self._materialize = bool(value)

    def mark_dirty(self, *tensors: Tensor) -> NoReturn:
        """Not supported.

        Raises:
            NotImplementedError: always; a Function cannot change its arguments in place here.
        """
        raise NotImplementedError(
            "an autograd.Function cannot change its arguments in place here: compute a new tensor in forward() and "
            "return it"
        )


class Function:
    """An operation of your own. Subclass it, give it ``forward`` and ``backward``, and call
    ``YourFunction.apply(...)``::

        class Cube(Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x ** 3

            @staticmethod
            def backward(ctx, grad):
                (x,) = ctx.saved_tensors
                return grad * 3 * x ** 2

    ``forward`` takes any arguments and returns a tensor or a tuple of tensors; what it does is not recorded.
    ``backward`` takes one gradient for each output and returns one for each argument, None for those that need none.
    It is recorded itself under ``create_graph=True``: written with operations on tensors, it can be differentiated
    again. In the newer style ``forward`` has no ctx, and ``setup_context(ctx, inputs, output)`` saves what is needed.

    An operation of numpy arrays is shorter as a ``Primitive``: an array function and one derivative rule per argument.
    """

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the outputs."""
        raise NotImplementedError("an autograd.Function needs a static method forward(ctx, ...)")

    @staticmethod
    def setup_context(ctx: FunctionCtx, inputs: tuple[Any, ...], output: Any) -> None:
        """In the newer style: keep what ``backward`` needs."""
        raise NotImplementedError("setup_context is optional")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Compute dL/d(argument) for every argument from dL/d(output) for every output."""
        raise NotImplementedError(
            "this autograd.Function has no backward(ctx, ...), which returns a gradient for each argument of forward"
        )

    def __init__(self) -> None:
        raise RuntimeError("an autograd.Function is not made into an object: call its class method apply(...)")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Compute ``forward`` and record it as one operation."""
        where = [position for position, arg in enumerate(args) if isinstance(arg, Tensor)]
        ctx = FunctionCtx(tuple(isinstance(arg, Tensor) and arg.requires_grad for arg in args))
        with no_grad():
            if cls.setup_context is not Function.setup_context:
                result = cls.forward(*args)
                cls.setup_context(ctx, args, result)
            else:
                result = cls.forward(ctx, *args)
        outputs = _tuple(result)
        carrying = [
            i
            for i, y in enumerate(outputs)
            if isinstance(y, Tensor) and y.array.dtype.kind == "f" and id(y) not in ctx._fixed
        ]
        if not where or not carrying:
            return result

        def pull(gradients: Sequence[Tensor | None], results: Sequence[Tensor]) -> list[Tensor | None]:
            full: list[Any] = [
                wrap(np.zeros_like(y.array)) if isinstance(y, Tensor) and ctx._materialize else None for y in outputs
            ]
            for i, g in zip(carrying, gradients, strict=True):
                full[i] = full[i] if g is None else g
            ctx._results = {id(outputs[i]): y for i, y in zip(carrying, results, strict=True)}
            try:
                found = cls.backward(ctx, *full)
            finally:
                ctx._results = {}
            return _checked(cls.__name__, _tuple(found), args, where)

        carried = [outputs[i] for i in carrying]
        made = recorded(cls.__name__, [args[i] for i in where], carried, pull, materialize=ctx._materialize)
        final = [*outputs]
        for i, y in zip(carrying, made, strict=True):
            final[i] = y
        return tuple(final) if isinstance(result, (tuple, list)) else final[0]


def _tuple(found: Any) -> tuple[Any, ...]:
    return tuple(found) if isinstance(found, (tuple, list)) else (found,)


def _checked(name: str, found: tuple[Any, ...], args: tuple[Any, ...], where: Sequence[int]) -> list[Tensor | None]:
    """What ``backward`` returned for the tensors among the arguments."""
    returned = f"{name}.backward() returned"
    if len(found) < len(args) or any(g is not None for g in found[len(args) :]):
        raise RuntimeError(
            f"{returned} {len(found)} gradients, and forward() takes {len(args)} arguments after ctx; return one for "
            "each, None for those that need none"
        )
    for position, g in enumerate(found[: len(args)]):
        to = f"for argument {position}"
        if g is not None and position not in where:
            raise RuntimeError(f"{returned} a gradient {to}, which is not a tensor; return None for it")
        if not isinstance(g, Tensor | None):
            raise TypeError(f"{returned} a {type(g).__name__} {to}; return a Tensor or None")
        if g is not None and not _broadcasts(shape := tuple(args[position].shape), tuple(g.shape)):
            raise RuntimeError(f"{returned} a gradient of shape {tuple(g.shape)} {to}, which has {shape}")
    return [found[position] for position in where]


def _broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Whether ``shape`` can be broadcast to a shape, so that summing undoes it."""
    return len(shape) <= len(to) and all(n in (1, m) for n, m in zip(shape[::-1], to[::-1], strict=False))


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a ``backward`` that cannot be differentiated again: it may use numpy; a second derivative is refused."""

    @functools.wraps(backward)
    def once(ctx: Any, *grad_outputs: Any) -> Any:
        with no_grad():
            found = backward(ctx, *[None if g is None else g.detach() for g in grad_outputs])
        sources = [g for g in grad_outputs if isinstance(g, Tensor)]
        sources += [tensor for tensor, _ in ctx._saved if isinstance(tensor, Tensor) and tensor.requires_grad]
        results = [
            recorded("once_differentiable", sources, [g], _refuse)[0] if isinstance(g, Tensor) and sources else g
            for g in _tuple(found)
        ]
        return tuple(results) if isinstance(found, (tuple, list)) else results[0]

    return once


def _refuse(gradients: Sequence[Tensor], results: Sequence[Tensor]) -> NoReturn:
    raise RuntimeError(
        "this gradient comes from a backward() marked @once_differentiable and cannot be differentiated again; write "
        "that backward() with operations on tensors and take the mark off"
    )
