"""Command lines and damaged files made at random, always the same for a seed: whatever comes, a command ends properly.

`python -m tests.cli.fuzz lines 2000` and `python -m tests.cli.fuzz files 2000` try so many and say what went wrong.
"""

import contextlib
import io
import os
import random
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tinygrad_rnn.lab.cli import main
from tinygrad_rnn.lab.cli.command import COMMANDS
from tinygrad_rnn.lab.cli.options import Option

ROWS = "".join(f"2024-01-{day:02d},{day},{day + 0.5}\n" for day in range(1, 26))
FILES = {"good.csv": f"date,open,close\n{ROWS}", "good.txt": "the cat sat on the mat and the dog ran . " * 12}
RUNS = {"numbers": "good.csv", "words": "good.txt"}
SMALL = ["--epochs", "1", "--picture", "none", "--quiet"]

# Values that are wrong for nearly every option, and right for some.
VALUES = (
    *(
        "--",
        "",
        "-",
        "-1",
        "-9",
        "-0",
        "0",
        "1",
        "3",
        "0.1",
        "1e9999",
        "-1e-5",
        "-inf",
        "nan",
        "1_000",
        "0x10",
        "\u0663",
    ),
    *(
        "9" * 5000,
        "1" * 400,
        "1" + "0" * 30,
        "a" * 5000,
        "/" * 300,
        "a\0b",
        "\0",
        "\udcff",
        "\ud800",
        "\u22125",
        "\x1b[31m",
    ),
    *("=", "\n", "none", "%s", "{0}", "%(prog)s", "$HOME", "~", ".", "/", "/dev/null", "/proc/self/mem", "--hidden"),
    *(
        "tanh",
        "rnn",
        "lstm",
        "sgd",
        "yes",
        "char",
        "comma",
        "the cat",
        "a.svg",
        "a.html",
        "a.onnx",
        "close",
        "%Y-%m-%d",
    ),
    *("good.csv", "good.txt", "numbers", "words", "nothing", "numbers/config.json"),
)
SLOW = {"doctor"}  # starts programs, and takes no values
TOO_MUCH = {"--hidden", "--layers", "--sample", "--count", "--epochs"}  # a right value that is large only takes long
DEMOS = ("loop", "order", "activations")


def desk(folder: Path) -> None:
    """Two files, and a small run of each."""
    for name, text in FILES.items():
        (folder / name).write_text(text)
    for run, file in RUNS.items():
        assert ended(["train", file, "--hidden", "3", "--flow", "1", "--run", run, *SMALL])[0] == 0


def ended(arguments: list[str]) -> tuple[int, str]:
    """The exit status and standard error of a command, run here."""
    out, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        try:
            status = main(arguments)
        except SystemExit as end:
            status = int(end.code or 0)
    return status, error.getvalue()


def fault(arguments: list[str]) -> str:
    """What is wrong with how it ends, "" if nothing is."""
    try:
        status, error = ended(arguments)
    except BaseException:
        return traceback.format_exc(limit=-3)
    if status in (0, 1) or (status == 2 and error.count("\n") == 1 and error.startswith("tinygrad-rnn: ")):
        return ""
    return f"status {status}, {error!r}"


def value_for(option: Option[Any], choose: random.Random) -> str:
    """The default now and then, else anything, but not what would only take long."""
    if option.default is not None and choose.random() < 0.4:
        return str(option.default)
    value = choose.choice(VALUES)
    return "2" if option.name in TOO_MUCH and value.isdecimal() and int(value[:9]) > 3 else value


def lines(seed: int, most: int) -> Iterator[list[str]]:
    """So many command lines: of every command, with some of its options, and now and then something foreign."""
    choose = random.Random(seed)
    commands = [each for each in COMMANDS if each.name not in SLOW]
    for _ in range(most):
        command = choose.choice([*commands, COMMANDS[0], COMMANDS[0], COMMANDS[0]])  # training has most options
        run = choose.choice([*RUNS])
        file = "a.onnx" if command.name == "export" else RUNS[run]
        right = {"run": run, "file": file, "name": choose.choice(DEMOS), "names": "tanh"}
        line = []
        named = {each.name: each for each in command.options if each.name.startswith("--")}
        for option in command.options:
            if option.name in right:
                value = right[option.name] if choose.random() < 0.85 else value_for(option, choose)
                line.append("loop" if option.name == "name" and value in ("", "--") else value)
        for option in choose.choices([*named.values()], k=choose.randrange(4)):
            if option.convert is bool and choose.random() < 0.9:
                line.append(option.name)
            elif option.name != "--resume" or choose.random() < 0.3:
                value = value_for(option, choose)
                line += [f"{option.name}={value}"] if choose.random() < 0.4 else [option.name, value]
        if choose.random() < 0.15:
            line.insert(choose.randrange(len(line) + 1), choose.choice(["--", "--hiden", "-x", "--help", "--version"]))
        for name, value in (("--epochs", "1"), ("--picture", "none")):
            if name in named and not any(each.startswith(name) for each in line):
                line += [name, value]
        yield [command.name, *line]


def damaged(content: bytes, choose: random.Random) -> bytes:
    """The content with some bits flipped, or cut, doubled, emptied, or with something else in its middle."""
    spoilt, size = bytearray(content), len(content)
    way = choose.randrange(6)
    if way < 2:
        for _ in range(choose.choice([1, 1, 3, 20])):
            spoilt[choose.randrange(size)] ^= 1 << choose.randrange(8)
    elif way == 2:
        del spoilt[choose.randrange(size) :]
    elif way == 3:
        at = choose.randrange(size)
        del spoilt[at : at + choose.choice([1, 4, 50])]
    elif way == 4:
        at = choose.randrange(size)
        spoilt[at:at] = choose.choice([b"\0" * 8, b"[" * 3000, b"9" * 400, b'"', b"}", b"\xff\xfe", b"-1", b"null"])
    else:
        at = choose.randrange(size)
        spoilt[at : at + 8] = choose.randbytes(8)
    return bytes(spoilt)


# Every file of a run that something reads, and what reads it.
READERS = {
    "config.json": (["evaluate", "{run}", "{file}"], ["train", "--resume", "{run}", "--quiet"], ["predict", "{run}"]),
    "checkpoint.safetensors": (["draw", "{run}", "--picture", "none"], ["train", "--resume", "{run}", "--quiet"]),
    "log.jsonl": (["train", "--resume", "{run}", "--quiet", "--picture", "none"],),
    "flow.jsonl": (["train", "--resume", "{run}", "--quiet", "--picture", "none"],),
    "{file}": (["train", "{file}", *SMALL], ["predict", "{run}", "{file}"], ["evaluate", "{run}", "{file}"]),
}


def try_lines(seed: int, most: int, folder: Path) -> list[tuple[list[str], str]]:
    """The command lines that end badly, and how."""
    with contextlib.chdir(folder):
        desk(folder)
        return [(line, wrong) for line in lines(seed, most) if (wrong := fault(line))]


def try_files(seed: int, most: int, folder: Path) -> list[tuple[list[str], str]]:
    """The damaged files that a command ends badly on, and how."""
    choose, found = random.Random(seed), []
    with contextlib.chdir(folder):
        desk(folder)
        for number in range(most):
            run = choose.choice([*RUNS])
            where = choose.choice([*READERS])
            copy = f"damaged{number}"
            shutil.copytree(run, copy)
            file, names = RUNS[run], {"run": copy, "file": f"{number}{RUNS[run]}"}
            shutil.copy(file, names["file"])
            path = Path(names["file"] if where == "{file}" else f"{copy}/{where}")
            path.write_bytes(damaged(path.read_bytes(), choose))
            line = [each.format(**names) for each in choose.choice(READERS[where])]
            if wrong := fault(line):
                found.append(([*line, f"seed {seed}, file {number}, {path.name}"], wrong))
            shutil.rmtree(copy, ignore_errors=True)
            os.remove(names["file"])
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        tries = {"lines": try_lines, "files": try_files}[sys.argv[1]]
        faults = tries(int((sys.argv[3:] or ["0"])[0]), int(sys.argv[2]), Path(place))
    for line, wrong in faults:
        print(str(line)[:300], wrong, sep="\n")
    print(f"{len(faults)} of {sys.argv[2]} ended badly")
