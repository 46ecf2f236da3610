"""Trainings in the style of tutorials: from the same weights the same losses in both libraries, for forty steps."""

from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.scripts.losses import SCRIPTS

torch = pytest.importorskip("torch")
STEPS = 40
#: Of a gradient that is 0 but for rounding, as that of a key's bias, Adam with a smaller eps would make a whole step.
KINDS: dict[str, dict[str, float]] = {"SGD": {"lr": 0.01}, "Adam": {"lr": 0.003, "eps": 1e-6}}


def trained(library: Any, text: str, weights: dict[str, Any] | None, kind: str) -> tuple[dict[str, Any], list[float]]:
    """The weights a script begins with, and its losses."""
    rng = np.random.default_rng(0)
    numbers = {"x": rng.normal(size=(4, 7, 5)), "y": rng.normal(size=4)}
    whole = {"ids": rng.integers(0, 12, (4, 7)), "labels": rng.integers(0, 12, (4, 6))}
    names: dict[str, Any] = {"torch": library, "nn": library.nn, "F": library.nn.functional}
    names |= {name: library.tensor(array.astype(np.float32)) for name, array in numbers.items()}
    names |= {name: library.tensor(array) for name, array in whole.items()}
    exec(text, names)
    model, losses = names["model"], []
    if weights is not None:
        model.load_state_dict({name: library.tensor(array) for name, array in weights.items()})
    begin = {name: tensor.detach().numpy().copy() for name, tensor in model.state_dict().items()}
    optimizer = getattr(library.optim, kind)(model.parameters(), **KINDS[kind])
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = names["loss"]()
        loss.backward()
        library.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return begin, losses


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SCRIPTS)
def test_loses_what_torch_loses(name: str, kind: str) -> None:
    torch.manual_seed(0)
    weights, wanted = trained(torch, SCRIPTS[name], None, kind)
    _, found = trained(tg, SCRIPTS[name], weights, kind)
    np.testing.assert_allclose(found, wanted, rtol=4e-6, atol=4e-6)
    assert len({*found}) > STEPS / 2
