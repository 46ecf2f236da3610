"""Layered: DOT text for graphs without time steps, laid out to the right or downwards by graphviz's ``dot``."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import NamedTuple

from ..engine.formula import forward
from ..explain.naming import clean
from .card import BADGE, NAME, NUMBER, card_of, short_name, small_card_of
from .deep import Written, broken, columns_of, in_order
from .dot import Writer
from .label import bare, escape, fit, font, lines_of, quoted, row, tag, text_width
from .legend import Table, legend_of
from .numbers import Array, added, number, size
from .scene import REST, Edge, Node, Path, Scene, grouped
from .settled import ASIDE
from .style import TAPE, WIDEST, Setting, Theme

#: More single numbers than this are read better as cards with formulas; how wide their names may be.
MOST, NAMES = 60, (24, 96)
#: Titles are broken into lines of this width.
TITLE = 700.0
#: What a page has.
PAGE = 1280
#: The name of a scope has so much room; where data goes down no more than is beside the lines to its first card.
SCOPE, BESIDE = 240.0, 66.0
#: Or as much as its longest word, up to the width of a card.
WORD = 130.0
#: Up to so many operations have their parameters beside them, more on their cards.
APART = 8
#: Cards do not lie side by side without a gap: what graphviz makes of them is so many times wider.
SPREAD = 1.6
#: Where branches meet so often, they are in a line.
FEWEST = 3


def layered_dot(scene: Scene, setting: Setting) -> str:
    """The picture of a scene without time steps; labels have nothing to stand on and are left out.

    Beside the line on which a value goes forward is another one on which its gradient comes back.
    """
    if is_compact(scene) and setting.theme.name != "markers":  # pages have cards with formulas
        return _compact(scene, setting)
    writer = Layered(setting)
    inside = {} if setting.theme.name == "markers" else within(scene.nodes, scene.readers)  # a page keeps them apart
    hidden = {parameter.id for several in inside.values() for parameter in several}
    for node in sorted(scene.nodes, key=lambda n: ([(len(name), name) for name in n.place * bool(n.symbol)], n.id)):
        if node.id in hidden:
            continue
        if node.id in inside:
            names = scene.arguments(node.id, lambda source: short_name(source) if source.id in hidden else source.name)
            node = replace(node, formula=forward(scene.made[node.id], names))
        card = card_of(node, setting, inside.get(node.id, ()), broken=scene.is_broken(node))
        around = {scene.nodes[use.target].place[: len(node.place)] for use in scene.readers.get(node.id, ())}
        writer.put(writer.statement(card), node.place if node.symbol or around == {node.place} else ())
    for edge in scene.edges:
        if edge.source not in hidden:
            writer.use(edge, scene.nodes)
    return writer.whole(scene.kinds)


def is_compact(scene: Scene) -> bool:
    """Whether all values are single numbers, and few enough to be read in one look; time has its own picture."""
    single = all(node.value.ndim == 0 and node.symbol != REST for node in scene.nodes)
    return single and not scene.frames and len(scene.nodes) <= MOST


def _compact(scene: Scene, setting: Setting) -> str:
    """One line a value, and the local derivative on every arrow back."""
    needed = max(text_width(node.name, NAME, bold=True) for node in scene.nodes)
    names = int(min(max(needed, NAMES[0]), NAMES[1])) + 6
    wide = names + BADGE + NUMBER * (2 if setting.show == "both" else 1)
    writer = Layered(setting, Room((wide + 56, 40), (64, wide + 20), 96))  # a number stands on the arrows to the right
    for node in scene.nodes:
        writer.put(writer.statement(small_card_of(node, names, setting, broken=scene.is_broken(node))))
    for edge in scene.edges:
        derivative = scene.derivative(edge)
        factor = "" if derivative is None or edge.share is None else f"\u00d7 {number(derivative.item())}"
        writer.use(edge, scene.nodes, words=factor)
    return writer.whole()


def within(nodes: Collection[Node], readers: Mapping[int, Sequence[Edge]]) -> dict[int, list[Node]]:
    """Of many operations those on whose cards a parameter stands that nothing else reads."""
    many = sum(node.symbol != "" for node in nodes) > APART
    alone = [node for node in nodes if many and node.kind == "parameter" and len(readers.get(node.id, ())) == 1]
    return grouped((readers[node.id][0].target, node) for node in alone)


class Room(NamedTuple):
    """What a card takes, with the gap after it, along the way of the data and across it, to the right and down."""

    right: tuple[int, int]
    down: tuple[int, int]
    above: int  #: the height of what stands above the graph, with the room around both


#: The room of the cards that most graphs have, below a legend.
USUAL = Room((198, 90), (100, 174), 230)


class Layered(Writer):
    """Writes what ``dot`` lays out: cards in scopes, and edges between them, each known by the name of its card."""

    def __init__(self, setting: Setting, room: Room = USUAL) -> None:
        super().__init__(setting)
        self.room = room
        self.inside: dict[Path, list[str]] = defaultdict(list)
        self.edges: list[Written] = []
        self.shares: dict[tuple[str, str], Array] = {}  #: what arrives on lines whose sum may be drawn
        self.margin = 8  #: in scopes, at whose sides loops may run
        self.above: dict[tuple[str, str], int] = {}  #: how many rows the first stands above the other

    def put(self, statement: str, path: Path = ()) -> None:
        """A card in its scope."""
        self.inside[path].append(statement)

    def use(
        self, edge: Edge, nodes: Sequence[Node] | Mapping[int, Node], ends: tuple[str, str] | None = None,
        colour: str | None = None, *, back: bool = False, words: str = "",
    ) -> None:  # fmt: skip
        """One use of a value by another, see ``edge``, between their cards unless given other ends."""
        source, target = nodes[edge.source], nodes[edge.target]
        colour = colour or (self.theme.parameter if source.learnt else self.theme.forward)
        ends, note = ends or (f"n{edge.source}", f"n{edge.target}"), f"{source.name} -> {target.name}"
        self.edge(ends, note, colour, edge.size, cut=edge.cut, back=back, words=words)

    def edge(
        self, ends: tuple[str, str], note: str, forward: str | None, amount: float | None,
        *, cut: bool = False, back: bool = False, words: str = "", head: bool = True, straight: bool = False,
    ) -> None:  # fmt: skip
        """One or two lines: the value goes ``forward`` in a colour, and the gradient comes back beside it.

        ``back``: the value goes from the second end to the first, against the way of the picture. ``words`` stand on
        the line back. Without a colour for the way forward there is the way back alone, with a ``head`` or without; it
        is ``straight`` rather than others.
        """
        show, between, along = self.setting.show, " -> ".join(ends), "along "
        if forward is not None and (amount is None or show != "gradients"):
            cut = cut and amount is None
            kind = "cut" if cut else "parameter" if forward == self.theme.parameter else "data"
            self.setting.seen |= {kind} if show != "gradients" else set()
            style = " style=invis" if show == "gradients" else " style=dashed" * cut
            looks = f'{" dir=back" * back} class="forward{" loop" * back}{" cut" * cut}"'
            self.edges.append((ends, f'{between} [color="{forward}"{style}{looks} edgetooltip={quoted(note)}]', note))
        if amount is None or show == "values":
            return
        beside_line = bare(row(tag("TD", font(escape(words), self.theme.text))), cellpadding=6)
        label = f" label=<{beside_line}>" if words else ""
        way = "none" if not head else "forward" if back or forward is None else "back"
        if forward is None:
            between, along = " -> ".join(reversed(ends)), ""
        line = self.back(between, note, amount, way, along, f"{label}{' weight=4' * straight}")
        self.edges.append((ends, line, note))

    def back(
        self, between: str, note: str, amount: float, way: str = "forward", along: str = "", more: str = ""
    ) -> str:
        """The line of a gradient of this size, ``between`` two cards."""
        look = self.setting.look(amount)
        self.setting.seen.add(look.css)
        # Graphviz makes the head of a line wider with the line.
        return (
            f'{between} [color="{look.line}" dir={way} penwidth={look.width:g} style={look.dash} '
            f'arrowsize={0.6 if look.width < 2 else 0.45:g} class="backward {along}{look.css}" '
            f"edgetooltip={quoted(f'{note}: size {number(amount)}')}{more}]"
        )

    def _total(self, parts: Sequence[tuple[str, str]], between: str, note: str) -> str:
        """One line for several."""
        return self.back(between, note, size(reduce(added, (self.shares[ends] for ends in parts))))

    def whole(
        self, kinds: Mapping[Path, str] | None = None, words: Sequence[str] = (),
        *, backwards: bool = False, shaded: bool = False,
    ) -> str:  # fmt: skip
        """The whole text.

        Args:
            kinds: the classes of scopes that are calls of modules.
            words: what the legend says besides the marks.
            backwards: whether the arrows go from the loss to the data.
            shaded: whether scopes at even depth have another ground, to be told from those around them.
        """
        setting, theme = self.setting, self.theme
        self.edges += [(e, f"{' -> '.join(e)} [style=invis weight=4 minlen={n}]", "") for e, n in self.above.items()]
        links = dict.fromkeys(ends for ends, *_ in self.edges)
        rows, deep, broad = _measured(links)
        down = (setting.direction or _direction(deep, broad, self.room)) == "down"
        direction = ("BT" if backwards else "TB") if down else "RL" if backwards else "LR"
        legend = legend_of(setting, words)
        page = theme.name == "markers"  # it has its own title, and moves the legend
        self.out = [
            "// draw it with: dot -Tsvg picture.dot -o picture.svg",
            "digraph scene {",
            f'graph [bgcolor="{theme.background}" rankdir={direction} '
            f"nodesep={0.25 if shaded else 0.12 if down else 0.2} "
            f"ranksep={(0.2 if backwards else 0.34) if down else 0.52} compound=true splines=true "
            f'labeljust=l labelloc=t pad="0.36,0.25" fontname="Arial" outputorder=nodesfirst',
            f"label=<{_title(setting, None if page else legend)}>]",
            # Lines end there, for their heads are as long as they are wide, and pass no nearer.
            f'node [shape=none margin="{"0.03,0.05" if down else "0.05,0.09"}" width=0 height=0 '
            'fontname="Arial" fontsize=10]',
            'edge [arrowsize=0.6 fontname="Arial" fontsize=10]',
        ]
        if page:
            look = f'graph [label="" color="{theme.background}" margin=6 id="legend" class="legend"]'
            self.out += ["subgraph cluster_legend {", look, f"k0 [label=<{legend.label}>]", "}"]
        for source, target in _stacked(links, rows, int(WIDEST // self.room.down[1])) if down and not page else ():
            ends = (target, source) if backwards else (source, target)
            self.edges.append(((source, target), f"{' -> '.join(ends)} [style=invis]", ""))
        loops = {name for (name, _), text, _ in self.edges if re.search(" loop| dir=forward .* along ", text)}
        spine = _spine(links, rows) if down and not loops and not shaded else ()
        for n, (ends, text, note) in enumerate(self.edges):
            if ends in spine:
                self.edges[n] = ends, text.replace(" weight=4]", "]").replace("[", "[weight=40 ", 1), note
        home = {each.partition(" ")[0]: path for path, cards in self.inside.items() for each in cards}
        steps = _steps({name: home[name] for name in rows if name in home}, rows) if down else {}
        beside = Counter(row for row, _ in {(rows[name], step) for name, step in steps.items()})
        wraps = down and not page and max(beside.values(), default=0) < 2  # stairs of steps do not
        self.margin = 20 if loops else self.margin
        frames = {home[name] for name in loops}
        held = grouped((home[name], at) for name, at in rows.items() if home.get(name) in frames).values()
        whole = {at for frame in held for at in range(min(frame) + 1, max(frame) + 1)}
        columns = columns_of(links, rows, deep, self.room.down[1], whole) if wraps else {}
        steps = {} if columns else steps
        up = {name: -row for name, row in rows.items()}
        # Right below the upper end of a column stands that from which most comes.
        left = {name: -row for name, row in _rows([(target, source) for source, target in links]).items()}
        order = in_order(columns, up if backwards else left, "weight=8", 1 + backwards)
        near = 1 if any(name.startswith("t=") for path in self.inside for name in path) else 2
        order += in_order(steps, rows, "minlen=0", near) + in_order(steps, up, "minlen=0", near, mark="u")
        edges = [(ends, text) for ends, text, _ in self.edges]
        if columns:
            edges = broken(self.edges, columns, self.put, theme, backwards, self._total)
        shown: list[Path] = []
        for column in range(1 + max(columns.values(), default=0)):
            if columns:
                self.out += [f"subgraph cluster_column{column} {{", 'graph [style=invis label=""]']
            cards = ((path, each) for path, cards in self.inside.items() for each in cards)
            inside = grouped(card for card in cards if columns.get(card[1].partition(" ")[0], 0) == column)
            self._scopes(inside, kinds or {}, shown, shaded, BESIDE if down else SCOPE)
            self.out += ["}"] * bool(columns)
        self.out += order
        self.out += [text for _, text in edges]
        width = SPREAD * (broad * self.room.down[1] if down else deep * self.room.right[0])
        rows_high = (
            deep / (1 + max(columns.values(), default=0)) * self.room.down[0] if down else broad * self.room.right[1]
        )
        setting.height = self.room.above + rows_high
        setting.width = width if set().union(*links) <= rows.keys() else math.inf  # about: graphviz lays it out
        return self.close()

    def _scopes(
        self, inside: Mapping[Path, Sequence[str]], kinds: Mapping[Path, str], shown: list[Path], shaded: bool,
        wide: float,
    ) -> None:  # fmt: skip
        """What stands in every open scope, in clusters as deep as a program nests them; names are so ``wide``.

        Those that are ``shown`` already, in another column, are continued.
        """
        below: dict[Path, dict[Path, None]] = defaultdict(dict)  # the scopes in every scope, in the order of appearance
        for path in inside:
            for n in range(len(path)):
                below[path[:n]].setdefault(path[: n + 1])
        waiting: list[Path | None] = [()]  # None ends the scope that is open
        while waiting:
            scope = waiting.pop()
            if scope is None:
                self.out.append("}")
                continue
            if scope:
                name = clean(scope[-1]).replace("=", " = ") + ", continued" * (scope in shown)
                words = _name(name, clean(kinds.get(scope, "")), wide, self.theme)
                fill = self.theme.card if shaded and len(scope) % 2 == 0 else self.theme.panel
                self.out += [
                    f"subgraph cluster_{len(shown)} {{",
                    f'graph [label=<{words}> style=filled fillcolor="{fill}" color="{self.theme.panel_border}" '
                    f"margin={self.margin}]",
                ]
                shown.append(scope)
                waiting.append(None)
            self.out += inside.get(scope, [])
            waiting += reversed(below.get(scope, {}))


def _steps(home: Mapping[str, Path], rows: Mapping[str, int]) -> dict[str, int]:
    """The numbers, from left to right, of the open time steps for what stands in them, or of siblings side by side."""
    every = [(name, path[:n]) for name, path in home.items() for n in range(len(path), 0, -1)]
    first = {step: min(rows[name] for name in names) for step, names in grouped((s, n) for n, s in every).items()}
    level = Counter((step[:-1], re.sub(r"\d+$", "", step[-1]), row) for step, row in first.items())
    beside = {step for step, row in first.items() if level[step[:-1], re.sub(r"\d+$", "", step[-1]), row] > 2}
    outer = {name: step for name, step in every if step[-1].startswith("t=") or step in beside}  # the outermost is last
    together = grouped((step[:-1], step) for step in dict.fromkeys(outer.values())).values()
    order = [step for steps in together for step in sorted(steps, key=lambda step: (len(step[-1]), step))]
    return {name: order.index(step) for name, step in outer.items()} if len(order) > 1 else {}


def _spine(links: Collection[tuple[str, str]], rows: Mapping[str, int]) -> set[tuple[str, str]]:
    """A way through all rows that is straight where branches meet often: else every block stands more aside."""
    before, count = grouped((target, source) for source, target in links), Counter(rows.values())
    at, found = max(rows, key=rows.__getitem__, default=""), set[tuple[str, str]]()
    if sum(many == 1 < count[row - 1] for row, many in [*count.items()]) < FEWEST:
        return found
    while sources := [s for s in before.get(at, ()) if rows[s] == rows[at] - 1 and (s in before or not rows[s])]:
        found.add((sources[len(sources) // 2], at))
        at = sources[len(sources) // 2]
    return found


def _measured(links: Collection[tuple[str, str]]) -> tuple[dict[str, int], int, int]:
    """The rows of all cards, how many there are, and how many cards the broadest has."""
    rows = _rows(links)
    return rows, 1 + max(rows.values(), default=0), max(Counter(rows.values()).values(), default=1)


def _stacked(links: Collection[tuple[str, str]], rows: Mapping[str, int], most: int) -> Iterator[tuple[str, str]]:
    """What stands below what, so that rows have so many cards at most: parts of them that lead nowhere but on.

    What rows farther down have too many of has nothing to do with it.
    """
    count, first = Counter(rows.values()), dict[int, int]()  # of rows one below the other that have too many, the first
    for at in sorted(count):
        first |= {at: first.get(at - 1, at)} if count[at] > most else {}
    part = {name: name for name, row in rows.items() if count[row] > most}
    for source, target in links:
        if source in part and target in part and part[source] != part[target]:
            part = {name: part[source] if of == part[target] else of for name, of in part.items()}
    found = grouped((part[name], name) for name in sorted(part, key=rows.__getitem__)).values()
    for start, parts in grouped((first[rows[names[0]]], names) for names in found).items():
        broad = max(count[at] for at in first if first[at] == start)
        beside = -(-len(parts) // -(-broad // most))
        yield from ((above[-1], below[0]) for above, below in zip(parts, parts[beside:], strict=False))


def _rows(links: Collection[tuple[str, str]]) -> dict[str, int]:
    """How far every card is from where the data comes in; a leaf stands right before the first that reads it."""
    after, waiting = grouped(links), Counter(target for _, target in links)
    leaves = [name for name in after if not waiting[name]]
    row = dict.fromkeys(leaves, 0)
    for name in (queue := list(leaves)):  # closed boxes may read each other in a circle, which is never reached
        for target in after[name]:
            row[target] = max(row.get(target, 0), row[name] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                queue.append(target)
    return row | {name: min(row[target] for target in after[name]) - 1 for name in leaves}


def _direction(deep: int, broad: int, room: Room) -> str:
    """Where the data goes, "right" or "down", so that the picture is as wide as can be read, and no tape."""
    wide = deep * room.right[0]
    tape = wide > TAPE * (broad * room.right[1] + room.above)
    return "down" if (wide > PAGE or tape) and broad * room.down[1] < wide else "right"


def _name(name: str, kind: str, wide: float, theme: Theme) -> str:
    """The name of a scope in lines of this width, or of that of a word, and its class if the name does not say it."""
    wide = max(
        wide, min(WORD, 1.1 * max((text_width(word, 10, bold=True) for word in f"{name} {kind}".split()), default=0))
    )
    lines = [font(escape(line), theme.text, 10, bold=True) for line in lines_of(name, wide / 1.1, 10)] or ["-"]
    if not name.startswith(kind) and text_width(f"{name}  {kind}", 10, bold=True) <= wide:
        lines[-1] += font(escape(f"  {kind}"), theme.muted, 10)
    elif not name.startswith(kind):
        lines.append(font(escape(fit(kind, wide, 10)), theme.muted, 10))
    aside = tag("TD", "", width=ASIDE)  # skips run at the sides
    return bare(*(row(aside, tag("TD", line, align="LEFT"), aside) for line in lines), cellpadding=0)


def _title(setting: Setting, legend: Table | None) -> str:
    """The words above the picture and, below them, how to read it."""
    rows = [
        row(tag("TD", font(escape(line), colour, f"{points:g}", bold=name == "title"), align="LEFT"))
        for name, words, points, colour, _ in setting.said
        for line in lines_of(words, TITLE, points)
    ]
    gap = row(tag("TD", "", height=12))
    below = [] if legend is None else [gap, row(tag("TD", legend.label, align="LEFT"))]
    return bare(*rows, *below, gap)
