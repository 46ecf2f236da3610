"""The user's code: lines, and which one made a value; its loops; where results are stored; the ``where()`` around."""

from __future__ import annotations

import ast
import dis
import linecache
import os
import sys
from bisect import bisect
from functools import cache, lru_cache
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
        """The file, relative to the working directory if it is below it; of a notebook "cell"."""
        name = "cell" if "ipykernel_" in self.code.co_filename else self.code.co_filename
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


def site_of(node: Node) -> tuple[CodeType | None, int]:
    """``code_of`` a value, or where the user called the function of this package that gave it, and where in there."""
    asked = node._instruction
    code, instruction = asked if isinstance(asked, tuple) and len(asked) == 2 else (code_of(node), asked)
    return users(code), instruction or 0


def users_line() -> Line | None:
    """The line outside this package that is being executed."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and users(frame.f_code) is None:
        frame = frame.f_back
    return None if frame is None else Line(frame.f_code, frame.f_lasti, frame.f_lineno)


@lru_cache
class Bytecode:
    """The instructions of a function, known by their offsets.

    Attributes:
        loops: the first and the last instruction of every loop, inner ones first.
        follows: whether the first of two instructions can come after the second in the same turn of all loops.
        stored: what the result of an instruction becomes, see ``_stored``.
    """

    def __init__(self, code: CodeType) -> None:
        self._steps = list(dis.get_instructions(code))
        self._offsets = [*(step.offset for step in self._steps), sys.maxsize]
        self._end: dict[int, int] = {}
        for n, step in enumerate(self._steps):
            # Waiting for an awaitable jumps too, and ``continue`` in a handler from wherever the handler stands.
            back = _target(step) <= step.offset and "NO_INTERRUPT" not in step.opname
            if back and self._steps[n - 1].opname != "POP_EXCEPT":
                self._end[_target(step)] = n
        found = ((first, self._offsets[last]) for first, last in self._end.items())
        self.loops = sorted(found, key=lambda loop: loop[1] - loop[0])
        self.follows = cache(self._follows)
        self.stored = cache(self._stored)

    def at(self, offset: int) -> int:
        """The instruction that was running: while it waits for a function, another offset may stand in its frame."""
        return self._offsets[bisect(self._offsets, offset) - 1]

    def _follows(self, now: int, before: int) -> bool:
        reached = {before}
        for n, step in enumerate(self._steps):
            if before <= step.offset < now and step.offset in reached:
                target = _target(step)
                if target <= step.offset and target in self._end:  # who jumps back may leave the loop there
                    target = self._offsets[self._end[target] + 1]
                reached.add(target)
                if not step.opname.startswith(("JUMP_FORWARD", "JUMP_BACKWARD", "RETURN", "RAISE", "RERAISE")):
                    reached.add(self._offsets[n + 1])
        return now > before and now in reached

    def _stored(self, offset: int) -> str | None:
        """The variable or attribute that the result of an instruction becomes; None if it goes elsewhere.

        It is followed on the stack to what takes it, past what is computed meanwhile: ``i, f = a * b, c * d``.
        """
        above = 0  # how many values lie on it
        steps = iter(self._steps[bisect(self._offsets, offset) :])
        for step in steps:
            name, arg = step.opname, step.arg or 0
            if name.startswith("STORE_FAST_") and above < (2 if name.endswith("STORE_FAST") else 1):
                return str(step.argval[above])  # from 3.13 on two instructions may be one, with two names
            if name.startswith("STORE_") and above == (1 if name == "STORE_ATTR" else 0):
                return str(step.argval) if name != "STORE_SUBSCR" else None
            if name == "SWAP":
                above = {0: arg - 1, arg - 1: 0}.get(above, above)
            elif name == "BUILD_TUPLE" and above < arg:
                if next(steps).opname != "UNPACK_SEQUENCE":
                    return None
                above = arg - 1 - above
            elif name not in ("NOP", "CACHE", "EXTENDED_ARG", "KW_NAMES") and (name != "COPY" or arg != above + 1):
                change = dis.stack_effect(step.opcode, step.arg, jump=False)
                # All but these leave one value, and take as many as make up the difference.
                takes = -change if name.startswith(("STORE_", "POP_", "DELETE_")) else 1 - change
                takes = 1 if name.startswith("UNPACK_") else takes
                if _target(step) < sys.maxsize or takes > above:
                    return None
                above += change
        return None


def _target(step: dis.Instruction) -> int:
    """Where an instruction may jump to; beyond everything if it does not jump."""
    return int(step.argval) if step.opcode in dis.hasjrel or step.opcode in dis.hasjabs else sys.maxsize


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
    except (SyntaxError, SystemError):  # the latter where threads parse at once (python/cpython#106905)
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
