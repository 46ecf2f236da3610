"""Schedules that raise and lower the learning rate, and the momentum against it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ..optimizer import Optimizer
from .scheduler import LRScheduler, for_each_group

Numbers = float | Sequence[float]


class _Cycle(LRScheduler):
    """What moves the momentum too: ``momentum`` of a group, or the first of its ``betas``."""

    def _prepare(self, optimizer: Optimizer, cycle_momentum: bool, base: Numbers, max: Numbers) -> None:
        self.cycle_momentum = cycle_momentum
        if not cycle_momentum:
            return
        if not {"momentum", "betas"} & optimizer.defaults.keys():
            raise ValueError(
                f"{type(optimizer).__name__} has neither momentum nor betas to move: pass cycle_momentum=False."
            )
        self._base_momentums = for_each_group(self, optimizer, "base_momentum", base)
        self._max_momentums = for_each_group(self, optimizer, "max_momentum", max)

    def _push(self, momentums: Sequence[float]) -> None:
        for group, momentum in zip(self.optimizer.param_groups, momentums, strict=True):
            if "betas" in group:
                group["betas"] = (momentum, *group["betas"][1:])
            else:
                group["momentum"] = momentum


class CyclicLR(_Cycle):
    """The learning rate goes from ``base_lr`` up to ``max_lr`` and back again, over and over.

    With x from 0 to 1 on the way up (``step_size_up`` steps) and back to 0 on the way down (``step_size_down`` steps):

        lr = base_lr + (max_lr - base_lr) * x * scale
        momentum = max_momentum - (max_momentum - base_momentum) * x * scale

    ``mode`` says what scale is: "triangular" 1, "triangular2" halved after every cycle, "exp_range" gamma^t; or
    ``scale_fn`` gives it, called with the number of the cycle from 1, or of the step with ``scale_mode="iterations"``.
    Source: Smith 2017.
    """

    def __init__(
        self, optimizer: Optimizer, base_lr: Numbers, max_lr: Numbers, step_size_up: int = 2000,
        step_size_down: int | None = None, mode: str = "triangular", gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None, scale_mode: str = "cycle", cycle_momentum: bool = True,
        base_momentum: Numbers = 0.8, max_momentum: Numbers = 0.9, last_epoch: int = -1,
    ) -> None:  # fmt: skip
        if scale_fn is None and mode not in ("triangular", "triangular2", "exp_range"):
            raise ValueError(
                f'mode is "triangular", "triangular2" or "exp_range", or a scale_fn is given; {mode!r} was given.'
            )
        base_lrs = for_each_group(self, optimizer, "base_lr", base_lr)
        self._max_lrs = for_each_group(self, optimizer, "max_lr", max_lr)
        self.total_size = float(step_size_up) + float(step_size_up if step_size_down is None else step_size_down)
        self.step_ratio = step_size_up / self.total_size
        self.mode, self.gamma = mode, gamma
        self.scale_mode = scale_mode if scale_fn is not None else "iterations" if mode == "exp_range" else "cycle"
        self._scale_fn = scale_fn
        self._prepare(optimizer, cycle_momentum, base_momentum, max_momentum)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, base_lrs, strict=True):
                group["lr"] = lr
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale(self, x: float) -> float:
        """How much of the full height is used, at a cycle or step."""
        if self._scale_fn is not None:
            return self._scale_fn(x)
        if self.mode == "exp_range":
            return float(self.gamma**x)
        return 1.0 if self.mode == "triangular" else 2.0 ** (1 - x)

    def get_lr(self) -> list[float]:
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1 + self.last_epoch / self.total_size - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        height *= self.scale(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            pairs = zip(self._base_momentums, self._max_momentums, strict=True)
            self._push([high - (high - low) * height for low, high in pairs])
        return [low + (high - low) * height for low, high in zip(self.base_lrs, self._max_lrs, strict=True)]


class OneCycleLR(_Cycle):
    """Once up to ``max_lr`` and down to almost nothing, in ``total_steps`` (or ``epochs * steps_per_epoch``) steps.

    The learning rate starts at max_lr / div_factor, is max_lr after the share ``pct_start`` of the steps and ends at
    1 / final_div_factor of the start; the momentum goes from ``max_momentum`` to ``base_momentum`` and back. With
    ``three_phase`` it comes down as it went up, and then further down. ``anneal_strategy`` is the shape of the ways,
    "cos" or "linear". Source: Smith & Topin 2017.
    """

    def __init__(
        self, optimizer: Optimizer, max_lr: Numbers, total_steps: int | None = None, epochs: int | None = None,
        steps_per_epoch: int | None = None, pct_start: float = 0.3, anneal_strategy: str = "cos",
        cycle_momentum: bool = True, base_momentum: Numbers = 0.85, max_momentum: Numbers = 0.95,
        div_factor: float = 25.0, final_div_factor: float = 1e4, three_phase: bool = False, last_epoch: int = -1,
    ) -> None:  # fmt: skip
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("the length is not known: pass total_steps, or both epochs and steps_per_epoch.")
            total_steps = epochs * steps_per_epoch
        if not isinstance(total_steps, int) or total_steps < 1:
            raise ValueError(f"the number of steps is a whole number of at least 1; it is {total_steps!r}.")
        if not 0 <= pct_start <= 1:
            raise ValueError(f"pct_start is a share of the steps, from 0 to 1; {pct_start!r} was given.")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f'anneal_strategy is "cos" or "linear"; {anneal_strategy!r} was given.')
        self.total_steps = total_steps
        highest = for_each_group(self, optimizer, "max_lr", max_lr)
        self._prepare(optimizer, cycle_momentum, base_momentum, max_momentum)
        self._anneal_func_type = anneal_strategy
        # Ways: the last step of each, and the learning rates and momentums at both ends.
        up = pct_start * total_steps - 1
        self._ends = [up, 2 * up, total_steps - 1] if three_phase else [up, total_steps - 1]
        self._stations = []
        for high, group in zip(highest, optimizer.param_groups, strict=True):
            start = high / div_factor
            self._stations.append([start, high, *([start] if three_phase else []), start / final_div_factor])
            if last_epoch == -1:
                group["initial_lr"] = start
        super().__init__(optimizer, last_epoch)

    def _anneal(self, ends: Sequence[float], share: float) -> float:
        start, end = ends
        if self._anneal_func_type == "cos":
            return end + (start - end) / 2 * (math.cos(math.pi * share) + 1)
        return start + (end - start) * share

    def get_lr(self) -> list[float]:
        step = self.last_epoch
        if step > self.total_steps:
            raise ValueError(
                f"this is step {step} of a schedule over {self.total_steps} steps: total_steps is the number of calls "
                "of scheduler.step(), epochs times batches if it is called after every batch."
            )
        way = next((n for n, end in enumerate(self._ends) if step <= end), len(self._ends) - 1)
        start = self._ends[way - 1] if way else 0.0
        length = self._ends[way] - start
        share = (step - start) / length if length else 1.0
        if self.cycle_momentum:
            pairs = zip(self._base_momentums, self._max_momentums, strict=True)
            ends = ([high, low, high, high][way : way + 2] for low, high in pairs)
            self._push([self._anneal(each, share) for each in ends])
        return [self._anneal(each[way : way + 2], share) for each in self._stations]
