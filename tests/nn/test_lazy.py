"""Lazy modules: sizes off the first input, optimisers and state dicts before and after it."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn

KINDS: list[tuple[str, tuple[Any, ...], tuple[int, ...], str]] = [
    ("Linear", (3,), (2, 5), "in_features"),
    ("Linear", (3, False), (2, 4, 5), "in_features"),
    ("Conv1d", (4, 3), (2, 5, 7), "in_channels"),
    ("ConvTranspose1d", (4, 3), (2, 5, 7), "in_channels"),
    ("BatchNorm1d", (), (6, 5), "num_features"),
]


@pytest.mark.parametrize(("kind", "args", "shape", "size"), KINDS, ids=str)
def test_the_first_input_says_the_size(kind: str, args: tuple[Any, ...], shape: tuple[int, ...], size: str) -> None:
    lazy = getattr(nn, f"Lazy{kind}")(*args)
    optimizer = tg.optim.SGD(lazy.parameters(), 0.1)
    waiting = list(lazy.parameters())
    assert all(isinstance(each, nn.UninitializedParameter) for each in waiting)
    with pytest.raises(RuntimeError, match="first input"):
        waiting[0].numel()
    lazy(tg.randn(*shape)).sum().backward()
    assert type(lazy) is getattr(nn, kind) and getattr(lazy, size) == 5
    assert [id(each) for each in lazy.parameters()] == [id(each) for each in waiting]
    full = getattr(nn, kind)(5, *args)
    assert str(lazy) == str(full)
    assert {k: v.shape for k, v in lazy.state_dict().items()} == {k: v.shape for k, v in full.state_dict().items()}
    before = [each.detach().clone() for each in lazy.parameters()]
    optimizer.step()
    assert any(not tg.equal(old, new) for old, new in zip(before, lazy.parameters(), strict=True))
    if kind != "BatchNorm1d":
        assert (lazy.weight.abs() > 0).all() and (lazy.bias is None or (lazy.bias.abs() > 0).any())


@pytest.mark.parametrize(("kind", "args", "shape", "size"), KINDS, ids=str)
def test_a_state_dict_says_the_shapes(kind: str, args: tuple[Any, ...], shape: tuple[int, ...], size: str) -> None:
    full, lazy = getattr(nn, kind)(5, *args), getattr(nn, f"Lazy{kind}")(*args)
    twin = copy.deepcopy(lazy)
    lazy.load_state_dict(full.state_dict())
    x = tg.randn(*shape)
    assert tg.equal(lazy(x), full(x)) and getattr(lazy, size) == 5
    twin.load_state_dict(getattr(nn, f"Lazy{kind}")(*args).state_dict())  # which still waits
    assert tuple(twin(x).shape) == tuple(full(x).shape)


def test_what_cannot_be_loaded_leaves_what_waits() -> None:
    model = nn.Sequential(nn.LazyLinear(3), nn.Linear(3, 2))
    state = nn.Sequential(nn.Linear(5, 3), nn.Linear(3, 4)).state_dict()
    with pytest.raises(RuntimeError, match="nothing was loaded"):
        model.load_state_dict(state)
    assert isinstance(model[0].weight, nn.UninitializedParameter) and model[0].weight.array.size == 0
    assert tuple(model(tg.ones(2, 7)).shape) == (2, 2)


def test_a_deep_model_beside_torch() -> None:
    torch = pytest.importorskip("torch")

    def run(lib: Any, weights: Any = None) -> Any:
        model = lib.nn.Sequential(
            lib.nn.LazyConv1d(4, 3), lib.nn.LazyBatchNorm1d(), lib.nn.Flatten(), lib.nn.LazyLinear(2)
        )
        x = lib.tensor(np.arange(42.0, dtype=np.float32).reshape(2, 3, 7))
        model(x)
        if weights is not None:
            model.load_state_dict(weights)
        return model, model(x)

    theirs, wanted = run(torch)
    _, found = run(tg, {name: tg.tensor(each.numpy().copy()) for name, each in theirs.state_dict().items()})
    np.testing.assert_allclose(found.detach().numpy(), wanted.detach().numpy(), rtol=2e-3, atol=2e-4)
