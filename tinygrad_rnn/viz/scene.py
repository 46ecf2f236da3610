"""The scene: a graph with its values and gradients as plain data, ready to be laid out and drawn."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, pairwise, takewhile
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np

from ..engine.formula import rules_applied
from ..engine.graph import Node as Value
from ..engine.graph import arguments
from ..explain.flow import Flow
from ..explain.places import timeless
from .numbers import WRITTEN, Array, number, shape, size, summary
from .tracks import Track

K = TypeVar("K")
V = TypeVar("V")
#: The names of scopes from the outside in.
Path = tuple[str, ...]
Kind = Literal["input", "parameter", "constant", "op", "state", "loss"]

#: The badge of what stands for all that follows a window of time steps.
REST = "..."

#: What is said of a value whose memory was written to since, and is no longer known.
OVERWRITTEN = ", overwritten since"

#: Badges that are shorter than the operation's name.
BADGES = {
    "sigmoid": "sigm",
    "linear": "@",
    "affine": "@ +",
    "logsumexp": "lse",
    "getitem": "[ ]",
    "setitem": "[ ] =",
}


@dataclass(eq=False)
class Node:
    """One value: a leaf, or the result of an operation."""

    id: int  #: its position in the graph's history (arrays that are no tensors come after it)
    name: str  #: what it is called in the picture
    kind: Kind  #: "state" is what a step hands on to its neighbour, and the start of it
    symbol: str  #: the operation's badge, "" for a leaf
    formula: str  #: how it was computed, "tanh(z3)", or for a leaf a word for what it is
    value: Array  #: a copy
    gradient: Array | None = None  #: dL/d(value), or None where no gradient flows; None is not zero
    place: Path = ()  #: the scopes it was computed in, outermost first
    step: int | None = None  #: the number of its time step, None outside time
    frame: int | None = None  #: its column in time, counted from 0, None outside time
    #: Corresponding operations of all steps have the same slot, and a start state that of the state it stands in for;
    #: None for other leaves and outside time.
    slot: int | None = None
    cut: bool = False  #: whether its history was detached: what computed it is not part of the graph any more

    @cached_property
    def size(self) -> float | None:
        """The size of its gradient, None if there is none."""
        return None if self.gradient is None else size(self.gradient)

    @property
    def learnt(self) -> bool:
        """Whether it is a parameter, a state that is learnt to begin with among them."""
        return self.kind == "parameter" or self.formula.startswith("learnt ")

    @property
    def overwritten(self) -> bool:
        """Whether its numbers are those of a later value, and not what was read."""
        return self.formula.endswith(OVERWRITTEN)


@dataclass(eq=False)
class Edge:
    """One use of ``source`` as argument number ``position`` of ``target``; ``share`` is its part of the gradient.

    Where it is ``cut`` the source was detached: its numbers go on, its gradient does not.
    """

    source: int
    target: int
    position: int
    share: Array | None = None
    cut: bool = False

    @cached_property
    def size(self) -> float | None:
        """The size of its share, None if nothing flows back."""
        return None if self.share is None else size(self.share)


class Broken(NamedTuple):
    """The value, or the one whose rule broke the gradient, and a sentence that names what it was made from."""

    node: int
    words: str


@dataclass(eq=False)
class Scene:
    """Everything a picture shows.

    Attributes:
        nodes: oldest first.
        edges: by target, then by position.
        shared: what all steps share, usually the parameters, with its uses in the order the backward pass meets them.
        frames: the step number of every column of time.
        states: for every column the states it hands on, newest first.
        loss: the node everything is differentiated for.
        scalar: whether the loss is one number; else the gradients are those of the sum of its numbers.
        window: the first and the last of the time steps that are shown, if not all are.
        made: the operations of the nodes that are tensors, to print formulas from.
        whole: where not all steps are shown, the operations of all of the graph, to compute it again.
        detached: for tensors without the history of another, that other one; by births.
        kinds: for the calls of modules that are not called after their class, the class.
        index: what counts the steps, "t"; "l" where they are the blocks of a deep network.
        tracks: the states over time, as the view "cells" shows them.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    shared: Mapping[int, Sequence[Edge]]
    frames: tuple[int, ...]
    states: tuple[tuple[int, ...], ...]
    loss: int
    scalar: bool = True
    window: tuple[int, int] | None = None
    made: tuple[Value, ...] = ()
    whole: tuple[Value, ...] = ()
    detached: Mapping[int, int] = field(default_factory=dict)
    kinds: Mapping[Path, str] = field(default_factory=dict)
    index: str = "t"
    tracks: Sequence[Track] = ()

    @cached_property
    def ids(self) -> Mapping[int, int]:
        """The nodes that are tensors, by birth."""
        return {value.birth: id for id, value in enumerate(self.made)}

    def flow(self, name: str, ids: Iterable[int]) -> Flow | None:
        """How the gradient flows back through these values of a state; None if there is but one."""
        nodes = [self.nodes[id] for id in sorted(ids)]
        if len(nodes) < 2:
            return None
        births = {self.made[node.id].birth for node in nodes}
        for track in self.tracks:
            if not births.isdisjoint(track.births):
                return replace(track.flow, name=name)
        # The blocks of a deep network.
        times, sizes = zip(*((node.step or 0, node.size or 0.0) for node in nodes), strict=True)
        return Flow(name, times, sizes, None, (), dtype=nodes[0].value.dtype.name)

    @cached_property
    def passes(self) -> tuple[str, ...]:
        """What the loop of every column is called, the scope of its states; "" where one loop has all columns."""
        several = len({*self.segment}) > 1
        scopes: dict[int | None, list[Path]] = grouped(
            (node.frame, timeless(node.place))
            for node in self.nodes
            if several and node.kind == "state" and node.symbol
        )
        alike = (zip(*scopes.get(frame, [()]), strict=False) for frame in range(len(self.frames)))
        return tuple(
            " ".join(parts[0] for parts in takewhile(lambda parts: len({*parts}) == 1, each)) for each in alike
        )

    @property
    def is_part(self) -> bool:
        """Whether it is a window that was cut out of another scene, and does not know the rest of the graph."""
        return self.window is not None and not self.whole

    @cached_property
    def readers(self) -> Mapping[int, Sequence[Edge]]:
        """The uses of every value, in the order of the edges."""
        return grouped((edge.source, edge) for edge in self.edges)

    @cached_property
    def made_of(self) -> Mapping[int, Sequence[Edge]]:
        """What every operation reads, in the order of the edges."""
        return grouped((edge.target, edge) for edge in self.edges)

    @cached_property
    def uses(self) -> Mapping[int, Sequence[tuple[int, Array]]]:
        """The numbers of the edges that add to the gradient of a value, with what: from the newest operation on."""
        uses = sorted(enumerate(self.edges), key=lambda use: (-use[1].target, use[1].position))
        return grouped((edge.source, (n, edge.share)) for n, edge in uses if edge.share is not None)

    @cached_property
    def sources(self) -> Mapping[tuple[int, int], int]:
        """What is the argument of what: the source of every edge by its target and position."""
        return {(edge.target, edge.position): edge.source for edge in self.edges}

    @cached_property
    def alike(self) -> Mapping[int, Hashable]:
        """What corresponding values of all time steps have in common: their slot, or whose argument they are.

        A leaf that one of several steps reads in its place, and no other, is no example of any; unless its name says
        that it is the same as what others read elsewhere.
        """
        found: dict[int, Hashable] = {n.id: n.slot for n in self.nodes if n.frame is not None and n.slot is not None}
        for edge in self.edges:
            node = self.nodes[edge.source]
            if node.frame is not None and node.id not in found and edge.target in found:
                found[node.id] = (found[edge.target], edge.position)
        leaves = [(self.nodes[id], key) for id, key in found.items() if isinstance(key, tuple)]
        keys = grouped((base(leaf.name, leaf.step), key) for leaf, key in leaves)
        taken = {(self.nodes[id].frame, key) for id, key in found.items()}
        for leaf, _ in leaves:
            (usual, _), *_ = Counter(keys[base(leaf.name, leaf.step)]).most_common(1)
            if (leaf.frame, usual) not in taken:  # as where a layer has a card for each of its directions
                taken.add((leaf.frame, usual))
                found[leaf.id] = usual
        many = Counter(found.values())
        steps = Counter(key for id, key in found.items() if self.nodes[id].symbol)
        return {
            id: key for id, key in found.items() if not isinstance(key, tuple) or not many[key] == 1 < steps[key[0]]
        }

    @cached_property
    def segment(self) -> Sequence[int]:
        """Of every column the number of its loop: a new one starts wherever the step number falls."""
        falls = (after <= before for before, after in pairwise(self.frames))
        return list(accumulate(falls, initial=0))

    def turns(self, nodes: Iterable[Node]) -> list[int]:
        """The columns of the loops in which these are."""
        own = {self.segment[node.frame or 0] for node in nodes}
        return [n for n, segment in enumerate(self.segment) if segment in own]

    def arguments(self, target: int, called: Callable[[Node], str] = lambda node: node.name) -> list[str]:
        """What an operation is made of: names, as they are ``called``, numbers, and dots for arrays."""
        found = []
        for position, arg in enumerate(arguments(self.made[target])):
            source = self.sources.get((target, position))
            if source is None:
                found.append(number(np.asarray(arg).item()) if np.size(arg) == 1 else "...")
            else:
                found.append(called(self.nodes[source]))
        return found

    def derivative(self, edge: Edge) -> Array | None:
        """The local derivative of an operation of single entries, a number for every entry; None if there is none."""
        value = self.made[edge.target]
        names = [""] * len(arguments(value))
        with np.errstate(all="ignore"):
            (applied,) = rules_applied(value, [edge.position], np.ones_like(value.array), "", names)
        return None if applied is None else applied.array

    @property
    def called(self) -> str:
        """What comes before the name of a value in that of its gradient: "dL/d"."""
        return f"d{self.nodes[self.loss].name}/d"

    @property
    def operations(self) -> int:
        """How many operations there are."""
        return sum(1 for node in self.nodes if node.symbol)

    @property
    def parameters(self) -> int:
        """How many parameters there are."""
        return sum(node.learnt for node in self.nodes)

    @cached_property
    def broken(self) -> Broken | None:
        """Where the first number that is NaN or infinite came from, and of what; None if all are finite.

        Values are looked at in the order in which they were computed, then gradients in the order of the backward pass.
        """
        gradients = [edge.share for edge in self.edges] + [node.gradient for node in self.nodes]
        wrong = any(has_nan(node.value) for node in self.nodes) or not _finite(self.nodes[self.loss].value)
        if not wrong and all(gradient is None or _finite(gradient) for gradient in gradients):
            return None  # infinities that come to nothing, as those of a mask before softmax
        meant: set[int] = set()  # infinite because the program says so, as masks are, and what is made of it
        for node in (node for node in self.nodes if not _finite(node.value)):
            given = self.made[node.id].args if node.symbol and node.id < len(self.made) else ()
            plain = [arg for arg in given if isinstance(arg, (int, float, np.ndarray))]
            sources = [self.nodes[edge.source] for edge in self.made_of.get(node.id, ())]
            said = not node.symbol or any(each.id in meant for each in sources) or not all(map(_finite, plain))
            if said and not has_nan(node.value):
                meant.add(node.id)
            elif node.symbol and all(each.id in meant or _finite(each.value) for each in sources):
                inputs = ", ".join(f"{each.name} = {_range(each.value)}" for each in sources[:3])
                return Broken(node.id, f"first {_kind(node.value)}: {_equation(node)}, with {inputs or 'no inputs'}")
        for edge in sorted(self.edges, key=lambda e: -e.target):
            node, source = self.nodes[edge.target], self.nodes[edge.source]
            arrived = node.gradient is None or _finite(node.gradient)
            if edge.share is not None and not _finite(edge.share) and arrived:
                way = f"from {_equation(node)} to {source.name} = {_range(source.value)}"
                return Broken(node.id, f"first {_kind(edge.share, ' gradient')}: {way}")
        return None

    def is_broken(self, node: Node) -> bool:
        """Whether ``node`` is where that came from."""
        return self.broken is not None and self.broken.node == node.id


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """Values by their keys, both in the order in which they come; nothing for any other key."""
    found: dict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def shared_among(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[int, list[Edge]]:
    """What comes from outside time and is used by several steps, or is a parameter used in any, with its uses."""
    uses = grouped((edge.source, edge) for edge in reversed(edges) if nodes[edge.source].frame is None)
    frames = {id: {nodes[edge.target].frame for edge in found} - {None} for id, found in uses.items()}
    shared = (n.id for n in nodes if len(frames.get(n.id, ())) > (0 if n.kind == "parameter" else 1))
    return {id: uses[id] for id in shared}


def _finite(array: Any) -> bool:
    return np.asarray(array).dtype.kind != "f" or bool(np.isfinite(array).all())


def has_nan(array: Array) -> bool:
    """Whether one of the numbers is NaN."""
    return array.dtype.kind == "f" and bool(np.isnan(array).any())


def _kind(array: Array, of: str = "") -> str:
    """What is wrong with an array, and where first."""
    wrong = np.isnan(array) if has_nan(array) else ~np.isfinite(array)
    at = ", ".join(map(str, np.argwhere(wrong)[0])) if array.size > 1 else ""
    return f"{'NaN' if has_nan(array) else 'infinite number'}{of}{f' at [{at}]' * bool(at)}"


def _range(array: Array) -> str:
    if array.size > WRITTEN or array.size == 0:
        return f"{summary(array)} [{shape(array)}]" if array.size else "empty"
    numbers = ", ".join(map(number, array.reshape(-1).tolist()))
    return numbers if array.size < 2 else f"[{numbers}]" + f" [{shape(array)}]" * (array.ndim > 1)


def _equation(node: Node) -> str:
    return f"{node.name} = {node.formula}" + ("" if node.step is None else f" at t = {node.step}")


def base(name: str, step: int | None) -> str:
    """A name without the number of its step: h3 is h, h1_3 is h1; h3', a second h3, is h'."""
    if step is None:
        return name
    found = re.fullmatch(r"(-?\d+) (.+?)_?\1('+\d*)?", f"{step} {name}")  # one pattern for all steps
    return found[2] + (found[3] or "") if found else name
