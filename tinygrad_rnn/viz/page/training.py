"""The page of a training: steps of training down, time steps across, the size of dL/dh_t as colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Any

from ...explain.flow import Flow, GradientFlow
from ..numbers import largest
from ..style import Scale
from .content import digits
from .parts import assembled

#: What a screen can show and a browser can draw at once: rows, time steps, and squares of all states together.
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 400, 250, 400_000

Look = tuple[int, float, GradientFlow]  #: step of training, loss, what became of the gradient


def page_of(looks: Sequence[Look], title: str, goes_on: bool = False) -> str:
    """The page of what was seen at some steps of training.

    Of more than ``MOST_ROWS`` looks it shows some, evenly spaced, but rather those whose gradient is broken; of more
    than ``MOST_COLUMNS`` time steps it joins neighbours and shows the largest. The page says so.

    Args:
        looks: in the order of the steps, at least one.
        title: the head of the page.
        goes_on: whether more is to come; the page then reloads itself.
    """
    names = list(dict.fromkeys(flow.name for _, _, flows in looks for flow in flows))
    flows_of = {name: [flow for _, _, flows in looks for flow in flows if flow.name == name] for name in names}
    times = {name: sorted({time for flow in flows for time in flow.times}) for name, flows in flows_of.items()}
    columns = min(max(map(len, times.values())), MOST_COLUMNS)
    rows = _thinned(looks, min(MOST_ROWS, max(2, MOST_CELLS // (columns * len(names)))))
    main = looks[-1][2].main.name
    content = {
        "title": title,
        "goesOn": goes_on,
        "records": len(looks),
        "steps": [step for step, _, _ in rows],
        "losses": [digits(loss) for _, loss, _ in rows],
        "main": names.index(main),
        "states": [_state(name, times[name], rows) for name in names],
    }
    return assembled("training", title, content)


def _thinned(looks: Sequence[Look], most: int) -> list[Look]:
    """Up to ``most`` of them: the first, and then of each group one that is broken or else the last."""
    if len(looks) <= most:
        return list(looks)
    first, *rest = looks
    groups = [rest[a:b] for a, b in pairwise(len(rest) * n // (most - 1) for n in range(most))]
    return [first, *(next((look for look in group if not _is_sound(look)), group[-1]) for group in groups)]


def _is_sound(look: Look) -> bool:
    return math.isfinite(look[1]) and all(math.isfinite(size) for flow in look[2] for size in flow.sizes)


def _state(name: str, times: Sequence[int], rows: Sequence[Look]) -> dict[str, Any]:
    """The squares of one state, row by row, with two scales: of the sizes, and of their ratio to the last step's."""
    joined = -(-len(times) // MOST_COLUMNS)
    groups = [times[start : start + joined] for start in range(0, len(times), joined)]
    sizes: list[list[float | None]] = []
    lasts: list[float | None] = []
    verdicts, sentences, ratios = [], [], []
    for _, _, flows in rows:
        flow = next((flow for flow in flows if flow.name == name), Flow(name, (), (), None, ()))
        found = dict(zip(flow.times, flow.sizes, strict=True))
        last = flow.sizes[-1] if flow.sizes and 0 < flow.sizes[-1] < math.inf else None
        sizes.append([largest(map(found.get, group)) for group in groups if found])
        lasts.append(last)
        ratios += [size / last for size in sizes[-1] if last and size is not None]
        verdicts.append(flow.verdict if found else "")
        sentences.append(flow.sentence if found else "")
    return {
        "name": name,
        "times": [str(group[0]) if len(group) == 1 else f"{group[0]}-{group[-1]}" for group in groups],
        "joined": joined,
        # Three digits are more than a colour tells.
        "sizes": [[None if size is None else digits(size, 3) for size in row] for row in sizes],
        "lasts": [None if last is None else digits(last, 3) for last in lasts],
        "verdicts": verdicts,
        "sentences": sentences,
        "scales": {
            kind: [scale.low, scale.high]
            for kind, scale in (("absolute", Scale.over(chain(*sizes))), ("relative", Scale.over(ratios)))
        },
    }
