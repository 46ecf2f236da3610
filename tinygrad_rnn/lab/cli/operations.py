"""`tinygrad-rnn ops`: the table of operations, printed by running them and their rules on names."""

from __future__ import annotations

from typing import Any

from ...explain.report import table
from ...ops import FAMILY, TABLE
from ...ops.operation import Operation
from ...surface.help import told
from .console import Console, Done
from .refusal import Refusal

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


def ops(given: dict[str, Any], console: Console) -> Done:
    """All operations, or those named."""
    wanted = given.get("names") or list(TABLE)
    unknown = [name for name in wanted if name not in TABLE]
    if unknown:
        raise Refusal(f"there is no operation {unknown[0]!r}; tinygrad-rnn ops lists them all")
    rows = [row_of(TABLE[name]) for name in wanted]
    cells = [
        [row["name"] if first else "", f"y = {row['formula']}" if first else "", f"d{name}: {rule or '-'}"]
        for row in rows
        for first, (name, rule) in _numbered(row)
    ]
    console.say("g is dL/dy, y the result; what stands after d is added to the gradient of that argument.\n")
    console.say(table(["name", "formula", "derivative rule"], cells, left=3))
    return Done({"operations": rows})


def _numbered(row: Row) -> list[tuple[bool, tuple[str, str | None]]]:
    """The derivatives of a row, the first one marked; of an operation without any, a single mark."""
    pairs = list(row["derivatives"].items())
    if not any(rule for _, rule in pairs):
        pairs = pairs[:1]
    return [(number == 0, pair) for number, pair in enumerate(pairs)]
