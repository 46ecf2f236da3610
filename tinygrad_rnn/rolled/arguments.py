"""What a compiled function is given and what it reads besides: nestings of tensors, closures, globals and modules."""

from __future__ import annotations

import inspect
import sys
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, product
from operator import is_
from types import CodeType, FunctionType, MethodType, ModuleType, SimpleNamespace
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
    """What a function reads from outside: closures, globals, and what is known from there.

    Of modules everything counts, of collections what is in them, of other objects what lies under names that
    are in the code; of functions, hooks and methods that are called by such names what they read in their turn.
    """

    def __init__(self, f: Any) -> None:
        self._f = f
        self._places: list[Callable[[], Any]] = []
        self._dicts: list[dict[Any, Any]] = []
        self._lists: list[Collection[Any]] = []
        self._seen: list[Any] | None = None  # all of it at the last call
        self._arrays: list[tuple[Node, Any, Any]] = []  # and those of the tensors in it
        self._marks: tuple[Any, ...] = ()

    def marks(self) -> tuple[Any, ...]:
        """What tells whether all that is still the same."""
        seen = self._read()
        same = self._seen is not None and len(seen) == len(self._seen) and all(map(is_, seen, self._seen))
        if same and all(node.array is array and node.tracked is tracked for node, array, tracked in self._arrays):
            return self._marks  # nearly always, and in a tenth of the time
        seen = self.values()
        # A tensor with a history is not kept alive for this.
        lasting = not any(isinstance(each, Node) and each.primitive for each in seen)
        self._seen = seen if lasting else None
        self._arrays = [(each, each.array, each.tracked) for each in seen if lasting and isinstance(each, Node)]
        self._marks = tuple(map(_mark, seen))
        return self._marks

    def values(self) -> list[Any]:
        """All that is known, found anew."""
        self._places, self._dicts, self._lists = [], [], []
        known: dict[int, Any] = {}
        names = {"forward": True, "__call__": True}
        objects: list[Mapping[str, Any]] = []  # what classes and objects hold
        asked: set[tuple[int, str]] = set()
        waiting = [self._f]
        while waiting:
            for value in waiting:  # which grows
                if isinstance(value, _ENDS) or id(value) in known:
                    continue
                known[id(value)] = value
                if isinstance(value, MethodType):
                    waiting += [value.__func__, value.__self__]
                elif hasattr(value, "__wrapped__"):
                    waiting.append(inspect.unwrap(value))
                elif isinstance(value, FunctionType):
                    waiting += self._of_code(value, names)
                elif isinstance(value, property):
                    waiting.append(value.fget)
                elif isinstance(value, partial):
                    waiting += [value.func, *value.args, *value.keywords.values()]
                elif isinstance(value, dict):
                    self._dicts.append(value)
                    waiting += value.values()
                elif isinstance(value, _COLLECTIONS):
                    self._lists.append(value)
                    waiting += value
                elif hasattr(type(value), "__next__"):
                    raise Refusal("it knows an iterator, which goes on with every call; make what it gives an argument")
                elif is_module(value):
                    waiting += [vars(value), vars(vars(value).get("_hooks") or SimpleNamespace()), type(value)]
                elif isinstance(value, type):
                    if _library(value) not in _LIBRARIES:
                        objects.append(vars(value))
                        waiting += value.__bases__
                elif hasattr(value, "__dict__") and _library(type(value)) not in _OWN:
                    objects.append(vars(value))
                    self._places.append(partial(len, vars(value)))
                    waiting.append(type(value))
            waiting = []
            for held, name in product(objects, list(names)):
                if name in held and (id(held), name) not in asked:
                    asked.add((id(held), name))
                    self._places.append(partial(held.get, name))
                    waiting.append(held[name])
        return self._read()

    def _of_code(self, function: FunctionType, names: dict[str, bool]) -> list[Any]:
        """What a function reads; ``names`` receives those in its code."""
        if _library(function) in _LIBRARIES:
            return []
        found, known = dict.fromkeys(_names(function.__code__), True), function.__globals__
        names |= found
        places = [partial(_contents, cell) for cell in function.__closure__ or ()]
        places += [partial(known.get, name) for name in found if name in known]
        read = [place() for place in places]
        self._places += (place for place, each in zip(places, read, strict=True) if not isinstance(each, _FIXED))
        return read

    def _read(self) -> list[Any]:
        read = [place() for place in self._places]
        return [*read, *chain.from_iterable(map(dict.values, self._dicts)), *chain.from_iterable(self._lists)]


_FIXED = (ModuleType, type)  # which nobody exchanges
_ENDS = (ModuleType, *PLAIN, Node, np.ndarray)  # where nothing is looked for
_COLLECTIONS = (*_SEQUENCES, set, frozenset, deque)
_OWN = (__name__.partition(".")[0], "numpy")
_LIBRARIES = {*_OWN, *sys.stdlib_module_names}


def _library(made: Any) -> str:
    """Where a function or a class is from."""
    return str(made.__module__).partition(".")[0]


def _names(code: CodeType) -> Iterator[str]:
    """The names in a code and in the functions inside it."""
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names(each)


def is_module(value: Any) -> bool:
    """Whether this is a module with parts, which this floor does not know."""
    return not isinstance(value, type) and callable(getattr(value, "modules", None)) and hasattr(value, "training")


def _contents(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing yet
        return None


class _Itself:
    """Something in a key that is the same only as itself, and is kept, so that nothing else can come to its place."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)


def _mark(value: Any) -> Any:
    """Numbers are told by what they are, what holds others by how many, all else by which it is."""
    if isinstance(value, PLAIN):
        return type(value), value
    if isinstance(value, (*_SEQUENCES, dict)):
        return type(value), len(value)
    return (id(value), id(value.array), bool(value.tracked)) if isinstance(value, Node) else _Itself(value)


def unlike(before: Sequence[Any], after: Sequence[Any]) -> bool:
    """Whether something of what is known is another now."""
    return len(before) != len(after) or not all(
        a is b or (isinstance(a, PLAIN) and type(a) is type(b) and a == b) for a, b in zip(before, after, strict=True)
    )
