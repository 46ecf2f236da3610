"""Layers that are one operation in ONNX, or a few: lookups, and the loops over time of RNN, LSTM and GRU."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...nn import GRU, LSTM, RNN, Embedding
from .building import Builder
from .tracing import ExportError, Step

#: ONNX stacks the gates in another order: LSTM i, o, f, g for our i, f, g, o; GRU z, r, n for our r, z, n.
GATES = {RNN: [0], LSTM: [0, 3, 1, 2], GRU: [1, 0, 2]}


def layer(b: Builder, step: Step) -> list[str]:
    """The names of the results of a layer."""
    if isinstance(step.operation, Embedding):
        table = b.value(step.operation.weight)
        return [b.node("Gather", table, b.value(step.inputs[0], np.int64), axis=0)]
    return _recurrent(b, step, step.operation)


def _recurrent(b: Builder, step: Step, network: Any) -> list[str]:
    """Output and final states: ONNX has one layer per operation, and the directions on an axis of their own."""
    if network.proj_size:
        raise ExportError(f"{step.where} has proj_size={network.proj_size}, which ONNX does not have; use proj_size=0")
    kind = type(network)
    batched = step.inputs[0].array.ndim == 3
    x = b.value(step.inputs[0])
    states = ["" if state is None else b.value(state) for state in step.inputs[1:]]
    if not batched:
        x = b.node("Unsqueeze", x, b.integers([1]))
        states = [state and b.node("Unsqueeze", state, b.integers([1])) for state in states]
    elif network.batch_first:
        x = b.node("Transpose", x, perm=[1, 0, 2])
    directions = 2 if network.bidirectional else 1
    way = "bidirectional" if network.bidirectional else "forward"
    attributes: dict[str, Any] = {"hidden_size": network.hidden_size, "direction": way}
    if kind is RNN:
        attributes["activations"] = [network.nonlinearity.capitalize()] * directions
    if kind is GRU:
        attributes["linear_before_reset"] = 1  # the reset gate after the product, as in PyTorch
    count = 2 if kind is LSTM else 1
    finals: list[list[str]] = [[] for _ in range(count)]
    for k in range(network.num_layers):
        ends = [b.integers([end]) for end in (k * directions, (k + 1) * directions, 0)] if any(states) else []
        first = [state and b.node("Slice", state, *ends) for state in states]
        weights = _weights(b, network, k)
        y, *final = b.nodes(1 + count, kind.__name__, x, *weights, "", *(first if any(first) else []), **attributes)
        for collected, one in zip(finals, final, strict=True):
            collected.append(one)
        # (time, directions, batch, hidden) -> (time, batch, directions x hidden)
        x = b.node("Reshape", b.node("Transpose", y, perm=[0, 2, 1, 3]), b.integers([0, 0, -1]))
    last = [each[0] if len(each) == 1 else b.node("Concat", *each, axis=0) for each in finals]
    if not batched:
        x, *last = (b.node("Squeeze", value, b.integers([1])) for value in (x, *last))
    elif network.batch_first:
        x = b.node("Transpose", x, perm=[1, 0, 2])
    return [x, *last]


def _weights(b: Builder, network: Any, k: int) -> list[str]:
    """W, R and B of one layer: (directions, gates x hidden, ...), both bias vectors one after the other."""
    order = GATES[type(network)]
    endings = [f"l{k}", f"l{k}_reverse"][: 2 if network.bidirectional else 1]

    def gates(name: str, ending: str) -> Any:
        array = getattr(network, f"{name}_{ending}").array
        parts = array.reshape(len(order), network.hidden_size, *array.shape[1:])
        return parts[order].reshape(array.shape)

    path = next((name.rpartition(".")[0] for p, name in b.parameters.items() if p is network.weight_ih_l0), "")
    prefix = f"{path}." if path else ""
    stacked = [np.stack([gates(name, ending) for ending in endings]) for name in ("weight_ih", "weight_hh")]
    names = [b.constant(array, name=f"{prefix}{kind}_l{k}") for kind, array in zip("WR", stacked, strict=True)]
    if not network.bias:
        return [*names, ""]
    biases = np.stack([np.concatenate([gates("bias_ih", e), gates("bias_hh", e)]) for e in endings])
    return [*names, b.constant(biases, name=f"{prefix}B_l{k}")]
