"""Lines of the user's code: which one made a value, what it says, and the ``where()`` around it."""

from __future__ import annotations

import ast
import linecache
import os
import sys
from types import CodeType, FrameType
from typing import Any, NamedTuple

from ..engine.graph import Node

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class Line(NamedTuple):
    """A place in the user's code: cheap to note, worked out when somebody asks."""

    code: CodeType
    instruction: int
    number: int

    @property
    def file(self) -> str:
        """The file, relative to the working directory if it is below it."""
        name = self.code.co_filename
        return os.path.relpath(name) if os.path.isabs(name) and name.startswith(os.getcwd() + os.sep) else name

    @property
    def source(self) -> list[str]:
        """The lines of its file; none if they are not to be had."""
        # Whatever is given to exec() calls itself <string>, and from Python 3.13 on one text is known by that name.
        return [] if self.code.co_filename == "<string>" else linecache.getlines(self.code.co_filename)

    @property
    def text(self) -> str:
        """What the line says; "" if its source is not to be had."""
        return "".join(self.source[self.number - 1 : self.number]).strip()

    def __str__(self) -> str:
        return f"{self.file}:{self.number}" + (f": {self.text}" if self.text else "")


def line_of(node: Node) -> Line | None:
    """The line that made a value, if it was recorded while anomalies are looked for."""
    return node._code if isinstance(node._code, Line) else None


def users(code: CodeType | None) -> CodeType | None:
    """``code``, or None if it is this package's."""
    return None if code is None or code.co_filename.startswith(_PACKAGE) else code


def code_of(node: Node) -> CodeType | None:
    """The function of the user that asked for a value; None if that is not known."""
    return users(node._code.code if isinstance(node._code, Line) else node._code)


def users_line() -> Line | None:
    """The line outside this package that is being executed."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and users(frame.f_code) is None:
        frame = frame.f_back
    return None if frame is None else Line(frame.f_code, frame.f_lasti, frame.f_lineno)


class Where(NamedTuple):
    """A ``where()`` around an expression: its condition and that branch as they are written, and which branch it is."""

    condition: str
    branch: str
    taken: bool


def where_around(line: Line) -> Where | None:
    """The ``where(condition, a, b)`` in whose branch ``a`` or ``b`` the instruction of ``line`` stands."""
    source = "".join(line.source)
    positions: list[Any] = list(line.code.co_positions())
    place = positions[line.instruction // 2] if line.instruction // 2 < len(positions) else [None]
    if not source or None in place:
        return None
    start_line, end_line, start, end = place
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    found = None
    for call in ast.walk(tree):
        match call:
            case ast.Call(func=ast.Attribute(attr="where") | ast.Name(id="where"), args=[condition, *branches]):
                for branch in branches if len(branches) == 2 else ():
                    last: Any = branch.end_lineno, branch.end_col_offset
                    if (branch.lineno, branch.col_offset) <= (start_line, start) and (end_line, end) <= last:
                        written, inside = (ast.get_source_segment(source, each) or "" for each in (condition, branch))
                        found = Where(written, inside, branch is branches[0])  # the innermost one comes last
    return found
