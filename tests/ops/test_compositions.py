"""Functions made of others, counting and sampling: beside numpy, and with their derivatives beside PyTorch."""

from __future__ import annotations

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
