"""The page of a text model computes what the library does: predictions, what they depend on, states and gates."""

import json
import random
import shutil
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.viz.inside import live_text
from tests.viz.page.walker import Walker
from tinygrad_rnn import nn
from tinygrad_rnn.lab.data import Vocabulary
from tinygrad_rnn.viz import LiveText

RUNNER = Path(__file__).parents[3] / "web" / "check" / "reader.js"
NODE = shutil.which("node")
TOKENS = ["?", *"abcdefgh ."]
TEXT = "abba deaf hedge. a bad face z fed"
MODELS: dict[str, tuple[Any, dict[str, Any]]] = {
    "tanh": (nn.RNN, {}),
    "relu": (nn.RNN, {"nonlinearity": "relu"}),
    "lstm": (nn.LSTM, {}),
    "gru": (nn.GRU, {}),
    "two layers of rnn": (nn.RNN, {"num_layers": 2}),
    "three layers of lstm": (nn.LSTM, {"num_layers": 3}),
    "two layers of gru without biases": (nn.GRU, {"num_layers": 2, "bias": False}),
}


def parts(name: str, inputs: int = 5, hidden: int = 7) -> tuple[nn.Embedding, Any, nn.Linear]:
    tg.manual_seed(len(name))
    kind, options = MODELS[name]
    return nn.Embedding(len(TOKENS), inputs), kind(inputs, hidden, **options), nn.Linear(hidden, len(TOKENS))


def asked(folder: Path, data: Any, texts: list[str]) -> Any:
    if NODE is None:
        pytest.skip("node is not installed")
    (folder / "asked.json").write_text(json.dumps({"data": data, "texts": texts}))
    done = subprocess.run([NODE, RUNNER, folder / "asked.json"], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


def data_of(name: str) -> Any:
    told = {"tokens": TOKENS, "level": "char", "lower": False, "unknown": "?"}
    return live_text.content(*parts(name)) | told


@pytest.mark.parametrize("name", MODELS)
def test_predictions_and_what_they_depend_on_are_the_librarys(name: str, tmp_path: Path) -> None:
    # A text, one that begins like it, and another: what is kept from before must not show.
    told = asked(tmp_path, data_of(name), [TEXT, TEXT[:9] + "cab", "h"])
    embedding, rnn, head = (part.double() for part in parts(name))
    for text, answer in zip([TEXT, TEXT[:9] + "cab", "h"], told, strict=True):
        ids = [TOKENS.index(letter) if letter in TOKENS else 0 for letter in text]
        assert answer["ids"] == ids
        rows = embedding(tg.tensor(ids)).detach().requires_grad_()
        hs = rnn(rows)[0]
        logs = tg.log_softmax(head(hs), dim=-1)
        np.testing.assert_allclose(answer["logs"], logs.detach().numpy(), 1e-9, 1e-12)
        np.testing.assert_allclose(answer["units"]["h"][-1], hs.detach().numpy(), 1e-9, 1e-12)
        for t, found in enumerate(answer["explained"]):
            token = ids[min(t + 1, len(ids) - 1)]
            (g,) = tg.autograd.grad(-logs[t, token], rows, retain_graph=True)
            assert found["p"] == pytest.approx(float(logs[t, token].exp()), 1e-9)
            np.testing.assert_allclose(found["product"], (g * rows).sum(1).detach().numpy()[: t + 1], 1e-7, 1e-12)
            np.testing.assert_allclose(found["size"], np.linalg.norm(g.numpy(), axis=1)[: t + 1], 1e-7, 1e-12)


@pytest.mark.parametrize(("name", "letters"), [("lstm", "ifgo"), ("gru", "rzn")])
def test_gates_are_the_equations(name: str, letters: str, tmp_path: Path) -> None:
    (told,) = asked(tmp_path, data_of(name), [TEXT])
    embedding, rnn, _ = (part.double() for part in parts(name))
    weights = {key: value.detach().numpy() for key, value in rnn.named_parameters()}
    hs = np.array(told["units"]["h"][0])
    before = np.vstack([np.zeros((1, 7)), hs[:-1]])
    a = embedding(tg.tensor(told["ids"])).detach().numpy() @ weights["weight_ih_l0"].T + weights["bias_ih_l0"]
    r = before @ weights["weight_hh_l0"].T + weights["bias_hh_l0"]
    sigmoid: Any = lambda v: 1 / (1 + np.exp(-v))  # noqa: E731
    if name == "lstm":
        blocks = np.split(a + r, 4, axis=1)
        wanted = [
            np.tanh(block) if letter == "g" else sigmoid(block) for letter, block in zip(letters, blocks, strict=True)
        ]
    else:
        (x_r, x_z, x_n), (h_r, h_z, h_n) = np.split(a, 3, axis=1), np.split(r, 3, axis=1)
        wanted = [sigmoid(x_r + h_r), sigmoid(x_z + h_z), np.tanh(x_n + sigmoid(x_r + h_r) * h_n)]
    for letter, values in zip(letters, wanted, strict=True):
        np.testing.assert_allclose(told["units"][letter][0], values, 1e-9, 1e-12, err_msg=letter)


@pytest.mark.slow
def test_a_text_is_cut_as_python_cuts_it(tmp_path: Path) -> None:
    signs = "ab ÉΣß'’-_1²五नि\u0301\u200d\u00ad👍🏽.,;!?(\n\t"
    draw = random.Random(0)
    texts = ["Feed'st thy light's flame, now!", *("".join(draw.choices(signs, k=20)) for _ in range(300))]
    for level in ("word", "char"):
        vocabulary = Vocabulary.of("\n".join(texts), level, lower=True)
        told = {"tokens": list(vocabulary), "level": level, "lower": True, "unknown": None}
        embedding, head = nn.Embedding(len(vocabulary), 1), nn.Linear(1, len(vocabulary))
        found = asked(tmp_path, live_text.content(embedding, nn.RNN(1, 1), head) | told, texts)
        assert [each["ids"] for each in found] == [vocabulary.encode(text).tolist() for text in texts]
    assert any(unicodedata.combining(letter) for letter in "".join(texts))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"tokens": TOKENS[1:]}, "10 tokens, 11 rows and 11 outputs do not fit together"),
        ({"rnn": nn.RNN(5, 7, bidirectional=True)}, "two directions"),
        ({"rnn": nn.LSTM(5, 9, proj_size=7)}, "a projection"),
        ({"rnn": nn.RNN(4, 7)}, "do not fit together"),
        ({"level": "sentence"}, "choose 'char' or 'word'"),
        ({"rnn": nn.LSTM(5, 600), "head": nn.Linear(600, 11)}, "too large for a page"),
    ],
)
def test_what_cannot_be_a_page_is_refused(change: dict[str, Any], sentence: str) -> None:
    embedding, rnn, head = parts("tanh")
    given: Any = {"tokens": TOKENS, "embedding": embedding, "rnn": rnn, "head": head} | change
    with pytest.raises(ValueError, match=sentence):
        LiveText(**given)


def page(**more: Any) -> str:
    return LiveText(TOKENS, *parts("lstm", hidden=24), unknown="?", text="abba deaf", **more).html


def text_of(walker: Walker, css: str) -> str:
    return str(walker.run(f"return document.querySelector('{css}').textContent"))


def test_one_types_and_chooses(walk: Any) -> None:
    walker = walk(page(title="a <b> of one's own"), "")
    assert "next" in text_of(walker, "#verdict") and text_of(walker, "h1") == "a <b> of one's own"
    walker.run("const t = document.querySelector('#text'); t.value += ' xab'; t.dispatchEvent(new Event('input'))")
    assert text_of(walker, "#note").startswith("Not known, and read as ?: x.")
    assert walker.run("return document.querySelectorAll('#strip button').length") == len("abba deaf xab") + 1
    walker.run("document.querySelectorAll('#strip button')[5].click()")
    assert text_of(walker, "#verdict").startswith("“d” as token 6: p = ")
    labels = walker.run(
        "return [...document.querySelectorAll('#strip button')].map((b) => b.getAttribute('aria-label'))"
    )
    assert labels[5] == "d, is predicted" and labels[6] == "e, comes later" and labels[4].startswith("space, ")
    assert labels[4].endswith(" % of the prediction") and labels[-1] == "what comes next"
    press = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: '%s', bubbles: true}))"
    walker.run(press % "ArrowRight")
    assert text_of(walker, "#verdict").startswith("“e” as token 7")
    walker.run(press % "End")
    walker.run("document.querySelectorAll('#likely button')[3].click()")
    chosen = walker.run(
        "return [...document.querySelectorAll('#likely button')].map((b) => b.getAttribute('aria-pressed'))"
    )
    assert chosen.index("true") == 3 and chosen.count("true") == 1
    for letter in "hcifgo":
        walker.run(
            f"const s = document.querySelector('#letter'); s.value = '{letter}'; s.dispatchEvent(new Event('change'))"
        )
        assert text_of(walker, "#value").startswith(f"{letter} of unit 1 after")
    walker.run("document.querySelector('#units').focus()")
    walker.run(press % "ArrowDown")
    assert "of unit 2 after" in text_of(walker, "#value")
    walker.run("const t = document.querySelector('#text'); t.value = ''; t.dispatchEvent(new Event('input'))")
    assert walker.run("return document.querySelector('#shown').hidden && !document.querySelector('#empty').hidden")
