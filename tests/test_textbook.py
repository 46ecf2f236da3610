"""What the textbook says, number by number: the worked example, "models" after three words, and a task for a memory."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn

REFERENCE = json.loads((Path(__file__).parent / "reference" / "stock_example.json").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = REFERENCE["cases"]


class Unrolled:
    """A case of the worked example from plain primitives, in float64; h_0 is a parameter too."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.parameters = {
            name: tg.tensor(value, dtype=tg.float64, requires_grad=True) for name, value in case["parameters"].items()
        }
        W_xh, W_hh, b_h, W_hy, b_y, h = (
            self.parameters[name] for name in ("W_xh", "W_hh", "b_h", "W_hy", "b_y", "h_0")
        )
        self.hs: list[tg.Tensor] = []
        self.zs: list[tg.Tensor] = []
        for t, price in enumerate(case["inputs"], start=1):
            with tg.step(t):
                x = tg.tensor([price], dtype=tg.float64)
                z = W_xh @ x + W_hh @ h + b_h
                h = tg.tanh(z)
            self.zs.append(z)
            self.hs.append(h)
        self.y = W_hy @ h + b_y
        self.loss = ((self.y - case["target"]) ** 2).sum()


def close(actual: Any, wanted: Any) -> None:
    np.testing.assert_allclose(np.asarray(actual), np.asarray(wanted), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_forward(case: dict[str, Any]) -> None:
    network = Unrolled(case)
    close([z.tolist() for z in network.zs], case["pre_activations"])
    close([h.tolist() for h in network.hs], case["hidden"])
    close(network.y.item(), case["prediction"])
    close(network.loss.item(), case["loss_squared_error"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_gradients(case: dict[str, Any]) -> None:
    network = Unrolled(case)
    for tensor in (*network.hs, *network.zs):
        tensor.retain_grad()
    network.loss.backward()
    for name, wanted in case["gradients"].items():
        gradient = network.parameters[name].grad
        assert gradient is not None
        close(gradient.array, wanted)
    for wanted, h, z in zip(case["per_step"], network.hs, network.zs, strict=True):
        assert h.grad is not None and z.grad is not None
        close(h.grad.array, wanted["dL_dh"])
        close(z.grad.array, wanted["dL_da"])


@pytest.mark.parametrize("weight", ["W_xh", "W_hh"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_what_each_step_adds(case: dict[str, Any], weight: str) -> None:
    network = Unrolled(case)
    found = tg.autograd.contributions(network.loss, network.parameters[weight])
    assert [each.time for each in found] == [each["t"] for each in case["per_step"]]
    for each, wanted in zip(found, case["per_step"], strict=True):
        close(each.gradient, wanted[f"{weight}_contribution"])
    close(sum(each.gradient for each in found), case["gradients"][weight])


def test_raw_dollars_leave_nothing_behind_tanh() -> None:
    for case in CASES:
        if case["name"].startswith("raw"):
            network = Unrolled(case)
            network.loss.backward()
            for name in ("W_xh", "W_hh", "b_h", "h_0"):
                gradient = network.parameters[name].grad
                assert gradient is not None and not gradient.array.any()  # exactly 0


def test_shares_of_the_steps() -> None:
    network = Unrolled(next(case for case in CASES if case["name"] == "canonical"))
    terms = [each.gradient for each in tg.autograd.contributions(network.loss, network.parameters["W_xh"])]
    shares = [100 * np.linalg.norm(term) / sum(np.linalg.norm(each) for each in terms) for term in terms]
    assert [f"{share:.2f}" for share in shares] == ["0.03", "0.22", "1.57", "11.56", "86.62"]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_i_love_deep_learning_models(seed: int) -> None:
    tg.manual_seed(seed)
    network = nn.Sequential(nn.Embedding(5, 4), nn.RNN(4, 8))
    output = nn.Linear(8, 5)
    optimizer = tg.optim.SGD([*network.parameters(), *output.parameters()], lr=0.1)
    p_models = []
    for _ in range(301):
        states, _ = network(tg.arange(4))  # I love deep learning
        logits = output(states[-1:])
        p_models.append(tg.softmax(logits, dim=-1)[0, 4].item())
        loss = nn.functional.cross_entropy(logits, tg.tensor([4]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert p_models[0] < 0.5 and p_models[300] > 0.99


@pytest.mark.parametrize("with_recurrence", [True, False])
def test_the_cat_sat_on_the_mat(with_recurrence: bool) -> None:
    tg.manual_seed(0)
    sentence = tg.tensor([0, 1, 2, 3, 0, 4])  # the cat sat on the mat
    xs, target = tg.eye(5)[sentence[:-1]], sentence[1:]
    rnn, output = nn.RNN(5, 8), nn.Linear(8, 5)
    parameters = {**dict(rnn.named_parameters()), **dict(output.named_parameters())}
    if not with_recurrence:
        W_hh = parameters.pop("weight_hh_l0")
        with tg.no_grad():
            W_hh.zero_()
    optimizer = tg.optim.Adam(parameters.values(), lr=0.05)
    for _ in range(500):
        logits = output(rnn(xs)[0])
        loss = nn.functional.cross_entropy(logits, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    p = tg.softmax(logits, dim=-1).tolist()
    if with_recurrence:
        assert loss.item() < 1e-3
        assert p[0][1] > 0.99 and p[4][4] > 0.99
    else:
        assert loss.item() == pytest.approx(2 * math.log(2) / 5, abs=1e-3)
        for t in (0, 4):
            assert (p[t][1], p[t][4]) == pytest.approx((0.5, 0.5), abs=0.01)
