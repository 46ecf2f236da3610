"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

from ...surface.functions import cat
from ...surface.tensor import Tensor


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """The entries of all parameters one after the other; recorded, so that gradients reach the parameters."""
    return cat([p.reshape(-1) for p in parameters], 0)


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Copy the entries of a vector into the parameters, in place, in the order of parameters_to_vector."""
    targets = list(parameters)
    total = sum(p.array.size for p in targets)
    if vec.array.shape != (total,):
        raise ValueError(f"the parameters hold {total} numbers; a vector of shape {vec.array.shape} was given.")
    start = 0
    for p in targets:
        p.array[...] = vec.array[start : start + p.array.size].reshape(p.array.shape)
        p.touch()
        start += p.array.size
