"""Numbers on cards: the rules, as a table."""

import math

import numpy as np
import pytest

from tests.engine import number, size
from tests.viz.inside import gradient_lines, shape, value_lines

NUMBERS = [
    (0.0, "0"),
    (-0.0, "0"),
    (1e-5, "1.0e-5"),
    (1.234e-5, "1.2e-5"),
    (-1e-12, "-1.0e-12"),
    (0.00099996, "1.0e-3"),
    (0.001, "0.001"),
    (0.00121, "0.0012"),
    (0.0217, "0.0217"),
    (0.5, "0.5"),
    (-0.32, "-0.32"),
    (9.999, "10"),
    (16.54, "16.5"),
    (123.4, "123"),
    (1234.6, "1235"),
    (9999.7, "1.0e4"),
    (12345.0, "1.2e4"),
    (1e300, "1.0e300"),
    (math.nan, "NaN"),
    (math.inf, "inf"),
    (-math.inf, "-inf"),
    (7, "7"),
    (123456, "123456"),
    (12345678, "1.2e7"),
    (True, "1"),
]


@pytest.mark.parametrize(("x", "text"), NUMBERS)
def test_one_number(x: float, text: str) -> None:
    assert number(x) == text
    assert text.isascii()


VALUES = [
    ([0.3], [["0.3"]]),
    ([0.0032, 0.0217], [["0.0032", "0.0217"]]),
    ([[0.5, -0.3], [0.2, 0.6]], [["0.5", "-0.3"], ["0.2", "0.6"]]),
    ([[0.6], [-0.4]], [["0.6"], ["-0.4"]]),
    ([[0.1, 0.2]], [["0.1", "0.2"]]),
    ([[1.0], [2.0], [3.0]], [["1 .. 3"]]),
    ([[1.0, 2.0, 3.0, 4.0]], [["1", "2", "3", "4"]]),
    ([[[1.0, 2.0]], [[3.0, 4.0]]], [["1", "2"], ["3", "4"]]),
    ([1.0, 2.0, 3.0], [["1", "2", "3"]]),
    ([0.123, 0.456, -0.789], [["[0.123", "0.456"], ["-0.789]", ""]]),
    ([1.0, 2.0, 3.0, 4.0], [["1", "2", "3", "4"]]),
    ([0.123, 0.456, 0.789], [["0.12", "0.46", "0.79"]]),
    ([0.123, -0.456, 0.789, 4.0], [["[0.123", "-0.456"], ["0.789", "4]"]]),
    ([[0.123, -0.456], [0.789, 4.0]], [["0.123", "-0.456"], ["0.789", "4"]]),
    ([-1.2e-12, 1e-12], [["-1e-12", "1.0e-12"]]),
    ([-1.2e-12, 1e-12, 1, 1], [["[-1e-12", "1.0e-12"], ["1", "1]"]]),
    ([-1.2e-120, 1e-12, 1, 1], [["-1.2e-120 .. 1"]]),
    ([-1.2e-120, 1e-12], [["-1e-120", "1.0e-12"]]),
    ([-0.2684, -0.02631], [["-0.268", "-0.0263"]]),
    ([0.2684, -0.02631, -4.44e-4], [["[0.268", "-0.0263"], ["-4e-4]", ""]]),
    ([1.0, 2.0, -3.25, 4.0, 5.0], [["-3.2 .. 5"]]),
    ([1.0, 2.0, math.nan, 4.0, 5.0], [["has NaN"]]),
    ([1.0, 2.0, math.inf, 4.0, 5.0], [["1 .. inf"]]),
    ([], [["empty"]]),
]


@pytest.mark.parametrize(("array", "lines"), VALUES)
def test_the_lines_of_a_value(array: list[float], lines: list[list[str]]) -> None:
    shown = value_lines(np.array(array, dtype=np.float64))
    assert [list(line) for line in shown] == lines
    assert len(shown) <= 2
    assert all(len(" ".join(line)) <= 15 for line in shown)


def test_numbers_side_by_side_are_apart() -> None:
    """A line has room for 90 points, a character of it takes 6."""
    random = np.random.default_rng(0)
    for sides in [(2,), (3,), (4,), (2, 2), (1, 3)] * 60:
        array = random.normal(size=sides) * 10.0 ** random.integers(-6, 3)
        array.flat[0] *= 10.0 ** random.integers(-3, 3)
        for line in (*value_lines(array), *gradient_lines(array)):
            assert len(line) == 1 or all(90 / len(line) - 6 * len(text) >= 3 for text in line), line


def test_a_single_number_without_dimensions() -> None:
    assert value_lines(np.array(2.5)) == (("2.5",),)
    assert value_lines(np.array(3)) == (("3",),)


def test_a_long_gradient_shows_its_size() -> None:
    assert gradient_lines(np.array([3.0, 4.0, 0.0, 0.0, 0.0])) == (("size 5",),)


def test_size_neither_overflows_nor_underflows() -> None:
    assert size(np.array([3e200, 4e200])) == pytest.approx(5e200)
    assert size(np.array([3e-200, 4e-200])) == pytest.approx(5e-200)
    assert size(np.array([3e30, 4e30], dtype=np.float32)) == pytest.approx(5e30)
    assert size(np.zeros(3)) == 0
    assert size(np.zeros(0)) == 0
    assert math.isnan(size(np.array([math.nan, 1.0])))
    assert size(np.array([-math.inf, 1.0])) == math.inf
    assert size(np.array([3, 4])) == 5


def test_shape() -> None:
    assert shape(np.zeros((64, 1))) == "64x1"
    assert shape(np.zeros(())) == ""
