"""A schedule that watches the loss, and lowers the learning rate when it no longer falls."""

from __future__ import annotations

import math
from typing import Any

from ..optimizer import Optimizer
from .scheduler import LRScheduler, for_each_group


class ReduceLROnPlateau(LRScheduler):
    """The learning rate times ``factor`` once the loss has not improved for more than ``patience`` epochs.

    ``step(loss)`` is told the loss (or with ``mode="max"`` a score). It has improved if it is below the best so far by
    the share ``threshold`` of it, or by ``threshold`` itself with ``threshold_mode="abs"``. After a cut nothing is
    counted for ``cooldown`` epochs. The learning rate does not fall below ``min_lr``, a number or one for each group,
    and a cut of no more than ``eps`` is not made.

    >>> optimizer = tg.optim.SGD([tg.ones(1, requires_grad=True)], lr=1.0)
    >>> scheduler = tg.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=1)
    >>> for loss in (1.0, 1.0, 1.0):
    ...     scheduler.step(loss)
    >>> scheduler.get_last_lr()
    [0.1]
    """

    def __init__(
        self, optimizer: Optimizer, mode: str = "min", factor: float = 0.1, patience: int = 10, threshold: float = 1e-4,
        threshold_mode: str = "rel", cooldown: int = 0, min_lr: float | list[float] = 0, eps: float = 1e-8,
    ) -> None:  # fmt: skip
        if not factor < 1:
            raise ValueError(f"factor lowers the learning rate, so it is below 1; {factor!r} was given.")
        if mode not in ("min", "max"):
            raise ValueError(f'mode is "min" or "max"; {mode!r} was given.')
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f'threshold_mode is "rel" or "abs"; {threshold_mode!r} was given.')
        self.optimizer = optimizer
        self.mode, self.factor, self.patience = mode, factor, patience
        self.threshold, self.threshold_mode = threshold, threshold_mode
        self.cooldown, self.eps = cooldown, eps
        self.min_lrs = for_each_group(self, optimizer, "min_lr", min_lr)
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0
        self._last_lr = self._rates()

    def step(self, metrics: Any, epoch: int | None = None) -> None:  # type: ignore[override]
        """Take notice of the loss of one more epoch, a number or a tensor with one."""
        value = float(metrics)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self.is_better(value, self.best):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = self._rates()

    def is_better(self, value: float, best: float) -> bool:
        """Whether ``value`` improves on ``best`` by more than the threshold."""
        sign = 1 if self.mode == "max" else -1
        if self.threshold_mode == "rel":
            return sign * value > sign * (best * (1 + sign * self.threshold))
        return sign * value > sign * best + self.threshold

    def _reduce(self) -> None:
        groups = self.optimizer.param_groups
        if len(self.min_lrs) < len(groups):  # groups were added
            if len(set(self.min_lrs)) > 1:
                raise RuntimeError(
                    f"the optimiser has {len(groups)} groups of parameters now, and min_lr {len(self.min_lrs)} values: "
                    "append to scheduler.min_lrs."
                )
            self.min_lrs = self.min_lrs[:1] * len(groups)
        for group, lowest in zip(groups, self.min_lrs, strict=True):
            lr = max(group["lr"] * self.factor, lowest)
            if group["lr"] - lr > self.eps:
                group["lr"] = lr
