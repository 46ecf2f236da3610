"""Content: everything a page says, as the plain data that it carries as JSON."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..numbers import Array, gradient_lines, size
from ..scene import Edge, Node, Scene
from ..style import LIGHT, Scale
from .inline import Drawing, usual_folds
from .words import Words, base

__all__ = ["DIGITS", "array", "as_json", "content_of"]

#: Significant digits of the numbers in a page.
DIGITS = 6
#: A page carries this many rows and columns of an array (as much as its panel shows), and of a vector as many numbers.
ROWS = 8


def content_of(
    scene: Scene,
    drawing: Drawing,
    scale: Scale,
    words: Words,
    title: str,
    subtitle: str,
    labels: Mapping[int, str],
) -> dict[str, Any]:
    """The data of a page; its script (static/data.js) says what it makes of it.

    ``nodes`` are by id; ``edges`` are in the order of the scene; ``lines`` belong to the drawing's lines; ``uses``
    lists for every value the edges that add to its gradient, in the order of the backward pass, each with the sum up
    to it.
    """
    return {
        "title": title,
        "subtitle": subtitle,
        "model": list(words.model),
        "loss": scene.loss,
        "scalar": scene.scalar,
        "box": drawing.box,
        "legend": drawing.legend,
        "folded": list(usual_folds(len(scene.frames))),
        "frames": [
            {
                "step": step,
                "label": labels.get(step, ""),
                "box": drawing.panels[n],
                "states": list(scene.states[n]),
            }
            for n, step in enumerate(scene.frames)
        ],
        "letters": _letters(scene),
        "nodes": [_node(node, drawing, scale) for node in scene.nodes],
        "edges": [
            [edge.source, edge.target, words.rules.get((edge.target, edge.position)), _share(edge, scale), edge.cut]
            for edge in scene.edges
        ],
        "uses": _uses(scene, scale),
        "lines": [[int(line.backward), line.operation, line.other] for line in drawing.lines],
    }


def as_json(content: Any) -> str:
    """JSON that can stand inside a script element: no text in it can end the element."""
    text = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def digits(x: float) -> float | int | str:
    """One number with ``DIGITS`` significant digits; NaN and infinity, which JSON does not know, as text."""
    if isinstance(x, (bool, int)):
        return int(x) if abs(x) < 10**DIGITS else float(f"{x:.{DIGITS}g}")
    if not math.isfinite(x):
        return "NaN" if math.isnan(x) else "inf" if x > 0 else "-inf"
    return float(f"{x:.{DIGITS}g}")


def array(numbers: Array) -> dict[str, Any]:
    """An array as its shape, its size and the rows to show: all of a small one, else its upper left corner."""
    if numbers.ndim < 2:
        table = numbers.reshape(1, -1)[:, : ROWS * ROWS]
    else:
        table = numbers.reshape(-1, numbers.shape[-1])[:ROWS, :ROWS] if numbers.size else numbers.reshape(1, 0)
    result: dict[str, Any] = {
        "shape": list(numbers.shape),
        "size": digits(size(numbers)),
        "rows": [[digits(x) for x in row] for row in table.tolist()],
    }
    if numbers.dtype.kind in "iub":
        result["whole"] = True  # the script writes whole numbers in full, as the cards do
    if table.size < numbers.size:
        result["range"] = [digits(np.min(numbers).item()), digits(np.max(numbers).item())]
    return result


def _node(node: Node, drawing: Drawing, scale: Scale) -> dict[str, Any]:
    result: dict[str, Any] = {
        "name": node.name,
        "kind": node.kind,
        "formula": node.formula,
        "operation": bool(node.symbol),
        "value": array(node.value),
        "gradient": None,
        "frame": node.frame,
        "place": list(node.place),
        "box": drawing.cards[node.id],
    }
    if node.gradient is not None:
        result["gradient"] = array(node.gradient) | {"css": css(node.gradient, scale)}
    return result


def css(gradient: Array, scale: Scale) -> str:
    """The class that gives a gradient of this size its colour."""
    return scale.look(size(gradient), LIGHT).css


def _share(edge: Edge, scale: Scale) -> dict[str, Any] | None:
    if edge.share is None:
        return None
    return {"size": digits(size(edge.share)), "css": css(edge.share, scale)}


def _uses(scene: Scene, scale: Scale) -> dict[str, list[list[Any]]]:
    """For every value: [edge, sum up to it], newest first; the sum is None where there is only one use."""
    shares: dict[int, list[int]] = defaultdict(list)
    for n, edge in enumerate(scene.edges):
        if edge.share is not None:
            shares[edge.source].append(n)
    result: dict[str, list[list[Any]]] = {}
    for source, edges in shares.items():
        # The engine walks from the newest operation to the oldest, and along the arguments of each.
        edges.sort(key=lambda n: (-scene.edges[n].target, scene.edges[n].position))
        total: Array | None = None
        result[str(source)] = listed = []
        for n in edges:
            share = scene.edges[n].share
            assert share is not None
            with np.errstate(all="ignore"):
                total = share if total is None else total + share
            listed.append([n, _sum(total, scale) if len(edges) > 1 else None])
    return result


def _sum(total: Array, scale: Scale) -> dict[str, Any]:
    """A partial sum, also as the lines a card shows it with."""
    return array(total) | {"css": css(total, scale), "lines": [list(line) for line in gradient_lines(total)]}


def _letters(scene: Scene) -> list[str]:
    """What the states are called without their steps, "h" or "h", "c", in the order in which the steps list them."""
    if not scene.frames:
        return []
    usual = max(range(len(scene.states)), key=lambda n: (len(scene.states[n]), n))
    return [base(scene.nodes[id].name, scene.frames[usual]) for id in scene.states[usual]]
