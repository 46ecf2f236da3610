"""Where the loops are: operations in columns, one for each step, and the longest runs of columns that do the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.scope import Place
from .recording import Entry, Recording

Column = list[Entry]
OUTSIDE = (-1, -1)
LEAST = 3  # so many equal steps make a loop
_FAR = 8  # so many steps back a state may lie
_LONGEST = 256  # so many operations has a step of a loop without marks


class Run:
    """Equal columns in the order in which they were computed; ``back`` if that was from the last step to the first."""

    def __init__(self, columns: list[Column], back: bool) -> None:
        self.columns, self.back, self.steps = columns, back, len(columns)
        self.in_time = columns[::-1] if back else columns
        at = {id(entry): k for k, column in enumerate(columns) for entry in column}
        last = columns[-1]
        distances = [self.steps - 1 - at[id(arg)] for e in last for arg in e.args if id(arg) in at]
        self.reach = max([1, *(each for each in distances if each <= _FAR)])  # how many steps back a step looks


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
            made: tuple[Place, Column] = (place, [])
            marked[id(place)] = made
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
                sources.append(OUTSIDE if where is None or k - where[0] > _FAR else (k - where[0], where[1]))
            lines.append((id(entry.primitive), _options(entry), entry.array.shape, sources))
        found.append(lines)
    return found


def _options(entry: Entry) -> str:
    return repr({word: each for word, each in entry.kwargs.items() if word != "index" or entry.primitive.name == "put"})


def _same(one: list[Any], two: list[Any], depth: int) -> bool:
    """Whether the column ``depth`` steps after the first does the same as the one before it.

    Early steps take from outside what later ones take from so many steps before them.
    """
    return len(one) == len(two) and all(
        a[:3] == b[:3] and len(a[3]) == len(b[3])
        and all(x == y or (x == OUTSIDE and y[0] == depth) for x, y in zip(a[3], b[3], strict=True))
        for a, b in zip(one, two, strict=True)
    )  # fmt: skip


def _within(lines: list[Any], depth: int) -> list[Any]:
    """A column as it looks if its loop began ``depth`` steps before it."""
    return [(*line[:3], [x if x != OUTSIDE and x[0] <= depth else OUTSIDE for x in line[3]]) for line in lines]


def _equal(columns: list[Column]) -> list[list[Column]]:
    lines = _described(columns)
    found, start = [], 0
    while start < len(columns):
        before, end = _within(lines[start], 0), start + 1
        while end < len(columns):
            depth = end - start
            now = _within(lines[end], depth)
            if not _same(before, now, depth):
                break
            before, end = now, end + 1
        reach = max((x[0] for line in before for x in line[3] if x != OUTSIDE), default=0)
        if end - start >= max(LEAST, reach + 2):
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
    # Any place in the step could be its beginning: the one that makes the longest loop, with the least to carry.
    best_start = max(range(max(0, start - period), start + 1), key=lambda k: _worth(entries, k, period))
    return [entries[k : k + period] for k in range(best_start, len(entries) - period + 1, period)]


def _worth(entries: Column, start: int, period: int) -> tuple[int, int]:
    columns = [
        entries[k : k + period] for k in range(start, min(start + 5 * period, len(entries) + 1 - period), period)
    ]
    loops = _equal(columns)
    if not loops or loops[0][0] is not columns[0]:
        return 0, 0
    run = Run(loops[0], False)
    before, last = set(map(id, run.columns[-2])), run.columns[-1]
    return run.steps, -len({id(arg) for entry in last for arg in entry.args if id(arg) in before})
