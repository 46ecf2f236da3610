"""Gradients of several backward passes add up in `.grad`, also when the passes are recorded themselves."""

from __future__ import annotations

import pytest

import tinygrad_rnn as tg


@pytest.mark.parametrize("recorded", [False, True])
def test_a_second_pass_adds_to_the_first(recorded: bool) -> None:
    x = tg.tensor(2.0, dtype=tg.float64, requires_grad=True)
    (x**3).backward(create_graph=recorded)
    (x**2).backward(create_graph=recorded)
    assert x.grad is not None and x.grad.item() == 3 * 2**2 + 2 * 2


def test_the_sum_of_recorded_passes_is_differentiated_again() -> None:
    x = tg.tensor(2.0, dtype=tg.float64, requires_grad=True)
    (x**3).backward(create_graph=True)
    (x**2).backward(create_graph=True)
    assert x.grad is not None
    (second,) = tg.autograd.grad(x.grad, [x])
    assert second.item() == 6 * 2 + 2
