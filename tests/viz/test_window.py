"""Windows of a longer sequence, and states that were detached: what is not shown is said, and nothing is lost."""

from collections.abc import Callable

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.viz import models
from tests.viz.inside import REST
from tests.viz.models import Numbers
from tests.viz.reading import texts_of
from tinygrad_rnn import Tensor, nn
from tinygrad_rnn.viz import draw, scene_of

WINDOWS: dict[str, tuple[Callable[[], Tensor], tuple[int, int]]] = {
    "rnn": (lambda: models.rnn(steps=12), (4, 6)),
    "end": (lambda: models.rnn(steps=12), (10, 12)),
    "per_step": (lambda: models.rnn(steps=12, loss_per_step=True), (1, 3)),
    "lstm": (lambda: models.lstm(steps=10), (5, 7)),
    "outside": (lambda: models.loss_outside(steps=10), (9, 10)),
    "bidirectional": (lambda: models.bidirectional(steps=9), (4, 5)),
    "attention": (lambda: models.attention(steps=5), (2, 3)),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_the_gradients_are_those_of_the_whole_sequence_and_add_up(name: str) -> None:
    make, window = WINDOWS[name]
    whole, part = scene_of(make()), scene_of(make(), window)
    assert part.window == window
    assert set(part.frames) == set(range(window[0], window[1] + 1))
    everything = {(node.name, node.gradient.tobytes()) for node in whole.nodes if node.gradient is not None}
    arrays = {gradient for _, gradient in everything}
    for node in part.nodes:
        if node.gradient is None:
            continue
        assert node.gradient.tobytes() in arrays
        shares = [edge.share for edge in part.edges if edge.source == node.id and edge.share is not None]
        if node.frame is not None and shares:
            np.testing.assert_allclose(sum(shares), node.gradient, rtol=1e-12, atol=1e-15)


def test_what_is_left_out_is_said() -> None:
    scene = scene_of(models.rnn(steps=12), (4, 6))
    nodes = {node.name: node for node in scene.nodes}
    assert (nodes["h3"].kind, nodes["h3"].formula, nodes["h3"].symbol) == ("state", "from t = 3", "")
    assert (nodes["L"].symbol, nodes["L"].formula) == (REST, "all that follows t = 6")
    assert [node.name for node in scene.nodes if node.kind == "parameter"] == ["W_xh", "W_hh", "b"]
    picture = draw(models.rnn(steps=12), steps=(4, 6))
    assert {"h3", "t = 4", "t = 6", "Backpropagation through time, t = 4 to 6"} <= set(texts_of(picture.svg))
    assert "t = 7" not in texts_of(picture.svg)


def test_the_end_is_drawn_in_full_if_it_is_shown() -> None:
    scene = scene_of(models.rnn(steps=12), (11, 12))
    assert {"y", "e", "q", "L"} <= {node.name for node in scene.nodes}
    assert all(node.symbol != REST for node in scene.nodes)


def test_an_end_that_reads_every_step_is_one_card() -> None:
    outputs, _ = nn.RNN(1, 1)(tg.randn(60, 1))
    scene = scene_of((outputs[-1] ** 2).sum(), (55, 60))
    assert scene.nodes[scene.loss].symbol == REST
    assert {node.name for node in scene.nodes if node.symbol and node.kind == "state"} == {
        f"h{t}" for t in range(55, 61)
    }
    assert {node.name for node in scene.nodes if node.step is None and node.kind == "state"} == {"h54"}


def test_windows_that_cannot_be() -> None:
    loss = models.rnn(steps=30)
    with pytest.raises(ValueError, match=r"steps=\(40, 41\) shows none of the time steps.*they are 1 to 30"):
        draw(loss, steps=(40, 41))
    with pytest.raises(ValueError, match="the first step comes first"):
        draw(loss, steps=(5, 4))
    with pytest.raises(ValueError, match="25 steps; up to 24"):
        draw(loss, steps=(1, 25))
    with pytest.raises(ValueError, match=r"as in steps=\(1, 8\)"):
        draw(loss, steps=3)  # type: ignore[arg-type]
    assert len(draw(loss, steps=(1, 25), force=True).scene.frames) == 25
    with pytest.raises(ValueError, match="it has none: record them"):
        draw(models.mlp(), steps=(1, 2))


def truncated(at: int) -> Tensor:
    make = Numbers(0)
    W, U = make.parameter("W", 2, 1), make.parameter("U", 2, 2)
    h = tg.zeros(2, dtype=tg.float64)
    total = None
    for t in range(1, 6):
        with tg.step(t):
            h = h.detach() if t == at else h
            h = tg.tanh(tg.linear(make.data(1), W) + tg.linear(h, U))
            h.name = "h"
            part = (h**2).sum()
            total = part if total is None else total + part
    assert total is not None
    return total


def test_a_detached_state_goes_on_as_numbers_only() -> None:
    scene = scene_of(truncated(4))
    names = [node.name for node in scene.nodes]
    cut = [(names[edge.source], names[edge.target], edge.share) for edge in scene.edges if edge.cut]
    assert cut == [("h3", next(n for n in names if n.startswith("r4")), None)]
    assert len([name for name in names if name.startswith("h")]) == 6
    picture = draw(truncated(4))
    assert "cut" in texts_of(picture.svg)
    assert "detached: no gradient flows back" in picture.dot
    assert not any(edge.cut for edge in scene_of(truncated(99)).edges)


def test_a_state_carried_over_from_an_earlier_chunk_is_marked() -> None:
    make = Numbers(0)
    U = make.parameter("U", 2, 2)
    h = tg.tanh(tg.linear(make.data(2), U)).detach()
    for t in (5, 6):
        with tg.step(t):
            h = tg.tanh(tg.linear(h, U))
    nodes = {node.name: node for node in scene_of(h.sum()).nodes}
    assert nodes["h4"].cut
    assert nodes["h4"].formula == "cut here: detached"
    assert 'STYLE="DASHED"' in draw(h.sum()).dot


def test_a_start_that_was_only_printed_is_not_marked() -> None:
    U = Numbers(0).parameter("U", 2, 2)
    h = start = tg.zeros(2, dtype=tg.float64)
    for t in (1, 2):
        with tg.step(t):
            h = tg.tanh(U @ h)
    assert start.detach().tolist() == [0, 0]
    formulas = [node.formula for node in scene_of(h.sum()).nodes]
    assert "start state" in formulas and "cut here: detached" not in formulas
