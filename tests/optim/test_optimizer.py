"""Optimisers: groups, closures, state, float32, stale graphs, and every refusal word for word."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.optim.cases import CASES, Problem, name_of
from tinygrad_rnn import nn, optim


def parameter(*values: float, name: str | None = None) -> nn.Parameter:
    return nn.Parameter(list(values), name=name)


def test_gradient_descent_corrects_the_stock_price() -> None:
    """Prices 100 .. 108 in hundreds, W_x = 0.5, W_h = 0.2 I, target 110, lr 0.1: $114.76 -> 109.96 -> 110.0006."""
    double: dict[str, Any] = {"dtype": tg.float64}
    W_x, W_h, b = (
        nn.Parameter(x) for x in (tg.full((2, 1), 0.5, **double), tg.eye(2, **double) * 0.2, tg.zeros(2, **double))
    )
    W_y, b_y = nn.Parameter(tg.ones(1, 2, **double)), nn.Parameter(tg.zeros(1, **double))
    sgd = optim.SGD([W_x, W_h, b, W_y, b_y], lr=0.1)
    prices = []
    for _ in range(3):
        h = tg.zeros(2, **double)
        for x in (1.00, 1.02, 1.04, 1.06, 1.08):
            h = tg.tanh(W_x @ tg.tensor([x], **double) + W_h @ h + b)
        y = W_y @ h + b_y
        prices.append(100 * y.item())
        sgd.zero_grad()
        ((y - 1.10) ** 2).sum().backward()
        sgd.step()
    assert [round(prices[0], 4), round(prices[1], 2), round(prices[2], 4)] == [114.7583, 109.96, 110.0006]


def test_groups_have_options_of_their_own() -> None:
    a, b = parameter(1.0), parameter(1.0)
    sgd = optim.SGD([{"params": [a]}, {"params": b, "lr": 1.0}], lr=0.1)
    for p in (a, b):
        p.grad = tg.ones(1)
    sgd.step()
    assert a.item() == pytest.approx(0.9) and b.item() == 0
    assert sgd.param_groups[1]["lr"] == 1.0 and sgd.param_groups[0]["momentum"] == 0
    c = parameter(1.0)
    sgd.add_param_group({"params": c, "lr": 2.0})
    c.grad = tg.ones(1)
    sgd.step()
    assert c.item() == -1


def test_parameters_may_come_with_their_names() -> None:
    model = nn.Linear(2, 1)
    assert optim.SGD(model.named_parameters()).param_groups[0]["params"] == list(model.parameters())


def test_what_has_no_gradient_stays() -> None:
    a, b = parameter(1.0), parameter(1.0)
    a.grad = tg.ones(1)
    optim.Adam([a, b]).step()
    assert b.item() == 1 and a.item() != 1


def test_zero_grad() -> None:
    a = parameter(1.0)
    sgd = optim.SGD([a])
    a.grad = tg.ones(1)
    sgd.zero_grad(set_to_none=False)
    assert a.grad is not None and a.grad.item() == 0
    sgd.zero_grad()
    assert a.grad is None


def test_a_closure_computes_the_loss_even_without_recording() -> None:
    a = parameter(2.0)
    sgd = optim.SGD([a], lr=0.25)

    def closure() -> tg.Tensor:
        sgd.zero_grad()
        loss: tg.Tensor = (a * a).sum()
        loss.backward()
        return loss

    with tg.no_grad():
        loss = sgd.step(closure)
    assert loss.item() == 4 and a.item() == 1
    assert sgd.step() is None


@pytest.mark.parametrize(("kind", "options"), CASES, ids=map(name_of, CASES))
def test_float32_stays_float32_and_memory_stays_in_place(kind: str, options: dict[str, Any]) -> None:
    p = nn.Parameter(tg.ones(3, 2))
    memory, optimizer = p.array, getattr(optim, kind)([p], **options)
    for _ in range(3):
        p.grad = tg.randn(3, 2)
        given = p.grad.numpy().copy()
        optimizer.step()
        np.testing.assert_array_equal(p.grad.numpy(), given)  # the gradient is only read
    assert p.array is memory and p.dtype == tg.float32 and np.isfinite(memory).all()
    assert {v.dtype for v in optimizer.state[p].values() if isinstance(v, np.ndarray)} <= {np.dtype(np.float32)}


def test_two_parameters_of_one_shape_do_not_share_state() -> None:
    a, b = parameter(1.0), parameter(1.0)
    adam = optim.Adam([a, b], lr=0.1)
    for p, g in ((a, 1.0), (b, -1.0)):
        p.grad = tg.tensor([g])
    for _ in range(5):
        adam.step()
    assert a.item() == pytest.approx(0.5) and b.item() == pytest.approx(1.5)
    assert adam.state[a]["exp_avg"] is not adam.state[b]["exp_avg"]


def test_a_graph_recorded_before_the_step_is_refused() -> None:
    w = parameter(1.0, 2.0, name="w")
    sgd = optim.SGD([w], lr=0.1)
    loss, other = (w * w).sum(), (w * w).sum()
    loss.backward()
    sgd.step()
    with pytest.raises(RuntimeError, match="changed in place after it was used"):
        other.backward()


@pytest.mark.parametrize(("kind", "options"), CASES, ids=map(name_of, CASES))
def test_a_state_goes_round(kind: str, options: dict[str, Any]) -> None:
    def steps(optimizer: Any, problem: Problem, count: int) -> None:
        for _ in range(count):
            optimizer.zero_grad()
            problem.loss().backward()
            optimizer.step()

    one, two = Problem(tg), Problem(tg)
    alone, first, second = (getattr(optim, kind)(p.parameters, **options) for p in (one, two, two))
    steps(alone, one, 10)
    steps(first, two, 4)
    state = first.state_dict()
    second.load_state_dict(state)
    first.state.clear()
    for entries in state["state"].values():  # what was loaded is a copy
        for value in entries.values():
            if isinstance(value, tg.Tensor):
                value.fill_(7.0)
    steps(second, two, 6)
    np.testing.assert_array_equal(one.numbers(), two.numbers())


def test_a_state_dict_is_plain_and_numbered() -> None:
    a, b = parameter(1.0), parameter(1.0, 2.0)
    adam = optim.Adam([{"params": [a]}, {"params": [b], "lr": 0.5}])
    b.grad = tg.ones(2)
    adam.step()
    state = adam.state_dict()
    assert list(state["state"]) == [1] and state["state"][1]["step"] == 1
    assert isinstance(state["state"][1]["exp_avg"], tg.Tensor)
    assert [group["params"] for group in state["param_groups"]] == [[0], [1]] and state["param_groups"][1]["lr"] == 0.5
    json.dumps(state["param_groups"])


def test_a_state_of_another_model_is_refused_and_nothing_is_loaded() -> None:
    a, b = parameter(1.0), parameter(1.0, 2.0, name="W_xh")
    mine, other = optim.Adam([b]), optim.Adam([a])
    a.grad, b.grad = tg.ones(1), tg.ones(2)
    mine.step()
    other.step()
    with pytest.raises(ValueError) as error:
        mine.load_state_dict(other.state_dict())
    assert str(error.value) == (
        "the state 'exp_avg' of shape (1,) does not fit the parameter W_xh of shape (2,); nothing was loaded."
    )
    with pytest.raises(ValueError) as error:
        optim.Adam([a, b]).load_state_dict(other.state_dict())
    assert str(error.value) == (
        "this optimiser has groups of [2] parameters, the state dict has groups of [1]; nothing was loaded."
    )
    assert mine.state[b]["step"] == 1


KINDS = sorted({kind for kind, _ in CASES} | {"LBFGS", "Muon"})


def goes_on(lib: Any, kind: str, other: str, change: Callable[[Any], None]) -> bool:
    """Whether an optimiser loads the state dict of another, and then takes a step; nothing is loaded by halves."""

    def made(kind: str) -> tuple[Any, Any]:
        p = lib.nn.Parameter(lib.ones(2, 2))
        return p, getattr(lib.optim, kind)([p], lr=0.125)

    def step(p: Any, optimizer: Any) -> None:
        def closure() -> Any:
            optimizer.zero_grad()
            loss = (p * p).sum()
            loss.backward()
            return loss

        optimizer.step(closure)

    first, (p, second) = made(other), made(kind)
    step(*first)
    state = first[1].state_dict()
    change(state["state"][0]) if 0 in state["state"] else None
    before = str(second.state_dict())
    try:
        second.load_state_dict(state)
    except (ValueError, KeyError) as error:
        assert lib is not tg or ("nothing was loaded" in str(error) and str(second.state_dict()) == before)
        return False
    try:
        step(p, second)
    except (KeyError, AttributeError, TypeError):
        assert lib is not tg, "refused before the step"
        return False
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_dict_is_loaded_if_pytorch_can_go_on_from_it(kind: str) -> None:
    torch = pytest.importorskip("torch")
    for other in KINDS:
        found, wanted = (goes_on(lib, kind, other, lambda state: None) for lib in (tg, torch))
        assert found == wanted, other


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("SGD", "LBFGS")])
def test_a_state_that_lacks_what_the_rule_remembers_is_refused(kind: str) -> None:
    def numbers_alone(state: Any) -> None:
        for key in state.keys() - {"step", "mu_product", "eta", "mu"}:
            del state[key]

    assert not goes_on(tg, kind, kind, numbers_alone)


def test_prints_its_options() -> None:
    assert repr(optim.SGD([parameter(1.0)], lr=0.1)) == (
        "SGD (\nParameter Group 0\n    dampening: 0\n    lr: 0.1\n    maximize: False\n    momentum: 0\n"
        "    nesterov: False\n    weight_decay: 0\n)"
    )


def test_an_optimiser_of_ones_own_may_have_no_learning_rate() -> None:
    class Half(optim.Optimizer):
        def update(self, p: Any, g: Any, state: Any, group: Any) -> None:
            p *= 0.5

    p = tg.nn.Parameter(tg.ones(2))
    p.grad = tg.ones(2)
    Half([p], {}).step()
    assert p.tolist() == [0.5, 0.5]


def test_an_optimiser_of_ones_own() -> None:
    class SignDescent(optim.Optimizer):
        def __init__(self, params: Any, lr: float = 0.5) -> None:
            super().__init__(params, {"lr": lr})

        def update(self, p: optim.Array, g: optim.Array, state: optim.State, group: optim.Group) -> None:
            state["count"] = state.get("count", 0) + 1
            p -= group["lr"] * np.sign(g)

    a = parameter(1.0, 1.0)
    rule = SignDescent([a])
    a.grad = tg.tensor([3.0, -3.0])
    rule.step()
    assert a.tolist() == [0.5, 1.5] and rule.state_dict()["state"] == {0: {"count": 1}}


P = [parameter(1.0, 2.0, name="W_hh")]
REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: optim.SGD([]),
        ValueError,
        "the optimiser was given no parameters: pass model.parameters(), freshly called.",
    ),
    (
        lambda: optim.SGD(P[0]),
        TypeError,
        "an optimiser takes a list of tensors, and one tensor was given: write [tensor].",
    ),
    (lambda: optim.SGD([3]), TypeError, "an optimiser changes tensors; int was given."),
    (
        lambda: optim.SGD([P[0] * 2]),
        ValueError,
        "an optimiser changes leaf tensors, and this tensor of shape (2,) was computed from others: pass the "
        "parameters it "
        "was computed from.",
    ),
    (lambda: optim.SGD([*P, *P]), ValueError, "the parameter W_hh of shape (2,) was given twice."),
    (lambda: optim.SGD([parameter(1.0, 2.0)] * 2), ValueError, "the parameter of shape (2,) was given twice."),
    (
        lambda: optim.SGD([{"params": P, "wieght_decay": 1}]),
        ValueError,
        "SGD has no option wieght_decay; did you mean weight_decay?",
    ),
    (lambda: optim.SGD(P, lr=-1), ValueError, "lr cannot be negative; -1 was given."),
    (lambda: optim.Adam(P, eps=-1), ValueError, "eps cannot be negative; -1 was given."),
    (lambda: optim.SGD(P, momentum=-1), ValueError, "momentum cannot be negative; -1 was given."),
    (lambda: optim.AdamW(P, weight_decay=-1), ValueError, "weight_decay cannot be negative; -1 was given."),
    (lambda: optim.RMSprop(P, alpha=-1), ValueError, "alpha cannot be negative; -1 was given."),
    (lambda: optim.Adagrad(P, lr_decay=-1), ValueError, "lr_decay cannot be negative; -1 was given."),
    (
        lambda: optim.Adam(P, betas=(0.9, 1.0)),
        ValueError,
        "betas are two numbers from 0 up to, not including, 1; (0.9, 1.0) was given.",
    ),
    (lambda: optim.SGD(P, nesterov=True), ValueError, "nesterov=True needs a momentum above 0 and dampening=0."),
]


@pytest.mark.parametrize(("call", "kind", "message"), REFUSED, ids=[message[:50] for _, _, message in REFUSED])
def test_what_is_refused(call: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as error:
        call()
    assert str(error.value) == message
