"""The stock example judged honestly: real daily prices, walked through day by day, beside two baselines."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import tinygrad_rnn as tg

from ... import nn
from ...viz.chart import Chart, Curve
from .. import data
from .seeds import descend, spread
from .shown import Shown, says, section

WINDOW, HELD_OUT, SEEDS = 5, 100, 8
FILE = Path(__file__).with_name("closes.csv")


@dataclass(frozen=True)
class Walk:
    """What was forecast for each of the last hundred days, and how good that was."""

    forecasts: NDArray[np.float64]
    score: data.Score


def walks(epochs: int = 15, seed: int = 0) -> tuple[NDArray[np.float64], dict[str, Walk]]:
    """The last hundred days; and an RNN on windows of five days and the baselines, each day from those before it."""
    tg.manual_seed(seed)
    values = data.read_series(FILE, "close").values
    start = len(values) - HELD_OUT
    inputs, targets = data.windows(values[:start], WINDOW)
    means = inputs.mean(axis=1)
    unit = float((targets - means).std())
    rnn, output = nn.RNN(1, 8), nn.Linear(8, 1)
    optimizer = tg.optim.Adam([*rnn.parameters(), *output.parameters()], lr=0.01)

    def predict(windows: NDArray[np.float64]) -> tg.Tensor:
        x = (windows - windows.mean(axis=1, keepdims=True)) / unit
        states, _ = rnn(tg.tensor(x.T[:, :, None], dtype=tg.float32))
        y: tg.Tensor = output(states[-1]).squeeze(-1)
        return y

    def network(past: NDArray[np.float64]) -> float:
        with tg.no_grad():
            return float(past[-WINDOW:].mean() + unit * predict(past[None, -WINDOW:]).item())

    order = np.random.default_rng(seed)
    for _ in range(epochs):
        for rows in np.array_split(order.permutation(len(inputs)), 13):
            wanted = tg.tensor((targets[rows] - means[rows]) / unit, dtype=tg.float32)
            loss = nn.functional.mse_loss(predict(inputs[rows]), wanted)
            descend(optimizer, loss)
    found = {}
    for name, forecast in {"RNN": network, **data.BASELINES}.items():
        forecasts = data.walk_forward(values, start, forecast)
        found[name] = Walk(forecasts, data.score(forecasts, values[start:]))
    return values[start:], found


def show() -> Shown:
    """Claim 10."""
    walked = [walks(seed=seed) for seed in range(SEEDS)]
    real, found = walked[0]
    rows = []
    for name in found:
        scores = [of_seed[name].score for _, of_seed in walked]
        figures = ([each.rmse for each in scores], [each.mae for each in scores], [each.worst for each in scores])
        rows.append([name, *(spread(each, "{:.2f}".format) for each in figures)])
    last = slice(-40, None)
    days = range(HELD_OUT - 39, HELD_OUT + 1)
    curves = [Curve("what came", days, real[last].tolist()), Curve("RNN", days, found["RNN"].forecasts[last].tolist())]
    return Shown(
        "Claim 10: ... and the honest evaluation of the stock example",
        section(
            f"S&P 500, 2017-2018: the last {HELD_OUT} days, each from the days before it; {SEEDS} seeds",
            ["", "RMSE", "MAE", "worst"],
            rows,
        ),
        says("""What a network says about prices has to stand beside 'tomorrow = today', which is very hard to beat, and
            it is an exercise, never a forecast: with one seed the network is a percent better and with another a
            percent worse, which is luck. The units of the input were fitted on the training part.

            Source: daily closes from Yahoo Finance, as bundled by the Python package arch 8.0.0. tinygrad-rnn train
            FILE does the same for any CSV file."""),
        picture=Chart("The RNN follows a day behind", "day", "S&P 500", curves),
        drawn="the last forty days and what the RNN said about each the day before",
    )
