"""States written by earlier versions: training goes on from them as it went on there."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.optim.states import AFTER, SCHEDULED, made, read, trained
from tinygrad_rnn import optim

FILES = sorted((Path(__file__).parent / "recorded").glob("states-*.json"))
RECORDS = {f"{file.stem} {name}": (name, record) for file in FILES for name, record in read(file).items()}


@pytest.mark.parametrize(("name", "record"), RECORDS.values(), ids=RECORDS)
def test_goes_on_from_the_state_of_an_earlier_version(name: str, record: dict[str, Any]) -> None:
    problem, optimizer, schedule = made(name)
    with tg.no_grad():
        for p, numbers in zip(problem.parameters, np.split(record["numbers"], [6, 8]), strict=True):
            p.copy_(tg.tensor(numbers).reshape(p.shape))
    optimizer.load_state_dict(record["optimizer"])
    if schedule is not None:
        schedule.load_state_dict(record["schedule"])
    path = trained(problem, optimizer, schedule, AFTER)
    np.testing.assert_allclose(path, record["path"], rtol=1e-10, atol=1e-12)


def test_every_class_of_schedule_is_among_them() -> None:
    assert {type(made(name)[2]).__name__ for name in SCHEDULED} == {*optim.lr_scheduler.__all__} - {"LRScheduler"}
