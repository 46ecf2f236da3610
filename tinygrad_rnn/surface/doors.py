"""The front doors of the package: what a name that is not there could have been, and refusals in our words."""

from __future__ import annotations

import difflib
import sys
from functools import partial
from types import FunctionType, ModuleType
from typing import Any

from ..engine.refusing import spoken
from .methods import Methods
from .tensor import Tensor

#: Methods of tensors that are called from inside alone.
_INSIDE = {"become", "overwrite"}

#: What PyTorch has and stays out, by how its names begin in small letters, and what does the same.
_NUMPY = "numpy has it: compute it from x.detach().numpy() where no gradient is needed"
_REWEIGHT = "a small formula of tensor operations does the same"
_OUT = {
    "adapt": "the mean, amax or sum over an axis does the same", "amp": "use x.half() and x.float()",
    "autocast": "use x.half() and x.float()", "avgpool": "use the mean over an axis of x.reshape(...)",
    "bfloat16": "use float16 or float32", "compile": "operations run as they are written; leave it out",
    "complex": "numbers are real; compute with the real and the imaginary part", "conv": "use nn.Linear on x[:, t:t+k]",
    "ctc": _REWEIGHT, "cuda": "there is the processor alone", "dataparallel": "there is one process; leave it out",
    "distributed": "there is one process; leave it out", "fft": _NUMPY, "groupnorm": "use layer_norm on x.reshape(...)",
    "hub": "build the model here and use load_state_dict", "jit": "operations run as they are written; leave it out",
    "linalg": _NUMPY, "maxpool": "use amax over an axis of x.reshape(...)", "max_pool": "use amax over an axis",
    "median": _NUMPY, "multihead": "use softmax(q @ k.mT / d ** 0.5, -1) @ v", "nested": "use nn.utils.rnn.pad_sequence",
    "profiler": "use time.perf_counter or cProfile", "quant": _NUMPY, "scaled_dot": "use softmax(q @ k.mT / d ** 0.5, -1) @ v",
    "sparse": "tensors are dense; use x[index] and index_add", "svd": _NUMPY, "transformer": "use nn.LSTM or nn.GRU",
    "vmap": "operations broadcast over leading axes; use those, or stack of a loop",
}  # fmt: skip


def _unknown(door: str, doors: dict[str, Any], name: str) -> Any:
    """Raise AttributeError: ``name`` is not at ``door``; say where it is, what it may have been, or what to use."""
    text = f"{door} has no {name!r}"
    if not name.startswith("_"):
        there = [f"{other}.{name}" for other, place in doors.items() if name in vars(place) and other != door]
        there += [f"a method, x.{name}(...)"] if hasattr(Tensor, name) and door != "Tensor" else []
        near = difflib.get_close_matches(name, [key for key in vars(doors[door]) if key[0] != "_"], 1, 0.75)
        out = [why for start, why in _OUT.items() if name.lower().startswith(start)]
        if there:
            text += f"; it is {there[0]}"
        elif out:
            text += f", which is PyTorch's and stays out; {out[-1]}"
        elif near:
            text += f"; did you mean {near[0]!r}?"
        else:
            text += "; dir() lists what there is"
    raise AttributeError(text, name=name)


def open_doors(*modules: ModuleType) -> None:
    """Let modules answer for names they do not have, and their functions and classes refuse in our words."""
    root = modules[0].__name__.partition(".")[0]
    doors: dict[str, Any] = {module.__name__: module for module in (sys.modules[root], *modules)}
    made: dict[Any, Any] = {}
    for door, module in doors.items():
        for name, value in list(vars(module).items()):
            if name[0] == "_" or not str(getattr(value, "__module__", "")).startswith(root):
                continue
            if isinstance(value, FunctionType) and not hasattr(value, "__wrapped__"):
                if value not in made:
                    made[value] = spoken(value)
                setattr(module, name, made[value])
            elif isinstance(value, type) and isinstance(start := value.__init__, FunctionType):
                if not hasattr(start, "__wrapped__"):
                    value.__init__ = spoken(start)
        module.__getattr__ = partial(_unknown, door, doors)
    for kind in Tensor.__mro__[: Tensor.__mro__.index(Methods)]:
        for name, value in list(vars(kind).items()):
            if isinstance(value, FunctionType) and name not in _INSIDE and (name[0] != "_" or name == "__setitem__"):
                setattr(kind, name, spoken(value))
