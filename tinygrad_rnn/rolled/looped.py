"""From columns to loops: what is carried from step to step, what stays the same, and what is read one row a step."""

from __future__ import annotations

from collections.abc import Sequence
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

_FEW = 8  # so many steps may be written one by one


class Rolled:
    """The values of a recording with the loops ``found`` in it rolled up; ``top`` builds what stands outside of loops.

    Attributes:
        given: the values of the leaves.
        roots: the values of the results.
        loops: how many steps each loop has.
    """

    def __init__(
        self, recording: Recording, found: Sequence[Run], *, large: bool | None = None, exact: bool = False
    ) -> None:
        self.top, self._large, self._exact = Builder(), large, exact
        self.given: dict[Leaf, Value] = {}
        self._values: dict[Entry, Value] = {}
        self._loops: dict[Run, Parted] = {}
        self._begun: set[Run] = set()
        self.loops = [run.steps for run in found]
        self._where = {
            entry: (run, position, k)
            for run in found
            for k, column in enumerate(run.columns)
            for position, entry in enumerate(column)
        }
        self._read_outside: set[tuple[Run, int]] = set()  # not only of the last step
        uses = [(None, root) for root in recording.roots] + [(e, arg) for e in recording.entries for arg in e.args]
        for user, arg in uses:
            if isinstance(arg, Entry) and arg in self._where:
                run, position, k = self._where[arg]
                if k < run.last and (user not in self._where or self._where[user][0] is not run):
                    self._read_outside.add((run, position))
        for entry in recording.entries:
            if entry not in self._where:
                self.value(entry)
        self.roots = [self.value(root) for root in recording.roots]

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
            raw = loop.values[position]
            if k == run.last and (carry := loop.carry_of(raw)) is not None:
                return loop.final(carry)
            if raw.loop is None:
                return raw
            if run.steps > len(run.columns):
                raise Refusal("a single step of a layer is read")
            return self.top("getitem", [loop.whole(raw)], {"index": run.last - k if run.back else k})
        if source not in self._values:
            self._values[source] = made = self._operation(source)
            if made.shape != (source.shape or made.shape):
                raise Refusal("a few steps of a layer do not tell what all of them give")
        return self._values[source]

    def _operation(self, entry: Entry) -> Value:
        if entry.primitive.name == "stack" and all(isinstance(arg, Entry) for arg in entry.args):
            whole = self._in_front(entry.args)
            dim = entry.kwargs["dim"] % whole.ndim
            dims = (*range(1, dim + 1), 0, *range(dim + 1, whole.ndim))
            return whole if dim == 0 else self.top("permute", [whole], {"dims": dims}, entry.name)
        return self.top(entry.primitive, [self.value(arg) for arg in entry.args], entry.kwargs, entry.name)

    def _in_front(self, sources: Sequence[Any]) -> Value:
        """Sources as one value with an axis more in front: what loops left as it lies, other things stacked."""
        parts: list[Value] = []
        start = 0
        while start < len(sources):
            count, part = self._stretch(sources[start:])
            start += count
            parts.append(part)
        return self.top("cat", parts, {"dim": 0}) if len(parts) > 1 else parts[0]

    def _stretch(self, sources: Sequence[Any]) -> tuple[int, Value]:
        """As many of the first sources as are one value of a loop at steps that follow each other, or one of them."""
        first = sources[0]
        if isinstance(first, Entry) and first in self._where:
            run, position, k = self._where[first]
            begin, count = run.last - k if run.back else k, 0
            for source, column in zip(sources, run.in_time[begin:], strict=False):
                if source is not column[position]:
                    break
                count += 1
            raw = self._loop(run).values[position]
            if count > 1 and raw.loop is not None:
                whole = self._loop(run).whole(raw)
                if count > run.last:
                    return count, whole
                if run.steps == len(run.columns):
                    return count, self.top("getitem", [whole], {"index": slice(begin, begin + count)})
        return 1, self.top("unsqueeze", [self.value(first)], {"dim": 0})

    def _loop(self, run: Run) -> Parted:
        if run not in self._loops:
            try:
                if run in self._begun:
                    raise Refusal("a loop reads what another one makes of its own steps")
                self._begun.add(run)
                self._loops[run] = self._build(run)
            except Refusal as reason:
                reason.run = reason.run or run
                raise
        return self._loops[run]

    def _build(self, run: Run) -> Parted:
        loop, build, reach = Loop(run.steps, run.back, self._large), Builder(), run.reach
        at = {e: (reach - k, p) for k, column in enumerate(run.columns[: reach + 1]) for p, e in enumerate(column)}
        values: list[Value] = []
        carried: dict[Any, Value] = {}
        nexts: dict[Value, Value | int] = {}

        def carry(position: int, firsts: tuple[Value, ...], name: str | None) -> Value | int:
            """What the value at ``position`` was as many steps ago as there are first values, the last one first."""
            before: Value | int = position
            for n, first in enumerate(firsts, start=1):
                key = position, firsts[:n]
                if key not in carried:
                    carried[key] = loop.carry(first, name)
                    nexts[carried[key]] = before
                before = carried[key]
            return before

        for position, entry in enumerate(run.columns[reach]):
            args: list[Any] = []
            for place, arg in enumerate(entry.args):
                distance, where = at[arg] if isinstance(arg, Entry) and arg in at else (-1, -1)
                each = [column[position].args[place] for column in run.columns]
                if distance == 0:
                    args.append(values[where])
                elif distance > 0:
                    firsts = tuple(self._start(early, arg) for early in reversed(each[:distance]))
                    args.append(carry(where, firsts, arg.name))
                else:
                    args.append(self._each(loop, each[::-1] if run.back else each, entry))
            indices = [column[position].kwargs.get("index") for column in run.in_time]
            if entry.primitive.name == "getitem" and any(repr(index) != repr(indices[0]) for index in indices):
                values.append(self._rows(loop, args[0], indices, entry.name))
            else:
                inside = any(isinstance(arg, Value) and arg.loop is loop for arg in args)
                values.append((build if inside else self.top)(entry.primitive, args, entry.kwargs, entry.name))
        values = joined(build, values)
        for value in values:  # what goes into a gate is called after it
            for arg in value.args if value.name and value.op in ENTRYWISE else ():
                if isinstance(arg, Value) and arg.op == "getitem" and arg.name is None and arg.loop is loop:
                    arg.name = f"{label(arg.args[0])}_{value.name}"
        for state in loop.carries:
            following = nexts[state[0]]
            state[2] = following if isinstance(following, Value) else values[following]
        return Parted(
            self.top,
            loop,
            values,
            {v for k, v in enumerate(values) if (run, k) in self._read_outside},
            self._exact,
        )

    def _start(self, source: Any, like: Entry) -> Value:
        """What a state is before the first step, in its shape."""
        start, shape = self.value(source), like.array.shape
        if not isinstance(start, Value):
            return self.top.full(shape, like.array.dtype, start)
        return self.top("broadcast_to", [start], {"shape": shape})

    def _each(self, loop: Loop, sources: list[Any], entry: Entry) -> Any:
        """One argument of all steps: the same value, one row a step of a stacked one, or numbers that differ."""
        if all(source is sources[0] for source in sources):
            return self.value(sources[0])
        if all(isinstance(source, Entry) and source in self._where for source in sources[:1]):
            count, whole = self._stretch(sources)
            if count == len(sources) and whole.shape[0] == loop.steps:
                return loop.row(whole)
        if len(sources) < loop.steps:
            raise Refusal("a few steps of a layer do not tell what the others read")
        if all(isinstance(source, Leaf) and source.node is None and source.position is not None for source in sources):
            stacked = Leaf(np.stack([source.array for source in sources]), None, sources[0].position, sources[0].name)
            stacked.rows = [source.position for source in sources]  # one argument, not many
            return loop.row(self.value(stacked))
        values = [self.value(source) for source in sources]
        tensors = [value for value in values if isinstance(value, Value)]
        if all(value == values[0] for value in values):
            return values[0]
        if not tensors:
            like = [entry.array] if entry.array.dtype.kind != "b" else [getattr(a, "array", a) for a in entry.args]
            return loop.row(self.top.constant(np.array(values, np.result_type(*like, *values))))
        if len(tensors) < len(values):
            raise Refusal("an argument is a tensor in some steps and a number in others")
        if any(value.shape != tensors[0].shape for value in tensors):
            raise Refusal("an argument has another shape in some steps")
        if all(isinstance(value.source, np.ndarray) for value in tensors):
            return loop.row(self.top.constant(np.stack([value.source for value in tensors]), tensors[0].name))
        return loop.row(self._in_front(sources))

    def _rows(self, loop: Loop, x: Value, indices: list[Any], name: str | None) -> Value:
        """x[t] for t in order: one axis of x in front, of it the part that is read, and of that one row a step."""
        if x.loop is not None:
            raise Refusal("a value of a step is read at a place that changes from step to step")
        parts = [index if isinstance(index, tuple) else (index,) for index in indices]
        axes = [k for k, part in enumerate(parts[0]) if any(repr(each[k]) != repr(part) for each in parts)]
        axis = axes[0]
        items = [part[axis] for part in parts]
        single = all(isinstance(item, slice) and item.stop == (item.start or 0) + 1 for item in items)
        places = [(item.start or 0) if single else item for item in items]
        others = {repr(part) for k, part in enumerate(parts[0]) if k != axis} - {repr(slice(None))}
        known = not axes[1:] and not others and all(isinstance(place, int) for place in places)
        places = [place % x.shape[axis] for place in places] if known else []
        strides = {after - before for before, after in pairwise(places)}
        if len(strides) != 1 or strides == {0}:
            raise Refusal(f"steps read at places that are no simple sequence: {indices[:3]}")
        stride = strides.pop()
        if len(places) < loop.steps and (stride != 1 or places[0] or x.shape[axis] != loop.steps):
            raise Refusal("a few steps of a layer do not tell where the others read")
        places = list(range(places[0], places[0] + stride * loop.steps, stride))
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


def rolled(recording: Recording, large: bool | None = None) -> Rolled:
    """The recording with all its loops rolled up but short ones that cannot be: these stay as they were done.

    Raises:
        Refusal: if there is another that cannot.
    """
    found = runs(recording)
    while True:
        try:
            return Rolled(recording, found, large=large)
        except Refusal as reason:
            if reason.run is None or reason.run.steps > _FEW:
                raise
            found.remove(reason.run)
