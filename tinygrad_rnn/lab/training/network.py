"""The network of the laboratory: recurrent layers over a sequence, and a linear layer on what they say."""

from typing import Any

import tinygrad_rnn as tg

from ... import nn
from ...engine.graph import arguments

State = Any  # h (layers x directions, batch, hidden), or (h, c) of an LSTM


class Network(nn.Module):
    """hs, state = rnn(x, state); y_t = W_hy h_t + b_y.

    The inputs are numbers (time, batch, inputs), or with `vocabulary` the ids (time, batch) of tokens, each of which
    becomes its row of the table E. `dropout` acts on what goes up, between layers and to the output, and not on what
    goes on in time (Zaremba et al. 2014). Names, shapes and first values of the parameters are PyTorch's.
    """

    def __init__(
        self, cell: str, inputs: int, hidden: int, outputs: int, *, vocabulary: int | None = None, layers: int = 1,
        bidirectional: bool = False, dropout: float = 0.0, forget_bias: float = 0.0, nonlinearity: str = "tanh",
    ) -> None:  # fmt: skip
        super().__init__()
        self.kind, self.hidden, self.layers, self.bidirectional = cell, hidden, layers, bidirectional
        self.nonlinearity = nonlinearity
        self.embedding = None if vocabulary is None else nn.Embedding(vocabulary, inputs)
        kinds: dict[str, type[nn.RNN | nn.GRU | nn.LSTM]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
        own: dict[str, Any] = {"rnn": {"nonlinearity": nonlinearity}, "gru": {}, "lstm": {"forget_bias": forget_bias}}
        between = dropout if layers > 1 else 0.0
        self.rnn = kinds[cell](inputs, hidden, layers, dropout=between, bidirectional=bidirectional, **own[cell])
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden * (2 if bidirectional else 1), outputs)
        self.head.weight.name = "W_hy"
        if self.head.bias is not None:
            self.head.bias.name = "b_y"

    def forward(self, x: tg.Tensor, state: State = None) -> tuple[tg.Tensor, State]:
        """The output of every step, (time, batch, outputs), and the state to go on with."""
        hs, state = self.rnn(x if self.embedding is None else self.embedding(x), state)
        return self.read(hs), state

    def last(self, x: tg.Tensor) -> tg.Tensor:
        """The output after the last step, (batch, outputs); backwards in time the last step is the first."""
        return self.read(self.states(x)[1])

    def states(self, x: tg.Tensor) -> tuple[tg.Tensor, tg.Tensor]:
        """The top layer's states of every step (time, batch, ...), and the last one of each direction."""
        hs, state = self.rnn(x if self.embedding is None else self.embedding(x))
        if not self.bidirectional:
            return hs, hs[-1]
        h = state[0] if self.kind == "lstm" else state
        return hs, tg.cat([h[-2], h[-1]], dim=-1)

    def read(self, h: tg.Tensor) -> tg.Tensor:
        """y = W_hy h + b_y."""
        y = self.head(self.dropout(h))
        y.name = "y"
        return y

    @property
    def name(self) -> str:
        """What tables call it: "LSTM", "bidirectional GRU of 2 layers", "ReLU RNN"."""
        layers = f" of {self.layers} layers" if self.layers > 1 else ""
        kind = "ReLU RNN" if self.nonlinearity == "relu" else self.kind.upper()
        return f"{'bidirectional ' if self.bidirectional else ''}{kind}{layers}"

    @property
    def size(self) -> int:
        """How many numbers are trained."""
        return sum(parameter.numel() for parameter in self.parameters())

    def unrolled(self, x: tg.Tensor) -> tuple[list[tg.Tensor], tg.Tensor, tg.Tensor]:
        """One pass to be looked at: the top layer's states of every step, the last output, and the W_hh between them.

        One layer in one direction is written as the textbook writes it, step by step and with one bias, b_h = b_xh +
        b_hh, where that is the same function. Otherwise the layers run as they are, and the states are those forward.
        """
        self.eval()
        parameters = dict(self.rnn.named_parameters())
        W_hh = parameters[f"weight_hh_l{self.layers - 1}"]
        if self.layers > 1 or self.bidirectional:
            every, last = self.states(x)
            tg.history(every)  # opens what ran as one operation
            hs = list(arguments(every))  # it is a stack of them
            if self.bidirectional:
                hs = [arguments(h)[0] for h in hs]  # forwards and backwards side by side
            return hs, self.read(last), W_hh
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        W_xh, W_hh, b_xh, b_hh = (parameters[name] for name in names)
        b_h = (b_xh + b_hh).detach().requires_grad_()
        b_h.name = "b_h"
        h, c = (tg.zeros(x.shape[1], self.hidden) for _ in range(2))
        h.name, c.name = "h0", "c0"
        hs = []
        for t, x_t in enumerate(x, start=1):
            with tg.step(t):
                if self.embedding is not None:
                    x_t = self.embedding.weight[x_t]
                x_t.name = "x"
                if self.kind == "lstm":
                    h, c = nn.lstm_step(x_t, h, c, W_xh, W_hh, b_h)
                elif self.kind == "gru":
                    h = nn.gru_step(x_t, h, W_xh, W_hh, b_xh, b_hh)
                else:
                    h = nn.rnn_step(x_t, h, W_xh, W_hh, b_h, tg.relu if self.nonlinearity == "relu" else tg.tanh)
            hs.append(h)
        return hs, self.read(h), W_hh
