"""Excerpt: which values of a history are shown, and what each of them was made from as far as it is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..engine.folding import history, sources
from ..engine.graph import Node as Value
from ..engine.graph import arguments
from ..engine.scope import Place
from ..engine.versions import Memory
from ..surface.tensor import Tensor
from .loops import outwards
from .places import Places
from .timeline import Item

#: What comes after a window is drawn operation by operation up to this many, and as one card beyond.
MOST_AFTER = 40


@dataclass
class Excerpt:
    """A part of a graph, or all of it.

    Attributes:
        values: what is shown, oldest first.
        loss: the value everything is differentiated for.
        places: where the values were computed.
        window: the first and the last time step that are shown, if not all.
        cut: births of values that are shown as leaves though they were computed, before the window.
        ends: births of what is shown and read by what is not; if there are any, the loss stands for all that follows.
        detached: for leaves that are another shown value without its history, the birth of that value.
    """

    values: list[Value]
    loss: Tensor
    places: Places
    window: tuple[int, int] | None = None
    cut: set[int] = field(default_factory=set)
    ends: list[Value] = field(default_factory=list)
    detached: dict[int, int] = field(default_factory=dict)

    def arguments(self, value: Value) -> tuple[Any, ...]:
        """What ``value`` was made from."""
        if value.birth in self.cut:
            return ()
        if self.ends and value.birth == self.loss.birth:
            return tuple(self.ends)
        return arguments(value)

    def is_computed(self, value: Value) -> bool:
        """Whether ``value`` is shown as the result of an operation."""
        return value.primitive is not None and value.birth not in self.cut

    def is_rest(self, value: Value) -> bool:
        """Whether ``value`` stands for everything that follows the window."""
        return bool(self.ends) and value.birth == self.loss.birth

    def plain_arrays(self) -> list[Any]:
        """The arrays that were used without being tensors, in the order of first use; single numbers are not drawn."""
        found: dict[int, Any] = {}
        for value in self.values:
            for argument in self.arguments(value):
                if isinstance(argument, np.ndarray) and argument.ndim:
                    found.setdefault(id(argument), argument)
        return list(found.values())

    def items(self, arrays: Sequence[Any]) -> list[Item]:
        """The values, then the plain arrays, as far as their names and their place in time are concerned."""
        ids = {value.birth: n for n, value in enumerate(self.values)}
        ids |= {birth: ids[other] for birth, other in self.detached.items()}
        array_ids = {id(array): len(self.values) + n for n, array in enumerate(arrays)}
        read = self.arguments if self.cut or self.ends else arguments
        made_of = [
            tuple([ids[a.birth] if isinstance(a, Value) else array_ids.get(id(a)) for a in read(value)])
            for value in self.values
        ]
        inputs = self._inputs(made_of)
        rest = self.loss.birth if self.ends else None
        places: dict[Place, tuple[Place | None, tuple[str, ...]]] = {}
        items, names = [], self.places.names()
        for n, value in enumerate(self.values):
            place, primitive, tracked = self.places[value], value.primitive, value.tracked
            name = value.name or names.get(value.birth)
            if place not in places:
                places[place] = _step_and_scope(place)
            step, scope = places[place]
            leaf = primitive is None
            operation = primitive.name if self.is_computed(value) else None
            visit = None if leaf or value.birth == rest else step
            parameter, folded = leaf and tracked and n not in inputs, not leaf and primitive.formula is not None
            items.append(Item(n, made_of[n], operation, visit, scope, name, parameter, tracked, folded))
        return items + [Item(n) for n in sorted(array_ids.values())]

    def _inputs(self, made_of: Sequence[Sequence[int | None]]) -> set[int]:
        """The leaves that want a gradient and are inputs all the same: only one of several steps reads them."""
        read_in: dict[int | None, set[int | None]] = {
            n: set() for n, v in enumerate(self.values) if v.primitive is None and v.tracked and type(v) is Tensor
        }
        if not read_in or len({self.places[v].time for v in self.values if self.is_computed(v)} - {None}) < 2:
            return set()
        for value, ids in zip(self.values, made_of, strict=True):
            for source in ids:
                if source in read_in:
                    read_in[source].add(self.places[value].time)
        return {n for n, times in read_in.items() if n is not None and len(times) == 1 and None not in times}


def excerpt_of(loss: Tensor, window: tuple[int, int] | None = None, *, folded: bool = False) -> Excerpt:
    """Everything ``loss`` was made from; with a ``window`` what was computed in these time steps and what they read.

    ``folded`` leaves folds as they are.

    Raises:
        ValueError: nothing was computed in the steps of the window.
    """
    nodes = history(loss, folded=folded)
    places = Places(nodes)
    if window is None:
        return _without_detached(Excerpt(nodes, loss, places))
    first, last = window
    time = {v.birth: t for v in nodes if v.primitive is not None and (t := places[v].time) is not None}
    inside = {birth for birth, t in time.items() if first <= t <= last}
    times = sorted(set(time.values()))
    if not inside:
        there = f"they are {times[0]} to {times[-1]}" if times else "it has none: record them with `with step(t):`"
        raise ValueError(f"steps=({first}, {last}) shows none of the time steps of this graph; {there}")
    if last >= times[-1]:
        after = made_from(inside, (v for v in nodes if v.birth not in time)) - inside
        inside |= after if len(after) <= MOST_AFTER else set()
    shown = inside | {loss.birth}
    read = {a.birth: a for v in nodes if v.birth in inside for a in sources(v)}
    ends = {a.birth: a for v in nodes if v.birth not in inside for a in sources(v) if a.birth in inside and a.tracked}
    return _without_detached(
        Excerpt(
            [v for v in nodes if v.birth in shown or v.birth in read],
            loss,
            places,
            (max(first, times[0]), min(last, times[-1])),
            {birth for birth, value in read.items() if birth not in shown and value.primitive is not None},
            [ends[birth] for birth in sorted(ends)] if loss.birth not in inside else [],
        )
    )


def made_from(births: Collection[int], nodes: Iterable[Value]) -> set[int]:
    """The births of those among ``nodes``, oldest first, that were made from values with these births, and these."""
    found = set(births)
    for node in nodes:
        for arg in arguments(node):
            if isinstance(arg, Value) and arg.birth in found:
                found.add(node.birth)
                break
    return found


def _without_detached(excerpt: Excerpt) -> Excerpt:
    """Show a value that was detached as itself: its numbers go on, only its gradient does not."""
    computed = {id(value.array): value for value in excerpt.values if value.primitive is not None}
    for value in excerpt.values:
        origin = computed.get(id(value.array))  # detach() hands out the same array
        if value.primitive is None and origin is not None and origin.birth < value.birth:
            excerpt.detached[value.birth] = origin.birth
    excerpt.values = [value for value in excerpt.values if value.birth not in excerpt.detached]
    return excerpt


def was_detached(value: Value) -> bool:
    """Whether a leaf is another value without its history; not that another was made of it."""
    return value.primitive is None and isinstance(value.changed, Memory) and value.birth > value.changed.first


def _step_and_scope(place: Place) -> tuple[Place | None, tuple[str, ...]]:
    """The innermost time step around a place, itself or None among them, and the path without time steps."""
    step, path = None, []
    for around in outwards(place):
        if around.step is not None:
            step = step or around
        elif around.parent is not None:
            path.append(around.name)
    return step, tuple(reversed(path))
