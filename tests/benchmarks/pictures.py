"""How long a picture takes, from `draw` to SVG or page, for longer and longer sequences.

    python tests/benchmarks/pictures.py [--hidden 4] [--rounds 3]

The full view of an RNN and an LSTM at T = 5 to 500 with both programs that can draw (drawn by force from 9 steps on,
where `draw` by itself takes a coarser view), the cells of 10,000 steps, and the page to step through with its size.
Times are the least of the rounds. The exponent is the slope of log time over log T from T = 50 on: 1 is linear.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable

import numpy as np

import tinygrad_rnn as tg
from tinygrad_rnn import nn

LENGTHS = (5, 20, 50, 100, 200, 500)
LINEAR_FROM = 50


def loss_of(cell: str, steps: int, hidden: int) -> tg.Tensor:
    """A layer over a random sequence; every step has products of its own, as in short sequences."""
    tg.manual_seed(0)
    layer = getattr(nn, cell)(1, hidden)
    layer.longest_with_own_products = math.inf
    loss: tg.Tensor = (layer(tg.randn(steps, 1))[0][-1] ** 2).mean()
    return loss


def least(rounds: int, act: Callable[[], object]) -> float:
    """The least seconds of several runs; NaN if it takes longer than a picture may."""
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        try:
            act()
        except TimeoutError:
            return math.nan
        found.append(time.perf_counter() - began)
    return min(found)


def drawing(loss: tg.Tensor, view: str, engine: str | None = None) -> Callable[[], object]:
    """To draw, which is what is timed."""
    return lambda: tg.draw(loss, view=view, force=view == "full", engine=engine).svg


def row(name: str, seconds: list[float]) -> str:
    """A row of the table, with the exponent of the growth."""
    known = [(t, s) for t, s in zip(LENGTHS, seconds, strict=True) if t >= LINEAR_FROM and math.isfinite(s)]
    lengths, times = np.log(np.array(known)).T if len(known) > 1 else ([0.0, 1.0], [math.nan, math.nan])
    slope = float(np.polyfit(lengths, times, 1)[0])
    cells = "".join(f"{s:9.2f}" if math.isfinite(s) else f"{'> 20':>9}" for s in seconds)
    return f"{name:22}{cells}{slope:11.2f}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hidden", type=int, default=4, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    options = parser.parse_args()
    hidden, rounds = options.hidden, options.rounds

    print("Seconds from draw to SVG, the full view\n")
    print(f"{'':22}" + "".join(f"{f'T = {t}':>9}" for t in LENGTHS) + f"{'exponent':>11}")
    for engine in ("dot", "graphviz-pure"):
        try:
            drawing(loss_of("RNN", 1, 1), "full", engine)()
        except RuntimeError:
            print(f"{engine} is not here")
            continue
        for cell in ("RNN", "LSTM"):
            losses = [loss_of(cell, steps, hidden) for steps in LENGTHS]
            seconds = [least(rounds, drawing(loss, "full", engine)) for loss in losses]
            print(row(f"{cell}, {engine}", seconds), flush=True)

    print("\nOther pictures, by the program that is used unless one is asked for\n")
    for cell in ("RNN", "LSTM"):
        loss = loss_of(cell, 10_000, hidden)
        seconds = [least(rounds, drawing(loss, view)) for view in ("cells", "auto")]
        print(f"{cell}, T = 10,000: cells {seconds[0]:.2f} s, auto {seconds[1]:.2f} s", flush=True)
    for cell in ("RNN", "LSTM"):
        for steps in (20, 50, 200):
            began = time.perf_counter()
            page = tg.draw(loss_of(cell, steps, hidden)).html
            taken = time.perf_counter() - began
            print(f"{cell}, T = {steps}: page {taken:.2f} s, {len(page) / 1e6:.2f} MB", flush=True)


if __name__ == "__main__":
    main()
