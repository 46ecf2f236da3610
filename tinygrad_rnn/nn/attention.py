"""Attention with several heads, and the layers of a transformer made of it (Vaswani et al. 2017)."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..surface.tensor import Tensor, wrap
from . import functional, init
from .containers import ModuleList
from .functional.attention import Mask
from .layers import Dropout, Linear
from .module import Module
from .normalization import LayerNorm
from .parameter import Parameter, give

__all__ = ["MultiheadAttention", "Transformer", "TransformerDecoder", "TransformerDecoderLayer"]
__all__ += ["TransformerEncoder", "TransformerEncoderLayer"]


class MultiheadAttention(Module):
    """softmax(Q K^T / sqrt(d)) V for each of ``num_heads`` heads of d = embed_dim / num_heads numbers, side by side.

    Q = q W_q^T + b_q, K = k W_k^T + b_k and V = v W_v^T + b_v, and the heads together go through ``out_proj``. W_q, W_k
    and W_v lie one below the other in ``in_proj_weight`` (3 embed_dim, embed_dim), unless keys or values have another
    size, ``kdim`` or ``vdim``: then they are ``q_proj_weight``, ``k_proj_weight`` and ``v_proj_weight``.

    Args:
        dropout: with what probability a weight of attention is 0 in training.
        add_bias_kv: a learnt key and value at the end of the sequence.
        add_zero_attn: a key and a value of zeros at the end of the sequence.
        batch_first: sequences are (batch, time, features), and (time, batch, features) otherwise.
    """

    in_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True, add_bias_kv: bool = False,
        add_zero_attn: bool = False, kdim: int | None = None, vdim: int | None = None, batch_first: bool = False,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if num_heads < 1 or embed_dim < 1 or embed_dim % num_heads:
            raise ValueError(
                f"embed_dim is divided among the heads, so a multiple of num_heads; got {embed_dim} and {num_heads}"
            )
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim, self.vdim = kdim or embed_dim, vdim or embed_dim
        self.dropout, self.add_zero_attn, self.batch_first = dropout, add_zero_attn, batch_first
        one = self.kdim == self.vdim == embed_dim
        kind = {"device": device, "dtype": dtype}
        for letter, size in (("q", embed_dim), ("k", self.kdim), ("v", self.vdim)):
            give(self, f"{letter}_proj_weight", embed_dim, size, wanted=not one, **kind)
        give(self, "in_proj_weight", 3 * embed_dim, embed_dim, wanted=one, **kind)
        give(self, "in_proj_bias", 3 * embed_dim, wanted=bias, **kind)
        self.out_proj = Linear(embed_dim, embed_dim, bias, **kind)
        give(self, "bias_k", 1, 1, embed_dim, wanted=add_bias_kv, **kind)
        give(self, "bias_v", 1, 1, embed_dim, wanted=add_bias_kv, **kind)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weights by Glorot's rule, biases 0 (those learnt as key and value from a normal distribution)."""
        for name, parameter in self.named_parameters():
            if name in ("in_proj_bias", "out_proj.bias"):
                init.zeros_(parameter)
            elif name in ("bias_k", "bias_v"):
                init.xavier_normal_(parameter)
            elif name != "out_proj.weight":
                init.xavier_uniform_(parameter)

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, key_padding_mask: Mask = None, need_weights: bool = True,
        attn_mask: Mask = None, average_attn_weights: bool = True, is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:  # fmt: skip
        """(output, weights): output like query, weights (batch, L, S), of each head with average_attn_weights=False.

        Args:
            query, key, value: sequences of lengths L, S and S; without the axis of the batch also one of each.
            key_padding_mask: (batch, S), where True a key is left out; real numbers are added to its scores.
            need_weights: whether weights are wanted; None otherwise.
            attn_mask: (L, S) or (batch * num_heads, L, S), likewise.
            is_causal: a hint that ``attn_mask`` is causal.

        Raises:
            RuntimeError: if ``is_causal`` comes without ``attn_mask``, or shapes do not fit.
        """
        weights = self.in_proj_weight, self.in_proj_bias, self.bias_k, self.bias_v
        own = {f"{letter}_proj_weight": getattr(self, f"{letter}_proj_weight") for letter in "qkv"}
        return functional.multi_head_attention_forward(
            query, key, value, self.embed_dim, self.num_heads, *weights, self.add_zero_attn, self.dropout,
            self.out_proj.weight, self.out_proj.bias, self.training, key_padding_mask, need_weights, attn_mask,
            weights[0] is None, **own, average_attn_weights=average_attn_weights, is_causal=is_causal,
            batch_first=self.batch_first,
        )  # fmt: skip


class Layer(Module):
    """Parts, each added to what goes into it; the sum is normalised, or with ``norm_first`` what goes in."""

    self_attn: MultiheadAttention
    multihead_attn: MultiheadAttention
    attentions: tuple[str, ...] = ("self_attn",)

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: str | Callable[[Tensor], Tensor] = functional.relu, layer_norm_eps: float = 1e-5,
        batch_first: bool = False, norm_first: bool = False, bias: bool = True, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        kind = {"device": device, "dtype": dtype}
        if isinstance(activation, str) and activation not in ("relu", "gelu"):
            raise RuntimeError(f"activation is 'relu', 'gelu' or a function, got {activation!r}")
        for name in self.attentions:
            setattr(self, name, MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, **kind))
        self.linear1 = Linear(d_model, dim_feedforward, bias, **kind)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **kind)
        numbers = range(1, len(self.attentions) + 2)
        for number in numbers:
            setattr(self, f"norm{number}", LayerNorm(d_model, layer_norm_eps, bias=bias, **kind))
        for number in numbers:
            setattr(self, f"dropout{number}", Dropout(dropout))
        self.norm_first = norm_first
        self.activation = getattr(functional, activation) if isinstance(activation, str) else activation


def _through(layer: Any, x: Tensor, *attentions: Callable[[Tensor], tuple[Tensor, Any]]) -> Tensor:
    """Each attention, then the two products: x + part(norm(x)) with norm_first, else norm(x + part(x))."""
    for number in range(1, len(attentions) + 2):
        norm, dropout = getattr(layer, f"norm{number}"), getattr(layer, f"dropout{number}")
        y = norm(x) if layer.norm_first else x
        if number > len(attentions):
            y = layer.linear2(layer.dropout(layer.activation(layer.linear1(y))))
        else:
            y, _ = attentions[number - 1](y)
        x = x + dropout(y) if layer.norm_first else norm(x + dropout(y))
    return x


class TransformerEncoderLayer(Layer):
    """Self-attention, then two products with an activation between them; for the arguments see Transformer."""

    def forward(
        self, src: Tensor, src_mask: Mask = None, src_key_padding_mask: Mask = None, is_causal: bool = False
    ) -> Tensor:
        """A sequence like ``src``; the masks are those of MultiheadAttention."""

        def own(x: Tensor) -> tuple[Tensor, Any]:
            return self.self_attn(x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal)

        return _through(self, src, own)


class TransformerDecoderLayer(Layer):
    """Self-attention, attention to ``memory``, then two products; for the arguments see Transformer."""

    attentions = ("self_attn", "multihead_attn")

    def forward(
        self, tgt: Tensor, memory: Tensor, tgt_mask: Mask = None, memory_mask: Mask = None,
        tgt_key_padding_mask: Mask = None, memory_key_padding_mask: Mask = None, tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:  # fmt: skip
        """A sequence like ``tgt``; the masks are those of MultiheadAttention."""

        def own(x: Tensor) -> tuple[Tensor, Any]:
            return self.self_attn(x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal)

        def other(x: Tensor) -> tuple[Tensor, Any]:
            masks = (memory_key_padding_mask, False, memory_mask)
            return self.multihead_attn(x, memory, memory, *masks, is_causal=memory_is_causal)

        return _through(self, tgt, own, other)


class Stack(Module):
    """Copies of a layer, one after the other, and a normalisation at the end."""

    def __init__(self, layer: Module, num_layers: int, norm: Module | None) -> None:
        super().__init__()
        self.layers = ModuleList([copy.deepcopy(layer) for _ in range(num_layers)])
        self.num_layers, self.norm = num_layers, norm


def _stacked(stack: Stack, x: Tensor, *args: Any) -> Tensor:
    for layer in stack.layers:
        x = layer(x, *args)
    return x if stack.norm is None else stack.norm(x)


class TransformerEncoder(Stack):
    """``num_layers`` copies of an encoder layer; ``enable_nested_tensor`` and ``mask_check`` are accepted."""

    def __init__(
        self, encoder_layer: Module, num_layers: int, norm: Module | None = None, enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(encoder_layer, num_layers, norm)

    def forward(
        self, src: Tensor, mask: Mask = None, src_key_padding_mask: Mask = None, is_causal: bool | None = None
    ) -> Tensor:
        """A sequence like ``src``; the masks are those of MultiheadAttention."""
        return _stacked(self, src, mask, src_key_padding_mask, bool(is_causal))


class TransformerDecoder(Stack):
    """``num_layers`` copies of a decoder layer."""

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__(decoder_layer, num_layers, norm)

    def forward(
        self, tgt: Tensor, memory: Tensor, tgt_mask: Mask = None, memory_mask: Mask = None,
        tgt_key_padding_mask: Mask = None, memory_key_padding_mask: Mask = None, tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:  # fmt: skip
        """A sequence like ``tgt``; the masks are those of MultiheadAttention."""
        masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
        return _stacked(self, tgt, memory, *masks, bool(tgt_is_causal), memory_is_causal)


class Transformer(Module):
    """An encoder reads a sequence, and a decoder writes another while it looks at what the encoder made of the first.

    Args:
        d_model: features of a sequence.
        nhead: heads of attention.
        dim_feedforward: features between the two products of the last part of a layer.
        dropout: with what probability an entry is 0 in training.
        activation: between the two products: "relu", "gelu" or a function.
        batch_first: sequences are (batch, time, features), and (time, batch, features) otherwise.
        norm_first: what goes into a part is normalised, instead of the sum with what comes out.
        num_encoder_layers, num_decoder_layers: how many layers there are.
        custom_encoder, custom_decoder: modules in the place of these.
    """

    def __init__(
        self, d_model: int = 512, nhead: int = 8, num_encoder_layers: int = 6, num_decoder_layers: int = 6,
        dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: str | Callable[[Tensor], Tensor] = functional.relu, custom_encoder: Module | None = None,
        custom_decoder: Module | None = None, layer_norm_eps: float = 1e-5, batch_first: bool = False,
        norm_first: bool = False, bias: bool = True, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        sizes = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)
        kind = {"device": device, "dtype": dtype}
        norms = [LayerNorm(d_model, layer_norm_eps, bias=bias, **kind) for _ in range(2)]
        encoder, decoder = TransformerEncoderLayer(*sizes, **kind), TransformerDecoderLayer(*sizes, **kind)
        self.encoder: Module = custom_encoder or TransformerEncoder(encoder, num_encoder_layers, norms[0])
        self.decoder: Module = custom_decoder or TransformerDecoder(decoder, num_decoder_layers, norms[1])
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first

    def forward(
        self, src: Tensor, tgt: Tensor, src_mask: Mask = None, tgt_mask: Mask = None, memory_mask: Mask = None,
        src_key_padding_mask: Mask = None, tgt_key_padding_mask: Mask = None, memory_key_padding_mask: Mask = None,
        src_is_causal: bool | None = None, tgt_is_causal: bool | None = None, memory_is_causal: bool = False,
    ) -> Tensor:  # fmt: skip
        """A sequence like ``tgt``; the masks are those of MultiheadAttention."""
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
        return self.decoder(tgt, memory, *masks, tgt_is_causal, memory_is_causal)  # type: ignore[no-any-return]

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Tensor:
        """A mask (sz, sz) that adds -inf above the diagonal: no place sees what comes after it."""
        made = wrap(np.triu(np.full((sz, sz), -math.inf, np.float32), 1))
        return made if dtype is None else made.to(dtype)
