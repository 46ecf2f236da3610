"""Runs that version 0.1.0 began and Ctrl-C ended half-way: they go on to the end, and are of use before and after."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import Command
from tests.cli.test_resume import assert_same_end, figures_of, log_of

KEPT = Path(__file__).with_name("runs_of_0_1_0")
FILES = {"series": "prices.csv", "text": "words.txt"}
OPTIONS = {
    "series": "--cell lstm --hidden 3 --dropout 0.2 --forget-bias 1 --window 4 --batch 8 --optimizer nadam "
    "--schedule cosine --clip none --epochs 10 --every 2 --flow 4",
    "text": "--cell gru --hidden 4 --window 5 --batch 4 --optimizer momentum --lr 0.05 --schedule plateau "
    "--patience 30 --epochs 6 --every 5 --sample 5",
}
Runs = pytest.mark.parametrize("kind", FILES)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """The folder that commands run in, with both runs and the files they were begun on."""
    shutil.copytree(KEPT, tmp_path, dirs_exist_ok=True)
    return tmp_path


def config_of(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "config.json").read_text(encoding="utf-8"))
    return found


def without(run: Path, **names: tuple[str, ...]) -> None:
    """Takes some entries out of the configuration, as if they had been unknown when the run was made."""
    config = config_of(run)
    config.pop("checksum", None)  # runs of version 0.1.0 have none
    for part, entries in names.items():
        for name in entries:
            del config[part][name]
    (run / "config.json").write_text(json.dumps(config), encoding="utf-8")


@Runs
def test_it_goes_on_as_if_it_had_never_been_interrupted(desk: Path, command: Command, kind: str) -> None:
    assert config_of(desk / kind)["program"] == "tinygrad-rnn 0.1.0" and figures_of(desk / kind)["interrupted"]
    begun = log_of(desk / kind)
    options = [*OPTIONS[kind].split(), "--quiet", "--picture", "none"]
    assert command("train", FILES[kind], *options, "--run", "whole")[0] == 0
    status, said, error = command("train", FILES[kind], "--resume", kind, "--quiet", "--picture", "none")
    assert (status, error) == (0, "") and f"{kind} goes on: " in said
    whole = log_of(desk / "whole")
    if whole[: len(begun)] == begun:  # so this machine rounds as that one did
        assert_same_end(desk / "whole", desk / kind)
    else:
        losses = [[line["loss"] for line in each] for each in (log_of(desk / kind), whole)]
        assert losses[0] == pytest.approx(losses[1], rel=1e-3)


@Runs
@pytest.mark.parametrize("finished", [False, True], ids=["half-way", "finished"])
def test_it_is_of_use(desk: Path, command: Command, kind: str, finished: bool) -> None:
    def result(*arguments: str) -> Any:
        status, out, error = command(*arguments, "--json")
        assert (status, error) == (0, "")
        return json.loads(out)

    file = FILES[kind]
    if finished:
        assert result("train", file, "--resume", kind, "--picture", "none")["interrupted"] is False
    judged = result("evaluate", kind, file)
    assert judged["trained_on_it"] is True and len(judged["scores"]) == {"series": 3, "text": 2}[kind]
    assert len(result("draw", kind, "--picture", "one.svg")["through_time"]) == {"series": 4, "text": 6}[kind]
    assert (desk / "one.svg").exists()
    if kind == "series":
        assert 50 < result("predict", kind, file)["prediction"] < 200
    else:
        assert len(result("predict", kind, "--prompt", "the cat")["expected"]) == 10
        assert result("sample", kind, "--prompt", "the cat", "--count", "3")["text"].startswith("the cat")


def test_what_an_older_version_did_not_know_has_its_default(desk: Path, command: Command) -> None:
    shutil.copytree(desk / "text", desk / "older")
    without(desk / "older", options=("layers", "dropout", "flow", "temperature"), network=("layers", "dropout"))
    for name in ("text", "older"):
        assert command("train", "words.txt", "--resume", name, "--quiet", "--picture", "none")[0] == 0
    assert log_of(desk / "text") == log_of(desk / "older")
    one, other = (desk / name / "model.safetensors" for name in ("text", "older"))
    assert one.read_bytes() == other.read_bytes()
    assert config_of(desk / "older")["options"].keys() == config_of(desk / "text")["options"].keys()


def test_what_a_newer_version_knew_is_refused(desk: Path, command: Command) -> None:
    config = config_of(desk / "text")
    config["options"]["colour"] = "blue"
    (desk / "text" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    damage = "tinygrad-rnn: text: config.json is damaged (KeyError: 'colour'); start a new run\n"
    assert command("train", "words.txt", "--resume", "text") == (2, "", damage)
