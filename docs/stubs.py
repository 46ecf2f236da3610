"""What type checkers and editors are told of names that no file writes down: functions.pyi and its like."""

from __future__ import annotations

import inspect
import re
import textwrap
import typing
from collections.abc import Callable, Iterator
from typing import Any

from tinygrad_rnn.nn.options import CLASSES
from tinygrad_rnn.ops.operation import Operation
from tinygrad_rnn.surface.catalogue import FUNCTIONS, INPLACE, METHODS
from tinygrad_rnn.surface.creation import TensorOf

Written = Callable[..., Any]

_NOTE = """
# Written by docs/generate.py; do not edit.
# ruff: noqa
# fmt: off

from collections.abc import Sequence
from typing import Any, Literal, Self, overload

import numpy as np

from ..numbers.random import Generator
from .arrays import Extremes
"""


def functions() -> str:
    """The functions."""
    head = '"""PyTorch\'s functions on tensors."""\n' + _NOTE + "from .creation import TensorOf\nfrom .tensor import "
    lines = [head + "Tensor\n", "_Values = Tensor | np.ndarray[Any, Any] | float", ""]
    for name, function in sorted(FUNCTIONS.items()):
        if isinstance(function, TensorOf):
            lines.append(f"{name}: TensorOf")
            continue
        rewritten = _of_writer if name.endswith("_") else _of_function
        lines += _definitions(name, INPLACE.get(name, function), rewritten, function)
    return "\n".join(lines) + "\n"


def methods() -> str:
    """The methods."""
    head = '"""The methods of a tensor that are functions as well, or follow from one."""\n' + _NOTE
    lines = [head + "from ..engine.primitive import T\nfrom ..engine.tensor import Recorder\n"]
    lines += ["class Methods(Recorder[T]):", '    """PyTorch\'s methods; of class ``T`` are their results."""', ""]
    for name, method in sorted(METHODS.items()):
        found = _definitions(name, INPLACE.get(name, method), _in_place if name in INPLACE else _of_method, method)
        lines += [f"    {line}" for line in found]
    return "\n".join(lines) + "\n"


def modules() -> str:
    """The modules that are a function with options: a class each, whose fields are the arguments of its constructor."""
    bases = sorted({made.__base__.__name__ for made in CLASSES.values()})
    lines = [
        '"""Modules that are made of functions."""',
        *["", "# Written by docs/generate.py; do not edit.", "# ruff: noqa", "# fmt: off", ""],
        *["from collections.abc import Sequence", "from typing import Any", "", "from ..surface.tensor import Tensor"],
        *["from .functional.margins import Distance", "from .functional.windows import One"],
        *[f"from .options import {', '.join(bases)}", ""],
    ]
    for name, made in sorted(CLASSES.items()):
        lines += [f"class {name}({made.__base__.__name__}):", *_wrapped(f'"""{_sentence(made.__doc__)}"""')]
        for each in made._options.values():
            default = "" if each.default is each.empty else f" = {each.default!r}"
            lines.append(f"    {each.name}: {each.annotation}{default}")
    return "\n".join(lines) + "\n"


Rewritten = Callable[[str, str], str]


def _of_function(role: str, annotation: str) -> str:
    """Tensors may also be arrays or numbers, if they do not decide what comes back."""
    return "_Values" if role != "return" and annotation == "Tensor" and role != "dim" else annotation


def _of_writer(role: str, annotation: str) -> str:
    """A function that writes into its first argument, which is a tensor."""
    return "Tensor" if role in ("input", "return") else _of_function(role, annotation)


def _of_method(role: str, annotation: str) -> str:
    return re.sub(r"\bTensor\b", "T", annotation)


def _in_place(role: str, annotation: str) -> str:
    return "Self" if role == "return" else _of_method(role, annotation)


#: Those for functions, whose first argument is one like the others.
_FREE = (_of_function, _of_writer)


def _definitions(name: str, function: Written, rewritten: Rewritten, told: Written | None = None) -> Iterator[str]:
    """The definition of a name, or several where what is given decides what comes back."""
    plain = inspect.unwrap(function)
    # Those that are called through `forms.public` take numpy's names as well.
    both_names = plain is not function and not {"dim", "keepdim"}.isdisjoint(inspect.signature(plain).parameters)
    variants = list(typing.get_overloads(plain)) if not isinstance(function, Operation) else []
    text = (inspect.getdoc(told or function) or "") if not isinstance(told or function, Operation) else function.about  # type: ignore[attr-defined]
    for variant in variants or [plain]:
        signatures = [_parameters(variant, rewritten)]
        if both_names:
            signatures = _with_numpys_names(signatures[0], bool(variants))
        for parameters, result in signatures:
            if variants:
                yield "@overload"
            written = _with_out(parameters, result) if rewritten is _of_function else parameters
            yield from _signature(name, written, result)
            yield from _wrapped(f'"""{_sentence(text)}"""')


def _parameters(function: Written, rewritten: Rewritten) -> tuple[list[str], str]:
    """The parameters as they are written, and the type of the result."""
    if isinstance(function, Operation):
        names = list(inspect.signature(function).parameters)
        first = [f"{names[0]}: {rewritten('input', 'Tensor')}" if rewritten in _FREE else "self"]
        others = [f"{name}: Any" for name in names[1:]]
        return [*first, *others], rewritten("return", "Tensor")
    signature = inspect.signature(function)
    found: list[str] = []
    for place, each in enumerate(signature.parameters.values()):
        if each.kind is each.KEYWORD_ONLY and not any(item.startswith("*") for item in found):
            found.append("*")
        kind = rewritten(each.name, re.sub(r"\bDim\b", "int | Sequence[int] | None", str(each.annotation)))
        star = {each.VAR_POSITIONAL: "*", each.VAR_KEYWORD: "**"}.get(each.kind, "")
        default = "" if each.default is each.empty else f" = {each.default!r}"
        method = place == 0 and rewritten not in _FREE
        found.append("self" if method else f"{star}{each.name}: {kind}{default}")
    return found, rewritten("return", str(signature.return_annotation))


def _with_numpys_names(written: tuple[list[str], str], separately: bool) -> list[tuple[list[str], str]]:
    """The same with ``axis`` and ``keepdims``: among the others, or where types depend on them as a second variant."""
    parameters, result = written
    theirs = [
        re.sub(r"^(dim|keepdim)\b", lambda name: {"dim": "axis", "keepdim": "keepdims"}[name[0]], each)
        for each in parameters
        if re.match(r"(dim|keepdim)\b", each)
    ]
    if separately:
        others = [each for each in parameters[1:] if not re.match(r"(dim|keepdim|\*$)", each)]
        asked = any(each.startswith("axis") and " = " not in each and "int" in each for each in theirs)
        return [written, *([([parameters[0], *others, "*", *theirs], result)] if asked else [])]
    needed = [each.partition(":")[0] for each in parameters[1:] if " = " not in each and not each.startswith("*")]
    if "dim" in needed and needed[-1] != "dim":
        return [written]  # what follows would have to be left out as well
    optional = [re.sub(r"( = .*)?$", " = ...", each, count=1) for each in theirs]
    ours = [f"{each} = ..." if each.startswith("dim:") and "dim" in needed else each for each in parameters]
    return [([*ours, *([] if any(each.startswith("*") for each in ours) else ["*"]), *optional], result)]


def _with_out(parameters: list[str], result: str) -> list[str]:
    """The same with ``out``, if it is tensors that come back."""
    kinds = {"Tensor": "Tensor", "Extremes[Tensor]": "tuple[Tensor, Tensor]"}
    if result not in kinds or parameters[-1].startswith("**"):
        return parameters
    star = [] if any(each.startswith("*") for each in parameters) else ["*"]
    return [*parameters, *star, f"out: {kinds[result]} | None = None"]


def _signature(name: str, parameters: list[str], result: str) -> Iterator[str]:
    # Python's operators that write promise Self, where those that do not promise the class of results.
    note = "  # type: ignore[override, misc]" * name.startswith("__i")
    line = f"def {name}({', '.join(parameters)}) -> {result}:" + note
    if len(line) <= 110:
        yield line
    else:
        yield f"def {name}(" + note
        yield from _wrapped(", ".join(parameters))
        yield f") -> {result}:"


def _sentence(text: str) -> str:
    return text.split("\n\n")[0].replace("\n", " ")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 110, initial_indent="    ", subsequent_indent="    ")
