"""Everything that changes while a model is trained: what a step does, and what must be kept to go on later."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from ...nn.module import Module
from ...nn.utils.parameters import clip_grad_norm_
from ...numbers.random import default_generator
from ...optim.lr_scheduler.plateau import ReduceLROnPlateau
from ...optim.lr_scheduler.scheduler import LRScheduler
from ...optim.optimizer import Optimizer
from ...surface.tensor import Tensor, wrap
from .batches import Array, Batches


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


State = Any  # what a network carries from one batch to the next: None, a tensor, or a tuple of tensors
Loss = Callable[[Array, Array, State], tuple[Tensor, State]]


class Diverged(ArithmeticError):
    """Training left the finite numbers; the message says when and how."""


@dataclass
class Training:
    """A model, the rule that changes it, the data, and how far it has come.

    loss: (inputs, targets, state) -> (loss, state); the state is None at the start of every epoch. clip: the largest
    norm of the whole gradient, or infinity. watch: sees every loss before its backward pass, and the number of steps
    made before; it may look and must not touch.
    """

    model: Module
    optimizer: Optimizer
    batches: Batches
    loss: Loss
    schedule: LRScheduler | None = None
    clip: float = math.inf
    progress: Progress = field(default_factory=Progress)
    carried: State = None
    best: dict[str, Array] | None = None
    watch: Callable[[int, Tensor], None] | None = None

    def batch(self, epoch: int, number: int) -> tuple[Array, ...]:
        """The inputs and targets of a step."""
        return self.batches.batch(epoch, number)

    def agreed(self, value: float) -> float:
        """The loss of a batch, of which there may be parts elsewhere."""
        return value

    def any(self, flag: bool) -> bool:
        """Whether it is so here, or elsewhere."""
        return flag

    def evaluated(self, loss_of: Callable[..., float], watched: tuple[Any, ...]) -> float:
        """The loss on held-out data."""
        return loss_of(*watched)

    def step(self) -> None:
        """One step of gradient descent on the next mini-batch.

        Raises:
            Diverged: the loss is not finite; nothing has been changed by it.
        """
        epoch, number = divmod(self.progress.step, len(self.batches))
        inputs, targets = self.batch(epoch, number)
        loss, state = self.loss(inputs, targets, self.carried if number else None)
        value = self.agreed(float(loss.item()))
        if not math.isfinite(value):
            raise Diverged(
                f"training diverged: the loss is {value} in epoch {epoch + 1}, step {self.progress.step + 1}"
            )
        if self.watch is not None:
            self.watch(self.progress.step, loss)
        self.optimizer.zero_grad()
        loss.backward()
        norm = clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()
        if self.schedule is not None and not isinstance(self.schedule, ReduceLROnPlateau):
            self.schedule.step()
        self.carried = cut(state)
        self.progress.add(value, float(norm.item()), len(self.batches))

    def judge(self, held_out: float, patience: int | None) -> None:
        """Takes notice of the loss on held-out data: for the schedule and, with `patience`, to keep the best model."""
        if isinstance(self.schedule, ReduceLROnPlateau):
            self.schedule.step(held_out)
        better = self.progress.judge(held_out)
        if patience is not None:
            if better:
                self.best = {name: value.array.copy() for name, value in self.model.state_dict().items()}
            self.progress.stopped = self.progress.worse >= patience

    def take_best(self) -> None:
        """The model becomes what it was when its loss on held-out data was lowest, if that was kept."""
        if self.best is not None:
            self.model.load_state_dict(self.best)

    @property
    def lr(self) -> float:
        """The learning rate now."""
        return float(self.optimizer.param_groups[0]["lr"])

    @property
    def kind(self) -> str:
        """What changes the model: the names of the optimiser and the schedule."""
        return " and ".join(type(each).__name__ for each in (self.optimizer, self.schedule) if each is not None)

    def check(self) -> None:
        """Raises Diverged if a parameter is no longer finite."""
        for name, parameter in self.model.named_parameters():
            if not np.isfinite(parameter.array).all():
                when = f"epoch {-(-self.progress.step // len(self.batches))}, step {self.progress.step}"
                raise Diverged(f"training diverged: the parameter {name} is no longer finite after {when}")

    def state_dict(self) -> dict[str, Any]:
        """Everything that is needed to go on as if nothing had happened, in plain data and tensors."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": None if self.schedule is None else self.schedule.state_dict(),
            "random": default_generator.get_state(),
            "carried": self.carried,
            "best": self.best,
            "progress": self.progress.state_dict(),
            "batches": len(self.batches),
            "kind": self.kind,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state_dict()` of the same model, optimiser, schedule and data."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.schedule is not None:
            self.schedule.load_state_dict(state["schedule"])
        default_generator.set_state(state["random"])
        self.carried, self.best = state["carried"], state["best"]
        self.progress.load_state_dict(state["progress"])


def cut(state: State) -> State:
    """The same numbers without their history: backpropagation through time ends here.

    A copy in the usual layout, so that a run that goes on from a file computes with the same bits.
    """
    return mapped(state, lambda each: wrap(np.array(each.array, order="C")))


def mapped(state: State, change: Callable[[Tensor], Tensor]) -> State:
    """A state of changed tensors."""
    if isinstance(state, tuple):
        return tuple(mapped(each, change) for each in state)
    return None if state is None else change(state)
