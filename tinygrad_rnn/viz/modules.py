"""Modules: a model as nested boxes by scope, closed ones with inputs, outputs and gradient, laid out by ``dot``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ..explain.naming import clean
from .boxes import Box, Boxes, Flow, Path
from .card import Show, card_of, escape, fit, numbers_table, quoted
from .layered import layered_head, layered_legend, lines_of, scope_head
from .numbers import number, size, value_lines
from .scene import Node, Scene
from .style import Level, Scale, Theme
from .writer import Writer

#: Width of a closed box, of its left column, height of its rows.
WIDTH, LABEL = 168, 62
HEADER, LINE, NEXT_LINE = 17, 15, 11
#: So many rows of one kind a box has; more are only counted.
ROWS = 3


def modules_dot(
    scene: Scene,
    boxes: Boxes,
    theme: Theme,
    title: str,
    subtitle: str,
    *,
    note: str = "",
    scale: Scale,
    show: Show = "both",
) -> str:
    """The picture of a folded scene."""
    writer = Writer(theme, scale)
    writer.out += layered_head(theme, (title, subtitle, note))
    if show != "values":
        writer.out += layered_legend(scale, theme)
    inside: dict[Path, list[str]] = defaultdict(list)
    called = f"d{scene.nodes[scene.loss].name}/d"
    names: dict[int | Path, str] = {}
    for n, (path, box) in enumerate(boxes.boxes.items()):
        names[path] = f"b{n}"
        label = _box(box, called, scale, theme, show)
        inside[path[:-1]].append(f'b{n} [id="b{n}" class="module" tooltip={_quoted(path)} label=<{label}>]')
    for node, path in boxes.cards:
        names[node.id] = f"n{node.id}"
        if boxes.uses.get(node.id, 0) > 1:
            node = replace(node, formula=f"{node.formula}, used {boxes.uses[node.id]}x")
        writer.card(card_of(node, scale, theme, show))
        inside[path].append(writer.out.pop())
    _clusters(writer, (), inside, _parents(inside))
    linked = set()
    for flow in boxes.flows:
        source = flow.values[0]
        # What many share is linked to what is open; of closed boxes its card says how many there are.
        if source.id in boxes.uses and isinstance(flow.target, tuple):
            continue
        linked.add(flow.source)
        writer.out.append(_edge(flow, names, scale, theme, show))
    _chain_loose(writer, boxes, linked)
    return writer.close()


def _parents(inside: dict[Path, list[str]]) -> dict[Path, list[Path]]:
    """The scopes in every scope, in the order in which they appear."""
    found: dict[Path, list[Path]] = defaultdict(list)
    for path in inside:
        for n in range(len(path)):
            if path[: n + 1] not in found[path[:n]]:
                found[path[:n]].append(path[: n + 1])
    return found


def _clusters(writer: Writer, path: Path, inside: dict[Path, list[str]], below: dict[Path, list[Path]]) -> None:
    """The boxes and cards of one open scope and of all scopes in it. Scopes are as deep as a program nests them."""
    if path:
        number = sum(line.startswith("subgraph cluster_") for line in writer.out)
        writer.out += scope_head(writer.theme, number, path[-1], even=len(path) % 2 == 0)
    writer.out += inside.get(path, [])
    for inner in below.get(path, []):
        _clusters(writer, inner, inside, below)
    if path:
        writer.out.append("}")


def _chain_loose(writer: Writer, boxes: Boxes, linked: set[int | Path]) -> None:
    """Chain parameters without a link by invisible edges, so that they lie in a row and not in a heap."""
    loose: dict[Path, list[int]] = defaultdict(list)
    for node, path in boxes.cards:
        if node.kind == "parameter" and node.id not in linked:
            loose[path].append(node.id)
    for ids in loose.values():
        for a, b in pairwise(ids):
            writer.out.append(f"n{a} -> n{b} [style=invis]")


def _edge(flow: Flow, names: dict[int | Path, str], scale: Scale, theme: Theme, show: Show) -> str:
    """One edge for all values that go the same way."""
    ends = f"{names[flow.source]} -> {names[flow.target]}"
    kinds = {node.kind for node in flow.values}
    forward = theme.parameter if kinds == {"parameter"} else theme.text if "state" in kinds else theme.forward
    note = ", ".join(node.name for node in flow.values)
    amount = float(np.sqrt(sum(np.square([size(share) for share in flow.shares])))) if flow.shares else None
    return lines_of(ends, note, forward, amount, scale, theme, show)


def _quoted(path: Path) -> str:
    return quoted("/".join(clean(part) or "-" for part in path))


def _box(box: Box, called: str, scale: Scale, theme: Theme, show: Show) -> str:
    """The table of a closed scope."""
    rows: list[str] = []
    height = HEADER
    name = box.path[-1].replace("=", " = ") if "=" in box.path[-1] else box.path[-1]
    if len(box.path) > 1 and ("=" in box.path[-1] or box.path[-1].isdigit()):
        name = f"{box.path[-2]}  {name}"
    words = f"{box.operations} op{'' if box.operations == 1 else 's'}, closed"
    head = (
        f'<TR><TD COLSPAN="2" FIXEDSIZE="TRUE" WIDTH="{WIDTH - 2}" HEIGHT="{HEADER}"><TABLE BORDER="0" CELLBORDER="0" '
        f'CELLSPACING="0" CELLPADDING="0"><TR><TD FIXEDSIZE="TRUE" WIDTH="{WIDTH - 74}" HEIGHT="13" ALIGN="LEFT">'
        f'<FONT COLOR="{theme.text}"><B>{escape(fit(name, WIDTH - 76, 10, bold=True)) or "-"}</B></FONT></TD>'
        f'<TD FIXEDSIZE="TRUE" WIDTH="68" HEIGHT="13" ALIGN="RIGHT"><FONT POINT-SIZE="8" COLOR="{theme.muted}">'
        f"{escape(words)}</FONT></TD></TR></TABLE></TD></TR>"
    )
    if show != "gradients":
        for word, nodes, colour in (
            ("in", box.inputs, theme.input),
            ("", box.parameters, theme.parameter),
            ("out", box.outputs, theme.text),
        ):
            for node in nodes[:ROWS]:
                lines = value_lines(node.value)
                rows.append(_row(f"{word} {_inside(node, box)}".strip(), lines, colour, theme.text))
                height += LINE + NEXT_LINE * (len(lines) - 1)
            if len(nodes) > ROWS:
                more = (((f"and {len(nodes) - ROWS} more"),),)
                rows.append(_row(word or "more", more, colour, theme.muted))
                height += LINE
    if show != "values":
        for node in [*box.parameters[:ROWS], *box.outputs[:ROWS]]:
            if node.gradient is None:
                continue
            look = scale.look(size(node.gradient), theme)
            muted = theme.muted if look.level in (Level.ZERO, Level.TINY) else look.ink
            lines = ((number(size(node.gradient)),),)
            rows.append(_row(f"|{called}{_inside(node, box)}|", lines, muted, look.ink, look.fill))
            height += LINE
    return (
        f'<TABLE FIXEDSIZE="TRUE" WIDTH="{WIDTH}" HEIGHT="{height + 2}" BORDER="1" CELLBORDER="0" CELLSPACING="0" '
        f'CELLPADDING="2" COLOR="{theme.text}" BGCOLOR="{theme.card}">{head}{"".join(rows)}</TABLE>'
    )


def _inside(node: Node, box: Box) -> str:
    """What a value is called inside its scope: the weight of head is head.weight outside, weight inside."""
    *outer, name = node.name.split(".")
    return name if box.path[-1] in outer and name else node.name


def _row(label: str, lines: Sequence[Sequence[str]], colour: str, ink: str, fill: str = "") -> str:
    height = LINE + NEXT_LINE * (len(lines) - 1)
    ground = f' BGCOLOR="{fill}"' if fill else ""
    return (
        f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{LABEL}" HEIGHT="{height}" ALIGN="LEFT"{ground}>'
        f'<FONT POINT-SIZE="8" COLOR="{colour}">{escape(fit(label, LABEL - 4, 8)) or "-"}</FONT></TD>'
        f'<TD FIXEDSIZE="TRUE" WIDTH="{WIDTH - 2 - LABEL}" HEIGHT="{height}"{ground}>'
        f"{numbers_table(tuple(map(tuple, lines)), WIDTH - 8 - LABEL, ink)}</TD></TR>"
    )
