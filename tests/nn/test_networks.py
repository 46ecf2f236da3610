"""Networks of one's own cells, the cells beyond PyTorch's, and truncated backpropagation through time."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_rnn as tg
from tinygrad_rnn import nn

Array = np.ndarray[Any, Any]


def array(tensor: Any) -> Array:
    found: Array = tensor.detach().numpy()
    return found


def operations(loss: tg.Tensor) -> list[tg.Tensor]:
    return [t for t in tg.history(loss) if isinstance(t, tg.Tensor) and t.primitive is not None]


# Recurrent: what nn.LSTM has, for any cell


def twins(kind: str, layers: int, both: bool, **options: Any) -> tuple[nn.Module, nn.Recurrent[Any]]:
    """nn.RNN, nn.LSTM or nn.GRU, and the network of its cells with the same weights."""
    tg.manual_seed(1)
    network = getattr(nn, kind)(2, 3, num_layers=layers, bidirectional=both, **options).double()
    widths = [2] + [6 if both else 3] * (layers - 1)
    cells = [tuple(getattr(nn, kind + "Cell")(width, 3) for _ in range(1 + both)) for width in widths]
    own = nn.Recurrent(cells, **options).double()
    state = {}
    for name, value in network.state_dict().items():
        kind_of_weight, _, ending = name.partition("_l")  # weight_ih_l0_reverse is l0_reverse.weight_ih here
        state[f"l{ending}.{kind_of_weight}"] = value
    own.load_state_dict(state)
    return network, own


def flat(states: Any) -> list[Array]:
    """States of nn.RNN, nn.LSTM and nn.GRU, or of Recurrent, in one order: h of all layers, then c."""
    if isinstance(states, tg.Tensor):
        return list(array(states))
    if isinstance(states, tuple):
        return [*flat(states[0]), *flat(states[1])]
    parts = [state if isinstance(state, tuple) else (state,) for state in states]
    return [array(part) for letter in zip(*parts, strict=True) for part in letter]


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("both", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_network_of_cells_equals_the_network(kind: str, both: bool) -> None:
    network, own = twins(kind, 2, both)
    x = tg.randn(5, 3, 2, dtype=tg.float64)
    packed = nn.utils.rnn.pack_padded_sequence(x, [2, 5, 4], enforce_sorted=False)
    calls: list[tuple[Any, Any]] = [(x, {}), (x[:, 0], {}), (packed, {}), (x, {"lengths": [2, 5, 4]})]
    for given, options in calls:
        (expected, end), (found, last) = network(given, **options), own(given, **options)
        if given is packed:
            expected, found = expected.data, found.data
        np.testing.assert_allclose(array(found), array(expected), rtol=1e-12)
        for mine, theirs in zip(flat(last), flat(end), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-12)
    # The state goes on where it ended, in both.
    (expected, _), (found, _) = network(x, network(x)[1]), own(x, own(x)[1])
    np.testing.assert_allclose(array(found), array(expected), rtol=1e-12)
    swapped, ends = own(packed, own(packed)[1])
    np.testing.assert_allclose(array(swapped.data), array(network(packed, network(packed)[1])[0].data), rtol=1e-12)
    assert len(flat(ends)) == len(flat(network(packed)[1]))


def test_the_batch_may_come_first() -> None:
    network, own = twins("GRU", 1, True, batch_first=True)
    x = tg.randn(3, 5, 2, dtype=tg.float64)
    np.testing.assert_allclose(array(own(x)[0]), array(network(x)[0]), rtol=1e-12)
    assert own(x)[1][0].shape == (3, 3)


def test_dropout_stands_between_the_layers_and_only_in_training() -> None:
    tg.manual_seed(2)
    own = nn.Recurrent([nn.RNNCell(2, 3), nn.RNNCell(3, 3)], dropout=0.5)
    x = tg.randn(4, 2, 2)
    assert (array(own(x)[0]) != array(own(x)[0])).any()
    assert sum(t.primitive.name == "mul" for t in operations(own(x)[0])) == 4
    own.eval()
    np.testing.assert_array_equal(array(own(x)[0]), array(own(x)[0]))


def test_cells_may_be_functions_and_layers_of_different_kinds() -> None:
    total = lambda x, s: x if s is None else s + x  # noqa: E731
    outputs, states = nn.Recurrent(total)(tg.arange(4.0).reshape(4, 1))
    assert outputs.tolist() == [[0], [1], [3], [6]] and states[0].tolist() == [6]
    mixed = nn.Recurrent([(nn.GRUCell(2, 3), nn.LSTMCell(2, 4)), nn.LayerNormLSTMCell(7, 5)])
    outputs, states = mixed(tg.randn(6, 2, 2), lengths=[6, 3])
    assert outputs.shape == (6, 2, 5) and not array(outputs)[3:, 1].any()
    assert [type(state) for state in states] == [tg.Tensor, tuple, tuple]
    assert list(mixed.state_dict())[:2] == ["l0.weight_ih", "l0.weight_hh"]
    assert {t.place.path[:3] for t in operations(outputs)} >= {
        ("Recurrent", "l0", "t=1"),
        ("Recurrent", "l0_reverse", "t=6"),
        ("Recurrent", "l1", "t=2"),
    }
    assert ("Recurrent", "l1", "t=2", "LayerNormLSTMCell", "norm_c") in {t.place.path for t in operations(outputs)}


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: nn.Recurrent([]), ValueError, "Recurrent was given no cells: a network has at least one layer."),
        (
            lambda: nn.Recurrent([(nn.RNNCell(1, 1), 3)]),
            TypeError,
            "a layer of Recurrent is a cell, or a pair of cells (forward, backward); ['RNNCell', 'int'] was given.",
        ),
        (
            lambda: nn.Recurrent(nn.RNNCell(1, 1), dropout=2),
            ValueError,
            "dropout needs a probability from 0 to 1; 2 was given.",
        ),
        (
            lambda: nn.Recurrent(nn.RNNCell(1, 1))(tg.ones(2, 1), tg.ones(1)),  # type: ignore[call-overload]
            ValueError,
            "Recurrent expects a list of 1 states, for l0; got Tensor.",
        ),
        (
            lambda: nn.Recurrent([(nn.RNNCell(1, 1), nn.RNNCell(1, 1))])(tg.ones(2, 1), [tg.ones(1)]),
            ValueError,
            "Recurrent expects a list of 2 states, for l0, l0_reverse; got 1 in a list.",
        ),
        (
            lambda: nn.Recurrent(nn.RNNCell(1, 1))(  # type: ignore[call-overload]
                nn.utils.rnn.pack_sequence([tg.ones(2, 1)]), lengths=[2]
            ),
            ValueError,
            "a PackedSequence knows its lengths: lengths= is for padded batches.",
        ),
        (
            lambda: nn.RecurrentDropout(nn.Linear(1, 1)),
            TypeError,
            "RecurrentDropout needs a cell with a method initial_state(x); Linear has none.",
        ),
        (
            lambda: nn.RecurrentDropout(nn.RNNCell(1, 1))(tg.ones(1, 1), tg.ones(1, 1)),
            TypeError,
            "the state of RecurrentDropout is (the cell's state, (m_x, m_h)), as initial_state(x) makes it and the "
            "cell returns it; pass it on whole.",
        ),
        (
            lambda: nn.truncated_bptt(nn.RNN(1, 1), tg.ones(2, 1, 1), window=0),
            ValueError,
            "window is a whole number of steps, at least 1; 0 was given.",
        ),
        (
            lambda: nn.truncated_bptt(nn.RNN(1, 1), [], window=2),
            ValueError,
            "truncated_bptt was given no time steps: a sequence has at least one.",
        ),
    ],
)
def test_what_is_refused(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as error:
        call()
    assert str(error.value) == message


# The two cells


def test_the_layer_norm_cell_computes_its_formula() -> None:
    tg.manual_seed(3)
    cell = nn.LayerNormLSTMCell(2, 3).double()
    for parameter in cell.parameters():
        nn.init.normal_(parameter)
    x, h, c = (np.random.default_rng(0).standard_normal((4, n)) for n in (2, 3, 3))
    p = {name: array(value) for name, value in cell.named_parameters()}

    def norm(z: Array) -> Array:
        centred: Array = z - z.mean(1, keepdims=True)
        scaled: Array = centred / np.sqrt((centred**2).mean(1, keepdims=True) + 1e-5)
        return scaled

    gates = (
        norm(x @ p["weight_ih"].T) * p["norm_x.weight"] + norm(h @ p["weight_hh"].T) * p["norm_h.weight"] + p["bias"]
    )
    i, f, g, o = np.split(gates, 4, 1)

    def sigmoid(z: Array) -> Array:
        return 1 / (1 + np.exp(-z))

    new_c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    new_h = sigmoid(o) * np.tanh(norm(new_c) * p["norm_c.weight"] + p["norm_c.bias"])
    found = cell(tg.tensor(x), (tg.tensor(h), tg.tensor(c)))
    np.testing.assert_allclose(array(found[0]), new_h, rtol=1e-12)
    np.testing.assert_allclose(array(found[1]), new_c, rtol=1e-12)
    assert found[1].name == "c" and cell.extra_repr() == "2, 3"


@pytest.mark.parametrize("kind", ["RNNCell", "LSTMCell", "GRUCell"])
def test_recurrent_dropout_keeps_its_masks_for_the_whole_sequence(kind: str) -> None:
    tg.manual_seed(4)
    inner = getattr(nn, kind)(3, 8)
    cell = nn.RecurrentDropout(inner, 0.5, 0.25, generator=tg.Generator().manual_seed(5))
    xs = tg.randn(6, 4, 3)
    outputs, (last, (m_x, m_h)) = nn.unroll(cell, xs)
    assert m_x.shape == (4, 3) and m_h.shape == (4, 8)
    np.testing.assert_allclose(np.unique(array(m_x)), [0, 4 / 3], rtol=1e-6)
    np.testing.assert_array_equal(np.unique(array(m_h)), [0, 2])
    state: Any = inner.initial_state(xs[0])
    for t, x in enumerate(xs):
        h = (state[0] * m_h, state[1]) if kind == "LSTMCell" else state * m_h
        state = inner(x * m_x, h)
        output = state[0] if kind == "LSTMCell" else state
        np.testing.assert_allclose(array(outputs[t]), array(output), rtol=1e-5, atol=1e-7)
    again, _ = nn.unroll(cell, xs)
    assert (array(again[-1]) != array(outputs[-1])).any()  # new masks for a new sequence
    on, (_, masks) = nn.unroll(cell, xs, (last, (m_x, m_h)))
    assert masks[0] is m_x and masks[1] is m_h  # and the same ones where the state is passed on
    cell.eval()
    np.testing.assert_allclose(array(nn.unroll(cell, xs)[0][-1]), array(nn.unroll(inner, xs)[0][-1]), rtol=1e-6)
    assert len(on) == 6 and cell.extra_repr() == "p=0.5, input_p=0.25"


def test_recurrent_dropout_in_layers_both_directions_and_lengths() -> None:
    cells = [nn.RecurrentDropout(nn.GRUCell(2, 3), 0.5), nn.RecurrentDropout(nn.LSTMCell(2, 3), 0.5)]
    outputs, states = nn.Recurrent([tuple(cells)])(tg.randn(5, 3, 2), lengths=[5, 1, 3])
    assert outputs.shape == (5, 3, 6) and not array(outputs)[1:, 1].any()
    assert len(states) == 2


# Truncated backpropagation through time


class Truth(NamedTuple):
    """A tanh RNN's gradients, by hand: ``share[name][t][k]`` is what step k adds through the loss of step t."""

    W_xh: Array
    W_hh: Array
    b: Array


def by_hand(W_xh: Array, W_hh: Array, b: Array, xs: Array, ys: Array, reach: Any) -> Truth:
    """sum over t of d/dW |h_t - y_t|^2, each followed back to the first step that ``reach(t)`` names."""
    hs = [np.zeros((xs.shape[1], len(b)))]
    for x in xs:
        hs.append(np.tanh(x @ W_xh.T + hs[-1] @ W_hh.T + b))
    found = Truth(np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b))
    for t in range(len(xs)):
        dh = 2 * (hs[t + 1] - ys[t])
        for k in range(t, reach(t) - 1, -1):
            dz = dh * (1 - hs[k + 1] ** 2)
            found.W_xh[...] += dz.T @ xs[k]
            found.W_hh[...] += dz.T @ hs[k]
            found.b[...] += dz.sum(0)
            dh = dz @ W_hh
    return found


@pytest.mark.parametrize("window", [1, 3, 4, 12, 20])
@pytest.mark.parametrize("unrolled", [False, True])
def test_the_truncated_gradient_is_the_sum_of_the_contributions_within_the_windows(window: int, unrolled: bool) -> None:
    tg.manual_seed(6)
    rnn, cell = nn.RNN(2, 3).double(), nn.RNNCell(2, 3).double()
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in rnn.state_dict().items()})
    model: Any = partial(nn.unroll, cell) if unrolled else rnn
    owner: nn.Module = cell if unrolled else rnn
    draw = np.random.default_rng(7)
    xs, ys = draw.standard_normal((12, 2, 2)), draw.standard_normal((12, 2, 3))
    W_xh, W_hh, b_xh, b_hh = map(array, owner.parameters())
    covered: list[int] = []
    for part in nn.truncated_bptt(model, tg.tensor(xs), window=window):
        output = part.output if isinstance(part.output, tg.Tensor) else tg.stack(part.output)
        ((output - tg.tensor(ys[part.steps])) ** 2).sum().backward()
        covered += range(12)[part.steps]
    assert covered == list(range(12))
    within = by_hand(W_xh, W_hh, b_xh + b_hh, xs, ys, lambda t: t - t % window)
    for parameter, expected in zip(owner.parameters(), [*within, within.b], strict=True):
        assert parameter.grad is not None
        np.testing.assert_allclose(array(parameter.grad), expected, rtol=1e-10, atol=1e-12)
    full = by_hand(W_xh, W_hh, b_xh + b_hh, xs, ys, lambda t: 0)
    bias = np.linalg.norm(full.W_hh - within.W_hh) / np.linalg.norm(full.W_hh)
    assert bias == 0 if window >= 12 else bias > 1e-4


def test_the_cut_is_a_leaf_with_the_name_and_the_place_of_the_state() -> None:
    total: Any = 0
    cell = nn.LSTMCell(1, 2)
    for part in nn.truncated_bptt(partial(nn.unroll, cell), tg.randn(5, 1, 1), window=2):
        total = total + sum((h**2).sum() for h in part.output)
    leaves = [t for t in tg.history(total) if t.primitive is None and t.name in ("h", "c")]
    assert {(t.name, str(t.place)) for t in leaves} == {(n, f"t={k}/LSTMCell") for n in "hc" for k in (2, 4)}
    assert len(leaves) == 4 and not any(t.tracked for t in leaves)
    assert {t.place.time for t in operations(total) if t.name == "h"} == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_the_steps_of_a_network_are_numbered_through(kind: str) -> None:
    network = getattr(nn, kind)(1, 2, num_layers=2, batch_first=True, dropout=0.5)
    parts = list(nn.truncated_bptt(network, tg.randn(3, 5, 1), window=2, dim=1))
    assert [part.steps for part in parts] == [slice(0, 2), slice(2, 4), slice(4, 5)]
    assert [tuple(part.output.shape) for part in parts] == [(3, 2, 2), (3, 2, 2), (3, 1, 2)]
    for part, times in zip(parts, ({1, 2}, {3, 4}, {5}), strict=True):
        assert {t.place.time for t in operations(part.output)} - {None} == times
        before = [t.place.time for t in tg.history(part.output) if t.primitive is None and t.name in ("h", "c")]
        assert set(before) == (set() if times == {1, 2} else {min(times) - 1})
    with nn.steps_after(7), tg.step(1):  # a loop inside a step counts its own
        outputs, _ = nn.unroll(nn.RNNCell(1, 1), [tg.ones(1)])
    assert outputs[0].place.path[:2] == ("t=1", "t=1")


def test_lists_go_in_windows_and_states_of_any_form_are_cut() -> None:
    class State(NamedTuple):
        total: tg.Tensor
        number: int

    def model(xs: list[tg.Tensor], state: State | None) -> tuple[list[tg.Tensor], State]:
        state = state or State(tg.zeros(1, requires_grad=True), 0)
        for x in xs:
            state = State(state.total + x, state.number + 1)
        return [state.total], state

    parts = list(nn.truncated_bptt(model, [tg.tensor([float(n)]) for n in range(5)], window=2))
    assert [(part.state.total.item(), part.state.number) for part in parts] == [(1, 2), (6, 4), (10, 5)]
    assert parts[0].output[0].requires_grad and not parts[1].output[0].requires_grad
    assert isinstance(nn.detached(parts[0].state), State)


def test_the_state_of_an_own_cell_is_one_state_with_and_without_lengths() -> None:
    U = tg.randn(3, 3, requires_grad=True)

    def cell(x: tg.Tensor, h: tg.Tensor) -> tuple[tg.Tensor, tg.Tensor]:
        h = tg.tanh(x + tg.linear(h, U))
        return h * h, h

    for lengths in (None, [4, 2]):
        outputs, _ = nn.unroll(cell, tg.randn(4, 2, 3), tg.zeros(2, 3), lengths=lengths)
        flow = tg.gradient_flow((tg.stack(outputs) ** 2).sum())
        assert [(each.name, each.times) for each in flow] == [("h", (1, 2, 3, 4))]
