"""From columns to loops: what is carried from step to step, what stays the same, and what is read one row a step."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from .building import Builder
from .columns import Run, runs
from .gates import joined
from .recording import Entry, Leaf, Recording
from .split import Parted
from .values import ENTRYWISE, Loop, Refusal, Value
from .wording import label


class Rolled:
    """The values of a recording with its loops rolled up; ``top`` builds what stands outside of loops."""

    def __init__(self, recording: Recording) -> None:
        self.top = Builder()
        self.given: dict[Leaf, Value] = {}
        self._values: dict[Entry, Value] = {}
        self._runs = runs(recording)
        self._where = {
            entry: (run, position, k)
            for run in self._runs
            for k, column in enumerate(run.columns)
            for position, entry in enumerate(column)
        }
        self._loops: dict[Run, Parted] = {}
        self._raw: dict[Run, list[Value]] = {}
        self._read_outside: dict[Run, set[int]] = {run: set() for run in self._runs}
        users: list[tuple[Run | None, Any]] = [(None, root) for root in recording.roots]
        users += [(self._where[e][0] if e in self._where else None, a) for e in recording.entries for a in e.args]
        for run, arg in users:
            if isinstance(arg, Entry) and arg in self._where and self._where[arg][0] is not run:
                owner, position, k = self._where[arg]
                if k < owner.steps - 1:
                    self._read_outside[owner].add(position)
        for entry in recording.entries:
            if entry not in self._where:
                self.value(entry)
        self.roots = [self.value(root) for root in recording.roots]

    @property
    def loops(self) -> list[int]:
        """How many steps each loop has."""
        return [run.steps for run in self._runs]

    def value(self, source: Any) -> Any:
        """The value of something recorded, outside of loops; numbers stay."""
        if isinstance(source, Leaf):
            if source not in self.given:
                made = Value("given", source.array.shape, source.array.dtype, source=source, name=source.name)
                self.given[source] = made
            return self.given[source]
        if isinstance(source, np.ndarray):
            return self.top.constant(source)
        if not isinstance(source, Entry):
            return source.item() if isinstance(source, np.generic) else source
        if source in self._where:
            run, position, k = self._where[source]
            loop = self._loop(run)
            raw = self._raw[run][position]
            if k == run.steps - 1 and (carry := loop.carry_of(raw)) is not None:
                return loop.final(carry)
            if raw.loop is None:
                return raw
            return self.top("getitem", [loop.whole(raw)], {"index": run.steps - 1 - k if run.back else k})
        if source not in self._values:
            self._values[source] = self._operation(source)
        return self._values[source]

    def _operation(self, entry: Entry) -> Value:
        if entry.primitive.name == "stack" and all(isinstance(arg, Entry) for arg in entry.args):
            whole = self._in_front(list(entry.args))
            dim = entry.kwargs["dim"] % whole.ndim
            dims = (*range(1, dim + 1), 0, *range(dim + 1, whole.ndim))
            return whole if dim == 0 else self.top("permute", [whole], {"dims": dims}, entry.name)
        return self.top(entry.primitive, [self.value(arg) for arg in entry.args], entry.kwargs, entry.name)

    def _in_front(self, sources: list[Any]) -> Value:
        """Sources as one value with an axis more in front: what loops left as it lies, other things stacked."""
        if (whole := self._column(sources)) is not None:
            return whole
        parts: list[Value] = []
        k = 0
        while k < len(sources):
            end, made = self._stretch(sources, k)
            parts.append(made)
            k = end
        return self.top("cat", parts, {"dim": 0}) if len(parts) > 1 else parts[0]

    def _stretch(self, sources: list[Any], start: int) -> tuple[int, Value]:
        """As many of the sources as are one value of a loop at steps that follow each other, or one of them."""
        end = start + 1
        first = sources[start]
        if isinstance(first, Entry) and first in self._where and sources[start : start + 2] != [first, first]:
            run, position, k = self._where[first]
            stride = -1 if run.back else 1
            while end < len(sources) and 0 <= (at := k + (end - start) * stride) < run.steps:
                if sources[end] is not run.columns[at][position]:
                    break
                end += 1
            loop = self._loop(run)
            raw = self._raw[run][position]
            if end - start > 1 and raw.loop is not None:
                whole, begin = loop.whole(raw), run.steps - 1 - k if run.back else k
                part = slice(begin, begin + end - start)
                return end, whole if end - start == run.steps else self.top("getitem", [whole], {"index": part})
        value = self.value(first)
        return start + 1, self.top("unsqueeze", [value], {"dim": 0})

    def _column(self, sources: Any) -> Value | None:
        """The stacked value, if the sources are one value of a loop at all its steps in the order of time."""
        first = sources[0]
        if not isinstance(first, Entry) or first not in self._where:
            return None
        run, position, _ = self._where[first]
        if len(sources) != run.steps or any(a is not c[position] for a, c in zip(sources, run.in_time, strict=True)):
            return None
        raw, loop = self._raw[run][position] if run in self._loops else None, self._loop(run)
        raw = self._raw[run][position]
        return None if raw.loop is None else loop.whole(raw)

    def _loop(self, run: Run) -> Parted:
        if run not in self._loops:
            self._loops[run] = self._build(run)
        return self._loops[run]

    def _build(self, run: Run) -> Parted:
        loop, build = Loop(run.steps, run.back), Builder()
        reach = run.reach
        at = {e: (reach - k, p) for k, column in enumerate(run.columns[: reach + 1]) for p, e in enumerate(column)}
        values: list[Value] = []
        carried: dict[tuple[int, ...], Value] = {}
        nexts: dict[Value, Value | int] = {}

        def carry(position: int, firsts: tuple[Value, ...], name: str | None) -> Value:
            """What the value at ``position`` was as many steps ago as there are first values, the last one first."""
            before: Value | int = position
            for depth, first in enumerate(firsts, start=1):
                key = (position, *(each.number for each in firsts[:depth]))
                if key not in carried:
                    carried[key] = loop.carry(first, name)
                    nexts[carried[key]] = before
                before = carried[key]
            return carried[position, *(each.number for each in firsts)]

        for position, entry in enumerate(run.columns[reach]):
            args: list[Any] = []
            for place, arg in enumerate(entry.args):
                distance, where = at[arg] if isinstance(arg, Entry) and arg in at else (-1, -1)
                if distance == 0:
                    args.append(values[where])
                elif distance > 0:
                    early = [column[position].args[place] for column in run.columns[:distance]]
                    firsts = tuple(self._start(each, arg) for each in reversed(early))
                    args.append(carry(where, firsts, arg.name))
                else:
                    args.append(self._each(loop, [column[position].args[place] for column in run.in_time], entry))
            values.append(self._step_of(run, loop, build, position, entry, args))
        values = joined(build, values)
        for value in values:  # what goes into a gate is called after it
            for arg in value.args if value.name and value.op in ENTRYWISE else ():
                if isinstance(arg, Value) and arg.op == "getitem" and arg.name is None and arg.loop is loop:
                    arg.name = f"{label(arg.args[0])}_{value.name}"
        for each in loop.carries:
            following = nexts[each[0]]
            each[2] = following if isinstance(following, Value) else values[following]
        self._raw[run] = values
        return Parted(self.top, loop, {values[position] for position in self._read_outside[run]})

    def _start(self, source: Any, like: Entry) -> Value:
        """What a state is before the first step, in its shape."""
        start = self.value(source)
        start = start if isinstance(start, Value) else self.top.full(like.array.shape, like.array.dtype, start)
        return (
            start if start.shape == like.array.shape else self.top("broadcast_to", [start], {"shape": like.array.shape})
        )

    def _step_of(
        self, run: Run, loop: Loop, build: Builder, position: int, entry: Entry, args: list[Any]
    ) -> Value:  # fmt: skip
        kwargs = entry.kwargs
        if entry.primitive.name == "getitem":
            indices = [column[position].kwargs["index"] for column in run.in_time]
            if any(repr(index) != repr(indices[0]) for index in indices):
                if args[0].loop is not None:
                    raise Refusal("a value of a step is read at a place that changes from step to step")
                return self._read(loop, args[0], indices, entry.name)
        inside = any(isinstance(arg, Value) and arg.loop is loop for arg in args)
        return (build if inside else self.top)(entry.primitive, args, kwargs, entry.name)

    def _each(self, loop: Loop, sources: list[Any], entry: Entry) -> Any:
        """One argument of all steps: the same value, one row a step of a stacked one, or numbers that differ."""
        if all(source is sources[0] for source in sources):
            return self.value(sources[0])
        if (whole := self._column(sources)) is not None:
            return loop.row(whole)
        if all(isinstance(source, Leaf) and source.node is None and source.position is True for source in sources):
            stacked = Leaf(np.stack([source.array for source in sources]), position=True)  # one argument, not many
            return loop.row(self.value(stacked))
        values = [self.value(source) for source in sources]
        if all(isinstance(value, Value) for value in values):
            if all(value is values[0] for value in values):
                return values[0]
            if all(isinstance(value.source, np.ndarray) for value in values):
                return loop.row(self.top.constant(np.stack([value.source for value in values]), values[0].name))
            return loop.row(self._in_front(sources))
        if all(isinstance(value, Value) or value == values[0] for value in values) and not isinstance(values[0], Value):
            return values[0]
        if any(isinstance(value, Value) for value in values):
            raise Refusal("an argument is a tensor in some steps and a number in others")
        return loop.row(self.top.constant(np.array(values, entry.array.dtype)))

    def _read(self, loop: Loop, x: Value, indices: list[Any], name: str | None) -> Value:
        """x[t] for t in order: one axis of x in front, of it the part that is read, and of that one row a step."""
        parts = [index if isinstance(index, tuple) else (index,) for index in indices]
        varying = [k for k, part in enumerate(parts[0]) if any(repr(each[k]) != repr(part) for each in parts)]
        fixed = all(part == slice(None) for each in parts for k, part in enumerate(each) if k not in varying)
        if len(varying) != 1 or not fixed:
            raise Refusal(f"steps read at places that are no simple sequence: {indices[:3]}")
        axis = varying[0]
        items = [part[axis] for part in parts]
        single = all(isinstance(item, slice) and item.stop == (item.start or 0) + 1 for item in items)
        places = [(item.start or 0) if single else item for item in items]
        if not all(isinstance(place, int) for place in places):
            raise Refusal(f"steps read at places that are no simple sequence: {indices[:3]}")
        places = [place % x.shape[axis] for place in places]
        stride = places[1] - places[0]
        if stride == 0 or any(b - a != stride for a, b in pairwise(places)):
            raise Refusal(f"steps read at places that are no simple sequence: {places[:3]}")
        moved = (axis, *(k for k in range(x.ndim) if k != axis))
        y = x if axis == 0 else self.top("permute", [x], {"dims": moved})
        if places != list(range(y.shape[0])):
            end = places[-1] + stride
            y = self.top("getitem", [y], {"index": slice(places[0], None if end < 0 else end, stride)})
        if single:
            y = self.top("unsqueeze", [y], {"dim": 1 + axis})
        if y.name is None:
            y.name = x.name or name
        return loop.row(y)
