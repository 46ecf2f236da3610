"""Initial values by their statistics, clipping and vectors by hand and beside PyTorch."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn
from tinygrad_rnn.nn import init

SHAPE = (300, 200)


def drawn(fill: Callable[..., tg.Tensor], *args: Any, **kwargs: Any) -> Any:
    """The values a function fills a weight of 300 units with 200 inputs with."""
    tensor = nn.Parameter(tg.zeros(*SHAPE))
    assert fill(tensor, *args, generator=tg.Generator().manual_seed(0), **kwargs) is tensor
    again = fill(tg.zeros(*SHAPE), *args, generator=tg.Generator().manual_seed(0), **kwargs)
    np.testing.assert_array_equal(again.numpy(), tensor.detach().numpy())
    assert tensor.dtype == tg.float32 and tensor.is_leaf and tensor.requires_grad
    return tensor.detach().numpy()


UNIFORM: list[tuple[Callable[..., tg.Tensor], dict[str, Any], float, float]] = [
    (init.uniform_, {}, 0, 1),
    (init.uniform_, {"a": -2.0, "b": 3.0}, -2, 3),
    (init.xavier_uniform_, {}, -math.sqrt(6 / 500), math.sqrt(6 / 500)),
    (init.xavier_uniform_, {"gain": 2.0}, -2 * math.sqrt(6 / 500), 2 * math.sqrt(6 / 500)),
    (init.kaiming_uniform_, {}, -math.sqrt(6 / 200), math.sqrt(6 / 200)),
    (init.kaiming_uniform_, {"a": math.sqrt(5)}, -math.sqrt(1 / 200), math.sqrt(1 / 200)),
    (init.kaiming_uniform_, {"mode": "fan_out", "nonlinearity": "linear"}, -math.sqrt(3 / 300), math.sqrt(3 / 300)),
]
NORMAL: list[tuple[Callable[..., tg.Tensor], dict[str, Any], float, float]] = [
    (init.normal_, {}, 0, 1),
    (init.normal_, {"mean": 2.0, "std": 0.1}, 2, 0.1),
    (init.xavier_normal_, {}, 0, math.sqrt(2 / 500)),
    (init.kaiming_normal_, {"nonlinearity": "relu"}, 0, math.sqrt(2 / 200)),
    (init.kaiming_normal_, {"mode": "fan_out", "nonlinearity": "tanh"}, 0, 5 / 3 / math.sqrt(300)),
]


@pytest.mark.parametrize(("fill", "options", "low", "high"), UNIFORM)
def test_uniform(fill: Callable[..., tg.Tensor], options: dict[str, Any], low: float, high: float) -> None:
    values, width = drawn(fill, **options), high - low
    assert low <= values.min() < low + 1e-3 * width and high - 1e-3 * width < values.max() <= high + 1e-6
    np.testing.assert_allclose(np.histogram(values, 10, (low, high + 1e-6))[0], values.size / 10, rtol=0.05)


@pytest.mark.parametrize(("fill", "options", "mean", "std"), NORMAL)
def test_normal(fill: Callable[..., tg.Tensor], options: dict[str, Any], mean: float, std: float) -> None:
    z = (drawn(fill, **options) - mean) / std
    assert abs(z.mean()) < 0.02 and abs(z.std() - 1) < 0.02
    assert abs((abs(z) < 1).mean() - 0.6827) < 0.01 and abs((abs(z) < 2).mean() - 0.9545) < 0.01


def test_truncated_normal() -> None:
    values = drawn(init.trunc_normal_, mean=1.0, std=2.0, a=0.0, b=2.0)
    assert values.min() >= 0 and values.max() <= 2 and abs(values.mean() - 1) < 0.01
    assert abs(values.std() - 2 * math.sqrt(1 - 2 * 0.5 * 0.3520653 / 0.3829249)) < 0.01


def test_an_lstm_whose_units_remember_for_different_times() -> None:
    bias = init.chrono_(tg.full((40_000,), 7.0, dtype=tg.float64), longest=50)
    i, f, g, o = bias.numpy().reshape(4, -1)
    memory = 1 / (1 - 1 / (1 + np.exp(-f)))  # the number of steps over which a constant gate forgets
    assert 2 <= memory.min() < 2.1 and 49.9 < memory.max() <= 50
    np.testing.assert_allclose(np.histogram(memory, 8, (2, 50))[0], 10_000 / 8, rtol=0.15)  # uniform
    assert (i == -f).all() and not g.any() and not o.any()


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (4, 2, 3)])
def test_orthogonal_rows_or_columns(shape: tuple[int, ...]) -> None:
    weight = init.orthogonal_(tg.zeros(*shape, dtype=tg.float64), gain=3.0).numpy().reshape(shape[0], -1)
    np.testing.assert_allclose(np.linalg.svd(weight)[1], 3.0, rtol=1e-12)


def test_orthogonal_matrices_are_uniform_over_rotations() -> None:
    generator = tg.Generator().manual_seed(0)
    traces = [np.trace(init.orthogonal_(tg.zeros(3, 3), generator=generator).numpy()) for _ in range(2000)]
    assert abs(np.mean(traces)) < 0.1 and abs(np.var(traces) - 1) < 0.1  # without the sign of R the mean is not 0


def test_constants() -> None:
    assert init.zeros_(tg.ones(2)).tolist() == [0, 0] and init.ones_(tg.zeros(2)).tolist() == [1, 1]
    assert init.constant_(tg.zeros(2), 0.5).tolist() == [0.5, 0.5]
    assert init.eye_(tg.ones(2, 3)).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert (drawn(init.sparse_, sparsity=0.1) == 0).sum(0).tolist() == [30] * 200


def test_gains_equal_torch() -> None:
    torch = pytest.importorskip("torch")
    for name in ("linear", "sigmoid", "tanh", "relu", "selu", "leaky_relu", "conv1d"):
        assert init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name), rel=1e-15)
    assert init.calculate_gain("leaky_relu", 0.3) == torch.nn.init.calculate_gain("leaky_relu", 0.3)


def test_changing_a_weight_between_forward_and_backward_is_refused() -> None:
    weight = nn.Parameter(tg.ones(2, 2))
    loss = tg.tanh(weight).pow(2).sum()
    init.zeros_(weight)
    loss.backward()  # tanh remembers its result, not the weight
    loss = (weight * weight).sum()
    init.zeros_(weight)
    with pytest.raises(RuntimeError, match="changed in place after it was used"):
        loss.backward()


# Clipping


def with_gradients(*values: Any) -> list[nn.Parameter]:
    parameters = [nn.Parameter(tg.zeros(*np.shape(value))) for value in values]
    for parameter, value in zip(parameters, values, strict=True):
        parameter.grad = tg.tensor(value, dtype=tg.float32)
    return parameters


def test_clipping_by_norm_keeps_the_direction() -> None:
    a, b, c = *with_gradients([3.0, 0.0], [[4.0]]), nn.Parameter(tg.ones(1))
    total = nn.utils.clip_grad_norm_([a, b, c], 1.0)
    assert total.item() == 5 and total.dtype == tg.float32 and c.grad is None
    assert a.grad is not None and b.grad is not None
    np.testing.assert_allclose([*a.grad.tolist(), b.grad.item()], [0.6, 0, 0.8], rtol=1e-6)
    kept = a.grad.tolist()
    assert nn.utils.clip_grad_norm_(a, 5.0).item() == pytest.approx(0.6)
    assert a.grad.tolist() == kept


def test_clipping_by_value_turns_the_direction() -> None:
    (a,) = with_gradients([100.0, 1.0])
    nn.utils.clip_grad_value_(a, 1.0)
    assert a.grad is not None and a.grad.tolist() == [1, 1]
    assert math.degrees(math.atan2(1, 1) - math.atan2(1, 100)) == pytest.approx(44.4, abs=0.1)


def test_huge_gradients_are_clipped_and_not_lost() -> None:
    (a,) = with_gradients([3e30, 4e30])
    assert nn.utils.clip_grad_norm_(a, 1.0).item() == pytest.approx(5e30)
    assert a.grad is not None
    np.testing.assert_allclose(a.grad.tolist(), [0.6, 0.8], rtol=1e-6)


def test_a_broken_gradient_is_reported_before_anything_changes() -> None:
    a, b = with_gradients([1.0, 2.0], [np.inf, 1.0])
    with pytest.raises(RuntimeError) as error:
        nn.utils.clip_grad_norm_([a, b], 1.0, error_if_nonfinite=True)
    assert str(error.value) == (
        "the total norm of order 2.0 of the gradients is inf (tensor 1, of shape (2,), is the first that is "
        "not finite), so "
        "they cannot be clipped. Look for its cause with detect_anomaly(), or pass error_if_nonfinite=False "
        "to scale them "
        "all the same."
    )
    assert a.grad is not None and a.grad.tolist() == [1, 2]
    (broken,) = with_gradients([np.nan, 1.0])
    assert np.isnan(nn.utils.clip_grad_norm_(broken, 1.0).item())
    assert broken.grad is not None and np.isnan(broken.grad.numpy()).all()


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.5, math.inf])
@pytest.mark.parametrize("max_norm", [0.1, 100.0])
def test_clipping_equals_torch(norm_type: float, max_norm: float) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    values = [rng.standard_normal(shape) for shape in [(3, 2), (4,), ()]]
    results = []
    for lib in (tg, torch):
        parameters = [lib.tensor(value).requires_grad_() for value in values]
        for parameter, value in zip(parameters, values, strict=True):
            parameter.grad = lib.tensor(value * 2)
        total = lib.nn.utils.clip_grad_norm_(parameters, max_norm, norm_type)
        results.append([total.numpy(), *(p.grad.numpy() for p in parameters)])
    for mine, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)


def test_nothing_to_clip() -> None:
    assert nn.utils.clip_grad_norm_([nn.Parameter(tg.ones(1))], 1.0).item() == 0


# Vectors


def test_parameters_as_a_vector_and_back() -> None:
    model = nn.Linear(2, 1)
    vector = nn.utils.parameters_to_vector(model.parameters())
    assert vector.tolist() == [*model.weight.detach().numpy()[0], model.bias.item()]  # type: ignore[union-attr]
    vector.pow(2).sum().backward()
    assert model.weight.grad is not None
    nn.utils.vector_to_parameters(tg.tensor([1.0, 2.0, 3.0]), model.parameters())
    assert model.weight.tolist() == [[1, 2]] and model.weight.is_leaf
    with pytest.raises(ValueError, match=r"^the parameters hold 3 numbers; a vector of shape \(2,\) was given.$"):
        nn.utils.vector_to_parameters(tg.ones(2), model.parameters())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: init.eye_(tg.ones(2)), "eye_ needs a matrix; a tensor of shape (2,) was given."),
        (lambda: init.sparse_(tg.ones(2), 0.5), "sparse_ needs a matrix; a tensor of shape (2,) was given."),
        (
            lambda: init.xavier_normal_(tg.ones(2)),
            "xavier_normal_ needs a tensor with at least two axes, to know fan_in and fan_out; (2,) was given. "
            "For a bias "
            "use zeros_ or uniform_.",
        ),
        (lambda: init.orthogonal_(tg.ones(2)), "orthogonal_ needs a tensor with at least two axes; (2,) was given."),
        (lambda: init.kaiming_normal_(tg.ones(2, 2), mode="in"), "mode is 'fan_in' or 'fan_out'; 'in' was given."),
        (
            lambda: init.chrono_(tg.ones(6), 100),
            "chrono_ needs an LSTM's bias, of shape (4 * hidden,); (6,) was given.",
        ),
        (
            lambda: init.chrono_(tg.ones(4, 4), 100),
            "chrono_ needs an LSTM's bias, of shape (4 * hidden,); (4, 4) was given.",
        ),
        (lambda: init.chrono_(tg.ones(8), 2), "longest is a number of steps from 3 on; 2 was given."),
        (
            lambda: init.calculate_gain("swish"),
            "no gain is known for 'swish': choose one of linear, conv1d, conv2d, conv3d, sigmoid, tanh, relu, selu, "
            "leaky_relu.",
        ),
        (
            lambda: init.trunc_normal_(tg.ones(2), a=9.0, b=10.0),
            "hardly any number of N(0.0, 1.0^2) lies in [9.0, 10.0]: move the limits or the mean.",
        ),
    ],
)
def test_what_is_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as error:
        call()
    assert str(error.value) == message
