"""The grid: nothing overlaps, nothing runs over a card, and time runs to the right."""

import re
from itertools import combinations, pairwise

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.viz import models
from tests.viz.inside import (
    LIGHT,
    WIDTH,
    Card,
    Grid,
    Line,
    Point,
    Setting,
    Wrap,
    arrange,
    beside,
    breaks,
    card_of,
    extents_of,
    grid_of,
    lines_of,
    rounded,
    scale_of,
    spread,
)
from tests.viz.many import GRAPHS
from tests.viz.unmarked import a_state_joined_to_the_input
from tinygrad_rnn import Tensor, nn, randn
from tinygrad_rnn.viz import Scene, draw, scene_of

Layout = tuple[Scene, dict[int, Card], Grid, list[Line]]


@pytest.fixture(scope="module", params=models.MODELS)
def layout(request: pytest.FixtureRequest) -> Layout:
    return laid_out(models.MODELS[request.param]())


def laid_out(loss: Tensor) -> Layout:
    scene = scene_of(loss)
    scale = scale_of(scene)
    cards = {node.id: card_of(node, Setting(LIGHT, scale)) for node in scene.nodes}
    grid = grid_of(scene, cards)
    return scene, cards, grid, lines_of(scene, grid)


def along(line: Line) -> np.ndarray:
    """Points along the curve, close to each other."""
    t = np.linspace(0, 1, 33)[:, None]
    pieces = []
    for start in range(0, len(line.points) - 1, 3):
        a, b, c, d = (np.array(p) for p in line.points[start : start + 4])
        pieces.append((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d)
    return np.concatenate(pieces)


def test_what_a_loop_begins_with_stands_beside_the_step_that_reads_it() -> None:
    """At the right of the last one, and not across all of them, if it runs backwards in time."""
    output, _ = nn.LSTM(2, 3, bidirectional=True)(randn(3, 2))
    scene, _, grid, lines = laid_out(output.sum())
    starts = [node.id for node in scene.nodes if node.formula == "start state"]
    first, *_, behind = grid.panels
    for start in starts:
        (step,) = {scene.nodes[edge.target].frame for edge in scene.readers[start]}
        x, reverse = grid.at[start][0], "'" in scene.nodes[start].name
        assert step == (2 if reverse else 0) and (x > behind.right if reverse else x < first.left)
        (line,) = (line for line in lines if line.tail == start)
        assert max(x for x, _ in line.points) - min(x for x, _ in line.points) < 2 * WIDTH
    assert len(starts) == 4


def test_no_two_cards_overlap(layout: Layout) -> None:
    scene, cards, grid, _ = layout
    assert set(grid.at) == {node.id for node in scene.nodes}
    for a in grid.at:
        for b in grid.at:
            if a < b:
                dx, dy = (abs(p - q) for p, q in zip(grid.at[a], grid.at[b], strict=True))
                assert dx >= WIDTH + 8 or dy >= (cards[a].height + cards[b].height) / 2 + 8


def test_no_line_runs_over_a_card(layout: Layout) -> None:
    scene, cards, grid, lines = layout
    for line in lines:
        points = along(line)
        for node, (x, y) in grid.at.items():
            inside = (abs(points[:, 0] - x) < WIDTH / 2 - 2) & (abs(points[:, 1] - y) < cards[node].height / 2 - 2)
            assert not inside.any(), (line.note, scene.nodes[node].name)


def test_lines_begin_and_end_at_their_cards(layout: Layout) -> None:
    _, cards, grid, lines = layout

    def distance(point: Point, node: int) -> float:
        (x, y), (cx, cy) = point, grid.at[node]
        return max(abs(x - cx) - WIDTH / 2, abs(y - cy) - cards[node].height / 2)

    for line in lines:
        assert len(line.points) % 3 == 1
        if line.tip is not None:
            assert abs(distance(line.tip, line.head)) < 1, line.note
            gap = np.hypot(line.tip[0] - line.points[-1][0], line.tip[1] - line.points[-1][1])
            assert 3 <= gap <= 12, line.note


def test_time_runs_from_left_to_right_and_the_loss_is_at_the_right(layout: Layout) -> None:
    scene, _, grid, _ = layout
    for a, b in pairwise(grid.panels):
        assert a.right < b.left
    for node in scene.nodes:
        if node.frame is not None:
            panel = grid.panels[node.frame]
            assert panel.left < grid.at[node.id][0] - WIDTH / 2
            assert grid.at[node.id][0] + WIDTH / 2 < panel.right
    last = grid.panels[-1]
    assert scene.nodes[scene.loss].frame is not None or grid.at[scene.loss][0] > last.right


def test_inside_a_step_data_goes_upwards_and_all_steps_look_alike(layout: Layout) -> None:
    scene, _, grid, _ = layout
    for edge in scene.edges:
        source, target = scene.nodes[edge.source], scene.nodes[edge.target]
        if source.frame is not None and source.frame == target.frame:
            assert grid.at[source.id][1] < grid.at[target.id][1]
    heights: dict[int, float] = {}
    for node in scene.nodes:
        if node.frame is not None and node.slot is not None:
            assert heights.setdefault(node.slot, grid.at[node.id][1]) == grid.at[node.id][1]


def test_every_use_has_a_line_forward_and_one_back_if_a_gradient_flows(layout: Layout) -> None:
    scene, _, _, lines = layout
    forward = [(line.tail, line.head) for line in lines if line.size is None]
    backward = {(line.head, line.tail) for line in lines if line.size is not None}
    assert sorted(forward) == sorted((edge.source, edge.target) for edge in scene.edges)
    assert backward == {(edge.source, edge.target) for edge in scene.edges if edge.share is not None}


def test_the_line_back_into_a_parameter_shows_its_whole_gradient() -> None:
    scene, _, _, lines = laid_out(models.rnn(steps=4))
    for id in scene.shared:
        node = scene.nodes[id]
        arrows = [line for line in lines if line.head == node.id and line.tip is not None and line.size is not None]
        assert node.gradient is not None
        assert [line.size for line in arrows] == [pytest.approx(float(np.linalg.norm(node.gradient)))]
        runs = [line for line in lines if line.head == node.id and "sum of" in line.note]
        assert len(runs) == 3  # the segments between four taps, the last of them up to the card


def test_the_same_graph_one_step_longer_does_not_move_the_old_steps() -> None:
    _, _, short, _ = laid_out(models.rnn(steps=4))
    _, _, long, _ = laid_out(models.rnn(steps=5))
    assert short.panels == long.panels[:4]


def test_what_is_too_wide_goes_on_in_another_line_and_nothing_is_lost() -> None:
    scene, cards, plain, _ = laid_out(models.rnn(steps=8))
    grid = grid_of(scene, cards, widest=1500)
    assert (len(plain.cuts), len(grid.cuts)) == (0, 1)
    lines = lines_of(scene, grid)
    wrap = Wrap(grid.cuts, extents_of(grid, cards, lines))
    assert wrap.right - wrap.left <= 1500 and wrap.shifts[1][1] < 0
    broken = 0
    for line in lines:
        pieces = list(wrap.pieces(line, grid))
        assert sum(map(length, pieces)) == pytest.approx(length(line), rel=0.01)
        assert [piece.tip is None for piece in pieces[:-1]] == [True] * (len(pieces) - 1)
        for end, start in pairwise(pieces):
            (x, y), (x2, y2) = end.points[-1], start.points[0]
            (here, over), (there, under) = wrap.shifts
            if line.size is not None:  # against time
                (here, over), (there, under) = (there, under), (here, over)
            assert (x - here, y - over) == pytest.approx((x2 - there, y2 - under), abs=0.01)
            assert x - here == pytest.approx(grid.cuts[0], abs=0.01)
            broken += 1
        assert len(pieces) == 1 or pieces[0].wrapped
    names = [name for _, name, _ in wrap.names(scene, grid, lines)]
    assert sorted(names) == sorted([*("h4", "W_hh", "W_xh", "b")] * 2) and broken == 8


def length(line: Line) -> float:
    return float(np.hypot(*np.diff(along(line), axis=0).T).sum())


def test_a_page_does_not_go_on_in_another_line() -> None:
    picture = draw(models.rnn(steps=8), view="full")
    assert "wrapped" in picture.svg and "wrapped" not in picture.run(picture.scale).svg


def test_other_numbers_do_not_move_anything() -> None:
    _, _, small, _ = laid_out(models.rnn(hidden=8))
    _, _, large, _ = laid_out(models.rnn(hidden=64))
    assert small.at == large.at


def test_rows_keep_the_order_of_the_arrows() -> None:
    keys = list("abcdefgh")
    edges = [("a", "c"), ("b", "c"), ("c", "d"), ("a", "d"), ("d", "e"), ("b", "f"), ("e", "g"), ("f", "g"), ("g", "h")]
    block = arrange(keys, edges, 146.0, 92)
    for n, (u, v) in enumerate(edges):
        assert block.row[u] < block.row[v]
        assert len(block.via[n]) == block.row[v] - block.row[u] - 1
    for a in keys:
        for b in keys:
            if a < b and block.row[a] == block.row[b]:
                assert abs(block.x[a] - block.x[b]) >= 146


def test_spread_moves_as_little_as_possible() -> None:
    assert spread([0, 100, 200], [10, 10, 10], 5) == [0, 100, 200]
    assert spread([0, 0, 0], [10, 10, 10], 5) == [-15, 0, 15]
    assert spread([], [], 5) == []


def test_a_way_beside_a_way() -> None:
    assert beside([(0, 0), (10, 0), (10, -10)], 2) == [(0, 2), (12, 2), (12, -10)]
    points = rounded([(0, 0), (10, 0), (10, 10)], 4)
    assert len(points) % 3 == 1
    assert (points[0], points[-1]) == ((0, 0), (10, 10))


def test_lines_are_few_and_no_wider_than_they_have_to_be() -> None:
    assert breaks([500.0] * 6, [900.0] * 6, 4000) == []
    assert breaks([500.0] * 6, [900.0] * 6, 1700) == [3]
    assert breaks([212, 568, 568, 548, 604, 0, 392, 338], [3022.0] * 4 + [2000.0] * 4, 1564) == [2, 4]
    assert breaks([212.0, *[481] * 5, 138], [2000.0] * 7, 1564) == [3, 5]  # the last is short, not the first
    assert breaks([800.0] * 3, [9000.0] * 3, 1000) == []  # a tape would be worse


def test_what_only_the_last_step_reads_comes_to_it_along_its_row() -> None:
    scene, _, _, lines = laid_out(a_state_joined_to_the_input())
    own = {node.id for node in scene.nodes if node.name.startswith("i2o.")}
    found = [line for line in lines if {line.tail, line.head} & own]
    assert len(found) == 4  # there and back, of a weight and of a bias
    assert all(max(y for _, y in line.points) < 0 for line in found)  # 0 is the upper edge of the cards


@pytest.mark.slow
@pytest.mark.parametrize("view", ["full", "chain"])
def test_no_two_lines_lie_on_each_other_and_columns_do_not_swap(view: str) -> None:
    """What leads to different cards in one picture of the pieces of lines, and the short ones between two rows."""
    faults, looked = list[tuple[object, ...]](), 0
    for name in GRAPHS.keys() - {"T 200", "T 5000"}:
        tg.manual_seed(1)
        try:
            dot = draw(GRAPHS[name](), view=view, force=True).dot
        except ValueError:
            continue
        level, bows = [], []
        for tail, head, way in re.findall(r'(?m)^(n\d+) -> (n\d+) \[pos="(?:[es],\S+ )*([^"]+)"', dot):
            points = [tuple(map(float, at.split(","))) for at in way.split()]
            for part in (points[n : n + 4] for n in range(0, len(points) - 3, 3)):
                for side in (0, 1):
                    here, along = ([at[k] for at in part] for k in (side, 1 - side))
                    if max(here) - min(here) < 0.1 and max(along) - min(along) > 12:
                        level.append(({tail, head}, side, here[0], min(along), max(along)))
            bows += [(points[0], points[3])] * (len(points) == 4)
        for (a, side, at, low, high), (b, other, there, below, above) in combinations(level, 2):
            if side == other and abs(at - there) < 3 and min(high, above) - max(low, below) > 8 and not a & b:
                faults.append((name, a, b))
        looked += bool(level)
        for ((x, y), (x2, y2)), ((u, v), (u2, v2)) in combinations(bows if view == "chain" else (), 2):
            if abs(y - v) + abs(y2 - v2) < 30 and abs(x - u) < 400 and (x - u) * (x2 - u2) < 0:
                faults.append((name, (x, y), (u, v)))
    assert faults == [] and looked > 30
