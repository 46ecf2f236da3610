"""The scene: a recorded graph as data."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.viz import models
from tests.viz.inside import Array, Node
from tests.viz.many import GRAPHS, weights
from tests.viz.unmarked import a_lookback_over_two_steps, a_sum_over_a_generator_of_states
from tinygrad_rnn import Tensor
from tinygrad_rnn.viz import Scene, scene_of


def by_name(scene: Scene) -> dict[str, Node]:
    return {node.name: node for node in scene.nodes}


def formulas(scene: Scene) -> dict[str, str]:
    return {node.name: node.formula for node in scene.nodes if node.symbol}


def gradient(node: Node) -> Array:
    assert node.gradient is not None
    return node.gradient


def leaf(value: float, name: str | None = None) -> Tensor:
    tensor = tg.tensor(value, dtype=tg.float64, requires_grad=True)
    tensor.name = name
    return tensor


def test_the_textbook_network_as_data() -> None:
    scene = scene_of(models.rnn(steps=2))
    assert formulas(scene) == {
        "a1": "W_xh @ x1",
        "r1": "W_hh @ h0",
        "s1": "a1 + r1",
        "z1": "s1 + b",
        "h1": "tanh(z1)",
        "a2": "W_xh @ x2",
        "r2": "W_hh @ h1",
        "s2": "a2 + r2",
        "z2": "s2 + b",
        "h2": "tanh(z2)",
        "y": "W_hy @ h2",
        "e": "y - target",
        "q": "e ** 2",
        "L": "mean(q)",
    }
    nodes = by_name(scene)
    assert {name: nodes[name].kind for name in ("W_xh", "x1", "h0", "h2", "z1", "target", "L")} == {
        "W_xh": "parameter",
        "x1": "input",
        "h0": "state",
        "h2": "state",
        "z1": "op",
        "target": "constant",
        "L": "loss",
    }
    assert nodes["h0"].formula == "start state"
    assert by_name(scene_of(models.several_heads()))["h0"].formula == "learnt start state"
    assert [nodes[name].symbol for name in ("a1", "s1", "h1", "e", "q", "L")] == ["@", "+", "tanh", "-", "^2", "mean"]
    assert [node.step for node in (nodes["x1"], nodes["z2"], nodes["y"], nodes["W_hh"])] == [1, 2, None, None]
    assert scene.frames == (1, 2)
    assert [[scene.nodes[id].name for id in ids] for ids in scene.states] == [["h1"], ["h2"]]
    assert scene.operations == 14
    assert scene.parameters == 4
    assert nodes["a1"].slot == nodes["a2"].slot


def test_unnamed_operations_get_the_same_letter_in_every_step() -> None:
    scene = scene_of(models.rnn(steps=3, named=False))
    assert formulas(scene) == {
        **{f"a{t}": f"W_xh @ x{t}" for t in (1, 2, 3)},
        **{f"r{t}": f"W_hh @ h{t - 1}" for t in (1, 2, 3)},
        **{f"s{t}": f"a{t} + r{t}" for t in (1, 2, 3)},
        **{f"z{t}": f"s{t} + b" for t in (1, 2, 3)},
        **{f"h{t}": f"tanh(z{t})" for t in (1, 2, 3)},
        "y": "W_hy @ h3",
        "e": "y - target",
        "q": "e ** 2",
        "L": "mean(q)",
    }


def test_an_lstm_has_h_and_c() -> None:
    nodes = by_name(scene_of(models.lstm(steps=2)))
    assert {"h0", "h1", "h2", "c0", "c1", "c2"} <= set(nodes)
    assert nodes["h1"].symbol == "*"
    assert nodes["c1"].symbol == "+"


def test_two_layers_are_told_apart() -> None:
    nodes = by_name(scene_of(models.two_layers(steps=2)))
    assert {"h1_0", "h2_0", "h1_1", "h2_1", "h1_2", "h2_2"} <= set(nodes)


def test_a_running_loss_is_no_state() -> None:
    for steps in (2, 4):
        scene = scene_of(models.rnn(steps=steps, loss_per_step=True))
        assert [[scene.nodes[id].name for id in ids] for ids in scene.states] == [[f"h{t + 1}"] for t in range(steps)]


def test_a_loss_computed_step_by_step_after_the_loop_stands_in_the_steps() -> None:
    scene = scene_of(models.loss_outside(steps=3))
    squares = [node for node in scene.nodes if node.symbol == "^2"]
    assert [node.step for node in squares] == [1, 2, 3]
    assert len({node.slot for node in squares}) == 1
    assert scene.nodes[scene.loss].step is None


def test_steps_passed_through_twice_are_columns_of_their_own_only_if_they_must() -> None:
    assert scene_of(models.layer_by_layer(steps=3)).frames == (1, 2, 3)
    assert scene_of(models.bidirectional(steps=3)).frames == (1, 2, 3)
    assert scene_of(models.attention(steps=3)).frames == (1, 2, 3, 1, 2)


def test_a_sum_over_a_generator_is_added_to_step_by_step_and_no_state() -> None:
    scene = scene_of(a_sum_over_a_generator_of_states())
    assert [[scene.nodes[id].formula.split("(")[0] for id in ids] for ids in scene.states] == [["tanh"]] * 4
    added = {node.name: node.step for node in scene.nodes if " + z" in node.formula}
    assert added == {"d1": 1, "d2": 2, "d3": 3, "d4": 4}


def test_a_start_that_is_read_two_steps_on_is_no_input() -> None:
    starts = {node.name: node.formula for node in scene_of(a_lookback_over_two_steps()).nodes if not node.symbol}
    assert starts["h0"] == starts["h_init"] == "start state" and starts["x1"] == "input"


def test_names_ending_in_a_digit() -> None:
    x = leaf(1.0, "x")
    h = x
    for t in (1, 2):
        with tg.step(t):
            h = tg.tanh(h * x)
            h.name = "h1"
    assert {"h1_1", "h1_2"} <= set(by_name(scene_of(h + 0.0)))
    h = x
    for t in (1, 2):
        with tg.step(t):
            h = tg.tanh(h * x)
            h.name = f"h{t}"
    assert {"h1", "h2"} <= set(by_name(scene_of(h + 0.0)))


def test_names_are_never_alike() -> None:
    a, b = leaf(1.0, "w"), leaf(2.0, "w")
    assert set(by_name(scene_of(a * b))) == {"w", "w'", "L"}


def test_states_of_the_same_name_have_primes_of_their_own() -> None:
    x = leaf(1.0, "x")
    lower = upper = x
    for t in (1, 2):
        with tg.step(t):
            lower = tg.tanh(lower * x)
            upper = tg.tanh(upper * lower)
            lower.name = upper.name = "h"
    assert {"h1", "h1'", "h2", "h2'"} <= set(by_name(scene_of(upper * 2)))


def test_letters_that_are_taken_are_avoided() -> None:
    a = leaf(1.0, "a1")
    with tg.step(1):
        s = a * 2
    names = set(by_name(scene_of(s * 3)))
    assert len(names) == 3
    assert "a1" in names


def test_made_up_names_do_not_go_on_with_those_of_steps() -> None:
    w, states = leaf(0.5, "w"), [leaf(1.0, "v0"), leaf(1.0)]
    for t in (1, 2, 3):
        with tg.step(t):
            states = [tg.tanh(w * state) for state in states]
            states[0].name = "v"
    loss = (states[0] + states[1]) * 2
    names = by_name(scene_of(loss))
    assert {"v0", "v1", "v2", "v3", "vv1", "states1", "states2", "states3"} <= names.keys() and "v4" not in names
    assert [flow.name for flow in tg.gradient_flow(loss)] == ["v", "states"]


def test_gradients_are_those_of_the_engine_before_and_after_backward() -> None:
    loss = models.lstm()
    before = scene_of(loss)
    parameters = [node for node in before.nodes if node.kind == "parameter"]
    tensors = {t.name: t for t in tg.history(loss) if t.name}
    assert all(t.grad is None for t in tensors.values() if isinstance(t, Tensor))
    loss.backward()
    after = scene_of(loss)
    for node in parameters:
        tensor = tensors[node.name]
        assert isinstance(tensor, Tensor)
        assert tensor.grad is not None
        np.testing.assert_array_equal(gradient(node), tensor.grad.array)
        np.testing.assert_array_equal(gradient(node), gradient(after.nodes[node.id]))
    assert [node.name for node in before.nodes] == [node.name for node in after.nodes]


def test_shares_add_up_to_the_gradient() -> None:
    for make in models.MODELS.values():
        scene = scene_of(make())
        for node in scene.nodes:
            shares = [edge.share for edge in scene.edges if edge.source == node.id and edge.share is not None]
            if node.gradient is not None and shares:
                exact = node.gradient.dtype == np.float64
                np.testing.assert_allclose(sum(shares), node.gradient, rtol=1e-12 if exact else 1e-5, atol=1e-6)


def test_the_sums_of_a_shared_parameter_run_from_the_last_step_to_the_first() -> None:
    scene = scene_of(models.rnn(steps=4))
    shared = {scene.nodes[id].name: uses for id, uses in scene.shared.items()}
    assert set(shared) == {"W_xh", "W_hh", "b"}
    uses = shared["W_hh"]
    assert [scene.nodes[edge.target].frame for edge in uses] == [3, 2, 1, 0]
    total = np.zeros((2, 2))
    for edge in uses:
        assert edge.share is not None
        total = total + edge.share
    np.testing.assert_allclose(total, gradient(by_name(scene)["W_hh"]))


def test_x_plus_x_is_two_edges() -> None:
    x = leaf(3.0, "x")
    scene = scene_of(x + x)
    assert [(edge.position, float(edge.share)) for edge in scene.edges if edge.share is not None] == [(0, 1), (1, 1)]
    assert float(gradient(by_name(scene)["x"])) == 2


def test_no_gradient_is_not_zero() -> None:
    x, y = leaf(2.0, "x"), tg.tensor(3.0, dtype=tg.float64)
    y.name = "y"
    nodes = by_name(scene_of(x * y * 0))
    assert nodes["y"].gradient is None
    assert float(gradient(nodes["x"])) == 0


def test_numbers_are_written_into_the_formula_and_arrays_are_drawn() -> None:
    x = leaf(2.0, "x")
    scene = scene_of((x * np.array([1.0, 2.0]) / 3).sum())
    assert [node.formula for node in scene.nodes] == ["parameter", "x * k1", "v1 / 3", "sum(v2)", "data"]
    assert scene.nodes[4].kind == "constant"


def test_a_loss_of_several_numbers_is_summed() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    scene = scene_of(x * 3)
    assert not scene.scalar
    np.testing.assert_array_equal(gradient(scene.nodes[0]), [3, 3])


def test_values_are_copies() -> None:
    x = leaf(2.0, "x")
    scene = scene_of(x * 2)
    with tg.no_grad():
        x.zero_()
    assert float(scene.nodes[0].value) == 2


def test_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="requires_grad=True"):
        scene_of(tg.tensor([1.0]) * 2)
    with pytest.raises(TypeError, match="Tensor"):
        scene_of(3.0)  # type: ignore[arg-type]


def changed_once(x: tg.Tensor) -> tg.Tensor:
    y = x * 2
    y[0] = 50
    return (y**2).sum()


def changed_twice(x: tg.Tensor) -> tg.Tensor:
    y = x * 2
    y[0] = 50
    y[1] = y[1] + 1
    return (y**2).sum()


def changed_through_a_view(x: tg.Tensor) -> tg.Tensor:
    y = x * 2
    part = y[1:]
    part += 10
    return (y * y).sum()


def added_in_place(x: tg.Tensor) -> tg.Tensor:
    y = x * 2
    y += 1
    y *= 3
    return y.sum()


@pytest.mark.parametrize(
    ("program", "then"),
    [
        (changed_once, {"x * 2": [2, 4], "setitem(v1, 50, index=0)": [50, 4]}),
        (changed_twice, {"x * 2": [2, 4], "setitem(v1, 50, index=0)": [50, 4], "v3 + 1": 5}),
        (changed_through_a_view, {"x * 2": [2, 4], "y[1:]": [4]}),
        (added_in_place, {"x * 2": [2, 4], "v1 + 1": [3, 5], "v2 * 3": [9, 15]}),
    ],
)
def test_a_card_shows_the_numbers_from_before_a_change_in_place(
    program: Callable[[tg.Tensor], tg.Tensor], then: dict[str, Any]
) -> None:
    scene = scene_of(program(tg.tensor([1.0, 2.0], requires_grad=True)))
    found = {node.formula: node.value.tolist() for node in scene.nodes}
    assert {formula: found[formula] for formula in then} == then
    assert not any("overwritten" in node.formula for node in scene.nodes)


def test_what_was_overwritten_and_is_not_known_any_more_says_so() -> None:
    out = tg.zeros(2)
    w = tg.tensor(3.0, requires_grad=True)
    out[0] = w
    out[1] = w * 2
    words = [node.formula for node in scene_of(out.sum()).nodes]
    assert words[:2] == ["data, overwritten since", "parameter"]


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (lambda x: x.masked_fill(tg.tensor([True, False]), -math.inf).softmax(0).sum(), None),
        (lambda x: (x + tg.tensor([-math.inf, 0.0])).softmax(0)[1], None),
        (lambda x: tg.where(x > 1.5, x, -math.inf).max(), None),
        (lambda x: x.masked_fill(x > 0, -math.inf).softmax(0).sum(), "first NaN at [0]: v2 = softmax(v1, dim=0), with"),
        (lambda x: (x * 100).exp().sum(), "first infinite number at [0]: v2 = exp(v1), with v1 = [100, 200]"),
        (lambda x: (x - x).log().sum(), "first infinite number at [0]: v2 = log(v1), with v1 = [0, 0]"),
        (lambda x: (x - 1).sqrt().sum(), "first infinite number gradient at [0]: from v2 = sqrt(v1) to v1 = [0, 1]"),
    ],
)
def test_what_is_broken_and_what_is_a_mask(program: Callable[[tg.Tensor], tg.Tensor], words: str | None) -> None:
    scene = scene_of(program(tg.tensor([1.0, 2.0], requires_grad=True)))
    assert (scene.broken is None) == (words is None)
    assert words is None or (scene.broken is not None and scene.broken.words.startswith(words)), scene.broken


def test_what_a_step_makes_without_a_gradient_is_no_input() -> None:
    nodes = by_name(scene_of(GRAPHS["kept slots"]()))
    assert (nodes["e1"].formula, nodes["x2"].formula) == ("made here, without a gradient", "input")


def test_what_reads_a_loop_and_one_that_runs_backwards_is_in_no_step() -> None:
    """At a step there would be two of them, and none at others."""
    ways, xs, loss = [(weights(3, 3), weights(3, 2)) for _ in range(2)], list(tg.randn(6, 2)), tg.zeros(())
    ends: list[dict[int, Tensor]] = [{}, {}]
    for (W, U), order, states in zip(ways, (range(6), reversed(range(6))), ends, strict=True):
        h = tg.zeros(3)
        for t in order:
            h = tg.tanh(W @ h + U @ xs[t])
            states[t] = h
    for t in range(6):
        loss = loss + tg.cat([ends[0][t], ends[1][t]]).sum()
    joined = [node for node in scene_of(loss).nodes if node.formula.startswith("cat")]
    assert [node.frame for node in joined] == [None] * 6
    assert [node.formula for node in joined] == [f"cat(h{t}, h{7 - t}', dim=0)" for t in range(1, 7)]
