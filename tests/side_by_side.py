"""Small programs that run on both libraries: what they return, or raise, has to be the same."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import pytest

import tinygrad_rnn as tg

Program = Callable[[Any], Any]
_T = TypeVar("_T")


class Programs(dict[str, Program]):
    """Programs by name. One takes the library and returns plain data; as a decorator this adds a function."""

    def __call__(self, function: Program) -> Program:
        self[function.__name__.replace("_", " ")] = function
        return function


def refused(call: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """The error of a call by its type, or "accepted"."""
    try:
        call(*args, **kwargs)
    except Exception as error:
        return type(error).__name__
    return "accepted"


def listed(value: Any) -> Any:
    """Tensors as lists, at any depth."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, dict):
        return {key: listed(each) for key, each in value.items()}
    return [listed(each) for each in value] if isinstance(value, (list, tuple)) else value


def same(found: Any, wanted: Any) -> bool:
    """Whether two results are equal, numbers up to rounding in float32."""
    if isinstance(found, (list, tuple)) and isinstance(wanted, (list, tuple)):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(found, dict) and isinstance(wanted, dict):
        return list(found) == list(wanted) and all(same(found[key], wanted[key]) for key in wanted)
    if isinstance(found, float) and isinstance(wanted, float):
        return bool(np.isclose(found, wanted, rtol=2e-5, atol=1e-7, equal_nan=True))
    return type(found) is type(wanted) and bool(found == wanted)


def outcome(program: Program, library: Any) -> Any:
    """What a program returns, or the type of what it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return listed(program(library))
        except Exception as error:
            return f"{type(error).__name__}"


def differences(program: Program, other: Any) -> str:
    """What differs from the other library, in words; nothing if nothing does."""
    found, wanted = outcome(program, tg), outcome(program, other)
    return "" if same(found, wanted) else f"\n  found  {found}\n  wanted {wanted}"


def given_to(library: Any, value: Any, known: dict[int, Any] | None = None) -> Any:
    """Arguments for PyTorch as arguments for a library: new leaves with the same numbers, at any depth."""
    known = {} if known is None else known
    if hasattr(value, "requires_grad_"):
        if id(value) not in known:
            array = value.detach().numpy().copy()
            leaf = tg.tensor(array) if library is tg else library.from_numpy(array)
            known[id(value)] = leaf.requires_grad_(value.requires_grad)
        return known[id(value)]
    if type(value).__name__ in ("dtype", "memory_format"):
        return getattr(library, str(value).split(".")[-1])
    if callable(value) and hasattr(library.nn.functional, getattr(value, "__name__", "")):
        return getattr(library.nn.functional, value.__name__)
    if isinstance(value, dict):
        return {key: given_to(library, each, known) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(given_to(library, each, known) for each in value)
    return value


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """The tensors in a value at any depth, by their place in it."""
    if hasattr(value, "requires_grad"):
        return {path: value}
    parts = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, (list, tuple)) else ())
    return {name: each for key, part in parts for name, each in leaves(part, f"{path}.{key}").items()}


def listed_apart(samples: Callable[[], Iterable[_T]]) -> list[_T]:
    """Samples of PyTorch's, made in a thread: for each of them it reads the stack, which below pytest is a high one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: list(samples())).result()


def database(name: str) -> Any:
    """A table of PyTorch's own tests; the flags that importing it locks are set by programs of other tests."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("expecttest")
    module = pytest.importorskip(f"torch.testing._internal.{name}")
    torch.backends.flags_frozen.__globals__["__allow_nonbracketed_mutation_flag"] = True
    return module
