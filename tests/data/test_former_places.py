"""The places that `data` and `training` had until 0.2: they work, and say where everything is now."""

import importlib
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from tinygrad_rnn.lab import data, training

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("module", [data, training], ids=["data", "training"])
def test_every_name_is_still_found_with_a_warning(module: object) -> None:
    name = str(vars(module)["__name__"]).rpartition(".")[2]
    former = importlib.import_module(f"tinygrad_rnn.{name}")
    assert dir(former) == dir(module)
    for each in vars(module)["__all__"]:
        with pytest.warns(DeprecationWarning, match=rf"write tinygrad_rnn\.lab\.{name} for \.{each}$") as caught:
            assert getattr(former, each) is getattr(module, each)
        assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(AttributeError, match="nonsense"):
            _ = former.nonsense


def test_the_ways_to_import() -> None:
    program = (
        "import tinygrad_rnn.data, sys\n"
        "from tinygrad_rnn import training\n"
        "assert not any(name.startswith('tinygrad_rnn.data.') for name in sys.modules)\n"
        "from tinygrad_rnn.training import Training, fit\n"
        "from tinygrad_rnn.data import *\n"
        "print(read_series.__module__, training.Log.__module__)\n"
    )
    command = [sys.executable, "-W", "always", "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.split() == ["tinygrad_rnn.lab.data.series", "tinygrad_rnn.lab.training.log"]
    assert "<string>:4: DeprecationWarning: tinygrad_rnn.training has moved" in done.stderr


def test_nothing_of_ours_uses_them() -> None:
    former = re.compile(r"tinygrad_rnn\.(data|training)\b|from tinygrad_rnn import .*\b(data|training)\b")
    files = [ROOT / "README.md"]
    files += [each for folder in ("tinygrad_rnn", "examples", "docs") for each in (ROOT / folder).rglob("*.*")]
    readers = {
        str(each.relative_to(ROOT))
        for each in files
        if each.suffix in (".py", ".md") and former.search(each.read_text(encoding="utf-8"))
    }
    says_what_moved = {"docs/from-0.1.md"}
    assert readers == says_what_moved | {str(Path("tinygrad_rnn") / name) for name in ("data.py", "training.py")}
