"""The front doors of the package: what a name that is not there could have been, and refusals in our words."""

from __future__ import annotations

import inspect
import sys
from functools import partial
from operator import attrgetter
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
    "keep the mean of the parameters yourself, inside no_grad()": ("swa_utils", "averagedmodel", "update_bn"),
    "use get_rng_state() and set_rng_state(state)": ("random", "fork_rng"),
    "use utils.checkpoint.checkpoint(f, x), which keeps less": ("graph", "saved_tensors_hooks"),
    "draw with x.uniform_(), x.exponential_() and their like, and write its log_prob": (
        "beta", "binomial", "cauchy", "chi2", "dirichlet", "gamma", "geometric", "gumbel", "halfnormal", "laplace",
        "lognormal", "mixturesame", "multivariate", "onehotc", "studentt",
        "distributions.exponential", "distributions.poisson", "distributions.uniform",
    ),
}  # fmt: skip
#: The same of what would stand in a class.
_OF_CLASSES = {
    "Tensor.register_post_accumulate_grad_hook": "use x.register_hook(...), or read x.grad after backward()",
    "distributions.Distribution.expand": "expand what it is made of, Normal(loc.expand(shape), scale.expand(shape))",
    **{f"nn.{kind}.mode": "use type(module).__name__, and nonlinearity of an RNN" for kind in ("RNN", "LSTM", "GRU")},
    **dict.fromkeys(
        (
            "nn.Module.register_load_state_dict_pre_hook", "nn.Module.register_load_state_dict_post_hook",
            "nn.Module.register_state_dict_pre_hook", "nn.Module.register_state_dict_post_hook",
            "optim.Optimizer.register_step_pre_hook", "optim.Optimizer.register_step_post_hook",
        ),
        "do the same before or after that call",
    ),
}  # fmt: skip


class _Absent:
    """In a class in the place of a name that stays out."""

    def __init__(self, name: str, instead: str) -> None:
        self.name, self.instead = name, instead

    def __get__(self, value: object, kind: type) -> Any:
        raise AttributeError(f"{kind.__name__} has no {self.name!r}, which is PyTorch's and stays out; {self.instead}")


def _unknown(door: str, doors: dict[str, ModuleType], name: str) -> Any:
    """Raise AttributeError: ``name`` is not at ``door``; say where it is, what it may have been, or what to use."""
    text = f"{door} has no {name!r}"
    if not name.startswith("_"):
        there = [f"{other}.{name}" for other, module in doors.items() if name in vars(module)]
        there += [f"the method x.{name}(...)"] if hasattr(Tensor, name) else []
        spelt = name.lower(), f"{door.rpartition('.')[2]}.{name}".lower()
        instead = [what for what, names in _INSTEAD.items() if any(each.startswith(names) for each in spelt)]
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
    for path, instead in _OF_CLASSES.items():
        owner, _, name = path.rpartition(".")
        type.__setattr__(attrgetter(owner)(sys.modules[root]), name, _Absent(name, instead))
