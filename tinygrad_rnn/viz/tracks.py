"""Tracks: the gradient of every state at every time step, and what the steps add to the weight that carries it on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, pairwise, repeat
from typing import NamedTuple

import numpy as np

from ..engine.backward import backpropagate
from ..engine.folding import sources
from ..engine.graph import Node as Value
from ..engine.graph import arguments
from ..explain.excerpt import Excerpt, excerpt_of
from ..explain.flow import Flow, flows_of, loops_of
from ..explain.naming import Names, clean
from ..explain.places import Places
from ..explain.states import Series, states
from ..surface.tensor import Tensor
from .numbers import Array, added, size

#: How a parameter is asked for: by its name, or itself.
Parameter = str | Tensor
#: The sizes of what every time step adds to the gradients of weights, by birth.
Adds = Mapping[int, Mapping[int | None, float]]


class Point(NamedTuple):
    """One time step of a track."""

    step: int
    size: float | None  #: |dL/dh_t|, None where no gradient arrives; None is not zero
    adds: float | None = None  #: the size of what it adds to the gradient of the track's parameter, if it uses it
    #: The sizes of what comes in at this step and of what is carried to it, None if all comes in at the last.
    enters: float | None = None
    carried: float | None = None
    linked: bool = True  #: whether it and its left neighbour are made of each other


class Track(NamedTuple):
    """One state over time."""

    flow: Flow  #: its sizes in the order of computation, with the verdict in words
    points: tuple[Point, ...]  #: its time steps from left to right
    parameter: str | None = None  #: the shared weight whose gradient ``adds`` is part of, None if the state meets none
    cut: bool = False  #: whether it begins with a value that was detached
    alike: int = 1  #: how many such weights the state meets
    reader: str | None = None  #: the state that reads its last value where the loss, None, does not; "" if none does
    loop: int = 0  #: the number of the loop it is computed in; h and c take turns in one

    @property
    def name(self) -> str:
        """What the state is called."""
        return self.flow.name

    @property
    def is_reverse(self) -> bool:
        """Whether it is computed from the last step to the first."""
        return self.points[0].step != self.flow.times[0]


def tracks_of(
    loss: Tensor, state: str | Sequence[str] | None = None, parameter: Parameter | None = None
) -> list[Track]:
    """The tracks of all states below ``loss``, from one backward pass that touches no ``.grad``.

    Args:
        loss: what to differentiate; if it has several numbers, their sum.
        state: the names of the states to look at; all of them unless given.
        parameter: what the steps add to; for every state the weight it meets in the next step unless given.

    Raises:
        ValueError: there are no states, or no such state or parameter.
    """
    excerpt = excerpt_of(loss, folded=True)  # states and shared weights lie outside of folds
    if not (series := states(excerpt)):
        raise ValueError(
            "there are no states to show over time: no time step reads anything its neighbour computed. Use nn.RNN, "
            "nn.LSTM, nn.GRU or nn.unroll, or put the body of your own loop inside `with step(t):`; view='full' and "
            "view='modules' show any graph"
        )
    rows = Rows(excerpt, series, state, parameter)
    sizes, adds = _collected(excerpt, rows.states, rows.weights)
    return rows.tracks(flows_of(series, sizes, loss, excerpt.values), sizes, adds)


class Rows:
    """The states of an excerpt with the weights they meet, before the sizes of gradients are known.

    ``states`` and ``weights`` are the births of their values, and of the weights of whose gradients parts are shown.
    """

    def __init__(
        self, excerpt: Excerpt, series: Sequence[Series], state: str | Sequence[str] | None = None,
        parameter: Parameter | None = None,
    ) -> None:  # fmt: skip
        self._excerpt, self._series, self._wanted = excerpt, series, _chosen(series, state)
        by_birth = {node.birth: node for node in excerpt.values}
        made_of = {
            node.birth: [excerpt.detached.get(a.birth, a.birth) for a in sources(node)] for node in excerpt.values
        }
        self._made_of = made_of.__getitem__
        self._ways = [
            [readers_between(a.birth, b.birth, self._made_of) for a, b in pairwise(each.nodes)] for each in series
        ]
        if parameter is None:
            self._met = [_met(self._ways[n], by_birth, excerpt.places) for n in self._wanted]
        else:
            self._met = [(_parameter(excerpt.values, parameter), 1), *[(None, 1)] * (len(self._wanted) - 1)]
        self.states = {node.birth for each in series for node in each.nodes}
        self.weights = {weight.birth for weight, _ in self._met if weight is not None}

    def tracks(
        self, flows: Sequence[Flow], sizes: Mapping[int, float], adds: Adds,
        names: Names | None = None,
    ) -> list[Track]:  # fmt: skip
        """The tracks, from the sizes of gradients and of what every time step adds to those of weights, by birth."""
        series, loss = self._series, self._excerpt.loss
        starts = [(None, [loss.birth]), *((each.name, [node.birth for node in each.nodes]) for each in series)]
        readers = [(name, _made_of(births, self._made_of, lambda b: b not in self.states)) for name, births in starts]
        words = _words([weight for weight, _ in self._met], self._excerpt, names)
        loop_of = {n: loop for loop, members in enumerate(loops_of(series)) for n in members}
        result = []
        for n, (weight, alike), word in zip(self._wanted, self._met, words, strict=True):
            flow, each, joined = flows[n], series[n], [*map(bool, self._ways[n])]
            reverse = each.times[-1] < each.times[0]
            parts = {} if weight is None else adds[weight.birth]
            linked = [*joined, True] if reverse else [True, *joined]
            none = [None] * (len(flow.nodes) - 1)
            whole = flow.sizes[-1] if len(flow.nodes) < len(each.nodes) else None  # which nothing hands back
            parted = zip(flow.enters or [*none, whole], flow.carried or [*none, None], strict=True)
            points = [
                Point(step, sizes.get(node.birth), parts.get(step), *both, near)
                for step, node, both, near in zip(
                    each.times, each.nodes, chain(parted, repeat((None, None))), linked, strict=False
                )
            ]
            last = each.nodes[-1].birth
            reader = next((name for name, read in readers if name != flow.name and last in read), "")
            points = points[:: -1 if reverse else 1]
            result.append(Track(replace(flow, nodes=()), tuple(points), word, each.cut, alike, reader, loop_of[n]))
        return result


def _made_of(
    values: Sequence[int], made_of: Callable[[int], Iterable[int]], goes_on: Callable[[int], bool]
) -> set[int]:
    """Values and all that they are made of, as far back as that ``goes_on``; by numbers."""
    found, waiting = {*values}, [*values]
    while waiting:
        new = {*made_of(waiting.pop())} - found
        found |= new
        waiting += filter(goes_on, new)
    return found


def readers_between(before: int, after: int, made_of: Callable[[int], Collection[int]]) -> list[int]:
    """What reads one value on the way to another; the numbers are in the order of computation."""
    found = _made_of([after], made_of, before.__lt__)
    return sorted(each for each in found if each > before and before in made_of(each))


def _met(way: Sequence[Sequence[int]], by_birth: Mapping[int, Value], places: Places) -> tuple[Value | None, int]:
    """The weight that a state meets most often on its way to the next: a parameter, or what is made of one.

    And how many of its shape it meets as often.
    """
    args = [arg for readers in way for birth in readers for arg in arguments(by_birth[birth])]
    weights = {a.birth: a for a in args if isinstance(a, Value) and a.tracked and places[a].time is None}
    met = Counter(arg.birth for arg in args if isinstance(arg, Value) and arg.birth in weights)
    # What is no parameter, as the memory that attention reads, comes second.
    best = max(met, key=lambda birth: (weights[birth].primitive is None, met[birth]), default=None)
    if best is None:
        return None, 1
    return weights[best], sum(
        met[birth] == met[best] and weights[birth].array.shape == weights[best].array.shape for birth in met
    )


def _chosen(series: Sequence[Series], state: str | Sequence[str] | None) -> list[int]:
    names = [each.name for each in series]
    if state is None:
        # h before c, as |dL/dh_t| is what verdicts are about.
        return sorted(range(len(names)), key=lambda n: names[n].rpartition("/")[2].startswith("c"))
    asked = [state] if isinstance(state, str) else list(state)
    for name in asked:
        if name not in names:
            raise ValueError(f"state={name!r} is none of the states of this graph: {', '.join(names)}")
    return [names.index(name) for name in asked]


def _parameter(nodes: Sequence[Value], asked: Parameter) -> Value:
    leaves = [node for node in nodes if node.primitive is None and node.tracked]
    for leaf in leaves:
        if leaf is asked or (isinstance(asked, str) and leaf.name == asked):
            return leaf
    word = asked if isinstance(asked, str) else asked.name or "that tensor"
    names = ", ".join(leaf.name or "unnamed" for leaf in leaves)
    raise ValueError(f"parameter={word!r} is none of the parameters of this graph: {names}")


def _words(weights: Sequence[Value | None], excerpt: Excerpt, names: Names | None) -> list[str | None]:
    """The names of weights: their own, or that of other pictures where it is nobody's or several values'."""
    given = Counter(value.name for value in excerpt.values)
    unclear = any(weight is not None and (not weight.name or given[weight.name] > 1) for weight in weights)
    names = (names or Names(excerpt)) if unclear else None
    return [w if w is None else names[w] if names else clean(w.name or "") for w in weights]


def _collected(excerpt: Excerpt, of: Collection[int], to: Collection[int]) -> tuple[dict[int, float], Adds]:
    """The sizes of the gradients of the values ``of``, and of what every time step adds to those of the values ``to``.

    What one step adds in several places is summed first; the sum is dropped as soon as it is complete, so that long
    sequences need no memory for it.
    """
    left: Counter[tuple[int, int]] = Counter()
    places = excerpt.places
    for node in excerpt.values if to else ():
        if (time := places[node].time) is not None:
            used = (arg.birth for arg in arguments(node) if isinstance(arg, Value))
            left.update((birth, time) for birth in used if birth in to)
    sums: dict[tuple[int, int], Array] = {}
    sizes: dict[int, float] = {}
    adds: dict[int, dict[int | None, float]] = defaultdict(dict)
    with np.errstate(all="ignore"):
        for node, gradient, shares in backpropagate(excerpt.loss, shares=bool(to)):
            if node.birth in of:
                sizes[node.birth] = size(np.asarray(gradient))
            time = places[node].time
            if not shares or time is None:
                continue
            for arg, share in zip(arguments(node), shares, strict=True):
                if share is None or arg.birth not in to:
                    continue
                key = (arg.birth, time)
                sums[key] = added(sums[key], share) if key in sums else np.asarray(share)
                left[key] -= 1
                if not left[key]:
                    adds[arg.birth][time] = size(sums.pop(key))
        for (birth, time), total in sums.items():
            adds[birth][time] = size(total)
    return sizes, adds
