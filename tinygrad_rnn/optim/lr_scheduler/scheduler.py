"""LRScheduler: what all schedules of the learning rate share."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from ..lbfgs import LBFGS
from ..optimizer import Optimizer

KEPT = {"_last_lr", "_step_count", "_anneal_func_type"}  # of the names that are not public, those in a state dict
# Entries of PyTorch's that follow from others, or are what the schedule was made with.
UNUSED = {"mode_worse", "default_min_lr", "use_beta1", "max_lrs", "base_momentums", "max_momentums"}


class LRScheduler:
    """Sets the learning rate of every group of an optimiser; ``get_lr`` of a subclass says to what.

    Args:
        optimizer: whose groups are changed.
        last_epoch: how far an earlier run came, to go on from there; its groups then have an ``initial_lr``, as a
            loaded state dict of the optimiser has. -1: from the start.

    ``last_epoch`` counts the calls of ``step``, ``base_lrs`` are the learning rates at the start, one for each group.
    """

    _apart = ""  # the entry of the state that a subclass loads itself
    _behind = 0  # epochs of an earlier run

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        require_optimizer(self, optimizer)
        self.optimizer = optimizer
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"last_epoch={last_epoch} goes on with an earlier run, and group {number} of the optimiser does "
                    "not know the learning rate it began with (initial_lr): load the optimiser's state dict first, or "
                    "leave last_epoch out to start from the beginning"
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._behind = last_epoch + 1
        self._begin()

    def _begin(self) -> None:
        """Set the first learning rates: those before the first call of ``step``."""
        self._step_count = 0
        self._beginning = True
        self.step()
        self._beginning = False

    def _start(self) -> None:
        self._begin()

    def get_lr(self) -> list[float]:
        """The learning rates at ``last_epoch``, given those before; ``step`` calls it. See ``get_last_lr``."""
        raise NotImplementedError(f"{type(self).__name__} has no get_lr(), which gives a learning rate for each group.")

    def get_lr_at(self) -> list[float]:
        """The learning rates at ``last_epoch``, whatever was before."""
        return self.get_lr()

    def get_last_lr(self) -> list[float]:
        """The learning rates now, one for each group."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Go on by one, or to ``epoch``. Call it after ``optimizer.step()``."""
        optimizer = self.optimizer  # a step of somebody's own does not say whether it was taken
        if self._step_count == 1 and not optimizer.stepped and type(optimizer).step in (Optimizer.step, LBFGS.step):
            warnings.warn(
                "scheduler.step() was called before optimizer.step(): the first learning rate of the schedule is "
                "skipped. Call optimizer.step() first.",
                stacklevel=2,
            )
        self._step_count += 1
        self._set(epoch)

    def _set(self, epoch: int | None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self._apply(self.get_lr() if epoch is None else self.get_lr_at())

    def _rewind(self) -> None:
        """Stand where a schedule made from the start begins: before epoch 0."""
        self.last_epoch = -1

    def _apply(self, values: Sequence[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, values, strict=True):
            group["lr"] = lr
        self._last_lr = self._rates()

    def _rates(self) -> list[float]:
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on later, but for the optimiser, which has a state dict of its own."""
        kept = [key for key in vars(self) if key in KEPT or not (key.startswith("_") or key == "optimizer")]
        return {key: vars(self)[key] for key in kept}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from a ``state_dict()``, also one of PyTorch's. Nothing is loaded if it is of another schedule."""
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"load_state_dict takes a state_dict(); {type(state_dict).__name__} was given.")
        mine = self.state_dict().keys()
        missing = sorted(mine - state_dict.keys())
        unknown = sorted(key for key in state_dict.keys() - mine - UNUSED if not key.startswith("_"))
        if missing or unknown:
            wrong = [f"there is no {key}" for key in missing] + [f"there is a {key}" for key in unknown]
            raise ValueError(
                f"this is not the state of a {type(self).__name__}: {', '.join(wrong)}; nothing was loaded."
            )
        vars(self).update((key, state_dict[key]) for key in mine - {self._apart})


def require_optimizer(scheduler: LRScheduler, optimizer: Any) -> None:
    """Refuse what is not an optimiser."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"{type(scheduler).__name__} changes the learning rate of an optimiser; {type(optimizer).__name__} was "
            "given."
        )


def for_each_group(scheduler: LRScheduler, optimizer: Optimizer, name: str, value: Any) -> list[Any]:
    """One value for each group: ``value`` itself if it is a list, else as often as there are groups."""
    require_optimizer(scheduler, optimizer)
    count = len(optimizer.param_groups)
    values = list(value) if isinstance(value, list | tuple) else [value] * count
    if len(values) != count:
        raise ValueError(f"{name} has {len(values)} values, and the optimiser has {count} groups of parameters.")
    return values
