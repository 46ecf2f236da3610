"""Recurrent networks: RNN, LSTM and GRU over whole sequences, stacked and in both directions."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from ..ops.algebra import affine
from ..surface.functions import linear
from ..surface.tensor import Tensor
from .cells import Pair, nonlinearity_of, total_bias
from .options import built_from_fields
from .recurrent_base import Maybe, RNNBase, Ways
from .steps import gru_state, gru_step, lstm_gated, lstm_step, named, rnn_step


@built_from_fields
class RNN(RNNBase[Tensor]):
    """h_t = tanh(W_xh x_t + b_xh + W_hh h_{t-1} + b_hh), or relu, over a sequence (Elman 1990).

    ``rnn(input, h_0=None) -> output, h_n`` with, batch_first=False: input (time, batch, input), h_0 and h_n
    (layers x directions, batch, hidden), output (time, batch, directions x hidden). batch_first=True exchanges the
    first two axes of input and output only: h_0 and h_n stay (layers x directions, batch, hidden), as in PyTorch, and
    h_n[-1] is the last layer's final state either way. Without a batch the batch axis is left out everywhere. input may
    be a PackedSequence; ``lengths=`` gives the valid steps of a padded batch instead.
    """

    nonlinearity: str = "tanh"
    proj_size: int = field(default=0, init=False)  # an argument of LSTM alone

    def __post_init__(self, device: Any, dtype: Any) -> None:
        self.activation = nonlinearity_of(self.nonlinearity)
        super().__post_init__(device, dtype)

    def _ways(self, W_xh: Tensor, W_hh: Tensor, b_xh: Maybe, b_hh: Maybe, W_hr: Maybe) -> Ways:
        b_h, f = total_bias(b_xh, b_hh), self.activation
        return (
            b_h,
            lambda x, h: rnn_step(x, h, W_xh, W_hh, b_h, f),
            lambda a, h: named("h", f(named("z", affine(h, W_hh, a)))),
        )


@built_from_fields
class LSTM(RNNBase[Pair]):
    """The LSTM over a sequence; the equations are at `lstm_step`, gates stacked i, f, g, o.

    ``lstm(input, (h_0, c_0)=None) -> output, (h_n, c_n)`` with the shapes of RNN. With ``proj_size`` h_t is a product
    W_hr h of that size (Sak et al. 2014); c keeps hidden_size. ``forget_bias`` is added to the forget gates' initial
    bias (Jozefowicz et al. 2015); the default 0 is PyTorch's.
    """

    gates = 4
    letters = "hc"
    forget_bias: float = field(default=0.0, kw_only=True, repr=False)

    def _ways(self, W_xh: Tensor, W_hh: Tensor, b_xh: Maybe, b_hh: Maybe, W_hr: Maybe) -> Ways:
        b = total_bias(b_xh, b_hh)
        return (
            b,
            lambda x, state: lstm_step(x, state[0], state[1], W_xh, W_hh, b, W_hr),
            lambda a, state: lstm_gated(affine(state[0], W_hh, a), state[1], W_hr),
        )


@built_from_fields
class GRU(RNNBase[Tensor]):
    """The GRU over a sequence; the equations are at `gru_step`, gates stacked r, z, n.

    ``gru(input, h_0=None) -> output, h_n`` with the shapes of RNN.
    """

    gates = 3
    proj_size: int = field(default=0, init=False)  # an argument of LSTM alone

    def _ways(self, W_xh: Tensor, W_hh: Tensor, b_xh: Maybe, b_hh: Maybe, W_hr: Maybe) -> Ways:
        def rest(a: Tensor, h: Tensor) -> Tensor:
            return named("h", gru_state(a, linear(h, W_hh) if b_hh is None else affine(h, W_hh, b_hh), h))

        return b_xh, lambda x, h: gru_step(x, h, W_xh, W_hh, b_xh, b_hh), rest
