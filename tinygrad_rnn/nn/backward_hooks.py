"""Backward hooks: a call of a module enclosed by two recorded operations through which its gradients pass."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.modes import is_grad_enabled
from ..surface.segment import recorded
from ..surface.tensor import Tensor, wrap
from .notices import warn

Function = Callable[..., Any]


class Crossing:
    """One call of a module as its hooks see it: gradients come in by the outputs and leave by the arguments."""

    def __init__(self, module: Any, before: Sequence[Function], after: Sequence[Function]) -> None:
        self.module, self.before, self.after = module, before, after
        self.hooked = bool(before or after)
        self.args: tuple[Any, ...] = ()
        self.reaches_arguments = False
        self.grad_output: tuple[Any, ...] | None = None

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments, such that the hooks are called with their gradients."""
        self.args = args
        passed = _passed(args, self._leaving)
        self.reaches_arguments = passed is not None
        return args if passed is None else tuple(passed)

    def leave(self, output: Any) -> Any:
        """The output, such that its gradients come to the hooks."""
        if not isinstance(output, (Tensor, tuple)):
            warn(
                f"backward hooks see outputs that are a Tensor or a tuple of Tensors, and {type(self.module).__name__} "
                f"returned {type(output).__name__}: the hooks are not called"
            )
        outputs = output if isinstance(output, tuple) else (output,)
        passed = _passed(outputs, self._entering)
        if passed is None:
            return output
        if not isinstance(output, tuple):
            return passed[0]
        return tuple(passed) if type(output) is tuple else type(output)(*passed)

    def _entering(self, grad_output: tuple[Any, ...]) -> tuple[Any, ...]:
        for hook in self.before:
            grad_output = self._replaced(hook(self.module, grad_output), grad_output, "backward pre-hook")
        if self.reaches_arguments:
            self.grad_output = grad_output
            return grad_output
        for hook in self.after:
            changed = hook(self.module, (None,) * len(self.args), grad_output)
            if changed is not None and not (isinstance(changed, tuple) and all(each is None for each in changed)):
                raise RuntimeError(
                    f"a backward hook on {type(self.module).__name__} returned gradients, and no argument of this call "
                    "needs one: return None."
                )
        return grad_output

    def _leaving(self, grad_input: tuple[Any, ...]) -> tuple[Any, ...]:
        grad_output, self.grad_output = self.grad_output, None
        if grad_output is None:  # the gradient came by another way than by the outputs
            return grad_input
        grad_input = tuple(
            wrap(np.zeros_like(x.array)) if g is None and isinstance(x, Tensor) else g
            for g, x in zip(grad_input, self.args, strict=True)
        )
        for hook in self.after:
            grad_input = self._replaced(hook(self.module, grad_input, grad_output), grad_input, "backward hook")
        return grad_input

    def _replaced(self, changed: Any, gradients: tuple[Any, ...], kind: str) -> tuple[Any, ...]:
        """What a hook returned in place of the gradients, checked; the gradients themselves if it returned None."""
        if changed is None:
            return gradients
        name = f"a {kind} on {type(self.module).__name__}"
        if not isinstance(changed, (tuple, list)) or len(changed) != len(gradients):
            given = f"{len(changed)} in a {type(changed).__name__}" if isinstance(changed, (tuple, list)) else changed
            raise RuntimeError(f"{name} returns None or a tuple of {len(gradients)} gradients; it returned {given}.")
        for position, (new, old) in enumerate(zip(changed, gradients, strict=True)):
            if new is not None and old is not None and (not isinstance(new, Tensor) or new.shape != old.shape):
                given = f"shape {tuple(new.shape)}" if isinstance(new, Tensor) else type(new).__name__
                raise RuntimeError(
                    f"{name} was given a gradient of shape {tuple(old.shape)} at position {position} and returned "
                    f"{given}: return a Tensor of the same shape, or None for nothing."
                )
        return tuple(changed)


def _passed(values: Sequence[Any], function: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> list[Any] | None:
    """The values, unchanged, such that their gradients pass through a function; None if no gradient can come."""
    where = [i for i, x in enumerate(values) if isinstance(x, Tensor) and x.requires_grad]
    if not where or not is_grad_enabled():
        return None

    def pull(gradients: Sequence[Any], _: Sequence[Tensor]) -> list[Any]:
        full: list[Any] = [None] * len(values)
        for i, g in zip(where, gradients, strict=True):
            full[i] = g
        found = function(tuple(full))
        return [found[i] for i in where]

    tensors = [values[i] for i in where]
    passed = list(values)
    for i, x in zip(where, recorded("BackwardHook", tensors, tensors, pull, materialize=False), strict=True):
        x.name = values[i].name
        passed[i] = x
    return passed
