"""Ctrl-C and kill -9 at random moments, from the start of the process to its end, and what is left then.

`python -m tests.cli.interrupting ctrl-c 100` and `python -m tests.cli.interrupting kill 100` do so many.
"""

import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.cli.process import environment
from tests.cli.test_resume import assert_same_end

PATIENCE = 600.0  # seconds for a command that takes two: the machine may have much else to do
PRICES = "date,close\n" + "".join(f"2024-{1 + i // 28:02d}-{1 + i % 28:02d},{100 + (i * 7) % 12}\n" for i in range(60))
TRAIN = ["train", "prices.csv", "--epochs", "30", "--batch", "8", "--every", "2", "--quiet", "--picture", "none"]
COMMANDS = {
    "training": [*TRAIN, "--run", "{run}"],
    "the flow": [*TRAIN, "--flow", "2", "--run", "{run}"],
    "a picture": ["train", "prices.csv", "--epochs", "2", "--quiet", "--run", "{run}"],
    "help": ["--help"],
    "demo": ["demo", "models", "--picture", "none"],
}

# Who starts the tests in the background has Ctrl-C ignored, and every program started from here would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def started(folder: Path, arguments: list[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "tinygrad_rnn", *arguments],
        cwd=folder,
        env=environment() | {"PYTHONFAULTHANDLER": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def ended(process: "subprocess.Popen[bytes]") -> tuple[str, int]:
    """What a process said and its exit status; one that does not end says where it hangs."""
    try:
        said = process.communicate(timeout=PATIENCE)[1]
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        said = process.communicate()[1]
    return said.decode(), process.returncode


def durations(folder: Path, commands: Mapping[str, list[str]]) -> dict[str, float]:
    """How long each takes when nothing ends it."""
    found = {}
    for name, line in commands.items():
        began = time.monotonic()
        process = started(folder, [each.format(run=f"whole {name}") for each in line])
        assert process.communicate()[1] == b"" and process.returncode == 0
        found[name] = time.monotonic() - began
    return found


def press_ctrl_c(folder: Path, most: int, seed: int) -> list[str]:
    """What went wrong in so many commands that were interrupted; everything ends in one line and status 0 or 130."""
    choose, wrong, ends = random.Random(seed), [], Counter[int]()
    (folder / "prices.csv").write_text(PRICES)
    lasts = durations(folder, COMMANDS)
    for number in range(most):
        name = choose.choice([*COMMANDS])
        process = started(folder, [each.format(run=f"run{number}") for each in COMMANDS[name]])
        delay = 0.05 + choose.random() * lasts[name]  # before that Python itself is starting
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        said, status = ended(process)
        ends[status] += 1
        if "runpy" in said and "tinygrad_rnn/lab/" not in said and said.rstrip().endswith("KeyboardInterrupt"):
            continue  # Python itself was still starting
        fine = said.count("\n") == 1 and said.startswith("tinygrad-rnn: interrupted")
        # A shell shows 130 for a process that the signal itself ended, too.
        if not (status in (130, -signal.SIGINT) and fine) and not (status == 0 and not said):
            wrong.append(f"{name} after {delay:.3f} s: status {status}, {said!r}")
    print(f"exit statuses: {dict(ends)}")
    return wrong


def survivors(folder: Path, most: int, seed: int) -> list[str]:
    """What went wrong in runs that were killed so often: two writers at once, or an end that is not the same bits.

    Training, with `--flow` or without, is killed at a random moment and resumed, often by two processes at once, of
    which one has to give way; when it is done its files are compared with those of a run that was left alone.
    """
    choose, wrong, kills = random.Random(seed), [], Counter[str]()
    (folder / "prices.csv").write_text(PRICES)
    whole = {name: COMMANDS[name] for name in ("training", "the flow")}
    lasts = durations(folder, whole)
    number = 0
    while kills.total() < most:
        number, name = number + 1, choose.choice([*whole])
        run, done = f"run{number}", False
        while not done:
            begun = (folder / run / "config.json").exists()
            resume = ["train", "--resume", run, "--quiet", "--picture", "none"]
            line = resume if begun else [each.format(run=run) for each in whole[name]]
            both = [started(folder, line) for _ in range(choose.choice([1, 1, 2]))]
            if kills.total() < most and choose.random() < 0.9:
                time.sleep(choose.random() * lasts[name])
                for each in both:
                    each.kill()
            ends = [ended(each) for each in both]
            kind = name if len(both) == 1 else f"{name}, two at once"
            for said, status in ends:
                kills[kind] += status == -signal.SIGKILL
                refused = status == 2 and said.count("\n") == 1 and ("is training in it" in said or "already" in said)
                if not refused and status not in (0, -signal.SIGKILL):
                    wrong.append(f"{run} ({name}): status {status}, {said!r}")
            done = any(status == 0 for _, status in ends) or len(wrong) > 20
            steps = [json.loads(each)["step"] for each in lines_of(folder / run / "log.jsonl")]
            if steps != sorted(set(steps)):
                wrong.append(f"{run} ({name}): the log has the steps {steps}")
        try:
            assert_same_end(folder / f"whole {name}", folder / run)
        except (AssertionError, OSError) as error:
            wrong.append(f"{run} ({name}): {str(error)[:300]}")
        shutil.rmtree(folder / run)
    print(f"{kills.total()} kills of {number} runs: {dict(kills)}")
    return wrong


def lines_of(log: Path) -> list[bytes]:
    """The whole lines."""
    return log.read_bytes().split(b"\n")[:-1] if log.exists() else []


if __name__ == "__main__":
    tries = {"ctrl-c": press_ctrl_c, "kill": survivors}
    with tempfile.TemporaryDirectory() as place:
        faults = tries[sys.argv[1]](Path(place), int(sys.argv[2]), int((sys.argv[3:] or ["0"])[0]))
    print(*faults, f"{len(faults)} of {sys.argv[2]} went wrong", sep="\n")
