"""How a program is written: names that are identifiers, numbers, indices, and each operation as lines of numpy."""

from __future__ import annotations

import builtins
import keyword
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .indexing import index_of, put_at, take
from .values import Refusal, Value

#: What a program may import from numpy.
IMPORTED = {name for name, each in vars(np).items() if callable(each)} | {"inf", "nan"}
_TAKEN = {*IMPORTED, *dir(builtins), "np", "plan", "forward", "backward", "t", "own"}
_UFUNCS = {"floor_divide": "floor_divide", "remainder": "remainder", "pow": "power", "softplus": "logaddexp"}


def identifier(name: str) -> str:
    """A name as Python can read it, whatever a tensor is called: all that users named enters the text through here."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)[:40].strip("_") or "v"
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
    given = [arg for arg in value.args if isinstance(arg, Value)]
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
    """A number, an index, a shape or a type as Python reads it.

    Raises:
        Refusal: for anything else, since what is written is executed.
    """
    if isinstance(value, tuple):
        return (
            "(" + "".join(f"{literal(part)}, " for part in value).removesuffix(" " if len(value) == 1 else ", ") + ")"
        )
    if isinstance(value, slice):
        parts = [literal(part) for part in (value.start, value.stop, value.step)]
        return f"slice({', '.join(parts)})"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else "nan" if value != value else "inf" if value > 0 else "-inf"
    if value is Ellipsis:
        return "..."
    if value is None or isinstance(value, bool | int):
        return repr(value)
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return f'"{np.dtype(value).name}"'
    if isinstance(value, np.generic):
        return literal(value.item())
    raise Refusal(f"{value!r} cannot be written into a program")


def subscript(index: Any) -> str:
    """An index between brackets, ``:, 0:32``."""
    parts = index if isinstance(index, tuple) else (index,)
    words = []
    for part in parts:
        if isinstance(part, slice):
            start, stop = ("" if p is None else literal(p) for p in (part.start, part.stop))
            words.append(f"{start}:{stop}" + ("" if part.step in (None, 1) else f":{literal(part.step)}"))
        else:
            words.append(literal(part))
    return ", ".join(words) or "()"


def view(source: str, value: Value) -> str:
    """The view ``value`` of what ``source`` names."""
    kwargs = value.kwargs
    match value.op:
        case "getitem":
            index = kwargs["index"] if isinstance(kwargs["index"], tuple) else (kwargs["index"],)
            number = value.ndim == 0 and Ellipsis not in index  # numpy would copy a single number
            return f"{source}[{subscript((*index, ...) if number else index)}]"
        case "reshape":
            return f"{source}.reshape({literal(tuple(kwargs['shape']))})"
        case "transpose":
            return f"{source}.T" if value.ndim == 2 else f"{source}.swapaxes({kwargs['dim0']}, {kwargs['dim1']})"
        case "permute":
            return f"{source}.transpose({literal(tuple(kwargs['dims']))})"
        case "unsqueeze":
            return f"expand_dims({source}, {literal(kwargs['dim'])})"
        case "squeeze":
            return f"squeeze({source}, {literal(kwargs['dim'])})"
        case "broadcast_to":
            return f"broadcast_to({source}, {literal(tuple(kwargs['shape']))})"
    return source


def _reduced(function: str, args: Sequence[str], out: str, kwargs: Any) -> str:
    keep = ", keepdims=True" if kwargs["keepdim"] else ""
    dim = kwargs["dim"]
    dim = dim[0] if isinstance(dim, tuple) and len(dim) == 1 else dim
    return f"{function}.reduce({args[0]}, axis={literal(dim)}{keep}, out={out})"


def statement(value: Value, out: str, args: Sequence[str]) -> list[str] | None:
    """The lines that compute ``value`` into the array ``out``; None if numpy has no words for it."""
    name, kwargs, x = value.op, value.kwargs, args[0]
    forward: Any = value.primitive.forward
    word = str(getattr(forward, "__name__", ""))
    if isinstance(forward, np.ufunc) and getattr(np, word, None) is forward:
        return [f"{word}({', '.join(args)}, out={out})"]
    if value.primitive in (take, put_at):
        parts = index_of(kwargs["pattern"], tuple(args[1:]))
        index = ", ".join(part if isinstance(part, str) else literal(part) for part in parts)
        if value.primitive is take:
            return [f"copyto({out}, {x}[{index}])"]
        return [f"{out}.fill(0)", f"add.at({out}, ({index},), {x})"]
    axis = literal(kwargs["dim"]) if isinstance(kwargs.get("dim"), int) else ""
    match name:
        case "floor_divide" | "remainder" | "pow":
            return [f"{_UFUNCS[name]}({', '.join(args)}, out={out})"]
        case "sigmoid":
            return [f"negative({x}, out={out})", f"exp({out}, out={out})", f"add({out}, one, out={out})",
                    f"reciprocal({out}, out={out})"]  # fmt: skip
        case "relu":
            return [f"maximum({x}, 0, out={out})"]
        case "softplus":
            return [f"logaddexp({x}, 0, out={out})"]
        case "where":
            return [f"copyto({out}, {args[2]})", f"copyto({out}, {args[1]}, where={args[0]})"]
        case "clamp":
            return [f"clip({x}, {literal(kwargs['min'])}, {literal(kwargs['max'])}, out={out})"]
        case "sign":
            return [f'subtract({x} > 0, {x} < 0, dtype="int8", out={out}, casting="unsafe")']
        case "rsqrt":
            return [f"sqrt({x}, out={out})", f"reciprocal({out}, out={out})"]
        case "to":
            return [f'copyto({out}, {x}, casting="unsafe")']
        case "sum":
            return [_reduced("add", args, out, kwargs)]
        case "mean":
            count = value.args[0].size // max(value.size, 1)
            return [_reduced("add", args, out, kwargs), f"divide({out}, {count}, out={out})"]
        case "amax" | "amin":
            return [_reduced(name.replace("a", "", 1) + "imum", args, out, kwargs)]
        case "logsumexp":
            return [_reduced("logaddexp", args, out, kwargs)]
        case "prod":
            return [_reduced("multiply", args, out, kwargs)]
        case "norm":
            dim, keep = literal(kwargs["dim"]), kwargs["keepdim"]
            wide = f"multiply({x}, {x}, dtype=float64).sum(axis={dim}, keepdims={keep})"
            return [f'sqrt({wide}, out={out}, casting="unsafe")']
        case "softmax":
            return [f"subtract({x}, amax({x}, axis={axis}, keepdims=True), out={out})", f"exp({out}, out={out})",
                    f"divide({out}, {out}.sum(axis={axis}, keepdims=True), out={out})"]  # fmt: skip
        case "log_softmax":
            return [f"subtract({x}, amax({x}, axis={axis}, keepdims=True), out={out})",
                    f"subtract({out}, log(exp({out}).sum(axis={axis}, keepdims=True)), out={out})"]  # fmt: skip
        case "cumsum" | "cumprod":
            return [f"{name}({x}, axis={axis}, out={out})"]
        case "flip":
            return [f"copyto({out}, flip({x}, {literal(kwargs['dims'])}))"]
        case "roll":
            return [f"copyto({out}, roll({x}, {literal(kwargs['shifts'])}, {literal(kwargs['dims'])}))"]
        case "pad":
            return [f"copyto({out}, pad({x}, {literal(kwargs['widths'])}, constant_values={literal(kwargs['value'])}))"]
        case "cat":
            return [f"concatenate(({', '.join(args)},), axis={axis}, out={out})"]
        case "stack":
            return [f"stack(({', '.join(args)},), axis={axis}, out={out})"]
        case "put":
            return [f"{out}.fill(0)", f"{out}[{subscript(kwargs['index'])}] = {x}"]
        case "sum_to":
            return [_summed_to(value, x, out)]
    return None


def _summed_to(value: Value, x: str, out: str) -> str:
    given, shape = value.args[0].shape, value.shape
    extra = len(given) - len(shape)
    axes = tuple(k for k in range(len(given)) if k < extra or (shape[k - extra] == 1 and given[k] != 1))
    kept = "".join(f"{out}.reshape({literal((1,) * extra + shape)})" if extra and len(axes) != extra else "")
    if len(axes) == extra:
        return f"add.reduce({x}, axis={literal(axes)}, out={out})"
    return f"add.reduce({x}, axis={literal(axes)}, keepdims=True, out={kept or out})"
