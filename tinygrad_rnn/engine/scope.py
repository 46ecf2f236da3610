"""Where we are: the part of the model and the time step being computed, and whether it is being recorded."""

from __future__ import annotations

import threading
from contextvars import ContextVar
from typing import Any


class Place:
    """A position in the model: a name inside a parent, or a time step inside a parent.

    ``path`` reads from the outside in, ``("model", "rnn", "t=3")``, and is () outside; ``step`` is its number if it is
    a time step itself, ``time`` that of the innermost step around it, or None outside every step.
    """

    __slots__ = ("name", "parent", "path", "step", "time")

    def __init__(self, parent: Place | None, name: str, step: int | None = None) -> None:
        self.parent, self.name, self.step = parent, name, step
        self.path: tuple[str, ...] = (*parent.path, name) if parent is not None else ()
        self.time: int | None = step if step is not None else parent.time if parent is not None else None

    def __str__(self) -> str:
        return "/".join(self.path)


#: The part of the model and the time step being computed, in each thread and each asyncio task.
current_place: ContextVar[Place] = ContextVar("current_place", default=Place(None, ""))  # noqa: B039  (a place is never changed)


class Here(threading.local):
    """The state of the running thread; what stands here is how each begins."""

    recording: Any = True  # False inside ``no_grad``; else the watch if there is one, else True
    watch: Any = None  # that of ``detect_anomaly``: it is called with everything that is recorded
    inference: bool = False  # whether this is inside ``inference_mode``


here = Here()


class scope:
    """Name the part of the model computed inside ``with scope("encoder"):``; pictures group by it, errors name it."""

    __slots__ = ("name", "step")

    def __init__(self, name: str, *, step: int | None = None) -> None:
        self.name, self.step = name, step

    def __enter__(self) -> Place:
        current_place.set(place := Place(current_place.get(), self.name, self.step))
        return place

    def __exit__(self, *_: object) -> None:
        current_place.set((place := current_place.get()).parent or place)


def step(t: int) -> scope:
    """Name the time step computed inside ``with step(3):``; the first step is 1."""
    return scope(f"t={t}", step=t)
