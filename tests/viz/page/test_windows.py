"""The page of more than 200 steps: windows of full detail with the numbers of the whole, and a strip of all steps."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import number
from tests.viz import models
from tests.viz.inside import overview, refuse_too_large, scale_of, series_of, windows_of
from tests.viz.many import clockwork
from tests.viz.page.reading import Page
from tests.viz.page.test_page import HOSTILE
from tests.viz.page.walker import Walker
from tinygrad_rnn import Tensor, nn
from tinygrad_rnn.viz import Scene, draw, scene_of

Walk = Callable[..., Walker]
ALL = "return [...document.querySelectorAll('#all button')].map((b) => [b.className, b.title])"


def chain(steps: int, w: float = 0.99) -> Tensor:
    """h_t = w h_{t-1}, and of the last one the loss: dL/dh_t = w^(T - t)."""
    factor = tg.tensor(w, dtype=tg.float64, requires_grad=True)
    factor.name = "w"
    h = tg.tensor(1.0, dtype=tg.float64)
    for t in range(1, steps + 1):
        with tg.step(t):
            h = h * factor
            h.name = "h"
    return h * 1.0


def by_hand(loss: Tensor, steps: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of models.rnn: dL/dh_t and what step t adds to dL/dW_hh, by BPTT written out; and dL/dW_hh."""
    W_xh, W_hh, b, W_hy = (
        next(t.array for t in tg.history(loss) if t.name == name) for name in ("W_xh", "W_hh", "b", "W_hy")
    )
    h = [np.zeros(len(b))]
    for t in range(1, steps + 1):
        h.append(np.tanh(W_xh @ [0.2 * t] + W_hh @ h[-1] + b))
    gradients, adds = np.zeros((steps + 1, len(b))), np.zeros((steps + 1, *W_hh.shape))
    gradient = 2 * (W_hy @ h[-1] - 1.2) @ W_hy
    for t in range(steps, 0, -1):
        gradients[t] = gradient
        inner = gradient * (1 - h[t] ** 2)
        adds[t] = np.outer(inner, h[t - 1])
        gradient = W_hh.T @ inner
    return gradients, adds, adds.sum(0)


@pytest.mark.parametrize("steps", [201, pytest.param(1000, marks=pytest.mark.slow)])
def test_the_numbers_of_every_window_are_those_of_the_whole(steps: int) -> None:
    loss = models.rnn(steps)
    gradients, adds, total = by_hand(loss, steps)
    seen: list[int] = []
    added = np.zeros_like(total)
    for window in windows_of(scene_of(loss)):
        seen = [*window.frames, *seen]
        named = {(node.name, node.frame): node for node in window.nodes}
        close(named["W_hh", None].gradient, total)
        for frame, step in enumerate(window.frames):
            state = named[f"h{step}", frame]
            close(state.gradient, gradients[step])
            use = window.sources[named[f"r{step}", frame].id, 1]
            assert window.nodes[use].name == "W_hh"
        for edge in window.edges:
            if window.nodes[edge.source].name == "W_hh":
                step = window.nodes[edge.target].step or 0
                close(edge.share, adds[step])
                added += edge.share
            elif edge.target == window.loss and window.nodes[window.loss].symbol == "...":
                # All that follows gives the last state what it has of gradient.
                assert window.nodes[edge.source].step == window.frames[-1]
                close(edge.share, gradients[window.frames[-1]])
    assert seen == list(range(1, steps + 1))
    close(added, total)


def close(have: Any, true: Any) -> None:
    np.testing.assert_allclose(have, true, rtol=1e-9, atol=1e-300)


def truncated() -> Tensor:
    """Backpropagation that ends at t = 9."""
    w, total = tg.tensor(0.9, requires_grad=True), tg.tensor(0.0)
    h = tg.tensor(1.0)
    for t in range(1, 21):
        with tg.step(t):
            h = tg.tanh((h.detach() if t == 10 else h) * w)
            total = total + h * h
    return total


def layers() -> Tensor:
    tg.manual_seed(0)
    outputs, _ = nn.RNN(1, 1, num_layers=2, bidirectional=True)(tg.randn(20, 1))
    return (outputs**2).mean()


@pytest.mark.parametrize(
    "model",
    [lambda: models.rnn(20, loss_per_step=True), lambda: models.lstm(20), truncated, layers],
    ids=["a loss at every step", "lstm", "truncated", "layers in both directions"],
)
def test_a_window_is_what_draw_shows_of_these_steps(model: Callable[[], Tensor]) -> None:
    loss = model()
    windows = list(windows_of(scene_of(loss)))
    assert [window.window for window in windows] == [(5, 20), (1, 4)]
    for window in windows:
        alone = scene_of(loss, window.window)
        assert window.frames == alone.frames
        for have, true in zip(told(window), told(alone), strict=True):
            assert have.keys() == true.keys()
            for key, numbers in true.items():
                assert (have[key] is None) == (numbers is None)
                if numbers is not None:
                    np.testing.assert_allclose(have[key], numbers, rtol=1e-6)


def told(scene: Scene) -> tuple[dict[Any, Any], dict[Any, Any], dict[Any, Any]]:
    """Values, gradients and shares by what does not depend on how they are counted."""
    births = [value.birth for value in scene.made]
    nodes = [(births[n.id], n.frame, n.symbol, n.cut, n) for n in scene.nodes if n.id < len(births)]
    rest = {scene.loss} if scene.nodes[scene.loss].symbol == "..." else set()
    edges = [e for e in scene.edges if e.source < len(births)]
    return (
        {key[:4]: key[4].value for key in nodes},
        {key[:4]: key[4].gradient for key in nodes},
        {(births[e.source], births[e.target], e.target not in rest and e.position, e.cut): e.share for e in edges},
    )


def test_a_window_shows_the_states_that_the_strip_of_all_steps_shows() -> None:
    """Also where not every step hands on each of them."""
    scene = scene_of(clockwork(30))
    rows = {each["name"]: [id is not None and scene.nodes[id].name for id in each["ids"]] for each in series_of(scene)}
    assert rows.keys() == {"slow", "fast"} and rows["slow"][2:5] == ["slow3", False, "slow5"]
    for window in windows_of(scene):
        first, last = scene.frames.index(window.frames[0]), scene.frames.index(window.frames[-1])
        for each in series_of(window):
            names = [id is not None and window.nodes[id].name for id in each["ids"]]
            assert names == rows[each["name"]][first : last + 1]


def test_the_strip_is_the_cells_of_the_static_picture() -> None:
    scene = scene_of(chain(1001))
    (data,) = overview([("", scene)], scale_of(scene))
    (h,) = data["series"]
    sizes = 0.99 ** np.arange(1000, -1, -1.0)
    assert data["steps"] == scene.frames == tuple(range(1, 1002))
    assert [cell[:2] for cell in h["cells"][:2]] + [h["cells"][-1][:2]] == [[0, 5], [6, 11], [996, 1000]]
    assert h["verdict"].startswith("vanishes: x 0.99 a step")
    for first, last, css, height, words in h["cells"]:
        assert 0 <= height <= 1 and css.startswith("g")
        assert words == " to ".join(dict.fromkeys(number(float(each)) for each in (sizes[first], sizes[last])))
    heights = [cell[3] for cell in h["cells"]]
    assert heights == sorted(heights) and heights[-1] == pytest.approx(1)


@pytest.mark.slow
def test_the_page_of_201_steps_says_the_numbers_of_the_whole() -> None:
    page = Page(draw(chain(201), labels={step: HOSTILE[step % len(HOSTILE)] for step in range(1, 202)}).html)
    (first,) = page.runs
    windows = json.loads(page.said("script")[1])
    parts = [[first, "", ""], *(json.loads(gzip.decompress(base64.b64decode(text))) for text in windows["packed"])]
    assert len(parts) == 13 and [whole["width"] for whole in windows["runs"]] == [16]
    steps: list[int] = []
    for run, drawing, closed in parts:
        assert closed == ""
        names = {node["name"]: node for node in run["nodes"]}
        steps = [frame["step"] for frame in run["frames"]] + steps
        assert names["w"]["gradient"]["size"] == pytest.approx(201 * 0.99**200, rel=1e-5)
        for frame in run["frames"]:
            size = names[f"h{frame['step']}"]["gradient"]["size"]
            assert size == pytest.approx(0.99 ** (201 - frame["step"]), rel=1e-5)
        assert run["folded"] == [] and "more than 200 time steps" in run["live"]["not"]
        assert run["window"] == [run["frames"][0]["step"], run["frames"][-1]["step"]]
        assert run["model"] == first["model"]
        if drawing:  # which the browser reads as XML
            ids = [mark.get("id") for mark in ElementTree.fromstring(drawing).iter()]
            assert ids.count("n0") == 1 and {f"n{id}" for id in range(len(run["nodes"]))} <= {*ids}
    assert steps == list(range(1, 202))


def test_what_a_page_cannot_carry_is_refused() -> None:
    scene = scene_of(models.rnn(4))
    many = replace(scene, nodes=scene.nodes * 5000)
    with pytest.raises(ValueError, match=r"up to 80,000 values, .* has \d+,000 in 4 time steps.*steps=\(a, b\)"):
        refuse_too_large([many])
    with pytest.raises(ValueError, match=r"these 2 graphs have \d+,\d+ in up to 4 time steps"):
        refuse_too_large([scene, many])


@pytest.mark.slow
@pytest.mark.parametrize("changes", [1, 2])
def test_a_page_written_after_a_change_has_the_numbers_from_before_or_is_refused(changes: int) -> None:
    loss = models.rnn(1000, hidden=1, named=False)
    picture = draw(loss)
    (W_hh,) = (value for value in tg.history(loss) if value.name == "W_hh")
    assert isinstance(W_hh, Tensor)
    before = W_hh.item()
    with tg.no_grad():
        for _ in range(changes):
            W_hh.mul_(0.5)
    if changes == 1:
        assert [node.value for node in picture.scene.nodes if node.name == "W_hh"] == [before]
    else:
        with pytest.raises(RuntimeError, match=r"save its page before optimizer.step\(\): .* changed in place"):
            _ = picture.html


def shows(walker: Walker, steps: str) -> bool:
    return steps in walker.text("#window-now")


@pytest.mark.slow
def test_the_window_is_moved_over_1000_steps(walk: Walk) -> None:
    walker = walk(draw(chain(1000)).html, "#")
    walker.wait(lambda: walker.count(".card[role=button]"), "the page opens")
    buttons = walker.run(ALL)
    assert len(buttons) == 200 and [look.endswith(" open") for look, _ in buttons] == [False] * 196 + [True] * 4
    assert buttons[0][1] == "t = 1 to 5: size of dL/dh[t] 4.4e-5 to 4.5e-5"
    assert walker.text("#window-now") == "t = 985 to 1000 of 1,000"
    assert walker.text("#window-told").startswith("carried by h: vanishes: x 0.99 a step")
    # To the end of the tour, elsewhere: the cell of t = 501 to 505.
    walker.go(10**6)
    walker.click("#all button:nth-child(101)")
    walker.wait(lambda: "489 to 504" in walker.text("#window-now"), "the window moves")
    assert walker.chosen == "h501" and walker.fragment.get("run") in (None, "31")
    assert f"size {0.99**499:.2g}" in walker.text("#panel .chip")
    assert walker.text("#tour-words").startswith("w is used 16 times in the steps shown")
    # What is sought is found in all steps, and its window is opened.
    for name, found in (
        ("h1700", "none here"),
        ("h501", "2 found"),
        ("h700", "Enter: t = 700"),
        ("t = 500", "1 found"),
    ):
        walker.click("#find")
        walker.press(name)
        assert walker.text("#found") == found
        walker.press("\ue00c")  # Escape
    for name, window, chosen, found in (
        ("h700", "697 to 712", "h700", "1 of 2"),
        ("501", "489 to 504", "h501", "2 found"),
    ):
        walker.click("#find")
        walker.press(name, "\ue007")  # Enter
        walker.wait(partial(shows, walker, window), "the window opens")
        assert (walker.chosen, walker.text("#found")) == (chosen, found)
        walker.press("\ue00c")
    # Stepping and playing stay in it.
    last = int(walker.run("return Number(document.getElementById('slider').max)"))
    assert last == 35  # 16 steps and all that follows, there and back
    walker.go(last - 2)
    walker.click("#play")
    walker.wait(lambda: walker.moment == last, "it plays to the end")
    assert "489 to 504" in walker.text("#window-now")
    # By keys and buttons, in a narrow dark window.
    walker.resize(390, 800)
    walker.pretend(prefers_color_scheme="dark")
    walker.click("#earlier")
    walker.wait(lambda: "473 to 488" in walker.text("#window-now"), "it moves on")
    assert walker.run("return document.documentElement.scrollWidth") <= 390
    walker.open("#run=62&k=3")
    walker.wait(lambda: "t = 1 to 8 of" in walker.text("#window-now"), "the address says which")
    assert walker.moment == 3
    assert walker.run("return document.getElementById('earlier').disabled") is True
