"""First and second derivatives of a primitive beside central finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import tinygrad_rnn as tg
from tests.engine import Sample
from tinygrad_rnn import Primitive

from .samples import Array

STEP = 1e-5


def difference(f: Callable[..., float], args: Sequence[Array]) -> list[Array]:
    """df/d(arg) of a function that returns one number, entry by entry, to about 1e-9 of f."""
    found = []
    for position, arg in enumerate(args):
        out = np.zeros(arg.shape)
        for place in np.ndindex(arg.shape):

            def at(offset: float, position: int = position, place: tuple[int, ...] = place) -> float:
                moved = [np.array(other) for other in args]
                moved[position][place] += offset
                return f(*moved)

            # Richardson's extrapolation of two central differences: the error is of fourth order.
            once, twice = at(STEP) - at(-STEP), at(2 * STEP) - at(-2 * STEP)
            out[place] = (8 * once - twice) / (12 * STEP)
        found.append(out)
    return found


def coefficients(shape: tuple[int, ...], seed: int) -> Array:
    return np.asarray(np.random.default_rng(seed).uniform(0.5, 1.5, shape))


def check(primitive: Primitive, sample: Sample) -> None:
    """Assert that the rules of ``primitive`` are its derivatives, and their derivatives its second ones."""
    places = [
        position
        for position, arg in enumerate(sample.args)
        if isinstance(arg, np.ndarray) and arg.dtype == np.float64 and primitive.rules[position] is not None
    ]
    starts = [np.array(sample.args[place]) for place in places]

    def apply(inputs: Sequence[Any]) -> Any:
        args = list(sample.args)
        for place, value in zip(places, inputs, strict=True):
            args[place] = value
        return primitive(*args, **sample.kwargs)

    shape = apply([tg.tensor(start) for start in starts]).shape
    weights = coefficients(shape, 1)

    def value(*arrays: Array) -> float:
        return float((apply([tg.tensor(array) for array in arrays]).array * weights).sum())

    def gradients(arrays: Sequence[Array], create_graph: bool) -> tuple[list[Any], list[Any]]:
        leaves = [tg.tensor(array, requires_grad=True) for array in arrays]
        total = (apply(leaves) * weights).sum()
        found = tg.autograd.grad(total, leaves, create_graph=create_graph)
        assert all(
            g is not None and g.dtype == np.float64 and g.shape == x.shape for g, x in zip(found, leaves, strict=True)
        )
        return leaves, list(found)

    leaves, found = gradients(starts, True)
    plain = gradients(starts, False)[1]
    for g, array_g, expected in zip(found, plain, difference(value, starts), strict=True):
        np.testing.assert_allclose(array_g.numpy(), expected, rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(g.detach().numpy(), array_g.numpy(), rtol=1e-13, atol=1e-15)

    directions = [coefficients(start.shape, 2 + place) for place, start in enumerate(starts)]

    def slope(*arrays: Array) -> float:
        return sum(
            float((g.array * direction).sum())
            for g, direction in zip(gradients(arrays, False)[1], directions, strict=True)
        )

    slopes = difference(slope, starts)
    total = sum((g * direction).sum() for g, direction in zip(found, directions, strict=True))
    if not isinstance(total, tg.Tensor) or not total.requires_grad:  # linear in everything
        for second in slopes:
            np.testing.assert_allclose(second, 0.0, atol=1e-6)
        return
    for second, wanted in zip(tg.autograd.grad(total, leaves, allow_unused=True), slopes, strict=True):
        np.testing.assert_allclose(0.0 if second is None else second.numpy(), wanted, rtol=1e-6, atol=1e-6)
