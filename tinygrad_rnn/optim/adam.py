"""Adam and AdamW: steps scaled by running moments of the gradient."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from .optimizer import Array, Group, Optimizer, State

__all__ = ["Adam", "AdamW"]


class Adam(Optimizer):
    """Adam (Kingma & Ba 2015).

        m <- b1 * m + (1 - b1) * g          v <- b2 * v + (1 - b2) * g^2
        p <- p - lr * m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps)

    ``weight_decay`` adds weight_decay * p to g, or with ``decoupled_weight_decay`` shrinks p directly as AdamW does.
    ``amsgrad`` uses the largest v so far (Reddi et al. 2018).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "amsgrad": amsgrad,
                "maximize": maximize,
                "decoupled_weight_decay": decoupled_weight_decay,
            },
        )

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        if not state:
            state["step"] = 0
            state["exp_avg"] = np.zeros_like(p)
            state["exp_avg_sq"] = np.zeros_like(p)
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = np.zeros_like(p)
        state["step"] = t = state["step"] + 1
        m, v = state["exp_avg"], state["exp_avg_sq"]
        b1, b2 = group["betas"]
        lr, decay = group["lr"], group["weight_decay"]
        first, second = self.spare(p), self.spare(p, 1)
        if decay and group["decoupled_weight_decay"]:
            p *= 1 - lr * decay
        elif decay:
            g = np.add(g, np.multiply(p, decay, out=first), out=self.spare(p, 2))
        m *= b1
        m += np.multiply(g, 1 - b1, out=first)
        np.multiply(g, g, out=second)
        second *= 1 - b2
        v *= b2
        v += second
        if group["amsgrad"]:
            v = np.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
        np.sqrt(v, out=second)
        second *= 1 / math.sqrt(1 - b2**t)
        second += group["eps"]
        np.divide(m, second, out=first)
        first *= lr / (1 - b1**t)
        p -= first


class AdamW(Adam):
    """Adam with the weight decay apart from the gradient: first p <- (1 - lr * weight_decay) * p.

    Source: Loshchilov & Hutter 2019.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True)
