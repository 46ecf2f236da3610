"""Kept: a page or an animation, one text that is saved under its own ending and shows itself in a notebook."""

from __future__ import annotations

import base64
import os
from abc import ABC, abstractmethod
from html import escape
from pathlib import Path

from .render import save_text


class Paged(ABC):
    """Something whose picture is a page. ``called`` is what errors call it, ``instead`` what else can be done."""

    called = "a page"
    instead = ""

    @property
    @abstractmethod
    def html(self) -> str:
        """The page, one file that fetches nothing."""

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to ``path``, which ends in .html; the file is written whole or not at all.

        Raises:
            ValueError: another ending, or there is no page, see ``html``.
            OSError: the file cannot be written.
        """
        rule = f"it is a page, and the name has to end in .html{self.instead}"
        return save_text(path, (".html", ".htm"), self.called, rule, lambda: self.html)

    def _repr_html_(self) -> str:
        page = escape(self.html)
        return f'<iframe srcdoc="{page}" sandbox="allow-scripts" style="width:100%;height:720px;border:0"></iframe>'


class Animation:
    """A computation that plays itself again and again; ``picture.animation()`` makes it.

    The file needs no script and nothing from elsewhere, so that it also plays as an image in a README or on a slide.
    Where motion is not wanted, and on paper, it is the finished picture. In a notebook it shows itself.

    Attributes:
        svg: the SVG.
        title: its first line.
    """

    def __init__(self, svg: str, title: str) -> None:
        self.svg = svg
        self.title = title

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it to ``path``, which ends in .svg; the file is written whole or not at all.

        Raises:
            ValueError: another ending.
            OSError: the file cannot be written.
        """
        rule = (
            "it is an SVG, and the name has to end in .svg. For a page to walk through at one's own pace save the "
            "picture as .html"
        )
        return save_text(path, (".svg",), "an animation", rule, lambda: self.svg)

    def _repr_html_(self) -> str:
        # As an image, so that its style sheet stays its own.
        return f'<img src="data:image/svg+xml;base64,{base64.b64encode(self.svg.encode()).decode()}">'

    def __repr__(self) -> str:
        return f"<Animation of {self.title}>"
