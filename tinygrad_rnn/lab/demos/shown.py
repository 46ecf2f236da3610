"""What a demonstration shows: text with its tables, and perhaps a picture."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ...explain.report import prose, significant, table, title
from ...viz.render import FORMATS, render, write

UNROLLED = "the unrolled graph with its values and gradients"


class Drawable(Protocol):
    """Anything that can be saved under a name whose ending says in which format."""

    def save(self, path: str | os.PathLike[str], /) -> Path:
        """Writes the picture and returns where."""


class Shown:
    """claim: what the textbook says; parts: tables and sentences; picture: of `drawn`, if there is one."""

    def __init__(self, claim: str, *parts: str, picture: Drawable | None = None, drawn: str = UNROLLED) -> None:
        self.text = "\n".join([claim, *parts])
        self.picture, self.drawn = picture, drawn


def section(heading: str, head: Sequence[str], rows: Iterable[Sequence[object]], left: int = 1, digits: int = 4) -> str:
    """A table under a heading, the first `left` columns to the left; floats in so many significant digits."""

    def cell(value: object) -> str:
        return significant(value, digits) if isinstance(value, float) else str(value)

    return under(heading, table(head, [[cell(value) for value in row] for row in rows], left))


def under(heading: str, body: str) -> str:
    """Lines under a heading."""
    return f"{title(heading)}\n{body}"


def says(text: str) -> str:
    """Paragraphs, with an empty line above each; lines are broken anew."""
    return "".join(f"\n{prose(' '.join(paragraph.split()))}\n" for paragraph in text.split("\n\n"))[:-1]


def concludes(text: str, quick: bool) -> str:
    """What the whole table of a claim shows, beside which a quick one has a few rows, of fewer steps."""
    return says(("What the whole table shows, which --full computes:\n\n" if quick else "") + text)


@dataclass(frozen=True)
class Diagram:
    """A drawing written in DOT by hand."""

    dot: str

    def save(self, path: str | os.PathLike[str], /) -> Path:
        """Writes .svg, .png, .pdf, or .dot. Refuses other endings."""
        target = Path(path)
        kind = target.suffix.lower().lstrip(".")
        if kind not in ("dot", "gv", *FORMATS):
            named = "the name has to end in .svg, .png, .pdf or .dot"
            raise ValueError(f"cannot save a diagram as {target.name!r}: {named}")
        write(target, self.dot.encode() if kind in ("dot", "gv") else render(self.dot, kind, placed=False))
        return target

    def _repr_svg_(self) -> str:
        return render(self.dot, "svg", placed=False).decode()
