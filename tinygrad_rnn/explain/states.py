"""The states of any unrolled graph: what one time step computes and the next one reads."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..engine.graph import Node
from .excerpt import Excerpt
from .naming import clean, given_letters, given_names, state_letters
from .timeline import Loop, Timeline


@dataclass(frozen=True)
class Series:
    """The values one state took from step to step, in the order they were computed.

    Attributes:
        name: "h"; with the scope around the steps where there are several, "l0/h".
        times: the number of each one's time step.
        nodes: the values.
    """

    name: str
    times: tuple[int, ...]
    nodes: tuple[Node, ...]


def states(excerpt: Excerpt) -> list[Series]:
    """The states in an excerpt, the one computed first first: those that pictures of it show, by the same names.

    A state is computed in one step and read in a neighbouring one, of t = 1, 2, .. or, backwards, of t = T, T - 1, ..
    What the last step computes in its place belongs to it too. A running total, of the loss say, is none if there is
    any other. Folds need not be unfolded: states lie outside of them.
    """
    items = excerpt.items(())
    time = Timeline(items, len(items) - 1, leaves=False)
    given = given_names(items)
    named = given_letters(time, given)
    letters = {} if time.carried <= named.keys() else state_letters(items, time, set(given.values()))
    members = _members(time)
    words = []
    for ids, slots in members.items():
        own = {given[id]: time.frames[time.frame[id]][1] for id in ids if id in given}
        bare = {name.removesuffix(str(step)).rstrip("_") for name, step in own.items()}
        letter = letters.get(min(slots), "").rstrip("0123456789")
        word = next((named[slot] for slot in sorted(slots) if slot in named), letter)
        words.append(bare.pop() if len(own) > 1 and len(bare) == 1 else word)  # or h1, h2, ..: numbered by hand
    names = _names(words, [_loop(time, ids) for ids in members])
    found = [
        Series(name, tuple(time.frames[time.frame[id]][1] for id in ids), tuple(excerpt.values[id] for id in ids))
        for name, ids in zip(names, members, strict=True)
    ]
    return sorted(found, key=lambda each: each.nodes[0].birth)


def _members(time: Timeline) -> dict[tuple[int, ...], set[int]]:
    """The items of every state, one a frame, with its slots. What is read in the same place of a step is one state."""
    state = {slot: {slot} for slot in time.carried}
    several = [sources for sources in time.fed.values() if len(sources) > 1]
    segment = {slot: time.frames[time.frame[id]][0] for id, slot in time.slot.items()} if several else {}
    for sources in several:
        for a, b in pairwise(sorted((slot for slot in sources if slot in state), key=lambda slot: segment[slot])):
            if segment[a] == segment[b]:
                alike = state[a] | state[b]
                state |= dict.fromkeys(alike, alike)
    read = _handed_on(time) if several else set()
    last: dict[tuple[int, int], tuple[bool, int, int]] = {}  # state, frame -> whether a neighbour reads it, slot, item
    for id, slot in time.slot.items():
        if slot in state:
            key = min(state[slot]), time.frame[id]
            last[key] = max(last.get(key, (False, -1, -1)), (id in read, slot, id))
    found: dict[int, list[int]] = defaultdict(list)
    for (first, _), (_, _, id) in last.items():
        found[first].append(id)
    return {tuple(sorted(found[first])): state[first] for first in sorted(found)}


def _handed_on(time: Timeline) -> set[int]:
    """The items that a neighbouring step reads."""
    both = ((item.id, a) for item in time.items if item.id in time.slot for a in item.arguments if a in time.slot)
    return {argument for id, argument in both if abs(time.frame[argument] - time.frame[id]) == 1}


def _loop(time: Timeline, ids: Sequence[int]) -> Loop:
    """The pass through a loop that a state belongs to."""
    visits = (time.items[id].visit for id in ids)
    return next((time.loops[visit] for visit in visits if visit is not None), (time.items[ids[0]].scope, 0))


def _names(words: Sequence[str], loops: Sequence[Loop]) -> list[str]:
    """Short names: the word, with the scope and the pass only where they tell states apart, then numbers."""
    scopes, passes = {path for path, _ in loops}, {number for _, number in loops}
    common = 0
    while len(scopes) > 1 and len({scope[: common + 1] for scope in scopes}) == 1:
        common += 1
    count, seen = Counter(zip(words, loops, strict=True)), Counter[tuple[str, Loop]]()
    names = []
    for word, (path, number) in zip(words, loops, strict=True):
        key = word, (path, number)
        seen[key] += 1
        parts = [clean(part) or "-" for part in path[common:]] if len(scopes) > 1 else []
        name = "/".join([*parts, f"{word}{seen[key]}" if count[key] > 1 else word])
        names.append(name + (f" (pass {number + 1})" if len(passes) > 1 else ""))
    return names
