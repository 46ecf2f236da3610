"""The states of any unrolled graph: what one time step computes and the next one reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..engine.graph import Node, arguments
from ..engine.scope import Place


@dataclass
class Visit:
    """One time step as it was computed once: everything recorded in one ``with step(t):``."""

    time: int
    outside: tuple[str, ...]
    nodes: list[Node] = field(default_factory=list)
    number: int = 0

    @property
    def loop(self) -> tuple[tuple[str, ...], int]:
        """The same for all steps of one pass through a loop."""
        return self.outside, self.number


@dataclass(frozen=True)
class Series:
    """The values one state took from step to step, in the order they were computed.

    Attributes:
        name: "h"; with the scope around the steps where there are several, "l0/h".
        times: the number of each one's time step.
        nodes: the values.
    """

    name: str
    times: tuple[int, ...]
    nodes: tuple[Node, ...]


def innermost_step(place: Place) -> Place | None:
    """The innermost time step around a place: itself, an enclosing place, or None outside every step."""
    around: Place | None = place
    while around is not None and around.step is None:
        around = around.parent
    return around


def states(history: Sequence[Node]) -> list[Series]:
    """The states in ``history`` (oldest first).

    A state is computed in one step and read in a neighbouring one of the same loop: of t = 1, 2, .. or, backwards, of
    t = T, T - 1, .. What the last step computes in its place belongs to it too. States are told apart by their names,
    or by the operations that make them. A running total, of the loss say, is none if there is any other.
    """
    visits = _visits(history)
    visit_of = {node.birth: visit for visit in visits for node in visit.nodes}
    carried: dict[int, dict[int, Node]] = defaultdict(dict)  # visit -> birth -> state
    for node in history:
        here = visit_of.get(node.birth)
        if here is None:
            continue
        for arg in arguments(node):
            there = visit_of.get(arg.birth) if isinstance(arg, Node) else None
            if there is not None and there.loop == here.loop and abs(there.time - here.time) == 1:
                carried[id(there)][arg.birth] = arg
    found: dict[tuple[tuple[str, ...], int, str, int], list[tuple[int, Node]]] = defaultdict(list)
    kinds: dict[tuple[tuple[str, ...], int], set[tuple[str, int]]] = defaultdict(set)
    for visit in visits:
        for label, rank, node in _ranked(list(carried[id(visit)].values())):
            found[visit.outside, visit.number, label, rank].append((visit.time, node))
            kinds[visit.outside, visit.number].add((label, rank))
    for visit in visits:
        if not carried[id(visit)]:  # the last step, whose state no other reads
            labels: dict[str, int] = defaultdict(int)
            for label, _ in kinds[visit.outside, visit.number]:
                labels[label] += 1
            for label, count in labels.items():
                last = [node for node in visit.nodes if _label(node) == label][-count:]
                for rank, node in enumerate(last):
                    found[visit.outside, visit.number, label, rank].append((visit.time, node))
    series = [
        Series(name, tuple(t for t, _ in rows), tuple(node for _, node in rows))
        for name, rows in zip(
            _names(list(found)), (sorted(r, key=lambda row: row[1].birth) for r in found.values()), strict=True
        )
    ]
    return _without_totals(history, series)


def _without_totals(nodes: Sequence[Node], series: list[Series]) -> list[Series]:
    """Without running totals (of the loss, say), which nothing but the next one reads, if there is any other state."""
    owner = {node.birth: n for n, each in enumerate(series) for node in each.nodes[:-1]}
    member = {node.birth: n for n, each in enumerate(series) for node in each.nodes}
    readers: dict[int, set[int]] = defaultdict(set)  # by series; -1 for what is no state
    for node in nodes:
        for arg in arguments(node):
            if isinstance(arg, Node) and arg.birth in owner:
                readers[owner[arg.birth]].add(member.get(node.birth, -1))
    totals = set(range(len(series)))
    while any(not readers[n] <= totals for n in totals):
        totals = {n for n in totals if readers[n] <= totals}
    return [each for n, each in enumerate(series) if n not in totals] or series


def _visits(history: Sequence[Node]) -> list[Visit]:
    """The steps in the order they were computed; ``number`` counts passes through the same loop."""
    found: dict[int, Visit] = {}
    for node in history:
        place = innermost_step(node.place)
        if place is not None and place.step is not None and node.primitive is not None:
            if id(place) not in found:
                found[id(place)] = Visit(place.step, place.parent.path if place.parent is not None else ())
            found[id(place)].nodes.append(node)
    seen: dict[tuple[str, ...], tuple[int, set[int]]] = {}
    for visit in found.values():
        number, times = seen.get(visit.outside, (0, set()))
        if visit.time in times:
            number, times = number + 1, set()
        times.add(visit.time)
        seen[visit.outside] = (number, times)
        visit.number = number
    return list(found.values())


def _label(node: Node) -> str:
    assert node.primitive is not None
    return node.name or f"({node.primitive.name})"


def _ranked(nodes: list[Node]) -> list[tuple[str, int, Node]]:
    """Each state with its label, and its number among those of the same label."""
    counts: dict[str, int] = defaultdict(int)
    ranked = []
    for node in sorted(nodes, key=lambda node: node.birth):
        label = _label(node)
        ranked.append((label, counts[label], node))
        counts[label] += 1
    return ranked


def _names(keys: list[tuple[tuple[str, ...], int, str, int]]) -> list[str]:
    """Short names: the label, with the scope and the pass only where they tell states apart."""
    scopes, passes = {key[0] for key in keys}, {key[1] for key in keys}
    common = 0
    while len(scopes) > 1 and len({scope[: common + 1] for scope in scopes}) == 1:
        common += 1
    unnamed = {(scope, label, rank) for scope, _, label, rank in keys if label.startswith("(")}
    names = []
    for scope, number, label, rank in keys:
        name = "h" if len(unnamed) == 1 and label.startswith("(") and not any(k[2] == "h" for k in keys) else label
        name += str(rank + 1) if sum(key[:3] == (scope, number, label) for key in keys) > 1 else ""
        path = scope[common:] if len(scopes) > 1 else ()
        names.append("/".join([*path, name]) + (f" (pass {number + 1})" if len(passes) > 1 else ""))
    return names
