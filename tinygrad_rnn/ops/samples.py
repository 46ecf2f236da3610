"""Arguments for every operation of the table, on which its rules are tried and with which it is shown.

A row says what is particular: shapes stand for arrays of real numbers from its domain, anything else for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

import numpy as np


class Sample(NamedTuple):
    """What a primitive is applied to."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __str__(self) -> str:
        shapes = ",".join(str(np.shape(arg)).replace(" ", "") for arg in self.args)
        return shapes + "".join(f",{key}={value}" for key, value in self.kwargs.items())[:60]


Samples = Iterable[Sample] | Callable[[], Iterable[Sample]]
Domain = tuple[float, float] | tuple[tuple[float, float], ...]

SHAPES = [(), (1,), (4,), (0,), (2, 3), (2, 0), (2, 1, 3)]

#: Every way two shapes can broadcast against each other.
PAIRS = [
    ((), ()), ((), (3,)), ((3,), ()), ((3,), (3,)), ((1,), (3,)), ((3,), (1,)), ((2, 1), (1, 3)), ((2, 3), (3,)),
    ((3,), (2, 3)), ((1, 3), (2, 3)), ((2, 3), (2, 1)), ((2, 1, 3), (4, 1)), ((1, 1), ()), ((0,), (1,)),
    ((1,), (0,)), ((2, 0), (1, 1)), ((), (2, 0)),
]  # fmt: skip

PRODUCTS = [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (5, 3, 4)), ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)), ((5, 1, 2, 3), (6, 3, 2)), ((5, 2, 3), (3,)), ((3,), (5, 3, 2)), ((2, 0), (0, 3)),
    ((0, 3), (3, 2)), ((2, 3), (3, 0)), ((1, 3), (3, 1)), ((0,), (0,)), ((1, 2, 3), (4, 3, 2)), ((2, 0, 3), (3, 2)),
]  # fmt: skip

#: How a matrix (3, 4) can be read.
INDICES: list[Any] = [
    0, -1, slice(1, 3), slice(None, None, 2), slice(None, None, -1), None, Ellipsis, (slice(None), 1),
    (..., -2), (1, 2),
    (None, 0, slice(None), None), np.array([0, 0, 2]), np.array([-1, -1, 0]), np.array([], np.int64),
    np.array([[0, 1], [1, 0]]), (np.array([0, 0, 2]), np.array([1, 1, 3])), (slice(1, 3), np.array([3, 3, -1])),
    (np.array([0, 0]), slice(None), None), np.array([True, False, True]), (np.array([[0], [2]]), np.array([0, 0, 3])),
    np.arange(12).reshape(3, 4) % 5 == 0, np.zeros((3, 4), bool), slice(3, 3),
]  # fmt: skip

TRUTH = np.array([[True, False, True], [False, True, True]])
INTEGERS = np.array([[1, -2, 3], [4, 0, -6]])


def of(*args: Any, **kwargs: Any) -> Sample:
    """One sample."""
    return Sample(args, kwargs)


def unary(**kwargs: Any) -> list[Sample]:
    """An argument of every shape."""
    return [of(shape, **kwargs) for shape in SHAPES]


def binary(numbers: Iterable[float] = (1.7,)) -> list[Sample]:
    """Two arguments that broadcast against each other in every way, and one beside a number."""
    arrays = [of(*shapes) for shapes in PAIRS]
    return [*arrays, *(of((2, 3), n) for n in numbers), *(of(n, (2, 3)) for n in numbers if n > 0)]


def along(empty: bool = True, **kwargs: Any) -> list[Sample]:
    """Sets of axes to reduce."""
    cases: list[tuple[tuple[int, ...], tuple[int, ...] | None]] = [
        ((2, 3), (1,)), ((2, 3), (0,)), ((2, 3), None), ((), None), ((4,), None), ((4,), (0,)), ((2, 3, 2), (0, 2)),
        ((2, 1, 3), (1,)), ((3, 0), (0,)), ((1,), (0,)),
    ]  # fmt: skip
    kept = [(shape, dim) for shape, dim in cases if empty or 0 not in shape]
    return [of(shape, dim=dim, keepdim=keepdim, **kwargs) for shape, dim in kept for keepdim in (True, False)]


def scans(**kwargs: Any) -> list[Sample]:
    """One axis."""
    return [of(shape, dim=dim, **kwargs) for shape, dim in [((2, 3), 1), ((2, 3), 0), ((4,), 0), ((2, 0), 1)]]


@cache
def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def real(*shape: int, low: float = -2.0, high: float = 2.0) -> Any:
    """Numbers between ``low`` and ``high``, no two of them close together and none close to an integer or a half."""
    count = int(np.prod(shape))
    places = np.linspace(low, high, count, endpoint=False) + (high - low) / (2 * max(count, 1))
    near = 2 * places - np.round(2 * places)
    places += np.where(np.abs(near) < 0.03, 0.031, 0.0)
    return np.asarray(_rng().permutation(places).reshape(shape))


def limits(domain: Domain, position: int) -> tuple[float, float]:
    """Between which numbers the entries of an argument are."""
    found: Any = domain[position] if isinstance(domain[0], tuple) else domain
    return found[0], found[1]


def filled(samples: Samples, domain: Domain) -> list[Sample]:
    """The samples with arrays in the place of shapes."""

    def numbers(position: int, arg: Any) -> Any:
        low, high = limits(domain, position)
        return real(*arg, low=low, high=high) if isinstance(arg, tuple) else arg

    return [
        Sample(tuple(numbers(i, arg) for i, arg in enumerate(each.args)), each.kwargs)
        for each in (samples() if callable(samples) else samples)
    ]


def shown(samples: Iterable[Sample]) -> Sample:
    """The one that reads best: matrices, as many as there are arguments."""

    def rank(sample: Sample) -> tuple[bool, int, int]:
        arrays = [arg for arg in sample.args if isinstance(arg, np.ndarray)]
        empty = any(arg.size == 0 for arg in arrays)
        unlike = sum(abs(arg.ndim - 2) for arg in arrays) + 3 * (len(sample.args) - len(arrays))
        plain = sum(isinstance(value, np.ndarray) for value in sample.kwargs.values())
        return empty, unlike, plain

    return min(samples, key=rank)
