"""What is compared with PyTorch: optimisers with options, 50 steps on one small problem, written once for both."""

from __future__ import annotations

from typing import Any

import numpy as np

STEPS = 50
Array = np.ndarray[Any, Any]

CASES: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.5}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.01, "momentum": 0.5, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1}),
    ("Adam", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-3}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.1, "amsgrad": True, "betas": (0.9, 0.7)}),
    ("Adam", {"lr": 0.01, "maximize": True}),
    ("AdamW", {"lr": 0.1}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.3, "amsgrad": True}),
    ("AdamW", {"lr": 0.01, "maximize": True}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.05, "alpha": 0.5, "eps": 1e-3}),
    ("RMSprop", {"momentum": 0.9}),
    ("RMSprop", {"centered": True, "weight_decay": 0.1}),
    ("RMSprop", {"centered": True, "momentum": 0.5}),
    ("RMSprop", {"maximize": True}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1}),
    ("Adagrad", {"lr": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-3}),
    ("Adagrad", {"maximize": True}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.5, "eps": 1e-3, "weight_decay": 0.1}),
    ("Adadelta", {"maximize": True}),
    ("Adamax", {}),
    ("Adamax", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
    ("Adamax", {"maximize": True}),
    ("NAdam", {}),
    ("NAdam", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
    ("NAdam", {"lr": 0.1, "momentum_decay": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("NAdam", {"maximize": True}),
    ("RAdam", {}),
    ("RAdam", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
    ("RAdam", {"lr": 0.1, "betas": (0.9, 0.7), "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", {"maximize": True}),
    ("Rprop", {}),
    ("Rprop", {"lr": 0.1, "etas": (0.4, 1.5), "step_sizes": (1e-2, 0.3)}),
    ("Rprop", {"maximize": True}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.1, "lambd": 0.1, "alpha": 0.5, "t0": 3, "weight_decay": 0.1}),
    ("ASGD", {"maximize": True}),
    ("Adafactor", {}),
    ("Adafactor", {"lr": 0.1, "beta2_decay": -0.3, "eps": (1e-3, 0.1), "d": 1.5, "weight_decay": 0.1}),
    ("Adafactor", {"maximize": True}),
]

# L-BFGS has one group and a closure. The number of steps is that after which a difference in the last digit (of a sum
# taken in another order) has not yet grown beyond 1e-10: PyTorch itself ends elsewhere from a start moved by one digit.
LBFGS_CASES: list[tuple[int, dict[str, Any]]] = [
    (20, {"max_iter": 2}),
    (50, {"max_iter": 1, "lr": 0.1}),
    (9, {"max_iter": 3, "lr": 0.5, "history_size": 3}),
    (8, {"max_iter": 20, "max_eval": 4}),
    (50, {"max_iter": 2, "tolerance_grad": 1e-2}),
    (50, {"max_iter": 2, "line_search_fn": "strong_wolfe"}),
    (9, {"max_iter": 1, "lr": 100.0, "max_eval": 30, "line_search_fn": "strong_wolfe"}),
    (11, {"max_iter": 1, "lr": 1e-3, "max_eval": 30, "line_search_fn": "strong_wolfe"}),
    (50, {"max_iter": 2, "history_size": 2, "line_search_fn": "strong_wolfe", "tolerance_change": 1e-3}),
]


def name_of(case: tuple[str | int, dict[str, Any]]) -> str:
    """A case in words."""
    return f"{case[0]} {case[1]}"


class Problem:
    """(tanh(x W^T + b) s - y)^2: a matrix, a vector and a single number to find."""

    def __init__(self, lib: Any) -> None:
        rng = np.random.default_rng(3)
        self.x, self.y = (lib.tensor(rng.standard_normal(shape)) for shape in [(6, 3), (6, 2)])
        self.parameters = [lib.tensor(rng.standard_normal(shape)).requires_grad_() for shape in [(2, 3), (2,), ()]]

    def loss(self) -> Any:
        """The mean squared error."""
        W, b, s = self.parameters
        return (((self.x @ W.T + b).tanh() * s - self.y) ** 2).mean()

    def numbers(self) -> Array:
        """All parameters as one vector."""
        return np.concatenate([p.detach().numpy().ravel() for p in self.parameters])


def run(lib: Any, kind: str, options: dict[str, Any]) -> Array:
    """The parameters after every step, (steps, 9): two groups, and the learning rate is halved on the way."""
    problem = Problem(lib)
    W, b, s = problem.parameters
    second = {"params": [s], "lr": 0.02}
    optimizer = getattr(lib.optim, kind)([{"params": [W, b]}, second], **options)
    path = []
    for step in range(STEPS):
        if step == STEPS // 2:
            optimizer.param_groups[0]["lr"] *= 0.5
        optimizer.zero_grad()
        problem.loss().backward()
        optimizer.step()
        path.append(problem.numbers())
    return np.array(path)


def run_lbfgs(lib: Any, count: int, options: dict[str, Any]) -> Array:
    """The parameters and the loss after every step of L-BFGS, (steps, 10)."""
    problem = Problem(lib)
    optimizer = lib.optim.LBFGS(problem.parameters, **options)
    return np.array([lbfgs_step(problem, optimizer) for _ in range(count)])


def lbfgs_step(problem: Problem, optimizer: Any) -> Array:
    """One step: the parameters after it, and the loss before it."""

    def closure() -> Any:
        optimizer.zero_grad()
        loss = problem.loss()
        loss.backward()
        return loss

    loss = optimizer.step(closure)
    return np.append(problem.numbers(), loss.item())
