"""What a model of a series must beat to have learnt anything, and the walk that measures it honestly."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .files import DataError
from .series import one_dimensional

Forecaster = Callable[[NDArray[np.float64]], float]


def tomorrow_is_today(past: NDArray[np.float64]) -> float:
    """The last value again: for a random walk, which prices resemble, nothing does better."""
    return float(past[-1])


def linear_extrapolation(past: NDArray[np.float64]) -> float:
    """The line through the last two values, one step on: `2 x_t - x_(t-1)`; with one value, that value."""
    return float(2 * past[-1] - past[-2]) if len(past) > 1 else float(past[-1])


BASELINES: dict[str, Forecaster] = {"tomorrow = today": tomorrow_is_today, "linear extrapolation": linear_extrapolation}


def walk_forward(values: ArrayLike, start: int, forecast: Forecaster) -> NDArray[np.float64]:
    """Predicts `values[start:]` one by one, each from the true values before it and from nothing else.

    `(time,) -> (time - start,)`; `forecast` is called with `values[:start]`, `values[:start + 1]`, ... (read-only).

    Raises:
        DataError: nothing comes before `start`, or nothing after it.
    """
    series = one_dimensional(values).copy()
    series.flags.writeable = False
    if not 0 < start < len(series):
        raise DataError(
            f"a walk through {len(series)} values cannot start at {start}; "
            f"start between 1 and {len(series) - 1}, with a past to look at and a value to predict"
        )
    return np.array([forecast(series[:now]) for now in range(start, len(series))], dtype=np.float64)


@dataclass(frozen=True)
class Score:
    """How far predictions were from what came, in the units of the series.

    mae: mean of |error|; rmse: square root of the mean of error squared; worst: the largest |error|; count: how many.
    """

    mae: float
    rmse: float
    worst: float
    count: int


def score(predicted: ArrayLike, actual: ArrayLike) -> Score:
    """Compares predictions with what came, `(time,)` both.

    Raises:
        DataError: the two differ in length, or a prediction is NaN or infinite.
    """
    ours, truth = one_dimensional(predicted), one_dimensional(actual)
    if ours.shape != truth.shape:
        raise DataError(f"{len(ours)} predictions cannot be compared with {len(truth)} values; pass one for each")
    broken = np.flatnonzero(~np.isfinite(ours))
    if len(broken):
        raise DataError(
            f"{len(broken)} of {len(ours)} predictions are not finite, the first at position {broken[0]}; "
            "the model has diverged: lower its learning rate or clip its gradient"
        )
    error = np.abs(ours - truth)
    return Score(float(error.mean()), float(np.sqrt((error * error).mean())), float(error.max()), len(error))
