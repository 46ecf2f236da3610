"""Labels: texts made safe for graphviz, measured and cut, and the HTML-like tables that cards and legends are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache, partial
from html import escape as html_escape

#: So many characters has what is said of a mark, at most: graphviz 2.43 reads strings of up to 16,384 bytes.
LONGEST = 2_000
#: The cells of a row, and its height.
Row = tuple[str, int]


def tag(name: str, content: str, **attributes: object) -> str:
    """An element, its attributes in the order given: ``point_size=8`` is POINT-SIZE="8"; None is left out."""
    written = "".join([f'{_attribute(key)}="{value}"' for key, value in attributes.items() if value is not None])
    return f"<{name}{written}>{content}</{name}>"


@cache
def _attribute(key: str) -> str:
    return f" {key.upper().replace('_', '-')}"


def font(
    text: str, colour: str, points: float | str | None = None, *, bold: bool = False, face: str | None = None
) -> str:
    """Text, which is escaped already, in a colour; in the size of its surroundings unless ``points`` are given."""
    size = f' POINT-SIZE="{points}"' if points is not None else ""
    look = f' FACE="{face}"{size}' if face is not None else size
    return f'<FONT{look} COLOR="{colour}">{f"<B>{text}</B>" if bold else text}</FONT>'


def fitted(text: str, width: float, colour: str, points: float, *, bold: bool = False, face: str | None = None) -> str:
    """As much of ``text`` as fits, in a colour; never empty."""
    return font(escape(fit(text, width, points, bold=bold)) or "-", colour, points, bold=bold, face=face)


@lru_cache(1 << 12)  # most words of a picture are said again and again
def worded(
    text: str, wide: int, high: int, colour: str, points: float, room: int = 4, *, bold: bool = False, **looks: object
) -> str:
    """A cell of exactly this size with as much of ``text`` as fits when there is so much ``room`` beside it."""
    return cell(fitted(text, wide - room, colour, points, bold=bold), wide, high, **looks)


def cell(content: str, width: int, height: int, **attributes: object) -> str:
    """A cell of exactly this size."""
    return tag("TD", content, fixedsize="TRUE", width=width, height=height, **attributes)


def row(*cells: str) -> str:
    """A row of cells."""
    return f"<TR>{''.join(cells)}</TR>"


def bare(*rows: str, **attributes: object) -> str:
    """A table without lines and room between its cells."""
    return tag("TABLE", "".join(rows), border=0, cellborder=0, cellspacing=0, **attributes)


def stacked(
    lines: Sequence[Row], width: float, border: int, colour: str, fill: str, padding: int = 2, dashed: bool = False
) -> tuple[str, int]:
    """A table of these lines with a border around it, and its height."""
    height = sum(high for _, high in lines) + 2 * border
    size = {"fixedsize": "TRUE", "width": int(width), "height": height}
    frame = {"border": border, "cellborder": 0, "cellspacing": 0, "cellpadding": padding, "color": colour}
    rows = "".join(row(cells) for cells, _ in lines)
    return tag("TABLE", rows, **size, **frame, bgcolor=fill, style="DASHED" if dashed else None), height


def escape(text: str) -> str:
    """Make ``text`` safe inside an HTML-like label: markup, and the backslash that graphviz expands even there."""
    return html_escape(printable(text)).replace("\\", "&#92;&#92;")


def quoted(text: str) -> str:
    """``text`` as a quoted DOT string that graphviz shows as it is; cut where some of them read no further."""
    safe = (
        printable(text if len(text) <= LONGEST else f"{text[:LONGEST]}..")
        .replace("&", "&amp;")
        .replace("\\", "\\\\")
        .replace('"', '\\"')
    )
    return f'"{safe}"'


def printable(text: str) -> str:
    """``text`` with blanks for line ends and for everything XML does not allow."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


_NARROW = set("fijlrtI.,:;'|!()[]/\\ -`")
_WIDE = set("mwMW@%")


def text_width(text: str, points: float, *, bold: bool = False) -> float:
    """A careful estimate of the width of ``text`` in Arial."""
    return sum(map(_units, text)) * points * (1.06 if bold else 1.0)


@cache
def _units(c: str) -> float:
    return 0.34 if c in _NARROW else 0.92 if c in _WIDE else 0.7 if c.isupper() else 0.56 if c.isascii() else 1.0


#: What is a name in a formula, and how many characters of it there are at the least.
_NAME, SHORT = re.compile(r"[\w.]+"), 7


def _shorter(name: str, kept: int) -> str:
    """So many characters of a name: its beginning and its end, with its numbers, which tell it from others."""
    gone, middle = len(name) - kept, kept - kept // 2
    near = range(max(middle - 12, 1), min(middle + 12, kept)) if re.search(r"\d", name) else ()
    digits = {n: sum(map(str.isdigit, name[n : n + gone])) for n in near}
    first = min(near, key=lambda n: (digits[n], abs(n - middle)), default=middle)
    return f"{name[:first].rstrip()}..{name[first + gone :].lstrip()}"


def _cut(most: int, found: re.Match[str]) -> str:
    """A name of at most so many characters."""
    return found[0] if len(found[0]) <= most else _shorter(found[0], most - 2)


def lines_of(text: str | Sequence[str], width: float, points: float, most: int = 3) -> list[str]:
    """``text``, or parts of one, in lines of this width, with all its names as short as it takes for the whole of it to
    be there; else the last of as many lines as there may be is cut."""
    parts = [text] if isinstance(text, str) else [*text]
    for letters in (max(map(len, parts), default=0), 40, 30, 22, 16, 12, 10, SHORT + 1):
        lines = _broken([_NAME.sub(partial(_cut, letters), part) for part in parts], width, points, most)
        if all(text_width(line, points) <= width for line in lines):
            return lines
    return [fit(line, width, points) for line in _broken(parts, width, points, most)]


def _broken(parts: Sequence[str], width: float, points: float, most: int) -> list[str]:
    """Lines of whole parts, of which those that are too long are broken at their blanks."""
    lines: list[str] = []
    wide = [part for part in parts if len(parts) == 1 or text_width(part, points) > width]
    for word in (word for part in parts for word in (part.split() if part in wide else [part])):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (len(lines) == most or lines[-1] == "=" or text_width(longer, points) <= width):
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def fit(text: str, width: float, points: float, *, bold: bool = False) -> str:
    """``text``, or what fits into ``width``: of several parts with semicolons between them the first ones, of a formula
    shorter names, of anything else its beginning and its end with two dots; "" if nothing does."""
    while "; " in text and text_width(text, points, bold=bold) > width:
        text = text.rpartition("; ")[0]
    if len(text) > 400:
        text = text[:200] + text[-200:]
    elif text_width(text, points, bold=bold) <= width:
        return text
    for most in range(max(map(len, _NAME.findall(text)), default=0) - 1, SHORT, -1) if " " in text else ():
        shorter = _NAME.sub(partial(_cut, most), text)
        if text_width(shorter, points, bold=bold) <= width:
            return shorter
    for kept in range(len(text) - 1, 0, -1):
        shorter = _shorter(text, kept)
        if text_width(shorter, points, bold=bold) <= width:
            return shorter
    return ""
