"""Paths: rectangular ways with round corners and curves between rows, as the Bezier points graphviz reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]

#: Room for an arrow head, in points.
HEAD = 7.0


def beside(way: Sequence[Point], distance: float) -> list[Point]:
    """A rectangular way that runs ``distance`` to the left of another (seen in walking direction)."""
    if len(way) < 2:
        return list(way)
    normals = []
    for (x0, y0), (x1, y1) in pairwise(way):
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        normals.append((-(y1 - y0) / length * distance, (x1 - x0) / length * distance))
    result = []
    for (x, y), before, after in zip(way, [normals[0], *normals], [*normals, normals[-1]], strict=True):
        straight_on = abs(before[0] - after[0]) < 1e-6 and abs(before[1] - after[1]) < 1e-6
        dx, dy = before if straight_on else (before[0] + after[0], before[1] + after[1])
        result.append((x + dx, y + dy))
    return result


def straight(start: Point, end: Point) -> tuple[Point, ...]:
    """A straight line."""
    (x0, y0), (x1, y1) = start, end
    return start, (x0 + (x1 - x0) / 3, y0 + (y1 - y0) / 3), (x0 + (x1 - x0) * 2 / 3, y0 + (y1 - y0) * 2 / 3), end


def _simplified(way: Sequence[Point]) -> list[Point]:
    """Without repeated points and points on a straight line."""
    result: list[Point] = []
    for x, y in way:
        if result and math.dist((x, y), result[-1]) < 0.01:
            continue
        if len(result) >= 2:
            (x0, y0), (x1, y1) = result[-2:]
            turn, ahead = (x1 - x0) * (y - y1) - (y1 - y0) * (x - x1), (x1 - x0) * (x - x1) + (y1 - y0) * (y - y1)
            if abs(turn) < 1e-6 and ahead > 0:
                result.pop()
        result.append((x, y))
    return result


def _toward(start: Point, end: Point, distance: float) -> Point:
    length = math.dist(start, end) or 1.0
    return start[0] + (end[0] - start[0]) / length * distance, start[1] + (end[1] - start[1]) / length * distance


def rounded(way: Sequence[Point], radius: float) -> list[Point]:
    """Bezier points along a rectangular way whose corners are rounded by up to ``radius``."""
    way = _simplified(way)
    if len(way) < 2:
        return [*way, *way, *way, *way] if way else []
    result = [way[0]]
    last = len(way) - 2
    for n, (a, b, c) in enumerate(zip(way, way[1:], way[2:], strict=False)):
        before = math.dist(a, b) * (1.0 if n == 0 else 0.5)
        after = math.dist(b, c) * (1.0 if n + 2 > last else 0.5)
        r = min(radius, before * 0.95, after * 0.95)
        start, end = _toward(b, a, r), _toward(b, c, r)
        if math.dist(result[-1], start) > 0.01:
            result += straight(result[-1], start)[1:]
        result += [_toward(start, b, r * 0.6), _toward(end, b, r * 0.6), end]
    if math.dist(result[-1], way[-1]) > 0.01 or len(result) == 1:
        result += straight(result[-1], way[-1])[1:]
    return result


def bowed(stations: Sequence[Point], *, along_x: bool = False) -> list[Point]:
    """Bezier points through ``stations``, leaving and entering each of them vertically (or horizontally)."""
    result = [stations[0]]
    for (x0, y0), (x1, y1) in pairwise(stations):
        if x0 == x1 or y0 == y1:
            result += straight((x0, y0), (x1, y1))[1:]
            continue
        dx, dy = ((x1 - x0) * 0.5, 0.0) if along_x else (0.0, (y1 - y0) * 0.5)
        result += [(x0 + dx, y0 + dy), (x1 - dx, y1 - dy), (x1, y1)]
    return result


def cut(way: Sequence[Point]) -> list[Point]:
    """The way without the last points of its length, where the arrow head is."""
    *rest, before, last = way
    return [*rest, before, _toward(last, before, min(HEAD, 0.9 * math.dist(last, before)))]
