"""How long a followed forward pass takes, in parts of a plain one: the programs of the tests, interleaved.

    python -m tests.benchmarks.following [ROUNDS]

Prints the ratio for each program, the slowest last, and the median over all; processor time, median of the rounds.
"""

import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import torch

import tinygrad_rnn as tg
from tests.interop.torch_programs import PROGRAMS


def seconds(run: Callable[[], Any]) -> float:
    torch.manual_seed(0)
    start = time.process_time()
    run()
    return time.process_time() - start


def followed(run: Callable[[], Any]) -> None:
    with tg.following():
        run()


def ratio(name: str, rounds: int) -> float:
    run, _ = PROGRAMS[name].build()
    run()
    followed(run)
    slow, plain = list[float](), list[float]()
    for _ in range(rounds):
        slow.append(seconds(lambda: followed(run)))
        plain.append(seconds(run))
    return statistics.median(slow) / statistics.median(plain)


def main() -> None:
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    ratios = {name: ratio(name, int(*sys.argv[1:]) if sys.argv[1:] else 9) for name in PROGRAMS}
    for name, each in sorted(ratios.items(), key=lambda item: item[1]):
        print(f"{each:6.1f}  {name}")
    print(f"{statistics.median(ratios.values()):6.1f}  the median of {len(ratios)} programs")


if __name__ == "__main__":
    main()
