"""Corners in which a fault would go unnoticed otherwise: division that rounds, views, numbers written in place."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import floor, isfinite, trunc
from typing import Any

import pytest

import tinygrad_rnn as tg

PAIRS = [(a, b) for a, b in product(range(-7, 8), (-3, -2, -1, 1, 2, 3))]


@pytest.mark.parametrize("dtype", ["int8", "int64", "float64"])
@pytest.mark.parametrize(("mode", "rounded"), [("floor", floor), ("trunc", trunc)])
def test_division_rounds_as_asked(mode: str, rounded: object, dtype: str) -> None:
    assert callable(rounded)
    a, b = (tg.tensor(numbers, dtype=getattr(tg, dtype)) for numbers in zip(*PAIRS, strict=True))
    quotients = tg.div(a, b, rounding_mode=mode)
    assert quotients.dtype == a.dtype
    assert quotients.tolist() == [rounded(Fraction(x, y)) for x, y in PAIRS]


def test_another_rounding_mode_is_refused() -> None:
    with pytest.raises(RuntimeError, match="None, 'floor' or 'trunc', got 'up'"):
        tg.div(tg.tensor(7), tg.tensor(2), rounding_mode="up")


def test_integers_around_a_slice_give_a_view() -> None:
    x = tg.zeros(2, 3, 2)
    x[1, :, 0].fill_(5)
    assert x.tolist() == [[[0, 0], [0, 0], [0, 0]], [[5, 0], [5, 0], [5, 0]]]


@pytest.mark.parametrize(("into", "of"), [("int8", "int64"), ("int64", "uint8"), ("float16", "float64")])
def test_a_result_of_the_same_kind_or_a_lesser_one_is_written_in_place(into: str, of: str) -> None:
    x = tg.tensor([1, 2], dtype=getattr(tg, into))
    x += tg.tensor([3, 4], dtype=getattr(tg, of))
    assert x.dtype == getattr(tg, into) and x.tolist() == [4, 6]


def test_a_result_of_a_greater_kind_is_not_written_in_place() -> None:
    x = tg.tensor([1, 2])
    with pytest.raises(RuntimeError, match="a result of type float32 cannot be written into a tensor of"):
        x += tg.tensor([0.5, 0.5])
    assert x.tolist() == [1, 2]


OPERATIONS = sorted(name for name, each in vars(tg).items() if type(each).__name__ == "Operation")


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_derivative_is_linear_in_what_arrives(name: str) -> None:
    """So its derivative by that is itself, also where a rule leaves out a 0 / 0 that is not wanted."""
    wrong = []
    for at in [*product((0.0, -0.0, 1.0, -1.0, 0.5, 2.0), repeat=1), *product((0.0, -0.0, 1.0, -1.0, 2.0), repeat=2)]:
        given = [tg.tensor([number], dtype=tg.float64, requires_grad=True) for number in at]
        arrives = tg.ones(1, dtype=tg.float64, requires_grad=True)
        try:
            y = getattr(tg, name)(*given)
            parts = tg.autograd.grad(y, given, arrives, create_graph=True, allow_unused=True)
        except (TypeError, RuntimeError):  # it takes something else, or has no derivative
            continue
        for part in parts:
            if part is not None and part.requires_grad and part.shape == (1,) and isfinite(part.item()):
                (again,) = tg.autograd.grad(part, arrives, retain_graph=True, materialize_grads=True)
                wrong += [] if again.item() == pytest.approx(part.item()) else [(at, part.item(), again.item())]
    assert wrong == []


#: What is made of a size, by what is done to it.
SIZES: dict[str, Callable[[Any], Any]] = {
    "a part": lambda size: size[:2],
    "all, turned around": lambda size: size[::-1],
    "an entry": lambda size: size[-1],
    "more behind": lambda size: size + (5,),  # noqa: RUF005
    "more before": lambda size: (5,) + size,  # noqa: RUF005
    "two": lambda size: size + size,
    "a size and no tuple": lambda size: size + [5],  # noqa: RUF005
    "no tuple and a size": lambda size: [5] + size,  # noqa: RUF005
    "again and again": lambda size: size * 2,
    "again and again, from the left": lambda size: 2 * size,
    "not at all": lambda size: size * 0,
}


@pytest.mark.parametrize("name", SIZES)
def test_what_is_made_of_a_size_is_what_it_is_in_torch(name: str) -> None:
    def outcome(library: Any) -> Any:
        try:
            made = SIZES[name](library.zeros(2, 3, 4).shape)
        except TypeError as error:
            return type(error)
        return made if isinstance(made, int) else (type(made).__name__, tuple(made), made.numel())

    assert outcome(tg) == outcome(pytest.importorskip("torch"))
