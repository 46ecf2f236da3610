"""From columns to loops: what is carried from step to step, what stays the same, and what is read one row a step."""

from __future__ import annotations

from typing import Any

import numpy as np

from .columns import Run, runs
from .recording import Entry, Leaf, Recording
from .gates import joined
from .split import Parted
from .values import Builder, Loop, Refusal, Value


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
        if entry.primitive.name == "stack" and (whole := self._column(entry.args)) is not None:
            dim = entry.kwargs["dim"] % (whole.ndim or 1)
            dims = (*range(1, dim + 1), 0, *range(dim + 1, whole.ndim))
            return whole if dim == 0 else self.top("permute", [whole], {"dims": dims}, entry.name)
        return self.top(entry.primitive, [self.value(arg) for arg in entry.args], entry.kwargs, entry.name)

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
        first, second = run.columns[0], run.columns[1]
        now = {entry: position for position, entry in enumerate(second)}
        last = {entry: position for position, entry in enumerate(first)}
        values: list[Value] = []
        carried: dict[tuple[int, Any], Value] = {}
        for position, entry in enumerate(second):
            args: list[Any] = []
            for place, arg in enumerate(entry.args):
                if isinstance(arg, Entry) and arg in now:
                    args.append(values[now[arg]])
                elif isinstance(arg, Entry) and arg in last:
                    start = self.value(first[position].args[place])
                    start = start if isinstance(start, Value) else self.top.full(arg.array.shape, arg.array.dtype, start)
                    if start.shape != arg.array.shape:
                        start = self.top("broadcast_to", [start], {"shape": arg.array.shape})
                    key = last[arg], start
                    if key not in carried:
                        carried[key] = loop.carry(start, arg.name)
                    args.append(carried[key])
                else:
                    args.append(self._each(loop, [column[position].args[place] for column in run.in_time], entry))
            values.append(self._step_of(run, loop, build, position, entry, args))
        values = joined(build, values)
        for (position, _), carry in carried.items():
            next(each for each in loop.carries if each[0] is carry)[2] = values[position]
        self._raw[run] = values
        return Parted(self.top, loop, {values[position] for position in self._read_outside[run]})

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
        values = [self.value(source) for source in sources]
        if all(isinstance(value, Value) for value in values):
            if all(value is values[0] for value in values):
                return values[0]
            if all(isinstance(value.source, np.ndarray) for value in values):
                return loop.row(self.top.constant(np.stack([value.source for value in values]), values[0].name))
            return loop.row(self.top("stack", values, {"dim": 0}, values[0].name))
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
        if stride == 0 or any(b - a != stride for a, b in zip(places, places[1:], strict=False)):
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
