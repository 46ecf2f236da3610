"""The grid: coordinates for a scene with time steps, time strictly from left to right, the loss at the right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from .card import WIDTH, Card
from .columns import LEAF_GAP, Column, columns_of
from .nets import Grid, Panel, claim_lane, nets_of
from .rows import Key, spread
from .scene import Scene

#: Between a row of cards and the next, if nothing runs there.
GAP = 46.0
#: Room for a pair of lines, forward and backward, that run in a gap, in a gutter, above the cards.
TRACK = 24.0
#: From a card to the first track beside it.
CLEAR = 23.0
#: Between the cards of one step and those of the next.
GUTTER = 62.0
#: A step's panel reaches this far beyond its cards.
MARGIN = 10.0
PILE = 14.0
HEADER, STRIP = 24.0, 18.0


def grid_of(scene: Scene, cards: Mapping[int, Card], *, gap: float = GAP) -> Grid:
    """Lay out a scene with time steps; ``gap`` is the room between rows where nothing runs."""
    grid = Grid(columns_of(scene))
    for number, column in enumerate(grid.columns):
        for key, node in column.nodes.items():
            for card in (node, *column.beside.get(node, ())):
                grid.column[card] = number
                grid.row[card] = column.block.row.get(key, 0)
                grid.half[card] = cards[card].height / 2
    grid.nets = nets_of(scene, grid)
    _set_rows(scene, grid, cards, gap)
    _set_channels(grid)
    _set_columns(grid)
    return grid


def _set_rows(scene: Scene, grid: Grid, cards: Mapping[int, Card], gap: float) -> None:
    """y of all cards and of everything that runs from left to right."""
    tops, bottoms = [0.0], [0.0]
    groups: dict[Key, list[Column]] = defaultdict(list)
    for column in grid.columns:
        if column.kind != "side":
            groups[column.kind, column.group].append(column)
    for group, columns in groups.items():
        if columns[0].up:
            heights = _row_heights(columns, cards)
            y = 0.0
            for row in reversed(range(len(heights))):
                for column in columns:
                    for key, node in column.nodes.items():
                        if column.block.row[key] == row:
                            grid.at[node] = (0.0, y - heights[row] / 2)
                grid.level[group, row] = (y - heights[row] / 2, heights[row] / 2)
                y -= heights[row]
                tracks = grid.tracks.get((group, row), [])
                for n, key in enumerate(tracks):
                    grid.track[group, row, key] = y - CLEAR - TRACK * n
                if row:
                    y -= _gap(gap, len(tracks))
                elif tracks:
                    y -= CLEAR + TRACK * len(tracks) - 12
            bottoms.append(y)
            outs = grid.tracks.get((group, len(heights)), [])
            for n, key in enumerate(reversed(outs)):
                grid.track[group, len(heights), key] = CLEAR + TRACK * n
            tops.append((CLEAR + TRACK * len(outs) - 12) * bool(outs))
    floor = min(bottoms) - 12
    for group, columns in groups.items():
        if not columns[0].up:
            tops.append(_set_head_rows(grid, cards, group, columns[0], floor, gap))
    ceiling = max(tops)
    grid.bus = [ceiling + 20 + TRACK * n for n in range(len(grid.bus))]
    grid.strip = (grid.bus[-1] + 12 if grid.bus else ceiling) + 14 + STRIP / 2
    top = grid.strip + STRIP / 2 + 8 + HEADER
    grid.panels = [Panel(column.frame, 0.0, floor, 0.0, top) for column in grid.columns if column.frame is not None]
    for number in reversed(range(len(grid.columns))):
        if grid.columns[number].kind == "side":
            _set_pile(scene, grid, cards, number)


def _gap(least: float, tracks: int) -> float:
    """Room between two rows with so many tracks in it."""
    return max(least, 2 * CLEAR + TRACK * (tracks - 1)) if tracks else least


def _row_heights(columns: Sequence[Column], cards: Mapping[int, Card]) -> list[float]:
    heights = [0.0] * columns[0].block.rows
    for column in columns:
        for key, node in column.nodes.items():
            row = column.block.row[key]
            heights[row] = max(heights[row], cards[node].height, _pile_height(column, node, cards))
    return heights


def _pile_height(column: Column, node: int, cards: Mapping[int, Card]) -> float:
    """How high the leaves beside a card are together."""
    leaves = column.beside.get(node, [])
    return sum(cards[leaf].height for leaf in leaves) + PILE * (len(leaves) - 1)


def _set_head_rows(
    grid: Grid, cards: Mapping[int, Card], group: Key, column: Column, floor: float, gap: float
) -> float:
    """From the top down; the first row that reads a neighbouring column's state stands at the height of that state."""
    heights = _row_heights([column], cards)
    y, rows = 0.0, []
    for row, height in enumerate(heights):
        if row:
            y -= _gap(gap, len(grid.tracks.get((group, row), [])))
        rows.append(y - height / 2)
        y -= height
    number = grid.columns.index(column)
    shift = 0.0
    for net in grid.nets:
        edge = net.edges[0]
        columns = (grid.column[edge.source], grid.column[edge.target])
        if net.rail is None and net.bus is None and columns == (number - 1, number):
            shift = grid.at.get(edge.source, (0.0, 0.0))[1] - rows[grid.row[edge.target]]
            break
    shift = min(0.0, max(shift, floor + 12 - y))
    for key, node in column.nodes.items():
        middle = rows[column.block.row[key]] + shift
        grid.at[node] = (0.0, middle)
        at = middle + _pile_height(column, node, cards) / 2
        for leaf in column.beside.get(node, []):
            grid.at[leaf] = (0.0, at - cards[leaf].height / 2)
            at -= cards[leaf].height + PILE
    top = shift
    for row, height in enumerate(heights):
        grid.level[group, row] = (rows[row] + shift, height / 2)
        for n, key in enumerate(reversed(grid.tracks.get((group, row), []))):
            grid.track[group, row, key] = rows[row] + shift + height / 2 + CLEAR + TRACK * n
            top = max(top, grid.track[group, row, key] + 12)
    for n, key in enumerate(grid.tracks.get((group, len(heights)), [])):
        grid.track[group, len(heights), key] = y + shift - CLEAR - TRACK * n
    return top


def _set_pile(scene: Scene, grid: Grid, cards: Mapping[int, Card], number: int) -> None:
    """Pile up the cards of a side column, each as close as possible to the height of what it is connected to."""
    column = grid.columns[number]
    wanted: dict[int, float] = {}
    states = {node.slot: node.id for node in scene.nodes if node.frame is not None and node.slot is not None}
    for net in grid.nets:
        for edge in net.edges:
            if grid.column[edge.source] == number and edge.source not in wanted:
                slot = scene.nodes[edge.source].slot
                if slot in states:  # the start of a state stands at the height of the state
                    wanted[edge.source] = grid.at[states[slot]][1]
                elif net.rail is not None:
                    wanted[edge.source] = grid.track[grid.group(edge.target), grid.row[edge.target], net.rail]
                else:
                    wanted[edge.source] = grid.at.get(edge.target, (0.0, 0.0))[1]
    order = sorted(column.nodes.values(), reverse=True)
    for node in order:  # what was computed before stands above what it was computed for
        if node not in wanted:
            readers = [wanted[e.target] + 30 for e in scene.edges if e.source == node and e.target in wanted]
            wanted[node] = max(readers, default=0.0)
    order.sort(key=lambda node: (wanted[node], node))
    heights = [cards[node].height for node in order]
    for node, y in zip(order, spread([wanted[node] for node in order], heights, PILE), strict=True):
        grid.at[node] = (0.0, y)


def _set_channels(grid: Grid) -> None:
    """Give every net that runs up or down a gutter a channel; those that do not meet may share one."""
    taken: dict[int, list[list[tuple[float, float]]]] = defaultdict(list)

    def channel(gutter: int, a: float, b: float) -> tuple[int, int]:
        low, high = min(a, b) - 14, max(a, b) + 14
        return gutter, claim_lane(taken[gutter], low, high)

    for net in grid.nets:
        end = net.edges[0]
        there = grid.column[end.target]
        start, goal = grid.exit(net, end.source), grid.goal(net)
        if net.bus is not None:
            for edge in net.edges if net.collects else net.edges[:1]:
                if not grid.at_top(edge.source):
                    gutter = grid.column[edge.source] - (0 if net.rightwards else 1)
                    net.leave[edge.source] = channel(gutter, grid.exit(net, edge.source), grid.bus[net.bus])
            start = grid.bus[net.bus]
        if abs(start - goal) >= 20 or net.bus is not None or (net.rail is not None and abs(start - goal) > 0.5):
            net.arrive = channel(there - 1 if net.rightwards else there, start, goal)
    grid.channel = {gutter: [0.0] * len(lanes) for gutter, lanes in taken.items()}


def _set_columns(grid: Grid) -> None:
    """x of all cards, panels and channels."""
    x = 0.0
    left: list[float] = []
    for number, column in enumerate(grid.columns):
        offsets = {node: column.block.x.get(key, WIDTH / 2) for key, node in column.nodes.items()}
        for node, leaves in column.beside.items():
            offsets |= dict.fromkeys(leaves, offsets[node] + WIDTH + LEAF_GAP)
        for node, offset in offsets.items():
            grid.at[node] = (x + offset, grid.at[node][1])
        left += [x, x + column.width]
        x += column.width
        lanes = len(grid.channel.get(number, ()))
        width = max(GUTTER, 2 * 24 + 20 * (lanes - 1)) if number + 1 < len(grid.columns) else 48 + 20 * lanes
        for n in range(lanes):
            grid.channel[number][n] = x + (width - 20 * (lanes - 1)) / 2 + 20 * n
        x += width
    for n in range(len(grid.channel.get(-1, ()))):
        grid.channel[-1][n] = -31.0 - 20 * n
    edges = {
        column.frame: (left[2 * number] - MARGIN, left[2 * number + 1] + MARGIN)
        for number, column in enumerate(grid.columns)
    }
    grid.panels = [Panel(p.frame, edges[p.frame][0], p.bottom, edges[p.frame][1], p.top) for p in grid.panels]
