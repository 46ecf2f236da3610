"""The types that are promised: what tensors.py asserts is true when it is run, and for a second type checker."""

import inspect
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import tinygrad_rnn as tg
from tests.types.tensors import CHECKED

FILE = Path(__file__).with_name("tensors.py")


@pytest.mark.parametrize("check", CHECKED)
def test_it_runs(check: Callable[..., None]) -> None:
    x, p = tg.tensor([[1.0, 2.0], [3.0, 4.0]]), tg.nn.Parameter(tg.ones(2, 2), requires_grad=False)
    check(*[{"x": x, "p": p}[name] for name in inspect.signature(check).parameters])


def test_pyright_agrees(tmp_path: Path) -> None:
    """What ``mypy`` finds is found when the whole project is checked."""
    if shutil.which("basedpyright") is None:
        pytest.skip("needs basedpyright")
    settings = {"include": [str(FILE)], "typeCheckingMode": "standard", "reportSelfClsParameterName": False}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = ["basedpyright", "--project", str(tmp_path), "--outputjson"]
    done = subprocess.run(command, cwd=FILE.parents[2], capture_output=True, text=True, timeout=300, check=False)
    found = json.loads(done.stdout)["generalDiagnostics"]
    assert [f"{each['file']}:{each['range']['start']['line'] + 1}: {each['message']}" for each in found] == []
