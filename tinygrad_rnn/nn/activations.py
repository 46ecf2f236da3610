"""Activation functions as modules: each remembers the options of the function of ``nn.functional`` it calls.

``inplace=True`` writes the result into the input, as in PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from ..surface.tensor import Tensor
from . import functional
from .init import constant_
from .module import Module
from .parameter import new_parameter

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "PReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmin",
    "Softplus",
    "Softsign",
    "Tanh",
    "Tanhshrink",
]


class Activation(Module):
    """y = function(x, **options); a subclass names the function and the options with their defaults, in order."""

    function: ClassVar[Callable[..., Tensor]]
    options: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        kind, names = type(self).__name__, list(self.options)
        if len(args) > len(names):
            raise TypeError(f"{kind} takes {_words(names)}; {len(args)} were given.")
        given = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name not in self.options or name in given:
                reason = "was given twice" if name in given else "is unknown"
                raise TypeError(f"{kind} takes {_words(names)}: {name} {reason}.")
            given[name] = value
        for name, usual in self.options.items():
            setattr(self, name, given.get(name, usual))

    def forward(self, input: Tensor) -> Tensor:
        own = vars(self)
        return type(self).function(input, **{name: own[name] for name in self.options})

    def extra_repr(self) -> str:
        shown = (name for name in self.options if name != "inplace" or vars(self)[name])
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)


def _words(names: list[str]) -> str:
    return f"the arguments ({', '.join(names)})" if names else "no arguments"


class ReLU(Activation):
    """max(x, 0)."""

    function = functional.relu
    options: ClassVar[dict[str, Any]] = {"inplace": False}


class ReLU6(Activation):
    """x cut off at 0 and 6."""

    function = functional.relu6
    options: ClassVar[dict[str, Any]] = {"inplace": False}


class LeakyReLU(Activation):
    """x where x > 0, negative_slope * x elsewhere."""

    function = functional.leaky_relu
    options: ClassVar[dict[str, Any]] = {"negative_slope": 0.01, "inplace": False}


class ELU(Activation):
    """x where x > 0, alpha * (exp(x) - 1) elsewhere."""

    function = functional.elu
    options: ClassVar[dict[str, Any]] = {"alpha": 1.0, "inplace": False}


class CELU(Activation):
    """x where x > 0, alpha * (exp(x / alpha) - 1) elsewhere."""

    function = functional.celu
    options: ClassVar[dict[str, Any]] = {"alpha": 1.0, "inplace": False}


class SELU(Activation):
    """The self-normalising ELU."""

    function = functional.selu
    options: ClassVar[dict[str, Any]] = {"inplace": False}


class GELU(Activation):
    """x * P(N(0, 1) <= x)."""

    function = functional.gelu
    options: ClassVar[dict[str, Any]] = {"approximate": "none"}


class GLU(Activation):
    """a * sigmoid(b), a and b the halves of x along ``dim``."""

    function = functional.glu
    options: ClassVar[dict[str, Any]] = {"dim": -1}


class SiLU(Activation):
    """x * sigmoid(x)."""

    function = functional.silu
    options: ClassVar[dict[str, Any]] = {"inplace": False}


class Mish(Activation):
    """x * tanh(softplus(x))."""

    function = functional.mish
    options: ClassVar[dict[str, Any]] = {"inplace": False}


class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    function = functional.sigmoid


class LogSigmoid(Activation):
    """log sigmoid(x), without overflow."""

    function = functional.logsigmoid


class Tanh(Activation):
    """tanh(x)."""

    function = functional.tanh


class Tanhshrink(Activation):
    """x - tanh(x)."""

    function = functional.tanhshrink


class Softplus(Activation):
    """log(1 + exp(beta * x)) / beta."""

    function = functional.softplus
    options: ClassVar[dict[str, Any]] = {"beta": 1.0, "threshold": 20.0}


class Softsign(Activation):
    """x / (1 + |x|)."""

    function = functional.softsign


class Hardtanh(Activation):
    """x cut off at min_val and max_val."""

    function = functional.hardtanh
    options: ClassVar[dict[str, Any]] = {"min_val": -1.0, "max_val": 1.0, "inplace": False}


class Hardsigmoid(Activation):
    """x / 6 + 1 / 2, cut off at 0 and 1."""

    function = functional.hardsigmoid
    options: ClassVar[dict[str, Any]] = {"inplace": False}


class Hardswish(Activation):
    """x * hardsigmoid(x)."""

    function = functional.hardswish
    options: ClassVar[dict[str, Any]] = {"inplace": False}


class Softmax(Activation):
    """exp(x) / sum exp(x) along ``dim``. Not before CrossEntropyLoss, which contains it."""

    function = functional.softmax
    options: ClassVar[dict[str, Any]] = {"dim": None}


class Softmin(Activation):
    """softmax(-x) along ``dim``."""

    function = functional.softmin
    options: ClassVar[dict[str, Any]] = {"dim": None}


class LogSoftmax(Activation):
    """log softmax(x) along ``dim``; goes before NLLLoss."""

    function = functional.log_softmax
    options: ClassVar[dict[str, Any]] = {"dim": None}


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
