"""View "chain": the backward pass as gradients and local derivatives, which multiply and add up to the engine's."""

import re
from collections import Counter

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import number, size
from tests.viz import models
from tests.viz.inside import Chain, chain_of, shape
from tests.viz.many import GRAPHS, made
from tests.viz.reading import boxes_in, overlapping, texts_of
from tinygrad_rnn import Tensor
from tinygrad_rnn.viz import draw, scene_of

ALL = models.MODELS | {"mlp": models.mlp}


def chain(loss: Tensor) -> Chain:
    return chain_of(scene_of(loss))


def test_every_line_has_a_place_of_its_own_at_its_card() -> None:
    uses = [(edge.target, edge.position) for edge in chain(models.attention()).scene.edges]
    assert len({*uses}) == len(uses)


def test_the_textbook_chain() -> None:
    found = chain(models.rnn(steps=2))
    names = {id: node.name for id, node in enumerate(found.scene.nodes)}
    ways = {
        (names[into.target], found.links[into.source].text, names[out.source])
        for into in found.scene.edges
        for out in found.scene.edges
        if into.source in found.links and out.target == into.source
    }
    assert ways == {
        ("dL/dL", "* 1", "dL/dq"),
        ("dL/dq", "* (2 * e)", "dL/de"),
        ("dL/de", "@ W_hy", "dL/dh2"),
        ("dL/dh2", "* (1 - h2 * h2)", "dL/dz2"),
        ("dL/dz2", "@ W_hh", "dL/dh1"),
        ("dL/dh1", "* (1 - h1 * h1)", "dL/dz1"),
    }
    same = {names[id]: others for id, others in found.same.items()}
    assert same["dL/dz2"] == ("dL/ds2", "dL/dr2", "dL/da2")
    assert same["dL/de"] == ("dL/dy",)
    assert same["dL/dW_hy"] == ("outer(dL/de, h2)",)
    assert [one.name for one in found.sums] == ["dL/dW_xh", "dL/dW_hh", "dL/db"]
    assert [part.text for part in found.sums[1].parts] == ["outer(dL/dz1, h0)", "outer(dL/dz2, h1)"]
    assert [part.text for part in found.sums[2].parts] == ["dL/dz1", "dL/dz2"]


def test_a_folded_gate_says_only_what_is_on_the_way() -> None:
    """c_t = f c_{t-1} + i g and h_t = o tanh(c_t): what leads to c passes no gate's nonlinearity."""
    found = chain(models.lstm(steps=2))
    names = [node.name for node in found.scene.nodes]
    before = {edge.source: names[edge.target] for edge in found.scene.edges}
    behind = {edge.target: names[edge.source] for edge in found.scene.edges}
    ways = {(before[id], behind[id]): link.text for id, link in found.links.items()}
    assert re.fullmatch(r"\* (\w+)", ways["dL/dc2", "dL/dc1"])
    assert re.fullmatch(r"\* (\w+), then \* \(1 - (\w+) \* \2\)", ways["dL/dh1", "dL/dc1"])
    assert ways["dL/dc1", "dL/dgates1"] == "through + * tanh sigm [ ]"


def test_what_is_multiplied_by_zero_is_no_one() -> None:
    """A gradient of 0 fits every derivative, so what is folded is not said to be 1."""
    tg.manual_seed(0)
    outputs, _ = tg.nn.LSTM(2, 3, bidirectional=True)(tg.randn(3, 2))
    found = chain((outputs[-1] ** 2).sum())
    nodes = found.scene.nodes
    onto = {edge.target: nodes[edge.source].name for edge in found.scene.edges}
    zero = {link.text for id, link in found.links.items() if onto[id].startswith("dL/dc") and not nodes[id].value.any()}
    assert {re.sub(r"\b[a-z]\w*'", "v", text) for text in zero} == {"* v", "* v, then * (1 - v * v)"}


def test_no_gradient_goes_into_what_multiplies_it_by_zero() -> None:
    """`hs[-1]` of the stacked states: of its gradient all but the last part is 0."""
    chain = chain_of(scene_of(GRAPHS["T 5"]()))
    into = {edge.source: edge.size for edge in chain.scene.edges if edge.source in chain.links}
    sizes = {chain.links[id].text: amount for id, amount in into.items() if chain.links[id].text.startswith("g[")}
    assert [sizes[f"g[{n}]"] == 0 for n in range(5)] == [True] * 4 + [False]


@pytest.mark.parametrize("name", ALL)
def test_what_arrives_at_a_gradient_adds_up_to_it(name: str) -> None:
    found = chain(ALL[name]())
    for node in found.scene.nodes:
        assert node.gradient is not None
        shares = [edge.share for edge in found.scene.edges if edge.source == node.id and edge.share is not None]
        if node.id != found.scene.loss and node.id not in found.links:
            rtol = 1e-10 if node.gradient.dtype == np.float64 else 1e-4
            np.testing.assert_allclose(sum(shares), node.gradient, rtol=rtol, atol=1e-6 if rtol > 1e-5 else 1e-14)


@pytest.mark.parametrize("name", ALL)
def test_the_parts_of_a_sum_are_the_ledger_of_its_parameter(name: str) -> None:
    loss = ALL[name]()
    named = {t.name: t for t in tg.history(loss) if isinstance(t, Tensor) and t.is_leaf and t.requires_grad}
    for one in chain(loss).sums:
        if one.total.any():
            assert sum(part.share for part in one.parts) == pytest.approx(1, abs=1e-4)
        np.testing.assert_allclose(sum(part.amount for part in one.parts), one.total, rtol=1e-4, atol=1e-6)
        parameter = named.get(one.name.removeprefix("dL/d"))
        if parameter is not None:
            ledger = tg.contributions(loss, parameter)
            assert sorted(p.size for p in ledger) == pytest.approx(sorted(size(p.amount) for p in one.parts))


@pytest.mark.parametrize("name", ALL)
def test_what_is_called_equal_is_equal(name: str) -> None:
    loss = ALL[name]()
    gradients = {f"dL/d{node.name}": node.gradient for node in scene_of(loss).nodes}
    found = chain(loss)
    for id, others in found.same.items():
        for other in others:
            if other in gradients:
                np.testing.assert_array_equal(gradients[other], found.scene.nodes[id].gradient)


def test_elementwise_derivatives_are_written_as_numbers() -> None:
    scene = scene_of(models.rnn(steps=2))
    found = chain(models.rnn(steps=2))
    h2 = next(node for node in scene.nodes if node.name == "h2")
    factor = next(link.factor for link in found.links.values() if link.text == "* (1 - h2 * h2)")
    assert factor == " ".join(number(x) for x in 1 - h2.value**2)


@pytest.mark.parametrize("name", models.MODELS)
def test_nothing_overlaps_and_all_of_it_is_drawn(name: str) -> None:
    loss = models.MODELS[name]()
    picture = draw(loss, view="chain")
    boxes = boxes_in(picture.dot)
    assert overlapping({n: box for n, box in boxes.items() if n[:1] in "nst"}) == []
    shown = texts_of(picture.svg)
    found = chain(loss)

    cards = [one.total for one in found.sums]
    cards += [node.gradient for node in found.scene.nodes if node.id not in found.links and node.gradient is not None]
    for gradient in cards:
        said = (
            [f"size {number(size(gradient))}", f"[{shape(gradient)}]"] if gradient.ndim else [number(gradient.item())]
        )
        assert set(said) <= set(shown)


def test_without_time_steps_dot_places_the_cards() -> None:
    picture = draw(models.mlp(), view="chain")
    assert not picture.placed
    assert "rankdir=BT" in picture.dot
    assert {"* (1 - v3 * v3)", "dL/dW1 [4x3]", "= outer(dL/dv2, x)"} <= set(texts_of(picture.svg))


def test_a_rule_that_cannot_be_written_down_is_named() -> None:
    class Cube(tg.autograd.Function):
        @staticmethod
        def forward(ctx: object, x: Tensor) -> Tensor:
            ctx.save_for_backward(x)  # type: ignore[attr-defined]
            return x**3

        @staticmethod
        def backward(ctx: object, g: Tensor) -> Tensor:
            (x,) = ctx.saved_tensors  # type: ignore[attr-defined]
            result: Tensor = g * 3 * x**2
            return result

    x = tg.tensor([2.0], requires_grad=True)
    picture = draw((Cube.apply(x) * 2).sum(), view="chain")
    assert "dL/dp1" in texts_of(picture.svg) or "dL/dx" in texts_of(picture.svg)


def test_too_many_steps_for_the_chain() -> None:
    with pytest.raises(ValueError, match=r"the chain view shows up to 8 steps.*steps=\(a, b\)"):
        draw(models.rnn(steps=9), view="chain")
    assert "all that follows" in texts_of(draw(models.rnn(steps=9), view="chain", steps=(2, 4)).svg)


@pytest.mark.slow
def test_what_goes_on_in_another_column_is_a_gradient_of_the_size_that_arrives() -> None:
    said = 0
    for name in GRAPHS.keys() - {"T 200", "T 5000"}:
        try:
            dot = made(name, "chain").dot
        except ValueError:
            continue
        marks = re.findall(r"(?m)^(on\d+) \[.*?>([^<>]+)</FONT>", dot)
        into = re.findall(r'(?m)^(on\d+|n\d+) -> (n\d+) \[.*size ([\d.e-]+)"', dot)
        names = dict(re.findall(r"(?m)^(n\d+) \[.*?<B>([^<]+)</B>", dot))
        sizes = dict(re.findall(r"(?m)^(n\d+) \[.*?>size ([\d.e-]+)<", dot))
        ends = Counter(end for _, end, _ in into)
        for mark, words in marks:
            goes_on = [(end, amount) for start, end, amount in into if start == mark and ends[end] == 1]
            assert words.startswith("dL/d") and ".." not in words, name
            for end, amount in goes_on:
                assert (names.get(end, words), sizes.get(end, amount)) == (words, amount), name
                said += end in names
    assert said > 8


@pytest.mark.parametrize("name", ["seq2seq", "docs.attention", "words and letters", "clockwork", "models.rnn"])
def test_every_part_of_a_sum_has_a_sign_and_every_sum_stands_beside_its_first(name: str) -> None:
    dot, sums = made(name, "chain").dot, chain(GRAPHS[name]()).sums
    signs = re.findall(r'(?m)^sign\d+ \[pos="[-\d.]+,([-\d.]+)!.*>([=+])</FONT>', dot)
    assert len(signs) == sum(len(one.parts) for one in sums)
    equal = {y for y, sign in signs if sign == "="}
    totals = re.findall(r'(?m)^sum\d+ \[pos="[-\d.]+,([-\d.]+)!" [^\n]*?COLOR="#1B7F5C"', dot)
    assert len(totals) > 2 and set(totals) <= equal


def test_sums_stand_in_the_line_of_their_steps_which_ends_with_them() -> None:
    """So that no step of another loop has a ground without anything on it."""
    several = 0
    for name in ("two loops", "seq2seq", "models.attention", "layer twice", "T 5", "birnn"):
        dot = made(name, "chain").dot
        boxes = boxes_in(dot)
        grounds = [[float(x) for x in bb.split(",")] for bb in re.findall(r'bb="([^"]+)".*class="step"', dot)]
        several += len({low for _, low, _, _ in grounds}) > 1
        for _, low, _, high in grounds:
            first = min(left for left, bottom, _, _ in grounds if bottom == low)
            inside = [box[1] for id, box in boxes.items() if id[0] in "ns" and low < box[1] < high and box[0] > first]
            assert min(inside) - low < 60, name
    assert several > 3
