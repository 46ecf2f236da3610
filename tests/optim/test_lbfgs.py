"""L-BFGS step for step beside PyTorch, in both precisions, and on valleys and bowls with a known bottom."""

import copy
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.optim.cases import LBFGS_CASES, Problem, lbfgs_step, name_of, run_lbfgs
from tests.optim.record import recorded
from tinygrad_rnn import nn, optim

pytestmark = pytest.mark.usefixtures("torch_in_double")
PATHS = recorded()
every_case = pytest.mark.parametrize(("count", "options"), LBFGS_CASES, ids=map(name_of, LBFGS_CASES))


@every_case
def test_equals_the_recorded_path(count: int, options: dict[str, Any]) -> None:
    path = run_lbfgs(tg, count, options)
    assert path.shape == (count, 10)
    np.testing.assert_allclose(path, PATHS[name_of((count, options))], rtol=1e-10, atol=1e-10)


@every_case
def test_equals_torch(count: int, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    np.testing.assert_allclose(run_lbfgs(tg, count, options), run_lbfgs(torch, count, options), rtol=1e-10, atol=1e-10)


@every_case
def test_goes_on_from_the_state_of_torch_and_back(count: int, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    whole = run_lbfgs(torch, 9, options)
    path: list[Any] = []
    state: Any = None
    for lib in (torch, tg, torch):
        problem, optimizer = at(lib, options, path[-1][:-1] if path else None, state)
        path += [lbfgs_step(problem, optimizer) for _ in range(3)]
        state = copy.deepcopy(optimizer.state_dict())
    np.testing.assert_allclose(path, whole, rtol=1e-10, atol=1e-10)


def at(lib: Any, options: dict[str, Any], numbers: Any, state: Any) -> tuple[Problem, Any]:
    """The problem and an optimiser with these parameters and this state, of ours or of PyTorch's."""
    problem = Problem(lib)
    optimizer = lib.optim.LBFGS(problem.parameters, **options)
    if numbers is not None:
        with lib.no_grad():
            for p, part in zip(problem.parameters, np.split(numbers, [6, 8]), strict=True):
                p.copy_(lib.tensor(part).reshape(p.shape))
        optimizer.load_state_dict(copy.deepcopy(state) if lib is tg else torch_state(copy.deepcopy(state), lib))
    return problem, optimizer


@pytest.mark.slow
@every_case
def test_every_step_of_fifty_from_where_torch_is(count: int, options: dict[str, Any]) -> None:
    """Without the growth of last digits along the path: each step of ours beside that of PyTorch from the same place.

    A single step of a line search can hang on a last digit as well. PyTorch says which: it must itself go elsewhere
    from a start moved by one digit, and at least as far.
    """
    torch = pytest.importorskip("torch")
    theirs, optimizer = at(torch, options, None, None)
    hanging = 0
    for _ in range(50):
        start, state = theirs.numbers(), copy.deepcopy(optimizer.state_dict())
        ours = lbfgs_step(*at(tg, options, start, state))
        expected = lbfgs_step(theirs, optimizer)
        if np.allclose(ours, expected, rtol=1e-10, atol=1e-10):
            continue
        digits = np.random.default_rng(0).integers(-1, 2, (20, start.size)) * np.spacing(start)
        moved = np.array([lbfgs_step(*at(torch, options, start + each, state)) for each in digits])
        assert np.abs(ours - expected).max() <= np.abs(moved - expected).max()
        hanging += 1
    assert hanging <= 1


def torch_state(value: Any, torch: Any) -> Any:
    if isinstance(value, dict):
        return {key: torch_state(each, torch) for key, each in value.items()}
    if isinstance(value, list):
        return [torch_state(each, torch) for each in value]
    return torch.tensor(value.numpy()) if isinstance(value, tg.Tensor) else value


def minimised(lib: Any, loss: Any, start: list[float], dtype: str = "float64", **options: Any) -> list[float]:
    x = lib.tensor(start, dtype=getattr(lib, dtype), requires_grad=True)
    optimizer = lib.optim.LBFGS([x], **options)

    def closure() -> Any:
        optimizer.zero_grad()
        value = loss(x)
        value.backward()
        return value

    optimizer.step(closure)
    return [float(each) for each in x.detach().numpy()]


def rosenbrock(x: Any) -> Any:
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def test_finds_the_bottom_of_a_bent_valley() -> None:
    found = minimised(tg, rosenbrock, [-1.5, 2.0], max_iter=60, max_eval=200, line_search_fn="strong_wolfe")
    assert found == pytest.approx([1, 1], abs=1e-5)


@pytest.mark.parametrize("start", [[-1.5, 2.0], [0.0, 0.0], [3.0, -2.0], [-0.5, 0.25]])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_takes_the_way_of_torch_through_a_bent_valley(start: list[float], dtype: str) -> None:
    torch = pytest.importorskip("torch")
    for options in ({"max_iter": 8, "line_search_fn": "strong_wolfe"}, {"max_iter": 8, "lr": 0.01}):
        ours, theirs = (minimised(lib, rosenbrock, start, dtype, **options) for lib in (tg, torch))
        assert ours == pytest.approx(theirs, rel=1e-3 if dtype == "float32" else 1e-9)


def test_stops_at_the_bottom() -> None:
    x = nn.Parameter([0.0, 0.0])
    lbfgs = optim.LBFGS([x])
    calls = 0

    def closure() -> tg.Tensor:
        nonlocal calls
        calls += 1
        lbfgs.zero_grad()
        loss: tg.Tensor = (x * x).sum()
        loss.backward()
        return loss

    assert lbfgs.step(closure).item() == 0 and calls == 1 and x.tolist() == [0, 0]
    lbfgs.load_state_dict(lbfgs.state_dict())
    assert lbfgs.state[x] == {"func_evals": 1, "n_iter": 0}


def test_a_state_of_another_size_is_refused() -> None:
    x, y = tg.tensor([1.0, 2.0], requires_grad=True), tg.tensor([3.0], requires_grad=True)
    one, other = optim.LBFGS([x]), optim.LBFGS([y])

    def closure() -> tg.Tensor:
        one.zero_grad()
        loss: tg.Tensor = (x * x).sum()
        loss.backward()
        return loss

    one.step(closure)
    with pytest.raises(ValueError) as error:
        other.load_state_dict(one.state_dict())
    assert str(error.value) == (
        "the state 'old_dirs' of shape (2,) does not fit the 1 numbers in the parameters; nothing was loaded."
    )
