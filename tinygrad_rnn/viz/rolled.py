"""The loop as a loop: the operations of one time step, once, with an edge back for every state they hand on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..engine.formula import forward
from ..engine.graph import arguments
from ..explain.flow import Flow
from .numbers import size
from .page.words import indexed, plain
from .scene import Edge, Node, Scene


@dataclass(frozen=True, eq=False)
class Value:
    """One value of the loop: the node of the step that stands for all, and |dL/d(value)| at every step."""

    node: Node
    sizes: tuple[float | None, ...]


@dataclass(frozen=True, eq=False)
class Loop:
    """A rolled up scene.

    Attributes:
        values: what every step computes and reads; the names say [t].
        outside: what is computed before and after, and the parameters.
        edges: by ids, all that go forward.
        back: from a state to what reads it in the next step.
        flows: what becomes of the gradient of every state.
        starts: for what is outside and stands in for a state before the first step, that state.
        steps: the numbers of the first and the last step.
    """

    values: tuple[Value, ...]
    outside: tuple[Node, ...]
    edges: tuple[Edge, ...]
    back: tuple[Edge, ...]
    flows: Mapping[int, Flow]
    starts: Mapping[int, int]
    steps: tuple[int, int]


def rolled_of(scene: Scene) -> Loop:
    """Roll up ``scene``.

    Raises:
        ValueError: it has no time steps.
    """
    if not scene.frames:
        raise ValueError(
            "view='rolled' shows a loop over time, and this graph has no time steps: record them with `with step(t):`"
        )
    key = _keys(scene)
    groups: dict[object, list[Node]] = defaultdict(list)
    for node in scene.nodes:
        if node.id in key:
            groups[key[node.id]].append(node)
    usual = _usual_frame(scene)
    stands: dict[object, Node] = {}
    for name, several in groups.items():
        stands[name] = next((node for node in several if node.frame == usual), several[len(several) // 2])
    of = {node.id: stands[key[node.id]].id if node.id in key else node.id for node in scene.nodes}
    edges: dict[tuple[int, int, bool], Edge] = {}
    outside: dict[int, None] = {}
    for edge in scene.edges:
        source, target = scene.nodes[edge.source], scene.nodes[edge.target]
        inside = source.id in key and target.id in key
        back = inside and source.frame != target.frame
        rolled = replace(edge, source=of[edge.source], target=of[edge.target])
        before = edges.get((rolled.source, rolled.target, back))
        if before is None or amount_of(rolled) > amount_of(before):
            edges[rolled.source, rolled.target, back] = rolled
        outside |= dict.fromkeys(node.id for node in (source, target) if node.id not in key)
    shown = {node.id: indexed(node, node.frame or 0, scene) for node in stands.values()}
    texts = _formulas(scene, stands, shown)
    values = []
    for name, node in stands.items():
        gradients = {other.frame or 0: other.gradient for other in groups[name]}
        found = [gradients.get(frame) for frame in range(min(gradients), max(gradients) + 1)]
        renamed = replace(node, name=shown[node.id], formula=texts.get(node.id, node.formula))
        values.append(Value(renamed, tuple(None if gradient is None else size(gradient) for gradient in found)))
    flows = {}
    carried = {of[id] for states in scene.states for id in states}
    for value in values:
        if value.node.id in carried:
            amounts = tuple(amount or 0.0 for amount in value.sizes)
            flows[value.node.id] = Flow(value.node.name, tuple(range(1, len(amounts) + 1)), amounts, None, ())
    starts = [node for node in scene.nodes if node.frame is None and node.slot is not None and node.slot in stands]
    return Loop(
        tuple(values),
        tuple(scene.nodes[id] for id in sorted(outside)),
        tuple(edge for (*_, back), edge in edges.items() if not back),
        tuple(edge for (*_, back), edge in edges.items() if back),
        dict(sorted(flows.items(), key=lambda item: item[1].name.startswith("c"))),
        {node.id: stands[node.slot].id for node in starts},
        (min(scene.frames), max(scene.frames)),
    )


def amount_of(edge: Edge) -> float:
    """How much flows back, -1 for nothing; of all steps the one with the most stands for the edge."""
    return -1.0 if edge.size is None else edge.size


def _keys(scene: Scene) -> dict[int, object]:
    """What all values have in common that correspond to each other in different steps."""
    key: dict[int, object] = {n.id: n.slot for n in scene.nodes if n.frame is not None and n.slot is not None}
    for edge in scene.edges:
        node = scene.nodes[edge.source]
        if node.frame is not None and node.id not in key and edge.target in key:
            key[node.id] = (key[edge.target], edge.position)
    return key


def _usual_frame(scene: Scene) -> int:
    """The step with the most values; of several the one in the middle, which has neighbours on both sides."""
    count = Counter(node.frame for node in scene.nodes if node.frame is not None)
    best = sorted(frame for frame, number in count.items() if number == max(count.values()))
    return best[len(best) // 2]


def _formulas(scene: Scene, stands: Mapping[object, Node], shown: Mapping[int, str]) -> dict[int, str]:
    """How the values of the loop are computed, in their names."""
    texts = {}
    for node in stands.values():
        if not node.symbol:
            continue
        words = []
        for position, argument in enumerate(arguments(scene.made[node.id])):
            source = scene.sources.get((node.id, position))
            if source is None:
                words.append(plain(argument))
            else:
                words.append(shown.get(source) or indexed(scene.nodes[source], node.frame or 0, scene))
        texts[node.id] = forward(scene.made[node.id], words)
    return texts
