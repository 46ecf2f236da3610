"""Small runs to train: a wave told from windows, and a text of few letters."""

from typing import Any

import numpy as np

import tinygrad_rnn as tg
from tinygrad_rnn import nn, optim
from tinygrad_rnn.lab.training import Streams, Training, Windows


class Wave(nn.Module):
    """The next value from a window."""

    def __init__(self, hidden: int = 5) -> None:
        super().__init__()
        self.rnn = nn.LSTM(1, hidden, num_layers=2, dropout=0.2)
        self.head = nn.Linear(hidden, 1)

    def loss(self, x: Any, target: Any, state: Any) -> tuple[tg.Tensor, Any]:
        hs, _ = self.rnn(tg.tensor(x.T[:, :, None], dtype=tg.float32))
        wanted = tg.tensor(target[:, None], dtype=tg.float32)
        return nn.functional.mse_loss(self.head(hs[-1]), wanted), None


class Letters(nn.Module):
    """The next letter from those before it, with a state that is carried on."""

    def __init__(self, hidden: int = 6) -> None:
        super().__init__()
        self.table = nn.Embedding(4, hidden)
        self.rnn = nn.LSTM(hidden, hidden)
        self.head = nn.Linear(hidden, 4)

    def loss(self, x: Any, target: Any, state: Any) -> tuple[tg.Tensor, Any]:
        hs, state = self.rnn(self.table(tg.tensor(x)), state)
        return nn.functional.cross_entropy(self.head(hs).reshape(-1, 4), tg.tensor(target.reshape(-1))), state


def wave(seed: int = 0, hidden: int = 5, lr: float = 0.02, schedule: bool = True, kind: Any = optim.Adam) -> Training:
    """Eight windows a batch, five batches an epoch."""
    tg.manual_seed(seed)
    values = np.sin(0.7 * np.arange(46))
    inputs = np.lib.stride_tricks.sliding_window_view(values[:-1], 6)
    model = Wave(hidden)
    optimizer = kind(model.parameters(), lr=lr)
    cosine = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50) if schedule else None
    return Training(model, optimizer, Windows(inputs, values[6:], 8, seed), model.loss, cosine, clip=0.5)


def letters(seed: int = 0) -> Training:
    """Two streams of 60 letters, ten chunks an epoch."""
    tg.manual_seed(seed)
    model = Letters()
    ids = np.random.default_rng(seed).integers(0, 4, 122)
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    return Training(model, optimizer, Streams(ids, 2, 6), model.loss)
