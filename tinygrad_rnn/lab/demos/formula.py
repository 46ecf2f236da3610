"""The textbook's two formulas, typed as Python from primitives."""

import inspect
from collections.abc import Sequence

import tinygrad_rnn as tg

from .shown import Shown, says, section, under
from .worked_example import DOLLARS, LABELS, WorkedExample


def network(
    xs: Sequence[tg.Tensor],
    h: tg.Tensor,
    W_xh: tg.Tensor,
    W_hh: tg.Tensor,
    b_h: tg.Tensor,
    W_hy: tg.Tensor,
    b_y: tg.Tensor,
) -> tuple[list[tg.Tensor], tg.Tensor]:
    """Every hidden state, and the answer."""
    hs = []
    for x in xs:
        h = tg.tanh(W_xh @ x + W_hh @ h + b_h)
        hs.append(h)
    y = W_hy @ h + b_y
    return hs, y


def run() -> tuple[list[tg.Tensor], tg.Tensor]:
    """The five prices in hundreds of dollars through it: hidden states and answer."""
    given = WorkedExample(unit=100.0).parameters
    xs = [tg.tensor([price / 100], dtype=tg.float64) for price in DOLLARS]
    return network(xs, tg.zeros(2, dtype=tg.float64), **given)


def show() -> Shown:
    """Claim 4."""
    hs, y = run()
    rows = [
        [str(t), f"{price / 100:.2f}", ", ".join(f"{each:.6f}" for each in h.tolist())]
        for t, (price, h) in enumerate(zip(DOLLARS, hs, strict=True), start=1)
    ]
    body = inspect.getsource(network).partition('answer."""\n')[2].rstrip()
    loss = WorkedExample(unit=100.0).forward().loss
    return Shown(
        "Claim 4: h_t = f(W_xh x_t + W_hh h_(t-1) + b_h) and y_t = g(W_hy h_t + b_y)",
        under("The network", body),
        section("Its states for W_xh = 0.5, W_hh = 0.2 I, W_hy = 1, no biases", ["t", "x_t", "h_t"], rows),
        says(f"""y = {y.item():.6f}. By hand: h_1 = tanh(0.5 * 1.00 + 0.2 * 0) = tanh(0.5) = 0.462117."""),
        says("""The formula is the program: nothing is written but what the textbook writes, and f = tanh, g = 1."""),
        picture=tg.draw(loss, title="The formula, unrolled", labels=LABELS),
    )
