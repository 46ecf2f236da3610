"""Excerpt: the values of a history that are shown, and what each of them was made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..engine.folding import history
from ..engine.graph import Node as Value
from ..engine.graph import arguments
from ..engine.scope import Place
from ..engine.versions import Memory
from ..surface.tensor import Tensor
from .loops import outwards
from .places import Places
from .timeline import Item


@dataclass
class Excerpt:
    """All that a loss was made from.

    Attributes:
        values: what is shown, oldest first.
        loss: the value everything is differentiated for.
        places: where the values were computed.
        detached: for leaves that are another shown value without its history, the birth of that value.
    """

    values: list[Value]
    loss: Tensor
    places: Places
    detached: dict[int, int] = field(default_factory=dict)

    def plain_arrays(self) -> list[Any]:
        """The arrays that were used without being tensors, in the order of first use; single numbers are not drawn."""
        found: dict[int, Any] = {}
        for value in self.values:
            for argument in arguments(value):
                if isinstance(argument, np.ndarray) and argument.ndim:
                    found.setdefault(id(argument), argument)
        return list(found.values())

    def items(self, arrays: Sequence[Any]) -> list[Item]:
        """The values, then the plain arrays, as far as their names and their place in time are concerned."""
        ids = {value.birth: n for n, value in enumerate(self.values)}
        ids |= {birth: ids[other] for birth, other in self.detached.items()}
        array_ids = {id(array): len(self.values) + n for n, array in enumerate(arrays)}
        made_of = [
            tuple([ids[a.birth] if isinstance(a, Value) else array_ids.get(id(a)) for a in arguments(value)])
            for value in self.values
        ]
        inputs = self._inputs(made_of)
        places: dict[Place, tuple[Place | None, tuple[str, ...]]] = {}
        items, called, read = [], self.places.called, self.places.read
        for n, value in enumerate(self.values):
            place, primitive, tracked = self.places[value], value.primitive, value.tracked
            if place not in places:
                places[place] = _step_and_scope(place)
            step, scope = places[place]
            leaf = primitive is None
            operation = None if primitive is None else primitive.name
            visit = None if leaf else step
            parameter, folded = leaf and tracked and n not in inputs, not leaf and primitive.formula is not None
            zero = leaf and not value.array.any()
            lent = (leaf and type(value) is not Tensor) or self.places.is_lent(value)
            name, lent_name = (None, value.name) if lent else (value.name, None)
            stored, taken, site = called.get(value.birth), read.get(value.birth), self.places.site(value)
            own = parameter, tracked, folded, zero, site, value.birth in self.places.computed
            items.append(Item(n, made_of[n], operation, visit, scope, name, lent_name, stored, taken, *own))
        return items + [Item(n) for n in sorted(array_ids.values())]

    def _inputs(self, made_of: Sequence[Sequence[int | None]]) -> set[int]:
        """The leaves that want a gradient and are inputs all the same: only one of several steps reads them, or a
        module, of which a parameter is read beside them."""
        leaves = {n: type(v) is Tensor for n, v in enumerate(self.values) if v.primitive is None and v.tracked}
        times = [None if value.primitive is None else self.places[value].time for value in self.values]
        several = len({*times} - {None}) > 1
        read_in, inputs = defaultdict[int, set[int | None]](set), set[int]()
        for time, ids in zip(times, made_of, strict=True) if True in leaves.values() else ():
            met = leaves.keys() & ids
            read = {n for n in met if leaves[n]}
            inputs |= read if len(read) < len(met) else set()
            for n in read:
                read_in[n].add(time)
        return inputs | {n for n, steps in read_in.items() if several and len(steps) == 1 and None not in steps}


def excerpt_of(loss: Tensor, *, folded: bool = False) -> Excerpt:
    """Everything ``loss`` was made from; ``folded`` leaves folds as they are.

    A value that was detached is shown as itself: its numbers go on, only its gradient does not.
    """
    nodes = history(loss, folded=folded)
    excerpt = Excerpt(nodes, loss, Places(nodes))
    computed = {id(value.array): value for value in nodes if value.primitive is not None}
    for value in nodes:
        origin = computed.get(id(value.array))  # detach() hands out the same array
        if value.primitive is None and origin is not None and origin.birth < value.birth:
            excerpt.detached[value.birth] = origin.birth
    excerpt.values = [value for value in nodes if value.birth not in excerpt.detached]
    return excerpt


def made_from(births: Collection[int], nodes: Iterable[Value]) -> set[int]:
    """The births of those among ``nodes``, oldest first, that were made from values with these births, and these."""
    found = set(births)
    for node in nodes:
        for arg in arguments(node):
            if isinstance(arg, Value) and arg.birth in found:
                found.add(node.birth)
                break
    return found


def was_detached(value: Value) -> bool:
    """Whether a leaf is another value without its history, or a part of one; not that another was made of it."""
    whole = value.memory
    return value.primitive is None and isinstance(whole.changed, Memory) and whole.birth > whole.changed.first


def _step_and_scope(place: Place) -> tuple[Place | None, tuple[str, ...]]:
    """The innermost time step around a place, itself or None among them, and the path without time steps."""
    step, path = None, []
    for around in outwards(place):
        if around.step is not None:
            step = step or around
        elif around.parent is not None:
            path.append(around.name)
    return step, tuple(reversed(path))
