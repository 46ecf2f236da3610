"""Which time step every value belongs to, which operation of one step is which of another, and what is carried on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import count
from typing import NamedTuple

from ..engine.scope import Place

#: One pass through a loop: the path around its steps, and how many passes with that path came before.
Loop = tuple[tuple[str, ...], int]
#: What corresponding operations of all steps have in common: name, scope, and where the program asks for them.
Signature = tuple[str | None, tuple[str, ...], object]


class Item(NamedTuple):
    """One value as far as its place in time and its name are concerned.

    ``id`` is its position among all items. ``arguments`` are the ids of the items it was made from, None where there
    is nothing to draw (a number). ``visit`` is the time step it was recorded in, the same place for all values
    recorded in one ``with step(t):``; None outside every step. A ``name`` that this package gave is ``lent``;
    ``called`` is the variable in which it is stored, ``read`` that from which an operation takes it. A leaf is ``zero``
    if all of its entries are; of what was ``computed`` nothing is recorded. ``site`` is where a program without marks
    asks for it.
    """

    id: int
    arguments: tuple[int | None, ...] = ()
    operation: str | None = None
    visit: Place | None = None
    scope: tuple[str, ...] = ()
    name: str | None = None
    lent: str | None = None
    called: str | None = None
    read: str | None = None
    parameter: bool = False
    tracked: bool = False
    folded: bool = False
    zero: bool = False
    site: object = None
    computed: bool = False

    @property
    def word(self) -> str | None:
        """What it is called, whether others are too or not."""
        return self.name or self.called or self.lent or self.read

    @property
    def step(self) -> int | None:
        """The number of the time step."""
        return None if self.visit is None else self.visit.step


class Timeline:
    """Where ``items`` (oldest first) are in time; ``root`` is the loss and stays outside unless recorded in a step.

    With ``leaves=False`` what is no operation stays outside too: that is enough to find the states, and faster.

    Attributes:
        frames: the columns of time, left to right, as (segment, step). Steps that are passed through a second time
            by something that needs the end of the first pass (a decoder after its encoder) are a new segment.
        frame: the index of an item's column; items outside time are missing.
        slot: the position of an item inside its step; the same for corresponding operations of all steps of a
            segment. Slots are numbered so that a value comes after everything it is made from.
        carried: slots whose value a neighbouring step reads: the states.
        apart: how far the steps are from each other that read it: 1, unless there is none that reads its neighbour.
        totals: slots that only the next total reads, and are therefore no states.
        start: for items that stand in for a state or a total before the first step, the slot of it.
        begins: for leaves that a loop inside a step begins with, the slot of what its next turn reads in their place.
        loops: for every visit the pass through a loop that it is part of.
    """

    def __init__(self, items: Sequence[Item], root: int, *, leaves: bool = True) -> None:
        self.items = items
        self.slot: dict[int, int] = {}
        self.carried: set[int] = set()
        self.apart = 1
        self.totals: set[int] = set()
        self.start: dict[int, int] = {}
        self._ago: dict[int, int] = {}
        self.begins: dict[int, int] = {}
        self.loops = _loops(items)
        segment = _segments(items, self.loops)
        stamps = {visit: (segment[loop], visit.step or 0) for visit, loop in self.loops.items()}
        self.frames = sorted(set(stamps.values()))
        number = {stamp: n for n, stamp in enumerate(self.frames)}
        of_visit = {visit: number[stamp] for visit, stamp in stamps.items()}
        self.frame = {i.id: of_visit[i.visit] for i in items if i.visit is not None and i.operation is not None}
        if not self.frames:
            return
        self._settle()
        if self._adopt_after(root):
            self._settle()
        if self._adopt_before(leaves):
            self._settle()
        if leaves:
            self._find_begins()

    def before(self, id: int) -> int:
        """The number of the step before the first one: 0 as a rule, may be below; T + 1 for what begins at the end."""
        steps = [step for _, step in self.frames]
        states = [item for item, slot in self.slot.items() if slot == self.start.get(id)]
        first, last = (steps[self.frame[end(states)]] if states else 0 for end in (min, max))
        ago = self._ago.get(id, 0)  # farther, if what it stands for is read several steps later
        return max(steps) + 1 + ago if first > last else min(steps) - 1 - ago

    def _settle(self) -> None:
        self._line_up()
        self._find_states()

    def _line_up(self) -> None:
        """Line up the operations of all steps of a segment, by name and scope, in the order they were recorded."""
        columns: dict[int, dict[int, list[Item]]] = defaultdict(lambda: defaultdict(list))
        for item in self.items:
            if item.operation is not None and (frame := self.frame.get(item.id)) is not None:
                columns[self.frames[frame][0]][frame].append(item)
        self.slot = {}
        first = 0
        for segment in sorted(columns):
            lists = sorted(columns[segment].values(), key=len, reverse=True)
            pattern = {token: _signature(item) for token, item in enumerate(lists[0])}  # tokens in slot order
            matched = [(column, _match(pattern, column)) for column in lists]
            position = {token: first + n for n, token in enumerate(pattern)}
            for column, tokens in matched:
                for item, token in zip(column, tokens, strict=True):
                    self.slot[item.id] = position[token]
            first += len(pattern)

    def _find_states(self) -> None:
        """Find the slots a neighbouring step reads, and what stands in for them before the first step."""
        frame, slot = self.frame, self.slot
        reading: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        read_at_once: set[int] = set()
        fed: dict[tuple[int, int], tuple[int, int]] = {}  # what reads another step, position -> a slot, how far from it
        outside: list[tuple[tuple[int, int], int, int, bool]] = []
        begun: set[tuple[int, int]] = set()
        for item in self.items:
            reader = slot.get(item.id)
            if reader is None:
                continue
            now = frame[item.id]
            for position, argument in enumerate(item.arguments):
                if argument is None:
                    continue
                source = slot.get(argument)
                place = reader, position
                if source is None:
                    if argument not in frame:
                        outside.append((place, argument, now, place in begun and not self.items[argument].zero))
                elif frame[argument] == now:
                    read_at_once.add(source)
                elif self.frames[frame[argument]][0] == self.frames[now][0] or abs(frame[argument] - now) == 1:
                    fed.setdefault(place, (source, now - frame[argument]))
                    # An operation inside a fold reads it, not the fold.
                    reading[abs(frame[argument] - now)][source].add(-1 if item.folded else reader)
                begun.add(place)
        self.apart = min(reading, default=1)
        readers = reading[self.apart]  # slots that a neighbouring step reads, and what reads them
        # A running total (of the loss, say) is read by nothing but the next total: no state, if there is any other or
        # it is computed outside the steps.
        totals = set(readers) | set(slot.values()) - read_at_once
        while lost := {source for source in totals if source in readers and not readers[source] <= totals}:
            totals -= lost
        self.carried = set(readers) - totals
        if not self.carried:
            self.carried = {slot[i.id] for i in self.items if i.visit is not None and slot.get(i.id) in readers}
        self.start, self._ago, self.totals = {}, {}, set(readers) - self.carried
        forced: set[tuple[int, int]] = set()
        for place, argument, now, later in outside:
            source, far = fed.get(place, (-1, 0))
            if source in readers and argument not in self.start:
                loop = [n for n, (segment, _) in enumerate(self.frames) if segment == self.frames[now][0]]
                ago = abs(far) - 1 - (now - loop[0] if far > 0 else loop[-1] - now)
                # What is read later in a state's place is an input (teacher forcing), unless it begins anew: at 0.
                if ago >= 0 or not later:
                    self.start[argument], self._ago[argument] = source, max(ago, 0)
                else:
                    forced.add(place)
            elif len(self.frames) == 1 and self.items[argument].word in ("h0", "c0"):  # of one step nothing else tells
                self.start[argument] = place[0]
        for argument in (argument for place, argument, _, _ in outside if place in forced):
            # So is then the first, unless it is called as the state is.
            item, source = self.items[argument], self.start.get(argument)
            called = {self.items[id].word for id, own in slot.items() if own == source}
            if source is not None and not (item.zero or item.tracked or item.word in called):
                del self.start[argument]

    def _find_begins(self) -> None:
        """Compare the first turn of every loop inside a step with the next.

        If its turns are not marked, what is 0 begins what is read beside the same parameters later in the step.
        """
        zeros: dict[object, int] = {}
        for item in self.items:
            weights = tuple(a for a in item.arguments if a is not None and self.items[a].parameter)
            for position, a in enumerate(item.arguments if weights and item.id in self.slot else ()):
                place = self.frame[item.id], item.operation, item.scope, weights, position
                if a is not None and self.items[a].zero and not self.items[a].parameter and a not in self.start:
                    zeros[place] = a
                elif place in zeros and a in self.slot:
                    self.begins.setdefault(zeros[place], self.slot[a])
        scopes = {item.scope for item in self.items}
        ends = {scope: n for scope in scopes for n, part in enumerate(scope, start=1) if part.startswith("t=")}
        many: Counter[object] = Counter()
        first: dict[object, Item] = {}
        for item in self.items:
            if item.id not in self.slot or (end := ends.get(item.scope)) is None:
                continue
            turn, rest = item.scope[:end], (item.scope[: end - 1], item.scope[end:])
            alike = (self.frame[item.id], item.operation, rest)
            many[turn, alike] += 1
            earlier = first.setdefault((many[turn, alike], alike), item)
            for given, now in zip(earlier.arguments, item.arguments, strict=False):
                if given is None or now not in self.slot or self.items[given].operation or self.items[given].parameter:
                    continue
                if self.items[now].scope[:end] == earlier.scope[:end] != turn:
                    self.begins.setdefault(given, self.slot[now])

    def _adopt_before(self, leaves: bool) -> bool:
        """Move values of which only one step makes use into that step, unless they are a start state or a parameter.

        Returns whether an operation was moved.
        """
        frame, later, moved = self.frame, self._later(), False
        read_in: dict[int, set[int | None]] = {
            item.id: set()
            for item in self.items
            if item.id not in frame and not item.parameter and item.id not in self.start and item.id not in later
            if leaves or item.operation is not None
        }
        made_of_none = [self.items[id] for id in read_in if not self.items[id].arguments]  # known when all are passed
        for item in (*reversed(self.items), *made_of_none) if read_in else ():
            found = read_in.get(item.id)
            if found is not None and len(found) == 1 and (only := next(iter(found))) is not None:
                frame[item.id] = only
                moved |= item.operation is not None
            if not read_in.keys().isdisjoint(item.arguments):
                for argument in item.arguments:
                    if argument in read_in:
                        read_in[argument].add(frame.get(item.id))
        if leaves:
            self._adopt_shared(read_in)
        return moved

    def _adopt_shared(self, read_in: Mapping[int, Collection[int | None]]) -> None:
        """Move data that steps in a row read into the first of them: the target of one that is the next one's input.

        Not what is the same for all steps: where one reads it, others have to read something else.
        """
        steps = {id: sorted(f for f in found if f is not None) for id, found in read_in.items() if len(found) > 1}
        beside: dict[tuple[int, int], set[int]] = defaultdict(set)
        for item in self.items:
            for position, argument in enumerate(item.arguments if item.id in self.slot else ()):
                if argument in steps and not self.items[argument].tracked and self.items[argument].operation is None:
                    beside[self.slot[item.id], position].add(argument)
        apart = {id for id, found in steps.items() if found != [*range(found[0], found[0] + len(read_in[id]))]}
        for alike in beside.values():
            apart |= alike if len(alike) < 2 or apart & alike else set()
        self.frame |= {id: steps[id][0] for id in set().union(*beside.values()) - apart}

    def _later(self) -> dict[int, int]:
        """For items outside time that are made from steps: the latest frame they are made from."""
        found: dict[int, int] = {}
        for item in self.items:
            if item.id not in self.frame:
                latest = max((self.frame.get(a, found.get(a, -1)) for a in item.arguments if a is not None), default=-1)
                if latest >= 0:
                    found[item.id] = latest
        return found

    def _adopt_after(self, root: int) -> bool:
        """Move what was computed outside the steps but step by step (a loss per step) into the steps it was made from.

        What is made from the last step is ambiguous, it may be the end of the network: it moves only where the steps
        before show the same operations. Where one step would have twice what another has not, as of what reads a loop
        and another one that runs backwards, it was not step by step. Returns whether anything was moved.
        """
        last = {segment: frame for frame, (segment, _) in enumerate(self.frames)}
        after: dict[int, list[Item]] = defaultdict(list)
        for id, frame in self._later().items():
            if id != root:
                after[frame].append(self.items[id])
        before, torn = len(self.frame), set[int]()
        for segment, end in last.items():
            frames = [n for n, (each, _) in enumerate(self.frames) if each == segment and n != end]
            many = [Counter(map(_signature, after.get(n, ()))) for n in frames]
            twice = {what for each in many for what, count in each.items() if count > 1}
            torn |= {segment} if any(not each[what] for each in many for what in twice) else set()
        for frame, found in after.items():
            if self.frames[frame][0] in torn:
                continue
            if frame != last[self.frames[frame][0]]:
                self.frame |= {item.id: frame for item in found}
                continue
            pattern = [_signature(item)[:2] for item in after.get(frame - 1, [])]
            matcher = SequenceMatcher(None, pattern, [_signature(item)[:2] for item in found], autojunk=False)
            for block in matcher.get_matching_blocks():
                self.frame |= {item.id: frame for item in found[block.b : block.b + block.size]}
        return len(self.frame) > before


def _loops(items: Sequence[Item]) -> dict[Place, Loop]:
    """The pass through a loop that every visit is part of: visits with the same path and no step number twice."""
    found: dict[Place, Loop] = {}
    seen: dict[tuple[str, ...], tuple[int, set[int | None]]] = {}
    for visit in dict.fromkeys(item.visit for item in items if item.operation is not None):
        if visit is not None:
            path = visit.parent.path if visit.parent is not None else ()
            number, steps = seen.get(path, (0, set()))
            if visit.step in steps:
                number, steps = number + 1, set()
            steps.add(visit.step)
            seen[path] = number, steps
            found[visit] = path, number
    return found


def _segments(items: Sequence[Item], loops: dict[Place, Loop]) -> dict[Loop, int]:
    """The segment of every pass through a loop.

    A pass that reads a later step of another pass cannot share its columns: it starts a new segment, to the right of
    the other.
    """
    segment = dict.fromkeys(loops.values(), 0)
    for _ in range(len(segment) if len(segment) > 1 else 0):
        settled = True
        latest: dict[int, tuple[int, int, Loop]] = {}  # the latest (segment, step, pass) an item depends on
        for item in items:
            found = [latest[a] for a in item.arguments if a in latest]
            if item.operation is None or item.visit is None:
                if found:
                    latest[item.id] = max(found)
                continue
            own, step = loops[item.visit], item.visit.step or 0
            for there, when, other in found:
                if other != own and (there, when) > (segment[own], step):
                    segment[own] = there + (when > step)
                    settled = False
            latest[item.id] = (segment[own], step, own)
        if settled:
            break
    dense = {old: new for new, old in enumerate(sorted(set(segment.values())))}
    return {loop: dense[old] for loop, old in segment.items()}


def _signature(item: Item) -> Signature:
    return item.operation, item.scope, item.site


def _match(pattern: dict[int, Signature], column: Sequence[Item]) -> list[int]:
    """The token of every item of ``column``; operations the pattern does not have are added where they belong."""
    column_of = [(item.operation, item.scope, item.site) for item in column]  # `_signature`, inlined for speed
    all_known, order = list(pattern.values()), list(pattern)
    if column_of == all_known:
        return order
    known: list[tuple[object, ...]] = [each[:2] for each in all_known]
    signatures: list[tuple[object, ...]] = [each[:2] for each in column_of]
    if signatures == known:
        return order
    if {*column_of} <= {*all_known}:  # a step without some of them: the program says which
        known, signatures = [*all_known], [*column_of]
    # Between what begins and ends alike, which the longest of all that matches might part.
    first = _alike(known, signatures)
    last = len(known) - _alike(known[first:][::-1], signatures[first:][::-1])
    inside = signatures[first : last + len(signatures) - len(known)]
    merged, tokens, fresh = {token: pattern[token] for token in order[:first]}, order[:first], count(len(order))
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, known[first:last], inside, autojunk=False).get_opcodes():
        found = {token: pattern[token] for token in order[first:last][i1:i2]}
        merged |= found
        if tag != "equal":
            found = {token: each for each, token in zip(column_of[first:][j1:j2], fresh, strict=False)}
            merged |= found
        tokens += found
    merged |= {token: pattern[token] for token in order[last:]}
    pattern.clear()
    pattern |= merged
    return tokens + order[last:]


def _alike(a: Sequence[object], b: Sequence[object]) -> int:
    """How many are the same at the beginning of both."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
