"""What the tests of the command line have in common: a way to run it in an empty folder, and two small files."""

import subprocess
from pathlib import Path

import pytest

from tests.cli.process import PROGRAM, Command, Run, environment
from tinygrad_rnn.lab.cli import main


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `tinygrad-rnn` with some arguments in the test's folder."""

    def run(*arguments: str, timeout: float = 120) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*PROGRAM, *arguments],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture
def here(command: Command, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same without a process of its own, whose start takes longer than most commands."""
    monkeypatch.setenv("COLUMNS", environment()["COLUMNS"])

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess(arguments, *command(*arguments))

    return run


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """Sixty days of a made-up price, in a file called prices.csv in the test's folder."""
    lines = ["date,open,close"]
    for day in range(60):
        value = 100 + 10 * ((day * 7) % 12 - 6) / 6 + 0.1 * day
        lines.append(f"2024-{1 + day // 28:02d}-{1 + day % 28:02d},{value - 1:.2f},{value:.2f}")
    path = tmp_path / "prices.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """A short text of many repeated words, in a file called words.txt in the test's folder."""
    path = tmp_path / "words.txt"
    path.write_text("The cat sat on the mat. The dog sat on the log. The cat saw the dog, and ran!\n" * 20)
    return path


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command here, in the test's folder: status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            status = main(list(arguments))
        except SystemExit as end:
            status = int(end.code or 0)
        said = capsys.readouterr()
        return status, said.out, said.err

    return command
