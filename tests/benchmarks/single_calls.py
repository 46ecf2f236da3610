"""Single calls beside PyTorch's: integers with Python's numbers, draws, batch normalisation, and what surrounds them.

    python tests/benchmarks/single_calls.py [--rounds 9] [--only WORD]

Both libraries are in one process, on one thread, and take turns; printed is each one's fastest turn, in microseconds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import tinygrad_rnn as tg

#: Seconds that a turn should take.
TURN = 0.01


def calls(t: Any) -> dict[str, Callable[[], Any]]:
    """The calls in the library ``t``."""
    draw = np.random.default_rng(0)
    small, whole = t.tensor(list(range(1000)), dtype=t.int32), t.tensor(list(range(1000)))
    weights, rows = (t.tensor(draw.random(shape), dtype=t.float32) for shape in (1000, (64, 100)))
    batches = {
        shape: t.tensor(draw.normal(size=shape), dtype=t.float32) for shape in ((32, 64), (128, 256), (16, 32, 50))
    }
    norms = {shape: t.nn.BatchNorm1d(shape[1]) for shape in batches}
    leaf, still = batches[32, 64].clone().requires_grad_(), t.nn.BatchNorm1d(64).eval()
    return {
        "int32 + 1": lambda: small + 1,
        "int64 * 3": lambda: whole * 3,
        "2 - int32": lambda: 2 - small,
        "int32 // 3": lambda: small // 3,
        "int32 % 7": lambda: small % 7,
        "int32 / 2": lambda: small / 2,
        "int32 * 1.5": lambda: small * 1.5,
        "int64 == 5": lambda: whole == 5,
        "int32 ** 2": lambda: small**2,
        **{f"randint, {n:,}": partial(t.randint, 0, 10, (n,)) for n in (10, 1000, 10_000, 100_000)},
        "multinomial, 1 of 1,000": lambda: t.multinomial(weights, 1),
        "multinomial, 1 of 100 in 64 rows": lambda: t.multinomial(rows, 1),
        "multinomial, 100 of 1,000": lambda: t.multinomial(weights, 100),
        "multinomial, 100 of 1,000 with repetition": lambda: t.multinomial(weights, 100, replacement=True),
        "multinomial, 20 of 100 in 64 rows with repetition": lambda: t.multinomial(rows, 20, replacement=True),
        **{f"BatchNorm1d, {shape}": partial(norms[shape], batches[shape]) for shape in batches},
        "BatchNorm1d, (32, 64), and back": lambda: norms[32, 64](leaf).sum().backward(),
        "BatchNorm1d, (32, 64), in evaluation": lambda: still(batches[32, 64]),
        "sigmoid, (32, 64)": lambda: t.sigmoid(batches[32, 64]),
        "mean, (32, 64)": lambda: t.mean(batches[32, 64]),
        "norm, (128, 256)": lambda: t.norm(batches[128, 256]),
    }


def turn(call: Callable[[], Any], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", metavar="WORD", default="")
    options = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    mine, theirs = calls(tg), calls(torch)
    print(f"{'':50}     ours  PyTorch  ratio")
    for name in (name for name in mine if options.only in name):
        pair = mine[name], theirs[name]
        times = max(1, min(1000, int(TURN / max(turn(pair[0], 3), 1e-6))))
        ours, other = (
            min(each) for each in zip(*(map(turn, pair, (times, times)) for _ in range(options.rounds)), strict=True)
        )
        print(f"{name:50} {ours * 1e6:8.2f} {other * 1e6:8.2f} {ours / other:6.2f}")


if __name__ == "__main__":
    main()
