"""Checkpoints: a run on the disk, complete or not at all, and checked before anything is changed by it."""

import copy
from collections.abc import Mapping
from os import PathLike, fspath
from typing import Any

import numpy as np

from ...interop.saving import load, save
from ...nn.module import Module
from ...optim.optimizer import Optimizer
from ...surface.tensor import Tensor
from ...utils.files import SavedFileError
from .run import Training

KEY, VERSION = "checkpoint", 1
PATH = str | PathLike[str]
DAMAGE = (KeyError, TypeError, ValueError, RuntimeError, AttributeError, IndexError, OverflowError)


class CheckpointError(ValueError):
    """A checkpoint cannot be used; the message is one line: which, why not, what to do."""


def write_checkpoint(path: PATH, training: Training) -> None:
    """Puts the run into a safetensors file. Until the new file is complete and on the disk, the old one is there.

    Raises:
        OSError: it cannot be written; the old one is as it was.
    """
    save({KEY: VERSION, **training.state_dict()}, path)


def read_checkpoint(path: PATH, training: Training) -> None:
    """Goes on from what `write_checkpoint` wrote for the same model, optimiser, schedule and data.

    Raises:
        CheckpointError: it is cut off, damaged, something else, or of another run; nothing is changed then.
        OSError: there is no such file, or it cannot be read.
    """
    state = _contents(path)
    for part in ("model", "best"):
        if state[part] is not None or part == "model":
            _fits(path, training.model, state[part])
    if state["kind"] != training.kind:
        raise _refused(path, f"it was made by {state['kind']}, and here is {training.kind}")
    if not _is_state(state["carried"]):
        raise _refused(path, "what it carries from batch to batch is no state")
    if state["batches"] != len(training.batches):
        raise _refused(path, f"an epoch had {state['batches']} steps there and has {len(training.batches)} here")
    before = copy.deepcopy(training.state_dict())
    try:
        _remembers(training.optimizer, state["optimizer"]["state"], state["progress"].get("step", 0))
        training.load_state_dict(state)
    except DAMAGE as error:
        training.load_state_dict(before)
        raise _refused(path, " ".join(str(error).split())) from None


def model_of(path: PATH, model: Module) -> None:
    """Gives the model the parameters of a checkpoint: the best that were found, or the last.

    Raises:
        CheckpointError: as for `read_checkpoint`; nothing is changed then.
        OSError: there is no such file, or it cannot be read.
    """
    state = _contents(path)
    parameters = state["model"] if state["best"] is None else state["best"]
    _fits(path, model, parameters)
    model.load_state_dict(parameters)


def _contents(path: PATH) -> dict[str, Any]:
    try:
        state = load(path)
    except SavedFileError as error:
        raise CheckpointError(str(error)) from None
    if not isinstance(state, dict) or KEY not in state:
        raise CheckpointError(f"{fspath(path)!r} holds no checkpoint; give the one of a run, and nothing was loaded")
    if state.pop(KEY) != VERSION:
        raise CheckpointError(f"{fspath(path)!r} was written by another version of tinygrad_rnn; nothing was loaded")
    parts = ("model", "optimizer", "schedule", "random", "carried", "best", "progress", "batches", "kind")
    missing = [part for part in parts if part not in state]
    if missing:
        raise CheckpointError(f"{fspath(path)!r} lacks {', '.join(missing)}; nothing was loaded")
    return state


def _fits(path: PATH, model: Module, parameters: Any) -> None:
    """Refuses parameters of other names, shapes or types than the model's."""
    if not isinstance(parameters, Mapping):
        raise _refused(path, "it holds no model")
    own = {name: value.array for name, value in model.state_dict().items()}
    given = {name: np.asarray(getattr(value, "array", value)) for name, value in parameters.items()}
    wrong = [f"it lacks {name}" for name in own if name not in given]
    wrong += [f"it has {name}, which the model has not" for name in given if name not in own]
    for name, array in own.items():
        if name in given and (given[name].shape, given[name].dtype) != (array.shape, array.dtype):
            there, here = (f"{list(each.shape)} {each.dtype}" for each in (given[name], array))
            wrong.append(f"{name} is {there} there and {here} in the model")
    if wrong:
        raise _refused(path, "; ".join(wrong[:3]) + (f"; and {len(wrong) - 3} more" if len(wrong) > 3 else ""))


def _remembers(optimizer: Optimizer, state: Mapping[Any, Any], steps: int) -> None:
    """Refuses an optimiser's memory that lacks something, which only the next step would notice."""
    known: dict[str, Any] = {}
    if steps > 0 and type(optimizer).step is Optimizer.step:
        optimizer.update(np.zeros(1, np.float32), np.zeros(1, np.float32), known, optimizer.param_groups[0])
        count = sum(len(group["params"]) for group in optimizer.param_groups) if known else 0
        if len(state) != count or any(entries.keys() != known.keys() for entries in state.values()):
            name = type(optimizer).__name__
            raise ValueError(f"the optimiser {name} remembers {', '.join(known) or 'nothing'} of every parameter")


def _is_state(value: Any) -> bool:
    """Whether a network could carry it from one batch to the next."""
    return value is None or isinstance(value, Tensor) or (isinstance(value, tuple) and all(map(_is_state, value)))


def _refused(path: PATH, why: str) -> CheckpointError:
    return CheckpointError(f"{fspath(path)!r} is a checkpoint of another run ({why}); nothing was loaded")
