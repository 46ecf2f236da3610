"""Losses as modules: each remembers the options of the function of ``nn.functional`` it calls."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any, TypeVar, dataclass_transform

from ..surface.tensor import Tensor
from . import functional
from .functional.losses import with_reduction
from .module import Module
from .options import by_name, constructor

__all__ = ["BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss"]
__all__ += ["NLLLoss", "SmoothL1Loss"]

AnyLoss = TypeVar("AnyLoss", bound="Loss")


class Loss(Module):
    """loss(input, target): one number with reduction "mean" or "sum", one per entry with "none".

    ``size_average`` and ``reduce``, from before there was ``reduction``, are understood as well.
    """

    reduction: str

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        raise NotImplementedError

    def extra_repr(self) -> str:
        return f"reduction={self.reduction!r}"


@dataclass_transform(eq_default=False)
def computes(function: Callable[..., Tensor]) -> Callable[[type[AnyLoss]], type[AnyLoss]]:
    """Decorates a loss that calls ``function``: its fields, in order, are the arguments of its constructor.

    ``weight`` and ``pos_weight`` among them are constants, kept as buffers.
    """

    def declare(cls: type[AnyLoss]) -> type[AnyLoss]:
        def start(self: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            super(Loss, self).__init__()
            for name, value in by_name(self, options, args, with_reduction(kwargs)).items():
                if name in ("weight", "pos_weight"):
                    self.register_buffer(name, value)
                else:
                    setattr(self, name, value)
                if isinstance(options[name], float) and not isinstance(value, Real):
                    raise TypeError(f"{name} is a number; {value!r} was given.")
            allowed = ("mean", "sum", "none", *["batchmean"] * isinstance(self, KLDivLoss))
            if self.reduction not in allowed:
                raise ValueError(f"reduction is 'mean', 'sum' or 'none'; {self.reduction!r} was given.")

        def forward(self: Any, input: Tensor, target: Tensor) -> Tensor:
            own = vars(self)
            return function(input, target, **{name: own[name] for name in options})

        options = constructor(cls, start)
        cls.forward = forward  # type: ignore[method-assign]
        return cls

    return declare


@computes(functional.mse_loss)
class MSELoss(Loss):
    """(input - target)^2."""

    reduction: str = "mean"


@computes(functional.l1_loss)
class L1Loss(Loss):
    """|input - target|."""

    reduction: str = "mean"


@computes(functional.smooth_l1_loss)
class SmoothL1Loss(Loss):
    """e^2 / (2 beta) where |e| < beta, |e| - beta / 2 elsewhere."""

    reduction: str = "mean"
    beta: float = 1.0


@computes(functional.huber_loss)
class HuberLoss(Loss):
    """e^2 / 2 where |e| < delta, delta * (|e| - delta / 2) elsewhere."""

    reduction: str = "mean"
    delta: float = 1.0


@computes(functional.cross_entropy)
class CrossEntropyLoss(Loss):
    """-log softmax(input)[target], from raw scores: no softmax before it. See functional.cross_entropy."""

    weight: Tensor | None = None
    ignore_index: int = -100
    reduction: str = "mean"
    label_smoothing: float = 0.0


@computes(functional.nll_loss)
class NLLLoss(Loss):
    """-input[target], from log probabilities (log_softmax before it)."""

    weight: Tensor | None = None
    ignore_index: int = -100
    reduction: str = "mean"


@computes(functional.binary_cross_entropy)
class BCELoss(Loss):
    """-(t log p + (1 - t) log(1 - p)) for probabilities p."""

    weight: Tensor | None = None
    reduction: str = "mean"


@computes(functional.binary_cross_entropy_with_logits)
class BCEWithLogitsLoss(Loss):
    """Binary cross entropy of sigmoid(input), from raw scores, without overflow."""

    weight: Tensor | None = None
    reduction: str = "mean"
    pos_weight: Tensor | None = None


@computes(functional.kl_div)
class KLDivLoss(Loss):
    """target * (log target - input) for log probabilities ``input``; the divergence is reduction="batchmean"."""

    reduction: str = "mean"
    log_target: bool = False
