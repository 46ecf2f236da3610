"""Tracks: the gradient of every state at every time step, and what the steps add to the weight that carries it on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np

from ..engine.backward import backpropagate
from ..engine.folding import sources
from ..engine.graph import Node as Value
from ..engine.graph import arguments
from ..engine.scope import Place
from ..explain.excerpt import Excerpt, excerpt_of
from ..explain.flow import Flow, flows_of, loops_of
from ..explain.loops import outwards
from ..explain.naming import Names, clean
from ..explain.states import Series, states
from ..surface.tensor import Tensor
from .numbers import Array, added, size

#: How a parameter is asked for: by its name, or itself.
Parameter = str | Tensor
#: The sizes of what every time step adds to the gradients of weights, by birth; loops that share one have their own.
Adds = Mapping[int, Mapping[Place | None, float]]


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
    reader: str | None = None  #: the state that reads its last value where the loss, None, does not; "" if nothing does
    births: tuple[int, ...] = ()  #: those of its values
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
    return rows.tracks(*_collected(excerpt, rows.states, rows.weights))


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
            self._met = [self._weight(n, by_birth) for n in self._wanted]
        else:
            self._met = [(_parameter(excerpt.values, parameter), 1), *[(None, 1)] * (len(self._wanted) - 1)]
        self.states = {node.birth for each in series for node in each.nodes}
        self.weights = {weight.birth for weight, _ in self._met if weight is not None}

    def _weight(self, n: int, by_birth: Mapping[int, Value]) -> tuple[Value | None, int]:
        """The weight that a state meets most often on its way to the next: a parameter, or what is made of one.

        And how many of its shape it meets as often. What the step of the next does with it goes before what its own
        does, whose output may be read in turn: the weight that it meets there first, in another shape or joined to x.
        """
        places, after = self._excerpt.places, self._series[n].nodes[1:]

        def met(readers: Iterable[int]) -> Counter[int]:
            args = [arg for birth in readers for arg in arguments(by_birth[birth]) if isinstance(arg, Value)]
            return Counter(arg.birth for arg in args if arg.tracked and places[arg].time is None)

        steps = [step_of(places[node]) for node in after]
        then = [
            [birth for birth in readers if step_of(places[by_birth[birth]]) is step]
            for readers, step in zip(self._ways[n], steps, strict=True)
        ]
        found, level = met(chain(*then)), then[-1] if then else []
        while level and not found:
            level = [on for birth in level for on in readers_between(birth, after[-1].birth, self._made_of)]
            found = met(level)
        found = found or met(chain(*self._ways[n]))
        # What is no parameter, as the memory that attention reads, comes second.
        best = max(found, key=lambda birth: (by_birth[birth].primitive is None, found[birth]), default=None)
        if best is None:
            return None, 1
        shape = by_birth[best].array.shape
        return by_birth[best], sum(found[b] == found[best] and by_birth[b].array.shape == shape for b in found)

    def tracks(self, sizes: Mapping[int, float], adds: Adds, names: Names | None = None) -> list[Track]:
        """The tracks, from the sizes of gradients and of what every time step adds to those of weights, by birth."""
        excerpt, series = self._excerpt, self._series
        flows = flows_of(series, sizes, excerpt.loss, excerpt.values)
        births = [tuple(node.birth for node in each.nodes) for each in series]
        starts = [(None, (excerpt.loss.birth,)), *((flow.name, own) for flow, own in zip(flows, births, strict=True))]
        readers = [(name, _made_of(own, self._made_of, lambda b: b not in self.states)) for name, own in starts]
        words = _words([weight for weight, _ in self._met], excerpt, names)
        loop_of = {n: loop for loop, members in enumerate(loops_of(series)) for n in members}
        result = []
        for n, (weight, alike), word in zip(self._wanted, self._met, words, strict=True):
            flow, each, joined = flows[n], series[n], [*map(bool, self._ways[n])]
            reverse, none = [*each.times, *each.after][-1] < each.times[0], [None] * len(flow.nodes)
            after = [None] * (len(each.nodes) - len(none))
            found = {} if weight is None else adds[weight.birth]
            parts = [found.get(step_of(excerpt.places[node])) for node in each.nodes]
            if not any(part is not None for part in parts):  # the weight is met in another loop over the same steps
                by_number = {visit.step: amount for visit, amount in found.items() if visit}
                parts = [by_number.get(step) for step in each.times]
            # If all comes in at the last step that is only told where it is not the last of all.
            enters = flow.enters or [*none[1:], flow.sizes[-1] if after else None]
            linked = [*joined, not each.after] if reverse else [True, *joined]
            numbers = zip(
                each.times, [sizes.get(birth) for birth in births[n]], parts, [*enters, *after],
                [*(flow.carried or none), *after], linked, strict=True,
            )  # fmt: skip
            beyond = (Point(step, None, linked=False) for step in each.after)
            points = (*map(Point._make, numbers), *beyond)[:: -1 if reverse else 1]
            last = births[n][len(none) - 1]  # that the loss depends on
            reader = next((name for name, own in readers if name != flow.name and last in own), "")
            flow = replace(flow, nodes=())
            result.append(Track(flow, points, word, each.cut, alike, reader, births[n], loop_of[n]))
        return result


def step_of(place: Place) -> Place | None:
    """The innermost time step around a place."""
    return next((around for around in outwards(place) if around.step is not None), None)


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
    left: Counter[tuple[int, Place]] = Counter()
    places = excerpt.places
    for node in excerpt.values if to else ():
        if visit := step_of(places[node]):
            left.update((arg.birth, visit) for arg in sources(node) if arg.birth in to)
    sums: dict[tuple[int, Place], Array] = {}
    sizes: dict[int, float] = {}
    adds: dict[int, dict[Place | None, float]] = defaultdict(dict)
    with np.errstate(all="ignore"):
        for node, gradient, shares in backpropagate(excerpt.loss, shares=bool(to)):
            if node.birth in of:
                sizes[node.birth] = size(np.asarray(gradient))
            visit = step_of(places[node]) if shares else None
            if not visit:
                continue
            for arg, share in zip(arguments(node), shares, strict=True):
                if share is None or arg.birth not in to:
                    continue
                key = (arg.birth, visit)
                sums[key] = added(sums[key], share) if key in sums else np.asarray(share)
                left[key] -= 1
                if not left[key]:
                    adds[arg.birth][visit] = size(sums.pop(key))
        for (birth, visit), total in sums.items():
            adds[birth][visit] = size(total)
    return sizes, adds
