"""PyTorch's path of all that ``nn`` has."""

from __future__ import annotations

import sys
from typing import Any

from . import module as module


def __getattr__(name: str) -> Any:
    return getattr(sys.modules[__name__.rpartition(".")[0]], name)
