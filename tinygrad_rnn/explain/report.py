"""Small tables and numbers for people: as text for the terminal, in 100 columns, and as HTML for notebooks."""

from __future__ import annotations

import math
import sys
import textwrap
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np

from ..engine.describing import described

WIDTH = 96

#: The size of so few numbers is computed faster without numpy.
FEW = 64
#: The heading of a column, whether its cells are aligned to the right, and the cells; None leaves the column out.
Column = tuple[str, bool, Sequence[str] | None]


def text_table(columns: Iterable[Column], indent: str = "") -> str:
    """Columns under their headings and a rule."""
    aligned = []
    for head, right, cells in columns:
        if cells is not None:
            width = max(map(len, (head, *cells)))
            aligned.append([c.rjust(width) if right else c.ljust(width) for c in (head, "-" * width, *cells)])
    return "\n".join((indent + "  ".join(row)).rstrip() for row in zip(*aligned, strict=True))


def html_table(caption: str, columns: Iterable[Column]) -> str:
    """The same as HTML, for notebooks."""
    made = []
    for head, right, cells in columns:
        if cells is not None:
            style = f' style="text-align:{"right" if right else "left"}"'
            made.append([f"<th{style}>{escape(head)}</th>", *(f"<td{style}>{escape(cell)}</td>" for cell in cells)])
    first, *body = [f"<tr>{''.join(row)}</tr>" for row in zip(*made, strict=True)]
    return f"<table><caption>{escape(caption)}</caption><thead>{first}</thead><tbody>{''.join(body)}</tbody></table>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1, indent: str = "  ") -> str:
    """Rows as an indented table, the first `left` columns to the left and the others to the right."""
    listed = list(rows)
    return text_table(((head[i], i >= left, [row[i] for row in listed]) for i in range(len(head))), indent)


def title(text: str) -> str:
    """A heading with an empty line above it."""
    return f"\n{text}\n"


def terminal_width(otherwise: int) -> int:
    """How many columns the terminal has that standard output is."""
    import shutil  # with all kinds of archives, which take their time

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else otherwise


def prose(text: str, width: int = WIDTH) -> str:
    """Sentences broken into lines, and in a narrow terminal into shorter ones."""
    lines = textwrap.wrap(text, min(width, terminal_width(width)), break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


def size(array: Any) -> float:
    """The Euclidean norm of all numbers; NaN or infinite if any number is.

    Computed in float64 and scaled by the largest number, so that neither huge nor tiny float32 numbers are lost.
    """
    numbers = np.asarray(array, np.float64)
    if numbers.size <= FEW and (amount := math.hypot(*numbers.reshape(-1).tolist())) < math.inf:
        return amount
    numbers = np.abs(numbers)
    largest = float(numbers.max(initial=0.0))
    if largest == 0 or not math.isfinite(largest):
        return largest
    return largest * math.sqrt(np.square(numbers / largest).sum())


def number(x: float, digits: int = 3) -> str:
    """Write one number with ``digits`` significant digits and at most four decimals.

    Numbers below 0.001 or from 10,000 on have one decimal at most and a power of ten, "1.2e-5"; integers (and truth
    values, as 1 and 0) are written in full up to six digits.
    """
    if isinstance(x, (bool, np.bool_)):
        return "1" if x else "0"
    if isinstance(x, (int, np.integer)) and abs(int(x)) < 1_000_000:
        return str(int(x))
    x = float(x)
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "inf" if x > 0 else "-inf"
    if x == 0:
        return "0"
    if 1e-3 <= abs(x) < 1e4:
        decimals = min(4, max(0, digits - 1 - math.floor(math.log10(abs(x)))))
        text = f"{x:.{decimals}f}"
        if abs(float(text)) < 1e4:
            return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, exponent = f"{x:.{min(1, digits - 1)}e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def value(array: Any, most: int = 8) -> str:
    """The numbers of a small array; of a large one its type, shape and size."""
    array = np.asarray(array)
    if array.size == 0:
        return f"{described(array)}, empty"
    if array.size > most or array.ndim > 2:
        return f"{described(array)} of size {number(size(array))}"
    if array.ndim == 0:
        return number(array[()])
    if array.ndim == 1:
        return f"[{' '.join(map(number, array))}]"
    return f"[{' '.join(value(row) for row in array)}]"


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
