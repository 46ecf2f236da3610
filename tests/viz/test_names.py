"""Pictures and texts call every value the same."""

from collections.abc import Callable

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.viz import models
from tinygrad_rnn import Tensor
from tinygrad_rnn.viz import scene_of


def plain_arrays() -> Tensor:
    """Arrays that are no tensors, read in steps."""
    w, h = tg.tensor([0.5, -0.2], requires_grad=True), tg.zeros(2)
    for t in range(3):
        with tg.step(t):
            h = (h * w + np.array([0.1 * t, 1.0])).tanh()
    return (h * np.array([1.0, 2.0])).sum()


def cut() -> Tensor:
    """A state is detached halfway."""
    w, h = tg.tensor(0.5, requires_grad=True), tg.tensor(1.0)
    for t in range(4):
        with tg.step(t):
            h = (h.detach() if t == 2 else h) * w
    return h * 3


MAKERS: list[Callable[[], Tensor]] = [
    models.rnn,
    lambda: models.rnn(named=False),
    lambda: models.rnn(named=False, loss_per_step=True),
    models.lstm,
    models.lstm_apart,
    models.gru,
    models.two_layers,
    models.bidirectional,
    models.attention,
    models.chain,
    models.mlp,
    lambda: models.module(tg.nn.LSTM(1, 2, num_layers=2, bidirectional=True), 3),
    plain_arrays,
    cut,
]


@pytest.mark.parametrize("number", range(len(MAKERS)))
def test_the_steps_of_the_backward_pass_read_like_the_cards(number: int) -> None:
    loss = MAKERS[number]()
    cards = {node.name: node.formula for node in scene_of(loss).nodes if node.symbol}
    steps = {step.name: step.formula for step in tg.autograd.backward_steps(loss)}
    assert len(cards) >= 3
    assert steps == cards


def test_a_ledger_reads_like_the_cards() -> None:
    w, h = tg.tensor([0.5, -0.2], requires_grad=True), tg.ones(2)
    for t in range(3):
        with tg.step(t):
            h = (h * w + w).tanh()
    loss = h.sum()
    cards = [node.formula for node in scene_of(loss).nodes if node.symbol in ("*", "+")]
    assert cards == ["h_init * p1", "a0 + p1", "h0 * p1", "a1 + p1", "h1 * p1", "a2 + p1"]
    ledger = tg.contributions(loss, w)
    assert [each.operation for each in ledger] == cards
    assert ledger.name == "p1"


def test_a_state_cut_off_in_a_step_is_the_state_of_the_step_before() -> None:
    assert [step.formula for step in tg.autograd.backward_steps(cut())] == ["h3 * 3", "h2 * p1", "h1 * p1"]
