"""Settled: what ``dot`` does not look at when it places a graph: lines on titles, lines on each other, and loops."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise, product

import numpy as np

from .numbers import Array
from .paths import Point, beside, cut, rounded
from .scene import grouped

#: Before a title and after it, around it, and between it and the end of its frame.
ASIDE, FREE, END = 4, 4.0, 12.0
#: Between the two lines of a pair, and around a loop.
PAIR, LOOP = 2.0, 11.0
#: So much longer is a loop rather than this near to a point of a line, or on a card.
NEAR, LINE, CARD = 9.0, 12.0, 1e5
#: How a curve runs that is given by four points, in so many others.
_ALONG = np.linspace(0, 1, 60)[:, None]
_WEIGHTS = np.hstack([(1 - _ALONG) ** (3 - n) * _ALONG**n * (1, 3, 3, 1)[n] for n in range(4)])

_LOOP = re.compile(r'(?m)^(d\d+) -> (n\d+) \[(?=.* class="forward loop|.* dir=forward .*class="backward along)(.*)\]\n')
_CARD = re.compile(r'(?s)\n\t+(\w+)\t\[[^\n]*\n\t+height=([\d.]+).*?\n\t+pos="([^"]*)".*?\n\t+width=([\d.]+)')
_EDGE = re.compile(r'(?s)\n\t+(\w+)(?::\w+)? -> (\w+)(?::\w+)?\t\[((?:(?!\];\n).)*?\tpos=")([^"]*)(.*?)\];')
_SCOPE = re.compile(
    r'(?s)(subgraph cluster_\d+ \{\n\t+graph \[bb=")([^"]*)(".*?\n\t+lheight=)([\d.]+)'
    r'(,\n\t+lp=")([^"]*)(",\n\t+lwidth=)([\d.]+)'
)
_NUMBER = r"-?[\d.]+(?:e-?\d+)?"


def settled(text: str, place: Callable[[str], str]) -> str:
    """The text of a picture with everything where ``place`` puts it, but titles stand where no line runs.

    The value of a slanted pair runs beside its gradient, and loops run around what lies between their ends.
    """
    placed = place(_LOOP.sub("", text)).replace("\\\n", "")
    turn = -1 if re.search("rankdir=(LR|RL)", placed) else 1  # so that points are across the data, and along it
    cards = {}
    for name, height, at, width in _CARD.findall(placed):
        cards[name] = (_points(at) + np.outer((-36, 36), (float(width), float(height))))[:, ::turn]
    back = grouped(((edge[1], edge[2]), edge) for edge in _EDGE.finditer(placed) if " along " in edge[0])
    placed = _EDGE.sub(lambda edge: _apart(edge, back.get((edge[1], edge[2]), []), cards, turn), placed)
    lines = [_curve(edge[4]) for edge in _EDGE.finditer(placed) if "style=invis" not in edge[0]]
    frames = [_points(scope[2])[:, ::turn] for scope in _SCOPE.finditer(placed)]
    loops = grouped(((loop[1], loop[2]), loop[3]) for loop in _LOOP.finditer(text))
    drawn = list[str]()
    for ends, pair in sorted(loops.items(), key=lambda loop: abs(np.subtract(*(cards[end][0, 1] for end in loop[0])))):
        both, points = np.array([cards[end] for end in ends]), np.concatenate(lines)[:, ::turn]
        frame = next(box for box in frames if (box[0] < both[:, 0]).all() and (box[1] > both[:, 1]).all())
        full = np.array([*cards.values(), *(box for box in frames if box is not frame)])
        way = _way([*map([*cards].index, ends)], full, points, frame)
        frame[:] = np.minimum(frame[0], np.min(way, 0) - END / 2), np.maximum(frame[1], np.max(way, 0) + END / 2)
        pens = [float(pen) for pen in re.findall(r"penwidth=([\d.]+)", " ".join(pair))]
        sides = [beside(way, far) for pen in pens for far in (-(pen + 1) / 2 - PAIR, (pen + 1) / 2 + PAIR)]
        inner = min(sides, key=lambda each: sum(math.dist(a, b) for a, b in pairwise(each)), default=way)
        for line in pair:
            value = " dir=back " in line  # from the second end to the first
            line_way, on = (inner, -1) if value else (way, 1)
            curve = rounded(cut(line_way[::on]), LOOP)[::on]
            at = [f"{x:.2f},{y:.2f}" for x, y in (point[::turn] for point in [line_way[::on][-1], *curve])]
            drawn.append(f'\n\t{" -> ".join(ends)}\t[{line} pos="{"s" if value else "e"},{" ".join(at)}"];')
            lines.append(_curve(" ".join(at[1:])))
    sizes = iter(frames)
    placed = _SCOPE.sub(lambda scope: _clear(scope, next(sizes)[:, ::turn], np.concatenate(lines)), placed)
    body, end, rest = placed.rpartition("\n}")
    return body + "".join(drawn) + end + rest


def _apart(edge: re.Match[str], back: list[re.Match[str]], cards: Mapping[str, Array], turn: int) -> str:
    """A line, moved away from that of its gradient if one lies on the other."""
    if not back or " along " in edge[0]:
        return edge[0]
    other = back.pop(0)
    pens = [float(pen) for pen in re.findall(r"\bpenwidth=([\d.]+)", other[0])]
    that = _curve(other[4])[5:-5:2]
    low, high = (np.array([box[n, ::turn] for box in cards.values()]) + 0.5 - n for n in (0, 1))
    inside = np.array([0, 0, *[1] * (len(_points(edge[4])) - 3), 0])[:, None]  # of an arrow the tip stands first
    found, most = edge[4], -1.0
    for move in sorted(product(range(-24, 25), range(-9, 10)), key=lambda each: abs(each[0]) + 0.5 * abs(each[1])):
        across, along = (np.array(each)[::turn] for each in ((move[0], 0), (0, move[1])))
        pos = _moved(edge[4], across + inside * along)
        moved = _curve(pos)[5:-5]
        along_it = np.vstack([moved[::5], _points(pos)[:1]])[:, None]
        free = not ((along_it > low) & (along_it < high)).all(2).any()
        room = np.linalg.norm(moved[:, None] - that, axis=2).min() if free else -1.0
        if room > most:
            found, most = pos, room
        if most >= (pens[0] + 1) / 2 + PAIR:
            break
    return f"{edge[0][: edge.start(4) - edge.start()]}{found}{edge[5]}];"


def _way(ends: Sequence[int], cards: Array, points: Array, frame: Array) -> list[Point]:
    """The way between two of the cards, around at most four corners, that is short and meets little."""
    (one, other), room = cards[ends], LOOP - 1
    up = int(one[1, 1] > other[1, 1])  # the outer face of the first
    least, most = frame[0, 0] - 2 * LOOP, frame[1, 0] + 2 * LOOP  # lines may run outside the frame
    least, most = (least, min(one[0, 1], other[0, 1])), (most, max(one[1, 1], other[1, 1]))
    reach = points[((points > least) & (points < most)).all(1), 0]
    sides = {*(cards[:, 0, 0] - LOOP), *(cards[:, 1, 0] + LOOP), min(reach) - 1.5 * LOOP, max(reach) + 1.5 * LOOP}
    sides = {x for x in sides if least[0] - 2 * LOOP < x < most[0] + 2 * LOOP}
    ways = []
    for x, here, there in product(sides, (None, up), (None, 1 - up)):
        way = np.array([*_leaving(one, cards, x, here), *_leaving(other, cards, x, there)[::-1]])
        low, high = np.minimum(way[1:], way[:-1]), np.maximum(way[1:], way[:-1])
        met = np.all((low[:, None] < cards[:, 1] + room) & (high[:, None] > cards[:, 0] - room), axis=2)
        met[(0, -1), ends] = False
        ways.append((float((high - low).sum() + CARD * met.any(0).sum()), low, high, way))
    best, found = np.inf, ways[0][3]
    for cost, low, high, way in sorted(ways, key=lambda each: each[0]):
        if cost >= best:
            break
        near = ((low[:, None] - NEAR < points) & (high[:, None] + NEAR > points)).all(2).sum()
        if cost + LINE * near < best:
            best, found = cost + LINE * near, way
    return [(float(x), float(y)) for x, y in found]


def _leaving(card: Array, cards: Array, x: float, face: int | None) -> list[Sequence[float]]:
    """Out of the side of a card to ``x``, or out of one of its other faces and past those beside it."""
    side, middle = int(x > card[:, 0].mean()), card[:, 1].mean()
    if face is None:
        return [(card[side, 0], middle), (x, middle)]
    beside = cards[abs(cards[:, :, 1].mean(1) - middle) < LOOP, face, 1]
    at, out = card[side, 0] + 2 * LOOP * (1 - 2 * side), (beside.min() - LOOP, beside.max() + LOOP)[face]
    return [(at, card[face, 1]), (at, out), (x, out)]


def _clear(scope: re.Match[str], frame: Array, lines: Array) -> str:
    """A scope of this size, with its title moved along its frame to where it is free."""
    (at,), half = _points(scope[6]), 36 * np.array([float(scope[8]), float(scope[4])])
    (left, bottom), (_, top) = at - half - FREE, at + half + FREE
    right = frame[1, 0] - END + FREE
    x, y = lines.T
    met = x[(y > bottom) & (y < top) & (x > left) & (x < right)]
    free = [a for a, b in pairwise([left, *sorted(met), right]) if b - a >= 2 * (half[0] + FREE)]
    moved = _moved(scope[6], np.array([free[0] - left if free else 0.0, 0.0]))
    return f"{scope[1]}{','.join(map(str, frame.ravel()))}{scope[3]}{scope[4]}{scope[5]}{moved}{scope[7]}{scope[8]}"


def _moved(pos: str, by: Array) -> str:
    """The points of a text, moved."""
    start = pos[:2] if pos[0] in "se" else ""
    return start + " ".join(f"{x:.2f},{y:.2f}" for x, y in _points(pos) + by)


def _points(text: str) -> Array:
    """All points of a text."""
    return np.array(re.findall(_NUMBER, text), float).reshape(-1, 2)


def _curve(pos: str) -> Array:
    """Points on a line, without its ends."""
    points = _points(re.sub(r"[se],\S+ ", "", pos))
    return np.concatenate([_WEIGHTS @ points[n : n + 4] for n in range(0, len(points) - 3, 3)])
