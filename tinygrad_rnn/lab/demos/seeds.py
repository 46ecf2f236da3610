"""The same training from several seeds: a step of it, all the runs, and how far their results spread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from tqdm import tqdm

import tinygrad_rnn as tg

from ... import nn
from ...explain.report import significant

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
    bar = tqdm(runs, unit="run", leave=False, disable=None, dynamic_ncols=True)
    found = [train(setting, seed) for setting, seed in bar]
    return [found[i : i + len(seeds)] for i in range(0, len(found), len(seeds))]


def spread(values: Iterable[float], form: Callable[[float], str] = lambda value: significant(value, 2)) -> str:
    """The smallest and the largest; once if they look the same."""
    ordered = sorted(values)
    return " .. ".join(dict.fromkeys([form(ordered[0]), form(ordered[-1])]))
