"""Modules that are made of functions."""

# Written by docs/generate.py; do not edit.
# ruff: noqa
# fmt: off

from collections.abc import Sequence
from typing import Any

from ..surface.tensor import Tensor
from .functional.margins import Distance
from .functional.windows import One
from .options import Activation, Comparison, Loss, LossOfThree, LossOverTime, Resampling, Unpooling

class AdaptiveAvgPool1d(Activation):
    """The means of ``output_size`` parts of nearly equal length."""
    output_size: One
class AdaptiveMaxPool1d(Activation):
    """The largest entries of ``output_size`` parts of nearly equal length, and with ``return_indices`` their
    places."""
    output_size: One
    return_indices: bool = False
class AvgPool1d(Activation):
    """The mean of each window; without ``count_include_pad`` of what is not padding."""
    kernel_size: One
    stride: One | None = None
    padding: One = 0
    ceil_mode: bool = False
    count_include_pad: bool = True
class BCELoss(Loss):
    """-(t log p + (1 - t) log(1 - p)) for probabilities p, each logarithm at least -100."""
    weight: Tensor | None = None
    reduction: str = 'mean'
class BCEWithLogitsLoss(Loss):
    """(1 - t) x + (1 + (pos_weight - 1) t) log(1 + exp(-x)): binary cross entropy of sigmoid(x), without
    overflow."""
    weight: Tensor | None = None
    reduction: str = 'mean'
    pos_weight: Tensor | None = None
class CELU(Activation):
    """x where x > 0, alpha * (exp(x / alpha) - 1) elsewhere."""
    alpha: float = 1.0
    inplace: bool = False
class CTCLoss(LossOverTime):
    """-log of the probability of the labels, summed over all ways to spread them over time (Graves et al.
    2006)."""
    blank: int = 0
    reduction: str = 'mean'
    zero_infinity: bool = False
class CosineEmbeddingLoss(LossOfThree):
    """1 - cos where target is 1, max(0, cos - margin) where it is -1, of the angle between vectors (...,
    features)."""
    margin: float = 0.0
    reduction: str = 'mean'
class CosineSimilarity(Comparison):
    """x1 · x2 / (max(|x1|, eps) max(|x2|, eps)): the cosine of the angle between vectors along ``dim``."""
    dim: int = 1
    eps: float = 1e-08
class CrossEntropyLoss(Loss):
    """-log softmax(input)[target], from raw scores (no softmax before it), without overflow."""
    weight: Tensor | None = None
    ignore_index: int = -100
    reduction: str = 'mean'
    label_smoothing: float = 0.0
class ELU(Activation):
    """x where x > 0, alpha * (exp(x) - 1) elsewhere."""
    alpha: float = 1.0
    inplace: bool = False
class GELU(Activation):
    """x P(N(0, 1) <= x) (Hendrycks & Gimpel 2016), exactly or with approximate="tanh"."""
    approximate: str = 'none'
class GLU(Activation):
    """a * sigmoid(b), a and b the two halves of x along ``dim`` (Dauphin et al. 2017)."""
    dim: int = -1
class GaussianNLLLoss(LossOfThree):
    """(log var + (input - target)^2 / var) / 2 (Nix & Weigend 1994), var at least eps; ``full`` adds log(2
    pi) / 2."""
    full: bool = False
    eps: float = 1e-06
    reduction: str = 'mean'
class Hardshrink(Activation):
    """x where |x| > lambd, 0 elsewhere."""
    lambd: float = 0.5
class Hardsigmoid(Activation):
    """x / 6 + 1 / 2, cut off at 0 and 1."""
    inplace: bool = False
class Hardswish(Activation):
    """x * hardsigmoid(x)."""
    inplace: bool = False
class Hardtanh(Activation):
    """x cut off at min_val and max_val."""
    min_val: float = -1.0
    max_val: float = 1.0
    inplace: bool = False
class HingeEmbeddingLoss(Loss):
    """input where target is 1, max(0, margin - input) where it is -1."""
    margin: float = 1.0
    reduction: str = 'mean'
class HuberLoss(Loss):
    """e^2 / 2 where |e| < delta, delta * (|e| - delta / 2) elsewhere. Warns if the shapes differ."""
    reduction: str = 'mean'
    delta: float = 1.0
class KLDivLoss(Loss):
    """target * (log target - input): input holds log probabilities, target probabilities (or their logs)."""
    reduction: str = 'mean'
    log_target: bool = False
class L1Loss(Loss):
    """|input - target|. Warns if the shapes differ."""
    reduction: str = 'mean'
class LPPool1d(Activation):
    """(sum of x^p)^(1/p) over each window, where p is ``norm_type``; for infinite p the largest or smallest
    |x|."""
    norm_type: float
    kernel_size: One
    stride: One | None = None
    ceil_mode: bool = False
class LeakyReLU(Activation):
    """x where x > 0, negative_slope * x elsewhere."""
    negative_slope: float = 0.01
    inplace: bool = False
class LogSigmoid(Activation):
    """log sigmoid(x), without overflow."""
class LogSoftmax(Activation):
    """log softmax(x) along ``dim``, without overflow."""
    dim: int | None = None
class MSELoss(Loss):
    """(input - target)^2. Warns if the shapes differ."""
    reduction: str = 'mean'
class MarginRankingLoss(LossOfThree):
    """max(0, margin - target (input1 - input2)): target 1 wants the first larger, -1 the second."""
    margin: float = 0.0
    reduction: str = 'mean'
class MaxPool1d(Activation):
    """The largest entry of each window, of equal ones the first; with ``return_indices`` also where it
    stands."""
    kernel_size: One
    stride: One | None = None
    padding: One = 0
    dilation: One = 1
    return_indices: bool = False
    ceil_mode: bool = False
class MaxUnpool1d(Unpooling):
    """What ``max_pool1d`` found, with its ``indices``, back in its places among zeros."""
    kernel_size: One
    stride: One | None = None
    padding: One = 0
class Mish(Activation):
    """x * tanh(softplus(x))."""
    inplace: bool = False
class MultiLabelMarginLoss(Loss):
    """The sum over y in ``target`` (up to the first -1) and i not in it of max(0, 1 - x[y] + x[i]), over
    classes."""
    reduction: str = 'mean'
class MultiLabelSoftMarginLoss(Loss):
    """The mean over classes of -(t log sigmoid(x) + (1 - t) log sigmoid(-x)), times the weight of each
    class."""
    weight: Tensor | None = None
    reduction: str = 'mean'
class MultiMarginLoss(Loss):
    """The mean over the classes i but y = target of max(0, margin - input[y] + input[i])^p, times
    weight[y]."""
    p: int = 1
    margin: float = 1.0
    weight: Tensor | None = None
    reduction: str = 'mean'
class NLLLoss(Loss):
    """-input[target]: input holds log probabilities, (batch, classes, ...) or (classes); target (batch, ...)
    classes."""
    weight: Tensor | None = None
    ignore_index: int = -100
    reduction: str = 'mean'
class PoissonNLLLoss(Loss):
    """exp(x) - t x for the logarithm x of a rate, or x - t log(x + eps) for the rate itself."""
    log_input: bool = True
    full: bool = False
    eps: float = 1e-08
    reduction: str = 'mean'
class ReLU(Activation):
    """max(x, 0)."""
    inplace: bool = False
class ReLU6(Activation):
    """x cut off at 0 and 6."""
    inplace: bool = False
class SELU(Activation):
    """scale * elu(x, alpha) with the two constants that keep mean 0 and variance 1 (Klambauer et al.
    2017)."""
    inplace: bool = False
class SiLU(Activation):
    """x * sigmoid(x)."""
    inplace: bool = False
class Sigmoid(Activation):
    """The logistic function, 1 / (1 + exp(-x))."""
class SmoothL1Loss(Loss):
    """e^2 / (2 beta) where |e| < beta, |e| - beta / 2 elsewhere. Warns if the shapes differ."""
    reduction: str = 'mean'
    beta: float = 1.0
class SoftMarginLoss(Loss):
    """log(1 + exp(-target input)) for targets 1 and -1."""
    reduction: str = 'mean'
class Softmax(Activation):
    """exp(x) / sum exp(x) along ``dim``, without overflow. For a loss use cross_entropy on x itself."""
    dim: int | None = None
class Softmin(Activation):
    """softmax(-x) along ``dim``."""
    dim: int | None = None
class Softplus(Activation):
    """log(1 + exp(beta x)) / beta, and x itself where beta x > threshold."""
    beta: float = 1.0
    threshold: float = 20.0
class Softshrink(Activation):
    """x moved towards 0 by lambd, and 0 where that would pass it."""
    lambd: float = 0.5
class Softsign(Activation):
    """x / (1 + |x|)."""
class Tanh(Activation):
    """The hyperbolic tangent."""
class Tanhshrink(Activation):
    """x - tanh(x)."""
class Threshold(Activation):
    """x where x > threshold, ``value`` elsewhere."""
    threshold: float
    value: float
    inplace: bool = False
class TripletMarginLoss(LossOfThree):
    """max(0, margin + |anchor - positive| - |anchor - negative|) in the p-norm (Balntas et al. 2016)."""
    margin: float = 1.0
    p: float = 2
    eps: float = 1e-06
    swap: bool = False
    reduction: str = 'mean'
class TripletMarginWithDistanceLoss(LossOfThree):
    """As ``triplet_margin_loss``, with any distance of two tensors."""
    distance_function: Distance | None = None
    margin: float = 1.0
    swap: bool = False
    reduction: str = 'mean'
class Upsample(Resampling):
    """The sequences (batch, channels, length) in a length of ``size``, or of floor(``scale_factor``
    length)."""
    size: int | Sequence[int] | None = None
    scale_factor: float | Sequence[float] | None = None
    mode: str = 'nearest'
    align_corners: bool | None = None
    recompute_scale_factor: bool | None = None
