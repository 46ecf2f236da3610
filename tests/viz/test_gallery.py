"""The page of all views: it is what the script writes, and its pictures are there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from docs.graphs import GRAPHS, VIEWS, Graph
from docs.make_gallery import page, picture_of
from tests.viz.inside import DARK, LIGHT, colours_of
from tests.viz.reading import texts_of
from tests.viz.test_style import contrast
from tinygrad_rnn.viz import draw

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("graph", [graph for graph in GRAPHS if not graph.over_time], ids=lambda graph: graph.file)
def test_a_view_that_is_said_not_to_apply_does_not(graph: Graph) -> None:
    for view in set(VIEWS) - set(graph.views):
        with pytest.raises(ValueError, match="no time step"):
            draw(graph.make(), view=view)


def test_the_page_of_views_is_what_the_script_writes_and_all_its_pictures_are_there() -> None:
    text = (DOCS / "views.md").read_text(encoding="utf-8")
    assert text == page()
    shown = {DOCS / name for name in re.findall(r"\]\((pictures/views/.*?)\)", text)}
    assert shown == set((DOCS / "pictures" / "views").iterdir()) and len(shown) == sum(
        len(graph.views) for graph in GRAPHS
    )
    assert all(1_000 < path.stat().st_size < 250_000 for path in shown)


@pytest.mark.parametrize("number", range(len(GRAPHS)), ids=[graph.file for graph in GRAPHS])
def test_a_picture_of_the_page_says_what_the_code_draws_now(number: int) -> None:
    """Another view of every graph, by its words, which do not depend on the program that draws."""
    graph = GRAPHS[number]
    view = graph.views[number % len(graph.views)]
    kept = (DOCS / "pictures" / "views" / f"{graph.file}-{view}.svg").read_text(encoding="utf-8")
    assert sorted(texts_of(kept)) == sorted(texts_of(picture_of(graph, view).svg))


Place = tuple[float, float]


def inside(at: Place, corners: list[Place]) -> bool:
    """Whether a point is inside a polygon: a ray to the right crosses its border an odd number of times."""
    x, y = at
    crossed = False
    for (ax, ay), (bx, by) in pairwise([*corners, corners[0]]):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            crossed = not crossed
    return crossed


def inked(svg: str) -> Iterator[tuple[str, str, str]]:
    """Every word of a picture of both themes, its colour and that of the ground below its first letter."""
    grounds: list[tuple[list[Place], str]] = []
    for element in ElementTree.fromstring(svg).iter():
        kind, colour = element.tag.rpartition("}")[2], element.get("fill", "none").removeprefix("var(--")[:-1]
        if kind in ("polygon", "path") and element.get("fill", "none").startswith("var"):
            numbers = [float(n) for n in re.findall(r"-?[\d.]+", element.get("points") or element.get("d") or "")]
            grounds.append((list(zip(numbers[::2], numbers[1::2], strict=True)), colour))
        elif kind == "text" and (element.text or "").strip():
            inwards = {"start": 3, "end": -3}.get(element.get("text-anchor", "start"), 0)
            at = float(element.get("x", 0)) + inwards, float(element.get("y", 0)) - 3
            below = (ground for corners, ground in reversed(grounds) if inside(at, corners))
            yield str(element.text), colour, next(below, "background")


def test_every_word_can_be_read_on_its_ground_in_both_themes() -> None:
    """WCAG 2 asks for a contrast of 4.5; a background that is drawn is a ground, too."""
    kept = {path: path.read_text("utf-8") for path in sorted((DOCS / "pictures").rglob("*.svg"))}
    found = {
        (ink, ground): f"{path.name}: {word}"
        for path, svg in kept.items()
        if "prefers-color-scheme" in svg and "animated" not in path.name  # which hides and shows
        for word, ink, ground in inked(svg)
    }
    assert {ground for _, ground in found} >= {f"fill{n}" for n in range(8)} | {"card", "input-fill"}
    for theme in (LIGHT, DARK):
        colours = colours_of(theme)
        poor = {where for (ink, ground), where in found.items() if contrast(colours[ink], colours[ground]) < 4.5}
        assert poor == set(), theme.name
