"""The steady state of training scripts: a step of each here, and in PyTorch, by turns in one process and one thread.

    python tests/benchmarks/scripts.py
    python tests/benchmarks/scripts.py --only attention --steps 60

Counted is the time of the processor, which other programs on the machine disturb least; of the scripts that print, a
step is the whole script, run again.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})
sys.path.insert(0, str(Path(__file__).parents[2]))

import torch
from tqdm import tqdm

import tinygrad_rnn as tg
from tests.engine import table
from tests.scripts.draws import Draws, trainings
from tests.scripts.loader import SCRIPTS, printed_by

LIBRARIES = {"tinygrad_rnn": tg, "torch": torch}


def whole(script: str, library: str) -> Iterator[float]:
    while True:
        yield float(len(printed_by(script, library)))


def step_of(name: str, library: str) -> Callable[[], float]:
    """What does one step of a script."""
    if name in SCRIPTS:
        return whole(name, library).__next__
    return trainings(library)[name](Draws(LIBRARIES[library])).__next__


def measured(name: str, warm_up: int, steps: int) -> list[float]:
    """The median seconds of a step, ours and PyTorch's."""
    makers = [step_of(name, library) for library in LIBRARIES]
    seconds: list[list[float]] = [[], []]
    for i in range(warm_up + steps):
        for step, spent in zip(makers, seconds, strict=True):
            start = time.process_time()
            step()
            if i >= warm_up:
                spent.append(time.process_time() - start)
    gc.collect()
    return [median(spent) for spent in seconds]


def main() -> None:
    """Measures and prints the table, slowest beside PyTorch first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=40, help="steps counted, after a quarter as many (default: 40)")
    parser.add_argument("--runs", type=int, default=3, help="runs counted of a script that prints (default: 3)")
    parser.add_argument("--only", default="", metavar="WORD", help="only the scripts with this in their names")
    given = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    names = [name for name in [*trainings("torch"), *SCRIPTS] if given.only in name]
    found = {
        name: measured(name, *((1, given.runs) if name in SCRIPTS else (given.steps // 4, given.steps)))
        for name in tqdm(names, unit="script", leave=False, disable=None)
    }
    ratios = {name: ours / theirs for name, (ours, theirs) in found.items()}
    rows = [
        [name, *(f"{1e3 * each:.3g}" for each in found[name]), f"{ratios[name]:.2f}"]
        for name in sorted(ratios, key=ratios.__getitem__, reverse=True)
    ]
    print(table(["script", "ours, ms", "PyTorch, ms", "ours / PyTorch"], rows))
    print(f"{len(ratios)} scripts: median {median(ratios.values()):.2f}, worst {max(ratios.values()):.2f},")
    print(f"{sum(each > 1.5 for each in ratios.values())} over 1.5; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
