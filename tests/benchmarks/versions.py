"""Two versions of the package beside each other, and beside PyTorch where it is installed.

    python tests/benchmarks/versions.py OLD NEW [--rounds 15] [--only WORD] [--quick] [--calls]

OLD and NEW are folders that hold the package, or git revisions. One training step (forward, mean squared error,
backward, SGD; float32) of a loop of primitives and of nn.RNN, nn.LSTM and nn.GRU; sizes are batch, time, input, hidden.
A chain of 100,000 multiplications built and differentiated; the bytes that each recorded operation keeps; the import.
With --calls, what `single_calls.py` calls.

Each version runs in a process of its own that stays alive; in every round each does its turn after the other's, in
changing order, all on one core and in one thread. The time is that of the processor, its median is printed, and the
ratio NEW / OLD with the quarters of the rounds' own ratios, which say how far to trust it. What the steps return must
agree. A whole run is kept in results/ by the version of NEW: its ratios to OLD and to PyTorch.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib.util
import io
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

from tests.benchmarks.recurrent_layers import SIZES, training
from tests.benchmarks.side_by_side import THREADS, Step
from tests.benchmarks.single_calls import calls
from tests.benchmarks.training_step import problem, torch_like

HERE = Path(__file__).parent
KINDS = ("loop", "RNN", "LSTM", "GRU")
CHAIN, COUNTED = 100_000, 10_000
#: Seconds that one turn should take at least, so that the clock does not matter.
TURN = 0.05
IMPORT = "import numpy, time; t = time.process_time(); import tinygrad_rnn; print(time.process_time() - t)"

PROBLEMS: dict[str, list[str]] = {f"{kind} {size}": [kind, *map(str, size)] for kind in KINDS for size in SIZES}
PROBLEMS |= {f"chain of {CHAIN:,}": ["chain", str(CHAIN)], "import": ["import"], "bytes an operation": ["bytes"]}


def chain(library: Any, operations: int) -> Any:
    """A long row of multiplications by a number, and where it began."""
    x = library.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(operations):
        y = y * 1.000001
    return x, y


def bytes_kept(library: Any) -> float:
    """Bytes that a recorded operation keeps, counted as they are asked for."""
    gc.collect()
    tracemalloc.start()
    kept = chain(library, COUNTED)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return size / COUNTED


def step_of(library: Any, kind: str, *size: str) -> Step:
    """What is done in a turn."""
    if kind == "call":
        call = calls(library)[size[0]]
        return lambda: 0.0 * bool(call() is None)
    if kind == "loop":
        return torch_like(library, *problem(*size))
    if kind != "chain":
        return training(library, kind, *size)

    def step() -> float:
        x, y = chain(library, int(size[0]))
        y.backward()
        return float(x.grad)

    return step


def serve(name: str) -> None:
    """Answer requests, one a line: how long a step took of the processor's time, and what it returned."""
    if name != "torch":
        sys.path.insert(0, name)
    library = importlib.import_module("torch" if name == "torch" else "tinygrad_rnn")
    if name == "torch":
        library.set_num_threads(1)
    elif Path(library.__file__ or "").parents[1] != Path(name):
        raise SystemExit(f"{library.__file__} was imported instead of the package in {name}")
    print(json.dumps(library.__version__), flush=True)
    steps: dict[tuple[str, ...], Step] = {}
    for line in sys.stdin:
        words, repeats = json.loads(line)
        if words == ["bytes"]:
            answer = [0.0, bytes_kept(library)]
        else:
            step = steps.get(tuple(words))
            if step is None:
                step = steps[tuple(words)] = step_of(library, *words)
                step()
            gc.collect()
            start = time.process_time()
            for _ in range(repeats):
                result = step()
            answer = [(time.process_time() - start) / repeats, result]
        print(json.dumps(answer), flush=True)


class Worker:
    """A process that serves one version."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cache = tempfile.TemporaryDirectory()  # of compiled files, which is why the first import does not count
        self.environment = {**os.environ, **THREADS}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), "--serve", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self.environment,
        )
        self.version: str = self._answer()

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the process for {self.name} stopped; see its message above")
        return json.loads(line)

    def turn(self, words: Sequence[str], repeats: int = 1) -> tuple[float, float]:
        """Seconds of a step and its result; for "bytes" the bytes, for "import" the seconds in a fresh process."""
        if words == ["import"]:
            done = subprocess.run(
                [sys.executable, "-c", IMPORT],
                cwd=self.name,
                env=self.environment | {"PYTHONPATH": self.name, "PYTHONPYCACHEPREFIX": self.cache.name},
                capture_output=True,
                text=True,
                check=True,
            )
            return float(done.stdout), 0.0
        assert self.process.stdin is not None
        print(json.dumps([words, repeats]), file=self.process.stdin, flush=True)
        seconds, result = self._answer()
        return (result, 0.0) if words == ["bytes"] else (seconds, result)

    def close(self) -> None:
        """End the process."""
        self.process.communicate()
        self.cache.cleanup()


def measure(workers: Sequence[Worker], words: Sequence[str], rounds: int) -> list[list[float]]:
    """For each worker what every round took."""
    first = [worker.turn(words) for worker in workers]
    if words == ["bytes"]:
        return [[size] for size, _ in first]
    repeats = max(1, round(TURN / max(min(seconds for seconds, _ in first), 1e-6))) if words != ["import"] else 1
    results = [result for _, result in first]
    if max(results) - min(results) > 1e-4 * max(1e-6, *map(abs, results)):
        raise SystemExit(f"the versions do not compute the same: {' '.join(words)}: {results}")
    taken: list[list[float]] = [[] for _ in workers]
    for turn in range(rounds):
        order = list(enumerate(workers))
        for n, worker in order if turn % 2 else reversed(order):
            taken[n].append(worker.turn(words, repeats)[0])
    return taken


def ratio(new: Sequence[float], old: Sequence[float]) -> float:
    """The ratio of the medians."""
    return statistics.median(new) / statistics.median(old)


def quarters(new: Sequence[float], old: Sequence[float]) -> str:
    """Between which values the middle half of the rounds' own ratios lies."""
    own = [a / b for a, b in zip(new, old, strict=True)]
    if len(own) < 2:
        return ""
    low, _, high = statistics.quantiles(own, n=4, method="inclusive")
    return f"{low:.2f} .. {high:.2f}"


@contextlib.contextmanager
def package(version: str) -> Iterator[str]:
    """The folder that holds a version: itself, or what git has of a revision, for as long as it is needed."""
    if (Path(version) / "tinygrad_rnn").is_dir():
        yield str(Path(version).resolve())
        return
    command = [
        "git",
        "-C",
        str(HERE.parents[1]),
        "archive",
        "--format=zip",
        "--prefix=tinygrad_rnn/",
        f"{version}:tinygrad_rnn",
    ]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        why = done.stderr.decode().strip()
        raise SystemExit(f"{version!r} is neither a folder that holds tinygrad_rnn nor a revision that does: {why}")
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(io.BytesIO(done.stdout)).extractall(folder)
        yield str(Path(folder).resolve())


def to_one_core() -> str:
    """Keep this process and those it starts to one core, where the system can, and say so."""
    if not hasattr(os, "sched_setaffinity"):
        return "not kept to one core: this system cannot"
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return f"all on core {core}"


def shown(words: Sequence[str], value: float) -> str:
    """A median with its unit."""
    if words[0] == "call":
        return f"{value * 1e6:,.2f} us"
    return f"{value:,.0f} B" if words == ["bytes"] else f"{value * 1e3:,.2f} ms"


def write(version: str, old: str, ratios: Mapping[str, Mapping[str, float]]) -> Path:
    """Keep the ratios of a version, those against several older ones side by side."""
    path = HERE / "results" / f"{version}.json"
    path.parent.mkdir(exist_ok=True)
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    kept |= {f"to {name}": dict(rows) for name, rows in ratios.items() if rows}
    kept["measured"] = {"python": platform.python_version(), "machine": platform.machine(), "old": old}
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return path


def main() -> None:
    """Print the table and keep the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", nargs="?", help="the folder or revision to compare with")
    parser.add_argument("new", nargs="?", help="the folder or revision to look at")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="", metavar="WORD", help="only the rows with this in their title")
    parser.add_argument("--quick", action="store_true", help="3 rounds, and nothing is kept")
    parser.add_argument("--calls", action="store_true", help="single calls instead, of which nothing is kept")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    if options.new is None:
        parser.error("say which two versions: OLD NEW")
    rounds = 3 if options.quick else options.rounds
    rows = {name: ["call", name] for name in calls(importlib.import_module("tinygrad_rnn"))}
    problems = {title: words for title, words in (rows if options.calls else PROBLEMS).items() if options.only in title}
    print(f"median of {rounds} rounds of the processor's time, {to_one_core()}")
    with contextlib.ExitStack() as open_ones:

        def start(name: str) -> Worker:
            worker = Worker(name)
            open_ones.callback(worker.close)
            return worker

        workers = [start(open_ones.enter_context(package(version))) for version in (options.old, options.new)]
        peer = start("torch") if importlib.util.find_spec("torch") else None
        old, new = (worker.version for worker in workers)
        width = max(map(len, problems), default=0) + 2
        print(
            f"{'':{width}}{f'OLD {old}':>18}{f'NEW {new}':>18}{'NEW / OLD':>11}{'middle half':>15}{'NEW / torch':>13}"
        )
        ratios: dict[str, dict[str, float]] = {old: {}, "torch": {}}
        for title, words in tqdm(problems.items(), leave=False, disable=None):
            alone = peer is None or words[0] in ("import", "bytes")
            before, after, *others = measure(workers if alone or peer is None else [*workers, peer], words, rounds)
            ratios[old][title] = round(ratio(after, before), 3)
            line = "".join(f"{shown(words, statistics.median(each)):>18}" for each in (before, after))
            line += f"{ratio(after, before):11.2f}{quarters(after, before):>15}"
            for other in others:
                ratios["torch"][title] = round(ratio(after, other), 3)
                line += f"{ratio(after, other):13.2f}"
            tqdm.write(f"{title:{width}}{line}")
    if not (options.quick or options.only or options.calls):
        print(f"kept in {write(new, old, ratios)}")


if __name__ == "__main__":
    main()
