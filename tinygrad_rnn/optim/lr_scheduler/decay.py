"""Schedules that multiply the learning rate by a factor which depends on the epoch."""

from __future__ import annotations

import types
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..optimizer import Optimizer
from .scheduler import LRScheduler, for_each_group

__all__ = [
    "ConstantLR",
    "ExponentialLR",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "PolynomialLR",
    "StepLR",
]

Factor = Callable[[int], float]


class _Given(LRScheduler):
    """Factors given as functions of the epoch: one, or one for each group."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Factor | Sequence[Factor], last_epoch: int = -1) -> None:
        self.lr_lambdas: list[Factor] = for_each_group(optimizer, "lr_lambda", lr_lambda)
        for each in self.lr_lambdas:
            if not callable(each):
                raise TypeError(
                    f"lr_lambda is a function of the epoch that gives a factor; {type(each).__name__} was given."
                )
        super().__init__(optimizer, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """As ever; of the factors only what callable objects hold is kept, and of functions None."""
        kept = [
            None if isinstance(f, types.FunctionType) else dict(getattr(f, "__dict__", {})) for f in self.lr_lambdas
        ]
        return {**super().state_dict(), "lr_lambdas": kept}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from a ``state_dict()``; functions stay as they were given to this schedule."""
        mine = self.lr_lambdas
        super().load_state_dict(state_dict)
        self.lr_lambdas = mine
        for factor, kept in zip(mine, state_dict["lr_lambdas"], strict=True):
            if kept:
                vars(factor).update(kept)


class LambdaLR(_Given):
    """lr(t) = lr(0) * lr_lambda(t)."""

    def get_lr(self) -> list[float]:
        return [lr * f(self.last_epoch) for lr, f in zip(self.base_lrs, self.lr_lambdas, strict=True)]


class MultiplicativeLR(_Given):
    """lr(t) = lr(t - 1) * lr_lambda(t)."""

    def get_lr(self) -> list[float]:
        if self._beginning:
            return self._rates()
        return [lr * f(self.last_epoch) for lr, f in zip(self._rates(), self.lr_lambdas, strict=True)]


class _Scaled(LRScheduler):
    """lr(t) = lr(t - 1) * change(t), which is lr(0) * share(t) unless the learning rate is changed from outside too."""

    #: Whether a run that goes on keeps the learning rate it finds.
    keeps = True

    def share(self) -> float:
        """The learning rate at ``last_epoch`` in terms of the first."""
        raise NotImplementedError

    def change(self) -> float:
        """By what the learning rate changes on the way to ``last_epoch``."""
        raise NotImplementedError

    def get_lr(self) -> list[float]:
        if self._beginning and self.keeps and self.last_epoch > 0:
            return self._rates()
        change = self.share() if self.last_epoch == 0 else self.change()
        return [lr * change for lr in self._rates()]

    def get_lr_at(self) -> list[float]:
        return [lr * self.share() for lr in self.base_lrs]


class StepLR(_Scaled):
    """The learning rate times ``gamma`` every ``step_size`` epochs."""

    keeps = False

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def share(self) -> float:
        return float(self.gamma ** (self.last_epoch // self.step_size))

    def change(self) -> float:
        return 1.0 if self.last_epoch % self.step_size else self.gamma


class MultiStepLR(_Scaled):
    """The learning rate times ``gamma`` at every epoch in ``milestones``."""

    keeps = False

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def share(self) -> float:
        return float(self.gamma ** bisect_right(sorted(self.milestones.elements()), self.last_epoch))

    def change(self) -> float:
        return float(self.gamma ** self.milestones[self.last_epoch])

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from a ``state_dict()``, also one that was saved to a file as plain data."""
        super().load_state_dict(state_dict)
        self.milestones = Counter(self.milestones)


class ConstantLR(_Scaled):
    """The learning rate times ``factor`` until epoch ``total_iters``."""

    keeps = False

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        if not 0 <= factor <= 1:
            raise ValueError(f"factor is a number from 0 to 1; {factor!r} was given.")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def share(self) -> float:
        return 1.0 if self.last_epoch >= self.total_iters else self.factor

    def change(self) -> float:
        return 1 / self.factor if self.last_epoch == self.total_iters else 1.0


class LinearLR(_Scaled):
    """The learning rate times a factor that goes from ``start_factor`` straight to ``end_factor``.

    It gets there at epoch ``total_iters``.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1:
            raise ValueError(f"start_factor is a number above 0, at most 1; {start_factor!r} was given.")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"end_factor is a number from 0 to 1; {end_factor!r} was given.")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def share(self) -> float:
        return self._at(min(self.total_iters, self.last_epoch))

    def change(self) -> float:
        if self.last_epoch > self.total_iters:
            return 1.0
        return self._at(self.last_epoch) / self._at(self.last_epoch - 1)

    def _at(self, epoch: int) -> float:
        return self.start_factor + (self.end_factor - self.start_factor) * epoch / self.total_iters


class ExponentialLR(_Scaled):
    """The learning rate times ``gamma`` in every epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def share(self) -> float:
        return float(self.gamma**self.last_epoch)

    def change(self) -> float:
        return self.gamma


class PolynomialLR(_Scaled):
    """lr(t) = lr(0) * (1 - t / total_iters)^power, and 0 from ``total_iters`` on."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def share(self) -> float:
        return self._at(min(self.total_iters, self.last_epoch))

    def change(self) -> float:
        if self.last_epoch > self.total_iters:
            return 1.0
        return self._at(self.last_epoch) / self._at(self.last_epoch - 1)

    def _at(self, epoch: int) -> float:
        return float((1 - epoch / self.total_iters) ** self.power)
