"""What values are called, in pictures and in texts: the user's names where there are some, else textbook letters."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.graph import Node, arguments
from .excerpt import Excerpt
from .places import timeless
from .report import number
from .timeline import Item, Timeline

#: Longer names, which are no names any more, are cut in the middle.
LONGEST = 160
#: Letters for unnamed operations inside a step; h and c are kept for states, x and u for inputs, v, p and k for
#: operations, parameters and constants outside, t for the step, and no letter is among them that textbooks have for a
#: gate of the LSTM (i, f, g, o) or the candidate of the GRU (n).
OPERATIONS = "arszdejmqybw"
INPUTS = "xuw"
#: What is added to the name of a collection: xs.0, xs[t].
_ENTRY = re.compile(r"\.\d+$|\[.*$")


def clean(name: str) -> str:
    """One line of printable characters, at most ``LONGEST`` of them: the beginning and the end of more."""
    name = name if len(name) <= 8 * LONGEST else name[: 4 * LONGEST] + name[-4 * LONGEST :]
    text = "".join(c if c.isprintable() else " " for c in name if unicodedata.category(c) != "Cf")
    text = " ".join(text.split())
    half = LONGEST // 2 - 1
    return text if len(text) <= LONGEST else f"{text[:half]}..{text[-half:]}"


class Names:
    """What the values of an excerpt are called, in pictures and in texts, and where they are in time.

    Attributes:
        arrays: the arrays among them that are no tensors.
        items, time: the values, then the arrays, and their place in time.
        root: the id of the loss.
        of_items: the name of every item.
    """

    def __init__(self, excerpt: Excerpt) -> None:
        self.arrays = excerpt.plain_arrays()
        self.items = excerpt.items(self.arrays)
        self.root = len(excerpt.values) - 1  # oldest first
        self.time = Timeline(self.items, self.root)
        self.of_items = names(self.items, self.time, self.root)
        first: dict[object, int] = {}
        for n, value in enumerate(excerpt.values):  # the same data, read anew in a step: by both directions of a layer
            if value.primitive is None and not value.tracked and n in self.time.frame:
                data = value.array.__array_interface__
                key = self.time.frame[n], data["data"], data["strides"], value.array.shape, value.array.dtype
                self.of_items[n] = self.of_items[first.setdefault(key, n)]
        self._values = {value.birth: self.of_items[n] for n, value in enumerate(excerpt.values)}
        self._values |= {birth: self._values[origin] for birth, origin in excerpt.detached.items()}
        self._arrays = {id(array): self.of_items[len(excerpt.values) + n] for n, array in enumerate(self.arrays)}

    def __getitem__(self, node: Node) -> str:
        return self._values[node.birth]

    def of_arguments(self, node: Node) -> list[str]:
        """The names of what ``node`` was made from; single numbers are written out."""
        return [self._values[arg.birth] if isinstance(arg, Node) else self._constant(arg) for arg in arguments(node)]

    def _constant(self, value: Any) -> str:
        array = np.asarray(value)
        if array.ndim:
            return self._arrays[id(value)]
        return str(value) if array.dtype.kind == "b" else number(array.item())


def own_name(node: Node) -> str | None:
    """The name a value was given, with the number of the step it was computed in: h3, h1_3, W_hh."""
    if not node.name or node.place.time is None:
        return node.name or None
    return numbered(node.name, node.place.time, already=True)


def names(items: Sequence[Item], time: Timeline, root: int) -> dict[int, str]:
    """The display name of every item, no two alike.

    Corresponding operations of all steps share a letter; the number after it is the step. The tensor that carries
    over to the next step is h (c for one that is handed on without meeting a parameter, as in an LSTM), its start h0
    (h4 if the steps begin at 5, h_init if they begin at 0). Outside the steps what has no name is v1, v2, .., of
    parameters p1, p2, .., of data k1, k2, .., and the loss is L.
    """
    given = given_names(items, time)
    if not items[root].name:  # a variable of the loss says less than L
        given.pop(root, "")
    given |= _owned(items, given)
    repeated = Counter(name for id, name in given.items() if id in time.frame)
    taken = set(given.values())
    letter = _slot_letters(items, time, given, taken)
    primes = {slot: prime(n) for slot, n in namesakes(letter, time).items()}
    letters = _letters(items, time, given, taken, letter)
    taken |= set(letters.values())
    result: dict[int, str] = {}
    used: set[str] = set()
    # What is called v by its user is v1, v2, .. in the steps, which would go on with these.
    plain = {
        each: _unused(map(f"{each * (1 + (each in repeated))}{{}}".format, itertools.count(1)), taken) for each in "vpk"
    }
    for item in sorted(items, key=lambda item: (not item.name, item.id not in given)):  # the user's names are kept
        if item.id in given:
            name = given[item.id]
            inside = item.id in time.frame and item.id != root
            begins = letter.get(time.start.get(item.id, -1)) in (name, name.rstrip("0123456789"))
            if not item.parameter and (inside or begins):  # a start with a name of its own keeps it
                slot = time.slot.get(item.id, time.start.get(item.id, -1))
                name = _placed(name, item, time, already=not inside or repeated[name] == 1) + primes.get(slot, "")
        elif item.id == root:
            name = "L"
        elif item.id in letters:
            name = letters[item.id] + primes.get(time.slot.get(item.id, time.start.get(item.id, -1)), "")
        else:
            name = next(plain["v" if item.operation is not None else "p" if item.parameter else "k"])
        if name in used:
            name = next(_unused((name + prime(n) for n in itertools.count(1)), used))
        result[item.id] = name
        used.add(name)
    return result


def given_names(items: Sequence[Item], time: Timeline) -> dict[int, str]:
    """The names that the user or a module gave, as they are shown: that of a state is as good where it begins."""
    begins = time.start.keys() | time.begins.keys()
    often = Counter(item.called or (item.operation is None and item.read) for item in items)
    alike = Counter(item.read for item in items if item.operation is None)
    # Where no step tells them apart, of several none has the name.
    called = {i.id: i.name or ((i.id in time.frame or often[i.called] == 1) and i.called) or "" for i in items}
    stored = {time.slot.get(item.id) for item in items if called[item.id] and not item.name} - {None}
    read, own = _read(items, time, called), dict[int, str]()
    for item in items:
        spot = time.slot.get(item.id, -1 - item.id)
        leaf = item.operation is None and item.id not in begins and item.read
        alone = item.id in time.frame or alike[item.read] == 1
        leaf = leaf if alone or (leaf and item.site and "[" not in leaf) else ""
        own[item.id] = called[item.id] or (spot not in stored and item.lent) or read.get(spot) or leaf or ""
    # An entry of a list for every step is called after the list, unless a step reads several; a start has no such name.
    entries = {
        id: "" if id in begins else _ENTRY.sub("", name)
        for id, name in own.items()
        if (id in time.frame or id in begins) and not items[id].parameter and _ENTRY.search(name)
    }
    count = Counter((time.frame.get(id), name) for id, name in entries.items())
    entries = {id: name if count[time.frame.get(id), name] == 1 else "" for id, name in entries.items()}
    own |= {id: name for id, name in entries.items() if name or id in begins or "[" in own[id]}
    shown = {name: clean(name) for name in set(own.values())}
    return {id: shown[name] for id, name in own.items() if shown[name]}


def _read(items: Sequence[Item], time: Timeline, called: Mapping[int, str]) -> dict[int, str]:
    """The variables from which results are taken that have no name, by slot, where no others there have that one."""
    spots, found, known = defaultdict[object, set[int]](set), dict[int, tuple[object, str]](), set[int]()
    for item in (item for item in items if item.id not in time.start):
        spot = time.slot.get(item.id, -1 - item.id)
        segment = time.frames[time.frame[item.id]][0] if item.id in time.frame else None
        word = called[item.id] or item.read
        spots[segment, word or item.lent].add(spot)
        if called[item.id]:
            known.add(spot)
        elif word and word != item.called and item.operation is not None:
            found.setdefault(spot, (segment, word))
    return {spot: key[1] for spot, key in found.items() if spot not in known and len(spots[key]) == 1}


def _placed(name: str, item: Item, time: Timeline, *, already: bool = False) -> str:
    """A name with the number of its step; of a start state, see ``Timeline.before``."""
    if item.id in time.frame:
        return numbered(name, time.frames[time.frame[item.id]][1], already=already)
    before = time.before(item.id) if item.step is None else item.step
    if before > max(step for _, step in time.frames):
        name = name.removesuffix("0") or name  # what cells begin with they call h0
    if before >= 0:
        return numbered(name, before, already=already)
    return name if already and name[-1].isdigit() else f"{name}_init"


def numbered(name: str, step: int, *, already: bool = False) -> str:
    """Append the step number: h, 3 -> h3; h1, 3 -> h1_3; h_, 3 -> h__3; if it may be there ``already``, h3 stays h3."""
    if already and name.endswith(str(step)):
        return name
    return f"{name}_{step}" if name[-1] in "_0123456789" else f"{name}{step}"


def namesakes(letter: Mapping[int, object], time: Timeline) -> dict[int, int]:
    """How many slots have the name of one and come before it: those with a name of their user's own, then states."""
    own, seen = {time.slot.get(item.id) for item in time.items if item.name}, Counter[object]()
    found = {}
    for slot in sorted(letter, key=lambda slot: (slot not in own, slot not in time.carried, slot)):
        found[slot] = seen[letter[slot]]
        seen[letter[slot]] += 1
    return found


def prime(n: int) -> str:
    """So many primes, as far as one sees at a glance how many there are: "", "'", "''", "'''", "'4", .."""
    return "'" * n if n < 4 else f"'{n}"


def _owned(items: Sequence[Item], given: dict[int, str]) -> dict[int, str]:
    """Parameters by the scope that first reads them, "Embedding.weight": those whose name says nothing without it.

    That is the name of others too, or a mere word, read outside of that scope as well or one of those of several.
    """
    parameters = {item.id for item in items if item.parameter and item.id in given}
    count, read = Counter(given[id] for id in parameters), defaultdict[int, list[tuple[str, ...]]](list)
    for item in items:
        for id in parameters.intersection(item.arguments):
            read[id].append(timeless(item.scope)[::-1])
    # That of k.weight is the one around k.
    owners = {
        id: next((each for path in paths for each in path if not given[id].startswith(f"{each}.")), None)
        for id, paths in read.items()
    }
    several = len({*owners.values()} - {None}) > 1
    return {
        id: clean(f"{owner}.{given[id]}")
        for id, owner in owners.items()
        if owner
        if count[given[id]] > 1
        or (
            (len(given[id]) > 2 and given[id].islower() and given[id].isalpha() and (items[id].name or items[id].lent))
            and (several or not all(owner in scopes for scopes in read[id]))
        )
    }


def _slot_letters(
    items: Sequence[Item], time: Timeline, given: Mapping[int, str], taken: Collection[str]
) -> dict[int, str]:
    """The letter of every slot; what several layers compute in the same place has the same."""
    named = given_letters(time, given)
    letter = state_letters(items, time, taken, named.keys()) | named
    numbered_by_hand = {name.rstrip("0123456789") for id, name in given.items() if id not in time.frame}
    used = {*taken, *letter.values(), *numbered_by_hand}
    free = _free(OPERATIONS, used)
    seen, count = set[int](), Counter[tuple[str, ...]]()
    alike: dict[tuple[object, ...], str] = {}
    for item in items:
        slot = time.slot.get(item.id, -1)
        if slot >= 0 and slot not in seen:
            seen.add(slot)
            scope = timeless(item.scope)
            count[scope] += 1
            if slot not in letter:
                key = (item.operation, count[scope]) if scope else (slot,)
                if key not in alike:
                    alike[key], operation = next(free), str(item.operation)
                    if (
                        len(alike[key]) > 1 and len(operation) < 7 and operation not in used
                    ):  # "sum" says more than "aa"
                        used.add(operation)
                        alike[key] = operation
                letter[slot] = alike[key]
    return letter


def _letters(
    items: Sequence[Item], time: Timeline, given: Mapping[int, str], taken: Collection[str], letter: Mapping[int, str]
) -> dict[int, str]:
    """Names for what lies inside the steps, and for the states before the first."""
    inputs: dict[tuple[object, ...], str] = defaultdict(_free(INPUTS, {*taken, *letter.values()}).__next__)
    reader: dict[int | None, tuple[object, ...]] = {}
    usual: dict[tuple[object, ...], int] = {}  # the slot of what a step has made itself where another reads a leaf
    for item in items:
        for position, argument in enumerate(item.arguments):
            place = time.slot.get(item.id), position
            reader.setdefault(argument, place)
            if argument in time.slot and time.frame[argument] == time.frame.get(item.id):
                usual.setdefault(place, time.slot[argument])
    for item in items:  # the variable of a loop holds the last of its inputs
        if item.operation is None and item.id in given and item.id in time.frame and item.id in reader:
            inputs.setdefault(reader[item.id], given[item.id])
    result = {}
    for item in items:
        if item.id in time.slot:
            result[item.id] = _placed(letter[time.slot[item.id]], item, time)
        elif item.id in time.begins and item.id not in given:
            result[item.id] = _placed(f"{letter[time.begins[item.id]]}_init", item, time)
        elif item.id in time.frame and item.id not in given:  # a step may make it with nothing recorded
            slot = usual.get(reader[item.id])
            result[item.id] = _placed(inputs[reader[item.id]] if slot is None else letter[slot], item, time)
        elif item.id in time.start and not item.parameter:
            result[item.id] = _placed(letter[time.start[item.id]], item, time)
    return result


def given_letters(time: Timeline, given: Mapping[int, str]) -> dict[int, str]:
    """What the operations of a slot are called, by the first of them that was given a name."""
    return {slot: given[id] for id, slot in reversed(time.slot.items()) if id in given}


def state_letters(
    items: Sequence[Item], time: Timeline, taken: Collection[str], named: Collection[int]
) -> dict[int, str]:
    """h for the states that meet a parameter in the next step, c for the others; numbered if there are several.

    Those that are ``named`` have no letter.
    """
    alone = set(time.carried)  # the states that have not met a parameter, or what was made of one outside the steps
    for item in items:
        if not alone:
            break
        now = time.frame.get(item.id)
        read = [a for a in item.arguments if a is not None and time.slot.get(a) in alone and time.frame[a] != now]
        others = (a for a in item.arguments if a is not None and a not in time.frame and a not in time.start)
        if read and now is not None and any(items[a].tracked for a in others):
            alone -= {time.slot[a] for a in read}
    result: dict[int, str] = {}
    for base, all_slots in (("h", time.carried - alone), ("c", alone)):
        slots = all_slots.difference(named)
        for n, slot in enumerate(sorted(slots), start=1):
            name = base if len(slots) == 1 else f"{base}{n}"
            result[slot] = next(_free([name], {*taken, *result.values()}))
    return result


def _free(letters: Sequence[str], taken: Collection[str]) -> Iterator[str]:
    """The ``letters`` that nobody took, then the same doubled, tripled, .."""
    return _unused((letter * n for n in itertools.count(1) for letter in letters), taken)


def _unused(names: Iterable[str], taken: Collection[str]) -> Iterator[str]:
    return (name for name in names if name not in taken)
