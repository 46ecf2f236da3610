"""Hooks on modules: what they see and change beside PyTorch, and what they refuse."""

import copy
import warnings
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.nn.hook_cases import CASES, Case, leaf, module_of, new_list, plain, watch
from tinygrad_rnn import nn


def assert_same(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, list):
        assert isinstance(ours, list) and len(ours) == len(theirs), (ours, theirs)
        for one, other in zip(ours, theirs, strict=True):
            assert_same(one, other)
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, rel=1e-10, abs=1e-12)
    else:
        assert ours == theirs


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@pytest.mark.filterwarnings("ignore:Full backward hook is firing")  # PyTorch says so when no input needs a gradient
def test_equal_torch(case: Case) -> None:
    torch = pytest.importorskip("torch")
    assert_same(plain(case(tg)), plain(case(torch)))


def test_without_torch_a_hook_sees_what_the_formula_says() -> None:
    lin, x = nn.Linear(2, 1, bias=False), tg.tensor([3.0, 4.0], requires_grad=True)
    seen: list[Any] = []
    lin.load_state_dict({"weight": [[5.0, 6.0]]})
    lin.register_full_backward_hook(lambda module, grad_input, grad_output: seen.append((grad_input, grad_output)))
    (lin(x) * 7).sum().backward()
    ((grad_input,), (grad_output,)) = seen[0]
    assert grad_input.tolist() == [35, 42] and grad_output.tolist() == [7]
    assert plain([x.grad, lin.weight.grad]) == [[35, 42], [[21, 28]]]


def test_outputs_keep_their_values_types_and_names() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    module = module_of(tg, lambda x: (x * 2, x.double() * 3, x.sum()))
    watch(module, [])
    single, double, total = module(x)
    assert (single.dtype, double.dtype, total.dtype) == (tg.float32, tg.float64, tg.float32)
    assert single.tolist() == [2, 4] and double.tolist() == [3, 6] and total.item() == 3
    (single.sum() + double.sum() + total).backward()
    assert x.grad is not None and x.grad.tolist() == [6, 6] and x.grad.dtype == tg.float32
    cell = nn.GRUCell(1, 1)
    watch(cell, [])
    assert cell(tg.ones(1, 1)).name == "h"


def test_a_hooked_network_is_drawn_and_measured_as_before() -> None:
    tg.manual_seed(0)
    cell = nn.RNNCell(1, 2)

    def loss() -> tg.Tensor:
        outputs, _ = nn.unroll(cell, tg.ones(4, 1, 1), tg.zeros(1, 2))
        return outputs[-1].sum()

    before, cards = tg.contributions(loss(), cell.weight_hh), tg.draw(loss()).dot.count("W_hh")
    watch(cell, [])
    after = tg.contributions(loss(), cell.weight_hh)
    assert [each.time for each in after] == [each.time for each in before] == [1, 2, 3, 4]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one.gradient, other.gradient)
    assert "BackwardHook" in (dot := tg.draw(loss(), view="full").dot) and cards <= dot.count("W_hh")


def test_a_copy_has_its_own_hooks() -> None:
    lin, seen = nn.Linear(2, 2), new_list()
    handle = watch(lin, seen)
    twin = copy.deepcopy(lin)
    handle.remove()
    lin(leaf(tg, 2).float()).sum().backward()
    assert seen == []
    twin(leaf(tg, 2).float()).sum().backward()
    assert len(seen) == 1


def test_removing_twice_takes_out_no_later_hook() -> None:
    lin, seen = nn.Linear(2, 2), new_list()
    first = lin.register_forward_hook(lambda module, args, output: None)
    first.remove()
    lin.register_forward_hook(lambda module, args, output: seen.append(1))
    first.remove()
    lin(tg.ones(2))
    assert seen == [1]
    x = tg.ones(1, requires_grad=True)
    first = x.register_hook(lambda g: None)
    first.remove()
    x.register_hook(lambda g: g * 2)
    first.remove()
    x.sum().backward()
    assert x.grad is not None and x.grad.item() == 2


def hooked(kind: str, returned: Any, needs: bool = True) -> Any:
    """Run a backward pass through a module with a hook that returns this."""
    lin = nn.Linear(2, 3)
    getattr(lin, f"register_full_{kind}hook")(lambda *_: returned)
    lin(tg.ones(2, requires_grad=needs)).sum().backward()


REFUSED: list[tuple[Any, str]] = [
    (
        lambda: hooked("backward_", (None, None)),
        "a backward hook on Linear returns None or a tuple of 1 gradients; it returned 2 in a tuple.",
    ),
    (lambda: hooked("backward_", 5), "a backward hook on Linear returns None or a tuple of 1 gradients; it returned 5"),
    (
        lambda: hooked("backward_pre_", (tg.ones(2),)),
        "a backward pre-hook on Linear was given a gradient of shape (3,) at position 0 and returned shape (2,): "
        "return a Tensor of the same shape, or None for nothing.",
    ),
    (
        lambda: hooked("backward_", (3.0,)),
        "a backward hook on Linear was given a gradient of shape (2,) at position 0 and returned float: return a",
    ),
    (
        lambda: hooked("backward_", (tg.ones(2),), needs=False),
        "a backward hook on Linear returned gradients, and no argument of this call needs one: return None.",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_hooks_may_not_return(call: Any, message: str) -> None:
    with pytest.raises(RuntimeError) as error:
        call()
    assert message in str(error.value)


def test_a_pre_hook_with_kwargs_returns_both() -> None:
    lin = nn.Linear(2, 2)
    lin.register_forward_pre_hook(lambda module, args, kwargs: args[0], with_kwargs=True)
    with pytest.raises(
        RuntimeError, match=r"on Linear that is called with kwargs returns None or a tuple \(args, kwarg"
    ):
        lin(tg.ones(2))


def test_an_output_that_backward_hooks_cannot_see_is_said() -> None:
    x, seen = leaf(tg, 2), new_list()
    module = module_of(tg, lambda x: {"y": x * 2})
    watch(module, seen)
    with pytest.warns(UserWarning, match="a Tensor or a tuple of Tensors, and Plain returned dict: the hooks are not"):
        module(x)["y"].sum().backward()
    assert seen == [] and x.grad is not None


def test_an_error_in_a_hook_that_is_always_called_is_a_warning() -> None:
    def refuse(*_: Any) -> Any:
        raise KeyError("mine")

    module = module_of(tg, refuse)
    module.register_forward_hook(lambda module, args, output: output + 1, always_call=True)
    with pytest.raises(KeyError, match="mine"), pytest.warns(UserWarning, match="Plain with always_call=True"):
        module(1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(KeyError):
            module_of(tg, refuse)(1)
