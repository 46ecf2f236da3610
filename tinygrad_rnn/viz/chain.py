"""The chain rule: the backward pass of a scene as gradients, local derivatives between them, and sums over time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..engine.formula import rule_applied
from ..engine.graph import arguments
from .numbers import Array, number, size, value_lines
from .page.words import Words
from .scene import REST, Edge, Node, Scene


@dataclass(frozen=True)
class Link:
    """What a gradient is multiplied by on its way through one operation: as a formula, and as numbers."""

    text: str
    factor: str


@dataclass(frozen=True, eq=False)
class Part:
    """What one use of a parameter adds to its gradient, with the formula and its share of the sum."""

    frame: int | None
    text: str
    amount: Array
    share: float


@dataclass(frozen=True, eq=False)
class Sum:
    """The gradient of a shared parameter as the sum of its parts, the earliest first."""

    name: str
    total: Array
    parts: tuple[Part, ...]


@dataclass(frozen=True, eq=False)
class Chain:
    """The backward pass."""

    scene: Scene  #: its values are gradients; between them stands what they are multiplied by
    links: Mapping[int, Link]  #: for nodes of that scene that are no gradients but factors
    #: For its gradients what they are equal to: others, because the derivative between them is 1; for parameters that
    #: are used once, the formula of that use.
    same: Mapping[int, tuple[str, ...]]
    sums: Sequence[Sum]  #: the gradients of the shared parameters


def chain_of(scene: Scene, words: Words) -> Chain:
    """The backward pass of ``scene``."""
    return _Backward(scene, words).chain()


#: Where something stands in the new scene: after the node, before it (an edge that leads to it), in which position.
Place = tuple[int, int, int]


class _Backward:
    """A scene whose chain is made.

    Attributes:
        summed: shared parameters, whose gradient is written out as a sum.
        written: parameters that are used once, whose gradient is written as a formula.
        joined: for every node the one whose gradient is its own, because the only derivative between them is 1.
    """

    def __init__(self, scene: Scene, words: Words) -> None:
        self.scene, self.rules = scene, words.rules
        parameters = {n.id for n in scene.nodes if n.kind == "parameter"}
        self.summed = {s.node for s in scene.shared if scene.nodes[s.node].gradient is not None} & parameters
        uses = Counter(edge.source for edge in scene.edges if edge.share is not None)
        self.written = {id for id, count in uses.items() if count == 1} & parameters - self.summed
        self.joined = self.joints()

    def chain(self) -> Chain:
        scene, nodes, joined = self.scene, self.scene.nodes, self.joined
        shown = [n for n in nodes if n.gradient is not None and n.id not in self.summed]
        found: list[tuple[Place, Node | Edge]] = [((n.id, 1, 0), n) for n in shown if joined[n.id] == n.id]
        for edge in scene.edges:
            hidden = edge.source in self.summed or edge.source in self.written
            if edge.share is not None and not hidden and joined[edge.source] != joined[edge.target]:
                found.append(((edge.target, 0, edge.position), edge))
        found.sort(key=lambda entry: entry[0])
        slots = self.slots([place for place, _ in found])
        made: list[Node] = []
        links: dict[int, Link] = {}
        at: dict[int, int] = {}
        for id, (place, entry) in enumerate(found):
            if isinstance(entry, Node):
                at[entry.id] = id
                symbol, slot = "d" if entry.symbol else "", slots.get(place, entry.slot)
                name = f"{scene.called}{entry.name}"
                made.append(replace(entry, id=id, name=name, symbol=symbol, slot=slot, cut=False))
                continue
            assert entry.share is not None
            target, link = nodes[entry.target], self.link(entry)
            links[id] = link
            factor = Node(id, link.text, "op", "*", link.factor, entry.share, entry.share)
            made.append(replace(factor, step=target.step, frame=target.frame, slot=slots.get(place)))
        edges: list[Edge] = []
        for id, (_, entry) in enumerate(found):
            if isinstance(entry, Edge):
                # Positions only have to be different, but corresponding ones alike in all steps.
                slot, end = made[id].slot, at[joined[entry.target]]
                edges.append(Edge(at[joined[entry.source]], id, 0, entry.share))
                edges.append(Edge(id, end, len(made) + id if slot is None else slot, made[end].gradient))
        same: dict[int, list[str]] = defaultdict(list)
        for node in reversed(shown):
            if joined[node.id] != node.id:
                same[at[joined[node.id]]].append(f"{scene.called}{node.name}")
        for edge in scene.edges:
            if edge.source in self.written and edge.share is not None:
                start = at[edge.source]
                edges.append(Edge(start, at[joined[edge.target]], len(made) + start, edge.share))
                same[start].append(self.text(edge))
        edges.sort(key=lambda e: (e.target, e.position))
        states = ((),) * len(scene.frames)
        loss = at[scene.loss]
        backward = Scene(tuple(made), tuple(edges), (), scene.frames, states, loss, scene.scalar, scene.window)
        return Chain(backward, links, {id: tuple(names) for id, names in same.items()}, list(self.sums()))

    def rule(self, edge: Edge) -> str:
        """What the edge adds to the gradient of its source."""
        return self.rules.get((edge.target, edge.position), "")

    def joints(self) -> list[int]:
        """See ``joined``."""
        nodes = self.scene.nodes
        joined = list(range(len(nodes)))
        for node in reversed(nodes):
            uses = [edge for edge in self.scene.readers.get(node.id, ()) if edge.share is not None]
            if node.gradient is None or len(uses) != 1 or node.kind in ("state", "loss", "parameter"):
                continue
            edge, target = uses[0], nodes[uses[0].target]
            assert edge.share is not None and target.gradient is not None
            unchanged = self.rule(edge) == f"{self.scene.called}{target.name}"
            if unchanged and edge.share.shape == target.gradient.shape and node.frame == target.frame:
                joined[node.id] = joined[target.id]
        return joined

    def link(self, edge: Edge) -> Link:
        """The local derivative of an edge, without the gradient it is applied to."""
        target = self.scene.nodes[edge.target]
        if target.symbol == REST:
            return Link("all that follows", "")
        arriving = f"{self.scene.called}{target.name}"
        text = self.rule(edge)
        elementwise = text.startswith((f"{arriving} * ", f"{arriving} / "))
        if text == arriving:
            text = "* 1"
        elif text.startswith(f"{arriving} ") and text.count(arriving) == 1:
            text = text.removeprefix(f"{arriving} ")
        elif text == f"-{arriving}":
            text = "* (-1)"
        else:
            text = text.replace(arriving, "g") or f"through {target.symbol}"
        factor = ""
        if elementwise:
            value = self.scene.made[edge.target]
            names = [""] * len(arguments(value))
            applied = rule_applied(value, edge.position, np.ones_like(value.array), "", names)
            factor = "" if applied is None else _numbers(applied.array)
        elif edge.size is not None and target.gradient is not None and not text.startswith("*"):
            before, after = size(target.gradient), edge.size
            changed = before and np.isfinite([before, after]).all() and abs(after / before - 1) > 1e-6
            factor = f"size x {number(after / before)}" if changed else ""
        return Link(text, factor)

    def text(self, edge: Edge) -> str:
        """The rule of an edge in the name of the gradient that is drawn for its target."""
        target, called = self.scene.nodes[edge.target], self.scene.called
        shown = self.scene.nodes[self.joined[target.id]].name
        return self.rule(edge).replace(f"{called}{target.name}", f"{called}{shown}") or f"from {target.name}"

    def slots(self, places: Sequence[Place]) -> dict[Place, int]:
        """The slots of the new scene: a factor comes right before what it belongs to."""
        order: dict[Place, Place] = {}
        for place in places:
            node = self.scene.nodes[place[0]]
            if node.slot is not None and node.frame is not None:
                order[place] = (node.slot, place[1], place[2])
        dense = {key: n for n, key in enumerate(sorted(set(order.values())))}
        return {place: dense[key] for place, key in order.items()}

    def sums(self) -> Iterator[Sum]:
        """The gradients of the shared parameters."""
        for one in self.scene.shared:
            node = self.scene.nodes[one.node]
            if one.node not in self.summed or node.gradient is None:
                continue
            square = float((node.gradient.astype(np.float64) ** 2).sum())
            parts = []
            for use in reversed(one.uses):
                if use.edge.share is not None:
                    with np.errstate(all="ignore"):
                        product = float((use.edge.share.astype(np.float64) * node.gradient).sum())
                    share = product / square if square else float("nan")
                    parts.append(Part(use.frame, self.text(use.edge), use.edge.share, share))
            yield Sum(f"{self.scene.called}{node.name}", node.gradient, tuple(parts))


def _numbers(array: Array) -> str:
    """Numbers in one line."""
    lines = value_lines(array)
    return " ".join(lines[0]) if len(lines) == 1 else f"{number(array.min(), 2)} .. {number(array.max(), 2)}"
