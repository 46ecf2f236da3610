"""Losses as modules: each remembers the options of the function of ``nn.functional`` it calls."""

from __future__ import annotations

from numbers import Real
from typing import Any

from ..surface.tensor import Tensor
from . import functional
from .functional.losses import with_reduction
from .options import Applied

__all__ = ["BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss"]
__all__ += ["NLLLoss", "SmoothL1Loss"]


class Loss(Applied):
    """loss(input, target): one number with reduction "mean" or "sum", one per entry with "none".

    ``size_average`` and ``reduce``, from before there was ``reduction``, are understood as well. ``weight`` and
    ``pos_weight`` are constants, kept as buffers.
    """

    def _by_name(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        return super()._by_name(args, with_reduction(kwargs))

    def _keep(self, options: dict[str, Any]) -> None:
        for name, value in options.items():
            if name in ("weight", "pos_weight"):
                self.register_buffer(name, value)
            else:
                setattr(self, name, value)
            if isinstance(self._options[name], float) and not isinstance(value, Real):
                raise TypeError(f"{name} is a number; {value!r} was given.")
        if options["reduction"] not in ("mean", "sum", "none", *["batchmean"] * isinstance(self, KLDivLoss)):
            raise ValueError(f"reduction is 'mean', 'sum' or 'none'; {options['reduction']!r} was given.")

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return self._apply_to(input, target)

    def extra_repr(self) -> str:
        return f"reduction={vars(self)['reduction']!r}"


class MSELoss(Loss, function=functional.mse_loss):
    """(input - target)^2."""

    reduction: str = "mean"


class L1Loss(Loss, function=functional.l1_loss):
    """|input - target|."""

    reduction: str = "mean"


class SmoothL1Loss(Loss, function=functional.smooth_l1_loss):
    """e^2 / (2 beta) where |e| < beta, |e| - beta / 2 elsewhere."""

    reduction: str = "mean"
    beta: float = 1.0


class HuberLoss(Loss, function=functional.huber_loss):
    """e^2 / 2 where |e| < delta, delta * (|e| - delta / 2) elsewhere."""

    reduction: str = "mean"
    delta: float = 1.0


class CrossEntropyLoss(Loss, function=functional.cross_entropy):
    """-log softmax(input)[target], from raw scores: no softmax before it. See functional.cross_entropy.

    >>> scores, right = tg.zeros(2, 5), tg.tensor([0, 3])
    >>> tg.nn.CrossEntropyLoss()(scores, right)
    tensor(1.6094)
    """

    weight: Tensor | None = None
    ignore_index: int = -100
    reduction: str = "mean"
    label_smoothing: float = 0.0


class NLLLoss(Loss, function=functional.nll_loss):
    """-input[target], from log probabilities (log_softmax before it)."""

    weight: Tensor | None = None
    ignore_index: int = -100
    reduction: str = "mean"


class BCELoss(Loss, function=functional.binary_cross_entropy):
    """-(t log p + (1 - t) log(1 - p)) for probabilities p."""

    weight: Tensor | None = None
    reduction: str = "mean"


class BCEWithLogitsLoss(Loss, function=functional.binary_cross_entropy_with_logits):
    """Binary cross entropy of sigmoid(input), from raw scores, without overflow."""

    weight: Tensor | None = None
    reduction: str = "mean"
    pos_weight: Tensor | None = None


class KLDivLoss(Loss, function=functional.kl_div):
    """target * (log target - input) for log probabilities ``input``; the divergence is reduction="batchmean"."""

    reduction: str = "mean"
    log_target: bool = False
