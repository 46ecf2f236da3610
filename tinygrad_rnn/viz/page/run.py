"""Run: one graph as a page or an animation takes it, and how long it may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..scene import Scene
from .words import Words

#: A page shows up to this many steps: more would keep a browser busy for seconds.
MOST_STEPS = 200


@dataclass(frozen=True)
class Run:
    """One graph on a page: a page of several lets its reader go from one to the other.

    Attributes:
        scene: what to show.
        svg: graphviz's picture of it, drawn in the theme ``MARKERS`` without title and subtitle.
        words: its formulas.
        name: what tells it from the other runs.
        subtitle: what it is, for those who cannot see the picture.
        labels: a word or two for the steps, by step number.
    """

    scene: Scene
    svg: str
    words: Words
    name: str = ""
    subtitle: str = ""
    labels: Mapping[int, str] = field(default_factory=dict)


def refuse_too_long(scene: Scene) -> None:
    """Raise ValueError for a scene that a browser could not show with ease."""
    if len(scene.frames) > MOST_STEPS:
        raise ValueError(
            f"a page shows up to {MOST_STEPS} time steps, and this graph has {len(scene.frames):,}; draw some of "
            f"them: draw(loss, steps=(a, b))"
        )
