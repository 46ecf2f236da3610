"""One training step of an RNN written from primitives, timed side by side with the libraries that are installed.

    python tests/benchmarks/training_step.py [--rounds 40] [--libraries tinygrad_rnn torch autograd mygrad]

Forward, mean squared error on the last state, backward, SGD; float32. Sizes are batch, time, input, hidden. How it is
timed is said in side_by_side.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.benchmarks.side_by_side import Step, main
else:
    from side_by_side import Step, main

SIZES = ((1, 50, 32, 32), (16, 25, 64, 64), (32, 50, 64, 128), (64, 100, 128, 256))
RATE = 0.01


def problem(*size: str) -> tuple[Any, Any, Any]:
    """The same inputs, parameters and targets for every library."""
    import numpy as np

    batch, time, input, hidden = map(int, size)
    draw = np.random.default_rng(0)
    xs = draw.standard_normal((time, batch, input)).astype(np.float32)
    parameters = [
        (draw.standard_normal((input, hidden)) / input**0.5).astype(np.float32),
        (draw.standard_normal((hidden, hidden)) / hidden**0.5).astype(np.float32),
        np.zeros(hidden, np.float32),
    ]
    return list(xs), parameters, draw.standard_normal((batch, hidden)).astype(np.float32)


def torch_like(torch: Any, xs: Any, parameters: Any, target: Any) -> Step:
    """The step as it is written for PyTorch and for tinygrad_rnn."""
    xs = [torch.tensor(x) for x in xs]
    parameters = [torch.tensor(p, requires_grad=True) for p in parameters]
    target = torch.tensor(target)

    def step() -> float:
        W_xh, W_hh, b_h = parameters
        h = torch.zeros(target.shape)
        for x in xs:
            h = torch.tanh(x @ W_xh + h @ W_hh + b_h)
        loss = ((h - target) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for parameter in parameters:
                parameter -= RATE * parameter.grad
                parameter.grad = None
        return float(loss.item())

    return step


def step_tinygrad_rnn(*size: str) -> Step:
    import tinygrad_rnn

    return torch_like(tinygrad_rnn, *problem(*size))


def step_torch(*size: str) -> Step:
    import torch

    torch.set_num_threads(1)
    return torch_like(torch, *problem(*size))


def step_autograd(*size: str) -> Step:
    import autograd.numpy as np
    from autograd import value_and_grad

    xs, parameters, target = problem(*size)

    def loss(parameters: Any) -> Any:
        W_xh, W_hh, b_h = parameters
        h = np.zeros(target.shape, np.float32)
        for x in xs:
            h = np.tanh(x @ W_xh + h @ W_hh + b_h)
        return np.mean((h - target) ** 2)

    differentiated = value_and_grad(loss)

    def step() -> float:
        value, gradients = differentiated(parameters)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= np.float32(RATE) * gradient
        return float(value)

    return step


def step_mygrad(*size: str) -> Step:
    import mygrad
    import numpy as np

    mg: Any = mygrad
    xs, parameters, target = problem(*size)
    parameters = [mg.tensor(p) for p in parameters]

    def step() -> float:
        W_xh, W_hh, b_h = parameters
        h = mg.zeros(target.shape, dtype=np.float32)
        for x in xs:
            h = mg.tanh(mg.matmul(x, W_xh) + mg.matmul(h, W_hh) + b_h)
        loss = mg.mean((h - target) ** 2)
        loss.backward()
        for parameter in parameters:
            parameter.data -= np.float32(RATE) * parameter.grad
            parameter.null_grad()
        return float(loss)

    return step


LIBRARIES = {
    "tinygrad_rnn": step_tinygrad_rnn,
    "torch": step_torch,
    "autograd": step_autograd,
    "mygrad": step_mygrad,
}


if __name__ == "__main__":
    main(__doc__, {str(size): list(map(str, size)) for size in SIZES}, LIBRARIES, rounds=40)
