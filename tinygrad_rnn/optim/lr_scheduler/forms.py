"""Schedules with a closed form: the learning rate of epoch t as a formula of t and of the first learning rate."""

from __future__ import annotations

import math
import types
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..optimizer import Optimizer
from .scheduler import LRScheduler, for_each_group

__all__ = ["ConstantLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "ExponentialLR", "LambdaLR", "LinearLR"]
__all__ += ["MultiStepLR", "MultiplicativeLR", "PolynomialLR", "StepLR"]

Factor = Callable[[int], float]


class _Given(LRScheduler):
    """Factors given as functions of the epoch: one, or one for each group."""

    _apart = "lr_lambdas"

    def __init__(self, optimizer: Optimizer, lr_lambda: Factor | Sequence[Factor], last_epoch: int = -1) -> None:
        self.lr_lambdas: list[Factor] = for_each_group(self, optimizer, "lr_lambda", lr_lambda)
        for each in self.lr_lambdas:
            if not callable(each):
                raise TypeError(
                    f"lr_lambda is a function of the epoch that gives a factor; {type(each).__name__} was given."
                )
        super().__init__(optimizer, last_epoch)

    def _times(self, rates: list[float]) -> list[float]:
        return [lr * f(self.last_epoch) for lr, f in zip(rates, self.lr_lambdas, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        """As ever; of the factors only what callable objects hold is kept, and of functions None."""
        kept = [
            None if isinstance(f, types.FunctionType) else dict(getattr(f, "__dict__", {})) for f in self.lr_lambdas
        ]
        return {**super().state_dict(), "lr_lambdas": kept}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from a ``state_dict()``; functions stay as they were given to this schedule."""
        super().load_state_dict(state_dict)
        for factor, kept in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            if kept:
                vars(factor).update(kept)


class LambdaLR(_Given):
    """lr(t) = lr(0) * lr_lambda(t)."""

    def get_lr(self) -> list[float]:
        return self._times(self.base_lrs)


class MultiplicativeLR(_Given):
    """lr(t) = lr(t - 1) * lr_lambda(t)."""

    def get_lr(self) -> list[float]:
        return self._rates() if self._beginning else self._times(self._rates())


class _Scaled(LRScheduler):
    """lr(t) = eta_min + (lr(0) - eta_min) * share(t), from lr(t - 1), so that others may change the learning rate."""

    eta_min = 0.0
    _keeps = True  # the learning rate it finds, if it goes on with an earlier run

    def _share(self, t: int) -> float:
        raise NotImplementedError

    def _change(self, t: int) -> float:
        before, now = self._share(t - 1) if t else 1.0, self._share(t)
        return 1.0 if now == before else now / before

    def get_lr(self) -> list[float]:
        now, t = self._rates(), self.last_epoch
        if self._beginning and self._keeps and t > 0:
            return now
        change = self._change(t)
        return now if change == 1 else [self.eta_min + (lr - self.eta_min) * change for lr in now]

    def get_lr_at(self) -> list[float]:
        share = self._share(self.last_epoch)
        return [self.eta_min + (base - self.eta_min) * share for base in self.base_lrs]


class StepLR(_Scaled):
    """The learning rate times ``gamma`` every ``step_size`` epochs.

    >>> optimizer = tg.optim.SGD([tg.ones(1, requires_grad=True)], lr=1.0)
    >>> scheduler = tg.optim.lr_scheduler.StepLR(optimizer, step_size=1)
    >>> optimizer.step()
    >>> scheduler.step()
    >>> scheduler.get_last_lr()
    [0.1]
    """

    _keeps = False

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def _share(self, t: int) -> float:
        return float(self.gamma ** (t // self.step_size))

    def _change(self, t: int) -> float:  # to the last digit
        return self.gamma if t and t % self.step_size == 0 else 1.0


class MultiStepLR(_Scaled):
    """The learning rate times ``gamma`` at every epoch in ``milestones``."""

    _keeps = False

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def _share(self, t: int) -> float:
        return float(self.gamma ** bisect_right(sorted(self.milestones.elements()), t))

    def _change(self, t: int) -> float:
        return float(self.gamma ** self.milestones[t])

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from a ``state_dict()``, also one that was saved to a file as plain data."""
        super().load_state_dict(state_dict)
        self.milestones = Counter(self.milestones)


class ConstantLR(_Scaled):
    """The learning rate times ``factor`` until epoch ``total_iters``."""

    _keeps = False

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        if not 0 <= factor <= 1:
            raise ValueError(f"factor is a number from 0 to 1; {factor!r} was given.")
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def _share(self, t: int) -> float:
        return 1.0 if t >= self.total_iters else self.factor


class LinearLR(_Scaled):
    """The learning rate times a factor that goes from ``start_factor`` straight to ``end_factor``.

    It gets there at epoch ``total_iters``.
    """

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1.0 / 3, end_factor: float = 1.0, total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:  # fmt: skip
        if not 0 < start_factor <= 1:
            raise ValueError(f"start_factor is a number above 0, at most 1; {start_factor!r} was given.")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"end_factor is a number from 0 to 1; {end_factor!r} was given.")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def _share(self, t: int) -> float:
        return self.start_factor + (self.end_factor - self.start_factor) * min(t, self.total_iters) / self.total_iters


class ExponentialLR(_Scaled):
    """The learning rate times ``gamma`` in every epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _share(self, t: int) -> float:
        return float(self.gamma**t)

    def _change(self, t: int) -> float:
        return self.gamma if t else 1.0


class PolynomialLR(_Scaled):
    """lr(t) = lr(0) * (1 - t / total_iters)^power, and 0 from ``total_iters`` on."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def _share(self, t: int) -> float:
        return float((1 - min(t, self.total_iters) / self.total_iters) ** self.power)


class CosineAnnealingLR(_Scaled):
    """lr(t) = eta_min + (lr(0) - eta_min) * (1 + cos(pi * t / T_max)) / 2, and up again after ``T_max``.

    Computed from the learning rate before, so that other schedules may change it too. Source: Loshchilov & Hutter
    2017, without the restarts.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self._beginning or (self.last_epoch - 1 - self.T_max) % (2 * self.T_max):
            return super().get_lr()
        rise = (1 - math.cos(math.pi / self.T_max)) / 2  # up from the bottom, where a ratio is 0 / 0
        return [lr + (base - self.eta_min) * rise for lr, base in zip(self._rates(), self.base_lrs, strict=True)]

    def _share(self, t: int) -> float:
        return (1 + math.cos(math.pi * t / self.T_max)) / 2


class CosineAnnealingWarmRestarts(LRScheduler):
    """A falling half-wave over ``T_0`` epochs, then the next from the top, ``T_mult`` times as long, and so on.

    ``step(epoch)`` takes fractions of epochs, as in ``step(epoch + batch / batches)``. Source: Loshchilov & Hutter
    2017 (SGDR).
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        for name, value in (("T_0", T_0), ("T_mult", T_mult)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} is a whole number of at least 1; {value!r} was given.")
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        self.T_i = T_0
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        share = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * share for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Go on by one, or to ``epoch``, which may be a fraction."""
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        elif epoch < 0:
            raise ValueError(f"an epoch cannot be negative; {epoch!r} was given.")
        else:
            start, length = self._wave(epoch)
            self.T_cur, self.T_i = epoch - start, length
        self.last_epoch = math.floor(epoch)
        self._apply(self.get_lr())

    def _wave(self, epoch: float) -> tuple[int, int]:
        """Where the wave that ``epoch`` lies in begins, and how long it is."""
        if self.T_mult == 1:
            return int(epoch // self.T_0) * self.T_0, self.T_0
        start, length = 0, self.T_0
        while epoch >= start + length:
            start, length = start + length, length * self.T_mult
        return start, length
