"""What tests of the life of a graph share."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Reference counting alone: looking for cycles among a million live objects is most of the time otherwise."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()
