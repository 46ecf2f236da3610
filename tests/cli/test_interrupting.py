"""Ctrl-C while the command is imported, and Ctrl-C and kill -9 at random moments."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.interrupting import press_ctrl_c, survivors
from tests.cli.process import environment

PROGRAM = """\
import os, signal, sys
sys.argv = [{name!r}]
class Press:
    def find_spec(self, name, *_):
        if name == "numpy":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Press())
import tinygrad_rnn
"""


@pytest.mark.parametrize(("name", "quiet"), [("/usr/bin/tinygrad-rnn", True), ("/home/me/program.py", False)])
def test_ctrl_c_during_the_import(name: str, quiet: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(name=name)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if quiet:
        assert (done.returncode, done.stderr) == (130, "tinygrad-rnn: interrupted\n")
    else:  # whoever imports the package keeps Python's ways
        assert done.returncode != 0 and done.stderr.rstrip().endswith("KeyboardInterrupt")


@pytest.mark.slow
def test_ctrl_c_at_any_moment(tmp_path: Path) -> None:
    assert press_ctrl_c(tmp_path, 25, seed=1) == []


@pytest.mark.slow
def test_kill_at_any_moment(tmp_path: Path) -> None:
    assert survivors(tmp_path, 12, seed=1) == []
