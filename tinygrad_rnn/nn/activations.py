"""Activation functions as modules: each remembers the options of the function of ``nn.functional`` it calls.

``inplace=True`` writes the result into the input, as in PyTorch.
"""

from __future__ import annotations

from typing import Any

from ..surface.tensor import Tensor
from . import functional
from .init import constant_
from .module import Module
from .options import Activation, applies
from .parameter import new_parameter

__all__ = ["CELU", "ELU", "GELU", "GLU", "SELU", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "LogSigmoid"]
__all__ += ["LogSoftmax", "Mish", "PReLU", "ReLU", "ReLU6", "SiLU", "Sigmoid", "Softmax", "Softmin", "Softplus"]
__all__ += ["Softsign", "Tanh", "Tanhshrink"]


@applies(functional.relu)
class ReLU(Activation):
    """max(x, 0)."""

    inplace: bool = False


@applies(functional.relu6)
class ReLU6(Activation):
    """x cut off at 0 and 6."""

    inplace: bool = False


@applies(functional.leaky_relu)
class LeakyReLU(Activation):
    """x where x > 0, negative_slope * x elsewhere."""

    negative_slope: float = 0.01
    inplace: bool = False


@applies(functional.elu)
class ELU(Activation):
    """x where x > 0, alpha * (exp(x) - 1) elsewhere."""

    alpha: float = 1.0
    inplace: bool = False


@applies(functional.celu)
class CELU(Activation):
    """x where x > 0, alpha * (exp(x / alpha) - 1) elsewhere."""

    alpha: float = 1.0
    inplace: bool = False


@applies(functional.selu)
class SELU(Activation):
    """The self-normalising ELU."""

    inplace: bool = False


@applies(functional.gelu)
class GELU(Activation):
    """x * P(N(0, 1) <= x)."""

    approximate: str = "none"


@applies(functional.glu)
class GLU(Activation):
    """a * sigmoid(b), a and b the halves of x along ``dim``."""

    dim: int = -1


@applies(functional.silu)
class SiLU(Activation):
    """x * sigmoid(x)."""

    inplace: bool = False


@applies(functional.mish)
class Mish(Activation):
    """x * tanh(softplus(x))."""

    inplace: bool = False


@applies(functional.sigmoid)
class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""


@applies(functional.logsigmoid)
class LogSigmoid(Activation):
    """log sigmoid(x), without overflow."""


@applies(functional.tanh)
class Tanh(Activation):
    """tanh(x)."""


@applies(functional.tanhshrink)
class Tanhshrink(Activation):
    """x - tanh(x)."""


@applies(functional.softplus)
class Softplus(Activation):
    """log(1 + exp(beta * x)) / beta."""

    beta: float = 1.0
    threshold: float = 20.0


@applies(functional.softsign)
class Softsign(Activation):
    """x / (1 + |x|)."""


@applies(functional.hardtanh)
class Hardtanh(Activation):
    """x cut off at min_val and max_val."""

    min_val: float = -1.0
    max_val: float = 1.0
    inplace: bool = False


@applies(functional.hardsigmoid)
class Hardsigmoid(Activation):
    """x / 6 + 1 / 2, cut off at 0 and 1."""

    inplace: bool = False


@applies(functional.hardswish)
class Hardswish(Activation):
    """x * hardsigmoid(x)."""

    inplace: bool = False


@applies(functional.softmax)
class Softmax(Activation):
    """exp(x) / sum exp(x) along ``dim``. Not before CrossEntropyLoss, which contains it."""

    dim: int | None = None


@applies(functional.softmin)
class Softmin(Activation):
    """softmax(-x) along ``dim``."""

    dim: int | None = None


@applies(functional.log_softmax)
class LogSoftmax(Activation):
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
