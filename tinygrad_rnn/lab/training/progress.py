"""How far a run has come, in plain numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass
class Mean:
    """The mean of numbers that come one by one."""

    total: float = 0.0
    count: int = 0

    def add(self, value: float) -> None:
        """One more."""
        self.total += value
        self.count += 1

    @property
    def value(self) -> float:
        """NaN of none."""
        return self.total / self.count if self.count else math.nan


@dataclass
class Progress:
    """What training did so far.

    step: how many steps; seconds: how long they took; losses: the mean loss of every finished epoch; epoch: that of
    the running one; loss, norm: the means since the last line of the log, of the loss and of the gradient's norm
    before clipping; best, best_step: the lowest held-out loss and when it was; worse: how many evaluations since then;
    stopped: whether that were too many.
    """

    step: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)
    epoch: Mean = field(default_factory=Mean)
    loss: Mean = field(default_factory=Mean)
    norm: Mean = field(default_factory=Mean)
    best: float = math.inf
    best_step: int = 0
    worse: int = 0
    stopped: bool = False

    def add(self, loss: float, norm: float, batches: int) -> None:
        """One more step, in an epoch of so many."""
        self.step += 1
        for mean, value in ((self.epoch, loss), (self.loss, loss), (self.norm, norm)):
            mean.add(value)
        if self.step % batches == 0:
            self.losses.append(self.epoch.value)
            self.epoch = Mean()

    def judge(self, held_out: float) -> bool:
        """One more evaluation; whether it is the best so far."""
        if held_out < self.best:
            self.best, self.best_step, self.worse = held_out, self.step, 0
            return True
        self.worse += 1
        return False

    @property
    def course(self) -> list[float]:
        """The mean loss of every epoch, the last one perhaps unfinished."""
        return [*self.losses, self.epoch.value] if self.epoch.count else list(self.losses)

    def state_dict(self) -> dict[str, Any]:
        """As nested plain data."""
        return asdict(self)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state_dict()`.

        Raises:
            KeyError, TypeError: it is none; nothing is loaded then.
        """
        known = {each.name: type(getattr(self, each.name)) for each in fields(self)}
        if known.keys() != state.keys():
            raise KeyError(f"progress has {', '.join(known)}; got {', '.join(map(str, state))}")
        values = {name: Mean(**state[name]) if kind is Mean else kind(state[name]) for name, kind in known.items()}
        vars(self).update(values)
