"""`tinygrad-rnn doctor`: whether everything is there that the program needs, and what would make it better."""

import os
import platform
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

import tinygrad_rnn as tg

from ...explain.report import WIDTH, terminal_width
from ...viz.render import ENGINE_VARIABLE, engine_path
from ..data.files import shown
from . import recipe
from .console import Console, Done, why
from .options import JSON, Command, Options

ESSENTIAL = ("numpy", "graphviz", "tqdm", "safetensors", "filelock")
OPTIONAL = {  # the extra that installs it, and what for
    "onnx": ("onnx", "tinygrad-rnn export"),
    "pyarrow": ("tables", "parquet files"),
    "python-calamine": ("tables", "workbooks"),
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well ("ok", "note", "missing"), and what was found."""

    what: str
    state: str
    found: str


def doctor(options: Options, console: Console) -> Done:
    """Looks at everything; the exit status is 1 if something essential is missing."""
    findings = [finding for look in LOOKS for finding in look()]
    for each in findings:
        start = f"{each.state:8}{each.what:18}"
        console.say(
            textwrap.fill(each.found, terminal_width(WIDTH), initial_indent=start, subsequent_indent=" " * len(start))
        )
    missing = [each.what for each in findings if each.state == "missing"]
    if missing:
        console.say(f"\nmissing: {', '.join(missing)}")
    return Done({"findings": [vars(each) for each in findings], "missing": missing}, 1 if missing else 0)


def _versions() -> Iterator[Finding]:
    yield Finding("tinygrad-rnn", "ok", f"{tg.__version__} in {Path(tg.__file__).parent}")
    python = f"{platform.python_version()} on {platform.platform(terse=True)}"
    yield Finding("Python", "ok" if sys.version_info >= (3, 11) else "missing", python)
    for name, use in {**dict.fromkeys(ESSENTIAL), **OPTIONAL}.items():
        try:
            yield Finding(name, "ok", version(name))
        except PackageNotFoundError:
            cure = (
                f'for {use[1]}: pip install "tinygrad-rnn[{use[0]}]"' if use else f"not installed: pip install {name}"
            )
            yield Finding(name, "note" if use else "missing", cure)


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", timeout=20, check=False)


def _graphviz() -> Iterator[Finding]:
    try:
        program = engine_path()
    except RuntimeError as error:
        yield Finding("graphviz engine", "missing", str(error))
        return
    try:
        said = _run(program, "-V")
        text = " ".join((said.stderr or said.stdout).split())
    except (OSError, subprocess.SubprocessError) as error:
        text = f"does not say its version ({why(error) if isinstance(error, OSError) else type(error).__name__})"
    asked = f", by ${ENGINE_VARIABLE}" if os.environ.get(ENGINE_VARIABLE) else ""
    yield Finding("graphviz engine", "ok", f"{program}{asked}: {shown(text, 60)}")
    x = tg.tensor(1.0, requires_grad=True)
    with tempfile.TemporaryDirectory() as folder:
        for kind, needed in (("svg", True), ("png", False), ("pdf", False)):
            try:
                path = Path(folder) / f"x.{kind}"
                tg.draw(x * x).save(path)
                yield Finding(f"pictures as {kind.upper()}", "ok", f"{path.stat().st_size} bytes drawn")
            except (OSError, RuntimeError, ValueError) as error:
                yield Finding(f"pictures as {kind.upper()}", "missing" if needed else "note", str(error))


def _fonts() -> Iterator[Finding]:
    """SVG is drawn with the reader's fonts; PNG and PDF with those of this machine."""
    try:
        name = " ".join(_run("fc-match", "Helvetica").stdout.split())
    except (OSError, subprocess.SubprocessError):
        name = ""
    unknown = "fc-match does not say; SVG needs none here, PNG and PDF may look different elsewhere"
    yield Finding("fonts", "ok" if name else "note", name or unknown)


def _writing() -> Iterator[Finding]:
    for what, folder in (("this folder", Path.cwd()), ("temporary files", Path(tempfile.gettempdir()))):
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
            yield Finding(what, "ok", f"{shown(folder, 60)} can be written to")
        except OSError as error:
            yield Finding(what, "missing", f"{shown(folder, 60)} cannot be written to: {why(error)}")


def _threads() -> Iterator[Finding]:
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found = f"{blas.get('name', 'unknown')} {blas.get('version', '')}, {processors} processors"
    used = tg.get_num_threads()  # 1 also where BLAS does not say
    if recipe.asked() or processors == 1:
        yield Finding("BLAS threads", "ok", ", ".join([found, *recipe.asked()]))
    elif used > 1:
        one = f"train uses one of its {used} threads below {recipe.LARGE} hidden units, where several only wait"
        yield Finding("BLAS threads", "ok", f"{found}; {one}; {recipe.VARIABLES[0]}=N asks for others")
    else:
        hint = "small networks train faster with one thread, most of all on a busy machine: set"
        yield Finding("BLAS threads", "note", f"{found}; {hint} {' or '.join(recipe.VARIABLES)}=1")


LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (_versions, _graphviz, _fonts, _writing, _threads)

# fmt: off
COMMAND = Command("doctor", doctor, "whether everything is there that the program needs", (JSON,),
    "  tinygrad-rnn doctor",
    "Looks for versions, the program that draws, fonts, write permissions and BLAS threads. The exit status is 1 "
    "if something essential is missing.")
# fmt: on
