"""Live: where on a tape every number of a page is, so that a page computes anew when a reader changes one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import accumulate
from operator import add
from typing import Any

import numpy as np

from ...engine.graph import Node, arguments
from ...explain.flow import steps_read
from ...rolled.program import program
from ..scene import REST, Edge, Scene
from ..style import Scale
from .instructions import Refused, Slot
from .tape import Tape
from .words import MOST_STEPS


def live_of(scene: Scene, scale: Scale) -> dict[str, Any]:
    """The tape of a scene and the places on it; of a graph that no page can follow ``{"not": why}``, in words."""
    made, whole = scene.made, scene.whole or scene.made
    births = [node.birth for node in made]
    if scene.is_part:
        return {"not": f"of more than {MOST_STEPS} time steps a page does not carry what computes them"}
    try:
        tape = Tape(whole[-1], whole, scene.detached)
        states = [_state(tape, scene, [scene.ids[birth] for birth in sorted(t.births)]) for t in scene.tracks]
        with np.errstate(all="ignore"):
            shares = [_share(tape, scene, edge, births) for edge in scene.edges]
            sums = {
                source: [*accumulate(part for n, _ in uses if (part := shares[n]) is not None)]
                for source, uses in scene.uses.items()
            }
    except Refused as reason:
        return {"not": str(reason)}
    values = [tape.values[birth] for birth in births]
    # Arrays that are no tensors, such as what dropout multiplies with, come after the tensors.
    plain = {e.source: arguments(made[e.target])[e.position] for e in scene.edges if e.source >= len(made)}
    values += [tape.code.of(plain[node.id]).number for node in scene.nodes[len(made) :]]
    leaves = [
        node.id
        for node, number in zip(scene.nodes, values, strict=True)
        if number in tape.code.leaves and node.value.dtype.kind == "f" and not node.cut
    ]
    shown = {births[id] for id in leaves if id < len(births)}
    return {
        "tape": tape.plain(),
        "values": values,
        "gradients": [tape.gradients.get(birth) for birth in births] + [None] * (len(values) - len(births)),
        "shares": [None if share is None else share.number for share in shares],
        "sums": {source: [total.number for total in totals] for source, totals in sums.items() if len(totals) > 1},
        "leaves": leaves,
        "scale": [scale.low, scale.high],
        "states": states,
        "program": _program(scene, whole),
        "fixed": [[id, tape.fixed[birth]] for id, birth in enumerate(births) if birth in tape.fixed],
        "hidden": sum(node.primitive is None and node.tracked and node.birth not in shown for node in whole),
    }


def _share(tape: Tape, scene: Scene, edge: Edge, births: Sequence[int]) -> Slot | None:
    """What a use adds to a gradient; of what stands for all that follows the steps shown what all uses there add."""
    target, source = births[edge.target], edge.source
    if scene.nodes[edge.target].symbol != REST:
        return tape.shares.get((target, edge.position), (0, None))[1]
    shown = {*births} - {target}
    parts = [part for (user, _), (used, part) in tape.shares.items() if used == births[source] and user not in shown]
    return reduce(add, parts) if parts else None


def _state(tape: Tape, scene: Scene, ids: Sequence[int]) -> dict[str, Any]:
    """The values of a state, and the places up to the last one the loss depends on; as `Flow`."""
    sizes = [scene.nodes[id].size or 0.0 for id in ids]
    return {"ids": ids, **tape.carried([scene.made[id].birth for id in ids[: steps_read(sizes)]])}


def _program(scene: Scene, whole: Sequence[Node]) -> dict[str, Any] | None:
    """The program that computes the same, and the values it is given; None if there is none, or not all are shown."""
    ids = {id(value.array): n for n, value in enumerate(scene.made)}
    try:
        made = program(whole[-1])
        given = [(name, ids[id(array)]) for name, array in (made.parameters | made.inputs).items()]
    except (RuntimeError, KeyError):
        return None
    return {
        "text": str(made),
        "given": [[name, n, str(scene.made[n].array.dtype)] for name, n in given],
        "parameters": len(made.parameters),
        "wanted": [ids[id(value.array)] for value in made.wanted],
    }
