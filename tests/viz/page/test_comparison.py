"""Several graphs on one page: the same numbers as alone, one scale, and a way from one to the other and back."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import number
from tests.viz import models
from tests.viz.page.reading import Page, Truth
from tests.viz.page.test_browser import ARROWS, assert_moments
from tests.viz.page.test_page import HOSTILE
from tests.viz.page.test_windows import chain
from tests.viz.page.walker import Walker
from tinygrad_rnn import nn
from tinygrad_rnn.viz import Comparison, compare

Walk = Callable[..., Walker]
WORDS = ("the", "cat", "sat", "on", "the")
IDS, NEXT = [0, 1, 2, 3, 0], [1, 2, 3, 0, 4]
STRIP = (
    "return [...document.querySelectorAll(`[data-run='${arguments[0]}'] .strip-of button`)].map((b) => b.textContent)"
)


class Speaker(nn.Module):
    """An RNN that gives a probability to every word of five, after each of the words it reads."""

    def __init__(self) -> None:
        super().__init__()
        tg.manual_seed(3)
        self.embedding, self.rnn = nn.Embedding(5, 3, dtype=tg.float64), nn.RNN(3, 4, dtype=tg.float64)
        self.output = nn.Linear(4, 5, dtype=tg.float64)

    def forward(self, ids: tg.Tensor) -> tg.Tensor:
        return tg.softmax(self.output(self.rnn(self.embedding(ids))[0]), -1)


def words() -> tuple[Speaker, Comparison]:
    """What does each predicted word depend on?"""
    model = Speaker()
    p = model(tg.tensor(IDS))
    runs = {f"p({n}) at {t}": p[t, n] for t, n in enumerate(NEXT)}
    return model, compare(runs, labels=WORDS)


def series(run: Any, name: str) -> list[Any]:
    """The gradients of one series of a run, step by step."""
    ids = next(each["ids"] for each in run["series"] if each["name"] == name)
    return [run["nodes"][id]["gradient"] for id in ids]


@pytest.mark.slow
def test_the_strips_say_what_every_word_depends_on_as_pytorch_does() -> None:
    torch = pytest.importorskip("torch")
    model, comparison = words()
    runs = Page(comparison.html).runs
    assert [run["name"] for run in runs] == [f"p({n}) at {t}" for t, n in enumerate(NEXT)]
    assert [frame["label"] for frame in runs[0]["frames"]] == list(WORDS)

    theirs = torch.nn.RNN(3, 4, dtype=torch.float64)
    theirs.load_state_dict({name: torch.tensor(value.numpy()) for name, value in model.rnn.state_dict().items()})
    W, b = (torch.tensor(value.numpy()) for value in model.output.state_dict().values())
    x = torch.tensor(model.embedding(tg.tensor(IDS)).detach().numpy(), requires_grad=True)
    p = torch.softmax(theirs(x)[0] @ W.T + b, -1)
    for t, (run, n) in enumerate(zip(runs, NEXT, strict=True)):
        (expected,) = torch.autograd.grad(p[t, n], x, retain_graph=True)
        found = np.array([np.array(gradient["rows"]).reshape(-1) for gradient in series(run, "x")])
        np.testing.assert_allclose(found, expected.numpy(), rtol=2e-5, atol=1e-12)


def test_one_scale_for_all() -> None:
    runs = Page(compare({"large": models.rnn(4), "small": models.rnn(4) * 1e-3}).html).runs
    shaded = [
        sorted((node["gradient"]["size"], node["gradient"]["css"]) for node in run["nodes"] if node["gradient"])
        for run in runs
    ]
    # Put together they are in order, which they would not be if each had a scale of its own.
    both = [css for size, css in sorted(shaded[0] + shaded[1]) if css != "gzero"]
    assert both == sorted(both, key=["gtiny", *(f"g{n}" for n in range(8))].index)
    alone = Page(compare({"small": models.rnn(4) * 1e-3}).html).runs[0]
    assert [each["css"] for each in series(runs[1], "h")] != [each["css"] for each in series(alone, "h")]


def test_a_picture_keeps_what_was_before() -> None:
    model = nn.RNN(1, 2)
    x = tg.tensor([[0.5], [0.1]])

    def loss() -> tg.Tensor:
        total: tg.Tensor = (model(x)[0] ** 2).sum()
        return total

    before = tg.draw(loss())
    with tg.no_grad():
        for parameter in model.parameters():
            parameter *= 0.5
    runs = Page(compare({"before": before, "after": loss()}).html).runs
    weights = [next(node["value"]["rows"] for node in run["nodes"] if node["name"] == "W_hh") for run in runs]
    np.testing.assert_allclose(np.array(weights[0]) * 0.5, weights[1], rtol=1e-5)


def test_every_run_shows_what_the_engine_says(walk: Walk) -> None:
    losses = {"RNN": models.rnn(5), "LSTM": models.lstm(3), "no time": models.mlp(), "GRU": models.gru(3)}
    truths = [Truth(loss) for loss in losses.values()]
    walker = walk(compare(losses).html)
    for n in (0, 2, 1, 3, 1, 0):
        walker.click(f"[data-run='{n}'] .run")
        assert walker.run("return document.activeElement.textContent") == list(losses)[n]
        assert walker.count("#drawing") == 1
        assert walker.moment == truths[n].last
        last = truths[n].last
        assert_moments(walker, truths[n], (0, last // 3, 2 * last // 3, last))


def test_going_to_another_run_keeps_where_one_is(walk: Walk) -> None:
    _, comparison = words()
    walker = walk(comparison.html, "#k=30&fold=2&sel=h3")
    strips = [walker.run(STRIP, n) for n in range(5)]
    walker.press("3")
    assert walker.text(".heat-row.open .run") == "p(3) at 2"
    assert (walker.moment, walker.chosen, walker.count(".column")) == (30, "h3", 1)
    walker.wait(lambda: walker.fragment.get("run") == "2", "the address follows")
    assert walker.fragment | {"run": "2", "k": "30", "fold": "2", "sel": "h3"} == walker.fragment
    walker.press(ARROWS["end"])
    assert walker.run(STRIP, 2) == strips[2]
    # A step in the strip of another run: that run, and its value there.
    walker.run("const s = document.getElementById('heat-state'); s.value = 1; s.dispatchEvent(new Event('change'))")
    walker.click("[data-run='4'] .strip-of button:nth-child(2)")
    assert walker.text(".heat-row.open .run") == "p(4) at 4" and walker.chosen == "x2"
    sizes = [np.linalg.norm(gradient["rows"]) for gradient in series(Page(comparison.html).runs[4], "x")]
    expected = [f"{word} {number(float(size))}" for word, size in zip(WORDS, sizes, strict=True)]
    assert [text.removeprefix("x") for text in walker.run(STRIP, 4)] == expected
    walker.run("location.hash = '#run=1&k=3'")
    walker.wait(lambda: walker.text(".heat-row.open .run") == "p(2) at 1", "the page follows the address")
    assert walker.moment == 3


def test_what_plays_stops_when_another_run_is_opened(walk: Walk) -> None:
    walker = walk(compare({"a": models.rnn(3), "b": models.rnn(4)}).html, "#k=0")
    walker.click("#play")
    walker.wait(lambda: walker.moment > 2, "it plays")
    walker.press("2")
    at = walker.moment
    walker.press("/", "h")
    assert walker.text("#found") != ""
    walker.press("\ue00c")
    assert walker.moment == at and walker.text("#play-word") == "Play"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_of_runs(walk: Walk, name: str) -> None:
    walker = walk(compare({name: models.rnn(2), name + "2": models.rnn(2)}, title=name, labels=[name, name]).html)
    walker.press("2")
    walker.press("1")
    assert walker.run("return window.ran ?? null") is None
    assert walker.run("return document.querySelectorAll('script').length") == 2
    assert walker.count(".run") == 2


FACTORS = {"kept": (300, 0.995), "lost": (250, 0.9), "short": (12, 1.1)}


def long_ones() -> Comparison:
    """h_t = w h_(t-1): dL/dh_t = w^(T - t), and step t adds w^(T - t) h_(t-1) = w^(T - 1) to dL/dw."""
    return compare({name: chain(steps, w) for name, (steps, w) in FACTORS.items()})


@pytest.mark.slow
def test_long_runs_are_strips_on_one_axis_with_the_numbers_of_bptt_by_hand() -> None:
    page = Page(long_ones().html)
    windows = json.loads(page.said("script")[1])
    parts = [json.loads(gzip.decompress(base64.b64decode(text)))[0] for text in windows["packed"]]
    heights = []
    for whole, (name, (steps, w)) in zip(windows["runs"], FACTORS.items(), strict=True):
        sizes = w ** np.arange(steps - 1, -1, -1.0)
        assert (whole["name"], whole["steps"]) == (name, list(range(1, steps + 1)))
        (series,) = whole["series"]
        assert series["verdict"] == tg.gradient_flow(chain(steps, w)).sentence
        for first, last, _, height, words in series["cells"]:
            ends = dict.fromkeys(number(float(each)) for each in sorted(sizes[[first, last]]))
            assert words == " to ".join(ends)
            heights.append((np.log10(max(sizes[[first, last]])), height))
    logs, shown = np.array(heights).T
    slope = (shown.max() - shown.min()) / (logs.max() - logs.min())
    np.testing.assert_allclose(shown - shown.max(), slope * (logs - logs.max()), atol=2e-3)

    seen: dict[str, list[int]] = {name: [] for name in FACTORS}
    for run in [*page.runs, *parts]:
        steps, w = FACTORS[run["name"]]
        seen[run["name"]][:0] = [frame["step"] for frame in run["frames"]]
        for frame, gradient in zip(run["frames"], series_sizes(run), strict=True):
            assert gradient == pytest.approx(w ** (steps - frame["step"]), rel=1e-5)
        (weight,) = (n for n, node in enumerate(run["nodes"]) if node["name"] == "w")
        shares = [share["size"] for source, _, _, share, _ in run["edges"] if source == weight]
        assert shares == pytest.approx([w ** (steps - 1)] * len(run["frames"]), rel=1e-5)
    assert seen == {name: list(range(1, steps + 1)) for name, (steps, _) in FACTORS.items()}


def series_sizes(run: Any) -> list[float]:
    return [gradient["size"] for gradient in series(run, "h")]


def test_the_same_steps_of_another_long_run(walk: Walk) -> None:
    walker = walk(long_ones().html)
    walker.wait(lambda: walker.count(".card[role=button]"), "the page opens")
    assert (walker.count("#all .strip-of"), walker.count("#heats .run")) == (3, 0)
    walker.click("#all [data-run='0'] .strip-of button:nth-child(51)")
    walker.wait(lambda: walker.text("#window-now") == "t = 93 to 108 of 300", "the window moves")
    assert walker.chosen == "h101"
    walker.press("2")
    walker.wait(lambda: walker.text("#window-now") == "t = 107 to 122 of 250", "the other run opens there")
    assert walker.text("#all .heat-row.open .run") == "lost"
    title = walker.run("return document.querySelector('#heat button:nth-child(2)').title")
    assert title == f"108: size of dL/dh108 is {number(0.9**142)}, t = 108"
    # A short one beside them is whole, and its numbers can be changed.
    walker.click("#all [data-run='2'] .run")
    walker.wait(lambda: walker.text("#window-now") == "t = 1 to 12 of 12", "the short one opens")
    assert walker.count(".column") == 7 and walker.run("return document.activeElement.textContent") == "short"
    walker.click("#descend")
    changed = walker.text("#live-told")
    assert "1 number is changed" in changed
    walker.press("1")
    walker.wait(lambda: "of 300" in walker.text("#window-now"), "the first one opens")
    assert walker.run("return document.getElementById('live-controls').hidden")
    walker.press("3")
    walker.wait(lambda: "of 12" in walker.text("#window-now"), "it opens again")
    assert walker.text("#live-told") == changed
    walker.resize(390, 800)
    walker.pretend(prefers_color_scheme="dark")
    assert walker.run("return document.documentElement.scrollWidth") <= 390


def test_a_narrow_window_and_the_dark(walk: Walk) -> None:
    walker = walk(words()[1].html)
    walker.resize(400, 800)
    assert walker.run("return document.documentElement.scrollWidth") <= 400
    walker.click("#theme")
    walker.press("2")
    assert walker.run("return document.documentElement.dataset.theme") == "dark"


def test_what_cannot_be_compared(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"needs losses or pictures with their names.*given an empty dict"):
        compare({})
    with pytest.raises(ValueError, match="given a list"):
        compare([models.rnn(2)])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a Tensor"):
        compare({"x": 3})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="up to 24 runs on a page, and was given 25"):
        compare(dict.fromkeys(map(str, range(25)), models.rnn(2)))
    comparison = compare({"a": models.rnn(2)})
    with pytest.raises(ValueError, match=r"'x.svg'.*\.html.*draw\(loss, scale=comparison.scale\)"):
        comparison.save(tmp_path / "x.svg")
    assert comparison.save(tmp_path / "x.html").read_text(encoding="utf-8") == comparison.html
    assert "srcdoc" in comparison._repr_html_() and repr(comparison) == "<Comparison of a>"
