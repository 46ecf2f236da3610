"""The drawn picture read back: its numbers are those of the engine."""

import xml.etree.ElementTree as ET

import pytest

from tests.engine import number, size
from tests.viz import models
from tests.viz.inside import DARK, LIGHT, WIDTH, gradient_lines, value_lines
from tinygrad_rnn.viz import draw

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"


def groups(svg: str, kind: str) -> dict[str, ET.Element]:
    """The groups of one class by id."""
    found = ET.fromstring(svg).iter(f"{SVG}g")
    return {g.get("id", ""): g for g in found if kind in g.get("class", "").split()}


def texts(element: ET.Element) -> list[str]:
    return ["".join(text.itertext()).strip() for text in element.iter(f"{SVG}text")]


@pytest.mark.parametrize("name", [*models.MODELS, "mlp"])
def test_every_number_on_every_card(name: str) -> None:
    picture = draw((models.MODELS | {"mlp": models.mlp})[name](), view="full")
    cards = groups(picture.svg, "node")
    for node in picture.scene.nodes:
        shown = texts(cards[f"n{node.id}"])
        start = shown.index("value") + 1
        values = [text for line in value_lines(node.value) for text in line if text]
        assert shown[start : start + len(values)] == values
        assert ("grad" in shown) == (node.gradient is not None)
        if node.gradient is not None:
            gradients = [text for line in gradient_lines(node.gradient) for text in line if text]
            assert shown[shown.index("grad") + 1 :] in (gradients, ["0"])
        assert "".join(shown[: shown.index(node.name)]) == node.symbol


def test_the_sizes_of_the_states_are_in_the_strips() -> None:
    picture = draw(models.rnn())
    strips = [texts(strip)[0] for strip in groups(picture.svg, "strip").values()]
    expected = []
    for states in picture.scene.states:
        node = picture.scene.nodes[states[0]]
        assert node.gradient is not None
        expected.append(f"|dL/d{node.name}| = {number(size(node.gradient))}")
    assert sorted(strips) == sorted(expected)


def test_lines_say_what_they_are() -> None:
    picture = draw(models.rnn(steps=2))
    edges = groups(picture.svg, "edge").values()
    notes = {a.get(f"{XLINK}title") for edge in edges for a in edge.iter(f"{SVG}a")}
    nodes = {node.name: node.id for node in picture.scene.nodes}
    for edge in picture.scene.edges:
        source, target = picture.scene.nodes[edge.source].name, picture.scene.nodes[edge.target].name
        assert f"{source} -> {target}" in notes
    share = next(e.share for e in picture.scene.edges if (e.source, e.target) == (nodes["h1"], nodes["r2"]))
    assert share is not None
    assert f"h1 -> r2: size {number(size(share))}" in notes


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_colours_come_from_the_theme(theme: object) -> None:
    chosen = LIGHT if theme is LIGHT else DARK
    other = DARK if theme is LIGHT else LIGHT
    svg = draw(models.rnn(steps=2), theme=chosen).svg.upper()
    assert chosen.background in svg
    assert other.panel not in svg
    assert other.text not in svg


def test_text_stays_inside_its_card() -> None:
    picture = draw(models.lstm(), view="full")
    for node in picture.scene.nodes:
        group = groups(picture.svg, "node")[f"n{node.id}"]
        outline = next(iter(group.iter(f"{SVG}polygon")))
        xs = [float(point.split(",")[0]) for point in outline.get("points", "").split()]
        assert max(xs) - min(xs) == pytest.approx(WIDTH, abs=1)
        for text in group.iter(f"{SVG}text"):
            wide = 0.6 * float(text.get("font-size", "0")) * len("".join(text.itertext()))
            if text.get("font-family") == "Courier New":
                assert float(text.get("x", "0")) + wide <= max(xs)


def test_an_edge_without_steps_is_a_line_there_and_one_back() -> None:
    picture = draw(models.mlp())
    assert not picture.placed
    assert "rankdir=TB" in picture.dot
    assert "newrank" not in picture.dot
    assert len(groups(picture.svg, "forward")) == len(picture.scene.edges)
    assert len(groups(picture.svg, "backward")) == sum(1 for edge in picture.scene.edges if edge.share is not None)
