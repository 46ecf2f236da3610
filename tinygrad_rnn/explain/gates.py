"""Gates: which rows of a stacked weight belong to which gate of an LSTM or a GRU, read from the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..engine.graph import Node

#: Operations after which an entry is still the same gate's.
_ENTRYWISE = {"add", "sub", "mul", "sigmoid", "tanh", "relu", "neg", "div"}


def gates(node: Node, rows: tuple[int, ...], readers: Mapping[int, Sequence[Node]]) -> list[tuple[str, slice]]:
    """The names of the gates and their rows, if ``node`` holds them side by side on its last axis; otherwise [].

    ``node`` is followed through sums until it is read in slices; a slice is called after the first named value that is
    computed from it entry by entry.
    """
    if node.array.ndim == 0 or rows != node.array.shape[-1:]:
        return []
    found = [(_called(piece, readers), part) for part, piece in _slices(node, readers)]
    named = [(name, part) for name, part in found if name]
    covered = sum(len(range(*part.indices(rows[0]))) for _, part in named)
    return named if covered == rows[0] and len(named) == len(found) else []


def _slices(node: Node, readers: Mapping[int, Sequence[Node]]) -> list[tuple[slice, Node]]:
    while True:
        users = readers.get(node.birth, ())
        pieces = [(part, user) for user in users if (part := _last_axis(user, node)) is not None]
        if pieces:
            return pieces
        sums = [user for user in users if user.primitive is not None and user.primitive.name in ("add", "affine")]
        if len(sums) != 1 or sums[0].array.shape[-1:] != node.array.shape[-1:]:
            return []
        node = sums[0]


def _last_axis(user: Node, node: Node) -> slice | None:
    """The part of the last axis of ``node`` that ``user`` reads, if it reads one."""
    if user.primitive is None or user.primitive.name != "getitem":
        return None
    index = user.kwargs["index"]
    parts = index if isinstance(index, tuple) else (index,)
    whole = all(part == slice(None) or part is Ellipsis for part in parts[:-1])
    last = len(parts) == node.array.ndim or Ellipsis in parts[:-1]
    return parts[-1] if parts and whole and last and isinstance(parts[-1], slice) else None


def _called(node: Node, readers: Mapping[int, Sequence[Node]]) -> str | None:
    while node.name is None:
        users = [u for u in readers.get(node.birth, ()) if u.primitive is not None and u.primitive.name in _ENTRYWISE]
        if len(users) != 1:
            return None
        node = users[0]
    return node.name
