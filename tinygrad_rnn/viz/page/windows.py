"""Windows: a graph of more time steps than a browser shows with ease, as a page that shows some of them at a time."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from ...explain.excerpt import MOST_AFTER
from ..cells import Axis, cells_of
from ..collecting import shared_among
from ..numbers import added, size
from ..scene import REST, Edge, Node, Scene
from ..style import LIGHT, Scale
from ..tracks import Point
from .content import series_of
from .parts import as_json

#: So many steps are shown at a time; with fewer there are more windows, and more to write for each.
WIDTH = 16
#: So many values a page holds, which makes some 40 megabytes.
MOST_VALUES = 80_000


def refuse_too_large(scene: Scene) -> None:
    """Raise ValueError for a scene of more values than a page can carry."""
    if len(scene.nodes) > MOST_VALUES:
        raise ValueError(
            f"a page holds up to {MOST_VALUES:,} values, and this graph has {len(scene.nodes):,} in "
            f"{len(scene.frames):,} time steps; draw some of them: draw(loss, steps=(a, b))"
        )


def windows_of(scene: Scene) -> Iterator[Scene]:
    """The scene in windows of 16 time steps, the last ones first, as the gradient meets them.

    Values and gradients are those of the whole graph. As in ``scene_of(loss, window)``, what a window reads of others
    is shown as leaves, and the loss stands for all that follows.
    """
    head, within = _head(scene), [set[int]() for _ in scene.frames]
    made_of: list[list[Edge]] = [[] for _ in scene.nodes]
    for edge in scene.edges:
        made_of[edge.target].append(edge)
    for node in scene.nodes:
        if node.frame is not None:
            within[node.frame].add(node.id)
    for end in range(len(scene.frames), 0, -WIDTH):
        frames = range(max(0, end - WIDTH), end)
        yield _window(scene, frames, set().union(*within[frames[0] : end], head), made_of)
        head = set()


def _head(scene: Scene) -> set[int]:
    """What was computed after all steps, if it can be drawn operation by operation."""
    before = {node.id for node in scene.nodes if node.frame is not None}
    for edge in reversed(scene.edges):
        if edge.target in before:
            before.add(edge.source)
    head = {node.id for node in scene.nodes if node.symbol and node.id not in before}
    return head if sum(edge.target in head for edge in scene.edges) <= MOST_AFTER else set()


def _window(scene: Scene, frames: range, inside: set[int], made_of: Sequence[Sequence[Edge]]) -> Scene:
    uses = [edge for id in inside for edge in made_of[id]]
    kept = sorted({scene.loss, *inside, *(edge.source for edge in uses)})
    ids = {id: n for n, id in enumerate(kept)}
    edges = [replace(use, source=ids[use.source], target=ids[use.target]) for use in uses]
    if scene.loss not in inside:  # all that follows adds to what it reads
        for id in sorted(inside):
            parts = [e.share for e in scene.readers.get(id, ()) if e.target not in inside and e.share is not None]
            if parts:
                edges.append(Edge(ids[id], ids[scene.loss], len(edges), reduce(added, parts)))
    edges.sort(key=lambda edge: (edge.target, edge.position))
    first, last = scene.frames[frames[0]], scene.frames[frames[-1]]

    def shown(node: Node) -> Node:
        if node.id in inside:
            return replace(node, id=ids[node.id], frame=None if node.frame is None else node.frame - frames[0])
        symbol, formula = "", node.formula
        if node.id == scene.loss:
            symbol, formula = REST, f"all that follows t = {last}"
        elif node.symbol:
            formula = "computed before" if node.step is None else f"from t = {node.step}"
        kind = "constant" if node.kind in ("op", "input") else node.kind
        return replace(node, id=ids[node.id], kind=kind, symbol=symbol, formula=formula, step=None, frame=None)

    nodes = tuple(shown(scene.nodes[id]) for id in kept)
    window = Scene(
        nodes,
        tuple(edges),
        shared_among(nodes, edges),
        scene.frames[frames[0] : frames[-1] + 1],
        tuple(tuple(ids[id] for id in scene.states[frame]) for frame in frames),
        ids[scene.loss],
        scene.scalar,
        (first, last),
        tuple(scene.made[id] for id in kept if id < len(scene.made)),
        kinds=scene.kinds,
        carried={ids[id]: found for id, found in scene.carried.items() if id in ids},
    )
    # Where the first NaN of all came from, not of this window, which may only hand it on.
    broken = scene.broken
    window.broken = broken._replace(node=ids[broken.node]) if broken and broken.node in inside else None
    return window


def overview(scene: Scene, scale: Scale) -> dict[str, Any]:
    """All time steps as the cells of the static picture; the page's script (web/core/windows.js) has it as types."""
    result = []
    for series in series_of(scene):
        gradients = [None if id is None else scene.nodes[id].gradient for id in series["ids"]]
        cells = cells_of([Point(n, None if g is None else size(g)) for n, g in enumerate(gradients)])
        height = Axis.over(cells).height
        told = [[c.first, c.last, scale.look(c.most, LIGHT).css, round(height(c.most), 3), c.range] for c in cells]
        result.append({"name": series["name"], "verdict": series["verdict"], "cells": told})
    return {"steps": scene.frames, "width": WIDTH, "series": result}


def packed(data: Any) -> str:
    """Data as text that web/shared/packed.js unpacks."""
    return base64.b64encode(gzip.compress(as_json(data).encode(), 6, mtime=0)).decode()
