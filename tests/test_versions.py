"""The comparison of versions: it runs, and says what it was given when that is no version."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "tests" / "benchmarks" / "versions.py"


def compare(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, *words], capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.slow
def test_a_version_beside_itself() -> None:
    done = compare(str(ROOT), str(ROOT), "--quick", "--only", "bytes")
    assert done.returncode == 0, done.stderr
    row = done.stdout.splitlines()[-1].split()
    assert row[:3] == ["bytes", "an", "operation"] and row[-1] == "1.00" and row[3] == row[5]


@pytest.mark.slow
@pytest.mark.parametrize("version", ["no-such-revision", "tests"])
def test_what_is_no_version_is_said(version: str) -> None:
    done = compare(version, str(ROOT), "--quick", "--only", "bytes")
    assert done.returncode == 1 and f"'{version}' is neither a folder that holds tinygrad_rnn nor" in done.stderr
