"""Lazy modules: layers that read the size they do not know off the first input they see."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

import numpy as np

from ..numbers import dtypes
from ..surface.tensor import Tensor, wrap
from .convolution import Conv1d, ConvTranspose1d
from .layers import Linear
from .module import Module
from .normalization import BatchNorm1d
from .parameter import Parameter
from .state import own_state

__all__ = ["LazyBatchNorm1d", "LazyConv1d", "LazyConvTranspose1d", "LazyLinear", "UninitializedParameter"]


class UninitializedParameter(Parameter):
    """A parameter that waits for its shape; an optimiser may have it already, and its numbers come into this object."""

    __slots__ = ()

    def __init__(self, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__(wrap(np.zeros(0, dtypes.default.dtype if dtype is None else dtype)), requires_grad)

    def materialize(self, numbers: np.ndarray[Any, Any]) -> None:
        """Become an ordinary parameter with these numbers."""
        self.__class__ = Parameter  # type: ignore[assignment]
        self.array = numbers

    def numel(self) -> NoReturn:
        """Not known yet: raises RuntimeError."""
        raise RuntimeError(
            "an uninitialized parameter has no shape and no numbers yet; run a first input through the module"
        )

    shape = property(numel)  # pyright: ignore[reportIncompatibleMethodOverride]

    def __repr__(self) -> str:
        return "<UninitializedParameter>"


class Lazy(Module):
    """A module that is made with the size 0 in place of the first one of its class, until an input says it.

    Attributes:
        becomes: the class it has from then on.
        axis: of an input, which has this size.
    """

    becomes: ClassVar[type[Any]]
    axis: ClassVar[int] = 1

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(0, *args, **kwargs)  # type: ignore[call-arg]
        self._made_with = args, kwargs
        for name, value in list(vars(self).items()):
            if isinstance(value, Parameter):
                setattr(self, name, UninitializedParameter(dtype=value.array.dtype))

    def forward(self, input: Tensor, *args: Any) -> Any:
        """Know the size of ``input``, and be a module as others from now on."""
        given, options = self.__dict__.pop("_made_with")
        own = vars(self)
        for name, value in vars(self.becomes(input.shape[self.axis], *given, **options)).items():
            if isinstance(value, Parameter) and isinstance(own[name], UninitializedParameter):
                own[name].materialize(value.array)
            elif not isinstance(value, Parameter) and name not in ("training", "_label"):
                own[name] = value
        object.__setattr__(self, "__class__", self.becomes)
        return self.forward(input, *args)

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, local_metadata: dict[str, Any], strict: bool,
        missing_keys: list[str], unexpected_keys: list[str], error_msgs: list[str],
    ) -> None:  # fmt: skip
        """Parameters that wait take the shapes of a state dict's; if these wait too, so do ours."""
        for name, value in own_state(self).items():
            array = getattr(state_dict.get(prefix + name), "array", np.asarray(state_dict.get(prefix + name)))
            if array.shape == value.array.shape or array.dtype.kind not in "biuf":
                continue
            if isinstance(value, UninitializedParameter):
                value.materialize(np.zeros(array.shape, value.array.dtype))
            else:
                self.__dict__[name] = wrap(np.zeros(array.shape, value.array.dtype))
        lists = missing_keys, unexpected_keys, error_msgs
        super()._load_from_state_dict(state_dict, prefix, local_metadata, strict, *lists)


class LazyLinear(Lazy, Linear):
    """Linear(in_features, out_features, ...) that reads in_features off the last axis of its first input."""

    becomes, axis = Linear, -1


class LazyConv1d(Lazy, Conv1d):
    """Conv1d(in_channels, out_channels, ...) that reads in_channels off its first input."""

    becomes, axis = Conv1d, -2


class LazyConvTranspose1d(Lazy, ConvTranspose1d):  # pyright: ignore[reportIncompatibleMethodOverride]
    """ConvTranspose1d(in_channels, out_channels, ...) that reads in_channels off its first input."""

    becomes, axis = ConvTranspose1d, -2


class LazyBatchNorm1d(Lazy, BatchNorm1d):
    """BatchNorm1d(num_features, ...) that reads num_features off its first input."""

    becomes = BatchNorm1d
