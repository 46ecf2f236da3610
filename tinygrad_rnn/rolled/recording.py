"""What a computation did, in order: operations with their places, and the leaves they began from."""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from itertools import permutations
from typing import Any

import numpy as np

from ..engine.folding import CORE, PART, history, recorded
from ..engine.graph import Node, arguments, clock
from ..engine.primitive import Every, Primitive
from ..engine.scope import Place, current_place
from ..numbers.dtypes import converted, quiet
from ..ops import TABLE
from .indexing import opened
from .values import Refusal

FEW = 5  # so many steps of a layer are looked at for all of them
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def users_line() -> tuple[str, int]:
    """The file and the line outside this package that is being executed."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


class Calls:
    """The array functions applied while this is on in this thread, recorded or not; arrays are kept alive by it.

    With ``lines`` also those of the user's code.
    """

    def __init__(self, lines: bool) -> None:
        self.made: dict[int, Any] = {}  # by the id of the result
        self.lines: dict[int, tuple[str, int]] | None = {} if lines else None

    @contextmanager
    def on(self) -> Iterator[None]:
        plain: Any = quiet.call
        made, lines = self.made, self.lines

        def call(forward: Any, *values: Any, **kwargs: Any) -> Any:
            array = plain(forward, *values, **kwargs)
            if type(array) is not tuple:
                if type(array) is not np.ndarray:
                    array = np.asarray(array)
                made.setdefault(id(array), (forward, values, kwargs, array, current_place.get(), clock.tick()))
                if lines is not None:
                    lines[id(array)] = users_line()
            return array

        quiet.call = call  # type: ignore[assignment]  # the same to those who call it
        try:
            yield
        finally:
            quiet.call = plain


class Leaf:
    """Where a recording begins: an array that a tensor holds, or that is given anew in every call.

    ``position`` is that among the arguments, True for the data of a loss alone, None for a tensor from outside.
    ``rows`` are the positions of what is stacked to be one argument.
    """

    rows: Sequence[Any] = ()

    def __init__(self, array: Any, node: Node | None = None, position: Any = None, name: str | None = None) -> None:
        self.array, self.node, self.position = array, node, position
        self.name = name or (node.name if node is not None else None)
        self.flows = node is not None and bool(node.tracked)


class Entry:
    """One operation that was done: ``args`` are entries, leaves, numbers and arrays that are constants."""

    __slots__ = (
        "args", "array", "birth", "does", "flows", "kwargs", "name", "number", "place", "primitive", "shape", "steps",
    )  # fmt: skip

    def __init__(
        self, primitive: Primitive, args: Sequence[Any], kwargs: Mapping[str, Any], array: Any, place: Place,
        birth: float,
    ) -> None:  # fmt: skip
        self.primitive, self.args, self.kwargs = primitive, tuple(args), kwargs
        self.array, self.place, self.birth = array, place, birth
        self.name: str | None = None
        self.shape: Any = None  # of what a layer gives, if the array is that of a few steps
        self.steps = 0  # in a step of a layer of which a few stand for all: how many these are
        self.does: Any = None  # in short, once it was asked for (`columns`)
        self.number = -1  # in the order in which operations were done
        self.flows = False
        for arg in args if primitive.differentiable else ():
            if isinstance(arg, Entry | Leaf) and arg.flows:
                self.flows = True

    def line(self, calls: Calls | None) -> str:
        """The line of the user's code that did it, if that was noted."""
        found = calls.lines.get(id(self.array)) if calls is not None and calls.lines is not None else None
        return f" ({found[0]}:{found[1]})" if found else ""


_BY_FUNCTION = {row.forward: row for row in TABLE.values()} | {converted: TABLE["to"]}
_DETACH = Primitive("detach", lambda x: x, None)
_NAMES = {*TABLE, "take", "put_at", "detach"}


class Recording:
    """The operations behind ``roots``, oldest first.

    Args:
        roots: the results, tensors.
        given: arguments, as leaves.
        calls: what was computed besides, if somebody noted it.
        since: what was born before is no constant but a tensor whose array is read anew.
        draws: how the last ones of the arguments are drawn, as functions with what they are given.
        layers: results of layers of many steps that all do the same, of which a few are looked at.
    """

    def __init__(
        self, roots: Sequence[Node], given: Sequence[Leaf] = (), calls: Calls | None = None, since: int | None = None,
        draws: Sequence[Any] = (), layers: Sequence[Node] = (),
    ) -> None:  # fmt: skip
        self.given, self.calls, self.since, self.draws = list(given), calls, since, draws
        self.entries: list[Entry] = []
        self._nodes: dict[int, Any] = {id(leaf.node): leaf for leaf in given if leaf.node is not None}
        self._arrays: dict[int, Any] = {id(leaf.array): leaf for leaf in given}
        self._own: dict[int, Primitive] = {}
        self.holders: dict[int, Node] = {}  # of arrays that are constants, by id
        self._layers = {id(part.array): part for part in layers if part.primitive is PART}
        self.few: dict[int, tuple[Any, Any, Any]] = {}  # steps of them, by the id of the layer
        self._follow(*roots)
        self.roots = [self.of(root) for root in roots]
        self.entries.sort(key=lambda entry: entry.birth)
        few = [entry.steps for entry in self.entries if entry.steps]
        self.operations = len(self.entries) - len(few) + sum(few) // FEW
        for number, entry in enumerate(self.entries):
            entry.number = number

    def _follow(self, *roots: Node) -> None:
        """Add the operations behind tensors that are not known yet."""
        found = [
            (node, arguments(node))
            for node in history(*roots, closed=lambda node: id(node.array) in self._layers)
            if node.primitive is not None
        ]
        for _, args in found:  # before their arrays are met in what was computed besides
            for arg in args:
                leaf = isinstance(arg, Node) and arg.primitive is None and arg.tracked
                if leaf and id(arg.array) not in self._arrays:
                    self._tensor(arg)
        for node, args in found:
            if (self.since is None or node.birth > self.since) and id(node) not in self._nodes:
                if node.hooks:
                    raise Refusal(f"a hook changes the gradient of {node.name or node.primitive.name}")
                if node.primitive is PART:
                    self._layer(node)
                elif node.primitive is not CORE:
                    self._add(node.primitive, args, node.kwargs, node.array, node.place, node.birth, node)

    def reached(self) -> dict[Any, int]:
        """For what gradients come to as they do in the graph, a bit for every result they come from."""
        found: dict[Any, int] = defaultdict(int)
        for k, root in enumerate(self.roots):
            if getattr(root, "flows", False):
                found[root] |= 1 << k
        for entry in reversed(self.entries):
            rules, of = entry.primitive.rules, found.get(entry, 0)
            for position, arg in enumerate(entry.args if of and entry.flows else ()):
                if getattr(arg, "flows", False) and (isinstance(rules, Every) or rules[position] is not None):
                    found[arg] |= of
        return found

    def _add(
        self, primitive: Primitive, args: Sequence[Any], kwargs: Any, array: Any, place: Place, birth: float,
        node: Node | None = None,
    ) -> Entry:  # fmt: skip
        """An operation: of the graph, or one besides it, through which no gradient flows."""
        if primitive.name in _NAMES and primitive is not TABLE.get(primitive.name, _DETACH):
            primitive = self._own.setdefault(id(primitive), _renamed(primitive))  # since by its name it is known
        if kwargs:
            primitive, args, kwargs = opened(primitive, tuple(args), kwargs)
        sources = [self.of(arg, place) for arg in args]
        if primitive.differentiable and (node is None or not node.tracked):
            sources = [self._detached(source, birth) for source in sources]
        entry = Entry(primitive, sources, kwargs, array, place, birth)
        self.entries.append(entry)
        if node is not None:
            self._nodes[id(node)], entry.name = entry, node.name
        if primitive is not _DETACH:
            self._arrays.setdefault(id(array), entry)
        return entry

    def _layer(self, part: Node) -> Entry:
        """A result of a layer, as a few steps make it, each of which stands for as many others."""
        core: Any = part.args[0]
        if id(core) not in self.few:
            with recorded(Place(core.place.parent, core.place.name), watch=True):
                likes, made = core.kwargs["call"].short()
            for like, arg in zip(likes, arguments(core), strict=True):
                self._nodes[id(like)] = self.of(arg, core.place)
            nodes = [each for each in history(*made) if each.primitive is not None]
            self.few[id(core)] = likes, made, nodes  # all are kept alive, for they are known by their ids
        _, made, nodes = self.few[id(core)]
        result = made[part.kwargs["position"]]
        steps = Counter(node.place for node in history(result) if node.place.time is not None)
        alike = len({(place.parent, count) for place, count in steps.items()}) == len({p.parent for p in steps})
        wanted = {id(node) for node in (history(result) if alike else nodes)}.difference(self._nodes)
        for k, node in enumerate(nodes):  # all of them, if the last step does less than the others for this result
            if id(node) in wanted:
                birth = core.birth - 1 + k / len(nodes)
                one = self._add(node.primitive, arguments(node), node.kwargs, node.array, node.place, birth, node)
                one.steps = len(core.args[0].array) if node.place.time is not None else 0
        entry: Entry = self._nodes[id(result)]
        self._nodes[id(part)] = self._arrays[id(part.array)] = entry
        entry.name, entry.shape = part.name or entry.name, part.array.shape
        return entry

    def _known(self, array: Any) -> Any:
        """What stands for an array, if that was met."""
        if id(array) not in self._arrays and id(array) in self._layers:
            self._follow(self._layers[id(array)])
        return self._arrays.get(id(array))

    def _detached(self, source: Any, birth: float, node: Node | None = None) -> Any:
        """What gradients flow through without its history; all else as it is."""
        if not getattr(source, "flows", False):
            return source
        place = current_place.get() if isinstance(source, Leaf) else source.place
        return self._add(_DETACH, [source], {}, source.array, place, birth, node)

    def of(self, arg: Any, place: Place | None = None) -> Any:
        """What stands for an argument in the recording."""
        if isinstance(arg, Node):
            return self._nodes[id(arg)] if id(arg) in self._nodes else self._leaf(arg)
        computed = self.calls is not None and id(arg) in self.calls.made
        known = isinstance(arg, np.ndarray) and (arg.ndim or computed or id(arg) in self._arrays)
        return self._array(arg, None, place) if known else arg

    def _leaf(self, node: Node) -> Any:
        known = self._known(node.array)
        if known is not None:  # the numbers of a result without its history
            return self._detached(known, node.birth, node)
        if node.primitive is not None:
            raise Refusal("a result that was computed before is used in it; make it an argument")
        if node.tracked or (self.since is not None and node.birth < self.since):
            return self._tensor(node)
        return self._array(node.array, node, node.place)

    def _tensor(self, node: Node, name: str | None = None) -> Leaf:
        """The leaf of a tensor from outside, or of the data of a loss alone."""
        if id(node) not in self._nodes:
            leaf = Leaf(node.array, node, True if self.since is None and not node.tracked else None, name)
            self._nodes[id(node)] = self._arrays[id(node.array)] = leaf
        return self._nodes[id(node)]  # type: ignore[no-any-return]

    def _array(self, array: Any, node: Node | None, place: Place | None) -> Any:
        """An array of numbers: an argument or a part of one, computed in this recording, or a constant."""
        known = self._known(array)
        if known is not None:
            return known
        if self.calls is not None and (call := self.calls.made.get(id(array))) is not None:
            forward, values, kwargs, _, where, birth = call
            if forward is np.array:  # a copy, and nothing is changed in place
                self._arrays[id(array)] = source = self.of(values[0], place)
                return source
            unknown = Primitive(f"own_{getattr(forward, '__name__', 'op')}", forward, None)
            primitive = _BY_FUNCTION.get(forward) or self._own.setdefault(id(forward), unknown)
            return self._add(primitive, values, kwargs, array, where, birth, node)
        if self.since is not None or not _plain(array, node):
            for leaf in (*self.given, *self._owner(node)):
                if (found := located(leaf.array, array, 1 if self.since is None else 2)) is not None:
                    name, kwargs = found
                    birth = node.birth if node is not None else clock.tick()
                    where = node.place if node is not None else place or current_place.get()
                    return self._add(TABLE[name], [leaf], kwargs, array, where, birth, node) if name else leaf
            if self.since is None:
                self._arrays[id(array)] = leaf = Leaf(array, node, position=True)
                return leaf
        self._arrays[id(array)] = array
        if node is not None:
            self.holders[id(array)] = node
        return array

    def _owner(self, node: Node | None) -> list[Leaf]:
        """The leaf of the tensor from outside of which this one shows a part."""
        owner = node.owner if node is not None else None
        if node is None or owner is None or owner.primitive is not None:
            return []
        return [self._tensor(owner, node.name)] if self.since is None or owner.birth < self.since else []


def _renamed(primitive: Primitive) -> Primitive:
    other = copy(primitive)
    other.name = f"own_{primitive.name}"
    return other


def _plain(array: Any, node: Node | None) -> bool:
    """Of a loss alone: a constant. Data is what is no number everywhere, and one tensor whatever part of it is read."""
    flat = array.reshape(-1)
    if node is None:  # places are data, if they do not just count; other arrays are masks
        return array.dtype.kind not in "iu" or bool((flat == np.arange(len(flat))).all())
    whole = array if node.owner is None else node.owner.array
    return not flat.size or bool((whole == flat[0]).all())


def _address(array: Any) -> int:
    return int(array.__array_interface__["data"][0])


def located(whole: Any, part: Any, least: int = 2) -> tuple[str, dict[str, Any]] | None:
    """By which view of ``whole`` one gets an array that shares its memory: (operation, keywords), or None.

    Integers that were copied on the way count as the same if all of them are, and as many as ``least``.
    """

    def shows(view: Any) -> bool:
        return bool(_address(view) == _address(part) and (view.shape, view.strides) == (part.shape, part.strides))

    if whole.dtype == part.dtype and np.may_share_memory(whole, part):
        if shows(whole):
            return "", {}
        offset = _address(part) - _address(whole)
        for axis, (size, stride) in enumerate(zip(whole.shape, whole.strides, strict=True)):
            place = offset // stride if stride else 0
            index = (*(slice(None),) * axis, place)
            if 0 <= place < size and shows(whole[(*index, ...)]):
                return "getitem", {"index": index}
        for dims in permutations(range(whole.ndim)) if whole.ndim <= 4 else ():
            if shows(whole.transpose(dims)):
                return "permute", {"dims": dims}
        if whole.size == part.size and shows(whole.reshape(part.shape)):
            return "reshape", {"shape": part.shape}
    integers = whole.dtype.kind in "iu" and part.dtype.kind in "iu" and whole.size == part.size >= least
    if integers and np.array_equal(whole.reshape(-1), part.reshape(-1)):
        return ("", {}) if whole.shape == part.shape else ("reshape", {"shape": part.shape})
    return None


def read_anew(one: Recording, two: Recording) -> None:
    """Let the second recording read the arrays that both have: they were there before, and may change."""
    leaves: dict[int, Leaf] = {}
    for a, b in zip(one.entries, two.entries, strict=True):
        b.args = tuple(
            leaves.setdefault(id(y), Leaf(y, two.holders.get(id(y)))) if x is y and isinstance(y, np.ndarray) else y
            for x, y in zip(a.args, b.args, strict=True)
        )


def difference(one: Recording, two: Recording) -> str | None:
    """What two recordings of the same computation with different data do not have in common, in words."""
    if one.draws != two.draws:
        return "other random numbers are drawn with other data"
    if len(one.entries) != len(two.entries):
        return f"other operations are done with other data: {len(one.entries)} and {len(two.entries)}"
    for a, b in zip(one.entries, two.entries, strict=True):
        same = a.primitive.name == b.primitive.name and a.array.shape == b.array.shape and len(a.args) == len(b.args)
        if not same or (a.shape, a.steps) != (b.shape, b.steps) or not _alike(a.kwargs, b.kwargs):
            return f"other operations are done with other data: {b.primitive.name}{b.line(two.calls)}"
        for x, y in zip(a.args, b.args, strict=True):
            if isinstance(x, Entry) and isinstance(y, Entry) and x.number == y.number:
                continue
            if _identity(x) != _identity(y) and not _same_value(one, x, y):
                what = "an array" if isinstance(x, np.ndarray) else "a tensor" if isinstance(x, Leaf) else "a number"
                return (
                    f"{what} in {b.primitive.name}{b.line(two.calls)} is another one with other data, or in every "
                    "call, and comes from no argument"
                )
    if list(map(_identity, one.roots)) != list(map(_identity, two.roots)):
        return "other results are given with other data"
    return None


def _alike(one: Any, two: Any) -> bool:
    return (not one and not two) or repr(one) == repr(two)


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
