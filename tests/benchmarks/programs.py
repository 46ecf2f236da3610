"""A training step as a program and in eager code: python -m tests.benchmarks.programs [seconds per size].

Beside torch.nn and jax.jit with scan, whichever are installed, and the floor, numpy's products of matrices alone.
Forward, MSE and backward pass of float32, in microseconds of processor time: medians of interleaved runs on one core
in one thread, seven at least. The last columns are plain `nn.X` in eager code, divided by each of the others.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

import tinygrad_rnn as tg

SIZES = [(1, 5, 1, 2), (1, 50, 32, 32), (16, 25, 64, 64), (32, 50, 64, 128), (64, 100, 128, 256)]
KINDS = ("RNN", "LSTM", "GRU")


def ours(kind: str, x: Any, y: Any, hidden: int) -> dict[str, Callable[[], Any]]:
    m = getattr(tg.nn, kind)(x.shape[-1], hidden)
    xs, ys = tg.tensor(x), tg.tensor(y)

    def loss(x: Any, y: Any) -> Any:
        return ((m(x)[0] - y) ** 2).mean()

    fast = tg.compile(loss)
    fast.forward_backward(xs, ys)
    found = {
        "forward_backward": lambda: fast.forward_backward(xs, ys),
        "compiled, backward()": lambda: fast(xs, ys).backward(),
        "eager": lambda: loss(xs, ys).backward(),
    }
    if importlib.util.find_spec("numba") is not None:
        jitted = tg.compile(loss, backend="numba")
        jitted.forward_backward(xs, ys)
        found["numba"] = lambda: jitted.forward_backward(xs, ys)
    return found


def theirs(kind: str, x: Any, y: Any, hidden: int) -> dict[str, Callable[[], Any]]:
    try:
        import torch
    except ImportError:
        return {}
    torch.set_num_threads(1)
    m = getattr(torch.nn, kind)(x.shape[-1], hidden)
    xs, ys = torch.tensor(x), torch.tensor(y)
    return {"torch.nn": lambda: ((m(xs)[0] - ys) ** 2).mean().backward()}


def scanned(kind: str, x: Any, y: Any, hidden: int) -> dict[str, Callable[[], Any]]:
    """The same as a scan of jax's, compiled; gates in the order of ours."""
    if importlib.util.find_spec("jax") is None:
        return {}
    jax: Any = importlib.import_module("jax")
    jnp, sigmoid = jax.numpy, jax.nn.sigmoid
    m = getattr(tg.nn, kind)(x.shape[-1], hidden)
    weights = [jnp.asarray(p.detach().numpy()) for p in m.parameters()]
    xs, ys = jnp.asarray(x), jnp.asarray(y)

    def step(state: Any, a: Any, W_hh: Any, b_hh: Any) -> Any:
        h, c = state
        r = h @ W_hh.T + b_hh
        if kind == "RNN":
            return jnp.tanh(a + r), c
        if kind == "LSTM":
            i, f, g, o = jnp.split(a + r, 4, -1)
            c = sigmoid(f) * c + sigmoid(i) * jnp.tanh(g)
            return sigmoid(o) * jnp.tanh(c), c
        (a_r, a_z, a_n), (r_r, r_z, r_n) = jnp.split(a, 3, -1), jnp.split(r, 3, -1)
        z = sigmoid(a_z + r_z)
        return (1 - z) * jnp.tanh(a_n + sigmoid(a_r + r_r) * r_n) + z * h, c

    def loss(weights: Any) -> Any:
        W_xh, W_hh, b_xh, b_hh = weights

        def turn(state: Any, a: Any) -> Any:
            state = step(state, a, W_hh, b_hh)
            return state, state[0]

        zero = jnp.zeros((x.shape[1], hidden), jnp.float32)
        _, outputs = jax.lax.scan(turn, (zero, zero), xs @ W_xh.T + b_xh)
        return ((outputs - ys) ** 2).mean()

    run = jax.jit(jax.value_and_grad(loss))
    return {"jax.jit": lambda: jax.block_until_ready(run(weights))}


def floor(kind: str, x: Any, hidden: int) -> dict[str, Callable[[], Any]]:
    """The products of matrices alone."""
    W_xh, W_hh = (p.detach().numpy() for p in list(getattr(tg.nn, kind)(x.shape[-1], hidden).parameters())[:2])
    steps, batch, inputs = x.shape
    rows = x.reshape(-1, inputs)
    h, d = np.zeros((batch, hidden), np.float32), np.zeros((batch, len(W_hh)), np.float32)
    hs, ds = np.zeros((steps * batch, hidden), np.float32), np.zeros((steps * batch, len(W_hh)), np.float32)

    def run() -> None:
        rows.dot(W_xh.T)
        for _ in range(steps):
            h.dot(W_hh.T)
            d.dot(W_hh)
        ds.T.dot(rows)
        ds.T.dot(hs)

    return {"products": run}


def measured(runs: dict[str, Callable[[], Any]], seconds: float) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in runs}
    for run in [*runs.values()] * 3:  # what is large takes memory from the system at first, which is slow
        run()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times["eager"]) < 7:
        for name, run in runs.items():
            start = time.process_time()
            run()
            times[name].append(time.process_time() - start)
    return {name: median(each) * 1e6 for name, each in times.items()}


def main(seconds: float = 3.0) -> None:
    tg.set_num_threads(1)
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for size in SIZES:
        batch, steps, inputs, hidden = size
        rng = np.random.default_rng(0)
        x = rng.standard_normal((steps, batch, inputs)).astype(np.float32)
        y = rng.standard_normal((steps, batch, hidden)).astype(np.float32)
        for kind in KINDS:
            others = theirs(kind, x, y, hidden) | scanned(kind, x, y, hidden) | floor(kind, x, hidden)
            found = measured(ours(kind, x, y, hidden) | others, seconds)
            times = "   ".join(f"{name} {value:8.0f}" for name, value in found.items())
            ratios = "   ".join(f"/ {name} {found['eager'] / found[name]:5.2f}" for name in others)
            print(f"{size!s:20} {kind:5}", times, "  eager", ratios, flush=True)


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
