"""Modules: a scene folded by its scopes, every closed scope one box, and these boxes drawn by ``dot``."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import reduce
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise, takewhile
from typing import NamedTuple

import numpy as np

from ..explain.naming import clean
from ..explain.places import timeless
from .card import LINE, WORDS, card_of, numbers_row, parameter_lines, short_name, sizes_of, strip_rows
from .label import Row, bare, cell, escape, fit, font, quoted, row, stacked, text_width, worded
from .layered import Layered, Room, within
from .numbers import Array, Lines, added, number, size, value_lines
from .page.words import indexed
from .rolled import renamed
from .scene import Node, Path, Scene, grouped
from .style import Setting

#: Who does not say how deep to look sees about this many cards.
CARDS = 40


@dataclass(eq=False)
class Box:
    """A closed scope."""

    path: Path
    kind: str = ""  #: the class of the module it is a call of, if it is called otherwise
    operations: int = 0  #: how many there are inside
    inputs: list[Node] = field(default_factory=list)  #: leaves that nothing else reads
    parameters: list[Node] = field(default_factory=list)
    outputs: list[Node] = field(default_factory=list)  #: what is computed inside and read outside, or is the loss
    states: list[Node] = field(default_factory=list)  #: what its time steps hand on
    cut: list[Node] = field(default_factory=list)  #: what is detached where it is read inside


class Flow(NamedTuple):
    """What one card or box reads of another: the values, what their gradients receive, whether all are detached."""

    source: int | Path
    target: int | Path
    values: Sequence[Node]
    shares: Sequence[Array]
    cut: bool


@dataclass(eq=False)
class Boxes:
    """A folded scene."""

    boxes: dict[Path, Box]  #: the closed scopes, in the order of their first operation
    cards: list[tuple[Node, Path]]  #: the values that are shown one by one, with the open scope each stands in
    flows: list[Flow]  #: between cards and boxes, known by their ids and paths
    #: For what many read and is shown as a card, a leaf or what is computed before all steps, how often.
    uses: dict[int, int]
    within: Mapping[int, Sequence[Node]]  #: the parameters that stand on a card


def opened(scene: Scene, names: str | Collection[str]) -> set[Path]:
    """The scopes that ``open=`` asks for: "rnn/t=3" or the end of a path, all scopes of that name.

    Raises:
        ValueError: there is no such scope.
    """
    paths = _scopes(scene)
    found = set()
    for name in [names] if isinstance(names, str) else names:
        parts = tuple(name.split("/"))
        fitting = {path for path in paths if path[-len(parts) :] == parts}
        if not fitting:
            there = ", ".join("/".join(path) for path in sorted(paths)[:8]) or "none: name parts `with scope(name):`"
            raise ValueError(f"open={name!r} is none of the scopes of this graph; there are {there}")
        found |= fitting
    return {path[:n] for path in found for n in range(1, len(path) + 1)}


def depth_for(scene: Scene) -> int:
    """How deep to look so that the innermost scopes are closed and there are not too many cards, at least 1."""
    paths = list(_places(scene).values())
    deepest, outer = max(map(len, paths), default=0), {path[:-1] for path in _scopes_of(paths)}
    paths = [path if path in outer else path + ("",) * (deepest - len(path)) for path in paths]  # those are closed
    return next((depth for depth in range(deepest, 1, -1) if count_at(paths, depth) <= CARDS), 1)


def count_at(paths: Sequence[Path], depth: int) -> int:
    """How many cards operations with these paths are if every scope from this depth on is one, leaves left out."""
    return len({path[:depth] if len(path) >= depth else (n,) for n, path in enumerate(paths)})


def boxes_of(scene: Scene, depth: int | None = None, open: Collection[Path] = ()) -> Boxes:
    """Fold a scene: scopes are closed from ``depth`` on, 1 being the outermost, but for those in ``open``.

    Without a ``depth`` the innermost scopes are closed, and so many more that there are not too many cards; and the
    time steps of a layer are one box.
    """
    least = depth_for(scene) if depth is None else depth
    places = _places(scene, open if depth is None else _scopes(scene))
    paths = _scopes_of(places.values())
    outer = {path[:-1] for path in paths}
    closed = {path for path in paths if len(path) >= least or (depth is None and path not in outer)} - set(open)
    home: dict[int, int | Path] = {}
    for id, place in places.items():
        prefixes = (place[:n] for n in range(1, len(place) + 1))
        home[id] = next((path for path in prefixes if path in closed), id)
    kinds = _without_circles(scene, home)
    boxes: dict[Path, Box] = {}
    for id, inside in home.items():
        if isinstance(inside, tuple):
            box = boxes.setdefault(inside, Box(inside, kinds.get(inside, "")))
            box.operations += 1
            box.states += [scene.nodes[id]] * (scene.nodes[id].kind == "state")
    before = {node.id for node in scene.nodes if not node.symbol}  # what is known before all steps
    readers: dict[int, Counter[int | Path]] = defaultdict(Counter)
    for edge in scene.edges:
        readers[edge.source][reader := home[edge.target]] += 1
        if edge.cut and isinstance(reader, tuple) and home.get(edge.source) == reader:
            boxes[reader].cut.append(scene.nodes[edge.source])
    cards: list[tuple[Node, Path]] = []
    uses: dict[int, int] = {}
    on_cards = within(scene.nodes, scene.readers)
    for node in scene.nodes:
        where, read = home.get(node.id), readers[node.id]
        if isinstance(where, tuple):
            if node.id == scene.loss or any(reader != where for reader in read):
                boxes[where].outputs.append(node)
        elif where is not None:
            cards.append((node, node.place))
            if node.frame is None and before.issuperset(edge.source for edge in scene.made_of.get(node.id, ())):
                before.add(node.id)
                if node.id in scene.shared and len(read) > 1:
                    uses[node.id] = read.total()
        elif len(read) == 1 and (isinstance(only := next(iter(read)), tuple) or node in on_cards.get(only, ())):
            home[node.id] = only
            if isinstance(only, tuple):
                (boxes[only].parameters if node.kind == "parameter" else boxes[only].inputs).append(node)
        else:
            home[node.id] = node.id
            uses[node.id] = read.total()
            around = [places[reader] if isinstance(reader, int) else reader[:-1] for reader in read]
            same = takewhile(lambda names: len(set(names)) == 1, zip(*around, strict=False))
            cards.append((node, tuple(names[0] for names in same)))
    return Boxes(boxes, cards, _flows(scene, home), uses, on_cards)


def _without_circles(scene: Scene, home: dict[int, int | Path]) -> Mapping[Path, str]:
    """Give every visit to a scope a home of its own where scopes read each other in a circle; the classes of homes.

    A program that comes back to a scope with what it made of it, as layers do that run both ways, has been there twice.
    """
    links = {(home[e.source], home[e.target]) for e in scene.edges if e.source in home} - {
        (at, at) for at in home.values()
    }
    order, circles = TopologicalSorter[int | Path](), {end for ends in links for end in ends}
    for source, target in links:
        order.add(target, source)
    with suppress(CycleError):
        order.prepare()
        return scene.kinds
    while ready := order.get_ready():
        order.done(*ready)
        circles.difference_update(ready)
    kinds, visits, last = {**scene.kinds}, Counter[Path](), None
    for id, path in home.items():
        if isinstance(path, tuple) and path in circles:
            visits[path] += path != last
            if visits[path] > 1:
                home[id] = again = (*path[:-1], f"{path[-1]} ({visits[path]})")
                kinds[again] = kinds.get(path, "")
        last = path
    return kinds


def _scopes(scene: Scene) -> set[Path]:
    """All scopes in which something is computed."""
    return _scopes_of(node.place for node in scene.nodes if node.symbol)


def _scopes_of(places: Iterable[Path]) -> set[Path]:
    return {place[:n] for place in places for n in range(1, len(place) + 1)}


def _places(scene: Scene, open: Collection[Path] = ()) -> dict[int, Path]:
    """Where operations are if the time steps of a layer are one: those without scopes in them, and none ``open``."""
    paths = _scopes(scene)
    inside: dict[Path, list[Path]] = grouped((path[:-1], path) for path in sorted(paths))
    fold: dict[Path, Path] = {}
    for path, parts in inside.items():
        steps = [part for part in parts if part[-1].startswith("t=")]
        if timeless(path) and len(steps) > 1 and inside.keys().isdisjoint(steps) and not {*steps} & {*open}:
            numbers = sorted(int(step[-1][2:]) for step in steps)
            every = path if len(steps) == len(parts) else (*path, f"t={numbers[0]} to {numbers[-1]}")
            fold |= dict.fromkeys(steps, every)
    return {node.id: fold.get(node.place, node.place) for node in scene.nodes if node.symbol}


def _flows(scene: Scene, home: Mapping[int, int | Path]) -> list[Flow]:
    """The edges between different cards and boxes, those with the same ends as one."""
    found: dict[tuple[int | Path, int | Path], dict[int, Array | None]] = defaultdict(dict)
    whole = set[tuple[int | Path, int | Path]]()
    for edge in scene.edges:
        ends = (home[edge.source], home[edge.target])
        if ends[0] != ends[1]:
            shares = [share for share in (found[ends].get(edge.source), edge.share) if share is not None]
            found[ends][edge.source] = reduce(added, shares) if shares else None
            whole |= set() if edge.cut else {ends}
    return [
        Flow(*ends, [scene.nodes[id] for id in of], [s for s in of.values() if s is not None], ends not in whole)
        for ends, of in found.items()
    ]


#: Width of a closed box, of its left column, height of its rows.
WIDTH, LABEL = 182, 66
HEADER = 17
#: Width of a digit.
DIGIT = 6
ROOM = Room((WIDTH + 40, 110), (120, WIDTH + 20), 230)
#: So many parameters that closed boxes share lie in a row.
ABREAST = 4
#: So many rows of one kind a box has; more are only counted.
ROWS = 3


class _Said(NamedTuple):
    """A row of a box: a word, its numbers, the colours of both, and the ground."""

    word: str
    numbers: Lines
    colour: str
    ink: str
    ground: str | None = None


def modules_dot(scene: Scene, boxes: Boxes, setting: Setting) -> str:
    """The picture of a folded scene."""
    writer, theme = Layered(setting, ROOM), setting.theme
    names: dict[int | Path, str] = {}
    for n, (path, box) in enumerate(boxes.boxes.items()):
        names[path] = f"b{n}"
        note = quoted("/".join(clean(part) or "-" for part in path))
        label = _box(box, scene, setting)
        writer.put(f'b{n} [id="b{n}" class="module" tooltip={note} label=<{label}>]', path[:-1])
    read = Counter(flow.source for flow in boxes.flows if isinstance(flow.target, tuple))
    # What all steps share and parameters are linked to what is open; of several closed boxes a card says how many.
    shared = {*scene.shared, *(node.id for node in scene.nodes if node.kind == "parameter")}
    counted = {id for id in shared & boxes.uses.keys() if read[id] > 1}
    for node, path in boxes.cards:
        names[node.id] = f"n{node.id}"
        if node.id in counted:
            uses = boxes.uses[node.id]
            some = f", in {read[node.id]} boxes" if read[node.id] < uses else ""
            words = [node.formula, f"used {uses}x{some}"]  # the first of them has room on every card
            node = replace(node, formula="; ".join(words if node.symbol else reversed(words)))
        card = card_of(node, setting, boxes.within.get(node.id, ()), broken=scene.is_broken(node))
        writer.put(writer.statement(card), path)
    linked = set()
    for flow in boxes.flows:
        if flow.source not in counted or not isinstance(flow.target, tuple):
            linked |= {flow.source, flow.target}
            states = any(node.kind == "state" for node in flow.values)
            colour = theme.parameter if all(n.learnt for n in flow.values) else theme.text if states else theme.forward
            amount = float(np.sqrt(sum(np.square([size(share) for share in flow.shares])))) if flow.shares else None
            ends, note = (names[flow.source], names[flow.target]), ", ".join(node.name for node in flow.values)
            writer.edge(ends, note, colour, amount, cut=flow.cut)
    loose = grouped((path, node.id) for node, path in boxes.cards if node.id not in linked)
    words = ["used several times: lines to closed boxes are left out"] * bool(counted)
    text = writer.whole(scene.kinds, words, shaded=True)
    # Invisible edges, so that what closed boxes share lies in rows and not in a heap.
    parts = [ids[n : n + ABREAST] for ids in loose.values() for n in range(0, len(ids), ABREAST)]
    rows = [f"n{a} -> n{b} [style=invis]" for part in parts for a, b in pairwise(part)]
    return text.removesuffix("}\n") + "\n".join([*rows, "}\n"])


def _box(box: Box, scene: Scene, setting: Setting) -> str:
    """The table of a closed scope."""
    theme, wide = setting.theme, WIDTH - 2
    lines, below = list[Row | _Said](), list[Row | _Said]()
    alike = Counter(map(short_name, box.parameters))
    names = {p: ".".join(p.name.split(".")[-2:]) if alike[short_name(p)] > 1 else short_name(p) for p in box.parameters}
    for word, several, colour in (
        ("in", _alike(box.inputs, scene), theme.input),
        ("out", _alike(box.outputs, scene), theme.text),
    ):
        for nodes in several[:ROWS]:
            (node, *more), amount, value = nodes, nodes[0].size, nodes[0].value
            name = short_name(node)
            if more:
                name = indexed(node, node.frame or 0, scene)
                value = np.concatenate([each.value.ravel() for each in nodes])
            elif amount is not None and setting.show != "values":
                look = setting.look(amount)
                muted, numbers = theme.muted if look.faint else look.ink, ((number(amount),),)
                below.append(_Said(f"|{scene.called}{name}|", numbers, muted, look.ink, look.fill))
            if setting.show != "gradients":
                about = f"{word} {name}{', detached' * node.cut}"
                lines.append(_Said(about, value_lines(value), colour, theme.text))
                if word == "out" and len(nodes) == box.operations:  # it says all that is done in there
                    words = f"= {(renamed(node, scene, nodes) if more else node).formula}"
                    for parameter, called in names.items():
                        words = re.sub(rf"(?<!\w){re.escape(parameter.name)}(?!\w)", called, words)
                    lines.append((worded(words, wide, LINE, theme.muted, WORDS, 6, colspan=2, align="LEFT"), LINE))
        if len(several) > ROWS and setting.show != "gradients":
            lines.append(_Said(word, ((f"and {len(several) - ROWS} more",),), colour, theme.muted))
    if box.cut:
        words = f"detached inside: {', '.join(node.name for node in box.cut)}"
        lines.append((worded(words, wide, LINE, theme.muted, WORDS, 6, colspan=2, align="LEFT"), LINE))
    for node, *more in _strips(box, scene)[:ROWS]:
        words = f"|{scene.called}{indexed(node, node.frame or 0, scene)}|"
        below += strip_rows(words, sizes_of([node, *more], scene), wide, setting)
    below += [line for p in box.parameters[: ROWS + 1] for line in parameter_lines(p, wide, setting, names[p])]
    if len(box.parameters) > ROWS + 1:
        words = f"and {len(box.parameters) - ROWS - 1} more"
        below.append((worded(words, wide, LINE, theme.parameter, WORDS, colspan=2, align="RIGHT"), LINE))
    said = [each for each in (*lines, *below) if isinstance(each, _Said)]
    needed = max((int(text_width(each.word, WORDS)) + 3 for each in said), default=LABEL)
    free = min(
        (wide - 4 - len(line) * DIGIT * max(map(len, line)) for each in said for line in each.numbers), default=0
    )
    left = max(LABEL, min(needed, free))
    rows = (
        numbers_row(each.word, each.numbers, (left, wide - left), *each[2:]) if isinstance(each, _Said) else each
        for each in (*lines, *below)
    )
    return stacked([(_title(box, scene, setting), HEADER), *rows], WIDTH, 1, theme.text, theme.card)[0]


def _strips(box: Box, scene: Scene) -> list[list[Node]]:
    """What a box hands on from step to step, and from several steps to others."""
    found = _alike(dict.fromkeys([*box.states, *box.inputs, *box.outputs]), scene)
    return [nodes for nodes in found if len(nodes) > 1 and any(node.gradient is not None for node in nodes)]


def _alike(nodes: Iterable[Node], scene: Scene) -> list[list[Node]]:
    """Corresponding values of all time steps together, from the first step to the last."""
    ordered = sorted(nodes, key=lambda node: node.frame or 0)
    return list(grouped((scene.alike.get(node.id, (node.id,)), node) for node in ordered).values())


def _title(box: Box, scene: Scene, setting: Setting) -> str:
    """The name of a closed scope, its class, and how many operations are in it."""
    theme, last = setting.theme, box.path[-1]
    name = last.replace("=", " = ")
    if len(box.path) > 1 and ("=" in last or last.isdigit()):
        name = f"{box.path[-2]}  {name}"
    words = f"{box.operations} op{'' if box.operations == 1 else 's'}"
    steps = max(map(len, _alike(box.states, scene)), default=0)
    words = f"{words}, closed" if steps < 2 else words if "=" in last else f"{steps} steps, {words}"
    aside = int(text_width(words, WORDS)) + 6
    name = fit(name, WIDTH - aside - 8, 10, bold=True) or "-"
    room = WIDTH - aside - 8 - text_width(name, 10, bold=True)
    title, kind = font(escape(name), theme.text, bold=True), clean(box.kind)
    title += font(escape(f"  {kind}"), theme.muted, WORDS) if kind and text_width(kind, WORDS) <= room - 8 else ""
    cells = [
        cell(title, WIDTH - aside - 6, 13, align="LEFT"),
        cell(font(words, theme.muted, WORDS), aside, 13, align="RIGHT"),
    ]
    head = bare(row(*cells), cellpadding=0)
    return cell(head, WIDTH - 2, HEADER, colspan=2)
