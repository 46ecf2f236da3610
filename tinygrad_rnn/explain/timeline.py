"""Which time step every value belongs to, and which operation of one step is which of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

__all__ = ["Item", "Timeline", "timeline"]


@dataclass(frozen=True)
class Item:
    """One value as far as its place in time and its name are concerned.

    ``arguments`` are the ids of the items it was made from, None where there is nothing to draw (a number).
    ``visit`` is the same for all values recorded in one ``with step(t):`` and None outside every step.
    """

    id: int
    arguments: tuple[int | None, ...] = ()
    operation: str | None = None
    step: int | None = None
    visit: int | None = None
    scope: tuple[str, ...] = ()
    name: str | None = None
    parameter: bool = False


@dataclass
class Timeline:
    """Where the items are in time.

    Attributes:
        frames: the columns of time, left to right, as (segment, step). Steps that are passed through a second time
            by something that needs the end of the first pass (a decoder after its encoder) are a new segment.
        frame: the index of an item's column; items outside time are missing.
        slot: the position of an item inside its step; the same for corresponding operations of all steps of a
            segment. Slots are numbered so that a value comes after everything it is made from.
        carried: slots whose value a neighbouring step reads: the state.
        start: for items that stand in for the state before the first step, the slot of the state.
    """

    frames: list[tuple[int, int]] = field(default_factory=list)
    frame: dict[int, int] = field(default_factory=dict)
    slot: dict[int, int] = field(default_factory=dict)
    carried: set[int] = field(default_factory=set)
    start: dict[int, int] = field(default_factory=dict)


def timeline(items: Sequence[Item], root: int) -> Timeline:
    """Put ``items`` (oldest first) in time; ``root`` is the loss and stays outside unless recorded in a step."""
    result = Timeline()
    segment = _segments(items)
    stamps = sorted({(segment[i.id], i.step) for i in items if i.id in segment and i.step is not None})
    if not stamps:
        return result
    result.frames = stamps
    number = {stamp: n for n, stamp in enumerate(stamps)}
    result.frame = {i.id: number[segment[i.id], i.step] for i in items if i.id in segment and i.step is not None}
    readers: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        for argument in dict.fromkeys(item.arguments):
            if argument is not None:
                readers[argument].append(item)
    result.slot = _slots(items, result)
    _find_states(items, result)
    _adopt_before([item for item in items if item.operation is not None], readers, result)
    _adopt_after(items, result, root)
    result.slot = _slots(items, result)
    _find_states(items, result)
    _adopt_before(items, readers, result)
    result.slot = _slots(items, result)
    _find_states(items, result)
    return result


def _segments(items: Sequence[Item]) -> dict[int, int]:
    """The segment of every operation recorded in a step.

    A pass is a run of visits without a repeated step number. A pass that reads a later step of another pass cannot
    share its columns: it starts a new segment, to the right of the other.
    """
    pass_of = _passes(items)
    segment = [0] * (max(pass_of.values(), default=-1) + 1)
    for _ in segment:
        settled = True
        latest: dict[int, tuple[int, int, int]] = {}  # the latest (segment, step, pass) an item depends on
        for item in items:
            found = [latest[a] for a in item.arguments if a in latest]
            own = pass_of.get(item.id)
            if own is None or item.step is None:
                if found:
                    latest[item.id] = max(found)
                continue
            for there, when, other in found:
                if other != own and there == segment[own] and when > item.step:
                    segment[own] += 1
                    settled = False
            latest[item.id] = (segment[own], item.step, own)
        if settled:
            break
    dense = {old: new for new, old in enumerate(sorted(set(segment)))}
    return {id: dense[segment[own]] for id, own in pass_of.items()}


def _passes(items: Sequence[Item]) -> dict[int, int]:
    """The pass of every operation recorded in a step."""
    of_visit: dict[int, int] = {}
    number, seen = 0, set[int]()
    result = {}
    for item in items:
        if item.operation is None or item.visit is None or item.step is None:
            continue
        if item.visit not in of_visit:
            if item.step in seen:
                number, seen = number + 1, set()
            seen.add(item.step)
            of_visit[item.visit] = number
        result[item.id] = of_visit[item.visit]
    return result


def _slots(items: Iterable[Item], time: Timeline) -> dict[int, int]:
    """Line up the operations of all steps of a segment, by name and scope, in the order they were recorded."""
    columns: dict[int, dict[int, list[Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        if item.operation is not None and item.id in time.frame:
            frame = time.frame[item.id]
            columns[time.frames[frame][0]][frame].append(item)
    result: dict[int, int] = {}
    first = 0
    for segment in sorted(columns):
        lists = sorted(columns[segment].values(), key=len, reverse=True)
        pattern = [_signature(item) for item in lists[0]]
        order = list(range(len(pattern)))  # tokens in slot order; new ones are put in where they belong
        token: dict[int, int] = {}
        for column in lists:
            token |= {item.id: found for item, found in zip(column, _match(pattern, order, column), strict=True)}
        position = {found: first + n for n, found in enumerate(order)}
        result |= {id: position[found] for id, found in token.items()}
        first += len(order)
    return result


def _signature(item: Item) -> tuple[object, ...]:
    return (item.operation, item.scope)


def _match(pattern: list[tuple[object, ...]], order: list[int], column: Sequence[Item]) -> list[int]:
    """The token of every item of ``column``; operations the pattern does not have are added to it."""
    signatures = [_signature(item) for item in column]
    if signatures == pattern:
        return list(order)
    tokens: list[int] = []
    matcher = SequenceMatcher(None, list(pattern), signatures, autojunk=False)
    shift = 0
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            tokens += order[i1 + shift : i2 + shift]
            continue
        for n, j in enumerate(range(j1, j2)):
            fresh, at = len(order), i2 + shift + n
            order.insert(at, fresh)
            pattern.insert(at, signatures[j])
            tokens.append(fresh)
        shift += j2 - j1
    return tokens


def _find_states(items: Sequence[Item], time: Timeline) -> None:
    """Find the slots a neighbouring step reads, and what stands in for them before the first step."""
    fed: dict[tuple[int, int], int] = {}  # (slot of the reader, argument position) -> slot of the state
    readers: dict[int, set[int]] = defaultdict(set)
    read_at_once: set[int] = set()
    for item in items:
        if item.id not in time.slot:
            continue
        for position, argument in enumerate(item.arguments):
            if argument is None or argument not in time.slot:
                continue
            if time.frame[argument] == time.frame[item.id]:
                read_at_once.add(time.slot[argument])
            if abs(time.frame[argument] - time.frame[item.id]) == 1:
                readers[time.slot[argument]].add(time.slot[item.id])
                fed.setdefault((time.slot[item.id], position), time.slot[argument])
    # A running total (of the loss, say) is read by nothing but the next total: no state, if there is any other.
    totals = set(readers) | set(time.slot.values()) - read_at_once
    while any(not readers.get(slot, set()) <= totals for slot in totals):
        totals = {slot for slot in totals if readers.get(slot, set()) <= totals}
    time.carried = set(readers) - totals or set(readers)
    time.start = {}
    for item in items:
        if item.id in time.slot:
            for position, argument in enumerate(item.arguments):
                state = fed.get((time.slot[item.id], position))
                if state is not None and argument is not None and argument not in time.frame:
                    time.start.setdefault(argument, state)


def _adopt_before(items: Sequence[Item], readers: dict[int, list[Item]], time: Timeline) -> None:
    """Move values of which only one step makes use into that step, unless they are a start state or a parameter."""
    depends = _dependent(items, time)
    for item in reversed(items):
        if item.id in time.frame or item.id in time.start or item.parameter or item.id in depends:
            continue
        frames = {time.frame.get(reader.id, -1) for reader in readers[item.id]}
        if len(frames) == 1 and -1 not in frames:
            time.frame[item.id] = frames.pop()


def _dependent(items: Sequence[Item], time: Timeline) -> dict[int, int]:
    """For items outside time that are made from steps: the latest frame they are made from."""
    latest: dict[int, int] = {}
    for item in items:
        found = [time.frame.get(a, latest.get(a, -1)) for a in item.arguments if a is not None]
        if item.id not in time.frame and max(found, default=-1) >= 0:
            latest[item.id] = max(found)
    return latest


def _adopt_after(items: Sequence[Item], time: Timeline, root: int) -> None:
    """Move what was computed outside the steps but step by step (a loss per step) into the steps it was made from.

    What is made from the last step is ambiguous, it may be the end of the network: it moves only where the steps
    before show the same operations.
    """
    latest = _dependent(items, time)
    last = {segment: frame for frame, (segment, _) in enumerate(time.frames)}
    moved: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        if item.id in latest and item.id != root:
            moved[latest[item.id]].append(item)
    for frame, found in moved.items():
        if frame != last[time.frames[frame][0]]:
            time.frame |= {item.id: frame for item in found}
            continue
        pattern = [_signature(item) for item in moved.get(frame - 1, [])]
        matcher = SequenceMatcher(None, pattern, [_signature(item) for item in found], autojunk=False)
        for block in matcher.get_matching_blocks():
            time.frame |= {item.id: frame for item in found[block.b : block.b + block.size]}
