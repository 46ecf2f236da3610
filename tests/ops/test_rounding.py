"""Division that rounds: integers of all signs beside exact arithmetic, and staying integers."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import floor, trunc

import pytest

import tinygrad_rnn as tg

PAIRS = [(a, b) for a, b in product(range(-7, 8), (-3, -2, -1, 1, 2, 3))]


@pytest.mark.parametrize("dtype", ["int8", "int64", "float64"])
@pytest.mark.parametrize(("mode", "rounded"), [("floor", floor), ("trunc", trunc)])
def test_division_rounds_as_asked(mode: str, rounded: object, dtype: str) -> None:
    assert callable(rounded)
    a, b = (tg.tensor(numbers, dtype=getattr(tg, dtype)) for numbers in zip(*PAIRS, strict=True))
    quotients = tg.div(a, b, rounding_mode=mode)
    assert quotients.dtype == a.dtype
    assert quotients.tolist() == [rounded(Fraction(x, y)) for x, y in PAIRS]


def test_another_rounding_mode_is_refused() -> None:
    with pytest.raises(RuntimeError, match="None, 'floor' or 'trunc', got 'up'"):
        tg.div(tg.tensor(7), tg.tensor(2), rounding_mode="up")
