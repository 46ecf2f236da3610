"""Which types users get for what they write, asserted for mypy and basedpyright; and that these lines run."""

from collections.abc import Iterator
from typing import assert_type

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn, optim


@pytest.fixture
def x() -> tg.Tensor:
    return tg.tensor([[1.0, 2.0]], requires_grad=True)


@pytest.fixture
def parameter(x: tg.Tensor) -> nn.Parameter:
    return nn.Parameter(x.detach())


def test_arithmetic_gives_a_tensor(x: tg.Tensor, parameter: nn.Parameter) -> None:
    assert_type(x + 1, tg.Tensor)
    assert_type(1 - x, tg.Tensor)
    assert_type(np.float32(2.0) * x.sum(), tg.Tensor)
    assert_type(x @ x.T, tg.Tensor)
    assert_type(-(x**2) / 3, tg.Tensor)
    assert_type(x[0], tg.Tensor)
    assert_type(parameter * 2, tg.Tensor)  # what is computed from a parameter is none
    assert_type(parameter.detach(), tg.Tensor)


def test_functions_and_methods_give_a_tensor(x: tg.Tensor) -> None:
    assert_type(tg.tanh(x), tg.Tensor)
    assert_type(x.tanh(), tg.Tensor)
    assert_type(tg.sum(x, dim=0), tg.Tensor)
    assert_type(x.sum(), tg.Tensor)
    assert_type(tg.matmul(x, x.T), tg.Tensor)
    assert_type(x.reshape(2), tg.Tensor)
    assert_type(tg.cat([x, x]), tg.Tensor)
    assert_type(tg.where(x > 0, x, 0.0), tg.Tensor)
    assert_type(tg.einsum("ij,ij->", x, x), tg.Tensor)
    assert_type(x.clone(), tg.Tensor)
    assert_type(x.to(tg.float64), tg.Tensor)
    assert_type(x.split(1), tuple[tg.Tensor, ...])
    assert_type(x.unbind(), tuple[tg.Tensor, ...])


def test_pairs_have_names_and_come_apart(x: tg.Tensor) -> None:
    values, indices = x.sort()
    assert_type(values, tg.Tensor)
    assert_type(indices, tg.Tensor)
    assert_type(x.topk(1).indices, tg.Tensor)


def test_making_tensors() -> None:
    assert_type(tg.tensor([1.0, 2.0]), tg.Tensor)
    assert_type(tg.zeros(2, 3), tg.Tensor)
    assert_type(tg.randn(2, 3), tg.Tensor)
    assert_type(tg.arange(3), tg.Tensor)
    assert_type(tg.from_numpy(np.ones(2)), tg.Tensor)


def test_what_a_tensor_knows_of_itself(x: tg.Tensor) -> None:
    assert_type(x.shape, tg.Size)
    assert_type(x.shape[0], int)
    assert_type(x.numel(), int)
    assert_type(len(x), int)
    assert_type(float(x.sum()), float)
    assert_type(bool(x.sum() > 0), bool)
    assert_type(x.requires_grad, bool)
    assert_type(x.is_leaf, bool)
    assert_type(list(x), list[tg.Tensor])
    assert_type(tg.is_tensor(x), bool)
    assert_type(tg.allclose(x, x), bool)


def test_gradients(x: tg.Tensor) -> None:
    assert_type(x.sum().backward(), None)
    assert_type(x.grad, tg.Tensor | None)
    assert_type(x.requires_grad_(), tg.Tensor)


def test_what_changes_a_tensor_in_place_gives_its_own_class(parameter: nn.Parameter) -> None:
    assert_type(parameter.requires_grad_(), nn.Parameter)
    with tg.no_grad():
        assert_type(parameter.zero_(), nn.Parameter)


def test_modules(x: tg.Tensor) -> None:
    network = nn.LSTM(2, 3)
    assert_type(network, nn.LSTM)
    assert_type(network.train(), nn.LSTM)
    assert_type(network.to(tg.float64), nn.LSTM)
    assert_type(network.parameters(), Iterator[nn.Parameter])
    assert_type(network.state_dict(), dict[str, tg.Tensor])
    assert_type(nn.Linear(2, 1).weight, nn.Parameter)
    assert_type(nn.functional.mse_loss(x, x), tg.Tensor)


def test_optimisers() -> None:
    optimizer = optim.SGD(nn.Linear(2, 1).parameters(), lr=0.1)
    assert_type(optimizer.zero_grad(), None)
    assert_type(optim.lr_scheduler.StepLR(optimizer, 2).get_last_lr(), list[float])


def test_readers_of_the_graph(x: tg.Tensor) -> None:
    loss = (x * x).sum()
    assert_type(tg.contributions(loss, x), tg.autograd.Contributions)
    assert_type(tg.draw(loss), tg.viz.Picture)
    assert_type(tg.autograd.gradcheck(tg.tanh, (tg.tensor([0.5], dtype=tg.float64, requires_grad=True),)), bool)
