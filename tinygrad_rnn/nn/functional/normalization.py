"""Normalisation over the batch, over features and groups of them, and of vectors."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ...engine.folding import Fold
from ...numbers.dtypes import quiet
from ...rolled.formulas import folded
from ...surface.functions import clamp_min, mean, norm, pad, sqrt
from ...surface.functions import sum as total
from ...surface.tensor import Tensor, wrap

__all__ = ["batch_norm", "group_norm", "instance_norm", "layer_norm", "local_response_norm", "normalize", "rms_norm"]


def layer_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None, bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """(x - mean) / sqrt(variance + eps) * weight + bias over the last axes (Ba, Kiros & Hinton 2016)."""
    dims, dtype = _last_axes(input, normalized_shape, "layer_norm"), input.array.dtype
    given = [each for each in (weight, bias) if each is not None]
    if dtype.char not in "fd" or not input.array.size or (weight is None and given) or any(
        each.array.dtype != dtype for each in given
    ):  # fmt: skip
        return _over_axes(dims, eps, input, weight, bias)
    normalised: Tensor = over_axes_at_once(dims, eps, len(given))(input, *given)
    return normalised


def _over_axes(
    dims: tuple[int, ...], eps: float, input: Tensor, weight: Tensor | None = None, bias: Tensor | None = None
) -> Tensor:
    centred = input - mean(input, dims, keepdim=True)
    variance = mean(centred * centred, dims, keepdim=True)
    return _scaled(centred / sqrt(variance + eps), weight, bias)


@functools.lru_cache(maxsize=64)
def over_axes_at_once(dims: tuple[int, ...], eps: float, given: int) -> Fold:
    """`_over_axes` with neither weight nor bias, with a weight, or with both, recorded as one operation."""
    return folded(("div", "mul", "add")[given])(functools.partial(_over_axes, dims, eps))


def group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * weight + bias per group of channels, the second axis (Wu & He 2018)."""
    if input.ndim < 2 or num_groups < 1 or input.shape[1] % num_groups:
        raise RuntimeError(
            f"group_norm needs (batch, channels, ...) and a multiple of {num_groups} channels, got {tuple(input.shape)}"
        )
    grouped = input.reshape(input.shape[0], num_groups, math.prod(input.shape[1:]) // num_groups)
    normalised = layer_norm(grouped, grouped.shape[-1:], eps=eps).reshape(*input.shape)
    return _scaled(normalised, *_along(input, weight, bias))


def rms_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """x / sqrt(mean of squares + eps) * weight over the last axes (Zhang & Sennrich 2019); eps: the dtype's own."""
    dims = _last_axes(input, normalized_shape, "rms_norm")
    eps = float(np.finfo(input.array.dtype).eps) if eps is None else eps
    return _scaled(input / sqrt(mean(input * input, dims, keepdim=True) + eps), weight, None)


@functools.lru_cache(maxsize=64)
def _ones(rows: int, values: int, dtype: Any) -> tuple[Any, Any]:
    """As many ones as there are rows, and how many values a feature has; float16 is added up in float32."""
    wide = np.promote_types(dtype, np.float32)
    return np.ones(rows, wide), np.array(rows * values, wide)


def _mean(x: Any, width: int) -> Any:
    """The mean of every feature, which takes ``width`` columns of the rows ``x``."""
    ones, count = _ones(len(x), width, x.dtype)  # a product adds the rows in half the time that a sum over axis 0 takes
    sums = np.dot(ones, x)
    if width > 1:
        sums = np.add.reduce(sums.reshape(-1, width), axis=1)
    sums /= count
    return sums if sums.dtype is x.dtype else sums.astype(x.dtype)


def _wide(each: Any, width: int) -> Any:
    """A number for every feature as one for every column: rows are computed in fewer and longer loops that way."""
    return each if width == 1 else each.repeat(width)


@functools.lru_cache(maxsize=64)
def _arrays(dtype: Any, *numbers: float) -> list[Any]:
    """numpy takes arrays without axes in half the time of Python's numbers."""
    return [np.array(number, dtype) for number in numbers]


class _Batch(NamedTuple):
    """What is known of a batch: x - mean in rows and the root, and whether x ``wants`` a gradient."""

    centred: Any
    deviation: Any
    eps: float
    wants: bool
    width: int  # the columns of a feature


def _taken(x: Any, width: int, eps: float, moved: Any, momentum: float) -> tuple[Any, Any]:
    """x - mean and the deviation of every feature; ``moved``, the running mean and variance, follow by ``momentum``."""
    centre = _mean(x, width)
    centred = x - _wide(centre, width)
    variance = _mean(centred * centred, width)
    count = len(x) * width
    small, kept, *shares = _arrays(x.dtype, eps, 1 - momentum, momentum, momentum * count / (count - 1))
    for running, new, share in zip(moved, (centre, variance), shares, strict=True):
        if running is not None:
            array = running.array
            array *= kept
            array += new * share
            running.touch()
    variance += small
    return centred, np.sqrt(variance, variance)


def _given(x: Any, width: int, eps: float, centre: Any, variance: Any) -> tuple[Any, Any]:
    return x - _wide(centre, width), np.sqrt(variance + eps)


def _normalised(x: Any, batch: _Batch, weight: Any, bias: Any, *given: Any) -> tuple[Any, None]:
    centred, deviation, width = batch.centred, batch.deviation, batch.width
    if weight is None or bias is None:
        return (centred / _wide(deviation, width)).reshape(x.shape), None
    y = centred * _wide(weight / deviation, width)
    y += _wide(bias, width)
    return y.reshape(x.shape), None


def _normalised_back(
    g: Any, y: Any, x: Any, batch: _Batch, weight: Any, bias: Any, *given: Any, kept: None
) -> tuple[Any, ...]:
    centred, deviation, width, g = batch.centred, batch.deviation, batch.width, g.reshape(batch.centred.shape)
    level, slope = _mean(g, width), _mean(g * centred, width) / deviation
    d = None
    if batch.wants:
        d = g.copy() if given else g - _wide(level, width) - centred * _wide(slope / deviation, width)
        d *= _wide((1 if weight is None else weight) / deviation, width)
        d = d.reshape(x.shape)
    count = g.size / deviation.size
    return d, None, slope * count, level * count, *given


def _normalisation(x: Tensor, batch: _Batch, weight: Tensor | None, bias: Tensor | None, *given: Tensor) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * weight + bias; ``given`` are the running mean and variance."""
    dims = (0, *range(2, x.ndim))
    weight, bias, *moved = _along(x, weight, bias, *given)
    apart = x - (moved[0] if given else mean(x, dims, keepdim=True))
    variance = moved[1] if given else mean(apart * apart, dims, keepdim=True)
    return _scaled(apart / sqrt(variance + batch.eps), weight, bias)


#: By the last of its operations.
_NORMALISED = {name: Fold(name, _normalisation, _normalised, _normalised_back) for name in ("div", "add")}


def batch_norm(
    input: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None = None,
    bias: Tensor | None = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """(x - mean) / sqrt(variance + eps) * weight + bias per feature (Ioffe & Szegedy 2015).

    input (batch, features) or (batch, features, ...). With ``training`` mean and (biased) variance are those of the
    batch, and the running ones, if given, move towards them by ``momentum``, in place: the mean, and the unbiased
    variance. Without it the running ones are used.
    """
    shape = input.array.shape
    if len(shape) < 2 and shape != (0,):
        raise RuntimeError(f"batch_norm needs an input (batch, features, ...); {shape} was given.")
    if input.array.dtype.kind != "f":
        raise RuntimeError(f"batch_norm needs real numbers, and this tensor holds {input.array.dtype}: use x.float().")
    if not eps > 0 and (training or eps != 0):
        raise ValueError(f"batch_norm divides by a root to which eps is added: it is above 0; {eps!r} was given.")
    given: tuple[Tensor, ...] = ()
    if not input.array.size:  # statistics of nothing: there is nothing to scale by them
        return _scaled(input * 1.0, *_along(input, weight, bias))
    width = math.prod(shape[2:])
    rows = input.array if len(shape) == 2 else input.array.reshape(shape[0], -1)
    if training:
        if len(rows) * width < 2:
            raise ValueError(
                f"batch_norm in training needs more than one value per feature to have a variance; {shape} was given. "
                "Use a larger batch (DataLoader(drop_last=True) leaves out a last one of 1), or model.eval()."
            )
        known = quiet.call(_taken, rows, width, eps, (running_mean, running_var), momentum)
    elif running_mean is None or running_var is None:
        raise ValueError("batch_norm without training needs running_mean and running_var.")
    else:
        given = running_mean, running_var
        known = quiet.call(_given, rows, width, eps, running_mean.array, running_var.array)
    batch = _Batch(*known, eps, input.tracked, width)
    if (weight is None) != (bias is None) or any(each.tracked for each in given):
        return _normalisation(input, batch, weight, bias, *given)
    normalised: Tensor = _NORMALISED["div" if bias is None else "add"](input, batch, weight, bias, *given)
    return normalised


def instance_norm(
    input: Tensor, running_mean: Tensor | None = None, running_var: Tensor | None = None, weight: Tensor | None = None,
    bias: Tensor | None = None, use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """As ``batch_norm``, with a mean and a variance for each channel of each entry of the batch (Ulyanov et al. 2016).

    What the running ones move towards is the mean over the batch.
    """
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    batch, channels, *rest = input.array.shape
    moving = [None if each is None else wrap(np.tile(each.array, batch)) for each in (running_mean, running_var)]
    wide = input.reshape(1, -1, *rest)
    apart = batch_norm(wide, moving[0], moving[1], None, None, True, momentum, eps)
    for running, moved in zip((running_mean, running_var), moving, strict=True):
        if running is not None and moved is not None:
            running.array[...] = moved.array.reshape(batch, channels).mean(0)
            running.touch()
    each = (channels, *(1,) * len(rest))
    return _scaled(apart.reshape(input.shape), *(x if x is None else x.reshape(each) for x in (weight, bias)))


def normalize(input: Tensor, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Tensor:
    """x / max(|x|, eps): vectors of length one along ``dim``, in the norm with exponent ``p``."""
    scaled: Tensor = input / clamp_min(norm(input, p, dim, keepdim=True), eps)
    return scaled


def local_response_norm(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """x / (k + alpha m)^beta, where m is the mean of x^2 over ``size`` channels (the second axis) around it."""
    if input.ndim < 3:
        raise RuntimeError(f"local_response_norm needs an input (batch, channels, ...), got {tuple(input.shape)}")
    if not input.numel():
        return input
    around = pad((input * input).movedim(1, -1), (size // 2, (size - 1) // 2))
    means = (total(around.unfold(-1, size, 1), -1).movedim(-1, 1) / size).to(input.dtype)
    scaled: Tensor = input / (means * alpha + k) ** beta
    return scaled


def _last_axes(input: Tensor, shape: Sequence[int], name: str) -> tuple[int, ...]:
    shape = tuple(shape)
    if not shape or input.array.shape[-len(shape) :] != shape:
        sizes = ", ".join(map(str, shape))
        raise RuntimeError(f"{name} over {shape} needs an input (..., {sizes}); {input.array.shape} was given.")
    return tuple(range(-len(shape), 0))


def _along(x: Tensor, *each: Tensor | None) -> list[Any]:
    """Vectors of a number for every feature so that they lie along axis 1 of ``x``."""
    return [one if one is None or x.ndim < 3 else one.reshape(-1, *(1,) * (x.ndim - 2)) for one in each]


def _scaled(x: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    if weight is not None:
        x = x * weight
    return x if bias is None else x + bias
