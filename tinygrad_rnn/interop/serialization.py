"""Modules as data: the name of a class and the attributes of its objects, of which nothing runs when they are read."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from inspect import unwrap
from typing import Any

from ..nn import functional
from ..nn.module import Module
from ..nn.parameter import Parameter
from ..surface.catalogue import FUNCTIONS
from ..utils.files import SavedFileError

PACKAGE = __name__.partition(".")[0]
KINDS = {"Parameter": Parameter, "Module": Module}  # for which a module keeps names without a value
_SAFE: list[type] = []


def add_safe_globals(safe_globals: Sequence[type]) -> None:
    """Let ``load`` make objects of these classes, which are modules, if a file holds such."""
    _SAFE.extend(safe_globals)


def get_safe_globals() -> list[type]:
    """The classes named so far."""
    return [*_SAFE]


@contextmanager
def safe_globals(safe_globals: Sequence[type]) -> Iterator[None]:
    """The same inside of a ``with`` statement."""
    before = get_safe_globals()
    add_safe_globals(safe_globals)
    try:
        yield
    finally:
        _SAFE[:] = before


def _known_functions() -> dict[str, Any]:
    return FUNCTIONS | {name: getattr(functional, name) for name in dir(functional)}


def name_of(value: Any) -> dict[str, str] | None:
    """The description of a class or function of ours that stands among the attributes of a module; None for others."""
    tables = {"kind": KINDS, "function": _known_functions()}
    named = [(key, name, each) for key in tables for name, each in tables[key].items() if callable(each)]
    return next(({key: name} for key, name, each in named if callable(value) and unwrap(each) is unwrap(value)), None)


def called(kind: str, name: str) -> Any:
    """What ``name_of`` named."""
    return {"kind": KINDS, "function": _known_functions()}[kind][name]


def path_of(module: Module) -> str:
    """Where the class of a module is found again.

    Raises:
        TypeError: if it is not found there, or the module has hooks, which are functions.
    """
    kind = type(module)
    path = f"{kind.__module__}:{kind.__qualname__}"
    if module._hooks:
        raise TypeError(f"a {kind.__name__} with hooks is not saved, since they are functions; remove them first")
    if _found(path) is not kind:
        raise TypeError(
            f"a {kind.__name__} is not saved: its class is not found as {path}; save its state_dict(), or define the "
            "class in a file of its own"
        )
    return path


def _found(path: str) -> Any:
    module, _, names = path.partition(":")
    found: Any = sys.modules.get(module)  # nothing is imported for a file
    for name in names.split("."):
        found = vars(found).get(name) if found is not None else None
    return found


def empty(path: str, trusted: bool) -> Module:
    """A module of this class without attributes.

    Raises:
        SavedFileError: if there is no such class, or it is a user's and not ``trusted``, nor named as safe.
    """
    kind = _found(path)
    if not isinstance(kind, type) or not issubclass(kind, Module):
        raise SavedFileError(
            f"it holds a module of the class {path}, which is not there; import it first, or save state_dict()"
        )
    if not (trusted or kind in _SAFE or kind.__module__.partition(".")[0] == PACKAGE):
        raise SavedFileError(
            f"it holds a module of the class {path}; if you trust it, call serialization.add_safe_globals with the "
            "class, or load(..., weights_only=False)"
        )
    return object.__new__(kind)
