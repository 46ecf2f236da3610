"""Cards: one value as a small fixed-width table with its name, formula, numbers and gradient."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from .label import Row, bare, cell, escape, fit, fitted, font, lines_of, row, stacked, text_width, worded
from .numbers import Lines, gradient_lines, grid_lines, largest, number, shape, size, value_lines
from .scene import OVERWRITTEN, Node, Scene, has_nan
from .style import LEAST, Setting, Theme

#: All cards are this wide, in every view: when only numbers change, nothing moves.
WIDTH = 158.0
BADGE, LABEL = 34, 28
HEADER, LINE, NEXT_LINE = 17, 16, 12
#: The letters of a name, of numbers, and of all other words: what can be read in a notebook's cell.
NAME, NUMBERS, WORDS = 11, LEAST, LEAST
#: Width of the size of a gradient on the line of a parameter, and beside a formula.
SIZE, ALONE = 63, 40
#: Height of a card that is a single line, and width of a number on it.
SMALL, NUMBER = 20, 56


class Card(NamedTuple):
    """The table of one node and its height in points."""

    node: Node
    label: str
    height: float


def card_of(node: Node, setting: Setting, parameters: Sequence[Node] = (), *, broken: bool = False) -> Card:
    """The card of ``node``, graphviz's HTML-like label without the outer brackets.

    ``parameters`` that nothing else reads have a line on it; a ``broken`` one is where the first NaN or infinite
    number came from.
    """
    theme, show = setting.theme, setting.show
    text = room_on(node, broken)
    widths = (LABEL, text - LABEL)
    lines = [header(node, theme, broken)]
    if show != "gradients" or (node.gradient is None and not node.symbol):
        numbers = (("overwritten",),) if node.overwritten else value_lines(node.value)
        lines.append(numbers_row("value", numbers, widths, theme.muted, _ink(node, setting, broken)))
    if node.gradient is not None and show != "values":
        amount = size(node.gradient)
        look = setting.look(amount)
        numbers = gradient_lines(node.gradient)
        if look.css == "gzero" and grid_lines(node.gradient) is None:
            numbers = (("0",),)
        hook = {"target": "_self", "id": f"gr-{node.id}", "title": f"size {number(amount)}"}
        ink = theme.muted if look.faint else look.ink
        lines.append(numbers_row("grad", numbers, widths, ink, look.ink, look.fill, **hook))
    lines += [line for parameter in parameters for line in parameter_lines(parameter, text, setting)]
    return framed(node, lines, theme, broken=broken)


def small_card_of(node: Node, names: int, setting: Setting, *, broken: bool = False) -> Card:
    """The card of a single number in one line: sign, name (so much room have ``names``), value, gradient."""
    theme, show, gradient = setting.theme, setting.show, node.gradient
    wide = names + (0 if node.symbol else BADGE)
    line, width = worded(node.name, wide, SMALL, theme.text, NAME, 2, bold=True, align="LEFT"), names + BADGE

    def numbered(text: str, colour: str, **looks: object) -> str:
        shown = font(text, colour, NUMBERS, face="Courier New") if text else ""  # no graphviz reads a font of nothing
        return cell(shown, NUMBER, SMALL, align="RIGHT", **looks)

    if show != "gradients":
        line, width = (
            line + numbered("-" if node.overwritten else number(node.value.item()), _ink(node, setting, broken)),
            width + NUMBER,
        )
    if show != "values":
        look = setting.look(None if gradient is None else abs(float(gradient)))
        text, ground = ("", None) if gradient is None else (number(gradient.item()), look.fill)
        line += numbered(text, theme.muted if look.faint else look.ink, bgcolor=ground)
        width += NUMBER
    return framed(node, [(line, SMALL)], theme, width + 2 * _border(node, broken), broken=broken)


def framed(node: Node, lines: list[Row], theme: Theme, width: float = WIDTH, *, broken: bool = False) -> Card:
    """A card of these lines with the sign of its operation beside them."""
    if node.symbol:
        first, high = lines[0]
        sign = _sign(node.symbol, sum(each for _, each in lines), theme, rowspan=len(lines))
        lines = [(sign + first, high), *lines[1:]]
    fill, edge = _colours(node, theme)
    colour = theme.broken if broken else edge
    return Card(node, *stacked(lines, width, _border(node, broken), colour, fill, dashed=node.cut))


def _ink(node: Node, setting: Setting, broken: bool) -> str:
    """The colour of its numbers: where one is NaN that of what is broken, but not on pages, whose numbers change."""
    wrong = has_nan(node.value) and setting.theme.name != "markers"
    setting.seen |= {"broken"} if wrong or broken else set()
    return setting.theme.broken if wrong else setting.theme.text


def _sign(name: str, high: int, theme: Theme, **looks: object) -> str:
    """The sign of an operation, whole: where it is long in smaller letters or in several lines, if they have room."""
    points, lines = WORDS, [name]
    for points, many in ((12, 1), *((WORDS, many) for many in (1, 2, 3, 4)), (8, 1), (8, 2), (7, 2)):
        each = -(-len(name) // many)
        lines = [name[n : n + each] for n in range(0, len(name), each)]
        fits = all(text_width(line, points, bold=True) <= BADGE - 2 for line in lines)
        if fits and many * 1.2 * points <= high:
            break
    words = "<BR/>".join(fitted(line, BADGE - 2, theme.text, points, bold=True) for line in lines)
    return cell(words, BADGE, high, bgcolor=theme.badge, **looks)


def room_on(node: Node, broken: bool = False) -> int:
    """The width of what stands beside the sign of a card."""
    return int(WIDTH) - 2 * _border(node, broken) - (BADGE if node.symbol else 0)


def _border(node: Node, broken: bool = False) -> int:
    return 2 if broken or node.learnt or (node.symbol and node.kind in ("state", "loss")) else 1


def parameter_lines(parameter: Node, width: int, setting: Setting, name: str = "", formula: str = "") -> list[Row]:
    """A parameter on the card that reads it: its name and shape, the ``formula`` and the size of its gradient.

    A long name has a line of its own; where it leaves no room for the shape there is none.
    """
    theme, amount, right = setting.theme, parameter.size, ALONE if formula else SIZE
    left = width - right
    if amount is None or setting.show == "values":
        text, ink, ground = value_lines(parameter.value)[0][0], theme.text, theme.parameter_fill
    else:
        look = setting.look(amount)
        text, ink, ground = number(amount), theme.muted if look.faint else look.ink, look.fill
        text = f"size {text}" if text_width(f"size {text}", WORDS) <= right - 4 else text
    name, sizes = name or short_name(parameter), f"[{shape(parameter.value)}]" * (parameter.value.ndim > 0)
    words = f"{name} {sizes}".rstrip()
    rest = lines_of(f"= {formula}", left - 2, WORDS) if formula else [sizes] * (text_width(name, WORDS) > left - 2)
    room = (width if rest else left) - 2
    *above, last = words if text_width(words, WORDS) <= room and [sizes] != rest else name, *rest

    def called(text: str, wide: int) -> str:
        shown = font(escape(fit(text, wide - 2, WORDS)), theme.text, WORDS)
        return cell(shown, wide, LINE, align="LEFT", bgcolor=theme.parameter_fill)

    lines = [called(each, width) for each in above]
    lines.append(called(last, left) + worded(text, right, LINE, ink, WORDS, align="RIGHT", bgcolor=ground))
    return [(cell(bare(row(each), cellpadding=2), width, LINE, colspan=2, cellpadding=0), LINE) for each in lines]


#: A strip of gradients has up to this many cells; longer sequences have several steps in each, their largest.
CELLS = 36
#: Heights of the words above a strip, and of the strip.
ROW, STRIP = 15, 14


def sizes_of(nodes: Sequence[Node], scene: Scene) -> tuple[float | None, ...]:
    """The sizes of the gradients of corresponding values at every step of their loop; None where there is none."""
    sizes = {node.frame or 0: node.size for node in nodes}
    return tuple(map(sizes.get, scene.turns(nodes)))


def strip_rows(word: str, sizes: Sequence[float | None], width: int, setting: Setting) -> list[Row]:
    """The first and the last size of a gradient, and one cell of colour for every step; a frame for what has none."""
    known = [amount for amount in sizes if amount is not None]
    if not known or setting.show == "values":
        return []
    many = -(-len(sizes) // CELLS)
    setting.words.setdefault(f"strips: {'sizes' if many == 1 else f'the largest of {many} sizes'}, first \u2192 last")
    shown = [largest(sizes[n : n + many]) for n in range(0, len(sizes), many)]
    words = f"{word} " + " \u2192 ".join(map(number, known[:: max(len(known) - 1, 1)]))
    wide, theme = max(2, (width - 6) // len(shown)), setting.theme
    framed = {"border": 1, "color": theme.border}
    frames = {"gnone": {**framed, "style": "DASHED"}, "gtiny": framed}
    looks = map(setting.cell, shown)
    cells = (cell("", wide, 10, **frames.get(look.css, {"bgcolor": look.fill})) for look in looks)
    strip = cell(bare(row(*cells), cellpadding=0), width, STRIP, colspan=2)
    return [(worded(words, width, ROW, theme.muted, WORDS, 6, align="LEFT", colspan=2), ROW), (strip, STRIP)]


def card_over_time(node: Node, sizes: Sequence[float | None], setting: Setting, parameters: Sequence[Node]) -> Card:
    """A value of all steps: its name, formula, and the sizes of its gradient from the first step to the last."""
    inside = room_on(node)
    lines = [header(node, setting.theme), *strip_rows("|grad|", sizes, inside, setting)]
    lines += [line for parameter in parameters for line in parameter_lines(parameter, inside, setting)]
    return framed(node, lines, setting.theme)


def short_name(node: Node) -> str:
    """What a value is called inside its scope: the weight of head is head.weight outside, weight inside."""
    return node.name.rpartition(".")[2] or node.name


def numbers_row(
    word: str, lines: Lines, widths: tuple[int, int], colour: str, ink: str, ground: str | None = None, **hook: str
) -> Row:
    """A word and its numbers, in cells of these ``widths``, on the colour ``ground``, and how high they are."""
    left, right = widths
    height = LINE + NEXT_LINE * (len(lines) - 1)
    words = worded(word, left, height, colour, WORDS, 2, align="LEFT", bgcolor=ground)
    return words + cell(numbers_table(lines, right, ink), right, height, bgcolor=ground, **hook), height


def numbers_table(lines: Lines, width: int, ink: str) -> str:
    """A table for a cell of this width: columns made of cells, not of blanks, which some viewers of SVG swallow."""
    wide = (width - 4) // len(lines[0])  # exactly what fits: graphviz moves narrower tables to the right border

    def written(text: str) -> str:
        return cell(font(escape(text), ink, NUMBERS, face="Courier New"), wide, NEXT_LINE, align="RIGHT")

    rows = (row(*(written(text) if text else cell("", wide, NEXT_LINE) for text in line)) for line in lines)
    return bare(*rows, cellpadding=0)


#: Of arguments in brackets the first, those between and the last, if they are more than four.
_SEVERAL = re.compile(r"\(([^\s,()]+), (?:[^\s,()]+, ){3,}([^\s,()=]+)(?=[,)])")


def header(node: Node, theme: Theme, broken: bool = False) -> Row:
    """The beginning of a card: name, formula, shape; what does not fit beside the name is below it, in three lines."""
    width = room_on(node, broken) - 4
    sizes = f" [{shape(node.value)}]" if node.value.ndim else ""
    name = fit(node.name, width - 5, NAME, bold=True)
    taken = text_width(name, NAME, bold=True)
    formula = node.formula.removesuffix(OVERWRITTEN)  # its numbers say so
    words = "= " + _SEVERAL.sub(r"(\1, .., \2", formula) if node.symbol else formula
    parts = re.split("(?<!=) ", f"{words}{sizes}".strip())  # at blanks, but not after the = of the beginning
    fitting = (n for n in range(len(parts), 0, -1) if text_width(" ".join(parts[:n]), WORDS) <= width - taken - 6)
    end = next(fitting, 0)
    first, below = " ".join(parts[:end]), lines_of(" ".join(parts[end:]), width - 2, WORDS, 3)
    wide = min(int(taken) + 5, width)
    cells = [cell(font(escape(name), theme.text, NAME, bold=True), wide, 13, align="LEFT")]
    if first:
        cells.append(cell(font(escape(first), theme.muted, WORDS), width - wide, 13, align="LEFT"))
    lines = [row(*cells)]
    lines += [row(worded(each, width, NEXT_LINE, theme.muted, WORDS, 0, colspan=2, align="LEFT")) for each in below]
    high = HEADER + NEXT_LINE * len(below)
    return cell(bare(*lines, cellpadding=0), width + 4, high, colspan=2, align="LEFT"), high


def _colours(node: Node, theme: Theme) -> tuple[str, str]:
    """Fill and border."""
    if node.symbol and node.kind in ("state", "loss"):
        return theme.card, theme.text
    given = (theme.panel, theme.forward)
    if node.learnt:
        return theme.parameter_fill, theme.parameter
    if node.kind == "input":
        return theme.input_fill, theme.input
    return given if node.kind in ("constant", "state") else (theme.card, theme.border)
