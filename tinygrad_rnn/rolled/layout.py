"""A program as text: buffers and views made once, then lines that write into them, with one Python loop for each loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .recording import Leaf
from .values import ENTRYWISE, VIEWS, Loop, Value, alive, order
from .wording import Names, label, literal, statement, view

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
        seeds: Sequence[tuple[Leaf, Value]] = (),
    ) -> None:  # fmt: skip
        self.names = Names()
        self.setup: list[tuple[str, str]] = []
        self.forward: list[tuple[str, str]] = []
        self.backward: list[tuple[str, str]] = []
        self.parameters: dict[str, Any] = {}
        self.inputs: dict[str, Leaf] = {}
        self._lines = self.forward
        self._refs: dict[Value, Ref] = {}
        self._arrays: dict[Value, Any] = {}  # an empty array with the strides of what a reference denotes
        self._numbers: dict[Any, str] = {}
        self._rows: dict[Value, str] = {}
        self.variables: set[str] = set()  # of loops
        self._asked = [*roots, *gradients]
        alive(self._asked)
        for leaf, value in inputs:
            self.inputs[self._input(value)] = leaf
        for item in order(roots):
            self._item(item)
        self._lines, done = self.backward, set(order(roots))
        self.seeds = [self._input(value) for _, value in seeds]
        for item in order([*roots, *gradients]):
            if item not in done:
                self._item(item)
        self._drop_unused()
        self.results = [self._refs[value].name for value in roots]
        self.gradients = [self._refs[value].name for value in gradients]

    def _item(self, item: Any) -> None:
        if isinstance(item, Loop):
            LoopLayout(self, item)
        elif item not in self._refs:
            self._value(item)

    def _drop_unused(self) -> None:
        """Leave out of the setup what no line reads."""
        used = words(" ".join(line for line, _ in self.forward + self.backward))
        used |= {self._refs[value].name for value in self._asked}
        kept = []
        for line, about in reversed(self.setup):
            name, _, made = line.partition(" = ")
            if name in used:
                kept.append((line, about))
                used |= words(made)
        self.setup = kept[::-1]

    # Names and buffers

    def bind(self, value: Value, array: Any, name: str) -> str:
        self._refs[value], self._arrays[value] = Ref(name), array
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
        return self._refs[arg].text if isinstance(arg, Value) else self.number(arg, dtype)

    # Outside of loops

    def _input(self, value: Value) -> str:
        name = self.names(value.name or "x")
        self.bind(value, self.buffer(name, value.shape, value.dtype, "what is given, in one place"), name)
        self._lines.append((f"copyto({name}, given_{name})", ""))
        return name

    def _value(self, value: Value) -> None:
        if value.kind == "given":
            self._leaf(value)
        elif value.kind != "op":
            raise AssertionError(f"{value.kind} is laid out with its loop")
        elif value.op in VIEWS or value.op == "detach":
            source = value.args[0]
            with np.errstate(all="ignore"):
                shown = value.primitive.forward(self._arrays[source], **value.kwargs)
            written, name = view(self._refs[source].name, value), self.names(label(value))
            if np.may_share_memory(shown, self._arrays[source]) or not value.size:
                self.bind(value, shown, name)
                self.setup.append((f"{name} = {written}", ""))
            else:
                self.bind(value, self.buffer(name, value.shape, value.dtype), name)
                self._lines.append((f"copyto({name}, {written})", ""))
        else:
            name = self.names(label(value))
            self.bind(value, self.buffer(name, value.shape, value.dtype), name)
            self._lines += self.written(value)

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
        out, target = self._refs[value].text, self._arrays[value]
        args = [self.text(arg, value.dtype) for arg in value.args]
        about = value.note or self._about(value)
        if value.op == "put" and not isinstance(value.args[0], Value):
            args = [literal(value.args[0])]
        if value.op in ("linear", "matmul"):
            return [(self._product(value, out, target, args), about)]
        if value.op == "sigmoid":
            self.number(1, value.dtype)
        lines = statement(value, out, args)
        if lines is None:
            words = "".join(f", {word}={self._option(each)}" for word, each in value.kwargs.items())
            function = self._own(value)
            lines = [f"copyto({out}, {function}({', '.join(args)}{words}))"]
        if value.op == "sigmoid":
            lines = [line.replace("one,", f"{self.number(1, value.dtype)},") for line in lines]
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

    def _option(self, value: Any) -> str:
        return repr(value) if isinstance(value, str) and value.isidentifier() else literal(value)

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
        x, W = (self._arrays[arg] for arg in value.args)
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
        return self._refs[value].shift is None

    def _view_once(self, value: Value, name: str, how: str, array: Any, ending: str = "T") -> str:
        key = ("view", value, how)
        if key not in self._numbers:
            if self._refs[value].shift is not None:
                return f"{name}.{how}"
            self._numbers[key] = made = self.names(f"{name}_{ending}")
            self.setup.append((f"{made} = {name}.{how}", ""))
        return self._numbers[key]


class LoopLayout:
    """The lines of one loop, added to a layout."""

    def __init__(self, layout: Layout, loop: Loop) -> None:
        self.layout, self.loop, self.body = layout, loop, loop.body()
        self._refs, self._arrays = layout._refs, layout._arrays
        left = loop.read()
        self._stacked = {value: made for (kind, value), made in left.items() if kind == "stacked"}
        self._before = {value: made for (kind, value), made in left.items() if kind == "before"}
        self._final = {value: made for (kind, value), made in left.items() if kind == "final"}
        self._position = {value: k for k, value in enumerate(self.body)}
        self._users: dict[Value, list[Value]] = {}
        for value in self.body:
            for arg in value.args:
                if isinstance(arg, Value):
                    self._users.setdefault(arg, []).append(value)
        self._copies: list[tuple[Ref, Value]] = []
        self._mine: set[str] = set()
        self._first: list[tuple[str, str]] = []
        for value in order(loop.roots(), loop, borders=True):
            if value.kind == "row":
                self._row(value)
        for carry, first, new in loop.carries:
            self._carry(carry, first, new)
        lines: list[tuple[str, str]] = []
        for value in self.body:
            if value.op == "cat":
                self._buffer(value)
                self._place(value)
        for value in self.body:
            if value in self._stacked and value not in self._refs:
                self._stack(value)
        for value in self.body:
            lines += self._line(value)
        for ref, value in self._copies:
            lines.append((f"copyto({ref.text}, {self._refs[value].text})", "what the next step finds"))
        self._write(lines)

    def _last_use(self, value: Value) -> int:
        """The position of the last line that reads a value, itself or through a view."""
        last = -1
        for user in self._users.get(value, []):
            last = max(last, self._position[user], self._last_use(user) if user.op in VIEWS else -1)
        return last

    def _row(self, value: Value) -> None:
        layout, whole = self.layout, value.source
        name = self._refs[whole].name
        if whole not in layout._rows:
            layout._rows[whole] = made = layout.names(f"{name.removeprefix('all_')}_rows")
            layout.setup.append((f"{made} = list({name})", ""))
        variable = self._variable(name.removeprefix("all_"))
        self._refs[value], self._arrays[value] = Ref(layout._rows[whole], 0, variable), self._arrays[whole][0]

    def _variable(self, name: str, ending: str = "t") -> str:
        """The name of this step's part, also that of other loops, but of one thing in this loop."""
        wanted = f"{name}_{ending}"
        if wanted not in self.layout.variables or wanted in self._mine:
            wanted = self.layout.names(wanted)
            self.layout.variables.add(wanted)
        self._mine.add(wanted)
        return wanted

    def _carry(self, carry: Value, first: Value, new: Value) -> None:
        layout, back, steps = self.layout, self.loop.back, self.loop.steps
        base = carry.name or new.name or ("dh" if back else "h")
        own = new.loop is self.loop and new.kind == "op" and new.op not in VIEWS and new not in self._refs
        handed_on = any(other is carry for *_, other in self.loop.carries)
        if carry in self._before or new in self._stacked or handed_on:
            name = layout.names(f"all_{base}")
            order_ = "what is after the last step, and before each" if back else "before the first step, and after each"
            store = layout.buffer(name, (steps + 1, *carry.shape), carry.dtype, order_)
            rows = layout.names(f"{base}_rows")
            layout.setup.append((f"{rows} = list({name})", ""))
            self._refs[carry] = Ref(rows, int(back), self._variable(base, "after" if back else "before"))
            self._arrays[carry] = store[0]
            target = Ref(rows, int(not back), self._variable(base))
            self._begin(f"{rows}[{steps if back else 0}]", first)
            self._name_part(
                self._before.get(carry), store[1:] if back else store[:-1], name, "1:" if back else ":-1", "before"
            )
            self._name_part(
                self._final.get(carry), store[0 if back else steps], name, f"{0 if back else steps}", "last"
            )
            if own:
                self._refs[new], self._arrays[new] = target, store[0]
                self._name_part(
                    self._stacked.get(new), store[:-1] if back else store[1:], name, ":-1" if back else "1:", "after"
                )
        else:
            name = layout.names(f"{base}_carried" if back else base)
            store = layout.buffer(name, carry.shape, carry.dtype, "what goes from step to step")
            target = self._refs[carry] = Ref(name)
            self._arrays[carry] = store
            self._begin(name, first)
            if own:
                last, position = self._last_use(carry), self._position[new]
                own = last < position or (last == position and new.op in ENTRYWISE and new.op != "where")
            if own:
                self._refs[new], self._arrays[new] = target, store
            if (final := self._final.get(carry)) is not None:
                layout.bind(final, store, name)
        if not own:
            self._copies.append((target, new))

    def _begin(self, target: str, first: Value) -> None:
        number = first.number_everywhere
        if number is not None:
            self._first.append((f"{target}.fill({literal(number)})", ""))
        else:
            self._first.append((f"copyto({target}, {self._refs[first].name})", ""))

    def _name_part(self, value: Value | None, array: Any, whole: str, index: str, word: str) -> None:
        if value is not None:
            name = self.layout.names(f"{whole}_{word}")
            self.layout.bind(value, array, name)
            self.layout.setup.append((f"{name} = {whole}[{index}]", ""))

    def _buffer(self, value: Value) -> None:
        """Room for a value that has none yet: of one step, or of all if it is read after the loop."""
        if value not in self._refs and value in self._stacked:
            self._stack(value)
        elif value not in self._refs:
            name = self.layout.names(label(value))
            self.layout.bind(value, self.layout.buffer(name, value.shape, value.dtype), name)

    def _stack(self, value: Value) -> None:
        layout = self.layout
        base = label(value)
        name = layout.names(f"all_{base}")
        store = layout.buffer(name, (self.loop.steps, *value.shape), value.dtype)
        layout.bind(self._stacked[value], store, name)
        layout._rows[self._stacked[value]] = rows = layout.names(f"{base}_rows")
        layout.setup.append((f"{rows} = list({name})", ""))
        self._refs[value], self._arrays[value] = Ref(rows, 0, self._variable(base)), store[0]

    def _place(self, whole: Value) -> None:
        """Parts that are computed for one place side by side with others are written there."""
        layout, start, axis = self.layout, 0, whole.kwargs["dim"]
        ref = self._refs[whole]
        for arg in whole.args:
            stop = start + arg.shape[axis]
            index = (slice(None),) * axis + (slice(start, stop),)
            alone = arg.loop is self.loop and arg.kind == "op" and len(self._users[arg]) == 1
            alone = alone and (arg not in self._stacked or whole in self._stacked)
            if alone and arg not in self._refs and arg.op in ENTRYWISE:
                name = layout.names(label(arg) + ("_rows" if ref.shift is not None else ""))
                cut = literal_index(index)
                if ref.shift is None:
                    layout.setup.append((f"{name} = {ref.name}[{cut}]", ""))
                    self._refs[arg] = Ref(name)
                else:
                    layout.setup.append((f"{name} = [row[{cut}] for row in {ref.name}]", ""))
                    self._refs[arg] = Ref(name, 0, self._variable(label(arg)))
                self._arrays[arg] = self._arrays[whole][index]
                if arg in self._stacked:
                    everywhere = self._arrays[self._stacked[whole]][(slice(None), *index)]
                    base = layout.names(f"all_{label(arg)}")
                    layout.bind(self._stacked[arg], everywhere, base)
                    layout.setup.append((f"{base} = {self._refs[self._stacked[whole]].name}[:, {cut}]", ""))
            start = stop

    def _line(self, value: Value) -> list[tuple[str, str]]:
        layout = self.layout
        if value.op in VIEWS and self._view(value):
            return []
        self._buffer(value)
        if value.op in VIEWS:
            return [(f"copyto({self._refs[value].text}, {view(self._refs[value.args[0]].text, value)})", "")]
        if value.op == "cat":
            return self._joined(value)
        return layout.written(value)

    def _view(self, value: Value) -> bool:
        """Make a view once, for all steps; False if it is none."""
        layout, source = self.layout, value.args[0]
        if value in self._refs:
            return False
        ref, array = self._refs[source], self._arrays[source]
        with np.errstate(all="ignore"):
            shown = value.primitive.forward(array, **value.kwargs)
        if not np.may_share_memory(shown, array):
            return False
        base = label(value)
        name = layout.names(base if ref.shift is None else f"{base}_rows")
        if ref.shift is None:
            layout.setup.append((f"{name} = {view(ref.name, value)}", ""))
            self._refs[value] = Ref(name)
        else:
            layout.setup.append((f"{name} = [{view('row', value)} for row in {ref.name}]", ""))
            self._refs[value] = Ref(name, ref.shift, self._variable(base))
        self._arrays[value] = shown
        return True

    def _joined(self, value: Value) -> list[tuple[str, str]]:
        lines, start, axis = [], 0, value.kwargs["dim"]
        for arg in value.args:
            stop = start + arg.shape[axis]
            if not np.may_share_memory(self._arrays[arg], self._arrays[value]):
                cut = literal_index((slice(None),) * axis + (slice(start, stop),))
                lines.append((f"copyto({self._refs[value].text}[{cut}], {self._refs[arg].text})", ""))
            start = stop
        return lines

    def _write(self, lines: list[tuple[str, str]]) -> None:
        layout, loop = self.layout, self.loop
        used = words(" ".join(line for line, _ in lines))
        mine = [ref for value, ref in self._refs.items() if value.loop is loop and ref.shift is not None]
        mine += [ref for ref, _ in self._copies if ref.shift is not None]
        rows = {ref.variable: ref for ref in mine if ref.variable in used}
        layout._lines += self._first
        long = {ref.name for ref in rows.values() if self._is_long(ref)}
        zipped = []
        for ref in rows.values():
            part = "" if ref.name not in long else ("[1:]" if ref.shift else "[:-1]")
            zipped.append(f"{ref.name}{part}")
        around, comment = f"for _ in range({loop.steps}):", ""
        comment = "the steps backwards: BPTT" if loop.back else "the steps"
        if rows:
            steps = layout.names("backward_steps" if loop.back else "forward_steps")
            layout.setup.append((f"{steps} = list(zip({', '.join(zipped)}))" + ("[::-1]" if loop.back else ""), ""))
            around = f"for {', '.join(rows)}{',' if len(rows) == 1 else ''} in {steps}:"
        layout._lines.append((around, comment))
        layout._lines += [(f"    {line}", about) for line, about in lines or [("pass", "")]]

    def _is_long(self, ref: Ref) -> bool:
        """Whether these rows are those of a state, one more than there are steps."""
        return any(self._refs[carry].name == ref.name for carry, *_ in self.loop.carries)


def literal_index(index: tuple[slice, ...]) -> str:
    return ", ".join(f"{literal(p.start)}:{literal(p.stop)}" if p != slice(None) else ":" for p in index)


def words(text: str) -> set[str]:
    """The names in some lines."""
    return set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())
