"""The same work in several libraries, each in a process of its own, timed in turns.

A script gives `main` its problems and, by library, what makes one step of a problem. It starts itself again once for
each library, so that none profits from what another did to memory; in every round each process does one step after the
other's, so that a change in the machine's speed meets all alike; everything runs in one thread. What the last steps
return must agree.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

Step = Callable[[], float]
#: What makes the step of a problem, which is given by its words.
Maker = Callable[..., Step]

#: What keeps the libraries of linear algebra to one thread.
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Measured(NamedTuple):
    """What one library did: the median of the seconds, and by how many bytes the steps raised the process's peak."""

    seconds: float
    bytes: float


def peak() -> int:
    """The most bytes the process has held so far (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def serve(step: Step, warm_up: int) -> None:
    """Do one step for every line read, and answer with its time, its result and the memory the steps needed."""
    before = peak()
    for _ in range(warm_up):
        step()
    for _ in sys.stdin:
        start = time.perf_counter()
        result = step()
        print(time.perf_counter() - start, result, peak() - before, flush=True)


def measure(libraries: Sequence[str], words: Sequence[str], rounds: int) -> dict[str, Measured]:
    """Time the libraries in turns on the problem given by ``words``."""
    processes = {
        library: subprocess.Popen(
            [sys.executable, sys.argv[0], "--serve", library, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **THREADS},
        )
        for library in libraries
    }
    seconds: dict[str, list[float]] = {library: [] for library in libraries}
    results, memory = {}, {}
    for _ in range(rounds):
        for library, process in processes.items():
            assert process.stdin is not None and process.stdout is not None
            print(file=process.stdin, flush=True)
            answer = process.stdout.readline()
            if not answer:
                raise SystemExit(f"{library} stopped; see its message above")
            spent, results[library], memory[library] = map(float, answer.split())
            seconds[library].append(spent)
    for process in processes.values():
        process.communicate()
    if max(results.values()) - min(results.values()) > 1e-4 * max(map(abs, results.values())):
        raise SystemExit(f"the libraries do not compute the same: {results}")
    return {library: Measured(sorted(times)[len(times) // 2], memory[library]) for library, times in seconds.items()}


def main(
    description: str | None,
    problems: Mapping[str, Sequence[str]],
    makers: Mapping[str, Maker],
    *,
    rounds: int,
    memory: bool = False,
    warm_up: int = 3,
) -> None:
    """Print the table of medians: a row for each problem (its title and its words), a column for each library.

    ``memory`` adds by how many megabytes the steps raised the peak of each process.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--libraries", nargs="+", default=list(makers), choices=list(makers))
    parser.add_argument("--only", default="", metavar="WORD", help="only the problems with this in their title")
    parser.add_argument("--serve", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        library, *words = options.serve
        serve(makers[library](*words), warm_up)
        return
    libraries = [name for name in options.libraries if importlib.util.find_spec(name)]
    missing = [name for name in options.libraries if name not in libraries]
    print(
        f"milliseconds a step, median of {options.rounds} rounds (in brackets: ours / theirs)"
        + ("; MB by which the steps raised the peak of memory" if memory else "")
    )
    if missing:
        print(f"not installed, so not compared: {', '.join(missing)}")
    width = max(map(len, problems)) + 2
    print(" " * width + "".join(f"{name:>{30 if memory else 20}}" for name in libraries))
    for title, words in problems.items():
        if options.only in title:
            found = measure(libraries, words, options.rounds)
            ours = found[libraries[0]].seconds
            cells = (
                f"{each.seconds * 1e3:>12.2f} ({ours / each.seconds:.2f})" + f"{each.bytes / 1e6:>7.1f} MB" * memory
                for each in found.values()
            )
            print(f"{title:{width}}" + "".join(cells), flush=True)
