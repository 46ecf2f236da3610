"""Small programs that run on this package and on PyTorch alike: what they return must be the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Program = Callable[[Any], Any]


def leaf(lib: Any, *shape: int, seed: int = 0) -> Any:
    """Numbers between 0.5 and 1.5 that require a gradient."""
    values = np.random.default_rng(seed).uniform(0.5, 1.5, shape)
    return lib.tensor(values.tolist(), dtype=lib.float64, requires_grad=True)


def numbers(lib: Any, *shape: int, seed: int = 0) -> Any:
    return leaf(lib, *shape, seed=seed).detach()


def refusal(program: Callable[[], Any], *kinds: type[BaseException]) -> str:
    """The name of the exception that is raised."""
    try:
        program()
    except Exception as error:
        if not isinstance(error, kinds or (RuntimeError,)):
            raise
        return type(error).__name__
    return "nothing"


def backward_adds_up(lib: Any) -> Any:
    x = leaf(lib, 3)
    (x * x).sum().backward()
    (x * x * x).sum().backward()
    return x.grad


def retained_graph_twice(lib: Any) -> Any:
    x, w = leaf(lib, 3), leaf(lib, 3, seed=1)
    y = (x * w).tanh()
    y.retain_grad()
    z = (y * y).sum()
    z.backward(retain_graph=True)
    first = [x.grad.clone(), w.grad.clone(), y.grad.clone()]
    z.backward()
    return first, x.grad, w.grad, y.grad


def several_roots(lib: Any) -> Any:
    x = leaf(lib, 3)
    y = x.exp()
    lib.autograd.backward([(y * y).sum(), y], [None, numbers(lib, 3, seed=1)])
    return x.grad


def the_same_root_twice(lib: Any) -> Any:
    x = leaf(lib, 2)
    y = (x * x).sum()
    lib.autograd.backward([y, y])
    return x.grad


def with_a_seed(lib: Any) -> Any:
    x = leaf(lib, 2, 3)
    x.tanh().backward(numbers(lib, 2, 3, seed=1))
    return x.grad


def chosen_inputs(lib: Any) -> Any:
    x, w = leaf(lib, 3), leaf(lib, 3, seed=1)
    h = x * w
    (h * h).sum().backward(inputs=[w])
    return w.grad, x.grad is None


def inputs_between(lib: Any) -> Any:
    x = leaf(lib, 3)
    h = x * 2
    h.retain_grad()
    (h * h).sum().backward(inputs=h)
    return h.grad, x.grad is None


def grad_of_between(lib: Any) -> Any:
    x = leaf(lib, 3)
    h = x.exp()
    y = (h * h).sum()
    (over_h,) = lib.autograd.grad(y, h)
    (over_x,) = lib.autograd.grad(h, x, over_h)  # the part below h was not used
    return over_h, over_x, x.grad is None


def grad_of_several(lib: Any) -> Any:
    x, w = leaf(lib, 3), leaf(lib, 3, seed=1)
    outputs = [x * w, (x + w).sum()]
    return lib.autograd.grad(outputs, [w, x], [numbers(lib, 3, seed=2), None])


def grad_of_the_output_itself(lib: Any) -> Any:
    x = leaf(lib, 3)
    y = (x * x).sum()
    return lib.autograd.grad(y, [y, x])


def unused_inputs(lib: Any) -> Any:
    x, w = leaf(lib, 3), leaf(lib, 3, seed=1)
    y = (x * x).sum()
    g = lib.autograd.grad(y, [x, w], retain_graph=True, allow_unused=True)
    h = lib.autograd.grad(y, [x, w], retain_graph=True, materialize_grads=True)
    return (
        g[0],
        g[1] is None,
        h,
        refusal(lambda: lib.autograd.grad(y, [x, w], retain_graph=True)),
        refusal(lambda: lib.autograd.grad(y, x, materialize_grads=True, allow_unused=False), ValueError),
    )


def what_is_refused(lib: Any) -> Any:
    x = leaf(lib, 3)
    y = x * x
    return [
        refusal(lambda: y.backward()),
        refusal(lambda: y.backward(lib.ones(2, dtype=lib.float64))),
        refusal(lambda: numbers(lib, 3).sum().backward()),
        refusal(lambda: lib.autograd.grad(y.sum(), numbers(lib, 3))),
        refusal(lambda: lib.autograd.grad(y.sum(), [])),
        refusal(lambda: y.sum().backward(inputs=[])),
        refusal(lambda: lib.autograd.backward([y.sum(), y.sum()], [None])),
        refusal(lambda: numbers(lib, 3).register_hook(print)),
        refusal(lambda: lib.ones(2, dtype=lib.int64).requires_grad_()),
        refusal(lambda: y.requires_grad_(False)),
    ]


def used_graph(lib: Any) -> Any:
    x = leaf(lib, 3)
    y = x.exp().sum()
    y.backward()
    before = x.grad.clone()
    return refusal(y.backward), refusal(lambda: lib.autograd.grad(y, x)), x.grad - before


def second_derivative(lib: Any) -> Any:
    x = leaf(lib, 3)
    (g,) = lib.autograd.grad((x**3).sum(), x, create_graph=True)
    (h,) = lib.autograd.grad(g.sum(), x, create_graph=True)
    (h * h).sum().backward()
    return g, h, x.grad, g.requires_grad


def penalty_on_the_gradient(lib: Any) -> Any:
    x, w = numbers(lib, 4, 3), leaf(lib, 3, seed=1)
    loss = (x @ w).tanh().sum()
    (g,) = lib.autograd.grad(loss, w, create_graph=True)
    (loss + (g * g).sum()).backward()
    return w.grad


def created_graph_under_no_grad(lib: Any) -> Any:
    x = leaf(lib, 3)
    y = x.exp().sum()
    with lib.no_grad():
        (g,) = lib.autograd.grad(y, x, create_graph=True)
    return g.requires_grad, lib.autograd.grad(g.sum(), x)


def hooks_in_order(lib: Any) -> Any:
    x = leaf(lib, 3)
    y = x * 2
    seen: list[Any] = []
    first = y.register_hook(lambda g: g * 3)
    y.register_hook(lambda g: seen.append(g.clone()))
    x.register_hook(lambda g: seen.append(g.clone()))
    y.sum().backward(retain_graph=True)
    first.remove()
    first.remove()
    y.sum().backward()
    return seen, x.grad


def hook_as_context(lib: Any) -> Any:
    x = leaf(lib, 3)
    with x.register_hook(lambda g: -g):
        x.sum().backward()
    x.sum().backward()
    return x.grad


def hook_of_wrong_shape(lib: Any) -> Any:
    x = leaf(lib, 3)
    x.register_hook(lambda g: g[:2])
    return refusal((x * 2).sum().backward)


def hook_with_created_graph(lib: Any) -> Any:
    x = leaf(lib, 3)
    y = x * x
    y.register_hook(lambda g: g * g)
    (g,) = lib.autograd.grad((y * y).sum(), x, create_graph=True)
    return lib.autograd.grad(g.sum(), x)


def hooks_stay_with_the_value(lib: Any) -> Any:
    x = leaf(lib, 3)
    y = x * 2
    y.register_hook(lambda g: g * 10)
    y.add_(1)
    (y * y).sum().backward()
    return x.grad


def switches(lib: Any) -> Any:
    x = leaf(lib, 2)
    seen = []

    def state() -> None:
        seen.append((lib.is_grad_enabled(), (x * 2).requires_grad))

    @lib.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
    def quiet() -> None:
        state()

    @lib.no_grad  # type: ignore[untyped-decorator, unused-ignore]
    def quiet_too() -> None:
        state()
        with lib.enable_grad():
            state()
        state()

    @lib.set_grad_enabled(False)  # type: ignore[untyped-decorator, unused-ignore]
    def decorated() -> None:
        state()

    state()  # a decorator has changed nothing yet
    quiet()
    quiet_too()
    decorated()
    state()
    with lib.set_grad_enabled(False):
        state()
        with lib.set_grad_enabled(True):
            state()
        state()
    lib.set_grad_enabled(False)
    state()
    lib.set_grad_enabled(True)
    with lib.inference_mode():
        state()
        seen.append((lib.is_inference_mode_enabled(), None))
        with lib.inference_mode(False):
            state()
    state()
    return seen


def switched_generator(lib: Any) -> Any:
    seen = []

    @lib.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
    def numbers_of() -> Any:
        seen.append(lib.is_grad_enabled())
        try:
            got = yield 1
            seen.append((lib.is_grad_enabled(), got))
            yield 2
        except ValueError:
            seen.append(lib.is_grad_enabled())
            yield 3
        return 4

    made = numbers_of()
    seen += [next(made), lib.is_grad_enabled(), made.send("sent"), lib.is_grad_enabled(), made.throw(ValueError())]
    seen.append(refusal(lambda: next(made), StopIteration))
    return seen


def switch_within_an_exception(lib: Any) -> Any:
    def fail() -> None:
        with lib.no_grad():
            raise RuntimeError

    return refusal(fail), lib.is_grad_enabled()


def variables(lib: Any) -> Any:
    variable = lib.autograd.Variable
    x = variable(lib.ones(2), requires_grad=True)
    y = variable(x * 2)
    return x.requires_grad, x.is_leaf, y.requires_grad, isinstance(x, variable), isinstance(lib.ones(1), variable)


def shared_many_ways(lib: Any) -> Any:
    x = leaf(lib, 3)
    y = x
    for _ in range(10):
        y = y * 0.3 + y * x
    (y + x + x).sum().backward()
    return x.grad


def an_rnn_by_hand(lib: Any) -> Any:
    xs, W, U, b = numbers(lib, 6, 2, 3), leaf(lib, 4, 3, seed=1), leaf(lib, 4, 4, seed=2), leaf(lib, 4, seed=3)
    h = lib.zeros(2, 4, dtype=lib.float64)
    losses = []
    for t in range(6):
        h = (xs[t] @ W.T + h @ U.T * 0.2 + b).tanh()
        losses.append((h * h).mean())
    lib.stack(losses).sum().backward()
    return W.grad, U.grad, b.grad


def written_in_place(lib: Any) -> Any:
    x = leaf(lib, 4)
    y = x * 1
    y[1:3] = x[:2] * 5
    y.mul_(2)
    (y * y).sum().backward()
    return x.grad


PROGRAMS = [value for value in list(globals().values()) if callable(value) and getattr(value, "__code__", None)]
PROGRAMS = [p for p in PROGRAMS if p.__module__ == __name__ and p not in (leaf, numbers, refusal)]
