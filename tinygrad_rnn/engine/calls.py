"""Calls: the place of one call of a module, which knows whose it is and where in the program it was made."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any
from weakref import ref

from .scope import Place, current_place, scope


class Call(Place):
    """The part of the model that one call of a module computes.

    ``module`` is a weak reference, so that the graph keeps no model alive; ``kind`` is its class, ``code`` and
    ``instruction`` say where it was called.
    """

    __slots__ = ("code", "instruction", "kind", "module")

    def __init__(self, parent: Place, name: str, module: Any, frame: FrameType) -> None:
        super().__init__(parent, name)
        self.module, self.kind = ref(module), type(module).__name__
        self.code, self.instruction = frame.f_code, frame.f_lasti


class calling(scope):
    """The scope of the call of ``module``, under this name."""

    __slots__ = ("module",)

    def __init__(self, module: Any, name: str) -> None:
        self.module, self.name, self.step = module, name, None

    def __enter__(self) -> Place:
        # 0 is this function, 1 the module's __call__, 2 who called it.
        current_place.set(place := Call(current_place.get(), self.name, self.module, sys._getframe(2)))
        return place
