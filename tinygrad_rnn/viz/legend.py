"""The legend: how to read a picture, with no more marks than it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .label import bare, cell, font, lines_of, row, tag, worded
from .numbers import number
from .style import LEAST, SHADES, Setting

#: Height of a line; width of a stroke, of the words beside it, and of a shade of the scale.
LINE, STROKE, WORDS, SHADE = 15, 44, 226, 27


class Table(NamedTuple):
    """A table like HTML and its size in points."""

    label: str
    width: int
    height: int


def legend_of(setting: Setting, words: Sequence[str] = ()) -> Table:
    """The marks that were drawn so far (all of them for a page, whose numbers can change), ``words``, the scale."""
    theme, scale = setting.theme, setting.scale
    changing = theme.name == "markers" and "cell" not in setting.seen
    lines = [
        cell(font("How to read it", theme.text, 11, bold=True), STROKE + 16 + WORDS, LINE, align="LEFT", colspan=2)
    ]
    for css, colour, tall, dashes, about in _marks(setting):
        if changing or setting.seen & set(css):
            stroke = cell(_stroke(colour, tall, dashes), STROKE + 16, LINE, align="LEFT")
            lines.append(stroke + worded(about, WORDS, LINE, theme.text, LEAST, 0, align="LEFT"))
    broken = [line for each in (*setting.words, *words) for line in lines_of(each, STROKE + 16 + WORDS, LEAST)]
    lines += [worded(each, STROKE + 16 + WORDS, LINE, theme.text, LEAST, 0, align="LEFT", colspan=2) for each in broken]
    wide = SHADE * SHADES
    ends = [font(number(10**end), theme.muted, LEAST) for end in (scale.low, scale.high)]
    ramp = [
        worded("size of a gradient: Euclidean norm", wide, LINE, theme.muted, LEAST, 0, align="LEFT", colspan=SHADES),
        "".join(cell("", SHADE, 12, bgcolor=fill) for fill in theme.fills),
        cell(ends[0], wide // 2, LINE, colspan=SHADES // 2, align="LEFT")
        + cell(ends[1], wide // 2, LINE, colspan=SHADES // 2, align="RIGHT"),
    ]
    ramp += [cell("", wide, LINE, colspan=SHADES)] * (len(lines) - len(ramp))
    parts = [(lines, STROKE + 16 + WORDS), *[(ramp, wide)] * (setting.show != "values")]
    columns = [tag("TD", bare(*map(row, part), cellpadding=0), width=width, valign="TOP") for part, width in parts]
    width, height = sum(width for _, width in parts), LINE * max(len(part) for part, _ in parts)
    size = {"align": "LEFT", "fixedsize": "TRUE", "width": width, "height": height}  # below a wide title too
    return Table(bare(row(*columns), cellpadding=0, **size), width, height)


def _marks(setting: Setting) -> Iterator[tuple[tuple[str, ...], str, int, int, str]]:
    """Every kind of mark: the classes that it stands for, its colour, width and dashes, and what it means."""
    theme, scale = setting.theme, setting.scale
    middle = scale.look(10 ** ((scale.low + scale.high * 2) / 3), theme)
    yield ("data",), theme.forward, 1, 1, "forward: a value"
    yield ("parameter",), theme.parameter, 1, 1, "forward: a parameter"
    yield tuple(f"g{n}" for n in range(SHADES)), middle.line, 5, 1, "backward: gradient; wider, stronger = larger"
    yield ("gzero",), theme.zero, 2, 8, "exactly 0"
    yield ("gtiny",), theme.zero, 2, 4, "smaller than the scale"
    yield ("gbad",), theme.broken, 4, 3, "NaN or infinite"
    if "cell" in setting.seen:
        yield ("gzero cell",), theme.zero, 10, 1, "cell: exactly 0"
        yield ("gtiny cell",), theme.border, 10, 0, "cell: smaller than the scale"
        yield ("hollow",), theme.border, 10, -1, "cell: no gradient arrives"
    if "cut" in setting.seen:
        yield ("cut",), theme.forward, 1, 5, "forward: detached, no gradient comes back"
    if "broken" in setting.seen:  # on pages as well: a border stays where it is
        yield ("broken",), theme.broken, 2, 1, "border: first NaN or infinite; numbers: NaN"


def _stroke(colour: str, tall: int, dashes: int) -> str:
    """A line of this colour and width, in one piece or in dashes; without any the frame of a cell, or a dashed one."""
    if dashes < 1:
        looks = {"style": "DASHED"} if dashes else {}
        return bare(row(cell("", STROKE, tall, border=1, color=colour, **looks)), cellpadding=0)
    width = STROKE // (2 * dashes - 1)
    gap = tag("TD", "", width=width, height=1, fixedsize="TRUE")
    dash = tag("TD", "", width=width, height=tall, fixedsize="TRUE", bgcolor=colour)
    return bare(row(gap.join([dash] * dashes)), cellpadding=0, fixedsize="TRUE", width=STROKE, height=tall)
