"""Where the picture goes: checked before any work is done, so that no work is lost."""

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import tinygrad_rnn as tg

from ..demos.shown import Drawable
from .console import Refusal, path_shown, why


def picture_path(text: str) -> Path | None:
    """The path a picture can be written to, or None for "none".

    Raises:
        Refusal: no such folder, a folder that cannot be written to, something there that is no file, or a format that
            cannot be drawn here.
    """
    if text == "none":
        return None
    path = Path(text)
    try:
        if path.is_dir():
            wrong = "it is a folder; give a file name in it"
        elif path.exists() and not path.is_file():
            wrong = "it is no ordinary file; give another name"
        elif path.exists() and not os.access(path, os.W_OK):
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
        raise Refusal(f"the picture cannot be written to {path_shown(text)}: {wrong}")
    _rehearse(path.name)
    return path


def _rehearse(name: str) -> None:
    """Draws next to nothing in the format of `name`: whatever is missing, a program or a format, shows now."""
    x = tg.tensor(1.0, requires_grad=True)
    with tempfile.TemporaryDirectory() as folder:
        _write(tg.draw(x * x), Path(folder) / name)


def _write(picture: Drawable, path: Path) -> None:
    try:
        picture.save(path)
    except (OSError, RuntimeError, ValueError) as error:
        raise Refusal(f"{error}; the option --picture takes another name, or none") from None


def save_picture(
    loss: tg.Tensor, path: Path | None, title: str, labels: Sequence[str], say: Callable[[str], None] = print
) -> None:
    """Draws the unrolled graph with values and gradients, and says where it is; with no path nothing."""
    if path is None:
        return
    try:
        picture = tg.draw(loss, title=title, labels=labels)
    except ValueError:  # too wide to be taken in at a glance, but that is what was asked for
        picture = tg.draw(loss, title=title, labels=labels, force=True)
    _write(picture, path)
    say(f"\nPicture: {path_shown(path)}, the unrolled graph with its values and gradients")


def save_drawing(drawing: Drawable, path: Path | None, what: str, say: Callable[[str], None] = print) -> None:
    """Saves a picture that is drawn already, and says where and what it is; with no path nothing."""
    if path is not None:
        _write(drawing, path)
        say(f"\nPicture: {path_shown(path)}, {what}")
