"""What is compared with PyTorch: every function with its variants, written once for both libraries.

A case draws arguments from a source of choices and calls ``lib.f`` with them, where
``lib`` is tinygrad_rnn or torch. ``results`` gives values, first and second derivatives, so two runs can be compared
number for number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Pick = Callable[[Sequence[Any]], Any]


class Draw:
    """Arguments, drawn by ``pick(options)``; the numbers follow exactly from one seed, on every machine."""

    def __init__(self, pick: Pick, ties: bool) -> None:
        self.pick = pick
        self.seed = pick(range(1000))
        self.ties = ties and pick([False, False, True])

    def numbers(self, shape: Sequence[int]) -> Array:
        """Uniform in [0, 1), by splitmix64 (Steele et al. 2014)."""
        self.seed += 1
        z = (np.arange(1, math.prod(shape) + 1, dtype=np.uint64) + np.uint64(self.seed << 32)) * np.uint64(
            0x9E3779B97F4A7C15
        )
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            z = (z ^ (z >> np.uint64(shift))) * np.uint64(factor)
        return np.asarray(((z ^ (z >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53).reshape(tuple(shape))

    def real(self, shape: Sequence[int], low: float = -2.0, high: float = 2.0) -> Array:
        """Real numbers, with many ties and zeros if they are asked for, in one of several memory layouts."""
        values = low + (high - low) * self.numbers(shape)
        if self.ties:
            values = np.clip(np.round(2 * values) / 2, low, high)
        layout = self.pick(["plain", "plain", "transposed", "strided"]) if values.ndim else "plain"
        if layout == "transposed":
            return np.ascontiguousarray(values.T).T
        if layout == "strided":
            wide = np.full((*values.shape[:-1], 2 * values.shape[-1]), np.nan)
            wide[..., ::2] = values
            return wide[..., ::2]
        return np.array(values, order="C")

    def whole(self, shape: Sequence[int], low: int, high: int) -> Array:
        """Integers from ``low`` to below ``high``."""
        return np.asarray(low + np.floor((high - low) * self.numbers(shape)), np.int64)

    def truth(self, shape: Sequence[int]) -> Array:
        return self.numbers(shape) < 0.5

    def shape(self, least: int = 0, empty: bool = True) -> tuple[int, ...]:
        """A shape with at least ``least`` axes."""
        shapes = [(), (1,), (3,), (5,), (2, 3), (3, 1), (2, 2, 3), (1, 3, 2), (2, 1, 2, 2)]
        shapes += [(0,), (2, 0), (0, 3)] if empty else []
        return self.pick([shape for shape in shapes if len(shape) >= least])  # type: ignore[no-any-return]

    def broadcast(self, count: int) -> list[tuple[int, ...]]:
        """Shapes that broadcast against each other, in every position."""
        full = self.pick([(), (3,), (2, 3), (2, 1, 3), (2, 2, 3), (0,), (2, 0), (1, 1)])
        found = []
        for _ in range(count):
            mask = self.pick(range(2 ** len(full)))
            shape = tuple(1 if mask >> i & 1 else size for i, size in enumerate(full))
            found.append(shape[self.pick(range(len(full) + 1)) :])
        return found

    def axis(self, shape: Sequence[int]) -> int:
        size = max(len(shape), 1)
        return self.pick(range(-size, size))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Case:
    """A function: how to call it in either library, and how to draw its arguments (arrays first, then options)."""

    name: str
    call: Callable[..., Any]
    draw: Callable[[Draw], tuple[list[Any], dict[str, Any]]]
    ties: bool = True
    derivatives: int = 2


CASES: list[Case] = []


def add(name: str, draw: Any, call: Any = None, **options: Any) -> None:
    """One more case; without ``call``, ``lib.name(*arrays, **options)``."""

    def by_name(lib: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(lib, name)(*args, **kwargs)

    CASES.append(Case(name, call or by_name, draw, **options))


def functional(name: str) -> Any:
    return lambda lib, *args, **kwargs: getattr(lib.nn.functional, name)(*args, **kwargs)


def unary(low: float = -2.0, high: float = 2.0, empty: bool = True, **choices: Sequence[Any]) -> Any:
    def draw(d: Draw) -> tuple[list[Any], dict[str, Any]]:
        return [d.real(d.shape(empty=empty), low, high)], {name: d.pick(options) for name, options in choices.items()}

    return draw


def several(count: int, *ranges: tuple[float, float], **choices: Sequence[Any]) -> Any:
    def draw(d: Draw) -> tuple[list[Any], dict[str, Any]]:
        limits = [*ranges, *[(-2.0, 2.0)] * count][:count]
        arrays = [d.real(shape, *limit) for shape, limit in zip(d.broadcast(count), limits, strict=True)]
        return arrays, {name: d.pick(options) for name, options in choices.items()}

    return draw


def reducing(empty: bool = True, low: float = -2.0, many: bool = True, **choices: Sequence[Any]) -> Any:
    """A tensor, with one axis, several or all, kept or not."""

    def draw(d: Draw) -> tuple[list[Any], dict[str, Any]]:
        shape = d.shape(empty=empty)
        options = {name: d.pick(values) for name, values in choices.items()}
        kind = d.pick(["all", "one", "one", "some"] if many else ["one"])
        if kind == "one" or (kind == "some" and len(shape) < 2):
            options |= {"dim": d.axis(shape), "keepdim": d.pick([False, True])}
        elif kind == "some":
            first = d.pick(range(len(shape)))
            options |= {"dim": (first, (first + 1) % len(shape) - len(shape)), "keepdim": d.pick([False, True])}
        return [d.real(shape, low)], options

    return draw


def along(empty: bool = True, **choices: Sequence[Any]) -> Any:
    def draw(d: Draw) -> tuple[list[Any], dict[str, Any]]:
        shape = d.shape(empty=empty)
        return [d.real(shape)], {"dim": d.axis(shape)} | {name: d.pick(values) for name, values in choices.items()}

    return draw


def shapes(*options: Sequence[tuple[int, ...]]) -> Any:
    """Tensors of one of several combinations of shapes."""

    def draw(d: Draw) -> tuple[list[Any], dict[str, Any]]:
        return [d.real(shape) for shape in d.pick(options)], {}

    return draw


def either(*options: tuple[tuple[int, ...], dict[str, Any]]) -> Any:
    """A tensor and keywords that fit its shape."""

    def draw(d: Draw) -> tuple[list[Any], dict[str, Any]]:
        shape, kwargs = d.pick(options)
        return [d.real(shape)], kwargs

    return draw


# Entry by entry

for _name in ["neg", "exp", "expm1", "sin", "cos", "sinh", "cosh", "tanh", "sigmoid", "erf", "square", "abs", "relu"]:
    add(_name, unary())
for _name in ["sign", "floor", "ceil", "trunc", "isnan", "isinf", "isfinite", "logical_not"]:
    add(_name, unary())
for _name in ["log", "log2", "log10", "sqrt", "rsqrt"]:
    add(_name, unary(0.0, 3.0))
add("log1p", unary(-1.0, 2.0))
add("tan", unary(-1.3, 1.3))
add("reciprocal", unary(0.2, 2.0))
add("round", unary(decimals=[0, 1, -1]))
for _name in ["sub", "mul", "maximum", "minimum"]:
    add(_name, several(2))
for _name in ["eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_xor"]:
    add(_name, several(2))
add("add", several(2, alpha=[1, 2, -0.5]))
add("div", several(2, (-2, 2), (0.3, 2), rounding_mode=[None, None, "floor", "trunc"]), ties=False)
add("remainder", several(2, (-2, 2), (0.3, 2)), ties=False)
add("atan2", several(2, (-2.0, 2.0), (0.3, 3.0)))
add("pow", several(2, (0.0, 2.0), (-1.0, 3.0)), derivatives=1)
add("pow by tensor", several(2, (0.3, 2.0), (-1.0, 3.0)), lambda lib, x, p: x**p, ties=False)
# PyTorch takes x ** -0.5 for 1 / sqrt(x), which at -0.0 has another sign than the power.
add("pow by number", unary(p=[0, 1, 2, 3, 2.0, 0.5, -1, 1.5]), lambda lib, x, p: (x + 0) ** p, derivatives=1)
add("power of number", unary(base=[2, 0.5, 1]), lambda lib, x, base: base**x)
add("lerp", several(3))
add("where", several(2), lambda lib, x, y: lib.where(x > y, x * x, y))
add("where with numbers", unary(), lambda lib, x: lib.where(x > 0.1, x, 0.0) + lib.where(x > 0, 1.5, x))
add("clamp", unary(min=[None, -0.5, 1.0], max=[0.5, 0.0]))
# Between bounds that are never equal: then PyTorch gives the lower one no gradient.
add("clamp to tensors", several(3), lambda lib, x, a, b: lib.clamp(x + 0 * a * b, a, b + 0.25), derivatives=1)
add("clamp below", several(2), lambda lib, x, a: x.clamp(min=a))
add("numbers", unary(), lambda lib, x: 2 - x * 3 + 1 / (x + 4) - (x - 1) / 2 + 2 * (-x) + x**2)
add("floor division", unary(y=[2, 0.7, -0.3]), lambda lib, x, y: x // y, ties=False, derivatives=0)
add("modulo", unary(y=[2, 0.7, -0.3]), lambda lib, x, y: x % y, ties=False)
add("nan_to_num", unary(nan=[0.0, 1.0], posinf=[None, 2.0]), lambda lib, x, **k: lib.nan_to_num(lib.log(x), **k))
add("isclose", several(2, equal_nan=[False, True], atol=[0.0, 0.6]))

# Activations

for _name in ["gelu", "silu", "softplus", "softsign", "hardtanh", "elu", "leaky_relu"]:
    add(_name, unary(), functional(_name), ties=_name != "elu")
add("gelu by tanh", unary(), lambda lib, x: lib.nn.functional.gelu(x, approximate="tanh"))
add("softplus with options", unary(beta=[0.5, 2.0], threshold=[1.0, 20.0]), functional("softplus"), ties=False)
add("elu with alpha", unary(alpha=[0.5, 2.0]), functional("elu"), ties=False)
add("leaky_relu with slope", unary(negative_slope=[0.2, 0.0]), functional("leaky_relu"))
add("hardtanh with bounds", unary(min_val=[-0.5], max_val=[1.5, 0.0]), functional("hardtanh"))

# Over axes

add("sum", reducing())
add("nansum", reducing(low=-0.5), lambda lib, x, **k: lib.nansum(lib.log(x), **k), ties=False)
add("mean", reducing(empty=False))
add("amax", reducing(empty=False))
add("amin", reducing(empty=False))
add(
    "logsumexp",
    lambda d: (lambda x: ([x], {"dim": d.axis(x.shape), "keepdim": d.pick([False, True])}))(d.real(d.shape())),
)
add("var", either(*[((2, 3), {"dim": dim, "correction": c}) for dim in (0, 1, (0, 1), None, -1) for c in (0, 1)]))
add(
    "std", either(*[((3, 2, 2), {"dim": d, "correction": c}) for d in (0, 1, (0, 2), None) for c in (0, 1)]), ties=False
)
add("var in the old way", shapes([(2, 3)]), lambda lib, x: x.var(False) + x.var(1, False, True) + x.std(unbiased=False))
add("prod", unary(), lambda lib, x: lib.prod(x))
add("prod along", reducing(many=False), lambda lib, x, **k: lib.prod(x, **k))
add("norm", reducing(p=[2, "fro"]), ties=False)
add(
    "norm by p",
    reducing(empty=False, p=[0, 1, 3, 1.5, 0.5, math.inf, -math.inf]),
    lambda lib, x, **k: lib.norm(x, **k),
    ties=False,
)
add(
    "norm at zeros",
    reducing(empty=False, p=[2, 1, 3, 1.5, 0.5, -1, math.inf]),
    lambda lib, x, **k: lib.norm(x * 0, **k),
)
add("any", reducing(), lambda lib, x, **k: lib.any(x > 0, **k))
add("all", reducing(), lambda lib, x, **k: lib.all(x > 0, **k))
add("argmax", along(empty=False), ties=False)
add("argmin", along(empty=False), ties=False)
add("argmax of all", unary(empty=False), lambda lib, x: lib.argmax(x))
add("max of all", unary(empty=False), lambda lib, x: x.max() - x.min() ** 2)
add(
    "max along", reducing(empty=False, many=False), lambda lib, x, **k: [*lib.max(x, **k), *lib.min(x, **k)], ties=False
)
add("max of two", several(2), lambda lib, x, y: lib.max(x, y) * lib.min(x, y))
add("softmax", along())
add("log_softmax", along())
add(
    "softmax far out",
    along(),
    lambda lib, x, dim: lib.softmax(x * 400, dim) + lib.log_softmax(x * 400, dim),
    ties=False,
)
add("cumsum", along())
add("cumprod", along(), derivatives=1)
add("cumprod without zeros", along(), lambda lib, x, dim: lib.cumprod(x, dim), ties=False)
add("sort", along(descending=[False, True]), ties=False)
add("sort stable", along(descending=[False, True]), lambda lib, x, **k: lib.sort(x, stable=True, **k))
add("argsort", along(descending=[False, True]), ties=False)
add("topk", along(empty=False, largest=[True, False]), lambda lib, x, **k: lib.topk(x, 1, **k), ties=False)
add("topk of many", shapes([(4,)], [(2, 4)], [(4, 4)]), lambda lib, x: lib.topk(x, 3), ties=False)
add("numpy's names", shapes([(2, 3)]), lambda lib, x: x.sum(axis=0, keepdims=True) * x.mean(axis=1, keepdims=True))

# Order and spread

for _name in ["median", "nanmedian", "mode"]:
    add(_name, reducing(empty=False, many=False), ties=False)
for _name in ["median", "nanmedian"]:
    add(f"{_name} of all", unary(empty=False), lambda lib, x, name=_name: getattr(lib, name)(x))
for _name in ["quantile", "nanquantile"]:
    _between: dict[str, Any] = {
        "q": [0.3, 0.5, 1.0],
        "interpolation": ["linear", "lower", "higher", "nearest", "midpoint"],
    }
    add(_name, reducing(empty=False, many=False, **_between), ties=False)
    add(
        f"{_name} of all",
        unary(empty=False, keepdim=[False, True]),
        lambda lib, x, name=_name, **k: getattr(lib, name)(x, lib.tensor([0.2, 0.75], dtype=x.dtype), **k),
        ties=False,
    )
    add(
        f"{_name} of what is no number",
        shapes([(2, 3)]),
        lambda lib, x, name=_name: getattr(lib, name)(lib.log(x), 0.4, dim=1),
        ties=False,
    )
add("kthvalue", along(empty=False), lambda lib, x, dim: lib.kthvalue(x, 1, dim), ties=False)
add("order in a row", along(empty=False), lambda lib, x, dim: [*lib.cummax(x, dim), *lib.cummin(x, dim)])
add("logcumsumexp", along())
add("logcumsumexp far out", along(), lambda lib, x, dim: lib.logcumsumexp(x * 400, dim), ties=False, derivatives=1)
add("diff", either(*[((3, 4), {"n": n, "dim": dim}) for n in (0, 1, 2, 5) for dim in (0, -1)]))
add("diff with ends", shapes([(2, 3), (2, 1), (2, 2)]), lambda lib, x, a, b: lib.diff(x, prepend=a, append=b))
add("diff of truth values", shapes([(2, 3)]), lambda lib, x: lib.diff(x > 0))
add(
    "std_mean",
    either(*[((3, 2, 2), {"dim": d, "correction": c}) for d in (0, (0, 2), None) for c in (0, 1)]),
    ties=False,
)
add("var_mean", either(*[((3, 2, 2), {"dim": d, "keepdim": True}) for d in (0, (0, 2), None)]))
add("nanmean", reducing(empty=False), lambda lib, x, **k: lib.nanmean(lib.log(x), **k), derivatives=0)
add("nanmean of numbers", reducing(empty=False), lambda lib, x, **k: lib.nanmean(x, **k))
add("aminmax", reducing(empty=False, many=False))
add(
    "dist",
    shapes([(2, 3), (3,)], [(), (2,)], [(2,), (2,)]),
    lambda lib, x, y: [lib.dist(x, y, p) for p in (1, 2, 3, math.inf)],
    ties=False,
)
add(
    "cdist",
    either(*[((2, 3, 2), {"p": p}) for p in (1.0, 2.0, 3.0, math.inf)]),
    lambda lib, x, p: lib.cdist(x, x + 1, p),
    ties=False,
    derivatives=1,
)
add("histc", either(((3, 4), {}), ((5,), {"bins": 4}), ((5,), {"bins": 3, "min": -1, "max": 1})))
add(
    "searchsorted",
    either(*[((2, 4), {"right": right}) for right in (True, False)]),
    lambda lib, x, right: [
        lib.searchsorted(lib.sort(x).values, x, right=right),
        lib.bucketize(x, x[0].sort()[0], right=right),
    ],
)
add(
    "searchsorted by a sorter",
    shapes([(5,)]),
    lambda lib, x: lib.searchsorted(x, x + 0.1, sorter=lib.argsort(x)),
    ties=False,
)
add("isin", shapes([(2, 3)]), lambda lib, x: [lib.isin(x, x[0]), lib.isin(x, x[0], invert=True), lib.isin(x, 0.5)])
add("argwhere", unary(), lambda lib, x: lib.argwhere(x > 0))
add(
    "turned round",
    shapes([(2, 3)], [(3, 2, 2)]),
    lambda lib, x: [lib.fliplr(x), lib.flipud(x), lib.msort(x)],
    ties=False,
)

# Products


def _regular(lib: Any, x: Any) -> Any:
    """Matrices that have an inverse."""
    return x + 7 * lib.eye(x.shape[-1], dtype=x.dtype)


add(
    "tensordot",
    either(*[((2, 3, 2), {"dims": dims}) for dims in (1, 2, 3, ([0, -1], [2, 0]))]),
    lambda lib, x, dims: lib.tensordot(x, x.permute(1, 2, 0) if dims == 2 else x + 1, dims),
)
add("inner", shapes([(2, 3), (4, 3)], [(3,), (3,)], [(2, 3), (3,)], [(), (2,)]))
add(
    "kron",
    shapes([(2, 3), (4,)], [(2,), (3,)], [(2, 3), (1, 2)], [(), (2,)]),
    lambda lib, a, b: lib.kron(a.contiguous(), b.contiguous()),
)

_square = ((3, 3), (2, 3, 3))
add("inverse", shapes(*[[each] for each in _square]), lambda lib, x: lib.inverse(_regular(lib, x)))
add("det", shapes(*[[each] for each in _square]), lambda lib, x: lib.det(_regular(lib, x)))
add("slogdet", shapes(*[[each] for each in _square]), lambda lib, x: lib.linalg.slogdet(_regular(lib, x)).logabsdet)
add("sign of a determinant", shapes([(3, 3)]), lambda lib, x: lib.linalg.slogdet(x).sign.detach())
add(
    "cholesky",
    either(*[((3, 3), {"upper": upper}) for upper in (True, False)]),
    lambda lib, x, upper: lib.linalg.cholesky(x @ x.mT + lib.eye(3, dtype=x.dtype), upper=upper),
)
add(
    "solve",
    shapes([(3, 3), (3, 2)], [(2, 3, 3), (2, 3)], [(3, 3), (3,)]),
    lambda lib, A, B: lib.linalg.solve(_regular(lib, A), B),
)
add(
    "solve from the right",
    shapes([(3, 3), (2, 3)]),
    lambda lib, A, B: lib.linalg.solve(_regular(lib, A), B, left=False),
)
add("vecdot", shapes([(2, 3), (3,)], [(2, 1), (2, 3)]), lambda lib, x, y: lib.linalg.vecdot(x, y))
add(
    "norms of matrices",
    either(*[((2, 3, 2), {"ord": o, "keepdim": k}) for o in ("fro", 1, -1, math.inf) for k in (True, False)]),
    lambda lib, x, **k: [lib.linalg.matrix_norm(x, **k), lib.linalg.norm(x[0], k["ord"])],
    ties=False,
)
add(
    "norms of vectors",
    either(*[((2, 3), {"ord": o, "dim": 1}) for o in (None, 1, 3, math.inf)]),
    lambda lib, x, ord, dim: [lib.linalg.norm(x, ord, dim), lib.linalg.vector_norm(x, ord or 2, dim)],
    ties=False,
)

_pairs = [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((2, 2, 3), (2, 3, 1)), ((2, 2, 3), (3, 4)),
    ((2, 3), (2, 3, 4)), ((2, 1, 2, 3), (3, 3, 2)), ((2, 2, 3), (3,)), ((3,), (2, 3, 2)), ((2, 0), (0, 3)),
    ((0,), (0,)),
    ((0, 3), (3, 2)), ((1, 1), (1, 1)),
]  # fmt: skip
add("matmul", shapes(*_pairs))
add("operator @", shapes(*_pairs), lambda lib, a, b: a @ b)
add("mm", shapes(((2, 3), (3, 4)), ((1, 3), (3, 1)), ((2, 0), (0, 2))))
add("bmm", shapes(((2, 2, 3), (2, 3, 4)), ((1, 2, 1), (1, 1, 2)), ((0, 2, 3), (0, 3, 1))))
add("mv", shapes(((2, 3), (3,)), ((0, 2), (2,))))
add("dot", shapes(((3,), (3,)), ((0,), (0,))))
add("outer", shapes(((3,), (2,)), ((1,), (4,)), ((0,), (2,))))
_linear = [((2, 3), (4, 3), (4,)), ((3,), (4, 3), (4,)), ((2, 5, 3), (1, 3), (1,)), ((0, 3), (2, 3), (2,))]
add("linear", shapes(*_linear), functional("linear"))
for _beta, _alpha in [(1, 1), (0.5, -2.0), (0, 1)]:
    _three = [((2, 4), (2, 3), (3, 4)), ((4,), (2, 3), (3, 4)), ((), (2, 3), (3, 4)), ((2, 1), (2, 3), (3, 4))]
    add(
        f"addmm {_beta} {_alpha}",
        shapes(*_three),
        lambda lib, i, a, b, beta=_beta, alpha=_alpha: lib.addmm(i, a, b, beta=beta, alpha=alpha),
    )
_batches = [((2, 2, 4), (2, 2, 3), (2, 3, 4)), ((4,), (2, 2, 3), (2, 3, 4)), ((2, 1, 1), (2, 2, 3), (2, 3, 4))]
add("baddbmm", shapes(*_batches), lambda lib, i, a, b: lib.baddbmm(i, a, b, beta=0.5, alpha=2))
_sums: list[tuple[str, Any]] = [
    ("ij,jk->ik", ((2, 3), (3, 4))), ("ij,jk", ((2, 3), (3, 4))), ("ij->ji", ((2, 3),)), ("ij->", ((2, 3),)),
    ("ii->i", ((3, 3),)), ("ii", ((3, 3),)), ("i,j->ij", ((2,), (3,))), ("bij,bjk->bik", ((2, 2, 3), (2, 3, 2))),
    ("...ij,...jk->...ik", ((2, 2, 3), (3, 2))), ("...i->...", ((2, 3),)),
    ("bi,oij,bj->bo", ((2, 3), (2, 3, 2), (2, 2))),
    ("ij,ij->i", ((2, 3), (1, 3))), ("ij,jk->k", ((2, 3), (3, 4))), ("b...,b...->...", ((2, 3), (2, 3))),
    ("iij->ji", ((2, 2, 3),)), ("bhqd,bhkd->bhqk", ((1, 2, 3, 2), (1, 2, 2, 2))),
    ("ba", ((2, 3),)), ("i,i->", ((3,), (3,))),
]  # fmt: skip
for _equation, _operands in _sums:
    add(f"einsum {_equation}", shapes(_operands), lambda lib, *xs, equation=_equation: lib.einsum(equation, *xs))
