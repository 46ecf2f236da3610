"""What is compared with PyTorch: schedules of the learning rate, each written once for both libraries."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.optim.cases import STEPS, Array, Problem

Make = Callable[[Any, Any], Any]  # (lr_scheduler module, optimiser) -> schedule


def wave(epoch: int) -> float:
    return 1 + 0.5 * math.sin(epoch)


def bumpy_loss(epoch: int) -> float:
    """Falls, rests, falls a little, rests, jumps."""
    return [5.0, 4.0, 4.0, 4.0, 3.9996, 3.9, 3.9, 3.95, 3.9, 3.9, 1.0, 2.0][epoch % 12] / (1 + epoch // 30)


SCHEDULES: dict[str, Make] = {
    "lambda": lambda s, o: s.LambdaLR(o, lambda epoch: 0.95**epoch),
    "lambda for each group": lambda s, o: s.LambdaLR(o, [wave, lambda epoch: 1 / (1 + epoch)]),
    "multiplicative": lambda s, o: s.MultiplicativeLR(o, lambda epoch: 1 - 1 / (2 + epoch)),
    "step": lambda s, o: s.StepLR(o, step_size=7),
    "step by half": lambda s, o: s.StepLR(o, 3, gamma=0.5),
    "milestones": lambda s, o: s.MultiStepLR(o, [30, 5, 5, 17], gamma=0.3),
    "milestone at 0": lambda s, o: s.MultiStepLR(o, [0, 2], gamma=0.3),
    "constant": lambda s, o: s.ConstantLR(o),
    "constant for long": lambda s, o: s.ConstantLR(o, factor=0.7, total_iters=20),
    "linear": lambda s, o: s.LinearLR(o),
    "linear to nothing": lambda s, o: s.LinearLR(o, start_factor=0.5, end_factor=0.0, total_iters=12),
    "exponential": lambda s, o: s.ExponentialLR(o, gamma=0.9),
    "polynomial": lambda s, o: s.PolynomialLR(o, total_iters=20, power=2.0),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, T_max=10),
    "cosine above a floor": lambda s, o: s.CosineAnnealingLR(o, T_max=7, eta_min=0.01),
    "restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, T_0=8, eta_min=0.001),
    "longer restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, T_0=3, T_mult=2),
    "triangles": lambda s, o: s.CyclicLR(o, base_lr=0.01, max_lr=0.1, step_size_up=5),
    "falling triangles": lambda s, o: s.CyclicLR(
        o, base_lr=[0.01, 0.02], max_lr=[0.1, 0.3], step_size_up=5, step_size_down=3, mode="triangular2"
    ),
    "fading triangles": lambda s, o: s.CyclicLR(
        o, 0.01, 0.1, step_size_up=4, mode="exp_range", gamma=0.97, cycle_momentum=False
    ),
    "scaled triangles": lambda s, o: s.CyclicLR(o, 0.01, 0.1, step_size_up=4, scale_fn=wave, scale_mode="iterations"),
    "one cycle": lambda s, o: s.OneCycleLR(o, max_lr=0.2, total_steps=STEPS + 1),
    "one cycle in three": lambda s, o: s.OneCycleLR(
        o, max_lr=[0.2, 0.1], epochs=6, steps_per_epoch=10, three_phase=True, anneal_strategy="linear", div_factor=10
    ),
    "one cycle, no momentum": lambda s, o: s.OneCycleLR(
        o, 0.2, total_steps=60, pct_start=0.5, cycle_momentum=False, final_div_factor=5.0
    ),
    "plateau": lambda s, o: s.ReduceLROnPlateau(o, patience=2, factor=0.5),
    "plateau of a score": lambda s, o: s.ReduceLROnPlateau(
        o, "max", patience=1, threshold=0.05, threshold_mode="abs", cooldown=2, min_lr=[0.001, 0.01]
    ),
    "plateau abs": lambda s, o: s.ReduceLROnPlateau(o, patience=0, threshold=0.01, threshold_mode="abs", eps=1e-3),
    "plateau of a score rel": lambda s, o: s.ReduceLROnPlateau(o, mode="max", patience=1, threshold=0.1),
    "warm up, then fall": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, total_iters=5), s.CosineAnnealingLR(o, 20)], milestones=[5]
    ),
    "three in a row": lambda s, o: s.SequentialLR(
        o, [s.ConstantLR(o, 0.5, 3), s.ExponentialLR(o, 0.8), s.StepLR(o, 4)], milestones=[6, 15]
    ),
    "chained": lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.1, 4), s.ExponentialLR(o, 0.9)]),
}


def prepared(lib: Any, name: str, kind: str = "SGD") -> tuple[Problem, Any, Any]:
    """A problem, its optimiser with two groups, and the schedule."""
    problem = Problem(lib)
    W, b, s = problem.parameters
    options: dict[str, Any] = {"momentum": 0.9} if kind == "SGD" else {}
    optimizer = getattr(lib.optim, kind)([{"params": [W, b]}, {"params": [s], "lr": 0.05}], lr=0.1, **options)
    return problem, optimizer, SCHEDULES[name](lib.optim.lr_scheduler, optimizer)


def steps(problem: Problem, optimizer: Any, schedule: Any, epochs: range) -> Array:
    """Training for these epochs: for each the learning rates, momentums and parameters after it, (epochs, 13)."""
    path = []
    for epoch in epochs:
        optimizer.zero_grad()
        problem.loss().backward()
        optimizer.step()
        if type(schedule).__name__ == "ReduceLROnPlateau":
            schedule.step(bumpy_loss(epoch))
        else:
            schedule.step()
        groups = optimizer.param_groups
        momentums = [group["momentum"] if "momentum" in group else group["betas"][0] for group in groups]
        path.append([*schedule.get_last_lr(), *momentums, *problem.numbers()])
    return np.array(path)


def run_schedule(lib: Any, name: str, kind: str = "SGD") -> Array:
    """Training with the schedule from the start."""
    return steps(*prepared(lib, name, kind), range(STEPS))
