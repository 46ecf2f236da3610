"""Small parameters that move together: gathered into one array, moved by their rule at once, and written back."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
State = dict[str, Any]
Rule = Callable[..., None]

SMALL = 2048  # entries of a parameter beyond which gathering it takes longer than moving it by itself
FEW, MANY = 3, 64  # parameters that are worth gathering, and that stay in the processor's cache

#: Rules that move each entry by its own gradient and state, so that it does not matter what stands beside it.
ENTRYWISE: set[Rule] = set()


def entrywise(update: Rule) -> Rule:
    """Say of a rule that it is one of those; one that overrides it says so itself."""
    ENTRYWISE.add(update)
    return update


class Batch:
    """Arrays of these shapes side by side in one: a row for the parameters, for the gradients, for each state."""

    def __init__(self, shapes: Sequence[tuple[int, ...]], dtype: Any) -> None:
        self.shapes, self.dtype = shapes, dtype
        self.rows: dict[str, tuple[Array, list[Array]]] = {}

    def parts(self, row: Array) -> list[Array]:
        """What belongs to each of the shapes."""
        ends = accumulate(map(math.prod, self.shapes))
        return [row[end - math.prod(shape) : end].reshape(shape) for shape, end in zip(self.shapes, ends, strict=True)]

    def gather(self, name: str, arrays: Iterable[Array]) -> Array:
        """The row of this name, with these numbers."""
        if name not in self.rows:
            row = np.empty(sum(map(math.prod, self.shapes)), self.dtype)
            self.rows[name] = row, self.parts(row)
        row, parts = self.rows[name]
        for part, array in zip(parts, arrays, strict=True):
            part[...] = array
        return row

    def scatter(self, name: str, arrays: Iterable[Array]) -> None:
        """Write the row of this name into these arrays."""
        for part, array in zip(self.rows[name][1], arrays, strict=True):
            array[...] = part

    def move(self, update: Rule, arrays: list[Array], gradients: list[Array], states: list[State], group: Any) -> None:
        """Apply the rule to all at once."""
        first, joint = states[0], dict[str, Any]()
        for name, value in first.items():
            many = type(value) is np.ndarray
            joint[name] = self.gather(name, [state[name] for state in states]) if many else value
        update(self.gather("params", arrays), self.gather("grads", gradients), joint, group)
        self.scatter("params", arrays)
        for name, value in joint.items():
            if type(value) is not np.ndarray:
                for state in states:
                    state[name] = value
            elif name in first:
                self.scatter(name, [state[name] for state in states])
            else:
                for state, part, array in zip(states, self.parts(value), arrays, strict=True):
                    state[name] = np.empty_like(array)
                    state[name][...] = part

    def __deepcopy__(self, memo: Any) -> Batch:
        return Batch(self.shapes, self.dtype)  # whose parts will be parts of its own rows


def alike(arrays: Sequence[Array], gradients: Sequence[Array], states: Sequence[State]) -> list[list[int]]:
    """The places of those that can move together; none if two may lie in the same memory, where the order matters."""
    kinds: defaultdict[Any, list[int]] = defaultdict(list)
    for place, (array, g, state) in enumerate(zip(arrays, gradients, states, strict=True)):
        if array.base is not None or g.base is not None:
            return []
        shape, dtype = array.shape, array.dtype
        if array.size <= SMALL and g.shape == shape and g.dtype is dtype:
            kind: list[Any] = [dtype]
            for name, value in state.items():
                if type(value) is np.ndarray:
                    fits, value = value.shape == shape and value.dtype is dtype, None
                else:
                    fits = type(value) is int or type(value) is float
                if not fits:
                    break
                kind += name, value
            else:
                kinds[tuple(kind)].append(place)
    if len({*map(id, arrays), *map(id, gradients)}) < 2 * len(arrays):
        return []
    cut = [places[start : start + MANY] for places in kinds.values() for start in range(0, len(places), MANY)]
    return [places for places in cut if len(places) >= FEW]
