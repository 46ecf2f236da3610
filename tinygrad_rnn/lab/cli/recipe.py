"""Optimisers and schedules by the names that the command line knows them by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import nn, optim
from ...optim import lr_scheduler
from .options import Options

OPTIMIZERS: dict[str, Callable[[list[nn.Parameter], float], optim.Optimizer]] = {
    "adam": lambda parameters, lr: optim.Adam(parameters, lr=lr),
    "adamw": lambda parameters, lr: optim.AdamW(parameters, lr=lr),
    "sgd": lambda parameters, lr: optim.SGD(parameters, lr=lr),
    "momentum": lambda parameters, lr: optim.SGD(parameters, lr=lr, momentum=0.9),
    "rmsprop": lambda parameters, lr: optim.RMSprop(parameters, lr=lr),
    "adagrad": lambda parameters, lr: optim.Adagrad(parameters, lr=lr),
    "nadam": lambda parameters, lr: optim.NAdam(parameters, lr=lr),
}


def _one_cycle(optimizer: optim.Optimizer, lr: float, steps: int) -> Any:
    moves = bool({"momentum", "betas"} & optimizer.defaults.keys()) and optimizer.defaults.get("momentum", 1) > 0
    return lr_scheduler.OneCycleLR(optimizer, max_lr=lr, total_steps=max(steps, 2), cycle_momentum=moves)


# (optimiser, learning rate, steps of the whole run) -> schedule; all but plateau go on at every step
SCHEDULES: dict[str, Callable[[optim.Optimizer, float, int], Any]] = {
    "none": lambda optimizer, lr, steps: None,
    "cosine": lambda optimizer, lr, steps: lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps),
    "linear": lambda optimizer, lr, steps: lr_scheduler.LinearLR(optimizer, 1.0, 0.01, total_iters=steps),
    "step": lambda optimizer, lr, steps: lr_scheduler.StepLR(optimizer, step_size=max(-(-steps // 3), 1), gamma=0.1),
    "onecycle": _one_cycle,
    "plateau": lambda optimizer, lr, steps: lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=2),
}


def recipe(options: Options, model: nn.Module, steps: int) -> tuple[optim.Optimizer, Any]:
    """The optimiser of the model's parameters, and the schedule of its learning rate over so many steps."""
    optimizer = OPTIMIZERS[options.optimizer](list(model.parameters()), options.lr)
    return optimizer, SCHEDULES[options.schedule](optimizer, options.lr, steps)
