"""Words: embeddings, rows of a table; and next words, with recurrence and without."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import tinygrad_rnn as tg

from ... import nn
from ..training.network import Network
from .shown import Shown, says, section
from .trials import descend

SENTENCE = ("the", "cat", "sat", "on", "the")
WORDS = tuple(dict.fromkeys(SENTENCE))


def embedded(seed: int = 0) -> tuple[NDArray[np.float64], list[NDArray[np.float64]], tg.Tensor]:
    """A sentence through an embedding and an RNN: dL/dE, a row for each word; dL/dx_t of every step; the loss."""
    tg.manual_seed(seed)
    embedding = nn.Embedding(len(WORDS), 3, dtype=tg.float64)
    rnn = nn.RNN(3, 4, dtype=tg.float64)
    h, xs = tg.zeros(4, dtype=tg.float64), []
    W_xh, W_hh, b_h = rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0
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
    return whole.array, [each.array for each in steps], loss


def show_embedding() -> Shown:
    """Claim 6."""
    rows, steps, loss = embedded()
    lines = []
    for number, word in enumerate(WORDS):
        uses = [t for t, each in enumerate(SENTENCE) if each == word]
        added = sum((steps[t] for t in uses), np.zeros(3))
        names, row = " + ".join(f"dL/dx_{t + 1}" for t in uses), rows[number]
        lines.append([word, number, names, ", ".join(f"{g:.6f}" for g in row), float(np.abs(row - added).max())])
    head = ["word", "id", "what its row receives", "dL/dE[id]", "difference"]
    return Shown(
        "Claim 6: words become embeddings",
        section("'the cat sat on the': the gradient of every row of the table E", head, lines, left=3),
        says("""A word's number picks a row of E, which is a parameter like any other. The row of a word that comes
            twice receives the sum of the gradients of both steps; a word that does not come receives nothing."""),
        picture=tg.draw(loss, title="the cat sat on the", labels=SENTENCE),
    )


LOVE = ("I", "love", "deep", "learning", "models")
MAT = ("the", "cat", "sat", "on", "the", "mat")


class Trained(NamedTuple):
    """course: (step, loss, p of what follows the last word); probabilities: after every word, of every word."""

    course: list[tuple[int, float, float]]
    words: tuple[str, ...]
    probabilities: list[list[float]]
    loss: tg.Tensor

    def p(self, t: int, word: str) -> float:
        """The probability of the word after step t."""
        return self.probabilities[t - 1][self.words.index(word)]


def train(
    sentence: Sequence[str], recurrence: bool = True, *, every_word: bool, steps: int, adam: float | None, seed: int = 0
) -> Trained:
    """Gradient descent on a sentence: after every word or only after the last, by Adam or by SGD with rate 0.1.

    Without recurrence W_hh is 0 for good.
    """
    tg.manual_seed(seed)
    words = tuple(dict.fromkeys(sentence))
    ids = tg.tensor([words.index(word) for word in sentence])
    model = Network("rnn", 4, 8, len(words), vocabulary=len(words))
    if not recurrence:
        model.rnn.weight_hh_l0.requires_grad_(False).array[...] = 0
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = tg.optim.SGD(trained, lr=0.1) if adam is None else tg.optim.Adam(trained, lr=adam)

    def forward() -> tuple[list[list[float]], tg.Tensor]:
        logits, _ = model(ids[:-1])
        judged, target = (logits, ids[1:]) if every_word else (logits[-1:], ids[-1:])
        with tg.no_grad():
            probabilities = tg.softmax(logits, dim=-1).tolist()
        return probabilities, nn.functional.cross_entropy(judged, target)

    course, (probabilities, loss) = [], forward()
    for step in range(steps + 1):
        course.append((step, loss.item(), probabilities[-1][words.index(sentence[-1])]))
        if step < steps:
            descend(optimizer, loss)
            probabilities, loss = forward()
    loss.name = "L"
    return Trained(course, words, probabilities, loss)


def love(recurrence: bool = True, seed: int = 0) -> Trained:
    """'I love deep learning' -> 'models', 300 steps of plain gradient descent."""
    return train(LOVE, recurrence, every_word=False, steps=300, adam=None, seed=seed)


def mat(recurrence: bool = True, seed: int = 0) -> Trained:
    """'the cat sat on the mat', every word from those before it."""
    return train(MAT, recurrence, every_word=True, steps=400, adam=0.05, seed=seed)


def show_love() -> Shown:
    """Claim 7."""
    found, without = love(), love(recurrence=False)
    course = [
        [step, loss, f"{p:.4f}", f"{without.course[step][2]:.4f}"]
        for step, loss, p in found.course
        if step in (0, 1, 3, 10, 30, 100, 300)
    ]
    rows = [[word, *(f"{p:.3f}" for p in row)] for word, row in zip(LOVE, found.probabilities, strict=False)]
    return Shown(
        "Claim 7: 'I love deep learning' is followed by 'models'",
        section("300 steps of gradient descent", ["step", "loss", "p(models)", "W_hh = 0"], course),
        section("What the network expects after every word", ["after", *found.words], rows),
        says("""Prediction by a recurrent network works: p(models) rises from about 0.2 to more than 0.99.

            Honest note: without recurrence, in the last column, it works as well. 'learning' alone tells what follows,
            so this example does not need a memory. tinygrad-rnn demo mat does."""),
        picture=tg.draw(found.loss, title="I love deep learning -> models", labels=LOVE[:-1]),
    )


def show_mat() -> Shown:
    """Claim 8."""
    found = {"with recurrence": mat(), "W_hh = 0": mat(recurrence=False)}
    rows = [
        [name, f"{each.course[-1][1]:.5f}", *(f"{each.p(t, word):.3f}" for t in (1, 5) for word in ("cat", "mat"))]
        for name, each in found.items()
    ]
    head = ["", "loss", "p(cat) after 1st 'the'", "p(mat)", "p(cat) after 2nd 'the'", "p(mat)"]
    return Shown(
        "Claim 8: 'the cat sat on the' is followed by 'mat'",
        section("400 steps of Adam, with and without recurrence", head, rows),
        says("""This one needs a memory: 'the' is followed by 'cat' once and by 'mat' once, and only what came before
            tells which. Without recurrence both look the same, at best p = 1/2 each, and the loss cannot fall below 2
            ln 2 / 5 = 0.27726."""),
        picture=tg.draw(found["with recurrence"].loss, title="the cat sat on the mat", labels=MAT[:-1]),
    )
