"""What a message says of a value: its kind, how it was made and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .graph import Node
from .primitive import Primitive
from .refusing import accidental, refuse, refuse_foreign, refuse_options
from .refusing import described as described


def describe(node: Node) -> str:
    """One line that says what a node is and where it came from: ``h: float32[8,16] = tanh(...) in rnn/t=3``."""
    label = f"{node.name}: {described(node.array)}" if node.name else described(node.array)
    made = f" = {node.primitive.name}(...)" if node.primitive is not None else ""
    where = f" in {node.place}" if node.place.parent is not None else ""
    return label + made + where


def failed(error: Exception, primitive: Primitive, values: list[Any], kwargs: Mapping[str, Any]) -> Any:
    """What an operation gives whose function raised ``error``: what numpy refuses is raised in our words."""
    if "already entered" in str(error):  # applied inside the function of another operation
        return primitive.forward(*values, **kwargs)
    refuse_options(primitive.name, kwargs)
    refuse_foreign(primitive.name, values)
    kinds = " and ".join(str(getattr(value, "dtype", type(value).__name__)) for value in values)
    if isinstance(error, OverflowError):
        raise RuntimeError(f"{primitive.name} of {kinds} was given a number that does not fit in there") from None
    if isinstance(error, TypeError) and ("numpy" in str(error) or "ufunc" in str(error)):
        raise RuntimeError(f"{primitive.name} is not defined for {kinds}; use x.float(), or of truth ~x and a ^ b")
    if type(error) is ValueError:
        shapes = " and ".join(str(getattr(value, "shape", ())) for value in values)
        reason = "they do not broadcast" if (unequal := accidental(error)) else str(error)
        if "negative integer" in str(error):
            unequal, reason = False, "an integer to a negative power is no integer; use x.float()"
        refused = RuntimeError(f"{primitive.name} is not possible with shapes {shapes}: {reason}")
        vars(refused).update({"operation": primitive.name} if unequal else {})  # if it was asked for by another name
        raise refused from None
    if not isinstance(error, IndexError):  # whoever gave the index says more of it
        refuse(error, primitive.name, primitive.forward, values, kwargs)
    raise error
