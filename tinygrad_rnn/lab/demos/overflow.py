"""... to infinity: how many steps float32 stands when every one multiplies by the same number."""

import numpy as np

import tinygrad_rnn as tg

from ...viz.chart import Chart, Curve
from .shown import Shown, says, section

NOTED = (1, 10, 64, 126, 127, 128, 149, 150)
WEIGHTS = (2.0, 1.1, 0.5)


def gradient(w: float, steps: int) -> float:
    """dh_T/dh_0 of h_t = w h_(t-1) in float32."""
    first = tg.tensor(1.0, requires_grad=True)
    h = first
    with np.errstate(all="ignore"):
        for _ in range(steps):
            h = h * w
        (found,) = tg.autograd.grad(h, first)
    assert found is not None
    return float(found.item())


def show() -> Shown:
    """Claim 19."""
    rows = [[T, *(gradient(w, T) for w in WEIGHTS)] for T in NOTED]
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
