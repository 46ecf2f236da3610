"""Two choices of f and one of g: tanh and ReLU with their derivatives, and softmax, not computed as it is written."""

from collections.abc import Sequence

import numpy as np

import tinygrad_rnn as tg

from ...viz.chart import Chart, Curve
from .shown import Shown, says, section

LOGITS = (1000.0, 1001.0, 1002.0)


def values_and_slopes(name: str, xs: Sequence[float]) -> tuple[list[float], list[float]]:
    """f(x) and f'(x) of "tanh" or "relu", the latter by autograd."""
    x = tg.tensor(list(xs), dtype=tg.float64, requires_grad=True)
    y = {"tanh": tg.tanh, "relu": tg.relu}[name](x)
    (slopes,) = tg.autograd.grad(y.sum(), x)
    assert slopes is not None
    return y.tolist(), slopes.tolist()


def softmax_as_written(logits: Sequence[float]) -> list[float]:
    """exp(z_i) / sum of exp(z_j)."""
    with np.errstate(all="ignore"):
        powers = tg.exp(tg.tensor(list(logits)))
        found: list[float] = (powers / powers.sum()).tolist()
    return found


def softmax(logits: Sequence[float]) -> list[float]:
    """The framework's, which subtracts the largest logit first: the same function, and no overflow."""
    found: list[float] = tg.softmax(tg.tensor(list(logits)), dim=-1).tolist()
    return found


def show() -> Shown:
    """Claim 5."""
    points = (-3.0, -1.0, 0.0, 1.0, 3.0)
    columns = {name: values_and_slopes(name, points) for name in ("tanh", "relu")}
    rows = [[f"{x:g}", *(f"{each[i]:.4f}" for pair in columns.values() for each in pair)] for i, x in enumerate(points)]
    probabilities = [
        [name, *(f"{each:.4f}" for each in f(LOGITS))]
        for name, f in (("exp(z) / sum exp(z), as written", softmax_as_written), ("tg.softmax", softmax))
    ]
    xs = np.linspace(-4, 4, 161).tolist()
    curves = []
    for name in columns:
        values, slopes = values_and_slopes(name, xs)
        curves += [Curve(name, xs, [min(value, 2.0) for value in values]), Curve(f"{name}'", xs, slopes)]
    return Shown(
        "Claim 5: f is tanh or ReLU, g for instance softmax",
        section("Two choices of f", ["x", "tanh", "tanh'", "ReLU", "ReLU'"], rows),
        section("g turns logits 1000, 1001, 1002 into probabilities", ["", "p1", "p2", "p3"], probabilities),
        says("""tanh' is at most 1 and nearly 0 where tanh is flat. ReLU' is 0 or 1 and never more: what grows in a ReLU
            network is h itself. And exp(1000) overflows, so that softmax as it is written gives nan."""),
        picture=Chart("f and its derivative", "x", "f, f'", curves),
        drawn="tanh, ReLU (cut off at 2) and their derivatives",
    )
