"""In which order the rows of a table stand, told by every column that reads as dates or is named as time."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Columns, plain_name
from .dates import CLOCK, ISO, RARE, forms_of, misfits, moments, nearest, typed
from .files import DataError, shown
from .numerals import Profile
from .table import Block, Reading, Table

Keys = NDArray[np.number[Any]]

# The names that columns of time have, and how coarse what they tell is.
_NAMES = {
    name: rank
    for rank, names in enumerate(
        (
            "date datetime timestamp ts epoch period year yr unix time_stamp trade_date trading_day observation_date "
            "date_time datum jahr fecha año anno année data dato дата год 日期 日付 日時 年月日 年月 年度 年 날짜",
            "quarter month mon quartal monat mes mese mois месяц 月 四半期 季度 월",
            "week woche semana settimana semaine неделя 周 週 주",
            "day tag día dia giorno jour день 日 일",
            "time hour zeit uhrzeit stunde hora ora heure время час 时间 時間 時刻 시간 시각",
            "minute min minuto",
            "second sec sekunde segundo",
        )
    )
    for name in (each.replace("_", " ") for each in names.split())
}
_WITHIN, _HOURS = 1, 4  # from these ranks on a column starts anew, within a year or so and within a day
_DATES = {"date", "datetime", "timestamp", "datum", "fecha"}  # in a name of several words too
_NUMBER = re.compile(r"-?9+\.?9*")
_ROWS = {"", "index", "idx", "unnamed 0"}
_EPOCH = {"9" * 10, "9" * 13, "9" * 16, "9" * 19}


def _rank(name: str) -> int | None:
    """How coarse the time is that a column of this name tells, None of other names."""
    plain = plain_name(name)
    return 0 if _DATES & {*plain.split()} else _NAMES.get(plain)


@dataclass
class Clock:
    """A column of time: its rank, and the order of its cells under each form that fits all so far ("" for numbers)."""

    place: int
    rank: int
    certain: bool
    keys: dict[str, Keys]


class Order:
    """The columns of time of a table; `add` every block of it, then ask whether time runs forward."""

    def __init__(self, columns: Columns) -> None:
        self.columns, self.clocks, self.notes = columns, list[Clock](), list[str]()
        asked = columns.reading.date_format
        no_dates: dict[int, list[str]] = {}  # of columns of dates the shapes that are none
        doubtful: dict[int, list[str]] = {}  # those of columns that are only perhaps the time of the rows
        for place, profile in enumerate(columns.profiles):
            if place not in columns.wanted and asked != "none":
                rank = _rank(columns.table.header[place])
                strange = self._look_at(place, profile, rank)
                if strange:
                    (doubtful if rank is None else no_dates)[place] = strange
        no_dates |= {each.place: [] for each in self.clocks if "" not in each.keys}
        if not any(each.certain for each in self.clocks):
            no_dates |= doubtful
        columns.refuse_footer(no_dates | {place: [] for place in doubtful if place not in no_dates})
        for place, strange in no_dates.items():
            if strange:
                line, cell = min(columns.profiles[place].first[shape] for shape in strange)
                raise DataError(
                    f"{columns.where(place, line)}: '{shown(cell)}' is no date in the form of the others; write all in "
                    "one form, or say which with --date-format"
                )
        if asked not in (None, "none") and not any(asked in each.keys for each in self.clocks):
            raise DataError(
                f"{columns.name}: no column has dates in the form --date-format '{shown(asked)}'; correct it"
            )
        # Dates stand before numbers that are named as time, and what is coarse before what is fine.
        self.clocks.sort(key=lambda each: (each.rank, "" in each.keys))

    def _look_at(self, place: int, profile: Profile, rank: int | None) -> list[str]:
        """Adds a column to those of time if it is one; of one that is so but for some shapes, these."""
        asked, shapes = self.columns.reading.date_format, list(profile.counts)
        name = plain_name(self.columns.table.header[place])
        if self.columns.is_numeric(place) and (rank is None or shapes != ["99999999"]):
            if rank is not None and profile.missing:
                return profile.missing
            if (
                (rank is not None and all(map(_NUMBER.fullmatch, shapes)))
                or (len(shapes) == 1 and shapes[0] in _EPOCH)
                or name in _ROWS
            ):
                self.clocks.append(Clock(place, rank or 0, rank is not None, {"": np.empty(profile.total)}))
            return []
        forms = [asked] if asked and not misfits(profile, asked) else forms_of(profile)
        forms = [ISO] if ISO in forms else forms
        if forms == ["%b"] and rank is None:
            return []
        if forms:
            finer = _HOURS if forms == [CLOCK] else 1 if forms == ["%b"] else 0
            keys: dict[str, Keys] = {form: np.empty(profile.total, dtype=np.int64) for form in forms}
            self.clocks.append(Clock(place, finer, True, keys))
            return []
        if len(shapes) < 1000:
            form, strange = nearest(profile)
            if (
                (form != "%b" or rank is not None)
                and profile.total > 1
                and profile.share({*shapes} - {*strange}) >= 0.5
            ):
                return strange
        if rank is not None and profile.total:
            cell = next(iter(profile.first.values()))[1]
            self.notes.append(
                f"whether column {shown(self.columns.table.header[place])} runs forward is not known, since "
                f"{shown(cell)!r} is no date in a known form (--date-format says it)"
            )
        return []

    @property
    def places(self) -> list[int]:
        """The columns of time."""
        return [each.place for each in self.clocks]

    @property
    def label_places(self) -> list[int]:
        """The columns whose cells tell the time of a row together."""
        certain = [each for each in self.clocks if each.certain] or self.clocks
        # The day is told by one column, or by a year, a month and a day.
        finer = [each for each in certain[1:] if each.rank >= _HOURS or ("" in each.keys and "" in certain[0].keys)]
        ranks = {each.rank: each.place for each in reversed([*certain[:1], *finer])}
        return [ranks[rank] for rank in sorted(ranks)]

    def add(self, block: Block, seen: int) -> None:
        """Notes the time of some rows, of which so many were seen before."""
        for clock in self.clocks:
            cells = block.columns[clock.place]
            for form in list(clock.keys):
                try:
                    found = moments(cells, form) if form else list(map(float, cells))
                    clock.keys[form][seen : seen + len(cells)] = found
                except (ValueError, OverflowError):
                    del clock.keys[form]
                    if not clock.keys:
                        at = next(i for i, cell in enumerate(cells) if misfits(Profile.of([cell]), form))
                        where = self.columns.where(clock.place, block.lines[at])
                        raise DataError(f"{where}: '{shown(cells[at])}' is no date; correct it") from None

    def judged(self, table: Table, reading: Reading) -> tuple[NDArray[np.int64] | None, list[str]]:
        """The order in which rows are to be taken, None as they stand; and what there is to say of it.

        Raises:
            DataError: time runs backwards, or forward in one reading of the dates and not in another, or several series
                are in the file.
        """
        notes = list(self.notes)
        strict, times = [], []
        for clock in self.clocks:
            keys = clock.keys
            usual = [form for form in keys if form not in RARE] or list(keys)
            if clock.certain and len(keys[usual[0]]) > 1 and all((np.diff(keys[form]) > 0).all() for form in usual):
                strict.append(clock)
            times.append((clock, keys, usual))
        if strict and not reading.sort:
            return None, notes
        columns = [(clock, self._one(clock, keys, usual, reading)) for clock, keys, usual in times]
        certain = [each for each in columns if each[0].certain]
        # What may be seconds since 1970, or the number of the row, tells of time if it falls all the time.
        falling = [(clock, keys) for clock, keys in columns if not clock.certain and (np.diff(keys) < 0).all()]
        columns = certain or falling
        if not columns:
            if reading.sort:
                raise DataError(f"{table.name} has no column of dates or times to be sorted by; leave --sort out")
            return None, notes
        back, same = _steps([keys for _, keys in columns])
        starts_anew = columns[0][0].rank >= _WITHIN
        order = None
        falls = 2 * back.sum() >= max(len(back), 1) if starts_anew else back.any()
        if reading.sort:
            # Within a day or a year that is not told, newest first is all that can be put right.
            turned = np.arange(len(back), -1, -1) if falls else np.arange(len(back) + 1)
            order = turned if starts_anew else np.lexsort([keys for _, keys in reversed(columns)])
            if (np.diff(order) < 0).any():
                notes.append("the rows are put in the order of time")
            back, same = _steps([keys[order] for _, keys in columns])
        elif falls:
            self._refuse_turn(table, back, [clock.place for clock, _ in columns])
        if same.any():
            notes.append(self._again(table, same, order, [clock.place for clock, _ in columns]))
        return order, notes

    def _one(self, clock: Clock, keys: dict[str, Keys], usual: list[str], reading: Reading) -> Keys:
        """The order under the forms that fit, if they agree whether it is forward."""
        forward = [form for form in keys if not (np.diff(keys[form]) < 0).any()]
        agreed = set(usual) <= set(forward) or not (forward or reading.sort)
        if len(keys) > 1 and clock.certain and not agreed:
            cell = next(iter(self.columns.profiles[clock.place].first.values()))[1]
            one, other = [typed(form, cell) for form in (*forward, *(form for form in keys if form not in forward))][:2]
            raise DataError(
                f"{self.columns.name}: column '{shown(self.columns.table.header[clock.place])}' can be read in two "
                f"ways, such as {shown(cell)}; say which with --date-format '{one}' or --date-format '{other}'"
            )
        return keys[usual[0]]

    def _rows(self, table: Table, wanted: list[int]) -> dict[int, tuple[int, list[str]]]:
        """The lines and the cells of some rows."""
        found: dict[int, tuple[int, list[str]]] = {}
        seen, coming = 0, sorted({*wanted}, reverse=True)
        for block in table.blocks():
            while coming and coming[-1] < seen + len(block.lines):
                row = coming.pop()
                found[row] = block.lines[row - seen], [column[row - seen] for column in block.columns]
            seen += len(block.lines)
            if not coming:
                break
        return found

    def _time(self, cells: list[str], places: list[int]) -> str:
        return shown(" ".join(cells[place] for place in self.label_places or places), 30)

    def _refuse_turn(self, table: Table, back: NDArray[np.bool_], places: list[int]) -> None:
        turn = int(np.flatnonzero(back)[0])
        (_, before), (line, after) = self._rows(table, [turn, turn + 1]).values()
        cure = "sort the rows by date, oldest first, or let --sort do it (--date-format none if these are no dates)"
        if back.sum() <= len(back) / 4:
            cure += "; of several series below each other take one with --where NAME=VALUE"
        raise DataError(
            f"{table.name}: {table.unit} {line} goes back in time, from {self._time(before, places)} to "
            f"{self._time(after, places)}; {cure}"
        )

    def _again(self, table: Table, same: NDArray[np.bool_], order: NDArray[np.int64] | None, places: list[int]) -> str:
        """What to say of rows with the same time.

        Raises:
            DataError: a column tells them apart, so that they belong to several series.
        """
        first = np.flatnonzero(same)[:1000].tolist()
        pairs = [(at, at + 1) if order is None else (int(order[at]), int(order[at + 1])) for at in first]
        rows = self._rows(table, [row for pair in pairs for row in pair])
        for place, name in enumerate(table.header):
            cells = {row: found[place] for row, (_, found) in rows.items()}
            apart = [(one, other) for one, other in pairs if cells[one] != cells[other]]
            few = len({*cells.values()}) <= len(rows) / 2 and place not in (*self.places, *self.columns.wanted)
            # Numbers of shops and the like tell series apart too, if they do so always.
            enough = len(apart) >= len(pairs) / 2 if place in self.columns.text else len(apart) == len(pairs) >= 4
            if few and enough:
                one, other = apart[0]
                raise DataError(
                    f"{table.name}: {table.unit}s {rows[one][0]} and {rows[other][0]} have the same time, "
                    f"'{shown(cells[one])}' and '{shown(cells[other])}' in column '{shown(name)}': several series in "
                    f"one file; take one with --where '{shown(name)}={shown(cells[one])}'"
                )
        line, found = rows[pairs[0][1]]
        times = "1 row has" if same.sum() == 1 else f"{same.sum()} rows have"
        return f"{times} the time of the row before, as {table.unit} {line} has ({self._time(found, places)})"


def _steps(columns: list[Keys]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each row but the first is earlier than the row before it, and whether it has the same time."""
    back = np.zeros(len(columns[0]) - 1, dtype=bool)
    same = ~back
    for keys in columns:
        back |= same & (keys[1:] < keys[:-1])
        same &= keys[1:] == keys[:-1]
    return back, same
