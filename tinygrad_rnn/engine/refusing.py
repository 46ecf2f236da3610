"""What nobody refused on purpose, said in our words: numpy's and Python's own errors on the way out of the package."""

from __future__ import annotations

import dis
import functools
import inspect
import sys
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = __name__.partition(".")[0]
_BELOW = {"numpy", *sys.stdlib_module_names}
_RAISE = dis.opmap["RAISE_VARARGS"]
_ERRORS = (AttributeError, TypeError, ValueError, LookupError, ArithmeticError, MemoryError)

#: By a word of the error, what was wrong with the arguments together.
_REASONS = MappingProxyType(
    {
        "multiple values": "an argument was given twice",
        "argument": "it takes other arguments; see help()",
        "zero": "something would be divided by 0",
        "memory": "it takes more memory than there is",
        "allocate": "it takes more memory than there is",
        "out of bounds": "there is no such entry or axis",
        "out of range": "there is no such entry or axis",
        "too large": "a number does not fit among those of its type",
        "broadcast": "these shapes do not go together",
        "shape": "these shapes do not go together",
        "dimension": "these shapes do not go together",
    }
)


def cure(value: Any) -> str:
    """What to do about something that stands where a tensor should."""
    root = type(value).__module__.partition(".")[0]
    if isinstance(value, tuple):
        return "a tuple; an RNN returns (output, state): take output, or make a tensor of numbers, tensor(...)"
    if value is None:
        return "None; look for a function without return where it was made"
    if root == "torch":
        return "of PyTorch; use from_numpy(x.detach().numpy())"
    if hasattr(value, "named_parameters"):
        return f"the module {type(value).__name__}; call it, module(x), or pass list(module.parameters())"
    if callable(value):
        return f"the function {getattr(value, '__name__', '')}; call it"
    return f"of type {type(value).__name__}; use tensor(...), or stack(...) for several tensors"


def shown(value: Any) -> str:
    """A value in a message: a tensor or an array as its type and shape, anything else as it prints."""
    array = getattr(value, "array", value)
    if hasattr(array, "dtype") and hasattr(array, "shape"):
        return f"{array.dtype}[{','.join(map(str, array.shape))}]"
    text = repr(value)
    return text if len(text) <= 40 else f"{type(value).__name__} {text[:30]}..."


def accidental(error: BaseException) -> bool:
    """Whether an error came from numpy, or from Python, in the midst of our code, and no line of ours raised it."""
    trace, ours = error.__traceback__, False
    while trace is not None:
        code, root = trace.tb_frame.f_code, trace.tb_frame.f_globals.get("__name__", "").partition(".")[0]
        if root not in _BELOW:
            ours = root == _PACKAGE and code.co_code[trace.tb_lasti] != _RAISE
        trace = trace.tb_next
    return ours and isinstance(error, _ERRORS)


def refuse(error: Exception, name: str, function: Callable[..., Any], args: Any, kwargs: Any) -> None:
    """Say what ``name(*args, **kwargs)`` was given and why that cannot be, if ``error`` is accidental.

    Raises:
        TypeError: if something is no tensor, or of another type that cannot be.
        IndexError: if there is no such entry or axis.
        RuntimeError: for all else.
    """
    if not accidental(error):
        return
    try:
        given = inspect.signature(function).bind(*args, **kwargs).arguments
    except (TypeError, ValueError):
        if error.__traceback__ is not None and error.__traceback__.tb_next is None:
            return  # Python says which argument is missing or unknown
        given = {str(place): arg for place, arg in enumerate(args)} | kwargs
    given = {key: value for key, value in given.items() if key != "self" or hasattr(value, "array")}
    strangers = [value for value in given.values() if not hasattr(value, "array") and not _plain(value)]
    if isinstance(error, AttributeError) or (isinstance(error, TypeError) and strangers):
        stranger = getattr(error, "obj", strangers[0] if strangers else None)
        which = next((key for key, value in given.items() if value is stranger), "something among its arguments")
        raise TypeError(f"{name}() takes tensors, and {which} is {cure(stranger)}") from None
    words = "zero" if isinstance(error, ZeroDivisionError) else str(error).lower()
    reason = next((text for word, text in _REASONS.items() if word in words), "these arguments do not go together")
    if "is out of bounds for axis" in words:
        reason = str(error)
    values = ", ".join(f"{key} = {shown(value)}" for key, value in given.items())
    kind = next((each for each in (IndexError, KeyError, TypeError) if isinstance(error, each)), RuntimeError)
    raise kind(f"{name}() is not possible with {values}: {reason}") from None


def _plain(value: Any) -> bool:
    return isinstance(value, (bool, int, float, str, type)) or (
        isinstance(value, (tuple, list)) and all(_plain(each) for each in value)
    )


def spoken(function: F, name: str = "") -> F:
    """``function``, whose accidental errors are refusals in our words."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            whose = name or function.__name__
            if whose in ("__init__", "__call__"):
                whose = getattr(args[0], "__name__", type(args[0]).__name__)
            refuse(error, whose, function, args, kwargs)
            raise

    return call  # type: ignore[return-value]
