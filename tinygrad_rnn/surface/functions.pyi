"""PyTorch's functions on tensors."""

# Written by docs/generate.py; do not edit.
# ruff: noqa
# fmt: off

from collections.abc import Sequence
from typing import Any, Literal, Self, overload

import numpy as np

from ..numbers.random import Generator
from .arrays import Extremes
from .creation import TensorOf
from .tensor import Tensor

_Values = Tensor | np.ndarray[Any, Any] | float

BoolTensor: TensorOf
ByteTensor: TensorOf
CharTensor: TensorOf
DoubleTensor: TensorOf
FloatTensor: TensorOf
HalfTensor: TensorOf
IntTensor: TensorOf
LongTensor: TensorOf
ShortTensor: TensorOf
def abs(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The absolute value; its derivative at 0 is 0."""
def abs_(input: Tensor) -> Tensor:
    """``abs``, written into this tensor."""
def absolute(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The absolute value; its derivative at 0 is 0."""
def acos(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The angle in radians whose cosine is x."""
def acos_(input: Tensor) -> Tensor:
    """``acos``, written into this tensor."""
def acosh(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The number whose hyperbolic cosine is x."""
def acosh_(input: Tensor) -> Tensor:
    """``acosh``, written into this tensor."""
def add(input: _Values, other: Any, *scaled: Any, alpha: float = 1, out: Tensor | None = None) -> Tensor:
    """input + alpha other; also ``add(input, alpha, other)``, as it was once written."""
def addbmm(
    input: _Values, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1, out: Tensor | None = None
) -> Tensor:
    """beta input + alpha (the sum of the products batch1 batch2), see ``addmm``."""
def addcdiv(
    input: _Values, tensor1: _Values, tensor2: _Values, *, value: float = 1, out: Tensor | None = None
) -> Tensor:
    """input + value * tensor1 / tensor2."""
def addcmul(
    input: _Values, tensor1: _Values, tensor2: _Values, *, value: float = 1, out: Tensor | None = None
) -> Tensor:
    """input + value * tensor1 * tensor2."""
def addmm(
    input: _Values, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1, out: Tensor | None = None
) -> Tensor:
    """beta input + alpha (mat1 mat2); with beta = 0 what is in ``input`` does not matter, be it NaN."""
def addmv(
    input: _Values, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1, out: Tensor | None = None
) -> Tensor:
    """beta input + alpha (mat vec), see ``addmm``."""
def addmv_(input: Tensor, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """``addmv``, written into this tensor."""
def addr(
    input: _Values, vec1: Any, vec2: Any, *, beta: float = 1, alpha: float = 1, out: Tensor | None = None
) -> Tensor:
    """beta input + alpha (the outer product of two vectors), see ``addmm``."""
def alias_copy(input: Any, *args: Any, **kwargs: Any) -> Any:
    """``alias``, in memory of its own."""
def all(
    input: _Values, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, axis: int |
    Sequence[int] | None = ..., keepdims: bool = ..., out: Tensor | None = None
) -> Tensor:
    """Whether no entry is 0."""
def allclose(
    input: _Values, other: _Values, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """Whether all entries are close, see ``isclose``."""
def amax(
    input: _Values, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, axis: int |
    Sequence[int] | None = ..., keepdims: bool = ..., out: Tensor | None = None
) -> Tensor:
    """The largest entry over the axes ``dim``; ties share the gradient evenly."""
def amin(
    input: _Values, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, axis: int |
    Sequence[int] | None = ..., keepdims: bool = ..., out: Tensor | None = None
) -> Tensor:
    """The smallest entry over the axes ``dim``; ties share the gradient evenly."""
def aminmax(
    input: _Values, *, dim: int | None = None, keepdim: bool = False, axis: int | None = ..., keepdims: bool =
    ...
) -> Any:
    """(min, max): ``amin`` and ``amax``."""
def angle(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The angle of a number to the positive ones: 0, of negative ones pi; NaN of NaN."""
def any(
    input: _Values, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, axis: int |
    Sequence[int] | None = ..., keepdims: bool = ..., out: Tensor | None = None
) -> Tensor:
    """Whether some entry is not 0."""
def arange(
    start: Any, end: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None, requires_grad: bool
    = False, out: Tensor | None = None
) -> Tensor:
    """start, start + step, ... before ``end``; ``arange(end)`` starts at 0. Integers give int64."""
def arccos(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The angle in radians whose cosine is x."""
def arccos_(input: Tensor) -> Tensor:
    """``arccos``, written into this tensor."""
def arccosh(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The number whose hyperbolic cosine is x."""
def arccosh_(input: Tensor) -> Tensor:
    """``arccosh``, written into this tensor."""
def arcsin(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The angle in radians whose sine is x."""
def arcsin_(input: Tensor) -> Tensor:
    """``arcsin``, written into this tensor."""
def arcsinh(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The number whose hyperbolic sine is x."""
def arcsinh_(input: Tensor) -> Tensor:
    """``arcsinh``, written into this tensor."""
def arctan(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The angle in radians whose tangent is x."""
def arctan2(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The angle of the point (other, input) in radians, from -pi to pi."""
def arctan_(input: Tensor) -> Tensor:
    """``arctan``, written into this tensor."""
def arctanh(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The number whose hyperbolic tangent is x."""
def arctanh_(input: Tensor) -> Tensor:
    """``arctanh``, written into this tensor."""
def argmax(
    input: _Values, dim: int | None = None, keepdim: bool = False, *, axis: int | None = ..., keepdims: bool =
    ..., out: Tensor | None = None
) -> Tensor:
    """Where the largest entry stands, the first if there are several; without ``dim`` in the flattened
    tensor."""
def argmin(
    input: _Values, dim: int | None = None, keepdim: bool = False, *, axis: int | None = ..., keepdims: bool =
    ..., out: Tensor | None = None
) -> Tensor:
    """Where the smallest entry stands, the first if there are several; without ``dim`` in the flattened
    tensor."""
def argsort(
    input: _Values, dim: int = -1, descending: bool = False, stable: bool = False, *, axis: int = ..., out:
    Tensor | None = None
) -> Tensor:
    """The positions along ``dim`` in the order of their entries; equal entries always keep their order."""
def argwhere(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The indices of the entries that are not 0, (count, axes)."""
def as_tensor(data: Any, dtype: Any = None, device: Any = None, *, out: Tensor | None = None) -> Tensor:
    """``data`` as a tensor, sharing its memory where possible."""
def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, out: Tensor | None = None
) -> Tensor:
    """A tensor of these numbers, sharing memory where it can unless a copy is asked for."""
def asin(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The angle in radians whose sine is x."""
def asin_(input: Tensor) -> Tensor:
    """``asin``, written into this tensor."""
def asinh(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The number whose hyperbolic sine is x."""
def asinh_(input: Tensor) -> Tensor:
    """``asinh``, written into this tensor."""
def atan(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The angle in radians whose tangent is x."""
def atan2(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The angle of the point (other, input) in radians, from -pi to pi."""
def atan_(input: Tensor) -> Tensor:
    """``atan``, written into this tensor."""
def atanh(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The number whose hyperbolic tangent is x."""
def atanh_(input: Tensor) -> Tensor:
    """``atanh``, written into this tensor."""
def atleast_1d(*tensors: Any) -> Any:
    """Tensors with at least one axis; single numbers are vectors of one."""
def atleast_2d(*tensors: Any) -> Any:
    """Tensors with at least two axes; vectors are rows."""
def atleast_3d(*tensors: Any) -> Any:
    """Tensors with at least three axes; a matrix has a last axis of size 1, a vector is a column of one
    such."""
def baddbmm(
    input: _Values, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1, out: Tensor | None = None
) -> Tensor:
    """beta input + alpha (batch1 batch2), see ``addmm``."""
def bernoulli(
    input: _Values, p: float | None = None, *, generator: Generator | None = None, out: Tensor | None = None
) -> Tensor:
    """1 with the probability given by each entry of ``input`` (or by ``p``, in its shape), else 0."""
def bincount(input: _Values, weights: Any = None, minlength: int = 0, *, out: Tensor | None = None) -> Tensor:
    """How often each of the numbers 0, 1, 2, ... occurs in a vector, or the sum of the weights of its
    entries."""
def bitwise_and(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The bits that both entries have."""
def bitwise_left_shift(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The bits of the first entry, moved up by as many places."""
def bitwise_not(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The bits that an entry does not have; of a truth value the other one."""
def bitwise_or(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The bits that at least one of two entries has."""
def bitwise_right_shift(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The bits of the first entry, moved down by as many places."""
def bitwise_xor(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The bits that exactly one of two entries has."""
def block_diag(*tensors: _Values, out: Tensor | None = None) -> Tensor:
    """Matrices along the diagonal of one, zeros elsewhere; vectors are rows."""
def bmm(input: _Values, mat2: Any, *, out: Tensor | None = None) -> Tensor:
    """The products of two batches of matrices, (batch, n, k) and (batch, k, m)."""
def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """The shape to which tensors of all these shapes are repeated."""
def broadcast_tensors(*tensors: _Values) -> tuple[Tensor, ...]:
    """Each repeated to the shape that all have together."""
def broadcast_to(input: _Values, shape: Sequence[int], *, out: Tensor | None = None) -> Tensor:
    """Repeated along axes of size 1, and along new axes in front, until it has this shape."""
def bucketize(
    input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False, out: Tensor | None = None
) -> Tensor:
    """Between which of the rising ``boundaries`` each entry lies, see ``searchsorted``."""
def cartesian_prod(*tensors: _Values, out: Tensor | None = None) -> Tensor:
    """All choices of an entry of each vector, a row each; of one vector itself."""
def cat(tensors: Sequence[Tensor], dim: int = 0, *, axis: int = ..., out: Tensor | None = None) -> Tensor:
    """The tensors one after the other along an axis they have; of shape (0,) only the type counts."""
def cdist(
    x1: _Values, x2: _Values, p: float = 2.0, compute_mode: str | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The p-norm of the difference of every row of ``x1`` (..., n, d) and of ``x2`` (..., m, d): (..., n,
    m)."""
def ceil(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The smallest integer that is not below."""
def ceil_(input: Tensor) -> Tensor:
    """``ceil``, written into this tensor."""
def cholesky(input: _Values, upper: bool = False, *, out: Tensor | None = None) -> Tensor:
    """As ``linalg.cholesky``."""
def cholesky_inverse(input: _Values, upper: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The inverse of L L^T, or of U^T U, where L is lower (U upper) triangular."""
def cholesky_solve(B: _Values, L: _Values, upper: bool = False, *, out: Tensor | None = None) -> Tensor:
    """X with L L^T X = B, or with U^T U X = B."""
def chunk(input: _Values, chunks: int, dim: int = 0, *, axis: int = ...) -> tuple[Tensor, ...]:
    """At most so many pieces of equal size (the last may be smaller) along an axis."""
def clamp(input: _Values, min: Any = None, max: Any = None, *, out: Tensor | None = None) -> Tensor:
    """Entries below ``min`` or above ``max`` replaced by the bound; the bounds may be numbers or tensors."""
def clamp_(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """``clamp``, written into this tensor."""
def clamp_max(input: _Values, max: Any, *, out: Tensor | None = None) -> Tensor:
    """The smaller of each number and ``max``."""
def clamp_max_(input: Tensor, max: Any) -> Tensor:
    """``clamp_max``, written into this tensor."""
def clamp_min(input: _Values, min: Any, *, out: Tensor | None = None) -> Tensor:
    """The larger of each number and ``min``."""
def clamp_min_(input: Tensor, min: Any) -> Tensor:
    """``clamp_min``, written into this tensor."""
def clip(input: _Values, min: Any = None, max: Any = None, *, out: Tensor | None = None) -> Tensor:
    """Entries below ``min`` or above ``max`` replaced by the bound; the bounds may be numbers or tensors."""
def clip_(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """``clip``, written into this tensor."""
def clone(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """A copy in its own memory; gradients flow through."""
def column_stack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """Side by side: vectors are columns."""
def combinations(
    input: _Values, r: int = 2, with_replacement: bool = False, *, out: Tensor | None = None
) -> Tensor:
    """All choices of ``r`` entries of a vector in their order, a row each, or with an entry again and
    again."""
def concat(tensors: Sequence[Tensor], dim: int = 0, *, axis: int = ..., out: Tensor | None = None) -> Tensor:
    """The tensors one after the other along an axis they have; of shape (0,) only the type counts."""
def concatenate(
    tensors: Sequence[Tensor], dim: int = 0, *, axis: int = ..., out: Tensor | None = None
) -> Tensor:
    """The tensors one after the other along an axis they have; of shape (0,) only the type counts."""
def conj(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The tensor itself, whose numbers are real."""
def conj_physical(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The tensor itself, whose numbers are real."""
def constant_pad_nd(
    input: _Values, pad: Sequence[int], value: float = 0, *, out: Tensor | None = None
) -> Tensor:
    """As ``pad``, with ``value`` around."""
def copysign(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The size of one entry with the sign of the other."""
def corrcoef(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The correlations of rows: their covariances, divided by both standard deviations."""
def cos(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The cosine of an angle in radians."""
def cos_(input: Tensor) -> Tensor:
    """``cos``, written into this tensor."""
def cosh(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The hyperbolic cosine."""
def cosh_(input: Tensor) -> Tensor:
    """``cosh``, written into this tensor."""
def count_nonzero(input: _Values, dim: Any = None, *, axis: Any = ..., out: Tensor | None = None) -> Tensor:
    """How many entries are not 0, altogether or along axes."""
def cov(
    input: _Values, *, correction: int = 1, fweights: Any = None, aweights: Any = None, out: Tensor | None =
    None
) -> Tensor:
    """The covariances of rows: sum over columns w (x - mean) (x - mean)^T / (sum w - correction)."""
def cross(
    input: _Values, other: _Values, dim: int | None = None, *, axis: int | None = ..., out: Tensor | None =
    None
) -> Tensor:
    """The cross product of vectors along an axis of size 3, by default the first such."""
def cummax(
    input: _Values, dim: int = ..., *, axis: int = ..., out: tuple[Tensor, Tensor] | None = None
) -> Extremes[Tensor]:
    """(values, indices) of the largest entry so far along ``dim``, of equal ones the last."""
def cummin(
    input: _Values, dim: int = ..., *, axis: int = ..., out: tuple[Tensor, Tensor] | None = None
) -> Extremes[Tensor]:
    """(values, indices) of the smallest entry so far along ``dim``, of equal ones the last."""
def cumprod(
    input: _Values, dim: int = ..., *, dtype: Any = None, axis: int = ..., out: Tensor | None = None
) -> Tensor:
    """Running products along ``dim``."""
def cumsum(
    input: _Values, dim: int = ..., *, dtype: Any = None, axis: int = ..., out: Tensor | None = None
) -> Tensor:
    """Running sums along ``dim``."""
def cumulative_trapezoid(
    y: _Values, x: Any = None, *, dx: float = 1, dim: int = -1, axis: int = ..., out: Tensor | None = None
) -> Tensor:
    """The integral up to each place but the first, see ``trapezoid``."""
def deg2rad(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """Degrees in radians."""
def deg2rad_(input: Tensor) -> Tensor:
    """``deg2rad``, written into this tensor."""
def det(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The determinant of each matrix (..., n, n); a derivative is there where it has an inverse."""
def diag(input: _Values, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor:
    """The diagonal of a matrix, or the matrix with this vector on a diagonal."""
def diag_embed(
    input: _Values, offset: int = 0, dim1: int = -2, dim2: int = -1, *, out: Tensor | None = None
) -> Tensor:
    """The last axis as a diagonal of matrices in two new axes."""
def diagflat(input: _Values, offset: int = 0, *, out: Tensor | None = None) -> Tensor:
    """The matrix with all entries, in order, on a diagonal."""
def diagonal(
    input: _Values, offset: int = 0, dim1: int = 0, dim2: int = 1, *, out: Tensor | None = None
) -> Tensor:
    """The diagonal of two axes as a new last axis; ``offset`` counts diagonals to the right."""
def diagonal_copy(input: Any, *args: Any, **kwargs: Any) -> Any:
    """``diagonal``, in memory of its own."""
def diagonal_scatter(
    input: _Values, src: _Values, offset: int = 0, dim1: int = 0, dim2: int = 1, *, out: Tensor | None = None
) -> Tensor:
    """input with ``src`` on the diagonal of two axes."""
def diff(
    input: _Values, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None, *, axis: int = ...,
    out: Tensor | None = None
) -> Tensor:
    """Each entry along ``dim`` minus the one before it, ``n`` times over; of truth values where they
    change."""
def dist(input: _Values, other: _Values, p: float = 2, *, out: Tensor | None = None) -> Tensor:
    """The p-norm of the difference."""
def div(input: _Values, other: Any, *, rounding_mode: str | None = None, out: Tensor | None = None) -> Tensor:
    """input / other; with ``rounding_mode`` "floor" or "trunc" rounded down or towards 0, integers staying
    integers."""
def divide(
    input: _Values, other: Any, *, rounding_mode: str | None = None, out: Tensor | None = None
) -> Tensor:
    """input / other; with ``rounding_mode`` "floor" or "trunc" rounded down or towards 0, integers staying
    integers."""
def dot(input: _Values, tensor: Any, *, out: Tensor | None = None) -> Tensor:
    """The inner product of two vectors of one length."""
def dsplit(input: _Values, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Parts of the third axis, see ``hsplit``."""
def dstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """One behind the other, along the third axis."""
def einsum(equation: str, *operands: Any, out: Tensor | None = None) -> Tensor:
    """Einstein's summation: multiply entries and sum over the letters that do not stand in the result."""
def elu(input: _Values, alpha: float = 1.0, *, out: Tensor | None = None) -> Tensor:
    """x where x > 0, alpha (exp(x) - 1) elsewhere (Clevert et al. 2016)."""
def empty(
    *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **named: Any
) -> Tensor:
    """Zeros: ``zeros(2, 3)``, ``zeros((2, 3))`` or ``zeros(size=(2, 3))``."""
def empty_like(
    input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Tensor | None =
    None
) -> Tensor:
    """Zeros in the shape and type of ``input``."""
def eq(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where two entries are equal."""
def equal(input: _Values, other: _Values) -> bool:
    """Whether shapes and all entries are equal."""
def erf(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x."""
def erf_(input: Tensor) -> Tensor:
    """``erf``, written into this tensor."""
def erfc(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """1 - erf(x), exact also where x is large."""
def erfc_(input: Tensor) -> Tensor:
    """``erfc``, written into this tensor."""
def exp(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """e to the power of each entry."""
def exp2(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """2 to the power of each entry."""
def exp2_(input: Tensor) -> Tensor:
    """``exp2``, written into this tensor."""
def exp_(input: Tensor) -> Tensor:
    """``exp``, written into this tensor."""
def expand_copy(input: Any, *args: Any, **kwargs: Any) -> Any:
    """``expand``, in memory of its own."""
def expm1(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """exp(x) - 1, exact also where x is small."""
def expm1_(input: Tensor) -> Tensor:
    """``expm1``, written into this tensor."""
def eye(
    n: int, m: int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out:
    Tensor | None = None
) -> Tensor:
    """Ones on the diagonal, (n, m) or (n, n)."""
def fill(input: _Values, value: Any, *, out: Tensor | None = None) -> Tensor:
    """``value``, a single number, everywhere in the shape and type of ``input``."""
def fill_diagonal(
    input: _Values, fill_value: float, wrap: bool = False, *, out: Tensor | None = None
) -> Tensor:
    """The matrix with ``fill_value`` on its diagonal."""
def fix(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The integer part, rounded towards 0."""
def fix_(input: Tensor) -> Tensor:
    """``fix``, written into this tensor."""
def flatten(input: _Values, start_dim: int = 0, end_dim: int = -1, *, out: Tensor | None = None) -> Tensor:
    """The axes from ``start_dim`` to ``end_dim`` as one."""
def flip(input: _Values, *axes: Any, dims: Sequence[int] | None = None, out: Tensor | None = None) -> Tensor:
    """In reverse order along these axes: ``flip(x, (0, 1))``."""
def fliplr(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The second axis in reverse order."""
def flipud(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The first axis in reverse order, which a single number has not."""
def float_power(input: Any, exponent: Any, *, out: Tensor | None = None) -> Tensor:
    """input^exponent in float64."""
def floor(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The largest integer that is not above."""
def floor_(input: Tensor) -> Tensor:
    """``floor``, written into this tensor."""
def floor_divide(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The quotient rounded down, entry by entry."""
def fmax(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The larger of two entries, the number beside NaN."""
def fmin(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The smaller of two entries, the number beside NaN."""
def fmod(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """What is left of the division, with the sign of what is divided."""
def frac(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """What stands behind the point, with the sign of the number."""
def frac_(input: Tensor) -> Tensor:
    """``frac``, written into this tensor."""
def frexp(input: _Values) -> Any:
    """(mantissa, exponent): input = mantissa 2^exponent with 0.5 <= |mantissa| < 1."""
def from_dlpack(ext_tensor: Any, *, out: Tensor | None = None) -> Tensor:
    """A tensor that shares the memory of another library's (which has ``__dlpack__``)."""
def from_numpy(array: Any, *, out: Tensor | None = None) -> Tensor:
    """A tensor that shares the memory of a numpy array."""
def full(
    size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out:
    Tensor | None = None
) -> Tensor:
    """One number everywhere; its type decides unless ``dtype`` is given."""
def full_like(
    input: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out:
    Tensor | None = None
) -> Tensor:
    """One number in the shape and type of ``input``."""
def gather(input: _Values, dim: int, index: Any, *, out: Tensor | None = None) -> Tensor:
    """out[i, j] = input[index[i, j], j] for dim = 0: entries picked along one axis."""
def gcd(input: _Values, other: _Values, *, out: Tensor | None = None) -> Tensor:
    """The greatest common divisor of integers, entry by entry."""
def gcd_(input: Tensor, other: _Values) -> Tensor:
    """``gcd``, written into this tensor."""
def ge(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where the first entry is greater than the second or equal to it."""
def gelu(input: _Values, approximate: str = 'none', *, out: Tensor | None = None) -> Tensor:
    """x P(N(0, 1) <= x) (Hendrycks & Gimpel 2016), exactly or with approximate="tanh"."""
def ger(input: _Values, vec2: Any, *, out: Tensor | None = None) -> Tensor:
    """All products of an entry of one vector with one of another: (n) and (m) give (n, m)."""
def gradient(
    input: _Values, *, spacing: Any = 1, dim: int | Sequence[int] | None = None, edge_order: int = 1, axis:
    int | Sequence[int] | None = ...
) -> list[Tensor]:
    """Slopes along each axis of ``dim``, by default along all, from what is at both sides."""
def greater(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where the first entry is greater than the second."""
def greater_equal(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where the first entry is greater than the second or equal to it."""
def gt(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where the first entry is greater than the second."""
def hardtanh(
    input: _Values, min_val: float = -1.0, max_val: float = 1.0, *, out: Tensor | None = None
) -> Tensor:
    """x cut off at min_val and max_val, where unlike ``clamp`` its derivative is 0."""
def heaviside(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """0 for negative entries, 1 for positive ones, for 0 the entry of the second."""
def histc(
    input: _Values, bins: int = 100, min: float = 0, max: float = 0, *, out: Tensor | None = None
) -> Tensor:
    """How many entries lie in each of ``bins`` equal parts from ``min`` to ``max``, by default of all there
    is."""
def histogram(
    input: _Values, bins: Any, *, range: Sequence[float] | None = None, weight: Tensor | None = None, density:
    bool = False
) -> Any:
    """(hist, bin_edges): how many entries, or what weight, lies in each of ``bins`` parts, or between these
    edges."""
def histogramdd(
    input: _Values, bins: Any, range: Sequence[float] | None = None, weight: Tensor | None = None, density:
    bool = False
) -> Any:
    """(hist, bin_edges): the histogram of points, (..., axes), by parts of each axis; see ``histogram``."""
def hsplit(input: _Values, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Parts of the second axis (of a vector's only one): equal ones, or those between these places."""
def hstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """Side by side: along the second axis, or along the first if there is no other."""
def hypot(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The hypotenuse, sqrt(input^2 + other^2)."""
def index_add(
    input: _Values, dim: int, index: Any, source: _Values, *, alpha: float = 1, out: Tensor | None = None
) -> Tensor:
    """input with alpha ``source[k]`` added to the slice ``index[k]`` of an axis; repeated positions add
    up."""
def index_copy(input: _Values, dim: int, index: Any, source: _Values, *, out: Tensor | None = None) -> Tensor:
    """input with ``source[k]`` as the slice ``index[k]`` of an axis; for what is refused see
    ``index_add``."""
def index_fill(input: _Values, dim: int, index: Any, value: Any, *, out: Tensor | None = None) -> Tensor:
    """input with ``value``, a single number, in the slices ``index`` of an axis; see ``index_add``."""
def index_put(
    input: _Values, indices: Any, values: _Values, accumulate: bool = False, *, out: Tensor | None = None
) -> Tensor:
    """input with ``input[indices] = values``, or with them added there, repeated places adding up."""
def index_put_(input: Tensor, indices: Any, values: _Values, accumulate: bool = False) -> Tensor:
    """``index_put``, written into this tensor."""
def index_reduce(
    input: _Values, dim: int, index: Any, source: _Values, reduce: str, *, include_self: bool = True, out:
    Tensor | None = None
) -> Tensor:
    """The slice ``source[k]`` put together with the slice ``index[k]`` of an axis, as ``scatter_reduce``
    does."""
def index_select(input: _Values, dim: int, index: Any, *, out: Tensor | None = None) -> Tensor:
    """The slices of an axis at these positions."""
def inner(input: _Values, other: _Values, *, out: Tensor | None = None) -> Tensor:
    """Products summed over the last axis of both: (..., k) and (*, k) give (..., *)."""
def inverse(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The inverse of each matrix, see ``linalg.inv``."""
def is_floating_point(input: _Values) -> bool:
    """Whether it holds real numbers."""
def is_tensor(obj: Any) -> bool:
    """Whether this is a tensor."""
def isclose(
    input: _Values, other: _Values, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False, *, out:
    Tensor | None = None
) -> Tensor:
    """Where |input - other| <= atol + rtol |other|; infinities of one sign are close, NaN only with
    ``equal_nan``."""
def isfinite(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """Where an entry is a number, neither infinite nor NaN."""
def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False, out: Tensor |
    None = None
) -> Tensor:
    """Where an entry is one of ``test_elements``, or with ``invert`` none of them."""
def isinf(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """Where an entry is infinite."""
def isnan(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """Where an entry is NaN, no number."""
def isneginf(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """Where an entry is infinite and negative."""
def isposinf(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """Where an entry is infinite and positive."""
def isreal(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """True everywhere: there are no complex numbers here."""
def kron(input: _Values, other: _Values, *, out: Tensor | None = None) -> Tensor:
    """The Kronecker product: each entry of one times all of the other, as a block."""
def kthvalue(
    input: _Values, k: int, dim: int = -1, keepdim: bool = False, *, axis: int = ..., keepdims: bool = ...,
    out: tuple[Tensor, Tensor] | None = None
) -> Extremes[Tensor]:
    """(values, indices) of the ``k``-th smallest entry along ``dim``, counted from 1; NaN counts as the
    largest."""
def lcm(input: _Values, other: _Values, *, out: Tensor | None = None) -> Tensor:
    """The least common multiple of integers, entry by entry."""
def lcm_(input: Tensor, other: _Values) -> Tensor:
    """``lcm``, written into this tensor."""
def ldexp(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """input 2^other."""
def ldexp_(input: Tensor, other: Any) -> Tensor:
    """``ldexp``, written into this tensor."""
def le(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where the first entry is less than the second or equal to it."""
def leaky_relu(input: _Values, negative_slope: float = 0.01, *, out: Tensor | None = None) -> Tensor:
    """x where x > 0, negative_slope x elsewhere."""
def lerp(input: _Values, end: _Values, weight: Tensor | float, *, out: Tensor | None = None) -> Tensor:
    """On the line from ``input`` (weight 0) to ``end`` (weight 1): input + weight (end - input)."""
def less(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where the first entry is less than the second."""
def less_equal(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where the first entry is less than the second or equal to it."""
def linear(input: _Values, weight: Any, bias: Any = None, *, out: Tensor | None = None) -> Tensor:
    """input weight^T + bias, for input (..., in), weight (out, in) and bias (out)."""
def linspace(
    start: Any, end: Any, steps: int, *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
    out: Tensor | None = None
) -> Tensor:
    """``steps`` numbers from ``start`` to ``end``, both included."""
def log(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The natural logarithm."""
def log10(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The logarithm to base 10."""
def log10_(input: Tensor) -> Tensor:
    """``log10``, written into this tensor."""
def log1p(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """log(1 + x), exact also where x is small."""
def log1p_(input: Tensor) -> Tensor:
    """``log1p``, written into this tensor."""
def log2(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The logarithm to base 2."""
def log2_(input: Tensor) -> Tensor:
    """``log2``, written into this tensor."""
def log_(input: Tensor) -> Tensor:
    """``log``, written into this tensor."""
def log_softmax(
    input: _Values, dim: int = ..., dtype: Any = None, *, axis: int = ..., out: Tensor | None = None
) -> Tensor:
    """log softmax(x) along ``dim``, without overflow."""
def logaddexp(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """log(exp(input) + exp(other)), without overflow."""
def logaddexp2(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """log2(2^input + 2^other), without overflow."""
def logcumsumexp(input: _Values, dim: int = ..., *, axis: int = ..., out: Tensor | None = None) -> Tensor:
    """Running log sum exp along ``dim``, without overflow: of exp(x - m), where m is the largest entry so
    far."""
def logdet(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of the determinant of each matrix (..., n, n): -inf where that is 0, NaN where it is
    negative."""
def logical_and(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where both entries are true, that is not 0."""
def logical_not(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """Where an entry is not true, that is 0."""
def logical_or(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where at least one of two entries is true, that is not 0."""
def logical_xor(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where exactly one of two entries is true, that is not 0."""
def logit(input: _Values, eps: float | None = None, *, out: Tensor | None = None) -> Tensor:
    """log(x / (1 - x)), the inverse of the logistic function; with ``eps`` of x cut off to [eps, 1 - eps]."""
def logit_(input: Tensor, eps: float | None = None) -> Tensor:
    """``logit``, written into this tensor."""
def logspace(
    start: Any, end: Any, steps: int, base: float = 10.0, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, out: Tensor | None = None
) -> Tensor:
    """``steps`` numbers from base^start to base^end, each the same multiple of the one before."""
def logsumexp(
    input: _Values, dim: int | Sequence[int] | None = ..., keepdim: bool = False, *, axis: int | Sequence[int]
    | None = ..., keepdims: bool = ..., out: Tensor | None = None
) -> Tensor:
    """log sum exp(x) over the axes ``dim``, without overflow."""
def lt(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where the first entry is less than the second."""
def masked_fill(input: _Values, mask: _Values, value: Any, *, out: Tensor | None = None) -> Tensor:
    """``value``, a single number, where ``mask`` holds."""
def masked_scatter(input: _Values, mask: _Values, source: _Values, *, out: Tensor | None = None) -> Tensor:
    """The entries of ``source``, in order, where ``mask`` holds."""
def masked_select(input: _Values, mask: _Values, *, out: Tensor | None = None) -> Tensor:
    """The entries where ``mask`` holds, as a vector."""
def matmul(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The matrix product of vectors, matrices and batches of matrices, as ``input @ other``."""
def matrix_exp(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """1 + A + A^2 / 2 + A^3 / 6 + ... for A (..., n, n): the series of A / 2^k, squared k times over."""
@overload
def max(input: _Values, dim: None = None, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The largest entry; along an axis, (values, indices); with a second tensor, the elementwise maximum."""
@overload
def max(
    input: _Values, dim: int, keepdim: bool = False, *, out: tuple[Tensor, Tensor] | None = None
) -> Extremes[Tensor]:
    """The largest entry; along an axis, (values, indices); with a second tensor, the elementwise maximum."""
@overload
def max(
    input: _Values, *, axis: int, keepdims: bool = False, out: tuple[Tensor, Tensor] | None = None
) -> Extremes[Tensor]:
    """The largest entry; along an axis, (values, indices); with a second tensor, the elementwise maximum."""
@overload
def max(input: _Values, dim: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The largest entry; along an axis, (values, indices); with a second tensor, the elementwise maximum."""
def maximum(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The larger of two entries; equal ones share the gradient."""
def mean(
    input: _Values, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, dtype: Any = None, axis:
    int | Sequence[int] | None = ..., keepdims: bool = ..., out: Tensor | None = None
) -> Tensor:
    """The mean over the axes ``dim``, or over all."""
def median(
    input: _Values, dim: int | None = None, keepdim: bool = False, *, axis: int | None = ..., keepdims: bool =
    ...
) -> Any:
    """The entry in the middle, of two the lower one, NaN if there is one; along an axis (values, indices)."""
def meshgrid(*tensors: Any, indexing: str = 'ij') -> tuple[Tensor, ...]:
    """Grids of all combinations: of vectors of sizes (n), (m) two of shape (n, m), or (m, n) with
    ``indexing="xy"``."""
@overload
def min(input: _Values, dim: None = None, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The smallest entry; along an axis, (values, indices); with a second tensor, the elementwise minimum."""
@overload
def min(
    input: _Values, dim: int, keepdim: bool = False, *, out: tuple[Tensor, Tensor] | None = None
) -> Extremes[Tensor]:
    """The smallest entry; along an axis, (values, indices); with a second tensor, the elementwise minimum."""
@overload
def min(
    input: _Values, *, axis: int, keepdims: bool = False, out: tuple[Tensor, Tensor] | None = None
) -> Extremes[Tensor]:
    """The smallest entry; along an axis, (values, indices); with a second tensor, the elementwise minimum."""
@overload
def min(input: _Values, dim: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The smallest entry; along an axis, (values, indices); with a second tensor, the elementwise minimum."""
def minimum(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The smaller of two entries; equal ones share the gradient."""
def mm(input: _Values, mat2: Any, *, out: Tensor | None = None) -> Tensor:
    """The product of two matrices, (n, k) and (k, m)."""
def mode(
    input: _Values, dim: int = -1, keepdim: bool = False, *, axis: int = ..., keepdims: bool = ..., out:
    tuple[Tensor, Tensor] | None = None
) -> Extremes[Tensor]:
    """(values, indices) of what is there most often along ``dim``: of several the smallest, where it stands
    last."""
def moveaxis(
    input: _Values, source: int | Sequence[int], destination: int | Sequence[int], *, out: Tensor | None =
    None
) -> Tensor:
    """Axes moved to other places, the others staying in order."""
def movedim(
    input: _Values, source: int | Sequence[int], destination: int | Sequence[int], *, out: Tensor | None =
    None
) -> Tensor:
    """Axes moved to other places, the others staying in order."""
def msort(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """In order along the first axis."""
def mul(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The product, entry by entry."""
def multinomial(
    input: _Values, num_samples: int, replacement: bool = False, *, generator: Generator | None = None, out:
    Tensor | None = None
) -> Tensor:
    """Indices drawn with the given weights, a row of them for each row of ``input`` (rows, n) or (n)."""
def multiply(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """The product, entry by entry."""
def mv(input: _Values, vec: Any, *, out: Tensor | None = None) -> Tensor:
    """The product of a matrix (n, k) and a vector (k)."""
def nan_to_num(
    input: _Values, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None, *, out: Tensor
    | None = None
) -> Tensor:
    """NaN replaced by ``nan``, the infinities by ``posinf`` and ``neginf`` (default: the largest finite
    numbers)."""
def nan_to_num_(
    input: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """``nan_to_num``, written into this tensor."""
def nanmean(
    input: _Values, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, dtype: Any = None, axis:
    int | Sequence[int] | None = ..., keepdims: bool = ..., out: Tensor | None = None
) -> Tensor:
    """The mean of the entries that are not NaN."""
def nanmedian(
    input: _Values, dim: int | None = None, keepdim: bool = False, *, axis: int | None = ..., keepdims: bool =
    ...
) -> Any:
    """As ``median``, of the entries that are not NaN."""
def nanquantile(
    input: _Values, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = 'linear',
    axis: int | None = ..., keepdims: bool = ..., out: Tensor | None = None
) -> Tensor:
    """As ``quantile``, of the entries that are not NaN."""
def nansum(
    input: _Values, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, dtype: Any = None, axis:
    int | Sequence[int] | None = ..., keepdims: bool = ..., out: Tensor | None = None
) -> Tensor:
    """The sum of the entries that are not NaN."""
def narrow(input: _Values, dim: int, start: Any, length: int, *, out: Tensor | None = None) -> Tensor:
    """``length`` entries of an axis, from ``start`` on."""
def narrow_copy(input: Any, *args: Any, **kwargs: Any) -> Any:
    """``narrow``, in memory of its own."""
def ne(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where two entries differ."""
def neg(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """Minus each entry."""
def neg_(input: Tensor) -> Tensor:
    """``neg``, written into this tensor."""
def negative(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """Minus each entry."""
def negative_(input: Tensor) -> Tensor:
    """``negative``, written into this tensor."""
def nextafter(input: _Values, other: _Values, *, out: Tensor | None = None) -> Tensor:
    """The number next to each entry on the way to that of ``other``, with the derivative 1."""
@overload
def nonzero(input: _Values, *, as_tuple: Literal[False] = False, out: Tensor | None = None) -> Tensor:
    """The indices of the entries that are not 0: (count, axes), or with ``as_tuple`` a vector for each
    axis."""
@overload
def nonzero(input: _Values, *, as_tuple: Literal[True]) -> tuple[Tensor, ...]:
    """The indices of the entries that are not 0: (count, axes), or with ``as_tuple`` a vector for each
    axis."""
def nonzero_static(input: _Values, *, size: int, fill_value: int = -1, out: Tensor | None = None) -> Tensor:
    """The first ``size`` rows of ``nonzero``; those that are missing hold ``fill_value``."""
def norm(
    input: _Values, p: Any = 'fro', dim: int | Sequence[int] | None = None, keepdim: bool = False, dtype: Any
    = None, *, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., out: Tensor | None = None
) -> Tensor:
    """(sum |x|^p)^(1/p): the Euclidean norm for p = 2 ("fro"), the largest |x| for p = inf; its derivative at
    0 is 0."""
def normal(
    mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Generator | None = None, dtype: Any =
    None, device: Any = None, requires_grad: bool = False, out: Tensor | None = None
) -> Tensor:
    """Normal numbers with this mean and standard deviation: numbers and a ``size``, or tensors, one for each
    entry."""
def not_equal(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """Where two entries differ."""
def numel(input: _Values) -> int:
    """How many entries there are."""
def ones(
    *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **named: Any
) -> Tensor:
    """Ones."""
def ones_like(
    input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Tensor | None =
    None
) -> Tensor:
    """Ones in the shape and type of ``input``."""
def outer(input: _Values, vec2: Any, *, out: Tensor | None = None) -> Tensor:
    """All products of an entry of one vector with one of another: (n) and (m) give (n, m)."""
def pad(
    input: _Values, pad: Sequence[int], mode: str = 'constant', value: float | None = None, *, out: Tensor |
    None = None
) -> Tensor:
    """Entries added around: ``pad`` = (before, after) of the last axis, then of the one before it, and so
    on."""
def pdist(input: _Values, p: float = 2, *, out: Tensor | None = None) -> Tensor:
    """The p-norms of the differences of every two rows of a matrix (n, d), the earlier first: n (n - 1) /
    2."""
def permute(
    input: _Values, *order: Any, dims: Sequence[int] | None = None, out: Tensor | None = None
) -> Tensor:
    """The axes in another order: ``permute(x, (2, 0, 1))``."""
def permute_copy(input: Any, *args: Any, **kwargs: Any) -> Any:
    """``permute``, in memory of its own."""
def positive(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The tensor itself, whose numbers are real."""
def pow(input: _Values, exponent: Any, *, out: Tensor | None = None) -> Tensor:
    """One number to the power of another, entry by entry."""
def prod(
    input: _Values, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None, axis: int | None =
    ..., keepdims: bool = ..., out: Tensor | None = None
) -> Tensor:
    """The product over an axis, or of all entries."""
def put(
    input: _Values, index: Any, source: _Values, accumulate: bool = False, *, out: Tensor | None = None
) -> Tensor:
    """input with ``source`` at these places of the flattened input, or with it added there."""
def quantile(
    input: _Values, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = 'linear',
    axis: int | None = ..., keepdims: bool = ..., out: Tensor | None = None
) -> Tensor:
    """The number below which a part ``q`` of the entries lies, NaN if there is one."""
def rad2deg(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """Radians in degrees."""
def rad2deg_(input: Tensor) -> Tensor:
    """``rad2deg``, written into this tensor."""
def rand(
    *size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None, requires_grad: bool
    = False, **named: Any
) -> Tensor:
    """Uniform numbers in [0, 1)."""
def rand_like(input: Any, *, generator: Generator | None = None, dtype: Any = None, **options: Any) -> Tensor:
    """Uniform numbers in the shape and type of ``input``."""
def randint(
    low: Any = 0, high: Any = None, size: Any = None, *, generator: Generator | None = None, dtype: Any =
    None, device: Any = None, requires_grad: bool = False, out: Tensor | None = None
) -> Tensor:
    """Integers from ``low`` to below ``high``: ``randint(low, high, size)``, or ``randint(high, size)`` from
    0 on."""
def randint_like(input: Any, low: Any, high: Any = None, *, dtype: Any = None, **options: Any) -> Tensor:
    """Integers from ``low`` (or 0) to below ``high`` in the shape and type of ``input``."""
def randn(
    *size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None, requires_grad: bool
    = False, **named: Any
) -> Tensor:
    """Normal numbers with mean 0 and standard deviation 1."""
def randn_like(
    input: Any, *, generator: Generator | None = None, dtype: Any = None, **options: Any
) -> Tensor:
    """Normal numbers in the shape and type of ``input``."""
def randperm(
    n: int, *, generator: Generator | None = None, dtype: Any = None, device: Any = None, out: Tensor | None =
    None
) -> Tensor:
    """0 to n - 1 in random order."""
def ravel(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """All axes as one, the entries side by side in memory."""
def real(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The tensor itself: all numbers are real."""
def reciprocal(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """1 / input."""
def reciprocal_(input: Tensor) -> Tensor:
    """``reciprocal``, written into this tensor."""
def relu(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The larger of each entry and 0; its derivative at 0 is 0."""
def relu_(input: Tensor) -> Tensor:
    """``relu``, written into this tensor."""
def remainder(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """What is left of the division, with the sign of the divisor."""
def renorm(input: _Values, p: float, dim: int, maxnorm: float, *, out: Tensor | None = None) -> Tensor:
    """Slices along ``dim`` whose p-norm is over ``maxnorm`` shortened to it."""
def repeat_interleave(
    input: _Values, repeats: Any, dim: int | None = None, *, axis: int | None = ..., out: Tensor | None = None
) -> Tensor:
    """Each slice ``repeats`` times in a row, or as often as its entry in ``repeats``; flattened if ``dim`` is
    None."""
def reshape(input: _Values, *sizes_: Any, shape: Any = None, out: Tensor | None = None) -> Tensor:
    """The same entries in another shape; one size may be -1 and is computed."""
def resolve_conj(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The tensor itself, whose numbers are real."""
def resolve_neg(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The tensor itself, whose numbers are real."""
def result_type(tensor1: Any, tensor2: Any) -> Any:
    """The type that a sum of two tensors or numbers has."""
def roll(
    input: _Values, shifts: int | Sequence[int], dims: int | Sequence[int] | None = None, *, out: Tensor |
    None = None
) -> Tensor:
    """Moved along ``dims`` by ``shifts`` places, what leaves at one end coming in at the other."""
def rot90(input: _Values, k: int = 1, dims: Sequence[int] = (0, 1), *, out: Tensor | None = None) -> Tensor:
    """Turned by 90 degrees ``k`` times, from the first of two axes towards the second."""
def round(input: _Values, *, decimals: int = 0, out: Tensor | None = None) -> Tensor:
    """The nearest number with so many decimals; halves go to the even neighbour."""
def round_(input: Tensor, *, decimals: int = 0) -> Tensor:
    """``round``, written into this tensor."""
def rsqrt(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """One divided by the square root."""
def rsqrt_(input: Tensor) -> Tensor:
    """``rsqrt``, written into this tensor."""
def rsub(input: _Values, other: Any, *, alpha: float = 1, out: Tensor | None = None) -> Tensor:
    """other - alpha input."""
def scalar_tensor(
    s: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Tensor | None = None
) -> Tensor:
    """A single number, in the default type unless another is given."""
def scatter(
    input: _Values, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None,
    out: Tensor | None = None
) -> Tensor:
    """input[index[i, j], j] = src[i, j] for dim = 0, or with ``reduce`` "add" or "multiply" += or *= it."""
def scatter_add(input: _Values, dim: int, index: Any, src: Any, *, out: Tensor | None = None) -> Tensor:
    """input[index[i, j], j] += src[i, j] for dim = 0: the transpose of ``gather``, added to ``input``."""
def scatter_reduce(
    input: _Values, dim: int, index: Any, src: _Values, reduce: str, *, include_self: bool = True, out: Tensor
    | None = None
) -> Tensor:
    """As ``scatter_add``, with the "sum", "mean", "prod", "amax" or "amin" of what comes together at a
    place."""
def searchsorted(
    sorted_sequence: Any, input: Any, *, out_int32: bool = False, right: bool = False, side: str | None =
    None, sorter: Any = None, out: Tensor | None = None
) -> Tensor:
    """Where entries would stand in a rising sequence, the last axis: before equal ones, or after them with
    ``right``."""
def select(input: _Values, dim: int, index: Any, *, out: Tensor | None = None) -> Tensor:
    """One slice of an axis, without the axis."""
def select_copy(input: Any, *args: Any, **kwargs: Any) -> Any:
    """``select``, in memory of its own."""
def select_scatter(
    input: _Values, src: _Values, dim: int, index: int, *, out: Tensor | None = None
) -> Tensor:
    """input with ``src`` as one slice of an axis."""
def sgn(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """-1, 0 or 1; of NaN 0."""
def sigmoid(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The logistic function, 1 / (1 + exp(-x))."""
def sigmoid_(input: Tensor) -> Tensor:
    """``sigmoid``, written into this tensor."""
def sign(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """-1, 0 or 1; of NaN 0."""
def signbit(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """Where an entry has a minus sign, also -0.0."""
def silu(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """x sigmoid(x), also called swish."""
def sin(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The sine of an angle in radians."""
def sin_(input: Tensor) -> Tensor:
    """``sin``, written into this tensor."""
def sinc(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """sin(pi x) / (pi x), and 1 at 0."""
def sinc_(input: Tensor) -> Tensor:
    """``sinc``, written into this tensor."""
def sinh(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The hyperbolic sine."""
def sinh_(input: Tensor) -> Tensor:
    """``sinh``, written into this tensor."""
def slice_scatter(
    input: _Values, src: _Values, dim: int = 0, start: int | None = None, end: int | None = None, step: int =
    1, *, axis: int = ..., out: Tensor | None = None
) -> Tensor:
    """input with ``src`` as the slices start, start + step, ... before ``end`` of an axis."""
def softmax(
    input: _Values, dim: int = ..., dtype: Any = None, *, axis: int = ..., out: Tensor | None = None
) -> Tensor:
    """exp(x) / sum exp(x) along ``dim``, without overflow."""
def softplus(
    input: _Values, beta: float = 1.0, threshold: float = 20.0, *, out: Tensor | None = None
) -> Tensor:
    """log(1 + exp(beta x)) / beta, and x itself where beta x > threshold."""
def softsign(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """x / (1 + |x|)."""
def sort(
    input: _Values, dim: int = -1, descending: bool = False, stable: bool = False, *, axis: int = ..., out:
    tuple[Tensor, Tensor] | None = None
) -> Extremes[Tensor]:
    """(values, indices) along ``dim`` in order; equal entries always keep their order, NaN counts as the
    largest."""
def split(
    input: _Values, split_size_or_sections: int | Sequence[int], dim: int = 0, *, axis: int = ...
) -> tuple[Tensor, ...]:
    """Pieces of this size (the last may be smaller), or of these sizes, along an axis."""
def split_copy(input: Any, *args: Any, **kwargs: Any) -> Any:
    """``split``, in memory of its own."""
def split_with_sizes(
    input: _Values, split_size_or_sections: int | Sequence[int], dim: int = 0, *, axis: int = ...
) -> tuple[Tensor, ...]:
    """Pieces of this size (the last may be smaller), or of these sizes, along an axis."""
def split_with_sizes_copy(input: Any, *args: Any, **kwargs: Any) -> Any:
    """``split_with_sizes``, in memory of its own."""
def sqrt(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The square root."""
def sqrt_(input: Tensor) -> Tensor:
    """``sqrt``, written into this tensor."""
def square(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """input^2."""
def square_(input: Tensor) -> Tensor:
    """``square``, written into this tensor."""
def squeeze(
    input: _Values, dim: int | Sequence[int] | None = None, *, axis: int | Sequence[int] | None = ..., out:
    Tensor | None = None
) -> Tensor:
    """Without the axes of size 1: all of them, or those of ``dim`` that have it."""
def squeeze_copy(input: Any, *args: Any, **kwargs: Any) -> Any:
    """``squeeze``, in memory of its own."""
def stack(tensors: Sequence[Tensor], dim: int = 0, *, axis: int = ..., out: Tensor | None = None) -> Tensor:
    """The tensors, all of one shape, along a new axis."""
def std(
    input: _Values, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None
    = None, axis: Any = ..., keepdims: bool = ..., out: Tensor | None = None
) -> Tensor:
    """The standard deviation, the square root of ``var``; its derivative at 0 is 0."""
def std_mean(
    input: _Values, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None
    = None, axis: Any = ..., keepdims: bool = ...
) -> tuple[Tensor, Tensor]:
    """``std`` and ``mean``."""
def sub(input: _Values, other: Any, *scaled: Any, alpha: float = 1, out: Tensor | None = None) -> Tensor:
    """input - alpha other; also ``sub(input, alpha, other)``, as it was once written."""
def subtract(input: _Values, other: Any, *scaled: Any, alpha: float = 1, out: Tensor | None = None) -> Tensor:
    """input - alpha other; also ``sub(input, alpha, other)``, as it was once written."""
def sum(
    input: _Values, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, dtype: Any = None, axis:
    int | Sequence[int] | None = ..., keepdims: bool = ..., out: Tensor | None = None
) -> Tensor:
    """The sum over the axes ``dim``, or over all; integers and truth values are summed as int64."""
def swapaxes(input: _Values, dim0: int, dim1: int, *, out: Tensor | None = None) -> Tensor:
    """Two axes exchanged."""
def swapdims(input: _Values, dim0: int, dim1: int, *, out: Tensor | None = None) -> Tensor:
    """Two axes exchanged."""
def t(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """A matrix transposed; vectors and single numbers as they are."""
def t_copy(input: Any, *args: Any, **kwargs: Any) -> Any:
    """``t``, in memory of its own."""
def take(input: _Values, index: Any, *, out: Tensor | None = None) -> Tensor:
    """The entries at these places of the flattened input."""
def take_along_dim(
    input: _Values, indices: Any, dim: int | None = None, *, axis: int | None = ..., out: Tensor | None = None
) -> Tensor:
    """As ``gather`` with the other axes broadcast against each other; without ``dim`` from the flattened
    input."""
def tan(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The tangent of an angle in radians."""
def tan_(input: Tensor) -> Tensor:
    """``tan``, written into this tensor."""
def tanh(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The hyperbolic tangent."""
def tanh_(input: Tensor) -> Tensor:
    """``tanh``, written into this tensor."""
def tensor_split(
    input: _Values, indices_or_sections: int | Sequence[int] | Tensor, dim: int = 0, *, axis: int = ...
) -> tuple[Tensor, ...]:
    """So many pieces of nearly equal size, the larger ones first, or the pieces between these places of an
    axis."""
def tensordot(input: _Values, other: _Values, dims: Any = 2, *, out: Tensor | None = None) -> Tensor:
    """Products summed over the last ``dims`` axes of one and the first of the other, or over two lists of
    axes."""
def tile(input: _Values, *repeats: Any, dims: Any = None, out: Tensor | None = None) -> Tensor:
    """As ``repeat``, where missing numbers in front are 1."""
def topk(
    input: _Values, k: int, dim: int = -1, largest: bool = True, sorted: bool = True, *, axis: int = ..., out:
    tuple[Tensor, Tensor] | None = None
) -> Extremes[Tensor]:
    """The ``k`` largest (or smallest) entries along ``dim`` and where they stand, the most extreme first."""
def trace(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The sum of the diagonal of a matrix."""
def transpose(input: _Values, dim0: int, dim1: int, *, out: Tensor | None = None) -> Tensor:
    """Two axes exchanged."""
def transpose_copy(input: Any, *args: Any, **kwargs: Any) -> Any:
    """``transpose``, in memory of its own."""
def trapezoid(
    y: _Values, x: Any = None, *, dx: float = 1, dim: int = -1, axis: int = ..., out: Tensor | None = None
) -> Tensor:
    """The integral along ``dim`` by the trapezoidal rule, over the places ``x``, or at distances ``dx``."""
def trapz(
    y: _Values, x: Any = None, *, dx: float = 1, dim: int = -1, axis: int = ..., out: Tensor | None = None
) -> Tensor:
    """The integral along ``dim`` by the trapezoidal rule, over the places ``x``, or at distances ``dx``."""
def triangular_solve(
    input: _Values, A: _Values, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> Any:
    """(solution, cloned_coefficient): X with A X = input, where only a triangle of A counts, and A."""
def tril(input: _Values, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor:
    """The last two axes with zeros above the diagonal (above the ``diagonal``-th one to its right)."""
def tril_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None, out: Tensor | None = None
) -> Tensor:
    """Rows and columns of the entries of a matrix on and below a diagonal, of shape (2, count)."""
def triu(input: _Values, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor:
    """The last two axes with zeros below the diagonal (below the ``diagonal``-th one to its right)."""
def triu_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None, out: Tensor | None = None
) -> Tensor:
    """Rows and columns of the entries of a matrix on and above a diagonal, of shape (2, count)."""
def true_divide(
    input: _Values, other: Any, *, rounding_mode: str | None = None, out: Tensor | None = None
) -> Tensor:
    """input / other; with ``rounding_mode`` "floor" or "trunc" rounded down or towards 0, integers staying
    integers."""
def trunc(input: _Values, *, out: Tensor | None = None) -> Tensor:
    """The integer part, rounded towards 0."""
def trunc_(input: Tensor) -> Tensor:
    """``trunc``, written into this tensor."""
def unbind(input: _Values, dim: int = 0, *, axis: int = ...) -> tuple[Tensor, ...]:
    """The slices along an axis."""
def unbind_copy(input: Any, *args: Any, **kwargs: Any) -> Any:
    """``unbind``, in memory of its own."""
def unflatten(input: _Values, dim: int, sizes: Sequence[int], *, out: Tensor | None = None) -> Tensor:
    """One axis as several, of these sizes."""
def unfold_copy(input: Any, *args: Any, **kwargs: Any) -> Any:
    """``unfold``, in memory of its own."""
@overload
def unique(
    input: _Values, sorted: bool = True, return_inverse: Literal[False] = False, return_counts: Literal[False]
    = False, dim: int | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The different entries (or slices of an axis) in rising order; ``sorted=False`` asks for no order."""
@overload
def unique(
    input: _Values, sorted: bool = True, *, return_inverse: Literal[True], return_counts: bool = False, dim:
    int | None = None
) -> tuple[Tensor, ...]:
    """The different entries (or slices of an axis) in rising order; ``sorted=False`` asks for no order."""
@overload
def unique(
    input: _Values, sorted: bool = True, *, return_inverse: bool = False, return_counts: Literal[True], dim:
    int | None = None
) -> tuple[Tensor, ...]:
    """The different entries (or slices of an axis) in rising order; ``sorted=False`` asks for no order."""
def unique_consecutive(
    input: _Values, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None, *,
    axis: int | None = ...
) -> Any:
    """The entries (or slices of an axis) without those that equal the one before; for the rest see
    ``unique``."""
def unravel_index(indices: _Values, shape: Any) -> tuple[Tensor, ...]:
    """Where entries stand, an index for each axis of ``shape``, that are counted along all of them."""
def unsafe_chunk(input: _Values, chunks: int, dim: int = 0, *, axis: int = ...) -> tuple[Tensor, ...]:
    """At most so many pieces of equal size (the last may be smaller) along an axis."""
def unsafe_split(
    input: _Values, split_size_or_sections: int | Sequence[int], dim: int = 0, *, axis: int = ...
) -> tuple[Tensor, ...]:
    """Pieces of this size (the last may be smaller), or of these sizes, along an axis."""
def unsqueeze(input: _Values, dim: int = ..., *, axis: int = ..., out: Tensor | None = None) -> Tensor:
    """A new axis of size 1 before axis ``dim``."""
def unsqueeze_copy(input: Any, *args: Any, **kwargs: Any) -> Any:
    """``unsqueeze``, in memory of its own."""
def var(
    input: _Values, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None
    = None, axis: Any = ..., keepdims: bool = ..., out: Tensor | None = None
) -> Tensor:
    """The variance, sum (x - mean)^2 / (n - correction), where ``correction`` is 1, or 0 with
    unbiased=False."""
def var_mean(
    input: _Values, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None
    = None, axis: Any = ..., keepdims: bool = ...
) -> tuple[Tensor, Tensor]:
    """``var`` and ``mean``."""
def vdot(input: _Values, tensor: Any, *, out: Tensor | None = None) -> Tensor:
    """The inner product of two vectors of one length."""
def view_copy(input: Any, *args: Any, **kwargs: Any) -> Any:
    """``view``, in memory of its own."""
def vsplit(input: _Values, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Parts of the first axis of a matrix, see ``hsplit``."""
def vstack(tensors: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """One below the other: vectors are rows."""
@overload
def where(condition: _Values) -> tuple[Tensor, ...]:
    """``input`` where ``condition`` holds, ``other`` elsewhere; without them the places, an index for each
    axis."""
@overload
def where(condition: _Values, input: Any, other: Any, *, out: Tensor | None = None) -> Tensor:
    """``input`` where ``condition`` holds, ``other`` elsewhere; without them the places, an index for each
    axis."""
def xlogy(input: _Values, other: Any, *, out: Tensor | None = None) -> Tensor:
    """input log(other), and 0 where input is 0."""
def xlogy_(input: Tensor, other: Any) -> Tensor:
    """``xlogy``, written into this tensor."""
def zeros(
    *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **named: Any
) -> Tensor:
    """Zeros: ``zeros(2, 3)``, ``zeros((2, 3))`` or ``zeros(size=(2, 3))``."""
def zeros_like(
    input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Tensor | None =
    None
) -> Tensor:
    """Zeros in the shape and type of ``input``."""
