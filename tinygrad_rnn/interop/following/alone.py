"""An operation that PyTorch computes and differentiates alone: one card with exact gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...engine.modes import is_grad_enabled
from ...surface.segment import recorded
from ...surface.tensor import Tensor, wrap
from .library import agree, mapped, numbers, random_numbers, restored, tensors_in, torch

#: A function of tensors of PyTorch that gives some.
Function = Callable[[Sequence[Any]], Sequence[Any]]


#: The type and the device of a tensor of PyTorch.
Like = tuple[Any, Any]


def like(tensor: Any) -> Like:
    """What a tensor of PyTorch is like."""
    return tensor.dtype, tensor.device


def function_of(func: Any, args: Any, kwargs: Any, *, writes: bool) -> Function:
    """``func(*args, **kwargs)`` as a function of the tensors in its arguments; ``writes``: into the first."""
    # No tensor is kept: one that knows its history would keep it alive.
    form = mapped(lambda _: _Gap(), (list(args), dict(kwargs)))

    def call(tensors: Sequence[Any]) -> Sequence[Any]:
        waiting = iter([each.clone() for each in tensors] if writes else tensors)
        positional, named = _filled(form, waiting)
        result = func(*positional, **named)
        return tensors_in(positional[0] if result is None else result)

    return call


class _Gap:
    """Where a tensor stood among arguments."""


def _filled(form: Any, waiting: Any) -> Any:
    if isinstance(form, _Gap):
        return next(waiting)
    if isinstance(form, dict):
        return {key: _filled(each, waiting) for key, each in form.items()}
    if isinstance(form, slice):
        return slice(*(_filled(each, waiting) for each in (form.start, form.stop, form.step)))
    if isinstance(form, (tuple, list)):
        made = [_filled(each, waiting) for each in form]
        return made if isinstance(form, list) else type(form)(*made) if hasattr(form, "_fields") else tuple(made)
    return form


class Alone:
    """What PyTorch computed, and computes again to differentiate it.

    Args:
        name: what its card is called.
        function: what was computed from the tensors of the arguments.
        inputs, likes: what stands here for these tensors, and what they were like.
        state: that of PyTorch's random numbers before.
    """

    def __init__(self, name: str, function: Function, inputs: Sequence[Tensor], likes: Sequence[Like], state: Any):
        self.name, self.function, self.inputs, self.likes, self.state = name, function, inputs, likes, state
        self.arrays = [each.array.copy() for each in inputs]
        self.asked = [bool(each.requires_grad) for each in inputs]
        self.expected: list[Any] = []
        self.carrying: list[int] = []
        self.outputs: list[Like] = []

    def record(self, results: Sequence[Any]) -> list[Tensor | None]:
        """One operation that gave ``results``: what stands for each of them; None for what has no gradient."""
        self.carrying = [n for n, each in enumerate(results) if each.requires_grad]
        self.expected = [numbers(results[n]).copy() for n in self.carrying]
        self.outputs = [like(results[n]) for n in self.carrying]
        made = iter(recorded(self.name, self.inputs, [wrap(each.copy()) for each in self.expected], self))
        return [next(made) if n in self.carrying else None for n in range(len(results))]

    def __call__(self, gradients: Sequence[Any], _: Sequence[Tensor]) -> list[Tensor | None]:
        """The gradients of the inputs, given those of the results."""
        if is_grad_enabled():
            return self._recorded(gradients)
        with random_numbers(self.state), torch().enable_grad():
            leaves = self._leaves()
            again = self._again(leaves)
            seeds = [restored(g.array, *kind) for g, kind in zip(gradients, self.outputs, strict=True)]
            wanted = [each for each in leaves if each.requires_grad]
            found = iter(torch().autograd.grad(again, wanted, seeds, allow_unused=True))
        parts = [next(found) if each.requires_grad else None for each in leaves]
        return [None if part is None else wrap(numbers(part).copy()) for part in parts]

    def _leaves(self) -> list[Any]:
        pairs = zip(self.arrays, self.likes, self.asked, strict=True)
        return [restored(array, *kind).requires_grad_(asked) for array, kind, asked in pairs]

    def _again(self, leaves: Sequence[Any]) -> list[Any]:
        results = self.function(leaves)
        again = [results[n] for n in self.carrying]
        if any(agree(numbers(a), b, a.dtype) for a, b in zip(again, self.expected, strict=True)):
            raise RuntimeError(
                f"{self.name} gave other numbers when PyTorch computed it again to differentiate it: it depends on "
                "more than its arguments, as on a state that changes. Compute that outside, and pass it what it gives"
            )
        return again

    def _recorded(self, gradients: Sequence[Any]) -> list[Tensor | None]:
        """The same as an operation that can itself be differentiated."""
        count = len(self.carrying)

        def pulled(tensors: Sequence[Any]) -> Sequence[Any]:
            with torch().enable_grad():
                seeds, leaves = (
                    tensors[:count],
                    [each if each.requires_grad else each.clone() for each in tensors[count:]],
                )
                results = self.function(leaves)
                wanted = [each for each, asked in zip(leaves, self.asked, strict=True) if asked]
                again = [results[n] for n in self.carrying]
                found: Sequence[Any] = torch().autograd.grad(
                    again, wanted, seeds, create_graph=True, allow_unused=True, materialize_grads=True
                )
                return found

        inputs, likes = [*gradients, *self.inputs], [*self.outputs, *self.likes]
        further = Alone(f"{self.name}_backward", pulled, inputs, likes, self.state)
        further.asked = [bool(each.requires_grad) for each in gradients] + self.asked
        with random_numbers(self.state), torch().enable_grad():
            results = pulled(further._leaves())
        made = iter(further.record(results))
        values = iter(results)
        parts: list[Tensor | None] = []
        for asked in self.asked:
            part, value = (next(made), next(values)) if asked else (None, None)
            parts.append(wrap(numbers(value).copy()) if part is None and asked else part)
        return parts
