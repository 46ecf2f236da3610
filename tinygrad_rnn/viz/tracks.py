"""Tracks: the gradient of every state at every time step, and what the steps add to the weight that carries it on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..engine.backward import backpropagate
from ..engine.folding import history
from ..engine.graph import Node as Value
from ..engine.graph import arguments
from ..explain.excerpt import excerpt_of
from ..explain.flow import Flow, flows_of
from ..explain.naming import clean
from ..explain.places import Places
from ..explain.states import Series, states
from ..surface.tensor import Tensor
from .numbers import Array, added, size

#: How a parameter is asked for: by its name, or itself.
Parameter = str | Tensor


@dataclass(frozen=True)
class Point:
    """One time step of a track.

    Attributes:
        step: its number.
        size: |dL/dh_t|, None where no gradient arrives; None is not zero.
        adds: the size of what the step adds to the gradient of the track's parameter, None where it does not use it.
        enters: the size of what the loss adds at this step, None if that is all at the last.
    """

    step: int
    size: float | None
    adds: float | None = None
    enters: float | None = None


@dataclass(frozen=True)
class Track:
    """One state over time.

    Attributes:
        flow: its sizes in the order of computation, with the verdict in words.
        points: its time steps from left to right.
        parameter: the name of the shared weight whose gradient ``adds`` is part of, None if the state meets none.
    """

    flow: Flow
    points: tuple[Point, ...]
    parameter: str | None = None

    @property
    def name(self) -> str:
        """What the state is called."""
        return self.flow.name


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
    nodes, places = history(loss, folded=True), excerpt.places
    series = states(excerpt)
    if not series:
        raise ValueError(
            "there are no states to show over time: no time step reads anything its neighbour computed. Use nn.RNN, "
            "nn.LSTM, nn.GRU or nn.unroll, or put the body of your own loop inside `with step(t):`; view='full' and "
            "view='modules' show any graph"
        )
    meets = _recurrent(nodes, places, series)
    wanted = _chosen(series, state)
    shared: list[Value | None] = [meets[n] for n in wanted]
    if parameter is not None:
        shared = [_parameter(nodes, parameter)] + [None] * (len(wanted) - 1)
    states_of = {node.birth for each in series for node in each.nodes}
    sizes, adds = _collected(loss, nodes, places, states_of, {p.birth for p in shared if p is not None})
    flows = flows_of(series, sizes, loss, nodes)
    result = []
    for n, found in zip(wanted, shared, strict=True):
        parts = {} if found is None else adds[found.birth]
        result.append(_track(flows[n], sizes, parts, None if found is None else _word(found)))
    return result


def _track(flow: Flow, sizes: Mapping[int, float], adds: Mapping[int, float], parameter: str | None) -> Track:
    enters = flow.enters or (None,) * len(flow.times)
    points = [
        Point(step, sizes.get(node.birth), adds.get(step), part)
        for step, node, part in zip(flow.times, flow.nodes, enters, strict=True)
    ]
    return Track(flow, tuple(sorted(points, key=lambda point: point.step)), parameter)


def _recurrent(nodes: Sequence[Value], places: Places, series: Sequence[Series]) -> list[Value | None]:
    """For every state the weight it meets in the neighbouring steps: a parameter, or what is made of one."""
    owner = {
        node.birth: (n, time)
        for n, each in enumerate(series)
        for time, node in zip(each.times, each.nodes, strict=True)
    }
    met: list[Counter[int]] = [Counter() for _ in series]
    weights: dict[int, Value] = {}
    for node in nodes:
        for arg in arguments(node):
            n, time = owner.get(arg.birth, (-1, 0)) if isinstance(arg, Value) else (-1, 0)
            if n < 0 or places[node].time in (None, time):
                continue
            for other in arguments(node):
                if isinstance(other, Value) and other.tracked and places[other].time is None:
                    weights[other.birth] = other
                    met[n][other.birth] += 1
    return [_first(found, weights) for found in met]


def _first(met: Mapping[int, int], weights: Mapping[int, Value]) -> Value | None:
    """The weight that is met most often; what is no parameter, as the memory that attention reads, comes second."""
    found = [weights[birth] for birth in met]
    return max(found, key=lambda weight: (weight.primitive is None, met[weight.birth]), default=None)


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


def parameters_of(nodes: Sequence[Value]) -> list[Value]:
    """The leaves that gradients flow to."""
    return [node for node in nodes if node.primitive is None and node.tracked]


def _parameter(nodes: Sequence[Value], asked: Parameter) -> Value:
    leaves = parameters_of(nodes)
    for leaf in leaves:
        if leaf is asked or (isinstance(asked, str) and leaf.name == asked):
            return leaf
    word = asked if isinstance(asked, str) else asked.name or "that tensor"
    names = ", ".join(leaf.name or "unnamed" for leaf in leaves)
    raise ValueError(f"parameter={word!r} is none of the parameters of this graph: {names}")


def _word(value: Value) -> str:
    return clean(value.name or "") or ("W" if value.primitive is None else f"({value.primitive.name})")


def _collected(
    loss: Tensor, nodes: Sequence[Value], places: Places, of: Collection[int], to: Collection[int]
) -> tuple[dict[int, float], dict[int, dict[int, float]]]:
    """The sizes of the gradients of the values ``of``, and of what every time step adds to those of the values ``to``.

    What one step adds in several places is summed first; the sum is dropped as soon as it is complete, so that long
    sequences need no memory for it.
    """
    left: Counter[tuple[int, int]] = Counter()
    if to:
        for node in nodes:
            if (time := places[node].time) is not None:
                for arg in arguments(node):
                    if isinstance(arg, Value) and arg.birth in to:
                        left[arg.birth, time] += 1
    sums: dict[tuple[int, int], Array] = {}
    sizes: dict[int, float] = {}
    adds: dict[int, dict[int, float]] = defaultdict(dict)
    with np.errstate(all="ignore"):
        for node, gradient, shares in backpropagate(loss, shares=bool(to)):
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
