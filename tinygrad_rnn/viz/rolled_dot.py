"""The picture of a rolled up loop: a card for each value with the colours of its gradients, and edges back in time."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .bars import largest
from .card import BADGE, HEADER, WIDTH, Card, badge_of, card_in, card_of
from .label import bare, cell, escape, fit, font, framed, row, text_width
from .layered import layered_head, layered_legend, scope_head
from .numbers import number
from .rolled import Loop, Value, amount_of
from .scene import Edge
from .style import Level, Setting
from .writer import Writer

#: A strip of gradients has up to this many cells; longer sequences have several steps in each, their largest.
CELLS = 36
ROW, STRIP = 14, 14


def rolled_dot(loop: Loop, setting: Setting) -> str:
    """The picture of a loop."""
    theme = setting.theme
    writer = Writer(setting)
    writer.out += layered_head(setting)
    if setting.show != "values":
        writer.out += layered_legend(setting)
    writer.out += scope_head(theme, 0, f"every step: t = {loop.steps[0]} to {loop.steps[1]}")
    delays = {state: f"d{n}" for n, state in enumerate(dict.fromkeys(edge.source for edge in loop.back))}
    for value in loop.values:
        writer.card(_card(value, loop, setting))
    nodes = {node.id: node for node in [*(value.node for value in loop.values), *loop.outside]}
    for state, delay in delays.items():
        label = _delay(nodes[state].name, loop.flows[state].factor if state in loop.flows else math.nan, setting)
        writer.out.append(f"{delay} [id={delay} class=delay label=<{label}>]")
    writer.out.append("}")
    for node in loop.outside:
        writer.card(card_of(node, setting))

    def edge_of(ends: str, edge: Edge, colour: str, *, loose: bool = False) -> None:
        note = f"{nodes[edge.source].name} -> {nodes[edge.target].name}"
        writer.edge(ends, note, colour, edge.size, cut=edge.cut, loose=loose)

    starts = {node.id: delays[loop.starts[node.id]] for node in loop.outside if loop.starts.get(node.id) in delays}
    for edge in loop.edges:
        if edge.source not in starts:
            colour = theme.parameter if nodes[edge.source].kind == "parameter" else theme.forward
            edge_of(f"n{edge.source} -> n{edge.target}", edge, colour)
    for id, delay in starts.items():
        writer.out.append(f'n{id} -> {delay} [color="{theme.forward}" class="forward"]')
    last: dict[int, Edge] = {}
    for edge in loop.back:
        edge_of(f"{delays[edge.source]} -> n{edge.target}", edge, theme.text)
        if edge.source not in last or amount_of(edge) > amount_of(last[edge.source]):
            last[edge.source] = edge
    for state, edge in last.items():
        edge_of(f"n{state} -> {delays[state]}", edge, theme.text, loose=True)
    return writer.close()


def _delay(name: str, factor: float, setting: Setting) -> str:
    """What a state is one step later: the place where the loop closes."""
    theme, wide = setting.theme, int(WIDTH) - 4
    before = name.replace("[t]", "[t-1]")
    texts = [
        font(escape(fit(before, wide, 10, bold=True)) or "-", theme.text, 10, bold=True),
        font(escape(fit(f"{name} of the step before", wide - 4, 8)), theme.muted, 8),
    ]
    if not math.isnan(factor) and setting.show != "values":
        texts.append(font(escape(f"gradient x {number(factor)} a step"), theme.text, 8))
    rows = "".join(row(cell(text, wide, ROW, align="LEFT")) for text in texts)
    return framed(rows, int(WIDTH), ROW * len(texts) + 4, 2, theme.text, theme.panel, padding=1, dashed=True)


def _card(value: Value, loop: Loop, setting: Setting) -> Card:
    """A value of all steps: its name, formula, and the sizes of its gradient from the first step to the last."""
    node, theme = value.node, setting.theme
    state = node.id in loop.flows
    border = 2 if state else 1
    inside = int(WIDTH) - 2 * border - (BADGE if node.symbol else 0)
    graded = any(amount is not None for amount in value.sizes) and setting.show != "values"
    height = HEADER + (ROW + STRIP if graded else 0)
    name = fit(node.name, inside - 4, 10, bold=True)
    words = fit(f"= {node.formula}" if node.symbol else node.formula, inside - text_width(name, 10, bold=True) - 10, 8)
    text = font(escape(name) or "-", theme.text, bold=True)
    text += font(f" {escape(words)}", theme.muted, 8) if words else ""
    badge = badge_of(node, height, 3 if graded else 1, theme)
    rows = row(badge, cell(text, inside, HEADER, align="LEFT"))
    if graded:
        sizes = font(escape(fit(_range(value.sizes), inside - 6, 8)), theme.muted, 8)
        rows += row(cell(sizes, inside, ROW, align="LEFT"))
        rows += row(cell(_strip(value.sizes, inside - 6, setting), inside, STRIP))
    fill, edge = (theme.input_fill, theme.input) if node.kind == "input" else (theme.card, theme.border)
    return card_in(node, rows, height, border, theme.text if state else edge, fill)


def _range(sizes: Sequence[float | None]) -> str:
    known = [amount for amount in sizes if amount is not None]
    first, last = known[0], known[-1]
    return f"|grad| {number(first)} first, {number(last)} last" if len(known) > 1 else f"|grad| {number(first)}"


def _strip(sizes: Sequence[float | None], width: int, setting: Setting) -> str:
    """One cell of colour for every step."""
    many = -(-len(sizes) // CELLS)
    groups = [[s for s in sizes[n : n + many] if s is not None] for n in range(0, len(sizes), many)]
    wide = max(2, width // len(groups))
    cells = []
    for group in groups:
        look = setting.look(largest(group))
        fill = setting.theme.zero if look.level in (Level.ZERO, Level.NONE) else look.fill
        cells.append(cell("", wide, 10, bgcolor=fill))
    return bare(row(*cells), cellpadding=0)
