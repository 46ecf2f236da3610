"""The explained backward pass: every number it shows is the engine's, every formula is what the rule computes."""

from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg


def rnn_loss() -> tuple[tg.Tensor, Any]:
    tg.manual_seed(0)
    net = tg.nn.RNN(3, 2).double()
    output, _ = net(tg.randn(3, 2, 3, dtype=tg.float64))
    return ((output[-1] - 1) ** 2).mean(), net


def test_the_totals_are_the_gradients() -> None:
    loss, net = rnn_loss()
    totals: dict[int, Any] = {}
    steps = list(tg.backward_steps(loss))
    for step in steps:
        for each in step.received:
            assert each.first is (each.node.birth not in totals)
            totals[each.node.birth] = totals.get(each.node.birth, 0) + each.gradient
            np.testing.assert_allclose(each.total, totals[each.node.birth])
    assert all(p.grad is None for p in net.parameters())
    loss.backward()
    for parameter in net.parameters():
        assert parameter.grad is not None
        np.testing.assert_allclose(totals[parameter.birth], parameter.grad.array)
    for step in steps[1:]:
        np.testing.assert_allclose(step.gradient, totals[step.node.birth])
    assert [step.number for step in steps] == list(range(1, steps[0].count + 1))
    assert steps[0].count == len(steps)


def test_newest_first_from_the_loss_back_in_time() -> None:
    loss, _ = rnn_loss()
    steps = list(tg.backward_steps(loss))
    births = [step.node.birth for step in steps]
    assert births == sorted(births, reverse=True) and steps[0].node is loss
    times = [step.time for step in steps if step.time is not None]
    assert times == sorted(times, reverse=True)


def test_formulas_in_the_names_of_the_graph() -> None:
    loss, _ = rnn_loss()
    steps = {step.name: step for step in tg.backward_steps(loss)}
    assert steps["h3"].formula == "tanh(z3)"
    assert [(each.name, each.rule) for each in steps["h3"].received] == [("z3", "dL/dh3 * (1 - h3 * h3)")]
    assert [(each.name, each.rule) for each in steps["r3"].received] == [
        ("h2", "dL/dr3 @ W_hh"),
        ("W_hh", "dL/dr3.mT @ h2"),
    ]


def test_what_is_printed() -> None:
    x = tg.tensor([[0.0, 1.0], [2.0, 3.0]], requires_grad=True)
    b = tg.tensor([1.0, 1.0], requires_grad=True)
    x.name, b.name = "x", "b"
    with tg.scope("net"), tg.step(2):
        s = x + b
        s.name = "s"
    y = (s * b).sum()
    y.name = "L"
    printed = [str(step) for step in tg.backward_steps(y)]
    assert printed[0] == (
        "1/3  L = sum(v1)\n    dL/dL = 1\n    dL/dv1 = broadcast_to(reshape(dL/dL, shape=(1, 1)), shape=(2, 2)) = "
        "[[1 1] [1 1]]"
    )
    assert printed[2] == (
        "3/3  s2 = x + b   in net/t=2\n"
        "    dL/ds2 = [[1 1] [1 1]]\n"
        "    dL/dx = dL/ds2 = [[1 1] [1 1]]\n"
        "    dL/db += dL/ds2 = [2 2]\n"
        "      summed from shape (2, 2) to (2,): b was broadcast, used many times over\n"
        "      so far dL/db = [6 8]"
    )


def test_what_was_summed_to_undo_broadcasting() -> None:
    a = tg.tensor(np.ones((2, 3)), requires_grad=True)
    b = tg.tensor(np.ones(3), requires_grad=True)
    *_, step = tg.backward_steps((a * b).sum())
    over_a, over_b = step.received
    assert over_a.summed is None and over_b.summed == (2, 3)
    assert over_b.gradient.tolist() == [2, 2, 2]


def test_it_can_be_stepped_through_lazily() -> None:
    loss, _ = rnn_loss()
    steps = tg.backward_steps(loss)
    assert next(steps).name == next(tg.backward_steps(loss)).name
    loss.backward()  # and the graph is still there for it
    assert next(steps).number == 2


def test_what_is_refused() -> None:
    with pytest.raises(RuntimeError, match="starts from a single number"):
        tg.backward_steps(tg.tensor([1.0, 2.0], requires_grad=True) * 2)
