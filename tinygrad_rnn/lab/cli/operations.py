"""`tinygrad-rnn ops`: the table of operations, printed by running them and their rules on names."""

from __future__ import annotations

from typing import Any

from ...explain.report import table
from ...ops import FAMILY, TABLE
from ...ops.operation import Operation
from ...surface.help import told
from .console import Console, Done, Refusal
from .options import JSON, Command, Option, Options

Row = dict[str, Any]

_WRITTEN = {"linear": "x @ W.mT", "affine": "x @ W.mT + b"}  # W @ x in pictures, where a batch is not to be seen


def row_of(operation: Operation) -> Row:
    """Name, family, formula, and every argument's derivative rule as it writes itself; None where there is none."""
    formula, derivatives, *_ = told(operation)
    return {
        "name": operation.name,
        "family": FAMILY[operation.name],
        "formula": _WRITTEN.get(operation.name, formula),
        "derivatives": derivatives,
    }


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
