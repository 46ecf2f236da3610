"""Pictures and texts call every value the same."""

import re
import sys
from collections import Counter
from collections.abc import Callable
from html import unescape
from itertools import combinations
from os import sep
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import Node
from tests.viz import models
from tests.viz.inside import base, rolled_of
from tests.viz.many import GRAPHS, weights
from tinygrad_rnn import Tensor
from tinygrad_rnn.viz import scene_of


def plain_arrays() -> Tensor:
    """Arrays that are no tensors, read in steps."""
    w, h = tg.tensor([0.5, -0.2], requires_grad=True), tg.zeros(2)
    for t in range(3):
        with tg.step(t):
            h = (h * w + np.array([0.1 * t, 1.0])).tanh()
    return (h * np.array([1.0, 2.0])).sum()


def cut() -> Tensor:
    """A state is detached halfway."""
    w, h = tg.tensor(0.5, requires_grad=True), tg.tensor(1.0)
    for t in range(4):
        with tg.step(t):
            h = (h.detach() if t == 2 else h) * w
    return h * 3


MAKERS: list[Callable[[], Tensor]] = [
    models.rnn,
    lambda: models.rnn(named=False),
    lambda: models.rnn(named=False, loss_per_step=True),
    models.lstm,
    models.lstm_apart,
    models.gru,
    models.two_layers,
    models.bidirectional,
    models.attention,
    models.chain,
    models.mlp,
    lambda: models.module(tg.nn.LSTM(1, 2, num_layers=2, bidirectional=True), 3),
    plain_arrays,
    cut,
]


@pytest.mark.parametrize("number", range(len(MAKERS)))
def test_the_steps_of_the_backward_pass_read_like_the_cards(number: int) -> None:
    loss = MAKERS[number]()
    cards = {node.name: node.formula for node in scene_of(loss).nodes if node.symbol}
    steps = {step.name: step.formula for step in tg.autograd.backward_steps(loss)}
    assert len(cards) >= 3
    assert steps == cards


def twice() -> Tensor:
    """A variable is assigned twice in a turn."""
    A, m = weights(2, 2), tg.zeros(2)
    for x in tg.randn(3, 2):
        m = A @ m + x
        m = tg.tanh(m)
    return m.sum()


def filtered() -> Tensor:
    """As in a Kalman filter, a prediction has the name of what it becomes and a mark."""
    A, x, P = weights(2, 2), tg.zeros(2), tg.eye(2)
    for z in tg.randn(3, 2):
        P_ = A @ P @ A.mT + 1
        P = P_ * 0.5
        x = tg.tanh(A @ x + P_ @ z)
    return x.sum() + P.sum()


def later() -> Tensor:
    """What comes after the steps is called as a letter of the first step would be."""
    w, h = weights(2), tg.zeros(2)
    for t in range(1, 4):
        with tg.step(t):
            h = tg.tanh(w * h + 1)
    last = h * 2
    last.name = "a1"
    return last.sum()


@pytest.mark.slow
def test_flows_are_called_as_the_cards_of_their_states() -> None:
    """Where there is one loop; of several a flow has the scope of the steps before its name."""
    looked = 0
    programs = (GRAPHS[name] for name in GRAPHS.keys() - {"T 200", "T 5000"})
    for make in (*MAKERS, *programs, twice, filtered, own_letters):
        try:
            flows = tg.gradient_flow(loss := make())
        except (ValueError, RuntimeError):  # it has no states, or is not one number
            continue
        scene = scene_of(loss)
        names = {made.birth: node.name for node, made in zip(scene.nodes, scene.made, strict=False)}
        for flow in flows if len({*scene.segment}) == 1 and not any("/" in flow.name for flow in flows) else ():
            looked += 1
            pairs = zip(flow.times, flow.nodes, strict=True)
            assert {base(names[node.birth], time) for time, node in pairs if node is not loss} == {flow.name}
    assert looked > 40


def test_of_what_is_assigned_twice_the_state_has_no_prime() -> None:
    assert [flow.name for flow in tg.gradient_flow(twice())] == ["m"]
    assert {node.name for node in scene_of(twice()).nodes} >= {"m1", "m1'", "m0"}


def test_marks_at_the_end_of_a_name_are_part_of_it() -> None:
    scene = scene_of(filtered())
    assert {node.name for node in scene.nodes} >= {"P__1", "P1"}
    assert {value.node.name for value in rolled_of(scene).values} >= {"P_[t]", "P[t]"}


def test_zeros_of_which_nothing_is_recorded_are_called_as_what_stands_there_later() -> None:
    nodes = {node.name: node for node in scene_of(GRAPHS["zoneout"]()).nodes}
    zeros = [name for name, node in nodes.items() if node.formula == "zeros" and node.step == 1]
    assert len(zeros) == 2 and {nodes[name.replace("1", "2")].symbol for name in zeros} == {"*"}


def test_letters_that_were_made_up_give_way_to_names() -> None:
    found = [node.name for node in scene_of(later()).nodes]
    assert "a1" in found and not any(name.startswith("a") and name != "a1" for name in found)


def test_a_ledger_reads_like_the_cards() -> None:
    w, h = tg.tensor([0.5, -0.2], requires_grad=True), tg.ones(2)
    for t in range(3):
        with tg.step(t):
            h = (h * w + w).tanh()
    loss = h.sum()
    cards = [node.formula for node in scene_of(loss).nodes if node.symbol in ("*", "+")]
    assert cards == ["h_init * w", "a0 + w", "h0 * w", "a1 + w", "h1 * w", "a2 + w"]
    ledger = tg.contributions(loss, w)
    assert [each.operation for each in ledger] == cards
    assert ledger.name == "w"


def test_a_state_cut_off_in_a_step_is_the_state_of_the_step_before() -> None:
    assert [step.formula for step in tg.autograd.backward_steps(cut())] == ["h3 * 3", "h2 * w", "h1 * w"]


def called(loss: Any) -> list[tuple[str, str]]:
    return [(node.name, node.formula) for node in tg.draw(loss).scene.nodes]


def test_what_the_program_calls_a_value_that_no_other_is_called() -> None:
    """Without steps and modules nothing else says what is what; of several with one name none has it."""

    def neuron() -> Any:
        x, w, b = tg.tensor(2.0), tg.tensor(-3.0, requires_grad=True), tg.tensor(1.0, requires_grad=True)
        y = x * w + b
        return y.tanh()

    def reassigned() -> Any:
        x, w = tg.ones(2), tg.ones(2, 2, requires_grad=True)
        x = w @ x
        x = x.relu()
        out = x * 2
        return out.sum()

    assert called(neuron()) == [
        ("x", "data"), ("w", "parameter"), ("b", "parameter"), ("v1", "x * w"), ("y", "v1 + b"), ("L", "tanh(y)"),
    ]  # fmt: skip
    assert called(reassigned()) == [
        ("x", "data"), ("w", "parameter"), ("v1", "w @ x"), ("v2", "relu(v1)"), ("out", "v2 * 2"), ("L", "sum(out)"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("graph", "wanted"),
    [("vae", "h mu logvar z kl"), ("gan", "fake real"), ("attention", "x wq wk wv scores"), ("neuron", "x1 w1 b")],
)
def test_what_modules_give_is_called_as_the_program_calls_it(graph: str, wanted: str) -> None:
    assert {*wanted.split()} <= {name for name, _ in called(GRAPHS[graph]())}


def test_the_steps_of_a_value_that_not_all_steps_have() -> None:
    values = tg.draw(GRAPHS["clockwork"](), view="rolled").dot
    assert "t = 1, 3, 5" in re.sub(r"<[^>]*>|\s+", " ", values).replace("  ", " ")


def test_answers_without_a_gradient_in_a_loop() -> None:
    w, h = tg.rand(3, 3, requires_grad=True), tg.zeros(3)
    for _ in range(3):
        mask = h > 0.1
        h = tg.where(mask, tg.tanh(w @ h + 1), h) * (h >= 0).float()
    assert "3 time steps" in repr(tg.draw(h.sum()))


def test_a_step_without_some_of_the_operations_is_lined_up_by_the_program() -> None:
    """In the first step of zoneout nothing is recorded of ``keep * old``: its other factor, 1 - keep, is not keep."""
    nodes = tg.draw(GRAPHS["zoneout"](), view="full", force=True).scene.nodes
    factors = {node.name: node.value for node in nodes if base(node.name, node.step).rstrip("'") == "keep"}
    assert len(factors) == 5 and all(value.dtype == bool for value in factors.values())  # 1 - keep is of integers


def test_two_parameters_of_a_block_have_two_names() -> None:
    words = unescape(tg.draw(GRAPHS["products"](), view="rolled").dot)
    assert all(f">{name}[l]<" in words for name in ("weight", "weight'", "bias", "bias'"))


@pytest.mark.slow
def test_values_of_one_name_are_the_same_data() -> None:
    """Both directions of a layer read every step: x is no other in one than in the other."""
    twice = set()
    for graph in GRAPHS.keys() - {"T 200", "T 5000"}:
        tg.manual_seed(1)
        nodes = tg.draw(GRAPHS[graph](), view="full", force=True).scene.nodes
        data = [node for node in nodes if not node.symbol and node.frame is not None and node.value.dtype.kind == "f"]
        drawn = [node for node in data if node.value.size > 1 and node.value.any()]  # at random, so never alike
        pairs = [(a, b) for a, b in combinations(drawn, 2) if np.array_equal(a.value, b.value) and a.frame == b.frame]
        assert all(a.name == b.name for a, b in pairs), graph
        twice |= {graph} if pairs else set()
        alike = [(a, b) for a, b in combinations(nodes, 2) if a.name == b.name]
        assert all(a in data and np.array_equal(a.value, b.value) and a.frame == b.frame for a, b in alike), graph
    assert {"birnn", "bilstm 2"} <= twice


@pytest.mark.parametrize(
    ("graph", "wanted"),
    [
        ("tied", "Embedding.weight W_xh W_hh b_xh b_hh"),  # read as table.weight too
        ("two modules", "Linear.weight Linear.bias W_xh W_hh b_xh b_hh"),
        ("one linear", "weight bias"),
    ],
)
def test_a_parameter_is_called_by_its_module_where_its_name_says_nothing_without(graph: str, wanted: str) -> None:
    nodes = tg.draw(GRAPHS[graph](), view="full", force=True).scene.nodes
    assert " ".join(node.name for node in nodes if node.kind == "parameter") == wanted


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        (models.lstm, "gates1 i1 f1 g1 o1 c1 h1"),
        (models.gru, "gi1 gh1 ri1 zi1 ni1 rh1 zh1 nh1 r1 z1 n1 h1"),
        (lambda: models.rnn(named=False, loss_per_step=True), "y1 total2"),
        (models.bidirectional, "h1 h1'"),
        (models.attention, "memory scores1 part1"),
        (models.loss_outside, "total2 total3"),  # of a second loop, whose turns are no steps of their own
        (GRAPHS["words and letters"], "c_init2 c2 c2' h2"),  # of cells, which call all of theirs h
        (GRAPHS["seq2seq attention"], "seen1 loss1 memory"),  # seen = cat(..) if attentive else h
        (GRAPHS["kept slots"], "slots0 slots1 e1 e2"),
    ],
)
def test_steps_that_are_marked_have_the_names_of_the_program(make: Callable[[], Tensor], wanted: str) -> None:
    assert set(wanted.split()) <= {node.name for node in scene_of(make()).nodes}


def collected() -> list[Tensor]:
    W, U = tg.randn(2, 1, requires_grad=True), tg.eye(2).requires_grad_()
    states = [tg.zeros(2)]
    for t in (1, 2, 3):
        with tg.step(t):
            x = tg.tensor([0.1 * t])
            states.append(tg.tanh(tg.linear(x, W) + tg.linear(states[-1], U)))
    assert {"W", "U", "states0", "states1", "states3"} <= {node.name for node in scene_of(states[-1].sum()).nodes}
    return states


def test_what_is_collected_in_a_list_is_called_after_it_while_there_is_one() -> None:
    assert {"W", "U", "h0", "h1", "h3"} <= {node.name for node in scene_of(collected()[-1].sum()).nodes}


def test_names_that_are_given_come_before_variables() -> None:
    cell, state = tg.nn.RNNCell(2, 3), tg.zeros(3)
    for t in (1, 2):
        with tg.step(t):
            state = cell(tg.ones(2), state)
            state.name = "memory"
    assert {"memory1", "memory2"} <= {node.name for node in scene_of(state.sum()).nodes}


def own_letters() -> Any:
    """The user's names are those that this package has for what its cells compute, and for a state."""
    cell, h, c = tg.nn.LSTMCell(2, 3), tg.zeros(3), tg.zeros(3)
    for t in (1, 2):
        with tg.step(t):
            h, c = cell(tg.ones(2), (h, c))
            f, state = tg.relu(h), h.sin()
            f.name, state.name = "f", "h"
            h = h + f * state
    return h.sum()


def own_error() -> Any:
    w, e = weights(2), tg.ones(2)
    kept = tg.nn.functional.mse_loss(w, e)
    made = w.exp()
    made.name = "e"
    return kept * made.sum()


def own_weight() -> Any:
    layer, weight = tg.nn.Linear(2, 2), weights(2)
    mine = weights(2)
    mine.name = "weight"
    x1 = layer(weight * mine)
    x1.name = "v1"
    return (x1 * 2).sum()


def own_last() -> Any:
    cell, h = tg.nn.RNNCell(2, 3), tg.zeros(3)
    for x in tg.randn(3, 2):
        h = cell(x, h)
    h.name = "h"
    two = h * 2
    two.name = "h2"
    return (two + h.sin()).sum()


@pytest.mark.slow
def test_names_that_are_given_have_no_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    """All others give way to them: letters, variables and what modules call their parameters."""
    slot, given = vars(Node)["name"], dict[int, str]()

    def note(node: Any, name: str) -> None:
        slot.__set__(node, name)
        if f"{sep}tinygrad_rnn{sep}" not in sys._getframe(1).f_code.co_filename and isinstance(node, Tensor):
            given[node.birth] = name

    monkeypatch.setattr(Node, "name", property(slot.__get__, note))
    looked = 0
    for make in (
        *(GRAPHS[name] for name in GRAPHS.keys() - {"T 200", "T 5000"}),
        own_letters,
        own_error,
        own_weight,
        own_last,
    ):
        given.clear()
        scene = scene_of(make())
        pairs = [
            (given[made.birth], node)
            for node, made in zip(scene.nodes, scene.made, strict=False)
            if made.birth in given
        ]
        alike = Counter((name, node.frame) for name, node in pairs)
        looked += len(pairs)
        assert [node.name for name, node in pairs if "'" in node.name and alike[name, node.frame] == 1] == [], make
        assert all(base(node.name, node.step) in (name, node.name.removesuffix("_init")) for name, node in pairs), make
    assert looked > 150


def _pair(a: Any) -> Any:
    return (a.sin(), a.cos()), a.tanh()


def two_states() -> Tensor:
    cell, memory, hidden = tg.nn.LSTMCell(2, 3), tg.zeros(3), tg.zeros(3)
    for _, (x, y) in enumerate(zip(tg.randn(3, 2), tg.randn(3, 3), strict=True)):
        hidden, memory = cell(x, (hidden, memory))
        (up, down), across = _pair(hidden * y)
        hidden = hidden + up - down * across
    return hidden.sum()


def thrown_away() -> Any:
    outputs, _ = tg.nn.GRU(2, 3)(tg.randn(4, 2))
    return outputs[-1].std()


def nested() -> Any:
    ys, (last, memory) = tg.nn.LSTM(2, 3)(tg.randn(4, 2))
    return ys.mean() + last.sum() * memory.sum()


def starred() -> Any:
    x = weights(3)
    (*_, square), end = [x.sin(), x**2], x.exp()
    return (square * end).sum()


def handed_on() -> Any:
    """What functions give, and what is read from a dictionary, by a number, through a method and by a keyword."""
    layer, given = tg.nn.Linear(3, 3), {"W": weights(3, 3), "c": weights(3)}
    rate, mask = weights(1), tg.ones(3, 3).triu(1).bool()

    def slope(x: Any) -> Any:
        return tg.autograd.grad((layer(x) ** 2).sum(), x, create_graph=True)[0]

    def mixed(a: Any, b: Any) -> Any:
        return tg.cat([a, b], dim=0) @ given["W"] + given["c"]

    points = weights(3, 3)
    steep = slope(points)
    size = steep.norm(dim=1)
    both = mixed(layer(points).tanh(), points * rate)
    return size.sum() + both.view(len(both), -1)[:3].masked_fill(mask, float("-inf")).exp().sum()


def by_number() -> Any:
    W, U, h, seq, targets = weights(3, 3), weights(3, 2), tg.zeros(3), tg.randn(4, 2), tg.randn(4, 3)
    loss = tg.zeros(())
    for t in range(4):
        h = tg.tanh(W @ h + U @ seq[t])
        loss = loss + tg.nn.functional.mse_loss(h, targets[t])
    return loss


def summed() -> Any:
    W, U = weights(3, 3), weights(3, 3)
    squares: Any = sum((each**2).sum() for each in (W, U))
    return squares * (W @ U).sum()


def chunks() -> Any:
    W, v = weights(4, 4), weights(4)
    a, b = (W @ v).chunk(2)
    return a.std() + b.std()


def decoded() -> Any:
    """A function is given a result of a module and what is no variable."""

    class Coder(tg.nn.Module):
        def forward(self, x: Any) -> Any:
            return (x @ weights(4, 4)).sigmoid(), x

    x = tg.rand(2, 4)
    guess, again = Coder()(x)
    return tg.nn.functional.binary_cross_entropy(guess, again.view(2, -1))


UNPACKED: dict[Callable[[], Any], str] = {
    two_states: "hidden2 memory2 x2 y2 up2 down2 across2",
    thrown_away: "outputs",
    nested: "ys last memory",
    starred: "square end",
    handed_on: "x rate size steep a b given.W given.c both mask",
    by_number: "h2 seq2 targets2 loss2",
    summed: "squares",
    chunks: "W v",
    decoded: "x",
}


@pytest.mark.parametrize(("make", "wanted"), UNPACKED.items())
def test_the_names_of_what_is_unpacked_and_read(make: Callable[[], Any], wanted: str) -> None:
    assert set(wanted.split()) <= {node.name for node in scene_of(make()).nodes}


def test_what_is_unpacked_has_not_the_names_of_its_parts() -> None:
    """Which of the results before it a function of several operations has made is not known."""
    assert {node.name for node in scene_of(chunks()).nodes if node.symbol == "@"} == {"v1"}


@pytest.mark.parametrize(
    ("graph", "made", "given"), [("critic", "k1", "now"), ("zoneout", "u1 xx2", "x1 keep2"), ("experts", "", "x")]
)
def test_what_the_program_computed_is_no_input(graph: str, made: str, given: str) -> None:
    """Though nothing is recorded of it, as of ``1 - keep``."""
    tg.manual_seed(1)
    words = {node.name: node.formula for node in scene_of(GRAPHS[graph]()).nodes}
    assert {words[name] for name in made.split()} <= {"made here, without a gradient"}
    assert {words[name] for name in given.split()} <= {"data", "input"}


def test_lists_of_those_who_look_on_name_nothing() -> None:
    loss = models.rnn(steps=2, named=False)
    before = [node.name for node in scene_of(loss).nodes]
    found = tg.history(loss)
    assert [node.name for node in scene_of(loss).nodes] == before and len(found) > 5


def test_of_a_running_sum_the_last_alone_has_the_name_of_the_variable() -> None:
    ways = [weights(2) for _ in range(4)]
    loss = sum((each * each).sum() for each in ways)
    names = [node.name for node in scene_of(loss).nodes]
    assert names[-1] == "L" and not any("loss" in name for name in names[:-1])


def test_a_variable_that_is_bound_again_to_the_loss_names_nothing_before() -> None:
    f = weights(1) ** 2
    g = f / 2.0
    g = g + 10.0 / f
    names = [node.name for node in scene_of(g).nodes]
    assert names[-1] == "L" and "f" in names and "g" not in names
