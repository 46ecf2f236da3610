"""PyTorch's own configurations of its optimisers, of those there are here: the same paths, states and refusals."""

from __future__ import annotations

import copy
import warnings
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.side_by_side import database, given_to

torch = pytest.importorskip("torch")
common = database("common_optimizers")
pytestmark = pytest.mark.slow

INFOS = {info.optim_cls.__name__: info for info in common.optim_db if hasattr(tg.optim, info.optim_cls.__name__)}

#: Configurations that are not aimed at, by words in their names, and why.
LEFT_OUT = {
    "differentiable": "a step is not recorded here",
    "Muon float64 Tensor lr": "PyTorch shrinks a parameter there by what float32 makes of 1 - lr * weight_decay",
}
#: Error inputs that are accepted, and why.
OTHERWISE = {
    f"{kind} lr as Tensor doesn't work with foreach & not capturable": "foreach chooses nothing here"
    for kind in ("Adam", "AdamW")
}
SCHEDULES = ("ConstantLR", "ExponentialLR", "LinearLR", "PolynomialLR", "ReduceLROnPlateau", "StepLR")


class Sample(NamedTuple):
    name: str
    dtype: str
    options: dict[str, Any]
    schedules: tuple[Any, ...]


def samples(kind: str) -> Iterator[Sample]:
    """All configurations of an optimiser in both types, and its combinations with schedules."""
    info = INFOS[kind]
    for dtype in ("float64", "float32"):
        inputs = info.optim_inputs_func("cpu")
        rows = [(each.desc, each.kwargs, ()) for each in inputs]
        for flag in info.supported_impls:
            rows += [(f"{each.desc} {flag}", {**each.kwargs, flag: True}, ()) for each in inputs]
        rows += [(f"schedules {n}", {"lr": 0.1}, made) for n, made in enumerate(info.scheduler_inputs)]
        for desc, options, schedules in rows:
            tensor_lr = hasattr(options.get("lr"), "item") and "foreach" in options
            name = f"{kind} {dtype} {desc}"
            if not any(word in name for word in LEFT_OUT) and not tensor_lr:
                yield Sample(name, dtype, options, tuple(schedules))


def run(library: Any, kind: str, sample: Sample, steps: int = 6, state: Any = None) -> tuple[list[Any], Any]:
    """The path of three parameters, of which one has a gradient only sometimes, the rates, and the state at the end."""
    numbers = np.linspace(-1.5, 2, 6).astype(sample.dtype)
    arrays = [numbers[:4].reshape(2, 2), numbers[3], numbers[4:]]
    if kind == "Muon":  # which moves matrices alone
        arrays = [np.atleast_2d(each) for each in arrays]
    params = [library.nn.Parameter(library.from_numpy(np.array(each))) for each in arrays]
    made = getattr(library.optim, kind)(params, **given_to(library, sample.options))
    schedules = [make(made) for make in sample.schedules]
    if state is not None:
        made.load_state_dict(copy.deepcopy(state))
    path: list[Any] = []

    def closure() -> Any:
        made.zero_grad()
        a, b, c = params
        loss = ((a - 1) ** 2).sum() + (b * 0.5 - a.sum() * 0.25) ** 2 + b.cosh() * 0.1
        if len(path) % 3 != 1:
            loss = loss + ((c - b) ** 2).sum() * 0.25
        loss = loss.sum()
        loss.backward()
        return loss

    for _ in range(steps):
        loss = made.step(closure).item()
        for schedule in schedules:
            schedule.step(*([loss] if type(schedule).__name__ == "ReduceLROnPlateau" else []))
        rate = float(made.param_groups[0]["lr"])
        path.append([loss, rate, *(p.detach().numpy().copy() for p in params)])
    return path, made.state_dict()


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """The entries of a state at any depth, tensors as arrays."""
    if hasattr(value, "detach"):
        return {path: value.detach().numpy()}
    if isinstance(value, (list, tuple, dict)):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        return {name: each for key, part in parts for name, each in flat(part, f"{path}.{key}").items()}
    return {path: value}


#: Entries of PyTorch's states that choose how a step is computed, or are scratch.
APART = ("foreach", "fused", "capturable", "differentiable", ".al.")


def difference(kind: str, sample: Sample, monkeypatch: pytest.MonkeyPatch) -> str:
    """What differs from PyTorch, in words; nothing if nothing does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            torch.set_default_dtype(torch.float64)  # ASGD keeps its rate as a tensor of the default type
            try:
                wanted, state = run(torch, kind, sample)
                further, _ = run(torch, kind, sample, 3, state)
            finally:
                torch.set_default_dtype(torch.float32)
            with monkeypatch.context() as patched:
                for name in SCHEDULES:
                    patched.setattr(common, name, getattr(tg.optim.lr_scheduler, name))
                found, own = run(tg, kind, sample)
                after, _ = run(tg, kind, sample, 3, own)
                crossed, _ = run(tg, kind, sample, 3, state)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    mine, theirs = ({k: v for k, v in flat(each).items() if not any(a in k for a in APART)} for each in (own, state))
    exact = sample.dtype == "float64"
    rtol, atol = (1e-7, 1e-9) if exact else (2e-3, 2e-4)
    paths = [("path", found, wanted), ("own state", after, further), ("PyTorch's state", crossed, further)]
    rounded = kind == "LBFGS" and not exact  # how many moves it takes is decided by the last bit
    for name, a, b in paths[:1] if rounded else paths:
        for x, y in zip(chain(*a), chain(*b), strict=True):
            if not np.allclose(x, y, rtol=rtol, atol=atol) or np.asarray(x).dtype != np.asarray(y).dtype:
                return f"{name}: {x!r} for {y!r}"
    if rounded:
        return ""
    if set(mine) != set(theirs):
        return f"states: {sorted(set(mine) ^ set(theirs))}"
    for name, y in theirs.items():
        x = mine[name]
        if isinstance(y, str | bool | None) and x != y:
            return f"{name}: {x!r} for {y!r}"
        if not isinstance(y, str | None) and not np.allclose(x, y, rtol=rtol, atol=atol):
            return f"{name}: {x!r} for {y!r}"
    return ""


@pytest.mark.parametrize("kind", INFOS)
def test_equals_torch_in_its_configurations(kind: str, compared: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    found = {sample.name: difference(kind, sample, monkeypatch) for sample in samples(kind)}
    compared["configurations of optimisers"] += len(found)
    assert not {name: problem for name, problem in found.items() if problem}


def errors(kind: str) -> list[Any]:
    found = [each.optimizer_error_input for each in INFOS[kind].optim_error_inputs_func("cpu", torch.float32)]
    return [each for each in found if "complex" not in each.desc]  # of which there are no tensors


def accepted(library: Any, kind: str, given: Any) -> bool:
    """Whether an optimiser is made of arguments and takes a step, without a word."""
    sample = torch.nn.Parameter(torch.ones(2, 2))
    params, options = given_to(library, [sample] if given.params is None else given.params), given.kwargs
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            made = getattr(library.optim, kind)(params, **given_to(library, options))
            for group in made.param_groups:
                for p in group["params"]:
                    p.grad = library.ones(tuple(p.shape), dtype=p.dtype)
            made.step(*[lambda: 1.0] * (kind == "LBFGS"))
        except (IndexError, RuntimeError, TypeError, UserWarning, ValueError):
            return False
    return True


@pytest.mark.parametrize("kind", INFOS)
def test_refuses_what_torch_refuses(kind: str, compared: Counter[str]) -> None:
    compared["configurations that are refused"] += len(errors(kind))
    assert not any(accepted(torch, kind, given) for given in errors(kind))
    found = {f"{kind} {given.desc}" for given in errors(kind) if accepted(tg, kind, given)}
    assert found == {name for name in OTHERWISE if name.startswith(f"{kind} ")}


def test_the_share_that_is_as_in_torch() -> None:
    aimed_at = sum(len(list(samples(kind))) + len(errors(kind)) for kind in INFOS)
    share = 1 - len(OTHERWISE) / aimed_at
    print(f"{share:.2%} of {aimed_at} configurations of optimisers")
    assert aimed_at > 400 and share >= 0.995
