"""Gates side by side: what does the same with neighbouring blocks of the same values is done once, to both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .building import Builder
from .values import ENTRYWISE, Value
from .wording import label

_Block = tuple[tuple[Value, ...], int, int]


def _block(value: Value) -> _Block | None:
    """(sources, start, stop) if all arguments are the columns from start to stop of sources of one width."""
    if value.op not in ENTRYWISE or not value.args:
        return None
    spans = set()
    sources = []
    for arg in value.args:
        if not isinstance(arg, Value) or arg.op != "getitem":
            return None
        source, index = arg.args[0], arg.kwargs["index"]
        index = index if isinstance(index, tuple) else (index,)
        if len(index) != source.ndim or not all(part == slice(None) for part in index[:-1]):
            return None
        if not isinstance(index[-1], slice) or index[-1].step not in (None, 1) or source.loop is None:
            return None
        spans.add((*index[-1].indices(source.shape[-1])[:2], source.shape))
        sources.append(source)
    if len(spans) != 1:
        return None
    start, stop, _ = spans.pop()
    return tuple(sources), start, stop


def _columns(value: Value, start: int, stop: int) -> dict[str, Any]:
    return {"index": (*(slice(None),) * (value.ndim - 1), slice(start, stop))}


def _neighbours(values: Sequence[Value]) -> list[tuple[Value, _Block]]:
    """The first row of at least two values that do the same with blocks that lie side by side."""
    groups: dict[Any, list[tuple[Value, _Block]]] = {}
    for value in values:
        if (block := _block(value)) is not None:
            groups.setdefault((value.primitive, block[0], repr(value.kwargs)), []).append((value, block))
    for group in groups.values():
        row: list[tuple[Value, _Block]] = []
        for each in sorted(group, key=lambda pair: pair[1][1]):
            if row and row[-1][1][2] == each[1][1]:
                row.append(each)
            elif len(row) > 1:
                break
            else:
                row = [each]
        if len(row) > 1:
            return row
    return []


def joined(build: Builder, values: list[Value]) -> list[Value]:
    """The same values, arguments first, with neighbouring blocks computed at once."""
    while row := _neighbours([value for value in values if value.kind == "op"]):
        first, (sources, start, _) = row[0]
        stop = row[-1][1][2]
        names = [value.name for value, _ in row]
        name = "_".join(each for each in names if each) if all(names) else None
        called = [f"{label(source)}_{name}" if name else None for source in sources]
        blocks = [
            build("getitem", [source], _columns(source, start, stop), each)
            for source, each in zip(sources, called, strict=True)
        ]
        whole = [s if (start, stop) == (0, s.shape[-1]) else b for s, b in zip(sources, blocks, strict=True)]
        both = build(first.primitive, whole, first.kwargs, name)
        new = {}
        for value, (_, left, right) in row:
            new[value] = build("getitem", [both], _columns(both, left - start, right - start), value.name)
        for value in values:
            if (
                value.kind == "op"
                and value not in new
                and any(isinstance(arg, Value) and arg in new for arg in value.args)
            ):
                args = [new.get(arg, arg) if isinstance(arg, Value) else arg for arg in value.args]
                new[value] = build(value.primitive, args, value.kwargs, value.name)
        values = [new.get(value, value) for value in values]
    return values
