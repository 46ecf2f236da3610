"""Which of four countries was named so many words ago: 'I grew up in France ... I speak fluent'."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

import tinygrad_rnn as tg

from ... import nn
from ...viz.chart import Chart, Curve
from ..training.network import Network
from .shown import Shown, concludes, says, section
from .trials import descend, from_seeds, spread

COUNTRIES, FILLERS, SIZE, HIDDEN, BATCH = 4, 8, 8, 16, 32
SEEDS = range(4)
SOLVED = 0.95


@dataclass(frozen=True)
class Setting:
    """cell: "RNN", "LSTM" or "GRU"; forget_bias: added to an LSTM's forget gate; distance: words in between."""

    cell: str
    forget_bias: float = 0.0
    distance: int = 3

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"LSTM, forget bias {self.forget_bias:g}" if self.cell == "LSTM" else self.cell


def sentences(distance: int, count: int, random: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A country and then `distance` filler words at random: ids (distance + 1, count), countries (count)."""
    countries = random.integers(0, COUNTRIES, count)
    fillers = random.integers(COUNTRIES, COUNTRIES + FILLERS, (distance, count))
    return np.concatenate([countries[None], fillers]), countries


def train(setting: Setting, marks: Sequence[int] = (100, 200), seed: int = 0) -> dict[int, float]:
    """Adam with rate 0.01 on 32 sentences a step, gradients clipped to norm 1; what share of 256 others is right, by
    steps of training."""
    tg.manual_seed(seed)
    random = np.random.default_rng(seed)
    words, cell = COUNTRIES + FILLERS, setting.cell.lower()
    network = Network(cell, SIZE, HIDDEN, COUNTRIES, vocabulary=words, forget_bias=setting.forget_bias)
    optimizer = tg.optim.Adam(network.parameters(), lr=0.01)
    error = tg.compile(
        lambda ids, countries: nn.functional.cross_entropy(network.last(ids), countries), backend="numpy"
    )
    accuracy = {}
    for step in range(1, max(marks) + 1):
        ids, countries = sentences(setting.distance, BATCH, random)
        descend(optimizer, error(tg.tensor(ids), tg.tensor(countries)), 1.0)
        if step in marks:
            with tg.no_grad():
                ids, countries = sentences(setting.distance, 256, random)
                accuracy[step] = float((network.last(tg.tensor(ids)).array.argmax(axis=1) == countries).mean())
    return accuracy


@dataclass(frozen=True)
class Results:
    """The same training with several seeds: what share is right, by steps, for each."""

    setting: Setting
    runs: Sequence[dict[int, float]]

    @property
    def last(self) -> list[float]:
        """The accuracy of every run after its last step."""
        return [list(run.values())[-1] for run in self.runs]

    @property
    def solved(self) -> int:
        """How many runs are right at least 95 % of the time in the end."""
        return sum(each >= SOLVED for each in self.last)


def compare(
    settings: Sequence[Setting], distances: Sequence[int], marks: Sequence[int], seeds: Sequence[int]
) -> list[Results]:
    """Every setting at every distance with every seed."""
    wanted = [replace(setting, distance=distance) for setting in settings for distance in distances]
    runs = from_seeds(lambda setting, seed: train(setting, marks, seed), wanted, seeds)
    return [Results(setting, each) for setting, each in zip(wanted, runs, strict=True)]


PLAIN = (Setting("RNN"),)
GATED = (Setting("LSTM", 0.0), Setting("LSTM", 1.0), Setting("LSTM", 3.0), Setting("GRU"))


def _shown(claim: str, heading: str, found: Sequence[Results], text: str, which: str) -> Shown:
    """How often every network is right, by steps of training and by distance."""
    marks, seeds = list(found[0].runs[0]), len(found[0].runs)
    several = f", the lowest and the highest of {seeds} seeds" if seeds > 1 else ""
    distances = dict.fromkeys(str(each.setting.distance) for each in found)
    curves: dict[str, list[tuple[int, float]]] = {}
    rows = []
    for each in found:
        name, T = each.setting.name, each.setting.distance
        right = [spread([100 * run[mark] for run in each.runs], "{:.0f}".format) + " %" for mark in marks]
        rows.append([name, T, *right, f"{each.solved} of {seeds}"])
        curves.setdefault(name, []).append((T, 100 * float(np.mean(each.last))))
    return Shown(
        claim,
        says(f"""The task: one of {COUNTRIES} countries, then T filler words, then: which country? Chance is 25 %.
            {HIDDEN} units, Adam, {BATCH} sentences a step, clipping by norm; accuracy on 256 fresh
            ones{several}; solved is {100 * SOLVED:.0f} % in the end. T = {", ".join(distances)}."""),
        section(heading, ["network", "T", *(f"after {mark} steps" for mark in marks), "solved"], rows),
        concludes(text, seeds == 1),
        picture=Chart(
            "How far back a network remembers",
            "T",
            "% right",
            [Curve(name, *zip(*points, strict=True)) for name, points in curves.items()],
        ),
        drawn=f"how often {which} is right after the last step of training, by distance, the mean of the seeds",
    )


def show_forgetting(quick: bool = False) -> Shown:
    """Claim 15."""
    distances, seeds = ((3, 5, 10, 20), SEEDS[:1]) if quick else ((3, 5, 10, 20, 40), SEEDS)
    return _shown(
        "Claim 15: early words are forgotten ('I grew up in France ... I speak fluent')",
        "How often a plain RNN is right",
        compare(PLAIN, distances, (100,) if quick else (100, 200), seeds),
        """At T = 3, the distance in the textbook's own sentence, a plain RNN is right every time; at T = 20 and beyond
        it is at chance. So the effect is real, but the example is not one.

        Honest note: it is a matter of training, not of what an RNN can hold. The gradient that should tell it to keep
        the country has vanished on the way: credit assignment, not only forgetting. A wider network and more steps move
        the limit (32 units solve T = 20 for some seeds).""",
        "it",
    )


def show_remembering(quick: bool = False) -> Shown:
    """Claim 16."""
    distances, seeds = ((5, 10, 20), SEEDS[:1]) if quick else ((10, 20, 40), SEEDS)
    return _shown(
        "Claim 16: an LSTM remembers",
        "The same task with gates",
        compare(GATED[:3:2] if quick else GATED, distances, (100,) if quick else (100, 200, 300), seeds),
        """'Use an LSTM' is only true with the gate open: with PyTorch's initial values (forget bias 0) the LSTM is at
        chance at T = 20, as the plain RNN is. With forget bias 3 it is right every time at T = 10 and 20 within 100
        steps; at T = 40 two to four of 4 seeds are after 300, which ones hangs on the last digits of the products of
        matrices. A GRU, whose update gate starts half open, solves T = 10, some seeds T = 20 and none T = 40.

        Reference: Jozefowicz, Zaremba & Sutskever 2015 (forget bias 1); Tallec & Ollivier 2018 (biases to suit the time
        scale: about log T, here 3).""",
        "each",
    )
