"""Assembly: template, style sheet, script, drawing and data become one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..style import Scale
from .content import content_of
from .inline import Drawing, Looks, css_of, drawing_of
from .parts import as_json, assembled, filled
from .windows import packed
from .words import Run

STYLES = ("layout", "picture", "panel", "print")


def page_of(runs: Iterable[Run], scale: Scale, title: str = "", overview: Sequence[Any] = ()) -> str:
    """The page of one graph, or of several to go from one to the other.

    Args:
        runs: what to show; the first is open at first.
        scale: the scale of the colours of all of them.
        title: the head of the page.
        overview: of all time steps, where the runs are windows of long graphs; those after the first are packed then.

    The file fetches nothing, and its content security policy allows its own script and style sheet by their hashes
    and nothing else. Names are in it as text of the drawing and as data, never as markup.
    """
    looks: Looks = {}
    content, packs, others, first = [], list[str](), list[str](), Drawing()
    for n, run in enumerate(runs):
        drawing = drawing_of(run.svg, run.scene, looks)
        told = content_of(run, drawing, scale)
        first = first if n else drawing
        if n and overview:
            packs.append(packed([told, _svg(drawing), drawing.closed]))
            continue
        content.append(told)
        if n:
            others.append(f'<template id="run{n}">{_svg(drawing)}<svg>{drawing.closed}</svg></template>\n')
    if overview:
        windows = as_json({"runs": overview, "packed": packs})
        others.append(f'<script type="application/json" id="windows">{windows}</script>\n')
    return assembled(
        "graph", title or "A graph and its gradients", content, *STYLES, looks=css_of(looks),
        drawing=_svg(first), closed=first.closed, others="".join(others),
    )  # fmt: skip


def _svg(drawing: Drawing) -> str:
    left, top, width, height = drawing.box
    return filled("drawing.svg", {"viewbox": f"{left:g} {top:g} {width:g} {height:g}", "drawing": drawing.svg})
