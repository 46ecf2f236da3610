"""The rarer ways through the functions: numbers and types as in PyTorch, and refusals where PyTorch refuses too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

Call = Callable[[Any], Any]


def matrix(t: Any, rows: int = 2, columns: int = 3, **options: Any) -> Any:
    """rows × columns numbers that are all different."""
    return t.tensor(np.cos(np.arange(rows * columns)).reshape(rows, columns).tolist(), **options)


def sevens(t: Any) -> Any:
    """Integers and their divisors, in all four combinations of signs, and a pair that leaves nothing."""
    return t.tensor([7, -7, 7, -7, 6]), t.tensor([2, 2, -2, -2, 3])


def batch(t: Any, *shape: int) -> Any:
    return t.arange(float(np.prod(shape))).reshape(shape) / 7


def with_other_data(t: Any) -> Any:
    x = t.ones(2)
    x.data = t.zeros(2)
    return x


RESULTS: dict[str, Call] = {
    # entries by index
    "gather from a number": lambda t: t.gather(t.tensor(5.0), 0, t.tensor([0, 0])),
    "gather one number": lambda t: t.gather(t.tensor([5.0, 6.0]), 0, t.tensor(1)),
    "gather with a number from a number": lambda t: t.tensor(5.0).gather(0, t.tensor(0)),
    "gather nothing": lambda t: t.gather(t.ones(2, 3), 0, t.zeros(0, 5, dtype=t.int64)),
    "gather counted from behind": lambda t: t.gather(matrix(t), -1, t.tensor([[0, 2], [1, 1]])),
    "take_along_dim of all": lambda t: t.take_along_dim(matrix(t), t.tensor([5, 0, 1])),
    "take_along_dim broadcast": lambda t: t.take_along_dim(matrix(t), t.tensor([[2, 0]]), dim=1),
    "take_along_dim of a broadcast input": lambda t: t.take_along_dim(t.ones(1, 3), t.tensor([[2], [0]]), dim=1),
    "scatter": lambda t: t.scatter(t.zeros(2, 3), 1, t.tensor([[0], [2]]), t.ones(2, 3)),
    "scatter a number": lambda t: t.zeros(2, 3).scatter(1, t.tensor([[0], [2]]), 7),
    "scatter a value": lambda t: t.zeros(2, 3).scatter(1, t.tensor([[0], [2]]), value=7),
    "scatter_add": lambda t: t.scatter_add(t.ones(3), 0, t.tensor([0, 0, 2]), t.tensor([1.0, 2.0, 3.0])),
    "scatter_add of a part": lambda t: t.scatter_add(t.ones(3), 0, t.tensor([1]), t.tensor([1.0, 2.0, 3.0])),
    "index_select": lambda t: t.index_select(matrix(t), 1, t.tensor([2, 2, 0])),
    "index_select at one place": lambda t: t.index_select(matrix(t), 0, t.tensor(1)),
    "index_select from a number": lambda t: t.index_select(t.tensor(5.0), 0, t.tensor([0])),
    "index_add": lambda t: t.index_add(t.ones(3), 0, t.tensor([0, 0]), t.tensor([1.0, 2.0])),
    "index_add alpha": lambda t: t.index_add(matrix(t), 1, t.tensor([2, 2]), t.ones(2, 2), alpha=-2),
    "masked_fill": lambda t: matrix(t).masked_fill(matrix(t) > 0, 0.5),
    "masked_fill by a tensor": lambda t: matrix(t).masked_fill(matrix(t) > 0, t.tensor(2)),
    "masked_fill of integers": lambda t: t.arange(3).masked_fill(t.arange(3) > 1, 7),
    "masked_select": lambda t: t.masked_select(matrix(t), matrix(t) > 0),
    "masked_select broadcast": lambda t: t.masked_select(matrix(t), t.tensor([True, False, True])),
    "masked_select of few": lambda t: t.masked_select(t.tensor([1.0, 2.0]), t.ones(2, 2) > 0),
    "an index of tensors in a slice": lambda t: matrix(t)[:, t.tensor(1) : t.tensor(3)],
    # products
    "linear without bias": lambda t: t.nn.functional.linear(matrix(t), matrix(t)),
    "linear with bias": lambda t: t.nn.functional.linear(matrix(t), matrix(t), t.ones(2)),
    "mm": lambda t: t.mm(matrix(t), matrix(t, 3, 2)),
    "bmm": lambda t: t.bmm(batch(t, 2, 1, 3), batch(t, 2, 3, 2)),
    "mv": lambda t: t.mv(matrix(t), t.ones(3)),
    "dot": lambda t: t.dot(t.arange(3.0), t.ones(3)),
    "outer": lambda t: t.outer(t.arange(3.0), t.arange(2.0)),
    "addmm": lambda t: t.addmm(t.ones(2), matrix(t), matrix(t, 3, 2)),
    "addmm weighed": lambda t: t.addmm(t.ones(2, 2), matrix(t), matrix(t, 3, 2), beta=2, alpha=-0.5),
    "addmm without what is added": lambda t: t.addmm(t.full((2,), t.nan), matrix(t), matrix(t, 3, 2), beta=0),
    "baddbmm": lambda t: t.baddbmm(t.ones(1), batch(t, 2, 1, 3), batch(t, 2, 3, 2), beta=3),
    "einsum of a list": lambda t: t.einsum("ij,j", [matrix(t), t.ones(3)]),
    "einsum without arrow": lambda t: t.einsum("ji", matrix(t)),
    "einsum of a diagonal": lambda t: t.einsum("ii->i", matrix(t, 3, 3)),
    "einsum of a trace": lambda t: t.einsum("ii", matrix(t, 3, 3)),
    "einsum thrice the same": lambda t: t.einsum("iii->i", batch(t, 2, 2, 2)),
    "einsum of a sum": lambda t: t.einsum("ij->", matrix(t)),
    "einsum of a sum in one": lambda t: t.einsum("ij,k->k", matrix(t), t.ones(2)),
    "einsum with dots": lambda t: t.einsum("...ij,...jk->...ik", batch(t, 2, 1, 3), batch(t, 3, 2)),
    "einsum with dots without arrow": lambda t: t.einsum("...i,...i", batch(t, 2, 3), t.ones(3)),
    "einsum with dots summed": lambda t: t.einsum("i...->...", batch(t, 2, 3)),
    "einsum that repeats one": lambda t: t.einsum("ij,ij->ij", matrix(t), t.ones(1, 3)),
    "einsum that repeats the first": lambda t: t.einsum("ij,ij->ij", t.ones(2, 1), matrix(t)),
    "einsum with blanks": lambda t: t.einsum(" i j , j -> i ", matrix(t), t.ones(3)),
    "einsum of three": lambda t: t.einsum("i,ij,j->", t.ones(2), matrix(t), t.ones(3)),
    # other types, and out to Python
    "item": lambda t: t.tensor([[2.5]]).item(),
    "tolist of a number": lambda t: t.tensor(3).tolist(),
    "float": lambda t: float(t.tensor([2])),
    "int": lambda t: int(t.tensor(2.75)),
    "index": lambda t: [5, 6, 7][t.tensor([2])],
    "truth": lambda t: [bool(t.tensor(0.0)), bool(t.tensor([3]))],
    "len": lambda t: len(t.ones(4, 2)),
    "iteration": lambda t: t.stack(list(matrix(t))),
    "numpy by force": lambda t: t.ones(2, requires_grad=True).numpy(force=True).tolist(),
    "to a type": lambda t: matrix(t).to(t.float64),
    "to a type by name": lambda t: matrix(t).to(dtype=t.int32),
    "to the type of another": lambda t: matrix(t).to(t.ones(1, dtype=t.float64)),
    "to the processor": lambda t: matrix(t).to("cpu"),
    "to the processor and a type": lambda t: matrix(t).to(t.device("cpu"), t.float16),
    "to a copy": lambda t: matrix(t).to("cpu", non_blocking=True, copy=True),
    "to the same is the same": lambda t: (lambda x: [x.to(t.float32) is x, x.to(x, copy=True) is x])(t.ones(1)),
    "the name of a type": lambda t: [t.ones(1).type(), t.arange(2).type(), (t.ones(1) > 0).type()],
    "type by name": lambda t: t.ones(2).type("torch.DoubleTensor"),
    "type by type": lambda t: t.ones(2).type(t.int64),
    "type_as": lambda t: t.arange(2).type_as(t.ones(1)),
    "cpu": lambda t: t.ones(2).cpu(),
    "is_cuda": lambda t: [t.ones(1).is_cuda, str(t.ones(1).device)],
    "is_floating_point": lambda t: [t.ones(1).is_floating_point(), t.arange(1).is_floating_point()],
    "how it lies in memory": lambda t: [
        (x.stride(), x.stride(-1), x.storage_offset(), x.element_size(), x.itemsize, x.nbytes)
        for x in (matrix(t), matrix(t).T, matrix(t)[1:, 1], t.ones(2, dtype=t.float64).expand(3, 2))
    ],
    "what it is not": lambda t: [
        (x.is_complex(), x.is_signed(), x.is_sparse, x.is_quantized, x.is_meta, x.get_device())
        for x in (matrix(t), matrix(t).byte(), matrix(t).bool())
    ],
    "double": lambda t: t.ones(2).double(),
    "float32": lambda t: t.arange(2).float(),
    "half": lambda t: t.arange(2).half(),
    "long": lambda t: matrix(t).long(),
    "int32": lambda t: matrix(t).int(),
    "bool": lambda t: t.tensor([0.0, 0.5, t.nan]).bool(),
    "clone": lambda t: matrix(t).clone(),
    "contiguous": lambda t: matrix(t).T.contiguous(),
    "is_contiguous": lambda t: [matrix(t).is_contiguous(), matrix(t).T.is_contiguous()],
    # numbers
    "integers divided and cut off": lambda t: t.div(*sevens(t), rounding_mode="trunc"),
    "integers divided and rounded down": lambda t: t.div(*sevens(t), rounding_mode="floor"),
    "divided and cut off": lambda t: t.div(t.tensor([7.0, -7.0, 0.5]), 2, rounding_mode="trunc"),
    "divided and rounded down": lambda t: t.div(t.tensor([7.0, -7.0, 0.5]), 2, rounding_mode="floor"),
    "clamp by tensors": lambda t: t.clamp(t.arange(3.0), t.tensor([1.0, 0.0, 0.0]), t.tensor([2.0, 0.5, 1.0])),
    "clamp below by a tensor": lambda t: t.clamp(t.arange(3.0), min=t.tensor([1.0, 0.0, 3.0])),
    "clamp above by a tensor": lambda t: t.clamp(t.arange(3.0), max=t.tensor([1.0, 0.0, 3.0])),
    "isclose of truth values": lambda t: t.isclose(t.tensor([True, False]), t.tensor([True, True])),
    "isclose of NaN": lambda t: t.isclose(t.tensor([t.nan, 1.0]), t.tensor([t.nan, 1.0]), equal_nan=True),
    "isclose of integers": lambda t: t.isclose(t.tensor([100, 100]), t.tensor([100, 101])),
    "allclose": lambda t: [t.allclose(t.ones(2), t.ones(2)), t.allclose(t.ones(2), t.zeros(2))],
    "abs of": lambda t: abs(t.tensor([-1.0, 2.0])),
    "plus": lambda t: +t.tensor([-1, 2]),
    "array @ tensor": lambda t: np.ones((2, 2), np.float32) @ t.ones(2, 2) if t is tg else t.full((2, 2), 2.0),
    "bits": lambda t: [t.tensor([True]) ^ t.tensor([True]), ~t.tensor([True]), t.tensor([False]) | t.tensor([True])],
    "bits of integers": lambda t: [6 ^ t.tensor([3]), ~t.tensor([3]), 4 | t.tensor([3]), 6 & t.tensor([3])],
    "where": lambda t: matrix(t).where(matrix(t) > 0, t.zeros(3)),
    "reshape_as": lambda t: t.arange(6).reshape_as(matrix(t)),
    "contains": lambda t: [2 in t.arange(3), 5 in t.arange(3)],
    "size": lambda t: [tuple(matrix(t).size()), matrix(t).size(1), matrix(t).size(-2), matrix(t).shape.numel()],
    "fill_ by a tensor": lambda t: t.ones(2).fill_(t.tensor(3)),
    "randint_like": lambda t: t.randint_like(t.ones(2, 2), 1),
    "randint_like between": lambda t: t.randint_like(t.ones(2), 3, 4, dtype=t.int32),
    "randn_like": lambda t: t.randn_like(t.ones(2, 2, dtype=t.float64)) * 0,
    "normal of width 0": lambda t: t.normal(t.arange(3.0), t.zeros(3)),
    "normal of one width": lambda t: t.normal(t.arange(3.0), 0.0),
    "normal of a size": lambda t: t.normal(2.0, 0.0, (2, 2)),
    "certain draws in rows": lambda t: t.multinomial(t.tensor([[0.0, 1.0], [2.0, 0.0]]), 1),
    "bernoulli_": lambda t: t.ones(3).bernoulli_(1.0),
    "as_tensor": lambda t: [t.as_tensor(t.ones(1)), t.as_tensor(t.ones(1), dtype=t.float64), t.as_tensor([1])],
    "is_tensor": lambda t: [t.is_tensor(t.ones(1)), t.is_tensor(1.0)],
    "data": with_other_data,
}  # fmt: skip


def same(mine: Any, theirs: Any) -> None:
    """Equal types, shapes and numbers, also inside of lists and tuples."""
    if isinstance(theirs, list | tuple):
        assert len(mine) == len(theirs)
        for pair in zip(mine, theirs, strict=True):
            same(*pair)
    elif hasattr(theirs, "detach"):
        np.testing.assert_allclose(mine.detach().numpy(), theirs.detach().numpy(), rtol=1e-6, strict=True)
    else:
        assert type(mine) is type(theirs) and mine == theirs


@pytest.mark.parametrize("call", RESULTS.values(), ids=RESULTS)
def test_as_in_torch(call: Call) -> None:
    mine = call(tg)
    torch = pytest.importorskip("torch")
    same(mine, call(torch))


REFUSED: list[tuple[str, Call, type[Exception], str]] = [
    ("gather axes", lambda t: t.gather(t.ones(2, 2), 0, t.tensor([0])), RuntimeError, "as many axes as the input"),
    (
        "gather too large",
        lambda t: t.gather(t.ones(2, 2), 0, t.zeros(1, 3, dtype=t.int64)),
        RuntimeError,
        "larger than the input of shape (2, 2) along axis 1",
    ),
    ("gather below 0", lambda t: t.gather(t.ones(2), 0, t.tensor([-1])), IndexError, "index -1 is out of bounds"),
    ("take_along_dim", lambda t: t.take_along_dim(t.ones(2, 2), t.tensor([0]), dim=0), RuntimeError, "expects 2 axes"),
    (
        "scatter types",
        lambda t: t.scatter(t.ones(2), 0, t.tensor([0]), t.tensor([1])),
        RuntimeError,
        "of the input's type float32, got int64",
    ),
    (
        "scatter shapes",
        lambda t: t.scatter(t.ones(3), 0, t.tensor([0, 1]), t.ones(1)),
        RuntimeError,
        "does not fit src of (1,)",
    ),
    (
        "index_select matrix",
        lambda t: t.index_select(t.ones(2), 0, t.tensor([[0]])),
        RuntimeError,
        "expects a vector of positions, got shape (1, 1)",
    ),
    (
        "index_add shapes",
        lambda t: t.index_add(t.ones(2), 0, t.tensor([0]), t.ones(3)),
        RuntimeError,
        "needs a source of float32 and shape (1,), got float32 and (3,)",
    ),
    ("masked_fill mask", lambda t: t.ones(2).masked_fill(t.ones(2), 0), RuntimeError, "use mask.bool()"),
    ("masked_fill value", lambda t: t.ones(2).masked_fill(t.ones(2) > 0, t.ones(2)), RuntimeError, "use where"),
    ("masked_select mask", lambda t: t.masked_select(t.ones(2), t.ones(2)), RuntimeError, "use mask.bool()"),
    ("mm", lambda t: t.mm(t.ones(2), t.ones(2)), RuntimeError, "mm multiplies a matrix and a matrix"),
    ("bmm", lambda t: t.bmm(t.ones(1, 2, 2), t.ones(2, 2, 2)), RuntimeError, "as many matrices in both batches"),
    ("mv", lambda t: t.mv(t.ones(2), t.ones(2)), RuntimeError, "mv multiplies a matrix and a vector"),
    ("dot", lambda t: t.dot(t.ones(2, 2), t.ones(2)), RuntimeError, "dot multiplies a vector and a vector"),
    ("outer", lambda t: t.outer(t.ones(2, 2), t.ones(2)), RuntimeError, "got shapes (2, 2) and (2,)"),
    (
        "addmm",
        lambda t: t.addmm(t.ones(3, 2, 2), t.ones(2, 2), t.ones(2, 2)),
        RuntimeError,
        "must be repeatable to it, got shape (3, 2, 2)",
    ),
    ("einsum text", lambda t: t.einsum(t.ones(2), "i"), RuntimeError, "takes the equation as text first"),
    ("einsum axes", lambda t: t.einsum("ijk->i", t.ones(2, 2)), RuntimeError, "'ijk' does not fit"),
    ("einsum fewer axes", lambda t: t.einsum("i->i", t.ones(2, 2)), RuntimeError, "does not fit an operand of shape"),
    ("einsum diagonal", lambda t: t.einsum("ii", t.ones(2, 3)), RuntimeError, "'i' has two sizes in one operand"),
    ("einsum letter", lambda t: t.einsum("i->j", t.ones(2)), RuntimeError, "'j' is not a letter of the operands"),
    ("einsum twice", lambda t: t.einsum("i->ii", t.ones(2)), RuntimeError, "or stands twice in the result"),
    ("einsum sign", lambda t: t.einsum("1->1", t.ones(2)), RuntimeError, "'1' is not a letter of the operands"),
    ("item", lambda t: t.ones(2).item(), RuntimeError, "a tensor with 2 numbers cannot become one; shape (2,)"),
    ("numpy", lambda t: t.ones(2, requires_grad=True).numpy(), RuntimeError, "x.detach().numpy() to leave the graph"),
    ("dlpack", lambda t: np.from_dlpack(t.ones(2, requires_grad=True)), BufferError, "would lose it"),
    ("index", lambda t: [1][t.tensor(0.0)], TypeError, "only one integer can be an index or a size"),
    ("truth", lambda t: bool(t.ones(2)), RuntimeError, "the truth of a tensor with 2 numbers is ambiguous"),
    ("len", lambda t: len(t.tensor(1.0)), TypeError, "this tensor has no axes"),
    ("iteration", lambda t: iter(t.tensor(1.0)), TypeError, "use x.item()"),
    (
        "random_ in order",
        lambda t: t.ones(2).random_(5, 2),
        RuntimeError,
        "at most two bounds, in order and from -16777216",
    ),
    ("random_ of bytes", lambda t: t.ones(2).byte().random_(300), RuntimeError, "from 0 to 255, got (300,)"),
    ("exponential_", lambda t: t.ones(2).exponential_(0), RuntimeError, "exponential_ needs a rate above 0, got 0"),
    ("fill_", lambda t: t.ones(2).fill_(t.ones(2)), RuntimeError, "fill_ takes a single number"),
    ("cuda", lambda t: t.ones(1).cuda(), RuntimeError, "cuda"),
    ("cuda 1", lambda t: t.ones(1).cuda(1), RuntimeError, "cuda:1"),
    ("rounding_mode", lambda t: t.div(t.ones(1), 2, rounding_mode="up"), RuntimeError, "must be None, 'floor' or"),
    ("isclose", lambda t: t.isclose(t.ones(1), t.arange(1)), RuntimeError, "compares tensors of one type"),
    ("gelu", lambda t: t.nn.functional.gelu(t.ones(1), approximate="no"), RuntimeError, "'none' or 'tanh', got 'no'"),
    (
        "linear types",
        lambda t: t.nn.functional.linear(t.ones(1, 2), t.ones(1, 2).double()),
        RuntimeError,
        "has parameters of float64",
    ),
    ("arange", lambda t: t.arange(3, 0), RuntimeError, "arange from 3 to 0 never arrives with step 1"),
    ("size twice", lambda t: t.zeros(2, size=(2,)), TypeError, "given twice"),
    ("randint", lambda t: t.randint(3), TypeError, "randint needs a size"),
    ("normal", lambda t: t.normal(0.0, 1.0), TypeError, "normal needs tensors"),
    ("normal width", lambda t: t.normal(t.ones(1), -1.0), RuntimeError, "a standard deviation of at least 0, got -1"),
    ("multinomial axes", lambda t: t.multinomial(t.ones(1, 1, 1), 1), RuntimeError, "multinomial"),
    ("multinomial weights", lambda t: t.multinomial(-t.ones(2), 1), RuntimeError, "finite, not negative"),
    ("unbind", lambda t: t.unbind(t.tensor(1.0)), RuntimeError, "use x.item()"),
    ("split", lambda t: t.split(t.ones(2), -1), RuntimeError, "pieces of size -1 never cover axis 0"),
    ("chunk", lambda t: t.chunk(t.ones(2), 0), RuntimeError, "at least one piece, got 0"),
    ("pad mode", lambda t: t.nn.functional.pad(t.ones(2), (1, 1), mode="no"), NotImplementedError, "got 'no'"),
    ("pad axes", lambda t: t.nn.functional.pad(t.ones(2), (1,)), RuntimeError, "pad needs (before, after)"),
    ("pad away", lambda t: t.nn.functional.pad(t.ones(2), (-2, -1)), RuntimeError, "takes away more than"),
    ("flatten", lambda t: t.flatten(t.ones(2, 2), 1, 0), RuntimeError, "flatten needs start_dim before end_dim"),
    ("t", lambda t: t.t(t.ones(2, 2, 2)), RuntimeError, "at most 2 axes, got 3"),
    ("movedim", lambda t: t.movedim(t.ones(2, 2), (0, 0), (0, 1)), RuntimeError, "one place for each axis"),
    ("expand", lambda t: t.ones(2).expand(3), RuntimeError, ""),
    ("expand to fewer", lambda t: t.ones(2, 2).expand(2), RuntimeError, "cannot be repeated to"),
    ("repeat", lambda t: t.ones(2, 2).repeat(2), RuntimeError, "a number for each of the 2 axes"),
    ("roll", lambda t: t.roll(t.ones(2, 2), (1, 1), 0), RuntimeError, "a shift for each axis"),
    ("narrow", lambda t: t.narrow(t.ones(3), 0, 2, 2), RuntimeError, "do not fit axis 0 of a tensor of shape (3,)"),
    ("tril", lambda t: t.tril(t.ones(3)), RuntimeError, "need a matrix or a batch of them"),
    ("diagonal", lambda t: t.diagonal(t.ones(2, 2), 0, 1, 1), RuntimeError, "two different axes"),
    ("norm", lambda t: t.norm(t.ones(2, 2), "no"), RuntimeError, "supports p='fro' and numbers, got 'no'"),
    ("a number for a tensor", lambda t: t.maximum(t.ones(2), 0.5), TypeError, "takes two tensors, and one is a number"),
    ("grad", lambda t: setattr(t.ones(2, requires_grad=True), "grad", t.ones(3)), RuntimeError, "got float32[3]"),
    ("grad of another type", lambda t: setattr(t.ones(2), "grad", t.ones(2).double()), RuntimeError, "got float64[2]"),
    ("grad of an array", lambda t: setattr(t.ones(2), "grad", np.ones(2, np.float32)), TypeError, "a tensor like it"),
    ("grad of a list", lambda t: setattr(t.ones(2, requires_grad=True), "grad", [1.0]), TypeError, "got [1.0]"),
]


@pytest.mark.parametrize(("call", "kind", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused_as_in_torch(call: Call, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as error:
        call(tg)
    assert message in str(error.value)
    torch = pytest.importorskip("torch")
    with pytest.raises((RuntimeError, IndexError, TypeError, ValueError, BufferError, AssertionError)):
        call(torch)


def test_refused_here_alone() -> None:
    """PyTorch cuts the number off, reads bytes as other types, goes round."""
    with pytest.raises(RuntimeError, match=r"cannot put the real number 0\.5 into a tensor of int64"):
        tg.arange(2).masked_fill(tg.ones(2) > 0, 0.5)
    with pytest.raises(RuntimeError, match="another reading of the same bytes, is not supported"):
        tg.ones(2).view(tg.int32)
    with pytest.raises(NotImplementedError, match="leave out wrap=True"):
        tg.ones(3, 2).fill_diagonal_(1, wrap=True)
