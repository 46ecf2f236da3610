"""What PyTorch computes and differentiates alone, again or through its own graph: one card with exact gradients."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from ...engine.modes import is_grad_enabled
from ...surface.segment import recorded
from ...surface.tensor import Tensor, wrap
from .library import Like, like, numbers, random_numbers, refuse_other, restored, tensors_in, torch
from .standing import made_by, unseen

#: A function of tensors of PyTorch that gives some.
Function = Callable[[Sequence[Any]], Sequence[Any]]
Edge = Any  # a leaf of PyTorch, or the place of a result in its graph


def function_of(func: Any, args: Any, kwargs: Any, *, writes: bool) -> Function:
    """``func(*args, **kwargs)`` as a function of the tensors in its arguments; ``writes``: into the first."""
    tree = torch().utils._pytree
    flat, form = tree.tree_flatten((list(args), kwargs))
    places = [n for n, each in enumerate(flat) if isinstance(each, torch().Tensor)]
    # No tensor is kept: one that knows its history would keep it alive.
    others = [None if n in places else each for n, each in enumerate(flat)]

    def call(tensors: Sequence[Any]) -> Sequence[Any]:
        filled = list(others)
        for n, each in zip(places, tensors, strict=True):
            filled[n] = each.clone() if writes else each
        positional, named = tree.tree_unflatten(filled, form)
        result = func(*positional, **named)
        return tensors_in(positional[0] if result is None else result)

    return call


def template_of(name: str, args: Any, kwargs: Any) -> str:
    """How pictures write a call: with the numbers it was given, and a place for every tensor."""
    plain = torch().utils._pytree.tree_map(lambda x: _Place() if isinstance(x, torch().Tensor) else x, (args, kwargs))
    given = [*((None, each) for each in plain[0]), *plain[1].items()]
    texts = [(key, repr(each)) for key, each in given if each is not None and not (key and each is False)]
    # What has an address for a name, as functions, says nothing.
    words = [f"{key}={text}" if key else text for key, text in texts if "<" not in text]
    return f"{name}({', '.join(words)})"


class _Place:
    """Where a tensor is."""

    def __repr__(self) -> str:
        return "{}"


class Alone:
    """What PyTorch computed, and computes again to differentiate it.

    Args:
        name: what its card is called.
        function: what was computed from the tensors of the arguments.
        inputs, likes: what stands here for these tensors, and what they were like.
        state: that of PyTorch's random numbers before.
        template: how the call is written.
    """

    def __init__(
        self, name: str, function: Function, inputs: Sequence[Tensor], likes: Sequence[Like], state: Any,
        template: str | None = None,
    ) -> None:  # fmt: skip
        self.name, self.function, self.inputs, self.likes, self.state = name, function, inputs, likes, state
        self.template = template
        self.arrays = [np.array(each.array) for each in inputs]
        self.asked = [bool(each.requires_grad) for each in inputs]
        self.carrying: list[int] = []  # which results have gradients
        self.expected: list[Any] = []
        self.outputs: list[Like] = []

    def record(self, results: Sequence[Any]) -> list[Tensor]:
        """One operation that gave ``results``: what stands for each of them."""
        made = [wrap(np.array(numbers(each))) for each in results]
        self.carrying = [n for n, each in enumerate(results) if each.requires_grad]
        self.expected = [made[n].array.copy() for n in self.carrying]
        self.outputs = [like(results[n]) for n in self.carrying]
        if self.carrying:
            parts = recorded(self.name, self.inputs, [made[n] for n in self.carrying], self, template=self.template)
            for n, part in zip(self.carrying, parts, strict=True):
                made[n] = part
        return made

    def __call__(self, gradients: Sequence[Any], _: Sequence[Tensor]) -> list[Tensor | None]:
        """The gradients of the inputs, given those of the results; recorded, if the backward pass is."""
        if self.name == "BackwardHookFunction":
            raise RuntimeError(
                "a module of PyTorch has full backward hooks, which may change gradients where nobody can follow: "
                "remove them to draw it, or put hooks on tensors"
            )
        if is_grad_enabled():
            inputs, likes = [*gradients, *self.inputs], [*self.outputs, *self.likes]
            further = Alone(f"{self.name}_backward", self._back, inputs, likes, self.state)
            with random_numbers(self.state):
                results = self._back(further.leaves())
            found = iter(further.record(results))
        else:
            seeds = [
                restored(np.array(g.array, order="C"), kind) for g, kind in zip(gradients, self.outputs, strict=True)
            ]
            with random_numbers(self.state):
                results = self._back([*seeds, *self.leaves()])
            found = iter([wrap(numbers(each).copy()) for each in results])
        return [next(found) if asked else None for asked in self.asked]

    def leaves(self) -> list[Any]:
        """The tensors of the arguments as they were, without their history."""
        kinds = zip(self.arrays, self.likes, self.asked, strict=True)
        return [restored(array, kind).requires_grad_(asked) for array, kind, asked in kinds]

    def _back(self, tensors: Sequence[Any]) -> Sequence[Any]:
        """The gradients of the inputs that ask for one, as a function of those of the results and of all inputs."""
        seeds, leaves = tensors[: len(self.carrying)], tensors[len(self.carrying) :]
        with torch().enable_grad():
            results = self.function(leaves)
            again = [results[n] for n in self.carrying]
            for each, expected in zip(again, self.expected, strict=True):
                try:
                    refuse_other(numbers(each), expected, each.dtype)
                except ValueError as error:
                    raise RuntimeError(
                        f"PyTorch computed {self.name} again to differentiate it, and {error}: it depends on more than "
                        "its arguments, as on a state that changes; compute that outside and pass it what that gives"
                    ) from None
            wanted = [each for each, asked in zip(leaves, self.asked, strict=True) if asked]
            options = {"create_graph": any(each.requires_grad for each in seeds), "allow_unused": True}
            found: Sequence[Any] = torch().autograd.grad(again, wanted, seeds, materialize_grads=True, **options)
            return found


def record_unseen(tensor: Any, standing: Callable[[Any], Tensor], *, inside: bool) -> Tensor | None:
    """One operation for what gave ``tensor`` where nobody could look: compiled code, transforms, what was there before.

    It is one of the known values on the way to it, found by walking PyTorch's own graph; ``standing`` makes copies of
    leaves. None if its graph is used up already, or nothing in it was followed and this is not ``inside`` following().
    """
    known: list[tuple[Edge, Tensor]] = []
    waiting, visited = [tensor.grad_fn], {tensor.grad_fn}
    while waiting:
        for node, number in waiting.pop().next_functions:
            if node is None or (node, number) in visited:
                continue
            visited.add((node, number))
            if (own := made_by(node, number)) is not None:
                known.append((torch().autograd.graph.GradientEdge(node, number), own))
            elif hasattr(node, "variable"):
                known.append((node.variable, standing(node.variable)))
            elif node not in visited:
                visited.add(node)
                waiting.append(node)
    if not (known if inside else any(own.primitive is not None for _, own in known)):
        return None
    try:
        pull = Unseen(tensor, [edge for edge, _ in known])
    except RuntimeError:
        return None
    name = called(tensor.grad_fn)
    unseen()[tensor] = made = recorded(name, [own for _, own in known], [wrap(np.array(numbers(tensor)))], pull)[0]
    return made


def called(node: Any) -> str:
    """The name of what a node of PyTorch's graph differentiates."""
    return re.sub(r"Backward\d*$", "", str(node.name()).rpartition("::")[2]).removeprefix("<")


class Unseen:
    """The gradients at ``edges`` as a function of that of a tensor, which outlives the user's graph in PyTorch.

    J^T g is linear in g, so that its derivative in the direction w is J w, and that of J w is J^T g again: in a graph
    of its own, which no backward pass of the user's frees.

    Raises:
        RuntimeError: if that graph has been freed already.
    """

    def __init__(self, tensor: Any, edges: Sequence[Edge]) -> None:
        grad, zeros = torch().autograd.grad, torch().zeros_like
        options = {"create_graph": True, "allow_unused": True}
        self.like, self.edges = like(tensor), edges
        self.root = torch().autograd.graph.get_gradient_edge(tensor)
        self.forth = None
        with torch().enable_grad(), torch()._C.DisableTorchFunction():
            start = zeros(tensor).requires_grad_()
            back = grad(tensor, edges, start, **options)
            self.ways = [None if each is None or not each.requires_grad else zeros(each) for each in back]
            pairs = [(each, way.requires_grad_()) for each, way in zip(back, self.ways, strict=True) if way is not None]
            with suppress(RuntimeError):  # what can be differentiated once only
                self.forth = grad([each for each, _ in pairs], start, [way for _, way in pairs], **options)[0]

    def __call__(self, gradients: Sequence[Any], _: Sequence[Tensor]) -> list[Tensor | None]:
        if is_grad_enabled():
            raise NotImplementedError("what PyTorch computed where nobody could look is differentiated once only")
        seed, grad = restored(gradients[0].array, self.like), torch().autograd.grad
        with torch()._C.DisableTorchFunction():
            if self.forth is None:
                found = grad(self.root, self.edges, seed, retain_graph=True, allow_unused=True)
            else:
                parts = iter(grad(self.forth, [way for way in self.ways if way is not None], seed, retain_graph=True))
                found = [None if way is None else next(parts) for way in self.ways]
        return [None if each is None else wrap(np.array(numbers(each))) for each in found]
