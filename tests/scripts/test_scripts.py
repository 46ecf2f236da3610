"""Ordinary PyTorch training scripts run with `import tinygrad_rnn as torch`, and print what they print in PyTorch."""

import ast
import json
from typing import Any

import numpy as np
import pytest

from tests.scripts.loader import SCRIPTS, numbers_in, printed_by, translated, words_in
from tests.scripts.record import RECORDED

TEXTS: dict[str, list[str]] = json.loads(RECORDED.read_text(encoding="utf-8"))
every_script = pytest.mark.parametrize("script", SCRIPTS)
#: Scripts that train for over half a second.
LONG = {
    "char_rnn", "lstm_from_scratch", "name_classification", "seq2seq_attention", "sine_lstm", "translation_batched",
    "word_embeddings",
}  # fmt: skip


@pytest.fixture(scope="module")
def ours() -> dict[str, str]:
    """What the scripts print here; each runs once."""
    return {}


def printed_here(script: str, ours: dict[str, str]) -> str:
    if script not in ours:
        ours[script] = printed_by(script, "tinygrad_rnn")
    return ours[script]


def assert_same(mine: str, theirs: str) -> None:
    """The same words, and the same numbers to four digits."""
    assert words_in(mine) == words_in(theirs)
    np.testing.assert_allclose(numbers_in(mine), numbers_in(theirs), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "script", [pytest.param(each, marks=pytest.mark.slow) if each in LONG else each for each in SCRIPTS]
)
def test_prints_what_was_recorded(script: str, ours: dict[str, str]) -> None:
    assert_same(printed_here(script, ours), "\n".join([*TEXTS[script], ""]))


@pytest.mark.slow
@every_script
def test_prints_what_torch_prints(script: str, ours: dict[str, str]) -> None:
    pytest.importorskip("torch")
    assert_same(printed_here(script, ours), printed_by(script, "torch"))


@every_script
def test_prints_enough_to_compare(script: str) -> None:
    assert len(numbers_in("\n".join(TEXTS[script]))) >= 8


def test_only_imports_are_changed() -> None:
    source = (
        "import numpy as np, torch, torch.optim\nimport torch.nn as nn\nfrom torch.utils.data import DataLoader\n"
        "from torchvision import x\nprint('torch', torch.ones(1))"
    )
    assert ast.unparse(translated(source, "lib")).splitlines() == [
        "import numpy as np, lib as torch, lib.optim, lib as torch",
        "import lib.nn as nn",
        "from lib.utils.data import DataLoader",
        "from torchvision import x",
        "print('torch', torch.ones(1))",
    ]


@pytest.mark.parametrize(
    ("text", "numbers", "words"),
    [
        ("epoch 3: loss 0.125", [3, 0.125], "epoch #: loss #"),
        ("lr=1e-05, [-2.5, 3.]", [1e-5, -2.5, 3], "lr=#, [#, #]"),
        ("h2o x1 nan -inf", [float("nan"), float("-inf")], "h2o x1 # #"),
    ],
)
def test_numbers_are_found(text: str, numbers: list[float], words: Any) -> None:
    np.testing.assert_equal(numbers_in(text), numbers)
    assert words_in(text) == words
