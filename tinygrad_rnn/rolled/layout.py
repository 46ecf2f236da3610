"""A program as text: buffers and views made once, then lines that write into them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..ops import TABLE
from .recording import Leaf
from .values import Loop, Refusal, Value, alive, order
from .wording import VIEWS, Names, identifier, label, literal, statement, view

_SMALL = 8  # constants of so many numbers are written out
Line = tuple[str, str]  # with a comment


class Ref(NamedTuple):
    """How lines refer to a value: an array, or in a loop the ``variable`` that goes over (a part of) a list of rows."""

    name: str
    variable: str = ""
    part: str = ""

    @property
    def text(self) -> str:
        return self.variable or self.name


class Layout:
    """The text of a program that computes ``roots`` and, from ``seeds``, ``gradients``.

    After it: ``forward`` and ``backward`` are the lines of these functions, ``setup`` those that come before them;
    ``parameters`` are the arrays the outer function is given, by name, ``inputs`` the leaves of the inner one.
    """

    def __init__(
        self, roots: Sequence[Value], gradients: Sequence[Value], inputs: Sequence[tuple[Leaf, Value]],
        seeds: Sequence[Value], loop: Callable[[Layout, Loop], object],
    ) -> None:  # fmt: skip
        self.names = Names()
        self.setup: list[Line] = []
        self.forward: list[Line] = []
        self.backward: list[Line] = []
        self.lines = self.forward
        self.parameters: dict[str, Any] = {}
        self.refs: dict[Value, Ref] = {}
        self.arrays: dict[Value, Any] = {}  # an empty array with the strides of what a reference denotes
        self.rows: dict[Value, str] = {}  # the lists of rows of stacked values
        self.stacked: dict[Value, Value] = {}  # of the loop that is laid out, what is read of its values after it
        self.variables: set[str] = set()  # of all loops
        self.mine: set[str] = set()  # of the one that is laid out
        self._once: dict[Any, str] = {}
        alive([*roots, *gradients])
        self.inputs = {self._input(value): leaf for leaf, value in inputs}
        self._done: set[Any] = set()
        self._lay_out(roots, loop)
        self.lines = self.backward
        self.seeds = [self._input(value) for value in seeds]
        self._lay_out([*roots, *gradients], loop)
        self.results = [self.refs[value].name for value in roots]
        self.gradients = [self.refs[value].name for value in gradients]
        self._drop_unused({*self.results, *self.gradients})

    def _lay_out(self, asked: Sequence[Value], loop: Callable[[Layout, Loop], object]) -> None:
        for item in order(asked):
            if item in self._done or item in self.refs:
                continue
            self._done.add(item)
            if isinstance(item, Loop):
                loop(self, item)
            elif item.kind == "given":
                self._leaf(item)
            elif item.kind == "op":
                self.lines += self.computed(item)
            else:
                raise AssertionError(f"{item.kind} is laid out with its loop")

    def _drop_unused(self, used: set[str]) -> None:
        """Leave out of the setup what no line reads."""
        used |= words(" ".join(line for line, _ in self.forward + self.backward))
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

    def make(self, name: str, made: str, about: str = "") -> str:
        """A line of the setup: what a new name stands for."""
        name = self.names(name)
        self.setup.append((f"{name} = {made}", about))
        return name

    def buffer(self, name: str, shape: Sequence[int], dtype: Any, about: str = "") -> tuple[str, Any]:
        made = f'empty({literal(tuple(shape))}, "{np.dtype(dtype).name}")'
        return self.make(name, made, about), np.empty(shape, dtype)

    def listed(self, wanted: str, name: str, array: Any) -> str:
        """A list of the rows of an array; those of one axis would be numbers, and are made arrays without axes."""
        rows = f"list({name})" if array.ndim > 1 else f"[{name}[t, ...] for t in range({len(array)})]"
        return self.make(wanted, rows)

    def room(self, value: Value) -> None:
        """Room for a value that has none yet: of one step, or of all if it is read after the loop."""
        if value in self.refs:
            return
        base = label(value)
        if value not in self.stacked:
            name, array = self.buffer(base, value.shape, value.dtype)
            self.bind(value, array, name)
            return
        whole = self.stacked[value]
        name, store = self.buffer(f"all_{base}", whole.shape, value.dtype)
        self.bind(whole, store, name)
        self.rows[whole] = self.listed(f"{base}_rows", name, store)
        self.refs[value], self.arrays[value] = Ref(self.rows[whole], self.variable(base)), store[0, ...]

    def variable(self, name: str, ending: str = "t") -> str:
        """The name of this step's part, also that of other loops, but of one thing in this loop."""
        wanted = f"{name}_{ending}"
        if wanted not in self.variables or wanted in self.mine:
            wanted = self.names(wanted)
            self.variables.add(wanted)
        self.mine.add(wanted)
        return wanted

    def part(self, value: Value, source: Ref, array: Any, written: str) -> None:
        """Name a part of what is there, or of each of its rows; it is written as a part of ``{x}``."""
        base = label(value)
        if source.variable:
            name = self.make(f"{base}_rows", f"[{written.replace('{x}', 'row')} for row in {source.name}]")
            self.refs[value] = Ref(name, self.variable(base), source.part)
        else:
            self.refs[value] = Ref(self.make(base, written.replace("{x}", source.name)))
        self.arrays[value] = array

    def number(self, number: Any, dtype: Any) -> str:
        """A number in a line; numpy takes an array without axes in half the time."""
        if number != 1 or isinstance(number, bool) or np.dtype(dtype).kind != "f":
            return literal(number)
        key = np.dtype(dtype).name
        if key not in self._once:
            self._once[key] = self.make("one", f'array(1, "{key}")', "numpy takes it in half the time of 1")
        return self._once[key]

    def text(self, arg: Any, dtype: Any) -> str:
        return self.refs[arg].text if isinstance(arg, Value) else self.number(arg, dtype)

    # Outside of loops

    def _input(self, value: Value) -> str:
        name, array = self.buffer(value.name or "x", value.shape, value.dtype, "what is given, in one place")
        self.lines.append((f"copyto({name}, given_{name})", ""))
        return self.bind(value, array, name)

    def _leaf(self, value: Value) -> None:
        source = value.source
        if isinstance(source, Leaf):
            name = self.names(value.name or ("W" if value.ndim > 1 else "b"))
            self.parameters[self.bind(value, source.array, name)] = source.array
            return
        name, number = value.name or "constant", value.number_everywhere
        shape, dtype = literal(value.shape), literal(value.dtype)
        if number is not None:
            made = f"zeros({shape}, {dtype})" if number == 0 else f"full({shape}, {literal(number)}, {dtype})"
        elif source.size and source.dtype.kind in "iu" and (source.reshape(-1) == np.arange(source.size)).all():
            made = f"arange({source.size}, dtype={dtype}).reshape({shape})"
        elif source.size <= _SMALL:
            made = f"array([{', '.join(map(literal, source.reshape(-1).tolist()))}], {dtype}).reshape({shape})"
        else:
            made = ""
        name = self.make(name, made) if made else self.names(name)
        if not made:
            self.parameters[name] = np.ascontiguousarray(source)  # what changes in place is seen
        self.bind(value, np.empty(value.shape, value.dtype), name)

    # Lines

    def computed(self, value: Value) -> list[Line]:
        """The lines of an operation: none for a view, which is made once."""
        source = value.args[0] if value.op in VIEWS else None
        if source is not None and value not in self.refs:
            with np.errstate(all="ignore"):
                shown = value.primitive.forward(self.arrays[source], **value.kwargs)
            if np.may_share_memory(shown, self.arrays[source]) or not value.size:
                self.part(value, self.refs[source], shown, view("{x}", value))
                return []
        self.room(value)
        if source is not None:
            return [(f"copyto({self.refs[value].text}, {view(self.refs[source].text, value)})", "")]
        return self.written(value)

    def written(self, value: Value) -> list[Line]:
        """The lines that compute an operation into where it belongs."""
        out = self.refs[value].text
        args = [self.text(arg, value.dtype) for arg in value.args]
        if value.op == "put" and not isinstance(value.args[0], Value):
            args = [literal(value.args[0])]
        about = self._about(value, out)
        if value.op in ("linear", "matmul"):
            return [(self._product(value, out, args), about)]
        one = self.number(1, value.dtype) if value.op == "sigmoid" else ""
        lines = statement(value, out, args, one)
        if lines is None:
            if not all(word.isidentifier() and word.isascii() for word in value.kwargs):
                raise Refusal(f"{value.op} has a keyword that is no name")
            options = "".join(f", {word}={literal(each)}" for word, each in value.kwargs.items())
            lines = [f"copyto({out}, {self._own(value)}({', '.join(args)}{options}))"]
        return [(line, about if k == 0 else "") for k, line in enumerate(lines)]

    def _about(self, value: Value, out: str) -> str:
        """What a line computes, as a formula, and what there is to know of it."""
        names = [self.refs[arg].text if isinstance(arg, Value) else literal(arg) for arg in value.args]
        known = TABLE.get(value.op) is value.primitive
        template = value.primitive.template if known else None
        formula = f"{identifier(value.op)}({', '.join(names)})"
        if value.op == "linear":
            formula = f"{names[1]} {names[0]}"
        elif template is not None and "index" not in value.kwargs:
            formula = template.format(*names)
        return f"{out} = {formula}" + (f": {value.note}" if value.note else "")

    def _own(self, value: Value) -> str:
        """A function that numpy does not have, which the program is given."""
        forward = value.primitive.forward
        for name, known in self.parameters.items():
            if known is forward:
                return name
        name = self.names(f"own_{value.op.removeprefix('own_')}")
        self.parameters[name] = forward
        return name

    def _product(self, value: Value, out: str, args: list[str]) -> str:
        target, (x, W) = self.arrays[value], (self.arrays[arg] for arg in value.args)
        first, second = args
        if value.op == "linear" and x.ndim == 1:
            return f"dot({second}, {first}, out={out})"
        if value.op == "linear":
            second, W = self._view_once(value.args[1], second, "T", "T"), W.T
        simple = target.flags.c_contiguous and x.dtype == W.dtype
        flat = x.ndim > 2 and W.ndim == 2 and simple and not self.refs[value.args[0]].variable
        if flat and np.may_share_memory(x.reshape(-1, x.shape[-1]), x):
            left = self._view_once(value.args[0], first, f"reshape(-1, {x.shape[-1]})", "rows")
            right = self._view_once(value, out, f"reshape(-1, {target.shape[-1]})", "rows")
            return f"dot({left}, {second}, out={right})"
        plain = x.ndim <= 2 and W.ndim <= 2 and simple
        return f"{'dot' if plain else 'matmul'}({first}, {second}, out={out})"

    def _view_once(self, value: Value, name: str, how: str, ending: str) -> str:
        if self.refs[value].variable:
            return f"{name}.{how}"
        if (value, how) not in self._once:
            self._once[value, how] = self.make(f"{name}_{ending}", f"{name}.{how}")
        return self._once[value, how]


def words(text: str) -> set[str]:
    """The names in some lines."""
    return set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())
