"""The engine by itself: import time, and a long chain of small operations beside PyTorch's.

    python tests/benchmarks/engine.py [--operations 100000] [--rounds 5]

Prints the seconds the import takes beyond numpy's, the seconds to build and differentiate a chain of multiplications,
the bytes each recorded operation keeps, and the same for PyTorch where it is installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

IMPORT = "import numpy, time; t = time.perf_counter(); import tinygrad_rnn; print(time.perf_counter() - t)"


def resident() -> int:
    """Bytes of memory the process holds (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def chain(library: Any, operations: int) -> tuple[float, float, float]:
    """Seconds to build the chain, seconds to walk back over it, and bytes kept per operation."""
    x = library.tensor(1.0, requires_grad=True)
    before, start = resident(), time.perf_counter()
    y = x
    for _ in range(operations):
        y = y * 1.000001
    built = time.perf_counter()
    y.backward()
    done = time.perf_counter()
    return built - start, done - built, (resident() - before) / operations


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--chain", metavar="LIBRARY", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.chain:
        library = importlib.import_module(options.chain)
        if options.chain == "torch":
            library.set_num_threads(1)
        print(*chain(library, options.operations))
        return

    def run(*command: str) -> list[float]:
        done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True)
        return [float(word) for word in done.stdout.split()]

    seconds = sorted(run("-c", IMPORT)[0] for _ in range(options.rounds))
    print(f"import beyond numpy: {seconds[len(seconds) // 2]:.3f} s (median of {options.rounds})")
    for name in ("tinygrad_rnn", "torch"):
        if importlib.util.find_spec(name) is None:
            print(f"{name} is not installed, so not compared")
            continue
        rows = sorted(
            (run(__file__, "--chain", name, "--operations", str(options.operations)) for _ in range(options.rounds)),
            key=lambda row: row[0] + row[1],
        )
        build, backward, size = rows[len(rows) // 2]
        print(
            f"{name}: {options.operations:,} operations built in {build:.3f} s, differentiated in {backward:.3f} s, "
            f"{size:.0f} bytes each"
        )


if __name__ == "__main__":
    main()
