"""What a command says: text for people, or one JSON object for programs, never both; and how it ends."""

import json
import math
from dataclasses import dataclass, field
from typing import Any

from ..data.files import shown


@dataclass(frozen=True)
class Console:
    """Where a command writes; with `json` the text is left out."""

    json: bool = False

    def say(self, text: str) -> None:
        """Text, at once: what follows may take long."""
        if not self.json:
            print(text, flush=True)

    def result(self, figures: dict[str, Any]) -> None:
        """The figures, if they are wanted."""
        if self.json:
            print(dumps(figures), flush=True)


@dataclass(frozen=True)
class Done:
    """How a command ended: its figures, its exit status, and a line for standard error if there is something to say."""

    figures: dict[str, Any] = field(default_factory=dict)
    status: int = 0
    note: str = ""


class Refusal(Exception):
    """The command cannot do what was asked; the message is one line: what was given, why it cannot be, what to do."""

    status = 2


class DivergedRun(Refusal):
    """Training left the finite numbers."""

    status = 1


def path_shown(path: object) -> str:
    """A path for a one-line message."""
    return shown(path, 200)


def why(error: Exception) -> str:
    """An exception in a few words."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}" if isinstance(error, KeyError) else str(error)


def dumps(figures: Any, indent: int | None = None) -> str:
    """JSON of them; NaN and infinity, which JSON does not have, become null."""

    def finite(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: finite(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [finite(each) for each in value]
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return json.dumps(finite(figures), indent=indent, allow_nan=False)
