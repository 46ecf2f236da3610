"""Two cells beyond PyTorch's three, written as you would write your own: layer normalisation, recurrent dropout."""

from __future__ import annotations

import math
from typing import Any

from ..numbers.random import Generator
from ..surface.functions import chunk, linear, sigmoid, tanh
from ..surface.tensor import Tensor, wrap
from . import init
from .cells import check_size, first_pair
from .functional.layers import check_probability, dropout_mask
from .module import Module
from .normalization import LayerNorm
from .parameter import new_parameter
from .steps import named
from .unrolling import first


class LayerNormLSTMCell(Module):
    """An LSTM cell with layer normalisation (Ba, Kiros & Hinton 2016, supplementary material).

        i, f, g, o = LN_x(W_xh x) + LN_h(W_hh h) + b      c' = sigmoid(f) * c + sigmoid(i) * tanh(g)
                                                          h' = sigmoid(o) * tanh(LN_c(c'))

    ``cell(x, (h, c)) -> (h', c')`` with x (batch, input), h and c (batch, hidden). This is all it takes to write a
    cell: parameters in ``__init__``, one step in ``forward``, the first state in ``initial_state``. `unroll` drives it
    over time, `Recurrent` in layers and both directions.
    """

    def __init__(self, input_size: int, hidden_size: int, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        check_size("hidden_size", hidden_size)
        self.input_size, self.hidden_size = input_size, hidden_size
        gates = 4 * hidden_size
        self.weight_ih = new_parameter(gates, input_size, device=device, dtype=dtype, name="W_xh")
        self.weight_hh = new_parameter(gates, hidden_size, device=device, dtype=dtype, name="W_hh")
        self.bias = new_parameter(gates, device=device, dtype=dtype, name="b")
        self.norm_x = LayerNorm(gates, bias=False, device=device, dtype=dtype)
        self.norm_h = LayerNorm(gates, bias=False, device=device, dtype=dtype)
        self.norm_c = LayerNorm(hidden_size, device=device, dtype=dtype)
        for weight in (self.weight_ih, self.weight_hh):
            init.uniform_(weight, -1 / math.sqrt(hidden_size), 1 / math.sqrt(hidden_size))

    def initial_state(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """h and c before the first step: zeros (batch, hidden) to fit ``x``."""
        return first_pair(x, self.hidden_size)

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        h, c = state
        gates = self.norm_x(linear(x, self.weight_ih)) + self.norm_h(linear(h, self.weight_hh)) + self.bias
        i, f, g, o = chunk(gates, 4, dim=-1)
        i, f, g, o = named("i", sigmoid(i)), named("f", sigmoid(f)), named("g", tanh(g)), named("o", sigmoid(o))
        c = named("c", f * c + i * g)
        h = named("h", o * tanh(self.norm_c(c)))
        return h, c

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}"


class RecurrentDropout(Module):
    """Any cell with the same dropout mask at every step of a sequence (Gal & Ghahramani 2016).

        (h', ...) = cell(x * m_x, (h * m_h, ...))

    ``RecurrentDropout(cell, p, input_p)``: in training each unit of h is dropped with probability ``p``, and each
    input with probability ``input_p``, for the whole sequence; what is kept is divided by 1 - p. Of an LSTM's state
    only h is masked: c is its memory. The masks are drawn with the first state and carried in the state, which is
    ``(the cell's state, (m_x, m_h))``: pass it on whole to go on with the same masks, or nothing to draw new ones.

    The cell needs a method ``initial_state(x)``.
    """

    def __init__(
        self, cell: Module, p: float = 0.5, input_p: float = 0.0, *, generator: Generator | None = None
    ) -> None:
        super().__init__()
        if not hasattr(cell, "initial_state"):
            raise TypeError(
                f"RecurrentDropout needs a cell with a method initial_state(x); {type(cell).__name__} has none."
            )
        self.cell = cell
        self.p, self.input_p = check_probability(p), check_probability(input_p)
        self.generator = generator

    def initial_state(self, x: Tensor) -> tuple[Any, tuple[Tensor, Tensor]]:
        """The cell's first state, and new masks for x and h."""
        state: Any = self.cell.initial_state(x)
        m_x = named("m_x", wrap(dropout_mask(x, self.input_p, self.generator)))
        return state, (m_x, named("m_h", wrap(dropout_mask(first(state), self.p, self.generator))))

    def forward(self, x: Tensor, state: Any) -> tuple[Tensor, Any]:
        if not isinstance(state, (tuple, list)) or len(state) != 2 or not isinstance(state[1], (tuple, list)):
            raise TypeError(
                "the state of RecurrentDropout is (the cell's state, (m_x, m_h)), as initial_state(x) makes it and the "
                "cell returns it; pass it on whole."
            )
        inner, masks = state
        if self.training:
            m_x, m_h = masks
            x = x * m_x if self.input_p else x
            if self.p:
                inner = (inner[0] * m_h, *inner[1:]) if isinstance(inner, (tuple, list)) else inner * m_h
        new = self.cell(x, inner)
        return first(new), (new, masks)

    def extra_repr(self) -> str:
        return f"p={self.p}, input_p={self.input_p}"
