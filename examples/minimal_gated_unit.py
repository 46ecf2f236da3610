"""A cell of one's own: the minimal gated unit, a GRU with one gate, learns to spell from Shakespeare's sonnets.

    f_t = sigmoid(W_f [h_(t-1), x_t] + b_f)             how much is replaced
    n_t = tanh(W_n [f_t * h_(t-1), x_t] + b_n)          by what
    h_t = (1 - f_t) * h_(t-1) + f_t * n_t

(Zhou, Wu, Zhang & Zhou 2016, "Minimal gated unit for recurrent neural networks".)
"""

import math
import re
from pathlib import Path

import numpy as np

import tinygrad_rnn as tg
from tinygrad_rnn import nn

LETTERS = " abcdefghijklmnopqrstuvwxyz"
HIDDEN, TIME, BATCH, STEPS = 32, 24, 32, 200


class MGUCell(nn.Module):
    """All it takes to write a cell: parameters, the first state, one step. `nn.unroll` does the rest."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.forget = nn.Linear(hidden_size + input_size, hidden_size)
        self.candidate = nn.Linear(hidden_size + input_size, hidden_size)

    def initial_state(self, x: tg.Tensor) -> tg.Tensor:
        """Zeros (batch, hidden) to fit x (batch, input)."""
        return tg.zeros(*x.shape[:-1], self.hidden_size)

    def forward(self, x: tg.Tensor, h: tg.Tensor) -> tg.Tensor:
        f = tg.sigmoid(self.forget(tg.cat([h, x], dim=-1)))
        n = tg.tanh(self.candidate(tg.cat([f * h, x], dim=-1)))
        f.name, n.name = "f", "n"
        return (1 - f) * h + f * n


class Speller(nn.Module):
    """Scores for the next letter after each letter: (time, batch) -> (time, batch, letters)."""

    def __init__(self, cell: nn.Module) -> None:
        super().__init__()
        self.cell = cell
        self.output = nn.Linear(HIDDEN, len(LETTERS))

    def forward(self, ids: tg.Tensor) -> tg.Tensor:
        states, _ = nn.unroll(self.cell, tg.eye(len(LETTERS))[ids])
        return self.output(tg.stack(states))


def bits(model: nn.Module, ids: tg.Tensor) -> tg.Tensor:
    """Mean bits it takes to say each next letter of pieces (time + 1, batch)."""
    scores = model(ids[:-1])
    return nn.functional.cross_entropy(scores.reshape(-1, len(LETTERS)), ids[1:].reshape(-1)) / math.log(2)


def train(cell: nn.Module) -> Speller:
    """Adam on random pieces of the text."""
    random = np.random.default_rng(0)
    model = Speller(cell)
    optimizer = tg.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(STEPS):
        starts = random.integers(0, len(learned) - TIME, BATCH)
        loss = bits(model, tg.tensor(learned[starts + np.arange(TIME + 1)[:, None]]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


text = re.sub("[^a-z]+", " ", (Path(__file__).parent / "words.txt").read_text(encoding="utf-8").lower())
ids = np.array([LETTERS.index(letter) for letter in text])
learned, held_out = np.split(ids, [len(ids) * 9 // 10])
pieces = tg.tensor(held_out[: len(held_out) // (TIME + 1) * (TIME + 1)].reshape(-1, TIME + 1).T.copy())

counts = np.bincount(learned, minlength=len(LETTERS))
alone = -np.log2(counts / counts.sum())[held_out].mean()
print(f"Bits per letter of {len(held_out):,} unseen ones; how often each letter comes, alone, gives {alone:.2f}.")
models = {}
for name, kind in {"MGU": MGUCell, "GRU": nn.GRUCell}.items():
    tg.manual_seed(0)
    models[name] = train(kind(len(LETTERS), HIDDEN))
    size = sum(parameter.numel() for parameter in models[name].cell.parameters())
    with tg.no_grad():
        print(f"  {name}, {size:,} numbers to learn: {bits(models[name], pieces).item():.2f}")

print("\nWhat the minimal gated unit expects after the beginning of a word")
for beginning in ("q", "th", "wh", "yo", "lov", "tim"):
    read = [LETTERS.index(letter) for letter in " " + beginning]
    with tg.no_grad():
        p = tg.softmax(models["MGU"](tg.tensor(read)[:, None])[-1, 0], dim=-1).numpy()
    likely = [f"{LETTERS[i].replace(' ', 'the end')} {100 * p[i]:2.0f} %" for i in np.argsort(-p)[:3]]
    print(f"  {beginning:6s} " + ", ".join(likely))

loss = bits(models["MGU"], tg.tensor([LETTERS.index(letter) for letter in "love"])[:, None])
tg.draw(loss, title="The minimal gated unit reads l, o, v", labels=list("lov")).save("minimal_gated_unit.svg")
print("\npicture: minimal_gated_unit.svg")
