"""Boxes are calls of modules, and a step inside a step opens no column: small programs, and what is read of them."""

import weakref
from collections.abc import Callable

import pytest

import tinygrad_rnn as tg
from tests.viz.inside import boxes_of
from tinygrad_rnn import Tensor, nn
from tinygrad_rnn.viz import scene_of


class Pair(nn.Module):
    """Two parts with names, the first of which is called on every input."""

    def __init__(self) -> None:
        super().__init__()
        self.gen, self.dis = nn.Linear(3, 3), nn.Linear(3, 1)

    def forward(self, *inputs: Tensor) -> Tensor:
        return sum((self.dis(self.gen(x)).sum() for x in inputs), tg.zeros(()))


class Loop(nn.Module):
    """It reads from left to right inside its forward."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.head = nn.RNNCell(3, 3), nn.Linear(3, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.head.weight[0]
        for _ in range(3):
            h = self.cell(x, h)
        return self.head(h)


class Held:
    """No module, but something that holds them."""

    def __init__(self) -> None:
        self.query, self.key = nn.Linear(3, 3), nn.Linear(3, 3)


X = tg.ones(2, 3)


def paths(loss: Tensor) -> list[str]:
    """The closed boxes, in the order of their first operation."""
    return ["/".join(path) for path in boxes_of(scene_of(loss)).boxes]


def three_variables() -> list[str]:
    l1, l2, l3 = nn.Linear(3, 4), nn.Linear(4, 4), nn.Linear(4, 2)
    return paths(l3(tg.tanh(l2(tg.tanh(l1(X))))).sum())


def in_a_list() -> list[str]:
    layers = [nn.Linear(3, 3) for _ in range(3)]
    x = X
    for layer in layers:
        x = tg.tanh(layer(x))
    return paths(x.sum())


def in_a_dictionary() -> list[str]:
    parts = {"up": nn.Linear(3, 5), "down": nn.Linear(5, 3)}
    return paths(parts["down"](parts["up"](X)).sum())


def in_an_object() -> list[str]:
    held = Held()
    return paths((held.query(X) @ held.key(X).mT).sum())


def nobodys() -> list[str]:
    def deep() -> Tensor:
        total: Tensor = nn.Linear(3, 3)(nn.Linear(3, 3)(X)).sum()
        return total

    return paths(deep())


def alone() -> list[str]:
    head = nn.Linear(3, 1)
    return paths(head(X).sum())


def twice() -> list[str]:
    shared = nn.Linear(3, 3)
    return paths(shared(tg.tanh(shared(X))).sum())


def of_a_module() -> list[str]:
    return paths(Pair()(X, X + 1))


def tied() -> list[str]:
    a = nn.Linear(3, 3)
    b = nn.Linear(3, 3)
    b.weight = a.weight
    return paths(b(a(X)).sum())


def in_marked_steps() -> list[str]:
    cell = nn.RNNCell(3, 3)
    h = tg.zeros(2, 3)
    for t in (1, 2):
        with tg.step(t):
            h = cell(X, h)
    return paths(h.sum())


def with_a_loop_inside() -> list[str]:
    return paths(Loop()(tg.ones(3)).sum())


def scopes_are_the_users() -> list[str]:
    with tg.scope("a"):
        x = tg.tanh(tg.ones(3, requires_grad=True))
    with tg.scope("a"):
        y = tg.tanh(x)
    return paths(y.sum())


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (three_variables, ["l1", "l2", "l3"]),
        (in_a_list, ["layers.0", "layers.1", "layers.2"]),
        (in_a_dictionary, ["up", "down"]),
        (in_an_object, ["query", "key"]),
        (nobodys, ["Linear", "Linear 2"]),
        (alone, ["Linear"]),
        (twice, ["Linear", "Linear (call 2)"]),
        (of_a_module, ["Pair/gen", "Pair/dis", "Pair/gen (call 2)", "Pair/dis (call 2)"]),
        (tied, ["a", "b"]),
        (in_marked_steps, ["t=1/RNNCell", "t=2/RNNCell"]),
        (with_a_loop_inside, [*(f"Loop/t={t}/cell" for t in (1, 2, 3)), "Loop/head"]),
        (scopes_are_the_users, ["a"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_box_is_a_call(program: Callable[[], list[str]], expected: list[str]) -> None:
    assert program() == expected


def test_the_class_stands_beside_the_name() -> None:
    up, down = nn.Linear(3, 4), nn.Linear(4, 3)
    loss = down(up(X)).sum()
    dot = tg.draw(loss, view="modules").dot
    assert dot.count(">  Linear<") == 2
    assert ">  Linear<" not in tg.draw(up(X).sum(), view="modules").dot
    assert [node.name for node in scene_of(loss).nodes if node.kind == "parameter"] == [
        "up.weight", "up.bias", "down.weight", "down.bias"
    ]  # fmt: skip


def test_texts_tell_calls_apart_as_pictures_do() -> None:
    model = Pair()
    loss = model(X, X + 1)
    places = [str(each.place) for each in tg.contributions(loss, model.gen.weight)]
    assert places == ["Pair/gen", "Pair/gen (call 2)"]
    assert {str(step.place) for step in tg.backward_steps(loss)} >= set(places)


def test_the_graph_keeps_no_model_alive() -> None:
    model = Pair()
    loss, watched = model(X), weakref.ref(model)
    del model
    assert watched() is None
    assert paths(loss) == ["Pair/gen", "Pair/dis"]


def decoder(steps: int) -> Tensor:
    """Every step runs a layer over a sequence of so many steps."""
    tg.manual_seed(0)
    layer, y, h = nn.GRU(3, 3), tg.ones(steps, 1, 3), None
    for t in (1, 2, 3):
        with tg.step(t):
            y, h = layer(y, h)
    return y.sum()


@pytest.mark.parametrize("inner", [1, 4])
def test_a_step_inside_a_step_opens_no_column(inner: int) -> None:
    loss = decoder(inner)
    scene = scene_of(loss)
    assert scene.frames == (1, 2, 3)
    parts = {node.place for node in scene.nodes if node.step == 2 and node.symbol}
    assert any(part.startswith("t=1") for path in parts for part in path[1:]) == (inner > 1)
    for flow in tg.gradient_flow(loss):
        assert flow.times in ((1, 2, 3), (1, 2))  # of the last step the loss may read the output alone
    layer_weights = [node for node in scene.nodes if node.name == "W_hh"]
    assert len(layer_weights) == 1
