"""Gradients over many steps: how they vanish and explode, end in infinity, and pass an LSTM's open gate."""

import math

import numpy as np

import tinygrad_rnn as tg

from ... import nn
from ...viz.chart import Chart, Curve
from .shown import Shown, says, section

STEPS, HIDDEN, INPUT = 50, 64, 0.1
SEEDS = 16
NOTED = (50, 40, 30, 20, 10, 0)


def orthogonal(size: int, random: np.random.Generator) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """A random orthogonal matrix."""
    q, r = np.linalg.qr(random.standard_normal((size, size)))
    found: np.ndarray[tuple[int, int], np.dtype[np.float64]] = q * np.sign(np.diag(r))
    return found


def flow(rho: float, tanh: bool = True, seed: int = 0) -> list[float]:
    """|dL/dh_t| / |dL/dh_50| for t = 0 ... 50, where h_t = f(W_hh h_(t-1) + a_t) and L = v h_50.

    W_hh is rho times an orthogonal matrix, and a_t normal of size 0.1.
    """
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
    return [size / sizes[-1] for size in sizes]


def _shown(
    claim: str, named: str, rhos: tuple[float, ...], text: str, linear: tuple[float, ...] = (), mean: str = ""
) -> Shown:
    """The sizes over time of these recurrences, and what 50 steps make of the gradient with other random numbers."""
    flows = {f"linear, rho = {rho:g}": flow(rho, tanh=False) for rho in linear}
    flows |= {f"tanh, rho = {rho:g}": flow(rho) for rho in rhos}
    sizes = [[name, *(each[t] for t in NOTED)] for name, each in flows.items()]
    rows = []
    for rho in rhos:
        totals = [flow(rho, seed=seed)[0] for seed in range(SEEDS)]
        mean_of_logarithms = float(np.exp(np.mean(np.log(sorted(totals)))))
        rows.append([f"tanh, rho = {rho:g}", min(totals), mean_of_logarithms, max(totals)])
    first = "|dL/dh_t| relative to the last step; T = 50, 64 units, W_hh = rho x orthogonal"
    second = f"|dL/dh_0| relative to the last step, for {SEEDS} seeds{mean}"
    curves = [Curve(name, range(STEPS + 1), each) for name, each in flows.items()]
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
        (0.5, 0.9, 1.0),
        """Every step back multiplies by W_hh and by tanh', which is at most 1. W_hh is rho times an orthogonal matrix
        here, so rho is its spectral radius and its largest singular value at once: where the latter is below 1 the
        product must vanish, exponentially, whatever the size of the entries. W_xh enters each path only once (Pascanu,
        Mikolov & Bengio 2013).

        Even rho = 1 loses a factor of about 20, to tanh'. How much depends on the inputs, here of size 0.1.""",
    )


def show_exploding() -> Shown:
    """Claim 18."""
    return _shown(
        "Claim 18: large weights make gradients explode",
        "Gradients explode",
        (1.5, 2.0, 4.0),
        """Without f the factor is rho^50 exactly: 1.5^50 = 6.4e8, 2^50 = 1.1e15. tanh' damps it, but does not prevent
        it: the largest singular value, here rho, has to be above 1 for an explosion, and that is not sufficient
        (Pascanu, Mikolov & Bengio 2013).""",
        linear=(1.5, 2.0),
        mean=" (the mean is that of the logarithms)",
    )


def path(bias: float) -> tuple[float, float]:
    """|dc_50/dc_0| along the cell state alone and along all paths, of an LSTM that is 0 but for the forget bias."""
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
    return gate**STEPS, float(np.linalg.norm(whole.array))


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
    loss, factors = example(4.0)
    rows = [[f"{bias}", f"{1 / (1 + math.exp(-bias)):.4f}", *path(bias)] for bias in range(5)]
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
