"""Arithmetic and functions that work entry by entry.

How to read a row: the array function, then one derivative rule per argument. In every rule ``g`` is dL/dy, ``y``
the result, then come the arguments in order; what a rule returns is what this use adds to dL/d(argument). The other
keywords are explained at `Operation`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .comparison import eq, ge, gt, le, lt, ne
from .operation import Operation
from .samples import TRUTH, Sample, binary, of, unary


def flat(g: Any, y: Any, *args: Any, **kwargs: Any) -> Any:
    """The rule of a function that is constant between its jumps: zeros, whatever comes from above."""
    return where(False, g, 0.0)


def nothing(x: Any) -> Any:
    """0 that depends on x, so that a derivative that is constant in pieces can itself be differentiated."""
    return where(False, x, 0.0) if getattr(x, "tracked", not isinstance(x, np.ndarray)) else 0.0


def _whole(divide: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A division of numpy's that refuses to divide integers by 0, for which numpy answers 0."""

    def divided(a: Any, b: Any) -> Any:
        if (not b if type(b) is int else not np.all(b)) and np.result_type(a, b).kind in "iu":
            raise RuntimeError("integers were divided by 0, and no integer is infinite; divide x.float() instead")
        return divide(a, b)

    return divided


def _of_c(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """A function of the C library's that numpy lacks, entry by entry."""

    def each(x: Any) -> Any:
        x = np.asarray(x)
        return np.asarray(np.frompyfunc(function, 1, 1)(x), x.dtype if x.dtype.kind == "f" else np.float64)

    return each


# fmt: off

# Arithmetic

add = Operation("add", np.add,
    lambda g, y, a, b: g,
    lambda g, y, a, b: g, template="{} + {}", promotes=True)

sub = Operation("sub", np.subtract,
    lambda g, y, a, b: g,
    lambda g, y, a, b: -g, template="{} - {}", promotes=True)

mul = Operation("mul", np.multiply,
    lambda g, y, a, b: g * b,
    lambda g, y, a, b: g * a, template="{} * {}", promotes=True,
    about="The product, entry by entry.", aliases=["multiply"], inplace=True)

div = Operation("div", np.true_divide,
    lambda g, y, a, b: g / b,
    lambda g, y, a, b: -g * y / b, template="{} / {}", promotes="real", domain=((-2, 2), (0.5, 2)))

neg = Operation("neg", np.negative,
    lambda g, y, x: -g, template="-{}", about="Minus each entry.", aliases=["negative"], inplace=True)

floor_divide = Operation("floor_divide", _whole(np.floor_divide), flat, flat, template="{} // {}", promotes=True,
    about="The quotient rounded down, entry by entry.", inplace=True, domain=((-2, 2), (0.6, 0.7)))

remainder = Operation("remainder", _whole(np.remainder),
    lambda g, y, a, b: g,
    lambda g, y, a, b: -g * floor_divide(a, b), template="{} % {}", promotes=True,
    about="What is left of the division, with the sign of the divisor.", inplace=True, domain=((-2, 2), (0.6, 0.7)))


# 0 log b is 0 for every b: its derivative in 0 is 0 also where log b is none.
def _logarithm(g: Any, a: Any, b: Any) -> Any:
    if isinstance(b, (int, float)) and b > 0:
        return g * math.log(b)
    none = eq(a, 0) & le(b, 0)
    return g * where(none, 0.0, log(where(none, 1.0, b)))


# x**0 is 1 everywhere: its derivative is 0 also where x^(p-1) is infinite.
def _pow_base(g: Any, y: Any, x: Any, p: Any) -> Any:
    if isinstance(p, (int, float)):
        return flat(g, y) if p == 0 else g * (2 * x) if p == 2 else g * (p * x ** (p - 1))
    zero = eq(p, 0) & eq(x, 0)
    return g * where(zero, 0.0, p * x ** where(zero, 1.0, p - 1))


# 0**p is 0 for p > 0: its derivative in p is 0 although log 0 is infinite.
def _pow_exponent(g: Any, y: Any, x: Any, p: Any) -> Any:
    if isinstance(x, (int, float)):
        slope = g * (y * (math.log(x) if x > 0 else -math.inf if x == 0 else math.nan))
        return where(ge(p, 0), 0.0, slope) if x == 0 else slope
    zero = eq(x, 0) & ge(p, 0)
    return g * where(zero, 0.0, y * log(where(zero, 1.0, x)))


def _powers() -> list[Sample]:
    numbers = [of((2, 3), number) for number in (0, 1, 2, 3, 2.0, 3.0, -2)]
    return [*binary((1.7, 2.0, 3.0, 0.5, -1.0, 1.0, 0.0)), *numbers, of((2, 3), np.array([[0.0, 1.0, 2.0]]))]


fmod = Operation("fmod", _whole(np.fmod),
    lambda g, y, a, b: g,
    lambda g, y, a, b: -g * trunc(a / b), promotes=True,
    about="What is left of the division, with the sign of what is divided.", inplace=True,
    domain=((-2, 2), (0.6, 0.7)))


pow = Operation("pow", lambda x, p: x ** p, _pow_base, _pow_exponent, template="{} ** {}", promotes="power",
    about="One number to the power of another, entry by entry.", inplace=True, domain=((0.3, 2), (-2, 2)),
    samples=_powers)

# Powers, exponentials, logarithms

exp = Operation("exp", np.exp, lambda g, y, x: g * y, about="e to the power of each entry.", inplace=True)
exp2 = Operation("exp2", np.exp2, lambda g, y, x: g * (y * math.log(2)),
    about="2 to the power of each entry.", inplace=True)
expm1 = Operation("expm1", np.expm1, lambda g, y, x: g * exp(x),
    about="exp(x) - 1, exact also where x is small.", inplace=True)
log = Operation("log", np.log, lambda g, y, x: g / x,
    about="The natural logarithm.", inplace=True, domain=(0.3, 3))
log1p = Operation("log1p", np.log1p, lambda g, y, x: g / (1 + x),
    about="log(1 + x), exact also where x is small.", inplace=True, domain=(-0.7, 2))
log2 = Operation("log2", np.log2, lambda g, y, x: g / (x * math.log(2)),
    about="The logarithm to base 2.", inplace=True, domain=(0.3, 3))
log10 = Operation("log10", np.log10, lambda g, y, x: g / (x * math.log(10)),
    about="The logarithm to base 10.", inplace=True, domain=(0.3, 3))
sqrt = Operation("sqrt", np.sqrt, lambda g, y, x: g / (2 * y),
    about="The square root.", inplace=True, domain=(0.3, 3))
rsqrt = Operation("rsqrt", lambda x: 1 / np.sqrt(x), lambda g, y, x: -0.5 * g * (y * y * y),
    about="One divided by the square root.", inplace=True, domain=(0.3, 3))
erf = Operation("erf", _of_c(math.erf), lambda g, y, x: g * (2 / math.sqrt(math.pi) * exp(-x * x)),
    about="The error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.", inplace=True)
erfc = Operation("erfc", _of_c(math.erfc), lambda g, y, x: -g * (2 / math.sqrt(math.pi) * exp(-x * x)),
    about="1 - erf(x), exact also where x is large.", inplace=True)
logaddexp = Operation("logaddexp", np.logaddexp,
    lambda g, y, a, b: g * sigmoid(a - b),
    lambda g, y, a, b: g * sigmoid(b - a), promotes="real", strict=True,
    about="log(exp(input) + exp(other)), without overflow.")
logaddexp2 = Operation("logaddexp2", np.logaddexp2,
    lambda g, y, a, b: g * sigmoid((a - b) * math.log(2)),
    lambda g, y, a, b: g * sigmoid((b - a) * math.log(2)), promotes="real", strict=True,
    about="log2(2^input + 2^other), without overflow.")
xlogy = Operation("xlogy", lambda a, b: np.where((a == 0) & (b == b), 0, a * np.log(b)),
    lambda g, y, a, b: _logarithm(g, a, b),
    lambda g, y, a, b: g * a / b, promotes="real", about="input log(other), and 0 where input is 0.", inplace=True,
    domain=((-2, 2), (0.3, 3)), torch="torch.xlogy")

# Trigonometric and hyperbolic functions


# Where there is no angle there is no derivative of any order.
def _around(turn: Any, square: Any) -> Any:
    zero = eq(square, 0)
    return where(zero, 0.0, turn / where(zero, 1.0, square))


sin = Operation("sin", np.sin, lambda g, y, x: g * cos(x), about="The sine of an angle in radians.", inplace=True)
cos: Operation = Operation("cos", np.cos, lambda g, y, x: -g * sin(x),
    about="The cosine of an angle in radians.", inplace=True)
tan = Operation("tan", np.tan, lambda g, y, x: g * (1 + y * y),
    about="The tangent of an angle in radians.", inplace=True, domain=(-1.2, 1.2))
atan2 = Operation("atan2", np.arctan2,
    lambda g, y, a, b: _around(g * b, a * a + b * b), lambda g, y, a, b: _around(-g * a, a * a + b * b),
    promotes=True, strict=True,
    about="The angle of the point (other, input) in radians, from -pi to pi.", aliases=["arctan2"], inplace=True,
    domain=((-2, 2), (0.3, 2)))
sinh = Operation("sinh", np.sinh, lambda g, y, x: g * cosh(x), about="The hyperbolic sine.", inplace=True)
cosh: Operation = Operation("cosh", np.cosh, lambda g, y, x: g * sinh(x), about="The hyperbolic cosine.", inplace=True)
tanh = Operation("tanh", np.tanh, lambda g, y, x: g * (1 - y * y), about="The hyperbolic tangent.", inplace=True)
asin = Operation("asin", np.arcsin, lambda g, y, x: g * rsqrt(1 - x * x),
    about="The angle in radians whose sine is x.", aliases=["arcsin"], inplace=True, domain=(-0.9, 0.9))
acos = Operation("acos", np.arccos, lambda g, y, x: -g * rsqrt(1 - x * x),
    about="The angle in radians whose cosine is x.", aliases=["arccos"], inplace=True, domain=(-0.9, 0.9))
atan = Operation("atan", np.arctan, lambda g, y, x: g / (1 + x * x),
    about="The angle in radians whose tangent is x.", aliases=["arctan"], inplace=True)
asinh = Operation("asinh", np.arcsinh, lambda g, y, x: g * rsqrt(x * x + 1),
    about="The number whose hyperbolic sine is x.", aliases=["arcsinh"], inplace=True)
acosh = Operation("acosh", np.arccosh, lambda g, y, x: g * rsqrt(x * x - 1),
    about="The number whose hyperbolic cosine is x.", aliases=["arccosh"], inplace=True, domain=(1.2, 3))
atanh = Operation("atanh", np.arctanh, lambda g, y, x: g / (1 - x * x),
    about="The number whose hyperbolic tangent is x.", aliases=["arctanh"], inplace=True, domain=(-0.9, 0.9))
hypot = Operation("hypot", np.hypot,
    lambda g, y, a, b: g * (a / y),
    lambda g, y, a, b: g * (b / y), promotes="real", strict=True,
    about="The hypotenuse, sqrt(input^2 + other^2).", inplace=True)
sinc = Operation("sinc", np.sinc,
    lambda g, y, x: g * where(eq(x, 0), 0.0, (cos(math.pi * x) - y) / where(eq(x, 0), 1.0, x)),
    about="sin(pi x) / (pi x), and 1 at 0.", inplace=True)


# Arrays without axes, by dtype: numpy takes them in half the time it needs for a Python number.
ONE = {np.dtype(kind): np.ones((), kind) for kind in (np.float16, np.float32, np.float64)}


def _sigmoid(x: Any) -> Any:
    if x.dtype not in ONE:
        return _sigmoid(x.astype(np.float64))
    if x.dtype.char == "e":  # exp of float16 ends at 11
        return _sigmoid(x.astype(np.float32)).astype(np.float16)
    z = np.negative(x)
    here = z if z.ndim else None  # without axes it is no array, and cannot be written to
    return np.reciprocal(np.add(np.exp(z, here), ONE[x.dtype], here), here)


sigmoid: Operation = Operation("sigmoid", _sigmoid, lambda g, y, x: g * (y * (1 - y)),
    about="The logistic function, 1 / (1 + exp(-x)).", inplace=True)

softplus = Operation("softplus", lambda x: np.logaddexp(x, 0), lambda g, y, x: g * sigmoid(x),
    torch="torch.nn.functional.softplus", wide=True)

# Kinks: the derivative of abs and relu at 0 is 0, ties of maximum and minimum share the gradient

abs = Operation("abs", np.absolute, lambda g, y, x: g * sign(x),
    about="The absolute value; its derivative at 0 is 0.", aliases=["absolute"], inplace=True)
relu = Operation("relu", lambda x: np.maximum(x, 0), lambda g, y, x: where(le(x, 0), nothing(x), g),
    about="The larger of each entry and 0; its derivative at 0 is 0.", inplace=True)

maximum = Operation("maximum", np.maximum,
    lambda g, y, a, b: where(lt(a, b), nothing(a), where(eq(a, b), 0.5 * g, g)),
    lambda g, y, a, b: where(lt(b, a), nothing(b), where(eq(a, b), 0.5 * g, g)), promotes=True, strict=True,
    about="The larger of two entries; equal ones share the gradient.", domain=((-2, 2), (-1.9, 2.3)))

minimum = Operation("minimum", np.minimum,
    lambda g, y, a, b: where(gt(a, b), nothing(a), where(eq(a, b), 0.5 * g, g)),
    lambda g, y, a, b: where(gt(b, a), nothing(b), where(eq(a, b), 0.5 * g, g)), promotes=True, strict=True,
    about="The smaller of two entries; equal ones share the gradient.", domain=((-2, 2), (-1.9, 2.3)))


# Beside NaN the other number counts, and the first of equal ones has the gradient.
fmax = Operation("fmax", np.fmax,
    lambda g, y, a, b: where(ge(a, b) | ne(b, b), g, nothing(a)),
    lambda g, y, a, b: where(ge(a, b) | ne(b, b), nothing(b), g), promotes=True, strict=True,
    about="The larger of two entries, the number beside NaN.", domain=((-2, 2), (-1.9, 2.3)))

fmin = Operation("fmin", np.fmin,
    lambda g, y, a, b: where(le(a, b) | ne(b, b), g, nothing(a)),
    lambda g, y, a, b: where(le(a, b) | ne(b, b), nothing(b), g), promotes=True, strict=True,
    about="The smaller of two entries, the number beside NaN.", domain=((-2, 2), (-1.9, 2.3)))

copysign = Operation("copysign", np.copysign,
    lambda g, y, a, b: g * where(eq(a, 0), nothing(a), y / where(eq(a, 0), 1.0, a)),
    lambda g, y, a, b: flat(g, y), promotes="real", about="The size of one entry with the sign of the other.",
    inplace=True)


def _within(x: Any, min: Any, max: Any) -> Any:
    inside = True if min is None else ge(x, min)
    return inside if max is None else le(x, max) & inside


clamp = Operation("clamp", lambda x, *, min, max: np.clip(x, min, max),
    lambda g, y, x, *, min, max: where(_within(x, min, max), g, nothing(x)),
    samples=lambda: [*unary(min=-0.7, max=1.1), *unary(min=None, max=0.3), *unary(min=0.3, max=None)])


def _choices() -> list[Sample]:
    shapes = [((2, 3), (2, 3)), ((3,), (2, 1)), ((), 0.0), (1.0, (1,))]
    broadcast = [of(np.array(True), *each.args) for each in binary()]
    return [*broadcast, *(of(TRUTH, *pair) for pair in shapes), of(TRUTH[:, None, :], (4, 1), (2, 1, 1))]


where: Operation = Operation("where", np.where,
    None,
    lambda g, y, condition, a, b: where(condition, g, nothing(a)),
    lambda g, y, condition, a, b: where(condition, nothing(b), g), promotes="rest", domain=((0, 1), (-2, 2), (-2, 2)),
    samples=_choices)

# Constant between jumps

sign: Operation = Operation("sign", lambda x: np.subtract(x > 0, x < 0, dtype=np.int8).astype(x.dtype), flat,
    about="-1, 0 or 1; of NaN 0.", aliases=["sgn"], inplace=True)
floor = Operation("floor", np.floor, flat, about="The largest integer that is not above.", inplace=True)
ceil = Operation("ceil", np.ceil, flat, about="The smallest integer that is not below.", inplace=True)
round = Operation("round", lambda x, *, decimals: np.round(x, decimals), flat, wide=True,
    samples=lambda: [*unary(decimals=0), of((2, 3), decimals=1)])
trunc: Operation = Operation(
    "trunc", np.trunc, flat, about="The integer part, rounded towards 0.", aliases=("fix",), inplace=True)
