"""The pages for everybody: what axe-core, an independent judge, finds wrong with them; it must be nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.viz import models
from tests.viz.page.reading import drawn
from tests.viz.page.test_live_text import page as live_page
from tests.viz.page.test_training_page import trained
from tests.viz.page.walker import END, Walker
from tinygrad_rnn.viz import Playground, compare

Walk = Callable[..., Walker]
AXE = Path(__file__).parents[3] / "web" / "node_modules" / "axe-core" / "axe.min.js"
# What a button is called holds the words on it. On a card that is its name, which comes first; its numbers are what it
# shows.
RUN = """
const isCard = (css) => document.querySelector(css).closest('#drawing') !== null;
const isShown = ({id, target}) => id === 'label-content-name-mismatch' && isCard(target);
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ['violations']}).then(
  ({violations}) => done(violations.flatMap(({id, nodes}) =>
    nodes.filter(({target}) => !isShown({id, target: target[0]})).map((one) => [id, one.html.slice(0, 200)]))));
"""


def violations(walker: Walker) -> object:
    """Rule and element of everything that is wrong."""
    walker.run(AXE.read_text(encoding="utf-8"))
    return walker.driver.execute_async_script(RUN)


@pytest.fixture(scope="module", autouse=True)
def judge() -> None:
    if not AXE.exists():
        pytest.skip("needs axe-core: npm ci in web/")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["rnn", "lstm", "mlp"])
def test_a_page_of_a_graph(walk: Walk, name: str, theme: str) -> None:
    walker = walk(drawn(name)[1].html, "")
    walker.pretend(prefers_color_scheme=theme, prefers_reduced_motion="reduce")
    for address, width in (("", 1280), ("", 400), (END, 1280), ("#k=30&fold=1", 768), (f"{END}&sel=W_hh", 400)):
        walker.resize(width, 800)
        walker.open(address)
        assert violations(walker) == [], (address, width)
    walker.click("#help")
    assert violations(walker) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_of_several_runs_and_that_of_a_training(walk: Walk, theme: str) -> None:
    for html in (compare({"a": models.rnn(3), "b": models.rnn(30)}).html, trained("LSTM")[0].html):
        walker = walk(html)
        walker.pretend(prefers_color_scheme=theme)
        for width in (1280, 400):
            walker.resize(width, 800)
            assert violations(walker) == [], width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_playground_a_page_that_was_changed_and_one_to_type_on(walk: Walk, theme: str) -> None:
    pages = ((Playground().html, "#once"), (drawn("rnn")[1].html, "#descend10"), (live_page(), "#strip button"))
    for html, pressed in pages:
        walker = walk(html, f"{END}&sel=W_hh" if pressed == "#descend10" else "")
        walker.pretend(prefers_color_scheme=theme, prefers_reduced_motion="reduce")
        walker.click(pressed)
        for width in (1280, 390):
            walker.resize(width, 800)
            assert violations(walker) == [], (pressed, width)
