"""Formulas, printed by running operations and their derivative rules on named symbols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..numbers.formatting import numbers
from .graph import Node, arguments
from .operators import Operators
from .primitive import Jointly, Primitive

#: How tightly an operation binds, as in Python; calls and names bind tightest.
_BINDING = {
    "put": 0,
    **dict.fromkeys(("eq", "ne", "lt", "le", "gt", "ge"), 1),
    "bitwise_or": 2,
    "bitwise_xor": 3,
    "bitwise_and": 4,
    **dict.fromkeys(("add", "sub", "affine"), 5),
    **dict.fromkeys(("mul", "div", "matmul", "linear", "floor_divide", "remainder"), 6),
    **dict.fromkeys(("neg", "bitwise_not"), 7),
    "pow": 8,
}
_ATOM = 9


class Symbol(Operators["Symbol"]):
    """A name, or an expression of names, that writes down what is done to it and computes it along."""

    __slots__ = ("array", "binding", "dtype", "ndim", "shape", "text")

    def __init__(self, text: str, array: Any, binding: int = _ATOM) -> None:
        self.text, self.array, self.binding = text, array, binding
        self.shape, self.ndim, self.dtype = array.shape, array.ndim, array.dtype

    def record(self, primitive: Primitive, args: tuple[Any, ...], kwargs: Any) -> Symbol:
        """The expression of ``primitive`` applied to ``args``, and its value."""
        shorter = _shorter(primitive.name, args)
        values = [arg.array if isinstance(arg, Symbol) else arg for arg in args]
        array = np.asarray(primitive.forward(*values, **kwargs))
        if shorter is not None:
            return Symbol(_text(shorter), array, shorter.binding if isinstance(shorter, Symbol) else _ATOM)
        binding = _ATOM if _is_mT(primitive.name, args, kwargs) else _BINDING.get(primitive.name, _ATOM)
        return Symbol(written(primitive, args, kwargs), array, binding)


def _shorter(name: str, args: Sequence[Any]) -> Any:
    """The argument that alone says what the operation computes: where(False, a, b) is b, c & True is c."""
    if name == "where" and isinstance(args[0], bool):
        return args[1] if args[0] else args[2]
    if name == "bitwise_and" and (args[0] is True or args[1] is True):
        return args[1] if args[0] is True else args[0]
    return None


def _is_mT(name: str, args: Sequence[Any], kwargs: Any) -> bool:
    return name == "transpose" and {kwargs["dim0"], kwargs["dim1"]} == {args[0].ndim - 1, args[0].ndim - 2}


def template_of(primitive: Primitive, x: Any) -> str:
    """With what ``primitive`` is written: a weight with one vector is the textbook's W @ x, with rows x @ W.mT."""
    template = primitive.template or ""
    rows = primitive.name in ("linear", "affine") and np.ndim(x) > 1
    return template.replace("{1} @ {0}", "{0} @ {1}.mT") if rows else template


def written(primitive: Primitive, args: Sequence[Any], kwargs: Any) -> str:
    """How ``primitive`` applied to symbols, numbers and arrays is written."""
    binding = _BINDING.get(primitive.name, _ATOM)
    if _is_mT(primitive.name, args, kwargs):
        template, binding = "{}.mT", _ATOM
    elif primitive.template is None:
        # None and False mean that an option is not used; in an index they mean something.
        used = {
            key: value for key, value in kwargs.items() if key == "index" or (value is not None and value is not False)
        }
        given = [f"{key}={_option(value)}" for key, value in used.items()]
        return f"{primitive.name}({', '.join([*map(_text, args), *given])})"
    else:
        template = template_of(primitive, args[0])
    texts = []
    for position, arg in enumerate(args):
        inner = arg.binding if isinstance(arg, Symbol) else _ATOM
        around = _BINDING["linear"] if primitive.name == "affine" and position < 2 else binding
        around = _ATOM if f"{{{position}}}." in template else around
        # Equal binding needs brackets on the right only, a - (b - c), and around the base of a power.
        is_left = template.startswith(f"{{{position}}}") or (template.startswith("{}") and position == 0)
        loose = inner < around or (inner == around < _ATOM and (not is_left or primitive.name == "pow"))
        # What a method or an index follows must be one thing: (a + b).mT, (a @ b)[0].
        loose = loose or (binding == _ATOM and inner < _ATOM and template.startswith("{}"))
        texts.append(f"({_text(arg)})" if loose else _text(arg))
    return template.format(*texts, **{key: _index(value) for key, value in kwargs.items()})


def _text(value: Any) -> str:
    if isinstance(value, Symbol):
        return value.text
    if isinstance(value, float):
        return f"{value:g}"
    array = value.array if isinstance(value, Node) else np.asarray(value)
    return numbers(array) if array.ndim == 0 else f"array{list(array.shape)}"


def _option(value: Any) -> str:
    """A keyword's value; one axis needs no brackets."""
    if isinstance(value, tuple):
        return _option(value[0]) if len(value) == 1 else f"({', '.join(map(_option, value))})"
    if isinstance(value, slice):
        start, stop, step = ("" if part is None else str(part) for part in (value.start, value.stop, value.step))
        return f"{start}:{stop}" + (f":{step}" if step else "")
    if value is Ellipsis:
        return "..."
    if isinstance(value, np.ndarray):
        return str(value.tolist()) if value.size <= 8 else _text(value)
    return repr(value) if isinstance(value, str) else str(value)


def _index(value: Any) -> str:
    return ", ".join(map(_option, value)) or "()" if isinstance(value, tuple) else _option(value)


def forward(node: Node, names: Sequence[str]) -> str:
    """How ``node`` was computed, with these names for its arguments: ``tanh(z3)``, ``W_hh @ h2``; "" for a leaf."""
    if node.primitive is None:
        return ""
    symbols = [
        Symbol(name, arg.array if isinstance(arg, Node) else np.asarray(arg))
        for name, arg in zip(names, arguments(node), strict=True)
    ]
    return written(node.primitive, symbols, node.kwargs)


def rules_applied(
    node: Node, positions: Sequence[int], g: Any, result: str, names: Sequence[str], upstream: str = "g"
) -> list[Symbol | None]:
    """The rules of the arguments at ``positions``, with ``g`` = dL/d(node), as formulas and as the arrays they compute.

    An array has the shape the rule gives it, before broadcasting is undone. None where there is no rule.
    """
    if node.primitive is None:
        return [None] * len(positions)
    args = [
        Symbol(name, arg.array if isinstance(arg, Node) else arg) if isinstance(arg, Node | np.ndarray) else arg
        for name, arg in zip(names, arguments(node), strict=True)
    ]
    given = Symbol(upstream, np.asarray(g)), Symbol(result, node.array), *args
    rules = node.primitive.rules
    with np.errstate(all="ignore"):
        if type(rules) is Jointly:
            joint = rules.rule(*given, **node.kwargs)
            found = [joint[position] for position in positions]
        else:
            asked = [rules[position] for position in positions]
            found = [None if rule is None else rule(*given, **node.kwargs) for rule in asked]
    return [
        each if each is None or isinstance(each, Symbol) else Symbol(_text(each), np.asarray(each)) for each in found
    ]
