"""Real prices: a recurrent network on the S&P 500, and two baselines it must be compared with."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import tinygrad_rnn as tg
from tinygrad_rnn import nn
from tinygrad_rnn.lab import data

WINDOW, HELD_OUT = 5, 100
tg.manual_seed(0)

series = data.read_series(Path(__file__).parent / "prices.csv", "close")
training, _ = data.split(series.values, HELD_OUT)
start = len(training)

# Each window is seen from its own mean, in units fitted on the training part: the price level does not matter.
inputs, targets = data.windows(training, WINDOW)
means = inputs.mean(axis=1)
unit = float((targets - means).std())

rnn, output = nn.RNN(1, 8), nn.Linear(8, 1)
optimizer = tg.optim.Adam([*rnn.parameters(), *output.parameters()], lr=0.01)


def predict(windows: NDArray[np.float64]) -> tg.Tensor:
    """(batch, window) in dollars -> (batch), the next value from the window's mean, in units."""
    x = (windows - windows.mean(axis=1, keepdims=True)) / unit
    states, _ = rnn(tg.tensor(x.T[:, :, None], dtype=tg.float32))  # (time, batch, 1)
    y: tg.Tensor = output(states[-1]).squeeze(-1)
    return y


def loss_of(rows: NDArray[np.int64]) -> tg.Tensor:
    """Mean squared error of some windows."""
    wanted = tg.tensor((targets[rows] - means[rows]) / unit, dtype=tg.float32)
    return nn.functional.mse_loss(predict(inputs[rows]), wanted)


order = np.random.default_rng(0)
for epoch in range(30):
    losses = []
    for rows in np.array_split(order.permutation(len(inputs)), 13):
        loss = loss_of(rows)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if epoch in (0, 9, 29):
        print(f"epoch {epoch + 1:2d}: loss {np.mean(losses):.4f}")


def network(past: NDArray[np.float64]) -> float:
    """The next value in dollars, from the last window alone."""
    with tg.no_grad():
        return float(past[-WINDOW:].mean() + unit * predict(past[None, -WINDOW:]).item())


print(f"\nthe last {HELD_OUT} days, each predicted from those before it")
print(f"{'':22s}{'RMSE':>8s}{'MAE':>8s}")
for name, forecast in {"RNN": network, **data.BASELINES}.items():
    found = data.score(data.walk_forward(series.values, start, forecast), series.values[start:])
    print(f"{name:22s}{found.rmse:8.2f}{found.mae:8.2f}")
print("This is an exercise and no forecast: hardly anything beats 'tomorrow = today', but for luck.")

days = list(series.labels[start - 1 - WINDOW : start - 1])
tg.draw(loss_of(np.array([-1])), title="five days through an RNN", labels=days).save("prices.svg")
print("\npicture: prices.svg")
