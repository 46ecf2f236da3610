"""What the columns of a table hold, told by all their cells: numbers and how they are written, dates, text, footers."""

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .files import DataError, listed, shown
from .numerals import FORMS, PLAIN, Form, Profile, is_missing, is_number, looks_numeric, shape_of
from .table import Reading, Table, find

_INDEX = "|#|id|index|idx|no|nr|num|number|row|n|i|t|step|key|code|unnamed 0"
# How a footer begins.
_TOTALS = (
    "total|sum|average|avg|mean|grand total|subtotal|count|source|note|end of|generated|copyright|©|summe|gesamt"
    "|durchschnitt|mittelwert|quelle|somme|moyenne|suma|promedio|media|合计|总计|合計|итого|всего"
)
_TAIL = 3  # rows at the end that may be a footer


def plain_name(name: str) -> str:
    """A column's name without what varies in names."""
    return " ".join("".join(c if c.isalnum() or c == "#" else " " for c in name).casefold().split())


class Columns:
    """The columns of a table, each with its profile.

    asked: the column that is wanted, None of a default; inputs: those that are read beside it; text: the columns that
    hold no number and no blank cell.
    """

    def __init__(self, table: Table, reading: Reading, asked: str | None, inputs: Sequence[str]) -> None:
        self.table, self.reading, self.name, header = table, reading, table.name, table.header
        self.place = self._place(asked)
        self.inputs = [find(each, header, self.name) for each in inputs]
        self.profiles = [Profile() for _ in header]
        self.tail: deque[tuple[int, list[str]]] = deque(maxlen=_TAIL)
        for block in table.blocks():
            for profile, cells in zip(self.profiles, block.columns, strict=True):
                profile.add(block.lines, cells)
            self.tail.extend((line, [c[i] for c in block.columns]) for i, line in list(enumerate(block.lines))[-_TAIL:])
        if not self.profiles[0].total:
            raise DataError(f"{self.name} has a header ({listed(header)}) and no rows; give a file with values in it")
        self.text = [i for i, each in enumerate(self.profiles) if not each.numeric and "" not in each.counts]
        self.wanted = [*([] if self.place is None else [self.place]), *self.inputs]
        for place in self.wanted:
            self.form(place)

    def _place(self, asked: str | None) -> int | None:
        """Where the wanted column is, as far as names tell."""
        header = self.table.header
        if asked is not None:
            return find(asked, header, self.name)
        if len(header) == 1:
            return 0
        closes = [name for name in header if name.casefold() == "close"]
        return find("close", header, self.name) if closes else None

    def is_numeric(self, place: int) -> bool:
        """Whether a column holds nothing but numbers, and perhaps missing values."""
        profile = self.profiles[place]
        return bool(profile.numeric) and len(profile.numeric) + len(profile.missing) == len(profile.counts)

    def chosen(self, times: list[int]) -> int:
        """The column that is wanted, or the only one that is meant as numbers.

        Raises:
            DataError: there is none, or several.
        """
        if self.place is not None:
            return self.place
        meant: list[int] = []
        counts: list[int] = []
        for i, profile in enumerate(self.profiles):
            rough = [shape for shape in profile.counts if looks_numeric(shape) and not is_missing(shape)]
            if i not in times and (self.is_numeric(i) or profile.share({*rough, *profile.numeric}) >= 0.5):
                (counts if plain_name(self.table.header[i]) in _INDEX.split("|") else meant).append(i)
        if len(meant) == 1:
            return meant[0]
        numbers = [i for i in times if self.is_numeric(i)] + counts
        found = f"{len(meant)} columns of numbers" if meant else "no column of nothing but numbers"
        if not meant and numbers:
            found = f"no column of numbers but {listed([self.table.header[i] for i in numbers])}, a time or a count"
        raise DataError(f"{self.name} has {found}; choose one of {listed(self.table.header)} with --column")

    def is_count(self, place: int, values: NDArray[np.float64]) -> bool:
        """Whether a column that nobody asked for only counts its rows."""
        return self.place is None and len(values) > 1 and len({*np.diff(values).tolist()} | {1.0, -1.0}) == 2

    def where(self, place: int, line: int) -> str:
        """How a message begins that is about a cell."""
        return f"{self.name}: {self.table.unit} {line}, column '{shown(self.table.header[place])}'"

    def form(self, place: int) -> Form:
        """How the numbers of a column are written.

        Raises:
            DataError: a cell is no number, or missing and nobody said what to do, or they can be read in two ways.
        """
        profile, reading = self.profiles[place], self.reading
        bad = [shape for shape in profile.counts if shape not in profile.numeric]
        if reading.missing:
            bad = [shape for shape in bad if not is_missing(shape)]
        if bad:
            raise DataError(self.refused(place, *min(profile.first[shape] for shape in bad)))
        units = profile.units
        if len(units.keys() - {""}) > 1 or ("%" in units and len(units) > 1):
            (_, one), (line, other) = sorted(units.values())[:2]
            raise DataError(
                f"{self.where(place, line)}: '{shown(other)}' has another unit than '{shown(one)}' above; give one unit"
            )
        decimal, thousands = reading.decimal, reading.thousands
        asked = [each for each in FORMS if decimal in (None, each.decimal) and thousands in (None, each.thousands)]
        asked = asked or [Form(decimal or ".", thousands or "")]
        readings = profile.readings(asked)
        marks = {sign for each in self.profiles if len(each.decimals) == 1 for sign in each.decimals}
        if len(readings) > 1 and len(marks) == 1:
            readings = {plain: form for plain, form in readings.items() if form.decimal in marks} or readings
        # Without other signs 1.234 is a number with decimals, but not where semicolons leave the comma to decimals.
        if len(readings) > 1 and (PLAIN not in readings.values() or self.table.separator == ";"):
            (_, first), (_, second) = list(readings.items())[:2]
            line, cell = next(profile.first[shape] for shape in profile.numeric if not shape.isdigit())
            raise DataError(
                f"{self.where(place, line)}: '{shown(cell)}' can be read in two ways; say which with --decimal "
                f"'{first.decimal}' or --decimal '{second.decimal}'"
            )
        if not readings and profile.numeric:
            line, cell = self._odd(profile, asked)
            raise DataError(
                f"{self.where(place, line)}: '{shown(cell)}' is not written like the other numbers; write all of them "
                "in one way, such as 1234.5, or say which signs they have with --decimal and --thousands"
            )
        forms = list(readings.values())
        return PLAIN if PLAIN in forms or not forms else forms[0]

    def _odd(self, profile: Profile, forms: list[Form]) -> tuple[int, str]:
        """The first cell that is not written as most are."""
        fewest = min(map(profile.unreadable, forms), key=lambda each: sum(profile.counts[shape] for shape in each))
        return min(profile.first[shape] for shape in fewest)

    def refused(self, place: int, line: int, cell: str) -> str:
        """Why a cell is no number that can be used."""
        where, plain = self.where(place, line), cell.casefold().lstrip("+-")
        if is_missing(cell):
            found = f"'{shown(cell)}' stands for a missing value" if cell else "the cell is blank"
            return f"{where}: {found}; fill it in or remove the row, or take --missing fill or --missing drop"
        if plain in ("inf", "infinity", "∞"):
            return f"{where}: '{shown(cell)}' is not finite; correct it or remove the row"
        if is_number(cell):
            return f"{where}: {shown(cell)} is too large for a 64-bit float; give it in other units"
        return f"{where}: '{shown(cell)}' is not a number; correct it, or choose a column with --column"

    def refuse_footer(self, dates: dict[int, list[str]]) -> None:
        """Refuses rows at the end that are no rows of values; `dates` are the shapes that are none in columns of dates.

        Raises:
            DataError: such a row is there, and nobody said whether it belongs to the table.
        """
        if self.reading.skip_footer is not None or self.profiles[0].total < 3:
            return
        footer = ""
        for rows, (line, cells) in enumerate(reversed(self.tail), 1):
            for place, cell in enumerate(cells):
                others = self._others(place, cell, dates, rows)
                if others:
                    found = f"'{shown(cell)}'" if cell else "a blank"
                    footer = (
                        f"{self.where(place, line)}: {found} stands where the {self.table.unit}s before have {others}, "
                        f"as in a footer; leave it out with --skip-footer {rows}, or keep it with --skip-footer 0"
                    )
                    break
            else:
                break
        if footer:
            raise DataError(footer)

    def _others(self, place: int, cell: str, dates: dict[int, list[str]], rows: int) -> str:
        """What the column of a cell near the end holds, if the cell is something else."""
        profile = self.profiles[place]
        shape = shape_of(cell)
        if place in self.wanted or profile.counts[shape] > _TAIL:
            return ""
        if place in dates:
            return "dates" if shape in dates[place] else ""
        if place in self.text:
            return "other words" if rows == 1 and cell.casefold().startswith(tuple(_TOTALS.split("|"))) else ""
        strange = not is_missing(cell) and shape not in profile.numeric and not looks_numeric(shape)
        return "numbers" if strange and profile.share(profile.numeric) >= 0.6 else ""

    def notes(self, place: int, form: Form) -> list[str]:
        """How the numbers of a column were read, where that is not plain to see."""
        profile = self.profiles[place]
        said = []
        signed = profile.unreadable(PLAIN)
        if form != PLAIN and signed:
            _, cell = profile.first[signed[0]]
            said.append(f"numbers are read with {form}, as in {shown(cell)}")
        if "%" in profile.units:
            said.append("percent are read as they stand, 5% as 5")
        return said
