"""Paged: what is a page, saved as .html and shown in a notebook in a frame of its own."""

from __future__ import annotations

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
