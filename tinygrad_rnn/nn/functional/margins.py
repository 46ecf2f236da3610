"""Losses of pairs, of margins and of distributions: what should be near, far apart, above or likely."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ...engine.modes import goes_by_data
from ...ops.elementwise import softplus
from ...surface.functions import clamp, eq, exp, log, minimum, sqrt, sum, where
from ...surface.tensor import Tensor, wrap
from .activations import logsigmoid
from .layers import pairwise_distance
from .lookups import first_outside
from .losses import _reduced, reducing

__all__ = ["cosine_embedding_loss", "gaussian_nll_loss", "hinge_embedding_loss", "margin_ranking_loss"]
__all__ += ["multi_margin_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss", "poisson_nll_loss"]
__all__ += ["soft_margin_loss", "triplet_margin_loss", "triplet_margin_with_distance_loss"]

Distance = Callable[[Tensor, Tensor], Tensor]


@reducing
def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """max(0, margin - target (input1 - input2)): target 1 wants the first larger, -1 the second."""
    return _reduced(clamp(margin - target * (input1 - input2), min=0), reduction)


@reducing
def hinge_embedding_loss(input: Tensor, target: Tensor, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """input where target is 1, max(0, margin - input) where it is -1."""
    return _reduced(where(target != -1, input, 0.0) + where(target != 1, clamp(margin - input, min=0), 0.0), reduction)


@reducing
def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """1 - cos where target is 1, max(0, cos - margin) where it is -1, of the angle between vectors (..., features)."""
    lengths = (sum(input1 * input1, -1) + 1e-12) * (sum(input2 * input2, -1) + 1e-12)
    cosine = sum(input1 * input2, -1) / sqrt(lengths)
    near, apart = where(target == 1, 1 - cosine, 0.0), where(target == -1, clamp(cosine - margin, min=0), 0.0)
    return _reduced(near + apart, reduction)


@reducing
def triplet_margin_loss(
    anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0, p: float = 2, eps: float = 1e-6,
    swap: bool = False, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """max(0, margin + |anchor - positive| - |anchor - negative|) in the p-norm (Balntas et al. 2016).

    With ``swap`` the distance of positive and negative counts where it is the smaller one.
    """

    def distance(a: Tensor, b: Tensor) -> Tensor:
        return pairwise_distance(a, b, p, eps)

    return triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=distance, margin=margin, swap=swap, reduction=reduction
    )


@reducing
def triplet_margin_with_distance_loss(
    anchor: Tensor, positive: Tensor, negative: Tensor, *, distance_function: Distance | None = None,
    margin: float = 1.0, swap: bool = False, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """As ``triplet_margin_loss``, with any distance of two tensors."""
    if not margin > 0:
        raise ValueError(f"the margin of a triplet must be above 0, got {margin!r}")
    distance = pairwise_distance if distance_function is None else distance_function
    near, far = distance(anchor, positive), distance(anchor, negative)
    far = minimum(far, distance(positive, negative)) if swap else far
    return _reduced(clamp(margin + near - far, min=0), reduction)


@reducing
def soft_margin_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """log(1 + exp(-target input)) for targets 1 and -1."""
    return _reduced(softplus(-target * input), reduction)


@reducing
def multi_margin_loss(
    input: Tensor, target: Tensor, p: int = 1, margin: float = 1.0, weight: Tensor | None = None,
    reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """The mean over the classes i but y = target of max(0, margin - input[y] + input[i])^p, times weight[y].

    input (batch, classes) or (classes), target (batch) or ().
    """
    scores = input if input.ndim == 2 else input.reshape(1, -1)
    classes = scores.shape[1]
    ids = target.reshape(-1)
    if p not in (1, 2) or first_outside(ids.array, classes) is not None or len(ids) != len(scores):
        raise RuntimeError(
            f"multi_margin_loss needs p of 1 or 2 and one class from 0 to {classes - 1} for each row, got p={p} and "
            f"targets {target} for an input {tuple(input.shape)}"
        )
    ids = ids.long().unsqueeze(1)
    above = clamp(margin - scores.gather(1, ids) + scores, min=0) ** p
    above = where(eq(ids, wrap(np.arange(classes))), 0.0, above)
    above = above if weight is None else above * weight[ids]
    losses = sum(above, 1) / classes
    return _reduced(losses if input.ndim == 2 else losses.squeeze(0), reduction)


@reducing
def multilabel_margin_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """The sum over y in ``target`` (up to the first -1) and i not in it of max(0, 1 - x[y] + x[i]), over classes.

    input and target (batch, classes) or (classes).
    """
    goes_by_data("multilabel_margin_loss", target)
    scores, ids = (input, target.array) if input.ndim == 2 else (input.reshape(1, -1), target.array.reshape(1, -1))
    classes = scores.shape[1]
    valid = np.logical_and.accumulate(ids >= 0, axis=1)
    named = np.where(valid, ids, 0)
    if ids.shape != tuple(scores.shape) or first_outside(named, classes) is not None:
        raise RuntimeError(
            f"multilabel_margin_loss needs classes from 0 to {classes - 1} in a target of the input's shape "
            f"{tuple(input.shape)}, got {target}"
        )
    wanted = np.zeros(ids.shape, np.bool_)
    wanted[np.nonzero(valid)[0], named[valid]] = True
    of_named = scores.gather(1, wrap(named))
    above = clamp(1 - of_named.unsqueeze(2) + scores.unsqueeze(1), min=0)
    counted = wrap(valid[:, :, None] & ~wanted[:, None, :])
    losses = sum(where(counted, above, 0.0), (1, 2)) / classes
    return _reduced(losses if input.ndim == 2 else losses.squeeze(0), reduction)


@reducing
def multilabel_soft_margin_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    """The mean over classes of -(t log sigmoid(x) + (1 - t) log sigmoid(-x)), times the weight of each class."""
    losses = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    return _reduced((losses if weight is None else losses * weight).mean(-1), reduction)


@reducing
def poisson_nll_loss(
    input: Tensor, target: Tensor, log_input: bool = True, full: bool = False, eps: float = 1e-8,
    reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """exp(x) - t x for the logarithm x of a rate, or x - t log(x + eps) for the rate itself.

    With ``full`` what does not depend on the rate is added, by Stirling's formula, where t > 1.
    """
    losses = exp(input) - target * input if log_input else input - target * log(input + eps)
    if full:
        counts = clamp(target, min=1)
        stirling = counts * log(counts) - counts + 0.5 * log(counts * (2 * math.pi))
        losses = losses + where(target > 1, stirling, 0.0)
    return _reduced(losses, reduction)


@reducing
def gaussian_nll_loss(
    input: Tensor, target: Tensor, var: Tensor | float, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Tensor:
    """(log var + (input - target)^2 / var) / 2 (Nix & Weigend 1994), var at least eps; ``full`` adds log(2 pi) / 2.

    ``var`` is one number, or of the input's shape, perhaps without its last axis or with 1 there.

    Raises:
        ValueError: for another shape, and for negative variances.
    """
    spread = var if isinstance(var, Tensor) else input.new_full(input.shape, var)
    if spread.shape != input.shape and spread.ndim and spread.shape == input.shape[:-1]:
        spread = spread.unsqueeze(-1)
    fits = all(size in (1, whole) for size, whole in zip(spread.shape, input.shape, strict=False))
    if not fits or spread.ndim not in (0, input.ndim) or (spread.array < 0).any():
        raise ValueError(
            f"gaussian_nll_loss needs variances of at least 0 in the input's shape {tuple(input.shape)}, or 1 in an "
            f"axis; got shape {tuple(spread.shape)}"
        )
    kept = spread + (clamp(spread, min=eps) - spread).detach()  # what is cut off still has its gradient
    losses = 0.5 * (log(kept) + (input - target) ** 2 / kept)
    return _reduced(losses + 0.5 * math.log(2 * math.pi) if full else losses, reduction)
