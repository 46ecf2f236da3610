"""Nets: which way every value takes that goes from one column to another, before anything has coordinates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from .columns import Column
from .paths import Point
from .rows import Key
from .scene import Edge, Scene


@dataclass(eq=False)
class Net:
    """A value on its way from its card to cards of other columns, or from several cards to one.

    Attributes:
        edges: the uses, those nearest to the root first; the root is the one card all of them have in common.
        collects: whether many sources go to one target, the root, by way of the bus.
        rail: the key of the track before the row of the readers, if it runs there; else it enters at the side.
        out: for a source whose side is blocked, the key of the track after its row.
        bus: the number of the track above all cards, if it has to pass over columns.
        leave: gutter and channel beside a source in which it climbs to the bus.
        arrive: gutter and channel in which it gets to the height of its target.
        rightwards: whether it goes to columns at the right of its source.
    """

    edges: list[Edge]
    collects: bool = False
    rail: Key | None = None
    out: dict[int, Key] = field(default_factory=dict)
    bus: int | None = None
    leave: dict[int, tuple[int, int]] = field(default_factory=dict)
    arrive: tuple[int, int] | None = None
    rightwards: bool = True


@dataclass(frozen=True)
class Panel:
    """The ground of one time step."""

    frame: int
    left: float
    bottom: float
    right: float
    top: float


@dataclass(eq=False)
class Grid:
    """Coordinates in points, y upwards; 0 is the upper edge of the top row of the steps.

    Attributes:
        column, row: the number of the column and of the row of every card.
        at, half: the middle of every card, and half its height.
        level: y of the middle of every row and half its height, by (group, row).
        tracks: the keys of the lines that run before a row, by (group, row); ``track`` has their y.
        bus: y of the tracks above all cards.
        channel: x of the channels of every gutter; gutter n is at the right of column n.
        strip: y of the strips that show the size of the state's gradient.
    """

    columns: list[Column]
    column: dict[int, int] = field(default_factory=dict)
    row: dict[int, int] = field(default_factory=dict)
    at: dict[int, Point] = field(default_factory=dict)
    half: dict[int, float] = field(default_factory=dict)
    level: dict[tuple[Key, int], tuple[float, float]] = field(default_factory=dict)
    nets: list[Net] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    tracks: dict[tuple[Key, int], list[Key]] = field(default_factory=lambda: defaultdict(list))
    track: dict[tuple[Key, int, Key], float] = field(default_factory=dict)
    bus: list[float] = field(default_factory=list)
    channel: dict[int, list[float]] = field(default_factory=dict)
    strip: float = 0.0

    def group(self, node: int) -> Key:
        """What shares its rows with ``node``."""
        column = self.columns[self.column[node]]
        return (column.kind, column.group)

    def open(self, node: int, *, right: bool) -> bool:
        """Whether nothing stands between ``node`` and that side of its column."""
        column = self.columns[self.column[node]]
        if column.kind == "side":
            return True
        keys = [key for key, other in column.nodes.items() if self.row[other] == self.row[node]]
        lane = [column.nodes[key] for key in sorted(keys, key=lambda key: column.block.x.get(key, 0.0))]
        return node == ([lane[-1], *column.beside.get(lane[-1], ())][-1] if right else lane[0])

    def panel_column(self, frame: int) -> int:
        """The number of the column of a step."""
        return next(n for n, column in enumerate(self.columns) if column.frame == frame)

    def at_top(self, node: int) -> bool:
        """Whether ``node`` is in the top row of a step, so that a line can leave it straight upwards."""
        column = self.columns[self.column[node]]
        return column.up and self.row[node] == column.block.rows - 1

    def exit(self, net: Net, source: int) -> float:
        """y at which the line of ``net`` leaves the column of ``source``."""
        if source in net.out:
            return self.track[self.group(source), self.row[source] + 1, net.out[source]]
        y = self.at[source][1]
        if net.rail is not None and self.columns[self.column[source]].kind == "side":
            reach = self.half[source] - 9
            return min(y + reach, max(y - reach, self.goal(net)))
        return y

    def goal(self, net: Net) -> float:
        """y at which the line of ``net`` reaches its readers: the bus does not count."""
        target = net.edges[0].target
        if net.rail is not None:
            return self.track[self.group(target), self.row[target], net.rail]
        return self.at[target][1]


def nets_of(scene: Scene, grid: Grid) -> list[Net]:
    """Group the edges between columns into nets and decide which way they take."""
    shared = {one.node for one in scene.shared}
    bundles: dict[tuple[object, ...], list[Edge]] = defaultdict(list)
    for edge in scene.edges:
        here, there = grid.column[edge.source], grid.column[edge.target]
        if here != there:
            row = grid.row[edge.target]
            if edge.source in shared and grid.columns[there].kind == "step":
                bundles[edge.source, grid.group(edge.target), row].append(edge)
            else:
                bundles[edge.source, there, row].append(edge)
    nets: list[Net] = []
    collectors: dict[int, Net] = {}
    for edges in bundles.values():
        first = edges[0]
        here, there = grid.column[first.source], grid.column[first.target]
        rightwards = here < there
        way = 1 if rightwards else -1
        edges.sort(key=lambda e: (way * grid.column[e.target], e.target, e.position))
        far = abs(grid.column[edges[0].target] - here) > 1
        source, target = grid.columns[here], grid.columns[grid.column[edges[0].target]]
        single = (
            len({edge.target for edge in edges}) == 1
            and first.source not in shared
            and grid.open(first.target, right=not rightwards)
        )
        net = Net(edges, rightwards=rightwards)
        if far and single:
            net = collectors.setdefault(first.target, Net([], collects=True, rightwards=rightwards))
            net.edges += edges
        if net not in nets:
            nets.append(net)
        if not single and target.kind != "side":
            net.rail = ("rail", source.keys[first.source] if source.kind == "step" else first.source)
            _claim(grid.tracks[grid.group(first.target), grid.row[first.target]], net.rail)
        if far:
            net.bus = 0
        at_end = source.up and grid.row[first.source] == source.block.rows - 1
        if not grid.open(first.source, right=rightwards) and not (far and at_end):
            net.out[first.source] = key = ("out", source.keys.get(first.source, first.source))
            _claim(grid.tracks[grid.group(first.source), grid.row[first.source] + 1], key)
    for net in collectors.values():
        net.edges.sort(key=lambda e: abs(grid.column[e.source] - grid.column[e.target]))
    for group in grid.tracks.values():
        group.sort(key=lambda key: str(key[0]) == "out" if isinstance(key, tuple) else False)
    _number_buses(grid, nets)
    return nets


def _claim(keys: list[Key], key: Key) -> None:
    if key not in keys:
        keys.append(key)


def _number_buses(grid: Grid, nets: Sequence[Net]) -> None:
    """Give every net that passes over columns a track of its own among those it would meet."""
    taken: list[list[tuple[float, float]]] = []

    def span(net: Net) -> tuple[int, int]:
        ends = [grid.column[node] for edge in net.edges for node in (edge.source, edge.target)]
        return min(ends), max(ends)

    for net in sorted((n for n in nets if n.bus is not None), key=lambda n: span(n)[1] - span(n)[0]):
        net.bus = claim_lane(taken, *span(net))
    grid.bus = [0.0] * len(taken)


def claim_lane(taken: list[list[tuple[float, float]]], low: float, high: float) -> int:
    """The first lane that is free from ``low`` to ``high``, which is then taken there."""
    lane = next((n for n, used in enumerate(taken) if all(high <= a or b <= low for a, b in used)), len(taken))
    if lane == len(taken):
        taken.append([])
    taken[lane].append((low, high))
    return lane
