"""The graph: values that remember how they were made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Self

from .scope import current_place

#: Shared by all nodes whose operation took no keywords.
NO_KWARGS: Mapping[str, Any] = {}

#: Births are this far apart: a `Fold` (folding.py), when it unfolds, finds numbers for its operations below its own.
ROOM = 32


class Clock:
    """Counts births and in-place changes in one sequence for the whole process, so that any two can be ordered."""

    births = count(ROOM, ROOM)
    tick = staticmethod(births.__next__)
    last_change = 0  # when the memory of any tensor was last written to
    rewritten = False  # whether any tensor has an earlier self


clock = Clock()
_born, _here = clock.tick, current_place.get  # which every operation calls


class Node:
    """An array and how it was made: a leaf, or the result of a recorded operation."""

    __slots__ = {  # noqa: RUF023  (help shows these texts; in the order in which one asks)
        "array": "the value, a numpy array",
        "tracked": "whether gradients flow to it, PyTorch's ``requires_grad``",
        "primitive": "the operation that made it; None for a leaf",
        "args": "what that was applied to: nodes, arrays, numbers; ``arguments(node)`` reads them safely",
        "kwargs": "the operation's keywords",
        "birth": "its number in the order of creation, which is a topological one: no walk needs recursion",
        "place": "the part of the model and the time step it was computed in",
        "name": "what to call it in pictures",
        "used": "whether a backward pass has consumed this part of the graph",
        "_grad": "what backward passes have added up so far",
        "retains_grad": "whether they leave a gradient here although this is no leaf",
        "hooks": "functions its gradient passes through in the backward pass, by number",
        "changed": "when its memory was last written; ``versions.last_change`` reads it",
        "owner": "the older node whose memory it shares, if it is a view; never a view itself",
        "earlier": "what it was before its last in-place change, if that was recorded; of a leaf its ``versions.Past``",
        "_code": "of what was recorded, the function that asked for it, or the line while anomalies are looked for",
        "_instruction": "where in it, or who called ours, and where; of an answer without a gradient its ``Origin``",
        "__weakref__": "so that others can know it without keeping it alive",
    }

    def _start(
        self, array: Any, tracked: Any = False, owner: Node | None = None,
        primitive: Any = None, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] = NO_KWARGS,
    ) -> Self:  # fmt: skip
        """Be born here and now, with this value: as a leaf, or as the result of a recorded operation."""
        self.array, self.tracked, self.owner = array, tracked, owner
        self.primitive, self.args, self.kwargs = primitive, args, kwargs
        self.birth, self.place = _born(), _here()
        self.earlier: Any = None
        self.hooks: dict[int, Callable[[Any], Any]] | None = None
        self.changed: Any = 0
        self.name: str | None = None
        self._code: Any = None
        self._instruction: Any = None
        self._grad: Any = None
        self.used = self.retains_grad = False
        return self

    @property
    def memory(self) -> Node:
        """The node that stands for the memory of this one: itself, or the one it is a view of."""
        return self if self.owner is None else self.owner


def arguments(node: Node) -> tuple[Any, ...]:
    """What ``node`` was made from, as it was then.

    A recorded in-place change (``x += 1``: surface/overwriting.py) gives a tensor a new birth and keeps what it was in
    ``earlier``. So an argument born after its user was changed since; what was used is its earlier self.
    """
    for arg in node.args:
        if isinstance(arg, Node) and arg.birth > node.birth:
            return tuple(as_of(arg, node.birth) if isinstance(arg, Node) else arg for arg in node.args)
    return node.args


def as_of(node: Node, birth: int) -> Node:
    """What ``node`` was before anything that happened to it after ``birth``."""
    while node.birth > birth and node.earlier is not None:
        node = node.earlier
    return node
