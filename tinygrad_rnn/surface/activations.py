"""Activation functions that are composed of primitives; at a kink the derivative is PyTorch's."""

from __future__ import annotations

import math

from ..engine.modes import following
from ..numbers import dtypes
from ..ops import elementwise
from ..ops.elementwise import abs, erf, expm1, sigmoid, tanh
from ..ops.elementwise import relu as relu
from .elementwise import clamp, where
from .tensor import Tensor


def leaky_relu(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """x where x > 0, negative_slope x elsewhere."""
    return where(input > 0, input, input * negative_slope)


def elu(input: Tensor, alpha: float = 1.0) -> Tensor:
    """x where x > 0, alpha (exp(x) - 1) elsewhere (Clevert et al. 2016)."""
    return where(input <= 0, expm1(clamp(input, max=0)) * alpha, input)


def silu(input: Tensor) -> Tensor:
    """x sigmoid(x), also called swish."""
    return input * sigmoid(input)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """x P(N(0, 1) <= x) (Hendrycks & Gimpel 2016), exactly or with approximate="tanh".

    Raises:
        RuntimeError: for another approximation.
    """
    if input.dtype == dtypes.float16:  # too coarse for its tail, and too small for x^3
        return gelu(input.float(), approximate).half()
    if approximate == "none":
        return input * ((erf(input * math.sqrt(0.5)) + 1) * 0.5)
    if approximate == "tanh":
        inner = (input + input * input * input * 0.044715) * math.sqrt(2 / math.pi)
        return input * ((tanh(inner) + 1) * 0.5)
    raise RuntimeError(f"approximate must be 'none' or 'tanh', got {approximate!r}")


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + exp(beta x)) / beta, and x itself where beta x > threshold."""
    scaled = input if beta == 1 else input * beta
    smooth = elementwise.softplus(scaled) if beta == 1 else elementwise.softplus(scaled) / beta
    beyond = scaled > threshold
    return where(beyond, input, smooth) if following.told is not None or beyond.array.any() else smooth


def softsign(input: Tensor) -> Tensor:
    """x / (1 + |x|)."""
    return input / (abs(input) + 1)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """x cut off at min_val and max_val, where unlike ``clamp`` its derivative is 0."""
    if input.dtype.kind != "f":
        return clamp(input, int(min_val), int(max_val))
    return where(input <= min_val, min_val, where(input >= max_val, max_val, input))
