"""What the columns of a table hold, told by all their cells: numbers and how they are written, dates, text, footers."""

from collections import deque
from collections.abc import Iterable, Sequence

from .files import DataError, listed, shown
from .numerals import FORMS, PLAIN, Form, Profile, has_multiple, is_missing, is_number, looks_numeric, shape_of
from .table import Table, find

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

    def __init__(self, table: Table, asked: str | None, inputs: Sequence[str]) -> None:
        self.table, self.reading, self.name, header = table, table.reading, table.name, table.header
        if asked is None and "close" in map(str.casefold, header):
            asked = "close"
        self.place = find(asked, header, self.name) if asked is not None else 0 if len(header) == 1 else None
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

    def is_numeric(self, place: int) -> bool:
        """Whether a column holds nothing but numbers, and perhaps missing values."""
        profile = self.profiles[place]
        return bool(profile.numeric) and len(profile.numeric) + len(profile.missing) == len(profile.counts)

    def chosen(self, times: list[int]) -> int:
        """The column that is wanted, or the only one that is meant as numbers."""
        if self.place is not None:
            return self.place
        meant, counts = list[int](), list[int]()
        for i, profile in enumerate(self.profiles):
            rough = [shape for shape in profile.counts if looks_numeric(shape) and not is_missing(shape)]
            if i not in times and (self.is_numeric(i) or profile.share({*rough, *profile.numeric}) >= 0.5):
                (counts if plain_name(self.table.header[i]) in _INDEX.split("|") else meant).append(i)
        if len(meant) == 1:
            self.wanted.append(meant[0])
            return meant[0]
        numbers = [i for i in times if self.is_numeric(i)] + counts
        found = f"{len(meant)} columns of numbers" if meant else "no column of nothing but numbers"
        if not meant and numbers:
            found = f"no column of numbers but {listed([self.table.header[i] for i in numbers])}, a time or a count"
        raise DataError(f"{self.name} has {found}; choose one of {listed(self.table.header)} with --column")

    def where(self, place: int, line: int) -> str:
        """How a message begins that is about a cell."""
        return f"{self.name}: {self.table.unit} {line}, column '{shown(self.table.header[place])}'"

    def refusal(self, place: int, shapes: Iterable[str], why: str) -> DataError:
        """What to raise for the first cell that has one of some shapes."""
        line, cell = min(self.profiles[place].first[shape] for shape in shapes)
        return DataError(f"{self.where(place, line)}: '{shown(cell)}' {why}")

    def form(self, place: int) -> Form:
        """How the numbers of a column are written."""
        profile, numeric, units = self.profiles[place], self.profiles[place].numeric, self.profiles[place].units
        allowed = [*numeric, *(profile.missing if self.reading.missing else [])]
        bad = [shape for shape in profile.counts if shape not in allowed]
        if bad:
            raise DataError(self.refused(place, *min(profile.first[shape] for shape in bad)))
        if len(units.keys() - {""}) > 1 or ("%" in units and len(units) > 1):
            (_, one), (line, other) = sorted(units.values())[:2]
            raise DataError(
                f"{self.where(place, line)}: '{shown(other)}' has another unit than '{shown(one)}' above; give one unit"
            )
        decimal, thousands = self.reading.decimal, self.reading.thousands
        asked = [each for each in FORMS if decimal in (None, each.decimal) and thousands in (None, each.thousands)]
        asked = asked or [Form(decimal or ".", thousands or "")]
        forms = profile.forms(asked)
        if not forms:
            fewest = min(map(profile.unreadable, asked), key=lambda each: sum(profile.counts[shape] for shape in each))
            raise self.refusal(
                place,
                fewest,
                "is not written like the other numbers; write all of them in one way, such as 1234.5, or say which "
                "signs they have with --decimal and --thousands",
            )
        signs = [{form.decimal for form in each.forms()} for each in self.profiles]
        told = {sign for each in signs if len(each) == 1 for sign in each}  # by other columns, for the whole file
        if len(told) == 1:
            forms = [form for form in forms if form.decimal in told] or forms
        readings = {tuple(map(form.value, numeric)): form for form in reversed(forms)}
        # Without other signs 1.234 is a number with decimals, but not where semicolons leave the comma to decimals.
        if len(readings) > 1 and (PLAIN not in forms or self.table.separator == ";"):
            first, second, *_ = [form for form in forms if form in readings.values()]
            why = f"can be read in two ways; say which with --decimal '{first.decimal}' or --decimal '{second.decimal}'"
            raise self.refusal(place, [shape for shape in numeric if not shape.isdigit()], why)
        return forms[0]

    def refused(self, place: int, line: int, cell: str) -> str:
        """Why a cell is no number that can be used."""
        why = f"'{shown(cell)}' is not a number; correct it, or choose a column with --column"
        if is_missing(cell):
            found = f"'{shown(cell)}' stands for a missing value" if cell else "the cell is blank"
            why = f"{found}; fill it in or remove the row, or take --missing fill or --missing drop"
        elif cell.casefold().lstrip("+-") in ("inf", "infinity", "∞"):
            why = f"'{shown(cell)}' is not finite; correct it or remove the row"
        elif has_multiple(cell):
            why = f"'{shown(cell)}' has a word for a multiple, which is not read; write the number out, such as 12300"
        elif is_number(cell):
            why = f"{shown(cell)} is too large for a 64-bit float; give it in other units"
        return f"{self.where(place, line)}: {why}"

    def refuse_footer(self, dates: dict[int, list[str]]) -> None:
        """Refuses rows at the end that are no rows of values; dates: the shapes that are none, by columns of dates."""
        if self.reading.skip_footer is not None or self.profiles[0].total < 3:
            return
        footer = ""
        for rows, (line, cells) in enumerate(reversed(self.tail), 1):
            others = {i: what for i, cell in enumerate(cells) if (what := self._others(i, cell, dates, rows))}
            if not others:
                break
            place, what = next(iter(others.items()))
            found = f"'{shown(cells[place])}'" if cells[place] else "a blank"
            footer = (
                f"{self.where(place, line)}: {found} stands where the {self.table.unit}s before have {what}, as in a "
                f"footer; leave it out with --skip-footer {rows}, or keep it with --skip-footer 0"
            )
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
        profile, said = self.profiles[place], list[str]()
        if form != PLAIN and (signed := profile.unreadable(PLAIN)):
            said.append(f"numbers are read with {form}, as in {shown(profile.first[signed[0]][1])}")
        if "%" in profile.units:
            said.append("percent are read as they stand, 5% as 5")
        return said
