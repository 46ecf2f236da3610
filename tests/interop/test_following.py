"""Programs in PyTorch, followed: the same loss to the bit, PyTorch's own gradients everywhere, and nothing left behind."""

from __future__ import annotations

import gc
import subprocess
import sys
import warnings
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

torch = pytest.importorskip("torch")

from tests.interop.torch_programs import PROGRAMS, all_tensors  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:enable_nested_tensor is True"),
]

TOLERANCE = {"float32": 1e-5, "float64": 1e-12}


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    torch.manual_seed(0)
    yield
    torch.set_default_dtype(torch.float32)


class Witness(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
    """Notes all results of PyTorch that require a gradient."""

    def __init__(self) -> None:
        super().__init__()
        self.results: dict[int, Any] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if torch.is_grad_enabled():
            self.results |= {id(each): each for each in all_tensors(result) if each.requires_grad}
        return result


def gradients(loss: Any) -> dict[int, Any]:
    """The gradients of all values of a graph, by what stands for them."""
    return {id(node): g for node, g, _ in tg_backpropagate(loss)}


def tg_backpropagate(loss: Any) -> Any:
    from tests.engine import backpropagate

    return backpropagate(loss)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_the_same_followed(name: str, dtype: str) -> None:
    torch.set_default_dtype(getattr(torch, dtype))
    run, leaves = PROGRAMS[name].build()
    torch.manual_seed(1)
    plain = run()
    plain.backward()
    alone = {key: None if each.grad is None else each.grad.clone() for key, each in leaves.items()}
    for each in leaves.values():
        each.grad = None
    torch.manual_seed(1)
    with Witness() as witness, tg.following() as tape:
        loss = run()
    assert torch.equal(plain, loss)
    assert set(tape.by_torch) == PROGRAMS[name].by_torch
    own = tape[loss]
    assert len({node.place.time for node in tg.history(own)} - {None}) == PROGRAMS[name].steps

    # What PyTorch says of every result and every leaf.
    results = [each for each in witness.results.values() if not each.is_leaf]
    for each in results:
        each.retain_grad()
    before = {key: each.total for key, each in ledgers(loss, leaves).items()}
    loss.backward()
    assert all(torch.equal(each.grad, alone[key]) for key, each in leaves.items() if each.grad is not None)
    largest = max(each.grad.abs().max().item() for each in [*leaves.values(), *results] if each.grad is not None)
    found, compared = gradients(own), 0
    for each in results:
        if each.grad is not None and not each.is_complex():
            stand_in = known(tape, each)
            if stand_in is not None and id(stand_in) in found:
                compared += 1
                difference = np.abs(found[id(stand_in)] - each.grad.numpy()).max(initial=0)
                assert difference <= TOLERANCE[dtype] * largest, each.grad_fn
    assert compared >= 1

    # Ledgers, after the backward pass and a step of training, too.
    with torch.no_grad():
        for each in leaves.values():
            each.add_(1)
    after = ledgers(loss, leaves)
    assert after.keys() == {key for key, each in leaves.items() if each.grad is not None}
    for key, ledger in after.items():
        np.testing.assert_allclose(ledger.total, leaves[key].grad, rtol=0, atol=TOLERANCE[dtype] * largest)
        np.testing.assert_array_equal(ledger.total, before[key])
        np.testing.assert_allclose(sum(use.gradient for use in ledger), ledger.total, rtol=0, atol=1e-5 * largest)


def known(tape: Any, tensor: Any) -> Any:
    try:
        return tape[tensor]
    except KeyError:
        return None


def ledgers(loss: Any, leaves: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for key, each in leaves.items():
        try:
            found[key] = tg.contributions(loss, each)
        except RuntimeError as error:
            assert "in no graph that was followed" in str(error)
    return found
