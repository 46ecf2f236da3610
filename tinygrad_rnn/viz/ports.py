"""Ports: where on its border every edge touches a card."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from .card import WIDTH
from .nets import Grid
from .paths import Point
from .rows import spread
from .scene import Edge, Scene

#: "in" is the side rows are entered at, the lower one in a step; "out" the opposite one.
Side = Literal["left", "right", "in", "out"]


@dataclass(eq=False)
class Port:
    """Where a pair of lines touches a card: ``offset`` from the middle of its side."""

    wish: float = 0.0
    tap: bool = False
    offset: float = 0.0


class Ports:
    """Collects where the edges touch the cards and spreads these ports along the sides."""

    def __init__(self, scene: Scene, grid: Grid) -> None:
        self.scene, self.grid = scene, grid
        self.ports: dict[tuple[int, Side], list[Port]] = defaultdict(list)
        self.port: dict[tuple[int, int, bool], Port] = {}  # (target, position, whether at the source)
        self.collect()

    def collect(self) -> None:
        """Decide for both ends of every edge at which side of the card it is, and where it would like to be."""
        grid = self.grid
        for edge in self.scene.edges:
            if grid.column[edge.source] != grid.column[edge.target]:
                continue
            column = grid.columns[grid.column[edge.source]]
            (x0, y0), (x1, y1) = grid.at[edge.source], grid.at[edge.target]
            if column.kind == "side":
                self.add(edge, True, "left", (y1 - y0) * 1e-3)
                self.add(edge, False, "left", (y0 - y1) * 1e-3)
            elif edge.source in column.beside.get(edge.target, ()):
                self.add(edge, True, "left", 0)
                self.add(edge, False, "right", (y0 - y1) * 1e-3)
            else:
                via = self.via(edge)
                self.add(edge, True, "out", ((via[0] if via else x1) - x0) * 0.5)
                self.add(edge, False, "in", ((via[-1] if via else x0) - x1) * 0.5)
        for net in grid.nets:
            first = net.edges[0]
            for n, edge in enumerate(net.edges):
                (_, y0), (_, y1) = grid.at[edge.source], grid.at[edge.target]
                at_end = net.bus is not None and grid.at_top(edge.source)
                if n == 0 or net.rail is None:
                    side: Side = "out" if at_end or edge.source in net.out else "right" if net.rightwards else "left"
                    aim = grid.bus[net.bus] if net.bus is not None else y1
                    port = self.add(edge, True, side, 1e3 if side == "out" else (aim - y0) * 1e-3)
                    if net.rail is not None and side != "out":
                        port.wish = grid.exit(net, edge.source) - y0
                else:
                    self.port[edge.target, edge.position, True] = self.port[first.target, first.position, True]
                if net.rail is not None:
                    self.add(edge, False, "in", 0, tap=True)
                elif n == 0 or not net.collects:
                    origin = grid.bus[net.bus] if net.bus is not None else y0
                    self.add(edge, False, "left" if net.rightwards else "right", (origin - y1) * 1e-3)
                else:
                    self.port[edge.target, edge.position, False] = self.port[edge.target, first.position, False]
        for (node, side), ports in self.ports.items():
            _spread_ports(ports, grid.half[node], across=side in ("in", "out"))

    def add(self, edge: Edge, at_source: bool, side: Side, wish: float, *, tap: bool = False) -> Port:
        """A new port for one end of ``edge``, as close to ``wish`` as there will be room."""
        port = self.port[edge.target, edge.position, at_source] = Port(wish, tap)
        self.ports[edge.source if at_source else edge.target, side].append(port)
        return port

    def via(self, edge: Edge) -> list[float]:
        """x of the passages of an edge inside a step or the head."""
        column = self.grid.columns[self.grid.column[edge.source]]
        keys = column.keys
        found = column.passage.get((keys[edge.source], keys[edge.target], edge.position), [])
        left = self.grid.at[edge.source][0] - column.block.x[keys[edge.source]]
        return [left + x for x in found]

    def touch(self, edge: Edge, at_source: bool, side: Side) -> Point:
        """The point of the card's border where the pair of lines of ``edge`` meets it."""
        node = edge.source if at_source else edge.target
        x, y = self.grid.at[node]
        offset = self.port[edge.target, edge.position, at_source].offset
        half = self.grid.half[node]
        if side in ("left", "right"):
            return (x - WIDTH / 2 if side == "left" else x + WIDTH / 2), y + offset
        up = self.grid.columns[self.grid.column[node]].up
        return x + offset, y + (half if (side == "out") == up else -half)

    def spacing(self, node: int, side: Side) -> float:
        """The smallest distance between two ports of a side."""
        offsets = sorted(port.offset for port in self.ports[node, side])
        return min((b - a for a, b in pairwise(offsets)), default=36.0)


def _spread_ports(ports: Sequence[Port], half: float, *, across: bool) -> None:
    """Taps from the left end on, the others as close to their wish as there is room; on upright sides from above."""
    if across:
        taps = [port for port in ports if port.tap]
        for n, port in enumerate(taps):
            port.offset = 19 + 28 * n - WIDTH / 2
        low, high, most = -54.0 + 28 * len(taps), 58.0, 36.0
    else:
        low, high, most = 9 - half, half - 9, 18.0
    others = sorted((port for port in ports if not (across and port.tap)), key=lambda port: port.wish)
    pitch = min(most, (high - low) / max(1, len(others) - 1))
    wishes = [min(high, max(low, port.wish)) for port in others]
    free = spread(wishes, [pitch] * len(wishes), 0.0)
    for n, (port, offset) in enumerate(zip(others, free, strict=True)):
        lowest, highest = low + pitch * n, high - pitch * (len(others) - 1 - n)
        port.offset = round(min(highest, max(lowest, offset)), 2)
