"""What a computation did, in order: operations with their places, and the leaves they began from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.folding import history
from ..engine.graph import Node, arguments, clock
from ..engine.primitive import Primitive
from ..engine.scope import Place, current_place
from ..ops import TABLE
from .calls import Calls, located
from .indexing import opened
from .values import Refusal


class Leaf:
    """Where a recording begins: an array that a tensor holds, or that is given anew in every call."""

    def __init__(self, array: Any, node: Node | None = None, position: Any = None, name: str | None = None) -> None:
        self.array, self.node, self.position = array, node, position
        self.name = name or (node.name if node is not None else None)


class Entry:
    """One operation that was done: ``args`` are entries, leaves, numbers and arrays that are constants."""

    def __init__(self, primitive: Primitive, kwargs: Mapping[str, Any], array: Any, place: Place) -> None:
        self.primitive, self.kwargs, self.array, self.place = primitive, kwargs, array, place
        self.args: tuple[Any, ...] = ()
        self.name: str | None = None
        self.number = -1  # in the order in which operations were done

    def line(self, calls: Calls | None) -> str:
        """The line of the user's code that did it, if that was noted."""
        found = calls.lines.get(id(self.array), "") if calls is not None else ""
        return f" ({found})" if found else ""


_BY_FUNCTION = {row.forward: row for row in TABLE.values()}


class Recording:
    """The operations behind ``roots``, oldest first.

    Args:
        roots: the results, tensors.
        given: arguments, as leaves.
        calls: what was computed besides, if somebody noted it.
        since: what was born before is no constant but a tensor whose array is read anew.
    """

    def __init__(
        self, roots: Sequence[Node], given: Sequence[Leaf] = (), calls: Calls | None = None, since: int | None = None
    ) -> None:
        self.given, self.calls, self.since = list(given), calls, since
        self.leaves: dict[int, Leaf] = {id(leaf.node): leaf for leaf in given if leaf.node is not None}
        self.entries: list[Entry] = []
        self.constants: list[Any] = []
        self._nodes: dict[int, Entry] = {}
        self._arrays: dict[int, Any] = {}
        self._births: dict[int, int] = {}
        nodes = [node for node in history(*roots) if since is None or node.birth > since]
        for node in nodes:
            if node.hooks and node.primitive is not None:
                raise Refusal(f"a hook changes the gradient of {node.name or node.primitive.name}")
            if node.primitive is not None:
                self._arrays.setdefault(id(node.array), node)
        for leaf in given:
            self._arrays[id(leaf.array)] = leaf
        for node in nodes:
            if node.primitive is not None:
                self._add(node)
        self.roots = [self.of(root) for root in roots]
        self.entries.sort(key=lambda entry: self._births[id(entry)])
        for number, entry in enumerate(self.entries):
            entry.number = number

    def _add(self, node: Node) -> None:
        primitive, args, kwargs = opened(node.primitive, arguments(node), node.kwargs)
        self._nodes[id(node)] = entry = Entry(primitive, kwargs, node.array, node.place)
        entry.name = node.name
        entry.args = tuple(self.of(arg, entry.place, node.birth) for arg in args)
        self._births[id(entry)] = node.birth
        self.entries.append(entry)

    def of(self, arg: Any, place: Place | None = None, before: int = 0) -> Any:
        """What stands for an argument in the recording."""
        if isinstance(arg, Node):
            return self._nodes[id(arg)] if id(arg) in self._nodes else self._leaf(arg)
        return (
            self._array(arg, None, place, before) if isinstance(arg, np.ndarray) and (arg.size > 1 or arg.ndim) else arg
        )

    def _leaf(self, node: Node) -> Any:
        if id(node) in self.leaves:
            return self.leaves[id(node)]
        known = self._arrays.get(id(node.array))
        if isinstance(known, Node) and known is not node:  # detached: the numbers of a result without its history
            return self._made(Primitive("detach", lambda x: x, None), [self._nodes[id(known)]], {}, node.array, node)
        if known is not None:
            return known
        if node.primitive is not None:
            raise Refusal("a result that was computed before is used in it; make it an argument")
        if node.tracked or (self.since is not None and node.birth < self.since):
            self.leaves[id(node)] = leaf = Leaf(node.array, node)
            return leaf
        return self._array(node.array, node, node.place)

    def _array(self, array: Any, node: Node | None, place: Place | None, before: int = 0) -> Any:
        """An array of numbers: an argument or a part of one, computed in this recording, or a constant."""
        known = self._arrays.get(id(array))
        if known is not None:
            return self._nodes[id(known)] if isinstance(known, Node) else known
        call = self.calls.made.get(id(array)) if self.calls is not None else None
        if call is not None:
            forward, values, kwargs, _, where, birth = call
            primitive = _BY_FUNCTION.get(forward) or Primitive(getattr(forward, "__name__", "op"), forward, None)
            primitive, values, kwargs = opened(primitive, values, kwargs)
            return self._made(primitive, [self.of(value, where) for value in values], kwargs, array, node, birth, where)
        may_be_copy = self.calls is not None and array.dtype.kind in "iu" and array.size > 1
        if may_be_copy and self.calls is not None and (copied := self.calls.like(array, before)) is not None:
            return self._array(copied, None, place)
        for leaf in self.given if array.size > 1 else ():
            if (found := located(leaf.array, array)) is not None:
                return self._part(leaf, *found, array, node, place)
        if self.since is None:
            return self._shown(array, node, place)
        self.constants.append(array)
        self._arrays[id(array)] = array
        return array

    def _shown(self, array: Any, node: Node | None, place: Place | None) -> Any:
        """Of a loss alone: data is what is no number everywhere, and one tensor whatever part of it is read."""
        flat = array.reshape(-1)
        if node is None:  # places are data, if they do not just count; other arrays are masks
            plain = array.dtype.kind not in "iu" or _counts(flat)
        else:
            plain = array.size == 0 or bool((flat == flat[0]).all())
        if plain and (node is None or node.owner is None or (node.owner.array == flat[0]).all()):
            self._arrays[id(array)] = array
            return array
        if node is not None and node.owner is not None and node.owner.primitive is None:
            found = located(node.owner.array, array)
            if found is not None:
                whole = self.leaves.setdefault(id(node.owner), Leaf(node.owner.array, node.owner, True, node.name))
                return self._part(whole, *found, array, node, place)
        leaf = Leaf(array, node, position=True)
        self._arrays[id(array)] = leaf
        return leaf

    def _part(self, leaf: Leaf, name: str, kwargs: Any, array: Any, node: Node | None, place: Place | None) -> Any:
        if not name:
            return leaf
        birth = node.birth if node is not None else clock.tick()
        return self._made(TABLE[name], [leaf], kwargs, array, node, birth, place)

    def _made(
        self, primitive: Primitive, args: Sequence[Any], kwargs: Any, array: Any, node: Node | None,
        birth: int | None = None, place: Place | None = None,
    ) -> Entry:  # fmt: skip
        """An operation that is no node of the graph."""
        where = place if place is not None else node.place if node is not None else current_place.get()
        entry = Entry(primitive, kwargs, array, where)
        entry.args, entry.name = tuple(args), node.name if node is not None else None
        self._births[id(entry)] = birth if birth is not None else node.birth if node is not None else clock.tick()
        self.entries.append(entry)
        if node is not None:
            self._nodes[id(node)] = entry
        if primitive.name != "detach":
            self._arrays[id(array)] = entry
        return entry


def _counts(flat: Any) -> bool:
    return bool((flat == np.arange(len(flat))).all())


def difference(one: Recording, two: Recording) -> str | None:
    """What two recordings of the same computation with different data do not have in common, in words."""
    if len(one.entries) != len(two.entries):
        return f"other operations are done with other data: {len(one.entries)} and {len(two.entries)}"
    for a, b in zip(one.entries, two.entries, strict=True):
        same = a.primitive.name == b.primitive.name and a.array.shape == b.array.shape and len(a.args) == len(b.args)
        if not same or repr(a.kwargs) != repr(b.kwargs):
            return f"other operations are done with other data: {a.primitive.name}{a.line(one.calls)}"
        for x, y in zip(a.args, b.args, strict=True):
            if _identity(x) != _identity(y) and not _same_value(one, x, y):
                what = (
                    "an array" if isinstance(x, np.ndarray) else "a number" if not isinstance(x, Leaf) else "a tensor"
                )
                return (
                    f"{what} in {a.primitive.name}{a.line(one.calls)} is another one with other data, or in every "
                    "call, and comes from no argument"
                )
    if list(map(_identity, one.roots)) != list(map(_identity, two.roots)):
        return "other results are given with other data"
    return None


def _same_value(one: Recording, x: Any, y: Any) -> bool:
    """Whether integers that were recognised by value are also those that the other recording took them for."""
    mine = x if isinstance(x, np.ndarray) else getattr(x, "array", None)
    if mine is None or mine.dtype.kind not in "iu" or isinstance(y, np.ndarray) or not hasattr(y, "array"):
        return False
    there = one.entries[y.number].array if isinstance(y, Entry) else one.given[y.position].array
    return there.shape == mine.shape and bool(np.array_equal(there, mine))


def _identity(source: Any) -> Any:
    if isinstance(source, Entry):
        return "entry", source.number
    if isinstance(source, Leaf):
        return ("given", source.position) if source.position is not None else ("tensor", id(source.node))
    return ("array", source.shape, source.tobytes()) if isinstance(source, np.ndarray) else source
