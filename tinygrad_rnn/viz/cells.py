"""Cells: one small cell for every time step, up to thousands, so that a vanishing gradient is seen at a glance."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .bars import Axis, Cell, cells_of
from .label import fit
from .numbers import number
from .routes import Line
from .style import SHADES, Level, Look, Scale, Setting, Theme
from .tracks import Track
from .writer import Writer

#: Up to so many cells are a single row; up to so many stand in rows of 25, more in rows of 50.
SINGLE, SHORT = 30, 50
#: Width of a cell and gap after it, in short and in long rows; height of the bars, the cell, what it adds.
WIDE, NARROW = (27.0, 9.0), (22.0, 6.0)
BARS, CELL, ADDS = 66.0, 24.0, 9.0
#: Room at the left for the axis and the names, and between two rows.
MARGIN, BETWEEN = 126.0, 40.0


def scale_around(tracks: Sequence[Track]) -> Scale:
    """One shade for every factor of 10, the gradient of the last computed step in the middle of the sixth of eight."""
    sizes = [amount for amount in reversed(tracks[0].flow.sizes) if 0 < amount < math.inf]
    return Scale.around(sizes[0] if sizes else 1.0)


#: From the names at the left to the end of the legend.
LEGEND = MARGIN + 36 * SHADES + 28 + 118 * 4


def cells_dot(tracks: Sequence[Track], loss: str, value: str, setting: Setting) -> str:
    """The picture of the tracks, one below the other, with the loss at the end; labels are said by the mouse."""
    writer = Writer(setting)
    writer.open()
    drawn = Drawn(writer, loss, value)
    y = 0.0
    width = max(LEGEND, *(drawn.width(track) for track in tracks))
    writer.heading(0, y, width)
    for n, track in enumerate(tracks):
        y = drawn.track(n, track, y, headed=len(tracks) > 1)
    drawn.legend(tracks[0], y)
    return writer.close()


class Drawn:
    """Puts tracks on the paper, from the top down."""

    def __init__(self, writer: Writer, loss: str, value: str) -> None:
        self.writer, self.loss, self.value = writer, loss, value
        self.setting, self.theme = writer.setting, writer.theme

    def width(self, track: Track) -> float:
        """From the names at the left to the loss at the right."""
        cells = cells_of(track)
        row, (wide, gap) = _rows(len(cells))
        return MARGIN + (wide + gap) * min(row, max(len(cells), 12)) + 70

    def track(self, n: int, track: Track, y: float, *, headed: bool) -> float:
        """All rows of one track; ``y`` is where it may begin, the result where the next one may."""
        cells = cells_of(track)
        if headed:
            y -= 22
            self.writer.text(f"head{n}", 0, y, track.name, 12, self.theme.text, bold=True)
            self.writer.text(f"verdict{n}", 126, y, track.flow.sentence, 10, self.theme.muted)
        axis = Axis.over(cells)
        row, _ = _rows(len(cells))
        for start in range(0, len(cells), row):
            y -= BETWEEN if start else 26
            y = self.row(f"{n}_{start}", track, cells, start, axis, y)
        return y - 12

    def row(self, id: str, track: Track, cells: Sequence[Cell], start: int, axis: Axis, top: float) -> float:
        """One row: bars, cells, what they add; ``top`` is the upper end of the bars."""
        writer, theme = self.writer, self.theme
        row, (wide, gap) = _rows(len(cells))
        part = cells[start : start + row]
        bottom = top - BARS
        cell_at = bottom - 5 - CELL
        adds_at = cell_at - 4 - ADDS
        right = MARGIN + (wide + gap) * len(part) - gap
        for decade in axis.ticks:
            y = bottom + BARS * axis.height(10.0**decade)
            tick = f"{id}_{decade - axis.low}"
            writer.box(f"grid{tick}", MARGIN - 4, y - 0.25, right - MARGIN + 8, 0.5, theme.panel_border)
            writer.text(f"tick{tick}", MARGIN - 8, y, f"1e{decade}", 7.5, theme.muted, align="right")
        at = cell_at + CELL / 2
        writer.text(f"name{id}", MARGIN - 16, at, track.name, 10, theme.text, bold=True, width=104, align="right")
        if track.parameter is not None:
            words = f"adds to d{self.loss}/d{track.parameter}"
            at = adds_at + ADDS / 2
            writer.text(f"to{id}", MARGIN - 8, at, words, 8, theme.muted, width=114, align="right")
        for n, cell in enumerate(part):
            x = MARGIN + (wide + gap) * n
            self.bar(f"{id}_{n}", cell, x, bottom, wide, axis, numbered=_is_numbered(start + n, len(cells)))
            self.cell(f"{id}_{n}", track, cell, x, cell_at, wide)
            if track.parameter is not None:
                self.adds(f"{id}_{n}", track, cell, x, adds_at, wide)
            if n or start:
                self.arrows(f"{id}_{n}", cells[start + n - 1], cell, x - gap, cell_at, gap)
        end = start + len(part)
        x = MARGIN + (wide + gap) * len(part)
        if end < len(cells):
            self.arrows(f"{id}_e", cells[end - 1], cells[end], x - gap, cell_at, gap)
            writer.text(f"next{id}", x + 3, cell_at + CELL / 2, f"to {cells[end].first}", 8, theme.muted)
        elif track.points and track.points[-1].step == track.flow.times[-1]:
            words = fit(f"{self.loss} {self.value}", 58, 8)
            self.arrows(f"{id}_e", cells[-1], cells[-1], x - gap, cell_at, gap)
            writer.box(f"loss{id}", x, cell_at, 62, CELL, theme.text, label=words, points=8, ink=theme.background)
        return adds_at if track.parameter is not None else cell_at

    def bar(self, id: str, cell: Cell, x: float, y: float, wide: float, axis: Axis, *, numbered: bool) -> None:
        """The size as a bar; a notch where the smallest of several steps is."""
        if cell.most is None:
            return
        look, theme = self.setting.look(cell.most), self.theme
        high = BARS * axis.height(cell.most)
        if high > 0:
            self.writer.box(f"bar{id}", x, y, wide, high, look.line)
            low = BARS * axis.height(cell.least) if cell.least is not None else 0.0
            if cell.first != cell.last and 0 < low < high - 2:
                self.writer.box(f"notch{id}", x, y + low - 0.6, wide, 1.2, theme.background)
        if numbered or look.level is Level.BAD:
            words = number(cell.most)
            self.writer.text(f"size{id}", x + wide / 2, y + high + 8, words, 7.5, theme.text, align="middle")

    def cell(self, id: str, track: Track, cell: Cell, x: float, y: float, wide: float) -> None:
        """The step itself, filled with the colour of its gradient."""
        look = self.setting.look(cell.most)
        note = f"{self.steps(cell)}: |d{self.loss}/d{track.name}| = {self.range(cell)}"
        if cell.adds is not None and track.parameter is not None:
            note += f"; adds {number(cell.adds)} to d{self.loss}/d{track.parameter}"
        labels = self.setting.labels
        label = "; ".join(labels[step] for step in range(cell.first, cell.last + 1) if step in labels)
        note += f" ({label})" if label else ""
        digits = len(str(cell.first))
        self.writer.box(
            f"cell{id}", x, y, wide, CELL, look.fill, line=_frame(look, self.theme), dash=_dash(look),
            label=str(cell.first), points=8.5 if digits < 4 else 7.5 if digits < 5 else 6.5,
            ink=look.ink if look.level is not Level.TINY else self.theme.muted, note=note, css=f"cell {look.css}",
        )  # fmt: skip

    def adds(self, id: str, track: Track, cell: Cell, x: float, y: float, wide: float) -> None:
        """What the step adds to the gradient of the weight."""
        look = self.setting.look(cell.adds)
        words = "nothing" if cell.adds is None else number(cell.adds)
        note = f"{self.steps(cell)} adds {words} to d{self.loss}/d{track.parameter}"
        if look.level is not Level.NONE:
            self.writer.box(
                f"adds{id}", x, y, wide, ADDS, look.fill, line=_frame(look, self.theme), dash=_dash(look), pen=0.75,
                note=note, css=f"adds {look.css}",
            )  # fmt: skip

    def arrows(self, id: str, left: Cell, right: Cell, x: float, y: float, gap: float) -> None:
        """Forward above, backward below, between two neighbouring cells."""
        up, down = y + CELL / 2 + 4, y + CELL / 2 - 4
        a, b = f"f{id}", f"b{id}"
        for name in (a, b):
            self.writer.anchor(name, (x + gap / 2, y + CELL / 2))
        self.writer.line(Line("state", 0, 0, _straight(x, x + gap - 3.5, up), (x + gap, up)), (a, b), arrow=0.35)
        if left.most is not None:
            line = Line("gradient", 0, 0, _straight(x + gap, x + 3.5, down), (x, down), size=left.most)
            self.writer.line(line, (b, a), arrow=0.35, thickest=2.2)

    def steps(self, cell: Cell) -> str:
        """Which steps a cell is."""
        return f"t = {cell.first}" if cell.first == cell.last else f"t = {cell.first} to {cell.last}"

    def range(self, cell: Cell) -> str:
        """The size of one step, or the smallest and the largest of several."""
        if cell.most is None:
            return "none: no gradient arrives"
        if cell.first == cell.last or cell.least is None:
            return number(cell.most)
        return f"{number(cell.least)} to {number(cell.most)}"

    def legend(self, track: Track, top: float) -> None:
        """How to read it."""
        writer, theme = self.writer, self.theme
        cells = cells_of(track)
        y = top - 26
        for n, words in enumerate((f"size relative to t = {track.flow.times[-1]}", "one shade = x10")):
            writer.text(f"k0_{n}", MARGIN - 8, y + 6 - 14 * n, words, 8, theme.muted, align="right")
        for n in range(SHADES):
            writer.box(f"k1_{n}", MARGIN + 36 * n, y, 36, 12, theme.fills[n])
            words = "=" if n == 5 else f"1e{n - 5}"
            writer.text(f"k2_{n}", MARGIN + 36 * n + 18, y - 8, words, 7.5, theme.muted, align="middle")
        x = MARGIN + 36 * SHADES + 28
        marks = (
            (1e-300, "smaller than that"),
            (0.0, "exactly 0"),
            (math.nan, "NaN or infinite"),
            (None, "no gradient arrives"),
        )
        for n, (amount, words) in enumerate(marks):
            look = self.setting.look(amount)
            at = x + 118 * n
            writer.box(f"k3_{n}", at, y, 18, 12, look.fill, line=_frame(look, theme), dash=_dash(look))
            writer.text(f"k4_{n}", at + 22, y + 6, words, 8, theme.muted)
        words = f"bars and cells: |d{self.loss}/d{track.name}| (Euclidean norm), bars on a log axis"
        if track.parameter is not None:
            words += f"; lower cells: what the step adds to d{self.loss}/d{track.parameter}"
        many = cells[0].last - cells[0].first + 1
        if many > 1:
            words += f"; a cell is {many} steps, the bar their largest, the notch their smallest"
        writer.text("k5", x, y - 9, words, 8, theme.muted)


def _rows(cells: int) -> tuple[int, tuple[float, float]]:
    """How many cells stand in a row; the width of one and the gap after it."""
    if cells <= SHORT:
        return (cells if cells <= SINGLE else 25), WIDE
    return 50, NARROW


def _is_numbered(n: int, count: int) -> bool:
    """Whether the bar says its number: the first, the last and every tenth."""
    return n in (0, count - 1) or ((n + 1) % 10 == 0 and 2 < n < count - 3)


def _frame(look: Look, theme: Theme) -> str:
    """The frame of a cell: visible where the ground is not."""
    return theme.zero if look.level is Level.TINY else theme.border


def _dash(look: Look) -> str:
    return {Level.ZERO: "dotted", Level.NONE: "dashed"}.get(look.level, "solid")


def _straight(start: float, end: float, y: float) -> tuple[tuple[float, float], ...]:
    third = (end - start) / 3
    return ((start, y), (start + third, y), (start + 2 * third, y), (end, y))
