"""Which function here is the same as one of PyTorch's, and what it is to be called with."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from types import FunctionType
from typing import Any

from ...autograd.gradients import grad
from ...nn import functional
from ...numbers import dtypes
from ...surface.catalogue import FUNCTIONS
from ...surface.tensor import Tensor
from .library import torch

#: Attributes of tensors that are operations.
ATTRIBUTES = {"T", "mT"}
#: Functions that give no tensor, or nothing new; asked for often.
QUESTIONS = {
    "backward", "dim", "element_size", "is_complex", "is_contiguous", "is_floating_point", "item", "manual_seed",
    "ndimension", "nelement", "numel", "numpy", "requires_grad_", "retain_grad", "size", "storage_offset", "stride",
    "tolist", "untyped_storage", "__bool__", "__format__", "__len__", "__repr__", "__set__",
}  # fmt: skip
#: Names that PyTorch's compiled functions have, where those for people are called otherwise.
OTHERWISE = {"log_sigmoid": "logsigmoid"}
#: Arguments that change nothing about the result or its derivatives, whatever they are.
IDLE = {"_stacklevel", "memory_format", "non_blocking", "norm_type"}


def match(func: Any, name: str) -> Callable[..., Any] | None:
    """The function here that has the name of ``func``; None if there is none."""
    module, qualified = getattr(func, "__module__", "") or "", getattr(func, "__qualname__", "")
    if name == "__get__":
        return lambda tensor: getattr(tensor, func.__self__.__name__)
    if module == "torch.autograd":
        return grad if name == "grad" else None
    name, found = OTHERWISE.get(name, name), None
    if qualified.startswith("Tensor"):
        found = getattr(Tensor, name, None)
    elif module in ("torch.nn.functional", "torch._C._nn"):
        found = getattr(functional, name, None) or FUNCTIONS.get(name)
    else:
        found = FUNCTIONS.get(name) or getattr(functional, name, None) or getattr(Tensor, name, None)
    return found if callable(found) else None


def fitting(function: Callable[..., Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords without those that ``function`` does not know and that say nothing."""
    known = _keywords(function)
    if known is None:
        return dict(named)
    return {key: value for key, value in named.items() if key in known or not (key in IDLE or value in (None, False))}


@cache
def _keywords(function: Callable[..., Any]) -> frozenset[str] | None:
    """The names of its parameters; None if it takes any."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    open_ended = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)
    return None if open_ended else frozenset(each.name for each in parameters)


def translated(value: Any, standing: Callable[[Any], Tensor]) -> Any:
    """Arguments as they are meant here: what stands for tensors, types of numbers, plain tuples for sizes."""
    library = torch()
    if isinstance(value, library.Tensor):
        return standing(value)
    if isinstance(value, library.dtype):
        return getattr(dtypes, str(value).removeprefix("torch."))
    if isinstance(value, library.device):
        return "cpu"
    if isinstance(value, (list, tuple)):
        made = [translated(each, standing) for each in value]
        return made if isinstance(value, list) else tuple(made)
    if isinstance(value, dict):
        return {key: translated(each, standing) for key, each in value.items()}
    if isinstance(value, slice):
        return slice(*(translated(each, standing) for each in (value.start, value.stop, value.step)))
    return value


@cache
def opened(func: FunctionType) -> FunctionType:
    """A function written in Python that does not ask whether somebody follows: the calls inside it are seen instead."""
    silent = {name: _nobody for name in func.__globals__ if name.startswith("has_torch_function")}
    copy = FunctionType(
        func.__code__, {**func.__globals__, **silent}, func.__name__, func.__defaults__, func.__closure__
    )
    copy.__kwdefaults__ = func.__kwdefaults__
    return copy


def _nobody(*_: Any) -> bool:
    return False
