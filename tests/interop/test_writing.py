"""How save writes: all or nothing, with the right permissions, and never over what is no ordinary file."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest

import tinygrad_rnn as tg

pytest.importorskip("safetensors.numpy")


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_an_old_file_survives_what_goes_wrong(failing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "file"
    tg.save([1], path)

    def fail(*_: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(OSError, match="the disk is full"):
        tg.save([2], path)
    monkeypatch.undo()
    assert tg.load(path) == [1]
    assert list(tmp_path.iterdir()) == [path]


def test_the_new_file_is_on_the_disk_before_it_takes_the_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path, events = tmp_path / "file", []
    fsync, replace = os.fsync, os.replace

    def synced(descriptor: int) -> None:
        events.append(("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file", path.exists()))
        fsync(descriptor)

    def renamed(old: Any, new: Any) -> None:
        assert Path(old).parent == tmp_path
        events.append(("name", path.exists()))
        replace(old, new)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    tg.save([1], path)
    assert events[:2] == [("file", False), ("name", False)]
    assert events[2:] in ([("folder", True)], [])


def test_permissions(tmp_path: Path) -> None:
    path = tmp_path / "file"
    before = os.umask(0o027)
    try:
        tg.save([1], path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o604)
    tg.save([2], path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o604 and tg.load(path) == [2]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "file", tmp_path / "latest"
    tg.save([1], path)
    link.symlink_to("file")
    tg.save([2], link)
    assert link.is_symlink() and tg.load(path) == [2]


def test_places_that_cannot_be_written_to(tmp_path: Path) -> None:
    def refusal(path: Path, kind: type[OSError]) -> str:
        with pytest.raises(kind) as caught:
            tg.save([1], path)
        return str(caught.value)

    missing = tmp_path / "folder" / "file"
    assert refusal(missing, FileNotFoundError) == (
        f"cannot write '{missing}': there is no folder '{missing.parent}'; make it first"
    )
    assert refusal(tmp_path, IsADirectoryError) == (
        f"cannot write '{tmp_path}': it is a folder; give the name of a file in it"
    )
    assert refusal(Path(os.devnull), OSError) == (
        f"cannot write '{os.devnull}': it is no ordinary file; give another name"
    )


def test_a_read_only_file_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda *_: False)  # the superuser may write to any file
    with pytest.raises(PermissionError) as caught:
        tg.save([1], path)
    assert str(caught.value) == f"cannot write '{path}': the file is read-only; give another name"
    assert path.read_bytes() == b"old"
