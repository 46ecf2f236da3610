"""Networks and losses that are rolled up: each makes a function of a batch, and draws batches for it."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

import tinygrad_rnn as tg
from tinygrad_rnn import nn
from tinygrad_rnn.nn import functional as F

T, B, N, H = 9, 3, 4, 5
Draw = Callable[[np.random.Generator], Any]


class Network(NamedTuple):
    """A function ``f(x, y)`` that gives a loss, the parameters it uses and how to draw x and y."""

    f: Callable[..., tg.Tensor]
    parameters: list[tg.Tensor]
    x: Draw
    y: Draw

    def batch(self, seed: int, dtype: Any = np.float32) -> list[tg.Tensor]:
        rng = np.random.default_rng(seed)
        arrays = [self.x(rng), self.y(rng)]
        return [tg.tensor(a.astype(dtype) if a.dtype.kind == "f" else a) for a in arrays]


def normal(*shape: int) -> Draw:
    return lambda rng: rng.standard_normal(shape)


def classes(count: int, *shape: int) -> Draw:
    return lambda rng: rng.integers(0, count, shape)


def weights(*shapes: tuple[int, ...]) -> list[tg.Tensor]:
    rng = np.random.default_rng(len(shapes))
    return [tg.tensor(rng.standard_normal(s) * 0.5, requires_grad=True, dtype=tg.get_default_dtype()) for s in shapes]


def layer(kind: str, many: int = T, **options: Any) -> Network:
    m = getattr(nn, kind)(N, H, **options)
    size: int = (options.get("proj_size") or H) * (2 if options.get("bidirectional") else 1)
    lead = (B, many) if options.get("batch_first") else (many, B)
    return Network(lambda x, y: F.mse_loss(m(x)[0], y), list(m.parameters()), normal(*lead, N), normal(*lead, size))


def last_state(kind: str) -> Network:
    m = getattr(nn, kind)(N, H)

    def f(x: Any, y: Any) -> Any:
        output, state = m(x)
        h, c = state if kind == "LSTM" else (state, output[2])
        return ((h[0] - y) ** 2).mean() + (c * c).sum()

    return Network(f, list(m.parameters()), normal(T, B, N), normal(B, H))


def many_to_one(kind: str) -> Network:
    m, head = getattr(nn, kind)(N, H), nn.Linear(H, 2)
    parameters = [*m.parameters(), *head.parameters()]
    return Network(lambda x, y: F.cross_entropy(head(m(x)[0][-1]), y), parameters, normal(T, B, N), classes(2, B))


def unbatched(kind: str) -> Network:
    m = getattr(nn, kind)(N, H)
    return Network(lambda x, y: F.l1_loss(m(x)[0], y), list(m.parameters()), normal(T, N), normal(T, H))


def lengths(kind: str) -> Network:
    m = getattr(nn, kind)(N, H)
    return Network(
        lambda x, y: ((m(x, lengths=[T, 6, 2])[0] - y) ** 2).mean(),
        list(m.parameters()),
        normal(T, B, N),
        normal(T, B, H),
    )


def readme_loop() -> Network:
    W, U, b = weights((H, N), (H, H), (H,))
    W.name, U.name, b.name = "W_xh", "W_hh", "b_h"

    def f(x: Any, y: Any) -> Any:
        h, loss = tg.zeros(H), 0
        for t in range(1, T + 1):
            with tg.step(t):
                h = tg.tanh(W @ x[t - 1] + U @ h + b)
                loss = loss + ((h - y[t - 1]) ** 2).sum()
        return loss / T

    return Network(f, [W, U, b], normal(T, N), normal(T, H))


def own_cell() -> Network:
    W, U, V, b = weights((H, N), (H, H), (H, H), (H,))
    W.name, U.name, V.name, b.name = "W", "U", "V", "b"

    def f(x: Any, y: Any) -> Any:
        h, m, losses = tg.zeros(B, H), tg.ones(B, H), []
        for t in range(T):
            with tg.step(t + 1):
                u = tg.sigmoid(F.linear(x[t], W) + h @ U)
                m = tg.maximum(0.9 * m, tg.abs(u)) * tg.exp(-h * h)
                h = F.softmax(u * h + (1 - u) * tg.relu(F.linear(h * m, V, b)), dim=-1) - 0.1 * h
                losses.append(((h - y[t]) ** 2).mean())
        return sum(losses) + 0.1 * (m**2).sum()

    return Network(f, [W, U, V, b], normal(T, B, N), normal(T, B, H))


def state_space() -> Network:
    A, W, V = weights((H,), (H, N), (H, H))

    def f(x: Any, y: Any) -> Any:
        h, outputs = tg.zeros(B, H), []
        for t in range(T):
            with tg.step(t + 1):
                h = A * h + F.linear(x[t], W)
                outputs.append(tg.tanh(F.linear(h, V)))
        return ((tg.stack(outputs) - y) ** 2).mean()

    return Network(f, [A, W, V], normal(T, B, N), normal(T, B, H))


def chosen_by_comparison() -> Network:
    m = nn.RNN(N, H)
    return Network(lambda x, y: F.huber_loss(m(x)[0], y), list(m.parameters()), normal(T, B, N), normal(T, B, H))


def two_steps_back() -> Network:
    W, U, V = weights((H, N), (H, H), (H, H))

    def f(x: Any, y: Any) -> Any:
        h = before = tg.zeros(B, H)
        outputs = []
        for t in range(T):
            with tg.step(t + 1):
                h, before = tg.tanh(F.linear(x[t], W) + h @ U + before @ V), h
                outputs.append(h)
        return ((tg.stack(outputs) - y) ** 2).mean()

    return Network(f, [W, U, V], normal(T, B, N), normal(T, B, H))


def joined_state() -> Network:
    """A part of the next state is a part of the last one, which lies in rows of the same array."""
    (W,) = weights((H, N))

    def f(x: Any, y: Any) -> Any:
        state, memory, outputs = tg.zeros(B, H), tg.zeros(B, H), []
        for t in range(len(x)):
            state, memory = tg.tanh(memory + F.linear(x[t], W)), tg.cat([x[t][:, 1:3], memory[:, : H - 2]], dim=1)
            outputs.append(state)
        return ((tg.stack(outputs) - y) ** 2).mean() + memory.sum() * 0.1

    return Network(f, [W], normal(T, B, N), normal(T, B, H))


def without_marks() -> Network:
    W, U = weights((H, N), (H, H))

    def f(x: Any, y: Any) -> Any:
        h, outputs = tg.zeros(B, H), []
        for t in range(T):
            h = tg.tanh(F.linear(x[t], W) + h @ U)
            outputs.append(h)
        return ((tg.stack(outputs, 1) - y) ** 2).mean()

    return Network(f, [W, U], normal(T, B, N), normal(B, T, H))


def first_step_without_state() -> Network:
    W, U = weights((H, N), (H, H))

    def f(x: Any, y: Any) -> Any:
        h, outputs = None, []
        for t in range(T):
            with tg.step(t + 1):
                z = F.linear(x[t], W) if h is None else F.linear(x[t], W) + h @ U
                h = tg.tanh(z)
                outputs.append(h)
        return ((tg.stack(outputs) - y) ** 2).mean()

    return Network(f, [W, U], normal(T, B, N), normal(T, B, H))


def encoder_decoder() -> Network:
    W, U, V, C = weights((H, N), (H, H), (H, H), (H, H))

    def f(x: Any, y: Any) -> Any:
        h = o = tg.zeros(B, H)
        outputs = []
        with tg.scope("encoder"):
            for t in range(T):
                with tg.step(t + 1):
                    h = tg.tanh(F.linear(x[t], W) + h @ U)
        with tg.scope("decoder"):
            for t in range(T):
                with tg.step(t + 1):
                    h = tg.tanh(h @ V + o)
                    o = F.linear(h, C)
                    outputs.append(o)
        return ((tg.stack(outputs) - y) ** 2).mean()

    return Network(f, [W, U, V, C], normal(T, B, N), normal(T, B, H))


def learned_start() -> Network:
    m, (h0,) = nn.GRU(N, H), weights((1, H))
    f = lambda x, y: ((m(x, tg.broadcast_to(h0, (1, B, H)))[0] - y) ** 2).mean()  # noqa: E731
    return Network(f, [*m.parameters(), h0], normal(T, B, N), normal(T, B, H))


def character_model() -> Network:
    m, table, head = nn.LSTM(N, H), nn.Embedding(7, N), nn.Linear(H, 7)
    return Network(
        lambda x, y: F.cross_entropy(head(m(table(x))[0]).reshape(-1, 7), y.reshape(-1)),
        [*m.parameters(), *table.parameters(), *head.parameters()],
        classes(7, T, B),
        classes(7, T, B),
    )


def embedding_each_step() -> Network:
    cell, table, head = nn.GRUCell(N, H), nn.Embedding(7, N), nn.Linear(H, 7)

    def f(x: Any, y: Any) -> Any:
        h, loss = None, tg.zeros(())
        for t in range(T):
            with tg.step(t + 1):
                h = cell(table(x[t]), h)
                loss = loss + F.cross_entropy(head(h), y[t])
        return loss / T

    return Network(f, [*cell.parameters(), *table.parameters(), *head.parameters()], classes(7, T, B), classes(7, T, B))


def layer_norm_cell() -> Network:
    cell = nn.LayerNormLSTMCell(N, H)
    return Network(
        lambda x, y: ((tg.stack(nn.unroll(cell, x)[0]) - y) ** 2).mean(),
        list(cell.parameters()),
        normal(T, B, N),
        normal(T, B, H),
    )


def detached() -> Network:
    m, head = nn.RNN(N, H), nn.Linear(H, H)

    def f(x: Any, y: Any) -> Any:
        out = m(x)[0]
        return ((head(out) - y) ** 2).mean() + ((head(out.detach()) + y) ** 2).sum()

    return Network(f, [*m.parameters(), *head.parameters()], normal(T, B, N), normal(T, B, H))


def states_that_are_numbers() -> Network:
    W, U, v = weights((1,), (1,), (1,))

    def f(x: Any, y: Any) -> Any:
        h, loss, outputs = tg.zeros(()), tg.zeros(()), []
        for t in range(T):
            with tg.step(t + 1):
                h = tg.tanh(x[t] * W[0] + h * U[0])
                loss = loss + (h * v[0] - y[t]) ** 2 * h
                outputs.append(h)
        return loss + (tg.stack(outputs) ** 3).sum() + h

    return Network(f, [W, U, v], normal(T), normal(T))


def vectors() -> Network:
    W, U, v = weights((N, H), (H, H), (H,))

    def f(x: Any, y: Any) -> Any:
        h, loss = tg.zeros(H), 0
        for t in range(T):
            h = tg.tanh(x[t] @ W + h @ U)
            loss = loss + (h @ v - y[t]) ** 2 + (U @ h).sum()
        return loss / T

    return Network(f, [W, U, v], normal(T, N), normal(T))


def beside_the_graph() -> Network:
    W, U = weights((H, N), (H, H))

    def f(x: Any, y: Any) -> Any:
        h, losses = tg.zeros(B, H), []
        for t in range(T):
            with tg.step(t + 1):
                h = tg.tanh(F.linear(x[t], W) + h.detach() * 0.1 + h @ U)
                with tg.no_grad():
                    slow = h[[2, 1, 0]] * 2
                losses.append((h * slow - y[t] * U.detach()[0]) ** 2)
        return tg.stack(losses).mean() + (F.linear(x, W.detach()) * W[:, 0]).sum()

    return Network(f, [W, U], normal(T, B, N), normal(T, B, H))


def named_like_another() -> Network:
    (W,) = weights((H, N))
    tripled = tg.Primitive("relu", lambda x: 3 * x, lambda g, y, x: 3 * g)
    weighed = tg.Primitive("add", lambda x, y: x + 2 * y, lambda g, y, a, b: g, lambda g, y, a, b: 2 * g)

    def f(x: Any, y: Any) -> Any:
        h = tg.zeros(B, H)
        for t in range(T):
            with tg.step(t + 1):
                h = tg.tanh(weighed(tripled(F.linear(x[t], W)), h))
        return ((h - y) ** 2).mean()

    return Network(f, [W], normal(T, B, N), normal(B, H))


KINDS = ("RNN", "LSTM", "GRU")
EACH: dict[str, Callable[[str], Network]] = {
    "": layer,
    "of 1 step": lambda kind: layer(kind, 1),
    "of 2 steps": lambda kind: layer(kind, 2),
    "of 5 steps": lambda kind: layer(kind, 5),
    "of two layers, both ways": lambda kind: layer(kind, num_layers=2, bidirectional=True, batch_first=True),
    "without bias": lambda kind: layer(kind, bias=False),
    "last state": last_state,
    "many to one": many_to_one,
    "unbatched": unbatched,
    "lengths": lengths,
}
NETWORKS: dict[str, Callable[[], Network]] = {
    **{f"{kind} {words}".strip(): partial(make, kind) for kind in KINDS for words, make in EACH.items()},
    "RNN with relu": lambda: layer("RNN", nonlinearity="relu"),
    "LSTM with a projection": lambda: layer("LSTM", proj_size=3),
    "the README's loop": readme_loop,
    "an own cell": own_cell,
    "linear state space": state_space,
    "two steps back": two_steps_back,
    "a loop without marks": without_marks,
    "a first step without state": first_step_without_state,
    "encoder and decoder": encoder_decoder,
    "a learned start": learned_start,
    "a character model": character_model,
    "embedding and loss in each step": embedding_each_step,
    "layer norm": layer_norm_cell,
    "detached in between": detached,
    "states that are numbers": states_that_are_numbers,
    "vectors": vectors,
    "operations named like others": named_like_another,
}
#: What a loss alone does not show: what was computed beside the graph.
COMPILED = {
    **NETWORKS,
    "chosen by comparison": chosen_by_comparison,
    "computed without history": beside_the_graph,
    "a state joined from its own parts": joined_state,
}
