"""The fenced blocks of a Markdown file: finds them, and runs those a reader would copy.

`python -m tests.blocks run FILE` runs every block of one document in the order of the page, in the current folder:

* ```python blocks share one namespace. `# prints: TEXT` after a statement says what the block's output holds, line by
  line (`...` stands for anything); blocks with `>>>` are checked as doctest checks them.
* ```console blocks: each line `$ COMMAND` runs in a shell and must exit with status 0; lines below it, if there are
  any, are its output (`...` stands for anything).
* `<!-- not run: REASON -->` on the line before a block leaves it out; `<!-- exit status: N -->` says that its last
  command fails with N.

`python3 -m tests.blocks commands FILE NUMBER` prints the commands of one console block of the file, counted from 1.
It needs nothing but the standard library, so that it works before anything is installed.
"""

import contextlib
import doctest
import io
import os
import re
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Commands that install or check the project itself: .ci/run does that, once and in an environment made for it.
LEFT_TO_CI = re.compile(r"(pip|pytest|ruff|mypy|git|cd|source|\.|python3? -m (venv|pip|pytest)|(bash )?\.ci/run)( |$)")
HERE = re.compile(r"(tinygrad-rnn|python3?|cat|head|ls)( |$)")
_FENCE = re.compile(r"( *)(`{3,})(\w*|\{[\w-]+\}) *$")
_EXPECTED = re.compile(r"#\s*prints:\s?(.*)$")
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """One fenced block. line: the line of its first line of text in the document; marker: the comment before it."""

    language: str
    text: str
    line: int
    marker: str = ""


@dataclass(frozen=True)
class Command:
    """One `$ ` line of a console block and the output shown below it."""

    text: str
    output: str
    line: int


def blocks(document: Path) -> Iterator[Block]:
    """The fenced blocks of a Markdown file, in order."""
    lines = iter(enumerate(document.read_text(encoding="utf-8").splitlines(), start=1))
    marker = ""
    for _, line in lines:
        opening = _FENCE.fullmatch(line)
        if not opening:
            marker = line.strip() if line.strip() else marker
            continue
        indent, fence, language = opening.groups()
        body: list[str] = []
        start = 0
        for number, inner in lines:
            start = start or number
            if inner.strip() == fence:
                break
            body.append(inner.removeprefix(indent))
        else:
            raise ValueError(f"{document.name}: the block that opens before line {start} is never closed")
        comment = re.fullmatch(r"<!-- (.*) -->", marker)
        yield Block(language, "\n".join(body) + "\n", start, comment[1] if comment else "")
        marker = ""


def commands(block: Block) -> list[Command]:
    """The commands of a console block; a line that ends in a backslash goes on in the next."""
    found: list[Command] = []
    lines = block.text.splitlines()
    i = 0
    while i < len(lines):
        if not lines[i].startswith("$ "):
            raise ValueError(f"line {block.line + i}: output before the first `$ ` of a console block")
        start, text = i, lines[i][2:]
        while text.endswith("\\"):
            i += 1
            text = text[:-1].rstrip() + " " + lines[i].removeprefix(">").strip()
        i += 1
        output = []
        while i < len(lines) and not lines[i].startswith("$ "):
            output.append(lines[i])
            i += 1
        found.append(Command(text, "\n".join(output), block.line + start))
    return found


def run(document: Path) -> None:
    """Runs all blocks of a document; the first that does not do what the page says ends it with an AssertionError."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with shell() as environment:
        for block in blocks(document):
            if block.marker.startswith("not run:"):
                assert block.marker.removeprefix("not run:").strip(), f"line {block.line}: say why it is not run"
            elif block.language == "python":
                run_python(block, document.name, namespace)
            elif block.language == "console":
                run_console(block, document.name, environment)


def run_python(block: Block, name: str, namespace: dict[str, Any]) -> None:
    """Runs one python block and compares what it prints with what the page says it prints."""
    if re.search(r"^\s*>>> ", block.text, re.MULTILINE):
        test = doctest.DocTestParser().get_doctest(block.text, namespace, name, name, block.line - 1)
        runner = doctest.DocTestRunner(verbose=False, optionflags=_FLAGS)
        report = io.StringIO()
        runner.run(test, out=report.write, clear_globs=False)
        namespace.update(test.globs)
        assert runner.summarize(verbose=False).failed == 0, report.getvalue()
        return
    code = compile("\n" * (block.line - 1) + block.text, name, "exec")  # tracebacks show the document's own lines
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, namespace)
    rest = printed.getvalue().splitlines()
    for number, line in enumerate(block.text.splitlines(), start=block.line):
        promised = _EXPECTED.search(line)
        if promised:
            found = next((i for i, each in enumerate(rest) if same(promised[1], each)), None)
            assert found is not None, (
                f"{name}, line {number}: the page says it prints\n    {promised[1]}\nand the block printed\n    "
                + "\n    ".join(printed.getvalue().splitlines())
            )
            rest = rest[found + 1 :]


def run_console(block: Block, name: str, environment: dict[str, str]) -> None:
    """Runs the commands of one console block that are meant for the reader's own data."""
    status = re.fullmatch(r"exit status: (\d+)", block.marker)
    every = commands(block)
    for command in every:
        where = f"{name}, line {command.line}: $ {command.text}"
        if LEFT_TO_CI.match(command.text):
            continue
        assert HERE.match(command.text), f"{where}\nis no command the tests know how to run (see tests/blocks.py)"
        done = subprocess.run(
            ["bash", "-c", command.text], capture_output=True, text=True, env=environment, timeout=300, check=False
        )
        wanted = int(status[1]) if status and command is every[-1] else 0
        assert done.returncode == wanted, f"{where}\nexit status {done.returncode}\n{done.stdout}{done.stderr}"
        printed = done.stdout + done.stderr if wanted else done.stdout
        assert not command.output or same(command.output, printed), (
            f"{where}\nthe page shows\n{command.output}\nand it printed\n{printed}"
        )


def same(expected: str, actual: str) -> bool:
    """Whether the output is as the page has it: `...` stands for anything, runs of blanks are one."""
    return doctest.OutputChecker().check_output(expected.rstrip() + "\n", actual.rstrip() + "\n", _FLAGS)


@contextlib.contextmanager
def shell() -> Iterator[dict[str, str]]:
    """An environment in which `tinygrad-rnn` and `python` are this checkout and this interpreter, warnings errors."""
    root = Path(__file__).resolve().parents[1]
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in {
            "tinygrad-rnn": "-c 'import sys; from tinygrad_rnn.lab.cli import main; sys.exit(main())'",
            "python": "",
            "python3": "",
        }.items():
            script = Path(folder) / name
            script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -W error {arguments} "$@"\n')
            script.chmod(script.stat().st_mode | stat.S_IEXEC)
        path = folder + os.pathsep + str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
        yield os.environ | {"PATH": path, "PYTHONPATH": str(root), "COLUMNS": "100"}


def main(action: str, file: str, number: str = "1") -> None:
    """The two actions of the command line above."""
    if action == "run":
        run(Path(file))
    elif action == "commands":
        console = [block for block in blocks(Path(file)) if block.language == "console"]
        for command in commands(console[int(number) - 1]):
            print(command.text)
    else:
        raise SystemExit(f"no action '{action}'; use run or commands")


if __name__ == "__main__":
    main(*sys.argv[1:])
