"""Attention: a weighted mean of values, by how well their keys answer a query (Vaswani et al. 2017)."""

from __future__ import annotations

import math

import numpy as np

from ...surface.functions import softmax, where
from ...surface.tensor import Tensor, wrap
from .layers import dropout

__all__ = ["scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, dropout_p: float = 0.0,
    is_causal: bool = False, scale: float | None = None, enable_gqa: bool = False,
) -> Tensor:  # fmt: skip
    """softmax(scale Q K^T + mask) V: query (..., L, E), key (..., S, E), value (..., S, Ev), result (..., L, Ev).

    Args:
        attn_mask: broadcasts to (..., L, S); truth values say which keys take part, real numbers are added. A query
            without any key is answered by 0.
        dropout_p: with what probability a weight is 0.
        is_causal: each query sees the keys up to its own place.
        scale: 1 / sqrt(E) by default.
        enable_gqa: heads, the third axis from the end, of key and value are repeated until they are as many as those
            of query.

    Raises:
        RuntimeError: with both ``attn_mask`` and ``is_causal``, and if shapes do not fit.
    """
    if is_causal and attn_mask is not None:
        raise RuntimeError("scaled_dot_product_attention takes attn_mask or is_causal=True, and both were given")
    if is_causal:
        attn_mask = wrap(np.tri(query.shape[-2], key.shape[-2], dtype=np.bool_))
    if enable_gqa:
        key, value = (each.repeat_interleave(query.shape[-3] // each.shape[-3], -3) for each in (key, value))
    weights = weighing(query, key, attn_mask, scale)
    if (lost := np.isnan(weights.array).all(-1, keepdims=True)).any() and attn_mask is not None:
        weights = where(wrap(lost), 0.0, weights)
    return dropout(weights, dropout_p) @ value


def weighing(query: Tensor, key: Tensor, mask: Tensor | None, scale: float | None = None) -> Tensor:
    """softmax(scale Q K^T + mask), of queries without any key NaN."""
    scores = query @ key.mT * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    return softmax(masked(scores, mask), -1)


def masked(scores: Tensor, mask: Tensor | None) -> Tensor:
    """The scores with -inf where a mask of truth values does not hold, or with a mask of real numbers added."""
    if mask is None:
        return scores
    return where(mask, scores, -math.inf) if mask.array.dtype.kind == "b" else scores + mask
