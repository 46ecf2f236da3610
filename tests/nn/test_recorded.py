"""Every case of cases.py beside the numbers recorded from PyTorch (record.py), which need not be installed."""

import pytest

import tinygrad_rnn as tg
from tests.nn.cases import CASES, Case, compare, run
from tests.nn.record import RECORDED, read

ENTRIES = read(RECORDED)


def test_every_case_is_recorded() -> None:
    assert list(ENTRIES) == [case.name for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_equals_the_record(case: Case) -> None:
    entry = ENTRIES[case.name]
    _, found = run(tg, case, entry.get("weights", {}))
    compare(case, found, entry["results"])
