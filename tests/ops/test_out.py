"""``out=`` of every function that takes it in PyTorch: the same numbers in the tensor given, and the same refusals."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.side_by_side import given_to, listed_apart

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")

from .test_op_db import EXCHANGED, INFOS, named  # noqa: E402  it imports PyTorch's tables

pytestmark = pytest.mark.slow

#: What differs, and why.
DIFFERENT = {
    **dict.fromkeys(("all", "any", "bucketize", "isin", "isneginf", "isposinf", "signbit"),
        "truth values and places may stand among any numbers here"),
    **dict.fromkeys(("cumsum", "cumprod"), "a result is not cut to integers, which is done to the argument there"),
    **dict.fromkeys(("kthvalue", "topk"), "the place of equal values is another one"),
    **dict.fromkeys(("split_with_sizes_copy", "unbind_copy", "nonzero"), "there nothing, or no tuple, comes back"),
    **dict.fromkeys(("equal", "histogramdd"), "there is no out= in PyTorch"),
    "histc": "it has no derivative, so it is refused here where out= requires a gradient",
}  # fmt: skip
KINDS = [kind for kind, info in INFOS.items() if info.supports_out and not info.name.startswith("nn.")]


def calls(kind: str) -> Iterator[tuple[Any, Any]]:
    """PyTorch's and our function of the first samples of an operation, each of ``out`` alone."""
    info = INFOS[kind]
    for dtype in {torch.float32, torch.int64} & info.supported_dtypes("cpu"):
        torch.manual_seed(0)
        for given in listed_apart(partial(_first, info, dtype)):
            yield tuple(_of_out(library, info.name, given) for library in (torch, tg))


def _first(info: Any, dtype: Any) -> Iterator[Any]:
    return islice(info.sample_inputs("cpu", dtype), 3)


def _of_out(library: Any, name: str, given: Any) -> Any:
    args, kwargs = given_to(library, [[given.input, *given.args], given.kwargs])
    if name in EXCHANGED:
        args[:2] = args[1::-1]
    function: Any = named(library, name)
    return lambda **out: function(*args, **kwargs, **out)


def tried(function: Any, out: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            made = function(out=out)
        except (RuntimeError, TypeError):
            return None
    same = made is out or all(a is b for a, b in zip(made, out, strict=True))
    assert same, "out= itself is returned"
    return out


def test_a_function_of_each_kind_is_tried() -> None:
    assert len(KINDS) > 180


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=[pytest.mark.xfail(strict=True, reason=DIFFERENT.get(kind, ""))] * (kind in DIFFERENT))
        for kind in KINDS
    ],
)
def test_results_stand_in_out(kind: str) -> None:
    count = 0
    for theirs, ours in calls(kind):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = theirs()
        for other in ({}, {"dtype": "float64"}, {"dtype": "int64"}, {"requires_grad": True}, {"empty": True}):
            outs = [_like(library, made, **other) for library in (torch, tg)]
            wanted, found = tried(theirs, outs[0]), tried(ours, outs[1])
            if wanted is None:
                assert found is None or other == {"dtype": "float64"}, f"{other} is refused by PyTorch"
                continue
            count += 1
            assert found is not None, f"{other} is taken by PyTorch"
            for a, b in zip(_several(found), _several(wanted), strict=True):
                assert (tuple(a.shape), a.dtype.name) == (tuple(b.shape), str(b.dtype).removeprefix("torch."))
                np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-4, atol=1e-5)
    assert count


def _several(made: Any) -> tuple[Any, ...]:
    return tuple(made) if isinstance(made, (tuple, list)) else (made,)


def _like(library: Any, made: Any, *, dtype: Any = None, requires_grad: bool = False, empty: bool = False) -> Any:
    """Tensors of the shapes of ``made``, full of sevens."""
    outs = tuple(
        library.full(
            (0,) if empty else tuple(each.shape),
            7,
            dtype=getattr(library, dtype or str(each.dtype).removeprefix("torch.")),
        ).requires_grad_(requires_grad and each.dtype.is_floating_point)
        for each in _several(made)
    )
    return outs if isinstance(made, (tuple, list)) else outs[0]
