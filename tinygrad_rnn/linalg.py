"""Linear algebra on matrices, the last two axes of a tensor, under the names of ``torch.linalg``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .ops import algebra
from .surface import algebra as products
from .surface.algebra import cross as cross
from .surface.algebra import matmul as matmul
from .surface.algebra import matrix_power as matrix_power
from .surface.arguments import Dim, as_dtype
from .surface.reduction import amax, amin
from .surface.reduction import norm as _norm
from .surface.reduction import sum as _sum
from .surface.shaping import diagonal as _diagonal
from .surface.shaping import unsqueeze
from .surface.tensor import Tensor

__all__ = [
    "cholesky", "cross", "det", "diagonal", "inv", "matmul", "matrix_norm", "matrix_power", "multi_dot", "norm",
    "slogdet", "solve", "vecdot", "vector_norm",
]  # fmt: skip


class Slogdet(NamedTuple):
    """The sign of a determinant and the logarithm of its size."""

    sign: Tensor
    logabsdet: Tensor


def vector_norm(x: Tensor, ord: float = 2, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """(sum |x|^ord)^(1/ord) over the axes ``dim``, or over all."""
    return _norm(x, ord, dim, keepdim, dtype)


def matrix_norm(
    A: Tensor, ord: Any = "fro", dim: Sequence[int] = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """Of matrices: "fro" sqrt(sum |a|^2), 1 (inf) the largest sum of |a| in a column (row), -1 (-inf) the smallest.

    Raises:
        RuntimeError: for another ``ord``; 2, -2 and "nuc" need singular values, which there are not here.
    """
    if ord == "fro":
        return _norm(A, "fro", dim, keepdim, dtype)
    if isinstance(ord, str) or abs(ord) not in (1, math.inf):
        raise RuntimeError(f"matrix_norm takes 'fro', 1, -1, inf and -inf, got {ord!r}; numpy.linalg.norm knows others")
    rows, columns = (each % A.ndim for each in dim)
    added, left = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = _sum(as_dtype(A, dtype).abs(), added, True)
    found = (amax if ord > 0 else amin)(sums, left, True)
    return found if keepdim else found.squeeze((rows, columns))


def norm(A: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The norm of vectors, or of matrices if two axes (or a matrix and ``ord``) are given; all entries by default."""
    pair = isinstance(dim, Sequence) and len(dim) == 2
    if ord is None:
        return _norm(A, 2, dim, keepdim, dtype)
    if pair or (dim is None and A.ndim == 2):
        return matrix_norm(A, ord, dim or (-2, -1), keepdim, dtype=dtype)
    return vector_norm(A, ord, dim, keepdim, dtype=dtype)


def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """The inner products along an axis."""
    return _sum(x * y, dim)


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """The diagonal of each matrix as a new last axis."""
    return _diagonal(A, offset, dim1, dim2)


def multi_dot(tensors: Sequence[Tensor]) -> Tensor:
    """The product of two or more matrices, the first and the last of which may be vectors."""
    return products.chain(tensors)


def inv(A: Tensor) -> Tensor:
    """A^-1 for A of shape (..., n, n).

    Raises:
        RuntimeError: if a matrix has none, or is not square.
    """
    return algebra.inv(A)


def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """X with A X = B for A (..., n, n) and B (..., n, k) or (n), or with X A = B if not ``left``.

    Raises:
        RuntimeError: if a matrix has no inverse, or the shapes do not fit.
    """
    if not left:
        return solve(A.mT, B.mT).mT
    vectors = B.ndim == 1 or (B.ndim == A.ndim - 1 and B.shape == A.shape[:-1])
    found: Tensor = algebra.solve(A, unsqueeze(B, -1) if vectors else B)
    return found.squeeze(-1) if vectors else found


def det(A: Tensor) -> Tensor:
    """The determinants of A (..., n, n); a derivative is there where a matrix has an inverse."""
    return algebra.det(A)


def slogdet(A: Tensor) -> Slogdet:
    """(sign, logabsdet): the determinant is sign exp(logabsdet), also where it is too large or too small itself."""
    return Slogdet(A.fresh(np.linalg.slogdet(A.array).sign), algebra.logabsdet(A))


def cholesky(A: Tensor, *, upper: bool = False) -> Tensor:
    """L, lower triangular with L L^T = A, for symmetric A with positive eigenvalues; L^T if ``upper``.

    Raises:
        RuntimeError: if a matrix is not positive definite.
    """
    lower: Tensor = algebra.cholesky(A)
    return lower.mT if upper else lower
