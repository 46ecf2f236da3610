"""Assembly: template, style sheet, script, drawing and data become one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files

from ..scene import Scene
from ..style import Scale
from .colours import MARKERS, theme_css
from .content import Run, as_json, content_of
from .inline import Drawing, Looks, drawing_of

__all__ = ["MARKERS", "MOST_STEPS", "Run", "page_of", "refuse_too_long"]

#: A page shows up to this many steps: more would keep a browser busy for seconds.
MOST_STEPS = 200
STYLES = ("layout.css", "picture.css", "panel.css", "print.css")
#: In the order in which they depend on each other; together they are the body of a function that opens one run.
SCRIPTS = ("data.js", "numbers.js", "fold.js", "state.js", "view.js", "panel.js", "controls.js", "main.js")


def refuse_too_long(scene: Scene) -> None:
    """Raise ValueError for a scene that a browser could not show with ease."""
    if len(scene.frames) > MOST_STEPS:
        raise ValueError(
            f"a page shows up to {MOST_STEPS} time steps, and this graph has {len(scene.frames):,}; draw some of "
            f"them: draw(loss, steps=(a, b))"
        )


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
    style = theme_css() + "".join(map(_static, STYLES)) + looks.css
    script = _script()
    parts = {
        "policy": f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        "title": escape(title or "A graph and its gradients"),
        "style": style,
        "drawing": _svg(drawings[0]),
        "closed": drawings[0].closed,
        "others": "".join(
            f'<template id="run{n}">{_svg(drawing)}<svg>{drawing.closed}</svg></template>\n'
            for n, drawing in enumerate(drawings[1:], 1)
        ),
        "data": as_json(content),
        "script": script,
    }
    return _filled("page.html", parts)


def _svg(drawing: Drawing) -> str:
    left, top, width, height = drawing.box
    return _filled("drawing.svg", {"viewbox": f"{left:g} {top:g} {width:g} {height:g}", "drawing": drawing.svg})


def _filled(name: str, parts: Mapping[str, str]) -> str:
    """A template with its markers replaced, in one pass: what is put in is never searched for markers again."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _static(name))


@cache
def _static(name: str) -> str:
    return (files(__package__) / "static" / name).read_text(encoding="utf-8")


@cache
def _script() -> str:
    code = "".join(map(_static, SCRIPTS))
    begin = f"function begin(data, closed, life, others) {{\n{code}}}\n"
    return f'(() => {{\n"use strict";\n{begin}{_static("runs.js")}}})();\n'


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
