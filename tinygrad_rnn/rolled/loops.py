"""The lines of a loop: rows of what is known, states that go from step to step, and room for what is read later."""

from __future__ import annotations

from typing import Any

import numpy as np

from .layout import Layout, Ref, words
from .values import ENTRYWISE, Loop, Value, order
from .wording import VIEWS, label, literal, subscript, view


class LoopLayout:
    """The lines of one loop, added to a layout."""

    def __init__(self, layout: Layout, loop: Loop) -> None:
        self.layout, self.loop, self.body = layout, loop, loop.body()
        self._refs, self._arrays = layout.refs, layout.arrays
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
        if whole not in layout.rows:
            layout.rows[whole] = made = layout.names(f"{name.removeprefix('all_')}_rows")
            layout.setup.append((f"{made} = list({name})", ""))
        variable = self._variable(name.removeprefix("all_"))
        self._refs[value], self._arrays[value] = Ref(layout.rows[whole], 0, variable), self._arrays[whole][0]

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
        layout.rows[self._stacked[value]] = rows = layout.names(f"{base}_rows")
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
                cut = subscript(index)
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
                cut = subscript((slice(None),) * axis + (slice(start, stop),))
                lines.append((f"copyto({self._refs[value].text}[{cut}], {self._refs[arg].text})", ""))
            start = stop
        return lines

    def _write(self, lines: list[tuple[str, str]]) -> None:
        layout, loop = self.layout, self.loop
        used = words(" ".join(line for line, _ in lines))
        mine = [ref for value, ref in self._refs.items() if value.loop is loop and ref.shift is not None]
        mine += [ref for ref, _ in self._copies if ref.shift is not None]
        rows = {ref.variable: ref for ref in mine if ref.variable in used}
        layout.lines += self._first
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
        layout.lines.append((around, comment))
        layout.lines += [(f"    {line}", about) for line, about in lines or [("pass", "")]]

    def _is_long(self, ref: Ref) -> bool:
        """Whether these rows are those of a state, one more than there are steps."""
        return any(self._refs[carry].name == ref.name for carry, *_ in self.loop.carries)
