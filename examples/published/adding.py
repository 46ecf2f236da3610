"""The adding problem (Hochreiter & Schmidhuber 1997, experiment 4): add two marked numbers that came long ago.

Each step has a number from U(-1, 1) and a mark; two of the T numbers are marked, one of the first T/10 and one of the
first half, so that half the sequence lies between the last of them and the answer, 0.5 + (a + b) / 4. The first and
the last mark are -1. Always answering 0.5 has a mean squared error of 1/24 = 0.042. The paper's lengths are from T to
1.1 T, here all are T. Solved: a mean squared error below 0.001 on 1,000 fresh sequences (the paper wants an error
below 0.04 for every one, which takes longer).
"""

import argparse
import math

import numpy as np

import tinygrad_rnn as tg
from tinygrad_rnn.lab.demos.trials import Array, Setting, report, trials
from tinygrad_rnn.lab.training.network import Network

SETTINGS = {
    "rnn": Setting("rnn", 16, lr=0.003, batch=20, most=300_000),
    "lstm": Setting("lstm", 16, lr=0.003, batch=20, forget_bias=5.0, most=300_000),
    "lstm3": Setting("lstm", 16, lr=0.003, batch=20, forget_bias=3.0, most=300_000),
    "lstm1": Setting("lstm", 16, lr=0.003, batch=20, forget_bias=1.0, most=300_000),
    "chrono": Setting("lstm", 16, lr=0.003, batch=20, longest=100, most=300_000),
    "gru": Setting("gru", 16, lr=0.003, batch=20, most=300_000),
}


class Adding:
    """T steps of (number, mark); the target is 0.5 and a quarter of the sum of the two marked numbers."""

    inputs, outputs = 2, 1

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def sample(self, random: np.random.Generator, count: int) -> tuple[Array, Array]:
        numbers = random.uniform(-1, 1, (self.steps, count))
        marks, every, half = np.zeros_like(numbers), np.arange(count), self.steps // 2 - 1
        first, second = random.integers(0, max(2, self.steps // 10), count), random.integers(0, half, count)
        marks[first, every] = 1
        marks[np.where(second == first, (second + 1) % half, second), every] = 1
        targets = 0.5 + (numbers * marks).sum(axis=0) / 4
        marks[0, marks[0] == 0] = marks[-1] = -1
        return np.stack([numbers, marks], axis=-1), targets

    def loss(self, outputs: tg.Tensor, targets: Array) -> tg.Tensor:
        loss: tg.Tensor = ((outputs[-1, :, 0] - tg.tensor(targets, dtype=tg.float32)) ** 2).mean()
        return loss

    def judge(self, model: Network, random: np.random.Generator) -> tuple[float, bool]:
        xs, targets = self.sample(random, 1000)
        error = model.last(tg.tensor(xs, dtype=tg.float32)).array[:, 0] - targets
        mean = float((error**2).mean())
        return mean, mean < 0.001


def main() -> None:
    """Runs the trials that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--cell",
        choices=SETTINGS,
        default="lstm",
        help="lstm3, lstm1: forget bias 3, 1 instead of 5; chrono: every unit starts with a memory of its own length",
    )
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="seeds 0 to N - 1 (default: 5)")
    parser.add_argument("--steps", type=int, default=100, metavar="T", help="length of the sequences (default: 100)")
    parser.add_argument("--no-clipping", action="store_true")
    given = parser.parse_args()
    setting = SETTINGS[given.cell]
    if given.no_clipping:
        setting = Setting(**{**vars(setting), "clip": math.inf})
    found = trials(Adding(given.steps), setting, range(given.seeds), every=250, together=True)
    print(report(setting, found, "mean squared error"))


if __name__ == "__main__":
    main()
