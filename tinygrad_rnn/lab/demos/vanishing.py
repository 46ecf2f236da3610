"""Gradients over many steps: how they vanish and explode, end in infinity, and pass an LSTM's open gate."""

import math
from typing import NamedTuple

import numpy as np

import tinygrad_rnn as tg

from ... import nn
from ...viz.chart import Chart, Curve
from .shown import Shown, says, section

STEPS, HIDDEN, INPUT = 50, 64, 0.1
SEEDS = 16
NOTED = (50, 40, 30, 20, 10, 0)


class Flow(NamedTuple):
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
    sizes = [float(np.linalg.norm(g.array)) for g in tg.autograd.grad(loss, hs)]
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


class Path(NamedTuple):
    """|dc_50/dc_0| of an LSTM with this forget bias: along the cell state alone, and along all paths."""

    bias: float
    along: float
    whole: float


def path(bias: float) -> Path:
    """An LSTM over 50 steps whose weights and biases are 0 but for the forget gate's bias."""
    W_xh, W_hh = (tg.zeros(4 * HIDDEN, size, dtype=tg.float64) for size in (1, HIDDEN))
    b = tg.zeros(4 * HIDDEN, dtype=tg.float64)
    b.array[HIDDEN : 2 * HIDDEN] = bias
    x = tg.ones(1, dtype=tg.float64)
    first = tg.zeros(HIDDEN, dtype=tg.float64, requires_grad=True)
    h, c = tg.zeros(HIDDEN, dtype=tg.float64), first
    for _ in range(STEPS):
        h, c = nn.lstm_step(x, h, c, W_xh, W_hh, b)
    (whole,) = tg.autograd.grad(c[0], first)
    gate = tg.sigmoid(b)[HIDDEN].item()
    return Path(bias, gate**STEPS, float(np.linalg.norm(whole.array)))


def example(bias: float) -> tuple[tg.Tensor, list[float]]:
    """A small LSTM over five steps, to be drawn: its loss, and dc_t/dc_(t-1) of its first unit at every step."""
    random = np.random.default_rng(0)
    W_xh, W_hh = (tg.tensor(random.uniform(-0.5, 0.5, (8, size)), requires_grad=True) for size in (1, 2))
    b = tg.tensor([0.0, 0.0, bias, bias, 0.0, 0.0, 0.0, 0.0], dtype=tg.float64, requires_grad=True)
    W_xh.name, W_hh.name, b.name = "W_xh", "W_hh", "b"
    h, c = (tg.zeros(2, dtype=tg.float64, requires_grad=True) for _ in range(2))
    h.name, c.name = "h0", "c0"
    factors = []
    for t in range(1, 6):
        with tg.step(t):
            x = tg.tensor([1.0 if t == 1 else 0.0], dtype=tg.float64)
            x.name = "x"
            gates = W_xh.array @ x.array + W_hh.array @ h.array + b.array
            factors.append(float(1 / (1 + np.exp(-gates[2]))))
            h, c = nn.lstm_step(x, h, c, W_xh, W_hh, b)
    loss = (h**2).sum()
    loss.name = "L"
    return loss, factors


def show_shortcut() -> Shown:
    """Claim 17."""
    paths = [path(bias) for bias in (0.0, 1.0, 2.0, 3.0, 4.0)]
    loss, factors = example(4.0)
    rows = [[f"{a.bias:g}", f"{1 / (1 + math.exp(-a.bias)):.4f}", a.along, a.whole] for a in paths]
    head = ["forget bias", "f = sigmoid(bias)", "product of 50 gates", "dc_50/dc_0 by autograd"]
    return Shown(
        "Claim 17: the cell state is the shortcut",
        section("c_t = f_t c_(t-1) + i_t g_t: what is left after 50 steps", head, rows, digits=2),
        says("""Along the cell state a step back multiplies by the forget gate and by nothing else, no matrix and no
            tanh'. Half open, as with bias 0, 50 gates leave 9e-16: no better than a plain RNN. With bias 4 they leave
            0.4 (Gers, Schmidhuber & Cummins 2000; Jozefowicz et al. 2015).

            A gate is at most 1, so this path cannot explode. The paths through h can, so LSTMs are clipped too."""),
        picture=tg.draw(
            loss, title="An LSTM whose forget gate is open", labels=[f"dc/dc = {each:.3f}" for each in factors]
        ),
        drawn="an LSTM over five steps; above each, what a step back along c multiplies by",
    )


WEIGHTS = (2.0, 1.1, 0.5)


def gradient(w: float, steps: int) -> float:
    """dh_T/dh_0 of h_t = w h_(t-1) in float32."""
    first = tg.tensor(1.0, requires_grad=True)
    h = first
    with np.errstate(all="ignore"):
        for _ in range(steps):
            h = h * w
        (found,) = tg.autograd.grad(h, first)
    return float(found.item())


def show_overflow() -> Shown:
    """Claim 19."""
    rows = [[T, *(gradient(w, T) for w in WEIGHTS)] for T in (1, 10, 64, 126, 127, 128, 149, 150)]
    steps = range(1, 151)
    curves = [Curve(f"w = {w:g}", steps, [gradient(w, T) for T in steps]) for w in WEIGHTS]
    return Shown(
        "Claim 19: ... to infinity",
        section("dh_T/dh_0 of h_t = w h_(t-1) in float32", ["T", *(f"w = {w:g}" for w in WEIGHTS)], rows),
        says("""float32 ends at 3.4e38, just below 2^128: after 128 doublings the gradient is inf. The other way the
            smallest number is 2^-149: after 150 halvings it is 0, and nothing is left to learn from."""),
        picture=Chart("... to infinity, and to 0", "T", "dh_T/dh_0", curves, logarithmic=True),
        drawn="the gradient over the number of steps, up to the last one that is neither inf nor 0",
    )
