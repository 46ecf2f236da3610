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
from .style import SHADES, Look, Scale, Setting
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
#: What stands beside the scale: sizes that have no shade.
MARKS = {1e-300: "smaller than that", 0.0: "exactly 0", math.nan: "NaN or infinite", None: "no gradient arrives"}


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
    """A logarithmic axis from 10^low to 10^high."""

    low: int
    high: int

    @classmethod
    def over(cls, cells: Sequence[Cell]) -> Axis:
        """The axis that has room for all sizes, or for those within 16 factors of 10 of the largest."""
        sizes = [s for c in cells for s in (c.least, c.most, c.carried) if s is not None and 0 < s < math.inf]
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
    """The picture of the tracks, one below the other, with the loss at the end; labels are said by the mouse."""
    writer = Writer(setting)
    writer.open()
    rows = cells_in(tracks, most)
    columns = columns_of(rows)
    shape = max(own[-1] for own in columns) + 1, any(track.is_reverse for track in tracks)
    each_of = enumerate(zip(tracks, rows, columns, strict=True))
    drawn = [Drawn(writer, n, *each, shape, loss, value) for n, each in each_of]
    width = max(each.width for each in drawn)
    said = max(text_width(words, points, bold=name == "title") for name, words, points, *_ in setting.said)
    writer.heading(0, 0.0, max(width, min(said, WORDS)))
    y = 0.0
    for each in drawn:
        y = each.write(y, headed=len(tracks) > 1)
    drawn[0].legend(y, drawn, width)
    return writer.close()


class Drawn:
    """Puts a track on the paper, from the top down."""

    def __init__(
        self, writer: Writer, number: int, track: Track, cells: Sequence[Cell], columns: Sequence[int],
        shape: tuple[int, bool], loss: str, value: str,
    ) -> None:  # fmt: skip
        self.writer, self.setting, self.theme = writer, writer.setting, writer.theme
        self.number, self.track, self.cells = number, track, cells
        first, *others = (cell.last - cell.first + 1 for cell in cells)
        self.steps = max(others, default=first)  #: of a cell, other than one of steps at which nothing arrives
        self.axis = Axis.over(self.cells)
        #: Of all tracks: how many columns there are, and whether the last computed step of any is the first.
        count, behind = shape
        self.many = NARROW_ROW if count > 2 * WIDE_ROW else WIDE_ROW
        self.columns = columns
        self.wide, self.gap = NARROW if self.many == NARROW_ROW else WIDE
        self.loss, self.value = loss, value
        self.reverse = track.is_reverse
        #: Where the first column is: behind the loss, if it is the last that is computed.
        self.left = MARGIN + (LOSS + self.gap) * behind
        self.size, self.to = f"|d{loss}/d{track.name}|", f"d{loss}/d{track.parameter}"

    @property
    def width(self) -> float:
        """From the names at the left to the loss at the right."""
        return self.left + (self.wide + self.gap) * min(self.many, max(self.columns[-1] + 1, 12)) + 70

    def write(self, y: float, *, headed: bool) -> float:
        """All rows; ``y`` is where they may begin, the result where the next track may."""
        if headed:
            y -= 22
            self.writer.text(f"head{self.number}", 0, y, self.track.name, 12, self.theme.text, bold=True)
            self.writer.text(f"verdict{self.number}", 126, y, self.track.flow.told, 10, self.theme.muted)
        rows = [column // self.many for column in self.columns]
        starts = [n for n, row in enumerate(rows) if row not in rows[:n]]
        for start, end in pairwise([*starts, len(rows)]):
            y -= BETWEEN if start else 26
            y = self.row(f"{self.number}_{start}", start, end, y)
        return y - 12

    def row(self, id: str, start: int, end: int, top: float) -> float:
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
                self.bar(name, cell, x, bottom, numbered=tenth or n in (0, len(cells) - 1))
            self.cell(name, cell, x, cell_at)
            if track.parameter is not None and cell.adds is not None:
                note = f"{cell} adds {number(cell.adds)} to {self.to}"
                look = self.setting.look(cell.adds)
                place = (x, adds_at, self.wide, ADDS)
                self.box(f"adds{name}", *place, look, pen=0.75, note=note, css=f"adds {look.css}")
            if n and cell.linked:
                before = lefts[n - start - 1] + self.wide if n > start else x - self.gap
                self.arrows(name, cells[n - 1], cell, (before, x), cell_at)
        if end < len(cells):
            if cells[end].linked:
                self.arrows(f"{id}_{end - start}", cells[end - 1], cells[end], (right - self.gap, right), cell_at)
            writer.text(f"next{id}", right + 3, at, f"to {cells[end].first}", 8, theme.muted)
        if track.reader != "" and track.points and (not start if self.reverse else end >= len(cells)):
            side, x, last = (0, lefts[0], cells[0]) if self.reverse else (end - start, right, cells[-1])
            self.arrows(f"{id}_{side}", last, last, (x - self.gap, x), cell_at)
            if track.reader is None:
                words, box = fit(f"{self.loss} {self.value}", 58, 8), x - (LOSS + self.gap) * self.reverse
                self.box(f"loss{id}", box, cell_at, LOSS, CELL, theme.text, label=words, points=8, ink=theme.background)
            else:
                words, shift = fit(f"to {track.reader}", LOSS, 8), -self.gap - LOSS if self.reverse else 3
                writer.text(f"reader{id}", x + shift, at, words, 8, theme.muted)
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
        look, labels = self.setting.look(cell.most), self.setting.labels
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
        ink = self.theme.muted if look.css == "gtiny" else look.ink
        self.box(
            f"cell{id}", x, y, self.wide, CELL, look,
            label=str(cell.first), points=points, ink=ink, note=note, css=f"cell {look.css}",
        )  # fmt: skip

    def box(
        self, name: str, left: float, bottom: float, width: float, height: float, fill: str | Look, *, pen: float = 1.0,
        label: str = "", points: float = 8, ink: str = "", note: str = "", css: str = "",
    ) -> None:  # fmt: skip
        """A rectangle with a short ``label``; one in the colour of a gradient is framed, for its ground may be bare."""
        style, line = "filled", ""
        if isinstance(fill, Look):
            self.setting.seen.add(fill.css)
            line = self.theme.zero if fill.css == "gtiny" else self.theme.border
            style += {"gzero": ",dotted", "gnone": ",dashed"}.get(fill.css, "")
            fill = fill.fill
        words = f'fontsize={short(points)} fontcolor="{ink}"' if label else ""
        extra = (f" tooltip={quoted(note)}" if note else "") + (f' class="{css}"' if css else "")
        self.writer.out.append(
            f'{name} [pos="{point((left + width / 2, bottom + height / 2))}!" shape=box fixedsize=true '
            f'width={width / 72:.4f} height={height / 72:.4f} style="{style}" fillcolor="{fill}" '
            f'color="{line or fill}" penwidth={short(pen) if line else 0} label={quoted(label)} {words}{extra}]'
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

    def legend(self, top: float, drawn: Sequence[Drawn], width: float) -> None:
        """How to read all that is ``drawn``; of several tracks it says nothing that is true of one alone."""
        writer, theme, several = self.writer, self.theme, len(drawn) > 1
        y = top - 26
        to = f"{self.track.name}, t" if several else "t"
        for n, words in enumerate(
            (f"{'' if several else 'size '}relative to {to} = {latest([self.track])[0]}", "one shade = x10")
        ):
            writer.text(f"k0_{n}", MARGIN - 8, y + 6 - 14 * n, words, 8, theme.muted, width=114, align="right")
        for n in range(SHADES):
            self.box(f"k1_{n}", MARGIN + 36 * n, y, 36, 12, theme.fills[n])
            words = "=" if n == 5 else f"1e{n - 5}"
            writer.text(f"k2_{n}", MARGIN + 36 * n + 18, y - 8, words, 8, theme.muted, align="middle")
        x = MARGIN + 36 * SHADES + 28
        looks = ((self.setting.scale.look(amount, theme), words) for amount, words in MARKS.items())
        marks = [mark for mark in looks if theme.name == "markers" or mark[0].css in self.setting.seen]
        for n, (look, words) in enumerate(marks):
            self.box(f"k3_{n}", x + 118 * n, y, 18, 12, look)
            writer.text(f"k4_{n}", x + 118 * n + 22, y + 6, words, 8, theme.muted)
        size = "the state's gradient" if several else self.size
        framed = [any(cell.carried is not None for cell in each.cells) for each in drawn]
        sized = "frames" if all(framed) else "bars (frames, where there are)" if any(framed) else "bars"
        said = [f"{sized} and cells: {size} (Euclidean norm), {sized.split()[0]} on a log axis"]
        if any(framed):
            said.append("bar in a frame: the part that is carried back from the last step, of which the verdict is")
        if any(cell.carried and cell.carried > (cell.most or 0.0) for each in drawn for cell in each.cells):
            said.append("bar above its frame: the part that comes in at other steps takes from it")
        if any(cell.enters for each in drawn for cell in each.cells):
            said.append("blue line: the part that comes from the loss through no later step of the same row")
        if any(each.track.parameter is not None for each in drawn):
            said.append(f"lower cells: what the step adds{'' if several else f' to {self.to}'}")
        if (steps := max(each.steps for each in drawn)) > 1:
            said.append(f"a cell is {steps} steps, the bar their largest, the notch their smallest")
        lines = (line for words in said for line in lines_of(words, width - MARGIN, 8))
        for n, line in enumerate(lines):
            writer.text(f"k5_{n}", MARGIN, y - 24 - 13 * n, line, 8, theme.muted)
