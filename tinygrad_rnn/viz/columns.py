"""Columns: which card of a scene with time steps stands in which column, and in which row of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import inf
from operator import mul
from typing import Literal

from .card import WIDTH
from .rows import Block, Key, arrange
from .scene import Node, Scene
from .style import TAPE

#: Height of a row with the gap after it, where no better is known.
PITCH = 92.0
#: What a line of columns needs at its two ends, for what goes on in another one.
ENDS = 164.0
#: So many times wider than they have to be lines may be, and so many times larger, if that fills the first.
FULLER, PAPER = 1.1, 1.05
#: How many rows steps have, rather than more, if they do not fit into a page otherwise.
HIGH = 24
#: How many rows a head may always have before it is continued in another column.
ALWAYS = 7


@dataclass
class Column:
    """One column of the picture."""

    #: "side" (parameters, start states, what was computed before), "step" or "head" (after the last step).
    kind: Literal["side", "step", "head"]
    group: int  #: columns of one group share their rows: the number of the segment for steps
    frame: int | None = None
    nodes: dict[Key, int] = field(default_factory=dict)  #: the cards; corresponding ones of the steps have the same key
    block: Block = field(default_factory=Block)  #: their rows and x; a side column has none but a single pile
    #: For edges inside that are longer than a row, x in every row they pass; by keys and position.
    passage: dict[tuple[Key, Key, int], list[float]] = field(default_factory=dict)

    @property
    def up(self) -> bool:
        """Whether data flows upwards in it."""
        return self.kind == "step"

    @property
    def width(self) -> float:
        """The width of its cards."""
        return WIDTH if self.kind == "side" else self.block.width

    @cached_property
    def keys(self) -> Mapping[int, Key]:
        """The key of every card."""
        return {node: key for key, node in self.nodes.items()}


def columns_of(scene: Scene, high: float = inf) -> list[Column]:
    """All columns from left to right: side, steps, (side, steps,) .., head; rather no more rows than ``high``."""
    home, segment = _homes(scene), scene.segment
    result: list[Column] = []
    for number in range(max(segment) + 1):
        side: dict[Key, int] = {
            node.id: node.id for node in scene.nodes if home[node.id] == number and node.frame is None
        }
        if side:
            result.append(Column("side", number, nodes=side))
        result += _steps(scene, number, [frame for frame, s in enumerate(segment) if s == number], high)
    tallest = max([ALWAYS, *(column.block.rows for column in result)])
    return result + _head(scene, [node for node in scene.nodes if home[node.id] < 0], tallest)


def _homes(scene: Scene) -> dict[int, int]:
    """For every node the segment it belongs to, or whose side column it stands in; -1 for the head.

    What a loop that runs backwards in time begins with stands beside the last step, too.
    """
    home = {node.id: scene.segment[node.frame] for node in scene.nodes if node.frame is not None}
    uses = ((scene.nodes[edge.source], scene.nodes[edge.target].frame) for edge in scene.edges)
    back = {source.slot for source, frame in uses if frame is not None and (source.frame or 0) > frame} - {None}
    for node in sorted(scene.nodes, key=lambda n: (bool(n.symbol), n.id), reverse=True):
        if node.frame is None:
            fed = [home[edge.target] for edge in scene.readers[node.id] if home.get(edge.target, -1) >= 0]
            last = all(scene.nodes[edge.target].frame == len(scene.frames) - 1 for edge in scene.readers[node.id])
            home[node.id] = -1 if last and node.slot in back else min(fed, default=-1)
    return home


def _steps(scene: Scene, number: int, frames: list[int], high: float) -> list[Column]:
    """The columns of one segment: all steps share one arrangement, that of everything any of them has."""
    at = {frame: n for n, frame in enumerate(frames)}
    inside = sorted((node for node in scene.nodes if node.frame in at), key=lambda node: node.slot is None)
    key = {node.id: scene.alike.get(node.id, (None, node.id)) for node in inside}
    slots = sorted({k for k in key.values() if isinstance(k, int)})
    leaves = sorted({k for k in key.values() if isinstance(k, tuple)}, key=str)
    edges: dict[tuple[Key, Key, int], None] = {}
    left, right = set[Key](), set[Key]()
    nodes = scene.nodes
    for edge in scene.edges:
        u, v = key.get(edge.source), key.get(edge.target)
        if u is not None and v is not None and nodes[edge.source].frame == nodes[edge.target].frame:
            edges.setdefault((u, v, edge.position))
            continue
        later = _is_later(nodes[edge.source], nodes[edge.target])
        if v is not None and edge.source not in scene.shared:
            (left if later else right).add(v)
        if u is not None:
            (right if later else left).add(u)
    pairs = tuple((u, v) for u, v, _ in edges)
    block = _arranged((*leaves, *slots), pairs, frozenset(left), frozenset(right - left), high)
    passage = {edge: block.via[n] for n, edge in enumerate(edges)}
    columns = [Column("step", number, frame, block=block, passage=passage) for frame in frames]
    for id, k in key.items():
        columns[at[nodes[id].frame or 0]].nodes[k] = id
    return columns


@lru_cache(64)  # the windows of a long graph are alike
def _arranged(
    keys: tuple[Key, ...], edges: tuple[tuple[Key, Key], ...], left: frozenset[Key], right: frozenset[Key], high: float
) -> Block:
    widest = 4 if high == inf else 6
    return arrange(keys, edges, WIDTH, PITCH, left=left, right=right, widest=widest, high=high)


def _is_later(source: Node, target: Node) -> bool:
    """Whether time (or what comes before and after it) runs from ``source`` to ``target`` from left to right."""
    return source.frame is None or target.frame is None or source.frame < target.frame


def _head(scene: Scene, nodes: list[Node], tallest: int) -> list[Column]:
    """What comes after the last step, from the top down; continued in another column when it gets too long."""
    if not nodes:
        return []
    inside = {node.id for node in nodes}
    keys = sorted(inside, key=lambda id: (bool(scene.nodes[id].symbol), id))
    edges = [(e.source, e.target, e.position) for e in scene.edges if e.source in inside and e.target in inside]
    left = {e.target for e in scene.edges if e.target in inside and e.source not in inside}

    def arranged(part: list[int], within: list[tuple[int, int, int]]) -> Block:
        return arrange(part, [(u, v) for u, v, _ in within], WIDTH, PITCH, left=left, widest=3)

    whole = arranged(keys, edges)
    columns = []
    rows = -(-whole.rows // -(-whole.rows // tallest))
    for first in range(0, whole.rows, rows):
        part = [k for k in keys if first <= whole.row[k] < first + rows]
        within = [edge for edge in edges if edge[0] in part and edge[1] in part]
        block = arranged(part, within)
        passage: dict[tuple[Key, Key, int], list[float]] = {edge: block.via[n] for n, edge in enumerate(within)}
        columns.append(Column("head", first, None, {k: k for k in part}, block, passage))
    return columns


def breaks(widths: Sequence[float], heights: Sequence[float], widest: float) -> list[int]:
    """Before which columns another line begins, so that there are few lines, and none wider than it has to be.

    They are wider than they should be rather than all together a tape.
    """
    lines = [0] * len(widths)
    for many in range(1, len(widths) + 1):
        low, high = max(widths), sum(widths)
        while high - low > 1:
            room = (low + high) / 2
            low, high = (low, room) if _filled(widths, room)[-1] < many else (room, high)
        # Rather the last line is short, as in a text, than the first; unless much would stand beside what is higher.
        ways = [_filled(widths, max(high, min(FULLER * high, widest - ENDS * (many > 1)))), _filled(widths, high)]
        talls = [dict(sorted(zip(way, heights, strict=True))) for way in ways]  # of every line its highest column
        both = zip(ways, talls, strict=True)
        full, even = (sum(map(mul, widths, [tall[line] for line in way])) for way, tall in both)
        high += ENDS * (many > 1)
        if many > 1 and sum(talls[full > PAPER * even].values()) > TAPE * high:
            break
        lines = ways[full > PAPER * even]
        if high <= widest:
            break
    return [n for n in range(1, len(lines)) if lines[n] != lines[n - 1]]


def _filled(widths: Sequence[float], room: float) -> list[int]:
    """The line of every column if each line is filled up to so much ``room``."""
    lines, line, load = list[int](), -1, inf
    for width in widths:
        line, load = (line + 1, width) if load + width > room else (line, load + width)
        lines.append(line)
    return lines
