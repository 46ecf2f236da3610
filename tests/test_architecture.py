"""The floors of the house: what each module of the package may know, read from its imports."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "tinygrad_rnn"

# A module imports from floors below its own, or from a neighbour (same floor, same folder), and never in a circle.
# A name stands for a module or for all modules of a folder; the longest that fits counts.
FLOORS = {
    "__main__": 10,
    "lab": 9,
    "lab.cli": 9,
    "lab.demos": 8,
    "lab.training": 7,
    "lab.data": 6,
    "interop": 7,
    "interop.saving": 6,
    "interop.structure": 5,
    "interop.files": 5,
    "viz": 7,
    "nn": 6,
    "viz.style": 5,
    "viz.page": 6,
    "viz.layout": 6,
    "viz.scene": 5,
    "viz.numbers": 5,
    "nn.cells": 5,
    "nn.losses": 5,
    "nn.packing": 5,
    "nn.folds": 4,
    "nn.steps": 4,
    "nn.unrolling": 5,
    "nn.containers": 4,
    "nn.functional": 4,
    "nn.backward_hooks": 4,
    "nn.hooks": 4,
    "nn.init": 4,
    "nn.module": 4,
    "nn.parameter": 4,
    "nn.state": 4,
    "optim": 5,
    "optim.lr_scheduler": 6,
    "utils": 6,
    "func": 5,
    "autograd": 5,
    "autograd.check": 4,
    "autograd.differences": 4,
    "autograd.function": 4,
    "autograd.functional": 4,
    "autograd.gradients": 4,
    "autograd.variable": 4,
    "explain": 4,
    "explain.report": 0,
    "surface": 3,
    "surface.arrays": 2,
    "surface.printing": 2,
    "engine": 1,
    "engine.formula": 2,
    "engine.backward": 2,
    "engine.operators": 2,
    "engine.primitive": 0,
    "engine.scope": 0,
    "engine.fold": 0,
    "ops": 1,
    "numbers": 0,
    "numbers.random": 1,
}
SIDE_BY_SIDE = {"nn", "viz", "optim", "data"}  # none of these knows another of them
REQUIRED = {"numpy", "graphviz", "tqdm", "safetensors", "threadpoolctl"}
EXTRAS = {"onnx", "torch"}  # asked for inside the function that needs them, or never


@dataclass(frozen=True)
class Import:
    """One import: the module that is loaded, whether inside a function, on which line."""

    target: str
    inside_function: bool
    line: int


def sources(root: Path) -> dict[str, str]:
    """The package's files by dotted name; the package itself and its folders are named without `__init__`."""
    found = {}
    for file in sorted(root.rglob("*.py")):
        parts = file.relative_to(root.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file.read_text(encoding="utf-8")
    return found


def imports(name: str, code: Mapping[str, str]) -> Iterator[Import]:
    """What the module `name` loads when it is imported or used; names for the type checker alone are left out."""
    is_folder = any(each.startswith(name + ".") for each in code)
    parents = name.split(".") if is_folder else name.split(".")[:-1]

    def walk(node: ast.AST, inside: bool) -> Iterator[Import]:
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
                for each in node.orelse:
                    yield from walk(each, inside)
                return
            case ast.Import():
                for alias in node.names:
                    yield Import(alias.name, inside, node.lineno)
            case ast.ImportFrom():
                base = parents[: len(parents) - node.level + 1] if node.level else []
                origin = ".".join([*base, *([node.module] if node.module else [])])
                for alias in node.names:
                    part = f"{origin}.{alias.name}"
                    yield Import(part if part in code else origin, inside, node.lineno)
        inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inside)

    yield from walk(ast.parse(code[name]), False)


def is_ours(target: str) -> bool:
    return target == PACKAGE or target.startswith(PACKAGE + ".")


def short(name: str) -> str:
    """The name without the package's; "" for the package itself."""
    return name.removeprefix(PACKAGE).removeprefix(".")


def floor(name: str) -> int | None:
    parts = short(name).split(".")
    return next((FLOORS[key] for n in range(len(parts), 0, -1) if (key := ".".join(parts[:n])) in FLOORS), None)


def broken_rules(code: Mapping[str, str]) -> Iterator[str]:
    """Every breach of the floors, as a sentence each."""
    circle = TopologicalSorter[str]()
    for name in code:
        for each in imports(name, code):
            top = each.target.partition(".")[0]
            where = f"{short(name) or PACKAGE} (line {each.line}) imports {each.target}"
            if not is_ours(each.target):
                if top in EXTRAS and not each.inside_function:
                    yield f"{where} outside a function, and it is an optional extra"
                elif top not in REQUIRED | EXTRAS | sys.stdlib_module_names:
                    yield f"{where}, which is no dependency"
                continue
            if each.target != name:
                circle.add(name, each.target)
            if name == PACKAGE or each.target.startswith(name + "."):
                continue  # a front door shows what is in its house; it may open every room
            here, there = floor(name), floor(each.target)
            families = short(name).partition(".")[0], short(each.target).partition(".")[0]
            if each.target == PACKAGE:
                if (here or 0) < 8:
                    yield f"{where}: the front door is for those outside; name the module"
            elif families[0] != families[1] and {*families} <= SIDE_BY_SIDE:
                yield f"{where}: they stand side by side"
            elif (
                short(name).startswith("lab.data")
                and not short(each.target).startswith("lab.data")
                and (there or 0) > 3
            ):
                yield f"{where}: data knows nothing above the tensor"
            elif here is None or there is None:
                yield f"{where}: one of them has no floor; add it to the table"
            elif each.target in code and any(part.startswith(each.target + ".") for part in code):
                inner = name.startswith(each.target + ".")
                if inner or there >= here:
                    yield f"{where}: a folder's front door; name the module in it"
            elif there > here or (there == here and name.rpartition(".")[0] != each.target.rpartition(".")[0]):
                yield f"{where}: from floor {here} to floor {there}"
    try:
        circle.prepare()
    except CycleError as error:
        yield "a circle: " + " -> ".join(short(name) or PACKAGE for name in reversed(error.args[1]))


CODE = sources(ROOT / PACKAGE)


def test_every_module_keeps_to_its_floor() -> None:
    assert list(broken_rules(CODE)) == []


def test_every_module_has_a_floor() -> None:
    assert [short(name) for name in CODE if name != PACKAGE and floor(name) is None] == []


@pytest.mark.parametrize("library", ["graphviz", "argparse"])
def test_known_in_one_file_only(library: str) -> None:
    knowing = {name for name in CODE for each in imports(name, CODE) if each.target.partition(".")[0] == library}
    assert len(knowing) == 1, knowing


@pytest.mark.parametrize("name", CODE)
def test_a_file_opens_with_a_sentence(name: str) -> None:
    docstring = ast.get_docstring(ast.parse(CODE[name]))
    assert docstring, f"{name} has no docstring"
    first = docstring.splitlines()[0]
    assert first.endswith(".") and not first[0].islower(), first


def test_importing_the_package_loads_numpy_and_itself() -> None:
    def loaded(module: str) -> set[str]:
        code = f"import sys, {module}; print(*sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
        return set(done.stdout.split())

    news = loaded(PACKAGE) - loaded("numpy.random")  # which numpy itself loads late
    tops = {name.partition(".")[0] for name in news}
    assert tops - sys.stdlib_module_names <= {PACKAGE, "numpy"}
    slow_or_for_others = {"argparse", "asyncio", "doctest", "email", "http", "sqlite3", "unittest", "xml"}
    assert tops & slow_or_for_others == set()


@pytest.mark.parametrize(
    ("files", "breach"),
    [
        (
            {"engine.graph": "from ..surface.tensor import Tensor"},
            "engine.graph (line 1) imports tinygrad_rnn.surface.tensor: from floor 1 to floor 3",
        ),
        (
            {"engine.graph": "def f():\n from ..surface import tensor"},
            "engine.graph (line 2) imports tinygrad_rnn.surface.tensor: from floor 1 to",
        ),
        (
            {"engine.graph": "from ..ops import erf", "ops": "", "ops.erf": ""},
            "imports tinygrad_rnn.ops.erf: from floor 1 to",
        ),
        ({"nn": "", "nn.cells": "from ..viz.scene import a", "viz": "", "viz.scene": ""}, "they stand side by side"),
        (
            {"lab.data.text": "from ...nn.parameter import Parameter", "nn": "", "nn.parameter": ""},
            "data knows nothing above the tensor",
        ),
        ({"surface.tensor": "from .. import tanh"}, "imports tinygrad_rnn: the front door is for those outside"),
        ({"nn": "", "nn.cells": "from . import Linear"}, "a folder's front door; name the module in it"),
        ({"surface.a": "from . import b", "surface.b": "from . import a"}, "a circle: "),
        (
            {"nonsense": "from .engine.graph import a", "engine.graph": ""},
            "one of them has no floor; add it to the table",
        ),
        (
            {"surface.tensor": "import torch"},
            "tensor (line 1) imports torch outside a function, and it is an optional extra",
        ),
        ({"surface.tensor": "import scipy.linalg"}, "imports scipy.linalg, which is no dependency"),
    ],
)
def test_breaches_are_found(files: dict[str, str], breach: str) -> None:
    found = list(broken_rules({PACKAGE: "", "tinygrad_rnn.surface.tensor": ""} | _named(files)))
    assert len(found) == 1 and breach in found[0], found


@pytest.mark.parametrize(
    "files",
    [
        {"surface.tensor": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n from ..nn import Module", "nn": ""},
        {
            "surface.methods": "from . import shaping as s",
            "surface.shaping": "from ..ops import erf",
            "ops": "",
            "ops.erf": "",
        },
        {"nn": "from .cells import a", "nn.cells": "from . import init\nfrom ..ops import T", "nn.init": "", "ops": ""},
        {"lab.cli": "import argparse\nfrom .. import nn\nfrom ..viz import draw", "nn": "", "viz": ""},
        {"surface.tensor": "def f():\n import torch"},
        {
            "lab.data.text": "from ...surface.tensor import Tensor\nfrom .files import b",
            "lab.data.files": "",
        },
    ],
)
def test_what_is_allowed(files: dict[str, str]) -> None:
    assert list(broken_rules({PACKAGE: "", "tinygrad_rnn.surface.tensor": ""} | _named(files))) == []


def _named(files: dict[str, str]) -> dict[str, str]:
    return {f"{PACKAGE}.{name}": code for name, code in files.items()}
