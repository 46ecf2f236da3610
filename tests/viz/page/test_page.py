"""The page as a file: whole, closed to the network, and with the numbers of the engine."""

import base64
import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.viz import models
from tests.viz.inside import DARK, LIGHT, MARKERS, array, as_json, gradient_lines, theme_css
from tests.viz.page.reading import ALL, Page, Truth, drawn
from tinygrad_rnn import Tensor
from tinygrad_rnn.viz import draw

HOSTILE = [
    "</script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "\"' onload=window.ran=1 x='",
    "]]><!--<svg/onload=window.ran=1>",
    "javascript:window.ran=1",
    "{{script}}",
    "&lt;b&gt; \\N \\L ${1+1}",
]


@pytest.mark.parametrize("name", ALL)
def test_a_page_is_whole_and_fetches_nothing(name: str) -> None:
    _, picture, page = drawn(name)
    html = picture.html
    assert html.startswith("<!DOCTYPE html>")
    for tag, attributes in page.tags:
        assert not any(key.startswith("on") for key in attributes), tag
        assert "style" not in attributes, tag
        assert not {"src", "srcset", "action", "formaction", "xlink:href"} & set(attributes), tag
        assert attributes.get("href") in (None, "data:,"), tag
    assert {tag for tag, _ in page.tags} <= {
        *(
            "html",
            "head",
            "meta",
            "link",
            "title",
            "style",
            "body",
            "header",
            "main",
            "section",
            "div",
            "p",
            "h1",
            "h2",
        ),
        *(
            "label",
            "span",
            "i",
            "input",
            "output",
            "button",
            "select",
            "svg",
            "g",
            "path",
            "polygon",
            "polyline",
            "text",
        ),
        *(
            "canvas",
            "details",
            "summary",
            "ellipse",
            "rect",
            "dialog",
            "textarea",
            "b",
            "dl",
            "dt",
            "dd",
            "kbd",
            "form",
            "strong",
            "noscript",
            "template",
            "script",
        ),
    }
    links = re.findall(r"https?://[^\s\"'<]*", html)
    assert set(links) == {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("name", ["rnn", "mlp", "lstm"])
def test_the_policy_allows_what_is_there_and_nothing_else(name: str) -> None:
    _, _, page = drawn(name)
    assert [script.get("type") for script in page.all("script")] == ["application/json", None]

    def hashed(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert page.policy == {
        "default-src": "'none'",
        "script-src": hashed(page.said("script")[1]),
        "style-src": hashed("".join(page.said("style"))),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert "\r" not in page.said("script")[1]  # HTML would read it as another character than was hashed


@pytest.mark.slow
def test_the_same_graph_gives_the_same_bytes() -> None:
    assert draw(models.gru()).html == draw(models.gru()).html


def close(shown: object, true: np.ndarray) -> None:
    """``shown`` is the shape, the size and the rows of an array in a page."""
    assert isinstance(shown, dict)
    assert shown["shape"] == list(true.shape)
    rows = np.array([[float(x) for x in row] for row in shown["rows"]])
    table = true.reshape(1, -1)[:, :64] if true.ndim < 2 else true.reshape(-1, true.shape[-1])[:8, :8]
    assert rows.shape == table.shape
    np.testing.assert_allclose(rows, table, rtol=1e-5, atol=0)
    with np.errstate(over="ignore", invalid="ignore"):
        length = float(np.sqrt((true.astype(np.float64) ** 2).sum()))
    assert float(shown["size"]) == pytest.approx(length, rel=1e-5, nan_ok=True)


@pytest.mark.parametrize("name", ALL)
def test_the_numbers_are_those_of_the_engine(name: str) -> None:
    loss, _, page = drawn(name)
    truth, data = Truth(loss), page.data
    for n, value in enumerate(truth.values):
        node = data["nodes"][n]
        close(node["value"], np.asarray(value.array))
        assert (node["gradient"] is None) == (n not in truth.gradients)
        if n in truth.gradients:
            close(node["gradient"], truth.gradients[n])
        assert node["operation"] == (value.primitive is not None)


@pytest.mark.parametrize("name", ALL)
def test_sums_grow_as_the_engine_adds_them_up(name: str) -> None:
    loss, _, page = drawn(name)
    truth, data = Truth(loss), page.data
    assert set(truth.sums) == {int(n) for n in data["uses"]}
    for n, sums in truth.sums.items():
        uses = data["uses"][str(n)]
        assert [data["edges"][edge][1] for edge, _ in uses] == [operation for operation, _ in sums]
        for (_, shown), (_, true) in zip(uses, sums, strict=True):
            if len(sums) == 1:
                assert shown is None  # the sum is the gradient
            else:
                close(shown, true)
                assert shown["lines"] == [list(line) for line in gradient_lines(true)]
        if len(sums) > 1:
            close(uses[-1][1], truth.gradients[n])


@pytest.mark.parametrize("name", ALL)
def test_every_card_and_line_is_there_once(name: str) -> None:
    _, picture, page = drawn(name)
    scene, data = picture.scene, page.data
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {f"n{node.id}" for node in scene.nodes} <= set(ids)
    assert {f"e{n}" for n in range(len(data["lines"]))} <= set(ids)
    assert {f"step{n}" for n in range(len(scene.frames))} <= set(ids)
    # Every use of a value can be seen, and what comes back along it.
    ways = {(edge.source, edge.target) for edge in scene.edges}
    assert {(other, operation) for backward, operation, other, *_ in data["lines"] if not backward} <= ways
    backward = {(other, operation) for backward, operation, other, *_ in data["lines"] if backward}
    assert backward == {(edge.source, edge.target) for edge in scene.edges if edge.share is not None}
    for node in data["nodes"]:
        left, top, width, height = node["box"]
        x, y, across, down = data["box"]
        assert x <= left and left + width <= x + across and y <= top and top + height <= y + down


@pytest.mark.parametrize("steps", [9, 20])
def test_of_many_steps_most_are_folded(steps: int) -> None:
    html = draw(models.rnn(steps), force=True).html
    data = Page(html).data
    assert data["folded"] == list(range(2, steps - 3))
    closed = html[html.index('<template id="closed">') : html.index("</template>")]
    assert re.findall(r'id="step(\d+)"', closed) == [str(n) for n in range(2, steps - 3)]


@pytest.mark.slow
@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("model", [models.rnn, models.mlp])
def test_hostile_names_are_text(hostile: str, model: Callable[[], Tensor]) -> None:
    loss = model()
    for tensor in tg.history(loss):
        tensor.name = hostile
    plain = Page(draw(model()).html)
    page = Page(draw(loss, title=hostile, subtitle=hostile, labels=dict.fromkeys(range(9), hostile)).html)
    inside = {"path", "polygon", "ellipse", "text", "g"}
    outside = [(tag, attributes) for tag, attributes in page.tags if tag not in inside]
    expected = [(tag, attributes) for tag, attributes in plain.tags if tag not in inside]
    changing = {"viewbox", "content"}
    assert [(tag, {k: v for k, v in a.items() if k not in changing}) for tag, a in outside] == [
        (tag, {k: v for k, v in a.items() if k not in changing}) for tag, a in expected
    ]
    assert page.said("h1") == [hostile]


def test_what_is_not_a_number_can_be_read_back() -> None:
    x = tg.tensor([1.0, float("inf"), float("nan"), -float("inf")], dtype=tg.float64, requires_grad=True)
    data = Page(draw((x * 0.5).sum()).html).data
    assert data["nodes"][0]["value"]["rows"] == [[1, "inf", "NaN", "-inf"]]


def test_zero_and_none_are_different() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    data = Page(draw((x * tg.tensor([0.0, 0.0])).sum()).html).data
    by_name = {node["name"]: node for node in data["nodes"]}
    assert by_name["x"]["gradient"]["rows"] == [[0, 0]] and by_name["x"]["gradient"]["css"] == "gzero"
    assert by_name["k1"]["gradient"] is None


@pytest.mark.parametrize(
    ("shape", "rows", "more"),
    [((), 1, False), ((3,), 1, False), ((64,), 1, False), ((65,), 1, True), ((8, 8), 8, False), ((9, 2), 8, True)],
)
def test_large_arrays_are_cut(shape: tuple[int, ...], rows: int, more: bool) -> None:
    shown = array(np.arange(float(np.prod(shape))).reshape(shape))
    assert len(shown["rows"]) == rows and sum(map(len, shown["rows"])) <= 64
    assert ("range" in shown) == more


def test_empty_arrays_and_whole_numbers() -> None:
    assert array(np.zeros((0, 3)))["rows"] == [[]]
    assert array(np.array([1, 20000]))["whole"] is True
    assert array(np.array([1.23456789e-20]))["rows"] == [[1.23457e-20]]


def test_no_text_ends_the_data() -> None:
    text = as_json({"name": "</script><!--<script>\u2028"})
    assert "<" not in text and text.isascii()


def test_every_colour_of_a_theme_has_one_variable() -> None:
    assert len(set(re.findall(r"#0d5e..", repr(MARKERS)))) == len(re.findall(r"#0d5e..", repr(MARKERS))) == 40
    rules = theme_css()
    for theme in (LIGHT, DARK):
        assert all(colour in rules for colour in (theme.background, *theme.fills, *theme.inks, *theme.lines))
    html = draw(models.rnn()).html
    assert "#0d5e" not in html.lower()
    used = set(re.findall(r"var\(--([\w-]+)\)", html))
    defined = set(re.findall(r"--([\w-]+):", html))
    assert used <= defined


def test_a_page_is_saved_by_its_ending(tmp_path: Path) -> None:
    path = draw(models.mlp()).save(tmp_path / "page.html")
    assert Page(path.read_text(encoding="utf-8")).data["nodes"]


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "two_layers", "nn_lstm", "nn_bidirectional"])
def test_verdicts_are_those_of_the_gradient_flow(name: str) -> None:
    loss, _, page = drawn(name)
    said = {series["verdict"] for series in page.data["series"] if series["verdict"]}
    flows = {flow.sentence for flow in tg.gradient_flow(loss)}
    assert said == flows and len(said) > 0
