"""Bytecode: the loops of a function, what can follow what without going round one, and where results are stored."""

from __future__ import annotations

import dis
import sys
from bisect import bisect
from functools import cache, lru_cache
from types import CodeType


@lru_cache
class Bytecode:
    """The instructions of a function, known by their offsets.

    Attributes:
        loops: the first and the last instruction of every loop, inner ones first.
        follows: whether the first of two instructions can come after the second in the same turn of all loops.
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

    def stored(self, offset: int) -> str | None:
        """The variable or attribute that the result of an instruction becomes; None if it goes elsewhere."""
        after = self._steps[bisect(self._offsets, offset) :][:3]
        first, second, *_ = [step for step in after if step.opname not in ("COPY", "NOP")] + [None, None]
        if first and second and first.opname.startswith("LOAD_FAST") and second.opname == "STORE_ATTR":
            return str(second.argval)
        if first and first.opname in ("STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF"):
            return str(first.argval)
        # From 3.13 on two instructions may be one, with two names.
        return str(first.argval[0]) if first and first.opname.startswith("STORE_FAST_") else None


def _target(step: dis.Instruction) -> int:
    """Where an instruction may jump to; beyond everything if it does not jump."""
    return int(step.argval) if step.opcode in dis.hasjrel or step.opcode in dis.hasjabs else sys.maxsize
