"""Assembly: template, style sheet, script, drawing and data become one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..style import Scale
from .colours import theme_css
from .content import as_json, content_of
from .inline import Drawing, Looks, drawing_of
from .parts import filled, head, static
from .words import Run

STYLES = ("base.css", "colours.css", "layout.css", "picture.css", "panel.css", "print.css")


def page_of(runs: Sequence[Run], scale: Scale, title: str = "") -> str:
    """The page of one graph, or of several to go from one to the other.

    Args:
        runs: what to show; the first is open at first.
        scale: the scale of the colours of all of them.
        title: the head of the page.

    The file fetches nothing, and its content security policy allows its own script and style sheet by their hashes
    and nothing else. Names are in it as text of the drawing and as data, never as markup.
    """
    looks = Looks()
    drawings = [drawing_of(run.svg, run.scene, looks) for run in runs]
    content = [content_of(run, drawing, scale) for run, drawing in zip(runs, drawings, strict=True)]
    style = theme_css() + "".join(map(static, STYLES)) + looks.css
    script = static("graph.js")
    title = title or "A graph and its gradients"
    parts = {
        "head": head(title, style, script),
        "title": escape(title),
        "drawing": _svg(drawings[0]),
        "closed": drawings[0].closed,
        "others": "".join(
            f'<template id="run{n}">{_svg(drawing)}<svg>{drawing.closed}</svg></template>\n'
            for n, drawing in enumerate(drawings[1:], 1)
        ),
        "data": as_json(content),
        "script": script,
    }
    return filled("page.html", parts)


def _svg(drawing: Drawing) -> str:
    left, top, width, height = drawing.box
    return filled("drawing.svg", {"viewbox": f"{left:g} {top:g} {width:g} {height:g}", "drawing": drawing.svg})
