"""The former place of `tinygrad_rnn.lab.training`: it works with a warning, and goes with version 0.3."""

import warnings
from typing import Any

from .lab import training as _moved


def __getattr__(name: str) -> Any:
    if name.startswith("__") and name != "__all__":
        raise AttributeError(name)
    found = getattr(_moved, name)
    warnings.warn(
        f"tinygrad_rnn.training has moved and goes with version 0.3; write tinygrad_rnn.lab.training for .{name}",
        DeprecationWarning,
        stacklevel=2,
    )
    return found


def __dir__() -> list[str]:
    return dir(_moved)
