"""Dates as people write them: one form for a whole column, so that no cell is read otherwise than its neighbours."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from .numerals import ALIKE

_START = datetime(1970, 1, 1)
ISO, CLOCK, WEEKDAY, LENGTH = "ISO 8601", "time of day", "day of the week", "length of time"
COUNTED = "counted"  # and after it the digits of each number in a cell
# What a date looks like once its separators are "-", its months English and short, its weekday gone. Years of two
# digits in front are rare: they are asked for where nothing else runs forward.
_USUAL = (
    *("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y", "%Y%m%d", "%Y-%m", "%m-%Y", "%Y"),
    *("%d-%b-%Y", "%d-%b-%y", "%b-%d-%Y", "%b-%d-%y", "%Y-%b-%d", "%b-%Y", "%b-%y", "%Y-%b", "%b", "%G-W%V-%u"),
)
RARE = ("%y-%m-%d", "%y-%m", "%m-%y", "%d%m%Y", "%m%d%Y")
LAST = ("%d-%b", "%b-%d", LENGTH)  # where no other form fits
FORMS = (CLOCK, WEEKDAY, ISO, *_USUAL, *RARE, *LAST)
WITHOUT_YEAR = ("%b", *LAST[:2], WEEKDAY)

# The first letters of months in English, German, French, Spanish, Italian, Portuguese, Dutch, Russian, Ukrainian,
# Polish, Turkish, Swedish and Norwegian.
_MONTHS = (
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan feb mär apr mai jun jul aug sep okt nov dez",
    "jan fév mar avr mai juin juil aoû sep oct nov déc",
    "ene feb mar abr may jun jul ago sep oct nov dic",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "jan fev mar abr mai jun jul ago set out nov dez",
    "jan feb maa apr mei jun jul aug sep okt nov dec",
    "янв фев мар апр май июн июл авг сен окт ноя дек",
    "січ лют бер кві тра чер лип сер вер жов лис гру",
    "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "oca şub mar nis may haz tem ağu eyl eki kas ara",
    "jan feb mar apr maj jun jul aug sep okt nov des",
)
_ENGLISH = {
    name: english for names in _MONTHS for english, name in zip(_MONTHS[0].title().split(), names.split(), strict=True)
}
_ENGLISH |= {"mrz": "Mar", "мая": "May", "aou": "Aug"}
_WEEK = (
    "mon tue wed thu fri sat sun",
    "mo di mi do fr sa so",
    "mon die mit don fre sam son",
    "lun mar mer jeu ven sam dim",
    "lun mar mié jue vie sáb dom",
    "mån tis ons tor fre lör sön",
    "пн вт ср чт пт сб вс",
    "月 火 水 木 金 土 日",
    "월 화 수 목 금 토 일",
)
_DAY_OF_WEEK = {day: number for names in reversed(_WEEK) for number, day in enumerate(names.split())}
_WEEKDAYS = re.compile(
    r"[(（]?[月火水木金土日월화수목금토일][)）]|\b(?:mo|di|mi|do|fr|sa|so|mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)\b\.?|\bde\b"
    r"|\b\w+(?:day|tag|woch|di)\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?:^|[\sT,:_-]+)(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*(?:([ap])\.?m\.?)?"
    r"\s*(?:Z|[A-Z]{3,4})?(?:([+-])(\d{1,2}):?(\d{2})?)?(?:\s*[\[(].*[\])])?$",
    re.IGNORECASE,
)
# A time of day before the date, or in it, as in "Sat Nov 25 14:00:00 2023".
_CLOCK_FIRST = re.compile(r"(.*?)\b(\d{1,2}:\d{2}(?::\d{2})?)[\s,]+(?:[A-Z]{3,4}\s+)?([^:+]*\d{4}[^:+]*)")
_HOUR = re.compile(r"(?:^|(?<=\s))(\d{1,2})\s?(?:Uhr|[时時시]|([ap]m))$", re.IGNORECASE)
_PLACE = re.compile(r"\[[A-Z]\w+/[\w/+-]+\]$")  # as in 2026-06-18T09:30:00+02:00[Europe/Paris]
_DIGITS, _YEAR = re.compile(r"\d+"), re.compile(r"(?:1[5-9]|20)\d\d")
_BETWEEN_TWO = re.compile(r"\s*[-–/]\s*|\s+(?:to|bis)\s+")
_QUARTER = re.compile(
    r"(?<![^\W\d_])(?:[qt]([1-4])|(h)([12]))(?!\d)|(?<!\d)([1-4])(?:q|\.\s*quart\w+|e?r?\s*trim\w+)", re.IGNORECASE
)
_WEEK_NAME = r"(?:W|KW|week|woche)\.?\s*(\d{1,2})"
_WEEK_OF_YEAR = re.compile(rf"^(\d{{4}})[\s/-]*{_WEEK_NAME}$|^{_WEEK_NAME}[\s,/-]*(\d{{4}})$", re.IGNORECASE)
_FISCAL = re.compile(r"\bFY\s*'?", re.IGNORECASE)
_ERA = re.compile(r"(令和|平成|昭和)(\d+|元)(?=年)")
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}")
_BETWEEN = re.compile(r"(?:[\W_年月日년월일]|(?<=\d)M(?=\d\d$))+")


def _word(found: re.Match[str]) -> str:
    word = found[0].casefold()
    return f"-{_ENGLISH.get(word[:4], _ENGLISH.get(word[:3], word))}-"


def _quarter(found: re.Match[str]) -> str:
    quarter, half, second, behind = found.groups("")
    return f"-{1 + 6 * (int(second) - 1) if half else 3 * int(quarter or behind) - 2:02}-"


@lru_cache(100_000)
def _plain(text: str) -> str:
    """A date, or the form of one, with "-" between its parts."""
    text = _ERA.sub(lambda found: str(_ERAS[found[1]] + (1 if found[2] == "元" else int(found[2]))), text)
    text = _WEEK_OF_YEAR.sub(lambda found: f"{found[1] or found[4]}-W{found[2] or found[3]}-1", _ORDINAL.sub("", text))
    text = _QUARTER.sub(_quarter, _FISCAL.sub("", _WEEKDAYS.sub("-", text)))
    return _BETWEEN.sub("-", _WORD.sub(_word, text)).strip("-")


# Lengths of time by their units, in seconds; m alone may be metres.
_UNITS = {
    name: size
    for size, names in {
        1e-9: "ns", 1e-6: "us µs μs", 1e-3: "ms msec", 1: "s sec secs second seconds sek sekunde sekunden segundos",
        60: "m min mins minute minutes minuten minuto minutos", 604_800: "w wk wks week weeks woche wochen semanas",
        3600: "h hr hrs hour hours std stunde stunden heure heures hora horas", 31_557_600: "y yr yrs year years jahre",
        86_400: "d day days tag tage jour jours día días dias", 2_629_800: "mo month months monat monate mois meses",
    }.items()
    for name in names.split()
}  # fmt: skip
_PIECE = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+)[\s,]*")
_HOURS = re.compile(r"(\d+):(\d\d)(?::(\d\d(?:[.,]\d+)?))?$")
_NUMBER = re.compile(r"(?:(?:^|(?<=\b[TDJt]))[+-])?\d+")
_BEFORE = re.compile(r"\b(?:BCE?|BP|ago|[kM]a|v\. ?Chr)\b")  # what is counted back from


@lru_cache(100_000)
def _length(cell: str) -> float:
    """The seconds of a length of time, as 5s, 1 h 5 min, PT5S, 2 days 01:10:00, 25:10 or 5 hours ago."""
    text = cell.removesuffix("ago").strip()
    back, text = text.startswith("-") or text != cell.strip(), text.lstrip("+-")
    if text.startswith("P"):  # of ISO 8601, where M means months before T and minutes after it
        days, _, hours = text[1:].partition("T")
        text = days.replace("M", "mo") + hours.replace("M", "min")
    text = _HOURS.sub(
        lambda found: f"{found[1]}h {found[2]}min {found[3] or 0}s", re.sub(r"^(\d+)\.(?=\d+:)", r"\1d ", text)
    )
    pieces = _PIECE.findall(text)
    if not pieces or _PIECE.sub("", text) or (len(pieces) == 1 and pieces[0][1] == "m"):
        raise ValueError(cell)
    sizes = [_UNITS.get(unit.casefold() if unit[1:] or text != cell else unit, math.nan) for _, unit in pieces]
    length = math.fsum(float(each.replace(",", ".")) * size for (each, _), size in zip(pieces, sizes, strict=True))
    return -length if back else length


def counted(cells: Sequence[str]) -> str:
    """The form of cells that count in digits alone and have the same words between, "" of others: Day 6, t0005."""
    plain = [cell.translate(ALIKE) for cell in cells]
    if len({_NUMBER.sub("9", _ORDINAL.sub("", cell)).casefold() for cell in plain}) != 1:
        return ""
    places = zip(*([len(each.lstrip("+-")) for each in _NUMBER.findall(cell)] for cell in plain), strict=True)
    widths = [max(each) for each in places]
    return " ".join(map(str, [COUNTED, *widths])) if widths else ""


def _count(cell: str, widths: Iterable[str]) -> int:
    """The numbers in a cell as one, the first before the others."""
    found, digits = _NUMBER.findall(cell), list(map(int, widths))
    if len(found) != len(digits):
        raise ValueError(cell)
    whole = int("".join(each.lstrip("+-").zfill(width) for each, width in zip(found, digits, strict=True)))
    return -whole if found[0].startswith("-") or _BEFORE.search(cell) else whole


def _begin(cell: str) -> str:
    """The beginning of a span of time, as in 2024-01-01/2024-01-07; any other cell as it is."""
    for found in _BETWEEN_TWO.finditer(cell):
        begin, end = cell[: found.start()], cell[found.end() :]
        if _DIGITS.sub("9", begin) == _DIGITS.sub("9", end) and (
            len(begin) > 4 or (_YEAR.match(begin) and len(end) == 4)
        ):
            return begin
    return cell


@lru_cache(1_000)
def _plain_form(form: str) -> str:
    """The form of a date, as strptime has it, with "-" between its parts."""
    form = re.sub("%[aA]", "", form).replace("%B", "%b").replace("%b", "-%b-")
    return re.sub("[^%A-Za-z]+", "-", form).strip("-")


def typed(form: str, cell: str) -> str:
    """A form of `FORMS` with the separators that a cell has, for --date-format."""
    between = iter(re.findall(r"[^\w]+", cell))
    return "".join(next(between, "-") if sign == "-" else sign for sign in form)


def moment(cell: str, form: str) -> datetime:
    """The moment a cell tells in a form of `FORMS` or in one of strptime, in UTC if it names a time zone; of a time of
    day, on the first of 1970."""
    cell = cell if cell.isascii() else cell.translate(ALIKE)
    cell = _PLACE.sub("", cell)
    if form == WEEKDAY:
        day = _DAY_OF_WEEK.get(cell.casefold().rstrip(".")[:3])
        if day is None or (len(cell) > 4 and not _WEEKDAYS.fullmatch(cell)):
            raise ValueError(cell)
        return _START + timedelta(days=day)
    if form == ISO or "%H" in form or "%I" in form:
        if form == ISO and cell[10:11] not in ("", "T", "t", " "):  # what follows would be read as a zone
            raise ValueError(cell)
        found = datetime.fromisoformat(cell) if form == ISO else datetime.strptime(cell, form)
        return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)
    cell = _begin(_HOUR.sub(r"\1:00 \2", cell.strip("[]'\"")).rstrip())
    if first := _CLOCK_FIRST.fullmatch(cell):
        cell = f"{first[1]}{first[3]} {first[2]}"
    clock = _CLOCK.search(cell)
    date = cell[: clock.start()] if clock else cell
    if form == CLOCK and (date or clock is None):
        raise ValueError(cell)
    start = _START if form == CLOCK else _day(date, form)
    return start + _since_midnight(clock.groups("0")) if clock else start


@lru_cache(100_000)
def _day(date: str, form: str) -> datetime:
    """The day that a date without its time tells."""
    plain, wanted = _plain(date), form if form in FORMS else _plain_form(form)
    if form in WITHOUT_YEAR:  # which has no 29 February in a year that is none
        plain, wanted = f"2000-{plain}", f"%Y-{wanted}"
    if plain.count("-") != wanted.count("-"):  # most forms of most cells; strptime takes longer to say so
        raise ValueError(date)
    return datetime.strptime(plain, wanted)


@lru_cache(100_000)
def _since_midnight(clock: tuple[str, ...]) -> timedelta:
    hour, minute, second, part, half, sign, *zone = clock
    noon = {"p": 12, "a": 0}.get(half.lower())
    hours = int(hour) if noon is None else int(hour) % 12 + noon
    east = timedelta(hours=int(zone[0]), minutes=int(zone[1])) * (-1 if sign == "-" else 1)
    return timedelta(hours=hours, minutes=int(minute), seconds=int(second) + float(f".{part}")) - east


def seconds(cell: str, form: str) -> float:
    """Seconds since 1970 that a cell tells in a form, the number that it is if the form is ""; NaN in other forms."""
    try:
        if form.startswith(COUNTED):
            return float(_count(cell.translate(ALIKE), form.split()[1:]))
        if form == LENGTH:
            return _length(cell.translate(ALIKE))
        return (moment(cell, form) - _START).total_seconds() if form else float(cell)
    except (ValueError, OverflowError, re.error):  # re.error: of a form that somebody typed
        return math.nan


def misfits(cells: Iterable[str], form: str) -> Iterator[str]:
    """The cells that are not written in a form."""
    return (cell for cell in cells if math.isnan(seconds(cell, form)))


def forms_of(cells: Sequence[str]) -> list[str]:
    """The forms of `FORMS` that fit all of some cells."""
    return [form for form in FORMS if not any(True for _ in misfits(cells, form))]
