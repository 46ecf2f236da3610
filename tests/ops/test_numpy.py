"""Tensors and numpy beside each other: operators, functions, shared memory."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

OPERATORS: list[Callable[[Any, Any], Any]] = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow,
    operator.matmul, operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge,
]  # fmt: skip


@pytest.mark.parametrize("apply", OPERATORS, ids=lambda f: f.__name__)
def test_array_and_tensor(apply: Callable[[Any, Any], Any]) -> None:
    a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[2.0, 2.0], [5.0, 1.0]])
    for y in (apply(a, tg.tensor(b)), apply(tg.tensor(a), b)):
        assert isinstance(y, tg.Tensor)
        np.testing.assert_array_equal(y.numpy(), apply(a, b))


@pytest.mark.parametrize("number", [np.float64(3), np.float32(3), np.int64(3), np.array(3.0)])
def test_numpy_number_and_tensor(number: Any) -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    y = number * x
    assert isinstance(y, tg.Tensor) and y.dtype == tg.float32
    y.sum().backward()
    assert x.grad is not None and x.grad.tolist() == [3, 3]


def test_functions_of_numpy_on_tensors_without_gradient() -> None:
    x = tg.tensor([1.0, 4.0])
    assert isinstance(np.sqrt(x), tg.Tensor) and np.sqrt(x).tolist() == [1, 2]
    assert np.add.reduce(x).item() == 5
    array = np.zeros(2)
    array += x
    assert type(array) is np.ndarray and array.tolist() == [1, 4]
    np.testing.assert_array_equal(np.stack([x, x]), [[1, 4], [1, 4]])
    assert np.asarray(x).dtype == np.float32 and np.asarray(x, np.float64).dtype == np.float64


def test_gradients_flow_past_arrays() -> None:
    x = tg.tensor([1.0, 2.0], dtype=tg.float64, requires_grad=True)
    (np.array([[3.0, 4.0]]) @ x * np.array(2.0)).sum().backward()
    assert x.grad is not None and x.grad.tolist() == [6, 8]


def test_dlpack_shares_both_ways() -> None:
    x = tg.tensor([1.0, 2.0])
    array = np.from_dlpack(x)
    x.add_(1)
    assert array.tolist() == [2, 3]
    assert tg.from_dlpack(np.arange(3)).tolist() == [0, 1, 2]
    torch = pytest.importorskip("torch")
    theirs = torch.from_dlpack(x)
    theirs[0] = 9
    assert x.tolist() == [9, 3] and tg.from_dlpack(theirs).tolist() == [9, 3]


def test_an_index_is_kept_as_it_was() -> None:
    x, index = tg.tensor([1.0, 2.0, 3.0], requires_grad=True), tg.tensor([0, 0])
    y = x[index]
    index.fill_(2)
    y.sum().backward()
    assert x.grad is not None and x.grad.tolist() == [2, 0, 0]
