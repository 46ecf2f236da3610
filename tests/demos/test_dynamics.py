"""Claims 14 to 24: gradients that vanish and explode, the fixes, and what each is worth."""

import math

import numpy as np
import pytest

from tinygrad_rnn.demos import clipping, overflow, recall, shortcut, unstable, vanishing


def jacobians(rho: float, tanh: bool, seed: int = 0) -> list[float]:
    """|dL/dh_t| / |dL/dh_50| by numpy alone, from the same random numbers."""
    random = np.random.default_rng(seed)
    q, r = np.linalg.qr(random.standard_normal((64, 64)))
    W = rho * q * np.sign(np.diag(r))
    hs = [np.zeros(64)]
    for _ in range(50):
        z = W @ hs[-1] + 0.1 * random.standard_normal(64)
        hs.append(np.tanh(z) if tanh else z)
    g = random.standard_normal(64)
    sizes = [np.linalg.norm(g)]
    for t in range(50, 0, -1):
        g = W.T @ (g * (1 - hs[t] ** 2) if tanh else g)
        sizes.append(np.linalg.norm(g))
    return [float(size / sizes[0]) for size in reversed(sizes)]


@pytest.mark.parametrize(
    ("rho", "tanh", "low", "high"),
    [
        (0.5, True, 1e-17, 1e-15),
        (0.9, True, 3e-4, 3e-3),
        (1.0, True, 2e-2, 1e-1),
        (4.0, True, 1e8, 1e12),
    ],
)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_claims_14_and_18_with_tanh(rho: float, tanh: bool, low: float, high: float, seed: int) -> None:
    found = vanishing.flow(rho, tanh, seed)
    assert low < found.total < high
    assert found.sizes == pytest.approx(jacobians(rho, tanh, seed), rel=1e-8)


@pytest.mark.parametrize(("rho", "figure"), [(1.5, "6e+08"), (2.0, "1e+15")])
def test_claim_18_without_f_it_is_a_power(rho: float, figure: str) -> None:
    found = vanishing.flow(rho, tanh=False)
    assert found.sizes == pytest.approx([rho ** (50 - t) for t in range(51)], rel=1e-10)
    assert f"{found.total:.0e}" == figure


def test_claim_15_an_rnn_forgets() -> None:
    near, far = (recall.train(recall.Setting("RNN", distance=T)).accuracy[200] for T in (3, 20))
    assert near > 0.98 and 0.15 < far < 0.4


def test_claim_16_an_lstm_remembers_with_the_gate_open() -> None:
    shut = recall.train(recall.Setting("LSTM", 0.0, 20), marks=(100,)).accuracy[100]
    open_ = [recall.train(recall.Setting("LSTM", 3.0, T), marks=(100,)).accuracy[100] for T in (10, 20, 40)]
    assert 0.15 < shut < 0.4 and min(open_) > 0.97


def test_claim_17_the_product_of_forget_gates() -> None:
    for bias, figure in ((0.0, "9e-16"), (4.0, "4e-01")):
        found = shortcut.path(bias)
        assert f"{found.sizes[0]:.0e}" == figure
        assert found.sizes[0] == pytest.approx((1 / (1 + math.exp(-bias))) ** 50, rel=1e-12)
        assert found.whole == pytest.approx(found.sizes[0], rel=1e-12)
    _, factors = shortcut.example(4.0)
    assert len(factors) == 5 and min(factors) > 0.9


def test_claim_19_infinity_after_128_steps() -> None:
    assert overflow.gradient(2.0, 127) == 2.0**127 and overflow.gradient(2.0, 128) == math.inf
    assert overflow.gradient(0.5, 149) == 2.0**-149 and overflow.gradient(0.5, 150) == 0


def test_claim_20_the_loss_becomes_unstable() -> None:
    course = unstable.train(unstable.Setting(), steps=3)
    assert course.broken == 1 and math.isnan(course.losses[1]) and course.norm > 1e8


def test_claim_20_anomaly_mode_names_operation_step_and_line() -> None:
    error = unstable.anomaly()
    assert (error.time, error.backward) == (7, False)
    assert error.line is not None and error.line.file == "unstable_rnn.py" and "tg.linear(h, W_hh)" in error.line.text
    assert "W_hh @ h6" in str(error)


def test_claim_21_clipping() -> None:
    by_norm, by_value = clipping.clipped("by norm"), clipping.clipped("by value")
    assert by_norm.turned == pytest.approx(0, abs=1e-6) and np.hypot(*by_norm.gradient) == pytest.approx(1, abs=1e-6)
    assert list(by_value.gradient) == [1.0, 1.0]
    assert by_value.turned == pytest.approx(45 - math.degrees(math.atan(0.01)))
    assert f"{by_value.turned:.0f}" == "44"


def test_claim_22_layernorm() -> None:
    course = unstable.train(unstable.Setting(lr=0.003, norm=True), steps=60)
    assert unstable.train(unstable.Setting(), steps=1).norm > 1e9 and course.norm < 1e4
    assert course.broken is None and course.last < 0.8 < course.losses[0]


@pytest.mark.parametrize("lr", [1e-4, 1e-6, 1e-8])
def test_claim_23_lower_rates_do_not_help(lr: float) -> None:
    course = unstable.train(unstable.Setting(lr=lr), steps=2)
    assert course.broken == 1


def test_claim_24_a_good_start_beats_every_fix() -> None:
    last = {name: unstable.train(setting, steps=120) for name, setting in unstable.FIXES.items()}
    good = max(last[name].last for name in unstable.STARTS)
    assert all(
        each.broken is not None or each.last > good for name, each in last.items() if name not in unstable.STARTS
    )
    assert last["W_hh = 0.9 orthogonal"].norm < 100
