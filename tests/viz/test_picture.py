"""draw(): what people type, and what it refuses."""

import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.viz import models
from tinygrad_rnn import Tensor, nn
from tinygrad_rnn.viz import draw


def test_saving_by_ending(tmp_path: Path) -> None:
    picture = draw(models.rnn(steps=2))
    for name, start in (("a.svg", b"<?xml"), ("a.png", b"\x89PNG"), ("a.dot", b"//"), ("A.GV", b"//")):
        assert picture.save(tmp_path / name) == tmp_path / name
        assert (tmp_path / name).read_bytes().startswith(start)
    with pytest.raises(ValueError, match=r"\.svg, \.png, \.pdf, \.html or \.dot"):
        picture.save(tmp_path / "a.jpg")


def width_of(png: bytes) -> int:
    return int.from_bytes(png[16:20], "big")


def test_a_png_has_as_many_dots_as_asked_for(tmp_path: Path) -> None:
    picture = draw(models.rnn(steps=1))
    picture.save(tmp_path / "print.png", dpi=192)
    assert width_of((tmp_path / "print.png").read_bytes()) == pytest.approx(2 * width_of(picture.png), abs=3)


def test_notebooks_show_the_svg() -> None:
    picture = draw(models.rnn(steps=1))
    assert picture._repr_svg_() == picture.svg
    assert repr(picture) == "<Picture of L: 1 time step, 9 operations>"


def test_title_subtitle_and_labels() -> None:
    loss = models.rnn(steps=2)
    for labels in ({1: "price 100", 2: "price 102"}, ["price 100", "price 102"]):
        svg = draw(loss, title="Stocks", subtitle="in dollars", labels=labels).svg
        found = ["".join(text.itertext()) for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
        assert {"Stocks", "in dollars", "price 100", "price 102", "t = 1", "t = 2"} <= set(found)


def test_drawing_leaves_no_trace() -> None:
    loss = models.rnn(steps=2)
    draw(loss)
    leaves = [t for t in tg.history(loss) if isinstance(t, Tensor) and t.is_leaf]
    assert all(t.grad is None for t in leaves)
    loss.backward()
    before = [None if t.grad is None else t.grad.array.copy() for t in leaves]
    after_backward = draw(loss)
    assert after_backward.dot == draw(models.rnn(steps=2)).dot
    for old, t in zip(before, leaves, strict=True):
        assert (old is None) == (t.grad is None)
        if old is not None and t.grad is not None:
            np.testing.assert_array_equal(old, t.grad.array)


def test_a_picture_keeps_what_it_saw() -> None:
    loss = models.rnn(steps=1)
    picture = draw(loss)
    before = picture.dot
    with tg.no_grad():
        for t in tg.history(loss):
            if isinstance(t, Tensor) and t.is_leaf:
                t.zero_()
    assert picture.dot == before
    assert "<svg" in picture.svg


def test_nine_steps_are_too_many_for_the_full_view() -> None:
    loss = models.rnn(steps=9)
    with pytest.raises(ValueError, match=r"49 operations in 9 time steps.*up to 8 steps.*steps=\(a, b\).*force=True"):
        draw(loss, view="full")
    assert len(draw(loss, force=True).scene.frames) == 9
    assert "view='full'" in draw(loss).dot.replace("&#x27;", "'")


@pytest.mark.slow
def test_a_chain_of_a_million_operations_is_refused_at_once() -> None:
    x = tg.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(1_000_000):
        y = y * 1.0
    with pytest.raises(ValueError, match=r"1,000,000 operations and no time steps.*up to 150.*force=True"):
        draw(y)


def test_a_long_graph_without_steps_and_scopes_can_be_forced() -> None:
    y = tg.tensor(1.0, requires_grad=True)
    for n in np.random.default_rng(0).integers(2, size=151):  # the same again and again is drawn once
        y = (tg.sin, tg.cos)[n](y)
    with pytest.raises(ValueError, match="151 operations"):
        draw(y)
    assert draw(y, force=True).scene.operations == 151


def test_unknown_words() -> None:
    loss = models.rnn(steps=1)
    with pytest.raises(ValueError, match="view='flow'"):
        draw(loss, view="flow")
    with pytest.raises(ValueError, match="theme='pink'"):
        draw(loss, theme="pink")
    with pytest.raises(TypeError, match="needs a Tensor"):
        draw(1.0)  # type: ignore[arg-type]


def test_broken_numbers_are_drawn_and_said() -> None:
    w = tg.tensor([0.0, 1.0], dtype=tg.float64, requires_grad=True)
    with tg.step(1), np.errstate(all="ignore"):
        h = tg.sqrt(w) / w
    with np.errstate(all="ignore"):
        picture = draw(h.sum())
    assert "gbad" in picture.dot
    assert ">NaN<" in picture.svg


def test_float32_sums_that_overflow_are_drawn() -> None:
    w = tg.tensor([3e38], requires_grad=True)
    h = tg.tensor([1.0])
    for t in (1, 2):
        with tg.step(t):
            h = h + w * 1.0
    loss = (h * 2e38).sum()
    with np.errstate(all="ignore"):
        assert "<svg" in draw(loss).svg


def test_formulas_are_written_when_they_are_asked_for_and_say_what_was_drawn() -> None:
    loss = models.rnn(steps=4)
    picture, before = draw(loss), draw(loss).html
    assert picture.svg and "words" not in vars(picture)
    for value in tg.history(loss):
        if isinstance(value, Tensor) and value.is_leaf and value.requires_grad:
            with tg.no_grad():
                value.mul_(0.0)
    del loss, value
    assert picture.html == before


def test_a_picture_fits_its_page_and_has_words_for_those_who_cannot_see_it() -> None:
    picture = draw(models.rnn(steps=2), title="a < b & c", subtitle="what it is")
    root = ET.fromstring(picture.svg)
    assert root.get("role") == "img" and root.get("aria-label") == "a < b & c"
    assert "max-width:100%" in (root.get("style") or "")
    titles = [element.text for element in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles == ["a < b & c"]
    assert root.findtext("{http://www.w3.org/2000/svg}desc") == "what it is"


def test_the_theme_of_the_reader() -> None:
    loss = models.rnn(steps=2)
    picture, light = draw(loss, theme="auto"), draw(loss)
    assert picture.dot == light.dot and picture.png == light.png
    assert "prefers-color-scheme:dark" in picture.svg and "#0d5e" not in picture.svg
    used = set(re.findall(r"var\(--([\w-]+)\)", picture.svg))
    assert {"background", "text", "parameter-fill"} <= used
    assert all(f"--{name}:" in picture.svg for name in used)
    shown = picture._repr_mimebundle_()["text/html"]
    assert shown.startswith('<img src="data:image/svg+xml;base64,') and f'alt="{picture.title}: ' in shown
    assert "text/html" not in light._repr_mimebundle_()


def test_the_page_of_a_picture_in_a_cell_and_in_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    picture = draw(models.rnn(steps=2))
    assert picture.page().html == picture.html
    assert picture.page()._repr_html_().startswith("<iframe srcdoc=")
    target = picture.show()
    assert opened == [target.as_uri()] and target.read_text("utf-8") == picture.html


@pytest.mark.parametrize("given", [list, tuple, lambda each: dict(zip("ab", each, strict=True))])
def test_several_outputs_are_differentiated_for_the_sum_of_their_numbers(given: Callable[[Any], Any]) -> None:
    w = tg.tensor([1.0, 2.0], requires_grad=True)
    with tg.no_grad():
        scene = draw(given(several(w))).scene
    (node,) = (node for node in scene.nodes if node.kind == "parameter")
    first, second = several(w)
    (first.sum() + second).backward()
    assert node.gradient is not None and w.grad is not None
    np.testing.assert_allclose(node.gradient, w.grad.numpy())
    assert w.grad is not None and draw([several(w)[0]]).scene.nodes[-1].formula == "sum(v1)"


def several(w: tg.Tensor) -> list[tg.Tensor]:
    with tg.enable_grad():
        return [w * w, w.exp().sum()]


def test_a_number_that_is_data_is_drawn_without_a_gradient() -> None:
    x = tg.tensor(2.0, requires_grad=True)
    picture = tg.draw(x * tg.tensor(3.0))
    assert ">k1<" in picture.svg


@pytest.mark.slow
def test_a_picture_takes_time_in_proportion_to_its_steps() -> None:
    """Calls are counted, since clocks differ. How lines are filled takes a little more."""
    few, many = (calls(models.module(nn.RNN(2, 2), steps)) for steps in (100, 400))
    assert many < 4.5 * few


def calls(loss: Tensor) -> int:
    """How often a function is called or left while a graph is drawn."""
    found = [0]

    def count(*_: Any) -> None:
        found[0] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        draw(loss, view="full", force=True)
    finally:
        sys.setprofile(before)
    return found[0]
