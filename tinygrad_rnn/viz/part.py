"""A part: some time steps of a scene as a scene of their own, with the numbers of the whole."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import reduce

from .numbers import added
from .scene import REST, Edge, Node, Scene, shared_among

#: What comes after a part is drawn operation by operation up to so many arguments, and as one card beyond.
MOST_AFTER = 40


def columns_in(frames: Sequence[int], window: tuple[int, int]) -> list[int]:
    """The columns of the time steps from the first to the last of ``window``.

    Raises:
        ValueError: there are none.
    """
    first, last = window
    found = [column for column, step in enumerate(frames) if first <= step <= last]
    if not found:
        there = (
            f"they are {min(frames)} to {max(frames)}" if frames else "it has none: record them with `with step(t):`"
        )
        raise ValueError(f"steps=({first}, {last}) shows none of the time steps of this graph; {there}")
    return found


def after_all(nodes: Sequence[Node], edges: Sequence[Edge]) -> set[int]:
    """What was computed after all time steps, if it can be drawn operation by operation."""
    before = {node.id for node in nodes if node.frame is not None}
    for edge in reversed(edges):
        if edge.target in before:
            before.add(edge.source)
    after = {node.id for node in nodes if node.symbol and node.id not in before}
    return after if sum(edge.target in after for edge in edges) <= MOST_AFTER else set()


def part_of(scene: Scene, columns: Sequence[int], inside: Collection[int]) -> Scene:
    """The part of a scene with these columns, oldest first, and with what is ``inside`` of them.

    Values and gradients are those of the whole graph. What the part reads of others is shown as leaves, and the loss
    stands for all that follows.
    """
    uses = [edge for id in inside for edge in scene.made_of.get(id, ())]
    kept = sorted({scene.loss, *inside, *(edge.source for edge in uses)})
    ids = {id: n for n, id in enumerate(kept)}
    edges = [replace(use, source=ids[use.source], target=ids[use.target]) for use in uses]
    if scene.loss not in inside:  # all that follows adds to what it reads
        for id in sorted(inside):
            parts = [e.share for e in scene.readers.get(id, ()) if e.target not in inside and e.share is not None]
            if parts:
                edges.append(Edge(ids[id], ids[scene.loss], len(edges), reduce(added, parts)))
    edges.sort(key=lambda edge: (edge.target, edge.position))
    at = {column: n for n, column in enumerate(columns)}
    frames = tuple(scene.frames[column] for column in columns)

    def shown(node: Node) -> Node:
        if node.id in inside:
            return replace(node, id=ids[node.id], frame=None if node.frame is None else at[node.frame])
        symbol, formula = "", node.formula
        if node.id == scene.loss:
            symbol, formula = REST, f"all that follows t = {frames[-1]}"
        elif node.symbol:
            formula = "computed before" if node.step is None else f"from t = {node.step}"
        kind = "constant" if node.kind in ("op", "input") else node.kind
        return replace(node, id=ids[node.id], kind=kind, symbol=symbol, formula=formula, step=None, frame=None)

    nodes = tuple(shown(scene.nodes[id]) for id in kept)
    part = replace(
        scene,
        nodes=nodes,
        edges=tuple(edges),
        shared=shared_among(nodes, edges),
        frames=frames,
        states=tuple(tuple(ids[id] for id in scene.states[column]) for column in columns),
        loss=ids[scene.loss],
        window=(min(frames), max(frames)),
        made=tuple(scene.made[id] for id in kept if id < len(scene.made)),
        whole=scene.made,
    )
    # Where the first NaN of all came from, not of this part, which may only hand it on.
    broken = scene.broken
    part.broken = broken._replace(node=ids[broken.node]) if broken and broken.node in inside else None
    return part
