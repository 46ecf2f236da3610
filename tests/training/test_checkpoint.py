"""A checkpoint that cannot be used says why in one line, and changes nothing."""

import copy
import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.training.tasks import letters, wave
from tinygrad_rnn import optim
from tinygrad_rnn.lab.training import CheckpointError, Training, checkpoint, read_checkpoint, write_checkpoint


def trained() -> Training:
    training = wave()
    for _ in range(7):
        training.step()
    return training


def state_of(training: Training) -> str:
    """All that could be changed, random numbers included."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [plain(each) for each in value]
        array = value.array if isinstance(value, tg.Tensor) else value
        return array.tobytes() if isinstance(array, np.ndarray) else repr(array)

    return repr(plain(training.state_dict()))


Change = Callable[[dict[str, Any]], None]


def removed(*path: Any) -> Change:
    def change(state: dict[str, Any]) -> None:
        for key in path[:-1]:
            state = state[key]
        del state[path[-1]]

    return change


def put(value: Any, *path: str) -> Change:
    def change(state: dict[str, Any]) -> None:
        for key in path[:-1]:
            state = state[key]
        state[path[-1]] = value

    return change


CHANGES: list[tuple[str, Change, str]] = [
    ("a model without a parameter", removed("model", "head.bias"), "it lacks head.bias"),
    ("a parameter too many", put(tg.zeros(2), "model", "tail"), "it has tail, which the model has not"),
    (
        "another shape",
        put(tg.zeros(1, 7), "model", "head.weight"),
        "head.weight is [1, 7] float32 there and [1, 5] float32 in the model",
    ),
    (
        "another type",
        put(tg.zeros(1, dtype=tg.float64), "model", "head.bias"),
        "head.bias is [1] float64 there and [1] float32 in the model",
    ),
    ("no model", put([1, 2], "model"), "it holds no model"),
    ("a best model of another shape", put({"head.bias": tg.zeros(1)}, "best"), "it lacks rnn.weight_ih_l0"),
    ("no optimiser state", put({}, "optimizer"), ""),
    ("another optimiser", put("SGD", "kind"), "it was made by SGD, and here is Adam and CosineAnnealingLR"),
    ("groups that do not fit", put([], "optimizer", "param_groups"), "groups of"),
    ("a moment that is missing", removed("optimizer", "state", 3, "exp_avg"), "the optimiser Adam remembers step, "),
    ("a parameter that is not remembered", removed("optimizer", "state", 3), "the optimiser Adam remembers step, "),
    ("another schedule", put({"factor": 1}, "schedule"), "not the state of a CosineAnnealingLR"),
    ("no random numbers", put({"state": 1}, "random"), ""),
    ("progress of something else", put({"steps": 1}, "progress"), "progress has step"),
    ("another amount of data", put(6, "batches"), "an epoch had 6 steps there and has 5 here"),
    ("a state that is none", put("h", "carried"), "what it carries from batch to batch is no state"),
]


@pytest.mark.parametrize(("change", "why"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_of_another_run(tmp_path: Path, change: Change, why: str) -> None:
    write_checkpoint(tmp_path / "good", trained())
    state = tg.load(tmp_path / "good")
    change(state)
    tg.save(state, tmp_path / "bad")
    training = wave(seed=3)
    training.step()
    before = state_of(training)
    with pytest.raises(CheckpointError) as caught:
        read_checkpoint(tmp_path / "bad", training)
    said = str(caught.value)
    assert said.startswith(f"{str(tmp_path / 'bad')!r} is a checkpoint of another run (") and "\n" not in said
    assert why in said and said.endswith("); nothing was loaded")
    assert state_of(training) == before
    read_checkpoint(tmp_path / "good", training)  # and it can still go on
    assert state_of(training) != before


@pytest.mark.parametrize("part", ["model", "optimizer", "schedule", "random", "carried", "best", "progress"])
def test_parts_that_are_missing(tmp_path: Path, part: str) -> None:
    write_checkpoint(tmp_path / "c", trained())
    state = tg.load(tmp_path / "c")
    del state[part]
    tg.save(state, tmp_path / "c")
    with pytest.raises(CheckpointError, match=f"lacks {part}; nothing was loaded"):
        read_checkpoint(tmp_path / "c", wave())


FOREIGN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "text": (b"step,loss\n1,2\n" * 9, "is no safetensors file"),
    "pickle": (b"\x80\x04\x95abc", "holds a pickle"),
    "zip": (b"PK\x03\x04" + bytes(90), "is a zip archive"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_files(tmp_path: Path, name: str) -> None:
    data, why = FOREIGN[name]
    (tmp_path / name).write_bytes(data)
    training = trained()
    before = state_of(training)
    with pytest.raises(CheckpointError) as caught:
        read_checkpoint(tmp_path / name, training)
    assert why in str(caught.value) and "\n" not in str(caught.value)
    assert state_of(training) == before


def test_every_truncation_and_a_plain_state_dict(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "c", trained())
    data = (tmp_path / "c").read_bytes()
    training = wave(seed=3)
    before = state_of(training)
    for end in [*range(40), *range(40, len(data), 997), len(data) - 1]:
        (tmp_path / "cut").write_bytes(data[:end])
        with pytest.raises(CheckpointError, match=r"is (cut off|empty|no safetensors file|damaged)"):
            read_checkpoint(tmp_path / "cut", training)
    tg.save(training.model.state_dict(), tmp_path / "model")
    with pytest.raises(CheckpointError, match="holds no checkpoint; give the one of a run"):
        read_checkpoint(tmp_path / "model", training)
    assert state_of(training) == before


def test_a_wrong_task(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "c", letters())
    with pytest.raises(CheckpointError, match=r"it lacks rnn.weight_ih_l1; .*; and 8 more"):
        read_checkpoint(tmp_path / "c", wave())


def test_an_optimiser_that_remembers_other_things(tmp_path: Path) -> None:
    training = trained()
    write_checkpoint(tmp_path / "c", training)
    other = wave(kind=optim.RMSprop)
    with pytest.raises(CheckpointError, match="it was made by Adam and CosineAnnealingLR, and here is RMSprop and"):
        read_checkpoint(tmp_path / "c", other)


def test_the_old_one_stays_until_the_new_one_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    training = trained()
    write_checkpoint(tmp_path / "c", training)
    before = (tmp_path / "c").read_bytes()
    training.step()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            write_checkpoint(tmp_path / "c", training)
    assert (tmp_path / "c").read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["c"]


def test_the_model_alone(tmp_path: Path) -> None:
    training = trained()
    write_checkpoint(tmp_path / "c", training)
    model = wave(seed=9).model
    checkpoint.model_of(tmp_path / "c", model)
    for name, each in training.model.state_dict().items():
        np.testing.assert_array_equal(model.state_dict()[name].array, each.array)
    training.best = {name: each.array + 1 for name, each in training.model.state_dict().items()}
    write_checkpoint(tmp_path / "c", training)
    checkpoint.model_of(tmp_path / "c", model)
    np.testing.assert_array_equal(model.head.bias.array, training.best["head.bias"])
    small = copy.deepcopy(wave(hidden=3).model)
    with pytest.raises(CheckpointError, match=r"rnn.weight_ih_l0 is \[20, 1\] float32 there and \[12, 1\]"):
        checkpoint.model_of(tmp_path / "c", small)
