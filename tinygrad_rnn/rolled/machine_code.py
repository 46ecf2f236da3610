"""Machine code of programs, made by numba and kept in a folder of the user's own for the next start."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any

MOST = 256  # programs that are kept


def compiled(body: str, text: str) -> tuple[CodeType, Any]:
    """The code of a text that begins with three lines of imports, and what ``njit`` in it stands for."""
    import numba

    file = kept(text)
    code = compile(f"\n\n\n{body}", str(file or "<program>"), "exec")
    return code, partial(numba.njit, cache=file is not None)


def kept(text: str) -> Path | None:
    """The file of a text beside which numba keeps its machine code; None if others might write there.

    numba executes what it finds beside the file, so the folder has to be the user's and closed to all others.
    """
    try:
        folder = _cache() / "tinygrad_rnn" / "programs"
        file = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.py"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        others_write = found.st_mode & 0o077 or (hasattr(os, "getuid") and found.st_uid != os.getuid())
        if os.name == "posix" and (others_write or not stat.S_ISDIR(found.st_mode)):
            return None
        if not file.exists():
            _forget_old(folder)
            new = folder / f"{file.name}.{os.getpid()}"
            new.write_text(text, encoding="utf-8")
            new.replace(file)
    except (OSError, RuntimeError):  # nowhere to write, or nobody's home
        return None
    return file


def _cache() -> Path:
    """Where this system keeps what programs can make again."""
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _forget_old(folder: Path) -> None:
    for old in sorted(folder.glob("*.py"), key=lambda file: file.stat().st_mtime)[: 1 - MOST]:
        for part in [old, *(folder / "__pycache__").glob(f"{old.stem}.*")]:
            part.unlink(missing_ok=True)
