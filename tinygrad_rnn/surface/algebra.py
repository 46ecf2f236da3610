"""Products of vectors, matrices and batches of them."""

from __future__ import annotations

import math
import string
from collections import Counter, namedtuple
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.modes import goes_by_data
from ..numbers import dtypes
from ..ops import algebra, elementwise, reduction, shaping
from .arguments import as_dtype, axis, matrices, settled
from .forms import also
from .shaping import diagonal, tril, triu
from .tensor import Tensor

_Triangular = namedtuple("_Triangular", ["solution", "cloned_coefficient"])


def matmul(input: Tensor, other: Any) -> Tensor:
    """The matrix product of vectors, matrices and batches of matrices, as ``input @ other``."""
    return algebra.matmul(input, other)


@also(method=False)
def linear(input: Tensor, weight: Any, bias: Any = None) -> Tensor:
    """input weight^T + bias, for input (..., in), weight (out, in) and bias (out)."""
    product: Tensor = algebra.linear(input, weight)
    return product if bias is None else product + bias


def _needs(name: str, *wanted: tuple[Any, int]) -> None:
    if any(x.ndim != ndim for x, ndim in wanted):
        what = " and ".join({1: "a vector", 2: "a matrix", 3: "a batch of matrices"}[ndim] for _, ndim in wanted)
        shapes = " and ".join(str(tuple(x.shape)) for x, _ in wanted)
        raise RuntimeError(f"{name} multiplies {what}, got shapes {shapes}; matmul takes them all")


def mm(input: Tensor, mat2: Any) -> Tensor:
    """The product of two matrices, (n, k) and (k, m)."""
    _needs("mm", (input, 2), (mat2, 2))
    return algebra.matmul(input, mat2)


def bmm(input: Tensor, mat2: Any) -> Tensor:
    """The products of two batches of matrices, (batch, n, k) and (batch, k, m)."""
    _needs("bmm", (input, 3), (mat2, 3))
    if input.shape[0] != mat2.shape[0]:
        raise RuntimeError(
            f"bmm needs as many matrices in both batches, got shapes {tuple(input.shape)} and {tuple(mat2.shape)}; "
            "matmul repeats a batch of one"
        )
    return algebra.matmul(input, mat2)


def mv(input: Tensor, vec: Any) -> Tensor:
    """The product of a matrix (n, k) and a vector (k)."""
    _needs("mv", (input, 2), (vec, 1))
    return algebra.matmul(input, vec)


@also("vdot")
def dot(input: Tensor, tensor: Any) -> Tensor:
    """The inner product of two vectors of one length."""
    _needs("dot", (input, 1), (tensor, 1))
    return algebra.matmul(input, tensor)


@also("ger")
def outer(input: Tensor, vec2: Any) -> Tensor:
    """All products of an entry of one vector with one of another: (n) and (m) give (n, m)."""
    _needs("outer", (input, 1), (vec2, 1))
    product: Tensor = shaping.unsqueeze(input, dim=1) * vec2
    return product


def inverse(input: Tensor) -> Tensor:
    """The inverse of each matrix, see ``linalg.inv``."""
    return algebra.inv(input)


def det(input: Tensor) -> Tensor:
    """The determinant of each matrix (..., n, n); a derivative is there where it has an inverse."""
    of_numbers = matrices(input, "det").shape[-1] == 1
    found: Tensor = reduction.sum(input, dim=(-2, -1), keepdim=False) if of_numbers else algebra.det(input)
    return found


@also(method=False)
def tensordot(input: Tensor, other: Tensor, dims: Any = 2) -> Tensor:
    """Products summed over the last ``dims`` axes of one and the first of the other, or over two lists of axes."""
    if isinstance(dims, int):
        dims = range(input.ndim - dims, input.ndim), range(dims)
    left, right = list(string.ascii_lowercase[: input.ndim]), list(string.ascii_uppercase[: other.ndim])
    for i, j in zip(*dims, strict=True):
        right[axis(j, other.ndim)] = left[axis(i, input.ndim)]
    kept = [each for each in (*left, *right) if each not in left or each not in right]
    return einsum(f"{''.join(left)},{''.join(right)}->{''.join(kept)}", input, other)


def inner(input: Tensor, other: Tensor) -> Tensor:
    """Products summed over the last axis of both: (..., k) and (*, k) give (..., *)."""
    return tensordot(input, other, ((-1,), (-1,))) if input.ndim and other.ndim else input * other


def kron(input: Tensor, other: Tensor) -> Tensor:
    """The Kronecker product: each entry of one times all of the other, as a block."""
    ndim = max(input.ndim, other.ndim)
    a, b = ((*[1] * (ndim - x.ndim), *x.shape) for x in (input, other))
    apart = shaping.reshape(input, shape=tuple(size for n in a for size in (n, 1)))
    beside = shaping.reshape(other, shape=tuple(size for n in b for size in (1, n)))
    return settled(apart * beside, [n * m for n, m in zip(a, b, strict=True)])


@also(inplace=True)
def addmm(input: Tensor, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta input + alpha (mat1 mat2); with beta = 0 what is in ``input`` does not matter, be it NaN."""
    return _added(input, mm(mat1, mat2), beta, alpha)


@also(inplace=True)
def baddbmm(input: Tensor, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta input + alpha (batch1 batch2), see ``addmm``."""
    return _added(input, bmm(batch1, batch2), beta, alpha)


@also(inplace=True)
def addbmm(input: Tensor, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta input + alpha (the sum of the products batch1 batch2), see ``addmm``."""
    return _added(input, reduction.sum(bmm(batch1, batch2), dim=(0,), keepdim=False), beta, alpha)


@also(inplace=True)
def addmv(input: Tensor, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta input + alpha (mat vec), see ``addmm``."""
    return _added(input, mv(mat, vec), beta, alpha)


@also(inplace=True)
def addr(input: Tensor, vec1: Any, vec2: Any, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta input + alpha (the outer product of two vectors), see ``addmm``."""
    return _added(input, outer(vec1, vec2), beta, alpha)


def cholesky(input: Tensor, upper: bool = False) -> Tensor:
    """As ``linalg.cholesky``."""
    lower: Tensor = algebra.cholesky(matrices(input, "cholesky"))
    return lower.mT if upper else lower


def cholesky_inverse(input: Tensor, upper: bool = False) -> Tensor:
    """The inverse of L L^T, or of U^T U, where L is lower (U upper) triangular."""
    return algebra.inv(_squared(matrices(input, "cholesky_inverse"), upper))


@also(method=False)
def cholesky_solve(B: Tensor, L: Tensor, upper: bool = False) -> Tensor:
    """X with L L^T X = B, or with U^T U X = B."""
    return algebra.solve(_squared(matrices(L, "cholesky_solve"), upper), B)


def _squared(factor: Tensor, upper: bool) -> Tensor:
    other = tril(factor, -1) if upper else triu(factor, 1)
    factor = factor - other.detach()  # gradients come to all entries, as in PyTorch
    return factor.mT @ factor if upper else factor @ factor.mT


def triangular_solve(
    input: Tensor, A: Tensor, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> Any:
    """(solution, cloned_coefficient): X with A X = input, where only a triangle of A counts, and A.

    With ``transpose`` A^T X = input is solved, with ``unitriangular`` the diagonal of A counts as 1.
    """
    part = triu(A, int(unitriangular)) if upper else tril(A, -int(unitriangular))
    part = part + A.fresh(np.eye(A.shape[-1], dtype=A.dtype)) if unitriangular else part
    return _Triangular(algebra.solve(part.mT if transpose else part, input), A.clone())


def matrix_exp(input: Tensor) -> Tensor:
    """1 + A + A^2 / 2 + A^3 / 6 + ... for A (..., n, n): the series of A / 2^k, squared k times over."""
    A = matrices(input, "matrix_exp")
    goes_by_data("matrix_exp", A)
    times = max(0, math.ceil(math.log2(max(float(np.abs(A.array).sum(-2).max(initial=0)), 0.5)) + 2))
    part = A / 2**times
    found = one = A.fresh(np.eye(A.shape[-1], dtype=A.dtype))
    for i in range(12, 0, -1):  # as Horner: what is left out is below the rounding
        found = part @ found / i + one
    for _ in range(times):
        found = found @ found
    return found


def logdet(input: Tensor) -> Tensor:
    """The logarithm of the determinant of each matrix (..., n, n): -inf where that is 0, NaN where it is negative."""
    size: Tensor = algebra.logabsdet(matrices(input, "logdet"))
    found: Tensor = elementwise.where(_sign_of_det(input) < 0, math.nan, size)
    return found


def _sign_of_det(input: Tensor) -> Tensor:
    """1, -1 or 0 for each matrix (..., n, n)."""
    return input.fresh(np.asarray(dtypes.quiet.call(_sign, input.array)))


def _sign(matrices: Any) -> Any:
    return np.linalg.slogdet(matrices).sign


def _added(input: Tensor, product: Tensor, beta: float, alpha: float) -> Tensor:
    kind = dtypes.result_type([input.array, product.array])
    if kind.kind != "f":  # multiples of integers are whole ones
        beta, alpha = int(beta), int(alpha)
    product = product if alpha == 1 else product * alpha
    result = as_dtype(product if beta == 0 else product + (input if beta == 1 else input * beta), kind)
    if result.shape != product.shape:
        raise RuntimeError(
            f"the tensor added to a product of shape {tuple(product.shape)} must be repeatable to it, got shape "
            f"{tuple(input.shape)}"
        )
    return result


def einsum(equation: str, *operands: Any) -> Tensor:
    """Einstein's summation: multiply entries and sum over the letters that do not stand in the result.

    "bij,bjk->bik" is a batched matrix product. Without an arrow the result has the letters that stand once, in
    alphabetical order; "..." stands for any axes in front.

    Raises:
        RuntimeError: if the equation does not fit the operands.
    """
    if not isinstance(equation, str):
        raise RuntimeError(
            "einsum takes the equation as text first, such as 'ij,jk->ik'; lists of axes are not supported"
        )
    if len(operands) == 1 and isinstance(operands[0], Sequence):
        operands = tuple(operands[0])
    terms, result = _letters(equation, operands)
    xs: list[Tensor] = list(operands)
    sizes: dict[str, int] = {}
    for i, term in enumerate(terms):
        for letter in [letter for letter, times in Counter(term).items() for _ in range(times - 1)]:
            first, second = [place for place, each in enumerate(terms[i]) if each == letter][:2]
            if xs[i].shape[first] != xs[i].shape[second]:
                raise RuntimeError(
                    f"einsum {equation!r}: {letter!r} has two sizes in one operand, {tuple(xs[i].shape)}"
                )
            rest = [each for place, each in enumerate(terms[i]) if place not in (first, second)]
            xs[i], terms[i] = diagonal(xs[i], 0, first, second), "".join(rest) + letter
        for letter, size in zip(terms[i], xs[i].shape, strict=True):
            if sizes.setdefault(letter, size) == 1:
                sizes[letter] = size
            elif size not in (1, sizes[letter]):
                raise RuntimeError(f"einsum {equation!r}: {letter!r} has the sizes {sizes[letter]} and {size}")
    for i in range(len(xs)):
        others = "".join(terms[:i] + terms[i + 1 :]) + result
        lonely = tuple(place for place, letter in enumerate(terms[i]) if letter not in others)
        if lonely:
            xs[i] = reduction.sum(xs[i], dim=lonely, keepdim=False)
            terms[i] = "".join(letter for letter in terms[i] if letter in others)
        full = tuple(sizes[letter] for letter in terms[i])
        xs[i] = xs[i] if tuple(xs[i].shape) == full else shaping.broadcast_to(xs[i], shape=full)
    if len(xs) == 1:
        return shaping.permute(xs[0], dims=tuple(terms[0].index(letter) for letter in result))
    return algebra.einsum(*xs, equation=",".join(terms) + "->" + result)


def _letters(equation: str, operands: Sequence[Any]) -> tuple[list[str], str]:
    """The letters of each operand and of the result, with those that "..." stands for."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        raise RuntimeError(f"einsum {equation!r} names {len(terms)} operands and was given {len(operands)}")
    free = [letter for letter in string.ascii_letters if letter not in equation]
    hidden = [x.ndim - len(term.replace("...", "")) for x, term in zip(operands, terms, strict=True)]
    widest = max((n for n, term in zip(hidden, terms, strict=True) if "..." in term), default=0)
    for i, (term, n) in enumerate(zip(terms, hidden, strict=True)):
        if n < 0 or (n and "..." not in term):
            raise RuntimeError(
                f"einsum {equation!r}: {term!r} does not fit an operand of shape {tuple(operands[i].shape)}"
            )
        terms[i] = term.replace("...", "".join(free[widest - n : widest]))
    counts = Counter("".join(terms))
    dots = "".join(free[:widest])
    result = (
        right.replace("...", dots)
        if arrow
        else dots + "".join(sorted(letter for letter, times in counts.items() if times == 1 and letter not in dots))
    )
    wrong = [letter for letter in counts if letter not in string.ascii_letters]
    wrong += [letter for letter, times in Counter(result).items() if times > 1 or letter not in counts]
    if wrong:
        raise RuntimeError(
            f"einsum {equation!r}: {wrong[0]!r} is not a letter of the operands, or stands twice in the result"
        )
    return terms, result
