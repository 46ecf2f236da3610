"""The page of all views: it is what the script writes, and its pictures are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.graphs import GRAPHS, VIEWS, Graph
from docs.make_gallery import page, picture_of
from tests.viz.reading import texts_of
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
