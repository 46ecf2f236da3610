"""States as an earlier version wrote them: `PYTHONPATH=CHECKOUT python tests/optim/states.py FILE` writes them.

recorded/states-0.1.0.json holds those of version 0.1.0.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

import tinygrad_rnn as tg
from tests.optim.cases import Array, Problem, lbfgs_step
from tests.optim.schedules import prepared, steps

BEFORE, AFTER = range(5), range(5, 9)
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "SGD": {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    "Adam": {"lr": 0.1, "amsgrad": True, "betas": (0.9, 0.7)},
    "RMSprop": {"centered": True, "momentum": 0.5},
    **{kind: {"weight_decay": 0.1} for kind in ("AdamW", "Adagrad", "Adadelta", "Adamax", "NAdam")},
    "LBFGS": {"max_iter": 2, "history_size": 3},
}
# Of schedules.py, so that every class is among them.
SCHEDULED = (
    "lambda", "multiplicative", "step", "milestones", "constant", "linear", "exponential", "polynomial", "cosine",
    "longer restarts", "falling triangles", "one cycle", "plateau", "three in a row", "chained",
)  # fmt: skip


def made(name: str) -> tuple[Problem, Any, Any]:
    """The problem, its optimiser, and the schedule or None."""
    if name in SCHEDULED:
        return prepared(tg, name)
    problem = Problem(tg)
    return problem, getattr(tg.optim, name)(problem.parameters, **OPTIMIZERS[name]), None


def trained(problem: Problem, optimizer: Any, schedule: Any, epochs: range) -> Array:
    """The parameters after every epoch, and with a schedule the learning rates too."""
    if schedule is not None:
        return steps(problem, optimizer, schedule, epochs)
    return np.array([lbfgs_step(problem, optimizer) for _ in epochs])


def states(name: str) -> dict[str, Any]:
    """What is left of a training in the middle, and how it went on."""
    problem, optimizer, schedule = training = made(name)
    trained(*training, BEFORE)
    left = {
        "numbers": problem.numbers().tolist(),
        "optimizer": plain(optimizer.state_dict()),
        "schedule": schedule and plain(schedule.state_dict()),
    }
    return {**left, "path": trained(*training, AFTER).tolist()}


def plain(value: Any) -> Any:
    """A state as JSON has it: a tensor as {"float64": numbers}, and keys become text."""
    if isinstance(value, tg.Tensor):
        return {str(value.numpy().dtype): value.tolist()}
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def read(file: Path) -> dict[str, Any]:
    """States from a file."""

    def as_it_was(entries: dict[str, Any]) -> Any:
        if entries.keys() == {"float64"}:
            return np.array(entries["float64"], np.float64)
        return {int(key) if key.isdecimal() else key: value for key, value in entries.items()}

    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"), object_hook=as_it_was)
    return found


if __name__ == "__main__":
    lines = (f"{json.dumps(name)}: {json.dumps(states(name))}" for name in (*OPTIMIZERS, *SCHEDULED))
    Path(sys.argv[1]).write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")
