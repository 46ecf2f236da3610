"""Cells: one small cell for every time step, up to thousands, so that a vanishing gradient is seen at a glance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from .dot import Writer, point, short
from .label import fit, lines_of, quoted, text_width
from .numbers import largest, number
from .paths import straight
from .routes import Line
from .style import Look, Scale, Setting
from .tracks import Point, Track

#: So many cells stand in a row, which fits a page then; of more cells than that in two rows narrower ones do.
WIDE_ROW, NARROW_ROW = 20, 25
#: Width of a cell and gap after it, wide and narrow; height of the bars (where there are none), the cell, what it adds.
WIDE, NARROW = (27.0, 9.0), (22.0, 6.0)
BARS, LOW, CELL, ADDS = 66.0, 14.0, 24.0, 9.0
#: Width of the box of the loss.
LOSS = 62.0
#: Room at the left for the axis and the names, and between two rows.
MARGIN, BETWEEN = 126.0, 40.0
#: Where words of the heading need it a picture is so wide.
WORDS = 914.0
#: So many cells there are at most; longer sequences have several steps in each.
MOST = 200
#: The axis of the bars shows up to this many factors of 10, and never fewer than these.
DECADES = (4, 16)


class Cell(NamedTuple):
    """One or several neighbouring time steps: the numbers of the first and the last, the range of the sizes.

    ``most`` is NaN or infinite as soon as one of them is, and None if no gradient arrives at any of them.
    """

    first: int
    last: int
    least: float | None
    most: float | None
    adds: float | None
    enters: float | None = None
    carried: float | None = None
    linked: bool = True  #: whether its first step and the one before it are made of each other

    def __str__(self) -> str:
        return f"t = {self.first}" if self.first == self.last else f"t = {self.first} to {self.last}"

    @property
    def is_cut(self) -> bool:
        """Whether all of a gradient enters at this step, and nothing of it comes from another."""
        known = self.first == self.last and self.most and self.enters is not None
        return bool(known) and math.isclose(self.enters or 0.0, self.most or 0.0, rel_tol=1e-6)

    @property
    def range(self) -> str:
        """The size of one step, or the smallest and the largest of several, in words."""
        if self.most is None:
            return "none: no gradient arrives"
        if self.first == self.last or self.least is None:
            return number(self.most)
        ends = dict.fromkeys((number(self.least), number(self.most)))
        return " to ".join(ends)


def cells_of(points: Sequence[Point], most: int = MOST) -> list[Cell]:
    """The time steps of a track, each a cell, or so many to a cell that there are at most so many."""
    many = max(1, -(-len(points) // most))
    cells = []
    for group in (points[start : start + many] for start in range(0, len(points), many)):
        least = min((p.size for p in group if p.size is not None and math.isfinite(p.size)), default=None)
        size, adds, enters, carried = map(largest, zip(*(point[1:5] for point in group), strict=True))
        cells.append(Cell(group[0].step, group[-1].step, least, size, adds, enters, carried, group[0].linked))
    return cells


def cells_in(tracks: Sequence[Track], most: int = MOST) -> list[list[Cell]]:
    """The cells of every track; the first steps are one cell if nothing arrives at more of them than a row has."""
    several = [track.points for track in tracks]
    silent = min(next((n for n, p in enumerate(ps) if p.size or p.adds or p.size != ps[0].size), 0) for ps in several)
    silent *= silent > NARROW_ROW
    return [cells_of(points[:silent], 1) + cells_of(points[silent:], most) for points in several]


def columns_of(rows: Sequence[Sequence[Cell]]) -> list[list[int]]:
    """The columns in which the cells of every track stand: those of one step below each other, if there is room."""
    firsts = [[cell.first for cell in cells] for cells in rows]
    steps = sorted({first for each in firsts for first in each})
    if len(steps) > MOST or any(sorted({*each}) != each for each in firsts):
        return [[*range(len(each))] for each in firsts]
    return [[steps.index(first) for first in each] for each in firsts]


class Axis(NamedTuple):
    """A logarithmic axis down from 10^high, with a tick for ``every`` so many factors of 10, four below the first."""

    high: int
    every: int

    @classmethod
    def over(cls, cells: Sequence[Cell]) -> Axis:
        """The axis that has room for all sizes, or for those within 16 factors of 10 of the largest."""
        sizes = [s for c in cells for s in (c.least, c.most, c.carried) if s is not None and 0 < s < math.inf]
        high = math.ceil(math.log10(max(sizes, default=1.0)))
        low = math.floor(math.log10(min(sizes, default=1.0)) - 0.05)  # even the smallest shall have a bar
        return cls(high, -(-min(max(high - low, DECADES[0]), DECADES[1]) // 4))

    @property
    def low(self) -> int:
        """The last tick."""
        return self.high - 4 * self.every

    @property
    def ticks(self) -> list[int]:
        """The powers of ten to write down."""
        return list(range(self.high, self.low - 1, -self.every))

    def height(self, size: float | None) -> float:
        """Where a size is, from 0 to 1; what is not finite is at the top."""
        if size is None or size <= 0:
            return 0.0
        if not math.isfinite(size):
            return 1.0
        return min(1.0, max(0.0, (math.log10(size) - self.low) / (self.high - self.low)))


def latest(tracks: Sequence[Track]) -> tuple[int, float]:
    """What shades are told relative to: the last computed step of the first track that has a size, and its size."""
    flow = tracks[0].flow
    known = (pair for pair in zip(reversed(flow.times), reversed(flow.sizes), strict=True) if 0 < pair[1] < math.inf)
    return next(known, (flow.times[-1], 1.0))


def scale_around(tracks: Sequence[Track]) -> Scale:
    """One shade for every factor of 10, the gradient of that step in the middle of the sixth of eight."""
    return Scale.around(latest(tracks)[1])


def cells_dot(tracks: Sequence[Track], loss: str, value: str, setting: Setting, most: int = MOST) -> str:
    """The picture of the tracks, one below the other, each with the loss where it is read; the mouse says labels."""
    writer = Writer(setting)
    writer.open()
    rows = cells_in(tracks, most)
    columns = columns_of(rows)
    drawn = [Drawn(writer, n, *each, loss) for n, each in enumerate(zip(tracks, rows, columns, strict=True))]
    many = NARROW_ROW if max(own[-1] for own in columns) >= 2 * WIDE_ROW else WIDE_ROW
    behind = any(each.track.is_reverse and each.read < 2 for each in drawn)
    y = 0.0
    for each in drawn:
        each.place(many, behind)
        y = each.write(y, f"{loss} {value}", headed=len(tracks) > 1)
    said = max(text_width(words, points, bold=name == "title") for name, words, points, *_ in setting.said)
    width = max(min(said, WORDS), *(each.width for each in drawn))
    writer.heading(0, writer.legend(0, 12, words_of(drawn)) + 10, width)
    return writer.close()


def words_of(drawn: Sequence[Drawn]) -> list[str]:
    """How to read all that is ``drawn``; of several tracks it says nothing that is true of one alone."""
    first, *others = drawn
    cells = [cell for each in drawn for cell in each.cells]
    size, to = ("the state's gradient", "") if others else (first.size, f" to {first.to}")
    name, (step, _) = f"{first.track.name}, " * bool(others), latest([first.track])
    framed = {any(cell.carried is not None for cell in each.cells) for each in drawn}
    sized = " or ".join(("bars", "frames")[wanted] for wanted in sorted(framed))
    said = [f"{sized} and cells: {size}, on a log axis", f"one shade is x10; the sixth is that of {name}t = {step}"]
    if True in framed:
        said.append("bar in a frame: carried back from the last, and judged")
    if any(cell.carried and cell.carried > 1.01 * (cell.most or 0.0) for cell in cells):  # less is not seen
        said.append("bar above its frame: other steps take from it")
    if any(cell.enters for cell in cells):
        said.append("blue line: what comes in at the step itself")
    if any(each.track.parameter is not None for each in drawn):
        said.append(f"lower cells: what the step adds{to}")
    if (steps := max(each.steps for each in drawn)) > 1:
        said.append(f"a cell is {steps} steps, the bar their largest, the notch their smallest")
    return said


class Drawn:
    """Puts a track on the paper, from the top down."""

    def __init__(
        self, writer: Writer, number: int, track: Track, cells: Sequence[Cell], columns: Sequence[int], loss: str
    ) -> None:
        self.writer, self.setting, self.theme = writer, writer.setting, writer.theme
        self.number, self.track, self.cells, self.columns = number, track, cells, columns
        first, *others = (cell.last - cell.first + 1 for cell in cells)
        self.steps = max(others, default=first)  #: of a cell, other than one of steps at which nothing arrives
        self.axis, self.reverse = Axis.over(cells), track.is_reverse
        self.size, self.to = f"|d{loss}/d{track.name}|", f"d{loss}/d{track.parameter}"
        #: The cell that the loss reads, the last of them in the order of computation.
        own = [n for n, cell in enumerate(cells) if cell.first <= track.flow.times[-1] <= cell.last]
        self.read = own[0 if self.reverse else -1]

    def place(self, many: int, behind: bool) -> None:
        """So many cells stand in a row, of any track; the first of them ``behind`` the loss if that is at the left."""
        self.many, (self.wide, self.gap) = many, NARROW if many == NARROW_ROW else WIDE
        self.left = MARGIN + (LOSS + self.gap) * behind
        #: From the names at the left to the loss at the right.
        self.width = self.left + (self.wide + self.gap) * min(many, max(self.columns[-1] + 1, 12)) + 80

    def write(self, y: float, loss: str, *, headed: bool) -> float:
        """All rows; ``y`` is where they may begin, the result where the next track may."""
        if headed:
            y -= 22
            self.writer.text(f"head{self.number}", 0, y, self.track.name, 12, self.theme.text, bold=True)
            self.writer.text(f"verdict{self.number}", 126, y, self.track.flow.told, 10, self.theme.muted)
        rows = [column // self.many for column in self.columns]
        starts = [n for n, row in enumerate(rows) if row not in rows[:n]]
        for start, end in pairwise([*starts, len(rows)]):
            y -= BETWEEN if start else 26
            y = self.row(f"{self.number}_{start}", start, end, y, loss)
        return y - 12

    def row(self, id: str, start: int, end: int, top: float, loss: str) -> float:
        """The cells from ``start`` to ``end``: bars, cells, what they add; ``top`` is the upper end of the bars."""
        writer, theme, track, cells = self.writer, self.theme, self.track, self.cells
        part = cells[start:end]
        high = max(self.axis.height(size) for cell in part for size in (cell.most, cell.enters, cell.carried))
        bottom = top - (BARS if high else LOW)
        cell_at = bottom - 5 - CELL
        adds_at = cell_at - 4 - ADDS
        step = self.wide + self.gap
        lefts = [self.left + step * (column % self.many) for column in self.columns[start:end]]
        right = lefts[-1] + step
        for decade in self.axis.ticks if high else ():
            y = bottom + BARS * self.axis.height(10.0**decade)
            tick = f"{id}_{decade - self.axis.low}"
            self.box(f"grid{tick}", MARGIN - 4, y - 0.25, right - self.gap - MARGIN + 8, 0.5, theme.panel_border)
            writer.text(f"tick{tick}", MARGIN - 8, y, f"1e{decade}", 8, theme.muted, align="right")
        at = cell_at + CELL / 2
        writer.text(f"name{id}", MARGIN - 16, at, track.name, 10, theme.text, bold=True, width=104, align="right")
        if track.parameter is not None:
            words = f"adds to {self.to}" + f", 1 of {track.alike}" * (track.alike > 1)
            lines = lines_of(words, 114, 8)
            for n, line in enumerate(lines):
                y = adds_at + ADDS / 2 + 10 * ((len(lines) - 1) / 2 - n)
                writer.text(f"to{id}{f'_{n}' * (n > 0)}", MARGIN - 8, y, line, 8, theme.muted, width=114, align="right")
        for n, cell in enumerate(part, start):
            name, x = f"{id}_{n - start}", lefts[n - start]
            # The first, the last and every tenth say their number.
            tenth = (n + 1) % 10 == 0 and 2 < n < len(cells) - 3
            if cell.last - cell.first >= self.steps:
                writer.text(f"size{name}", x, bottom + 8, f"{cell.range} up to t = {cell.last}", 8, theme.text)
            else:
                self.bar(name, cell, x, bottom, numbered=tenth or n in (0, self.read, len(cells) - 1))
            self.cell(name, cell, x, cell_at)
            if track.parameter is not None and cell.adds is not None:
                note = f"{cell} adds {number(cell.adds)} to {self.to}"
                self.box(
                    f"adds{name}", x, adds_at, self.wide, ADDS, self.setting.cell(cell.adds), note=note, css="adds"
                )
            if n and cell.linked:
                before = lefts[n - start - 1] + self.wide if n > start else x - self.gap
                self.arrows(name, cells[n - 1], cell, (before, x), cell_at)
        if end < len(cells):
            if cells[end].linked:
                self.arrows(f"{id}_{end - start}", cells[end - 1], cells[end], (right - self.gap, right), cell_at)
            writer.text(f"next{id}", right + 3, at, f"to {cells[end].first}", 8, theme.muted)
        if track.reader != "" and start <= self.read < end:
            # Above the steps that come after, at which nothing arrives, where there are any.
            y = cell_at if self.read == (0 if self.reverse else len(cells) - 1) else bottom + 16
            x, last = lefts[self.read - start] + (0 if self.reverse else step), cells[self.read]
            self.arrows(f"{id}_{self.read - start}_end", last, last, (x - self.gap, x), y)
            if track.reader is None:
                words, x = fit(loss, 58, 8), x - (LOSS + self.gap) * self.reverse
                self.box(f"loss{id}", x, y, LOSS, CELL, theme.text, label=words, points=8, ink=theme.background)
            else:
                words, x, y = fit(f"to {track.reader}", LOSS + 12, 8), x + 3, y + CELL / 2
                x -= (self.gap + 6) * self.reverse
                writer.text(f"reader{id}", x, y, words, 8, theme.muted, align="right" if self.reverse else "left")
        return adds_at if track.parameter is not None else cell_at

    def bar(self, id: str, cell: Cell, x: float, y: float, *, numbered: bool) -> None:
        """The size as a bar; a notch where the smallest of several steps is."""
        if cell.most is None:
            return
        writer, theme, look = self.writer, self.theme, self.setting.look(cell.most)
        low, high = (BARS * self.axis.height(size) for size in (cell.least, cell.most))
        whole = cell.carried is None
        if high > 0:
            self.box(f"bar{id}", x, y, self.wide, high, look.line if whole else look._replace(fill=theme.background))
            if cell.first != cell.last and 0 < low < high - 2:
                self.box(f"notch{id}", x, y + low - 0.6, self.wide, 1.2, theme.background if whole else theme.border)
        if left := BARS * self.axis.height(cell.carried):
            self.box(f"carried{id}", x + 3, y, self.wide - 6, left, self.setting.look(cell.carried).line)
        enters = BARS * self.axis.height(cell.enters)
        if enters and math.isfinite(cell.enters or 0.0):
            self.box(f"enters{id}", x - 2, y + enters - 0.8, self.wide + 4, 1.6, theme.input)
        if numbered or look.css == "gbad":
            at = y + max(high, left) + 8
            lines = (y + BARS * self.axis.height(10.0**decade) for decade in self.axis.ticks)
            at = next((line + 6 for line in lines if abs(line - at) < 5), at)  # not struck through
            writer.text(f"size{id}", x + self.wide / 2, at, number(cell.most), 8, theme.text, align="middle")

    def cell(self, id: str, cell: Cell, x: float, y: float) -> None:
        """The step itself, filled with the colour of its gradient."""
        look, labels = self.setting.cell(cell.most), self.setting.labels
        note = f"{cell}: {self.size} = {cell.range}"
        if cell.adds is not None and self.track.parameter is not None:
            note += f"; adds {number(cell.adds)} to {self.to}"
        if cell.enters is not None and cell.carried is not None:
            note += (
                f"; {number(cell.enters)} comes through no later step, {number(cell.carried)} is carried from the last"
            )
        label = "; ".join(labels[step] for step in range(cell.first, cell.last + 1) if step in labels)
        note += f" ({label})" if label else ""
        digits = len(str(cell.first))
        points = 8.5 if digits < 4 else 7.5 if digits < 5 else 6.5
        box = (x, y, self.wide, CELL, look)
        self.box(f"cell{id}", *box, label=str(cell.first), points=points, ink=look.ink, note=note, css="cell")

    def box(
        self, name: str, left: float, bottom: float, width: float, height: float, fill: str | Look,
        *, label: str = "", points: float = 8, ink: str = "", note: str = "", css: str = "",
    ) -> None:  # fmt: skip
        """A rectangle with a short ``label``; one in the colour of a gradient is framed, for its ground may be bare."""
        style, line, pen = "filled", "", 0.0
        if isinstance(fill, Look):
            style, line, pen = f"filled{',dashed' * (fill.css == 'gnone')}", self.theme.border, 1.0
            css, fill = f"{css} {fill.css}" if css else "", fill.fill
        words = f'fontsize={short(points)} fontcolor="{ink}"' if label else ""
        extra = (f" tooltip={quoted(note)}" if note else "") + (f' class="{css}"' if css else "")
        self.writer.out.append(
            f'{name} [pos="{point((left + width / 2, bottom + height / 2))}!" shape=box fixedsize=true '
            f'width={width / 72:.4f} height={height / 72:.4f} style="{style}" fillcolor="{fill}" '
            f'color="{line or fill}" penwidth={short(pen)} label={quoted(label)} {words}{extra}]'
        )

    def arrows(self, id: str, left: Cell, right: Cell, ends: tuple[float, float], y: float) -> None:
        """Forward above, backward below, between a cell and its neighbour: forward is where the state runs to."""
        up, down = y + CELL / 2 + 4, y + CELL / 2 - 4
        (start, end), tip, reached = ends, 3.5, left
        if self.reverse:
            start, end, tip, reached = end, start, -tip, right
        a, b = f"f{id}", f"b{id}"
        for name in (a, b):
            self.writer.anchor(name, (sum(ends) / 2, y + CELL / 2))
        go, back = straight((start, up), (end - tip, up)), straight((end, down), (start + tip, down))
        self.writer.line(Line("state", 0, 0, go, (end, up)), (a, b), arrow=0.35)
        if reached.most is not None and (left is right or not reached.is_cut):  # one and the same is next to the loss
            line = Line("gradient", 0, 0, back, (start, down), size=reached.most)
            self.writer.line(line, (b, a), arrow=0.35, thickest=2.2)
