"""Modules that slide over a sequence (batch, channels, length): convolution; and padding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..surface.tensor import Tensor
from . import functional
from .functional.windows import One, one, padded
from .module import Module
from .parameter import Parameter, draw, give

__all__ = ["CircularPad1d", "ConstantPad1d", "Conv1d", "ConvTranspose1d", "ReflectionPad1d", "ReplicationPad1d"]
__all__ += ["ZeroPad1d"]


class _Convolution(Module):
    """What both directions share: sizes, weights that start from U(-1/sqrt(n), 1/sqrt(n)) for n weights an output."""

    weight: Parameter
    bias: Parameter | None

    def reset_parameters(self) -> None:
        """Draw new initial values."""
        draw(self, math.prod(self.weight.shape[1:]))

    def extra_repr(self) -> str:
        usual = {"padding": (0,), "dilation": (1,), "output_padding": (0,), "groups": 1, "bias": True}
        own = {**vars(self), "bias": self.bias is not None}
        shown = [f"{name}={own[name]}" for name in usual if own.get(name, usual[name]) != usual[name]]
        shown += [f"padding_mode={self.padding_mode}"] * (self.padding_mode != "zeros")
        sizes = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        return ", ".join([sizes, *shown])


def _start(layer: Any, first: int, second: int, bias: bool, device: Any, dtype: Any) -> None:
    """Parameters for ``first`` channels, and ``second`` divided among groups."""
    if layer.groups < 1 or layer.in_channels % layer.groups or layer.out_channels % layer.groups:
        raise ValueError(
            f"channels are divided among groups: {layer.in_channels} in and {layer.out_channels} out must be "
            f"multiples of groups={layer.groups}"
        )
    kind = {"device": device, "dtype": dtype}
    give(layer, "weight", first, second // layer.groups, *layer.kernel_size, **kind)
    give(layer, "bias", layer.out_channels, wanted=bias, **kind)
    layer.reset_parameters()


class Conv1d(_Convolution):
    """y[o, t] = b[o] + sum over c and k of W[o, c, k] x[c, stride t + dilation k - padding], see functional.conv1d.

    weight (out_channels, in_channels / groups, kernel_size), bias (out_channels). ``padding_mode`` says what stands at
    the ends: "zeros", "reflect", "replicate" or "circular".
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: One, stride: One = 1, padding: One | str = 0,
        dilation: One = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros", device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if padding_mode not in ("zeros", "reflect", "replicate", "circular"):
            raise ValueError(f"padding_mode is 'zeros', 'reflect', 'replicate' or 'circular', got {padding_mode!r}")
        if isinstance(padding, str) and (padding not in ("valid", "same") or (padding == "same" and one(stride) != 1)):
            raise ValueError(f"padding is a number, 'valid', or 'same' with a stride of 1, got {padding!r}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = (one(kernel_size),), (one(stride),), (one(dilation),)
        self.padding = padding if isinstance(padding, str) else (one(padding),)
        self.padding_mode = padding_mode
        _start(self, out_channels, in_channels, bias, device, dtype)

    def forward(self, input: Tensor) -> Tensor:
        padding = self.padding
        if self.padding_mode != "zeros" and padding != "valid":
            ends = padded(padding, self.dilation[0] * (self.kernel_size[0] - 1))
            input, padding = functional.pad(input, ends, self.padding_mode), (0,)
        return functional.conv1d(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class ConvTranspose1d(_Convolution):
    """The transpose of Conv1d: weight (in_channels, out_channels / groups, kernel_size), bias (out_channels)."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: One, stride: One = 1, padding: One = 0,
        output_padding: One = 0, groups: int = 1, bias: bool = True, dilation: One = 1, padding_mode: str = "zeros",
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if padding_mode != "zeros":
            raise ValueError(f"ConvTranspose1d knows padding_mode='zeros' alone, got {padding_mode!r}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = (one(kernel_size),), (one(stride),), (one(dilation),)
        self.padding, self.output_padding, self.padding_mode = (one(padding),), (one(output_padding),), padding_mode
        _start(self, in_channels, out_channels, bias, device, dtype)

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        longer = self.output_padding[0]
        if output_size is not None:
            reach = self.dilation[0] * (self.kernel_size[0] - 1) + 1
            longer = output_size[-1] - ((input.shape[-1] - 1) * self.stride[0] - 2 * self.padding[0] + reach)
            if not 0 <= longer < max(self.stride[0], self.dilation[0]):
                raise ValueError(f"no output of length {output_size[-1]} comes from an input of {input.shape[-1]}")
        sizes = (self.stride, self.padding, longer, self.groups, self.dilation)
        return functional.conv_transpose1d(input, self.weight, self.bias, *sizes)


class _Pad1d(Module):
    """(before, after), or one number for both, added to the last axis; negative numbers take entries away."""

    mode = "constant"

    def __init__(self, padding: int | tuple[int, int], value: float | None = None) -> None:
        super().__init__()
        self.padding = (padding, padding) if isinstance(padding, int) else tuple(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return functional.pad(input, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}" + ("" if self.value is None else f", value={self.value}")


class ConstantPad1d(_Pad1d):
    """``value`` at both ends."""


class ZeroPad1d(_Pad1d):
    """Zeros at both ends."""


class ReflectionPad1d(_Pad1d):
    """The sequence mirrored at both ends."""

    mode = "reflect"


class ReplicationPad1d(_Pad1d):
    """The first and the last entry repeated."""

    mode = "replicate"


class CircularPad1d(_Pad1d):
    """At each end what stands at the other."""

    mode = "circular"
