"""Broken: the first value, or the first gradient, of a scene that is NaN or infinite, in words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from .numbers import Array, number, shape
from .scene import Node, Scene


@dataclass(frozen=True)
class Broken:
    """The value, or the one whose rule broke the gradient, and a sentence that names what it was made from."""

    node: int
    words: str


def first_broken(scene: Scene) -> Broken | None:
    """Where the first number that is NaN or infinite came from, and of what; None if all are finite.

    Values are looked at in the order in which they were computed, then gradients in the order of the backward pass.
    """
    made_of: dict[int, list[Node]] = defaultdict(list)
    for edge in scene.edges:
        made_of[edge.target].append(scene.nodes[edge.source])
    for node in scene.nodes:
        if node.symbol and not _finite(node.value) and all(_finite(each.value) for each in made_of[node.id]):
            inputs = ", ".join(f"{each.name} = {_range(each.value)}" for each in made_of[node.id][:3])
            words = f"{node.name} = {node.formula}{_where(node)}, with {inputs or 'no inputs'}"
            return Broken(node.id, f"first {_kind(node.value)}: {words}")
    for edge in sorted(scene.edges, key=lambda e: -e.target):
        arriving = scene.nodes[edge.target].gradient
        if edge.share is not None and not _finite(edge.share) and (arriving is None or _finite(arriving)):
            node, source = scene.nodes[edge.target], scene.nodes[edge.source]
            way = f"from {node.name} = {node.formula}{_where(node)} to {source.name} = {_range(source.value)}"
            return Broken(node.id, f"first {_kind(edge.share)} gradient: {way}")
    return None


def _finite(array: Array) -> bool:
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


def _kind(array: Array) -> str:
    return "NaN" if np.isnan(array).any() else "infinite number"


def _range(array: Array) -> str:
    if array.size == 1:
        return number(array.reshape(-1)[0].item())
    if array.size == 0:
        return "empty"
    return f"{number(array.min().item(), 2)} .. {number(array.max().item(), 2)} [{shape(array)}]"


def _where(node: Node) -> str:
    return "" if node.step is None else f" at t = {node.step}"
