"""Random command lines and damaged files: exit status 0, or 2 with one line, and never a traceback."""

from pathlib import Path

import pytest

from tests.cli.fuzz import try_files, try_lines

# More of them by `python -m tests.cli.fuzz files 2000 12`.
SIZES = [pytest.param(60, 1, id="some"), pytest.param(700, 0, id="many", marks=pytest.mark.slow)]


@pytest.mark.parametrize(("most", "seed"), SIZES)
def test_command_lines(tmp_path: Path, most: int, seed: int) -> None:
    assert try_lines(seed, most, tmp_path) == []


@pytest.mark.parametrize(("most", "seed"), SIZES)
def test_damaged_files(tmp_path: Path, most: int, seed: int) -> None:
    assert try_files(seed, most, tmp_path) == []
