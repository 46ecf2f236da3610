"""The page of a text model: one types a sentence and sees what every prediction depends on.

The page computes with the library's own steps, as the playground does. Each is written down as a tape, forward and
back: the products with the weights, what a cell makes of them, and what is read off its state. The weights are carried
once; time is a loop on the page.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from ... import nn
from ...engine.folding import history
from ...surface.functions import linear, stack
from ...surface.tensor import Tensor
from .instructions import Refused
from .playground import GATES, leaf, state_after, written

#: Inner values that the page shows: of an LSTM its gates and the candidate, of a GRU the same.
_SHOWN = {"lstm": "ifgo", "gru": "rzn"}
_WEIGHTS = {"W_x": "weight_ih", "b_x": "bias_ih", "W_h": "weight_hh", "b_h": "bias_hh"}


def product(inputs: int, outputs: int) -> dict[str, Any]:
    """W x + b."""
    x, W, b = leaf(1, inputs), leaf(outputs, inputs, requires_grad=False), leaf(outputs, requires_grad=False)
    return written(linear(x, W) + b, x=x, W=W, b=b)


def cell_of(kind: str, hidden: int) -> dict[str, Any]:
    """From what x and h bring, and the state, h or h and c, to the state after it."""
    rows = GATES[kind] * hidden
    a, r, state = leaf(1, rows), leaf(1, rows), leaf(2 if kind == "lstm" else 1, 1, hidden)
    result = stack(state_after(kind, a, r, state), 0)
    inner: Any = {node.name: node for node in history(result) if node.name and node.name in _SHOWN.get(kind, "")}
    return written(result, inner, a=a, r=r, **({"state": state} if kind in _SHOWN else {}))


def reading(hidden: int, outputs: int) -> dict[str, Any]:
    """-log p of the token that y marks with a 1, from h: p = softmax(W h + b)."""
    h, y = leaf(1, hidden), leaf(1, outputs, requires_grad=False)
    W, b = leaf(outputs, hidden, requires_grad=False), leaf(outputs, requires_grad=False)
    logs = nn.functional.log_softmax(linear(h, W) + b, dim=-1)
    return written(-(y * logs).sum(), {"logs": logs}, h=h, y=y, W=W, b=b)


def _packed(parameter: Tensor | None, size: int = 0) -> str:
    """The bytes of floats; of a bias that is not there, zeros."""
    array = np.zeros(size) if parameter is None else parameter.array
    return base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()


def content(embedding: nn.Embedding, rnn: nn.RNN | nn.LSTM | nn.GRU, head: nn.Linear) -> dict[str, Any]:
    """What the page computes with.

    Raises:
        ValueError: layers in two directions, a projection, sizes that do not fit, or more weights than a page computes
            with.
    """
    kind = {nn.LSTM: "lstm", nn.GRU: "gru"}.get(type(rnn), getattr(rnn, "nonlinearity", "tanh"))
    hidden, rows, parameters = rnn.hidden_size, GATES[kind] * rnn.hidden_size, dict(rnn.named_parameters())
    if rnn.bidirectional or rnn.proj_size:
        raise ValueError("a page reads forwards, without a projection; this model has two directions or a projection")
    if (embedding.embedding_dim, hidden) != (rnn.input_size, head.in_features):
        raise ValueError(
            f"embedding ({embedding.embedding_dim}), rnn ({rnn.input_size} -> {hidden}) and head ({head.in_features}) "
            "do not fit together"
        )
    try:
        layers = [
            {
                "x": product(rnn.input_size if layer == 0 else hidden, rows),
                "h": product(hidden, rows),
                "weights": {
                    name: _packed(parameters.get(f"{names}_l{layer}"), rows)
                    for name, names in _WEIGHTS.items()
                },
            }
            for layer in range(rnn.num_layers)
        ]  # fmt: skip
        return {
            "kind": kind, "hidden": hidden, "inputs": rnn.input_size, "embedding": _packed(embedding.weight),
            "layers": layers, "cell": cell_of(kind, hidden), "head": reading(hidden, head.out_features),
            "read": {"W": _packed(head.weight), "b": _packed(head.bias, head.out_features)},
        }  # fmt: skip
    except Refused as refused:
        raise ValueError(f"the model is too large for a page: {refused}") from None
