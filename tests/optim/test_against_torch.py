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


MUON: list[dict[str, Any]] = [
    {},
    {"lr": 0.1, "weight_decay": 0.0, "momentum": 0.7, "nesterov": False},
    {"adjust_lr_fn": "match_rms_adamw", "ns_steps": 3, "ns_coefficients": (3.0, -4.0, 2.0)},
    {"adjust_lr_fn": "original", "eps": 1.0},
]


@pytest.mark.parametrize("options", MUON, ids=str)
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_steps_that_are_nearly_orthogonal_equal_torch(kind: str, options: dict[str, Any]) -> None:
    """Beside PyTorch's bfloat16, of which a number that is rounded otherwise would be 1/256 away."""
    torch = pytest.importorskip("torch")
    ends = []
    for lib in (tg, torch):
        start = np.cos(np.arange(36.0) ** 2).astype(kind)
        matrices = [lib.tensor(start.reshape(shape), requires_grad=True) for shape in ((4, 9), (9, 4), (6, 6))]
        optimizer = lib.optim.Muon(matrices, **options)
        for _ in range(20):
            optimizer.zero_grad()
            a, b, c = matrices
            ((a @ b).tanh().sum() + (c @ c - 1).square().mean() + (a * a).sum()).backward()
            optimizer.step()
        ends.append([each.detach().numpy() for each in matrices])
    for mine, theirs in zip(*ends, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5 if kind == "float32" else 1e-10, atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "options", "word"),
    [
        ((3,), {}, "moves matrices"),
        ((2, 2), {"adjust_lr_fn": "none"}, "adjust_lr_fn is"),
        ((2, 2), {"ns_steps": 100}, "fewer than 100"),
        ((2, 2), {"ns_coefficients": (1.0, 2.0)}, "three ns_coefficients"),
        ((2, 2), {"momentum": -1.0}, "momentum cannot be negative"),
    ],
)
def test_what_muon_refuses(shape: tuple[int, ...], options: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        tg.optim.Muon([tg.ones(*shape, requires_grad=True)], **options)
