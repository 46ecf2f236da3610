"""BatchNorm1d: its running statistics by hand, what it refuses; its numbers beside PyTorch's are in cases.py."""

import warnings
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn

BATCHES = np.random.default_rng(0).standard_normal((3, 5, 2, 4)) * [[1.0], [3.0]] + 2


@pytest.mark.parametrize("momentum", [0.1, 0.4, None])
def test_running_statistics_follow_the_batches(momentum: float | None) -> None:
    norm = nn.BatchNorm1d(2, momentum=momentum).double()
    mean, var = np.zeros(2), np.ones(2)
    for count, batch in enumerate(BATCHES, start=1):
        norm(tg.tensor(batch))
        m = momentum if momentum is not None else 1 / count
        mean = (1 - m) * mean + m * batch.mean((0, 2))
        var = (1 - m) * var + m * batch.var((0, 2), ddof=1)
    np.testing.assert_allclose(norm.state_dict()["running_mean"].numpy(), mean, rtol=1e-12)
    np.testing.assert_allclose(norm.state_dict()["running_var"].numpy(), var, rtol=1e-12)
    assert norm.state_dict()["num_batches_tracked"].item() == 3
    norm.eval()
    found = norm(tg.tensor(BATCHES[0])).detach().numpy()
    expected = (BATCHES[0] - mean[:, None]) / np.sqrt(var[:, None] + 1e-5)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert norm.state_dict()["num_batches_tracked"].item() == 3
    norm.reset_running_stats()
    assert [value.tolist() for value in norm.buffers()] == [[0, 0], [1, 1], 0]


@pytest.mark.parametrize("momentum", [0.3, None])
def test_running_statistics_equal_torch(momentum: float | None) -> None:
    torch = pytest.importorskip("torch")
    mine, theirs = nn.BatchNorm1d(2, momentum=momentum), torch.nn.BatchNorm1d(2, momentum=momentum)
    for batch in BATCHES.astype(np.float32):
        mine(tg.tensor(batch))
        theirs(torch.tensor(batch))
    assert list(mine.state_dict()) == list(theirs.state_dict())
    for name, value in theirs.state_dict().items():
        np.testing.assert_allclose(mine.state_dict()[name].numpy(), value.numpy(), rtol=1e-5, err_msg=name)
        assert str(mine.state_dict()[name].dtype) in str(value.dtype)


def test_without_statistics_the_batch_is_used_in_evaluation_too() -> None:
    norm = nn.BatchNorm1d(2, affine=False, track_running_stats=False).double().eval()
    assert list(norm.state_dict()) == [] and norm.weight is None
    found = norm(tg.tensor(BATCHES[0])).numpy()
    np.testing.assert_allclose(found.mean((0, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(found.var((0, 2)), 1, rtol=1e-4)


def test_the_running_statistics_are_no_part_of_the_graph() -> None:
    norm = nn.BatchNorm1d(2)
    x = tg.tensor(BATCHES[0].astype(np.float32), requires_grad=True)
    first, second = norm(x), norm(x)  # the second call changes the buffers the first one moved
    (first * second).sum().backward()
    assert x.grad is not None and not any(buffer.requires_grad for buffer in norm.buffers())


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: nn.BatchNorm1d(2)(tg.ones(3, 4)),
            ValueError,
            "BatchNorm1d expects an input of shape (batch, 2) or (batch, 2, length); (3, 4) was given.",
        ),
        (
            lambda: nn.BatchNorm1d(2, affine=False)(tg.ones(3, 2).long()),
            RuntimeError,
            "batch_norm needs real numbers, and this tensor holds int64: use x.float().",
        ),
        (
            lambda: nn.BatchNorm1d(2)(tg.ones(1, 2)),
            ValueError,
            "batch_norm in training needs more than one value per feature to have a variance; (1, 2) was given. Use a "
            "larger batch (DataLoader(drop_last=True) leaves out a last one of 1), or model.eval().",
        ),
        (
            lambda: nn.BatchNorm1d(2)(tg.ones(3, 2).double()),
            RuntimeError,
            "BatchNorm1d has parameters of float32 and was given an input of float64: convert the input with "
            "x.to(float32), or the model with model.to(float64).",
        ),
        (
            lambda: nn.functional.batch_norm(tg.ones(3, 2), None, None),
            ValueError,
            "batch_norm without training needs running_mean and running_var.",
        ),
        (
            lambda: nn.functional.batch_norm(tg.ones(3), None, None, training=True),
            RuntimeError,
            "batch_norm needs an input (batch, features, ...); (3,) was given.",
        ),
    ],
)
def test_what_is_refused(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as error:
        call()
    assert str(error.value) == message


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 5)])
def test_a_batch_that_is_normalised_as_one_operation(shape: tuple[int, ...], affine: bool, training: bool) -> None:
    """Recorded as one operation it has the gradients of the operations that it stands for, and unfolds into them."""
    found = []
    for looked_at in (False, True):
        tg.manual_seed(0)
        layer = nn.BatchNorm1d(3, affine=affine).double()
        layer(tg.randn(*shape, dtype=tg.float64))  # moves the running statistics away from 0 and 1
        layer.train(training)
        x = tg.randn(*shape, dtype=tg.float64, requires_grad=True)
        loss = (layer(x) ** 3 * tg.rand(*shape, dtype=tg.float64)).sum()
        count = len(tg.history(loss)) if looked_at else 0
        assert not looked_at or count > 8
        first, *rest = tg.autograd.grad(loss, [x, *layer.parameters()], create_graph=looked_at)
        statistics = layer.state_dict().values()
        found.append([each.detach().numpy() for each in (first, *rest, *statistics)])
    for one, several in zip(*found, strict=True):
        np.testing.assert_allclose(one, several, rtol=1e-12, atol=1e-14)


def test_extreme_statistics_are_no_warning() -> None:
    """By the standard of floating-point numbers, as PyTorch."""
    torch = pytest.importorskip("torch")
    x = tg.tensor([[1e30, float("inf")], [2.0, 1.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for mean, var in (([0.0, 0.0], [-1.0, 0.0]), ([0.0, 1e38], [1e-38, float("inf")])):
            found = nn.functional.batch_norm(x, tg.tensor(mean), tg.tensor(var))
            expected = torch.nn.functional.batch_norm(torch.tensor(x.numpy()), torch.tensor(mean), torch.tensor(var))
            np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-5)


def test_running_statistics_that_are_differentiated() -> None:
    """They are numbers like others where somebody asks for their derivative, or changes them afterwards."""
    x, mean = tg.tensor([[1.0], [4.0]]), tg.tensor([1.0], requires_grad=True)
    var = tg.tensor([3.0], requires_grad=True)
    nn.functional.batch_norm(x, mean, var, eps=1.0).sum().backward()
    assert mean.grad is not None and mean.grad.tolist() == [-1.0]
    assert var.grad is not None and var.grad.tolist() == [-3 / 16]
    layer = nn.BatchNorm1d(1).eval()
    loss = layer(x).sum()
    layer.get_buffer("running_mean").add_(1)
    (slope,) = tg.autograd.grad(loss, list(layer.parameters())[:1])
    np.testing.assert_allclose(slope.numpy(), [5.0], rtol=1e-5)
    with pytest.raises(RuntimeError, match="changed in place since"):
        tg.history(loss)


def test_the_second_derivative_of_a_normalised_batch() -> None:
    x = tg.tensor(np.random.default_rng(0).normal(size=(4, 2)), requires_grad=True)
    assert tg.autograd.gradgradcheck(lambda x: nn.functional.batch_norm(x, None, None, training=True) ** 2, (x,))
