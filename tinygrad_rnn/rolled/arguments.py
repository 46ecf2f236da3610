"""What a compiled function is given and what it reads besides: nestings of tensors, closures, globals and modules."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from operator import is_
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ..engine.graph import Node
from ..surface.tensor import Tensor
from .values import Refusal

PLAIN = (bool, int, float, str, type(None))
_SEQUENCES = (tuple, list)  # as such `isinstance` reads them in half the time, which every call pays for


def leaves(value: Any, found: list[Any] | None = None) -> list[Any]:
    """What lies in nested tuples, lists and dictionaries."""
    found = [] if found is None else found
    if isinstance(value, _SEQUENCES):
        for each in value:
            leaves(each, found)
    elif isinstance(value, dict):
        leaves(list(value.values()), found)
    else:
        found.append(value)
    return found


def mapped(value: Any, new: Iterator[Any]) -> Any:
    """The same nesting with others in it."""
    if isinstance(value, dict):
        return {word: mapped(each, new) for word, each in value.items()}
    if isinstance(value, _SEQUENCES):
        parts = [mapped(each, new) for each in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return next(new)


def form(value: Any) -> Any:
    """What of an argument decides which program it is."""
    if isinstance(value, Node):
        return value.array.shape, value.array.dtype.char, bool(value.tracked)
    if isinstance(value, dict):
        return "dict", tuple((word, form(each)) for word, each in value.items())
    if isinstance(value, _SEQUENCES):
        return type(value), tuple(map(form, value))
    if isinstance(value, PLAIN):
        return type(value), value
    raise Refusal(f"an argument is a {type(value).__name__}; tensors, numbers and nestings of them can be arguments")


def other(node: Node, shift: int) -> Node:
    """A tensor like this one with other numbers in it, by other places for every ``shift``."""
    array = np.roll(node.array.reshape(-1)[::-1], shift + 1).reshape(node.array.shape)
    array = array * 0.75 + 0.125 if array.dtype.kind == "f" else array
    made = Tensor.fresh(np.array(array, node.array.dtype), bool(node.tracked))
    made.name = node.name
    return made


class Surroundings:
    """What a function reads from outside: its closure, the globals it names, and the modules among these."""

    def __init__(self, f: Any) -> None:
        plain = inspect.unwrap(f) if inspect.isfunction(f) else getattr(f, "__func__", None)
        code = getattr(plain, "__code__", None)
        self._places: list[Callable[[], Any]] = []
        if plain is not None and code is not None:
            self._places += [partial(_contents, cell) for cell in plain.__closure__ or ()]
            self._places += [
                partial(plain.__globals__.get, name) for name in code.co_names if name in plain.__globals__
            ]
        self._holders = [getattr(f, "__self__", None)]
        known: list[Any] = [f, *self._holders, *(place() for place in self._places)]
        for each in known:
            if not isinstance(each, type) and callable(getattr(each, "modules", None)) and hasattr(each, "training"):
                self._holders += each.modules()
        self._held: list[Any] = []  # what the objects hold, by name
        self._seen: list[Any] | None = None  # all of it at the last call
        self._arrays: list[tuple[Node, Any]] = []  # and those of the tensors in it
        self._marks: tuple[Any, ...] = ()

    def marks(self) -> tuple[Any, ...]:
        """What tells whether all that is still the same, with the numbers and parameters that the objects hold."""
        read = [place() for place in self._places]
        seen = [*read, *chain.from_iterable(map(dict.values, self._held))]
        same = self._seen is not None and len(seen) == len(self._seen) and all(map(is_, seen, self._seen))
        if same and all(node.array is array for node, array in self._arrays):
            return self._marks  # nearly always, and in a tenth of the time
        objects = [each for each in (*self._holders, *read) if not isinstance(each, ModuleType | FunctionType | type)]
        self._held = [getattr(each, "__dict__", {}) for each in objects]
        held = list(chain.from_iterable(map(dict.values, self._held)))
        # Lists may change and stay the same list; a tensor with a history is not kept alive for this.
        lasting = not any(isinstance(each, tuple | list | dict) for each in read)
        lasting = lasting and not any(isinstance(each, Node) and each.primitive for each in (*read, *held))
        self._seen = [*read, *held] if lasting else None
        self._arrays = [(each, each.array) for each in (*read, *held) if isinstance(each, Node)]
        self._marks = tuple(map(_mark, read)), tuple(_mark(each) for each in held if _counts(each))
        return self._marks


def _contents(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing yet
        return None


def _mark(value: Any) -> Any:
    """Numbers are told by what they are, all else by which it is."""
    if isinstance(value, PLAIN):
        return type(value), value
    if isinstance(value, tuple | list | dict):
        return tuple(map(_mark, leaves(value)))
    return (id(value), id(value.array)) if isinstance(value, Node) else id(value)


def _counts(value: Any) -> bool:
    """Whether this is a number or a parameter; other tensors may be new in every call."""
    return isinstance(value, PLAIN) or (isinstance(value, Node) and value.primitive is None and bool(value.tracked))
