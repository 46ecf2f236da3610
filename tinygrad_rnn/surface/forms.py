"""Other forms of a function on tensors: further names, in place, with numpy's names for its arguments."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType
from typing import Any, NamedTuple, TypeVar, cast

from ..engine.graph import Node
from ..engine.refusing import spoken

Function = TypeVar("Function", bound=Callable[..., Any])

#: numpy's, and PyTorch's further ones.
_OTHER_NAMES = {
    "axis": "dim", "keepdims": "keepdim", "axis0": "dim0", "axis1": "dim1", "size": "shape",
    "split_size": "split_size_or_sections", "sections": "indices_or_sections", "indices": "indices_or_sections",
}  # fmt: skip


class Forms(NamedTuple):
    """What there is besides a function."""

    aliases: tuple[str, ...] = ()
    inplace: Callable[[Any, Any], Any] | None = None
    method: bool = True


#: By function; those that are not here have no other form.
FORMS: dict[Callable[..., Any], Forms] = {}


def also(
    *aliases: str, inplace: bool = False, rearranges: bool = False, method: bool = True
) -> Callable[[Function], Function]:
    """Note that a function has other forms.

    Args:
        aliases: further names of it.
        inplace: whether there is a method, its name with "_" at the end, that writes the result into the tensor.
        rearranges: whether there is one that gives the tensor itself another arrangement of its entries.
        method: whether it is a method at all although its first argument is called ``input``.
    """

    def noted(function: Function) -> Function:
        FORMS[function] = Forms(
            aliases, written if inplace else functools.partial(written, rearranges=True) if rearranges else None, method
        )
        return function

    return noted


def written(name: str, function: Callable[..., Any], rearranges: bool = False) -> Callable[..., Any]:
    """The method ``name`` that writes ``function`` of a tensor into it, or gives it that arrangement of its entries."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        value = function(self, *args, **kwargs)
        return self.become(value) if rearranges else self.overwrite(value)

    method.__name__, method.__qualname__ = name, f"Tensor.{name}"
    method.__module__ = "tinygrad_rnn"
    method.__doc__ = f"``{name[:-1]}``, {'of this tensor itself' if rearranges else 'written into this tensor'}."
    return spoken(method)


def copying(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function ``name`` that gives what ``function`` gives, in memory of its own."""

    def copied(input: Any, *args: Any, **kwargs: Any) -> Any:
        found = function(input, *args, **kwargs)
        return tuple(each.clone() for each in found) if isinstance(found, tuple) else found.clone()

    copied.__name__, copied.__qualname__ = name, name
    copied.__doc__ = f"``{name[:-5]}``, in memory of its own."
    return public(cast(FunctionType, copied))


def of_several(function: Function) -> Function:
    """``function``, whose first argument is a list of tensors, and neither one tensor nor the first of several."""

    @functools.wraps(function)
    def checked(tensors: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(tensors, Node):
            raise TypeError(f"{function.__name__}() takes a list of tensors, [a, b], and a tensor was given first")
        return function(tensors, *args, **kwargs)

    return cast(Function, checked)


def public(function: FunctionType) -> Callable[..., Any]:
    """``function`` as users call it: it refuses in our words, and knows other names of its arguments."""
    code = function.__code__
    taken = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    function = of_several(function) if taken[:1] == ("tensors",) else function
    made = spoken(function, {theirs: ours for theirs, ours in _OTHER_NAMES.items() if ours in taken})
    made.__module__ = "tinygrad_rnn"  # where it is to be had: pickle looks for it there
    return made
