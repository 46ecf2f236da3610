"""The same training from several seeds: how far its results spread, and how often published set-ups succeed."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

import tinygrad_rnn as tg

from ... import nn
from ...explain.report import significant, table
from ..training.log import bar
from ..training.network import Network
from ..training.side_by_side import side_by_side

Array = NDArray[Any]
S = TypeVar("S")
R = TypeVar("R")


def descend(optimizer: tg.optim.Optimizer, loss: tg.Tensor, clip: float = float("inf")) -> float:
    """One step of gradient descent; returns the norm of the gradient before it was clipped."""
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(optimizer.param_groups[0]["params"], clip).item()
    optimizer.step()
    return float(norm)


def from_seeds(train: Callable[[S, int], R], settings: Iterable[S], seeds: Sequence[int]) -> list[list[R]]:
    """What training does in every setting from every seed; a progress bar is shown where there is a terminal."""
    runs = [(setting, seed) for setting in settings for seed in seeds]
    found = []
    with bar(len(runs)) as shown:
        for setting, seed in runs:
            found.append(train(setting, seed))
            shown.update()
    return [found[i : i + len(seeds)] for i in range(0, len(found), len(seeds))]


def spread(values: Iterable[float], form: Callable[[float], str] = lambda value: significant(value, 2)) -> str:
    """The smallest and the largest; once if they look the same."""
    ordered = sorted(values)
    return " .. ".join(dict.fromkeys([form(ordered[0]), form(ordered[-1])]))


@dataclass(frozen=True)
class Setting:
    """A network and how it is trained.

    clip: largest norm of the gradient; forget_bias: an LSTM's; longest: if not 0, its gates start with memories of up
    to so many steps (`nn.init.chrono_`); most: sequences until it has failed.
    """

    cell: str
    hidden: int
    lr: float
    batch: int
    clip: float = 1.0
    forget_bias: float = 0.0
    longest: int = 0
    most: int = 20_000

    @property
    def name(self) -> str:
        """What tables call it."""
        bias = f", forget bias {self.forget_bias:g}" if self.cell == "lstm" and not self.longest else ""
        bias += f", lags up to {self.longest}" if self.longest else ""
        clip = "no clipping" if math.isinf(self.clip) else f"clip {self.clip:g}"
        return f"{self.cell.upper()} {self.hidden}{bias}, Adam {self.lr:g}, batch {self.batch}, {clip}"


class Problem(Protocol):
    """A task: how many numbers go in and come out at each step, examples, the loss, and when it counts as solved."""

    inputs: int
    outputs: int

    def sample(self, random: np.random.Generator, count: int) -> tuple[Array, Array]:
        """Inputs (time, count, inputs) and whatever `loss` wants to compare with."""

    def loss(self, outputs: tg.Tensor, targets: Array) -> tg.Tensor:
        """Of the outputs of all steps, (time, count, outputs)."""

    def judge(self, model: Network, random: np.random.Generator) -> tuple[float, bool]:
        """A score on fresh sequences, and whether that is a success."""


def network(problem: Problem, setting: Setting) -> Network:
    """The network of a setting, made for a problem."""
    made = Network(setting.cell, problem.inputs, setting.hidden, problem.outputs, forget_bias=setting.forget_bias)
    if setting.longest:
        nn.init.chrono_(made.rnn.bias_ih_l0, setting.longest)
        nn.init.zeros_(made.rnn.bias_hh_l0)
    return made


@dataclass(frozen=True)
class Trial:
    """One run. sequences: seen until it was solved, or in all; score: the last that was measured."""

    seed: int
    solved: bool
    sequences: int
    score: float
    seconds: float


def trial(problem: Problem, setting: Setting, seed: int, every: int = 50, quiet: bool = False) -> Trial:
    """Trains from one seed until it is solved, judged every `every` steps, or `setting.most` sequences are seen."""
    tg.manual_seed(seed)
    random, judging = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    model = network(problem, setting)
    optimizer = tg.optim.Adam(model.parameters(), lr=setting.lr)
    steps = max(setting.most // setting.batch, 1)
    began, score, solved, step = time.perf_counter(), math.nan, False, 0
    with bar(steps, f"seed {seed}", quiet) as shown, np.errstate(all="ignore"):
        while step < steps and not solved:
            step += 1
            xs, targets = problem.sample(random, setting.batch)
            loss = problem.loss(model(tg.tensor(xs, dtype=tg.float32))[0], targets)
            if not math.isfinite(loss.item()):
                break
            descend(optimizer, loss, setting.clip)
            shown.update()
            if step % every == 0 or step == steps:
                with tg.no_grad():
                    score, solved = problem.judge(model, judging)
                shown.set_postfix_str(f"score {score:.4g}")
    return Trial(seed, solved, step * setting.batch, score, time.perf_counter() - began)


def trials(
    problem: Problem, setting: Setting, seeds: Sequence[int], every: int = 50, quiet: bool = False,
    together: bool = False,
) -> list[Trial]:  # fmt: skip
    """One run from each seed, in one thread: how BLAS shares out a product decides how it is rounded.

    ``together`` runs them side by side, in processes that import the program; after Ctrl-C, those that are done remain.
    """
    if together and len(seeds) > 1:
        jobs = {seed: (problem, setting, seed, every, True) for seed in seeds}
        with bar(len(seeds), f"{len(seeds)} seeds", quiet) as shown:
            found = side_by_side(trial, jobs, lambda done: shown.update(len(done) - shown.n))
        for error in found.values():
            if isinstance(error, Exception):
                raise error
        return [found[seed] for seed in seeds if isinstance(found.get(seed), Trial)]
    with ThreadpoolController().select(user_api="blas").limit(limits=1):
        return [trial(problem, setting, seed, every, quiet) for seed in seeds]


def report(setting: Setting, found: Sequence[Trial], score: str) -> str:
    """A table of the runs, and how many succeeded."""
    rows = [
        [str(a.seed), "yes" if a.solved else "no", f"{a.sequences:,}", f"{a.score:.4f}", f"{a.seconds:.0f}"]
        for a in found
    ]
    solved = sorted(each.sequences for each in found if each.solved)
    middle = f", after {solved[0]:,} to {solved[-1]:,} sequences" if solved else ""
    head = ["seed", "solved", "sequences", score, "seconds"]
    return f"{setting.name}\n{table(head, rows)}\n  {len(solved)} of {len(found)} solved{middle}"
