"""View "cells": one cell a time step, with the engine's own numbers, for any length."""

import json
import math
import re
from collections import Counter
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import number
from tests.viz import models
from tests.viz.inside import (
    DARK,
    LIGHT,
    MOST,
    Axis,
    Cell,
    Theme,
    Track,
    cells_in,
    cells_of,
    rolled_of,
    series_of,
    tracks_of,
)
from tests.viz.many import GRAPHS
from tests.viz.reading import boxes_in, overlapping, texts_of
from tinygrad_rnn import Tensor, nn
from tinygrad_rnn.viz import draw, scene_of


def scaled(steps: int, gain: float) -> Tensor:
    """A linear network whose gradient is multiplied by exactly ``gain`` a step."""
    w = tg.tensor([[gain]], dtype=tg.float64, requires_grad=True)
    w.name = "w"
    h = tg.tensor([1.0], dtype=tg.float64)
    for t in range(1, steps + 1):
        with tg.step(t):
            h = tg.linear(h, w)
            h.name = "h"
    return h.sum()


def test_the_loss_stands_beside_the_last_step_it_reads_in_rows_of_all_the_steps_that_are_told_of() -> None:
    sides, after = Counter[bool](), dict[str, tuple[int, ...]]()
    for name in GRAPHS.keys() - {"T 5000"}:
        tg.manual_seed(1)
        loss = GRAPHS[name]()
        if not (scene := scene_of(loss)).tracks:
            continue
        picture, tracks = draw(loss, view="cells"), tracks_of(loss)
        span = f"T = {len({*scene.frames})}" if min(scene.frames) < 2 else f"t = {min(scene.frames)} to "
        assert f"at every time step, {span}" in picture.title, name
        boxes, flows = boxes_in(picture.dot), str(tg.gradient_flow(loss.sum()))
        for n, (track, cells) in enumerate(zip(tracks, cells_in(tracks), strict=True)):
            times, later = track.flow.times, track.flow.after
            steps = [point.step for point in track.points]
            assert {*steps} == {*times, *later} and steps == sorted(steps), name
            places = [box for id, box in boxes.items() if id.startswith(f"cell{n}_")]
            ends = [box for id, box in boxes.items() if id.startswith((f"loss{n}_", f"reader{n}_"))]
            assert len(places) == len(cells) and len(ends) == (track.reader != ""), name
            read = [box for cell, box in zip(cells, places, strict=True) if cell.last >= times[-1] >= cell.first]
            for end in ends:
                left, _, right, _ = read[0 if track.is_reverse else -1]
                assert -4 < (left - end[2] if track.is_reverse else end[0] - right) < 14, (name, track.name)
                sides[track.is_reverse] += 1
            after |= {f"{name}: {track.name}": later} if later else {}
            assert not later or all(f"nothing arrives at t = {later[0]}" in said for said in (picture.dot, flows)), name
    assert sides[False] > 60 and sides[True] > 5
    assert after == {
        "bilstm 2: l1_reverse/c": (2, 1),
        "bilstm 2: l1_reverse/h": (2, 1),
        "birnn: l0_reverse/h": (3, 2, 1),
        "joined: hidden": (5,),
        "letters: hidden": (4,),
        "zoneout: c": (4,),
    }


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_no_gradient_is_no_0(theme: Theme) -> None:
    """In rows of cells and in the strips of cards, and the legend says which is which."""
    strips, cells = (
        draw(GRAPHS[name](), view=view, theme=theme.name).dot
        for name, view in (("zoneout", "rolled"), ("joined", "cells"))
    )
    assert "cell: no gradient arrives" in strips and "cell: no gradient arrives" in cells
    looks = re.findall(r'HEIGHT="10" (BGCOLOR|BORDER)="([^"]*)"( COLOR="#\w+" STYLE="DASHED")?', strips)
    assert {("BGCOLOR", theme.zero, ""), ("BORDER", "1", f' COLOR="{theme.border}" STYLE="DASHED"')} < {*looks}
    assert re.findall(r'(?m)^cell0_0_(\d) .*style="filled,dashed"', cells) == ["4"]


def test_what_was_detached_before_the_first_step_is_told() -> None:
    cut = [
        name for name in ("detached", "truncated", "T 9") if "detached" in draw(GRAPHS[name](), view="cells").subtitle
    ]
    assert cut == ["detached"]
    said = draw(GRAPHS["detached"](), view="cells").subtitle
    assert said.endswith("in all; h is detached before t = 4: no gradient goes there")
    layer, out = nn.LSTM(2, 3), tg.zeros(1)
    state: Any = None
    for part in tg.randn(3, 4, 1, 2):  # as truncated BPTT is written
        state = state and tuple(each.detach() for each in state)
        out, state = layer(part, state)
    said = draw(out.sum(), view="cells").subtitle
    assert said.endswith("; h and c are detached before t = 1: no gradient goes there")
    assert {n.name for n in scene_of(out.sum()).nodes if n.formula == "cut here: detached"} == {"h0", "c0"}


def test_one_of_several_weights_that_carry_a_state_on_says_so() -> None:
    said = {
        name: re.findall(r"adds to [^<]*, 1 of \d", draw(GRAPHS[name](), view="cells").dot)
        for name in GRAPHS
        if "lstm" in name
    }
    assert {name for name, words in said.items() if words} == {
        "lstm by hand",
        "lstm by hand in steps",
        "models.lstm apart",
    }
    assert said["lstm by hand"] == ["adds to dL/dp4, 1 of 4"]


def test_no_gradient_is_drawn_across_a_cut() -> None:
    back = re.findall(r"^b0_(0_\w+) -> f0_\1 ", draw(GRAPHS["truncated"](), view="cells").dot, re.MULTILINE)
    assert back == ["0_2", "0_4", "0_4_end"]  # and neither from 2 to 1 nor from 4 to 3


@pytest.mark.parametrize(
    "name", ["teacher forcing", "clockwork", "seq2seq attention", "bilstm 2", "models.loss outside"]
)
def test_arrows_stand_where_a_state_is_made_of_its_neighbour(name: str) -> None:
    loss, linked = GRAPHS[name](), []
    dot = draw(loss, view="cells").dot
    flows = tg.gradient_flow(loss)
    for n, track in enumerate(tracks_of(loss)):
        nodes: list[Any] = list(flows[track.name].nodes)
        made = [tg.autograd.grad(b.sum(), a, retain_graph=True, allow_unused=True)[0] for a, b in pairwise(nodes)]
        there = [gradient is not None for gradient in made][:: -1 if track.flow.is_reverse else 1]
        linked.append([True, *there])
        assert [point.linked for point in track.points if point.step in track.flow.times] == linked[-1]
        drawn = {int(k) for k in re.findall(rf"^f{n}_0_(\d+) -> ", dot, re.MULTILINE)}
        assert len(nodes) < len(track.points) or drawn - {0, len(nodes)} == {
            k for k, each in enumerate(there, start=1) if each
        }
    assert name != "teacher forcing" or linked == [[True] * 5, [True, False, True, False, True]]


@pytest.mark.parametrize("name", ["clockwork", "docs.both-directions", "birnn"])
def test_cells_of_one_step_stand_below_each_other(name: str) -> None:
    cells = re.findall(r'^cell\d_\S+ \[pos="([\d.-]+),.* label="(\d+)"', draw(GRAPHS[name](), view="cells").dot, re.M)
    assert len({*cells}) == len({step for _, step in cells}) < len(cells)


def test_films_and_pages_of_every_graph_have_the_tracks_of_cells() -> None:
    """The states, their order and names, the weights below them, the verdicts, and the numbers but for rounding."""
    for name in GRAPHS:
        tg.manual_seed(1)
        loss = GRAPHS[name]()
        try:
            shown = tracks_of(loss)
        except ValueError:
            assert not scene_of(loss).tracks, name
            continue
        if len(shown[0].points) > 1000:
            continue  # no page of so many
        played = scene_of(loss).tracks
        assert [(t.flow.sentence, t.flow.times, *t[2:]) for t in played] == [
            (t.flow.sentence, t.flow.times, *t[2:]) for t in shown
        ], name
        for track, same in zip(shown, played, strict=True):
            assert same.name == track.name
            have, true = np.array(same.points, float), np.array(track.points, float)  # None becomes NaN
            np.testing.assert_allclose(have, true, rtol=1e-5, err_msg=name)


def test_the_verdicts_of_every_graph_are_the_same_everywhere() -> None:
    for name in GRAPHS.keys() - {"T 5000"}:
        tg.manual_seed(1)
        loss = GRAPHS[name]().sum()
        if not (scene := scene_of(loss)).tracks:
            continue
        flows, tracks, dot = tg.gradient_flow(loss), tracks_of(loss), draw(loss, view="cells").dot
        said = {flow.name: flow.sentence for flow in flows}
        assert {track.name: track.flow.sentence for track in tracks} == said, name
        sizes = {point.step: point.size for point in tracks[0].points if point.step in tracks[0].flow.times}
        assert [*sizes.values()][:: -1 if tracks[0].is_reverse else 1] == pytest.approx(flows[tracks[0].name].sizes), (
            name
        )
        assert all(words in dot for words in said.values()), name
        strips: dict[str, str] = {}  # loops that follow each other share one
        for series in series_of(scene):
            names = re.sub(r"^\((.*, .*)\)$", r"\1", series["name"]).split(", ")
            verdicts = series["verdict"].split("; before that ")
            strips |= dict(zip(names, verdicts[::-1], strict=True)) if series["verdict"] else {}
        assert strips == said, name
        rolled = [flow.sentence for flow in rolled_of(scene).flows.values()]
        watched = tg.TrainingFlow()
        watched.record(1, loss)
        data = re.search(r'<script type="application/json" id="data">(.*?)</script>', watched.html, re.DOTALL)
        training = [state["sentences"][0] for state in json.loads(data[1] if data else "")["states"]]
        for found in (rolled, training):
            assert sorted(found) == sorted(said.values()), name


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("lstm by hand", {"h": ("p4", None), "c": (None, "h")}),  # nobody's name; c reaches the loss through h
        ("seq2seq", {"GRU/h": ("GRU.W_hh", "h"), "h": ("GRUCell.W_hh", None)}),  # two weights of one name
        ("gru 2 layers", {"l0/h": ("W_hh_l0", "l1/h"), "l1/h": ("W_hh_l1", None)}),
        ("birnn", {"l0/h": ("W_hh_l0", None), "l0_reverse/h": ("W_hh_l0_reverse", None)}),
        ("ode", {"y": ("f1.weight", None)}),
    ],
)
def test_weights_have_the_names_of_other_pictures_and_the_loss_stands_where_it_reads(name: str, wanted: object) -> None:
    assert {track.name: (track.parameter, track.reader) for track in tracks_of(GRAPHS[name]())} == wanted


def test_an_lstm_has_a_row_for_h_and_one_for_c() -> None:
    loss = models.lstm(steps=10)
    tracks = tracks_of(loss)
    assert [(track.name, track.parameter) for track in tracks] == [("h", "W_hh"), ("c", None)]
    assert [track.name for track in tracks_of(loss, state="c")] == ["c"]
    assert [track.name for track in tracks_of(loss, state=["c", "h"])] == ["c", "h"]
    (chosen,) = tracks_of(loss, state="c", parameter="W_ih")
    assert chosen.parameter == "W_ih"
    assert all(point.adds is not None for point in chosen.points)
    with pytest.raises(ValueError, match="state='z' is none of the states of this graph: "):
        tracks_of(loss, state="z")
    with pytest.raises(ValueError, match="parameter='z' is none of the parameters of this graph: W_ih, W_hh, b"):
        tracks_of(loss, parameter="z")


def test_arrows_point_to_where_the_state_runs_and_gradients_back() -> None:
    tg.manual_seed(0)
    outputs, _ = nn.RNN(2, 3, bidirectional=True)(tg.randn(5, 1, 2))
    loss = (outputs[-1] ** 2).sum() + (outputs[0] ** 2).sum()
    (forwards, backwards), dot = tracks_of(loss), draw(loss, view="cells").dot
    for n, (track, way) in enumerate(((forwards, 1), (backwards, -1))):
        assert (track.flow.times[0] < track.flow.times[-1]) == (way > 0)
        for kind, ends in ((way, ("f", "b")), (-way, ("b", "f"))):
            found = re.findall(rf'{ends[0]}{n}_0_[1-4] -> {ends[1]}{n}_0_[1-4] \[pos="e,([\d.]+),\S+ ([\d.]+),', dot)
            assert len(found) == 4
            assert all((float(tip) - float(start)) * kind > 0 for tip, start in found)


def test_a_graph_without_states() -> None:
    with pytest.raises(ValueError, match="no states to show over time"):
        tracks_of(models.mlp())


@pytest.mark.parametrize(
    ("gain", "verdict"),
    [
        (0.25, "vanishes: x 0.25 a step, x 3.8e-6 in all"),
        (0.75, "shrinks: x 0.75 a step, x 0.0751 in all"),
        (1.0, "keeps its size: x 1 a step, x 1 in all"),
        (1.5, "grows: x 1.5 a step, x 38.4 in all"),
        (3.0, "explodes: x 3 a step, x 2.0e4 in all"),
    ],
)
def test_the_verdict_is_the_subtitle(gain: float, verdict: str) -> None:
    picture = draw(scaled(10, gain))
    assert picture.subtitle.endswith(f"with respect to h {verdict}")
    assert picture.subtitle in texts_of(picture.svg)


@pytest.mark.parametrize("steps", [9, 25, 30, 31, 50, 51, 100, 200, 201, 1000])
def test_nothing_overlaps(steps: int) -> None:
    boxes = boxes_in(draw(scaled(steps, 0.9)).dot)
    assert sum(name.startswith("cell") for name in boxes) == -(-steps // -(-steps // MOST))
    several = boxes_in(draw(models.lstm(steps=30), title="T" * 400).dot)
    for found, kinds in (
        (boxes, "cell adds loss to name size"),
        (boxes, "bar cell"),
        (several, "cell adds loss to name head"),
    ):
        assert overlapping({name: box for name, box in found.items() if name.startswith((*kinds.split(),))}) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 36])  # of which the second leaves steps unread that the first reads
def test_what_fills_the_bars_becomes_what_the_verdict_says(seed: int) -> None:
    told = set()
    for name in GRAPHS.keys() - {"T 5000"}:
        tg.manual_seed(seed)
        loss = GRAPHS[name]()
        try:
            tracks = tracks_of(loss)
        except ValueError:
            continue
        boxes = boxes_in(draw(loss, view="cells").dot)
        for n, track in enumerate(tracks):
            sign = {"vanishes": -1, "shrinks": -1, "grows": 1, "explodes": 1}.get(track.flow.verdict, 0)
            cells = [id.removeprefix("cell") for id in boxes if id.startswith(f"cell{n}_")]
            kind = "carried" if any(id.startswith(f"carried{n}_") for id in boxes) else "bar"
            tops = [bar[3] - bar[1] if (bar := boxes.get(kind + id)) else 0.0 for id in cells]
            if sign and len(tops) > 1:
                unread = len(track.points) - len(track.flow.times)
                first, *_, last = tops[:: -1 if track.flow.is_reverse else 1][: len(tops) - unread]
                assert sign * (first - last) > 0, (name, track.flow.sentence)
                told.add(kind)
    assert told == {"bar", "carried"}


@pytest.mark.slow
def test_whatever_the_numbers_are_tracks_have_their_parts() -> None:
    checked: Counter[str] = Counter()
    for name, seed in product(GRAPHS.keys() - {"T 200", "T 5000"}, range(3)):
        tg.manual_seed(seed)
        loss = GRAPHS[name]().sum()
        if not scene_of(loss).tracks:
            continue
        leaves = {value.name: value for value in tg.history(loss) if value.primitive is None}
        called = Counter(value.name for value in tg.history(loss))
        for track in tracks_of(loss):
            flow, points = track.flow, [point for point in track.points if point.step in track.flow.times]
            if flow.carried and flow.enters:  # what is handed on is carried, from what enters at the last step
                assert all(point.carried is not None for point in points), (name, seed)
                assert flow.carried[-1] == pytest.approx(flow.enters[-1]) == pytest.approx(flow.sizes[-1])
                checked["carried"] += 1
            weight = leaves.get(track.parameter or "")
            if not isinstance(weight, Tensor) or called[weight.name] > 1:
                continue
            uses = tg.contributions(loss, weight)
            sums: dict[tuple[int | None, tuple[str, ...]], Any] = {}
            for use in uses:
                key = use.time, use.place.path[: use.place.path.index(f"t={use.time}")] if use.time else ()
                sums[key] = sums.get(key, 0) + use.gradient
            for point in track.points:
                sizes = [np.linalg.norm(total) for (time, _), total in sums.items() if time == point.step]
                assert (point.adds is None) == (not sizes), (name, seed, point)
                assert point.adds is None or np.isclose(point.adds, sizes, rtol=1e-4).any(), (name, seed, point)
                checked["adds"] += 1
    assert min(checked["adds"], checked["carried"]) > 60


def test_loops_that_share_a_weight_each_add_their_own_part() -> None:
    loss = GRAPHS["layer twice"]()
    first, second = tracks_of(loss)
    (weight,) = {v for v in tg.history(loss) if v.name == "W_hh" and isinstance(v, Tensor)}
    parts = {(str(part.place), part.time): part.size for part in tg.contributions(loss, weight)}
    for track, call in ((first, "RNN"), (second, "RNN (call 2)")):
        for point in track.points:
            assert point.adds == pytest.approx(parts[f"{call}/t={point.step}", point.step])


def test_long_sequences_have_several_steps_in_a_cell() -> None:
    (track,) = tracks_of(scaled(1001, 0.999))
    cells = cells_of(track.points)
    assert len(cells) <= MOST
    assert [cells[0].first, cells[-1].last] == [1, 1001]
    assert all(b.first == a.last + 1 for a, b in pairwise(cells))
    sizes = [point.size or 0.0 for point in track.points]
    for cell in cells:
        inside = sizes[cell.first - 1 : cell.last]
        assert (cell.least, cell.most) == (min(inside), max(inside))


def test_steps_at_which_nothing_arrives_take_no_place() -> None:
    """They are one cell if there is a row of them, and cells below the axis stand in rows without one."""
    picture = draw(scaled(1200, 1e-4))  # 0 before the 81st step from the end
    (track,) = tracks_of(scaled(1200, 1e-4))
    (cells,) = cells_in([track])
    silent, *others = cells
    assert (silent.first, silent.most) == (1, 0.0) and track.points[silent.last].size
    assert [cell.first for cell in others] == list(range(silent.last + 1, 1201))
    assert f"0 up to t = {silent.last}" in texts_of(picture.svg)
    boxes = boxes_in(picture.dot)
    rows = {name.removeprefix("name") for name in boxes if name.startswith("name0_")}
    with_axis, with_bars = (
        {m[1] for m in re.finditer(rf"^{each}(0_\d+)_", picture.dot, re.M)} for each in ("tick", "bar")
    )
    assert with_axis == with_bars < rows
    shown = {n: b for n, b in boxes.items() if n.startswith(("cell", "adds", "loss", "to", "name", "size", "k5"))}
    assert overlapping(shown) == []
    assert cells_in(tracks_of(scaled(30, 0.0)))[0][0].last == 29 and len(cells_in(tracks_of(scaled(20, 0.0)))[0]) == 20


def test_broken_missing_and_zero_gradients() -> None:
    points = [tg.viz.tracks.Point(n, s) for n, s in enumerate([0.0, None, math.nan, 1.0], start=1)]
    track = Track(tracks_of(scaled(4, 1.0))[0].flow, tuple(points))
    assert cells_of(track.points)[:2] == [Cell(1, 1, 0.0, 0.0, None), Cell(2, 2, None, None, None)]
    assert math.isnan(cells_of(track.points)[2].most or 0.0)
    w = tg.tensor([0.0], dtype=tg.float64, requires_grad=True)
    h = tg.tensor([1.0], dtype=tg.float64)
    for t in range(1, 10):
        with tg.step(t), np.errstate(all="ignore"):
            h = tg.sqrt(h * w)
            h.name = "h"
    with np.errstate(all="ignore"):
        picture = draw(h.sum())
    assert "broken: NaN or infinite gradients" in picture.subtitle
    assert "gbad" in picture.dot
    assert {"inf", "NaN"} & set(texts_of(picture.svg))


def test_the_numbers_of_the_cells_are_in_the_picture() -> None:
    loss = models.rnn(steps=20)
    picture = draw(loss)
    shown = texts_of(picture.svg)
    sizes = tg.gradient_flow(loss).sizes
    assert {number(sizes[0]), number(sizes[9]), number(sizes[-1])} <= set(shown)
    assert {str(t) for t in range(1, 21)} <= set(shown)
    assert f"L {number(loss.item())}" in shown
    for t, amount in enumerate(sizes, start=1):
        assert f"t = {t}: |dL/dh| = {number(amount)}" in picture.dot


def test_the_axis_of_the_bars() -> None:
    cells = [Cell(1, 1, 1e-20, 1e-20, None), Cell(2, 2, 1.0, 1.0, None)]
    axis = Axis.over(cells)
    assert (axis.low, axis.high) == (-16, 0)
    assert axis.ticks == [0, -4, -8, -12, -16]
    assert [axis.height(v) for v in (1.0, 1e-8, 1e-30, 0.0, math.inf)] == pytest.approx([1, 0.5, 0, 0, 1])
    assert Axis.over([]).ticks == [0, -1, -2, -3, -4]


def test_one_shade_is_a_factor_of_ten_and_the_last_step_is_the_sixth() -> None:
    picture = draw(scaled(9, 0.1))
    shades = [picture.scale.shade(10.0**-n) for n in range(9)]
    assert shades == [5, 4, 3, 2, 1, 0, -1, -1, -1]


def test_labels_are_said_when_the_mouse_is_on_a_step() -> None:
    assert "(price 100)" in draw(scaled(9, 1.0), labels={1: "price 100"}).dot


def test_a_decoder_shows_its_parameter_and_not_the_memory_it_reads() -> None:
    from docs.graphs import attention

    encoder, decoder = tracks_of(attention())
    assert (encoder.name, encoder.parameter) == ("encoder/RNN/h", "W_hh")
    assert (decoder.name, decoder.parameter) == ("decoder/y", "weight")


def test_the_name_of_a_parameter_has_a_line_of_its_own_where_it_is_long() -> None:
    loss = models.rnn(steps=3)
    (weight,) = (node for node in tg.history(loss) if node.name == "W_hh")
    weight.name = "lstm.weight_hh_l0"
    dot = draw(loss, view="cells").dot
    assert ">adds to<" in dot and ">dL/dlstm.weight_hh_l0<" in dot


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("generator", {"Generator/h": "cell.W_hh", "Generator/token": "embed.weight", "GRU/h": "GRU.W_hh"}),
        ("letters", {"hidden": "i2h.weight"}),  # joined to x before
        ("joined", {"hidden": "hide.weight"}),
        ("models.rnn", {"h": "W_hh"}),
        ("lstm 5", {"h": "W_hh", "c": None}),
    ],
)
def test_the_weight_of_a_state_is_the_first_that_it_meets_in_the_next_step(
    name: str, weights: dict[str, str | None]
) -> None:
    tg.manual_seed(1)
    assert {track.name: track.parameter for track in scene_of(GRAPHS[name]()).tracks} == weights


@pytest.mark.slow
def test_the_legend_tells_of_bars_above_their_frames_where_one_is() -> None:
    told = Counter[bool]()
    for name in GRAPHS.keys() - {"T 5000"}:
        tg.manual_seed(1)
        try:
            dot = tg.draw(GRAPHS[name](), view="cells").dot
        except ValueError:
            continue
        boxes = re.findall(r"(?m)^(bar|carried)([\d_]+) .* height=([\d.]+)", dot)
        frames, bars = (
            {id: 72 * float(high) for what, id, high in boxes if what == kind} for kind in ("bar", "carried")
        )
        above = max((high - frames.get(id, 0.0) for id, high in bars.items()), default=0.0)
        assert 0.02 < above < 0.1 or ("bar above its frame" in dot) == (above > 0.05), (name, above)
        told[above > 0.05] += 1
    assert told[True] > 2 and told[False] > 20
