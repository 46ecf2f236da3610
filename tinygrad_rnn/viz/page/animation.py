"""The animation: the drawing of a page as one SVG, in which values and then gradients appear as they are computed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import accumulate, pairwise
from typing import Any

from ..numbers import number
from ..scene import Scene
from ..style import THEMES, Scale, refuse_unknown
from .content import uses_of
from .inline import Box, Drawing, Looks, css_of, drawing_of
from .parts import filled, static, theme_css
from .words import Run, rules_of

#: Of more operations an animation would be a film.
MOST_OPERATIONS = 150
#: Seconds before the first operation, between the way there and the way back, and at the end.
START, TURN, END = 1.2, 1.5, 5.0
#: Room above the drawing for the title and two lines of words, and the width of a letter of the second.
HEAD, LETTER = 84.0, 7.3


class Course:
    """When what happens.

    Moment 0 is before the first operation, 1 to ``count`` are the operations (or the cells of a film), then there is
    dL/dL = 1, and they go back to the last: the moments of the page (web/core/clock.js).

    Raises:
        ValueError: ``seconds`` are no time for one of them to be in turn.
    """

    def __init__(self, count: int, seconds: float | None) -> None:
        self.count, self.moments = count, range(2 * count + 2)
        if seconds is None:
            seconds = min(0.6, 60 / len(self.moments))
        if not 0 < seconds < math.inf:
            raise ValueError(f"seconds={seconds!r} has to be a time, for how long every operation is in turn")
        lengths = [seconds] * len(self.moments)
        for moment, pause in ((0, START), (count, TURN), (-1, END)):
            lengths[moment] += pause
        self.total = sum(lengths)
        self.starts = [*accumulate(lengths, initial=0.0)]

    def way(self, moment: int) -> str:
        """Whether a moment is on the way there or back."""
        return "there" if moment <= self.count else "back"

    def back(self, moment: int) -> int:
        """The moment of the same operation on the other way."""
        return len(self.moments) - moment

    def percent(self, moment: int, earlier: float = 0.0) -> str:
        """Where a moment begins, in the whole, or so many seconds ``earlier``."""
        return f"{100 * max(0.0, self.starts[moment] - earlier) / self.total:.3f}%"


class _Operations(Course):
    """Every operation in turn."""

    def __init__(self, scene: Scene, scale: Scale, seconds: float | None) -> None:
        operations = [node.id for node in scene.nodes if node.symbol]
        super().__init__(len(operations), seconds)
        #: For every moment the operation whose turn it is.
        self.now = [None, *operations, scene.loss, *reversed(operations)]
        order = {id: n for n, id in enumerate(operations, start=1)}
        self.value = {node.id: order.get(node.id, 0) for node in scene.nodes}
        self.received = {id: self.back(n) for id, n in order.items()}
        #: For every value the moments at which something is added to its gradient, with the sum from then on.
        self.sums: dict[int, list[tuple[int, Any]]] = {
            id: [(self.received[scene.edges[edge].target], total) for edge, total in uses]
            for id, uses in uses_of(scene, scale).items()
        }
        self.gradient = {
            node.id: self.sums[node.id][-1][0] if node.id in self.sums else self.count + 1
            for node in scene.nodes
            if node.gradient is not None
        }


def animated(run: Run, scale: Scale, title: str, theme: str = "light", seconds: float | None = None) -> str:
    """The graph of ``run`` as an SVG that plays its computation again and again, by CSS alone.

    Args:
        run: what to show.
        scale: the scale of its gradients.
        title: the first line.
        theme: "light", "dark", or "auto": what the reader's system prefers.
        seconds: for how long every operation is in turn, there and back.

    Where motion is not wanted, and on paper, it is the finished picture.

    Raises:
        ValueError: another theme, or no time at all.
    """
    looks: Looks = {}
    drawing = drawing_of(run.svg, run.scene, looks)
    course, rules = _Operations(run.scene, scale, seconds), rules_of(run.scene)
    moving = [
        *_sums(course, drawing),
        *(ring(moment, course, drawing.cards[now]) for moment, now in enumerate(course.now) if now is not None),
        *(caption(moment, course, *_words(moment, run.scene, course, rules), drawing.box) for moment in course.moments),
    ]
    appears: dict[int, list[str]] = defaultdict(list)
    for node in run.scene.nodes:
        if course.value[node.id]:
            appears[course.value[node.id]] += [f"#n{node.id}", f"#n{node.id}>.value"]
        if node.id in course.gradient:
            appears[course.gradient[node.id]] += [f"#n{node.id}>.gradient", f"#s{node.id}"]
    for n, line in enumerate(drawing.lines):
        appears[(course.received if line.backward else course.value)[line.operation]].append(f"#e{n}")
    whole = drawing.svg.replace('<g id="folded"></g>', f"<g>{drawing.closed}</g>")
    windows = [window for uses in course.sums.values() for window in _windows(uses)]
    return played(title, run.subtitle, theme, course, appears, drawing.box, looks, whole, moving, windows)


def played(
    title: str, subtitle: str, theme: str, course: Course, appears: Mapping[int, Sequence[str]], box: Box, looks: Looks,
    drawing: str, moving: Iterable[str], windows: Iterable[tuple[int, int]] = (),
) -> str:  # fmt: skip
    """An SVG that plays a drawing, of which some marks appear at their moments, and some are there only for a while.

    Args:
        title, subtitle: the two lines above it.
        theme: as for `animated`.
        course: when what happens.
        appears: by moment what appears then, as selectors of CSS.
        box: where the drawing is.
        looks: what its marks look like.
        drawing: the markup.
        moving: the markup of what is there for a while, of the class "in3-5" from moment 3 to 5.
        windows: such times that are longer than one moment.
    """
    refuse_unknown("theme", theme, THEMES)
    left, top, width, height = box
    top, height = top - HEAD, height + HEAD
    style = theme_css() + static("colours.css") + static("animation.css") + css_of(looks)
    parts = {
        "theme": "" if theme == "auto" else f' data-theme="{theme}"',
        "box": f'x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}"',
        "viewbox": f"{left:g} {top:g} {width:g} {height:g}",
        "width": f"{width:g}",
        "height": f"{height:g}",
        "title": escape(title, quote=False),
        "subtitle": escape(subtitle, quote=False),
        "left": f"{left + 20:g}",
        "first": f"{top + 30:g}",
        "second": f"{top + 54:g}",
        "style": style + _keyframes(course, appears, windows),
        "drawing": drawing,
        "moving": "".join(moving),
    }
    return filled("animation.svg", parts)


def _keyframes(course: Course, appears: Mapping[int, Sequence[str]], windows: Iterable[tuple[int, int]]) -> str:
    """The rules that let everything come when it is computed, where motion is wanted."""
    rules = [f"svg{{--all:{course.total:g}s}}"]
    for moment, selectors in sorted(appears.items()):
        fade = course.percent(moment, earlier=0.15)
        frames = f"0%,{fade}{{opacity:var(--before)}}{course.percent(moment)},100%{{opacity:1}}"
        rules.append(f"@keyframes on{moment}{{{frames}}}")
        rules.append(f"{','.join(selectors)}{{animation:on{moment} var(--all) linear infinite}}")
    last = course.moments[-1]
    for first, end in sorted({*windows, *((moment, moment + 1) for moment in course.moments)}):
        shown = f"{course.percent(first)}{{opacity:1}}"
        before = "0%{opacity:0}" if first else ""
        after = f"{course.percent(end)},100%{{opacity:0}}" if end <= last else "100%{opacity:1}"
        rules.append(f"@keyframes in{first}-{end}{{{before}{shown}{after}}}")
        rules.append(f".in{first}-{end}{{animation:in{first}-{end} var(--all) step-end infinite}}")
    return "@media screen and (prefers-reduced-motion:no-preference){\n" + "\n".join(rules) + "\n}\n"


def _windows(uses: Iterable[tuple[int, Any]]) -> list[tuple[int, int]]:
    """From one moment at which something is added to the next."""
    return [(first, end) for (first, _), (end, _) in pairwise(uses) if first < end]


def _sums(course: _Operations, drawing: Drawing) -> Iterator[str]:
    """The sums so far, where the whole gradients will stand."""
    for id, uses in course.sums.items():
        if id in drawing.rows:
            totals = dict(uses)  # of what arrives at one moment the last sum
            for first, end in _windows(uses):
                count = sum(1 for moment, _ in uses if moment <= first)
                yield _sum(id, totals[first], f"{count} of {len(uses)}", drawing.rows[id], f"in{first}-{end}")


def _sum(id: int, total: Mapping[str, Any], label: str, row: Box, when: str) -> str:
    left, top, width, height = row
    lines = total["lines"] if len(total["lines"]) * 11 <= height else [[f"size {number(float(total['size']))}"]]
    middle = top + height / 2 + 3
    marks = [
        f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}"/>',
        f'<text class="label" x="{left + 2:g}" y="{middle:g}">{label}</text>',
    ]
    for n, line in enumerate(lines):
        wide = (width - 34) / len(line)
        for m, text in enumerate(line):
            x, y = left + width - 2 - wide * (len(line) - 1 - m), middle + 11 * (n - (len(lines) - 1) / 2)
            marks.append(f'<text x="{x:.1f}" y="{y:.1f}">{escape(text, quote=False)}</text>')
    return f'<g class="while partial {total["css"]} {when}" data-of="{id}">{"".join(marks)}</g>'


def ring(moment: int, course: Course, box: Box) -> str:
    """What is in turn at a moment has a ring around it."""
    x, y, width, height = box
    return (
        f'<rect class="while ring {course.way(moment)} in{moment}-{moment + 1}" x="{x - 4:g}" y="{y - 4:g}" '
        f'width="{width + 8:g}" height="{height + 8:g}" rx="4"/>'
    )


def caption(moment: int, course: Course, phase: str, deed: str, box: Box) -> str:
    """What happens at a moment, in two lines."""
    left, top, width, _ = box
    most = int((width - 40) / LETTER)
    deed = deed if len(deed) <= most else f"{deed[: most - 3]}..."
    return (
        f'<g class="while in{moment}-{moment + 1}">'
        f'<text class="phase {course.way(moment)}" x="{left + 20:g}" y="{top - HEAD + 54:g}">{phase}</text>'
        f'<text class="deed" x="{left + 20:g}" y="{top - HEAD + 74:g}">{escape(deed, quote=False)}</text></g>'
    )


def _words(moment: int, scene: Scene, course: _Operations, rules: Mapping[tuple[int, int], str]) -> tuple[str, str]:
    """The words of the page (web/core/words.js)."""
    count, now = course.count, course.now[moment]
    if now is None:
        return "Start", "inputs, parameters and the start are given"
    node = scene.nodes[now]
    if moment <= count:
        return f"Forward {moment} of {count}", f"{node.name} = {node.formula}"
    if moment == count + 1:
        every = "" if scene.scalar else " for every number of it"
        return "The way back begins", f"{scene.called}{scene.nodes[scene.loss].name} = 1{every}"
    given = []
    for n, edge in enumerate(scene.edges):
        source = scene.nodes[edge.source]
        if edge.target == now and edge.share is not None and source.gradient is not None:
            sign = "=" if scene.uses[edge.source][0][0] == n else "+="
            given.append(f"{scene.called}{source.name} {sign} {rules.get((now, edge.position), '...')}")
    deed = f"{node.name} = {node.formula}:  {';  '.join(given) or 'hands nothing back'}"
    return f"Backward {moment - count - 1} of {count}", deed
