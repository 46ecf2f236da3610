"""The chain rule: the backward pass as gradients, local derivatives and sums over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from .numbers import Array, added, number, summary, value_lines
from .page.words import rules_of
from .scene import REST, Edge, Node, Scene, grouped


class Link(NamedTuple):
    """What a gradient is multiplied by on its way through one operation: as a formula, and as numbers."""

    text: str
    factor: str
    short: str = ""  #: what to say where there is no room for the formula


@dataclass(eq=False)
class Part:
    """What one use of a parameter adds to its gradient, with the formula and its share of the sum."""

    frame: int | None
    text: str
    amount: Array
    share: float


@dataclass(eq=False)
class Sum:
    """The gradient of a shared parameter as the sum of its parts, the earliest first, and whose are the same."""

    name: str
    total: Array
    parts: tuple[Part, ...]
    same: tuple[str, ...]


@dataclass(eq=False)
class Chain:
    """The backward pass."""

    scene: Scene  #: its values are gradients; between them stands what they are multiplied by
    links: Mapping[int, Link]  #: for nodes of that scene that are no gradients but factors
    #: For its gradients what they are equal to: others, because the derivative between them is 1; for parameters that
    #: are used once, the formula of that use.
    same: Mapping[int, tuple[str, ...]]
    sums: Sequence[Sum]  #: the gradients of the shared parameters


def chain_of(scene: Scene) -> Chain:
    """The backward pass of ``scene``."""
    return _Backward(scene).chain()


#: Where something stands in the new scene: at the node (1), before it (0: an edge that leads to it) or after it (2),
#: in which position.
Place = tuple[int, int, int]


#: More operations than these in a step, and outside of steps, are read better when those between weights are folded.
MANY, MANY_ALONE = 10, 24
#: Positions of edges that lead through what is folded begin here.
FOLDED = 1000


class _Backward:
    """A scene whose chain is made.

    Attributes:
        summed: shared parameters, whose gradient is written out as a sum, and shared sums of parameters.
        terms: the parameters of such sums, whose gradients are theirs.
        written: parameters that are used once, whose gradient is written as a formula.
        owner: for every node the one on whose way back it lies; itself unless it is folded.
        edges: those of the scene, or of what is left of it when there is something folded.
        joined: for every node the one whose gradient is its own, because the only derivative between them is 1.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene, self.rules = scene, rules_of(scene)
        parameters = {n.id for n in scene.nodes if n.kind == "parameter"}
        uses = Counter(edge.source for edge in scene.edges if edge.share is not None)
        alone = {id for id, count in uses.items() if count == 1} & parameters - scene.shared.keys()
        read = {id: scene.made_of.get(id, ()) for id in scene.shared}
        sums = {id for id, all_of in read.items() if all(e.source in alone and self.hands_on(e) for e in all_of)}
        self.summed = {id for id in sums | parameters & scene.shared.keys() if scene.nodes[id].gradient is not None}
        self.terms = {edge.source: id for id in self.summed for edge in read[id]}
        self.written = alone - self.terms.keys()
        self.owner = self.owners(parameters)
        folded = any(self.owner[node.id] != node.id for node in scene.nodes)
        self.edges = self.outer_edges() if folded else list(scene.edges)
        self.readers = grouped((edge.source, edge) for edge in self.edges)
        self.joined = self.joints()

    def owners(self, parameters: Collection[int]) -> dict[int, int]:
        """For every node the one on whose way back it lies: itself, or where operations are many, what reads it.

        So the gates of an LSTM are folded into its states: c and h are left, what reads the weights, and its sums.
        """
        scene, owner = self.scene, dict[int, int]()
        counts = Counter(node.frame for node in scene.nodes if node.symbol)
        alone = counts.pop(None, 0) > MANY_ALONE
        folds = max(counts.values(), default=0) > MANY
        kept = {edge.target for edge in scene.edges if edge.source in parameters or edge.source in scene.shared}
        for edge in scene.edges:
            if edge.source in kept and self.hands_on(edge):
                kept.add(edge.target)
        for node in reversed(scene.nodes):
            inside = node.kind == "op" and bool(node.symbol) and node.id not in kept
            fold = alone if node.frame is None else folds
            readers = {owner[edge.target] for edge in scene.readers.get(node.id, ())} if fold and inside else set()
            root = next(iter(readers)) if len(readers) == 1 else node.id
            owner[node.id] = root if scene.nodes[root].frame == node.frame else node.id
        return owner

    def outer_edges(self) -> list[Edge]:
        """The edges between what is not folded; what goes back to one value on several ways is added up."""
        found: dict[tuple[int, ...], Edge] = {}
        for edge in self.scene.edges:
            root = self.owner[edge.target]
            if self.owner[edge.source] == root:
                continue
            if edge.target == root:
                found[root, edge.source, edge.position] = edge
            elif (before := found.get((root, edge.source))) is None:
                found[root, edge.source] = Edge(edge.source, root, FOLDED + len(found), edge.share, edge.cut)
            elif edge.share is not None:
                before.share = edge.share if before.share is None else added(before.share, edge.share)
        first: dict[int, int] = {}  # positions are alike in all steps
        for edge in found.values():
            if edge.position >= FOLDED:
                first.setdefault(edge.target, edge.position)
                edge.position += FOLDED - first[edge.target]
        return list(found.values())

    def chain(self) -> Chain:
        scene, nodes, joined = self.scene, self.scene.nodes, self.joined
        outer = (n for n in nodes if self.owner[n.id] == n.id)
        aside = self.summed | self.terms.keys()
        shown = [n for n in outer if n.gradient is not None and n.id not in aside]
        found: list[tuple[Place, Node | Edge]] = [((n.id, 1, 0), n) for n in shown if joined[n.id] == n.id]
        hidden, beyond = aside | self.written, dict[int, int]()  # how many factors stand after a node so far
        for edge in self.edges:
            flows = edge.share is not None or (nodes[edge.target].gradient is not None and self.is_cut(edge))
            if not flows or edge.source in hidden or joined[edge.source] == joined[edge.target]:
                continue
            if self.is_read_later(edge):  # in the column of the step, so that those of long sequences are no heap
                beyond[edge.source] = beyond.get(edge.source, -1) + 1
                found.append(((edge.source, 2, beyond[edge.source]), edge))
            else:
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
            home, link = nodes[place[0]], self.link(entry)
            links[id] = link
            share = np.zeros_like(nodes[entry.source].value) if entry.share is None else entry.share
            factor = Node(id, link.text, "op", "*", link.factor, share, share)
            made.append(replace(factor, step=home.step, frame=home.frame, slot=slots.get(place)))
        edges: list[Edge] = []
        for id, (_, entry) in enumerate(found):
            if isinstance(entry, Edge):
                slot, end = made[id].slot, at[joined[entry.target]]
                if entry.share is not None:
                    edges.append(Edge(at[joined[entry.source]], id, 0, entry.share))
                goes = made[end].gradient if made[id].value.any() else made[id].value  # nothing: 0
                # Positions only have to be different, but corresponding ones inside of steps alike.
                inside = made[end].frame == made[id].frame
                edges.append(Edge(id, end, slot if slot is not None and inside else len(made) + id, goes))
        equal = (node for node in reversed(shown) if joined[node.id] != node.id)
        same = grouped((at[joined[node.id]], f"{scene.called}{node.name}") for node in equal)
        for edge in scene.edges:
            if edge.source in self.written and edge.share is not None:
                start = at[edge.source]
                edges.append(Edge(start, at[joined[edge.target]], len(made) + start, edge.share))
                same[start].append(self.text(edge))
        edges.sort(key=lambda e: (e.target, e.position))
        states = ((),) * len(scene.frames)
        loss = at[scene.loss]
        backward = Scene(tuple(made), tuple(edges), {}, scene.frames, states, loss, scene.scalar, scene.window)
        return Chain(backward, links, {id: tuple(names) for id, names in same.items()}, self.sums())

    def is_cut(self, edge: Edge) -> bool:
        """Whether a gradient ends there because the source was detached."""
        return edge.share is None and (edge.cut or self.scene.nodes[edge.source].cut)

    def is_read_later(self, edge: Edge) -> bool:
        """Whether an edge leads from a time step to what is computed after all of them."""
        source, target = self.scene.nodes[edge.source], self.scene.nodes[edge.target]
        return source.frame is not None and source.slot is not None and target.frame is None

    def rule(self, edge: Edge) -> str:
        """What the edge adds to the gradient of its source."""
        return self.rules.get((edge.target, edge.position), "")

    def joints(self) -> list[int]:
        """See ``joined``."""
        joined = list(range(len(self.scene.nodes)))
        for node in reversed(self.scene.nodes):
            uses = [edge for edge in self.readers.get(node.id, ()) if edge.share is not None]
            alone = len(uses) == 1 and node.kind not in ("state", "loss", "parameter")
            if node.gradient is not None and alone and self.hands_on(uses[0]):
                joined[node.id] = joined[uses[0].target]
        return joined

    def hands_on(self, edge: Edge) -> bool:
        """Whether the gradient of its target is that of its source, as far as the edge leads there, in one step."""
        source, target = self.scene.nodes[edge.source], self.scene.nodes[edge.target]
        known = edge.share is not None and target.gradient is not None and edge.share.shape == target.gradient.shape
        return known and source.frame == target.frame and self.is_one(edge)

    def is_one(self, edge: Edge) -> bool:
        """Whether the local derivative of an edge is 1; of what is folded gradients tell that, unless they are 0."""
        target = self.scene.nodes[edge.target]
        if edge.position >= FOLDED:
            if edge.share is None or target.gradient is None or not np.array_equal(edge.share, target.gradient):
                return False
            return bool(edge.share.any()) or self.signs(self.ways_back(edge)) == ["+"]
        return self.rule(edge) == f"{self.scene.called}{target.name}"

    def link(self, edge: Edge) -> Link:
        """The local derivative of an edge, without the gradient it is applied to."""
        target = self.scene.nodes[edge.target]
        if target.symbol == REST:
            return Link("all that follows", "")
        if self.is_cut(edge):
            return Link(f"* 0: {self.scene.nodes[edge.source].name} is detached", "")
        if edge.position >= FOLDED and not self.is_one(edge):
            ways = self.ways_back(edge)
            signs = f"through {' '.join(self.signs(ways))}"
            each = [self.link(way).text for way in reversed(ways)] if len(ways) == 2 else []
            then = ", then ".join(text for text in each if text != "* 1")
            return Link(then or signs, self.change(edge), signs)
        arriving = f"{self.scene.called}{target.name}"
        text = self.rule(edge)
        elementwise = text.startswith((f"{arriving} * ", f"{arriving} / "))
        if self.is_one(edge):
            wider = target.gradient is not None and edge.share is not None and edge.share.size > target.gradient.size
            text = "* 1 for every entry" if wider else "* 1"
        elif text.startswith(f"{arriving} ") and text.count(arriving) == 1:
            text = text.removeprefix(f"{arriving} ")
        elif text == f"-{arriving}":
            text = "* (-1)"
        else:
            text = text.replace(arriving, "g") or f"through {target.symbol}"
        if elementwise:
            derivative = self.scene.derivative(edge)
            return Link(text, "" if derivative is None else _numbers(derivative))
        return Link(text, "" if text.startswith("*") else self.change(edge))

    def ways_back(self, edge: Edge) -> list[Edge]:
        """What is folded between the ends of an edge, as edges, those of its source first."""
        waiting, ways = [edge.source], list[Edge]()
        for id in waiting:
            found = [way for way in self.scene.readers.get(id, ()) if self.owner[way.target] == edge.target]
            waiting += dict.fromkeys(way.target for way in found if way.target not in waiting)
            ways += found
        return ways

    def signs(self, ways: Sequence[Edge]) -> list[str]:
        """The signs of the operations these lead to, the last first."""
        ends = sorted({way.target for way in ways}, reverse=True)
        return list(dict.fromkeys(self.scene.nodes[id].symbol for id in ends))

    def change(self, edge: Edge) -> str:
        """By how much the gradient grows or shrinks on an edge, unless it keeps its size."""
        before, after = self.scene.nodes[edge.target].size, edge.size
        if before is None or after is None:
            return ""
        changed = before and np.isfinite([before, after]).all() and abs(after / before - 1) > 1e-6
        return f"size x {number(after / before)}" if changed else ""

    def text(self, edge: Edge) -> str:
        """The rule of an edge in the name of the gradient that is drawn for its target."""
        target, called = self.scene.nodes[edge.target], self.scene.called
        shown = self.scene.nodes[self.joined[target.id]].name
        return self.rule(edge).replace(f"{called}{target.name}", f"{called}{shown}") or f"from {target.name}"

    def slots(self, places: Sequence[Place]) -> dict[Place, int]:
        """The slots of the new scene: a factor comes right before what it belongs to."""
        slots = {node.id: node.slot for node in self.scene.nodes if node.slot is not None and node.frame is not None}
        order = {place: (slots[place[0]], *place[1:]) for place in places if place[0] in slots}
        dense = {key: n for n, key in enumerate(sorted(set(order.values())))}
        return {place: dense[key] for place, key in order.items()}

    def sums(self) -> list[Sum]:
        """The gradients of the shared parameters; those that are the same sum are one."""
        found: dict[object, Sum] = {}
        for id, uses in self.scene.shared.items():
            node = self.scene.nodes[id]
            if id not in self.summed or node.gradient is None:
                continue
            square = float((node.gradient.astype(np.float64) ** 2).sum())
            parts = []
            for edge in reversed(uses):
                if edge.share is not None:
                    with np.errstate(all="ignore"):
                        product = float((edge.share.astype(np.float64) * node.gradient).sum())
                    share = product / square if square else float("nan")
                    parts.append(Part(self.scene.nodes[edge.target].frame, self.text(edge), edge.share, share))
            terms = (self.scene.nodes[term].name for term, of in self.terms.items() if of == id)
            called, *same = (f"{self.scene.called}{name}" for name in (node.name, *terms))
            key = (node.gradient.tobytes(), *((part.frame, part.text) for part in parts))
            if key in found:
                found[key].same += (called, *same)
            else:
                found[key] = Sum(called, node.gradient, tuple(parts), tuple(same))
        return list(found.values())


def _numbers(array: Array) -> str:
    """Numbers in one line."""
    lines = value_lines(array)
    text = " ".join(lines[0]) if len(lines) == 1 else summary(array)
    low, _, high = text.partition(" .. ")
    return low if low == high else text
