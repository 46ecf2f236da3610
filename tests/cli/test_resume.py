"""A run that is killed, or interrupted, goes on as if nothing had happened: bit for bit."""

import json
import random
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.cli.process import PROGRAM, Command, Run, environment

SERIES = (
    "prices.csv --cell lstm --hidden 6 --layers 2 --bidirectional --dropout 0.2 --forget-bias 1 --epochs 30 --batch 4 "
    "--optimizer nadam --schedule onecycle --every 1 --flow 7"
)
TEXT = (
    "words.txt --cell gru --hidden 8 --dropout 0.1 --window 4 --batch 4 --epochs 5 --optimizer momentum --lr 0.05 "
    "--schedule plateau --patience 40 --every 3 --sample 5 --flow 2"
)


def flat(data: Any, path: str = "") -> dict[str, Any]:
    """Nested data as one dictionary, arrays as bytes: equal means equal to the last bit."""
    if isinstance(data, dict):
        return {key: value for name, each in data.items() for key, value in flat(each, f"{path}/{name}").items()}
    if isinstance(data, list | tuple):
        return flat(dict(enumerate(data)), path)
    if isinstance(data, tg.Tensor | np.ndarray):
        array = data.array if isinstance(data, tg.Tensor) else data
        return {path: (array.dtype.str, array.shape, array.tobytes())}
    return {path: repr(data)}


def state_of(run: Path) -> dict[str, Any]:
    """Everything in the checkpoint but the time it took."""
    state = flat(tg.load(run / "checkpoint.safetensors"))
    del state["/progress/seconds"]
    return state


def log_of(run: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key != "seconds"} for line in lines]


def figures_of(run: Path) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads((run / "figures.json").read_text())
    return {key: value for key, value in figures.items() if key not in ("seconds", "run", "picture")}


def assert_same_end(whole: Path, broken: Path) -> None:
    assert state_of(broken) == state_of(whole)
    assert log_of(broken) == log_of(whole)
    assert (broken / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    assert figures_of(broken) == figures_of(whole)
    if (whole / "flow.jsonl").exists():
        assert (broken / "flow.jsonl").read_bytes() == (whole / "flow.jsonl").read_bytes()
        pages = [(run / "flow.html").read_text().replace(f": {run.name}", "") for run in (whole, broken)]
        assert pages[0] == pages[1]
    assert sorted(each.name for each in broken.iterdir()) == sorted(each.name for each in whole.iterdir())


def begin(folder: Path, arguments: Sequence[str], own_session: bool = False) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [*PROGRAM, "train", *arguments, "--quiet", "--picture", "none"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=own_session,
    )


def lines_in(log: Path) -> int:
    return log.read_bytes().count(b"\n") if log.exists() else 0


def kill_and_resume(folder: Path, arguments: list[str], moments: list[int], delays: random.Random) -> int:
    """Runs until done, killed each time the log has so many lines, and up to 6 ms later; returns how often."""
    run, kills = folder / "broken", 0
    log = run / "log.jsonl"
    waiting = list(moments)
    while True:
        resuming = (run / "config.json").exists()
        process = begin(folder, ["--resume", "broken"] if resuming else [*arguments, "--run", "broken"])
        try:
            deadline = time.monotonic() + 60
            while process.poll() is None and not (waiting and lines_in(log) >= waiting[0]):
                time.sleep(0.001)
                assert time.monotonic() < deadline
            if process.poll() is not None:
                assert (process.returncode, process.stderr and process.stderr.read()) == (0, b"")
                return kills
            time.sleep(delays.random() * 0.006)
        finally:
            process.kill()
            process.wait()
            assert process.stderr is not None
            process.stderr.close()
        kills += 1
        waiting = [moment for moment in waiting if moment > lines_in(log)]
        if (run / "checkpoint.safetensors").exists():
            tg.load(run / "checkpoint.safetensors")  # raises if it is not whole


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "lines", "kills"), [(SERIES, 330, 9), (TEXT, 39, 6)], ids=["series", "text"])
def test_killed_at_any_moment(
    tmp_path: Path, prices: Path, words: Path, arguments: str, lines: int, kills: int
) -> None:
    process = begin(tmp_path, [*arguments.split(), "--run", "whole"])
    assert process.communicate(timeout=60)[1] == b""
    whole = tmp_path / "whole"
    assert len(log_of(whole)) == lines
    choose = random.Random(kills)
    moments = sorted([0, lines - 1, *choose.sample(range(1, lines - 1), kills)])
    assert kill_and_resume(tmp_path, arguments.split(), moments, choose) >= kills
    assert_same_end(whole, tmp_path / "broken")


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [SERIES, TEXT], ids=["series", "text"])
def test_watching_the_flow_changes_nothing(tmp_path: Path, prices: Path, words: Path, arguments: str) -> None:
    plain = re.sub(" --flow [0-9]+", "", arguments)
    for run, given in (("watched", arguments), ("alone", plain)):
        assert begin(tmp_path, [*given.split(), "--run", run]).communicate(timeout=60)[1] == b""
    watched, alone = tmp_path / "watched", tmp_path / "alone"
    assert state_of(watched) == state_of(alone) and log_of(watched) == log_of(alone)
    assert (watched / "model.safetensors").read_bytes() == (alone / "model.safetensors").read_bytes()
    assert {each.name for each in watched.iterdir()} - {each.name for each in alone.iterdir()} == {
        "flow.jsonl",
        "flow.html",
    }


@pytest.mark.slow
def test_ctrl_c_and_resume(tmp_path: Path, words: Path) -> None:
    process = begin(tmp_path, [*TEXT.split(), "--run", "whole"])
    process.communicate(timeout=60)
    process = begin(tmp_path, [*TEXT.split(), "--run", "broken"])
    log = tmp_path / "broken" / "log.jsonl"
    deadline = time.monotonic() + 60
    while lines_in(log) < 20:
        time.sleep(0.001)
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130
    assert said == (
        "tinygrad-rnn: interrupted: the figures and the picture are those so far; go on with train --resume broken\n"
    )
    assert figures_of(tmp_path / "broken")["interrupted"] is True
    process = begin(tmp_path, ["--resume", "broken"])
    assert process.communicate(timeout=60)[1] == b"" and process.returncode == 0
    assert_same_end(tmp_path / "whole", tmp_path / "broken")


def test_a_finished_run_that_is_resumed_and_killed_has_all_it_had(
    command: Command, prices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("train", "prices.csv", "--epochs", "2", "--picture", "none", "--run", "a")[0] == 0
    had = {each.name: each.read_bytes() for each in (prices.parent / "a").iterdir()}

    def killed(*_: Any) -> None:
        raise SystemExit(9)

    monkeypatch.setattr("tinygrad_rnn.lab.cli.train._run", killed)
    assert command("train", "--resume", "a", "--picture", "none")[0] == 9
    assert had == {each.name: each.read_bytes() for each in (prices.parent / "a").iterdir()}
    assert {"figures.json", "model.safetensors"} < had.keys()


@pytest.mark.slow
@pytest.mark.parametrize("line", ['{"step": 0}', '{"step": 0, "loss": [], "flows": []}', '{"step": 0, "flows": 1}'])
def test_a_damaged_record_of_the_flow_is_refused_and_can_be_removed(here: Run, prices: Path, line: str) -> None:
    assert (
        here(
            "train", *["prices.csv", "--quiet", "--picture", "none", "--epochs", "2", "--flow", "2", "--run", "a"]
        ).returncode
        == 0
    )
    record = prices.parent / "a" / "flow.jsonl"
    record.write_text(line + "\n")
    done = here("train", "--resume", "a", "--epochs", "3", "--picture", "none")
    assert done.returncode == 2 and done.stderr.startswith("tinygrad-rnn: a: flow.jsonl is damaged (")
    assert done.stderr.endswith("); remove it to go on\n") and done.stderr.count("\n") == 1
    record.unlink()
    assert here("train", "--resume", "a", "--epochs", "3", "--picture", "none").returncode == 0


@pytest.mark.slow
def test_more_epochs(run: Run, prices: Path) -> None:
    options = "prices.csv --dropout 0.3 --quiet --picture none --flow 2"
    assert run("train", *options.split(), "--epochs", "6", "--run", "six").returncode == 0
    assert run("train", *options.split(), "--epochs", "2", "--run", "two").returncode == 0
    done = run("train", "--resume", "two", "--epochs", "6", "--picture", "none")
    assert (done.returncode, done.stderr) == (0, "")
    assert "two goes on: 4 of 12 steps are done" in done.stdout
    assert_same_end(prices.parent / "six", prices.parent / "two")


def test_a_finished_run_is_only_judged_again(here: Run, prices: Path) -> None:
    first = here("train", "prices.csv", "--epochs", "2", "--run", "a").stdout
    before = state_of(prices.parent / "a")
    again = here("train", "--resume", "a").stdout
    assert again.startswith("a is finished: 4 of 4 steps are done\n")
    assert re.sub(r"\d+\.\d s;", "", again.partition("\n")[2]) == re.sub(r"\d+\.\d s;", "", first)
    assert state_of(prices.parent / "a") == before
