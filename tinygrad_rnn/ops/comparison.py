"""Comparisons and tests: primitives without a derivative, so that rules built on them can be differentiated again."""

from __future__ import annotations

from typing import Any

import numpy as np

from .operation import Operation
from .samples import INTEGERS, TRUTH, of

# fmt: off

_TRUTHS, _BITS = [of(TRUTH, ~TRUTH)], [of(TRUTH, ~TRUTH), of(INTEGERS, 5)]
_SHIFTS = [of(INTEGERS, 2)]

eq = Operation("eq", np.equal, None, None, template="{} == {}", promotes=True, inplace=True,
    about="Where two entries are equal.")
ne = Operation("ne", np.not_equal, None, None, template="{} != {}", promotes=True, inplace=True, aliases=["not_equal"],
    about="Where two entries differ.")
lt = Operation("lt", np.less, None, None, template="{} < {}", promotes=True, inplace=True, aliases=["less"],
    about="Where the first entry is less than the second.")
le = Operation("le", np.less_equal, None, None, template="{} <= {}", promotes=True, inplace=True,
    aliases=["less_equal"], about="Where the first entry is less than the second or equal to it.")
gt = Operation("gt", np.greater, None, None, template="{} > {}", promotes=True, inplace=True, aliases=["greater"],
    about="Where the first entry is greater than the second.")
ge = Operation("ge", np.greater_equal, None, None, template="{} >= {}", promotes=True, inplace=True,
    aliases=["greater_equal"], about="Where the first entry is greater than the second or equal to it.")

logical_and = Operation("logical_and", np.logical_and, None, None, samples=_TRUTHS, inplace=True, strict=True,
    about="Where both entries are true, that is not 0.")
logical_or = Operation("logical_or", np.logical_or, None, None, samples=_TRUTHS, inplace=True, strict=True,
    about="Where at least one of two entries is true, that is not 0.")
logical_xor = Operation("logical_xor", np.logical_xor, None, None, samples=_TRUTHS, inplace=True, strict=True,
    about="Where exactly one of two entries is true, that is not 0.")
logical_not = Operation("logical_not", np.logical_not, None, samples=[of(TRUTH)], inplace=True,
    about="Where an entry is not true, that is 0.")

bitwise_and = Operation("bitwise_and", np.bitwise_and, None, None, template="{} & {}", promotes=True, samples=_BITS,
    inplace=True, about="The bits that both entries have.")
bitwise_or = Operation("bitwise_or", np.bitwise_or, None, None, template="{} | {}", promotes=True, samples=_BITS,
    inplace=True, about="The bits that at least one of two entries has.")
bitwise_xor = Operation("bitwise_xor", np.bitwise_xor, None, None, template="{} ^ {}", promotes=True, samples=_BITS,
    inplace=True, about="The bits that exactly one of two entries has.")
bitwise_left_shift = Operation("bitwise_left_shift", np.left_shift, None, None, template="{} << {}", promotes=True,
    samples=_SHIFTS, inplace=True, about="The bits of the first entry, moved up by as many places.")
bitwise_right_shift = Operation("bitwise_right_shift", np.right_shift, None, None, template="{} >> {}", promotes=True,
    samples=_SHIFTS, inplace=True, about="The bits of the first entry, moved down by as many places.")
bitwise_not = Operation("bitwise_not", np.invert, None, template="~{}", samples=[of(TRUTH), of(INTEGERS)],
    inplace=True, about="The bits that an entry does not have; of a truth value the other one.")

isnan    = Operation("isnan",    np.isnan,    None, about="Where an entry is NaN, no number.")
isinf    = Operation("isinf",    np.isinf,    None, about="Where an entry is infinite.")
isfinite = Operation("isfinite", np.isfinite, None, about="Where an entry is a number, neither infinite nor NaN.")

isposinf = Operation("isposinf", np.isposinf, None, about="Where an entry is infinite and positive.")
isneginf = Operation("isneginf", np.isneginf, None, about="Where an entry is infinite and negative.")
signbit  = Operation("signbit",  np.signbit,  None, about="Where an entry has a minus sign, also -0.0.")

heaviside = Operation("heaviside", lambda a, b: np.where(a == 0, b, (a > 0) * np.ones_like(b)), None, None,
    promotes=True, inplace=True, strict=True,
    about="0 for negative entries, 1 for positive ones, for 0 the entry of the second.")

_EACH = [of((3, 4), dim=dim, keepdim=False) for dim in (1, 0, None)]
_AXES = [of(TRUTH, dim=dim, keepdim=False) for dim in ((1,), (0,), None)]

argmax = Operation("argmax", lambda x, *, dim, keepdim: np.argmax(x, axis=dim, keepdims=keepdim), None, samples=_EACH)
argmin = Operation("argmin", lambda x, *, dim, keepdim: np.argmin(x, axis=dim, keepdims=keepdim), None, samples=_EACH)

any = Operation("any", lambda x, *, dim, keepdim: np.any(x, axis=dim, keepdims=keepdim), None, samples=_AXES)
all = Operation("all", lambda x, *, dim, keepdim: np.all(x, axis=dim, keepdims=keepdim), None, samples=_AXES)


def _argsort(x: Any, *, dim: int, descending: bool) -> Any:
    if not descending:
        return np.argsort(x, axis=dim, kind="stable")
    # Equal entries keep their order: sort the reversed sequence and read the result backwards.
    return np.flip(x.shape[dim] - 1 - np.argsort(np.flip(x, dim), axis=dim, kind="stable"), dim)


argsort = Operation("argsort", _argsort, None,
    samples=[of((3, 4), dim=dim, descending=down) for dim in (1, 0) for down in (False, True)])
