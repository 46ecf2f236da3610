"""Trainings in the style of tutorials: from the same weights the same losses in both libraries, for forty steps."""

from itertools import islice

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.scripts.draws import Draws, trainings

torch = pytest.importorskip("torch")
STEPS = 40
HERE, THERE = trainings("tinygrad_rnn"), trainings("torch")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:enable_nested_tensor is True", "ignore:LSTM with projections")
@pytest.mark.parametrize("name", HERE)
def test_loses_what_torch_loses(name: str) -> None:
    wanted = list(islice(THERE[name](Draws(torch)), STEPS))
    found = list(islice(HERE[name](Draws(tg)), STEPS))
    np.testing.assert_allclose(found, wanted, rtol=4e-6, atol=4e-6)
    assert len({*found}) > STEPS / 2
