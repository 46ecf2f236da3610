"""Attention and the layers of a transformer beside PyTorch's, with its weights: outputs, weights and gradients."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(0)
MASKS: dict[str, Any] = {
    "none": None,
    "truth": np.triu(np.ones((4, 5), np.bool_), 2),
    "added": RNG.normal(size=(4, 5)),
    "of each head": (RNG.random((6, 4, 5)) > 0.7) & (np.arange(5) > 0),
}
PADDINGS: dict[str, Any] = {
    "none": None,
    "truth": np.array([[0, 0, 0, 0, 1], [0] * 5, [0, 0, 1, 1, 1]], np.bool_),
    "added": RNG.normal(size=(3, 5)),
}


def like(ours: Any, theirs: Any) -> None:
    """Give a module of ours the weights of PyTorch's."""
    ours.load_state_dict({name: tg.tensor(x.numpy()) for name, x in theirs.state_dict().items()})


def equal(found: Any, wanted: Any) -> None:
    for mine, other in zip(found, wanted, strict=True):
        if other is None:
            assert mine is None
        else:
            np.testing.assert_allclose(mine.detach().numpy(), other.detach().numpy(), rtol=1e-9, atol=1e-11)


def given(lib: Any, array: Any) -> Any:
    return None if array is None else lib.tensor(array)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize(
    "options",
    [{}, {"bias": False}, {"add_bias_kv": True}, {"add_zero_attn": True}, {"kdim": 5, "vdim": 5}],
    ids=lambda options: "-".join(options) or "plain",
)
def test_attention_with_all_masks(options: Any, batch_first: bool) -> None:
    theirs = torch.nn.MultiheadAttention(6, 2, batch_first=batch_first, dtype=torch.float64, **options)
    ours = tg.nn.MultiheadAttention(6, 2, batch_first=batch_first, dtype=tg.float64, **options)
    like(ours, theirs)
    query, key = RNG.normal(size=(3, 4, 6)), RNG.normal(size=(3, 5, options.get("kdim", 6)))
    if not batch_first:
        query, key = query.swapaxes(0, 1).copy(), key.swapaxes(0, 1).copy()

    def run(lib: Any, module: Any, mask: Any, padding: Any, need: bool, average: bool) -> Any:
        q, k = (lib.tensor(each).requires_grad_() for each in (query, key))
        module.zero_grad()
        output, weights = module(q, k, k, given(lib, padding), need, given(lib, mask), average)
        loss = (output * output).sum() + (0 if weights is None else (weights**3).sum())
        loss.backward()
        return [output, weights, q.grad, k.grad, *(parameter.grad for parameter in module.parameters())]

    for mask, padding, need, average in itertools.product(MASKS, PADDINGS, (True, False), (True, False)):
        kinds = {each.dtype.kind for each in (MASKS[mask], PADDINGS[padding]) if each is not None}
        if len(kinds) < 2:  # PyTorch warns of masks of two kinds
            case = (MASKS[mask], PADDINGS[padding], need, average)
            equal(run(tg, ours, *case), run(torch, theirs, *case))


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("static", ["", "k", "v", "kv"])
@pytest.mark.parametrize("zero", [True, False])
def test_the_function(batched: bool, apart: bool, static: str, zero: bool) -> None:
    """With what the module never gives it: keys and values of its own, and (time, batch, features) in any case."""
    batch = (3,) if batched else ()
    inputs = [RNG.normal(size=(*time, *batch, 4)) / 4 for time in ((2,), (5,), (5,))]
    packed, bias, out, out_bias = (RNG.normal(size=shape) / 4 for shape in ((12, 4), (12,), (4, 4), (4,)))
    fixed = {f"static_{letter}": RNG.normal(size=(6 if batched else 2, 5, 2)) for letter in static}

    def run(lib: Any) -> Any:
        qkv = [lib.tensor(x, requires_grad=True) for x in inputs]
        weights = [lib.tensor(x, requires_grad=True) for x in (packed, bias, out, out_bias)]
        own = dict(zip(("q_proj_weight", "k_proj_weight", "v_proj_weight"), weights[0].chunk(3), strict=True))
        options = {name: lib.tensor(x) for name, x in fixed.items()} | (own if apart else {})
        output, shares = lib.nn.functional.multi_head_attention_forward(
            *qkv, 4, 2, None if apart else weights[0], weights[1], None, None, zero, 0.3, weights[2], weights[3],
            training=False, use_separate_proj_weight=apart, **options,
        )  # fmt: skip
        first = lib.autograd.grad((output**2).sum() + (shares**3).sum(), weights, create_graph=True)
        second = lib.autograd.grad(sum((g**2).sum() for g in first), weights)
        return [output, shares, *first, *second]

    equal(run(tg), run(torch))


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_a_whole_transformer(norm_first: bool, activation: str, batch_first: bool) -> None:
    options: Any = {"d_model": 8, "nhead": 2, "num_encoder_layers": 2, "num_decoder_layers": 2, "dim_feedforward": 16}
    options |= {"dropout": 0.0, "activation": activation, "norm_first": norm_first, "batch_first": batch_first}
    theirs = torch.nn.Transformer(**options, dtype=torch.float64)
    ours = tg.nn.Transformer(**options, dtype=tg.float64)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    like(ours, theirs)
    source, target = RNG.normal(size=(3, 5, 8)), RNG.normal(size=(3, 4, 8))
    if not batch_first:
        source, target = source.swapaxes(0, 1).copy(), target.swapaxes(0, 1).copy()

    def run(lib: Any, module: Any) -> Any:
        causal = module.generate_square_subsequent_mask(4).to(lib.float64)
        padding = lib.tensor(PADDINGS["added"])
        output = module(
            lib.tensor(source),
            lib.tensor(target),
            tgt_mask=causal,
            src_key_padding_mask=padding,
            memory_key_padding_mask=padding,
        )
        (output * output).sum().backward()
        return [causal, output, *(parameter.grad for parameter in module.parameters())]

    equal(run(tg, ours), run(torch, theirs))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"is_causal": True},
        {"scale": 0.3},
        {"attn_mask": np.array([[True, False, True]] * 2 + [[False] * 3] * 2)},
        {"attn_mask": np.array([[0.0, -math.inf, 1.0]] * 4)},
        {"enable_gqa": True},
    ],
    ids=str,
)
def test_products_of_queries_and_keys(options: Any) -> None:
    heads = 2 if "enable_gqa" in options else 4
    arrays = RNG.normal(size=(2, 4, 4, 5)), RNG.normal(size=(2, heads, 3, 5)), RNG.normal(size=(2, heads, 3, 6))

    def run(lib: Any) -> Any:
        tensors = [lib.tensor(each).requires_grad_() for each in arrays]
        named = {key: lib.tensor(value) if key == "attn_mask" else value for key, value in options.items()}
        output = lib.nn.functional.scaled_dot_product_attention(*tensors, **named)
        (output * output).sum().backward()
        return [output, *(x.grad for x in tensors)]

    equal(run(tg), run(torch))


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="a multiple of num_heads"):
        tg.nn.MultiheadAttention(6, 4)
    x = tg.randn(2, 3, 4)
    attention = tg.nn.MultiheadAttention(4, 2)
    with pytest.raises(RuntimeError, match="give attn_mask too"):
        attention(x, x, x, is_causal=True)
    with pytest.raises(RuntimeError, match="for query, key and value"):
        attention(x, x[0], x)
    with pytest.raises(RuntimeError, match="5 features in a query"):
        tg.nn.functional.multi_head_attention_forward(x, x, x, 5, 1, None, None, None, None, False, 0.0, x[0], None)
    with pytest.raises(RuntimeError, match="both were given"):
        tg.nn.functional.scaled_dot_product_attention(x, x, x, attn_mask=tg.ones(3, 3), is_causal=True)
    with pytest.raises(RuntimeError, match="'relu', 'gelu' or a function"):
        tg.nn.TransformerEncoderLayer(4, 2, activation="tan")
