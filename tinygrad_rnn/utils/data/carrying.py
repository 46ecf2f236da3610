"""Carrying values from one process to another: arrays and tensors through shared memory, errors with their lines."""

from __future__ import annotations

import io
import os
import pickle
import sys
import traceback
from collections.abc import Callable
from itertools import pairwise
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np

from ...surface.tensor import Tensor


class _Packer(pickle.Pickler):
    """Pickles for a process of our own, which may hold tensors; of what was recorded the history would be lost."""

    def reducer_override(self, value: Any) -> Any:
        if not isinstance(value, Tensor):
            return NotImplemented
        if value.primitive is not None:
            raise TypeError("a tensor with a history cannot go to another process: use x.detach()")
        return _tensor, (type(value), value.array, value.requires_grad, value.name)


def _tensor(kind: type[Tensor], array: Any, requires_grad: bool, name: str | None) -> Tensor:
    made: Tensor = object.__new__(kind)._start(array, requires_grad)
    made.name = name
    return made


def packed(value: Any, apart: Callable[[pickle.PickleBuffer], Any] | None = None) -> memoryview:
    """A pickle that may hold tensors; ``apart`` is given the memory of each array, which then is not in it."""
    stream = io.BytesIO()
    _Packer(stream, 5, buffer_callback=apart).dump(value)
    return stream.getbuffer()


class Slot:
    """Shared memory of one name, for one value at a time: a table of sizes, the pickle, the arrays."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._memory: SharedMemory | None = None

    def put(self, value: Any) -> None:
        """Place ``value`` there; whatever was there before is gone."""
        arrays: list[memoryview] = []
        parts = [packed(value, lambda array: arrays.append(array.raw())), *arrays]
        table = np.array([len(parts), *(part.nbytes for part in parts)], np.int64)
        total = table.nbytes + int(table[1:].sum())
        if self._memory is None or self._memory.size < total:
            self.remove()
            self._memory = SharedMemory(self.name, create=True, size=total + total // 4)
        view: Any = self._memory.buf
        start = 0
        for part in (table.tobytes(), *parts):
            view[start : (start := start + len(part))] = part

    def get(self) -> Any:
        """What another process placed there, in memory of this one."""
        memory = SharedMemory(self.name)
        view: Any = memory.buf
        try:
            head = 8 + 8 * int.from_bytes(view[:8], sys.byteorder)
            ends = np.cumsum([head, *np.frombuffer(bytes(view[8:head]), np.int64)]).tolist()
            stream, *arrays = (bytearray(view[start:end]) for start, end in pairwise(ends))
        finally:
            memory.close()
        return pickle.loads(stream, buffers=arrays)

    def remove(self) -> None:
        """Give the memory back, also that of a process that was killed."""
        try:
            memory = self._memory or SharedMemory(self.name)
            memory.close()
            memory.unlink()
        except FileNotFoundError:  # given back, perhaps by a process that ended before it could tell Python's tracker
            if os.name == "posix":
                for tell in (resource_tracker.register, resource_tracker.unregister):
                    tell(f"/{self.name}", "shared_memory")


def with_lines(error: Exception, where: str) -> Exception:
    """The error with the lines it came from as a note; as a RuntimeError if its kind cannot be pickled."""
    lines = "".join(traceback.format_exception(error)).rstrip()
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(f"in {where}:\n{lines}")
    return error
