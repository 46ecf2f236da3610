"""Operations of the user's own, as ``autograd.Function`` and as ``Primitive``, beside PyTorch and formulas."""

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn.autograd import gradcheck, gradgradcheck

from .programs import Program, leaf, numbers, refusal
from .test_programs import assert_same, plain


def cube_of(lib: Any) -> Any:
    class Cube(lib.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any, scale: float = 1.0) -> Any:
            ctx.save_for_backward(x)
            ctx.scale = scale
            return scale * x**3

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return ctx.scale * grad * 3 * x**2, None

    return Cube


def exp_of(lib: Any) -> Any:
    class Exp(lib.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(x: Any) -> Any:
            return x.exp()

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(output)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (y,) = ctx.saved_tensors
            return grad * y

    return Exp


def two_of(lib: Any) -> Any:
    class SumAndProduct(lib.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, a: Any, b: Any) -> Any:
            ctx.save_for_backward(a, b)
            largest = a.argmax()
            ctx.mark_non_differentiable(largest)
            return a + b.sum(), a * b, largest

        @staticmethod
        def backward(ctx: Any, over_sum: Any, over_product: Any, _: Any) -> Any:
            a, b = ctx.saved_tensors
            needed = ctx.needs_input_grad
            over_a = over_sum + over_product * b if needed[0] else None
            over_b = over_sum.sum() + over_product * a if needed[1] else None
            return over_a, over_b

    return SumAndProduct


def once_of(lib: Any) -> Any:
    class Once(lib.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        @lib.autograd.function.once_differentiable  # type: ignore[untyped-decorator, unused-ignore]
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad * lib.from_numpy(2 * x.detach().numpy())

    return Once


def straight_through(lib: Any) -> Any:
    class Round(lib.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.round()

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad

    return Round


def run_cube(lib: Any) -> Any:
    x = leaf(lib, 3)
    y = cube_of(lib).apply(x, 2.0)
    y.sum().backward()
    z = cube_of(lib).apply(x, 2.0)
    (g,) = lib.autograd.grad(z.sum(), x, create_graph=True)
    return y, x.grad, lib.autograd.grad(g.sum(), x)


def run_exp(lib: Any) -> Any:
    x = leaf(lib, 3)
    (g,) = lib.autograd.grad(exp_of(lib).apply(x).sum(), x, create_graph=True)
    (h,) = lib.autograd.grad((g * g).sum(), x)
    return g, h


def run_two(lib: Any) -> Any:
    a, b = leaf(lib, 3), leaf(lib, 3, seed=1)
    s, p, largest = two_of(lib).apply(a, b)
    (s * p).sum().backward()
    c = numbers(lib, 3)
    only = two_of(lib).apply(c, b)
    before = b.grad.clone()
    only[1].sum().backward()
    return s, p, largest, largest.requires_grad, before, b.grad, c.grad is None


def run_once(lib: Any) -> Any:
    x = leaf(lib, 3)
    (g,) = lib.autograd.grad(once_of(lib).apply(x).sum(), x, create_graph=True)
    return g, refusal(lambda: lib.autograd.grad(g.sum(), x))


def run_straight_through(lib: Any) -> Any:
    x = leaf(lib, 3)
    (straight_through(lib).apply(x) ** 2).sum().backward()
    return x.grad


def run_unrecorded(lib: Any) -> Any:
    x = numbers(lib, 3)
    with lib.no_grad():
        quiet = cube_of(lib).apply(leaf(lib, 3))
    return cube_of(lib).apply(x), cube_of(lib).apply(x).requires_grad, quiet.requires_grad


RUNS = [run_cube, run_exp, run_two, run_once, run_straight_through, run_unrecorded]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.__name__)
def test_as_in_pytorch(run: Program) -> None:
    torch = pytest.importorskip("torch")
    assert_same(plain(run(tg)), plain(run(torch)))


@pytest.mark.parametrize("made", [cube_of, exp_of])
def test_derivatives(made: Program) -> None:
    assert gradcheck(made(tg).apply, leaf(tg, 2, 3))
    assert gradgradcheck(made(tg).apply, leaf(tg, 2, 3))


def test_derivatives_of_several_outputs() -> None:
    def real_outputs(a: tg.Tensor, b: tg.Tensor) -> Any:
        return two_of(tg).apply(a, b)[:2]

    assert gradcheck(real_outputs, (leaf(tg, 3), leaf(tg, 3, seed=1)))
    assert gradgradcheck(real_outputs, (leaf(tg, 3), leaf(tg, 3, seed=1)))


def unused_outputs(lib: Any, materialize: bool) -> Any:
    seen: list[Any] = []

    class Two(lib.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.set_materialize_grads(materialize)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx: Any, first: Any, second: Any) -> Any:
            seen.append([None if g is None else g.tolist() for g in (first, second)])
            return second * 3 if first is None else first * 2

    x = leaf(lib, 2)
    Two.apply(x)[1].sum().backward()
    return seen, x.grad.tolist()


@pytest.mark.parametrize("materialize", [True, False])
def test_an_output_that_is_not_used_has_zeros_or_none(materialize: bool) -> None:
    torch = pytest.importorskip("torch")
    found = unused_outputs(tg, materialize)
    assert found == unused_outputs(torch, materialize) == ([[None if not materialize else [0, 0], [1, 1]]], found[1])


def test_a_saved_tensor_that_was_changed_is_refused() -> None:
    x = leaf(tg, 3)
    h = x * 1
    y = cube_of(tg).apply(h)
    h.add_(1)
    with pytest.raises(RuntimeError, match=r"saved for the backward pass of an autograd\.Function"):
        y.sum().backward()


def test_what_is_refused() -> None:
    class Wrong(tg.autograd.Function):
        answer: Any = None

        @staticmethod
        def forward(ctx: Any, x: Any, k: float) -> Any:
            return x * k

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return Wrong.answer(grad)

    x = leaf(tg, 3)
    for answer, error, words in [
        (lambda g: g, RuntimeError, r"returned 1 gradients, and forward\(\) takes 2 arguments"),
        (lambda g: (g, g), RuntimeError, "argument 1, which is not a tensor; return None for it"),
        (lambda g: (g[:2], None), RuntimeError, r"a gradient of shape \(2,\) for argument 0, which has \(3,\)"),
        (lambda g: (1.0, None), TypeError, "returned a float for argument 0"),
    ]:
        Wrong.answer = answer
        with pytest.raises(error, match=words):
            Wrong.apply(x, 2.0).sum().backward()
    with pytest.raises(RuntimeError, match=r"call its class method apply"):
        Wrong()
    with pytest.raises(NotImplementedError, match="cannot change its arguments in place"):
        tg.autograd.function.FunctionCtx(()).mark_dirty(x)


def test_it_leaves_no_cycle_of_references() -> None:
    gc.disable()
    try:
        x = leaf(tg, 3)
        for made in (cube_of, exp_of, two_of):
            y = made(tg).apply(*[x] * (2 if made is two_of else 1))
            y = y[1] if isinstance(y, tuple) else y
            gone = weakref.ref(y)
            y.sum().backward()
            del y
            assert gone() is None
    finally:
        gc.enable()


def test_it_shows_in_formulas_and_steps() -> None:
    y = cube_of(tg).apply(leaf(tg, 2))
    (step, *_) = list(tg.backward_steps(y.sum()))[1:]
    assert step.formula == "Cube(p1)"
    assert step.received[0].rule == "Cube_backward(dL/dy)"


def test_an_operation_of_numpy_arrays_as_a_primitive() -> None:
    """The documented way: an array function and one rule per argument, in operators and other primitives only."""
    swish = tg.Primitive(
        "swish",
        lambda x: x / (1 + np.exp(-x)),
        lambda g, y, x: g * (y + tg.sigmoid(x) * (1 - y)) if isinstance(x, tg.Tensor) else g * _swish_slope(x, y),
    )
    assert gradcheck(swish, leaf(tg, 4))
    assert gradgradcheck(swish, leaf(tg, 4))
    hypot = tg.Primitive("hypot", np.hypot, lambda g, y, a, b: g * a / y, lambda g, y, a, b: g * b / y)
    assert gradcheck(hypot, (leaf(tg, 2, 3), leaf(tg, 3, seed=1)))  # broadcasting is undone for it
    assert gradgradcheck(hypot, (leaf(tg, 2, 3), leaf(tg, 3, seed=1)))


def _swish_slope(x: Any, y: Any) -> Any:
    s = 1 / (1 + np.exp(-x))
    return y + s * (1 - y)
