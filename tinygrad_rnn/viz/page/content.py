"""Content: everything a page says, as the plain data that it carries as JSON."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import accumulate
from typing import Any

import numpy as np

from ..numbers import Array, added, gradient_lines, number, size
from ..scene import BADGES, Edge, Node, Scene, base
from ..style import LIGHT, Scale
from .inline import Drawing, usual_folds
from .live import live_of
from .words import Run, rules_of

#: Significant digits of the numbers in a page.
DIGITS = 6
#: A page carries this many rows and columns of an array (as much as its panel shows), and of a vector as many numbers.
ROWS = 8


def content_of(run: Run, drawing: Drawing, scale: Scale) -> dict[str, Any]:
    """The data of a run; the page's script (web/core/run.js) has it as types.

    ``nodes`` are by id; ``edges`` are in the order of the scene; ``lines`` belong to the drawing's lines; ``uses``
    lists for every value the edges that add to its gradient, in the order of the backward pass, each with the sum up
    to it; ``series`` are the values whose gradients the strip shows, one in every step.
    """
    scene, rules = run.scene, rules_of(run.scene)
    return {
        "name": run.name,
        "subtitle": run.subtitle,
        "model": run.model,
        "loss": scene.loss,
        "scalar": scene.scalar,
        "box": drawing.box,
        "legend": drawing.legend,
        "folded": list(usual_folds(scene)),
        "window": scene.window,
        "frames": [
            {"step": step, "label": run.labels.get(step, ""), "box": drawing.panels[n]}
            for n, step in enumerate(scene.frames)
        ],
        "series": series_of(scene),
        "nodes": [_node(node, drawing, scale) for node in scene.nodes],
        "edges": [
            [edge.source, edge.target, rules.get((edge.target, edge.position)), _share(edge, scale), edge.cut]
            for edge in scene.edges
        ],
        "uses": uses_of(scene, scale),
        "live": live_of(scene, scale),
        "lines": [
            [int(line.backward), line.operation, line.other, *([line.shares] * line.backward)] for line in drawing.lines
        ],
    }


def digits(x: float, count: int = DIGITS) -> float | int | str:
    """One number with so many significant digits; NaN and infinity, which JSON does not know, as text."""
    if isinstance(x, (bool, int)) and abs(x) < 10**count:
        return int(x)
    if not math.isfinite(x):
        return number(x)
    text = f"{x:.{count - 1}e}"
    mantissa = text.partition("e")[0]
    if mantissa[-1] != "0":
        return float(text)
    mantissa = mantissa.lstrip("-").rstrip("0")
    # Cut so that it ends in 5, it may stand in the middle between two that a card writes, where it did not: "1.2345"
    # is the longest of these. It is then given whole.
    return float(x if mantissa.endswith("5") and len(mantissa) <= 6 else text)


def array(numbers: Array, scale: Scale | None = None) -> dict[str, Any]:
    """An array as its shape, its size and the rows to show: all of a small one, else its upper left corner; of a
    gradient on a scale also the class that gives its size its colour."""
    if numbers.ndim < 2:
        table = numbers.reshape(1, -1)[:, : ROWS * ROWS]
    else:
        table = numbers.reshape(-1, numbers.shape[-1])[:ROWS, :ROWS] if numbers.size else numbers.reshape(1, 0)
    amount = size(numbers)
    result: dict[str, Any] = {
        "shape": list(numbers.shape),
        "size": digits(amount),
        "rows": [[digits(x) for x in row] for row in table.tolist()],
    }
    if numbers.dtype.kind in "iub":
        result["whole"] = True  # the script writes whole numbers in full, as the cards do
    if table.size < numbers.size:
        result["range"] = [digits(np.min(numbers).item()), digits(np.max(numbers).item())]
    if scale is not None:
        result["css"] = scale.look(amount, LIGHT).css
    return result


def _node(node: Node, drawing: Drawing, scale: Scale) -> dict[str, Any]:
    gradient = node.gradient
    return {
        "name": node.name,
        "kind": node.kind,
        "formula": node.formula,
        "operation": bool(node.symbol),
        "value": array(node.value),
        "gradient": None if gradient is None else array(gradient, scale),
        "frame": node.frame,
        "place": list(node.place),
        "box": drawing.cards[node.id],
    }


def _share(edge: Edge, scale: Scale) -> dict[str, Any] | None:
    return None if edge.size is None else {"size": digits(edge.size), "css": scale.look(edge.size, LIGHT).css}


def uses_of(scene: Scene, scale: Scale) -> dict[int, list[tuple[int, dict[str, Any] | None]]]:
    """For every value: edge and sum up to it, newest first; the sum, also as the lines a card shows it with, is None
    where there is only one use."""
    return {
        source: [
            (n, array(total, scale) | {"lines": gradient_lines(total)} if len(uses) > 1 else None)
            for (n, _), total in zip(uses, accumulate((share for _, share in uses), added), strict=True)
        ]
        for source, uses in scene.uses.items()
    }


def series_of(scene: Scene) -> list[dict[str, Any]]:
    """Values of which every step has one, with the verdict on those that are handed on."""
    return [*_states(scene), *_inputs(scene)]


def _states(scene: Scene) -> list[dict[str, Any]]:
    """The rows of cells with what becomes of their gradients in words; of loops that follow each other one is both."""
    rows: list[tuple[list[str], dict[int | None, int], list[str]]] = []
    for track in scene.tracks:
        at = {scene.nodes[scene.ids[birth]].frame: scene.ids[birth] for birth in track.births if birth in scene.ids}
        names, ids, verdicts = next((row for row in rows if row[1].keys().isdisjoint(at)), ([], {}, []))
        rows += [] if names else [(names, ids, verdicts)]
        names.append(track.name)
        ids |= at
        verdicts[:0] = [track.flow.sentence] * (len(track.births) > 1)
    frames = range(len(scene.frames))
    return [
        {
            "name": names[0] if len(names) == 1 else f"({', '.join(names)})",
            "ids": [ids.get(frame) for frame in frames],
            "verdict": "; before that ".join(verdicts),
        }
        for names, ids, verdicts in rows
    ]


def _inputs(scene: Scene) -> list[dict[str, Any]]:
    """What the steps read from outside, as far as it has a gradient: which of it does the loss depend on?"""
    inside = {edge.target for edge in scene.edges if scene.nodes[edge.source].frame is not None}
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for node in scene.nodes:
        if node.frame is None or node.gradient is None or node.kind == "state":
            continue
        name = base(node.name, node.step)
        picked = node.symbol == BADGES["getitem"] and node.id not in inside
        if node.kind == "input" or name == "x" or picked:
            found[name].setdefault(node.frame, node.id)
    frames = range(len(scene.frames))
    full = [(name, ids) for name, ids in found.items() if len(ids) == len(frames)]
    return [{"name": name, "ids": [ids.get(n) for n in frames], "verdict": ""} for name, ids in full]
