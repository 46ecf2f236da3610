"""The chain rule: the backward pass of a scene as gradients, local derivatives between them, and sums over time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..engine.formula import rule_applied
from ..engine.graph import arguments
from ..explain.excerpt import excerpt_of
from ..surface.tensor import Tensor
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
    """The backward pass.

    Attributes:
        scene: a scene whose values are gradients; between them stands what they are multiplied by.
        links: for nodes of that scene that are no gradients but factors.
        same: for its gradients what they are equal to: others, because the derivative between them is 1; for
            parameters that are used once, the formula of that use.
        sums: the gradients of the shared parameters.
    """

    scene: Scene
    links: Mapping[int, Link]
    same: Mapping[int, tuple[str, ...]]
    sums: tuple[Sum, ...]


def chain_of(loss: Tensor, scene: Scene, words: Words) -> Chain:
    """The backward pass of ``scene``, which was made of ``loss``."""
    nodes = scene.nodes
    called = f"d{nodes[scene.loss].name}/d"
    summed = {
        one.node for one in scene.shared if nodes[one.node].gradient is not None and nodes[one.node].kind == "parameter"
    }
    uses = Counter(edge.source for edge in scene.edges if edge.share is not None)
    written = {id for id, count in uses.items() if count == 1 and nodes[id].kind == "parameter" and id not in summed}
    rules = words.rules
    joined = _joined(scene, rules, called, summed)
    found: list[tuple[tuple[int, int, int], Node | Edge]] = [
        ((node.id, 1, 0), node)
        for node in nodes
        if node.gradient is not None and node.id not in summed and joined[node.id] == node.id
    ]
    for edge in scene.edges:
        hidden = summed | written
        if edge.share is not None and edge.source not in hidden and joined[edge.source] != joined[edge.target]:
            found.append(((edge.target, 0, edge.position), edge))
    found.sort(key=lambda entry: entry[0])
    factors = _factors(loss, scene, [entry for _, entry in found if isinstance(entry, Edge)], rules, called)
    slots = _slots(scene, found)
    made: list[Node] = []
    edges: list[Edge] = []
    links: dict[int, Link] = {}
    at: dict[int, int] = {}
    same: dict[int, list[str]] = defaultdict(list)
    for key, entry in found:
        id = len(made)
        if isinstance(entry, Node):
            at[entry.id] = id
            symbol = "d" if entry.symbol else ""
            name = f"{called}{entry.name}"
            made.append(replace(entry, id=id, name=name, symbol=symbol, slot=slots.get(key, entry.slot), cut=False))
            continue
        target = nodes[entry.target]
        assert entry.share is not None
        links[id] = factors[entry.target, entry.position]
        made.append(
            Node(
                id, links[id].text, "op", "*", links[id].factor, entry.share, entry.share,
                step=target.step, frame=target.frame, slot=slots.get(key),
            )
        )  # fmt: skip
    for id, (_, entry) in enumerate(found):
        if isinstance(entry, Edge):
            end = at[joined[entry.target]]
            edges += [Edge(at[joined[entry.source]], id, 0, entry.share), Edge(id, end, 0, made[end].gradient)]
    for node in reversed(nodes):
        if node.gradient is not None and node.id not in summed and joined[node.id] != node.id:
            same[at[joined[node.id]]].append(f"{called}{node.name}")
    for edge in scene.edges:
        if edge.source in written and edge.share is not None:
            end = at[joined[edge.target]]
            edges.append(Edge(at[edge.source], end, len(made) + at[edge.source], edge.share))
            same[at[edge.source]].append(_with_joined(edge, scene, rules, called, joined))
    count = len(made)  # positions only have to be different, but corresponding ones alike in all steps
    for n, edge in enumerate(edges):
        if edge.source in links:
            slot = made[edge.source].slot
            edges[n] = replace(edge, position=count + edge.source if slot is None else slot)
    return Chain(
        Scene(
            tuple(made), tuple(sorted(edges, key=lambda e: (e.target, e.position))), (), scene.frames,
            ((),) * len(scene.frames), at[scene.loss], scene.scalar, scene.window,
        ),
        links,
        {id: tuple(names) for id, names in same.items()},
        tuple(_sums(scene, rules, called, joined, summed)),
    )  # fmt: skip


def _joined(scene: Scene, rules: Mapping[tuple[int, int], str], called: str, summed: set[int]) -> list[int]:
    """For every node the one whose gradient is its own because the only derivative between them is 1."""
    nodes = scene.nodes
    uses: dict[int, list[Edge]] = defaultdict(list)
    for edge in scene.edges:
        if edge.share is not None:
            uses[edge.source].append(edge)
    joined = list(range(len(nodes)))
    for node in sorted((n for n in nodes if n.gradient is not None), key=lambda n: n.id, reverse=True):
        if len(uses[node.id]) != 1 or node.kind in ("state", "loss", "parameter") or node.id in summed:
            continue
        edge = uses[node.id][0]
        target = nodes[edge.target]
        assert edge.share is not None and target.gradient is not None
        unchanged = rules.get((edge.target, edge.position)) == f"{called}{target.name}"
        if unchanged and edge.share.shape == target.gradient.shape and node.frame == target.frame:
            joined[node.id] = joined[target.id]
    return joined


def _factors(
    loss: Tensor, scene: Scene, edges: list[Edge], rules: Mapping[tuple[int, int], str], called: str
) -> dict[tuple[int, int], Link]:
    """The local derivative of every edge, without the gradient it is applied to."""
    values = excerpt_of(loss, scene.window).values
    result = {}
    for edge in edges:
        target = scene.nodes[edge.target]
        if target.symbol == REST:
            result[edge.target, edge.position] = Link("all that follows", "")
            continue
        arriving = f"{called}{target.name}"
        text = rules.get((edge.target, edge.position), "")
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
            value = values[edge.target]
            names = [""] * len(arguments(value))
            applied = rule_applied(value, edge.position, np.ones_like(value.array), "", names)
            factor = "" if applied is None else _numbers(applied.array)
        elif edge.share is not None and target.gradient is not None and not text.startswith("*"):
            before, after = size(target.gradient), size(edge.share)
            changed = before and np.isfinite([before, after]).all() and abs(after / before - 1) > 1e-6
            factor = f"size x {number(after / before)}" if changed else ""
        result[edge.target, edge.position] = Link(text, factor)
    return result


def _numbers(array: Array) -> str:
    """Numbers in one line."""
    lines = value_lines(array)
    return " ".join(lines[0]) if len(lines) == 1 else f"{number(array.min(), 2)} .. {number(array.max(), 2)}"


def _with_joined(
    edge: Edge, scene: Scene, rules: Mapping[tuple[int, int], str], called: str, joined: Sequence[int]
) -> str:
    """The rule of an edge in the name of the gradient that is drawn for its target."""
    target = scene.nodes[edge.target]
    shown = scene.nodes[joined[target.id]].name
    text = rules.get((edge.target, edge.position), "")
    return text.replace(f"{called}{target.name}", f"{called}{shown}") or f"from {target.name}"


def _slots(scene: Scene, found: list[tuple[tuple[int, int, int], Node | Edge]]) -> dict[tuple[int, int, int], int]:
    """The slots of the new scene: a factor comes right before what it belongs to."""
    order: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    for key, _ in found:
        slot = scene.nodes[key[0]].slot
        if slot is not None and scene.nodes[key[0]].frame is not None:
            order[key] = (slot, key[1], key[2])
    dense = {place: n for n, place in enumerate(sorted(set(order.values())))}
    return {key: dense[place] for key, place in order.items()}


def _sums(
    scene: Scene, rules: Mapping[tuple[int, int], str], called: str, joined: Sequence[int], summed: set[int]
) -> list[Sum]:
    result = []
    for one in scene.shared:
        node = scene.nodes[one.node]
        if one.node not in summed or node.gradient is None:
            continue
        square = float((node.gradient.astype(np.float64) ** 2).sum())
        parts = []
        for use in reversed(one.uses):
            if use.edge.share is None:
                continue
            text = _with_joined(use.edge, scene, rules, called, joined)
            with np.errstate(all="ignore"):
                product = float((use.edge.share.astype(np.float64) * node.gradient).sum())
            parts.append(Part(use.frame, text, use.edge.share, product / square if square else float("nan")))
        result.append(Sum(f"{called}{node.name}", node.gradient, tuple(parts)))
    return result
