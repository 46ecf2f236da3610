"""Every primitive of the table: its rules beside finite differences, to the second derivative."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import TABLE, Sample

from .differences import check
from .samples import SAMPLES

CASES = [(name, sample) for name, samples in SAMPLES.items() for sample in samples]


def test_every_primitive_has_samples() -> None:
    assert sorted(SAMPLES) == sorted(TABLE)


@pytest.mark.parametrize(
    ("name", "sample"),
    [pytest.param(n, s, id=f"{n}-{s}") for n, s in CASES if n in TABLE and TABLE[n].differentiable],
)
def test_derivatives(name: str, sample: Sample) -> None:
    check(TABLE[name], sample)


@pytest.mark.parametrize(
    ("name", "sample"),
    [pytest.param(n, s, id=f"{n}-{s}") for n, s in CASES if n in TABLE and not TABLE[n].differentiable],
)
def test_without_derivative(name: str, sample: Sample) -> None:
    args = [
        tg.tensor(arg, requires_grad=True) if isinstance(arg, np.ndarray) and arg.dtype.kind == "f" else arg
        for arg in sample.args
    ]
    result = TABLE[name](*args, **sample.kwargs)
    if isinstance(result, tg.Tensor):
        assert not result.requires_grad
        result = result.array
    np.testing.assert_array_equal(result, TABLE[name].forward(*sample.args, **sample.kwargs))


NAN, INF = float("nan"), float("inf")

# One documented table: the function, the arguments, and the derivatives at kinks, ties and the edges of the domain.
EDGES: list[tuple[str, Callable[..., tg.Tensor], list[Any], list[Any]]] = [
    ("abs at 0", tg.abs, [[-1.0, 0.0, 2.0]], [[-1, 0, 1]]),
    ("relu at 0", tg.relu, [[-1.0, 0.0, 2.0]], [[0, 0, 1]]),
    ("sqrt at 0", tg.sqrt, [[0.0, 4.0]], [[INF, 0.25]]),
    ("x ** 0 at 0", lambda x: x**0, [[0.0, 2.0]], [[0, 0]]),
    ("x ** p at x = 0", lambda x, p: x**p, [[0.0, 0.0, 0.0], [0.0, 1.0, 2.0]], [[0, 1, 0], [0, 0, 0]]),
    ("0 ** p", lambda p: 0**p, [[0.0, 2.0]], [[0, 0]]),
    ("2 ** p", lambda p: 2**p, [[0.0, 1.0]], [[np.log(2), 2 * np.log(2)]]),
    ("x ** 2 at 0", lambda x: x**2, [[0.0, -3.0]], [[0, -6]]),
    ("norm at 0", tg.norm, [[0.0, 0.0]], [[0, 0]]),
    ("std at equal entries", tg.std, [[2.0, 2.0]], [[0, 0]]),
    ("ties of maximum", tg.maximum, [[1.0, 2.0], [1.0, 3.0]], [[0.5, 0], [0.5, 1]]),
    ("ties of minimum", tg.minimum, [[1.0, 2.0], [1.0, 3.0]], [[0.5, 1], [0.5, 0]]),
    ("ties of max", tg.max, [[3.0, 1.0, 3.0, 3.0]], [[1 / 3, 0, 1 / 3, 1 / 3]]),
    ("ties of amin along an axis", lambda x: tg.amin(x, 1), [[[1.0, 1.0], [2.0, 1.0]]], [[[0.5, 0.5], [0, 1]]]),
    ("max along an axis takes one", lambda x: x.max(0).values, [[3.0, 1.0, 3.0]], [[1, 0, 0]]),
    ("clamp at its bounds", lambda x: x.clamp(0, 1), [[-1.0, 0.0, 0.5, 1.0, 2.0]], [[0, 1, 1, 1, 0]]),
    ("hardtanh at its bounds", tg.hardtanh, [[-1.0, 0.0, 1.0]], [[0, 1, 0]]),
    ("leaky_relu at 0", lambda x: tg.leaky_relu(x, 0.1), [[-1.0, 0.0, 1.0]], [[0.1, 0.1, 1]]),
    ("repeated indices add", lambda x: x[[0, 0, 1]], [[1.0, 2.0]], [[2, 1]]),
    ("repeated indices of index_select", lambda x: x.index_select(0, tg.tensor([1, 1])), [[1.0, 2.0]], [[0, 2]]),
    ("negative indices", lambda x: x[[-1, 1]], [[1.0, 2.0]], [[0, 2]]),
    ("x + x", lambda x: x + x, [[3.0]], [[2]]),
    ("x * x", lambda x: x * x, [[3.0]], [[6]]),
    ("where with a dead branch", lambda x: tg.where(x > 0, x * 2, x * 3), [[-1.0, 1.0]], [[3, 2]]),
    ("where with a bad dead branch", lambda x: tg.where(x > 0, x.log(), 0.0), [[0.0, 1.0]], [[NAN, 1]]),
    ("where written well", lambda x: tg.where(x > 0, tg.where(x > 0, x, 1.0).log(), 0.0), [[0.0, 1.0]], [[0, 1]]),
    ("prod with one zero", tg.prod, [[2.0, 0.0, 3.0]], [[0, 6, 0]]),
    ("prod with two zeros", tg.prod, [[2.0, 0.0, 0.0]], [[0, 0, 0]]),
    ("cumprod with a zero", lambda x: tg.cumprod(x, 0), [[2.0, 0.0, 3.0]], [[1, 8, 0]]),
    ("logsumexp of -inf", lambda x: tg.logsumexp(x, 0), [[-INF, 0.0]], [[0, 1]]),
    ("softmax of -inf", lambda x: tg.softmax(x, 0)[1], [[-INF, 0.0]], [[0, 0]]),
    ("sign, floor, round", lambda x: x.sign() + x.floor() + x.round(), [[0.0, 1.5]], [[0, 0]]),
    ("sigmoid far out", tg.sigmoid, [[-1000.0, 1000.0]], [[0, 0]]),
    ("softplus far out", tg.softplus, [[-1000.0, 1000.0]], [[0, 1]]),
]


@pytest.mark.parametrize(("f", "args", "expected"), [pytest.param(*row[1:], id=row[0]) for row in EDGES])
def test_edges(f: Callable[..., tg.Tensor], args: list[Any], expected: list[Any]) -> None:
    leaves = [tg.tensor(arg, dtype=tg.float64, requires_grad=True) for arg in args]
    with np.errstate(all="ignore"):
        y = f(*leaves)
    y.sum().backward()
    for leaf, wanted in zip(leaves, expected, strict=True):
        assert leaf.grad is not None
        np.testing.assert_allclose(leaf.grad.numpy(), np.array(wanted, float), rtol=1e-15, atol=1e-300)
