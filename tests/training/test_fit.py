"""The training loop: what it does when, and that a run goes on where it stood, to the last bit."""

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.training.tasks import letters, wave
from tinygrad_rnn import optim
from tinygrad_rnn.lab.training import (
    Diverged,
    Log,
    Streams,
    Training,
    Windows,
    fit,
    read_checkpoint,
    write_checkpoint,
)
from tinygrad_rnn.lab.training.log import read_log


def parameters(training: Training) -> dict[str, bytes]:
    return {name: each.array.tobytes() for name, each in training.model.state_dict().items()}


def test_every_window_once_an_epoch_in_an_order_that_seed_and_epoch_decide() -> None:
    inputs = np.arange(23)[:, None]

    def order(seed: int, epoch: int) -> list[int]:
        batches = Windows(inputs, inputs[:, 0], 5, seed)
        assert len(batches) == 5
        found = [batches.batch(epoch, number) for number in range(5)]
        assert all((x[:, 0] == y).all() for x, y in found)
        assert [len(y) for _, y in found] == [5, 5, 5, 5, 3]
        return [int(each) for _, y in found for each in y]

    assert sorted(order(0, 0)) == list(range(23))
    assert order(0, 0) == order(0, 0)
    assert len({tuple(order(seed, epoch)) for seed in range(3) for epoch in range(3)}) == 9


def test_streams_go_on_where_they_stopped() -> None:
    batches = Streams(np.arange(20), 2, 4)
    assert [batches.batch(7, number)[0].T.tolist() for number in range(len(batches))] == [
        [[0, 1, 2, 3], [10, 11, 12, 13]],
        [[4, 5, 6, 7], [14, 15, 16, 17]],
        [[8], [18]],
    ]
    assert all((y == x + 1).all() for x, y in (batches.batch(0, number) for number in range(3)))


@pytest.mark.parametrize("make", [wave, letters])
@pytest.mark.parametrize("stop", [1, 7, 10, 13])
def test_a_run_goes_on_to_the_last_bit(tmp_path: Path, make: Any, stop: int) -> None:
    whole = make()
    fit(whole, epochs=3, quiet=True)
    first = make()
    for _ in range(stop):
        first.step()
    write_checkpoint(tmp_path / "c", first)
    second = make(seed=5)  # other parameters, another stream of random numbers: all of it comes from the file
    second.batches = first.batches
    read_checkpoint(tmp_path / "c", second)
    fit(second, epochs=3, quiet=True)
    assert parameters(second) == parameters(whole)
    assert second.progress.course == whole.progress.course
    assert tg.rand(3).tolist() == _random_after(whole, make)


def _random_after(whole: Training, make: Any) -> list[float]:
    """What the default generator gives after the whole run."""
    again = make()
    fit(again, epochs=3, quiet=True)
    assert parameters(again) == parameters(whole)
    return tg.rand(3).tolist()  # type: ignore[no-any-return]


def test_the_state_is_carried_cut_and_begun_anew() -> None:
    training = letters()
    seen = []
    inner = training.loss

    def loss(x: Any, y: Any, state: Any) -> Any:
        seen.append(state)
        return inner(x, y, state)

    training.loss = loss
    fit(training, epochs=2, quiet=True)
    fresh = [state is None for state in seen]
    assert fresh == ([True] + [False] * 9) * 2
    assert not any(each.requires_grad or each.primitive for state in seen if state for each in state)


def test_log_checkpoint_and_evaluation_come_every_so_often(tmp_path: Path) -> None:
    training, saved, evaluated = wave(), [], []
    log = Log(tmp_path / "log.jsonl")

    def evaluate() -> float:
        evaluated.append(training.progress.step)
        return 1 / training.progress.step

    fit(
        training,
        epochs=3,
        every=4,
        evaluate=evaluate,
        log=log,
        save=lambda t: saved.append(t.progress.step),
        quiet=True,
    )
    rows = read_log(tmp_path / "log.jsonl")
    assert saved == evaluated == [row["step"] for row in rows] == [4, 8, 12, 15]
    assert [row["held_out_loss"] for row in rows] == [1 / 4, 1 / 8, 1 / 12, 1 / 15]
    assert [row["epoch"] for row in rows] == [0.8, 1.6, 2.4, 3]
    weights = [4, 4, 4, 3]
    mean = sum(row["loss"] * weight for row, weight in zip(rows, weights, strict=True)) / 15
    assert mean == pytest.approx(np.mean(training.progress.losses))
    assert rows[0]["lr"] == pytest.approx(0.02 * (1 + np.cos(np.pi * 4 / 50)) / 2)


def test_a_log_that_goes_on_forgets_what_will_be_done_again(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    log = Log(path)
    for step in (2, 4, 6):
        log.write({"step": step, "loss": float("nan")})
    with open(path, "a") as file:
        file.write('{"step": 8, "lo')  # the process was killed here
    Log(path, step=4).write({"step": 5, "loss": 1.0})
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"step": 2, "loss": None},
        {"step": 4, "loss": None},
        {"step": 5, "loss": 1.0},
    ]


def test_patience_keeps_the_best(tmp_path: Path) -> None:
    training = wave()
    course = iter([5.0, 3.0, 4.0, float("nan"), 3.0, 2.0])
    best: list[dict[str, bytes]] = []

    def evaluate() -> float:
        best.append(parameters(training))
        return next(course)

    fit(training, epochs=10, evaluate=evaluate, patience=3, quiet=True)
    assert training.progress.step == 25 and training.progress.stopped  # the third after the best
    assert (training.progress.best, training.progress.best_step) == (3.0, 10)
    assert parameters(training) == best[1] != best[4]


def test_a_plateau_lowers_the_rate() -> None:
    training = wave(schedule=False)
    training.schedule = optim.lr_scheduler.ReduceLROnPlateau(training.optimizer, factor=0.5, patience=1)
    fit(training, epochs=6, evaluate=lambda: 1.0, quiet=True)
    assert training.lr == 0.02 / 4


def test_divergence_is_found_before_anything_is_saved(tmp_path: Path) -> None:
    training = wave(lr=1e38, schedule=False, kind=optim.SGD)
    training.clip = float("inf")
    saved: list[int] = []
    with pytest.raises(Diverged, match=r"^training diverged: the (loss is|parameter) .* (in|after) epoch 1, step \d$"):
        fit(training, epochs=50, every=1, save=lambda t: saved.append(t.progress.step), quiet=True)
    assert all(step < training.progress.step + 1 for step in saved)


def test_a_step_is_gradient_descent() -> None:
    training = letters()
    mine = copy.deepcopy(training.model)
    fit(training, epochs=1, quiet=True)
    optimizer = optim.SGD(mine.parameters(), lr=0.1, momentum=0.9)
    state = None
    for number in range(10):
        loss, state = mine.loss(*training.batches.batch(0, number), state)
        state = tuple(each.detach() for each in state)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    for ours, theirs in zip(training.model.parameters(), mine.parameters(), strict=True):
        np.testing.assert_array_equal(ours.array, theirs.array)
