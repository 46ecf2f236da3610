"""What the user calls the modules and tensors that take part: attributes of modules, variables of functions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from types import FrameType
from typing import Any

from .library import torch

#: So many frames outwards a variable is looked for.
FAR = 40
_PACKAGE = __name__.partition(".")[0]


def local_name(tensor: Any) -> str | None:
    """The variable of a running function that holds a tensor."""
    for frame in islice(_frames(), FAR):
        for name, value in list(frame.f_locals.items()):
            if value is tensor and name.isidentifier():
                return name
    return None


def caller() -> FrameType:
    """The innermost running function of the user."""
    return next(_frames())


def _frames() -> Iterator[FrameType]:
    """The running functions, the innermost first, other than those of PyTorch and of ours."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] not in ("torch", _PACKAGE):
            yield frame
        frame = frame.f_back


class Labels:
    """What modules are called, as by their owners: "rnn", "layers.0", or by their class."""

    def __init__(self, parameters: Any) -> None:
        self._known: dict[Any, str] = {}
        self._parameters = parameters  # their names are noted here

    def __getitem__(self, module: Any) -> str:
        if module not in self._known:
            self._learn(module)
        return self._known[module]

    def _learn(self, module: Any) -> None:
        self._known[module] = type(module).__name__
        for path, part in module.named_modules():
            owner, _, name = path.rpartition(".")
            if isinstance(module.get_submodule(owner), (torch().nn.ModuleList, torch().nn.ModuleDict)) and path:
                name = f"{owner.rpartition('.')[2]}.{name}" if owner else name
            self._known.setdefault(part, name)
        for path, parameter in module.named_parameters():
            self._parameters.setdefault(parameter, path)
