"""Distributions of random numbers under the names of ``torch.distributions``: samples, log probabilities, entropy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .engine.modes import no_grad
from .nn.functional import binary_cross_entropy_with_logits, logsigmoid
from .surface.arrays import Size
from .surface.functions import (
    as_tensor,
    bernoulli,
    broadcast_tensors,
    clamp,
    erf,
    log,
    log1p,
    logsumexp,
    multinomial,
    randn,
    sigmoid,
    softmax,
    where,
)  # fmt: skip
from .surface.functions import sum as total
from .surface.tensor import Tensor

__all__ = ["Bernoulli", "Categorical", "Distribution", "Normal", "kl_divergence"]


class Distribution:
    """What all share: of ``batch_shape`` many at once, each drawing values of ``event_shape``, which is ().

    The parameters broadcast against each other; gradients flow through ``rsample``, ``log_prob`` and ``entropy``.
    """

    event_shape = Size()
    has_rsample = False
    mean: Tensor
    variance: Tensor
    probs: Tensor
    logits: Tensor

    @property
    def batch_shape(self) -> Any:
        """How many distributions there are."""
        return self.mean.shape

    @property
    def stddev(self) -> Tensor:
        """The standard deviation."""
        return self.variance.sqrt()

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Values of shape (*sample_shape, *batch_shape), through which no gradient flows."""
        with no_grad():
            return self.rsample(sample_shape).detach()

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Values as a function of the parameters, through which gradients flow (Kingma & Welling 2014).

        Raises:
            NotImplementedError: if they jump.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no rsample(): its values jump; use sample() and log_prob()"
        )

    def _refuse(self, parameter: str, tensor: Tensor, valid: Any) -> None:
        if not np.all(valid):
            raise ValueError(f"{type(self).__name__} has no {parameter} like {tensor.detach()}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(batch_shape={tuple(self.batch_shape)})"


def _one_of(probs: Any, logits: Any, name: str) -> tuple[Any, Any]:
    if (probs is None) == (logits is None):
        raise ValueError(f"{name} takes either probs or logits, and {'none' if probs is None else 'both'} were given")
    return probs if probs is None else as_tensor(probs), logits if logits is None else as_tensor(logits)


def _inside(probs: Tensor) -> Tensor:
    """Probabilities whose logarithm is finite."""
    eps = float(np.finfo(probs.dtype).eps)
    return clamp(probs, eps, 1 - eps)


class Categorical(Distribution):
    """One of the classes 0, 1, ..., of probabilities ``probs`` (..., classes), or proportional to exp(``logits``)."""

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        given, scores = _one_of(probs, logits, "Categorical")
        if given is not None:
            self._refuse("probs", given, (given.array >= 0) & (given.array.sum(-1, keepdims=True) > 0))
            self.probs = given / total(given, -1, keepdim=True)
            self.logits = log(_inside(self.probs))
        else:
            self._refuse("logits", scores, ~np.isnan(scores.array))
            self.logits = scores - logsumexp(scores, -1, keepdim=True)
            self.probs = softmax(self.logits, -1)

    @property
    def batch_shape(self) -> Any:
        """How many distributions there are."""
        return Size(self.probs.shape[:-1])

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Classes of shape (*sample_shape, *batch_shape)."""
        with no_grad():
            rows = self.probs.reshape(-1, self.probs.shape[-1])
            drawn: Tensor = multinomial(rows, math.prod(sample_shape), replacement=True)
            return drawn.mT.reshape(*sample_shape, *self.batch_shape)

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the probability of classes, which broadcast against the batch."""
        ids = value.long().unsqueeze(-1)
        ids, scores = broadcast_tensors(ids, self.logits)
        return scores.gather(-1, ids[..., :1]).squeeze(-1)

    def entropy(self) -> Tensor:
        """-sum p log p."""
        return -total(self.probs * clamp(self.logits, min=float(np.finfo(self.logits.dtype).min)), -1)


class Bernoulli(Distribution):
    """1 with probability ``probs``, else 0; or with probability sigmoid(``logits``)."""

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        given, scores = _one_of(probs, logits, "Bernoulli")
        if given is not None:
            self._refuse("probs", given, (given.array >= 0) & (given.array <= 1))
            self.probs = given
            self.logits = log(_inside(given)) - log1p(-_inside(given))
        else:
            self.probs, self.logits = sigmoid(scores), scores

    @property
    def mean(self) -> Tensor:  # type: ignore[override]
        """The probability p of a 1."""
        return self.probs

    @property
    def variance(self) -> Tensor:  # type: ignore[override]
        """p (1 - p)."""
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Zeros and ones of shape (*sample_shape, *batch_shape)."""
        with no_grad():
            return bernoulli(self.probs.expand(*sample_shape, *self.batch_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the probability of zeros and ones."""
        scores, target = broadcast_tensors(self.logits, value)
        return -binary_cross_entropy_with_logits(scores, target, reduction="none")

    def entropy(self) -> Tensor:
        """-p log p - (1 - p) log(1 - p)."""
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")


class Normal(Distribution):
    """The normal distribution with mean ``loc`` and standard deviation ``scale``."""

    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_tensors(as_tensor(loc), as_tensor(scale))
        self._refuse("scale", self.scale, self.scale.array > 0)
        self.mean, self.variance = self.loc, self.scale**2

    @property
    def stddev(self) -> Tensor:
        """The standard deviation."""
        return self.scale

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """loc + scale e, e drawn from N(0, 1), of shape (*sample_shape, *batch_shape)."""
        return self.loc + self.scale * randn(*sample_shape, *self.batch_shape, dtype=self.loc.dtype)

    def log_prob(self, value: Tensor) -> Tensor:
        """-(x - loc)^2 / (2 scale^2) - log scale - log(2 pi) / 2."""
        return -((value - self.loc) ** 2) / (2 * self.variance) - log(self.scale) - 0.5 * math.log(2 * math.pi)

    def entropy(self) -> Tensor:
        """log scale + (1 + log(2 pi)) / 2."""
        return log(self.scale) + 0.5 * (1 + math.log(2 * math.pi))

    def cdf(self, value: Tensor) -> Tensor:
        """The probability of a number below ``value``."""
        return 0.5 * (1 + erf((value - self.loc) / (self.scale * math.sqrt(2))))


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    """The sum of p log(p / q) over all values (Kullback & Leibler 1951), of two distributions of one kind.

    Raises:
        NotImplementedError: for two kinds.
    """
    if isinstance(p, Normal) and isinstance(q, Normal):
        ratio, away = (p.scale / q.scale) ** 2, ((p.loc - q.loc) / q.scale) ** 2
        return 0.5 * (ratio + away - 1 - log(ratio))
    if isinstance(p, Categorical) and isinstance(q, Categorical):
        parts = p.probs * (p.logits - q.logits)
        return total(where(p.probs == 0, 0.0, where(q.probs == 0, math.inf, parts)), -1)
    if isinstance(p, Bernoulli) and isinstance(q, Bernoulli):
        ones = p.probs * (logsigmoid(p.logits) - logsigmoid(q.logits))
        return ones + (1 - p.probs) * (logsigmoid(-p.logits) - logsigmoid(-q.logits))
    raise NotImplementedError(f"kl_divergence compares two of a kind, got {type(p).__name__} and {type(q).__name__}")
