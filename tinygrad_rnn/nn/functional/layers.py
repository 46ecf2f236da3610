"""Layers as functions: products, lookups, dropout, normalisation and distances."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ...engine.folding import Fold
from ...engine.modes import following, goes_by_data
from ...numbers.dtypes import quiet
from ...numbers.random import Generator, numpy_generator
from ...rolled.formulas import folded
from ...surface.functions import clamp_min, log, mean, norm, pad, pdist, softmax, sqrt, where
from ...surface.functions import linear as product
from ...surface.functions import sum as total
from ...surface.tensor import Tensor, wrap

__all__ = ["batch_norm", "bilinear", "cosine_similarity", "dropout", "dropout1d", "embedding", "linear", "normalize"]
__all__ += [
    "channel_shuffle",
    "embedding_bag",
    "group_norm",
    "gumbel_softmax",
    "instance_norm",
    "layer_norm",
    "local_response_norm",
    "one_hot",
]
__all__ += ["pairwise_distance", "pdist", "rms_norm"]


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x W^T + b: input (..., in), weight (out, in), bias (out), result (..., out)."""
    shape, sizes = input.array.shape, weight.array.shape
    if not shape or len(sizes) > 2 or shape[-1] != sizes[-1]:
        raise RuntimeError(
            f"linear needs an input (..., in) and a weight (out, in) with the same size in; the input is {shape}, the "
            f"weight {sizes}."
        )
    check_dtype(input, weight, "linear")
    if len(sizes) == 1:
        return input @ weight if bias is None else input @ weight + bias
    return product(input, weight, bias)


def check_dtype(input: Tensor, weight: Tensor | None, name: str) -> None:
    """Refuse an input of another dtype than the parameters: numpy would go on in the wider one without a word."""
    given = input.array.dtype
    own = given if weight is None else weight.array.dtype
    if given is own or given == own:
        return
    cure = f"convert the input with x.to({own}), or the model with model.to({given})"
    if given.kind != "f":
        cure = "convert the input with x.float(), or look whole numbers up in an Embedding"
    raise RuntimeError(f"{name} has parameters of {own} and was given an input of {given}: {cure}.")


def embedding(
    input: Tensor, weight: Tensor, padding_idx: int | None = None, max_norm: float | None = None,
    norm_type: float = 2.0, scale_grad_by_freq: bool = False,
) -> Tensor:  # fmt: skip
    """Rows of a table: input (...) of whole numbers, weight (entries, features), result (..., features).

    A row that is looked up several times receives the sum of the gradients, or their mean with ``scale_grad_by_freq``.
    The row ``padding_idx`` receives none. Rows longer than ``max_norm`` are shortened to it first, in place.
    """
    ids = input.array if isinstance(input, Tensor) else np.asarray(input)
    entries = weight.array.shape[0]
    if weight.array.ndim != 2:
        raise RuntimeError(f"embedding looks up rows of a table (entries, features); {weight.array.shape} was given.")
    if ids.dtype.kind not in "iu":
        raise RuntimeError(
            f"embedding looks up rows by whole numbers; indices of {ids.dtype} were given: use x.long()."
        )
    if (wrong := first_outside(ids, entries)) is not None:
        raise IndexError(f"embedding has {entries} rows, 0 to {entries - 1}; the index {wrong} was given.")
    if max_norm is not None:
        goes_by_data("max_norm", input)
        read = np.unique(ids)
        sizes = norm(wrap(weight.array[read]), norm_type, 1, keepdim=True).array
        weight.array[read] *= np.where(sizes > max_norm, max_norm / (sizes + 1e-7), 1)
        weight.touch()
    rows = weight[places(ids)]
    if scale_grad_by_freq:
        times = np.bincount(ids.ravel(), minlength=entries)[ids][..., None].astype(rows.dtype)
        rows = rows.detach() + (rows - rows.detach()) / times
    if padding_idx is None:
        return rows
    goes_by_data("padding_idx", input)
    padding = ids == padding_index(padding_idx, entries)
    return where(padding[..., None], rows.detach(), rows) if padding.any() else rows


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x1 A_k x2^T + b_k: input1 (..., in1), input2 (..., in2), weight (out, in1, in2), result (..., out)."""
    outputs, in1, in2 = weight.array.shape
    first, second = input1.array.shape, input2.array.shape
    if not first or not second or first[:-1] != second[:-1] or (first[-1], second[-1]) != (in1, in2):
        raise RuntimeError(
            f"bilinear with a weight of shape {weight.array.shape} needs inputs (..., {in1}) and (..., {in2}) with "
            f"equal sizes in front; {first} and {second} were given."
        )
    half = (input1 @ weight.permute(1, 0, 2).reshape(in1, outputs * in2)).reshape(*first[:-1], outputs, in2)
    product = (half * input2.unsqueeze(-2)).sum(-1)
    return product if bias is None else product + bias


def first_outside(ids: np.ndarray[Any, Any], count: int) -> Any:
    """The first number that is not one of 0, 1, ..., count - 1, if there is one."""
    if ids.size == 0 or (ids.min() >= 0 and ids.max() < count):
        return None
    return ids[(ids < 0) | (ids >= count)].ravel()[0]


def places(ids: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Whole numbers as an index: numpy would read bytes as a mask."""
    return ids.astype(np.int64) if ids.dtype.kind == "u" else ids


def embedding_bag(
    input: Tensor, weight: Tensor, offsets: Tensor | None = None, max_norm: float | None = None,
    norm_type: float = 2, scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False,
    per_sample_weights: Tensor | None = None, include_last_offset: bool = False, padding_idx: int | None = None,
) -> Tensor:  # fmt: skip
    """The "sum", "mean" or "max" of the rows of a table in each of several bags, 0 for empty ones: (bags, features).

    Args:
        input: whole numbers (bags, size), or (count) with ``offsets``, at which of them each bag begins.
        per_sample_weights: by what rows are multiplied before they are summed.
        include_last_offset: whether the last of the offsets is the end of the last bag.
        padding_idx: the number that does not count.

    Raises:
        RuntimeError: for other shapes, modes, sparse gradients, and offsets that do not begin with 0 and rise.
    """
    ids = input.array.reshape(-1)
    starts: Any = None
    if offsets is None and input.ndim == 2:
        starts = np.arange(len(input)) * input.shape[1]
    elif offsets is not None and input.ndim == offsets.ndim == 1:
        starts = offsets.array
    unfit = per_sample_weights is not None and (mode != "sum" or per_sample_weights.shape != input.shape)
    if (
        starts is None or sparse or unfit or mode not in ("sum", "mean", "max")
        or (include_last_offset and not starts.size) or starts[:1].any() or (np.diff(starts, append=ids.size) < 0).any()
    ):  # fmt: skip
        raise RuntimeError(
            "embedding_bag takes bags (bags, size), or numbers (count) with offsets from 0 on: a dense sum, "
            f"mean or max, the sum alone with weights of the input's shape; got {tuple(input.shape)}, {offsets=} "
            f"and {mode=}"
        )
    sizes = np.diff(starts) if include_last_offset else np.diff(starts, append=ids.size)
    rows = embedding(wrap(ids), weight, padding_idx, max_norm, norm_type, scale_grad_by_freq)
    bags = np.repeat(np.arange(sizes.size), sizes)
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.reshape(-1, 1)
    counted = ids != (None if padding_idx is None else padding_index(padding_idx, len(weight)))
    kept = slice(None) if padding_idx is None else np.flatnonzero(counted)
    bags, rows = bags[kept], rows[: bags.size][kept]
    found = weight.new_zeros(sizes.size, weight.shape[1])
    if mode == "max":
        return found.index_reduce(0, wrap(bags), rows, "amax", include_self=False)
    added: Tensor = found.index_add(0, wrap(bags), rows)
    counts = np.maximum(np.bincount(bags, minlength=sizes.size), 1)[:, None]
    return added if mode == "sum" else added / wrap(counts.astype(rows.dtype))


def padding_index(padding_idx: int, entries: int) -> int:
    """``padding_idx`` counted from the front."""
    if not -entries <= padding_idx < entries:
        raise ValueError(f"padding_idx is one of the {entries} rows; {padding_idx} was given.")
    return padding_idx % entries


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Whole numbers (...) as rows (..., classes) with a 1 at the number; classes = largest + 1 if -1."""
    ids = tensor.array
    if ids.dtype.kind not in "iu":
        raise RuntimeError(f"one_hot takes whole numbers; a tensor of {ids.dtype} was given: use x.long().")
    if num_classes == -1:
        if ids.size == 0:
            raise RuntimeError("one_hot cannot guess num_classes from an empty tensor: pass it.")
        num_classes = int(ids.max()) + 1
    if first_outside(ids, num_classes) is not None:
        raise RuntimeError(f"one_hot takes numbers from 0 to {num_classes - 1}; {ids.min()} to {ids.max()} were given.")
    return wrap((ids[..., None] == np.arange(num_classes)).astype(np.int64))


def dropout(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Each entry 0 with probability ``p``, else divided by 1 - p (Srivastava et al. 2014); x itself if not training.

    The mask is an array argument of the one recorded product.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout needs a probability from 0 to 1; {p!r} was given.")
    if not training or p == 0:
        return input
    mask = dropout_mask(input, p, generator)
    return input.mul_(wrap(mask)) if inplace else input * mask


def dropout1d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """As ``dropout``, each channel of (batch, channels, length) or (channels, length) as a whole."""
    if input.ndim not in (2, 3):
        raise RuntimeError(f"dropout1d needs an input (batch, channels, length), got {tuple(input.shape)}")
    if not training or p == 0:
        return dropout(input, p, training)
    kept = dropout(input.new_ones(*input.shape[:-1], 1), p, generator=generator)
    return input.mul_(kept) if inplace else input * kept


def dropout_mask(like: Tensor, p: float, generator: Generator | None) -> np.ndarray[Any, Any]:
    """0 with probability ``p``, else 1 / (1 - p), of the shape and dtype of a tensor."""
    mask: np.ndarray[Any, Any] = following.drawn(drawn_mask, like.array.shape, like.array.dtype, p, generator)
    return mask


def drawn_mask(shape: tuple[int, ...], dtype: Any, p: float, generator: Generator | None = None) -> Any:
    """0 with probability ``p``, else 1 / (1 - p); in one array, or row by row, the numbers are the same."""
    kept = numpy_generator(generator).random(shape, np.float32) >= p
    return np.multiply(kept, 0.0 if p == 1 else 1 / (1 - p), dtype=dtype)


def gumbel_softmax(
    logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1, *,
    generator: Generator | None = None,
) -> Tensor:  # fmt: skip
    """softmax((logits + G) / tau), where the largest of logits + G is k with probability softmax(logits)[k].

    G = -log E of exponential numbers E (Jang, Gu & Poole 2017). With ``hard`` the result is 1 at the largest entry and
    0 elsewhere, and its derivative is that of the softmax. ``eps`` does nothing, as in PyTorch.
    """
    waits = wrap(following.drawn(_exponential, logits.array.shape, logits.array.dtype, generator))
    soft = softmax((logits - log(waits)) / tau, dim)
    if not hard:
        return soft
    return soft.new_zeros(soft.shape).scatter(dim, soft.argmax(dim, keepdim=True), 1.0) - soft.detach() + soft


def _exponential(shape: tuple[int, ...], dtype: Any, generator: Generator | None = None) -> Any:
    return numpy_generator(generator).standard_exponential(shape).astype(dtype)


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
    channels = (-1, *(1,) * (input.ndim - 2))
    weight, bias = (None if each is None else each.reshape(*channels) for each in (weight, bias))
    return _scaled(normalised, weight, bias)


def rms_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """x / sqrt(mean of squares + eps) * weight over the last axes (Zhang & Sennrich 2019); eps: the dtype's own."""
    dims = _last_axes(input, normalized_shape, "rms_norm")
    eps = float(np.finfo(input.array.dtype).eps) if eps is None else eps
    return _scaled(input / sqrt(mean(input * input, dims, keepdim=True) + eps), weight, None)


@functools.lru_cache(maxsize=64)
def _ones(shape: tuple[int, ...], dtype: Any) -> tuple[Any, Any]:
    """As many ones as there are rows, and how many values a feature has; float16 is added up in float32."""
    wide = np.promote_types(dtype, np.float32)
    return np.ones(shape[0], wide), np.array(math.prod(shape) // shape[1], wide)


def _mean(x: Any, features: tuple[int, ...]) -> Any:
    """The mean of every feature (axis 1) as an array of shape ``features``."""
    ones, count = _ones(x.shape, x.dtype)  # a product adds the rows in half the time that a sum over axis 0 takes
    sums = np.dot(ones, x if x.ndim == 2 else x.reshape(len(x), -1))
    if x.ndim > 2:
        sums = np.add.reduce(sums.reshape(x.shape[1], -1), axis=1)
    sums /= count
    return sums if sums.dtype is x.dtype and x.ndim == 2 else sums.astype(x.dtype).reshape(features)


@functools.lru_cache(maxsize=64)
def _arrays(dtype: Any, *numbers: float) -> list[Any]:
    """numpy takes arrays without axes in half the time of Python's numbers."""
    return [np.array(number, dtype) for number in numbers]


class _Batch(NamedTuple):
    """What is known of a batch: x - mean and the root, and whether x ``wants`` a gradient."""

    centred: Any
    deviation: Any
    eps: float
    wants: bool


def _taken(x: Any, features: tuple[int, ...], eps: float, moved: Any, momentum: float) -> tuple[Any, Any]:
    """x - mean and the deviation of every feature; ``moved``, the running mean and variance, follow by ``momentum``."""
    centre = _mean(x, features)
    centred = x - centre
    variance = _mean(centred * centred, features)
    count = x.size // x.shape[1]
    small, kept, *shares = _arrays(x.dtype, eps, 1 - momentum, momentum, momentum * count / (count - 1))
    for running, new, share in zip(moved, (centre, variance), shares, strict=True):
        if running is not None:
            array = running.array
            array *= kept
            array += new.reshape(-1) * share
            running.touch()
    variance += small
    return centred, np.sqrt(variance, variance)


def _given(x: Any, centre: Any, variance: Any, eps: float) -> tuple[Any, Any]:
    return x - centre, np.sqrt(variance + eps)


def _normalised(x: Any, batch: _Batch, weight: Any, bias: Any, *given: Any) -> tuple[Any, None]:
    if weight is None or bias is None:
        return batch.centred / batch.deviation, None
    y = batch.centred * (weight / batch.deviation)
    y += bias
    return y, None


def _normalised_back(
    g: Any, y: Any, x: Any, batch: _Batch, weight: Any, bias: Any, *given: Any, kept: None
) -> tuple[Any, ...]:
    centred, deviation = batch.centred, batch.deviation
    level, slope = _mean(g, deviation.shape), _mean(g * centred, deviation.shape) / deviation
    d = None
    if batch.wants:
        d = g.copy() if given else g - level - centred * (slope / deviation)
        d *= (1 if weight is None else weight) / deviation
    count = g.size / deviation.size
    return d, None, slope * count, level * count, *given


def _normalisation(x: Tensor, batch: _Batch, weight: Tensor | None, bias: Tensor | None, *given: Tensor) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * weight + bias; ``given`` are the running mean and variance."""
    dims = (0, *range(2, x.ndim))
    apart = x - (given[0] if given else mean(x, dims, keepdim=True))
    variance = given[1] if given else mean(apart * apart, dims, keepdim=True)
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
    features = (*shape[1:2], *(1,) * (len(shape) - 2))
    if len(shape) > 2:  # a vector lies along the last axis by itself
        weight, bias = (None if each is None else each.reshape(features) for each in (weight, bias))
    given: tuple[Tensor, ...] = ()
    if not input.array.size:  # statistics of nothing: there is nothing to scale by them
        return _scaled(input * 1.0, weight, bias)
    if training:
        count = input.array.size // shape[1]
        if count < 2:
            raise ValueError(
                f"batch_norm in training needs more than one value per feature to have a variance; {shape} was given. "
                "Use a larger batch (DataLoader(drop_last=True) leaves out a last one of 1), or model.eval()."
            )
        known = quiet.call(_taken, input.array, features, eps, (running_mean, running_var), momentum)
    elif running_mean is None or running_var is None:
        raise ValueError("batch_norm without training needs running_mean and running_var.")
    else:
        given = running_mean, running_var
        if len(shape) > 2:
            given = tuple(each.reshape(features) for each in given)
        known = quiet.call(_given, input.array, given[0].array, given[1].array, eps)
    batch = _Batch(*known, eps, input.tracked)
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


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x1 · x2 / (max(|x1|, eps) max(|x2|, eps)): the cosine of the angle between vectors along ``dim``."""
    both = x1.detach() * x2.detach()  # each is as long as what it is compared with, be it repeated
    x1, x2 = (normalize(x.expand_as(both), dim=dim, eps=eps) for x in (x1, x2))
    return total(x1 * x2, dim)


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """|x1 - x2 + eps| along the last axis, in the norm with exponent ``p``; eps keeps it off the kink at 0."""
    return norm(x1 - x2 + eps, p, -1, keepdim=keepdim)


def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """The channels, the second axis, in turns from each of ``groups`` equal parts of them."""
    if input.ndim < 3 or groups < 1 or input.shape[1] % groups:
        raise RuntimeError(
            f"channel_shuffle divides the channels of {tuple(input.shape)} into equal parts, got {groups}"
        )
    return input.unflatten(1, (groups, -1)).transpose(1, 2).flatten(1, 2)


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


def _scaled(x: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    if weight is not None:
        x = x * weight
    return x if bias is None else x + bias
