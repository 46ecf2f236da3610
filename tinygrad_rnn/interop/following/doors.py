"""Tensors and models of PyTorch where tensors of this package are asked for."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from operator import add
from typing import Any

from ...engine.folding import history
from ...engine.graph import Node
from ...surface.tensor import Tensor
from ..strangers import followers
from .alone import Alone
from .following import following
from .library import is_tensor, numbers, same, tensors_in
from .standing import maker, standing_for
from .tape import Tape
from .unseen import Unseen, called


class Pytorch:
    """What stands for values of PyTorch."""

    def standing(self, *values: Any) -> tuple[Any, ...]:
        """The same values, tensors of PyTorch replaced by what stands for them; leaves in the graph of the others.

        Raises:
            RuntimeError: if nobody followed what gave them, or they are used in no graph that was followed.
        """
        foreign = [each for each in values if is_tensor(each)]
        if not foreign:
            return values
        found = {id(each): _result(each) for each in foreign if maker(each) is not None}
        births = {node.birth for node in history(*found.values())} if len(found) < len(foreign) else set()
        for each in foreign:
            if id(each) not in found:
                found[id(each)] = _leaf(each, births)
        return tuple(found.get(id(each), each) for each in values)

    def output(self, model: Any, inputs: tuple[Any, ...]) -> Any:
        """What stands for what a model of PyTorch gives, followed: for several results the sum of all their numbers."""
        if not tensors_in(inputs):
            return None
        with following():
            results = [each for each in tensors_in(model(*inputs)) if each.requires_grad]
            if not results:
                raise ValueError(
                    "there is no graph to draw: nothing that the model gives requires a gradient; call it outside of "
                    "no_grad(), and look for frozen parameters"
                )
            end = results[0] if len(results) == 1 else reduce(add, [each.sum() for each in results])
        own = _result(end)
        if len(results) > 1:
            own.name = f"sum_of_{len(results)}_results"
        return own

    def note(self, loss: Tensor) -> str:
        """Which operations of a graph PyTorch computed alone."""
        names = dict.fromkeys(node.primitive.name for node in history(loss, folded=True) if _is_alone(node))
        return f"by PyTorch alone: {', '.join(names)}" if names else ""


def _result(tensor: Any) -> Tensor:
    """What stands for a result."""
    found = standing_for(tensor)
    if found is None:
        found = Tape().unseen(tensor, inside=False)
    if found is None or not same(found.array, numbers(tensor)):
        what = "was computed while nobody followed" if found is None else "was changed in place after it was followed"
        raise RuntimeError(
            f"this tensor of PyTorch (shape {tuple(tensor.shape)}, {called(maker(tensor))}) {what}: compute it inside "
            "`with tg.following():`, then draw it"
        )
    return found


def _leaf(tensor: Any, births: Collection[int]) -> Tensor:
    """What stands for a leaf in the graph of these births."""
    found = standing_for(tensor, births)
    if found is None:
        raise RuntimeError(
            f"this tensor of PyTorch (shape {tuple(tensor.shape)}) is no result, and in no graph that was followed: "
            "compute the loss from it inside `with tg.following():`"
        )
    return found


def _is_alone(node: Node) -> bool:
    rule = getattr(node.primitive.rules, "rule", None) if node.primitive is not None else None
    return isinstance(getattr(rule, "pull", None), (Alone, Unseen))


followers.append(Pytorch())
