"""Every case beside the numbers recorded from PyTorch (record.py), which need not be installed."""

import pytest

import tinygrad_rnn as tg

from .cases_of_shape import CASES, Case
from .compare import compare, results
from .record import RECORDED, SAMPLES, read, sample

ENTRIES = read(RECORDED)


def test_every_case_is_recorded() -> None:
    assert list(ENTRIES) == [f"{case.name} {number}" for case in CASES for number in range(SAMPLES)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_equals_the_record(case: Case) -> None:
    for number in range(SAMPLES):
        compare(case, results(tg, case, *sample(case, number)), ENTRIES[f"{case.name} {number}"])
