"""A numeric column of a table as a series in time: read it, split it, scale it, cut it into windows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .columns import Columns
from .files import AnyPath, DataError, shown
from .numerals import Form, is_missing, numbers
from .order import Order
from .table import Reading, Table, read_table


@dataclass(frozen=True, eq=False, repr=False)
class Series:
    """Values in time order with one label each.

    name: the column; values: float64 (time,); labels: the cells of the file's columns of time, or of its first column
    of text, or the row numbers "1", "2", ... where it has neither; source: the file; notes: what whoever uses it
    should know of how it was read, a sentence each; inputs: columns read beside it, float64 (time, columns).
    """

    name: str
    values: NDArray[np.float64]
    labels: Sequence[str]
    source: str
    notes: tuple[str, ...] = ()
    inputs: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))

    @property
    def table(self) -> NDArray[np.float64]:
        """The values and beside them the inputs, (time, 1 + columns)."""
        return np.column_stack([self.values, *self.inputs.T])

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"<Series {self.name}: {len(self)} values, {self.labels[0]} to {self.labels[-1]}, from {self.source}>"


def read_series(
    path: AnyPath, column: str | None = None, reading: Reading | None = None, inputs: Sequence[str] = ()
) -> Series:
    """The numbers in one column of a table: CSV, JSON lines, and with the extra `tables` parquet and workbooks.

    Without `column`, "close" or the only column of numbers that is neither a time nor a count of the rows. Capital
    letters in it matter only where the file has two columns that differ in nothing else. Numbers are written in one way
    in the whole column, dates in one way in theirs; what can be read in two ways is refused, unless `reading` says.

    Raises:
        DataError: the file cannot be read; no header or no rows; no such column, or two of it; a row with another
            number of cells; a cell that is blank, not a number, or not finite; a footer; time that runs backwards, or
            several series in one file.
    """
    table = read_table(path, reading or Reading())
    columns = Columns(table, column, inputs)
    order = Order(columns)
    place = columns.chosen([each.place for each in order.clocks if not each.doubtful])
    read = {each: columns.form(each) for each in (place, *columns.inputs)}
    if len(read) <= len(inputs):
        raise DataError(
            f"{table.name}: a column is to be read twice; --inputs are others than the one that is predicted"
        )
    values, name = _read(table, read, columns, order), shown(table.header[place])
    for each, row in zip(read, values, strict=True):
        _mark_missing(table, each, row, order.lines)
    if (
        columns.place is None
        and order.total > 1
        and any((values[0, 1:] == values[0, :-1] + step).all() for step in (1, -1))
    ):
        raise DataError(
            f"{table.name} has no column of numbers but '{name}', which counts the rows; choose a column with "
            "--column, this one if it is meant"
        )
    kept, labels = order.judged(), order.labels
    if kept is not None:
        values, labels = values[:, kept], labels.of(kept)
    notes = [*filter(None, [table.note]), *order.notes, *columns.notes(place, read[place])]
    missing = np.isnan(values)
    if missing.any():
        drop = table.reading.missing == "drop"
        treated = "left out with their rows" if drop else "filled with the value before"
        notes.append(f"{int(missing.sum())} cells without a value are {treated}")
        if drop:
            whole = np.flatnonzero(~missing.any(axis=0))
            values, labels = values[:, whole], labels.of(whole)
        else:
            last = np.maximum.accumulate(np.where(missing, 0, np.arange(values.shape[1])), axis=1)
            values = np.take_along_axis(values, last, axis=1)
    if not len(labels):
        raise DataError(f"{table.name}: column '{name}' has no value; choose another")
    unfilled = np.flatnonzero(np.isnan(values[:, 0])).tolist()
    if unfilled:
        raise DataError(
            f"{table.name}: column '{shown(table.header[list(read)[unfilled[0]]])}' begins without a value, and there "
            "is none before to fill it with; take --missing drop"
        )
    return Series(table.header[place], values[0], labels, table.name, tuple(notes), values[1:].T)


def _read(table: Table, read: dict[int, Form], columns: Columns, order: Order) -> NDArray[np.float64]:
    """The values of some columns (columns, time); the time of the rows is noted on the way."""
    values, seen = np.empty((len(read), order.total)), 0
    for block in table.blocks():
        rows = slice(seen, seen + len(block.lines))
        if rows.stop > order.total:
            break
        for row, (place, form) in enumerate(read.items()):
            cells = block.columns[place]
            values[row, rows] = numbers(cells, form)
            for at in np.flatnonzero(~np.isfinite(values[row, rows])).tolist():
                if not (table.reading.missing and is_missing(cells[at])):
                    raise DataError(columns.refused(place, block.lines[at], cells[at]))
        order.add(block, seen)
        seen = rows.stop
    if seen != order.total:
        raise DataError(f"{table.name} changed while it was read; read it again when it is complete")
    return values


# What programs fill gaps with, besides sevens, eights and nines: the ends of their types and what netCDF takes.
_FILLINGS = {"32768", "32767", "65535", "2.14748e+09", "1e+20", "9.96921e+36", "3.40282e+38", "1.79769e+308"}


def _mark_missing(table: Table, place: int, values: NDArray[np.float64], lines: NDArray[np.int32]) -> None:
    """Makes NaN of the number that stands for a missing value; refuses one that was not named, such as -9999."""
    na, known = table.reading.na, values[np.isfinite(values)]
    marks = [] if na in (None, "none") else [float(na or 0)]
    # A negative one is below all values, another one above.
    for mark in (float(known.min(initial=0)), float(known.max(initial=0))) if na is None else ():
        digits, filling = f"{abs(mark):.12g}".replace(".", ""), f"{abs(mark):.6g}" in _FILLINGS
        repeated = len({*digits}) == 1 and digits[0] in "789" and len(digits) > (mark > 0) + 1
        if (repeated or filling) and len(others := known[known != mark]) > 2:
            low, high = float(others.min()), float(others.max())
            marks += [mark] if min(abs(low - mark), abs(high - mark)) > 2 * (high - low) else []
    if not marks or not (marked := np.isin(values, marks)).any():
        return
    if na is None or table.reading.missing is None:
        line, count, seen = lines[marked.argmax()], int(marked.sum()), repr(marks[0]).removesuffix(".0")
        raise DataError(
            f"{table.name}: {table.unit} {line}, column '{shown(table.header[place])}': {seen}, here {count} of "
            f"{len(values)}, stands for a missing value; take --na {seen} with --missing fill or --missing drop, or "
            "--na none if it is a value"
        )
    values[marked] = np.nan


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
