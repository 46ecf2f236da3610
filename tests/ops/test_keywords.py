"""Arguments by name: those PyTorch takes under the same names are taken, or refused in our words; none is too many."""

from __future__ import annotations

import contextlib
import inspect
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import TABLE
from tests.test_loud import LEFT, arguments, callables
from tinygrad_rnn import nn

#: What Python says of a call that does not fit.
BARE = re.compile(r"unexpected keyword|positional-only|takes \d+ positional|invalid keyword|takes from \d+ to")

#: Told by Python all the same, and why.
TOLD_BY_PYTHON = {
    **dict.fromkeys((("Tensor.to", "layout"), ("Tensor.to", "pin_memory"), ("Tensor.clone", "out")), "often called"),
    **dict.fromkeys((("tg.autograd.enable_grad", "orig_func"), ("Tensor.to", "other")), "not documented by PyTorch"),
}


def x() -> tg.Tensor:
    return tg.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])


OF_THE_TABLE = [name for name, row in TABLE.items() if row.about]


@pytest.mark.parametrize("name", OF_THE_TABLE)
def test_operations_take_tensors_by_name_and_nothing_else(name: str) -> None:
    operation = TABLE[name]
    names = [*inspect.signature(operation).parameters]
    args = [tg.tensor(arg) for arg in operation.tried_on()[0].args]
    wanted = operation(*args)
    for given in range(len(names) + 1):
        by_name = dict(zip(names[given:], args[given:], strict=True))
        assert tg.equal(operation(*args[:given], **by_name), wanted)
        assert tg.equal(operation(*args[:given], **by_name, out=None), wanted)
    more = wanted.detach().clone().fill_(wanted[(0,) * wanted.ndim].item())
    before = more.clone()
    for kwargs in ({"out": [more]}, {"where": more > 0}, {"dtype": tg.float32}, {"input": more}):
        with pytest.raises(TypeError, match=rf"^{name}\(\) takes"):
            operation(*args, **kwargs)
    with pytest.raises(TypeError, match=rf"^{name}\(\) takes"):
        operation(*args, more)
    with pytest.raises(TypeError, match=rf"^{name}\(\) takes"):
        operation(*args[:-1])
    assert tg.equal(more, before)


def test_arguments_by_name_are_differentiated() -> None:
    a, b = (tg.tensor([0.5, 2.0], requires_grad=True) for _ in "ab")
    (tg.mul(input=a, other=b) + a.atan2(other=b) + tg.pow(a, exponent=b)).sum().backward()
    again = [tg.tensor([0.5, 2.0], requires_grad=True) for _ in "ab"]
    (again[0] * again[1] + tg.atan2(*again) + again[0] ** again[1]).sum().backward()
    assert [a.grad.tolist(), b.grad.tolist()] == [each.grad.tolist() for each in again]  # type: ignore[union-attr]


def test_nothing_is_written_into_an_argument_too_many() -> None:
    """numpy's functions write into what is given after their arguments."""
    written = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, function in callables():
            given = arguments(function) or {}
            more = x()
            with contextlib.suppress(Exception):
                function(*given.values(), more)
            if not np.array_equal(more.array, x().array) and not name.endswith("_"):
                written.append(name)
    assert written == ["Tensor.become"] * ("Tensor.become" in written)


def counterparts(torch: Any) -> list[tuple[str, Callable[..., Any], set[str]]]:
    """Each public function with the names of arguments that PyTorch's of the same name has."""
    doors = {
        "tg.nn.functional": torch.nn.functional, "tg": torch, "Tensor": torch.Tensor, "tg.nn": torch.nn,
        "tg.nn.init": torch.nn.init, "tg.nn.utils": torch.nn.utils, "tg.nn.utils.rnn": torch.nn.utils.rnn,
        "tg.optim": torch.optim, "tg.optim.lr_scheduler": torch.optim.lr_scheduler, "tg.func": torch.func,
        "tg.autograd": torch.autograd, "tg.autograd.functional": torch.autograd.functional,
        "tg.utils.data": torch.utils.data, "tg.utils.checkpoint": torch.utils.checkpoint,
    }  # fmt: skip
    found = []
    for full, function in callables():
        door, _, name = full.rpartition(".")
        theirs = getattr(doors[door], name, None)
        if theirs is None:
            continue
        try:
            names = {each.name for each in inspect.signature(theirs).parameters.values() if each.kind not in (2, 4)}
        except (TypeError, ValueError):
            schemas = torch._C._jit_get_schemas_for_operator(f"aten::{name}")
            tensors = [
                each.arguments for each in schemas if each.arguments and each.arguments[0].name in ("self", "size")
            ]
            names = {each.name for every in tensors for each in every}
        found.append((full, function, names - {"self", "input", "args", "kwargs"}))
    return found


# Among the quick ones though it takes seconds: of the branches that are counted, it alone takes many.
def test_names_of_pytorchs_arguments_are_taken_or_refused_in_our_words() -> None:
    found, asked = [], 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, function, names in counterparts(pytest.importorskip("torch")):
            given = arguments(function)
            if given is None or name.rpartition(".")[2] in LEFT or "__" in name:
                continue
            for argument in sorted(names - given.keys()):
                asked += 1
                try:
                    function(*given.values(), **{argument: None})
                except Exception as error:
                    if BARE.search(str(error)) and (name, argument) not in TOLD_BY_PYTHON:
                        found.append(f"{name}({argument}=): {error}")
    assert asked > 700 and not found, "\n".join(found)


@pytest.mark.filterwarnings("ignore:where received a uint8 condition")
def test_options_that_change_nothing_are_taken_as_they_are_in_pytorch() -> None:
    torch = pytest.importorskip("torch")
    for call in CALLS:
        ours, theirs = call(tg), call(torch)
        np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-6)


CALLS: list[Callable[[Any], Any]] = [
    lambda t: t.zeros(2, pin_memory=False), lambda t: t.arange(3, pin_memory=False),
    lambda t: t.zeros_like(t.ones(2), memory_format=t.preserve_format), lambda t: t.ones(2).new_zeros(size=(2, 3)),
    lambda t: t.nn.Embedding(2, 3, max_norm=None, norm_type=2.0, sparse=False).weight * 0,
    lambda t: t.nn.functional.softmax(t.ones(3), dim=0, _stacklevel=3), lambda t: t.ones(2).expand(size=(2, 2)),
    lambda t: t.gather(t.ones(2), 0, t.tensor([0]), sparse_grad=False), lambda t: t.ones(2).repeat(repeats=(2, 2)),
    lambda t: t.repeat_interleave(t.ones(2), 2, output_size=4), lambda t: t.ones(2).view(size=(1, 2)),
    lambda t: t.swapaxes(t.ones(2, 3), axis0=0, axis1=1), lambda t: t.ones(4).tensor_split(sections=2)[0],
    lambda t: t.ones(4).split(split_size=3)[1], lambda t: t.broadcast_to(t.ones(2), size=(3, 2)),
    lambda t: t.arange(6).reshape(2, 3).t().clone(memory_format=t.contiguous_format),
    lambda t: t.arange(6).reshape(2, 3).t().contiguous(memory_format=t.contiguous_format),
    lambda t: t.ones(2).to(t.float64, memory_format=t.preserve_format),
    lambda t: t.where(t.tensor([1, 0], dtype=t.uint8), t.ones(2), t.zeros(2)),
    lambda t: t.ones(2).double(memory_format=t.preserve_format),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["contiguous_format", "preserve_format"])
def test_copies_lie_in_memory_as_in_pytorch(kind: str) -> None:
    torch = pytest.importorskip("torch")
    of = {t: t.arange(24).reshape(2, 3, 4).permute(2, 0, 1) for t in (tg, torch)}
    copies: list[Callable[..., Any]] = [
        lambda x, kind: x.clone(memory_format=kind), lambda x, kind: x.to(x.dtype, copy=True, memory_format=kind),
        lambda x, kind: x.float(memory_format=kind), lambda x, kind: x.to(x.dtype, memory_format=kind),
    ]  # fmt: skip
    for copy in copies:
        ours, theirs = (copy(x, getattr(t, kind)) for t, x in of.items())
        assert tuple(step // ours.array.itemsize for step in ours.array.strides) == theirs.stride()
        assert ours.is_contiguous() == theirs.is_contiguous()


def test_a_memory_format_that_is_none_is_refused() -> None:
    calls: list[Callable[[tg.Tensor], Any]] = [
        lambda x: x.clone(memory_format="channels_last"), lambda x: x.contiguous(tg.preserve_format),
        lambda x: x.float(memory_format=1), lambda x: x.to(tg.float64, memory_format="C"),
        lambda x: nn.Linear(1, 1).to(memory_format="channels_last"),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(RuntimeError, match=r"memory format|preserve_format"):
            call(x().t())
