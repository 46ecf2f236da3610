"""The front doors of the package: what a name that is not there could have been, and refusals in our words."""

from __future__ import annotations

import inspect
import sys
from functools import partial
from types import FunctionType, ModuleType
from typing import Any

from ..engine.refusing import spoken
from .tensor import Tensor

#: What does the same as names of PyTorch that stay out, by how these begin in small letters.
_INSTEAD = {
    "leave it out: operations run as they are written, in one process": ("jit",),
    "use nn.parallel.DistributedDataParallel": ("datapar",),
    "use x.half() and x.float()": ("amp", "autocast", "gradscaler", "bfloat16"),
    "compute with the real and the imaginary part": ("complex", "cfloat", "cdouble", "polar", "view_as_"),
    "use x.detach().numpy() and numpy's": ("fft", "svd", "qr", "eig", "pinv"),
    "use Conv1d over the last axis, or Linear on x.unfold(...)": ("conv", "lazyconv"),
    "use the pooling of one axis, MaxPool1d and AvgPool1d": ("maxpool", "avgpool", "max_pool", "avg_pool", "adaptive"),
    "use GroupNorm, or BatchNorm1d on x.reshape(...)": ("instancenorm", "batchnorm2"),
    "use a dense tensor, x[index] and index_add": ("sparse", "to_sparse"),
    "leave it out: entries lie in memory in the order in which they are read": ("channels_last",),
}  # fmt: skip


def _unknown(door: str, doors: dict[str, ModuleType], name: str) -> Any:
    """Raise AttributeError: ``name`` is not at ``door``; say where it is, what it may have been, or what to use."""
    text = f"{door} has no {name!r}"
    if not name.startswith("_"):
        there = [f"{other}.{name}" for other, module in doors.items() if name in vars(module)]
        there += [f"the method x.{name}(...)"] if hasattr(Tensor, name) else []
        instead = [what for what, names in _INSTEAD.items() if name.lower().startswith(names)]
        from difflib import get_close_matches  # when a name is wrong, and not at every import

        near = get_close_matches(name, [each for each in vars(doors[door]) if each[0] != "_"], 1)
        if there:
            text += f"; it is {there[0]}"
        elif instead:
            text += f", which is PyTorch's and stays out; {instead[0]}"
        else:
            text += f"; did you mean {near[0]!r}?" if near else "; dir() lists what there is"
    raise AttributeError(text, name=name)


def open_doors(*modules: ModuleType) -> None:
    """Let modules answer for names they do not have, and their functions and classes refuse in our words."""
    root = __name__.partition(".")[0]
    doors = {module.__name__: module for module in (sys.modules[root], *modules)}
    made: dict[Any, Any] = {}
    for door, module in doors.items():
        for name, value in list(vars(module).items()):
            if name[0] == "_" or not str(getattr(value, "__module__", "")).startswith(root):
                continue
            first = inspect.getattr_static(value, "__init__") if isinstance(value, type) else value
            if not isinstance(first, FunctionType) or hasattr(first, "speaks"):
                continue
            if first is not value:
                type.__setattr__(value, "__init__", spoken(first))
            elif value not in made:
                made[value] = spoken(value)
                made[value].__module__ = door  # pickle looks for it there
            setattr(module, name, made.get(value, value))
        module.__dict__["__getattr__"] = partial(_unknown, door, doors)
