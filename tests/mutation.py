"""Do the tests notice? Small faults are put into the engine one at a time, and the tests of their files are run.

    python tests/mutation.py [--mutants 20] [--seed 0] [--only surface/reduction.py] [--seconds 60] [--dry]

A fault is another operator, comparison or number, a dropped `not` or minus, `and` for `or`, True for False (defaults of
arguments among them). Which ones is drawn from the seed. Everything happens in a copy of the project. A fault is killed
when a test fails or the time is over; one that survives is a gap in the tests, or changes nothing that can be seen.
"""

from __future__ import annotations

import argparse
import ast
import itertools
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

ROOT = Path(__file__).parents[1]
PACKAGE = "tinygrad_rnn"
#: Which tests belong to the files of a folder, those that fail soonest first.
TESTS = {
    "engine": ["tests/autograd", "tests/test_core.py", "tests/nn/test_folds.py", "tests/ops", "tests/test_contract.py"],
    "ops": ["tests/ops", "tests/autograd/test_formula.py", "tests/nn/test_functional.py", "tests/test_contract.py"],
    "surface": ["tests/ops", "tests/test_contract.py", "tests/test_errors.py", "tests/autograd"],
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclass(frozen=True)
class Mutant:
    """One fault: the file, the line, what is changed in it in a few words, and the file's text with it."""

    file: str
    line: int
    change: str
    text: str

    @property
    def tests(self) -> list[str]:
        """The tests that belong to the file."""
        return TESTS[self.file.split("/")[1]]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.change}"


def other(node: ast.AST) -> Iterator[ast.expr]:
    """What could stand in the place of an expression by mistake."""
    match node:
        case ast.BinOp(left, op, right) if type(op) in OPERATORS:
            yield ast.BinOp(left, OPERATORS[type(op)](), right)
        case ast.Compare(left, [op, *rest], comparators):
            yield ast.Compare(left, [COMPARISONS[type(op)](), *rest], comparators)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield operand
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() | float() as value):
            yield ast.Constant(value + 1)


def places(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions of a file that are run: no annotations, no parts of texts and of what is raised."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns") or isinstance(node, ast.Raise | ast.JoinedStr):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                if isinstance(child, ast.expr):
                    yield child
                yield from places(child)


def mutants_of(file: str, text: str) -> Iterator[Mutant]:
    """Every fault that can be put into a file."""
    code = text.encode()
    starts = [0, *itertools.accumulate(len(line) for line in code.splitlines(keepends=True))]
    for node in sorted(places(ast.parse(text)), key=lambda node: (node.lineno, node.col_offset)):
        assert node.end_lineno is not None and node.end_col_offset is not None
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        for new in other(node):
            after = f"({ast.unparse(new)})".encode()
            head, before, tail = (
                piece.decode()
                for piece in (
                    code[starts[node.lineno - 1] : begin],
                    code[begin:end],
                    code[end : starts[node.end_lineno]],
                )
            )
            words = f"{head[-30:]}[{before[:70]} => {ast.unparse(new)[:70]}]{tail[:30]}"
            yield Mutant(file, node.lineno, " ".join(words.split()), (code[:begin] + after + code[end:]).decode())


def sample(root: Path, count: int, seed: int, only: str = "") -> list[Mutant]:
    """So many faults, drawn from the seed."""
    files = sorted(path for folder in TESTS for path in (root / PACKAGE / folder).rglob("*.py"))
    names = {path.relative_to(root).as_posix(): path for path in files}
    every = [
        mutant
        for name, path in names.items()
        if only in name
        for mutant in mutants_of(name, path.read_text(encoding="utf-8"))
    ]
    return random.Random(seed).sample(every, min(count, len(every)))


def copy(folder: Path) -> None:
    """The project, as far as tests need it."""
    for name in (PACKAGE, "tests", "docs", "examples"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "pictures", "golden"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder / name)


def verdict(folder: Path, tests: list[str], seconds: float) -> tuple[str, str]:
    """What the tests say of the copy, "survived" if they pass, and the last of what pytest printed."""
    # Compiled files are told apart by their seconds and sizes, which a fault may not change.
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    options = ["-x", "-q", "-o", "markers=slow", "-m", "not slow", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command = [sys.executable, "-m", "pytest", *options, *tests]
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return "killed by time", ""
    return "survived" if done.returncode == 0 else "killed", done.stdout[-2000:]


def baseline(folder: Path, mutants: list[Mutant]) -> float:
    """The seconds of all the tests, which must pass without a fault."""
    tests = list(dict.fromkeys(path for mutant in mutants for path in mutant.tests))
    began = time.monotonic()
    result, printed = verdict(folder, tests, 3600)
    if result != "survived":
        raise SystemExit(f"without any fault a test fails, so that the tests say nothing:\n{printed}")
    taken = time.monotonic() - began
    tqdm.write(f"without a fault: {taken:.0f} s for {' '.join(tests)}")
    return taken


def main() -> None:
    """Try the mutants and say what became of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=20, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", metavar="WORD", help="only files with this in their path")
    parser.add_argument("--seconds", type=float, help="limit for each; twice what sound tests take, if not given")
    parser.add_argument("--dry", action="store_true", help="say what would be tried")
    options = parser.parse_args()
    mutants = sample(ROOT, options.mutants, options.seed, options.only)
    if options.dry:
        print(*mutants, sep="\n")
        return
    found = Counter[str]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy(folder)
        try:
            sound = baseline(folder, mutants)
            seconds = options.seconds or 2 * sound
            for mutant in tqdm(mutants, disable=None):
                path = folder / mutant.file
                as_it_is = path.read_text(encoding="utf-8")
                path.write_text(mutant.text, encoding="utf-8")
                result, _ = verdict(folder, mutant.tests, seconds)
                path.write_text(as_it_is, encoding="utf-8")
                found[result] += 1
                tqdm.write(f"{result:14} {mutant}")
        except KeyboardInterrupt:
            print("stopped")
    print(f"{found.total()} faults: {', '.join(f'{n} {what}' for what, n in found.most_common())}; seed {options.seed}")


if __name__ == "__main__":
    main()
