"""Vanishing and exploding gradients: the size of dL/dh_t over 50 steps, for recurrences of different strength."""

from dataclasses import dataclass

import numpy as np

import tinygrad_rnn as tg

from ...viz.chart import Chart, Curve
from .shown import Shown, says, section

STEPS, HIDDEN, INPUT = 50, 64, 0.1
SEEDS = 16
NOTED = (50, 40, 30, 20, 10, 0)


@dataclass(frozen=True)
class Flow:
    """name: of the network; sizes: |dL/dh_t| / |dL/dh_50| for t = 0 ... 50."""

    name: str
    sizes: list[float]

    @property
    def total(self) -> float:
        """What 50 steps make of the gradient."""
        return self.sizes[0]


def orthogonal(size: int, random: np.random.Generator) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """A random orthogonal matrix."""
    q, r = np.linalg.qr(random.standard_normal((size, size)))
    found: np.ndarray[tuple[int, int], np.dtype[np.float64]] = q * np.sign(np.diag(r))
    return found


def flow(rho: float, tanh: bool = True, seed: int = 0) -> Flow:
    """h_t = f(W_hh h_(t-1) + a_t), W_hh = rho times an orthogonal matrix, a_t normal of size 0.1, L = v h_50."""
    random = np.random.default_rng(seed)
    W_hh = tg.tensor(rho * orthogonal(HIDDEN, random))
    h = tg.zeros(HIDDEN, dtype=tg.float64, requires_grad=True)
    hs = [h]
    for _ in range(STEPS):
        z = tg.linear(h, W_hh) + tg.tensor(INPUT * random.standard_normal(HIDDEN))
        h = tg.tanh(z) if tanh else z
        hs.append(h)
    loss = (tg.tensor(random.standard_normal(HIDDEN)) * h).sum()
    sizes = [float(np.linalg.norm(g.array)) for g in tg.autograd.grad(loss, hs) if g is not None]
    return Flow(f"{'tanh' if tanh else 'linear'}, rho = {rho:g}", [size / sizes[-1] for size in sizes])


def _shown(claim: str, named: str, flows: list[Flow], rhos: tuple[float, ...], mean: str, text: str) -> Shown:
    """The sizes over time of these recurrences, and what 50 steps make of the gradient with other random numbers."""
    sizes = [[each.name, *(each.sizes[t] for t in NOTED)] for each in flows]
    rows = []
    for rho in rhos:
        found = [flow(rho, seed=seed) for seed in range(SEEDS)]
        totals = [each.total for each in found]
        rows.append([found[0].name, min(totals), float(np.exp(np.mean(np.log(sorted(totals))))), max(totals)])
    first = "|dL/dh_t| relative to the last step; T = 50, 64 units, W_hh = rho x orthogonal"
    second = f"|dL/dh_0| relative to the last step, for {SEEDS} seeds{mean}"
    curves = [Curve(each.name, range(STEPS + 1), each.sizes) for each in flows]
    return Shown(
        claim,
        section(first, ["f and W_hh", *(f"t = {t}" for t in NOTED)], sizes, digits=2),
        section(second, ["f and W_hh", "smallest", "mean", "largest"], rows, digits=2),
        says(text),
        picture=Chart(named, "t", "|dL/dh_t| / |dL/dh_50|", curves, logarithmic=True),
        drawn="the size of the gradient over time, on a logarithmic axis",
    )


def show_vanishing() -> Shown:
    """Claim 14."""
    return _shown(
        "Claim 14: gradients vanish over many steps",
        "Gradients vanish",
        [flow(rho) for rho in (0.5, 0.9, 1.0)],
        (0.5, 0.9, 1.0),
        "",
        """Every step back multiplies by W_hh and by tanh', which is at most 1: with rho < 1 the product must vanish,
        exponentially. rho is the spectral radius of W_hh, not the size of its entries; and W_xh enters each path only
        once (Pascanu, Mikolov & Bengio 2013).

        Even rho = 1 loses a factor of about 20, to tanh'. How much depends on the inputs, here of size 0.1.""",
    )


def show_exploding() -> Shown:
    """Claim 18."""
    return _shown(
        "Claim 18: large weights make gradients explode",
        "Gradients explode",
        [flow(1.5, tanh=False), flow(2.0, tanh=False), flow(1.5), flow(2.0), flow(4.0)],
        (1.5, 2.0, 4.0),
        " (the mean is that of the logarithms)",
        """Without f the factor is rho^50 exactly: 1.5^50 = 6.4e8, 2^50 = 1.1e15. tanh' damps it, but does not prevent
        it: rho > 1 is necessary for explosion, and not sufficient (Pascanu, Mikolov & Bengio 2013).""",
    )
