"""Where the loops are: operations in columns, one for each step, and the longest runs of columns that do the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..engine.scope import Place
from .recording import Entry, Recording
from .values import Refusal

Column = list[Entry]
OUTSIDE = (-1, -1)
LEAST = 3  # so many equal steps make a loop
_FAR = 8  # so many steps back a state may lie
_LONGEST = 256  # so many operations has a step of a loop without marks


class Run:
    """Equal columns in the order in which they were computed, which look ``reach`` steps back.

    ``back`` says that they were computed from the last step to the first. Of a layer they are a few of its steps.
    """

    def __init__(self, columns: list[Column], reach: int, back: bool) -> None:
        self.columns, self.reach, self.back, self.last = columns, max(1, reach), back, len(columns) - 1
        self.steps = columns[0][0].steps or len(columns)
        self.in_time = columns[::-1] if back else columns


def _step(place: Place) -> Place | None:
    """The innermost time step around a place."""
    here: Place | None = place
    while here is not None and here.step is None:
        here = here.parent
    return here


def runs(recording: Recording) -> list[Run]:
    """All loops of the recording: first those over marked steps, then one over what is repeated without marks."""
    marked: dict[Place, Column] = {}
    loose: Column = []
    for entry in recording.entries:
        place = _step(entry.place)
        (loose if place is None else marked.setdefault(place, [])).append(entry)
    sequences: list[list[Place]] = []
    latest: dict[Place | None, list[Place]] = {}
    for place in marked:
        row = latest.get(place.parent, [])
        if {(b.step or 0) - (a.step or 0) for a, b in pairwise([*row[-2:], place])} in ({1}, {-1}):
            row.append(place)
        else:
            latest[place.parent] = [place]
            sequences.append(latest[place.parent])
    found = []
    for row in sequences:
        back = len(row) > 1 and (row[1].step or 0) < (row[0].step or 0)
        found += _equal([marked[place] for place in row], back)
    return found + _equal(_periodic(loose), False)


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
            lines.append((*_does(entry), sources))
        found.append(lines)
    return found


def _does(entry: Entry) -> tuple[Any, ...]:
    """The operation, its options, the shape of its result, and of what it joins: that may differ all the same."""
    if entry.does is None:
        name, options = entry.primitive.name, entry.kwargs
        if "index" in options and name != "put":
            options = {word: each for word, each in options.items() if word != "index"}
        parts = tuple(getattr(arg, "array", arg).shape for arg in entry.args) if name in ("cat", "stack") else ()
        entry.does = id(entry.primitive), repr(options) if options else "", entry.array.shape, parts
    return entry.does  # type: ignore[no-any-return]


def _same(one: list[Any], two: list[Any], depth: int) -> bool:
    """Whether the column ``depth`` steps after the first does the same as the one before it.

    Early steps take from outside what later ones take from so many steps before them.
    """

    def seen(sources: list[Any]) -> list[Any]:
        return [each if each[0] < depth else OUTSIDE for each in sources]

    return len(one) == len(two) and all(
        a[:-1] == b[:-1] and seen(a[-1]) == seen(b[-1]) for a, b in zip(one, two, strict=True)
    )


def _equal(columns: list[Column], back: bool) -> list[Run]:
    lines = _described(columns)
    found, start = [], 0
    while start < len(columns):
        end = start + 1
        while end < len(columns) and _same(lines[end - 1], lines[end], end - start):
            end += 1
        if columns[start][0].steps and end - start < len(columns):
            raise Refusal("the steps of a layer differ")
        reach = max((far for *_, sources in lines[end - 1] for far, _ in sources if far < end - start), default=0)
        if end - start >= max(LEAST, reach + 2):
            found.append(Run(columns[start:end], reach, back))
        start = end
    return found


def _periodic(entries: Column) -> list[Column]:
    """The columns of a loop whose steps nobody marked: what is repeated, with arguments at the same distance."""
    at = {id(entry): k for k, entry in enumerate(entries)}
    known: dict[Any, int] = {}
    signs = []
    for k, entry in enumerate(entries):
        far = tuple(k - at[id(arg)] if isinstance(arg, Entry) and id(arg) in at else -1 for arg in entry.args)
        signs.append(known.setdefault((*_does(entry), far), len(known)))
    codes = np.asarray(signs)
    length = start = period = 0
    for turn in range(1, min(_LONGEST, len(codes) // LEAST) + 1):
        equal = np.concatenate([[False], codes[turn:] == codes[:-turn], [False]])
        starts, ends = np.flatnonzero(np.diff(equal)).reshape(-1, 2).T
        longest = int((ends - starts).argmax()) if len(starts) else 0
        if len(starts) and ends[longest] - starts[longest] >= max((LEAST - 1) * turn, length + 1):
            length, start, period = int(ends[longest] - starts[longest]), int(starts[longest]), turn
    if not length:
        return []

    def worth(first: int) -> tuple[int, int]:
        """How many of the next five turns are equal, and what is carried between them."""
        stop = min(first + 5 * period, len(entries) + 1 - period)
        loops = _equal([entries[k : k + period] for k in range(first, stop, period)], False)
        if not loops or loops[0].columns[0][0] is not entries[first]:
            return 0, 0
        *_, before, last = loops[0].columns
        left = set(map(id, before))
        return loops[0].steps, -len({id(arg) for entry in last for arg in entry.args if id(arg) in left})

    # Any place in the turn could be its beginning: the one that makes the longest loop, with the least to carry.
    best = max(range(max(0, start - period), start + 1), key=worth)
    return [entries[k : k + period] for k in range(best, len(entries) - period + 1, period)]
