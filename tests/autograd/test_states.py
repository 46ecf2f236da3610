"""Texts and pictures find the same states in a graph and call them the same."""

import re
from collections.abc import Callable

import pytest

import tinygrad_rnn as tg
from tests.engine import excerpt_of, states
from tests.viz import models
from tests.viz.inside import tracks_of
from tinygrad_rnn import Tensor
from tinygrad_rnn.viz import scene_of


def weight(scale: float = 0.5) -> Tensor:
    return (tg.eye(2) * scale).requires_grad_()


def running_loss(name: str | None = None) -> Tensor:
    W, h, total = weight(), tg.ones(2), tg.zeros(())
    for t in (1, 2, 3):
        with tg.step(t):
            h = tg.tanh(W @ h)
            h.name = name
            total = total + (h * h).sum()
    return total


def running_loss_outside() -> Tensor:
    W, h, total = weight(), tg.ones(2), tg.zeros(())
    for t in (1, 2, 3):
        with tg.step(t):
            h = tg.tanh(W @ h)
        total = total + (h * h).sum()
    return total


def two_states() -> Tensor:
    W, h, c = weight(), tg.ones(2), tg.zeros(2)
    for t in (1, 2, 3, 4):
        with tg.step(t):
            c = c * 0.5 + tg.tanh(W @ h)
            h = c.sigmoid() * tg.tanh(c)
    return h.sum()


def two_of_a_kind() -> Tensor:
    W, a, b = weight(), tg.ones(2), tg.zeros(2)
    for t in (1, 2, 3):
        with tg.step(t):
            a, b = tg.tanh(W @ a), tg.tanh(W @ b + a)
    return (a + b).sum()


def numbered_by_hand() -> Tensor:
    W, h = weight(), tg.ones(2)
    for t in (1, 2, 3):
        with tg.step(t):
            h = tg.tanh(W @ h)
            h.name = f"s{t}"
    return h.sum()


def prepared_weight() -> Tensor:
    W, h = weight(), tg.ones(2)
    across = W.T
    for t in (1, 2, 3):
        with tg.step(t):
            h = tg.tanh(h @ across)
    return h.sum()


def every_fifth_step() -> Tensor:
    W, h = weight(), tg.ones(2)
    for t in (5, 10, 15):
        with tg.step(t):
            h = tg.tanh(W @ h)
    return h.sum()


def ended_outside() -> Tensor:
    W, h = weight(), tg.ones(2)
    for t in (1, 2, 3):
        with tg.step(t):
            a = W @ h
        h = tg.tanh(a)
    return h.sum()


def decoder_after_encoder() -> Tensor:
    W, V, h = weight(), weight(0.8), tg.ones(2)
    for scope, U, steps in (("encoder", W, 3), ("decoder", V, 4)):
        with tg.scope(scope):
            for t in range(steps):
                with tg.step(t):
                    h = tg.tanh(U @ h)
    return h.sum()


def passed_twice() -> Tensor:
    W, h = weight(), tg.ones(2)
    for _ in range(2):
        for t in (1, 2, 3):
            with tg.step(t):
                h = tg.tanh(W @ h)
    return h.sum()


def every_second_step_more() -> Tensor:
    W, h = weight(), tg.ones(2)
    for t in (1, 2, 3, 4):
        with tg.step(t):
            h = tg.tanh(W @ h)
            if t % 2 == 0:
                h = h * 0.9
    return h.sum()


def without_steps() -> Tensor:
    W, h = weight(), tg.ones(2)
    for _ in range(3):
        h = tg.tanh(W @ h)
    return h.sum()


LOOPS: dict[Callable[[], Tensor], list[str]] = {
    running_loss: ["h"],
    running_loss_outside: ["h"],
    two_states: ["c", "h"],
    two_of_a_kind: ["h1", "h2"],
    numbered_by_hand: ["s"],
    prepared_weight: ["h"],
    every_fifth_step: ["h"],
    ended_outside: ["h"],
    decoder_after_encoder: ["encoder/h", "decoder/h"],
    passed_twice: ["h (pass 1)", "h (pass 2)"],
    every_second_step_more: ["h"],
    without_steps: [],
}
MAKERS: dict[str, Callable[[], Tensor]] = {
    **models.MODELS,
    **{make.__name__: make for make in LOOPS},
    "running_loss_named": lambda: running_loss("memory"),
    "nn_lstm_layers": lambda: models.module(tg.nn.LSTM(1, 2, num_layers=2, bidirectional=True), 4),
    "nn_gru_layers": lambda: models.module(tg.nn.GRU(1, 2, num_layers=2), 4),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_texts_and_pictures_agree(make: Callable[[], Tensor]) -> None:
    loss = make()
    found = states(excerpt_of(loss, folded=True))
    excerpt = excerpt_of(loss)  # unfolds
    assert [(each.name, each.times) for each in states(excerpt)] == [(each.name, each.times) for each in found]
    scene = scene_of(loss)
    shown = {
        excerpt.values[node.id].birth: node for node in scene.nodes if node.kind == "state" and node.slot is not None
    }
    drawn = {birth for birth, node in shown.items() if node.frame is not None}
    told = {node.birth for each in found for node in each.nodes}
    # A loop with other operations in some steps: the picture marks what lies in a state's row in the other steps too.
    assert told == drawn or (make is every_second_step_more and told < drawn)
    for each in found:
        word = re.sub(r" \(pass \d+\)$", "", each.name).rpartition("/")[2].rstrip("0123456789")
        for node, time in zip(each.nodes, each.times, strict=True):
            assert re.fullmatch(rf"{word}(\d+_)?{time}'*", shown[node.birth].name)
            assert shown[node.birth].step == time
    if not found:
        for read in (tg.gradient_flow, tracks_of):
            with pytest.raises(ValueError, match="no time step reads anything its neighbour computed"):
                read(loss)
        return
    flow = tg.gradient_flow(loss)
    assert [each.name for each in flow] == [each.name for each in found]
    assert sorted(track.name for track in tracks_of(loss)) == sorted(each.name for each in found)
    for through in flow:
        for node, size in zip(through.nodes, through.sizes, strict=True):
            gradient = shown[node.birth].gradient
            assert size == pytest.approx(0 if gradient is None else float((gradient**2).sum() ** 0.5))


@pytest.mark.parametrize("make", LOOPS, ids=lambda make: make.__name__)
def test_what_the_states_are_called(make: Callable[[], Tensor]) -> None:
    assert [each.name for each in states(excerpt_of(make(), folded=True))] == LOOPS[make]


def test_a_name_that_was_given_is_kept() -> None:
    assert [flow.name for flow in tg.gradient_flow(running_loss("memory"))] == ["memory"]


def test_states_are_found_without_unfolding() -> None:
    output, _ = tg.nn.LSTM(2, 3)(tg.randn(5, 1, 2))
    loss = (output[-1] ** 2).sum()
    before = excerpt_of(loss, folded=True)
    tg.gradient_flow(loss)
    after = excerpt_of(loss, folded=True)
    assert len(after.values) == len(before.values) and any(v.primitive and v.primitive.formula for v in after.values)
