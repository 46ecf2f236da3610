"""Recurrent networks: RNN, LSTM and GRU over whole sequences, stacked and in both directions."""

from __future__ import annotations

from itertools import chain
from typing import Any

from ..ops.algebra import affine
from ..surface.functions import linear, stack
from ..surface.tensor import Tensor
from .cells import Pair, nonlinearity_of, open_forget_gate, pair, total_bias
from .recurrent_base import Maybe, RNNBase, Ways
from .steps import gru_state, gru_step, lstm_gated, lstm_step, named, rnn_step


class RNN(RNNBase[Tensor]):
    """h_t = tanh(W_xh x_t + b_xh + W_hh h_{t-1} + b_hh), or relu, over a sequence (Elman 1990).

    ``rnn(input, h_0=None) -> output, h_n`` with, batch_first=False: input (time, batch, input), h_0 and h_n
    (layers x directions, batch, hidden), output (time, batch, directions x hidden). batch_first=True exchanges the
    first two axes of input and output only: h_0 and h_n stay (layers x directions, batch, hidden), as in PyTorch, and
    h_n[-1] is the last layer's final state either way. Without a batch the batch axis is left out everywhere. input may
    be a PackedSequence; ``lengths=`` gives the valid steps of a padded batch instead.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        self.nonlinearity = nonlinearity
        self.activation = nonlinearity_of(nonlinearity)
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device=device, dtype=dtype
        )

    def extra_repr(self) -> str:
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")

    def _ways(self, W_xh: Tensor, W_hh: Tensor, b_xh: Maybe, b_hh: Maybe, W_hr: Maybe) -> Ways:
        b_h, f = total_bias(b_xh, b_hh), self.activation
        return (
            b_h,
            lambda x, h: rnn_step(x, h, W_xh, W_hh, b_h, f),
            lambda a, h: named("h", f(named("z", affine(h, W_hh, a)))),
        )


class LSTM(RNNBase[Pair]):
    """The LSTM over a sequence; the equations are at `lstm_step`, gates stacked i, f, g, o.

    ``lstm(input, (h_0, c_0)=None) -> output, (h_n, c_n)`` with the shapes of RNN. With ``proj_size`` h_t is a product
    W_hr h of that size (Sak et al. 2014); c keeps hidden_size. ``forget_bias`` is added to the forget gates' initial
    bias (Jozefowicz et al. 2015); the default 0 is PyTorch's.
    """

    gates = 4

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
        *,
        forget_bias: float = 0.0,
    ) -> None:
        self.forget_bias = forget_bias
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size, device, dtype
        )

    def reset_parameters(self) -> None:
        super().reset_parameters()
        for ending in chain.from_iterable(self._layers):
            open_forget_gate(vars(self).get(f"bias_ih_{ending}"), self.forget_bias, self.hidden_size)

    def _ways(self, W_xh: Tensor, W_hh: Tensor, b_xh: Maybe, b_hh: Maybe, W_hr: Maybe) -> Ways:
        b = total_bias(b_xh, b_hh)
        return (
            b,
            lambda x, state: lstm_step(x, state[0], state[1], W_xh, W_hh, b, W_hr),
            lambda a, state: lstm_gated(affine(state[0], W_hh, a), state[1], W_hr),
        )

    def _states(self, hx: Any, steps: Any) -> list[Any]:
        h, c = (None, None) if hx is None else pair(hx, "LSTM")
        hs = self._state("h", h, steps[0], self.output_size)
        cs = self._state("c", c, steps[0], self.hidden_size)
        return list(zip(hs, cs, strict=True))

    def _final(self, states: list[Any]) -> Any:
        return stack([h for h, _ in states], 0), stack([c for _, c in states], 0)


class GRU(RNNBase[Tensor]):
    """The GRU over a sequence; the equations are at `gru_step`, gates stacked r, z, n.

    ``gru(input, h_0=None) -> output, h_n`` with the shapes of RNN.
    """

    gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device=device, dtype=dtype
        )

    def _ways(self, W_xh: Tensor, W_hh: Tensor, b_xh: Maybe, b_hh: Maybe, W_hr: Maybe) -> Ways:
        def rest(a: Tensor, h: Tensor) -> Tensor:
            return named("h", gru_state(a, linear(h, W_hh) if b_hh is None else affine(h, W_hh, b_hh), h))

        return b_xh, lambda x, h: gru_step(x, h, W_xh, W_hh, b_xh, b_hh), rest
