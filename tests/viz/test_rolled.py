"""View "rolled" of many graphs: what it says of blocks, steps and states is true of the graph."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from html import unescape
from itertools import pairwise
from typing import Any

import pytest

import tinygrad_rnn as tg
from tests.viz.inside import by_depth, rolled_of
from tests.viz.many import GRAPHS, Block, Skip, made, transformer, weights
from tinygrad_rnn import nn
from tinygrad_rnn.viz import scene_of

GREY = "#C3CAD2"


def in_a_row(*modules: nn.Module) -> Any:
    return (nn.Sequential(*modules)(tg.randn(2, 4)) ** 2).sum()


#: Networks of blocks, and how many they are made of.
DEEP = {
    "skips": (GRAPHS["skips"], 6),
    "transformer": (lambda: transformer(4), 4),
    "in a row": (lambda: in_a_row(*(m for _ in range(5) for m in (nn.LayerNorm(4), nn.Linear(4, 4), nn.Tanh()))), 5),
    "activations between": (lambda: in_a_row(*(m for _ in range(5) for m in (nn.Linear(4, 4), nn.Tanh()))), 5),
    "after a layer": (lambda: in_a_row(nn.Linear(4, 4), *(Skip(4) for _ in range(4))), 4),
    "before a layer": (lambda: in_a_row(*(Block(4) for _ in range(4)), nn.Linear(4, 2)), 4),
    "mlp 16": (GRAPHS["mlp 16"], 16),
    "branches": (GRAPHS["branches"], 8),
}


@pytest.mark.parametrize("name", DEEP)
def test_blocks_begin_where_calls_do(name: str) -> None:
    make, times = DEEP[name]
    tg.manual_seed(1)
    deep = by_depth(scene_of(make()))
    assert deep is not None and len(deep.frames) == times
    inside = [node for node in deep.nodes if node.symbol and node.frame is not None]
    level = min(n for n in range(1, 9) if len({node.place[:n] for node in inside}) > 1)
    cuts = [(a, b) for a, b in pairwise(inside) if a.frame != b.frame]
    assert len(cuts) == times - 1
    assert all(a.place[:level] != b.place[:level] or not a.place[level - 1 :] for a, b in cuts)


@cache
def pictures() -> dict[str, tuple[str, Any]]:
    """Of every graph the text of its picture, and its loop."""
    found = {}
    for name in GRAPHS:
        try:
            picture = made(name, "rolled")
        except ValueError:
            continue
        found[name] = unescape(picture.dot), rolled_of(picture.scene)
    return found


def strips(dot: str) -> Iterator[list[str]]:
    """The colours of every strip; a cell without one has a border, of dashes where there is no gradient."""
    for strip in re.findall(r">\|grad\| [^<]*<.*?<TABLE[^>]*>(.*?)</TABLE>", dot):
        found = re.findall(r'BGCOLOR="(.*?)"|BORDER="1" COLOR="[^"]*"( STYLE="DASHED"|)', strip)
        yield [colour or ("dashed" if dashes else "frame") for colour, dashes in found]


def test_every_strip_has_a_cell_for_every_step() -> None:
    told = 0
    for name, (dot, loop) in pictures().items():
        for panel in dot.split("subgraph cluster_")[1:]:
            lengths = {len(strip) for strip in strips(panel.partition("\n}")[0])}
            told += len(lengths)
            assert len(lengths) <= 1, name
        assert {len(value.sizes) for value in loop.values} == {len(steps) for steps in loop.steps.values()}, name
    assert told > 60


def test_legends_tell_of_what_is_there_and_of_all_that_is_there() -> None:
    told = Counter[str]()
    for name, (dot, loop) in pictures().items():
        found = [look for strip in strips(dot) for look in strip]
        for words, there in (
            ("cell: exactly 0", GREY in found),
            ("cell: smaller than", "frame" in found),
            ("cell: no gradient", "dashed" in found),
            ("strips: ", bool(found)),
            ("carries: of the last", re.search("carr(ies|y) x", dot) is not None),
            ("lines back: the largest", " along g" in dot and any(len(steps) > 1 for steps in loop.steps.values())),
        ):
            assert (words in dot) == there, (name, words)
            told[words] += there
    assert min(told.values()) > 2
    assert "strips" not in tg.draw(GRAPHS["clockwork"](), view="rolled", show="values").dot
    assert "forward: " not in tg.draw(GRAPHS["clockwork"](), view="rolled", show="gradients").dot


def test_what_is_read_of_another_step_has_a_box() -> None:
    """And what only one step reads says which."""
    told = 0
    for name, (dot, loop) in pictures().items():
        boxes = {re.findall("<B>(.*?)</B>", line)[0] for line in dot.splitlines() if " class=delay " in line}
        formulas = [value.node.formula for value in loop.values if value.node.symbol]
        read = {far for formula in formulas for far in re.findall(r"[\w'.]+\[[tl][+-]\d+\]", formula)}
        assert read == boxes or name == "long names", name
        for node in loop.outside:
            told += node.step is not None
            assert (node.step is not None) == node.formula.endswith(f"; {loop.index} = {node.step}")
    assert told > 4


def test_layers_and_directions_have_panels_of_their_own_that_say_which_way_they_run() -> None:
    told = Counter[str]()
    for name, (dot, loop) in pictures().items():
        panels = [part.partition("\n}")[0] for part in re.split(r"subgraph cluster_\d+ ", dot)[1:]]
        for turn in loop.turns:
            (panel,) = (part for part in panels if f"\nn{turn[0]} [" in part)
            assert all(f"\nn{state} [" in panel for state in turn), name
            others = [state for states in loop.turns for state in states if states != turn]
            told["alone"] += not any(f"\nn{state} [" in panel for state in others)
            first, last = map(int, re.findall(rf">(?:&nbsp;|\s)*{loop.index} = (\d+) to (\d+)<", panel)[0])
            back = "[t+1]" in panel.partition(" class=delay ")[2]
            assert (first > last) == back, name
            told["turns"] += 1
            told["back"] += back
    assert told["alone"] == told["turns"] > 60 and told["back"] >= 5


def test_what_all_ways_of_a_state_carry_is_said_of_all() -> None:
    told = 0
    for name, (dot, _) in pictures().items():
        boxes = [re.findall(">([^<>]+)<", line) for line in dot.splitlines() if " class=delay " in line]
        for state in {box[1].split(" of ")[0] for box in boxes}:
            own = (box for box in boxes if box[1].startswith(f"{state} of "))
            words = [found for box in own if (found := [each for each in box if "carr" in each])]
            assert words == words[:1] * len(words), name
            assert all("all ways" in each for box in words for each in box) or len(words) == 1
            told += len(words) > 1
    assert told >= 1


def test_what_comes_before_and_after_loops_is_no_tower() -> None:
    """It goes on in another column, where loops are whole."""
    columns = 0
    for name, (dot, loop) in pictures().items():
        parts = dot.split("subgraph cluster_column")
        columns += len(parts) > 1
        home = {card: n for n, part in enumerate(parts) for card in re.findall(r"(?m)^([nd]\d+) \[", part)}
        deep = {node.id: 1 for node in loop.outside if node.symbol}  # how many stand one below the other
        for edge in loop.edges:
            if edge.source in deep and edge.target in deep and home[f"n{edge.source}"] == home[f"n{edge.target}"]:
                deep[edge.target] = max(deep[edge.target], deep[edge.source] + 1)
        assert max(deep.values(), default=0) <= 12, name
        assert all(home[a] == home[b] for a, b in re.findall(r'(?m)^(\w+) -> (\w+) .*class="forward loop"', dot)), name
    assert columns >= 4


def test_a_state_that_is_reached_at_one_step_alone_carries_nothing() -> None:
    for name in ("birnn", "bilstm 2"):
        boxes = [line for line in pictures()[name][0].splitlines() if " class=delay " in line]
        backwards = [box for box in boxes if "t+1]" in box]
        assert backwards and any("carries x" in box for box in boxes)
        assert not any("carries x 1 a" in box for box in boxes), name


def predicting() -> Any:
    loss: Any = 0
    W, U, V, h = weights(3, 3), weights(3, 2), weights(2, 3), tg.zeros(3)
    for x, y in pairwise(list(tg.randn(6, 2))):
        h = tg.tanh(W @ h + U @ x)
        loss = loss + ((V @ h - y) ** 2).sum()
    return loss


def test_the_target_of_a_step_is_the_input_of_the_next_one() -> None:
    loss = predicting()
    names = {node.name for node in scene_of(loss).nodes if node.formula == "input"}
    assert names == {"x1", "y1", "y2", "y3", "y4", "y5"}
    dot = tg.draw(loss, view="rolled").dot
    assert "= U @ y[t-1]" in dot and "y[t] of the step before" in dot and "= z[t] - y[t]" in dot


def test_what_is_another_one_in_every_step_is_the_first_and_the_last() -> None:
    W, U, a, b = weights(3, 3), weights(3, 2), tg.zeros(3), tg.zeros(3)
    words = list(tg.randn(6, 2))
    for word in words:
        a = tg.tanh(W @ a + U @ word)
    for word in reversed(words):
        b = tg.tanh(W @ b + U @ word)
    dot = unescape(tg.draw((a * b).sum(), view="rolled").dot)
    told = {*re.findall(r"= U @ \((words.\d) \u2192 (words.\d)\)", dot)}
    assert told == {("words.0", "words.5"), ("words.5", "words.0")}


def newton() -> Any:
    """Five steps towards the square root of 5, at which the square's derivative makes the gradient 0."""
    a, x = weights(1), tg.tensor([2.0])
    a.data = tg.tensor([5.0])
    for _ in range(6):
        f, slope = x**2 - a, 2 * x
        x = x - f / slope
    return x.sum()


def test_lines_back_show_the_sum_of_what_arrives_along_them() -> None:
    compared = 0
    for name, make in {**GRAPHS, "newton": newton}.items():
        tg.manual_seed(1)
        if name in ("T 200", "T 5000") or not (scene := scene_of(make())).frames:
            continue
        loop = rolled_of(scene)
        for state, flow in loop.flows.items():
            ways = [on for source, on in loop.arrives if source == state]
            if flow.enters is None and len(ways) == 1 and len(flow.sizes) > 1 and not flow.after:  # all that comes in
                compared += 1
                assert loop.arrives[state, ways[0]] == pytest.approx(max(flow.sizes[:-1]), rel=1e-5, abs=1e-6), name
    assert compared > 20
    assert 'gzero" edgetooltip="back to x[t]: size 0"' in tg.draw(newton(), view="rolled").dot
