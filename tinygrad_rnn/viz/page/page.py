"""Assembly: template, style sheet, script, drawing and data become one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from ..style import Scale
from .content import content_of
from .inline import Drawing, Looks, css_of, drawing_of
from .parts import assembled, filled
from .words import Run

STYLES = ("layout", "picture", "panel", "print")


def page_of(runs: Sequence[Run], scale: Scale, title: str = "") -> str:
    """The page of one graph, or of several to go from one to the other.

    Args:
        runs: what to show; the first is open at first.
        scale: the scale of the colours of all of them.
        title: the head of the page.

    The file fetches nothing, and its content security policy allows its own script and style sheet by their hashes
    and nothing else. Names are in it as text of the drawing and as data, never as markup.
    """
    looks: Looks = {}
    drawings = [drawing_of(run.svg, run.scene, looks) for run in runs]
    content = [content_of(run, drawing, scale) for run, drawing in zip(runs, drawings, strict=True)]
    others = (
        f'<template id="run{n}">{_svg(drawing)}<svg>{drawing.closed}</svg></template>\n'
        for n, drawing in enumerate(drawings[1:], 1)
    )
    return assembled(
        "graph", title or "A graph and its gradients", content, *STYLES, looks=css_of(looks),
        drawing=_svg(drawings[0]), closed=drawings[0].closed, others="".join(others),
    )  # fmt: skip


def _svg(drawing: Drawing) -> str:
    left, top, width, height = drawing.box
    return filled("drawing.svg", {"viewbox": f"{left:g} {top:g} {width:g} {height:g}", "drawing": drawing.svg})
