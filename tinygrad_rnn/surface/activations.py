"""Activation functions that are composed of primitives; at a kink the derivative is PyTorch's."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..ops import elementwise
from .elementwise import abs, clamp, erf, expm1, sigmoid, tanh, where

if TYPE_CHECKING:
    from .tensor import Tensor

__all__ = ["elu", "gelu", "hardtanh", "leaky_relu", "relu", "silu", "softplus", "softsign"]

relu = elementwise.relu


def leaky_relu(input: Any, negative_slope: float = 0.01) -> Tensor:
    """x where x > 0, negative_slope x elsewhere."""
    return where(input > 0, input, input * negative_slope)


def elu(input: Any, alpha: float = 1.0) -> Tensor:
    """x where x > 0, alpha (exp(x) - 1) elsewhere (Clevert et al. 2016)."""
    return where(input > 0, input, expm1(clamp(input, max=0)) * alpha)


def silu(input: Any) -> Tensor:
    """x sigmoid(x), also called swish."""
    return input * sigmoid(input)  # type: ignore[no-any-return]


def gelu(input: Any, approximate: str = "none") -> Tensor:
    """x P(N(0, 1) <= x) (Hendrycks & Gimpel 2016), exactly or with approximate="tanh".

    Raises:
        RuntimeError: for another approximation.
    """
    if approximate == "none":
        return input * ((erf(input * math.sqrt(0.5)) + 1) * 0.5)  # type: ignore[no-any-return]
    if approximate == "tanh":
        inner = (input + input * input * input * 0.044715) * math.sqrt(2 / math.pi)
        return input * ((tanh(inner) + 1) * 0.5)  # type: ignore[no-any-return]
    raise RuntimeError(f"approximate must be 'none' or 'tanh', got {approximate!r}")


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + exp(beta x)) / beta, and x itself where beta x > threshold."""
    scaled = input if beta == 1 else input * beta
    smooth = elementwise.softplus(scaled) if beta == 1 else elementwise.softplus(scaled) / beta
    beyond = scaled > threshold
    return where(beyond, input, smooth) if beyond.array.any() else smooth


def softsign(input: Any) -> Tensor:
    """x / (1 + |x|)."""
    return input / (abs(input) + 1)  # type: ignore[no-any-return]


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """x cut off at min_val and max_val, where unlike ``clamp`` its derivative is 0."""
    return where(input > min_val, where(input < max_val, input, max_val), min_val)
