"""Deep: a graph that goes down too far for one column goes on in others beside it, as a text does in a newspaper."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from .label import bare, row, worded
from .scene import grouped
from .style import LEAST, WIDEST, Theme

#: An edge: its ends as the data goes, its statement, and from what to what it leads.
Written = tuple[tuple[str, str], str, str]

#: A column has up to about so many rows; what comes after them stands at the right of it.
ROWS = 12
#: What reads more values than these of another column has one mark for all of them.
FEW = 3
#: So much room has the name of what goes on in another column, and so much is between columns.
MARK, BETWEEN = 80, 34


def columns_of(
    links: Collection[tuple[str, str]], rows: Mapping[str, int], deep: int, room: int, whole: Collection[int]
) -> dict[str, int]:
    """In which column every card of a deep graph stands, if cards that need so much ``room`` fit into several.

    No column begins with one of the rows that are ``whole`` with those above them, as steps with a loop are.
    """
    if any(end not in rows for ends in links for end in ends):
        return {}
    broad = max(Counter(rows.values()).values(), default=1)
    for many in range(min(-(-deep // (ROWS + bool(whole))), int(WIDEST // (room + BETWEEN))), 1, -1):
        columns = _cut(links, rows, deep, many, whole)
        cards = Counter((columns[name], row) for name, row in rows.items())
        wide = Counter({place: count * room for place, count in cards.items()})
        apart = [ends for ends in links if columns[ends[0]] != columns[ends[1]]]
        crowded = _crowded(apart, columns)
        ends = {(target, columns[source] if target in crowded else source) for source, target in apart}
        marks = [(columns[target], rows[target] - 1) for target, _ in ends]
        for place in marks + [(columns[source], rows[source] + 1) for source in {source for source, _ in apart}]:
            wide[place] += MARK
        broadest = [max((width for (column, _), width in wide.items() if column == n), default=0) for n in range(many)]
        tallest = max(Counter(column for column, _ in cards).values(), default=0)
        fits = sum(broadest) + many * BETWEEN <= WIDEST
        if whole:  # columns are as broad as they are, and each makes the picture shorter
            fits = sum(broadest) + room <= WIDEST and tallest <= deep - (many - 1) * ROWS // 2
        if fits and (crowded or whole or many * (broad * room + BETWEEN) <= WIDEST):
            return columns
    return {}


def _crowded(links: Iterable[tuple[str, str]], columns: Mapping[str, int]) -> set[str]:
    """What reads so many values of another column that they have one mark."""
    apart = {ends for ends in links if columns[ends[0]] != columns[ends[1]]}
    many = Counter((target, columns[source]) for source, target in apart)
    return {target for (target, _), count in many.items() if count > FEW}


def _cut(
    links: Collection[tuple[str, str]], rows: Mapping[str, int], deep: int, many: int, whole: Collection[int]
) -> dict[str, int]:
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
        free = [row for row in range(ends[-1] + 1, deep) if row not in whole] or ends[-1:]
        ends.append(min(free, key=lambda row: (row not in near, crossing[row] * (row in near), abs(row - n * each))))
    columns = {name: sum(1 for end in ends if row >= end) - 1 for name, row in rows.items()}
    made = {target for _, target in links}  # all else stands where it is read first
    return columns | {source: columns[target] for source, target in reversed([*links]) if source not in made}


def in_order(
    columns: Mapping[str, int], rows: Mapping[str, int], bound: str, near: int = 1, mark: str = "w"
) -> list[str]:
    """Invisible marks from left to right, which keep columns in their order.

    Each is above its column, or a ``mark`` "u" below it, ``bound`` to so many of what is ``near``: more of them keep
    more columns in order.
    """
    many = 1 + max(columns.values(), default=-1)
    inside = [sorted((rows[name], name) for name in columns if columns[name] == n) for n in range(many)]
    ends = [(f"{mark}{n}", name)[:: 1 if mark == "w" else -1] for n in range(many) for _, name in inside[n][:near]]
    return [
        f"subgraph order_{mark} {{",
        "graph [rank=same]",
        *(f'{mark}{n} [shape=point style=invis width=0 height=0 label=""]' for n in range(many)),
        *(f"{mark}{n - 1} -> {mark}{n} [style=invis]" for n in range(1, many)),
        "}",
        *(f"{' -> '.join(each)} [style=invis {bound}]" for each in ends),
    ] * (many > 0)


def broken(
    edges: Iterable[Written], columns: dict[str, int], put: Callable[[str], None], theme: Theme, backwards: bool,
    total: Callable[[Sequence[tuple[str, str]], str, str], str],
) -> list[tuple[tuple[str, str], str]]:  # fmt: skip
    """The edges, in two pieces what leads to another column; at both ends is ``put`` the name of what goes on.

    That is the value, or where arrows go ``backwards`` the gradient, into which one line leads with the ``total`` of
    several, from what to what and with which words.
    """
    found: list[tuple[tuple[str, str], str]] = []
    marks: dict[tuple[str, int, bool], str] = {}
    forward: set[tuple[str, str]] = set()
    edges = [*edges]
    if backwards:  # into what a gradient is multiplied by goes that gradient
        crowded = {ends[1] for ends, text, _ in edges if " dir=none " in text}
    else:
        crowded = _crowded((ends for ends, *_ in edges), columns)
    said = grouped(((target, columns[source]), note.split(" -> ")[0]) for (source, target), _, note in edges)
    back: dict[tuple[str, str], int] = {}  #: where the line back to a mark is among those found
    parts: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)

    def mark(source: str, target: str, words: str, out: bool) -> str:
        of_target = target in crowded and (backwards or not out)
        key = (target, columns[source]) if of_target else (source, columns[target])
        name = marks.setdefault((*key, out), f"on{len(marks)}")
        if name not in columns:
            words = " .. ".join(dict.fromkeys(said[key][:: max(len(said[key]) - 1, 1)])) if of_target else words
            table = bare(row(worded(words, MARK, 16, theme.muted, LEAST)), cellpadding=0)
            put(f'{name} [label=<{table}> class="on"]')
            columns[name] = columns[source if out else target]
        return name

    for (source, target), text, note in edges:
        if columns[source] == columns[target] or not note:  # what only keeps cards in order has none
            above = source if columns[source] == columns[target] else marks.get((source, columns[target], False))
            found += [((above, target), text.replace(source, above, 1))] if above else []
            continue
        words, (head, looks) = note.split(" -> ")[-1 if backwards else 0], text.split(" [", 1)
        for out in (True, False):
            name = mark(source, target, words, out)
            between = [name if end == (target if out else source) else end for end in head.split(" -> ")]
            ends = (source, name) if out else (name, target)
            written = (ends, f"{' -> '.join(between)} [{looks}")
            goes = 'class="forward' in looks
            if backwards and out:
                parts[ends].append((source, target))
                if (n := back.setdefault(ends, len(found))) == len(found):
                    found.append(written)
                else:
                    found[n] = ends, total(parts[ends], " -> ".join(between), words)
            elif goes or out or target not in crowded:
                if ends not in forward or not goes:  # several that read it there have one line to it
                    found.append(written)
            elif (n := back.setdefault(ends, len(found))) == len(found):
                found.append(written)
            else:  # of those to one mark the widest
                found[n] = max(found[n], written, key=lambda each: _pen(each[1]))
            forward |= {ends} if goes else set()
    return found


def _pen(text: str) -> float:
    """How wide a line is."""
    return float(re.findall(r"penwidth=([\d.]+)", text)[0])
