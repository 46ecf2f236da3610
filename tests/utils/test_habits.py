"""Every program of habits.py beside PyTorch."""

import pytest

from tests.side_by_side import differences
from tests.utils.habits import KEPT, PROGRAMS

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("name", PROGRAMS)
def test_equals_torch(name: str) -> None:
    found = differences(PROGRAMS[name], torch)
    assert bool(found) == (name in KEPT), found or f"no longer different: {KEPT[name]}"
