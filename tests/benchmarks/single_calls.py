"""Single calls beside PyTorch's: what surrounds a training step, and functions that are called often.

    python tests/benchmarks/single_calls.py [--rounds 9] [--only WORD]

Both libraries are in one process, on one thread, and take turns; printed is each one's fastest turn, in microseconds of
the processor's time. `versions.py OLD NEW --calls` runs them with another version of the package.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

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
    return around_a_step(t, draw) | {
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
        "sigmoid, (20,)": lambda: t.sigmoid(batches[32, 64][0]),
        "sigmoid, (32, 64)": lambda: t.sigmoid(batches[32, 64]),
        "mean, (32, 64)": lambda: t.mean(batches[32, 64]),
        "norm, (128, 256)": lambda: t.norm(batches[128, 256]),
    }


def around_a_step(t: Any, draw: np.random.Generator) -> dict[str, Callable[[], Any]]:
    """Optimisers, loaders, and what is done to modules and buffers."""

    def normal(*shape: int) -> Any:
        return t.tensor(draw.normal(size=shape), dtype=t.float32)

    def optimiser(kind: str, count: int, *shape: int, **options: Any) -> Callable[[], Any]:
        params = [t.nn.Parameter(normal(*shape)) for _ in range(count)]
        for p in params:
            p.grad = normal(*shape)
        made = getattr(t.optim, kind)(params, **options)
        return lambda: made.step()

    def epoch(data: Any, **options: Any) -> Callable[[], Any]:
        loader = t.utils.data.DataLoader(data, **options)
        return lambda: [None for _ in loader]

    def filled() -> Any:
        buffer = t.zeros(10, 8)
        for row in range(10):
            buffer[row] = leaf
        return buffer

    def attribute() -> None:
        layers.steps = 3

    data = t.utils.data.TensorDataset(normal(1024, 20), t.tensor(draw.integers(0, 10, 1024)))
    part, _ = t.utils.data.random_split(data, [512, 512])
    layers = t.nn.Sequential(*(t.nn.Linear(4, 4) for _ in range(100)))
    state, buffer, leaf = layers.state_dict(), t.zeros(64), t.ones(8, requires_grad=True)
    return {
        "Adam, 1 x (20, 20)": optimiser("Adam", 1, 20, 20),
        "Adam, 50 x (4,)": optimiser("Adam", 50, 4),
        "Adam, 50 x (20, 20)": optimiser("Adam", 50, 20, 20),
        "AdamW, 50 x (20, 20)": optimiser("AdamW", 50, 20, 20),
        "SGD, 50 x (20, 20)": optimiser("SGD", 50, 20, 20),
        "SGD with momentum, 50 x (20, 20)": optimiser("SGD", 50, 20, 20, momentum=0.9),
        "Adam, 50 x (100, 100)": optimiser("Adam", 50, 100, 100),
        "DataLoader, 1024 in batches of 32": epoch(data, batch_size=32),
        "DataLoader, 1024 shuffled in batches of 32": epoch(data, batch_size=32, shuffle=True),
        "DataLoader, 512 of a split, shuffled": epoch(part, batch_size=32, shuffle=True),
        "DataLoader, 1024 one by one": epoch(data, batch_size=1),
        "load_state_dict, 100 layers": lambda: layers.load_state_dict(state),
        "state_dict, 100 layers": layers.state_dict,
        "an attribute of a module": attribute,
        "zero_, (64,)": buffer.zero_,
        "10 rows of a buffer, recorded": filled,
        "zeros, (10,)": lambda: t.zeros(10),
        "rand, (10,)": lambda: t.rand(10),
    }


def turn(call: Callable[[], Any], times: int) -> float:
    start = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - start) / times


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", metavar="WORD", default="")
    options = parser.parse_args()
    import torch

    import tinygrad_rnn as tg

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
