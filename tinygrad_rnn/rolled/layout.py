"""A program as text: buffers and views made once, then lines that write into them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .recording import Leaf
from .values import Loop, Refusal, Value, alive, order
from .wording import VIEWS, Names, label, literal, statement, view

_SMALL = 8  # constants of so many numbers are written out


class Ref(NamedTuple):
    """How lines refer to a value: an array, or in a loop the rows of one, ``shift`` places after the step's own."""

    name: str
    shift: int | None = None
    variable: str = ""

    @property
    def text(self) -> str:
        return self.name if self.shift is None else self.variable


class Layout:
    """The text of a program that computes ``roots`` and, from ``seeds``, ``gradients``.

    After it: ``forward`` and ``backward`` are the lines of these functions, ``setup`` those that come before them;
    ``parameters`` are the arrays the outer function is given, by name, ``inputs`` the leaves of the inner one.
    """

    def __init__(
        self, roots: Sequence[Value], gradients: Sequence[Value], inputs: Sequence[tuple[Leaf, Value]],
        seeds: Sequence[tuple[Leaf, Value]], loop: Callable[[Layout, Loop], object],
    ) -> None:  # fmt: skip
        self._loop = loop
        self.names = Names()
        self.setup: list[tuple[str, str]] = []
        self.forward: list[tuple[str, str]] = []
        self.backward: list[tuple[str, str]] = []
        self.parameters: dict[str, Any] = {}
        self.inputs: dict[str, Leaf] = {}
        self.lines = self.forward
        self.refs: dict[Value, Ref] = {}
        self.arrays: dict[Value, Any] = {}  # an empty array with the strides of what a reference denotes
        self._numbers: dict[Any, str] = {}
        self.rows: dict[Value, str] = {}
        self.variables: set[str] = set()  # of loops
        self._asked = [*roots, *gradients]
        alive(self._asked)
        for leaf, value in inputs:
            self.inputs[self._input(value)] = leaf
        for item in order(roots):
            self._item(item)
        self.lines, done = self.backward, set(order(roots))
        self.seeds = [self._input(value) for _, value in seeds]
        for item in order([*roots, *gradients]):
            if item not in done:
                self._item(item)
        self._drop_unused()
        self.results = [self.refs[value].name for value in roots]
        self.gradients = [self.refs[value].name for value in gradients]

    def _item(self, item: Any) -> None:
        if isinstance(item, Loop):
            self._loop(self, item)
        elif item not in self.refs:
            self._value(item)

    def _drop_unused(self) -> None:
        """Leave out of the setup what no line reads."""
        used = words(" ".join(line for line, _ in self.forward + self.backward))
        used |= {self.refs[value].name for value in self._asked}
        kept = []
        for line, about in reversed(self.setup):
            name, _, made = line.partition(" = ")
            if name in used:
                kept.append((line, about))
                used |= words(made)
        self.setup = kept[::-1]

    # Names and buffers

    def bind(self, value: Value, array: Any, name: str) -> str:
        self.refs[value], self.arrays[value] = Ref(name), array
        return name

    def buffer(self, name: str, shape: Sequence[int], dtype: Any, about: str = "") -> Any:
        self.setup.append((f'{name} = empty({literal(tuple(shape))}, "{np.dtype(dtype).name}")', about))
        return np.empty(shape, dtype)

    def number(self, number: Any, dtype: Any) -> str:
        """A number in a line; numpy takes an array without axes in half the time."""
        if number == 1 and not isinstance(number, bool) and np.dtype(dtype).kind == "f":
            key = "one", np.dtype(dtype)
            if key not in self._numbers:
                self._numbers[key] = name = self.names("one")
                self.setup.append((f'{name} = array(1, "{key[1].name}")', "numpy takes it in half the time of 1"))
            return self._numbers[key]
        return literal(number)

    def text(self, arg: Any, dtype: Any) -> str:
        return self.refs[arg].text if isinstance(arg, Value) else self.number(arg, dtype)

    # Outside of loops

    def _input(self, value: Value) -> str:
        name = self.names(value.name or "x")
        self.bind(value, self.buffer(name, value.shape, value.dtype, "what is given, in one place"), name)
        self.lines.append((f"copyto({name}, given_{name})", ""))
        return name

    def _value(self, value: Value) -> None:
        if value.kind == "given":
            self._leaf(value)
        elif value.kind != "op":
            raise AssertionError(f"{value.kind} is laid out with its loop")
        elif value.op in VIEWS:
            source = value.args[0]
            with np.errstate(all="ignore"):
                shown = value.primitive.forward(self.arrays[source], **value.kwargs)
            written, name = view(self.refs[source].name, value), self.names(label(value))
            if np.may_share_memory(shown, self.arrays[source]) or not value.size:
                self.bind(value, shown, name)
                self.setup.append((f"{name} = {written}", ""))
            else:
                self.bind(value, self.buffer(name, value.shape, value.dtype), name)
                self.lines.append((f"copyto({name}, {written})", ""))
        else:
            name = self.names(label(value))
            self.bind(value, self.buffer(name, value.shape, value.dtype), name)
            self.lines += self.written(value)

    def _leaf(self, value: Value) -> None:
        source = value.source
        if isinstance(source, Leaf):
            name = self.names(value.name or ("W" if value.ndim > 1 else "b"))
            self.parameters[self.bind(value, source.array, name)] = source.array
            return
        name = self.names(value.name or "constant")
        number, dtype = value.number_everywhere, literal(value.dtype)
        shape = literal(value.shape)
        if number is not None:
            made = f"zeros({shape}, {dtype})" if number == 0 else f"full({shape}, {literal(number)}, {dtype})"
        elif source.size and source.dtype.kind in "iu" and (source.reshape(-1) == np.arange(source.size)).all():
            made = f"arange({source.size}, dtype={dtype}).reshape({shape})"
        elif source.size <= _SMALL:
            made = f"array([{', '.join(map(literal, source.reshape(-1).tolist()))}], {dtype}).reshape({shape})"
        else:
            self.parameters[name] = np.array(source)
            self.bind(value, np.empty(value.shape, value.dtype), name)
            return
        self.bind(value, np.empty(value.shape, value.dtype), name)
        self.setup.append((f"{name} = {made}", ""))

    # Lines

    def written(self, value: Value) -> list[tuple[str, str]]:
        """The lines that compute an operation into where it belongs."""
        out, target = self.refs[value].text, self.arrays[value]
        args = [self.text(arg, value.dtype) for arg in value.args]
        about = value.note or self._about(value)
        if value.op == "put" and not isinstance(value.args[0], Value):
            args = [literal(value.args[0])]
        if value.op in ("linear", "matmul"):
            return [(self._product(value, out, target, args), about)]
        one = self.number(1, value.dtype) if value.op == "sigmoid" else ""
        lines = statement(value, out, args, one)
        if lines is None:
            if not all(word.isidentifier() and word.isascii() for word in value.kwargs):
                raise Refusal(f"{value.op} has a keyword that is no name")
            words = "".join(f", {word}={literal(each)}" for word, each in value.kwargs.items())
            function = self._own(value)
            lines = [f"copyto({out}, {function}({', '.join(args)}{words}))"]
        if value.op == "sigmoid":
            about = about or f"{out} = sigmoid({args[0]})"
        return [(line, about if k == 0 else "") for k, line in enumerate(lines)]

    def _about(self, value: Value) -> str:
        """What a line computes, where the call does not say it."""
        names = [label(arg) if isinstance(arg, Value) else literal(arg) for arg in value.args]
        match value.op:
            case "linear":
                return f"{names[1]} {names[0]}"
            case "sub" if names[0] == "1":
                return f"1 - {names[1].removeprefix('one_minus_')}"
        return ""

    def _own(self, value: Value) -> str:
        """A function that numpy does not have, which the program is given."""
        forward = value.primitive.forward
        for name, known in self.parameters.items():
            if known is forward:
                return name
        name = self.names(f"own_{value.op}")
        self.parameters[name] = forward
        return name

    def _product(self, value: Value, out: str, target: Any, args: list[str]) -> str:
        x, W = (self.arrays[arg] for arg in value.args)
        first, second = args
        if value.op == "linear" and x.ndim == 1:
            return f"dot({second}, {first}, out={out})"
        if value.op == "linear":
            second = self._view_once(value.args[1], second, "T", W.T)
            W = W.T
        simple = target.flags.c_contiguous and x.dtype == W.dtype
        if x.ndim > 2 and W.ndim == 2 and simple and self._outside(value.args[0]):
            rows, into = x.reshape(-1, x.shape[-1]), target.reshape(-1, target.shape[-1])
            if np.may_share_memory(rows, x):
                left = self._view_once(value.args[0], first, f"reshape(-1, {x.shape[-1]})", rows, "rows")
                right = self._view_once(value, out, f"reshape(-1, {target.shape[-1]})", into, "rows")
                return f"dot({left}, {second}, out={right})"
        plain = x.ndim <= 2 and W.ndim <= 2 and simple
        return f"{'dot' if plain else 'matmul'}({first}, {second}, out={out})"

    def _outside(self, value: Value) -> bool:
        return self.refs[value].shift is None

    def _view_once(self, value: Value, name: str, how: str, array: Any, ending: str = "T") -> str:
        key = ("view", value, how)
        if key not in self._numbers:
            if self.refs[value].shift is not None:
                return f"{name}.{how}"
            self._numbers[key] = made = self.names(f"{name}_{ending}")
            self.setup.append((f"{made} = {name}.{how}", ""))
        return self._numbers[key]


def words(text: str) -> set[str]:
    """The names in some lines."""
    return set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())
