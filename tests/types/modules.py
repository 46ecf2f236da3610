"""What type checkers say of modules: a call has the type that ``forward`` is annotated with.

Nothing here is run: mypy reads it with all tests, and so does ``basedpyright tests/types/modules.py``.
"""

from typing import Any, assert_type

import tinygrad_rnn as tg
from tinygrad_rnn import nn
from tinygrad_rnn.nn.utils.rnn import PackedSequence

Tensor = tg.Tensor
Pair = tuple[Tensor, Tensor]


class Scored(nn.Module):
    """A module of somebody's own."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(2, 3)
        self.output = nn.Linear(3, 1)

    def forward(self, x: Tensor, scale: float = 1.0) -> tuple[Tensor, str]:
        states, (h, _) = self.rnn(x)
        assert_type(states, Tensor)
        assert_type(h, Tensor)
        return self.output(states), "scored"


class Unsaid(nn.Module):
    """A module that does not say what it returns."""

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return args


def layers(x: Tensor, ids: Tensor) -> None:
    assert_type(nn.Linear(2, 3)(x), Tensor)
    assert_type(nn.Bilinear(2, 3, 4)(x, x), Tensor)
    assert_type(nn.Embedding(5, 2)(ids), Tensor)
    assert_type(nn.Dropout()(x), Tensor)
    assert_type(nn.Flatten(0)(x), Tensor)
    assert_type(nn.LayerNorm(3)(x), Tensor)
    assert_type(nn.RMSNorm(3)(x), Tensor)
    assert_type(nn.BatchNorm1d(3)(x), Tensor)
    assert_type(nn.GELU("tanh")(x), Tensor)
    assert_type(nn.ReLU()(x), Tensor)
    assert_type(nn.PReLU()(x), Tensor)
    assert_type(nn.Sequential(nn.Linear(2, 3), nn.Tanh())(x), Tensor)
    assert_type(nn.Identity()(x), Any)


def losses(x: Tensor, target: Tensor) -> None:
    assert_type(nn.MSELoss()(x, target), Tensor)
    assert_type(nn.CrossEntropyLoss(label_smoothing=0.1)(x, target), Tensor)
    assert_type(nn.KLDivLoss("batchmean", log_target=True)(x, target), Tensor)


def cells(x: Tensor, h: Tensor) -> None:
    assert_type(nn.RNNCell(2, 3)(x), Tensor)
    assert_type(nn.GRUCell(2, 3)(x, h), Tensor)
    assert_type(nn.LSTMCell(2, 3)(x, (h, h)), Pair)
    assert_type(nn.LayerNormLSTMCell(2, 3)(x, (h, h)), Pair)


def networks(x: Tensor, packed: PackedSequence, h: Tensor) -> None:
    assert_type(nn.RNN(2, 3)(x), tuple[Tensor, Tensor])
    assert_type(nn.GRU(2, 3)(x, h, lengths=[2, 1]), tuple[Tensor, Tensor])
    assert_type(nn.LSTM(2, 3)(x), tuple[Tensor, Pair])
    assert_type(nn.LSTM(2, 3)(packed, (h, h)), tuple[PackedSequence, Pair])
    assert_type(nn.GRU(2, 3)(packed), tuple[PackedSequence, Tensor])
    assert_type(nn.Recurrent([nn.RNNCell(2, 3)])(x), tuple[Tensor, list[Any]])


def ones_own(model: Scored, unsaid: Unsaid, x: Tensor) -> None:
    assert_type(model(x), tuple[Tensor, str])
    assert_type(model(x, scale=2.0), tuple[Tensor, str])
    assert_type(unsaid(x, 1), Any)
    assert_type(model.train(), Scored)


def refused(x: Tensor) -> None:
    nn.Linear(2, 3)("x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    nn.Linear(2, 3)(x, x)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    nn.GELU(approximat="tanh")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    nn.HuberLoss(delta="small")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
