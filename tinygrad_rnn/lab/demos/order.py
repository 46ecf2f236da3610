"""Order matters: the same five numbers forwards, backwards and shuffled, through an RNN and through a bag."""

from collections.abc import Sequence
from dataclasses import dataclass

import tinygrad_rnn as tg

from ...viz.chart import Chart, Curve
from .shown import Shown, says, section

ORDERS = {"forwards": (1, 2, 3, 4, 5), "backwards": (5, 4, 3, 2, 1), "shuffled": (3, 1, 5, 2, 4)}


@dataclass(frozen=True)
class Answers:
    """What each network says about one order; along: what the RNN says after every number."""

    rnn: float
    bag: float
    along: tuple[float, ...]


def answers(numbers: Sequence[float]) -> Answers:
    """y = W_hy h_5 after an RNN of two units; and y = W_hy tanh(W_xh (x_1 + ... + x_5)), which cannot know an order."""
    W_xh = tg.tensor([[0.1], [-0.2]], dtype=tg.float64)
    W_hh = tg.tensor([[0.5, 0.3], [-0.4, 0.6]], dtype=tg.float64)
    W_hy = tg.tensor([[1.0, 1.0]], dtype=tg.float64)
    h, total, along = tg.zeros(2, dtype=tg.float64), tg.zeros(1, dtype=tg.float64), [0.0]
    for number in numbers:
        x = tg.tensor([number], dtype=tg.float64)
        h = tg.tanh(W_xh @ x + W_hh @ h)
        total = total + x
        along.append((W_hy @ h).item())
    return Answers(along[-1], (W_hy @ tg.tanh(W_xh @ total)).item(), tuple(along))


def show() -> Shown:
    """Claim 1."""
    found = {name: answers(numbers) for name, numbers in ORDERS.items()}
    rows = [[name, " ".join(map(str, ORDERS[name])), f"{a.rnn:.6f}", f"{a.bag:.6f}"] for name, a in found.items()]
    return Shown(
        "Claim 1: recurrent networks are for sequences, where order matters",
        section("The same five numbers in three orders", ["order", "x_t", "RNN", "bag"], rows, left=2),
        says("""The bag adds the inputs up before anything else: its answer is the same number to the last bit. The
            RNN's answers differ, so it can learn what depends on order, and the bag cannot."""),
        picture=Chart(
            "Order matters",
            "t",
            "W_hy h_t",
            [
                *(Curve(f"RNN, {name}", range(6), each.along) for name, each in found.items()),
                Curve("bag", range(6), [found["forwards"].bag] * 6),
            ],
        ),
        drawn="what the RNN says after every number, and what the bag says",
    )
