"""Titles: the names of scopes, moved to where no line of the drawing runs through them; ``dot`` does not look."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

from .label import text_width
from .numbers import Array

#: Before a title and after it, around it, and between it and the end of its frame.
ASIDE, FREE, END = 4, 4.0, 12.0
#: How a curve runs that is given by four points, in so many others.
_ALONG = np.linspace(0, 1, 200)[:, None]
_WEIGHTS = np.hstack([(1 - _ALONG) ** (3 - n) * _ALONG**n * (1, 3, 3, 1)[n] for n in range(4)])

_SCOPE = re.compile(r'<title>(cluster_\d+)</title>\n<polygon [^>]*points="([^"]*)"/>\n((?:<text .*\n)+)')
_WORDS = re.compile(r'<text [^>]*?x="([^"]*)" y="([^"]*)"[^>]* font-size="([^"]*)"[^>]*>([^<]*)<')


def cleared(text: str, svg: str) -> str:
    """The text of a picture, drawn as ``svg``, with its titles moved along their frames to where they are free."""
    paths = [_points(path) for path in re.findall(r'<path [^>]*\bd="([^"]*)"', svg)]
    curves = np.reshape([path[n : n + 4] for path in paths for n in range(0, len(path) - 3, 3)], (-1, 4, 2))
    least, most = curves.min(1), curves.max(1)
    for name, frame, titles in _SCOPE.findall(svg):
        said = [(*map(float, place), words.replace("&#160;", " ")) for *place, words in _WORDS.findall(titles)]
        left = min(x for x, *_ in said)
        wide = max(x + text_width(words, size, bold=True) for x, _, size, words in said) - left
        top, bottom = min(y - size for _, y, size, _ in said) - FREE, max(y for _, y, *_ in said) + FREE
        right = _points(frame)[:, 0].max() - END + FREE
        near = ((least < (right, bottom)) & (most > (left - FREE, top))).all(1)
        x, y = (_WEIGHTS @ curves[near]).reshape(-1, 2).T
        met = x[(y > top) & (y < bottom) & (x > left - FREE) & (x < right)]
        free = [a + FREE for a, b in pairwise([left - FREE, *sorted(met), right]) if b - a >= wide + 2 * FREE]
        if free and free[0] > left:
            before, scope, after = text.partition(f"subgraph {name} {{\n")
            label, end, rest = after.partition("\n")
            wider = f'<TR><TD WIDTH="{ASIDE + int(free[0] - left)}">'
            text = before + scope + label.replace(f'<TR><TD WIDTH="{ASIDE}">', wider) + end + rest
    return text


def _points(text: str) -> Array:
    """The points of a path or a polygon."""
    return np.array(re.findall(r"-?[\d.]+(?:e-?\d+)?", text), float).reshape(-1, 2)
