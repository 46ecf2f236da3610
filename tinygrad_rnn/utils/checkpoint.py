"""Checkpoints: forget what a piece of the network computed on the way, and compute it again in the backward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from ..autograd.gradients import grad
from ..engine.describing import describe
from ..engine.graph import Node, arguments, clock
from ..engine.modes import enable_grad
from ..engine.scope import current_place, here
from ..engine.versions import was_changed
from ..numbers.random import default_generator
from ..surface.segment import recorded
from ..surface.tensor import Tensor, wrap

__all__ = ["checkpoint", "checkpoint_sequential"]


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
    determinism_check: str = "default",
    **kwargs: Any,
) -> Any:
    """``function(*args, **kwargs)``, recorded as one operation that keeps none of the values in between.

    The backward pass calls ``function`` again and differentiates what it records then: one more forward pass in time
    for that much less memory. The gradients are the same, of the arguments and of every parameter that ``function``
    uses, and they can be differentiated again.

    Args:
        function: returns a tensor or a tuple of tensors, and the same ones when it is called again.
        args, kwargs: what it is called with.
        use_reentrant: PyTorch's choice between two ways to do this; there is one here, and both values mean it.
        preserve_rng_state: draw the same random numbers the second time from the default generator, so that dropout
            drops the same entries.
        determinism_check: "default" compares the shapes of the results of both calls, "none" does not.

    Raises:
        RuntimeError: in the backward pass, if an argument or a parameter was changed in place since, or if the second
            call returned something else.

    Chen, Xu, Zhang & Guestrin 2016.
    """
    start = clock.tick()
    place, state = current_place.get(), default_generator.get_state() if preserve_rng_state else None
    if not here.recording:
        return function(*args, **kwargs)
    result = function(*args, **kwargs)
    many = isinstance(result, (tuple, list))
    outputs = tuple(result) if many else (result,)
    carrying = [i for i, y in enumerate(outputs) if isinstance(y, Tensor) and y.requires_grad]
    if not carrying:
        return result
    inputs = _outside([outputs[i] for i in carrying], start)
    if not inputs or any(outputs[i].birth <= start for i in carrying):
        return result  # nothing was computed from what was there before
    end = clock.tick()
    given = [each for each in (*args, *kwargs.values()) if isinstance(each, Tensor)]
    shapes = [outputs[i].shape for i in carrying]

    def pull(gradients: Sequence[Tensor], _: Sequence[Tensor]) -> list[Tensor | None]:
        for each in (*inputs, *given):
            if was_changed(each, end):
                raise RuntimeError(
                    f"a checkpoint computes its function again in the backward pass, and what it was computed from was "
                    f"changed in place since: {describe(each)}. Call backward() before changing it"
                )
        again = bool(here.recording)
        with enable_grad(), _as_then(place, state):
            second = function(*args, **kwargs)
        all_of_it = tuple(second) if isinstance(second, (tuple, list)) else (second,)
        ys = [all_of_it[i] if i < len(all_of_it) else None for i in carrying]
        if determinism_check != "none" and [getattr(y, "shape", None) for y in ys] != shapes:
            raise RuntimeError(
                "the function of a checkpoint returned something else when it was called again in the backward pass: "
                f"shapes {[tuple(getattr(y, 'shape', ())) for y in ys]} and not {[tuple(shape) for shape in shapes]}"
            )
        used = [(y, g) for y, g in zip(ys, gradients, strict=True) if y is not None and y.requires_grad]
        with _as_leaves(inputs):
            return list(grad([y for y, _ in used], inputs, [g for _, g in used], create_graph=again, allow_unused=True))

    name = getattr(function, "__name__", type(function).__name__)
    made = recorded(
        f"checkpoint_{name}" if name.isidentifier() else "checkpoint",
        inputs,
        [_cut_off(outputs[i], start) for i in carrying],
        pull,
    )
    final = list(outputs)
    for i, y in zip(carrying, made, strict=True):
        y.name = outputs[i].name
        final[i] = y
    return tuple(final) if many else final[0]


def checkpoint_sequential(functions: Any, segments: int, input: Any, **options: Any) -> Any:
    """A ``Sequential`` or a list of functions applied one after the other, in ``segments`` checkpoints of equal length.

    Raises:
        ValueError: if there are fewer functions than segments.
    """
    listed = list(functions.children()) if hasattr(functions, "children") else list(functions)
    if not 1 <= segments <= len(listed):
        raise ValueError(f"{len(listed)} functions cannot be cut into {segments} segments")
    size = len(listed) // segments
    cuts = [*range(0, size * segments, size)[:segments], len(listed)]
    for first, last in pairwise(cuts):

        def segment(x: Any, part: Sequence[Callable[..., Any]] = tuple(listed[first:last])) -> Any:
            for each in part:
                x = each(x)
            return x

        input = checkpoint(segment, input, **options)
    return input


def _cut_off(y: Tensor, start: int) -> Tensor:
    """The value of ``y`` without its history; the memory's owner, if it is a view, only if that was there before."""
    return wrap(y.array, owner=y.owner if y.owner is not None and y.owner.birth <= start else None)


def _outside(outputs: Sequence[Tensor], start: int) -> list[Tensor]:
    """What was there before ``start`` and needs a gradient from ``outputs``, the oldest first."""
    found: dict[int, Any] = {}
    seen: set[int] = set()
    waiting: list[Node] = list(outputs)
    while waiting:
        for arg in arguments(waiting.pop()):
            if isinstance(arg, Node) and arg.tracked and arg.birth not in seen:
                seen.add(arg.birth)
                if arg.birth <= start:
                    found[arg.birth] = arg
                elif arg.primitive is not None:
                    waiting.append(arg)
    return [found[birth] for birth in sorted(found)]


@contextmanager
def _as_leaves(inputs: Sequence[Tensor]) -> Iterator[None]:
    """The inputs without their history and hooks: one may have been computed from another, as a state from weights.

    What is recorded meanwhile refers to the inputs themselves, and so to their history when it is back.
    """
    kept = [(x, x.primitive, x.args, x.hooks) for x in inputs]
    for x in inputs:
        x.primitive, x.args, x.hooks = None, (), None
    try:
        yield
    finally:
        for x, primitive, args, hooks in kept:
            x.primitive, x.args, x.hooks = primitive, args, hooks


@contextmanager
def _as_then(place: Any, state: Any) -> Iterator[None]:
    """The place in the model and the random numbers of the first call."""
    before, now = current_place.set(place), default_generator.get_state()
    if state is not None:
        default_generator.set_state(state)
    try:
        yield
    finally:
        current_place.reset(before)
        if state is not None:
            default_generator.set_state(now)
