"""Files that are not what they should be: each is refused in one line that says what to do."""

import bz2
import gzip
import lzma
import os
import sys
from pathlib import Path

import pytest

from tinygrad_rnn.lab.data import DataError, read_text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"a\nb\n", "a\nb\n"),
        (b"a\r\nb\r\n", "a\nb\n"),
        (b"a\rb", "a\nb"),
        (b"\xef\xbb\xbfa", "a"),
        ("naïve – π".encode(), "naïve – π"),
        (b"x", "x"),
        (b"BZh is a word", "BZh is a word"),
        ("“π”\n".encode("utf-16"), "“π”\n"),
        (b"\xfe\xff" + "date".encode("utf-16-be"), "date"),
        ("“π”\n".encode("utf-32"), "“π”\n"),
        ("date,close\n".encode("utf-16-le"), "date,close\n"),
        ("date,close\n".encode("utf-16-be"), "date,close\n"),
        (gzip.compress(b"text\r\n", mtime=0), "text\n"),
        (gzip.compress("text".encode("utf-16"), mtime=0), "text"),
    ],
)
def test_text_is_read_whole_with_one_kind_of_line_end(tmp_path: Path, raw: bytes, text: str) -> None:
    file = tmp_path / "words.txt"
    file.write_bytes(raw)
    assert read_text(file) == text
    assert read_text(str(file)) == text


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "words.txt is empty; give a file with some text in it"),
        (b" \n\t\r\n", "words.txt is empty; give a file with some text in it"),
        (b"\xef\xbb\xbf", "words.txt is empty; give a file with some text in it"),
        (
            b"one\ncaf\xe9\n",
            "words.txt is not UTF-8 (line 2 has the byte 0xe9): line 2 reads 'café' in cp1252, 'cafй' in cp1251; "
            "say which with --encoding",
        ),
        (
            "日付,終値\n".encode("shift_jis"),
            "words.txt is not UTF-8 (line 1 has the byte 0x93): line 1 reads '擔晅,廔抣' in gb18030, '日付,終値' in "
            "shift_jis, '“ъ•t,ЏI’l' in cp1251; say which with --encoding",
        ),
        (
            "π".encode("utf-16") + b"x",
            "words.txt begins as UTF-16 and does not go on so (line 1 has the byte 0x78); get it again",
        ),
        (
            gzip.compress(b"text" * 99, mtime=0)[:-9],
            "words.txt is damaged (Compressed file ended before the end-of-stream marker was reached); get it again",
        ),
        (b"abc\x00def\n", "words.txt is a binary file (byte 3 is NUL); give a plain text file (UTF-8)"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "words.txt is a binary file (byte 7 is NUL); give a plain text file (UTF-8)"),
        (
            b"PK\x03\x04rest",
            "words.txt is a zip archive or a spreadsheet workbook; save the sheet as CSV (UTF-8) and give that file",
        ),
        (b"PAR1....PAR1", "words.txt is a parquet file; give it as a table, with --column NAME"),
        (bz2.compress(b"text"), "words.txt is packed with bzip2; unpack it, or pack it with gzip"),
        (lzma.compress(b"text"), "words.txt is packed with xz; unpack it, or pack it with gzip"),
        (b"%PDF-1.7", "words.txt is a PDF; save it as plain text (UTF-8) and give that file"),
    ],
)
def test_what_is_not_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: bytes, message: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("words.txt").write_bytes(raw)
    with pytest.raises(DataError) as caught:
        read_text("words.txt")
    assert str(caught.value) == message


def test_a_missing_file_is_named_with_the_folder_it_was_looked_for_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as caught:
        read_text("nowhere.txt")
    assert str(caught.value).startswith("there is no file nowhere.txt in ")
    with pytest.raises(DataError, match=r"^there is no file /nowhere/at-all\.txt; check the path$"):
        read_text("/nowhere/at-all.txt")


def test_a_folder_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("corpus").mkdir()
    with pytest.raises(DataError, match=r"^corpus is a folder; give the file in it$"):
        read_text("corpus")


def test_a_path_below_a_file_or_with_nul_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match=r"cannot be read \(Not a directory\)|there is no file"):
        read_text(tmp_path / "file" / "below")
    with pytest.raises(DataError, match="NUL character"):
        read_text("a\0b")


def test_messages_stay_on_one_line_whatever_the_name(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_text(tmp_path / "two\nlines.txt")
    assert "\n" not in str(caught.value)
    assert "two\\nlines.txt" in str(caught.value)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "“naïve” – 5 €"),
        ("gb18030", "日期"),
        ("shift_jis", "日付"),
        ("latin-1", "é"),
        ("utf-16-le", "日"),
        ("utf-8", "é"),
    ],
)
def test_the_encoding_that_is_asked_for(tmp_path: Path, encoding: str, text: str) -> None:
    (tmp_path / "a").write_bytes(text.encode(encoding))
    assert read_text(tmp_path / "a", encoding) == text
    (tmp_path / "a").write_bytes(
        b"a\n" + text.encode(encoding) * 500_000 + b"\xff\xff\xff"
    )  # far beyond the first piece
    if encoding not in ("cp1252", "latin-1"):
        with pytest.raises(
            DataError, match=rf"is not in {encoding} \(line 2 has the byte 0x..\); give another --encoding$"
        ):
            read_text(tmp_path / "a", encoding)


def test_the_error_is_a_value_error() -> None:
    assert issubclass(DataError, ValueError)


if sys.platform != "win32" and os.geteuid() != 0:  # root may read everything, so there is nothing to test as root

    def test_a_file_without_read_permission_is_refused(tmp_path: Path) -> None:
        file = tmp_path / "secret.txt"
        file.write_text("x")
        file.chmod(0)
        with pytest.raises(DataError, match=r"cannot be read \(Permission denied\); check its permissions"):
            read_text(file)
