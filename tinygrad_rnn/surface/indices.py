"""What an index of PyTorch's means to numpy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.graph import Node
from ..engine.modes import goes_by_data
from ..numbers.dtypes import copied

_MORE = (list, tuple, Node, np.ndarray, slice, type(...))


def raw(index: Any, shape: Sequence[int] = ()) -> Any:
    """An index for numpy that reads from an array of this shape what PyTorch reads.

    Tensors become their arrays, copied since they may change before the backward pass, lists become index arrays; for
    an index of another kind IndexError is raised.
    """
    if type(index) is not tuple:
        # For PyTorch a list that holds more than numbers is a tuple: one index for each axis.
        if not isinstance(index, list) or not any(isinstance(part, _MORE) or part is None for part in index):
            return _part(index)
        index = tuple(index)
    parts = tuple([_part(part) for part in index])
    for part in parts:
        if type(part) is np.ndarray or type(part) is bool:
            mixed = any(isinstance(other, int) for other in parts) and not _adjacent(parts)
            return _ints_first(parts, tuple(shape)) if mixed else parts
    return parts


def _part(part: Any) -> Any:
    if part is None or part is Ellipsis or isinstance(part, (int, np.integer)):  # bools too
        return part
    if isinstance(part, slice):
        bounds = (part.start, part.stop, part.step)
        if isinstance(bounds[0], Node) or isinstance(bounds[1], Node) or isinstance(bounds[2], Node):
            return slice(*(_number(bound) if isinstance(bound, Node) else bound for bound in bounds))
        return part
    if isinstance(part, Node) and not part.array.ndim:
        goes_by_data("an index", part)
    array = part.array if isinstance(part, Node) else part
    if isinstance(array, (list, range, tuple)):
        array = np.asarray([_part(each) for each in array])
        array = array if array.size else array.astype(np.int64)
    if not isinstance(array, (np.ndarray, np.generic)) or array.dtype.kind not in "iub":
        what = f"a tensor of {array.dtype}" if hasattr(array, "dtype") else type(array).__name__
        raise IndexError(
            f"an index is an integer, a slice, None, ..., or a tensor or list of integers or truth values; got {what}"
        )
    if array.dtype == np.uint8:
        return array.astype(bool)  # a mask, from the time before there were truth values
    return int(array) if array.ndim == 0 and array.dtype.kind == "i" else copied(array)


def _number(bound: Node) -> Any:
    goes_by_data("an index", bound)
    return bound.array.item()


def _adjacent(parts: tuple[Any, ...]) -> bool:
    """Whether integers and index arrays form one block, so that numpy and PyTorch agree on where its axes go."""
    places = [i for i, part in enumerate(parts) if isinstance(part, (int, np.integer, np.ndarray))]
    return places[-1] - places[0] == len(places) - 1


def _ints_first(parts: tuple[Any, ...], shape: tuple[int, ...]) -> tuple[Any, ...]:
    """One index array per axis for ``x[0, :, i]``.

    PyTorch takes the integers first and then reads with the arrays; for numpy an integer is an index array too,
    which moves the axes of the result.
    """
    positions = np.arange(math.prod(shape)).reshape(shape)
    is_int = [isinstance(part, (int, np.integer)) and not isinstance(part, bool) for part in parts]
    first = tuple(
        part if whole else None if part is None else Ellipsis if part is Ellipsis else slice(None)
        for part, whole in zip(_masks_spread(parts), _masks_spread(is_int, parts), strict=True)
        if not isinstance(part, bool)  # which adds an axis, when it is read with the arrays
    )
    then = tuple(slice(None) if part is None else part for part, whole in zip(parts, is_int, strict=True) if not whole)
    return np.unravel_index(positions[first][then], shape)


def _masks_spread(values: Sequence[Any], parts: Sequence[Any] | None = None) -> list[Any]:
    """``values`` with those that stand beside a mask of several axes repeated, once for each axis of it."""
    spread: list[Any] = []
    for value, part in zip(values, values if parts is None else parts, strict=True):
        mask = isinstance(part, np.ndarray) and part.dtype.kind == "b"
        spread.extend([value] * (part.ndim if mask else 1))
    return spread
