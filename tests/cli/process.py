"""The command line as a process of its own, with warnings as errors."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-W", "error", "-m", "tinygrad_rnn"]
Command = Callable[..., tuple[int, str, str]]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def eventually(holds: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether it comes to hold within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def environment() -> dict[str, str]:
    """The process's surroundings: this checkout, and a width that does not depend on the terminal."""
    return os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "100"}
