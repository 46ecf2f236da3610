"""Ready parametrizations: a weight by its length and direction."""

from __future__ import annotations

from typing import Any

from .parametrize import WeightNorm, register_parametrization


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """The weight is g v / |v|, of parameters ``original0`` (g) and ``original1`` (v); |v| for each slice of ``dim``."""
    return register_parametrization(module, name, WeightNorm(dim))
