"""The builder of operations: it runs derivative rules on symbols and makes nothing twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..engine.graph import NO_KWARGS
from ..engine.operators import Operators
from ..engine.primitive import Jointly, Primitive
from ..numbers.dtypes import default, promote
from ..ops import TABLE
from .values import ENTRYWISE, Value


class Symbolic(Operators["Symbolic"]):
    """A value of the program under the name of a tensor: derivative rules compute with it."""

    __slots__ = ("build", "dtype", "ndim", "shape", "value")

    def __init__(self, value: Value, build: Builder) -> None:
        self.value, self.build = value, build
        self.shape, self.ndim, self.dtype = value.shape, value.ndim, value.dtype

    def record(self, primitive: Primitive, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Symbolic:
        plain = [arg.value if isinstance(arg, Symbolic) else arg for arg in args]
        return Symbolic(self.build(primitive, plain, dict(kwargs)), self.build)


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
        if made.promotes:
            args = self._promoted(args, made.promotes)
        shorter = self._shorter(made.name, args, kwargs, name)
        if shorter is not None:
            return shorter
        args = self._numbers(made.name, args)
        key = (made, tuple(_key(arg) for arg in args), tuple((word, _key(kwargs[word])) for word in sorted(kwargs)))
        if key not in self.known:
            shape, dtype = result(made, args, kwargs)
            values = [arg for arg in args if isinstance(arg, Value)]
            if dtype.kind == "f" and made.name != "to" and all(value.dtype.kind != "f" for value in values):
                real = {"dtype": default.dtype}
                if made.promotes == "rest":
                    args = [args[0], *(self.full((), default.dtype, float(arg)) for arg in args[1:])]
                else:
                    args = [self("to", [arg], real) if isinstance(arg, Value) else arg for arg in args]
                return self(made, args, kwargs, name)
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

    def _promoted(self, args: Sequence[Any], how: Any) -> Sequence[Any]:
        """Arguments of different types in a common one, as operations bring them to it."""
        values = [arg for arg in args if isinstance(arg, Value)]
        if values and all(value.dtype is values[0].dtype and value.dtype.kind == "f" for value in values):
            return args
        single = [_stand_in((1,) * arg.ndim, arg.dtype) if isinstance(arg, Value) else arg for arg in args]
        found = []
        for arg, new in zip(args, promote(single, how), strict=True):
            cast = isinstance(arg, Value) and new.dtype != arg.dtype
            found.append(self("to", [arg], {"dtype": new.dtype}) if cast else arg if isinstance(arg, Value) else new)
        return found

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
                return self.full(result(TABLE[name], args, kwargs)[0], a.dtype, number)
            case "affine":
                return self("add", [self("linear", args[:2]), args[2]], name=label)
            case "add" if a is args[1] and a.dtype.kind == "f":
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


@lru_cache(1024)
def _stand_in(shape: tuple[int, ...], dtype: Any) -> Any:
    """An array that takes no room; an integer may be a place."""
    return np.broadcast_to(np.asarray(0 if dtype.kind in "iu" else 1, dtype), shape)


def result(primitive: Primitive, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[tuple[int, ...], Any]:
    """The shape and the type of what an operation gives, found without computing anything large."""
    values = [arg for arg in args if isinstance(arg, Value)]
    if primitive.name == "linear":
        return (*values[0].shape[:-1], values[1].shape[0]), values[0].dtype
    if primitive.name == "broadcast_to" or (primitive.name == "sum_to" and values[0].dtype.kind == "f"):
        return tuple(kwargs["shape"]), values[0].dtype
    entrywise = primitive.name in ENTRYWISE

    with np.errstate(all="ignore"):
        arrays = [
            _stand_in((1,) * arg.ndim if entrywise else arg.shape, arg.dtype) if isinstance(arg, Value) else arg
            for arg in args
        ]
        try:
            made = np.asarray(primitive.forward(*arrays, **kwargs))
        except np.linalg.LinAlgError:  # matrices of ones have no inverse
            regular = [
                np.broadcast_to(np.eye(*x.shape[-2:], dtype=x.dtype), x.shape) if np.ndim(x) > 1 else x for x in arrays
            ]
            made = np.asarray(primitive.forward(*regular, **kwargs))
    return np.broadcast_shapes(*(arg.shape for arg in values)) if entrywise else made.shape, made.dtype
