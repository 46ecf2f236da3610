"""The types that are promised: what tensors.py asserts for type checkers is true when it is run."""

import inspect
from collections.abc import Callable

import pytest

import tinygrad_rnn as tg
from tests.types.tensors import CHECKED


@pytest.mark.parametrize("check", CHECKED)
def test_it_runs(check: Callable[..., None]) -> None:
    x, p = tg.tensor([[1.0, 2.0], [3.0, 4.0]]), tg.nn.Parameter(tg.ones(2, 2), requires_grad=False)
    check(*[{"x": x, "p": p}[name] for name in inspect.signature(check).parameters])
