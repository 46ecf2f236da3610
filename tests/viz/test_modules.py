"""Views "modules" and "rolled": a graph folded by its scopes, and a loop folded over time."""

import re
from collections import Counter
from graphlib import TopologicalSorter
from html import unescape
from pathlib import Path

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import size
from tests.viz import models
from tests.viz.inside import boxes_of, depth_for, opened, rolled_of
from tests.viz.inside import render_module as module
from tests.viz.many import GRAPHS, made, truncated
from tests.viz.reading import texts_of
from tinygrad_rnn import Tensor, nn
from tinygrad_rnn.viz import draw, scene_of


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.RNN(1, 2)
        self.head = nn.Linear(2, 1)

    def forward(self, x: Tensor) -> Tensor:
        outputs, _ = self.rnn(x)
        result: Tensor = self.head(outputs[-1])
        return result


def loss(steps: int = 3) -> Tensor:
    tg.manual_seed(0)
    output: Tensor = Model()(tg.randn(steps, 1))
    return (output**2).sum()


def test_what_goes_on_in_another_column_is_named_at_both_ends() -> None:
    text = made("residual 16", "full").dot
    column: dict[str, int] = {}
    for line in text.splitlines():
        if begins := re.match(r"subgraph cluster_column(\d+)", line):
            current = int(begins[1])
        elif card := re.match(r"(n\d+|on\d+) \[", line):
            column[card[1]] = current
    lines = re.findall(r"^(o?n\d+) -> (o?n\d+) \[", text, re.MULTILINE)
    assert len(set(column.values())) > 2 and all(column[a] == column[b] for a, b in lines)
    names = dict(re.findall(r"^(on\d+) \[.*>(v\d+)</FONT>", text, re.MULTILINE))
    cards = dict(re.findall(r'^(n\d+) \[.*tooltip="(v\d+) ', text, re.MULTILINE))
    assert all(cards[a] == names[b] for a, b in lines if b in names)  # with the name of what it comes from
    assert sorted(Counter(names.values()).values()) == [2] * (len(names) // 2)


def test_many_values_of_another_column_are_named_together() -> None:
    text = draw(GRAPHS["T 30"](), view="modules", depth=2).dot
    marks = {name: mark for mark, name in re.findall(r"^(on\d+) \[.*>(h\d+ \.\. h\d+)</FONT>", text, re.MULTILINE)}
    assert len(marks) == text.count("subgraph cluster_column") - 1 and marks.keys() >= {"h1 .. h8"}
    for mark in marks.values():  # there and back once, as wide as the widest of them
        lines = re.findall(rf"^{mark} -> .*", text, re.MULTILINE)
        assert [re.findall(r'class="(\w+)', line)[0] for line in lines] == ["forward", "backward"]


def test_a_closed_box_says_what_is_detached_in_it() -> None:
    with tg.scope("model"):
        loss = truncated()
    shown = re.findall(r">([^<>]+)</", tg.draw(loss, view="modules", depth=1).dot)
    assert "detached inside: h1, h3" in shown and "5 steps, 40 ops" in shown


def test_closed_boxes_say_what_goes_in_and_out() -> None:
    scene = scene_of(loss())
    folded = boxes_of(scene, 3)
    assert list(folded.boxes) == [("Model", "rnn", f"t={t}") for t in (1, 2, 3)]
    second = folded.boxes["Model", "rnn", "t=2"]
    assert [node.name for node in second.inputs] == ["x2"]
    assert [node.name for node in second.outputs] == ["h2"]
    assert second.operations == sum(1 for node in scene.nodes if node.place[-1:] == ("t=2",) and node.symbol)
    shared = {scene.nodes[id].name: count for id, count in folded.uses.items()}
    assert {"W_xh", "W_hh"} <= set(shared)
    assert shared["W_hh"] == 3
    whole, head = boxes_of(scene).boxes.values()
    assert {node.name for node in head.parameters} == {"head.weight", "head.bias"}
    assert (whole.path, head.path) == (("Model", "rnn"), ("Model", "head"))
    assert [node.name for node in whole.states] == ["h1", "h2", "h3"] and len(whole.parameters) == 4


@pytest.mark.parametrize("name", ["T 30", "bilstm 2", "gru 2 layers", "characters", "seq2seq", "layer twice"])
def test_the_steps_of_a_layer_are_one_box(name: str) -> None:
    """With a strip over time for each of its states, as wide as there are steps, unless one of them is opened."""
    picture = made(name, "modules")
    boxes = [unescape(line) for line in picture.dot.splitlines() if re.match(r"b\d+ \[", line)]
    layers = [line for line in boxes if re.search(r">\d+ steps, \d+ ops<", line)]
    assert layers and not any(re.search(r"<B>[^<]* t = \d+</B>", line) for line in layers)
    steps = max(scene_of(GRAPHS[name]()).frames)
    for line in layers:
        strips = re.findall(r">\|dL/d[hc]\d?'*\[t\]\| .*?<TABLE[^>]*>(.*?)</TABLE>", line)
        assert strips and {strip.count("<TD") for strip in strips} == {steps}


def test_parameters_of_the_same_name_in_a_box_are_told_apart() -> None:
    shown = texts_of(made("dense blocks", "modules").svg)
    assert {"a.weight [2x4]", "b.weight [2x4]"} <= set(shown) and not any(text.startswith("weight") for text in shown)


def test_boxes_of_steps_that_are_opened_stand_beside_each_other() -> None:
    boxes = boxes_of(scene_of(loss()), open=opened(scene_of(loss()), "t=2")).boxes
    assert list(boxes) == [("Model", "rnn", "t=1"), ("Model", "rnn", "t=3"), ("Model", "head")]


def test_a_flow_has_what_flows_back_along_it() -> None:
    scene = scene_of(loss())
    folded = boxes_of(scene, 3)
    flow = next(f for f in folded.flows if (f.source, f.target) == (("Model", "rnn", "t=2"), ("Model", "rnn", "t=3")))
    (value,), (share,) = flow.values, flow.shares
    assert value.name == "h2"
    edges = [e for e in scene.edges if e.source == value.id and scene.nodes[e.target].step == 3 and e.share is not None]
    np.testing.assert_allclose(share, sum(edge.share for edge in edges if edge.share is not None))


def test_layers_that_run_both_ways_are_in_an_order() -> None:
    """What joins both directions is a visit to the scope around the layers, and joined again it is another one."""
    outputs, _ = nn.LSTM(2, 3, num_layers=2, bidirectional=True)(tg.randn(2, 2))
    folded = boxes_of(scene_of(outputs.sum()))
    layers = ["l0", "l0_reverse", "t=1 to 2", "l1", "l1_reverse", "t=1 to 2 (2)"]
    assert list(folded.boxes) == [("LSTM", layer) for layer in layers]
    order = TopologicalSorter[object]()
    for flow in folded.flows:
        order.add(flow.target, flow.source)
    order.prepare()  # there is no circle
    assert {flow.source for flow in folded.flows if flow.target == ("LSTM", "l1")} == {("LSTM", "t=1 to 2")}


def test_what_is_computed_of_steps_is_linked_to_the_boxes_that_read_it() -> None:
    scene = made("layer twice", "modules").scene
    folded = boxes_of(scene)
    read = {value.name for flow in folded.flows if flow.target == ("RNN (call 2)",) for value in flow.values}
    assert "out" in read and "out" not in {scene.nodes[id].name for id in folded.uses}


def test_what_some_boxes_read_is_linked_to_them() -> None:
    """But for what all steps share: of that a card says how often it is read."""
    for name, value, many in (("ode", "y0", 2), ("residual 16", "x", 2), ("models.bidirectional", "xs3", 2)):
        assert made(name, "modules").dot.count(f'class="forward" edgetooltip="{value}"') == many
    assert 'class="forward" edgetooltip="a"' not in made("T 30", "modules").dot


def test_a_parameter_is_linked_to_the_only_box_that_reads_it_and_counts_its_uses_in_several() -> None:
    dot = made("tied", "modules").dot
    assert len(re.findall(r'^n0 -> \w+ \[.*tooltip="Embedding.weight"', dot, re.MULTILINE)) == 2
    assert "used 3x, in 2 boxes" in " ".join(texts_of(made("models.several heads", "modules").svg))


@pytest.mark.parametrize(
    ("name", "says"), [("tied", "5 parameters; 2 closed boxes, 7 cards"), ("hvp", "1 parameter; ")]
)
def test_parameters_are_not_said_to_be_in_boxes(name: str, says: str) -> None:
    text = " ".join(texts_of(made(name, "modules").svg))
    assert says in text and "0 closed" not in text


def test_depth_and_open() -> None:
    scene = scene_of(loss())
    assert list(boxes_of(scene, 1).boxes) == [("Model",)]
    assert set(boxes_of(scene, 2).boxes) == {("Model", "rnn"), ("Model", "head")}
    assert not boxes_of(scene, 9).boxes
    assert opened(scene, "t=2") == {("Model",), ("Model", "rnn"), ("Model", "rnn", "t=2")}
    assert ("Model", "rnn", "t=2") not in boxes_of(scene, open=opened(scene, "rnn/t=2")).boxes
    with pytest.raises(ValueError, match="open='nothing' is none of the scopes of this graph; there are Model, "):
        draw(loss(), view="modules", open="nothing")
    with pytest.raises(ValueError, match="depth=0 is not possible"):
        draw(loss(), view="modules", depth=0)


def test_every_card_and_box_is_drawn_once_whatever_the_depth() -> None:
    for depth in (1, 2, 3, 9, None):
        picture = draw(loss(), view="modules", depth=depth)
        folded = boxes_of(picture.scene, depth)
        names = [line.split(" [")[0].strip() for line in picture.dot.splitlines() if " [id=" in line]
        assert sorted(names) == sorted(
            [f"n{node.id}" for node, _ in folded.cards] + [f"b{n}" for n in range(len(folded.boxes))]
        )
        assert "newrank" not in picture.dot
        assert "<svg" in picture.svg


def test_modules_of_a_graph_without_scopes_are_its_cards() -> None:
    picture = draw(models.mlp(), view="modules")
    assert {"W1", "b2", "L"} <= set(texts_of(picture.svg))
    assert depth_for(picture.scene) == 1


def program(folder: Path, script: str) -> str:
    path = folder / "slow"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_a_program_that_takes_too_long_gets_the_coarser_view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIME_LIMIT", 0.5)
    slow = program(
        tmp_path, f"cat > {tmp_path}/text; grep -q 'closed to depth 1\\|ok' {tmp_path}/text || exec sleep 5; echo ok"
    )
    picture = draw(loss(), view="modules", engine=slow)
    before = picture.dot
    assert picture.svg == "ok\n"
    assert picture.dot != before
    assert "graphviz took too long for more detail: boxes are closed to depth 1" in picture.dot
    never = draw(loss(), view="cells", engine=program(tmp_path, "exec sleep 5"))
    with pytest.raises(TimeoutError, match=r"more than 0\.5 s"):
        _ = never.svg


def test_the_loop_of_the_textbook() -> None:
    given = models.rnn(steps=4)
    scene = scene_of(given)
    rolled = rolled_of(scene)
    assert {value.node.name: value.node.formula for value in rolled.values if value.node.symbol} == {
        "a[t]": "W_xh @ x[t]",
        "r[t]": "W_hh @ h[t-1]",
        "s[t]": "a[t] + r[t]",
        "z[t]": "s[t] + b",
        "h[t]": "tanh(z[t])",
    }
    names = {value.node.id: value.node.name for value in rolled.values}
    assert [(names[edge.source], names[edge.target], on) for edge, on in rolled.back] == [("h[t]", "r[t]", 1)]
    (flow,) = rolled.flows.values()
    assert flow.sizes == pytest.approx(tg.gradient_flow(given).sizes)
    for value in rolled.values:
        steps = [n for n in scene.nodes if n.slot == value.node.slot and n.frame is not None and n.gradient is not None]
        if value.node.symbol:
            assert value.sizes == tuple(size(n.gradient) for n in steps if n.gradient is not None)
    assert {node.name for node in rolled.outside} == {"W_xh", "W_hh", "b", "W_hy", "h0", "target", "y", "e", "q", "L"}


def test_two_states_have_two_edges_back() -> None:
    picture = draw(models.lstm(steps=20), view="rolled")
    assert picture.dot.count("dir=back class=") == picture.dot.count("dir=forward penwidth") == 2  # there and back
    shown = texts_of(picture.svg)
    assert {"h[t]", "c[t]", "every step", "t = 1 to 20"} <= set(shown)
    assert {"h[t-1]", "h[t] of the step before", "c[t-1]"} <= set(shown)
    assert sum(text.startswith("carries x ") for text in shown) == 2


@pytest.mark.parametrize("name", ["models.mlp", "wide"])  # branches beside each other are no layers
def test_there_is_no_loop_without_time(name: str) -> None:
    with pytest.raises(ValueError, match="this graph has no time steps"):
        made(name, "rolled")


@pytest.mark.parametrize(
    "name", ["bilstm 2", "seq2seq", "layer twice", "detached", "models.per step", "models.attention", "docs.attention"]
)
def test_what_a_loop_hands_on_is_what_its_readers_say(name: str) -> None:
    """Also of loops that run backwards, that follow each other, and that begin with another number."""
    tg.manual_seed(1)
    scene = scene_of(GRAPHS[name]())
    loop = rolled_of(scene)
    nodes = {value.node.id: value.node for value in loop.values}
    assert loop.back
    for edge, on in loop.back:
        handed_on = nodes[edge.source].name.replace("[t]", f"[t{-on:+d}]")
        assert handed_on in nodes[edge.target].formula
    picture = draw(GRAPHS[name](), view="rolled").dot
    for start in loop.starts:
        if scene.nodes[start].gradient is not None:
            assert re.search(rf"n{start} -> (d|on)\d+ .*backward", picture), "a gradient that nothing brings"


def test_loops_that_follow_each_other_stand_in_frames_of_their_own() -> None:
    text = made("docs.attention", "rolled").dot
    frames = [part.partition("\n}")[0] for part in re.split(r"subgraph cluster_\d", text)[1:]]
    assert [re.findall(r"every step|of \w+|t = \d to \d", part)[:3] for part in frames] == [
        ["every step", "of encoder", "t = 1 to 3"],
        ["every step", "of decoder", "t = 1 to 2"],
    ]
    assert [sorted(set(re.findall(r"<B>([hy]\[t\]|[hy]\[t-1\])</B>", part))) for part in frames] == [
        ["h[t-1]", "h[t]"],
        ["y[t-1]", "y[t]"],
    ]


@pytest.mark.parametrize(
    ("name", "says"), [("seq2seq", r"0.0941, the last [a-z]+\[t\];"), ("T 5", "1.33;"), ("mlp 16", "0.0561;")]
)
def test_a_loss_that_is_made_in_the_loop_is_named(name: str, says: str) -> None:
    assert any(re.match(f"loss L = {says}", text) for text in texts_of(made(name, "rolled").svg))


def test_a_strip_names_what_it_shows_whole() -> None:
    said = [text for text in texts_of(made("models.two layers", "full").svg) if text.startswith("dL/d")]
    assert len(said) > 3 and all(re.fullmatch(r"dL/d[^\s.]+: \S+", text) for text in said), said


@pytest.mark.parametrize("view", ["full", "modules"])
def test_the_card_that_breaks_has_a_border_of_its_own(view: str) -> None:
    cards = [line for line in made("nan", view).dot.splitlines() if re.match(r"n\d+ \[", line)]
    (marked,) = [card for card in cards if re.search('<TABLE[^>]* BORDER="2"[^>]* COLOR="#B5179E"', card)]
    assert ">v1<" in marked


def test_parameters_are_told_apart_by_the_first_scope_that_says_more() -> None:
    names = {node.name for node in scene_of(GRAPHS["transformer 2"]()).nodes if node.kind == "parameter"}
    assert {"Block.k.weight", "Block 2.k.weight"} <= names
    assert not any(re.search(r"\b(\w+)\.\1\.", name) for name in names)


def test_what_runs_backwards_starts_behind_the_last_step() -> None:
    outputs, _ = nn.RNN(1, 2, bidirectional=True)(tg.randn(3, 1))
    formulas = {node.name: node.formula for node in scene_of((outputs**2).sum()).nodes}
    assert formulas["h0"] == formulas["h4'"] == "start state"
    assert "h4'" in formulas["r3'"] and "h3'" in formulas["r2'"]


def test_steps_of_a_loop_that_goes_on_from_another_are_not_the_steps_of_that() -> None:
    scene = scene_of(GRAPHS["two loops"]())
    steps = {(node.place[0], node.frame) for node in scene.nodes if node.symbol and node.place[:1]}
    assert len({place for place, _ in steps}) == len(steps) == 6
    picture = draw(GRAPHS["two loops"](), view="modules")
    assert picture.dot.count("<B>read</B>") == picture.dot.count("<B>write</B>") == 3
    assert picture.dot.count("GRUCell") == 6  # and its class beside each name


def test_an_input_that_the_first_step_reads_elsewhere_is_that_of_all_steps() -> None:
    V, U, h = tg.randn(3, 5, requires_grad=True), tg.randn(3, 5, requires_grad=True), tg.zeros(3)
    for x in tg.randn(3, 2):
        reset = (V @ tg.cat((x, h))).sigmoid()  # in the first step this reads no x, but what was made of it
        h = tg.tanh(U @ tg.cat((x, reset * h)))
    loop = rolled_of(scene_of(h.sum()))
    inside = [value.node.name for value in loop.values if not value.node.symbol]
    assert inside == ["x[t]"]
    assert {node.name for node in loop.outside if not node.symbol and node.kind != "parameter"} == {"h0", "d1"}


def test_boxes_say_names_whole_where_numbers_leave_room() -> None:
    words, formulas = list[str](), list[str]()
    for name in ("letters", "joined", "characters"):
        for box in re.findall(r"(?m)^b\d+ .*", made(name, "modules").dot):
            words += re.findall(r">((?:in|out) [^<]*|\|dL/d[^<]*)<", box)
            formulas += re.findall(r">(= [^<]*)<", box)
    assert "|dL/dhidden1|" in words and [word for word in words if ".." in word] == []
    assert "= weight[[1, 2, 3, 4]]" in formulas  # as the row of the parameter


@pytest.mark.parametrize("name", ["transformer 1", "skips"])
def test_what_is_made_and_read_in_one_scope_stands_in_it(name: str) -> None:
    """The norm of data is a leaf: nothing in it wants a gradient."""
    assert re.search(r"LayerNorm.*\n(n\d+ .*\n)*n\d+ .*>k1<.*made here", made(name, "full").dot)
