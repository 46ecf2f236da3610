"""PyTorch's own samples for its operations in compiled functions, which were made from other numbers."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

import tinygrad_rnn as tg
from tests.side_by_side import given_to, leaves, listed_apart

from .anew import assert_computed_anew

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")
pytest.importorskip("torch.testing._internal.common_methods_invocations")

from tests.ops.test_op_db import INFOS, LEFT_OUT, named  # noqa: E402

pytestmark = pytest.mark.slow

DTYPES = ("float32", "int64", "bool")


@pytest.mark.parametrize("name", INFOS)
def test_a_program_gives_what_eager_gives(name: str) -> None:
    info = INFOS[name]
    operation: Any = named(tg, info.name)
    for dtype in (getattr(torch, each) for each in DTYPES):
        if dtype not in info.dtypes:
            continue
        for sample in listed_apart(lambda dtype=dtype: islice(info.sample_inputs("cpu", dtype), 5)):  # type: ignore[misc]
            if any(word in str(sample.kwargs) for word in LEFT_OUT):
                continue
            given = given_to(tg, [sample.input, sample.args, sample.kwargs])
            sizes = [each.numel() for each in leaves(given).values()]
            if sizes and min(sizes) > 0 and max(sizes) < 2000:
                assert_computed_anew(
                    lambda first, args, kwargs: operation(first, *args, **kwargs), given, (1e-4, 1e-5), tg.nn.Identity()
                )
