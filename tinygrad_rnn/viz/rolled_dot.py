"""The picture of a rolled up loop: a card for each value with the colours of its gradients, and edges back in time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from .card import WIDTH, Card, Show, card_of, escape, fit, text_width
from .layered import layered_head, layered_legend, lines_of, scope_head
from .numbers import number, size
from .rolled import Loop, Value, amount_of
from .scene import Edge
from .style import Level, Scale, Theme
from .writer import Writer

#: A strip of gradients has up to this many cells; longer sequences have several steps in each, their largest.
CELLS = 36
BADGE, HEADER, ROW, STRIP = 26, 16, 14, 14


def rolled_dot(
    loop: Loop,
    theme: Theme,
    title: str,
    subtitle: str,
    *,
    note: str = "",
    scale: Scale,
    show: Show = "both",
) -> str:
    """The picture of a loop."""
    writer = Writer(theme, scale)
    writer.out += layered_head(theme, (title, subtitle, note))
    if show != "values":
        writer.out += layered_legend(scale, theme)
    writer.out += scope_head(theme, 0, f"every step: t = {loop.steps[0]} to {loop.steps[1]}")
    delays = {state: f"d{n}" for n, state in enumerate(dict.fromkeys(edge.source for edge in loop.back))}
    for value in loop.values:
        writer.card(_card(value, loop, scale, theme, show))
    for state, delay in delays.items():
        writer.out.append(f"{delay} [id={delay} class=delay label=<{_delay(state, loop, theme, show)}>]")
    writer.out.append("}")
    for node in loop.outside:
        writer.card(card_of(node, scale, theme, show))
    names = {value.node.id: value.node.name for value in loop.values} | {node.id: node.name for node in loop.outside}
    kinds = {node.id: node.kind for node in [*loop.outside, *(value.node for value in loop.values)]}
    starts = {node.id: delays[loop.starts[node.id]] for node in loop.outside if loop.starts.get(node.id) in delays}
    for edge in loop.edges:
        colour = theme.parameter if kinds[edge.source] == "parameter" else theme.forward
        if edge.source not in starts:
            ends = f"n{edge.source} -> n{edge.target}"
            writer.out.append(_edge(ends, edge, colour, names, scale, theme, show))
    for id, delay in starts.items():
        writer.out.append(f'n{id} -> {delay} [color="{theme.forward}" class="forward"]')
    last: dict[int, Edge] = {}
    for edge in loop.back:
        ends = f"{delays[edge.source]} -> n{edge.target}"
        writer.out.append(_edge(ends, edge, theme.text, names, scale, theme, show))
        if edge.source not in last or amount_of(edge) > amount_of(last[edge.source]):
            last[edge.source] = edge
    for state, edge in last.items():
        ends = f"n{state} -> {delays[state]}"
        writer.out.append(_edge(ends, edge, theme.text, names, scale, theme, show, loose=True))
    return writer.close()


def _edge(
    ends: str,
    edge: Edge,
    colour: str,
    names: Mapping[int, str],
    scale: Scale,
    theme: Theme,
    show: Show,
    loose: bool = False,
) -> str:
    amount = None if edge.share is None else size(edge.share)
    note = f"{names[edge.source]} -> {names[edge.target]}"
    return lines_of(ends, note, colour, amount, scale, theme, show, cut=edge.cut, loose=loose)


def _delay(state: int, loop: Loop, theme: Theme, show: Show) -> str:
    """What a state is one step later: the place where the loop closes."""
    name = next(value.node.name for value in loop.values if value.node.id == state)
    factor = loop.flows[state].factor if state in loop.flows else math.nan
    words = "" if math.isnan(factor) or show == "values" else f"gradient x {number(factor)} a step"
    wide = int(WIDTH) - 4
    before = name.replace("[t]", "[t-1]")
    rows = [
        (f"<B>{escape(fit(before, wide, 10, bold=True)) or '-'}</B>", 10, theme.text),
        (escape(fit(f"{name} of the step before", wide - 4, 8)), 8, theme.muted),
        (escape(words), 8, theme.text),
    ]
    cells = "".join(
        f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{wide}" HEIGHT="{ROW}" ALIGN="LEFT"><FONT POINT-SIZE="{points}" '
        f'COLOR="{colour}">{text}</FONT></TD></TR>'
        for text, points, colour in rows
        if text
    )
    height = ROW * sum(bool(text) for text, *_ in rows) + 4
    return (
        f'<TABLE FIXEDSIZE="TRUE" WIDTH="{int(WIDTH)}" HEIGHT="{height}" BORDER="2" CELLBORDER="0" CELLSPACING="0" '
        f'CELLPADDING="1" COLOR="{theme.text}" BGCOLOR="{theme.panel}" STYLE="DASHED">{cells}</TABLE>'
    )


def _card(value: Value, loop: Loop, scale: Scale, theme: Theme, show: Show) -> Card:
    """A value of all steps: its name, formula, and the sizes of its gradient from the first step to the last."""
    node = value.node
    state = node.id in loop.flows
    border = 2 if state else 1
    wide = int(WIDTH) - 2 * border
    inside = wide - (BADGE if node.symbol else 0)
    graded = any(amount is not None for amount in value.sizes) and show != "values"
    height = HEADER + (ROW + STRIP if graded else 0)
    name = fit(node.name, inside - 4, 10, bold=True)
    words = fit(f"= {node.formula}" if node.symbol else node.formula, inside - text_width(name, 10, bold=True) - 10, 8)
    rest = f'<FONT POINT-SIZE="8" COLOR="{theme.muted}"> {escape(words)}</FONT>' if words else ""
    badge = ""
    if node.symbol:
        points = 12 if len(node.symbol) <= 2 else 8
        badge = (
            f'<TD FIXEDSIZE="TRUE" WIDTH="{BADGE}" HEIGHT="{height}" ROWSPAN="{3 if graded else 1}" '
            f'BGCOLOR="{theme.badge}"><FONT POINT-SIZE="{points}" COLOR="{theme.text}"><B>'
            f"{escape(fit(node.symbol, BADGE - 2, points, bold=True))}</B></FONT></TD>"
        )
    rows = (
        f'<TR>{badge}<TD FIXEDSIZE="TRUE" WIDTH="{inside}" HEIGHT="{HEADER}" ALIGN="LEFT">'
        f'<FONT COLOR="{theme.text}"><B>{escape(name) or "-"}</B></FONT>{rest}</TD></TR>'
    )
    if graded:
        rows += (
            f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{inside}" HEIGHT="{ROW}" ALIGN="LEFT"><FONT POINT-SIZE="8" '
            f'COLOR="{theme.muted}">{escape(fit(_range(value.sizes), inside - 6, 8))}</FONT></TD></TR>'
            f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{inside}" HEIGHT="{STRIP}">'
            f"{_strip(value.sizes, inside - 6, scale, theme)}</TD></TR>"
        )
    fill, edge = {"input": (theme.input_fill, theme.input)}.get(node.kind, (theme.card, theme.border))
    return Card(
        node,
        height + 2 * border,
        f'<TABLE FIXEDSIZE="TRUE" WIDTH="{int(WIDTH)}" HEIGHT="{height + 2 * border}" BORDER="{border}" '
        f'CELLBORDER="0" CELLSPACING="0" CELLPADDING="2" COLOR="{theme.text if state else edge}" '
        f'BGCOLOR="{fill}">{rows}</TABLE>',
    )


def _range(sizes: Sequence[float | None]) -> str:
    known = [amount for amount in sizes if amount is not None]
    first, last = known[0], known[-1]
    return f"|grad| {number(first)} first, {number(last)} last" if len(known) > 1 else f"|grad| {number(first)}"


def _strip(sizes: Sequence[float | None], width: int, scale: Scale, theme: Theme) -> str:
    """One cell of colour for every step."""
    many = -(-len(sizes) // CELLS)
    groups = [[s for s in sizes[n : n + many] if s is not None] for n in range(0, len(sizes), many)]
    wide = max(2, width // len(groups))
    cells = []
    for group in groups:
        broken = [amount for amount in group if not math.isfinite(amount)]
        look = scale.look(broken[0] if broken else max(group, default=None), theme)
        fill = theme.zero if look.level in (Level.ZERO, Level.NONE) else look.fill
        cells.append(f'<TD FIXEDSIZE="TRUE" WIDTH="{wide}" HEIGHT="10" BGCOLOR="{fill}"></TD>')
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{"".join(cells)}</TR></TABLE>'
