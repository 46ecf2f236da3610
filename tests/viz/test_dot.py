"""DOT text: the same bytes every time, and safe whatever things are called."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import tinygrad_rnn as tg
from tests.engine import LONGEST, clean
from tests.viz import models
from tests.viz.inside import escape, fit, quoted, text_width
from tinygrad_rnn import Tensor
from tinygrad_rnn.viz import draw


@pytest.mark.parametrize("name", models.MODELS)
def test_the_same_graph_gives_the_same_bytes(name: str) -> None:
    assert draw(models.MODELS[name]()).dot == draw(models.MODELS[name]()).dot


@pytest.mark.slow
def test_the_bytes_do_not_depend_on_the_hash_seed() -> None:
    program = "from tests.viz import models; from tinygrad_rnn.viz import draw; print(draw(models.attention()).dot)"
    texts = [
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
        ).stdout
        for seed in ("1", "2")
    ]
    assert texts[0] == texts[1]


HOSTILE = [
    '"',
    '"]; evil [label="',
    "\\",
    "\\N \\G \\L",
    "a\\",
    "<script>alert(1)</script>",
    "</TD></TR></TABLE>>]",
    "]]>",
    "<!--",
    "&amp;",
    "&#60;b&#62;",
    "a\nb\tc",
    "\x00\x01\x1f",
    "\u202eright to left",
    "\u200b",
    "h😀",
    "日本語",
    "",
    "   ",
    "x" * 10_000,
    "javascript:alert(1)",
    "${HOME} `id` $(id)",
]


def hostile(name: str, *, steps: bool) -> Tensor:
    W = tg.tensor([[0.5]], dtype=tg.float64, requires_grad=True)
    W.name = name
    h = tg.tensor([1.0], dtype=tg.float64)
    for t in (1, 2):
        with tg.step(t) if steps else tg.scope(name):
            h = tg.tanh(tg.linear(h, W))
            h.name = name
    loss = h.sum()
    loss.name = name
    return loss


@pytest.mark.parametrize("steps", [True, False], ids=["grid", "layered"])
@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name[:12]))
def test_hostile_names_stay_text(name: str, steps: bool) -> None:
    picture = draw(hostile(name, steps=steps), title=name, subtitle=name, labels={1: name})
    root = ET.fromstring(picture.svg)  # well-formed
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "title", "desc", "polygon", "polyline", "path", "ellipse", "text", "a"}
    links = {key.rpartition("}")[2] for element in root.iter("{http://www.w3.org/2000/svg}a") for key in element.attrib}
    assert "href" not in links
    plain = draw(hostile("plain", steps=steps), title="t", subtitle="s", labels={1: "l"})
    assert count(picture.svg, "node") <= count(plain.svg, "node")
    assert count(picture.svg, "edge") == count(plain.svg, "edge")
    assert len(picture.dot) < 2 * len(plain.dot)


def count(svg: str, kind: str) -> int:
    groups = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}g")
    return sum(1 for group in groups if kind in group.get("class", "").split())


@pytest.mark.parametrize("name", ["back\\slash", "\\N", 'q"uote', "<b>", "a & b"])
def test_names_are_shown_as_they_are(name: str) -> None:
    texts = ["".join(element.itertext()) for element in ET.fromstring(draw(hostile(name, steps=True)).svg).iter()]
    assert f"{name}1" in texts


def test_pieces_of_escaping() -> None:
    assert escape('<a b="c">\\&') == "&lt;a b=&quot;c&quot;&gt;&#92;&#92;&amp;"
    assert quoted('a"b\\N&\n') == '"a\\"b\\\\N&amp; "'
    assert clean("a\x00\nb") == "a b"
    assert clean("\u200b") == ""
    assert len(clean("y" * 1000)) == LONGEST


def test_text_is_cut_where_it_would_not_fit() -> None:
    assert fit("short", 100, 8) == "short"
    cut = fit("a very long formula that goes on and on", 60, 8)
    assert cut == "a very l..and on"
    assert text_width(cut, 8) <= 60
    assert fit("wide", 1, 8) == ""
    assert fit("loss L = 1; 3 operations; every card shows a value", 150, 10) == "loss L = 1; 3 operations"


def test_no_address_of_a_machine_or_object_in_the_text() -> None:
    text = draw(models.rnn()).dot
    assert "0x" not in text
    assert "URL" not in text
    assert "href" not in text.lower()


def test_what_is_said_of_a_sum_of_thousands_is_cut() -> None:
    """A string of more than 16,384 bytes stops graphviz 2.43."""
    words = quoted("stack(" + ", ".join(f"h{t}" for t in range(5000)) + ")")
    assert len(words) < 16_384 and words.startswith('"stack(h0, h1') and words.endswith('.."')
    assert quoted('a "b"') == '"a \\"b\\""'
