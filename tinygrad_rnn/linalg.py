"""Linear algebra on matrices, the last two axes of a tensor, under the names of ``torch.linalg``."""

from __future__ import annotations

import functools
import math
import operator
from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .ops import algebra
from .surface.algebra import _sign_of_det
from .surface.algebra import cholesky as _cholesky
from .surface.algebra import det as det
from .surface.algebra import matrix_exp as matrix_exp
from .surface.algebra import triangular_solve as _triangular
from .surface.arguments import Dim, as_dtype, flexible, matrices
from .surface.compositions import cross as _cross
from .surface.forms import of_several as _of_several
from .surface.reduction import amax, amin
from .surface.reduction import norm as _norm
from .surface.reduction import sum as _sum
from .surface.shaping import diagonal as _diagonal
from .surface.shaping import movedim as _movedim
from .surface.shaping import unsqueeze
from .surface.tensor import Tensor

_Slogdet = namedtuple("_Slogdet", ["sign", "logabsdet"])
_Inverse = namedtuple("_Inverse", ["inverse", "info"])
_Solved = namedtuple("_Solved", ["result", "info"])
_Factor = namedtuple("_Factor", ["L", "info"])


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
    found = (amax if ord > 0 else amin)(_sum(as_dtype(A, dtype).abs(), added, True), left, True)
    return found if keepdim else found.squeeze((rows, columns))


def norm(A: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The norm of vectors, or of matrices if two axes (or a matrix and ``ord``) are given; all entries by default."""
    if ord is not None and ((isinstance(dim, Sequence) and len(dim) == 2) or (dim is None and A.ndim == 2)):
        return matrix_norm(A, ord, dim or (-2, -1), keepdim, dtype=dtype)
    return _norm(A, 2 if ord is None else ord, dim, keepdim, dtype)


def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """The inner products along an axis."""
    return _sum(x * y, dim)


def cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """The cross product of vectors along an axis of size 3."""
    return _cross(input, other, dim)


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """The diagonal of each matrix as a new last axis."""
    return _diagonal(A, offset, dim1, dim2)


@_of_several
def multi_dot(tensors: Sequence[Tensor]) -> Tensor:
    """The product of several matrices, of which the first and the last may be vectors, from left to right."""
    shapes = [tuple(each.shape) for each in tensors]
    if len(shapes) < 2 or any(len(shape) != 2 for shape in shapes[1:-1]) or {len(shapes[0]), len(shapes[-1])} - {1, 2}:
        raise RuntimeError(f"multi_dot multiplies two or more matrices, at the ends also vectors, got shapes {shapes}")
    return functools.reduce(operator.matmul, tensors)


def matrix_power(A: Tensor, n: int) -> Tensor:
    """A multiplied by itself ``n`` times, the inverse for negative ``n``, for A (..., n, n)."""
    base = inv(A) if n < 0 else matrices(A, "matrix_power")
    if n == 0:
        return (base * 0).masked_fill(A.fresh(np.eye(A.shape[-1], dtype=np.bool_)), 1)
    return functools.reduce(operator.matmul, [base] * abs(n))


def inv(A: Tensor) -> Tensor:
    """A^-1 for A (..., n, n); refused where there is none."""
    return algebra.inv(matrices(A, "inv"))


def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """X with A X = B for A (..., n, n) and B (..., n, k) or (n), or with X A = B if not ``left``."""
    if not left:
        return solve(A.mT, B.mT).mT
    matrices(A, "solve")
    vectors = B.ndim == 1 or (B.ndim == A.ndim - 1 and B.shape == A.shape[:-1])
    found: Tensor = algebra.solve(A, unsqueeze(B, -1) if vectors else B)
    return found.squeeze(-1) if vectors else found


def slogdet(A: Tensor) -> Any:
    """(sign, logabsdet): the determinant is sign exp(logabsdet), also where it is too large or too small itself."""
    matrices(A, "slogdet")
    return _Slogdet(_sign_of_det(A), algebra.logabsdet(A))


def cholesky(A: Tensor, *, upper: bool = False) -> Tensor:
    """L, lower triangular with L L^T = A, for symmetric A with positive eigenvalues; L^T if ``upper``."""
    return _cholesky(A, upper)


def inv_ex(A: Tensor, *, check_errors: bool = False) -> Any:
    """(inverse, info): NaN and an info of 1, unless errors are to be raised, where ``inv`` refuses."""
    return _Inverse(*_with_info(inv, A, A, check_errors=check_errors))


def solve_ex(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False) -> Any:
    """(result, info), as ``inv_ex``, of ``solve``."""
    return _Solved(*_with_info(solve, B, A, B, check_errors=check_errors, left=left))


def cholesky_ex(A: Tensor, *, upper: bool = False, check_errors: bool = False) -> Any:
    """(L, info), as ``inv_ex``, of ``cholesky``."""
    return _Factor(*_with_info(cholesky, A, A, check_errors=check_errors, upper=upper))


def _with_info(
    function: Callable[..., Tensor], like: Tensor, A: Tensor, *others: Any, check_errors: bool, **options: Any
) -> tuple[Tensor, Tensor]:
    info = np.zeros(A.shape[:-2], np.int32)
    try:
        return function(A, *others, **options), A.fresh(info)
    except np.linalg.LinAlgError:
        if check_errors:
            raise
        return like * math.nan, A.fresh(info + 1)


def solve_triangular(A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False) -> Tensor:
    """X with A X = B, or X A = B if not ``left``, where only a triangle of A counts, its diagonal 1 if wanted."""
    if not left:
        return solve_triangular(A.mT, B.mT, upper=not upper, unitriangular=unitriangular).mT
    found: Tensor = _triangular(B, A, upper, False, unitriangular).solution
    return found


def tensorinv(A: Tensor, ind: int = 2) -> Tensor:
    """The inverse of A as a map from its axes behind the first ``ind`` to these."""
    if ind <= 0 or math.prod(A.shape[:ind]) != math.prod(A.shape[ind:]):
        raise RuntimeError(
            f"tensorinv needs as many entries in the first axes as in the others, got {tuple(A.shape)} and {ind=}"
        )
    size = math.prod(A.shape[:ind])
    return inv(A.reshape(size, size)).reshape(*A.shape[ind:], *A.shape[:ind])


def tensorsolve(A: Tensor, B: Tensor, dims: Sequence[int] | None = None) -> Tensor:
    """X with tensordot(A, X, X.ndim) = B, after the axes ``dims`` of A were moved to its end."""
    A = A if dims is None else _movedim(A, tuple(dims), tuple(range(A.ndim - len(dims), A.ndim)))
    if math.prod(A.shape[B.ndim :]) != B.numel():
        raise RuntimeError(
            f"tensorsolve needs as many unknowns as equations, got {tuple(A.shape)} and {tuple(B.shape)}"
        )
    found: Tensor = solve(A.reshape(B.numel(), B.numel()), B.reshape(-1)).reshape(*A.shape[B.ndim :])
    return found


def vander(x: Tensor, *, N: int | None = None) -> Tensor:
    """The powers 0 to N - 1 of each entry, (..., N); N is the size of the last axis unless it is given."""
    entries = flexible(x)
    powers: Tensor = unsqueeze(entries, -1) ** x.fresh(np.arange(entries.shape[-1] if N is None else N))
    return powers
