"""The rolled program as a graph: values, and loops over time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np

from ..engine.graph import NO_KWARGS
from ..ops import comparison, elementwise
from ..ops.operation import Operation

#: Operations that work entry by entry.
ENTRYWISE = {row.name for row in vars(elementwise).values() if isinstance(row, Operation)} | {
    row.name
    for row in vars(comparison).values()
    if isinstance(row, Operation) and row.name not in ("argmax", "argmin", "any", "all", "argsort")
}
_number = count()


class Refusal(Exception):
    """Why something cannot be a program; what runs then is the code as it is written. ``run`` is the loop at fault."""

    run: Any = None


class Value:
    """An array of the program: ``kind`` says where it comes from.

    given       an argument, a parameter or a constant: ``source`` is the leaf of the recording
    op          the result of ``primitive``
    carry       inside a loop: what the last step left;   row: this step's part of the stacked value ``source``
    stacked     after a loop: the results of all steps of the value ``source`` of its body, in the order of time
    before      the same of a carry, as each step found it;   final: what the last step left
    """

    __slots__ = (
        "args", "dtype", "kind", "kwargs", "loop", "name", "note", "number", "operands", "primitive", "shape", "source"
    )  # fmt: skip

    def __init__(
        self, kind: str, shape: Sequence[int], dtype: Any, *, loop: Loop | None = None, name: str | None = None,
        source: Any = None, primitive: Any = None, args: Sequence[Any] = (), kwargs: Mapping[str, Any] = NO_KWARGS,
    ) -> None:  # fmt: skip
        self.kind, self.shape, self.dtype = kind, tuple(shape), np.dtype(dtype)
        self.loop, self.name, self.source, self.number = loop, name, source, next(_number)
        self.primitive, self.args, self.kwargs = primitive, tuple(args), kwargs
        self.operands = [arg for arg in self.args if isinstance(arg, Value)]
        self.note = ""  # what a reader is to know of it

    @property
    def op(self) -> str:
        """The name of the operation that made it, "" if none did."""
        return self.primitive.name if self.primitive is not None else ""

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def number_everywhere(self) -> Any:
        """The number that fills it, if it is a constant filled with one."""
        if self.kind != "given" or not isinstance(self.source, np.ndarray) or not self.source.size:
            return None
        first = self.source.flat[0]
        if not (self.source == first).all():
            return None
        return float(str(first)) if self.dtype.kind == "f" else first.item()  # 0.1, not what it is in float64


class Loop:
    """Some steps, forward in time or back: ``carries`` are lists [carry, first value, next value].

    ``large`` says whether its arrays are, if their sizes do not. ``left`` is what could be read after it, by kind and
    value; ``live``, once that is known, what of it is read.
    """

    def __init__(self, steps: int, back: bool, large: bool | None = None) -> None:
        self.steps, self.back, self.large = steps, back, large
        self.carries: list[list[Any]] = []
        self.left: dict[tuple[str, Value], Value] = {}
        self.live: set[Value] | None = None
        self._rows: dict[Value, Value] = {}

    def carry(self, first: Value, name: str | None) -> Value:
        made = Value("carry", first.shape, first.dtype, loop=self, name=name)
        self.carries.append([made, first, None])
        return made

    def row(self, whole: Value) -> Value:
        """This step's part of a stacked value."""
        if whole not in self._rows:
            self._rows[whole] = Value("row", whole.shape[1:], whole.dtype, loop=self, source=whole, name=whole.name)
        return self._rows[whole]

    def after(self, kind: str, value: Value) -> Value:
        """What is read of ``value`` after the loop: "stacked", "before" or "final"."""
        if (kind, value) not in self.left:
            shape = value.shape if kind == "final" else (self.steps, *value.shape)
            self.left[kind, value] = Value(kind, shape, value.dtype, source=(self, value), name=value.name)
        return self.left[kind, value]

    def read(self) -> dict[tuple[str, Value], Value]:
        return {key: made for key, made in self.left.items() if self.live is None or made in self.live}

    def roots(self) -> list[Value]:
        nexts = [new for _, _, new in self.carries if new.loop is self]
        return nexts + [value for kind, value in self.read() if kind == "stacked"]

    def body(self) -> list[Value]:
        return [each for each in order(self.roots(), self) if each.kind == "op"]


def needed(item: Any) -> list[Any]:
    """What has to be there before a value, or before a loop begins."""
    if isinstance(item, Loop):
        found = [first for _, first, _ in item.carries] + [new for *_, new in item.carries if new.loop is not item]
        for each in order(item.roots(), item, borders=True):
            if each.kind == "row" or each.loop is not item:
                found.append(each.source if each.loop is item else each)
        return found
    if item.kind in ("stacked", "before", "final"):
        return [item.source[0]]
    return item.operands  # type: ignore[no-any-return]


def order(roots: Sequence[Any], loop: Loop | None = None, borders: bool = False) -> list[Any]:
    """What the roots are made from, arguments first: values and loops, or inside ``loop`` its own values only."""
    done: set[Any] = set()
    found = []
    stack = [*reversed(roots)]
    while stack:
        item = stack.pop()
        if item is None:  # before it lies what is made from all that came since
            found.append(stack.pop())
        elif item not in done:
            done.add(item)
            if loop is None or item.loop is loop:
                stack += (item, None)
                stack += reversed(needed(item))
            elif borders:
                found.append(item)
    return found


def alive(roots: Sequence[Value]) -> None:
    """Tell every loop which of its values are read after it."""
    found: set[Value] = set()
    for item in order(roots):
        if isinstance(item, Loop):
            item.live = found
    while True:
        read = {item for item in order(roots) if not isinstance(item, Loop) and item.kind not in ("given", "op")}
        if read <= found:
            return
        found |= read
