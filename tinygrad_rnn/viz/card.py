"""Cards: one value as a small fixed-width table with its name, formula, numbers and gradient."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape as html_escape
from typing import Literal

from .numbers import Lines, gradient_lines, grid_lines, number, shape, size, value_lines
from .scene import Node
from .style import Level, Scale, Theme

#: What a picture shows of every value.
Show = Literal["both", "values", "gradients"]
#: All cards are this wide, in every view: when only numbers change, nothing moves.
WIDTH = 146.0
BADGE, LABEL = 26, 30
HEADER, LINE, NEXT_LINE = 16, 15, 11


@dataclass(frozen=True)
class Card:
    """The table of one node and its size in points."""

    node: Node
    height: float
    label: str


def card_of(node: Node, scale: Scale, theme: Theme, show: Show = "both", *, broken: bool = False) -> Card:
    """The card of ``node``, graphviz's HTML-like label without the outer brackets.

    A ``broken`` one is where the first NaN or infinite number came from.
    """
    heavy = broken or (node.kind in ("state", "parameter", "loss") and bool(node.symbol or node.kind == "parameter"))
    border = 2 if heavy else 1
    inner = int(WIDTH) - 2 * border
    text = inner - (BADGE if node.symbol else 0)
    rows, height = [], HEADER
    if show != "gradients" or (node.gradient is None and not node.symbol):
        values = value_lines(node.value)
        rows.append(_row("value", values, text, theme.muted, theme.text))
        height += _lines(values)
    if node.gradient is not None and show != "values":
        look = scale.look(size(node.gradient), theme)
        lines = gradient_lines(node.gradient)
        if look.level is Level.ZERO and grid_lines(node.gradient) is None:
            lines = (("0",),)
        ground = f' BGCOLOR="{look.fill}"'
        label = theme.muted if look.level in (Level.ZERO, Level.TINY) else look.ink
        hook = f' TARGET="_self" ID="gr-{node.id}" TITLE="size {number(size(node.gradient))}"'
        rows.append(_row("grad", lines, text, label, look.ink, ground, hook))
        height += _lines(lines)
    fill, edge = _colours(node, theme)
    edge = theme.broken if broken else edge
    dashed = ' STYLE="DASHED"' if node.cut else ""
    badge = ""
    if node.symbol:
        points = 12 if len(node.symbol) <= 2 else 8
        badge = (
            f'<TD FIXEDSIZE="TRUE" WIDTH="{BADGE}" HEIGHT="{height}" ROWSPAN="{1 + len(rows)}" '
            f'BGCOLOR="{theme.badge}"><FONT POINT-SIZE="{points}" COLOR="{theme.text}"><B>'
            f"{escape(fit(node.symbol, BADGE - 2, points, bold=True))}</B></FONT></TD>"
        )
    header = (
        f'<TD FIXEDSIZE="TRUE" WIDTH="{text}" HEIGHT="{HEADER}" COLSPAN="2" ALIGN="LEFT">'
        f"{_header(node, text - 4, theme)}</TD>"
    )
    label = (
        f'<TABLE FIXEDSIZE="TRUE" WIDTH="{int(WIDTH)}" HEIGHT="{height + 2 * border}" BORDER="{border}" '
        f'CELLBORDER="0" CELLSPACING="0" CELLPADDING="2" COLOR="{edge}" BGCOLOR="{fill}"{dashed}>'
        f"<TR>{badge}{header}</TR>{''.join(rows)}</TABLE>"
    )
    return Card(node, height + 2 * border, label)


def _lines(lines: Lines) -> int:
    return LINE + NEXT_LINE * (len(lines) - 1)


def _row(label: str, lines: Lines, width: int, muted: str, ink: str, ground: str = "", hook: str = "") -> str:
    height = _lines(lines)
    return (
        f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{LABEL}" HEIGHT="{height}" ALIGN="LEFT"{ground}>'
        f'<FONT POINT-SIZE="8" COLOR="{muted}">{label}</FONT></TD>'
        f'<TD FIXEDSIZE="TRUE" WIDTH="{width - LABEL}" HEIGHT="{height}"{ground}{hook}>'
        f"{numbers_table(lines, width - LABEL - 4, ink)}</TD></TR>"
    )


def numbers_table(lines: Lines, width: int, ink: str) -> str:
    """A table of its own: columns made of cells, not of blanks, which some viewers of SVG swallow."""
    columns = len(lines[0])
    rows = "".join(
        "<TR>"
        + "".join(
            f'<TD FIXEDSIZE="TRUE" WIDTH="{width // columns}" HEIGHT="{NEXT_LINE}" ALIGN="RIGHT">'
            f'<FONT FACE="Courier New" POINT-SIZE="9" COLOR="{ink}">{escape(text)}</FONT></TD>'
            if text
            else f'<TD FIXEDSIZE="TRUE" WIDTH="{width // columns}" HEIGHT="{NEXT_LINE}"></TD>'
            for text in line
        )
        + "</TR>"
        for line in lines
    )
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{rows}</TABLE>'


def _header(node: Node, width: float, theme: Theme) -> str:
    name = fit(node.name, width, 10, bold=True)
    left = width - text_width(name, 10, bold=True) - 6
    sizes = shape(node.value) if grid_lines(node.value) is None else ""
    words = f"= {node.formula}" if node.symbol else node.formula
    if sizes and text_width(f"{words} [{sizes}]", 8) <= left:
        words = f"{words} [{sizes}]"
    words = fit(words, left, 8)
    wide = min(int(text_width(name, 10, bold=True)) + 5, int(width))
    cells = (
        f'<TD FIXEDSIZE="TRUE" WIDTH="{wide}" HEIGHT="12" ALIGN="LEFT">'
        f'<FONT COLOR="{theme.text}"><B>{escape(name)}</B></FONT></TD>'
    )
    if words:
        cells += (
            f'<TD FIXEDSIZE="TRUE" WIDTH="{int(width) - wide}" HEIGHT="12" ALIGN="LEFT">'
            f'<FONT POINT-SIZE="8" COLOR="{theme.muted}">{escape(words)}</FONT></TD>'
        )
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{cells}</TR></TABLE>'


def _colours(node: Node, theme: Theme) -> tuple[str, str]:
    """Fill and border."""
    match node.kind:
        case "parameter":
            return theme.parameter_fill, theme.parameter
        case "input":
            return theme.input_fill, theme.input
        case "state" | "loss" if node.symbol:
            return theme.card, theme.text
        case "constant" | "state":
            return theme.panel, theme.forward
        case _:
            return theme.card, theme.border


def escape(text: str) -> str:
    """Make ``text`` safe inside an HTML-like label: markup, and the backslash that graphviz expands even there."""
    return html_escape(_printable(text)).replace("\\", "&#92;&#92;")


def quoted(text: str) -> str:
    """``text`` as a quoted DOT string that graphviz shows as it is."""
    safe = _printable(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{safe}"'


def _printable(text: str) -> str:
    """``text`` with blanks for line ends and for everything XML does not allow."""
    return "".join(c if c.isprintable() else " " for c in text)


_NARROW = set("fijlrtI.,:;'|!()[]/\\ -`")
_WIDE = set("mwMW@%")


def text_width(text: str, points: float, *, bold: bool = False) -> float:
    """A careful estimate of the width of ``text`` in Arial."""
    units = sum(
        0.34 if c in _NARROW else 0.92 if c in _WIDE else 0.7 if c.isupper() else 0.56 if c.isascii() else 1.0
        for c in text
    )
    return units * points * (1.06 if bold else 1.0)


def fit(text: str, width: float, points: float, *, bold: bool = False) -> str:
    """``text``, or as much of its beginning as fits into ``width``, with two dots; "" if nothing does."""
    text = text[:400]
    if text_width(text, points, bold=bold) <= width:
        return text
    for end in range(len(text) - 1, 0, -1):
        shorter = text[:end].rstrip() + ".."
        if text_width(shorter, points, bold=bold) <= width:
            return shorter
    return ""
