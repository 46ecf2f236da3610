"""A program as text: buffers and views made once, then lines that write into them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..engine.formula import template_of
from ..ops import TABLE
from .recording import Leaf
from .values import ENTRYWISE, Loop, Refusal, Value, alive, needed, order
from .wording import VIEWS, Names, identifier, label, literal, statement, subscript, view

_SMALL = 8  # constants of so many numbers are written out
#: So many numbers are not kept twice, if the first array is not read again; fewer are read better by their names.
_LARGE = 1 << 17
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

    If it is ``fresh``, every call makes its own arrays where they are needed, and reads what it is given in its place.
    """

    def __init__(
        self, roots: Sequence[Value], gradients: Sequence[Value], inputs: Sequence[tuple[Leaf, Value]],
        seeds: Sequence[Value], loop: Callable[[Layout, Loop], object], fresh: bool = False,
    ) -> None:  # fmt: skip
        self.names, self.fresh = Names(), fresh
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
        self.functions: list[str] = []  # the lines of what stands before all this
        self.notes: list[str] = []
        self.letters: list[str] = []  # of places in arrays
        self.single: dict[str, str] = {}  # functions of float32
        self.turned: dict[Value, str] = {}  # transposed matrices
        self.whole: dict[str, str] = {}  # the array whose rows a list holds
        self.inside: dict[
            Value, tuple[Value, int, int]
        ] = {}  # parts side by side: of what, along which axis, from where
        self._temporary: set[Any] = set()  # values in arrays of their own, which are no results
        self.read: set[Value] = set()  # by the lines of the backward pass
        alive([*roots, *gradients])
        self.users = _users([*roots, *gradients])
        self._asked = {*roots, *gradients}
        self.inputs = {self._input(value): leaf for leaf, value in inputs}
        self._done: set[Any] = set()
        self._lay_out(roots, loop)
        self.before = set(self.refs)  # what is there when the backward pass begins
        self._temporary.clear()  # the backward pass may be run twice
        self.lines = self.backward
        self.seeds = [self._input(value) for value in seeds]
        self._lay_out([*roots, *gradients], loop)
        self.results = [self.refs[value].name for value in roots]
        self.gradients = [self.refs[value].name for value in gradients]
        self._drop_unused({*self.results, *self.gradients})

    def _lay_out(self, asked: Sequence[Value], loop: Callable[[Layout, Loop], object]) -> None:
        line = order(asked)
        for item in line:
            if isinstance(item, Value) and item.op == "cat" and item not in self.refs:
                self.placed(item)
        for item in line:
            if item in self._done or (item in self.refs and item.kind != "op"):
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
        """Leave out names that no line reads."""
        for lines in (self.backward, self.forward, self.setup):
            for k in reversed(range(len(lines))):
                name, makes, made = lines[k][0].partition(" = ")
                if not makes or not name.isidentifier() or name in used:
                    used |= words(made if makes else name)
                    if makes and not name.isidentifier():
                        used |= words(name)
                else:
                    del lines[k]

    # Names and buffers

    def bind(self, value: Value, array: Any, name: str) -> str:
        self.refs[value], self.arrays[value] = Ref(name), array
        return name

    def make(self, name: str, made: str, about: str = "") -> str:
        """A line that says what a new name stands for."""
        name = self.names(name)
        (self.lines if self.fresh else self.setup).append((f"{name} = {made}", about))
        return name

    def buffer(self, name: str, shape: Sequence[int], dtype: Any, about: str = "") -> tuple[str, Any]:
        made = f'empty({literal(tuple(shape))}, "{np.dtype(dtype).name}")'
        return self.make(name, made, about), np.empty(shape, dtype)

    def listed(self, wanted: str, name: str, array: Any) -> str:
        """A list of the rows of an array; those of one axis would be numbers, and are made arrays without axes."""
        rows = f"list({name})" if array.ndim > 1 else f"[{name}[t, ...] for t in range({len(array)})]"
        made = self.make(wanted, rows)
        self.whole[made] = name
        return made

    def room(self, value: Value) -> None:
        """Room for a value that has none yet: of one step, or of all if it is read after the loop."""
        if value in self.refs:
            return
        base = label(value)
        if value not in self.stacked:
            large = value.loop is None and value not in self._asked and math.prod(value.shape) >= _LARGE
            if not (large and value.op in ENTRYWISE and self._in_place_of_another(value)):
                name, array = self.buffer(base, value.shape, value.dtype)
                self.bind(value, array, name)
            if large:
                self._temporary.add(value)
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
            self._once[key] = name = self.names("one")
            self.setup.append((f'{name} = array(1, "{key}")', "numpy takes it in half the time of 1"))
        return self._once[key]

    def text(self, arg: Any, dtype: Any) -> str:
        if self.lines is self.backward and isinstance(arg, Value):
            self.read.add(arg)
        return self.refs[arg].text if isinstance(arg, Value) else self.number(arg, dtype)

    # Outside of loops

    def _input(self, value: Value) -> str:
        if self.fresh:
            array = value.source.array if value.source is not None else np.empty(value.shape, value.dtype)
            return self.bind(value, array, self.names(value.name or "x"))
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
        if value.op == "cat" and value in self.refs:
            return self._joined(value)
        source = value.args[0] if value.op in VIEWS else None
        if source is not None and value not in self.refs:
            with np.errstate(all="ignore"):
                shown = value.primitive.forward(self.arrays[source], **value.kwargs)
            if np.may_share_memory(shown, self.arrays[source]) or not value.size:
                self.part(value, self.refs[source], shown, view("{x}", value))
                return []
        if self._is_made_by_its_line(value):
            return self._made(value)
        self.room(value)
        if source is not None:
            return [(f"copyto({self.refs[value].text}, {view(self.refs[source].text, value)})", "")]
        return self.written(value)

    def _is_made_by_its_line(self, value: Value) -> bool:
        """Whether the array of a value comes from the function that computes it."""
        fresh = self.fresh and value.loop is None and value not in self.refs and value.ndim > 0
        return (
            fresh
            and value.op in ENTRYWISE
            and all(not isinstance(arg, Value) or arg.dtype == value.dtype for arg in value.args)
        )

    def _made(self, value: Value) -> list[Line]:
        """The lines of a value: into an array that nobody reads again, if there is one, or into a new one."""
        if self._in_place_of_another(value):
            lines = self.written(value)
        else:
            name = self.bind(value, np.empty(value.shape, value.dtype), self.names(label(value)))
            (first, about), *others = self.written(value)
            if first.endswith(f", out={name})") and not first.startswith("copyto("):
                lines = [(f"{name} = {first.removesuffix(f', out={name})')})", about), *others]
            else:
                shape, dtype = literal(value.shape), literal(value.dtype)
                lines = [(f"{name} = empty({shape}, {dtype})", ""), (first, about), *others]
        if value not in self._asked:
            self._temporary.add(value)
        return lines

    def _in_place_of_another(self, value: Value) -> bool:
        """Bind a value to the array of an argument that nobody reads again, if there is one."""
        for arg in value.args if value.op != "where" else ():  # which writes before it has read everything
            alone = arg in self._temporary and len(self.users[arg]) == 1
            if alone and (arg.shape, arg.dtype) == (value.shape, value.dtype):
                self.bind(value, self.arrays[arg], self.refs[arg].name)
                return True
        return False

    # Parts side by side

    def placed(self, whole: Value) -> None:
        """Room for parts side by side; those that are computed where it is are written there."""
        self.room(whole)
        start, axis = 0, whole.kwargs["dim"]
        for arg in whole.args:
            index = (slice(None),) * axis + (slice(start, start + arg.shape[axis]),)
            begin, start = start, start + arg.shape[axis]
            computed = arg.loop is whole.loop and arg.op in ENTRYWISE and arg not in self.refs
            if computed and (arg not in self.stacked or whole in self.stacked):
                cut = subscript(index)
                self.part(arg, self.refs[whole], self.arrays[whole][index], f"{{x}}[{cut}]")
                self.inside[arg] = whole, axis, begin
                if arg in self.stacked:
                    everywhere = self.stacked[whole]
                    name = self.make(f"all_{label(arg)}", f"{self.refs[everywhere].name}[:, {cut}]")
                    self.bind(self.stacked[arg], self.arrays[everywhere][(slice(None), *index)], name)
                    self.inside[self.stacked[arg]] = everywhere, axis + 1, begin

    def is_part(self, arg: Value, whole: Value) -> bool:
        """Whether a part is computed where it is joined to others."""
        return arg in self.inside and self.inside[arg][0] is whole

    def _joined(self, value: Value) -> list[Line]:
        lines, start, axis = [], 0, value.kwargs["dim"]
        for arg in value.args:
            stop = start + arg.shape[axis]
            if not self.is_part(arg, value):
                cut = subscript((slice(None),) * axis + (slice(start, stop),))
                part, number = f"{self.refs[value].text}[{cut}]", arg.number_everywhere
                copied = f"copyto({part}, {self.text(arg, value.dtype)})"
                lines.append((copied if number is None else f"{part}.fill({literal(number)})", ""))
            start = stop
        return lines

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
        template = template_of(value.primitive, value.args[0]).replace(".mT", ".T") if known else ""
        formula = f"{identifier(value.op)}({', '.join(names)})"
        if template and "index" not in value.kwargs:
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


def _users(asked: Sequence[Value]) -> dict[Any, list[Any]]:
    """Which operations read a value, and which loops do: as a whole, by its rows, or as what they begin with."""
    found: dict[Any, list[Any]] = {}
    for item in order(asked):
        readers = [(value, value.operands) for value in item.body()] if isinstance(item, Loop) else []
        for user, read in [(item, needed(item)), *readers]:
            for arg in read:
                found.setdefault(arg, []).append(user)
    return found


def words(text: str) -> set[str]:
    """The names in some lines."""
    return set(re.findall(r"\w+", text))
