"""The chain rule as DOT text: gradients as cards, on every arrow what it multiplies with, and sums over time below."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .card import WIDTH, Card, card_in, numbers_table
from .chain import Chain, Link, Part, Sum
from .dot import extent_of, write_steps
from .grid import Grid, grid_of
from .label import cell, escape, fit, fitted, font, quoted, row, tag, text_width
from .layered import layered_head
from .numbers import Array, gradient_lines, number, shape, size
from .paths import Point
from .routes import Line, lines_of
from .scene import Node
from .style import Scale, Setting, Theme
from .writer import LEGEND, Mark, Writer

#: Between rows; the arrows are short because what they multiply with stands on them.
GAP = 20.0
HEADER, LINE, SAME = 16, 11, 14
#: Room that other views need for strips above the steps.
STRIP = 26.0
#: Room around the sums below the steps.
PITCH, BETWEEN = 12.0, 34.0
MARKS: Sequence[Mark] = (
    ("gradient", "gradient; wider, stronger = larger", 2 / 3),
    ("gradient", "exactly 0 (dashed: below the scale)", 0.0),
    ("gradient", "NaN or infinite", math.nan),
    ("words", "white boxes: the local derivative; g is what arrives", None),
    ("words", "%: share of the sum (projected on it)", None),
)


def chain_dot(chain: Chain, setting: Setting) -> str:
    """The picture of a backward pass."""
    scene = chain.scene
    cards = {node.id: _card(node, chain, setting) for node in scene.nodes}
    writer = Writer(setting)
    if not scene.frames:
        return _layered(chain, cards, writer)
    grid = grid_of(scene, cards, gap=GAP)
    grid.panels = [panel._replace(top=panel.top - STRIP) for panel in grid.panels]
    lines = [_through(line, chain) for line in lines_of(scene, grid, apart=0.0) if line.size is not None]
    left, bottom, right, top = extent_of(grid, cards, lines)
    table = Table(chain.sums, grid, cards, lines, setting)
    write_steps(writer, scene, grid, cards, floor=table.bottom)
    for line in lines:
        writer.line(line)
    table.write(writer)
    left, bottom = min(left, table.left), min(bottom, table.bottom)
    end = table.right + 42
    below = [grid.at[n][1] - cards[n].height / 2 for n in grid.at if grid.at[n][0] + WIDTH / 2 > end - 20]
    y = min([bottom + LEGEND[1], *(low - 28 for low in below)])
    writer.legend(end, y, MARKS)
    writer.heading(left, top + 19, max(right, end + LEGEND[0]) - left)
    return writer.close()


def chain_scale(chain: Chain) -> Scale:
    """The scale that covers all gradients of the chain."""
    arrays = [node.gradient for node in chain.scene.nodes if node.gradient is not None]
    arrays += [each for one in chain.sums for each in (one.total, *(part.amount for part in one.parts))]
    return Scale.over(map(size, arrays))


def _card(node: Node, chain: Chain, setting: Setting) -> Card:
    if node.id in chain.links:
        return _factor(node, chain.links[node.id], setting.theme)
    theme = setting.theme
    edge = theme.parameter if node.kind == "parameter" else theme.text if node.kind == "loss" else None
    assert node.gradient is not None
    return _gradient(node, node.name, _size(node.gradient), setting, edge, chain.same.get(node.id, ()))


def _size(amount: Array) -> str:
    return f"size {number(size(amount))}"


def _gradient(
    node: Node, name: str, right: str, setting: Setting, edge: str | None, same: Sequence[str] = (), bold: bool = True
) -> Card:
    """A card on the colour of a gradient: its name, a word at the right, its numbers, what is equal to it."""
    amount = node.gradient
    assert amount is not None
    look = setting.look(size(amount))
    border = 1 if edge is None else 2
    wide = int(WIDTH) - 2 * border
    aside = min(int(text_width(right, 8, bold=not bold)) + 8, wide // 2)
    points = 10 if bold else 8
    left = fitted(name, wide - aside - 4, look.ink, points, bold=bold)
    lines = gradient_lines(amount)
    if lines[0][0].startswith("size"):
        lines = ((f"[{shape(amount)}]",),)
    height = LINE * len(lines) + 4
    rows = row(
        cell(left, wide - aside, HEADER, align="LEFT"),
        cell(font(escape(right), look.ink, 8, bold=not bold), aside, HEADER, align="RIGHT"),
    ) + row(_wide(numbers_table(lines, wide - 6, look.ink), wide, height))
    if same:
        words = escape(fit("= " + " = ".join(same), wide - 4, 7.5))
        rows += row(_wide(font(words, look.ink, 7.5), wide, SAME, align="LEFT"))
        height += SAME
    frame = edge or (setting.theme.border if look.faint else look.line)
    return card_in(node, rows, HEADER + height, border, frame, look.fill)


def _wide(content: str, width: int, height: int, **attributes: str) -> str:
    """A cell below both columns."""
    return tag("TD", content, colspan=2, fixedsize="TRUE", width=width, height=height, **attributes)


def _factor(node: Node, link: Link, theme: Theme) -> Card:
    """What a gradient is multiplied by: a formula and numbers, between two pieces of an arrow."""
    wide = int(WIDTH) - 2
    text = fitted(link.text, wide - 4, theme.text, 8.5, face="Arial")
    rows, height = row(cell(text, wide, 14)), 14
    if link.factor:
        numbers = font(escape(fit(link.factor, wide - 4, 8.5)), theme.muted, 8, face="Courier New")
        rows, height = rows + row(cell(numbers, wide, 12)), 26
    return card_in(node, rows, height, 1, theme.panel_border, theme.background, padding=0)


def _through(line: Line, chain: Chain) -> Line:
    """Without an arrow where a line only goes into a factor: it comes out again."""
    if line.head not in chain.links or line.tip is None:
        return line
    *points, _, _ = line.points
    return replace(line, points=(*points, line.tip, line.tip), tip=None)


class Table:
    """The sums over time: one row for every shared parameter, below the steps, every part in the column of its step."""

    def __init__(
        self, sums: Sequence[Sum], grid: Grid, cards: Mapping[int, Card], lines: Sequence[Line], setting: Setting
    ) -> None:
        self.setting = setting
        self.panels = {panel.frame: panel for panel in grid.panels}
        last = max(panel.right for panel in grid.panels)
        self.after = last + 62
        self.left = min(panel.left for panel in grid.panels) - 62 - WIDTH
        self.cards: list[tuple[Card, Point]] = []
        self.signs: list[tuple[str, Point]] = []
        outside = any(part.frame is None for one in sums for part in one.parts)
        self.right = self.after + WIDTH + 20 if outside else last
        # Nothing that hangs lower than the steps may be in the way.
        low = [panel.bottom for panel in grid.panels]
        low += [y - cards[n].height / 2 for n, (x, y) in grid.at.items() if x - WIDTH / 2 < self.right]
        low += [y for line in lines for x, y in line.points if x < self.right]
        self.bottom = min(low if sums else low[: len(grid.panels)])
        if sums:
            self.bottom -= BETWEEN
        for one in sums:
            self.row(one)

    def row(self, one: Sum) -> None:
        """One sum."""
        columns: dict[int | None, list[Card]] = defaultdict(list)
        for part in one.parts:
            columns[part.frame].append(self.part(part))
        edge = self.setting.theme.parameter
        total = _gradient(_nobody(one.total), one.name, _size(one.total), self.setting, edge)
        places = {frame: self.places(frame, cards) for frame, cards in columns.items()}
        height = max([total.height, *(high for _, high in places.values())])
        middle = self.bottom - height / 2
        self.cards.append((total, (self.left + WIDTH / 2, middle)))
        for n, frame in enumerate(sorted(columns, key=lambda f: math.inf if f is None else f)):
            spots, _ = places[frame]
            left = self.after if frame is None else self.panels[frame].left
            self.signs.append(("+", (left - 31, middle)) if n else ("=", (left - 21, middle)))
            self.cards += [(card, (x, middle + y)) for card, (x, y) in zip(columns[frame], spots, strict=True)]
        self.bottom = middle - height / 2 - PITCH

    def places(self, frame: int | None, cards: Sequence[Card]) -> tuple[list[Point], float]:
        """Where the parts of one step stand (y from the middle of the row), and how high they are together."""
        left, right = self.after, self.after + WIDTH
        if frame is not None:
            left, right = self.panels[frame].left + 10, self.panels[frame].right - 10
        many = max(1, int((right - left + 8) // (WIDTH + 8)))
        rows = [cards[n : n + many] for n in range(0, len(cards), many)]
        heights = [max(card.height for card in part) for part in rows]
        height = sum(heights) + 8 * (len(rows) - 1)
        spots: list[Point] = []
        y = height / 2
        for part, high in zip(rows, heights, strict=True):
            start = (left + right - len(part) * (WIDTH + 8) + 8) / 2
            spots += [(start + WIDTH / 2 + n * (WIDTH + 8), y - high / 2) for n in range(len(part))]
            y -= high + 8
        return spots, height

    def part(self, part: Part) -> Card:
        """The card of one part."""
        small = 0 < abs(part.share) < 0.005
        share = "<1 %" if small else f"{100 * part.share:.0f} %" if math.isfinite(part.share) else "-"
        return _gradient(_nobody(part.amount), part.text, share, self.setting, None, bold=False)

    def write(self, writer: Writer) -> None:
        """All cards and signs."""
        for n, (card, at) in enumerate(self.cards):
            writer.table(f"sum{n}", at, card.label)
        for n, (sign, (x, y)) in enumerate(self.signs):
            writer.text(f"sign{n}", x, y, sign, 16, writer.theme.muted, align="middle")
        if self.cards:
            top = max(y + card.height / 2 for card, (_, y) in self.cards)
            writer.text("sums", self.left, top + 16, "sums over time", 11, writer.theme.text, bold=True)


def _nobody(amount: Array) -> Node:
    """The node of a card that stands for no value of the graph."""
    return Node(-1, "", "op", "", "", amount, amount)


def _layered(chain: Chain, cards: Mapping[int, Card], writer: Writer) -> str:
    """Without time: graphviz's ``dot`` places the cards, the loss at the right."""
    scene = chain.scene
    links = [(edge.source, edge.target) for edge in scene.edges]
    writer.out += layered_head(writer.setting, links, backwards=True)
    for node in scene.nodes:
        writer.card(cards[node.id])
    for edge in scene.edges:
        assert edge.size is not None
        look = writer.setting.look(edge.size)
        note = f"{scene.nodes[edge.target].name} -> {scene.nodes[edge.source].name}: size {number(edge.size)}"
        writer.out.append(
            f'n{edge.target} -> n{edge.source} [color="{look.line}" penwidth={look.width:g} style={look.dash} '
            f'dir={"none" if edge.source in chain.links else "forward"} class="backward {look.css}" '
            f"edgetooltip={quoted(note)}]"
        )
    return writer.close()
