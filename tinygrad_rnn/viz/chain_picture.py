"""The picture of a backward pass: gradients as cards, what they are multiplied by between them, sums over time."""

from __future__ import annotations

import math
import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import count

from .card import HEADER, NAME, NEXT_LINE, ROW, WIDTH, WORDS, Card, numbers_table, parameter_lines
from .chain import Chain, Link, Sum
from .dot import Writer, extents_of, widest, wrapping, write_steps
from .grid import GUTTER, Grid, grid_of
from .label import Row, bare, cell, fitted, row, stacked, text_width, worded
from .label import lines_of as wrapped
from .layered import Layered, within
from .numbers import Array, grid_lines, number, shape, size
from .routes import Line, lines_of
from .scene import Node
from .style import Scale, Setting, Theme
from .wrap import NAMES, Wrap

#: A table like HTML and its height.
Table = tuple[str, int]

#: Between rows; the arrows are short because what they multiply with stands on them.
GAP = 20.0
#: Room that other views need for strips above the steps.
STRIP = 26.0
#: Room around the sums below the steps.
PITCH, BETWEEN = 12.0, 34.0
#: Between the parts of one step, which a sign stands in.
APART = 18


def chain_dot(chain: Chain, setting: Setting) -> str:
    """The picture of a backward pass."""
    scene = chain.scene
    cards = {node.id: _card(node, chain, setting) for node in scene.nodes}
    if not scene.frames:
        return _layered(chain, cards, setting)
    writer = Writer(setting)
    firsts = {min(part.frame for part in one.parts if part.frame is not None) for one in chain.sums}
    grid = grid_of(scene, cards, gap=GAP, widest=widest(setting), beside=firsts)
    grid.panels = [panel._replace(top=panel.top - STRIP) for panel in grid.panels]
    lines = [_through(line, chain) for line in lines_of(scene, grid, apart=0.0) if line.size is not None]
    boxes = extents_of(grid, cards, lines)
    tops: list[float] = []
    if chain.sums:
        right_end = max(panel.right for panel in grid.panels)
        if any(part.frame is None for one in chain.sums for part in one.parts):
            right_end += GUTTER + WIDTH + 20
        # Nothing that hangs lower than the steps may be in the way of the sums.
        room = Wrap(grid.cuts, [box for box in boxes if box[0] < right_end])
        tops = [low - BETWEEN for low in room.bottoms]
        ends = _write_sums(Writer(setting, room), chain.sums, grid, tops)
        floors = [ends[bisect(grid.cuts, panel.left)] for panel in grid.panels]
        grid.panels = [panel._replace(bottom=floor) for panel, floor in zip(grid.panels, floors, strict=True)]
        boxes += [panel[1:] for panel in grid.panels]
        left = grid.panels[0].left - GUTTER - WIDTH
        boxes.append((left, floors[0], left, floors[0]))
    writer.open()
    with wrapping(writer, scene, grid, lines, boxes, _words(chain)):
        _write_sums(writer, chain.sums, grid, tops)
        write_steps(writer, scene, grid, cards)
    return writer.close()


def _words(chain: Chain) -> list[str]:
    """What the legend says of the view."""
    texts = [" ".join(_said(link)) for link in chain.links.values()]
    sized = any(link.factor.startswith("size x") for link in chain.links.values())
    green = "green: parameters; " * (bool(chain.sums) or any(node.learnt for node in chain.scene.nodes))
    shares = [part.share for one in chain.sums for part in one.parts]
    arrives = "; g is what arrives" * any(re.search(r"\bg\b", text) for text in texts)
    below, above = any(share < -0.005 for share in shares), any(share > 1.005 for share in shares)
    against = "below 0 %: against the sum" + ", so others exceed 100 %" * above
    return (
        [f"plain boxes: the local derivative{arrives}"] * bool(texts)
        + ["through + *: that of these operations together"] * any("through" in text for text in texts)
        + ["size x 2: this gradient becomes twice as large"] * sized
        + [f"{green}dark frame: the loss"]
        + ["%: share of the sum (projected on it)"] * bool(shares)
        + [against if below else "above 100 %: small parts are against the sum"] * (below or above)
    )


def chain_scale(chain: Chain) -> Scale:
    """The scale that covers all gradients of the chain."""
    sums = (size(each) for one in chain.sums for each in (one.total, *(part.amount for part in one.parts)))
    return Scale.over([*(node.size for node in chain.scene.nodes), *sums])


def _card(node: Node, chain: Chain, setting: Setting, parameters: Sequence[Node] = ()) -> Card:
    """What a gradient is multiplied by, or a gradient, with those of ``parameters`` that are made of it."""
    if node.id in chain.links:
        return Card(node, *_factor(chain.links[node.id], setting.theme))
    theme = setting.theme
    edge = theme.parameter if node.learnt else theme.text if node.kind == "loss" else None
    assert node.gradient is not None
    wide, same = int(WIDTH) - 2, chain.same
    given = [line for p in parameters for line in parameter_lines(p, wide, setting, p.name, same[p.id][-1])]
    return Card(node, *_gradient(node.gradient, node.name, None, setting, edge, same.get(node.id, ()), given))


def _gradient(
    amount: Array, name: str, share: str | None, setting: Setting, edge: str | None, same: Sequence[str] = (),
    given: Sequence[Row] = (),
) -> Table:  # fmt: skip
    """A card on the colour of a gradient: name, shape, its ``share`` of a sum or its size, its numbers, its equals."""
    look, border, bold = setting.look(size(amount)), 1 if edge is None else 2, share is None
    wide, sizes = int(WIDTH) - 2 * border, f"[{shape(amount)}]" if amount.ndim else ""
    single = bold and not amount.ndim  # whose size is the number
    right = (share or (number(amount.item()) if single else f"size {number(size(amount))}"), WORDS, not bold)
    *above, name = wrapped(name, wide - 4, NAME * 1.06 if bold else WORDS)
    parts = [part for part in ((name, NAME if bold else WORDS, bold), (sizes, WORDS, False), right) if part[0]]
    rooms = [int(text_width(text, points, bold=thick)) + 5 for text, points, thick in parts]

    def line(first: int, last: int) -> Row:
        """Some of the parts; the last has the rest of the room."""
        taken = [*rooms[first : last - 1], wide - sum(rooms[first : last - 1])]
        cells = "".join(
            worded(part[0], room, HEADER, look.ink, part[1], bold=part[2], align="RIGHT" if part is right else "LEFT")
            for part, room in zip(parts[first:last], taken, strict=True)
        )
        return cell(bare(row(cells), cellpadding=2), wide, HEADER, cellpadding=0), HEADER

    many = len(parts)
    lines = [line(0, many)] if sum(rooms) <= wide else [line(0, 1), line(1, many)]  # a long name has its own line
    lines[:0] = [(worded(each, wide, HEADER, look.ink, parts[0][1], bold=bold, align="LEFT"), HEADER) for each in above]
    numbers = grid_lines(amount, (wide - 4) // 6) if amount.size else (("empty",),)
    if numbers and not single:
        height = NEXT_LINE * len(numbers) + 4
        lines.append((cell(numbers_table(numbers, wide, look.ink), wide, height), height))
    equal = [f"= {each}" for each in same]
    while " ".join(equals := wrapped(equal, wide - 4, WORDS, 2)) != " ".join(equal) and len(equal) > 2:
        equal[-2:] = ["= .."]
    lines += [(worded(each, wide, ROW, look.ink, WORDS, align="LEFT"), ROW) for each in equals]
    frame = edge or (setting.theme.border if look.faint else look.line)
    return stacked([*lines, *given], WIDTH, border, frame, look.fill)


def _said(link: Link) -> list[str]:
    """What a gradient is multiplied by, in at most three lines."""
    parts = re.split("(?<=, then) ", link.text)
    texts = wrapped(parts if len(parts) > 1 else link.text, WIDTH - 6, WORDS)
    return [link.short] if link.short and " ".join(texts) != link.text else texts


def _factor(link: Link, theme: Theme) -> Table:
    """The same with numbers, between two pieces of an arrow."""
    wide, texts = int(WIDTH) - 2, _said(link)
    lines = [(cell(fitted(text, wide - 4, theme.text, WORDS, face="Arial"), wide, 14), 14) for text in texts]
    numbers = fitted(link.factor, wide - 4, theme.muted, WORDS, face="Courier New")
    lines += [(cell(numbers, wide, 13), 13)] * bool(link.factor)
    return stacked(lines, WIDTH, 1, theme.panel_border, theme.background, padding=0)


def _through(line: Line, chain: Chain) -> Line:
    """Without an arrow where a line only goes into a factor: it comes out again."""
    if line.head not in chain.links or line.tip is None:
        return line
    return line._replace(points=(*line.points[:-2], line.tip, line.tip), tip=None)


def _write_sums(writer: Writer, sums: Sequence[Sum], grid: Grid, tops: Sequence[float]) -> list[float]:
    """The sums over time, one row for every shared parameter, every part in the column of its step.

    ``tops`` are their upper ends in the lines of the picture, the result is where they end; a line has the rows of
    which parts stand there.
    """
    setting, marks, panels, lows = writer.setting, count(), grid.panels, list(tops)
    colour, after = setting.theme.muted, max(panel.right for panel in panels) + GUTTER - 10
    sides = {panel.frame: (panel.left, panel.right) for panel in panels}
    outside = len(sides)  # what is outside time comes last
    sides[outside] = (after, after + WIDTH + 20)

    def sign(words: str, x: float, y: float, points: int) -> None:
        writer.text(f"sign{next(marks)}", x, y, words, points, colour, align="middle")

    for one in sums:
        columns: dict[int, list[Table]] = defaultdict(list)
        for part in one.parts:
            small = 0 < abs(part.share) < 0.005
            share = "<1 %" if small else f"{100 * part.share:.0f} %" if math.isfinite(part.share) else "-"
            frame = outside if part.frame is None else part.frame
            columns[frame].append(_gradient(part.amount, part.text, share, setting, None))
        total, least = _gradient(one.total, one.name, None, setting, setting.theme.parameter, one.same)
        heights = {frame: sum(high + APART for _, high in cards) - APART for frame, cards in columns.items()}
        height, lines = max(least, *heights.values()), list[int]()
        for frame in sorted(columns):
            (left, right), line = sides[frame], bisect(grid.cuts, sides[frame][0])
            x, y = left - 12 if not lines else left + 10 - GUTTER / 2, lows[line] - height / 2
            sign("+" if lines else "=", x, y, 16)
            if not lines:
                writer.table(f"sum{next(marks)}", (left - GUTTER - WIDTH / 2, y), total)
            elif line > lines[-1]:
                breaks = re.sub("(?<=/d)|(?<=[._])", " ", one.name.replace(" ", "\u2060"))
                parts = wrapped(breaks, NAMES - 8, WORDS)
                for k, words in enumerate(parts):  # the name of a row that goes on from another line
                    high, words = y + 6 * len(parts) - 6 - 12 * k, words.replace(" ", "").replace("\u2060", " ")
                    writer.text(f"of{next(marks)}", x - 10, high, words, WORDS, colour, align="right", line=line)
            lines.append(line)
            x, y = (left + right) / 2, y + heights[frame] / 2
            for n, (label, high) in enumerate(columns[frame]):
                if n:
                    sign("+", x, y + APART / 2, 11)
                writer.table(f"sum{next(marks)}", (x, y - high / 2), label)
                y -= high + APART
        for line in {*lines}:
            lows[line] -= height + PITCH
    if sums:
        left = min(panel.left for panel in panels) - GUTTER - WIDTH
        writer.text("sums", left, tops[0] + 16, "sums over time", 11, setting.theme.text, bold=True)
    return lows


def _layered(chain: Chain, cards: Mapping[int, Card], setting: Setting) -> str:
    """Without time: graphviz's ``dot`` places the cards, the loss at the right or at the bottom."""
    writer, nodes = Layered(setting), chain.scene.nodes
    inside = within(nodes, chain.scene.readers)
    hidden = {parameter.id for several in inside.values() for parameter in several}
    for id, card in cards.items():
        if id not in hidden:
            writer.put(writer.statement(_card(card.node, chain, setting, inside[id]) if id in inside else card))
    for edge in chain.scene.edges:
        if edge.source in hidden:
            continue
        note = f"{nodes[edge.target].name} -> {nodes[edge.source].name}"
        ends, head = (f"n{edge.source}", f"n{edge.target}"), edge.source not in chain.links
        goes_on = edge.source in chain.scene.made_of  # and does not wind around what ends beside it
        if edge.share is not None:
            writer.shares[ends] = edge.share
        writer.edge(ends, note, None, edge.size, head=head, straight=goes_on)
    return writer.whole(words=_words(chain), backwards=True)
