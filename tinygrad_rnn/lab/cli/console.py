"""What a command says, text for people or one JSON object for programs, and draws; and how it ends."""

import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import tinygrad_rnn as tg

from ...explain.report import prose, terminal_width
from ...utils.files import write
from ..data.files import shown
from ..demos.shown import Drawable


@dataclass(frozen=True)
class Done:
    """How a command ended: its figures, its exit status, and a line for standard error if there is something to say."""

    figures: dict[str, Any] = field(default_factory=dict)
    status: int = 0
    note: str = ""


class Refusal(Exception):
    """The command cannot do what was asked; the message is one line: what was given, why it cannot be, what to do.

    status: 1 if training left the finite numbers, 130 after Ctrl-C where there is something to say about what is kept.
    """

    def __init__(self, message: str, status: int = 2) -> None:
        super().__init__(message)
        self.status = status


def path_shown(path: object) -> str:
    """A path for a one-line message."""
    return shown(path, 200)


def why(error: Exception) -> str:
    """An exception in a few words."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}" if isinstance(error, KeyError) else str(error)


@dataclass(frozen=True)
class Place:
    """Where a picture goes: to the path that was asked for, else to the first of a.svg, a-2.svg, ... that is free."""

    path: Path
    asked: bool = True

    def save(self, picture: Drawable) -> Path:
        """Writes it, and says where; what is not asked for is never written over a file that is there."""
        if self.asked:
            _write(picture, self.path)
            return self.path
        with tempfile.TemporaryDirectory() as folder:
            _write(picture, Path(folder) / self.path.name)
            drawn = (Path(folder) / self.path.name).read_bytes()
        path = self.path
        for number in count(1):
            path = self.path if number == 1 else self.path.with_stem(f"{self.path.stem}-{number}")
            with suppress(FileExistsError):
                path.open("xb").close()  # from now on the name is taken for all who look for one
                break
        try:
            write(path, drawn)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path


def picture_place(asked: str | None, usual: str) -> Place | None:
    """Where a picture can be written, or None for "none"; asked before any work is done, so that none is lost."""
    if asked == "none":
        return None
    path = Path(asked or usual)
    try:
        if asked and path.is_dir():
            wrong = "it is a folder; give a file name in it"
        elif asked and path.exists() and not path.is_file():
            wrong = "it is no ordinary file; give another name"
        elif asked and path.exists() and not os.access(path, os.W_OK):
            wrong = "the file is read-only; give another name"
        elif not path.parent.is_dir():
            wrong = f"there is no folder {path_shown(path.parent)}; make it first"
        else:
            wrong = ""
            with tempfile.TemporaryFile(dir=path.parent):
                pass
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        wrong = f"{why(error)}; give a path that can be written to"
    if wrong:
        raise Refusal(f"the picture cannot be written to {path_shown(path)}: {wrong}")
    # Next to nothing is drawn in this format: whatever is missing, a program or a format, shows now.
    x = tg.tensor(1.0, requires_grad=True)
    with tempfile.TemporaryDirectory() as folder:
        _write(tg.draw(x * x), Path(folder) / path.name)
    return Place(path, asked=bool(asked))


def _write(picture: Drawable, path: Path) -> None:
    try:
        picture.save(path)
    except (OSError, RuntimeError, ValueError) as error:
        raise Refusal(f"{error}; the option --picture takes another name, or none") from None


@dataclass(frozen=True)
class Console:
    """Where a command writes; with `json` the text is left out."""

    json: bool = False

    def say(self, text: str) -> None:
        """Text, at once: what follows may take long. A terminal would break its long lines within words."""
        if self.json:
            return
        width = terminal_width(0)
        for line in text.split("\n"):
            is_table = not width or len(line) <= width or line.startswith(" ") or "  " in line
            print(line if is_table else prose(line, width))
        sys.stdout.flush()

    def draw(self, drawing: Callable[[], Drawable], place: Place | None, what: str = "") -> str | None:
        """Draws and saves a picture, and says where and what it is, or what it shows; with no place nothing."""
        if place is None:
            return None
        picture = drawing()
        path = place.save(picture)
        shows = repr(picture).removeprefix("<Picture of ").removesuffix(">")
        self.say(f"\nPicture: {path_shown(path)}, {what or f'the gradients of {shows}'}")
        return str(path)
