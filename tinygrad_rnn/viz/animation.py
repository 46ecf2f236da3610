"""Animation: a picture that plays its computation, values forward and gradients back, as one SVG without a script."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from .render import save_text


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
