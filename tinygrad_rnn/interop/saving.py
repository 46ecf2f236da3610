"""``save`` and ``load``: modules, state dicts and plain data in safetensors files, which never run code when read.

The tensors of a state dict carry their names, so that every reader of safetensors can use them; a single entry of the
file's metadata describes how the data is nested and holds everything that is not an array.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from zlib import crc32

import numpy as np

from ..numbers.devices import refuse_other_devices
from ..surface.tensor import wrap
from ..utils.files import SavedFileError, read, shown, write
from .structure import Array, describe, rebuild

ENTRY = "tinygrad_rnn"  # one entry only: the order of several would differ from file to file
VERSION = 3  # with shared memory; 2 with modules alone, 1 without
SIZES = {"U": (1, 2, 4, 8), "I": (1, 2, 4, 8), "F": (2, 4, 8)}
TYPES = {"BOOL": "?"} | {f"{k}{8 * size}": f"<{k.lower()}{size}" for k, sizes in SIZES.items() for size in sizes}
# First bytes of the files that are given by mistake.
PICKLE = "holds a pickle, which can run any code when it is read, and is never opened"
CURE = 'in PyTorch, write safetensors.torch.save_file(model.state_dict(), "model.safetensors") and load that'
OTHERS = (
    (b"\x93NUMPY", "is a numpy array; read it with numpy.load"),
    (b"PK\x03\x04", "is a zip archive (perhaps numpy's .npz; read that with numpy.load)"),
    (b"\x89HDF", "is an HDF5 file; write its arrays as safetensors"),
    (b"version https://git-lfs", "is a pointer of git-lfs, not the file itself; fetch it with git lfs pull"),
)


def save(obj: Any, f: Any) -> None:
    """Write ``obj`` to the path (or file object) ``f`` as a safetensors file.

    Args:
        obj: a tensor, or dictionaries, lists and tuples of tensors, numpy arrays, numbers, strings, truth values and
            None, such as ``{"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}``.
            Subclasses of these types come back as the plain types. Tensors and arrays in one memory, such as tied
            weights, are so again; a part of another is saved apart. A module is kept as the name of its class and what
            its attributes are.
        f: where to. A path names the old file until the new one is complete and on the disk.

    Raises:
        TypeError: if ``obj`` holds something else, such as a function of your own.
        OSError: if the file cannot be written; an old one is then as it was.

    >>> tg.save({"step": 3, "weight": tg.ones(2)}, "state.safetensors")
    >>> tg.load("state.safetensors")
    {'step': 3, 'weight': tensor([1., 1.])}
    """
    # Imported where it is needed: who saves nothing does not wait for it.
    from safetensors.numpy import save as serialize

    description, arrays = describe(obj)
    shared = {"shared": arrays.shared} if arrays.shared else {}
    entry = {"version": VERSION if shared else 2 if arrays.met else 1, "data": description, **shared}
    entry["checksum"] = _checksum([description, arrays.shared] if shared else description, arrays)
    write(f, serialize(arrays, metadata={ENTRY: json.dumps(entry, allow_nan=False)}))


def _checksum(description: Any, arrays: Mapping[str, Array]) -> int:
    """Of all that is kept: the description, and every array's name, type, shape and numbers."""
    total = crc32(json.dumps(description).encode())
    for name, array in sorted(arrays.items()):
        little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        total = crc32(little.reshape(-1).data, crc32(f"{name!a} {little.dtype.str} {array.shape}".encode(), total))
    return total


def load(f: Any, map_location: Any = None, *, weights_only: bool = True) -> Any:
    """What ``save`` wrote, equal in every number, shape and type; of other safetensors files a dict of their tensors.

    bfloat16, which numpy does not have, becomes float32 without loss.

    Args:
        f: a path, or a file object.
        map_location: "cpu" or None.
        weights_only: whether modules of your own classes are made only if these were named before, see
            ``serialization.add_safe_globals``. The class has to be imported already; its constructor is not called.

    Raises:
        SavedFileError: for a file that is cut off, damaged, or no safetensors file, and for classes that are not
            there or not named; nothing is loaded.
        FileNotFoundError: if there is no such file.

    >>> tg.save([tg.ones(2), "a note"], "state.safetensors")
    >>> tg.load("state.safetensors")
    [tensor([1., 1.]), 'a note']
    """
    refuse_other_devices(map_location)
    from safetensors import SafetensorError, deserialize

    name, data = shown(f), read(f)
    try:
        entries = deserialize(data)  # type: ignore[no-untyped-call]
    except SafetensorError as error:
        raise SavedFileError(f"{name} {_what_it_is(data, error)}; nothing was loaded") from None
    try:
        arrays = {key: _array(name, key, entry) for key, entry in entries}
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        metadata = header.get("__metadata__") or {}
        own = metadata.get(ENTRY)
        if own is None and any(each.startswith('{"version":') for each in metadata.values()):
            raise ValueError("the name of its description is damaged")
        if own is None:
            return {key: wrap(array) for key, array in arrays.items()}
        described = json.loads(own)
        if described["version"] not in range(1, VERSION + 1):
            raise SavedFileError(
                f"{name} has version {described['version']!r} of the format and this is version {VERSION}: it was "
                "written by a newer tinygrad_rnn; update with pip install --upgrade tinygrad-rnn"
            )
        nested, shared = described["data"], described.get("shared", {})
        checksum = _checksum([nested, shared] if shared else nested, arrays)  # older files have none
        kept = {"version", "data", "checksum", "shared"}
        if described.get("checksum", checksum) != checksum or described.keys() - kept:
            raise ValueError("by its checksum it is not what was saved")
        return rebuild(nested, arrays, not weights_only, shared)
    except SavedFileError as error:
        if str(error).startswith("it holds"):
            raise SavedFileError(f"{name} is not loaded: {error}") from None
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, MemoryError) as error:
        why = str(error) if type(error) is ValueError else "its description of the data is damaged"
        raise SavedFileError(f"{name} cannot be read: {why}; nothing was loaded") from None


def _array(name: str, key: str, entry: Any) -> Array:
    kind, shape, data = entry["dtype"], entry["shape"], bytes(entry["data"])
    if kind == "BF16":  # the upper half of a float32
        halves = np.frombuffer(data, "<u2").astype(np.uint32)
        return np.asarray((halves << 16).view(np.float32).reshape(shape))
    if kind not in TYPES:
        raise SavedFileError(f"{name} holds {key!r} as {kind}, which numpy does not have; nothing was loaded")
    array = np.frombuffer(data, TYPES[kind]).reshape(shape)
    return array.astype(array.dtype.newbyteorder("="))  # a copy: what was read cannot be written to


def _what_it_is(data: bytes, error: Exception) -> str:
    """What stands in a file that is no safetensors file."""
    if not data:
        return "is empty"
    if (data[:1] == b"\x80" and data[1:2] in b"\x02\x03\x04\x05") or (data[:2] == b"PK" and b"data.pkl" in data[:999]):
        return f"{PICKLE}; {CURE}"
    for start, what in OTHERS:
        if data.startswith(start):
            return what
    end = 8 + int.from_bytes(data[:8], "little")
    if data[8:9] != b"{" or end > 100_000_008:
        return "is no safetensors file"
    if len(data) < end:
        return f"is cut off: it has {len(data)} bytes and its header alone {end}"
    with suppress(ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        parts = json.loads(data[8:end]).values()
        end += max((part["data_offsets"][1] for part in parts if "data_offsets" in part), default=0)
        if len(data) < end:
            return f"is cut off: it has {len(data)} bytes of {end}"
    return f"is damaged: {' '.join(str(error).split())}"
