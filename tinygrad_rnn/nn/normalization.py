"""Normalisation: over the features of one entry (LayerNorm, RMSNorm) or over the batch (BatchNorm1d)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..surface.tensor import Tensor, wrap
from . import functional, init
from .functional.layers import check_dtype
from .module import Module
from .parameter import Parameter, give, new_parameter


def one_and_zero(weight: Parameter | None, bias: Parameter | None = None) -> None:
    """How normalisation starts: weight 1, bias 0, as far as there are any."""
    for parameter, value in ((weight, 1.0), (bias, 0.0)):
        if parameter is not None:
            init.constant_(parameter, value)


class OverLastAxes(Module):
    """What LayerNorm and RMSNorm share."""

    weight: Parameter | None

    def __init__(
        self, shape: int | Sequence[int], eps: float | None, affine: bool, device: Any, dtype: Any, **bias: bool
    ) -> None:
        super().__init__()
        self.normalized_shape = (shape,) if isinstance(shape, int) else tuple(shape)
        self.eps = eps
        self.elementwise_affine = affine
        for name, wanted in {"weight": True, **bias}.items():
            give(self, name, *self.normalized_shape, wanted=affine and wanted, device=device, dtype=dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """weight 1."""
        one_and_zero(self.weight)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class LayerNorm(OverLastAxes):
    """(x - mean) / sqrt(variance + eps) * weight + bias over the last axes, of shape ``normalized_shape``.

    >>> tg.nn.LayerNorm(3)(tg.tensor([1.0, 2.0, 3.0]))
    tensor([-1.2247,  0.0000,  1.2247], grad_fn=<AddBackward0>)
    """

    eps: float
    bias: Parameter | None

    def __init__(
        self, normalized_shape: int | Sequence[int], eps: float = 1e-5, elementwise_affine: bool = True,
        bias: bool = True, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(normalized_shape, eps, elementwise_affine, device, dtype, bias=bias)

    def reset_parameters(self) -> None:
        """weight 1, bias 0."""
        one_and_zero(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        return functional.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)


class RMSNorm(OverLastAxes):
    """x / sqrt(mean of squares + eps) * weight over the last axes, of shape ``normalized_shape``."""

    def __init__(
        self, normalized_shape: int | Sequence[int], eps: float | None = None, elementwise_affine: bool = True,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(normalized_shape, eps, elementwise_affine, device, dtype)

    def forward(self, input: Tensor) -> Tensor:
        return functional.rms_norm(input, self.normalized_shape, self.weight, self.eps)


class GroupNorm(Module):
    """(x - mean) / sqrt(variance + eps) * weight + bias per group of channels (Wu & He 2018); x (batch, channels, ...).

    weight (num_channels) starts at 1, bias (num_channels) at 0; affine=False has neither.
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True, device: Any = None,
        dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(f"num_channels must be a multiple of num_groups, got {num_channels} and {num_groups}")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        give(self, "weight", num_channels, wanted=affine, device=device, dtype=dtype)
        give(self, "bias", num_channels, wanted=affine and bias, device=device, dtype=dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """weight 1, bias 0."""
        one_and_zero(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        return functional.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"


class LocalResponseNorm(Module):
    """x / (k + alpha m)^beta, where m is the mean of x^2 over ``size`` channels around it."""

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input: Tensor) -> Tensor:
        return functional.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class BatchNorm1d(Module):
    """(x - mean) / sqrt(variance + eps) * weight + bias, per feature over the batch (Ioffe & Szegedy 2015).

    x (batch, features), or (batch, features, length) with statistics over batch and length. In training they are the
    batch's own, and the buffers ``running_mean`` and ``running_var`` follow them: running = (1 - momentum) running +
    momentum (mean, or unbiased variance); momentum=None takes the plain average of all batches so far,
    ``num_batches_tracked`` of them. In evaluation the running ones are used. track_running_stats=False keeps none and
    always uses the batch's. weight starts at 1, bias at 0; affine=False has neither, bias=False no bias.

    On the path from one time step to the next the statistics of different steps differ, and one running average does
    not serve them all (Cooijmans et al. 2017): LayerNorm has no such state.
    """

    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.num_features, self.eps, self.momentum, self.affine = num_features, eps, momentum, affine
        self.track_running_stats = track_running_stats
        give(self, "weight", num_features, wanted=affine, device=device, dtype=dtype)
        give(self, "bias", num_features, wanted=affine and bias, device=device, dtype=dtype)
        dtype = new_parameter(0, device=device, dtype=dtype).dtype
        mean, var, count = np.zeros(num_features, dtype), np.ones(num_features, dtype), np.array(0)
        for name, array in {"running_mean": mean, "running_var": var, "num_batches_tracked": count}.items():
            self.register_buffer(name, wrap(array) if track_running_stats else None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget the batches seen so far: mean 0, variance 1."""
        for name, value in (("running_mean", 0), ("running_var", 1), ("num_batches_tracked", 0)):
            buffer = getattr(self, name)
            if buffer is not None:
                init.constant_(buffer, value)

    def reset_parameters(self) -> None:
        """weight 1, bias 0, and no batches seen."""
        self.reset_running_stats()
        one_and_zero(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        shape = input.array.shape
        if len(shape) not in (2, 3) or shape[1] != self.num_features:
            raise ValueError(
                f"BatchNorm1d expects an input of shape (batch, {self.num_features}) or (batch, {self.num_features}, "
                f"length); {shape} was given."
            )
        weight = self.weight  # read once: a parametrization computes it anew each time
        if weight is not None:
            check_dtype(input, weight, self._label or "BatchNorm1d")
        factor = self.momentum or 0.0
        moving = self.training and self.track_running_stats
        if moving and self.num_batches_tracked is not None:
            self.num_batches_tracked.array += 1
            self.num_batches_tracked.touch()
            factor = 1 / float(self.num_batches_tracked.array) if self.momentum is None else self.momentum
        own = self.training or (self.running_mean is None and self.running_var is None)
        # Statistics that are neither moved nor used are left out.
        running = (self.running_mean, self.running_var) if moving or not self.training else (None, None)
        return functional.batch_norm(input, *running, weight, self.bias, own, factor, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"track_running_stats={self.track_running_stats}"
        )


class InstanceNorm1d(BatchNorm1d):
    """As BatchNorm1d, with a mean and a variance for each channel of each entry of the batch (Ulyanov et al. 2016).

    x (batch, num_features, length), or (num_features, length). By default nothing is learned, and nothing is tracked.
    """

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = False,
        track_running_stats: bool = False, device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def forward(self, input: Tensor) -> Tensor:
        shape = input.array.shape
        if len(shape) not in (2, 3) or shape[-2] != self.num_features:
            raise ValueError(
                f"InstanceNorm1d expects an input of shape (batch, {self.num_features}, length), or without the batch; "
                f"{shape} was given."
            )
        own = self.training or not self.track_running_stats
        state = self.running_mean, self.running_var, self.weight, self.bias, own, self.momentum or 0.0, self.eps
        return functional.instance_norm(input.reshape(-1, *shape[-2:]), *state).reshape(shape)
