"""PyTorch's own samples for its modules in compiled functions, which were made from other numbers (see test_op_db)."""

from __future__ import annotations

import warnings
from itertools import islice
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.side_by_side import given_to, leaves

pytest.importorskip("torch")
pytest.importorskip("expecttest")

from tests.nn.test_module_db import INFOS, samples

from .test_op_db import filled

pytestmark = pytest.mark.slow


def results(function: Any, arrays: Any, module: Any) -> Any:
    """What comes out, and the gradients; None if that is refused. The module's state is as before."""
    state = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    module.zero_grad()
    tg.manual_seed(0)
    given = [tg.tensor(array, requires_grad=array.dtype.kind == "f") for array in arrays]
    try:
        found = function(*given)
        if wanted := [each.square().sum() for each in found if each.requires_grad]:
            sum(wanted).backward()
    except (RuntimeError, ValueError, TypeError, IndexError):
        return None
    finally:
        module.load_state_dict(state)
    made = (*found, *(x.grad for x in given), *(p.grad for p in module.parameters()))
    return [None if each is None else each.detach().numpy().copy() for each in made]


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
        arrays = [each.detach().numpy() for each in leaves(given).values()]
        if not arrays or not all(array.size for array in arrays):
            continue

        def f(*tensors: Any, given: Any = given, module: Any = module) -> Any:
            computed = [x * 1 if x.dtype.kind == "f" else x.clone() for x in tensors]
            args, kwargs = filled(given, iter(computed))
            found = leaves(module(*args, **kwargs)).values()
            return tuple(each if each.dtype.kind == "f" else each.double() for each in found)

        fast = tg.compile(f)
        same = [np.full_like(array, array.flat[0]) for array in arrays]
        other = [array.reshape(-1)[::-1].reshape(array.shape) for array in arrays]
        for data in (same, arrays, other):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what runs as it is written
                wanted, found = results(f, data, module), results(fast, data, module)
            assert (found is None) == (wanted is None) and "a fault" not in fast.explain(), (
                sample.name,
                fast.explain(),
            )
            for a, b in zip(found or [], wanted or [], strict=True):
                assert (a is None) == (b is None), (sample.name, fast.explain())
                a, b = (np.zeros(()) if each is None else each for each in (a, b))
                assert a.dtype == b.dtype
                np.testing.assert_allclose(a, b, 1e-8, 1e-10, err_msg=f"{sample.name}: {fast.explain()}")
