"""Which function here is the same as one of PyTorch's, and what it gives for the same arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from types import FunctionType
from typing import Any

import numpy as np

from ...autograd.gradients import grad
from ...nn import functional
from ...numbers import dtypes
from ...rolled.arguments import leaves
from ...surface.catalogue import FUNCTIONS
from ...surface.tensor import Tensor
from .library import dropped, mapped, numbers, refuse_other, torch
from .recurrent import OPENED

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

#: Functions whose derivatives PyTorch defines otherwise: that of ctc_loss is right behind log_softmax alone.
DERIVED_OTHERWISE = {"ctc_loss"}
#: Functions that are gone into though they are here too: what they draw at random is known only inside.
ENTERED = {"multi_head_attention_forward"}


def match(func: Any, name: str) -> Callable[..., Any] | None:
    """The function here that has the name of ``func``; None if there is none."""
    if name in ENTERED:
        return None
    module, qualified = getattr(func, "__module__", "") or "", getattr(func, "__qualname__", "")
    name, found = OTHERWISE.get(name, name), None
    if name == "__get__":
        return lambda tensor: getattr(tensor, func.__self__.__name__)
    if module == "torch.autograd":
        return grad if name == "grad" else None
    if qualified.startswith("Tensor"):
        found = getattr(Tensor, name, None)
    elif module in ("torch.nn.functional", "torch._C._nn"):
        found = getattr(functional, name, None) or FUNCTIONS.get(name)
    else:
        found = FUNCTIONS.get(name) or getattr(functional, name, None) or getattr(Tensor, name, None)
    return found if callable(found) else None


def computed(
    func: Any, name: str, args: Any, kwargs: Any, own: Mapping[int, Tensor], results: Sequence[Any], state: Any
) -> list[Tensor]:
    """What the same function gives here, with PyTorch's own numbers.

    Args:
        func, name, args, kwargs: the call.
        own: what stands here for the tensors in its arguments, by their ids.
        results: the tensors PyTorch gave.
        state: that of PyTorch's random numbers before.

    Raises:
        NotImplementedError: if there is no such function.
        Exception: of any kind, if it gives something else, or does not take these arguments.
    """
    if name in DERIVED_OTHERWISE:
        raise NotImplementedError("its derivative there is another")
    function = OPENED[name] if name in OPENED else match(func, name)
    if function is None:
        raise NotImplementedError("there is no such operation here")
    given = (args, _fitting(function, kwargs) if kwargs else {})
    positional, named = mapped(lambda value: _translated(value, own), given)
    masks = [partial(dropped, state, results[0])] if name in OPENED else []
    result = function(*masks, *positional, **named)
    made = [each for each in leaves(positional[0] if result is None else result) if isinstance(each, Tensor)]
    for tensor, each in zip(results, made, strict=True):
        values = numbers(tensor)
        refuse_other(values, each.array, tensor.dtype)
        if tensor.requires_grad and not each.requires_grad:
            raise ValueError("it has no gradient here")
        if each.owner is None and each.array.strides != values.strides and all(each is not one for one in own.values()):
            each.array = np.array(values)  # in PyTorch's order in memory: which views there can be depends on it
        elif each.array.flags.writeable:
            np.copyto(each.array, values)  # not nearly the same numbers, but the same
    return made


def _translated(value: Any, own: Mapping[int, Tensor]) -> Any:
    """An argument as it is meant here."""
    library = torch()
    if isinstance(value, library.dtype):
        return getattr(dtypes, str(value).removeprefix("torch."))
    if isinstance(value, library.device):
        return "cpu"
    return tuple(value) if isinstance(value, library.Size) else own.get(id(value), value)


def _fitting(function: Callable[..., Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords without those that ``function`` does not know and that say nothing."""
    known = _keywords(function)
    return {
        key: value
        for key, value in named.items()
        if known is None or key in known or not (key in IDLE or value is None or value is False)
    }


@cache
def _keywords(function: Callable[..., Any]) -> frozenset[str] | None:
    """The names of its parameters; None if it takes any."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    is_open = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)
    return None if is_open else frozenset(each.name for each in parameters)


@cache
def opened(func: FunctionType) -> FunctionType:
    """A function written in Python that does not ask whether somebody follows: the calls inside it are seen instead."""
    silent = {name: _nobody for name in func.__globals__ if name.startswith("has_torch_function")}
    around = {**func.__globals__, **silent}
    copy = FunctionType(func.__code__, around, func.__name__, func.__defaults__, func.__closure__)
    copy.__kwdefaults__ = func.__kwdefaults__
    return copy


def _nobody(*_: Any) -> bool:
    return False
