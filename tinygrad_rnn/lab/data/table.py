"""A table in a file, row by row: CSV in its many forms, JSON lines, and with an extra parquet and workbooks."""

import csv
import difflib
import io
import json
import re
import zipfile
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from itertools import dropwhile, islice
from typing import Any

from tqdm import tqdm

from .dates import forms_of
from .files import AnyPath, DataError, encoding_of, listed, named, opened, shown, text_of
from .numerals import is_number

Row = tuple[int, list[str]]  # line number in the file, cells
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "blank": " "}
_WORKBOOKS = {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}  # what is in the archives that they are
_FIRST = 50  # rows that a file is judged by
_SEP = re.compile(r"sep=(.)", re.IGNORECASE)
ROWS_AT_ONCE = 1000  # few enough that the collector of garbage does not go through them again and again


@dataclass(frozen=True)
class Reading:
    """How a file is read where it does not say so itself; None of what it is asked.

    encoding: of the text; separator: of cells; header: whether the first row names the columns; skip_header,
    skip_footer: lines left out at the start and the end; decimal, thousands: signs in numbers; date_format: as
    strptime's, or "none" of a file without dates; sort: whether rows are put in the order of time; missing: "drop" the
    row or "fill" with the value before; where: "NAME=VALUE", the rows that are taken; sheet: of a workbook; bar:
    whether a terminal is shown how far a long file was read.
    """

    encoding: str | None = None
    separator: str | None = None
    header: bool | None = None
    skip_header: int | None = None
    skip_footer: int | None = None
    decimal: str | None = None
    thousands: str | None = None
    date_format: str | None = None
    sort: bool = False
    missing: str | None = None
    where: str | None = None
    sheet: str | None = None
    bar: bool = False


@dataclass(frozen=True)
class Block:
    """Some rows of a table, column by column."""

    lines: Sequence[int]
    columns: list[tuple[str, ...]]


@dataclass(frozen=True)
class Table:
    """A table that can be read more than once: `header`, and its rows in blocks.

    line: that of the header; unit: what a row is called in messages; separator: of the cells of a text.
    """

    name: str
    header: list[str]
    line: int
    rows: Callable[[], Iterator[Row]]
    unit: str = "line"
    separator: str = ""
    bar: bool = False

    def blocks(self) -> Iterator[Block]:
        """The rows below the header, all of one width."""
        rows = self.rows()
        off = None if self.bar else True  # None: if there is no terminal
        with tqdm(desc=f"reading {self.name}", unit=" rows", unit_scale=True, delay=1, leave=False, disable=off) as bar:
            while some := list(islice(rows, ROWS_AT_ONCE)):
                bar.update(len(some))
                columns = zip(*(cells for _, cells in some), strict=True)
                yield Block([line for line, _ in some], [tuple(map(str.strip, column)) for column in columns])


def read_table(path: AnyPath, reading: Reading) -> Table:
    """Opens a table and finds its header.

    Raises:
        DataError: the file cannot be read or holds no table; what its header is cannot be told.
    """
    name = named(path)
    with opened(path) as file:
        start = file.read(4096)
    if start.startswith(b"PAR1"):
        return _typed(name, reading, lambda: _parquet(path))
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) and _is_workbook(path, start):
        return _with_header(name, reading, lambda: _workbook(path, name, reading.sheet), "row")
    encoding = encoding_of(path, reading.encoding)
    with text_of(path, encoding) as text:
        first = text.readline()
    if first.startswith(("{", "[{")) or first.strip() == "[":
        return _typed(name, reading, lambda: _json(path, name, encoding))
    stated = _SEP.fullmatch(first.rstrip("\n"))
    separator = reading.separator or (stated[1] if stated else _separator(path, name, encoding, reading.decimal))
    table = _with_header(name, reading, lambda: _csv(path, name, encoding, separator), "line")
    return replace(table, separator=separator)


def columns_of(path: AnyPath) -> list[str]:
    """The names of the columns of what is a table of numbers for all one can see, of anything else none."""
    try:
        table = read_table(path, Reading())
        some = [cells for _, cells in islice(table.rows(), _FIRST)]
    except DataError as error:
        return ["values"] if "--header no" in str(error) else []
    cells = [cell for row in some for cell in row]
    values = sum(is_number(cell) or bool(forms_of([cell])) for cell in cells)
    return table.header if len(some) > 1 and 2 * values > len(cells) else []


def _typed(name: str, reading: Reading, rows: Callable[[], Iterator[Row]]) -> Table:
    """A table of a file that says which row is the header."""
    header = next(iter(rows()))[1]
    return _table(name, header, 0, lambda: islice(rows(), 1, None), reading, "row")


def _csv(path: AnyPath, name: str, encoding: str, separator: str) -> Iterator[Row]:
    """The lines of a CSV file, blank ones left out."""
    start = 1
    with text_of(path, encoding) as file:
        lines = (line.strip() + "\n" for line in file) if separator == " " else file
        reader = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)
        try:
            for row in reader:
                if row and not (start == 1 and _SEP.match(separator.join(row))):
                    yield start, row
                start = reader.line_num + 1
        except csv.Error as error:
            raise DataError(f"{name}: line {start} is not CSV ({error}); check its quotes") from None


def _separator(path: AnyPath, name: str, encoding: str, decimal: str | None) -> str:
    """The sign that cuts most of the first lines into the same number of cells."""
    best, widest = ",", (0.0, 0)
    for separator in SEPARATORS.values():
        if separator == decimal:
            continue
        try:
            some = islice(_csv(path, name, encoding, separator), _FIRST)
            widths = Counter(len(cells) for _, cells in some if any(cells) and not cells[0].startswith("#"))
        except DataError:
            continue
        width, count = widths.most_common(1)[0] if widths else (0, 0)
        fit = (count / widths.total(), width) if width > 1 else (0.0, 0)
        # Blanks stand in names and between thousands too.
        if fit > widest and (separator != " " or (widest == (0.0, 0) and fit[0] == 1)):
            best, widest = separator, fit
    return best


def _with_header(name: str, reading: Reading, rows: Callable[[], Iterator[Row]], unit: str) -> Table:
    """A table whose header is the first row that is as wide as the rows below it; titles and comments stand above."""

    def below() -> Iterator[Row]:
        return dropwhile(lambda row: row[0] <= (reading.skip_header or 0), rows())

    first = [(line, list(map(str.strip, cells))) for line, cells in islice(filter(_filled, below()), _FIRST)]
    if not first:
        raise DataError(f"{name} is empty; give a file with some text in it")
    at = 0
    while at < len(first) - 1 and first[at][1][0].startswith("#") and "".join(first[at][1]) != "#":
        at += 1
    above = at - 1  # a comment may name the columns
    width = Counter(len(cells) for _, cells in first).most_common(1)[0][0]
    if reading.skip_header is None and width > 1:
        alone = next((i for i in range(at, len(first)) if any(first[i][1][1:])), at)
        at = alone if len(first[alone][1]) == width else at  # titles stand alone in their rows
    line, header = first[at]
    body = [cells for _, cells in first[at + 1 :]]
    second = [cells[0].casefold() for cells in body[:2] if len(cells) == len(header)]
    if second == ["ticker", "date"] and not any(body[1][1:]):
        header, line = _yfinance(header, body[0]), first[at + 2][0]
    elif reading.header is False:
        header, line = [str(i + 1) for i in range(len(header))], line - 1
    elif reading.header is None and (what := _values(header, body)):
        if above >= 0 and len(first[above][1]) == len(header):
            header, line = [first[above][1][0].lstrip("# "), *first[above][1][1:]], line - 1
        else:
            raise DataError(
                f"{name}: {unit} {line} holds {what} ({listed(header, 4)}); make the names of the columns its first "
                f"{unit}, or call them 1, 2, ... with --header no (--header yes if these are the names)"
            )
    return _table(name, header, line, lambda: dropwhile(lambda row: row[0] <= line, below()), reading, unit)


def _filled(row: Row) -> bool:
    return any(map(str.strip, row[1]))


def _yfinance(fields: list[str], tickers: list[str]) -> list[str]:
    """The names of a table with three lines of header; of several tickers each name has its own."""
    several = len(set(tickers[1:])) > 1
    return ["Date", *(f"{name} {of}" if several else name for name, of in zip(fields[1:], tickers[1:], strict=True))]


def _values(header: list[str], body: list[list[str]]) -> str:
    """What a first row holds that is like those below it, so that it would be lost as a header; else nothing."""
    filled = [i for i, cell in enumerate(header) if cell]
    numeric = [i for i in filled if is_number(header[i])]
    if numeric == filled:
        return "numbers"
    again = [i for i in filled if any(cells[i : i + 1] == [header[i]] for cells in body)]
    dates = [i for i in filled if i not in numeric and set(forms_of([header[i]])) - {"%b"}]
    return "values" if {*numeric, *dates} and {*numeric, *dates, *again} == {*filled} else ""


def _table(
    name: str, header: list[str], line: int, rows: Callable[[], Iterator[Row]], reading: Reading, unit: str
) -> Table:
    """The table below a header, with every row as wide, without padding, footers and what `where` leaves out."""
    wanted = _where(reading.where, header, name)

    def checked() -> Iterator[Row]:
        waiting: list[Row] = []  # rows of empty cells are padding at the end of a file, a mistake elsewhere
        for at, cells in rows():
            if len(cells) != len(header):
                if not any(cells) or (cells[0].startswith("#")):
                    continue
                there = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
                raise DataError(
                    f"{name}: {unit} {at} has {there} and the header has {len(header)}; "
                    "make them equal (a cell that contains the separator needs quotes), or leave lines out with "
                    "--skip-header or --skip-footer"
                )
            if any(cells):
                yield from waiting
                waiting.clear()
                yield at, cells
            elif len(cells) > 1:
                waiting.append((at, cells))

    def body() -> Iterator[Row]:
        held: deque[Row] = deque()
        for row in checked():
            held.append(row)
            if len(held) > (reading.skip_footer or 0):
                at, cells = held.popleft()
                if wanted is None or cells[wanted[0]].strip() == wanted[1]:
                    yield at, cells

    return Table(name, header, line, body if reading.skip_footer or wanted else checked, unit, bar=reading.bar)


def find(column: str, header: list[str], name: str) -> int:
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


def _where(where: str | None, header: list[str], name: str) -> tuple[int, str] | None:
    """The column and the cell that rows must have to be taken."""
    if where is None:
        return None
    column, equals, value = where.partition("=")
    if not equals:
        raise DataError(f"--where {shown(where)} names no value; give NAME=VALUE")
    return find(column, header, name), value.strip()


def _cell(value: Any) -> str:
    """A typed value as a cell."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value.isoformat() if isinstance(value, date | time) else str(value).strip()


def _json(path: AnyPath, name: str, encoding: str) -> Iterator[Row]:
    """The objects of a JSON array, or of one line each; their names come first."""
    header: list[str] = []
    with text_of(path, encoding) as text:
        start = text.read(1)
        text.seek(0)
        line = 0
        try:
            for line, each in enumerate(
                json.load(text) if start == "[" else map(json.loads, filter(str.strip, text)), 1
            ):
                if not isinstance(each, dict):
                    raise DataError(f"{name}: row {line} is no JSON object; give objects of names and values")
                if not header:
                    header = list(each)
                    yield 0, header
                if each.keys() - set(header):
                    strange = listed(sorted(each.keys() - set(header)), 3)
                    raise DataError(
                        f"{name}: row {line} has {strange}, which the first has not; give all rows the same"
                    )
                yield line, [_cell(each.get(key)) for key in header]
        except DataError:
            raise
        except (ValueError, RecursionError) as error:
            raise DataError(f"{name}: row {line + 1} is not JSON ({error}); check it, or give CSV") from None


def _missing_extra(name: str, what: str, error: ImportError) -> DataError:
    return DataError(
        f'{name} is {what}, which needs {error.name}: pip install "tinygrad-rnn[tables]", or save it as CSV'
    )


def _parquet(path: AnyPath) -> Iterator[Row]:
    """The rows of a parquet file; the names come first."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise _missing_extra(named(path), "a parquet file", error) from None
    try:
        with opened(path) as file:
            table = parquet.ParquetFile(file)
            yield 0, list(table.schema_arrow.names)
            line = 0
            for batch in table.iter_batches(ROWS_AT_ONCE):
                for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    line += 1
                    yield line, list(map(_cell, cells))
    except (OSError, pyarrow.ArrowException) as error:
        raise DataError(f"{named(path)} is a damaged parquet file ({shown(error)}); get it again") from None


def _is_workbook(path: AnyPath, start: bytes) -> bool:
    if start.startswith(b"\xd0"):
        return True
    with opened(path) as file:
        try:
            return not _WORKBOOKS.isdisjoint(zipfile.ZipFile(file).namelist())
        except zipfile.BadZipFile:
            return False


def _workbook(path: AnyPath, name: str, sheet: str | None) -> Iterator[Row]:
    """The rows of a sheet; the only one of the workbook that holds something, or the one that is asked for."""
    try:
        import python_calamine as calamine
    except ImportError as error:
        raise _missing_extra(name, "a workbook", error) from None
    try:
        with opened(path) as file:
            book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
        sheets = {
            each: [list(map(_cell, row)) for row in book.get_sheet_by_name(each).to_python(skip_empty_area=False)]
            for each in book.sheet_names
        }
    except (calamine.CalamineError, OSError) as error:
        raise DataError(f"{name} is no workbook that can be read ({shown(error)}); save it as CSV") from None
    filled = {each: rows for each, rows in sheets.items() if any(any(row) for row in rows)}
    if sheet is None and len(filled) > 1:
        raise DataError(f"{name} has {len(filled)} sheets; choose one of {listed(list(filled))} with --sheet")
    if sheet is not None and sheet not in filled:
        raise DataError(f"{name} has no sheet '{shown(sheet)}' with values; choose one of {listed(list(filled))}")
    rows = filled[sheet] if sheet else next(iter(filled.values()), [])
    yield from ((line, row) for line, row in enumerate(rows, 1) if any(row))
