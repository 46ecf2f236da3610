"""The floors of the house: what each module of the package may know, read from its imports."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "tinygrad_rnn"

# A module imports from floors below its own or from its own folder, and never in a circle; what stands on one floor
# side by side does not know each other. A name stands for a module or for all modules of a folder; the longest counts.
# Imports for the type checker alone are imports too.
FLOORS = {
    "engine.out": 0,
    "engine.primitive": 0,
    "engine.refusing": 0,
    "engine.scope": 0,
    "numbers": 1,
    "ops": 1,
    "engine": 2,
    "surface": 3,
    "autograd": 4,
    "distributed": 4,
    "explain": 4,
    "rolled": 4,
    "func": 5,
    "linalg": 5,
    "nn": 5,
    "optim": 5,
    "special": 5,
    "utils": 5,
    "distributions": 6,
    "interop": 6,
    "viz": 7,
    "lab": 8,
    "__main__": 9,
    "data": 9,  # former places of parts of the laboratory
    "training": 9,
}
# Inside the laboratory there are floors of their own.
STOREYS = ("lab.data", "lab.training", "lab.demos", "lab.exercises", "lab.cli")
REQUIRED = {"numpy", "filelock", "graphviz", "tqdm", "safetensors", "threadpoolctl"}
EXTRAS = {
    "mpi4py",
    "numba",
    "onnx",
    "pyarrow",
    "python_calamine",
    "reportlab",
    "svglib",
    "torch",
}  # asked for inside the function that needs them, or never


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


parsed = cache(ast.parse)


def imports(name: str, code: Mapping[str, str]) -> Iterator[Import]:
    """What the module `name` loads when it is imported, used or checked."""
    is_folder = any(each.startswith(name + ".") for each in code)
    parents = name.split(".") if is_folder else name.split(".")[:-1]

    def walk(node: ast.AST, inside: bool) -> Iterator[Import]:
        match node:
            case ast.Import():
                for alias in node.names:
                    yield Import(alias.name, inside, node.lineno)
            case ast.ImportFrom():
                base = parents[: len(parents) - node.level + 1] if node.level else []
                origin = ".".join([*base, *([node.module] if node.module else [])])
                for alias in node.names:
                    part = f"{origin}.{alias.name}"
                    yield Import(part if part in code else origin, inside, node.lineno)
        inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):  # no expression holds an import
                yield from walk(child, inside)

    yield from walk(parsed(code[name]), False)


def is_ours(target: str) -> bool:
    return target == PACKAGE or target.startswith(PACKAGE + ".")


def short(name: str) -> str:
    """The name without the package's; "" for the package itself."""
    return name.removeprefix(PACKAGE).removeprefix(".")


def floor(name: str) -> int | None:
    parts = short(name).split(".")
    return next((FLOORS[key] for n in range(len(parts), 0, -1) if (key := ".".join(parts[:n])) in FLOORS), None)


def storey(name: str) -> int:
    """Where in the laboratory a module stands; outside of it, and at its door, 0."""
    return next((i for i, key in enumerate(STOREYS, 1) if f"{short(name)}.".startswith(f"{key}.")), 0)


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
            is_door = any(other.startswith(name + ".") for other in code)
            if name == PACKAGE or each.target.startswith(name + "."):
                continue  # a front door shows what is in its house; it may open every room
            here, there = floor(name), floor(each.target)
            folders = [".".join(short(module).split(".")[:1]) for module in (name, each.target)]
            if each.target == PACKAGE:
                if folders[0] not in ("lab", "__main__"):
                    yield f"{where}: the front door is for those outside; name the module"
            elif here is None or there is None:
                yield f"{where}: one of them has no floor; add it to the table"
            elif name.startswith(each.target + "."):
                yield f"{where}: a folder's front door; name the module in it"
            elif there > here:
                yield f"{where}: from floor {here} up to floor {there}"
            elif there == here and folders[0] != folders[1] and not is_door:
                yield f"{where}: they stand side by side"
            elif here == there and storey(name) < storey(each.target) and not is_door:
                yield f"{where}: from {STOREYS[storey(name) - 1]} up to {STOREYS[storey(each.target) - 1]}"
    try:
        circle.prepare()
    except CycleError as error:
        yield "a circle: " + " -> ".join(short(name) or PACKAGE for name in reversed(error.args[1]))


CODE = sources(ROOT / PACKAGE)


def test_every_module_keeps_to_its_floor() -> None:
    assert list(broken_rules(CODE)) == []


def test_every_module_has_a_floor() -> None:
    assert [short(name) for name in CODE if name != PACKAGE and floor(name) is None] == []


def test_every_floor_has_modules() -> None:
    assert [
        key for key in (*FLOORS, *STOREYS) if not any(f"{short(name)}.".startswith(f"{key}.") for name in CODE)
    ] == []


def test_nothing_is_imported_for_the_type_checker_alone() -> None:
    assert [short(name) for name in CODE if "TYPE_CHECKING" in CODE[name]] == []


def test_known_in_one_file_only() -> None:
    knowing: dict[str, set[str]] = {"graphviz": set(), "argparse": set(), "mpi4py": set()}
    for name in CODE:
        for each in imports(name, CODE):
            knowing.get(each.target.partition(".")[0], set()).add(name)
    assert {library: names for library, names in knowing.items() if len(names) != 1} == {}


@pytest.mark.parametrize("name", CODE)
def test_a_file_opens_with_a_sentence(name: str) -> None:
    docstring = ast.get_docstring(parsed(CODE[name]))
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
            {"engine.graph": "from ..surface.tensor import Tensor", "surface.tensor": ""},
            "engine.graph (line 1) imports tinygrad_rnn.surface.tensor: from floor 2 up to floor 3",
        ),
        (
            {"engine.graph": "def f():\n from ..surface import tensor", "surface.tensor": ""},
            "engine.graph (line 2) imports tinygrad_rnn.surface.tensor: from floor 2 up to floor 3",
        ),
        (
            {"ops.erf": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n from ..engine.graph import Node"},
            "ops.erf (line 3) imports tinygrad_rnn.engine.graph: from floor 1 up to floor 2",
        ),
        ({"ops.erf": "from ..numbers import dtypes", "numbers.dtypes": ""}, "they stand side by side"),
        ({"nn.cells": "from ..optim.sgd import a", "optim.sgd": ""}, "they stand side by side"),
        ({"lab.data.text": "from ..training.fit import a", "lab.training.fit": ""}, "from lab.data up to lab.training"),
        ({"surface.tensor": "from .. import tanh"}, "imports tinygrad_rnn: the front door is for those outside"),
        ({"nn": "", "nn.cells": "from . import Linear"}, "a folder's front door; name the module in it"),
        ({"surface.a": "from . import b", "surface.b": "from . import a"}, "a circle: "),
        (
            {"nonsense": "from .engine.graph import a", "engine.graph": ""},
            "one of them has no floor; add it to the table",
        ),
        (
            {"nn.cells": "import torch"},
            "nn.cells (line 1) imports torch outside a function, and it is an optional extra",
        ),
        ({"nn.cells": "import scipy.linalg"}, "imports scipy.linalg, which is no dependency"),
    ],
)
def test_breaches_are_found(files: dict[str, str], breach: str) -> None:
    found = list(broken_rules({PACKAGE: ""} | _named(files)))
    assert len(found) == 1 and breach in found[0], found


@pytest.mark.parametrize(
    "files",
    [
        {"surface.tensor": "from ..ops.erf import a\nfrom ..engine.graph import b", "ops.erf": "", "engine.graph": ""},
        {"ops.erf": "from ..engine.primitive import Primitive", "engine.primitive": ""},
        {"nn": "from .cells import a", "nn.cells": "from . import init\nfrom ..ops import T", "nn.init": "", "ops": ""},
        {"autograd": "from ..explain.flow import a", "autograd.check": "", "explain.flow": ""},
        {"lab.cli": "import argparse\nfrom .. import nn\nfrom ..viz import draw", "nn": "", "viz": ""},
        {"lab.demos.loop": "from ..training.fit import a", "lab.training.fit": "from ..data import b", "lab.data": ""},
        {"surface.tensor": "def f():\n import torch"},
    ],
)
def test_what_is_allowed(files: dict[str, str]) -> None:
    assert list(broken_rules({PACKAGE: ""} | _named(files))) == []


def _named(files: dict[str, str]) -> dict[str, str]:
    return {f"{PACKAGE}.{name}": code for name, code in files.items()}
