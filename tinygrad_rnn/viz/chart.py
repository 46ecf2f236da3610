"""A line chart as SVG, written by hand: two axes, a few curves, and their names below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from .render import Saved

#: Letters can still be read where the whole is as wide as a telephone.
WIDTH, HEIGHT, LETTERS = 640, 440, 14
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 72, 56
#: The height of a line of the names below, its stroke, and the longest name that leaves room for another beside it.
LINE, STROKE, HALF = 24, 44, 26
#: Of so few points a curve shows each.
FEW = 6
# Okabe & Ito's colours, which differ for every kind of colour vision; dashes tell the curves apart without colour.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("", "7 3", "2 3", "9 3 2 3", "12 4", "4 2", "1 2")


@dataclass(frozen=True)
class Curve:
    """Points (x, y) under a name; those that are not finite, or not positive on a logarithmic axis, are left out."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float]


@dataclass(frozen=True)
class Chart(Saved):
    """title: above it; x, y: what the axes show; logarithmic: whether the y axis counts decades."""

    called = "a chart"

    title: str
    x: str
    y: str
    curves: Sequence[Curve]
    logarithmic: bool = False

    @property
    def svg(self) -> str:
        """The chart as a complete SVG document."""
        drawn = [self._points(curve) for curve in self.curves]
        every = [point for points in drawn for point in points]
        low_x, high_x = _range([x for x, _ in every])
        low_y, high_y = _range([y for _, y in every])
        if self.logarithmic:
            low_y, high_y = math.floor(low_y), math.ceil(high_y)

        def place(x: float, y: float) -> tuple[float, float]:
            across = LEFT + (x - low_x) / (high_x - low_x) * (WIDTH - LEFT - RIGHT)
            return across, HEIGHT - BOTTOM - (y - low_y) / (high_y - low_y) * (HEIGHT - TOP - BOTTOM)

        columns = 2 if all(len(curve.name) <= HALF for curve in self.curves) else 1
        tall = HEIGHT + LINE * -(-len(self.curves) // columns)
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{tall}" viewBox="0 0 {WIDTH} {tall}" '
            f'font-family="Helvetica, Arial, sans-serif" font-size="{LETTERS}" role="img">',
            f"<title>{escape(self.title)}</title>",
            f'<rect width="{WIDTH}" height="{tall}" fill="white"/>',
            f'<text x="12" y="28" font-size="17" font-weight="bold">{escape(self.title)}</text>',
            f'<text x="12" y="{TOP - 20}">{escape(self.y)}</text>',
        ]
        for y in _ticks(low_y, high_y, whole=self.logarithmic):
            left, at = place(low_x, y)
            label = f"1e{y:.0f}" if self.logarithmic else f"{y:g}"
            lines.append(_line(left, at, WIDTH - RIGHT, at, "#dddddd"))
            lines.append(f'<text x="{left - 8:.1f}" y="{at + 5:.1f}" text-anchor="end">{label}</text>')
        for x in _ticks(low_x, high_x):
            at, below = place(x, low_y)
            lines.append(_line(at, below, at, below + 5, "#333333"))
            lines.append(f'<text x="{at:.1f}" y="{below + 20:.1f}" text-anchor="middle">{x:g}</text>')
        lines.append(_line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "#333333"))
        lines.append(_line(LEFT, TOP, LEFT, HEIGHT - BOTTOM, "#333333"))
        middle = (LEFT + WIDTH - RIGHT) / 2
        lines.append(f'<text x="{middle:.1f}" y="{HEIGHT - 14}" text-anchor="middle">{escape(self.x)}</text>')
        for i, (curve, points) in enumerate(zip(self.curves, drawn, strict=True)):
            colour, dash = COLOURS[i % len(COLOURS)], DASHES[i % len(DASHES)]
            places = [place(x, y) for x, y in points]
            path = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
            x, y = LEFT + (WIDTH - RIGHT - LEFT) // 2 * (i % columns), HEIGHT + LINE * (i // columns) + 4
            style = f'fill="none" stroke="{colour}" stroke-width="2"' + (f' stroke-dasharray="{dash}"' if dash else "")
            lines.append(f'<polyline points="{path}" {style}/>')
            if len(places) <= FEW:  # what was computed, and what only lies between
                lines += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{colour}"/>' for a, b in places]
            lines.append(f'<polyline points="{x},{y} {x + STROKE},{y}" {style}/>')
            lines.append(f'<text x="{x + STROKE + 8}" y="{y + 5}">{escape(curve.name)}</text>')
        return "\n".join([*lines, "</svg>", ""])

    def _repr_svg_(self) -> str:
        return self.svg

    def _points(self, curve: Curve) -> list[tuple[float, float]]:
        points = [(x, y) for x, y in zip(curve.xs, curve.ys, strict=True) if math.isfinite(y)]
        return [(x, math.log10(y)) for x, y in points if y > 0] if self.logarithmic else points


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _ticks(low: float, high: float, whole: bool = False) -> list[float]:
    """About six round numbers between two."""
    rough = (high - low) / 6
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= rough)
    step = max(1.0, float(round(step))) if whole else step
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def _line(x: float, y: float, to_x: float, to_y: float, colour: str) -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{colour}"/>'
