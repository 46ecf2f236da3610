"""Baselines and the walk forward: no look at the future, and numbers worked out by hand."""

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tinygrad_rnn.lab.data import (
    BASELINES,
    DataError,
    linear_extrapolation,
    read_series,
    score,
    tomorrow_is_today,
    walk_forward,
)

TEXTBOOK = np.array([100.0, 102.0, 104.0, 106.0, 108.0])


def test_baselines_on_the_textbooks_prices() -> None:
    assert tomorrow_is_today(TEXTBOOK) == 108
    assert linear_extrapolation(TEXTBOOK) == 110
    assert linear_extrapolation(TEXTBOOK[:1]) == 100
    assert list(BASELINES) == ["tomorrow = today", "linear extrapolation"]


def test_a_walk_written_out() -> None:
    values = [1.0, 2.0, 4.0, 8.0]
    assert walk_forward(values, 2, tomorrow_is_today).tolist() == [2, 4]
    assert walk_forward(values, 2, linear_extrapolation).tolist() == [3, 6]
    assert walk_forward(values, 1, tomorrow_is_today).tolist() == [1, 2, 4]


def test_a_forecaster_sees_the_past_and_cannot_change_it() -> None:
    seen: list[list[float]] = []

    def spy(past: NDArray[np.float64]) -> float:
        seen.append(past.tolist())
        with pytest.raises(ValueError, match="read-only"):
            past[0] = 0
        return 0.0

    values = np.array([1.0, 2.0, 3.0, 4.0])
    walk_forward(values, 2, spy)
    assert seen == [[1, 2], [1, 2, 3]]
    assert values.flags.writeable


@pytest.mark.parametrize("start", [0, -1, 5, 6])
def test_a_walk_needs_a_past_and_a_future(start: int) -> None:
    message = f"a walk through 5 values cannot start at {start}; start between 1 and 4, with a past to look at"
    with pytest.raises(DataError, match=re.escape(message)):
        walk_forward(TEXTBOOK, start, tomorrow_is_today)


def test_score_by_hand() -> None:
    result = score([1.0, 2.0, 3.0], [1.0, 4.0, -1.0])
    assert (result.mae, result.worst, result.count) == (2, 4, 3)
    assert result.rmse == pytest.approx(np.sqrt(20 / 3))


def test_score_refuses_what_cannot_be_compared() -> None:
    with pytest.raises(DataError, match=r"^2 predictions cannot be compared with 3 values; pass one for each$"):
        score([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(DataError, match=r"^2 of 3 predictions are not finite, the first at position 1; the model has"):
        score([1.0, np.nan, np.inf], [1.0, 2.0, 3.0])


def test_on_real_prices_tomorrow_is_today_beats_the_line() -> None:
    values = read_series(Path(__file__).parents[2] / "examples" / "prices.csv", "close").values
    today, line = (score(walk_forward(values, 400, each), values[400:]) for each in BASELINES.values())
    assert today.count == 102
    assert today.mae == pytest.approx(np.abs(np.diff(values[399:])).mean())
    assert today.rmse < line.rmse
