"""Activation functions, composed of the engine's primitives.

At a kink the derivative is PyTorch's: that of the flat or the left side (relu'(0) = 0). With ``inplace`` the result
is written into the input.
"""

from __future__ import annotations

from typing import Any

from ...ops.elementwise import softplus as log1p_exp
from ...surface import activations as given
from ...surface.forms import written
from ...surface.functions import chunk, clamp, expm1, sigmoid, tanh, where
from ...surface.functions import log_softmax as log_softmax_along
from ...surface.functions import softmax as softmax_along
from ...surface.tensor import Tensor
from ..notices import warn

__all__ = ["celu", "elu", "glu", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "log_softmax", "logsigmoid"]
__all__ += ["hardshrink", "softshrink", "threshold"]
__all__ += ["mish", "prelu", "relu", "relu6", "selu", "silu", "softmax", "softmin", "tanhshrink"]
__all__ += ["celu_", "elu_", "hardtanh_", "leaky_relu_", "relu_", "selu_", "threshold_"]

SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def _put(result: Tensor, input: Tensor, inplace: bool) -> Tensor:
    return input.overwrite(result) if inplace else result


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(x, 0)."""
    return _put(given.relu(input), input, inplace)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """x where x > 0, negative_slope * x elsewhere."""
    return _put(given.leaky_relu(input, negative_slope), input, inplace)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where x > 0, alpha * (exp(x) - 1) elsewhere."""
    return _put(given.elu(input, alpha), input, inplace)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """x * sigmoid(x)."""
    return _put(given.silu(input), input, inplace)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """x cut off at min_val and max_val."""
    if min_val > max_val:
        raise ValueError(f"hardtanh cuts off between min_val and a larger max_val, got {min_val} and {max_val}")
    return _put(given.hardtanh(input, min_val, max_val), input, inplace)


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x where |x| > lambd, 0 elsewhere."""
    return where((input >= -lambd) & (input <= lambd), 0.0, input)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x moved towards 0 by lambd, and 0 where that would pass it."""
    if lambd < 0:
        raise RuntimeError(f"softshrink moves numbers towards 0 by lambd, at least 0, got {lambd}")
    return where(input > lambd, input - lambd, where(input < -lambd, input + lambd, input * 0.0))


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """x where x > threshold, ``value`` elsewhere."""
    return _put(where(input <= threshold, value, input), input, inplace)


def softmax(input: Tensor, dim: int | None = None, *, dtype: Any = None) -> Tensor:
    """exp(x) / sum exp(x) along ``dim``, without overflow. For a loss use cross_entropy on x itself."""
    return softmax_along(input, _axis(dim, input, "softmax"), dtype)


def log_softmax(input: Tensor, dim: int | None = None, *, dtype: Any = None) -> Tensor:
    """log softmax(x) along ``dim``, without overflow."""
    return log_softmax_along(input, _axis(dim, input, "log_softmax"), dtype)


def softmin(input: Tensor, dim: int | None = None, *, dtype: Any = None) -> Tensor:
    """softmax(-x) along ``dim``."""
    return softmax_along(-input, _axis(dim, input, "softmin"), dtype)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """x where x > 0, weight * x elsewhere; weight has one entry, or one per channel (axis 1)."""
    if weight.array.ndim > 1:
        raise RuntimeError(f"prelu needs a single weight or a vector of them, got shape {weight.array.shape}")
    if weight.array.size > 1 and input.array.ndim > 1:
        if weight.array.size != input.array.shape[1]:
            raise RuntimeError(
                f"prelu needs one weight, or one per channel: the input of shape {input.array.shape} has "
                f"{input.array.shape[1]} channels and the weight {weight.array.size} entries."
            )
        weight = weight.reshape(-1, *(1,) * (input.array.ndim - 2))
    elif input.array.ndim == 0:
        weight = weight.reshape(())
    return where(input > 0, input, input * weight)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where x > 0, alpha * (exp(x / alpha) - 1) elsewhere."""
    return _put(where(input <= 0, expm1(clamp(input, max=0) / alpha) * alpha, input), input, inplace)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """scale * elu(x, alpha) with the two constants that keep mean 0 and variance 1 (Klambauer et al. 2017)."""
    return _put(elu(input, SELU_ALPHA) * SELU_SCALE, input, inplace)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """x * tanh(softplus(x))."""
    return _put(input * tanh(log1p_exp(input)), input, inplace)


def tanhshrink(input: Tensor) -> Tensor:
    """x - tanh(x)."""
    return input - tanh(input)


def logsigmoid(input: Tensor) -> Tensor:
    """log sigmoid(x), without overflow."""
    return -log1p_exp(-input)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """x cut off at 0 and 6."""
    return hardtanh(input, 0.0, 6.0, inplace)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """x / 6 + 1 / 2, cut off at 0 and 1."""
    return _put(hardtanh(input, -3.0, 3.0) / 6 + 0.5, input, inplace)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """x * hardsigmoid(x)."""
    return _put(input * hardsigmoid(input), input, inplace)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """a * sigmoid(b), a and b the two halves of x along ``dim`` (Dauphin et al. 2017)."""
    if input.array.shape[dim] % 2:
        raise RuntimeError(f"glu halves axis {dim}, which has an odd size in {input.array.shape}: make it even.")
    a, b = chunk(input, 2, dim)
    return a * sigmoid(b)


def _axis(dim: int | None, input: Tensor, name: str) -> int:
    if dim is not None:
        return dim
    dim = 0 if input.array.ndim in (0, 1, 3) else 1
    warn(
        f"{name} was given no dim and takes dim={dim}, PyTorch's old choice for an input of shape {input.array.shape}: "
        "say which axis holds the classes, such as dim=-1."
    )
    return dim


celu_, elu_, hardtanh_, leaky_relu_, relu_, selu_, threshold_ = (
    written(f"{each.__name__}_", each) for each in (celu, elu, hardtanh, leaky_relu, relu, selu, threshold)
)
