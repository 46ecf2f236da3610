"""``x[index]`` in ONNX: slices, then single places, then new axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .building import Builder
from .comparing import END
from .tracing import ExportError, Step


def getitem(b: Builder, step: Step) -> str:
    """Integers, slices, None and ``...``; or one array of integers."""
    parts = _one_for_each_axis(step.kwargs["index"], step.inputs[0].array.ndim)
    x = b.value(step.inputs[0])
    axes = [part for part in parts if part is not None]
    arrays = [axis for axis, part in enumerate(axes) if isinstance(part, np.ndarray)]
    for part in parts:
        if not _is_known(part) or (arrays and not isinstance(part, np.ndarray) and part != slice(None)):
            raise ExportError(
                f"{step.where} reads entries by {_words(part)}; only integers and slices, or one array of integers, "
                "are exported"
            )
    if len(arrays) > 1:
        raise ExportError(f"{step.where} reads entries by {len(arrays)} arrays; only one array of integers is exported")
    slices = [(axis, *_bounds(part)) for axis, part in enumerate(axes) if isinstance(part, slice)]
    slices = [one for one in slices if one[1:] != (0, END, 1)]
    if slices:
        along, starts, stops, steps = zip(*slices, strict=True)
        x = b.node("Slice", x, *map(b.integers, (starts, stops, along, steps)))
    for axis, part in reversed(list(enumerate(axes))):
        if not isinstance(part, slice):
            x = b.node("Gather", x, b.constant(part, np.int64), axis=axis)
    left = [part for part in parts if part is None or isinstance(part, slice)]
    new = [place for place, part in enumerate(left) if part is None]
    return b.node("Unsqueeze", x, b.integers(new)) if new else x


def _one_for_each_axis(index: Any, rank: int) -> list[Any]:
    """The parts of an index with whole slices for ``...`` and for what is left out at the end."""
    parts = list(index) if isinstance(index, tuple) else [index]
    taken = sum(part is not None and part is not Ellipsis for part in parts)
    place = next((i for i, part in enumerate(parts) if part is Ellipsis), len(parts))
    return [*parts[:place], *[slice(None)] * (rank - taken), *parts[place + 1 :]]


def _is_known(part: Any) -> bool:
    if isinstance(part, np.ndarray):
        return part.dtype.kind in "iu"
    return not isinstance(part, bool) and isinstance(part, (slice, int, np.integer, type(None)))


def _bounds(part: slice) -> tuple[int, int, int]:
    step = 1 if part.step is None else int(part.step)
    first, last = (0, END) if step > 0 else (END, -END)
    return (first if part.start is None else int(part.start), last if part.stop is None else int(part.stop), step)


def _words(part: Any) -> str:
    if isinstance(part, np.ndarray):
        return "an array of integers" if part.dtype.kind in "iu" else f"an array of {part.dtype}"
    return "a new axis beside an array" if part is None else f"{part!r}"
