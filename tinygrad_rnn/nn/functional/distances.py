"""Vectors of length one, and how near vectors are to each other."""

from __future__ import annotations

from typing import Any

from ...surface.functions import clamp_min, norm
from ...surface.functions import sum as total
from ...surface.tensor import Tensor


def normalize(input: Tensor, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Tensor:
    """x / max(|x|, eps): vectors of length one along ``dim``, in the norm with exponent ``p``."""
    scaled: Tensor = input / clamp_min(norm(input, p, dim, keepdim=True), eps)
    return scaled


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x1 · x2 / (max(|x1|, eps) max(|x2|, eps)): the cosine of the angle between vectors along ``dim``."""
    return total(normalize(x1, dim=dim, eps=eps) * normalize(x2, dim=dim, eps=eps), dim)


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """|x1 - x2 + eps| along the last axis, in the norm with exponent ``p``; eps keeps it off the kink at 0."""
    return norm(x1 - x2 + eps, p, -1, keepdim=keepdim)
