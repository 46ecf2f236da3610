"""Counts the generated cases that were compared with PyTorch, and says so at the end of the run."""

from __future__ import annotations

from collections import Counter

import pytest

_COMPARED: Counter[str] = Counter()


@pytest.fixture(scope="session")
def compared() -> Counter[str]:
    """How many cases of each kind were compared so far."""
    return _COMPARED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _COMPARED:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in _COMPARED.items())
        terminalreporter.write_line(f"compared with PyTorch: {_COMPARED.total():,} generated cases ({kinds})")
