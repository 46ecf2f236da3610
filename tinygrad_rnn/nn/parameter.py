"""Parameter: a tensor that a Module counts as its own and that an optimiser may change."""

import math
from typing import Any

import numpy as np

from ..engine.versions import shared_memory
from ..numbers import dtypes
from ..surface.arrays import as_array, refuse_gradient_of
from ..surface.tensor import Tensor, wrap
from .init import uniform_


class Parameter(Tensor):
    """A leaf tensor that a `Module` finds when it is assigned as an attribute.

    ``data`` is a tensor (its memory is shared, as in PyTorch) or anything ``tensor()`` accepts. ``name`` is the symbol
    shown in pictures and printouts, for example "W_xh"; without one, the module that owns the parameter lends it the
    attribute's path ("decoder.weight").
    """

    __slots__ = ()

    def __init__(self, data: Any, requires_grad: bool = True, *, name: str | None = None) -> None:
        shared = isinstance(data, Tensor)
        array = data.array if shared else as_array(data)
        if requires_grad:
            refuse_gradient_of(array.dtype)
        self._start(array, requires_grad)
        if shared:
            self.changed = shared_memory(data)
        self.name = name

    def __deepcopy__(self, memo: Any) -> Tensor:
        """A copy of the numbers, without the gradient."""
        copied = super().__deepcopy__(memo)
        copied.grad = None
        return copied

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()


def new_parameter(*shape: int, device: Any = None, dtype: Any = None, name: str | None = None) -> Parameter:
    """A parameter of zeros, for a layer to initialise."""
    if min(shape, default=0) < 0:
        raise RuntimeError(
            f"the sizes of a layer are whole numbers from 0 on; a parameter of shape {shape} was asked for."
        )
    zeros = wrap(np.zeros(shape, dtypes.default.dtype if dtype is None else dtype))
    return Parameter(zeros.to(str(device or "cpu")), name=name)


def give(module: Any, name: str, *shape: int, wanted: bool = True, device: Any = None, dtype: Any = None) -> None:
    """Make a parameter of zeros the attribute ``name`` of a layer, or None if it is not wanted, as with bias=False."""
    module.register_parameter(name, new_parameter(*shape, device=device, dtype=dtype) if wanted else None)


def draw(module: Any, inputs: int) -> None:
    """New values for all parameters of a module, from U(-1/sqrt(inputs), 1/sqrt(inputs))."""
    bound = 1 / math.sqrt(inputs) if inputs else 0.0
    for parameter in module.parameters():
        uniform_(parameter, -bound, bound)
