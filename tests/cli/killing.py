"""A run in several processes, one of which is killed: `python -m tests.cli.killing 50` does it at 50 moments.

Every process must end within 10 seconds, one line of ours must say what to do, and the run must go on from its
checkpoint to the same end, bit for bit, as a run that nobody disturbed.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.cli.process import ROOT, environment
from tests.cli.test_resume import assert_same_end, lines_in

MPIEXEC = Path(sys.executable).with_name("mpiexec")
OPTIONS = (
    "prices.csv --column close --cell lstm --dropout 0.2 --hidden 6 --epochs 6 --batch 31 --every 3 --quiet "
    "--picture none"
)
LINE = "tinygrad-rnn: one of the processes was killed, and all are ended; go on with train --resume a\n"
LIMIT = 10.0  # seconds


def begin(folder: Path, processes: int, *arguments: str, errors: int = subprocess.PIPE) -> "subprocess.Popen[str]":
    """`mpiexec -n ... tinygrad-rnn train ...` in a folder."""
    command = [str(MPIEXEC), "-n", str(processes), sys.executable, "-W", "error", "-m", "tinygrad_rnn", "train"]
    return subprocess.Popen(
        [*command, *arguments], cwd=folder, env=environment() | {"OMP_NUM_THREADS": "1"}, text=True,
        stdout=subprocess.PIPE, stderr=errors,
    )  # fmt: skip


def train(folder: Path, processes: int, *arguments: str) -> tuple[int, str, str]:
    """The same, to its end: status, standard output, standard error."""
    started = begin(folder, processes, *arguments)
    out, error = started.communicate(timeout=300)
    return started.returncode, out, error


def ranks(folder: Path) -> list[int]:
    """The processes that train in a folder, by their numbers: those of Linux's /proc that stand in it."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            program, *arguments = (each / "cmdline").read_bytes().split(b"\0")
            if b"python" in program and b"tinygrad_rnn" in arguments and (each / "cwd").resolve() == folder:
                found.append(int(each.name))
        except OSError:
            continue  # it has ended
    return found


def kill_one(folder: Path, lines: int, draw: random.Random) -> float:
    """Begins the run a, kills a process of it when its log has so many lines, and returns how long the others lived."""
    started = begin(folder, 3, *OPTIONS.split(), "--run", "a")
    deadline = time.monotonic() + 120
    while lines_in(folder / "a" / "log.jsonl") < lines:
        time.sleep(0.002)
        assert started.poll() is None and time.monotonic() < deadline, started.communicate()
    time.sleep(draw.uniform(0, 0.05))
    all_of_them = ranks(folder.resolve())
    assert len(all_of_them) == 3, all_of_them
    killed = draw.choice(all_of_them)
    os.kill(killed, signal.SIGKILL)
    began = time.monotonic()
    _, error = started.communicate(timeout=120)
    while ranks(folder.resolve()):
        time.sleep(0.01)
        assert time.monotonic() < began + 120
    took = time.monotonic() - began
    assert started.returncode != 0 and error.count(LINE) == 1, error
    return took


def check(folder: Path, whole: Path, draw: random.Random) -> float:
    """One of the moments: kill, resume, compare with the run ``whole``."""
    (folder / "prices.csv").write_bytes((ROOT / "examples" / "prices.csv").read_bytes())
    took = kill_one(folder, draw.randint(1, 24), draw)
    status, _, error = train(folder, 3, "--resume", "a", "--quiet", "--picture", "none")
    assert (status, error) == (0, ""), error
    assert_same_end(whole, folder / "a")
    return took


def undisturbed(folder: Path) -> Path:
    """The run from its beginning to its end."""
    (folder / "prices.csv").write_bytes((ROOT / "examples" / "prices.csv").read_bytes())
    status, _, error = train(folder, 3, *OPTIONS.split(), "--run", "a")
    assert (status, error) == (0, ""), error
    return folder / "a"


def main(times: int, seed: int = 0) -> None:
    """So many moments."""
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as first:
        whole = undisturbed(Path(first))
        longest = 0.0
        for moment in range(times):
            with tempfile.TemporaryDirectory() as folder:
                longest = max(longest, check(Path(folder), whole, draw))
            print(f"{moment + 1} of {times}: the last process ended at most {longest:.2f} s after the kill", flush=True)
        assert longest < LIMIT


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
