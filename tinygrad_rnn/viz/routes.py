"""Routes: every edge of a laid out scene as lines, forward and backward side by side, that keep clear of the cards."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from .card import WIDTH
from .grid import Grid, Net, claim_lane
from .numbers import added, size
from .paths import HEAD, Point, beside, bowed, cut, rounded, straight
from .rows import spread
from .scene import Edge, Scene

Kind = Literal["data", "state", "parameter", "cut", "gradient"]
#: A side of a card: "in" is the one rows are entered at, the lower one in a step; "out" the opposite one.
Side = Literal["left", "right", "in", "out"]
#: Half the distance between the forward and the backward line of a pair, and between rows, where there is more room.
HALF, HALF_ROWS = 5.0, 9.0
#: Radius of the dot where lines join.
DOT = 2.4


class Line(NamedTuple):
    """One line of the picture, from the card ``tail`` to the card ``head``."""

    kind: Kind
    tail: int
    head: int
    points: Sequence[Point]  #: Bezier points, 3n + 1 of them
    tip: Point | None = None  #: of the arrow, if it has one
    dot: Point | None = None  #: where it branches off another line, if it does
    size: float | None = None  #: of a gradient
    note: str = ""  #: what to say when the mouse is on it
    shares: Sequence[int] = ()  #: of which edges, by their numbers, it shows what goes back
    wrapped: bool = False  #: whether it is a piece of one that goes on in another line of the picture


def lines_of(scene: Scene, grid: Grid, *, apart: float = 1.0) -> list[Line]:
    """All lines of a laid out scene; with ``apart`` 0 forward and backward lines lie on each other."""
    return _Router(scene, grid, apart).draw()


@dataclass(eq=False)
class _Port:
    """Where a pair of lines touches a card: ``offset`` from the middle of its side."""

    side: Side
    wish: float
    tap: bool
    offset: float = 0.0


class _Ports:
    """Collects where the edges touch the cards and spreads these ports along the sides."""

    def __init__(self, scene: Scene, grid: Grid) -> None:
        self.scene, self.grid = scene, grid
        self.ports: dict[tuple[int, Side], list[_Port]] = defaultdict(list)
        self.port: dict[tuple[int, int, bool], _Port] = {}  # (target, position, whether at the source)
        for edge in scene.edges:
            if grid.column[edge.source] == grid.column[edge.target]:
                self.collect_inside(edge)
        for net in grid.nets:
            self.collect_net(net)
        for (node, side), ports in self.ports.items():
            _spread_ports(ports, grid.half[node], across=side in ("in", "out"))

    def collect_inside(self, edge: Edge) -> None:
        """Decide for both ends of an edge at which side of the card it is, and where it would like to be."""
        column = self.grid.columns[self.grid.column[edge.source]]
        (x0, y0), (x1, y1) = self.grid.at[edge.source], self.grid.at[edge.target]
        if column.kind == "side":
            self.add(edge, True, "left", (y1 - y0) * 1e-3)
            self.add(edge, False, "left", (y0 - y1) * 1e-3)
        else:
            x = [x0, *self.via(edge), x1]
            self.add(edge, True, "out", (x[1] - x0) * 0.5)
            self.add(edge, False, "in", (x[-2] - x1) * 0.5)

    def collect_net(self, net: Net) -> None:
        """The same for the edges of a net, of which many may share an end."""
        grid, first = self.grid, net.edges[0]
        for n, edge in enumerate(net.edges):
            (_, y0), (_, y1) = grid.at[edge.source], grid.at[edge.target]
            if n == 0 or net.rail is None:
                at_end = net.bus is not None and grid.at_top(edge.source)
                side: Side = "out" if at_end or edge.source in net.out else "right" if net.rightwards else "left"
                aim = grid.bus[net.bus] if net.bus is not None else y1
                wish = (aim - y0) * 1e-3 if net.rail is None else grid.exit(net, edge.source) - y0
                self.add(edge, True, side, 1e3 if side == "out" else wish)
            else:
                self.port[edge.target, edge.position, True] = self.port[first.target, first.position, True]
            if net.rail is not None:
                self.add(edge, False, "in", 0, tap=True)
            elif n == 0 or not net.collects:
                origin = grid.bus[net.bus] if net.bus is not None else y0
                self.add(edge, False, "left" if net.rightwards else "right", (origin - y1) * 1e-3)
            else:
                self.port[edge.target, edge.position, False] = self.port[edge.target, first.position, False]

    def add(self, edge: Edge, at_source: bool, side: Side, wish: float, *, tap: bool = False) -> None:
        """A new port for one end of ``edge``, as close to ``wish`` as there will be room."""
        port = self.port[edge.target, edge.position, at_source] = _Port(side, wish, tap)
        self.ports[edge.source if at_source else edge.target, side].append(port)

    def via(self, edge: Edge) -> list[float]:
        """x of the passages of an edge inside a step or the head."""
        column = self.grid.columns[self.grid.column[edge.source]]
        source, target = column.keys[edge.source], column.keys[edge.target]
        left = self.grid.at[edge.source][0] - column.block.x[source]
        return [left + x for x in column.passage.get((source, target, edge.position), [])]

    def touch(self, edge: Edge, at_source: bool) -> Point:
        """The point of the card's border where the pair of lines of ``edge`` meets it."""
        node = edge.source if at_source else edge.target
        (x, y), port = self.grid.at[node], self.port[edge.target, edge.position, at_source]
        if port.side in ("left", "right"):
            return (x - WIDTH / 2 if port.side == "left" else x + WIDTH / 2), y + port.offset
        half, up = self.grid.half[node], self.grid.columns[self.grid.column[node]].up
        return x + port.offset, y + (half if (port.side == "out") == up else -half)

    def spacing(self, node: int, side: Side) -> float:
        """The smallest distance between two ports of a side."""
        offsets = sorted(port.offset for port in self.ports[node, side])
        return min((b - a for a, b in pairwise(offsets)), default=36.0)


def _spread_ports(ports: Sequence[_Port], half: float, *, across: bool) -> None:
    """Taps from the left end on, the others as close to their wish as there is room; on upright sides from above."""
    taps = [port for port in ports if port.tap]
    for n, port in enumerate(taps):
        port.offset = 19 + 28 * n - WIDTH / 2
    reach = max(half - 9, 5.0)
    low, high, most = (-54.0 + 28 * len(taps), 58.0, 36.0) if across else (-reach, reach, 18.0)
    others = sorted((port for port in ports if not port.tap), key=lambda port: port.wish)
    pitch = min(most, (high - low) / max(1, len(others) - 1))
    free = spread([min(high, max(low, port.wish)) for port in others], [pitch] * len(others), 0.0)
    for n, (port, offset) in enumerate(zip(others, free, strict=True)):
        lowest, highest = low + pitch * n, high - pitch * (len(others) - 1 - n)
        port.offset = round(min(highest, max(lowest, offset)), 2)


class _Router:
    """Draws the lines of all edges, one after the other."""

    def __init__(self, scene: Scene, grid: Grid, apart: float) -> None:
        self.scene, self.grid = scene, grid
        self.half, self.half_rows = HALF * apart, HALF_ROWS * apart
        self.ports = _Ports(scene, grid)
        self.arcs = _arcs(scene, grid)
        self.lines: list[Line] = []
        self.numbers = {id(edge): n for n, edge in enumerate(scene.edges)}

    def draw(self) -> list[Line]:
        """All lines; those of the nets first, so that short ones lie on top."""
        for net in self.grid.nets:
            if net.collects:
                self.draw_collector(net)
            elif net.rail is not None:
                self.draw_rail(net)
            else:
                self.draw_apart(net)
        for edge in self.scene.edges:
            if self.grid.column[edge.source] == self.grid.column[edge.target]:
                self.draw_inside(edge)
        return self.lines

    def forward(self, edge: Edge, points: Sequence[Point], tip: Point | None, dot: Point | None = None) -> None:
        """One forward line."""
        source = self.scene.nodes[edge.source]
        between = self.grid.column[edge.source] != self.grid.column[edge.target]
        kind: Kind = "state" if between and source.kind == "state" else "data"
        kind = "cut" if edge.cut else "parameter" if source.learnt else kind
        self.lines.append(Line(kind, edge.source, edge.target, points, tip, dot, None, self.note(edge)))

    def backward(
        self, edge: Edge, amount: float | None, points: Sequence[Point], tip: Point | None,
        note: str = "", joined: Sequence[int] = (),
    ) -> None:  # fmt: skip
        """One backward line, unless no gradient flows: that of ``edge`` or of all whose numbers are ``joined``."""
        if amount is not None:
            note = note or self.note(edge)
            shares = joined or [self.numbers[id(edge)]]
            self.lines.append(Line("gradient", edge.target, edge.source, points, tip, None, amount, note, shares))

    def note(self, edge: Edge) -> str:
        cut = ", detached: no gradient flows back" if edge.cut else ""
        return f"{self.scene.nodes[edge.source].name} -> {self.scene.nodes[edge.target].name}{cut}"

    def pair(self, edge: Edge, way: Sequence[Point], radius: float) -> None:
        """Both lines of one edge along a rectangular way from source to target."""
        go, back = beside(way, self.half), beside(way, -self.half)[::-1]
        self.forward(edge, rounded(cut(go), radius), go[-1])
        self.backward(edge, edge.size, rounded(cut(back), radius), back[-1])

    def bow(self, edge: Edge, go: Sequence[Point], back: Sequence[Point], *, along_x: bool = False) -> None:
        """Both lines of one edge, bowed."""
        self.forward(edge, bowed(_short(go, along_x), along_x=along_x), go[-1])
        self.backward(edge, edge.size, bowed(_short(back, along_x), along_x=along_x), back[-1])

    def draw_inside(self, edge: Edge) -> None:
        """An edge between two cards of one column."""
        grid, touch = self.grid, self.ports.touch
        column = grid.columns[grid.column[edge.source]]
        if column.kind == "side":
            a, b = touch(edge, True), touch(edge, False)
            x = min(a[0], b[0]) - 24 - 20 * self.arcs[edge.target, edge.position]
            self.pair(edge, [a, (x, a[1]), (x, b[1]), b], 14)
            return
        first, sign = grid.row[edge.source], 1 if column.up else -1
        stations = [touch(edge, True)]
        for row, x in enumerate(self.ports.via(edge), start=first + 1):
            y, half = grid.level[grid.group(edge.source), row]
            stations += [(x, y - sign * half), (x, y + sign * half)]
        stations.append(touch(edge, False))
        for node, n, next_to, way in ((edge.source, 1, stations[1], sign), (edge.target, -1, stations[-2], -sign)):
            (x, _), (y, half) = stations[min(n, 0)], grid.level[grid.group(node), grid.row[node]]
            left, right = min(x, next_to[0]) - WIDTH / 2, max(x, next_to[0]) + WIDTH / 2
            higher = (
                id for id in column.nodes.values() if grid.row[id] == grid.row[node] and grid.half[id] > grid.half[node]
            )
            if any(left < grid.at[id][0] < right for id in higher):  # one of them is in between
                stations.insert(n, (x, y + way * half))
        spacing = min(self.ports.spacing(edge.source, "out"), self.ports.spacing(edge.target, "in"))
        half = min(self.half_rows, spacing / 4)
        self.bow(edge, [(x - half, y) for x, y in stations], [(x + half, y) for x, y in reversed(stations)])

    def draw_curve(self, edge: Edge, a: Point, b: Point) -> None:
        """A level edge between neighbours; a gentle S if the heights differ a little."""
        b = (b[0], a[1]) if abs(a[1] - b[1]) < 4 else b
        go = [(a[0], a[1] + self.half), (b[0], b[1] + self.half)]
        back = [(b[0], b[1] - self.half), (a[0], a[1] - self.half)]
        self.bow(edge, go, back, along_x=True)

    def draw_apart(self, net: Net) -> None:
        """Every edge of a net with a pair of lines of its own."""
        for edge in net.edges:
            b = self.ports.touch(edge, False)
            start = self.start(net, edge)
            if net.arrive is None and edge.source not in net.out:
                self.draw_curve(edge, start[0], b)
            else:
                x = self.channel(net) if net.arrive is not None else (start[-1][0] + b[0]) / 2
                self.pair(edge, [*start, (x, start[-1][1]), (x, b[1]), b], 28)

    def channel(self, net: Net) -> float:
        """x of the channel in which the net gets to the height of its target."""
        assert net.arrive is not None
        return self.grid.channel[net.arrive[0]][net.arrive[1]]

    def start(self, net: Net, edge: Edge) -> list[Point]:
        """The way from the source's card up to where the net leaves its column (or reaches the bus)."""
        grid, a = self.grid, self.ports.touch(edge, True)
        if net.bus is not None and grid.at_top(edge.source):
            return [a, (a[0], grid.bus[net.bus])]
        way = [a, (a[0], grid.exit(net, edge.source))] if edge.source in net.out else [a]
        if edge.source in net.leave and net.bus is not None:
            gutter, lane = net.leave[edge.source]
            x = grid.channel[gutter][lane]
            way += [(x, way[-1][1]), (x, grid.bus[net.bus])]
        return way

    def draw_rail(self, net: Net) -> None:
        """One value for several cards: a line along the row with a tap for each of them.

        Backward, the segment between two taps shows the sum of everything that comes from beyond it.
        """
        first = net.edges[0]
        level = self.grid.track[self.grid.group(first.target), self.grid.row[first.target], net.rail]
        root = self.start(net, first)
        if net.arrive is not None:
            x = self.channel(net)
            root += [(x, root[-1][1]), (x, level)]
        elif len(root) == 1:
            root = [(root[0][0], level)]
        taps = [(self.ports.touch(edge, False), edge) for edge in net.edges]
        taps.sort(key=lambda tap: tap[0][0], reverse=not net.rightwards)
        go = beside([*root, (taps[-1][0][0], level), taps[-1][0]], self.half)
        self.forward(taps[-1][1], rounded(cut(go), 7), go[-1])
        lift = 1.0 if taps[0][0][1] > level else -1.0
        toward = 1.0 if net.rightwards else -1.0
        base, low = level + self.half * toward, level - self.half * toward
        for (x, y), edge in taps[:-1]:
            x -= self.half * lift
            way = straight((x, base + DOT * lift), (x, y - HEAD * lift))
            self.forward(edge, way, (x, y), (x, base - DOT * lift))
        numbers = [self.numbers[id(edge)] for _, edge in taps]
        total: np.ndarray | None = None
        for n in reversed(range(len(taps))):
            (x, y), edge = taps[n]
            if edge.share is None and total is None:
                continue
            side, started = x + self.half * lift, total is not None
            if edge.share is not None:
                total = edge.share if total is None else added(total, edge.share)
                if started:
                    self.backward(edge, edge.size, straight((side, y), (side, low)), None)
            assert total is not None
            note = f"{self.scene.nodes[edge.source].name}: sum of {len(taps) - n} uses" if started else ""
            if n:
                end = taps[n - 1][0][0] + self.half * lift
                corners = [(side, low), (end, low)] if started else [(side, y), (side, low), (end, low)]
                self.backward(edge, size(total), rounded(corners, 7), None, note, numbers[n:])
            else:
                back = beside([*root, (x, level), (x, y)], -self.half)[::-1]
                back = [(side, low), *back[2:]] if started else back
                self.backward(edge, size(total), rounded(cut(back), 7), back[-1], note, numbers[n:])

    def draw_collector(self, net: Net) -> None:
        """Several cards for one: their lines join on the bus, nearest to the target last."""
        assert net.bus is not None
        level, x = self.grid.bus[net.bus], self.channel(net)
        goal = self.ports.touch(net.edges[0], False)
        toward = 1.0 if net.rightwards else -1.0
        joints = [(self.start(net, edge), edge) for edge in net.edges]
        joints.sort(key=lambda joint: joint[0][-1][0] * toward)  # the farthest first
        numbers = [self.numbers[id(edge)] for _, edge in joints]
        total: float | None = None
        for n, (start, edge) in enumerate(joints):
            whole = [*start, (x, level), (x, goal[1]), goal]
            go, back = beside(whole, self.half), beside(whole, -self.half)
            end = len(start) - 1  # where the line reaches the bus
            if n == 0:
                self.forward(edge, rounded(cut(go), 14), go[-1])
            else:
                x0, y0 = go[end]
                self.forward(edge, rounded([*go[:end], (x0, y0 - DOT)], 14), None, (x0, y0 + DOT))
            if edge.size is None:
                continue
            trunk = [(joints[n + 1][0][-1][0] + self.half, back[end][1])] if n + 1 < len(joints) else back[:end:-1]
            trunk, down = [*trunk, back[end]], back[end::-1]
            if total is None:
                total = edge.size
                self.backward(edge, total, rounded(cut([*trunk, *down[1:]]), 14), down[-1])
            else:
                total = float(np.hypot(total, edge.size))
                self.backward(edge, edge.size, rounded(cut(down), 14), down[-1])
                note = f"{n + 1} gradients from {self.scene.nodes[edge.target].name}"
                self.backward(edge, total, rounded(trunk, 14), None, note, numbers[: n + 1])


def _arcs(scene: Scene, grid: Grid) -> dict[tuple[int, int], int]:
    """For edges inside a side column, which bow at its left: how far out, so that no two bows meet."""
    bows = []
    for edge in scene.edges:
        column = grid.column[edge.source]
        if column == grid.column[edge.target] and grid.columns[column].kind == "side":
            low, high = sorted((grid.at[edge.source][1], grid.at[edge.target][1]))
            bows.append((high - low, edge.target, edge.position, column, low, high))
    taken: dict[int, list[list[tuple[float, float]]]] = defaultdict(list)
    return {
        (target, position): claim_lane(taken[column], low, np.nextafter(high, np.inf))  # those that touch meet, too
        for _, target, position, column, low, high in sorted(bows)
    }


def _short(way: Sequence[Point], along_x: bool) -> list[Point]:
    """The way without the last points, where the arrow head is."""
    *rest, (x0, y0), (x1, y1) = way
    end = (x1 - math.copysign(HEAD, x1 - x0), y1) if along_x else (x1, y1 - math.copysign(HEAD, y1 - y0))
    return [*rest, (x0, y0), end]
