"""Runs a script that was written for PyTorch with a library of one's choice: only its import statements change."""

from __future__ import annotations

import ast
import contextlib
import io
import re
from pathlib import Path
from typing import Any

__all__ = ["SCRIPTS", "numbers_in", "printed_by", "translated", "words_in"]

FOLDER = Path(__file__).parent / "pytorch"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py"))
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|nan|inf)(?!\w)")


class Imports(ast.NodeTransformer):
    """`import torch.nn as nn` becomes `import tinygrad_rnn.nn as nn`, and `import torch` keeps its name."""

    def __init__(self, library: str) -> None:
        self.library = library

    def renamed(self, name: str) -> str:
        """The name of a module in the other library."""
        top, dot, rest = name.partition(".")
        return f"{self.library}{dot}{rest}" if top == "torch" else name

    def visit_Import(self, node: ast.Import) -> Any:
        modules: list[ast.alias] = []
        for alias in node.names:
            if alias.name != "torch":
                modules.append(ast.alias(self.renamed(alias.name), alias.asname))
            if alias.name == "torch" or (alias.name.startswith("torch.") and alias.asname is None):
                modules.append(ast.alias(self.library, alias.asname or "torch"))
        node.names = modules
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        node.module = self.renamed(node.module or "")
        return node


def translated(source: str, library: str) -> ast.Module:
    """The script with `torch` replaced by `library` in its import statements."""
    module: ast.Module = Imports(library).visit(ast.parse(source))
    return ast.fix_missing_locations(module)


def printed_by(script: str, library: str) -> str:
    """What the script prints when it runs with the library."""
    path = FOLDER / f"{script}.py"
    code = compile(translated(path.read_text(encoding="utf-8"), library), str(path), "exec")
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(code, {"__name__": "__main__", "__file__": str(path)})
    return output.getvalue()


def numbers_in(text: str) -> list[float]:
    """All numbers in a text."""
    return [float(number) for number in NUMBER.findall(text)]


def words_in(text: str) -> str:
    """The text with a sign in the place of every number; types are called float32 or torch.float32."""
    return NUMBER.sub("#", text).replace("torch.", "")
