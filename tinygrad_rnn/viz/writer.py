"""The writer: cards, texts, bars of colour, lines and the legend as DOT statements, the same bytes every time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from .card import Card
from .label import bare, cell, escape, fit, fitted, font, quoted, row, tag, text_width
from .numbers import number
from .paths import Point
from .routes import Kind, Line
from .style import SHADES, Setting

#: What to type to draw a file by hand.
COMMAND = "// draw it with: dot -Kneato -n2 -Tsvg picture.dot -o picture.svg\n"
#: Width and height of the legend.
LEGEND = (282.0, 176.0)
#: A mark of the legend: a kind of line ("words" for none), what it means, and how far up the scale its gradient is.
Mark = tuple[Kind | Literal["words"], str, float | None]
MARKS: Sequence[Mark] = (
    ("data", "forward: values", None),
    ("parameter", "shared parameter (the same at every step)", None),
    ("gradient", "backward: gradient; wider, stronger = larger", 2 / 3),
    ("gradient", "exactly 0 (dashed: below the scale)", 0.0),
    ("gradient", "NaN or infinite", math.nan),
)


class Writer:
    """Writes DOT statements; node names and ids are numbers, never anybody's text."""

    def __init__(self, setting: Setting) -> None:
        self.setting, self.theme, self.scale = setting, setting.theme, setting.scale
        self.out: list[str] = []

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
        self.out += [
            f"subgraph cluster_{name} {{",
            f'graph [bb="{",".join(map(_short, box))}" style=filled fillcolor="{fill}" '
            f'color="{border}" id="{id}" class="{css}" label=""]',
        ]

    def statement(self, card: Card, at: Point | None = None) -> str:
        """One card; without ``at``, wherever graphviz likes it."""
        node = card.node
        what = f"{node.name} = {node.formula}" if node.symbol else f"{node.name} ({node.formula})"
        place = "" if at is None else f'pos="{_point(at)}!" '
        return f'n{node.id} [{place}id="n{node.id}" class="{node.kind}" tooltip={quoted(what)} label=<{card.label}>]'

    def table(self, name: str, at: Point, label: str, css: str = "") -> None:
        """A table that stands for no value of the graph."""
        extra = f' class="{css}"' if css else ""
        self.out.append(f'{name} [pos="{_point(at)}!"{extra} label=<{label}>]')

    def text(
        self,
        name: str,
        x: float,
        y: float,
        text: str,
        points: float,
        colour: str,
        *,
        bold: bool = False,
        width: float | None = None,
        align: Literal["left", "middle", "right"] = "left",
    ) -> None:
        """A line of text that begins at ``x`` (or has its middle or end there); cut if it is longer than ``width``."""
        shown = text if width is None else fit(text, width, points, bold=bold)
        if not shown:
            return
        wide = int(text_width(shown, points, bold=bold)) + 8
        side, shift = {"left": ("LEFT", 0.5), "middle": ("CENTER", 0.0), "right": ("RIGHT", -0.5)}[align]
        size = {"fixedsize": "TRUE", "width": wide, "height": int(points * 1.4) + 2}
        words = tag("TD", font(escape(shown), colour, _short(points), bold=bold), align=side, **size)
        self.table(name, (x + shift * wide, y), bare(row(words), cellpadding=0, **size))

    def heading(self, x: float, y: float, width: float) -> None:
        """Title, subtitle and note; ``y`` is the lower end of the last of them."""
        lines = list(self.setting.said)
        at = y + sum(height for *_, height in lines)
        for name, text, points, colour, height in lines:
            self.text(name, x, at - height / 2, text, points, colour, bold=name == "title", width=width)
            at -= height

    def box(
        self,
        name: str,
        left: float,
        bottom: float,
        width: float,
        height: float,
        fill: str,
        *,
        line: str | None = None,
        pen: float = 1.0,
        dash: str = "solid",
        label: str = "",
        points: float = 8,
        ink: str = "",
        note: str = "",
        css: str = "",
    ) -> None:
        """A rectangle, framed in the colour ``line`` if there is one, with a short ``label`` in its middle."""
        style = "filled" if dash == "solid" else f"filled,{dash}"
        words = f'fontsize={_short(points)} fontcolor="{ink}"' if label else ""
        extra = (f" tooltip={quoted(note)}" if note else "") + (f' class="{css}"' if css else "")
        self.out.append(
            f'{name} [pos="{_point((left + width / 2, bottom + height / 2))}!" shape=box fixedsize=true '
            f'width={_inches(width)} height={_inches(height)} style="{style}" fillcolor="{fill}" '
            f'color="{line or fill}" penwidth={_short(pen) if line else 0} label={quoted(label)} {words}{extra}]'
        )

    def strip(self, name: str, x: float, y: float, width: float, words: str, amount: float) -> None:
        """A bar of text on the colour of a gradient."""
        look = self.setting.look(amount)
        frame, wide = int(look.faint), int(width)
        inner = row(cell(fitted(words, width - 4, look.ink, 8), wide - 2 * frame, 14 - 2 * frame, bgcolor=look.fill))
        lines = {"border": frame, "color": self.theme.zero, "cellborder": 0, "cellspacing": 0, "cellpadding": 0}
        table = tag("TABLE", inner, **lines, fixedsize="TRUE", width=wide, height=14)
        self.table(name, (x + wide / 2, y), table, f"strip {look.css}")

    def edge(
        self, ends: str, note: str, forward: str, amount: float | None, *, cut: bool = False, back: bool = False
    ) -> None:
        """One or two lines that ``dot`` lays out: the value goes forward, and the gradient comes back beside it.

        ``back``: the value goes from the second end to the first, against the way of the picture.
        """
        show, looks = self.setting.show, " dir=back" if back else ""
        if amount is None or show != "gradients":
            style = " style=invis" if show == "gradients" else " style=dashed" if cut and amount is None else ""
            self.out.append(f'{ends} [color="{forward}"{style}{looks} class="forward" edgetooltip={quoted(note)}]')
        if amount is None or show == "values":
            return
        look = self.setting.look(amount)
        # Graphviz makes the head of a line wider with the line.
        self.out.append(
            f'{ends} [color="{look.line}" dir={"forward" if back else "back"} penwidth={look.width:g} '
            f'style={look.dash} arrowsize={0.6 if look.width < 2 else 0.45:g} class="backward along {look.css}" '
            f"edgetooltip={quoted(f'{note}: size {number(amount)}')}]"
        )

    def anchor(self, name: str, at: Point) -> None:
        """An invisible point for lines to belong to that do not run between cards."""
        self.out.append(f'{name} [pos="{_point(at)}!" label="" width=0 height=0 shape=point style=invis]')

    def line(
        self, line: Line, ends: tuple[str, str] | None = None, *, arrow: float | None = None, thickest: float = math.inf
    ) -> None:
        """One line with its looks; ``arrow`` is the size of its head, if not the usual."""
        tail, head = ends or (f"n{line.tail}", f"n{line.head}")
        colour, width, dash, css = self.looks(line)
        width = min(width, thickest)
        points, end = line.points, ""
        if line.tip is not None:
            points, tip = _withdrawn(points, line.tip, width)
            end = f"e,{_point(tip)} "
        start = "" if line.dot is None else f"s,{_point(line.dot)} "
        pos = start + end + " ".join(map(_point, points))
        direction = ("both" if end else "back") if start else "forward" if end else "none"
        note = f"{line.note}: size {number(line.size)}" if line.note and line.size is not None else line.note
        extra = f" arrowsize={_short(arrow)}" if arrow is not None else ""
        self.out.append(
            f'{tail} -> {head} [pos="{pos}" color="{colour}" penwidth={_short(width)} style={dash} dir={direction} '
            f'arrowtail=dot class="{css}" edgetooltip={quoted(note)}{extra}]'
        )

    def looks(self, line: Line) -> tuple[str, float, str, str]:
        """Colour, width, dash and class of a line."""
        if line.kind == "gradient":
            look = self.setting.look(line.size)
            of = f" of{'_'.join(map(str, line.shares))}" if self.theme.name == "markers" and line.shares else ""
            return look.line, look.width, look.dash, f"backward {look.css}{of}"
        return {
            "data": (self.theme.forward, 1.0, "solid", "forward"),
            "cut": (self.theme.forward, 1.2, "dashed", "forward cut"),
            "parameter": (self.theme.parameter, 1.0, "solid", "forward parameter"),
            "state": (self.theme.text, 1.2, "solid", "forward state"),
        }[line.kind]

    def legend(self, x: float, y: float, marks: Sequence[Mark] = MARKS) -> None:
        """How to read the picture, with real marks; ``x``, ``y`` is the upper left corner."""
        width, height = LEGEND
        theme = self.theme
        box = (x, y - height, x + width, y)
        self.begin("legend", box, theme.panel_border, theme.background, "legend", "legend")
        self.text("k0", x + 10, y - 14, "How to read it", 11, theme.text, bold=True)
        for n, (kind, words, place) in enumerate(marks):
            at = y - 36 - 17 * n
            if kind == "words":
                self.text(f"k{n + 1}", x + 10, at, words, 9, theme.text)
                continue
            self.text(f"k{n + 1}", x + 54, at, words, 9, theme.text)
            self.anchor(f"m{n}", (x + 48, at))
            points = ((x + 12, at), (x + 22, at), (x + 31, at), (x + 41, at))
            amount = 10 ** (self.scale.low + (self.scale.high - self.scale.low) * place) if place else place
            self.line(Line(kind, 0, 0, points, (x + 48, at), size=amount), (f"k{n + 1}", f"m{n}"))
        self.text("k6", x + 10, y - 122, "size of the gradient: Euclidean norm, log scale", 8.5, theme.muted)
        shade = int((width - 44) / SHADES)
        cells = row(*(cell("", shade, 12, bgcolor=fill) for fill in theme.fills))
        ramp = bare(cells, cellpadding=0, fixedsize="TRUE", width=shade * SHADES, height=12)
        self.table("k7", (x + width / 2, y - 138), ramp)
        begin = x + width / 2 - shade * SHADES / 2
        decades = round(self.scale.high - self.scale.low)
        for n in range(decades + 1):
            at = begin + n * shade * SHADES / decades
            words = number(10 ** (self.scale.low + n))
            self.text(f"k{8 + n}", at - text_width(words, 8) / 2 - 2, y - 153, words, 8, theme.muted)
        self.out.append("}")


def _withdrawn(points: Sequence[Point], tip: Point, width: float) -> tuple[Sequence[Point], Point]:
    """Draw the arrow back by what the pen adds to its point, which not every graphviz allows for."""
    (x, y), (ex, ey) = points[-1], tip
    length = math.hypot(ex - x, ey - y)
    if width < 1.5 or length == 0:
        return points, tip
    dx, dy = (x - ex) / length * width * 0.6, (y - ey) / length * width * 0.6
    (cx, cy), (px, py) = points[-2:]
    return (*points[:-2], (cx + dx, cy + dy), (px + dx, py + dy)), (ex + dx, ey + dy)


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


def _inches(value: float) -> str:
    return f"{value / 72:.4f}"


def _point(point: Point) -> str:
    return f"{_short(round(point[0], 2))},{_short(round(point[1], 2))}"
