"""The page of a training: its numbers are the engine's and PyTorch's, and every control does what it says."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import number
from tests.viz.inside import DARK, LIGHT, MOST_COLUMNS, MOST_ROWS, Record, Scale
from tests.viz.page.reading import Page
from tests.viz.page.test_page import HOSTILE
from tests.viz.page.walker import Walker
from tinygrad_rnn import nn
from tinygrad_rnn.autograd import Flow, GradientFlow
from tinygrad_rnn.viz import TrainingFlow

Walk = Callable[..., Walker]
T, EVERY, STEPS = 7, 5, 40


def trained(cell: str = "RNN") -> tuple[TrainingFlow, dict[str, Any], Any, Any]:
    """A small network trained for some steps and watched; with its first weights, its inputs and targets."""
    tg.manual_seed(1)
    model = getattr(nn, cell)(2, 3, dtype=tg.float64)
    start = {name: value.numpy().copy() for name, value in model.state_dict().items()}
    x, y = tg.randn(T, 4, 2, dtype=tg.float64), tg.randn(4, 3, dtype=tg.float64)
    optimizer, flow = tg.optim.SGD(model.parameters(), lr=0.3), TrainingFlow("A training")
    for step in range(STEPS):
        loss = nn.functional.mse_loss(model(x)[0][-1], y)
        optimizer.zero_grad()
        if step % EVERY == 0:
            flow.record(step, loss)
        loss.backward()
        optimizer.step()
    return flow, start, x.numpy(), y.numpy()


def made(sizes: list[list[float]], losses: list[float] | None = None) -> TrainingFlow:
    """Records of one state h, with those sizes."""
    flow = TrainingFlow()
    for step, row in enumerate(sizes):
        each = Flow("h", tuple(range(1, len(row) + 1)), tuple(row), None, ())
        flow.records.append(Record(step, 1.0 if losses is None else losses[step], GradientFlow([each])))
    return flow


def test_the_numbers_are_those_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    flow, start, x, y = trained()
    data = Page(flow.html).runs
    cell = torch.nn.RNNCell(2, 3, dtype=torch.float64)
    cell.load_state_dict({name.removesuffix("_l0"): torch.tensor(value) for name, value in start.items()})
    optimizer = torch.optim.SGD(cell.parameters(), lr=0.3)
    sizes, losses = [], []
    for step in range(STEPS):
        hs: list[Any] = []
        for each in torch.tensor(x):
            hs.append(cell(each, hs[-1] if hs else None))
            hs[-1].retain_grad()
        loss = ((hs[-1] - torch.tensor(y)) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        if step % EVERY == 0:
            sizes.append([float(h.grad.norm()) for h in hs])
            losses.append(loss.item())
        optimizer.step()
    (state,) = data["states"]
    assert data["steps"] == list(range(0, STEPS, EVERY)) and state["times"] == [str(t) for t in range(1, T + 1)]
    np.testing.assert_allclose(state["sizes"], sizes, rtol=5e-3)
    np.testing.assert_allclose(data["losses"], losses, rtol=1e-5)
    for record, row in zip(flow.records, sizes, strict=True):
        np.testing.assert_allclose(record.flows.sizes, row, rtol=1e-10)


def test_a_record_is_what_gradient_flow_says_and_survives_json() -> None:
    flow, *_ = trained("LSTM")
    assert [each.name for each in flow.records[0].flows] == ["c", "h"]
    assert all(not each.nodes for record in flow.records for each in record.flows)  # no graph is kept
    lines = [json.dumps(record.plain(), allow_nan=False) for record in flow.records]
    again = TrainingFlow(flow.title)
    again.records = [Record.of(json.loads(line)) for line in lines]
    assert again.records == flow.records and again.html == flow.html
    assert repr(flow) == "<TrainingFlow of 8 records, the last at step 35>" and repr(TrainingFlow()).endswith(
        "0 records>"
    )
    broken = made([[1.0, math.inf, math.nan]], [math.nan]).records[0].plain()
    assert broken["flows"][0]["sizes"] == [1.0, "inf", "nan"] and broken["loss"] == "nan"
    found = Record.of(json.loads(json.dumps(broken, allow_nan=False)))
    assert found.flows.sizes[1] == math.inf and math.isnan(found.flows.sizes[2]) and math.isnan(found.loss)


def test_what_is_refused(tmp_path: Path) -> None:
    flow, h = TrainingFlow(), tg.ones(2, requires_grad=True)
    with pytest.raises(ValueError, match=r"^nothing was recorded yet: call record"):
        flow.save(tmp_path / "a.html")
    with pytest.raises(ValueError, match="found no states"):
        flow.record(0, (h * h).sum())
    flow, *_ = trained()
    with pytest.raises(ValueError, match=r"^step 35 does not come after step 35, the last one recorded"):
        flow.record(35, h.sum())
    with pytest.raises(ValueError, match=r"^cannot save a training as 'a.png': it is a page, and the name has"):
        flow.save(tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == [] and len(flow.records) == 8


def test_many_records_and_long_sequences_are_joined_and_the_page_says_so(walk: Walk) -> None:
    random = np.random.default_rng(0)
    sizes = random.uniform(0.1, 1, (1000, 600))
    sizes[503, 10] = math.nan
    flow = made(sizes.tolist())
    data = Page(flow.html).runs
    (state,) = data["states"]
    rows = data["steps"]
    assert len(rows) == MOST_ROWS and rows[0] == 0 and rows[-1] == 999 and 503 in rows
    assert len(state["times"]) == MOST_COLUMNS * 4 // 5 and state["times"][:2] == ["1-3", "4-6"]
    assert state["sizes"][rows.index(503)][3] == "NaN"
    np.testing.assert_allclose(state["sizes"][0], sizes[0].reshape(-1, 3).max(axis=1), rtol=5e-3)
    assert max(np.diff(rows)) <= 5 and len(flow.html) < 1_500_000
    page = walk(flow.html)
    assert page.text("#notes") == (
        "400 of 1,000 records are shown: of each group the last, or one that is broken. Each square joins 3 time steps "
        "and shows the largest size."
    )


def test_sequences_of_different_lengths(walk: Walk) -> None:
    data = Page(made([[1.0, 2.0, 3.0], [4.0]]).html).runs
    assert data["states"][0]["sizes"] == [[1.0, 2.0, 3.0], [4.0, None, None]]
    page = walk(made([[1.0, 2.0, 3.0], [4.0]]).html)
    assert "nothing to show" in page.text("#legend")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_are_text(walk: Walk, hostile: str) -> None:
    flow = made([[1.0, 2.0]])
    flow.title = hostile
    flow.records[0] = Record(0, 1.0, GradientFlow([Flow(hostile, (1, 2), (1.0, 2.0), None, ())]))
    page = walk(flow.html)
    assert page.text("h1") == hostile.strip() and page.run("return window.ran") is None
    assert page.run("return document.getElementById('state').value") == hostile


def shows(page: Walker, button: str) -> bool:
    return page.text("#theme") == button


def squares(page: Walker) -> list[list[str]]:
    """The colour in the middle of every square."""
    found: list[list[str]] = page.run(
        """
        const [rows, columns] = arguments;
        const [canvas, copy] = [document.getElementById('cells'), document.createElement('canvas')];
        [copy.width, copy.height] = [canvas.width, canvas.height];
        const pen = copy.getContext('2d', {willReadFrequently: true});
        pen.drawImage(canvas, 0, 0);
        const at = (r, c) => pen.getImageData(
          Math.floor((c + 0.5) * canvas.width / columns), Math.floor((r + 0.5) * canvas.height / rows), 1, 1).data;
        const hex = (n) => n.toString(16).padStart(2, '0').toUpperCase();
        const text = (data) => '#' + [...data].slice(0, 3).map(hex).join('');
        return Array.from({length: rows}, (_, r) => Array.from({length: columns}, (_, c) => text(at(r, c))));
        """,
        STEPS // EVERY,
        T,
    )
    return found


def test_every_square_has_the_colour_of_its_size(walk: Walk) -> None:
    flow, *_ = trained("LSTM")
    page = walk(flow.html)
    for state in ("h", "c"):
        sizes = np.array([record.flows[state].sizes for record in flow.records])
        for name, shown in (("relative", sizes / sizes[:, -1:]), ("absolute", sizes)):
            page.run(f"document.querySelector('[value={name}]').click()")
            page.run(
                f"const s = document.getElementById('state'); s.value = '{state}'; s.dispatchEvent(new Event('change'))"
            )
            scale = Scale.over(shown.ravel())
            for theme, button in ((LIGHT, "Dark"), (DARK, "Light")):
                page.pretend(prefers_color_scheme=theme.name)
                page.wait(partial(shows, page, button), "the theme")
                assert squares(page) == [[scale.look(size, theme).fill for size in row] for row in shown], (state, name)


def test_the_cursor_says_the_numbers(walk: Walk) -> None:
    flow, *_ = trained()
    page = walk(flow.html, "#step=10&t=3")
    record = flow.records[2]
    said = (
        f"After 10 steps of training, loss {number(record.loss)}: h {record.flows.sentence}."
        f"t = 3: |dL/dh_t| = {number(float(f'{record.flows.sizes[2]:.3g}'))}, "
    )
    assert page.text("#said").startswith(said) and page.text("#said").endswith(" of the last step's")
    page.run("document.getElementById('map').focus()")
    arrows = {"up": "\ue013", "down": "\ue015", "left": "\ue012", "right": "\ue014", "home": "\ue011", "end": "\ue010"}
    page.press(arrows["down"], arrows["right"])
    assert page.fragment == {"state": "h", "step": "15", "t": "4"}
    page.press(arrows["home"], arrows["left"], arrows["left"], arrows["left"])
    assert page.fragment["step"] == "0" and page.text("#said").startswith("Before training, loss ")
    page.press(arrows["left"], arrows["left"], arrows["up"])
    assert page.fragment == {"state": "h", "step": "0"}  # the whole row
    page.press(arrows["end"], arrows["down"])
    assert page.fragment["step"] == "35" and page.count("#bars .bar") == T


def test_the_pointer_says_the_numbers(walk: Walk) -> None:
    flow, *_ = trained()
    page = walk(flow.html)
    assert "step" not in page.fragment  # it follows the training until the reader points at something
    where = page.run(
        "const r = document.getElementById('cells').getBoundingClientRect(); return [r.x, r.y, r.width, r.height]"
    )
    x, y, wide, tall = where
    moved = {"type": "mouseMoved", "x": int(x + wide * 5.5 / T), "y": int(y + tall * 4.5 / 8)}
    page.driver.execute_cdp_cmd("Input.dispatchMouseEvent", moved)
    assert page.fragment == {"state": "h", "step": "20", "t": "6"}


def test_states_scale_theme_and_address(walk: Walk) -> None:
    flow, *_ = trained("LSTM")
    page = walk(flow.html, "#state=c&scale=absolute&step=20&dark=1")
    assert page.run("return document.getElementById('state').value") == "c"
    assert page.run("return document.querySelector('[value=absolute]').checked")
    assert page.text("#theme") == "Light" and page.text("#said").startswith("After 20 steps of training")
    assert page.text("#legend").startswith("|dL/dc_t|1e")
    page.click("#theme")
    assert page.text("#theme") == "Dark" and page.fragment["dark"] == "0"
    page.click("[value=relative]")
    assert "scale" not in page.fragment and page.text("#legend").startswith("|dL/dc_t| : |dL/dc_T|")
    first, last = flow.records[0].flows["c"], flow.records[-1].flows["c"]
    assert page.text("#summary") == f"c at step 0 {first.sentence}; at step 35 {last.sentence}"


def test_all_rows_as_a_table(walk: Walk) -> None:
    flow, *_ = trained()
    page = walk(flow.html)
    page.click("summary")
    rows = page.run(
        "return [...document.querySelectorAll('#table tr')].map((r) => [...r.children].map((c) => c.textContent))"
    )
    assert rows[0] == ["step", "loss", "|dL/dh| at t = 1", "at t = 7", "what becomes of it"]
    for row, record in zip(rows[1:], flow.records, strict=True):
        assert row[0] == str(record.step) and row[4] == record.flows.sentence
        assert float(row[3]) == pytest.approx(record.flows.sizes[-1], rel=0.05)


def test_what_is_broken_or_zero_is_shown_as_that(walk: Walk) -> None:
    rows = [[0.0, 1e-30, 1.0], [math.nan, math.inf, 1.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]
    page = walk(made(rows, [1.0, math.nan, 2.0, math.inf]).html, "#scale=absolute")
    assert all(words in page.text("#legend") for words in ("smaller", "exactly 0", "NaN or infinite"))
    assert page.count("#over .point.bad") == 3  # two losses, and the cursor on the last of them
    page = walk(made(rows, [1.0, math.nan, 2.0, math.inf]).html, "#step=1&t=1")
    assert page.text("#said").endswith("t = 1: |dL/dh_t| = NaN")


def test_a_page_of_a_training_that_goes_on_reloads_itself(walk: Walk) -> None:
    flow, *_ = trained()
    still = walk(flow.html)
    assert still.run("return document.getElementById('reloading').hidden")
    page = walk(flow.page(goes_on=True), "#step=10&t=3")
    assert not page.run("return document.getElementById('reloading').hidden")
    page.run("window.before = true")
    page.wait(lambda: page.run("return !window.before && document.readyState === 'complete'"), "the reload")
    assert page.fragment == {"state": "h", "step": "10", "t": "3"}  # what was chosen stays chosen
    page.click("#reload")
    page.run("window.before = true")
    time.sleep(6)
    assert page.run("return window.before")


@pytest.mark.parametrize("width", [320, 420, 1500])
def test_it_fits_the_window(walk: Walk, width: int) -> None:
    flow, *_ = trained("LSTM")
    page = walk(flow.html)
    page.resize(width, 800)
    page.open()
    assert page.run("return document.documentElement.scrollWidth") <= width
    assert page.run("return document.getElementById('cells').clientWidth") >= 60


def test_the_map_is_as_wide_as_its_place_also_when_the_window_stays(walk: Walk) -> None:
    page = walk(trained()[0].html)
    drawn = "document.body.style.height = '2000px'; requestAnimationFrame(() => requestAnimationFrame(arguments[0]))"
    page.driver.execute_async_script(drawn)  # now nothing but the place itself changes its size
    beside = (
        "const [map, cells] = ['map', 'cells'].map((id) => document.getElementById(id).clientWidth); return map - cells"
    )
    before = page.run(beside)
    for width in ("700px", "auto"):
        page.run("document.querySelector('main').style.width = arguments[0]", width)
        page.wait(lambda: page.run(beside) == before, f"a map as wide as its place at {width}")


def test_rows_are_as_high_as_the_window_has_room_for(walk: Walk) -> None:
    page = walk(made([[1.0, 2.0]] * 40).html)
    high = "return document.getElementById('map').clientHeight"
    page.resize(1200, 1200)
    page.wait(lambda: page.run(high) > 700, "high rows")
    page.resize(1200, 800)
    page.wait(lambda: page.run(high) < 500, "low rows")


def test_on_paper_it_is_light_and_without_controls(walk: Walk) -> None:
    flow, *_ = trained()
    page = walk(flow.html, "#dark=1")
    page.pretend(media="print")
    assert page.run("return getComputedStyle(document.querySelector('.tools')).display") == "none"
    light = Scale.over(
        (np.array([r.flows.sizes for r in flow.records]) / [[r.flows.sizes[-1]] for r in flow.records]).ravel()
    )
    page.wait(lambda: squares(page)[0][-1] == light.look(1.0, LIGHT).fill, "light colours")
