"""Ready parametrizations: a weight by its length and direction, of norm one, or orthogonal."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...engine.modes import no_grad
from ...ops.algebra import solve
from ...surface.arguments import axis
from ...surface.functions import dot, eye, matrix_exp, pad, randn
from ...surface.tensor import Tensor, wrap
from ..convolution import ConvTranspose1d
from ..functional.normalization import normalize
from ..module import Module
from .parametrize import WeightNorm, register_parametrization

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]

_MAPS = ("matrix_exp", "cayley", "householder")


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """The weight is g v / |v|, of parameters ``original0`` (g) and ``original1`` (v); |v| for each slice of ``dim``."""
    return register_parametrization(module, name, WeightNorm(dim))


def spectral_norm(
    module: Any, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Any:
    """The weight is W / s, where s is nearly the largest singular value of W, read as a matrix with rows along ``dim``.

    s = u^T W v (Miyato et al. 2018). In training u and v, which are buffers, follow W by ``n_power_iterations`` of
    u <- W v / |W v|, v <- W^T u / |W^T u| whenever the weight is read.

    Raises:
        ValueError: if the module has no such parameter, or for fewer than one iteration.
    """
    dim = int(isinstance(module, ConvTranspose1d)) if dim is None else dim
    return register_parametrization(module, name, _SpectralNorm(_given(module, name), n_power_iterations, dim, eps))


def orthogonal(
    module: Any, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization: bool = True
) -> Any:
    """The weight is a matrix Q with Q^T Q = 1, or Q Q^T = 1 if it is wide.

    Q is made of the lower triangle of ``original``: "matrix_exp" and "cayley" are exp A and (1 - A/2)^-1 (1 + A/2) of
    A = L - L^T, "householder" is a product of reflections. By default a square weight is the first, another the last.
    With ``use_trivialization`` all is multiplied by ``base``, the orthogonal matrix that the weight is at the start.

    Raises:
        ValueError: if the module has no such parameter, it is no matrix, or for another map.
    """
    weight = _given(module, name)
    if weight.ndim < 2 or orthogonal_map not in (None, *_MAPS):
        raise ValueError(
            f"orthogonal takes a matrix, or several, and one of {', '.join(_MAPS)}; got shape {tuple(weight.shape)} "
            f"and {orthogonal_map!r}"
        )
    usual = "matrix_exp" if weight.shape[-1] == weight.shape[-2] else "householder"
    made = _Orthogonal(weight.shape, orthogonal_map or usual, use_trivialization)
    return register_parametrization(module, name, made, unsafe=True)


def _given(module: Any, name: str) -> Tensor:
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"{type(module).__name__} has no parameter {name!r}")
    return weight


class _SpectralNorm(Module):
    _u: Tensor
    _v: Tensor

    def __init__(self, weight: Tensor, n_power_iterations: int, dim: int, eps: float) -> None:
        super().__init__()
        if n_power_iterations < 1:
            raise ValueError(f"n_power_iterations is at least 1, got {n_power_iterations}")
        self.dim, self.eps, self.n_power_iterations = axis(dim, weight.ndim), eps, n_power_iterations
        if weight.ndim > 1:
            matrix = self._matrix(weight.detach())
            for name, size in zip(("_u", "_v"), matrix.shape, strict=True):
                self.register_buffer(name, normalize(randn(size, dtype=weight.dtype), dim=0, eps=eps))
            self._follow(matrix, 15)

    def _matrix(self, weight: Tensor) -> Tensor:
        return weight.movedim(self.dim, 0).flatten(1)

    def _follow(self, matrix: Tensor, times: int) -> None:
        with no_grad():
            for _ in range(times):
                self._u.copy_(normalize(matrix @ self._v, dim=0, eps=self.eps))
                self._v.copy_(normalize(matrix.mT @ self._u, dim=0, eps=self.eps))

    def forward(self, weight: Tensor) -> Tensor:
        if weight.ndim == 1:
            return normalize(weight, dim=0, eps=self.eps)
        matrix = self._matrix(weight)
        if self.training:
            self._follow(matrix, self.n_power_iterations)
        return weight / dot(self._u.clone(), matrix @ self._v.clone())  # which the next forward changes


class _Orthogonal(Module):
    base: Tensor | None

    def __init__(self, shape: Any, orthogonal_map: str, use_trivialization: bool) -> None:
        super().__init__()
        self.shape, self.orthogonal_map, self.use_trivialization = shape, orthogonal_map, use_trivialization
        self.register_buffer("base", None)

    def forward(self, original: Tensor) -> Tensor:
        rows, columns = original.shape[-2:]
        if rows < columns:
            return self(original.mT).mT
        one = eye(rows, dtype=original.dtype)
        if self.orthogonal_map == "householder":
            below, found = original.tril(-1), one[:, :columns]
            vectors, amounts = below + found, 2 / (1 + (below * below).sum(-2, True))
            for i in reversed(range(columns)):
                v = vectors[..., i : i + 1]
                found = found - amounts[..., i : i + 1] * v @ (v.mT @ found)
            found = found * original.detach().diagonal(0, -2, -1).trunc().unsqueeze(-2)  # signs
        else:
            lower = pad(original.tril(), (0, rows - columns))
            turn = lower - lower.mT
            exact = self.orthogonal_map == "matrix_exp"
            found = (matrix_exp(turn) if exact else solve(one - turn / 2, one + turn / 2))[..., :columns]
        return found if self.base is None else self.base @ found

    def right_inverse(self, weight: Tensor) -> Tensor:
        """What becomes this weight, or an orthogonal one made of it."""
        if weight.shape != self.shape:
            raise ValueError(f"the weight has shape {tuple(self.shape)}, and {tuple(weight.shape)} was given")
        wide = weight.shape[-2] < weight.shape[-1]
        given = weight.detach().mT if wide else weight.detach()
        rows, columns = given.shape[-2:]
        if self.use_trivialization:
            if rows > columns:
                more = randn(*given.shape[:-1], rows - columns, dtype=given.dtype)
                given = wrap(np.concatenate([given.array, more.array], -1))
            q, r = np.linalg.qr(given.array)
            q *= np.sign(np.diagonal(r, 0, -2, -1))[..., None, :]
            self.base = wrap(q)
            return -eye(*weight.shape[-2:], dtype=weight.dtype).expand(weight.shape)
        if self.orthogonal_map != "householder":
            raise NotImplementedError("without use_trivialization only 'householder' starts from a weight there is")
        packed, amounts = np.linalg.qr(given.array, "raw")
        signs = np.sign(np.diagonal(packed, 0, -2, -1)) * np.where(amounts == 0, -1, 1)
        places = range(columns)
        packed = packed.copy()
        packed[..., places, places] = signs
        return wrap(packed if wide else np.swapaxes(packed, -1, -2).copy())
