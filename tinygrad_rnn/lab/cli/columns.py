"""Which column of a CSV file is meant where none was named."""

import csv

from ..data import read_series, read_text
from ..data.files import listed, shown
from .refusal import DataError, Refusal


def usual_column(path: str) -> str:
    """The column "close" if there is one, else the only column of numbers.

    Raises:
        Refusal: there are several columns of numbers, or none.
        DataError: the file cannot be read.
    """
    header = _header(read_text(path))
    if any(name.casefold() == "close" for name in header):
        return "close"
    if len(header) == 1:
        return header[0]  # whether it holds numbers is for the reader of the column to say
    numeric = [name for name in header if _holds_numbers(path, name)]
    if len(numeric) == 1:
        return numeric[0]
    found = f"{len(numeric)} columns of numbers" if numeric else "no column of nothing but numbers"
    raise Refusal(f"{shown(path, 200)} has {found}; choose one of {listed(header)} with --column")


def _header(text: str) -> list[str]:
    """The cells of the first line that is not blank, cut at the sign that gives most of them."""
    line = next(line for line in text.split("\n") if line.strip())
    cut = (next(csv.reader([line], delimiter=sign, skipinitialspace=True)) for sign in ",;\t")
    return [cell.strip() for cell in max(cut, key=len)]


def _holds_numbers(path: str, column: str) -> bool:
    try:
        read_series(path, column)
    except DataError:
        return False
    return True
