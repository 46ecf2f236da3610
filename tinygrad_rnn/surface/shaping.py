"""Functions that give the entries of a tensor another arrangement: shapes, axes, repetition, parts along an axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.versions import shares
from ..ops import elementwise, shaping
from .arguments import axis, settled, sizes, whole
from .forms import also
from .tensor import Tensor


def reshape(input: Tensor, *sizes_: Any, shape: Any = None) -> Tensor:
    """The same entries in another shape; one size may be -1 and is computed.

    Raises:
        RuntimeError: if the shape holds another number of entries.
    """
    wanted = sizes(sizes_ if shape is None else (shape,))
    try:
        return shaping.reshape(input, shape=wanted)
    except (ValueError, RuntimeError):
        raise RuntimeError(
            f"shape {wanted} is invalid for a tensor of {math.prod(input.shape)} entries, of shape {tuple(input.shape)}"
        ) from None


def view(self: Tensor, *sizes_: Any) -> Tensor:
    """As ``reshape``: the same memory in another shape.

    Raises:
        RuntimeError: if the memory order does not allow that, or the shape holds another number of entries.
    """
    if len(sizes_) == 1 and isinstance(sizes_[0], np.dtype):
        raise RuntimeError("view(dtype), another reading of the same bytes, is not supported; use x.to(dtype)")
    result = reshape(self, *sizes_)
    if self.numel() and not shares(result.array, self.array):
        raise RuntimeError(
            f"a tensor of shape {tuple(self.shape)} whose entries lie in another order in memory cannot be viewed in "
            f"shape {tuple(result.shape)}; use reshape, which copies then"
        )
    return result


def reshape_as(self: Tensor, other: Any) -> Tensor:
    """The same entries in the shape of ``other``."""
    return reshape(self, other.shape)


def view_as(self: Tensor, other: Any) -> Tensor:
    """The same memory in the shape of ``other``."""
    return view(self, other.shape)


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The axes from ``start_dim`` to ``end_dim`` as one.

    Raises:
        RuntimeError: if the first comes after the last.
    """
    first, last = axis(start_dim, input.ndim), axis(end_dim, input.ndim)
    if first > last:
        raise RuntimeError(f"flatten needs start_dim before end_dim, got {start_dim} and {end_dim}")
    if first == last and input.ndim:
        return input
    shape = tuple(input.shape)
    return shaping.reshape(input, shape=(*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))


def ravel(input: Tensor) -> Tensor:
    """All axes as one, the entries side by side in memory."""
    return flatten(input).contiguous()


@also(method=False)
def clone(input: Tensor) -> Tensor:
    """A copy in its own memory; gradients flow through."""
    return input.clone()


@also(method=False)
def numel(input: Tensor) -> int:
    """How many entries there are."""
    return math.prod(input.shape)


@also(method=False)
def is_floating_point(input: Tensor) -> bool:
    """Whether it holds real numbers."""
    return input.dtype.kind == "f"


def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """One axis as several, of these sizes."""
    along = axis(dim, input.ndim)
    return reshape(input, (*input.shape[:along], *sizes, *input.shape[along + 1 :]))


@also(rearranges=True)
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """A new axis of size 1 before axis ``dim``."""
    return shaping.unsqueeze(input, dim=axis(dim, input.ndim + 1))


@also(rearranges=True)
def squeeze(input: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    """Without the axes of size 1: all of them, or those of ``dim`` that have it."""
    named = range(input.ndim) if dim is None else dim if isinstance(dim, Sequence) else (dim,)
    chosen = [axis(each, input.ndim) for each in named]
    return shaping.squeeze(input, dim=tuple(i for i in chosen if input.ndim and input.shape[i] == 1))


# Order of axes


@also("swapaxes", "swapdims", rearranges=True)
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Two axes exchanged."""
    if not input.ndim:
        return permute(input, ()) if axis(dim0, 0) == axis(dim1, 0) else input
    return shaping.transpose(input, dim0=axis(dim0, input.ndim), dim1=axis(dim1, input.ndim))


@also(rearranges=True)
def t(input: Tensor) -> Tensor:
    """A matrix transposed; vectors and single numbers as they are.

    Raises:
        RuntimeError: for a tensor with more than two axes.
    """
    if input.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with at most 2 axes, got {input.ndim}; use .mT or .transpose()")
    return transpose(input, 0, 1) if input.ndim == 2 else permute(input, tuple(range(input.ndim)))


def permute(input: Tensor, *order: Any, dims: Sequence[int] | None = None) -> Tensor:
    """The axes in another order: ``permute(x, (2, 0, 1))``.

    Raises:
        RuntimeError: if the order does not name every axis once.
    """
    named = sizes(order if dims is None else (dims,))
    found = tuple(axis(dim, input.ndim) for dim in named)
    if sorted(found) != list(range(input.ndim)):
        raise RuntimeError(f"permute needs each of the {input.ndim} axes once, got {named}")
    return shaping.permute(input, dims=found)


@also("moveaxis")
def movedim(input: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Axes moved to other places, the others staying in order.

    Raises:
        RuntimeError: if there are not as many places as axes, or one is named twice.
    """
    moved, places = (
        [axis(dim, input.ndim) for dim in (dims if isinstance(dims, Sequence) else (dims,))]
        for dims in (source, destination)
    )
    if len(moved) != len(places) or len(set(moved)) < len(moved) or len(set(places)) < len(places):
        raise RuntimeError(f"movedim needs one place for each axis, got source={source} and destination={destination}")
    order = [dim for dim in range(input.ndim or 1) if dim not in moved]
    for place, dim in sorted(zip(places, moved, strict=True)):
        order.insert(place, dim)
    return permute(input, order if input.ndim else ())


# Repetition


def expand(self: Tensor, *shape: Any) -> Tensor:
    """Repeated along axes of size 1, and along new axes in front, to this shape; -1 keeps the size of an axis.

    Raises:
        RuntimeError: if the tensor cannot be repeated to this shape.
    """
    wanted, own = sizes(shape), tuple(self.shape)
    known = (None,) * (len(wanted) - len(own)) + own
    full = tuple(
        own_size if size == -1 else size for size, own_size in zip(wanted, known[-len(wanted) :], strict=False)
    )
    if len(wanted) < len(own) or None in full:
        raise RuntimeError(f"a tensor of shape {own} cannot be repeated to {wanted}: give a size for each axis")
    try:
        return shaping.broadcast_to(self, shape=full)
    except (ValueError, RuntimeError):
        raise RuntimeError(
            f"a tensor of shape {own} cannot be repeated to {full}: only axes of size 1 can, and new axes in front"
        ) from None


def expand_as(self: Tensor, other: Any) -> Tensor:
    """Repeated to the shape of ``other``."""
    return expand(self, other.shape)


def broadcast_to(input: Tensor, shape: Sequence[int]) -> Tensor:
    """Repeated along axes of size 1, and along new axes in front, until it has this shape."""
    return expand(input, shape)


def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """The shape to which tensors of all these shapes are repeated."""
    return np.broadcast_shapes(*(sizes((shape,)) for shape in shapes))


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """Each repeated to the shape that all have together."""
    return tuple(expand(each, np.broadcast_shapes(*(tuple(x.shape) for x in tensors))) for each in tensors)


def sum_to_size(self: Tensor, *shape: Any) -> Tensor:
    """Summed over the axes along which this shape would have to be repeated."""
    wanted = sizes(shape)
    if np.broadcast_shapes(wanted, tuple(self.shape)) != tuple(self.shape):
        raise RuntimeError(f"{wanted} cannot be repeated to {tuple(self.shape)}, so that nothing can be summed to it")
    return self if wanted and wanted == tuple(self.shape) else shaping.sum_to(self, shape=wanted)


def repeat(self: Tensor, *repeats: Any) -> Tensor:
    """Copies side by side: ``repeats`` of them along each axis, new axes in front.

    Raises:
        RuntimeError: if there are fewer numbers than axes.
    """
    times = sizes(repeats)
    if len(times) < self.ndim:
        raise RuntimeError(f"repeat needs a number for each of the {self.ndim} axes, got {times}")
    own = (1,) * (len(times) - self.ndim) + tuple(self.shape)
    once = shaping.reshape(self, shape=tuple(size for n in own for size in (1, n)))
    copies = shaping.broadcast_to(once, shape=tuple(size for pair in zip(times, own, strict=True) for size in pair))
    result: Tensor = shaping.reshape(copies, shape=tuple(r * n for r, n in zip(times, own, strict=True)))
    return result.contiguous() if result.owner is None else result.clone()


def tile(input: Tensor, *repeats: Any, dims: Any = None) -> Tensor:
    """As ``repeat``, where missing numbers in front are 1."""
    times = sizes(repeats if dims is None else (dims,))
    return repeat(input, (1,) * (input.ndim - len(times)) + times)


# Rearrangement and parts


def flip(input: Tensor, *axes: Any, dims: Sequence[int] | None = None) -> Tensor:
    """In reverse order along these axes: ``flip(x, (0, 1))``."""
    named = sizes(axes if dims is None else (dims,))
    along = tuple(axis(dim, input.ndim) for dim in named)
    return shaping.flip(input, dims=along if input.ndim else ())


def fliplr(input: Tensor) -> Tensor:
    """The second axis in reverse order."""
    return flip(input, 1)


def flipud(input: Tensor) -> Tensor:
    """The first axis in reverse order, which a single number has not."""
    return flip(input, 0 if input.ndim else 1)


def roll(input: Tensor, shifts: int | Sequence[int], dims: int | Sequence[int] | None = None) -> Tensor:
    """Moved along ``dims`` by ``shifts`` places, what leaves at one end coming in at the other.

    Raises:
        RuntimeError: if there are not as many shifts as axes.
    """
    moves = tuple(shifts) if isinstance(shifts, Sequence) else (shifts,)
    if not moves:
        raise RuntimeError(f"roll needs shifts, by how many places to move, got none for dims={dims}")
    if dims is None or dims == ():
        flat = shaping.roll(reshape(input, -1), shifts=moves, dims=(0,) * len(moves))
        return settled(flat, input.shape)
    named = tuple(axis(dim, input.ndim) for dim in (dims if isinstance(dims, Sequence) else (dims,)))
    if len(named) != len(moves):
        raise RuntimeError(f"roll needs a shift for each axis, got shifts={shifts} and dims={dims}")
    return shaping.roll(input, shifts=moves, dims=named)


def narrow(input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    """``length`` entries of an axis, from ``start`` on.

    Raises:
        RuntimeError: if the axis has not so many.
    """
    along, start = axis(dim, input.ndim), whole(start, "the start")
    size = input.shape[along] if input.ndim else -1
    if not (-size <= start <= size and 0 <= length <= size - (start if start >= 0 else start + size)):
        raise RuntimeError(
            f"narrow: {length} entries from {start} on do not fit axis {along} of a tensor of shape {input.array.shape}"
        )
    start += size if start < 0 else 0
    return shaping.getitem(input, index=(slice(None),) * along + (slice(start, start + length),))


def select(input: Tensor, dim: int, index: Any) -> Tensor:
    """One slice of an axis, without the axis."""
    return shaping.getitem(input, index=(slice(None),) * axis(dim, input.ndim) + (int(index),))


def unfold(self: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """Windows of ``size`` entries along an axis, one every ``step``: the axis counts them, a new last one is theirs.

    Raises:
        RuntimeError: if the axis is shorter than a window, or the step is not at least 1.
    """
    along = axis(dimension, self.ndim)
    if not self.ndim and size == 1:
        return reshape(self, (1,))
    if not self.ndim or not 0 < size <= self.shape[along] or step < 1:
        raise RuntimeError(
            f"unfold needs windows that fit axis {dimension} of shape {tuple(self.shape)} and a step of at least 1, "
            f"got size={size} and step={step}"
        )
    return shaping.unfold(self, dim=along, size=size, step=step, dilation=1)


def rot90(input: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """Turned by 90 degrees ``k`` times, from the first of two axes towards the second."""
    first, second = (axis(dim, input.ndim) for dim in dims)
    if first == second:
        raise RuntimeError(f"rot90 turns two different axes, got {tuple(dims)}")
    if k % 2:
        turned = transpose(input, first, second)
        return flip(turned, (first if k % 4 == 1 else second,))
    return flip(input, (first, second)) if k % 4 else input.clone()


@also(inplace=True)
def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The last two axes with zeros above the diagonal (above the ``diagonal``-th one to its right)."""
    return _masked(input, _lower(input, diagonal))


@also(inplace=True)
def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The last two axes with zeros below the diagonal (below the ``diagonal``-th one to its right)."""
    return _masked(input, ~_lower(input, diagonal - 1))


def _lower(input: Tensor, diagonal: int) -> Any:
    rows, columns = (1, 1, *input.shape)[-2:]
    return np.tri(rows, columns, diagonal, dtype=bool)


def _masked(input: Tensor, mask: Any) -> Tensor:
    if input.ndim < 2:
        raise RuntimeError(f"tril and triu need a matrix or a batch of them, got shape {tuple(input.shape)}")
    kept: Tensor = elementwise.where(mask, input, False if input.dtype.kind == "b" else 0)
    return kept


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """The diagonal of two axes as a new last axis; ``offset`` counts diagonals to the right.

    Raises:
        RuntimeError: if the two axes are the same.
    """
    first, second = axis(dim1, input.ndim), axis(dim2, input.ndim)
    if first == second:
        raise RuntimeError(f"diagonal needs two different axes, got {dim1} and {dim2}")
    return shaping.diagonal(movedim(input, (first, second), (0, 1)), offset=offset)
