"""The page in a browser: every control does what it says, and every moment shows what the engine says."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import number, size
from tests.viz import models
from tests.viz.inside import WIDTH, gradient_lines
from tests.viz.page.reading import ALL, Page, Truth, drawn
from tests.viz.page.test_page import HOSTILE
from tests.viz.page.walker import END, Walker
from tinygrad_rnn.viz import draw

Walk = Callable[..., Walker]
ARROWS = {"left": "\ue012", "up": "\ue013", "right": "\ue014", "end": "\ue010", "home": "\ue011"}
ENTER, ESCAPE, TAB = "\ue007", "\ue00c", "\ue004"


def written(gradient: np.ndarray) -> list[str]:
    return [text for line in gradient_lines(gradient) for text in line if text]


def assert_moment(walker: Walker, truth: Truth, moment: int) -> None:
    """Every card shows what the engine says is known at ``moment``."""
    assert walker.moment == moment
    assert_cards(walker.cards, truth, moment, counted=False)


def assert_moments(walker: Walker, truth: Truth, moments: Iterable[int]) -> None:
    """The same at several, to which the slider is moved."""
    asked = list(moments)
    for moment, (there, cards) in zip(asked, walker.gone(asked), strict=True):
        assert there == moment
        assert_cards(cards, truth, moment, counted=False)


def assert_cards(cards: dict[str, tuple[bool, str, list[str]]], truth: Truth, moment: int, *, counted: bool) -> None:
    """What cards show is what the engine knows; a sum so far may be ``counted``, "2 of 3"."""
    known = truth.known(moment)
    for id, (is_known, part, texts) in cards.items():
        if int(id) >= len(truth.values):
            continue  # an array that is no tensor
        assert is_known == (int(id) in known), (moment, id)
        expected, gradient = truth.sum_at(int(id), moment)
        assert part == expected, (moment, id)
        if gradient is not None:
            sums = truth.sums.get(int(id), [])
            label = f"{truth.count_at(int(id), moment)} of {len(sums)}" if counted and part == "part" else "grad"
            short = ["0"], [f"size {number(size(gradient))}"]
            assert texts[0] == label, (moment, id)
            assert texts[1:] in (written(gradient), *short), (moment, id)


@pytest.mark.parametrize("name", ["rnn", "mlp", "gru", "several_heads"])
def test_every_moment_shows_what_the_engine_says(walk: Walk, name: str) -> None:
    loss, picture, _ = drawn(name)
    truth = Truth(loss)
    walker = walk(picture.html, "#k=0")
    assert_moments(walker, truth, [*range(truth.last + 1), *range(truth.last, -1, -5)])


@pytest.mark.parametrize("name", ALL)
def test_every_model_has_a_page_that_works(walk: Walk, name: str) -> None:
    loss, picture, page = drawn(name)
    truth = Truth(loss)
    walker = walk(picture.html)
    assert walker.moment == truth.last
    walker.press(ARROWS["home"])
    turn = len(truth.operations)
    assert_moments(walker, truth, (0, 1, turn, turn + 1, truth.last // 2 + 4, truth.last))
    if page.data["frames"]:
        walker.click("#fold")
        assert walker.count(".column") == len(page.data["frames"])
        walker.go(truth.last - 1)
        walker.click("#fold")
        assert_moment(walker, truth, truth.last - 1)


@pytest.mark.parametrize(
    "loss", [lambda: models.rnn(20), lambda: models.rnn(50), lambda: models.rnn(200), lambda: models.lstm(20)]
)
def test_long_ones(walk: Walk, loss: Callable[[], Any]) -> None:
    last = loss()
    picture = draw(last, force=True)
    truth = Truth(last)
    steps = len(picture.scene.frames)
    walker = walk(picture.html)
    assert walker.count(".column") == steps - 5
    assert walker.count("#heat button") == steps
    # What is folded is not in the document, or browsers would take seconds for it.
    assert walker.count("*") < 8 * len(picture.scene.nodes) + 2000
    assert_moments(walker, truth, (truth.last // 3, 3 * truth.last // 4, truth.last))
    walker.run("document.getElementById('column4').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert walker.count(".column") == steps - 6
    assert walker.count("#steps #step4 .card") > 3


def test_a_window_and_a_cut(walk: Walk) -> None:
    walker = walk(draw(models.rnn(50), steps=(20, 25)).html)
    last = walker.moment
    walker.gone(range(0, last + 1, 3))
    assert "from t = 19" in walker.run("return document.getElementById('n3').getAttribute('aria-label')")
    make = models.Numbers()
    U = make.parameter("U", 2, 2)
    h = make.data(2)
    states = []
    for t in range(1, 4):
        with tg.step(t):
            h = tg.tanh(tg.linear(h.detach() if t == 2 else h, U))
            h.name = "h"
            states.append(h)
    walker = walk(draw((tg.stack(states) ** 2).sum()).html, "#sel=h1")
    assert "detached on the way to " in walker.text("#panel")


def test_the_buttons_of_the_stepper(walk: Walk) -> None:
    loss, picture, _ = drawn("rnn")
    truth = Truth(loss)
    walker = walk(picture.html)
    assert not walker.find("#next").is_enabled() and not walker.find("#last").is_enabled()
    walker.click("#back")
    assert_moment(walker, truth, truth.last - 1)
    walker.click("#first")
    assert_moment(walker, truth, 0)
    assert not walker.find("#first").is_enabled() and not walker.find("#back").is_enabled()
    assert walker.text("#phase") == "Start"
    walker.click("#next")
    walker.click("#next")
    assert_moment(walker, truth, 2)
    assert (walker.text("#phase"), walker.text("#deed")) == ("Forward 2 of 29", "r1 = W_hh @ h0")
    walker.click("#last")
    assert_moment(walker, truth, truth.last)
    assert walker.text("#deed") == "a1 = W_xh @ x1:  dL/dW_xh += outer(dL/da1, x1)"


def test_the_captions_of_the_turning_point(walk: Walk) -> None:
    walker = walk(drawn("rnn")[1].html, "#k=29")
    assert (walker.text("#phase"), walker.text("#deed")) == ("Forward 29 of 29", "L = mean(q)")
    walker.press(ARROWS["right"])
    assert (walker.text("#phase"), walker.text("#deed")) == ("The way back begins", "dL/dL = 1")
    walker.press(ARROWS["right"])
    assert (walker.text("#phase"), walker.text("#deed")) == ("Backward 1 of 29", "L = mean(q):  dL/dq = dL/dL")
    assert walker.run("return document.getElementById('caption').getAttribute('aria-live')") == "polite"


def test_playing(walk: Walk) -> None:
    last = Truth(drawn("mlp")[0]).last
    walker = walk(drawn("mlp")[1].html, f"#k={last - 2}")
    walker.click("#play")
    assert walker.text("#play-word") == "Pause"
    assert walker.run("return document.getElementById('caption').getAttribute('aria-live')") == "off"
    walker.wait(lambda: walker.moment == last, "the end")
    walker.wait(lambda: walker.text("#play-word") == "Play", "it stops at the end")
    walker.run("document.activeElement.blur()")
    walker.press(" ")
    walker.wait(lambda: 0 < walker.moment < last, "it begins again")
    walker.press(" ")
    stopped = walker.moment
    assert walker.text("#play-word") == "Play"
    walker.press(ARROWS["right"])
    assert walker.moment == stopped + 1


def test_keys(walk: Walk) -> None:
    walker = walk(drawn("rnn")[1].html, "#k=10")
    for key, moment in (("right", 11), ("left", 10), ("left", 9), ("end", 59), ("home", 0)):
        walker.press(ARROWS[key])
        assert walker.moment == moment
    walker.press("/", "h", "2")
    assert walker.run("return document.activeElement.id") == "find"
    assert walker.run("return document.activeElement.value") == "h2"
    assert walker.moment == 0


def test_the_slider_by_keys(walk: Walk) -> None:
    walker = walk(drawn("rnn")[1].html, "#k=10")
    walker.run("document.getElementById('slider').focus()")
    walker.press(ARROWS["right"])
    assert walker.moment == 11
    assert walker.run("return document.getElementById('slider').getAttribute('aria-valuetext')") == "Forward 11 of 29"


def test_the_address_holds_the_state(walk: Walk) -> None:
    walker = walk(drawn("rnn")[1].html, "#k=47&fold=2,3&sel=W_hh&dark=1")
    assert walker.moment == 47
    assert [walker.count(f"#column{n}") for n in range(5)] == [0, 1, 1, 0, 0]
    assert walker.chosen == "W_hh"
    assert walker.run("return document.documentElement.dataset.theme") == "dark"
    walker.press(ARROWS["right"])
    walker.click("#theme")
    walker.run("document.getElementById('toggle3').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    said = {"k": "48", "fold": "2-4", "sel": "W_hh", "dark": "0"}
    walker.wait(lambda: walker.fragment == said, "the address follows")
    walker.run("location.hash = '#k=5&fold='")
    walker.wait(lambda: walker.moment == 5 and walker.count(".column") == 0, "the page follows the address")


@pytest.mark.parametrize(
    "nonsense", ["#k=1e9", "#k=-3", "#k=x&fold=x,-,99-100,3-1&sel=%F0%9F%98%80", "#&&==", "#sel=&state=9"]
)
def test_an_address_of_nonsense_does_no_harm(walk: Walk, nonsense: str) -> None:
    walker = walk(drawn("rnn")[1].html, nonsense)
    assert 0 <= walker.moment <= 59
    assert walker.count(".card") == 40


def test_choosing_and_following(walk: Walk) -> None:
    walker = walk(drawn("rnn")[1].html)
    walker.press(ARROWS["left"])
    assert walker.chosen == "r1"  # the panel follows the computation
    walker.click("#n0")
    assert walker.chosen == "W_xh"
    for _ in range(12):
        walker.press(ARROWS["left"])
    assert walker.chosen == "W_xh"  # and stays with what was chosen
    assert re.search(r"the sum of \d of 5 so far", walker.text("#panel"))
    walker.press(ESCAPE)
    assert walker.chosen == walker.text("#deed").split(" = ")[0]
    walker.run("document.getElementById('n10').focus()")
    walker.press(ENTER)
    assert walker.chosen == "h1"
    walker.click("#panel button[data-key=follow]")
    assert walker.chosen != "h1"


def test_the_panel_explains_a_state(walk: Walk) -> None:
    _, picture, _ = drawn("rnn")
    node = next(node for node in picture.scene.nodes if node.name == "h3")
    walker = walk(picture.html, "#sel=h3")
    assert node.gradient is not None
    shown = walker.run("return [...document.querySelectorAll('#panel .numbers td')].map((cell) => cell.textContent)")
    assert shown == [number(x) for array in (node.value, node.gradient) for x in array.tolist()]
    for words in ("state, 2, t = 3", "h3 = tanh(z3)", "dL/dh3 = dL/dr4 @ W_hh", "dL/dz3= dL/dh3 * (1 - h3 * h3)"):
        assert words in walker.text("#panel")
    walker.click("#panel button[data-key=use0]")
    assert walker.chosen == "r4"
    walker.open("#k=20&sel=h3")
    assert "not known yet" in walker.text("#panel")
    walker.open("#k=3&sel=h3")
    assert "not computed yet" in walker.text("#panel")


def test_the_bars_are_the_contributions(walk: Walk) -> None:
    _, picture, _ = drawn("rnn")
    walker = walk(picture.html, "#sel=W_hh")
    scene = picture.scene
    uses = next(uses for id, uses in scene.shared.items() if scene.nodes[id].name == "W_hh")
    sizes = [float(np.linalg.norm(edge.share)) for edge in reversed(uses) if edge.share is not None]
    widths = walker.run(
        "return [...document.querySelectorAll('#panel .bar')].map((bar) => parseFloat(bar.style.width))"
    )
    np.testing.assert_allclose(widths, [100 * size / max(sizes) for size in sizes], atol=0.01)
    numbers = walker.run("return [...document.querySelectorAll('#panel td.size')].map((cell) => cell.textContent)")
    assert numbers == [number(size) for size in sizes]


def test_many_contributions_are_columns(walk: Walk) -> None:
    picture = draw(models.rnn(20), force=True)
    walker = walk(picture.html, "#sel=W_hh")
    assert walker.count("#panel .columns button") == 20
    assert walker.text("#panel .chart p").startswith("largest: t = 20: size ")
    walker.run("document.querySelector('#panel .columns button').focus()")
    assert walker.text("#panel .chart p").startswith("t = 1: size 0 ")
    walker.press(ARROWS["right"])
    assert walker.text("#panel .chart p").startswith("t = 2: size ")
    assert walker.moment == 209
    walker.press(ENTER)
    assert walker.chosen == "r2"


def test_the_strip_of_sizes(walk: Walk) -> None:
    _, picture, _ = drawn("rnn")
    walker = walk(picture.html)
    sizes = [picture.scene.nodes[states[0]].gradient for states in picture.scene.states]
    expected = [f"t = {n + 1} {number(float(np.linalg.norm(g)))}" for n, g in enumerate(sizes) if g is not None]
    shown = "return [...document.querySelectorAll('#heat button')].map((button) => button.textContent)"
    assert walker.run(shown) == expected
    walker.go(47)
    assert walker.run(shown) == ["t = 1", "t = 2", *expected[2:]]
    walker.click("#heat button:nth-child(4)")
    assert walker.chosen == "h4"
    walker.run("document.querySelector('#heat button').dispatchEvent(new MouseEvent('dblclick', {bubbles: true}))")
    assert walker.count("#column0") == 1
    walker.press(ARROWS["right"], ARROWS["right"])
    assert walker.moment == 47  # inside the strip the arrows move along it


def test_several_states_take_turns_in_the_strip(walk: Walk) -> None:
    _, picture, page = drawn("lstm")
    walker = walk(picture.html)
    assert [each["name"] for each in page.data["series"]] == ["h", "c"]
    first = walker.text("#heat button")
    walker.run("const s = document.getElementById('heat-state'); s.value = 1; s.dispatchEvent(new Event('change'))")
    cell = picture.scene.nodes[picture.scene.states[0][1]]
    assert cell.gradient is not None
    assert walker.text("#heat button") == f"t = 1 {number(float(np.linalg.norm(cell.gradient)))}" != first
    walker.wait(lambda: walker.fragment.get("state") == "1", "the address follows")


PLACES = """
const box = (mark) => { const r = mark.getBoundingClientRect(); return [r.left, r.right] };
const drawing = document.getElementById('drawing');
const zoom = drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width;
return [zoom, [...document.querySelectorAll('.card')].map((card) => [card.id, ...box(card.querySelector('polygon'))])];
"""
PATHS = "return [...document.querySelectorAll('.line path')].map((path) => path.getAttribute('d'))"


@pytest.mark.parametrize("name", ["rnn", "attention", "bidirectional", "loss_outside", "lstm"])
def test_folding_moves_things_and_bends_nothing(walk: Walk, name: str) -> None:
    _, picture, page = drawn(name)
    walker = walk(picture.html, "#fold=")
    paths = sorted(walker.run(PATHS))
    _, before = walker.run(PLACES)
    for folds in ("1", "2", "1-2", "2,3", f"1-{len(page.data['frames'])}"):
        walker.open(f"#fold={folds}")
        zoom, after = walker.run(PLACES)
        left = {id: x for id, x, _ in after}
        order = [id for id, *_ in sorted(before, key=lambda card: (card[1], card[0])) if id in left]
        assert all(left[a] <= left[b] + 0.5 for a, b in pairwise(order)), folds
        assert all(math.isclose(right - x, WIDTH * zoom, rel_tol=0.03) for _, x, right in after), folds
        assert all("NaN" not in path and "Infinity" not in path for path in walker.run(PATHS))
        walker.run("let c; while ((c = document.querySelector('.column'))) c.dispatchEvent(new MouseEvent('click'))")
        assert sorted(walker.run(PATHS)) == paths


def test_folding_by_the_signs_in_the_picture(walk: Walk) -> None:
    walker = walk(drawn("rnn")[1].html)
    walker.run("document.getElementById('toggle1').focus()")
    walker.press(ENTER)
    assert walker.count("#column1") == 1 and walker.count("#step1") == 0
    assert walker.run("return document.activeElement.id") == "column1"
    walker.press(ENTER)
    assert walker.count("#column1") == 0 and walker.count("#step1") == 1
    walker.click("#fold")
    assert walker.text("#fold") == "Open all steps" and walker.count(".column") == 5
    walker.click("#fold")
    assert walker.text("#fold") == "Fold all steps" and walker.count(".column") == 0


def test_finding(walk: Walk) -> None:
    walker = walk(drawn("rnn")[1].html, "#fold=3")
    walker.press("/", *"H3")
    assert walker.text("#found") == "2 found"  # h3, and r4 = W_hh @ h3
    walker.press(ENTER)
    assert walker.chosen == "h3" and walker.text("#found") == "1 of 2"
    assert walker.count("#column2") == 0  # it was folded away
    walker.press(ENTER)
    assert walker.chosen == "r4"
    walker.press(ENTER)
    assert walker.chosen == "h3"
    walker.press("q")
    assert walker.text("#found") == "none" and walker.count(".match") == 0
    walker.press(ESCAPE)
    assert walker.run("return document.getElementById('find').value") == ""


def test_zoom_and_dragging(walk: Walk) -> None:
    walker = walk(drawn("rnn")[1].html, "#k=59&sel=W_hh")
    width = "return document.getElementById('drawing').getBoundingClientRect().width"
    before = walker.run(width)
    walker.click("#closer")
    assert walker.run(width) == pytest.approx(1.25 * before, rel=0.01)
    walker.click("#farther")
    walker.press("-")
    assert walker.run(width) == pytest.approx(before / 1.25, rel=0.01)
    walker.press("+", "+", "+", "+")
    grown = walker.run(width)
    from selenium.webdriver import ActionChains

    stage = walker.find("#picture")
    at = walker.run("return document.getElementById('picture').scrollLeft")
    chain = ActionChains(walker.driver, duration=10)
    chain.move_to_element(stage).click_and_hold().move_by_offset(-120, 0).release().perform()
    assert walker.run("return document.getElementById('picture').scrollLeft") == pytest.approx(at + 120, abs=2)
    assert walker.chosen == "W_hh"  # the end of a drag is no click
    walker.run(
        "const turned = new WheelEvent('wheel', {deltaY: 100, ctrlKey: true, cancelable: true});"
        "document.getElementById('picture').dispatchEvent(turned)"
    )
    assert walker.run(width) < grown
    walker.click("#fit")
    assert walker.run(width) <= walker.run("return document.getElementById('picture').clientWidth")
    assert walker.run("const p = document.getElementById('picture'); return p.scrollHeight <= p.clientHeight")


def test_the_view_follows_the_computation(walk: Walk) -> None:
    walker = walk(draw(models.rnn(8)).html, "#k=0")
    seen = """const a = document.getElementById('ring-now').getBoundingClientRect();
        const b = document.getElementById('picture').getBoundingClientRect();
        return a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;"""
    for moment in (2, 40, 44, 60, 85):
        walker.go(moment)
        walker.wait(lambda: walker.run(seen), f"the operation of moment {moment} is in view")


def test_themes(walk: Walk) -> None:
    walker = walk(drawn("rnn")[1].html)
    ground = "return getComputedStyle(document.documentElement).backgroundColor"
    card = "return getComputedStyle(document.querySelector('.card polygon')).fill"
    assert walker.run(ground) == "rgb(255, 255, 255)" and walker.text("#theme") == "Dark"
    walker.click("#theme")
    assert walker.run(ground) == "rgb(18, 22, 28)" and walker.text("#theme") == "Light"
    assert walker.run(card) == "rgb(18, 48, 42)" or walker.run(card) == "rgb(30, 37, 46)"
    walker.pretend(prefers_color_scheme="dark")
    walker.open()
    assert walker.run(ground) == "rgb(18, 22, 28)" and walker.text("#theme") == "Light"
    walker.pretend(media="print", prefers_color_scheme="dark")
    assert walker.run(ground) == "rgb(255, 255, 255)"
    hidden = "return [...document.querySelectorAll('.tools, .buttons, .zoom')].every((e) => !e.checkVisibility())"
    assert walker.run(hidden)


def test_who_wants_it_calm_gets_it_calm(walk: Walk) -> None:
    walker = walk(drawn("rnn")[1].html, "#k=40")
    moving = "return getComputedStyle(document.querySelector('.line.flowing path')).animationName"
    assert walker.run(moving) == "flow"
    walker.pretend(prefers_reduced_motion="reduce")
    assert walker.run(moving) == "none"


def test_help(walk: Walk) -> None:
    walker = walk(drawn("rnn")[1].html)
    walker.click("#help")
    assert walker.run("return document.getElementById('about').open")
    walker.press(ARROWS["left"])
    assert walker.moment == 59
    walker.click("#about button")
    assert not walker.run("return document.getElementById('about').open")


@pytest.mark.parametrize("name", ["rnn", "lstm", "mlp"])
@pytest.mark.parametrize("width", [360, 700, 1024])
def test_narrow_windows(walk: Walk, name: str, width: int) -> None:
    walker = walk(drawn(name)[1].html)
    walker.resize(width, 780)
    walker.open("#k=30")
    assert walker.run("return document.documentElement.scrollWidth") <= width
    outside = """const wide = document.documentElement.clientWidth;
        return [...document.querySelectorAll('header button, header input, header select, .zoom button')]
            .filter((one) => one.checkVisibility()).map((one) => [one.id, one.getBoundingClientRect()])
            .filter(([, box]) => box.left < 0 || box.right > wide + 0.5 || box.width < 1).map(([id]) => id);"""
    assert walker.run(outside) == []
    assert walker.run("return document.getElementById('picture').clientHeight") >= 150


@pytest.mark.parametrize("name", ["rnn", "lstm", "mlp"])
def test_everything_that_can_be_pressed_says_what_it_does(walk: Walk, name: str) -> None:
    walker = walk(drawn(name)[1].html, "#fold=2&k=40")
    silent = """const label = (e) => e.getAttribute('aria-label') || e.labels?.[0]?.textContent;
        const named = (e) => (label(e) || e.textContent || '').trim();
        const all = document.querySelectorAll('button, input, select, [role=button]');
        return [...all].filter((e) => !named(e)).map((e) => e.outerHTML)"""
    assert walker.run(silent) == []
    assert walker.count("#drawing [tabindex='0']") == 1
    assert walker.count("#drawing [role=button]:not([tabindex])") == 0
    assert walker.count("#heat button[tabindex='0']") == (0 if name == "mlp" else 1)
    assert "size of the gradient" in walker.text("#summary").lower() or name == "mlp"
    label = walker.run("return document.querySelector('.card.parameter').getAttribute('aria-label')")
    assert re.match(r"\w+, parameter, value ", label)


def test_the_focus_can_be_seen(walk: Walk) -> None:
    walker = walk(drawn("rnn")[1].html)
    walker.run("document.getElementById('find').focus()")
    looks = """const s = getComputedStyle(document.activeElement);
        return [document.activeElement.tagName, s.outlineStyle, parseFloat(s.outlineWidth)];"""
    tags = set()
    for _ in range(24):
        walker.press(TAB)
        tag, style, width = walker.run(looks)
        if tag == "BODY":
            break  # once around
        assert style != "none" and width >= 2, tag
        tags.add(tag)
    assert {"BUTTON", "INPUT", "g"} <= tags


@pytest.mark.parametrize("moment", [0, 33, 59])
def test_hostile_names_never_run(walk: Walk, moment: int) -> None:
    loss = models.rnn()
    for n, tensor in enumerate(tg.history(loss)):
        tensor.name = HOSTILE[n % len(HOSTILE)]
    picture = draw(loss, title=HOSTILE[0], subtitle=HOSTILE[1], labels=dict.fromkeys(range(9), HOSTILE[1]))
    walker = walk(picture.html, f"#k={moment}&fold=2")
    walker.run(
        "for (const mark of document.querySelectorAll('.card, .line, .column'))"
        " for (const what of ['pointerover', 'click'])"
        "  mark.dispatchEvent(new MouseEvent(what, {bubbles: true}))"
    )
    assert walker.run("return window.ran") is None
    assert walker.count("img, iframe, a, object, embed") == 0
    assert walker.count("script") == 2
    assert walker.text("h1") == HOSTILE[0]
    names = [node["name"] for node in Page(picture.html).data["nodes"]]
    assert names == [node.name for node in picture.scene.nodes]


def test_a_page_opens_at_its_beginning_with_a_tour(walk: Walk) -> None:
    loss, picture, _ = drawn("rnn")
    last = Truth(loss).last
    walker = walk(picture.html, "")
    assert walker.moment == 0 and walker.text("#phase") == "Start"
    first = walker.text("#tour-words")
    assert walker.find("#begin").is_displayed() and walker.text("#tour-at") == "1 of 3"
    walker.click("#begin")
    walker.wait(lambda: walker.moment > 1, "it plays")
    assert not walker.find("#begin").is_displayed() and walker.text("#tour-words") == first
    assert walker.run("return document.activeElement.id") == "play"
    walker.click("#tour-next")
    assert (walker.text("#phase"), walker.text("#tour-at")) == ("The way back begins", "2 of 3")
    walker.click("#tour-next")
    assert (walker.moment, walker.text("#tour-at")) == (last, "3 of 3")
    assert walker.text("#tour-words").startswith("W_hh is used 5 times")
    # What the page is about is shown in the end: the weight that joins the steps.
    assert walker.chosen == "W_hh" and "is the sum of 5 contributions" in walker.text("#panel")
    assert walker.count(".aside") == 0
    walker.click("#tour-next")
    assert not walker.find("#tour").is_displayed()
    walker.wait(lambda: walker.fragment.get("k") == str(last), "the address follows")
    # A page that is led through time by hand goes along.
    walker.open("")
    walker.go(last - 3)
    assert walker.text("#tour-at") == "2 of 3"
    walker.click("#tour-end")
    assert not walker.find("#tour").is_displayed() and walker.moment == last - 3
    # Who comes by an address of a moment has no tour.
    walker.open("#k=0")
    assert not walker.find("#tour").is_displayed()


@pytest.mark.parametrize("name", ["mlp", "bidirectional"])
def test_the_tour_of_other_graphs_fits_a_narrow_window(walk: Walk, name: str) -> None:
    walker = walk(drawn(name)[1].html, "")
    walker.resize(360, 700)
    walker.open("")
    for _ in range(3):
        outside = """const t = document.getElementById('tour').getBoundingClientRect();
            const s = document.querySelector('.stage').getBoundingClientRect();
            const rooms = [t.left - s.left, s.right - t.right, t.top - s.top, s.bottom - t.bottom];
            return rooms.filter((room) => room < 0)"""
        assert walker.run(outside) == []
        walker.click("#tour-next")
    assert not walker.find("#tour").is_displayed()


def test_the_cards_are_one_tab_stop_and_the_arrows_go_between_them(walk: Walk) -> None:
    walker = walk(drawn("rnn")[1].html, "#k=59&fold=2")
    focused = "return document.activeElement.id"
    walker.run("document.getElementById('heat').querySelector('[tabindex=\"0\"]').focus()")
    walker.press(TAB)
    names = {node.name: f"n{n}" for n, node in enumerate(drawn("rnn")[1].scene.nodes)}
    # What the panel is about is where one comes in.
    assert walker.run(focused) == names["a1"] and walker.count("#drawing [tabindex='0']") == 1
    for key, to in (("up", "r1"), ("up", "s1"), ("up", "z1"), ("up", "h1"), ("left", "h0"), ("right", "h1")):
        walker.press(ARROWS[key])
        assert walker.run(focused) == names[to], to
    assert walker.moment == 59
    walker.press(ENTER)
    assert walker.chosen == "h1"
    walker.press(ARROWS["right"])
    assert walker.run(focused) == "column1"  # a folded step is one of them
    walker.press(TAB)
    assert walker.run("return document.activeElement.closest('#drawing')") is None


def test_shortcuts_of_one_sign_can_be_switched_off(walk: Walk) -> None:
    walker = walk(drawn("rnn")[1].html, "#k=10")
    walker.click("#help")
    walker.click("#keys")
    walker.click("#about form button")
    width = "return document.getElementById('drawing').getBoundingClientRect().width"
    before = walker.run(width)
    walker.run("document.activeElement.blur()")
    walker.press("+", "/", "h", " ", "0")
    assert walker.run(width) == before and walker.text("#play-word") == "Play"
    assert walker.run("return document.activeElement.id") != "find"
    walker.press(ARROWS["right"])
    assert walker.moment == 11
    walker.wait(lambda: walker.fragment.get("keys") == "0", "the address follows")
    walker.open("#k=10&keys=0")
    assert not walker.find("#keys").is_selected()


def test_what_is_chosen_shows_its_ways_to_the_loss(walk: Walk) -> None:
    _, picture, page = drawn("rnn")
    names = [node.name for node in picture.scene.nodes]
    walker = walk(picture.html, "#k=59&sel=r4")
    shown = "return [...document.querySelectorAll('.card:not(.aside)')].map((card) => Number(card.id.slice(1)))"
    on = {names[n] for n in walker.run(shown)}
    assert on == {"r4", "s4", "z4", "h4", "r5", "s5", "z5", "h5", "y", "e", "q", "L"}
    lines = walker.run("return [...document.querySelectorAll('.line:not(.aside)')].map((l) => Number(l.id.slice(1)))")
    ends = {(names[other], names[operation]) for _, operation, other, *_ in (page.data["lines"][n] for n in lines)}
    assert ("h4", "r5") in ends and all(a in on and b in on for a, b in ends) and len(ends) == 11
    assert "one way to L" in walker.text("#panel")
    walker.press(ESCAPE)
    assert walker.count(".aside") == 0
    walker.open("#k=59&sel=y")
    # The product of derivatives: mean, square, difference.
    assert "dL/dL * (2 * e)" in walker.text("#panel")
    walker.open("#k=59&sel=h1")
    assert "one way to L" in walker.text("#panel") and "more" in walker.text("#panel")
    walker.open("#k=59&sel=W_hh")
    assert "5 ways to L" in walker.text("#panel")


SMALL = """
const shown = [...document.querySelectorAll('#drawing text')].filter((text) => text.getBoundingClientRect().width > 0);
const zoom = document.getElementById('drawing').getScreenCTM().a;
return shown.filter((text) => text.textContent.trim() && parseFloat(getComputedStyle(text).fontSize) * zoom < 10.99)
  .map((text) => [text.textContent, text.parentNode.getAttribute('class')]);
"""
OTHERS = """
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const found = [];
while (texts.nextNode()) {
  const home = texts.currentNode.parentElement;
  const isText = texts.currentNode.textContent.trim() && !home.closest('svg, script, style, template, noscript');
  const isSeen = isText && home.checkVisibility() && !home.closest('.unseen');
  if (isSeen && parseFloat(getComputedStyle(home).fontSize) < 11) found.push(texts.currentNode.textContent);
}
return found;
"""


@pytest.mark.parametrize("name", ["rnn", "nn_bidirectional", "attention", "mlp"])
def test_at_first_sight_no_text_is_smaller_than_eleven_pixels(walk: Walk, name: str) -> None:
    walker = walk(drawn(name)[1].html, "")
    for width, address in ((1280, ""), (768, END), (400, END)):
        walker.resize(width, 800)
        walker.open(address)
        assert walker.run(SMALL) == [] and walker.run(OTHERS) == []


def test_from_farther_away_there_is_less(walk: Walk) -> None:
    _, picture, _ = drawn("rnn")
    walker = walk(picture.html, "#k=59&sel=h3")
    h3 = next(node for node in picture.scene.nodes if node.name == "h3")
    assert h3.gradient is not None
    level = "return document.getElementById('drawing').dataset.level"
    words = """return [...document.querySelectorAll(`#n${arguments[0]} text`)]
        .filter((one) => one.getBoundingClientRect().width > 0).map((one) => one.textContent).filter(Boolean)"""
    assert walker.run(level) == "names" and walker.run(words, h3.id) == ["h3", number(size(h3.gradient))]
    walker.press("+", "+", "+")
    assert walker.run(level) == "full"
    assert walker.run(words, h3.id)[:3] == ["tanh", "h3", "= tanh(z3) [2]"] and "grad" in walker.run(words, h3.id)
    walker.press("-", "-", "-", "-", "-", "-")
    assert walker.run(level) == "tiles" and walker.run(words, h3.id) == []
    walker.press("+", "+", "+")
    walker.go(11)
    # Before its gradient a card shows its value, if that is short.
    assert walker.run(level) == "names"
    loss = next(node.id for node in picture.scene.nodes if node.name == "L")
    walker.go(29)
    assert walker.run(words, loss) == ["L", number(float(picture.scene.nodes[loss].value))]


def test_the_minimap_shows_where_one_is_and_goes_there(walk: Walk) -> None:
    walker = walk(draw(models.rnn(20), force=True).html, "#k=209&fold=")
    assert walker.find("#minimap").is_displayed()
    scrolled = "return document.getElementById('picture').scrollLeft"
    from selenium.webdriver import ActionChains

    wide = walker.find("#minimap").size["width"]
    for part, far in ((0.45, 1500), (-0.45, 0)):
        chain = ActionChains(walker.driver, duration=0)
        chain.move_to_element_with_offset(walker.find("#minimap"), int(part * wide), 0).click().perform()
        assert walker.run(scrolled) > 900 if far else walker.run(scrolled) < 200
    walker.press("0")
    walker.wait(lambda: not walker.find("#minimap").is_displayed(), "all is seen")


def test_the_minimap_follows_its_place_also_when_the_window_stays(walk: Walk) -> None:
    walker = walk(draw(models.rnn(20), force=True).html, "#k=209&fold=")
    wide = "return document.getElementById('minimap').clientWidth"
    before = walker.run(wide)
    walker.run("document.querySelector('.stage').style.width = '500px'")
    walker.wait(lambda: walker.run(wide) < before, "a smaller map")


def test_a_page_whose_frame_gets_its_size_late_begins_as_any(walk: Walk) -> None:
    html = drawn("mlp")[1].html
    frames = [f'<iframe {hidden} srcdoc="{escape(html)}" width=1700 height=1100></iframe>' for hidden in ("hidden", "")]
    page = walk(f"<!doctype html>{''.join(frames)}", "")
    wide = """return [...document.querySelectorAll('iframe')].map(({ contentDocument }) =>
        Number(contentDocument.getElementById('drawing')?.getAttribute('width')))"""
    page.wait(lambda: all(page.run(wide)), "both pages")
    page.run("document.querySelector('iframe').hidden = false")
    page.wait(lambda: len({*page.run(wide)}) == 1, "both alike")


def test_the_legend_can_be_read_anywhere(walk: Walk) -> None:
    walker = walk(drawn("rnn")[1].html)
    walker.click("#key summary")
    assert "backward: gradient" in walker.text("#key svg") and walker.find("#key svg").is_displayed()
    walker.click("#n39")
    assert not walker.find("#key svg").is_displayed()
