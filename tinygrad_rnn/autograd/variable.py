"""``Variable``, PyTorch's name of a tensor that takes part in differentiation from the time when not all did."""

from __future__ import annotations

from typing import Any

from ..surface.tensor import Tensor, tensor


class _IsTensor(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor)


class Variable(metaclass=_IsTensor):
    """``Variable(data, requires_grad=False)``: a leaf that shares the memory of the tensor ``data``."""

    def __new__(cls, data: Any, requires_grad: bool = False) -> Any:
        leaf = data.detach() if isinstance(data, Tensor) else tensor(data)
        return leaf.requires_grad_(requires_grad)
