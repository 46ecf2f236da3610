"""Inline: graphviz's SVG taken apart and put together as a drawing that a page can fold, colour and bring to life."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ..card import BADGE
from ..scene import Scene
from .parts import ROLE_OF

#: The steps of a picture are alike, and their windows are the same shapes at the same places again.
_again = lru_cache(1 << 13)

Box = tuple[float, float, float, float]  #: left, top, width, height

NOTHING = ("none", "transparent")  #: colours that draw nothing
_COORDINATE = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_TAGS = {"polygon", "polyline", "path", "ellipse", "text"}
#: Two lines of numbers stand so far above and below the word beside them, and all else farther away.
NEAR = 9
#: A picture of up to this many steps is shown with all of them open.
OPEN_STEPS = 8


class LineOf(NamedTuple):
    """What a line of the drawing belongs to: the operation, the value at its other end, and what it shows.

    ``shares`` are the numbers of the edges whose parts of the gradient go back along it.
    """

    backward: bool
    operation: int
    other: int
    shares: tuple[int, ...] = ()


@dataclass
class Drawing:
    """The picture as inline SVG."""

    svg: str = ""  #: the markup; its cards are ``#n<id>``, its lines ``#e<n>``, its steps ``#step<frame>``
    closed: str = ""  #: the markup of the steps that are folded at first
    box: Box = (0.0, 0.0, 0.0, 0.0)  #: the view box
    cards: dict[int, Box] = field(default_factory=dict)  #: where every card is, in the coordinates of the view box
    rows: dict[int, Box] = field(default_factory=dict)  #: where on a card its gradient is
    panels: dict[int, Box] = field(default_factory=dict)  #: where every step is
    lines: list[LineOf] = field(default_factory=list)
    legend: float = 0.0  #: its left edge


def usual_folds(scene: Scene) -> range:
    """The columns that are folded at first: of more than eight all but the first two and the last three.

    They are apart from the drawing, so that a browser need not lay them out.
    """
    steps = len(scene.frames)
    return range(2, steps - 3) if steps > OPEN_STEPS and not scene.is_part else range(0)


#: What the marks of the drawings on a page look like: for every rule of the style sheet its class.
Looks = dict[str, str]


def css_of(looks: Looks) -> str:
    """All looks as a style sheet."""
    return "".join(f".{name}{{{rule}}}\n" for rule, name in looks.items())


def drawing_of(svg: str, scene: Scene, looks: Looks) -> Drawing:
    """Take graphviz's picture of ``scene``, drawn in the theme ``MARKERS``, apart and put it together for a page.

    Nothing is copied as markup: shapes and words are written anew, so that a page holds no link, no script and no
    style of somebody else's. What the marks look like is added to ``looks``.
    """
    return _Builder(scene, looks).build(svg)


class _Builder:
    def __init__(self, scene: Scene, looks: Looks) -> None:
        self.scene, self.looks, self.drawing = scene, looks, Drawing()
        self.numbers = {id(edge): n for n, edge in enumerate(scene.edges)}
        self.steps: dict[int, list[str]] = {frame: [] for frame in range(len(scene.frames))}
        self.ground, self.cards, self.between, self.legend = list[str](), list[str](), list[str](), list[str]()

    def build(self, text: str) -> Drawing:
        graph, self.drawing.box = graph_in(text)
        groups = [(each.findtext("title", ""), each.get("class", ""), each) for each in graph.findall("g")]
        for title, kind, group in groups:
            if "cluster" in kind:
                self.cluster(title, kind, shapes_in(group))
        for title, kind, group in groups:
            if kind.startswith("node"):
                self.node(title, kind, group)
            elif kind.startswith("edge"):
                self.edge(title, kind, shapes_in(group))
        # dot draws a title above everything if it was given one; the page has its own.
        steps = {n: f'<g class="step" id="step{n}">{"".join(marks)}</g>' for n, marks in self.steps.items()}
        self.drawing.closed = "".join(steps.pop(n) for n in usual_folds(self.scene))
        self.drawing.svg = (
            f'<g>{"".join(self.ground)}</g><g id="steps">{"".join(steps.values())}</g>'
            # Folded steps come to stand above the ground and below the lines that run across them.
            f'<g id="folded"></g><g>{"".join(self.cards)}</g>'
            f'<g>{"".join(self.between)}</g><g id="legend">{"".join(self.legend)}</g>'
        )
        return self.drawing

    def cluster(self, title: str, kind: str, shapes: list[Element]) -> None:
        marks = self.marks(shapes)
        if "step" in kind:
            frame = int(title.removeprefix("cluster_"))
            self.drawing.panels[frame] = box_of(shapes[0])
            self.steps[frame].insert(0, f'<g class="panel">{marks}</g>')
        elif "legend" in kind:
            self.legend.insert(0, marks)
            self.drawing.legend = box_of(shapes[0])[0]
        else:
            self.ground.append(marks)

    def node(self, title: str, kind: str, group: Element) -> None:
        number = int(title[1:]) if title[1:].isdigit() else -1
        if title[0] == "n":
            self.card(number, kind, group)
            return
        marks = self.marks(shapes_in(group))
        if title[0] == "s":
            strip = f'<g class="strip" id="s{number}">{marks}</g>'
            self.steps[self.scene.nodes[number].frame or 0].append(strip)
        elif title[0] in "tl" and number in self.steps:
            self.steps[number].append(marks)
        elif title[0] in "km":
            self.legend.append(marks)

    def card(self, id: int, kind: str, group: Element) -> None:
        """A card in three parts: its frame and name, its value and its gradient, which appear one after the other."""
        node = self.scene.nodes[id]
        shapes = shapes_in(group)
        left, *_ = self.drawing.cards[id] = box_of(shapes[0])
        named = max((float(each.get("y", 0)) for each in shapes if each.text == "value"), default=math.inf) - NEAR
        for hook in group.iter():
            if hook.get("id") == f"a_gr-{id}":
                self.drawing.rows[id] = box_of(shapes_in(hook)[0])
        row = self.drawing.rows.get(id)
        parts: dict[str, list[str]] = {"": [], "value": [], "gradient": []}
        for shape in shapes:
            x, y, _, tall = box_of(shape)
            part = ""
            if x < left + (BADGE if node.symbol else 0):
                pass
            elif row and row[1] - 1 <= y + tall / 2 <= row[1] + row[3] + 1 and tall <= row[3] + 1:
                part = "gradient"
            elif y > named and shape.tag == "text":
                part = "value"
            parts[part].append(mark_of(shape, self.looks))
        inner = "".join(parts[""])
        inner += "".join(f'<g class="{key}">{"".join(parts[key])}</g>' for key in ("value", "gradient") if parts[key])
        home = self.cards if node.frame is None else self.steps[node.frame]
        home.append(f'<g class="card {kind.removeprefix("node ")}" id="n{id}">{inner}</g>')

    def edge(self, title: str, kind: str, shapes: list[Element]) -> None:
        tail, head = title.split("->")
        if not (tail.startswith("n") and head.startswith("n")):
            self.legend.append(self.marks(shapes))
            return
        if not shapes:
            return
        ends = int(tail[1:]), int(head[1:])
        backward = "backward" in kind
        # In dot's layout a line that goes backward is drawn along its edge, with the head at the tail.
        other, operation = ends[::-1] if backward and "along" not in kind else ends
        nodes = self.scene.nodes
        css = f"line {'back' if backward else 'go'}{' shared' if nodes[other].kind == 'parameter' else ''}"
        text = f'<g class="{css}" id="e{len(self.drawing.lines)}">{self.marks(shapes)}</g>'
        self.drawing.lines.append(LineOf(backward, operation, other, self.shares(kind, operation, other)))
        frame = nodes[operation].frame
        if frame is not None and frame == nodes[other].frame and frame in self.drawing.panels:
            left, _, width, _ = self.drawing.panels[frame]
            if all(left <= x and x + w <= left + width for x, _, w, _ in map(box_of, shapes)):
                self.steps[frame].append(text)
                return
        self.between.append(text)

    def shares(self, kind: str, operation: int, other: int) -> tuple[int, ...]:
        """The edges of a line: those it names, or all between its ends."""
        if "backward" not in kind:
            return ()
        named = re.search(r"\bof([\d_]+)", kind)
        if named:
            return tuple(map(int, named[1].split("_")))
        uses = self.scene.readers.get(other, ())
        return tuple(self.numbers[id(edge)] for edge in uses if edge.target == operation)

    def marks(self, shapes: Iterable[Element]) -> str:
        return "".join([mark_of(shape, self.looks) for shape in shapes])


def mark_of(element: Element, looks: Looks) -> str:
    """One shape or line of words, with a class for its looks."""
    tag, look = element.tag, looks.setdefault(_rule(*map(element.get, _LOOKS)), f"a{len(looks)}")
    if tag in ("text", "ellipse"):
        places = ("x", "y") if tag == "text" else ("cx", "cy", "rx", "ry")
        sizes = " ".join([f'{key}="{_coordinate(element.get(key))}"' for key in places])
        end = f">{escape(element.text or '', quote=False)}</text>" if tag == "text" else "/>"
        return f'<{tag} class="{look}" {sizes}{end}'
    key = "d" if tag == "path" else "points"
    return f'<{tag} class="{look}" {key}="{_coordinates(element.get(key, ""))}"/>'


_LOOKS = ("fill", "stroke", "font-family", "stroke-width", "stroke-dasharray", "font-size", "font-weight")


@_again
def _rule(*given: str | None) -> str:
    """What the attributes of an element (``_LOOKS``) say of its looks, as a rule of a style sheet."""
    rules = []
    for key, colour in zip(_LOOKS, given[:2], strict=False):
        colour = (colour or "").lower()
        if colour in ROLE_OF:
            rules.append(f"{key}:var(--{ROLE_OF[colour]})")
        elif colour in NOTHING:
            rules.append(f"{key}:none")
    for key, value in zip(_LOOKS[3:], given[3:], strict=True):
        if value:
            rules.append(f"{key}:{re.sub('[^a-z0-9., ]', '', value)}{'px' if key == 'font-size' else ''}")
    if "Courier" in (given[2] or ""):
        rules.append('font-family:"Courier New","Liberation Mono",monospace')
    return ";".join(rules)


def shapes_in(group: Element) -> list[Element]:
    """The shapes and words of a group; a border that follows the ground it surrounds becomes one with it."""
    found: list[Element] = []
    for element in group.iter():
        if element.tag not in _TAGS:
            continue
        if found and _is_border(element, found[-1]):
            found[-1].attrib |= {key: value for key, value in element.items() if key in ("stroke", "stroke-width")}
        else:
            found.append(element)
    return found


def _is_border(element: Element, ground: Element) -> bool:
    return (
        element.tag == ground.tag == "polygon"
        and element.get("fill") in NOTHING
        and ground.get("stroke") in NOTHING
        and element.get("points") == ground.get("points")
    )


@_again
def _coordinate(text: str | None) -> str:
    """A coordinate with one decimal, which is finer than a screen."""
    return f"{float(text or 0):.1f}".removesuffix(".0")


@_again
def _coordinates(text: str) -> str:
    """Path data or points: letters, numbers, commas and blanks, the numbers shortened."""
    return _COORDINATE.sub(lambda found: _coordinate(found[0]), re.sub(r"[^MCLZzmclHVhv0-9eE., \-]", "", text))


def graph_in(text: str) -> tuple[Element, Box]:
    """What graphviz drew, and the view box in the coordinates of its shapes: it moves everything by one translation."""
    root = ElementTree.fromstring(text.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1))  # so that tags are short
    graph = next(iter(root.findall("g")))
    _, _, width, height = (float(x) for x in root.get("viewBox", "0 0 0 0").split())
    found = re.search(r"translate\(([-\d.e]+)[ ,]+([-\d.e]+)\)", graph.get("transform", ""))
    dx, dy = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    return graph, (-dx, -dy, width, height)


def box_of(element: Element) -> Box:
    """Where a shape is; for words, their beginning on the base line."""
    if element.tag == "text":
        return (float(element.get("x", 0)), float(element.get("y", 0)), 0.0, 0.0)
    if element.tag == "ellipse":
        cx, cy, rx, ry = (float(element.get(key, 0)) for key in ("cx", "cy", "rx", "ry"))
        return (cx - rx, cy - ry, 2 * rx, 2 * ry)
    return _span(element.get("points") or element.get("d") or "")


@_again
def _span(text: str) -> Box:
    """Where points are."""
    numbers = [float(x) for x in _COORDINATE.findall(text)]
    xs, ys = numbers[::2], numbers[1::2]
    return (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
