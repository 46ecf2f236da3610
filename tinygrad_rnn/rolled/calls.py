"""What is computed besides the graph: array functions as they are applied, and where arrays share memory."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice, permutations
from types import FrameType
from typing import Any

import numpy as np

from ..engine.graph import clock
from ..engine.scope import current_place
from ..numbers.dtypes import quiet

_RECENT = 8  # so many arrays of integers are compared with one of unknown origin
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def users_line() -> str:
    """The line outside this package that is being executed."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


class Calls:
    """The array functions applied while this is on in this thread, recorded or not; arrays are kept alive by it."""

    def __init__(self) -> None:
        self.made: dict[int, Any] = {}  # by the id of the result
        self.lines: dict[int, str] = {}  # of the user's code
        self.integers: list[Any] = []  # of which copies may be places

    def like(self, array: Any, before: int) -> Any:
        """The last integers that were computed before, if the array is a copy of them."""
        if array.dtype.kind not in "iu" or array.size < 2:
            return None
        recent = (each for each in reversed(self.integers) if self.made[id(each)][-1] < before)
        for each in islice(recent, _RECENT):
            if each.shape == array.shape and np.array_equal(each, array):
                return each
        return None

    @contextmanager
    def on(self) -> Iterator[None]:
        plain: Any = quiet.call

        def call(forward: Any, *values: Any, **kwargs: Any) -> Any:
            array = plain(forward, *values, **kwargs)
            if not isinstance(array, tuple):
                array = np.asarray(array)
                self.made.setdefault(id(array), (forward, values, kwargs, array, current_place.get(), clock.tick()))
                if array.dtype.kind in "iu" and array.size > 1:
                    self.integers.append(array)
                self.lines[id(array)] = users_line()
            return array

        quiet.call = call  # type: ignore[assignment]  # the same to those who call it
        try:
            yield
        finally:
            quiet.call = plain


def located(whole: Any, part: Any) -> tuple[str, dict[str, Any]] | None:
    """By which view of ``whole`` one gets an array that shares its memory: (operation, keywords), or None.

    Integers that were copied on the way count as the same if all of them are.
    """
    if whole.dtype == part.dtype and np.may_share_memory(whole, part):
        start = part.__array_interface__["data"][0]
        offset = start - whole.__array_interface__["data"][0]
        if offset == 0 and (whole.shape, whole.strides) == (part.shape, part.strides):
            return "", {}
        for axis in range(whole.ndim):
            rest = (*whole.shape[:axis], *whole.shape[axis + 1 :]), (*whole.strides[:axis], *whole.strides[axis + 1 :])
            if rest == (part.shape, part.strides) and whole.strides[axis] and offset % whole.strides[axis] == 0:
                place = offset // whole.strides[axis]
                if 0 <= place < whole.shape[axis]:
                    return "getitem", {"index": (slice(None),) * axis + (place,)}
        for dims in permutations(range(whole.ndim)) if offset == 0 and whole.ndim == part.ndim <= 4 else ():
            turned = whole.transpose(dims)
            if (turned.shape, turned.strides) == (part.shape, part.strides):
                return "permute", {"dims": dims}
        if offset == 0 and whole.size == part.size and whole.flags.c_contiguous and part.flags.c_contiguous:
            return "reshape", {"shape": part.shape}
    integers = whole.dtype.kind in "iu" and part.dtype.kind in "iu" and whole.size == part.size > 1
    if integers and np.array_equal(whole.reshape(-1), part.reshape(-1)):
        return ("", {}) if whole.shape == part.shape else ("reshape", {"shape": part.shape})
    return None
