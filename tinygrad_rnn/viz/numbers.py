"""Numbers as cards show them: a few significant digits, a few characters, never more than two lines."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..explain.report import number as number
from ..explain.report import size as size

Array = npt.NDArray[Any]
#: The numbers of a card, line by line; all lines have the same number of columns.
Lines = tuple[tuple[str, ...], ...]

#: Characters in one line of a card, and between numbers that stand side by side.
LINE, BLANK = 15, 1 / 2
#: Arrays of up to this many numbers are written out.
WRITTEN = 4


def shape(array: Array) -> str:
    """Write a shape as "64x64"; a single number has none."""
    return "x".join(str(n) for n in array.shape)


def summary(array: Array) -> str:
    """Smallest and largest number, "-0.28 .. 0.33"; "NaN" as soon as there is one."""
    low, high = array.min(), array.max()
    if np.isnan(low):
        return "has NaN"
    texts = [f"{number(low, digits)} .. {number(high, digits)}" for digits in (2, 1)]
    return texts[len(texts[0]) > LINE]


def grid_lines(array: Array, wide: int = LINE) -> Lines | None:
    """Write all numbers in at most two lines of equally many columns, or None if they do not fit.

    What would stand too close to its neighbour is written with fewer digits. Two rows are two lines; a single row, a
    vector, is in one, or if it is long, in brackets that tell it from two rows, in two.
    """
    rows = math.prod(array.shape[:-1])
    if array.size > WRITTEN or rows > 2:
        return None
    ways = [2] if rows == 2 else [1, 2][: array.size - 1] or [1]
    for digits, many in [
        *((digits, many) for many in ways for digits in (3, 2)),
        *((1, many) for many in ways),
        (3, 2),
    ]:
        columns = -(-array.size // many)
        room, forms = wide / columns - BLANK, ["{}"] * array.size
        if many > rows:
            forms[0], forms[-1] = f"[{forms[0]}", f"{forms[-1]}]"
        tried = (
            (form.format(number(x, n)) for n in range(3, digits - 1, -1))
            for form, x in zip(forms, array.reshape(-1).tolist(), strict=True)
        )
        numbers = [next((text for text in texts if len(text) <= room), "") for texts in tried]
        if all(numbers):
            padded = [*numbers, *[""] * (columns * many - len(numbers))]
            return tuple(tuple(padded[start : start + columns]) for start in range(0, len(padded), columns))
    return None


def value_lines(array: Array) -> Lines:
    """A value as the lines of a card: written out when short, else its range."""
    return (("empty",),) if array.size == 0 else grid_lines(array) or ((summary(array),),)


def gradient_lines(array: Array) -> Lines:
    """A gradient as the lines of a card: written out when short, else its size."""
    return (("empty",),) if array.size == 0 else grid_lines(array) or ((f"size {number(size(array))}",),)


def largest(sizes: Iterable[float | None]) -> float | None:
    """The largest of several sizes, NaN if one is; None if there is none."""
    known = [size for size in sizes if size is not None]
    return float(np.max(known)) if known else None


def added(a: Array, b: Array) -> Array:
    """a + b; too large numbers become infinite without a warning, the picture shows it."""
    with np.errstate(over="ignore", invalid="ignore"):
        total: Array = a + b
    return total
