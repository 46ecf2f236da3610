"""Attention: a weighted mean of values, by how well their keys answer a query (Vaswani et al. 2017)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...engine.modes import following
from ...surface.functions import cat, isnan, pad, softmax, where
from ...surface.tensor import Tensor, wrap
from .layers import dropout, linear

__all__ = ["multi_head_attention_forward", "scaled_dot_product_attention"]

Mask = Tensor | None


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
    if attn_mask is not None and (following.told is not None or np.isnan(weights.array).any()):
        weights = where(isnan(weights).all(-1, keepdim=True), 0.0, weights)
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


def multi_head_attention_forward(
    query: Tensor, key: Tensor, value: Tensor, embed_dim_to_check: int, num_heads: int, in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None, bias_k: Tensor | None, bias_v: Tensor | None, add_zero_attn: bool, dropout_p: float,
    out_proj_weight: Tensor, out_proj_bias: Tensor | None, training: bool = True, key_padding_mask: Mask = None,
    need_weights: bool = True, attn_mask: Mask = None, use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None, k_proj_weight: Tensor | None = None, v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None, static_v: Tensor | None = None, average_attn_weights: bool = True,
    is_causal: bool = False, *, batch_first: bool = False,
) -> tuple[Tensor, Tensor | None]:  # fmt: skip
    """(output, weights) of attention with several heads, whose arguments ``nn.MultiheadAttention`` explains.

    Args:
        use_separate_proj_weight: take ``q_proj_weight`` and its like, and not ``in_proj_weight``.
        static_k, static_v: what all heads see, (batch * num_heads, S, head_dim), in the place of what is computed.
        batch_first: sequences are (batch, time, features), and as in PyTorch (time, batch, features) otherwise.

    Raises:
        RuntimeError: if ``is_causal`` comes without ``attn_mask``, or shapes do not fit.
    """
    size = query.shape[-1]
    if query.ndim not in (2, 3) or query.ndim != key.ndim or key.ndim != value.ndim or size != embed_dim_to_check:
        raise RuntimeError(
            "attention takes sequences (time, features) or batches of them for query, key and value, with "
            f"{embed_dim_to_check} features in a query; got shapes {tuple(query.shape)}, {tuple(key.shape)} and "
            f"{tuple(value.shape)}"
        )
    if is_causal and attn_mask is None:
        raise RuntimeError("is_causal=True says what attn_mask is: give attn_mask too")
    alone, own, given = query.ndim == 2, query is key is value, [query, key, value]
    if alone:
        given = [x[None] for x in given]
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    elif not batch_first:
        given = [query.transpose(0, 1)] * 3 if own else [x.transpose(0, 1) for x in given]
    biases: Any = (None, None, None) if in_proj_bias is None else in_proj_bias.chunk(3)
    weights: Any = (q_proj_weight, k_proj_weight, v_proj_weight)
    whole = None if use_separate_proj_weight else in_proj_weight
    if whole is not None and own:
        found = list(linear(given[0], whole, in_proj_bias).chunk(3, -1))
    else:
        weights = weights if whole is None else whole.chunk(3)
        found = [linear(x, W, b) for x, W, b in zip(given, weights, biases, strict=True)]
    for place, end in ((1, bias_k), (2, bias_v)):
        found[place] = found[place] if end is None else cat([found[place], end.expand(len(given[0]), 1, size)], 1)
    heads = [x.unflatten(-1, (num_heads, size // num_heads)).transpose(1, 2) for x in found]
    for place, static in ((1, static_k), (2, static_v)):
        heads[place] = heads[place] if static is None else static.unflatten(0, (-1, num_heads))
        heads[place] = pad(heads[place], (0, 0, 0, int(add_zero_attn)))
    q, k, v = heads
    mask, shares = _added(num_heads, attn_mask, key_padding_mask, k), None
    if need_weights:
        shares = dropout(weighing(q, k, mask), dropout_p, training)
        output = shares @ v
    else:
        output = scaled_dot_product_attention(q, k, v, mask, dropout_p if training else 0.0)
    output = linear(output.transpose(1, 2).flatten(2), out_proj_weight, out_proj_bias)
    if alone:
        output, shares = output.squeeze(0), None if shares is None else shares.squeeze(0)
    elif not batch_first:
        output = output.transpose(0, 1)
    return output, shares.mean(-3) if shares is not None and average_attn_weights else shares


def _added(heads: int, attn_mask: Mask, padding: Mask, keys: Tensor) -> Mask:
    """What is added to the scores (batch, heads, L, S): both masks, open for what was put at the end."""
    if attn_mask is not None and attn_mask.ndim == 3:
        attn_mask = attn_mask.unflatten(0, (-1, heads))
    found: Mask = None
    for mask in (attn_mask, None if padding is None else padding[:, None, None, :]):
        if mask is not None:
            added = masked(wrap(np.zeros((), keys.dtype)), ~mask if mask.dtype.kind == "b" else mask)
            added = pad(added, (0, keys.shape[-2] - mask.shape[-1]))
            found = added if found is None else found + added
    return found
