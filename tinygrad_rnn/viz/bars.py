"""Bars: the points of a track gathered into cells, and the logarithmic axis their bars stand on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .tracks import Track

#: So many cells there are at most; longer sequences have several steps in each.
MOST = 200
#: The axis of the bars shows up to this many factors of 10, and never fewer than these.
DECADES = (4, 16)


@dataclass(frozen=True)
class Cell:
    """One or several neighbouring time steps: the numbers of the first and the last, the range of the sizes.

    ``most`` is NaN or infinite as soon as one of them is, and None if no gradient arrives at any of them.
    """

    first: int
    last: int
    least: float | None
    most: float | None
    adds: float | None


def cells_of(track: Track) -> list[Cell]:
    """The time steps of a track, each a cell, or so many to a cell that there are at most ``MOST``."""
    points = track.points
    many = -(-len(points) // MOST)
    cells = []
    for start in range(0, len(points), many):
        group = points[start : start + many]
        sizes = [point.size for point in group if point.size is not None]
        adds = [point.adds for point in group if point.adds is not None]
        cells.append(Cell(group[0].step, group[-1].step, _least(sizes), largest(sizes), largest(adds)))
    return cells


def largest(sizes: Sequence[float]) -> float | None:
    """The largest of several sizes, or one that is NaN or infinite; None if there is none."""
    broken = [amount for amount in sizes if not math.isfinite(amount)]
    return broken[0] if broken else max(sizes, default=None)


def _least(sizes: Sequence[float]) -> float | None:
    return min((amount for amount in sizes if math.isfinite(amount)), default=None)


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis from 10^low to 10^high."""

    low: int
    high: int

    @classmethod
    def over(cls, cells: Sequence[Cell]) -> Axis:
        """The axis that has room for all sizes, or for those within 16 factors of 10 of the largest."""
        sizes = [s for cell in cells for s in (cell.least, cell.most) if s is not None and 0 < s < math.inf]
        if not sizes:
            return cls(-DECADES[0], 0)
        high = math.ceil(math.log10(max(sizes)))
        low = math.floor(math.log10(min(sizes)) - 0.05)  # even the smallest shall have a bar
        span = min(max(high - low, DECADES[0]), DECADES[1])
        every = -(-span // 4)
        return cls(high - every * -(-span // every), high)

    @property
    def ticks(self) -> list[int]:
        """The powers of ten to write down, five at most."""
        every = -(-(self.high - self.low) // 4)
        return list(range(self.high, self.low - 1, -every))

    def height(self, size: float) -> float:
        """Where a size is, from 0 to 1; what is not finite is at the top."""
        if not math.isfinite(size):
            return 1.0
        if size <= 0:
            return 0.0
        return min(1.0, max(0.0, (math.log10(size) - self.low) / (self.high - self.low)))
