"""Live: where on a tape every number of a page is, so that a page computes anew when a reader changes one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...engine.graph import Node, arguments
from ...rolled.program import program
from ..numbers import size
from ..scene import REST, Scene, steps_read
from ..style import Scale
from .instructions import Refused
from .tape import Tape

#: A page carries a tape of up to so many instructions, about a megabyte.
MOST = 30_000


def live_of(scene: Scene, scale: Scale) -> dict[str, Any]:
    """The tape of a scene and the places on it; of a graph that no page can follow ``{"not": why}``, in words."""
    made = scene.made
    if scene.window or any(node.symbol == REST for node in scene.nodes):
        return {"not": "some of its time steps are not shown"}
    try:
        tape = Tape(made[scene.loss], made, _origins(scene))
        loops = [_loop(tape, scene, loop) for loop in scene.loops]
    except Refused as reason:
        return {"not": str(reason)}
    if len(tape.code.written) > MOST:
        return {"not": f"it takes {len(tape.code.written):,} instructions, and a page carries up to {MOST:,}"}
    births = [node.birth for node in made]
    values = [tape.values[birth] for birth in births]
    # Arrays that are no tensors, such as what dropout multiplies with, come after the tensors.
    arrays = {edge.source: arguments(made[edge.target])[edge.position] for edge in scene.edges}
    values += [tape.code.of(arrays[node.id]).number for node in scene.nodes[len(made) :]]
    leaves = [
        node.id
        for node, number in zip(scene.nodes, values, strict=True)
        if number in tape.code.leaves and node.value.dtype.kind == "f" and not node.cut
    ]
    return {
        "tape": tape.plain(),
        "values": values,
        "gradients": [tape.gradients.get(birth) for birth in births] + [None] * (len(values) - len(births)),
        "shares": [tape.shares.get((births[edge.target], edge.position)) for edge in scene.edges],
        "sums": {id: tape.sums[birth] for id, birth in enumerate(births) if len(tape.sums.get(birth, ())) > 1},
        "leaves": leaves,
        "scale": [scale.low, scale.high],
        "loops": [loop for loop in loops if loop],
        "program": _program(scene),
        "fixed": [[id, tape.fixed[birth]] for id, birth in enumerate(births) if birth in tape.fixed],
    }


def _loop(tape: Tape, scene: Scene, states: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
    """Of states of a loop their values, and the places up to the last one the loss depends on; as `Scene.flow`."""
    births = []
    for ids in states:
        sizes = [0.0 if (g := scene.nodes[id].gradient) is None else size(g) for id in ids]
        births.append([scene.made[id].birth for id in ids[: steps_read(sizes)]])
    return [{"ids": ids, **places} for ids, places in zip(states, tape.carried(births), strict=False)]


def _program(scene: Scene) -> dict[str, Any] | None:
    """The program that computes the same, and the values it is given; None if there is none."""
    ids = {id(value.array): n for n, value in enumerate(scene.made)}
    try:
        made = program(scene.made[scene.loss])
        given = [(name, ids[id(array)]) for name, array in (made.parameters | made.inputs).items()]
    except (RuntimeError, KeyError):
        return None
    return {
        "text": str(made),
        "given": [[name, n, str(scene.made[n].array.dtype)] for name, n in given],
        "parameters": len(made.parameters),
        "wanted": [ids[id(value.array)] for value in made.wanted],
    }


def _origins(scene: Scene) -> dict[int, int]:
    """For tensors that were detached on the way, what they are the numbers of; by births."""
    return {
        arg.birth: scene.made[edge.source].birth
        for edge in scene.edges
        if edge.cut and isinstance(arg := arguments(scene.made[edge.target])[edge.position], Node)
    }
