"""Types of numbers: what arithmetic, functions and reductions make of them, beside PyTorch and written down."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

DTYPES = ["float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool"]
OPERATORS: list[Callable[[Any, Any], Any]] = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow,
    operator.eq, operator.lt, operator.and_,
]  # fmt: skip
FUNCTIONS = [
    "neg", "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "square", "reciprocal", "sin", "cos",
    "tan", "tanh", "sinh", "cosh", "sigmoid", "erf", "sign", "floor", "ceil", "round", "trunc", "abs", "isnan",
    "isinf", "isfinite", "logical_not", "sum", "mean", "prod", "var", "std", "max", "min", "amax", "amin", "any",
    "all", "norm", "sort", "argsort", "float", "double", "long", "int", "bool", "half", "nan_to_num", "clone",
    "flatten",
]  # fmt: skip
ALONG = ["cumsum", "cumprod", "softmax", "log_softmax", "logsumexp", "sum", "prod"]


def operands(lib: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"1": 1, "1.5": 1.5, "True": True}
    found |= {"np.float64": np.float64(1.5), "np.float32": np.float32(1.5), "np.int64": np.int64(2)}
    for name in DTYPES:
        found[f"{name}[2]"] = lib.tensor([1, 1], dtype=getattr(lib, name))
        found[f"{name}[]"] = lib.tensor(1, dtype=getattr(lib, name))
    return found


def outcome(compute: Callable[[], Any]) -> Any:
    """Type, shape and numbers of the result; None if it is refused."""
    try:
        with np.errstate(all="ignore"):
            result = compute()
    except (RuntimeError, TypeError, ValueError, ZeroDivisionError):
        return None
    if isinstance(result, tuple):
        return [outcome(lambda part=part: part) for part in result]  # type: ignore[misc]
    name = str(result.dtype).removeprefix("torch.")
    digits = {"float16": 2, "float64": 12}.get(name, 5)
    return name, tuple(result.shape), np.round(np.array(result.tolist(), float), digits).tolist()


@pytest.mark.parametrize("apply", OPERATORS, ids=lambda f: f.__name__)
def test_arithmetic_promotes_as_torch(apply: Callable[[Any, Any], Any]) -> None:
    torch = pytest.importorskip("torch")
    mine, theirs = operands(tg), operands(torch)
    for a, b in itertools.product(mine, mine):
        if isinstance(mine[a], tg.Tensor) or isinstance(mine[b], tg.Tensor):
            expected = outcome(lambda: apply(theirs[a], theirs[b]))  # noqa: B023
            # PyTorch refuses some arithmetic of truth values for which there is a plain answer.
            if expected is not None:
                found = outcome(lambda: apply(mine[a], mine[b]))  # noqa: B023
                if apply is operator.pow and expected[0] == "bool":
                    continue
                assert found == expected, f"{a} {apply.__name__} {b}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_convert_as_torch(name: str) -> None:
    torch = pytest.importorskip("torch")
    for dtype, numbers in itertools.product(DTYPES, [[1, 0, 3], 2]):
        if (name == "sign" and dtype == "bool") or (name in ("any", "all") and dtype == "uint8") or dtype == "float16":
            continue
        if name in ("var", "std") and numbers == 2:
            continue
        expected = outcome(lambda: getattr(torch.tensor(numbers, dtype=getattr(torch, dtype)), name)())  # noqa: B023
        if expected is not None:
            found = outcome(lambda: getattr(tg.tensor(numbers, dtype=getattr(tg, dtype)), name)())  # noqa: B023
            assert repr(found) == repr(expected), f"{name} of {dtype}"


@pytest.mark.parametrize("name", ALONG)
def test_functions_along_an_axis_convert_as_torch(name: str) -> None:
    torch = pytest.importorskip("torch")
    for dtype in DTYPES[1:]:
        expected = outcome(lambda: getattr(torch.tensor([1, 0, 3], dtype=getattr(torch, dtype)), name)(0))  # noqa: B023
        found = outcome(lambda: getattr(tg.tensor([1, 0, 3], dtype=getattr(tg, dtype)), name)(0))  # noqa: B023
        assert found == expected, f"{name} of {dtype}"


@pytest.mark.parametrize(
    ("make", "dtype"),
    [
        (lambda: tg.tensor([1.5]) + 1, tg.float32),
        (lambda: tg.tensor([1]) + 1.5, tg.float32),
        (lambda: tg.tensor([1]) / 2, tg.float32),
        (lambda: tg.tensor([1]) // 2, tg.int64),
        (lambda: tg.tensor([True]) + 1, tg.int64),
        (lambda: tg.tensor([True, False]).sum(), tg.int64),
        (lambda: tg.tensor([1], dtype=tg.int32).sum(), tg.int64),
        (lambda: tg.tensor([1.0]) * tg.tensor(2.0, dtype=tg.float64), tg.float32),
        (lambda: tg.tensor([1.0]) * tg.tensor([2.0], dtype=tg.float64), tg.float64),
        (lambda: tg.tensor([1]).exp(), tg.float32),
        (lambda: tg.tensor([1.0]).double().float(), tg.float32),
        (lambda: tg.tensor([1.0]).double() * 2, tg.float64),
        (lambda: tg.tensor([1.0]).clamp(np.float64(0), np.float64(1)), tg.float32),
        (lambda: tg.zeros(2).sum(dtype=tg.float64), tg.float64),
    ],
)
def test_written_down(make: Callable[[], tg.Tensor], dtype: Any) -> None:
    assert make().dtype == dtype


def test_the_default_type_can_be_double() -> None:
    tg.set_default_dtype(tg.float64)
    try:
        made = [tg.tensor([1.5]), tg.zeros(2), tg.randn(2), tg.tensor([1]) / 2, tg.tensor([1]).exp(), tg.Tensor([1])]
        assert [x.dtype for x in made] == [tg.float64] * 6
        assert repr(made[0]) == "tensor([1.5000])" and tg.get_default_dtype() == tg.float64
        assert repr(made[0].float()) == "tensor([1.5000], dtype=float32)"
    finally:
        tg.set_default_dtype(tg.float32)


def test_gradients_have_the_type_of_their_leaf() -> None:
    a, b = tg.ones(3, requires_grad=True), tg.ones(3, dtype=tg.float64, requires_grad=True)
    (a * b + a.double().exp() * b.float()).sum().backward()
    assert a.grad is not None and b.grad is not None
    assert (a.grad.dtype, b.grad.dtype) == (tg.float32, tg.float64)
