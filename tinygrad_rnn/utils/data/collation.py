"""Collation: one batch made of a list of samples, by what the samples are."""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import numpy as np

from ...numbers.dtypes import float64
from ...surface.creation import as_tensor
from ...surface.functions import stack
from ...surface.tensor import Tensor, tensor


def default_collate(batch: Any) -> Any:
    """A list of samples as one batch, by PyTorch's rules: the structure of a sample with a batch at each leaf.

    Tensors and numpy arrays are stacked along a new first axis; numbers become a tensor (real ones float64); strings
    stay a list; dictionaries, tuples and lists are gone into. A batch of tuples becomes a list.

    Raises:
        RuntimeError: if tensors have different shapes, or lists different lengths.
        TypeError: if a sample holds anything else.
    """
    first = batch[0]
    if isinstance(first, Tensor):
        shapes = {getattr(item, "array", item).shape for item in batch}
        if len(shapes) > 1:
            raise RuntimeError(
                f"samples of different shapes make no batch: {', '.join(map(str, sorted(shapes)))}; pad them in a "
                "collate_fn (nn.utils.rnn.pad_sequence), or take batch_size=1"
            )
        return stack(batch, 0)
    if isinstance(first, np.ndarray) and first.dtype.kind in "biuf":
        return default_collate([as_tensor(item) for item in batch])
    if isinstance(first, np.generic) and first.dtype.kind in "biuf":
        return as_tensor(np.array(batch))
    if isinstance(first, float):
        return tensor(batch, dtype=float64)
    if isinstance(first, int):
        return tensor(batch)
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        return _like(first, {key: default_collate([item[key] for item in batch]) for key in first})
    if isinstance(first, Sequence):
        if len({len(item) for item in batch}) > 1:
            raise RuntimeError(
                f"samples that are lists of different lengths make no batch: {sorted({len(item) for item in batch})}; "
                "pad them in a collate_fn, or make each a tensor of its own"
            )
        columns = [default_collate(column) for column in zip(*batch, strict=True)]
        return columns if type(first) is tuple else _like(first, columns)
    raise TypeError(
        f"a batch is made of tensors, numpy arrays, numbers, strings, and dictionaries, tuples and lists of them; a "
        f"sample holds {type(first).__name__}: give a collate_fn"
    )


def default_convert(data: Any) -> Any:
    """A sample with its numpy arrays as tensors, without a batch axis; tuples become lists."""
    if isinstance(data, (np.ndarray, np.generic)) and data.dtype.kind in "biuf":
        return as_tensor(data)
    if isinstance(data, Mapping):
        return _like(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        items = [default_convert(item) for item in data]
        return items if type(data) is tuple else _like(data, items)
    return data


def _like(sample: Any, content: Any) -> Any:
    """``content``, a dict or a list, in the type of ``sample`` where that type can be made from it."""
    kind = type(sample)
    if isinstance(sample, MutableMapping):  # which may need more to be made than its content, as a defaultdict does
        clone = copy.copy(sample)
        clone.update(content)
        return clone
    try:
        return kind(*content) if hasattr(sample, "_fields") else kind(content)
    except TypeError:
        return content
