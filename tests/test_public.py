"""No public name vanishes or appears unnoticed: what can be imported is what `tests/public.txt` says."""

import importlib
import sys
from pathlib import Path

import pytest

from tests.public import LIST, exported, public


def test_public_names_are_those_that_are_written_down() -> None:
    written, there = set(LIST.read_text(encoding="utf-8").split()), set(public())
    assert (sorted(written - there), sorted(there - written)) == ([], []), (
        "(vanished, new); if it is meant, `python -m tests.public` writes the list anew"
    )


def test_the_list_is_sorted_and_names_nothing_twice() -> None:
    names = LIST.read_text(encoding="utf-8").splitlines()
    assert names == sorted(set(names))


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("from math import pi as pi, e as e_, tau\nimport os\nimport re as re", ["pi", "re"]),
        ("def f(): a = 1\nclass C: b = 2\n_hidden = 3\nx, (y, z) = 1, (2, 3)\nn: int = 4", [*"Cfnxyz"]),
        ("__all__ = ['a']\na = b = 1", ["a"]),
        ("from .other import *", ["f"]),
    ],
)
def test_what_makes_a_name_public(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, names: list[str]) -> None:
    folder = tmp_path / "example_of_names"
    folder.mkdir()
    (folder / "__init__.py").write_text(code, encoding="utf-8")
    (folder / "other.py").write_text("from math import pi\ndef f(): ...", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("example_of_names", "example_of_names.other"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert sorted(exported(importlib.import_module("example_of_names"))) == names
