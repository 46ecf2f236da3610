"""Windows: graphs of more time steps than a browser shows with ease, on a page that shows some of them at a time."""

from __future__ import annotations

import base64
import gzip
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from ..cells import Axis, Cell, cells_of
from ..part import after_all, part_of
from ..scene import Scene, base, grouped
from ..style import LIGHT, Scale
from ..tracks import Point
from .content import series_of
from .parts import as_json
from .words import MOST_STEPS

#: So many steps are shown at a time; with fewer there are more windows, and more to write for each.
WIDTH = 16
#: So many values a page holds, which makes some 40 megabytes.
MOST_VALUES = 80_000


def refuse_too_large(scenes: Sequence[Scene]) -> None:
    """Raise ValueError for scenes of more values than a page can carry."""
    count = sum(len(scene.nodes) for scene in scenes)
    if count > MOST_VALUES:
        these = "this graph has" if len(scenes) == 1 else f"these {len(scenes)} graphs have"
        longest = max(len(scene.frames) for scene in scenes)
        raise ValueError(
            f"a page holds up to {MOST_VALUES:,} values, and {these} {count:,} in "
            f"{'up to ' * (len(scenes) > 1)}{longest:,} time steps; draw some of them: draw(loss, steps=(a, b))"
        )


def is_long(scene: Scene) -> bool:
    """Whether a browser would show all time steps at once with difficulty."""
    return len(scene.frames) > MOST_STEPS


def windows_of(scene: Scene) -> Iterator[Scene]:
    """The scene in windows of 16 time steps, the last ones first, as the gradient meets them.

    They are what ``scene_of(loss, window)`` shows of these steps.
    """
    within = grouped((node.frame, node.id) for node in scene.nodes if node.frame is not None)
    after = after_all(scene.nodes, scene.edges)
    for end in range(len(scene.frames), 0, -WIDTH):
        columns = range(max(0, end - WIDTH), end)
        window = part_of(scene, columns, after.union(*(within[column] for column in columns)))
        window.whole, after = (), set()
        yield window


def overview(scenes: Sequence[tuple[str, Scene]], scale: Scale) -> list[dict[str, Any]]:
    """All time steps as the cells of the static picture; the page's script (web/core/windows.js) has it as types."""
    found = [[(each, _cells(scene, each["ids"])) for each in series_of(scene)] for _, scene in scenes]
    axis = Axis.over([cell for series in found for _, cells in series for cell in cells])  # one for all

    def told(cell: Cell) -> list[Any]:
        return [cell.first, cell.last, scale.look(cell.most, LIGHT).css, round(axis.height(cell.most), 3), cell.range]

    return [
        {
            "name": name,
            "steps": scene.frames,
            "width": WIDTH if is_long(scene) else max(1, len(scene.frames)),
            "series": [
                {"name": each["name"], "verdict": each["verdict"], "cells": [told(cell) for cell in cells]}
                for each, cells in series
            ],
            "names": _names(scene),
        }
        for (name, scene), series in zip(scenes, found, strict=True)
    ]


def _names(scene: Scene) -> list[tuple[str, int, int]]:
    """What values are called without their step, with the first and the last of the steps in a row that have them."""
    found: dict[str, list[list[int]]] = defaultdict(list)
    for frame, name in sorted(
        (node.frame, base(node.name, node.step)) for node in scene.nodes if node.frame is not None
    ):
        runs = found[name]
        if runs and frame - runs[-1][1] <= 1:
            runs[-1][1] = frame
        else:
            runs.append([frame, frame])
    return [(name, first, last) for name, runs in found.items() for first, last in runs]


def _cells(scene: Scene, ids: Sequence[int | None]) -> list[Cell]:
    return cells_of([Point(n, None if id is None else scene.nodes[id].size) for n, id in enumerate(ids)])


def packed(data: Any) -> str:
    """Data as text that web/shared/packed.js unpacks."""
    return base64.b64encode(gzip.compress(as_json(data).encode(), 6, mtime=0)).decode()
