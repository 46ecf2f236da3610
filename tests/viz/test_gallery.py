"""The gallery: its pictures are what they were, so that a change of a picture is seen as a change of a text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.graphs import GRAPHS, VIEWS, Graph
from docs.make_gallery import GOLDEN, blocks, page, picture_of, run
from tinygrad_rnn.viz import draw

DOCS = Path(__file__).parents[2] / "docs"
CASES = [pytest.param(graph, view, id=f"{graph.file} {view}") for graph in GRAPHS for view in graph.views]


@pytest.mark.parametrize(("graph", "view"), CASES)
def test_a_graph_in_a_view_is_what_it_was(graph: Graph, view: str) -> None:
    assert picture_of(graph, view).dot == (GOLDEN / f"view-{graph.file}-{view}.dot").read_text(encoding="utf-8")


@pytest.mark.parametrize("graph", [graph for graph in GRAPHS if not graph.over_time], ids=lambda graph: graph.file)
def test_a_view_that_is_said_not_to_apply_does_not(graph: Graph) -> None:
    for view in set(VIEWS) - set(graph.views):
        with pytest.raises(ValueError, match="no time step"):
            draw(graph.make(), view=view)


def test_the_pictures_written_by_hand_are_what_they_were(tmp_path: Path) -> None:
    run(blocks("dot"), tmp_path)
    drawn = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.dot")}
    assert drawn == {
        path.name: path.read_text(encoding="utf-8")
        for path in GOLDEN.glob("*.dot")
        if not path.name.startswith("view-")
    }


def test_the_page_of_views_is_what_the_script_writes_and_all_its_pictures_are_there() -> None:
    text = (DOCS / "views.md").read_text(encoding="utf-8")
    assert text == page()
    shown = {DOCS / name for name in re.findall(r"\]\((pictures/views/.*?)\)", text)}
    assert shown == set((DOCS / "pictures" / "views").iterdir()) and len(shown) == len(CASES)
    assert {path.name for path in GOLDEN.glob("view-*")} == {f"view-{path.stem}.dot" for path in shown}
    assert all(1_000 < path.stat().st_size < 250_000 for path in shown)
