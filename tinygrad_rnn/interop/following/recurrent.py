"""PyTorch's recurrent layers, cells, attention and dropout, each one call there, opened into their operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate
from typing import Any

import numpy as np

from ...nn.cells import total_bias
from ...nn.functional import softmax
from ...nn.networks import Recurrent, each_step
from ...nn.packing import PackedSequence, pack_padded_sequence, pad_packed_sequence
from ...nn.recurrent import GRU, LSTM, RNN
from ...nn.steps import gru_step, lstm_step, named, rnn_step
from ...numbers.random import default_generator
from ...surface.functions import relu, tanh
from ...surface.tensor import Tensor, wrap

#: The masks that PyTorch's dropout drew in this call, for shapes and a probability.
Masks = Callable[[Sequence[Any], float], list[Any]]


def dropout(masks: Masks, input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """x * mask: the mask is data."""
    if not training or p == 0:
        return input
    mask = named("dropout", wrap(masks([input.array.shape], p)[0]))
    return input.mul_(mask) if inplace else input * mask


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


def _of_cell(W_ih: Tensor, W_hh: Tensor, *biases: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
    """The weights of a step here: the two biases of a cell there are one."""
    return W_ih, W_hh, total_bias(*(biases or (None, None)))


def layers(kind: type[RNN | LSTM | GRU], options: dict[str, Any], masks: Masks, *args: Any) -> tuple[Tensor, ...]:
    """nn.RNN, nn.LSTM or nn.GRU of the same form and with the same weights."""
    sizes = None
    if isinstance(args[3], (list, tuple)):
        data, batch_sizes, hx, weights, bias, count, p, training, both = args
        input: Any = PackedSequence(data, batch_sizes)
        sizes, batch_first = batch_sizes.array.tolist(), False
    else:
        input, hx, weights, bias, count, p, training, both, batch_first = args
    (rows, columns), outputs = weights[0].array.shape, weights[1].array.shape[1]
    hidden = rows // kind.gates
    if outputs != hidden:
        options = options | {"proj_size": outputs}
    before = default_generator.get_state()  # of which the weights that are made first would take some
    made = kind(columns, hidden, count, bias=bool(bias), batch_first=batch_first, bidirectional=both, **options)
    default_generator.set_state(before)
    names = [name for group in made._all_weights for name in group]
    vars(made).update(zip(names, weights, strict=True))
    if p and training and count > 1:
        steps = (sum(sizes),) if sizes else input.array.shape[:-1]
        steps = steps[1::-1] if batch_first and len(steps) == 2 else steps
        drawn = masks([(*steps, outputs * (2 if both else 1))] * (count - 1), p)
        made.dropout = p
        vars(made)["_at_once"] = partial(Recurrent[Any]._at_once, made)  # step by step, for it draws no masks
        vars(made)["_dropped"] = lambda k, ys: each_step(lambda y, mask: y * mask, ys, _by_step(drawn[k - 1], sizes))
    states = hx if kind is LSTM else (hx,)
    is_given = any(each.requires_grad or each.array.any() for each in states)  # and not, as it may be, by the layer
    output, last = made.forward(input, hx if is_given else None)
    return (output if sizes is None else output.data, *(last if kind is LSTM else (last,)))


def _by_step(mask: Any, sizes: Sequence[int] | None) -> list[Any]:
    """The rows of a mask that belong to each step; of packed sequences those that have ended get ones."""
    if sizes is None:
        return list(mask)
    rows = [np.ones((sizes[0], mask.shape[-1]), mask.dtype) for _ in sizes]
    for row, size, end in zip(rows, sizes, accumulate(sizes), strict=True):
        row[:size] = mask[end - size : end]
    return rows


def unpacked(_: Masks, data: Tensor, sizes: Tensor, batch_first: bool, value: float, length: int) -> Any:
    """pad_packed_sequence of sequences in order."""
    return pad_packed_sequence(PackedSequence(data, sizes), batch_first, value, length if length > 0 else None)


#: What opens a function of PyTorch, by its name; called with the masks of this call first.
OPENED: dict[str, Callable[..., Any]] = {
    "rnn_tanh": partial(layers, RNN, {}),
    "rnn_relu": partial(layers, RNN, {"nonlinearity": "relu"}),
    "lstm": partial(layers, LSTM, {}),
    "gru": partial(layers, GRU, {}),
    "rnn_tanh_cell": lambda _, x, h, *weights: rnn_step(x, h, *_of_cell(*weights), tanh),
    "rnn_relu_cell": lambda _, x, h, *weights: rnn_step(x, h, *_of_cell(*weights), relu),
    "lstm_cell": lambda _, x, state, *weights: lstm_step(x, state[0], state[1], *_of_cell(*weights)),
    "gru_cell": lambda _, *args: gru_step(*args),
    "scaled_dot_product_attention": attention,
    "dropout": dropout,
    "_pack_padded_sequence": lambda _, *args: pack_padded_sequence(*args)[:2],  # of sequences in order
    "_pad_packed_sequence": unpacked,
}
