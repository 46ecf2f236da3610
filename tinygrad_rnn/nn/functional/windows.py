"""What slides over a sequence (batch, channels, length): convolution and pooling, each a function of its windows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ...ops import shaping
from ...surface.functions import pad, stack, where
from ...surface.tensor import Tensor
from .layers import check_dtype

__all__ = ["adaptive_avg_pool1d", "adaptive_max_pool1d", "avg_pool1d", "conv1d", "conv_transpose1d", "lp_pool1d"]
__all__ += ["max_pool1d", "max_unpool1d"]

One = int | Sequence[int]


def one(value: One) -> int:
    """A number that may come as a tuple of one."""
    return value if isinstance(value, int) else int(value[0])


def padded(padding: One | str, reach: int) -> tuple[int, int]:
    """How many entries are put at both ends of a sequence whose windows reach so far beyond their first entry."""
    if isinstance(padding, str):
        return (reach // 2, reach - reach // 2) if padding == "same" else (0, 0)
    return one(padding), one(padding)


def _sequences(input: Tensor, name: str, channels: int | None = None) -> Tensor:
    """A batch of sequences, of the one sequence if there is no batch."""
    if input.ndim not in (2, 3) or channels not in (None, input.shape[-2]) or (not channels and 0 in input.shape[-2:]):
        wanted = "channels" if channels is None else channels
        raise RuntimeError(f"{name} needs an input (batch, {wanted}, length) or ({wanted}, length), got {input.shape}")
    return input if input.ndim == 3 else input.unsqueeze(0)


def _windows(x: Tensor, size: int, step: int, dilation: int, name: str) -> Tensor:
    """(batch, channels, windows, size)."""
    if step < 1 or dilation < 1 or size < 1 or dilation * (size - 1) >= x.shape[-1]:
        raise RuntimeError(
            f"{name}: windows of {size} entries, {dilation} apart and {step} from one to the next, do not fit a "
            f"sequence of {x.shape[-1]} with its padding; sizes are at least 1"
        )
    windows: Tensor = shaping.unfold(x, dim=2, size=size, step=step, dilation=dilation)
    return windows


def conv1d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: One = 1, padding: One | str = 0,
    dilation: One = 1, groups: int = 1,
) -> Tensor:  # fmt: skip
    """y[o, t] = b[o] + sum over c and k of W[o, c, k] x[c, stride t + dilation k - padding].

    Args:
        input: (batch, in, length), or (in, length).
        weight: (out, in / groups, size).
        padding: how many zeros stand at both ends, "valid" for none, or "same" for a result as long as the input.
        groups: into how many parts the channels are divided, each of which sees its own alone.

    Raises:
        RuntimeError: if shapes do not fit.
    """
    outputs, inside, size = weight.shape
    x = _sequences(input, "conv1d", inside * groups)
    for each in (weight, bias):
        check_dtype(input, each, "conv1d")
    stride, dilation = one(stride), one(dilation)
    if outputs % groups:
        raise RuntimeError(f"conv1d divides {outputs} channels among {groups} groups, which must be a divisor")
    if padding == "same" and stride != 1:
        raise RuntimeError('conv1d keeps the length, padding="same", only with a stride of 1')
    ends = padded(padding, dilation * (size - 1))
    windows = _windows(pad(x, ends) if any(ends) else x, size, stride, dilation, "conv1d")
    batch, _, length, _ = windows.shape
    columns = windows.mT.reshape(batch, groups, inside * size, length)
    rows = weight.reshape(groups, outputs // groups, inside * size)
    made = (rows @ columns).reshape(batch, outputs, length)
    made = made if bias is None else made + bias.unsqueeze(-1)
    return made if input.ndim == 3 else made.squeeze(0)


def conv_transpose1d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: One = 1, padding: One = 0,
    output_padding: One = 0, groups: int = 1, dilation: One = 1,
) -> Tensor:  # fmt: skip
    """The transpose of ``conv1d``: input (batch, in, length), weight (in, out / groups, size).

    Raises:
        RuntimeError: if shapes do not fit.
    """
    inputs, inside, size = weight.shape
    x = _sequences(input, "conv_transpose1d", inputs)
    for each in (weight, bias):
        check_dtype(input, each, "conv_transpose1d")
    stride, padding, longer, dilation = one(stride), one(padding), one(output_padding), one(dilation)
    if longer and longer >= max(stride, dilation):
        raise RuntimeError(f"output_padding must be smaller than stride or dilation, got {longer}")
    length = x.shape[-1]
    columns = x.unflatten(1, (groups, inputs // groups))  # batch, groups, inputs / groups, length
    spread = weight.reshape(groups, inputs // groups, inside * size).mT @ columns
    windows = spread.reshape(len(x), groups * inside, size, length).mT
    reach = stride * (length - 1) + dilation * (size - 1) + 1
    if reach + longer <= 2 * padding:
        raise RuntimeError(f"nothing is left of {reach + longer} entries without a padding of {padding} at both ends")
    made = shaping.fold(windows, dim=2, length=reach + longer, step=stride, dilation=dilation)
    made = pad(made, (-padding, -padding)) if padding else made
    made = made if bias is None else made + bias.unsqueeze(-1)
    return made if input.ndim == 3 else made.squeeze(0)


def _pooled(x: Tensor, size: int, step: int, padding: int, dilation: int, ceil_mode: bool, fill: float) -> Tensor:
    """Windows of a padded sequence; with ``ceil_mode`` also one at the end that is not full, if it begins inside."""
    if padding > size // 2 or padding < 0:
        raise RuntimeError(f"padding is at most half of a window of {size}, got {padding}")
    length, reach = x.shape[-1] + 2 * padding, dilation * (size - 1) + 1
    missing = 0
    if ceil_mode:
        count = -(-(length - reach) // step) + 1
        count -= (count - 1) * step >= x.shape[-1] + padding
        missing = max((count - 1) * step + reach - length, 0)
    ends = padding, padding + missing
    return _windows(pad(x, ends, value=fill) if any(ends) else x, size, step, dilation, "pooling")


def max_pool1d(
    input: Tensor, kernel_size: One, stride: One | None = None, padding: One = 0, dilation: One = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """The largest entry of each window, of equal ones the first; with ``return_indices`` also where it stands."""
    size, padding, dilation = one(kernel_size), one(padding), one(dilation)
    step = size if stride is None or stride == [] else one(stride)
    windows = _pooled(_sequences(input, "max_pool1d"), size, step, padding, dilation, ceil_mode, -math.inf)
    found = windows.max(-1)
    values = found.values if input.ndim == 3 else found.values.squeeze(0)
    if not return_indices:
        return values
    first = step * input.new_tensor(range(windows.shape[2])).long() - padding
    places = found.indices * dilation + first
    return values, places if input.ndim == 3 else places.squeeze(0)


def avg_pool1d(
    input: Tensor, kernel_size: One, stride: One | None = None, padding: One = 0, ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:  # fmt: skip
    """The mean of each window; without ``count_include_pad`` of what is not padding."""
    size, padding = one(kernel_size), one(padding)
    step = size if stride is None or stride == [] else one(stride)
    x = _sequences(input, "avg_pool1d")
    total = _pooled(x, size, step, padding, 1, ceil_mode, 0.0).sum(-1)
    counted = x.new_ones(1, 1, x.shape[-1])
    counted = pad(counted, (padding, padding), value=float(count_include_pad))
    counted = pad(counted, (0, max(step * (total.shape[-1] - 1) + size - counted.shape[-1], 0)))
    made = (total / _windows(counted, size, step, 1, "avg_pool1d").sum(-1)).to(input.dtype)
    return made if input.ndim == 3 else made.squeeze(0)


def lp_pool1d(
    input: Tensor, norm_type: float, kernel_size: One, stride: One | None = None, ceil_mode: bool = False
) -> Tensor:
    """(sum of x^p)^(1/p) over each window, where p is ``norm_type``; for infinite p the largest or smallest |x|."""
    if math.isinf(norm_type):
        sign = math.copysign(1, norm_type)
        found: Tensor = max_pool1d(sign * input.abs(), kernel_size, stride, 0, 1, ceil_mode)
        return sign * found
    sums = avg_pool1d(input**norm_type, kernel_size, stride, 0, ceil_mode) * one(kernel_size)
    return where(sums == 0, 0.0, sums) ** (1 / norm_type)


def max_unpool1d(
    input: Tensor, indices: Tensor, kernel_size: One, stride: One | None = None, padding: One = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:  # fmt: skip
    """What ``max_pool1d`` found, with its ``indices``, back in its places among zeros.

    As in PyTorch each of several entries for one place has the whole gradient.
    """
    size, padding = one(kernel_size), one(padding)
    step = size if stride is None or stride == [] else one(stride)
    usual = (_sequences(input, "max_unpool1d").shape[-1] - 1) * step - 2 * padding + size
    length = usual if output_size is None else output_size[-1]
    if input.shape != indices.shape or abs(length - usual) >= step + (output_size is None):
        raise RuntimeError(
            f"max_unpool1d needs a place for each entry of {tuple(input.shape)} and a length near {usual}, got "
            f"{tuple(indices.shape)} and {output_size}"
        )
    nothing = where(input.isfinite(), input - input.detach(), 0.0)
    return (
        input.new_zeros(*input.shape[:-1], length)
        .scatter(-1, indices, input.detach())
        .scatter_add(-1, indices, nothing)
    )


def _parts(input: Tensor, output_size: One, name: str) -> list[Tensor]:
    """So many parts of a sequence, of nearly equal length, which may lie on each other."""
    length, count = _sequences(input, name).shape[-1], one(output_size)
    return [input[..., i * length // count : -(-(i + 1) * length // count)] for i in range(count)]


def adaptive_avg_pool1d(input: Tensor, output_size: One) -> Tensor:
    """The means of ``output_size`` parts of nearly equal length."""
    return stack([part.mean(-1) for part in _parts(input, output_size, "adaptive_avg_pool1d")], -1)


def adaptive_max_pool1d(input: Tensor, output_size: One, return_indices: bool = False) -> Any:
    """The largest entries of ``output_size`` parts of nearly equal length, and with ``return_indices`` their places."""
    found = [part.max(-1) for part in _parts(input, output_size, "adaptive_max_pool1d")]
    values = stack([each.values for each in found], -1)
    first = input.new_tensor([i * input.shape[-1] // len(found) for i in range(len(found))]).long()
    return (values, stack([each.indices for each in found], -1) + first) if return_indices else values
