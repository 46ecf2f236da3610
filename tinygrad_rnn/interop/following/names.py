"""What the user calls the modules and tensors that take part: attributes of modules, variables of functions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from types import CodeType, FrameType
from typing import Any

from .library import torch

#: So many frames outwards a variable is looked for.
FAR = 40
#: What a compiled module calls the one that it runs.
COMPILED = "_orig_mod"
_PACKAGE = __name__.partition(".")[0]


def local_name(held: Any) -> str | None:
    """The variable of a running function of the user that holds a tensor or a module."""
    for frame in islice(users_frames("torch"), FAR):
        for name, value in list(frame.f_locals.items()):
            if value is held and name.isidentifier():
                return name
    return None


def caller() -> FrameType:
    """The function of the user that calls a module; one of ours if PyTorch does."""
    frame = next(users_frames("torch.nn.modules.module", "torch._dynamo"))
    return sys._getframe() if _is_in(frame, "torch") else frame


def asker(func: Any) -> tuple[CodeType | None, int | None]:
    """The function of the user that calls ``func`` of PyTorch, and where in there; None if PyTorch does."""
    own = getattr(func, "__code__", None)
    frame = next(each for each in users_frames("torch.overrides") if each.f_code is not own)
    return (None, None) if _is_in(frame, "torch") else (frame.f_code, frame.f_lasti)


def users_frames(*passed: str) -> Iterator[FrameType]:
    """The running functions, the innermost first, other than ours and those of these modules."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if not _is_in(frame, _PACKAGE, *passed):
            yield frame
        frame = frame.f_back


def _is_in(frame: FrameType, *modules: str) -> bool:
    return f"{frame.f_globals.get('__name__')}.".startswith(tuple(f"{each}." for each in modules))


class Labels(dict[Any, str]):
    """What modules are called, as by their owners: "rnn", "layers.0", or by their class."""

    def __init__(self, parameters: Any) -> None:
        super().__init__()
        self._parameters = parameters  # their names are noted here

    def __missing__(self, module: Any) -> str:
        self[module] = type(module).__name__
        for path, part in module.named_modules():
            owner, _, name = path.rpartition(".")
            if isinstance(module.get_submodule(owner), (torch().nn.ModuleList, torch().nn.ModuleDict)) and path:
                name = f"{owner.rpartition('.')[2]}.{name}" if owner else name
            self.setdefault(part, type(part).__name__ if name == COMPILED else name)
        for path, parameter in module.named_parameters():
            self._parameters.setdefault(parameter, path.replace(f"{COMPILED}.", ""))
        return self[module]
