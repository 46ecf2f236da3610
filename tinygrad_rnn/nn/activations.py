"""Activation functions as modules: each remembers the options of the function of ``nn.functional`` it calls.

``inplace=True`` writes the result into the input, as in PyTorch.
"""

from __future__ import annotations

from typing import Any

from ..surface.tensor import Tensor
from . import functional
from .init import constant_
from .module import Module
from .options import Applied
from .parameter import new_parameter

__all__ = ["CELU", "ELU", "GELU", "GLU", "SELU", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "LogSigmoid"]
__all__ += ["LogSoftmax", "Mish", "PReLU", "ReLU", "ReLU6", "SiLU", "Sigmoid", "Softmax", "Softmin", "Softplus"]
__all__ += ["Hardshrink", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Threshold"]


class Activation(Applied):
    """y = function(x, **options)."""

    def forward(self, input: Tensor) -> Tensor:
        return self._apply_to(input)

    def extra_repr(self) -> str:
        shown = [name for name in self._options if name != "inplace" or getattr(self, name)]
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)


class ReLU(Activation, function=functional.relu):
    """max(x, 0)."""

    inplace: bool = False


class ReLU6(Activation, function=functional.relu6):
    """x cut off at 0 and 6."""

    inplace: bool = False


class LeakyReLU(Activation, function=functional.leaky_relu):
    """x where x > 0, negative_slope * x elsewhere."""

    negative_slope: float = 0.01
    inplace: bool = False


class ELU(Activation, function=functional.elu):
    """x where x > 0, alpha * (exp(x) - 1) elsewhere."""

    alpha: float = 1.0
    inplace: bool = False


class CELU(Activation, function=functional.celu):
    """x where x > 0, alpha * (exp(x / alpha) - 1) elsewhere."""

    alpha: float = 1.0
    inplace: bool = False


class SELU(Activation, function=functional.selu):
    """The self-normalising ELU."""

    inplace: bool = False


class GELU(Activation, function=functional.gelu):
    """x * P(N(0, 1) <= x)."""

    approximate: str = "none"


class GLU(Activation, function=functional.glu):
    """a * sigmoid(b), a and b the halves of x along ``dim``."""

    dim: int = -1


class SiLU(Activation, function=functional.silu):
    """x * sigmoid(x)."""

    inplace: bool = False


class Mish(Activation, function=functional.mish):
    """x * tanh(softplus(x))."""

    inplace: bool = False


class Sigmoid(Activation, function=functional.sigmoid):
    """1 / (1 + exp(-x))."""


class LogSigmoid(Activation, function=functional.logsigmoid):
    """log sigmoid(x), without overflow."""


class Tanh(Activation, function=functional.tanh):
    """tanh(x)."""


class Tanhshrink(Activation, function=functional.tanhshrink):
    """x - tanh(x)."""


class Softplus(Activation, function=functional.softplus):
    """log(1 + exp(beta * x)) / beta."""

    beta: float = 1.0
    threshold: float = 20.0


class Softsign(Activation, function=functional.softsign):
    """x / (1 + |x|)."""


class Hardtanh(Activation, function=functional.hardtanh):
    """x cut off at min_val and max_val."""

    min_val: float = -1.0
    max_val: float = 1.0
    inplace: bool = False


class Hardshrink(Activation, function=functional.hardshrink):
    """x where |x| > lambd, 0 elsewhere."""

    lambd: float = 0.5


class Softshrink(Activation, function=functional.softshrink):
    """x moved towards 0 by lambd, and 0 where that would pass it."""

    lambd: float = 0.5


class Threshold(Module):
    """x where x > threshold, ``value`` elsewhere."""

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold, self.value, self.inplace = threshold, value, inplace

    def forward(self, input: Tensor) -> Tensor:
        return functional.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        return f"threshold={self.threshold}, value={self.value}" + ", inplace=True" * self.inplace


class Hardsigmoid(Activation, function=functional.hardsigmoid):
    """x / 6 + 1 / 2, cut off at 0 and 1."""

    inplace: bool = False


class Hardswish(Activation, function=functional.hardswish):
    """x * hardsigmoid(x)."""

    inplace: bool = False


class Softmax(Activation, function=functional.softmax):
    """exp(x) / sum exp(x) along ``dim``. Not before CrossEntropyLoss, which contains it."""

    dim: int | None = None


class Softmin(Activation, function=functional.softmin):
    """softmax(-x) along ``dim``."""

    dim: int | None = None


class LogSoftmax(Activation, function=functional.log_softmax):
    """log softmax(x) along ``dim``; goes before NLLLoss."""

    dim: int | None = None


class PReLU(Module):
    """x where x > 0, weight * x elsewhere; weight is learned, one for all channels or one per channel (axis 1)."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.weight = new_parameter(num_parameters, device=device, dtype=dtype)
        constant_(self.weight, init)

    def forward(self, input: Tensor) -> Tensor:
        return functional.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"
