"""Initial values of parameters, written in place and not recorded.

Every function changes the tensor it is given and returns it. ``fan_in`` is the number of inputs of one unit,
``fan_out`` the number of units one input reaches: for a weight of shape (out, in) these are ``in`` and ``out``.
Sources: Glorot & Bengio 2010 (xavier), He et al. 2015 (kaiming), Saxe et al. 2014 (orthogonal), Tallec & Ollivier 2018,
section 2 (chrono).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..numbers.random import Generator, numpy_generator
from ..surface.tensor import Tensor

_GAINS: dict[str, float] = {
    **dict.fromkeys(("linear", "conv1d", "conv2d", "conv3d", "sigmoid"), 1.0),
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor that keeps the size of signals through a nonlinearity (``param``: the slope of leaky_relu, 0.01)."""
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else float(param)) ** 2))
    if nonlinearity not in _GAINS:
        raise ValueError(f"no gain is known for {nonlinearity!r}: choose one of {', '.join(_GAINS)}, leaky_relu.")
    return _GAINS[nonlinearity]


def _write(tensor: Tensor, values: Any) -> Tensor:
    tensor.array[...] = values
    tensor.touch()
    return tensor


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill with numbers from U(a, b)."""
    return _write(tensor, numpy_generator(generator).uniform(a, b, tensor.array.shape))


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill with numbers from N(mean, std^2)."""
    return _write(tensor, numpy_generator(generator).normal(mean, std, tensor.array.shape))


def trunc_normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:  # fmt: skip
    """Fill with numbers from N(mean, std^2) that lie in [a, b]; the others are drawn again."""
    rng = numpy_generator(generator)
    reachable = math.erf((b - mean) / std / math.sqrt(2)) - math.erf((a - mean) / std / math.sqrt(2))
    if reachable < 2e-3:
        raise ValueError(f"hardly any number of N({mean}, {std}^2) lies in [{a}, {b}]: move the limits or the mean.")
    values = rng.normal(mean, std, tensor.array.shape)
    while (outside := (values < a) | (values > b)).any():
        values[outside] = rng.normal(mean, std, int(outside.sum()))
    return _write(tensor, values)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one number. (A recurrent weight filled so keeps all hidden units equal for ever.)"""
    return _write(tensor, val)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with 0."""
    return _write(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with 1."""
    return _write(tensor, 1.0)


def eye_(tensor: Tensor) -> Tensor:
    """Make a matrix the identity (Le, Jaitly & Hinton 2015: a good start for a recurrent weight with ReLU)."""
    return _write(tensor, np.eye(*_matrix(tensor, "eye_")))


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Tensor:
    """Fill with N(0, std^2), then set the fraction ``sparsity`` of each column to 0 (Martens 2010)."""
    rows, columns = _matrix(tensor, "sparse_")
    rng = numpy_generator(generator)
    values = rng.normal(0.0, std, (rows, columns))
    for column in range(columns):
        values[rng.permutation(rows)[: math.ceil(sparsity * rows)], column] = 0.0
    return _write(tensor, values)


def orthogonal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Make the rows (or columns, whichever are fewer) orthogonal vectors of length ``gain``.

    A square result is gain times a rotation: every singular value, and so the size of a gradient passing through it,
    is ``gain``. Axes after the first count as one.

    >>> W = tg.nn.init.orthogonal_(tg.empty(3, 3), gain=2.0)
    >>> tg.allclose(W @ W.T, 4 * tg.eye(3), atol=1e-5)
    True
    """
    if tensor.array.ndim < 2:
        raise ValueError(f"orthogonal_ needs a tensor with at least two axes; {tensor.array.shape} was given.")
    rows = tensor.array.shape[0]
    columns = tensor.array.size // max(rows, 1)
    values = numpy_generator(generator).normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(values)
    q *= np.sign(np.diag(r))  # without this the distribution is not uniform over the rotations
    return _write(tensor, gain * (q if rows >= columns else q.T).reshape(tensor.array.shape))


def chrono_(bias: Tensor, longest: int, generator: Generator | None = None) -> Tensor:
    """Give every unit of an LSTM a memory of its own length, between 2 steps and ``longest``.

    ``bias`` has the shape (4 * hidden,), gates in the order i, f, g, o. b_f = log u with u from U(1, longest - 1), so
    that sigma(b_f) = u / (1 + u) forgets over u + 1 steps; b_i = -b_f, and b_g = b_o = 0. PyTorch's LSTM has a second
    bias, which is best set to 0::

        lstm = nn.LSTM(input_size, hidden_size)
        nn.init.chrono_(lstm.bias_ih_l0, longest=100)
        nn.init.zeros_(lstm.bias_hh_l0)
    """
    (size,) = bias.array.shape if bias.array.ndim == 1 else (0,)
    if not size or size % 4:
        raise ValueError(f"chrono_ needs an LSTM's bias, of shape (4 * hidden,); {bias.array.shape} was given.")
    if longest < 3:
        raise ValueError(f"longest is a number of steps from 3 on; {longest!r} was given.")
    opening = np.log(numpy_generator(generator).uniform(1, longest - 1, size // 4))
    rest = np.zeros_like(opening)
    return _write(bias, np.concatenate([-opening, opening, rest, rest]))


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill from U(-a, a) with a = gain * sqrt(6 / (fan_in + fan_out))."""
    bound = gain * math.sqrt(6 / sum(_fans(tensor, "xavier_uniform_")))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill from N(0, std^2) with std = gain * sqrt(2 / (fan_in + fan_out))."""
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(_fans(tensor, "xavier_normal_"))), generator)


def kaiming_uniform_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:  # fmt: skip
    """Fill from U(-b, b) with b = gain * sqrt(3 / fan); ``a`` is the slope of the leaky_relu that follows."""
    bound = calculate_gain(nonlinearity, a) * math.sqrt(3 / _fan(tensor, mode, "kaiming_uniform_"))
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:  # fmt: skip
    """Fill from N(0, std^2) with std = gain / sqrt(fan); ``a`` is the slope of the leaky_relu that follows."""
    std = calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode, "kaiming_normal_"))
    return normal_(tensor, 0.0, std, generator)


def _matrix(tensor: Tensor, caller: str) -> tuple[int, int]:
    if tensor.array.ndim != 2:
        raise ValueError(f"{caller} needs a matrix; a tensor of shape {tensor.array.shape} was given.")
    rows, columns = tensor.array.shape
    return rows, columns


def _fans(tensor: Tensor, caller: str) -> tuple[int, int]:
    shape = tensor.array.shape
    if len(shape) < 2:
        raise ValueError(
            f"{caller} needs a tensor with at least two axes, to know fan_in and fan_out; {shape} was given. "
            "For a bias use zeros_ or uniform_."
        )
    field = math.prod(shape[2:])
    return shape[1] * field, shape[0] * field


def _fan(tensor: Tensor, mode: str, caller: str) -> int:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode is 'fan_in' or 'fan_out'; {mode!r} was given.")
    return _fans(tensor, caller)[mode == "fan_out"]
