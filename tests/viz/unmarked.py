"""Programs as people write them, without a mark: each returns a loss, and says which steps are expected."""

from __future__ import annotations

import asyncio
import functools
import operator
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import tinygrad_rnn as tg
from tinygrad_rnn import Tensor, nn
from tinygrad_rnn.nn import functional as F

Program = Callable[[], Tensor]
#: The program, the steps of its columns from left to right, and the names expected among those of step 2.
PROGRAMS: list[tuple[Program, tuple[int, ...], set[str]]] = []


def expected(*steps: int, names: str = "") -> Callable[[Program], Program]:
    def note(program: Program) -> Program:
        PROGRAMS.append((program, steps, set(names.split())))
        return program

    return note


def weights(count: int = 2, size: int = 3) -> list[Tensor]:
    tg.manual_seed(0)
    return [tg.randn(size, size, requires_grad=True) for _ in range(count)]


def inputs(steps: int = 4, *more: int) -> Tensor:
    return tg.randn(steps, *more, 3)


def step_of(x: Tensor, h: Tensor, W: Tensor, U: Tensor) -> Tensor:
    mixed = W @ h + U @ x
    return tg.tanh(mixed)


@expected(1, 2, 3, 4, names="h2")
def for_over_numbers() -> Tensor:
    (W, U), x, h = weights(), inputs(), tg.zeros(3)
    for t in range(4):
        h = tg.tanh(W @ h + U @ x[t])
    return (h**2).sum()


@expected(1, 2, 3, 4, names="h2")
def a_with_in_one_branch(carefully: bool = False) -> Tensor:
    (W, U), x, h = weights(), inputs(), tg.zeros(3)
    for t in range(4):
        if carefully:
            with tg.enable_grad():
                h = tg.tanh(W @ h + U @ x[t])
        else:
            h = tg.tanh(W @ h + U @ x[t])
    return (h**2).sum()


@expected(1, 2, 3, 4, names="h2")
def an_error_that_has_a_name() -> Tensor:
    (W, U), x, h = weights(), inputs(), tg.zeros(3)
    for t in range(4):
        try:
            h = tg.tanh(W @ h + U @ x[t])
        except ValueError as error:
            print(error)
    return (h**2).sum()


@expected(1, 2, 3, 4, names="h2 x_t2")
def for_over_a_tensor() -> Tensor:
    (W, U), h = weights(), tg.zeros(3)
    for x_t in inputs():
        h = tg.tanh(W @ h + U @ x_t)
    return h.sum()


@expected(1, 2, 3, 4, names="h2 total2")
def zip_and_enumerate() -> Tensor:
    (W, U), h, total = weights(), tg.zeros(3), tg.zeros(())
    for _, (x_t, y_t) in enumerate(zip(inputs(), inputs(), strict=True)):
        h = tg.tanh(W @ h + U @ x_t)
        total = total + ((h - y_t) ** 2).sum()
    return total / 4


@expected(1, 2, 3, 4, 5, 6, names="h2")
def while_loop() -> Tensor:
    (W, U), x, h, t = weights(), inputs(6), tg.zeros(3), 0
    while t < 6:
        h = tg.tanh(W @ h + U @ x[t])
        t += 1
    return h.sum()


@expected(1, 2, 3)
def while_true_with_a_break() -> Tensor:
    (W,), h, t = weights(1), tg.ones(3), 0
    while True:
        h = tg.tanh(W @ h)
        t += 1
        if t == 3:
            break
    return h.sum()


@expected(1, 2, 3, 4)
def a_function_a_step() -> Tensor:
    (W, U), h = weights(), tg.zeros(3)
    for x_t in inputs():
        h = step_of(x_t, h, W, U)
    return h.sum()


@expected(1, 2, 3, 4)
def a_closure() -> Tensor:
    W, U = weights()

    def go(x: Tensor, h: Tensor) -> Tensor:
        new = tg.tanh(W @ h + U @ x)
        return new

    h = tg.zeros(3)
    for x_t in inputs():
        h = go(x_t, h)
    return h.sum()


@expected(1, 2, 3, 4)
def reduced() -> Tensor:
    W, U = weights()
    last = functools.reduce(lambda h, x: tg.tanh(W @ h + U @ x), list(inputs()), tg.zeros(3))
    return last.sum()


@expected(1, 2, 3, 4)
def recursion() -> Tensor:
    (W, U), x = weights(), inputs()

    def state(t: int) -> Tensor:
        return tg.zeros(3) if t < 0 else tg.tanh(W @ state(t - 1) + U @ x[t])

    return state(3).sum()


@expected(1, 2, 3, 4)
def a_generator() -> Tensor:
    W, U = weights()

    def states(xs: Iterable[Tensor]) -> Iterator[Tensor]:
        h = tg.zeros(3)
        for x_t in xs:
            h = tg.tanh(W @ h + U @ x_t)
            yield h

    return tg.stack(list(states(inputs()))).sum()


@expected(1, 2, 3, 4)
def a_comprehension_with_a_walrus() -> Tensor:
    (W, U), h = weights(), tg.zeros(3)
    outputs = [h := tg.tanh(W @ h + U @ x_t) for x_t in inputs()]
    return tg.stack(outputs).mean()


@expected(1, 2, 3, 4)
def projections_in_a_comprehension() -> Tensor:
    (W, U), h = weights(), tg.zeros(3)
    projected = [U @ x_t for x_t in inputs()]
    for a in projected:
        h = tg.tanh(W @ h + a)
    return h.sum()


@expected(1, 2, 3, 4)
def try_and_finally() -> Tensor:
    (W, U), h, count = weights(), tg.zeros(3), 0
    for x_t in inputs():
        try:
            h = tg.tanh(W @ h + U @ x_t)
        finally:
            count += 1
    return h.sum() * count


@expected(1, 2, 3, 4)
def except_and_continue() -> Tensor:
    (W, U), h = weights(), tg.zeros(3)
    for number, x_t in enumerate([inputs()[0], *inputs()]):
        try:
            _ = 1 / number
        except ZeroDivisionError:
            continue
        h = tg.tanh(W @ h + U @ x_t)
    out = W @ h
    return out.sum()


@expected(1, 2, 3, 4, names="h2")
def the_first_step_is_another() -> Tensor:
    (W, U), x = weights(), inputs()
    h: Tensor | None = None
    for t in range(4):
        h = tg.tanh(U @ x[t]) if h is None else tg.tanh(W @ h + U @ x[t])
    assert h is not None
    return h.sum()


@expected(1, 2, 3, 4)
def every_other_step_is_another() -> Tensor:
    (W, U), x, h = weights(), inputs(), tg.ones(3)
    for t in range(4):
        h = tg.tanh(W @ h + U @ x[t]) if t % 2 else tg.sigmoid(W @ h)
    return h.sum()


@expected(1, 2, 3, 4, names="z2 i2 f2 g2 o2 c2 h2")
def a_hand_written_lstm() -> Tensor:
    tg.manual_seed(0)
    W, U, b = tg.randn(12, 3, requires_grad=True), tg.randn(12, 3, requires_grad=True), tg.zeros(12, requires_grad=True)
    h = c = tg.zeros(2, 3)
    for x_t in inputs(4, 2):
        z = F.linear(x_t, W, b) + F.linear(h, U)
        o, g, f, i = tg.sigmoid(z[:, 9:]), tg.tanh(z[:, 6:9]), tg.sigmoid(z[:, 3:6]), tg.sigmoid(z[:, :3])
        c = f * c + i * g
        h = o * tg.tanh(c)
    return (h**2).mean()


@expected(1, 2, 3, 4, names="left2 right2 forget2 update2 new2 h2")
def several_names_at_once() -> Tensor:
    (W, U), h = weights(), tg.zeros(3)
    for x in inputs(4):
        left, right = W @ h, U @ x
        forget, update, new = tg.sigmoid(left), tg.sigmoid(right), tg.tanh(left + right)
        h = forget * h + update * new
    return h.sum()


@expected(1, 2, 3, 4, names="h2")
def composed_functions_first() -> Tensor:
    (W, U), h = weights(), tg.zeros(1, 3)
    for x_t in inputs(4, 1):
        z = F.linear(h, W)
        h = tg.tanh(z + F.linear(x_t, U))
    return h.sum()


@expected(1, 2, 3, 4)
def composed_functions_last() -> Tensor:
    (W, U), h = weights(), tg.zeros(1, 3)
    for x_t in inputs(4, 1):
        z = h @ W + x_t @ U
        h = F.softplus(z)
    return h.sum()


@expected(1, 2, 3, 4)
def truncated_in_the_middle() -> Tensor:
    (W, U), h, total = weights(), tg.zeros(3), tg.zeros(())
    for t, x_t in enumerate(inputs()):
        if t == 2:
            h = h.detach()
        h = tg.tanh(W @ h + U @ x_t)
        total = total + h.sum()
    return total


@expected(1, 2, 3, 4)
def chunks_of_a_sequence() -> Tensor:
    (W, U), x, h = weights(), inputs(), tg.zeros(3)
    for chunk in (x[:2], x[2:]):
        for x_t in chunk:
            h = tg.tanh(W @ h + U @ x_t)
    return h.sum()


@expected(1, 2, 1, 2, 3)
def encoder_and_decoder() -> Tensor:
    (W, U, V), h = weights(3), tg.zeros(3)
    for x_t in inputs(2):
        h = tg.tanh(W @ h + U @ x_t)
    total = tg.zeros(())
    for _ in range(3):
        h = tg.tanh(V @ h)
        total = total + h.sum()
    return total


@expected(1, 2, 3, names="h_init2 H2")
def words_of_characters() -> Tensor:
    (W, U, V, Q), x, H = weights(4), inputs(3, 2), tg.zeros(3)
    for w in range(3):
        h = tg.zeros(3)
        for c in range(2):
            h = tg.tanh(W @ h + U @ x[w, c])
        H = tg.tanh(V @ H + Q @ h)
    return H.sum()


@expected(1, 2, 3, 4)
def layers_in_time() -> Tensor:
    layers, x, states = [weights(), weights()], inputs(), [tg.zeros(3), tg.zeros(3)]
    for t in range(4):
        below = x[t]
        for number, (W, U) in enumerate(layers):
            states[number] = below = tg.tanh(W @ states[number] + U @ below)
    return below.sum()


@expected(1, 2, 3, 4)
def time_in_layers() -> Tensor:
    sequence = list(inputs())
    for W, U in (weights(), weights()):
        h, outputs = tg.zeros(3), []
        for x_t in sequence:
            h = tg.tanh(W @ h + U @ x_t)
            outputs.append(h)
        sequence = outputs
    return sequence[-1].sum()


@expected(1, 2, 3)
def steps_of_runge_and_kutta() -> Tensor:
    (W,), y, dt = weights(1), tg.ones(3), 0.1

    def slope(y: Tensor) -> Tensor:
        return tg.tanh(W @ y)

    for _ in range(3):
        k1 = slope(y)
        k2 = slope(y + dt / 2 * k1)
        k3 = slope(y + dt / 2 * k2)
        k4 = slope(y + dt * k3)
        y = y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y.sum()


@expected(1, 2, 3, 4)
def a_sum_over_a_generator_of_states() -> Tensor:
    W, U = weights()

    def states() -> Iterator[Tensor]:
        h = tg.zeros(3)
        for x in inputs():
            h = tg.tanh(W @ h + U @ x)
            yield h

    return tg.tensor(0.0) + sum(h.sum() for h in states())


@expected(1, 2, 3, 4, names="both2 h2")
def the_state_beside_the_input() -> Tensor:
    (W,), h = [tg.randn(3, 6, requires_grad=True)], tg.zeros(3)
    for x in inputs():
        both = tg.cat([x, h])  # of the start, which needs no gradient, nothing is recorded
        h = F.relu(W @ both)
    return h.sum()


@expected(1, 2, 3, 4, names="scaled2 h2")
def a_step_that_begins_and_ends_with_functions_of_several_operations() -> Tensor:
    (W, U), h, total = weights(), tg.ones(3), tg.tensor(0.0)
    for x in inputs():
        scaled = F.layer_norm(h, (3,))
        h = tg.tanh(W @ scaled + U @ x)
        total = total + F.mse_loss(h, tg.zeros(3))
        h = F.layer_norm(h, (3,))  # of the last one nobody asks
    return total


class OutputAndState(nn.Module):
    """The RNN of PyTorch's first tutorials."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.out = nn.Linear(6, 3), nn.Linear(6, 2)

    def forward(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        both = tg.cat((x, h))
        return self.out(both), tg.tanh(self.hidden(both))


@expected(1, 2, 3, 4, names="both2 total2")
def a_module_that_gives_output_and_state() -> Tensor:
    model, h, total = OutputAndState(), tg.zeros(3), tg.tensor(0.0)
    for x in inputs():
        y, h = model(x, h)
        total = total + (y**2).sum()
    return total


@expected(1, 2, 3, 4)
def asynchronous() -> Tensor:
    W, U = weights()

    async def arriving() -> AsyncIterator[Tensor]:
        for x_t in inputs():
            await asyncio.sleep(0)
            yield x_t

    async def run() -> Tensor:
        h = tg.zeros(3)
        async for x_t in arriving():
            h = tg.tanh(W @ h + U @ x_t)
        return h

    return asyncio.run(run()).sum()


class Net(nn.Module):
    """A cell called in a loop, and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.head = nn.LSTMCell(3, 3), nn.Linear(3, 1)

    def forward(self, x: Tensor) -> Tensor:
        state = None
        for x_t in x:
            hidden, memory = state = self.cell(x_t, state)
        score: Tensor = self.head(hidden)
        return score + 0 * memory.sum()


@expected(1, 2, 3, 4, names="hidden2 memory2")
def a_cell_of_a_module() -> Tensor:
    tg.manual_seed(0)
    return Net()(inputs(4, 1)).sum()


@expected(1, 2, 3, 4, names="h2 total2")
def a_layer_of_one_step_a_turn() -> Tensor:
    tg.manual_seed(0)
    layer, state, total = nn.GRU(3, 3), None, tg.zeros(())
    for x_t in inputs(4, 1):
        y, state = layer(x_t.reshape(1, 1, 3), state)
        total = total + (y**2).sum()
    return total


@expected(1, 2, 3, 4)
def an_endless_generator() -> Tensor:
    W, U = weights()

    def states() -> Iterator[Tensor]:
        h = tg.ones(3)
        while True:
            h = tg.tanh(W @ h) * tg.sigmoid(U @ h)
            yield h

    running = states()
    return tg.stack([next(running) for _ in range(4)]).sum()


class Plain:
    """No module; the state is an attribute."""

    def __init__(self) -> None:
        self.W, self.U = weights()
        self.h = tg.zeros(3)

    def step(self, x: Tensor) -> Tensor:
        self.h = tg.tanh(self.W @ self.h + self.U @ x)
        return self.h


@expected(1, 2, 3, 4, names="h2")
def a_state_that_is_an_attribute() -> Tensor:
    plain = Plain()
    return sum((plain.step(x) for x in inputs()), tg.zeros(3)).sum()


@expected(1, 2, 3, 4)
def two_sequences_one_after_the_other() -> Tensor:
    (W, U), total = weights(), tg.zeros(())
    for sequence in (inputs(), inputs()):
        h = tg.zeros(3)
        for x_t in sequence:
            h = tg.tanh(W @ h + U @ x_t)
        total = total + h.sum()
    return total


@expected(1, 2, 3)
def a_decoder_with_attention() -> Tensor:
    tg.manual_seed(0)
    cell, query, out = nn.GRUCell(3, 3), nn.Linear(3, 3), nn.Linear(6, 3)
    memory, total = nn.Linear(3, 3)(inputs(5)), tg.zeros(())
    y, h = tg.zeros(1, 3), tg.zeros(1, 3)
    for _ in range(3):
        h = cell(y, h)
        weight = F.softmax(query(h) @ memory.mT, dim=-1)
        y = out(tg.cat([weight @ memory, h], dim=-1))
        total = total + F.mse_loss(y, tg.ones(1, 3))
    return total


@expected(1, 2, 3)
def descent_that_is_differentiated() -> Tensor:
    (W, rate), w = weights(), tg.ones(3, requires_grad=True)
    for _ in range(3):
        (g,) = tg.autograd.grad(((W @ w) ** 2).sum(), (w,), create_graph=True)
        w = w - rate.mean() * g
    return ((W @ w) ** 2).sum()


@expected(1, 2, 3, 4)
def a_lookback_over_two_steps() -> Tensor:
    (W, U), x = weights(), inputs()
    states = [tg.ones(3), tg.ones(3)]
    for t in range(4):
        states.append(tg.tanh(W @ states[-1] + U @ states[-2] + x[t]))
    return states[-1].sum()


@expected(1, 2, 3, 4, 5, names="h2 x2")
def a_state_of_two_steps_ago() -> Tensor:
    (W, U), hs = weights(), [tg.zeros(3), tg.ones(3)]
    for x in inputs(5):
        h = tg.tanh(W @ hs[-2] + U @ x)
        hs.append(h)
    return tg.stack(hs).sum()


@expected(1, 2, 3, 4, 5, 6, names="a2")
def a_state_of_three_steps_ago() -> Tensor:
    (W, U), x, hs = weights(), inputs(6), list[Tensor]()
    for t in range(6):
        a = U @ x[t]
        hs.append(tg.tanh(W @ hs[t - 3] + a) if t > 2 else tg.tanh(a))
    return tg.stack(hs).sum()


@expected(1, 2, 3, 4, names="h2 c2 a2")
def states_unpacked_from_a_generator() -> Tensor:
    (W, U), h, c = weights(), tg.zeros(3), tg.ones(3)
    for x in inputs():
        a = U @ x
        h, c = (tg.tanh(W @ old + a) for old in (h, c))
    return h.sum() + c.sum()


@expected(1, 2, 3, 4, names="h2 c2 keep2")
def states_unpacked_from_a_map() -> Tensor:
    (W, U), h, c = weights(), tg.zeros(3), tg.ones(3)
    for x, keep in zip(inputs(), tg.rand(4, 3) < 0.5, strict=True):
        a = keep * (U @ x)
        h, c = map(lambda old: tg.tanh(W @ old + a), (h, c))  # noqa: C417
    return h.sum() + c.sum()


@expected(1, 2, 3, 4, names="h2 c2")
def states_unpacked_from_the_values_of_a_dictionary() -> Tensor:
    (W, U), h, c = weights(), tg.zeros(3), tg.ones(3)
    for x in inputs():
        a = U @ x
        h, c = {key: tg.tanh(W @ old + a) for key, old in (("hidden", h), ("memory", c))}.values()
    return h.sum() * c.sum()


@expected(1, 2, 3, 4)
def states_in_a_comprehension_alone() -> Tensor:
    (W, U), states = weights(), [tg.zeros(3), tg.ones(3)]
    for x in inputs():
        states = [tg.tanh(W @ old + U @ x) for old in states]
    return sum(states, tg.zeros(3)).sum()


@expected(1, 2, 3, 4, names="h2")
def a_list_made_anew() -> Tensor:
    (W, U), states = weights(), [tg.zeros(3)]
    for x in inputs():
        states = [*states, tg.tanh(W @ states[-1] + U @ x)]
    return tg.stack(states).sum()


@expected(1, 2, 3, 4, names="z2 n2 h2")
def gates_in_chunks() -> Tensor:
    W, U, h = tg.randn(6, 3, requires_grad=True), tg.randn(6, 3, requires_grad=True), tg.zeros(3)
    for x in inputs():
        z, n = (W @ h + U @ x).chunk(2)
        h = tg.sigmoid(z) * h + tg.tanh(n)
    return h.sum()


class Zoneout(nn.Module):
    """The states of a cell that keep some of what they were."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(3, 3)

    def forward(self, xs: Tensor) -> Tensor:
        h, c = tg.zeros(3), tg.zeros(3)
        for x in xs:
            new, masks = self.cell(x, (h, c)), tg.rand(2, 3) < 0.3
            h, c = (keep * old + (1 - keep) * now for keep, old, now in zip(masks, (h, c), new, strict=True))
        return h.sum()


@expected(1, 2, 3, 4, names="h2 c2 h2' c2' keep2 keep2'")
def zoneout() -> Tensor:
    return Zoneout()(inputs())


@expected(1, 2, 3, 4, names="h2 h2'")
def tasks_side_by_side() -> Tensor:
    W, U = weights()

    async def run(xs: Tensor) -> Tensor:
        h = tg.zeros(3)
        for x_t in xs:
            h = tg.tanh(W @ h + U @ x_t)
            await asyncio.sleep(0)
        return h

    async def both() -> list[Tensor]:
        return list(await asyncio.gather(run(inputs()), run(inputs())))

    return sum(asyncio.run(both()), tg.zeros(3)).sum()


@expected()
def penalties_summed() -> Tensor:
    (W, U), total = weights(), tg.zeros(())
    for weight in (W, U, W @ U):
        total = total + (weight**2).sum()
    return total


@expected()
def a_pair_of_a_shared_network() -> Tensor:
    shared, (x, y) = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3)), inputs(2)
    return ((shared(x) - shared(y)) ** 2).sum()


@expected()
def an_attention_block() -> Tensor:
    tg.manual_seed(0)
    q, k, v, up, down = (nn.Linear(3, 3) for _ in range(5))
    x = inputs(5)
    x = x + F.softmax(q(x) @ k(x).mT, dim=-1) @ v(x)
    x = x + down(F.relu(up(x)))
    return x.mean()


@expected()
def layers_in_a_loop() -> Tensor:
    x = tg.ones(3)
    for W in weights(4):
        x = tg.tanh(W @ x)
    return x.sum()


@expected()
def modules_in_a_loop() -> Tensor:
    x = first = nn.Linear(3, 3)(tg.ones(2, 3))
    for layer in [nn.Linear(3, 3) for _ in range(4)]:
        x = tg.tanh(layer(x)) + first
    return x.sum()


@expected()
def losses_of_samples_summed() -> Tensor:
    (W, U), total = weights(), tg.zeros(())
    for x in inputs():
        total = total + (tg.tanh(W @ x) @ U).pow(2).sum()
    return total


@expected()
def losses_of_samples_by_sum() -> Tensor:
    W, U = weights()
    return sum(((tg.tanh(W @ x) @ U).pow(2).sum() for x in inputs()), tg.zeros(()))


@expected()
def losses_of_samples_listed() -> Tensor:
    (W, U), found = weights(), []
    for x in inputs():
        found.append((tg.tanh(W @ x) @ U).pow(2).sum())
    return tg.stack(found).mean()


@expected()
def penalties_by_generators() -> Tensor:
    (W, U), x = weights(), inputs(1)[0]
    squares: Any = sum((each**2).sum() for each in (W, U))
    sizes: Any = sum(each.abs().sum() for each in (W, U))
    loss: Tensor = ((U @ tg.tanh(W @ x)) ** 2).sum() + 1e-3 * squares + 1e-4 * sizes
    return loss


@expected(1, 2, 3, 4, names="h2")
def a_state_that_is_added_to() -> Tensor:
    (W, U), h = weights(), tg.zeros(3)
    changes = (tg.tanh(U @ x_t) for x_t in inputs())
    for change in changes:
        h = tg.tanh(W @ h) + change
    return h.sum()


@expected()
def products_of_matrices() -> Tensor:
    return functools.reduce(operator.matmul, weights(4)).sum()


@expected()
def no_loop_at_all() -> Tensor:
    W, U = weights()
    hidden = tg.tanh(W @ tg.ones(3))
    return (U @ hidden).sum()


@expected()
def epochs_around() -> Tensor:
    (W, U), loss = weights(), tg.zeros(())
    for _ in range(3):
        loss = tg.tanh(W @ tg.tanh(U @ tg.ones(3))).sum()
    return loss


@expected(4, 5, 6)
def marks_win() -> Tensor:
    (W, U), h = weights(), tg.zeros(3)
    for t, x_t in enumerate(inputs(3), 4):
        with tg.step(t):
            h = tg.tanh(W @ h + U @ x_t)
    return h.sum()


@expected(1, 2, 3)
def a_recurrent_layer() -> Tensor:
    tg.manual_seed(0)
    outputs, _ = nn.RNN(3, 3)(inputs(3, 1))
    return outputs.sum()


class Tagger(nn.Module):
    """A recurrent network whose state is joined to the input."""

    def __init__(self) -> None:
        super().__init__()
        self.i2h, self.i2o = nn.Linear(6, 3), nn.Linear(6, 2)

    def forward(self, letter: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        combined = tg.cat((letter, hidden), 0)
        hidden = self.i2h(combined).tanh()
        output = self.i2o(combined)
        return output, hidden


@expected(1, 2, 3, 4, names="letter2 combined2 hidden2")
def a_state_joined_to_the_input() -> Tensor:
    tagger, hidden, output = Tagger(), tg.zeros(3), tg.zeros(2)
    for letter in inputs():
        output, hidden = tagger(letter, hidden)
    return output.sum()


@expected(1, 2, 3, 4, names="word2 h2")
def cells_that_are_given_variables() -> Tensor:
    cell, h = nn.GRUCell(3, 3), tg.zeros(3)
    for word in inputs():
        h = cell(word, h)
    return h.sum()


@expected(1, 2, 3, 4, names="word2 h2 c2")
def cells_that_are_given_two_states() -> Tensor:
    cell, h, c = nn.LSTMCell(3, 3), tg.zeros(3), tg.zeros(3)
    for word in inputs():
        h, c = cell(word, (h, c))
    return h.sum()


@expected(1, 2, 3, 4, names="embedded2 word2 h2")
def layers_before_cells() -> Tensor:
    embed, cell, h = nn.Linear(3, 3), nn.RNNCell(3, 3), tg.zeros(3)
    for word in inputs():
        embedded = embed(word)
        h = cell(embedded, h)
    return h.sum()
