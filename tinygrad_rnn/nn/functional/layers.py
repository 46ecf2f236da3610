"""Layers as functions: products, dropout and distances."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...engine.modes import following
from ...numbers.random import Generator, numpy_generator
from ...surface.functions import linear as product
from ...surface.functions import log, norm, pdist, softmax
from ...surface.functions import sum as total
from ...surface.tensor import Tensor, wrap
from .normalization import normalize

__all__ = ["bilinear", "channel_shuffle", "cosine_similarity", "dropout", "dropout1d", "gumbel_softmax", "linear"]
__all__ += ["pairwise_distance", "pdist"]


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x W^T + b: input (..., in), weight (out, in), bias (out), result (..., out)."""
    shape, sizes = input.array.shape, weight.array.shape
    if not shape or len(sizes) > 2 or shape[-1] != sizes[-1]:
        raise RuntimeError(
            f"linear needs an input (..., in) and a weight (out, in) with the same size in; the input is {shape}, the "
            f"weight {sizes}."
        )
    check_dtype(input, weight, "linear")
    if len(sizes) == 1:
        return input @ weight if bias is None else input @ weight + bias
    return product(input, weight, bias)


def check_dtype(input: Tensor, weight: Tensor | None, name: str) -> None:
    """Refuse an input of another dtype than the parameters: numpy would go on in the wider one without a word."""
    given = input.array.dtype
    own = given if weight is None else weight.array.dtype
    if given is own or given == own:
        return
    cure = f"convert the input with x.to({own}), or the model with model.to({given})"
    if given.kind != "f":
        cure = "convert the input with x.float(), or look whole numbers up in an Embedding"
    raise RuntimeError(f"{name} has parameters of {own} and was given an input of {given}: {cure}.")


def check_probability(p: float) -> float:
    """``p``, with which dropout drops a value."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout needs a probability from 0 to 1; {p!r} was given.")
    return p


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x1 A_k x2^T + b_k: input1 (..., in1), input2 (..., in2), weight (out, in1, in2), result (..., out)."""
    outputs, in1, in2 = weight.array.shape
    first, second = input1.array.shape, input2.array.shape
    if not first or not second or first[:-1] != second[:-1] or (first[-1], second[-1]) != (in1, in2):
        raise RuntimeError(
            f"bilinear with a weight of shape {weight.array.shape} needs inputs (..., {in1}) and (..., {in2}) with "
            f"equal sizes in front; {first} and {second} were given."
        )
    half = (input1 @ weight.permute(1, 0, 2).reshape(in1, outputs * in2)).reshape(*first[:-1], outputs, in2)
    product = (half * input2.unsqueeze(-2)).sum(-1)
    return product if bias is None else product + bias


def dropout(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Each entry 0 with probability ``p``, else divided by 1 - p (Srivastava et al. 2014); x itself if not training.

    The mask is an array argument of the one recorded product.
    """
    if check_probability(p) == 0 or not training:
        return input
    mask = dropout_mask(input, p, generator)
    return input.mul_(wrap(mask)) if inplace else input * mask


def dropout1d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """As ``dropout``, each channel of (batch, channels, length) or (channels, length) as a whole."""
    if input.ndim not in (2, 3):
        raise RuntimeError(f"dropout1d needs an input (batch, channels, length), got {tuple(input.shape)}")
    if not training or p == 0:
        return dropout(input, p, training)
    kept = dropout(input.new_ones(*input.shape[:-1], 1), p, generator=generator)
    return input.mul_(kept) if inplace else input * kept


def dropout_mask(like: Tensor, p: float, generator: Generator | None) -> np.ndarray[Any, Any]:
    """0 with probability ``p``, else 1 / (1 - p), of the shape and dtype of a tensor."""
    mask: np.ndarray[Any, Any] = following.drawn(drawn_mask, like.array.shape, like.array.dtype, p, generator)
    return mask


def drawn_mask(shape: tuple[int, ...], dtype: Any, p: float, generator: Generator | None = None) -> Any:
    """0 with probability ``p``, else 1 / (1 - p); in one array, or row by row, the numbers are the same."""
    kept = numpy_generator(generator).random(shape, np.float32) >= p
    return np.multiply(kept, 0.0 if p == 1 else 1 / (1 - p), dtype=dtype)


def gumbel_softmax(
    logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1, *,
    generator: Generator | None = None,
) -> Tensor:  # fmt: skip
    """softmax((logits + G) / tau), where the largest of logits + G is k with probability softmax(logits)[k].

    G = -log E of exponential numbers E (Jang, Gu & Poole 2017). With ``hard`` the result is 1 at the largest entry and
    0 elsewhere, and its derivative is that of the softmax. ``eps`` does nothing, as in PyTorch.
    """
    waits = wrap(following.drawn(_exponential, logits.array.shape, logits.array.dtype, generator))
    soft = softmax((logits - log(waits)) / tau, dim)
    if not hard:
        return soft
    return soft.new_zeros(soft.shape).scatter(dim, soft.argmax(dim, keepdim=True), 1.0) - soft.detach() + soft


def _exponential(shape: tuple[int, ...], dtype: Any, generator: Generator | None = None) -> Any:
    return numpy_generator(generator).standard_exponential(shape).astype(dtype)


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x1 · x2 / (max(|x1|, eps) max(|x2|, eps)): the cosine of the angle between vectors along ``dim``."""
    both = x1.detach() * x2.detach()  # each is as long as what it is compared with, be it repeated
    x1, x2 = (normalize(x.expand_as(both), dim=dim, eps=eps) for x in (x1, x2))
    return total(x1 * x2, dim)


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """|x1 - x2 + eps| along the last axis, in the norm with exponent ``p``; eps keeps it off the kink at 0."""
    return norm(x1 - x2 + eps, p, -1, keepdim=keepdim)


def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """The channels, the second axis, in turns from each of ``groups`` equal parts of them."""
    if input.ndim < 3 or groups < 1 or input.shape[1] % groups:
        raise RuntimeError(
            f"channel_shuffle divides the channels of {tuple(input.shape)} into equal parts, got {groups}"
        )
    return input.unflatten(1, (groups, -1)).transpose(1, 2).flatten(1, 2)
