"""A training step as a program beside torch.nn and eager code: python -m tests.benchmarks.programs [seconds per size].

Forward, MSE and backward pass of float32, in microseconds of processor time: medians of interleaved runs, one thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

import tinygrad_rnn as tg

SIZES = [(1, 5, 1, 2), (1, 50, 32, 32), (16, 25, 64, 64), (32, 50, 64, 128)]
KINDS = ("RNN", "LSTM", "GRU")


def ours(kind: str, x: Any, y: Any, hidden: int) -> dict[str, Callable[[], Any]]:
    m = getattr(tg.nn, kind)(x.shape[-1], hidden)
    xs, ys = tg.tensor(x), tg.tensor(y)

    def loss(x: Any, y: Any) -> Any:
        return ((m(x)[0] - y) ** 2).mean()

    fast = tg.compile(loss)
    fast.forward_backward(xs, ys)
    return {
        "forward_backward": lambda: fast.forward_backward(xs, ys),
        "compiled, backward()": lambda: fast(xs, ys).backward(),
        "eager": lambda: loss(xs, ys).backward(),
    }


def theirs(kind: str, x: Any, y: Any, hidden: int) -> dict[str, Callable[[], Any]]:
    try:
        import torch
    except ImportError:
        return {}
    torch.set_num_threads(1)
    m = getattr(torch.nn, kind)(x.shape[-1], hidden)
    xs, ys = torch.tensor(x), torch.tensor(y)
    return {"torch.nn": lambda: ((m(xs)[0] - ys) ** 2).mean().backward()}


def measured(runs: dict[str, Callable[[], Any]], seconds: float) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for name, run in runs.items():
            start = time.process_time()
            run()
            times[name].append(time.process_time() - start)
    return {name: median(each) * 1e6 for name, each in times.items()}


def main(seconds: float = 3.0) -> None:
    tg.set_num_threads(1)
    for size in SIZES:
        batch, steps, inputs, hidden = size
        rng = np.random.default_rng(0)
        x = rng.standard_normal((steps, batch, inputs)).astype(np.float32)
        y = rng.standard_normal((steps, batch, hidden)).astype(np.float32)
        for kind in KINDS:
            found = measured(ours(kind, x, y, hidden) | theirs(kind, x, y, hidden), seconds)
            print(f"{size!s:20} {kind:5}", "   ".join(f"{name} {value:8.0f}" for name, value in found.items()))


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
