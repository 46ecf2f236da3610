"""Numbers as people write them: one way of writing for a whole column, told by the shapes of all its cells."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

MISSING = {"", "nan", "na", "n/a", "#n/a", "null", "none", "nil", "-", "--", "–", "—", ".", "..", "...", "?", "nat"}
INFINITE = {"inf", "infinity", "∞"}
_PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_MOST_SHAPES = 5000  # a column of more is free text

# Every digit is a 9 in a shape, and signs that mean the same are one: a column has few shapes, whatever its length.
_ALIKE = (
    dict.fromkeys(map(ord, "0123456789"), "9")
    | dict.fromkeys(map(ord, "−－‐‑‒–﹣"), "-")
    | dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f"), " ")
    | dict.fromkeys(map(ord, "’ʼ＇`´"), "'")
)
_AS_TYPED = {sign: same for sign, same in _ALIKE.items() if same != "9"}
_CODES = r"USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN|BRL|US\$|R\$|kr\.?|zł|Kč"
_SIGNS = "".join(c for c in map(chr, range(0x24, 0x20C1)) if unicodedata.category(c) == "Sc")
_MONEY = rf"(?P<{{}}>{_CODES}|[{re.escape(_SIGNS)}])?"
_CELL = re.compile(
    rf"(?P<open>\()?(?P<sign>[+-]?)\s*{_MONEY.format('before')}\s*(?P<inner>[+-]?)"
    r"(?P<body>[9.][9.,' ]*(?:[eE][+-]?9+)?)"
    rf"\s*(?:(?P<percent>%)|{_MONEY.format('after')})(?P<trailing>-?)(?P<close>\))?"
)
_NOUGHT = re.compile(r"(?<![0-9.,])0([.,])[0-9]")
_ROUGHLY = re.compile(r"\W{0,4}(?:[A-Z]{3})?\W{0,2}9[9.,' ]*(?:[eE][+-]?9+)?\W{0,3}[^\W\d_]{0,4}\W{0,2}")


@dataclass(frozen=True)
class Form:
    """A way of writing numbers: the decimal sign, and the one that sets off thousands ("" for none)."""

    decimal: str = "."
    thousands: str = ""

    def plain(self, body: str) -> str | None:
        """A body as Python writes it, None if it is not written in this way."""
        return body.replace(self.thousands, "").replace(self.decimal, ".") if _pattern(self).fullmatch(body) else None

    def __str__(self) -> str:
        names = {" ": "blank", "": "none"}
        return f"--decimal '{self.decimal}' --thousands {names.get(self.thousands, repr(self.thousands))}"


PLAIN = Form()
FORMS = (PLAIN, Form(",", ""), *(Form(".", each) for each in ",' "), *(Form(",", each) for each in ".' "))


@lru_cache
def _pattern(form: Form) -> re.Pattern[str]:
    """What bodies of a form look like; India sets off thousands by two digits and the last by three."""
    between = re.escape(form.thousands)
    groups = "9{1,3}" + (f"(?:{between}9{{2,3}})*" if form.thousands == "," else f"(?:{between}9{{3}})*") + between
    whole = rf"(?:9+|{groups}9{{3}})" if form.thousands else "9+"
    return re.compile(rf"(?:{whole}(?:{re.escape(form.decimal)}9*)?|{re.escape(form.decimal)}9+)(?:[eE][+-]?9+)?")


@lru_cache(_MOST_SHAPES)
def _parts(shape: str) -> tuple[str, str] | None:
    """The number in a shape, and the currency or percent sign that stands with it; None if it is no number."""
    found = _CELL.fullmatch(shape)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    if sum(bool(found[each]) for each in ("open", "sign", "inner", "trailing")) > 1 or (
        found["before"] and found["after"]
    ):
        return None
    body = found["body"].strip()
    if not any(form.plain(body) for form in FORMS):
        return None
    return body, found["percent"] or found["before"] or found["after"] or ""


def looks_numeric(shape: str) -> bool:
    """Whether a shape is meant as a number, even if it cannot be read as one: "12.3K", "9..5", "5 kg"."""
    return bool(_ROUGHLY.fullmatch(shape))


def shapes_of(cells: Sequence[str]) -> list[str]:
    """The shape of every cell."""
    return "\0".join(cells).translate(_ALIKE).split("\0")


def is_missing(cell: str) -> bool:
    """Whether a cell stands for a missing value."""
    return cell.casefold() in MISSING or cell.casefold().lstrip("+-") in MISSING


@dataclass
class Profile:
    """What was seen of a column: how often which shape, and the first cell of each with its line.

    noughts: the signs that stand after a single nought, as in 0.125: what sets off thousands does not.
    """

    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, tuple[int, str]] = field(default_factory=dict)
    total: int = 0
    noughts: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, cells: Sequence[str]) -> "Profile":
        """Of a few cells."""
        profile = cls()
        profile.add(range(len(cells)), cells)
        return profile

    def add(self, lines: Sequence[int], cells: Sequence[str]) -> None:
        """Counts more cells of the column."""
        self.total += len(cells)
        self.noughts.update(_NOUGHT.findall("\0".join(cells)))
        if len(self.counts) <= _MOST_SHAPES:
            shapes = shapes_of(cells)
            for shape, count in Counter(shapes).items():
                if shape not in self.counts:
                    place = shapes.index(shape)
                    self.first[shape] = lines[place], cells[place]
                self.counts[shape] += count

    def share(self, shapes: Iterable[str]) -> float:
        """The share of these shapes among all cells that are not missing."""
        filled = self.total - sum(self.counts[each] for each in self.missing)
        return sum(self.counts[each] for each in shapes) / filled if filled else 0.0

    @property
    def missing(self) -> list[str]:
        """The shapes of missing values."""
        return [shape for shape in self.counts if is_missing(shape)]

    @property
    def numeric(self) -> list[str]:
        """The shapes that are numbers in some way of writing."""
        return [shape for shape in self.counts if _parts(shape) and not is_missing(shape)]

    @property
    def units(self) -> dict[str, tuple[int, str]]:
        """The currency and percent signs ("" for none), each with the first line and cell that has it."""
        found: dict[str, tuple[int, str]] = {}
        for shape in self.numeric:
            unit = (_parts(shape) or ("", ""))[1]
            found[unit] = min(found.get(unit, self.first[shape]), self.first[shape])
        return found

    def readings(self, forms: Iterable[Form] = FORMS) -> dict[tuple[str, ...], Form]:
        """The different numbers that the column may hold, each with a form that all its cells are written in."""
        found: dict[tuple[str, ...], Form] = {}
        bodies = [(_parts(shape) or ("", ""))[0] for shape in self.numeric]
        for form in forms:
            plain = [form.plain(body) for body in bodies]
            if bodies and None not in plain and form.thousands not in self.noughts:
                found.setdefault(tuple(each or "" for each in plain), form)
        return found

    def readable(self, shape: str, form: Form) -> bool:
        """Whether a shape is written in a form."""
        return form.plain((_parts(shape) or ("", ""))[0]) is not None

    @property
    def decimals(self) -> set[str]:
        """The decimal signs that the column may be written with; one alone tells of the whole file."""
        fit = [form for form in FORMS if form.thousands not in self.noughts]
        return {form.decimal for form in fit if all(self.readable(shape, form) for shape in self.numeric)}


def numbers(cells: Sequence[str], form: Form) -> list[float]:
    """The values of cells that are written in a form; NaN for what is not."""
    if form == PLAIN and all(map(_PLAIN.fullmatch, cells)):
        return list(map(float, cells))
    return [_value(cell, form) for cell in cells]


def _value(cell: str, form: Form) -> float:
    found = _CELL.fullmatch(cell.translate(_ALIKE))
    plain = form.plain(found["body"].strip()) if found else None
    if found is None or plain is None:
        return math.nan
    body = cell.translate(_AS_TYPED)[found.start("body") : found.end("body")].strip()
    minus = found["open"] or "-" in found["sign"] + found["inner"] + found["trailing"]
    return float(("-" if minus else "") + body.replace(form.thousands, "").replace(form.decimal, "."))
