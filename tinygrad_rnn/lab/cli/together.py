"""`mpiexec -n 4 tinygrad-rnn train ...`: several processes as one command, of which the first one speaks and writes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from ... import distributed
from ..data.files import STANDARD_INPUT
from ..training.log import TERMINAL
from ..training.shared import is_first, is_shared
from .console import Refusal
from .run_folder import OtherFolder, RunFolder


def join() -> None:
    """Meets the other processes, if there are any; from here on only the first one is heard."""
    if distributed.is_initialized() or not distributed.launched():
        return
    try:
        distributed.init_process_group()
    except (ModuleNotFoundError, RuntimeError) as error:
        raise Refusal(str(error)) from None
    if is_first():
        TERMINAL.set(_terminal())
    else:
        _silence(1)


def _terminal() -> IO[str] | None:
    """The terminal of ``mpiexec``, which passes on what we say and is none itself; None without /proc."""
    pid = os.getppid()
    with suppress(OSError):
        while pid:
            name, _, rest = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").partition("(")[2].rpartition(")")
            if name.startswith(("mpi", "orterun", "prterun")):
                shown = os.open(f"/proc/{pid}/fd/2", os.O_WRONLY | os.O_NOCTTY)
                return open(shown, "w", encoding="utf-8", closefd=False) if os.isatty(shown) else None
            pid = int(rest.split()[1])
    return None


def check(file: str | None) -> None:
    """Refuses what does not reach all processes."""
    if file == STANDARD_INPUT and is_shared():
        raise Refusal("standard input reaches the first of several processes alone; give a file that all can read")


def _silence(stream: int) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream)


def folder_of(path: Path) -> RunFolder:
    """The folder of a run."""
    return (RunFolder if is_first() else OtherFolder)(path)


def give_way() -> None:
    """Lets the first process speak, and end all: what is wrong in every process is to be said once."""
    if not is_first():
        time.sleep(1)


def leave(status: int) -> None:
    """Ends all processes, which would wait for this one, if it ends before its work is done."""
    if status and is_shared():
        sys.stderr.flush()
        _silence(2)  # MPI would add lines of its own to what has been said
        distributed.abort(status)


@contextmanager
def told_if_killed(cure: str) -> Iterator[None]:
    """If the processes are killed inside, a line says so: by a shell that waits for the end of the first one."""
    if not is_shared() or not is_first() or os.name != "posix":
        yield
        return
    said = f"tinygrad-rnn: one of the processes was killed, and all are ended; {cure}"
    script = ["/bin/sh", "-c", 'read done || echo "$1" >&2', "sh", said]
    with subprocess.Popen(script, stdin=subprocess.PIPE, start_new_session=True) as shell:
        try:
            yield
        finally:
            shell.communicate(b"done\n")
