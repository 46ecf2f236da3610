"""What values are called in texts: their own names with the number of their time step, and numbers for the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..graph import Node, arguments
from .tables import described, number


def own_name(node: Node) -> str | None:
    """The name a value was given, with the number of the step it was computed in: h3, h1_3, W_hh."""
    name, time = node.name, node.place.time
    if not name or time is None or name.endswith(str(time)):
        return name or None
    return f"{name}_{time}" if name[-1].isdigit() else f"{name}{time}"


class Names:
    """A name for each of ``nodes`` (oldest first), no two alike.

    Unnamed results are v1, v2, .., unnamed leaves p1, p2, .. if they require a gradient and k1, k2, .. if not.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._names: dict[int, str] = {}
        taken: set[str] = set()
        nodes = list(nodes)
        for node in nodes:
            name = own_name(node)
            if name is not None:
                while name in taken:
                    name += "'"
                taken.add(name)
                self._names[node.birth] = name
        counts = {"v": 0, "p": 0, "k": 0}
        for node in nodes:
            if node.birth not in self._names:
                letter = "v" if node.primitive is not None else "p" if node.requires_grad else "k"
                while True:
                    counts[letter] += 1
                    if (name := f"{letter}{counts[letter]}") not in taken:
                        break
                self._names[node.birth] = name

    def __getitem__(self, node: Node) -> str:
        return self._names[node.birth]

    def of_arguments(self, node: Node) -> list[str]:
        """The names of what ``node`` was made from; numbers are written out."""
        return [self._names[arg.birth] if isinstance(arg, Node) else _constant(arg) for arg in arguments(node)]


def _constant(value: Any) -> str:
    array = np.asarray(value)
    return (
        number(array.item())
        if array.ndim == 0 and array.dtype.kind != "b"
        else str(value)
        if array.ndim == 0
        else described(array)
    )
