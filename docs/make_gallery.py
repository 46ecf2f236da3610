"""Draw the pictures of docs/gallery.md, docs/pytorch.md (which needs PyTorch) and docs/views.md anew.

    python docs/make_gallery.py

The first two are written by hand: their blocks of Python are run in docs/pictures, which makes live.html too. views.md
is written here: every graph of docs/graphs.py in every view. Takes half a minute. What the tests know of the pictures
is written by `python -m tests.viz.goldens --write`.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

import tinygrad_rnn as tg  # noqa: E402
from docs.graphs import GRAPHS, VIEWS, Graph  # noqa: E402

HEAD = """# Every graph in every view

Small networks as `tg.draw` shows them, each in every view that applies; [the gallery](gallery.md) says what the views
are for. This page and its pictures are made by `python docs/make_gallery.py` from [`graphs.py`](graphs.py), where each
graph is a few lines. What becomes of a gradient is said of its whole way through the steps: it "keeps its size" if half
to twice of it arrives, and 0.9 to 1.1 of it after a step.
"""
MEANING = {
    "full": "every operation with its value and its gradient",
    "chain": "the chain rule: what every arrow multiplies with, and the sums over time",
    "cells": "one cell a step: the size of the gradient of the state",
    "rolled": "the loop as a loop",
    "modules": "nested boxes, the inner ones closed",
}


def picture_of(graph: Graph, view: str) -> tg.viz.Picture:
    """One graph in one view."""
    loss = graph.make()
    return tg.draw(loss, view=view, title=f"{graph.name}: {view}", labels=graph.labels or None)


def blocks(ending: str, page: str = "gallery.md") -> str:
    """The Python of a page as one program that saves its pictures with that ending."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = "\n".join(re.findall(r"^```python\n(.*?)^```", text, re.M | re.S))
    return re.sub(r'(?<!animation\(\))\.save\("(.*?)\.svg"\)', rf'.save("\1.{ending}")', found)


def run(program: str, folder: Path) -> None:
    """Runs a program in a folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        exec(compile(program, "page.md", "exec"), dict[str, Any]())
    finally:
        os.chdir(before)


def page() -> str:
    """views.md."""
    rows = [f"| | {' | '.join(VIEWS)} |", f"|---|{'---|' * len(VIEWS)}"]
    sections = []
    for graph in GRAPHS:
        cells = [f"[{view}](#{graph.file}-{view})" if view in graph.views else "no time steps" for view in VIEWS]
        rows.append(f"| {graph.name} | {' | '.join(cells)} |")
        sections.append(f"## {graph.name}\n\n{graph.what}\n")
        for view in graph.views:
            picture = f"![{graph.name}, {MEANING[view]}](pictures/views/{graph.file}-{view}.svg)"
            sections.append(f"### {graph.name}: {view}\n\n{picture}\n")
    return "\n".join([HEAD, *rows, "", *sections])


def main() -> None:
    """Draw everything."""
    import docs.themed  # noqa: F401

    views = DOCS / "pictures" / "views"
    views.mkdir(exist_ok=True)
    for name in ("gallery.md", "pytorch.md"):
        run(blocks("svg", name), DOCS / "pictures")
    for graph in GRAPHS:
        for view in graph.views:
            picture_of(graph, view).save(views / f"{graph.file}-{view}.svg")
    (DOCS / "views.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
