"""Letter prediction (Elman 1990): consonants come at random, and each tells how many vowels of which kind follow.

The stream is made of b, d and g at random, with b replaced by ba, d by dii and g by guuu. A network that reads it
letter by letter can know every vowel, and when a consonant is due, but not which. Solved: in 2,000 fresh letters every
vowel is the likeliest one when it is due, and where a consonant is due b, d and g together have a probability of at
least 0.9.
"""

import argparse

import numpy as np

import tinygrad_rnn as tg
from tinygrad_rnn import nn
from tinygrad_rnn.lab.demos.trials import Array, Setting, report, trials
from tinygrad_rnn.lab.training.network import Network

LETTERS = "bdgaiu"
SYLLABLES = {"b": "ba", "d": "dii", "g": "guuu"}
STEPS = 40

SETTINGS = {
    "rnn": Setting("rnn", 20, lr=0.01, batch=5, most=5_000),
    "lstm": Setting("lstm", 10, lr=0.01, batch=5, most=5_000),
    "gru": Setting("gru", 10, lr=0.01, batch=5, most=5_000),
}


def stream(random: np.random.Generator, count: int) -> str:
    """So many letters, from the start of a syllable."""
    text = ""
    while len(text) < count:
        text += SYLLABLES["bdg"[random.integers(3)]]
    return text[:count]


class Letters:
    """Streams of 40 letters, one-hot; the targets are the ids of the next letters."""

    inputs = outputs = len(LETTERS)

    def sample(self, random: np.random.Generator, count: int) -> tuple[Array, Array]:
        ids = np.array([[LETTERS.index(each) for each in stream(random, STEPS + 1)] for _ in range(count)]).T
        return np.eye(len(LETTERS))[ids[:-1]], ids[1:]

    def loss(self, outputs: tg.Tensor, targets: Array) -> tg.Tensor:
        return nn.functional.cross_entropy(outputs.reshape(-1, self.outputs), tg.tensor(targets.reshape(-1)))

    def judge(self, model: Network, random: np.random.Generator) -> tuple[float, bool]:
        xs, targets = self.sample(random, 50)
        p = tg.softmax(model(tg.tensor(xs, dtype=tg.float32))[0], dim=-1).array
        right = np.where(targets < 3, p[..., :3].sum(axis=-1) >= 0.9, p.argmax(axis=-1) == targets)
        return float(right.mean()), bool(right.all())


def main() -> None:
    """Runs the trials that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cell", choices=SETTINGS, default="rnn")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="seeds 0 to N - 1 (default: 5)")
    given = parser.parse_args()
    setting = SETTINGS[given.cell]
    found = trials(Letters(), setting, range(given.seeds), together=True)
    print(report(setting, found, "right letters"))


if __name__ == "__main__":
    main()
