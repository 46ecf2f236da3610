"""One time step of an RNN, LSTM or GRU, as functions in the textbook's letters.

Letters: x input, h hidden state, c cell state; W_xh and W_hh weights, b biases; gates i (input), f (forget),
g (candidate), o (output) of the LSTM and r (reset), z (update), n (candidate) of the GRU. An intermediate tensor
carries its letter as its name, so that a picture of the recorded graph reads like the equations. What comes after the
products is a fold: recorded as one operation until somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..engine.folding import Fold
from ..ops.shaping import getitem
from ..rolled.formulas import folded
from ..surface.functions import linear, relu, sigmoid, tanh
from ..surface.tensor import Tensor


def named(name: str, tensor: Tensor) -> Tensor:
    """Give an intermediate tensor its letter."""
    tensor.name = name
    return tensor


def rnn_step(
    x: Tensor, h: Tensor, W_xh: Tensor, W_hh: Tensor, b_h: Tensor | None = None, f: Callable[[Tensor], Tensor] = tanh
) -> Tensor:
    """One step of the simple recurrent network (Elman 1990): h' = f(W_xh x + W_hh h + b_h).

    Shapes: x (batch, input) or (input), h and the result (batch, hidden) or (hidden), W_xh (hidden, input),
    W_hh (hidden, hidden), b_h (hidden).
    """
    a = named("a", linear(x, W_xh))
    r = named("r", linear(h, W_hh))
    if b_h is None or f not in RNN_STATES:
        return named("h", _state(f, a, r, b_h))
    return named("h", RNN_STATES[f](a, r, b_h))


def _state(f: Callable[[Tensor], Tensor], a: Tensor, r: Tensor, b_h: Tensor | None) -> Tensor:
    """What `rnn_step` makes of its products, f(a + r + b_h)."""
    z = named("s", a + r)
    return f(z if b_h is None else named("z", z + b_h))


#: By the activation of an RNN.
RNN_STATES: dict[Callable[[Tensor], Tensor], Fold] = {f: folded(f.__name__)(partial(_state, f)) for f in (tanh, relu)}


def lstm_step(
    x: Tensor, h: Tensor, c: Tensor, W_xh: Tensor, W_hh: Tensor, b: Tensor | None = None, W_hr: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """One step of the LSTM (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000).

        i = sigmoid(W_xi x + W_hi h + b_i)      c' = f * c + i * g
        f = sigmoid(W_xf x + W_hf h + b_f)      h' = o * tanh(c')       (W_hr h' with a projection)
        g = tanh   (W_xg x + W_hg h + b_g)
        o = sigmoid(W_xo x + W_ho h + b_o)

    The four gates are one product, stacked in the order i, f, g, o. Shapes: x (batch, input), h (batch, hidden) or
    (batch, projection), c (batch, hidden), W_xh (4 hidden, input), W_hh (4 hidden, hidden), b (4 hidden),
    W_hr (projection, hidden). Returns h', c'.
    """
    gates = linear(x, W_xh) + linear(h, W_hh)
    return lstm_gated(gates if b is None else gates + b, c, W_hr)


def lstm_gated(gates: Tensor, c: Tensor, W_hr: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """What `lstm_step` does once it knows what goes into the gates, (batch, 4 hidden)."""
    c = named("c", lstm_memory(gates, c))
    h = named("h" if W_hr is None else "m", lstm_output(gates, c))  # m is what Sak et al. call it
    return (h if W_hr is None else named("h", linear(h, W_hr))), c


@folded("add")
def lstm_memory(gates: Tensor, c: Tensor) -> Tensor:
    """What the LSTM remembers, c' = f * c + i * g, from what goes into its gates."""
    i, f, g = _blocks(gates, 4)[:3]
    i = named("i", sigmoid(i))
    f = named("f", sigmoid(f))
    g = named("g", tanh(g))
    return f * c + i * g


@folded("mul")
def lstm_output(gates: Tensor, c: Tensor) -> Tensor:
    """What the LSTM shows of its memory, h' = o * tanh(c')."""
    o = named("o", sigmoid(_blocks(gates, 4)[3]))
    return o * tanh(c)


def gru_step(
    x: Tensor, h: Tensor, W_xh: Tensor, W_hh: Tensor, b_xh: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """One step of the GRU (Cho et al. 2014), with the reset gate applied after the product, as in PyTorch and cuDNN.

        r = sigmoid(W_xr x + b_xr + W_hr h + b_hr)
        z = sigmoid(W_xz x + b_xz + W_hz h + b_hz)
        n = tanh   (W_xn x + b_xn + r * (W_hn h + b_hn))
        h' = (1 - z) * n + z * h

    The three gates are one product each of x and h, stacked in the order r, z, n. Shapes: x (batch, input),
    h and the result (batch, hidden), W_xh (3 hidden, input), W_hh (3 hidden, hidden), biases (3 hidden).
    """
    from_x, from_h = linear(x, W_xh), linear(h, W_hh)
    if b_xh is not None:
        from_x = from_x + b_xh
    if b_hh is not None:
        from_h = from_h + b_hh
    return named("h", gru_state(from_x, from_h, h))


@folded("add")
def gru_state(from_x: Tensor, from_h: Tensor, h: Tensor) -> Tensor:
    """What the GRU makes of its state, h' = (1 - z) * n + z * h, from what x and h bring to the three gates."""
    x_r, x_z, x_n = _blocks(from_x, 3)
    h_r, h_z, h_n = _blocks(from_h, 3)
    r = named("r", sigmoid(x_r + h_r))
    z = named("z", sigmoid(x_z + h_z))
    n = named("n", tanh(x_n + r * h_n))
    return (1 - z) * n + z * h


def _blocks(gates: Tensor, count: int) -> list[Tensor]:
    """The gates that were computed side by side: what chunk(gates, count, -1) does, with less ado."""
    shape = gates.array.shape
    size, front = shape[-1] // count, (slice(None),) * (len(shape) - 1)
    return [getitem(gates, index=(*front, slice(k * size, (k + 1) * size))) for k in range(count)]
