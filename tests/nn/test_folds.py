"""Folds: they compute what their formulas compute, and unfold into them when somebody looks."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import (
    RNN_STATES,
    ROOM,
    Fold,
    Sample,
    backpropagate,
    gru_state,
    lstm_memory,
    lstm_output,
    of,
    over_axes_at_once,
    real,
    unfold,
)
from tests.ops.differences import check
from tinygrad_rnn import history, nn

# The last ones broadcast: one state for a whole batch, one row of gates for several states.
SAMPLES: list[tuple[Fold, Sample]] = [
    *(
        (lstm_memory, of(real(*z), real(*c)))
        for z, c in (((8,), (2,)), ((3, 8), (3, 2)), ((3, 8), (2,)), ((8,), (3, 2)))
    ),
    *(
        (lstm_output, of(real(*z), real(*c)))
        for z, c in (((8,), (2,)), ((3, 8), (3, 2)), ((3, 8), (2,)), ((8,), (3, 2)))
    ),
    *(
        (gru_state, of(real(*x), real(*u), real(*h)))
        for x, u, h in (((6,), (6,), (2,)), ((3, 6), (3, 6), (3, 2)), ((3, 6), (6,), (2,)), ((6,), (6,), (3, 2)))
    ),
    *((state, of(real(*a), real(*a), real(2))) for state in RNN_STATES.values() for a in ((2,), (3, 2))),
    *(
        (over_axes_at_once(dims, 1e-5, given), of(real(2, 3, 4), *[real(*size)] * given))
        for dims, size in (((-1,), (4,)), ((-2, -1), (3, 4)))
        for given in (0, 1, 2)
    ),
]
CASES = [
    pytest.param(fold, sample, id=f"{getattr(fold.formula, '__name__', fold.name)} {sample}")
    for fold, sample in SAMPLES
]
KINDS = ("LSTM", "GRU")


def folds(loss: tg.Tensor) -> list[Any]:
    return [node for node in history(loss, folded=True) if isinstance(node.primitive, Fold)]


def network(kind: str, time: int = 12) -> tuple[Any, tg.Tensor]:
    tg.manual_seed(0)
    return getattr(nn, kind)(3, 4), tg.randn(time, 2, 3)


def gradients(layer: nn.Module, loss: tg.Tensor) -> list[Any]:
    layer.zero_grad()
    loss.backward(retain_graph=True)
    return [parameter.grad.array.copy() for parameter in layer.parameters() if parameter.grad is not None]


@pytest.mark.parametrize(("fold", "sample"), CASES)
def test_derivatives_are_those_of_finite_differences(fold: Fold, sample: Sample) -> None:
    check(fold, sample)


@pytest.mark.parametrize("dtype", [tg.float32, tg.float64])
@pytest.mark.parametrize(("fold", "sample"), CASES)
def test_a_fold_and_its_formula_give_the_same_numbers(fold: Fold, sample: Sample, dtype: Any) -> None:
    exact = {"rtol": 4 * np.finfo(dtype).eps, "atol": np.finfo(dtype).eps}
    found = []
    for apply in (fold, fold.formula):
        args = [tg.tensor(arg, dtype=dtype, requires_grad=True) for arg in sample.args]
        y = apply(*args)
        assert isinstance(y.primitive, Fold) is (apply is fold) and y.primitive.name == fold.name
        found.append([y.array, *(g.array for g in tg.autograd.grad((y * y).sum(), args) if g is not None)])
    for first, second in zip(*found, strict=True):
        assert first.dtype == second.dtype == dtype
        np.testing.assert_allclose(first, second, **exact)


@pytest.mark.parametrize("kind", KINDS)
def test_looking_changes_no_gradient(kind: str) -> None:
    layer, x = network(kind)
    loss = (layer(x)[0] ** 2).sum()
    before = gradients(layer, loss)
    assert folds(loss)
    tg.draw(loss)
    assert not folds(loss)
    for first, second in zip(before, gradients(layer, loss), strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(("kind", "each"), [("RNN", 3), ("LSTM", 4), ("GRU", 3)])
def test_operations_recorded_for_a_step_of_a_long_sequence(kind: str, each: int) -> None:
    """Read a; W_hh h + a; what comes after it: tanh, c and h of the LSTM, h of the GRU."""
    output, _ = network(kind)[0](network(kind)[1])
    recorded = [n for n in history(output, folded=True) if n.place.time == 7 and n.primitive is not None]
    assert len(recorded) == each


@pytest.mark.parametrize("kind", KINDS)
def test_a_fold_unfolds_in_its_place(kind: str) -> None:
    layer, x = network(kind)
    h = layer(x)[0][-1].sum()
    node = folds(h)[-1]
    value, birth, args = node.array.copy(), node.birth, node.args
    older = max(arg.birth for arg in args)
    unfold(node)
    between = [n for n in history(node) if older < n.birth < birth and n.primitive is not None]
    assert not isinstance(node.primitive, Fold) and node.birth == birth and node.name == "h"
    np.testing.assert_array_equal(node.array, value)
    assert between and all(n.place is node.place and n.tracked for n in between)
    assert [n.birth for n in between] == list(range(birth - len(between), birth))
    again = node.primitive, node.args
    unfold(node)
    assert (node.primitive, node.args) == again


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_looks_meets_no_fold(kind: str) -> None:
    def fresh() -> tuple[Any, tg.Tensor]:
        layer, x = network(kind)
        loss = (layer(x)[0] ** 2).sum()
        assert folds(loss)
        return layer, loss

    plain_layer, plain = fresh()
    expected = {node.birth: g for node, g, _ in backpropagate(plain) if node.primitive is None}[
        plain_layer.weight_hh_l0.birth
    ]
    ledger_layer, loss = fresh()
    np.testing.assert_allclose(tg.contributions(loss, ledger_layer.weight_hh_l0).total, expected, rtol=1e-4, atol=1e-6)
    for look in (
        lambda layer, loss: tg.history(loss),
        lambda layer, loss: list(tg.backward_steps(loss)),
        lambda layer, loss: tg.autograd.grad(loss, [layer.weight_hh_l0], create_graph=True),
        lambda layer, loss: [step.next_functions for step in [loss.grad_fn, *(GradFns(loss))]],
    ):
        layer, loss = fresh()
        look(layer, loss)
        assert not folds(loss)


@pytest.mark.parametrize("kind", KINDS)
def test_the_flow_over_time_is_the_same_in_folds(kind: str) -> None:
    layer, x = network(kind)
    loss, looked_at = ((layer(x)[0] ** 2).sum() for _ in range(2))
    tg.history(looked_at)
    assert folds(loss) and not folds(looked_at)
    folded, unfolded = tg.gradient_flow(loss), tg.gradient_flow(looked_at)
    assert [each.name for each in folded] == [each.name for each in unfolded] and folds(loss)
    assert [each.sizes for each in folded] == [each.sizes for each in unfolded]
    assert [each.times for each in folded] == [each.times for each in unfolded]
    cells, others = (tg.draw(each, view="cells").dot for each in (loss, looked_at))
    assert cells == others


def GradFns(loss: tg.Tensor) -> list[Any]:
    found, waiting = [], [loss.grad_fn]
    while waiting:
        each = waiting.pop()
        if each is not None and each not in found:
            found.append(each)
            waiting += [following for following, _ in each.next_functions]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_gradients_by_every_way_through_a_folded_graph(kind: str) -> None:
    layer, x = network(kind)
    loss = (layer(x)[0] ** 2).sum()
    weights = list(layer.parameters())
    twin = copy.deepcopy(loss)
    assert folds(twin)
    ways = [
        gradients(layer, loss),
        [g.array for g in tg.autograd.grad(loss, weights, retain_graph=True)],
        [g.array for g in tg.autograd.grad(loss, weights, create_graph=True)],
    ]
    with tg.autograd.detect_anomaly():
        layer.zero_grad()
        fresh = (layer(x)[0] ** 2).sum()
        assert not folds(fresh)
        fresh.backward()
        ways.append([w.grad.array for w in weights])
    for way in ways[1:]:  # a sum over the steps is one product where nobody looks
        for first, second in zip(ways[0], way, strict=True):
            np.testing.assert_allclose(first, second, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("classes", [tg.int64, tg.uint8])
@pytest.mark.parametrize("shape", [(1, 5), (1, 2), (2, 5), (7, 3), (2, 5, 1), (1, 4, 1), (2, 5, 3)])
def test_the_usual_cross_entropy_is_one_fold(shape: tuple[int, ...], classes: Any) -> None:
    rng = np.random.default_rng(0)
    x, ids = rng.normal(size=shape), rng.integers(0, shape[1], (shape[0], *shape[2:]))
    chosen = np.moveaxis(np.eye(shape[1])[ids], -1, 1)
    softmax = np.exp(x) / np.exp(x).sum(1, keepdims=True)
    expected = (softmax - chosen) / ids.size
    for _ in range(2):  # written, and known
        scores, target = tg.tensor(x, dtype=tg.float64, requires_grad=True), tg.tensor(ids, dtype=classes)
        loss = nn.functional.cross_entropy(scores, target)
        target.zero_()  # the loss is that of the targets it was given
        assert len(folds(loss)) == 1
        np.testing.assert_allclose(loss.array, -np.log((softmax * chosen).sum(1)).mean(), rtol=1e-12)
        loss.backward(retain_graph=True)
        assert scores.grad is not None
        before = scores.grad.array.copy()
        np.testing.assert_allclose(before, expected, rtol=1e-12, atol=1e-14)
    tg.draw(loss)
    loss.backward(gradient=tg.tensor(2.0, dtype=tg.float64), retain_graph=True)
    assert scores.grad is not None
    np.testing.assert_array_equal(scores.grad.array, 3 * before)
    (slope,) = tg.autograd.grad(loss, [scores], create_graph=True)
    (second,) = tg.autograd.grad((slope**2).sum(), [scores])
    product = 2 * expected * softmax / ids.size
    np.testing.assert_allclose(second.array, product - softmax * product.sum(1, keepdims=True), rtol=1e-10, atol=1e-14)


def test_a_backward_pass_that_looks_for_anomalies_unfolds_what_was_recorded_before() -> None:
    layer, x = network("LSTM")
    loss = (layer(x)[0] ** 2).sum()
    layer.weight_hh_l0.register_hook(lambda g: g * float("nan"))
    with tg.autograd.detect_anomaly(), pytest.raises(tg.autograd.AnomalyError):
        loss.backward()
    assert not folds(loss)


def test_an_argument_changed_in_place_is_refused_as_ever() -> None:
    gates, c = tg.ones(2, 8, requires_grad=True) * 1, tg.ones(2, 2)
    y = lstm_memory(gates, c)
    c.zero_()
    with pytest.raises(RuntimeError, match=r"changed in place after it was used: argument 1 of float32\[2,2\] = add"):
        y.sum().backward()
    with pytest.raises(RuntimeError, match=r"one of them was changed in place since: .*Look at the graph before"):
        tg.history(y)


def test_an_argument_the_rule_does_not_need_may_be_changed() -> None:
    gates, c = tg.ones(2, 8, requires_grad=True), tg.ones(2, 2)
    y = lstm_output(gates * 1, c)
    c.zero_()
    y.sum().backward()
    o = 1 / (1 + np.exp(-1.0))
    assert gates.grad is not None
    np.testing.assert_allclose(gates.grad.array[:, 6:], np.tanh(1.0) * o * (1 - o), rtol=1e-6)


def test_an_argument_changed_by_a_recorded_operation_unfolds_as_it_was() -> None:
    gates, c = tg.ones(1, 8, requires_grad=True), tg.ones(1, 2, requires_grad=True) * 2
    y = lstm_memory(gates, c)
    c *= 5
    (products,) = [n for n in tg.history(y) if n.primitive and n.primitive.name == "mul" and n.name is None][1:2]
    np.testing.assert_allclose(products.array, 2 / (1 + np.exp(-1.0)), rtol=1e-6)


def test_a_graph_that_was_used_stays_used_when_it_unfolds() -> None:
    layer, x = network("GRU")
    loss = layer(x)[0].sum()
    loss.backward()
    tg.draw(loss)
    inner: Any = next(n for n in tg.history(loss) if n.name == "z")
    with pytest.raises(RuntimeError, match="a second time"):
        inner.sum().backward()


def test_what_overflows_does_not_warn() -> None:
    gates, c = tg.full((1, 8), -1e30, requires_grad=True), tg.full((1, 2), float("inf"), requires_grad=True)
    with warnings.catch_warnings(record=True) as caught:
        lstm_output(gates, lstm_memory(gates, c)).sum().backward()
    assert not caught


def test_without_gradients_nothing_is_kept() -> None:
    layer, x = network("LSTM")
    with tg.no_grad():
        output, _ = layer(x)
    assert output.primitive is None and tg.history(output) == [output]


def test_a_formula_of_too_many_operations_is_an_error() -> None:
    def formula(x: tg.Tensor) -> tg.Tensor:
        for _ in range(ROOM + 1):
            x = x + 1
        return x

    fold = Fold("add", formula, lambda x: (x + ROOM + 1, None), lambda g, y, x, kept: (g * 1,))
    with pytest.raises(AssertionError):
        tg.history(fold(tg.ones(2, requires_grad=True)))
