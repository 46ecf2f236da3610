"""Rows of a table looked up by whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...engine.modes import goes_by_data
from ...numbers.dtypes import converted, int64, quiet
from ...surface.functions import eq, norm, where
from ...surface.tensor import Tensor, wrap

__all__ = ["embedding", "embedding_bag", "one_hot"]


def embedding(
    input: Tensor, weight: Tensor, padding_idx: int | None = None, max_norm: float | None = None,
    norm_type: float = 2.0, scale_grad_by_freq: bool = False,
) -> Tensor:  # fmt: skip
    """Rows of a table: input (...) of whole numbers, weight (entries, features), result (..., features).

    A row that is looked up several times receives the sum of the gradients, or their mean with ``scale_grad_by_freq``.
    The row ``padding_idx`` receives none. Rows longer than ``max_norm`` are shortened to it first, in place.
    """
    ids = input.array if isinstance(input, Tensor) else np.asarray(input)
    entries = weight.array.shape[0]
    if weight.array.ndim != 2:
        raise RuntimeError(f"embedding looks up rows of a table (entries, features); {weight.array.shape} was given.")
    if ids.dtype.kind not in "iu":
        raise RuntimeError(
            f"embedding looks up rows by whole numbers; indices of {ids.dtype} were given: use x.long()."
        )
    if (wrong := first_outside(ids, entries)) is not None:
        raise IndexError(f"embedding has {entries} rows, 0 to {entries - 1}; the index {wrong} was given.")
    if max_norm is not None:
        goes_by_data("max_norm", input)
        read = np.unique(ids)
        sizes = norm(wrap(weight.array[read]), norm_type, 1, keepdim=True).array
        weight.array[read] *= np.where(sizes > max_norm, max_norm / (sizes + 1e-7), 1)
        weight.touch()
    rows = weight[input.long() if isinstance(input, Tensor) else places(ids)]
    if scale_grad_by_freq:
        times = np.bincount(ids.ravel(), minlength=entries)[ids][..., None].astype(rows.dtype)
        rows = rows.detach() + (rows - rows.detach()) / times
    if padding_idx is None:
        return rows
    goes_by_data("padding_idx", input)
    padding = ids == padding_index(padding_idx, entries)
    return where(padding[..., None], rows.detach(), rows) if padding.any() else rows


def embedding_bag(
    input: Tensor, weight: Tensor, offsets: Tensor | None = None, max_norm: float | None = None,
    norm_type: float = 2, scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False,
    per_sample_weights: Tensor | None = None, include_last_offset: bool = False, padding_idx: int | None = None,
) -> Tensor:  # fmt: skip
    """The "sum", "mean" or "max" of the rows of a table in each of several bags, 0 for empty ones: (bags, features).

    Args:
        input: whole numbers (bags, size), or (count) with ``offsets``, at which of them each bag begins.
        per_sample_weights: by what rows are multiplied before they are summed.
        include_last_offset: whether the last of the offsets is the end of the last bag.
        padding_idx: the number that does not count.

    Raises:
        RuntimeError: for other shapes, modes, sparse gradients, and offsets that do not begin with 0 and rise.
    """
    for read in (input, offsets):
        goes_by_data("embedding_bag", read)
    ids = input.array.reshape(-1)
    starts: Any = None
    if offsets is None and input.ndim == 2:
        starts = np.arange(len(input)) * input.shape[1]
    elif offsets is not None and input.ndim == offsets.ndim == 1:
        starts = offsets.array
    unfit = per_sample_weights is not None and (mode != "sum" or per_sample_weights.shape != input.shape)
    if (
        starts is None or sparse or unfit or mode not in ("sum", "mean", "max")
        or (include_last_offset and not starts.size) or starts[:1].any() or (np.diff(starts, append=ids.size) < 0).any()
    ):  # fmt: skip
        raise RuntimeError(
            "embedding_bag takes bags (bags, size), or numbers (count) with offsets from 0 on: a dense sum, "
            f"mean or max, the sum alone with weights of the input's shape; got {tuple(input.shape)}, {offsets=} "
            f"and {mode=}"
        )
    sizes = np.diff(starts) if include_last_offset else np.diff(starts, append=ids.size)
    rows = embedding(wrap(ids), weight, padding_idx, max_norm, norm_type, scale_grad_by_freq)
    bags = np.repeat(np.arange(sizes.size), sizes)
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.reshape(-1, 1)
    counted = ids != (None if padding_idx is None else padding_index(padding_idx, len(weight)))
    kept = slice(None) if padding_idx is None else np.flatnonzero(counted)
    bags, rows = bags[kept], rows[: bags.size][kept]
    found = weight.new_zeros(sizes.size, weight.shape[1])
    if mode == "max":
        return found.index_reduce(0, wrap(bags), rows, "amax", include_self=False)
    added: Tensor = found.index_add(0, wrap(bags), rows)
    counts = np.maximum(np.bincount(bags, minlength=sizes.size), 1)[:, None]
    return added if mode == "sum" else added / wrap(counts.astype(rows.dtype))


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Whole numbers (...) as rows (..., classes) with a 1 at the number; classes = largest + 1 if -1."""
    ids = tensor.array
    if ids.dtype.kind not in "iu":
        raise RuntimeError(f"one_hot takes whole numbers; a tensor of {ids.dtype} was given: use x.long().")
    if num_classes == -1:
        if ids.size == 0:
            raise RuntimeError("one_hot cannot guess num_classes from an empty tensor: pass it.")
        goes_by_data("one_hot", tensor)
        num_classes = int(ids.max()) + 1
    if first_outside(ids, num_classes) is not None:
        raise RuntimeError(f"one_hot takes numbers from 0 to {num_classes - 1}; {ids.min()} to {ids.max()} were given.")
    return eq(tensor.unsqueeze(-1), wrap(np.arange(num_classes))).long()


def padding_index(padding_idx: int, entries: int) -> int:
    """``padding_idx`` counted from the front."""
    if not -entries <= padding_idx < entries:
        raise ValueError(f"padding_idx is one of the {entries} rows; {padding_idx} was given.")
    return padding_idx % entries


def first_outside(ids: np.ndarray[Any, Any], count: int) -> Any:
    """The first number that is not one of 0, 1, ..., count - 1, if there is one."""
    if ids.size == 0 or np.maximum.reduce(ids.astype(np.int64, copy=False).view(np.uint64), axis=None) < count:
        return None  # a number below 0, read without a sign, is a large one
    return ids[(ids < 0) | (ids >= count)].ravel()[0]


def places(ids: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Whole numbers as an index: numpy would read bytes as a mask."""
    return quiet.call(converted, ids, dtype=int64) if ids.dtype.kind == "u" else ids
