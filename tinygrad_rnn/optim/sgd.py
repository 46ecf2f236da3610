"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .optimizer import Array, Group, Optimizer, State

__all__ = ["SGD"]


class SGD(Optimizer):
    """p <- p - lr * g, or with momentum: v <- momentum * v + (1 - dampening) * g, p <- p - lr * v.

    v starts as g itself. ``nesterov`` steps along g + momentum * v (Sutskever et al. 2013); ``weight_decay`` adds
    weight_decay * p to g; ``maximize`` climbs instead.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "dampening": dampening,
                "weight_decay": weight_decay,
                "nesterov": nesterov,
                "maximize": maximize,
            },
        )

    def check(self, group: Group) -> None:
        super().check(group)
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError("nesterov=True needs a momentum above 0 and dampening=0.")

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        step = self.spare(p)
        if group["weight_decay"]:
            g = np.add(g, np.multiply(p, group["weight_decay"], out=step), out=self.spare(p, 1))
        if momentum := group["momentum"]:
            v = state.get("momentum_buffer")
            if v is None:
                v = state["momentum_buffer"] = g.copy()
            else:
                v *= momentum
                v += np.multiply(g, 1 - group["dampening"], out=step)
            g = np.add(g, np.multiply(v, momentum, out=step), out=step) if group["nesterov"] else v
        p -= np.multiply(g, group["lr"], out=step)
