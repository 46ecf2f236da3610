"""What nobody refused on purpose, said in our words: numpy's and Python's own errors on the way out of the package."""

from __future__ import annotations

import dis
import functools
import inspect
import os
import reprlib
import sys
from collections.abc import Callable, Iterable, Mapping
from traceback import walk_tb
from types import CodeType
from typing import Any, TypeVar

from .out import into

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = __name__.partition(".")[0]
_BELOW = {"numpy", *sys.stdlib_module_names}
_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_RAISE = dis.opmap["RAISE_VARARGS"]
#: What is wrong with the arguments together, by words of the error.
_REASONS = {
    ("zero",): "something would be divided by 0",
    ("singular",): "a matrix is singular, it has no inverse",
    ("positive definite",): "a matrix is not positive definite",
    ("memory", "allocate", "maximum allowed"): "it takes more memory than there is",
    ("out of bounds", "out of range"): "there is no such entry or axis",
    ("< 0",): "a range or a deviation cannot be negative",
    ("too large",): "a number does not fit among those of its type",
    ("broadcast", "shape", "dimension", "align"): "these shapes do not go together",
}
#: Options of PyTorch's that stay out: with which values they change nothing (None: with any), and what else to do.
_OPTIONS: dict[str, tuple[tuple[Any, ...] | None, str]] = {
    "out": ((None,), "it gives nothing that could be written there"),
    "layout": ((None,), "tensors are dense"),
    "sparse": ((False,), "gradients are dense"),
    "sparse_grad": ((False,), "gradients are dense"),
    "out_dtype": ((None,), "convert the result, x.to(dtype)"),
    "max_norm": ((None,), "divide rows that are too long by their norms, inside no_grad()"),
    "scale_grad_by_freq": ((False,), "divide the gradient of each row by its count, in a hook of the weight"),
    **dict.fromkeys(("memory_format", "pin_memory", "norm_type", "output_size", "_stacklevel"), (None, "")),
}


def cure(value: Any) -> str:
    """What stands where a tensor should, and what to do about it."""
    if isinstance(value, tuple):
        return "a tuple; an RNN returns (output, state): take output, or make a tensor of numbers, tensor(...)"
    if isinstance(value, list) and any(hasattr(each, "array") for each in value):
        return "a list of tensors; give them one by one, f(*tensors), or make one of them, stack(tensors)"
    if value is None:
        return "None; look for a function without return where it was made"
    if is_foreign(value):
        return "of PyTorch; use from_numpy(x.detach().numpy())"
    if hasattr(value, "named_parameters"):
        return f"the module {type(value).__name__}; call it, module(x), or pass list(module.parameters())"
    return f"of type {type(value).__name__}; use tensor(...), or stack(...) for several tensors"


def is_foreign(value: Any) -> bool:
    """Whether this is of PyTorch."""
    return type(value).__module__.partition(".")[0] == "torch"


def refuse_foreign(name: str, values: Iterable[Any]) -> None:
    """Raise TypeError if one of the values given is of PyTorch, which numpy would take for an array."""
    for value in filter(is_foreign, values):
        raise TypeError(f"{name}() takes tensors, and something among its arguments is {cure(value)}") from None


def described(array: Any) -> str:
    """The type and the shape of an array: ``float32[8,16]``."""
    return f"{array.dtype}[{','.join(map(str, array.shape))}]"


def shown(value: Any) -> str:
    """A value in a message: a tensor or an array by type and shape, a number as it prints, else what it is."""
    array = getattr(value, "array", value)
    if hasattr(array, "dtype") and hasattr(array, "shape"):
        return described(array)
    return reprlib.repr(value) if _plain(value) or value is None else type(value).__name__


def accidental(error: BaseException) -> bool:
    """Whether an error came from numpy, or from Python, in the midst of our code, and no line of ours raised it.

    One that names an ``operation`` counts if no code of users called that: they asked for what was made of it.
    """
    trace, ours, theirs = error.__traceback__, False, False
    while trace is not None:
        code, root = trace.tb_frame.f_code, trace.tb_frame.f_globals.get("__name__", "").partition(".")[0]
        if root not in _BELOW:
            ours = root == _PACKAGE and code.co_code[trace.tb_lasti] != _RAISE
            theirs = theirs or root != _PACKAGE
        trace = trace.tb_next
    if "operation" in vars(error):
        return not theirs
    kinds = (AttributeError, TypeError, ValueError, LookupError, ArithmeticError, MemoryError)
    return ours and isinstance(error, kinds)


def refuse_options(name: str, kwargs: Mapping[str, Any]) -> None:
    """Raise TypeError if one of PyTorch's options that stay out was given."""
    for option in _OPTIONS.keys() & kwargs.keys():
        raise TypeError(f"{name}() takes no {option}=: {_OPTIONS[option][1]}") from None


def needed(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords without those of PyTorch's options that stay out and change nothing with these values."""

    def idle(option: str, value: Any) -> bool:
        values = _OPTIONS.get(option, ((), ""))[0]
        return values is None or any(value is each for each in values)

    return {option: value for option, value in kwargs.items() if not idle(option, value)}


def _again(error: Exception, function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, Any] | None:
    """With which arguments to call a function that does not know one of these keywords; None if that is no cure."""
    trace = error.__traceback__
    if not kwargs or not isinstance(error, TypeError) or trace is None or trace.tb_next is not None:
        return None
    parameters = [
        each.name for each in inspect.signature(function).parameters.values() if each.kind != each.VAR_POSITIONAL
    ]
    unknown = {key: value for key, value in kwargs.items() if key not in parameters}
    spread = [unknown.pop(key) for key in ("size", "repeats") if key in unknown]  # f(*size)
    if unknown == (left := needed(unknown)) and not spread:
        return None
    return (*args, *spread), left | {key: value for key, value in kwargs.items() if key in parameters}


def refuse(error: Exception, name: str, function: Callable[..., Any], args: Any, kwargs: Any) -> None:
    """Raise what ``name(*args, **kwargs)`` was given and why that cannot be, if ``error`` is accidental or PyTorch's.

    Raises:
        TypeError: if something is no tensor, or of another type that cannot be.
        LookupError: if there is no such entry, key or axis.
        RuntimeError: for all else.
    """
    is_accidental = accidental(error)
    if is_accidental or isinstance(error, Warning) or "torch." in str(error):
        refuse_foreign(name, (*args, *kwargs.values()))
    if not is_accidental or vars(error).get("operation") == name.rstrip("_"):
        return
    refuse_options(name, kwargs)
    try:
        given = dict(inspect.signature(function).bind(*args, **kwargs).arguments)
    except (TypeError, ValueError) as unfit:
        codes = [frame.f_code for frame, _ in walk_tb(error.__traceback__)]
        if isinstance(unfit, TypeError) and getattr(inspect.unwrap(function), "__code__", None) not in codes:
            parameters = [each for each in inspect.signature(function).parameters if each != "self"]
            takes, (place, _, _) = f"it takes {', '.join(parameters)}", function.__qualname__.rpartition(".")
            for option in kwargs.keys() - set(parameters):
                raise TypeError(f"{name}() takes no {option}=: {takes}") from None
            said = str(error).replace(place or name, name) if "missing" in str(error) else f"{name}(): {unfit}"
            raise TypeError(f"{said}; {takes}") from None
        given = {str(place): arg for place, arg in enumerate(args)} | kwargs
    given.pop("self", None)
    strangers = [each for each in given.values() if not hasattr(each, "array") and not _plain(each)]
    if isinstance(error, AttributeError) or (isinstance(error, TypeError) and strangers):
        stranger = getattr(error, "obj", strangers[0] if strangers else None)
        which = next((key for key, value in given.items() if value is stranger), "something among its arguments")
        raise TypeError(f"{name}() takes tensors, and {which} is {cure(stranger)}") from None
    words = "zero" if isinstance(error, ZeroDivisionError) else str(error).lower()
    fitting = [reason for signs, reason in _REASONS.items() if any(sign in words for sign in signs)]
    reason = fitting[0] if fitting else "these arguments do not go together"
    if "is out of bounds for axis" in words or "too many indices" in words:  # as plain as it can be said
        reason = str(error)
    values = ", ".join(f"{key} = {shown(value)}" for key, value in given.items())
    kind = next((each for each in (IndexError, KeyError, TypeError) if isinstance(error, each)), RuntimeError)
    raise kind(f"{name}() is not possible with {values}: {reason}") from None


def _plain(value: Any) -> bool:
    several = isinstance(value, (tuple, list)) and all(_plain(each) for each in value)
    return several or isinstance(value, (bool, int, float, str, type))


def spoken(function: F, renamed: Mapping[str, str] = {}) -> F:
    """``function``, whose accidental errors are refusals in our words; ``renamed`` are other names of its arguments."""
    inplace = function.__name__[-1] == "_"

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            if kwargs.get("out") is not None and not inplace:
                out, again = kwargs.pop("out"), functools.partial(spoken(function, renamed), *args, **kwargs)
                return into(out, function.__name__, again)
            for theirs, ours in renamed.items():
                if theirs in kwargs:
                    if ours in kwargs:
                        raise TypeError(f"{function.__name__}() got both {ours}= and {theirs}=, which mean the same")
                    kwargs[ours] = kwargs.pop(theirs)
        try:
            made = function(*args, **kwargs)
            code = getattr(made, "_code", None)
            if (
                type(code) is CodeType
                and (inplace or not args or made is not args[0])
                and code.co_filename.startswith(_FOLDER)
            ):
                frame = sys._getframe(1)  # what was made in here was asked for by whoever called
                made._instruction = frame.f_code, frame.f_lasti
            return made
        except Exception as error:
            if (changed := _again(error, function, args, kwargs)) is not None:
                return spoken(function, renamed)(*changed[0], **changed[1])
            method = function.__name__ in ("__init__", "__call__")
            owner = getattr(args[0], "__name__", type(args[0]).__name__) if method else function.__name__
            refuse(error, owner, function, args, kwargs)
            raise

    call.__dict__["speaks"] = True
    return call  # type: ignore[return-value]
