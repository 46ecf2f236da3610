"""Loops: which turns of the user's loops are time steps, read from where in the program every value was asked for.

A loop is time if a turn reads what the turn before made, other than by adding it up, and several turns read the same
weight. So layers in a loop are not, nor samples of which the losses are summed.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import CO_COROUTINE, CO_GENERATOR
from itertools import accumulate, takewhile
from types import CodeType
from typing import NamedTuple

from ..engine.calls import Call
from ..engine.folding import sources
from ..engine.graph import Node
from ..engine.scope import Place
from .lines import Bytecode, code_of, site_of, users

#: Operations by which values are only collected.
_COLLECTS = {"add", "sub", "cat", "stack", "maximum", "minimum", "setitem", "put"}


class Turn(NamedTuple):
    """A turn of a loop: right inside which call, of which pass through the loop, which number from 1."""

    anchor: Place
    series: int
    number: int


class _Event(NamedTuple):
    """What one instruction of a function that the user wrote made at one time; code is None if that is not known."""

    nodes: list[Node]
    code: CodeType | None
    instruction: int


@dataclass
class _Loop:
    """A loop that may be time.

    Attributes:
        turn: that of every value, by birth.
        begins: the turns with which a pass begins.
        called: whether these are calls of a function, from wherever, and not turns.
        nested: whether there may be passes of which nothing but what is carried tells where they begin.
        carried: what is read in the turn after its own, or in a later one if nothing is, and what reads it.
    """

    turn: dict[int, int]
    begins: set[int]
    called: bool
    nested: bool
    carried: set[tuple[int, int]] = field(default_factory=set)

    @property
    def count(self) -> int:
        return max(self.turn.values())

    def passes(self) -> dict[int, int]:
        """Which pass every turn belongs to."""
        return dict(enumerate(accumulate(turn in self.begins for turn in range(1, self.count + 1)), 1))


#: In a program of more values no turns are looked for: that would take longer than seconds.
MOST = 500_000


def turns(nodes: Sequence[Node]) -> dict[int, tuple[Turn, ...]]:
    """For values, oldest first, that were made in turns of loops that are time, those turns, by birth."""
    anchored: dict[Place, list[_Event]] = defaultdict(list)
    keys: dict[Place, object] = {}
    marked: set[Place] = set()
    for node in nodes if len(nodes) < MOST else ():
        for anchor, key, code, instruction in _sites(node) if node.primitive is not None else ():
            if isinstance(key, Place) and key.step is not None:
                marked.add(anchor)
            events = anchored[anchor]
            event = events[-1] if keys.get(anchor) == key else _summed(node, events, code, instruction)
            if event is None:
                events.append(event := _Event(_meanwhile(node, events), code, instruction))
            keys[anchor] = key
            event.nodes.append(node)
    found: dict[int, tuple[Turn, ...]] = {}
    same = {id(node.array): node for node in nodes if node.primitive is not None}  # what was detached has its array
    for anchor, events in anchored.items():
        if anchor in marked:
            continue
        series = 0
        for loop in _time(events, same):
            passes = loop.passes()
            first = {of: turn for turn, of in reversed(passes.items())}
            for birth, turn in loop.turn.items():
                if (number := turn - first[passes[turn]] + 1) > 1 or passes.get(turn + 1) == passes[turn]:
                    found[birth] = (*found.get(birth, ()), Turn(anchor, series + passes[turn], number))
            series += len(first)
    return found


def _summed(node: Node, events: Sequence[_Event], code: CodeType | None, instruction: int) -> _Event | None:
    """The call of ``sum()`` that an addition goes on with, perhaps over what a generator made meanwhile."""
    if node.primitive.name != "add" or code is None or not events:
        return None
    meanwhile = list(takewhile(lambda event: event.code is not code and _in_generator(event), reversed(events)))
    if not any(event.code for event in meanwhile):
        meanwhile = []
    before = events[-1 - len(meanwhile)] if len(meanwhile) < len(events) else events[0]
    goes_on = before.code is code and before.instruction == instruction
    return before if goes_on and any(arg is before.nodes[-1] for arg in node.args) else None


def _meanwhile(node: Node, events: list[_Event]) -> list[Node]:
    """What a function of this package made on the way to what it gives: it is taken from the end of ``events``."""
    made = [node]
    while (
        site_of(node)[0] is not code_of(node)
        and events
        and events[-1].code is None
        and any(events[-1].nodes[-1] is arg for each in made for arg in each.args)
    ):
        made = [*events.pop().nodes, *made]
    return made[:-1]


def _in_generator(event: _Event) -> bool:
    """Whether what an instruction made may be a generator's: it is, or was made for one by this package."""
    return event.code is None or bool(event.code.co_flags & CO_GENERATOR)


def _sites(node: Node) -> Iterator[tuple[Place, object, CodeType | None, int]]:
    """From the inside out, every call or marked step around a value, and what was asked for in there to make it."""
    key: object = node.birth
    code, instruction = site_of(node)
    for around in outwards(node.place):
        if around.parent is None or around.step is not None or isinstance(around, Call):
            yield around, key, code, instruction
            key, code = around, None
            if isinstance(around, Call):
                code, instruction = users(around.code), around.instruction


def outwards(place: Place) -> Iterator[Place]:
    """A place and those around it, the innermost first."""
    around: Place | None = place
    while around is not None:
        yield around
        around = around.parent


def _time(events: Sequence[_Event], same: Mapping[int, Node]) -> list[_Loop]:
    """The loops among ``events`` that are time and lie in no other one that is."""
    loops: list[_Loop] = []
    for code in dict.fromkeys(event.code for event in events if event.code is not None):
        for loop in _counted(events, code):
            if _is_time(loop, events, same):
                loops.append(loop)
            elif (
                loop.nested and not loop.called
            ):  # nothing is computed around it: its passes are turns of the outer one
                passes = loop.passes()
                outer = _Loop({birth: passes[turn] for birth, turn in loop.turn.items()}, {1}, False, False)
                loops += [outer] if _is_time(outer, events, same) else []
    chosen: list[_Loop] = []
    for loop in sorted(loops, key=lambda loop: (loop.count, -len(loop.turn))):
        inner = (other for other in loops if other.count > loop.count and not other.called)
        if any(loop.carried <= other.carried for other in inner):
            continue  # chunks of a sequence: what is carried from one to the next is what is carried inside
        if all(loop.turn.keys().isdisjoint(other.turn) for other in chosen):
            chosen.append(loop)
    return chosen


def _counted(events: Sequence[_Event], code: CodeType) -> list[_Loop]:
    """The loops of a function, and the calls of it as one more, with the turns counted."""
    read, whole = Bytecode(code), (-1, sys.maxsize)
    counts: dict[tuple[int, int], int] = dict.fromkeys([*read.loops, whole], 0)
    turn: dict[tuple[int, int], dict[int, int]] = {loop: {} for loop in counts}
    begins: dict[tuple[int, int], set[int]] = defaultdict(set)
    # Of what is not called where it stands, or waits, calls may alternate.
    alternates = code.co_name == "<listcomp>" or bool(code.co_flags & (CO_GENERATOR | CO_COROUTINE))
    deepest, then = 0, 0
    before: _Event | None = None
    for n, event in enumerate(events):
        if event.code is not code:
            continue
        now = read.at(event.instruction)
        inside = [loop for loop in counts if loop[0] <= now <= loop[1]]
        deepest = max(deepest, len(inside))
        common = [loop for loop in inside if before is not None and loop[0] <= then <= loop[1]]
        # Who comes back went round the innermost loop around both places, or was called again.
        turned = None
        if before and not read.follows(now, then):
            turned = common[0]
        for loop in inside:
            entered = loop not in common or (turned is not None and loop[1] - loop[0] < turned[1] - turned[0])
            if entered or loop == turned:
                counts[loop] += 1
            if entered:
                begins[loop].add(counts[loop])
            turn[loop][n] = counts[loop]
        before, then = event, now
    return [
        _Loop(_filled(events, code, found), begins[loop], loop == whole, loop == whole or alternates or deepest > 2)
        for loop, found in turn.items()
        if counts[loop] > 1
    ]


def _filled(events: Sequence[_Event], code: CodeType, known: Mapping[int, int]) -> dict[int, int]:
    """The turn of every value, also of those that other functions made meanwhile, by birth.

    What lies between two turns belongs to the first as far as the same follows the last turn, and else to the second
    as far as the same comes before the first one.
    """
    turn = dict(known)
    gaps: list[tuple[int, list[int], int]] = []  # what is in it, between the turns around it
    before, gap = 0, list[int]()
    for n, event in enumerate(events):
        if n in known:
            gaps.append((before, gap, known[n]))
            before, gap = known[n], []
        elif event.code is not code and all(event.nodes[-1].birth < a.nodes[0].birth for a in events[n + 1 : n + 2]):
            gap.append(n)  # and not a sum that goes on over several turns
    first, last = gaps[0][1], gap
    head = tail = 0
    for a, gap, b in gaps[1:]:
        if a != b:
            tail = _alike(events, gap, last[: len(gap)])
            head = min(_alike(events, gap[::-1], first[-len(gap) or len(first) :][::-1]), len(gap) - tail)
        middle = len(gap) - head if a != b else 0
        turn |= dict.fromkeys(gap[:middle], a) | dict.fromkeys(gap[middle:], b)
    turn |= dict.fromkeys(first[len(first) - head :], gaps[0][2]) | dict.fromkeys(last[:tail], before)
    return {node.birth: turn[n] for n in sorted(turn) for node in events[n].nodes}


def _alike(events: Sequence[_Event], some: Sequence[int], others: Sequence[int]) -> int:
    """How many of both begin with the same operations."""
    names = [[[node.primitive.name for node in events[n].nodes] for n in ns] for ns in (some, others)]
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*names, strict=False)))


def _is_time(loop: _Loop, events: Sequence[_Event], same: Mapping[int, Node]) -> bool:
    """Whether the loop is time; notes what is carried, and drops the beginnings of passes that go on with another."""
    turn = loop.turn
    made = {node.birth: node for event in events for node in event.nodes if node.birth in turn}
    readers: dict[int, list[Node]] = defaultdict(list)
    weights: list[tuple[int, int]] = []
    for node in made.values():
        for arg in sources(node):
            arg = same.get(id(arg.array), arg)
            readers[arg.birth].append(node)
            if arg.birth not in turn and arg.tracked and _is_weight(arg):
                weights.append((arg.birth, turn[node.birth]))
    sums: set[int] = set()  # what is added up and read by nothing but the next sum
    later: dict[int, set[tuple[int, int]]] = defaultdict(set)  # by how many turns
    for birth in sorted(made, reverse=True):
        if made[birth].primitive.name in _COLLECTS and all(node.birth in sums for node in readers[birth]):
            sums.add(birth)
        for node in readers[birth]:
            if node.birth not in sums and turn[node.birth] > turn[birth]:
                later[turn[node.birth] - turn[birth]].add((birth, node.birth))
    nearest = min(later, default=1)
    if nearest > 1 and loop.nested:  # several states one after the other, which are one turn of what is around
        loop.turn = {birth: (now - 1) // nearest + 1 for birth, now in turn.items()}
        return _is_time(loop, events, same)
    loop.carried = later[nearest]
    goes_on = {now for birth, reader in loop.carried for now in range(turn[birth] + 1, turn[reader] + 1)}
    loop.begins = {1} | (set(turn.values()) if loop.nested else loop.begins) - goes_on
    passes = loop.passes()
    reads = Counter((weight, passes[now]) for weight, now in set(weights))
    shared = sum(count > 1 for count in reads.values())
    alone = (len(reads) - shared) / max(loop.count / passes[loop.count], 1)
    return bool(loop.carried) and shared > 0 and shared >= alone


def _is_weight(node: Node, depth: int = 2) -> bool:
    """Whether this is a parameter, or made of nothing else."""
    if node.primitive is None:
        return True
    whole = depth > 0 and node.primitive.name != "getitem"
    return whole and all(isinstance(a, Node) and a.tracked and _is_weight(a, depth - 1) for a in node.args)
