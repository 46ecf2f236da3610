"""Losses as modules: each remembers the options of the function of ``nn.functional`` it calls."""

from __future__ import annotations

from ..surface.tensor import Tensor
from . import functional
from .options import Applied, applies


class Loss(Applied):
    """loss(input, target): one number with reduction "mean" or "sum", one per entry with "none".

    Constant weights are kept as buffers.
    """

    reduction: str

    def __post_init__(self) -> None:
        usual = self.reduction in ("mean", "sum", "none")
        if not usual and not (self.reduction == "batchmean" and isinstance(self, KLDivLoss)):
            raise ValueError(f"reduction is 'mean', 'sum' or 'none'; {self.reduction!r} was given.")
        for name in ("weight", "pos_weight"):
            if name in self.options:
                self.register_buffer(name, vars(self).pop(name))

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return self._apply(input, target)

    def extra_repr(self) -> str:
        return f"reduction={self.reduction!r}"


@applies(functional.mse_loss)
class MSELoss(Loss):
    """(input - target)^2."""

    reduction: str = "mean"


@applies(functional.l1_loss)
class L1Loss(Loss):
    """|input - target|."""

    reduction: str = "mean"


@applies(functional.smooth_l1_loss)
class SmoothL1Loss(Loss):
    """e^2 / (2 beta) where |e| < beta, |e| - beta / 2 elsewhere."""

    reduction: str = "mean"
    beta: float = 1.0


@applies(functional.huber_loss)
class HuberLoss(Loss):
    """e^2 / 2 where |e| < delta, delta * (|e| - delta / 2) elsewhere."""

    reduction: str = "mean"
    delta: float = 1.0


@applies(functional.cross_entropy)
class CrossEntropyLoss(Loss):
    """-log softmax(input)[target], from raw scores: no softmax before it. See functional.cross_entropy."""

    weight: Tensor | None = None
    ignore_index: int = -100
    reduction: str = "mean"
    label_smoothing: float = 0.0


@applies(functional.nll_loss)
class NLLLoss(Loss):
    """-input[target], from log probabilities (log_softmax before it)."""

    weight: Tensor | None = None
    ignore_index: int = -100
    reduction: str = "mean"


@applies(functional.binary_cross_entropy)
class BCELoss(Loss):
    """-(t log p + (1 - t) log(1 - p)) for probabilities p."""

    weight: Tensor | None = None
    reduction: str = "mean"


@applies(functional.binary_cross_entropy_with_logits)
class BCEWithLogitsLoss(Loss):
    """Binary cross entropy of sigmoid(input), from raw scores, without overflow."""

    weight: Tensor | None = None
    reduction: str = "mean"
    pos_weight: Tensor | None = None


@applies(functional.kl_div)
class KLDivLoss(Loss):
    """target * (log target - input) for log probabilities ``input``; the divergence is reduction="batchmean"."""

    reduction: str = "mean"
    log_target: bool = False
