"""What is wrong with a picture for the eye: lines over cards, text on text, arrows against time, letters too small."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import combinations, permutations
from typing import Any

import numpy as np

from tests.viz.inside import render, text_width
from tinygrad_rnn.viz import Picture

SVG = "{http://www.w3.org/2000/svg}"
#: A cell of a notebook is so many pixels wide; smaller letters than these cannot be read there.
CELL, SMALLEST = 960, 6.0
#: The longer side of a picture is at most so many times the shorter; of a backward pass alone it is no tower.
TAPE, TOWER = 6.0, 2.5

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Seen:
    """The faults of a picture, each as a list of words; empty lists for a good one."""

    over_cards: list[str]
    through_text: list[str]
    overlapping: list[str]
    outside: list[str]
    alone: list[str]
    at_border: list[str]
    against_time: list[str]
    together: list[str]
    hidden: list[str]
    astray: list[str]
    one_port: list[str]
    sideways: list[str]
    uneven: list[str]
    too_small: list[str]
    tape: list[str]
    tower: list[str]

    def __str__(self) -> str:
        return ", ".join(
            f"{len(found)} {field.name} ({found[0]})" for field in fields(self) if (found := getattr(self, field.name))
        )


def seen(picture: Picture, *, loops: bool = False) -> Seen:
    """Look at a picture; ``loops`` are drawn by arrows back in time that are meant, and have no card without a line."""
    root = ET.fromstring(render(picture.dot, "svg", placed=picture.placed))  # with graphviz's names
    down = re.search("rankdir=(TB|BT)", picture.dot) is not None
    forward = not picture.placed and re.search("rankdir=(TB|LR)", picture.dot) is not None
    width, height = (float(root.get(side, "0").removesuffix("pt")) for side in ("width", "height"))
    cards: dict[str, Box] = {}
    frames: dict[Box, str] = {}
    edges, texts, steps, at_border = [], [], [], []
    for group in root.iter(f"{SVG}g"):
        css = (group.get("class") or "").split()
        title = group.findtext(f"{SVG}title") or ""
        if css[:1] == ["node"] and re.fullmatch(r"[nbd]\d+", title):
            cards[title] = _around([p for shape in group.iter(f"{SVG}polygon") for p in _points(shape)])
        if css == ["cluster", "step"]:
            steps.append(_around(_points(next(group.iter(f"{SVG}polygon")))))
        if css == ["cluster"] and (shapes := [*group.iter(f"{SVG}polygon")]):
            frames[_around(_points(shapes[0]))] = " ".join(text.text or "" for text in group.iter(f"{SVG}text"))
        if css[:1] in (["node"], ["cluster"], ["edge"]):
            owner = title if css[0] == "node" else css[0]
            said = [text for text in group.iter(f"{SVG}text") if (text.text or "").strip("\u00a0 ")]
            texts += [(owner, text.text or "", _text_box(text)) for text in said]
            # Letters of one width end exactly where they are said to.
            exact = [(_text_box(text)[2], text.text or "") for text in said if "Courier" in text.get("font-family", "")]
            at_border += [words for x, words in exact if title in cards and x > cards[title][2] - 2]
        if css[:1] == ["edge"] and "legend" not in title and not re.match(r"k\d+->m\d+", title):
            edges.append((title, css, group))
    over, through, against, together, hidden, astray, sideways = [], [], [], [], [], [], []
    ports: list[tuple[str, str, Array]] = []
    drawn: list[tuple[str, set[str], Array, float, Array, list[str]]] = []
    card_boxes, text_boxes = _boxes(cards.values()), _boxes(box for _, _, box in texts)
    on_arrows, on_frames = (np.array([owner == of for owner, _, _ in texts], bool) for of in ("edge", "cluster"))
    nodes = picture.scene.nodes if "digraph" in picture.dot and "n0 [" in picture.dot else ()
    frame = {f"n{node.id}": node.frame for node in nodes if node.frame is not None}
    starts = {f"n{node.id}" for node in nodes if node.slot is not None and node.frame is None}
    last = max(frame.values(), default=0)  # what it alone reads may stand behind it
    for title, css, group in edges:
        ends = re.split(r"(?::\w+)?->|:\w+$", title)[:2]  # without the sides they touch
        line = _along([path.get("d", "") for path in group.iter(f"{SVG}path")])
        stroke = max((float(path.get("stroke-width", "1")) for path in group.iter(f"{SVG}path")), default=1.0)
        heads = np.array([p for shape in group.iter(f"{SVG}polygon") for p in _points(shape)]).reshape(-1, 2)
        along = _inside(line, card_boxes, -0.5 - stroke / 2, 4)  # on the border, and not only past a corner
        for name, met in zip(cards, _inside(line, card_boxes, 3.0) | along, strict=True):
            if met and name not in ends:
                over.append(f"{title} over {name}")
        # The words on an arrow stand beside all lines and do not touch them; nor do lines touch the title of a frame.
        margin = np.where(on_arrows, -1.0 - stroke / 2, np.where(on_frames, 0.5 - stroke / 2, 1.5))
        crossed = _inside(line, text_boxes, margin)
        for (name, words, _), met, under in zip(texts, crossed, _inside(heads, text_boxes, 1.0), strict=True):
            if met and name not in ends:
                through.append(f"{title} through {words!r}")
            elif under and name in ends:
                through.append(f"the head of {title} on {words!r}")
        for end in {*ends} & cards.keys() if picture.placed else ():  # on its border no two of them meet
            tips = heads.reshape(-1, 4, 2)[:, 1]  # the first and the last of the points of a head are its other side
            touching = np.concatenate([line[[0, -1]], tips])
            ports += [(end, title, at) for at in touching if abs(_outside(at, cards[end])) < 2]
            backs = heads.reshape(-1, 4, 2)[:, [0, 2]].mean(1)
            far = [
                (_outside(tip, cards[end]), _outside(back, cards[end])) for tip, back in zip(tips, backs, strict=True)
            ]
            sideways += [f"{title} at {end}" for tip, back in far if abs(tip) < 4 and back - tip < 2]
        # A value and its gradient.
        if forward and drawn and drawn[-1][0] == title and " along " in f" {' '.join(css)} ":
            *_, value, _, _, marks = drawn[-1]
            cut = len(value) // 6
            if len(value) > 6 and _near(value[cut:-cut], line, (stroke + 1) / 2).mean() > 0.5:
                hidden.append(title)
            if "loop" in marks and not _near(value, line, 14).all():
                astray.append(f"{title}, not beside its gradient")
        for other, _, along_it, _, _, marks in drawn if forward and "loop" in css else ():
            if "loop" not in marks and _near(line, along_it, 9).mean() > 0.4:
                astray.append(f"{title} beside {other}")
        if forward:  # of two lines one hides the other, or both end in one point, of no card that they have in common
            middles, ways = heads.reshape(-1, 4, 2).mean(1), {*ends}
            for other, there, along_it, pen, tips, marks in drawn:
                short, long = sorted((line, along_it), key=len)
                apart = len(ways & there) < 2 or "loop" in [*css, *marks]
                if apart and len(short) > 8 and _near(short, long, (stroke + pen) / 2).mean() > 0.5:
                    together.append(f"{title} on {other}")
                elif not ways & there and _near(middles, tips, 2.5).any():
                    together.append(f"{title} ends where {other} does")
            drawn.append((title, ways, line, stroke, middles, css))
        # What goes on in another column, or runs backwards in time as a reverse direction does, is meant.
        initial = ends[0] in starts and frame.get(ends[-1]) == last
        meant = loops or initial or "wrapped" in css or frame.get(ends[0], 0) > frame.get(ends[-1], 0)
        if "forward" in css and not meant and ends[0] in cards and ends[-1] in cards:
            a, b = cards[ends[0]], cards[ends[-1]]
            inside = any(min(a[0], b[0]) >= step[0] and max(a[2], b[2]) <= step[2] for step in steps)
            if (b[3] < a[1] if down else b[2] < a[0]) and not inside:
                against.append(title)
    near = ((of, a, b) for (of, a, p), (end, b, q) in combinations(ports, 2) if of == end and math.dist(p, q) < 2.5)
    one_port = [f"{a} and {b} at {of}" for of, a, b in near if a != b]
    # Open time steps of one loop go on to the right, also where they are continued.
    step = re.compile(r"t.=.(\d+)( \(.*?\))?(, continued)?")
    times = {box: (int(found[1]), found[2]) for box, words in frames.items() if (found := step.fullmatch(words))}
    for a, b in permutations(times, 2):
        later = times[a][1] == times[b][1] and times[a][0] < times[b][0]
        if later and b[0] < a[0] and b[2] < a[2] and _holding(a, frames) == _holding(b, frames):
            against.append(f"{frames[b]} at the left of {frames[a]}")
    columns = [re.findall(r"(?m)^([nbd]\d+) \[", part) for part in picture.dot.split("subgraph cluster_column")[1:]]
    lefts = [min(cards[name][0] for name in names if name in cards) for names in columns]
    against += ["the columns are not in their order"] * (lefts != sorted(lefts))
    heights = [[cards[name][1::2] for name in names if name in cards] for names in columns]
    downwards = "rankdir=TB" in picture.dot  # chains go up
    begins = [min(top for top, _ in each) if downwards else max(low for _, low in each) for each in heights]
    uneven = [f"columns begin at {begins}"] if begins and max(begins) - min(begins) > 120 else []
    left, top, right, bottom = text_boxes.T
    wide = np.minimum.outer(right, right) - np.maximum.outer(left, left)
    high = np.minimum.outer(bottom, bottom) - np.maximum.outer(top, top)
    overlapping = [f"{texts[a][1]!r} on {texts[b][1]!r}" for a, b in np.argwhere(np.triu((wide > 3) & (high > 3), 1))]
    canvas = _canvas(root)
    touched = {end for title, _, _ in edges for end in re.split(r"(?::\w+)?->|:\w+$", title)}
    outside = [words for _, words, box in texts if box[0] < canvas[0] or box[2] > canvas[2] + 3]
    sizes = [(float(text.get("font-size", "8")), text.text or "") for text in root.iter(f"{SVG}text")]
    least, words = min(sizes, default=(8.0, ""))
    pixels = least * 96 / 72 * min(1.0, CELL / (width * 96 / 72))
    small = [f"{words!r} is {pixels:.1f} px high, the picture {width:.0f} x {height:.0f}"] if pixels < SMALLEST else []
    ratio = max(width / height, height / width)
    return Seen(
        over,
        through,
        overlapping,
        outside,
        [*(cards.keys() - touched)] if loops else [],
        at_border,
        against,
        together,
        hidden,
        astray,
        one_port,
        sideways,
        uneven,
        small,
        [f"1 : {ratio:.1f}"] if ratio > TAPE else [],
        [f"1 : {ratio:.1f}"]
        if ratio > TOWER and height > width and "the local derivative; g is" in picture.dot
        else [],
    )


def _points(shape: ET.Element) -> list[Point]:
    numbers = [float(x) for x in re.findall(r"-?[\d.]+", shape.get("points", ""))]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _around(points: list[Point]) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _holding(box: Box, frames: Iterable[Box]) -> list[Box]:
    """The other frames around one."""
    around = ((o, o[0] <= box[0] and o[1] <= box[1] and box[2] <= o[2] and box[3] <= o[3]) for o in frames if o != box)
    return [other for other, holds in around if holds]


def _text_box(text: ET.Element) -> Box:
    """Around the letters, from the middle of the small ones to the line they stand on."""
    points, words = float(text.get("font-size", "8")), (text.text or "").replace("\u00a0", " ")
    mono = "Courier" in text.get("font-family", "")
    wide = 0.6 * points * len(words) if mono else 0.93 * text_width(words, points, bold="font-weight" in text.attrib)
    x, y = float(text.get("x", "0")), float(text.get("y", "0"))
    x -= {"middle": wide / 2, "end": wide}.get(text.get("text-anchor", "start"), 0)
    return x, y - 0.7 * points, x + wide, y


def _along(paths: list[str]) -> Array:
    """Points on the curves of some paths, (points, 2)."""
    found = [np.empty((0, 2))]
    for path in paths:
        points = np.array([float(x) for x in re.findall(r"-?[\d.]+", path)]).reshape(-1, 2)
        for n in range(0, len(points) - 3, 3):
            length = float(np.abs(points[n + 3] - points[n]).sum())
            t = np.linspace(0, 1, max(4, int(length / 5)) + 1)
            s = 1 - t
            found.append(np.stack([s**3, 3 * s * s * t, 3 * s * t * t, t**3], 1) @ points[n : n + 4])
    return np.concatenate(found)


def _boxes(boxes: Iterable[Box]) -> Array:
    return np.array(list(boxes)).reshape(-1, 4)


def _inside(points: Array, boxes: Array, margin: float | Array, many: int = 1) -> Array:
    """Of each box, whether so many of the points lie in it and farther from its sides than the margin."""
    if not len(points):
        return np.zeros(len(boxes), bool)
    least, most = boxes[:, :2] + np.reshape(margin, (-1, 1)), boxes[:, 2:] - np.reshape(margin, (-1, 1))
    met: Array = ((points.max(0) > least) & (points.min(0) < most)).all(1)  # most are far away from all of them
    met[met] = ((points[:, None] > least[met]) & (points[:, None] < most[met])).all(2).sum(0) >= many
    return met


def _outside(point: Array, box: Box) -> float:
    """How far a point is outside of a box, less than 0 in it."""
    return float(max(np.maximum(np.array(box[:2]) - point, point - np.array(box[2:]))))


def _near(points: Array, others: Array, distance: float) -> Array:
    """Of each point whether one of the others is as near as that."""
    near: Array = np.zeros(len(points), bool)
    if len(others):  # most are far away from all of them
        near = ((points > others.min(0) - distance) & (points < others.max(0) + distance)).all(1)
        near[near] = (np.linalg.norm(points[near, None] - others, axis=2) < distance).any(1)
    return near


def _canvas(root: ET.Element) -> Box:
    ground = next(root.iter(f"{SVG}polygon"))
    return _around(_points(ground))
