"""Hooks: what comes back when one is registered, to take it out again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self


class RemovableHandle:
    """The receipt for a hook: ``remove()`` takes the hook out again, and so does leaving it as a context manager."""

    def __init__(self, hooks: dict[int, Callable[..., Any]], hook: Callable[..., Any]) -> None:
        self.hooks = hooks
        self.id = max(hooks, default=-1) + 1
        hooks[self.id] = hook

    def remove(self) -> None:
        """Take the hook out; doing it twice does no harm."""
        self.hooks.pop(self.id, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
