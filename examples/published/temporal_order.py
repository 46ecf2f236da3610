"""Temporal order (Hochreiter & Schmidhuber 1997, experiment 6a; Pascanu, Mikolov & Bengio 2013): which came first?

A string of T letters, c to f at random, with A or B at two places: one from T/10 to 2T/10, one from 4T/10 to 5T/10.
After the last letter the network is to say AA, AB, BA or BB; chance is 1/4. Solved: at least 99 % of 1,000 fresh
strings are classified right.
"""

import argparse
import math

import numpy as np

import tinygrad_rnn as tg
from tinygrad_rnn import nn
from tinygrad_rnn.lab.demos.trials import Array, Setting, report, trials
from tinygrad_rnn.lab.training.network import Network

SETTINGS = {
    "rnn": Setting("rnn", 32, lr=0.003, batch=50, most=150_000),
    "lstm": Setting("lstm", 32, lr=0.003, batch=50, forget_bias=3.0, most=150_000),
    "lstm5": Setting("lstm", 32, lr=0.003, batch=50, forget_bias=5.0, most=300_000),
    "lstm1": Setting("lstm", 32, lr=0.003, batch=50, forget_bias=1.0, most=150_000),
    "lstm0": Setting("lstm", 32, lr=0.003, batch=50, forget_bias=0.0, most=150_000),
    "chrono": Setting("lstm", 32, lr=0.003, batch=50, longest=100, most=150_000),
    "gru": Setting("gru", 32, lr=0.003, batch=50, most=150_000),
}


class TemporalOrder:
    """Strings of T letters, one-hot (A, B, c, d, e, f); the target is 2 (first is B) + (second is B)."""

    inputs, outputs = 6, 4

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def sample(self, random: np.random.Generator, count: int) -> tuple[Array, Array]:
        T, every = self.steps, np.arange(count)
        letters = random.integers(2, 6, (T, count))
        first, second = random.integers(0, 2, (2, count))
        letters[random.integers(T // 10, 2 * T // 10 + 1, count), every] = first
        letters[random.integers(4 * T // 10, 5 * T // 10 + 1, count), every] = second
        return np.eye(6)[letters], 2 * first + second

    def loss(self, outputs: tg.Tensor, targets: Array) -> tg.Tensor:
        return nn.functional.cross_entropy(outputs[-1], tg.tensor(targets))

    def judge(self, model: Network, random: np.random.Generator) -> tuple[float, bool]:
        xs, targets = self.sample(random, 1000)
        right = float((model.last(tg.tensor(xs, dtype=tg.float32)).array.argmax(axis=1) == targets).mean())
        return right, right >= 0.99


def main() -> None:
    """Runs the trials that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--cell",
        choices=SETTINGS,
        default="lstm",
        help="lstm5, lstm1, lstm0: forget bias 5, 1, 0 instead of 3; chrono: every unit has a memory of its own length",
    )
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="seeds 0 to N - 1 (default: 5)")
    parser.add_argument("--steps", type=int, default=100, metavar="T", help="length of the strings (default: 100)")
    parser.add_argument("--no-clipping", action="store_true")
    given = parser.parse_args()
    setting = SETTINGS[given.cell]
    if given.no_clipping:
        setting = Setting(**{**vars(setting), "clip": math.inf})
    found = trials(TemporalOrder(given.steps), setting, range(given.seeds), together=True)
    print(report(setting, found, "accuracy"))


if __name__ == "__main__":
    main()
