"""How a table is read where it does not say so itself: the options of the readers."""

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ..data import Reading
from ..data.files import shown
from ..data.numerals import PLAIN, numbers
from ..data.table import SEPARATORS
from .console import Refusal
from .options import Option, Options, one_of, whole

READING = "for tables"


def _sign(text: str) -> str:
    """One sign, or the word for one that is hard to type."""
    sign = SEPARATORS.get(text, text)
    if len(sign) != 1 or sign.isalnum() or sign in '"\n\r':
        raise Refusal(f"{shown(text)!r} is no single sign; use one, or a word: {', '.join(SEPARATORS)}")
    return sign


def _encoding(text: str) -> str:
    try:
        "".encode(text)
    except (LookupError, ValueError):
        raise Refusal(f"{shown(text)!r} is no encoding that Python knows; use one such as cp1252 or gb18030") from None
    return text


def _na(text: str) -> str:
    if text != "none" and not math.isfinite(numbers([text], PLAIN)[0]):
        raise Refusal(f"{shown(text)!r} is no number such as -9999; give one, or none")
    return text


# fmt: off
OPTIONS: tuple[Option[Any], ...] = tuple(
    Option(name, meaning, default, convert, metavar, READING, of=kind)
    for name, meaning, default, convert, metavar, kind in (
        ("--encoding", "of the file, if it is neither UTF-8 nor UTF-16", None, _encoding, "NAME", None),
        ("--separator", "of cells: comma, semicolon, tab, bar, blank or a sign", None, _sign, "SIGN", "series"),
        ("--header", "yes or no: does the first row name the columns", None, one_of("yes", "no"), "ANSWER", "series"),
        ("--skip-header", "lines to leave out at the start", None, whole(0), "N", "series"),
        ("--skip-footer", "lines to leave out at the end", None, whole(0, 1000), "N", "series"),
        ("--decimal", "sign before decimals", None, _sign, "SIGN", "series"),
        ("--thousands", "sign between thousands", None, _sign, "SIGN", "series"),
        ("--date-format", "of the column of dates, as %d/%m/%Y; none: there is none", None, str, "FORMAT", "series"),
        ("--sort", "put the rows in the order of time", False, bool, None, "series"),
        ("--missing", "drop rows without a value, or fill in the one before", None, one_of("drop", "fill"), "HOW",
            "series"),
        ("--na", "number that stands for a missing value, as -9999; none: no such", None, _na, "NUMBER", "series"),
        ("--where", "take the rows of one series in a file of several", None, str, "NAME=VALUE", "series"),
        ("--sheet", "of a workbook", None, str, "NAME", "series"),
    )
)
# fmt: on
_OF_ONE_FILE = {"skip_header", "skip_footer"}


def reading_of(options: Options, run: Mapping[str, Any] | None = None) -> Reading:
    """What was chosen of how to read; what was not is as the run has it that is used.

    How many lines its file had too much at its ends says nothing of another file.
    """
    kept = {name: value for name, value in (run or {}).items() if name not in _OF_ONE_FILE}
    chosen = {each.name: options.given.get(each.name, kept.get(each.name)) for each in fields(Reading)}
    chosen["header"] = {"yes": True, "no": False}.get(chosen["header"])
    chosen["sort"], chosen["bar"] = bool(chosen["sort"]), not options.given.get("quiet")
    return Reading(**chosen)
