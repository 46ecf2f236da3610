"""What a compiled function is given and what it reads besides: nestings of tensors, closures, globals and modules."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ..engine.graph import Node
from ..surface.tensor import Tensor
from .values import Refusal

PLAIN = (bool, int, float, str, type(None))


def leaves(value: Any) -> Iterator[Any]:
    """What lies in nested tuples, lists and dictionaries."""
    if isinstance(value, tuple | list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from leaves(each)
    else:
        yield value


def mapped(value: Any, new: Iterator[Any]) -> Any:
    """The same nesting with others in it."""
    if isinstance(value, dict):
        return {word: mapped(each, new) for word, each in value.items()}
    if isinstance(value, tuple | list):
        parts = [mapped(each, new) for each in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return next(new)


def form(value: Any) -> Any:
    """What of an argument decides which program it is."""
    if isinstance(value, Node):
        return value.array.shape, value.array.dtype.char, bool(value.tracked)
    if isinstance(value, dict):
        return "dict", tuple((word, form(each)) for word, each in value.items())
    if isinstance(value, tuple | list):
        return type(value), tuple(map(form, value))
    if isinstance(value, PLAIN):
        return type(value), value
    raise Refusal(f"an argument is a {type(value).__name__}; tensors, numbers and nestings of them can be arguments")


def other(node: Node, shift: int) -> Node:
    """A tensor like this one with other numbers in it, by other places for every ``shift``."""
    array = node.array
    other = np.roll(array.reshape(-1)[::-1], shift + 1).reshape(array.shape)
    other = other * 0.75 + 0.125 if array.dtype.kind == "f" else other
    made = Tensor.fresh(np.array(other, array.dtype), bool(node.tracked))
    made.name = node.name
    return made


def parameter_names(f: Any) -> list[str]:
    """What a function calls its arguments."""
    try:
        return [each for each in inspect.signature(getattr(f, "forward", f)).parameters if each != "self"]
    except (TypeError, ValueError):
        return []


def outside(f: Any) -> Iterator[Callable[[], Any]]:
    """How to get what a function reads from outside: its closure and the globals it names."""
    plain = inspect.unwrap(f) if inspect.isfunction(f) else getattr(f, "__func__", None)
    code = getattr(plain, "__code__", None)
    if code is None or plain is None:
        return
    for cell in plain.__closure__ or ():
        yield partial(_contents, cell)
    for name in code.co_names:
        if name in plain.__globals__:
            yield partial(plain.__globals__.get, name)


def _contents(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing yet
        return None


def mark(value: Any) -> Any:
    """What tells whether a value from outside is still the same: numbers by what they are, all else by which it is."""
    if isinstance(value, PLAIN):
        return type(value), value
    if isinstance(value, tuple | list | dict):
        return tuple(map(mark, leaves(value)))
    return id(value)


def attributes(holder: Any) -> Iterator[Any]:
    """The marks of the numbers and parameters that an object holds; other tensors may be new in every call."""
    if isinstance(holder, ModuleType | FunctionType | type):
        return
    for value in getattr(holder, "__dict__", {}).values():
        if isinstance(value, PLAIN) or (isinstance(value, Node) and value.primitive is None and value.tracked):
            yield mark(value)


def modules(f: Any, read: Sequence[Callable[[], Any]]) -> Iterator[Any]:
    """The modules that a function knows."""
    for each in (f, getattr(f, "__self__", None), *(place() for place in read)):
        if not isinstance(each, type) and callable(getattr(each, "modules", None)) and hasattr(each, "training"):
            yield each


def leaves_of_form(form: Any) -> Iterator[Any]:
    """The forms of the tensors in that of some arguments."""
    if isinstance(form, tuple) and len(form) == 3 and isinstance(form[0], tuple) and isinstance(form[2], bool):
        yield form
    elif isinstance(form, tuple):
        for each in form:
            yield from leaves_of_form(each)
