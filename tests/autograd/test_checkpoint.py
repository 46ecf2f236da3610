"""Checkpoints: the same numbers, less memory, and refusals where the second call could not be the same."""

import tracemalloc
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn.autograd import gradcheck, gradgradcheck
from tinygrad_rnn.utils.checkpoint import checkpoint, checkpoint_sequential

from .programs import leaf, numbers


def gradients(loss: tg.Tensor, tensors: list[tg.Tensor]) -> list[Any]:
    return [g.array for g in tg.autograd.grad(loss, tensors)]


@pytest.mark.parametrize("network", [tg.nn.RNN, tg.nn.LSTM, tg.nn.GRU])
@pytest.mark.parametrize("use_reentrant", [None, False, True])
def test_the_same_gradients_to_the_last_bit(network: Any, use_reentrant: bool | None) -> None:
    tg.manual_seed(0)
    net = network(3, 4, num_layers=2, dropout=0.5)
    x = tg.randn(5, 2, 3, requires_grad=True)
    tensors = [x, *net.parameters()]
    tg.manual_seed(1)
    plain = (net(x)[0] ** 2).sum()
    wanted = gradients(plain, tensors)
    tg.manual_seed(1)
    loss = (checkpoint(net, x, use_reentrant=use_reentrant)[0] ** 2).sum()
    after = tg.randn(1).item()
    found = gradients(loss, tensors)
    assert loss.item() == plain.item()
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(a, b)
    tg.manual_seed(1)
    net(x)
    assert tg.randn(1).item() == after  # the second call gives back the random numbers it drew


def test_a_chain_of_checkpoints_counts_every_step_once() -> None:
    """The state of each was computed from the weights of all; hooks on the states are called once."""
    cell, x = tg.nn.GRUCell(3, 4, dtype=tg.float64), leaf(tg, 5, 2, 3)
    found = []
    steps: list[Any] = [cell, lambda x_t, h: checkpoint(cell, x_t, h), lambda x_t, h: checkpoint(lambda: cell(x_t, h))]
    for step in steps:
        h = tg.zeros(2, 4, dtype=tg.float64)
        seen: list[Any] = []
        for x_t in x:
            h = step(x_t, h)
            h.register_hook(lambda g: seen.append(g.array.copy()))  # noqa: B023
        tensors = [x, *cell.parameters()]
        first = tg.autograd.grad((h**3).sum(), tensors, create_graph=True)
        calls = len(seen)
        second = tg.autograd.grad(sum((g**2).sum() for g in first), tensors)
        found.append([*(g.array for g in (*first, *second)), *seen[:calls]])
        assert calls == 5
    for other in found[1:]:
        for one, two in zip(found[0], other, strict=True):
            np.testing.assert_allclose(two, one, rtol=1e-12, atol=1e-14)


def test_any_order_of_derivative() -> None:
    w = leaf(tg, 3, seed=1)

    def f(x: tg.Tensor, _: tg.Tensor) -> Any:
        a, b = checkpoint(lambda x: ((x * w).tanh(), (x @ w).exp()), x)
        return a * b

    assert gradcheck(f, (leaf(tg, 3), w))
    assert gradgradcheck(f, (leaf(tg, 3), w))


def test_what_is_in_between_is_forgotten() -> None:
    def deep(x: tg.Tensor) -> tg.Tensor:
        for _ in range(50):
            x = (x * 1.01).tanh()
        return x

    def kept(compute: Any) -> int:
        x = tg.zeros(20_000, requires_grad=True)
        tracemalloc.start()
        y = compute(x)
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        y.sum().backward()
        return size

    assert kept(lambda x: checkpoint(deep, x)) < 0.05 * kept(deep)


def test_it_is_one_operation_in_its_place() -> None:
    def block(x: tg.Tensor) -> tg.Tensor:
        return (x * 2).tanh()

    x = leaf(tg, 3)
    with tg.scope("net"), tg.step(2):
        y = checkpoint(block, x)
    assert len(tg.history(y)) == 2
    assert str(y.place) == "net/t=2"
    assert y.primitive is not None and y.primitive.name == "checkpoint_block"


def test_inside_a_checkpoint() -> None:
    x = leaf(tg, 3)

    def outer(x: tg.Tensor) -> Any:
        return checkpoint(lambda x: x.exp(), x) * 2

    assert gradcheck(lambda x: checkpoint(outer, x), x)


def test_where_nothing_is_to_be_recorded() -> None:
    x = numbers(tg, 3)
    assert not checkpoint(lambda x: x * 2, x).requires_grad
    with tg.no_grad():
        assert not checkpoint(lambda x: x * 2, leaf(tg, 3)).requires_grad
    w = leaf(tg, 3)
    assert checkpoint(lambda w: w, w) is w
    assert checkpoint(lambda w: (w * 2, "words", None), w)[1:] == ("words", None)


def test_what_was_changed_since_is_refused() -> None:
    for change in ("argument", "parameter"):
        x, w = numbers(tg, 3), leaf(tg, 3)
        y = checkpoint(lambda x, w=w: x * w, x).sum()
        with tg.no_grad():
            (x if change == "argument" else w).mul_(2)
        with pytest.raises(RuntimeError, match="what it was computed from was changed in place since"):
            y.backward()


def test_another_result_the_second_time_is_refused() -> None:
    sizes = iter([2, 3])
    y = checkpoint(lambda x: x[: next(sizes)], leaf(tg, 4))
    with pytest.raises(RuntimeError, match=r"returned something else .* shapes \[\(3,\)\] and not \[\(2,\)\]"):
        y.sum().backward()


def test_sequential() -> None:
    tg.manual_seed(0)
    net = tg.nn.Sequential(*[layer for _ in range(5) for layer in (tg.nn.Linear(3, 3), tg.nn.Tanh())])
    x = tg.randn(2, 3, requires_grad=True)
    tensors = [x, *net.parameters()]
    wanted = gradients(net(x).sum(), tensors)
    for segments in (1, 3, 10):
        for found, right in zip(gradients(checkpoint_sequential(net, segments, x).sum(), tensors), wanted, strict=True):
            np.testing.assert_array_equal(found, right)
    with pytest.raises(ValueError, match="10 functions cannot be cut into 11 segments"):
        checkpoint_sequential(net, 11, x)
