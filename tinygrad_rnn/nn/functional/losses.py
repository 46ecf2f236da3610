"""Losses: how far an output is from its target, as one number (or one per entry with reduction="none")."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec

import numpy as np

from ...engine.modes import following, goes_by_data
from ...engine.primitive import Primitive
from ...ops.elementwise import clamp as clamp_rule
from ...ops.elementwise import log as log_rule
from ...ops.elementwise import softplus
from ...rolled.formulas import folded
from ...surface.functions import abs, clamp, exp, log, log_softmax, mean, sum, where
from ...surface.tensor import Tensor, wrap
from ..notices import warn
from .layers import linear
from .lookups import first_outside, places

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "huber_loss", "kl_div"]
__all__ += ["l1_loss", "linear_cross_entropy", "mse_loss", "nll_loss", "smooth_l1_loss"]

Options = ParamSpec("Options")
Array = np.ndarray[Any, Any]
NOTHING = float("nan")  # a mean over nothing is not a number, as in PyTorch


def with_reduction(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a loss with ``reduction`` in place of PyTorch's older ``size_average`` and ``reduce``."""
    old = {name: options.pop(name) for name in ("size_average", "reduce") if name in options}
    if any(value is not None for value in old.values()):
        mean, one = (old.get(name) is not False for name in ("size_average", "reduce"))
        options["reduction"] = ("mean" if mean else "sum") if one else "none"
    return options


def reducing(loss: Callable[Options, Tensor]) -> Callable[Options, Tensor]:
    """Decorates a loss that understands the older names as well."""

    @functools.wraps(loss)
    def understood(*args: Options.args, **kwargs: Options.kwargs) -> Tensor:
        with_reduction(kwargs)
        return loss(*args, **kwargs)

    return understood


def _reduced(losses: Tensor, reduction: str, weights: Tensor | None = None) -> Tensor:
    """One number; the mean of losses that were multiplied by weights is over the sum of these."""
    if reduction == "mean" and weights is not None:
        total = weights.sum()
        nothing = total == 0  # then the loss is NaN, and nothing flows to what is ignored
        over = sum(losses) / where(nothing, 1.0, total)
        return over + where(nothing, NOTHING, 0.0) if following.told is not None or nothing.array else over
    if reduction == "mean":
        return mean(losses)
    if reduction == "sum":
        return sum(losses)
    if reduction == "none":
        return losses
    raise ValueError(f"reduction is 'mean', 'sum' or 'none'; {reduction!r} was given.")


# Distances between numbers


def _error(input: Tensor, target: Tensor, name: str) -> Tensor:
    given, wanted = input.array.shape, target.array.shape
    if given != wanted:
        warn(
            f"{name} was given an input of shape {given} and a target of shape {wanted}, which broadcast to "
            f"{np.broadcast_shapes(given, wanted)}: every output is compared with several targets. Make the shapes "
            "equal, for example with target.view_as(input)."
        )
    error = input - target
    error.name = "e"
    return error


@reducing
def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """(input - target)^2. Warns if the shapes differ.

    >>> tg.nn.functional.mse_loss(tg.tensor([1.0, 2.0]), tg.tensor([1.0, 4.0]), reduction="none")
    tensor([0., 4.])
    """
    return _reduced(_error(input, target, "mse_loss") ** 2, reduction)


@reducing
def l1_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """|input - target|. Warns if the shapes differ."""
    return _reduced(abs(_error(input, target, "l1_loss")), reduction)


@reducing
def smooth_l1_loss(input: Tensor, target: Tensor, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """e^2 / (2 beta) where |e| < beta, |e| - beta / 2 elsewhere. Warns if the shapes differ."""
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss does not support a negative beta; {beta!r} was given.")
    if beta == 0:
        return l1_loss(input, target, reduction)
    size = abs(_error(input, target, "smooth_l1_loss"))
    small = clamp(size, max=beta)  # where() multiplies the slope of what it does not choose by 0, be it infinite
    return _reduced(where(size < beta, small * small * (0.5 / beta), size - 0.5 * beta), reduction)


@reducing
def huber_loss(input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    """e^2 / 2 where |e| < delta, delta * (|e| - delta / 2) elsewhere. Warns if the shapes differ."""
    if delta <= 0:
        raise RuntimeError(f"huber_loss needs a delta above 0; {delta!r} was given.")
    size = abs(_error(input, target, "huber_loss"))
    small = clamp(size, max=delta)
    return _reduced(where(size < delta, small * small * 0.5, (size - 0.5 * delta) * delta), reduction)


# Classification


@reducing
def nll_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, ignore_index: int = -100, reduction: str = "mean"
) -> Tensor:
    """-input[target]: input holds log probabilities, (batch, classes, ...) or (classes); target (batch, ...) classes.

    ``weight`` (classes) weighs the classes, and "mean" divides by the sum of the weights used; targets equal to
    ``ignore_index`` do not count.
    """
    picked, weights = _pick(input, target, weight, ignore_index, "nll_loss")
    picked = where(np.array(True), picked, 0.0)  # linear in pieces: its second derivative, 0, can be asked for
    return _reduced(_times(-picked, weights), reduction, weights)


@reducing
def cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, ignore_index: int = -100, reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """-log softmax(input)[target], from raw scores (no softmax before it), without overflow.

    input: (batch, classes, ...) or (classes). target: classes as whole numbers (batch, ...), or probabilities of
    the shape of input. ``weight`` and ``ignore_index`` as in nll_loss. ``label_smoothing`` moves this share of the
    target's probability evenly to all classes.

    >>> scores = tg.zeros(1, 2, requires_grad=True)
    >>> tg.nn.functional.cross_entropy(scores, tg.tensor([1])).backward()
    >>> scores.grad
    tensor([[ 0.5000, -0.5000]])
    """
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing is from 0 to 1; {label_smoothing!r} was given.")
    dim = _classes_axis(input, "cross_entropy")
    classes = input.array.shape[dim]
    kinds = target.array.dtype.kind in "iu" and input.array.dtype.char in "fd" and target.array.ndim and classes > 1
    usual = weight is None and reduction == "mean" and not label_smoothing and following.told is None
    if kinds and usual and target.array.size and _named(input, target, ignore_index, "cross_entropy")[1] is None:
        made: Tensor = _usual_cross_entropy(input, target.fresh(target.array.astype(np.int64)))
        return made
    scores = log_softmax(input, dim)
    if target.array.dtype.kind == "f":
        return _soft_cross_entropy(scores, target, weight, ignore_index, reduction, label_smoothing, dim)
    picked, weights = _pick(scores, target, weight, ignore_index, "cross_entropy")
    losses = _times(-picked, weights)
    if label_smoothing:
        everywhere = -sum(_times(scores, _per_class(weight, scores, dim)), dim)
        if (valid := _valid(target, ignore_index)) is not None:
            everywhere = where(valid, everywhere, 0.0)
        losses = losses * (1 - label_smoothing) + everywhere * (label_smoothing / classes)
    return _reduced(losses, reduction, weights)


@folded("mean")
def _usual_cross_entropy(input: Tensor, target: Tensor) -> Tensor:
    """The mean of what `cross_entropy` gives for classes that weigh the same and all count."""
    scores = log_softmax(input, _classes_axis(input, "cross_entropy"))
    return mean(-_pick(scores, target, None, -100, "cross_entropy")[0])


def linear_cross_entropy(
    input: Tensor, linear_weight: Tensor, target: Tensor, *, linear_bias: Tensor | None = None,
    weight: Tensor | None = None, reduction: str = "mean", ignore_index: int | None = None,
    label_smoothing: float = 0.0, options: Any = None,
) -> Tensor:  # fmt: skip
    """``cross_entropy`` of the scores ``linear(input, linear_weight, linear_bias)``.

    input: (batch, in) or (in). linear_weight: (classes, ..., in). How PyTorch divides the work by ``options`` changes
    nothing here.

    Raises:
        RuntimeError: for other shapes.
    """
    sizes, bias = tuple(linear_weight.shape[:-1]), linear_bias
    if not sizes or input.ndim not in (1, 2) or (input.ndim == 1 and len(sizes) > 1) or (
        bias is not None and tuple(bias.shape) != sizes
    ):  # fmt: skip
        raise RuntimeError(
            f"linear_cross_entropy needs an input (batch, in) or (in) and a weight (classes, ..., in), got "
            f"{tuple(input.shape)}, {tuple(linear_weight.shape)} and a bias {None if bias is None else bias.shape}"
        )
    rows = linear_weight.reshape(-1, linear_weight.shape[-1])
    scores = linear(input, rows, None if bias is None else bias.reshape(-1)).reshape(*input.shape[:-1], *sizes)
    ignored = -100 if ignore_index is None else ignore_index
    return cross_entropy(scores, target, weight, ignored, reduction, label_smoothing)


def _soft_cross_entropy(
    scores: Tensor, target: Tensor, weight: Any, ignore_index: int, reduction: str, smoothing: float, dim: int
) -> Tensor:
    if target.array.shape != scores.array.shape:
        raise RuntimeError(
            f"cross_entropy with probabilities needs a target of the input's shape {scores.array.shape}; "
            f"{target.array.shape} of {target.array.dtype} was given. For classes, give whole numbers (target.long())."
        )
    if ignore_index >= 0:
        raise RuntimeError("ignore_index is for targets that are classes: with probabilities leave it out.")
    if smoothing:
        target = target * (1 - smoothing) + smoothing / scores.array.shape[dim]
    products = _times(scores * target, _per_class(weight, scores, dim))
    if reduction == "mean":
        return -sum(products) / int(scores.array.size // scores.array.shape[dim])
    return _reduced(-sum(products, dim), reduction)


def _classes_axis(input: Tensor, name: str) -> int:
    if input.array.ndim == 0 or input.array.dtype.kind != "f":
        raise RuntimeError(
            f"{name} needs real numbers of shape (batch, classes, ...) or (classes); a tensor of {input.array.dtype} "
            f"and shape {input.array.shape} was given."
        )
    return 0 if input.array.ndim == 1 else 1


def _valid(target: Tensor, ignore_index: int) -> Array | None:
    """The mask of targets that count; None if all do."""
    if ignore_index >= 0:
        goes_by_data("ignore_index", target)
    valid: Array = target.array != ignore_index
    return None if valid.all() else valid


def _named(input: Tensor, target: Tensor, ignore_index: int, name: str) -> tuple[Array, Array | None]:
    """The class of every target, 0 for those that do not count, and the mask of those that do (None if all do)."""
    shape, ids, dim = input.array.shape, target.array, _classes_axis(input, name)
    rest, classes = shape[:dim] + shape[dim + 1 :], shape[dim]
    if ids.dtype.kind not in "iu" or ids.shape != rest:
        raise RuntimeError(
            f"{name} with an input of shape {shape} needs a target of shape {rest} holding classes as whole numbers; "
            f"{ids.shape} of {ids.dtype} was given."
        )
    ids = places(ids)
    if ignore_index < 0 and first_outside(ids, classes) is None:
        return ids, None
    valid = _valid(target, ignore_index)
    if valid is not None:
        ids = np.where(valid, ids, 0)
    if (wrong := first_outside(ids, classes)) is not None:
        raise IndexError(f"{name} has {classes} classes, 0 to {classes - 1}; the target {wrong} was given.")
    return ids, valid


def _pick(input: Tensor, target: Tensor, weight: Any, ignore_index: int, name: str) -> tuple[Tensor, Tensor | None]:
    """input[target] for every target, and the weight of every target (None: all 1)."""
    ids, valid = _named(input, target, ignore_index, name)
    index: list[Any] = list(np.indices(ids.shape, sparse=True))
    index.insert(_classes_axis(input, name), ids)
    picked = input[tuple(index)]
    per_class = _per_class(weight, input, 0, ndim=1)
    weights = None if per_class is None else per_class[ids]
    if valid is not None:
        picked = where(valid, picked, 0.0)  # whatever stands there, be it NaN
        counted = wrap(valid.astype(input.array.dtype))
        weights = counted if weights is None else weights * counted
    return picked, weights


def _per_class(weight: Tensor | None, input: Tensor, dim: int, ndim: int | None = None) -> Tensor | None:
    """Class weights, if there are any, so that they broadcast against ``input``."""
    if weight is None:
        return None
    classes = input.array.shape[0 if input.array.ndim == 1 else 1]
    if weight.requires_grad:
        raise RuntimeError("class weights are constants of a loss and receive no gradient: pass weight.detach().")
    if weight.array.shape != (classes,):
        raise RuntimeError(f"weight has one number per class, shape ({classes},); {weight.array.shape} was given.")
    shape = [1] * (input.array.ndim if ndim is None else ndim)
    shape[dim] = classes
    return weight.to(input.dtype).reshape(*shape)


def _times(losses: Tensor, weights: Any) -> Tensor:
    return losses if weights is None else losses * weights


# Probabilities


def _bce(p: Array, t: Array) -> Array:
    losses: Array = -(t * np.maximum(np.log(p), -100) + (1 - t) * np.maximum(np.log1p(-p), -100))
    return losses


# One primitive and not a composition: at p = 0 and 1 the chain rule through log would give 0 * inf.
bce = Primitive(
    "binary_cross_entropy",
    _bce,
    lambda g, y, p, t: g * ((p - t) / clamp_rule(p * (1 - p), min=1e-12, max=None)),
    lambda g, y, p, t: g * (log_rule(1 - p) - log_rule(p)),
    promotes=True,
)


@reducing
def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    """-(t log p + (1 - t) log(1 - p)) for probabilities p, each logarithm at least -100.

    For raw scores, binary_cross_entropy_with_logits is exact where this one is cut off.
    """
    _same_shape(input, target, "binary_cross_entropy")
    if input.array.size and not (input.array.min() >= 0 and input.array.max() <= 1):
        raise RuntimeError(
            f"binary_cross_entropy needs probabilities from 0 to 1; numbers from {input.array.min():.4g} to "
            f"{input.array.max():.4g} were given. For raw scores use binary_cross_entropy_with_logits."
        )
    return _reduced(_times(bce(input, target), weight), reduction)


@reducing
def binary_cross_entropy_with_logits(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """(1 - t) x + (1 + (pos_weight - 1) t) log(1 + exp(-x)): binary cross entropy of sigmoid(x), without overflow."""
    _same_shape(input, target, "binary_cross_entropy_with_logits")
    smooth: Tensor = softplus(-input)
    if pos_weight is not None:
        smooth = smooth * ((pos_weight - 1) * target + 1)
    losses = (1 - target) * input + smooth
    return _reduced(_times(losses, weight), reduction)


def _same_shape(input: Tensor, target: Tensor, name: str) -> None:
    if input.array.shape != target.array.shape:
        raise ValueError(
            f"{name} needs a target of the input's shape {input.array.shape}; {target.array.shape} was given: use "
            "target.view_as(input) if they have the same entries."
        )


@reducing
def kl_div(input: Tensor, target: Tensor, reduction: str = "mean", log_target: bool = False) -> Tensor:
    """target * (log target - input): input holds log probabilities, target probabilities (or their logs).

    The divergence of mathematics is reduction="batchmean", the sum divided by the size of the first axis; "mean"
    divides by the number of entries and warns.
    """
    if log_target:
        losses = exp(target) * (target - input)
    else:
        some: Any = target.array != 0 if following.told is None else target != 0
        logs = log(target if following.told is None and some.all() else where(some, target, 1.0))
        losses = target * logs - target * input
    if reduction == "batchmean":
        return sum(losses) / (len(input) if input.array.ndim else 1)
    if reduction == "mean":
        warn(
            "kl_div with reduction='mean' divides by the number of entries; the Kullback-Leibler divergence is "
            "reduction='batchmean'."
        )
    return _reduced(losses, reduction)
