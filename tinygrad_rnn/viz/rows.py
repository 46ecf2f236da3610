"""Rows: where the cards of one block (a time step, the head) lie so that every arrow points to a later row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, combinations, pairwise, product
from math import inf
from operator import add

Key = Hashable
#: What stands in a row: a card, or the passage of a long edge (edge number, row).
Item = Key
Lane = Sequence[Item]
Edges = Sequence[tuple[Key, Key]]
#: Every edge as the chain of items it joins: a card, its passages through the rows between, a card.
Chains = Sequence[Sequence[Item]]
Links = Mapping[Item, Sequence[tuple[Item, float]]]

#: Room for a pair of lines, forward and backward, that passes between cards.
PASSAGE = 24.0
BETWEEN = 12.0
#: What it costs when an edge passes a row, and when two cross, in square points of area.
PASSED, CROSSED = 27000.0, 30000.0
#: There are many steps side by side in the width of a page: what is wider than this costs so many times its area.
ROOM, DEAR = 320.0, 4.0
#: How often the rows are moved in turns; a chain of cards needs some to agree.
SWEEPS = 60


@dataclass
class Block:
    """Rows are counted from where the data comes in; x is 0 at the left end of the widest row."""

    row: dict[Key, int] = field(default_factory=dict)
    x: dict[Key, float] = field(default_factory=dict)
    via: dict[int, list[float]] = field(default_factory=dict)  #: for every edge its x in each of the rows it passes
    width: float = 0.0

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return 1 + max(self.row.values(), default=-1)


def arrange(
    keys: Sequence[Key], edges: Edges, width: float, height: float,
    *, left: Collection[Key] = (), right: Collection[Key] = (), widest: int = 4, high: float = inf,
) -> Block:  # fmt: skip
    """Put ``keys`` (in topological order) into rows so that the block is compact and its edges short and clear.

    Several numbers of cards a row and two orders of filling are tried; the cheapest result is taken: its area, plus
    a price for every row an edge has to pass and for every crossing. ``left`` and ``right`` are the keys that would
    like to be at that side, because something comes in or goes out there; ``width`` is that of a card, ``height`` that
    of a row; more rows than ``high`` are as dear as too much width.
    """
    best, least, tried = Block(), inf, []
    for most, deep_first in product(range(1, max(1, min(widest, len(keys))) + 1), (False, True)):
        row = _layer(keys, edges, most, deep_first)
        if row in tried:
            continue
        tried.append(row)
        chains = [[u, *(("pass", n, r) for r in range(row[u] + 1, row[v])), v] for n, (u, v) in enumerate(edges)]
        passages = Counter(n for u, v in edges for n in range(row[u] + 1, row[v]))
        cards = Counter(row.values())
        needed = max((cards[n] * (width + BETWEEN) + passages[n] * (PASSAGE + BETWEEN) for n in cards), default=0.0)

        def price(wide: float, crossings: int, rows: int = len(cards), passed: int = passages.total()) -> float:
            area = (wide + DEAR * max(0.0, wide - ROOM)) * (rows + DEAR * max(0.0, rows - high)) * height
            return area + PASSED * passed + CROSSED * crossings

        # What is dearer even if it needs no more room than its widest row is not looked at any further.
        if price(needed - BETWEEN - 1, 0) < least:
            lanes, crossings = _order(keys, chains, row, left, right)
            if price(needed - BETWEEN - 1, crossings) < least:
                block = _place(lanes, chains, row, width)
                if (cost := price(block.width, crossings)) < least:
                    best, least = block, cost
    return best


def _layer(keys: Sequence[Key], edges: Edges, most: int, deep_first: bool) -> dict[Key, int]:
    """Fill the rows from the last to the first, at most ``most`` cards a row; then shorten the edges."""
    before, after = defaultdict[Key, set[Key]](set), defaultdict[Key, set[Key]](set)
    for u, v in edges:
        before[v].add(u)
        after[u].add(v)
    rank = {key: n for n, key in enumerate(keys)}
    depth: dict[Key, int] = {}
    for key in keys:
        depth[key] = 1 + max((depth[u] for u in before[key]), default=0)
    level: dict[Key, int] = {}  # counted from the end
    current = 0
    while len(level) < len(keys):
        ready = [k for k in keys if k not in level and all(level.get(v, current) < current for v in after[k])]
        ready.sort(key=lambda k: (-depth[k] if deep_first else depth[k], -rank[k]))
        level |= dict.fromkeys(ready[:most], current)
        current += 1
    row = {key: current - 1 - level[key] for key in keys}
    count = Counter(row.values())
    for key in keys:  # what has more arguments than readers moves towards its arguments
        lowest = 1 + max((row[u] for u in before[key]), default=row[key] - 1)
        if len(before[key]) > len(after[key]) and lowest < row[key]:
            target = next((r for r in range(lowest, row[key]) if count[r] < most), row[key])
            count[row[key]] -= 1
            count[target] += 1
            row[key] = target
    used = {old: new for new, old in enumerate(sorted(set(row.values())))}
    return {key: used[row[key]] for key in keys}


def _order(
    keys: Sequence[Key], chains: Chains, row: Mapping[Key, int], left: Collection[Key], right: Collection[Key]
) -> tuple[list[list[Item]], int]:
    """The items of every row from left to right, with few crossings (barycentres, then swaps of neighbours)."""
    lanes: list[list[Item]] = [[] for _ in range(1 + max(row.values()))]
    for key in keys:
        lanes[row[key]].append(key)
    links: dict[Item, list[tuple[Item, int]]] = defaultdict(list)  # neighbour, and on which side (-1 before, 1 after)
    for chain in chains:
        for n, item in enumerate(chain[1:-1], start=row[chain[0]] + 1):
            lanes[n].append(item)
        for a, b in pairwise(chain):
            links[a].append((b, 1))
            links[b].append((a, -1))
    where = {item: spot for lane in lanes for item, spot in _spots(lane).items()}
    best, least = [*map(list, lanes)], 2 * _crossings(lanes, links) + _unwanted(lanes, left, right)
    for sweep in range(8 if least else 0):
        side = -1 if sweep % 2 == 0 else 1
        for lane in lanes if side < 0 else reversed(lanes):
            pull = {}
            for item in lane:
                seen = [where[other] for other, s in links[item] if s == side or sweep > 3]
                seen += [-0.6] * (item in left) + [1.6] * (item in right)
                pull[item] = sum(seen) / len(seen) if seen else where[item]
            lane.sort(key=pull.__getitem__)
            where |= _spots(lane)
        position = {item: i for lane in lanes for i, item in enumerate(lane)}
        for lane in lanes:
            for i in range(len(lane) - 1):
                a, b = lane[i], lane[i + 1]
                # What stands between cards and the side they would like to be at changes with the order of cards alone.
                worse = (a in left) - (b in left) - (a in right) + (b in right)
                worse = 0 if _is_passage(a) or _is_passage(b) else worse
                if _pair(b, a, links, position) + worse < _pair(a, b, links, position):
                    lane[i], lane[i + 1] = b, a
                    position[a], position[b] = i + 1, i
            where |= _spots(lane)
        price = 2 * _crossings(lanes, links) + _unwanted(lanes, left, right)
        if price < least:
            best, least = [list(lane) for lane in lanes], price
    return best, _crossings(best, links)


def _spots(lane: Sequence[Item]) -> dict[Item, float]:
    """Where the items of a row are, from 0 to 1."""
    return {item: i / (len(lane) - 1) if len(lane) > 1 else 0.5 for i, item in enumerate(lane)}


def _crossings(lanes: Sequence[Lane], links: Mapping[Item, Sequence[tuple[Item, int]]]) -> int:
    position = {item: i for lane in lanes for i, item in enumerate(lane)}
    pairs = (pair for lane in lanes for pair in combinations(lane, 2))
    return sum(_pair(a, b, links, position) for a, b in pairs) // 2  # each is seen from both of its rows


def _pair(a: Item, b: Item, links: Mapping[Item, Sequence[tuple[Item, int]]], position: Mapping[Item, int]) -> int:
    """How often the links of ``a`` cross those of ``b``, which stands at the right of it."""
    return sum(1 for p, side in links[a] for q, other in links[b] if side == other and position[p] > position[q])


def _unwanted(lanes: Sequence[Lane], left: Collection[Key], right: Collection[Key]) -> int:
    """How many cards stand between a card and the side it would like to be at."""
    total = 0
    for lane in lanes:
        cards = [item for item in lane if not _is_passage(item)]
        total += sum(i for i, item in enumerate(cards) if item in left)
        total += sum(i for i, item in enumerate(reversed(cards)) if item in right)
    return total


def _is_passage(item: Item) -> bool:
    return isinstance(item, tuple) and len(item) == 3 and item[0] == "pass"


def _place(lanes: Sequence[Lane], chains: Chains, row: Mapping[Key, int], width: float) -> Block:
    """x for every item: in turns, every row moves as close to its neighbours' mean as the order allows."""
    half = {item: (PASSAGE if _is_passage(item) else width) / 2 for lane in lanes for item in lane}
    links: dict[Item, list[tuple[Item, float]]] = defaultdict(list)
    for a, b in (pair for chain in chains for pair in pairwise(chain)):
        # Cards keep in line with cards; a passage follows its cards and gives way to others.
        bend = _is_passage(a) is not _is_passage(b)
        weight = 0.005 if bend else 1.0 if _is_passage(a) else 4.0
        links[a].append((b, weight))
        links[b].append((a, weight))
    x: dict[Item, float] = {}
    for lane in lanes:
        at = 0.0
        for item in lane:
            x[item] = at + half[item]
            at += 2 * half[item] + BETWEEN
        for item in lane:
            x[item] -= (at - BETWEEN) / 2
    pulls = []  # of every row: what it needs to the left of each item, who pulls it and how hard all do
    for lane in lanes:
        steps = (half[a] + half[b] + BETWEEN for a, b in pairwise(lane))
        near = [links[item] for item in lane]
        # A weak pull to the middle of the block, which is 0.
        middle = (0.0 if _is_passage(item) else 0.1 for item in lane)
        totals = [rest + sum(weight for _, weight in pull) for rest, pull in zip(middle, near, strict=True)]
        pulls.append((lane, list(accumulate(steps, initial=0.0)), near, totals))
    for sweep in range(SWEEPS):
        for lane, shifts, near, totals in pulls if sweep % 2 else reversed(pulls):
            wanted = [
                sum([x[other] * weight for other, weight in pull]) / total - shift
                for pull, total, shift in zip(near, totals, shifts, strict=False)
            ]
            x.update(zip(lane, map(add, shifts, _monotone(wanted, totals)), strict=False))
    _snap(lanes, links, x, half)
    low = min((x[item] - reach for item, reach in half.items()), default=0.0)
    high = max((x[item] + reach for item, reach in half.items()), default=0.0)
    x = {item: float(round(value - low)) for item, value in x.items()}
    via = {n: [x[item] for item in chain[1:-1]] for n, chain in enumerate(chains)}
    return Block(dict(row), {key: x[key] for key in row}, via, float(round(high - low)))


def _snap(lanes: Sequence[Lane], links: Links, x: dict[Item, float], half: Mapping[Item, float]) -> None:
    """Bring what is nearly in line with a neighbour, or with any other card, into line where there is room."""
    cards = [item for lane in lanes for item in lane if not _is_passage(item)]
    for lane in reversed(lanes):
        for n, item in enumerate(lane):
            near = [other for other, _ in links[item] if _is_passage(other) is _is_passage(item)]
            near = [other for other in near if 0 < abs(x[other] - x[item]) < 24]
            if not _is_passage(item):
                near += [other for other in cards if 0 < abs(x[other] - x[item]) < 12]
            crowd = Counter(x[other] for other in cards) if near else {}
            for other in sorted(near, key=lambda found: -crowd[x[found]]):
                room = [half[a] + half[b] + BETWEEN - 1 for a, b in pairwise(lane[max(0, n - 1) : n + 2])]
                clear_left = n == 0 or x[other] - x[lane[n - 1]] >= room[0]
                clear_right = n + 1 == len(lane) or x[lane[n + 1]] - x[other] >= room[-1]
                if clear_left and clear_right:
                    x[item] = x[other]
                    break


def spread(wanted: Sequence[float], sizes: Sequence[float], between: float) -> list[float]:
    """Positions in the given order, as close as possible to the ``wanted`` ones, that leave room for all ``sizes``."""
    shifts = [0.0]
    for a, b in pairwise(sizes):
        shifts.append(shifts[-1] + (a + b) / 2 + between)
    free = _monotone([value - shift for value, shift in zip(wanted, shifts, strict=False)], [1.0] * len(wanted))
    return [value + shift for value, shift in zip(free, shifts, strict=False)]


def _monotone(wanted: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The non-decreasing sequence closest to ``wanted`` (pool adjacent violators)."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(wanted, weights, strict=True):
        count = 1
        while pools and pools[-1][0] > value:
            other, heavy, many = pools.pop()
            value = (value * weight + other * heavy) / (weight + heavy)
            weight, count = weight + heavy, count + many
        pools.append((value, weight, count))
    return [value for value, _, count in pools for _ in range(count)]
