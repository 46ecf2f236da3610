"""RMSprop: steps scaled by a running mean of the squared gradient."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .optimizer import Array, Group, Optimizer, State

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    """RMSprop (Hinton, Coursera lecture 6e, 2012).

        v <- alpha * v + (1 - alpha) * g^2          p <- p - lr * g / (sqrt(v) + eps)

    ``centered`` subtracts the square of the running mean of g from v (Graves 2013); with ``momentum`` the scaled
    gradients are summed up: u <- momentum * u + g / (sqrt(v) + eps), p <- p - lr * u.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "alpha": alpha,
                "eps": eps,
                "weight_decay": weight_decay,
                "momentum": momentum,
                "centered": centered,
                "maximize": maximize,
            },
        )

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        if not state:
            state["step"] = 0
            state["square_avg"] = np.zeros_like(p)
            if group["momentum"]:
                state["momentum_buffer"] = np.zeros_like(p)
            if group["centered"]:
                state["grad_avg"] = np.zeros_like(p)
        state["step"] += 1
        v, alpha = state["square_avg"], group["alpha"]
        size, step = self.spare(p), self.spare(p, 1)
        if group["weight_decay"]:
            g = np.add(g, np.multiply(p, group["weight_decay"], out=step), out=self.spare(p, 2))
        v *= alpha
        np.multiply(g, g, out=step)
        step *= 1 - alpha
        v += step
        if group["centered"]:
            mean = state["grad_avg"]
            mean *= alpha
            mean += np.multiply(g, 1 - alpha, out=step)
            np.sqrt(np.subtract(v, np.multiply(mean, mean, out=step), out=size), out=size)
        else:
            np.sqrt(v, out=size)
        size += group["eps"]
        np.divide(g, size, out=step)
        if group["momentum"]:
            u = state["momentum_buffer"]
            u *= group["momentum"]
            u += step
            np.multiply(u, group["lr"], out=step)
        else:
            step *= group["lr"]
        p -= step
