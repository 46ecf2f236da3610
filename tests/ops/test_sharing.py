"""What shares memory with what, and what the gradient is after it was written to, beside PyTorch."""

from __future__ import annotations

import copy
import functools
import itertools
import math
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

torch = pytest.importorskip("torch")

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

#: Methods that give no tensors, draw numbers or start a walk; ``new(tensor)`` copies here.
_OTHERS = {"backward", "bernoulli_", "exponential_", "normal_", "random_", "uniform_", "new"}

_KINDS = ["float32", "int64", "bool"]


@functools.cache
def counted(lib: Any, dtype: str, shape: tuple[int, ...]) -> Any:
    return lib.tensor(np.arange(1, math.prod(shape) + 1).reshape(shape), dtype=getattr(lib, dtype))


def filled(lib: Any, dtype: str) -> Callable[..., Any]:
    """Each call gives a tensor with memory of its own; to copy one is several times faster than to make one."""
    return lambda *shape: counted(lib, dtype, shape).clone()


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
    """What a method gives: the shape of each tensor, and whether it shares memory with the first."""
    x = INPUTS[arrangement](filled(lib, dtype))
    if recorded:
        x = INPUTS[arrangement](lambda *shape: filled(lib, dtype)(*shape).requires_grad_() * 1)
    known = {
        "same": lambda: x,
        "index": lambda: lib.zeros(x.shape, dtype=lib.int64),
        "mask": lambda: lib.ones(x.shape, dtype=lib.bool),
    }
    given = [known[arg]() if isinstance(arg, str) else arg for arg in args]
    results = tensors(getattr(x, name)(*given))
    return [(tuple(y.shape), shares(x, y) if y.numel() else None) for y in results]


def understood(name: str, args: tuple[Any, ...]) -> bool:
    """Whether PyTorch takes them for floats of any arrangement, or for a matrix of another type."""
    for dtype, arrangement in [*itertools.product(["float32"], INPUTS), ("int64", "a matrix"), ("bool", "a matrix")]:
        try:
            told(torch, name, args, arrangement, dtype, False)
        except Exception:
            continue
        return True
    return False


def tried(name: str, chosen: list[tuple[Any, ...]], recorded: bool, dtype: str) -> tuple[int, list[str]]:
    """How often a method was compared, and where it differs."""
    compared, wrong = 0, []
    for arrangement, args in itertools.product(INPUTS, chosen):
        try:
            expected = told(torch, name, args, arrangement, dtype, recorded)
        except Exception:
            continue
        try:
            found = told(tg, name, args, arrangement, dtype, recorded)
        except Exception:  # not a matter of sharing
            continue
        if [shape for shape, _ in found] != [shape for shape, _ in expected]:  # nor is this
            continue
        compared += 1
        if found != expected:
            wrong.append(f"{name}{args} of {arrangement}: {found}, PyTorch {expected}")
    return compared, wrong


METHODS = [
    name
    for name in sorted({*dir(tg.Tensor)} & {*dir(torch.Tensor)} - _OTHERS)
    if name[0] != "_" and callable(getattr(torch.Tensor, name))
]


@pytest.mark.parametrize("name", METHODS)
def test_methods_share_what_pytorch_shares(name: str) -> None:
    wrong: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chosen = [args for args in TRIED if understood(name, args)]
        for dtype, recorded in [(kind, False) for kind in _KINDS] + [("float32", True)]:
            wrong += tried(name, chosen, recorded, dtype)[1]
    assert not wrong, "\n".join(wrong)


def slope_after_a_view_was_written(lib: Any, name: str, args: tuple[Any, ...], arrangement: str) -> Any:
    """The shape of a result y, and the sum of the gradient of (y v).sum() in it, v a view; None if y is a view too."""
    x = INPUTS[arrangement](lambda *shape: filled(lib, "float32")(*shape).requires_grad_() * 1)
    given = [lib.zeros(x.shape, dtype=lib.int64) if arg == "index" else x * 2 if arg == "same" else arg for arg in args]
    y = tensors(getattr(x, name)(*given))[0]
    if lib is torch and (y._is_view() or y is x):
        return None
    v = y.view_as(y)
    v.mul_(2)
    return tuple(y.shape), lib.autograd.grad((y * v).sum(), y)[0].sum().item()


def test_results_are_no_views_of_what_they_were_computed_in() -> None:
    """Else what is written into a view of a result would come past it, and its gradient would miss that."""
    compared, wrong = Counter[str](), []
    # Views here that PyTorch does not call so: a copy in each max(dim) would be dearer than it is worth.
    names = {name for name in METHODS if name[-1] != "_"} - {"unsafe_chunk", "unsafe_split", "max", "min"}
    for name, arrangement in itertools.product(sorted(names), ("no axes", "size one", "a matrix")):
        for args in [args for args in TRIED if "mask" not in args]:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    expected = slope_after_a_view_was_written(torch, name, args, arrangement)
                    if expected is None:
                        continue
                    found = slope_after_a_view_was_written(tg, name, args, arrangement)
            except Exception:  # refused by one of them
                continue
            if found[0] != expected[0]:  # no matter of sharing
                continue
            compared[arrangement] += 1
            if found[1] != pytest.approx(expected[1], nan_ok=True, rel=1e-5):
                wrong.append(f"{name}{args} of {arrangement}: {found}, PyTorch {expected}")
    assert not wrong and min(compared.values()) > 100, (compared, "\n".join(wrong))


# What the gradient is after one of two that share memory was written to

#: Views, and copies that look like views; of a matrix (2, 3).
SHOWN: dict[str, Callable[[Any], Any]] = {
    "itself": lambda x: x,
    "an entry": lambda x: x[1, 2],
    "a row": lambda x: x[1],
    "a column": lambda x: x[:, 1],
    "select": lambda x: x.select(1, 1),
    "narrow": lambda x: x.narrow(1, 1, 2),
    "every other": lambda x: x[:, ::2],
    "more axes": lambda x: x[None, :, None],
    "t": lambda x: x.t(),
    "mT": lambda x: x.mT,
    "view": lambda x: x.view(-1),
    "view of a view": lambda x: x.view(-1).view(3, 2)[1],
    "reshape": lambda x: x.reshape(3, 2),
    "reshape of transposed": lambda x: x.t().reshape(-1),
    "flatten": lambda x: x.flatten(),
    "unflatten": lambda x: x.unflatten(1, (3, 1)),
    "squeeze": lambda x: x.squeeze(),
    "unsqueeze": lambda x: x.unsqueeze(1),
    "permute": lambda x: x.permute(1, 0),
    "movedim": lambda x: x.movedim(0, 1),
    "diagonal": lambda x: x.diagonal(),
    "diagonal beside": lambda x: x.t().diagonal(-1),
    "expand to itself": lambda x: x.expand(1, 2, 3),
    "chunk": lambda x: x[:, 1:].narrow(0, 0, 1),
    "contiguous": lambda x: x.contiguous(),
    "contiguous of transposed": lambda x: x.t().contiguous(),
    "by a list": lambda x: x[:, [0, 2]],
    "by a mask": lambda x: x[x > 2],
    "index_select": lambda x: x.narrow(1, 0, 2).repeat(1, 1),
    "flip": lambda x: x.flip(0),
    "roll": lambda x: x.roll(1),
    "repeat": lambda x: x.repeat(1, 1),
    "tile": lambda x: x.tile(2, 1),
    "tril": lambda x: x.tril(),
    "clone": lambda x: x.clone(),
    "diag": lambda x: x.diag(),
}

#: What is written, to the tensor or to what shows it; ``r`` is one number that requires a gradient.
WRITTEN: dict[str, Callable[[Any, Any], Any]] = {
    "add_": lambda x, r: x.add_(1),
    "mul_": lambda x, r: x.mul_(3),
    "add_ a tracked": lambda x, r: x.add_(r),
    "mul_ a tracked": lambda x, r: x.mul_(r),
    "zero_": lambda x, r: x.zero_(),
    "fill_": lambda x, r: x.fill_(2.0),
    "fill_ a tracked": lambda x, r: x.fill_(r),
    "x[...] = r": lambda x, r: x.__setitem__(..., r),
    "copy_": lambda x, r: x.copy_(r * 2),
    "+=": lambda x, r: x.__iadd__(r),
}


def run(lib: Any, start: str, shown: str, written: str, to_view: bool, more: bool) -> list[Any]:
    """Values, who requires a gradient, and the gradients of a program that writes between two readings."""
    a = lib.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=start == "tracked")
    r = lib.tensor(2.0, requires_grad=True)
    x = a * 1
    y = SHOWN[shown](x)
    WRITTEN[written](y if to_view else x, r)
    if more:
        WRITTEN["mul_ a tracked"](x if to_view else y, r)
        z = SHOWN[shown](x)
        (z if to_view else y).add_(1)
    told = [x.requires_grad, y.requires_grad, x.tolist(), y.tolist()]
    loss = (x * 2).sum() + (y * r * 5).sum() + (x * x).sum()
    leaves = [a, r] if start == "tracked" else [r]
    found = lib.autograd.grad(loss, leaves, allow_unused=True)
    return [*told, *(None if g is None else g.tolist() for g in found)]


@pytest.mark.parametrize("shown", SHOWN)
def test_gradients_after_writing(shown: str) -> None:
    compared, wrong = 0, []
    for choice in itertools.product(["tracked", "plain"], [shown], WRITTEN, [False, True], [False, True]):
        try:
            expected = run(torch, *choice)
        except RuntimeError:  # PyTorch refuses it
            continue
        try:
            found: Any = run(tg, *choice)
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
        compared += 1
        if found != expected:
            wrong.append(f"{choice}: {found}, PyTorch {expected}")
    assert compared
    assert not wrong, f"{len(wrong)} of {compared}\n" + "\n".join(wrong)


# Programs and what they give, as literals


def gradient(program: Callable[[Any], Any]) -> Any:
    """dL/da of what a program makes of 1 a, for a = [[1, 2, 3], [4, 5, 6]]."""
    a = tg.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
    program(a * 1).backward()
    assert a.grad is not None
    return a.grad.tolist()


def contiguous_is_a_copy() -> Any:
    x = tg.zeros(2, 2)
    x.t().contiguous().add_(1)
    return x.tolist()


def flip_is_a_copy() -> Any:
    x = tg.arange(3.0)
    y = x.flip(0)
    x.zero_()
    return y.tolist()


def columns_are_written(x: Any) -> Any:
    x[:, [0, 2]] += 1
    return (x * x).sum()


def columns_are_a_copy(x: Any) -> Any:
    z = x[:, [0, 2]]
    x += 1
    return (z * 2).sum()


def tiles_are_copies(x: Any) -> Any:
    y = tg.tile(x, (2, 1)).mul_(2)
    return (y * y).sum()


def one_entry() -> Any:
    x = tg.zeros(3)
    x[0] = tg.ones(1)
    return x.tolist()


def bits() -> Any:
    a, c = tg.tensor([True, False, False]), tg.tensor([1, 2, 12])
    b, d = a, c
    a |= tg.tensor([True, True, False])
    a &= tg.tensor([False, True, True])
    a ^= tg.tensor([True, True, False])
    c <<= 2
    c >>= 1
    return b.tolist(), d.tolist()


def a_view_follows() -> Any:
    r, x = tg.ones(2, requires_grad=True), tg.zeros(2, 2)
    v = x.select(0, 1)
    x.add_(r)
    assert v.requires_grad
    v.sum().backward()
    return r.grad.tolist()  # type: ignore[union-attr]


def the_last_of_several_counts() -> Any:
    b, v = tg.zeros(3, requires_grad=True) * 1, tg.tensor([1.0, 2.0, 3.0], requires_grad=True)
    b[[0, 0, 1]] = v
    b.sum().backward()
    return v.grad.tolist()  # type: ignore[union-attr]


def a_number_in_place(x: Any) -> Any:
    s = (x * x).sum()
    s.view(1).add_(1)
    assert s.item() == 92
    return s


def shared_transposed_weight() -> Any:
    w = tg.ones(2, 2, requires_grad=True)
    transposed = w.t()
    (transposed * 2).sum().backward()
    (tg.ones(2, 2) @ transposed).sum().backward()
    return w.grad.tolist()  # type: ignore[union-attr]


def lists_and_bytes() -> Any:
    x = tg.arange(4).view(2, 2)
    return x[[[0, 1], [1, 0]]].tolist(), x[tg.tensor([0, 1], dtype=tg.uint8)].tolist()


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (contiguous_is_a_copy, [[0, 0], [0, 0]]),
        (flip_is_a_copy, [2, 1, 0]),
        (lambda: gradient(columns_are_written), [[4, 4, 8], [10, 10, 14]]),
        (lambda: gradient(columns_are_a_copy), [[2, 0, 2], [2, 0, 2]]),
        (lambda: gradient(tiles_are_copies), [[16, 32, 48], [64, 80, 96]]),
        (one_entry, [1, 0, 0]),
        (bits, ([True, False, False], [2, 4, 24])),
        (a_view_follows, [1, 1]),
        (the_last_of_several_counts, [0, 1, 1]),
        (lambda: gradient(a_number_in_place), [[2, 4, 6], [8, 10, 12]]),
        (shared_transposed_weight, [[4, 4], [4, 4]]),
        (lists_and_bytes, ([1, 2], [[2, 3]])),
    ],
)
def test_programs(program: Callable[[], Any], expected: Any) -> None:
    assert program() == expected


@pytest.mark.parametrize("create_graph", [False, True])
def test_gradients_handed_out_are_nobody_elses(create_graph: bool) -> None:
    x, y = (tg.ones(2, requires_grad=True) for _ in range(2))
    seed = tg.ones(2)
    (x + y).backward(seed, create_graph=create_graph)
    found = [x.grad, y.grad, *tg.autograd.grad(x + y, (x, y), seed, create_graph=create_graph)]
    assert all(each is not None and each.array.flags.writeable for each in found)
    assert not any(shares(a, b) for a, b in itertools.combinations([*found, seed], 2))


def test_a_shallow_copy_shares_the_memory() -> None:
    x = tg.ones(2, requires_grad=True)
    copied = copy.copy(x)
    assert copied is not x and copied.is_leaf and copied.requires_grad and shares(copied, x)
