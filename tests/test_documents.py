"""Every block of code in README.md and docs/ does what the page says; so do the rules by which blocks are run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.blocks import Block, blocks, commands, run, run_python

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that looks like the top of the repository to a reader: it has `examples/` in it."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_document(document: Path, desk: Path) -> None:
    if "import torch" in document.read_text("utf-8"):
        pytest.importorskip("torch")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.blocks", "run", str(document)],
        cwd=desk,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_readme_shows_how_to_install_and_how_to_begin() -> None:
    found = list(blocks(ROOT / "README.md"))
    installing = [command.text for block in found if block.language == "console" for command in commands(block)]
    assert any("pip install" in command for command in installing)
    assert any(block.language == "python" for block in found)


def page(folder: Path, text: str) -> Path:
    file = folder / "page.md"
    file.write_text(text)
    return file


def test_blocks_are_found_with_their_lines_and_markers(tmp_path: Path) -> None:
    text = "# Title\n\n```python\na = 1\n```\n<!-- not run: needs a screen -->\n\n"
    text += "  ```console\n  $ x\n  y\n  ```\n````\n```\n````\n"
    assert list(blocks(page(tmp_path, text))) == [
        Block("python", "a = 1\n", 4),
        Block("console", "$ x\ny\n", 9, "not run: needs a screen"),
        Block("", "```\n", 13),
    ]
    with pytest.raises(ValueError, match=r"the block that opens before line 2 is never closed"):
        list(blocks(page(tmp_path, "```python\na\n")))


def test_commands_go_on_after_a_backslash_and_own_the_lines_below() -> None:
    found = commands(Block("console", "$ one \\\n>   two\nout\nput\n$ three\n", 10))
    assert [(each.text, each.output, each.line) for each in found] == [("one two", "out\nput", 10), ("three", "", 14)]
    with pytest.raises(ValueError, match="line 10: output before the first"):
        commands(Block("console", "out\n", 10))


@pytest.mark.parametrize(
    "text",
    [
        "```python\na = 1\n```\n```python\nprint(a + 1)  # prints: 2\n```\n",
        "```python\nprint('a 1.234 b')  # prints: a ... b\n```\n",
        "```python\n>>> b = 3\n>>> b\n3\n```\n```python\n>>> b + 1\n4\n```\n",
        "```python\na = 5\n```\n```python\n>>> a\n5\n```\n",
        "```console\n$ python -c 'print(1); print(2)'\n1\n2\n```\n",
        "```console\n$ python -c 'print(1); print(2)'\n...\n2\n```\n",
        "```console\n$ ls examples\n$ pip install nothing-of-this-name\n```\n",
        "<!-- exit status: 3 -->\n```console\n$ python -c 'print(1); raise SystemExit(3)'\n1\n```\n",
        "<!-- not run: an excerpt -->\n```python\nnonsense(\n```\n",
        "```text\nnot code\n```\n",
    ],
)
@pytest.mark.usefixtures("desk")
def test_pages_that_tell_the_truth(tmp_path: Path, text: str) -> None:
    run(page(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "```python\nprint(1)  # prints: 2\n```\n",
            "line 2: the page says it prints\n    2\nand the block printed\n    1",
        ),
        ("```python\nprint(1)  # prints: 1\nprint(0)  # prints: 1\n```\n", "line 3: the page says"),
        ("```python\n>>> 1 + 1\n3\n```\n", "Expected:\n    3\nGot:\n    2"),
        ("```console\n$ python -c 'print(1)'\n2\n```\n", "the page shows\n2\nand it printed\n1"),
        ("```console\n$ python -c 'raise SystemExit(3)'\n```\n", "exit status 3"),
        ("```console\n$ rm -r examples\n```\n", "is no command the tests know how to run"),
        ("```console\n$ python -c 'import warnings; warnings.warn(\"old\")'\n```\n", "UserWarning: old"),
        ("<!-- not run: -->\n```python\n1\n```\n", "line 3: say why it is not run"),
    ],
)
@pytest.mark.usefixtures("desk")
def test_pages_that_do_not(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(AssertionError) as caught:
        run(page(tmp_path, text))
    assert message in str(caught.value)


def test_a_traceback_shows_the_line_of_the_document() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run_python(Block("python", "a = 1\na / 0\n", 41), "page.md", {})
    entry = caught.traceback[-1]
    assert (str(entry.path).endswith("page.md"), entry.lineno + 1) == (True, 42)
