"""How a program is written: names that are identifiers, numbers, indices, and each operation as lines of numpy."""

from __future__ import annotations

import builtins
import keyword
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from .indexing import index_of
from .values import Refusal, Value

#: What a program may import from numpy.
IMPORTED = {name for name, each in vars(np).items() if callable(each)} | {"inf", "nan"}
_TAKEN = {*IMPORTED, *dir(builtins), "np", "plan", "forward", "backward", "t", "own"}

#: Views, which compute nothing, of {x}: how they are written.
VIEWS = {
    "getitem": "{x}[{at}]",
    "reshape": "{x}.reshape({shape})",
    "transpose": "{x}.swapaxes({dim0}, {dim1})",
    "permute": "{x}.transpose({dims})",
    "unsqueeze": "expand_dims({x}, {dim})",
    "squeeze": "squeeze({x}, {dim})",
    "broadcast_to": "broadcast_to({x}, {shape})",
    "detach": "{x}",
}

#: The lines of what is no function of numpy: {x}, {y} and {z} are the arguments, {args} all of them, {out} is where the
#: result belongs, {over} how it is reduced, and the rest are keywords of the operation.
_LINES: dict[str, tuple[str, ...]] = {
    "floor_divide": ("floor_divide({args}, out={out})",),
    "remainder": ("remainder({args}, out={out})",),
    "pow": ("power({args}, out={out})",),
    "sigmoid": (
        "negative({x}, out={out})",
        "exp({out}, out={out})",
        "add({out}, {one}, out={out})",
        "reciprocal({out}, out={out})",
    ),
    "relu": ("maximum({x}, 0, out={out})",),
    "softplus": ("logaddexp({x}, 0, out={out})",),
    "where": ("copyto({out}, {z})", "copyto({out}, {y}, where={x})"),
    "clamp": ("clip({x}, {min}, {max}, out={out})",),
    "sign": ('subtract({x} > 0, {x} < 0, dtype="int8", out={out}, casting="unsafe")',),
    "rsqrt": ("sqrt({x}, out={out})", "reciprocal({out}, out={out})"),
    "to": ('copyto({out}, {x}, casting="unsafe")',),
    "sum": ("add.reduce({x}, {over}, out={out})",),
    "mean": ("add.reduce({x}, {over}, out={out})", "divide({out}, {count}, out={out})"),
    "amax": ("maximum.reduce({x}, {over}, out={out})",),
    "amin": ("minimum.reduce({x}, {over}, out={out})",),
    "prod": ("multiply.reduce({x}, {over}, out={out})",),
    "logsumexp": ("logaddexp.reduce({x}, {over}, out={out})",),
    "sum_to": ("add.reduce({x}, {over}, out={kept})",),
    "norm": ('sqrt(add.reduce(multiply({x}, {x}, dtype=float64), {over}), out={out}, casting="unsafe")',),
    "softmax": (
        "subtract({x}, maximum.reduce({x}, axis={dim}, keepdims=True), out={out})",
        "exp({out}, out={out})",
        "divide({out}, add.reduce({out}, axis={dim}, keepdims=True), out={out})",
    ),
    "log_softmax": (
        "subtract({x}, maximum.reduce({x}, axis={dim}, keepdims=True), out={out})",
        "subtract({out}, log(add.reduce(exp({out}), axis={dim}, keepdims=True)), out={out})",
    ),
    "cumsum": ("cumsum({x}, axis={dim}, out={out})",),
    "cumprod": ("cumprod({x}, axis={dim}, out={out})",),
    "flip": ("copyto({out}, flip({x}, {dims}))",),
    "roll": ("copyto({out}, roll({x}, {shifts}, {dims}))",),
    "pad": ("copyto({out}, pad({x}, {widths}, constant_values={value}))",),
    "cat": ("concatenate(({args},), axis={dim}, out={out})",),
    "stack": ("stack(({args},), axis={dim}, out={out})",),
    "put": ("{out}.fill(0)", "{out}[{at}] = {x}"),
    "take": ("copyto({out}, {x}[{at}])",),
    "put_at": ("{out}.fill(0)", "add.at({out}, ({at},), {x})"),
}


@lru_cache(1024)
def identifier(name: str) -> str:
    """A name as Python can read it, whatever a tensor is called: all that users named enters the text through here."""
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)[:40].strip("_") or "v"
    other = plain[0].isdigit() or keyword.iskeyword(plain) or keyword.issoftkeyword(plain) or plain.startswith("given_")
    return f"v_{plain}" if other else plain


class Names:
    """Identifiers, each given once."""

    def __init__(self) -> None:
        self._taken = set(_TAKEN)

    def __call__(self, wanted: str) -> str:
        plain = identifier(wanted)
        made, number = plain, 1
        while made in self._taken:
            number += 1
            made = f"{plain}_{number}"
        self._taken.add(made)
        return made


def label(value: Value) -> str:
    """What to call a value: its own name, or one made of what it is."""
    if value.name:
        return identifier(value.name)
    given = value.operands
    if value.kind in ("stacked", "before", "final"):
        return label(value.source[1])
    if not given:
        return value.op or "v"
    first = label(given[0]) if given[0].name else ""
    short = [label(arg) for arg in given if arg.name and len(arg.name) <= 6]
    match value.op:
        case "add":
            return "z" if {"linear", "matmul"} & {arg.op for arg in given} else "loss" if not value.shape else "sum"
        case "linear" | "matmul":
            return "z"
        case "mul" if len(given) == 1:
            return f"scaled_{first}".rstrip("_")
        case "mul":
            a, b = map(label, given)
            if given[0] is given[1]:
                return f"{a}_squared" if len(a) < 12 else "squared"
            for one, other in ((a, b), (b, a)):
                if other == f"one_minus_{one}":  # of a sigmoid
                    return f"slope_{one}"
            return "_".join(short) if len(short) == 2 else "product"
        case "sub" if len(given) == 1 and value.args[0] == 1:
            name = label(given[0])
            return f"slope_{name.removesuffix('_squared')}" if name.endswith("_squared") else f"one_minus_{name}"
        case "sub":
            return "e"
        case "mean" | "sum" | "div" if not value.shape:
            return "loss"
        case "reshape" if value.ndim < given[0].ndim:
            return f"{label(given[0])}_flat"
        case "getitem" | "reshape" | "permute" | "unsqueeze" | "squeeze" | "broadcast_to":
            return f"{label(given[0]).removesuffix('_part')}_part"
        case "transpose":
            return f"{label(given[0])}_T"
    return f"{value.op}_{first}" if first and len(first) < 12 else value.op


def literal(value: Any) -> str:
    """A number, an index, a shape, a word or a type as Python reads it.

    Raises:
        Refusal: for anything else, since what is written is executed.
    """
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, slice):
        return f"slice{literal((value.start, value.stop, value.step))}"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else "nan" if value != value else "inf" if value > 0 else "-inf"
    if value is Ellipsis:
        return "..."
    if value is None or isinstance(value, bool | int) or (isinstance(value, str) and value.isidentifier()):
        return repr(value)
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return f'"{np.dtype(value).name}"'
    if isinstance(value, np.generic):
        return literal(value.item())
    raise Refusal(f"{value!r} cannot be written into a program")


def subscript(index: Any) -> str:
    """An index between brackets, ``:, 0:32``."""
    return ", ".join(map(_part, index if isinstance(index, tuple) else (index,))) or "()"


def _part(part: Any) -> str:
    """A part of an index between brackets; text as it is."""
    if isinstance(part, str):
        return part
    if not isinstance(part, slice):
        return literal(part)
    start, stop = ("" if each is None else literal(each) for each in (part.start, part.stop))
    return f"{start}:{stop}" + ("" if part.step in (None, 1) else f":{literal(part.step)}")


def view(source: str, value: Value) -> str:
    """The view ``value`` of what ``source`` names."""
    if value.op == "transpose" and value.ndim == 2:
        return f"{source}.T"
    at = ""
    if value.op == "getitem":
        index = value.kwargs["index"] if isinstance(value.kwargs["index"], tuple) else (value.kwargs["index"],)
        number = value.ndim == 0 and Ellipsis not in index  # numpy would copy a single number
        at = subscript((*index, ...) if number else index)
    return VIEWS[value.op].format(x=source, at=at, **_keywords(value.kwargs))


def _keywords(kwargs: Mapping[str, Any]) -> dict[str, str]:
    """The keywords of an operation as they are written, without positions."""
    return {word: literal(each) for word, each in kwargs.items() if word not in ("index", "pattern")}


def statement(value: Value, out: str, args: Sequence[str], one: str) -> list[str] | None:
    """The lines that compute ``value`` into the array ``out``; None if numpy has no words for it."""
    forward: Any = value.primitive.forward
    word = str(getattr(forward, "__name__", ""))
    if isinstance(forward, np.ufunc) and getattr(np, word, None) is forward:
        return [f"{word}({', '.join(args)}, out={out})"]
    if value.op not in _LINES or (value.op == "sigmoid" and value.dtype.char == "e"):  # exp of float16 ends at 11
        return None
    words = {**dict(zip("xyz", args, strict=False)), **_keywords(value.kwargs), "args": ", ".join(args)}
    words |= {"out": out, "one": one, "at": "", "over": "", "kept": out}
    if "pattern" in value.kwargs:
        parts: Any = index_of(value.kwargs["pattern"], tuple(args[1:]))
        if value.op == "put_at":  # where it stands in a call, not between brackets
            words["at"] = ", ".join(part if isinstance(part, str) else literal(part) for part in parts)
        else:
            words["at"] = subscript(parts)
    elif "index" in value.kwargs:
        words["at"] = subscript(value.kwargs["index"])
    if value.op == "sum_to":
        _summed_to(value, words)
    elif "keepdim" in value.kwargs:
        words["over"] = _over(value.kwargs["dim"], value.kwargs["keepdim"])
        words["count"] = str(value.args[0].size // max(value.size, 1))
    return [line.format(**words) for line in _LINES[value.op]]


def _over(axes: Any, keep: bool) -> str:
    axes = axes[0] if isinstance(axes, tuple) and len(axes) == 1 else axes
    return f"axis={literal(axes)}{', keepdims=True' if keep else ''}"


def _summed_to(value: Value, words: dict[str, str]) -> None:
    given, shape = value.args[0].shape, value.shape
    extra = len(given) - len(shape)
    axes = tuple(k for k in range(len(given)) if k < extra or (shape[k - extra] == 1 and given[k] != 1))
    keep = len(axes) != extra
    words["over"] = f"axis={literal(axes)}{', keepdims=True' if keep else ''}"
    if keep and extra:
        words["kept"] = f"{words['out']}.reshape({literal((1,) * extra + shape)})"
