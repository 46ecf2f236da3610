"""Arithmetic and functions that work entry by entry.

How to read a row: the array function, then one derivative rule per argument. In every rule ``g`` is dL/dy, ``y``
the result, then come the arguments in order; what a rule returns is what this use adds to dL/d(argument).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.primitive import Primitive
from .comparison import eq, ge, gt, le, lt
from .erf import erf_array


def flat(g: Any, y: Any, *args: Any, **kwargs: Any) -> Any:
    """The rule of a function that is constant between its jumps: zeros, whatever comes from above."""
    return where(False, g, 0.0)


def _whole(divide: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A division of numpy's that refuses to divide integers by 0, for which numpy answers 0."""

    def divided(a: Any, b: Any) -> Any:
        if np.result_type(a, b).kind in "iu" and not np.all(b):
            raise ZeroDivisionError("integers were divided by 0, and no integer is infinite; divide x.float() instead")
        return divide(a, b)

    return divided


# fmt: off

# Arithmetic

add = Primitive("add", np.add,
    lambda g, y, a, b: g,
    lambda g, y, a, b: g, template="{} + {}", promotes=True)

sub = Primitive("sub", np.subtract,
    lambda g, y, a, b: g,
    lambda g, y, a, b: -g, template="{} - {}", promotes=True)

mul = Primitive("mul", np.multiply,
    lambda g, y, a, b: g * b,
    lambda g, y, a, b: g * a, template="{} * {}", promotes=True)

div = Primitive("div", np.true_divide,
    lambda g, y, a, b: g / b,
    lambda g, y, a, b: -g * y / b, template="{} / {}", promotes=True)

neg = Primitive("neg", np.negative,
    lambda g, y, x: -g, template="-{}")

floor_divide = Primitive("floor_divide", _whole(np.floor_divide), flat, flat, template="{} // {}", promotes=True)

remainder = Primitive("remainder", _whole(np.remainder),
    lambda g, y, a, b: g,
    lambda g, y, a, b: -g * floor_divide(a, b), template="{} % {}", promotes=True)


# x**0 is 1 everywhere: its derivative is 0 also where x^(p-1) is infinite.
def _pow_base(g: Any, y: Any, x: Any, p: Any) -> Any:
    if isinstance(p, (int, float)):
        return flat(g, y) if p == 0 else g * (2 * x) if p == 2 else g * (p * x ** (p - 1))
    zero = eq(p, 0) & eq(x, 0)
    return g * where(zero, 0.0, p * x ** where(zero, 1.0, p - 1))


# 0**p is 0 for p > 0: its derivative in p is 0 although log 0 is infinite.
def _pow_exponent(g: Any, y: Any, x: Any, p: Any) -> Any:
    if isinstance(x, (int, float)):
        return g * (y * math.log(x)) if x > 0 else where(ge(p, 0), 0.0, g * math.nan) if x == 0 else g * math.nan
    zero = eq(x, 0) & ge(p, 0)
    return g * where(zero, 0.0, y * log(where(zero, 1.0, x)))


pow = Primitive("pow", lambda x, p: x ** p, _pow_base, _pow_exponent, template="{} ** {}", promotes=True)

# Powers, exponentials, logarithms

exp   = Primitive("exp",   np.exp,   lambda g, y, x: g * y)
expm1 = Primitive("expm1", np.expm1, lambda g, y, x: g * (y + 1))
log   = Primitive("log",   np.log,   lambda g, y, x: g / x)
log1p = Primitive("log1p", np.log1p, lambda g, y, x: g / (1 + x))
log2  = Primitive("log2",  np.log2,  lambda g, y, x: g / (x * math.log(2)))
log10 = Primitive("log10", np.log10, lambda g, y, x: g / (x * math.log(10)))
sqrt  = Primitive("sqrt",  np.sqrt,  lambda g, y, x: g / (2 * y))
rsqrt = Primitive("rsqrt", lambda x: 1 / np.sqrt(x), lambda g, y, x: -0.5 * g * y / x)
erf   = Primitive("erf",   erf_array, lambda g, y, x: g * (2 / math.sqrt(math.pi) * exp(-x * x)))

# Trigonometric and hyperbolic functions

sin  = Primitive("sin",  np.sin,  lambda g, y, x: g * cos(x))
cos: Primitive = Primitive("cos",  np.cos,  lambda g, y, x: -g * sin(x))
tan  = Primitive("tan",  np.tan,  lambda g, y, x: g * (1 + y * y))
sinh = Primitive("sinh", np.sinh, lambda g, y, x: g * cosh(x))
cosh: Primitive = Primitive("cosh", np.cosh, lambda g, y, x: g * sinh(x))
tanh = Primitive("tanh", np.tanh, lambda g, y, x: g * (1 - y * y))


# Arrays without axes, by dtype: numpy takes them in half the time it needs for a Python number. Below the floor exp
# would overflow while the result is 0 to the last bit anyway.
ONE = {np.dtype(kind): np.ones((), kind) for kind in (np.float16, np.float32, np.float64)}
_FLOOR = {dtype: np.array(-87 if dtype == np.float32 else -700, dtype) for dtype in ONE}


def _sigmoid(x: Any) -> Any:
    x = x if x.dtype in ONE else x.astype(np.float64)
    z = np.exp(-np.maximum(x, _FLOOR[x.dtype]))
    z += ONE[x.dtype]
    return np.reciprocal(z)


sigmoid = Primitive("sigmoid", _sigmoid, lambda g, y, x: g * (y * (1 - y)))

softplus = Primitive("softplus", lambda x: np.logaddexp(x, 0), lambda g, y, x: g * sigmoid(x))

# Kinks: the derivative of abs and relu at 0 is 0, ties of maximum and minimum share the gradient

abs  = Primitive("abs",  np.absolute, lambda g, y, x: g * sign(x))
relu = Primitive("relu", lambda x: np.maximum(x, 0), lambda g, y, x: where(gt(x, 0), g, 0.0))

maximum = Primitive("maximum", np.maximum,
    lambda g, y, a, b: where(gt(a, b), g, where(eq(a, b), 0.5 * g, 0.0)),
    lambda g, y, a, b: where(gt(b, a), g, where(eq(a, b), 0.5 * g, 0.0)), promotes=True)

minimum = Primitive("minimum", np.minimum,
    lambda g, y, a, b: where(lt(a, b), g, where(eq(a, b), 0.5 * g, 0.0)),
    lambda g, y, a, b: where(lt(b, a), g, where(eq(a, b), 0.5 * g, 0.0)), promotes=True)


def _within(x: Any, min: Any, max: Any) -> Any:
    inside = True if min is None else ge(x, min)
    return inside if max is None else le(x, max) & inside


clamp = Primitive("clamp", lambda x, *, min, max: np.clip(x, min, max),
    lambda g, y, x, *, min, max: where(_within(x, min, max), g, 0.0))

where: Primitive = Primitive("where", np.where,
    None,
    lambda g, y, condition, a, b: where(condition, g, 0.0),
    lambda g, y, condition, a, b: where(condition, 0.0, g), promotes=True)

# Constant between jumps

sign: Primitive = Primitive("sign",  np.sign,  flat)
floor = Primitive("floor", np.floor, flat)
ceil  = Primitive("ceil",  np.ceil,  flat)
round = Primitive("round", lambda x, *, decimals: np.round(x, decimals), flat)
trunc = Primitive("trunc", np.trunc, flat)
