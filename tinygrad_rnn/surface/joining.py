"""Functions that make one tensor of several and several of one: stack, cat, split and their like, and padding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np

from ..numbers import dtypes
from ..ops import shaping
from .arguments import axis
from .forms import also
from .tensor import Tensor


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """The tensors, all of one shape, along a new axis.

    Raises:
        RuntimeError: if there is none, or the shapes differ.
    """
    tensors = tuple(tensors)
    shapes = {getattr(tensor, "array", tensor).shape for tensor in tensors}
    if len(shapes) != 1:
        raise RuntimeError(
            f"stack expects one or more tensors of one shape, got {len(tensors)} of shapes {sorted(shapes)}"
        )
    return shaping.stack(*tensors, dim=axis(dim, len(shapes.pop()) + 1))


@also("concat", "concatenate")
def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """The tensors one after the other along an axis they have; of shape (0,) only the type counts.

    Raises:
        RuntimeError: if there is none, or they differ in another axis.
    """
    tensors = tuple(tensors)
    if not tensors:
        raise RuntimeError("cat expects one or more tensors, got none")
    shapes = [getattr(tensor, "array", tensor).shape for tensor in tensors]
    first = next((shape for shape in shapes if shape != (0,)), shapes[0])
    along = axis(dim, len(first))
    nothing = (*first[:along], 0, *first[along + 1 :])  # scripts begin with an empty Tensor()
    if (0,) in shapes and nothing != (0,):
        tensors = tuple(shaping.reshape(x, shape=nothing) if tuple(x.shape) == (0,) else x for x in tensors)
        shapes = [nothing if shape == (0,) else shape for shape in shapes]
    rests = {(*shape[:along], *shape[along + 1 :]) for shape in shapes}
    if len(rests) != 1 or any(len(shape) != len(shapes[0]) or not shape for shape in shapes):
        raise RuntimeError(
            f"cat along axis {along} needs equal sizes in the others, got {shapes}"
            + ("; single numbers have no axis, use stack" if () in shapes else "")
        )
    return shaping.cat(*tensors, dim=along)


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along an axis."""
    if not input.ndim:
        raise RuntimeError("a tensor without axes cannot be taken apart; use x.item()")
    front = (slice(None),) * axis(dim, input.ndim)
    return tuple(shaping.getitem(input, index=(*front, i)) for i in range(input.shape[len(front)]))


@also("split_with_sizes", "unsafe_split")
def split(input: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces of this size (the last may be smaller), or of these sizes, along an axis.

    Raises:
        RuntimeError: if the sizes do not add up to that of the axis.
    """
    along = axis(dim, input.ndim)
    size = input.shape[along] if input.ndim else 0
    if isinstance(split_size_or_sections, int):
        step = split_size_or_sections
        if step < 0 or (step == 0 and size):
            raise RuntimeError(f"pieces of size {step} never cover axis {along} of size {size}")
        sections = [min(step, size - start) for start in range(0, size, step or 1)] or [0]
    else:
        sections = [int(section) for section in split_size_or_sections]
    if sum(sections) != size or min(sections, default=0) < 0 or not input.ndim:
        raise RuntimeError(f"the pieces {sections} must add up to the size of axis {along}, which is {size}")
    return _between(input, along, list(accumulate(sections, initial=0)))


def _between(input: Tensor, along: int, places: list[int]) -> tuple[Tensor, ...]:
    """The pieces of an axis between each of these places and the next."""
    front = (slice(None),) * along
    return tuple(shaping.getitem(input, index=(*front, slice(start, stop))) for start, stop in pairwise(places))


@also("unsafe_chunk")
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most so many pieces of equal size (the last may be smaller) along an axis.

    Raises:
        RuntimeError: if fewer than one piece is asked for.
    """
    if chunks < 1:
        raise RuntimeError(f"chunk needs at least one piece, got {chunks}")
    size = input.shape[axis(dim, input.ndim)] if input.ndim else 0
    if not size:
        return split(input, [0] * chunks, dim)
    return split(input, -(-size // chunks), dim)


def tensor_split(input: Tensor, indices_or_sections: int | Sequence[int] | Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """So many pieces of nearly equal size, the larger ones first, or the pieces between these places of an axis.

    Raises:
        RuntimeError: if fewer than one piece is asked for, or the tensor has no axes.
    """
    along = axis(dim, input.ndim)
    if not input.ndim:
        raise RuntimeError("a tensor without axes cannot be split; use x.item()")
    size = input.shape[along]
    if isinstance(indices_or_sections, Tensor):
        indices_or_sections = indices_or_sections.tolist()
    if isinstance(indices_or_sections, int):
        if indices_or_sections < 1:
            raise RuntimeError(f"tensor_split needs at least one piece, got {indices_or_sections}")
        small, larger = divmod(size, indices_or_sections)
        places = [i * small + min(i, larger) for i in range(indices_or_sections + 1)]
    else:
        places = [0, *(int(place) for place in indices_or_sections), size]
    return _between(input, along, places)


@also(method=False)
def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """Entries added around: ``pad`` = (before, after) of the last axis, then of the one before it, and so on.

    Negative numbers take entries away. What is added is ``value``, or with mode "reflect" the entries mirrored at the
    edge, with "replicate" the one at the edge, with "circular" those from the other end; one or two axes are left then.

    Raises:
        NotImplementedError: for another mode, or another number of axes.
        RuntimeError: if ``pad`` does not hold pairs, or more pairs than there are axes, or than entries to take.
    """
    modes = ("reflect", "replicate", "circular")
    if mode != "constant" and (mode not in modes or input.ndim - len(pad) // 2 not in (1, 2)):
        raise NotImplementedError(
            f"pad is constant, or leaves one or two axes and is one of {modes}, got {mode!r}, {pad}"
        )
    if len(pad) % 2 or len(pad) > 2 * input.ndim:
        raise RuntimeError(f"pad needs (before, after) for at most {input.ndim} axes, the last first, got {tuple(pad)}")
    pairs = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)]
    pairs = [(0, 0)] * (input.ndim - len(pairs)) + pairs[::-1]
    if mode in ("constant", "circular") and any(before < 0 or after < 0 for before, after in pairs):
        kept = tuple(
            slice(max(-before, 0), size - max(-after, 0))
            for size, (before, after) in zip(input.shape, pairs, strict=True)
        )
        if any(part.stop < part.start for part in kept):
            raise RuntimeError(f"pad={tuple(pad)} takes away more than the shape {tuple(input.shape)} has")
        input = shaping.getitem(input, index=kept)
        pairs = [(max(before, 0), max(after, 0)) for before, after in pairs]
    if mode == "constant":
        return shaping.pad(input, widths=tuple(pairs), value=dtypes.fitting(value or 0, input.dtype))
    for along, (size, ends) in enumerate(zip(input.shape, pairs, strict=True)):
        if any(ends):
            if max(ends) > {"reflect": size - 1, "circular": size}.get(mode, size and math.inf):
                raise RuntimeError(f"pad={tuple(pad)} takes more from an axis than its {size} entries")
            places = np.arange(-ends[0], size + ends[1])
            if mode == "reflect":
                places = size - 1 - np.abs(size - 1 - places % max(2 * size - 2, 1))
            places = places % size if mode == "circular" else places.clip(0, size - 1)
            input = shaping.getitem(input, index=(*[slice(None)] * along, places))
    return input


@also(method=False)
def constant_pad_nd(input: Tensor, pad: Sequence[int], value: float = 0) -> Tensor:
    """As ``pad``, with ``value`` around."""
    return _pad(input, pad, value=value)


_pad = pad
