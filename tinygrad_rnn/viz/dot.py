"""DOT text: a scene, its coordinates and a style written down for graphviz, the same bytes every time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from .card import Card, card_of
from .grid import Grid, grid_of
from .label import text_width
from .numbers import Array, number, size
from .routes import Line, lines_of
from .scene import Scene
from .style import Scale, Setting
from .writer import LEGEND, Writer


def scale_of(*scenes: Scene) -> Scale:
    """The scale that covers all gradients of the scenes, those of cards and those of edges."""
    arrays: list[Array | None] = []
    for scene in scenes:
        arrays += [node.gradient for node in scene.nodes] + [edge.share for edge in scene.edges]
    return Scale.over(size(array) for array in arrays if array is not None)


def grid_dot(scene: Scene, setting: Setting) -> str:
    """The picture of a scene with time steps."""
    show = setting.show
    cards = {node.id: card_of(node, setting, broken=scene.is_broken(node)) for node in scene.nodes}
    grid = grid_of(scene, cards)
    lines = [line for line in lines_of(scene, grid) if show == "both" or (line.size is None) == (show == "values")]
    left, bottom, right, top = extent_of(grid, cards, lines)
    writer = Writer(setting)
    write_steps(writer, scene, grid, cards, strips=show != "values")
    for line in lines:
        writer.line(line)
    for n, (x, y) in enumerate(line.tip for line in lines if line.kind == "cut" and line.tip is not None):
        writer.text(f"cut{n}", x - 4, y + 9, "cut", 8.5, writer.theme.text, align="right")
    writer.legend(*_legend_place(grid, cards, lines, (left, bottom, right, top)))
    writer.heading(left, top + 19, max(right - left, 2 * LEGEND[0]))
    return writer.close()


def write_steps(
    writer: Writer, scene: Scene, grid: Grid, cards: Mapping[int, Card], strips: bool = False, floor: float = math.inf
) -> None:
    """The head of the file, every step with its cards, then the other cards; steps reach down to ``floor``."""
    writer.open()
    theme, labels = writer.theme, writer.setting.labels
    columns = {column.frame: column for column in grid.columns}
    for frame, left, bottom, right, top in grid.panels:
        box = (left, min(bottom, floor), right, top)
        writer.begin(str(frame), box, theme.panel_border, theme.panel, f"step{frame}", "step")
        step, y = scene.frames[frame], top - 16
        writer.text(f"t{frame}", left + 10, y, f"t = {step}", 14, theme.text, bold=True)
        if labels.get(step):
            after = left + 10 + text_width(f"t = {step}", 14, bold=True) + 12
            writer.text(f"l{frame}", after, y, labels[step], 9.5, theme.muted, width=right - after - 6)
        if strips:
            _strips(writer, scene, frame, left + 10, right - 10, grid.strip)
        writer.out += [writer.statement(cards[id], grid.at[id]) for id in columns[frame].nodes.values()]
        writer.out.append("}")
    outside = [node.id for node in scene.nodes if node.frame is None]
    writer.out += [writer.statement(cards[id], grid.at[id]) for id in outside]


def extent_of(grid: Grid, cards: Mapping[int, Card], lines: Iterable[Line]) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of everything."""
    xs = [x + dx for x, _ in grid.at.values() for dx in (-73, 73)]
    ys = [grid.at[n][1] + dy for n in grid.at for dy in (-cards[n].height / 2, cards[n].height / 2)]
    xs += [v for panel in grid.panels for v in (panel.left, panel.right)]
    ys += [v for panel in grid.panels for v in (panel.bottom, panel.top)]
    for line in lines:
        xs += [x for x, _ in line.points]
        ys += [y for _, y in line.points]
    return min(xs), min(ys), max(xs), max(ys)


def _legend_place(
    grid: Grid, cards: Mapping[int, Card], lines: Iterable[Line], extent: tuple[float, float, float, float]
) -> tuple[float, float]:
    """The upper left corner of the legend: below the last column if there is room, else at the right of everything."""
    left, bottom, right, _ = extent
    width, height = LEGEND
    panels = max((panel.right for panel in grid.panels), default=left)
    x = max(panels + 42, right - max(width, right - panels - 42))
    below = [grid.at[n][1] - cards[n].height / 2 for n in grid.at if grid.at[n][0] + 73 > x - 20]
    below += [y for line in lines for px, y in line.points if px > x - 20]
    lowest = min(below, default=bottom + height)
    if lowest - 24 - height >= bottom - 110 and right > panels + 20:
        return x, min(lowest - 24, bottom + height)
    return right + 36, bottom + height


def _strips(writer: Writer, scene: Scene, frame: int, left: float, right: float, y: float) -> None:
    """The sizes of the gradients of the step's states, side by side."""
    found = [(node, node.gradient) for node in (scene.nodes[id] for id in scene.states[frame])]
    states = [(node, size(gradient)) for node, gradient in found if gradient is not None][:3]
    for n, (node, amount) in enumerate(states):
        width = (right - left + 4) / len(states)
        words = f"|{scene.called}{node.name}| = {number(amount)}"
        writer.strip(f"s{node.id}", left + n * width, y, width - 4, words, amount)
