"""Where the loops are: operations in columns, one for each step, and the longest runs of columns that do the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.scope import Place
from .recording import Entry, Recording

Column = list[Entry]
LEAST = 3  # so many equal steps make a loop
_LONGEST = 256  # so many operations has a step of a loop without marks


class Run:
    """Equal columns in the order in which they were computed; ``back`` if that was from the last step to the first."""

    def __init__(self, columns: list[Column], back: bool) -> None:
        self.columns, self.back, self.steps = columns, back, len(columns)
        self.in_time = columns[::-1] if back else columns


def _step(place: Place) -> Place | None:
    """The innermost time step around a place."""
    here: Place | None = place
    while here is not None and here.step is None:
        here = here.parent
    return here


def runs(recording: Recording) -> list[Run]:
    """All loops of the recording."""
    marked: dict[int, tuple[Place, Column]] = {}
    sequences: list[list[tuple[Place, Column]]] = []
    open_: dict[Any, list[tuple[Place, Column]]] = {}
    loose: Column = []
    for entry in recording.entries:
        place = _step(entry.place)
        if place is None or place.step is None:
            loose.append(entry)
            continue
        if id(place) not in marked:
            marked[id(place)] = made = (place, [])
            around = id(place.parent)
            row = open_.get(around, [])
            stride = place.step - (row[-1][0].step or 0) if row else 0
            if abs(stride) == 1 and (len(row) < 2 or (row[-1][0].step or 0) - (row[-2][0].step or 0) == stride):
                row.append(made)
            else:
                open_[around] = [made]
                sequences.append(open_[around])
        marked[id(place)][1].append(entry)
    found = []
    for row in sequences:
        back = len(row) > 1 and (row[1][0].step or 0) < (row[0][0].step or 0)
        found += [Run(columns, back) for columns in _equal([column for _, column in row])]
    return found + [Run(columns, False) for columns in _equal(_periodic(loose))]


def _described(columns: Sequence[Column]) -> list[list[Any]]:
    """What every column does, so that equal ones are equal: operations, and of each argument where it is from."""
    at = {id(entry): (k, p) for k, column in enumerate(columns) for p, entry in enumerate(column)}
    found = []
    for k, column in enumerate(columns):
        lines = []
        for entry in column:
            sources: list[Any] = []
            for arg in entry.args:
                where = at.get(id(arg)) if isinstance(arg, Entry) else None
                sources.append("outside" if where is None or where[0] > k else (k - where[0], where[1]))
            lines.append((entry.primitive, _options(entry), entry.array.shape, sources))
        found.append(lines)
    return found


def _options(entry: Entry) -> str:
    return repr({word: each for word, each in entry.kwargs.items() if word != "index" or entry.primitive.name == "put"})


def _same(one: list[Any], two: list[Any], first: bool) -> bool:
    """Whether two columns do the same; the ``first`` step takes from outside what later ones take from the last."""
    return len(one) == len(two) and all(
        a[0] is b[0] and a[1] == b[1] and a[2] == b[2] and len(a[3]) == len(b[3])
        and all(x == y or (first and x == "outside" and y[0] == 1) for x, y in zip(a[3], b[3], strict=True))
        for a, b in zip(one, two, strict=True)
    )  # fmt: skip


def _equal(columns: list[Column]) -> list[list[Column]]:
    lines = _described(columns)
    found, start = [], 0
    while start < len(columns):
        # What the first step takes from a step before is the start of what is carried.
        begin = [(*line[:3], ["outside" if x != "outside" and x[0] >= 1 else x for x in line[3]]) for line in lines[start]]
        end = start + 1
        while end < len(columns) and _same(begin if end == start + 1 else lines[end - 1], lines[end], end == start + 1):
            end += 1
        far = any(
            x != "outside" and x[0] > 1 for line in lines[start + 1 : end] for _, _, _, sources in line for x in sources
        )
        if end - start >= LEAST and not far:
            found.append(columns[start:end])
        start = end
    return found


def _periodic(entries: Column) -> list[Column]:
    """The columns of a loop whose steps nobody marked: what is repeated, with arguments at the same distance."""
    at = {id(entry): k for k, entry in enumerate(entries)}
    known: dict[Any, int] = {}
    signs = []
    for k, entry in enumerate(entries):
        far = tuple(k - at[id(arg)] if isinstance(arg, Entry) and id(arg) in at else -1 for arg in entry.args)
        signs.append(known.setdefault((id(entry.primitive), _options(entry), entry.array.shape, far), len(known)))
    codes = np.asarray(signs)
    best = (0, 0, 0)
    for period in range(1, min(_LONGEST, len(codes) // LEAST) + 1):
        equal = np.concatenate([[False], codes[period:] == codes[:-period], [False]]).astype(np.int8)
        edges = np.diff(equal)
        starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        if len(starts) and (longest := int((ends - starts).argmax())) >= 0:
            length = int(ends[longest] - starts[longest])
            if length >= (LEAST - 1) * period and length > best[0]:
                best = (length, int(starts[longest]), period)
    length, start, period = best
    if not length:
        return []
    start = max(start - period, start % period) if start >= period else start
    columns = [entries[k : k + period] for k in range(start, len(entries) - period + 1, period)]
    return columns
