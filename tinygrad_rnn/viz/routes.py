"""Routes: every edge of a laid out scene as lines, forward and backward side by side, that keep clear of the cards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal

import numpy as np

from .nets import Grid, Net
from .numbers import added, size
from .paths import HEAD, Point, beside, bowed, cut, rounded
from .ports import Ports, Side
from .scene import Edge, Scene

Kind = Literal["data", "state", "parameter", "cut", "gradient"]
#: Half the distance between the forward and the backward line of a pair.
HALF = 5.0
#: The same between rows, where there is more room.
HALF_ROWS = 9.0
#: Radius of the dot where lines join.
DOT = 2.4


@dataclass(frozen=True)
class Line:
    """One line of the picture, from the card ``tail`` to the card ``head``.

    Attributes:
        points: Bezier points, 3n + 1 of them.
        tip: the point of the arrow, if it has one.
        dot: where it branches off another line, if it does.
        size: for a gradient, its size.
        note: what to say when the mouse is on it.
    """

    kind: Kind
    tail: int
    head: int
    points: tuple[Point, ...]
    tip: Point | None = None
    dot: Point | None = None
    size: float | None = None
    note: str = ""


class Router:
    """Draws the lines of all edges, one after the other."""

    def __init__(self, scene: Scene, grid: Grid, apart: float = 1.0) -> None:
        self.scene, self.grid = scene, grid
        self.half, self.half_rows = HALF * apart, HALF_ROWS * apart
        self.ports = Ports(scene, grid)
        self.arcs = _arcs(scene, grid)
        self.lines: list[Line] = []

    def draw(self) -> list[Line]:
        """All lines; those of the nets first, so that short ones lie on top."""
        for net in self.grid.nets:
            self.draw_net(net)
        for edge in self.scene.edges:
            if self.grid.column[edge.source] == self.grid.column[edge.target]:
                self.draw_inside(edge)
        return self.lines

    def kind(self, edge: Edge) -> Kind:
        """What kind of forward line an edge has."""
        source = self.scene.nodes[edge.source]
        if edge.cut:
            return "cut"
        if source.kind == "parameter":
            return "parameter"
        between = self.grid.column[edge.source] != self.grid.column[edge.target]
        return "state" if between and source.kind == "state" else "data"

    def note(self, edge: Edge) -> str:
        """What to say about an edge."""
        cut = ", detached: no gradient flows back" if edge.cut else ""
        return f"{self.scene.nodes[edge.source].name} -> {self.scene.nodes[edge.target].name}{cut}"

    def forward(self, edge: Edge, points: Sequence[Point], tip: Point | None, dot: Point | None = None) -> None:
        """One forward line."""
        line = Line(self.kind(edge), edge.source, edge.target, tuple(points), tip, dot, None, self.note(edge))
        self.lines.append(line)

    def backward(
        self, edge: Edge, amount: float | None, points: Sequence[Point], tip: Point | None, note: str = ""
    ) -> None:
        """One backward line, unless no gradient flows."""
        if amount is not None:
            note = note or self.note(edge)
            self.lines.append(Line("gradient", edge.target, edge.source, tuple(points), tip, None, amount, note))

    def pair(self, edge: Edge, way: Sequence[Point], radius: float) -> None:
        """Both lines of one edge along a rectangular way from source to target."""
        go, back = beside(way, self.half), beside(way, -self.half)[::-1]
        self.forward(edge, rounded(cut(go), radius), go[-1])
        self.backward(edge, edge.size, rounded(cut(back), radius), back[-1])

    def bow(self, edge: Edge, go: Sequence[Point], back: Sequence[Point], *, along_x: bool = False) -> None:
        """Both lines of one edge, bowed."""
        self.forward(edge, bowed(_short(go), along_x=along_x), go[-1])
        self.backward(edge, edge.size, bowed(_short(back), along_x=along_x), back[-1])

    def draw_inside(self, edge: Edge) -> None:
        """An edge between two cards of one column."""
        grid = self.grid
        column = grid.columns[grid.column[edge.source]]
        if column.kind == "side":
            a, b = self.ports.touch(edge, True, "left"), self.ports.touch(edge, False, "left")
            x = min(a[0], b[0]) - 24 - 20 * self.arcs[edge.target, edge.position]
            self.pair(edge, [a, (x, a[1]), (x, b[1]), b], 14)
            return
        if edge.source in column.beside.get(edge.target, ()):
            self.draw_curve(edge, self.ports.touch(edge, True, "left"), self.ports.touch(edge, False, "right"))
            return
        a, b = self.ports.touch(edge, True, "out"), self.ports.touch(edge, False, "in")
        keys = column.keys
        first, sign = column.block.row[keys[edge.source]], 1 if column.up else -1
        stations = [a]
        for n, x in enumerate(self.ports.via(edge), start=1):
            y, half = grid.level[grid.group(edge.source), first + n]
            stations += [(x, y - sign * half), (x, y + sign * half)]
        stations.append(b)
        spacing = min(self.ports.spacing(edge.source, "out"), self.ports.spacing(edge.target, "in"))
        half = min(self.half_rows, spacing / 4)
        self.bow(edge, [(x - half, y) for x, y in stations], [(x + half, y) for x, y in reversed(stations)])

    def draw_curve(self, edge: Edge, a: Point, b: Point) -> None:
        """A level edge between neighbours; a gentle S if the heights differ a little."""
        b = (b[0], a[1]) if abs(a[1] - b[1]) < 4 else b
        go = [(a[0], a[1] + self.half), (b[0], b[1] + self.half)]
        back = [(b[0], b[1] - self.half), (a[0], a[1] - self.half)]
        self.bow(edge, go, back, along_x=True)

    def draw_net(self, net: Net) -> None:
        """The lines of one net."""
        if net.collects:
            self.draw_collector(net)
        elif net.rail is not None:
            self.draw_rail(net)
        else:
            for edge in net.edges:
                side: Side = "left" if net.rightwards else "right"
                b = self.ports.touch(edge, False, side)
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
        grid = self.grid
        if net.bus is not None and grid.at_top(edge.source):
            a = self.ports.touch(edge, True, "out")
            return [a, (a[0], grid.bus[net.bus])]
        if edge.source in net.out:
            a = self.ports.touch(edge, True, "out")
            way = [a, (a[0], grid.exit(net, edge.source))]
        else:
            way = [self.ports.touch(edge, True, "right" if net.rightwards else "left")]
        if edge.source in net.leave and net.bus is not None:
            gutter, lane = net.leave[edge.source]
            x = grid.channel[gutter][lane]
            way += [(x, way[-1][1]), (x, grid.bus[net.bus])]
        return way

    def draw_rail(self, net: Net) -> None:
        """One value for several cards: a line along the row with a tap for each of them.

        Backward, the segment between two taps shows the sum of everything that comes from beyond it.
        """
        grid = self.grid
        first = net.edges[0]
        level = grid.track[grid.group(first.target), grid.row[first.target], net.rail]
        root = self.start(net, first)
        if net.arrive is not None:
            x = self.channel(net)
            root += [(x, root[-1][1]), (x, level)]
        elif len(root) == 1:
            root = [(root[0][0], level)]
        taps = [(self.ports.touch(edge, False, "in"), edge) for edge in net.edges]
        taps.sort(key=lambda tap: tap[0][0], reverse=not net.rightwards)
        whole = [*root, (taps[-1][0][0], level), taps[-1][0]]
        go = beside(whole, self.half)
        self.forward(taps[-1][1], rounded(cut(go), 7), go[-1])
        lift = 1.0 if taps[0][0][1] > level else -1.0
        toward = 1.0 if net.rightwards else -1.0
        for (x, y), edge in taps[:-1]:
            x -= self.half * lift
            base = level + self.half * toward
            self.forward(edge, _line((x, base + DOT * lift), (x, y - HEAD * lift)), (x, y), (x, base - DOT * lift))
        total: np.ndarray | None = None
        for n in reversed(range(len(taps))):
            (x, y), edge = taps[n]
            if edge.share is None and total is None:
                continue
            side, low = x + self.half * lift, level - self.half * toward
            end = taps[n - 1][0][0] + self.half * lift if n else None
            started = total is not None
            if edge.share is not None:
                total = edge.share if total is None else added(total, edge.share)
                if started:
                    self.backward(edge, edge.size, _line((side, y), (side, low)), None)
            assert total is not None
            note = f"{self.scene.nodes[edge.source].name}: sum of {len(taps) - n} uses" if started else ""
            if end is not None:
                way = [(side, low), (end, low)] if started else [(side, y), (side, low), (end, low)]
                self.backward(edge, size(total), rounded(way, 7), None, note)
            else:
                back = beside([*root, (x, level), (x, y)], -self.half)[::-1]
                back = [(side, low), *back[2:]] if started else back
                self.backward(edge, size(total), rounded(cut(back), 7), back[-1], note)

    def draw_collector(self, net: Net) -> None:
        """Several cards for one: their lines join on the bus, nearest to the target last."""
        assert net.bus is not None
        level, x = self.grid.bus[net.bus], self.channel(net)
        goal = self.ports.touch(net.edges[0], False, "left" if net.rightwards else "right")
        joints = [(self.start(net, edge), edge) for edge in net.edges]
        toward = 1.0 if net.rightwards else -1.0
        joints.sort(key=lambda joint: joint[0][-1][0] * toward)  # the farthest first
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
            amount = edge.size
            if amount is None:
                continue
            trunk = [(joints[n + 1][0][-1][0] + self.half, back[end][1])] if n + 1 < len(joints) else back[:end:-1]
            trunk, down = [*trunk, back[end]], back[end::-1]
            if total is None:
                total = amount
                self.backward(edge, amount, rounded(cut([*trunk, *down[1:]]), 14), down[-1])
            else:
                total = float(np.hypot(total, amount))
                self.backward(edge, amount, rounded(cut(down), 14), down[-1])
                note = f"{n + 1} gradients from {self.scene.nodes[edge.target].name}"
                self.backward(edge, total, rounded(trunk, 14), None, note)


def _arcs(scene: Scene, grid: Grid) -> dict[tuple[int, int], int]:
    """For edges inside a side column, which bow at its left: how far out, so that no two bows meet."""
    bows = []
    for edge in scene.edges:
        column = grid.column[edge.source]
        if column == grid.column[edge.target] and grid.columns[column].kind == "side":
            low, high = sorted((grid.at[edge.source][1], grid.at[edge.target][1]))
            bows.append((high - low, edge.target, edge.position, column, low, high))
    result: dict[tuple[int, int], int] = {}
    taken: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for _, target, position, column, low, high in sorted(bows):
        lane = next(n for n in count() if not any(low <= b and a <= high for a, b in taken[column, n]))
        taken[column, lane].append((low, high))
        result[target, position] = lane
    return result


def lines_of(scene: Scene, grid: Grid, *, apart: float = 1.0) -> list[Line]:
    """All lines of a laid out scene; with ``apart`` 0 forward and backward lines lie on each other."""
    return Router(scene, grid, apart).draw()


def _short(way: Sequence[Point]) -> list[Point]:
    """The way without the last points, where the arrow head is."""
    *rest, (x0, y0), (x1, y1) = way
    if abs(y1 - y0) >= abs(x1 - x0) or len(rest):
        return [*rest, (x0, y0), (x1, y1 - HEAD if y1 > y0 else y1 + HEAD)]
    return [*rest, (x0, y0), (x1 - HEAD if x1 > x0 else x1 + HEAD, y1)]


def _line(a: Point, b: Point) -> list[Point]:
    return rounded([a, b], 0)
