"""What DOT text and SVG say, read back for the tests of the pictures."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations

Box = tuple[float, float, float, float]
SVG = "{http://www.w3.org/2000/svg}"


def texts_of(svg: str) -> list[str]:
    """Every piece of text of a picture."""
    return ["".join(text.itertext()).strip() for text in ET.fromstring(svg).iter(f"{SVG}text")]


def boxes_in(dot: str) -> dict[str, Box]:
    """Left, bottom, right, top of every node that says where it is and how large."""
    found = {}
    for line in dot.splitlines():
        at = re.match(r'(\w+) \[.*?pos="(-?[\d.]+),(-?[\d.]+)!"', line)
        if at is None or "style=invis" in line:
            continue
        inches = re.search(r" width=([\d.]+) height=([\d.]+) ", line)
        table = re.search(r'<TABLE[^>]* WIDTH="(\d+)" HEIGHT="(\d+)"', line)
        size = (
            [float(v) * 72 for v in inches.groups()]
            if inches
            else [float(v) for v in table.groups()]
            if table
            else None
        )
        if size is not None:
            x, y = float(at[2]), float(at[3])
            found[at[1]] = (x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2)
    return found


def overlapping(boxes: dict[str, Box]) -> list[tuple[str, str]]:
    """The pairs that share more than their borders."""
    return [
        (a, b)
        for (a, (l1, b1, r1, t1)), (b, (l2, b2, r2, t2)) in combinations(boxes.items(), 2)
        if min(r1, r2) - max(l1, l2) > 0.6 and min(t1, t2) - max(b1, b2) > 0.6
    ]
