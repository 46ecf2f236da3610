"""The lines of a loop: rows of what is known, states that go from step to step, and room for what is read later."""

from __future__ import annotations

from .layout import Layout, Line, Ref, words
from .values import ENTRYWISE, Loop, Value, order
from .wording import VIEWS, literal, subscript


class LoopLayout:
    """The lines of one loop, added to a layout."""

    #: Whether every loop computes what it reads, if it is not to depend on how large that is.
    large: bool | None = None

    def __init__(self, layout: Layout, loop: Loop) -> None:
        self.layout, self.loop, self.body = layout, loop, loop.body()
        self._refs, self._arrays = layout.refs, layout.arrays
        self._left = loop.read()
        layout.stacked = {value: made for (kind, value), made in self._left.items() if kind == "stacked"}
        layout.mine = set()
        self._position = {value: k for k, value in enumerate(self.body)}
        self._copies: list[tuple[Ref, Value]] = []
        self._first: list[Line] = []
        for value in order(loop.roots(), loop):
            if value.kind == "row":
                self._row(value)
        for carry, first, new in loop.carries:
            self._carry(carry, first, new)
        for value in self.body:
            if value.op == "cat":
                layout.placed(value)
        for value in self.body:
            if value in layout.stacked:
                layout.room(value)
        lines = [line for value in self.body for line in layout.computed(value)]
        for ref, value in self._copies:
            lines.append((f"copyto({ref.text}, {self._refs[value].text})", "what the next step finds"))
        self._write(lines)
        layout.stacked = {}

    def _last_use(self, value: Value) -> int:
        """The position of the last line that reads a value, itself or through a view."""
        last = -1
        for user in self.layout.users.get(value, []):
            last = max(last, self._position[user], self._last_use(user) if user.op in VIEWS else -1)
        return last

    def _row(self, value: Value) -> None:
        layout, whole = self.layout, value.source
        name = self._refs[whole].name
        base = name.removeprefix("all_")
        if whole not in layout.rows:
            layout.rows[whole] = layout.listed(f"{base}_rows", name, self._arrays[whole])
        self._refs[value] = Ref(layout.rows[whole], layout.variable(base))
        self._arrays[value] = self._arrays[whole][0, ...]

    def _carry(self, carry: Value, first: Value, new: Value) -> None:
        layout, back, steps = self.layout, self.loop.back, self.loop.steps
        base = carry.name or new.name or ("dh" if back else "h")
        own = new.loop is self.loop and new.kind == "op" and new.op not in VIEWS and new not in self._refs
        before, final = self._left.get(("before", carry)), self._left.get(("final", carry))
        handed_on = any(_shown(other) is carry for *_, other in self.loop.carries)  # it is read after its own turn
        if before is not None or new in layout.stacked or handed_on:
            about = "what is after the last step, and before each" if back else "before the first step, and after each"
            name, store = layout.buffer(f"all_{base}", (steps + 1, *carry.shape), carry.dtype, about)
            rows = layout.listed(f"{base}_rows", name, store)
            found, left, last = slice(None, -1), slice(1, None), steps
            if back:
                found, left, last = left, found, 0
            self._refs[carry] = Ref(rows, layout.variable(base, "after" if back else "before"), f"[{subscript(found)}]")
            target = Ref(rows, layout.variable(base), f"[{subscript(left)}]")
            self._begin(f"{rows}[{steps - last}]", first)
            stacked = layout.stacked.get(new) if own else None
            for value, index, word in ((before, found, "before"), (final, last, "last"), (stacked, left, "after")):
                if value is not None:
                    place = (index, ...) if isinstance(index, int) and store.ndim == 1 else index  # no copy of a number
                    part = layout.make(f"{name}_{word}", f"{name}[{subscript(place)}]")
                    layout.bind(value, store[index, ...], part)
            room = store[0, ...]
        else:
            name, room = layout.buffer(
                f"{base}_carried" if back else base, carry.shape, carry.dtype, "what goes from step to step"
            )
            target = self._refs[carry] = Ref(name)
            self._begin(name, first)
            if own:
                last, position = self._last_use(carry), self._position[new]
                own = last < position or (last == position and new.op in ENTRYWISE and new.op != "where")
            if final is not None:
                layout.bind(final, room, name)
        self._arrays[carry] = room
        if own:
            self._refs[new], self._arrays[new] = target, room
        else:
            self._copies.append((target, new))

    def _begin(self, target: str, first: Value) -> None:
        number = first.number_everywhere
        line = f"copyto({target}, {self._refs[first].name})" if number is None else f"{target}.fill({literal(number)})"
        self._first.append((line, "after the last step" if self.loop.back else "before the first step"))

    def _write(self, lines: list[Line]) -> None:
        layout, loop = self.layout, self.loop
        used = words(" ".join(line for line, _ in lines))
        mine = [ref for value, ref in self._refs.items() if value.loop is loop] + [ref for ref, _ in self._copies]
        rows = {ref.variable: f"{ref.name}{ref.part}" for ref in mine if ref.variable in used}
        layout.lines += self._first
        around = f"for _ in range({loop.steps}):"
        if rows:
            zipped = f"list(zip({', '.join(rows.values())}))" + ("[::-1]" if loop.back else "")
            steps = layout.make("backward_steps" if loop.back else "forward_steps", zipped)
            around = f"for {', '.join(rows)}{',' if len(rows) == 1 else ''} in {steps}:"
        about = f"the steps{' backwards' if loop.back else ''}{': BPTT' if layout.lines is layout.backward else ''}"
        layout.lines.append((around, about))
        layout.lines += [(f"    {line}", about) for line, about in lines or [("pass", "")]]


def _shown(value: Value) -> Value:
    """The value of which this is a view, or it itself."""
    while value.op in VIEWS:
        value = value.args[0]
    return value
