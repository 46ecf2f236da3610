"""A training step shared by processes, sending while the backward pass runs or after it, and what a model predicts.

    mpiexec -n 2 python tests/benchmarks/processes.py [--rounds 10] [--size 64 100 128 256] [--rate 0.117e9]

Two LSTMs, one above the other, and a linear layer on every step; float32. Sizes are batch, time, input, hidden. Each
process has the batch divided by their number. "late" sends when the backward pass is over. All kinds take turns, and a
step ends when all processes have taken it; told are medians. With --rate a network of so many bytes a second is
pretended, on which one sum travels after the other: nothing has come before its time. The model: a step takes what it
takes alone, divided by the number of machines, and 2 (n - 1) / n of the bytes at the measured rate, and 2 log2(n)
measured delays.
"""

import argparse
import math
import time
from collections.abc import Sequence
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


class Timed(distributed.Work):
    """Remembers how long was waited; with a rate, also for a network that there is not."""

    waited, free, rate, bytes = 0.0, 0.0, math.inf, 0

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        Timed.free = self.due = max(Timed.free, time.perf_counter()) + Timed.bytes / Timed.rate

    def wait(self) -> bool:
        began = time.perf_counter()
        done = super().wait()
        time.sleep(max(0.0, self.due - time.perf_counter()))
        Timed.waited += time.perf_counter() - began
        return done


class Sent(DistributedDataParallel):
    """Says how much travels for each bucket; sends when the backward pass is over, if it is late."""

    late = False

    def read(self, stream: Any) -> Any:
        return super().read(iter(list(stream)) if self.late else stream)

    def _buckets(self) -> Any:
        found, n = super()._buckets(), distributed.get_world_size()
        Timed.bytes = 2 * (n - 1) / n * sum(each.numbers.array.nbytes for each in found) / len(found)
        return found


def medians(kinds: Sequence[tuple[Any, tg.Tensor, bool]], rounds: int) -> Any:
    """For each model with its batch: seconds until all took a step, and what this one waited for sums."""
    found = np.zeros((rounds + 2, len(kinds), 2))
    for turn in found:
        for (model, x, Sent.late), told in zip(kinds, turn, strict=True):
            model.zero_grad()
            Timed.bytes = 0
            distributed.barrier()
            Timed.waited, began = 0.0, time.perf_counter()
            (model(x) ** 2).mean().backward()
            told[1], Timed.bytes = Timed.waited, 0
            distributed.barrier()
            told[0] = time.perf_counter() - began
    return np.median(found[2:], 0)


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
    parser.add_argument("--rate", type=float, default=math.inf)
    options = parser.parse_args()
    batch, length, inputs, hidden = options.size
    distributed.Work = Timed  # type: ignore[misc, assignment]
    distributed.init_process_group()
    tg.set_num_threads(1)
    first, processes = distributed.get_rank() == 0, distributed.get_world_size()
    size = sum(each.array.nbytes for each in Net(inputs, hidden).parameters())

    def say(text: str) -> None:
        if first:
            print(text, flush=True)

    x, part = tg.randn(length, batch, inputs), tg.randn(length, batch // processes, inputs)
    sent = Sent(Net(inputs, hidden))
    kinds = {
        f"alone, the whole batch (in {processes} processes at once)": (Net(inputs, hidden), x, False),
        "a part of the batch, nothing sent": (Net(inputs, hidden), part, False),
        "sent late": (sent, part, True),
        "sent while it runs": (sent, part, False),
    }
    Timed.rate = options.rate
    found = medians(list(kinds.values()), options.rounds)
    Timed.rate, whole = math.inf, found[0, 0]
    for name, (taken, wait) in zip(kinds, found, strict=True):
        say(f"{name}: {1e3 * taken:.1f} ms, of which waited for sums {1e3 * wait:.2f} ms")
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
