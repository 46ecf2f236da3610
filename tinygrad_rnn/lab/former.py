"""Former places of parts of the laboratory: they work with a warning, and go with version 0.3."""

import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any


def former(module: ModuleType) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of the place that a module had."""
    part = module.__name__.rpartition(".")[2]

    def found(name: str) -> Any:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        value = getattr(module, name)
        moved = f"tinygrad_rnn.{part} has moved and goes with version 0.3; write tinygrad_rnn.lab.{part} for .{name}"
        warnings.warn(moved, DeprecationWarning, stacklevel=2)
        return value

    return found, lambda: dir(module)
