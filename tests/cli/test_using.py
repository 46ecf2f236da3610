"""A run's folder, and what can be done with it: sample, predict, evaluate, draw, export."""

import json
import shutil
import sys
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.cli.process import Command
from tests.viz.page.reading import Page
from tinygrad_rnn.lab.cli import main
from tinygrad_rnn.lab.cli.command import COMMANDS
from tinygrad_rnn.lab.cli.console import Console
from tinygrad_rnn.lab.cli.recipe import OPTIMIZERS, SCHEDULES
from tinygrad_rnn.lab.cli.run_folder import RunFolder
from tinygrad_rnn.lab.cli.series import Example, NextValue
from tinygrad_rnn.lab.cli.text import NextToken
from tinygrad_rnn.lab.data import read_series, score, tomorrow_is_today, walk_forward
from tinygrad_rnn.lab.training.network import Network

FILES = {
    ".lock",
    "config.json",
    "log.jsonl",
    "checkpoint.safetensors",
    "model.safetensors",
    "figures.json",
    "figures.txt",
    "loss.svg",
    "gradient_flow.svg",
    "bptt.svg",
}


@pytest.fixture
def result(command: Command) -> Callable[..., Any]:
    """The JSON that a command gives."""

    def result(*arguments: str) -> Any:
        status, out, err = command(*arguments, "--json")
        assert (status, err, out.count("\n")) == (0, "", 1)
        return json.loads(out)

    return result


SERIES = "train prices.csv --cell lstm --layers 2 --bidirectional --forget-bias 1 --hidden 4 --epochs 3 --run a"
TEXT = "train words.txt --cell gru --hidden 12 --epochs 3 --run b --sample 4"


def test_a_finished_run(command: Command, prices: Path, tmp_path: Path) -> None:
    status, out, err = command(*SERIES.split())
    assert (status, err) == (0, "")
    assert {each.name for each in (tmp_path / "a").iterdir()} == FILES
    assert {each.name for each in tmp_path.iterdir()} == {"prices.csv", "a"}
    assert out.endswith("Run: a, with its log, checkpoint, figures and curves\n")
    assert (tmp_path / "a" / "figures.txt").read_text() in out
    figures = json.loads((tmp_path / "a" / "figures.json").read_text())
    series = read_series(prices, "close").values
    today = score(walk_forward(series, 48, tomorrow_is_today), series[48:])
    assert figures["held_out"]["tomorrow = today"]["rmse"] == today.rmse
    assert sum(step["share"] for step in figures["through_time"]) == pytest.approx(1)
    assert figures["network"]["bidirectional"] is True and len(figures["loss_by_epoch"]) == 3
    for name in ("loss.svg", "gradient_flow.svg", "bptt.svg"):
        assert ElementTree.parse(tmp_path / "a" / name).getroot().tag.endswith("svg")
    log = [json.loads(line) for line in (tmp_path / "a" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in log] == [2, 4, 6]
    model = tg.load(tmp_path / "a" / "model.safetensors")
    assert model["rnn.weight_hh_l1_reverse"].shape == (16, 4) and model["head.weight"].shape == (1, 8)


def test_json_is_all_there_is(result: Callable[..., Any], prices: Path, words: Path, tmp_path: Path) -> None:
    figures = result("train", "prices.csv", "--epochs", "1", "--picture", "none")
    assert figures["kind"] == "series" and figures["steps"] == 2 and "run" not in figures
    figures = result("train", "words.txt", "--epochs", "1", "--picture", "p.svg", "--sample", "3")
    assert figures["kind"] == "text" and figures["picture"] == "p.svg" and figures["sample"]
    assert set(figures["held_out"]["RNN"]) == {"cross_entropy", "perplexity"}
    assert {each.name for each in tmp_path.iterdir()} == {"prices.csv", "words.txt", "p.svg"}
    assert [row["name"] for row in result("ops", "tanh", "mul")["operations"]] == ["tanh", "mul"]


@pytest.mark.slow
def test_a_series_run_is_of_use(command: Command, result: Callable[..., Any], prices: Path, tmp_path: Path) -> None:
    assert command(*SERIES.split())[0] == 0
    folder = RunFolder(tmp_path / "a")
    task = folder.task(folder.config())
    assert isinstance(task, NextValue)
    values = read_series(prices, "close").values

    told = result("predict", "a")
    assert told["prediction"] == task.forecasts(values)[0] and told["after"] == "2024-03-04"
    (tmp_path / "new.csv").write_text("close\n" + "\n".join(str(value) for value in values[:20]))
    assert result("predict", "a", "new.csv")["prediction"] == task.forecasts(values[:20])[0]
    assert "close after 20 by the bidirectional LSTM of 2 layers of a" in command("predict", "a", "new.csv")[1]

    judged = result("evaluate", "a", "new.csv")
    assert judged["scores"]["tomorrow = today"]["count"] == 15 and judged["trained_on_it"] is False
    assert "This is the file the network learnt from" in command("evaluate", "a", "prices.csv")[1]

    drawn = result("draw", "a", "--picture", "d.svg")
    assert (tmp_path / "d.svg").exists() and len(drawn["through_time"]) == 5
    assert command("draw", "a", "--picture", "none")[1].startswith("Back through time")

    assert command("sample", "a")[2] == ("tinygrad-rnn: a is a run on numbers, and sample is for text; use predict\n")
    assert command("predict", "a", "--top", "3")[2].startswith("tinygrad-rnn: --top does not go with a, a run on")
    (tmp_path / "short.csv").write_text("close\n1\n2\n")
    assert command("evaluate", "a", "short.csv")[2] == (
        "tinygrad-rnn: short.csv has 2 values, too few for a window of 5 and the value after it; give at least 6\n"
    )
    assert command("predict", "a", "short.csv")[0] == 2


@pytest.mark.slow
def test_two_runs_on_one_page(command: Command, result: Callable[..., Any], prices: Path, tmp_path: Path) -> None:
    for cell in ("rnn", "lstm"):
        assert command(*f"train prices.csv --cell {cell} --hidden 4 --epochs 2 --run {cell}".split())[0] == 0
    drawn = result("draw", "rnn", "--beside", "lstm")
    assert drawn["picture"] == "beside.html" and list(drawn["through_time"]) == ["rnn", "lstm"]
    runs = Page((tmp_path / "beside.html").read_text()).runs
    assert [run["name"] for run in runs] == ["rnn", "lstm"]
    for run in runs:
        (states,) = [series["ids"] for series in run["series"] if series["name"] == "h"]
        sizes = [run["nodes"][id]["gradient"]["size"] for id in states]
        assert sizes == pytest.approx([step["state"] for step in drawn["through_time"][run["name"]]], rel=1e-5)
    status, out, _ = command("draw", "rnn", "--beside", "lstm", "--picture", "both.html")
    assert status == 0 and out.count("Back through time") == 2
    assert out.endswith("Picture: both.html, both on one page and one scale\n")


def test_a_text_run_is_of_use(command: Command, result: Callable[..., Any], words: Path, tmp_path: Path) -> None:
    assert command(*TEXT.split())[0] == 0
    folder = RunFolder(tmp_path / "b")
    task = folder.task(folder.config())
    assert isinstance(task, NextToken)

    def text(*options: str) -> str:
        return str(result("sample", "b", "--prompt", "the dog", "--count", "12", *options)["text"])

    assert text().startswith("the dog") and len(text().replace(".", " .").replace(",", " ,").split()) == 14
    assert text("--seed", "1") == text("--seed", "1") != text("--seed", "2")
    assert text("--temperature", "0", "--seed", "1") == text("--temperature", "0", "--seed", "2")
    assert "Sampled: 5 words after" in command("sample", "b", "--count", "5")[1]
    assert "'zebra' is not among" in command("sample", "b", "--prompt", "zebra")[2]

    expected = result("predict", "b", "--prompt", "the cat sat on the", "--top", "13")["expected"]
    p = task.expected(task.vocabulary.encode("the cat sat on the"))
    assert [each["p"] for each in expected] == sorted(p.tolist(), reverse=True)[:13]
    assert expected[0]["token"] in ("mat", "log", "cat", "dog")
    (tmp_path / "begin.txt").write_text("The cat sat on the")
    assert result("predict", "b", "begin.txt")["expected"] == expected[:10]
    assert command("predict", "b", "begin.txt", "--prompt", "the")[2].startswith("tinygrad-rnn: a file and --prompt")

    (tmp_path / "new.txt").write_text("the dog sat on a zebra .")
    judged = result("evaluate", "b", "new.txt")
    assert (judged["tokens"], judged["unknown"]) == (7, pytest.approx(2 / 7))
    ids = task.vocabulary.encode("the dog sat on a zebra .")
    assert judged["scores"]["GRU"]["cross_entropy"] == pytest.approx(-np.log(task.probabilities(ids)).mean())
    assert judged["scores"]["guessing among all 14"]["perplexity"] == pytest.approx(14)


AXES: dict[str, dict[str, list[Any]]] = {
    "a": {"values": ["batch", "window"], "prediction": ["batch"]},
    "b": {
        "ids": ["time", "batch"],
        "h": [1, "batch", 12],
        "logits": ["time", "batch", 14],
        "h_out": [1, "batch", 12],
    },
}
AXES["c"] = AXES["b"] | {"c": [1, "batch", 12], "c_out": [1, "batch", 12]}


@pytest.mark.slow
def test_onnx_says_the_same(command: Command, prices: Path, words: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    for arguments in (SERIES, TEXT, TEXT.replace("gru", "lstm").replace("run b", "run c")):
        name = arguments.split()[arguments.split().index("--run") + 1]
        assert command(*arguments.split())[0] == 0
        status, _, err = command("export", name, f"{name}.onnx")
        assert (status, err) == (0, ""), err
        folder = RunFolder(tmp_path / name)
        task = folder.task(folder.config())
        session = runtime.InferenceSession(str(tmp_path / f"{name}.onnx"))
        if isinstance(task, NextValue):
            values = read_series(prices, "close").values
            windows = np.stack([values[i : i + 5] for i in range(7)]).astype(np.float32)
            (got,) = session.run(None, {"values": windows})
            assert got == pytest.approx([task.forecasts(values[: i + 5])[0] for i in range(7)], rel=1e-5)
        else:
            ids = np.arange(9)[:, None] % len(task.vocabulary)
            states: list[Any] = [np.zeros((1, 1, task.model.hidden), np.float32)] * (len(session.get_inputs()) - 1)
            for piece in (ids[:4], ids[4:]):  # from the state that the first one ends in
                given = dict(zip([each.name for each in session.get_inputs()], [piece, *states], strict=True))
                got, *states = session.run(None, given)
            wanted = task.expected(ids[:, 0])
            assert np.exp(got[-1, 0]) / np.exp(got[-1, 0]).sum() == pytest.approx(wanted, abs=1e-6)
        axes = {each.name: each.shape for each in (*session.get_inputs(), *session.get_outputs())}
        assert axes == AXES[name]
        assert session.get_modelmeta().custom_metadata_map["window"] == {"a": "5"}.get(name, "16")


def damaged(kind: str) -> Callable[[Path], None]:
    def damage(run: Path) -> None:
        path = run / "checkpoint.safetensors"
        data = path.read_bytes()
        if kind == "cut":
            path.write_bytes(data[: len(data) // 2])
        elif kind == "pickle":
            path.write_bytes(b"\x80\x04\x95" + bytes(40))
        elif kind == "foreign":
            tg.save({"a": tg.zeros(2)}, path)
        elif kind == "shape":
            config = json.loads((run / "config.json").read_text())
            config["network"]["hidden"] = config["options"]["hidden"] = 9
            del config["checksum"]  # runs of version 0.1.0 have none
            (run / "config.json").write_text(json.dumps(config))
        elif kind == "key":
            state = tg.load(path)
            state["model"]["strange"] = state["model"].pop("head.bias")
            tg.save(state, path)
        elif kind == "missing":
            path.unlink()

    return damage


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("cut", "'a/checkpoint.safetensors' is cut off: it has"),
        ("pickle", "'a/checkpoint.safetensors' holds a pickle, which can run any code"),
        ("foreign", "'a/checkpoint.safetensors' holds no checkpoint; give the one of a run, and nothing was loaded"),
        (
            "shape",
            "'a/checkpoint.safetensors' is a checkpoint of another run (rnn.weight_ih_l0 is [16, 1] float32 there",
        ),
        ("key", "'a/checkpoint.safetensors' is a checkpoint of another run (it lacks head.bias; it has strange, which"),
        ("missing", "a has no checkpoint yet; go on with train --resume a until there is one"),
    ],
)
def test_damaged_checkpoints(command: Command, prices: Path, tmp_path: Path, kind: str, message: str) -> None:
    assert command(*SERIES.split(), "--picture", "none")[0] == 0
    damaged(kind)(tmp_path / "a")
    before = {each: each.read_bytes() for each in (tmp_path / "a").iterdir()}
    commands = [["predict", "a"], ["draw", "a", "--picture", "none"], ["evaluate", "a", "prices.csv"]]
    for arguments in [*commands, *([["train", "--resume", "a"]] if kind != "missing" else [])]:
        status, out, err = command(*arguments)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert err.startswith(f"tinygrad-rnn: {message}"), err
        assert {each: each.read_bytes() for each in (tmp_path / "a").iterdir()} == before


def test_what_a_resumed_run_refuses(command: Command, prices: Path, tmp_path: Path) -> None:
    assert command(*SERIES.split(), "--schedule", "cosine", "--picture", "none")[0] == 0

    def said(*arguments: str) -> str:
        status, out, err = command("train", "--resume", "a", *arguments)
        assert (status, out) == (2, "")
        return err.removeprefix("tinygrad-rnn: ").rstrip("\n")

    assert said("--seed", "3") == "--seed was fixed when the run began; start another run with --run, or leave it out"
    assert said("--epochs", "9") == ("--epochs cannot change: the schedule cosine was made for 3; start another run")
    prices.write_text(prices.read_text() + "2024-03-05,1,2\n")
    assert said() == "prices.csv is no longer the file that the run began with; start a new run"
    prices.unlink()
    assert said().startswith("there is no file prices.csv in ")


def test_fewer_epochs_than_are_done(command: Command, prices: Path) -> None:
    assert command(*SERIES.split(), "--picture", "none")[0] == 0
    assert command("train", "--resume", "a", "--epochs", "2")[2] == (
        "tinygrad-rnn: --epochs 2 is less than what is done already, 3; give more\n"
    )


def test_a_run_that_moved(command: Command, prices: Path, tmp_path: Path) -> None:
    assert command(*SERIES.split(), "--picture", "none")[0] == 0
    (tmp_path / "elsewhere").mkdir()
    shutil.move(tmp_path / "a", tmp_path / "elsewhere" / "b")
    shutil.move(prices, tmp_path / "elsewhere" / "p.csv")
    assert command("predict", "elsewhere/b")[2].startswith("tinygrad-rnn: there is no file prices.csv")
    assert command("draw", "elsewhere/b", "--picture", "none")[0] == 0  # the example is in the run
    status, out, _ = command(
        "train", "elsewhere/p.csv", "--resume", "elsewhere/b", "--epochs", "4", "--picture", "none"
    )
    assert status == 0 and "elsewhere/b goes on: 6 of 8 steps are done" in out


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimiser(command: Command, prices: Path, optimizer: str) -> None:
    options = ["--optimizer", optimizer, "--schedule", "onecycle", "--epochs", "2", "--picture", "none"]
    status, out, err = command("train", "prices.csv", *options)
    assert (status, err) == (0, "")
    assert f"{optimizer} with learning rate 0.01, schedule onecycle; gradients clipped to norm 1" in out


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule(command: Command, prices: Path, tmp_path: Path, schedule: str) -> None:
    status, _, err = command(
        *("train", "prices.csv", "--schedule", schedule, "--epochs", "9", "--picture", "none", "--run", "r")
    )
    assert (status, err) == (0, "")
    rates = [json.loads(line)["lr"] for line in (tmp_path / "r" / "log.jsonl").read_text().splitlines()]
    assert len(rates) == 9
    ends = {"none": 0.01, "cosine": 0.0, "linear": 0.0001, "step": 0.00001}
    if schedule in ends:
        assert rates[-1] == pytest.approx(ends[schedule], abs=1e-12)
    assert max(rates) <= 0.01 + 1e-12


def test_every_name_is_made() -> None:
    assert tuple(OPTIMIZERS) == ("adam", "adamw", "sgd", "momentum", "rmsprop", "adagrad", "nadam")
    assert tuple(SCHEDULES) == ("none", "cosine", "linear", "step", "onecycle", "plateau")


def test_early_stopping_takes_the_best(result: Callable[..., Any], prices: Path, tmp_path: Path) -> None:
    figures = result(
        *[
            "train",
            "prices.csv",
            "--lr",
            "0.3",
            "--patience",
            "2",
            "--epochs",
            "200",
            "--run",
            "p",
            "--picture",
            "none",
            "--hidden",
            "16",
        ]
    )
    log = [json.loads(line) for line in (tmp_path / "p" / "log.jsonl").read_text().splitlines()]
    losses = [row["held_out_loss"] for row in log]
    assert figures["stopped_early"] is True and len(log) < 200
    assert int(np.argmin(losses)) == len(losses) - 3
    folder = RunFolder(tmp_path / "p")
    task = folder.task(folder.config())
    assert isinstance(task, NextValue)
    validation = read_series(prices, "close").values[43 - 5 : 48]
    assert task.loss_of(*task.examples(validation)) == pytest.approx(min(losses), rel=1e-6)


@pytest.mark.slow
def test_walking_forward_in_batches_is_walking_one_by_one() -> None:
    for cell, window, count in (("rnn", 5, 3000), ("lstm", 1, 1025), ("gru", 20, 60)):
        tg.manual_seed(3)
        values = np.cumsum(np.random.default_rng(window).normal(size=(count, 2)), axis=0)
        task = NextValue(Network(cell, 2, 6, 1), window, 0.7, "a", Example([], []), {"b": 1.3})
        task.model.eval()
        start, alone = window + 3, []
        for now in range(start, count):
            past = values[now - window : now]
            seen = (past - past.mean(axis=0)) / [0.7, 1.3]
            y = task.model.last(tg.tensor(seen[:, None], dtype=tg.float32)).item()
            alone.append(past[:, 0].mean() + 0.7 * y)
        assert task.walk(values, start) == pytest.approx(np.array(alone), abs=5e-7)
        assert task.scores(values, start)["tomorrow = today"].mae == pytest.approx(
            np.abs(np.diff(values[start - 1 :, 0])).mean()
        )


@pytest.mark.slow
@pytest.mark.parametrize(("run", "training"), [("a", SERIES), ("b", TEXT)])
def test_a_window_as_it_was_after_some_steps(
    command: Command, result: Callable[..., Any], run: str, training: str, prices: Path, words: Path, tmp_path: Path
) -> None:
    trained = result(*training.split(), "--picture", "none", "--optimizer", "adam", "--schedule", "cosine")
    last, first = (result("draw", run, "--picture", "none", "--step", str(n)) for n in (trained["steps"], 0))
    assert last["through_time"] == result("draw", run, "--picture", "none")["through_time"] != first["through_time"]
    status, out, _ = command("draw", run, "--step", "1", "--picture", "one.svg")
    assert status == 0 and out.startswith("Back through time")
    assert f"after 1 of {trained['steps']} steps" in (tmp_path / "one.svg").read_text()
    beyond = command("draw", run, "--step", str(trained["steps"] + 1), "--picture", "none")
    assert beyond[0] == 2 and f"is beyond the {trained['steps']} steps of {run}; give one of them" in beyond[2]
    prices.write_text("day,close\n1,2\n")
    words.write_text("Other words.")
    changed = command("draw", run, "--step", "0", "--picture", "none")
    assert changed[0] == 2 and changed[2].count("\n") == 1


def test_steps_that_are_not_done_again(command: Command, result: Callable[..., Any], prices: Path) -> None:
    result(*SERIES.split(), "--picture", "none", "--schedule", "plateau")
    status, _, said = command("draw", "a", "--step", "1", "--picture", "none")
    assert status == 2 and "which the schedule plateau does not allow; leave it out" in said


def test_a_text_is_judged_beside_counting(
    command: Command, result: Callable[..., Any], words: Path, tmp_path: Path
) -> None:
    trained = result("train", *TEXT.split()[1:], "--picture", "none")["held_out"]
    text = words.read_text()
    cut = text.split()[-len(text.split()) // 10 :]
    (tmp_path / "rest.txt").write_text(" ".join(cut))
    scores = result("evaluate", "b", "rest.txt")["scores"]
    assert list(scores)[:3] == list(trained) and list(scores)[3].startswith("guessing among all")
    for name in list(trained)[1:]:
        assert scores[name]["cross_entropy"] == pytest.approx(trained[name]["cross_entropy"], rel=0.2)
    words.write_text(text + "More.")
    status, out, _ = command("evaluate", "b", "rest.txt")
    assert status == 0 and "words.txt, which it learnt from, is not there as it was" in out and "bigram" not in out


def test_ctrl_c_while_a_run_is_judged_keeps_the_network(
    command: Command, prices: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(NextValue, "walk", press)
    assert command(*SERIES.split(), "--picture", "none")[0::2] == (
        130,
        "tinygrad-rnn: interrupted while it was judged; a has the network, go on with train --resume a\n",
    )
    assert {"model.safetensors", "checkpoint.safetensors"} <= {each.name for each in (tmp_path / "a").iterdir()}
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert command("train", "--resume", "a", "--picture", "none")[0] == 0


@pytest.mark.slow
def test_a_page_to_type_on_carries_the_network(
    command: Command, result: Callable[..., Any], words: Path, prices: Path, tmp_path: Path
) -> None:
    command(*TEXT.split())
    assert result("draw", "b", "--live") == {"run": "b", "picture": "live.html"}
    texts = Page((tmp_path / "live.html").read_text()).texts
    data = json.loads(next(text for tag, text in texts if tag == "script" and text.startswith("{")))
    assert (data["kind"], data["hidden"], data["level"]) == ("gru", 12, "word")
    folder = RunFolder(Path("b"))
    embedding = folder.task(folder.config()).model.embedding
    assert embedding is not None and embedding.weight.detach().numpy().astype("<f4").tobytes() == b64decode(
        data["embedding"]
    )
    assert data["text"] and data["unknown"] == "<unk>" and "<unk>" not in data["text"]
    assert result("draw", "b", "--live", "--picture", "none") == {"run": "b", "picture": None}
    command(*SERIES.split())
    for arguments, sentence in (
        (["a", "--live"], "a is a run on numbers"),
        (["b", "--live", "--step", "0"], "--step does not go with --live"),
        (["b", "--live", "--beside", "a"], "--beside does not go with --live"),
        (["b", "--live", "--picture", "live.svg"], "--live draws a page, and live.svg does not end in .html"),
    ):
        status, _, err = command("draw", *arguments)
        assert status == 2 and err.count("\n") == 1 and sentence in err


@pytest.mark.slow
@pytest.mark.parametrize("train", [SERIES.replace(" --bidirectional", ""), TEXT])
def test_the_program_of_a_run(train: str, command: Command, prices: Path, words: Path, tmp_path: Path) -> None:
    assert command(*train.split())[0] == 0
    before = {each.name for each in tmp_path.iterdir()}
    run = train.split()[train.split().index("--run") + 1]
    status, out, err = command("draw", run, "--program")
    assert (status, err) == (0, "") and {each.name for each in tmp_path.iterdir()} == before
    assert out.startswith("from numpy import ") and "# the steps backwards: BPTT" in out
    folder = RunFolder(tmp_path / run)
    loss = folder.task(folder.config()).through_time().loss
    program, space = tg.program(loss), dict[str, Any]()
    exec(out, space)
    forward, backward = space["plan"](**program.parameters)
    assert forward(*program.inputs.values())[0] == pytest.approx(loss.item(), rel=1e-5)
    wanted: Any = program.wanted
    for found, exact in zip(backward(), tg.autograd.grad(loss, wanted), strict=True):
        np.testing.assert_allclose(found, exact.array, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("name", ["", *(each.name for each in COMMANDS)])
def test_help_fits_a_terminal(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with pytest.raises(SystemExit):
        main([*name.split(), "--help"])
    said = capsys.readouterr().out
    assert "examples:" in said and [line for line in said.splitlines() if len(line) > 80] == []


def test_a_narrow_terminal_breaks_lines_between_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sentence, row = "all of these words are one long line of a text", "  t  when        |dL/dh_t|  share of the whole"
    Console().say(f"{sentence}\n{row}")
    assert capsys.readouterr().out == f"{sentence}\n{row}\n"
    monkeypatch.setattr("tinygrad_rnn.lab.cli.console.terminal_width", lambda _: 30)
    Console().say(f"{sentence}\n{row}")
    assert capsys.readouterr().out == f"all of these words are one\nlong line of a text\n{row}\n"
