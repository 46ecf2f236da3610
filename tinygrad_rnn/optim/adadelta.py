"""Adadelta: steps in the units of the parameters, without a learning rate to choose."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .optimizer import Array, Group, Optimizer, State

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    """Adadelta (Zeiler 2012).

    v <- rho * v + (1 - rho) * g^2          d = sqrt(u + eps) / sqrt(v + eps) * g
    u <- rho * u + (1 - rho) * d^2          p <- p - lr * d
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize})

    def check(self, group: Group) -> None:
        super().check(group)
        if not 0 <= group["rho"] <= 1:
            raise ValueError(f"rho is a number from 0 to 1; {group['rho']!r} was given.")

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        if not state:
            state["step"] = 0
            state["square_avg"] = np.zeros_like(p)
            state["acc_delta"] = np.zeros_like(p)
        state["step"] += 1
        v, u, rho, eps = state["square_avg"], state["acc_delta"], group["rho"], group["eps"]
        step, size = self.spare(p), self.spare(p, 1)
        if group["weight_decay"]:
            g = np.add(g, np.multiply(p, group["weight_decay"], out=step), out=self.spare(p, 2))
        v *= rho
        np.multiply(g, g, out=step)
        step *= 1 - rho
        v += step
        np.sqrt(np.add(v, eps, out=size), out=size)
        np.sqrt(np.add(u, eps, out=step), out=step)
        step /= size
        step *= g
        u *= rho
        np.multiply(step, step, out=size)
        size *= 1 - rho
        u += size
        step *= group["lr"]
        p -= step
