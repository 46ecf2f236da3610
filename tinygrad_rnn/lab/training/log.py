"""What is seen of a run: its log, one JSON object a line, written as it happens, and the progress bar."""

import json
import math
import os
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ...utils.files import write


class Log:
    """Appends lines to a file; one that is there loses its lines of steps after `step`, which will be done again."""

    def __init__(self, path: Path, step: int = 0) -> None:
        self.path = path
        kept = [json.dumps(each) + "\n" for each in read_log(path) if each["step"] <= step]
        write(path, "".join(kept).encode())

    def write(self, figures: Mapping[str, Any]) -> None:
        """One line, on the disk when this returns; what is not finite becomes null, which JSON has."""
        with open(self.path, "a", encoding="utf-8", newline="\n") as file:
            file.write(dumps(figures) + "\n")
            file.flush()
            os.fsync(file.fileno())


def dumps(figures: Any, indent: int | None = None) -> str:
    """JSON of them; NaN and infinity, which JSON does not have, become null."""
    return json.dumps(_finite(figures), indent=indent, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_log(path: Path) -> list[dict[str, Any]]:
    """The complete lines of a log, [] if there is none; a line that was being written when power failed is left out."""
    found = []
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            figures = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(figures, dict) and isinstance(figures.get("step"), int):
            found.append(figures)
    return found


NAME = ContextVar("NAME", default="")  # of the demonstration that runs
TERMINAL = ContextVar[Any]("TERMINAL", default=None)  # where bars are shown; None: sys.stderr
_FORMAT = "{desc}{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"


def bar(total: int, what: str = "", quiet: bool = False, done: int = 0) -> Any:
    """A bar of so many, called `what`, that goes when it is closed."""
    return tqdm(
        total=total,
        initial=done,
        desc=what or NAME.get() or None,
        leave=False,
        disable=quiet or None,
        file=TERMINAL.get(),
        dynamic_ncols=True,
        bar_format=_FORMAT,
    )
