"""Plain text for the terminal: tables of ASCII that fit 100 columns, and numbers in them."""

import math
import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 96


def table(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1, indent: str = "  ") -> str:
    """Aligned columns under a rule, the first `left` columns to the left and the others to the right."""
    cells = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]

    def line(row: Sequence[str]) -> str:
        aligned = (cell.ljust(widths[i]) if i < left else cell.rjust(widths[i]) for i, cell in enumerate(row))
        return (indent + "  ".join(aligned)).rstrip()

    rule = indent + "  ".join("-" * width for width in widths)
    return "\n".join([line(cells[0]), rule, *map(line, cells[1:])])


def title(text: str) -> str:
    """A heading with an empty line above it."""
    return f"\n{text}\n"


def prose(text: str) -> str:
    """Sentences broken into lines."""
    return "\n".join(textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False))


def significant(value: float, digits: int = 4) -> str:
    """A number in so many significant digits, with an exponent where it is very large or very small."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    if 1e-4 <= abs(value) < 1e7:
        return f"{value:.{max(digits - 1 - math.floor(math.log10(abs(value))), 0)}f}"
    return f"{value:.{digits - 1}e}"


def alike(values: Sequence[float], digits: int = 5) -> list[str]:
    """Numbers to be read below each other: the same number of decimals for all, enough for the largest of them."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if largest and not 1e-4 <= largest < 1e9:
        return [f"{value:.{digits - 1}e}" for value in values]
    decimals = min(max(digits - 1 - math.floor(math.log10(largest)), 0), 8) if largest else 0
    return [f"{value:.{decimals}f}" for value in values]
