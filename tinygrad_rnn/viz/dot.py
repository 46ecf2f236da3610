"""DOT text: cards, texts, lines, legend; a scene with time steps as graphviz reads it, the same bytes every time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from typing import Literal

from .card import WIDTH, Card, card_of
from .grid import HEADER, STRIP, Grid, grid_of
from .label import bare, cell, escape, fit, fitted, font, quoted, row, tag, text_width
from .legend import legend_of
from .numbers import number
from .paths import Point
from .routes import Line, lines_of
from .scene import Node, Scene
from .style import LEAST, WIDEST, Scale, Setting
from .wrap import Box, Wrap

#: What to type to draw a file by hand.
COMMAND = "// draw it with: dot -Kneato -n2 -Tsvg picture.dot -o picture.svg\n"
#: The words above a picture have so much room at least.
NARROWEST = 564.0
#: Around a picture.
PAD = 18.0
#: How the size of a gradient is written in a strip, and where there is little room.
STRIPS = ("|{}{}| = {}", "{}{}: {}")


class Writer:
    """Writes DOT statements; node names and ids are numbers, never anybody's text."""

    def __init__(self, setting: Setting, wrap: Wrap | None = None) -> None:
        self.setting, self.theme, self.scale = setting, setting.theme, setting.scale
        self.out: list[str] = []
        self.wrap = wrap or Wrap((), ())  #: of what is written now

    def open(self) -> None:
        """The head of the file."""
        self.out += [
            COMMAND + "digraph scene {",
            f'graph [layout=neato bgcolor="{self.theme.background}" outputorder=nodesfirst notranslate=true '
            'splines=true pad=0.25 fontname="Arial"]',
            'node [shape=plain fontname="Arial" fontsize=10]',
            "edge [arrowsize=0.6]",
        ]

    def close(self) -> str:
        """The whole text."""
        return "\n".join([*self.out, "}", ""])

    def begin(self, name: str, box: Sequence[float], border: str, fill: str, id: str, css: str) -> None:
        """The ground of a step or of the legend; what follows stands on it until its bracket is closed."""
        dx, dy = self.wrap.shift(box[0])
        ends = map(short, (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy))
        self.out += [
            f"subgraph cluster_{name} {{",
            f'graph [bb="{",".join(ends)}" style=filled fillcolor="{fill}" '
            f'color="{border}" id="{id}" class="{css}" label=""]',
        ]

    def statement(self, card: Card, at: Point | None = None) -> str:
        """One card; without ``at``, wherever graphviz likes it."""
        node = card.node
        what = f"{node.name} = {node.formula}" if node.symbol else f"{node.name} ({node.formula})"
        place = "" if at is None else f'pos="{point(self.wrap.moved(at))}!" '
        return f'n{node.id} [{place}id="n{node.id}" class="{node.kind}" tooltip={quoted(what)} label=<{card.label}>]'

    def table(self, name: str, at: Point, label: str, css: str = "", line: int | None = None) -> None:
        """A table that stands for no value of the graph."""
        extra = f' class="{css}"' if css else ""
        self.out.append(f'{name} [pos="{point(self.wrap.moved(at, line))}!"{extra} label=<{label}>]')

    def text(
        self, name: str, x: float, y: float, text: str, points: float, colour: str,
        *, bold: bool = False, width: float = math.inf, align: Literal["left", "middle", "right"] = "left",
        line: int | None = None,
    ) -> None:  # fmt: skip
        """A line of text that begins at ``x`` (or has its middle or end there); cut if it is longer than ``width``."""
        shown = fit(text, width, points, bold=bold) if width < math.inf else text
        if shown:
            wide = int(text_width(shown, points, bold=bold)) + 8
            side, shift = {"left": ("LEFT", 0.5), "middle": ("CENTER", 0.0), "right": ("RIGHT", -0.5)}[align]
            size = {"fixedsize": "TRUE", "width": wide, "height": int(points * 1.4) + 2}
            words = tag("TD", font(escape(shown), colour, short(points), bold=bold), align=side, **size)
            self.table(name, (x + shift * wide, y), bare(row(words), cellpadding=0, **size), line=line)

    def heading(self, x: float, y: float, width: float) -> float:
        """Title, subtitle and note, as wide as the picture, from ``y`` up to the result."""
        self.setting.width = width + 2 * PAD
        lines = list(self.setting.said)
        at = top = y + sum(height for *_, height in lines)
        for name, text, points, colour, height in lines:
            self.text(name, x, at - height / 2, text, points, colour, bold=name == "title", width=width)
            at -= height
        return top

    def strip(self, name: str, x: float, y: float, width: float, words: str, amount: float) -> None:
        """A bar of text on the colour of a gradient."""
        look = self.setting.look(amount)
        frame, wide = int(look.faint), int(width)
        shown = fitted(words, width - 4, look.ink, LEAST)
        inner = row(cell(shown, wide - 2 * frame, 14 - 2 * frame, bgcolor=look.fill))
        lines = {"border": frame, "color": self.theme.zero, "cellborder": 0, "cellspacing": 0, "cellpadding": 0}
        table = tag("TABLE", inner, **lines, fixedsize="TRUE", width=wide, height=14)
        self.table(name, (x + wide / 2, y), table, f"strip {look.css}")

    def anchor(self, name: str, at: Point) -> None:
        """An invisible point for lines to belong to that do not run between cards."""
        self.out.append(f'{name} [pos="{point(at)}!" label="" width=0 height=0 shape=point style=invis]')

    def line(
        self, line: Line, ends: tuple[str, str] | None = None, *, arrow: float | None = None, thickest: float = math.inf
    ) -> None:
        """One line with its looks; ``arrow`` is the size of its head, if not the usual."""
        tail, head = ends or (f"n{line.tail}", f"n{line.head}")
        look = self.setting.look(line.size)
        forward = line.kind if line.kind in ("parameter", "cut") else "data"
        self.setting.seen.add(forward if line.size is None else look.css)
        of = f" of{'_'.join(map(str, line.shares))}" if self.theme.name == "markers" and line.shares else ""
        colour, width, dash, css = {
            "data": (self.theme.forward, 1.0, "solid", "forward"),
            "cut": (self.theme.forward, 1.2, "dashed", "forward cut"),
            "parameter": (self.theme.parameter, 1.0, "solid", "forward parameter"),
            "state": (self.theme.text, 1.2, "solid", "forward state"),
            "gradient": (look.line, look.width, look.dash, f"backward {look.css}{of}"),
        }[line.kind]
        css += " wrapped" if line.wrapped else ""
        width = min(width, thickest)
        points, end = line.points, ""
        if line.tip is not None:
            points, tip = _withdrawn(points, line.tip, width)
            end = f"e,{point(tip)} "
        start = "" if line.dot is None else f"s,{point(line.dot)} "
        pos = start + end + " ".join(map(point, points))
        direction = ("both" if end else "back") if start else "forward" if end else "none"
        note = f"{line.note}: size {number(line.size)}" if line.note and line.size is not None else line.note
        extra = f" arrowsize={short(arrow)}" if arrow is not None else ""
        self.out.append(
            f'{tail} -> {head} [pos="{pos}" color="{colour}" penwidth={short(width)} style={dash} dir={direction} '
            f'arrowtail=dot class="{css}" edgetooltip={quoted(note)}{extra}]'
        )

    def legend(self, x: float, y: float, words: Sequence[str] = ()) -> float:
        """How to read what was drawn so far; ``x``, ``y`` is the lower left corner, the result the upper end."""
        table = legend_of(self.setting, words)
        x, y, right, top = box = (x, y, x + table.width, y + table.height)
        self.begin("legend", box, self.theme.background, self.theme.background, "legend", "legend")
        self.table("k0", ((x + right) / 2, (y + top) / 2), table.label)
        self.out.append("}")
        return top


def _withdrawn(points: Sequence[Point], tip: Point, width: float) -> tuple[Sequence[Point], Point]:
    """Draw the arrow back by what the pen adds to its point, which not every graphviz allows for."""
    (x, y), (ex, ey) = points[-1], tip
    length = math.hypot(ex - x, ey - y)
    if width < 1.5 or length == 0:
        return points, tip
    dx, dy = (x - ex) / length * width * 0.6, (y - ey) / length * width * 0.6
    (cx, cy), (px, py) = points[-2:]
    return (*points[:-2], (cx + dx, cy + dy), (px + dx, py + dy)), (ex + dx, ey + dy)


def short(value: float) -> str:
    """A number with two decimals at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


@lru_cache(1 << 14)  # windows of a long graph lie at the same places
def point(at: Point) -> str:
    """A point as graphviz reads it."""
    return f"{short(round(at[0], 2))},{short(round(at[1], 2))}"


def scale_of(*scenes: Scene) -> Scale:
    """The scale that covers all gradients of the scenes, those of cards and those of edges."""
    sizes = ([n.size for n in scene.nodes] + [edge.size for edge in scene.edges] for scene in scenes)
    return Scale.over(chain.from_iterable(sizes))


def grid_dot(scene: Scene, setting: Setting) -> str:
    """The picture of a scene with time steps."""
    show = setting.show
    cards = {node.id: card_of(node, setting, broken=scene.is_broken(node)) for node in scene.nodes}
    grid = grid_of(scene, cards, widest=widest(setting))
    lines = [line for line in lines_of(scene, grid) if show == "both" or (line.size is None) == (show == "values")]
    writer = Writer(setting)
    writer.open()
    words: list[str] = []
    with wrapping(writer, scene, grid, lines, extents_of(grid, cards, lines), words):
        if write_steps(writer, scene, grid, cards, strips=show != "values"):
            words.append("bars above a step: its states, those computed last")
        cuts = ((line.tip, line.points[0][1]) for line in lines if line.kind == "cut" and line.tip is not None)
        for n, ((x, y), start) in enumerate(cuts):  # on the side of its arrow that the line does not come from
            at = y - 9 if start > y else y + 9
            writer.text(f"cut{n}", x - 4, at, "cut", LEAST, writer.theme.text, align="right")
    return writer.close()


def widest(setting: Setting) -> float:
    """How wide a picture may be before it goes on in another line; a page moves its columns itself."""
    return math.inf if setting.theme.name == "markers" else WIDEST - 2 * PAD


@contextmanager
def wrapping(
    writer: Writer, scene: Scene, grid: Grid, lines: Sequence[Line], boxes: Sequence[Box], words: Sequence[str] = ()
) -> Iterator[None]:
    """What is written inside stands in the line it belongs to; then come ``lines``, their names, legend and title."""
    plain, wrap = writer.wrap, Wrap(grid.cuts, boxes)
    writer.wrap = wrap
    yield
    writer.wrap = plain
    for line in lines:
        for piece in wrap.pieces(line, grid):
            writer.line(piece)
    for n, (at, name, ends) in enumerate(wrap.names(scene, grid, lines)):
        writer.text(f"on{n}", *at, name, LEAST, writer.theme.muted, align="left" if ends else "right")
    above = writer.legend(wrap.left, wrap.top + 16, words)
    top = writer.heading(wrap.left, above + 10, max(wrap.right - wrap.left, NARROWEST))
    writer.setting.height = top - wrap.top + wrap.height + 2 * PAD


def write_steps(writer: Writer, scene: Scene, grid: Grid, cards: Mapping[int, Card], strips: bool = False) -> bool:
    """Every step with its cards, then the other cards; whether the strips are of some states alone."""
    theme, labels, fewer = writer.theme, writer.setting.labels, False
    columns = {column.frame: column for column in grid.columns}
    panels = [(frame, right - left - 20) for frame, left, _, right, _ in grid.panels if strips]
    full, short = ({at: _strips(scene, at, wide, form) for at, wide in panels} for form in STRIPS)
    said = full if sum(map(len, full.values())) == sum(map(len, short.values())) else short  # one form in all steps
    for frame, left, bottom, right, top in grid.panels:
        writer.begin(str(frame), (left, bottom, right, top), theme.panel_border, theme.panel, f"step{frame}", "step")
        step, y = scene.frames[frame], top - 16
        writer.text(f"t{frame}", left + 10, y, f"t = {step}", 14, theme.text, bold=True)
        if words := "; ".join(filter(None, (scene.passes[frame], labels.get(step)))):
            after = left + 10 + text_width(f"t = {step}", 14, bold=True) + 12
            writer.text(f"l{frame}", after, y, words, LEAST, theme.muted, width=right - after - 6)
        wide, high = (right - left - 16) / max(len(said.get(frame, ())), 1), top - HEADER - 8 - STRIP / 2
        for n, (node, amount, text) in enumerate(said.get(frame, ())):
            writer.strip(f"s{node.id}", left + 10 + n * wide, high, wide - 4, fit(text, wide - 8, LEAST), amount)
        fewer |= strips and len(said[frame]) < sum(scene.nodes[id].size is not None for id in scene.states[frame])
        writer.out += [writer.statement(cards[id], grid.at[id]) for id in columns[frame].nodes.values()]
        writer.out.append("}")
    outside = [node.id for node in scene.nodes if node.frame is None]
    writer.out += [writer.statement(cards[id], grid.at[id]) for id in outside]
    return fewer


def extents_of(grid: Grid, cards: Mapping[int, Card], lines: Iterable[Line]) -> list[Box]:
    """Around everything that is drawn."""
    sides = [(x, y, WIDTH / 2, cards[id].height / 2) for id, (x, y) in grid.at.items()]
    boxes = [panel[1:] for panel in grid.panels] + [(x - dx, y - dy, x + dx, y + dy) for x, y, dx, dy in sides]
    return boxes + [(x, y, x, y) for line in lines for x, y in line.points]


def _strips(scene: Scene, frame: int, wide: float, form: str) -> list[tuple[Node, float, str]]:
    """The states of a step whose gradients' sizes stand side by side in so ``wide`` a strip, the sizes and the words.

    They are the last three, or as many as have room; one alone has a name that is cut.
    """
    found = (scene.nodes[id] for id in scene.states[frame])
    said = [(n, n.size, form.format(scene.called, n.name, number(n.size))) for n in found if n.size is not None]
    rooms = ((many, (wide + 4) / many - 8) for many in range(min(3, len(said)), 0, -1))
    fitting = (many for many, room in rooms if all(text_width(text, LEAST) <= room for *_, text in said[:many]))
    return said[: next(fitting, 1)]
