"""Writing a file whole or not at all, and reading one."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any


class SavedFileError(ValueError):
    """A file is not what ``save`` writes; the message is one line: which file, what it is instead, what to do."""


def shown(file: Any) -> str:
    """A path, or a file object, for a one-line message."""
    return repr(os.fsdecode(file)) if isinstance(file, (str, bytes, os.PathLike)) else f"<{type(file).__name__}>"


def write(file: Any, data: bytes) -> None:
    """Write ``data`` to a path, or to a file object opened for bytes.

    At every moment a path names either the old file or the complete new one: the bytes go to another file in the same
    folder, are forced onto the disk, and then take over the name. A file that was there passes its permissions on; a
    link stays a link, and what it points to is replaced. After an OSError the old file is as it was.
    """
    if hasattr(file, "write"):
        file.write(data)
        return
    target = Path(os.path.realpath(os.fsdecode(file)))
    mode = _permissions(target, shown(file))
    spare = target.with_name(f".{os.urandom(8).hex()}.tmp")
    try:
        with open(spare, "xb") as out:  # never a file that is there already
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        if mode is not None:
            os.chmod(spare, mode)
        os.replace(spare, target)
    except BaseException:
        spare.unlink(missing_ok=True)
        raise
    _sync(target.parent)


def _permissions(target: Path, name: str) -> int | None:
    """Those of the file that is there; None if there is none."""
    if not target.parent.is_dir():
        raise FileNotFoundError(f"cannot write {name}: there is no folder {shown(target.parent)}; make it first")
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(f"cannot write {name}: it is a folder; give the name of a file in it")
    if not stat.S_ISREG(mode):
        raise OSError(f"cannot write {name}: it is no ordinary file; give another name")
    if not os.access(target, os.W_OK):
        raise PermissionError(f"cannot write {name}: the file is read-only; give another name")
    return stat.S_IMODE(mode)


def _sync(folder: Path) -> None:
    """Force the new name onto the disk too, where folders can be opened."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read(file: Any) -> bytes:
    """The bytes of a path, or of a file object opened for bytes."""
    if hasattr(file, "read"):
        data: bytes = file.read()
        return data
    try:
        return Path(os.fsdecode(file)).read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {shown(file)}; check the path") from None
    except IsADirectoryError:
        raise IsADirectoryError(f"{shown(file)} is a folder; give the file in it") from None
