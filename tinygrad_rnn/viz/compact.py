"""Compact: a graph of single numbers as one line a value, with the local derivative on every arrow back."""

from __future__ import annotations

from .card import BADGE, NAME, NUMBERS, Card, colours_of, sign_of
from .label import cell, font, stacked, text_width, worded
from .layered import Layered
from .numbers import number
from .scene import REST, Node, Scene
from .style import Setting

#: Height of a line, width of a number, and how wide names may be.
LINE, NUMBER, NAMES = 20, 56, (24, 96)
#: More values than this are read better as cards with formulas.
MOST = 60


def is_compact(scene: Scene) -> bool:
    """Whether all values are single numbers, and few enough to be read in one look; time has its own picture."""
    single = all(node.value.ndim == 0 and node.symbol != REST for node in scene.nodes)
    return single and not scene.frames and len(scene.nodes) <= MOST


def compact_dot(scene: Scene, setting: Setting) -> str:
    """The picture of a graph of single numbers; what its marks mean is said by the words above it."""
    writer = Layered(setting)
    needed = max(text_width(node.name, NAME, bold=True) for node in scene.nodes)
    wide = int(min(max(needed, NAMES[0]), NAMES[1])) + 6
    for node in scene.nodes:
        writer.put(writer.statement(_card(node, wide, setting, broken=scene.is_broken(node))))
    for edge in scene.edges:
        source, target = scene.nodes[edge.source], scene.nodes[edge.target]
        colour = setting.theme.parameter if source.kind == "parameter" else setting.theme.forward
        derivative = scene.derivative(edge)
        factor = "" if derivative is None or edge.share is None else f"x {number(derivative.item())}"
        ends = (f"n{edge.source}", f"n{edge.target}")
        writer.edge(ends, f"{source.name} -> {target.name}", colour, edge.size, cut=edge.cut, words=factor)
    return writer.whole(words=None)


def _card(node: Node, wide: int, setting: Setting, *, broken: bool) -> Card:
    """One line: sign, name, value, gradient."""
    theme, show = setting.theme, setting.show
    fill, edge = colours_of(node, theme)
    if node.symbol:
        line = sign_of(node, LINE, theme)
        line += worded(node.name, wide, LINE, theme.text, NAME, 2, bold=True, align="LEFT")
    else:
        line = worded(node.name, wide + BADGE, LINE, theme.text, NAME, 2, bold=True, align="LEFT")
    width = wide + BADGE

    def numbered(text: str, colour: str, **looks: object) -> str:
        shown = font(text, colour, NUMBERS, face="Courier New") if text else ""  # no graphviz reads a font of nothing
        return cell(shown, NUMBER, LINE, align="RIGHT", **looks)

    if show != "gradients":
        line, width = line + numbered(number(node.value.item()), theme.text), width + NUMBER
    if show != "values":
        look = setting.look(None if node.gradient is None else abs(float(node.gradient)))
        text = "" if node.gradient is None else number(node.gradient.item())
        ground = None if node.gradient is None else look.fill
        line += numbered(text, theme.muted if look.faint else look.ink, bgcolor=ground)
        width += NUMBER
    border = 2 if broken or node.kind in ("parameter", "loss") else 1
    label, height = stacked(
        [(line, LINE)], width + 2 * border, border, theme.broken if broken else edge, fill, dashed=node.cut
    )
    return Card(node, height, label)
