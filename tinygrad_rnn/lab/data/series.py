"""A numeric column of a CSV file as a series in time: read it, split it, scale it, cut it into windows."""

import csv
import difflib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .files import DataError, listed, read_text, shown

Row = tuple[int, list[str]]  # line number in the file, cells

_DELIMITERS = (",", ";", "\t")  # the first wins where a header fits several
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_NUMBER_WITH_COMMAS = re.compile(r"[+-]?[0-9][0-9.,']*")
_MISSING = {"", "nan", "na", "n/a", "#n/a", "null", "none", "-", ".", "?"}
_INFINITE = {"inf", "infinity"}
_TIME_COLUMNS = {"date", "datetime", "day", "time", "timestamp", "week", "month", "quarter", "year", "period"}
_DATE_FORMS = ("", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%b %d, %Y", "%d-%b-%Y")  # "": ISO 8601


@dataclass(frozen=True, eq=False, repr=False)
class Series:
    """Values in time order with one label each.

    name: the column; values: float64 (time,); labels: the cells of the file's date column, or the row numbers
    "1", "2", ... where it has none; source: the file.
    """

    name: str
    values: NDArray[np.float64]
    labels: tuple[str, ...]
    source: str

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"<Series {self.name}: {len(self)} values, {self.labels[0]} to {self.labels[-1]}, from {self.source}>"


def read_series(path: str | os.PathLike[str], column: str) -> Series:
    """The numbers in one column of a CSV file whose first line names its columns.

    Comma, semicolon and tab separate cells; quotes, CRLF, a byte order mark and blank lines are understood.
    Capital letters in `column` matter only where the file has two columns that differ in nothing else.

    Raises:
        DataError: whatever `read_text` refuses; no header or no rows; no such column, or two of it; a row with
            another number of cells; a cell that is blank, not a number, or not finite; dates that run backwards.
    """
    name = shown(path, 200)
    rows = list(_rows(read_text(path), name))
    header_line, header = rows[0]
    if all(_NUMBER.fullmatch(cell) for cell in header):
        found = listed(header, 4)
        raise DataError(
            f"{name}: line {header_line} holds numbers ({found}); make the names of the columns its first line"
        )
    place = _find(column, header, name)
    if len(rows) == 1:
        raise DataError(f"{name} has a header ({listed(header)}) and no rows; give a file with values in it")
    for line, cells in rows[1:]:
        if len(cells) != len(header):
            there = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
            raise DataError(
                f"{name}: line {line} has {there} and the header has {len(header)}; "
                "make them equal (a cell that contains the separator needs quotes)"
            )
    values = [_number(cells[place], header[place], line, name) for line, cells in rows[1:]]
    return Series(header[place], np.array(values, dtype=np.float64), _labels(rows, place, name), name)


def header_of(path: str | os.PathLike[str]) -> list[str]:
    """The names of a file's columns.

    Raises:
        DataError: whatever `read_text` refuses.
    """
    return next(_rows(read_text(path), shown(path, 200)))[1]


def _rows(text: str, name: str) -> Iterator[Row]:
    """The lines of a CSV file as (line number, stripped cells), blank ones left out; the header comes first."""
    head = next(line for line in text.split("\n") if line.strip())
    delimiter = max(_DELIMITERS, key=lambda each: len(next(csv.reader([head], delimiter=each, skipinitialspace=True))))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    waiting: list[Row] = []  # rows of empty cells are padding at the end of a file, a mistake elsewhere
    start = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield from waiting
                waiting.clear()
                yield start, cells
            elif len(cells) > 1:
                waiting.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{name}: line {start} is not CSV ({error}); check its quotes") from None


def _find(column: str, header: list[str], name: str) -> int:
    """The position of the column named `column`."""
    wanted = column.strip()
    for same in (str, str.casefold):
        found = [i for i, each in enumerate(header) if same(each) == same(wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            places = " and ".join(str(i + 1) for i in found)
            raise DataError(
                f"{name} has {len(found)} columns named '{shown(wanted)}' (columns {places}); "
                "rename or remove all but one"
            )
    near = difflib.get_close_matches(wanted.casefold(), [each.casefold() for each in header], n=1)
    guess = f"; did you mean '{next(each for each in header if each.casefold() == near[0])}'?" if near else ""
    raise DataError(f"{name} has no column '{shown(wanted)}'; its columns are {listed(header)}{guess}")


def _number(cell: str, column: str, line: int, name: str) -> float:
    """The cell's finite number."""
    where = f"{name}: line {line}, column '{shown(column)}'"
    plain = cell.casefold().lstrip("+-")
    if _NUMBER.fullmatch(cell):
        value = float(cell)
        if np.isfinite(value):
            return value
        raise DataError(f"{where}: {shown(cell)} is too large for a 64-bit float; give it in other units")
    if cell.casefold() in _MISSING or plain in _MISSING:
        found = f"'{shown(cell)}' stands for a missing value" if cell else "the cell is blank"
        raise DataError(f"{where}: {found}; fill it in or remove the row")
    if plain in _INFINITE:
        raise DataError(f"{where}: '{shown(cell)}' is not finite; correct it or remove the row")
    if _NUMBER_WITH_COMMAS.fullmatch(cell):
        raise DataError(
            f"{where}: '{shown(cell)}' can be read in two ways; "
            "write numbers with a decimal point and without separators of thousands, such as 1234.5"
        )
    raise DataError(f"{where}: '{shown(cell)}' is not a number; correct it, or choose a column of numbers")


def _labels(rows: list[Row], values: int, name: str) -> tuple[str, ...]:
    """The cells of the date column (checked to run forward), of the first column of text, or row numbers."""
    (_, header), body = rows[0], rows[1:]
    others = [i for i in range(len(header)) if i != values]
    named = [i for i in others if header[i].casefold() in _TIME_COLUMNS]
    texts = [i for i in others if all(cells[i] and not _NUMBER.fullmatch(cells[i]) for _, cells in body)]
    if not named and not texts:
        return tuple(str(row + 1) for row in range(len(body)))
    place = (named or texts)[0]
    labels = tuple(cells[place] for _, cells in body)
    turns = [turn for turn in (_turn(labels, form) for form in _DATE_FORMS) if turn is not None]
    if turns and min(turns) > 0:  # however the dates are read, time runs backwards somewhere
        turn = turns[0]
        raise DataError(
            f"{name}: line {body[turn][0]} goes back in time, from {shown(labels[turn - 1])} to {shown(labels[turn])}; "
            "sort the rows by date, oldest first"
        )
    return labels


def _turn(labels: tuple[str, ...], form: str) -> int | None:
    """The first label that is earlier than the one before it, 0 if none is, None if they are no dates of this form."""
    try:
        dates = [datetime.strptime(label, form) if form else datetime.fromisoformat(label) for label in labels]
        return next((i for i in range(1, len(dates)) if dates[i] < dates[i - 1]), 0)
    except (ValueError, TypeError):  # TypeError: some have a time zone and some have none
        return None


def split(values: ArrayLike, held_out: float | int = 0.2) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cuts a series in two at one moment: the earlier part to learn from, the later part to be judged by.

    `held_out` is a share of the values (a float between 0 and 1) or a number of them (an int).

    Raises:
        DataError: one of the two parts would be empty.
    """
    series = one_dimensional(values)
    count = round(len(series) * held_out) if isinstance(held_out, float) else held_out
    if not 0 < count < len(series):
        raise DataError(
            f"holding out {held_out} of {len(series)} values leaves {len(series) - count} to learn from and {count} to "
            "be judged by; both need at least one"
        )
    return series[:-count], series[-count:]


def windows(values: ArrayLike, window: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Every stretch of `window` values, and the value that follows each.

    `(time,) -> inputs (time - window, window), targets (time - window,)`; `inputs[i] = values[i : i + window]`,
    `targets[i] = values[i + window]`.

    Raises:
        DataError: the window is smaller than 1, or the series has no value left to predict.
    """
    series = one_dimensional(values)
    if window < 1:
        raise DataError(f"a window of {window} values cannot hold anything; give 1 or more")
    if len(series) <= window:
        raise DataError(
            f"{len(series)} values are too few for windows of {window} and the value after each; "
            f"give at least {window + 1} values or a window of at most {max(len(series) - 1, 1)}"
        )
    inputs = np.lib.stride_tricks.sliding_window_view(series[:-1], window)
    return inputs.copy(), series[window:].copy()


@dataclass(frozen=True)
class Scaling:
    """The line `scaled = (value - offset) / scale` and its way back; fit it on the training part only."""

    offset: float = 0.0
    scale: float = 1.0

    @classmethod
    def standard(cls, training: ArrayLike) -> Self:
        """Mean 0 and standard deviation 1 over the training values (a constant series is only shifted)."""
        values = one_dimensional(training)
        with np.errstate(over="ignore", invalid="ignore"):
            return cls._fit(values, float(values.mean()), float(values.std()))

    @classmethod
    def unit(cls, training: ArrayLike) -> Self:
        """From 0 (the smallest training value) to 1 (the largest; a constant series is only shifted)."""
        values = one_dimensional(training)
        with np.errstate(over="ignore"):
            return cls._fit(values, float(values.min()), float(values.max() - values.min()))

    @classmethod
    def _fit(cls, values: NDArray[np.float64], offset: float, spread: float) -> Self:
        if not np.isfinite([offset, spread]).all():
            raise DataError(
                f"values up to {np.abs(values).max():.2g} are too large to be scaled: their sums or squares leave the "
                "numbers of float64; divide them by some power of ten first"
            )
        rounding = 4 * float(np.spacing(np.abs(values).max()))  # the spread that a constant gets from rounding alone
        return cls(offset, spread if spread > rounding else 1.0)

    def apply(self, values: ArrayLike) -> NDArray[np.float64]:
        """Values as the network sees them."""
        return (np.asarray(values, dtype=np.float64) - self.offset) / self.scale

    def undo(self, scaled: ArrayLike) -> NDArray[np.float64]:
        """What the network says, in the units of the file."""
        return np.asarray(scaled, dtype=np.float64) * self.scale + self.offset


def one_dimensional(values: ArrayLike) -> NDArray[np.float64]:
    """The values as float64 (time,), at least one of them."""
    series = np.asarray(values, dtype=np.float64)
    if series.ndim != 1:
        raise DataError(f"a series has one dimension, time, and this has shape {series.shape}; pass one column of it")
    if not len(series):
        raise DataError("a series of no values was given; give at least one")
    return series
