"""What people run into with tensors and operations, and what they are told: every row a situation and the answer."""

from __future__ import annotations

import copy
import math
import operator
import pickle
import re
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

OPERATORS: list[Callable[[Any, Any], Any]] = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]


exp_of_numpy: Callable[..., object] = np.exp


def leaf(*numbers: float) -> tg.Tensor:
    return tg.tensor(list(numbers), requires_grad=True)


def slope_of_det(matrix: tg.Tensor) -> None:
    tg.linalg.det(matrix.requires_grad_()).backward()


def twice(**options: Any) -> None:
    x = leaf(1.0, 2.0)
    with tg.scope("encoder"), tg.step(3):
        y = (x * x).sum()
    y.backward(**options)
    y.backward()


def carried_state() -> None:
    w, h = leaf(0.5), tg.zeros(1)
    for _ in range(2):
        h = tg.tanh(w * h + 1)
        h.sum().backward()


def changed_in_place(change: Callable[[tg.Tensor], object]) -> None:
    x = leaf(1.0, 2.0)
    with tg.scope("encoder"), tg.step(3):
        h = x * 3
        h.name = "h"
        y = h * h
    change(h)
    y.sum().backward()


def parameter_stepped_too_early() -> None:
    w, x = leaf(1.0), leaf(2.0)
    y = w * x
    with tg.no_grad():
        w -= 0.1
    y.sum().backward()


def written_in_place(change: Callable[[tg.Tensor], object]) -> None:
    change(leaf(1.0, 2.0))


def unrecorded_view() -> None:
    x = leaf(1.0, 2.0) * 2
    with tg.no_grad():
        v = x[0]
    v.mul_(3)


SITUATIONS: list[tuple[str, Callable[[], object], type[Exception], str]] = [
    # The backward pass
    (
        "second backward",
        twice,
        RuntimeError,
        "backward() came a second time to float32[2] = mul(...) in encoder/t=3: this part of the graph was "
        "already used. The "
        "usual cause is a hidden state carried over from the previous chunk: cut it there with h = h.detach(). Use "
        "backward(retain_graph=True) only to differentiate the same loss twice",
    ),
    ("hidden state carried over", carried_state, RuntimeError, "cut it there with h = h.detach()"),
    (
        "backward of several numbers",
        lambda: (leaf(1.0, 2.0) * 2).backward(),
        RuntimeError,
        "backward() starts from a single number, and this tensor has shape (2,); use .sum() or .mean() first, or "
        "say what to "
        "start from: backward(gradient=...)",
    ),
    (
        "gradient of another shape",
        lambda: (leaf(1.0, 2.0) * 2).backward(tg.ones(3)),
        RuntimeError,
        "the gradient to start from has shape (3,), the tensor (2,)",
    ),
    (
        "nothing requires a gradient",
        lambda: (tg.ones(2) * 2).sum().backward(),
        RuntimeError,
        "nothing to differentiate: float32[] was made from values of which none requires a gradient. Create the "
        "parameters "
        "with requires_grad=True, and look for detach(), no_grad() or item() on the way",
    ),
    # Complex numbers among others
    *(
        (
            f"a complex number in {name}",
            partial(act, 1j),
            RuntimeError,
            "1j is complex, and a tensor holds real numbers",
        )
        for name, act in {
            "masked_fill": lambda z: tg.ones(2).masked_fill(tg.tensor([True, False]), z),
            "index_fill": lambda z: tg.ones(2).index_fill(0, tg.tensor([0]), z),
            "scatter": lambda z: tg.ones(2).scatter(0, tg.tensor([0]), z),
            "clamp": lambda z: tg.ones(2).clamp(max=z),
            "pad": lambda z: tg.nn.functional.pad(tg.ones(2), (1, 1), value=z),
            "fill_diagonal_": lambda z: tg.zeros(2, 2).fill_diagonal_(z),
        }.items()
    ),
    # What can require a gradient
    (
        "requires_grad on integers",
        lambda: tg.tensor([1, 2], requires_grad=True),
        RuntimeError,
        "only real numbers can require a gradient, and this tensor holds int64; convert it first, x.float()",
    ),
    (
        "requires_grad_ on truth values",
        lambda: tg.tensor([True]).requires_grad_(),
        RuntimeError,
        "this tensor holds bool",
    ),
    (
        "requires_grad = True on integers",
        lambda: setattr(tg.tensor([1]), "requires_grad", True),
        RuntimeError,
        "holds int64",
    ),
    ("requires_grad in creation", lambda: tg.zeros(2, dtype=tg.int64, requires_grad=True), RuntimeError, "holds int64"),
    ("requires_grad off inside a graph", lambda: (leaf(1.0) * 2).requires_grad_(False), RuntimeError, "use x.detach()"),
    # Matrices
    ("a matrix without inverse", lambda: tg.linalg.inv(tg.ones(2, 2)), RuntimeError, "is singular, it has no inverse"),
    ("equations without solution", lambda: tg.linalg.solve(tg.ones(2, 2), tg.ones(2)), RuntimeError, "is singular"),
    ("a determinant of 0, differentiated", lambda: slope_of_det(tg.ones(2, 2)), RuntimeError, "is singular"),
    ("no root of a matrix", lambda: tg.linalg.cholesky(-tg.eye(2)), RuntimeError, "is not positive definite"),
    *(
        (
            f"{name} of {numbers.dtype} {tuple(numbers.shape)}",
            partial(getattr(tg.linalg, name), numbers),
            RuntimeError,
            f"{name} needs square matrices (..., n, n) of float32 or float64, got {tuple(numbers.shape)} of",
        )
        for name in ("inv", "det", "slogdet", "cholesky")
        for numbers in (tg.eye(2).long(), tg.eye(2) > 0, tg.eye(2).half(), tg.ones(2, 3), tg.ones(3))
    ),
    # Changes in place
    (
        "a value changed in place before backward",
        lambda: changed_in_place(lambda h: h.data.add_(1)),
        RuntimeError,
        "a value needed for the gradient was changed in place after it was used: argument 1 of float32[2] = "
        "mul(...) in "
        "encoder/t=3, which is h: float32[2] = mul(...) in encoder/t=3. Call backward() before changing it, or "
        "compute a new "
        "tensor instead (x = x + 1 rather than x += 1)",
    ),
    (
        "a parameter updated before backward",
        parameter_stepped_too_early,
        RuntimeError,
        "changed in place after it was used",
    ),
    (
        "a leaf changed in place",
        lambda: written_in_place(lambda x: x.add_(1)),
        RuntimeError,
        "a leaf that requires a gradient was about to be changed in place (float32[2]); do it inside no_grad(), "
        "or compute a "
        "new tensor instead",
    ),
    (
        "a leaf assigned to",
        lambda: written_in_place(lambda x: x.__setitem__(0, 5)),
        RuntimeError,
        "do it inside no_grad()",
    ),
    (
        "a view of a leaf changed",
        lambda: written_in_place(lambda x: x[0].mul_(2)),
        RuntimeError,
        "do it inside no_grad()",
    ),
    ("a leaf unsqueezed", lambda: written_in_place(lambda x: x.unsqueeze_(0)), RuntimeError, "do it inside no_grad()"),
    (
        "a view taken inside no_grad",
        unrecorded_view,
        RuntimeError,
        "something was about to be written through a view taken inside no_grad() (float32[]), of which float32[2] = "
        "mul(...) would not know; take the view again, or write inside no_grad() too",
    ),
    (
        "in place on an expanded view",
        lambda: tg.ones(3).expand(2, 3).add_(1),
        RuntimeError,
        "this memory cannot be written to",
    ),
    (
        "a view of a transposed tensor",
        lambda: tg.ones(2, 3).t().view(6),
        RuntimeError,
        "a tensor of shape (3, 2) whose entries lie in another order in memory cannot be viewed in "
        "shape (6,); use reshape",
    ),
    (
        "real numbers into integers",
        lambda: tg.tensor([1, 2]).add_(0.5),
        RuntimeError,
        "a result of type float32 cannot be written into a tensor of int64; compute a new tensor instead, or "
        "convert this one "
        "first, x.float()",
    ),
    (
        "a result of another shape",
        lambda: tg.zeros(2).add_(tg.zeros(3, 2)),
        RuntimeError,
        "a result of shape (3, 2) cannot be written into a tensor of shape (2,)",
    ),
    ("an expanded view", lambda: tg.zeros(1).expand(3).fill_(1), RuntimeError, "use x.clone() first"),
    (
        "assignment that does not fit",
        lambda: tg.zeros(2, 3).__setitem__(0, tg.zeros(4)),
        RuntimeError,
        "does not fit the place",
    ),
    # numpy
    (
        "numpy functions",
        lambda: np.tanh(leaf(1.0)),
        TypeError,
        "numpy.tanh would lose the gradient of a tensor that requires one; use tanh of tinygrad_rnn, or "
        "x.detach() to leave "
        "the graph on purpose",
    ),
    (
        "numpy.stack",
        lambda: np.stack([leaf(1.0), leaf(2.0)]),
        RuntimeError,
        "a tensor that requires a gradient would lose it in numpy (float32[1]); use the functions of "
        "tinygrad_rnn (tanh(x), "
        "stack([a, b])), or x.detach().numpy() to leave the graph on purpose",
    ),
    ("numpy()", lambda: leaf(1.0).numpy(), RuntimeError, "use the functions of tinygrad_rnn"),
    (
        "numpy.add into an array",
        lambda: np.add(np.ones(1), leaf(1.0), out=np.ones(1)),
        TypeError,
        "would lose the gradient",
    ),
    ("numpy writing into a tensor", lambda: exp_of_numpy(np.ones(1), out=tg.ones(1)), TypeError, "use x.copy_(...)"),
    ("dlpack", lambda: np.from_dlpack(leaf(1.0)), BufferError, "use x.detach()"),
    (
        "from_numpy of a list",
        lambda: tg.from_numpy([1.0]),
        TypeError,
        "from_numpy takes a numpy array, got list; use tensor(...)",
    ),
    ("from_numpy of text", lambda: tg.from_numpy(np.array(["a"])), TypeError, "holds numbers or truth values"),
    (
        "a tensor of text",
        lambda: tg.tensor("abc"),
        TypeError,
        "a tensor holds numbers or truth values, got <U3 from str",
    ),
    ("rows of different lengths", lambda: tg.tensor([[1, 2], [3]]), TypeError, "all rows equally long"),
    (
        "arithmetic with text",
        lambda: tg.ones(2) + "a",
        TypeError,
        "a tensor cannot be combined with 'a' (str), which is no number",
    ),
    (
        "pickling a module",
        lambda: pickle.dumps(tg.nn.Linear(1, 1)),
        TypeError,
        "use save(data, file), also for modules",
    ),
    ("pickling", lambda: pickle.dumps(tg.ones(2)), TypeError, "tensors are not pickled, since a pickle can run code"),
    # Single numbers
    (
        "item of several",
        lambda: tg.ones(2).item(),
        RuntimeError,
        "a tensor with 2 numbers cannot become one; shape (2,)",
    ),
    (
        "truth of several",
        lambda: bool(tg.ones(2)),
        RuntimeError,
        "the truth of a tensor with 2 numbers is ambiguous; use x.any() or x.all()",
    ),
    ("len of a number", lambda: len(tg.tensor(1.0)), TypeError, "this tensor has no axes"),
    ("iteration over a number", lambda: list(tg.tensor(1.0)), TypeError, "use x.item()"),
    ("a real number as an index", lambda: [1, 2][tg.tensor(1.0)], TypeError, "only one integer can be an index"),
    ("format of several", lambda: f"{tg.ones(2):.2f}", TypeError, "unsupported format string"),
    # Shapes and axes
    (
        "shapes that do not broadcast",
        lambda: tg.ones(2) + tg.ones(3),
        RuntimeError,
        "add is not possible with shapes (2,) and (3,)",
    ),
    (
        "shapes that do not multiply",
        lambda: tg.ones(2, 3) @ tg.ones(2, 3),
        RuntimeError,
        "matmul: shapes (2, 3) and (2, 3) cannot be multiplied",
    ),
    (
        "linear of wrong size",
        lambda: tg.linear(tg.ones(2, 3), tg.ones(4, 2)),
        RuntimeError,
        "linear: shapes (2, 3) and (4, 2)",
    ),
    (
        "factors of two types",
        lambda: tg.ones(2, 2) @ tg.ones(2, 2).double(),
        RuntimeError,
        "matmul needs factors of one type, and got float32 and float64; bring one to the other's, x.float() or "
        "x.double()",
    ),
    ("product with a number", lambda: tg.ones(2) @ tg.tensor(1.0), RuntimeError, "matmul needs vectors or matrices"),
    (
        "mm of vectors",
        lambda: tg.mm(tg.ones(2), tg.ones(2)),
        RuntimeError,
        "mm multiplies a matrix and a matrix, got shapes (2,)",
    ),
    (
        "bmm of unequal batches",
        lambda: tg.bmm(tg.ones(2, 1, 1), tg.ones(3, 1, 1)),
        RuntimeError,
        "as many matrices in both",
    ),
    (
        "an axis that is not there",
        lambda: tg.ones(2).sum(1),
        IndexError,
        "dimension 1 is out of range for a tensor with 1 axes",
    ),
    ("an axis named twice", lambda: tg.ones(2, 2).sum((0, 0)), RuntimeError, "names an axis twice"),
    ("both names of an axis", lambda: tg.ones(2).sum(dim=0, axis=0), TypeError, "sum() got both dim= and axis="),
    (
        "reshape",
        lambda: tg.ones(2, 3).view(4),
        RuntimeError,
        "shape (4,) is invalid for a tensor of 6 entries, of shape (2, 3)",
    ),
    ("expand", lambda: tg.ones(2).expand(3), RuntimeError, "only axes of size 1 can"),
    ("permute", lambda: tg.ones(2, 3).permute(0), RuntimeError, "needs each of the 2 axes once"),
    ("a real size", lambda: tg.zeros(2.5), TypeError, "a size must be an integer, got 2.5 (float)"),
    ("a negative size", lambda: tg.zeros(-1), RuntimeError, "cannot have a negative size"),
    ("cat of nothing", lambda: tg.cat([]), RuntimeError, "cat expects one or more tensors, got none"),
    (
        "cat of numbers",
        lambda: tg.cat([tg.tensor(1.0), tg.tensor(2.0)]),
        RuntimeError,
        "single numbers have no axis, use stack",
    ),
    (
        "stack of different shapes",
        lambda: tg.stack([tg.ones(2), tg.ones(3)]),
        RuntimeError,
        "stack expects one or more tensors",
    ),
    ("split", lambda: tg.ones(5).split([2, 2]), RuntimeError, "must add up to the size of axis 0, which is 5"),
    ("topk of too few", lambda: tg.ones(2).topk(3), RuntimeError, "topk cannot take 3 of the 2 entries along axis 0"),
    (
        "max of nothing",
        lambda: tg.zeros(0).max(),
        RuntimeError,
        "amax of nothing: the tensor of shape (0,) has no entries",
    ),
    ("einsum", lambda: tg.einsum("ij,jk", tg.ones(2, 3), tg.ones(2, 3)), RuntimeError, "'j' has the sizes 3 and 2"),
    ("einsum operands", lambda: tg.einsum("ij,jk", tg.ones(2, 3)), RuntimeError, "names 2 operands and was given 1"),
    # Types of numbers
    (
        "mean of integers",
        lambda: tg.ones(2).long().mean(),
        RuntimeError,
        "mean needs real numbers, and this tensor holds int64",
    ),
    ("softmax of integers", lambda: tg.ones(2).long().softmax(0), RuntimeError, "use x.float().softmax(...)"),
    ("integer division by 0", lambda: tg.tensor([1]) // 0, RuntimeError, "integers were divided by 0"),
    ("where without truth values", lambda: tg.where(tg.ones(2), 1, 2), RuntimeError, "compare first: x != 0"),
    ("clamp without bounds", lambda: tg.ones(2).clamp(), RuntimeError, "clamp needs at least one of min and max"),
    ("a device that is not there", lambda: tg.zeros(2, device="cuda"), RuntimeError, "there is no device 'cuda'"),
    (
        "moving to a device",
        lambda: tg.zeros(2).to("cuda:0"),
        RuntimeError,
        "use 'cpu', or ask cuda.is_available() first",
    ),
    ("an integer as default type", lambda: tg.set_default_dtype(tg.int64), TypeError, "must be a floating point type"),
    # Indices
    ("a real index", lambda: tg.ones(3)[tg.tensor([0.5])], IndexError, "got a tensor of float32"),
    (
        "an index that is text",
        lambda: tg.ones(3)["a"],
        IndexError,
        "an index is an integer, a slice, None, ..., or a tensor",
    ),
    (
        "too many indices",
        lambda: tg.ones(3)[0, 0],
        IndexError,
        "the index does not fit a tensor of shape (3,): too many indices",
    ),
    ("a slice of a number", lambda: tg.tensor(1.0).select(0, 0), IndexError, "too many indices"),
    ("a part of a number", lambda: tg.tensor(1.0).narrow(0, 0, 1), RuntimeError, "a tensor of shape ()"),
    ("an index out of bounds", lambda: tg.ones(3)[5], IndexError, "index 5 is out of bounds"),
    (
        "gather out of bounds",
        lambda: tg.gather(tg.ones(2), 0, tg.tensor([2])),
        IndexError,
        "index 2 is out of bounds for axis 0",
    ),
    ("gather of real indices", lambda: tg.gather(tg.ones(2), 0, tg.ones(1)), RuntimeError, "use index.long()"),
    ("a mask of integers", lambda: tg.ones(2).masked_fill(tg.tensor([1, 0]), 0), RuntimeError, "use mask.bool()"),
    (
        "a real number among integers",
        lambda: tg.ones(2).long().masked_fill(tg.ones(2) > 0, 0.5),
        RuntimeError,
        "cannot put the real",
    ),
    # Chance
    ("too few to draw", lambda: tg.multinomial(tg.tensor([0.0, 1.0]), 2), RuntimeError, "use replacement=True"),
    ("no probability", lambda: tg.bernoulli(tg.tensor([2.0])), RuntimeError, "numbers from 0 to 1"),
    ("nothing to draw from", lambda: tg.randint(3, 3, (2,)), RuntimeError, "there is nothing from 3 to below 3"),
    ("mT of a vector", lambda: tg.ones(3).mT, RuntimeError, "exchanges the axes of a matrix, and this has 1"),
    ("a negative power of integers", lambda: tg.tensor([2]) ** -1, RuntimeError, "to a negative power is no integer"),
    ("an option that is not there", lambda: tg.zeros(2, names=True), TypeError, "names= is not supported"),
]


@pytest.mark.parametrize(("act", "kind", "message"), [pytest.param(*row[1:], id=row[0]) for row in SITUATIONS])
def test_what_is_said(act: Callable[[], object], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=re.escape(message)) as caught:
        act()
    assert type(caught.value) is kind


def gradient(leaf: tg.Tensor) -> list[float]:
    assert leaf.grad is not None
    found: list[float] = leaf.grad.tolist()
    return found


def test_a_second_backward_gives_twice_and_never_three_times() -> None:
    x = leaf(1.0, 2.0)
    h = x * x
    y = (h * 3).sum()
    y.backward(retain_graph=True)
    assert gradient(x) == [6, 12]
    y.backward(retain_graph=True)
    assert gradient(x) == [12, 24]


def test_a_refused_second_backward_changes_nothing() -> None:
    x = leaf(1.0, 2.0)
    y = (x * x).sum()
    y.backward()
    with pytest.raises(RuntimeError, match="second time"):
        (y + x.sum()).backward()
    assert gradient(x) == [2, 4]


def test_the_gradient_of_an_intermediate_is_none_with_a_hint() -> None:
    x = leaf(1.0)
    h = x * 2
    h.sum().backward()
    with pytest.warns(UserWarning, match=r"\.grad of a tensor that is not a leaf is never filled .*retain_grad"):
        assert h.grad is None
    h = x * 2
    h.retain_grad()
    (h * 3).sum().backward()
    assert gradient(h) == [3]


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        pytest.param(lambda x: x[[0, 0, 1]], [2, 1, 0], id="repeated indices add"),
        pytest.param(lambda x: x + x, [2, 2, 2], id="x + x counts both"),
        pytest.param(lambda x: x * x, [2, 4, 4], id="x * x counts both"),
        pytest.param(tg.max, [0, 0.5, 0.5], id="ties of max share"),
        pytest.param(lambda x: tg.maximum(x, tg.tensor([1.0, 3.0, 1.0])), [0.5, 0, 1], id="ties of maximum share"),
        pytest.param(lambda x: tg.abs(x - 2), [-1, 0, 0], id="abs at 0"),
        pytest.param(lambda x: tg.relu(x - 2), [0, 0, 0], id="relu at 0"),
        pytest.param(lambda x: (x - 2) ** 0, [0, 0, 0], id="x ** 0 at 0"),
        pytest.param(lambda x: tg.sqrt(x - 1), [math.inf, 0.5, 0.5], id="sqrt at 0"),
        pytest.param(lambda x: tg.norm(x * 0), [0, 0, 0], id="norm at 0"),
    ],
)
def test_what_is_documented_about_gradients(f: Callable[[tg.Tensor], tg.Tensor], expected: list[float]) -> None:
    x = leaf(1.0, 2.0, 2.0)
    f(x).sum().backward()
    assert gradient(x) == expected


def test_a_dead_branch_of_where_gives_nan_and_written_well_does_not() -> None:
    x = leaf(0.0, 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        tg.where(x > 0, tg.log(x), 0.0).sum().backward()
    assert math.isnan(gradient(x)[0]) and gradient(x)[1] == 1
    x = leaf(0.0, 1.0)
    tg.where(x > 0, tg.log(tg.where(x > 0, x, 1.0)), 0.0).sum().backward()
    assert gradient(x) == [0, 1]


@pytest.mark.parametrize(
    "number", [2, 2.0, np.float64(2), np.float32(2), np.int64(2), np.array(2.0), tg.tensor(2.0).double()]
)
@pytest.mark.parametrize("apply", [*OPERATORS, operator.floordiv, operator.mod])
def test_float32_stays_float32_against_any_single_number(number: Any, apply: Callable[[Any, Any], Any]) -> None:
    x = leaf(1.0, 3.0)
    for y in (apply(x, number), apply(number, x)):
        assert isinstance(y, tg.Tensor) and y.dtype == tg.float32 and y.requires_grad


@pytest.mark.parametrize("apply", [*OPERATORS, operator.matmul])
def test_an_array_before_a_tensor_gives_a_tensor_with_its_graph(apply: Callable[[Any, Any], Any]) -> None:
    a, x = np.array([1.0, 2.0]), tg.tensor([3.0, 4.0], dtype=tg.float64, requires_grad=True)
    y = apply(a, x)
    assert isinstance(y, tg.Tensor) and y.requires_grad
    np.testing.assert_array_equal(y.detach().numpy(), apply(a, x.detach().numpy()))


@pytest.mark.slow
def test_a_million_operations() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(200_000):
        y = y + 1
    y.backward()
    assert gradient(x) == [1]
    copy.deepcopy(y)
    assert repr(y) == "tensor([200001.], grad_fn=<AddBackward0>)"


def test_a_value_used_in_exponentially_many_ways() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert gradient(x) == [2.0**60]
