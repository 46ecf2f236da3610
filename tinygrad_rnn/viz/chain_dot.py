"""The chain rule as DOT text: gradients as cards, on every arrow what it multiplies with, and sums over time below."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from .card import WIDTH, Card, numbers_table
from .chain import Chain, Link, Part, Sum
from .dot import extent_of, write_steps
from .grid import Grid, grid_of
from .label import cell, escape, fit, fitted, font, quoted, stacked, text_width, worded
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
    writer.legend(end, min([bottom + LEGEND[1], *(low - 28 for low in below)]), MARKS)
    writer.heading(left, top + 19, max(right, end + LEGEND[0]) - left)
    return writer.close()


def chain_scale(chain: Chain) -> Scale:
    """The scale that covers all gradients of the chain."""
    arrays = [node.gradient for node in chain.scene.nodes if node.gradient is not None]
    arrays += [each for one in chain.sums for each in (one.total, *(part.amount for part in one.parts))]
    return Scale.over(map(size, arrays))


def _card(node: Node, chain: Chain, setting: Setting) -> Card:
    if node.id in chain.links:
        return Card(node, *_factor(chain.links[node.id], setting.theme))
    theme = setting.theme
    edge = theme.parameter if node.kind == "parameter" else theme.text if node.kind == "loss" else None
    assert node.gradient is not None
    return _gradient(node.gradient, node.name, None, setting, edge, chain.same.get(node.id, ()), node)


#: The node of a card that stands for no value of the graph.
_NOBODY = Node(-1, "", "op", "", "", np.zeros(()))


def _gradient(
    amount: Array,
    name: str,
    share: str | None,
    setting: Setting,
    edge: str | None,
    same: Sequence[str] = (),
    node: Node = _NOBODY,
) -> Card:
    """A card on the colour of a gradient: its name, its ``share`` of a sum or its size, its numbers, its equals."""
    look = setting.look(size(amount))
    border = 1 if edge is None else 2
    wide = int(WIDTH) - 2 * border
    right, bold = (f"size {number(size(amount))}", True) if share is None else (share, False)
    aside = min(int(text_width(right, 8, bold=not bold)) + 8, wide // 2)
    numbers = gradient_lines(amount)
    if numbers[0][0].startswith("size"):
        numbers = ((f"[{shape(amount)}]",),)
    height = LINE * len(numbers) + 4
    name = worded(name, wide - aside, HEADER, look.ink, 10 if bold else 8, bold=bold, align="LEFT")
    right = cell(font(escape(right), look.ink, 8, bold=not bold), aside, HEADER, align="RIGHT")
    lines = [
        (name + right, HEADER),
        (cell(numbers_table(numbers, wide - 6, look.ink), wide, height, colspan=2), height),
    ]
    if same:
        words = escape(fit("= " + " = ".join(same), wide - 4, 7.5))
        lines.append((cell(font(words, look.ink, 7.5), wide, SAME, colspan=2, align="LEFT"), SAME))
    frame = edge or (setting.theme.border if look.faint else look.line)
    label, height = stacked(lines, WIDTH, border, frame, look.fill)
    return Card(node, height, label)


def _factor(link: Link, theme: Theme) -> tuple[int, str]:
    """What a gradient is multiplied by: a formula and numbers, between two pieces of an arrow."""
    wide = int(WIDTH) - 2
    lines = [(cell(fitted(link.text, wide - 4, theme.text, 8.5, face="Arial"), wide, 14), 14)]
    if link.factor:
        numbers = font(escape(fit(link.factor, wide - 4, 8.5)), theme.muted, 8, face="Courier New")
        lines.append((cell(numbers, wide, 12), 12))
    label, height = stacked(lines, WIDTH, 1, theme.panel_border, theme.background, padding=0)
    return height, label


def _through(line: Line, chain: Chain) -> Line:
    """Without an arrow where a line only goes into a factor: it comes out again."""
    if line.head not in chain.links or line.tip is None:
        return line
    return replace(line, points=(*line.points[:-2], line.tip, line.tip), tip=None)


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
        self.bottom = min(low) - BETWEEN if sums else min(panel.bottom for panel in grid.panels)
        for one in sums:
            self.row(one)

    def row(self, one: Sum) -> None:
        columns: dict[float, list[Card]] = defaultdict(list)  # by frame; what is outside time comes last
        for part in one.parts:
            columns[math.inf if part.frame is None else part.frame].append(self.part(part))
        total = _gradient(one.total, one.name, None, self.setting, self.setting.theme.parameter)
        places = {frame: self.places(frame, cards) for frame, cards in columns.items()}
        height = max([total.height, *(high for _, high in places.values())])
        middle = self.bottom - height / 2
        self.cards.append((total, (self.left + WIDTH / 2, middle)))
        for n, frame in enumerate(sorted(columns)):
            left = self.panels[int(frame)].left if frame in self.panels else self.after
            self.signs.append(("+", (left - 31, middle)) if n else ("=", (left - 21, middle)))
            spots = zip(columns[frame], places[frame][0], strict=True)
            self.cards += [(card, (x, middle + y)) for card, (x, y) in spots]
        self.bottom = middle - height / 2 - PITCH

    def places(self, frame: float, cards: Sequence[Card]) -> tuple[list[Point], float]:
        """Where the parts of one step stand (y from the middle of the row), and how high they are together."""
        left, right = self.after, self.after + WIDTH
        if frame in self.panels:
            left, right = self.panels[int(frame)].left + 10, self.panels[int(frame)].right - 10
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
        small = 0 < abs(part.share) < 0.005
        share = "<1 %" if small else f"{100 * part.share:.0f} %" if math.isfinite(part.share) else "-"
        return _gradient(part.amount, part.text, share, self.setting, None)

    def write(self, writer: Writer) -> None:
        """All cards and signs."""
        for n, (card, at) in enumerate(self.cards):
            writer.table(f"sum{n}", at, card.label)
        for n, (sign, (x, y)) in enumerate(self.signs):
            writer.text(f"sign{n}", x, y, sign, 16, writer.theme.muted, align="middle")
        if self.cards:
            top = max(y + card.height / 2 for card, (_, y) in self.cards)
            writer.text("sums", self.left, top + 16, "sums over time", 11, writer.theme.text, bold=True)


def _layered(chain: Chain, cards: Mapping[int, Card], writer: Writer) -> str:
    """Without time: graphviz's ``dot`` places the cards, the loss at the right."""
    scene = chain.scene
    writer.out += layered_head(writer.setting, [(edge.source, edge.target) for edge in scene.edges], backwards=True)
    writer.out += map(writer.statement, cards.values())
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
