"""The parts of a page: files, templates, and a theme of markers that the style sheet's variables take the place of."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from typing import Any

from ..style import DARK, LIGHT, SHADES, Theme


@cache
def static(name: str) -> str:
    """The text of a file in ``static``."""
    from importlib.resources import files  # an import is quicker without it

    return (files(str(__package__)) / "static" / name).read_text(encoding="utf-8")


def filled(name: str, parts: Mapping[str, str]) -> str:
    """A template with its markers replaced, in one pass: what is put in is never searched for markers again."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], static(name))


def assembled(name: str, title: str, data: Any, *styles: str, looks: str = "", **parts: str) -> str:
    """The page called ``name``: its template, style sheets and script, ``data`` as JSON, and other ``parts``.

    Its content security policy allows its script and style sheet by their hashes alone.
    """
    style = theme_css() + "".join(static(f"{each}.css") for each in ("base", "colours", *(styles or [name]))) + looks
    script = static(f"{name}.js")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    parts |= {"policy": policy, "title": escape(title), "style": style, "data": as_json(data), "script": script}
    return filled(f"{name}.html", parts | {"head": filled("head.html", parts)})


def as_json(content: Any) -> str:
    """JSON that can stand inside a script element: no text in it can end the element."""
    text = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


#: The roles of a theme's colours, in the words of the style sheet.
_SHADED = {"fills": "fill", "inks": "ink", "lines": "line"}
_ROLES = tuple(name for name in Theme._fields if name not in ("name", *_SHADED))


def colours_of(theme: Theme) -> dict[str, str]:
    """The colours of a theme by the name of their CSS variable."""
    found = {role.replace("_", "-"): getattr(theme, role) for role in _ROLES}
    for field_name, word in _SHADED.items():
        found |= {f"{word}{n}": colour for n, colour in enumerate(getattr(theme, field_name))}
    return found


#: For every variable a colour that stands for it in graphviz's output: every role has one of its own, though in a real
#: theme two roles may look the same.
_MARK = {name: f"#0d5e{n:02x}" for n, name in enumerate(colours_of(LIGHT))}
ROLE_OF = {colour: name for name, colour in _MARK.items()}

_PAINT: dict[str, Any] = {role: _MARK[role.replace("_", "-")] for role in _ROLES}
_PAINT |= {shades: tuple(_MARK[f"{word}{n}"] for n in range(SHADES)) for shades, word in _SHADED.items()}
#: The theme to draw with for ``inline.drawing_of``.
MARKERS = Theme("markers", **_PAINT)


def literal(dot: str) -> str:
    """DOT text in the colours of the light theme, where it was written in markers."""
    light = colours_of(LIGHT)
    return re.sub("#0d5e[0-9a-f]{2}", lambda found: light[ROLE_OF[found[0]]], dot)


def variable(svg: str) -> str:
    """An SVG drawn in markers, with variables for colours and the style sheet that has them for both themes."""
    svg = re.sub('"(#0d5e[0-9a-f]{2})"', lambda found: f'"var(--{ROLE_OF[found[1]]})"', svg)
    return svg.replace("</desc>", f"</desc>\n<style>{theme_css()}</style>", 1)


def theme_css() -> str:
    """The variables of both themes: light, dark where the system or the reader wants it, and always light on paper."""

    def block(theme: Theme) -> str:
        return "".join(f"--{name}:{colour};" for name, colour in colours_of(theme).items())

    dark = block(DARK) + "color-scheme:dark;"
    return (
        f":root{{{block(LIGHT)}color-scheme:light;}}\n"
        f'@media screen{{:root[data-theme="dark"]{{{dark}}}}}\n'
        f'@media screen and (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{{dark}}}}}\n'
    )
