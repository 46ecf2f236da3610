"""NAdam: Adam that looks ahead, as Nesterov's momentum does."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from .optimizer import Array, Group, Optimizer, State

__all__ = ["NAdam"]


class NAdam(Optimizer):
    """NAdam (Dozat 2016), with a momentum that grows from b1 / 2 to b1.

        mu(t) = b1 * (1 - 0.96^(t * momentum_decay) / 2)          M(t) = mu(1) * ... * mu(t)
        m <- b1 * m + (1 - b1) * g          v <- b2 * v + (1 - b2) * g^2
        p <- p - lr * ((1 - mu(t)) / (1 - M(t)) * g + mu(t + 1) / (1 - M(t + 1)) * m) / (sqrt(v / (1 - b2^t)) + eps)

    ``weight_decay`` adds weight_decay * p to g, or with ``decoupled_weight_decay`` shrinks p directly.
    """

    numbers: ClassVar[Mapping[str, type]] = {"step": int, "mu_product": float}

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "momentum_decay": momentum_decay,
                "decoupled_weight_decay": decoupled_weight_decay,
                "maximize": maximize,
            },
        )

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        if not state:
            state["step"] = 0
            state["mu_product"] = 1.0
            state["exp_avg"] = np.zeros_like(p)
            state["exp_avg_sq"] = np.zeros_like(p)
        state["step"] = t = state["step"] + 1
        m, v = state["exp_avg"], state["exp_avg_sq"]
        b1, b2 = group["betas"]
        lr, decay = group["lr"], group["weight_decay"]
        step, size = self.spare(p), self.spare(p, 1)
        if decay and group["decoupled_weight_decay"]:
            p *= 1 - lr * decay
        elif decay:
            g = np.add(g, np.multiply(p, decay, out=step), out=self.spare(p, 2))
        mu, mu_next = (b1 * (1 - 0.5 * 0.96 ** (s * group["momentum_decay"])) for s in (t, t + 1))
        state["mu_product"] = product = state["mu_product"] * mu
        m *= b1
        m += np.multiply(g, 1 - b1, out=step)
        v *= b2
        np.multiply(g, g, out=step)
        step *= 1 - b2
        v += step
        np.sqrt(v, out=size)
        size *= 1 / math.sqrt(1 - b2**t)
        size += group["eps"]
        np.divide(g, size, out=step)
        step *= lr * (1 - mu) / (1 - product)
        p -= step
        np.divide(m, size, out=step)
        step *= lr * mu_next / (1 - product * mu_next)
        p -= step
