"""Words become embeddings: rows of a table, and the row of a repeated word receives the sum of two gradients."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import tinygrad_rnn as tg

from ... import nn
from .shown import Shown, says, section

SENTENCE = ("the", "cat", "sat", "on", "the")
WORDS = tuple(dict.fromkeys(SENTENCE))


@dataclass(frozen=True)
class Rows:
    """rows: dL/dE, a row for each word; steps: dL/dx_t of every step; loss: for drawing."""

    rows: NDArray[np.float64]
    steps: list[NDArray[np.float64]]
    loss: tg.Tensor


def rows(seed: int = 0) -> Rows:
    """A sentence through an embedding and an RNN, and what comes back."""
    tg.manual_seed(seed)
    embedding = nn.Embedding(len(WORDS), 3, dtype=tg.float64)
    rnn = nn.RNN(3, 4, dtype=tg.float64)
    h, xs = tg.zeros(4, dtype=tg.float64), []
    parameters = dict(rnn.named_parameters())
    W_xh, W_hh, b_h = (parameters[f"{name}_l0"] for name in ("weight_ih", "weight_hh", "bias_ih"))
    embedding.weight.name = "E"
    for t, word in enumerate(SENTENCE, start=1):
        with tg.step(t):
            x = embedding(tg.tensor(WORDS.index(word)))
            x.name = "x"
            h = nn.rnn_step(x, h, W_xh, W_hh, b_h)
        xs.append(x)
    loss = (h * h).sum()
    loss.name = "L"
    whole, *steps = tg.autograd.grad(loss, [embedding.weight, *xs], retain_graph=True)
    assert whole is not None
    return Rows(whole.array, [each.array for each in steps if each is not None], loss)


def show() -> Shown:
    """Claim 6."""
    found = rows()
    lines = []
    for number, word in enumerate(WORDS):
        uses = [t for t, each in enumerate(SENTENCE) if each == word]
        added = sum((found.steps[t] for t in uses), np.zeros(3))
        names, row = " + ".join(f"dL/dx_{t + 1}" for t in uses), found.rows[number]
        lines.append([word, number, names, ", ".join(f"{g:.6f}" for g in row), float(np.abs(row - added).max())])
    head = ["word", "id", "what its row receives", "dL/dE[id]", "difference"]
    return Shown(
        "Claim 6: words become embeddings",
        section("'the cat sat on the': the gradient of every row of the table E", head, lines, left=3),
        says("""A word's number picks a row of E, which is a parameter like any other. The row of a word that comes
            twice receives the sum of the gradients of both steps; a word that does not come receives nothing."""),
        picture=tg.draw(found.loss, title="the cat sat on the", labels=SENTENCE),
    )
