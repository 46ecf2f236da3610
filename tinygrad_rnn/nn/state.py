"""Loading a state dict: everything is checked before anything is written."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..surface.tensor import Tensor


class LoadResult(NamedTuple):
    """The names that did not match; with strict=False they were skipped."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"LoadResult(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


def load_into(own: Mapping[str, Tensor], given: Mapping[str, Any], strict: bool, model: str) -> LoadResult:
    """Copy the numbers of ``given`` into the tensors of the same names; see `Module.load_state_dict`."""
    result = LoadResult([name for name in own if name not in given], [name for name in given if name not in own])
    problems: list[str] = []
    if strict:
        problems += [f"missing: {name} {own[name].array.shape}" for name in result.missing_keys]
        problems += [f"unexpected: {name}" for name in result.unexpected_keys]
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for name, tensor in own.items():
        if name not in given:
            continue
        value = given[name]
        arrays[name] = array = value.array if isinstance(value, Tensor) else np.asarray(value)
        if array.dtype.kind not in "biuf":
            problems.append(f"not numbers: {name} is {type(value).__name__} of dtype {array.dtype}")
        elif array.shape != tensor.array.shape:
            problems.append(f"wrong shape: {name} is {tensor.array.shape} here, {array.shape} was given")
    if problems:
        cure = "Give the state dict of a model built with the same sizes"
        cure += ", or strict=False to skip missing and unexpected names." if strict else "."
        lines = "\n  ".join(problems)
        raise RuntimeError(f"{model} cannot load this state dict; nothing was loaded.\n  {lines}\n{cure}")
    for name, array in arrays.items():
        own[name].array[...] = array
        own[name].touch()
    return result
