"""Whole programs beside PyTorch: the same gradients, the same switches, the same refusals."""

from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

from .programs import PROGRAMS, Program


def plain(value: Any) -> Any:
    """Nested lists, tuples and tensors as nested lists and arrays."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.detach().numpy() if hasattr(value, "detach") else value


def assert_same(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, list):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            assert_same(a, b)
    elif isinstance(theirs, np.ndarray):
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)
    else:
        assert ours == theirs


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_as_in_pytorch(program: Program) -> None:
    torch = pytest.importorskip("torch")
    assert_same(plain(program(tg)), plain(program(torch)))
