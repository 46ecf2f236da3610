"""Numbers as people write them: one way of writing for a whole column, told by the shapes of all its cells."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

_MISSING = {"", "nan", "na", "n/a", "#n/a", "null", "none", "nil", "–", "—", ".", "..", "...", "?", "nat"}
_MOST_SHAPES = 1000  # a column of more is free text

# Signs that mean the same are one; and in a shape every digit is a 9: a column has few shapes, whatever its length.
_SIGNS_ALIKE = {"-": "−－‐‑‒–﹣", " ": "\u00a0\u2007\u2009\u202f\u3000", "'": "’ʼ＇`´", "/": "／", ":": "：", ".": "．"}
ALIKE = {ord(sign): same for same, signs in _SIGNS_ALIKE.items() for sign in signs}
# The digits of Arabic, Persian, Hindi, Bengali and Thai, and wide ones.
ALIKE |= {ord(nought) + digit: str(digit) for nought in "٠۰०০๐０" for digit in range(10)}
_SHAPES = {sign: "9" if same.isdigit() else same for sign, same in ALIKE.items()} | dict.fromkeys(range(48, 58), "9")
_CODES = r"USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN|BRL|US\$|R\$|kr\.?|zł|Kč"
_SIGNS = "".join(c for c in map(chr, range(0x24, 0x20C1)) if unicodedata.category(c) == "Sc")
_MONEY = rf"(?P<{{}}>{_CODES}|[{re.escape(_SIGNS)}])?"
_CELL = re.compile(
    rf"(?:{_MONEY.format('outer')}\s*)(?P<open>\()?(?P<sign>[+-]?)\s*{_MONEY.format('before')}\s*(?P<inner>[+-]?)"
    r"(?P<body>[0-9.][0-9.,' ]*(?:[eE][+-]?[0-9]+)?)"
    rf"\s*(?:(?P<percent>%)|{_MONEY.format('after')})(?P<trailing>-?)(?P<close>\))?(?:\s*{_MONEY.format('behind')})"
)
_NOUGHT = re.compile(r"0(?<![0-9.,]0)([.,])[0-9]")  # begins with a letter, for which re looks much faster
_MULTIPLE = re.compile(
    r"[^\d]*\d[\d.,' ]*(?:[KMBT]|bn|mn|m[il]o\.?|mrd\.?|tsd\.?|cr|lakh|million|billion|thousand)\W*", re.I
)
_ROUGHLY = re.compile(r"\W{0,4}(?:[A-Z]{3})?\W{0,2}9[9.,' ]*(?:[eE][+-]?9+)?\W{0,3}[^\W\d_]{0,4}\W{0,2}")


@dataclass(frozen=True)
class Form:
    """A way of writing numbers: the decimal sign, and the one that sets off thousands ("" for none)."""

    decimal: str = "."
    thousands: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What numbers without a sign look like; India sets off thousands by two digits and the last by three."""
        point, between = re.escape(self.decimal), re.escape(self.thousands)
        groups = rf"(?:{between}[0-9]{{{'2,3' if self.thousands == ',' else '3'}}})*{between}[0-9]{{3}}"
        whole = rf"(?:[0-9]+|[0-9]{{1,3}}{groups})" if self.thousands else "[0-9]+"
        return re.compile(rf"(?:{whole}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?")

    @cached_property
    def signed(self) -> re.Pattern[str]:
        """What numbers with nothing but a sign look like."""
        return re.compile(rf"[+-]?(?:{self.pattern.pattern})")

    def value(self, cell: str) -> float:
        """The number that a cell, or a shape, is; NaN if it is not written in this way."""
        minus, body, _ = _parts(cell) or ("", "", "")
        return float(minus + self.plain(body)) if self.pattern.fullmatch(body) else math.nan

    def plain(self, cells: str) -> str:
        """Numbers that are written in this way as Python writes them."""
        return cells.replace(self.thousands, "").replace(self.decimal, ".")

    def __str__(self) -> str:
        names = {" ": "blank", "": "none"}
        return f"--decimal '{self.decimal}' --thousands {names.get(self.thousands, repr(self.thousands))}"


PLAIN = Form()
FORMS = (PLAIN, Form(",", ""), *(Form(".", each) for each in ",' "), *(Form(",", each) for each in ".' "))


@lru_cache(_MOST_SHAPES)
def _parts(cell: str) -> tuple[str, str, str] | None:
    """The minus, the number and the currency or percent sign of a cell or a shape; None if it is no number."""
    found = _CELL.fullmatch(cell.translate(ALIKE))
    units = [found[each] for each in ("percent", "outer", "before", "after", "behind") if found[each]] if found else []
    if found is None or bool(found["open"]) != bool(found["close"]) or len(units) > 1:
        return None
    signs = [found[each] for each in ("open", "sign", "inner", "trailing") if found[each]]
    body = found["body"].strip()
    if len(signs) > 1 or not any(form.pattern.fullmatch(body) for form in FORMS):
        return None
    return "-" if signs not in ([], ["+"]) else "", body, "".join(units)


def looks_numeric(shape: str) -> bool:
    """Whether a shape is meant as a number, even if it cannot be read as one: "12.3K", "9..5", "5 kg"."""
    return bool(_ROUGHLY.fullmatch(shape))


def has_multiple(cell: str) -> bool:
    """Whether a cell is a number with a word for a multiple of it: "12.3K", "$1.2bn"."""
    return bool(_MULTIPLE.fullmatch(cell))


def shape_of(cells: str) -> str:
    """A cell, or several one after the other, with a 9 for every digit."""
    return cells.translate(_SHAPES)


def is_missing(cell: str) -> bool:
    """Whether a cell stands for a missing value."""
    return cell.casefold().lstrip("+-") in _MISSING


def is_number(cell: str) -> bool:
    """Whether a cell, or a shape, is a number in some way of writing."""
    return not is_missing(cell) and _parts(cell) is not None


@dataclass
class Profile:
    """What was seen of a column: how often which shape, and the first cell of each with its line.

    noughts: the signs that stand after a single nought, as in 0.125: what sets off thousands does not.
    """

    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, tuple[int, str]] = field(default_factory=dict)
    total: int = 0
    noughts: set[str] = field(default_factory=set)

    def add(self, lines: Sequence[int], cells: Sequence[str]) -> None:
        """Counts more cells of the column."""
        self.total += len(cells)
        self.noughts.update(_NOUGHT.findall("\0".join(cells)))
        if len(self.counts) <= _MOST_SHAPES:
            shapes = shape_of("\0".join(cells)).split("\0")
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
        return [shape for shape in self.counts if is_number(shape)]

    @property
    def units(self) -> dict[str, tuple[int, str]]:
        """The currency and percent signs ("" for none), each with the first line and cell that has it."""
        found: dict[str, tuple[int, str]] = {}
        for shape in self.numeric:
            _, _, unit = _parts(shape) or ("", "", "")
            found[unit] = min(found.get(unit, self.first[shape]), self.first[shape])
        return found

    def unreadable(self, form: Form) -> list[str]:
        """The shapes of numbers that are not written in a form."""
        return [shape for shape in self.numeric if math.isnan(form.value(shape))]

    def forms(self, among: Iterable[Form] = FORMS) -> list[Form]:
        """The forms that all numbers of the column may be written in."""
        return [form for form in among if form.thousands not in self.noughts and not self.unreadable(form)]


def numbers(cells: Sequence[str], form: Form) -> list[float]:
    """The values of cells that are written in a form; NaN for what is not."""
    if all(map(form.signed.fullmatch, cells)):  # most columns, much sooner read as a whole
        return list(map(float, form.plain("\0".join(cells)).split("\0")))
    return list(map(form.value, cells))
