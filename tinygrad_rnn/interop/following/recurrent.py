"""PyTorch's recurrent layers, cells, attention and dropout, each one call there, opened into their operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np

from ...engine.scope import scope, step
from ...nn.cells import total_bias
from ...nn.functional import softmax
from ...nn.packing import PackedSequence, pack_padded_sequence, pad_packed_sequence, repack, unpack
from ...nn.steps import gru_step, lstm_step, named, rnn_step
from ...nn.unrolling import unroll
from ...surface.functions import cat, relu, stack, tanh, unbind
from ...surface.tensor import Tensor, wrap

#: The masks that PyTorch's dropout drew in this call, for shapes and a probability.
Masks = Callable[[Sequence[Any], float], list[Any]]


def dropout(masks: Masks, input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """x * mask: the mask is data."""
    if not training or p == 0:
        return input
    mask = masks([input.array.shape], p)[0]
    return input.mul_(wrap(mask)) if inplace else input * mask


def attention(
    masks: Masks,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(q k^T scale + mask) v."""
    scores = query @ key.transpose(-2, -1) * (query.array.shape[-1] ** -0.5 if scale is None else scale)
    if is_causal:
        attn_mask = wrap(np.tri(*scores.array.shape[-2:], dtype=bool))
    if attn_mask is not None:
        boolean = attn_mask.array.dtype == bool
        scores = scores.masked_fill(~attn_mask, -np.inf) if boolean else scores + attn_mask
    return dropout(masks, named("attention", softmax(scores, dim=-1)), dropout_p) @ value


def rnn_cell(f: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    """A step of nn.RNNCell."""

    def cell(masks: Masks, x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, *biases: Tensor | None) -> Tensor:
        return rnn_step(x, h, W_ih, W_hh, total_bias(*(biases or (None, None))), f)

    return cell


def lstm_cell(
    masks: Masks, x: Tensor, state: Sequence[Tensor], W_ih: Tensor, W_hh: Tensor, *biases: Tensor | None
) -> tuple[Tensor, Tensor]:
    """A step of nn.LSTMCell."""
    return lstm_step(x, state[0], state[1], W_ih, W_hh, total_bias(*(biases or (None, None))))


def gru_cell(masks: Masks, x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, *biases: Tensor | None) -> Tensor:
    """A step of nn.GRUCell."""
    return gru_step(x, h, W_ih, W_hh, *biases)


@dataclass(frozen=True)
class Layers:
    """nn.RNN, nn.LSTM or nn.GRU: all layers and directions of one call, step by step, with the same weights."""

    kind: str

    def __call__(self, masks: Masks, input: Tensor, second: Any, *rest: Any) -> tuple[Tensor, ...]:
        if isinstance(rest[1], (list, tuple)):  # packed: (data, batch_sizes, hx, weights, ..)
            packed = PackedSequence(input, second)
            hx, weights, bias, layers, p, training, both = rest
            steps: Any
            steps, lengths, _ = unpack(packed, None, 1)
            batch_first, batch = False, (int(second.array[0]),)
        else:
            packed, lengths = None, None
            hx, (weights, bias, layers, p, training, both, batch_first) = second, rest
            batch_first = batch_first and input.array.ndim == 3
            steps = input.transpose(0, 1) if batch_first else input
            batch = steps.array.shape[1:-1]
        per = len(weights) // (layers * (2 if both else 1))
        groups = [weights[n : n + per] for n in range(0, len(weights), per)]
        starts = _starts(hx if self.kind == "lstm" else (hx,), len(groups))
        width = groups[0][1].array.shape[1]
        sizes = None if packed is None else second.array.tolist()
        rows = (sum(sizes),) if sizes else (len(steps), *batch)
        shapes = [(*rows, width * (2 if both else 1))] * (layers - 1)
        dropped = masks(shapes, p) if p and training and layers > 1 else []
        outputs: Any = steps
        final: list[tuple[Tensor, ...]] = []
        for k in range(layers):
            if k and dropped:
                outputs = _masked(outputs, dropped[k - 1], sizes)
            ways = []
            for reverse in (False, True)[: 2 if both else 1]:
                n = len(final)
                with scope(f"l{k}_reverse" if reverse else f"l{k}") if len(groups) > 1 else nullcontext():
                    made, last = self._direction(groups[n], bool(bias), outputs, starts[n], lengths, reverse)
                ways.append(made)
                final.append(last)
            outputs = ways[0] if not both else _each(lambda _, a, b: cat([a, b], -1), ways[0], ways[1])
        states = [stack([each[n] for each in final], 0) for n in range(len(final[0]))]
        if packed is not None:
            return (repack(packed, outputs, None, 1)[0].data, *states)
        return (stack(outputs, 1 if batch_first else 0), *states)

    def _direction(
        self, weights: Sequence[Tensor], bias: bool, xs: Any, start: tuple[Tensor, ...], lengths: Any, reverse: bool
    ) -> tuple[list[Tensor], tuple[Tensor, ...]]:
        W_ih, W_hh = weights[:2]
        b_ih, b_hh = weights[2:4] if bias else (None, None)
        b = None if self.kind == "gru" else total_bias(b_ih, b_hh)
        W_hr = weights[-1] if len(weights) % 2 else None
        f = relu if self.kind == "rnn_relu" else tanh

        def cell(x: Tensor, state: Any) -> Any:
            if self.kind == "lstm":
                return lstm_step(x, state[0], state[1], W_ih, W_hh, b, W_hr)
            return (
                gru_step(x, state, W_ih, W_hh, b_ih, b_hh)
                if self.kind == "gru"
                else rnn_step(x, state, W_ih, W_hh, b, f)
            )

        state: Any = start if self.kind == "lstm" else start[0]
        if len(xs) == 1:  # a step of somebody else's loop, perhaps
            state = cell(xs[0], state)
            return [state[0] if self.kind == "lstm" else state], state if self.kind == "lstm" else (state,)
        outputs, state = unroll(cell, xs, state, lengths=lengths, reverse=reverse)
        return outputs, state if self.kind == "lstm" else (state,)


def _starts(states: Sequence[Tensor], count: int) -> list[tuple[Tensor, ...]]:
    """The first state of each layer and direction; one that is no result is data, and read without an operation."""
    parts = []
    for letter, state in zip("hc", states, strict=False):
        read = unbind(state, 0) if state.requires_grad else [wrap(state.array[n]) for n in range(count)]
        parts.append([named(f"{letter}0", each) for each in read])
    return list(zip(*parts, strict=True))


def _masked(outputs: Sequence[Tensor], mask: Any, sizes: Sequence[int] | None) -> list[Tensor]:
    """Dropout between two layers: each step times its rows of the mask."""
    if sizes is None:
        rows = list(mask)
    else:
        rows = [np.ones((sizes[0], mask.shape[-1]), mask.dtype) for _ in sizes]
        for row, size, end in zip(rows, sizes, accumulate(sizes), strict=True):
            row[:size] = mask[end - size : end]
    return _each(lambda t, x: x * rows[t], outputs)


def _each(function: Callable[..., Tensor], *sequences: Sequence[Tensor]) -> list[Tensor]:
    """What a function of the number and the tensors of a step gives, recorded in that step."""
    results = []
    for t, tensors in enumerate(zip(*sequences, strict=True)):
        with step(t + 1) if len(sequences[0]) > 1 else nullcontext():
            results.append(function(t, *tensors))
    return results


def packed(masks: Masks, input: Tensor, lengths: Tensor, batch_first: bool) -> tuple[Tensor, Tensor]:
    """pack_padded_sequence of sequences in order."""
    made = pack_padded_sequence(input, lengths, batch_first)
    return made.data, made.batch_sizes


def unpacked(
    masks: Masks, data: Tensor, sizes: Tensor, batch_first: bool, padding_value: float, total_length: int
) -> tuple[Tensor, Tensor]:
    """pad_packed_sequence of sequences in order."""
    length = total_length if total_length > 0 else None
    return pad_packed_sequence(PackedSequence(data, sizes), batch_first, padding_value, length)


#: What opens a function of PyTorch, by its name; called with the masks of this call first.
OPENED: dict[str, Callable[..., Any]] = {
    "lstm": Layers("lstm"),
    "gru": Layers("gru"),
    "rnn_tanh": Layers("rnn_tanh"),
    "rnn_relu": Layers("rnn_relu"),
    "lstm_cell": lstm_cell,
    "gru_cell": gru_cell,
    "rnn_tanh_cell": rnn_cell(tanh),
    "rnn_relu_cell": rnn_cell(relu),
    "scaled_dot_product_attention": attention,
    "dropout": dropout,
    "_pack_padded_sequence": packed,
    "_pad_packed_sequence": unpacked,
}
