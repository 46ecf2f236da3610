"""What all views have in common: chosen by size, the same bytes every time, and safe whatever things are called."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import size
from tests.viz import models
from tests.viz.inside import VIEWS, by_depth, choose, rolled_of
from tests.viz.reading import texts_of
from tests.viz.test_dot import HOSTILE, hostile
from tinygrad_rnn import Tensor, nn
from tinygrad_rnn.viz import draw, scene_of

TIMED = ("cells", "chain", "modules", "rolled")


def scoped(count: int) -> Tensor:
    """A graph without time: ``count`` scopes in as many as ten others, each with three operations, not all alike."""
    x = tg.tensor([0.5], dtype=tg.float64, requires_grad=True)
    y = x
    for n, f in enumerate(several(count)):
        with tg.scope(f"block{n % 10}"), tg.scope(f"layer{n}"):
            y = f(y * 1.5 + 0.1)
    return y.sum()


def several(count: int) -> list[Callable[[Tensor], Tensor]]:
    """So many functions without an order in which they come again."""
    return [(tg.tanh, tg.sin)[n] for n in np.random.default_rng(0).integers(2, size=count)]


def flat(count: int) -> Tensor:
    x = tg.tensor(0.5, requires_grad=True)
    for f in several(count):
        x = f(x)
    return x


def alike(count: int) -> Tensor:
    """Layers that are all the same, the first of another width."""
    x = tg.ones(3)
    for n in range(count):
        x = tg.tanh(tg.nn.Linear(4 if n else 3, 4)(x))
    return (x * x).sum()


@pytest.mark.parametrize(
    ("make", "view", "depth"),
    [
        (lambda: models.rnn(steps=1), "full", None),
        (lambda: models.rnn(steps=8), "full", None),
        (lambda: models.rnn(steps=9), "cells", None),
        (lambda: models.rnn(steps=300, hidden=1), "cells", None),
        (models.mlp, "full", None),
        (lambda: flat(150), "full", None),
        (lambda: alike(4), "full", None),
        (lambda: alike(12), "rolled", None),
        (lambda: alike(200), "rolled", None),
        (lambda: scoped(60), "modules", 2),
        (lambda: scoped(300), "modules", 1),
    ],
)
def test_the_view_is_chosen_by_size(make: Callable[[], Tensor], view: str, depth: int | None) -> None:
    *chosen, why = choose(make())
    assert chosen == [view, depth]
    assert bool(why) == (view != "full")


def test_a_coarser_view_says_so_and_how_to_get_the_others() -> None:
    shown = texts_of(draw(models.rnn(steps=12)).svg)
    assert (
        "12 time steps are too many to be drawn one by one; some: steps=(5, 12), all: view='full', force=True"
    ) in shown
    shown = texts_of(draw(scoped(60)).svg)
    assert any("181 operations and no time steps" in text and "depth=" in text for text in shown)
    shown = texts_of(draw(alike(60)).svg)
    assert "59 equal blocks are drawn as one; all: view='full', force=True" in shown
    assert {"The layers: one block, 59 times", "every block", "l = 1 to 59"} <= set(shown)


def test_equal_blocks_are_one_with_its_gradients_at_every_depth() -> None:
    tg.manual_seed(0)
    loss = alike(12)
    scene = scene_of(loss)
    deep = by_depth(scene)
    assert deep is not None and by_depth(scene_of(flat(40))) is None
    assert deep.frames == tuple(range(1, 12)) and deep.operations == scene.operations
    inside = [node for node in deep.nodes if node.symbol and node.frame is not None]
    assert len(inside) == 33 and {node.name for node in inside if node.frame == 2} == {"a3", "r3", "h3"}
    assert all(np.array_equal(node.value, scene.nodes[node.id].value) for node in deep.nodes)
    rolled = rolled_of(scene)
    names = {value.node.name: value for value in rolled.values}
    assert names.keys() == {"a[l]", "r[l]", "h[l]", "weight[l]", "bias[l]"}
    assert names["a[l]"].node.formula == "weight[l] @ h[l-1]"
    weights = [node.gradient for node in deep.nodes if node.name.startswith("weight") and node.frame is not None]
    assert names["weight[l]"].sizes == tuple(size(gradient) for gradient in weights if gradient is not None)
    (flow,) = rolled.flows.values()
    assert flow.sizes == names["h[l]"].sizes and flow.verdict == "vanishes"


def test_steps_without_states_are_folded_by_scope() -> None:
    x = tg.tensor([0.5], requires_grad=True)
    total = x
    for t in range(1, 12):
        with tg.step(t):
            y = tg.tanh(x * t)
        total = total + y
    assert choose(total.sum())[0] == "modules"
    assert {"t = 1", "t = 11"} <= set(texts_of(draw(total.sum()).svg))


# One step hands nothing on, so that it has no cells.
DRAWN = [(name, view) for name in models.MODELS for view in TIMED if (name, view) != ("one_step", "cells")]


@pytest.mark.parametrize(("name", "view"), DRAWN)
def test_every_view_of_every_model_is_drawn_the_same_twice(name: str, view: str) -> None:
    picture = draw(models.MODELS[name](), view=view)
    assert picture.dot == draw(models.MODELS[name](), view=view).dot
    assert picture.svg.startswith("<?xml")
    ET.fromstring(picture.svg)


@pytest.mark.slow
@pytest.mark.parametrize("view", TIMED)
def test_the_bytes_do_not_depend_on_the_hash_seed(view: str) -> None:
    program = (
        "from tests.viz import models; from tinygrad_rnn.viz import draw; "
        f"print(draw(models.lstm(), view={view!r}, theme='dark').dot)"
    )
    env = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": os.environ["PATH"]}
    texts = [
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, check=True, env=env | {"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    ]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("view", TIMED)
@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name[:12]))
def test_hostile_names_stay_text_in_every_view(name: str, view: str) -> None:
    loss = hostile(name, steps=True)
    picture = draw(loss, view=view, title=name, subtitle=name, labels={1: name})
    tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(picture.svg).iter()}
    assert tags <= {"svg", "g", "title", "desc", "polygon", "polyline", "path", "ellipse", "text", "a"}
    plain = draw(hostile("plain", steps=True), view=view, title="t", subtitle="s", labels={1: "l"})
    assert len(picture.dot) < 2 * len(plain.dot)


@pytest.mark.slow
def test_hostile_scopes_stay_text() -> None:
    for name in HOSTILE:
        w = tg.tensor([0.5], requires_grad=True)
        with tg.scope(name), tg.scope(name + "x"):
            y = tg.tanh(w * 2)
        for depth in (1, 2, 3):
            ET.fromstring(draw(y.sum(), view="modules", depth=depth).svg)


@pytest.mark.parametrize("view", VIEWS)
def test_dark_pictures_have_dark_colours_only(view: str) -> None:
    svg = draw(models.lstm(steps=2), view=view, theme="dark").svg.lower()
    assert "#12161c" in svg
    for light in ("#f5f7fa", "#1f2933", "#e2f3ec"):
        assert light not in svg


def test_values_only_and_gradients_only() -> None:
    loss = models.rnn(steps=2)
    for view in ("full", "modules"):
        values, gradients = (draw(loss, view=view, show=show) for show in ("values", "gradients"))
        assert "grad" not in texts_of(values.svg)
        assert 'class="backward' not in values.dot.split("cluster_legend")[0]
        assert texts_of(gradients.svg).count("value") <= sum(node.gradient is None for node in gradients.scene.nodes)
    with pytest.raises(ValueError, match="show='everything' is unknown"):
        draw(loss, show="everything")  # type: ignore[arg-type]


@pytest.mark.parametrize("view", ["full", "cells", "chain", "modules", "rolled"])
def test_a_scale_can_be_shared(view: str) -> None:
    small, large = draw(models.rnn(steps=2), view=view), draw(models.rnn(steps=4), view=view)
    shared = draw(models.rnn(steps=4), view=view, scale=small.scale)
    assert shared.scale == small.scale
    assert large.scale != small.scale or shared.dot == large.dot


def test_a_model_is_run_on_its_inputs() -> None:
    tg.manual_seed(0)
    network, x = nn.RNN(2, 3), tg.randn(4, 2)
    picture = draw(network, x)
    assert picture.subtitle.startswith("the model's output L (size ")
    assert "gradients of the sum of its numbers" in picture.subtitle
    assert len(picture.scene.frames) == 4
    assert draw(network, x, tg.zeros(1, 3)).scene.operations == picture.scene.operations
    with pytest.raises(TypeError, match=r"draw\(\) needs inputs to run RNN on, draw\(model, x\)"):
        draw(network)
    with pytest.raises(TypeError, match=r"draw\(loss\) takes no inputs"):
        draw(network(x)[0].sum(), x)
    with pytest.raises(TypeError, match="it was given a str"):
        draw(lambda x: "words", x)


@pytest.mark.parametrize(
    ("make", "given"),
    [
        (lambda: nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1)), tg.ones(3, 2)),
        (lambda: nn.Conv1d(2, 3, 2), tg.ones(1, 2, 5)),  # no gradient needs its weight
        (lambda: nn.Embedding(5, 3), tg.tensor([1, 2, 3])),
        (lambda: nn.RNNCell(2, 3), tg.ones(1, 2)),
        (lambda: nn.RNN(2, 3), tg.ones(4, 2)),
        (lambda: nn.LSTM(2, 2, bidirectional=True), tg.ones(2, 1, 2)),
        (lambda: nn.LayerNorm(2), tg.tensor([[1.0, 3.0], [2.0, 5.0]])),
        (lambda: tg.compile(nn.Linear(2, 2)), tg.ones(3, 2)),
        (lambda: Transposing(2, 2), tg.ones(3, 2)),
    ],
    ids=["linear", "convolution", "embedding", "cell", "layer", "layers", "norm", "compiled", "views"],
)
@pytest.mark.parametrize("looked", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["unseen", "seen"])
def test_a_loss_of_parameters_that_moved_on_is_read_as_it_was(
    make: Callable[[], nn.Module], given: Tensor, looked: bool
) -> None:
    """Pictures, ledgers, flow, steps and programs say after optimizer.step() what they said before it."""
    told = []
    for stepped in (False, True):
        tg.manual_seed(0)
        network = make()
        for each in network.parameters():
            each.data.add_(tg.linspace(0.1, 0.7, each.numel()).view(*each.shape))
        output = network(given)
        loss = ((output[0] if isinstance(output, tuple) else output) ** 2).sum()
        optimizer = tg.optim.Adam(network.parameters(), lr=0.1)
        if looked:
            tg.history(loss)
        loss.backward()
        if stepped:
            optimizer.step()
        parameter = next(network.parameters())
        before = [each.array.copy() for each in network.parameters()]
        loop = tg.program(loss)
        told.append(
            [draw(loss, view=view, force=True).dot for view in ("auto", "full", "chain")]
            + [str(tg.contributions(loss, parameter)), *map(str, tg.backward_steps(loss))]
            + ([str(tg.gradient_flow(loss))] if isinstance(network, nn.RNN) else [])
            + [loop.forward(*loop.inputs.values())[0].item(), *(a.tolist() for a in loop.backward())]
        )
        assert all(np.array_equal(a, b.array) for a, b in zip(before, network.parameters(), strict=True))
    assert told[0] == told[1]


class Transposing(nn.Linear):
    """Reads its weight through views."""

    def forward(self, input: Tensor) -> Tensor:
        assert self.bias is not None
        return input @ self.weight.t()[:, :1] + self.bias.view(1, 2)[0, 1]


def test_numbers_that_are_known_no_more_are_refused() -> None:
    w = tg.tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).sum()
    with tg.no_grad():
        w -= 0.1
        assert "1" in draw(loss).dot
        w -= 0.1  # the change before the last one
    with pytest.raises(RuntimeError, match=r"^draw before optimizer\.step\(\), or compute the loss anew: .*in place"):
        draw(loss)
    w = tg.tensor([1.0, 2.0], requires_grad=True)
    before = w * 2
    with tg.no_grad():
        w -= 0.1
    with pytest.raises(RuntimeError, match="in place"):
        draw((before + w).sum())  # one value of w cannot be shown for both
    large = tg.zeros(600, 600, requires_grad=True)
    loss = (large * large).sum()
    with tg.no_grad():
        large -= 0.1  # more than a megabyte is not copied
    with pytest.raises(RuntimeError, match="in place"):
        draw(loss)


def test_the_first_broken_number_is_named_with_what_it_was_made_from() -> None:
    w = tg.tensor([-1.0], dtype=tg.float64, requires_grad=True)
    w.name = "w"
    with tg.step(3):
        a = w * 2
        b = tg.log(a)
        c = b + 1
    picture = draw(c.sum())
    names = {node.symbol: node.name for node in picture.scene.nodes}
    words = f"{names['log']} = log({names['*']}) at t = 3, with {names['*']} = -2"
    assert picture.subtitle.startswith(f"first NaN: {words}; ")
    z = tg.tensor([0.0], dtype=tg.float64, requires_grad=True)
    z.name = "z"
    picture = draw(tg.sqrt(z).sum())
    assert picture.subtitle.startswith("first infinite number gradient: from v1 = sqrt(z) to z = 0")
    assert "first" not in draw(models.rnn(steps=2)).subtitle


def test_long_pictures_have_fewer_dots_per_inch() -> None:
    picture = draw(models.rnn(steps=2))
    picture.__dict__["svg"] = '<svg width="50000pt" height="100pt"'
    with pytest.warns(UserWarning, match="the PNG has 43 dots per inch instead of 96.*30,000"):
        assert picture.png.startswith(b"\x89PNG")


def test_for_the_package_graphviz_and_for_notebooks() -> None:
    picture = draw(models.rnn(steps=2))
    source = picture.to_graphviz()
    assert source.source.strip() == picture.dot.strip()
    assert source.engine == "neato"
    assert draw(models.mlp()).to_graphviz().engine == "dot"
    bundle = picture._repr_mimebundle_()
    assert bundle == {"image/svg+xml": picture.svg, "text/plain": repr(picture)}
    assert list(picture._repr_mimebundle_(exclude={"text/plain"})) == ["image/svg+xml"]


def test_the_gallery_shows_what_its_code_draws_and_stays_small() -> None:
    docs = Path(__file__).parents[2] / "docs"
    text = (docs / "gallery.md").read_text()
    drawn = {"live.png", "pytorch-loop.svg"}  # by make_gallery.py from what stands in other documents
    drawn |= set(re.findall(r'\.save\("(.*?)"\)', text))
    assert drawn == set(re.findall(r"\]\(pictures/(.*?)\)", text))
    for name in drawn:
        most = 210_000 if name.endswith(".html") else 150_000
        assert 1_000 < (docs / "pictures" / name).stat().st_size < most, name


def test_of_a_huge_graph_the_values_are_collected_when_they_are_asked_for() -> None:
    loss = models.rnn(steps=1000, hidden=1, named=False)
    picture = draw(loss)
    assert "1,000 time steps" in repr(picture) and picture._scene is None
    assert len(picture.scene.nodes) == len(tg.history(loss)) and picture.scene is picture.scene


@pytest.mark.slow
@pytest.mark.parametrize("view", ["auto", "cells", "rolled", "modules"])
def test_twice_the_steps_are_twice_the_work(view: str) -> None:
    """Counted in calls, which no other program on the machine slows down; the loss reads all states at once."""

    def calls(steps: int) -> int:
        outputs, _ = nn.RNN(2, 2)(tg.randn(steps, 2))
        loss = (outputs**2).mean()
        count = 0

        def counted(frame: object, event: str, arg: object) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(counted)
        try:
            tg.draw(loss, view=view)
        finally:
            sys.setprofile(before)
        return count

    calls(400)  # what is done once is done, and what is kept of names is kept of all of them
    assert calls(400) < 2.2 * calls(200)
