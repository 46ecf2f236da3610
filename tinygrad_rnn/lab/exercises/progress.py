"""What was done in a folder: how often each exercise was tried, which hints were given, and what is solved."""

import json
from pathlib import Path

from ...utils.files import write
from ..training.log import dumps
from .trials import exercises

PROGRESS = Path("exercises.json")


class Progress:
    """Reads the file; one that makes no sense is left alone, and nothing is kept then, which the note says."""

    def __init__(self) -> None:
        self.done: dict[str, dict[str, int]] = {name: {"solved": 0, "tries": 0, "hints": 0} for name in exercises()}
        self.note = ""
        try:
            found = json.loads(PROGRESS.read_text(encoding="utf-8")) if PROGRESS.exists() else {}
            for name, kept in found.items():
                self.done[name] = {key: int(kept[key]) for key in ("solved", "tries", "hints")}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            why = f"{type(error).__name__}: {error}"
            self.note = f"{PROGRESS} is damaged ({why}), and no progress is kept; repair it or move it away"

    def add(self, name: str, **more: int) -> None:
        """Counts something, and writes it down."""
        self.done[name] |= {key: self.done[name][key] + count for key, count in more.items()}
        if not self.note:
            try:
                write(PROGRESS, (dumps(self.done, indent=1) + "\n").encode())
            except OSError as error:
                self.note = f"the progress cannot be written to {PROGRESS}: {error.strerror or error}"

    def tried(self, name: str, solved: bool) -> None:
        """One more answer was judged."""
        self.add(name, tries=1, solved=int(solved and not self.done[name]["solved"]))

    @property
    def next(self) -> str:
        """What to do after this."""
        left = [each.number for each in exercises().values() if not self.done[each.name]["solved"]]
        return f"Next: tinygrad-rnn exercise {left[0]}" if left else "That was all of them: every exercise is solved."
