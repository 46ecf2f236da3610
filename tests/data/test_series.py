"""Series from CSV files: what is understood, and every way a file can be wrong, word for word."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_rnn.lab.data import DataError, Reading, Scaling, Series, read_series, split, windows

PRICES = Path(__file__).parents[2] / "examples" / "prices.csv"
GOOD = "date,open,close\n2024-01-02,99.5,100\n2024-01-03,101,102.25\n"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(text: str | bytes, column: str = "close") -> Series:
    Path("p.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_series("p.csv", column)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        GOOD.replace(",", ", "),
        "\ufeff" + GOOD,
        GOOD + "\n\n\n",
        GOOD + ",,\n,,\n",
        "\n\n" + GOOD,
        GOOD.removesuffix("\n"),
        GOOD.replace("100", '"100"').replace("close", '"close"'),
        GOOD.replace("\n2024-01-03", "\n\n2024-01-03"),
        GOOD.replace("100\n", " 1.0e2 \n"),
        GOOD.replace("close", " close "),
    ],
    ids=[
        "plain", "crlf", "semicolons", "tabs", "spaces after commas", "byte order mark", "blank lines at the end",
        "rows of empty cells at the end", "blank lines at the start", "no last line end", "quotes",
        "blank line between", "exponent and spaces", "spaces in the header",
    ],
)  # fmt: skip
def test_the_ways_people_write_csv(text: str) -> None:
    series = read(text)
    assert series.values.dtype == np.float64
    assert series.values.tolist() == [100.0, 102.25]
    assert series.labels == ("2024-01-02", "2024-01-03")
    assert (series.name, series.source, len(series)) == ("close", "p.csv", 2)


def test_the_examples_prices_are_what_a_plain_csv_reader_says() -> None:
    series = read_series(PRICES, "close")
    with PRICES.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(series) == 502
    assert series.values.tolist() == [float(row["close"]) for row in rows]
    assert series.labels == tuple(row["date"] for row in rows)
    assert repr(series) == f"<Series close: 502 values, 2017-01-03 to 2018-12-31, from {series.source}>"


def test_labels_are_dates_or_else_text_or_else_row_numbers() -> None:
    assert read("name,close,Date\na,1,2024-01-01\nb,2,2024-01-02\n").labels == ("2024-01-01", "2024-01-02")
    assert read("close,year\n1,2023\n2,2024\n").labels == ("2023", "2024")
    assert read("volume,close,who\n5,1,ann\n6,2,bob\n").labels == ("ann", "bob")
    assert read("close,volume\n1,5\n2,6\n").labels == ("1", "2")
    assert read("close\n1\n2\n").labels == ("1", "2")


@pytest.mark.parametrize(
    "dates",
    [
        ("2024-01-02T09:00", "2024-01-02T09:00", "2024-01-02T09:05"),
        ("01/01/2024", "02/01/2024", "03/01/2024"),  # forward in either reading
        ("31/01/2024", "01/02/2024", "02/02/2024"),  # forward only with the day first
        ("01/31/2024", "02/01/2024", "02/02/2024"),  # forward only with the month first
        ("Jan 30, 2024", "Jan 31, 2024", "Feb 01, 2024"),
        ("round 9", "round 10", "round 1"),  # no dates: their order is not ours to judge
        ("2024-01-02T00:00Z", "2024-01-02T09:00", "2024-01-03"),
    ],
)
def test_dates_that_run_forward_or_cannot_be_judged(dates: tuple[str, ...]) -> None:
    text = "date,close\n" + "".join(f'"{date}",1\n' for date in dates)
    assert read(text).labels == dates


def test_capital_letters_in_the_name_matter_only_when_they_must() -> None:
    assert read("Date,Close\n2024-01-02,7\n", "close").values.tolist() == [7.0]
    assert read("Close,close\n1,2\n", "close").values.tolist() == [2.0]
    assert read("Close,close\n1,2\n", "Close").values.tolist() == [1.0]


def test_a_quoted_cell_may_hold_the_separator_and_a_line_end() -> None:
    series = read('note,close\n"a, b\nc",1\n"d",2\n')
    assert series.values.tolist() == [1.0, 2.0]
    with pytest.raises(DataError, match=r"^p\.csv: line 4, column 'close': 'x' is not a number"):
        read('note,close\n"a, b\nc",1\n"d",x\n')


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", "close", "p.csv is empty; give a file with some text in it"),
        ("date,close\n", "close", "p.csv has a header (date, close) and no rows; give a file with values in it"),
        ("date,close\n,\n\n", "close", "p.csv has a header (date, close) and no rows; give a file with values in it"),
        (
            "100,101\n102,103\n",
            "close",
            "p.csv: line 1 holds numbers (100, 101); make the names of the columns its first line, or call them "
            "1, 2, ... with --header no (--header yes if these are the names)",
        ),
        (GOOD, "high", "p.csv has no column 'high'; its columns are date, open, close"),
        (GOOD, "clsoe", "p.csv has no column 'clsoe'; its columns are date, open, close; did you mean 'close'?"),
        (GOOD, "", "p.csv has no column ''; its columns are date, open, close"),
        (
            "close,date,close\n1,2024-01-01,2\n",
            "close",
            "p.csv has 2 columns named 'close' (columns 1 and 3); rename or remove all but one",
        ),
        (
            "Close,CLOSE\n1,2\n",
            "close",
            "p.csv has 2 columns named 'close' (columns 1 and 2); rename or remove all but one",
        ),
        (
            GOOD.replace("102.25", "n/m"),
            "close",
            "p.csv: line 3, column 'close': 'n/m' is not a number; correct it, or choose a column with --column",
        ),
        (
            GOOD,
            "date",
            "p.csv: line 2, column 'date': '2024-01-02' is not a number; correct it, or choose a column with --column",
        ),
        (
            GOOD.replace("100", "100K"),
            "close",
            "p.csv: line 2, column 'close': '100K' has a word for a multiple, which is not read; write the number out, "
            "such as 12300",
        ),
        (
            GOOD.replace("100", "1_0"),
            "close",
            "p.csv: line 2, column 'close': '1_0' is not a number; correct it, or choose a column with --column",
        ),
        (
            GOOD.replace("102.25", ""),
            "close",
            "p.csv: line 3, column 'close': the cell is blank; fill it in or remove the row, or take "
            "--missing fill or --missing drop",
        ),
        (
            GOOD.replace("102.25", "NaN"),
            "close",
            "p.csv: line 3, column 'close': 'NaN' stands for a missing value; fill it in or remove the row, or take "
            "--missing fill or --missing drop",
        ),
        (
            GOOD.replace("102.25", "null"),
            "close",
            "p.csv: line 3, column 'close': 'null' stands for a missing value; fill it in or remove the row, or take "
            "--missing fill or --missing drop",
        ),
        (
            GOOD.replace("102.25", "-inf"),
            "close",
            "p.csv: line 3, column 'close': '-inf' is not finite; correct it or remove the row",
        ),
        (
            GOOD.replace("102.25", "1e999"),
            "close",
            "p.csv: line 3, column 'close': 1e999 is too large for a 64-bit float; give it in other units",
        ),
        (
            "date;close\n2024-01-02;1,234\n",
            "close",
            "p.csv: line 2, column 'close': '1,234' can be read in two ways; say which with --decimal ',' or "
            "--decimal '.'",
        ),
        (
            GOOD.replace("102.25", '"1.234,5"').replace("100", "1.5"),
            "close",
            "p.csv: line 3, column 'close': '1.234,5' is not written like the other numbers; write all of them in one "
            "way, such as 1234.5, or say which signs they have with --decimal and --thousands",
        ),
        (
            GOOD.replace("102.25", "1,234.5"),
            "close",
            "p.csv: line 3 has 4 cells and the header has 3; make them equal (a cell that contains the separator "
            "needs quotes), or leave lines out with --skip-header or --skip-footer",
        ),
        (
            GOOD + "end\n",
            "close",
            "p.csv: line 4 has 1 cell and the header has 3; make them equal (a cell that contains the separator "
            "needs quotes), or leave lines out with --skip-header or --skip-footer",
        ),
        (
            GOOD.replace("2024-01-03,", ",,\n2024-01-03,"),
            "close",
            "p.csv: line 3, column 'close': the cell is blank; fill it in or remove the row, or take "
            "--missing fill or --missing drop",
        ),
        (
            GOOD.replace("102.25", '"102.25'),
            "close",
            "p.csv: line 3 is not CSV (unexpected end of data); check its quotes",
        ),
        (
            "date,close\n2024-01-03,2\n2024-01-02,1\n",
            "close",
            "p.csv: line 3 goes back in time, from 2024-01-03 to 2024-01-02; sort the rows by date, oldest "
            "first, or let --sort do it (--date-format none if these are no dates)",
        ),
        (
            "Date,Close/Last\n12/31/2018,2\n12/28/2018,1\n",
            "close/last",
            "p.csv: line 3 goes back in time, from 12/31/2018 to 12/28/2018; sort the rows by date, oldest "
            "first, or let --sort do it (--date-format none if these are no dates)",
        ),
        (b"date,close\n1,\xa3", "close", None),
        (b"date\x00close", "close", None),
    ],
)  # fmt: skip
def test_every_way_a_file_can_be_wrong(text: str | bytes, column: str, message: str | None) -> None:
    with pytest.raises(DataError) as caught:
        read(text, column)
    if message is not None:
        assert str(caught.value) == message
    assert "\n" not in str(caught.value)


def test_long_lists_and_long_cells_are_cut_in_messages() -> None:
    header = ",".join(f"column{i}" for i in range(400))
    with pytest.raises(DataError, match=r"column11 and 388 more$"):
        read(header + "\n" + ",".join("1" * 400), "xyz")
    with pytest.raises(DataError) as caught:
        read("close\n" + "x" * 5000)
    assert len(str(caught.value)) < 200


def test_a_cell_beyond_the_readers_limit_is_an_error_of_ours() -> None:
    with pytest.raises(
        DataError, match=r"line 2 has a cell of more than 131,072 characters; shorten it, or close the "
    ):
        read("note,close\n" + "x" * 200_000 + ",1\n")


@given(st.text(max_size=200))
def test_any_text_gives_a_series_or_one_line(text: str) -> None:
    try:
        series = read(text.encode("utf-8", "replace"), "a")
    except DataError as error:
        assert str(error).isprintable()
    else:
        assert np.isfinite(series.values).all()
        assert len(series.labels) == len(series)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_numbers_survive_the_file_exactly(values: list[float]) -> None:
    text = "close\n" + "".join(f"{value!r}\n" for value in values)
    Path("p.csv").write_text(text)
    assert read_series("p.csv", reading=Reading(na="none")).values.tolist() == values


def test_windows_and_their_targets_written_out() -> None:
    inputs, targets = windows([100.0, 102.0, 104.0, 106.0, 108.0], 2)
    assert inputs.tolist() == [[100, 102], [102, 104], [104, 106]]
    assert targets.tolist() == [104, 106, 108]
    inputs[0, 0] = -1  # a copy, so neither a neighbouring window nor the series changes with it
    assert inputs[1].tolist() == [102, 104]


def test_as_many_windows_as_have_a_value_after_them() -> None:
    series = np.arange(10.0)
    for window in range(1, 10):
        inputs, targets = windows(series, window)
        assert inputs.shape == (10 - window, window)
        assert (targets == inputs[:, -1] + 1).all()


@pytest.mark.parametrize(
    ("values", "window", "message"),
    [
        ([1.0, 2.0, 3.0], 3, "3 values are too few for windows of 3 and the value after each; "
         "give at least 4 values or a window of at most 2"),
        ([1.0], 5, "1 values are too few for windows of 5 and the value after each; "
         "give at least 6 values or a window of at most 1"),
        ([1.0, 2.0], 0, "a window of 0 values cannot hold anything; give 1 or more"),
        ([], 1, "a series of no values was given; give at least one"),
        ([[1.0, 2.0]], 1, "a series has one dimension, time, and this has shape (1, 2); pass one column of it"),
    ],
)  # fmt: skip
def test_windows_that_do_not_fit(values: list[float], window: int, message: str) -> None:
    with pytest.raises(DataError) as caught:
        windows(values, window)
    assert str(caught.value) == message


def test_split_keeps_the_order_of_time() -> None:
    early, late = split(np.arange(10.0), 0.3)
    assert (early.tolist(), late.tolist()) == ([0, 1, 2, 3, 4, 5, 6], [7, 8, 9])
    early, late = split(np.arange(10.0), 1)
    assert (len(early), late.tolist()) == (9, [9])


@pytest.mark.parametrize("held_out", [0, 0.0, 10, 1.0, -1, 0.01, 11])
def test_split_refuses_an_empty_part(held_out: float) -> None:
    with pytest.raises(DataError, match=r"^holding out .* of 10 values leaves .*; both need at least one$"):
        split(np.arange(10.0), held_out)


def test_scaling_is_the_line_of_the_training_part() -> None:
    training, later = np.array([2.0, 4.0, 6.0]), np.array([8.0])
    unit = Scaling.unit(training)
    assert (unit.offset, unit.scale) == (2, 4)
    assert unit.apply(later).tolist() == [1.5]
    standard = Scaling.standard(training)
    assert standard.offset == 4
    assert standard.scale == pytest.approx(np.sqrt(8 / 3))
    assert Scaling(0, 100).apply(np.array([100.0, 108.0])).tolist() == [1.0, 1.08]


@pytest.mark.parametrize("value", [0.0, 0.1, 1e-30, 2500.3, 1e150])
def test_a_constant_series_is_only_shifted(value: float) -> None:
    for scaling in (Scaling.standard([value] * 7), Scaling.unit([value] * 7)):
        assert scaling.scale == 1.0
        assert scaling.apply([value])[0] == pytest.approx(0, abs=abs(value) * 1e-15)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_undo_undoes_apply(values: list[float]) -> None:
    for scaling in (Scaling.standard(values), Scaling.unit(values)):
        assert np.allclose(scaling.undo(scaling.apply(values)), values, atol=1e-8)


@pytest.mark.parametrize("fit", [Scaling.standard, Scaling.unit])
@pytest.mark.filterwarnings("error")
def test_values_too_large_to_be_scaled(fit: Any) -> None:
    with pytest.raises(
        DataError, match=r"^values up to 1.7e\+308 are too large to be scaled: .*; divide them by some po"
    ):
        fit([1.7e308, -1.7e308, 1.7e308])
