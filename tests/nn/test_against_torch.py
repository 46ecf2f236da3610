"""Every case of cases.py beside PyTorch itself: outputs and all gradients in float64; networks in test_parity.py."""

from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.nn.cases import CASES, NETWORK_CASES, Case, compare, run

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore:.*weight_norm. is deprecated:FutureWarning")  # PyTorch's former one

OTHERS = [case for case in CASES if case not in NETWORK_CASES]


@pytest.mark.parametrize("case", OTHERS, ids=lambda case: case.name)
def test_equals_torch(case: Case) -> None:
    weights, expected = run(torch, case)
    loaded, found = run(tg, case, weights)
    assert list(loaded) == list(weights)
    compare(case, found, expected)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_has_the_parameters_of_torch(case: Case) -> None:
    mine, theirs = case.build(tg), case.build(torch)
    assert [(n, tuple(p.shape)) for n, p in mine.named_parameters()] == [
        (n, tuple(p.shape)) for n, p in theirs.named_parameters()
    ]
    assert [n for n, _ in mine.named_buffers()] == [n for n, _ in theirs.named_buffers()]
    for (name, p), (_, q) in zip(mine.named_parameters(), theirs.named_parameters(), strict=True):
        assert p.dtype == tg.float32
        assert np.abs(p.detach().numpy()).max() <= max(1.0, 4 * q.abs().max().item()), name


def is_smooth(case: Case) -> bool:
    """Whether PyTorch has second derivatives: not at kinks, nor where BCELoss cuts off log(0).

    Those of its weight_norm are wrong: they are not those of g v / |v| written with its own operations.
    """
    left = ("BCELoss 23", "BCELoss 24", "Hardsigmoid", "weight_norm")
    return not case.name.endswith("kinks") and not case.name.startswith(left)


def test_second_derivatives_of_a_weight_by_length_and_direction() -> None:
    """Beside the formula, written with PyTorch's operations."""
    x, start = np.linspace(-1, 1, 8).reshape(2, 4), np.cos(np.arange(12.0)).reshape(3, 4)
    layer = tg.nn.utils.parametrizations.weight_norm(tg.nn.Linear(4, 3, bias=False).double())
    layer.load_state_dict(
        {f"parametrizations.weight.original{k}": tg.tensor(each) for k, each in enumerate((np.ones((3, 1)), start))}
    )
    g, v = torch.ones(3, 1, dtype=torch.float64, requires_grad=True), torch.tensor(start, requires_grad=True)
    theirs = torch.tensor(x) @ (g * v / v.norm(dim=1, keepdim=True)).T
    found = []
    for lib, y, leaves in ((tg, layer(tg.tensor(x)), list(layer.parameters())), (torch, theirs, [g, v])):
        first: Any = lib.autograd.grad((y**3).sum(), leaves, create_graph=True)
        found.append([each.numpy() for each in lib.autograd.grad(sum((a * a).sum() for a in first), leaves)])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("case", [case for case in OTHERS if is_smooth(case)], ids=lambda case: case.name)
def test_second_derivatives_equal_torch(case: Case) -> None:
    weights, expected = run(torch, case, second=True)
    _, found = run(tg, case, weights, second=True)
    compare(case, found, expected)


@pytest.mark.parametrize("name", [c.name for c in OTHERS if c.name.startswith(("RNN", "LSTM", "GRU", "CrossEntropy"))])
def test_float32_stays_float32(name: str) -> None:
    case = next(case for case in CASES if case.name == name)
    weights, expected = run(torch, case)
    small = {key: value.astype(np.float32) for key, value in weights.items()}
    _, found = run(tg, case, small, dtype="float32")
    assert set(found) == set(expected)
    for key, value in expected.items():
        assert found[key].dtype == (np.float32 if value.dtype == np.float64 else value.dtype), key
        np.testing.assert_allclose(found[key], value, rtol=2e-4, atol=2e-5, err_msg=key)


def test_three_constants_that_torch_keeps_in_single_precision() -> None:
    """Why three cases are compared to 2e-7 only: with PyTorch's constants the same formulas give PyTorch's numbers."""
    x = np.array([-0.7, -0.2, 0.5])

    def derivative(lib: Any, function: Any, at: Any = x) -> Any:
        z = lib.tensor(at).requires_grad_()
        return lib.autograd.grad(function(lib.nn.functional, z).sum(), z)[0].numpy()

    for alpha in (0.3, 1.3):
        rounded = float(np.float32(alpha))
        for lib, inside in ((tg, alpha), (torch, rounded)):
            found = derivative(lib, lambda F, z: F.celu(z, alpha))  # noqa: B023
            np.testing.assert_allclose(found, np.where(x > 0, 1, alpha / inside * np.exp(x / inside)), rtol=1e-14)
    for lib, sixth in ((tg, 1 / 6), (torch, float(np.float32(1 / 6)))):
        np.testing.assert_array_equal(derivative(lib, lambda F, z: F.hardsigmoid(z)), np.full(3, sixth))
    p, t = np.array([1e-13, 0.3]), np.array([0.2, 1.0])
    for lib, least in ((tg, 1e-12), (torch, float(np.float32(1e-12)))):
        found = derivative(lib, lambda F, z: F.binary_cross_entropy(z, lib.tensor(t), reduction="sum"), p)  # noqa: B023
        np.testing.assert_allclose(found, (p - t) / np.maximum(p * (1 - p), least), rtol=1e-14)
