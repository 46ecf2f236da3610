"""Distributions beside PyTorch's: log probabilities, entropies, divergences with their gradients; and what is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(0)
ROWS, MORE, POSITIVE = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4)), RNG.random((3, 4)) + 0.1
CLASSES, BITS = RNG.integers(0, 4, (5, 3)), RNG.integers(0, 2, (3, 4)).astype(float)
Made = Callable[[Any, Any, Any], Any]

CASES: dict[str, tuple[Made, Any]] = {
    "categorical probs": (lambda d, a, b: d.Categorical(a.exp()), CLASSES),
    "categorical logits": (lambda d, a, b: d.Categorical(logits=a), CLASSES[0]),
    "bernoulli probs": (lambda d, a, b: d.Bernoulli(a.sigmoid()), BITS),
    "bernoulli logits": (lambda d, a, b: d.Bernoulli(logits=a), BITS),
    "normal": (lambda d, a, b: d.Normal(a, b), MORE),
    "normal with one scale": (lambda d, a, b: d.Normal(a, b[0, 0]), MORE),
}
#: Of a distribution, what is compared.
TOLD: dict[str, Callable[[Any, Any], Any]] = {
    "log_prob": lambda p, value: p.log_prob(value),
    "entropy": lambda p, value: p.entropy(),
    "batch_shape": lambda p, value: p.batch_shape,
    "mean": lambda p, value: getattr(p, "mean", 0) if "Categorical" not in str(p) else 0,
    "stddev": lambda p, value: p.stddev if "Categorical" not in str(p) else 0,
    "cdf": lambda p, value: p.cdf(value) if "Normal" in str(p) else 0,
}


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("case", CASES)
def test_equals_torch(case: str, told: str) -> None:
    make, value = CASES[case]

    def run(lib: Any) -> Any:
        a, b = (lib.tensor(each).requires_grad_() for each in (ROWS, POSITIVE))
        found = TOLD[told](make(lib.distributions, a, b), lib.tensor(value))
        if not isinstance(found, lib.Tensor):
            return [found]
        if found.requires_grad:
            found.sum().backward()
        return [found.detach().numpy(), *(None if x.grad is None else x.grad.numpy() for x in (a, b))]

    for mine, theirs in zip(run(tg), run(torch), strict=True):
        if theirs is None:
            assert mine is None or not mine.any()
        else:
            np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", ["Categorical", "Bernoulli", "Normal"])
def test_divergence(kind: str) -> None:
    def run(lib: Any) -> Any:
        a, b = (lib.tensor(each).requires_grad_() for each in (ROWS, MORE))
        made = getattr(lib.distributions, kind)
        p, q = (made(x, x.exp()) if kind == "Normal" else made(logits=x) for x in (a, b))
        divergence = lib.distributions.kl_divergence(p, q)
        divergence.sum().backward()
        return [each.detach().numpy() for each in (divergence, a.grad, b.grad)]

    for mine, theirs in zip(run(tg), run(torch), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)


def test_what_is_drawn_has_the_probabilities_asked_for() -> None:
    tg.manual_seed(0)
    d = tg.distributions
    probs = np.array([[0.1, 0.2, 0.7], [0.5, 0.5, 0.0]])
    drawn = d.Categorical(tg.tensor(probs)).sample((20_000,))
    assert tuple(drawn.shape) == (20_000, 2)
    shares = np.stack([np.bincount(drawn.numpy()[:, row], minlength=3) for row in (0, 1)]) / 20_000
    np.testing.assert_allclose(shares, probs, atol=0.02)
    assert abs(float(d.Bernoulli(tg.tensor(0.3)).sample((20_000,)).mean()) - 0.3) < 0.02
    normal = d.Normal(tg.tensor([1.0, -2.0]), tg.tensor([0.5, 2.0])).sample((20_000,)).numpy()
    np.testing.assert_allclose(normal.mean(0), [1, -2], atol=0.05)
    np.testing.assert_allclose(normal.std(0), [0.5, 2], rtol=0.03)


def test_gradients_flow_through_what_is_drawn_where_nothing_jumps() -> None:
    loc, scale = tg.tensor(1.0, requires_grad=True), tg.tensor(2.0, requires_grad=True)
    drawn = tg.distributions.Normal(loc, scale).rsample((4,))
    drawn.sum().backward()
    assert loc.grad is not None and float(loc.grad) == 4.0
    np.testing.assert_allclose(float(scale.grad), float(((drawn - loc) / scale).sum()), rtol=1e-5)  # type: ignore[arg-type]
    assert not tg.distributions.Normal(loc, scale).sample().requires_grad
    with pytest.raises(NotImplementedError, match="its values jump"):
        tg.distributions.Bernoulli(tg.tensor(0.5)).rsample()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda d: d.Normal(tg.zeros(2), tg.tensor([1.0, 0.0])), "no scale like"),
        (lambda d: d.Bernoulli(tg.tensor(1.5)), "no probs like"),
        (lambda d: d.Categorical(tg.tensor([-1.0, 2.0])), "no probs like"),
        (lambda d: d.Categorical(logits=tg.tensor([math.nan, 2.0])), "no logits like"),
        (lambda d: d.Categorical(), "either probs or logits"),
    ],
)
def test_what_cannot_be_is_refused(make: Callable[[Any], Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make(tg.distributions)
