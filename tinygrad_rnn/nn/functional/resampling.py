"""A sequence (batch, channels, length) in another length: read at places between its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...surface.tensor import Tensor
from .windows import adaptive_avg_pool1d

__all__ = ["interpolate"]


def interpolate(
    input: Tensor, size: int | Sequence[int] | None = None, scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest", align_corners: bool | None = None, recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:  # fmt: skip
    """The sequences (batch, channels, length) in a length of ``size``, or of floor(``scale_factor`` length).

    Entry i is read at the place (i + 1/2) s - 1/2, where s is how far the places are apart: 1 / ``scale_factor``, or
    length / size with ``size`` or ``recompute_scale_factor``.

    Args:
        mode: "nearest-exact" reads the entry nearest to that place, "nearest" the one at floor(i s), "linear" the line
            between its two neighbours; "area" takes means, as ``adaptive_avg_pool1d``.
        align_corners: with "linear", whether the first and the last entries keep their places, which lie at i s with
            s = (length - 1) / (size - 1).

    Raises:
        NotImplementedError: for images and volumes.
        ValueError: if not one of ``size`` and ``scale_factor`` is given, or options that do not go together.
        RuntimeError: for numbers that are not real, and if nothing is left.
    """
    if mode not in ("nearest", "nearest-exact", "linear", "area") or input.ndim != 3 or antialias:
        raise NotImplementedError(
            f"interpolate works on sequences (batch, channels, length), in the modes nearest, nearest-exact, linear "
            f"and area, without antialias; images and volumes stay out. Got shape {tuple(input.shape)} and {mode=}"
        )
    length, given = input.shape[-1], size if scale_factor is None else scale_factor
    number: Any = given[0] if isinstance(given, Sequence) and len(given) == 1 else given
    if (size is None) == (scale_factor is None) or isinstance(number, Sequence):
        raise ValueError(
            f"interpolate takes one size or one scale_factor for the one axis, got {size=} and {scale_factor=}"
        )
    if (align_corners is not None and mode != "linear") or (recompute_scale_factor and scale_factor is None):
        raise ValueError("align_corners goes with mode='linear', and recompute_scale_factor with scale_factor")
    count = int(number if scale_factor is None else length * number)
    if input.dtype.kind != "f" or count < 1 or not input[:1].numel():
        raise RuntimeError(
            f"interpolate makes sequences of at least one real number, got {input.dtype}, shape {tuple(input.shape)} "
            f"and a length of {count}; for others use x.float()"
        )
    if mode == "area":
        return adaptive_avg_pool1d(input, count)
    kind, last = np.promote_types(input.dtype, np.float32).type, length - 1
    apart = kind(length / count if scale_factor is None or recompute_scale_factor else 1 / number)
    if align_corners:
        apart = kind(last) / kind(max(count - 1, 1))
    places = np.arange(count, dtype=kind)
    if mode != "linear":
        places = places * apart if mode == "nearest" else (places + kind(0.5)) * apart - kind(0.5) + kind(0.5)
        whole = places.astype(np.float32).astype(np.int64)  # PyTorch rounds down what float32 makes of it
        return input.index_select(-1, input.fresh(np.minimum(whole, last)))
    if count != length:
        places = np.clip(places * apart if align_corners else (places + kind(0.5)) * apart - kind(0.5), 0, last)
    left = places.astype(np.int64)
    share = input.fresh((places - left).astype(input.dtype))
    first, second = (input.index_select(-1, input.fresh(np.minimum(left + i, last))) for i in (0, 1))
    return first * (1 - share) + second * share
