"""Small functions of every kind, compiled: what comes back, its type, its history, and all gradients, as eager."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg

W = tg.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
B = tg.tensor([1.0, -1.0])
PLACES = tg.tensor([[0], [1]])
F = tg.nn.functional


def looped(x: Any, steps: int) -> Any:
    h = x
    for t in range(abs(steps)):
        h = tg.tanh(h @ W.t() + (B if steps > 0 else B * t))
    return h


def without_history(x: Any) -> Any:
    with tg.no_grad():
        return x @ W


def written(x: Any) -> Any:
    y = x * 1
    y[0] = 5.0
    return y


#: Of x (2, 2); what is changed in place or goes by numbers runs as it is written, and is the same all the same.
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "itself": lambda x: x,
    "a view": lambda x: x.t(),
    "itself twice": lambda x: (x, x),
    "float16 inside": lambda x: (x.half() @ W.half()).float(),
    "float64": lambda x: x.double() * 2,
    "of two types": lambda x: ((x @ W).double(), x * 2),
    "of three types": lambda x: {"a": x.double(), "b": x.half() @ W.half(), "c": [x.sum()]},
    "a list": lambda x: [x @ W, x + B],
    "a dictionary": lambda x: {"a": x @ W, "b": (x * B).sum()},
    "a number of a tensor": lambda x: x * float(B[0]),
    "a shape": lambda x: x / x.shape[0],
    "where": lambda x: tg.where(x > 0, x, B),
    "max": lambda x: (x @ W).max(1)[0],
    "topk": lambda x: (x @ W).topk(1)[0],
    "sort": lambda x: (x @ W).sort(1)[0],
    "cumsum": lambda x: (x @ W).cumsum(0),
    "by a list": lambda x: x[[1, 0]] @ W,
    "by a mask": lambda x: x[x > 0].sum(),
    "by what it found": lambda x: x[x.argmax(0), [0, 1]],
    "in place": lambda x: (x * 1).add_(1),
    "written": written,
    "nothing flows": lambda x: x * 0 + 1,
    "std": lambda x: (x @ W).std(),
    "norm": lambda x: (x @ W).norm(),
    "logsumexp": lambda x: (x @ W).logsumexp(1),
    "truth values": lambda x: x > 0,
    "whole numbers": lambda x: (x * 2).long(),
    "einsum": lambda x: tg.einsum("ij,jk->ik", x, W),
    "pad": lambda x: F.pad(x, (1, 1)) @ tg.ones(4, 2),
    "detached halfway": lambda x: (x @ W).detach() * x,
    "without history": lambda x: x * without_history(x),
    "expand": lambda x: x[0].expand(3, 2) @ W,
    "repeat": lambda x: x.repeat(2, 1) @ W,
    "stack": lambda x: tg.stack([x @ W, x]).mean(0),
    "cat": lambda x: tg.cat([x @ W, x], 1),
    "chunk": lambda x: x.chunk(2, 1)[1] * 3,
    "rows": lambda x: sum(row.sum() for row in x),
    "clamp": lambda x: (x @ W).clamp(-1, 1),
    "powers": lambda x: x**3 + 2**x,
    "steps": lambda x: x.floor() * x + x.sign() * W[0],
    "softmax": lambda x: tg.softmax(x @ W, 1),
    "outer": lambda x: tg.outer(x[0], x[1]),
    "nan": lambda x: tg.where(tg.isnan(x / 0 * 0), x, x * 2),
    "gather": lambda x: x.gather(1, PLACES),
    "scatter": lambda x: tg.zeros(2, 2).scatter(1, PLACES, x[:, :1]),
    "one step": lambda x: looped(x, 1),
    "two steps": lambda x: looped(x, 2),
    "nine steps": lambda x: looped(x, 9),
    "steps that differ": lambda x: looped(x, -5),
}


def parts(result: Any) -> list[Any]:
    """The tensors in a result."""
    if isinstance(result, tg.Tensor):
        return [result]
    return [one for each in (result.values() if isinstance(result, dict) else result) for one in parts(each)]


def told(f: Callable[[Any], Any], call: int) -> list[Any]:
    """Types, histories, numbers and gradients."""
    x = tg.tensor(np.random.default_rng(call).normal(size=(2, 2)), dtype=tg.float32, requires_grad=True)
    W.grad = None
    results = parts(f(x))
    losses = [(y * y.detach() * (k + 1)).sum().float() for k, y in enumerate(results) if y.requires_grad]
    if losses:
        tg.stack(losses).sum().backward()
    gradients = [each.grad for each in (x, W)]
    return [
        [(y.dtype, y.requires_grad) for y in results],
        [y.numpy(force=True) for y in results],
        [None if g is None else g.numpy() for g in gradients],
    ]


@pytest.mark.filterwarnings("ignore:.*runs as it is written")
@pytest.mark.parametrize("backend", ["numpy", pytest.param("numba", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_compiled_as_it_is_written(name: str, backend: str) -> None:
    if backend == "numba":
        pytest.importorskip("numba")
    f, half = FUNCTIONS[name], "float16" in name or "types" in name
    fast = tg.compile(f, backend=backend)
    for call in range(3):
        (kinds, *expected), (found, *others) = told(f, call), told(fast, call)
        assert found == kinds
        for mine, theirs in zip(others, expected, strict=True):
            for a, b in zip(mine, theirs, strict=True):
                assert (a is None) is (b is None)
                if b is not None:
                    np.testing.assert_allclose(a, b, rtol=2e-3 if half else 1e-5, atol=1e-6)


LAYERS = [tg.nn.Linear(2, 2), tg.nn.GRU(2, 3, batch_first=True), tg.nn.BatchNorm1d(2)]
LINEAR, GRU, NORMED = LAYERS
#: Of x (rows, 2).
ROWS: dict[str, Callable[[Any], Any]] = {
    "a loss": lambda x: LINEAR(x).pow(2).mean(),
    "classes": lambda x: F.cross_entropy(LINEAR(x), tg.zeros(len(x), dtype=tg.int64)),
    "a layer": lambda x: GRU(x.unsqueeze(0))[0].sum(),
    "statistics": NORMED,
    "layer_norm": lambda x: F.layer_norm(x, (2,)),
    "products": lambda x: x.t() @ x,
    "shapes": lambda x: (x.reshape(-1) * 3).reshape(2, -1),
    "attention": lambda x: F.softmax(x, -1) * x,
}


def rows(call: int, *shape: int) -> Any:
    return tg.tensor(np.random.default_rng(call).normal(size=shape or (4, 2)), dtype=tg.float32)


#: What is given, by the number of the call.
GIVEN: dict[str, Callable[[int], Any]] = {
    "transposed": lambda k: rows(k, 2, 4).t(),
    "expanded": lambda k: rows(k, 1, 2).expand(4, 2),
    "strided": lambda k: rows(k, 4, 4)[:, ::2],
    "one row": lambda k: rows(k, 1, 2),
    "no rows": lambda k: rows(k, 0, 2),
    "float64": lambda k: rows(k).double(),
    "float16": lambda k: rows(k).half(),
    "tracked": lambda k: rows(k).requires_grad_(),
    "made of something": lambda k: rows(k).requires_grad_() * 2,
    "a parameter": lambda k: tg.nn.Parameter(rows(k)),
    "of other lengths": lambda k: rows(k, 3 + k, 2),
    "infinite": lambda k: rows(k) / tg.tensor([0.0, 1.0]),
}


@pytest.mark.filterwarnings("ignore:.*runs as it is written")
@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("name", ROWS)
def test_whatever_is_given(name: str, given: str) -> None:
    """Four calls, the last without gradients; what refuses it refuses it compiled."""
    fast = tg.compile(ROWS[name])

    def run(f: Callable[[Any], Any], call: int) -> list[Any]:
        NORMED.load_state_dict(tg.nn.BatchNorm1d(2).state_dict())
        for layer in LAYERS:
            layer.zero_grad()
        x = GIVEN[given](call)
        try:
            with tg.set_grad_enabled(call < 3):
                y = f(x)
            if y.requires_grad:
                (y * y.detach()).sum().backward()
        except (RuntimeError, ValueError) as error:
            return [type(error)]
        parameters = [each.grad for layer in LAYERS for each in layer.parameters()]
        found = [y.detach(), x.grad if x.is_leaf else None, *parameters, *NORMED.buffers()]
        return [(y.dtype, y.requires_grad), *(None if each is None else each.numpy() for each in found)]

    for call in range(4):
        expected, found = run(ROWS[name], call), run(fast, call)
        assert found[0] == expected[0]
        for a, b in zip(found[1:], expected[1:], strict=True):
            assert (a is None) is (b is None)
            if b is not None:
                near = 1e-2 if given == "float16" else 1e-5
                np.testing.assert_allclose(a, b, rtol=near, atol=near / 10)


def test_a_scaled_loss_loses_no_small_gradient() -> None:
    w = tg.tensor([1.0, 1.0], dtype=tg.float16, requires_grad=True)
    f = lambda x: (w * x).sum() * 1e-4  # noqa: E731
    fast, x = tg.compile(f), tg.tensor([1e-4, 6e-5], dtype=tg.float16)
    fast(x)
    found = [tg.autograd.grad(g(x) * 2.0**15, w)[0].tolist() for g in (f, fast)]
    assert found[0] == found[1]
    assert all(found[0])


W1, W2, W3, SHARED = (tg.tensor(np.random.default_rng(k).normal(size=(2, 2)), requires_grad=True) for k in range(4))
ONE, TWO = tg.nn.LSTM(2, 2, dtype=tg.float64), tg.nn.GRU(2, 2, num_layers=2, dtype=tg.float64)
PROJECTED = tg.nn.LSTM(2, 3, proj_size=2, dtype=tg.float64)
READ = [W1, W2, W3, SHARED, *(p for layer in (ONE, TWO, PROJECTED) for p in layer.parameters())]


def shifted(x: Any) -> Any:
    """What reaches a weight from the second step on alone: the first state is given, the last is carried on."""
    a = b = tg.zeros(2, dtype=tg.float64)
    states = []
    for t in range(9):
        with tg.step(t + 1):
            a, b = tg.tanh(b @ W1 + x[t]), tg.tanh(a @ W2 + b @ SHARED)
            states.append((a, b))
    return states[0][0], states[1][0], states[-1][1]


def apart(x: Any) -> Any:
    """Two recurrences that go through the same loop and know nothing of each other."""
    a = b = tg.zeros(2, dtype=tg.float64)
    for t in range(9):
        with tg.step(t + 1):
            a, b = tg.tanh(a @ W1 + x[t]), tg.tanh(b @ W2)
    return a.sum(), b.sum(), (a * b).sum()


#: Of x (9, 2) several results, which read parameters of their own and those that others read.
SEVERAL: dict[str, Callable[[Any], Any]] = {
    "each its own": lambda x: ((x @ W1).sum(), x @ W2, (x @ W3).mean(0)),
    "one shared": lambda x: ((x @ W1 @ SHARED).sum(), x @ W2 @ SHARED, x @ W3),
    "one of another": lambda x: (lambda y: (y.sum(), (y @ W2).sum(), W3.sum()))(x @ W1),
    "a parameter itself": lambda x: (W1, x @ W2, W1 * W3),
    "the argument itself": lambda x: (x, x @ W1, W2 * 2),
    "one result twice": lambda x: (lambda y: (y, y, x @ W2))((x @ W1).sum()),
    "one without a history": lambda x: ((x @ W1).detach(), x @ W2, (x * 1).sum()),
    "detached on the way": lambda x: ((x @ W1).sum(), (x @ W1.detach() @ W2).sum(), x @ W3),
    "chosen by comparison": lambda x: (tg.where(x @ W1 > 0, x @ W2, 0.0), (x @ W3).sum(), x @ W1),
    "of two types": lambda x: ((x @ W1).sum(), (x @ W2).float(), x @ W3),
    "two layers": lambda x: (ONE(x)[0].sum(), TWO(x)[0], ONE(x)[1][1]),
    "all that a layer gives": lambda x: (lambda y: (y[0], *y[1]))(ONE(x)),
    "a layer of one step": lambda x: (lambda y: (y[0], *y[1]))(PROJECTED(x[:1])),
    "a layer and a product": lambda x: (lambda y: (y.sum(), y @ W1, TWO(y)[1]))(ONE(x)[0]),
    "steps": shifted,
    "two recurrences": apart,
}


def backward(y: Any, inputs: list[Any]) -> None:
    (y * y.detach()).sum().backward()


def asked(y: Any, inputs: list[Any]) -> None:
    found = tg.autograd.grad((y * y.detach()).sum(), inputs, allow_unused=True, retain_graph=True)
    for each, g in zip(inputs, found, strict=True):
        each.grad = g
    for each, g in zip(inputs, found, strict=True):  # one by one
        assert (tg.autograd.grad(y.sum(), each, allow_unused=True, retain_graph=True)[0] is None) is (g is None)


@pytest.mark.parametrize("way", [backward, asked])
@pytest.mark.parametrize("which", [(0,), (1,), (2,), (0, 2), (1, 2), (0, 1, 2)], ids=str)
@pytest.mark.parametrize("name", SEVERAL)
def test_what_only_other_results_read_gets_no_gradient(name: str, which: Any, way: Any) -> None:
    """None stays None, what was added up stays that tensor, and hooks are not called."""

    def run(f: Callable[[Any], Any], call: int, before: bool) -> Any:
        x = tg.tensor(np.random.default_rng(call).normal(size=(9, 2)), requires_grad=True)
        called: list[int] = []
        hooks = [each.register_hook(partial(lambda k, g: called.append(k), k)) for k, each in enumerate(READ)]
        kept = [tg.ones(*each.shape, dtype=each.dtype) if before else None for each in (x, *READ)]
        for each, g in zip((x, *READ), kept, strict=True):
            each.grad = g
        results = f(x)
        flat = tg.cat([results[k].double().reshape(-1) for k in which])
        if flat.requires_grad:
            way(flat, [x, *READ])
        for hook in hooks:
            hook.remove()
        gradients = [each.grad for each in (x, *READ)]
        touched = [g is not None and (g is not k or bool((g != 1).any())) for g, k in zip(gradients, kept, strict=True)]
        return sorted(set(called)), touched, [None if g is None else g.numpy() for g in gradients]

    fast = tg.compile(SEVERAL[name])
    for call in range(3):
        for before in (False, True):
            *expected, wanted = run(SEVERAL[name], call, before)
            *found, given = run(fast, call, before)
            assert found == expected
            for a, b in zip(given, wanted, strict=True):
                assert (a is None) is (b is None)
                if b is not None:
                    np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9)
    assert "as it is written" not in fast.explain()


@pytest.mark.parametrize("name", sorted({*SEVERAL} - {"one without a history"}))
def test_forward_backward_goes_from_the_first_result(name: str) -> None:
    def run(f: Callable[[Any], Any], call: int) -> Any:
        x = tg.tensor(np.random.default_rng(call).normal(size=(9, 2)), requires_grad=True)
        for each in READ:
            each.grad = None
        f(x)
        return [None if each.grad is None else each.grad.numpy() for each in (x, *READ)]

    def summed(x: Any) -> Any:
        one, *more = SEVERAL[name](x)
        return one.sum(), *more

    def walked(x: Any) -> None:
        summed(x)[0].backward()

    fast = tg.compile(summed)
    for call in range(3):
        found, wanted = run(fast.forward_backward, call), run(walked, call)
        for a, b in zip(found, wanted, strict=True):
            assert (a is None) is (b is None)
            if b is not None:
                np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9)


def test_the_steps_back_through_a_program_have_its_name() -> None:
    fast, x = tg.compile(lambda x: ((x @ W).sum(), x * 2)), tg.ones(3, 2)
    fast(x)
    text = "\n".join(str(each) for each in tg.backward_steps(fast(x)[0] * 2))
    assert "= result_backward(" in text and "= program_backward(" in text and "[[6 6] [6 6]]" in text
