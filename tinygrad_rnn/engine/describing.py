"""What a message says of a value: its kind, how it was made and where."""

from __future__ import annotations

from typing import Any

from .graph import Node


def described(array: Any) -> str:
    """The type and the shape of an array: ``float32[8,16]``."""
    return f"{array.dtype}[{','.join(map(str, array.shape))}]"


def describe(node: Node) -> str:
    """One line that says what a node is and where it came from: ``h: float32[8,16] = tanh(...) in rnn/t=3``."""
    label = f"{node.name}: {described(node.array)}" if node.name else described(node.array)
    made = f" = {node.primitive.name}(...)" if node.primitive is not None else ""
    where = f" in {node.place}" if node.place.parent is not None else ""
    return label + made + where
