"""Shapes: what stands in graphviz's SVG, element by element: its kind, its place, and the role of its colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from .colours import ROLE_OF

Box = tuple[float, float, float, float]  #: left, top, width, height

NOTHING = ("none", "transparent")  #: colours that draw nothing
_TAGS = {"polygon", "polyline", "path", "ellipse", "text"}


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


_COORDINATE = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


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
