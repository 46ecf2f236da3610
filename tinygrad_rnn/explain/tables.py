"""Small tables and numbers as text and HTML, for what the readers of the backward stream report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np


def size(array: Any) -> float:
    """The Euclidean norm of all numbers; NaN or infinite if any number is.

    Computed in float64 and scaled by the largest number, so that neither huge nor tiny float32 numbers are lost.
    """
    numbers = np.abs(np.asarray(array, np.float64))
    largest = float(numbers.max(initial=0.0))
    if largest == 0 or not math.isfinite(largest):
        return largest
    return largest * math.sqrt(np.square(numbers / largest).sum())


def number(x: float, digits: int = 3) -> str:
    """Write one number with ``digits`` significant digits and at most four decimals.

    Numbers below 0.001 or from 10,000 on have one decimal and a power of ten, "1.2e-5"; integers (and truth
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
    mantissa, exponent = f"{x:.1e}".split("e")
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


def described(array: Any) -> str:
    """``float32[8,16]``."""
    return f"{array.dtype}[{','.join(map(str, array.shape))}]"


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    """Columns under their headings, aligned to the left or to the right."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = [
        "  ".join(cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(row, widths, right, strict=True)).rstrip()
        for row in [head, ["-" * w for w in widths], *rows]
    ]
    return "\n".join(lines)


def html_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    """The same as HTML, for notebooks."""

    def line(tag: str, row: Sequence[str]) -> str:
        cells = (
            f'<{tag} style="text-align:{"right" if r else "left"}">{escape(cell)}</{tag}>'
            for cell, r in zip(row, right, strict=True)
        )
        return f"<tr>{''.join(cells)}</tr>"

    body = "".join(line("td", row) for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead>{line('th', head)}</thead><tbody>{body}</tbody></table>"
