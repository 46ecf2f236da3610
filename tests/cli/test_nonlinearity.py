"""`train --nonlinearity`: tanh or ReLU in the states of an rnn, which a run remembers."""

import json
from pathlib import Path

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.cli.process import Command
from tests.cli.test_resume import log_of
from tests.cli.test_runs_of_0_1_0 import config_of, without
from tinygrad_rnn.lab.cli.run_folder import RunFolder
from tinygrad_rnn.lab.cli.series import NextValue

RELU = "train prices.csv --nonlinearity relu --hidden 6 --epochs 4 --picture none --quiet"


@pytest.mark.parametrize("extra", ["", " --layers 2 --bidirectional"])
def test_the_states_are_never_below_zero(command: Command, prices: Path, extra: str) -> None:
    status, said, error = command(*f"{RELU}{extra} --run r".split())
    assert (status, error) == (0, "")
    assert f"{'bidirectional ReLU RNN of 2 layers' if extra else 'ReLU RNN'} with 6 hidden units" in said
    folder = RunFolder(prices.parent / "r")
    task = folder.task(folder.config())
    states = task.model.states(tg.randn(5, 3, 1))[0].detach().numpy()
    assert states.min() == 0 < states.max()
    assert command("draw", "r", "--picture", "one.dot")[0] == 0
    assert "relu" in (prices.parent / "one.dot").read_text(encoding="utf-8")
    assert command("predict", "r")[0] == 0


def test_step_by_step_it_is_the_same_function(command: Command, prices: Path) -> None:
    assert command(*f"{RELU} --run r".split())[0] == 0
    folder = RunFolder(prices.parent / "r")
    task = folder.task(folder.config())
    assert isinstance(task, NextValue) and task.model.nonlinearity == "relu"
    values = np.array(task.example.values)
    x, target = values[:-1] - values[:-1].mean(), (values[-1] - values[:-1].mean()) / task.scale
    y = task.model.last(tg.tensor(x[:, None, None] / task.scale, dtype=tg.float32)).item()
    assert task.through_time().loss.item() == pytest.approx((y - target) ** 2, rel=1e-4)


def test_a_run_remembers_it(command: Command, prices: Path) -> None:
    assert command(*f"{RELU} --run whole".split())[0] == 0
    assert command(*RELU.replace("--epochs 4", "--epochs 2").split(), "--run", "half")[0] == 0
    half = prices.parent / "half"
    assert config_of(half)["options"]["nonlinearity"] == config_of(half)["network"]["nonlinearity"] == "relu"
    fixed = command("train", "--resume", "half", "--nonlinearity", "tanh")
    assert fixed[0] == 2 and fixed[2].startswith("tinygrad-rnn: --nonlinearity was fixed when the run began; ")
    assert command("train", "--resume", "half", "--epochs", "4", "--picture", "none")[0] == 0
    assert log_of(half) == log_of(prices.parent / "whole")


def test_a_run_that_is_older_than_the_option_goes_on_with_tanh(command: Command, prices: Path) -> None:
    begin = "train prices.csv --epochs 2 --picture none --quiet --run"
    assert command(*begin.split(), "new")[0] == 0 and command(*begin.split(), "old")[0] == 0
    old, new = prices.parent / "old", prices.parent / "new"
    without(old, options=("nonlinearity",), network=("nonlinearity",))
    for name in ("old", "new"):
        assert command("train", "--resume", name, "--epochs", "5", "--picture", "none")[0] == 0
    assert log_of(old) == log_of(new)
    assert (old / "model.safetensors").read_bytes() == (new / "model.safetensors").read_bytes()
    assert json.loads(command("predict", "old", "--json")[1])["prediction"] > 0


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_gates_are_made_for_tanh(command: Command, prices: Path, cell: str) -> None:
    assert command("train", "prices.csv", "--cell", cell, "--nonlinearity", "relu") == (
        2,
        "",
        f"tinygrad-rnn: --nonlinearity is for the states of an rnn, and --cell is {cell}, whose gates are made for "
        "tanh; leave it out\n",
    )
    assert [each.name for each in prices.parent.iterdir()] == ["prices.csv"]


def test_other_names_are_refused(command: Command, prices: Path) -> None:
    status, _, error = command("train", "prices.csv", "--nonlinearity", "sigmoid")
    assert status == 2 and "argument --nonlinearity: 'sigmoid' is not known; use tanh or relu" in error
