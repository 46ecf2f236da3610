"""Layered: DOT text for graphs without time steps, laid out from left to right by graphviz's ``dot``."""

from __future__ import annotations

from collections.abc import Mapping

from ..explain.naming import clean
from .broken import first_broken
from .card import Show, card_of, escape, fit, quoted
from .dot import scale_of
from .numbers import number, size
from .scene import Edge, Scene
from .style import SHADES, Scale, Theme
from .writer import Writer

#: Titles are cut at this width.
TITLE = 700.0


def layered_dot(
    scene: Scene,
    theme: Theme,
    title: str,
    subtitle: str,
    labels: Mapping[int, str],
    *,
    note: str = "",
    scale: Scale | None = None,
    show: Show = "both",
) -> str:
    """The picture of a scene without time steps; ``labels`` have nothing to stand on and are left out.

    Beside the line on which a value goes forward is another one on which its gradient comes back.
    """
    scale = scale or scale_of(scene)
    out = layered_head(theme, (title, subtitle, note))
    first = first_broken(scene)
    broken = None if first is None else first.node
    cards = {node.id: card_of(node, scale, theme, show, broken=node.id == broken) for node in scene.nodes}
    writer = Writer(theme, scale)
    opened: tuple[str, ...] = ()
    number_of_scopes = 0
    for node in sorted(scene.nodes, key=lambda n: (n.place if n.symbol else (), n.id)):
        place = node.place if node.symbol else ()
        shared = 0
        while shared < min(len(opened), len(place)) and opened[shared] == place[shared]:
            shared += 1
        writer.out += ["}"] * (len(opened) - shared)
        for name in place[shared:]:
            writer.out += scope_head(theme, number_of_scopes, name)
            number_of_scopes += 1
        opened = place
        writer.card(cards[node.id])
    writer.out += ["}"] * len(opened)
    for edge in scene.edges:
        writer.out.append(_edge(scene, edge, scale, theme, show))
    out += layered_legend(scale, theme)
    out += writer.out
    return "\n".join([*out, "}", ""])


def layered_head(theme: Theme, words: tuple[str, str, str], *, direction: str = "LR") -> list[str]:
    """The head of a file that ``dot`` lays out; ``words`` are title, subtitle and note."""
    return [
        "// draw it with: dot -Tsvg picture.dot -o picture.svg",
        "digraph scene {",
        f'graph [bgcolor="{theme.background}" rankdir={direction} nodesep=0.28 ranksep=0.6 compound=true splines=true '
        f'labeljust=l labelloc=t pad=0.25 fontname="Arial" outputorder=nodesfirst',
        f"label=<{_title(*words, theme)}>]",
        'node [shape=plain fontname="Arial" fontsize=10]',
        "edge [arrowsize=0.6]",
    ]


def scope_head(theme: Theme, number: int, name: str, *, even: bool = False) -> list[str]:
    """The head of the cluster of a scope; ``even`` ones have another ground, to be told from those around them."""
    words = escape(clean(name) or "-")
    return [
        f"subgraph cluster_{number} {{",
        f'graph [label=<<FONT POINT-SIZE="10" COLOR="{theme.text}"><B>{words}</B></FONT>> '
        f'style=filled fillcolor="{theme.card if even else theme.panel}" color="{theme.panel_border}"]',
    ]


def _title(title: str, subtitle: str, note: str, theme: Theme) -> str:
    rows = [
        f'<TR><TD ALIGN="LEFT"><FONT POINT-SIZE="{points}" COLOR="{colour}">{words}</FONT></TD></TR>'
        for points, colour, words in (
            (16, theme.text, f"<B>{escape(fit(title, TITLE, 16))}</B>"),
            (10.5, theme.muted, escape(fit(subtitle, TITLE, 10.5))),
            (9, theme.muted, escape(fit(note, TITLE, 9))),
        )
        if words not in ("", "<B></B>")
    ]
    rows.append('<TR><TD HEIGHT="14"></TD></TR>')
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0">{"".join(rows)}</TABLE>'


def _edge(scene: Scene, edge: Edge, scale: Scale, theme: Theme, show: Show) -> str:
    source, target = scene.nodes[edge.source], scene.nodes[edge.target]
    forward = theme.parameter if source.kind == "parameter" else theme.forward
    amount = None if edge.share is None else size(edge.share)
    note = f"{source.name} -> {target.name}"
    return lines_of(f"n{edge.source} -> n{edge.target}", note, forward, amount, scale, theme, show, cut=edge.cut)


def lines_of(
    ends: str,
    note: str,
    forward: str,
    amount: float | None,
    scale: Scale,
    theme: Theme,
    show: Show = "both",
    *,
    cut: bool = False,
    loose: bool = False,
) -> str:
    """An edge as one or two lines: the value goes forward, thin, and the gradient comes back beside it.

    ``loose`` ones have no say in where the cards are.
    """
    looks = " constraint=false" if loose else ""
    style = " style=invis" if show == "gradients" else " style=dashed" if cut and amount is None else ""
    value = f'{ends} [color="{forward}"{style}{looks} class="forward" edgetooltip={quoted(note)}]'
    if amount is None or show == "values":
        return value
    look = scale.look(amount, theme)
    back = (
        f'{ends} [color="{look.line}" dir=back penwidth={look.width:g} style={look.dash} arrowsize={_head(look.width)}'
        f'{looks} class="backward along {look.css}" edgetooltip={quoted(f"{note}: size {number(amount)}")}]'
    )
    return back if show == "gradients" else f"{value}\n{back}"


def _head(width: float) -> str:
    """The size of the head of a line of this width, which graphviz makes wider with the line."""
    return f"{0.6 if width < 2 else 0.45:g}"


#: The width of a stroke in the legend.
STROKE = 44


def layered_legend(scale: Scale, theme: Theme) -> list[str]:
    """How to read the picture: the kinds of lines with their meaning, and the scale of the colours."""
    look = scale.look(10 ** ((scale.low + scale.high * 2) / 3), theme)
    rows = "".join(
        f'<TR><TD WIDTH="{STROKE + 16}" ALIGN="LEFT">{strokes}</TD>'
        f'<TD ALIGN="LEFT">{_words(meaning, 9, theme.text)}</TD></TR>'
        for strokes, meaning in (
            (_stroke(theme.forward, 1), "forward: a value"),
            (_stroke(theme.parameter, 1), "forward: a parameter"),
            (_stroke(look.line, 5), "backward: gradient; wider, stronger = larger"),
            (_stroke(theme.zero, 2, dashes=8), "exactly 0 (dashed: below the scale)"),
            (_stroke(theme.broken, 4, dashes=3), "NaN or infinite"),
        )
    )
    cells = "".join(f'<TD WIDTH="28" HEIGHT="12" BGCOLOR="{fill}"></TD>' for fill in theme.fills)
    ends = [_words(number(10**end), 8, theme.muted) for end in (scale.low, scale.high)]
    ramp = (
        f'{_TABLE}><TR><TD COLSPAN="{SHADES}" ALIGN="LEFT" HEIGHT="14">'
        f"{_words('size of the gradient: Euclidean norm, log scale', 8, theme.muted)}</TD></TR><TR>{cells}</TR>"
        f'<TR><TD COLSPAN="4" ALIGN="LEFT">{ends[0]}</TD><TD COLSPAN="4" ALIGN="RIGHT">{ends[1]}</TD></TR></TABLE>'
    )
    head = f'<TR><TD COLSPAN="2" ALIGN="LEFT" HEIGHT="18">{_words("<B>How to read it</B>", 11, theme.text)}</TD></TR>'
    return [
        "subgraph cluster_legend {",
        f'graph [label="" color="{theme.panel_border}" margin=6 id="legend" class="legend"]',
        f'k0 [label=<{_TABLE} CELLPADDING="1">{head}{rows}<TR><TD COLSPAN="2" ALIGN="LEFT">{ramp}</TD></TR></TABLE>>]',
        "}",
    ]


_TABLE = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0"'


def _words(text: str, points: float, colour: str) -> str:
    return f'<FONT POINT-SIZE="{points}" COLOR="{colour}">{text}</FONT>'


def _stroke(colour: str, tall: int, dashes: int = 1) -> str:
    """A line of this colour and width, in one piece or in dashes."""
    width = STROKE // (2 * dashes - 1)
    gap = f'<TD WIDTH="{width}" HEIGHT="1" FIXEDSIZE="TRUE"></TD>'
    dash = f'<TD WIDTH="{width}" HEIGHT="{tall}" FIXEDSIZE="TRUE" BGCOLOR="{colour}"></TD>'
    return f'{_TABLE} CELLPADDING="0"><TR>{gap.join([dash] * dashes)}</TR></TABLE>'
