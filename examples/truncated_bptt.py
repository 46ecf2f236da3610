"""Truncated BPTT: the history is cut after every window. What a gradient loses by that, and where the cut is."""

from typing import Any

import numpy as np

import tinygrad_rnn as tg
from tinygrad_rnn import nn

T, BATCH, HIDDEN = 48, 64, 16

tg.manual_seed(0)
rnn = nn.RNN(1, HIDDEN).double()
output = nn.Linear(HIDDEN, 1).double()
with tg.no_grad():
    nn.init.orthogonal_(rnn.weight_hh_l0, gain=1.2)  # gradients reach far back
noise = np.random.default_rng(0).standard_normal((T + 1, BATCH, 1))
xs, ys = tg.tensor(noise[:-1]), tg.tensor(noise[1:])


def gradient(window: int) -> Any:
    """dL/dW_hh of the mean of all losses, added up over windows of so many steps; T is the whole of BPTT."""
    rnn.zero_grad()
    for part in nn.truncated_bptt(rnn, xs, window=window):
        loss = ((output(part.output) - ys[part.steps]) ** 2).sum() / (T * BATCH)
        loss.backward()  # no step: the weights stay, so that gradients can be compared
    return rnn.weight_hh_l0.grad.numpy().copy()


full = gradient(T)
print(f"window  |dL/dW_hh|  relative error  angle to the full gradient (|dL/dW_hh| = {np.linalg.norm(full):.4f})")
for window in (1, 2, 4, 8, 16, 24, T):
    g = gradient(window)
    error = np.linalg.norm(g - full) / np.linalg.norm(full)
    cosine = (g * full).sum() / max(np.linalg.norm(g) * np.linalg.norm(full), 1e-300)
    angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    print(f"{window:6d}  {np.linalg.norm(g):10.4f}  {100 * error:12.1f} %  {angle:10.1f} degrees")
print("\nA window of one step still has a gradient: W_hh meets the state that was carried over, but not what made it.")

short = nn.RNN(1, 2)
losses = [(part.output**2).sum() for part in nn.truncated_bptt(short, tg.ones(4, 1, 1), window=2)]
tg.draw(tg.stack(losses).sum(), title="Two windows of two steps: no arrow leads back over the cut").save(
    "truncated.svg"
)
print("picture: truncated.svg")
