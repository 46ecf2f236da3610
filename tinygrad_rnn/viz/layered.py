"""Layered: DOT text for graphs without time steps, laid out from left to right by graphviz's ``dot``."""

from __future__ import annotations

from collections.abc import Mapping

from .broken import first_broken
from .card import Show, card_of, escape, fit, quoted
from .dot import scale_of
from .names import clean
from .numbers import number, size
from .scene import Edge, Scene
from .style import SHADES, Level, Scale, Theme
from .writer import Writer

__all__ = ["layered_dot", "layered_head", "layered_legend", "scope_head", "strokes_of"]

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

    An edge with a gradient is a single one of several parallel strokes: the first goes forward, the others are the
    gradient that comes back, the more of them the larger it is.
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
        f'graph [bgcolor="{theme.background}" rankdir={direction} nodesep=0.28 ranksep=0.42 compound=true splines=true '
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
    return strokes_of(f"n{edge.source} -> n{edge.target}", note, forward, amount, scale, theme, show, cut=edge.cut)


def strokes_of(
    ends: str,
    note: str,
    forward: str,
    amount: float | None,
    scale: Scale,
    theme: Theme,
    show: Show = "both",
    *,
    cut: bool = False,
) -> str:
    """An edge as parallel strokes: one in the colour ``forward``, then the gradient that comes back."""
    if amount is None and show == "gradients":
        return f"{ends} [style=invis]"
    if amount is None or show == "values":
        dash = " style=dashed" if cut else ""
        return f'{ends} [color="{forward}"{dash} class="forward" edgetooltip={quoted(note)}]'
    look = scale.look(amount, theme)
    strokes = 1 if look.shade is None else 1 + look.shade * 4 // SHADES
    style = "" if look.level is Level.SHADE else f" style={look.dash}"
    both = show == "both"
    colours = ":".join([*[forward] * both, *[look.line] * strokes])
    looks = f"dir={'both' if both else 'back'} penwidth=2{style}"
    note = quoted(f"{note}: size {number(amount)}")
    return f'{ends} [color="{colours}" {looks} class="{"both" if both else "backward"} {look.css}" edgetooltip={note}]'


def layered_legend(scale: Scale, theme: Theme) -> list[str]:
    """How to read the picture: words at the left, a real edge at the right of them."""
    middle = 10 ** ((scale.low + scale.high * 2) / 3)
    rows = []
    for n, (words, colour, amount) in enumerate(
        (
            ("value forward, no gradient", theme.forward, None),
            ("NaN or infinite gradient", theme.forward, float("nan")),
            ("gradient exactly 0 (dashed: below the scale)", theme.forward, 0.0),
            ("the same, of a parameter", theme.parameter, middle),
            ("value forward, gradient back (more strokes = larger)", theme.forward, middle),
        )
    ):
        look = scale.look(amount, theme)
        strokes = 1 if look.shade is None else 1 + look.shade * 4 // SHADES
        colours = ":".join([colour, *([look.line] * strokes if amount is not None else [])])
        looks = f'color="{colours}" dir={"forward" if amount is None else "both"}'
        looks += "" if amount is None else f" penwidth=2 style={look.dash}"
        rows += [
            f'k{n} [label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR><TD FIXEDSIZE="TRUE" '
            f'WIDTH="230" HEIGHT="14" ALIGN="LEFT"><FONT POINT-SIZE="9" COLOR="{theme.text}">{words}</FONT></TD></TR>'
            "</TABLE>>]",
            f'm{n} [shape=point width=0.01 height=0.01 style=invis label=""]',
            f"k{n} -> m{n} [{looks}]",
        ]
    cells = "".join(f'<TD WIDTH="28" HEIGHT="12" FIXEDSIZE="TRUE" BGCOLOR="{fill}"></TD>' for fill in theme.fills)
    low, high = number(10**scale.low), number(10**scale.high)
    ends = f'<FONT POINT-SIZE="8" COLOR="{theme.muted}">'
    rows.append(
        f'k9 [label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR>'
        f'<TD COLSPAN="{SHADES}" ALIGN="LEFT">{ends}size of the gradient: Euclidean norm, log scale</FONT></TD></TR>'
        f'<TR>{cells}</TR><TR><TD COLSPAN="4" ALIGN="LEFT">{ends}{low}</FONT></TD>'
        f'<TD COLSPAN="4" ALIGN="RIGHT">{ends}{high}</FONT></TD></TR></TABLE>>]'
    )
    return [
        "subgraph cluster_legend {",
        f'graph [label=<<FONT POINT-SIZE="11" COLOR="{theme.text}"><B>How to read it</B></FONT>> '
        f'color="{theme.panel_border}" id="legend" class="legend"]',
        *rows,
        "}",
    ]
