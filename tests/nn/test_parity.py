"""RNN, LSTM and GRU beside PyTorch's in every combination of options: outputs, states, first and second derivatives.

The cases of cases.py are chosen one by one and recorded; here is the whole matrix, which needs PyTorch: kinds x layers
x directions x order of the axes x bias, each with and without a state, unbatched, and packed in both orders.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.nn.cases import Case, compare, network_call, run

torch = pytest.importorskip("torch")

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "RNN": ("RNN", {}),
    "relu": ("RNN", {"nonlinearity": "relu"}),
    "LSTM": ("LSTM", {}),
    "projected": ("LSTM", {"proj_size": 2}),
    "GRU": ("GRU", {}),
}
FORMS = {"plain": None, "state": None, "unbatched": None, "longest first": [4, 2, 1], "any order": [1, 4, 2]}
OPTIONS = list(itertools.product((1, 2, 3), (False, True), (False, True), (True, False)))
TIME, BATCH, INPUT, HIDDEN = 4, 3, 2, 3


def case_of(kind: str, layers: int, both: bool, first: bool, bias: bool, form: str, time: int = TIME) -> Case:
    """One cell of the matrix."""
    name, own = KINDS[kind]
    options = dict(own, num_layers=layers, bidirectional=both, batch_first=first, bias=bias)
    lead = () if form == "unbatched" else (BATCH,)
    shapes: dict[str, Any] = {"x": (*lead, time, INPUT) if first and lead else (time, *lead, INPUT)}
    if form != "plain":
        count = layers * (2 if both else 1)
        shapes["h"] = (count, *lead, options.get("proj_size", HIDDEN))
        if name == "LSTM":
            shapes["c"] = (count, *lead, HIDDEN)
    return Case(
        f"{kind} {options} {form}",
        lambda lib: getattr(lib.nn, name)(INPUT, HIDDEN, **options),
        shapes,
        network_call(first, FORMS[form]),
    )


def check(case: Case, second: bool, **setting: Any) -> None:
    weights, expected = run(torch, case, second=second)
    _, found = run(tg, case, weights, second=second, **setting)
    compare(case, found, expected)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_outputs_states_and_gradients(kind: str, form: str) -> None:
    for options in OPTIONS:
        check(case_of(kind, *options, form), second=False)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_second_derivatives(kind: str) -> None:
    """Every combination of options with one of the forms; every pair (option, form) occurs."""
    forms = itertools.cycle(FORMS)
    for options in OPTIONS:
        check(case_of(kind, *options, next(forms)), second=True)


def test_every_option_meets_every_form_in_second_derivatives() -> None:
    met = {
        (place, value, form)
        for options, form in zip(OPTIONS, itertools.cycle(FORMS), strict=False)
        for place, value in enumerate(options)
    }
    assert len(met) == (3 + 2 + 2 + 2) * len(FORMS)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_long_sequences(kind: str) -> None:
    """Beyond longest_with_own_products steps a layer's input is multiplied at once."""
    time = int(tg.nn.RNN.longest_with_own_products) + 1
    for (both, bias), form in itertools.product([(False, True), (True, False)], ("plain", "state", "unbatched")):
        case = case_of(kind, 2, both, form == "state", bias, form, time)
        check(case, second=False)
        check(case, second=True)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_float32(kind: str) -> None:
    for options, form in zip(OPTIONS[::3], itertools.cycle(FORMS), strict=False):
        case = case_of(kind, *options, form)
        weights, expected = run(torch, case)
        _, found = run(tg, case, weights, dtype="float32")
        assert set(found) == set(expected)
        for name, value in expected.items():
            assert found[name].dtype == (np.float32 if value.dtype == np.float64 else value.dtype), name
            np.testing.assert_allclose(found[name], value, rtol=2e-4, atol=2e-5, err_msg=f"{case.name}: {name}")
