"""Every function of tensors by name, and every method that is such a function or follows from one.

A row of the table of operations that has an ``about``, and a function whose first argument is called ``input``, is a
function and a method; one whose first argument is called ``self`` is a method alone, any other a function alone.
Those that take ``dim`` or ``keepdim`` know numpy's names of these as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any

from ..ops import TABLE
from . import (
    activations,
    algebra,
    compositions,
    counting,
    creation,
    elementwise,
    indexing,
    joining,
    order,
    reduction,
    sampling,
    shaping,
)
from .forms import FORMS, Forms, copying, public, written

#: Functions whose first argument is a tensor are methods.
_FAMILIES = (
    elementwise, activations, reduction, algebra, shaping, joining, indexing, order, compositions, counting, sampling,
)  # fmt: skip

#: Python's operators that write into a tensor, with the method that does it.
_OPERATORS = {
    "__iadd__": "add_", "__isub__": "sub_", "__imul__": "mul_", "__itruediv__": "div_", "__ipow__": "pow_",
    "__ifloordiv__": "floor_divide_", "__imod__": "remainder_", "__iand__": "bitwise_and_", "__ior__": "bitwise_or_",
    "__ixor__": "bitwise_xor_", "__ilshift__": "bitwise_left_shift_", "__irshift__": "bitwise_right_shift_",
}  # fmt: skip

#: Functions that show memory anew, of which there is a form whose result has its own, ``diagonal_copy``.
_VIEWS = (
    "diagonal", "expand", "narrow", "permute", "split", "split_with_sizes", "squeeze", "t", "transpose", "unbind",
    "unfold", "unsqueeze", "view", "select",
)  # fmt: skip

#: Methods that write into the tensor and are functions as well, ``relu_(x)``.
_WRITERS = (
    "abs", "acos", "acosh", "addmv", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "asin", "asinh",
    "atan", "atanh", "ceil", "clamp", "clamp_max", "clamp_min", "clip", "cos", "cosh", "deg2rad", "erf", "erfc",
    "exp", "exp2", "expm1", "fix", "floor", "frac", "gcd", "index_put", "lcm", "ldexp", "log", "log10", "log1p",
    "log2", "logit", "nan_to_num", "neg", "negative", "rad2deg", "reciprocal", "relu", "round", "rsqrt", "sigmoid",
    "sin", "sinc", "sinh", "sqrt", "square", "tan", "tanh", "trunc", "xlogy",
)  # fmt: skip

FUNCTIONS: dict[str, Callable[..., Any]] = {}
METHODS: dict[str, Callable[..., Any]] = {}
#: Of the methods, those that write into the tensor, with the function they are the in-place form of.
INPLACE: dict[str, Callable[..., Any]] = {}


def _functions(family: ModuleType) -> Iterator[tuple[str, FunctionType, Forms]]:
    """What is written in a module: the functions with a public name, or with one to be known by."""
    for name, function in vars(family).items():
        if isinstance(function, FunctionType) and function.__module__ == family.__name__:
            forms = FORMS.get(function, Forms())
            if name[0] != "_" or forms.aliases:
                yield name, function, forms


def _enter(name: str, function: Callable[..., Any], first: str, forms: Forms) -> None:
    """Put a function in the catalogue under all of its names; ``first`` is what its first argument is called."""
    names = [each for each in (name, *forms.aliases) if each[0] != "_"]
    for each in names:
        if first != "self":
            FUNCTIONS[each] = function
        if first == "self" or (first == "input" and forms.method):
            METHODS[each] = function
        if forms.inplace is not None:
            METHODS[f"{each}_"] = forms.inplace(f"{each}_", function)
            INPLACE[f"{each}_"] = function


for _row in TABLE.values():
    if _row.about:
        _enter(_row.name, _row, "input", Forms(tuple(_row.aliases), written if _row.inplace else None))
for _family in _FAMILIES:
    for _name, _function, _forms in _functions(_family):
        _enter(_name, public(_function), _function.__code__.co_varnames[0], _forms)
for _name, _function, _forms in _functions(creation):
    _enter(_name, public(_function), "self" if _function.__code__.co_varnames[0] == "self" else "", _forms)
for _name in _VIEWS:
    FUNCTIONS[f"{_name}_copy"] = copying(f"{_name}_copy", METHODS[_name])
FUNCTIONS["alias_copy"] = copying("alias_copy", METHODS["positive"])
for _operator, _method in _OPERATORS.items():
    METHODS[_operator], INPLACE[_operator] = METHODS[_method], INPLACE[_method]
FUNCTIONS.update({each.__name__: each for each in creation.TYPED})
FUNCTIONS.update({f"{name}_": METHODS[f"{name}_"] for name in _WRITERS})
