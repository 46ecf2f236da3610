"""Every function and its variants beside PyTorch: values, first and second derivatives, on generated arguments."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tinygrad_rnn as tg

from .cases_of_shape import CASES, Case
from .compare import arguments, compare, results

torch = pytest.importorskip("torch")

SETTINGS = settings(max_examples=25, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_equals_torch(case: Case, compared: Counter[str]) -> None:
    @SETTINGS
    @given(st.data())
    def run(data: st.DataObject) -> None:
        dtype = data.draw(st.sampled_from(["float64", "float64", "float64", "float32"]))
        arrays, options = arguments(case, lambda choices: data.draw(st.sampled_from(choices)))
        expected = results(torch, case, arrays, options, dtype)
        compare(case, results(tg, case, arrays, options, dtype), expected, dtype)
        compared[dtype] += 1

    run()
