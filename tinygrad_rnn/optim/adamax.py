"""Adamax: Adam with the largest recent gradient in place of the root of the mean square."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .optimizer import Array, Group, Optimizer, State

__all__ = ["Adamax"]


class Adamax(Optimizer):
    """Adamax (Kingma & Ba 2015, section 7.1).

    m <- b1 * m + (1 - b1) * g          u <- max(b2 * u, |g| + eps)          p <- p - lr / (1 - b1^t) * m / u
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        )

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        if not state:
            state["step"] = 0
            state["exp_avg"] = np.zeros_like(p)
            state["exp_inf"] = np.zeros_like(p)
        state["step"] = t = state["step"] + 1
        m, u = state["exp_avg"], state["exp_inf"]
        b1, b2 = group["betas"]
        step = self.spare(p)
        if group["weight_decay"]:
            g = np.add(g, np.multiply(p, group["weight_decay"], out=step), out=self.spare(p, 1))
        m *= b1
        m += np.multiply(g, 1 - b1, out=step)
        np.abs(g, out=step)
        step += group["eps"]
        u *= b2
        np.maximum(u, step, out=u)
        np.divide(m, u, out=step)
        step *= group["lr"] / (1 - b1**t)
        p -= step
