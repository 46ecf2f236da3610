"""The film: a long graph played as cells, one for every time step or for several, first forwards and then back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from ..cells import NARROW_ROW, cells_dot, cells_in, columns_of, scale_around
from ..numbers import number, size
from ..render import Engine, render
from ..scene import Scene, grouped
from ..style import Setting
from ..tracks import Track
from .animation import MOST_OPERATIONS, Course, caption, played, ring
from .inline import Box, Looks, box_of, graph_in, mark_of, shapes_in
from .parts import MARKERS

#: Two rows of cells for every state can be watched at once.
MOST_CELLS = 2 * NARROW_ROW
#: What `cells_dot` calls its marks: what it is, of which track, with which cell its row begins, and where there.
_MARK = re.compile(r"(cell|bar|notch|carried|enters|size|adds|loss|[fb])(\d+)_(\d+)(?:_(\d+)(_end)?)?")


def film(scene: Scene, engine: Engine, title: str, theme: str, seconds: float | None) -> str:
    """The cells of all states as an SVG: step by step they are computed, then their gradients come back.

    Raises:
        ValueError: no step hands a state on, or no time at all.
    """
    tracks = scene.tracks
    if not tracks:
        raise ValueError(
            f"an animation shows up to {MOST_OPERATIONS} operations one after the other, or the states of time steps; "
            f"this graph has {scene.operations:,} operations, and no state goes from step to step: draw a part of it"
        )
    loss, looks = scene.nodes[scene.loss], dict[str, str]()
    value = number(loss.value.item()) if scene.scalar else f"size {number(size(loss.value))}"
    text = cells_dot(tracks, loss.name, value, Setting(MARKERS, scale_around(tracks)), MOST_CELLS)
    cast = Cast(scene, tracks, seconds, looks)
    graph, box = graph_in(render(text, "svg", placed=True, engine=engine).decode())
    drawing = "".join(map(cast.marks, graph.findall("g")))
    course = cast.course
    rings = [ring(moment, course, cast.boxes[place]) for moment in course.moments for place in cast.turns(moment)]
    moving = [*rings, *(caption(moment, course, *cast.words(moment), box) for moment in course.moments)]
    subtitle = "; ".join(f"{scene.called}{track.name}[t] {track.flow.sentence}" for track in tracks)
    appears = {moment: [f".at{moment}"] for moment in course.moments[1:]}
    return played(title, subtitle, theme, course, appears, box, looks, drawing, moving)


class Cast:
    """What appears when, and what is said of it."""

    def __init__(self, scene: Scene, tracks: Sequence[Track], seconds: float | None, looks: Looks) -> None:
        self.scene, self.tracks, self.looks = scene, tracks, looks
        self.rows = cells_in(tracks, MOST_CELLS)
        self.boxes: dict[tuple[int, int], Box] = {}
        #: When the cells of every track are computed: those of one step at once, and one loop after the other.
        self.turn: dict[int, list[int]] = {}
        count = 0
        for _, members in sorted(grouped((track.loop, n) for n, track in enumerate(tracks)).items()):
            columns = columns_of([self.rows[n] for n in members])
            many = max(own[-1] for own in columns) + 1
            for n, own in zip(members, columns, strict=True):
                self.turn[n] = [count + (many - at if tracks[n].is_reverse else at + 1) for at in own]
            count += many
        self.course = Course(count, seconds)

    def turns(self, moment: int) -> list[tuple[int, int]]:
        """The track and the number of the cells whose turn it is."""
        there = moment if moment <= self.course.count else self.course.back(moment)
        return [(n, cell) for n, turns in self.turn.items() for cell, turn in enumerate(turns) if turn == there]

    def marks(self, group: Element) -> str:
        """The marks of graphviz, each at its moment; a cell twice, without its gradient and with it."""
        shapes = shapes_in(group)
        drawn = "".join(mark_of(shape, self.looks) for shape in shapes)
        found = _MARK.match(group.findtext("title", ""))
        if not found or not shapes:
            return drawn
        what, track, start, last = found[1], int(found[2]), int(found[3]), self.course.count
        if what == "loss":
            return f'<g class="cell middle at{last}">{drawn}</g>'
        cell = start + int(found[4])
        if what in "fb":
            ends = [self.turn[track][n] for n in ((cell,) if found[5] else (cell - 1, cell))]
            if what == "f":
                return f'<g class="line go at{max(ends)}">{drawn}</g>'
            return f'<g class="gradient at{self.course.back(min(ends))}">{drawn}</g>'
        moment = self.turn[track][cell]
        if what != "cell":
            return f'<g class="gradient at{self.course.back(moment)}">{drawn}</g>'
        self.boxes[track, cell] = box_of(shapes[0])
        coloured = f'<g class="gradient middle at{self.course.back(moment)}">{drawn}</g>'
        return f'<g class="card middle blank at{moment}">{drawn}</g>{coloured}'

    def words(self, moment: int) -> tuple[str, str]:
        """What happens at a moment, in two lines."""
        called, count = self.scene.called, self.course.count
        last = self.course.back(moment)  # for those tracks whose first cell is computed then
        told = [(self.tracks[n], self.rows[n][at], last == min(self.turn[n])) for n, at in self.turns(moment)]
        if not moment:
            return "Start", "inputs, parameters and the start are given"
        if moment == count + 1:
            return "The way back begins", f"{called}{self.scene.nodes[self.scene.loss].name} = 1"
        when = "; ".join(dict.fromkeys(str(cell) for _, cell, _ in told))
        if moment <= count:
            return f"Forward, {when}", "; ".join(
                f"{track.name}[t] from {track.name} of the step before" for track, *_ in told
            )
        parts = []
        for track, cell, ends in told:
            adds = "" if cell.adds is None else f", adds {number(cell.adds)} to {called}{track.parameter}"
            end = f"; {track.flow.sentence}" * ends
            parts.append(f"|{called}{track.name}[t]| = {cell.range}{adds}{end}")
        return f"Backward, {when}", "; ".join(parts)
