"""What PyTorch computed where nobody could look: compiled code, transforms, and what was there before.

It becomes one operation of the known values on the way to it, found by walking PyTorch's own graph.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from ...engine.modes import is_grad_enabled
from ...surface.segment import recorded
from ...surface.tensor import Tensor, wrap
from .library import like, numbers, restored, torch
from .standing import made_by, unseen

Edge = Any  # a leaf of PyTorch, or the place of a result in its graph


def record_unseen(tensor: Any, standing: Callable[[Any], Tensor], *, inside: bool) -> Tensor | None:
    """One operation for what gave ``tensor``; ``standing`` makes copies of leaves.

    None if its graph is used up already, or if nothing in it was followed and this is not ``inside`` following().
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
    return str(node.name()).rpartition("::")[2].removesuffix("0").removesuffix("Backward").removeprefix("<")


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
