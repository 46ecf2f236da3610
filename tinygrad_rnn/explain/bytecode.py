"""Bytecode: the loops of a function, what can follow what without going round one, and where results are stored."""

from __future__ import annotations

import dis
from bisect import bisect
from collections.abc import Sequence
from functools import cache, cached_property, lru_cache
from types import CodeType

_ENDS = ("JUMP_FORWARD", "JUMP_BACKWARD", "RETURN", "RAISE", "RERAISE")


@lru_cache
def bytecode(code: CodeType) -> Bytecode:
    """What the instructions of a function say."""
    return Bytecode(code)


class Bytecode:
    """What the instructions of ``code`` say; they are known by their offsets, and by those inside of them."""

    def __init__(self, code: CodeType) -> None:
        self._steps = list(dis.get_instructions(code))
        self._number = {step.offset: n for n, step in enumerate(self._steps)}
        self._offsets = list(self._number)
        self.follows = cache(self._follows)

    @property
    def loops(self) -> list[tuple[int, int]]:
        """The first and the last instruction of every loop, inner ones first."""
        return sorted(self._last.items(), key=lambda loop: loop[1] - loop[0])

    @cached_property
    def _last(self) -> dict[int, int]:
        """The last instruction of every loop by its first."""
        last: dict[int, int] = {}
        for before, step in zip(self._steps, self._steps[1:], strict=False):
            # Waiting for an awaitable jumps too, and ``continue`` in a handler from wherever the handler stands.
            if "NO_INTERRUPT" not in step.opname and before.opname != "POP_EXCEPT":
                target = _target(step)
                if target is not None and target <= step.offset:
                    last[target] = step.offset
        return last

    def at(self, offset: int) -> int:
        """The instruction that was running: while it waits for a function, another offset may stand in its frame."""
        return self._offsets[bisect(self._offsets, offset) - 1]

    def calls(self, instruction: int) -> bool:
        """Whether the instruction is a call."""
        return self._steps[self._number[instruction]].opname.startswith("CALL")

    def _follows(self, now: int, before: int) -> bool:
        """Whether instruction ``now`` can come after ``before`` in the same turn of all loops."""
        reached = {before}
        for step, after in zip(self._steps, self._steps[1:], strict=False):
            if step.offset >= now:
                break
            if step.offset in reached:
                target = _target(step)
                if not step.opname.startswith(_ENDS):
                    reached.add(after.offset)
                if target is not None:
                    # Who jumps back in a loop may leave it there.
                    end = self._last.get(target) if target <= step.offset else None
                    reached.add(target if end is None else self._steps[self._number[end] + 1].offset)
        return now > before and now in reached

    def stored(self, offset: int) -> str | None:
        """The name under which the result of an instruction is stored; None if it goes elsewhere."""
        names = [
            step for step in self._steps[self._number[self.at(offset)] + 1 :][:4] if step.opname not in ("COPY", "NOP")
        ]
        return _name(names)


def _target(step: dis.Instruction) -> int | None:
    return step.argval if step.opcode in dis.hasjrel or step.opcode in dis.hasjabs else None


def _name(steps: Sequence[dis.Instruction]) -> str | None:
    if len(steps) > 1 and steps[0].opname.startswith("LOAD_FAST") and steps[1].opname == "STORE_ATTR":
        return str(steps[1].argval)
    if steps and steps[0].opname.startswith("STORE_") and steps[0].opname not in ("STORE_SUBSCR", "STORE_ATTR"):
        found = steps[0].argval  # from 3.13 on two instructions may be one, with two names
        return str(found[0] if isinstance(found, tuple) else found)
    return None
