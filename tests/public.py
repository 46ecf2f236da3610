"""Which names are public: `python -m tests.public` writes them to `tests/public.txt`, and a test compares.

A module's public names are its `__all__`; without one they are those that a type checker lets others import from it:
what it defines, what it imports under the same name (`from .a import b as b`), and all that a star brings in.
"""

import ast
import importlib
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from types import ModuleType

LIST = Path(__file__).with_name("public.txt")
PACKAGE = "tinygrad_rnn"
# As users write them after `tinygrad_rnn.`; of the classes every attribute is listed, inherited or not.
MODULES = (
    "autograd",
    "autograd.forward_ad",
    "autograd.functional",
    "distributed",
    "distributions",
    "func",
    "lab.data",
    "lab.exercises",
    "lab.training",
    "linalg",
    "nn",
    "nn.functional",
    "nn.init",
    "nn.parallel",
    "nn.utils",
    "nn.utils.parametrizations",
    "nn.utils.rnn",
    "onnx",
    "optim",
    "optim.lr_scheduler",
    "special",
    "utils",
    "utils.checkpoint",
    "utils.data",
    "viz",
)
CLASSES = ("Tensor", "nn.Module", "optim.Optimizer")


def exported(module: ModuleType) -> set[str]:
    """The public names of one module."""
    stated = getattr(module, "__all__", None)
    if stated is not None:
        return set(stated)
    source = Path(module.__file__ or "").read_text(encoding="utf-8")
    found = {name for statement in ast.parse(source).body for name in _brought(statement, module)}
    return {name for name in found if not name.startswith("_")}


def _brought(statement: ast.stmt, module: ModuleType) -> Iterator[str]:
    """The names that one statement at the top of a module makes public, private ones among them."""
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            for target in targets:
                yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.ImportFrom(module=origin, level=level, names=[ast.alias(name="*")]):
            yield from exported(importlib.import_module("." * level + (origin or ""), module.__package__))
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from (alias.name for alias in names if alias.asname == alias.name)


def public() -> list[str]:
    """All public names by their full paths, sorted, the modules and classes of the two tables among them."""
    root = importlib.import_module(PACKAGE)
    for name in ("lab.data", "lab.exercises", "lab.training"):  # what `import tinygrad_rnn` does not load
        importlib.import_module(f"{PACKAGE}.{name}")
    found = {f"{PACKAGE}.{name}" for name in exported(root)}
    for name in MODULES:
        found |= {f"{PACKAGE}.{name}.{each}" for each in exported(attrgetter(name)(root))}
    for name in CLASSES:
        kind = attrgetter(name)(root)
        found |= {f"{PACKAGE}.{name}.{each}" for each in dir(kind) if not each.startswith("_") and hasattr(kind, each)}
    return sorted(found)


if __name__ == "__main__":
    LIST.write_text("\n".join(public()) + "\n", encoding="utf-8")
