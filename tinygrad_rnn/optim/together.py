"""Small parameters that move together: gathered into one array, moved by their rule at once, and written back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.versions import keep

Array = np.ndarray[Any, Any]
State = dict[str, Any]
Item = tuple[Any, Array, Array, State]  # a parameter, its numbers, its gradient's, and what is remembered of it

SMALL = 2048  # entries of a parameter beyond which gathering it takes longer than moving it by itself
FEW, MANY = 3, 64  # parameters that are worth gathering, and that stay in the processor's cache

#: Rules to which it does not matter which entries stand beside each other; one that overrides them is none.
ENTRYWISE: set[Callable[..., None]] = set()


class Batch:
    """Arrays side by side in one, under several names; it starts anew when their shapes or their type change."""

    def __init__(self) -> None:
        self.of: list[Any] = []
        self.rows: dict[str, tuple[Array, list[Array]]] = {}

    def __deepcopy__(self, memo: Any) -> Batch:
        return Batch()  # whose parts will be parts of its own rows

    def gather(self, name: str, arrays: Sequence[Array]) -> Array:
        """The numbers of all arrays in one."""
        if name not in self.rows:
            ends = np.cumsum([array.size for array in arrays])
            row = np.empty(ends[-1], arrays[0].dtype)
            parts = zip(np.split(row, ends[:-1]), arrays, strict=True)
            self.rows[name] = row, [part.reshape(array.shape) for part, array in parts]
        row, places = self.rows[name]
        for place, array in zip(places, arrays, strict=True):
            place[...] = array
        return row

    def move(self, items: Sequence[Item], rule: Callable[..., None], group: Any) -> None:
        """Apply the rule to all at once."""
        params, arrays, gradients, states = zip(*items, strict=True)
        of = [arrays[0].dtype, *[array.shape for array in arrays]]
        if self.of != of:
            self.of, self.rows = of, {}
        numbers = {name: value for name, value in states[0].items() if type(value) is not np.ndarray}
        columns = {name: [state[name] for state in states] for name in states[0].keys() - numbers}
        joint = numbers | {name: self.gather(name, column) for name, column in columns.items()}
        rule(self.gather("params", arrays), self.gather("grads", gradients), joint, group)
        for p in params:
            keep(p)
        for name, column in {"params": arrays, **columns}.items():
            for place, array in zip(self.rows[name][1], column, strict=True):
                array[...] = place
        numbers = {name: joint[name] for name in numbers}
        for state in states:
            state.update(numbers)


def batches(items: list[Item]) -> tuple[list[list[Item]], list[Item]]:
    """Those that move together, and those that move alone: all, if two may lie in the same memory, in their order."""
    kinds: defaultdict[Any, list[Item]] = defaultdict(list)
    owners: set[int] = set()
    for item in items:
        _, array, g, state = item
        if array.base is not None or g.base is not None:
            return [], items
        owners |= {id(array), id(g)}
        kinds[_kind(array, g, state)].append(item)
    if len(owners) < 2 * len(items):
        return [], items
    alone = kinds.pop(None, [])
    alone += [item for kind in kinds.values() if len(kind) < FEW for item in kind]
    large = [kind for kind in kinds.values() if len(kind) >= FEW]
    return [kind[start : start + MANY] for kind in large for start in range(0, len(kind), MANY)], alone


def _kind(array: Array, g: Array, state: State) -> Any:
    """What those that move together have in common; None for one that moves alone, as all do in their first step."""
    shape, dtype = array.shape, array.dtype
    if not state or array.size > SMALL or g.shape != shape or g.dtype is not dtype:
        return None
    kind: list[Any] = [dtype]
    for name, value in state.items():
        if type(value) is np.ndarray and value.shape == shape and value.dtype is dtype:
            kind.append(name)
        elif type(value) is int or type(value) is float:
            kind += name, value
        else:
            return None
    return tuple(kind)
