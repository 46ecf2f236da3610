"""`train --seeds N`: each run is what it is alone; all of them end, and go on, together."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.process import Command, eventually
from tests.cli.test_resume import begin

NUMBERS = ["train", "prices.csv", "--column", "close", "--epochs", "3"]
TEXT = ["train", "words.txt", "--level", "word", "--epochs", "1", "--hidden", "6", "--schedule", "cosine"]
LONG = ["prices.csv", "--epochs", "400", "--every", "10", "--seeds", "2", "--run", "both"]
posix = pytest.mark.skipif(os.name != "posix", reason="signals are of POSIX")


def figures(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "figures.json").read_text())
    return found


@pytest.mark.slow
@pytest.mark.parametrize("line", [NUMBERS, TEXT], ids=["numbers", "text"])
def test_each_is_the_run_it_is_alone(line: list[str], command: Command, prices: Path, words: Path) -> None:
    status, said, error = command(*line, "--seeds", "3", "--seed", "4", "--run", "three", "--json")
    assert (status, error) == (0, "")
    together = json.loads(said)
    scores = []
    for seed in ("4", "5", "6"):
        alone = json.loads(command(*line, "--seed", seed, "--json", "--picture", "none")[1])
        ours = together["seeds"][seed]
        assert {key: ours[key] for key in ("held_out", "loss_by_epoch", "network", "steps")} == {
            key: alone[key] for key in ("held_out", "loss_by_epoch", "network", "steps")
        }
        scores.append(alone["held_out"]["RNN"])
    assert together["seeds"].keys() == {"4", "5", "6"} and scores[0] != scores[1]
    for key, mean in together["mean"].items():
        values = [score[key] for score in scores]
        np.testing.assert_allclose([mean, together["deviation"][key]], [np.mean(values), np.std(values, ddof=1)])
    assert command("evaluate", "three/seed-5", line[1])[0] == 0
    table = Path("three/figures.txt").read_text()
    assert "RNN, seed 6" in table and "standard deviation" in table
    assert json.loads(command("train", "--resume", "three", "--json")[1]) == together | {"run": "three"}


@pytest.mark.slow
def test_nothing_is_kept_where_no_folder_is_named(command: Command, prices: Path) -> None:
    status, said, _ = command(*NUMBERS, "--seeds", "2")
    assert status == 0 and "RNN, seed 1" in said and "tomorrow = today" in said
    assert [each.name for each in Path.cwd().iterdir()] == ["prices.csv"]


@pytest.mark.slow
def test_one_that_diverges_is_told(command: Command, prices: Path) -> None:
    status, said, error = command(*NUMBERS, "--seeds", "2", "--lr", "1e30", "--optimizer", "sgd", "--clip", "none")
    assert (status, error) == (1, "") and "no training came to its end\nseed 0: training diverged: the loss is" in said


FIXED = "was fixed when the runs began; leave it out"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "train prices.csv --seeds 1",
            "argument --seeds: '1' is no whole number from 2 to 1000; see tinygrad-rnn train",
        ),
        ("train - --seeds 2", "--seeds reads the file once for each seed, which standard input does not allow; give a"),
        (
            "train prices.csv --seeds 2 --picture a.svg",
            "--picture draws one network, and --seeds trains several; leave",
        ),
        (
            "train prices.csv --seeds 2 --column high",
            "prices.csv has no column 'high'; its columns are date, open, clo",
        ),
        ("train prices.csv --seeds 2 --run .", "--run .: the folder is not empty; give another name"),
        (
            "train prices.csv --seeds 2 --flow 3",
            "--flow keeps its record in the folder of a run; give it one with --ru",
        ),
        ("train --resume two --seeds 3", f"--seeds {FIXED}"),
        ("train --resume two --epochs 3", f"--epochs {FIXED}"),
        ("train prices.csv --seeds 2 --run two", "--run two: the folder is not empty; give another name"),
        ("predict two prices.csv", "two holds no run (no config.json); give a folder that train --run made"),
    ],
)
def test_refusals(line: str, said: str, command: Command, prices: Path) -> None:
    Path("two").mkdir()
    Path("two/seeds.json").write_text("{}")
    status, out, error = command(*line.split())
    assert (status, out) == (2, "") and error.startswith(f"tinygrad-rnn: {said}") and error.count("\n") == 1, error


@pytest.mark.slow
def test_a_damaged_plan_and_another_file_are_refused(command: Command, prices: Path) -> None:
    assert command(*NUMBERS, "--seeds", "2", "--run", "two", "--quiet")[0] == 0
    prices.write_text(prices.read_text() + "2024-03-05,1.0,2.0\n")
    assert command("train", "--resume", "two")[::2] == (
        2,
        f"tinygrad-rnn: {prices} is no longer the file that the runs began with; start anew\n",
    )
    Path("two/seeds.json").write_text("{}")
    assert command("train", "--resume", "two")[2].startswith("tinygrad-rnn: two: seeds.json is damaged (")


def begun(folder: Path) -> None:
    """Waits until both runs have a checkpoint."""
    checkpoints = [folder / f"seed-{k}" / "checkpoint.safetensors" for k in range(2)]
    assert eventually(lambda: all(each.exists() for each in checkpoints), 120)


def alone(process: "subprocess.Popen[bytes]") -> bool:
    """Whether no process of its session is left, within a minute."""

    def ended() -> bool:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    return eventually(ended)


@posix
@pytest.mark.slow
@pytest.mark.parametrize(
    ("told", "whom"),
    [(signal.SIGINT, "group"), (signal.SIGINT, "first"), (signal.SIGKILL, "first"), (signal.SIGKILL, "a run")],
    ids=["Ctrl-C", "interrupted", "killed", "a run killed"],
)
def test_what_is_ended_goes_on_to_the_same_end(
    told: signal.Signals, whom: str, tmp_path: Path, prices: Path, command: Command
) -> None:
    process = begin(tmp_path, LONG, own_session=True)
    begun(tmp_path / "both")
    if whom == "a run":
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        if not children.exists():
            process.kill()
            pytest.skip("nothing says which processes are its children")
        runs = [
            int(pid)
            for pid in children.read_text().split()
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        os.kill(runs[0], told)
    else:
        (os.killpg if whom == "group" else os.kill)(process.pid, told)
    error = process.communicate(timeout=120)[1].decode()
    assert alone(process)
    if told == signal.SIGINT:
        assert process.returncode == 130
        # On a busy machine the first may be done before the second has begun.
        left = sum(figures(tmp_path / "both" / f"seed-{seed}")["interrupted"] for seed in range(2))
        told_of = f"tinygrad-rnn: interrupted: {left} of 2 seeds are not done; go on with train --resume both\n"
        assert error == told_of and left
    elif whom == "a run":
        assert (
            process.returncode == 2
            and "its process was ended by SIGKILL" in (tmp_path / "both/figures.txt").read_text()
        )
    assert command("train", "--resume", "both", "--quiet")[0] == 0
    for seed in range(2):
        line = ["train", *LONG[:5], "--seed", str(seed), "--picture", "none", "--quiet", "--json"]
        left_alone = json.loads(command(*line)[1])
        assert figures(tmp_path / "both" / f"seed-{seed}")["held_out"] == left_alone["held_out"]
