"""What a model must beat to have learnt anything: a series' past, walked through honestly, and a text's frequencies."""

from collections import Counter
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


Ids = NDArray[np.int64]
Probabilities = NDArray[np.float64]

_STRENGTHS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def unigram(training: Ids, tokens: int) -> Probabilities:
    """p(token), (tokens,): its share of the training text, each counted once more so that none is impossible."""
    counts = np.bincount(training, minlength=tokens) + 1.0
    shares: Probabilities = counts / counts.sum()
    return shares


class Bigram:
    """p(b | a) = (count(a b) + k p(b)) / (count(a) + k), with p the unigram: rare pairs fall back on it.

    k is what tells the last tenth of the training text best from the rest of it (MacKay & Peto 1995).
    """

    def __init__(self, training: Ids, tokens: int) -> None:
        cut = len(training) - max(len(training) // 10, 1)
        self._count(training[:cut], tokens)
        rest = training[cut - 1 :]
        self.strength = min(_STRENGTHS, key=lambda k: -float(np.log(self._of(rest, k)).sum()))
        self._count(training, tokens)

    def _count(self, ids: Ids, tokens: int) -> None:
        self._single = unigram(ids, tokens)
        self._before = Counter(ids[:-1].tolist())
        self._pairs = Counter(zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True))

    def _of(self, ids: Ids, k: float) -> Probabilities:
        pairs = zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True)
        return np.array([(self._pairs[a, b] + k * self._single[b]) / (self._before[a] + k) for a, b in pairs])

    def of(self, ids: Ids) -> Probabilities:
        """p of every token but the first given the one before it, (time - 1,)."""
        return self._of(ids, self.strength)
