"""Functions that look for entries and count them; their results have no derivative."""

from __future__ import annotations

from typing import Any, Literal, overload

import numpy as np

from ..engine.modes import goes_by_data
from .arguments import axes, sizes
from .forms import also
from .tensor import Tensor


@overload
def nonzero(input: Tensor, *, as_tuple: Literal[False] = False) -> Tensor: ...
@overload
def nonzero(input: Tensor, *, as_tuple: Literal[True]) -> tuple[Tensor, ...]: ...
def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The indices of the entries that are not 0: (count, axes), or with ``as_tuple`` a vector for each axis."""
    goes_by_data("nonzero", input)
    found = np.nonzero(np.atleast_1d(input.array) if as_tuple else input.array) if input.ndim or as_tuple else ()
    if as_tuple:
        return tuple(input.fresh(each) for each in found)
    if not input.ndim:
        return input.fresh(np.empty((int(bool(input.array)), 0), np.int64))
    return input.fresh(np.stack(found, axis=-1))


def nonzero_static(input: Tensor, *, size: int, fill_value: int = -1) -> Tensor:
    """The first ``size`` rows of ``nonzero``; those that are missing hold ``fill_value``."""
    if size < 0:
        raise RuntimeError(f"nonzero_static gives a number of rows of at least 0, got {size}")
    rows = np.full((size, input.ndim), fill_value, np.int64)
    found = nonzero(input).array[:size]
    rows[: len(found)] = found
    return input.fresh(rows)


@also(method=False)
def unravel_index(indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    """Where entries stand, an index for each axis of ``shape``, that are counted along all of them."""
    wanted = sizes((shape,))
    if indices.dtype.kind not in "iu":
        raise TypeError(f"unravel_index takes integers, got {indices.dtype}")
    goes_by_data("unravel_index", indices)
    return tuple(indices.fresh(np.asarray(each)) for each in np.unravel_index(indices.array, wanted))


def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    """How many entries are not 0, altogether or along axes."""
    goes_by_data("count_nonzero", input)
    return input.fresh(np.asarray(np.count_nonzero(input.array, axis=axes(dim, input.ndim))))


@overload
def unique(
    input: Tensor, sorted: bool = True, return_inverse: Literal[False] = False, return_counts: Literal[False] = False,
    dim: int | None = None,
) -> Tensor: ...  # fmt: skip
@overload
def unique(
    input: Tensor, sorted: bool = True, *, return_inverse: Literal[True], return_counts: bool = False,
    dim: int | None = None,
) -> tuple[Tensor, ...]: ...  # fmt: skip
@overload
def unique(
    input: Tensor, sorted: bool = True, *, return_inverse: bool = False, return_counts: Literal[True],
    dim: int | None = None,
) -> tuple[Tensor, ...]: ...  # fmt: skip
def unique(
    input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False,
    dim: int | None = None,
) -> Any:  # fmt: skip
    """The different entries (or slices of an axis) in rising order; ``sorted=False`` asks for no order.

    With ``return_inverse`` also where each entry of the input is among them, with ``return_counts`` how often each
    of them occurs.
    """
    goes_by_data("unique", input)
    options: Any = {"return_inverse": True, "return_counts": True, "axis": dim, "equal_nan": False}
    values, inverse, counts = np.unique(input.array, **options)
    inverse = inverse.reshape(input.shape if dim is None else (-1,))
    asked = [*([inverse] if return_inverse else []), *([counts] if return_counts else [])]
    found = input.fresh(values)
    return (found, *map(input.fresh, asked)) if asked else found


def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The entries (or slices of an axis) without those that equal the one before; for the rest see ``unique``."""
    goes_by_data("unique_consecutive", input)
    x = input.array.reshape(-1) if dim is None else np.moveaxis(input.array, dim, 0)
    new = np.ones(len(x), np.bool_)
    new[1:] = (x[1:] != x[:-1]).any(axis=tuple(range(1, x.ndim)))
    places = np.flatnonzero(new)
    inverse = (np.cumsum(new) - 1).reshape(input.shape if dim is None else (-1,))
    asked = [*([inverse] if return_inverse else []), *([np.diff(places, append=len(x))] if return_counts else [])]
    found = input.fresh(x[new] if dim is None else np.moveaxis(x[new], 0, dim))
    return (found, *map(input.fresh, asked)) if asked else found


def bincount(input: Tensor, weights: Any = None, minlength: int = 0) -> Tensor:
    """How often each of the numbers 0, 1, 2, ... occurs in a vector, or the sum of the weights of its entries.

    Raises:
        RuntimeError: if the input is not a vector of integers that are not negative.
    """
    if input.ndim != 1 or input.array.dtype.kind not in "iu" or (input.array < 0).any():
        raise RuntimeError(
            f"bincount takes a vector of integers that are not negative, got {input.array.dtype} of shape "
            f"{tuple(input.shape)}"
        )
    goes_by_data("bincount", input)
    counts = np.bincount(input.array, None if weights is None else weights.array, minlength)
    return input.fresh(counts.astype(np.float32) if weights is not None and weights.dtype == np.float32 else counts)
