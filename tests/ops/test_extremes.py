"""Numbers from 1e-45 to 1e30, NaN, infinities and -0.0: values and derivatives beside PyTorch and mpmath.

An entry is right if it is PyTorch's, or closer to the exact number (mpmath, 60 digits) than PyTorch is. ``ulps`` is in
units of the type's rounding, 32 for a result of a handful of roundings. Where a derivative is computed from a rounded
result (1 - y^2), both libraries are exact to the rounding of 1 only, which is what ``of_one`` allows. What is below the
smallest normal number counts as 0: processors and libraries differ in what they keep there.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Container, Iterable
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_rnn as tg

Array = np.ndarray[Any, Any]
inf, nan = math.inf, math.nan

SIZES = [
    0.0, 1e-45, 1e-40, 1e-30, 1e-25, 1e-20, 1e-10, 1e-5, 1e-3, 0.1, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 10, 15, 17, 20,
    21, 30, 50, 80, 88, 89, 100, 104, 200, 300, 700, 710, 745, 800, 1e3, 1e4, 6e4, 1e5, 1e10, 1e20, 1e30, inf,
]  # fmt: skip
GRID = [*SIZES, *(-size for size in SIZES), nan]


class Row(NamedTuple):
    """A function of one tensor.

    Attributes:
        call: the function in either library.
        exact: the same in mpmath, if it is smooth.
        of_one: how many roundings of 1 its derivatives may be off.
        value_too: whether its value may be, too.
    """

    call: Callable[[Any, Any], Any]
    exact: Callable[[Any, Any], Any] | None = None
    of_one: float = 0.0
    value_too: bool = False


def named(name: str) -> Callable[[Any, Any], Any]:
    return lambda t, x: getattr(t, name)(x)


def given(call: Callable[..., Any], *values: Any) -> Callable[[Any, Any], Any]:
    return lambda t, x: call(t, x, *values)


def activation(name: str, *options: float, **named: Any) -> Callable[[Any, Any], Any]:
    return lambda t, x: getattr(t.nn.functional, name)(x, *options, **named)


def elu(alpha: float, slope: float = 1.0, scale: float = 1.0) -> Callable[[Any, Any], Any]:
    return lambda mp, x: scale * (x if x > 0 else alpha * mp.expm1(x / slope))


def sigmoid(mp: Any, x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def log1p_exp(mp: Any, x: Any) -> Any:
    return mp.log1p(mp.exp(x))


SMOOTH = ["exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "erf"]
PIECES = ["neg", "abs", "floor", "ceil", "round", "trunc", "square", "sign", "relu", "nan_to_num"]
TESTS = ["isnan", "isinf", "isfinite", "logical_not"]
POWERS = [0, 1, 2, 3, -1, -2, 1.5, 2.0, -1.0, inf, -inf, nan, 1e3, -1e3]
BASES = [0, 0.0, 1, 2, 0.5, -1, -2.0, 1e-30, 1e30, inf, -inf, nan]
OTHERS = [1e30, -1e30, 2, 0.0, inf, nan]

UNARY: dict[str, Row] = {
    **{name: Row(named(name)) for name in PIECES + TESTS},
    **{name: Row(named(name), given(lambda mp, x, name: getattr(mp, name)(x), name)) for name in SMOOTH},
    "tanh": Row(named("tanh"), lambda mp, x: mp.tanh(x), of_one=4),
    "log2": Row(named("log2"), lambda mp, x: mp.log(x) / mp.log(2)),
    "log10": Row(named("log10"), lambda mp, x: mp.log10(x)),
    "rsqrt": Row(named("rsqrt"), lambda mp, x: 1 / mp.sqrt(x)),
    "reciprocal": Row(named("reciprocal"), lambda mp, x: 1 / x),
    "sigmoid": Row(named("sigmoid"), sigmoid, of_one=1),
    "relu6": Row(activation("relu6")),
    "hardtanh": Row(activation("hardtanh", -2.0, 3.0)),
    "hardsigmoid": Row(activation("hardsigmoid")),
    "hardswish": Row(activation("hardswish")),
    "leaky_relu": Row(activation("leaky_relu")),
    "elu": Row(activation("elu"), elu(1)),
    "elu 2.5": Row(activation("elu", 2.5), elu(2.5)),
    "selu": Row(activation("selu"), elu(1.6732632423543772848, scale=1.0507009873554804934)),
    "celu": Row(activation("celu", 2.5), elu(2.5, slope=2.5)),
    "silu": Row(activation("silu"), lambda mp, x: x * sigmoid(mp, x), of_one=4),
    "mish": Row(activation("mish"), lambda mp, x: x * mp.tanh(log1p_exp(mp, x)), of_one=32),
    "gelu": Row(activation("gelu"), lambda mp, x: x * mp.erfc(-x / mp.sqrt(2)) / 2, of_one=4),
    "gelu tanh": Row(
        activation("gelu", approximate="tanh"),
        lambda mp, x: x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3))),
        of_one=64,
        value_too=True,
    ),
    "softplus": Row(activation("softplus"), log1p_exp, of_one=1),
    "softsign": Row(activation("softsign"), lambda mp, x: x / (1 + abs(x)), of_one=1),
    "tanhshrink": Row(activation("tanhshrink"), lambda mp, x: x - mp.tanh(x), of_one=4),
    "logsigmoid": Row(activation("logsigmoid"), lambda mp, x: -log1p_exp(mp, -x), of_one=1),
    "clamp": Row(lambda t, x: t.clamp(x, -1, 2)),
    "clamp min": Row(lambda t, x: t.clamp(x, min=-1)),
    "clamp max": Row(lambda t, x: t.clamp(x, max=2.5)),
    "clamp at NaN": Row(lambda t, x: t.clamp(x, min=nan)),
    **{
        f"clamp {side} by tensors of {bound}": Row(
            given(lambda t, x, side, bound: t.clamp(x, **{side: t.tensor(bound, dtype=x.dtype)}), side, bound)
        )
        for side in ("min", "max")
        for bound in (1.0, nan)
    },
    "where": Row(lambda t, x: t.where(x > 1, x, x * 2)),
    "masked_fill": Row(lambda t, x: x.masked_fill(x > 1, 7.0)),
    **{f"x ** {p}": Row(given(lambda t, x, p: x**p, p), given(lambda mp, x, p: mp.power(x, p), p)) for p in POWERS},
    **{f"{b} ** x": Row(given(lambda t, x, b: b**x, b), given(lambda mp, x, b: mp.power(b, x), b)) for b in BASES},
    **{f"x * {b}": Row(given(lambda t, x, b: x * b, b)) for b in OTHERS},
    **{f"x / {b}": Row(given(lambda t, x, b: x / b, b)) for b in OTHERS},
    **{f"{b} / x": Row(given(lambda t, x, b: b / x, b), given(lambda mp, x, b: b / x, b)) for b in OTHERS},
    **{f"x - {b}": Row(given(lambda t, x, b: x - b, b)) for b in OTHERS},
    **{f"x % {b}": Row(given(lambda t, x, b: x % b, b)) for b in OTHERS},
    **{f"x // {b}": Row(given(lambda t, x, b: x.detach() // b, b)) for b in OTHERS},
    **{f"{b} // x": Row(given(lambda t, x, b: b // x.detach(), b)) for b in OTHERS},
}

#: By function and order of the derivative (0 is the value): numbers at which it differs on purpose, and why.
DIFFERENT: dict[tuple[str, int], tuple[Callable[[float], bool], str]] = {
    **{
        (name, order): (math.isnan, "NaN goes on as NaN; PyTorch's rule says 1 beyond 3, and takes NaN for that")
        for name in ("hardswish",)
        for order in (1, 2)
    },
    **{
        (name, 2): (lambda x: x == 0, "both derivatives at the kink are those of the left side; PyTorch's second is 0")
        for name in ("elu", "elu 2.5", "selu", "celu")
    },
    ("softplus", 2): (lambda x: x == 20, "at the threshold itself PyTorch gives the derivative of beyond"),
    ("hardsigmoid", 1): (lambda x: True, "PyTorch's 1 / 6 is that of float32, and at NaN 0; see SAMPLES"),
    ("x ** 1.5", 2): (lambda x: x == 0 or x == -inf, "of -0.0 and -inf IEEE's pow, where PyTorch takes a square root"),
    ("x ** 1.5", 1): (lambda x: x == -inf, "IEEE's pow of -inf, where PyTorch takes a square root"),
    **{(f"{b} ** x", 2): (lambda x: not x < 0, "0 for the constant 0 ** x; PyTorch's is 0 * -inf") for b in (0, 0.0)},
    **{
        (f"{sign}inf / x", order): (lambda x: abs(x) >= 100, "PyTorch's b / (x * x) overflows") for sign in ("", "-")
        for order in (1, 2)
    },
    **{("0.0 / x", order): (lambda x: 0 < abs(x) < 1e-2, "0 over a small number") for order in (0, 1, 2)},
}  # fmt: skip
#: float16 meets Python's number as the nearest of its own, infinity if need be; PyTorch computes in float32.
BEYOND_HALF = [f"{form}" for b in ("1e+30", "-1e+30") for form in (f"x * {b}", f"x / {b}", f"{b} / x", f"x % {b}",
    f"x // {b}", f"{b} // x", f"x - {b}", f"{b} ** x")] + ["x ** 1000.0", "x ** -1000.0", "1e-30 ** x"]  # fmt: skip
#: PyTorch has no second derivative of these to compare with.
ONCE = ["hardsigmoid"]


def orders(lib: Any, row: Row, numbers: Array, most: int) -> list[Array]:
    """Value, first and second derivative, entry by entry."""
    x = lib.tensor(numbers.tolist(), dtype=getattr(lib, str(numbers.dtype))).requires_grad_()
    y = row.call(lib, x)
    found = [y]
    while y.requires_grad and len(found) <= most:
        (y,) = lib.autograd.grad(y.sum(), [x], create_graph=True, allow_unused=True)
        if y is None:
            break
        found.append(y)
    return [np.asarray(each.numpy(force=True), np.float64) for each in found]


def exactly(row: Row, x: float, order: int, dtype: str) -> float:
    mp = pytest.importorskip("mpmath")
    assert row.exact is not None
    with (
        mp.workdps(60 + (abs(round(math.log10(abs(x)))) if x else 0) + (350 if abs(x) < 1e4 else 0)),
        np.errstate(all="ignore"),
    ):
        try:
            at = mp.mpf(x)
            value = row.exact(mp, at) if not order else mp.diff(lambda z: row.exact(mp, z), at, order, relative=x != 0)
            return float(np.asarray(float(value)).astype(dtype))
        except (ValueError, ZeroDivisionError, OverflowError, TypeError):
            return nan


def accepted(row: Row, x: float, order: int, dtype: str, mine: float, theirs: float, ulps: float = 32) -> bool:
    if mine == theirs or (math.isnan(mine) and math.isnan(theirs)):
        return True
    info = np.finfo(dtype)
    eps, tiny = float(info.eps), float(info.tiny)
    if abs(mine - theirs) <= ulps * eps * abs(theirs) + tiny + (row.of_one * eps if order or row.value_too else 0):
        return True
    if row.exact is None or not math.isfinite(x):
        return bool(row.exact and math.isnan(theirs) and mine == row.call(tg, tg.tensor(x)).item())
    exact = exactly(row, x, order, dtype)
    return mine == exact or abs(mine - exact) <= max(ulps * eps * abs(exact), abs(theirs - exact)) + tiny


def in_each_type(names: Iterable[str], not_half: Container[str]) -> list[tuple[str, str]]:
    """Names and types; those of ``not_half`` are nothing to compare in float16."""
    types = ("float64", "float32", "float16")
    return [(name, dtype) for name in names for dtype in types if dtype != "float16" or name not in not_half]


@pytest.mark.parametrize(("name", "dtype"), in_each_type(UNARY, BEYOND_HALF))
def test_one_number(name: str, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    row = UNARY[name]
    with np.errstate(over="ignore"):
        numbers = np.array(GRID).astype(dtype)
    most = 1 if name in ONCE else 2
    expected, found = orders(torch, row, numbers, most), orders(tg, row, numbers, most)
    assert len(found) >= len(expected)
    wrong = [
        f"d{order} at {x:g}: {mine!r}, should be {theirs!r}"
        for order, (all_mine, all_theirs) in enumerate(zip(found, expected, strict=False))
        for x, mine, theirs in zip(numbers.tolist(), all_mine.tolist(), all_theirs.tolist(), strict=True)
        if not accepted(row, x, order, dtype, mine, theirs)
        and not ((name, order) in DIFFERENT and DIFFERENT[name, order][0](x))
    ]
    assert not wrong, f"{name} in {dtype}: {'; '.join(wrong)}"


SIGNED = [
    "neg", "abs", "floor", "ceil", "round", "trunc", "sqrt", "sin", "tan", "tanh", "sinh", "erf", "expm1", "log1p",
    "softsign", "silu", "gelu", "x * 2", "x / 2", "2 / x", "x ** 3", "x ** -1",
]  # fmt: skip


@pytest.mark.parametrize("name", SIGNED)
def test_the_sign_of_zero(name: str) -> None:
    torch = pytest.importorskip("torch")
    # In float32 what PyTorch makes of -0 depends on the processor: gelu(-0) is 0 on some.
    theirs = orders(torch, UNARY[name], np.array([0.0, -0.0]), 0)[0]
    for dtype in ("float64", "float32", "float16"):
        mine = orders(tg, UNARY[name], np.array([0.0, -0.0], dtype), 0)[0]
        assert np.signbit(mine).tolist() == np.signbit(theirs).tolist()


# Several numbers at once: reductions, norms, layers and losses

VECTORS = [
    [1, 2, 3], [1e-30] * 3, [3e-25, 4e-25], [1e30, -1e30, 1], [1e20] * 3, [1e38, 1e38], [1e-38] * 5, [0, 1, 2],
    [0, 0, 5], [2, 2, 2], [1e-40, 1], [1e4, -1e4], [88, 89, 100], [-200, -300, -1e3], [5], [200] * 300,
    [6e4, 6e4, -6e4], [nan, 1, 2], [1, nan, -inf], [inf, 1, 2], [inf, -inf, 1], [-inf, -inf], [nan], [inf], [0],
]  # fmt: skip

Call = Callable[[Any, Any], Any]


def reduced(name: str, *args: Any, **options: Any) -> Call:
    return lambda t, x: getattr(t, name)(x, *args, **options)


def paired(name: str) -> Call:
    return lambda t, x: getattr(t, name)(x, t.flip(x, (0,)))


def layer(name: str, *args: Any, **options: Any) -> Call:
    return lambda t, x: getattr(t.nn.functional, name)(x, *args, **options)


def distance(name: str, reduction: str) -> Call:
    return lambda t, x: getattr(t.nn.functional, name)(x, t.flip(x, (0,)).detach() * 0.5, reduction=reduction)


def classes(name: str, targets: list[int], **options: Any) -> Call:
    """A loss of two rows, with classes as targets, -1 being the last."""

    def loss(t: Any, x: Any) -> Any:
        wanted = t.tensor([x.shape[0] - 1 if target == -1 else target for target in targets])
        return getattr(t.nn.functional, name)(t.stack([x, t.flip(x, (0,))]), wanted, **options)

    return loss


def clipped(norm_type: float) -> Call:
    def call(t: Any, x: Any) -> Any:
        weight = x.detach().clone().requires_grad_()
        weight.grad = x.detach().clone()
        total = t.nn.utils.clip_grad_norm_([weight], 1.5, norm_type=norm_type)
        return t.cat([total.reshape(1), weight.grad])

    return call


def binary(name: str, target: float, reduction: str) -> Call:
    def loss(t: Any, x: Any) -> Any:
        x = t.clamp(x, 0, 1) if name == "binary_cross_entropy" else x
        return getattr(t.nn.functional, name)(x, t.full_like(x, target), reduction=reduction)

    return loss


WHOLE = ["sum", "mean", "prod", "amax", "amin", "max", "min", "var", "std", "norm", "nansum", "argmax", "argmin"]
ALONG = [
    "sum", "mean", "prod", "var", "std", "logsumexp", "softmax", "log_softmax", "cumsum", "cumprod", "argmax", "any",
    "all",
]  # fmt: skip
PAIRED = ["maximum", "minimum", "atan2", "add", "sub", "mul", "div", "pow", "eq", "lt", "ge", "isclose"]
SPREADS = ["var", "std", "var along", "std along", "std of a population"]
DISTANCES = ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "kl_div"]
REDUCTIONS = ["none", "mean", "sum"]
MANY: dict[str, Call] = {
    **{name: reduced(name) for name in WHOLE},
    **{f"{name} along": given(lambda t, x, name: getattr(t, name)(x.reshape(1, -1), 1), name) for name in ALONG},
    **{
        f"{name} of an axis": given(lambda t, x, name: getattr(t, name)(x, 0)[0], name)
        for name in ("sort", "max", "min")
    },
    **{f"norm {p}": reduced("norm", p) for p in (0, 1, 2, 3, 0.5, -1, inf, -inf, 1.5)},
    **{f"normalize {p}": layer("normalize", p=p, dim=0) for p in (1, 2, inf)},
    "matrix norm": lambda t, x: t.norm(t.stack([x, x]), dim=(0, 1)),
    "std of a population": reduced("std", correction=0),
    "softmin": layer("softmin", 0),
    "layer_norm": lambda t, x: t.nn.functional.layer_norm(x, (x.shape[0],)),
    "rms_norm": lambda t, x: t.nn.functional.rms_norm(x, (x.shape[0],)),
    "cosine_similarity": lambda t, x: t.nn.functional.cosine_similarity(x, t.flip(x, (0,)), 0),
    "pairwise_distance": lambda t, x: t.nn.functional.pairwise_distance(x, x * 0.5),
    **{name: paired(name) for name in PAIRED},
    **{
        f"{name} of itself": given(lambda t, x, name: getattr(t, name)(x, x), name)
        for name in ("maximum", "minimum", "pow")
    },
    "dot": lambda t, x: x @ x,
    "glu": lambda t, x: t.nn.functional.glu(t.cat([x, x])),
    **{f"{name} {reduction}": distance(name, reduction) for name in DISTANCES for reduction in REDUCTIONS},
    **{
        f"{name} {target} {reduction}": binary(name, target, reduction)
        for name in ("binary_cross_entropy", "binary_cross_entropy_with_logits")
        for target in (0.0, 0.5, 1.0)
        for reduction in ("none", "mean")
    },
    **{
        f"{name} {targets} {reduction}": classes(name, targets, reduction=reduction)
        for name in ("nll_loss", "cross_entropy")
        for targets in ([0, -1], [-100, 0], [-100, -100])
        for reduction in REDUCTIONS
    },
    "cross_entropy smooth": classes("cross_entropy", [-100, 0], label_smoothing=0.1),
    **{f"clip_grad_norm_ {p}": clipped(p) for p in (2.0, 1.0, inf, -inf, 0.0, 3.0)},
}


def equal(vector: Array) -> bool:
    return bool((vector == vector[0]).all())


def beyond(limit: float) -> Callable[[Array], bool]:
    return lambda vector: bool((np.abs(vector) >= limit).any())


def large(vector: Array) -> bool:
    return vector.dtype == np.float16 and beyond(6e4)(vector)


#: As DIFFERENT, of vectors.
UNLIKE: dict[tuple[str, int], tuple[Callable[[Array], bool], str]] = {
    **{(name, 1): (lambda v: equal(v) or large(v), "what a rounded mean leaves, over itself") for name in SPREADS},
    **{(name, 0): (lambda v: large(v), "a deviation above 65504") for name in SPREADS},
    ("layer_norm", 0): (equal, "what a rounded mean leaves"),
    **{
        (f"binary_cross_entropy {target} {reduction}", 1): (
            lambda v: v.dtype == np.float64,
            "PyTorch's least p (1 - p), 1e-12, is float32's",
        )
        for target in (0.0, 0.5, 1.0)
        for reduction in REDUCTIONS
    },
    ("sort of an axis", 1): (lambda v: len(v) > 16, "equal entries keep their order, as with PyTorch's stable=True"),
    ("cumprod along", 1): (lambda v: len(v) > 99, "beyond infinity: -inf, where PyTorch has inf - inf"),
    ("norm -1", 1): (beyond(1e20), "1e20 ** -2 is none of float32's numbers"),
    ("norm 3", 1): (lambda v: beyond(1e20)(v) or not beyond(1e-20)(v), "x ** 3 is hardly one of float32's numbers"),
}
#: Their derivatives are differences of nearly equal numbers: only the values are compared.
ILL = ["layer_norm", "rms_norm", "cosine_similarity"]
#: Whose derivative is a difference from 1, or from a sum that is 1.
OF_ONE = ("cross_entropy", "binary_cross_entropy", "softm", "log_softmax")
#: These compute in float16, where PyTorch computes in float32.
NARROW = ["layer_norm", "rms_norm", "cosine_similarity"]


def many(lib: Any, call: Call, numbers: Array, most: int) -> list[Array]:
    x = lib.tensor(numbers.tolist(), dtype=getattr(lib, str(numbers.dtype))).requires_grad_()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of losses without a reduction, of variances of one number
        try:
            y = call(lib, x)
        except RuntimeError:  # NaN is no probability
            return []
        found = [y]
        while y.requires_grad and len(found) <= most:
            weights = np.cos(np.arange(len(found), math.prod(y.shape) + len(found))).reshape(tuple(y.shape))
            total = (y * lib.tensor(weights.tolist(), dtype=y.dtype)).sum()
            (y,) = lib.autograd.grad(total, [x], create_graph=True, allow_unused=True)
            if y is None:
                break
            found.append(y)
    return [np.asarray(each.numpy(force=True), np.float64) for each in found]


def near(mine: Array, theirs: Array, dtype: str, ulps: float, least: float = 0.0) -> Any:
    info = np.finfo(dtype)
    finite = np.abs(theirs[np.isfinite(theirs)])
    with np.errstate(all="ignore"):
        close = np.abs(mine - theirs) <= ulps * float(info.eps) * finite.max(initial=least) + float(info.tiny)
    return close | (mine == theirs) | (np.isnan(mine) & np.isnan(theirs))


@pytest.mark.parametrize(("name", "dtype"), in_each_type(MANY, NARROW))
def test_several_numbers(name: str, dtype: str) -> None:
    """As PyTorch in this type, or as PyTorch in double precision: what is lost in between is nobody's truth."""
    torch = pytest.importorskip("torch")
    wrong = []
    for numbers in VECTORS:
        with np.errstate(over="ignore"):
            vector = np.array(numbers).astype(dtype)
        calm = bool(np.isfinite(vector).all()) and name not in ILL
        found = many(tg, MANY[name], vector, int(calm))
        plain = many(torch, MANY[name], vector, int(calm))
        double = plain if dtype == "float64" else many(torch, MANY[name], vector.astype(np.float64), int(calm))
        assert bool(found) == bool(plain)
        for order, (mine, theirs, exact) in enumerate(zip(found, plain, double, strict=False)):
            with np.errstate(all="ignore"):
                rounded = exact.astype(dtype).astype(np.float64)
            least = 0.1 if order and name.startswith(OF_ONE) else 0.0
            ok = near(mine, theirs, dtype, 64, least) | near(mine, rounded, dtype, 64, least)
            if not ok.all() and not ((name, order) in UNLIKE and UNLIKE[name, order][0](vector)):
                wrong.append(f"d{order} of {vector[:3]}: {mine.ravel()[:3]}, should be {theirs.ravel()[:3]}")
    assert not wrong, f"{name} in {dtype}: {'; '.join(wrong)}"


# The numbers that were asked for

SAMPLES: dict[str, tuple[Callable[[], Any], Any]] = {}


def sample(expected: Any) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    def noted(compute: Callable[[], Any]) -> Callable[[], Any]:
        SAMPLES[compute.__name__.replace("_", " ").strip()] = compute, expected
        return compute

    return noted


def slope(call: Callable[[tg.Tensor], Any], numbers: Any, dtype: str = "float32") -> Any:
    x = tg.tensor(numbers, dtype=getattr(tg, dtype), requires_grad=True)
    call(x).sum().backward()
    assert x.grad is not None
    return x.grad.tolist()


F = tg.nn.functional


@sample([nan, nan, nan])
def NaN_in_functions_with_a_kink() -> Any:
    x = tg.tensor(nan)
    return [F.relu6(x).item(), F.hardtanh(x).item(), tg.tensor(2.0).clamp(min=x).item()]


@sample([nan, nan])
def a_norm_of_NaN_to_clip_by() -> Any:
    weights = [tg.zeros(2, requires_grad=True) for _ in range(2)]
    weights[0].grad, weights[1].grad = tg.tensor([1.0, nan]), tg.tensor([5.0, 2.0])
    return [tg.nn.utils.clip_grad_norm_(w, 1.0, norm_type=inf).item() for w in (weights, weights[::-1])]


@sample([2.0611537e-09, 3.6237134e-09, 2.0611537e-09])
def tails_of_elu_selu_celu() -> Any:
    return [slope(f, -20.0) for f in (F.elu, F.selu, F.celu)]


@sample([nan, nan, -inf, 0.0])
def tails_of_sigmoid() -> Any:
    low = tg.tensor([-inf, -200.0])
    return [F.silu(low)[0].item(), F.silu(tg.tensor(-inf, dtype=tg.float64)).item(),
        low.sigmoid().log()[1].item(), low.sigmoid()[0].item()]  # fmt: skip


@sample([1e-25, 1.0, 7.0710678e-26])
def small_norms() -> Any:
    matrix = [[1e-25]]
    return [tg.norm(tg.tensor(matrix)).item(), slope(tg.norm, matrix)[0][0], tg.tensor([3e-25, 4e-25]).std().item()]


@sample([-inf, -inf, 0.0, 0.0])
def zero_to_the_power_of() -> Any:
    powers = [-1.0, 2.0]
    return [slope(lambda b: 0**b, powers)[0], slope(lambda b: tg.zeros(2) ** b, powers)[0],
        slope(lambda b: 0**b, powers)[1], slope(lambda b: tg.zeros(2) ** b, powers)[1]]  # fmt: skip


@sample([nan] * 4)
def the_Hessian_of_a_norm_at_0() -> Any:
    return tg.autograd.functional.hessian(tg.norm, tg.zeros(2)).flatten().tolist()


@sample([nan, nan, 0.0, 0.0, 0.0, 0.0])
def all_targets_ignored() -> Any:
    targets = tg.tensor([-100, -100])
    losses: list[Callable[[tg.Tensor], tg.Tensor]] = [
        lambda x: F.cross_entropy(x, targets),
        lambda x: F.nll_loss(x, targets),
    ]
    slopes = [number for loss in losses for number in slope(loss, [[1.0], [2.0]])]
    return [*(loss(tg.zeros(2, 1)).item() for loss in losses), *(row[0] for row in slopes)]


@sample([1.0, 40000.0, 65504.0])
def float16_adds_up_in_float32() -> Any:
    half = tg.ones(70_000, dtype=tg.float16)
    return [half.mean().item(), F.mse_loss(half * 200, half * 0).item(), (half[:32] * 2047).sum().item()]


@sample([1 / 6, 1 / 3])
def exact_slopes_of_hardsigmoid_and_hardswish() -> Any:
    x = [1.0], "float64"
    return [slope(F.hardsigmoid, *x)[0], slope(F.hardswish, *x)[0] - 0.5]


@pytest.mark.parametrize("name", SAMPLES)
def test_sample(name: str) -> None:
    compute, expected = SAMPLES[name]
    assert compute() == pytest.approx(expected, rel=1e-6, nan_ok=True)


# The second derivative of what is linear in pieces is 0, and can be asked for

LINEAR_IN_PIECES: dict[str, Call] = {
    **{name: UNARY[name].call for name in ("abs", "relu", "relu6", "hardtanh", "hardsigmoid", "leaky_relu", "clamp")},
    **{name: UNARY[name].call for name in ("clamp by tensors", "where", "masked_fill") if name in UNARY},
    "clamp by tensors": lambda t, x: t.clamp(x, t.tensor(-1.0), t.tensor(1.0)),
    **{
        name: MANY[name]
        for name in ("amax", "amin", "max", "maximum", "minimum", "l1_loss mean", "nll_loss [0, -1] mean")
    },
    "prelu": lambda t, x: t.nn.functional.prelu(x, t.tensor([0.25])),
    "hinge": lambda t, x: t.clamp(1 - x, min=0).mean(),
    "max of an axis": lambda t, x: t.relu(x.max(0)[0]),
}


@pytest.mark.parametrize("name", LINEAR_IN_PIECES)
def test_a_second_derivative_of_0(name: str) -> None:
    x = tg.tensor([-1.5, 0.25, 3.5], requires_grad=True)
    (first,) = tg.autograd.grad(LINEAR_IN_PIECES[name](tg, x).sum(), [x], create_graph=True)
    (second,) = tg.autograd.grad((first * tg.tensor([1.0, 2.0, 3.0])).sum(), [x])
    assert second.tolist() == [0.0, 0.0, 0.0]


# Never a warning


@pytest.mark.parametrize("action", ["error", "always"])
def test_numbers_beyond_all_others_are_no_reason_for_a_warning(action: Any) -> None:
    x = tg.tensor([0.0, 1e3, -1e3, inf, nan, 1e30], requires_grad=True)
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter(action)
        _ = tg.tensor(0.0).log(), tg.tensor(1.0) / 0, 1 / tg.tensor(0.0), tg.tensor(1e3).exp(), tg.tensor([1e300])
        _ = tg.tensor(1e30).double().exp().float(), x.half(), x.detach().numpy(), tg.tensor([0]) / 0, 0.0**x
        for row in UNARY.values():
            y = row.call(tg, x)
            if y.requires_grad:
                tg.autograd.grad(y.sum(), [x], create_graph=True)
        for name, call in MANY.items():
            if "kl_div" not in name and "binary_cross_entropy " not in name:
                call(tg, x.detach())
        tg.zeros(3).fill_(inf)[0] = nan
    assert [str(each.message) for each in noted] == []


def test_an_operation_inside_the_function_of_another() -> None:
    inner = tg.Primitive("inner", lambda x: tg.tensor(x).exp().numpy() / 0, lambda g, y, x: g)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert inner(tg.tensor([1.0])).tolist() == [inf]
