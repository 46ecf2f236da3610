"""Opens files as people have them, compressed or in other encodings, and says in one line why it cannot."""

import codecs
import gzip
import hashlib
import io
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import chain
from pathlib import Path
from typing import IO, Any, BinaryIO, TextIO, cast

AnyPath = str | os.PathLike[str]
STANDARD_INPUT = "-"

# First bytes of files that people pass by mistake.
_NOT_TEXT = (
    (b"PK\x03\x04", "a zip archive or a spreadsheet workbook; save the sheet as CSV (UTF-8) and give that file"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet or document; save it as CSV or plain text (UTF-8) and give that file"),
    (b"%PDF", "a PDF; save it as plain text (UTF-8) and give that file"),
    (b"BZh91AY", "packed with bzip2; unpack it, or pack it with gzip"),
    (b"\xfd7zXZ\x00", "packed with xz; unpack it, or pack it with gzip"),
    (b"PAR1", "a parquet file; give it as a table, with --column NAME"),
)
# What a file that is not UTF-8 may be in. Latin-1 is not among them: it takes every byte, and the quotes of Windows'
# code page become control characters in it.
_OTHERS = ("cp1252", "gb18030", "shift_jis", "cp1251", "euc_kr")


class DataError(ValueError):
    """A file or a series cannot be used; the message is one line: what was given, why it cannot be, what to do."""


def shown(text: object, limit: int = 60) -> str:
    """`text` for a one-line message: unprintable characters escaped, cut to `limit` characters."""
    line = str(text)
    if not line.isprintable():
        line = repr(line)[1:-1]
    return line if len(line) <= limit else line[: limit - 3] + "..."


def listed(names: list[str], limit: int = 12) -> str:
    """The names in one line, the first `limit` of them."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(shown(name, 30) for name in names[:limit]) + more


def named(path: AnyPath) -> str:
    """What messages call a file."""
    return "standard input" if os.fspath(path) == STANDARD_INPUT else shown(path, 200)


@cache
def _standard_input() -> IO[bytes]:
    """Everything from standard input in a temporary file, since a table is read more than once."""
    with ExitStack() as closing:
        kept = closing.enter_context(tempfile.TemporaryFile())
        shutil.copyfileobj(sys.stdin.buffer, kept)
        closing.pop_all()  # it was read to its end, and stays
        return kept


@contextmanager
def opened(path: AnyPath) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked; "-" is standard input. What a system or decompressor says of it is a DataError."""
    name = named(path)
    if "\0" in os.fspath(path):
        raise DataError(f"{name} is not a path (it contains a NUL character); check the path")
    try:
        with ExitStack() as closing:
            typed = os.fspath(path) == STANDARD_INPUT
            file: Any = _standard_input() if typed else closing.enter_context(open(path, "rb"))
            file.seek(0)
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            if packed:
                file = closing.enter_context(gzip.GzipFile(fileobj=file))
            yield file
    except FileNotFoundError:
        here = "" if Path(path).is_absolute() else f" in {shown(Path.cwd(), 200)}"
        raise DataError(f"there is no file {name}{here}; check the path") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{name} is damaged ({error}); get it again") from None
    except OSError as error:
        if Path(path).is_dir():
            raise DataError(f"{name} is a folder; give the file in it") from None
        why = error.strerror or shown(error)
        raise DataError(f"{name} cannot be read ({why}); check its permissions and the path") from None


def digest(path: AnyPath) -> str:
    """The SHA-256 of a file's bytes, unpacked."""
    with opened(path) as file:
        return hashlib.file_digest(cast(io.BufferedIOBase, file), "sha256").hexdigest()


@contextmanager
def text_of(path: AnyPath, encoding: str) -> Iterator[TextIO]:
    """A file opened as text in an encoding that is known to be that of the whole, line ends made `\\n`."""
    with opened(path) as file:
        text = io.TextIOWrapper(file, encoding=encoding, newline=None)
        try:
            yield text
        finally:
            text.detach()  # or what is left of the text would close the file that it read from


def read_text(path: AnyPath, encoding: str | None = None) -> str:
    """The text of a file (UTF-8 or marked as UTF-16, else in the encoding given), line ends made `\\n`.

    Raises:
        DataError: no such file, unreadable, empty, damaged, binary, or in another encoding than was asked for.
    """
    with text_of(path, encoding_of(path, encoding)) as file:
        return file.read()


def encoding_of(path: AnyPath, asked: str | None) -> str:
    """In which encoding a whole file can be read, the one that was asked for or what its bytes say.

    Where none is asked for these are UTF-8, UTF-16 and UTF-32; of any other file DataError says why not.
    """
    name = named(path)
    with opened(path) as file:
        start = file.read(1 << 16)
    for mark, what in _NOT_TEXT:
        if start.startswith(mark):
            raise DataError(f"{name} is {what}")
    encoding = asked or "utf-8-sig"
    if asked is None and start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
        # UTF-32's mark may begin with UTF-16's.
        encoding = "utf-32" if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) else "utf-16"
    # Western text in UTF-16 is every second byte zero; anything else with zeros is no text at all.
    even, odd = start[::2].count(0), start[1::2].count(0)
    if asked is None and encoding == "utf-8-sig" and even + odd >= 0.4 * len(start) > 0 in (even, odd):
        encoding = "utf-16-be" if even else "utf-16-le"
    fault = _fault(path, encoding)
    if fault is None:
        return encoding
    line, around, at = fault
    found = f"line {line} has the byte 0x{around[at]:02x}"
    if asked is not None:
        raise DataError(f"{name} is not in {asked} ({found}); give another --encoding")
    if encoding != "utf-8-sig":
        raise DataError(f"{name} begins as {encoding.upper()} and does not go on so ({found}); get it again")
    around = around.split(b"\n")[0]
    readings = [
        f"{shown(around.decode(other, 'ignore').strip(), 30)!r} in {other}"
        for other in _OTHERS
        if _fault(path, other) is None
    ]
    cure = f"line {line} reads {', '.join(readings)}; say which with --encoding" if readings else "save it as UTF-8"
    raise DataError(f"{name} is not UTF-8 ({found}): {cure}")


def _fault(path: AnyPath, encoding: str) -> tuple[int, bytes, int] | None:
    """Where a file stops being text in an encoding: the line, some bytes of it, and the first strange among them."""
    name, line, at, blank = named(path), 1, 0, True
    decoder = codecs.getincrementaldecoder(encoding)()
    with opened(path) as file:
        for piece in chain(iter(lambda: file.read(1 << 20), b""), [b""]):
            waiting = decoder.getstate()[0]
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                seen, strange = error.object, error.start
                start = max(seen.rfind(b"\n", 0, strange) + 1, strange - 12)
                return line + seen.count(b"\n", 0, strange), seen[start : strange + 12], strange - start
            except UnicodeError:  # of UTF-16 that was asked for, without its mark
                return line, piece[:12] or b"\0", 0
            if "\0" in text:
                byte = at - len(waiting) + (waiting + piece).index(0)
                raise DataError(f"{name} is a binary file (byte {byte} is NUL); give a plain text file (UTF-8)")
            blank = blank and not text.strip()
            line, at = line + piece.count(b"\n"), at + len(piece)
    if blank:
        raise DataError(f"{name} is empty; give a file with some text in it")
    return None
