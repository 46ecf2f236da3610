"""The rolled program as a graph: values, loops over time, and the builder that runs derivative rules on symbols."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np

from ..engine.graph import NO_KWARGS
from ..engine.operators import Operators
from ..engine.primitive import Jointly, Primitive
from ..ops import TABLE, comparison, elementwise
from ..ops.operation import Operation

#: Operations that work entry by entry, and views, which compute nothing.
ENTRYWISE = {row.name for row in vars(elementwise).values() if isinstance(row, Operation)} | {
    row.name
    for row in vars(comparison).values()
    if isinstance(row, Operation) and row.name not in ("argmax", "argmin", "any", "all", "argsort")
}
VIEWS = {"getitem", "reshape", "transpose", "permute", "unsqueeze", "squeeze", "broadcast_to"}
_TRUTH = {
    row.name for row in (comparison.eq, comparison.ne, comparison.lt, comparison.le, comparison.gt, comparison.ge)
}
_number = count()


class Refusal(Exception):
    """Why something cannot be a program; what runs then is the code as it is written."""


class Value:
    """An array of the program: ``kind`` says where it comes from.

    given       an argument, a parameter or a constant: ``source`` is the leaf of the recording
    op          the result of ``primitive``
    carry       inside a loop: what the last step left;   row: this step's part of the stacked value ``source``
    stacked     after a loop: the results of all steps of the value ``source`` of its body, in the order of time
    before      the same of a carry, as each step found it;   final: what the last step left
    """

    __slots__ = ("args", "dtype", "kind", "kwargs", "loop", "name", "note", "number", "primitive", "shape", "source")

    def __init__(
        self, kind: str, shape: Sequence[int], dtype: Any, *, loop: Loop | None = None, name: str | None = None,
        source: Any = None, primitive: Any = None, args: Sequence[Any] = (), kwargs: Mapping[str, Any] = NO_KWARGS,
    ) -> None:  # fmt: skip
        self.kind, self.shape, self.dtype = kind, tuple(shape), np.dtype(dtype)
        self.loop, self.name, self.source, self.number = loop, name, source, next(_number)
        self.primitive, self.args, self.kwargs = primitive, tuple(args), kwargs
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
    """Some steps, forward in time or back: ``carries`` are lists [carry, first value, next value]."""

    def __init__(self, steps: int, back: bool) -> None:
        self.steps, self.back = steps, back
        self.carries: list[list[Any]] = []
        self.left: dict[tuple[str, Value], Value] = {}  # what could be read after it
        self.live: set[Value] | None = None  # what of that is read
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


def _needed(item: Any, loop: Loop | None) -> list[Any]:
    if isinstance(item, Loop):
        found = [first for _, first, _ in item.carries] + [new for *_, new in item.carries if new.loop is not item]
        for each in order(item.roots(), item, borders=True):
            if each.kind == "row":
                found.append(each.source)
            elif each.loop is not item:
                found.append(each)
        return found
    if item.kind == "op":
        return [arg for arg in item.args if isinstance(arg, Value)]
    return [item.source[0]] if item.kind in ("stacked", "before", "final") else []


def order(roots: Sequence[Any], loop: Loop | None = None, borders: bool = False) -> list[Any]:
    """What the roots are made from, arguments first: values and loops, or inside ``loop`` its own values only."""
    done: set[Any] = set()
    found = []
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        item, ready = stack.pop()
        if ready:
            found.append(item)
        elif item not in done:
            done.add(item)
            if loop is not None and item.loop is not loop:
                if borders:
                    found.append(item)
                continue
            stack.append((item, True))
            stack += [(each, False) for each in reversed(_needed(item, loop)) if each not in done]
    return found


def alive(roots: Sequence[Value]) -> None:
    """Tell every loop which of its values are read after it."""
    found: set[Value] = set()
    for item in order(roots):
        if isinstance(item, Loop):
            item.live = found
    while (
        new := {
            each for each in order(roots) if isinstance(each, Value) and each.kind in ("stacked", "before", "final")
        }
        - found
    ):
        found |= new


class Symbolic(Operators["Symbolic"]):
    """A value of the program under the name of a tensor: derivative rules compute with it."""

    __slots__ = ("build", "value")

    def __init__(self, value: Value, build: Builder) -> None:
        self.value, self.build = value, build

    def record(self, primitive: Primitive, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Symbolic:
        plain = [arg.value if isinstance(arg, Symbolic) else arg for arg in args]
        made = self.build(primitive, plain, dict(kwargs))
        return Symbolic(made, self.build)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    @property
    def ndim(self) -> int:
        return self.value.ndim

    @property
    def dtype(self) -> Any:
        return self.value.dtype


class Builder:
    """Makes the operations of one part of a program, each only once, without what computes nothing."""

    def __init__(self) -> None:
        self.known: dict[Any, Value] = {}

    def __call__(
        self, primitive: Primitive | str, args: Sequence[Any], kwargs: Mapping[str, Any] = NO_KWARGS,
        name: str | None = None,
    ) -> Value:  # fmt: skip
        made = TABLE[primitive] if isinstance(primitive, str) else primitive
        args = [a.item() if isinstance(a, np.ndarray | np.generic) and a.ndim == 0 else a for a in args]
        if any(isinstance(arg, np.ndarray) for arg in args):
            args = [self.constant(a) if isinstance(a, np.ndarray) else a for a in args]
        shorter = self._shorter(made.name, args, kwargs, name)
        if shorter is not None:
            return shorter
        args = self._numbers(made.name, args)
        key = (made, tuple(_key(arg) for arg in args), tuple((word, _key(kwargs[word])) for word in sorted(kwargs)))
        if key not in self.known:
            shape, dtype = result(made, args, kwargs)
            loop = next((arg.loop for arg in args if isinstance(arg, Value) and arg.loop is not None), None)
            self.known[key] = Value(
                "op", shape, dtype, primitive=made, args=args, kwargs=kwargs, loop=loop, name=name
            )  # fmt: skip
        elif self.known[key].name is None:
            self.known[key].name = name
        return self.known[key]

    def constant(self, array: Any, name: str | None = None) -> Value:
        key = ("constant", array.shape, array.dtype, array.tobytes(), name)
        if key not in self.known:
            self.known[key] = Value("given", array.shape, array.dtype, source=array, name=name)
        return self.known[key]

    def full(self, shape: Sequence[int], dtype: Any, number: float = 0.0) -> Value:
        return self.constant(np.broadcast_to(np.asarray(number, dtype), tuple(shape)))

    def _numbers(self, name: str, args: Sequence[Any]) -> Sequence[Any]:
        """A constant that is the same number everywhere becomes that number, where the other argument has the shape."""
        if name in ("add", "sub", "mul", "div") and all(isinstance(arg, Value) for arg in args):
            for k, (one, other) in enumerate(((args[0], args[1]), (args[1], args[0]))):
                if one.dtype.kind == "f" and np.broadcast_shapes(one.shape, other.shape) == other.shape:
                    number = one.number_everywhere
                    if number is not None and other.number_everywhere is None:
                        return [number, other] if k == 0 else [other, number]
        return args

    def _shorter(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], label: str | None) -> Value | None:
        a = args[0]
        match name:
            case "where" if isinstance(a, bool):
                chosen, other = (args[1], args[2]) if a else (args[2], args[1])
                return chosen if isinstance(chosen, Value) else self.full(other.shape, other.dtype, chosen)
            case "reshape" | "broadcast_to" | "sum_to" if tuple(kwargs["shape"]) == a.shape:
                return a  # type: ignore[no-any-return]
            case "reshape" if a.op == "reshape":
                return self("reshape", a.args, kwargs, label)
            case "reshape" | "broadcast_to" if a.kind == "given" and (number := a.number_everywhere) is not None:
                return self.full(kwargs["shape"], a.dtype, number)
            case "transpose" if a.ndim < 2 or kwargs["dim0"] % a.ndim == kwargs["dim1"] % a.ndim:
                return a  # type: ignore[no-any-return]
            case "transpose" if a.op == "transpose" and set(a.kwargs.values()) == set(kwargs.values()):
                return a.args[0]  # type: ignore[no-any-return]
            case "neg" if a.op == "neg":
                return a.args[0]  # type: ignore[no-any-return]
            case "affine":
                return self("add", [self("linear", args[:2]), args[2]], name=label)
            case "add" if a is args[1]:
                return self("mul", [2.0, a], name=label)
            case "pow" if args[1] == 2 and not isinstance(args[1], Value):
                return self("mul", [a, a], name=label)
            case "mul" if (pair := _scaled(args)) is not None:
                number, x = pair
                if number == 1:
                    return x
                if (inner := _scaled(x.args) if x.op == "mul" else None) is not None:
                    return self("mul", [number * inner[0], inner[1]], name=label)
            case "mul" | "div" | "add" | "sub" | "neg" if all(
                not isinstance(x, Value) or x.number_everywhere is not None for x in args
            ):
                values = [np.asarray(x.number_everywhere, x.dtype) if isinstance(x, Value) else x for x in args]
                known = [x for x in args if isinstance(x, Value)]
                shape = np.broadcast_shapes(*(x.shape for x in known))
                with np.errstate(all="ignore"):
                    return self.full(shape, known[0].dtype, float(TABLE[name].forward(*values)))
        return None

    def fitted(self, g: Value, like: Value) -> Value:
        """A gradient in the shape and the type of what it belongs to."""
        if g.shape != like.shape:
            g = self("sum_to", [g], {"shape": like.shape})
        return g if g.dtype == like.dtype else self("to", [g], {"dtype": like.dtype})

    def pulled(self, value: Value, g: Value, read: Any) -> list[tuple[Value, Value]]:
        """What each argument of ``value`` receives from its gradient; ``read`` says where the rules find values."""
        rules = value.primitive.rules
        y, gradient = Symbolic(read(value), self), Symbolic(g, self)
        given = [Symbolic(read(arg), self) if isinstance(arg, Value) else arg for arg in value.args]
        joint = rules.rule(gradient, y, *given, **value.kwargs) if isinstance(rules, Jointly) else None
        found = []
        for position, arg in enumerate(value.args):
            if not isinstance(arg, Value) or arg.dtype.kind != "f":
                continue
            rule = None if joint is not None else rules[position]
            part = joint[position] if joint is not None else rule and rule(gradient, y, *given, **value.kwargs)
            if part is not None:
                made = part.value if isinstance(part, Symbolic) else self.full((), arg.dtype, float(part))
                found.append((arg, self.fitted(made, arg)))
        return found


def _scaled(args: Sequence[Any]) -> tuple[float, Value] | None:
    """A number and a value, if that is what is multiplied."""
    a, b = args
    if isinstance(a, Value) and not isinstance(b, Value):
        return b, a
    return (a, b) if isinstance(b, Value) and not isinstance(a, Value) else None


def _key(part: Any) -> Any:
    return part.number if isinstance(part, Value) else repr(part)


def result(primitive: Primitive, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[tuple[int, ...], Any]:
    """The shape and the type of what an operation gives, found without computing anything large."""
    shapes = [arg.shape if isinstance(arg, Value) else () for arg in args]
    dtypes = [arg.dtype for arg in args if isinstance(arg, Value)]
    small = [np.zeros((1,) * arg.ndim, arg.dtype) if isinstance(arg, Value) else arg for arg in args]
    with np.errstate(all="ignore"):
        if primitive.name in ENTRYWISE:
            shape = np.broadcast_shapes(*shapes)
            return shape, bool if primitive.name in _TRUTH else primitive.forward(*small, **kwargs).dtype
        if primitive.name == "linear":
            return (*shapes[0][:-1], shapes[1][0]), dtypes[0]
        if primitive.name in ("sum_to", "broadcast_to"):
            return tuple(kwargs["shape"]), dtypes[0]
        whole = [np.broadcast_to(np.ones((), a.dtype), a.shape) if isinstance(a, Value) else a for a in args]
        if dtypes[0].kind in "iu" or any(each.kind in "iu" for each in dtypes[1:]):
            whole = [np.zeros_like(a) if isinstance(a, np.ndarray) and a.dtype.kind in "iu" else a for a in whole]
        array = np.asarray(primitive.forward(*whole, **kwargs))
    return array.shape, array.dtype
