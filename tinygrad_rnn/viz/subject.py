"""What there is to draw: a loss, or a model with inputs to run it on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..surface.tensor import Tensor


def loss_of(given: Any, inputs: tuple[Any, ...]) -> Tensor:
    """The end of the graph: ``given`` itself, or the (first) tensor a model gives for its inputs.

    Raises:
        TypeError: it is neither a tensor nor a model with inputs.
        ValueError: nothing below it requires a gradient.
    """
    if isinstance(given, Tensor):
        if inputs:
            raise TypeError("draw(loss) takes no inputs; only a model is run on them: draw(model, x)")
        loss: Any = given
    elif callable(given):
        loss = _output(given, inputs)
    else:
        loss = given
    if not isinstance(loss, Tensor):
        raise TypeError(f"draw() needs a Tensor, the end of the graph to draw; it was given a {type(loss).__name__}")
    if loss.primitive is None:
        raise ValueError(
            "there is no graph to draw: this tensor was not computed from anything that requires a gradient. "
            "Give the parameters requires_grad=True and compute outside no_grad()"
        )
    return loss


def _output(model: Any, inputs: tuple[Any, ...]) -> Any:
    """The first thing a model gives for its inputs: of an RNN its outputs, not its state."""
    if not inputs:
        raise TypeError(
            f"draw() needs inputs to run {type(model).__name__} on, draw(model, x), or a Tensor, the end of the graph: "
            f"draw(loss)"
        )
    output = model(*inputs)
    while isinstance(output, (tuple, list)) and output:
        output = output[0]
    return next(iter(output.values()), None) if isinstance(output, Mapping) else output
