"""`tinygrad-rnn ops`: the table of operations, printed by running them and their rules on names."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...engine.formula import Symbol
from ...engine.primitive import Primitive
from ...explain.report import table
from ...ops import FAMILIES, TABLE
from .console import Console, Done, Refusal
from .options import JSON, Command, Option, Options

Row = dict[str, Any]

_X = np.array([[0.2, 0.7, 0.4], [0.9, 0.1, 0.6]])
_ROW = {"dim": (1,), "keepdim": True}
# What an operation is shown with: how many arrays and of which shape, and its keywords. Others take entries (2, 3).
_SHOWN: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "clamp": ([_X], {"min": 0, "max": 1}),
    "where": ([_X > 0.5, _X, 1 - _X], {}),
    "round": ([_X], {"decimals": 0}),
    **{name: ([_X], {"dim": 1, "keepdim": False}) for name in ("argmax", "argmin")},
    "argsort": ([_X], {"dim": 1, "descending": False}),
    **{name: ([_X > 0.5], {"dim": (1,), "keepdim": False}) for name in ("any", "all")},
    "broadcast_to": ([_X], {"shape": (4, 2, 3)}),
    "sum_to": ([_X], {"shape": (3,)}),
    "to": ([_X], {"dtype": np.dtype("float64")}),
    "reshape": ([_X], {"shape": (3, 2)}),
    "unsqueeze": ([_X], {"dim": (0,)}),
    "squeeze": ([_X[None]], {"dim": (0,)}),
    "transpose": ([_X], {"dim0": 0, "dim1": 1}),
    "permute": ([_X[None]], {"dims": (2, 0, 1)}),
    "flip": ([_X], {"dims": (1,)}),
    "roll": ([_X], {"shifts": (1,), "dims": (1,)}),
    "pad": ([_X], {"widths": ((0, 0), (1, 1)), "value": 0.0}),
    **{name: ([_X, _X], {"dim": 0}) for name in ("cat", "stack")},
    "getitem": ([_X], {"index": (0, slice(1, 3))}),
    "put": ([_X], {"index": (0,), "shape": (4, 2, 3)}),
    "setitem": ([_X, _X[0]], {"index": (0,)}),
    **{name: ([_X], dict(_ROW)) for name in ("sum", "mean", "amax", "amin", "norm", "logsumexp")},
    "prod": ([_X], {"dim": 1, "keepdim": True}),
    **{name: ([_X], {"dim": 1}) for name in ("softmax", "log_softmax", "cumsum", "cumprod")},
    "recurrence": ([_X, 1 - _X], {"dim": 1}),
    "matmul": ([_X, _X.T], {}),
    "linear": ([_X, _X], {}),
    "affine": ([_X, _X, _X @ _X.T], {}),
    "einsum": ([_X, _X.T], {"equation": "ij,jk->ik"}),
}
_LETTERS = {1: ("x",), 2: ("a", "b"), 3: ("c", "a", "b")}
_WRITTEN = {"linear": "x @ W.mT", "affine": "x @ W.mT + b"}  # W @ x in pictures, where a batch is not to be seen
_NAMED = {"linear": ("x", "W"), "affine": ("x", "W", "b"), "pow": ("x", "p"), "setitem": ("x", "v")}


def row_of(primitive: Primitive) -> Row:
    """Name, family, formula, and every argument's derivative rule as it writes itself; None where there is none."""
    arrays, keywords = _example(primitive)
    names = _NAMED.get(primitive.name, _LETTERS.get(len(arrays), ("x",)))
    symbols = [Symbol(name, array) for name, array in zip(names, arrays, strict=True)]
    with np.errstate(all="ignore"):
        y = symbols[0].record(primitive, tuple(symbols), keywords)
        named = Symbol("y", y.array)
        g = Symbol("g", np.ones_like(y.array, dtype=np.float64))
        rules = [primitive.rules[position] if primitive.differentiable else None for position in range(len(arrays))]
        found = [None if rule is None else rule(g, named, *symbols, **keywords) for rule in rules]
    texts = [None if each is None else each.text if isinstance(each, Symbol) else str(each) for each in found]
    family = next(each.__name__.rpartition(".")[2] for each in FAMILIES if primitive in vars(each).values())
    derivatives = dict(zip(names, texts, strict=True))
    formula = _WRITTEN.get(primitive.name, y.text)
    return {"name": primitive.name, "family": family, "formula": formula, "derivatives": derivatives}


def _example(primitive: Primitive) -> tuple[list[Any], dict[str, Any]]:
    if primitive.name in _SHOWN:
        return _SHOWN[primitive.name]
    logical = primitive.name.startswith(("logical", "bitwise"))
    count = 2 if len(primitive.rules) == 2 else 1  # type: ignore[arg-type]  # a sequence: all with Every are above
    return [(_X > 0.5) if logical else _X, (_X < 0.5) if logical else 1 - _X][:count], {}


NAMES: Option[Any] = Option("names", "the operations (default: all)", None, str, "NAME", count="*")


def ops(options: Options, console: Console) -> Done:
    """All operations, or those named."""
    wanted = options[NAMES] or list(TABLE)
    unknown = [name for name in wanted if name not in TABLE]
    if unknown:
        raise Refusal(f"there is no operation {unknown[0]!r}; tinygrad-rnn ops lists them all")
    rows = [row_of(TABLE[name]) for name in wanted]
    cells = []
    for row in rows:
        pairs = list(row["derivatives"].items())
        for number, (name, rule) in enumerate(pairs if any(rule for _, rule in pairs) else pairs[:1]):
            first = ["", ""] if number else [row["name"], f"y = {row['formula']}"]
            cells.append([*first, f"d{name}: {rule or '-'}"])
    console.say("g is dL/dy, y the result; what stands after d is added to the gradient of that argument.\n")
    console.say(table(["name", "formula", "derivative rule"], cells, left=3))
    return Done({"operations": rows})


COMMAND = Command(
    "ops",
    ops,
    "the table of operations: formulas, and the derivative rules as they write themselves",
    (NAMES, JSON),
    "  tinygrad-rnn ops tanh matmul softmax",
)
