"""Arguments for every primitive of the table, on which its derivative rules are checked."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]


class Sample(NamedTuple):
    """What a primitive is applied to."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __str__(self) -> str:
        shapes = ",".join(str(np.shape(arg)).replace(" ", "") for arg in self.args)
        return shapes + "".join(f",{key}={value}" for key, value in self.kwargs.items())[:60]


_rng = np.random.default_rng(0)


def real(*shape: int, low: float = -2.0, high: float = 2.0) -> Array:
    """Numbers between ``low`` and ``high``, no two of them close together and none close to an integer or a half."""
    count = int(np.prod(shape))
    places = np.linspace(low, high, count, endpoint=False) + (high - low) / (2 * max(count, 1))
    near = 2 * places - np.round(2 * places)
    places += np.where(np.abs(near) < 0.03, 0.031, 0.0)
    return np.asarray(_rng.permutation(places).reshape(shape))


def of(*args: Any, **kwargs: Any) -> Sample:
    return Sample(args, kwargs)


SHAPES = [(), (1,), (4,), (0,), (2, 3), (2, 0), (2, 1, 3)]

#: Every way two shapes can broadcast against each other.
PAIRS = [
    ((), ()), ((), (3,)), ((3,), ()), ((3,), (3,)), ((1,), (3,)), ((3,), (1,)), ((2, 3), (3,)), ((3,), (2, 3)),
    ((2, 1), (1, 3)), ((1, 3), (2, 3)), ((2, 3), (2, 1)), ((2, 1, 3), (4, 1)), ((1, 1), ()), ((0,), (1,)),
    ((1,), (0,)), ((2, 0), (1, 1)), ((), (2, 0)),
]  # fmt: skip


def unary(low: float = -2.0, high: float = 2.0, **kwargs: Any) -> list[Sample]:
    return [of(real(*shape, low=low, high=high), **kwargs) for shape in SHAPES]


def binary(
    a: tuple[float, float] = (-2, 2), b: tuple[float, float] = (-2, 2), numbers: tuple[float, ...] = (1.7,)
) -> list[Sample]:
    pairs = [of(real(*s, low=a[0], high=a[1]), real(*t, low=b[0], high=b[1])) for s, t in PAIRS]
    left = [of(real(2, 3, low=a[0], high=a[1]), number) for number in numbers]
    return pairs + left + [of(number, real(2, 3, low=b[0], high=b[1])) for number in numbers if number > 0]


def along(**kwargs: Any) -> list[Sample]:
    """Sets of axes to reduce."""
    cases: list[tuple[tuple[int, ...], tuple[int, ...] | None]] = [
        ((), None), ((4,), None), ((4,), (0,)), ((2, 3), None), ((2, 3), (0,)), ((2, 3), (1,)), ((2, 3, 2), (0, 2)),
        ((2, 1, 3), (1,)), ((3, 0), (0,)), ((1,), (0,)),
    ]  # fmt: skip
    return [of(real(*shape, **kwargs), dim=dim, keepdim=keepdim) for shape, dim in cases for keepdim in (False, True)]


def scans(**kwargs: Any) -> list[Sample]:
    return [of(real(*shape, **kwargs), dim=dim) for shape, dim in [((4,), 0), ((2, 3), 0), ((2, 3), 1), ((2, 0), 1)]]


INDICES: list[Any] = [
    0, -1, slice(1, 3), slice(None, None, 2), slice(None, None, -1), None, Ellipsis, (slice(None), 1),
    (..., -2), (1, 2),
    (None, 0, slice(None), None), np.array([0, 0, 2]), np.array([-1, -1, 0]), np.array([], np.int64),
    np.array([[0, 1], [1, 0]]), (np.array([0, 0, 2]), np.array([1, 1, 3])), (slice(1, 3), np.array([3, 3, -1])),
    (np.array([0, 0]), slice(None), None), np.array([True, False, True]), (np.array([[0], [2]]), np.array([0, 0, 3])),
    np.arange(12).reshape(3, 4) % 5 == 0, np.zeros((3, 4), bool), slice(3, 3),
]  # fmt: skip

PRODUCTS = [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (5, 3, 4)), ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)), ((5, 1, 2, 3), (6, 3, 2)), ((5, 2, 3), (3,)), ((3,), (5, 3, 2)), ((2, 0), (0, 3)),
    ((0, 3), (3, 2)), ((2, 3), (3, 0)), ((1, 3), (3, 1)), ((0,), (0,)), ((1, 2, 3), (4, 3, 2)), ((2, 0, 3), (3, 2)),
]  # fmt: skip

X = real(3, 4)
TRUTH = np.array([[True, False, True], [False, True, True]])
INTEGERS = np.array([[1, -2, 3], [4, 0, -6]])

SAMPLES: dict[str, list[Sample]] = {
    "add": binary(),
    "sub": binary(),
    "mul": binary(),
    "div": binary(b=(0.5, 2)),
    "floor_divide": binary(b=(0.6, 0.7)),
    "remainder": binary(b=(0.6, 0.7)),
    "pow": [
        *binary(a=(0.3, 2), numbers=(1.7, 2.0, 3.0, 0.5, -1.0, 1.0, 0.0)),
        *(of(real(2, 3), number) for number in (0, 1, 2, 3, 2.0, 3.0, -2)),
        of(real(2, 3, low=0.5), np.array([[0.0, 1.0, 2.0]])),
    ],
    **{name: unary() for name in ["neg", "exp", "expm1", "sin", "cos", "sinh", "cosh", "tanh", "sigmoid", "erf"]},
    **{name: unary() for name in ["softplus", "abs", "relu", "sign", "floor", "ceil", "trunc"]},
    **{name: unary(0.3, 3) for name in ["log", "log2", "log10", "sqrt", "rsqrt"]},
    "log1p": unary(-0.7, 2),
    "tan": unary(-1.2, 1.2),
    "round": [*unary(decimals=0), of(real(2, 3), decimals=1)],
    "maximum": binary(b=(-1.9, 2.3)),
    "minimum": binary(b=(-1.9, 2.3)),
    "clamp": [*unary(min=-0.7, max=1.1), *unary(min=None, max=0.3), *unary(min=0.3, max=None)],
    "where": [
        *(of(np.array(True), sample.args[0], sample.args[1]) for sample in binary()),
        of(TRUTH, real(2, 3), real(2, 3)),
        of(TRUTH, real(3), real(2, 1)),
        of(TRUTH, real(), 0.0),
        of(TRUTH, 1.0, real(1)),
        of(TRUTH[:, None, :], real(4, 1), real(2, 1, 1)),
    ],
    **{name: [of(X, X + 1), of(X, 0.5)] for name in ["eq", "ne", "lt", "le", "gt", "ge"]},
    **{name: [of(TRUTH, ~TRUTH)] for name in ["logical_and", "logical_or", "logical_xor"]},
    **{name: [of(INTEGERS, 5), of(TRUTH, ~TRUTH)] for name in ["bitwise_and", "bitwise_or", "bitwise_xor"]},
    "logical_not": [of(TRUTH)],
    "bitwise_not": [of(TRUTH), of(INTEGERS)],
    **{name: [of(X), of(np.array(np.nan))] for name in ["isnan", "isinf", "isfinite"]},
    **{name: [of(X, dim=dim, keepdim=False) for dim in (None, 0, 1)] for name in ["argmax", "argmin"]},
    **{name: [of(TRUTH, dim=dim, keepdim=False) for dim in (None, (0,), (1,))] for name in ["any", "all"]},
    "argsort": [of(X, dim=dim, descending=down) for dim in (0, 1) for down in (False, True)],
    "sum": along(),
    "mean": [sample for sample in along() if sample.args[0].size],
    "amax": [sample for sample in along() if sample.args[0].size],
    "amin": [sample for sample in along() if sample.args[0].size],
    "norm": along(),
    "logsumexp": along(),
    "cumprod": [*scans(), of(np.array([1.5, 0.0, -0.7, 0.0, 2.0]), dim=0), of(np.zeros((3, 2)), dim=0)],
    "prod": [of(x.args[0], dim=x.kwargs["dim"], keepdim=k) for x in scans() for k in (False, True)]
    + [of(np.array([1.5, 0.0, -0.7]), dim=0, keepdim=False), of(np.zeros((3, 2)), dim=0, keepdim=False)],
    "recurrence": [of(real(*s), real(*s), dim=d) for s, d in [((4,), 0), ((3, 2), 0), ((2, 3), 1), ((0, 2), 0)]],
    "softmax": scans(),
    "log_softmax": scans(),
    "cumsum": scans(),
    "to": [of(real(2, 3), dtype=np.dtype(np.float64)), of(real(), dtype=np.dtype(np.float64))],
    "broadcast_to": [of(real(*s), shape=np.broadcast_shapes(s, t)) for s, t in PAIRS],
    "sum_to": [of(real(*np.broadcast_shapes(s, t)), shape=s) for s, t in PAIRS] + [of(real(2, 3), shape=(1, 1, 3))],
    "reshape": [of(real(2, 6), shape=s) for s in [(12,), (3, 4), (1, 2, 6, 1)]]
    + [of(real(1), shape=()), of(real(), shape=(1, 1)), of(real(0, 2), shape=(3, 0))],
    "unsqueeze": [of(real(2, 3), dim=dim) for dim in (0, 1, 2)] + [of(real(), dim=0)],
    "squeeze": [of(real(2, 1, 3, 1), dim=dim) for dim in [1, 3, (1, 3)]] + [of(real(1), dim=0)],
    "transpose": [of(real(2, 3, 4), dim0=0, dim1=2), of(real(2, 0), dim0=0, dim1=1), of(real(2, 3), dim0=1, dim1=1)],
    "permute": [of(real(2, 3, 4), dims=dims) for dims in [(2, 0, 1), (1, 2, 0), (0, 1, 2)]] + [of(real(), dims=())],
    "flip": [of(real(2, 3), dims=dims) for dims in [(0,), (0, 1)]] + [of(real(0), dims=(0,))],
    "roll": [of(real(2, 3), shifts=(1,), dims=(1,)), of(real(2, 3), shifts=(1, -2), dims=(0, 1))],
    "pad": [of(real(2, 3), widths=((1, 0), (0, 2)), value=3.0), of(real(0, 2), widths=((1, 1), (0, 0)), value=0.0)],
    "cat": [
        of(real(2, 3), real(2, 1), real(2, 0), dim=1),
        of(real(2, 3), real(1, 3), dim=0),
        of(real(3), dim=0),
    ],
    "stack": [of(real(2, 3), real(2, 3), dim=dim) for dim in (0, 1, 2)] + [of(real(), real(), real(), dim=0)],
    "getitem": [of(X, index=index) for index in INDICES]
    + [of(real(), index=()), of(real(), index=None), of(real(), index=...)],
    "put": [of(np.asarray(real(*X[index].shape)), index=index, shape=(3, 4)) for index in INDICES],
    "setitem": [of(X, real(*X[index].shape), index=index) for index in (*INDICES[:10], INDICES[18], INDICES[20])]
    + [of(X, 2.0, index=1), of(X, real(), index=...), of(X, real(4), index=slice(0, 2)), of(X, real(1, 4), index=0)]
    + [of(X, real(2, 4), index=np.array([2, 0])), of(real(), real(), index=())],
    "einsum": [
        of(real(2, 3), real(3, 4), equation="ij,jk->ik"),
        of(real(2, 3), real(3, 4), equation="ij,jk->kij"),
        of(real(5, 2, 3), real(5, 3, 4), equation="bij,bjk->bik"),
        of(real(3), real(4), equation="i,j->ij"),
        of(real(3), real(3), equation="i,i->"),
        of(real(2, 3), real(4, 3, 2), real(2, 2), equation="bi,oij,bj->bo"),
        of(real(2, 3), equation="ij->ji"),
        of(real(2, 0), real(0, 3), equation="ij,jk->ik"),
    ],
    "matmul": [of(real(*s), real(*t)) for s, t in PRODUCTS],
    "linear": [
        of(real(*s), real(*t))
        for s, t in [((2, 3), (4, 3)), ((3,), (4, 3)), ((5, 2, 3), (4, 3)), ((0, 3), (4, 3)), ((2, 0), (4, 0))]
    ],
    "affine": [
        of(real(*s), real(4, 3), real(*t))
        for s, t in [((2, 3), (2, 4)), ((2, 3), (4,)), ((3,), (4,)), ((5, 2, 3), (2, 4)), ((0, 3), (0, 4))]
    ],
}  # fmt: skip
