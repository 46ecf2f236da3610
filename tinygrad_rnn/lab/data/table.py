"""A table in a file, row by row: CSV in its many forms, JSON lines, and with an extra parquet and workbooks."""

import csv
import difflib
import importlib
import io
import json
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import partial
from itertools import count, dropwhile, islice
from typing import Any

from tqdm import tqdm

from .dates import forms_of
from .files import AnyPath, DataError, encoding_of, listed, named, opened, shown, text_of
from .numerals import is_missing, is_number

Row = tuple[int, list[str]]  # line number in the file, 0 of names that are no line of it; and cells
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "blank": " "}
_FIRST = 50  # rows that a file is judged by
ROWS_AT_ONCE = 1000  # few enough that the collector of garbage does not go through them again and again


@dataclass(frozen=True)
class Reading:
    """How a file is read where it does not say so itself; None of what it is asked.

    encoding: of the text; separator: of cells; header: whether the first row names the columns; skip_header,
    skip_footer: lines left out at the start and the end; decimal, thousands: signs in numbers; date_format: as
    strptime's, or "none" of a file without dates; sort: whether rows are put in the order of time; missing: "drop" the
    row or "fill" with the value before; na: the number that stands for a missing value, "none" if none does; where:
    "NAME=VALUE", the rows that are taken; sheet: of a workbook; bar: whether a terminal is shown how far a long file
    was read.
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
    na: str | None = None
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
    """A table that can be read more than once: `header`, and what stands below its line of the source.

    unit: what a row is called in messages; separator: of the cells of a text; note: what is to know of the header.
    """

    name: str
    header: list[str]
    line: int
    source: Callable[[], Iterator[Row]]
    reading: Reading
    unit: str
    separator: str
    note: str = ""

    def rows(self) -> Iterator[Row]:
        """The rows below the header, all of its width, but for those that are left out."""
        column, equals, value = (self.reading.where or "").partition("=")
        if self.reading.where is not None and not equals:
            raise DataError(f"--where {shown(self.reading.where)} names no value; give NAME=VALUE")
        place = find(column, self.header, self.name) if equals else None
        width, below = len(self.header), dropwhile(lambda row: row[0] <= self.line, self.source())
        for row in _without_end(below, width, self.reading.skip_footer or 0):
            line, cells = row
            if len(cells) == width:
                if place is None or cells[place].strip() == value.strip():
                    yield row
            elif any(cells):
                there = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
                raise DataError(
                    f"{self.name}: {self.unit} {line} has {there} and the header has {width}; "
                    "make them equal (a cell that contains the separator needs quotes), or leave lines out with "
                    "--skip-header or --skip-footer"
                )

    def blocks(self) -> Iterator[Block]:
        """The rows below the header, some at once; a terminal is shown how many there were."""
        rows, off = self.rows(), None if self.reading.bar else True  # None: if there is no terminal
        with tqdm(desc=f"reading {self.name}", unit=" rows", unit_scale=True, delay=1, leave=False, disable=off) as bar:
            while some := list(islice(rows, ROWS_AT_ONCE)):
                bar.update(len(some))
                lines, cells = zip(*some, strict=True)
                yield Block(lines, [tuple(map(str.strip, column)) for column in zip(*cells, strict=True)])


def _filled(row: Row) -> bool:
    return any(map(str.strip, row[1]))


def _without_end(rows: Iterator[Row], width: int, footer: int) -> Iterator[Row]:
    """Rows without the last `footer` of them; those of empty cells at the end are padding and count for nothing, and
    so do comments, which have another width than the table."""
    held: deque[Row] = deque()
    filled = 0
    for row in rows:
        cells = row[1]
        if len(cells) != width and cells[0].startswith("#"):
            continue
        if not (footer or held) and (cells[0].strip() or _filled(row)):  # most rows of most files
            yield row
            continue
        held.append(row)
        filled += _filled(row)
        while filled > footer:
            filled -= _filled(held[0])
            yield held.popleft()


def read_table(path: AnyPath, reading: Reading) -> Table:
    """Opens a table and finds its header."""
    name, unit, separator, above = named(path), "row", "", reading.skip_header or 0
    with opened(path) as file:
        start = file.read(4)
    if start == b"PAR1":
        source = partial(_parquet, path, name)
    elif start in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        source = partial(_workbook, path, name, reading.sheet)
    else:
        encoding = encoding_of(path, reading.encoding)
        with text_of(path, encoding) as text:
            first = text.readline()
        if first.startswith(("{", "[{", "[[")) or first.strip() == "[":
            source = partial(_json, path, name, encoding)
        else:
            unit, stated = "line", re.fullmatch(r"sep=(.)\n", first, re.IGNORECASE)
            above = max(above, 1 if stated else 0)
            separator = stated[1] if stated else _separator(path, name, encoding, reading.decimal)
            separator = reading.separator or separator
            source = partial(_csv, path, name, encoding, separator)
    below = partial(dropwhile, lambda row: 0 < row[0] <= above)
    some = [(line, [*map(str.strip, cells)]) for line, cells in islice(filter(_filled, below(source())), _FIRST)]
    if not some:
        raise DataError(f"{name} is empty; give a file with some text in it")
    line, header = _header(some, reading, name, unit) if some[0][0] else some[0]
    note, units = "", _units([each for each in some if each[0] > line], len(header))
    if units and reading.header is not False:
        line, found = units[0], listed([*filter(None, units[1])], 4)
        note = f"{unit} {line} is left out, since it holds units: {found}"
    return Table(name, header, line, lambda: below(source()), reading, unit, separator, note)


def columns_of(path: AnyPath) -> list[str]:
    """The names of the columns of what is a table of numbers for all one can see, of anything else none."""
    try:
        table = read_table(path, Reading())
        some = [cells for _, cells in islice(table.rows(), _FIRST)]
    except DataError as error:
        return ["values"] if "--header no" in str(error) else []
    if len(some) < 2:  # a text in one line has a hundred thousand cells
        return []
    cells = [cell for row in some for cell in row]
    values = sum(is_number(cell) or bool(forms_of([cell])) for cell in cells)
    return table.header if 2 * values > len(cells) else []


def _header(first: list[Row], reading: Reading, name: str, unit: str) -> Row:
    """The first row that is as wide as those below it, and the line that they stand below; titles and comments stand
    above."""
    comment = (cells[0].startswith("#") and cells != ["#"] for _, cells in first)
    at = next((i for i, each in enumerate(comment) if not each), len(first) - 1)
    above = first[at - 1][1] if at else []  # a comment may name the columns
    width = Counter(len(cells) for _, cells in first).most_common(1)[0][0]
    if reading.skip_header is None and width > 1:
        alone = next((i for i in range(at, len(first)) if any(first[i][1][1:])), at)
        at = alone if len(first[alone][1]) == width else at  # titles stand alone in their rows
        whole = next(i for i, (_, cells) in enumerate(first) if len(cells) == width)
        if at < whole and all(first[whole][1]) and not _values(first[whole][1], [c for _, c in first[whole + 1 :]]):
            at = whole  # or in rows that are narrower than the names
    line, header = first[at]
    body = [cells for _, cells in first[at + 1 :]]
    second = [cells[0].casefold() for cells in body[:2] if len(cells) == len(header)]
    if second == ["ticker", "date"] and not any(body[1][1:]):  # of several tickers each name has its own
        tickers = body[0][1:]
        names = [f"{each} {of}" if len({*tickers}) > 1 else each for each, of in zip(header[1:], tickers, strict=True)]
        return first[at + 2][0], ["Date", *names]
    if reading.header is False:
        return line - 1, [str(i + 1) for i in range(len(header))]
    if reading.header or not (what := _values(header, body)):
        return line, header
    if len(above) == len(header):
        return line - 1, [above[0].lstrip("# "), *above[1:]]
    raise DataError(
        f"{name}: {unit} {line} holds {what} ({listed(header, 4)}); make the names of the columns its first {unit}, or "
        "call them 1, 2, ... with --header no (--header yes if these are the names)"
    )


# A unit, or how a date is written, as they stand below the names of columns.
_UNIT = re.compile(r"[(\[].*[)\]]|[^\s\d]{1,8}(?:[/^]\S{1,6})?|[ymdhs:/. -]+", re.IGNORECASE)


def _units(body: list[Row], width: int) -> Row | None:
    """The first row if it holds the units of the columns of numbers below it, and nothing else."""
    if len(body) < 3 or any(len(cells) != width for _, cells in body):
        return None
    first, *others = (cells for _, cells in body)
    numeric = [i for i in range(width) if all(is_number(cells[i]) or is_missing(cells[i]) for cells in others)]
    told = [first[i] for i in numeric if not is_missing(first[i])]
    are_units = all(_UNIT.fullmatch(cell) for cell in first if cell) and not any(map(is_number, told))
    return body[0] if told and are_units and not any(forms_of([cell]) for cell in first if cell) else None


def _values(header: list[str], body: list[list[str]]) -> str:
    """What a first row holds that is like those below it, so that it would be lost as a header; else nothing."""
    filled = [i for i, cell in enumerate(header) if cell]
    if all(is_number(header[i]) for i in filled):
        return "numbers"
    if not body:
        return ""
    numeric = [i for i in filled if is_number(header[i])]
    again = [i for i in filled if any(cells[i : i + 1] == [header[i]] for cells in body)]
    dates = [i for i in filled if i not in numeric and set(forms_of([header[i]])) - {"%b"}]
    return "values" if {*numeric, *dates} and {*numeric, *dates, *again} == {*filled} else ""


def _csv(path: AnyPath, name: str, encoding: str, separator: str) -> Iterator[Row]:
    """The lines of a CSV file, blank ones left out."""
    start = 1
    with text_of(path, encoding) as file:
        lines = (line.strip() + "\n" for line in file) if separator == " " else file
        reader = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)
        try:
            for row in reader:
                if len(row) > 1 or any(row):
                    yield start, row
                start = reader.line_num + 1
        except csv.Error as error:
            why = f"is not CSV ({error}); check its quotes"
            if "field limit" in str(error):
                most = f"{csv.field_size_limit():,} characters"
                why = f"has a cell of more than {most}; shorten it, or close the quotes before it"
            raise DataError(f"{name}: line {start} {why}") from None


def _separator(path: AnyPath, name: str, encoding: str, decimal: str | None) -> str:
    """The sign that leaves most of the first lines in numbers, or cuts most of them into the same number of cells."""
    best, widest = ",", (0, 0.0, 0)
    for separator in SEPARATORS.values():
        if separator == decimal:
            continue
        try:
            some = [cells for _, cells in islice(_csv(path, name, encoding, separator), _FIRST)]
        except DataError:
            continue
        rows = [cells for cells in some if any(cells) and not cells[0].startswith("#")]
        width, count = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
        if width < 2:
            continue
        # Blanks stand in names and between thousands too.
        if separator == " " and (widest[-1] or not 1 < count == len(rows)):
            continue
        numbers = (len(cell) for cells in rows if len(cells) == width for cell in cells if is_number(cell))
        fit = (sum(numbers), count / len(rows), width)
        if fit >= widest:
            best, widest = separator, fit
    return best


def find(column: str, header: list[str], name: str) -> int:
    """The position of the column named `column`."""
    wanted = column.strip()
    found = [i for i, each in enumerate(header) if each == wanted]
    found = found or [i for i, each in enumerate(header) if each.casefold() == wanted.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        places = " and ".join(str(i + 1) for i in found)
        raise DataError(
            f"{name} has {len(found)} columns named '{shown(wanted)}' (columns {places}); rename or remove all but one"
        )
    near = difflib.get_close_matches(wanted.casefold(), [each.casefold() for each in header], n=1)
    guess = f"; did you mean '{next(each for each in header if each.casefold() == near[0])}'?" if near else ""
    raise DataError(f"{name} has no column '{shown(wanted)}'; its columns are {listed(header)}{guess}")


def _cell(value: Any) -> str:
    """A typed value as a cell."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value.isoformat() if isinstance(value, date | time) else str(value).strip()


def _json(path: AnyPath, name: str, encoding: str) -> Iterator[Row]:
    """The objects in the lines of a file; their names come first."""
    header: list[str] = []
    cure = "give an object of names and values in each line (jq -c '.[]' makes them of a list), or CSV"
    with text_of(path, encoding) as text:
        for line, each in enumerate(filter(str.strip, text), 1):
            try:
                found = json.loads(each)
                found = dict(_flat(found)) if isinstance(found, dict) else found
            except (ValueError, RecursionError) as error:
                raise DataError(f"{name}: row {line} is not JSON ({error}); {cure}") from None
            if not isinstance(found, dict):
                raise DataError(f"{name}: row {line} is no JSON object; {cure}")
            lists = ((key, each) for key, value in found.items() if isinstance(value, list) for each in value)
            if nested := next((key for key, each in lists if isinstance(each, dict)), None):
                raise DataError(f"{name}: row {line} has rows of its own in '{shown(nested)}'; {cure}")
            if not header:
                header = list(found)
                yield 0, header
            if strange := sorted(found.keys() - {*header}):
                raise DataError(
                    f"{name}: row {line} has {listed(strange, 3)}, which the first has not; give all rows the same"
                )
            yield line, [_cell(found.get(key)) for key in header]


def _flat(found: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Names and values; the names in an object within are known by both, as price.close."""
    for key, value in found.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _extra(module: str, name: str, what: str) -> Any:
    """A module that comes with the extra `tables`."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise DataError(
            f'{name} is {what}, which needs {error.name}: pip install "tinygrad-rnn[tables]", or save it as CSV'
        ) from None


def _parquet(path: AnyPath, name: str) -> Iterator[Row]:
    """The rows of a parquet file; the names come first."""
    arrow, parquet = (_extra(each, name, "a parquet file") for each in ("pyarrow", "pyarrow.parquet"))
    with opened(path) as file:
        try:
            table = parquet.ParquetFile(file)
            yield 0, list(table.schema_arrow.names)
            lines = count(1)
            for batch in table.iter_batches(ROWS_AT_ONCE):
                for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    yield next(lines), list(map(_cell, cells))
        except (OSError, ValueError, arrow.ArrowException) as error:
            raise DataError(f"{name} is a damaged parquet file ({shown(error)}); get it again") from None


def _workbook(path: AnyPath, name: str, sheet: str | None) -> Iterator[Row]:
    """The rows of a sheet; the only one of the workbook that holds something, or the one that is asked for."""
    calamine = _extra("python_calamine", name, "a zip archive or a workbook")
    with opened(path) as file:
        content = io.BytesIO(file.read())
    try:
        book = calamine.CalamineWorkbook.from_filelike(content)
        sheets = {
            each: [list(map(_cell, row)) for row in book.get_sheet_by_name(each).to_python(skip_empty_area=False)]
            for each in book.sheet_names
        }
    except (calamine.CalamineError, OSError) as error:
        raise DataError(
            f"{name} is a zip archive or a spreadsheet workbook that cannot be read ({shown(error)}); save the sheet "
            "as CSV (UTF-8) and give that file"
        ) from None
    filled = {each: rows for each, rows in sheets.items() if any(any(row) for row in rows)}
    if sheet is None and len(filled) > 1:
        raise DataError(f"{name} has {len(filled)} sheets; choose one of {listed(list(filled))} with --sheet")
    if sheet is not None and sheet not in filled:
        raise DataError(f"{name} has no sheet '{shown(sheet)}' with values; choose one of {listed(list(filled))}")
    rows = filled[sheet] if sheet else next(iter(filled.values()), [])
    yield from ((line, row) for line, row in enumerate(rows, 1) if any(row))
