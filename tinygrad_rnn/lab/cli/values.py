"""Values of options: what a text must be to count as one."""

import math
from collections.abc import Callable

from ..data.files import shown
from .refusal import Refusal


def whole(least: int, most: int) -> Callable[[str], int]:
    """Whole numbers in a range."""

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise Refusal(f"{shown(text)!r} is no whole number from {least} to {most}")
        return value

    return convert


def one_of(*names: str) -> Callable[[str], str]:
    """One of a few words."""

    def convert(text: str) -> str:
        if text not in names:
            raise Refusal(f"{shown(text)!r} is not known; use {', '.join(names[:-1])} or {names[-1]}")
        return text

    return convert


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def positive(text: str) -> float:
    """Finite numbers above 0."""
    value = _number(text)
    if not 0 < value < math.inf:
        raise Refusal(f"{shown(text)!r} is no number above 0")
    return value


def zero_or_more(text: str) -> float:
    """Finite numbers that are not negative."""
    value = _number(text)
    if not 0 <= value < math.inf:
        raise Refusal(f"{shown(text)!r} is no number from 0 upwards")
    return value


def positive_or_none(text: str) -> float:
    """Finite numbers above 0, or the word none for no limit: infinity."""
    if text == "none":
        return math.inf
    value = _number(text)
    if not 0 < value < math.inf:
        raise Refusal(f"{shown(text)!r} is neither a number above 0 nor none")
    return value


def number(text: str) -> float:
    """Finite numbers."""
    value = _number(text)
    if not math.isfinite(value):
        raise Refusal(f"{shown(text)!r} is no finite number")
    return value


def share(text: str) -> float:
    """Numbers from 0 up to, not including, 1."""
    value = _number(text)
    if not 0 <= value < 1:
        raise Refusal(f"{shown(text)!r} is no number from 0 up to, not including, 1")
    return value
