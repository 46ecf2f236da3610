"""Assembly: template, style sheet, script, drawing and data become one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files

from ..scene import Scene
from ..style import Scale
from .colours import MARKERS, theme_css
from .content import as_json, content_of
from .inline import drawing_of
from .words import Words

__all__ = ["MARKERS", "MOST_STEPS", "page_of", "refuse_too_long"]

#: A page shows up to this many steps: more would keep a browser busy for seconds.
MOST_STEPS = 200
STYLES = ("layout.css", "picture.css", "panel.css", "print.css")
#: In the order in which they depend on each other; together they are one script.
SCRIPTS = ("data.js", "numbers.js", "fold.js", "state.js", "view.js", "panel.js", "controls.js", "main.js")


def refuse_too_long(scene: Scene) -> None:
    """Raise ValueError for a scene that a browser could not show with ease."""
    if len(scene.frames) > MOST_STEPS:
        raise ValueError(
            f"a page shows up to {MOST_STEPS} time steps, and this graph has {len(scene.frames):,}; draw some of "
            f"them: draw(loss, steps=(a, b))"
        )


def page_of(
    scene: Scene,
    svg: str,
    scale: Scale,
    words: Words,
    *,
    title: str = "",
    subtitle: str = "",
    labels: Mapping[int, str] | None = None,
) -> str:
    """The page of a scene.

    Args:
        scene: what to show.
        svg: graphviz's picture of it, drawn in the theme ``MARKERS`` without title and subtitle.
        scale: the scale of its colours.
        words: see ``words_of``.
        title, subtitle: the head of the page.
        labels: a word or two for the steps, by step number.

    The file fetches nothing, and its content security policy allows its own script and style sheet by their hashes
    and nothing else. Names are in it as text of the drawing and as data, never as markup.
    """
    drawing = drawing_of(svg, scene)
    content = content_of(scene, drawing, scale, words, title, subtitle, labels or {})
    style = theme_css() + "".join(map(_static, STYLES)) + drawing.css
    script = _script()
    left, top, width, height = drawing.box
    parts = {
        "policy": f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        "title": escape(title or "A graph and its gradients"),
        "style": style,
        "viewbox": f"{left:g} {top:g} {width:g} {height:g}",
        "drawing": drawing.svg,
        "closed": drawing.closed,
        "data": as_json(content),
        "script": script,
    }
    # One pass: what is put in is never searched for markers again.
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _static("page.html"))


@cache
def _static(name: str) -> str:
    return (files(__package__) / "static" / name).read_text(encoding="utf-8")


@cache
def _script() -> str:
    code = "".join(map(_static, SCRIPTS))
    return f'(() => {{\n"use strict";\n{code}}})();\n'


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
