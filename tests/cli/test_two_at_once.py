"""Two commands that want the same: only one trains in a folder, and no picture takes the place of another file."""

import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.process import PROGRAM, Command, environment
from tests.cli.test_resume import begin, log_of

LONG = ["prices.csv", "--epochs", "1000000", "--every", "1", "--run", "a"]
BUSY = "tinygrad-rnn: a: another process is training in it; wait until it is done, or stop it\n"


def wait_for(file: Path) -> None:
    deadline = time.monotonic() + 60
    while not file.exists() or file.stat().st_size < 100:
        time.sleep(0.01)
        assert time.monotonic() < deadline


@pytest.mark.slow
def test_one_trains_in_a_folder_and_a_kill_frees_it(tmp_path: Path, prices: Path, command: Command) -> None:
    first = begin(tmp_path, LONG)
    try:
        wait_for(tmp_path / "a" / "log.jsonl")
        wait_for(tmp_path / "a" / "checkpoint.safetensors")
        assert command("train", "--resume", "a", "--picture", "none") == (2, "", BUSY)
        assert command("evaluate", "a", "prices.csv")[0] == 0  # who only reads need not wait
    finally:
        first.kill()
        first.communicate()
    second = begin(tmp_path, ["--resume", "a"])
    try:
        lines = len(log_of(tmp_path / "a"))
        deadline = time.monotonic() + 60
        while len((tmp_path / "a" / "log.jsonl").read_bytes().splitlines()) < lines + 5:
            time.sleep(0.01)
            assert second.poll() is None and time.monotonic() < deadline
    finally:
        second.kill()
        second.communicate()
    assert [line["step"] for line in log_of(tmp_path / "a")] == [*range(1, 1 + len(log_of(tmp_path / "a")))]


@pytest.mark.slow
def test_of_two_that_begin_the_same_run_one_does(tmp_path: Path, prices: Path) -> None:
    both = [begin(tmp_path, [*LONG[:1], "--epochs", "20", *LONG[3:]]) for _ in range(2)]
    said = sorted((each.communicate(timeout=120)[1].decode(), each.returncode) for each in both)
    assert said[0] == ("", 0) and said[1][1] == 2
    assert said[1][0] in (
        BUSY,
        "tinygrad-rnn: --run a: there is a run already; go on with --resume a, or give another name\n",
    )


DRAWING = {
    "train": (["train", "prices.csv", "--epochs", "1"], "bptt"),
    "demo": (["demo", "loop"], "loop"),
    "draw": (["draw", "a"], "bptt"),
    "draw --beside": (["draw", "a", "--beside", "b"], "beside"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWING)
def test_a_picture_nobody_asked_for_takes_a_free_name(
    tmp_path: Path, prices: Path, command: Command, name: str
) -> None:
    for run in "ab":
        command("train", "prices.csv", "--epochs", "1", "--picture", "none", "--run", run)
    arguments, stem = DRAWING[name]
    ending = ".html" if "--beside" in name else ".svg"
    own = tmp_path / f"{stem}{ending}"
    own.write_text("mine")
    (tmp_path / f"{stem}-2{ending}").mkdir()
    for number in (3, 4):
        status, out, error = command(*arguments)
        assert (status, error) == (0, "") and f"Picture: {stem}-{number}{ending}, " in out
        assert (tmp_path / f"{stem}-{number}{ending}").stat().st_size > 1000
    assert own.read_text() == "mine"
    assert command(*arguments, "--picture", own.name)[0] == 0 and own.stat().st_size > 1000


@pytest.mark.slow
def test_pictures_drawn_at_once(tmp_path: Path) -> None:
    drawing = [
        subprocess.Popen([*PROGRAM, "demo", "loop"], cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL)
        for _ in range(3)
    ]
    assert [each.wait(timeout=120) for each in drawing] == [0, 0, 0]
    assert {each.name for each in tmp_path.iterdir()} == {"loop.svg", "loop-2.svg", "loop-3.svg"}


def test_a_picture_that_fails_leaves_model_and_figures(
    tmp_path: Path, prices: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tinygrad_rnn.viz.picture.Picture.save", refuse)
    status, _, error = command("train", "prices.csv", "--epochs", "2", "--run", "a")
    assert status == 2 and error.count("\n") == 1 and "No space left" in error
    kept = {each.name for each in (tmp_path / "a").iterdir()}
    assert {"model.safetensors", "figures.json", "figures.txt", "loss.svg"} <= kept and "bptt.svg" not in kept
