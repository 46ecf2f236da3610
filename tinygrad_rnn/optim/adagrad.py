"""Adagrad: steps scaled by the sum of all squared gradients so far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .optimizer import Array, Group, Optimizer, State

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    """Adagrad (Duchi, Hazan & Singer 2011).

    v <- v + g^2          p <- p - lr / (1 + (t - 1) * lr_decay) * g / (sqrt(v) + eps)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "lr_decay": lr_decay,
                "eps": eps,
                "weight_decay": weight_decay,
                "initial_accumulator_value": initial_accumulator_value,
                "maximize": maximize,
            },
        )

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        if not state:
            state["step"] = 0
            state["sum"] = np.full_like(p, group["initial_accumulator_value"])
        state["step"] = t = state["step"] + 1
        v = state["sum"]
        step, size = self.spare(p), self.spare(p, 1)
        if group["weight_decay"]:
            g = np.add(g, np.multiply(p, group["weight_decay"], out=step), out=self.spare(p, 2))
        v += np.multiply(g, g, out=step)
        np.sqrt(v, out=size)
        size += group["eps"]
        np.divide(g, size, out=step)
        step *= group["lr"] / (1 + (t - 1) * group["lr_decay"])
        p -= step
