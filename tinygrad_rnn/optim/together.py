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
Item = tuple[Any, Array, Array, State]  # a parameter, its numbers, its gradient's, and what is remembered of it
Rule = Callable[..., None]

SMALL = 2048  # entries of a parameter beyond which gathering it takes longer than moving it by itself
FEW, MANY = 3, 64  # parameters that are worth gathering, and that stay in the processor's cache
NUMBERS = {int, float}

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

    def move(self, items: Sequence[Item], rule: Rule, group: Any) -> None:
        """Apply the rule to all at once."""
        params, arrays, gradients, states = zip(*items, strict=True)
        first, joint = states[0], dict[str, Any]()
        for name, value in first.items():
            many = type(value) is np.ndarray
            joint[name] = self.gather(name, [state[name] for state in states]) if many else value
        rule(self.gather("params", arrays), self.gather("grads", gradients), joint, group)
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
        for p in params:
            p.touch()

    def __deepcopy__(self, memo: Any) -> Batch:
        return Batch(self.shapes, self.dtype)  # whose parts will be parts of its own rows


def batches(items: list[Item]) -> tuple[list[list[Item]], list[Item]]:
    """Those that move together, and those that move alone: all, if two may lie in the same memory, in their order."""
    kinds: defaultdict[Any, list[Item]] = defaultdict(list)
    owners: set[int] = set()
    for item in items:
        _, array, g, state = item
        if array.base is not None or g.base is not None:
            return [], items
        owners.add(id(array))
        owners.add(id(g))
        kinds[_kind(array, g, state)].append(item)
    if len(owners) < 2 * len(items):
        return [], items
    alone, found = kinds.pop(None, []), list[list[Item]]()
    for kind in kinds.values():
        for start in range(0, len(kind), MANY):
            batch = kind[start : start + MANY]
            if len(batch) < FEW:
                alone += batch
            else:
                found.append(batch)
    return found, alone


def _kind(array: Array, g: Array, state: State) -> Any:
    """What those that move together have in common; None for one that moves alone."""
    shape, dtype = array.shape, array.dtype
    if array.size > SMALL or g.shape != shape or g.dtype is not dtype:
        return None
    kind: list[Any] = [dtype]
    for name, value in state.items():
        if type(value) is not np.ndarray:
            if type(value) not in NUMBERS:
                return None
            kind += name, value
        elif value.shape == shape and value.dtype is dtype:
            kind.append(name)
        else:
            return None
    return tuple(kind)
