"""Dates as people write them: one form for a whole column, so that no cell is read otherwise than its neighbours."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_START = datetime(1970, 1, 1)
ISO, CLOCK = "ISO 8601", "time of day"
# What a date looks like once its separators are "-", its months English and short, its weekday gone. Years of two
# digits in front are rare: they are asked for where nothing else runs forward.
_USUAL = (
    *("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y", "%Y%m%d", "%Y-%m", "%m-%Y", "%Y"),
    *("%d-%b-%Y", "%d-%b-%y", "%b-%d-%Y", "%b-%d-%y", "%Y-%b-%d", "%b-%Y", "%b-%y", "%Y-%b", "%b", "%G-W%V-%u"),
)
RARE = ("%y-%m-%d", "%y-%m", "%m-%y", "%d%m%Y", "%m%d%Y")
FORMS = (CLOCK, ISO, *_USUAL, *RARE)

# The first letters of months in English, German, French, Spanish, Italian, Portuguese, Dutch and Russian.
_MONTHS = (
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan feb mär apr mai jun jul aug sep okt nov dez",
    "jan fév mar avr mai juin juil aoû sep oct nov déc",
    "ene feb mar abr may jun jul ago sep oct nov dic",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "jan fev mar abr mai jun jul ago set out nov dez",
    "jan feb maa apr mei jun jul aug sep okt nov dec",
    "янв фев мар апр май июн июл авг сен окт ноя дек",
)
_ENGLISH = {
    name: english for names in _MONTHS for english, name in zip(_MONTHS[0].title().split(), names.split(), strict=True)
}
_ENGLISH |= {"mrz": "Mar", "мая": "May", "aou": "Aug"}
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
_HOUR = re.compile(r"(?<=\s)(\d{1,2})\s?(?:Uhr|[时時시])$")
_DIGITS, _YEAR = re.compile(r"\d+"), re.compile(r"(?:1[5-9]|20)\d\d")
_BETWEEN_TWO = re.compile(r"\s*[-–/]\s*|\s+(?:to|bis)\s+")
_QUARTER = re.compile(
    r"(?<![^\W\d_])(?:[qt]([1-4])|(h)([12]))(?!\d)|(?<!\d)([1-4])(?:q|\.\s*quart\w+|e?r?\s*trim\w+)", re.IGNORECASE
)
_WEEK_NAME = r"(?:W|KW|week|woche)\.?\s*(\d{1,2})"
_WEEK = re.compile(rf"^(\d{{4}})[\s/-]*{_WEEK_NAME}$|^{_WEEK_NAME}[\s,/-]*(\d{{4}})$", re.IGNORECASE)
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


def _plain(text: str) -> str:
    """A date, or the form of one, with "-" between its parts."""
    text = _ERA.sub(lambda found: str(_ERAS[found[1]] + (1 if found[2] == "元" else int(found[2]))), text)
    text = _WEEK.sub(lambda found: f"{found[1] or found[4]}-W{found[2] or found[3]}-1", _ORDINAL.sub("", text))
    text = _QUARTER.sub(_quarter, _FISCAL.sub("", _WEEKDAYS.sub("-", text)))
    return _BETWEEN.sub("-", _WORD.sub(_word, text)).strip("-")


def _begin(cell: str) -> str:
    """The beginning of a span of time, as in 2024-01-01/2024-01-07; any other cell as it is."""
    for found in _BETWEEN_TWO.finditer(cell):
        begin, end = cell[: found.start()], cell[found.end() :]
        if _DIGITS.sub("9", begin) == _DIGITS.sub("9", end) and (
            len(begin) > 4 or (_YEAR.match(begin) and len(end) == 4)
        ):
            return begin
    return cell


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
    day, on the first of 1970.

    Raises:
        ValueError: the cell has another form.
    """
    if form == ISO or "%H" in form or "%I" in form:
        found = datetime.fromisoformat(cell) if form == ISO else datetime.strptime(cell, form)
        return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)
    cell = _begin(_HOUR.sub(r"\1:00", cell.strip("[]'\"")))
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
        return (moment(cell, form) - _START).total_seconds() if form else float(cell)
    except (ValueError, OverflowError, re.error):  # re.error: of a form that somebody typed
        return math.nan


def misfits(cells: Iterable[str], form: str) -> Iterator[str]:
    """The cells that are not written in a form."""
    return (cell for cell in cells if math.isnan(seconds(cell, form)))


def forms_of(cells: Sequence[str]) -> list[str]:
    """The forms of `FORMS` that fit all of some cells."""
    return [form for form in FORMS if not any(True for _ in misfits(cells, form))]
