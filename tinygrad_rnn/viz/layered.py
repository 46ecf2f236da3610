"""Layered: DOT text for graphs without time steps, laid out to the right or downwards by graphviz's ``dot``."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count

from ..engine.formula import forward
from ..explain.naming import clean
from .card import card_of, short_name
from .dot import Writer
from .label import bare, escape, font, lines_of, row, tag
from .legend import Table, legend_of
from .scene import Node, Path, Scene
from .style import Setting, Theme

#: Titles are broken into lines of this width.
TITLE = 700.0
#: What a card takes along the way of the data and across it, to the right and downwards; what a page has.
RIGHT, DOWN, PAGE = (198, 90), (100, 174), 1280
#: Up to so many operations have their parameters beside them, more on their cards.
APART = 8


def layered_dot(scene: Scene, setting: Setting) -> str:
    """The picture of a scene without time steps; labels have nothing to stand on and are left out.

    Beside the line on which a value goes forward is another one on which its gradient comes back.
    """
    theme = setting.theme
    writer = Writer(setting)
    within = _within(scene, setting)
    hidden = {parameter.id for several in within.values() for parameter in several}
    inside: dict[Path, list[str]] = defaultdict(list)
    for node in sorted(scene.nodes, key=lambda n: (n.place if n.symbol else (), n.id)):
        if node.id in hidden:
            continue
        if node.id in within:
            names = scene.arguments(node.id, lambda source: short_name(source) if source.id in hidden else source.name)
            node = replace(node, formula=forward(scene.made[node.id], names))
        card = card_of(node, setting, within.get(node.id, ()), broken=scene.is_broken(node))
        inside[node.place if node.symbol else ()].append(writer.statement(card))
    write_scopes(writer, inside, scene.kinds)
    for edge in scene.edges:
        if edge.source in hidden:
            continue
        source, target = scene.nodes[edge.source], scene.nodes[edge.target]
        colour = theme.parameter if source.kind == "parameter" else theme.forward
        note = f"{source.name} -> {target.name}"
        writer.edge(f"n{edge.source} -> n{edge.target}", note, colour, edge.size, cut=edge.cut)
    return layered(writer, [(edge.source, edge.target) for edge in scene.edges])


def _within(scene: Scene, setting: Setting) -> dict[int, list[Node]]:
    """Of many operations those on whose cards a parameter stands that nothing else reads; a page keeps them apart."""
    found: dict[int, list[Node]] = defaultdict(list)
    if scene.operations > APART and setting.theme.name != "markers":
        for node in scene.nodes:
            if node.kind == "parameter" and len(scene.readers.get(node.id, ())) == 1:
                found[scene.readers[node.id][0].target].append(node)
    return found


def direction_of(links: Iterable[tuple[Hashable, Hashable]], asked: str = "") -> str:
    """Where the data goes, "right" or "down": unless ``asked`` for, so that the picture is as wide as can be read."""
    after: dict[Hashable, list[Hashable]] = defaultdict(list)
    waiting: Counter[Hashable] = Counter()
    for source, target in links:
        after[source].append(target)
        waiting[target] += 1
    row = {name: 0 for name in after if not waiting[name]}
    for name in (queue := list(row)):  # closed boxes may read each other in a circle, which is never reached
        for target in after[name]:
            row[target] = max(row.get(target, 0), row[name] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                queue.append(target)
    deep, broad = 1 + max(row.values(), default=0), max(Counter(row.values()).values(), default=1)
    wide = deep * RIGHT[0]
    return asked or ("down" if wide > PAGE and broad * DOWN[1] < wide else "right")


def layered(
    writer: Writer,
    links: Iterable[tuple[Hashable, Hashable]] = (),
    words: Sequence[str] | None = (),
    *,
    backwards: bool = False,
) -> str:
    """The whole text of a picture that ``dot`` lays out: its head, then what was written.

    The ``links`` are what leads from what to what, or ``backwards``; ``words`` are for the legend, None for none.
    """
    setting = writer.setting
    down = direction_of(links, setting.direction) == "down"
    direction = ("BT" if backwards else "TB") if down else "RL" if backwards else "LR"
    legend = None if words is None else legend_of(setting, words)
    page = legend is not None and setting.theme.name == "markers"  # a page has its own title, and moves the legend
    head = [
        "// draw it with: dot -Tsvg picture.dot -o picture.svg",
        "digraph scene {",
        f'graph [bgcolor="{setting.theme.background}" rankdir={direction} nodesep=0.28 '
        f"ranksep={0.42 if down else 0.6} compound=true splines=true "
        f'labeljust=l labelloc=t pad=0.25 fontname="Arial" outputorder=nodesfirst',
        f"label=<{_title(setting, None if page else legend)}>]",
        'node [shape=plain fontname="Arial" fontsize=10]',
        'edge [arrowsize=0.6 fontname="Arial" fontsize=10]',
    ]
    if page and legend is not None:
        head += [
            "subgraph cluster_legend {",
            f'graph [label="" color="{setting.theme.panel_border}" margin=6 id="legend" class="legend"]',
            f"k0 [label=<{legend.label}>]",
            "}",
        ]
    writer.out = [*head, *writer.out]
    return writer.close()


def scope_head(theme: Theme, number: int, name: str, kind: str = "", *, even: bool = False) -> list[str]:
    """The head of the cluster of a scope; ``even`` ones have another ground, to be told from those around them."""
    words = font(escape(clean(name) or "-"), theme.text, 10, bold=True) + beside(kind, theme)
    return [
        f"subgraph cluster_{number} {{",
        f'graph [label=<{words}> style=filled fillcolor="{theme.card if even else theme.panel}" '
        f'color="{theme.panel_border}"]',
    ]


def beside(kind: str, theme: Theme, points: float = 10) -> str:
    """The class of a module beside its name."""
    return font(escape(f"  {clean(kind)}"), theme.muted, points) if kind else ""


def write_scopes(
    writer: Writer,
    inside: Mapping[Path, Sequence[str]],
    kinds: Mapping[Path, str],
    first: int = 0,
    *,
    shaded: bool = False,
) -> None:
    """What stands in every open scope, in clusters as deep as a program nests them, numbered from ``first`` on.

    ``shaded``: those at even depth have another ground, to be told from those around them.
    """
    below: dict[Path, dict[Path, None]] = defaultdict(dict)  # the scopes in every scope, in the order of appearance
    for path in inside:
        for n in range(len(path)):
            below[path[:n]].setdefault(path[: n + 1])
    number = count(first)

    waiting: list[Path | None] = [()]  # None ends the scope that is open
    while waiting:
        scope = waiting.pop()
        if scope is None:
            writer.out.append("}")
            continue
        if scope:
            even = shaded and len(scope) % 2 == 0
            writer.out += scope_head(writer.theme, next(number), scope[-1], kinds.get(scope, ""), even=even)
            waiting.append(None)
        writer.out += inside.get(scope, [])
        waiting += reversed(below.get(scope, {}))


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
