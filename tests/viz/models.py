"""Small recurrent networks, written out by hand, for the tests of the pictures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import tinygrad_rnn as tg
from tinygrad_rnn import Tensor, nn


class Numbers:
    """Random tensors from one seed."""

    def __init__(self, seed: int = 0) -> None:
        self.random = np.random.default_rng(seed)

    def parameter(self, name: str | None, *shape: int, scale: float = 0.6) -> Tensor:
        tensor = tg.tensor(self.random.normal(size=shape) * scale, dtype=tg.float64, requires_grad=True)
        tensor.name = name
        return tensor

    def data(self, *shape: int) -> Tensor:
        return tg.tensor(self.random.normal(size=shape).round(1), dtype=tg.float64)


def rnn(steps: int = 5, hidden: int = 2, *, named: bool = True, loss_per_step: bool = False) -> Tensor:
    """h_t = tanh(W_xh x_t + W_hh h_{t-1} + b), the picture everybody knows."""
    make = Numbers()
    W_xh, W_hh = make.parameter("W_xh", hidden, 1), make.parameter("W_hh", hidden, hidden)
    b, W_hy = make.parameter("b", hidden), make.parameter("W_hy", 1, hidden)
    h = tg.zeros(hidden, dtype=tg.float64)
    total = None
    for t in range(1, steps + 1):
        x = tg.tensor([0.2 * t], dtype=tg.float64)
        with tg.step(t):
            a = tg.linear(x, W_xh)
            r = tg.linear(h, W_hh)
            s = a + r
            z = s + b
            h = tg.tanh(z)
            if named:
                a.name, r.name, s.name, z.name, h.name = "a", "r", "s", "z", "h"
            if loss_per_step:
                y = tg.linear(h, W_hy)
                target = tg.tensor([0.2 * t + 0.2], dtype=tg.float64)
                target.name = "target"
                e = (y - target) ** 2
                total = e if total is None else total + e
    if total is not None:
        return total.sum() / steps
    target = tg.tensor([1.2], dtype=tg.float64)
    target.name = "target"
    y = tg.linear(h, W_hy)
    e = y - target
    q = e**2
    loss = q.mean()
    if named:
        y.name, e.name, q.name, loss.name = "y", "e", "q", "L"
    return loss


def lstm(steps: int = 3, hidden: int = 2, batch: int = 1) -> Tensor:
    """An LSTM with fused gates, nothing named but the parameters."""
    make = Numbers(1)
    W_ih, W_hh = make.parameter("W_ih", 4 * hidden, 3), make.parameter("W_hh", 4 * hidden, hidden)
    b = make.parameter("b", 4 * hidden)
    h, c = tg.zeros(batch, hidden, dtype=tg.float64), tg.zeros(batch, hidden, dtype=tg.float64)
    for t in range(1, steps + 1):
        with tg.step(t):
            gates = tg.linear(make.data(batch, 3), W_ih) + tg.linear(h, W_hh) + b
            i, f, g, o = tg.chunk(gates, 4, 1)
            c = tg.sigmoid(f) * c + tg.sigmoid(i) * tg.tanh(g)
            h = tg.sigmoid(o) * tg.tanh(c)
    return ((h - make.data(batch, hidden)) ** 2).mean()


def lstm_apart(steps: int = 2, hidden: int = 2) -> Tensor:
    """An LSTM with one pair of weights for every gate."""
    make = Numbers(2)
    W = {gate: (make.parameter(f"W_{gate}", hidden, 1), make.parameter(f"U_{gate}", hidden, hidden)) for gate in "ifgo"}
    h, c = tg.zeros(hidden, dtype=tg.float64), tg.zeros(hidden, dtype=tg.float64)
    for t in range(1, steps + 1):
        x = make.data(1)
        with tg.step(t):
            z = {gate: tg.linear(x, V) + tg.linear(h, U) for gate, (V, U) in W.items()}
            c = tg.sigmoid(z["f"]) * c + tg.sigmoid(z["i"]) * tg.tanh(z["g"])
            h = tg.sigmoid(z["o"]) * tg.tanh(c)
    return (h * h).sum()


def gru(steps: int = 3, hidden: int = 2) -> Tensor:
    """A GRU as in PyTorch: the reset gate inside."""
    make = Numbers(3)
    W_ih, W_hh = make.parameter("W_ih", 3 * hidden, 2), make.parameter("W_hh", 3 * hidden, hidden)
    h = tg.zeros(1, hidden, dtype=tg.float64)
    for t in range(1, steps + 1):
        with tg.step(t):
            gi, gh = tg.linear(make.data(1, 2), W_ih), tg.linear(h, W_hh)
            ri, zi, ni = tg.chunk(gi, 3, 1)
            rh, zh, nh = tg.chunk(gh, 3, 1)
            r, z = tg.sigmoid(ri + rh), tg.sigmoid(zi + zh)
            n = tg.tanh(ni + r * nh)
            h = n + z * (h - n)
    return (h**2).sum()


def two_layers(steps: int = 4, hidden: int = 2) -> Tensor:
    """Two stacked layers, both inside the step."""
    make = Numbers(4)
    layers = [
        (make.parameter(f"W_{n}", hidden, 1 if n == 1 else hidden), make.parameter(f"U_{n}", hidden, hidden))
        for n in (1, 2)
    ]
    states = [tg.zeros(hidden, dtype=tg.float64) for _ in layers]
    W_hy = make.parameter("W_hy", 1, hidden)
    for t in range(1, steps + 1):
        x = make.data(1)
        with tg.step(t):
            for n, (W, U) in enumerate(layers):
                with tg.scope(f"layer{n + 1}"):
                    states[n] = tg.tanh(tg.linear(x, W) + tg.linear(states[n], U))
                    x = states[n]
    return (tg.linear(x, W_hy) ** 2).sum()


def layer_by_layer(steps: int = 3, hidden: int = 2) -> Tensor:
    """Two stacked layers, one after the other, and a head that reads the states of all steps."""
    make = Numbers(5)
    xs = [make.data(1) for _ in range(steps)]
    for n in (1, 2):
        W, U = make.parameter(f"W_{n}", hidden, xs[0].shape[0]), make.parameter(f"U_{n}", hidden, hidden)
        h = tg.zeros(hidden, dtype=tg.float64)
        ys = []
        with tg.scope(f"layer{n}"):
            for t, x in enumerate(xs, start=1):
                with tg.step(t):
                    h = tg.tanh(tg.linear(x, W) + tg.linear(h, U))
                ys.append(h)
        xs = ys
    outputs = tg.linear(tg.stack(xs), make.parameter("W_hy", 1, hidden))
    return ((outputs - make.data(steps, 1)) ** 2).mean()


def loss_outside(steps: int = 3, hidden: int = 2) -> Tensor:
    """A loss for every step, computed after the loop."""
    make = Numbers(6)
    W, U = make.parameter("W", hidden, 1), make.parameter("U", hidden, hidden)
    V = make.parameter("V", 1, hidden)
    h = tg.zeros(hidden, dtype=tg.float64)
    hs = []
    for t in range(1, steps + 1):
        with tg.step(t):
            h = tg.tanh(tg.linear(make.data(1), W) + tg.linear(h, U))
            hs.append(h)
    losses = [(tg.linear(h, V) - make.data(1)) ** 2 for h in hs]
    total = losses[0]
    for loss in losses[1:]:
        total = total + loss
    return total.sum()


def bidirectional(steps: int = 3, hidden: int = 2) -> Tensor:
    """One cell forwards and one backwards in time, joined at every step."""
    make = Numbers(7)
    xs = [make.data(1) for _ in range(steps)]
    ends = []
    for direction in ("forward", "backward"):
        W, U = make.parameter(f"W_{direction}", hidden, 1), make.parameter(f"U_{direction}", hidden, hidden)
        h = tg.zeros(hidden, dtype=tg.float64)
        order = range(steps) if direction == "forward" else reversed(range(steps))
        states = {}
        with tg.scope(direction):
            for t in order:
                with tg.step(t + 1):
                    states[t] = h = tg.tanh(tg.linear(xs[t], W) + tg.linear(h, U))
        ends.append(states)
    joined = [tg.cat([ends[0][t], ends[1][t]]) for t in range(steps)]
    return (tg.stack(joined) ** 2).mean()


def attention(steps: int = 3, hidden: int = 2) -> Tensor:
    """An encoder, and a decoder that attends to all its states."""
    make = Numbers(8)
    W, U = make.parameter("W", hidden, 1), make.parameter("U", hidden, hidden)
    h = tg.zeros(hidden, dtype=tg.float64)
    states = []
    with tg.scope("encoder"):
        for t in range(1, steps + 1):
            with tg.step(t):
                h = tg.tanh(tg.linear(make.data(1), W) + tg.linear(h, U))
                states.append(h)
    memory = tg.stack(states)
    V = make.parameter("V", hidden, hidden)
    loss = None
    with tg.scope("decoder"):
        for t in range(1, steps):
            with tg.step(t):
                scores = tg.softmax(memory @ h, 0)
                h = tg.tanh(tg.linear(h, V) + scores @ memory)
                part = (h**2).sum()
                loss = part if loss is None else loss + part
    assert loss is not None
    return loss


def several_heads(steps: int = 2, hidden: int = 2) -> Tensor:
    """Two losses, weights tied between step and head, and a penalty on the weights."""
    make = Numbers(9)
    E, U = make.parameter("E", hidden, hidden), make.parameter("U", hidden, hidden)
    V = make.parameter("V", 1, hidden)
    h = make.parameter("h0", hidden)
    for t in range(1, steps + 1):
        with tg.step(t):
            h = tg.tanh(tg.linear(make.data(hidden), E) + tg.linear(h, U))
    first = ((tg.linear(h, E) - make.data(hidden)) ** 2).mean()
    second = tg.sigmoid(tg.linear(h, V)).log().sum()
    return first - second + 0.1 * (U**2).sum()


def chain(steps: int = 2, depth: int = 16) -> Tensor:
    """A head so deep that it has to be continued in another column."""
    make = Numbers(10)
    U = make.parameter("U", 2, 2)
    h = make.data(2)
    for t in range(1, steps + 1):
        with tg.step(t):
            h = tg.tanh(tg.linear(h, U))
    for n in range(depth):
        h = tg.sin(h) if n % 2 else h * make.data(2)
    return h.sum()


def module(network: nn.RNN | nn.LSTM | nn.GRU, steps: int) -> Tensor:
    """A network of the library with a linear head on its last output."""
    with tg.no_grad():
        for n, parameter in enumerate(network.parameters()):
            parameter.copy_(Numbers(20 + n).data(*parameter.shape))
    outputs = network(Numbers(12).data(steps, network.input_size).float())[0]
    V = Numbers(13).parameter("V", 1, outputs.shape[-1]).float()
    return (tg.linear(outputs[-1], V) ** 2).mean()


def mlp() -> Tensor:
    """No time steps at all."""
    make = Numbers(11)
    x = make.data(3)
    x.name = "x"
    for n, (a, b) in enumerate([(3, 4), (4, 2)], start=1):
        x = tg.tanh(tg.linear(x, make.parameter(f"W{n}", b, a)) + make.parameter(f"b{n}", b))
    return (x**2).mean()


MODELS: dict[str, Callable[[], Tensor]] = {
    "rnn": rnn,
    "rnn8": lambda: rnn(hidden=8, named=False),
    "rnn_per_step": lambda: rnn(steps=4, loss_per_step=True),
    "lstm": lstm,
    "lstm_apart": lstm_apart,
    "gru": gru,
    "two_layers": two_layers,
    "layer_by_layer": layer_by_layer,
    "loss_outside": loss_outside,
    "bidirectional": bidirectional,
    "attention": attention,
    "several_heads": several_heads,
    "chain": chain,
    "nn_lstm": lambda: module(nn.LSTM(2, 2), 2),
    "nn_gru": lambda: module(nn.GRU(2, 2), 2),
    "nn_bidirectional": lambda: module(nn.RNN(2, 2, num_layers=2, bidirectional=True), 3),
    "one_step": lambda: rnn(steps=1),
}
