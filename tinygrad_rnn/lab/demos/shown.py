"""What a demonstration shows: text with its tables, and perhaps a picture."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ...explain.report import prose, title
from ...viz.render import FORMATS, render, write


class Drawable(Protocol):
    """Anything that can be saved under a name whose ending says in which format."""

    def save(self, path: str | os.PathLike[str], /) -> Path:
        """Writes the picture and returns where."""


@dataclass(frozen=True)
class Shown:
    """claim: what the textbook says; parts: tables and sentences; picture: of `drawn`, if there is one."""

    claim: str
    parts: Sequence[str]
    picture: Drawable | None = None
    drawn: str = "the unrolled graph with its values and gradients"

    @property
    def text(self) -> str:
        """All of it, to be printed."""
        return "\n".join([self.claim, *self.parts])


def section(heading: str, body: str) -> str:
    """A table, or other lines, under a heading."""
    return f"{title(heading)}\n{body}"


def says(text: str) -> str:
    """A paragraph with an empty line above it."""
    return f"\n{prose(text)}"


@dataclass(frozen=True)
class Diagram:
    """A drawing written in DOT by hand."""

    dot: str
    endings: tuple[str, ...] = field(default=("dot", "gv", *FORMATS))

    def save(self, path: str | os.PathLike[str], /) -> Path:
        """Writes .svg, .png, .pdf, or .dot.

        Raises:
            ValueError: another ending.
            RuntimeError: there is no graphviz to draw with.
        """
        target = Path(path)
        kind = target.suffix.lower().lstrip(".")
        if kind not in self.endings:
            raise ValueError(
                f"cannot save a diagram as {target.name!r}: the name has to end in .svg, .png, .pdf or .dot"
            )
        write(target, self.dot.encode() if kind in ("dot", "gv") else render(self.dot, kind, placed=False))
        return target
