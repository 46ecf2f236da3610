"""Layers recorded as one operation over all their steps: the numbers and the graph are those of the recorded loop."""

from __future__ import annotations

import copy
import threading
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import OVER_TIME, backpropagate
from tinygrad_rnn import nn

KINDS = ("RNN", "LSTM", "GRU")
OPTIONS: list[Any] = [
    {},
    {"bias": False},
    pytest.param({"num_layers": 2, "batch_first": True}, marks=pytest.mark.slow),
    pytest.param({"num_layers": 2, "bidirectional": True}, marks=pytest.mark.slow),
]
SIZES = [(1, 1, 1, 2), (8, 2, 5, 3), (20, 5, 4, 8)]  # time, batch, input, hidden


def network(kind: str, dtype: Any = tg.float64, size: Any = (12, 2, 3, 4), **options: Any) -> tuple[Any, tg.Tensor]:
    time, batch, inputs, hidden = size
    tg.manual_seed(0)
    layer = getattr(nn, kind)(inputs, hidden, dtype=dtype, **options)
    shape = (batch, time, inputs) if options.get("batch_first") else (time, batch, inputs)
    return layer, tg.randn(*shape, dtype=dtype)


def flat(results: Any) -> list[tg.Tensor]:
    output, state = results
    return [output, *(state if isinstance(state, tuple) else (state,))]


def first_state(kind: str, layer: Any, batch: int) -> Any:
    rng = np.random.default_rng(1)
    count, dtype = sum(map(len, layer._layers)), next(layer.parameters()).dtype
    h, c = (
        tg.tensor(rng.standard_normal((count, batch, layer.hidden_size)), dtype=dtype, requires_grad=True) for _ in "hc"
    )
    return (h, c) if kind == "LSTM" else h


def loss_of(layer: Any, x: tg.Tensor, state: Any = None) -> tg.Tensor:
    return sum(((k + 1) * each**2).sum() for k, each in enumerate(flat(layer(x, state))))  # type: ignore[return-value]


def step_by_step(layer: Any, x: tg.Tensor, state: Any = None) -> tg.Tensor:
    """The loss of the loop as it is recorded while anomalies are looked for."""
    with tg.autograd.detect_anomaly():
        return loss_of(layer, x, state)


def gradients(loss: tg.Tensor, leaves: Any) -> list[Any]:
    for leaf in leaves:
        leaf.grad = None
    loss.backward(retain_graph=True)
    return [None if leaf.grad is None else leaf.grad.numpy().copy() for leaf in leaves]


def close(one: list[Any], two: list[Any], tolerance: float) -> None:
    for a, b in zip(one, two, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            assert np.abs(a - b).max() <= tolerance * max(np.abs(b).max(), 1e-8)


def rows(loss: tg.Tensor) -> list[Any]:
    return [
        (node.primitive and node.primitive.name, node.name, str(node.place), node.array.tobytes())
        for node in tg.history(loss)
    ]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_numbers_gradients_and_the_graph_are_those_of_the_loop(kind: str, options: Any, size: Any) -> None:
    for dtype, tolerance in ((tg.float32, 1e-5), (tg.float64, 1e-12)):
        layer, x = network(kind, dtype, size, **options)
        state = first_state(kind, layer, size[1])
        leaves = [*layer.parameters(), *(state if isinstance(state, tuple) else [state])]
        for wanted in (True, False):
            x.requires_grad_(wanted)
            loss, loop = loss_of(layer, x, state), step_by_step(layer, x, state)
            assert len(tg.history(loss.sum(), closed=True)) < len(rows(loop))
            close(gradients(loss, [*leaves, x]), gradients(loop, [*leaves, x]), tolerance)
            assert rows(loss) == rows(loop)


LENGTHS = (12, 1, 10, 3, 12)
PACKED = nn.utils.rnn.pack_padded_sequence
GIVEN: dict[str, Any] = {
    "lengths": lambda layer, x: layer(x, lengths=LENGTHS),
    "all of one length": lambda layer, x: layer(x, lengths=[12] * 5),
    "packed": lambda layer, x: layer(PACKED(x, LENGTHS, enforce_sorted=False)),
    "packed as it is": lambda layer, x: layer(PACKED(x, sorted(LENGTHS)[::-1])),
    "without a batch": lambda layer, x: layer(x[:, 0]),
    "short and without a batch": lambda layer, x: layer(x[:3, 0]),
}


@pytest.mark.slow
@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("options", [{}, {"num_layers": 3, "bidirectional": True, "dropout": 0.4}], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_lengths_packed_sequences_dropout_and_no_batch(kind: str, options: Any, given: str) -> None:
    def loss_of_it(watched: bool) -> Any:
        with tg.autograd.detect_anomaly() if watched else nullcontext():
            tg.manual_seed(4)
            output, state = GIVEN[given](layer, x)
        results = flat((getattr(output, "data", output), state))
        return results, sum(((k + 1) * each**2).sum() for k, each in enumerate(results))

    for dtype, tolerance in ((tg.float32, 1e-5), (tg.float64, 1e-12)):
        layer, x = network(kind, dtype, (12, 5, 3, 4), **options)
        leaves = [x.requires_grad_(), *layer.parameters()]
        (found, loss), (expected, loop) = loss_of_it(False), loss_of_it(True)
        assert all(np.array_equal(a.array, b.array) for a, b in zip(found, expected, strict=True))
        before = len(tg.history(loss, closed=True))
        one = gradients(loss, leaves)
        assert sorted(map(str, rows(loss))) == sorted(map(str, rows(loop))) and before < len(rows(loop)) / 2
        assert all(np.array_equal(a, b) for a, b in zip(one, gradients(loss, leaves), strict=True))
        close(one, gradients(loop, leaves), tolerance)


@pytest.mark.parametrize("kind", KINDS)
def test_one_text_serves_every_length_and_any_number_of_calls_at_once(kind: str) -> None:
    layer, x = network(kind, size=(41, 2, 3, 4))
    losses = [loss_of(layer, x[:time]) for time in (9, 41, 10, 25)]
    known = len(OVER_TIME)
    for time, loss in zip((9, 41, 10, 25), losses, strict=True):
        expected = gradients(step_by_step(layer, x[:time]), list(layer.parameters()))
        close(gradients(loss, list(layer.parameters())), expected, 1e-12)
        close(gradients(loss, list(layer.parameters())), expected, 1e-12)  # retained
    assert len(OVER_TIME) == known


@pytest.mark.parametrize("kind", KINDS)
def test_looking_changes_no_bit_unless_something_inside_has_a_hook(kind: str) -> None:
    layer, x = network(kind, tg.float32)
    leaves = list(layer.parameters())
    loss = loss_of(layer, x)
    before = gradients(loss, leaves)
    tg.draw(loss)
    assert all(np.array_equal(a, b) for a, b in zip(before, gradients(loss, leaves), strict=True))

    def hooked(loss: tg.Tensor) -> list[Any]:
        inner: Any = next(n for n in tg.history(loss) if n.name == "h" and n.place.time == 5)
        inner.register_hook(lambda g: g * 3)
        inner.retain_grad()
        return [*gradients(loss, leaves), inner.grad.numpy()]

    close(hooked(loss), hooked(step_by_step(layer, x)), 1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_second_derivatives_copies_and_chosen_inputs(kind: str) -> None:
    layer, x = network(kind)
    leaves = list(layer.parameters())

    def second(loss: tg.Tensor) -> list[Any]:
        first = tg.autograd.grad(loss, leaves, create_graph=True)
        return gradients(sum((g * g).sum() for g in first), leaves)

    close(second(loss_of(layer, x)), second(step_by_step(layer, x)), 1e-12)
    loss, loop = loss_of(layer, x), step_by_step(layer, x)
    chosen, expected = (tg.autograd.grad(each, leaves[1], retain_graph=True)[0].numpy() for each in (loss, loop))
    close([chosen], [expected], 1e-12)
    twin = copy.deepcopy(loss)
    twin.backward()
    assert leaves[0].grad is not None and np.array_equal(twin.array, loss.array)


def test_the_memory_after_one_step_reads_no_projection() -> None:
    layer, x = network("LSTM", size=(1, 2, 3, 4), proj_size=2)
    layer(x)[1][1].sum().backward()
    assert [name for name, p in layer.named_parameters() if p.grad is None] == ["weight_hr_l0"]  # as in PyTorch


@pytest.mark.parametrize(("kind", "options"), [("LSTM", {"proj_size": 2}), ("RNN", {"nonlinearity": "relu"})])
def test_projections_and_other_functions(kind: str, options: Any) -> None:
    layer, x = network(kind, **options)
    leaves = list(layer.parameters())
    for _ in range(2):
        loss, loop = loss_of(layer, x), step_by_step(layer, x)
        close(gradients(loss, leaves), gradients(loop, leaves), 1e-12)
        assert rows(loss) == rows(loop)
        layer.activation = tg.sigmoid  # another function is another formula


def test_frozen_weights_and_what_is_not_recorded() -> None:
    layer, x = network("LSTM")
    layer.weight_ih_l0.requires_grad_(False)
    leaves = list(layer.parameters())
    close(gradients(loss_of(layer, x), leaves), gradients(step_by_step(layer, x), leaves), 1e-12)
    with tg.no_grad():
        plain = flat(layer(x))
    assert all(each.primitive is None and not each.requires_grad for each in plain)
    assert all(np.array_equal(a.array, b.array) for a, b in zip(plain, flat(layer(x)), strict=True))


def test_what_was_changed_since_is_refused_where_it_is_needed_and_shown_as_it_was() -> None:
    layer, x = network("GRU")
    loss = loss_of(layer, x)
    with tg.no_grad():
        layer.weight_hh_l0 *= 2
    with pytest.raises(RuntimeError, match="changed in place after it was used"):
        loss.backward()
    loss, loop = loss_of(layer, x), step_by_step(layer, x)
    with tg.no_grad():
        layer.weight_hh_l0 *= 2
    inner = [row[:3] for row in rows(loop)], [row[3] for row in rows(loop) if row[0] is not None]
    assert inner == ([row[:3] for row in rows(loss)], [row[3] for row in rows(loss) if row[0] is not None])
    loss = loss_of(layer, x)
    with tg.no_grad():
        layer.bias_ih_l0 *= 2  # of which no rule computes with the numbers
    loss.backward()
    with pytest.raises(RuntimeError, match="a second time"):
        loss.backward()
    loss = loss_of(layer, output := x * 1)
    before = gradients(loss, list(layer.parameters()))
    loss = loss_of(layer, output)
    flat(layer(output))[0].mul_(2)  # results are nobody else's
    close(gradients(loss, list(layer.parameters())), before, 0)


def test_a_result_that_is_changed_by_an_operation_goes_on_from_there() -> None:
    layer, x = network("LSTM")
    found = []
    for record in (lambda: layer(x)[0], lambda: step_by_step_output(layer, x)):
        output = record()
        output *= 2
        output[3] = 0
        found.append(gradients((output**2).sum(), list(layer.parameters())))
        assert any(node.name == "i" for node in tg.history(output))
    close(found[0], found[1], 1e-12)


def step_by_step_output(layer: Any, x: tg.Tensor) -> tg.Tensor:
    with tg.autograd.detect_anomaly():
        output: tg.Tensor = layer(x)[0]
        return output


def test_threads_train_at_once() -> None:
    layer, x = network("LSTM", size=(10, 3, 3, 7))
    leaves = list(layer.parameters())
    expected = [g.numpy() for g in tg.autograd.grad(step_by_step(layer, x), leaves)]
    found: list[Any] = []

    def work() -> None:
        for _ in range(5):
            loss = loss_of(layer, x)
            tg.history(loss)
            found.append([g.numpy() for g in tg.autograd.grad(loss, leaves)])

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 15
    for each in found:
        close(each, expected, 1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_walk_meets_every_value_of_what_was_looked_into(kind: str, options: dict[str, Any]) -> None:
    layer, x = network(kind, **options)
    loss = loss_of(layer, x)
    tracked = {node.birth for node in tg.history(loss) if node.tracked}
    assert {node.birth for node, _, _ in backpropagate(loss)} == tracked
    passed = {node.birth for node, _, _ in backpropagate(loss, closed=True)}  # as a plain backward pass goes
    assert len(passed) < len(tracked)
