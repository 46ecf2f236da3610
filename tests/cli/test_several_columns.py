"""Columns read beside the one that is predicted, several steps ahead, and how a file is read, through the commands."""

import json
from pathlib import Path

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.cli.process import Command, Run

DAYS = 300
QUIET = ("--quiet", "--picture", "none")


@pytest.fixture
def led(tmp_path: Path) -> Path:
    """A series that follows another one a day later, which alone nobody could tell."""
    before = np.cumsum(np.random.default_rng(5).normal(size=DAYS + 1))
    rows = [f"{day},{before[day + 1]:.4f},{before[day]:.4f}" for day in range(DAYS)]
    path = tmp_path / "led.csv"
    path.write_text("\n".join(["t,leader,follower", *rows]) + "\n")
    return path


@pytest.mark.slow
def test_another_column_tells_what_is_to_come(command: Command, led: Path) -> None:
    scores = []
    for inputs in ((), ("--inputs", "leader")):
        status, out, _ = command("train", "led.csv", "--target", "follower", *inputs, "--json", "--quiet", "--run",
                                 f"run{len(inputs)}")  # fmt: skip
        assert status == 0
        figures = json.loads(out)
        assert figures["column"] == "follower" and figures.get("inputs", []) == list(inputs[1:])
        scores.append(figures["held_out"]["RNN"]["rmse"] / figures["held_out"]["tomorrow = today"]["rmse"])
    alone, beside = scores
    assert alone > 0.9 and beside < 0.35
    # What was trained is what evaluate, predict, draw, export and --resume use.
    status, out, _ = command("evaluate", "run2", "led.csv", "--json")
    assert status == 0 and json.loads(out)["scores"]["RNN"]["rmse"] < 0.5
    status, out, _ = command("predict", "run2", "--json")
    leader = float(led.read_text().split()[-1].split(",")[1])
    assert abs(json.loads(out)["prediction"] - leader) < 0.6
    assert command("draw", "run2", "--picture", "none")[0] == 0
    status, out, _ = command("train", "--resume", "run2", "--epochs", "31", "--quiet", "--json")
    assert status == 0 and json.loads(out)["steps"] > 30 * 7


def test_the_exported_model_reads_all_columns(command: Command, led: Path, tmp_path: Path) -> None:
    runtime = pytest.importorskip("onnxruntime")
    assert command("train", "led.csv", "--target", "follower", "--inputs", "leader", "--run", "run", *QUIET)[0] == 0
    assert command("export", "run", "led.onnx")[0] == 0
    told = json.loads(command("predict", "run", "--json")[1])["prediction"]
    last = [[float(cell) for cell in row.split(",")[:0:-1]] for row in led.read_text().split()[-5:]]
    (found,) = runtime.InferenceSession(tmp_path / "led.onnx").run(None, {"values": np.array([last], dtype=np.float32)})
    assert found[0] == pytest.approx(told, abs=1e-4)


def test_each_step_ahead_is_told_from_those_before_it(command: Command, prices: Path) -> None:
    assert command("train", "prices.csv", "--epochs", "2", "--run", "run", *QUIET)[0] == 0
    told = json.loads(command("predict", "run", "--steps", "3", "--json")[1])["predictions"]
    for step in range(3):
        out = command("predict", "run", "prices.csv", "--json")[1]
        assert json.loads(out)["prediction"] == pytest.approx(told[step], rel=1e-12)
        with prices.open("a") as file:
            file.write(f"2024-04-{step + 1:02},1,{told[step]!r}\n")
    lines = command("predict", "run", "--steps", "2")[1].splitlines()
    assert len([line for line in lines if line.startswith("  ")]) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("train led.csv --column leader --target follower", "--column and --target both say what is predicted"),
        ("train led.csv --target follower --inputs leader,follower", "a column is to be read twice"),
        (
            "train led.csv --target follower --inputs leder",
            "no column 'leder'; its columns are t, leader, follower; did",
        ),
        ("train led.csv --inputs leader --level word", "--inputs is for numbers and --level for text"),
        (
            "train led.csv --target follower --inputs t --where leader=9",
            "has a header (t, leader, follower) and no rows",
        ),
        ("predict run --steps 2", "--steps: run also reads leader, whose next values nobody knows yet"),
        ("predict run --steps 0", "argument --steps: '0' is no whole number from 1 to 10000"),
        ("predict run --prompt a", "--prompt does not go with run, a run on numbers"),
        ("predict text --sort", "--sort does not go with text, a run on text; leave it out"),
        ("train --resume typed", "typed began with standard input; give it again: train - --resume typed"),
    ],
)
def test_what_does_not_go(command: Command, led: Path, words: Path, arguments: str, said: str) -> None:
    if "run" in arguments:
        columns = ("--target", "follower", "--inputs", "leader")
        assert command("train", "led.csv", *columns, "--epochs", "1", "--run", "run", *QUIET)[0] == 0
    if "text" in arguments:
        assert command("train", "words.txt", "--epochs", "1", "--run", "text", *QUIET)[0] == 0
    if "typed" in arguments:
        (led.parent / "typed").mkdir()
        plain = {"version": 2, "kind": "series", "file": "-", "sha256": "", "epochs": 1, "options": {}, "network": {}}
        (led.parent / "typed" / "config.json").write_text(json.dumps(plain | {"task": {}}))
    status, _, err = command(*arguments.split())
    assert status == 2 and said in err and err.count("\n") == 1


def test_a_run_remembers_how_its_file_is_read(command: Command, tmp_path: Path) -> None:
    rows = [f"{1 + day % 28:02}.{1 + day // 28:02}.26;{day % 7},{day % 3}5" for day in range(56)]
    (tmp_path / "a.csv").write_bytes("\n".join(["Tag;Länge", *rows, "Summe;99,0"]).encode("cp1252"))
    options = ["--encoding", "cp1252", "--decimal", ",", "--date-format", "%d.%m.%y", "--skip-footer", "1"]
    status, out, err = command("train", "a.csv", *options, "--epochs", "1", "--run", "run", *QUIET)
    assert status == 0, err
    assert "column Länge, 56 values, 01.01.26 to 28.02.26" in out
    assert "note: numbers are read with --decimal ',' --thousands none, as in 0,05" in out
    assert command("train", "--resume", "run", "--epochs", "2", *QUIET)[0] == 0
    # Another file may have another footer, or none: its last line is not left out because that of the run's was.
    (tmp_path / "b.csv").write_bytes("\n".join(["Tag;Länge", *rows]).encode("cp1252"))
    assert json.loads(command("predict", "run", "b.csv", "--json")[1])["after"] == "28.02.26"
    for using in ("predict", "evaluate"):
        assert "note: numbers are read with --decimal ','" in command(using, "run", "b.csv")[1]
    assert "--skip-footer 1" in command("predict", "run", "a.csv")[2]


def test_from_standard_input(here: Run, prices: Path) -> None:
    import subprocess

    from tests.cli.process import PROGRAM, environment

    arguments = [*PROGRAM, "train", "-", "--column", "close", "--epochs", "1", "--json", "--run", "run", *QUIET]
    done = subprocess.run(
        arguments, input=prices.read_bytes(), cwd=prices.parent, env=environment(), capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["file"] == "-"
    direct = here("train", "prices.csv", "--column", "close", "--epochs", "1", "--json", *QUIET)
    assert json.loads(direct.stdout)["held_out"] == json.loads(done.stdout)["held_out"]
    model = tg.load(prices.parent / "run" / "model.safetensors")
    assert len(model)
