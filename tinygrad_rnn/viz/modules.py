"""Modules: a model as nested boxes by scope, closed ones with inputs, outputs and gradient, laid out by ``dot``."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ..explain.naming import clean
from .boxes import Box, Boxes, Flow
from .card import card_of, numbers_row
from .label import bare, cell, escape, fit, font, quoted, row, stacked, text_width
from .layered import beside, layered_head, layered_legend, write_scopes
from .numbers import Lines, number, size, value_lines
from .scene import Node, Path, Scene
from .style import Setting
from .writer import Writer

#: Width of a closed box, of its left column, height of its rows.
WIDTH, LABEL = 168, 62
HEADER = 17
#: So many rows of one kind a box has; more are only counted.
ROWS = 3


def modules_dot(scene: Scene, boxes: Boxes, setting: Setting) -> str:
    """The picture of a folded scene."""
    writer = Writer(setting)
    links = [(flow.source, flow.target) for flow in boxes.flows if not scene.frames]  # time runs to the right
    writer.out += layered_head(setting, links)
    if setting.show != "values":
        writer.out += layered_legend(setting)
    inside: dict[Path, list[str]] = defaultdict(list)
    names: dict[int | Path, str] = {}
    for n, (path, box) in enumerate(boxes.boxes.items()):
        names[path] = f"b{n}"
        note = quoted("/".join(clean(part) or "-" for part in path))
        label = _box(box, scene.called, setting)
        inside[path[:-1]].append(f'b{n} [id="b{n}" class="module" tooltip={note} label=<{label}>]')
    for node, path in boxes.cards:
        names[node.id] = f"n{node.id}"
        if boxes.uses.get(node.id, 0) > 1:
            node = replace(node, formula=f"{node.formula}, used {boxes.uses[node.id]}x")
        inside[path].append(writer.statement(card_of(node, setting)))
    write_scopes(writer, inside, scene.kinds, int(setting.show != "values"), shaded=True)
    linked = set()
    for flow in boxes.flows:
        # What many share is linked to what is open; of closed boxes its card says how many there are.
        if flow.values[0].id not in boxes.uses or not isinstance(flow.target, tuple):
            linked.add(flow.source)
            _edge(writer, flow, f"{names[flow.source]} -> {names[flow.target]}")
    loose: dict[Path, list[int]] = defaultdict(list)
    for node, path in boxes.cards:
        if node.kind == "parameter" and node.id not in linked:
            loose[path].append(node.id)
    for ids in loose.values():  # invisible edges, so that parameters lie in a row and not in a heap
        writer.out += [f"n{a} -> n{b} [style=invis]" for a, b in pairwise(ids)]
    return writer.close()


def _edge(writer: Writer, flow: Flow, ends: str) -> None:
    """One edge for all values that go the same way."""
    theme = writer.theme
    kinds = {node.kind for node in flow.values}
    forward = theme.parameter if kinds == {"parameter"} else theme.text if "state" in kinds else theme.forward
    note = ", ".join(node.name for node in flow.values)
    amount = float(np.sqrt(sum(np.square([size(share) for share in flow.shares])))) if flow.shares else None
    writer.edge(ends, note, forward, amount)


def _box(box: Box, called: str, setting: Setting) -> str:
    """The table of a closed scope."""
    theme = setting.theme
    lines = [(_title(box, setting), HEADER)]

    def add(word: str, numbers: Lines, colour: str, ink: str, ground: str | None = None) -> None:
        lines.append(numbers_row(word, numbers, (LABEL, WIDTH - 2 - LABEL, WIDTH - 8 - LABEL), colour, ink, ground))

    if setting.show != "gradients":
        for word, nodes, colour in (
            ("in", box.inputs, theme.input),
            ("", box.parameters, theme.parameter),
            ("out", box.outputs, theme.text),
        ):
            for node in nodes[:ROWS]:
                add(f"{word} {_inside(node, box)}".strip(), value_lines(node.value), colour, theme.text)
            if len(nodes) > ROWS:
                add(word or "more", ((f"and {len(nodes) - ROWS} more",),), colour, theme.muted)
    if setting.show != "values":
        for node in [*box.parameters[:ROWS], *box.outputs[:ROWS]]:
            if node.gradient is not None:
                amount = size(node.gradient)
                look = setting.look(amount)
                muted = theme.muted if look.faint else look.ink
                add(f"|{called}{_inside(node, box)}|", ((number(amount),),), muted, look.ink, look.fill)
    return stacked(lines, WIDTH, 1, theme.text, theme.card)[0]


def _title(box: Box, setting: Setting) -> str:
    """The name of a closed scope, its class, and how many operations are in it."""
    theme, last = setting.theme, box.path[-1]
    name = last.replace("=", " = ")
    if len(box.path) > 1 and ("=" in last or last.isdigit()):
        name = f"{box.path[-2]}  {name}"
    name = fit(name, WIDTH - 76, 10, bold=True) or "-"
    room = WIDTH - 76 - text_width(name, 10, bold=True)
    title = font(escape(name), theme.text, bold=True) + beside(fit(box.kind, room - 8, 8), theme, 8)
    words = font(f"{box.operations} op{'' if box.operations == 1 else 's'}, closed", theme.muted, 8)
    head = bare(row(cell(title, WIDTH - 74, 13, align="LEFT"), cell(words, 68, 13, align="RIGHT")), cellpadding=0)
    return cell(head, WIDTH - 2, HEADER, colspan=2)


def _inside(node: Node, box: Box) -> str:
    """What a value is called inside its scope: the weight of head is head.weight outside, weight inside."""
    *outer, name = node.name.split(".")
    return name if box.path[-1] in outer and name else node.name
