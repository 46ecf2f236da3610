"""Hooks: what comes back when one is registered, to take it out again."""

from __future__ import annotations

from itertools import count
from typing import Any, Self

_numbers = count()  # a number is never given twice: removing a hook again must not take out a later one


class RemovableHandle:
    """The receipt for a hook: ``remove()`` takes the hook out again, and so does leaving it as a context manager."""

    def __init__(self, hooks: dict[int, Any], hook: Any, prepend: bool = False) -> None:
        self.hooks = hooks
        self.id = next(_numbers)
        others = dict(hooks) if prepend else {}
        for number in others:
            del hooks[number]
        hooks[self.id] = hook
        hooks.update(others)

    def remove(self) -> None:
        """Take the hook out; doing it twice does no harm."""
        self.hooks.pop(self.id, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
