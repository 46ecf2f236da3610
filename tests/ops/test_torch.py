"""Every function and its variants beside PyTorch: values, first and second derivatives, on generated arguments."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

from .cases_of_shape import CASES, Case
from .compare import arguments, compare, results

torch = pytest.importorskip("torch")

DTYPES = ["float64", "float64", "float64", "float32"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_equals_torch(case: Case, compared: Counter[str]) -> None:
    for number in range(25):
        pick = random.Random(f"{case.name} {number}").choice  # the same on every machine
        dtype = pick(DTYPES)
        arrays, options = arguments(case, pick)
        expected = results(torch, case, arrays, options, dtype)
        try:
            compare(case, results(tg, case, arrays, options, dtype), expected, dtype)
        except Exception as error:
            error.add_note(f"{case.name} {number} in {dtype}: {[array.tolist() for array in arrays]} and {options}")
            raise
        compared[dtype] += 1


def test_functions_that_write() -> None:
    """All of PyTorch's whose method is here are here, and give the tensor itself, with PyTorch's numbers in it."""
    names = [name for name in dir(torch) if re.fullmatch(r"[a-z]\w*_", name) and hasattr(tg.Tensor, name)]
    names = [name for name in names if name not in ("detach_", "fill_", "zero_")]  # methods alone
    assert len(names) > 50
    more = {"clamp_": [0.2], "clip_": [0.2], "clamp_max_": [0.2], "clamp_min_": [0.2], "logit_": [0.1]}
    for name in names:
        x, whole = [0.25, 0.75], name in ("gcd_", "lcm_")
        made = {}
        for library in (torch, tg):
            given: Any = library.tensor([4, 6] if whole else x)
            if name == "addmv_":
                others = [library.tensor([[1.0, 2.0], [3.0, 4.0]]), library.tensor(x)]
            elif name == "index_put_":
                others = [(library.tensor([1]),), library.tensor([5.0])]
            else:
                others = [library.tensor([2, 9] if whole else [1.0, 2.0])]
                others = others if name in ("gcd_", "lcm_", "ldexp_", "xlogy_") else more.get(name, [])
            assert getattr(library, name)(given, *others) is given, name
            made[library] = given.numpy()
        assert np.allclose(made[tg], made[torch], rtol=1e-6, equal_nan=True), name
