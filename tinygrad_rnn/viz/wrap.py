"""Wrap: steps that are too wide to be read side by side go on in another line below, as a text does."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from .grid import Grid
from .label import fit
from .paths import Point
from .routes import Line
from .scene import Scene
from .style import LEAST

#: Left, bottom, right and top.
Box = tuple[float, float, float, float]
#: What goes on is named at the end of a line and where it goes on, in so much room; between a line and the next.
NAMES, BETWEEN = 68.0, 44.0


class Wrap:
    """Where things are drawn that stand in a grid of one line.

    Attributes:
        left, right, top, height: of all lines together; the first one stays where it is.
        bottoms: of every line, before the others move down.
    """

    def __init__(self, cuts: Sequence[float], boxes: Iterable[Box]) -> None:
        self.cuts = cuts
        inside: list[list[Box]] = [[] for _ in range(len(cuts) + 1)]
        for box in boxes:
            inside[bisect(cuts, (box[0] + box[2]) / 2)].append(box)
        lefts, bottoms = ([min((box[side] for box in each), default=0.0) for each in inside] for side in (0, 1))
        rights, tops = ([max((box[side] for box in each), default=0.0) for each in inside] for side in (2, 3))
        self.left, self.top, self.bottoms = lefts[0], tops[0], bottoms
        self.shifts: list[Point] = [(0.0, 0.0)]
        for n, cut in enumerate(cuts):
            down = self.shifts[n][1] + bottoms[n] - BETWEEN - tops[n + 1]
            self.shifts.append((self.left + NAMES - cut, down))
        self.height = self.top - bottoms[-1] - self.shifts[-1][1]
        ends = [*(cut + NAMES for cut in cuts), rights[-1]]
        self.right = max(end + shift for end, (shift, _) in zip(ends, self.shifts, strict=True))

    def shift(self, x: float, line: int | None = None) -> Point:
        """How far what stands at ``x`` is moved, in the line it belongs to unless another is given."""
        return self.shifts[bisect(self.cuts, x) if line is None else line]

    def moved(self, at: Point, line: int | None = None) -> Point:
        """Where that point is."""
        dx, dy = self.shift(at[0], line)
        return at[0] + dx, at[1] + dy

    def passed(self, line: Line) -> range:
        """The numbers of the cuts that a line runs over."""
        xs = [x for x, _ in line.points]
        return range(bisect(self.cuts, min(xs)), bisect(self.cuts, max(xs)))

    def pieces(self, line: Line, grid: Grid) -> Iterator[Line]:
        """A line where it is, in pieces if it goes on in another one."""
        wrapped = len({bisect(self.cuts, grid.at[end][0]) for end in (line.tail, line.head)}) > 1
        parts = [line.points]
        for n in self.passed(line):
            parts = [piece for part in parts for piece in _split(part, self.cuts[n])]
        for n, part in enumerate(parts):
            of = bisect(self.cuts, (part[0][0] + part[-1][0]) / 2)
            tip, dot = (line.tip if n + 1 == len(parts) else None), (line.dot if n == 0 else None)
            tip, dot = tip and self.moved(tip, of), dot and self.moved(dot, of)
            yield line._replace(points=[self.moved(at, of) for at in part], tip=tip, dot=dot, wrapped=wrapped)

    def names(self, scene: Scene, grid: Grid, lines: Sequence[Line]) -> Iterator[tuple[Point, str, bool]]:
        """What stands at the ends of lines: where, the name of what goes on there, whether it is the end of a line."""
        several = {(e.source, e.target) for net in grid.nets if net.collects for e in net.edges if len(net.edges) > 1}
        forward = any(line.size is None for line in lines)
        found: set[tuple[int, str, float]] = set()
        for line in lines:
            # Of gradients alone that is what arrives at a factor, or what a factor made.
            tail, head = (scene.nodes[end] for end in (line.tail, line.head))
            name = (head if line.size is not None and tail.symbol == "*" else tail).name
            if forward and (line.tail, line.head) in several:
                name = f"to {head.name}"
            for n in self.passed(line) if forward == (line.size is None) else ():
                found.update((n, name, part[0][1]) for part in _split(line.points, self.cuts[n])[1:])
        last: tuple[int, str, float] = (-1, "", 0.0)
        for n, name, y in sorted(found):
            together = last[:2] == (n, name) and y < last[2] + 2 * LEAST  # one of several lines
            last, shown = (n, name, y), fit(name, NAMES - 5, LEAST)
            if together:
                continue
            yield self.moved((self.cuts[n] + 4, y), n), shown, True
            yield self.moved((self.cuts[n] - 4, y), n + 1), shown, False


def _split(points: Sequence[Point], x: float) -> list[Sequence[Point]]:
    """A curve, in two pieces if it passes ``x``."""
    for n in range(0, len(points) - 3, 3):
        curve, low, high = points[n : n + 4], 0.0, 1.0
        if (curve[0][0] - x) * (curve[3][0] - x) < 0:
            for _ in range(30):
                left, _ = _halves(curve, (low + high) / 2)
                early = (left[3][0] < x) == (curve[0][0] < x)
                low, high = ((low + high) / 2, high) if early else (low, (low + high) / 2)
            left, right = _halves(curve, high)
            return [[*points[:n], *left], [*right, *points[n + 4 :]]]
    return [points]


def _halves(curve: Sequence[Point], t: float) -> tuple[list[Point], list[Point]]:
    """The two parts of a Bezier curve up to ``t`` and from there on."""
    rows = [curve]
    while len(rows[-1]) > 1:
        rows.append([(a + (c - a) * t, b + (d - b) * t) for (a, b), (c, d) in pairwise(rows[-1])])
    return [row[0] for row in rows], [row[-1] for row in reversed(rows)]
