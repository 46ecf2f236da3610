"""The embedded Reber grammar (Hochreiter & Schmidhuber 1997, experiment 1): which letters may come next?

A string is B, then T or P, then a string of Reber's grammar, then the same T or P again, then E. To know the second
to last letter a network has to remember the second one. Solved: on 256 fresh strings the letters that may follow are
the likeliest ones at every step.
"""

import argparse

import numpy as np

import tinygrad_rnn as tg
from tinygrad_rnn import nn
from tinygrad_rnn.lab.demos.trials import Array, Setting, report, trials
from tinygrad_rnn.lab.training.network import Network

LETTERS = "BTSXPVE"
# state -> (letter, next state); the string ends in state 5
GRAMMAR = {0: (("T", 1), ("P", 2)), 1: (("S", 1), ("X", 3)), 2: (("T", 2), ("V", 4)), 3: (("X", 2), ("S", 5)),
           4: (("P", 3), ("V", 5))}  # fmt: skip

SETTINGS = {
    "rnn": Setting("rnn", 15, lr=0.01, batch=1, clip=5.0, most=20_000),
    "lstm": Setting("lstm", 8, lr=0.01, batch=1, clip=5.0, forget_bias=1.0, most=20_000),
    "lstm0": Setting("lstm", 8, lr=0.01, batch=1, clip=5.0, most=20_000),
    "gru": Setting("gru", 8, lr=0.01, batch=1, clip=5.0, most=20_000),
}


def string(random: np.random.Generator) -> tuple[str, list[str]]:
    """A string, and after each of its letters but the last those that may follow."""
    side = "TP"[random.integers(2)]
    text, follows, state = f"B{side}B", ["TP", "B"], 0
    while state != 5:
        choices = GRAMMAR[state]
        follows.append("".join(letter for letter, _ in choices))
        letter, state = choices[random.integers(2)]
        text += letter
    return f"{text}E{side}E", [*follows, "E", side, "E"]


class Reber:
    """Strings padded to the longest; targets are the ids of the next letters, -100 where there is none."""

    inputs = outputs = len(LETTERS)

    def sample(self, random: np.random.Generator, count: int) -> tuple[Array, Array]:
        xs, targets, _ = self.strings(random, count)
        return xs, targets

    def strings(self, random: np.random.Generator, count: int) -> tuple[Array, Array, Array]:
        """Inputs (time, count, 7), the next letters' ids (time, count), which letters may follow (time, count, 7)."""
        made = [string(random) for _ in range(count)]
        steps = max(len(text) for text, _ in made) - 1
        xs, legal = np.zeros((2, steps, count, len(LETTERS)))
        targets = np.full((steps, count), -100)
        for i, (text, follows) in enumerate(made):
            for t, (letter, after) in enumerate(zip(text, follows, strict=False)):
                xs[t, i, LETTERS.index(letter)] = 1
                targets[t, i] = LETTERS.index(text[t + 1])
                for each in after:
                    legal[t, i, LETTERS.index(each)] = 1
        return xs, targets, legal

    def loss(self, outputs: tg.Tensor, targets: Array) -> tg.Tensor:
        return nn.functional.cross_entropy(outputs.reshape(-1, self.outputs), tg.tensor(targets.reshape(-1)))

    def judge(self, model: Network, random: np.random.Generator) -> tuple[float, bool]:
        xs, _, legal = self.strings(random, 256)
        y = model(tg.tensor(xs, dtype=tg.float32))[0].array
        worst_legal = np.where(legal == 1, y, np.inf).min(axis=-1)
        best_other = np.where(legal == 0, y, -np.inf).max(axis=-1)
        right = ((worst_legal > best_other) | (legal.sum(axis=-1) == 0)).all(axis=0)  # (string): at every step
        return float(right.mean()), bool(right.all())


def main() -> None:
    """Runs the trials that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cell", choices=SETTINGS, default="lstm", help="lstm0: forget bias 0 instead of 1")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="seeds 0 to N - 1 (default: 5)")
    given = parser.parse_args()
    setting = SETTINGS[given.cell]
    found = trials(Reber(), setting, range(given.seeds), every=250, together=True)
    print(report(setting, found, "right strings"))


if __name__ == "__main__":
    main()
