"""Reads a text file whole, and says in one line why it cannot when it cannot."""

import os
import shlex
from pathlib import Path

# First bytes of files that people pass by mistake. The order matters: UTF-32's mark begins with UTF-16's.
_NOT_TEXT = (
    (b"PK\x03\x04", "a zip archive or a spreadsheet workbook; save the sheet as CSV (UTF-8) and give that file"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet or document; save it as CSV or plain text (UTF-8) and give that file"),
    (b"\x1f\x8b", "gzip-compressed; unpack it first (gunzip)"),
    (b"BZh91AY", "bzip2-compressed; unpack it first (bunzip2)"),
    (b"\xfd7zXZ\x00", "xz-compressed; unpack it first (unxz)"),
    (b"%PDF", "a PDF; save it as plain text (UTF-8) and give that file"),
)
_UTF_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


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


def read_text(path: str | os.PathLike[str]) -> str:
    """The text of a UTF-8 file (with or without a byte order mark), line ends made `\\n`.

    Raises:
        DataError: no such file, a folder, unreadable, empty, compressed, binary, or not UTF-8.
    """
    name = shown(path, 200)
    raw = _bytes_of(path, name)
    for start, what in _NOT_TEXT:
        if raw.startswith(start):
            raise DataError(f"{name} is {what}")
    for start, encoding in _UTF_MARKS:
        if raw.startswith(start):
            raise DataError(_recode(name, encoding))
    zeros = raw.count(0)
    if zeros:
        # Western text in UTF-16 is every second byte zero; anything else with zeros is no text at all.
        if zeros >= 0.4 * len(raw) and len(raw) % 2 == 0 and (0 not in raw[::2] or 0 not in raw[1::2]):
            raise DataError(_recode(name, "UTF-16LE" if raw[:1] != b"\x00" else "UTF-16BE"))
        raise DataError(f"{name} is a binary file (byte {raw.index(0)} is NUL); give a plain text file (UTF-8)")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"line {line} has the byte 0x{raw[error.start]:02x}"
        raise DataError(_recode(name, "LATIN1", because=found)) from None
    if not text.strip():
        raise DataError(f"{name} is empty; give a file with some text in it")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _bytes_of(path: str | os.PathLike[str], name: str) -> bytes:
    """The file's bytes, or a DataError that says what stood in the way."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        here = "" if Path(path).is_absolute() else f" in {shown(Path.cwd(), 200)}"
        raise DataError(f"there is no file {name}{here}; check the path") from None
    except OSError as error:
        if Path(path).is_dir():
            raise DataError(f"{name} is a folder; give the file in it") from None
        raise DataError(f"{name} cannot be read ({error.strerror}); check its permissions and the path") from None
    except ValueError:  # a NUL character in the path itself
        raise DataError(f"{name} is not a path (it contains a NUL character); check the path") from None


def _recode(name: str, encoding: str, because: str = "") -> str:
    """The message for a file in another encoding."""
    found = f" ({because}; perhaps it is Latin-1 or Windows-1252)" if because else f" but {encoding}"
    cure = f"iconv -f {encoding} -t UTF-8 {shlex.quote(name)} > {shlex.quote('utf8-' + Path(name).name)}"
    return f"{name} is not UTF-8{found}; save it as UTF-8, or convert it: {cure}"
