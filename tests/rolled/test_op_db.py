"""PyTorch's own samples for its operations in compiled functions, which were made from other numbers.

A program is made of the same number everywhere, for which places and truth values are those of other such numbers; then
it is given the samples themselves.
"""

from __future__ import annotations

import warnings
from itertools import islice
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.side_by_side import given_to, leaves, listed_apart

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")
pytest.importorskip("torch.testing._internal.common_methods_invocations")

from tests.ops.test_op_db import INFOS, LEFT_OUT, named  # noqa: E402

pytestmark = pytest.mark.slow

DTYPES = ("float32", "int64", "bool")


def filled(value: Any, new: Any) -> Any:
    """The same nesting with others of its tensors."""
    if isinstance(value, tg.Tensor):
        return next(new)
    if isinstance(value, dict):
        return {key: filled(each, new) for key, each in value.items()}
    return type(value)(filled(each, new) for each in value) if isinstance(value, list | tuple) else value


def results(function: Any, arrays: Any) -> Any:
    """What comes out, and the gradients of real arguments, as arrays; None if that is refused."""
    tg.manual_seed(0)
    given = [tg.tensor(array, requires_grad=array.dtype.kind == "f") for array in arrays]
    try:
        found = function(*given)
        if wanted := [each.square().sum() for each in found if each.requires_grad]:
            sum(wanted).backward()
        return [None if each is None else each.detach().numpy() for each in (*found, *(x.grad for x in given))]
    except (RuntimeError, ValueError, TypeError, IndexError, np.linalg.LinAlgError):
        return None


@pytest.mark.parametrize("name", INFOS)
def test_a_program_gives_what_eager_gives(name: str) -> None:
    info = INFOS[name]
    function = named(tg, info.name)
    assert function is not None
    for dtype in (getattr(torch, each) for each in DTYPES):
        if dtype not in info.dtypes:
            continue
        for sample in listed_apart(lambda dtype=dtype: islice(info.sample_inputs("cpu", dtype), 5)):  # type: ignore[misc]
            if any(word in str(sample.kwargs) for word in LEFT_OUT):
                continue
            given = given_to(tg, [sample.input, sample.args, sample.kwargs])
            arrays = [each.detach().numpy() for each in leaves(given).values()]
            if not arrays or not all(0 < array.size < 2000 for array in arrays):
                continue

            def f(*tensors: Any, given: Any = given) -> Any:
                computed = [x * 1 if x.dtype.kind == "f" else x.clone() for x in tensors]
                first, args, kwargs = filled(given, iter(computed))
                found = leaves(function(first, *args, **kwargs)).values()
                return tuple(each if each.dtype.kind == "f" else each.double() for each in found)

            fast = tg.compile(f)
            same = [np.full_like(array, array.flat[0]) for array in arrays]
            other = [array.reshape(-1)[::-1].reshape(array.shape) for array in arrays]
            for data in (same, arrays, other):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # of what runs as it is written
                    wanted, found = results(f, data), results(fast, data)
                assert (found is None) == (wanted is None) and "a fault" not in fast.explain(), fast.explain()
                for a, b in zip(found or [], wanted or [], strict=True):
                    assert (a is None) == (b is None), fast.explain()
                    assert a is None or a.dtype == b.dtype, fast.explain()
                    a, b = (np.zeros(()) if each is None else each for each in (a, b))
                    np.testing.assert_allclose(a, b, 1e-4, 1e-5, err_msg=fast.explain())
