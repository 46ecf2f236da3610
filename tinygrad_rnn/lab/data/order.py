"""In which order the rows of a table stand, told by every column that reads as dates or is named as time."""

import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Columns, plain_name
from .dates import (
    CLOCK,
    FORMS,
    ISO,
    LAST,
    LENGTH,
    RARE,
    WEEKDAY,
    WITHOUT_YEAR,
    counted,
    forms_of,
    misfits,
    seconds,
    typed,
)
from .files import DataError, shown
from .numerals import PLAIN, Form, numbers
from .table import ROWS_AT_ONCE, Block

Keys = NDArray[np.float64]
Truth = NDArray[np.bool_]

# The names that columns of time have, and how coarse what they tell is.
_NAMES = {
    name: rank
    for rank, names in enumerate(
        (
            "ts epoch period year yr unix time_stamp trading_day when jahr año anno année data дата год "
            "日期 日付 日時 年月日 年月 年度 年 날짜",
            "quarter month mon quartal monat mes mese mois месяц 月 四半期 季度 월",
            "week woche semana settimana semaine неделя 周 週 주",
            "day weekday tag wochentag día dia giorno jour день 日 天 일",
            "time elapsed hour zeit uhrzeit stunde hora ora heure время час 时间 時間 時刻 시간 시각",
            "minute min minuto 分",
            "second sec sekunde segundo 秒",
        )
    )
    for name in (each.replace("_", " ") for each in names.split())
}
_LOOSE = ("%b", WEEKDAY, LENGTH)  # what other words and numbers look like too
_MANY = 5  # months or days of the week, and they are no names
_WITHIN, _HOURS = 1, 4  # from these ranks on a column starts anew, within a year or so and within a day
_DATES = {"date", "datetime", "timestamp", "datum", "fecha"}  # in a name of several words too
_ROWS = {"", "index", "idx", "unnamed 0"}
_DATE_LIKE = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)|\d:\d\d|\d[./-]\d{1,2}[./-]\d")
_TIMELY, _WORDS = re.compile("date|time|ago$|^bce?$|^ad$|^[km]a$|^bp$"), re.compile(r"[^\W\d_第目]+")
_LONG_WORD = re.compile(r"[^\W\d_]{2}")
_EPOCH = {"9" * 10, "9" * 13, "9" * 16, "9" * 19}


def _rank(name: str) -> int | None:
    """How coarse the time is that a column of this name tells, None of other names."""
    plain = plain_name(name)
    return 0 if _DATES & {*plain.split()} else _NAMES.get(plain)


def _rank_in(cell: str) -> int | None:
    """The same of a cell that counts, as Day 6, 2026-M06 or /Date(1781740800000)/."""
    if _DATE_LIKE.match(cell):
        return 0
    ranks = [0 if _TIMELY.search(word) else _NAMES.get(word) for word in _WORDS.findall(cell.casefold())]
    return max((rank for rank in ranks if rank is not None), default=None)


class Labels(Sequence[str]):
    """One label for each row, packed a block at once: else they would take twice the memory of the numbers."""

    def __init__(self, packed: list[bytes], rows: Any) -> None:
        self.packed, self.rows = packed, rows

    def of(self, rows: NDArray[np.int64]) -> "Labels":
        """The labels of some of these rows, in another order."""
        return Labels(self.packed, np.asarray(self.rows)[rows])

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return tuple(self[i] for i in range(*at.indices(len(self))))
        number, place = divmod(int(self.rows[at]), ROWS_AT_ONCE)
        return _unpacked(self.packed[number])[place]

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self[:] == tuple(other)


@lru_cache(8)
def _unpacked(labels: bytes) -> list[str]:
    found: list[str] = json.loads(zlib.decompress(labels))
    return found


@dataclass
class Clock:
    """A column of time: its rank, and the order of its cells under each form that fits all so far ("" for numbers).

    certain: whether it is the time of the rows for sure; doubtful: whether it may be anything that falls or rises;
    numbers: how those are written.
    """

    place: int
    rank: int
    certain: bool
    keys: dict[str, Keys]
    doubtful: bool = False
    numbers: Form = PLAIN

    @property
    def usual(self) -> list[str]:
        """The forms that are not rare, if there are any."""
        return [form for form in self.keys if form not in RARE] or list(self.keys)

    @property
    def strict(self) -> bool:
        """Whether time runs forward all the time, however the column is read."""
        keys = [self.keys[form] for form in self.usual]
        return self.certain and len(keys[0]) > 1 and all((each[1:] > each[:-1]).all() for each in keys)


class Order:
    """The columns of time of a table; `add` every block of it, then ask whether time runs forward.

    labels: the cells that tell the time of each row together, or a word or its number where there are none.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns, self.clocks, self.notes = columns, list[Clock](), list[str]()
        self.unread = dict[int, str]()  # what may be dates in an unknown form, a cell of each
        self.table, self.reading, self.header = columns.table, columns.reading, columns.table.header
        self.total = columns.profiles[0].total
        self.labels = Labels([], range(self.total))
        self.lines = np.empty(self.total, dtype=np.int32)
        asked = self.reading.date_format
        places = [each for each in range(len(self.header)) if each not in columns.wanted and asked != "none"]
        strange = {place: cells for place in places if (cells := self._look_at(place))}
        told = any(each.certain for each in self.clocks)
        if told:  # others may be dates or not, as they like
            strange = {
                place: cells if _rank(self.header[place]) is not None else [] for place, cells in strange.items()
            }
            self.clocks = [each for each in self.clocks if each.certain or "" in each.keys]
        columns.refuse_footer({each.place: [] for each in self.clocks if "" not in each.keys} | strange)
        for place, cells in strange.items():
            if cells:
                why = "is no date in the form of the others; write all in one form, or say which with --date-format"
                raise columns.refusal(place, cells, why)
        if asked not in (None, "none") and not any(asked in each.keys for each in self.clocks):
            raise DataError(
                f"{columns.name}: no column has dates in the form --date-format '{shown(asked)}'; correct it"
            )
        # Dates stand before numbers that are named as time, and what is coarse before what is fine.
        self.clocks.sort(key=lambda each: (each.rank, "" in each.keys))
        certain = [each for each in self.clocks if each.certain] or self.clocks
        # The day is told by one column, or by a year, a month and a day.
        finer = [each for each in certain[1:] if each.rank >= _HOURS or ("" in each.keys and "" in certain[0].keys)]
        ranks = {each.rank: each.place for each in reversed([*certain[:1], *finer])}
        self.named_by = [ranks[rank] for rank in sorted(ranks)] or columns.text[:1]
        for place, cell in self.unread.items():
            if not told or _rank(self.header[place]) is not None:
                self.notes.append(
                    f"whether column {shown(self.header[place])} runs forward is not known, since {shown(cell)!r} is "
                    "no date in a known form (--date-format says it)"
                )
        if not told and self.total > 9:
            others = {*filter(columns.is_numeric, places)} - {each.place for each in self.clocks}
            for each in others:
                self._take(each, 0, False, [""], doubtful=True)

    def _take(self, place: int, rank: int, certain: bool, forms: list[str], *how: Any, **more: Any) -> None:
        keys = {form: np.empty(self.total) for form in forms}
        self.clocks.append(Clock(place, rank, certain, keys, *how, **more))

    def _look_at(self, place: int) -> list[str]:
        """Adds a column to those of time if it is one; of one that is so but for some shapes, these."""
        name, profile, asked = self.header[place], self.columns.profiles[place], self.reading.date_format
        rank, shapes = _rank(name), list(profile.counts)
        if self.columns.is_numeric(place) and (rank is None or shapes != ["99999999"]):
            if rank is not None and profile.missing:
                return profile.missing
            written = profile.forms()
            if written and (rank is not None or shapes[0].replace(",", "") in _EPOCH or plain_name(name) in _ROWS):
                self._take(place, rank or 0, rank is not None, [""], numbers=written[0])
            return []
        cells = {cell: shape for shape, (_, cell) in profile.first.items()}
        forms = [asked] if asked and not [*misfits(cells, asked)] else forms_of([*cells])
        forms = [ISO] if ISO in forms else [each for each in forms if each not in LAST or forms[0] == CLOCK] or forms
        if forms and (forms[0] not in _LOOSE or forms[0] == LENGTH or rank is not None or len(cells) >= _MANY):
            usual = {CLOCK: _HOURS, LENGTH: rank or 0} | dict.fromkeys(WITHOUT_YEAR, _WITHIN)
            finer = usual.get(forms[0], 0)
            self._take(place, finer, forms[0] != LENGTH or rank is not None, forms)
        if forms:
            return []
        strange = {form: [cells[cell] for cell in misfits(cells, form)] for form in FORMS}
        best = min(FORMS, key=lambda form: sum(profile.counts[shape] for shape in strange[form]))
        is_meant = self.total > 1 and (best not in _LOOSE or rank is not None)
        if is_meant and profile.share({*shapes} - {*strange[best]}) >= 0.5:
            return strange[best]
        cell = next(iter(cells))
        form, told = counted([*cells]), _rank_in(cell)
        if form and (rank is None or told is not None or not _LONG_WORD.search(cell)):
            few = int(form.split()[1]) < 4  # digits: it may begin anew
            finer, doubtful = max(few * _WITHIN, rank or 0, told or 0), rank is None and told is None
            self._take(place, finer, rank is not None, [form], doubtful)
            if not (doubtful and _DATE_LIKE.search(cell)):
                return []
        if rank is not None or (_DATE_LIKE.search(cell) and any(row[place] != cell for _, row in self.columns.tail)):
            self.unread[place] = cell
        return []

    def add(self, block: Block, seen: int) -> None:
        """Notes the time of some rows, of which so many were seen before."""
        rows = slice(seen, seen + len(block.lines))
        self.lines[rows] = block.lines
        words = list(map(" ".join, zip(*(block.columns[i] for i in self.named_by), strict=True)))
        words = words or [str(row + 1) for row in range(rows.start, rows.stop)]
        self.labels.packed.append(zlib.compress(json.dumps(words).encode(), 1))
        for clock in [*self.clocks]:
            cells = block.columns[clock.place]
            for form in list(clock.keys):
                found = [seconds(cell, form) for cell in cells] if form else numbers(cells, clock.numbers)
                clock.keys[form][rows] = found
                strange = np.flatnonzero(np.isnan(found)).tolist()
                if strange and clock.doubtful:
                    self.clocks.remove(clock)
                elif strange and len(clock.keys) == 1:
                    where = self.columns.where(clock.place, block.lines[strange[0]])
                    raise DataError(f"{where}: '{shown(cells[strange[0]])}' is no date; correct it")
                elif strange:
                    del clock.keys[form]

    def judged(self) -> NDArray[np.int64] | None:
        """The order in which rows are to be taken, None as they stand; what there is to say of it is in `notes`."""
        sort = self.reading.sort
        if not sort and any(clock.strict for clock in self.clocks):
            return None
        told = [(clock, self._one(clock)) for clock in self.clocks if clock.place not in self.columns.wanted]
        certain = [each for each in told if each[0].certain]
        # What may be seconds since 1970, or the number of the row, tells of time if it falls all the time.
        times = certain or [each for each in told if (each[1][1:] < each[1][:-1]).all()]
        if not times:
            if sort:
                raise DataError(f"{self.table.name} has no column of dates or times to be sorted by; leave --sort out")
            return None
        keys, order = np.array([each[1] for each in times]), None
        back, same = _steps(keys)
        starts_anew = times[0][0].rank >= _WITHIN
        falls = 2 * back.sum() >= max(len(back), 1) if starts_anew else back.any()
        if sort:
            # Within a day or a year that is not told, newest first is all that can be put right.
            turned = np.arange(self.total)[:: -1 if falls else 1]
            order = turned if starts_anew else np.lexsort(keys[::-1])
            if (np.diff(order) < 0).any():
                self.notes.append("the rows are put in the order of time")
            _, same = _steps(keys[:, order])
        elif falls and all(clock.doubtful for clock, _ in times):
            self.notes.append(
                f"column {shown(self.header[times[0][0].place])} falls from row to row: if it tells the time, the "
                "newest row is the first, and --sort puts it last"
            )
        elif falls:
            self._refuse_turn(back)
        if same.any():
            self._again(same, np.arange(self.total) if order is None else order)
        return order

    def _one(self, clock: Clock) -> Keys:
        """The order under the forms that fit, if they agree whether it is forward."""
        forward = [form for form, keys in clock.keys.items() if not (keys[1:] < keys[:-1]).any()]
        agreed = {*clock.usual} <= {*forward} or not (forward or self.reading.sort)
        if len(clock.keys) > 1 and not agreed and clock.usual[0] != CLOCK:  # a length of time runs as a time of day
            cell = next(iter(self.columns.profiles[clock.place].first.values()))[1]
            one, other, *_ = [typed(form, cell) for form in sorted(clock.keys, key=lambda form: form not in forward)]
            raise DataError(
                f"{self.table.name}: column '{shown(self.header[clock.place])}' can be read in two ways, such as "
                f"{shown(cell)}; say which with --date-format '{one}' or --date-format '{other}'"
            )
        return clock.keys[clock.usual[0]]

    def _refuse_turn(self, back: Truth) -> None:
        turn = int(np.flatnonzero(back)[0])
        before, after = (shown(self.labels[row], 30) for row in (turn, turn + 1))
        cure = "sort the rows by date, oldest first, or let --sort do it (--date-format none if these are no dates)"
        if back.sum() <= len(back) / 4:
            cure += "; of several series below each other take one with --where NAME=VALUE"
        where = f"{self.table.name}: {self.table.unit} {self.lines[turn + 1]}"
        raise DataError(f"{where} goes back in time, from {before} to {after}; {cure}")

    def _again(self, same: Truth, order: NDArray[np.int64]) -> None:
        """Notes that rows have the same time; refuses them if a column tells them apart, as that of several series."""
        first = np.flatnonzero(same)[:1000]
        pairs = np.column_stack([order[first], order[first + 1]]).tolist()
        wanted = {row for pair in pairs for row in pair}
        some = enumerate(islice(self.table.rows(), max(wanted) + 1))
        rows = {row: cells for row, (_, cells) in some if row in wanted}
        for place in {*range(len(self.header))} - {each.place for each in self.clocks} - {*self.columns.wanted}:
            cells = {row: found[place].strip() for row, found in rows.items()}
            apart = [pair for pair in pairs if cells[pair[0]] != cells[pair[1]]]
            # Numbers of shops and the like tell series apart too, if they do so always.
            enough = len(apart) >= len(pairs) / 2 if place in self.columns.text else len(apart) == len(pairs) >= 4
            if enough and len({*cells.values()}) <= len(rows) / 2:
                one, other = apart[0]
                name = shown(self.header[place])
                raise DataError(
                    f"{self.table.name}: {self.table.unit}s {self.lines[one]} and {self.lines[other]} have the same "
                    f"time, '{shown(cells[one])}' and '{shown(cells[other])}' in column '{name}': several series in "
                    f"one file; take one with --where '{name}={shown(cells[one])}'"
                )
        count, row = int(same.sum()), pairs[0][1]
        times_of = "1 row has" if count == 1 else f"{count} rows have"
        where, label = f"{self.table.unit} {self.lines[row]}", shown(self.labels[row], 30)
        self.notes.append(f"{times_of} the time of the row before, as {where} has ({label})")


def _steps(columns: Keys) -> tuple[Truth, Truth]:
    """Whether each row but the first is earlier than the row before it, and whether it has the same time."""
    back = np.zeros(columns.shape[1] - 1, dtype=bool)
    same = ~back
    for keys in columns:
        back |= same & (keys[1:] < keys[:-1])
        same &= keys[1:] == keys[:-1]
    return back, same
