"""Deep: a graph that goes down too far for one column goes on in others beside it, as a text does in a newspaper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

from .label import bare, row, worded
from .style import LEAST, WIDEST, Theme

#: An edge: its ends as the data goes, its statement, and from what to what it leads.
Written = tuple[tuple[str, str], str, str]

#: A column has up to about so many rows; what comes after them stands at the right of it.
ROWS = 14
#: So much room has the name of what goes on in another column, and so much is between columns.
MARK, BETWEEN = 80, 34


def columns_of(links: Collection[tuple[str, str]], rows: Mapping[str, int], deep: int, room: int) -> dict[str, int]:
    """In which column every card of a deep graph stands, if cards that need so much ``room`` fit into several."""
    if any(end not in rows for ends in links for end in ends):
        return {}
    broad = max(Counter(rows.values()).values(), default=1)
    for many in range(min(-(-deep // ROWS), int(WIDEST // (broad * room + BETWEEN))), 1, -1):
        columns = _cut(links, rows, deep, many)
        cards = Counter((columns[name], row) for name, row in rows.items())
        wide = Counter({place: count * room for place, count in cards.items()})
        apart = [ends for ends in links if columns[ends[0]] != columns[ends[1]]]
        marks = {(columns[target], rows[target] - 1, source) for source, target in apart}
        for *place, _ in marks | {(columns[source], rows[source] + 1, source) for source, _ in apart}:
            wide[place[0], place[1]] += MARK
        broadest = [max(width for (column, _), width in wide.items() if column == n) for n in range(many)]
        if sum(broadest) + many * BETWEEN <= WIDEST:
            return columns
    return {}


def _cut(links: Collection[tuple[str, str]], rows: Mapping[str, int], deep: int, many: int) -> dict[str, int]:
    """The cards in so many columns, of which few lines lead to another one."""
    crossing: Counter[int] = Counter()  # how many values are read across the upper end of a row
    reach: dict[str, int] = {}
    for source, target in links:
        reach[source] = max(reach.get(source, 0), rows[target])
    for source, last in reach.items():
        crossing.update(range(rows[source] + 1, last + 1))
    each, ends = deep / many, [0]
    for n in range(1, many):
        near = range(int((n - 1 / 3) * each) + 1, int((n + 1 / 3) * each) + 1)
        ends.append(min(near, key=lambda row: (crossing[row], abs(row - n * each))))
    return {name: sum(1 for end in ends if row >= end) - 1 for name, row in rows.items()}


def in_order(columns: Mapping[str, int], rows: Mapping[str, int]) -> list[str]:
    """Invisible marks from left to right, each above its column, which keep the columns in their order."""
    many = 1 + max(columns.values(), default=-1)
    firsts = [min((rows[name], name) for name in columns if columns[name] == n)[1] for n in range(many)]
    if not firsts:
        return []
    return [
        "subgraph order {",
        "graph [rank=same]",
        *(f'w{n} [shape=point style=invis width=0 height=0 label=""]' for n in range(many)),
        *(f"w{n - 1} -> w{n} [style=invis]" for n in range(1, many)),
        "}",
        *(f"w{n} -> {name} [style=invis weight=8]" for n, name in enumerate(firsts)),
    ]


def broken(
    edges: Iterable[Written], columns: dict[str, int], put: Callable[[str], None], theme: Theme, backwards: bool
) -> list[tuple[tuple[str, str], str]]:
    """The edges, in two pieces what leads to another column; at both ends is ``put`` the name of what goes on.

    That is the value, or where arrows go ``backwards`` the gradient that they add up to.
    """
    found: list[tuple[tuple[str, str], str]] = []
    marks: dict[tuple[str, int, bool], str] = {}
    forward: set[tuple[str, str]] = set()

    def mark(source: str, target: str, words: str, out: bool) -> str:
        name = marks.setdefault((source, columns[target], out), f"on{len(marks)}")
        if name not in columns:
            table = bare(row(worded(words, MARK, 16, theme.muted, LEAST)), cellpadding=0)
            put(f'{name} [label=<{table}> class="on"]')
            columns[name] = columns[source if out else target]
        return name

    for (source, target), text, note in edges:
        if columns[source] == columns[target]:
            found.append(((source, target), text))
            continue
        words, (head, looks) = note.split(" -> ")[-1 if backwards else 0], text.split(" [", 1)
        for out in (True, False):
            name = mark(source, target, words, out)
            between = [name if end == (target if out else source) else end for end in head.split(" -> ")]
            ends = (source, name) if out else (name, target)
            if ends not in forward or "forward" not in looks:  # several that read it there have one line to it
                found.append((ends, f"{' -> '.join(between)} [{looks}"))
            forward |= {ends} if "forward" in looks else set()
    return found
