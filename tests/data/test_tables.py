"""Files as people have them: for each what it gives, the values of its column or the line that refuses it."""

import bz2
import gzip
import io
import json
import lzma
import sys
import tracemalloc
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_rnn.lab.data import DataError, Reading, read_series
from tinygrad_rnn.lab.data.columns import Columns
from tinygrad_rnn.lab.data.order import Order

DAYS = ("2026-06-15", "2026-06-16", "2026-06-17", "2026-06-18", "2026-06-19")
CLOSES = [100.5, 101.25, 99.75, 1000.0, 1234.5]
PLAIN = "date,close\n" + "".join(f"{day},{close}\n" for day, close in zip(DAYS, CLOSES, strict=True))
GERMAN = "Datum;Schluss\n" + "".join(
    f"{day[8:]}.{day[5:7]}.{day[:4]};{close:,.2f}\n".translate(str.maketrans(",.", ".,")).replace(
        ",06,2026", ".06.2026"
    )
    for day, close in zip(DAYS, CLOSES, strict=True)
)
YFINANCE = "Price,Close,High,Volume\nTicker,AAPL,AAPL,AAPL\nDate,,,\n" + "".join(
    f"{day},{close},{close + 1},5\n" for day, close in zip(DAYS, CLOSES, strict=True)
)
RECORDS: list[dict[str, Any]] = [{"date": day, "close": close} for day, close in zip(DAYS, CLOSES, strict=True)]
LINES = "".join(json.dumps(each) + "\n" for each in RECORDS)


def workbook(**sheets: list[list[Any]]) -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def parquet(**columns: list[Any]) -> bytes:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet as writer

    file = io.BytesIO()
    writer.write_table(pyarrow.table(columns), file)
    return file.getvalue()


def rows_of(text: str) -> list[list[Any]]:
    return [line.split(",") for line in text.splitlines()]


TYPED: list[list[Any]] = [
    ["date", "close"],
    *([datetime.fromisoformat(day), close] for day, close in zip(DAYS, CLOSES, strict=True)),
]

# the file, how it is read beyond what it says itself, the column (None: the one that is taken)
Read = tuple[str | bytes | Callable[[], bytes], dict[str, Any], str | None]
READ: dict[str, Read] = {
    "plain": (PLAIN, {}, None),
    "from Windows": (PLAIN.replace("\n", "\r\n"), {}, None),
    "from an old Mac": (PLAIN.replace("\n", "\r"), {}, None),
    "UTF-8 with a mark": ("\ufeff" + PLAIN, {}, None),
    "UTF-16, as a spreadsheet's Unicode text": (PLAIN.replace(",", "\t").encode("utf-16"), {}, None),
    "UTF-16 without a mark": (PLAIN.encode("utf-16-le"), {}, None),
    "Windows-1252": (PLAIN.replace("close", "“prix” €").encode("cp1252"), {"encoding": "cp1252"}, None),
    "GB18030": (PLAIN.replace("date,close", "日期,收盘").encode("gb18030"), {"encoding": "gb18030"}, None),
    "Shift-JIS": (PLAIN.replace("date,close", "日付,終値").encode("shift_jis"), {"encoding": "shift_jis"}, None),
    "gzip": (gzip.compress(PLAIN.encode(), mtime=0), {}, None),
    "semicolons": (PLAIN.replace(",", ";"), {}, None),
    "tabs": (PLAIN.replace(",", "\t"), {}, None),
    "bars": (PLAIN.replace(",", " | "), {}, None),
    "blanks": (PLAIN.replace(",", " "), {}, None),
    "blanks in columns": (PLAIN.replace(",", "      ").replace("\n", "   \n"), {}, None),
    "an own separator": (PLAIN.replace(",", "~"), {"separator": "~"}, None),
    "German": (GERMAN, {}, None),
    "German, said so": (GERMAN, {"decimal": ",", "thousands": "."}, "schluss"),
    "German, separator said": ("sep=;\n" + GERMAN, {}, None),
    "a spreadsheet's sep": ("sep=;\r\n" + PLAIN.replace(",", ";").replace("\n", "\r\n"), {}, None),
    "sep with a tab": ("sep=\t\n" + PLAIN.replace(",", "\t"), {}, None),
    "SEP of the usual": ("SEP=,\n" + PLAIN, {}, None),
    "comments": ("# from the exchange\n# all rights reserved\n" + PLAIN, {}, None),
    "comments with commas": ("# from, the, exchange\n" + PLAIN, {}, None),
    "comments between": (PLAIN.replace("2026-06-17", "# a split\n2026-06-17"), {}, None),
    "a comment as header": ("# date,close\n" + PLAIN.partition("\n")[2], {}, None),
    "a title": ("Prices of June\n" + PLAIN, {}, None),
    "titles, padded": ("Prices of June,\nas of today,\n,\n" + PLAIN, {}, None),
    "lines to leave out": ("name,value\nof,June\n" + PLAIN, {"skip_header": 2}, None),
    "no header": (PLAIN.partition("\n")[2], {"header": False}, "2"),
    "years as names": ("2025,2026\n" + "".join(f"{close - 1},{close}\n" for close in CLOSES), {"header": True}, "2026"),
    "yfinance": (YFINANCE, {}, None),
    "yfinance, two": (
        YFINANCE.replace("AAPL,AAPL,AAPL", "AAPL,MSFT,MSFT").replace("Close,High,Volume", "Close,Close,High"),
        {},
        "close aapl",
    ),
    "MetaTrader": (PLAIN.replace("date,close", "<DATE>,<CLOSE>").replace("2026-06-", "2026.06."), {}, "<close>"),
    "thousands in quotes": (PLAIN.replace("1000.0", '"1,000.0"').replace("1234.5", '"1,234.5"'), {}, None),
    "thousands that the file tells": (PLAIN.replace("1000.0", '"1,000"').replace("1234.5", '"1,234.50"'), {}, None),
    "Swiss": (PLAIN.replace("1000.0", "1'000.00").replace("1234.5", "1'234.50"), {}, None),
    "dollars": (PLAIN.replace(",1", ",$1").replace("$1000.0", '"$1,000.00"').replace(",99", ",$99"), {}, None),
    "percent": (PLAIN.replace(".5\n", ".5%\n").replace("5\n", "5%\n").replace("1000.0", "1000%"), {}, None),
    "quotes": ('"' + PLAIN.strip().replace(",", '","').replace("\n", '"\n"') + '"\n', {}, None),
    "blank lines": ("\n\n" + PLAIN.replace("\n", "\n\n"), {}, None),
    "rows of nothing at the end": (PLAIN + ",\n,\n , \n", {}, None),
    "a footer left out": (PLAIN + "Total,2536\n", {"skip_footer": 1}, None),
    "a footer of other widths left out": (PLAIN + "of June\nSource: the exchange, 2026\n,\n", {"skip_footer": 2}, None),
    "a footer above a comment": (PLAIN + "Total,2536\n# made today\n", {"skip_footer": 1}, None),
    "missing, dropped": (PLAIN.replace("2026-06-17", "2026-06-16T12:00,\n2026-06-17"), {"missing": "drop"}, None),
    "newest first, sorted": ("date,close\n" + "\n".join(PLAIN.strip().split("\n")[:0:-1]), {"sort": True}, None),
    "one of several series": (
        "date,who,close\n" + "".join(f"{row[0]},{who},{row[1]}\n" for row in rows_of(PLAIN)[1:] for who in "AB"),
        {"where": "who=B"},
        None,
    ),
    "day first, said so": (
        PLAIN.replace("2026-06-15", "05.06.26").replace("2026-06-16", "06.06.26").replace("2026-06-17", "07.06.26")
        .replace("2026-06-18", "08.06.26").replace("2026-06-19", "09.06.26"),
        {"date_format": "%d.%m.%y"},
        None,
    ),
    "JSON lines": (LINES, {}, None),
    "JSON within JSON lines": (
        "".join(json.dumps({"date": each["date"], "of": {"close": each["close"]}}) + "\n" for each in RECORDS),
        {}, "of.close"),
    "JSON lines, compressed": (gzip.compress(LINES.encode(), mtime=0), {}, None),
    "parquet": (lambda: parquet(date=list(DAYS), close=CLOSES), {}, None),
    "parquet with dates": (lambda: parquet(date=list(map(date.fromisoformat, DAYS)), close=CLOSES), {}, "close"),
    "parquet of integers": (lambda: parquet(year=[2020, 2021], price=[7, 9]), {}, "price"),
    "a workbook": (lambda: workbook(Prices=TYPED), {}, None),
    "a workbook with a title": (lambda: workbook(Prices=[["Prices of June"], [], *TYPED]), {}, None),
    "a workbook with a row of noughts": (
        lambda: workbook(P=[["n", "x"], *([i, close] for i, close in enumerate([*CLOSES[:3], 0, 0][::-1]))]), {}, "x"),
    "a workbook of words": (lambda: workbook(Prices=rows_of(PLAIN)), {}, None),
    "one of two sheets": (lambda: workbook(Notes=[["see"], ["below"]], Prices=TYPED), {"sheet": "Prices"}, None),
    "a sheet beside empty ones": (lambda: workbook(Empty=[], Prices=TYPED), {}, None),
    "a note of 100,000 characters": (PLAIN.replace("\n", ",x\n").replace(",x\n2", f",{'y' * 100_000}\n2", 1), {}, None),
}  # fmt: skip


OTHERS = {"parquet of integers": [7.0, 9.0], "a workbook with a row of noughts": [0.0, 0.0, *CLOSES[2::-1]]}


@pytest.mark.parametrize("name", READ)
def test_what_is_read(tmp_path: Path, name: str) -> None:
    content, reading, column = READ[name]
    raw = content() if callable(content) else content.encode() if isinstance(content, str) else content
    (tmp_path / "file").write_bytes(raw)
    series = read_series(tmp_path / "file", column, Reading(**reading))
    wanted = OTHERS.get(name, CLOSES)
    assert series.values.tolist() == wanted
    assert len(series.labels) == len(wanted)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    from tinygrad_rnn.lab.data import files

    long = "\n".join(["close", *map(str, CLOSES * 100)]).encode()
    for raw in (long, gzip.compress(long)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        for _ in range(2):
            series = read_series("-")
            assert (series.values.tolist(), series.source) == (CLOSES * 100, "standard input")
        files._standard_input().close()
        files._standard_input.cache_clear()


# the file, how it is read, the column, what is said
Refused = tuple[str | bytes | Callable[[], bytes], dict[str, Any], str | None, str]
REFUSED: dict[str, Refused] = {
    "Windows-1252": ("date,“prix”\n".encode("cp1252"), {}, None, "line 1 reads 'date,“prix”' in cp1252"),
    "GB18030": ("日期,收盘\n1,2\n".encode("gb18030"), {}, None, "'日期,收盘' in gb18030"),
    "Shift-JIS": ("日付,終値\n1,2\n".encode("shift_jis"), {}, None, "'日付,終値' in shift_jis"),
    "another encoding than was said": (PLAIN.encode("utf-16"), {"encoding": "ascii"}, None, "give another --encoding"),
    "nothing": (b"", {}, None, "file is empty; give a file with some text in it"),
    "nothing, compressed": (gzip.compress(b"", mtime=0), {}, None, "is empty"),
    "comments alone": ("# a\n# b\n", {}, None, "no rows"),
    "half a gzip": (gzip.compress(PLAIN.encode() * 99, mtime=0)[:90], {}, None, "is damaged (Compressed file ended"),
    "bzip2": (bz2.compress(PLAIN.encode()), {}, None, "is packed with bzip2; unpack it, or pack it with gzip"),
    "xz": (lzma.compress(PLAIN.encode()), {}, None, "is packed with xz; unpack it, or pack it with gzip"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", {}, None, "is a binary file (byte 8 is NUL)"),
    "a zip of something": (b"PK\x03\x04rest", {}, None, "is a zip archive"),
    "no header": (PLAIN.partition("\n")[2], {}, None, "line 1 holds values (2026-06-15, 100.5)"),
    "no header, all numbers": ("1,2\n3,4\n", {}, None, "line 1 holds numbers (1, 2)"),
    "no header, with words": ("AAPL,2026-06-15,1\nAAPL,2026-06-16,2\n", {}, None, "line 1 holds values (AAPL, 2026-"),
    "years as names": ("2025,2026\n1,2\n", {}, None, "--header yes if these are the names"),
    "a row too long": (PLAIN + "2026-06-20,1,234\n", {}, None, "line 7 has 3 cells and the header has 2"),
    "a sentence below": (PLAIN + "Source: the exchange\n", {}, None, "line 7 has 1 cell and the header has 2"),
    "a quote too few": (PLAIN.replace("99.75", '"99.75'), {}, None, "line 4 is not CSV (unexpected end of data)"),
    "a field of 200,000 characters": (PLAIN.replace("99.75", "9" * 200_000), {}, None, "line 4 has a cell of more tha"),
    "a name of 200,000 characters": ("x" * 200_000 + ",close\n1,2\n", {}, None, "line 1 has a cell of more than"),
    "a missing value": (PLAIN.replace("99.75", ""), {}, None, "line 4, column 'close': the cell is blank"),
    "a missing value in JSON": ('{"close": 1}\n{"close": null}\n{"close": 3}\n', {}, None, "row 2, column 'close': "),
    "a first value missing": (PLAIN.replace("100.5", "-"), {"missing": "fill"}, None, "begins without a value"),
    "no value at all": ("date,close\n2026-06-15,-\n2026-06-16,-\n", {"missing": "drop"}, None, "has no value"),
    "thousands or decimals": (PLAIN.replace(".5\n", "\n").replace("1000.0", '"1,000"').replace("99.75", "99").replace(
        "101.25", "101").replace("1234", '"1,234"'), {}, None, "column 'close': '1,000' can be read in two ways"),
    "not the sign that was said": (PLAIN, {"decimal": ","}, None, "'100.5' is not written like the other numbers"),
    "an unknown column to choose by": (PLAIN, {"where": "who=A"}, None, "has no column 'who'"),
    "no value to choose by": (PLAIN, {"where": "date"}, None, "--where date names no value; give NAME=VALUE"),
    "nothing chosen": (PLAIN, {"where": "date=never"}, None, "no rows"),
    "nothing to sort by": ("close\n1\n2\n", {"sort": True}, None, "no column of dates or times to be sorted by"),
    "another form of dates": (PLAIN, {"date_format": "%d.%m.%Y"}, None, "no column has dates in the form"),
    "JSON lines of lists": ('{"a": 1}\n[2]\n', {}, None, "row 2 is no JSON object"),
    "rows within JSON": (json.dumps({"n": 1, "data": RECORDS}), {}, None, "row 1 has rows of its own in 'data'; give"),
    "JSON lines that end early": (LINES[:-9], {}, None, "row 5 is not JSON"),
    "JSON lines of other names": (LINES + '{"date": "2026-06-20", "open": 1}\n', {}, None, "row 6 has open"),
    "JSON within JSON": ('{"a": ' * 100_000, {}, None, "row 1 is not JSON"),
    "JSON of a long number": ('{"a": ' + "1" * 5000 + "}", {}, None, "row 1 is not JSON"),
    "a JSON array": (json.dumps(RECORDS), {}, None, "row 1 is no JSON object; give an object of names and"),
    "a JSON array on many lines": (json.dumps(RECORDS, indent=1), {}, None, "row 1 is not JSON"),
    "a JSON object": (json.dumps({"a": [1, 2]}, indent=1), {}, None, "row 1 is not JSON"),
    "half a parquet": (lambda: parquet(close=CLOSES)[:-20], {}, None, "is a damaged parquet file"),
    "half a workbook": (lambda: workbook(Prices=TYPED)[:-30], {}, None, "is a zip archive or a spreadsheet"),
    "a workbook with a word": (lambda: workbook(P=[*TYPED, ["2026-06-22", "x"]]), {}, None, "row 7, column 'close'"),
    "two sheets": (lambda: workbook(Open=TYPED, Close=TYPED), {}, None, "2 sheets; choose one of Open, Close with"),
    "no such sheet": (lambda: workbook(P=TYPED), {"sheet": "Q"}, None, "no sheet 'Q' with values; choose one of P"),
    "an empty workbook": (lambda: workbook(P=[]), {}, None, "is empty"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    content, reading, column, said = REFUSED[name]
    monkeypatch.chdir(tmp_path)
    raw = content() if callable(content) else content.encode() if isinstance(content, str) else content
    Path("file").write_bytes(raw)
    with pytest.raises(DataError) as caught:
        read_series("file", column, Reading(**reading))
    assert said in str(caught.value), caught.value
    assert str(caught.value).startswith(("file", "--where")) and "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_enough_files_are_shown() -> None:
    assert len(READ) + len(REFUSED) >= 80


def test_an_extra_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content in (("pyarrow", parquet(close=CLOSES)), ("python_calamine", workbook(P=TYPED))):
        (tmp_path / "file").write_bytes(content)
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(DataError, match=rf'needs {name}: pip install "tinygrad-rnn\[tables\]", or save it as CSV$'):
            read_series(tmp_path / "file")


@pytest.mark.slow
def test_damaged_files_give_a_series_or_one_line(tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    pieces = [
        b",",
        b";",
        b"\n",
        b'"',
        b"#",
        b"\0",
        b"\xe9",
        b"1,000",
        b"%",
        b"Total",
        b"[",
        b"2024-13-01",
        b"1e999",
        b"\r",
    ]
    options: list[dict[str, Any]] = [{}, {"sort": True}, {"missing": "drop"}, {"encoding": "utf-16"}, {"decimal": ","}]
    files = [each[0] for table in (READ, REFUSED) for each in table.values() if not callable(each[0])]
    read = 0
    for number in range(400):
        content = files[number % len(files)]
        raw = bytearray(content.encode() if isinstance(content, str) else content)[:5000]
        for _ in range(int(random.integers(1, 3))):
            at, some = (int(each) for each in random.integers(0, [len(raw) + 1, 9]))
            raw[at : at + some] = pieces[int(random.integers(len(pieces)))] if random.random() < 0.6 else b""
        (tmp_path / "file").write_bytes(raw)
        try:
            series = read_series(tmp_path / "file", None, Reading(**options[number % 5]))
        except DataError as error:
            assert str(error).isprintable() and len(str(error)) < 700
        else:
            assert np.isfinite(series.values).all() and len(series.values) == len(series.labels) > 0
            read += 1
    assert read > 7


@pytest.mark.parametrize("whole", [lambda: workbook(P=TYPED), lambda: parquet(date=list(DAYS), close=CLOSES)])
def test_damaged_binary_tables_give_a_series_or_one_line(tmp_path: Path, whole: Callable[[], bytes]) -> None:
    random, content, said = np.random.default_rng(7), whole(), set[str]()
    for _ in range(200):
        raw = bytearray(content)
        at, some = (int(each) for each in random.integers(0, [len(raw), 40]))
        raw[at : at + some] = random.bytes(some) if random.random() < 0.7 else b""
        (tmp_path / "file").write_bytes(raw)
        try:
            assert np.isfinite(read_series(tmp_path / "file").values).all()
        except DataError as error:
            assert str(error).isprintable() and len(str(error)) < 700
            said.add(str(error))
    assert len(said) > 3
    assert not any("permissions" in each for each in said)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("", "2026-06-22,7\n", "changed while it was read"),
        ("2026-06-22,7\n", "", "changed while it was read"),
        ("2026-06-22,7\n", "2026-06-22,seven\n", "line 7, column 'close': 'seven' is not a number"),
        ("2026-06-22,7\n", "2026-06-22,\n", "line 7, column 'close': the cell is blank"),
        ("2026-06-22,7\n", "tomorrow,7\n", "line 7, column 'date': 'tomorrow' is no date"),
    ],
)
def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str, said: str
) -> None:
    def changing(columns: Columns) -> Order:
        (tmp_path / "file").write_text(PLAIN + after)
        return Order(columns)

    monkeypatch.setattr("tinygrad_rnn.lab.data.series.Order", changing)
    (tmp_path / "file").write_text(PLAIN + before)
    with pytest.raises(DataError, match=said):
        read_series(tmp_path / "file")


@pytest.mark.slow
def test_a_file_takes_the_memory_of_its_numbers(tmp_path: Path) -> None:
    rows = 60_000
    cells = ",".join(f"{close}" for close in CLOSES)
    with (tmp_path / "long.csv").open("w") as file:
        file.write("date,a,b,c,d,close\n")
        file.writelines(f"2026-06-15T{i // 3600:02}:{i // 60 % 60:02}:{i % 60:02},{cells}\n" for i in range(rows))
    tracemalloc.start()
    try:
        series = read_series(tmp_path / "long.csv")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(series) == rows and series.labels[-1] == "2026-06-15T16:39:59"
    assert peak < 6 * 8 * rows + 2_000_000  # six columns of 64-bit numbers, and the rows in hand
