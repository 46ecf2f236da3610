"""Dates as people write them: one form for a whole column, so that no cell is read otherwise than its neighbours."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from .numerals import Profile

ISO, CLOCK = "ISO 8601", "time of day"
# What a date looks like once its separators are "-", its months English and short, its weekday gone. Years of two
# digits in front are rare: they are asked for where nothing else runs forward.
_USUAL = (
    *("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y", "%Y%m%d", "%Y-%m", "%m-%Y", "%Y"),
    *("%d-%b-%Y", "%d-%b-%y", "%b-%d-%Y", "%b-%d-%y", "%Y-%b-%d", "%b-%Y", "%b-%y", "%Y-%b", "%b", "%G-W%V-%u"),
)
RARE = ("%y-%m-%d", "%y-%m", "%m-%y", "%d%m%Y", "%m%d%Y")
FORMS = (ISO, *_USUAL, *RARE)

_MONTHS = {
    name: month
    for month, names in {
        "Jan": "jan ene gen janv sty янв led",
        "Feb": "feb fév fev févr helm lut фев úno",
        "Mar": "mar mär mrz maa maar mars мар bře",
        "Apr": "apr avr abr апр dub",
        "May": "may mai mei mag maj май мая kvě",
        "Jun": "jun juin giu cze июн čvn",
        "Jul": "jul juil lug lip июл čvc",
        "Aug": "aug aoû ago août авг srp",
        "Sep": "sep sept set wrz сен zář",
        "Oct": "oct okt ott out paź окт říj",
        "Nov": "nov lis ноя",
        "Dec": "dec dez déc dic gru дек pro",
    }.items()
    for name in names.split()
}
_WEEKDAYS = {"mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun"}
_CLOCK = re.compile(
    r"(?:^|[\sT,:_-]+)(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*(?:([ap])\.?m\.?)?"
    r"\s*(?:Z|UTC|GMT|([+-])(\d{2}):?(\d{2})?)?$",
    re.IGNORECASE,
)
_QUARTER = re.compile(r"(?<![^\W\d_])q([1-4])(?!\d)|(?<!\d)([1-4])q", re.IGNORECASE)
_WEEK = re.compile(r"^(\d{4})[\s-]*W(\d{1,2})$", re.IGNORECASE)
_ERA = re.compile(r"(令和|平成|昭和)(\d+|元)(?=年)")
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}")
_BETWEEN = re.compile(r"(?:[\W_年月日년월일]|(?<=\d)M(?=\d\d$))+")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _word(found: re.Match[str]) -> str:
    word = found[0].casefold()
    if word in _WEEKDAYS or word.endswith("day"):
        return "-"
    return f"-{_MONTHS.get(word[:4], _MONTHS.get(word[:3], word))}-"


def _plain(text: str) -> str:
    """A date, or the form of one, with "-" between its parts."""
    text = _ERA.sub(lambda found: str(_ERAS[found[1]] + (1 if found[2] == "元" else int(found[2]))), text)
    text = _WEEK.sub(r"\1-W\2-1", _ORDINAL.sub("", text))
    text = _QUARTER.sub(lambda found: f"-{3 * int(found[1] or found[2]) - 2:02}-", text)
    return _BETWEEN.sub("-", _WORD.sub(_word, text)).strip("-")


def _plain_form(form: str) -> str:
    """The form of a date, as strptime has it, with "-" between its parts."""
    form = re.sub("%[aA]", "", form).replace("%B", "%b").replace("%b", "-%b-")
    return re.sub("[^%A-Za-z]+", "-", form).strip("-")


def typed(form: str, cell: str) -> str:
    """A form of `FORMS` with the separators that a cell has, for --date-format."""
    between = iter(re.findall(r"[^\w]+", cell))
    return "".join(next(between, "-") if sign == "-" else sign for sign in form)


def moment(cell: str, form: str) -> datetime:
    """The moment a cell tells in a form of `FORMS` or in one of strptime; of a time of day, on the first of 1970.

    Raises:
        ValueError: the cell has another form.
    """
    if form == ISO:
        found = datetime.fromisoformat(cell)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found
    if "%H" in form or "%I" in form:
        return datetime.strptime(cell, form).replace(tzinfo=UTC)
    clock = _CLOCK.search(cell)
    date = cell[: clock.start()] if clock else cell
    if form == CLOCK and (date or clock is None):
        raise ValueError(cell)
    start = EPOCH if form == CLOCK else _day(date, form)
    return start + _since_midnight(*clock.groups()) if clock else start


@lru_cache(100_000)
def _day(date: str, form: str) -> datetime:
    """The day that a date without its time tells."""
    plain, wanted = _plain(date), form if form in FORMS else _plain_form(form)
    if plain.count("-") != wanted.count("-"):  # most forms of most cells; strptime takes longer to say so
        raise ValueError(date)
    return datetime.strptime(plain, wanted).replace(tzinfo=UTC)


@lru_cache(100_000)
def _since_midnight(
    hour: str | int, minute: str, second: str, part: str, half: str, sign: str, hours: str, minutes: str
) -> timedelta:
    if half:
        hour = int(hour) % 12 + (12 if half in "pP" else 0)
    zone = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    seconds = int(second or 0) + float(f".{part or 0}")
    return timedelta(hours=int(hour), minutes=int(minute), seconds=seconds) - zone


def forms_of(profile: Profile) -> list[str]:
    """The forms that may fit the whole column, judged by one cell of each shape."""
    return [form for form in (CLOCK, *FORMS) if profile.counts and not misfits(profile, form, stop=True)]


def nearest(profile: Profile) -> tuple[str, list[str]]:
    """The form that fits most of the column, and the shapes that it does not fit."""
    strange = {form: misfits(profile, form) for form in (CLOCK, *FORMS)}
    best = min(strange, key=lambda form: sum(profile.counts[shape] for shape in strange[form]))
    return best, strange[best]


def misfits(profile: Profile, form: str, stop: bool = False) -> list[str]:
    """The shapes whose first cell is not written in a form; with `stop` the first of them."""
    found = []
    for shape, (_, cell) in profile.first.items():
        try:
            moment(cell, form)
        except (ValueError, OverflowError, re.error):  # re.error: of a form that somebody typed
            found.append(shape)
            if stop:
                break
    return found


def moments(cells: Sequence[str], form: str) -> list[int]:
    """Microseconds since 1970 of every cell.

    Raises:
        ValueError: a cell has another form.
    """
    once = {cell: (moment(cell, form) - EPOCH) // timedelta(microseconds=1) for cell in set(cells)}
    return [once[cell] for cell in cells]
