"""Calls: the place of one call of a module, which knows whose it is and where in the program it was made."""

from __future__ import annotations

from types import FrameType
from typing import Any
from weakref import ref

from .scope import Place


class Call(Place):
    """The part of the model that one call of a module computes.

    ``module`` is a weak reference, so that the graph keeps no model alive; ``kind`` is its class, ``code`` and
    ``instruction`` say where it was called. Not by way of ``Place``'s own method, since every call pays for it.
    """

    __slots__ = ("code", "instruction", "kind", "module")

    def __init__(self, parent: Place, name: str, module: Any, frame: FrameType) -> None:
        self.parent, self.name, self.step, self.time = parent, name, None, parent.time
        self.path = (*parent.path, name)
        self.module, self.kind = ref(module), type(module)
        self.code, self.instruction = frame.f_code, frame.f_lasti
