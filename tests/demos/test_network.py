"""Claims 1 to 13: what a recurrent network is, the worked example, and how errors go back in time."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn.lab.data import score
from tinygrad_rnn.lab.demos import recurrence, stock, words, worked_example
from tinygrad_rnn.lab.demos.worked_example import WorkedExample

PRICES = (1.00, 1.02, 1.04, 1.06, 1.08)


def by_hand() -> tuple[list[float], list[float], float]:
    """The worked example with two equal units as one: h_t, dL/dz_t (BPTT written out), and y."""
    h, hs = 0.0, []
    for x in PRICES:
        h = math.tanh(0.5 * x + 0.2 * h)
        hs.append(h)
    y = 2 * hs[-1]
    dh, dz = 2 * (y - 1.10), [0.0] * 5
    for t in reversed(range(5)):
        dz[t] = dh * (1 - hs[t] ** 2)
        dh = 0.2 * dz[t]
    return hs, dz, y


def test_claim_1_order_matters() -> None:
    found = [recurrence.answers(numbers) for numbers in recurrence.ORDERS.values()]
    assert len({bag for _, bag in found}) == 1  # to the last bit
    rnn = sorted(along[-1] for along, _ in found)
    assert min(np.diff(rnn)) > 0.01
    h = np.zeros(2)
    for x in (1, 2, 3, 4, 5):
        h = np.tanh(np.array([0.1, -0.2]) * x + np.array([[0.5, 0.3], [-0.4, 0.6]]) @ h)
    assert found[0][0][-1] == pytest.approx(h.sum(), rel=1e-12)


def test_claim_2_the_loop() -> None:
    _, dz, y = by_hand()
    wanted = [2 * 0.5 * each / (2 * (y - 1.10)) for each in dz]  # dy/dx_t = W_xh dz_t / (dL/dy), both units
    assert recurrence.sensitivities(recurrence=True) == pytest.approx(wanted, rel=1e-10)
    without = recurrence.sensitivities(recurrence=False)
    assert without[:4] == [0, 0, 0, 0] and without[4] > 0
    edges = recurrence.unrolled(WorkedExample(unit=100.0).forward().loss)
    assert edges == {*((f"t={t}", f"t={t + 1}") for t in range(1, 5)), ("t=5", "loss")}
    assert not recurrence.has_a_cycle(edges)
    rolled = recurrence.rolled(edges)
    assert rolled == {("step", "step"), ("step", "loss")} and recurrence.has_a_cycle(rolled)


def test_claim_3_the_same_weights() -> None:
    for steps in (5, 500):
        parameters, uses, difference = recurrence.sharing(steps)
        assert (parameters, uses) == (4 * 3 + 4 * 4 + 2 * 4, steps) and difference < 1e-12


def test_claim_4_the_formula() -> None:
    hs, y = recurrence.run()
    mine, _, answer = by_hand()
    assert f"{hs[0].tolist()[0]:.6f} {y.item():.6f}" == "0.462117 1.147583"
    assert [h.tolist() for h in hs] == [pytest.approx([each, each], rel=1e-14) for each in mine]
    assert y.item() == pytest.approx(answer, rel=1e-14)
    assert "h = tg.tanh(W_xh @ x + W_hh @ h + b_h)" in recurrence.show_formula().text


def test_claim_5_activations_and_softmax() -> None:
    assert all(math.isnan(p) for p in recurrence.softmax_as_written(tg.tensor([1000.0, 1001.0, 1002.0])).tolist())
    assert "0.0900  0.2447  0.6652" in recurrence.show_activations().text
    xs = [-2.0, -0.5, 0.5, 2.0]
    values, slopes = recurrence.values_and_slopes("tanh", xs)
    assert values == pytest.approx(np.tanh(xs)) and slopes == pytest.approx(1 / np.cosh(xs) ** 2)
    assert recurrence.values_and_slopes("relu", xs) == ([0, 0, 0.5, 2], [0, 0, 1, 1])


def test_claim_6_a_repeated_word_receives_two_gradients() -> None:
    rows, steps, _ = words.embedded()
    assert rows[0] == pytest.approx(steps[0] + steps[4], rel=1e-12)
    for number in (1, 2, 3):
        assert rows[number] == pytest.approx(steps[number], rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_claim_7_models(seed: int) -> None:
    for recurrent in (True, False):  # honest note: this example needs no memory
        course = words.love(recurrent, seed).course
        assert 0.05 < course[0][2] < 0.5 and course[300][2] > 0.99


@pytest.mark.slow
def test_claim_8_mat() -> None:
    with_memory, without = words.mat(), words.mat(recurrence=False)
    assert with_memory.course[-1][1] < 1e-3
    assert with_memory.p(1, "cat") > 0.99 and with_memory.p(5, "mat") > 0.99
    floor = 2 * math.log(2) / 5
    assert floor <= without.course[-1][1] < floor + 5e-4
    assert all(without.p(t, word) == pytest.approx(0.5, abs=0.01) for t in (1, 5) for word in ("cat", "mat"))


def test_claim_9_stock_prices() -> None:
    raw = stock.gradients(1.0)
    assert [raw[name] for name in ("W_xh", "W_hh", "b_h")] == [0, 0, 0] and raw["W_hy"] != 0 and raw["b_y"] != 0
    trained = stock.trained(1.0)
    assert trained.answer() == pytest.approx(110, abs=1e-4)
    assert trained.answer((50, 50, 50, 50, 50)) == trained.answer((900, 40, 700, 60, 500)) == trained.answer()
    assert stock.sensitivity(trained) == 0
    scaled, forward = stock.gradients(100.0), WorkedExample(100.0).forward()
    assert f"{forward.y.item():.6f} {forward.loss.item():.7f}" == "1.147583 0.0022641"
    assert f"{scaled['W_xh']:.7f} {scaled['W_hh']:.7f}" == "0.0795874 0.0416707"
    hs, dz, _ = by_hand()
    assert scaled["W_xh"] == pytest.approx(sum(d * x for d, x in zip(dz, PRICES, strict=True)), rel=1e-12)
    assert scaled["W_hh"] == pytest.approx(sum(d * h for d, h in zip(dz[1:], hs, strict=False)), rel=1e-12)


def test_claim_10_the_baselines_are_in_the_table() -> None:
    real, walks = stock.walks(epochs=5)
    found = {name: score(forecasts, real) for name, forecasts in walks.items()}
    assert list(found) == ["RNN", "tomorrow = today", "linear extrapolation"]
    values = np.array([float(line) for line in stock.FILE.read_text().split()[1:]])
    today = values[-101:-1] - values[-100:]
    assert found["tomorrow = today"].rmse == pytest.approx(math.sqrt((today**2).mean()), rel=1e-12)
    assert found["RNN"].rmse < 1.5 * found["tomorrow = today"].rmse
    example = Path(__file__).parents[2] / "examples" / "prices.csv"
    with example.open() as file:
        assert [float(row["close"]) for row in csv.DictReader(file)] == values.tolist()


def test_claim_11_untied_layers() -> None:
    for each, tied, difference in recurrence.differences().values():
        assert difference < 1e-15 and sum(each) == pytest.approx(tied, rel=1e-14)


def test_claim_12_the_front_moves_back() -> None:
    times = [step.time for step in tg.backward_steps(WorkedExample(unit=100.0).forward().loss)]
    inside = [t for t in times if t is not None]
    assert times[: len(times) - len(inside)] == [None] * (len(times) - len(inside))
    assert inside == sorted(inside, reverse=True) and set(inside) == {1, 2, 3, 4, 5}
    _, dz, _ = by_hand()
    terms = [d * x for d, x in zip(dz, PRICES, strict=True)]
    assert list(worked_example.shares().values()) == pytest.approx(
        [100 * term / sum(terms) for term in terms], rel=1e-10
    )
    assert [f"{worked_example.shares()[t]:.2f}" for t in (5, 4, 3, 2, 1)] == ["86.62", "11.56", "1.57", "0.22", "0.03"]


def test_claim_13_gradient_descent() -> None:
    course = stock.course()
    assert [f"{answer:.4f}" for answer, _ in course[:3]] == ["114.7583", "109.9594", "110.0006"]
    assert course[5][0] == pytest.approx(110, abs=1e-8)
    example = WorkedExample(unit=100.0)
    stock.course(example)
    (x1,), (x2,) = example.W_xh.tolist()
    (h11, h12), (h21, h22) = example.W_hh.tolist()
    pairs = [(x1, x2), (h11, h22), (h12, h21), example.b_h.tolist(), *example.W_hy.tolist()]
    assert all(one == other for one, other in pairs)  # equal initial values keep both units equal for ever


def test_the_worked_example_asks_for_float64() -> None:
    assert WorkedExample(100.0).forward().y.dtype == tg.float64
