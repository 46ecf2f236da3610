"""State dicts: what a module saves, and loading it, after which all of it is new or, if anything is wrong, nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..surface.tensor import Tensor, wrap
from .hooks import Hooked
from .parameter import Parameter

EXTRA = "_extra_state"  # the name under which a module's get_extra_state() is saved


class StateDict(dict[str, Any]):
    """A state dict, with the version of every module by its path."""

    def __init__(self) -> None:
        super().__init__()
        self._metadata: dict[str, dict[str, Any]] = {}


class LoadResult(NamedTuple):
    """The names that did not match; with strict=False they were skipped."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"LoadResult(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


def parts_of(module: Any) -> list[tuple[str, Any]]:
    """(name, part) of the direct parts of a module, under all their names."""
    return [(name, value) for name, value in vars(module).items() if isinstance(value, Hooked)]


def own_state(module: Any) -> dict[str, Tensor]:
    """The parameters of a module itself, then the buffers that are saved, by name."""
    own = vars(module)
    state: dict[str, Tensor] = {name: value for name, value in own.items() if isinstance(value, Parameter)}
    for name, persistent in module._buffer_names.items():
        if persistent and own.get(name) is not None:
            state[name] = own[name]
    return state


def fitting(model: Any, given: Mapping[str, Any], usual: Any) -> list[tuple[Tensor, Any]] | None:
    """Where which numbers go if every name and shape fits and all modules read as ``usual`` does; else None."""
    found: list[tuple[Tensor, Any]] = []
    waiting = [(model, "")]
    while waiting:
        module, prefix = waiting.pop()
        reads = getattr(module._load_from_state_dict, "__func__", None), type(module).set_extra_state
        if reads != (usual._load_from_state_dict, usual.set_extra_state):
            return None
        for name, tensor in own_state(module).items():
            value = given.get(prefix + name)
            array = value.array if isinstance(value, Tensor) else np.asarray(value)
            if array.shape != tensor.array.shape or array.dtype.kind not in "biuf":
                return None
            found.append((tensor, array))
        waiting += [(part, f"{prefix}{name}.") for name, part in reversed(parts_of(module))]
    return found if len(found) == len(given) else None


def load_into(model: Any, given: Mapping[str, Any], strict: bool, assign: bool, usual: Any) -> LoadResult:
    """Let every module read its part of ``given``; see `Module.load_state_dict`."""
    if not assign and (known := fitting(model, given, usual)) is not None:
        for tensor, array in known:
            tensor.array[...] = array
            tensor.touch()
        return LoadResult([], [])
    tensors = dict(model.named_parameters(remove_duplicate=False)) | dict(model.named_buffers(remove_duplicate=False))
    before = [(module, dict(vars(module))) for module in model.modules()]
    numbers = [(tensor, type(tensor), tensor.array.copy()) for tensor in tensors.values()]
    versions = getattr(given, "_metadata", {})
    result, problems = LoadResult([], []), list[str]()

    waiting = [(model, dict(given), "")]
    try:
        while waiting:
            module, state, prefix = waiting.pop()
            metadata = {**versions.get(prefix[:-1], {}), **({"assign_to_params_buffers": True} if assign else {})}
            module._load_from_state_dict(state, prefix, metadata, True, *result, problems)
            below: defaultdict[str, dict[str, Any]] = defaultdict(dict)
            for key, value in state.items():
                below[key.removeprefix(prefix).partition(".")[0]][key] = value
            waiting += [(part, below[name], f"{prefix}{name}.") for name, part in reversed(parts_of(module))]
        if strict:
            shapes = {name: f" {tensor.array.shape}" for name, tensor in tensors.items()}
            missing = [f"missing: {name}{shapes.get(name, '')}" for name in result.missing_keys]
            problems[:0] = [*missing, *(f"unexpected: {name}" for name in result.unexpected_keys)]
        if problems:
            cure = "Give the state dict of a model built with the same sizes"
            cure += ", or strict=False to skip missing and unexpected names." if strict else "."
            told = f"{type(model).__name__} cannot load this state dict; nothing was loaded."
            raise RuntimeError("\n  ".join([told, *problems]) + "\n" + cure)
    except BaseException:
        for module, attributes in before:
            vars(module).clear()
            vars(module).update(attributes)
        for tensor, kind, array in numbers:
            if type(tensor) is not kind:  # it had no numbers yet
                tensor.__class__, tensor.array = kind, array
            elif (tensor.array != array).any():
                tensor.array[...] = array
                tensor.touch()
        raise
    return result


def read(tensor: Tensor, value: Any, key: str, assign: bool, problems: list[str]) -> Tensor:
    """``tensor`` with the numbers of ``value``; with ``assign`` ``value`` in its place; or a problem."""
    array = value.array if isinstance(value, Tensor) else np.asarray(value)
    if array.dtype.kind not in "biuf":
        problems.append(f"not numbers: {key} is {type(value).__name__} of dtype {array.dtype}")
    elif array.shape != tensor.array.shape:
        problems.append(f"wrong shape: {key} is {tensor.array.shape} here, {array.shape} was given")
    elif not assign:
        tensor.array[...] = array
        tensor.touch()
    elif isinstance(tensor, Parameter):
        return (value if isinstance(value, Parameter) else Parameter(value)).requires_grad_(tensor.requires_grad)
    else:
        return value if isinstance(value, Tensor) else wrap(array)
    return tensor
