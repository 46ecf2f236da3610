"""The methods of a tensor that are functions as well, or follow from one."""

# Written by docs/generate.py; do not edit.
# ruff: noqa
# fmt: off

from collections.abc import Sequence
from typing import Any, Literal, Self, overload

import numpy as np

from ..numbers.random import Generator
from .arrays import Extremes
from ..engine.primitive import T
from ..engine.tensor import Recorder

class Methods(Recorder[T]):
    """PyTorch's methods; of class ``T`` are their results."""

    def __iadd__(self, other: Any, *scaled: Any, alpha: float = 1) -> Self:  # type: ignore[override, misc]
        """``add``, written into this tensor."""
    def __iand__(self, other: Any) -> Self:  # type: ignore[override, misc]
        """``bitwise_and``, written into this tensor."""
    def __ifloordiv__(self, other: Any) -> Self:  # type: ignore[override, misc]
        """``floor_divide``, written into this tensor."""
    def __ilshift__(self, other: Any) -> Self:  # type: ignore[override, misc]
        """``bitwise_left_shift``, written into this tensor."""
    def __imod__(self, other: Any) -> Self:  # type: ignore[override, misc]
        """``remainder``, written into this tensor."""
    def __imul__(self, other: Any) -> Self:  # type: ignore[override, misc]
        """``mul``, written into this tensor."""
    def __ior__(self, other: Any) -> Self:  # type: ignore[override, misc]
        """``bitwise_or``, written into this tensor."""
    def __ipow__(self, exponent: Any) -> Self:  # type: ignore[override, misc]
        """``pow``, written into this tensor."""
    def __irshift__(self, other: Any) -> Self:  # type: ignore[override, misc]
        """``bitwise_right_shift``, written into this tensor."""
    def __isub__(self, other: Any, *scaled: Any, alpha: float = 1) -> Self:  # type: ignore[override, misc]
        """``sub``, written into this tensor."""
    def __itruediv__(  # type: ignore[override, misc]
        self, other: Any, *, rounding_mode: str | None = None
    ) -> Self:
        """``div``, written into this tensor."""
    def __ixor__(self, other: Any) -> Self:  # type: ignore[override, misc]
        """``bitwise_xor``, written into this tensor."""
    def abs(self) -> T:
        """The absolute value; its derivative at 0 is 0."""
    def abs_(self) -> Self:
        """``abs``, written into this tensor."""
    def absolute(self) -> T:
        """The absolute value; its derivative at 0 is 0."""
    def absolute_(self) -> Self:
        """``absolute``, written into this tensor."""
    def acos(self) -> T:
        """The angle in radians whose cosine is x."""
    def acos_(self) -> Self:
        """``acos``, written into this tensor."""
    def acosh(self) -> T:
        """The number whose hyperbolic cosine is x."""
    def acosh_(self) -> Self:
        """``acosh``, written into this tensor."""
    def add(self, other: Any, *scaled: Any, alpha: float = 1) -> T:
        """input + alpha other; also ``add(input, alpha, other)``, as it was once written."""
    def add_(self, other: Any, *scaled: Any, alpha: float = 1) -> Self:
        """``add``, written into this tensor."""
    def addbmm(self, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> T:
        """beta input + alpha (the sum of the products batch1 batch2), see ``addmm``."""
    def addbmm_(self, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Self:
        """``addbmm``, written into this tensor."""
    def addcdiv(self, tensor1: T, tensor2: T, *, value: float = 1) -> T:
        """input + value * tensor1 / tensor2."""
    def addcdiv_(self, tensor1: T, tensor2: T, *, value: float = 1) -> Self:
        """``addcdiv``, written into this tensor."""
    def addcmul(self, tensor1: T, tensor2: T, *, value: float = 1) -> T:
        """input + value * tensor1 * tensor2."""
    def addcmul_(self, tensor1: T, tensor2: T, *, value: float = 1) -> Self:
        """``addcmul``, written into this tensor."""
    def addmm(self, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1) -> T:
        """beta input + alpha (mat1 mat2); with beta = 0 what is in ``input`` does not matter, be it NaN."""
    def addmm_(self, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1) -> Self:
        """``addmm``, written into this tensor."""
    def addmv(self, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1) -> T:
        """beta input + alpha (mat vec), see ``addmm``."""
    def addmv_(self, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1) -> Self:
        """``addmv``, written into this tensor."""
    def addr(self, vec1: Any, vec2: Any, *, beta: float = 1, alpha: float = 1) -> T:
        """beta input + alpha (the outer product of two vectors), see ``addmm``."""
    def addr_(self, vec1: Any, vec2: Any, *, beta: float = 1, alpha: float = 1) -> Self:
        """``addr``, written into this tensor."""
    def all(
        self, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, axis: int | Sequence[int] | None =
        ..., keepdims: bool = ...
    ) -> T:
        """Whether no entry is 0."""
    def allclose(self, other: T, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
        """Whether all entries are close, see ``isclose``."""
    def amax(
        self, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, axis: int | Sequence[int] | None =
        ..., keepdims: bool = ...
    ) -> T:
        """The largest entry over the axes ``dim``; ties share the gradient evenly."""
    def amin(
        self, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, axis: int | Sequence[int] | None =
        ..., keepdims: bool = ...
    ) -> T:
        """The smallest entry over the axes ``dim``; ties share the gradient evenly."""
    def aminmax(
        self, *, dim: int | None = None, keepdim: bool = False, axis: int | None = ..., keepdims: bool = ...
    ) -> Any:
        """(min, max): ``amin`` and ``amax``."""
    def angle(self) -> T:
        """The angle of a number to the positive ones: 0, of negative ones pi; NaN of NaN."""
    def any(
        self, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, axis: int | Sequence[int] | None =
        ..., keepdims: bool = ...
    ) -> T:
        """Whether some entry is not 0."""
    def arccos(self) -> T:
        """The angle in radians whose cosine is x."""
    def arccos_(self) -> Self:
        """``arccos``, written into this tensor."""
    def arccosh(self) -> T:
        """The number whose hyperbolic cosine is x."""
    def arccosh_(self) -> Self:
        """``arccosh``, written into this tensor."""
    def arcsin(self) -> T:
        """The angle in radians whose sine is x."""
    def arcsin_(self) -> Self:
        """``arcsin``, written into this tensor."""
    def arcsinh(self) -> T:
        """The number whose hyperbolic sine is x."""
    def arcsinh_(self) -> Self:
        """``arcsinh``, written into this tensor."""
    def arctan(self) -> T:
        """The angle in radians whose tangent is x."""
    def arctan2(self, other: Any) -> T:
        """The angle of the point (other, input) in radians, from -pi to pi."""
    def arctan2_(self, other: Any) -> Self:
        """``arctan2``, written into this tensor."""
    def arctan_(self) -> Self:
        """``arctan``, written into this tensor."""
    def arctanh(self) -> T:
        """The number whose hyperbolic tangent is x."""
    def arctanh_(self) -> Self:
        """``arctanh``, written into this tensor."""
    def argmax(
        self, dim: int | None = None, keepdim: bool = False, *, axis: int | None = ..., keepdims: bool = ...
    ) -> T:
        """Where the largest entry stands, the first if there are several; without ``dim`` in the flattened
        tensor."""
    def argmin(
        self, dim: int | None = None, keepdim: bool = False, *, axis: int | None = ..., keepdims: bool = ...
    ) -> T:
        """Where the smallest entry stands, the first if there are several; without ``dim`` in the flattened
        tensor."""
    def argsort(self, dim: int = -1, descending: bool = False, stable: bool = False, *, axis: int = ...) -> T:
        """The positions along ``dim`` in the order of their entries; equal entries always keep their order."""
    def argwhere(self) -> T:
        """The indices of the entries that are not 0, (count, axes)."""
    def asin(self) -> T:
        """The angle in radians whose sine is x."""
    def asin_(self) -> Self:
        """``asin``, written into this tensor."""
    def asinh(self) -> T:
        """The number whose hyperbolic sine is x."""
    def asinh_(self) -> Self:
        """``asinh``, written into this tensor."""
    def atan(self) -> T:
        """The angle in radians whose tangent is x."""
    def atan2(self, other: Any) -> T:
        """The angle of the point (other, input) in radians, from -pi to pi."""
    def atan2_(self, other: Any) -> Self:
        """``atan2``, written into this tensor."""
    def atan_(self) -> Self:
        """``atan``, written into this tensor."""
    def atanh(self) -> T:
        """The number whose hyperbolic tangent is x."""
    def atanh_(self) -> Self:
        """``atanh``, written into this tensor."""
    def baddbmm(self, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> T:
        """beta input + alpha (batch1 batch2), see ``addmm``."""
    def baddbmm_(self, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Self:
        """``baddbmm``, written into this tensor."""
    def bernoulli(self, p: float | None = None, *, generator: Generator | None = None) -> T:
        """1 with the probability given by each entry of ``input`` (or by ``p``, in its shape), else 0."""
    def bincount(self, weights: Any = None, minlength: int = 0) -> T:
        """How often each of the numbers 0, 1, 2, ... occurs in a vector, or the sum of the weights of its
        entries."""
    def bitwise_and(self, other: Any) -> T:
        """The bits that both entries have."""
    def bitwise_and_(self, other: Any) -> Self:
        """``bitwise_and``, written into this tensor."""
    def bitwise_left_shift(self, other: Any) -> T:
        """The bits of the first entry, moved up by as many places."""
    def bitwise_left_shift_(self, other: Any) -> Self:
        """``bitwise_left_shift``, written into this tensor."""
    def bitwise_not(self) -> T:
        """The bits that an entry does not have; of a truth value the other one."""
    def bitwise_not_(self) -> Self:
        """``bitwise_not``, written into this tensor."""
    def bitwise_or(self, other: Any) -> T:
        """The bits that at least one of two entries has."""
    def bitwise_or_(self, other: Any) -> Self:
        """``bitwise_or``, written into this tensor."""
    def bitwise_right_shift(self, other: Any) -> T:
        """The bits of the first entry, moved down by as many places."""
    def bitwise_right_shift_(self, other: Any) -> Self:
        """``bitwise_right_shift``, written into this tensor."""
    def bitwise_xor(self, other: Any) -> T:
        """The bits that exactly one of two entries has."""
    def bitwise_xor_(self, other: Any) -> Self:
        """``bitwise_xor``, written into this tensor."""
    def bmm(self, mat2: Any) -> T:
        """The products of two batches of matrices, (batch, n, k) and (batch, k, m)."""
    def broadcast_to(self, shape: Sequence[int]) -> T:
        """Repeated along axes of size 1, and along new axes in front, until it has this shape."""
    def ceil(self) -> T:
        """The smallest integer that is not below."""
    def ceil_(self) -> Self:
        """``ceil``, written into this tensor."""
    def cholesky(self, upper: bool = False) -> T:
        """As ``linalg.cholesky``."""
    def cholesky_inverse(self, upper: bool = False) -> T:
        """The inverse of L L^T, or of U^T U, where L is lower (U upper) triangular."""
    def chunk(self, chunks: int, dim: int = 0, *, axis: int = ...) -> tuple[T, ...]:
        """At most so many pieces of equal size (the last may be smaller) along an axis."""
    def clamp(self, min: Any = None, max: Any = None) -> T:
        """Entries below ``min`` or above ``max`` replaced by the bound; the bounds may be numbers or tensors."""
    def clamp_(self, min: Any = None, max: Any = None) -> Self:
        """``clamp``, written into this tensor."""
    def clamp_max(self, max: Any) -> T:
        """The smaller of each number and ``max``."""
    def clamp_max_(self, max: Any) -> Self:
        """``clamp_max``, written into this tensor."""
    def clamp_min(self, min: Any) -> T:
        """The larger of each number and ``min``."""
    def clamp_min_(self, min: Any) -> Self:
        """``clamp_min``, written into this tensor."""
    def clip(self, min: Any = None, max: Any = None) -> T:
        """Entries below ``min`` or above ``max`` replaced by the bound; the bounds may be numbers or tensors."""
    def clip_(self, min: Any = None, max: Any = None) -> Self:
        """``clip``, written into this tensor."""
    def conj(self) -> T:
        """The tensor itself, whose numbers are real."""
    def conj_physical(self) -> T:
        """The tensor itself, whose numbers are real."""
    def copysign(self, other: Any) -> T:
        """The size of one entry with the sign of the other."""
    def copysign_(self, other: Any) -> Self:
        """``copysign``, written into this tensor."""
    def corrcoef(self) -> T:
        """The correlations of rows: their covariances, divided by both standard deviations."""
    def cos(self) -> T:
        """The cosine of an angle in radians."""
    def cos_(self) -> Self:
        """``cos``, written into this tensor."""
    def cosh(self) -> T:
        """The hyperbolic cosine."""
    def cosh_(self) -> Self:
        """``cosh``, written into this tensor."""
    def count_nonzero(self, dim: Any = None, *, axis: Any = ...) -> T:
        """How many entries are not 0, altogether or along axes."""
    def cov(self, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> T:
        """The covariances of rows: sum over columns w (x - mean) (x - mean)^T / (sum w - correction)."""
    def cross(self, other: T, dim: int | None = None, *, axis: int | None = ...) -> T:
        """The cross product of vectors along an axis of size 3, by default the first such."""
    def cummax(self, dim: int = ..., *, axis: int = ...) -> Extremes[T]:
        """(values, indices) of the largest entry so far along ``dim``, of equal ones the last."""
    def cummin(self, dim: int = ..., *, axis: int = ...) -> Extremes[T]:
        """(values, indices) of the smallest entry so far along ``dim``, of equal ones the last."""
    def cumprod(self, dim: int = ..., *, dtype: Any = None, axis: int = ...) -> T:
        """Running products along ``dim``."""
    def cumprod_(self, dim: int = ..., *, dtype: Any = None, axis: int = ...) -> Self:
        """``cumprod``, written into this tensor."""
    def cumsum(self, dim: int = ..., *, dtype: Any = None, axis: int = ...) -> T:
        """Running sums along ``dim``."""
    def cumsum_(self, dim: int = ..., *, dtype: Any = None, axis: int = ...) -> Self:
        """``cumsum``, written into this tensor."""
    def deg2rad(self) -> T:
        """Degrees in radians."""
    def deg2rad_(self) -> Self:
        """``deg2rad``, written into this tensor."""
    def det(self) -> T:
        """The determinant of each matrix (..., n, n); a derivative is there where it has an inverse."""
    def diag(self, diagonal: int = 0) -> T:
        """The diagonal of a matrix, or the matrix with this vector on a diagonal."""
    def diag_embed(self, offset: int = 0, dim1: int = -2, dim2: int = -1) -> T:
        """The last axis as a diagonal of matrices in two new axes."""
    def diagflat(self, offset: int = 0) -> T:
        """The matrix with all entries, in order, on a diagonal."""
    def diagonal(self, offset: int = 0, dim1: int = 0, dim2: int = 1) -> T:
        """The diagonal of two axes as a new last axis; ``offset`` counts diagonals to the right."""
    def diagonal_scatter(self, src: T, offset: int = 0, dim1: int = 0, dim2: int = 1) -> T:
        """input with ``src`` on the diagonal of two axes."""
    def diff(self, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None, *, axis: int = ...) -> T:
        """Each entry along ``dim`` minus the one before it, ``n`` times over; of truth values where they
        change."""
    def dist(self, other: T, p: float = 2) -> T:
        """The p-norm of the difference."""
    def div(self, other: Any, *, rounding_mode: str | None = None) -> T:
        """input / other; with ``rounding_mode`` "floor" or "trunc" rounded down or towards 0, integers staying
        integers."""
    def div_(self, other: Any, *, rounding_mode: str | None = None) -> Self:
        """``div``, written into this tensor."""
    def divide(self, other: Any, *, rounding_mode: str | None = None) -> T:
        """input / other; with ``rounding_mode`` "floor" or "trunc" rounded down or towards 0, integers staying
        integers."""
    def divide_(self, other: Any, *, rounding_mode: str | None = None) -> Self:
        """``divide``, written into this tensor."""
    def dot(self, tensor: Any) -> T:
        """The inner product of two vectors of one length."""
    def dsplit(self, indices_or_sections: Any) -> tuple[T, ...]:
        """Parts of the third axis, see ``hsplit``."""
    def elu(self, alpha: float = 1.0) -> T:
        """x where x > 0, alpha (exp(x) - 1) elsewhere (Clevert et al. 2016)."""
    def eq(self, other: Any) -> T:
        """Where two entries are equal."""
    def eq_(self, other: Any) -> Self:
        """``eq``, written into this tensor."""
    def equal(self, other: T) -> bool:
        """Whether shapes and all entries are equal."""
    def erf(self) -> T:
        """The error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x."""
    def erf_(self) -> Self:
        """``erf``, written into this tensor."""
    def erfc(self) -> T:
        """1 - erf(x), exact also where x is large."""
    def erfc_(self) -> Self:
        """``erfc``, written into this tensor."""
    def exp(self) -> T:
        """e to the power of each entry."""
    def exp2(self) -> T:
        """2 to the power of each entry."""
    def exp2_(self) -> Self:
        """``exp2``, written into this tensor."""
    def exp_(self) -> Self:
        """``exp``, written into this tensor."""
    def expand(self, *shape: Any) -> T:
        """Repeated along axes of size 1, and along new axes in front, to this shape; -1 keeps the size of an
        axis."""
    def expand_as(self, other: Any) -> T:
        """Repeated to the shape of ``other``."""
    def expm1(self) -> T:
        """exp(x) - 1, exact also where x is small."""
    def expm1_(self) -> Self:
        """``expm1``, written into this tensor."""
    def fill_diagonal_(self, fill_value: float, wrap: bool = False) -> Self:
        """``fill_diagonal``, written into this tensor."""
    def fix(self) -> T:
        """The integer part, rounded towards 0."""
    def fix_(self) -> Self:
        """``fix``, written into this tensor."""
    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> T:
        """The axes from ``start_dim`` to ``end_dim`` as one."""
    def flip(self, *axes: Any, dims: Sequence[int] | None = None) -> T:
        """In reverse order along these axes: ``flip(x, (0, 1))``."""
    def fliplr(self) -> T:
        """The second axis in reverse order."""
    def flipud(self) -> T:
        """The first axis in reverse order, which a single number has not."""
    def float_power(self, exponent: Any) -> T:
        """input^exponent in float64."""
    def float_power_(self, exponent: Any) -> T:
        """``float_power``, written into this tensor, which holds float64."""
    def floor(self) -> T:
        """The largest integer that is not above."""
    def floor_(self) -> Self:
        """``floor``, written into this tensor."""
    def floor_divide(self, other: Any) -> T:
        """The quotient rounded down, entry by entry."""
    def floor_divide_(self, other: Any) -> Self:
        """``floor_divide``, written into this tensor."""
    def fmax(self, other: Any) -> T:
        """The larger of two entries, the number beside NaN."""
    def fmin(self, other: Any) -> T:
        """The smaller of two entries, the number beside NaN."""
    def fmod(self, other: Any) -> T:
        """What is left of the division, with the sign of what is divided."""
    def fmod_(self, other: Any) -> Self:
        """``fmod``, written into this tensor."""
    def frac(self) -> T:
        """What stands behind the point, with the sign of the number."""
    def frac_(self) -> Self:
        """``frac``, written into this tensor."""
    def frexp(self) -> Any:
        """(mantissa, exponent): input = mantissa 2^exponent with 0.5 <= |mantissa| < 1."""
    def gather(self, dim: int, index: Any) -> T:
        """out[i, j] = input[index[i, j], j] for dim = 0: entries picked along one axis."""
    def gcd(self, other: T) -> T:
        """The greatest common divisor of integers, entry by entry."""
    def gcd_(self, other: T) -> Self:
        """``gcd``, written into this tensor."""
    def ge(self, other: Any) -> T:
        """Where the first entry is greater than the second or equal to it."""
    def ge_(self, other: Any) -> Self:
        """``ge``, written into this tensor."""
    def gelu(self, approximate: str = 'none') -> T:
        """x P(N(0, 1) <= x) (Hendrycks & Gimpel 2016), exactly or with approximate="tanh"."""
    def ger(self, vec2: Any) -> T:
        """All products of an entry of one vector with one of another: (n) and (m) give (n, m)."""
    def greater(self, other: Any) -> T:
        """Where the first entry is greater than the second."""
    def greater_(self, other: Any) -> Self:
        """``greater``, written into this tensor."""
    def greater_equal(self, other: Any) -> T:
        """Where the first entry is greater than the second or equal to it."""
    def greater_equal_(self, other: Any) -> Self:
        """``greater_equal``, written into this tensor."""
    def gt(self, other: Any) -> T:
        """Where the first entry is greater than the second."""
    def gt_(self, other: Any) -> Self:
        """``gt``, written into this tensor."""
    def hardtanh(self, min_val: float = -1.0, max_val: float = 1.0) -> T:
        """x cut off at min_val and max_val, where unlike ``clamp`` its derivative is 0."""
    def heaviside(self, other: Any) -> T:
        """0 for negative entries, 1 for positive ones, for 0 the entry of the second."""
    def heaviside_(self, other: Any) -> Self:
        """``heaviside``, written into this tensor."""
    def histc(self, bins: int = 100, min: float = 0, max: float = 0) -> T:
        """How many entries lie in each of ``bins`` equal parts from ``min`` to ``max``, by default of all there
        is."""
    def histogram(
        self, bins: Any, *, range: Sequence[float] | None = None, weight: T | None = None, density: bool = False
    ) -> Any:
        """(hist, bin_edges): how many entries, or what weight, lies in each of ``bins`` parts, or between these
        edges."""
    def hsplit(self, indices_or_sections: Any) -> tuple[T, ...]:
        """Parts of the second axis (of a vector's only one): equal ones, or those between these places."""
    def hypot(self, other: Any) -> T:
        """The hypotenuse, sqrt(input^2 + other^2)."""
    def hypot_(self, other: Any) -> Self:
        """``hypot``, written into this tensor."""
    def index_add(self, dim: int, index: Any, source: T, *, alpha: float = 1) -> T:
        """input with alpha ``source[k]`` added to the slice ``index[k]`` of an axis; repeated positions add
        up."""
    def index_add_(self, dim: int, index: Any, source: T, *, alpha: float = 1) -> Self:
        """``index_add``, written into this tensor."""
    def index_copy(self, dim: int, index: Any, source: T) -> T:
        """input with ``source[k]`` as the slice ``index[k]`` of an axis; for what is refused see
        ``index_add``."""
    def index_copy_(self, dim: int, index: Any, source: T) -> Self:
        """``index_copy``, written into this tensor."""
    def index_fill(self, dim: int, index: Any, value: Any) -> T:
        """input with ``value``, a single number, in the slices ``index`` of an axis; see ``index_add``."""
    def index_fill_(self, dim: int, index: Any, value: Any) -> Self:
        """``index_fill``, written into this tensor."""
    def index_put(self, indices: Any, values: T, accumulate: bool = False) -> T:
        """input with ``input[indices] = values``, or with them added there, repeated places adding up."""
    def index_put_(self, indices: Any, values: T, accumulate: bool = False) -> Self:
        """``index_put``, written into this tensor."""
    def index_reduce(self, dim: int, index: Any, source: T, reduce: str, *, include_self: bool = True) -> T:
        """The slice ``source[k]`` put together with the slice ``index[k]`` of an axis, as ``scatter_reduce``
        does."""
    def index_reduce_(self, dim: int, index: Any, source: T, reduce: str, *, include_self: bool = True) -> Self:
        """``index_reduce``, written into this tensor."""
    def index_select(self, dim: int, index: Any) -> T:
        """The slices of an axis at these positions."""
    def inner(self, other: T) -> T:
        """Products summed over the last axis of both: (..., k) and (*, k) give (..., *)."""
    def inverse(self) -> T:
        """The inverse of each matrix, see ``linalg.inv``."""
    def isclose(self, other: T, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> T:
        """Where |input - other| <= atol + rtol |other|; infinities of one sign are close, NaN only with
        ``equal_nan``."""
    def isfinite(self) -> T:
        """Where an entry is a number, neither infinite nor NaN."""
    def isinf(self) -> T:
        """Where an entry is infinite."""
    def isnan(self) -> T:
        """Where an entry is NaN, no number."""
    def isneginf(self) -> T:
        """Where an entry is infinite and negative."""
    def isposinf(self) -> T:
        """Where an entry is infinite and positive."""
    def isreal(self) -> T:
        """True everywhere: there are no complex numbers here."""
    def kron(self, other: T) -> T:
        """The Kronecker product: each entry of one times all of the other, as a block."""
    def kthvalue(
        self, k: int, dim: int = -1, keepdim: bool = False, *, axis: int = ..., keepdims: bool = ...
    ) -> Extremes[T]:
        """(values, indices) of the ``k``-th smallest entry along ``dim``, counted from 1; NaN counts as the
        largest."""
    def lcm(self, other: T) -> T:
        """The least common multiple of integers, entry by entry."""
    def lcm_(self, other: T) -> Self:
        """``lcm``, written into this tensor."""
    def ldexp(self, other: Any) -> T:
        """input 2^other."""
    def ldexp_(self, other: Any) -> Self:
        """``ldexp``, written into this tensor."""
    def le(self, other: Any) -> T:
        """Where the first entry is less than the second or equal to it."""
    def le_(self, other: Any) -> Self:
        """``le``, written into this tensor."""
    def leaky_relu(self, negative_slope: float = 0.01) -> T:
        """x where x > 0, negative_slope x elsewhere."""
    def lerp(self, end: T, weight: T | float) -> T:
        """On the line from ``input`` (weight 0) to ``end`` (weight 1): input + weight (end - input)."""
    def lerp_(self, end: T, weight: T | float) -> Self:
        """``lerp``, written into this tensor."""
    def less(self, other: Any) -> T:
        """Where the first entry is less than the second."""
    def less_(self, other: Any) -> Self:
        """``less``, written into this tensor."""
    def less_equal(self, other: Any) -> T:
        """Where the first entry is less than the second or equal to it."""
    def less_equal_(self, other: Any) -> Self:
        """``less_equal``, written into this tensor."""
    def log(self) -> T:
        """The natural logarithm."""
    def log10(self) -> T:
        """The logarithm to base 10."""
    def log10_(self) -> Self:
        """``log10``, written into this tensor."""
    def log1p(self) -> T:
        """log(1 + x), exact also where x is small."""
    def log1p_(self) -> Self:
        """``log1p``, written into this tensor."""
    def log2(self) -> T:
        """The logarithm to base 2."""
    def log2_(self) -> Self:
        """``log2``, written into this tensor."""
    def log_(self) -> Self:
        """``log``, written into this tensor."""
    def log_softmax(self, dim: int = ..., dtype: Any = None, *, axis: int = ...) -> T:
        """log softmax(x) along ``dim``, without overflow."""
    def logaddexp(self, other: Any) -> T:
        """log(exp(input) + exp(other)), without overflow."""
    def logaddexp2(self, other: Any) -> T:
        """log2(2^input + 2^other), without overflow."""
    def logcumsumexp(self, dim: int = ..., *, axis: int = ...) -> T:
        """Running log sum exp along ``dim``, without overflow: of exp(x - m), where m is the largest entry so
        far."""
    def logdet(self) -> T:
        """The logarithm of the determinant of each matrix (..., n, n): -inf where that is 0, NaN where it is
        negative."""
    def logical_and(self, other: Any) -> T:
        """Where both entries are true, that is not 0."""
    def logical_and_(self, other: Any) -> Self:
        """``logical_and``, written into this tensor."""
    def logical_not(self) -> T:
        """Where an entry is not true, that is 0."""
    def logical_not_(self) -> Self:
        """``logical_not``, written into this tensor."""
    def logical_or(self, other: Any) -> T:
        """Where at least one of two entries is true, that is not 0."""
    def logical_or_(self, other: Any) -> Self:
        """``logical_or``, written into this tensor."""
    def logical_xor(self, other: Any) -> T:
        """Where exactly one of two entries is true, that is not 0."""
    def logical_xor_(self, other: Any) -> Self:
        """``logical_xor``, written into this tensor."""
    def logit(self, eps: float | None = None) -> T:
        """log(x / (1 - x)), the inverse of the logistic function; with ``eps`` of x cut off to [eps, 1 - eps]."""
    def logit_(self, eps: float | None = None) -> Self:
        """``logit``, written into this tensor."""
    def logsumexp(
        self, dim: int | Sequence[int] | None = ..., keepdim: bool = False, *, axis: int | Sequence[int] | None =
        ..., keepdims: bool = ...
    ) -> T:
        """log sum exp(x) over the axes ``dim``, without overflow."""
    def lt(self, other: Any) -> T:
        """Where the first entry is less than the second."""
    def lt_(self, other: Any) -> Self:
        """``lt``, written into this tensor."""
    def masked_fill(self, mask: T, value: Any) -> T:
        """``value``, a single number, where ``mask`` holds."""
    def masked_fill_(self, mask: T, value: Any) -> Self:
        """``masked_fill``, written into this tensor."""
    def masked_scatter(self, mask: T, source: T) -> T:
        """The entries of ``source``, in order, where ``mask`` holds."""
    def masked_scatter_(self, mask: T, source: T) -> Self:
        """``masked_scatter``, written into this tensor."""
    def masked_select(self, mask: T) -> T:
        """The entries where ``mask`` holds, as a vector."""
    def matmul(self, other: Any) -> T:
        """The matrix product of vectors, matrices and batches of matrices, as ``input @ other``."""
    def matrix_exp(self) -> T:
        """1 + A + A^2 / 2 + A^3 / 6 + ... for A (..., n, n): the series of A / 2^k, squared k times over."""
    @overload
    def max(self, dim: None = None, keepdim: bool = False) -> T:
        """The largest entry; along an axis, (values, indices); with a second tensor, the elementwise maximum."""
    @overload
    def max(self, dim: int, keepdim: bool = False) -> Extremes[T]:
        """The largest entry; along an axis, (values, indices); with a second tensor, the elementwise maximum."""
    @overload
    def max(self, *, axis: int, keepdims: bool = False) -> Extremes[T]:
        """The largest entry; along an axis, (values, indices); with a second tensor, the elementwise maximum."""
    @overload
    def max(self, dim: T) -> T:
        """The largest entry; along an axis, (values, indices); with a second tensor, the elementwise maximum."""
    def maximum(self, other: Any) -> T:
        """The larger of two entries; equal ones share the gradient."""
    def mean(
        self, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, dtype: Any = None, axis: int |
        Sequence[int] | None = ..., keepdims: bool = ...
    ) -> T:
        """The mean over the axes ``dim``, or over all."""
    def median(
        self, dim: int | None = None, keepdim: bool = False, *, axis: int | None = ..., keepdims: bool = ...
    ) -> Any:
        """The entry in the middle, of two the lower one, NaN if there is one; along an axis (values, indices)."""
    @overload
    def min(self, dim: None = None, keepdim: bool = False) -> T:
        """The smallest entry; along an axis, (values, indices); with a second tensor, the elementwise minimum."""
    @overload
    def min(self, dim: int, keepdim: bool = False) -> Extremes[T]:
        """The smallest entry; along an axis, (values, indices); with a second tensor, the elementwise minimum."""
    @overload
    def min(self, *, axis: int, keepdims: bool = False) -> Extremes[T]:
        """The smallest entry; along an axis, (values, indices); with a second tensor, the elementwise minimum."""
    @overload
    def min(self, dim: T) -> T:
        """The smallest entry; along an axis, (values, indices); with a second tensor, the elementwise minimum."""
    def minimum(self, other: Any) -> T:
        """The smaller of two entries; equal ones share the gradient."""
    def mm(self, mat2: Any) -> T:
        """The product of two matrices, (n, k) and (k, m)."""
    def mode(self, dim: int = -1, keepdim: bool = False, *, axis: int = ..., keepdims: bool = ...) -> Extremes[T]:
        """(values, indices) of what is there most often along ``dim``: of several the smallest, where it stands
        last."""
    def moveaxis(self, source: int | Sequence[int], destination: int | Sequence[int]) -> T:
        """Axes moved to other places, the others staying in order."""
    def movedim(self, source: int | Sequence[int], destination: int | Sequence[int]) -> T:
        """Axes moved to other places, the others staying in order."""
    def msort(self) -> T:
        """In order along the first axis."""
    def mul(self, other: Any) -> T:
        """The product, entry by entry."""
    def mul_(self, other: Any) -> Self:
        """``mul``, written into this tensor."""
    def multinomial(
        self, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
    ) -> T:
        """Indices drawn with the given weights, a row of them for each row of ``input`` (rows, n) or (n)."""
    def multiply(self, other: Any) -> T:
        """The product, entry by entry."""
    def multiply_(self, other: Any) -> Self:
        """``multiply``, written into this tensor."""
    def mv(self, vec: Any) -> T:
        """The product of a matrix (n, k) and a vector (k)."""
    def nan_to_num(self, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> T:
        """NaN replaced by ``nan``, the infinities by ``posinf`` and ``neginf`` (default: the largest finite
        numbers)."""
    def nan_to_num_(self, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Self:
        """``nan_to_num``, written into this tensor."""
    def nanmean(
        self, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, dtype: Any = None, axis: int |
        Sequence[int] | None = ..., keepdims: bool = ...
    ) -> T:
        """The mean of the entries that are not NaN."""
    def nanmedian(
        self, dim: int | None = None, keepdim: bool = False, *, axis: int | None = ..., keepdims: bool = ...
    ) -> Any:
        """As ``median``, of the entries that are not NaN."""
    def nanquantile(
        self, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = 'linear', axis: int |
        None = ..., keepdims: bool = ...
    ) -> T:
        """As ``quantile``, of the entries that are not NaN."""
    def nansum(
        self, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, dtype: Any = None, axis: int |
        Sequence[int] | None = ..., keepdims: bool = ...
    ) -> T:
        """The sum of the entries that are not NaN."""
    def narrow(self, dim: int, start: Any, length: int) -> T:
        """``length`` entries of an axis, from ``start`` on."""
    def ne(self, other: Any) -> T:
        """Where two entries differ."""
    def ne_(self, other: Any) -> Self:
        """``ne``, written into this tensor."""
    def neg(self) -> T:
        """Minus each entry."""
    def neg_(self) -> Self:
        """``neg``, written into this tensor."""
    def negative(self) -> T:
        """Minus each entry."""
    def negative_(self) -> Self:
        """``negative``, written into this tensor."""
    def new(self, *data: Any) -> T:
        """PyTorch's older spelling: zeros of these sizes, or a copy of the data, in the type of this tensor."""
    def new_empty(self, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> T:
        """A new leaf of this size with zeros, in the type of this tensor."""
    def new_full(
        self, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
    ) -> T:
        """A new leaf of this size with one number everywhere, in the type of this tensor."""
    def new_ones(self, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> T:
        """A new leaf of this size with ones, in the type of this tensor."""
    def new_tensor(self, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> T:
        """A new leaf with a copy of ``data``, in the type of this tensor."""
    def new_zeros(self, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> T:
        """A new leaf of this size with zeros, in the type of this tensor."""
    def nextafter(self, other: T) -> T:
        """The number next to each entry on the way to that of ``other``, with the derivative 1."""
    def nextafter_(self, other: T) -> Self:
        """``nextafter``, written into this tensor."""
    @overload
    def nonzero(self, *, as_tuple: Literal[False] = False) -> T:
        """The indices of the entries that are not 0: (count, axes), or with ``as_tuple`` a vector for each
        axis."""
    @overload
    def nonzero(self, *, as_tuple: Literal[True]) -> tuple[T, ...]:
        """The indices of the entries that are not 0: (count, axes), or with ``as_tuple`` a vector for each
        axis."""
    def nonzero_static(self, *, size: int, fill_value: int = -1) -> T:
        """The first ``size`` rows of ``nonzero``; those that are missing hold ``fill_value``."""
    def norm(
        self, p: Any = 'fro', dim: int | Sequence[int] | None = None, keepdim: bool = False, dtype: Any = None, *,
        axis: int | Sequence[int] | None = ..., keepdims: bool = ...
    ) -> T:
        """(sum |x|^p)^(1/p): the Euclidean norm for p = 2 ("fro"), the largest |x| for p = inf; its derivative at
        0 is 0."""
    def not_equal(self, other: Any) -> T:
        """Where two entries differ."""
    def not_equal_(self, other: Any) -> Self:
        """``not_equal``, written into this tensor."""
    def outer(self, vec2: Any) -> T:
        """All products of an entry of one vector with one of another: (n) and (m) give (n, m)."""
    def permute(self, *order: Any, dims: Sequence[int] | None = None) -> T:
        """The axes in another order: ``permute(x, (2, 0, 1))``."""
    def positive(self) -> T:
        """The tensor itself, whose numbers are real."""
    def pow(self, exponent: Any) -> T:
        """One number to the power of another, entry by entry."""
    def pow_(self, exponent: Any) -> Self:
        """``pow``, written into this tensor."""
    def prod(
        self, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None, axis: int | None = ...,
        keepdims: bool = ...
    ) -> T:
        """The product over an axis, or of all entries."""
    def put(self, index: Any, source: T, accumulate: bool = False) -> T:
        """input with ``source`` at these places of the flattened input, or with it added there."""
    def put_(self, index: Any, source: T, accumulate: bool = False) -> Self:
        """``put``, written into this tensor."""
    def quantile(
        self, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = 'linear', axis: int |
        None = ..., keepdims: bool = ...
    ) -> T:
        """The number below which a part ``q`` of the entries lies, NaN if there is one."""
    def rad2deg(self) -> T:
        """Radians in degrees."""
    def rad2deg_(self) -> Self:
        """``rad2deg``, written into this tensor."""
    def ravel(self) -> T:
        """All axes as one, the entries side by side in memory."""
    def reciprocal(self) -> T:
        """1 / input."""
    def reciprocal_(self) -> Self:
        """``reciprocal``, written into this tensor."""
    def relu(self) -> T:
        """The larger of each entry and 0; its derivative at 0 is 0."""
    def relu_(self) -> Self:
        """``relu``, written into this tensor."""
    def remainder(self, other: Any) -> T:
        """What is left of the division, with the sign of the divisor."""
    def remainder_(self, other: Any) -> Self:
        """``remainder``, written into this tensor."""
    def renorm(self, p: float, dim: int, maxnorm: float) -> T:
        """Slices along ``dim`` whose p-norm is over ``maxnorm`` shortened to it."""
    def renorm_(self, p: float, dim: int, maxnorm: float) -> Self:
        """``renorm``, written into this tensor."""
    def repeat(self, *repeats: Any) -> T:
        """Copies side by side: ``repeats`` of them along each axis, new axes in front."""
    def repeat_interleave(self, repeats: Any, dim: int | None = None, *, axis: int | None = ...) -> T:
        """Each slice ``repeats`` times in a row, or as often as its entry in ``repeats``; flattened if ``dim`` is
        None."""
    def reshape(self, *sizes_: Any, shape: Any = None) -> T:
        """The same entries in another shape; one size may be -1 and is computed."""
    def reshape_as(self, other: Any) -> T:
        """The same entries in the shape of ``other``."""
    def resolve_conj(self) -> T:
        """The tensor itself, whose numbers are real."""
    def resolve_neg(self) -> T:
        """The tensor itself, whose numbers are real."""
    def roll(self, shifts: int | Sequence[int], dims: int | Sequence[int] | None = None) -> T:
        """Moved along ``dims`` by ``shifts`` places, what leaves at one end coming in at the other."""
    def rot90(self, k: int = 1, dims: Sequence[int] = (0, 1)) -> T:
        """Turned by 90 degrees ``k`` times, from the first of two axes towards the second."""
    def round(self, *, decimals: int = 0) -> T:
        """The nearest number with so many decimals; halves go to the even neighbour."""
    def round_(self, *, decimals: int = 0) -> Self:
        """``round``, written into this tensor."""
    def rsqrt(self) -> T:
        """One divided by the square root."""
    def rsqrt_(self) -> Self:
        """``rsqrt``, written into this tensor."""
    def scatter(
        self, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None
    ) -> T:
        """input[index[i, j], j] = src[i, j] for dim = 0, or with ``reduce`` "add" or "multiply" += or *= it."""
    def scatter_(
        self, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None
    ) -> Self:
        """``scatter``, written into this tensor."""
    def scatter_add(self, dim: int, index: Any, src: Any) -> T:
        """input[index[i, j], j] += src[i, j] for dim = 0: the transpose of ``gather``, added to ``input``."""
    def scatter_add_(self, dim: int, index: Any, src: Any) -> Self:
        """``scatter_add``, written into this tensor."""
    def scatter_reduce(self, dim: int, index: Any, src: T, reduce: str, *, include_self: bool = True) -> T:
        """As ``scatter_add``, with the "sum", "mean", "prod", "amax" or "amin" of what comes together at a
        place."""
    def scatter_reduce_(self, dim: int, index: Any, src: T, reduce: str, *, include_self: bool = True) -> Self:
        """``scatter_reduce``, written into this tensor."""
    def select(self, dim: int, index: Any) -> T:
        """One slice of an axis, without the axis."""
    def select_scatter(self, src: T, dim: int, index: int) -> T:
        """input with ``src`` as one slice of an axis."""
    def sgn(self) -> T:
        """-1, 0 or 1; of NaN 0."""
    def sgn_(self) -> Self:
        """``sgn``, written into this tensor."""
    def sigmoid(self) -> T:
        """The logistic function, 1 / (1 + exp(-x))."""
    def sigmoid_(self) -> Self:
        """``sigmoid``, written into this tensor."""
    def sign(self) -> T:
        """-1, 0 or 1; of NaN 0."""
    def sign_(self) -> Self:
        """``sign``, written into this tensor."""
    def signbit(self) -> T:
        """Where an entry has a minus sign, also -0.0."""
    def silu(self) -> T:
        """x sigmoid(x), also called swish."""
    def sin(self) -> T:
        """The sine of an angle in radians."""
    def sin_(self) -> Self:
        """``sin``, written into this tensor."""
    def sinc(self) -> T:
        """sin(pi x) / (pi x), and 1 at 0."""
    def sinc_(self) -> Self:
        """``sinc``, written into this tensor."""
    def sinh(self) -> T:
        """The hyperbolic sine."""
    def sinh_(self) -> Self:
        """``sinh``, written into this tensor."""
    def slice_scatter(
        self, src: T, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1, *, axis: int
        = ...
    ) -> T:
        """input with ``src`` as the slices start, start + step, ... before ``end`` of an axis."""
    def softmax(self, dim: int = ..., dtype: Any = None, *, axis: int = ...) -> T:
        """exp(x) / sum exp(x) along ``dim``, without overflow."""
    def softplus(self, beta: float = 1.0, threshold: float = 20.0) -> T:
        """log(1 + exp(beta x)) / beta, and x itself where beta x > threshold."""
    def softsign(self) -> T:
        """x / (1 + |x|)."""
    def sort(
        self, dim: int = -1, descending: bool = False, stable: bool = False, *, axis: int = ...
    ) -> Extremes[T]:
        """(values, indices) along ``dim`` in order; equal entries always keep their order, NaN counts as the
        largest."""
    def split(
        self, split_size_or_sections: int | Sequence[int], dim: int = 0, *, axis: int = ...
    ) -> tuple[T, ...]:
        """Pieces of this size (the last may be smaller), or of these sizes, along an axis."""
    def split_with_sizes(
        self, split_size_or_sections: int | Sequence[int], dim: int = 0, *, axis: int = ...
    ) -> tuple[T, ...]:
        """Pieces of this size (the last may be smaller), or of these sizes, along an axis."""
    def sqrt(self) -> T:
        """The square root."""
    def sqrt_(self) -> Self:
        """``sqrt``, written into this tensor."""
    def square(self) -> T:
        """input^2."""
    def square_(self) -> Self:
        """``square``, written into this tensor."""
    def squeeze(self, dim: int | Sequence[int] | None = None, *, axis: int | Sequence[int] | None = ...) -> T:
        """Without the axes of size 1: all of them, or those of ``dim`` that have it."""
    def squeeze_(self, dim: int | Sequence[int] | None = None, *, axis: int | Sequence[int] | None = ...) -> Self:
        """``squeeze``, of this tensor itself."""
    def std(
        self, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None,
        axis: Any = ..., keepdims: bool = ...
    ) -> T:
        """The standard deviation, the square root of ``var``; its derivative at 0 is 0."""
    def sub(self, other: Any, *scaled: Any, alpha: float = 1) -> T:
        """input - alpha other; also ``sub(input, alpha, other)``, as it was once written."""
    def sub_(self, other: Any, *scaled: Any, alpha: float = 1) -> Self:
        """``sub``, written into this tensor."""
    def subtract(self, other: Any, *scaled: Any, alpha: float = 1) -> T:
        """input - alpha other; also ``sub(input, alpha, other)``, as it was once written."""
    def subtract_(self, other: Any, *scaled: Any, alpha: float = 1) -> Self:
        """``subtract``, written into this tensor."""
    def sum(
        self, dim: int | Sequence[int] | None = None, keepdim: bool = False, *, dtype: Any = None, axis: int |
        Sequence[int] | None = ..., keepdims: bool = ...
    ) -> T:
        """The sum over the axes ``dim``, or over all; integers and truth values are summed as int64."""
    def sum_to_size(self, *shape: Any) -> T:
        """Summed over the axes along which this shape would have to be repeated."""
    def swapaxes(self, dim0: int, dim1: int) -> T:
        """Two axes exchanged."""
    def swapaxes_(self, dim0: int, dim1: int) -> Self:
        """``swapaxes``, of this tensor itself."""
    def swapdims(self, dim0: int, dim1: int) -> T:
        """Two axes exchanged."""
    def swapdims_(self, dim0: int, dim1: int) -> Self:
        """``swapdims``, of this tensor itself."""
    def t(self) -> T:
        """A matrix transposed; vectors and single numbers as they are."""
    def t_(self) -> Self:
        """``t``, of this tensor itself."""
    def take(self, index: Any) -> T:
        """The entries at these places of the flattened input."""
    def take_along_dim(self, indices: Any, dim: int | None = None, *, axis: int | None = ...) -> T:
        """As ``gather`` with the other axes broadcast against each other; without ``dim`` from the flattened
        input."""
    def tan(self) -> T:
        """The tangent of an angle in radians."""
    def tan_(self) -> Self:
        """``tan``, written into this tensor."""
    def tanh(self) -> T:
        """The hyperbolic tangent."""
    def tanh_(self) -> Self:
        """``tanh``, written into this tensor."""
    def tensor_split(
        self, indices_or_sections: int | Sequence[int] | T, dim: int = 0, *, axis: int = ...
    ) -> tuple[T, ...]:
        """So many pieces of nearly equal size, the larger ones first, or the pieces between these places of an
        axis."""
    def tile(self, *repeats: Any, dims: Any = None) -> T:
        """As ``repeat``, where missing numbers in front are 1."""
    def topk(
        self, k: int, dim: int = -1, largest: bool = True, sorted: bool = True, *, axis: int = ...
    ) -> Extremes[T]:
        """The ``k`` largest (or smallest) entries along ``dim`` and where they stand, the most extreme first."""
    def trace(self) -> T:
        """The sum of the diagonal of a matrix."""
    def transpose(self, dim0: int, dim1: int) -> T:
        """Two axes exchanged."""
    def transpose_(self, dim0: int, dim1: int) -> Self:
        """``transpose``, of this tensor itself."""
    def triangular_solve(
        self, A: T, upper: bool = True, transpose: bool = False, unitriangular: bool = False
    ) -> Any:
        """(solution, cloned_coefficient): X with A X = input, where only a triangle of A counts, and A."""
    def tril(self, diagonal: int = 0) -> T:
        """The last two axes with zeros above the diagonal (above the ``diagonal``-th one to its right)."""
    def tril_(self, diagonal: int = 0) -> Self:
        """``tril``, written into this tensor."""
    def triu(self, diagonal: int = 0) -> T:
        """The last two axes with zeros below the diagonal (below the ``diagonal``-th one to its right)."""
    def triu_(self, diagonal: int = 0) -> Self:
        """``triu``, written into this tensor."""
    def true_divide(self, other: Any, *, rounding_mode: str | None = None) -> T:
        """input / other; with ``rounding_mode`` "floor" or "trunc" rounded down or towards 0, integers staying
        integers."""
    def true_divide_(self, other: Any, *, rounding_mode: str | None = None) -> Self:
        """``true_divide``, written into this tensor."""
    def trunc(self) -> T:
        """The integer part, rounded towards 0."""
    def trunc_(self) -> Self:
        """``trunc``, written into this tensor."""
    def unbind(self, dim: int = 0, *, axis: int = ...) -> tuple[T, ...]:
        """The slices along an axis."""
    def unflatten(self, dim: int, sizes: Sequence[int]) -> T:
        """One axis as several, of these sizes."""
    def unfold(self, dimension: int, size: int, step: int) -> T:
        """Windows of ``size`` entries along an axis, one every ``step``: the axis counts them, a new last one is
        theirs."""
    @overload
    def unique(
        self, sorted: bool = True, return_inverse: Literal[False] = False, return_counts: Literal[False] = False,
        dim: int | None = None
    ) -> T:
        """The different entries (or slices of an axis) in rising order; ``sorted=False`` asks for no order."""
    @overload
    def unique(
        self, sorted: bool = True, *, return_inverse: Literal[True], return_counts: bool = False, dim: int | None
        = None
    ) -> tuple[T, ...]:
        """The different entries (or slices of an axis) in rising order; ``sorted=False`` asks for no order."""
    @overload
    def unique(
        self, sorted: bool = True, *, return_inverse: bool = False, return_counts: Literal[True], dim: int | None
        = None
    ) -> tuple[T, ...]:
        """The different entries (or slices of an axis) in rising order; ``sorted=False`` asks for no order."""
    def unique_consecutive(
        self, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None, *, axis: int |
        None = ...
    ) -> Any:
        """The entries (or slices of an axis) without those that equal the one before; for the rest see
        ``unique``."""
    def unsafe_chunk(self, chunks: int, dim: int = 0, *, axis: int = ...) -> tuple[T, ...]:
        """At most so many pieces of equal size (the last may be smaller) along an axis."""
    def unsafe_split(
        self, split_size_or_sections: int | Sequence[int], dim: int = 0, *, axis: int = ...
    ) -> tuple[T, ...]:
        """Pieces of this size (the last may be smaller), or of these sizes, along an axis."""
    def unsqueeze(self, dim: int = ..., *, axis: int = ...) -> T:
        """A new axis of size 1 before axis ``dim``."""
    def unsqueeze_(self, dim: int = ..., *, axis: int = ...) -> Self:
        """``unsqueeze``, of this tensor itself."""
    def var(
        self, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: float | None = None,
        axis: Any = ..., keepdims: bool = ...
    ) -> T:
        """The variance, sum (x - mean)^2 / (n - correction), where ``correction`` is 1, or 0 with
        unbiased=False."""
    def vdot(self, tensor: Any) -> T:
        """The inner product of two vectors of one length."""
    def view(self, *sizes_: Any) -> T:
        """As ``reshape``: the same memory in another shape."""
    def view_as(self, other: Any) -> T:
        """The same memory in the shape of ``other``."""
    def vsplit(self, indices_or_sections: Any) -> tuple[T, ...]:
        """Parts of the first axis of a matrix, see ``hsplit``."""
    def where(self, condition: T, other: Any) -> T:
        """This tensor where ``condition`` holds, ``other`` elsewhere."""
    def xlogy(self, other: Any) -> T:
        """input log(other), and 0 where input is 0."""
    def xlogy_(self, other: Any) -> Self:
        """``xlogy``, written into this tensor."""
