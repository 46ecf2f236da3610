"""Cards: one value as a small fixed-width table with its name, formula, numbers and gradient."""

from __future__ import annotations

from dataclasses import dataclass

from .label import bare, cell, escape, fit, fitted, font, framed, row, text_width
from .numbers import Lines, gradient_lines, grid_lines, number, shape, size, value_lines
from .scene import Node
from .style import Setting, Theme

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


def card_of(node: Node, setting: Setting, *, broken: bool = False) -> Card:
    """The card of ``node``, graphviz's HTML-like label without the outer brackets.

    A ``broken`` one is where the first NaN or infinite number came from.
    """
    theme, show = setting.theme, setting.show
    heavy = broken or (node.kind in ("state", "parameter", "loss") and bool(node.symbol or node.kind == "parameter"))
    border = 2 if heavy else 1
    inner = int(WIDTH) - 2 * border
    text = inner - (BADGE if node.symbol else 0)
    widths = (LABEL, text - LABEL, text - LABEL - 4)
    rows, height = [], HEADER
    if show != "gradients" or (node.gradient is None and not node.symbol):
        values = value_lines(node.value)
        rows.append(numbers_row("value", values, widths, theme.muted, theme.text))
        height += lines_height(values)
    if node.gradient is not None and show != "values":
        amount = size(node.gradient)
        look = setting.look(amount)
        lines = gradient_lines(node.gradient)
        if look.css == "gzero" and grid_lines(node.gradient) is None:
            lines = (("0",),)
        hook = {"target": "_self", "id": f"gr-{node.id}", "title": f"size {number(amount)}"}
        ink = theme.muted if look.faint else look.ink
        rows.append(numbers_row("grad", lines, widths, ink, look.ink, look.fill, **hook))
        height += lines_height(lines)
    fill, edge = colours_of(node, theme)
    edge = theme.broken if broken else edge
    header = cell(_header(node, text - 4, theme), text, HEADER, colspan=2, align="LEFT")
    first = row(badge_of(node, height, 1 + len(rows), theme), header)
    return card_in(node, "".join([first, *rows]), height, border, edge, fill, dashed=node.cut)


def card_in(
    node: Node, rows: str, height: int, border: int, colour: str, fill: str, padding: int = 2, dashed: bool = False
) -> Card:
    """A card of these rows, which are so high together."""
    height += 2 * border
    table = framed(rows, int(WIDTH), height, border, colour, fill, padding=padding, dashed=dashed)
    return Card(node, height, table)


def badge_of(node: Node, height: int, rows: int, theme: Theme) -> str:
    """The cell with the sign of an operation, beside so many rows; nothing for a leaf."""
    if not node.symbol:
        return ""
    points = 12 if len(node.symbol) <= 2 else 8
    sign = fitted(node.symbol, BADGE - 2, theme.text, points, bold=True)
    return cell(sign, BADGE, height, rowspan=rows, bgcolor=theme.badge)


def lines_height(lines: Lines) -> int:
    """How high a row with these numbers is."""
    return LINE + NEXT_LINE * (len(lines) - 1)


def numbers_row(
    word: str, lines: Lines, widths: tuple[int, int, int], colour: str, ink: str, ground: str | None = None, **hook: str
) -> str:
    """A word and its numbers on the colour ``ground``; ``widths`` are of its cell, of theirs, and of theirs inside."""
    left, right, inside = widths
    height = lines_height(lines)
    words = fitted(word, left - 4, colour, 8)
    numbers = cell(numbers_table(lines, inside, ink), right, height, bgcolor=ground, **hook)
    return row(cell(words, left, height, align="LEFT", bgcolor=ground), numbers)


def numbers_table(lines: Lines, width: int, ink: str) -> str:
    """A table of its own: columns made of cells, not of blanks, which some viewers of SVG swallow."""
    wide = width // len(lines[0])
    return bare(*(row(*(_number(text, wide, ink) for text in line)) for line in lines), cellpadding=0)


def _number(text: str, width: int, ink: str) -> str:
    if not text:
        return cell("", width, NEXT_LINE)
    return cell(font(escape(text), ink, 9, face="Courier New"), width, NEXT_LINE, align="RIGHT")


def _header(node: Node, width: int, theme: Theme) -> str:
    sizes = f" [{shape(node.value)}]" if node.value.ndim else ""
    needed = text_width(sizes, 8)
    name = fit(node.name, width - needed - 6, 10, bold=True)
    left = width - text_width(name, 10, bold=True) - 6
    words = fit(f"= {node.formula}" if node.symbol else node.formula, left - needed, 8) + sizes
    wide = min(int(text_width(name, 10, bold=True)) + 5, width)
    cells = [cell(font(escape(name), theme.text, bold=True), wide, 12, align="LEFT")]
    if words:
        cells.append(cell(font(escape(words), theme.muted, 8), width - wide, 12, align="LEFT"))
    return bare(row(*cells), cellpadding=0)


def colours_of(node: Node, theme: Theme) -> tuple[str, str]:
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
