"""A sweep over the ways in which people write time: newest first is told from oldest first in every one of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tinygrad_rnn.lab.data import DataError, Reading, read_series

ROWS = 24
VALUES = [float(100 + (7 * i) % 12) for i in range(ROWS)]
START = datetime(2024, 2, 3, 9, 5, 7)
MONTHS = {
    "English": "January February March April May June July August September October November December",
    "Polish": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "Turkish": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "Swedish": "januari februari mars april maj juni juli augusti september oktober november december",
    "Norwegian": "januar februar mars april mai juni juli august september oktober november desember",
    "Italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "Dutch": "januari februari maart april mei juni juli augustus september oktober november december",
    "Russian": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "Ukrainian": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "Portuguese": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
WEEK = (
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
)
EVERY = {"days": timedelta(days=1, seconds=61), "weeks": timedelta(days=7), "minutes": timedelta(minutes=13)}
DATES = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y %m %d",
    "%d %b %Y",
    "%d-%b-%y",
    "%b %d %Y",
    "%B %d, %Y",
    "%A, %d %B %Y",
]
CLOCKS = [
    "T%H:%M:%S",
    " %H:%M",
    " %I:%M %p",
    "T%H:%M:%SZ",
    " %H:%M:%S.%f",
    " %H:%M:%S+00:00",
    "T%H:%M:%S+02:00[Europe/Oslo]",
]
AROUND = ["Timestamp('{}')", "ISODate({})", "date {}"]
UNITS = (
    "s sec seconds sek Sekunden ms ns µs min minutes Minuten h hr hours Stunden heures d days Tage jours weeks Wochen "
    "months y years"
)
WORDS = "Day Week Month Year Tag Jour Woche hour Stunde Minute second quarter 第 t T T+ J+ D+ W Q t= # '"
DIGITS = {"Arabic": "٠", "Persian": "۰", "Hindi": "०", "wide": "０"}


def spellings() -> Iterator[tuple[str, list[str]]]:
    """A name, and the cells of rows that run forward."""
    for pace, step in EVERY.items():
        moments = [START + i * step for i in range(ROWS)]
        for date in DATES:
            for clock in CLOCKS if pace == "minutes" else ["", *CLOCKS[:2]]:
                yield f"{date}{clock}, {pace}", [each.strftime(date + clock) for each in moments]
        for form in AROUND if pace == "days" else ():
            yield form, [form.format(each.strftime("%Y-%m-%d")) for each in moments]
    yield from languages([START + i * timedelta(days=9) for i in range(ROWS)])
    yield from counts()
    yield from lengths()


def languages(moments: list[datetime]) -> Iterator[tuple[str, list[str]]]:
    for language, names in MONTHS.items():
        name = names.split()
        yield f"{language} months", [f"{each.day} {name[each.month - 1]} {each.year}" for each in moments]
        yield f"{language} months without years", [f"{each.day} {name[each.month - 1]}" for each in moments]
    for language, nought in DIGITS.items():
        digits = {ord("0") + i: chr(ord(nought) + i) for i in range(10)}
        yield f"{language} digits", [each.strftime("%Y-%m-%d").translate(digits) for each in moments]
    for days in map(str.split, WEEK):
        yield f"days as {days[0]}", [days[i % 7] for i in range(ROWS)]
        yield f"days as {days[0][:3]}", [days[i % 7][:3] for i in range(ROWS)]
    seconds = [int(each.timestamp()) for each in moments]
    yield "/Date()/", [f"/Date({each}000)/" for each in seconds]
    yield "/Date(+)/", [f"/Date({each}000+0100)/" for each in seconds]
    yield "Date(,,)", [f"Date({each.year},{each.month - 1},{each.day})" for each in moments]
    yield "datetime.date(, , )", [f"datetime.date({each.year}, {each.month}, {each.day})" for each in moments]
    yield "2024-02-03-09-05", [each.strftime("%Y-%m-%d-%H-%M") for each in moments]
    yield "2024-034", [each.strftime("%Y-%j") for each in moments]
    yield "2024-M02", [f"{2024 + i // 12}-M{i % 12 + 1:02}" for i in range(ROWS)]
    yield "1,706,951,107", [f"{each:,}" for each in seconds]
    yield "9 am", [f"{i % 12 or 12} {'ap'[i // 12]}m" for i in range(ROWS)]


def counts() -> Iterator[tuple[str, list[str]]]:
    for word in WORDS.split():
        for pad in (1, 4):
            for gap in ("", " ", "-") if len(word) > 1 and word.isalpha() else ("",):  # T-5 is before
                yield f"{word}{gap}{'5'.zfill(pad)}", [f"{word}{gap}{i + 1:0{pad}}" for i in range(ROWS)]
    for after in ("日目", "天", "th day", " AD"):
        yield f"5{after}", [f"{i + 1}{after}" for i in range(ROWS)]
    for after in (" BC", " BCE", " ka", " Ma", " days ago"):
        yield f"5{after}", [f"{ROWS - i}{after}" for i in range(ROWS)]
    for before in ("D-", "T-", "J-"):
        yield f"{before}5", [f"{before}{ROWS - i}" for i in range(ROWS)]


def lengths() -> Iterator[tuple[str, list[str]]]:
    for unit in UNITS.split():
        for gap, factor in (("", 1), (" ", 7), (" ", 0.5)):
            yield f"{factor * 5:g}{gap}{unit}", [f"{factor * i:g}{gap}{unit}" for i in range(ROWS)]
    for unit in ("min", "h", "days"):
        yield f"-5 {unit}", [f"-{ROWS - i} {unit}" for i in range(ROWS)]
        yield f"5 {unit} ago", [f"{ROWS - i} {unit} ago" for i in range(ROWS)]
    minutes = [divmod(17 * i, 60) for i in range(ROWS)]
    for form in (
        "{}h {}m",
        "{}h{}m",
        "{} h {} min",
        "{}h {:02}m 0s",
        "PT{}H{}M",
        "P1DT{}H{}M",
        "{}:{:02}",
        "{}:{:02}:00",
    ):
        yield form, [form.format(*each) for each in minutes]
    for form in (
        "2{}:{:02}",
        "1{:02}:{:02}:00",
        "1 days 0{}:{:02}:00",
        "1 day, {}:{:02}:00",
        "1d {}h {}m",
        "1.0{}:{:02}:00",
    ):
        yield form, [form.format(*each) for each in minutes]
    for unit in ("PT{}S", "PT{}M", "PT{}H", "P{}D", "P{}W", "P{}M", "P{}Y", "PT{}.5S"):
        yield unit, [unit.format(i + 1) for i in range(ROWS)]


def told(cells: list[str], values: list[float], name: str, reading: Reading | None = None) -> tuple[str, list[float]]:
    """What a file of these rows is refused with or noted for, and what is read."""
    rows = "".join(f"{cell};{value}\n" for cell, value in zip(cells, values, strict=True))
    Path("p.csv").write_text(f"{name};price\n{rows}", encoding="utf-8")
    try:
        series = read_series("p.csv", "price", reading)
    except DataError as error:
        return str(error), []
    return " ".join(series.notes), series.values.tolist()


SAID = ("goes back in time", "newest row is the first", "runs forward is not known", "can be read in two ways")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["when", "label"])
def test_newest_first_is_never_read_in_silence(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    silent, refused, wrong, count = [], [], [], 0
    for spelling, cells in spellings():
        count += 1
        message, found = told(cells[::-1], VALUES[::-1], name)
        if not any(each in message for each in SAID):
            silent.append((spelling, cells[-1], message))
        if name == "when":
            message, found = told(cells, VALUES, name)
            if found != VALUES:
                refused.append((spelling, cells[0], message))
            message, found = told(cells[::-1], VALUES[::-1], name, Reading(sort=True))
            if found != VALUES and "can be read in two ways" not in message:
                wrong.append((spelling, cells[0], message))
    assert (silent, refused, wrong) == ([], [], []) and count > 250
