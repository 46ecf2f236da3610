"""Depth: blocks that come several times in a row, the layers of a deep network, as the steps of a loop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby, takewhile
from operator import eq

from ..engine.formula import forward
from ..explain.naming import OPERATIONS, prime
from .scene import Node, Path, Scene

#: A block is folded if it comes so often; graphs of more operations are not searched.
FEWEST, MOST = 3, 2_000
#: So many blocks, in a graph of so many operations, are folded unless somebody asks for all.
OFTEN, MANY = 5, 24


def blocks_of(scene: Scene) -> int:
    """How many equal blocks without time steps are too many to be drawn one by one; 0 if they are not."""
    deep = None if scene.frames or scene.operations < MANY else by_depth(scene)
    return len(deep.frames) if deep is not None and len(deep.frames) >= OFTEN else 0


def by_depth(scene: Scene) -> Scene | None:
    """The scene with every block a step, numbered from 1; None if none makes up half of it, three times in a row."""
    operations = [node.id for node in scene.nodes if node.symbol]
    kinds = _kinds(scene, operations)
    first, period, covered = _longest(kinds)
    if covered < FEWEST * period:
        return None
    while first and _loosely(kinds[first - 1]) == _loosely(kinds[first - 1 + period]):  # the first reads the input
        first, covered = first - 1, covered + 1
    start, times = _cut([scene.nodes[id].place for id in operations], first, period, covered)
    inside = range(max(first, start), start + period * times)
    if times < FEWEST or 2 * len(inside) < len(operations):
        return None
    block = {operations[n]: (n - start) // period for n in inside}
    slot = {operations[n]: (n - start) % period for n in inside}
    starts = _starts(scene, block, slot)
    for node in scene.nodes:  # a leaf that one block reads is part of it
        if not node.symbol:
            readers = {None} if node.id in starts else {block.get(edge.target) for edge in scene.readers[node.id]}
            if len(readers) == 1 and (reader := next(iter(readers))) is not None:
                block[node.id] = reader
    handed = {slot[edge.source] for edge in scene.edges if _is_later(edge.source, edge.target, block)}
    if not handed:  # they stand beside each other
        return None
    names = _names(scene, block, slot, handed)
    nodes = []
    for node in scene.nodes:
        if node.id in block:
            kind = "state" if slot.get(node.id) in handed and node.kind != "loss" else node.kind
            named = replace(node, name=names.get(node.id, node.name), kind=kind)
            nodes.append(replace(named, step=block[node.id] + 1, frame=block[node.id], slot=slot.get(node.id)))
        else:
            formula = node.formula
            shown = scene.arguments(node.id, lambda source: names.get(source.id, source.name)) if node.symbol else []
            if node.symbol and shown != scene.arguments(node.id):
                formula = forward(scene.made[node.id], shown)
            nodes.append(replace(node, formula=formula, slot=starts.get(node.id)))
    states = tuple(tuple(id for id in reversed(slot) if block[id] == n and slot[id] in handed) for n in range(times))
    frames = tuple(range(1, times + 1))
    return replace(scene, nodes=tuple(nodes), frames=frames, states=states, index="l", shared={})


#: What operations of equal blocks have in common: the sign, the shape, and what is read: where, how far, its shape.
Kind = tuple[str, tuple[int, ...], tuple[tuple[int, int | str, tuple[int, ...]], ...]]


def _kinds(scene: Scene, operations: Sequence[int]) -> list[Kind]:
    number = {id: n for n, id in enumerate(operations)}
    read: dict[int, list[tuple[int, int | str, tuple[int, ...]]]] = {id: [] for id in operations}
    for edge in scene.edges:
        source = scene.nodes[edge.source]
        far = number[edge.target] - number[source.id] if source.symbol else source.kind
        read[edge.target].append((edge.position, far, source.value.shape))
    return [(scene.nodes[id].symbol, scene.nodes[id].value.shape, tuple(read[id])) for id in operations]


def _loosely(kind: Kind) -> object:
    """The same, wherever it is read from."""
    return kind[0], kind[1], [(position, shape) for position, _, shape in kind[2]]


def _longest(kinds: Sequence[Kind]) -> tuple[int, int, int]:
    """Where the blocks that cover the most operations begin, how many each of them has, and all of them."""
    best = (0, 1, 0)
    for period in range(1, len(kinds) // FEWEST + 1) if len(kinds) <= MOST else ():
        first = 0
        for alike, run in groupby(map(eq, kinds, kinds[period:])):
            covered = (many := len([*run])) + period
            if alike and covered >= FEWEST * period and covered > best[2]:
                best = (first, period, covered)
            first += many
    return best


def _cut(places: Sequence[Path], first: int, period: int, covered: int) -> tuple[int, int]:
    """Where the first of equal blocks begins, and how many there are: cuts go through as few calls as possible.

    The first block begins before the ``first`` operation if it lacks the beginning of a call, of what has no gradient.
    """

    def around(a: int, b: int) -> int:
        return sum(1 for _ in takewhile(bool, map(eq, places[a], places[b])))

    def looks(start: int) -> tuple[int, int, bool, int]:
        through = max(around(n - 1, n) for n in range(start + period, first + covered, period))
        lacks = start > first and around(start, first + period) > through
        lacks = lacks and (not first or around(first - 1, first) <= through)
        enters = len(places[start + period]) > len(places[start + period - 1])
        return through, -((first + covered - start) // period + lacks), not enters, start - period * lacks

    _, times, _, start = min(map(looks, range(first, first + period)))
    return start, -times


def _is_later(source: int, target: int, block: Mapping[int, int]) -> bool:
    return source in block and target in block and block[source] != block[target]


def _starts(scene: Scene, block: Mapping[int, int], slot: Mapping[int, int]) -> dict[int, int]:
    """What the first block reads in the place of what the others read of their neighbour, with the slot of that."""
    place = {
        (slot[edge.target], edge.position): slot[edge.source]
        for edge in scene.edges
        if _is_later(edge.source, edge.target, block)
    }
    return {
        edge.source: place[slot[edge.target], edge.position]
        for edge in scene.edges
        if block.get(edge.target) == 0 and edge.source not in block and (slot[edge.target], edge.position) in place
    }


def _names(scene: Scene, block: Mapping[int, int], slot: Mapping[int, int], handed: set[int]) -> dict[int, str]:
    """Names for what is in the blocks: letters, h for what they hand on; of leaves what their names have in common."""
    letters = iter(OPERATIONS)
    letter = {n: "h" if handed == {n} else next(letters, f"v{n}_") for n in sorted(set(slot.values()))}
    names = {id: f"{letter[n]}{block[id] + 1}" for id, n in slot.items()}
    alike: dict[tuple[int, int], list[Node]] = {}
    words = Counter[str]()  # which two leaves of one block may have in common
    for edge in scene.edges:
        if edge.source in block and edge.source not in slot and edge.target in slot:
            alike.setdefault((slot[edge.target], edge.position), []).append(scene.nodes[edge.source])
    for leaves in (several for several in alike.values() if len(several) > 1):
        parts = zip(*(reversed(leaf.name.split(".")) for leaf in leaves), strict=False)
        common = [part[0] for part in takewhile(lambda part: len(set(part)) == 1, parts)]
        word = ".".join(reversed(common)) or leaves[0].name.rstrip("0123456789")
        names |= {leaf.id: f"{word}{block[leaf.id] + 1}{prime(words[word])}" for leaf in leaves}
        words[word] += 1
    return names
