"""Steps and names are read from the running program: what a table of programs without marks is drawn as."""

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest

import tinygrad_rnn as tg
from tests.viz.unmarked import PROGRAMS, Program, inputs
from tinygrad_rnn import Tensor, nn
from tinygrad_rnn.nn import functional as F
from tinygrad_rnn.viz import draw, scene_of


@pytest.mark.parametrize(("program", "steps", "names"), PROGRAMS, ids=[row[0].__name__ for row in PROGRAMS])
def test_steps_and_names_are_those_of_the_program(program: Program, steps: tuple[int, ...], names: set[str]) -> None:
    scene = scene_of(program())
    assert scene.frames == steps
    assert names <= {node.name for node in scene.nodes if node.step == 2}
    for view in ("full", "chain", "modules", "rolled", "cells") if steps else ():
        with suppress(ValueError):  # of no state
            assert draw(program(), view=view, force=True).dot


def names_of_leaves(make: Program) -> list[str]:
    tg.manual_seed(0)
    return [node.name for node in scene_of(make()).nodes if not node.symbol and node.kind != "parameter"]


def test_leaves_and_modules_are_called_as_the_program_calls_them() -> None:
    def loss() -> Tensor:
        into, out = nn.Linear(3, 4), nn.Linear(4, 2)
        data, target, mix, V = tg.randn(5, 3), tg.randn(5, 2), tg.randn(5, 3, requires_grad=True), tg.ones(2, 2)
        guess = out(into(data).relu())
        return F.mse_loss(guess @ V.T, target) + F.mse_loss(out(into(mix)), target)

    assert names_of_leaves(loss) == ["data", "target", "mix", "V.T"]
    parameters = {node.name for node in scene_of(loss()).nodes if node.kind == "parameter"}
    assert parameters == {"into.weight", "into.bias", "out.weight", "out.bias"}


@pytest.mark.parametrize("module", [nn.LayerNorm(3), nn.BatchNorm1d(3), nn.BatchNorm1d(3).eval()])
def test_what_a_module_makes_of_its_input_has_not_its_name(module: nn.Module) -> None:
    def loss() -> Any:
        x = tg.randn(4, 3)
        return module(x).sum()

    assert "x" not in names_of_leaves(loss)


def test_what_a_function_makes_or_takes_elsewhere_has_not_the_name_of_an_argument() -> None:
    def dropped() -> Tensor:
        x, layer, drop = tg.randn(4, 3), nn.Linear(3, 3), nn.Dropout(0.5)
        y = layer(x)
        return F.dropout(drop(y)).sum()

    def sliced() -> Tensor:
        x, target, layer, h = tg.randn(4, 3), tg.randn(4, 3), nn.RNNCell(3, 3), tg.zeros(3)
        return F.mse_loss(layer(x[0], h), target[0])

    def weighted() -> Tensor:
        x, target, weight, layer = tg.randn(4, 3), tg.rand(4, 3), tg.rand(4, 3), nn.Linear(3, 3)
        y = layer(x).sigmoid()
        return F.binary_cross_entropy(y, target, weight=weight)

    assert names_of_leaves(dropped) == ["x", "k1", "k2"]
    assert not {"h", "target"} & {*names_of_leaves(sliced)}
    assert names_of_leaves(weighted) == ["x", "k1", "k2"]  # which is which is not known


def test_layers_that_are_called_in_a_loop_belong_to_its_turns() -> None:
    """Also in the first turn, which is another, and of modules that are called as no other are."""
    layer, state, outputs = nn.GRU(3, 3), None, []
    for x in inputs(4, 1):
        output, state = layer(x.reshape(1, 1, 3), state)
        outputs.append(output)
    operations = Counter(node.frame for node in scene_of(tg.stack(outputs).sum()).nodes if node.symbol == "tanh")
    assert operations == dict.fromkeys(range(4), 1)


def test_an_attribute_that_is_called_like_a_view_has_its_own_name() -> None:
    class Filter:
        def __init__(self) -> None:
            self.H, self.W = tg.ones(3, 3), tg.randn(3, 3, requires_grad=True)

        def loss(self) -> Tensor:
            return (self.H @ self.W).sum()

    assert names_of_leaves(lambda: Filter().loss()) == ["H"]
