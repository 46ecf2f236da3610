"""Functions that work entry by entry: arithmetic, powers, comparisons, and choices between entries."""

from __future__ import annotations

import builtins
import math
from collections import namedtuple
from typing import Any, overload

import numpy as np

from ..engine.graph import Node
from ..engine.modes import goes_by_data, no_grad
from ..numbers import dtypes
from ..ops import comparison, elementwise
from ..ops.comparison import eq, isfinite, isnan
from ..ops.elementwise import abs, floor_divide, remainder, trunc
from .arguments import real as real_numbers
from .arguments import typed
from .counting import nonzero
from .forms import also
from .tensor import Tensor

_Frexp = namedtuple("_Frexp", ["mantissa", "exponent"])

# Arithmetic


@also(inplace=True)
def add(input: Tensor, other: Any, *scaled: Any, alpha: float = 1) -> Tensor:
    """input + alpha other; also ``add(input, alpha, other)``, as it was once written."""
    other, alpha = _scaled("add", other, scaled, alpha)
    if alpha != 1:
        (other,) = typed(other, input)
        other = elementwise.mul(other, alpha != 0 if getattr(other, "dtype", None) == np.bool else alpha)
    return elementwise.add(input, other)


def _scaled(name: str, other: Any, scaled: tuple[Any, ...], alpha: float) -> tuple[Any, Any]:
    """The second term and its factor, from ``(other, alpha=alpha)`` or ``(alpha, other)``."""
    if len(scaled) > 1:
        raise TypeError(f"{name}() takes (other), or (alpha, other) as it was once written")
    return (scaled[0], other) if scaled else (other, alpha)


@also("subtract", inplace=True)
def sub(input: Tensor, other: Any, *scaled: Any, alpha: float = 1) -> Tensor:
    """input - alpha other; also ``sub(input, alpha, other)``, as it was once written."""
    other, alpha = _scaled("sub", other, scaled, alpha)
    return elementwise.sub(input, other if alpha == 1 else elementwise.mul(*typed(other, input), alpha))


@also("divide", "true_divide", inplace=True)
def div(input: Tensor, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """input / other; with ``rounding_mode`` "floor" or "trunc" rounded down or towards 0, integers staying integers.

    Raises:
        RuntimeError: for another rounding mode.
    """
    if rounding_mode is None:
        return elementwise.div(input, other)
    if rounding_mode == "floor":
        return floor_divide(input, other)
    if rounding_mode != "trunc":
        raise RuntimeError(f"rounding_mode must be None, 'floor' or 'trunc', got {rounding_mode!r}")
    down = floor_divide(input, other)
    if down.dtype.kind == "f":
        with no_grad():  # the derivative is that of what is rounded down: 0, also where a quotient is infinite
            quotient = trunc(elementwise.div(input, other))
        rounded: Tensor = elementwise.where(True, quotient, down)
        return rounded
    return where((down < 0) & (remainder(input, other) != 0), down + 1, down)


@also(method=False)
def rsub(input: Tensor, other: Any, *, alpha: float = 1) -> Tensor:
    """other - alpha input."""
    return sub(other if isinstance(other, Tensor) else input.fresh(np.asarray(other)), input, alpha=alpha)


@also("conj", "conj_physical", "resolve_conj", "resolve_neg")
def positive(input: Tensor) -> Tensor:
    """The tensor itself, whose numbers are real."""
    return input


@also(method=False)
def real(input: Tensor) -> Tensor:
    """The tensor itself: all numbers are real."""
    return input


def angle(input: Tensor) -> Tensor:
    """The angle of a number to the positive ones: 0, of negative ones pi; NaN of NaN."""
    return where(isnan(input), input, where(input < 0, input * 0 + math.pi, input * 0.0))


def float_power(input: Any, exponent: Any) -> Tensor:
    """input^exponent in float64."""
    base, power = (x.to(dtypes.float64) if isinstance(x, Tensor) else x for x in (input, exponent))
    found: Tensor = elementwise.pow(base, power)
    return found


def float_power_(self: Tensor, exponent: Any) -> Tensor:
    """``float_power``, written into this tensor, which holds float64."""
    if self.dtype != dtypes.float64:
        raise RuntimeError(f"float_power_ writes float64 into a tensor, and this one holds {self.dtype}: x.double()")
    return self.overwrite(float_power(self, exponent))


@also(inplace=True)
def ldexp(input: Tensor, other: Any) -> Tensor:
    """input 2^other."""
    if isinstance(other, (int, float)):
        raise TypeError(f"ldexp() takes two tensors, and other is the number {other}: use input * 2**other")
    scaled: Tensor = input * elementwise.exp2(other)
    return scaled


@also(inplace=True)
def gcd(input: Tensor, other: Tensor) -> Tensor:
    """The greatest common divisor of integers, entry by entry."""
    return _of_integers(np.gcd, input, other)


@also(inplace=True)
def lcm(input: Tensor, other: Tensor) -> Tensor:
    """The least common multiple of integers, entry by entry."""
    return _of_integers(np.lcm, input, other)


@also(inplace=True)
def nextafter(input: Tensor, other: Tensor) -> Tensor:
    """The number next to each entry on the way to that of ``other``, with the derivative 1."""
    goes_by_data("nextafter", input)
    if input.dtype.kind != "f" or input.dtype != other.dtype:
        raise RuntimeError(f"nextafter takes real numbers of one type, got {input.dtype} and {other.dtype}")
    near = np.asarray(np.nextafter(input.array, other.array))
    return where(isfinite(input), input + (near - input.array), input.fresh(near))  # the difference is exact


def frexp(input: Tensor) -> Any:
    """(mantissa, exponent): input = mantissa 2^exponent with 0.5 <= |mantissa| < 1."""
    goes_by_data("frexp", input)
    exponent = np.asarray(np.frexp(real_numbers(input, "frexp").array)[1], np.int32)
    return _Frexp(input * elementwise.exp2(-exponent.astype(input.dtype)), input.fresh(exponent))


def _of_integers(function: Any, input: Tensor, other: Tensor) -> Tensor:
    goes_by_data(function.__name__, input)
    if input.dtype.kind not in "iu" or other.dtype.kind not in "iu":
        raise RuntimeError(f"{function.__name__} takes integers, got {input.dtype} and {other.dtype}")
    return input.fresh(np.asarray(function(input.array, other.array)))


@also(inplace=True)
def frac(input: Tensor) -> Tensor:
    """What stands behind the point, with the sign of the number."""
    return input - trunc(input)


@also(inplace=True)
def deg2rad(input: Tensor) -> Tensor:
    """Degrees in radians."""
    return input * (math.pi / 180)


@also(inplace=True)
def rad2deg(input: Tensor) -> Tensor:
    """Radians in degrees."""
    return input * (180 / math.pi)


@also(inplace=True)
def logit(input: Tensor, eps: float | None = None) -> Tensor:
    """log(x / (1 - x)), the inverse of the logistic function; with ``eps`` of x cut off to [eps, 1 - eps]."""
    x = input if eps is None else clamp(input, eps, 1 - eps)
    return elementwise.log(x / (1 - x))


def isreal(input: Tensor) -> Tensor:
    """True everywhere: there are no complex numbers here."""
    return eq(input, input) | True


@also(inplace=True)
def square(input: Tensor) -> Tensor:
    """input^2."""
    return elementwise.pow(input, 2)


@also(inplace=True)
def reciprocal(input: Tensor) -> Tensor:
    """1 / input."""
    found: Tensor = elementwise.div(1.0, input)
    return found


@also(inplace=True)
def lerp(input: Tensor, end: Tensor, weight: Tensor | float) -> Tensor:
    """On the line from ``input`` (weight 0) to ``end`` (weight 1): input + weight (end - input)."""
    if isinstance(weight, (int, float)) and builtins.abs(weight) >= 0.5:  # from the end that is nearer
        return end - (end - input) * (1 - weight)
    return input + weight * (end - input)


@also(inplace=True)
def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """The nearest number with so many decimals; halves go to the even neighbour."""
    return elementwise.round(input, decimals=decimals)


# Choices


def _fitting(number: Any, tensor: Any) -> Any:
    """A whole number that is to stand among the entries of ``tensor``."""
    whole = type(number) is int and isinstance(tensor, Node) and tensor.array.dtype.kind in "iu"
    return dtypes.fitting(number, tensor.array.dtype if whole else None)


@also("clip", inplace=True)
def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Entries below ``min`` or above ``max`` replaced by the bound; the bounds may be numbers or tensors.

    Raises:
        RuntimeError: if neither bound is given.
    """
    if min is None and max is None:
        raise RuntimeError("clamp needs at least one of min and max; give clamp(x, min=...) or clamp(x, max=...)")
    if not isinstance(min, Node) and not isinstance(max, Node):
        kind = None if isinstance(min, float) or isinstance(max, float) else input  # of real numbers none is cut off
        return elementwise.clamp(input, min=_fitting(min, kind), max=_fitting(max, kind))
    if min is not None:
        input = elementwise.where(input >= min, input, elementwise.where(input < min, min, (input + min).detach()))
    if max is not None:  # the sum is NaN, as one of the two is
        input = elementwise.where(input <= max, input, elementwise.where(input > max, max, (input + max).detach()))
    return input


@overload
def where(condition: Tensor) -> tuple[Tensor, ...]: ...
@overload
def where(condition: Tensor, input: Any, other: Any) -> Tensor: ...
def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """``input`` where ``condition`` holds, ``other`` elsewhere; without them the places, an index for each axis.

    Raises:
        RuntimeError: if the condition does not hold truth values.
        TypeError: with one of the two alone.
    """
    if input is None and other is None:
        return nonzero(condition, as_tuple=True)
    if input is None or other is None:
        raise TypeError("where takes a condition and both values, where(x > 0, x, 0.0), or the condition alone")
    kind = getattr(condition, "dtype", type(condition).__name__)
    if kind == dtypes.uint8:  # bytes were masks once
        condition, kind = comparison.ne(condition, 0), dtypes.bool
    if kind not in (dtypes.bool, "bool"):
        raise RuntimeError(f"where expects a condition that holds truth values, got {kind}; compare first: x != 0")
    return elementwise.where(condition, _fitting(input, other), _fitting(other, input))


@also("where")
def _where(self: Tensor, condition: Tensor, other: Any) -> Tensor:
    """This tensor where ``condition`` holds, ``other`` elsewhere."""
    return where(condition, self, other)


@also(inplace=True)
def nan_to_num(input: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """NaN replaced by ``nan``, the infinities by ``posinf`` and ``neginf`` (default: the largest finite numbers)."""
    if input.dtype.kind != "f":
        return input.clone()
    largest = float(np.finfo(input.dtype).max)
    out = where(isnan(input), nan, input)
    out = where(eq(input, math.inf), largest if posinf is None else posinf, out)
    return where(eq(input, -math.inf), -largest if neginf is None else neginf, out)


@also(method=False)
def fill(input: Tensor, value: Any) -> Tensor:
    """``value``, a single number, everywhere in the shape and type of ``input``."""
    return input.clone().fill_(value)


# Comparisons of values


def isclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Where |input - other| <= atol + rtol |other|; infinities of one sign are close, NaN only with ``equal_nan``.

    Raises:
        RuntimeError: if the two hold different types of numbers, or a tolerance is negative.
    """
    if input.dtype != other.dtype or min(rtol, atol) < 0:
        raise RuntimeError(
            "isclose compares tensors of one type with tolerances of at least 0, got "
            f"{input.dtype} and {other.dtype}, {rtol=} and {atol=}"
        )
    if input.dtype.kind == "b":
        return eq(input, other)
    near = isfinite(input) & isfinite(other) & (abs(input - other) <= atol + rtol * abs(other))
    close = eq(input, other) | near
    return close | (isnan(input) & isnan(other)) if equal_nan else close


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether all entries are close, see ``isclose``."""
    for read in (input, other):
        goes_by_data("allclose", read)
    return bool(isclose(input, other, rtol, atol, equal_nan).array.all())


def equal(input: Tensor, other: Tensor) -> bool:
    """Whether shapes and all entries are equal."""
    for read in (input, other):
        goes_by_data("equal", read)
    return input.array.shape == other.array.shape and bool(np.all(eq(input, other).array))
