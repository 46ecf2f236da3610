"""Where we are: the part of the model and the time step being computed, and whether it is being recorded."""

from __future__ import annotations

import threading
from typing import Any


class Place:
    """A position in the model: a name inside a parent, or a time step inside a parent.

    ``path`` reads from the outside in, ``("model", "rnn", "t=3")``; ``step`` is its number if it is a time step itself,
    ``time`` that of the innermost step around it, or None outside every step.
    """

    __slots__ = ("name", "parent", "step", "time")

    def __init__(self, parent: Place | None, name: str, step: int | None = None) -> None:
        self.parent, self.name, self.step = parent, name, step
        self.time: int | None = step if step is not None else parent.time if parent is not None else None

    @property
    def path(self) -> tuple[str, ...]:
        """The names from the outermost scope to this one; the root itself has no name and the path ()."""
        names, place = [], self
        while place.parent is not None:
            names.append(place.name)
            place = place.parent
        return tuple(reversed(names))

    def __str__(self) -> str:
        return "/".join(self.path)


class Here(threading.local):
    """The state of the running thread; what stands here is how each begins."""

    place: Place = Place(None, "")  # the part of the model and the time step
    recording: Any = True  # False inside ``no_grad``; else the watch if there is one, else True
    watch: Any = None  # that of ``detect_anomaly``: it is called with everything that is recorded
    inference: bool = False  # whether this is inside ``inference_mode``


here = Here()


class scope:
    """Name the part of the model computed inside ``with scope("encoder"):``; pictures group by it, errors name it."""

    __slots__ = ("_before", "name", "step")

    def __init__(self, name: str, *, step: int | None = None) -> None:
        self.name, self.step = name, step

    def __enter__(self) -> Place:
        self._before = here.place
        here.place = place = Place(self._before, self.name, self.step)
        return place

    def __exit__(self, *_: object) -> None:
        here.place = self._before


def step(t: int) -> scope:
    """Name the time step computed inside ``with step(3):``; the first step is 1."""
    return scope(f"t={t}", step=t)
