"""Places as they are read: every call of a module apart, under the name its user gave it, and one time at a time."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import cycle
from types import CodeType, FrameType, ModuleType
from typing import Any

from ..engine.calls import Call
from ..engine.folding import sources
from ..engine.graph import Node, arguments
from ..engine.scope import Place
from .lines import Bytecode, code_of, is_of_rule, site_of, users
from .loops import Turn, outwards, turns

#: What cells call their states.
_LETTERS = ("h", "c")


class Spot(Place):
    """A place as it is read: ``path`` tells all calls apart, ``name`` is the same for all calls of one module."""

    __slots__ = ("kind",)

    def __init__(self, parent: Place, name: str, step: int | None = None, kind: str = "", title: str = "") -> None:
        super().__init__(parent, name, step)
        self.path, self.kind = (*parent.path, title or name), kind


class Places:
    """Where the values of a history, oldest first, were computed: ``places[node]``.

    Calls of one class that nobody named are told apart by the variables that hold the modules. A layer of one step
    inside a step has no time of its own, and the steps of a loop inside a step are parts of that.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        recorded = dict.fromkeys(node.place for node in nodes)
        self._inner: dict[Place, set[int]] = defaultdict(set)  # the steps that were recorded right inside a place
        for place in list(recorded):
            for around in outwards(place):
                recorded[around] = None
                if around.parent is not None and around.step is not None:
                    self._inner[around.parent].add(around.step)
        self._labels = _labels(place for place in recorded if isinstance(place, Call))
        self._calls: Counter[tuple[tuple[str, ...], int]] = Counter()
        self._modules: dict[tuple[tuple[str, ...], str], list[int]] = defaultdict(list)
        self._nodes, self._turns = nodes, turns(nodes)
        self._read: dict[tuple[Place, tuple[Turn, ...]], Place] = {}
        self._spots: dict[tuple[Place, Place], Place] = {}
        self._steps: dict[tuple[Place, Turn], Place] = {}
        self.computed = set[int]()  # the leaves of which the program says that an operator gave them
        for node in nodes:
            self[node]

    def __getitem__(self, node: Node) -> Place:
        return self._settle(node.place, self._turns.get(node.birth, ()))

    def site(self, node: Node) -> object:
        """Where a program whose turns are steps asks for a value."""
        return site_of(node) if self._turns else None

    def is_lent(self, node: Node) -> bool:
        """Whether the name of a value is a letter of this package: h or c, or that of what its user never had."""
        made = node.primitive is not None and site_of(node)[0] is None
        inside = made or self._within[node.place] is not None
        return inside and (node.name in _LETTERS or node.birth not in self._out)

    @cached_property
    def _around(self) -> dict[Place, set[Call]]:
        """The calls around the places of all values."""
        places = {node.place for node in self._nodes}
        return {place: {around for around in outwards(place) if isinstance(around, Call)} for place in places}

    @cached_property
    def _given(self) -> dict[Call, dict[int, Node]]:
        """The results that calls hand out to what is outside of them, by birth."""
        given: dict[Call, dict[int, Node]] = defaultdict(dict)
        for node in self._nodes:
            for arg in sources(node):
                for call in self._around.get(arg.place, set()) - self._around[node.place] if arg.primitive else ():
                    given[call][arg.birth] = arg
        return given

    @cached_property
    def _out(self) -> set[int]:
        return set().union(*self._given.values())

    @cached_property
    def called(self) -> dict[int, str]:
        """The variables in which values are stored, or the only one that a call of a module hands out, by birth.

        That says the instruction that follows; or else it is the variable that holds it now and no part of a module.
        """
        nodes, around = self._nodes[:-1], self._around
        found = self._stored(set().union(*around.values()))
        several = {(call.code, call.instruction) for call, births in self._given.items() if len(births) > 1}
        for call, results in self._given.items():
            read = Bytecode(call.code) if users(call.code) else None
            if read and (call.code, call.instruction) not in several and (name := read.stored(call.instruction)):
                found = dict.fromkeys(results, name[0]) | found
            names = (read and read.unpacked(call.instruction)) or ()
            if len(names) == len(_LETTERS):  # of what cells hand out one knows which is which
                letters = {node.name: birth for birth, node in results.items() if self._within[node.place] is call}
                found |= {letters[_LETTERS[n]]: name for n, name in enumerate(names) if _LETTERS[n] in letters}
        unnamed = (node for node in nodes if node.birth not in found and not node.name)
        held = {id(node): node.birth for node in unnamed if node.birth in self._out or not around[node.place]}
        codes = {site_of(node)[0] for node in nodes} | {call.code for calls in around.values() for call in calls}
        return {held[id]: name for id, name in variables(held, codes).items()} | found

    def _stored(self, calls: Iterable[Call]) -> dict[int, str]:
        """The variables in which values are stored by the functions that asked for them, or for those functions."""
        made: dict[tuple[tuple[CodeType | None, int], object], list[int]] = defaultdict(list)  # by one in one turn
        for node in self._nodes:
            births = made[site_of(node), (node.place, self._turns.get(node.birth))]
            if births and any(arg.birth == births[-1] for arg in sources(node)):
                births.pop()  # as sum() goes on adding
            births.append(node.birth)
        codes = {code for (code, _), _ in made} | {users(call.code) for call in calls if made}
        makers = {inner: (code, at) for code in codes if code for inner, at in Bytecode(code).makes.items()}
        found: dict[int, str] = {}
        for ((maker, instruction), _), births in made.items():
            names = Bytecode(maker).stored(instruction) if maker else ()
            while names is None and maker in makers:
                maker, instruction = makers[maker]
                names = Bytecode(maker).unpacked(instruction)
            if names and len(births) % len(names) == 0:
                found |= zip(births, cycle(names), strict=False)
        return found

    @cached_property
    def _within(self) -> dict[Place, Call | None]:
        """The user's call of a module of this package in which a place is."""
        found: dict[Place, Call | None] = {}
        for place in self._around:
            calls = (each for each in outwards(place) if isinstance(each, Call) and users(each.code))
            found[place] = next((c for c in calls if not users(getattr(c.kind.forward, "__code__", None))), None)
        return found

    @cached_property
    def read(self) -> dict[int, str]:
        """The variables or attributes from which operations and calls take what they are given, by birth.

        Of what is called otherwise than its operation it is the only one of which nothing is known yet, of the only
        such value.
        """
        found: dict[int, str] = {}
        for (code, instruction, call, _), made in [*reversed(self._asked().items())] * 2:  # what one tells helps others
            operands, called, is_method = Bytecode(code).given(instruction)
            operands = operands[is_method:] if call else operands
            inside = {node.birth for node in made}
            given = {arg.birth: arg for node in made for arg in sources(node) if arg.birth not in inside}
            if call:
                given = {birth: arg for birth, arg in given.items() if call not in outwards(arg.place)}
            known = {birth: self.called.get(birth) or found.get(birth) or arg.name for birth, arg in given.items()}
            results = {birth: name for birth, name in known.items() if given[birth].primitive is not None}
            unknown = [given[birth] for birth, name in results.items() if not name]
            alone = call is not None or len(made) == 1  # of results before a function nobody tells which are its own
            names = [*{*operands} - {None, "=", *results.values()}]
            # What is younger than all other arguments of a function may be its own, if it is no entry of what is older.
            until, entry = sys.maxsize if call else max(results, default=0), any("[" in str(name) for name in names)
            leaves = [arg for arg in given.values() if arg.primitive is None and not arg.name]
            leaves = [arg for arg in leaves if (arg.memory if entry else arg).birth < until]
            nameless = operands.count(None) + operands.count("=")
            pairs = list[tuple[Any, str | None]]()
            same = [arguments(node) for node in made if called in ("", node.primitive.name)]
            for args in same if len(same) == 1 and not call else ():
                nodes = [arg for arg in args if isinstance(arg, Node)]
                pairs += zip(args if len(args) == len(operands) else nodes, operands, strict=False)
                pairs *= len(operands) in (len(args), len(nodes))
            if len(names) == len(leaves or unknown) == 1 and (
                nameless <= len(unknown) if leaves else alone and not nameless
            ):
                pairs.append(((leaves or unknown)[0], names[0]))
            for arg, name in pairs:
                leaf = isinstance(arg, Node) and arg.primitive is None
                self.computed |= {arg.birth} if leaf and (name == "=" or name in Bytecode(code).computed) else set()
                if isinstance(arg, Node) and name and (name.isidentifier() or (name != "=" and leaf)):
                    found.setdefault(arg.birth, name)
        return found

    def _asked(self) -> dict[tuple[Any, ...], list[Node]]:
        """What the functions and the modules of the package made, by where they were called; the newest first."""
        asked: dict[tuple[Any, ...], list[Node]] = defaultdict(list)
        last, place = list[Node](), None
        for node in reversed([node for node in self._nodes if node.primitive is not None]):
            code, instruction = site_of(node)
            if (call := self._within[node.place]) is not None:
                asked[call.code, call.instruction, call, self._turns.get(node.birth)].append(node)
            elif code:
                last = asked[code, instruction, None, node.birth]
                last.append(node)
                alone = code_of(node) is not None or Bytecode(code).given(instruction)[1] == node.primitive.name
                place = None if alone else node.place
            elif is_of_rule(node):
                place = None
            elif place is node.place:  # what a function makes before its result has no site
                last.append(node)
        return asked

    def kinds(self) -> Mapping[tuple[str, ...], str]:
        """The class of the module whose call a path is, where it is not its name."""
        spots = (place for place in self._read.values() if isinstance(place, Spot))
        return {spot.path: spot.kind for spot in spots if spot.kind not in ("", spot.name)}

    def _settle(self, place: Place, turns: tuple[Turn, ...]) -> Place:
        key = place, turns
        if key not in self._read:
            found = place
            if place.parent is not None:
                around = self._settle(place.parent, turns), place
                if around not in self._spots:  # a loop inside a call is one call
                    self._spots[around] = self._inside(*around)
                found = self._spots[around]
            for turn in turns:
                if turn.anchor is place and found.time is None:
                    if (found, turn) not in self._steps:
                        self._steps[found, turn] = Spot(found, f"t={turn.number}", turn.number)
                    found = self._steps[found, turn]
            self._read[key] = found
        return self._read[key]

    def _inside(self, parent: Place, place: Place) -> Place:
        if isinstance(place, Call):
            key = id(place.module)
            name = self._labels.get(key, place.name)
            self._calls[parent.path, key] += 1
            number = self._calls[parent.path, key]
            alike = self._modules[timeless(parent.path), name]
            if key not in alike:
                alike.append(key)
            name = name if alike[0] == key else f"{name} {alike.index(key) + 1}"
            return Spot(parent, name, None, place.kind.__name__, f"{name} (call {number})" if number > 1 else name)
        if place.step is None or parent.time is None:
            return Spot(parent, place.name, place.step)
        assert place.parent is not None
        return parent if len(self._inner[place.parent]) == 1 else Spot(parent, place.name)


def timeless(path: Iterable[str]) -> tuple[str, ...]:
    """A path without its time steps."""
    return tuple(part for part in path if not part.startswith("t="))


def _labels(calls: Iterable[Call]) -> Mapping[int, str]:
    """What those modules are called by their variables that are called after their class, and are not alone with that.

    The keys are the ids of the weak references. Where no variable holds a module any more, it is the one by which
    it alone was called.
    """
    alike: dict[str, dict[int, Any]] = defaultdict(dict)
    by: dict[str | None, set[int]] = defaultdict(set)
    for call in calls:
        if call.name == call.kind.__name__:
            alike[call.name][id(call.module)] = call.module()
            by[Bytecode(call.code).given(call.instruction)[1] if users(call.code) else None].add(id(call.module))
    asked = {key: module for modules in alike.values() if len(modules) > 1 for key, module in modules.items()}
    held = variables({id(module): module for module in asked.values() if module is not None})
    alone = {key: name for name, keys in by.items() if name and len(keys) == 1 for key in keys & asked.keys()}
    return alone | {key: held[id(module)] for key, module in asked.items() if id(module) in held}


def variables(wanted: Mapping[int, Any], codes: Collection[CodeType | None] | None = None) -> dict[int, str]:
    """The names of the user's variables that hold the objects with these ids, the nearest function's first.

    What lies in a list or a dictionary is called after it, ``layers.0``, or by its key, if it has no variable of its
    own or others there have none: not the last layer after the variable of the loop over all. ``codes``: the functions
    whose collections count, if not all do.
    """
    found: dict[int, str] = {}
    frame: FrameType | None = sys._getframe(1) if wanted else None
    while frame is not None and len(found) < len(wanted):
        if users(frame.f_code):
            for scope in (frame.f_locals, frame.f_globals):
                own = [(name, value) for name, value in list(scope.items()) if name != "self" and name[:1] != "_"]
                kinds = (own, _parts(own)) if codes is None or frame.f_code in codes else (own,)
                both = ({id(each): name for name, each in reversed(list(of)) if id(each) in wanted} for of in kinds)
                for names in sorted(both, key=len, reverse=True):
                    found = names | found
        frame = frame.f_back
    return found


def _parts(variables: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """What stands in the collections and the plain objects among the variables."""
    for name, value in variables:
        if isinstance(value, (list, tuple)):
            yield from ((f"{name}.{n}", each) for n, each in enumerate(value))
        elif isinstance(value, dict):
            yield from ((key, each) for key, each in list(value.items()) if isinstance(key, str))
        elif not isinstance(value, (ModuleType, type)) and (held := getattr(value, "__dict__", None)):
            yield from list(held.items())
