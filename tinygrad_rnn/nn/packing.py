"""Packed sequences: sequences of different lengths in one batch, without the padding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..engine.modes import goes_by_data
from ..surface.creation import full
from ..surface.functions import cat, index_select, split, stack, unbind
from ..surface.tensor import Tensor, wrap
from .unrolling import checked_lengths


class PackedSequence(NamedTuple):
    """A batch of sequences, longest first, stored by time step: all first steps, then all second steps, and so on.

    ``data`` (sum of lengths, ...) holds the steps, ``batch_sizes[t]`` says how many sequences reach step t,
    ``sorted_indices`` the order that sorted the batch and ``unsorted_indices`` the way back (None if it was sorted).
    Made by `pack_padded_sequence` or `pack_sequence`, not by hand.
    """

    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None = None
    unsorted_indices: Tensor | None = None

    def steps(self) -> list[Tensor]:
        """One tensor (sequences that are still going, ...) per time step."""
        return list(split(self.data, self.sizes().tolist(), 0))

    def lengths(self) -> list[int]:
        """The lengths of the sequences, longest first."""
        sizes = self.sizes()
        return [int((sizes > row).sum()) for row in range(int(sizes[0]))]

    def sizes(self) -> np.ndarray[Any, Any]:
        """How many sequences reach each step, as an array."""
        goes_by_data("a PackedSequence", self.batch_sizes)
        sizes: np.ndarray[Any, Any] = self.batch_sizes.array
        return sizes


def pack_padded_sequence(
    input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack a padded batch (time, batch, ...), or (batch, time, ...) with batch_first=True.

    ``lengths`` holds the number of valid steps of every sequence. With enforce_sorted=True they must be longest first;
    with False they may come in any order, and results come back in that order.

    >>> packed = tg.nn.utils.rnn.pack_padded_sequence(tg.tensor([[1, 4], [2, 5], [3, 0]]), [3, 2])
    >>> packed.data, packed.batch_sizes
    (tensor([1, 4, 2, 5, 3]), tensor([2, 2, 1]))
    """
    steps = list(unbind(input, 1 if batch_first else 0))
    batch = input.array.shape[0 if batch_first else 1]
    sizes = checked_lengths(lengths, len(steps), batch)
    order = back = None
    if not enforce_sorted:
        by_length = np.argsort(-sizes, kind="stable")
        sizes = sizes[by_length]
        order, back = wrap(by_length), wrap(np.argsort(by_length))
        steps = [index_select(x, 0, order) for x in steps[: sizes[0]]]
    elif (np.diff(sizes) > 0).any():
        raise RuntimeError(
            f"lengths must be longest first, and {sizes.tolist()} are not: pass enforce_sorted=False to have them "
            "sorted."
        )
    reach = [int((sizes > t).sum()) for t in range(int(sizes[0]))]
    return PackedSequence(cut(steps, reach), wrap(np.array(reach)), order, back)


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Pack a list of sequences (length_i, ...)."""
    lengths = [len(sequence) for sequence in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """Undo the packing: the padded batch (time, batch, ...) and the lengths, in the order the batch had.

    ``total_length`` asks for more time steps than the longest sequence has.
    """
    lengths = np.array(sequence.lengths())
    steps = padded_steps(sequence, padding_value)
    if total_length is not None:
        if total_length < len(steps):
            raise ValueError(f"total_length={total_length} is less than the longest sequence, {len(steps)}.")
        steps += [full(steps[0].shape, padding_value, dtype=steps[0].dtype)] * (total_length - len(steps))
    dim = 1 if batch_first else 0
    padded = stack(steps, dim)
    if sequence.unsorted_indices is not None:
        padded = index_select(padded, 1 - dim, sequence.unsorted_indices)
        goes_by_data("pad_packed_sequence", sequence.unsorted_indices)
        lengths = lengths[sequence.unsorted_indices.array]
    return padded, wrap(lengths)


def pad_sequence(
    sequences: Sequence[Tensor], batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Tensor:
    """Stack sequences (length_i, ...) as (time, batch, ...), the short ones filled up with ``padding_value``."""
    if len(sequences) == 0:
        raise ValueError("pad_sequence was given no sequences.")
    if padding_side not in ("left", "right"):
        raise ValueError(f"padding_side is 'left' or 'right'; {padding_side!r} was given.")
    longest = max(len(sequence) for sequence in sequences)
    columns = [_filled(sequence, longest, padding_value, padding_side) for sequence in sequences]
    return stack(columns, 0 if batch_first else 1)


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """The sequences (length_i, ...) that were padded to (time, batch, ...), or (batch, time, ...)."""
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [row[:length] for row, length in zip(rows, lengths.tolist(), strict=True)]


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences (length_i, ...) that were packed."""
    return unpad_sequence(*pad_packed_sequence(packed_sequences, batch_first=True), batch_first=True)


def padded_steps(sequence: PackedSequence, padding_value: float = 0.0) -> list[Tensor]:
    """All time steps with as many rows as the first one."""
    steps = sequence.steps()
    return [_filled(x, len(steps[0]), padding_value) for x in steps]


def _filled(x: Tensor, length: int, value: float, side: str = "right") -> Tensor:
    """A tensor with as many more rows of one value that it has ``length`` of them."""
    if len(x) == length:
        return x
    filling = full((length - len(x), *x.array.shape[1:]), value, dtype=x.dtype)
    return cat([x, filling] if side == "right" else [filling, x], 0)


def cut(steps: Iterable[Tensor], sizes: Iterable[int]) -> Tensor:
    """The data of a PackedSequence: of every step the first ``sizes[t]`` rows."""
    return cat([x[:n] if n < len(x) else x for x, n in zip(steps, sizes, strict=False)], 0)


def reorder(state: Any, order: Tensor | None, batch_axis: int) -> Any:
    """A state in another order of its sequences."""
    if state is None or order is None:
        return state
    if isinstance(state, (tuple, list)):
        return type(state)(reorder(part, order, batch_axis) for part in state)
    return index_select(state, batch_axis, order)
