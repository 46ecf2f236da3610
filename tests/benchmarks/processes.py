"""A training step shared by processes, sending while the backward pass runs or after it, and what a model predicts.

    mpiexec -n 2 python tests/benchmarks/processes.py [--rounds 10] [--size 64 100 128 256]

Two LSTMs, one above the other, and a linear layer on every step; float32. Sizes are batch, time, input, hidden. Each
process has the batch divided by their number. "late" sends when the backward pass is over. What was waited for is
measured apart, since the time of a step on a machine with other work differs by more. The model: a step takes what it
takes alone, divided by the number of machines, and 2 (n - 1) / n of the bytes at the measured rate, and 2 log2(n)
measured delays.
"""

import argparse
import math
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

import tinygrad_rnn as tg
from tinygrad_rnn import distributed, nn
from tinygrad_rnn.nn.parallel import DistributedDataParallel


class Net(nn.Module):
    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.lower, self.upper = nn.LSTM(inputs, hidden), nn.LSTM(hidden, hidden)
        self.head = nn.Linear(hidden, 64)

    def forward(self, x: tg.Tensor) -> Any:
        return self.head(self.upper(self.lower(x)[0])[0])


class Late(DistributedDataParallel):
    """Sends when the backward pass is over."""

    def read(self, stream: Any) -> Any:
        return super().read(iter(list(stream)))


waited = 0.0


class Timed(distributed.Work):
    def wait(self) -> bool:
        global waited
        began = time.perf_counter()
        done = super().wait()
        waited += time.perf_counter() - began
        return done


def steps(model: Any, x: tg.Tensor, rounds: int) -> Iterator[tuple[float, float]]:
    """Seconds of a step, and of those what was waited for others."""
    global waited
    for _ in range(rounds + 2):
        model.zero_grad()
        distributed.barrier()
        waited, began = 0.0, time.perf_counter()
        (model(x) ** 2).mean().backward()
        yield time.perf_counter() - began, waited


def best(model: Any, x: tg.Tensor, rounds: int) -> tuple[float, float]:
    found = np.array(list(steps(model, x, rounds))[2:])
    return float(found[:, 0].min()), float(found[:, 1].min())


def reduced(count: int, rounds: int = 200) -> float:
    """Seconds for the sum of so many float32 numbers over all processes."""
    numbers, found = tg.zeros(count), []
    for _ in range(rounds):
        distributed.barrier()
        began = time.perf_counter()
        distributed.all_reduce(numbers)
        found.append(time.perf_counter() - began)
    return float(np.median(found))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--size", type=int, nargs=4, default=(64, 100, 128, 256))
    options = parser.parse_args()
    batch, length, inputs, hidden = options.size
    distributed.Work = Timed  # type: ignore[misc]
    distributed.init_process_group()
    tg.set_num_threads(1)
    first, processes = distributed.get_rank() == 0, distributed.get_world_size()
    size = sum(each.array.nbytes for each in Net(inputs, hidden).parameters())

    def say(text: str) -> None:
        if first:
            print(text, flush=True)

    whole, _ = best(Net(inputs, hidden), tg.randn(length, batch, inputs), options.rounds)
    say(f"alone, the whole batch (in {processes} processes at once): {1e3 * whole:.1f} ms")
    x = tg.randn(length, batch // processes, inputs)
    apart, _ = best(Net(inputs, hidden), x, options.rounds)
    say(f"a part of the batch, nothing sent: {1e3 * apart:.1f} ms")
    for name, kind in (("late", Late), ("while it runs", DistributedDataParallel)):
        taken, wait = best(kind(Net(inputs, hidden)), x, options.rounds)
        say(f"sent {name}: {1e3 * taken:.1f} ms, of which waited {1e3 * wait:.2f} ms")
    sent = DistributedDataParallel(Net(inputs, hidden))
    flags = sum(len(bucket.leaves) + 1 for bucket in sent._buckets()) * 4
    say(f"parameters {size} bytes; summed up in a step {size + flags} bytes, in {len(sent._buckets())} buckets")
    delay, rate = reduced(1) / (2 * max(math.log2(processes), 1)), 0.0
    if processes > 1:
        rate = 2 * (processes - 1) / processes * size / max(reduced(size // 4) - reduced(1), 1e-9)
    say(f"measured here: a delay of {1e6 * delay:.1f} us, {rate / 1e9:.2f} GB/s")
    for title, d, r in (("here", delay, rate), ("Ethernet, 50 us and 0.117 GB/s", 50e-6, 0.117e9)):
        for n in (2, 4, 8, 16, 32, 64) if r else ():
            taken = whole / n + 2 * (n - 1) / n * size / r + 2 * math.log2(n) * d
            say(f"model, {title}: {n:2} machines {1e3 * taken:8.2f} ms a step, {whole / taken:5.1f} times as fast")


if __name__ == "__main__":
    main()
