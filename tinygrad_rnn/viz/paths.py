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
    normals = []
    for (x0, y0), (x1, y1) in pairwise(way):
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        normals.append((-(y1 - y0) / length * distance, (x1 - x0) / length * distance))
    sides = zip(way, [normals[0], *normals], [*normals, normals[-1]], strict=True)
    return [(x + max(a[0], b[0], key=abs), y + max(a[1], b[1], key=abs)) for (x, y), a, b in sides]


def straight(start: Point, end: Point) -> tuple[Point, ...]:
    """A straight line."""
    (x0, y0), (x1, y1) = start, end
    return start, (x0 + (x1 - x0) / 3, y0 + (y1 - y0) / 3), (x0 + (x1 - x0) * 2 / 3, y0 + (y1 - y0) * 2 / 3), end


def _toward(start: Point, end: Point, distance: float) -> Point:
    length = math.dist(start, end) or 1.0
    return start[0] + (end[0] - start[0]) / length * distance, start[1] + (end[1] - start[1]) / length * distance


def rounded(way: Sequence[Point], radius: float) -> list[Point]:
    """Bezier points along a rectangular way whose corners are rounded by up to ``radius``."""
    result = [way[0]]
    last = len(way) - 3
    for n, (a, b, c) in enumerate(zip(way, way[1:], way[2:], strict=False)):
        before, after = math.dist(a, b) * (0.5 if n else 1.0), math.dist(b, c) * (0.5 if n < last else 1.0)
        r = min(radius, before * 0.95, after * 0.95)
        start, end = _toward(b, a, r), _toward(b, c, r)
        result += [*straight(result[-1], start)[1:], _toward(start, b, r * 0.6), _toward(end, b, r * 0.6), end]
    return [*result, *straight(result[-1], way[-1])[1:]]


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
