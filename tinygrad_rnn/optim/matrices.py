"""Rules that see a parameter as a matrix: mean squares of rows and columns, and steps that are nearly orthogonal."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Unpack

import numpy as np

from ..surface.tensor import Tensor
from .optimizer import Array, Group, Implementation, Optimizer, State, options
from .rules import average

__all__ = ["Adafactor", "Muon"]


def _size(x: Array) -> float:
    """The root of the mean square of all entries."""
    return float(np.linalg.norm(x) / math.sqrt(x.size))


class Adafactor(Optimizer):
    """Adafactor (Shazeer & Stern 2018): of the mean squares of a matrix it keeps those of rows and of columns alone.

        b = 1 - t^beta2_decay          r <- b * r + (1 - b) * mean of g^2 over a row, c likewise over a column
        v = r c / max(mean of r, eps1)          u = g / sqrt(max(v, eps1^2))
        p <- p - max(eps2, |p|) * min(lr, 1 / sqrt(t)) * u / max(1, |u| / d)

    |x| is the root of the mean square; of a vector v is the running mean of g^2 itself. ``eps`` is (eps1, eps2), eps1
    that of the type of numbers by default; ``weight_decay`` shrinks p by lr * weight_decay first.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-2, beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3), d: float = 1.0, weight_decay: float = 0.0, *,
        maximize: bool = False, **how: Unpack[Implementation],
    ) -> None:  # fmt: skip
        super().__init__(params, options(locals()))

    def check(self, group: Group) -> None:
        first, second = group["eps"]
        super().check({**group, "eps": min(first or 0.0, second)})
        if group["beta2_decay"] > 0 or group["d"] < 1:
            raise ValueError(
                f"Adafactor needs a beta2_decay of at most 0 and a d of at least 1, got {group['beta2_decay']} and "
                f"{group['d']}"
            )

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        first, second = group["eps"]
        first = np.finfo(p.dtype).eps if first is None else first
        means = {"row_var": -1, "col_var": -2} if p.ndim > 1 else {"variance": ()}
        squares = {name: np.asarray((g * g).mean(axis=axis, keepdims=True)) for name, axis in means.items()}
        if not state:
            state.update(step=0, **{name: np.zeros_like(each) for name, each in squares.items()})
        state["step"] = t = state["step"] + 1
        for name, each in squares.items():
            average(state[name], each, 1 - t ** group["beta2_decay"], each)
        length = max(second, _size(p)) * min(group["lr"], 1 / math.sqrt(t))
        p *= 1 - group["lr"] * group["weight_decay"]
        v = state.get("variance")
        if v is None:
            rows = state["row_var"]
            v = rows @ state["col_var"] / np.maximum(rows.mean(-2, keepdims=True), first)
        u = g / np.sqrt(np.maximum(v, first * first))
        p -= u * p.dtype.type(length / max(1, _size(u) / group["d"]))

    def _shape(self, p: Tensor, key: str) -> tuple[tuple[int, ...], str]:
        shape, owner = super()._shape(p, key)
        one_of = {"row_var": (*shape[:-1], 1), "col_var": (*shape[:-2], 1, *shape[-1:])}
        return one_of.get(key, shape), owner


class Muon(Optimizer):
    """Muon (Jordan et al. 2024), for matrices: a step as the gradient's, with all singular values near one.

        m <- momentum * m + (1 - momentum) * g          X = m, with ``nesterov`` momentum * m + (1 - momentum) * g
        X <- X / |X|, then ``ns_steps`` times X <- a X + (b G + c G G) X, where G = X X^T
        p <- (1 - lr * weight_decay) * p - lr * sqrt(max(1, rows / columns)) * X

    ``ns_coefficients`` are a, b and c. As in PyTorch the iteration keeps 8 bits of its numbers. ``adjust_lr_fn`` is
    "original", or "match_rms_adamw" for steps of lr * 0.2 * sqrt(max(rows, columns)) * X.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-3, weight_decay: float = 0.1, momentum: float = 0.95,
        nesterov: bool = True, ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7, ns_steps: int = 5, adjust_lr_fn: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(params, options(locals()))

    def check(self, group: Group) -> None:
        super().check(group)
        if group["adjust_lr_fn"] not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"adjust_lr_fn is 'original' or 'match_rms_adamw', got {group['adjust_lr_fn']!r}")
        if len(group["ns_coefficients"]) != 3 or group["ns_steps"] >= 100:
            raise ValueError("Muon iterates with three ns_coefficients, and fewer than 100 times")
        for p in group["params"]:
            if p.ndim != 2:
                raise ValueError(f"Muon moves matrices; give another optimiser the parameter of shape {p.array.shape}")

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        if not state:
            state.update(momentum_buffer=np.zeros_like(p))
        m, momentum, (a, b, c) = state["momentum_buffer"], group["momentum"], group["ns_coefficients"]
        m += (g - m) * (1 - momentum)
        x = _rounded(m - (m - g) * (1 - momentum) if group["nesterov"] else m)
        x = x.T if len(g) > g.shape[1] else x
        x = _rounded(x / np.maximum(_rounded(np.linalg.norm(x)), np.float32(group["eps"])))
        for _ in range(group["ns_steps"]):
            gram = _rounded(x @ x.T)
            x = _rounded(a * x + _rounded(b * gram + c * (gram @ gram)) @ x)
        rows, columns = g.shape
        plain = group["adjust_lr_fn"] != "match_rms_adamw"
        ratio = math.sqrt(max(1, rows / columns)) if plain else 0.2 * math.sqrt(max(rows, columns))
        p *= 1 - group["lr"] * group["weight_decay"]
        p -= (x.T if rows > columns else x) * p.dtype.type(group["lr"] * ratio)


def _rounded(x: Any) -> Array:
    """float32 numbers of which the first 8 bits are kept, halves to the even neighbour: PyTorch's bfloat16."""
    bits = np.asarray(x, np.float32).copy().view(np.uint32)
    bits += 0x7FFF + ((bits >> 16) & 1)
    return (bits & np.uint32(0xFFFF0000)).view(np.float32)
