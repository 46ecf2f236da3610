"""The animation: at every moment it shows what the engine says is known then, and in the end the whole picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import number
from tests.viz import models
from tests.viz.inside import Cast
from tests.viz.many import GRAPHS
from tests.viz.page.reading import ALL, Truth, drawn
from tests.viz.page.test_browser import assert_cards, written
from tests.viz.page.test_page import HOSTILE
from tests.viz.page.test_windows import by_hand
from tests.viz.page.walker import Walker
from tinygrad_rnn import Tensor
from tinygrad_rnn.viz import Animation, draw, scene_of

Look = Callable[[str], Walker]

MOMENT = """
const all = parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--all')) * 1000;
for (const each of document.getAnimations()) { each.pause(); each.currentTime = arguments[0] * all; }
const seen = (mark) => mark && Number(getComputedStyle(mark).opacity) > 0.99;
const texts = (mark) => [...mark.querySelectorAll('text')].map((text) => text.textContent.trim());
const cards = {};
for (const card of document.querySelectorAll('.card')) {
  const id = card.id.slice(1);
  const [whole, value] = [card.querySelector('.gradient'), card.querySelector('.value')];
  const parts = [...document.querySelectorAll(`.partial[data-of="${id}"]`)].filter(seen);
  cards[id] = [
    seen(card) && (!value || seen(value)),
    seen(whole) ? 'whole' : parts.length ? 'part' : 'none',
    seen(whole) ? texts(whole) : parts.length === 1 ? texts(parts[0]) : parts.length,
  ];
}
const phases = [...document.querySelectorAll('.phase')].filter((text) => seen(text.parentNode));
const words = phases.map((text) => text.textContent);
const deeds = [...document.querySelectorAll('.deed')].filter((text) => seen(text.parentNode));
const rings = [...document.querySelectorAll('.ring')].filter(seen).length;
const lines = [...document.querySelectorAll('.line.back')].filter(seen).length;
return [cards, words, rings, lines, deeds.map((text) => text.textContent)];
"""


@pytest.fixture
def look(driver: Any, tmp_path: Path) -> Any:
    """Open an SVG. Whatever the browser complains about fails the test."""
    walkers: list[Walker] = []

    def start(svg: str) -> Walker:
        path = tmp_path / f"animation{len(walkers)}.svg"
        path.write_text(svg, encoding="utf-8")
        walkers.append(Walker(driver, path.as_uri()))
        walkers[-1].open()
        return walkers[-1]

    yield start
    for walker in walkers:
        walker.reset()
    assert [entry["message"] for entry in driver.get_log("browser")] == []


def fraction(svg: str, moment: int) -> float:
    """Just after a moment begins, as a part of the whole; read from the rules themselves."""
    found = re.search(rf"@keyframes in{moment}-{moment + 1}{{(?:0%{{opacity:0}})?([\d.]+)%{{opacity:1}}", svg)
    assert found is not None
    return float(found[1]) / 100 + 1e-4


@pytest.mark.parametrize("name", ["rnn", "mlp", "gru", "several_heads"])
def test_every_moment_shows_what_the_engine_says(look: Look, name: str) -> None:
    loss, picture, _ = drawn(name)
    truth, svg = Truth(loss), picture.animation().svg
    walker, count, steps = look(svg), len(truth.operations), list(tg.autograd.backward_steps(loss))
    shown = walker.each(MOMENT, [fraction(svg, moment) for moment in range(truth.last + 1)])
    for moment, (cards, words, rings, lines, (deed,)) in enumerate(shown):
        assert_cards(cards, truth, moment, counted=True)
        (phase,) = words
        if 0 < moment <= count:
            assert phase == f"Forward {moment} of {count}"
        elif moment > count + 1:
            assert phase == f"Backward {moment - count - 1} of {count}"
            # "=" for what arrives first and "+=" for what is added; a long line is cut.
            signs = ["=" if each.first else "+=" for each in steps[moment - count - 2].received]
            found = re.findall(r" (\+?=) ", deed.partition(":  ")[2])
            assert found == signs[: len(found)] and bool(found) == bool(signs), (moment, deed)
        assert rings == (moment > 0) and (lines > 0) == (moment > count + 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_it_is_one_file_without_a_script(name: str) -> None:
    svg = drawn(name)[1].animation(theme="auto").svg
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg).iter()}
    assert tags <= {"svg", "title", "style", "g", "rect", "text", "path", "polygon", "polyline", "ellipse"}
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "") and "url(" not in svg and "@import" not in svg
    assert svg == draw(ALL[name]()).animation(theme="auto").svg


@pytest.mark.parametrize("still", ["motion", "paper"])
def test_where_nothing_moves_it_is_the_finished_picture(look: Look, still: str) -> None:
    loss, picture, _ = drawn("rnn")
    walker = look(picture.animation().svg)
    if still == "motion":
        walker.pretend(prefers_reduced_motion="reduce")
    else:
        walker.pretend(media="print")
    cards, words, rings, lines, _ = walker.run(MOMENT, 0)
    truth = Truth(loss)
    assert words == [] and rings == 0 and lines == walker.count(".line.back") > 0
    for id, gradient in truth.gradients.items():
        assert cards[str(id)][:2] == [True, "whole"] and cards[str(id)][2][1:] == written(gradient)
    assert walker.run("return getComputedStyle(document.querySelector('.subtitle')).opacity") == "1"


@pytest.mark.parametrize(("theme", "system", "paper"), [
    ("light", "dark", "rgb(255, 255, 255)"),
    ("dark", "light", "rgb(18, 22, 28)"),
    ("auto", "light", "rgb(255, 255, 255)"),
    ("auto", "dark", "rgb(18, 22, 28)"),
])  # fmt: skip
def test_themes(look: Look, theme: str, system: str, paper: str) -> None:
    walker = look(drawn("mlp")[1].animation(theme=theme).svg)
    walker.pretend(prefers_color_scheme=system)
    assert walker.run("return getComputedStyle(document.querySelector('.paper')).fill") == paper


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_are_text(look: Look, hostile: str) -> None:
    loss = models.rnn(2)
    for tensor in tg.history(loss):
        tensor.name = hostile
    svg = draw(loss, title=hostile, subtitle=hostile).animation().svg
    ElementTree.fromstring(svg)
    walker = look(svg)
    assert walker.run("return window.ran") is None and walker.text(".title") == hostile.strip()


def long_chain(operations: int) -> Tensor:
    x = tg.ones(2, requires_grad=True)
    with tg.scope("chain"):
        for _ in range(operations - 1):
            x = x * 1.01
    return x.sum()


@pytest.mark.slow
def test_what_is_refused_and_saved(tmp_path: Path) -> None:
    picture = drawn("rnn")[1]
    with pytest.raises(ValueError, match=r"^theme='pink' is unknown; choose 'light', 'dark' or 'auto'"):
        picture.animation(theme="pink")
    for seconds in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="has to be a time"):
            picture.animation(seconds=seconds)
    with pytest.raises(
        ValueError, match=r"up to 150 operations .*, or the states .* has 151 operations, and no state goes"
    ):
        draw(long_chain(151)).animation()
    with pytest.raises(ValueError, match=r"^cannot save an animation as 'a.gif': it is an SVG"):
        picture.animation().save(tmp_path / "a.gif")
    assert list(tmp_path.iterdir()) == []
    animation = picture.animation(seconds=2)
    assert animation.save(tmp_path / "a.svg").read_text() == animation.svg and isinstance(animation, Animation)
    assert repr(animation) == f"<Animation of {picture.title}>"
    assert animation._repr_html_().startswith('<img src="data:image/svg+xml;base64,')


def told(svg: str) -> list[tuple[str, str]]:
    """What a film says at every moment, in its two lines."""
    found = {}
    for group in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}g"):
        if moment := re.fullmatch(r"while in(\d+)-\d+", group.get("class", "")):
            phase, deed = (text.text or "" for text in group.findall("{*}text"))
            found[int(moment[1])] = (phase, deed)
    return [found[moment] for moment in range(len(found))]


def test_a_film_of_more_operations_is_bptt_by_hand() -> None:
    loss = models.rnn(60)
    gradients, adds, _ = by_hand(loss, 60)
    start, *words = told(draw(loss).animation().svg)
    forward, (turn, one), back = words[:30], words[30], words[31:][::-1]
    assert start[0] == "Start" and (turn, one) == ("The way back begins", "dL/dL = 1")
    for n, (there, (phase, deed)) in enumerate(zip(forward, back, strict=True)):
        steps = [2 * n + 1, 2 * n + 2]
        assert there == (f"Forward, t = {steps[0]} to {steps[1]}", "h[t] from h of the step before")
        sizes = [float(np.linalg.norm(gradients[t])) for t in steps]
        parts = max(float(np.linalg.norm(adds[t])) for t in steps)
        assert phase == f"Backward, t = {steps[0]} to {steps[1]}"
        words_of = f"|dL/dh[t]| = {number(min(sizes))} to {number(max(sizes))}, adds {number(parts)} to dL/dW_hh"
        assert deed == (words_of if n else f"{words_of}; {tg.gradient_flow(loss).sentence}")


def test_what_a_film_plays_later_was_computed_later_and_every_state_has_its_verdict() -> None:
    for name, make in GRAPHS.items():
        tg.manual_seed(1)
        loss = make()
        if name == "T 5000" or not (tracks := scene_of(loss).tracks) or len(tracks[0].points) > 50:
            continue
        cast, flows = Cast(scene_of(loss), tracks, None, {}), tg.gradient_flow(loss.sum())
        births: dict[tuple[str, int], int] = {}
        for flow in flows:
            births |= {(flow.name, step): node.birth for step, node in zip(flow.times, flow.nodes, strict=True)}
        played: list[int] = []
        for moment in range(1, cast.course.count + 1):
            cells = [(tracks[n].name, cast.rows[n][cell].first) for n, cell in cast.turns(moment)]
            assert len({step for _, step in cells}) == 1, (name, cells)
            played += sorted(births[cell] for cell in cells if cell in births)
        assert played == sorted(played), name
        said = "".join(cast.words(moment)[1] for moment in cast.course.moments)
        assert all(f"; {track.flow.sentence}" in said for track in tracks), name


SHOWN = """
const all = parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--all')) * 1000;
for (const each of document.getAnimations()) { each.pause(); each.currentTime = arguments[0] * all; }
const isSeen = (mark) => Number(getComputedStyle(mark).opacity) > 0.99;
const seen = (css) => [...document.querySelectorAll(css)].filter(isSeen);
const steps = (css) => seen(css).map((mark) => Number(mark.textContent));
const captions = [...document.querySelectorAll('.phase')].filter((text) => isSeen(text.parentNode));
return [steps('.card.blank'), steps('.gradient.middle'), seen('.ring').length, captions.length];
"""


def test_a_film_goes_from_step_to_step_and_back(look: Look) -> None:
    svg = draw(models.lstm(20)).animation(theme="auto").svg
    walker = look(svg)
    for moment in (0, 1, 12, 20, 21, 22, 30, 41):
        there, back, rings, captions = walker.run(SHOWN, fraction(svg, moment))
        computed, arrived = range(1, min(moment, 20) + 1), range(42 - moment, 21)
        assert (there, back) == ([*computed] * 2, [*arrived] * 2), moment  # of h and c
        assert (rings, captions) == (0 if moment in (0, 21) else 2, 1)
    walker.pretend(prefers_reduced_motion="reduce", prefers_color_scheme="dark")
    there, back, rings, _ = walker.run(SHOWN, 0)
    assert (len(there), len(back), rings) == (40, 40, 0)


def test_a_long_one_goes_faster() -> None:
    def length(animation: Animation) -> float:
        found = re.search(r"--all:([\d.]+)s", animation.svg)
        assert found is not None
        return float(found[1])

    picture = drawn("rnn")[1]
    moments = 2 * picture.scene.operations + 2
    assert length(picture.animation(seconds=1)) == pytest.approx(moments + 7.7, abs=0.01)
    assert length(draw(long_chain(140)).animation()) < 75
