"""The grid: which way every value takes, and coordinates for a scene with time steps, time from left to right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from statistics import fmean
from typing import NamedTuple

from .card import WIDTH, Card
from .columns import HIGH, Column, breaks, columns_of
from .paths import Point
from .rows import Key, spread
from .scene import Edge, Scene, grouped

#: Between a row of cards and the next, if nothing runs there.
GAP = 46.0
#: Room for a pair of lines, forward and backward, that run in a gap, in a gutter, above the cards.
TRACK = 24.0
#: From a card to the first track beside it.
CLEAR = 23.0
#: Between the cards of one step and those of the next.
GUTTER = 34.0
#: A step's panel reaches this far beyond its cards, and what goes on in another line so far beyond that.
MARGIN, STUB = 10.0, 14.0
PILE = 14.0
HEADER, STRIP = 24.0, 18.0


@dataclass(eq=False)
class Net:
    """A value on its way from its card to cards of other columns, or from several cards to one."""

    edges: list[Edge]  #: those nearest to the root first; the root is the one card all of them have in common
    collects: bool = False  #: whether many sources go to one target, the root, by way of the bus
    rail: Key | None = None  #: the track before the row of the readers, if it runs there; else it enters at the side
    out: dict[int, Key] = field(default_factory=dict)  #: for a source whose side is blocked, the track after its row
    bus: int | None = None  #: the number of the track above all cards, if it has to pass over columns
    leave: dict[int, tuple[int, int]] = field(default_factory=dict)  #: gutter and channel in which it climbs to the bus
    arrive: tuple[int, int] | None = None  #: gutter and channel in which it gets to the height of its target
    rightwards: bool = True  #: whether it goes to columns at the right of its source


class Panel(NamedTuple):
    """The ground of one time step."""

    frame: int
    left: float
    bottom: float
    right: float
    top: float


@dataclass(eq=False)
class Grid:
    """Coordinates in points, y upwards; 0 is the upper edge of the top row of the steps."""

    columns: list[Column]
    column: dict[int, int] = field(default_factory=dict)  #: the number of the column of every card
    row: dict[int, int] = field(default_factory=dict)  #: and that of its row
    at: dict[int, Point] = field(default_factory=dict)  #: its middle
    half: dict[int, float] = field(default_factory=dict)  #: half its height
    level: dict[tuple[Key, int], Point] = field(default_factory=dict)  #: y of a row and half its height, by group, row
    nets: list[Net] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    top: float = 0.0  #: of the panels
    floors: dict[int, float] = field(default_factory=dict)  #: their lower ends, by segment
    #: The keys of the lines that run before a row, by group and row; ``track`` has their y.
    tracks: dict[tuple[Key, int], dict[Key, None]] = field(default_factory=lambda: defaultdict(dict))
    track: dict[tuple[Key, int, Key], float] = field(default_factory=dict)
    bus: list[float] = field(default_factory=list)  #: y of the tracks above all cards
    channel: dict[int, list[float]] = field(default_factory=dict)  #: x, by gutter; gutter n is at the right of column n
    cuts: list[float] = field(default_factory=list)  #: x, where it goes on in another line if it is to be that narrow

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
        return node == (lane[-1] if right else lane[0])

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


def grid_of(
    scene: Scene, cards: Mapping[int, Card], *, gap: float = GAP, widest: float = inf, beside: Collection[int] = ()
) -> Grid:
    """Lay out a scene with time steps in one line.

    ``gap`` is the room between rows where nothing runs; a line that is wider than ``widest`` has cuts. Before the steps
    ``beside`` which something stands there is room for a card.
    """
    grid = Grid([])
    for high in (inf, HIGH):  # rather no more rows than so many, if lines are too wide otherwise
        grid = Grid(columns_of(scene, high))
        for number, column in enumerate(grid.columns):
            for key, node in column.nodes.items():
                grid.column[node] = number
                grid.row[node] = column.block.row.get(key, 0)
                grid.half[node] = cards[node].height / 2
        grid.nets = _nets(scene, grid)
        _set_rows(scene, grid, cards, gap)
        _set_channels(grid)
        _set_columns(grid, widest, beside)
        ends = [*grid.cuts, max(panel.right for panel in grid.panels)]
        if max(b - a for a, b in pairwise([0.0, *ends])) <= widest:
            break
    return grid


def _nets(scene: Scene, grid: Grid) -> list[Net]:
    """Group the edges between columns into nets and decide which way they take."""
    bundles: dict[tuple[object, ...], list[Edge]] = defaultdict(list)
    for edge in scene.edges:
        there = grid.column[edge.target]
        if grid.column[edge.source] != there:
            along = edge.source in scene.shared and grid.columns[there].kind == "step"
            end = grid.group(edge.target) if along else there
            bundles[edge.source, end, grid.row[edge.target]].append(edge)
    nets: dict[Net, None] = {}
    collectors: dict[int, Net] = {}
    for edges in bundles.values():
        id, target = edges[0].source, edges[0].target
        here, rightwards = grid.column[id], grid.column[id] < grid.column[target]
        way = 1 if rightwards else -1
        edges.sort(key=lambda e: (way * grid.column[e.target], e.target, e.position))
        nearest = grid.column[edges[0].target]
        far = abs(nearest - here) > 1
        source = grid.columns[here]
        single = {edge.target for edge in edges} == {target} and grid.open(target, right=not rightwards)
        single &= id not in scene.shared
        if far and single:
            net = collectors.setdefault(target, Net([], collects=True, rightwards=rightwards))
            net.edges += edges
        else:
            net = Net(edges, rightwards=rightwards)
        nets[net] = None
        if not single and grid.columns[nearest].kind != "side":
            net.rail = ("rail", source.keys[id] if source.kind == "step" else id)
            grid.tracks[grid.group(target), grid.row[target]].setdefault(net.rail)
        # Along the row of its readers a parameter passes the steps before: nothing else is on its track.
        between = grid.columns[here + 1 : nearest]
        if far and not (net.rail and source.kind == "side" and all(each.kind == "step" for each in between)):
            net.bus = 0
        if not grid.open(id, right=rightwards) and not (far and grid.at_top(id)):
            net.out[id] = key = ("out", source.keys.get(id, id))
            grid.tracks[grid.group(id), grid.row[id] + 1].setdefault(key)
    for net in collectors.values():
        net.edges.sort(key=lambda e: abs(grid.column[e.source] - grid.column[e.target]))
    _number_buses(grid, nets)
    return list(nets)


def _number_buses(grid: Grid, nets: Collection[Net]) -> None:
    """Give every net that passes over columns a track of its own among those it would meet."""
    taken: list[list[Point]] = []
    columns = {net: [grid.column[node] for edge in net.edges for node in (edge.source, edge.target)] for net in nets}
    spans = {net: (min(found), max(found)) for net, found in columns.items() if net.bus is not None}
    for net in sorted(spans, key=lambda net: spans[net][1] - spans[net][0]):
        net.bus = claim_lane(taken, *spans[net])
    grid.bus = [0.0] * len(taken)


def claim_lane(taken: list[list[Point]], low: float, high: float) -> int:
    """The first lane that is free from ``low`` to ``high``, which is then taken there."""
    lane = next((n for n, used in enumerate(taken) if all(high <= a or b <= low for a, b in used)), len(taken))
    if lane == len(taken):
        taken.append([])
    taken[lane].append((low, high))
    return lane


def _set_rows(scene: Scene, grid: Grid, cards: Mapping[int, Card], gap: float) -> None:
    """y of all cards and of everything that runs from left to right."""
    groups = grouped(((column.kind, column.group), column) for column in grid.columns if column.kind != "side")
    ceiling, floor = 0.0, -12.0
    for group, columns in groups.items():  # the head comes last
        top, bottom = _set_group(grid, cards, group, columns, gap, floor)
        ceiling = max(ceiling, top)
        if columns[0].up:
            grid.floors[columns[0].group] = bottom - 12
            floor = min(floor, bottom - 12)
    grid.bus = [ceiling + 20 + TRACK * n for n in range(len(grid.bus))]
    grid.top = (grid.bus[-1] + 12 if grid.bus else ceiling) + 14 + STRIP + 8 + HEADER
    for number in reversed(range(len(grid.columns))):
        if grid.columns[number].kind == "side":
            _set_pile(scene, grid, cards, number)


def _set_group(
    grid: Grid, cards: Mapping[int, Card], group: Key, columns: Sequence[Column], gap: float, floor: float
) -> Point:
    """The rows of columns that share them, and the tracks between them; the upper and the lower end of all that.

    The upper edge is 0, but the head goes down, to ``floor`` at most: its first row that reads a state of the column
    before stands at the height of that state.
    """
    heights = [0.0] * columns[0].block.rows
    for node in (node for column in columns for node in column.nodes.values()):
        heights[grid.row[node]] = max(heights[grid.row[node]], cards[node].height)
    up = 1 if columns[0].up else -1
    rows = [0.0]
    for row in range(1, len(heights)):
        tracks = len(grid.tracks[group, row])
        room = max(gap, 2 * CLEAR + TRACK * (tracks - 1)) if tracks else gap
        rows.append(rows[-1] + up * (heights[row - 1] / 2 + room + heights[row] / 2))
    top = max(y + height / 2 for y, height in zip(rows, heights, strict=True))
    rows = [y - top for y in rows]
    shift = 0.0
    if up < 0:
        number = grid.columns.index(columns[0])
        for net in grid.nets:
            edge = net.edges[0]
            ends = (grid.column[edge.source], grid.column[edge.target])
            if net.rail is None and net.bus is None and ends == (number - 1, number):
                shift = grid.at.get(edge.source, (0.0, 0.0))[1] - rows[grid.row[edge.target]]
                break
        shift = min(0.0, max(shift, floor + 12 - (rows[-1] - heights[-1] / 2)))
    rows = [y + shift for y in rows]
    grid.at |= {node: (0.0, rows[grid.row[node]]) for column in columns for node in column.nodes.values()}
    uppers, lowers = [shift], [0.0]
    for row in range(len(heights) + 1):
        # What runs before a row is where the data comes from, what runs after the last row at its other side.
        beside, way = (row, -up) if row < len(heights) else (row - 1, up)
        keys = sorted(grid.tracks[group, row], key=lambda key: isinstance(key, tuple) and key[0] == "out")
        for n, key in enumerate(keys if way < 0 else reversed(keys)):
            y = rows[beside] + way * (heights[beside] / 2 + CLEAR + TRACK * n)
            grid.track[group, row, key] = y
            uppers.append(y + 12)
            lowers.append(y - 12)
        if row < len(heights):
            grid.level[group, row] = (rows[row], heights[row] / 2)
            lowers.append(rows[row] - heights[row] / 2)
    return max(uppers), min(lowers)


def _set_pile(scene: Scene, grid: Grid, cards: Mapping[int, Card], number: int) -> None:
    """Pile up the cards of a side column, each as close as possible to the height of what it is connected to."""
    order = sorted(grid.columns[number].nodes.values(), reverse=True)
    states: dict[int | None, int] = {
        node.slot: node.id for node in scene.nodes if node.frame is not None and node.slot is not None
    }
    wanted: dict[int, float] = {}
    for net in grid.nets:
        for edge in net.edges:
            if grid.column[edge.source] == number and edge.source not in wanted:
                # The start of a state stands at the height of the state.
                state = states.get(scene.nodes[edge.source].slot)
                goal = grid.goal(net) if net.rail is not None else grid.at.get(edge.target, (0.0, 0.0))[1]
                wanted[edge.source] = goal if state is None else grid.at[state][1]
    for node in order:  # what was computed before stands above what it was computed for
        if node not in wanted:
            wanted[node] = max((wanted[e.target] + 30 for e in scene.readers[node] if e.target in wanted), default=0.0)
    order.sort(key=lambda node: (wanted[node], node))
    heights = [cards[node].height for node in order]
    for node, y in zip(order, spread([wanted[node] for node in order], heights, PILE), strict=True):
        grid.at[node] = (0.0, y)


def _set_channels(grid: Grid) -> None:
    """Give every net that runs up or down a gutter a channel; those that do not meet may share one."""
    taken: dict[int, list[list[Point]]] = defaultdict(list)
    #: How far right a channel should be for what runs in it: what comes down there from above, what goes up from below.
    wish: dict[tuple[int, int], list[float]] = defaultdict(list)

    def channel(net: Net, gutter: int, a: float, b: float) -> tuple[int, int]:
        lane = claim_lane(taken[gutter], min(a, b) - 14, max(a, b) + 14)
        wish[gutter, lane].append(a + b if (a > b) == net.rightwards else -a - b)
        return gutter, lane

    for net in grid.nets:
        end = net.edges[0]
        # What passed over columns turns to its readers beside them, all else beside its source.
        turn = grid.column[end.source] if net.bus is None else grid.column[end.target] - (1 if net.rightwards else -1)
        start, goal = grid.exit(net, end.source), grid.goal(net)
        if net.bus is not None:
            for edge in net.edges if net.collects else net.edges[:1]:
                if not grid.at_top(edge.source):
                    gutter = grid.column[edge.source] - (0 if net.rightwards else 1)
                    net.leave[edge.source] = channel(net, gutter, grid.exit(net, edge.source), grid.bus[net.bus])
            start = grid.bus[net.bus]
        if abs(start - goal) >= 20 or net.bus is not None or (net.rail is not None and abs(start - goal) > 0.5):
            net.arrive = channel(net, turn if net.rightwards else turn - 1, start, goal)
    for gutter, lanes in taken.items():
        order = sorted(range(len(lanes)), key=lambda n: fmean(wish[gutter, n]) * (gutter >= 0))
        grid.channel[gutter] = [float(order.index(n)) for n in range(len(lanes))]


def _set_columns(grid: Grid, widest: float, beside: Collection[int]) -> None:
    """x of all cards, panels and channels."""
    lanes = [len(grid.channel.get(number, ())) for number in range(len(grid.columns))]
    gutters = [*(GUTTER + 20 * max(0, many - 1) for many in lanes[:-1]), 40.0 + 20 * lanes[-1]]
    widths = [column.width + gutter for column, gutter in zip(grid.columns, gutters, strict=True)]
    widths[-1] -= 0.0 if lanes[-1] else gutters[-1]
    kinds = ["", *(column.kind for column in grid.columns)]
    free = [
        (GUTTER + WIDTH) * (c.frame in beside and before != "side")
        for c, before in zip(grid.columns, kinds, strict=False)
    ]
    widths = [width + room for width, room in zip(widths, free, strict=True)]
    for number, column in enumerate(grid.columns[:-1]):  # what steps begin with stands in the same line
        if column.kind == "side":
            widths[number : number + 2] = sum(widths[number : number + 2]), 0.0
    heights = [grid.top - min(grid.at[node][1] for node in column.nodes.values()) for column in grid.columns]
    starts = breaks(widths, heights, widest)
    x = 0.0
    steps: list[tuple[int, Column, float, float]] = []
    for number, column in enumerate(grid.columns):
        offsets = {node: column.block.x.get(key, WIDTH / 2) for key, node in column.nodes.items()}
        for node, offset in offsets.items():
            grid.at[node] = (x + offset, grid.at[node][1])
        steps.append((len(grid.cuts), column, x - MARGIN, x + column.width + MARGIN))
        x += column.width
        if number + 1 in starts:  # before the channels, where all that goes on is level
            grid.cuts.append(x + MARGIN + STUB)
            x += MARGIN + 2 * STUB
        for n, place in enumerate(grid.channel.get(number, ())):
            grid.channel[number][n] = x + (gutters[number] - 20 * (lanes[number] - 1)) / 2 + 20 * place
        x += gutters[number] + (*free, 0.0)[number + 1]
    grid.channel[-1] = [-25.0 - 20 * n for n in range(len(grid.channel.get(-1, ())))]
    floors: dict[int, float] = defaultdict(lambda: -12.0)  # of every line
    for line, column, *_ in steps:
        floors[line] = min(floors[line], grid.floors.get(column.group, 0.0))
    frames = ((column.frame, left, floors[line], right, grid.top) for line, column, left, right in steps)
    grid.panels = [Panel(frame, *box) for frame, *box in frames if frame is not None]
