"""Inline: graphviz's SVG taken apart and put together as a drawing that a page can fold, colour and bring to life."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from xml.etree import ElementTree

from ..scene import Scene
from .colours import ROLE_OF

Box = tuple[float, float, float, float]  #: left, top, width, height

NOTHING = ("none", "transparent")  #: colours that draw nothing
_COORDINATE = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_TAGS = {"polygon", "polyline", "path", "ellipse", "text"}
#: On a card: where the rows begin beside the badge, and below the name (see card.py).
BADGE, HEADER = 26.0, 18.0
#: A picture of up to this many steps is shown with all of them open.
OPEN_STEPS = 8


@dataclass(frozen=True)
class LineOf:
    """What a line of the drawing belongs to: the operation and the value at its other end."""

    backward: bool
    operation: int
    other: int


@dataclass
class Drawing:
    """The picture as inline SVG.

    Attributes:
        svg: the markup; its cards are ``#n<id>``, its lines ``#e<n>``, its steps ``#step<frame>``.
        closed: the markup of the steps that are folded at first.
        box: the view box.
        cards: where every card is, in the coordinates of the view box.
        rows: where on a card its gradient is.
        panels: where every step is.
        lines: what every line belongs to.
        legend: the left edge of the legend.
    """

    svg: str = ""
    closed: str = ""
    box: Box = (0.0, 0.0, 0.0, 0.0)
    cards: dict[int, Box] = field(default_factory=dict)
    rows: dict[int, Box] = field(default_factory=dict)
    panels: dict[int, Box] = field(default_factory=dict)
    lines: list[LineOf] = field(default_factory=list)
    legend: float = 0.0


def usual_folds(steps: int) -> range:
    """The columns that are folded at first: of more than eight all but the first two and the last three.

    They are apart from the drawing, so that a browser need not lay them out.
    """
    return range(2, steps - 3) if steps > OPEN_STEPS else range(0)


class Looks:
    """What the marks of the drawings on a page look like: a class for every look."""

    def __init__(self) -> None:
        self._classes: dict[str, str] = {}

    def of(self, rule: str) -> str:
        """The class with that rule."""
        return self._classes.setdefault(rule, f"a{len(self._classes)}")

    @property
    def css(self) -> str:
        """All of them as a style sheet."""
        return "".join(f".{name}{{{rule}}}\n" for rule, name in self._classes.items())


def drawing_of(svg: str, scene: Scene, looks: Looks) -> Drawing:
    """Take graphviz's picture of ``scene``, drawn in the theme ``MARKERS``, apart and put it together for a page.

    Nothing is copied as markup: shapes and words are written anew, so that a page holds no link, no script and no
    style of somebody else's. What the marks look like is added to ``looks``.
    """
    return _Builder(scene, looks).build(svg)


class _Builder:
    def __init__(self, scene: Scene, looks: Looks) -> None:
        self.scene, self.looks, self.drawing = scene, looks, Drawing()
        self.steps: dict[int, list[str]] = {frame: [] for frame in range(len(scene.frames))}
        self.ground, self.cards, self.between, self.legend = list[str](), list[str](), list[str](), list[str]()

    def build(self, text: str) -> Drawing:
        root = ElementTree.fromstring(text)
        graph = next(iter(root.findall("{*}g")))
        self.drawing.box = view_box_of(root, graph)
        groups = [(title_of(group), group.get("class", ""), group) for group in graph.findall("{*}g")]
        for title, kind, group in groups:
            if "cluster" in kind:
                self.cluster(title, kind, group)
        for title, kind, group in groups:
            if kind.startswith("node"):
                self.node(title, kind, group)
            elif kind.startswith("edge"):
                self.edge(title, kind, group)
        # dot draws a title above everything if it was given one; the page has its own.
        steps = {n: f'<g class="step" id="step{n}">{"".join(marks)}</g>' for n, marks in self.steps.items()}
        closed = usual_folds(len(steps))
        self.drawing.closed = "".join(steps.pop(n) for n in closed)
        self.drawing.svg = (
            f'<g>{"".join(self.ground)}</g><g id="steps">{"".join(steps.values())}</g>'
            # Folded steps come to stand above the ground and below the lines that run across them.
            f'<g id="folded"></g><g>{"".join(self.cards)}</g>'
            f'<g>{"".join(self.between)}</g><g id="legend">{"".join(self.legend)}</g>'
        )
        return self.drawing

    def cluster(self, title: str, kind: str, group: ElementTree.Element) -> None:
        marks = [self.mark(element) for element in shapes_in(group)]
        if "step" in kind:
            frame = int(title.removeprefix("cluster_"))
            self.drawing.panels[frame] = box_of(next(shapes_in(group)))
            self.steps[frame] = [f'<g class="panel">{"".join(marks)}</g>', *self.steps[frame]]
        elif "legend" in kind:
            self.legend = marks + self.legend
            self.drawing.legend = box_of(next(shapes_in(group)))[0]
        else:
            self.ground += marks

    def node(self, title: str, kind: str, group: ElementTree.Element) -> None:
        number = int(title[1:]) if title[1:].isdigit() else -1
        match title[0]:
            case "n":
                self.card(number, kind, group)
            case "s":
                strip = f'<g class="strip" id="s{number}">{self.marks(group)}</g>'
                self.steps[self.scene.nodes[number].frame or 0].append(strip)
            case "t" | "l" if number in self.steps:
                self.steps[number].append(self.marks(group))
            case "k" | "m":
                self.legend.append(self.marks(group))

    def card(self, id: int, kind: str, group: ElementTree.Element) -> None:
        """A card in three parts: its frame and name, its value and its gradient, which appear one after the other."""
        node = self.scene.nodes[id]
        shapes = list(shapes_in(group))
        left, top, *_ = box = box_of(shapes[0])
        self.drawing.cards[id] = box
        hook = next((e for e in group.iter() if e.get("id", "") == f"a_gr-{id}"), None)
        row = None if hook is None else box_of(next(shapes_in(hook)))
        if row is not None:
            self.drawing.rows[id] = row
        parts: dict[str, list[str]] = {"": [], "value": [], "gradient": []}
        for shape in shapes:
            x, y, _, tall = box_of(shape)
            middle = y + tall / 2
            part = ""
            if x < left + (BADGE if node.symbol else 0):
                pass
            elif row is not None and row[1] - 1 <= middle <= row[1] + row[3] + 1 and tall <= row[3] + 1:
                part = "gradient"
            elif tag_of(shape) == "text" and y > top + HEADER:
                part = "value"
            parts[part].append(self.mark(shape))
        inner = "".join(parts[""])
        inner += "".join(f'<g class="{key}">{"".join(parts[key])}</g>' for key in ("value", "gradient") if parts[key])
        home = self.cards if node.frame is None else self.steps[node.frame]
        home.append(f'<g class="card {kind.removeprefix("node ")}" id="n{id}">{inner}</g>')

    def edge(self, title: str, kind: str, group: ElementTree.Element) -> None:
        tail, head = title.split("->")
        if not (tail.startswith("n") and head.startswith("n")):
            self.legend.append(self.marks(group))
            return
        ends = int(tail[1:]), int(head[1:])
        backward = "backward" in kind
        # In dot's layout a line that goes backward is drawn along its edge, with the head at the tail.
        source, target = ends[::-1] if backward and "along" not in kind else ends
        if shapes := list(shapes_in(group)):
            self.line(LineOf(backward, target, source), shapes)

    def line(self, line: LineOf, shapes: list[ElementTree.Element]) -> None:
        nodes = self.scene.nodes
        kind = f"line {'back' if line.backward else 'go'}{' shared' if nodes[line.other].kind == 'parameter' else ''}"
        text = f'<g class="{kind}" id="e{len(self.drawing.lines)}">{"".join(map(self.mark, shapes))}</g>'
        self.drawing.lines.append(line)
        frame = nodes[line.operation].frame
        boxes = [box_of(shape) for shape in shapes]
        if frame is not None and frame == nodes[line.other].frame and frame in self.drawing.panels:
            left, _, width, _ = self.drawing.panels[frame]
            if all(left <= x and x + w <= left + width for x, _, w, _ in boxes):
                self.steps[frame].append(text)
                return
        self.between.append(text)

    def marks(self, group: ElementTree.Element) -> str:
        return "".join(self.mark(element) for element in shapes_in(group))

    def mark(self, element: ElementTree.Element) -> str:
        """One shape or line of words, with a class for its looks."""
        tag = tag_of(element)
        look = self.look(element)
        if tag == "text":
            x, y = coordinate(element.get("x")), coordinate(element.get("y"))
            return f'<text class="{look}" x="{x}" y="{y}">{escape(element.text or "", quote=False)}</text>'
        if tag == "ellipse":
            sizes = " ".join(f'{key}="{coordinate(element.get(key))}"' for key in ("cx", "cy", "rx", "ry"))
            return f'<ellipse class="{look}" {sizes}/>'
        if tag == "path":
            return f'<path class="{look}" d="{coordinates(element.get("d", ""))}"/>'
        return f'<{tag} class="{look}" points="{coordinates(element.get("points", ""))}"/>'

    def look(self, element: ElementTree.Element) -> str:
        """The class that says what the element's own attributes said."""
        rules = []
        for key in ("fill", "stroke"):
            if (role := role_of(element, key)) is not None:
                rules.append(f"{key}:var(--{role})")
            elif element.get(key) in NOTHING:
                rules.append(f"{key}:none")
        for key in ("stroke-width", "stroke-dasharray", "font-size", "font-weight"):
            if element.get(key):
                value = re.sub("[^a-z0-9., ]", "", element.get(key, ""))
                rules.append(f"{key}:{value}{'px' if key == 'font-size' else ''}")
        if "Courier" in element.get("font-family", ""):
            rules.append('font-family:"Courier New","Liberation Mono",monospace')
        return self.looks.of(";".join(rules))


def tag_of(element: ElementTree.Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def shapes_in(group: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The shapes and words of a group; a border that follows the ground it surrounds becomes one with it."""
    before: ElementTree.Element | None = None
    for element in group.iter():
        if tag_of(element) not in _TAGS:
            continue
        if before is not None and _is_border(element, before):
            for key in ("stroke", "stroke-width"):
                if element.get(key):
                    before.set(key, element.get(key, ""))
            continue
        if before is not None:
            yield before
        before = element
    if before is not None:
        yield before


def _is_border(element: ElementTree.Element, ground: ElementTree.Element) -> bool:
    return (
        tag_of(element) == tag_of(ground) == "polygon"
        and element.get("fill") in NOTHING
        and ground.get("stroke") in NOTHING
        and element.get("points") == ground.get("points")
    )


def title_of(group: ElementTree.Element) -> str:
    """What graphviz calls a group: the name of the node, "n1->n2" for an edge."""
    return group.findtext("{*}title", "")


def role_of(element: ElementTree.Element, key: str) -> str | None:
    """The role of the colour that an attribute names, None if it is no colour of the theme ``MARKERS``."""
    return ROLE_OF.get(element.get(key, "").lower())


def coordinate(text: str | None) -> str:
    """A coordinate with one decimal, which is finer than a screen."""
    return f"{float(text or 0):.1f}".removesuffix(".0")


def coordinates(text: str) -> str:
    """Path data or points: letters, numbers, commas and blanks, the numbers shortened."""
    return _COORDINATE.sub(lambda found: coordinate(found[0]), re.sub(r"[^MCLZzmclHVhv0-9eE., \-]", "", text))


def view_box_of(root: ElementTree.Element, graph: ElementTree.Element) -> Box:
    """The view box in the coordinates of the shapes: graphviz moves everything by one translation."""
    _, _, width, height = (float(x) for x in root.get("viewBox", "0 0 0 0").split())
    found = re.search(r"translate\(([-\d.e]+)[ ,]+([-\d.e]+)\)", graph.get("transform", ""))
    dx, dy = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    return (-dx, -dy, width, height)


def box_of(element: ElementTree.Element) -> Box:
    """Where a shape is; for words, their beginning on the base line."""
    tag = tag_of(element)
    if tag == "text":
        return (float(element.get("x", 0)), float(element.get("y", 0)), 0.0, 0.0)
    if tag == "ellipse":
        cx, cy, rx, ry = (float(element.get(key, 0)) for key in ("cx", "cy", "rx", "ry"))
        return (cx - rx, cy - ry, 2 * rx, 2 * ry)
    numbers = [float(x) for x in _COORDINATE.findall(element.get("points") or element.get("d") or "")]
    xs, ys = numbers[::2], numbers[1::2]
    return (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
