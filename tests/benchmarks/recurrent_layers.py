"""Training steps of nn.RNN, nn.LSTM and nn.GRU beside PyTorch's fused layers, with the memory they need.

    python tests/benchmarks/recurrent_layers.py [--rounds 20] [--libraries tinygrad_rnn torch] [--only LSTM]

Forward over a batch of sequences, mean squared error on all outputs, backward, SGD; float32. Sizes are batch, time,
input, hidden. The rows "d2/dx2" add a penalty on the squared gradient of the loss in the input, whose own gradient
goes through the backward pass (create_graph=True). How it is timed is said in side_by_side.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.benchmarks.side_by_side import Step, main
else:
    from side_by_side import Step, main

SIZES = ((1, 50, 32, 32), (16, 25, 64, 64), (32, 50, 64, 128), (64, 100, 128, 256))
RATE = 0.01

PROBLEMS = {f"{kind} {size}": [kind, *map(str, size)] for kind in ("RNN", "LSTM", "GRU") for size in SIZES}
PROBLEMS["RNN, 1,000 steps (8, 1000, 16, 32)"] = ["RNN", "8", "1000", "16", "32"]
for _kind in ("RNN", "LSTM", "GRU"):
    PROBLEMS[f"{_kind}, d2/dx2 (8, 25, 16, 32)"] = [_kind, "8", "25", "16", "32", "penalty"]


def training(library: Any, kind: str, batch: str, time: str, input: str, hidden: str, *penalty: str) -> Step:
    """One training step, as it is written for both libraries."""
    import numpy as np

    draw = np.random.default_rng(0)

    def numbers(*shape: int) -> Any:
        return library.tensor(draw.standard_normal(shape).astype(np.float32))

    x = numbers(int(time), int(batch), int(input))
    target = numbers(int(time), int(batch), int(hidden))
    layer = getattr(library.nn, kind)(int(input), int(hidden))
    parameters = list(layer.parameters())
    with library.no_grad():
        for parameter in parameters:
            parameter.copy_(numbers(*parameter.shape) * (0.5 / int(hidden) ** 0.5))
    if penalty:
        x.requires_grad_()

    def step() -> float:
        output, _ = layer(x)
        loss = ((output - target) ** 2).mean()
        if penalty:
            (slope,) = library.autograd.grad(loss, [x], create_graph=True)
            loss = loss + 100 * (slope**2).sum()
        loss.backward()
        x.grad = None
        with library.no_grad():
            for parameter in parameters:
                parameter -= RATE * parameter.grad
                parameter.grad = None
        return float(loss.item())

    return step


def ours(*words: str) -> Step:
    import tinygrad_rnn

    return training(tinygrad_rnn, *words)


def pytorch(*words: str) -> Step:
    import torch

    torch.set_num_threads(1)
    return training(torch, *words)


if __name__ == "__main__":
    main(__doc__, PROBLEMS, {"tinygrad_rnn": ours, "torch": pytorch}, rounds=20, memory=True)
