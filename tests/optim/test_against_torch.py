"""Optimisers step for step beside PyTorch: recorded numbers, PyTorch itself, and states handed over between the two."""

from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.optim.cases import CASES, STEPS, Problem, name_of, run
from tests.optim.record import recorded

PATHS = recorded()

pytestmark = pytest.mark.usefixtures("torch_in_double")
every_case = pytest.mark.parametrize(("kind", "options"), CASES, ids=map(name_of, CASES))


@every_case
def test_equals_the_recorded_path(kind: str, options: dict[str, Any]) -> None:
    np.testing.assert_allclose(run(tg, kind, options), PATHS[name_of((kind, options))], rtol=1e-10, atol=1e-10)


@every_case
def test_equals_torch(kind: str, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    path = run(tg, kind, options)
    assert path.shape == (STEPS, 9)
    np.testing.assert_allclose(path, run(torch, kind, options), rtol=1e-10, atol=1e-10)


@every_case
def test_goes_on_from_the_state_of_torch_and_back(kind: str, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    libs: list[Any] = [torch, tg, torch, tg]
    problems = [Problem(lib) for lib in libs]
    optimizers = [getattr(lib.optim, kind)(p.parameters, **options) for lib, p in zip(libs, problems, strict=True)]
    # One runs alone; three take turns, each going on from the state of the one before.
    expected, relay = problems[0], list(zip(libs, problems, optimizers, strict=True))[1:]
    for _ in range(12):
        optimizers[0].zero_grad()
        expected.loss().backward()
        optimizers[0].step()
    state: Any = None
    numbers: Any = None
    for lib, problem, optimizer in relay:
        if state is not None:
            with lib.no_grad():
                for parameter, value in zip(problem.parameters, numbers, strict=True):
                    parameter.copy_(lib.tensor(value))
            optimizer.load_state_dict(_handed_over(state, lib))
        for _ in range(4):
            optimizer.zero_grad()
            problem.loss().backward()
            optimizer.step()
        state = optimizer.state_dict()
        numbers = [parameter.detach().numpy().copy() for parameter in problem.parameters]
    np.testing.assert_allclose(relay[-1][1].numbers(), expected.numbers(), rtol=1e-10, atol=1e-10)


def _handed_over(state: dict[str, Any], lib: Any) -> dict[str, Any]:
    def value(x: Any) -> Any:
        if lib is tg:
            return x  # ours reads PyTorch's tensors
        return lib.tensor(x.numpy()) if hasattr(x, "numpy") else x

    entries = {
        number: {
            key: lib.tensor(float(x)) if key == "step" and lib is not tg else value(x) for key, x in values.items()
        }
        for number, values in state["state"].items()
    }
    return {"state": entries, "param_groups": state["param_groups"]}
