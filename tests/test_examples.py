"""Every program in examples/ runs from start to end in a folder of its own, with warnings as errors."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example(example: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(example)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip(), "it printed nothing: an example shows what it found"


def test_there_are_examples_and_each_says_what_it_is() -> None:
    assert EXAMPLES
    for example in EXAMPLES:
        assert ast.get_docstring(ast.parse(example.read_text(encoding="utf-8"))), f"{example.name} has no docstring"


def test_every_file_is_named_in_the_folders_readme() -> None:
    readme = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    files = [path.name for path in (ROOT / "examples").iterdir() if path.is_file() and path.name != "README.md"]
    assert [name for name in sorted(files) if f"`{name}`" not in readme] == []
