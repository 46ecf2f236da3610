"""Collecting: the scene of a recorded graph, with the names, the time steps and the gradients of its values."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from ..engine.answers import origin
from ..engine.backward import backpropagate
from ..engine.describing import describe
from ..engine.formula import forward
from ..engine.graph import Node as Value
from ..engine.graph import arguments
from ..engine.modes import enable_grad
from ..engine.primitive import Primitive
from ..engine.scope import Place
from ..engine.versions import was_changed
from ..explain.excerpt import Excerpt, excerpt_of, was_detached
from ..explain.naming import Names
from ..explain.places import Places
from ..explain.states import Series, states
from ..explain.timeline import Item, Timeline
from ..interop.following.doors import output, standing
from ..surface.past import as_it_was
from ..surface.tensor import Tensor
from .numbers import Array, added, number, size
from .part import after_all, columns_in, part_of
from .scene import BADGES, OVERWRITTEN, Edge, Kind, Node, Path, Scene, base, grouped, shared_among
from .tracks import Adds, Rows, step_of

#: What a leaf is that a module or a step has computed, of what wants no gradient.
MADE_HERE = "made here, without a gradient"


def scene_of(loss: Tensor, window: tuple[int, int] | None = None) -> Scene:
    """Collect the graph below ``loss``, with all gradients, without touching any ``.grad``.

    Works before and after ``loss.backward()``. If the loss is not a single number, the gradients are those of the
    sum of its numbers. With a ``window`` only the time steps from its first to its last are shown: what they read is
    shown as leaves, and the loss stands for all that follows them.

    Raises:
        ValueError: ``loss`` does not depend on anything that requires a gradient, or no step is in the window.
    """
    excerpt = excerpt_of(loss_of(loss, ()))
    called = Names(excerpt)
    values, items, time, root = excerpt.values, called.items, called.time, called.root
    ids = {value.birth: n for n, value in enumerate(values)}
    arrays = _as_computed(values)
    nodes, zeros, made, paths = [], _zeros(called), _made(called), _paths(excerpt, time)
    for item in items:
        value = values[item.id] if item.id < len(values) else None
        frame = time.frame.get(item.id)
        cut = value is not None and item.id in time.start and was_detached(value)
        symbol, formula = _words(item, value, called, cut=cut, zeros=item.id in zeros)
        formula = MADE_HERE if (item.id in made or item.computed) and formula in ("input", "data") else formula
        if value is not None and arrays.get(value.birth, value) is None:
            formula += OVERWRITTEN
        nodes.append(
            Node(
                id=item.id,
                name=called.of_items[item.id],
                kind=_kind(item, time, root),
                symbol=symbol,
                formula=formula,
                value=called.arrays[item.id - len(values)] if value is None else _array(value, arrays),
                place=paths.get(item.id, ()),
                step=None if frame is None else time.frames[frame][1],
                frame=frame,
                slot=time.slot.get(item.id, time.start.get(item.id)),
                cut=cut,
            )
        )
    detached = {
        (ids[value.birth], position)
        for value in values
        for position, argument in enumerate(arguments(value))
        if isinstance(argument, Value) and argument.birth in excerpt.detached
    }
    edges = tuple(
        Edge(source, item.id, position, None, (item.id, position) in detached)
        for item in items
        for position, source in enumerate(item.arguments)
        if source is not None
    )
    frames = tuple(step for _, step in time.frames)
    columns = range(len(frames)) if window is None else columns_in(frames, window)
    inside = {node.id for node in nodes if window is None or node.frame in columns}
    inside |= after_all(nodes, edges) if len(frames) - 1 in columns else set()
    near = [edge for edge in edges if edge.target in inside or edge.source in inside]
    shown = {root, *inside, *(edge.source for edge in near if edge.target in inside)}
    for id in shown:
        nodes[id].value = np.array(nodes[id].value)
    series = [part for each in (states(excerpt) if time.carried else []) if (part := _part(each, ids, inside)).nodes]
    rows = Rows(excerpt, series)
    sizes = _differentiate(excerpt, [nodes[id] for id in shown], near, rows.states)
    handed_on: list[list[int]] = [[] for _ in frames]
    for node in reversed(nodes):
        if node.frame is not None and node.slot in time.carried:
            handed_on[node.frame].append(node.id)
    known = {value.birth: node for value, node in zip(values, nodes, strict=False) if node.id in shown}
    scene = Scene(
        nodes=tuple(nodes),
        edges=edges,
        shared=shared_among(nodes, edges),
        frames=frames,
        states=tuple(map(tuple, handed_on)),
        loss=root,
        scalar=loss.array.size == 1,
        made=_Copies(known).of(values),
        detached=excerpt.detached,
        kinds=_kinds(excerpt, paths),
        tracks=rows.tracks(sizes, _added(near, values, excerpt.places, rows.weights), called),
    )
    return scene if window is None else part_of(scene, columns, inside)


def _paths(excerpt: Excerpt, time: Timeline) -> dict[int, Path]:
    """The paths of all values as they are shown: steps of a loop that goes on from the end of another are not those."""
    paths = {n: excerpt.places[value].path for n, value in enumerate(excerpt.values)}
    of_step: dict[Path, dict[int, None]] = defaultdict(dict)  # the segments that have it
    for n, path in paths.items():
        if n in time.frame:
            of_step[path[: _step_in(path)]].setdefault(time.frames[time.frame[n]][0])
    for n, path in paths.items():
        end = _step_in(path)
        if n in time.frame and (number := [*of_step[path[:end]]].index(time.frames[time.frame[n]][0])):
            paths[n] = (*path[: end - 1], f"{path[end - 1]} (loop {number + 1})", *path[end:]) if end else path
    return paths


def _step_in(path: Path) -> int:
    """How long a path is up to its time step; 0 if it has none."""
    return next((n for n, part in enumerate(path, start=1) if part.startswith("t=")), 0)


def _kinds(excerpt: Excerpt, paths: Mapping[int, Path]) -> Mapping[Path, str]:
    """The classes of the modules whose calls are paths as they are shown."""
    kinds = excerpt.places.kinds()
    both = {paths[n]: excerpt.places[value].path for n, value in enumerate(excerpt.values)}
    parts = ((shown[:n], path[:n]) for shown, path in both.items() for n in range(1, len(path) + 1))
    return {shown: kinds[path] for shown, path in parts if path in kinds}


def _part(series: Series, ids: Mapping[int, int], inside: Collection[int]) -> Series:
    """What is inside of a series."""
    kept = [(time, node) for time, node in zip(series.times, series.nodes, strict=True) if ids[node.birth] in inside]
    return series._replace(times=tuple(time for time, _ in kept), nodes=tuple(node for _, node in kept))


def _as_computed(values: Sequence[Value]) -> dict[int, Array | None]:
    """What was written to since it was computed, as it was then, by birth; None for what is no longer known."""
    used: dict[int, int] = {}  # when it was first read, or overwritten by what was made of it
    for value in values:
        for arg in arguments(value):
            if isinstance(arg, Value):
                used.setdefault(arg.birth, arg.birth if value.array is arg.array else value.birth)
    found: dict[int, Array | None] = {}
    for value in values:
        args = arguments(value)
        if not was_changed(value, used.get(value.birth, value.birth)):
            continue
        if value.primitive and all(found.get(arg.birth, arg) is not None for arg in args if isinstance(arg, Value)):
            given = [_array(arg, found) if isinstance(arg, Value) else arg for arg in args]
            with np.errstate(all="ignore"):
                found[value.birth] = np.array(value.primitive.forward(*given, **value.kwargs))
        else:
            found[value.birth] = None
            if value.primitive is None and value.tracked:
                raise RuntimeError(f"a value that the picture shows was changed in place: {describe(value)}")
    return found


def _array(value: Value, then: Mapping[int, Array | None]) -> Array:
    """The array of a value as it was, as far as that is known."""
    array = then.get(value.birth)
    return value.array if array is None else array


class _Copies:
    """Operations as they are now, apart from the graph, which may change or go; ``known`` are by births those shown."""

    def __init__(self, known: Mapping[int, Node]) -> None:
        self._known = known
        self._made: dict[int, Value] = {}

    def of(self, values: Iterable[Value]) -> tuple[Value, ...]:
        """Copies of ``values``, oldest first."""
        for value in values:
            self._made[value.birth] = self._copied(value, self._given(arguments(value)))
        return tuple(self._made.values())

    def _copied(self, value: Value, args: tuple[Any, ...] = ()) -> Value:
        copy, node = Value.__new__(Value), self._known.get(value.birth)
        array = value.array.copy() if value.primitive is None and not args else value.array
        copy.array, copy.name = (array, value.name) if node is None else (node.value, node.name)
        copy.birth, copy.args, copy.owner, copy.earlier = value.birth, args, None, None
        copy.primitive, copy.kwargs, copy.place, copy._code = value.primitive, value.kwargs, value.place, value._code
        copy.tracked, copy.hooks, copy.changed = value.tracked, value.hooks, value.changed
        asked = origin(value)
        copy._instruction = value._instruction if asked is None else asked._replace(args=self._given(asked.args))
        return copy

    def _given(self, args: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(
            (self._made.get(arg.birth) or self._copied(arg)) if isinstance(arg, Value) else arg for arg in args
        )


def badge(primitive: Primitive, args: Sequence[Any] = ()) -> str:
    """The sign of an operation, "+" or "tanh": what its template is written with, or its name; "^2" for a square."""
    if primitive.name in BADGES:
        return BADGES[primitive.name]
    sign = re.sub(r"\{\d?\}|\s", "", primitive.template or "")
    if sign == "**":
        power = number(args[1]) if len(args) == 2 and np.ndim(args[1]) == 0 and not isinstance(args[1], Value) else ""
        return f"^{power}" if len(power) <= 3 else "^"
    return sign if 0 < len(sign) <= 2 else primitive.name


def _differentiate(
    excerpt: Excerpt, nodes: Iterable[Node], edges: Iterable[Edge], states: Collection[int]
) -> dict[int, float]:
    """Give nodes their gradients and edges what they add to one, as copies; of all ``states`` the sizes, by birth."""
    shown = {excerpt.values[node.id].birth: node for node in nodes if node.id < len(excerpt.values)}
    used = grouped((excerpt.values[edge.target].birth, edge) for edge in edges)
    sizes = {}
    with np.errstate(all="ignore"):
        for value, gradient, shares in backpropagate(excerpt.loss, shares=True):
            if value.birth in states:
                sizes[value.birth] = size(gradient)
            if value.birth in shown and value.tracked:
                shown[value.birth].gradient = np.array(gradient)
            for edge in used.get(value.birth, ()) if shares else ():
                share = shares[edge.position]
                edge.share = None if share is None else np.array(share)
    return sizes


def _added(edges: Iterable[Edge], values: Sequence[Value], places: Places, weights: Collection[int]) -> Adds:
    """What every time step adds to the gradients of ``weights``."""
    uses = ((values[e.source].birth, step_of(places[values[e.target]]), e.share) for e in edges if e.share is not None)
    found: dict[int, dict[Place | None, float]] = defaultdict(dict)
    shares = grouped(((birth, visit), share) for birth, visit, share in uses if birth in weights)
    for (birth, visit), parts in shares.items():
        if visit:
            found[birth][visit] = size(reduce(added, parts))
    return found


def _kind(item: Item, time: Timeline, root: int) -> Kind:
    if item.id == root:
        return "loss"
    if item.parameter:
        return "parameter"
    if time.slot.get(item.id) in time.carried or _begins(item, time):
        return "state"
    if item.operation is not None:
        return "op"
    return "input" if item.id in time.frame else "constant"


def _words(item: Item, value: Value | None, called: Names, *, cut: bool, zeros: bool) -> tuple[str, str]:
    """The badge of an operation and its formula; for a leaf no badge, and a word for what it is."""
    if value is not None and value.primitive is not None:
        return badge(value.primitive, arguments(value)), forward(value, called.of_arguments(value))
    if item.parameter:
        return "", "parameter"
    if item.id in called.time.start or _begins(item, called.time):
        state = "start state" if _begins(item, called.time) else "start of a total"
        state = f"learnt {state}" if item.tracked else state
        return "", "cut here: detached" if cut else state
    given = MADE_HERE if item.scope else "data"
    return "", given if item.id not in called.time.frame else "zeros" if zeros else "input"


def _zeros(called: Names) -> set[int]:
    """The leaves that are 0, as is what other steps are given in their place."""
    items, slot = called.items, called.time.slot
    places = ((slot[item.id], n, a) for item in items if item.id in slot for n, a in enumerate(item.arguments))
    given = grouped(((at, n), a) for at, n, a in places if a is not None and items[a].operation is None)
    other = {a for found in given.values() if not all(items[a].zero for a in found) for a in found}
    return {item.id for item in items if item.zero and not item.tracked} - other


def _made(called: Names) -> set[int]:
    """The leaves that have the letter of what other steps compute in their place."""
    frames = called.time.frames
    steps = {id: frames[n][1] for id, n in called.time.frame.items()}
    inside = [(each, base(called.of_items[each.id], steps[each.id])) for each in called.items if each.id in steps]
    letters = {letter for item, letter in inside if item.operation is not None}
    return {item.id for item, letter in inside if letter in letters and not (item.operation or item.word)}


def _begins(item: Item, time: Timeline) -> bool:
    """Whether a state begins with it, and not a running total."""
    return item.id in time.begins or time.start.get(item.id, -1) not in {-1, *time.totals}


def loss_of(given: Any, inputs: tuple[Any, ...], criterion: Any = None) -> Tensor:
    """The end of the graph: ``given`` itself, or the (first) tensor a model gives for its inputs, or its ``criterion``.

    Raises:
        TypeError: it is neither a tensor nor a model with inputs, or the criterion is no function.
        ValueError: nothing below it requires a gradient.
    """
    (given,) = standing(given)
    several = list(given.values()) if isinstance(given, Mapping) else given
    if isinstance(several, (list, tuple)) and several and all(isinstance(each, Tensor) for each in several):
        with enable_grad():
            given = reduce(add, [each.sum() if each.array.ndim else each for each in several])
        if len(several) > 1:
            given.name = "sum"
    if isinstance(given, Tensor) and inputs:
        raise TypeError("draw(loss) takes no inputs; only a model is run on them: draw(model, x)")
    loss: Any = given
    if criterion is not None and (isinstance(given, Tensor) or not callable(criterion)):
        raise TypeError(
            "loss= is a function of what a model gives, draw(model, x, loss=lambda y: ((y - target) ** 2).mean()); "
            f"draw() was given a {type(given).__name__} and as loss= a {type(criterion).__name__}"
        )
    if callable(given) and not isinstance(given, Tensor):
        if not inputs:
            raise TypeError(
                f"draw() needs inputs to run {type(given).__name__} on, draw(model, x), or a Tensor, the end of the "
                f"graph: draw(loss)"
            )
        model = given if criterion is None else lambda *inputs: criterion(given(*inputs))
        loss = output(model, inputs)
        loss = _output(model(*inputs)) if loss is None else loss
    if not isinstance(loss, Tensor):
        raise TypeError(f"draw() needs a Tensor, the end of the graph to draw; it was given a {type(loss).__name__}")
    if loss.primitive is None:
        raise ValueError(
            "there is no graph to draw: this tensor was not computed from anything that requires a gradient. "
            "Give the parameters requires_grad=True and compute outside no_grad()"
        )
    then: Tensor = as_it_was(loss)
    return then


def _output(output: Any) -> Any:
    """The first of the things a model gives for its inputs: of an RNN its outputs, not its state."""
    while isinstance(output, (tuple, list)) and output:
        output = output[0]
    return next(iter(output.values()), None) if isinstance(output, Mapping) else output
