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


def torch() -> Any:
    """The library, if the program has imported it.

    Raises:
        RuntimeError: if it has not.
    """
    if "torch" not in sys.modules:
        raise RuntimeError(
            "following() follows what PyTorch computes, and this program has not imported it: install it with "
            "`pip install torch` and `import torch` first. What is computed with tinygrad_rnn itself needs no following"
        )
    return sys.modules["torch"]


def is_tensor(value: Any) -> bool:
    """Whether this is a tensor of PyTorch."""
    return "torch" in sys.modules and isinstance(value, torch().Tensor)


def mapped(change: Callable[[Any], Any], value: Any) -> Any:
    """The same nest of tuples, lists and dictionaries, every tensor of PyTorch in it changed."""
    if is_tensor(value):
        return change(value)
    if isinstance(value, dict):
        return {key: mapped(change, each) for key, each in value.items()}
    if isinstance(value, slice):
        return slice(*(mapped(change, each) for each in (value.start, value.stop, value.step)))
    if isinstance(value, (tuple, list)):
        made = [mapped(change, each) for each in value]
        return made if isinstance(value, list) else type(value)(*made) if hasattr(value, "_fields") else tuple(made)
    return value


def tensors_in(value: Any) -> list[Any]:
    """The tensors of PyTorch in a nest, in order."""
    found: list[Any] = []
    mapped(found.append, value)
    return found


def numbers(tensor: Any) -> Any:
    """The values as an array, in PyTorch's memory where that is possible: complex numbers as pairs of real ones."""
    plain = tensor.detach().resolve_conj().resolve_neg()
    if plain.is_complex():
        plain = torch().view_as_real(plain)
    if plain.dtype == torch().bfloat16:
        plain = plain.float()
    return plain.cpu().to_dense().numpy() if plain.layout != torch().strided else plain.cpu().numpy()


def restored(array: Any, dtype: Any, device: Any) -> Any:
    """An array of `numbers` as a tensor of PyTorch in memory of its own, of this type and on this device."""
    made = torch().from_numpy(np.array(array))
    return (torch().view_as_complex(made) if dtype.is_complex else made).to(dtype).to(device)


def agree(theirs: Any, ours: Any, dtype: Any) -> str:
    """Why two arrays are not the same up to rounding in PyTorch's ``dtype``; "" if they are."""
    if theirs.shape != ours.shape:
        return f"its shape is {theirs.shape}, here {ours.shape}"
    if theirs.dtype != ours.dtype:
        return f"its type is {theirs.dtype}, here {ours.dtype}"
    if theirs.dtype.kind != "f" or not theirs.size:
        return "" if np.array_equal(theirs, ours) else "it gives other numbers"
    with np.errstate(all="ignore"):
        finite = np.isfinite(theirs)
        if not same(np.where(finite, 0, theirs), np.where(np.isfinite(ours), 0, ours)):
            return "it is not finite elsewhere"
        largest = float(np.abs(theirs, where=finite, out=np.zeros_like(theirs)).max())
        apart = float(np.abs(np.subtract(theirs, ours, where=finite, out=np.zeros_like(theirs))).max())
    rounding = TOLERANCE.get(str(dtype), 0.0) * largest
    return "" if apart <= rounding else f"it gives other numbers, by {apart:.1e}"


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
        ones = [torch().ones(tuple(shape), dtype=like.dtype, device=like.device) for shape in shapes]
        return [numbers(torch().dropout(each, p, True)) for each in ones]
