"""The folder of a run: its configuration, log, checkpoint, figures and pictures, and the record of `--flow`."""

import hashlib
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import tinygrad_rnn as tg

from ...utils.files import write
from ...viz import TrainingFlow
from ...viz.training_flow import Record
from ..data import DataError
from ..data.files import STANDARD_INPUT, digest
from ..training import Log, checkpoint
from ..training.log import dumps, read_log
from ..training.network import Network
from .console import Refusal, path_shown, why
from .lesson import Lesson
from .series import NextValue
from .text import NextToken

VERSION = 2
TASKS: dict[str, type[NextValue] | type[NextToken]] = {each.kind: each for each in (NextValue, NextToken)}
BETWEEN = 2.0  # seconds from one writing of the page of the flow to the next, while training goes on
LOCK = ".lock"
# What a killed process leaves: its lock, which is open then, and a file it was writing.
_SPARE = re.compile(r"\.[0-9a-f]{16}\.tmp|\.lock")


@dataclass(frozen=True)
class Config:
    """What config.json says: the options of the run, the data it was started on, and what makes its network."""

    kind: str
    file: str
    sha256: str
    epochs: int
    options: dict[str, Any]
    network: dict[str, Any]
    task: dict[str, Any]

    @classmethod
    def of(cls, lesson: Lesson) -> Self:
        """Of a run that begins."""
        task, file = lesson.task, lesson.file
        path = file if file == STANDARD_INPUT else str(Path(file).absolute())
        options = lesson.options.plain() | {"epochs": lesson.epochs}
        return cls(task.kind, path, digest(file), lesson.epochs, options, lesson.sizes, task.plain())

    @property
    def seen_from_here(self) -> str:
        """The file, as one would type it here."""
        path, here = Path(self.file), Path.cwd()
        return str(path.relative_to(here)) if path.is_relative_to(here) else self.file


class RunFolder:
    """A folder that holds one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path_shown(path)
        self.config_file, self.log_file = path / "config.json", path / "log.jsonl"
        self.checkpoint, self.model_file = path / "checkpoint.safetensors", path / "model.safetensors"
        self.figures_file, self.table_file = path / "figures.json", path / "figures.txt"
        self.loss_picture, self.flow_picture = path / "loss.svg", path / "gradient_flow.svg"
        self.flow_file, self.flow_page = path / "flow.jsonl", path / "flow.html"
        self.picture = path / "bptt.svg"

    def check_new(self) -> None:
        """Refuses a name that is taken, or under which no folder can be made."""
        start, parent = f"--run {self.name}", self.path.parent
        try:
            if self.config_file.exists():
                wrong = f"there is a run already; go on with --resume {self.name}, or give another name"
            elif self.path.exists() and not self.path.is_dir():
                wrong = "it is a file; give the name of a folder"
            elif self.path.is_dir() and any(not _SPARE.fullmatch(each.name) for each in self.path.iterdir()):
                wrong = "the folder is not empty; give another name"
            elif not parent.is_dir():
                wrong = f"there is no folder {path_shown(parent)}; make it first"
            elif not os.access(self.path if self.path.exists() else parent, os.W_OK | os.X_OK):
                wrong = f"the folder {path_shown(parent)} cannot be written to; give another"
            else:
                return
        except (OSError, ValueError) as error:
            wrong = f"{why(error)}; give another name"
        raise Refusal(f"{start}: {wrong}")

    def check_writable(self) -> None:
        """Refuses to go on with a run in a folder that cannot be written to."""
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise Refusal(f"{self.name}: the folder cannot be written to; copy it to a place that can, and resume that")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Makes the folder, if need be, and keeps others from training in it; the system ends that with the process."""
        from filelock import FileLock, Timeout  # imported here: it takes a tenth of a second

        self.path.mkdir(exist_ok=True)
        try:
            lock = FileLock(self.path / LOCK).acquire(blocking=False)
        except Timeout:
            raise Refusal(
                f"{self.name}: another process is training in it; wait until it is done, or stop it"
            ) from None
        except NotImplementedError:
            raise Refusal(f"{self.name}: the disk cannot lock the folder; put the run on another disk") from None
        with lock:
            yield

    def begin(self, config: Config, finished: bool = False) -> None:
        """Puts the configuration into the folder, which is held; what an end before the last one left is removed."""
        for each in self.path.iterdir():
            if each.name != LOCK and _SPARE.fullmatch(each.name):
                each.unlink(missing_ok=True)
        for each in (self.model_file, self.figures_file, self.table_file, self.loss_picture, self.flow_picture):
            if not finished:
                each.unlink(missing_ok=True)
        made = {"version": VERSION, "program": f"tinygrad-rnn {tg.__version__}", **vars(config)}
        write(self.config_file, (dumps(made | {"checksum": _checksum(made)}, indent=1) + "\n").encode())

    @contextmanager
    def undamaged(self, file: str = "config.json", cure: str = "start a new run") -> Iterator[None]:
        """Refuses what is read of a file of the folder if it makes no sense."""
        try:
            yield
        except DataError:
            raise
        except checkpoint.DAMAGE as error:
            raise Refusal(f"{self.name}: {file} is damaged ({why(error)}); {cure}") from None

    def config(self) -> Config:
        """What config.json says."""
        try:
            with self.undamaged():
                found = json.loads(self.config_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise Refusal(f"{self.name} holds no run (no config.json); give a folder that train --run made") from None
        except OSError as error:
            raise Refusal(f"{self.name}: config.json cannot be read ({why(error)})") from None
        if not isinstance(found, dict) or found.get("version") != VERSION or found.get("kind") not in TASKS:
            raise Refusal(f"{self.name}: config.json is not that of a run, or of another version; start a new run")
        checksum = found.pop("checksum", None)  # there is one since version 0.2
        if checksum not in (None, _checksum(found)):
            raise Refusal(f"{self.name}: config.json is damaged (its checksum is another); start a new run")
        with self.undamaged():
            kinds: dict[str, Any] = {each.name: each.type for each in fields(Config)}
            return Config(**{name: kind(found[name]) for name, kind in kinds.items()})

    def task(self, config: Config) -> NextValue | NextToken:
        """The network of the run, trained as far as its checkpoint, and what it needs to be used."""
        with self.undamaged():
            task = TASKS[config.kind].of(config.task, Network(**config.network))
        if not self.checkpoint.exists():
            raise Refusal(
                f"{self.name} has no checkpoint yet; go on with train --resume {self.name} until there is one"
            )
        checkpoint.model_of(self.checkpoint, task.model)
        return task


def _checksum(made: Mapping[str, Any]) -> str:
    return hashlib.sha256(dumps(made).encode()).hexdigest()


class OtherFolder(RunFolder):
    """The folder of a run for a process that trains with the one that holds it and writes there: it reads."""

    def check_new(self) -> None:
        """The first process does."""

    check_writable = check_new

    @contextmanager
    def held(self) -> Iterator[None]:
        """The first process does."""
        yield

    def begin(self, config: Config, finished: bool = False) -> None:
        """The first process does."""


class FlowWatch:
    """A `Training.watch` that records the flow of every `every`-th step in the folder of a run.

    A run that goes on after `step` steps keeps the lines of those steps; what it does again, it records again.
    """

    def __init__(self, folder: RunFolder, every: int, step: int) -> None:
        self.every, self.page = every, folder.flow_page
        self.log = Log(folder.flow_file, step - 1)  # a line is written before its step, the checkpoint after it
        self.flow = TrainingFlow(f"Gradient flow over training: {folder.path.name}")
        with folder.undamaged("flow.jsonl", "remove it to go on"):
            self.flow.records = [Record.of(line) for line in read_log(folder.flow_file)]
            if self.flow.records:
                self.flow.page(goes_on=True)  # meets whatever cannot be drawn now, and not when training is done
        self.due = time.monotonic()

    def __call__(self, step: int, loss: tg.Tensor) -> None:
        if step % self.every:
            return
        self.log.write(self.flow.record(step, loss).plain())
        if time.monotonic() >= self.due:
            began = time.monotonic()
            write(self.page, self.flow.page(goes_on=True).encode())
            self.due = time.monotonic() + max(BETWEEN, 10 * (time.monotonic() - began))

    def close(self) -> None:
        """Writes the page as it is in the end."""
        if self.flow.records:
            self.flow.save(self.page)
