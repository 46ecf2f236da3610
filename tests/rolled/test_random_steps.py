"""Loops of random steps: states from several steps ago, masks, places, slices, cells; compiled, with other numbers."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn.nn import functional as F

#: What is done to a value of shape (batch, units).
SHAPED: dict[str, Callable[[Any], Any]] = {
    "tanh": tg.tanh, "sigmoid": tg.sigmoid, "relu": tg.relu, "softplus": F.softplus, "sin": tg.sin, "abs": tg.abs,
    "leaky_relu": F.leaky_relu, "silu": F.silu, "erf": tg.erf, "exp": lambda v: tg.exp(-v * v),
    "square": lambda v: tg.tanh(v**2), "softmax": lambda v: tg.softmax(v, -1), "clamp": lambda v: v.clamp(-1, 1),
    "norm": lambda v: v / (1 + v.norm(dim=-1, keepdim=True)), "where": lambda v: tg.where(v > 0, v * 0.5, tg.tanh(v)),
    "maximum": lambda v: tg.maximum(v, -v * 0.3), "cumsum": lambda v: tg.tanh(v.cumsum(-1)),
    "flip": lambda v: v.flip(-1), "roll": lambda v: v.roll(1, -1), "log": lambda v: tg.log(1 + v * v),
    "layer_norm": lambda v: F.layer_norm(v, v.shape[-1:]) if v.shape[-1] > 1 else v,
    "mask": lambda v: v * (v.detach() > 0), "largest": lambda v: v - v.max(-1, keepdim=True)[0],
    "first": lambda v: v * v[:, :1], "turned": lambda v: v[:, [*range(1, v.shape[1]), 0]], "negative": lambda v: -v,
    "sorted": lambda v: v.sort(-1)[0], "mean": lambda v: v - v.mean(-1, keepdim=True) * 0.4,
}  # fmt: skip
#: How a value comes together with the state h; W (units, units), C (units, 2 units), b (units), t the step.
MIXED: dict[str, Callable[..., Any]] = {
    "add": lambda v, h, W, C, b, t: v + h,
    "multiply": lambda v, h, W, C, b, t: v * h,
    "subtract": lambda v, h, W, C, b, t: v - b,
    "gate": lambda v, h, W, C, b, t: (lambda g: g * h + (1 - g) * v)(tg.sigmoid(v + b)),
    "cat": lambda v, h, W, C, b, t: tg.cat([v, h], -1) @ C.T,
    "chunk": lambda v, h, W, C, b, t: (lambda q: q[0] * tg.sigmoid(q[1]))(tg.cat([v, h], -1).chunk(2, -1)),
    "outer": lambda v, h, W, C, b, t: (v[:, :, None] * h[:, None, :]).sum(-1) * 0.3,
    "bmm": lambda v, h, W, C, b, t: tg.bmm(v[:, None], W.expand(len(v), *W.shape))[:, 0],
    "stack": lambda v, h, W, C, b, t: tg.stack([v, h], 0).mean(0),
    "step": lambda v, h, W, C, b, t: v * (0.5 + 0.1 * t),
    "every other": lambda v, h, W, C, b, t: v if t % 2 else tg.tanh(v),
    "detached": lambda v, h, W, C, b, t: v + h.detach() * 0.2,
}
READ: dict[str, Callable[[list[Any], Any], Any]] = {
    "the last": lambda hs, y: hs[-1].square().sum(),
    "a sum": lambda hs, y: sum((h * h).sum() for h in hs),
    "all": lambda hs, y: (tg.stack(hs) - y[: len(hs)]).square().mean(),
    "the ends": lambda hs, y: (hs[0] * hs[-1]).sum(),
    "classes": lambda hs, y: F.cross_entropy(tg.cat(hs), tg.zeros(len(hs) * len(hs[0]), dtype=tg.long)),
    "two": lambda hs, y: (hs[-1].square().sum(), tg.stack(hs).sum(0)),
    "every other": lambda hs, y: tg.stack(hs[::2]).abs().sum(),
    "weighted": lambda hs, y: sum(h.mean() * (k + 1) for k, h in enumerate(hs)),
}
CELLS = (None, None, None, tg.nn.RNNCell, tg.nn.GRUCell, tg.nn.LSTMCell)


def loop(seed: int) -> tuple[Callable[..., Any], list[Any], list[tuple[Any, Any]]]:
    """A loss, its parameters, and arguments for several calls."""
    r = random.Random(seed)
    batch, steps, inputs, units = r.choice([1, 2, 3]), r.choice([2, 3, 5, 7]), r.choice([1, 2, 3]), r.choice([1, 2, 4])
    dtype: Any = r.choice([tg.float64, tg.float32])
    tg.manual_seed(seed)
    sizes = (units, inputs), (units, units), (units, 2 * units), (units,), (batch, units)
    parameters = [(tg.randn(*size, dtype=dtype) * 0.5).requires_grad_() for size in sizes]
    U, W, C, b, start = parameters
    made = [(r.choice([*MIXED.values()]), r.choice([*SHAPED.values()])) for _ in range(r.randint(2, 7))]
    begin = r.choice(["zeros", "learnt", "read"])
    order, read, lag = (
        r.choice(["range", "reversed", "unbind", "by two"]),
        r.choice([*READ.values()]),
        r.choice([1, 1, 2, 3]),
    )
    kind, bounded = r.choice(CELLS), r.random() < 0.7
    cell: Any = None if kind is None else kind(units, units, dtype=dtype)
    parameters += [] if cell is None else list(cell.parameters())

    def f(x: Any, y: Any) -> Any:
        h = {"zeros": tg.zeros(batch, units, dtype=dtype), "learnt": start * 1.0, "read": F.linear(x[0], U)}[begin]
        c, states = tg.zeros_like(h), [h] * lag
        xs = x.unbind(0) if order == "unbind" else x
        ts = range(0, len(x), 2) if order == "by two" else range(len(x))
        for t in reversed(ts) if order == "reversed" else ts:
            before = states[-lag]
            v = F.linear(xs[t], U) + before @ W.T + b
            for mixed, shaped in made:
                v = shaped(mixed(v, before, W, C, b, t))
            if isinstance(cell, tg.nn.LSTMCell):
                v, c = cell(v, (before, c))
            elif cell is not None:
                v = cell(v, before)
            states.append(tg.tanh(v) if bounded else v)
        return read(states[lag:], y)

    rng = np.random.default_rng(seed)
    data = [
        (
            rng.standard_normal((steps, batch, inputs)).astype(dtype),
            rng.standard_normal((steps, batch, units)).astype(dtype),
        )
        for _ in range(3)
    ]
    return f, parameters, data


def computed(function: Callable[..., Any], parameters: list[Any], x: Any, y: Any, at_once: bool) -> list[Any]:
    """The results and the gradients of the first."""
    for parameter in parameters:
        parameter.grad = None
    given = tg.tensor(x, requires_grad=not at_once), tg.tensor(y)
    if at_once and hasattr(function, "forward_backward"):
        made = function.forward_backward(*given)
        found = made if isinstance(made, tuple) else (made,)
    else:
        made = function(*given)
        found = made if isinstance(made, tuple) else (made,)
        found[0].backward()
    return [*(each.detach() for each in found), *(each.grad for each in (*parameters, given[0]))]


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 200, 20))
def test_compiled_loops_give_what_eager_ones_give(first: int) -> None:
    for seed in range(first, first + 20):
        f, parameters, data = loop(seed)
        fast = tg.compile(f)
        for x, y in data:
            for at_once in (False, True):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    wanted = computed(f, parameters, x, y, at_once)
                    found = computed(fast, parameters, x, y, at_once)
                for a, b in zip(found, wanted, strict=True):
                    assert (a is None) == (b is None) and "a fault" not in fast.explain(), (seed, fast.explain())
                    if a is not None:
                        assert a.dtype == b.dtype
                        tolerance = 1e-9 if b.dtype == tg.float64 else 3e-4
                        largest = max(1.0, b.abs().max().item())
                        np.testing.assert_allclose(
                            a.numpy(), b.numpy(), tolerance, tolerance * largest, err_msg=f"{seed}: {fast.explain()}"
                        )
            for parameter in parameters:
                parameter.data += 0.01
