"""load on files of others, and on files that are damaged, cut off or something else: what comes out, what is said."""

import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

pytest.importorskip("safetensors.numpy")


def container(header: dict[str, Any], data: bytes = b"") -> bytes:
    """A safetensors file, written by hand."""
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def test_bfloat16_becomes_float32_without_loss() -> None:
    halves = np.array([0x3F80, 0xC049, 0x7F80, 0x0001], "<u2")
    header = {"__metadata__": None, "x": {"dtype": "BF16", "shape": [2, 2], "data_offsets": [0, 8]}}
    loaded = tg.load(io.BytesIO(container(header, halves.tobytes())))
    assert loaded["x"].tolist() == [[1.0, -3.140625], [math.inf, 2.0**-133]]
    assert loaded["x"].dtype == tg.float32


def described(data: Any, version: Any = 1) -> bytes:
    """A file with one tensor and this description of how the data is nested."""
    entry = json.dumps({"version": version, "data": data})
    header = {"__metadata__": {"tinygrad_rnn": entry}, "x": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}
    return container(header, b"\1")


WHOLE = container({"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, bytes(8))
PICKLE = (
    "holds a pickle, which can run any code when it is read, and is never opened; in PyTorch, write "
    'safetensors.torch.save_file(model.state_dict(), "model.safetensors") and load that'
)
DAMAGED = "cannot be read: its description of the data is damaged"
NEWER = (
    "has version 4 of the format and this is version 3: it was written by a newer tinygrad_rnn; update with pip "
    "install --upgrade tinygrad-rnn"
)
WRONG = {
    "empty": (b"", "is empty"),
    "text": (b"these are words and no tensors", "is no safetensors file"),
    "short": (b"abc", "is no safetensors file"),
    "no header": (WHOLE[:8], "is no safetensors file"),
    "part of the header": (WHOLE[:20], "is cut off: it has 20 bytes and its header alone 69"),
    "part of the data": (WHOLE[:-1], "is cut off: it has 76 bytes of 77"),
    "pickle": (b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00", PICKLE),
    "old torch file": (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", PICKLE),
    "torch file": (b"PK\x03\x04\x00\x00\x08\x08" + bytes(18) + b"\x10\x00\x12\x00archive/data.pkl", PICKLE),
    "npz": (
        b"PK\x03\x04\x2d\x00\x00\x00" + bytes(40),
        "is a zip archive (perhaps numpy's .npz; read that with numpy.load)",
    ),
    "npy": (b"\x93NUMPY\x01\x00v\x00", "is a numpy array; read it with numpy.load"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(20), "is an HDF5 file; write its arrays as safetensors"),
    "git-lfs": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
        "is a pointer of git-lfs, not the file itself; fetch it with git lfs pull",
    ),
    "unknown type": (
        container({"x": {"dtype": "F8_E4M3", "shape": [1], "data_offsets": [0, 1]}}, b"\1"),
        "holds 'x' as F8_E4M3, which numpy does not have",
    ),
    "newer": (described({"tensor": "x"}, version=4), NEWER),
    "another tensor": (described({"tensor": "y"}), DAMAGED),
    "a tensor twice": (described([{"tensor": "x"}, {"tensor": "x"}]), DAMAGED),
    "an unknown kind": (described({"code": "x"}), DAMAGED),
    "two kinds": (described({"tensor": "x", "tuple": []}), DAMAGED),
    "no pairs": (described({"dict": [1]}), DAMAGED),
    "unhashable key": (described({"dict": [[[], {"tensor": "x"}]]}), DAMAGED),
    "wrong content": (described({"int": 5}), DAMAGED),
    "no JSON": (container({"__metadata__": {"tinygrad_rnn": "{"}}), DAMAGED),
    "no description": (container({"__metadata__": {"tinygrad_rnn": "[]"}}), DAMAGED),
    "a tensor left out": (described([]), "cannot be read: its description of the data leaves out 'x'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_files(case: str, tmp_path: Path) -> None:
    content, message = WRONG[case]
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(tg.SavedFileError) as caught:
        tg.load(path)
    end = "" if case == "newer" else "; nothing was loaded"
    assert str(caught.value) == f"'{path}' {message}{end}"
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "content",
    [
        WHOLE + b"more",
        container({"x": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}, bytes(8)),
        container({"x": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}, bytes(12)),
        container({"x": {"dtype": "WORD", "shape": [2], "data_offsets": [0, 8]}}, bytes(8)),
        container({"x": 5}),
    ],
)
def test_damaged_files(content: bytes) -> None:
    with pytest.raises(tg.SavedFileError, match=r"^<BytesIO> is damaged: \S.*; nothing was loaded$"):
        tg.load(io.BytesIO(content))


def test_every_cut_is_noticed() -> None:
    file = io.BytesIO()
    tg.save({"a": tg.ones(3), "b": [1, {"c": tg.zeros(2)}]}, file)
    whole = file.getvalue()
    for length in range(len(whole)):
        with pytest.raises(tg.SavedFileError, match=r"is empty|no safetensors file|is cut off"):
            tg.load(io.BytesIO(whole[:length]))


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        tg.load(tmp_path / "nothing")
    assert str(caught.value) == f"there is no file '{tmp_path / 'nothing'}'; check the path"
    with pytest.raises(IsADirectoryError) as folder:
        tg.load(tmp_path)
    assert str(folder.value) == f"'{tmp_path}' is a folder; give the file in it"


def test_places_other_than_the_processor_are_refused(tmp_path: Path) -> None:
    tg.save([1], tmp_path / "a")
    assert tg.load(tmp_path / "a", map_location="cpu", weights_only=True) == [1]
    with pytest.raises(RuntimeError, match=r"^there is no device 'cuda'"):
        tg.load(tmp_path / "a", map_location="cuda")


def test_a_file_with_one_wrong_bit_is_refused() -> None:
    data = {"w": tg.arange(6.0).reshape(2, 3), "b": np.zeros((0, 2)), "step": 3, "lr": 0.1, "names": ("a", None)}
    file = io.BytesIO()
    tg.save(data, file)
    content, whole = file.getvalue(), repr(tg.load(io.BytesIO(file.getvalue())))
    assert '"checksum' in content.decode("latin-1").replace("\\", "")
    for bit in range(8 * len(content)):
        spoilt = bytearray(content)
        spoilt[bit // 8] ^= 1 << bit % 8
        try:
            loaded = repr(tg.load(io.BytesIO(bytes(spoilt))))
        except tg.SavedFileError as error:
            assert "\n" not in str(error)
        else:
            assert loaded == whole, bit


ABSURD = {
    "deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 50_000,
    "deep description": {"__metadata__": {"tinygrad_rnn": "[" * 100_000}},
    "deep data": {"__metadata__": {"tinygrad_rnn": '{"version": 1, "data": ' + "[" * 100_000 + "]" * 100_000 + "}"}},
    "large": {"x": {"dtype": "F32", "shape": [0, 2**63], "data_offsets": [0, 0]}},
    "larger than all memory": {"x": {"dtype": "F32", "shape": [0, 2**62, 2**62], "data_offsets": [0, 0]}},
    "of many dimensions": {"x": {"dtype": "F32", "shape": [0, *[1] * 100], "data_offsets": [0, 0]}},
    "negative": {"x": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 0]}},
    "more than there is": {"x": {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 0]}},
}


@pytest.mark.parametrize("name", ABSURD)
def test_an_absurd_header_is_refused_in_one_line(name: str) -> None:
    header = ABSURD[name]
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    with pytest.raises(tg.SavedFileError, match=r"nothing was loaded$"):
        tg.load(io.BytesIO(len(text).to_bytes(8, "little") + text))
