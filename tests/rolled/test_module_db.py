"""PyTorch's own samples for its modules in compiled functions, which were made from other numbers."""

from __future__ import annotations

from itertools import islice

import pytest

import tinygrad_rnn as tg
from tests.side_by_side import given_to, leaves

from .anew import assert_computed_anew

pytest.importorskip("torch")
pytest.importorskip("expecttest")

from tests.nn.test_module_db import INFOS, samples

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", INFOS)
def test_a_program_gives_what_eager_gives(kind: str) -> None:
    usual = (
        each for each in samples(kind) if not each.refused and each.given.forward_input and each.dtype == "float64"
    )
    for sample in islice(usual, 12):
        made, inputs = sample.given.constructor_input, sample.given.forward_input
        module = getattr(tg.nn, kind)(*given_to(tg, made.args), **given_to(tg, made.kwargs))
        module.to(tg.float64).train(sample.training)
        given = given_to(tg, [inputs.args, inputs.kwargs])
        sizes = [each.numel() for each in leaves(given).values()]
        if sizes and min(sizes):
            assert_computed_anew(
                lambda args, kwargs, module=module: module(*args, **kwargs),
                given,
                (1e-8, 1e-10),
                module,
            )
