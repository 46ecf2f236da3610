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
from ..engine.graph import Node
from ..engine.scope import Place
from .lines import Bytecode, code_of, site_of, users
from .loops import Turn, outwards, turns

#: What cells call their states, if their user has no variable for them.
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
        for node in nodes:
            self[node]

    def __getitem__(self, node: Node) -> Place:
        return self._settle(node.place, self._turns.get(node.birth, ()))

    def site(self, node: Node) -> object:
        """Where a program whose turns are steps asks for a value."""
        return site_of(node) if self._turns else None

    def names(self) -> dict[int, str]:
        """What values without a name are called by the program, by birth; not the newest of them."""
        often = Counter((self.read | self._called).values())
        return {
            node.birth: name
            for node in self._nodes
            if not node.name or (node.name in _LETTERS and self._within[node.place])
            if (name := self._called.get(node.birth))
            if self._turns or self[node].time is not None or often[name] == 1  # where no step tells them apart
        }

    @cached_property
    def _called(self) -> dict[int, str]:
        """The variables in which values are stored, or the only one that a call of a module hands out, by birth.

        That says the instruction that follows; or else it is the variable that holds it now and no part of a module.
        """
        nodes = self._nodes[:-1]
        around = {place: _calls(place) for place in {node.place for node in self._nodes}}
        stored = self._stored(nodes, set().union(*around.values()))
        given: dict[Call, set[int]] = defaultdict(set)
        for node in self._nodes if nodes else ():
            for arg in sources(node):
                if arg.primitive is not None:
                    for call in around.get(arg.place, set()) - around[node.place]:
                        given[call].add(arg.birth)
        several = {(call.code, call.instruction) for call, births in given.items() if len(births) > 1}
        for call, births in given.items():
            if users(call.code) and (call.code, call.instruction) not in several:
                (birth,) = births
                stored[birth] = stored.get(birth) or next(iter(Bytecode(call.code).stored(call.instruction) or [""]))
        found = {birth: name for birth, name in stored.items() if name}
        out = set().union(*given.values())
        unnamed = (n for n in nodes if n.birth not in found and not n.name and (n.birth in out or not around[n.place]))
        held = {id(node): node.birth for node in unnamed}
        codes = {site_of(node)[0] for node in nodes} | {call.code for calls in around.values() for call in calls}
        return {held[id]: name for id, name in variables(held, codes).items()} | found

    def _stored(self, nodes: Sequence[Node], calls: Iterable[Call]) -> dict[int, str]:
        """The variables in which values are stored by the functions that asked for them, or for those functions."""
        made: dict[tuple[tuple[CodeType | None, int], object], list[int]] = defaultdict(list)  # by one in one turn
        for node in nodes:
            made[site_of(node), (node.place, self._turns.get(node.birth))].append(node.birth)
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
        for place in {node.place for node in self._nodes}:
            around = (each for each in outwards(place) if isinstance(each, Call) and users(each.code))
            ours = (each for each in around if not users(getattr(each.kind.forward, "__code__", None)))
            found[place] = next(ours, None)
        return found

    @cached_property
    def read(self) -> dict[int, str]:
        """The variables or attributes from which operations and calls take what is no operation's result, by birth."""
        found: dict[int, str] = {}
        for node in self._nodes:
            code, instruction = site_of(node)
            loaded = Bytecode(code).loaded.get(instruction, {}) if code and code is code_of(node) else {}
            for above, arg in enumerate(reversed(node.args)) if loaded else ():
                name = loaded.get((above,))
                if name and isinstance(arg, Node) and site_of(arg)[0] is None:
                    found.setdefault(arg.birth, name)
        found = self._passed() | found
        if self._turns:
            return found
        used = {arg.birth: self[node].time for node in reversed(self._nodes) for arg in sources(node)}
        often = Counter((name, used[birth]) for birth, name in found.items())
        return {birth: name for birth, name in found.items() if often[name, used[birth]] == 1}

    def _passed(self) -> dict[int, str]:
        """The variable of the only leaf that a function or a module of the package is given there, by birth.

        Of several it is those of the parameters, where the function has the name of its only operation.
        """
        asked: dict[tuple[Any, ...], list[Node]] = defaultdict(list)
        last: tuple[Any, ...] = (None,) * 4
        for node in reversed(self._nodes):
            code, instruction = site_of(node)
            if (call := self._within[node.place]) is not None:
                asked[call.code, call.instruction, call, self._turns.get(node.birth)].append(node)
                continue
            if code or code_of(node) is not None:  # what a function makes before its result has no site
                last = (code, instruction, node.place, node.birth) if code_of(node) is None else (None,) * 4
            if last[2] is node.place:
                asked[last].append(node)
        found: dict[int, str] = {}
        for (code, instruction, place, _), made in asked.items():
            asks = Bytecode(code).given(instruction)
            inside = {node.birth for node in made}
            given = {arg.birth: arg for node in made for arg in sources(node) if arg.birth not in inside}
            if isinstance(place, Call):
                given = {birth: arg for birth, arg in given.items() if place not in outwards(arg.place)}
            results = {birth: arg for birth, arg in given.items() if arg.primitive is not None}
            # What is younger than all other arguments of a function may be its own.
            until = sys.maxsize if isinstance(place, Call) else max(results, default=0)
            leaves = [b for b, arg in given.items() if b < until and b not in results and not arg.name]
            known = [arg.name or self._called.get(birth) for birth, arg in results.items()]
            names = [name for name in asks.names if name not in known]
            if asks.nameless <= known.count(None) and len(names) == len(leaves) == 1:
                found[leaves[0]] = names[0]
            of = [sources(node) for node in made if node.primitive and node.primitive.name == asks.called]
            if [len(asks.names)] == [*map(len, of)] and not (asks.nameless or asks.by_keyword):
                both = zip(*of, asks.names, strict=True)
                found |= {arg.birth: name for arg, name in both if arg.tracked and arg.primitive is None}
        return found

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


def _calls(place: Place) -> set[Call]:
    """The calls around a place."""
    return {around for around in outwards(place) if isinstance(around, Call)}


def _labels(calls: Iterable[Call]) -> Mapping[int, str]:
    """What those modules are called by their variables that are called after their class, and are not alone with that.

    The keys are the ids of the weak references. Where no variable holds a module any more, it is the one by which
    it alone was called.
    """
    alike: dict[str, dict[int, Any]] = defaultdict(dict)
    by: dict[str, set[int]] = defaultdict(set)
    for call in calls:
        if call.name == call.kind.__name__:
            alike[call.name][id(call.module)] = call.module()
            by[Bytecode(call.code).given(call.instruction).called if users(call.code) else ""].add(id(call.module))
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
