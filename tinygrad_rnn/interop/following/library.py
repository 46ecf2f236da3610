"""PyTorch as it is found: loaded by whoever uses it and never from here, and its tensors as arrays."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

#: How far, as part of the largest, numbers may lie apart and still be the same but for the order of sums.
TOLERANCE = {"torch.float64": 1e-9, "torch.float32": 1e-4, "torch.float16": 1e-2, "torch.bfloat16": 5e-2}
TOLERANCE |= {"torch.complex128": 1e-9, "torch.complex64": 1e-4}

#: The type, the device and the layout of a tensor of PyTorch.
Like = tuple[Any, Any, Any]


def torch() -> Any:
    """The library, if the program has imported it.

    Raises:
        RuntimeError: if it has not.
    """
    if "torch" not in sys.modules:
        raise RuntimeError(
            "following() follows what PyTorch computes, and this program has not imported it: `pip install torch` and "
            "`import torch` first. What is computed with tinygrad_rnn itself needs no following"
        )
    return sys.modules["torch"]


def is_tensor(value: Any) -> bool:
    """Whether this is a tensor of PyTorch."""
    return "torch" in sys.modules and isinstance(value, torch().Tensor)


def mapped(change: Callable[[Any], Any], value: Any) -> Any:
    """The same nest of tuples, lists and dictionaries, all that is in it changed."""
    return torch().utils._pytree.tree_map(change, value)


def tensors_in(value: Any) -> list[Any]:
    """The tensors of PyTorch in a nest, in order."""
    return [each for each in torch().utils._pytree.tree_leaves(value) if is_tensor(each)]


def like(tensor: Any) -> Like:
    """What a tensor of PyTorch is like."""
    return tensor.dtype, tensor.device, tensor.layout


def numbers(tensor: Any) -> Any:
    """The values as an array, in PyTorch's memory where that is possible: complex numbers as pairs of real ones."""
    plain = tensor.detach().to_dense().resolve_conj()
    if plain.is_complex():
        plain = torch().view_as_real(plain)
    return (plain.float() if plain.dtype == torch().bfloat16 else plain).numpy(force=True)


def restored(array: Any, kind: Like) -> Any:
    """An array of `numbers` as a tensor of PyTorch in memory of its own, of this kind."""
    dtype, device, layout = kind
    made = torch().from_numpy(np.array(array))
    made = (torch().complex(made[..., 0], made[..., 1]) if dtype.is_complex else made).to(dtype).to(device)
    return made if layout == torch().strided else made.to_sparse(layout=layout)


def refuse_other(theirs: Any, ours: Any, dtype: Any) -> None:
    """Raise ValueError if two arrays are not the same up to rounding in PyTorch's ``dtype``."""
    if (theirs.shape, theirs.dtype) != (ours.shape, ours.dtype):
        raise ValueError(f"it gives {theirs.dtype}{list(theirs.shape)}, here {ours.dtype}{list(ours.shape)}")
    with np.errstate(all="ignore"):
        largest = np.abs(theirs[np.isfinite(theirs)]).max(initial=0)
        rounding = TOLERANCE.get(str(dtype), 0) * float(largest)
        if not np.allclose(theirs, ours, rtol=0, atol=rounding, equal_nan=True):
            raise ValueError(f"it gives other numbers, by {np.nanmax(np.abs(np.subtract(theirs, ours, dtype=float)))}")


def same(array: Any, other: Any) -> bool:
    """Whether two arrays hold the same numbers; NaN is the same as NaN."""
    return array.shape == other.shape and np.array_equal(array, other, equal_nan=array.dtype.kind == "f")


@contextmanager
def random_numbers(state: Any) -> Iterator[None]:
    """Draw again the random numbers that came after ``state``, with nobody following."""
    now = torch().get_rng_state()
    torch().set_rng_state(state)
    try:
        with torch()._C.DisableTorchFunction():
            yield
    finally:
        torch().set_rng_state(now)


def dropped(state: Any, like: Any, shapes: Sequence[Any], p: float) -> list[Any]:
    """The masks that dropout drew, one after the other, from ``state`` on: 0 or 1 / (1 - p)."""
    with random_numbers(state), torch().no_grad():
        ones = torch().ones_like(like)  # which lies in memory as the result does: numbers are drawn in that order
        fitting = [ones if ones.shape == tuple(shape) else like.new_ones(tuple(shape)) for shape in shapes]
        return [numbers(torch().dropout(each, p, True)) for each in fitting]
