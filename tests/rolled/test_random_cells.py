"""Cells nobody wrote: random operations on states, inputs and weights, as programs equal to eager code."""

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import tinygrad_rnn as tg
from tinygrad_rnn.nn import functional as F

T, B, H = 6, 2, 4

#: Functions of one or two values of shape (B, H) that give one of that shape, with slopes of about 1.
ONE: dict[str, Callable[[Any], Any]] = {
    "tanh": tg.tanh,
    "sigmoid": tg.sigmoid,
    "relu": tg.relu,
    "neg": lambda a: -a,
    "complement": lambda a: 1 - a,
    "scaled": lambda a: 0.5 * a,
    "softmax": lambda a: F.softmax(a, dim=-1),
    "centred": lambda a: a - a.mean(dim=-1, keepdim=True),
    "mean over the batch": lambda a: a.mean(dim=0).expand(B, H),
    "gate": lambda a: tg.cat([tg.sigmoid(a[:, : H // 2]), tg.tanh(a[:, H // 2 :])], dim=1),
    "turned": lambda a: tg.flip(a, (1,)),
    "reshaped": lambda a: tg.tanh(a.reshape(H, B)).reshape(B, H),
    "transposed": lambda a: tg.sin(a.T).T,
    "detached": lambda a: a.detach() * 0.5,
    "squared": lambda a: a * a * 0.1,
    "one column": lambda a: a[:, 1:2].expand(B, H),
    "largest": lambda a: a.amax(dim=1, keepdim=True) + 0 * a,
}
TWO: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "maximum": tg.maximum,
    "where": lambda a, b: tg.where(a > b, a, 0.5 * b),
    "between": lambda a, b: tg.sigmoid(a) * b + (1 - tg.sigmoid(a)) * tg.tanh(b),
    "joined": lambda a, b: tg.cat([a[:, 1:3], b[:, :2]], dim=1),
    "rows": lambda a, b: (a * b).sum(dim=1, keepdim=True) * a,
    "outer": lambda a, b: tg.tanh(a @ b.T) @ b,
}
PLACE = st.integers(0, 50)
OPERATION = st.one_of(
    st.tuples(st.sampled_from(sorted(ONE)), PLACE, PLACE),
    st.tuples(st.sampled_from(sorted(TWO)), PLACE, PLACE),
    st.tuples(st.sampled_from(["linear", "affine", "matmul", "scale", "shift"]), PLACE, PLACE),
)


def applied(name: str, a: Any, b: Any, weights: list[tg.Tensor]) -> Any:
    W, U, v = weights
    match name:
        case "linear":
            return F.linear(a, W)
        case "affine":
            return F.linear(a, W, v)
        case "matmul":
            return a @ U
        case "scale":
            return a * v
        case "shift":
            return a + v
    return ONE[name](a) if name in ONE else TWO[name](a, b)


CELLS = st.tuples(
    st.lists(OPERATION, min_size=1, max_size=8),
    st.integers(1, 3),
    st.tuples(PLACE, PLACE),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(CELLS)
@example(([("joined", 0, 50), ("centred", 2, 0)], 2, (18, 0), False, False, False))
@example(([("centred", 0, 0), ("affine", 0, 0), ("detached", 3, 0)], 1, (0, 0), False, False, False))
@example(([("centred", 0, 0), ("centred", 0, 0), ("shift", 14, 0)], 3, (6, 0), False, False, False))
@example(([*[("centred", 0, 0)] * 3, ("squared", 1, 0), ("where", 0, 5)], 1, (0, 0), False, False, False))
@example(([("one column", 3, 0), *[("centred", 0, 0)] * 4, ("complement", 20, 0)], 3, (34, 0), True, False, False))
def test_random_cells(cell: Any) -> None:
    assert_equal_to_eager("numpy", *cell)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("numba") is None, reason="could not import 'numba'")
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(CELLS)
def test_random_cells_as_machine_code(cell: Any) -> None:
    assert_equal_to_eager("numba", *cell)


def assert_equal_to_eager(
    backend: str, line: list[Any], states: int, last: tuple[int, int], marked: bool, back: bool, added: bool
) -> None:
    rng = np.random.default_rng(0)
    weights = [tg.tensor(rng.standard_normal(shape) * 0.5, requires_grad=True) for shape in ((H, H), (H, H), (H,))]

    def f(x: Any, y: Any) -> Any:
        state = [tg.zeros(B, H, dtype=tg.float64) for _ in range(states)]
        losses, outputs = 0, []
        for t in reversed(range(T)) if back else range(T):
            with tg.step(t + 1) if marked else tg.scope("loop"):
                pool = [x[t], *state]
                for name, one, two in line:
                    pool.append(applied(name, pool[one % len(pool)], pool[two % len(pool)], weights))
                # The new first state is the last value; the others move on, or are values of the step.
                state = [tg.tanh(pool[-1] + F.linear(x[t], weights[0])), *(pool[last[0] % len(pool)], state[0])][
                    :states
                ]
                outputs.append(state[last[1] % states])
                losses = losses + ((state[0] - y[t]) ** 2).mean()
        loss = losses if added else ((tg.stack(outputs) - y) ** 2).mean() + state[-1].sum() * 0.1
        return loss + 0.1 * weights[2].sum()

    fast = tg.compile(f, backend=backend)
    for _ in range(3):
        x, y = (tg.tensor(rng.standard_normal((T, B, H))) for _ in range(2))
        found = []
        for run in (partial(fast.forward_backward, x, y), partial(f, x, y)):
            for w in weights:
                w.grad = None
            loss = run()
            if loss.requires_grad:
                loss.backward()
            found.append([loss.item(), *(np.zeros(w.shape) if w.grad is None else w.grad.numpy() for w in weights)])
        for a, b in zip(*found, strict=True):
            assert np.abs(np.asarray(a) - b).max() <= 1e-10 * max(1.0, np.abs(b).max()), fast.explain()
        for w in weights:
            w.detach().numpy()[...] *= 0.9
    assert "as it is written" not in fast.explain(), fast.explain()
