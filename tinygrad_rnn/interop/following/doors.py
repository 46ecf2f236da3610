"""Tensors and models of PyTorch where tensors of this package are asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import reduce, wraps
from operator import add
from typing import Any, ParamSpec, TypeVar

from ...engine.folding import history
from ...engine.graph import Node
from ...explain.contributions import contributions as _contributions
from ...explain.flow import gradient_flow as _gradient_flow
from ...explain.steps import backward_steps as _backward_steps
from ...rolled.program import program as _program
from ...surface.tensor import Tensor
from .alone import Alone, Unseen
from .following import following
from .library import is_tensor, tensors_in
from .standing import maker, standing_for
from .tape import Tape

P = ParamSpec("P")
R = TypeVar("R")

#: What the sum of all numbers that a model of PyTorch gives is called.
RESULTS = "results"


def standing(*values: Any) -> tuple[Any, ...]:
    """The same values, tensors of PyTorch replaced by what stands for them; leaves in the graph of the others.

    Raises:
        RuntimeError: if nobody followed what gave them, or they are used in no graph that was followed.
    """
    foreign = [each for each in values if is_tensor(each)]
    if not foreign:
        return values
    try:
        found = {id(each): Tape()[each] for each in foreign if maker(each) is not None}
    except KeyError as error:
        raise RuntimeError(error.args[0]) from None
    births = {node.birth for node in history(*found.values())} if len(found) < len(foreign) else set()
    for each in foreign:
        leaf = found[id(each)] if id(each) in found else standing_for(each, births)
        if leaf is None:
            raise RuntimeError(
                f"this tensor of PyTorch, of shape {tuple(each.shape)}, is no result, and in no graph that was "
                "followed: compute the loss from it inside `with tg.following():`"
            )
        found[id(each)] = leaf
    return tuple(found.get(id(each), each) for each in values)


def output(model: Any, inputs: tuple[Any, ...]) -> Tensor | None:
    """What stands for what a model of PyTorch gives, followed: for several results the sum of all their numbers.

    None if there are no tensors of PyTorch among its inputs.
    """
    if "torch" not in sys.modules or not tensors_in(inputs):
        return None
    with following() as tape:
        given = model(*inputs)
        results = [each for each in tensors_in(dict(given) if isinstance(given, dict) else given) if each.requires_grad]
        if not results:
            raise ValueError(
                "there is no graph to draw: nothing that the model gives requires a gradient; call it outside of "
                "no_grad(), and look for frozen parameters"
            )
        own = tape[results[0] if len(results) == 1 else reduce(add, [each.sum() for each in results])]
    if len(results) > 1:
        own.name = RESULTS
    return own


def note(loss: Tensor) -> str:
    """Which operations of a graph PyTorch computed alone."""
    names = dict.fromkeys(node.primitive.name for node in history(loss, closed=True) if _is_alone(node))
    return f"by PyTorch alone: {', '.join(names)}" if names else ""


def _is_alone(node: Node) -> bool:
    rule = getattr(node.primitive.rules, "rule", None) if node.primitive is not None else None
    return isinstance(getattr(rule, "pull", None), (Alone, Unseen))


def _welcoming(function: Callable[P, R]) -> Callable[P, R]:
    """A function of tensors that takes those of PyTorch as well."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        values = standing(*args, *kwargs.values())
        return function(*values[: len(args)], **dict(zip(kwargs, values[len(args) :], strict=True)))

    return call


backward_steps = _welcoming(_backward_steps)
contributions = _welcoming(_contributions)
gradient_flow = _welcoming(_gradient_flow)
program = _welcoming(_program)
