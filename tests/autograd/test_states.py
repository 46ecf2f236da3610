"""Texts and pictures find the same states in a graph and call them the same."""

import re
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import numpy as np
import pytest

import tinygrad_rnn as tg
from tests.engine import excerpt_of, states
from tests.viz import models
from tests.viz.inside import tracks_of
from tinygrad_rnn import Tensor, nn
from tinygrad_rnn.viz import scene_of


def weight(scale: float = 0.5) -> Tensor:
    return (tg.eye(2) * scale).requires_grad_()


def running_loss(name: str | None = None) -> Tensor:
    W, h, total = weight(), tg.ones(2), tg.zeros(())
    for t in (1, 2, 3):
        with tg.step(t):
            h = tg.tanh(W @ h)
            h.name = name
            total = total + (h * h).sum()
    return total


def running_loss_outside() -> Tensor:
    W, h, total = weight(), tg.ones(2), tg.zeros(())
    for t in (1, 2, 3):
        with tg.step(t):
            h = tg.tanh(W @ h)
        total = total + (h * h).sum()
    return total


def two_states() -> Tensor:
    W, h, c = weight(), tg.ones(2), tg.zeros(2)
    for t in (1, 2, 3, 4):
        with tg.step(t):
            c = c * 0.5 + tg.tanh(W @ h)
            h = c.sigmoid() * tg.tanh(c)
    return h.sum()


def two_of_a_kind() -> Tensor:
    W, a, b = weight(), tg.ones(2), tg.zeros(2)
    for t in (1, 2, 3):
        with tg.step(t):
            a, b = tg.tanh(W @ a), tg.tanh(W @ b + a)
    return (a + b).sum()


def two_cells_without_names() -> Tensor:
    cells, states = [tg.nn.RNNCell(2, 2), tg.nn.RNNCell(2, 2)], [tg.zeros(2), tg.zeros(2)]
    for t in (1, 2, 3):
        with tg.step(t):
            x = tg.ones(2)
            for n, cell in enumerate(cells):
                x = states[n] = cell(x, states[n])
    return x.sum()


def numbered_by_hand() -> Tensor:
    W, h = weight(), tg.ones(2)
    for t in (1, 2, 3):
        with tg.step(t):
            h = tg.tanh(W @ h)
            h.name = f"s{t}"
    return h.sum()


def prepared_weight() -> Tensor:
    W, h = weight(), tg.ones(2)
    across = W.T
    for t in (1, 2, 3):
        with tg.step(t):
            h = tg.tanh(h @ across)
    return h.sum()


def every_fifth_step() -> Tensor:
    W, h = weight(), tg.ones(2)
    for t in (5, 10, 15):
        with tg.step(t):
            h = tg.tanh(W @ h)
    return h.sum()


def ended_outside() -> Tensor:
    W, h = weight(), tg.ones(2)
    for t in (1, 2, 3):
        with tg.step(t):
            a = W @ h
        h = tg.tanh(a)
    return h.sum()


def decoder_after_encoder() -> Tensor:
    W, V, h = weight(), weight(0.8), tg.ones(2)
    for scope, U, steps in (("encoder", W, 3), ("decoder", V, 4)):
        with tg.scope(scope):
            for t in range(steps):
                with tg.step(t):
                    h = tg.tanh(U @ h)
    return h.sum()


def passed_twice() -> Tensor:
    W, h = weight(), tg.ones(2)
    for _ in range(2):
        for t in (1, 2, 3):
            with tg.step(t):
                h = tg.tanh(W @ h)
    return h.sum()


def every_second_step_more() -> Tensor:
    W, h = weight(), tg.ones(2)
    for t in (1, 2, 3, 4):
        with tg.step(t):
            h = tg.tanh(W @ h)
            if t % 2 == 0:
                h = h * 0.9
    return h.sum()


def without_steps() -> Tensor:
    W, h = weight(), tg.ones(2)
    for _ in range(3):
        h = tg.tanh(W @ h)
    return h.sum()


LOOPS: dict[Callable[[], Tensor], list[str]] = {
    running_loss: ["h"],
    running_loss_outside: ["h"],
    two_states: ["c", "h"],
    two_of_a_kind: ["a", "b"],
    two_cells_without_names: ["x", "x'"],
    numbered_by_hand: ["s"],
    prepared_weight: ["h"],
    every_fifth_step: ["h"],
    ended_outside: ["h"],
    decoder_after_encoder: ["encoder/h", "decoder/h"],
    passed_twice: ["h (pass 1)", "h' (pass 2)"],
    every_second_step_more: ["h"],
    without_steps: ["h"],
}
MAKERS: dict[str, Callable[[], Tensor]] = {
    **models.MODELS,
    **{make.__name__: make for make in LOOPS},
    "running_loss_named": lambda: running_loss("memory"),
    "nn_lstm_layers": lambda: models.module(tg.nn.LSTM(1, 2, num_layers=2, bidirectional=True), 4),
    "nn_gru_layers": lambda: models.module(tg.nn.GRU(1, 2, num_layers=2), 4),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_texts_and_pictures_agree(make: Callable[[], Tensor]) -> None:
    loss = make()
    found = states(excerpt_of(loss, folded=True))
    excerpt = excerpt_of(loss)  # unfolds
    assert [(each.name, each.times) for each in states(excerpt)] == [(each.name, each.times) for each in found]
    scene = scene_of(loss)
    shown = {
        excerpt.values[node.id].birth: node for node in scene.nodes if node.kind == "state" and node.slot is not None
    }
    drawn = {birth for birth, node in shown.items() if node.frame is not None}
    told = {node.birth for each in found for node in each.nodes}
    # A loop with other operations in some steps: the picture marks what lies in a state's row in the other steps too.
    assert told == drawn or (make is every_second_step_more and told < drawn)
    for each in found:
        word, primes = re.subn(
            "'", "", re.sub(r" \(pass \d+\)$", "", each.name).rpartition("/")[2].rstrip("0123456789")
        )
        cards = [shown[birth] for birth in map(attrgetter("birth"), each.nodes)]  # no variable here holds a state
        for card, time in zip(cards, each.times, strict=True):
            assert re.fullmatch(rf"{word}(\d+_)?{time}'{{{primes},}}", card.name)
            assert card.step == time
    if not found:
        for read in (tg.gradient_flow, tracks_of):
            with pytest.raises(ValueError, match="no time step reads anything its neighbour computed"):
                read(loss)
        return
    flow = tg.gradient_flow(loss)
    assert [each.name for each in flow] == [each.name for each in found]
    assert sorted(track.name for track in tracks_of(loss)) == sorted(each.name for each in found)
    for through in flow:
        for node, size in zip(through.nodes, through.sizes, strict=True):
            gradient = shown[node.birth].gradient
            assert size == pytest.approx(0 if gradient is None else float((gradient**2).sum() ** 0.5))


@pytest.mark.parametrize("make", LOOPS, ids=lambda make: make.__name__)
def test_what_the_states_are_called(make: Callable[[], Tensor]) -> None:
    assert [each.name for each in states(excerpt_of(make(), folded=True))] == LOOPS[make]


def test_a_name_that_was_given_is_kept() -> None:
    assert [flow.name for flow in tg.gradient_flow(running_loss("memory"))] == ["memory"]


def test_states_are_found_without_unfolding() -> None:
    output, _ = tg.nn.LSTM(2, 3)(tg.randn(5, 1, 2))
    loss = (output[-1] ** 2).sum()
    before = excerpt_of(loss, folded=True)
    tg.gradient_flow(loss)
    after = excerpt_of(loss, folded=True)
    assert len(after.values) == len(before.values) and any(v.primitive and v.primitive.formula for v in after.values)


# The sizes beside loops written by hand, over sequences of different lengths.

#: For one pass through a sequence every step with the values its h, and its c, was: what the next step reads, then the
#: output, then what was computed. Without masks these are one.
Seen = list[tuple[int, list[list[Tensor]]]]
LETTERS = {"RNN": "h", "GRU": "h", "LSTM": "hc"}
LOSSES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "outputs": lambda o, h, c: (o * o).sum(),
    "the sum of the outputs": lambda o, h, c: o.sum(),
    "the first output": lambda o, h, c: (o[0] * o[0]).sum(),
    "the last output": lambda o, h, c: o[-1].sum(),
    "h_n": lambda o, h, c: (h * h).sum(),
    "c_n": lambda o, h, c: c.sum(),
    "everything": lambda o, h, c: (o * o).sum() + h.sum() + (c * c).sum(),
}
OPTIONS: list[dict[str, Any]] = [
    {},
    {"num_layers": 2},
    {"bidirectional": True},
    {"num_layers": 2, "bidirectional": True, "bias": False},
    {"batch_first": True},
    {"proj_size": 2},
    {"proj_size": 2, "bidirectional": True},
]


def lengths_of(time: int) -> list[list[int] | None]:
    """Batches of three: no lengths, all alike, all different as far as may be, some of 1, all of 1."""
    some = [
        None,
        [time] * 3,
        [max(1, time - 1)] * 3,
        [max(1, time - 1), time, max(1, time - 2)],
        [time, 1, time],
        [1] * 3,
    ]
    return [lengths for n, lengths in enumerate(some) if lengths not in some[:n]]


def loop_by_hand(
    kind: str, weights: Sequence[Any], xs: Sequence[Tensor], sizes: Any, reverse: bool = False
) -> tuple[list[Tensor], list[Tensor], Seen]:
    """The equations of a cell over a sequence, masked by multiplication: outputs, the last state, what was seen."""
    W, U, b, d, R = weights
    batch, seen = xs[0].shape[0], []
    hidden = U.shape[0] // {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
    state = [tg.zeros(batch, U.shape[1], dtype=tg.float64), tg.zeros(batch, hidden, dtype=tg.float64)]
    outputs = list(xs)
    for t in sorted(range(len(xs)), reverse=reverse):
        a, r = xs[t] @ W.T + b, state[0] @ U.T + d
        if kind == "RNN":
            new = [tg.tanh(a + r)]
        elif kind == "GRU":
            (a_r, a_z, a_n), (r_r, r_z, r_n) = a.chunk(3, -1), r.chunk(3, -1)
            z = (a_z + r_z).sigmoid()
            new = [(1 - z) * tg.tanh(a_n + (a_r + r_r).sigmoid() * r_n) + z * state[0]]
        else:
            i, f, g, o = (a + r).chunk(4, -1)
            c = f.sigmoid() * state[1] + i.sigmoid() * tg.tanh(g)
            h = o.sigmoid() * tg.tanh(c)
            new = [h if R is None else h @ R.T, c]
        valid = tg.tensor((sizes > t)[:, None], dtype=tg.float64)
        masked = not (sizes > t).all()
        state = [n * valid + old * (1 - valid) for n, old in zip(new, state, strict=False)] if masked else new
        outputs[t] = new[0] * valid if masked else new[0]
        seen.append((t + 1, [[state[0], outputs[t], new[0]], [state[-1], new[-1]]][: len(new)]))
    return outputs, state, seen


def weights_of(module: nn.Module, ending: str = "") -> list[Any]:
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
    return [getattr(module, name + ending, None if name == "weight_hr" else 0.0) for name in names]


def network_by_hand(
    kind: str, net: nn.Module, options: Mapping[str, Any], x: Tensor, sizes: Any
) -> tuple[Tensor, list[Tensor], dict[str, Seen]]:
    """Outputs (time, batch, features), h_n and c_n, and what was seen in every layer and direction."""
    outputs, last, seen = list(x), [], {}
    for k in range(options.get("num_layers", 1)):
        ways = []
        for ending in [f"l{k}", f"l{k}_reverse"][: 2 if options.get("bidirectional") else 1]:
            way, state, seen[ending] = loop_by_hand(
                kind, weights_of(net, f"_{ending}"), outputs, sizes, ending.endswith("_reverse")
            )
            ways.append(way)
            last.append(state)
        outputs = [tg.cat(both, -1) for both in zip(*ways, strict=True)]
    return tg.stack(outputs), [tg.stack(parts) for parts in zip(*last, strict=True)], seen


def flows_by_hand(loss: Tensor, kind: str, seen: Mapping[str, Seen]) -> dict[str, tuple[tuple[int, ...], list[float]]]:
    """The times and sizes of every state, up to the last step the loss depends on."""
    every = [value for steps in seen.values() for _, letters in steps for values in letters for value in values]
    gradients = iter(tg.autograd.grad(loss, every, retain_graph=True, allow_unused=True))
    found = {}
    for ending, steps in seen.items():
        rows: dict[str, list[tuple[int, float]]] = {letter: [] for letter in LETTERS[kind]}
        for t, values in steps:
            for letter, handed_on in zip(LETTERS[kind], values, strict=True):
                arrived = [gradient for _ in handed_on if (gradient := next(gradients)) is not None]
                if arrived:  # at the first that the loss is made from
                    rows[letter].append((t, float(np.linalg.norm(arrived[0].array))))
        if len({t for row in rows.values() for t, _ in row}) < 2:
            continue  # no step reads another
        for letter, row in rows.items():
            while row and row[-1][1] == 0 and any(size for _, size in row):
                row.pop()
            found[letter if len(seen) == 1 else f"{ending}/{letter}"] = (tuple(t for t, _ in row), [g for _, g in row])
    return found


def check_flows(loss: Tensor, wanted: Mapping[str, tuple[tuple[int, ...], list[float]]], case: object) -> None:
    if not wanted:
        with pytest.raises(ValueError, match="found no states"):
            tg.gradient_flow(loss)
        return
    flows = tg.gradient_flow(loss)
    assert {flow.name: flow.times for flow in flows} == {name: times for name, (times, _) in wanted.items()}, case
    for flow in flows:
        np.testing.assert_allclose(flow.sizes, wanted[flow.name][1], rtol=1e-9, atol=1e-15, err_msg=f"{case}")


@pytest.mark.slow
@pytest.mark.parametrize("packed", [False, True], ids=["padded", "packed"])
@pytest.mark.parametrize(
    ("kind", "options"),
    [(kind, options) for kind in LETTERS for options in OPTIONS if kind == "LSTM" or "proj_size" not in options],
    ids=str,
)
def test_sizes_over_sequences_of_different_lengths(kind: str, packed: bool, options: dict[str, Any]) -> None:
    tg.manual_seed(0)
    net = getattr(nn, kind)(2, 3, **options).double()
    batch_first = "batch_first" in options
    for time in range(1, 6):
        for lengths in lengths_of(time):
            x = tg.randn(time, 3, 2, dtype=tg.float64)
            given = x.transpose(0, 1) if batch_first else x
            sizes = np.array(lengths or [time] * 3)
            if packed:
                x = x[: sizes.max()]
                sequence = nn.utils.rnn.pack_padded_sequence(given, sizes.tolist(), batch_first, enforce_sorted=False)
                output, last = net(sequence)
                output, _ = nn.utils.rnn.pad_packed_sequence(output, batch_first)
            else:
                output, last = net(given, lengths=lengths)
            output = output.transpose(0, 1) if batch_first else output
            own, own_last, seen = network_by_hand(kind, net, options, x, sizes)
            if packed:  # there is no output after the end of a sequence
                own = own * tg.tensor((np.arange(len(x))[:, None] < sizes)[..., None], dtype=tg.float64)
            h_n, c_n = last if kind == "LSTM" else (last, last)
            np.testing.assert_allclose(output.array, own.array, atol=1e-12)
            for name, read in LOSSES.items():
                loss = read(own, own_last[0], own_last[-1])
                wanted = flows_by_hand(loss, kind, seen)
                check_flows(read(output, h_n, c_n), wanted, (lengths, time, name))


@pytest.mark.slow
@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("kind", LETTERS)
def test_sizes_of_a_cell_over_sequences_of_different_lengths(kind: str, reverse: bool) -> None:
    """The loss may be made of one output alone, so that steps have more or fewer masks than others."""
    tg.manual_seed(0)
    cell = getattr(nn, f"{kind}Cell")(2, 3).double()
    for time in range(1, 6):
        for lengths in lengths_of(time):
            x, first = tg.randn(time, 3, 2, dtype=tg.float64), tg.zeros(3, 3, dtype=tg.float64)
            start = (first, first) if kind == "LSTM" else first
            outputs, last = nn.unroll(cell, x, start, lengths=lengths, reverse=reverse)
            h_n, c_n = last if kind == "LSTM" else (last, last)
            sizes = np.array(lengths or [time] * 3)
            own, own_last, seen = loop_by_hand(kind, weights_of(cell), list(x), sizes, reverse)
            for name, read in LOSSES.items():
                loss = read(tg.stack(own), own_last[0], own_last[-1])
                wanted = flows_by_hand(loss, kind, {"": seen})
                check_flows(read(tg.stack(outputs), h_n, c_n), wanted, (lengths, time, name))
            for t in range(time):
                loss = own[t].sum()
                check_flows(outputs[t].sum(), flows_by_hand(loss, kind, {"": seen}), (lengths, time, t))
                for total, own_total in ((h_n, own_last[0]), (c_n, own_last[-1])):
                    wanted = flows_by_hand(own[t].sum() + (own_total**2).sum(), kind, {"": seen})
                    check_flows(outputs[t].sum() + (total**2).sum(), wanted, (lengths, time, t))


def masks_by_hand(step: Callable[..., tuple[Tensor, ...]], count: int, last: int) -> Tensor:
    W, states = weight(), tuple(tg.tensor([[0.5, 0.25]] * 3) for _ in range(count))
    for t in (1, 2, 3, 4):
        with tg.step(t):
            states = step(t, np.array([[True], [t % 2 == 0], [t < 3]]), W, *states)
    return (states[last] ** 2).sum()


def some_steps_only(t: int, valid: Any, W: Tensor, h: Tensor) -> tuple[Tensor]:
    new = tg.tanh(h @ W)
    return (tg.where(valid, new, h) if t in (2, 3) else new,)


def of_another(t: int, valid: Any, W: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    new = tg.tanh(h @ W + c)
    return new, tg.where(valid, new, c)


def two_of_one(t: int, valid: Any, W: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    new = tg.tanh(a @ W + b)
    return tg.where(valid, new, a), tg.where(~valid, new, b)


def in_turn(t: int, valid: Any, W: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    return tg.where(valid, tg.tanh(a @ W), b), tg.relu(a @ W)


def never_kept(t: int, valid: Any, W: Tensor, h: Tensor) -> tuple[Tensor]:
    return (tg.where(valid, tg.tanh(h @ W), tg.zeros(3, 2)),)


@pytest.mark.parametrize(
    ("step", "last", "made_by"),
    [
        (some_steps_only, 0, [["tanh", "where", "where", "tanh"]]),
        (of_another, 0, [["tanh"] * 4, ["where"] * 3]),
        (of_another, 1, [["tanh"] * 4, ["where"] * 4]),
        (two_of_one, 0, [["where"] * 4, ["where"] * 3]),
        (two_of_one, 1, [["where"] * 3, ["where"] * 4]),
        (in_turn, 0, [["where"] * 4, ["relu"] * 3]),
        (never_kept, 0, [["where"] * 4]),
    ],
)
def test_masks_of_your_own(step: Callable[..., Any], last: int, made_by: list[list[str]]) -> None:
    found = states(excerpt_of(masks_by_hand(step, len(made_by), last), folded=True))
    assert [[node.primitive.name for node in each.nodes if node.primitive] for each in found] == made_by
    assert all(each.times == tuple(range(1, len(each.nodes) + 1)) for each in found)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_mask_in_one_of_two_steps(reverse: bool) -> None:
    """What the first step makes of its state is no operation if nothing there wants a gradient: it reads a number."""
    x, W, h = tg.ones(2, 3, 2), weight(), tg.ones(3, 2)
    _, last = nn.unroll(lambda x, h: tg.tanh(x @ W + h * 0.5), x, h, lengths=[1, 2, 1], reverse=reverse)
    flow = tg.gradient_flow((last**2).sum())
    assert [node.primitive.name for node in flow[0].nodes if node.primitive] == ["tanh", "where"][
        :: -1 if reverse else 1
    ]
    assert len(flow) == 1 and flow.times == ((2, 1) if reverse else (1, 2))
