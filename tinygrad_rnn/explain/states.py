"""The states of any unrolled graph: what one time step computes and the next one reads."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..engine.graph import Node
from .excerpt import Excerpt, was_detached
from .naming import clean, given_letters, given_names, namesakes, prime, state_letters
from .timeline import Loop, Timeline


class Series(NamedTuple):
    """The values one state took from step to step, in the order they were computed.

    Attributes:
        name: "h"; with the scope around the steps where there are several, "l0/h".
        times: the number of each one's time step.
        nodes: the values.
        cut: whether it begins with a value that was detached.
        after: the steps of its loop after the last of these.
    """

    name: str
    times: tuple[int, ...]
    nodes: tuple[Node, ...]
    cut: bool = False
    after: tuple[int, ...] = ()


def states(excerpt: Excerpt) -> list[Series]:
    """The states in an excerpt, the one computed first first: those that pictures of it show, by the same names.

    A state is computed in one step and read in a neighbouring one, of t = 1, 2, .. or, backwards, of t = T, T - 1, ..
    What the last step computes in its place belongs to it too. A running total, of the loss say, is none if there is
    any other. Folds need not be unfolded: states lie outside of them.
    """
    items = excerpt.items(())
    time = Timeline(items, len(items) - 1, leaves=False)
    given = given_names(items, time)
    named = given_letters(time, given)
    letters = {} if time.carried <= named.keys() else state_letters(items, time, set(given.values()), named)
    members = _members(time)
    words, given_ones, earlier = [], set[str](), []
    before = namesakes(
        {slot: (named[slot], _loop(time, [id])[0]) for id, slot in time.slot.items() if slot in named}, time
    )
    for ids, slots in members.items():
        own = {given[id]: time.frames[time.frame[id]][1] for id in ids if id in given}
        bare = {name.removesuffix(str(step)).rstrip("_") for name, step in own.items()}
        letter = letters.get(min(slots), "").rstrip("0123456789")
        told = own.keys() if len(own) == 1 else bare  # bare: h1, h2, .. were numbered by hand
        other = next((named[slot] for slot in sorted(slots) if slot in named), letter)
        words.append(next(iter(told)) if len(told) == 1 else other)
        given_ones |= {words[-1]} if own or not slots.isdisjoint(named) else set()
        masked = any(items[id].operation == "where" for id in ids)  # where a sequence has ended, the state stays
        earlier.append(before.get(min(slots), 0) * (not masked))
    loops = [_loop(time, ids) for ids in members]
    names = _names(words, loops, given_ones, earlier)
    cut = {slot for id, slot in time.start.items() if id < len(excerpt.values) and was_detached(excerpt.values[id])}
    found = []
    for name, loop, (ids, slots) in zip(names, loops, members.items(), strict=True):
        times = tuple(time.frames[time.frame[id]][1] for id in ids)
        stride = times[-1] - times[-2:][0] or 1
        steps = {visit.step for visit, own in time.loops.items() if own == loop and visit.step is not None}
        after = sorted((t for t in steps if (t - times[-1]) / stride >= 1), reverse=stride < 0)
        nodes = tuple(excerpt.values[id] for id in ids)
        found.append(Series(name, times, nodes, not cut.isdisjoint(slots), tuple(after)))
    return sorted(found, key=lambda each: each.nodes[0].birth)


def _members(time: Timeline) -> dict[tuple[int, ...], set[int]]:
    """The items of every state, one a frame, with the slots it is read in.

    What is read in the same place of a step is one state. In a step of which no neighbour reads it, a state is what is
    computed in the same place, as it is handed out: ``where(valid, new, old)``, else ``where(valid, new, 0)``, which is
    the output of a padded batch, else ``new``.
    """
    place, fed = _handed_on(time)
    alike = {slot: {slot} for slot in place.values()}
    for slots in fed:
        for a, b in pairwise(sorted(slots)):
            joined = alike[a] | alike[b]
            alike |= dict.fromkeys(joined, joined)
    first_of = {slot: min(slots) for slot, slots in alike.items()}
    state = {id: first_of[slot] for id, slot in place.items()}
    read: dict[int, set[int]] = defaultdict(set)
    for id, first in state.items():
        read[first].add(time.slot[id])
    # States that have the place of another value, being made of it by a mask; and those that masks keep.
    moved = {first for id, first in state.items() if time.slot[id] != place[id]}
    masks = [time.items[id] for id in place if time.items[id].operation == "where"]
    masked = {state[a.id] for a in masks if (old := a.arguments[2]) in state and state[old] == state[a.id]}
    found: dict[tuple[int, int], tuple[int, int, int]] = {}  # state, frame -> rank, slot, item
    for id, slot in time.slot.items():  # oldest first in every frame
        item, frame = time.items[id], time.frame[id]
        owner, rank = state.get(id, first_of.get(slot)), 3 if id in place else 0
        if item.operation == "where" and not rank:
            _, new, old = item.arguments
            made = state[new] if new in state and time.frame[new] == frame else None
            before = state[old] if old in state and time.frame[old] != frame else None
            if before is not None and (before == made or (owner is not None and before in masked)):
                owner, rank = before, 2  # whatever slot it lies in: in the last step some of the others are left out
            elif made is not None and new is not None and old not in time.slot:
                alike_named = item.word is not None and item.word == time.items[new].word
                if alike_named if old is None else made in moved:
                    owner, rank = made, 1
        if owner is not None:
            state[id] = owner
            found[owner, frame] = max(found.get((owner, frame), (0, 0, -1)), (rank, slot, id))
    members: dict[int, list[int]] = defaultdict(list)
    for (first, _), (_, _, id) in found.items():
        members[first].append(id)
    return {tuple(sorted(members[first])): read[first] for first in sorted(members)}


def _handed_on(time: Timeline) -> tuple[dict[int, int], list[set[int]]]:
    """The place of every value that a neighbouring step reads, and for all that read such values the places they read.

    The place is the slot. But sequences of a padded batch that have ended keep their state, in some steps only, by
    ``where(valid, new, old)``: the place of this is that of ``new``, unless that is a state itself, is kept as several
    or takes turns with something else.
    """
    slot, frame = time.slot, time.frame
    carried = {id for id, own in slot.items() if own in time.carried}
    uses = [
        (item, position, a)
        for item in time.items
        if item.id in slot
        for position, a in enumerate(item.arguments)
        if a in carried and a is not None and abs(frame[a] - frame[item.id]) == time.apart
    ]
    read = {a for _, _, a in uses}
    masks = [item for item in time.items if item.operation == "where" and item.id in slot]
    kept = Counter(mask.arguments[1] for mask in masks if mask.id in read)
    place = dict(slot)
    for mask in masks:
        _, new, old = mask.arguments
        if new in slot and frame[new] == frame[mask.id] and new not in read and kept[new] < 2 and old is not None:
            place[mask.id] = place[new] if old not in place or place[old] == place[new] else slot[mask.id]
    fed: dict[tuple[int, int, int], set[int]] = defaultdict(set)
    for item, position, a in uses:
        if item.operation != "where" or position != 2:
            fed[slot[item.id], position, time.frames[frame[a]][0]].add(place[a])
    return {id: place[id] for id in sorted(read)}, list(fed.values())


def _loop(time: Timeline, ids: Sequence[int]) -> Loop:
    """The pass through a loop that a state belongs to."""
    visits = (time.items[id].visit for id in ids)
    return next((time.loops[visit] for visit in visits if visit is not None), (time.items[ids[0]].scope, 0))


def _names(words: Sequence[str], loops: Sequence[Loop], given: Collection[str], earlier: Sequence[int]) -> list[str]:
    """Short names: the word, with the scope and the pass only where they tell states apart.

    Then letters have numbers, and names that were ``given`` primes, as in pictures: of what has so many namesakes
    ``earlier`` in its step as well.
    """
    scopes, passes = {path for path, _ in loops}, {number for _, number in loops}
    common = 0
    while len(scopes) > 1 and len({scope[: common + 1] for scope in scopes}) == 1:
        common += 1
    count, seen = Counter(zip(words, loops, strict=True)), Counter[tuple[str, Loop]]()
    names = []
    for word, (path, number), alike in zip(words, loops, earlier, strict=True):
        key = word, (path, number)
        seen[key] += 1
        parts = [clean(part) or "-" for part in path[common:]] if len(scopes) > 1 else []
        apart = prime(max(alike, seen[key] - 1)) if word in given else str(seen[key]) * (count[key] > 1)
        name = "/".join([*parts, word + apart])
        names.append(name + (f" (pass {number + 1})" if len(passes) > 1 else ""))
    return names
