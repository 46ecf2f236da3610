"""Rendering: which program draws, what happens when it cannot, and files that are whole or not there."""

import os
import shutil
import stat
import sys
from pathlib import Path

import pytest

from tests.viz import models
from tests.viz.inside import ENGINE_VARIABLE, engine_path, render, write
from tests.viz.inside import render_module as module
from tinygrad_rnn.viz import draw

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs are made from shell scripts here")

GRAPH = "digraph { a -> b }"


def program(folder: Path, name: str, script: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.fixture
def empty_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with one empty folder, and a Python that has no scripts beside it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv(ENGINE_VARIABLE, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere" / "python"))
    return folder


def test_the_order_in_which_programs_are_taken(empty_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError, match="pip install graphviz-pure"):
        engine_path()
    scripts = Path(sys.executable).parent
    scripts.mkdir()
    beside = program(scripts, "graphviz-pure", "")
    assert engine_path() == beside
    pure = program(empty_path, "graphviz-pure", "")
    assert engine_path() == pure
    dot = program(empty_path, "dot", "")
    assert engine_path() == dot
    mine = program(scripts, "mine", "")
    monkeypatch.setenv(ENGINE_VARIABLE, mine)
    assert engine_path() == mine
    assert engine_path("graphviz-pure") == pure
    assert engine_path(Path(dot)) == dot


def test_a_program_that_is_not_there(empty_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError, match="engine='nosuch'"):
        engine_path("nosuch")
    monkeypatch.setenv(ENGINE_VARIABLE, "/nosuch/dot")
    with pytest.raises(RuntimeError, match=r"\$TINYGRAD_RNN_DOT"):
        engine_path()


def test_text_can_be_saved_without_any_program(empty_path: Path, tmp_path: Path) -> None:
    picture = draw(models.rnn(steps=1))
    assert "Picture" in repr(picture)
    picture.save(tmp_path / "a.dot")
    assert (tmp_path / "a.dot").read_text() == picture.dot
    with pytest.raises(RuntimeError, match=r"picture\.save\('picture\.dot'\)"):
        picture.save(tmp_path / "a.svg")
    assert not (tmp_path / "a.svg").exists()


def test_the_program_gets_the_text_and_no_shell(tmp_path: Path) -> None:
    spy = program(tmp_path, "spy", f'echo "$@" > {tmp_path}/args\ncat > {tmp_path}/text\necho drawn')
    assert render(GRAPH, "svg", placed=True, engine=spy) == b"drawn\n"
    assert (tmp_path / "args").read_text().split() == ["-Kneato", "-Tsvg", "-n2"]
    assert (tmp_path / "text").read_text() == GRAPH
    render(GRAPH, "png", placed=False, engine=program(tmp_path, "spy", f'echo "$@" >> {tmp_path}/args\ncat'), dpi=192)
    assert (tmp_path / "args").read_text().split()[3:] == ["-Kdot", "-Tdot", "-Kneato", "-Tpng", "-n2", "-Gdpi=192"]


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    broken = program(tmp_path, "broken", "echo something is wrong >&2\nexit 3")
    with pytest.raises(RuntimeError, match="something is wrong"):
        render(GRAPH, "svg", placed=False, engine=broken)
    silent = program(tmp_path, "silent", "exit 0")
    with pytest.raises(RuntimeError, match="it wrote nothing"):
        render(GRAPH, "svg", placed=False, engine=silent)


def test_a_program_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIME_LIMIT", 0.2)
    slow = program(tmp_path, "slow", "exec sleep 5")
    with pytest.raises(TimeoutError, match="shorter window"):
        render(GRAPH, "svg", placed=False, engine=slow)


def test_pdf_without_the_systems_graphviz() -> None:
    with pytest.raises(RuntimeError, match="PDF: that needs the system's graphviz"):
        render(GRAPH, "pdf", placed=False, engine=shutil.which("graphviz-pure", path=scripts()))


def test_pdf_by_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("svglib")
    picture = draw(models.rnn(steps=2), engine=shutil.which("graphviz-pure", path=scripts()))
    assert picture.save(tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    monkeypatch.setitem(sys.modules, "svglib.svglib", None)
    with pytest.raises(RuntimeError, match="pip install svglib"):
        picture.save(tmp_path / "a.pdf")


def scripts() -> str:
    return os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.svg"
    write(target, b"one")
    assert target.read_bytes() == b"one"
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~mask

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write(target, b"two")
    assert target.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["a.svg"]


@pytest.mark.parametrize("where", ["missing/a.svg", "file/a.svg", "folder"])
def test_a_place_that_cannot_be_written_to(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="cannot write the picture to") as caught:
        write(tmp_path / where, b"")
    assert "\n" not in str(caught.value)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]
