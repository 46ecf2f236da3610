"""What a graph allows and refuses, in words; and that its size does not matter."""

import copy
import math
import weakref
from collections.abc import Callable

import numpy as np
import pytest

import tinygrad_rnn as tg


def test_a_second_pass_is_refused_with_the_advice() -> None:
    w = tg.tensor(0.5, requires_grad=True)
    h = (w * 2).tanh()
    (h * h).backward()
    with pytest.raises(RuntimeError) as caught:
        (h * 3).backward()  # the next chunk, which starts from a state of this one
    message = str(caught.value)
    assert "came a second time to float32[] = tanh(...)" in message
    assert "The usual cause is a hidden state carried over from the previous chunk" in message
    assert "h = h.detach()" in message
    assert "retain_graph=True" in message


def test_a_refused_pass_changes_nothing() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    w = tg.tensor([3.0, 4.0], requires_grad=True)
    used = x.exp()
    used.sum().backward()
    assert x.grad is not None
    before = x.grad.tolist()
    fresh = w.exp()
    with pytest.raises(RuntimeError):
        (used + fresh).sum().backward()
    assert x.grad.tolist() == before and w.grad is None
    fresh.sum().backward()  # not used up by the pass that failed
    assert w.grad is not None


def a_network() -> tuple[tg.Tensor, list[tg.Tensor]]:
    tg.manual_seed(0)
    net = tg.nn.LSTM(3, 4, num_layers=2)
    output, _ = net(tg.randn(5, 2, 3))
    return (output * output).mean(), list(net.parameters())


def drawn(loss: tg.Tensor) -> None:
    assert tg.draw(loss) is not None


def retained(loss: tg.Tensor) -> None:
    for node in tg.history(loss):
        assert isinstance(node, tg.Tensor)
        node.retain_grad()


def looked_at(loss: tg.Tensor) -> None:
    tg.gradient_flow(loss)
    list(tg.backward_steps(loss))
    for node in tg.history(loss):
        assert isinstance(node, tg.Tensor)
        if node.is_leaf and node.requires_grad:
            tg.contributions(loss, node)


@pytest.mark.parametrize("between", [None, drawn, retained, looked_at])
def test_two_passes_give_exactly_twice(between: Callable[[tg.Tensor], None] | None) -> None:
    loss, parameters = a_network()
    loss.backward()
    once = [np.array(p.grad.array) for p in parameters if p.grad is not None]
    loss, parameters = a_network()
    if between is not None:
        between(loss)
    loss.backward(retain_graph=True)
    if between is not None:
        between(loss)
    loss.backward()
    assert len(once) == len(parameters)
    for parameter, single in zip(parameters, once, strict=True):
        assert parameter.grad is not None
        # To leave gradients inside of a layer the pass goes through each of its steps, whose sum rounds otherwise.
        tolerance = {"rtol": 1e-5, "atol": 1e-9} if between is retained else {"rtol": 0, "atol": 0}
        np.testing.assert_allclose(parameter.grad.array, 2 * single, **tolerance)


def test_readers_touch_no_grad_and_use_nothing_up() -> None:
    loss, parameters = a_network()
    looked_at(loss)
    assert all(p.grad is None for p in parameters)
    loss.backward()
    looked_at(loss)  # a used graph can still be looked at


def test_grad_uses_up_only_what_lies_between() -> None:
    x = tg.tensor([0.5, 1.0], requires_grad=True)
    h = x.exp()
    y = h.exp().sum()
    tg.autograd.grad(y, h)
    with pytest.raises(RuntimeError, match="came a second time"):
        tg.autograd.grad(y, h)
    h.sum().backward()
    assert x.grad is not None


@pytest.mark.usefixtures("uncollected")
@pytest.mark.slow
def test_a_chain_of_a_million_operations() -> None:
    x = tg.tensor(1.0, dtype=tg.float64, requires_grad=True)
    y = x
    for _ in range(1_000_000):
        y = y * 1.000001
    y.backward()
    assert x.grad is not None
    assert math.isclose(x.grad.item(), 1.000001**1_000_000, rel_tol=1e-9)
    assert "MulBackward0" in repr(y)
    del y


@pytest.mark.usefixtures("uncollected")
@pytest.mark.slow
def test_everything_else_on_a_long_chain() -> None:
    count = 100_000
    x = tg.tensor(1.0, dtype=tg.float64, requires_grad=True)
    y = x
    for _ in range(count):
        y = y * 1.00001
    slope = 1.00001**count
    twin = copy.deepcopy(y)
    assert len(tg.history(twin)) == count + 1
    assert tg.history(twin)[0] is not x
    (g,) = tg.autograd.grad(y, x, create_graph=True)
    assert math.isclose(g.item(), slope, rel_tol=1e-9)
    assert [math.isclose(c.gradient.item(), slope, rel_tol=1e-9) for c in tg.contributions(y, x)] == [True]
    steps = sum(1 for _ in tg.backward_steps(twin))
    assert steps == count
    with tg.autograd.detect_anomaly():
        y.backward()
    del y, g, twin


def test_a_second_derivative_through_a_long_chain() -> None:
    count = 2_000
    x = tg.tensor(1.0, dtype=tg.float64, requires_grad=True)
    y = x
    for _ in range(count):
        y = y * x
    (g,) = tg.autograd.grad(y, x, create_graph=True)
    (h,) = tg.autograd.grad(g, x)
    assert g.item() == count + 1 and h.item() == count * (count + 1)


@pytest.mark.parametrize("again", [lambda y: y + y, lambda y: y * 0.5 + y * 1.5, lambda y: tg.stack([y, y]).sum()])
def test_a_value_used_in_many_ways_takes_linear_time(again: Callable[[tg.Tensor], tg.Tensor]) -> None:
    """2^18 paths and a few operations each: walking path by path would take minutes."""
    x = tg.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(18):
        y = again(y)
    y.backward(retain_graph=True)
    assert x.grad is not None and x.grad.item() == 2**18
    assert len(tg.history(y)) <= 18 * 4 + 1
    copy.deepcopy(y).backward()
    (g,) = tg.autograd.grad(y, x, create_graph=True)
    assert g.item() == 2**18


def cut(h: tg.Tensor) -> tg.Tensor:
    return h.detach()


def cut_by_data(h: tg.Tensor) -> tg.Tensor:
    return h.data


def cut_a_view(h: tg.Tensor) -> tg.Tensor:
    return h[:].detach().reshape(3)[:]


@pytest.mark.parametrize("cut_off", [cut, cut_by_data, cut_a_view])
def test_a_state_that_was_cut_off_keeps_nothing_of_the_chunk_before(
    cut_off: Callable[[tg.Tensor], tg.Tensor],
) -> None:
    w = tg.tensor(0.5, requires_grad=True)
    h = tg.ones(3)
    chunks = []
    for _ in range(4):
        h = cut_off(h)
        for _ in range(3):
            h = tg.tanh(w * h)
        h.sum().backward()
        chunks.append(weakref.ref(h))
    assert [chunk() is not None for chunk in chunks] == [False, False, False, True]


def test_memory_shared_with_a_state_that_was_cut_off_is_still_watched() -> None:
    def used(change: Callable[[tg.Tensor, tg.Tensor], object]) -> str:
        x = tg.tensor([1.0, 2.0], requires_grad=True)
        y = x * 1
        free = y.detach()
        w = tg.tensor([3.0, 4.0], requires_grad=True)
        z = (y.exp() + (free * w)).sum()
        change(y, free)
        try:
            z.backward()
        except RuntimeError as error:
            return str(error)
        return ""

    def write(tensor: tg.Tensor) -> None:
        with tg.no_grad():
            tensor.mul_(2)

    assert used(lambda y, free: None) == ""
    assert "changed in place after it was used: argument 0 of float32[2] = mul" in used(lambda y, free: write(free))
    assert "changed in place" in used(lambda y, free: write(y))
    assert "changed in place" in used(lambda y, free: write(free[0:1]))
    assert "changed in place" in used(lambda y, free: write(free.detach().data))
    assert "changed in place" in used(lambda y, free: y.mul_(2))
