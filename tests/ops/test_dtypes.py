"""Types of numbers: what arithmetic, functions and reductions make of them, beside PyTorch and written down."""

from __future__ import annotations

import itertools
import math
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
HALFWAY = ["erf", "rsqrt", "prod", "norm", "tan", "var", "std"]  # in PyTorch, of float16, rounded at other places
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
        if (name in ("any", "all") and dtype == "uint8") or (dtype == "float16" and name in HALFWAY):
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


# Python's numbers among those of every type: what fits, what is cut off, what is refused

NUMBERS: list[Any] = [
    0, 1, -1, 2, 3, 127, 128, 255, 256, 1000, -1000, 40_000, 70_000, -(2**31), 2**31, 2**40, 2**63 - 1, -(2**63), 2**63,
    2**70, 10**40, 10**400, 0.5, -1.5, 300.7, -3.7, 1e6, 1e30, math.inf, -math.inf, math.nan, True, False,
]  # fmt: skip

Number = Callable[[Any, Any, Any], Any]
WITH_NUMBERS: dict[str, Number] = {
    "x + n": lambda t, x, n: x + n,
    "n - x": lambda t, x, n: n - x,
    "x * n": lambda t, x, n: x * n,
    "x / n": lambda t, x, n: x / n,
    "n / x": lambda t, x, n: n / x,
    "x // n": lambda t, x, n: x // n,
    "n // x": lambda t, x, n: n // x,
    "x % n": lambda t, x, n: x % n,
    "x ** n": lambda t, x, n: x**n,
    "n ** x": lambda t, x, n: n**x,
    "x == n": lambda t, x, n: x == n,
    "x < n": lambda t, x, n: x < n,
    "x >= n": lambda t, x, n: x >= n,
    "x & n": lambda t, x, n: x & n,
    "n in x": lambda t, x, n: t.tensor(n in x),
    "where": lambda t, x, n: t.where(x > 1, x, n),
    "clamp min": lambda t, x, n: x.clamp(min=n),
    "clamp max": lambda t, x, n: x.clamp(max=n),
    "masked_fill": lambda t, x, n: x.masked_fill(x > 1, n),
    "scatter": lambda t, x, n: x.scatter(0, t.tensor([0]), n),
    "pad": lambda t, x, n: t.nn.functional.pad(x, (1, 1), value=n),
    "fill_": lambda t, x, n: x.fill_(n),
    "add_": lambda t, x, n: x.add_(n),
    "mul_": lambda t, x, n: x.mul_(n),
    "clamp_": lambda t, x, n: x.clamp_(min=n),
    "x[0] = n": lambda t, x, n: [x.__setitem__(0, n), x][1],
    "x[:] = n": lambda t, x, n: [x.__setitem__(slice(None), n), x][1],
    "new_full": lambda t, x, n: x.new_full((2,), n),
    "new_tensor": lambda t, x, n: x.new_tensor([n]),
    "full": lambda t, x, n: t.full((2,), n, dtype=x.dtype),
    "full_like": lambda t, x, n: t.full_like(x, n),
    "full of its own type": lambda t, x, n: t.full((2,), n),
    "tensor": lambda t, x, n: t.tensor([n], dtype=x.dtype),
    "tensor of one": lambda t, x, n: t.tensor(n, dtype=x.dtype),
    "tensor of its own type": lambda t, x, n: t.tensor([n]),
    "remainder": lambda t, x, n: x.remainder(n),
    "div down": lambda t, x, n: x.div(n, rounding_mode="floor"),
    "div cut": lambda t, x, n: x.div(n, rounding_mode="trunc"),
    "lerp": lambda t, x, n: x.lerp(x, n),
    "sub alpha": lambda t, x, n: x.sub(x, alpha=n),
    "addcmul": lambda t, x, n: x.addcmul(x, x, value=n),
}
#: Numbers that differ on purpose: which types, which numbers, and why.
HALF = lambda dtype, n: dtype == "float16", "what is beyond float16 is infinity to it; PyTorch computes in float32"
DIFFERENT: dict[str, tuple[Callable[[str, Any], bool], str]] = dict.fromkeys(
    ["x * n", "mul_", "x / n", "n / x", "x % n", "x // n", "remainder", "lerp", "div down", "div cut", "where"], HALF
)
DIFFERENT |= {
    "x ** n": (lambda dtype, n: dtype == "bool", "of truth values int8, as in numpy"),
    "sub alpha": (
        lambda dtype, n: dtype == "float16" or n == -(2**63), "as x - n * x; PyTorch takes -n, which does not exist"
    ),
    "addcmul": (lambda dtype, n: dtype in ("float16", "bool") or type(n) is float, "as x + n * x * x; PyTorch cuts n"),
    "pad": (lambda dtype, n: n == 2**63 - 1, "PyTorch pads with a float64, which has no such number"),
}  # fmt: skip
#: What only PyTorch takes: a real number for a place among integers, and one that is cut off there.
REFUSED: dict[str, Callable[[str, Any], bool]] = {
    "masked_fill": lambda dtype, n: type(n) is float and dtype[:5] != "float",
    "pad": lambda dtype, n: n == 2**63,
    "new_tensor": lambda dtype, n: dtype == "uint8" and n == -1,
    "tensor": lambda dtype, n: dtype == "uint8" and n == -1,
}
#: Words of numpy's and Python's that no message holds.
FOREIGN = ("ufunc", "numpy", "Python int", "out of bounds for", "too large", "boolean", "np.")


def tried(lib: Any, call: Number, dtype: str, number: Any) -> Any:
    """The outcome of a call, or the error."""
    x = lib.tensor([1, 0, 2], dtype=getattr(lib, dtype))
    try:
        with np.errstate(all="raise"):
            result = call(lib, x, number)
    except Exception as error:
        return error
    return str(result.dtype).removeprefix("torch."), np.asarray(result.numpy(), float)


@pytest.mark.parametrize("name", WITH_NUMBERS)
def test_numbers_of_Python_among_those_of_every_type(name: str) -> None:
    """Where both libraries answer, they answer the same; what is refused is refused in our words."""
    torch = pytest.importorskip("torch")
    call, wrong = WITH_NUMBERS[name], []
    for dtype, number in itertools.product(DTYPES, NUMBERS):
        mine, theirs = tried(tg, call, dtype, number), tried(torch, call, dtype, number)
        shown = f"{dtype}, {number if abs(number) < 2**70 or isinstance(number, float) else 'a long integer'}"
        if isinstance(mine, Exception):
            said = str(mine)
            if not isinstance(theirs, Exception) and not (name in REFUSED and REFUSED[name](dtype, number)):
                wrong.append(f"{shown}: {said}")
            if not isinstance(mine, (RuntimeError, TypeError)) or any(word in said for word in FOREIGN):
                wrong.append(f"{shown}: {type(mine).__name__}: {said}")
        elif not isinstance(theirs, Exception):
            digits = {"float16": 1e-2, "float32": 1e-5}.get(theirs[0], 1e-12)
            same = mine[0] == theirs[0] and np.allclose(mine[1], theirs[1], rtol=digits, atol=0, equal_nan=True)
            if not same and not (name in DIFFERENT and DIFFERENT[name][0](dtype, number)):
                wrong.append(f"{shown}: {mine}, should be {theirs}")
    assert not wrong, f"{name}: {len(wrong)}: {'; '.join(wrong[:8])}"


INTO = ["sum", "nansum", "prod", "cumsum", "cumprod", "mean", "softmax", "log_softmax"]


def added_up(lib: Any, name: str, dtype: str, into: str, args: tuple[int, ...]) -> Any:
    x = lib.tensor([1, 0, 3], dtype=getattr(lib, dtype))
    return outcome(lambda: getattr(x, name)(*args, dtype=getattr(lib, into)))


@pytest.mark.parametrize("name", INTO)
def test_what_is_added_up_in_another_type(name: str) -> None:
    torch = pytest.importorskip("torch")
    for dtype, into, args in itertools.product(DTYPES, DTYPES, [(), (0,)]):
        if not args and name not in ("sum", "nansum", "prod", "mean"):
            continue
        theirs = added_up(torch, name, dtype, into, args)
        assert theirs is None or added_up(tg, name, dtype, into, args) == theirs, f"{name} of {dtype} in {into}"


@pytest.mark.parametrize(
    ("make", "dtype", "numbers"),
    [
        (lambda: tg.as_tensor(np.ones(2, np.float32), dtype=tg.float64), tg.float64, [1, 1]),
        (lambda: tg.ones(2, dtype=tg.int16).sum(dtype=tg.int32), tg.int32, 2),
        (lambda: tg.tensor([200, 100], dtype=tg.int16).sum(dtype=tg.uint8), tg.uint8, 44),
        (lambda: tg.ones(2, dtype=tg.int64).type(tg.Tensor), tg.float32, [1, 1]),
        (lambda: tg.ones(2).type("torch.IntTensor"), tg.int32, [1, 1]),
        (lambda: tg.ones(2, dtype="float64"), tg.float64, [1, 1]),
        (lambda: tg.tensor([1], dtype=tg.uint8) + 1000, tg.uint8, [233]),
        (lambda: tg.tensor([1], dtype=tg.uint8).fill_(-1), tg.uint8, [255]),
        (lambda: tg.tensor([3], dtype=tg.uint8) / 1000, tg.float32, [np.float32(0.003)]),
        (lambda: tg.ones(70_000, dtype=tg.float16).mean(), tg.float16, 1),
        (lambda: tg.nn.functional.hardtanh(tg.tensor([-5, 0, 5])), tg.int64, [-1, 0, 1]),
        (lambda: tg.unique(tg.tensor([math.nan, 1.0, math.nan])).isnan(), tg.bool, [False, True, True]),
        (lambda: (tg.ones(70_000, dtype=tg.float16) * 200).square().mean(), tg.float16, 40_000),
        (lambda: tg.ones(70_000, dtype=tg.float16).softmax(0)[0], tg.float16, 1.430511474609375e-05),
    ],
)
def test_types_of_what_is_made(make: Callable[[], tg.Tensor], dtype: Any, numbers: Any) -> None:
    assert make().dtype == dtype
    assert make().tolist() == numbers


def test_as_tensor_shares_what_has_the_type_already() -> None:
    array = np.ones(2, np.float32)
    assert tg.as_tensor(array, dtype=tg.float32).numpy() is array or np.shares_memory(tg.as_tensor(array).array, array)
    assert not np.shares_memory(tg.as_tensor(array, dtype=tg.float64).array, array)


TRUE = tg.tensor([True, False])


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (lambda: TRUE - TRUE, "sub is not defined for bool"),
        (lambda: -TRUE, "neg is not defined for bool"),
        (lambda: tg.tensor([1.5]) & 1, "bitwise_and is not defined for float32"),
        (lambda: tg.zeros(2, dtype=tg.Tensor), "is no type of numbers; use one of float16"),
        (lambda: tg.zeros(2, dtype="complex64"), "is no type of numbers"),
        (lambda: tg.ones(2).sum(dtype=object), "is no type of numbers"),
        (lambda: tg.tensor([300], dtype=tg.uint8), "does not fit among those of uint8"),
        (
            lambda: tg.full((2,), 300, dtype=tg.uint8),
            "300 does not fit: a tensor of uint8 takes whole numbers from 0 to 255",
        ),
        (lambda: tg.tensor([1]) + 10**30, "an integer of more than 64 bits does not fit"),
        (lambda: tg.tensor([1.0]) + 10**400, "was given a number that does not fit"),
        (lambda: tg.tensor([7]) % 0, "integers were divided by 0"),
        (lambda: tg.arange(0, math.inf), "never arrives"),
        (lambda: tg.arange(math.nan), "never arrives"),
        (lambda: tg.arange(0, 1e30), "never arrives"),
        (lambda: tg.linspace(0, 1, -1), "cannot have a negative size"),
        (lambda: tg.eye(-1), "cannot have a negative size"),
        (lambda: tg.randperm(-1), "cannot have a negative size"),
        (lambda: tg.randint(0, 2**70, (2,)), "randint draws from low to below high"),
        (lambda: tg.randint(0, math.inf, (2,)), "randint draws from low to below high"),
        (lambda: tg.randint(0, 300, (2,), dtype=tg.uint8), "299 does not fit"),
        (lambda: tg.normal(0.0, math.nan, (2,)), "a standard deviation of at least 0"),
        (lambda: 7 // tg.tensor([0]), "integers were divided by 0"),
    ],
)
def test_what_is_refused_is_refused_in_our_words(code: Callable[[], Any], says: str) -> None:
    with pytest.raises((RuntimeError, TypeError)) as caught:
        code()
    assert says in str(caught.value) and not any(word in str(caught.value) for word in FOREIGN)


#: Calls that read or write at places, or are told classes, as whole numbers of the type ``d``.
PLACES: dict[str, Callable[[Any, Any], Any]] = {
    "nll_loss": lambda t, d: t.nn.functional.nll_loss(t.eye(3)[:2], t.tensor([1, 2], dtype=d)),
    "nll_loss of each": lambda t, d: t.nn.functional.nll_loss(
        t.eye(3)[:2], t.tensor([1, 2], dtype=d), weight=t.ones(3), reduction="none"
    ),
    "cross_entropy": lambda t, d: t.nn.functional.cross_entropy(t.eye(3)[:2], t.tensor([1, 2], dtype=d)),
    "cross_entropy over time": lambda t, d: t.nn.functional.cross_entropy(
        t.eye(3)[None, :, :2], t.tensor([[1, 2]], dtype=d)
    ),
    "multi_margin_loss": lambda t, d: t.nn.functional.multi_margin_loss(t.eye(3)[:2], t.tensor([1, 2], dtype=d)),
    "multilabel_margin_loss": lambda t, d: t.nn.functional.multilabel_margin_loss(
        t.eye(3)[:2], t.tensor([[1, 2, 0], [0, 1, 2]], dtype=d)
    ),
    "ctc_loss": lambda t, d: t.nn.functional.ctc_loss(
        t.eye(4)[:, None, :3].log_softmax(2), t.tensor([[1, 2]], dtype=d), (4,), (2,)
    ),
    "embedding": lambda t, d: t.nn.functional.embedding(t.tensor([1, 2], dtype=d), t.eye(3)),
    "embedding_bag": lambda t, d: t.nn.functional.embedding_bag(t.tensor([[1, 2]], dtype=d), t.eye(3)),
    "one_hot": lambda t, d: t.nn.functional.one_hot(t.tensor([1, 2], dtype=d)),
    "gather": lambda t, d: t.gather(t.eye(3), 1, t.tensor([[1, 2]], dtype=d)),
    "take": lambda t, d: t.take(t.eye(3), t.tensor([1, 4], dtype=d)),
    "take_along_dim": lambda t, d: t.take_along_dim(t.eye(3), t.tensor([[1, 2]], dtype=d), 1),
    "index_select": lambda t, d: t.index_select(t.eye(3), 0, t.tensor([1, 2], dtype=d)),
    "index_add": lambda t, d: t.index_add(t.zeros(3), 0, t.tensor([1, 2], dtype=d), t.ones(2)),
    "index_copy": lambda t, d: t.index_copy(t.zeros(3), 0, t.tensor([1, 2], dtype=d), t.ones(2)),
    "index_fill": lambda t, d: t.index_fill(t.zeros(3), 0, t.tensor([1, 2], dtype=d), 1.0),
    "scatter": lambda t, d: t.scatter(t.zeros(3), 0, t.tensor([1, 2], dtype=d), 1.0),
    "put_": lambda t, d: t.zeros(3).put_(t.tensor([1, 2], dtype=d), t.ones(2)),
    "bincount": lambda t, d: t.bincount(t.tensor([1, 2], dtype=d)),
    "log_prob": lambda t, d: t.distributions.Categorical(logits=t.eye(3)[0]).log_prob(t.tensor([1, 2], dtype=d)),
}


@pytest.mark.parametrize("name", PLACES)
def test_places_of_any_whole_type_are_the_same_places(name: str) -> None:
    """PyTorch says what they are as int64; whatever type it or this package takes besides means the same."""
    torch = pytest.importorskip("torch")
    expected = PLACES[name](torch, torch.int64).numpy()
    for dtype in (tg.int64, tg.int32, tg.int16, tg.int8, tg.uint8):
        try:
            found = PLACES[name](tg, dtype)
        except (TypeError, RuntimeError) as refused:
            assert (dtype != tg.int64 and "int64" in str(refused)) or "long" in str(refused), refused
            continue
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6, atol=1e-7)
