"""The command line as a process of its own, with warnings as errors."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-W", "error", "-m", "tinygrad_rnn"]
Command = Callable[..., tuple[int, str, str]]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def environment() -> dict[str, str]:
    """The process's surroundings: this checkout, and a width that does not depend on the terminal."""
    return os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "100"}
