"""Nested data taken apart into named arrays and a description of the rest for JSON, and put together again.

In the description a list, a string, a truth value, None and a finite number are JSON's own; everything else is an
object with one key, which says what it is: ``{"tuple": [...]}``, ``{"dict": [[key, value], ...]}``,
``{"tensor": name}``, ``{"module": [class, [[attribute, value], ...]]}``, ``{"again": number}`` for a module or a
parameter that was there before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..nn.module import Module
from ..nn.parameter import Parameter
from ..surface.tensor import Tensor, wrap
from ..utils.files import SavedFileError
from .serialization import called, empty, name_of, path_of

Array = np.ndarray[Any, Any]

DEEPEST = 100
ARRAYS: dict[str, Callable[[Tensor], Any]] = {
    "tensor": lambda memory: memory,
    "variable": lambda memory: memory.detach().requires_grad_(),
    "array": lambda memory: memory.array,
    "scalar": lambda memory: memory.array[()],
}
DTYPES = {np.dtype(code) for code in ("?", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8")}


class Arrays(dict[str, Array]):
    """Arrays by name, the numbers of the modules and parameters that were met, and whose memory is that of another."""

    def __init__(self) -> None:
        super().__init__()
        self.met: dict[int, int] = {}
        self.first: dict[int, str] = {}
        self.shared: dict[str, str] = {}


def describe(data: Any) -> tuple[Any, Arrays]:
    """The description of ``data`` and its arrays by name: the keys that lead to them, joined by dots.

    Raises:
        TypeError: if something in it is neither numbers, plain data nor a module of such.
        ValueError: if it is nested more than 100 deep, as what contains itself is.
    """
    arrays = Arrays()
    return _plain(data, (), arrays), arrays


def _plain(value: Any, path: tuple[Any, ...], arrays: Arrays) -> Any:
    if len(path) > DEEPEST:
        raise ValueError(
            f"cannot save {_expression(path[:3])}: nested more than {DEEPEST} deep; perhaps it contains itself"
        )
    if isinstance(value, Module) or (isinstance(value, Parameter) and arrays.met):
        return _part(value, path, arrays)
    if isinstance(value, Tensor):
        return _stored("variable" if value.requires_grad else "tensor", value.array, path, arrays)
    if isinstance(value, np.ndarray):
        return _stored("array", value, path, arrays)
    if isinstance(value, np.generic) and not isinstance(value, (str, bytes)):
        return _stored("scalar", np.asarray(value), path, arrays)
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        number = int(value)
        # Beyond 64 bits other readers of JSON lose digits, and Python limits how many it converts.
        return number if -(2**63) <= number < 2**63 else {"int": hex(number)}
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"float": str(float(value))}
    if isinstance(value, list):
        return [_plain(item, (*path, i), arrays) for i, item in enumerate(value)]
    if isinstance(value, tuple):
        return {"tuple": [_plain(item, (*path, i), arrays) for i, item in enumerate(value)]}
    if isinstance(value, dict):
        if others := [key for key in value if not _is_plain_key(key)]:
            raise TypeError(
                f"cannot save {_expression(path)}: one of its keys is {_article(others[0])}; keys are strings, "
                "numbers, None or tuples of them"
            )
        return {
            "dict": [[_plain(key, path, arrays), _plain(item, (*path, key), arrays)] for key, item in value.items()]
        }
    if arrays.met and (named := name_of(value)):
        return named
    raise TypeError(f"cannot save {_expression(path)}, {_article(value)}: {_advice(value)}")


def _part(value: Any, path: tuple[Any, ...], arrays: Arrays) -> Any:
    if id(value) in arrays.met:
        return {"again": arrays.met[id(value)]}
    arrays.met[id(value)] = len(arrays.met)
    if isinstance(value, Parameter):
        return {"parameter": [_stored("tensor", value.array, path, arrays)["tensor"], value.requires_grad, value.name]}
    own = {name: each for name, each in vars(value).items() if name != "_hooks"}
    return {"module": [path_of(value), [[name, _plain(each, (*path, name), arrays)] for name, each in own.items()]]}


def _stored(kind: str, array: Array, path: tuple[Any, ...], arrays: Arrays) -> Any:
    native = array.dtype.newbyteorder("=")
    if native not in DTYPES:
        raise TypeError(
            f"cannot save {_expression(path)}, an array of {array.dtype}: arrays hold truth values, integers or "
            "real numbers of at most 64 bits"
        )
    name = taken = ".".join(map(str, path)).encode("utf-8", "backslashreplace").decode() or "data"
    number = 1
    while name in arrays or name == "__metadata__":  # which means something to safetensors
        number += 1
        name = f"{taken}#{number}"
    arrays[name] = np.asarray(array, native, order="C")
    if kind != "scalar" and (first := arrays.first.setdefault(id(array), name)) != name:
        arrays.shared[name] = first
    return {kind: name}


def rebuild(
    description: Any, arrays: Mapping[str, Array], trusted: bool = False, shared: Mapping[str, str] = {}
) -> Any:
    """The data that ``describe`` took apart; ``shared`` says whose memory is that of which other.

    Raises:
        ValueError: if the description is not one, or does not name every array exactly once.
        SavedFileError: if it names a class of a module that is not there, or that is not ``trusted``.
    """
    waiting, known = dict(arrays), dict[tuple[str, str], Any]()

    def taken(kind: str, name: str) -> Any:
        array, first = waiting.pop(name), shared.get(name, name)
        memory = known.setdefault(("tensor", first), wrap(array))
        return known.setdefault((kind, first), ARRAYS[kind](memory))

    try:
        data = _made(description, taken, [], trusted)
    except SavedFileError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, RuntimeError) as error:
        raise ValueError("its description of the data is damaged") from error
    if waiting:
        raise ValueError(f"its description of the data leaves out {next(iter(waiting))!r}")
    return data


def _made(value: Any, taken: Callable[[str, str], Any], met: list[Any], trusted: bool) -> Any:
    def made(item: Any) -> Any:
        return _made(item, taken, met, trusted)

    if isinstance(value, list):
        return [made(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind in ARRAYS:
        return taken(kind, content)
    if kind == "tuple":
        return tuple([made(item) for item in content])
    if kind == "dict":
        return {made(key): made(item) for key, item in content}
    if kind == "int":
        return int(content, 16)
    if kind == "float":
        return float(content)
    if kind == "module":
        met.append(module := empty(content[0], trusted))
        vars(module).update({name: made(each) for name, each in content[1]})
        return module
    if kind == "parameter":
        met.append(Parameter(taken("tensor", content[0]), content[1], name=content[2]))
        return met[-1]
    if kind == "again":
        return met[content]
    if kind in ("kind", "function"):
        return called(kind, content)
    raise ValueError(f"{kind!r} is no kind of data")


def _is_plain_key(key: Any) -> bool:
    if isinstance(key, tuple):
        return all(map(_is_plain_key, key))
    return key is None or (isinstance(key, (str, int, float)) and not isinstance(key, np.generic))


def _expression(path: tuple[Any, ...]) -> str:
    """Where something stands, as Python reaches it."""
    return "data" + "".join(f"[{key!r}]" for key in path)


def _article(value: Any) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'AEIOaeio' else 'a'} {name}"


def _advice(value: Any) -> str:
    if hasattr(value, "state_dict"):
        return "save its state_dict(), and load that into a new one made by the same code"
    if hasattr(value, "get_state"):
        return "save its get_state(), and give that to set_state()"
    return "only tensors, arrays, numbers, strings, None, and dictionaries, lists and tuples of them are saved"
