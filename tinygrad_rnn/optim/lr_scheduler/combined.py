"""Schedules made of schedules."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from ..optimizer import Optimizer
from .plateau import ReduceLROnPlateau
from .scheduler import LRScheduler


class _Combined(LRScheduler):
    """Schedules of one optimiser."""

    _apart = "_schedulers"

    def _take(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None) -> None:
        if not schedulers:
            raise ValueError(f"{type(self).__name__} needs at least one schedule, and was given none.")
        self.optimizer = schedulers[0].optimizer if optimizer is None else optimizer
        for number, each in enumerate(schedulers):
            if isinstance(each, ReduceLROnPlateau):
                raise ValueError(
                    f"schedule {number} is ReduceLROnPlateau, which must be told the loss: step it by itself."
                )
            if each.optimizer is not self.optimizer:
                raise ValueError(f"schedule {number} ({type(each).__name__}) belongs to another optimiser.")
        self._schedulers = list(schedulers)

    def _rewind(self) -> None:
        for each in self._schedulers:
            each._rewind()
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"]

    def _begin(self) -> None:
        self._go_on(1)

    def _go_on(self, epochs: int) -> None:
        """Take the steps of an earlier run once more: where a schedule stands is known only from its beginning."""
        stepped, self.optimizer.stepped = self.optimizer.stepped, True
        for _ in range(epochs):
            self.step()
        self.optimizer.stepped = stepped

    def state_dict(self) -> dict[str, Any]:
        """The state dicts of all."""
        return {**super().state_dict(), "_schedulers": [each.state_dict() for each in self._schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from a ``state_dict()``."""
        super().load_state_dict(state_dict)
        for each, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            each.load_state_dict(state)


class SequentialLR(_Combined):
    """One schedule after another: the next begins, from its own start, at each epoch in ``milestones``."""

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int], last_epoch: int = -1
    ) -> None:
        self._take(schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"{len(schedulers)} schedules need {len(schedulers) - 1} milestones between them; {len(milestones)} "
                "were given."
            )
        self._milestones = list(milestones)
        self._behind = last_epoch + 1
        self._start()
        self._go_on(self._behind)

    def _start(self) -> None:
        # All of them have set their first learning rate by now. Back to the start, and only the first begins.
        self._rewind()
        self.last_epoch = 0
        first = self._schedulers[bisect_right(self._milestones, 0)]
        first._begin()
        self._last_lr = first.get_last_lr()

    def step(self, epoch: int | None = None) -> None:
        """Go on by one."""
        if epoch is not None:
            raise TypeError("SequentialLR goes on by one epoch at a time: call step().")
        self.last_epoch += 1
        number = bisect_right(self._milestones, self.last_epoch)
        now = self._schedulers[number]
        if number and self._milestones[number - 1] == self.last_epoch:
            now._set(0)
        else:
            now.step()
        self._last_lr = now.get_last_lr()


class ChainedScheduler(_Combined):
    """All schedules at every step, each changing what the one before has set."""

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        self._take(schedulers, optimizer)
        self._behind = max(each._behind for each in schedulers)
        if self._behind:
            self._start()
            self._go_on(self._behind)
        self._last_lr = self._rates()

    def _start(self) -> None:
        self._rewind()
        for each in self._schedulers:
            each._start()

    def step(self, epoch: int | None = None) -> None:
        """Step each of them."""
        for each in self._schedulers:
            each.step(epoch)
        self._last_lr = self._rates()
