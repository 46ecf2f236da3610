"""What shares memory with what, and what the gradient is after it was written to, beside PyTorch."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.ops.cases import CASES
from tests.ops.compare import arguments
from tests.ops.test_torch import torch
from tinygrad_rnn.surface.catalogue import INPLACE, METHODS

#: Small tensors of every arrangement, made from a shape that is filled with 1, 2, 3 ...
INPUTS: dict[str, Callable[[Any], Any]] = {
    "a matrix": lambda fill: fill(2, 3),
    "a square": lambda fill: fill(2, 2),
    "one number": lambda fill: fill(1),
    "size one": lambda fill: fill(1, 3),
    "one by one": lambda fill: fill(1, 1),
    "transposed": lambda fill: fill(3, 2).t(),
    "strided": lambda fill: fill(2, 6)[:, ::2],
    "expanded": lambda fill: fill(1, 3).expand(2, 3),
    "expanded to itself": lambda fill: fill(2, 3).expand(2, 3),
    "no axes": lambda fill: fill(),
    "empty": lambda fill: fill(0, 2),
}

#: What methods are tried with: the first ones PyTorch understands count.
TRIED: list[tuple[Any, ...]] = [
    (), (0,), (1,), (-1,), (0, 1), (0, 0), (1, 0), (0, 0, 1), ((),), ((0,),), ((1, 1),), ((0, 1),), (1, 1), (2, 1),
    (0.5,), (0, 2), ([1],), ([1, 1],), (2, 3), (3, 2), (6,), (1, 1, 1), (-1, 2), ("same",), (0, "index"), ("mask", 0),
    ("mask",), (0, "index", "same"), ("mask", "same"), ([0], [0]), (0, (1, -1)),
]  # fmt: skip

#: Names of methods that give no tensors, draw numbers, or start a walk.
_OTHERS = {"backward", "bernoulli_", "uniform_", "normal_", "random_", "multinomial", "bernoulli", "dropout"}

#: Of what PyTorch gives itself where a second tensor on the same memory means the same, and the other way round.
#: The functions of several parts may give PyTorch's one and the same tensor.
_KINDS = ["float32", "int64", "bool"]


def filled(lib: Any, dtype: str) -> Callable[..., Any]:
    def fill(*shape: int) -> Any:
        count = int(np.prod(shape))
        return lib.tensor(np.arange(1, count + 1).reshape(shape), dtype=getattr(lib, dtype))

    return fill


def shares(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor):
        a, b = a.detach().numpy(), b.detach().numpy()
    else:
        a, b = a.array, b.array
    return bool(np.shares_memory(a, b))


def tensors(result: Any) -> list[Any]:
    found = result if isinstance(result, (list, tuple)) else [result]
    return [each for each in found if isinstance(each, (tg.Tensor, torch.Tensor))]


def told(lib: Any, name: str, args: tuple[Any, ...], arrangement: str, dtype: str, recorded: bool) -> Any:
    """What a method gives: shape and sharing of each tensor, and whether its entries lie in order."""
    x = INPUTS[arrangement](filled(lib, dtype))
    if recorded:
        x = INPUTS[arrangement](lambda *shape: filled(lib, dtype)(*shape).requires_grad_() * 1)
    known = {
        "same": x,
        "index": lib.zeros(x.shape, dtype=lib.int64),
        "mask": lib.ones(x.shape, dtype=lib.bool),
    }
    given = [known[arg] if isinstance(arg, str) else arg for arg in args]
    results = tensors(getattr(x, name)(*given))
    return [(tuple(y.shape), shares(x, y) if y.numel() else None, y.is_contiguous()) for y in results]


def tried(name: str, recorded: bool, dtype: str) -> tuple[int, list[str]]:
    """How often a method was compared, and where it differs."""
    compared, wrong = 0, []
    for arrangement, args in itertools.product(INPUTS, TRIED):
        try:
            expected = told(torch, name, args, arrangement, dtype, recorded)
        except Exception:
            continue
        try:
            found = told(tg, name, args, arrangement, dtype, recorded)
        except Exception:  # not a matter of sharing
            continue
        compared += 1
        if found != expected:
            wrong.append(f"{name}{args} of {arrangement}: {found}, PyTorch {expected}")
    return compared, wrong


@pytest.mark.parametrize("name", sorted(name for name in METHODS if name[:2] != "__" and name not in _OTHERS))
def test_methods_share_what_pytorch_shares(name: str) -> None:
    if not hasattr(torch.Tensor, name):
        pytest.skip("a name of ours alone")
    wrong: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for dtype, recorded in [(kind, False) for kind in _KINDS] + [("float32", True)]:
            wrong += tried(name, recorded, dtype)[1]
    assert not wrong, "\n".join(wrong)
