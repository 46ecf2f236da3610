"""``gradcheck`` finds wrong rules, says how they are wrong, and accepts right ones."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn.autograd import GradcheckError, gradcheck, gradgradcheck

from .programs import leaf, numbers


def operation(forward: Callable[..., Any], *rules: Callable[..., Any]) -> tg.Primitive:
    return tg.Primitive("mine", forward, *rules)


RIGHT = operation(lambda x: x**3, lambda g, y, x: g * 3 * x**2)
WRONG: dict[str, tuple[tg.Primitive, str]] = {
    "a mean for a sum": (
        operation(lambda x: x.sum(), lambda g, y, x: g + 0 * x if isinstance(x, str) else g / x.size + 0 * x),
        "off by 1/5: mean or sum?",
    ),
    "a factor forgotten": (operation(lambda x: 2 * x, lambda g, y, x: g), "off by 1/2: mean or sum?"),
    "a factor too much": (operation(lambda x: x * x, lambda g, y, x: 6 * g * x), "off by 3: mean or sum?"),
    "a sign": (operation(lambda x: -(x**2), lambda g, y, x: 2 * g * x), "off by -1"),
    "an odd factor": (operation(lambda x: 2 * x, lambda g, y, x: 1.37 * g), "off by 0.685"),
    "nothing at all": (operation(lambda x: x * x, lambda g, y, x: 0 * g), "It is 0 everywhere"),
    "not a number": (operation(lambda x: x * x, lambda g, y, x: g * np.nan), "detect_anomaly()"),
    "something else": (operation(lambda x: x**2, lambda g, y, x: g * x**3), "They differ most at d output["),
}


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("name", WRONG)
def test_wrong_rules_are_found_and_explained(name: str, fast: bool) -> None:
    primitive, words = WRONG[name]
    with pytest.raises(GradcheckError) as caught:
        gradcheck(primitive, leaf(tg, 5), fast_mode=fast)
    message = str(caught.value)
    if not (fast and name == "something else"):
        assert words in message
    assert "numerical" in message and "analytical" in message
    assert gradcheck(primitive, leaf(tg, 5), fast_mode=fast, raise_exception=False) is False


@pytest.mark.parametrize("fast", [False, True])
def test_right_rules_pass(fast: bool) -> None:
    assert gradcheck(RIGHT, leaf(tg, 2, 3), fast_mode=fast) is True
    assert gradgradcheck(RIGHT, leaf(tg, 2, 3), fast_mode=fast) is True
    assert gradcheck(lambda a, b: (a @ b, a.sum(), b * 2), (leaf(tg, 2, 3), leaf(tg, 3, 2, seed=1)), fast_mode=fast)


def test_a_wrong_second_derivative_is_found() -> None:
    """A rule that is right in value, and whose own derivative is cut off."""
    wrong = operation(lambda x: x**3, lambda g, y, x: g * 3 * (x.detach() if isinstance(x, tg.Tensor) else x) ** 2)
    assert gradcheck(wrong, leaf(tg, 3))
    assert gradgradcheck(wrong, leaf(tg, 3), raise_exception=False) is False


def test_the_worst_entry_is_named() -> None:
    weights = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 9.0]])
    wrong = operation(lambda x: x * 1.0, lambda g, y, x: g * weights)
    with pytest.raises(GradcheckError, match=r"d output\[1, 2\] / d input\[1, 2\]: numerical 1, analytical 9"):
        gradcheck(wrong, leaf(tg, 2, 3))


def test_float32_warns() -> None:
    x = tg.tensor([1.0, 2.0], dtype=tg.float32, requires_grad=True)
    with pytest.warns(UserWarning, match="input 0 is float32: finite differences of it are mostly rounding errors"):
        assert gradcheck(lambda x: x * 2, x, eps=1e-2, atol=1e-2)


def test_inputs_may_be_used_without_being_taken() -> None:
    tg.manual_seed(0)
    cell = tg.nn.RNNCell(2, 3).double()
    x = numbers(tg, 1, 2)
    assert gradcheck(lambda *_: cell(x), tuple(cell.parameters()))
    before = [p.tolist() for p in cell.parameters()]
    gradcheck(lambda *_: cell(x) * 2, tuple(cell.parameters()))
    assert [p.tolist() for p in cell.parameters()] == before  # moved and put back exactly


def test_other_inputs_and_outputs_are_left_alone() -> None:
    x = leaf(tg, 3)
    assert gradcheck(lambda x, n, i: (x**n, i), (x, 2, tg.tensor([1, 2])))
    assert gradcheck(lambda x: x.detach() * 0, x)
    with pytest.raises(GradcheckError, match="It is 0 everywhere: is something detached"):
        gradcheck(lambda x: x.detach() * 2, x)
    with pytest.raises(ValueError, match="needs an input that requires a gradient"):
        gradcheck(lambda x: x, numbers(tg, 3))


def test_a_derivative_that_changes_from_pass_to_pass_is_found() -> None:
    rng = np.random.default_rng(0)
    wrong = operation(lambda x: x * 1.0, lambda g, y, x: g * (1 + 1e-7 * rng.uniform()))
    with pytest.raises(GradcheckError, match="two backward passes over the same graph give different gradients"):
        gradcheck(wrong, leaf(tg, 3))
    assert gradcheck(wrong, leaf(tg, 3), nondet_tol=1e-6)


def test_what_is_not_supported_is_refused() -> None:
    for option in ("check_forward_ad", "check_batched_grad", "check_batched_forward_grad", "masked"):
        with pytest.raises(NotImplementedError, match=f"{option}=True is not supported"):
            gradcheck(RIGHT, leaf(tg, 2), **{option: True})
    with pytest.raises(NotImplementedError, match="check_backward_ad=False"):
        gradcheck(RIGHT, leaf(tg, 2), check_backward_ad=False)


def test_given_grad_outputs() -> None:
    assert gradgradcheck(RIGHT, leaf(tg, 3), leaf(tg, 3, seed=5))
    with pytest.raises(ValueError, match="grad_outputs holds 1 tensors, and 2 outputs"):
        gradgradcheck(lambda x: (x * x, x**3), leaf(tg, 3), leaf(tg, 3))


NETWORKS: dict[str, Callable[[], Any]] = {
    "RNN": lambda: tg.nn.RNN(2, 2),
    "RNN relu": lambda: tg.nn.RNN(2, 2, nonlinearity="relu"),
    "LSTM": lambda: tg.nn.LSTM(2, 2),
    "GRU": lambda: tg.nn.GRU(2, 2),
    "stacked, both directions": lambda: tg.nn.RNN(1, 1, num_layers=2, bidirectional=True),
    "LSTM with projection": lambda: tg.nn.LSTM(1, 2, proj_size=1),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_second_derivatives_through_networks(name: str) -> None:
    tg.manual_seed(1)
    net = NETWORKS[name]().double()
    inputs = (leaf(tg, 3, 1, net.input_size), *net.parameters())
    assert gradcheck(lambda x, *_: net(x)[0], inputs)
    assert gradgradcheck(lambda x, *_: net(x)[0], inputs)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_third_derivatives_through_networks(name: str) -> None:
    tg.manual_seed(1)
    net = NETWORKS[name]().double()
    x = leaf(tg, 2, 1, 2)

    def second(x: tg.Tensor) -> Any:
        (g,) = tg.autograd.grad((net(x)[0] ** 2).sum(), x, create_graph=True)
        (h,) = tg.autograd.grad((g * g).sum(), x, create_graph=True)
        return h

    assert gradcheck(second, x)
