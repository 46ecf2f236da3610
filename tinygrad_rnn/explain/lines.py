"""The user's code: lines, and which one made a value; its loops; where results are stored; the ``where()`` around."""

from __future__ import annotations

import ast
import dis
import linecache
import os
import sys
from bisect import bisect
from collections import defaultdict
from collections.abc import Mapping
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from types import CodeType, FrameType
from typing import Any, NamedTuple

from ..engine.graph import Node

#: How instructions are called that put a variable, an attribute or a constant onto the stack.
_LOADS = ("LOAD_FAST", "LOAD_NAME", "LOAD_GLOBAL", "LOAD_DEREF", "LOAD_ATTR", "LOAD_CONST", "LOAD_SMALL_INT")
_OPERATORS = ("BINARY_OP", "COMPARE_OP", "UNARY_NEG")
#: After these it does not go on with the next one.
_LEAVES = ("JUMP_FORWARD", "JUMP_BACKWARD", "RETURN", "RAISE", "RERAISE")
#: Attributes of tensors that are tensors: of these alone a name says nothing.
_VIEWS = ("T", "mT", "H", "mH", "data", "real")
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
    if isinstance(asked, tuple):  # of an answer without a gradient it is what that was made of
        code, instruction = asked if len(asked) == 2 else (None, 0)
        return users(code), instruction
    return code_of(node), asked or 0


def is_of_rule(node: Node) -> bool:
    """Whether a rule of a derivative made a value, in a backward pass."""
    return getattr(node._code, "co_filename", "").startswith(os.path.join(_PACKAGE, "ops", ""))


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
        stored: what the result of an instruction becomes, see ``_stored``; given: what it is given, see ``_given``.
    """

    def __init__(self, code: CodeType) -> None:
        self._code, self._steps = code, list(dis.get_instructions(code))
        self._offsets = [*(step.offset for step in self._steps), sys.maxsize]
        self._end: dict[int, int] = {}
        reached = self._reached()
        for n, step in enumerate(self._steps):
            # Waiting for an awaitable jumps too, and the handler of an error from wherever it stands.
            back = _target(step) <= step.offset and "NO_INTERRUPT" not in step.opname
            if back and (step.offset in reached or _target(step) not in reached):
                self._end[_target(step)] = n
        found = ((first, self._offsets[last]) for first, last in self._end.items())
        self.loops = sorted(found, key=lambda loop: loop[1] - loop[0])
        self.follows = cache(self._follows)
        self.stored, self.given = cache(self._stored), cache(self._given)

    def _reached(self) -> set[int]:
        """What runs, by offset, if there is no error."""
        found, waiting = set[int](), [0]
        while waiting:
            for step in self._steps[waiting.pop() :]:
                if step.offset in found:
                    break
                found.add(step.offset)
                if _target(step) < sys.maxsize:
                    waiting.append(bisect(self._offsets, _target(step)) - 1)
                if step.opname.startswith(_LEAVES):
                    break
        return found

    @cached_property
    def makes(self) -> dict[CodeType, int]:
        """The nameless functions in it (generators, comprehensions, lambdas), and where each is made."""
        pairs = ((step.argval, after) for step, after in zip(self._steps, self._offsets[1:], strict=True))
        return {code: at for code, at in pairs if isinstance(code, CodeType) and code.co_name.startswith("<")}

    @cached_property
    def loaded(self) -> Mapping[int, Mapping[tuple[int, ...], str]]:
        """The variables that an instruction takes from the stack, by how many values lie on each then.

        Of those in a list or a tuple that is written there, as in ``cat([x, h])``, also how many come after each.
        Constants are called "", entries xs[t] or xs.word. The variable whose method is called has no place: ().
        """
        found: dict[int, dict[tuple[int, ...], str]] = defaultdict(dict)
        for before, step in pairwise([self._steps[0], *self._steps]):
            if _is_method(step):
                found[self._call(self._taker(step.offset, 1)[0])][(sys.maxsize,)] = step.argval
            for above, name in enumerate(reversed(_put(before, step, found[step.offset]))):
                taker, on_it = self._taker(step.offset, above)
                place: tuple[int, ...] = (on_it,)
                while taker.opname in ("BUILD_TUPLE", "BUILD_LIST"):
                    taker, on_it = self._taker(taker.offset)
                    place = on_it, *place
                if _is_method(taker) and (name.isidentifier() or not name):
                    of = (before if step.opname == "LOAD_ATTR" else step).opname
                    taker, place = self._taker(taker.offset)[0], ()
                    name = name if name != "self" and ("LOAD_FAST" in of or "LOAD_DEREF" in of) else ""
                found[self._call(taker)][place] = name
        return found

    @cached_property
    def computed(self) -> set[str]:
        """The variables that hold nothing but what operators give."""
        pairs = [(before, name) for before, step in pairwise(self._steps) for name in _stores(step)]
        others = {name for before, name in pairs if not before.opname.startswith(_OPERATORS)}
        return {name for _, name in pairs} - others - {*self._code.co_varnames[: self._code.co_argcount]}

    def _call(self, step: dis.Instruction) -> int:
        """Where it is, or where the call is that it begins: in 3.11 that is two instructions."""
        return self._offsets[bisect(self._offsets, step.offset) - (step.opname != "PRECALL")]

    def _given(self, offset: int) -> tuple[list[str | None], str | None, bool]:
        """What an operator or a call is given, in its order; what is called; and whether that is a method of the first.

        The former are variables, "=" for what an operator gave and None for the rest. What is called is "" for an
        operator, and None if it is not known or has keywords.
        """
        n = bisect(self._offsets, offset) - 1
        step = self._steps[n]
        loaded, kw, calls = self.loaded.get(step.offset, {}), step.opname == "CALL_KW", step.opname.startswith("CALL")
        takes = {"BINARY_SLICE": 3, "BINARY_SUBSCR": 2, "BINARY_OP": 2, "COMPARE_OP": 2, "UNARY_NEGATIVE": 1}
        count = (step.arg or 0) + kw if calls else takes.get(step.opname, 0)
        places = {place for place in loaded if place and place[0] < count}
        places |= {(n,) for n in range(count)} - {place[:1] for place in places}
        operands = [name for place in sorted(places, reverse=True) if (name := loaded.get(place)) != ""]
        if not calls:
            return operands[: 1 if step.opname.startswith("BINARY_S") else 2], "", False
        words = (s for s in self._steps[max(0, n - 1 - (not kw)) : n] if kw or s.opname == "KW_NAMES")
        count_of = (len(self._code.co_consts[s.arg or 0]) for s in words)
        keywords = any(loaded.get((i + kw,)) != "" for many in count_of for i in range(many))
        called = next((name for place, name in loaded.items() if place and place[0] >= count), None)
        method = (sys.maxsize,) in loaded and loaded.get(()) != ""
        return [loaded.get(())] * method + operands, None if keywords else called, method

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
                if not step.opname.startswith(_LEAVES):
                    reached.add(self._offsets[n + 1])
        return now > before and now in reached

    def _stored(self, offset: int, above: int = 0) -> tuple[str, ...] | None:
        """The variable or attribute that the result of an instruction becomes; none if it goes elsewhere.

        What a comprehension collects becomes those into which that is unpacked, in turn; for what a function hands out
        the answer, None, is where that was made.
        """
        if self._steps[bisect(self._offsets, offset) - 1].opname == "STORE_SUBSCR":  # ``slots[t] = h``
            into = self.loaded.get(offset, {}).get((1,))
            return (into,) if into else ()
        taker, above = self._taker(offset, above)
        while (
            taker.opname == "STORE_SUBSCR"
            and above == 2
            and self._steps[bisect(self._offsets, offset)].opname == "COPY"
        ):
            offset = taker.offset  # ``states[t] = h = tanh(a)``
            taker, above = self._taker(offset)
        name, argval = taker.opname, taker.argval
        if name in ("YIELD_VALUE", "RETURN_VALUE") and not above:
            return None
        if name in ("LIST_APPEND", "MAP_ADD") and not above and taker.arg != 1:  # that is ``[*states, h]``
            last = next(last for first, last in self.loops if first <= taker.offset <= last)
            after = self._steps[bisect(self._offsets, last)]
            return self.unpacked(last, 2 if after.opname == "END_FOR" else 0)
        if name.startswith("STORE_FAST"):
            return _stores(taker)[above : above + 1]
        stored = name.startswith("STORE_") and name != "STORE_SUBSCR" and above == (name == "STORE_ATTR")
        return (str(argval),) if stored else ()

    def unpacked(self, offset: int, above: int = 0) -> tuple[str, ...] | None:
        """The variables into which the result of an instruction is unpacked, or what calls make of it."""
        taker, above = self._taker(offset, above)
        while taker.opname.startswith(("CALL", "PRECALL", "LOAD_ATTR", "LOAD_METHOD", "SET_FUNCTION_ATTRIBUTE")):
            taker, above = self._taker(taker.offset)
        if taker.opname == "RETURN_VALUE":
            return None
        variables = range(taker.arg or 0) if taker.opname == "UNPACK_SEQUENCE" else ()
        found = [self._stored(taker.offset, above) or () for above in variables]
        return tuple(name for names in found for name in names) if all(found) else ()

    def _taker(self, offset: int, above: int = 0) -> tuple[dis.Instruction, int]:
        """What takes the result of an instruction from the stack, and how many values lie on it then.

        It is followed past what is computed meanwhile, ``i, f = a * b, c * d``, and past the else of ``a if b else c``.
        """
        steps = map(self._steps.__getitem__, range(bisect(self._offsets, offset), len(self._steps)))
        for step in steps:
            name, arg = step.opname, step.arg or 0
            if name == "JUMP_FORWARD":
                return self._taker(self._steps[bisect(self._offsets, _target(step)) - 2].offset, above)
            if name == "SWAP":
                above = {0: arg - 1, arg - 1: 0}.get(above, above)
            elif name == "BUILD_TUPLE" and above < arg:
                if next(steps).opname != "UNPACK_SEQUENCE":
                    return step, above
                above = arg - 1 - above
            elif name not in ("NOP", "CACHE", "EXTENDED_ARG", "KW_NAMES") and (name != "COPY" or arg != above + 1):
                change = dis.stack_effect(step.opcode, step.arg, jump=False)
                # All but these leave one value, and take as many as make up the difference.
                takes = -change if name.startswith(("STORE_", "POP_", "DELETE_", "END_")) else 1 - change
                one = ("STORE_FAST_LOAD_FAST", "LOAD_ATTR", "LOAD_METHOD")  # the latter two may leave two
                takes = 1 if name.startswith("UNPACK_") or name in one else takes
                if _target(step) < sys.maxsize or takes > above:
                    return step, above
                above += change
        return self._steps[-1], above


def _put(before: dis.Instruction, step: dis.Instruction, taken: Mapping[tuple[int, ...], str]) -> tuple[str, ...]:
    """What the names are of that which an instruction puts onto the stack, as far as it is known what that is."""
    name, word = step.opname, before.argval
    if name == "BINARY_SUBSCR":
        by_word = isinstance(word, str) and before.opname == "LOAD_CONST"
        of, entry = taken.get((1,)), f".{word}" if by_word else f"[{taken.get((0,), '..') or word}]"
        return () if of is None or before.opname == "BUILD_SLICE" else (of and of + entry,)
    number = name.startswith("CALL") and not {"float", "int", "len", "size", "dim", "item"}.isdisjoint(taken.values())
    if number or name in ("LOAD_CONST", "LOAD_SMALL_INT") or (name == "LOAD_ATTR" and step.argval == "shape"):
        return ("",)
    if name.startswith(_OPERATORS):
        return ("=",)
    if _is_method(step) or not any(each in name for each in _LOADS):
        return ()
    names = step.argval if isinstance(step.argval, tuple) else (step.argval,)  # from 3.13 on one may do two
    if name == "LOAD_ATTR" and names[0] in _VIEWS:
        of = word[-1] if isinstance(word, tuple) else word
        return names if of == "self" else (f"{of}.{names[0]}" if isinstance(of, str) else "",)
    return tuple(map(str, names[name.startswith("STORE_") :]))


def _stores(step: dis.Instruction) -> tuple[str, ...]:
    """The local variables in which it stores: from 3.13 on two instructions may be one, with two names."""
    if not step.opname.startswith("STORE_FAST"):
        return ()
    return (step.argval,) if isinstance(step.argval, str) else step.argval[: 1 + step.opname.endswith("_STORE_FAST")]


def _is_method(step: dis.Instruction) -> bool:
    """Whether it puts a method onto the stack, and that of which it is one."""
    return step.opname == "LOAD_METHOD" or "|self" in step.argrepr


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
