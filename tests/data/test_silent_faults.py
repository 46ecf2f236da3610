"""What was once read as something else without a word: the wrong column, the wrong direction, a footer as a value.

Each table has the file that showed the fault and its kin. None may give a series that is not what the file says.
"""

import time
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from tinygrad_rnn.lab.data import DataError, Reading, read_series
from tinygrad_rnn.lab.data.table import columns_of, read_table

DAYS = 30
VALUES = [100 + (7 * day) % 12 + day / 4 for day in range(DAYS)]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refusal(text: str, column: str | None = None, reading: Reading | None = None) -> str:
    """What a file is refused with."""
    Path("p.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_series("p.csv", column, reading)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def table(*columns: list[str], header: str, separator: str = ",") -> str:
    rows = [
        separator.join(f'"{cell}"' if separator in cell else cell for cell in row) for row in zip(*columns, strict=True)
    ]
    return "\n".join([header, *rows]) + "\n"


COUNT = [str(1 + i) for i in range(DAYS)]
YEARS = [str(1990 + i) for i in range(DAYS)]
PLAIN = [f"{value:.2f}" for value in VALUES]


def german(value: float) -> str:
    return f"{1000 * value:,.1f}".translate(str.maketrans(",.", ".,"))


NUMBERS = {
    "plain": [f"{1000 + v:.2f}" for v in VALUES],
    "decimal comma": [f"{1000 + v:.2f}".replace(".", ",") for v in VALUES],
    "German": [german(v) for v in VALUES],
    "English": [f"{1000 * v:,.2f}" for v in VALUES],
    "Swiss": [f"{1000 * v:,.2f}".replace(",", "'") for v in VALUES],
}


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_cells_are_cut_where_the_numbers_are_whole(separator: str) -> None:
    wrong = []
    titles, names, befores = ("", "Bank, Filiale 3\n", "Konto; Inhaber\n"), ("", "Preis, EUR"), ("", "date", "text")
    for kind, count, before, title, name in product(NUMBERS, (1, 2, 3), befores, titles, names):
        columns = [NUMBERS[kind]] * count
        if before:
            days = [f"{1 + day:02d}.01.2024" if before == "date" else ["Miete", "Kauf"][day % 2] for day in range(DAYS)]
            columns = [days, *columns]
        if len(columns) == 1:
            continue
        header = separator.join(["a"] * (len(columns) - 1) + [f'"{name}"' if separator in name else name])
        text = table(*columns, header=header, separator=separator)
        if separator in title:
            title = f'"{title.strip()}"\n'
        Path("p.csv").write_text(title + (text if name else text.partition("\n")[2]), encoding="utf-8")
        found = read_table("p.csv", Reading(header=bool(name)))
        if (found.separator, len(found.header)) != (separator, len(columns)):
            wrong.append((kind, count, before, title, name, found.separator, found.header))
    assert wrong == []


# a column that was passed over for a counter or a year -> what is read of it, or None where it must be refused
COLUMNS: dict[str, tuple[list[str], list[float] | None]] = {
    "thousands in quotes": ([f"{1000 * v:,.0f}" for v in VALUES], None),  # 101,250 is 101250 or 101.25
    "thousands and decimals": ([f"{1000 * v:,.1f}" for v in VALUES], [1000 * v for v in VALUES]),
    "German decimals": ([f"{v:.2f}".replace(".", ",") for v in VALUES], VALUES),
    "German decimals and thousands": ([german(v) for v in VALUES], [1000 * v for v in VALUES]),
    "French blanks": ([f"{1000 * v:,.0f}".replace(",", "\u202f") for v in VALUES], [1000 * v for v in VALUES]),
    "Swiss apostrophes": ([f"{1000 * v:,.1f}".replace(",", "'") for v in VALUES], [1000 * v for v in VALUES]),
    "typographic apostrophes": ([f"{1000 * v:,.1f}".replace(",", "’") for v in VALUES], [1000 * v for v in VALUES]),
    "Indian groups": (["1,23,456.5"] * DAYS, [123456.5] * DAYS),
    "dollars": ([f"${v:.2f}" for v in VALUES], VALUES),
    "euros behind": ([f"{v:.2f} €" for v in VALUES], VALUES),
    "a code of a currency": ([f"USD {v:.2f}" for v in VALUES], VALUES),
    "percent": ([f"{v:.2f}%" for v in VALUES], VALUES),
    "minus signs of typography": ([f"−{v:.2f}" for v in VALUES], [-v for v in VALUES]),
    "brackets for minus": ([f"({v:.2f})" for v in VALUES], [-v for v in VALUES]),
    "brackets for minus behind a currency": ([f"$({v:.2f})" for v in VALUES], [-v for v in VALUES]),
    "brackets for minus before one": ([f"({v:.2f}) €" for v in VALUES], [-v for v in VALUES]),
    "wide digits": ([f"{v:.2f}".translate({48 + i: 0xFF10 + i for i in range(10)}) for v in VALUES], VALUES),
    "a minus behind": ([f"{v:.2f}-" for v in VALUES], [-v for v in VALUES]),
    "a blank cell": ([*PLAIN[:-9], "", *PLAIN[-8:]], None),
    "many blank cells": (["" if i % 3 == 0 else cell for i, cell in enumerate(PLAIN)], None),
    "N/A": ([*PLAIN[:4], "N/A", *PLAIN[5:]], None),
    "a dash": ([*PLAIN[:4], "-", *PLAIN[5:]], None),
    "a word": ([*PLAIN[:4], "closed", *PLAIN[5:]], None),
    "a footnote": ([*PLAIN[:4], "103.5*", *PLAIN[5:]], None),
    "multiples": ([f"{v:.2f}M" for v in VALUES], None),
    "units": ([f"{v:.1f} kg" for v in VALUES], None),
    "two currencies": (["$5.00" if i % 2 else "€5.00" for i in range(DAYS)], None),
    "percent here and there": (["5%" if i % 2 else "0.05" for i in range(DAYS)], None),
    "three decimals beside semicolons": (["1.234"] * DAYS, None),
    "three decimals below one": (
        [f"0.{i}23" for i in range(1, 10)] * 3 + ["0.5"] * 3,
        [0.123 + i / 10 for i in range(9)] * 3 + [0.5] * 3,
    ),
    "German decimals below one": (["0,125"] * DAYS, [0.125] * DAYS),
    "two ways of writing": (["1.5" if i % 2 else "1,5" for i in range(DAYS)], None),
    "infinity": ([*PLAIN[:4], "inf", *PLAIN[5:]], None),
    "the letter O": ([*PLAIN[:4], "1O3.5", *PLAIN[5:]], None),
}


@pytest.mark.parametrize("other", ["n", "year", "id", ""])
@pytest.mark.parametrize("name", COLUMNS)
def test_the_column_that_is_meant_is_read_or_refused(name: str, other: str) -> None:
    cells, wanted = COLUMNS[name]
    text = table(YEARS if other == "year" else COUNT, cells, header=f"{other};price", separator=";")
    if wanted is None:
        message = refusal(text)
        assert "column 'price'" in message and ": line " in message, message
        return
    Path("p.csv").write_text(text, encoding="utf-8")
    series = read_series("p.csv")
    assert series.name == "price"
    assert series.values == pytest.approx(np.array(wanted), abs=0.06)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n,who\n1,a\n2,b\n3,c\n", "no column of numbers but n, a time or a count"),
        ("year,who\n1990,a\n1991,b\n", "no column of numbers but year, a time or a count"),
        ("who,runs\na,7\nb,8\nc,9\n", "no column of numbers but 'runs', which counts the rows"),
        ("who,left\na,7\nb,6\nc,5\n", "no column of numbers but 'left', which counts the rows"),
        ("date,who\n20260618,a\n20260619,b\n", "no column of numbers but date, a time or a count"),
        ("t,x\n0,1+2j\n1,2+3j\n", "no column of numbers but t, a time or a count"),
        ("date,id\n2026-06-18,5\n2026-06-19,9\n", "no column of numbers but id, a time or a count"),
    ],
)
def test_a_count_is_never_taken_by_default(text: str, message: str) -> None:
    assert message in refusal(text)
    assert "--column" in refusal(text)


MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
GERMAN = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]
SPANISH = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()  # noqa: SIM905
ON = [(2025 + (10 + i) // 12, (10 + i) % 12 + 1, 3 + (5 * i) % 25) for i in range(DAYS)]  # year, month, day

# ways of writing dates, each as the cells of rows that run forward
DATES: dict[str, list[str]] = {
    "2026-06-18": [f"{y}-{m:02}-{d:02}" for y, m, d in ON],
    "18-Jun-26": [f"{d:02}-{MONTHS[m - 1]}-{y % 100}" for y, m, d in ON],
    "18 Jun 2026": [f"{d} {MONTHS[m - 1]} {y}" for y, m, d in ON],
    "6/18/26": [f"{m}/{d}/{y % 100}" for y, m, d in ON],
    "18/6/26": [f"{d}/{m}/{y % 100}" for y, m, d in ON],
    "18-06-2026": [f"{d:02}-{m:02}-{y}" for y, m, d in ON],
    "06-18-2026": [f"{m:02}-{d:02}-{y}" for y, m, d in ON],
    "18.06.2026": [f"{d:02}.{m:02}.{y}" for y, m, d in ON],
    "18.06.26": [f"{d:02}.{m:02}.{y % 100}" for y, m, d in ON],
    "2026.06.18": [f"{y}.{m:02}.{d:02}" for y, m, d in ON],
    "2026/06/18": [f"{y}/{m:02}/{d:02}" for y, m, d in ON],
    "20260618": [f"{y}{m:02}{d:02}" for y, m, d in ON],
    "18062026": [f"{d:02}{m:02}{y}" for y, m, d in ON],
    "2026-06": [f"{y}-{m:02}" for y, m, _ in ON],
    "2026M06": [f"{y}M{m:02}" for y, m, _ in ON],
    "06/2026": [f"{m:02}/{y}" for y, m, _ in ON],
    "Jun-26": [f"{MONTHS[m - 1]}-{y % 100}" for y, m, _ in ON],
    "2026 JUN": [f"{y} {MONTHS[m - 1].upper()}" for y, m, _ in ON],
    "June 18, 2026": [f'{MONTHS[m - 1]} {d}, {y}' for y, m, d in ON],
    "18JUN2026": [f"{d:02}{MONTHS[m - 1].upper()}{y}" for y, m, d in ON],
    "Thu, 18 Jun 2026": [f"Thu, {d} {MONTHS[m - 1]} {y}" for y, m, d in ON],
    "Jun 18th 2026": [f"{MONTHS[m - 1]} {d}th {y}" for y, m, d in ON],
    "18. Juni 2026": [f"{d}. {GERMAN[m - 1]} {y}" for y, m, d in ON],
    "2026年6月18日": [f"{y}年{m}月{d}日" for y, m, d in ON],
    "令和8年6月18日": [f"令和{y - 2018}年{m}月{d}日" for y, m, d in ON],
    "2026년 6월 18일": [f"{y}년 {m}월 {d}일" for y, m, d in ON],
    "Q2 2026": [f"Q{i % 4 + 1} {2000 + i // 4}" for i in range(DAYS)],
    "2026-Q2": [f"{2000 + i // 4}-Q{i % 4 + 1}" for i in range(DAYS)],
    "2026-W25": [f"2026-W{i + 1:02}" for i in range(DAYS)],
    "2026": YEARS,
    "seconds since 1970": [str(1781740800 + 86400 * i) for i in range(DAYS)],
    "milliseconds since 1970": [str(1781740800000 + 86400000 * i) for i in range(DAYS)],
    "days of a spreadsheet": [str(46190 + i) for i in range(DAYS)],
    "2026-06-18T09:30:00Z": [f"2026-06-18T09:{i:02}:00Z" for i in range(DAYS)],
    "2026-06-18 16:00:00-04:00": [f"{y}-{m:02}-{d:02} 16:00:00-0{4 + m % 2}:00" for y, m, d in ON],
    "18/06/2026 09:30": [f"{d:02}/{m:02}/{y} 09:30" for y, m, d in ON],
    "6/18/2026 4:30:00 PM": [
        f"6/18/2026 {(8 + i // 4) % 12 + 1}:{i % 4}0:00 {'AM' if i < 12 else 'PM'}" for i in range(DAYS)
    ],
    "time of day": [f"{9 + i // 4:02}:{15 * (i % 4):02}" for i in range(DAYS)],
    "9:30 AM": [f"{i // 4 + 1}:{15 * (i % 4):02} AM" for i in range(DAYS)],
    "09:30:00.250": [f"09:30:{i:02}.250" for i in range(DAYS)],
    "18.06.2026 09:00 - 18.06.2026 10:00": [f"18.06.2026 09:{i:02} - 18.06.2026 10:{i:02}" for i in range(DAYS)],
    "2026-06-18/2026-06-25": [f"{y}-{m:02}-{d:02}/{y + 1}-{m:02}-{d:02}" for y, m, d in ON],
    "2026-06-18 to 2026-06-25": [f"{y}-{m:02}-{d:02} to {y + 1}-{m:02}-{d:02}" for y, m, d in ON],
    "2026-2027": [f"{1990 + i}-{1991 + i}" for i in range(DAYS)],
    "09:30 18.06.2026": [f"09:30 {d:02}.{m:02}.{y}" for y, m, d in ON],
    "Thu Jun 18 09:30:00 2026": [f"Thu {MONTHS[m - 1]} {d} 09:30:00 {y}" for y, m, d in ON],
    "Thu Jun 18 2026 09:30:00 GMT+0100 (CET)": [
        f"Thu {MONTHS[m - 1]} {d} {y} 09:30:00 GMT+0100 (CET)" for y, m, d in ON
    ],
    "2026-06-18 09:30:00 UTC+1": [f"{y}-{m:02}-{d:02} 09:30:00 UTC+1" for y, m, d in ON],
    "2026-06-18 09:30:00 EST": [f"{y}-{m:02}-{d:02} 09:30:00 EST" for y, m, d in ON],
    "18.06.2026 09:30 Uhr": [f"{d:02}.{m:02}.{y} 09:30 Uhr" for y, m, d in ON],
    "18.06.2026, 9 Uhr": [f"{d:02}.{m:02}.{y}, 9 Uhr" for y, m, d in ON],
    "Do, 18.06.2026": [f"Do, {d:02}.{m:02}.{y}" for y, m, d in ON],
    "18 de junio de 2026": [f"{d} de {SPANISH[m - 1]} de {y}" for y, m, d in ON],
    "2026年6月18日(木)": [f"{y}年{m}月{d}日(木)" for y, m, d in ON],
    "2026年6月18日 9时": [f"{y}年{m}月{d}日 9时" for y, m, d in ON],
    "[2026-06-18 09:30:00]": [f"[{y}-{m:02}-{d:02} 09:30:00]" for y, m, d in ON],
    "KW 25/2026": [f"KW {i + 1}/2026" for i in range(DAYS)],
    "Week 25, 2026": [f"Week {i + 1}, 2026" for i in range(DAYS)],
    "H1 2026": [f"H{i % 2 + 1} {2000 + i // 2}" for i in range(DAYS)],
    "2. Quartal 2026": [f"{i % 4 + 1}. Quartal {2000 + i // 4}" for i in range(DAYS)],
    "T2 2026": [f"T{i % 4 + 1} {2000 + i // 4}" for i in range(DAYS)],
    "Q2 FY26": [f"Q{i % 4 + 1} FY{i // 4 + 10}" for i in range(DAYS)],
    "FY2026": [f"FY{1990 + i}" for i in range(DAYS)],
    "20260618 093000": [f"20260618 0930{i:02}" for i in range(DAYS)],
}  # fmt: skip


@pytest.mark.parametrize("name", ["date", "when"])
@pytest.mark.parametrize("form", DATES)
def test_newest_first_is_noticed_in_every_form_of_dates(form: str, name: str) -> None:
    if name == "when" and (DATES[form][0].isdigit() and len(DATES[form][0]) < 10):
        name = "year"  # short numbers are times only by their name
    text = table(DATES[form], PLAIN, header=f"{name};price", separator=";")
    Path("p.csv").write_text(text, encoding="utf-8")
    forward = read_series("p.csv")
    assert forward.labels == tuple(DATES[form])
    assert forward.values == pytest.approx(np.array(VALUES), abs=0.006)
    text = table(DATES[form][::-1], PLAIN[::-1], header=f"{name};price", separator=";")
    message = refusal(text)
    assert "goes back in time, from " in message or "can be read in two ways" in message, message
    assert "--sort" in message or "--date-format" in message
    if "--sort" in message and form not in ("18.06.26", "18/6/26"):
        assert read_series("p.csv", "price", Reading(sort=True)).values.tolist() == forward.values.tolist()


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["05/03/2024", "06/02/2024", "07/01/2024"], "%m/%d/%Y"),
        (["01/02/2024", "02/01/2024", "03/01/2024"], "%m/%d/%Y"),
        (["07/01/2024", "06/02/2024", "05/03/2024"], "%d/%m/%Y"),
        (["11.06.29", "11.06.30", "11.07.01"], "%y.%m.%d"),
    ],
)
def test_what_is_forward_in_one_reading_only_needs_to_be_told(cells: list[str], form: str) -> None:
    text = table(cells, ["1", "2", "4"], header="date,price")
    assert f"--date-format '{form}'" in refusal(text)
    assert read_series("p.csv", None, Reading(date_format=form)).labels == tuple(cells)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date,close\n2024-01-02,1\n18.06.2025,2\n2024-01-04,3\n", "line 3, column 'date': '18.06.2025' is no date"),
        ("date,close\n2024-01-02,1\n,2\n2024-01-04,3\n2024-01-05,4\n", "line 3, column 'date': '' is no date in the"),
        ("date,close\n2024-01-02,1\n2024-02-30,2\n2024-03-04,3\n", "line 3, column 'date': '2024-02-30' is no date"),
        ("date,who,close\n2024-01-02,A,1\n2024-01-02,B,9\n2024-01-03,A,2\n2024-01-03,B,8\n", "--where 'who=A'"),
        ("date,who,close\n2024-01-02,A,1\n2024-01-03,A,2\n2024-01-02,B,9\n2024-01-03,B,8\n", "line 4 goes back in"),
        ("country,year,close\nA,1990,1\nA,1991,2\nB,1990,9\nB,1991,8\n", "line 4 goes back in time, from 1991 to 19"),
        ("year,month,close\n1990,11,1\n1990,12,2\n1991,1,3\n1990,2,4\n", "line 5 goes back in time, from 1991 1 to"),
        ("date,time,close\n2024-01-02,09:31,1\n2024-01-02,09:30,2\n", "from 2024-01-02 09:31 to 2024-01-02 09:30"),
        (
            "year,close\n2024,1\n,2\n2026,3\n2027,1\n2028,1\n2029,7\n",
            "line 3, column 'year': '' is no date in the form",
        ),
        ("when,close\n2024-01-02,1\n,2\n2024-01-04,3\n2024-01-05,4\n", "line 3, column 'when': '' is no date in the"),
        ("month,close\nJan,1\nFeb,2\nMar,3\nQ1 total,6\nApr,4\n", "line 5, column 'month': 'Q1 total' is no date in"),
        (",close\n9,1\n8,2\n7,9\n", "line 3 goes back in time, from 9 to 8"),
        ("Trade Date,close\n20240103,1\n20240102,2\n", "line 3 goes back in time, from 20240103 to 20240102"),
        (
            "date,shop,close\n" + "".join(f"2024-01-0{i // 2 + 1},{i % 2 + 7},{i}\n" for i in range(10)),
            "--where 'shop=7'",
        ),
        ("Close_Time,close\n1781740800000,1\n1781740700000,2\n1781740600000,3\n", "line 3 goes back in time"),
    ],
)
def test_time_that_cannot_be_right(text: str, message: str) -> None:
    assert message in refusal(text, "close")


@pytest.mark.parametrize(
    ("text", "labels", "note"),
    [
        ("year,month,close\n1990,11,1\n1990,12,2\n1991,1,3\n", ("1990 11", "1990 12", "1991 1"), ""),
        ("date,time,close\n20240102,93000,1\n20240102,93100,2\n20240103,93000,3\n",
         ("20240102 93000", "20240102 93100", "20240103 93000"), ""),
        ("month,close\nNov,1\nDec,2\nJan,3\nFeb,4\n", ("Nov", "Dec", "Jan", "Feb"), ""),
        ("time,close\n23:58,1\n23:59,2\n00:00,3\n00:01,4\n", ("23:58", "23:59", "00:00", "00:01"), ""),
        ("date,close\n2024-01-02,1\n2024-01-02,2\n2024-01-03,4\n", ("2024-01-02", "2024-01-02", "2024-01-03"),
         "1 row has the time of the row before, as line 3 has (2024-01-02)"),
        ("date,close\nround 9,1\nround 1,2\n", ("round 9", "round 1"),
         "whether column date runs forward is not known, since 'round 9' is no date in a known form (--date-format "
         "says it)"),
        ("date,paid,close\n2024-01-02,2023-12-29,1\n2024-01-03,,2\n", ("2024-01-02", "2024-01-03"), ""),
        (",date,close\n9,2024-01-02,1\n8,2024-01-03,2\n", ("2024-01-02", "2024-01-03"), ""),
        ("date,until,close\n2024-01-02,2023-12-29,1\n2024-01-03,open,2\n", ("2024-01-02", "2024-01-03"), ""),
        ("expiry,day,close\n2025-01-02,2024-01-02,1\n2024-06-01,2024-01-03,2\n", ("2025-01-02", "2024-06-01"), ""),
    ],
)  # fmt: skip
def test_time_that_runs_forward(text: str, labels: tuple[str, ...], note: str) -> None:
    Path("p.csv").write_text(text, encoding="utf-8")
    series = read_series("p.csv", "close")
    assert series.labels == labels
    assert series.notes == ((note,) if note else ())


FOOTERS: dict[str, tuple[str, str]] = {
    "Total": ("date,close", "Total,3100"),
    "total, with a volume": ("date,close,volume", "total,3100,99"),
    "Summe": ("Datum;close", "Summe;3100"),
    "blank": ("date,close", ",3100"),
    "Average": ("date,close", "Average,103.3"),
    "a sentence": ("date,close", "Source: the exchange,2026"),
    "a date of another form": ("date,close", "18 Jun 2026 (preliminary),104"),
    "dashes": ("date,close", "-----,104"),
    "below a count": ("n,close", "Total,3100"),
    "below years": ("year,close", "Sum,3100"),
    "below seconds": ("ts,close", "mean,103.3"),
    "below another number": ("date,close,volume", "2027-01-01,3100,Total"),
    "below words": ("who,close", "Total,3100"),
    "below words in Chinese": ("who,close", "合计,3100"),
    "below words in Russian": ("who,close", "Итого,3100"),
    "Grand total": ("who,close", "Grand total,3100"),
    "Mean, of two lines": ("date,close", "Min,100\nMax,120"),
    "three lines": ("date,close", "Min,100\nMax,120\nMean,110"),
    "Source below words": ("who,close", "Source: FRED,2026"),
    "copyright": ("who,close", "© 2026,2026"),
    "n/a as a date": ("date,close", "n/a,3100"),
    "English below Spanish": ("fecha,close", "Promedio,103"),
}


@pytest.mark.parametrize("column", ["close", None])
@pytest.mark.parametrize("name", FOOTERS)
def test_a_footer_is_no_value(name: str, column: str | None) -> None:
    header, footer = FOOTERS[name]
    separator = ";" if ";" in header else ","
    first = {"n": COUNT, "year": YEARS, "ts": DATES["seconds since 1970"], "who": list("abcdefghij") * 3}
    columns = [first.get(header.split(separator)[0], DATES["2026-06-18"]), PLAIN, COUNT][: header.count(separator) + 1]
    text = table(*columns, header=header, separator=separator)
    Path("p.csv").write_text(text, encoding="utf-8")
    whole = read_series("p.csv", column)
    lines = footer.count("\n") + 1
    message = refusal(text + footer + "\n", column)
    assert f"--skip-footer {lines}" in message, message
    assert f"p.csv: line {DAYS + 2}, column" in message
    shorter = read_series("p.csv", column, Reading(skip_footer=lines))
    assert shorter.values.tolist() == whole.values.tolist() and len(shorter) == DAYS


def test_what_only_looks_like_dates() -> None:
    cells = [f"{year}-{month:02}" for year in (1, 2, 3) for month in range(1, 13)]
    text = table(cells, [str(month % 7) for month in range(36)], header="month,close")
    assert "from 1-12 to 2-01" in refusal(text) and "--date-format none if these are no dates" in refusal(text)
    assert read_series("p.csv", None, Reading(date_format="none")).labels == tuple(cells)


# what may be the time of the rows, newest first, though nothing says so for certain
DOUBTFUL = {
    "spreadsheet days": [str(46190 + i) for i in range(DAYS)],
    "seconds with decimals": [f"{1781740800 + 86400 * i}.5" for i in range(DAYS)],
    "days without signs": [f"{y}{m:02}{d:02}" for y, m, d in ON],
    "minutes without signs": [f"202606180{i // 6}{i % 6}0" for i in range(DAYS)],
    "months without signs": [f"{y}{m:02}" for y, m, _ in ON],
    "Julian days": [f"{2461209.5 + i}" for i in range(DAYS)],
    "years with a share": [f"{2000 + i / 12:.4f}" for i in range(DAYS)],
    "Roman months": [f"{d}.{['I', 'II', 'III', 'IV'][i // 8]}.2026" for i, (_, _, d) in enumerate(ON)],
    "quarters by their months": [f"{['Jan-Mar', 'Apr-Jun', 'Jul-Sep'][i // 10]} 2026" for i in range(DAYS)],
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_may_be_time_is_noted(name: str) -> None:
    text = table(DOUBTFUL[name][::-1], PLAIN, header="stamp;close", separator=";")
    Path("p.csv").write_text(text, encoding="utf-8")
    notes = " ".join(read_series("p.csv", "close").notes)
    assert "if it tells the time, the newest row is the first" in notes or "runs forward is not known" in notes
    assert read_series("p.csv", "close", Reading(date_format="none")).notes == ()


# a number for a missing value among others -> whether it is asked for
FILLINGS = ["-8888", "-32768", "65535", "2147483647", "9.96921e+36", "-3.40282e+38", "-1.79769e+308"]
MARKS = dict.fromkeys(["-9999", "-999.9", "-99", "999.9", "99999", *FILLINGS], True)
MARKS |= dict.fromkeys(["-9", "9.99", "117"], False)


@pytest.mark.parametrize("mark", MARKS)
def test_a_number_that_stands_for_a_missing_value(mark: str) -> None:
    cells = [mark if day in (4, 20) else cell for day, cell in enumerate(PLAIN)]
    text = table(DATES["2026-06-18"], cells, header="date;close", separator=";")
    if not MARKS[mark]:
        Path("p.csv").write_text(text, encoding="utf-8")
        assert read_series("p.csv").values[4] == float(mark)
        return
    said = (
        f"p.csv: line 6, column 'close': {mark}, here 2 of {DAYS}, stands for a missing value; take --na {mark} with "
    )
    assert refusal(text).startswith(said)
    assert refusal(text, None, Reading(na=mark)).startswith(said)
    assert len(read_series("p.csv", None, Reading(na=mark, missing="drop"))) == DAYS - 2
    assert read_series("p.csv", None, Reading(na=mark, missing="fill")).values[4] == pytest.approx(VALUES[3], abs=0.006)
    assert read_series("p.csv", None, Reading(na="none")).values[4] == float(mark)


@pytest.mark.parametrize("units", [";USD", "(UTC);(USD)", "yyyy-mm-dd;USD", ";°C", ";km/h", ";%"])
def test_a_row_of_units_is_no_row_of_values(units: str) -> None:
    text = table(DATES["2026-06-18"], PLAIN, header=f"date;close\n{units}", separator=";")
    Path("p.csv").write_text(text, encoding="utf-8")
    series = read_series("p.csv")
    assert series.values == pytest.approx(np.array(VALUES), abs=0.006)
    assert series.notes[0].startswith("line 2 is left out, since it holds units: ")


@pytest.mark.parametrize("first", ["2026-06-17;closed", "2026-06-17;", "2026-06-17;N/A", ";", "Bank;USD 5"])
def test_a_row_without_a_value_is_no_row_of_units(first: str) -> None:
    refusal(table(DATES["2026-06-18"], PLAIN, header=f"date;close\n{first}", separator=";"))


def test_titles_of_several_cells_stand_above_the_names() -> None:
    body = table(DATES["18.06.2026"], PLAIN, COUNT, COUNT, header="Datum;Kurs;Menge;Stück", separator=";")
    Path("p.csv").write_text('"Konto";"DE12 3456"\n"Stand";"18.06.2026";\n\n' + body, encoding="utf-8")
    assert read_series("p.csv", "Kurs").values == pytest.approx(np.array(VALUES), abs=0.006)


def test_a_text_in_one_line_is_seen_to_be_one_at_once() -> None:
    Path("p.txt").write_text("word " * 400_000)
    began = time.process_time()
    assert columns_of("p.txt") == []
    assert time.process_time() - began < 3
