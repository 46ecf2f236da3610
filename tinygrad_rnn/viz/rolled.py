"""The loop as a loop: the operations of one time step, once, with an edge back for every state they hand on."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..autograd.excerpt import excerpt_of
from ..autograd.flow import Flow
from ..formula import forward
from ..graph import arguments
from ..tensor import Tensor
from .card import WIDTH, Card, Show, card_of, escape, fit, text_width
from .layered import layered_head, layered_legend, lines_of, scope_head
from .numbers import number, size
from .page.words import indexed
from .scene import Edge, Node, Scene
from .style import Level, Scale, Theme
from .writer import Writer

__all__ = ["Loop", "Value", "rolled_dot", "rolled_of"]

#: A strip of gradients has up to this many cells; longer sequences have several steps in each, their largest.
CELLS = 36
BADGE, HEADER, ROW, STRIP = 26, 16, 14, 14


@dataclass(frozen=True, eq=False)
class Value:
    """One value of the loop: the node of the step that stands for all, and |dL/d(value)| at every step."""

    node: Node
    sizes: tuple[float | None, ...]


@dataclass(frozen=True, eq=False)
class Loop:
    """A rolled up scene.

    Attributes:
        values: what every step computes and reads; the names say [t].
        outside: what is computed before and after, and the parameters.
        edges: by ids, all that go forward.
        back: from a state to what reads it in the next step.
        flows: what becomes of the gradient of every state.
        starts: for what is outside and stands in for a state before the first step, that state.
        steps: the numbers of the first and the last step.
    """

    values: tuple[Value, ...]
    outside: tuple[Node, ...]
    edges: tuple[Edge, ...]
    back: tuple[Edge, ...]
    flows: Mapping[int, Flow]
    starts: Mapping[int, int]
    steps: tuple[int, int]


def rolled_of(loss: Tensor, scene: Scene) -> Loop:
    """Roll up ``scene``, which was made of ``loss``.

    Raises:
        ValueError: it has no time steps.
    """
    if not scene.frames:
        raise ValueError(
            "view='rolled' shows a loop over time, and this graph has no time steps: record them with `with step(t):`"
        )
    key = _keys(scene)
    groups: dict[object, list[Node]] = defaultdict(list)
    for node in scene.nodes:
        if node.id in key:
            groups[key[node.id]].append(node)
    usual = _usual_frame(scene)
    stands: dict[object, Node] = {}
    for name, found in groups.items():
        stands[name] = next((node for node in found if node.frame == usual), found[len(found) // 2])
    of = {node.id: stands[key[node.id]].id if node.id in key else node.id for node in scene.nodes}
    edges: dict[tuple[int, int, bool], Edge] = {}
    outside: dict[int, None] = {}
    for edge in scene.edges:
        source, target = scene.nodes[edge.source], scene.nodes[edge.target]
        inside = source.id in key and target.id in key
        back = inside and source.frame != target.frame
        rolled = replace(edge, source=of[edge.source], target=of[edge.target])
        before = edges.get((rolled.source, rolled.target, back))
        if before is None or _amount(rolled) > _amount(before):
            edges[rolled.source, rolled.target, back] = rolled
        outside |= dict.fromkeys(node.id for node in (source, target) if node.id not in key)
    shown = {node.id: indexed(node, node.frame or 0, scene) for node in stands.values()}
    texts = _formulas(loss, scene, stands, shown)
    values = []
    for name, node in stands.items():
        by_frame = {other.frame: other for other in groups[name]}
        last = max(n for n in by_frame if n is not None)
        first = min(n for n in by_frame if n is not None)
        sizes = [by_frame[n].gradient if n in by_frame else None for n in range(first, last + 1)]
        renamed = replace(node, name=shown[node.id], formula=texts.get(node.id, node.formula))
        values.append(Value(renamed, tuple(None if g is None else size(g) for g in sizes)))
    flows = {}
    carried = {of[id] for states in scene.states for id in states}
    for value in values:
        if value.node.id in carried:
            amounts = tuple(amount or 0.0 for amount in value.sizes)
            flows[value.node.id] = Flow(value.node.name, tuple(range(1, len(amounts) + 1)), amounts, None, ())
    return Loop(
        tuple(values),
        tuple(scene.nodes[id] for id in sorted(outside)),
        tuple(edge for (*_, back), edge in edges.items() if not back),
        tuple(edge for (*_, back), edge in edges.items() if back),
        dict(sorted(flows.items(), key=lambda item: item[1].name.startswith("c"))),
        {
            node.id: stands[node.slot].id
            for node in scene.nodes
            if node.frame is None and node.slot is not None and node.slot in stands
        },
        (min(scene.frames), max(scene.frames)),
    )


def _amount(edge: Edge) -> float:
    """How much flows back, -1 for nothing; of all steps the one with the most stands for the edge."""
    return -1.0 if edge.share is None else size(edge.share)


def _keys(scene: Scene) -> dict[int, object]:
    """What all values have in common that correspond to each other in different steps."""
    key: dict[int, object] = {}
    for node in scene.nodes:
        if node.frame is not None and node.slot is not None:
            key[node.id] = node.slot
    for edge in scene.edges:
        node = scene.nodes[edge.source]
        if node.frame is not None and node.id not in key and edge.target in key:
            key[node.id] = (key[edge.target], edge.position)
    return key


def _usual_frame(scene: Scene) -> int:
    """The step with the most values; of several the one in the middle, which has neighbours on both sides."""
    count = [0] * len(scene.frames)
    for node in scene.nodes:
        if node.frame is not None:
            count[node.frame] += 1
    best = [frame for frame, number in enumerate(count) if number == max(count)]
    return best[len(best) // 2]


def _formulas(loss: Tensor, scene: Scene, stands: Mapping[object, Node], shown: Mapping[int, str]) -> dict[int, str]:
    """How the values of the loop are computed, in their names."""
    values = excerpt_of(loss, scene.window).values
    sources = {(edge.target, edge.position): edge.source for edge in scene.edges}
    texts = {}
    for node in stands.values():
        if not node.symbol:
            continue
        words = []
        for position, argument in enumerate(arguments(values[node.id])):
            source = sources.get((node.id, position))
            if source is None:
                words.append(number(np.asarray(argument).item()) if np.size(argument) == 1 else "...")
            else:
                words.append(shown.get(source) or indexed(scene.nodes[source], node.frame or 0, scene))
        texts[node.id] = forward(values[node.id], words)
    return texts


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
        if edge.source not in last or _amount(edge) > _amount(last[edge.source]):
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
