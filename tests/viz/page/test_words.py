"""The words of a page: formulas that mean what the engine computes."""

from __future__ import annotations

import re

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.viz import models
from tests.viz.inside import base, model_of, rules_of, simpler, summed
from tests.viz.page.reading import ALL, drawn
from tinygrad_rnn import Primitive, Tensor
from tinygrad_rnn.viz import Scene, draw


@pytest.mark.parametrize(
    ("exact", "plain"),
    [
        ("reshape(dL/dr1, shape=(1, 2)).mT @ reshape(h0, shape=(1, 3))", "outer(dL/dr1, h0)"),
        ("unsqueeze(d1, dim=-1) * unsqueeze(dL/df1, dim=-2)", "outer(d1, dL/df1)"),
        ("squeeze(v1.mT @ unsqueeze(dL/dz1, dim=-1), dim=-1)", "v1^T @ dL/dz1"),
        ("broadcast_to(reshape(dL/dL, shape=(1, 1)) / 2, shape=(1, 2))", "dL/dL / 2"),
        ("broadcast_to(reshape(dL/dL, shape=1) / 1, shape=1)", "dL/dL"),
        ("broadcast_to(reshape(dL/dL, shape=1), shape=2)", "dL/dL"),
        ("put(dL/ds1, index=(:, 0:2), shape=(1, 6))", "dL/ds1 at [:, 0:2], 0 elsewhere"),
        ("dL/da1.mT @ x1", "dL/da1^T @ x1"),
        ("dL/dh1 * (1 - h1 * h1)", "dL/dh1 * (1 - h1 * h1)"),
    ],
)
def test_shapes_are_left_out(exact: str, plain: str) -> None:
    assert simpler(exact) == plain


@pytest.mark.parametrize(
    ("have", "want", "text"),
    [
        ((2, 3), (2, 3), "g"),
        ((2, 3), (3,), "sum(g, dim=0)"),
        ((4, 2, 3), (3,), "sum(g, dim=(0, 1))"),
        ((2, 3), (2, 1), "sum(g, dim=1, keepdim=True)"),
        ((4, 2, 3), (1, 3), "sum(g, dim=(0, 1))"),
    ],
)
def test_broadcasting_is_undone_by_a_sum(have: tuple[int, ...], want: tuple[int, ...], text: str) -> None:
    assert summed("g", have, want) == text


def evaluated(text: str, scene: Scene) -> np.ndarray:
    """A rule as numpy computes it, with the values and gradients of the scene for its names."""
    loss = scene.nodes[scene.loss].name
    known: dict[str, object] = {
        "outer": np.outer,
        "sum": lambda array, dim, keepdim=False: np.sum(array, axis=dim, keepdims=keepdim),
    }
    for node in scene.nodes:
        known[f"value_of_{node.id}"] = node.value
        known[f"gradient_of_{node.id}"] = node.gradient
    names = sorted(scene.nodes, key=lambda node: -len(node.name))
    for node in names:
        text = re.sub(rf"d{loss}/d{re.escape(node.name)}(?![\w'])", f"gradient_of_{node.id}", text)
    for node in names:
        text = re.sub(rf"(?<![\w']){re.escape(node.name)}(?![\w'(=])", f"value_of_{node.id}", text)
    return np.asarray(eval(text.replace("^T", ".T"), {"__builtins__": {}}, known))


@pytest.mark.parametrize("name", ["rnn", "rnn8", "two_layers", "lstm", "lstm_apart", "gru", "several_heads", "mlp"])
def test_a_rule_computes_the_contribution(name: str) -> None:
    picture = draw(models.lstm(batch=2)) if name == "lstm" else drawn(name)[1]
    checked, rules = 0, rules_of(picture.scene)
    for edge in picture.scene.edges:
        if edge.share is None:
            continue
        rule = rules[edge.target, edge.position]
        if "elsewhere" in rule:
            continue
        found = evaluated(rule, picture.scene)
        np.testing.assert_allclose(np.broadcast_to(found, edge.share.shape), edge.share, rtol=1e-6, atol=1e-12)
        checked += 1
    assert checked > 5


@pytest.mark.parametrize(
    ("name", "formulas"),
    [
        ("rnn", ("h[t] = tanh(W_xh @ x[t] + W_hh @ h[t-1] + b)", "L = mean((W_hy @ h5 - target) ** 2)")),
        ("two_layers", ("h1[t] = tanh(W_1 @ x[t] + U_1 @ h1[t-1])", "h2[t] = tanh(W_2 @ h1[t] + U_2 @ h2[t-1])")),
        ("mlp", ("L = mean(tanh(W2 @ tanh(W1 @ x + b1) + b2) ** 2)",)),
        ("bidirectional", ("h'[t] = tanh(W_backward @ xs[t] + U_backward @ h'[t+1])",)),
    ],
)
def test_the_model_as_a_formula(name: str, formulas: tuple[str, ...]) -> None:
    assert set(formulas) <= set(model_of(drawn(name)[1].scene))


@pytest.mark.parametrize("name", ALL)
def test_every_contribution_has_a_rule(name: str) -> None:
    _, picture, _ = drawn(name)
    shared = {(edge.target, edge.position) for edge in picture.scene.edges if edge.share is not None}
    assert set(rules_of(picture.scene)) == shared
    assert all(len(formula) < 200 for formula in model_of(picture.scene))


def test_a_rule_that_cannot_be_written_down_is_left_out() -> None:
    def backward(g: object, result: object, x: object) -> object:
        return np.asarray(g) * 2.0  # numpy's function does not know symbols

    twice = Primitive("twice", lambda x: x * 2.0, backward)
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    doubled = twice(x)
    assert isinstance(doubled, Tensor)
    picture = draw(doubled.sum())
    assert [edge.share is not None for edge in picture.scene.edges] == [True, True]
    assert "twice" in picture.html


@pytest.mark.parametrize(
    ("name", "step", "letter"),
    [
        ("h3", 3, "h"),
        ("h1_3", 3, "h1"),
        ("h", 3, "h"),
        ("h13", 3, "h1"),
        ("x", None, "x"),
        ("h3'2", 3, "h'2"),
        ("h3''", 3, "h''"),
    ],
)
def test_names_without_their_steps(name: str, step: int | None, letter: str) -> None:
    assert base(name, step) == letter
