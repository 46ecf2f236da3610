"""Rendering: DOT text becomes SVG, PNG or PDF; the only file that knows the package ``graphviz``."""

from __future__ import annotations

import os
import re
import sys
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any, Literal

from ..utils import files
from .label import printable
from .settled import settled

#: The environment variable that names the program to draw with.
ENGINE_VARIABLE = "TINYGRAD_RNN_DOT"
FORMATS = ("svg", "png", "pdf")
#: Seconds a program may take for one picture.
TIME_LIMIT = 20.0
#: The program that draws, as it can be asked for.
Engine = str | os.PathLike[str] | None


def engine_path(engine: Engine = None) -> str:
    """The program that draws: ``engine``, else $TINYGRAD_RNN_DOT, else ``dot``, else ``graphviz-pure``.

    Programs are also looked for beside the running Python, where pip puts ``graphviz-pure``.

    Raises:
        RuntimeError: there is none, or not the one asked for.
    """
    import shutil  # who never draws does not wait for it

    scripts = os.path.dirname(sys.executable)
    asked, by = (engine, "engine=") if engine else (os.environ.get(ENGINE_VARIABLE), f"${ENGINE_VARIABLE}")
    for name in [asked] if asked else ["dot", "graphviz-pure"]:
        if found := shutil.which(name) or shutil.which(name, path=scripts):
            return os.fspath(found)
    if asked:
        raise RuntimeError(f"{by}{os.fspath(asked)!r} is not a program that can be run; give a path or a name")
    raise RuntimeError(
        "there is no graphviz to draw with: pip install graphviz-pure, or install graphviz for your system. "
        "The DOT text can be had without it: picture.save('picture.dot')"
    )


def render(text: str, format: str, *, placed: bool, engine: Engine = None, dpi: int | None = None) -> bytes:
    """Draw DOT ``text`` as ``format``, one of ``FORMATS``, by the program of ``engine_path``; ``dpi`` is for PNG.

    ``placed``: the text says where everything is; else ``dot`` lays it out, see ``settled``.

    Raises:
        RuntimeError: the program is missing, fails, or cannot make this format.
        TimeoutError: it took longer than ``TIME_LIMIT`` seconds.
    """
    program = engine_path(engine)
    if not placed:
        text = settled(text, lambda each: _run(each, "dot", placed, program, None).decode())
    return _run(text, format, True, program, dpi)


@lru_cache(4)  # what is measured before it is shown is drawn once
def _run(text: str, format: str, placed: bool, program: str, dpi: int | None) -> bytes:
    """What the program makes of the text."""
    # Imported where it is needed: who never draws does not wait for it.
    import subprocess

    import graphviz
    from graphviz.backend import dot_command, execute

    command = dot_command.command("neato" if placed else "dot", format, neato_no_op=2 if placed else None)
    command = [program, *command[1:], *([f"-Gdpi={dpi}"] if dpi else [])]
    try:
        done = execute.run_check(command, input=text.encode(), capture_output=True, quiet=True, timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        raise TimeoutError(
            f"{program} needed more than {TIME_LIMIT:g} s for this picture; draw a smaller graph or a shorter window"
        ) from None
    except (graphviz.CalledProcessError, graphviz.ExecutableNotFound, OSError) as error:
        raise RuntimeError(_failure(program, format, getattr(error, "stderr", b"") or str(error).encode())) from error
    if not done.stdout:
        raise RuntimeError(_failure(program, format, done.stderr))
    return bytes(done.stdout)


def size_of(svg: bytes | str) -> tuple[float, float]:
    """Width and height of a drawing of graphviz, in points."""
    text = svg if isinstance(svg, str) else svg[:2000].decode(errors="ignore")
    found = re.search(r'<svg width="([\d.]+)pt"\s+height="([\d.]+)pt"', text)
    return (float(found[1]), float(found[2])) if found else (0.0, 0.0)


def pdf_of(svg: str) -> bytes:
    """An SVG as PDF, for engines that write none.

    Raises:
        RuntimeError: the library that does it is not installed.
    """
    import io

    try:
        from reportlab.graphics.renderPDF import drawToString
        from svglib.svglib import svg2rlg
    except ImportError:
        raise RuntimeError(
            "PDF needs the system's graphviz (its program is called dot), or pip install svglib; SVG and PNG work "
            "without either"
        ) from None
    drawing: Any = svg2rlg(io.BytesIO(svg.encode()))
    pdf: Any = drawToString(drawing)
    return bytes(pdf)


def dressed(svg: str, title: str, subtitle: str) -> str:
    """An SVG that fits its page and has words for those who cannot see it, instead of the names of graphviz."""
    bare = re.sub(r"<title>[^<]*</title>\n?", "", svg)
    title, subtitle = escape(printable(title)), escape(printable(subtitle))
    looks = f'role="img" aria-label="{title}" style="max-width:100%;height:auto;forced-color-adjust:none"'
    words = f"<title>{title}</title>\n<desc>{subtitle}</desc>"
    return re.sub(r"(<svg [^>]*)>", lambda found: f"{found[1]} {looks}>\n{words}", bare, count=1)


def source_of(text: str, *, placed: bool) -> Any:
    """DOT ``text`` as a ``graphviz.Source``."""
    import graphviz

    return graphviz.Source(text, engine="neato" if placed else "dot", format="svg")


def _failure(program: str, format: str, said: bytes) -> str:
    words = " ".join(said.decode(errors="replace").split())[:300]
    if "not recognized" in words:
        return (
            f"{program} cannot write {format.upper()}: that needs the system's graphviz "
            f"(its program is called dot). SVG and PNG work without it"
        )
    return f"{program} could not draw the picture: {words or 'it wrote nothing'}"


def write(path: str | os.PathLike[str], data: bytes) -> Path:
    """Write a file whole or not at all.

    Raises:
        OSError: it cannot be written there.
    """
    try:
        files.write(path, data)
    except OSError as error:
        why = error.strerror or str(error).removeprefix(f"cannot write {files.shown(path)}: ")
        raise OSError(f"cannot write the picture to {os.fspath(path)!r}: {why}") from error
    return Path(path)


class Saved:
    """Something with a text, "html" or "svg", that can be saved; what errors call it, and what they say of endings."""

    kind: Literal["html", "svg"] = "svg"
    called = ""
    rule = "the name has to end in .svg"

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it to ``path``, which ends in .html for a page, else in .svg; the file is written whole or not at all.

        Raises:
            ValueError: another ending, or there is nothing to write.
            OSError: the file cannot be written.
        """
        target = Path(path)
        if target.suffix.lower() not in (f".{self.kind}", f".{self.kind[:3]}"):
            raise ValueError(f"cannot save {self.called} as {target.name!r}: {self.rule}")
        text: str = getattr(self, self.kind)
        return write(target, text.encode())
