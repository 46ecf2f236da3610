"""Boxes: a scene folded by its scopes, every closed scope one box with what goes in, what comes out, its gradient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .numbers import Array, added
from .scene import Node, Path, Scene

#: Who does not say how deep to look sees about this many cards.
CARDS = 40


@dataclass(eq=False)
class Box:
    """A closed scope.

    Attributes:
        path: its scope.
        kind: the class of the module it is a call of, if it is called otherwise.
        operations: how many there are inside.
        inputs, parameters: leaves that nothing else reads.
        outputs: what is computed inside and read outside, or is the loss.
    """

    path: Path
    kind: str = ""
    operations: int = 0
    inputs: list[Node] = field(default_factory=list)
    parameters: list[Node] = field(default_factory=list)
    outputs: list[Node] = field(default_factory=list)


class Flow(NamedTuple):
    """What one card or box reads of another: the values, and what their gradients receive from there."""

    source: int | Path
    target: int | Path
    values: tuple[Node, ...]
    shares: tuple[Array, ...]


@dataclass(eq=False)
class Boxes:
    """A folded scene.

    Attributes:
        boxes: the closed scopes, in the order of their first operation.
        cards: the values that are shown one by one, with the open scope each stands in.
        flows: between cards and boxes, known by their ids and paths.
        uses: for what many read and is shown as a card, a parameter or what is computed from one, how often.
    """

    boxes: dict[Path, Box]
    cards: list[tuple[Node, Path]]
    flows: list[Flow]
    uses: dict[int, int]


def opened(scene: Scene, names: str | Collection[str]) -> set[Path]:
    """The scopes that ``open=`` asks for: "rnn/t=3" or the end of a path, all scopes of that name.

    Raises:
        ValueError: there is no such scope.
    """
    paths = _scopes(scene)
    found = set()
    for name in [names] if isinstance(names, str) else names:
        parts = tuple(name.split("/"))
        fitting = {path for path in paths if path[-len(parts) :] == parts}
        if not fitting:
            there = ", ".join("/".join(path) for path in sorted(paths)[:8]) or "none: name parts `with scope(name):`"
            raise ValueError(f"open={name!r} is none of the scopes of this graph; there are {there}")
        found |= fitting
    return {path[:n] for path in found for n in range(1, len(path) + 1)}


def depth_for(scene: Scene) -> int:
    """How deep to look so that the innermost scopes are closed and there are not too many cards, at least 1."""
    paths = [node.place for node in scene.nodes if node.symbol]
    deepest = max(map(len, paths), default=0)
    for depth in range(deepest, 1, -1):
        if len({path[:depth] if len(path) >= depth else (n,) for n, path in enumerate(paths)}) <= CARDS:
            return depth
    return 1


def boxes_of(scene: Scene, depth: int | None = None, open: Collection[Path] = ()) -> Boxes:
    """Fold a scene: scopes are closed from ``depth`` on, 1 being the outermost, but for those in ``open``.

    Without a ``depth`` the innermost scopes are closed, and so many more that there are not too many cards.
    """
    closed = _closed(scene, depth_for(scene) if depth is None else depth, innermost=depth is None) - set(open)
    home: dict[int, int | Path] = {}
    boxes: dict[Path, Box] = {}
    for node in scene.nodes:
        if node.symbol:
            prefixes = (node.place[:n] for n in range(1, len(node.place) + 1))
            inside = next((path for path in prefixes if path in closed), None)
            home[node.id] = node.id if inside is None else inside
            if inside is not None:
                boxes.setdefault(inside, Box(inside, scene.kinds.get(inside, ""))).operations += 1
    readers: dict[int, dict[int | Path, int]] = defaultdict(lambda: defaultdict(int))
    for edge in scene.edges:
        readers[edge.source][home[edge.target]] += 1
    cards: list[tuple[Node, Path]] = []
    uses: dict[int, int] = {}
    shared = {one.node for one in scene.shared}
    for node in scene.nodes:
        where = home.get(node.id)
        if isinstance(where, tuple):
            if node.id == scene.loss or any(reader != where for reader in readers[node.id]):
                boxes[where].outputs.append(node)
        elif where is not None:
            cards.append((node, node.place))
            if node.id in shared and len(readers[node.id]) > 1:
                uses[node.id] = sum(readers[node.id].values())
        else:
            only = next(iter(readers[node.id])) if len(readers[node.id]) == 1 else None
            if isinstance(only, tuple):
                (boxes[only].parameters if node.kind == "parameter" else boxes[only].inputs).append(node)
                home[node.id] = only
            else:
                home[node.id] = node.id
                uses[node.id] = sum(readers[node.id].values())
                around = [scene.nodes[r].place if isinstance(r, int) else r[:-1] for r in readers[node.id]]
                cards.append((node, _common(around)))
    return Boxes(boxes, cards, _flows(scene, home), uses)


def _scopes(scene: Scene) -> set[Path]:
    """All scopes in which something is computed."""
    return {node.place[:n] for node in scene.nodes if node.symbol for n in range(1, len(node.place) + 1)}


def _closed(scene: Scene, depth: int, *, innermost: bool) -> set[Path]:
    """The scopes that are closed."""
    paths = _scopes(scene)
    outer = {path[:-1] for path in paths}
    return {path for path in paths if len(path) >= depth or (innermost and path not in outer)}


def _common(paths: Sequence[Path]) -> Path:
    """What all paths have in common."""
    if not paths:
        return ()
    shortest = min(map(len, paths))
    same = next((n for n in range(shortest) if len({path[n] for path in paths}) > 1), shortest)
    return paths[0][:same]


def _flows(scene: Scene, home: dict[int, int | Path]) -> list[Flow]:
    """The edges between different cards and boxes, those with the same ends as one."""
    found: dict[tuple[int | Path, int | Path], dict[int, Array | None]] = {}
    for edge in scene.edges:
        ends = (home[edge.source], home[edge.target])
        if ends[0] == ends[1]:
            continue
        shares = found.setdefault(ends, {})
        before = shares.get(edge.source)
        if edge.share is not None and before is not None:
            shares[edge.source] = added(before, edge.share)
        else:
            shares[edge.source] = before if edge.share is None else edge.share
    return [
        Flow(*ends, tuple(scene.nodes[id] for id in shares), tuple(s for s in shares.values() if s is not None))
        for ends, shares in found.items()
    ]
