"""Functions made of others, counting and sampling: beside numpy, and with their derivatives beside PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_rnn as tg
import tinygrad_rnn.nn.functional as F

Array = np.ndarray[Any, Any]


class Case(NamedTuple):
    """A call in either library, the same in numpy, and the shapes of the arguments."""

    call: Callable[..., Any]
    truth: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...]


def scaled(x: Array, axis: int = 1, p: float = 2, eps: float = 1e-12) -> Array:
    return np.asarray(x / np.maximum((np.abs(x) ** p).sum(axis, keepdims=True) ** (1 / p), eps))


def log_ndtr(z: float) -> float:
    beyond = math.erfc(abs(z) * math.sqrt(0.5)) / 2
    return math.log(beyond) if z < 0 else math.log1p(-beyond)


M, V = (3, 4), (4,)
CASES: dict[str, Case] = {
    "addcmul": Case(lambda t, x, y, z: t.addcmul(x, y, z, value=0.5), lambda x, y, z: x + 0.5 * y * z, (M, M, V)),
    "addcmul once": Case(lambda t, x, y, z: x.addcmul(y, z), lambda x, y, z: x + y * z, (M, M, V)),
    "addcdiv": Case(lambda t, x, y, z: x.addcdiv(y, z, value=-2), lambda x, y, z: x - 2 * y / z, (M, M, V)),
    "addcdiv once": Case(lambda t, x, y, z: t.addcdiv(x, y, z), lambda x, y, z: x + y / z, (M, M, V)),
    "clamp_min": Case(lambda t, x: x.clamp_min(0.2), lambda x: np.maximum(x, 0.2), (M,)),
    "clamp_max": Case(lambda t, x: t.clamp_max(x, 0.2), lambda x: np.minimum(x, 0.2), (M,)),
    "hstack": Case(lambda t, x, y: t.hstack([x, y]), lambda x, y: np.hstack([x, y]), (M, (3, 2))),
    "hstack of vectors": Case(lambda t, x, y: t.hstack((x, y)), lambda x, y: np.hstack([x, y]), (V, (2,))),
    "hstack of numbers": Case(lambda t, x, y: t.hstack((x, y)), lambda x, y: np.hstack([x, y]), ((), ())),
    "vstack": Case(lambda t, x, y: t.vstack([x, y]), lambda x, y: np.vstack([x, y]), (M, (2, 4))),
    "vstack of vectors": Case(lambda t, x, y: t.vstack((x, y)), lambda x, y: np.vstack([x, y]), (V, V)),
    "meshgrid": Case(
        lambda t, x, y: t.stack(t.meshgrid(x, y, indexing="ij")),
        lambda x, y: np.stack(np.meshgrid(x, y, indexing="ij")),
        (V, (3,)),
    ),
    "meshgrid xy": Case(
        lambda t, x, y: t.stack(t.meshgrid([x, y], indexing="xy")), lambda x, y: np.stack(np.meshgrid(x, y)), (V, (3,))
    ),
    "diag": Case(lambda t, x: t.diag(x), lambda x: np.diag(x), (V,)),
    "diag above": Case(lambda t, x: x.diag(2), lambda x: np.diag(x, 2), (V,)),
    "diag below": Case(lambda t, x: x.diag(-1), lambda x: np.diag(x, -1), (V,)),
    "diag of a matrix": Case(lambda t, x: t.diag(x, 1), lambda x: np.diag(x, 1), (M,)),
    "trace": Case(lambda t, x: x.trace(), lambda x: np.trace(x), (M,)),
    "repeat_interleave": Case(lambda t, x: x.repeat_interleave(2), lambda x: np.repeat(x, 2), (M,)),
    "repeat_interleave along": Case(
        lambda t, x: t.repeat_interleave(x, t.tensor([0, 2, 1]), dim=0), lambda x: np.repeat(x, [0, 2, 1], 0), (M,)
    ),
    "normalize": Case(lambda t, x: t.nn.functional.normalize(x), lambda x: scaled(x), (M,)),
    "normalize along": Case(lambda t, x: t.nn.functional.normalize(x, p=1, dim=0), lambda x: scaled(x, 0, 1), (M,)),
    "cosine_similarity": Case(
        lambda t, x, y: t.nn.functional.cosine_similarity(x, y),
        lambda x, y: (scaled(x) * scaled(y)).sum(1),
        (M, M),
    ),
    "pairwise_distance": Case(
        lambda t, x, y: t.nn.functional.pairwise_distance(x, y, keepdim=True),
        lambda x, y: np.sqrt(((x - y + 1e-6) ** 2).sum(-1, keepdims=True)),
        (M, M),
    ),
    "fill_diagonal_": Case(
        lambda t, x: (x * 2).fill_diagonal_(7), lambda x: np.where(np.eye(3, 4, dtype=bool), 7, 2 * x), (M,)
    ),
    "addcmul_": Case(lambda t, x, y: (x * 1).addcmul_(y, y, value=3), lambda x, y: x + 3 * y * y, (M, M)),
    "relu in place": Case(lambda t, x: t.nn.functional.relu(x * 2, inplace=True), lambda x: np.maximum(2 * x, 0), (M,)),
    "atleast_1d": Case(lambda t, x: t.atleast_1d(x), lambda x: np.atleast_1d(x), ((),)),
    "atleast_2d": Case(lambda t, x: t.atleast_2d(x), lambda x: np.atleast_2d(x), (V,)),
    "atleast_3d": Case(
        lambda t, x, y: t.cat(t.atleast_3d(x, y), 1), lambda x, y: np.concatenate([x, y]).reshape(1, 8, 1), (V, V)
    ),
    "atleast_3d of a matrix": Case(lambda t, x: t.atleast_3d(x), lambda x: np.atleast_3d(x), (M,)),
    "dstack": Case(lambda t, x, y: t.dstack([x, y]), lambda x, y: np.dstack([x, y]), (V, V)),
    "column_stack": Case(lambda t, x, y: t.column_stack([x, y]), lambda x, y: np.column_stack([x, y]), ((3,), M)),
    "block_diag": Case(
        lambda t, x, y: t.block_diag(x, y),
        lambda x, y: np.block([[x, np.zeros((3, 4))], [np.zeros((1, 4)), y]]),
        (M, V),
    ),
    "hsplit": Case(lambda t, x: t.hsplit(x, 2)[1], lambda x: np.hsplit(x, 2)[1], (M,)),
    "vsplit": Case(lambda t, x: t.vsplit(x, [1])[1], lambda x: np.vsplit(x, [1])[1], (M,)),
    "dsplit": Case(lambda t, x: t.dsplit(x, 2)[0], lambda x: np.dsplit(x, 2)[0], ((2, 3, 4),)),
    "cross": Case(lambda t, x, y: t.cross(x, y, dim=1), lambda x, y: np.cross(x, y), ((2, 3), (2, 3))),
    "cov": Case(lambda t, x: t.cov(x), lambda x: np.cov(x), (M,)),
    "cov of weights": Case(
        lambda t, x: t.cov(x, correction=0, fweights=t.tensor([1, 2, 1, 3]), aweights=t.tensor([0.5, 1.0, 2.0, 0.25])),
        lambda x: np.cov(x, ddof=0, fweights=[1, 2, 1, 3], aweights=[0.5, 1.0, 2.0, 0.25]),
        (M,),
    ),
    "corrcoef": Case(lambda t, x: t.corrcoef(x)[0, 1], lambda x: np.corrcoef(x)[0, 1], (M,)),
    "diagflat": Case(lambda t, x: t.diagflat(x, 1), lambda x: np.diagflat(x, 1), ((2, 2),)),
    "trapezoid": Case(lambda t, y: t.trapezoid(y, dx=0.5), lambda y: np.trapezoid(y, dx=0.5), (M,)),
    "trapezoid over places": Case(lambda t, y, x: t.trapezoid(y, x), lambda y, x: np.trapezoid(y, x), (M, V)),
    "cumulative_trapezoid": Case(
        lambda t, y: t.cumulative_trapezoid(y), lambda y: np.cumsum((y[:, 1:] + y[:, :-1]) / 2, axis=1), (M,)
    ),
    "gradient": Case(
        lambda t, x: t.stack(t.gradient(x, spacing=0.5)), lambda x: np.stack([*np.gradient(x, 0.5)]), (M,)
    ),
    "gradient over places": Case(
        lambda t, x, h: t.gradient(x, spacing=[h.cumsum(0)], dim=1, edge_order=2)[0],
        lambda x, h: np.asarray(np.gradient(x, np.cumsum(h), axis=1, edge_order=2)),
        (M, V),
    ),
    "log_ndtr": Case(
        lambda t, x: t.special.log_ndtr(x * 9),
        lambda x: np.vectorize(log_ndtr)(x * 9),
        (M,),
    ),
    "ldexp": Case(lambda t, x: t.ldexp(x, t.tensor(3)), lambda x: 8 * x, (M,)),
    "addr": Case(lambda t, x, y, z: t.addr(x, y, z, alpha=2), lambda x, y, z: x + 2 * np.outer(y, z), (M, (3,), V)),
    "addmv": Case(lambda t, x, y, z: t.addmv(x, y, z, beta=3), lambda x, y, z: 3 * x + y @ z, ((3,), M, V)),
    "addbmm": Case(
        lambda t, x, y, z: t.addbmm(x, y, z), lambda x, y, z: x + (y @ z).sum(0), ((3, 2), (2, 3, 4), (2, 4, 2))
    ),
    "select_scatter": Case(
        lambda t, x, y: t.select_scatter(x, y, 1, 2), lambda x, y: np.where(np.arange(4) == 2, y[:, None], x), (M, (3,))
    ),
    "slice_scatter": Case(
        lambda t, x, y: t.slice_scatter(x, y, 0, 1), lambda x, y: np.concatenate([x[:1], y]), (M, (2, 4))
    ),
    "diagonal_scatter": Case(
        lambda t, x, y: t.diagonal_scatter(x, y, 1),
        lambda x, y: x - np.diag(np.diag(x, 1), 1) + np.diag(y, 1),
        ((3, 3), (2,)),
    ),
    "index_reduce": Case(
        lambda t, x, y: x.index_reduce(0, t.tensor([2, 2]), y, "amax"),
        lambda x, y: np.concatenate([x[:2], np.maximum(x[2], y.max(0))[None]]),
        (M, (2, 4)),
    ),
    "cartesian_prod": Case(
        lambda t, x, y: t.cartesian_prod(x, y),
        lambda x, y: np.stack([np.repeat(x, len(y)), np.tile(y, len(x))], 1),
        (V, (3,)),
    ),
    "combinations": Case(lambda t, x: t.combinations(x), lambda x: x[np.stack(np.triu_indices(4, 1), 1)], (V,)),
    "matrix_power": Case(lambda t, x: t.linalg.matrix_power(x, 3), lambda x: np.linalg.matrix_power(x, 3), ((3, 3),)),
    "multi_dot": Case(
        lambda t, x, y, z: t.linalg.multi_dot([x, y, z]),
        lambda x, y, z: np.linalg.multi_dot([x, y, z]),
        ((3,), M, (4, 2)),
    ),
    "quantile": Case(lambda t, x: t.quantile(x, 0.3, dim=1), lambda x: np.quantile(x, 0.3, axis=1), (M,)),
    "median": Case(lambda t, x: t.median(x[:, :3], dim=1)[0], lambda x: np.median(x[:, :3], axis=1), (M,)),
    "cummax": Case(lambda t, x: t.cummax(x, 1)[0], lambda x: np.maximum.accumulate(x, 1), (M,)),
    "diff": Case(lambda t, x: t.diff(x, 2), lambda x: np.diff(x, 2), (M,)),
    "take": Case(lambda t, x: t.take(x, t.tensor([[0, -1], [5, 5]])), lambda x: np.take(x, [[0, -1], [5, 5]]), (M,)),
    "detach_": Case(lambda t, x: x * (x * 2).detach_(), lambda x: 2 * x * x, (M,)),
}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def numbers(case: Case) -> list[Array]:
    rng = np.random.default_rng(5)
    return [rng.uniform(0.1, 1, shape) * rng.choice([-1, 1], shape) for shape in case.shapes]


@every_case
def test_equals_numpy(case: Case) -> None:
    arrays = numbers(case)
    found, truth = case.call(tg, *map(tg.tensor, arrays)), np.asarray(case.truth(*arrays))
    np.testing.assert_allclose(found.numpy(), truth, rtol=1e-12, strict=True)


@pytest.mark.filterwarnings("ignore:index_reduce.. is in beta")
@every_case
def test_derivatives_equal_those_of_torch(case: Case) -> None:
    torch = pytest.importorskip("torch")
    results = []
    for lib in (tg, torch):
        tensors = [lib.tensor(array, requires_grad=True) for array in numbers(case)]
        y = case.call(lib, *tensors)
        weights = lib.tensor(np.cos(np.arange(y.numel(), dtype=float)).reshape(tuple(y.shape)))
        first = lib.autograd.grad((y**2 * weights).sum(), tensors, create_graph=True, allow_unused=True)
        second = lib.autograd.grad(sum((g**2).sum() for g in first), tensors, allow_unused=True)
        results.append([y, *first, *second])
    for mine, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(mine.detach().numpy(), theirs.detach().numpy(), rtol=1e-10, atol=1e-12)


COUNTED: dict[str, Callable[[Any], Any]] = {
    "nonzero": lambda t: t.tensor([[0, 2.0], [3.0, 0]]).nonzero(),
    "nonzero of a number": lambda t: t.nonzero(t.tensor(3)),
    "nonzero of zero": lambda t: t.nonzero(t.tensor(0)),
    "nonzero as a tuple": lambda t: t.stack(t.nonzero(t.tensor([[0, 2.0], [3.0, 0]]), as_tuple=True)),
    "count_nonzero": lambda t: t.tensor([[0, 2.0], [3.0, 1]]).count_nonzero(),
    "count_nonzero along": lambda t: t.count_nonzero(t.tensor([[0, 2.0], [3.0, 1]]), dim=0),
    "unique": lambda t: t.unique(t.tensor([[3, 1], [2, 3]])),
    "unique inverse": lambda t: t.tensor([[3, 1], [2, 3]]).unique(return_inverse=True)[1],
    "unique counts": lambda t: t.unique(t.tensor([3.0, 1, 2, 3]), return_counts=True)[1],
    "unique along": lambda t: t.unique(t.tensor([[3, 1], [2, 3], [3, 1]]), dim=0),
    "unique along inverse": lambda t: t.unique(t.tensor([[3, 1], [2, 3], [3, 1]]), return_inverse=True, dim=0)[1],
    "bincount": lambda t: t.bincount(t.tensor([3, 1, 3]), minlength=6),
    "bincount of weights": lambda t: t.tensor([2, 0, 2]).bincount(t.tensor([0.5, 1.0, 0.25])),
    "logspace": lambda t: t.logspace(0, 3, 4, base=2),
    "certain draws": lambda t: t.tensor([0.0, 1.0]).multinomial(3, replacement=True),
    "certain truths": lambda t: t.tensor([0.0, 1.0]).bernoulli(),
    "gcd": lambda t: t.gcd(t.tensor([12, 18, 0]), t.tensor([8, 27, 5])),
    "lcm": lambda t: t.lcm(t.tensor([4, 6]), t.tensor([6, 9])),
    "unique_consecutive": lambda t: t.unique_consecutive(t.tensor([1, 1, 2, 1]), return_counts=True)[1],
    "unique_consecutive along": lambda t: t.unique_consecutive(t.tensor([[1, 2], [1, 2], [3, 2]]), dim=0),
    "searchsorted": lambda t: t.searchsorted(t.tensor([1.0, 2, 3]), t.tensor([2.0, 0, 9]), right=True),
    "bucketize": lambda t: t.bucketize(t.tensor([2.0, 0, 9]), t.tensor([1.0, 2, 3])),
    "isin": lambda t: t.isin(t.tensor([1, 2, 3]), t.tensor([3, 1]), invert=True),
    "constants": lambda t: t.tensor([t.pi, t.e, t.inf]),
}


@pytest.mark.parametrize("call", COUNTED.values(), ids=COUNTED)
def test_counts_as_torch_does(call: Callable[[Any], Any]) -> None:
    torch = pytest.importorskip("torch")
    mine, theirs = call(tg), call(torch)
    assert str(mine.dtype) == str(theirs.dtype).removeprefix("torch.")
    np.testing.assert_allclose(mine.numpy(), theirs.numpy(), rtol=1e-6, strict=True)


def test_counts() -> None:
    """Where PyTorch is not installed: the same by hand."""
    x = tg.tensor([[0, 2], [2, 1]])
    assert x.nonzero().tolist() == [[0, 1], [1, 0], [1, 1]] and x.count_nonzero(dim=1).tolist() == [1, 2]
    values, inverse, counts = x.unique(return_inverse=True, return_counts=True)
    assert [values.tolist(), inverse.tolist(), counts.tolist()] == [[0, 1, 2], [[0, 2], [2, 1]], [1, 1, 2]]
    assert x.flatten().bincount().tolist() == [1, 1, 2]


def test_what_was_computed_before_a_tensor_was_detached_in_place_keeps_its_gradient() -> None:
    w = tg.tensor([2.0], requires_grad=True)
    h = w * 3
    before = h * h
    assert h.detach_() is h and h.is_leaf and not h.requires_grad
    after = h * w
    (before + after).sum().backward()
    assert w.grad is not None and w.grad.tolist() == [2 * 6 * 3 + 6.0]
    assert w.detach_() is w and not w.requires_grad


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: tg.meshgrid(tg.ones(2, 2)),
        'meshgrid takes vectors, and "ij" or "xy" as indexing; got \'ij\' and [(2, 2)]',
    ),
    (lambda: tg.diag(tg.ones(2, 2, 2)), "diag takes a vector or a matrix, got shape (2, 2, 2)"),
    (lambda: tg.trace(tg.ones(2)), "trace takes a matrix, got shape (2,)"),
    (lambda: tg.ones(2).fill_diagonal_(1), "fill_diagonal_ takes a matrix, got shape (2,)"),
    (
        lambda: tg.bincount(tg.ones(2)),
        "bincount takes a vector of integers that are not negative, got float32 of shape (2,)",
    ),
    (
        lambda: (tg.ones(2, requires_grad=True) * 2)[0].detach_(),
        "a view cannot be detached in place (float32[] = getitem(...)): use x = x.detach()",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[message[:40] for _, message in REFUSED])
def test_what_is_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(RuntimeError) as error:
        call()
    assert str(error.value) == message


@pytest.mark.parametrize(
    "name",
    ["ReLU", "ReLU6", "LeakyReLU", "ELU", "CELU", "SELU", "SiLU", "Mish", "Hardtanh", "Hardsigmoid", "Hardswish"],
)
def test_activations_in_place_give_the_same(name: str) -> None:
    kind = getattr(tg.nn, name)
    x = tg.linspace(-3, 7, 9, requires_grad=True)
    results = []
    for inplace in (False, True):
        h = x * 1
        y = kind(inplace=inplace)(h)
        assert (y is h) == inplace
        results.append([y.detach().numpy().copy(), *(g.numpy() for g in tg.autograd.grad((y**2).sum(), x))])
    np.testing.assert_array_equal(results[0], results[1])
    assert repr(kind(inplace=True)).endswith("inplace=True)") and "inplace" not in repr(kind())


def test_dropout_in_place() -> None:
    h = tg.ones(1000) * 1
    assert F.dropout(h, 0.5, inplace=True) is h and 400 < h.count_nonzero().item() < 600
    x = tg.ones(3)
    assert tg.nn.Dropout(0.9, inplace=True).eval()(x) is x
