"""Comparisons and tests: primitives without a derivative, so that rules built on them can be differentiated again."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.primitive import Primitive

# fmt: off

eq = Primitive("eq", np.equal,         None, None, template="{} == {}", promotes=True)
ne = Primitive("ne", np.not_equal,     None, None, template="{} != {}", promotes=True)
lt = Primitive("lt", np.less,          None, None, template="{} < {}",  promotes=True)
le = Primitive("le", np.less_equal,    None, None, template="{} <= {}", promotes=True)
gt = Primitive("gt", np.greater,       None, None, template="{} > {}",  promotes=True)
ge = Primitive("ge", np.greater_equal, None, None, template="{} >= {}", promotes=True)

logical_and = Primitive("logical_and", np.logical_and, None, None)
logical_or  = Primitive("logical_or",  np.logical_or,  None, None)
logical_xor = Primitive("logical_xor", np.logical_xor, None, None)
logical_not = Primitive("logical_not", np.logical_not, None)

bitwise_and = Primitive("bitwise_and", np.bitwise_and, None, None, template="{} & {}", promotes=True)
bitwise_or  = Primitive("bitwise_or",  np.bitwise_or,  None, None, template="{} | {}", promotes=True)
bitwise_xor = Primitive("bitwise_xor", np.bitwise_xor, None, None, template="{} ^ {}", promotes=True)
bitwise_not = Primitive("bitwise_not", np.invert,      None,       template="~{}")

isnan    = Primitive("isnan",    np.isnan,    None)
isinf    = Primitive("isinf",    np.isinf,    None)
isfinite = Primitive("isfinite", np.isfinite, None)

argmax = Primitive("argmax", lambda x, *, dim, keepdim: np.argmax(x, axis=dim, keepdims=keepdim), None)
argmin = Primitive("argmin", lambda x, *, dim, keepdim: np.argmin(x, axis=dim, keepdims=keepdim), None)

any = Primitive("any", lambda x, *, dim, keepdim: np.any(x, axis=dim, keepdims=keepdim), None)
all = Primitive("all", lambda x, *, dim, keepdim: np.all(x, axis=dim, keepdims=keepdim), None)


def _argsort(x: Any, *, dim: int, descending: bool) -> Any:
    if not descending:
        return np.argsort(x, axis=dim, kind="stable")
    # Equal entries keep their order: sort the reversed sequence and read the result backwards.
    return np.flip(x.shape[dim] - 1 - np.argsort(np.flip(x, dim), axis=dim, kind="stable"), dim)


argsort = Primitive("argsort", _argsort, None)
