"""`mpiexec -n 3 tinygrad-rnn train ...` is one command: one voice, one folder, the numbers of one process."""

import contextlib
import json
import os
import random
import re
import signal
import time
from pathlib import Path

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.cli import killing
from tests.cli.killing import begin, train, undisturbed
from tests.cli.process import Run
from tests.cli.test_resume import flat, lines_in, log_of, state_of
from tests.distributed.test_distributed import needs_mpi

pytestmark = needs_mpi

SERIES = "prices.csv --cell gru --hidden 6 --epochs 6 --batch 7 --optimizer momentum --patience 9 --every 5"
TEXT = "words.txt --level char --cell lstm --hidden 8 --epochs 1 --window 8 --batch 5 --every 9 --schedule plateau"


def assert_near(one: Path, other: Path) -> None:
    """The same run but for rounding, which is that of float32 and grows from step to step."""
    a, b = (tg.load(each / "checkpoint.safetensors") for each in (one, other))
    numbers, others = flat(a), flat(b)
    assert numbers.keys() == others.keys()
    for name, value in a["model"].items():
        np.testing.assert_allclose(value.array, b["model"][name].array, rtol=0, atol=1e-4)
    for line, other_line in zip(log_of(one), log_of(other), strict=True):
        assert line == pytest.approx(other_line, rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("options", [SERIES, TEXT], ids=["numbers", "text"])
def test_the_numbers_are_those_of_one_process(
    options: str, tmp_path: Path, prices: Path, words: Path, here: Run
) -> None:
    alone = here("train", *options.split(), "--run", "alone")
    assert alone.returncode == 0, alone.stderr
    status, out, error = train(tmp_path, 3, *options.split(), "--run", "three")
    assert (status, error) == (0, ""), error
    assert out.count("Run: three, with its log") == 1 and len(out.splitlines()) == len(alone.stdout.splitlines())
    assert_near(tmp_path / "alone", tmp_path / "three")
    files = [sorted(each.name for each in (tmp_path / name).iterdir()) for name in ("alone", "three")]
    assert files[0] == files[1]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").exists(), reason="whose terminal it is, Linux tells")
def test_one_bar_is_shown_on_the_terminal(tmp_path: Path, words: Path) -> None:
    """Of mpiexec, which is one where the processes have none; nothing else is written there."""
    import termios

    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (30, 100))
    started = begin(tmp_path, 2, *TEXT.replace("epochs 1", "epochs 8").split(), errors=theirs)
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the end
        while more := os.read(ours, 10_000):
            shown += more
    os.close(ours)
    started.communicate(timeout=60)
    assert started.returncode == 0
    bars = [int(each) for each in re.findall(rb"(\d+)%", shown.partition(b"reading")[0])]
    assert len(bars) > 3 and bars[0] == 0 and bars == sorted(bars)  # one: two would take turns
    assert all(b"%|" in each or not each.strip() for each in shown.split(b"\r")), shown


@pytest.mark.slow
@pytest.mark.parametrize("options", [SERIES, TEXT], ids=["numbers", "text"])
def test_a_run_goes_on_with_any_number_of_processes(options: str, tmp_path: Path, prices: Path, words: Path) -> None:
    """Ended by Ctrl-C, which reaches all: with as many it ends bit for bit as without, with others to rounding."""
    status, _, error = train(tmp_path, 3, *options.split(), "--picture", "none", "--run", "whole")
    assert (status, error) == (0, ""), error
    first = begin(tmp_path, 3, *options.split(), "--picture", "none", "--run", "a")
    deadline = time.monotonic() + 120
    while lines_in(tmp_path / "a" / "log.jsonl") < 2:
        time.sleep(0.002)
        assert first.poll() is None and time.monotonic() < deadline
    os.kill(first.pid, signal.SIGINT)
    _, error = first.communicate(timeout=120)
    assert first.returncode == 130 and error.count("tinygrad-rnn: ") == 1, error
    assert "go on with train --resume a" in error
    for processes in (3, 2):
        copy = tmp_path / str(processes) / "whole"
        copy.mkdir(parents=True)
        for each in (tmp_path / "a").iterdir():
            (copy / each.name).write_bytes(each.read_bytes())
        status, out, error = train(copy.parent, processes, "--resume", "whole", "--picture", "none")
        assert (status, error) == (0, ""), error
        assert "goes on" in out or "is finished" in out
        if processes == 3:
            assert state_of(copy) == state_of(tmp_path / "whole") and log_of(copy) == log_of(tmp_path / "whole")
        else:
            assert_near(tmp_path / "whole", copy)


REFUSED = {
    "what every process sees": (["nowhere.csv"], 2, "nowhere.csv"),
    "what the first one sees": (["prices.csv", "--run", "full"], 2, "the folder is not empty"),
    "a sentence of the parser": (["prices.csv", "--epochs", "x"], 2, "--epochs"),
    "standard input": (["-", "--column", "close"], 2, "give a file that all can read"),
    "several seeds": (["prices.csv", "--seeds", "2"], 2, "leave out mpiexec"),
    "training that diverges": (["prices.csv", "--lr", "1e30", "--clip", "none"], 1, "training diverged"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_said_once(name: str, tmp_path: Path, prices: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    arguments, expected, sentence = REFUSED[name]
    status, _, error = train(tmp_path, 3, *arguments, "--picture", "none")
    assert status == expected and error.count("\n") == 1 and error.startswith("tinygrad-rnn: ") and sentence in error


@pytest.mark.slow
def test_figures_are_printed_once(tmp_path: Path, prices: Path) -> None:
    status, out, error = train(tmp_path, 2, "prices.csv", "--epochs", "1", "--json", "--picture", "none")
    assert (status, error) == (0, "") and json.loads(out)["steps"] == 2


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="finds the processes in /proc")
def test_one_process_is_killed(tmp_path: Path) -> None:
    for name in ("whole", "broken"):
        (tmp_path / name).mkdir()
    took = killing.check(tmp_path / "broken", undisturbed(tmp_path / "whole"), random.Random(os.getpid()))
    assert took < killing.LIMIT * 6  # ten seconds, and more on a machine that has much else to do
