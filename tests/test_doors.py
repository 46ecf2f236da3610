"""Tests know the package by its public modules; what they know of its inside comes through two doors."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import pytest

from tests.public import MODULES

ROOT = Path(__file__).parents[1]
PACKAGE = "tinygrad_rnn"
#: What users import, from the package; the laboratory on top has its own tests, which know its files.
PUBLIC = {"", *MODULES}
OPEN = "lab"
#: For the engine with all that is recorded, computed and explained, and for the pictures.
DOORS = ("tests/engine.py", "tests/viz/inside.py")
INNER = {
    ".".join(path.relative_to(ROOT / PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip(".")
    for path in (ROOT / PACKAGE).rglob("*.py")
} - PUBLIC
FILES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")}


@functools.cache
def imported(code: str) -> list[tuple[int, str, str]]:
    """The modules a file imports and the names it takes from them ("" for the module itself), with their lines."""
    found: list[tuple[int, str, str]] = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found += [(node.lineno, node.module or "", alias.name) for alias in node.names]
    return found


def past_the_doors(code: str) -> list[str]:
    """The lines by which a file of tests goes into the package otherwise than by a door."""
    found = []
    for line, module, name in imported(code):
        top, _, inner = module.partition(".")
        if top != PACKAGE or f"{inner}.".startswith(f"{OPEN}.") or f"{inner}.{name}".strip(".") == OPEN:
            continue
        if inner not in PUBLIC or f"{inner}.{name}".strip(".") in INNER:
            found.append(f"line {line}: {'.'.join(filter(None, (module, name)))}")
    return found


@pytest.mark.parametrize("file", sorted(set(FILES) - set(DOORS)))
def test_a_test_enters_by_a_door(file: str) -> None:
    assert past_the_doors(FILES[file]) == [], f"import it from one of {', '.join(DOORS)}"


def test_a_door_shows_what_some_test_asks_for() -> None:
    found = {(origin, name) for code in FILES.values() for _, origin, name in imported(code)}
    for door in DOORS:
        asked = {name for origin, name in found if origin == door.removesuffix(".py").replace("/", ".")}
        body = ast.parse(FILES[door]).body
        shown = {alias.asname for node in body if isinstance(node, ast.ImportFrom) for alias in node.names}
        made = [node.targets[0] for node in body if isinstance(node, ast.Assign)]
        shown |= {target.id for target in made if isinstance(target, ast.Name)}
        assert {name for name in shown if name and not name.startswith("_")} == asked, door


@pytest.mark.parametrize(
    "code",
    [
        "from tinygrad_rnn.engine.graph import Node",
        "from tinygrad_rnn.engine import graph",
        "def f():\n    from tinygrad_rnn.surface.tensor import Tensor",
        "import tinygrad_rnn.ops.elementwise",
        "from tinygrad_rnn.ops import TABLE",
        "from tinygrad_rnn.viz import render",
        "from tinygrad_rnn import engine",
        "from tinygrad_rnn.nn import recurrent",
    ],
)
def test_other_ways_in_are_found(code: str) -> None:
    assert len(past_the_doors(code)) == 1


@pytest.mark.parametrize(
    "code",
    [
        "import tinygrad_rnn as tg",
        "from tinygrad_rnn import Tensor, nn",
        "import tinygrad_rnn.nn.functional as F",
        "from tinygrad_rnn.nn import functional as F",
        "from tinygrad_rnn.optim import lr_scheduler",
        "from tinygrad_rnn.viz import draw, scene_of",
        "from tinygrad_rnn.lab.cli.options import SeriesOptions",
        "from tinygrad_rnn import lab",
        "from tests.engine import Node",
    ],
)
def test_the_public_ways_are_free(code: str) -> None:
    assert past_the_doors(code) == []
