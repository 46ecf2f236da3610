"""What a message says of a value: its kind, how it was made and where."""

from __future__ import annotations

from .graph import Node


def describe(node: Node) -> str:
    """One line that says what a node is and where it came from: ``h: float32[8,16] = tanh(...) in rnn/t=3``."""
    kind = f"{node.array.dtype}[{','.join(map(str, node.array.shape))}]"
    label = f"{node.name}: {kind}" if node.name else kind
    made = f" = {node.primitive.name}(...)" if node.primitive is not None else ""
    where = f" in {node.place}" if node.place.parent is not None else ""
    return label + made + where
