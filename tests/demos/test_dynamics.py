"""Claims 14 to 23: gradients that vanish and explode, and the fixes; 16 and 24 train, in test_demonstrations.py."""

import math

import numpy as np
import pytest

from tinygrad_rnn.lab.demos import recall, trials, unstable, vanishing


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
    assert low < found[0] < high
    assert found == pytest.approx(jacobians(rho, tanh, seed), rel=1e-8)


@pytest.mark.parametrize(("rho", "figure"), [(1.5, "6e+08"), (2.0, "1e+15")])
def test_claim_18_without_f_it_is_a_power(rho: float, figure: str) -> None:
    found = vanishing.flow(rho, tanh=False)
    assert found == pytest.approx([rho ** (50 - t) for t in range(51)], rel=1e-10)
    assert f"{found[0]:.0e}" == figure


@pytest.mark.slow
def test_claim_15_an_rnn_forgets() -> None:
    near, far = recall.compare(recall.PLAIN, (3, 20), (200,), (0, 1))
    assert near.solved == 2 and min(near.last) > 0.98
    assert far.solved == 0 and 0.15 < min(far.last) <= max(far.last) < 0.4


def test_claim_17_the_product_of_forget_gates() -> None:
    for bias, figure in ((0.0, "9e-16"), (4.0, "4e-01")):
        along, whole = vanishing.path(bias)
        assert f"{along:.0e}" == figure
        assert along == pytest.approx((1 / (1 + math.exp(-bias))) ** 50, rel=1e-12)
        assert whole == pytest.approx(along, rel=1e-12)
    _, factors = vanishing.example(4.0)
    assert len(factors) == 5 and min(factors) > 0.9


def test_claim_19_infinity_after_128_steps() -> None:
    assert vanishing.gradient(2.0, 127) == 2.0**127 and vanishing.gradient(2.0, 128) == math.inf
    assert vanishing.gradient(0.5, 149) == 2.0**-149 and vanishing.gradient(0.5, 150) == 0


def test_claim_20_the_loss_becomes_unstable() -> None:
    for seed in unstable.SEEDS:
        course = unstable.train(unstable.Setting(), steps=3, seed=seed)
        assert course.broken == 1 and not math.isfinite(course.losses[1]) and course.norm > 1e8
    before, after = unstable.sizes_of_states().values()
    assert len(before) == len(after) == 51 and math.isfinite(before[-1]) and not math.isfinite(after[-1])


def test_claim_20_anomaly_mode_names_operation_step_and_line() -> None:
    error = unstable.anomaly()
    assert (error.time, error.backward) == (7, False)
    assert error.line is not None and error.line.file == "unstable_rnn.py" and "tg.linear(h, W_hh)" in error.line.text
    assert "h6 @ W_hh.mT" in str(error)


def test_claim_21_clipping() -> None:
    (by_norm, straight), (by_value, turned) = unstable.clipped("by norm"), unstable.clipped("by value")
    assert straight == pytest.approx(0, abs=1e-6) and np.hypot(*by_norm) == pytest.approx(1, abs=1e-6)
    assert list(by_value) == [1.0, 1.0]
    assert turned == pytest.approx(45 - math.degrees(math.atan(0.01))) and f"{turned:.0f}" == "44"


@pytest.mark.slow
def test_claim_22_layernorm() -> None:
    first = [unstable.train(unstable.LAYERNORM, steps=0, seed=seed).losses[0] for seed in unstable.SEEDS]
    assert max(first) < 3
    for seed in unstable.SEEDS:
        assert unstable.train(unstable.Setting(), steps=1, seed=seed).norm > 1e8
        assert unstable.train(unstable.LAYERNORM, steps=1, seed=seed).norm < 1e4
    course = unstable.train(unstable.LAYERNORM, steps=60, seed=2)
    assert course.broken is None and course.last < 0.8 < course.losses[0]


@pytest.mark.parametrize(("lr", "latest"), [(1e-4, 1), (1e-6, 1), (1e-8, 2), (1e-10, None)])
def test_claim_23_lower_rates_do_not_help(lr: float, latest: int | None) -> None:
    courses = [unstable.train(unstable.Setting(lr=lr), steps=3, seed=seed) for seed in unstable.SEEDS]
    if latest is None:
        assert all(each.broken is None and each.losses[-1] > 1e3 for each in courses)
    else:
        assert max(each.broken or math.inf for each in courses) == latest


@pytest.mark.parametrize(
    ("values", "text"), [([1.0, 3.0, 2.0], "1.0 .. 3.0"), ([2.0, 2.0], "2.0"), ([1.0, 1.001], "1.0")]
)
def test_the_smallest_and_the_largest(values: list[float], text: str) -> None:
    assert trials.spread(values) == text


def test_outcomes_in_words() -> None:
    whole, broken = unstable.Course(1.0, [3.0, 1.0]), unstable.Course(1.0, [3.0, math.inf])
    assert unstable.outcome([whole, whole]) == "loss 2.00"
    assert unstable.outcome([whole, broken]) == "loss 2.00, 1 broken"
    assert unstable.outcome([broken, broken]) == "1.0 steps, then no number"
