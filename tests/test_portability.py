"""What the sources may not take for granted: an encoding, a folder, a module or a call that some systems lack."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(each for folder in ("tinygrad_rnn", "examples", "docs") for each in (ROOT / folder).rglob("*.py"))
LACKED = {"fcntl", "grp", "msvcrt", "pty", "pwd", "resource", "select", "termios", "winreg"}
OF_POSIX = {"fork", "forkpty", "geteuid", "killpg", "mkfifo", "posix_spawn", "setsid"}
ASKED_FOR = {"O_DIRECTORY", "getuid", "sched_getaffinity"}  # with hasattr
PLACES = ("/tmp", "/var/", "/dev/", "/home/", "C:")
OURS = {"data"}  # data.read_text reads UTF-8


def texts(call: ast.Call) -> str:
    """The name of what is called if that opens a file as text, else ""."""
    match call.func:
        case ast.Name(id="open"):
            name, modes = "open", call.args[1:2]
        case ast.Attribute(value=ast.Name(id="os" | "io" | "gzip")):
            return ""
        case ast.Attribute(attr="read_text" | "write_text" as name, value=value):
            return "" if isinstance(value, ast.Name) and value.id in OURS else name
        case ast.Attribute(attr="open", value=ast.Call() | ast.BinOp() | ast.Name(id="path" | "file" | "target")):
            name, modes = "open", call.args[:1]
        case _:
            return ""
    modes = [*modes, *(each.value for each in call.keywords if each.arg == "mode")]
    return "" if any(isinstance(each, ast.Constant) and "b" in str(each.value) for each in modes) else name


def breaches(code: str) -> Iterator[str]:
    """What is not so everywhere, each with its line."""
    for node in ast.walk(ast.parse(code)):
        found = ""
        match node:
            case ast.Import(names=names) if {each.name.partition(".")[0] for each in names} & LACKED:
                found = "a module that some systems lack"
            case ast.ImportFrom(module=str(module), level=0) if module.partition(".")[0] in LACKED:
                found = "a module that some systems lack"
            case ast.Attribute(value=ast.Name(id="os"), attr=attr):
                if attr in OF_POSIX or (attr in ASKED_FOR and f'hasattr(os, "{attr}")' not in code):
                    found = f"os.{attr}, which some systems lack"
            case ast.Constant(value=str(text)) if text.startswith(PLACES):
                found = f"the place {text!r}"
            case ast.Call():
                given = {each.arg for each in node.keywords}
                if "encoding" not in given and (
                    texts(node) or ("text" in given and given & {"capture_output", "check", "stdout"})
                ):
                    found = f"{texts(node) or 'a program'} without an encoding"
        if found:
            yield f"line {getattr(node, 'lineno', 0)}: {found}"


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_is_of_one_system_only(file: Path) -> None:
    assert list(breaches(file.read_text(encoding="utf-8"))) == []


def test_a_program_does_nothing_when_a_worker_process_imports_it() -> None:
    code = (ROOT / "tinygrad_rnn" / "__main__.py").read_text(encoding="utf-8")
    assert 'if __name__ == "__main__":' in code


@pytest.mark.parametrize(
    ("code", "breach"),
    [
        ("open('a')", "open without an encoding"),
        ("open('a', mode='w')", "open without an encoding"),
        ("Path('a').open()", "open without an encoding"),
        ("path.write_text('b')", "write_text without an encoding"),
        ("run(['dot'], text=True, check=True)", "a program without an encoding"),
        ("import fcntl", "a module that some systems lack"),
        ("from select import poll", "a module that some systems lack"),
        ("os.fork()", "os.fork, which some systems lack"),
        ("os.open('a', os.O_DIRECTORY)", "os.O_DIRECTORY, which some systems lack"),
        ("Path('/tmp/a')", "the place '/tmp/a'"),
    ],
)
def test_breaches_are_found(code: str, breach: str) -> None:
    assert list(breaches(code)) == [f"line 1: {breach}"]


@pytest.mark.parametrize(
    "code",
    [
        "open('a', 'rb')",
        "open('a', encoding='utf-8')",
        "path.read_text(encoding='utf-8')",
        "data.read_text('words.txt')",
        "os.open(os.devnull, os.O_WRONLY)",
        'if hasattr(os, "O_DIRECTORY"):\n os.open("a", os.O_DIRECTORY)',
    ],
)
def test_what_is_right(code: str) -> None:
    assert list(breaches(code)) == []
