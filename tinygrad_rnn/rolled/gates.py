"""Gates side by side: what does the same with neighbouring blocks of the same values is done once, to both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .building import Builder
from .values import ENTRYWISE, Value
from .wording import label


class _Block(NamedTuple):
    """A value whose arguments are numbers, or columns from ``start`` to ``stop`` of ``sources`` of one width."""

    start: int
    stop: int
    sources: tuple[Any, ...]
    value: Value


def _columns(value: Value, start: int, stop: int) -> dict[str, Any]:
    return {"index": (*(slice(None),) * (value.ndim - 1), slice(start, stop))}


def _block(value: Value) -> _Block | None:
    spans = set()
    for arg in value.args if value.op in ENTRYWISE else ():
        if not isinstance(arg, Value):
            continue
        if arg.op != "getitem" or arg.args[0].loop is not value.loop:
            return None
        source, index = arg.args[0], arg.kwargs["index"]
        *others, last = index if isinstance(index, tuple) else (index,)
        if others != [slice(None)] * (source.ndim - 1) or not isinstance(last, slice) or last.step not in (None, 1):
            return None
        spans.add((*last.indices(source.shape[-1])[:2], source.shape))
    if len(spans) != 1:
        return None
    ((start, stop, _),) = spans
    return _Block(start, stop, tuple(arg.args[0] if isinstance(arg, Value) else arg for arg in value.args), value)


def _neighbours(values: Sequence[Value]) -> list[_Block]:
    """The first row of at least two values that do the same with blocks that lie side by side."""
    groups: dict[Any, list[_Block]] = {}
    for value in values:
        if (block := _block(value)) is not None:
            groups.setdefault((value.primitive, block.sources, repr(value.kwargs)), []).append(block)
    for group in groups.values():
        rows: list[list[_Block]] = []
        for block in sorted(group, key=lambda block: block.start):
            if not rows or rows[-1][-1].stop != block.start:
                rows.append([])
            rows[-1].append(block)
        for row in rows:
            if len(row) > 1:
                return row
    return []


def joined(build: Builder, values: list[Value]) -> list[Value]:
    """The same values, arguments first, with neighbouring blocks computed at once."""
    while row := _neighbours([value for value in values if value.kind == "op"]):
        start, stop, first = row[0].start, row[-1].stop, row[0].value
        names = [block.value.name or "" for block in row]
        name = "_".join(names) if all(names) else None
        wholes = []
        for source in row[0].sources:
            if not isinstance(source, Value):
                wholes.append(source)
                continue
            part = build(
                "getitem", [source], _columns(source, start, stop), f"{label(source)}_{name}" if name else None
            )
            wholes.append(source if (start, stop) == (0, source.shape[-1]) else part)
        both = build(first.primitive, wholes, first.kwargs, name)
        new: dict[Any, Value] = {}
        for block in row:
            place = _columns(both, block.start - start, block.stop - start)
            new[block.value] = build("getitem", [both], place, block.value.name)
        for value in values:
            if value not in new and any(arg in new for arg in value.args):
                args = [new.get(arg, arg) for arg in value.args]
                new[value] = build(value.primitive, args, value.kwargs, value.name)
        values = [new.get(value, value) for value in values]
    return values
