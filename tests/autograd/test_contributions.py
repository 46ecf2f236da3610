"""The ledger of a shared parameter beside backpropagation through time written by hand."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

from . import bptt

STOCK = json.loads((Path(__file__).parents[1] / "reference" / "stock_example.json").read_text())["cases"]
TIME = 5
RNG = np.random.default_rng(0)
XS = RNG.normal(size=(TIME, 2, 3))


def network(kind: Any, **options: Any) -> Any:
    tg.manual_seed(3)
    return kind(3, 4, **options).double()


def loss_of(net: Any, xs: Any = XS) -> Any:
    output, _ = net(tg.tensor(xs))
    return (output[-1] ** 2).sum()


def arrays(net: Any) -> list[np.ndarray[Any, Any]]:
    return [np.array(getattr(net, name).array) for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")]


def by_hand(net: Any) -> dict[str, list[np.ndarray[Any, Any]]]:
    W, U, b, d = arrays(net)
    if isinstance(net, tg.nn.GRU):
        return bptt.gru(XS, W, U, b, d)
    terms = bptt.lstm(XS, W, U, b + d) if isinstance(net, tg.nn.LSTM) else bptt.rnn(XS, W, U, b + d)[1]
    return terms | {"d": terms["b"]}


@pytest.mark.parametrize("kind", [tg.nn.RNN, tg.nn.LSTM, tg.nn.GRU])
def test_each_step_as_by_hand(kind: Any) -> None:
    net = network(kind)
    loss = loss_of(net)
    terms = by_hand(net)
    names = {"W": "weight_ih_l0", "U": "weight_hh_l0", "b": "bias_ih_l0", "d": "bias_hh_l0"}
    for letter, name in names.items():
        ledger = tg.contributions(loss, getattr(net, name))
        assert [each.time for each in ledger] == list(range(1, TIME + 1))
        for each, term in zip(ledger, terms[letter], strict=True):
            np.testing.assert_allclose(each.gradient, term, rtol=1e-10, atol=1e-14)


OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "without bias": {"bias": False},
    "stacked": {"num_layers": 3},
    "both directions": {"bidirectional": True},
    "stacked in both directions": {"num_layers": 2, "bidirectional": True, "batch_first": True},
}


@pytest.mark.parametrize("words", OPTIONS)
@pytest.mark.parametrize("kind", [tg.nn.RNN, tg.nn.LSTM, tg.nn.GRU])
def test_the_sum_is_the_gradient(kind: Any, words: str) -> None:
    net = network(kind, **OPTIONS[words])
    loss = loss_of(net, XS.swapaxes(0, 1) if net.batch_first else XS)
    ledgers = [(p, tg.contributions(loss, p)) for p in net.parameters()]
    loss.backward()
    for parameter, ledger in ledgers:
        assert parameter.grad is not None
        for each in (ledger, ledger.by_gate()):
            total = sum(c.gradient for c in each)
            np.testing.assert_allclose(total, parameter.grad.array, rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(each.total, parameter.grad.array, rtol=1e-9, atol=1e-12)
            if np.any(each.total):  # the other direction's first step is all that the last output sees of it
                assert sum(each.share(c) for c in each) == pytest.approx(1)
        assert {c.time for c in ledger} <= set(range(1, TIME + 1))


@pytest.mark.parametrize(("kind", "gates"), [(tg.nn.LSTM, "ifgo"), (tg.nn.GRU, "rzn")])
def test_gates(kind: Any, gates: str) -> None:
    net = network(kind)
    loss = loss_of(net)
    for parameter in net.parameters():
        split = tg.contributions(loss, parameter).by_gate()
        assert [c.gate for c in split] == list(gates) * TIME
        rows = parameter.shape[0] // len(gates)
        for number, each in enumerate(split):
            gate = number % len(gates)
            outside = np.delete(each.gradient, slice(gate * rows, (gate + 1) * rows), axis=0)
            assert not outside.any()


def test_gates_where_there_are_none() -> None:
    net = network(tg.nn.RNN)
    ledger = tg.contributions(loss_of(net), net.weight_hh_l0)
    assert [c.gate for c in ledger.by_gate()] == [None] * TIME


@pytest.mark.parametrize("case", STOCK, ids=lambda case: case["name"])
def test_the_worked_example(case: dict[str, Any]) -> None:
    """The textbook's stock prices, with every number worked out by hand."""
    p = {name: tg.tensor(value, dtype=tg.float64, requires_grad=True) for name, value in case["parameters"].items()}
    h = p["h_0"]
    for t, price in enumerate(case["inputs"], start=1):
        with tg.step(t):
            h = tg.tanh(p["W_xh"] @ tg.tensor([price], dtype=tg.float64) + p["W_hh"] @ h + p["b_h"])
    loss = ((p["W_hy"] @ h + p["b_y"] - case["target"]) ** 2).sum()
    for name in ("W_xh", "W_hh"):
        for each, row in zip(tg.contributions(loss, p[name]), case["per_step"], strict=True):
            assert each.time == row["t"]
            np.testing.assert_allclose(each.gradient, row[f"{name}_contribution"], rtol=1e-9, atol=1e-15)
    sizes = [np.linalg.norm(row["dL_dh"]) for row in case["per_step"]]
    np.testing.assert_allclose(tg.gradient_flow(loss).sizes, sizes, rtol=1e-9, atol=1e-15)


def test_what_is_prepared_outside_the_steps_is_followed_to_them() -> None:
    """W is scaled, transposed and normalised once; the ledger still has one entry per step."""
    W = tg.tensor(RNG.normal(size=(3, 3)), requires_grad=True)
    scaled = (W / W.norm()).T * 0.9
    h = tg.tensor(RNG.normal(size=3))
    for t in range(1, 5):
        with tg.step(t):
            h = tg.tanh(h @ scaled)
    loss = (h * h).sum() + (W * W).sum()
    ledger = tg.contributions(loss, W)
    assert [c.time for c in ledger] == [1, 2, 3, 4, None, None]  # W is used by two ways at once, W * W uses it twice
    (g,) = tg.autograd.grad(loss, W)
    np.testing.assert_allclose(sum(c.gradient for c in ledger), g.array, rtol=1e-12)


def test_both_uses_in_one_operation_count() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    ledger = tg.contributions((x * x).sum(), x)
    assert [c.gradient.tolist() for c in ledger] == [[1.0, 2.0], [1.0, 2.0]]
    assert [ledger.share(c) for c in ledger] == [0.5, 0.5]


def test_any_tensor_has_a_ledger() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    h = x.exp()
    h.name = "h"
    ledger = tg.contributions((h * 3).sum() + h.sum(), h)
    assert sorted(c.gradient.tolist() for c in ledger) == [[1.0, 1.0], [3.0, 3.0]]
    assert [c.operation for c in ledger] == ["h * 3", "sum(h)"]


def test_it_prints_as_a_table() -> None:
    net = network(tg.nn.RNN)
    ledger = tg.contributions(loss_of(net), net.weight_hh_l0)
    lines = str(ledger).splitlines()
    assert lines[0].split() == ["t", "place", "operation", "size", "share"]
    assert lines[2].split()[:5] == ["1", "RNN/t=1", "h0", "@", "W_hh.mT"]
    assert "h4 @ W_hh.mT" in lines[6] and lines[6].endswith("%")
    assert "dL/dW_hh = sum" in lines[-1]
    page = ledger._repr_html_()
    assert page.startswith("<table>") and page.count("<tr>") == TIME + 2
    named = tg.tensor([1.0], requires_grad=True)
    named.name = "<b>&"
    assert "&lt;b&gt;&amp;" in tg.contributions((named * 2).sum(), named)._repr_html_()


def test_a_gradient_of_zero_has_no_shares() -> None:
    x = tg.tensor([1.0], requires_grad=True)
    ledger = tg.contributions((x * 0).sum(), x)
    assert np.isnan(ledger.share(ledger[0])) and str(ledger).splitlines()[2].endswith("-")


def test_what_is_refused() -> None:
    x, w = (tg.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    with pytest.raises(RuntimeError, match="no use of it adds anything"):
        tg.contributions((x * 2).sum(), w)
    with pytest.raises(RuntimeError, match="starts from a single number"):
        tg.contributions(x * 2, x)
